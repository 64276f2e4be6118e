public import Columnar
public import Foundations
public import Policy

/// A check: masked batches in, a bounded verdict out.
///
/// The order of calls is begin, update any number of times, finish; then begin may start anew.
/// Not Sendable: one thread at a time drives it, and every call waits.
public final class CheckSession {
    /// The runner underneath, for its sandbox layers and its log.
    public let process: PluginProcess
    /// What the check asked for and will answer with; validated before any row is seen.
    public let declaration: CheckDeclaration

    private var bounds: VerdictBounds?

    /// A verdict is at most 1 MiB (SDK check.h).
    static let verdictLimit = 1 << 20

    /// Starts a check and reads its declaration.
    ///
    /// - Parameters:
    ///   - permit: for `call_check`.
    ///   - care: what the run wants of its plugins; with a pool, a spare of this one is used when there is one.
    /// - Throws: what `PluginProcess` throws; `plugin.missing` when the plugin is not a check; `plugin.verdict` for a
    ///   declaration that is malformed or asks for more than the manifest names.
    public init(
        _ plugin: InstalledPlugin, config: JSON = [:], settings: RunnerSettings, permit: Permit,
        care: PluginCare? = nil, onLog: ((PluginLogLine) -> Void)? = nil, onProgress: ((UInt64, UInt64) -> Void)? = nil
    ) throws(SluiceError) {
        try plugin.require(.check)
        guard permit.action == .callCheck else {
            throw SluiceError(.policyDenied, "A check is called with a permit for call_check alone.")
        }
        let process = try PluginProcess.open(
            plugin, config: config, settings: settings, care: care, onLog: onLog, onProgress: onProgress)
        self.process = process
        let text = try Self.text(try process.call(.declare, limit: 64 * 1024), process, during: "declare")
        do {
            declaration = try CheckDeclaration(text, companions: plugin.manifest.dataAccess.companions)
        } catch { throw Self.refuse(error, process, during: "declare") }
    }

    /// Announces the columns of the batches that follow.
    ///
    /// - Parameters:
    ///   - schema: of the masked batches: `sluice.ordinal`, then `c0`, `c1`, … and their companions.
    ///   - params: `{"columns":[{"id":"c0",…}],"thresholds":{…}}`.
    public func begin(schema: Schema, params: JSON) throws(SluiceError) {
        guard schema.fields.first?.name == "sluice.ordinal", schema.fields.first?.type == .int64 else {
            throw SluiceError(.stageInput, "The first column of a masked batch must be sluice.ordinal, an int64.")
        }
        _ = try process.call(.begin, limit: 0) {
            $0.text(params.canonicalText)
            $0.schema(schema)
        }
        bounds = VerdictBounds(schema: schema)
    }

    /// Hands over one batch: the only way by which rows reach a check.
    ///
    /// Its columns must be those that `begin` announced.
    public func update(_ masked: MaskedBatch) throws(SluiceError) {
        guard var bounds else { throw SluiceError(.stageInput, "A check gets batches between begin and finish alone.") }
        let batch = masked.batch
        guard bounds.matches(batch.schema) else {
            throw SluiceError(.stageInput, "A masked batch has other columns than the check was told of.")
        }
        for (column, field) in zip(batch.columns, batch.schema.fields) where column.nullCount > 0 && !field.nullable {
            throw SluiceError(.stageInput, "The masked column \(field.name) holds nulls and is not nullable.")
        }
        bounds.note(batch)
        self.bounds = bounds
        try process.update(Self.exact(batch))
    }

    /// The verdict over everything since `begin`.
    ///
    /// - Throws: errors of the plugin; `plugin.verdict` for anything but a bounded verdict: unknown keys, free text,
    ///   codes and metrics that were not declared, columns and rows that there are not. The check is then stopped.
    public func finish() throws(SluiceError) -> CheckVerdict {
        guard let bounds else { throw SluiceError(.stageInput, "A check is finished after begin alone.") }
        self.bounds = nil
        let verdict: Int32 = 0
        let payload = try process.call(.finish, limit: 4 * Self.verdictLimit) { $0.integer(verdict) }
        let text = try Self.text(payload, process, during: "finish")
        do { return try CheckVerdict(text, declaration: declaration, bounds: bounds) } catch {
            throw Self.refuse(error, process, during: "finish")
        }
    }

