// The check @ID@: what the host calls. What it counts is in LongText.swift.
//
// It never sees a text: it asks the host for the lengths (companion "length") and says that it reads validity alone.
public import SluiceABI
internal import SluiceSDK

final class LongTextCheck: Check {
    static let declaration = CheckDeclaration(
        companions: ["length"], reasonCodes: ["LONG_TEXT"], metrics: ["long_text_rate"], readsText: false)

    private let host: Host
    private let limit: Int64
    /// Where the length of each column is, and its id.
    private var lengths: [(place: Int, id: String)] = []
    private var ordinals = 0
    private var found: LongText?

    init(config: JSONObject, host: Host) throws(PluginFailure) {
        self.host = host
        guard let value = config["limit"] else {
            limit = LongText.usualLimit
            return
        }
        guard let number = value.int, number >= 0 else {
            throw PluginFailure(message: "/limit must be a whole number that is not negative.")
        }
        limit = number
    }

    func begin(fields: [ArrowField], parameters: CheckParameters) throws(PluginFailure) {
        guard let place = fields.firstIndex(where: { $0.name == "sluice.ordinal" }) else {
            throw PluginFailure(message: "The schema lacks sluice.ordinal: send it whole.")
        }
        ordinals = place
        lengths = fields.enumerated().compactMap { place, field in
            field.name.hasSuffix(".length") && field.type == .int64 ? (place, String(field.name.dropLast(7))) : nil
        }
        found = LongText(limit: limit, columns: lengths.count)
    }

    func update(_ batch: ArrowBatchView) throws(PluginFailure) {
        try host.checkCancellation()
        var found = try begun()
        let rows = batch.column(ordinals)
        for (column, length) in lengths.enumerated() {
            let values = batch.column(length.place)
            for row in 0..<batch.rowCount {
                // A null has no length.
                found.add(column: column, ordinal: rows.int64(row) ?? 0, length: values.int64(row) ?? 0)
            }
        }
        found.addRows(batch.rowCount)
        self.found = found
    }

    func merge(_ state: UnsafeRawBufferPointer) throws(PluginFailure) {
        var found = try begun()
        guard found.merge(String(decoding: state, as: UTF8.self)) else {
            throw PluginFailure(
                message: "The state is damaged, or of other columns or another limit: "
                    + "merge what finish of the same returned.")
        }
        self.found = found
    }

    func verdict() throws(PluginFailure) -> CheckVerdict {
        let found = try begun()
        let findings = zip(found.columns, lengths).filter { $0.0.count > 0 }.map { column, length in
            CheckVerdict.Finding(
                column: length.id, metric: "long_text_rate", value: Double(column.count) / Double(found.rows),
                count: column.count, reasonCode: "LONG_TEXT", ordinals: column.ordinals)
        }
        return CheckVerdict(rows: found.rows, findings: findings)
    }

    func state() throws(PluginFailure) -> [UInt8] { Array(try begun().state.utf8) }

    private func begun() throws(PluginFailure) -> LongText {
        guard let found else { throw PluginFailure(message: "begin has not been called: call it first.") }
        return found
    }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func sluice_plugin_entry(_ host: UnsafePointer<sluice_host_info>?) -> UnsafePointer<sluice_plugin>? {
    PluginExport.check(
        LongTextCheck.self, id: "@ID@", version: "0.1.0", summary: "Counts texts that are longer than a limit.",
        host: host)
}
