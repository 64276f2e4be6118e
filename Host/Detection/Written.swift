/// What letters, digits and signs spell: electronic mail, account numbers, colon-separated addresses.
enum Written {
    // MARK: Electronic mail

    /// Most bytes of an address on either side of its `@`; it is not to end in the middle of a name that somebody made long.
    private static let longest = 256
    /// Most scalars of a local part that is not all ASCII.
    private static let mostLetters = 64

    /// The address whose `@` is at `place` (RFC 5322 dot-atom, RFC 6531 letters).
    static func email(_ text: Text, at place: Int) -> Entity? {
        let start = local(text, place)
        guard start < place, text[place - 1] != 0x2E, text.at(place + 1) != 0x2E else { return nil }
        var end = place + 1
        var label = end..<end
        var dots = 0
        while end < text.count, end - place <= longest {
            let byte = text[end]
            if byte == 0x2E {
                guard end > label.lowerBound, isLabel(text, end + 1) else { break }
                dots += 1
                label = end + 1..<end + 1
                end += 1
                continue
            }
            let length = text.isDigit(end) || byte == 0x2D ? 1 : letterLength(text, end)
            guard length > 0 else { break }
            // Text goes on directly behind the address: `a@b.com谢谢`.
            if length > 1, dots > 0, end - label.lowerBound >= 2, text.isASCIILetter(end - 1),
                Letters.isUnspaced(Letters.scalar(text, end).value)
            {
                break
            }
            end += length
            label = label.lowerBound..<end
        }
        end = label.upperBound
        guard dots > 0 else { return nil }
        // `a@b.com-based`: what hangs on it is no part of it.
        while end > label.lowerBound, text[end - 1] == 0x2D || !isTopLevel(text, label.lowerBound, end) {
            end -= 1
            while end > label.lowerBound, text[end] != 0x2D { end -= 1 }
        }
        guard end - label.lowerBound >= 2 else { return nil }
        return Entity(type: .email, start: start, end: end, score: 0.98, evidence: "form")
    }

    /// Where the part in front of the `@` at `place` begins.
    private static func local(_ text: Text, _ place: Int) -> Int {
        var start = place
        var letters = 0
        // Letters and digits so far; of text without blanks in front of a name of these none is a part of it.
        var hasLetter = false
        var digits = 0
        var hasUnspaced = false
        while start > 0, place - start < longest {
            let byte = text[start - 1]
            if byte < 0x80 {
                guard isLocal(text, start - 1) else { break }
                if text.isASCIILetter(start - 1) {
                    hasLetter = true
                } else if text.isDigit(start - 1) {
                    digits += 1
                }
                start -= 1
            } else {
                guard let value = text.scalar(around: start - 1), Letters.isLetter(value), letters < mostLetters else {
                    break
                }
                if !hasUnspaced, hasLetter || digits > 4, Letters.isUnspaced(value) { break }
                if Letters.isUnspaced(value) { hasUnspaced = true } else { hasLetter = true }
                letters += 1
                start -= value < 0x800 ? 2 : value < 0x10000 ? 3 : 4
            }
        }
        while start < place, text[start] == 0x2E || text[start] == 0x27 || text[start] == 0x2D { start += 1 }
        // `\n` as JSON writes it is no letter of the address.
        if start < place, text.at(start - 1) == 0x5C, isEscape(text[start]) { start += 1 }
        return start
    }

    /// Bytes of the letter of any script that begins at a place; 0 when none does.
    private static func letterLength(_ text: Text, _ place: Int) -> Int {
        if text.isASCIILetter(place) { return 1 }
        guard text.isLetter(place) else { return 0 }
        return Letters.scalar(text, place).length
    }

    /// The letter of `\n`, `\r` or `\t`.
    private static func isEscape(_ byte: UInt8) -> Bool { byte == 0x6E || byte == 0x72 || byte == 0x74 }

