/// Suppresses what is rare in rows that are to be shown: whoever knows a few things about somebody must not find the row
/// (ROADMAP §39, Sweeney 2002).
///
/// Rows are divided into groups of at least k that are as alike as can be, always near the middle of one column (Mondrian,
/// LeFevre et al. 2006): of the columns that have the fewest values first, because those can be made alike, then of numbers
/// and of forms within one outline. Then all rows of a group show the same. Deterministic.
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
    /// place.
    private static func divide(_ group: [Int], _ cells: [Cells], k: Int) -> (low: [Int], high: [Int])? {
        guard group.count >= 2 * k else { return nil }
        // Coarse: words and outlines, fewest values first. Fine: numbers and whole forms, the largest share first.
        var coarse: [(values: Int, place: Int)] = []
        var fine: [(share: Double, place: Int)] = []
        for place in cells.indices {
            if let ranks = cells[place].coarse, case let values = distinct(group, ranks), values > 1 {
                coarse.append((values, place))
            }
            if let ranks = cells[place].fine, case let values = distinct(group, ranks), values > 1 {
                fine.append((Double(values) / Double(cells[place].fineCount), place))
            }
        }
        coarse.sort { ($0.values, $0.place) < ($1.values, $1.place) }
        fine.sort { ($1.share, $0.place) < ($0.share, $1.place) }
        for (_, place) in coarse {
            if let ranks = cells[place].coarse, let parts = cut(group, ranks, k: k) { return parts }
        }
        for (_, place) in fine {
            if let ranks = cells[place].fine, let parts = cut(group, ranks, k: k) { return parts }
        }
        return nil
    }

    private static func distinct(_ group: [Int], _ ranks: [Int]) -> Int {
        var seen = Set<Int>()
        for row in group { seen.insert(ranks[row]) }
        return seen.count
    }

    /// The cut nearest to the middle that parts no value from itself.
    private static func cut(_ group: [Int], _ ranks: [Int], k: Int) -> (low: [Int], high: [Int])? {
        let sorted = group.map { ranks[$0] }.sorted()
        var best: (distance: Int, rank: Int)?
        for size in k...(sorted.count - k) where sorted[size - 1] != sorted[size] {
            let distance = abs(2 * size - sorted.count)
            if distance < best?.distance ?? .max { best = (distance, sorted[size]) }
        }
        guard let best else { return nil }
        return (group.filter { ranks[$0] < best.rank }, group.filter { ranks[$0] >= best.rank })
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

        /// Places in the order of words or outlines, nulls first; nil for numbers.
        let coarse: [Int]?
        /// Places in the order of numbers, or of outlines and whole forms; nil for words.
        let fine: [Int]?
        let fineCount: Int
        private let texts: [String?]
        private let numbers: [Double]
        private let outlines: [String?]

        init(_ texts: [String?], _ kind: Column) {
            self.texts = texts
            switch kind {
            case .number:
                numbers = texts.map { $0.flatMap(Double.init) ?? .nan }
                outlines = []
                let numbers = numbers
                // What is no number comes first, by its text.
                let key = { (row: Int) in numbers[row].isNaN ? -Double.infinity : numbers[row] }
                let ranks = Self.ranks(texts) { a, b in
                    key(a) != key(b) ? key(a) < key(b) : Self.precedes(texts[a], texts[b])
                }
                (coarse, fine, fineCount) = (nil, ranks.places, ranks.count)
            case .word:
                numbers = []
                outlines = []
                let ranks = Self.ranks(texts) { Self.precedes(texts[$0], texts[$1]) }
                (coarse, fine, fineCount) = (ranks.places, nil, 0)
            case .form:
                numbers = []
                let outlines = texts.map { $0.map(KAnonymity.outline) }
                self.outlines = outlines
                coarse = Self.ranks(outlines) { Self.precedes(outlines[$0], outlines[$1]) }.places
                let ranks = Self.ranks(texts) { a, b in
                    outlines[a] != outlines[b]
                        ? Self.precedes(outlines[a], outlines[b]) : Self.precedes(texts[a], texts[b])
                }
                (fine, fineCount) = (ranks.places, ranks.count)
            }
        }

        private static func ranks(
            _ texts: [String?], by precedes: (Int, Int) -> Bool
        ) -> (places: [Int], count: Int) {
            var places = [Int](repeating: 0, count: texts.count)
            var rank = 0
            let order = texts.indices.sorted(by: precedes)
            for (number, row) in order.enumerated() {
                if number > 0, texts[row] != texts[order[number - 1]] { rank += 1 }
                places[row] = rank
            }
            return (places, rank + 1)
        }

        private static func precedes(_ a: String?, _ b: String?) -> Bool {
            guard let b else { return false }
            guard let a else { return true }
            return a.utf8.lexicographicallyPrecedes(b.utf8)
        }

        /// What all rows of a group can show.
        func common(_ group: [Int]) -> Common {
            guard let ranks = fine ?? coarse else { return .nothing }
            let first = group[0]
            if group.allSatisfy({ ranks[$0] == ranks[first] }) { return .same }
            if let outlines = coarse, fine != nil {
                guard let outline = self.outlines[first], group.allSatisfy({ outlines[$0] == outlines[first] }) else {
                    return .nothing
                }
                return .less(outline)
            }
            guard coarse == nil, group.allSatisfy({ numbers[$0].isFinite }),
                let low = group.min(by: { ranks[$0] < ranks[$1] }), let high = group.max(by: { ranks[$0] < ranks[$1] }),
                let least = texts[low], let most = texts[high]
            else { return .nothing }
            return .less("\(least)…\(most)")
        }
    }
}
