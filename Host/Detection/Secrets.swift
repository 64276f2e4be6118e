/// Keys and tokens whose issuers gave them a beginning of their own, signed tokens, and blocks of private keys.
enum Secrets {
    /// What a prefix must be followed by.
    private struct Rule: Sendable {
        let prefix: [UInt8]
        let signs: Signs
        /// Signs behind the prefix.
        let least: Int
        let most: Int
    }

    private enum Signs: Character, Sendable {
        case alphanumeric = "a"
        case hexadecimal = "h"
        /// Capital letters and digits.
        case upper = "u"
        /// Letters, digits, `-` and `_` (RFC 4648 §5).
        case url = "w"
        /// As before, and the dot.
        case dotted = "."
        /// As before, and `+`, `/` and `=`.
        case base64 = "6"

        func allow(_ byte: UInt8) -> Bool {
            let isDigit = byte &- 0x30 < 10
            switch self {
            case .alphanumeric: return isDigit || (byte | 0x20) &- 0x61 < 26
            case .hexadecimal: return isDigit || (byte | 0x20) &- 0x61 < 6
            case .upper: return isDigit || byte &- 0x41 < 26
            case .url: return isDigit || (byte | 0x20) &- 0x61 < 26 || byte == 0x2D || byte == 0x5F
            case .dotted: return isDigit || (byte | 0x20) &- 0x61 < 26 || byte == 0x2D || byte == 0x5F || byte == 0x2E
            case .base64:
                return isDigit || (byte | 0x20) &- 0x61 < 26 || byte == 0x2D || byte == 0x5F || byte == 0x2E
                    || byte == 0x2B || byte == 0x2F || byte == 0x3D
            }
        }
    }

    /// The key whose first digit is at `place`.
    static func key(_ text: Text, at place: Int) -> Entity? {
        // A digit further left in the same token has asked already.
        var start = place
        while start > 0, place - start < 80, Signs.dotted.allow(text[start - 1]) {
            start -= 1
            if text.isDigit(start) { return nil }
        }
        if text.at(start - 1) == 0x5C, start < place, [0x6E, 0x72, 0x74].contains(text[start]) { start += 1 }
        // Too short for any of them.
        guard Signs.base64.allow(text.at(place + 1)) || place > start else { return nil }
        if start == place, text.at(start - 1) == 0x2E || text.at(start - 1) == 0x2D { return nil }
        var at = start
        while at <= place {
            if let entity = token(text, at: at) { return entity }
            // Behind a dot or a dash a token may begin as well.
            while at < place, text[at] != 0x2E, text[at] != 0x2D { at += 1 }
            at += 1
        }
        return nil
    }

    /// The key that begins at `start`.
    private static func token(_ text: Text, at start: Int) -> Entity? {
        let first = text.at(start)
        if first == 0x65, text.at(start + 1) == 0x79, text.at(start + 2) == 0x4A { return signed(text, at: start) }
        if text.isDigit(start) { return bot(text, at: start) }
        guard first < 0x80 else { return nil }
        for rule in rules[Int(first)] {
            let length = rule.prefix.count
            guard (1..<length).allSatisfy({ text.at(start + $0) == rule.prefix[$0] }) else { continue }
            var end = start + length
            while end < text.count, end - start - length <= rule.most, rule.signs.allow(text[end]) { end += 1 }
            while end > start + length, text[end - 1] == 0x2E || text[end - 1] == 0x2D { end -= 1 }
            guard (rule.least...rule.most).contains(end - start - length), !text.isWord(end),
                isVaried(text, start + length, end)
            else { continue }
            return Entity(type: .apiKey, start: start, end: end, score: 0.97, evidence: "issuer's prefix")
        }
        return nil
    }

    /// Placeholders repeat a sign: `ghp_xxxxxxxxxxxx`.
    static func isVaried(_ text: Text, _ start: Int, _ end: Int) -> Bool {
        var seen: (UInt64, UInt64) = (0, 0)
        for place in start..<end {
            let byte = text[place] & 0x7F
            if byte < 64 { seen.0 |= 1 << UInt64(byte) } else { seen.1 |= 1 << UInt64(byte - 64) }
        }
        return seen.0.nonzeroBitCount + seen.1.nonzeroBitCount >= min(8, (end - start) / 2)
    }

