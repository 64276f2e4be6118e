public import Columnar

/// Why a value could not be made. Codes are stable: quarantine records carry them.
public enum Reason: String, Sendable, CaseIterable {
    /// A stored value is no well-formed UTF-8 text, or no bytes, though its column is declared so.
    case notText = "NOT_TEXT"
    case notBinary = "NOT_BINARY"
    case notInteger = "NOT_INTEGER"
    case notDecimal = "NOT_DECIMAL"
    case notNumber = "NOT_NUMBER"
    case notBoolean = "NOT_BOOLEAN"
    case notDate = "NOT_DATE"
    case notTimestamp = "NOT_TIMESTAMP"
    /// The value is beyond what the type, or the calendar's years 0001–9999, can hold exactly.
    case overflow = "OVERFLOW"
    /// A number has more digits behind the point than the type, and they are not zeros; or an offset has seconds.
    case inexact = "INEXACT"
    /// A text that the dictionary of a `map_dict` has not, where its default is an error.
    case notInMap = "NOT_IN_MAP"
    case divisionByZero = "DIVISION_BY_ZERO"
    /// A local time that the zone's clock skips.
    case timeGap = "TIME_GAP"
    /// A local time that the zone's clock shows twice.
    case timeOverlap = "TIME_OVERLAP"
    /// An empty text where `"empty":"error"` asks for a value.
    case empty = "EMPTY"
}

/// One value that could not be made. It carries no value.
public struct RowError: Sendable, Equatable {
    /// Index in the batch.
    public let row: Int
    /// Index in the plans that the executor was made of.
    public let plan: Int
    /// Index in the plan's steps.
    public let step: Int
    public let reason: Reason

    public init(row: Int, plan: Int, step: Int, reason: Reason) {
        self.row = row
        self.plan = plan
        self.step = step
        self.reason = reason
    }
}

/// What plans make of one batch: one column a plan, and the rows that are to be quarantined.
public struct TransformResult: Sendable {
    /// All rows of the input in their order; where a step failed, the value is null.
    public let batch: Batch
    /// Ordered by row, then plan, then step. A row that has any belongs into quarantine.
    public let errors: [RowError]

    public init(batch: Batch, errors: [RowError]) {
        self.batch = batch
        self.errors = errors
    }

    public var columns: [Column] { batch.columns }

    /// The rows that have errors, ascending, each once.
    public var failedRows: [Int] {
        var rows: [Int] = []
        for error in errors where rows.last != error.row { rows.append(error.row) }
        return rows
    }

    /// The rows that have no error, ascending.
    public var cleanRows: [Int] {
        var rows: [Int] = []
        rows.reserveCapacity(batch.rowCount)
        var next = 0
        for row in 0..<batch.rowCount {
            if next < errors.count, errors[next].row == row {
                while next < errors.count, errors[next].row == row { next += 1 }
            } else {
                rows.append(row)
            }
        }
        return rows
    }
}
