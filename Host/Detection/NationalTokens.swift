/// Identity numbers that mix letters and digits: a token of fixed length with a pattern, most with a check character.
struct NationalToken: Sendable {
    let type: EntityType
    /// `A` a letter, `9` a digit, `*` either.
    let patterns: [String]
    /// Over upper-case letters and digits.
    let isValid: @Sendable ([UInt8]) -> Bool
    let words: Set<String>
    /// The score of one that no word names.
    let alone: Double

    private init(
        _ type: EntityType, _ patterns: [String], alone: Double, _ words: String,
        _ isValid: @escaping @Sendable ([UInt8]) -> Bool
    ) {
        self.type = type
        self.patterns = patterns
        self.alone = alone
        self.words = Set(words.split(separator: " ").map(String.init))
        self.isValid = isValid
    }

    static let longest = 18

    /// The identity number that the token around `place` is; a digit stands there.
    static func entity(_ text: Text, at place: Int) -> Entity? {
        var start = place
        while start > 0, place - start <= longest, text.isDigit(start - 1) || text.isASCIILetter(start - 1) {
            start -= 1
        }
        var end = place
        var letters = start < place ? 1 : 0
        while end < text.count, end - start <= longest {
            if text.isASCIILetter(end) { letters += 1 } else if !text.isDigit(end) { break }
            end += 1
        }
        // A sign may part the last character: 12.345.678-5 is not ours, 131052-308T and 12345678-Z are.
        if letters == 0 || (7...9).contains(end - start) || end - start == 6 {
            if let found = signed(text, start: start, end: end) { return found }
        }
        // Chile and China give out some that are digits alone.
        guard letters > 0 || end - start == 9 || end - start == 18, (8...longest).contains(end - start),
            !text.isWord(start - 1), !text.isWord(end)
        else {
            return nil
        }
        return match(text, start: start, end: end, skipping: nil)
    }

    /// One with a sign inside, which does not count.
    private static func signed(_ text: Text, start: Int, end: Int) -> Entity? {
        guard text.at(end) == 0x2D || text.at(end) == 0x2B || text.at(end) == 0x41, !text.isWord(start - 1) else {
            return nil
        }
        var at = end + 1
        while at < text.count, at - end <= 5, text.isDigit(at) || text.isASCIILetter(at) { at += 1 }
        guard at > end + 1, !text.isWord(at) else { return nil }
        return match(text, start: start, end: at, skipping: end)
    }

    private static func match(_ text: Text, start: Int, end: Int, skipping sign: Int?) -> Entity? {
        let count = end - start - (sign == nil ? 0 : 1)
        guard count < byCount.count, !byCount[count].isEmpty else { return nil }
        // One bit each for the characters that are letters, the first lowest.
        var letters: UInt32 = 0
        var bit: UInt32 = 1
        for place in start..<end where place != sign {
            if text[place] >= 0x41 { letters |= bit }
            bit <<= 1
        }
        var hints = Hints(text, before: start)
        var token: [UInt8] = []
        var best: Entity?
        for pattern in byCount[count] where pattern.fits(letters) {
            let candidate = all[pattern.place]
            let isNamed = hints.names().contains(WordTable.place(token: pattern.place))
            let score = isNamed ? 0.95 : candidate.alone
            guard score > best?.score ?? 0 else { continue }
            if token.isEmpty {
                for place in start..<end where place != sign {
                    let byte = text[place]
                    token.append((0x61...0x7A).contains(byte) ? byte - 32 : byte)
                }
            }
            guard candidate.isValid(token) else { continue }
            best = Entity(
                type: candidate.type, start: start, end: end, score: score,
                evidence: isNamed ? "form and word" : "form")
        }
        return best
    }

    /// A pattern as bits for the characters that must be letters, and for those that must not.
    private struct Pattern: Sendable {
        let place: Int
        private var letters: UInt32 = 0
        private var digits: UInt32 = 0

        init(_ text: String, place: Int) {
            self.place = place
            for (shift, sign) in text.utf8.enumerated() {
                if sign == 0x41 { letters |= 1 << UInt32(shift) }
                if sign == 0x39 { digits |= 1 << UInt32(shift) }
            }
        }

        func fits(_ found: UInt32) -> Bool { found & letters == letters && found & digits == 0 }
    }

    /// For each number of characters: the patterns that have so many, with the token's place in `all`, in its order.
    private static let byCount: [[Pattern]] = {
        var byCount = [[Pattern]](repeating: [], count: longest + 1)
        for (place, token) in all.enumerated() {
            for pattern in token.patterns { byCount[pattern.utf8.count].append(Pattern(pattern, place: place)) }
        }
        return byCount
    }()

    // MARK: The table

