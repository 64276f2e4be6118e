internal import CSVCore
internal import SluiceSDK

/// Reads the one table of a delimited text file through the host's `read_at`.
final class CSVConnector: Connector {
    private let host: Host
    private let configuration: CSVConfiguration
    /// What was found out, kept from the first call that needed it.
    private var known: CSVTable?

    init(config: JSONObject, host: Host) throws(PluginFailure) {
        self.host = host
        configuration = try CSVConfiguration(config)
    }

    func inventory() throws(PluginFailure) -> [String] { [configuration.table] }

    func schema(table name: String) throws(PluginFailure) -> (fields: [ArrowField], details: JSONValue) {
        let table = try table(name)
        let details: JSONValue = [
            "format": "csv",
            "encoding": .string(table.encoding.rawValue),
            "delimiter": .string(CSVConnector.text(table.dialect.delimiter)),
            "quote": .string(CSVConnector.text(table.dialect.quote)),
            "line_ending": .string(table.dialect.lineEnding.rawValue),
            "header": .bool(table.hasHeader),
            "columns": .int(Int64(table.columnNames.count)),
            "bytes": .int(Int64(clamping: try host.streamSize())),
        ]
        return (table.columnNames.map { ArrowField($0, .utf8) }, details)
    }

    /// Always one part: where a record begins in the middle of a file depends on all quotes before it.
    func split(table name: String, parts: Int) throws(PluginFailure) -> [ConnectorSplit] {
        try check(name)
        return [ConnectorSplit(id: "0", hintBytes: try host.streamSize())]
    }

    func scan(_ request: ScanRequest) throws(PluginFailure) -> ArrowStream {
        guard request.split == nil || request.split == "0" else {
            throw PluginFailure(message: "The table has no such split.")
        }
        let table = try table(request.table)
        let positions = try CSVConnector.rethrowing { () throws(CSVFailure) in
            try table.positions(of: request.columns)
        }
        let scanner = CSVScanner(
            table, read: reader(), positions: positions, batchRows: request.batchRows, skipRows: request.skipRows)
        let fields =
            positions.map { ArrowField(table.columnNames[$0], .utf8) } + [
                ArrowField("sluice.line", .int64, isNullable: false),
                ArrowField("sluice.byte_offset", .int64, isNullable: false),
                ArrowField("sluice.reject", .utf8),
            ]
        return ArrowStream(fields: fields) { () throws(PluginFailure) in
            guard let batch = try CSVConnector.rethrowing({ () throws(CSVFailure) in try scanner.next() }) else {
                return nil
            }
            let places = [batch.lines, batch.byteOffsets].map(CSVConnector.arrow)
            let columns = batch.columns.map(CSVConnector.arrow) + places + [CSVConnector.arrow(batch.rejects)]
            return try ArrowBatch(columns: columns, rowCount: batch.rowCount)
        }
    }

    private func check(_ name: String) throws(PluginFailure) {
        guard name.isEmpty || name == configuration.table else {
            throw PluginFailure(message: "The source has no such table.")
        }
    }

    private func table(_ name: String) throws(PluginFailure) -> CSVTable {
        try check(name)
        if let known { return known }
        let options = configuration.options
        let read = reader()
        let table = try CSVConnector.rethrowing { () throws(CSVFailure) in
            try CSVTable(read: read, options: options)
        }
        known = table
        return table
    }

    /// The host's bytes for the core; every read is a chance to stop.
    private func reader() -> ReadAt {
        let host = self.host
        return { offset, buffer throws(CSVFailure) in
            do throws(PluginFailure) {
                try host.checkCancellation()
                return try host.readAt(offset: offset, into: buffer)
            } catch {
                throw CSVFailure(underlying: error)
            }
        }
    }

    /// A failure of the core as one of the kit; what the host's reader threw comes out as it went in.
    private static func rethrowing<Value>(
        _ body: () throws(CSVFailure) -> Value
    ) throws(PluginFailure) -> Value {
        do throws(CSVFailure) {
            return try body()
        } catch {
            throw error.underlying as? PluginFailure ?? PluginFailure(message: error.message)
        }
    }

    /// A dialect's byte as text; "" when it has none.
    private static func text(_ byte: UInt8?) -> String { byte.map { String(Unicode.Scalar($0)) } ?? "" }

    private static func arrow(_ column: CSVColumn) -> ArrowColumn {
        column.surrender()
        return .utf8(
            adoptingValues: column.values, valueBytes: column.valueBytes, offsets: column.offsets,
            validity: column.validity, length: column.length, nullCount: column.nullCount)
    }

    private static func arrow(_ numbers: CSVNumbers) -> ArrowColumn {
        numbers.surrender()
        return .int64(adopting: numbers.values, length: numbers.length)
    }
}
