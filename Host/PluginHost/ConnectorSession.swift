public import Columnar
public import Foundations
public import Policy

/// A connector over one source: its tables, their columns, and their rows as batches.
///
/// Not Sendable: one thread at a time drives it, and every call waits.
public final class ConnectorSession {
    /// The runner underneath, for its sandbox layers and its log. Of a database it may be another one after each call.
    public private(set) var process: PluginProcess

    /// Columns that a file connector appends behind the source's own, all three or none.
    public static let reservedFields = [
        Field("sluice.line", .int64), Field("sluice.byte_offset", .int64), Field("sluice.reject", .text),
    ]

    /// Their names, which no column of a source may have. Other names that begin with `sluice.` are a source's own.
    public static let reservedNames = Set(reservedFields.map(\.name))

    /// What `schema` said last of each table: a scan is held against it.
    private var announced: [String: Schema] = [:]

    /// Makes another process like the first one, with a connection of its own; nil where there is no connection to lose.
    private let renew: (() throws(SluiceError) -> PluginProcess)?
    /// The one connection of this process was lost, or cut to end a scan: nothing more can be read by it.
    private var isSpent = false

    private static let textLimit = 16 << 20
    private static let maximumNames = 100_000

    /// Starts a connector over the streams of one source (0: the source itself), or over one database.
    ///
    /// A database's connection ends with a scan that was given up, and with an error that passes (the server was gone).
    /// The next call then starts a new process with a new connection, and fails as this does when it gets none.
    ///
    /// - Parameters:
    ///   - relay: for a connector whose manifest asks for it; `config` then gets a member `relay`.
    ///   - permit: for `read_source_metadata`. Rows need another one, see `scan`.
    ///   - care: what the run wants of its plugins. There are no spares: the streams are handed over at the start.
    /// - Throws: what `PluginProcess` throws; `plugin.missing` when the plugin is not a connector.
    public init(
        _ plugin: InstalledPlugin, streams: [SourceStream], relay: RelayTarget? = nil, config: JSON = [:],
        settings: RunnerSettings, permit: Permit, care: PluginCare? = nil, onLog: ((PluginLogLine) -> Void)? = nil,
        onProgress: ((UInt64, UInt64) -> Void)? = nil
    ) throws(SluiceError) {
        try permit.require(.readSourceMetadata)
        try plugin.require(.connector)
        let start = { () throws(SluiceError) in
            try PluginProcess(
                plugin, config: config, streams: streams, relay: relay, settings: settings, care: care, onLog: onLog,
                onProgress: onProgress)
        }
        renew = relay == nil ? nil : start
        process = try start()
    }

    /// The process for the next call.
    private func connected() throws(SluiceError) -> PluginProcess {
        guard isSpent, let renew else { return process }
        process.stop()
        process = try renew()
        isSpent = false
        return process
    }

    /// An answer of the plugin's. After an error that passes the connection is taken to be gone.
    private func ask<T>(
        _ body: (PluginProcess) throws(SluiceError) -> T
    ) throws(SluiceError) -> T {
        let process = try connected()
        do { return try body(process) } catch {
            isSpent = isSpent || error.code == .transientError && process.isAlive
            throw error
        }
    }

    /// The names of the source's tables; a file with one table names it "".
    public func inventory() throws(SluiceError) -> [String] {
        let payload = try ask { (process) throws(SluiceError) in
            try process.call(.inventory, limit: Self.textLimit)
        }
        let answer = try json(payload, during: "inventory")
        guard let tables = answer["tables"]?.arrayValue, tables.count <= Self.maximumNames else {
            throw malformed("inventory", "it lists no tables")
        }
        return try names(tables, key: "name", during: "inventory")
    }