    /// A JSON Web Token: three parts in base64url, of which the first two begin as `{"` does (RFC 7519).
    private static func signed(_ text: Text, at start: Int) -> Entity? {
        var end = start
        var dots: [Int] = []
        while end < text.count, end - start <= 7_900, Signs.dotted.allow(text[end]) {
            if text[end] == 0x2E {
                if dots.count == 4 { break }
                dots.append(end)
            }
            end += 1
        }
        while end > start, text[end - 1] == 0x2E { end -= 1 }
        guard dots.count >= 2, dots[0] - start >= 12, text.at(dots[0] + 1) == 0x65 || dots.count == 4 else {
            return nil
        }
        return Entity(type: .apiKey, start: start, end: end, score: 0.97, evidence: "signed token")
    }

    /// A Telegram bot's token: its number, a colon, `AA` and 33 signs.
    private static func bot(_ text: Text, at start: Int) -> Entity? {
        var colon = start
        while colon - start <= 12, text.isDigit(colon) { colon += 1 }
        guard (8...12).contains(colon - start), text.at(colon) == 0x3A, text.at(colon + 1) == 0x41,
            text.at(colon + 2) == 0x41, !text.isWord(start - 1)
        else { return nil }
        var end = colon + 1
        while end < text.count, end - colon <= 36, Signs.url.allow(text[end]) { end += 1 }
        guard end - colon == 36 else { return nil }
        return Entity(type: .apiKey, start: start, end: end, score: 0.95, evidence: "issuer's form")
    }

    // MARK: Private keys

    /// The block of a private key (RFC 7468) whose first line of base64 holds the digit at `place`.
    static func block(_ text: Text, at place: Int) -> Entity? {
        var at = place
        while at > 0, place - at < 72, Signs.base64.allow(text[at - 1]), text[at - 1] != 0x2D {
            at -= 1
            if text.isDigit(at) { return nil }
        }
        return block(text, body: at)
    }

    /// The block whose first header line, such as `Proc-Type: 4,ENCRYPTED`, holds the colon at `place`.
    static func header(_ text: Text, at place: Int) -> Entity? {
        var at = place
        while at > 0, place - at < 16, text.isASCIILetter(at - 1) || text.at(at - 1) == 0x2D { at -= 1 }
        return at < place ? block(text, body: at) : nil
    }

    private static func block(_ text: Text, body: Int) -> Entity? {
        var at = body
        // Line ends, as they are and as JSON writes them.
        if text.at(at - 1) == 0x5C { at -= 1 }
        while at > 0, body - at < 8 {
            if text[at - 1] <= 0x20 {
                at -= 1
            } else if at > 1, text[at - 2] == 0x5C, [0x6E, 0x72].contains(text[at - 1]) {
                at -= 2
            } else {
                break
            }
        }
        let hasDashes = (1...5).allSatisfy { text.at(at - $0) == 0x2D }
        guard hasDashes, at < body || text.at(body - 1) == 0x2D else { return nil }
        var start = at - 5
        while start > 0, at - start < 48, text[start - 1] == 0x20 || text[start - 1] &- 0x41 < 26 { start -= 1 }
        guard matches(text, start, "BEGIN "), contains(text, "PRIVATE KEY", start, at) else { return nil }
        while start > 0, text[start - 1] == 0x2D { start -= 1 }
        // To the line that ends it, or as far as the text goes on.
        var end = body
        while end < text.count, end - body < 7_900, text[end] != 0x22, text[end] != 0x3C, text[end] < 0x80 {
            if text[end] == 0x2D, matches(text, end, "-----END") {
                end += 8
                while end < text.count, text[end] == 0x20 || text[end] &- 0x41 < 26 { end += 1 }
                while text.at(end) == 0x2D { end += 1 }
                break
            }
            end += 1
        }
        return Entity(type: .apiKey, start: start, end: end, score: 0.99, evidence: "private key")
    }

    static func matches(_ text: Text, _ place: Int, _ word: StaticString) -> Bool {
        word.withUTF8Buffer { word in
            for (offset, byte) in word.enumerated() where text.at(place + offset) != byte { return false }
            return true
        }
    }

    private static func contains(_ text: Text, _ word: StaticString, _ start: Int, _ end: Int) -> Bool {
        (start..<max(start, end)).contains { matches(text, $0, word) }
    }

    // MARK: Prefixes

