/// A set of identity numbers, by their place in `WordTable.shared`.
struct Names: Sendable {
    private var bits: UInt128 = 0

    /// At most 128 of them.
    init(_ place: Int? = nil) { if let place { bits = 1 << UInt128(place) } }

    mutating func formUnion(_ other: Names) { bits |= other.bits }
    func contains(_ place: Int) -> Bool { bits >> UInt128(place) & 1 == 1 }
    var isEmpty: Bool { bits == 0 }
}

/// All words that tell what a number is, looked up by their bytes without a copy.
struct WordTable: Sendable {
    /// Longest word that names an identity number, in bytes.
    static let longest = 32
    /// Longest word of `ContextWord`'s lists.
    private static let longestContext = 24

    static let shared = WordTable()

    private struct Entry: Sendable {
        var hash: UInt64 = 0
        var word: [UInt8] = []
        var context: ContextWord?
        var names = Names()
    }

    /// Open addressing; a power of two, at most half full. An entry without a word is free.
    private let entries: [Entry]
    /// Words with letters outside of ASCII, whose case and composition only the Unicode tables know.
    private let others: [String: Names]

    private init() {
        var entries = [Entry](repeating: Entry(), count: 1024)
        var others: [String: Names] = [:]
        func add(_ word: [UInt8], _ change: (inout Entry) -> Void) {
            let hash = Self.hash(word)
            var slot = Int(hash & UInt64(entries.count - 1))
            while !entries[slot].word.isEmpty, entries[slot].word != word { slot = (slot + 1) & (entries.count - 1) }
            entries[slot].hash = hash
            entries[slot].word = word
            change(&entries[slot])
        }
        for (context, list) in ContextWord.lists {
            for word in list.split(separator: " ") { add(Array(word.utf8)) { $0.context = context } }
        }
        let lists = NationalNumber.all.map(\.words) + NationalToken.all.map(\.words)
        for (place, list) in lists.enumerated() {
            for word in list {
                if word.utf8.allSatisfy({ $0 < 0x80 }) {
                    add(Array(word.utf8)) { $0.names.formUnion(Names(place)) }
                } else {
                    others[word, default: Names()].formUnion(Names(place))
                }
            }
        }
        self.entries = entries
        self.others = others
    }

    /// The place of an identity number in `Names`.
    static func place(number: Int) -> Int { number }
    static func place(token: Int) -> Int { NationalNumber.all.count + token }

    func context(_ text: Text, _ word: Range<Int>) -> ContextWord? { lookUp(text, word).context }

    /// What a word of the text says, in either case.
    func lookUp(_ text: Text, _ word: Range<Int>) -> (context: ContextWord?, names: Names) {
        guard word.count <= Self.longest else { return (nil, Names()) }
        var hash = Self.seed
        var all: UInt8 = 0
        for place in word {
            all |= text[place]
            hash = Self.step(hash, Self.lower(text[place]))
        }
        let found = entry(text, word, hash)
        let context = word.count <= Self.longestContext ? found.context : nil
        guard all >= 0x80 else { return (context, found.names) }
        return (context, others[Self.lowercased(text, word)] ?? Names())
    }

    private func entry(_ text: Text, _ word: Range<Int>, _ hash: UInt64) -> (context: ContextWord?, names: Names) {
        // A slot is always within the table, and the text's bytes are those of the range: no check is needed twice.
        entries.withUnsafeBufferPointer { entries in
            var slot = Int(hash & UInt64(entries.count - 1))
            while !entries[slot].word.isEmpty {
                if entries[slot].hash == hash, entries[slot].word.count == word.count,
                    zip(entries[slot].word, word).allSatisfy({ $0 == Self.lower(text[$1]) })
                {
                    return (entries[slot].context, entries[slot].names)
                }
                slot = (slot + 1) & (entries.count - 1)
            }
            return (nil, Names())
        }
    }

    static func lowercased(_ text: Text, _ word: Range<Int>) -> String {
        String(decoding: word.map { text[$0] }, as: UTF8.self).lowercased()
    }

    private static func lower(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte + 32 : byte }

    // FNV-1a, 64 bits: of words alone, which nobody outside chooses.
    private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325
    private static func step(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    private static func hash(_ word: [UInt8]) -> UInt64 { word.reduce(seed, step) }
}
