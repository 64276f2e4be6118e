// The connector @ID@: what the host calls. The format itself is in LTSV.swift.
public import SluiceABI
internal import SluiceSDK

final class LTSVConnector: Connector {
    /// A batch is handed over when it is so large, if it has not enough rows before.
    static let batchBytes = 4 << 20

    private let host: Host
    /// What `schema` said: a source that has other columns in a scan has changed.
    private var announced: [String]?

    // The host may tell the mode of the run in the config; this connector reads the same in each.
    init(config: JSONObject, host: Host) throws(PluginFailure) { self.host = host }

    func inventory() throws(PluginFailure) -> [String] { [""] }

    func schema(table: String) throws(PluginFailure) -> (fields: [ArrowField], details: JSONValue) {
        try onlyTable(table)
        let columns = try columns()
        announced = columns
        return (columns.map { ArrowField($0, .utf8) }, ["format": "ltsv", "encoding": "utf-8"])
    }

    /// One part: records have no fixed length, so where another part begins is known only behind a line feed.
    func split(table: String, parts: Int) throws(PluginFailure) -> [ConnectorSplit] {
        try onlyTable(table)
        return [ConnectorSplit(id: "0", hintBytes: try host.streamSize())]
    }

    func scan(_ request: ScanRequest) throws(PluginFailure) -> ArrowStream {
        try onlyTable(request.table)
        guard request.split == nil || request.split == "0" else {
            throw PluginFailure(message: "The source has one part, \"0\": ask for that or none.")
        }
        let columns = try columns()
        guard announced == nil || announced == columns else {
            throw PluginFailure(
                message: "The source has other columns than before: it changed while it was read. Start again.")
        }
        let wanted = try Self.wanted(request.columns, of: columns)
        let fields =
            wanted.map { ArrowField(columns[$0], .utf8) } + [
                ArrowField("sluice.line", .int64, isNullable: false),
                ArrowField("sluice.byte_offset", .int64, isNullable: false), ArrowField("sluice.reject", .utf8),
            ]
        var rows = LTSVRows(reader: reader(), columns: columns, wanted: wanted, leftOut: request.skipRows)
        let most = Int(request.batchRows)
        return ArrowStream(fields: fields) { () throws(PluginFailure) in
            try rows.batch(rows: most, bytes: LTSVConnector.batchBytes)
        }
    }

    /// The source in blocks, as long as the call was not cancelled.
    private func reader() -> LTSVReader<PluginFailure> {
        LTSVReader { [host] (offset, buffer) throws(PluginFailure) in
            try host.checkCancellation()
            return try host.readAt(offset: offset, into: buffer)
        }
    }

    /// The columns, from the first record; none for an empty source.
    private func columns() throws(PluginFailure) -> [String] {
        var reader = reader()
        guard let line = try reader.next() else { return [] }
        do throws(LTSV.NoColumns) { return try LTSV.columns(of: line) } catch {
            throw PluginFailure(
                message: "The source gives no columns: \(error.reason). "
                    + "Check that it is LTSV, fields label:value with tabs between.")
        }
    }

    private func onlyTable(_ table: String) throws(PluginFailure) {
        guard table.isEmpty else {
            throw PluginFailure(message: "An LTSV file has one table, named \"\": ask for that.")
        }
    }

    /// Which columns are asked for, by their place in the source.
    private static func wanted(_ names: [String]?, of columns: [String]) throws(PluginFailure) -> [Int] {
        guard let names else { return Array(columns.indices) }
        var places: [Int] = []
        for name in names {
            guard let place = columns.firstIndex(of: name) else {
                throw PluginFailure(
                    message: "/columns names a column that the source does not have: take those of its schema.")
            }
            places.append(place)
        }
        return places
    }
}

/// The rows of one scan.
private struct LTSVRows {
    var reader: LTSVReader<PluginFailure>
    let columns: [String]
    let wanted: [Int]
    var leftOut: UInt64

    /// The next batch; nil at the end.
    mutating func batch(rows most: Int, bytes: Int) throws(PluginFailure) -> ArrowBatch? {
        let texts = wanted.map { _ in ArrowBytesBuilder.utf8() }
        let lines = ArrowFixedBuilder<Int64>.int64()
        let offsets = ArrowFixedBuilder<Int64>.int64()
        let rejects = ArrowBytesBuilder.utf8()
        var size = 0
        while lines.count < most, size < bytes, let line = try reader.next() {
            if leftOut > 0 {
                leftOut -= 1
                continue
            }
            do throws(LTSV.Reject) {
                let values = try LTSV.values(of: line, columns: columns)
                for (text, place) in zip(texts, wanted) { text.append(values[place].map(String.init)) }
                rejects.appendNull()
            } catch {
                // Of a rejected record the columns are null.
                for text in texts { text.appendNull() }
                rejects.append(error.rawValue)
            }
            lines.append(line.number)
            offsets.append(Int64(line.offset))
            size += line.bytes.count
        }
        guard lines.count > 0 else { return nil }
        return try ArrowBatch(
            columns: texts.map { $0.finish() } + [lines.finish(), offsets.finish(), rejects.finish()])
    }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func sluice_plugin_entry(_ host: UnsafePointer<sluice_host_info>?) -> UnsafePointer<sluice_plugin>? {
    PluginExport.connector(
        LTSVConnector.self, id: "@ID@", version: "0.1.0", summary: "Reads LTSV, labeled tab-separated values.",
        host: host)
}
