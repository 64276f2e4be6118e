/// Suppresses what is rare in rows that are to be shown: whoever knows a few things about somebody must not find the row
/// (ROADMAP §39, Sweeney 2002).
///
/// Rows are divided into groups of at least k that are as alike as can be, always through the middle of the column in
/// which a group differs most (Mondrian, LeFevre et al. 2006). Then all rows of a group show the same. Deterministic.
public enum KAnonymity {
    /// How the cells of a column are made alike.
    public enum Column: Sendable, Equatable {
        /// Numbers: `12…57`.
        case number
        /// Codes and words: the same, or nothing.
        case word
        /// Masked forms: the same, or their outline (`Aaa Aaaaaaaa` and `Aa Aaa` are both `Aa Aa`), or nothing.
        case form
    }

    /// Rows in the order given; any combination of cells that is left stands there k times or more.
    public struct Table: Sendable, Equatable {
        public let rows: [[String?]]
        /// Groups of rows that show the same; 0 when there were fewer than k rows.
        public let groups: Int
        /// Cells that show less than they had, and cells that show nothing.
        public let generalised: Int
        public let suppressed: Int
    }

    /// What is shown for a cell that would tell too much, also where it was null.
    public static let hidden = "(rare)"

    /// - Parameters:
    ///   - rows: of cells, one for each column; nil is a null.
    ///   - columns: one for each cell of a row.
    ///   - k: rows that must look alike; below 2 everything is shown.
    public static func suppress(_ rows: [[String?]], columns: [Column], k: Int) -> Table {
        precondition(rows.allSatisfy { $0.count == columns.count }, "rows have other columns")
        guard k > 1, !columns.isEmpty, !rows.isEmpty else {
            return Table(rows: rows, groups: rows.count, generalised: 0, suppressed: 0)
        }
        guard rows.count >= k else {
            let blank = [String?](repeating: hidden, count: columns.count)
            return Table(
                rows: rows.map { _ in blank }, groups: 0, generalised: 0, suppressed: rows.count * columns.count)
        }
        let cells = columns.indices.map { place in Cells(rows.map { $0[place] }, columns[place]) }
        var shown = rows
        var (groups, generalised, suppressed) = (0, 0, 0)
        var waiting = [Array(rows.indices)]
        while let group = waiting.popLast() {
            if let (low, high) = divide(group, cells, k: k) {
                waiting.append(high)
                waiting.append(low)
                continue
            }
            groups += 1
            for place in columns.indices {
                switch cells[place].common(group) {
                case .same: break
                case .less(let text):
                    for row in group { shown[row][place] = text }
                    generalised += group.count
                case .nothing:
                    for row in group { shown[row][place] = hidden }
                    suppressed += group.count
                }
            }
        }
        return Table(rows: shown, groups: groups, generalised: generalised, suppressed: suppressed)
    }

    /// Two parts of a group, each of at least k rows, cut between two values of one column; nil when no column has such a
    /// place. First choice is the column that has most of its values in the group.
    private static func divide(_ group: [Int], _ cells: [Cells], k: Int) -> (low: [Int], high: [Int])? {
        guard group.count >= 2 * k else { return nil }
        var spans: [(span: Double, place: Int)] = []
        for place in cells.indices {
            let span = cells[place].span(group)
            if span > 0 { spans.append((span, place)) }
        }
        spans.sort { ($1.span, $0.place) < ($0.span, $1.place) }
        for (_, place) in spans {
            let ranks = cells[place].ranks
            let sorted = group.map { ranks[$0] }.sorted()
            // The cut nearest to the middle that parts no value from itself.
            var best: (distance: Int, rank: Int)?
            for size in k...(sorted.count - k) where sorted[size - 1] != sorted[size] {
                let distance = abs(2 * size - sorted.count)
                if distance < best?.distance ?? .max { best = (distance, sorted[size]) }
            }
            guard let best else { continue }
            return (group.filter { ranks[$0] < best.rank }, group.filter { ranks[$0] >= best.rank })
        }
        return nil
    }

    /// What is left of a masked form when runs of letters and of digits are one sign each.
    static func outline(_ form: String) -> String {
        var out = ""
        var last: Character?
        for sign in form {
            let one: Character
            if sign.isNumber {
                one = "9"
            } else if sign.isLetter {
                // A capital begins a word, what follows goes on with it.
                one = last == "A" || last == "a" ? "a" : sign.isUppercase ? "A" : "a"
            } else {
                one = sign
            }
            let isRun = one == last && (one == "9" || one == "a" || one == "*")
            if !isRun { out.append(one) }
            last = one
        }
        return out
    }

    /// A column's cells, ranked so that a group can be cut.
    private struct Cells {
        enum Common { case same, less(String), nothing }

        let texts: [String?]
        let numbers: [Double?]
        let outlines: [String?]
        /// Places in the order of numbers, or of outlines and texts; nulls are first.
        let ranks: [Int]
        private let distinct: Int
        private let kind: Column

        init(_ texts: [String?], _ kind: Column) {
            self.texts = texts
            self.kind = kind
            let numbers = kind == .number ? texts.map { $0.flatMap(Double.init) } : []
            let outlines = kind == .form ? texts.map { $0.map(KAnonymity.outline) } : []
            func precedes(_ a: Int, _ b: Int) -> Bool {
                switch kind {
                case .number:
                    let (x, y) = (numbers[a] ?? -.infinity, numbers[b] ?? -.infinity)
                    if x != y, !x.isNaN, !y.isNaN { return x < y }
                case .form:
                    let (x, y) = (outlines[a] ?? "", outlines[b] ?? "")
                    if x != y { return x < y }
                case .word: break
                }
                return Self.precedes(texts[a], texts[b])
            }
            var ranks = [Int](repeating: 0, count: texts.count)
            var rank = 0
            let order = texts.indices.sorted(by: precedes)
            for (number, row) in order.enumerated() {
                if number > 0, texts[row] != texts[order[number - 1]] { rank += 1 }
                ranks[row] = rank
            }
            self.ranks = ranks
            self.numbers = numbers
            self.outlines = outlines
            distinct = rank + 1
        }

        private static func precedes(_ a: String?, _ b: String?) -> Bool {
            guard let b else { return false }
            guard let a else { return true }
            return a.utf8.lexicographicallyPrecedes(b.utf8)
        }

        /// The share of the column's values that a group has, one apart; 0 when it has but one.
        func span(_ group: [Int]) -> Double {
            var seen = Set<Int>()
            for row in group { seen.insert(ranks[row]) }
            return distinct == 1 ? 0 : Double(seen.count - 1) / Double(distinct - 1)
        }

        /// What all rows of a group can show.
        func common(_ group: [Int]) -> Common {
            let first = group[0]
            if group.allSatisfy({ ranks[$0] == ranks[first] }) { return .same }
            switch kind {
            case .word: return .nothing
            case .form:
                guard let outline = outlines[first], group.allSatisfy({ outlines[$0] == outline }) else {
                    return .nothing
                }
                return .less(outline)
            case .number:
                guard group.allSatisfy({ numbers[$0]?.isFinite ?? false }),
                    let low = group.min(by: { ranks[$0] < ranks[$1] }),
                    let high = group.max(by: { ranks[$0] < ranks[$1] }), let least = texts[low], let most = texts[high]
                else { return .nothing }
                return .less("\(least)…\(most)")
            }
        }
    }
}
