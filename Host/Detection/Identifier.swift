/// Letters and digits in a row, as offices number people: `MRN-1026591`, `D123-4567-8901`, `P 1234567`.
struct Identifier {
    let start: Int
    let end: Int
    /// Its letters, as capitals, and its digits; the signs between them are left out.
    let compact: [UInt8]
    /// `A` for a letter, `9` for a digit.
    let shape: [UInt8]
    let digitCount: Int
    let hasBlanks: Bool
    /// What the letters in front of its first dash say: `MRN-`.
    let prefix: Naming
    /// What the words in front of it say.
    let naming: Naming
    /// What the last of these says.
    let nearest: Naming

    /// The identifier whose first digit is at `place`; nil when it has fewer than four digits or is a part of a word.
    init?(_ text: Text, at place: Int) {
        var start = place
        while start > 0, place - start < 16 {
            if text.isASCIILetter(start - 1) {
                start -= 1
            } else if text[start - 1] == 0x2D || text[start - 1] == 0x5F, text.isASCIILetter(start - 2) {
                start -= 1
            } else {
                break
            }
        }
        // A digit further left in the same token has asked already.
        let previous = text.at(start - 1)
        guard !text.isDigit(start - 1),
            !((previous == 0x2D || previous == 0x2E || previous == 0x2F) && text.isWord(start - 2))
        else { return nil }
        if previous == 0x5C, start < place, [0x6E, 0x72, 0x74].contains(text[start]) { start += 1 }
        guard !text.isWord(start - 1) || text.at(start - 2) == 0x5C, place - start < 16 else { return nil }
        // Its bounds and what names it; its signs only when something does.
        var digitCount = 0
        var count = 0
        var at = start
        var prefix: Naming = []
        var groups = 0
        var hasBlanks = false
        while at < text.count, count <= 24 {
            let byte = text[at]
            if byte &- 0x30 < 10 {
                digitCount += 1
                count += 1
            } else if (byte | 0x20) &- 0x61 < 26 {
                count += 1
            } else if byte == 0x2D || byte == 0x5F || byte == 0x20, count > 0, groups < 6 {
                let isNext =
                    byte == 0x20 ? Self.isGroup(text, at + 1) : text.isDigit(at + 1) || text.isASCIILetter(at + 1)
                guard isNext else { break }
                if digitCount == 0, groups == 0, byte != 0x20 { prefix = Naming.word(text, start, at) }
                groups += 1
                if byte == 0x20 { hasBlanks = true }
            } else {
                break
            }
            at += 1
        }
        guard digitCount >= 4, count <= 24, !text.isWord(at), !prefix.contains(.other) else { return nil }
        let naming = Naming.before(text, start, words: 5, wraps: false)
        let isNamed = !naming.union(prefix).isDisjoint(with: Self.naming)
        guard isNamed || (digitCount < count && (count == 11 || count == 16)),
            DateForm.span(text, at: place, isNamed: false) == nil
        else { return nil }
        var compact: [UInt8] = []
        compact.reserveCapacity(count)
        for place in start..<at {
            let byte = text[place]
            if byte &- 0x30 < 10 {
                compact.append(byte)
            } else if (byte | 0x20) &- 0x61 < 26 {
                compact.append(byte & 0xDF)
            }
        }
        self.start = start
        self.end = at
        self.compact = compact
        shape = compact.map { $0 < 0x3A ? 0x39 : 0x41 }
        self.digitCount = digitCount
        self.prefix = prefix
        self.hasBlanks = hasBlanks
        self.naming = naming
        nearest = Naming.before(text, start, words: 1, wraps: false)
    }

    /// What can name an identifier.
    private static let naming: Naming = [
        .passport, .licence, .driver, .abbreviatedLicence, .account, .routing, .sort, .bsb, .ifsc, .transit, .blz,
        .clabe,
        .medicalRecord, .medical, .npi, .dea, .beneficiary, .insurance, .employee, .national, .ein,
    ]

    /// Behind a blank, digits alone go on with a number.
    private static func isGroup(_ text: Text, _ place: Int) -> Bool {
        var at = place
        while at < place + 8, text.isDigit(at) { at += 1 }
        return at - place >= 2 && !text.isWord(at) && text.at(at) != 0x3A && text.at(at) != 0x2E
            && text.at(at) != 0x2F
    }

    /// Whether `DL` and a blank or a colon stand in front, and it has a letter or seven digits.
    var isBehindAbbreviation: Bool { nearest.contains(.abbreviatedLicence) && (digitCount >= 7 || !isDigits) }

    var digits: [UInt8] { compact.filter { $0 < 0x3A }.map { $0 - 0x30 } }
    var isDigits: Bool { digitCount == compact.count }

    /// Whether it is written as one of the shapes; `*` stands for either.
    func fits(_ shapes: [[UInt8]]) -> Bool {
        shapes.contains { wanted in
            wanted.count == shape.count && zip(wanted, shape).allSatisfy { $0 == $1 || $0 == 0x2A }
        }
    }

    /// Shapes from a table: `A9{7}` is a letter and seven digits, `9{7,9}` seven to nine.
    static func shapes(_ table: String) -> [[UInt8]] {
        table.split(separator: " ").flatMap { entry -> [[UInt8]] in
            var shapes: [[UInt8]] = [[]]
            var at = entry.utf8.startIndex
            while at < entry.utf8.endIndex {
                let sign = entry.utf8[at]
                at = entry.utf8.index(after: at)
                var counts = [1]
                if at < entry.utf8.endIndex, entry.utf8[at] == 0x7B, let close = entry[at...].utf8.firstIndex(of: 0x7D)
                {
                    let bounds = entry[entry.utf8.index(after: at)..<close].split(separator: ",").compactMap { Int($0) }
                    counts = Array((bounds.first ?? 1)...(bounds.last ?? 1))
                    at = entry.utf8.index(after: close)
                }
                shapes = shapes.flatMap { shape in counts.map { shape + [UInt8](repeating: sign, count: $0) } }
            }
            return shapes
        }
    }

    func entity(_ type: EntityType, _ score: Double, _ evidence: String) -> Entity {
        Entity(type: type, start: start, end: end, score: score, evidence: evidence)
    }
}
