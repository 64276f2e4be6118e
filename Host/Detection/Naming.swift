/// What the words in front of a value call it, as a set: `Driver's licence no.` is `driver` and `licence`.
struct Naming: OptionSet, Sendable {
    let rawValue: UInt64

    static let birth = Naming(rawValue: 1 << 0)
    static let password = Naming(rawValue: 1 << 1)
    static let key = Naming(rawValue: 1 << 2)
    /// A word after which nothing but a secret stands: token, secret, bearer.
    static let secret = Naming(rawValue: 1 << 3)
    /// A word that makes a key a secret one: api, access, private.
    static let keyKind = Naming(rawValue: 1 << 4)
    static let latitude = Naming(rawValue: 1 << 5)
    static let longitude = Naming(rawValue: 1 << 6)
    static let position = Naming(rawValue: 1 << 7)
    static let passport = Naming(rawValue: 1 << 8)
    static let licence = Naming(rawValue: 1 << 9)
    static let driver = Naming(rawValue: 1 << 10)
    static let account = Naming(rawValue: 1 << 11)
    static let routing = Naming(rawValue: 1 << 12)
    static let sort = Naming(rawValue: 1 << 13)
    static let bsb = Naming(rawValue: 1 << 14)
    static let ifsc = Naming(rawValue: 1 << 15)
    static let transit = Naming(rawValue: 1 << 16)
    static let blz = Naming(rawValue: 1 << 17)
    static let clabe = Naming(rawValue: 1 << 18)
    static let swift = Naming(rawValue: 1 << 19)
    static let crypto = Naming(rawValue: 1 << 20)
    static let medicalRecord = Naming(rawValue: 1 << 21)
    static let medical = Naming(rawValue: 1 << 22)
    static let record = Naming(rawValue: 1 << 23)
    static let npi = Naming(rawValue: 1 << 24)
    static let dea = Naming(rawValue: 1 << 25)
    static let beneficiary = Naming(rawValue: 1 << 26)
    static let insurance = Naming(rawValue: 1 << 27)
    static let employee = Naming(rawValue: 1 << 28)
    static let national = Naming(rawValue: 1 << 29)
    static let ein = Naming(rawValue: 1 << 30)
    /// `number`, `id`, `no`: says that what follows is an identifier.
    static let number = Naming(rawValue: 1 << 31)
    static let bank = Naming(rawValue: 1 << 32)
    static let tax = Naming(rawValue: 1 << 33)
    /// `dl`, which also names parts of programs.
    static let abbreviatedLicence = Naming(rawValue: 1 << 35)
    /// Names something else; what stands in front of it names that.
    static let other = Naming(rawValue: 1 << 34)

    /// What the nearest words in front of a place say, at most 72 bytes away; single letters do not count.
    ///
    /// A digit ends them, so does an empty line, and so does a word that names something else: `born 1980, hired 2001`
    /// names no second birth.
    ///
    /// - Parameter wraps: whether a sentence may go on from the line above; if not, that line counts when it is a label.
    static func before(_ text: Text, _ place: Int, words: Int = 8, wraps: Bool = true) -> Naming {
        var at = place
        let limit = max(0, place - 72)
        var found: Naming = []
        var count = 0
        while count < words {
            var lines = 0
            while at > limit, !text.isLetter(at - 1) {
                let byte = text[at - 1]
                if byte &- 0x30 < 10 { return found }
                if byte == 0x0A {
                    lines += 1
                    if lines > 1 || (!wraps && !isLabel(text, endingAt: at - 1)) { return found }
                }
                at -= 1
            }
            let end = at
            while at > limit, text.isLetter(at - 1) { at -= 1 }
            guard end > at, at > limit || at == 0 else { return found }
            var start = at
            // `\n` and its kin, as JSON writes them.
            if text.at(at - 1) == 0x5C, end - at > 1 { start += 1 }
            if end - start > 1 { count += 1 }
            let word = word(text, start, end)
            if word.contains(.other) { return found }
            found.formUnion(word)
        }
        return found
    }

    /// Whether the line that ends at a place is as short as a label on a form.
    private static func isLabel(_ text: Text, endingAt end: Int) -> Bool {
        let least = max(0, end - 28)
        return least == 0 || (least..<end).contains { text[$0] == 0x0A }
    }

    /// What the word directly behind a place says, a blank or a bracket between them: `1990-01-02 (DOB)`.
    static func after(_ text: Text, _ place: Int) -> Naming {
        var at = place
        while at < place + 3, text.at(at) == 0x20 || text.at(at) == 0x28 { at += 1 }
        let start = at
        while at < start + 24, text.isLetter(at) { at += 1 }
        return at > start ? word(text, start, at) : []
    }