    /// What the check has gathered since `begin`, for `merge`; begin may then start anew.
    ///
    /// - Throws: errors of the plugin, as of one that keeps no state.
    public func finishState() throws(SluiceError) -> CheckState {
        guard let bounds else { throw SluiceError(.stageInput, "A check is finished after begin alone.") }
        self.bounds = nil
        let state: Int32 = 1
        let payload = try process.call(.finish, limit: Wire.maximumFrame) { $0.integer(state) }
        return CheckState(bytes: try Self.text(payload, process, during: "finish"), bounds: bounds)
    }

    /// Adds what another check of the same columns gathered.
    ///
    /// - Throws: errors of the plugin, as for a state that it did not make.
    public func merge(_ state: CheckState) throws(SluiceError) {
        guard var bounds else {
            throw SluiceError(.stageInput, "A check takes states between begin and finish alone.")
        }
        if let seen = state.bounds {
            guard bounds.add(seen) else {
                throw SluiceError(.stageInput, "A state is of other columns than the check was told of.")
            }
        }
        self.bounds = bounds
        _ = try process.call(.merge, limit: 0) { $0.text(bytes: state.bytes) }
    }

    /// Ends the check in an orderly way.
    public func stop() { process.stop() }

    /// Buffers of exactly the size of their rows: nothing behind the last value, nothing before the first.
    ///
    /// Builders make them so. A column that a decoder made may have room to spare, in which bytes could travel.
    static func exact(_ batch: Batch) -> Batch {
        let isExact = batch.columns.allSatisfy(isExact)
        return isExact ? batch : batch.gather(Array(0..<batch.rowCount))
    }

    private static func isExact(_ column: Column) -> Bool {
        let rows = column.count
        let bits = (rows + 7) / 8
        if let validity = column.validity, validity.count != bits || column.nullCount == 0 { return false }
        switch column.type {
        case .bool: return column.values.count == bits
        case .int64, .float64, .timestamp, .decimal: return column.values.count == rows * 8
        case .date: return column.values.count == rows * 4
        case .text, .binary:
            guard let offsets = column.offsets, offsets.count == (rows + 1) * 4 else { return false }
            return offsets.withUnsafeBytes { bytes in
                bytes.loadUnaligned(fromByteOffset: 0, as: Int32.self) == 0
                    && Int(bytes.loadUnaligned(fromByteOffset: rows * 4, as: Int32.self)) == column.values.count
            }
        }
    }

    private static func text(
        _ payload: Bytes, _ process: PluginProcess, during: String
    ) throws(SluiceError) -> [UInt8] {
        do throws(Wire.Fault) {
            var reader = PayloadReader(payload)
            let text = try reader.textBytes()
            try reader.finish()
            return text
        } catch { throw process.breach(error, during: during) }
    }

    private static func refuse(
        _ fault: CheckVerdict.Fault, _ process: PluginProcess, during: String
    ) -> SluiceError {
        process.condemn(
            SluiceError(
                .pluginVerdict, "The check \(process.manifest.id) answered \(during) unfit: \(fault.reason)."))
    }
}

/// What a check gathered over some rows, serialised by itself; the host knows which rows they were.
public struct CheckState: Sendable {
    let bytes: [UInt8]
    let bounds: VerdictBounds?

    init(bytes: [UInt8], bounds: VerdictBounds) {
        self.bytes = bytes
        self.bounds = bounds
    }

    /// Bytes that no check made, for the conformance suite.
    package init(forged bytes: [UInt8]) {
        self.bytes = bytes
        bounds = nil
    }

    public var byteCount: Int { bytes.count }
}