    /// Letters of any script, or an encoded name (RFC 5890).
    private static func isTopLevel(_ text: Text, _ start: Int, _ end: Int) -> Bool {
        (start..<end).allSatisfy { text.isLetter($0) }
            || (end - start > 4 && text[start] | 0x20 == 0x78 && text[start + 1] | 0x20 == 0x6E
                && text[start + 2] == 0x2D
                && text[start + 3] == 0x2D)
    }

    /// A digit, or a letter of any script.
    private static func isLabel(_ text: Text, _ place: Int) -> Bool { text.isDigit(place) || text.isLetter(place) }

    private static func isLocal(_ text: Text, _ place: Int) -> Bool {
        if isLabel(text, place) { return true }
        switch text[place] {
        case 0x2E, 0x5F, 0x2D, 0x2B, 0x25, 0x27, 0x21, 0x23, 0x24, 0x26, 0x2A, 0x7E, 0x5E: return true
        default: return false
        }
    }

    // MARK: IBAN

    /// The account number whose first check digit is at `place` (ISO 13616).
    static func iban(_ text: Text, at place: Int) -> Entity? {
        let start = place - 2
        guard text.isASCIILetter(start), text.isASCIILetter(start + 1), text.isDigit(place + 1),
            !text.isWord(start - 1) || isEscaped(text, start),
            let length = lengths[UInt16(text[start] & 0xDF) << 8 | UInt16(text[start + 1] & 0xDF)]
        else { return nil }
        var compact: [UInt8] = []
        var at = start
        while at < text.count, compact.count < length {
            let byte = text[at]
            if byte == 0x20 || byte == 0x2D {
                // Groups of four, as on paper.
                guard compact.count % 4 == 0, text.isDigit(at + 1) || text.isASCIILetter(at + 1) else { break }
            } else if text.isDigit(at) || text.isASCIILetter(at) {
                compact.append(byte)
            } else {
                break
            }
            at += 1
        }
        if compact.count == length, !text.isWord(at), CheckDigits.isIBAN(compact) {
            return Entity(type: .iban, start: start, end: at, score: 0.99, evidence: "check digits")
        }
        return misspelt(text, start: start)
    }

    /// A number that breaks its country's length or check digits, where a word says what it is meant to be.
    private static func misspelt(_ text: Text, start: Int) -> Entity? {
        var end = start
        while end < text.count, end - start <= 34, text.isDigit(end) || text.isASCIILetter(end) { end += 1 }
        guard (15...34).contains(end - start), !text.isWord(end),
            (start + 4..<end).contains(where: { text.isDigit($0) })
        else { return nil }
        let digits = (start + 2..<end).count(where: { text.isDigit($0) })
        let context = ContextWord.before(text, start)
        if context == .iban {
            return Entity(type: .iban, start: start, end: end, score: 0.75, evidence: "form and word")
        }
        return digits * 4 >= (end - start - 2) * 3
            ? Entity(type: .iban, start: start, end: end, score: 0.5, evidence: "form") : nil
    }

    private static func isEscaped(_ text: Text, _ start: Int) -> Bool {
        text.at(start - 2) == 0x5C && isEscape(text.at(start - 1))
    }

