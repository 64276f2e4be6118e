extension Lexicon: ColumnLexicon {
    public func isGivenName(_ word: String) -> Bool { classes(Self.hash(word)).given > 0 }
    public func isSurname(_ word: String) -> Bool { classes(Self.hash(word)).family > 0 }

    /// Towns that few know bear the names of people: only the greater ones count.
    public func isPlace(_ name: String) -> Bool {
        var phrase: UInt64?
        for word in name.split(separator: " ") {
            let hash = Self.hash(word)
            phrase = phrase.map { Self.join($0, hash) } ?? hash
        }
        guard let phrase else { return false }
        let found = classes(phrase)
        return found.city > 1 || !found.isDisjoint(with: [.country, .state])
    }

    public func isOrdinaryWord(_ word: String) -> Bool { classes(Self.hash(word)).word > 1 }

    private static func hash(_ word: some StringProtocol) -> UInt64 {
        word.unicodeScalars.reduce(seed) { step($0, $1.value) }
    }
}