    /// The columns of a table without the reserved ones, and what was found out about the source, an object.
    public func schema(table: String) throws(SluiceError) -> (schema: Schema, details: JSON) {
        let payload = try ask { (process) throws(SluiceError) in
            try process.call(.schema, limit: 2 * Self.textLimit) { $0.text(table) }
        }
        let details: [UInt8]
        let schema: Schema
        do throws(Wire.Fault) {
            var reader = PayloadReader(payload)
            details = try reader.textBytes()
            let batch = try reader.batch()
            guard batch.rowCount == 0 else { throw Wire.Fault(reason: "a schema has rows") }
            schema = batch.schema
        } catch { throw process.breach(error, during: "schema") }
        guard let object = try? JSONParser.parseBytes(details), object.objectValue != nil else {
            throw malformed("schema", "its details are not an object")
        }
        if schema.fields.contains(where: { Self.reservedNames.contains($0.name) }) {
            throw malformed("schema", "a column of the source has a reserved name")
        }
        announced[table] = schema
        return (schema, object)
    }

    /// Disjoint parts that together are the table, at most so many; ids for `scan`.
    public func split(table: String, parts: Int) throws(SluiceError) -> [String] {
        let payload = try ask { (process) throws(SluiceError) in
            try process.call(.split, limit: Self.textLimit) {
                $0.text(table)
                $0.integer(UInt32(clamping: max(1, parts)))
            }
        }
        let answer = try json(payload, during: "split")
        guard let splits = answer["splits"]?.arrayValue, splits.count <= max(1, parts) else {
            throw malformed("split", "it lists no splits, or too many")
        }
        let ids = try names(splits, key: "id", during: "split")
        guard Set(ids).count == ids.count else { throw malformed("split", "one split stands there twice") }
        return ids
    }

    /// Streams a table, or one split of it, in source order.
    ///
    /// - Parameters:
    ///   - columns: those to read, in that order; all of them when nil.
    ///   - batchRows: the most rows of a batch.
    ///   - skipRows: rows of the split to leave out, counted from its start.
    ///   - firstOrdinal: of the first row that is read; `skipRows` unless told, which is right for whole tables.
    ///   - expecting: the table's columns as an earlier session announced them; otherwise the connector is asked now, if
    ///     it was not before.
    ///   - permit: for `sample_rows` or `migrate`; without one no row is read.
    ///   - each: gets batches of one schema with consecutive ordinals. Throwing ends the scan with that error; of a
    ///     database the connection ends with it, because nothing else stops a statement that runs.
    /// - Returns: the number of rows.
    /// - Throws: besides errors of the plugin, `plugin.protocol` for batches that differ in names or types from each
    ///   other, from what was announced or asked for (nullability may differ from what was announced), that are larger
    ///   than asked for, or that are empty behind the first; `plugin.timeout` when all waits together pass the
    ///   manifest's wall limit.
    @discardableResult
    public func scan(
        table: String, split: String? = nil, columns: [String]? = nil, batchRows: Int = 16384, skipRows: Int64 = 0,
        firstOrdinal: Int64? = nil, expecting: Schema? = nil, permit: Permit,
        each: (Batch) throws(SluiceError) -> Void
    ) throws(SluiceError) -> Int64 {
        guard permit.action == .sampleRows || permit.action == .migrate else {
            throw SluiceError(.policyDenied, "Rows are read with a permit for sample_rows or migrate alone.")
        }
        let known: Schema
        if let schema = expecting ?? announced[table] {
            known = schema
        } else {
            known = try schema(table: table).schema
        }
        let batchRows = max(1, batchRows)
        let request: JSON = [
            "table": .string(table), "split": JSON(split), "columns": columns.map { JSON($0) } ?? .null,
            "batch_rows": JSON(batchRows), "skip_rows": JSON(max(0, skipRows)),
        ]
        var shape: Schema?
        var batches: UInt64 = 0
        var rows: Int64 = 0
        let start = firstOrdinal ?? skipRows
        func take(_ batch: Batch) throws(SluiceError) {
            guard batch.rowCount <= batchRows else {
                throw process.breach(Wire.Fault(reason: "a batch has more rows than were asked for"), during: "scan")
            }
            guard batch.rowCount > 0 || batches == 0 else {
                throw process.breach(Wire.Fault(reason: "a batch without rows came behind the first"), during: "scan")
            }
            if let shape {
                guard batch.schema == shape else {
                    throw process.breach(Wire.Fault(reason: "two batches have different columns"), during: "scan")
                }
            } else {
                try check(batch.schema, known: known, asked: columns)
                shape = batch.schema
            }
            do { try each(batch.with(firstOrdinal: start + rows)) } catch {
                isSpent = true
                throw error
            }
            batches += 1
            rows += Int64(batch.rowCount)
        }
        let payload = try ask { (process) throws(SluiceError) in
            try process.scan(arguments: { $0.text(request.canonicalText) }, each: take)
        }
        do throws(Wire.Fault) {
            var reader = PayloadReader(payload)
            let countedBatches = try reader.integer(UInt64.self)
            let countedRows = try reader.integer(UInt64.self)
            try reader.finish()
            guard countedBatches == batches, countedRows == UInt64(rows) else {
                throw Wire.Fault(reason: "a scan counts other rows than it sent")
            }
        } catch { throw process.breach(error, during: "scan") }
        return rows
    }