    /// Characters of an IBAN by country (SWIFT's IBAN registry, release 99).
    static let lengths: [UInt16: Int] = {
        let table = """
            AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 \
            ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 \
            LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 \
            PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 \
            YE30
            """
        var lengths: [UInt16: Int] = [:]
        for entry in table.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            let bytes = Array(entry.utf8)
            lengths[UInt16(bytes[0]) << 8 | UInt16(bytes[1])] = Int(bytes[2] - 0x30) * 10 + Int(bytes[3] - 0x30)
        }
        return lengths
    }()

    // MARK: Colons

    /// The IPv6 (RFC 4291) or hardware address that holds the colon at `place`.
    static func colons(_ text: Text, at place: Int) -> Entity? {
        var start = place
        while start > 0, place - start < 5, text.isHexadecimal(start - 1) { start -= 1 }
        guard !text.isWord(start - 1), text.at(start - 1) != 0x3A, text.at(start - 1) != 0x2E else { return nil }
        var groups = 0
        var areOctets = true
        var hasGap = false
        var at = start
        var isOver = false
        var last = at
        while !isOver, groups <= 8 {
            let group = at
            while text.isHexadecimal(at), at - group < 5 { at += 1 }
            let count = at - group
            guard count <= 4 else { return nil }
            last = group
            if count > 0 {
                groups += 1
                areOctets = areOctets && count == 2
            }
            if text.at(at) == 0x3A, text.at(at + 1) == 0x3A {
                guard !hasGap else { return nil }
                hasGap = true
                at += 2
                isOver = !text.isHexadecimal(at)
            } else if text.at(at) == 0x3A, text.isHexadecimal(at + 1), count > 0 {
                at += 1
            } else {
                isOver = true
            }
        }
        // `::ffff:192.0.2.1`: the last two groups may be four octets.
        if text.at(at) == 0x2E, hasGap || groups == 7, let end = octets(text, last) {
            at = end
            groups += 1
            areOctets = false
        }
        guard !text.isWord(at), text.at(at) != 0x3A || !text.isWord(at + 1) else { return nil }
        if !hasGap, groups == 6, areOctets {
            return Entity(type: .macAddress, start: start, end: at, score: 0.9, evidence: "six octets")
        }
        let isWhole = hasGap ? groups <= 7 && groups >= 1 : groups == 8
        guard isWhole, at - start >= 4 || hasGap && groups >= 2 else { return nil }
        // `a::b` is also how programs name what lies in what.
        guard !hasGap || (start..<at).contains(where: { text.isDigit($0) }) else { return nil }
        return Entity(type: .ipAddress, start: start, end: at, score: 0.9, evidence: "groups of hexadecimal digits")
    }

    /// Behind the four octets that begin at a place; nil when there are none.
    private static func octets(_ text: Text, _ place: Int) -> Int? {
        var at = place
        for octet in 0..<4 {
            let start = at
            var value = 0
            while text.isDigit(at), at - start < 3 {
                value = value * 10 + Int(text[at] - 0x30)
                at += 1
            }
            guard at > start, value <= 255, !text.isWord(at) else { return nil }
            guard octet < 3 else { break }
            guard text.at(at) == 0x2E else { return nil }
            at += 1
        }
        return text.at(at) == 0x2E && text.isDigit(at + 1) ? nil : at
    }

    /// The hardware address that holds the digit at `place`: six pairs with dashes (IEEE 802), or three groups of four with
    /// dots, as routers write it.
    static func hardware(_ text: Text, at place: Int) -> Entity? {
        var start = place
        while start > 0, place - start < 12, isHardware(text, start - 1) { start -= 1 }
        guard !text.isWord(start - 1) else { return nil }
        var at = start
        while at - start < 5, text.isHexadecimal(at) { at += 1 }
        let sign = text.at(at)
        let digits = at - start
        guard digits == 2 && sign == 0x2D || digits == 4 && sign == 0x2E else { return nil }
        let length = digits == 2 ? 17 : 14
        var letters = 0
        for offset in 0..<length {
            if offset % (digits + 1) == digits {
                guard text.at(start + offset) == sign else { return nil }
            } else {
                guard text.isHexadecimal(start + offset) else { return nil }
                if text.isASCIILetter(start + offset) { letters += 1 }
            }
        }
        let end = start + length
        // Digits alone in such groups may be anything.
        guard letters > 0, !text.isWord(end), text.at(end) != sign || !text.isWord(end + 1) else { return nil }
        return Entity(type: .macAddress, start: start, end: end, score: 0.9, evidence: "form")
    }

    private static func isHardware(_ text: Text, _ place: Int) -> Bool {
        text.isHexadecimal(place) || text.at(place) == 0x2D || text.at(place) == 0x2E
    }
}
