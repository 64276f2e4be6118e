internal import Similarity

/// Column names of one table, made ready to be compared with those of another.
///
/// A name is seen in three ways: as it is; without words that say nothing in this table, which are joining words and
/// words that more than half of its columns have (`…Label`); and without the table's own name as well (`customer_id`
/// of customers is its id).
struct TableNames {
    struct Name {
        let whole: PreparedHeader
        let content: PreparedHeader
        /// Without the words of the table's name; nil when none of them stands in it, or nothing else does.
        let bare: PreparedHeader?
    }

    let names: [Name]

    /// Words that join others.
    private static let joiningWords: Set<String> = ["of", "the", "in", "at", "on", "and", "for", "a", "an"]
    /// Below this many columns there is no telling which words say nothing.
    private static let leastColumns = 5

    init(table: String?, columns: [String]) {
        let tokens = columns.map { PreparedHeader($0).tokens }
        var counts: [String: Int] = [:]
        for words in tokens { for word in Set(words) { counts[word, default: 0] += 1 } }
        let common =
            columns.count >= Self.leastColumns ? Set(counts.filter { $0.value * 2 > columns.count }.keys) : []
        let own = Set(table.map { PreparedHeader($0).tokens.map(Self.singular) } ?? [])
        names = zip(columns, tokens).map { column, words in
            let content = words.filter { !Self.joiningWords.contains($0) && !common.contains($0) }
            let bare = content.filter { !own.contains(Self.singular($0)) }
            let header = PreparedHeader(column)
            return Name(
                whole: header,
                content: content.isEmpty || content.count == words.count
                    ? header : PreparedHeader(content.joined(separator: " ")),
                bare: bare.isEmpty || bare.count == content.count
                    ? nil : PreparedHeader(bare.joined(separator: " ")))
        }
    }

    /// How alike two names are, in 0…1.
    static func likeness(_ a: Name, _ b: Name) -> Double {
        var best = max(a.whole.similarity(to: b.whole), contentWeight * a.content.similarity(to: b.content))
        // Both without their table's name would make customer_id and address_id the same.
        if let bare = a.bare { best = max(best, bareWeight * bare.similarity(to: b.content)) }
        if let bare = b.bare { best = max(best, bareWeight * a.content.similarity(to: bare)) }
        return max(best, Initials.likeness(a.content.tokens, b.content.tokens))
    }

    /// Names that are equal only without the words that say nothing are nearly as alike as equal ones.
    private static let contentWeight = 0.97
    /// Names that are equal only without the table's name are a little less sure than those.
    private static let bareWeight = 0.92

    /// `customers` as `customer`, `categories` as `category`.
    static func singular(_ word: String) -> String {
        if word.count > 4, word.hasSuffix("ies") { return String(word.dropLast(3)) + "y" }
        if word.count > 3, word.hasSuffix("s"), !word.hasSuffix("ss") { return String(word.dropLast()) }
        return word
    }
}

/// Names cut down to initials: `CID` for CustomerID, `NChildren` for numberOfChildren.
enum Initials {
    /// A name whose every word is cut to its initial could be many things.
    static let initialsOnly = 0.55
    /// What the words add that are written out: all but one of very many.
    static let writtenOut = 0.3
    /// One letter alone: enough only where the types agree as well.
    static let oneLetter = 0.5

    /// 0 when neither list of words is the other one cut down.
    static func likeness(_ a: [String], _ b: [String]) -> Double {
        let (short, long) = letters(a) <= letters(b) ? (a, b) : (b, a)
        let text = Array(short.joined().unicodeScalars)
        guard !text.isEmpty, text.count < letters(long), text.count <= 24, long.count <= 8 else { return 0 }
        let words = long.map { Array($0.unicodeScalars) }
        guard let whole = mostWritten(text[...], words[...]), whole < words.count else { return 0 }
        if text.count == 1 { return oneLetter }
        return initialsOnly + writtenOut * Double(whole) / Double(words.count)
    }

    private static func letters(_ words: [String]) -> Int { words.reduce(0) { $0 + $1.unicodeScalars.count } }

    /// The most words that can stand whole when `text` is read as one word or initial after the other.
    private static func mostWritten(_ text: ArraySlice<Unicode.Scalar>, _ words: ArraySlice<[Unicode.Scalar]>) -> Int? {
        guard let word = words.first else { return text.isEmpty ? 0 : nil }
        guard let first = text.first, first == word.first else { return nil }
        let asInitial = mostWritten(text.dropFirst(), words.dropFirst())
        guard text.starts(with: word) else { return asInitial }
        let asWord = mostWritten(text.dropFirst(word.count), words.dropFirst()).map { $0 + 1 }
        return [asInitial, asWord].compactMap { $0 }.max()
    }
}