    /// Whether a value begins with a prefix of more than so many bytes.
    static func hasPrefix(_ value: UnsafeRawBufferPointer, longerThan length: Int) -> Bool {
        guard let first = value.first, first < 0x80 else { return false }
        return rules[Int(first)].contains { $0.prefix.count > length && value.starts(with: $0.prefix) }
    }

    /// By the first byte.
    private static let rules: [[Rule]] = (0..<128).map { first in all.filter { $0.prefix[0] == UInt8(first) } }

    /// Prefix, signs, how many at least and at most; as the issuers document them.
    private static let all: [Rule] = {
        let table = """
            AKIA u 16 16|ASIA u 16 16|AROA u 16 16|AIDA u 16 16|AGPA u 16 16|ANPA u 16 16|ABIA u 16 16|ACCA u 16 16
            ghp_ a 36 36|gho_ a 36 36|ghu_ a 36 36|ghs_ a 36 36|ghr_ a 36 76|github_pat_ w 60 90
            glpat- w 20 60|gldt- w 20 60|glptt- w 20 60|glrt- w 20 60|glcbt- w 20 60|glsoat- w 20 60|glagent- w 20 60
            xoxb- w 20 250|xoxp- w 20 250|xoxa- w 20 250|xoxr- w 20 250|xoxs- w 20 250|xoxe. w 20 400|xapp- w 20 250
            sk_live_ a 16 120|sk_test_ a 16 120|rk_live_ a 16 120|rk_test_ a 16 120|whsec_ 6 24 80|pk_live_ a 16 120
            sk-proj- w 20 220|sk-svcacct- w 20 220|sk-admin- w 20 220|sk-ant- w 20 160|sk-or-v1- h 32 80|sk-lf- w 20 60
            sk- a 20 64|gsk_ a 40 64|xai- a 60 90|pplx- a 32 64|r8_ a 30 44|hf_ a 30 44|api_org_ a 30 44|nvapi- w 40 90
            AIza w 35 35|GOCSPX- w 24 32|ya29. . 30 400
            npm_ a 36 36|pypi- w 50 300|rubygems_ h 48 48|dckr_pat_ w 20 40|cio a 32 32|oy2 a 43 43
            SG. . 60 80|xkeysib- w 60 100|key- h 32 32|AC h 32 32|SK h 32 32|PMAK- w 50 70|mlsn. a 60 80
            dop_v1_ h 64 64|doo_v1_ h 64 64|dor_v1_ h 64 64|shpat_ h 32 32|shpca_ h 32 32|shppa_ h 32 32|shpss_ h 32 32
            dapi h 32 34|lin_api_ a 40 48|ntn_ a 40 60|secret_ a 40 48|sq0atp- w 22 22|sq0csp- w 43 43|EAAA w 56 80
            hvs. w 20 140|hvb. w 100 400|s. a 24 24|glsa_ w 38 48|glc_ 6 32 400|NRAK- u 27 27|NRJS- h 19 19|dp.pt. a 40 48
            sntrys_ 6 60 400|sntryu_ h 64 64|dt0c01. . 80 100|ATATT3 6 150 250|ATCTT3 6 150 250|fo1_ w 40 50|fm2_ 6 60 400
            LTAI a 16 24|pat . 70 90|sbp_ h 40 40|pul- h 40 40|tskey- w 30 80|ops_eyJ 6 200 900|p8e- a 32 32|HRKU- w 36 64
            pscale_tkn_ . 30 70|pscale_pw_ . 30 70|duffel_live_ w 43 43|shippo_live_ h 40 40|figd_ w 40 50|CFPAT- w 43 43
            rdme_ a 60 80|ico- a 32 32|pnu_ a 36 36|FLWSECK_TEST- h 12 40|FLWSECK- w 32 50|EZAK a 54 54|EZTK a 54 54
            AGE-SECRET-KEY-1 u 58 58|live_ a 30 50|test_ a 40 50|rpa_ u 30 60|phc_ a 40 50|phx_ a 40 50|sdk- w 36 36
            """
        return table.split(whereSeparator: { $0 == "|" || $0 == "\n" }).compactMap { line in
            let parts = line.split(separator: " ")
            guard parts.count == 4, let signs = parts[1].first.flatMap(Signs.init(rawValue:)),
                let least = Int(parts[2]),
                let most = Int(parts[3])
            else { return nil }
            return Rule(prefix: Array(parts[0].utf8), signs: signs, least: least, most: most)
        }
    }()
}
