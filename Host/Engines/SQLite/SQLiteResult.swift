internal import Columnar
internal import Databases
internal import Foundations
public import Transform

/// A stored value that is not of its column's declared type; the program saw null in its place. It carries no value.
public struct UnreadValue: Sendable, Equatable {
    /// Index in the batch.
    public let row: Int
    /// Index in the program's inputs.
    public let column: Int
    public let reason: Reason

    public init(row: Int, column: Int, reason: Reason) {
        self.row = row
        self.column = column
        self.reason = reason
    }
}

/// What SQLite makes of some rows, in the executor's form.
public struct SQLiteResult: Sendable {
    /// As the executor's: all rows in their order, and the steps that failed.
    public let result: TransformResult
    /// Ordered by row, then column. A row that has any belongs into quarantine, as one with errors does.
    public let unread: [UnreadValue]
    /// What the row column held, one a row.
    public let rows: [Int64]
}

/// Collects rows of an emitted query into batches.
struct ResultCollector {
    private let schema: Schema
    private var builders: [BuilderBox]
    private var errors: [RowError] = []
    private var unread: [UnreadValue] = []
    private var rows: [Int64] = []
    private var ordinal: Int64

    /// A builder has no copies, and an array needs some.
    private final class BuilderBox {
        var builder: ColumnBuilder?
        init(_ type: ColumnType) { builder = ColumnBuilder(type) }
    }

    /// - Parameter firstOrdinal: of the first row.
    init(_ query: EmittedQuery, firstOrdinal: Int64 = 0) {
        ordinal = firstOrdinal
        schema = Schema(query.columns.map { Field($0.name, $0.type) })
        builders = schema.fields.map { BuilderBox($0.type) }
    }

    var count: Int { rows.count }

    /// Takes the row that the statement is at.
    ///
    /// - Throws: `SluiceError` of kind `stage.input` when a text column would exceed 2^31 - 1 bytes, or when a value is
    ///   not what the query promises.
    mutating func add(_ statement: SQLiteStatement) throws(SluiceError) {
        for (place, box) in builders.enumerated() {
            try Self.add(statement, place + 1, to: box)
        }
        let place = builders.count + 1
        if !statement.isNull(place) { try addErrors(statement.text(place) ?? "") }
        rows.append(statement.int(0))
    }

    private static func add(_ statement: SQLiteStatement, _ place: Int, to box: BuilderBox) throws(SluiceError) {
        // Filled by init and by `take`.
        guard let type = box.builder?.type else { return }
        if statement.isNull(place) {
            box.builder?.appendNull()
            return
        }
        switch type {
        case .int64: box.builder?.append(int64: statement.int(place))
        case .bool: box.builder?.append(bool: statement.int(place) != 0)
        case .float64: box.builder?.append(float64: statement.double(place))
        case .text, .binary:
            var isTooLong = false
            statement.withText(place) { bytes in
                isTooLong = (box.builder?.valueByteCount ?? 0) + bytes.count > Int(Int32.max)
                if !isTooLong { box.builder?.append(bytes: bytes) }
            }
            if isTooLong {
                throw SluiceError(
                    .stageInput, "A column of text would exceed 2147483647 bytes in one batch.",
                    hint: "Use smaller batches.")
            }
        case .decimal, .date, .timestamp:
            var value: Int64?
            statement.withText(place) { value = CanonicalText.read($0, type) }
            guard let value else {
                throw SluiceError(.stageInput, "SQLite gave a text that is no \(type.name).")
            }
            if type == .date {
                box.builder?.append(date: Int32(truncatingIfNeeded: value))
            } else {
                box.builder?.append(int64: value)
            }
        }
    }

    /// `place:REASON` joined by `;`, where a place is `plan:step`, or `in:column`.
    private mutating func addErrors(_ text: String) throws(SluiceError) {
        for item in text.split(separator: ";") {
            let parts = item.split(separator: ":")
            guard parts.count == 3, let second = Int(parts[1]), let reason = Reason(rawValue: String(parts[2])) else {
                throw SluiceError(.stageInput, "SQLite gave an error that the executor does not know.")
            }
            if parts[0] == "in" {
                unread.append(UnreadValue(row: rows.count, column: second, reason: reason))
            } else if let plan = Int(parts[0]) {
                errors.append(RowError(row: rows.count, plan: plan, step: second, reason: reason))
            }
        }
    }

    /// What was added since the last time.
    mutating func take() -> SQLiteResult {
        let columns = builders.map { box -> Column in
            let type = box.builder?.type
            guard let column = box.builder.take()?.finish(), let type else {
                preconditionFailure("a collector has a builder a column")
            }
            box.builder = ColumnBuilder(type)
            return column
        }
        let batch = Batch(schema: schema, columns: columns, rowCount: rows.count, firstOrdinal: ordinal)
        let taken = SQLiteResult(
            result: TransformResult(batch: batch, errors: errors), unread: unread, rows: rows)
        ordinal += Int64(rows.count)
        errors = []
        unread = []
        rows = []
        return taken
    }
}