    /// Ends the connector in an orderly way.
    public func stop() {
        isSpent = false
        process.stop()
    }

    /// The source's own columns are those asked for, as they were announced; the reserved ones are last, all or none.
    private func check(_ emitted: Schema, known: Schema, asked: [String]?) throws(SluiceError) {
        let own = Self.ownFields(emitted)
        guard !own.contains(where: { Self.reservedNames.contains($0.name) }) else {
            throw process.breach(Wire.Fault(reason: "the reserved columns are not as they must be"), during: "scan")
        }
        if let asked, own.map(\.name) != asked {
            throw process.breach(Wire.Fault(reason: "the columns are not those asked for"), during: "scan")
        }
        let types = Dictionary(known.fields.map { ($0.name, $0.type) }, uniquingKeysWith: { first, _ in first })
        let isAsAnnounced =
            asked == nil
            ? own.count == known.fields.count
                && zip(own, known.fields).allSatisfy { $0.name == $1.name && $0.type == $1.type }
            : own.allSatisfy { types[$0.name] == $0.type }
        guard isAsAnnounced else {
            throw process.breach(Wire.Fault(reason: "the columns are not those of its schema"), during: "scan")
        }
    }

    /// The fields in front of the reserved ones, which are known by their places, names and types.
    static func ownFields(_ schema: Schema) -> ArraySlice<Field> {
        let last = schema.fields.suffix(reservedFields.count)
        let areReserved =
            last.count == reservedFields.count
            && zip(last, reservedFields).allSatisfy { $0.name == $1.name && $0.type == $1.type }
        return areReserved ? schema.fields.dropLast(reservedFields.count) : schema.fields[...]
    }

    private func json(_ payload: Bytes, during: String) throws(SluiceError) -> JSON {
        let text: [UInt8]
        do throws(Wire.Fault) {
            var reader = PayloadReader(payload)
            text = try reader.textBytes()
            try reader.finish()
        } catch { throw process.breach(error, during: during) }
        guard let json = try? JSONParser.parseBytes(text) else { throw malformed(during, "it is not JSON") }
        return json
    }

    private func names(_ elements: [JSON], key: String, during: String) throws(SluiceError) -> [String] {
        var names: [String] = []
        for element in elements {
            guard let name = element[key]?.stringValue, name.utf8.count <= 4096 else {
                throw malformed(during, "an entry has no \(key)")
            }
            names.append(name)
        }
        return names
    }

    private func malformed(_ during: String, _ what: String) -> SluiceError {
        process.breach(Wire.Fault(reason: "the answer is malformed, \(what)"), during: during)
    }
}

extension InstalledPlugin {
    func require(_ kind: PluginManifest.Kind) throws(SluiceError) {
        guard manifest.kind == kind else {
            throw SluiceError(
                .pluginMissing, "The plugin \(manifest.id) is a \(manifest.kind.rawValue), not a \(kind.rawValue).")
        }
    }
}
