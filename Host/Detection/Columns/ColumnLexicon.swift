/// Words that the column classifier knows as parts of names: lower case, Latin letters without marks.
///
/// Thread-safe; no word of a column leaves it.
public protocol ColumnLexicon: Sendable {
    /// Whether people are given this name.
    func isGivenName(_ word: String) -> Bool
    /// Whether families bear this name.
    func isSurname(_ word: String) -> Bool
    /// Whether a country, a state or a city has this name, which may be of several words with a blank between.
    func isPlace(_ name: String) -> Bool
    /// Whether it is an ordinary word of a language, be it a name besides or not.
    func isOrdinaryWord(_ word: String) -> Bool
}

/// Lists of words, as files hold them: one a line, `#` begins a comment.
public struct WordLists: ColumnLexicon {
    private let given: Set<String>
    private let surnames: Set<String>
    private let places: Set<String>
    private let ordinary: Set<String>

    /// - Parameters: UTF-8 of the files; an empty one is a list without words.
    public init(given: [UInt8], surnames: [UInt8], places: [UInt8] = [], ordinary: [UInt8] = []) {
        self.given = Self.words(given)
        self.surnames = Self.words(surnames)
        self.places = Self.words(places)
        self.ordinary = Self.words(ordinary)
    }

    public func isGivenName(_ word: String) -> Bool { given.contains(word) }
    public func isSurname(_ word: String) -> Bool { surnames.contains(word) }
    public func isPlace(_ name: String) -> Bool { places.contains(name) }
    public func isOrdinaryWord(_ word: String) -> Bool { ordinary.contains(word) }

    private static func words(_ bytes: [UInt8]) -> Set<String> {
        var words: Set<String> = []
        for line in bytes.split(separator: 0x0A) where line.first != 0x23 {
            let text = ColumnText(line)
            let word = text.tokens.map(\.text).joined(separator: " ")
            if !word.isEmpty { words.insert(word) }
        }
        return words
    }
}
