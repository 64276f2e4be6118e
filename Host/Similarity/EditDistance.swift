/// How many single edits turn one text into another.
///
/// Units are Unicode scalars. Texts that may come in different normal forms are normalised by the caller.
public enum EditDistance {
    /// The fewest insertions, deletions and substitutions that turn `a` into `b` (Levenshtein 1966).
    ///
    /// Time grows as |a|·|b|, memory as the shorter of both.
    public static func levenshtein(_ a: String, _ b: String) -> Int {
        levenshtein(scalars(of: a), scalars(of: b))
    }

    /// 1 − distance ÷ length of the longer text: 1 for equal texts (two empty ones too), 0 when nothing is shared.
    public static func levenshteinRatio(_ a: String, _ b: String) -> Double {
        let (a, b) = (scalars(of: a), scalars(of: b))
        let longer = max(a.count, b.count)
        return longer == 0 ? 1 : 1 - Double(levenshtein(a, b)) / Double(longer)
    }

    /// The fewest insertions, deletions, substitutions and swaps of neighbours; a swapped pair may be edited further.
    ///
    /// This is the unrestricted distance, a metric (Lowrance and Wagner 1975): CA to ABC is 2, where the restricted
    /// "optimal string alignment" gives 3. Time and memory grow as |a|·|b|.
    public static func damerauLevenshtein(_ a: String, _ b: String) -> Int {
        let (a, b) = (scalars(of: a), scalars(of: b))
        if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
        // Row and column 0 hold a sentinel larger than any distance; row and column 1 the empty prefixes.
        let width = b.count + 2
        let sentinel = a.count + b.count
        var costs = [Int](repeating: sentinel, count: (a.count + 2) * width)
        for row in 0...a.count { costs[(row + 1) * width + 1] = row }
        for column in 0...b.count { costs[width + column + 1] = column }
        var lastRow: [UInt32: Int] = [:]
        for row in 1...a.count {
            var lastMatch = 0
            for column in 1...b.count {
                let swapRow = lastRow[b[column - 1], default: 0]
                let swapColumn = lastMatch
                let isEqual = a[row - 1] == b[column - 1]
                if isEqual { lastMatch = column }
                let substituted = costs[row * width + column] + (isEqual ? 0 : 1)
                let inserted = costs[(row + 1) * width + column] + 1
                let deleted = costs[row * width + column + 1] + 1
                let between = (row - swapRow - 1) + (column - swapColumn - 1)
                let swapped = costs[swapRow * width + swapColumn] + between + 1
                costs[(row + 1) * width + column + 1] = min(substituted, inserted, deleted, swapped)
            }
            lastRow[a[row - 1]] = row
        }
        return costs[(a.count + 1) * width + b.count + 1]
    }

    static func levenshtein(_ a: [UInt32], _ b: [UInt32]) -> Int {
        let (long, short) = a.count >= b.count ? (a, b) : (b, a)
        if short.isEmpty { return long.count }
        var costs = Array(0...short.count)
        for (row, unit) in long.enumerated() {
            var diagonal = row
            costs[0] = row + 1
            for column in short.indices {
                let substituted = diagonal + (unit == short[column] ? 0 : 1)
                diagonal = costs[column + 1]
                costs[column + 1] = min(substituted, diagonal + 1, costs[column] + 1)
            }
        }
        return costs[short.count]
    }

    static func scalars(of text: String) -> [UInt32] { text.unicodeScalars.map(\.value) }
}