    /// What one word says; where it says nothing, what its parts do: `passportNumber`.
    static func word(_ text: Text, _ start: Int, _ end: Int) -> Naming {
        // The alliance is not the Italian word for born.
        if end - start == 4, Secrets.matches(text, start, "NATO") { return [] }
        let whole = look(text, start, end)
        if whole != [] { return whole }
        var found: Naming = []
        var partStart = start
        for place in start..<end where place > start {
            let isHump = text[place] &- 0x41 < 26 && text[place - 1] &- 0x61 < 26
            if isHump {
                found.formUnion(look(text, partStart, place))
                partStart = place
            }
        }
        return partStart > start ? found.union(look(text, partStart, end)) : []
    }

    /// The hash of a word in a text.
    static func hash(_ text: Text, _ start: Int, _ end: Int) -> UInt64 {
        var hash = Self.seed
        var previous: UInt8 = 0
        for place in start..<end {
            let byte = text[place]
            hash = (hash ^ UInt64(lower(byte, behind: previous))) &* Self.prime
            previous = byte
        }
        return hash
    }

    private static func look(_ text: Text, _ start: Int, _ end: Int) -> Naming {
        guard end - start >= 2, end - start <= 40 else { return [] }
        // Nine words in ten are told by their length and the last two bytes.
        let sign = Self.sign(text[end - 2], text[end - 1], end - start)
        guard endings[sign >> 6] &>> UInt64(sign & 63) & 1 == 1 else { return [] }
        let hash = hash(text, start, end)
        let table = Self.table
        var slot = Int(truncatingIfNeeded: hash >> 20) & table.mask
        while table.keys[slot] != 0 {
            if table.keys[slot] == hash { return table.values[slot] }
            slot = (slot + 1) & table.mask
        }
        return []
    }

    // MARK: Words

    private static func sign(_ byte: UInt8, _ last: UInt8, _ count: Int) -> Int {
        // Letters differ in the lower five bits; so do the bytes of other scripts.
        (Int(byte & 31) << 5 | Int(last & 31)) ^ (count & 7) << 9
    }

    /// A bit for each sign that a word of the lists has.
    private static let endings: InlineArray<64, UInt64> = {
        var bits = InlineArray<64, UInt64>(repeating: 0)
        for (_, words) in NamingWords.all {
            for word in words.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
                let bytes = Array(word.utf8)
                guard bytes.count >= 2 else { continue }
                let sign = sign(bytes[bytes.count - 2], bytes[bytes.count - 1], bytes.count)
                bits[sign >> 6] |= 1 << UInt64(sign & 63)
            }
        }
        return bits
    }()

    private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325
    private static let prime: UInt64 = 0x100_0000_01B3

    /// Small letters of ASCII, Latin-1 and the Russian alphabet's first half; in UTF-8 each is the byte that differs.
    static func lower(_ byte: UInt8, behind previous: UInt8) -> UInt8 {
        if byte &- 0x41 < 26 { return byte + 32 }
        if previous == 0xC3, byte &- 0x80 < 0x1F, byte != 0x97 { return byte + 0x20 }
        if previous == 0xD0, byte &- 0x90 < 0x10 { return byte + 0x20 }
        return byte
    }

    /// The hash of a word as `look` makes it.
    static func hash(_ word: some Sequence<UInt8>) -> UInt64 {
        var previous: UInt8 = 0
        return word.reduce(seed) { hash, byte in
            let small = lower(byte, behind: previous)
            previous = byte
            return (hash ^ UInt64(small)) &* prime
        }
    }

    /// Open addressing over the words' hashes (FNV-1a).
    private struct Table: Sendable {
        var keys: [UInt64]
        var values: [Naming]
        let mask: Int
    }

    private static let table: Table = {
        let size = 4096
        var table = Table(
            keys: [UInt64](repeating: 0, count: size), values: [Naming](repeating: [], count: size), mask: size - 1)
        for (naming, words) in NamingWords.all {
            for word in words.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
                let hash = hash(word.utf8)
                var slot = Int(truncatingIfNeeded: hash >> 20) & table.mask
                while table.keys[slot] != 0, table.keys[slot] != hash { slot = (slot + 1) & table.mask }
                table.keys[slot] = hash
                table.values[slot].formUnion(naming)
            }
        }
        return table
    }()
}
