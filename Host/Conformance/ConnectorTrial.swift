internal import Columnar
internal import Foundations
internal import PluginHost
internal import Policy

/// A connector over one source, for the checks of the suite.
final class ConnectorTrial {
    let subject: Subject
    let source: Subject.Source
    let session: ConnectorSession
    let table: String
    private let permit: Permit

    /// - Parameter stream: in place of the source's own bytes.
    init(_ subject: Subject, _ source: Subject.Source, stream: SourceStream? = nil) throws(SluiceError) {
        self.subject = subject
        self.source = source
        let policy = try SuitePolicy()
        permit = try policy.permit(.sampleRows)
        session = try ConnectorSession(
            subject.plugin, streams: [stream ?? source.stream], config: source.config, settings: subject.settings,
            permit: try policy.permit(.readSourceMetadata))
        let tables = try session.inventory()
        if let named = source.table {
            guard tables.contains(named) else {
                throw SluiceError(
                    .pluginQuirks, "The source \(source.name) has no table \(named); it has \(tables.count) others.")
            }
            table = named
        } else {
            guard tables.count == 1 else {
                throw SluiceError(
                    .pluginQuirks,
                    "The source \(source.name) has \(tables.count) tables; the quirks name none of them (`table`).")
            }
            table = tables[0]
        }
    }

    /// All rows of a scan.
    func rows(
        split: String? = nil, columns: [String]? = nil, batchRows: Int = 1 << 20, skipRows: Int64 = 0
    ) throws(SluiceError) -> TrialRows {
        var rows = TrialRows(schema: try session.schema(table: table).schema)
        try scan(split: split, columns: columns, batchRows: batchRows, skipRows: skipRows) { rows.add($0) }
        return rows
    }

    func scan(
        split: String? = nil, columns: [String]? = nil, batchRows: Int = 1 << 20, skipRows: Int64 = 0,
        each: (Batch) throws(SluiceError) -> Void
    ) throws(SluiceError) {
        try session.scan(
            table: table, split: split, columns: columns, batchRows: batchRows, skipRows: skipRows, permit: permit,
            each: each)
    }
}

/// Rows as they came, comparable one by one.
struct TrialRows {
    /// As announced, without the reserved columns.
    let schema: Schema
    /// With the reserved columns; nil before the first batch.
    private(set) var emitted: Schema?
    /// The text of every value of a row, nulls and values apart, and empty texts and nulls.
    private(set) var rows: [[UInt8]] = []
    private(set) var batches: [Batch] = []

    init(schema: Schema) { self.schema = schema }

    mutating func add(_ batch: Batch) {
        emitted = batch.schema
        batches.append(batch)
        rows += Self.keys(of: batch, columns: Array(batch.columns.indices))
    }

    /// A row's values, each with its length in front: two rows are equal if and only if their keys are.
    static func keys(of batch: Batch, columns: [Int]) -> [[UInt8]] {
        var keys = [[UInt8]](repeating: [], count: batch.rowCount)
        var text: [UInt8] = []
        for place in columns {
            batch.columns[place].withView { view in
                for row in 0..<view.count {
                    guard view.isValid(row) else {
                        keys[row].append(0xFF)
                        continue
                    }
                    text.removeAll(keepingCapacity: true)
                    ValueText.write(view, row: row, into: &text)
                    keys[row].append(0xFE)
                    withUnsafeBytes(of: UInt32(text.count)) { keys[row].append(contentsOf: $0) }
                    keys[row] += text
                }
            }
        }
        return keys
    }

    /// The rows with some columns alone, in that order.
    func keys(columns names: [String]) -> [[UInt8]] {
        batches.flatMap { batch in
            Self.keys(of: batch, columns: names.compactMap { batch.schema.index(of: $0) })
        }
    }

    /// The place of `sluice.reject`; nil when the connector appends no reserved columns.
    private func rejectPlace(_ batch: Batch) -> Int? { batch.schema.index(of: "sluice.reject") }

    /// Rows that were rejected.
    var rejected: Int {
        batches.reduce(0) { sum, batch in
            guard let place = rejectPlace(batch) else { return sum }
            return sum + batch.columns[place].count - batch.columns[place].nullCount
        }
    }

    /// Nulls in the source's own columns of rows that were not rejected.
    var nulls: Int {
        batches.reduce(0) { sum, batch in
            let reject = rejectPlace(batch).map { batch.columns[$0] }
            let own = batch.columns.prefix(schema.fields.count)
            return sum
                + (0..<batch.rowCount).reduce(0) { count, row in
                    let isRejected = reject.map { $0.withView { $0.isValid(row) } } ?? false
                    return isRejected
                        ? count : count + own.count { column in column.withView { !$0.isValid(row) } }
                }
        }
    }

    /// What differs from what the quirks say must come; nil when nothing does. Repeats no value.
    func difference(from expected: Quirks.Expectation) -> String? {
        for column in expected.columns {
            guard let place = schema.index(of: column.name) else { return "there is no column \(column.name)" }
            let type = schema.fields[place].type.name
            guard type == column.type else {
                return "the column \(column.name) is \(type); the quirks say \(column.type)"
            }
            guard let values = column.values else { continue }
            let found = batches.flatMap { batch in batch.columns[place].withView { Self.json($0) } }
            guard found.count == values.count else {
                return "there are \(found.count) rows; the quirks name \(values.count) values of \(column.name)"
            }
            for (row, (a, b)) in zip(found, values).enumerated() where !Self.isEqual(a, b) {
                let kinds = a == .null ? ": it is null" : b == .null ? ": it is not null" : ""
                return "row \(row) of the column \(column.name) is not what the quirks say\(kinds)"
            }
        }
        if let rejects = expected.rejects, rejects != rejected {
            return "\(rejected) rows were rejected; the quirks say \(rejects)"
        }
        return nil
    }

    private static func isEqual(_ a: JSON, _ b: JSON) -> Bool {
        if let x = a.doubleValue, let y = b.doubleValue { return x == y }
        return a == b
    }

    /// Values as quirks write them: dates and timestamps as text, binary as base64.
    private static func json(_ view: ColumnView) -> [JSON] {
        (0..<view.count).map { row in
            guard view.isValid(row) else { return .null }
            switch view.type {
            case .bool: return .bool(view.bool(row))
            case .int64: return .int(view.int64(row))
            case .float64: return .double(view.float64(row))
            case .binary: return .string(Base64.encode(Array(view.bytes(row))))
            case .text, .date, .timestamp, .decimal:
                var text: [UInt8] = []
                ValueText.write(view, row: row, into: &text)
                return .string(String(decoding: text, as: UTF8.self))
            }
        }
    }
}

extension Subject {
    /// The outcome of a check over one source of the quirks; Skipped when they have none of that name.
    func with(
        source name: String, _ body: (Source) throws(SluiceError) -> Outcome
    ) throws(SluiceError) -> Outcome {
        guard plugin.manifest.relay.isEmpty else {
            return .skipped("the connector reads a database server, and the suite has none")
        }
        guard let source = try source(name) else { return .skipped("the quirks have no source `\(name)`") }
        return try body(source)
    }

    /// Whether an error is the plugin's own refusal of its source, which ends nothing.
    static func isRefusal(_ error: SluiceError) -> Bool { error.detail == ErrorKind.pluginFailed.id }
}
