/// The words of a column's name, and what they say.
public struct ColumnHeader: Sendable {
    /// Lower case, Latin letters without marks, `camelCase` and glued words parted.
    let words: [String]
    let set: Set<String>
    /// A name that a program gave, which says nothing: `column_3`, `c0`, `Unnamed: 2`, or none.
    let isGeneric: Bool

    /// - Parameter name: as it stands in the table.
    public init(_ name: String) {
        var parted: [String] = []
        for piece in Self.pieces(name) { parted += Self.unglued(piece) }
        // A letter that was lost parts a word: direcci_n, tel_fono, g_nero.
        var words: [String] = []
        var at = 0
        while at < parted.count {
            if at + 1 < parted.count, Self.rejoined.contains(parted[at] + parted[at + 1]) {
                words.append(parted[at] + parted[at + 1])
                at += 2
            } else {
                words.append(parted[at])
                at += 1
            }
        }
        self.words = words
        set = Set(words)
        isGeneric =
            words.allSatisfy { word in Self.generic.contains(word) || word.utf8.allSatisfy { $0 &- 0x30 < 10 } }
            || (words.count <= 2 && words.first.map { $0.utf8.count == 1 } == true
                && words.dropFirst().allSatisfy { $0.utf8.allSatisfy { $0 &- 0x30 < 10 } })
    }

    func has(_ list: Set<String>) -> Bool { !set.isDisjoint(with: list) }
    func has(_ words: String...) -> Bool { words.contains { set.contains($0) } }
    func hasAll(_ words: String...) -> Bool { words.allSatisfy { set.contains($0) } }
    /// Whether two words stand beside each other.
    func pair(_ first: String, _ second: String) -> Bool {
        zip(words, words.dropFirst()).contains { $0 == first && $1 == second }
    }

    private static let generic = HeaderVocabulary.list(
        "column col field f v var variable unnamed x c attribute attr spalte campo colonne value unknown untitled")
    private static let rejoined = HeaderVocabulary.list(
        """
        direccin telfono telfonos gnero nmero electrnico electronico cdula tnica pertenenciatnica ubicacin email
        identificacin
        """)

    /// Words where separators, camel case and digits part them.
    private static func pieces(_ name: String) -> [String] {
        var pieces: [String] = []
        var word: [Unicode.Scalar] = []
        var before: Unicode.Scalar?
        let scalars = Array(name.unicodeScalars.prefix(200))
        func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar.value &- 0x30 < 10 }
        func flush() {
            guard !word.isEmpty else { return }
            let text = String(String.UnicodeScalarView(word))
            pieces += ColumnText(text.utf8).tokens.map(\.text)
            word = []
        }
        for (place, scalar) in scalars.enumerated() {
            defer { before = scalar }
            guard scalar.properties.isAlphabetic || isDigit(scalar) || (0x300...0x36F).contains(scalar.value) else {
                flush()
                continue
            }
            if let last = before, !word.isEmpty {
                let isHump =
                    scalar.properties.isUppercase
                    && (last.properties.isLowercase
                        || (last.properties.isUppercase && place + 1 < scalars.count
                            && scalars[place + 1].properties.isLowercase))
                if isHump || isDigit(last) != isDigit(scalar) { flush() }
            }
            word.append(scalar)
        }
        flush()
        return pieces
    }

    /// A word that ends or begins with one that headers are made of, in two.
    private static func unglued(_ word: String) -> [String] {
        guard word.utf8.count > 5, !HeaderVocabulary.notGlued.contains(word), !known.contains(word) else {
            return [word]
        }
        if word.hasSuffix("id"), known.contains(String(word.dropLast(2))) { return [String(word.dropLast(2)), "id"] }
        for key in HeaderVocabulary.glued where word.utf8.count > key.utf8.count + 1 {
            let rest = word.utf8.count - key.utf8.count
            if word.hasSuffix(key), rest >= 3 || key.utf8.count >= 7 {
                return unglued(String(word.dropLast(key.count))) + [key]
            }
            if word.hasPrefix(key), key.utf8.count >= 4, rest >= 3 || key.utf8.count >= 7 {
                return [key] + unglued(String(word.dropFirst(key.count)))
            }
        }
        // `boardchair`, `projectliaison`: a role behind another word.
        for count in stride(from: word.count - 4, through: 6, by: -1) {
            let role = String(word.suffix(count))
            if HeaderVocabulary.roles.contains(role) { return [String(word.dropLast(count)), role] }
        }
        return [word]
    }

    /// Words of one piece that the glued ones are parts of.
    private static let known: Set<String> = {
        typealias Words = HeaderVocabulary
        return Words.email.union(Words.phone).union(Words.address).union(Words.given).union(Words.family)
            .union(Words.middle).union(Words.name).union(Words.roles).union(Words.things).union(Words.gender)
            .union(Words.race).union(Words.birth).union(Words.place).union(Words.organization)
    }()
}

/// The headers of a table, read once, for the columns to see their neighbours.
public struct ColumnTable: Sendable {
    let name: ColumnHeader
    let headers: [ColumnHeader]
    /// Every word of any header.
    let words: Set<String>

    /// - Parameters:
    ///   - name: of the table; may be empty.
    ///   - headers: of all columns, in order.
    public init(name: String = "", headers: [String]) {
        self.name = ColumnHeader(name)
        self.headers = headers.map(ColumnHeader.init)
        words = self.headers.reduce(into: []) { $0.formUnion($1.set) }
    }

    func has(_ list: Set<String>) -> Bool { !words.isDisjoint(with: list) }
    /// Whether the table is about animals, which have an age and a sex too.
    var isOfAnimals: Bool { has(HeaderVocabulary.animals) || name.has(HeaderVocabulary.animals) }
    /// The headers at most two places away.
    func around(_ place: Int) -> [ColumnHeader] {
        headers.indices.filter { $0 != place && abs($0 - place) <= 2 }.map { headers[$0] }
    }
}