    static let all: [NationalToken] = [
        NationalToken(.gbNINO, ["AA999999A"], alone: 0.8, "nino ni national insurance") { token in
            let refused = Array("DFIQUV".utf8)
            let pairs = ["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"].map { Array($0.utf8) }
            return !refused.contains(token[0]) && !refused.contains(token[1]) && token[1] != 0x4F
                && !pairs.contains(Array(token[0...1])) && (0x41...0x44).contains(token[8])
        },
        NationalToken(.esDNI, ["99999999A"], alone: 0.8, "dni nif documento") { isSpanish(number($0[0..<8]), $0[8]) },
        NationalToken(.esNIE, ["A9999999A"], alone: 0.85, "nie extranjero") {
            (0x58...0x5A).contains($0[0]) && isSpanish(Int($0[0] - 0x58) * 10_000_000 + number($0[1..<8]), $0[8])
        },
        NationalToken(.itCodiceFiscale, ["AAAAAA99A99A999A"], alone: 0.95, "codice fiscale cf") { isItalian($0) },
        NationalToken(.fiHETU, ["999999999A", "9999999999"], alone: 0.85, "hetu henkilötunnus henkilotunnus") { token in
            let signs = Array("0123456789ABCDEFHJKLMNPRSTUVWXY".utf8)
            return signs[number(token[0..<9]) % 31] == token[9] && (1...31).contains(number(token[0..<2]))
                && (1...12).contains(number(token[2..<4]))
        },
        NationalToken(.iePPS, ["9999999A", "9999999AA"], alone: 0, "pps ppsn") { isIrish($0) },
        NationalToken(.inPAN, ["AAAAA9999A"], alone: 0.7, "pan permanent") {
            Array("ABCFGHLJPTK".utf8).contains($0[3])
        },
        NationalToken(.mxCURP, ["AAAA999999AAAAAA*9"], alone: 0.95, "curp") { $0[10] == 0x48 || $0[10] == 0x4D },
        NationalToken(.clRUT, ["99999999A", "999999999"], alone: 0, "rut run rol") { token in
            var sum = 0
            for (place, byte) in token[0..<8].reversed().enumerated() { sum += Int(byte - 0x30) * (2 + place % 6) }
            let check = (11 - sum % 11) % 11
            return token[8] == (check == 10 ? 0x4B : 0x30 + UInt8(check))
        },
        NationalToken(.cnResidentID, ["999999999999999999", "99999999999999999A"], alone: 0.9, "身份证 resident") {
            token in
            let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
            let sum = CheckDigits.weighted(token[0..<17].map { $0 - 0x30 }, weights)
            let month = number(token[10..<12])
            return Array("10X98765432".utf8)[sum % 11] == token[17] && (1...12).contains(month)
                && (1800...2100).contains(number(token[6..<10]))
        },
        NationalToken(.sgNRIC, ["A9999999A"], alone: 0.85, "nric fin") { token in
            let sum = CheckDigits.weighted(token[1..<8].map { $0 - 0x30 }, [2, 7, 6, 5, 4, 3, 2])
            switch token[0] {
            case 0x53: return Array("JZIHGFEDCBA".utf8)[sum % 11] == token[8]  // S
            case 0x54: return Array("JZIHGFEDCBA".utf8)[(sum + 4) % 11] == token[8]  // T
            case 0x46: return Array("XWUTRQPNMLK".utf8)[sum % 11] == token[8]  // F
            case 0x47: return Array("XWUTRQPNMLK".utf8)[(sum + 4) % 11] == token[8]  // G
            default: return false
            }
        },
        NationalToken(.twID, ["A999999999"], alone: 0.75, "身分證 national") { token in
            let values = [
                10, 11, 12, 13, 14, 15, 16, 17, 34, 18, 19, 20, 21, 22, 35, 23, 24, 25, 26, 27, 28, 29, 32, 30, 31, 33,
            ]
            let letter = values[Int(token[0] - 0x41)]
            let sum = CheckDigits.weighted(token[1...].map { $0 - 0x30 }, [8, 7, 6, 5, 4, 3, 2, 1, 1])
            return (1...2).contains(token[1] - 0x30) && (letter / 10 + letter % 10 * 9 + sum) % 10 == 0
        },
    ]

    private static func number(_ digits: ArraySlice<UInt8>) -> Int {
        digits.reduce(0) { $0 * 10 + Int($1) - 0x30 }
    }

    private static func isSpanish(_ number: Int, _ letter: UInt8) -> Bool {
        Array("TRWAGMYFPDXBNJZSQVHLCKE".utf8)[number % 23] == letter
    }

    /// Decreto ministeriale 12 marzo 1974, table of odd places.
    private static func isItalian(_ token: [UInt8]) -> Bool {
        let odd = [
            1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
        ]
        var sum = 0
        for (place, byte) in token[0..<15].enumerated() {
            let value = byte >= 0x41 ? Int(byte - 0x41) : Int(byte - 0x30)
            sum += place % 2 == 0 ? odd[value] : value
        }
        return token[15] == 0x41 + UInt8(sum % 26)
    }

    private static func isIrish(_ token: [UInt8]) -> Bool {
        var sum = CheckDigits.weighted(token[0..<7].map { $0 - 0x30 }, [8, 7, 6, 5, 4, 3, 2])
        if token.count == 9 { sum += Int(token[8] == 0x57 ? 0 : token[8] - 0x40) * 9 }
        let check = sum % 23
        return token[7] == (check == 0 ? 0x57 : 0x40 + UInt8(check))
    }
}
