/// Counts texts that are longer than a limit, column by column, from their lengths alone.
///
/// The counts do not depend on how the rows are cut into batches, nor on the order in which parts are merged.
struct LongText: Equatable {
    /// Scalars; change it here: runs give a check no configuration yet.
    static let usualLimit: Int64 = 255
    /// So many rows of a column are named at most: the first ones.
    static let mostOrdinals = 100
    /// And so many of all columns together, so that a verdict stays below 1 MiB.
    static let allOrdinals = 20_000

    /// What was found in one column.
    struct Column: Equatable {
        var count: UInt64 = 0
        /// Ascending.
        var ordinals: [Int64] = []

        /// Keep the smallest ordinals, in order.
        mutating func keep(_ ordinal: Int64, most: Int) {
            if ordinals.count == most, (ordinals.last ?? -1) < ordinal { return }
            let place = ordinals.lastIndex { $0 < ordinal }.map { $0 + 1 } ?? 0
            ordinals.insert(ordinal, at: place)
            if ordinals.count > most { ordinals.removeLast() }
        }
    }

    let limit: Int64
    /// Ordinals that are kept of each column.
    private let most: Int
    private(set) var rows: UInt64 = 0
    private(set) var columns: [Column]

    init(limit: Int64, columns: Int) {
        self.limit = limit
        most = min(Self.mostOrdinals, Self.allOrdinals / max(1, columns))
        self.columns = Array(repeating: Column(), count: columns)
    }

    /// A text of `length` scalars in a column of a row.
    mutating func add(column: Int, ordinal: Int64, length: Int64) {
        guard length > limit, columns.indices.contains(column) else { return }
        columns[column].count += 1
        columns[column].keep(ordinal, most: most)
    }

    mutating func addRows(_ count: Int) { rows += UInt64(count) }

    /// What `merge` adds to another's: lines of numbers; limit, rows and columns, then of each its count and ordinals.
    var state: String {
        let lines = columns.map { ([String($0.count)] + $0.ordinals.map(String.init)).joined(separator: " ") + "\n" }
        return "long_text 1 \(limit) \(rows) \(columns.count)\n" + lines.joined()
    }

    /// False for text that is not the state of as many columns and the same limit; then nothing was changed.
    mutating func merge(_ state: String) -> Bool {
        guard state.hasSuffix("\n") else { return false }
        var lines = state.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
        let head = lines.removeFirst().split(separator: " ", omittingEmptySubsequences: false)
        guard head.count == 5, head[0] == "long_text", head[1] == "1", Int64(head[2]) == limit,
            let more = UInt64(head[3]), Int(head[4]) == columns.count, lines.count == columns.count
        else { return false }
        let (total, isTooMuch) = rows.addingReportingOverflow(more)
        var added: [Column] = []
        for line in lines {
            let words = line.split(separator: " ", omittingEmptySubsequences: false)
            let ordinals = words.dropFirst().compactMap { Int64($0) }
            let isOrdered = zip(ordinals, ordinals.dropFirst()).allSatisfy { $0 < $1 } && (ordinals.first ?? 0) >= 0
            guard let count = words.first.flatMap({ UInt64($0) }), ordinals.count == words.count - 1, isOrdered,
                count <= more, UInt64(ordinals.count) == min(count, UInt64(most))
            else { return false }
            added.append(Column(count: count, ordinals: ordinals))
        }
        guard !isTooMuch else { return false }
        rows = total
        for (place, column) in added.enumerated() {
            columns[place].count += column.count
            for ordinal in column.ordinals { columns[place].keep(ordinal, most: most) }
        }
        return true
    }
}
