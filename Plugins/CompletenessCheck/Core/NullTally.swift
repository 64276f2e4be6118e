/// Counts the nulls of each column and keeps the first rows that hold one.
///
/// The result does not depend on how the rows were cut into batches, nor on the order of merges.
public struct NullTally: Equatable, Sendable {
    /// Ordinals kept a column.
    public static let keptOrdinals = 100

    /// What is known about one column.
    public struct Column: Equatable, Sendable {
        public let id: String
        public fileprivate(set) var nulls: UInt64 = 0
        /// The smallest ordinals of rows with a null, ascending, at most `keptOrdinals`.
        public fileprivate(set) var ordinals: [Int64] = []

        init(id: String) { self.id = id }

        /// Nulls among `rows`; 0 when there are no rows.
        public func rate(of rows: UInt64) -> Double { rows == 0 ? 0 : Double(nulls) / Double(rows) }
    }

    public private(set) var rows: UInt64 = 0
    public private(set) var columns: [Column]

    public init(columns ids: [String]) { columns = ids.map { Column(id: $0) } }

    /// Take note of a batch's length, once a batch.
    public mutating func add(rows count: Int) { rows += UInt64(count) }

    /// Take note of the nulls of one column in one batch, ordinals in any order.
    ///
    /// `isNull` and `ordinal` are asked for rows 0 ..< `rowCount`, and not at all when `nullCount` is 0.
    public mutating func add(
        column index: Int, rowCount: Int, nullCount: Int, isNull: (Int) -> Bool, ordinal: (Int) -> Int64
    ) {
        guard nullCount > 0 else { return }
        columns[index].nulls += UInt64(nullCount)
        var kept = columns[index].ordinals
        for row in 0..<rowCount where isNull(row) { NullTally.keep(ordinal(row), in: &kept) }
        columns[index].ordinals = kept
    }

    /// Add what another tally of the same columns counted; false, and nothing changed, when the columns differ.
    public mutating func merge(_ other: NullTally) -> Bool {
        guard other.columns.map(\.id) == columns.map(\.id) else { return false }
        rows += other.rows
        for index in columns.indices {
            columns[index].nulls += other.columns[index].nulls
            for ordinal in other.columns[index].ordinals { NullTally.keep(ordinal, in: &columns[index].ordinals) }
        }
        return true
    }

    /// Insert into an ascending list that holds the smallest `keptOrdinals` of all that were offered.
    private static func keep(_ ordinal: Int64, in kept: inout [Int64]) {
        guard let last = kept.last, last > ordinal else {
            if kept.count < keptOrdinals { kept.append(ordinal) }
            return
        }
        var low = 0
        var high = kept.count
        while low < high {
            let middle = (low + high) / 2
            if kept[middle] <= ordinal { low = middle + 1 } else { high = middle }
        }
        if kept.count == keptOrdinals { kept.removeLast() }
        kept.insert(ordinal, at: low)
    }
}

extension NullTally {
    /// A tally from its parts, as `merge` of another process needs it; nil when they contradict each other.
    public init?(rows: UInt64, columns parts: [(id: String, nulls: UInt64, ordinals: [Int64])]) {
        self.init(columns: parts.map(\.id))
        self.rows = rows
        for (index, part) in parts.enumerated() {
            guard part.nulls <= rows, part.ordinals.count == min(Int(clamping: part.nulls), NullTally.keptOrdinals),
                zip(part.ordinals, part.ordinals.dropFirst()).allSatisfy({ $0 <= $1 })
            else { return nil }
            columns[index].nulls = part.nulls
            columns[index].ordinals = part.ordinals
        }
    }
}
