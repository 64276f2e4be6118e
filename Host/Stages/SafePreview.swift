internal import Columnar
internal import Policy

/// Rows of a preview, whose rare combinations are suppressed (docs/masking.md).
enum SafePreview {
    /// How the cells of a column are made alike.
    static func kind(of exposure: Exposure, _ type: ColumnType) -> KAnonymity.Column {
        switch exposure {
        case .open: type == .int64 || type == .float64 ? .number : .word
        case .codes: .word
        case .masked: .form
        }
    }

    /// The order of rows that says nothing of where they come from: by their cells, nulls first.
    static func precedes(_ a: [String?], _ b: [String?]) -> Bool {
        for (x, y) in zip(a, b) where x != y {
            guard let y else { return false }
            return x.map { $0.utf8.lexicographicallyPrecedes(y.utf8) } ?? true
        }
        return false
    }

    /// The different rows that stand there most often; of equals the first in order.
    static func mostFrequent(_ rows: [[String?]], limit: Int) -> [[String?]] {
        var counts: [[String?]: Int] = [:]
        for row in rows { counts[row, default: 0] += 1 }
        let sorted = counts.sorted { $0.value != $1.value ? $0.value > $1.value : precedes($0.key, $1.key) }
        return sorted.prefix(limit).map(\.key)
    }
}
