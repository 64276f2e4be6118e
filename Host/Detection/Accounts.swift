/// Bank accounts besides IBANs, and the codes of banks.
enum Accounts {
    /// The account or code that an identifier is, by the words in front of it.
    static func entity(_ identifier: Identifier) -> Entity? {
        let naming = identifier.naming
        if naming.contains(.ifsc), isIFSC(identifier.compact) {
            return identifier.entity(.bankAccount, 0.92, "form and word")
        }
        guard identifier.isDigits else { return nil }
        let digits = identifier.digits
        switch digits.count {
        case 9 where naming.contains(.routing) && isABA(digits):
            return identifier.entity(.bankAccount, 0.95, "check digit and word")
        case 8, 9:
            // A transit number of five digits and an institution of three (Payments Canada), or a Bankleitzahl.
            if naming.contains(.transit) || (naming.contains(.blz) && digits[0] > 0 && digits.count == 8) {
                return identifier.entity(.bankAccount, 0.88, "form and word")
            }
        case 6 where naming.contains(.bsb) || naming.contains([.sort, .number]):
            return identifier.entity(.bankAccount, 0.9, "form and word")
        case 18 where isCLABE(digits):
            if naming.contains(.clabe) { return identifier.entity(.bankAccount, 0.95, "check digit and word") }
        default: break
        }
        guard naming.contains(.account), (6...18).contains(digits.count), !isDate(identifier),
            !(digits.count >= 12 && CheckDigits.luhn(digits)), digits.contains(where: { $0 != digits[0] })
        else { return nil }
        // An account's number, a bank's account, an account behind its routing number: not any account of anything.
        let isBank = !naming.isDisjoint(with: [.number, .bank, .routing, .sort, .bsb, .transit, .blz, .ifsc])
        guard isBank || identifier.nearest.contains(.account) else { return nil }
        return identifier.entity(.bankAccount, isBank ? 0.85 : digits.count >= 8 ? 0.7 : 0.5, "word")
    }

    private static func isDate(_ identifier: Identifier) -> Bool {
        guard identifier.digitCount == 8 else { return false }
        let value = identifier.digits.reduce(0) { $0 * 10 + Int($1) }
        return DateForm.isDate(value / 10_000, value / 100 % 100, value % 100)
    }

    /// The routing number of the American Bankers Association: weights 3, 7, 1 and the ranges of the Federal Reserve.
    static func isABA(_ digits: [UInt8]) -> Bool {
        let district = Int(digits[0]) * 10 + Int(digits[1])
        let isGiven =
            (0...12).contains(district) || (21...32).contains(district) || (61...72).contains(district)
            || district == 80
        return isGiven && digits.contains { $0 != 0 }
            && CheckDigits.weighted(digits, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 == 0
    }

    /// Mexico's CLABE: weights 3, 7, 1 over the first seventeen digits, each product by ten.
    static func isCLABE(_ digits: [UInt8]) -> Bool {
        let weights = [3, 7, 1]
        let sum = digits.prefix(17).enumerated().reduce(0) { $0 + Int($1.element) * weights[$1.offset % 3] % 10 }
        return (10 - sum % 10) % 10 == Int(digits[17])
    }

    /// India's code of a branch: four letters, a zero, six letters or digits (Reserve Bank of India).
    private static func isIFSC(_ token: [UInt8]) -> Bool {
        token.count == 11 && token.prefix(4).allSatisfy { $0 >= 0x41 } && token[4] == 0x30
    }

    // MARK: Business identifier codes

    /// The code (ISO 9362) that begins behind the sign or the blank at `place`, named in front of it.
    static func code(_ text: Text, behind place: Int) -> Entity? {
        var start = place
        while start < place + 6, [0x3A, 0x3D, 0x20, 0x22, 0x27, 0x3E, 0x5C, 0x09].contains(text.at(start)) {
            start += 1
        }
        guard start > place, isCode(text, start) != nil, Naming.before(text, place).contains(.swift) else { return nil }
        return code(text, at: start)
    }

    /// The code whose first digit is at `place`, where a word names it.
    static func code(_ text: Text, digitAt place: Int) -> Entity? {
        var start = place
        while start > 0, place - start < 11, text[start - 1] &- 0x41 < 26 || text.isDigit(start - 1) { start -= 1 }
        guard isCode(text, start) != nil, Naming.before(text, start).contains(.swift) else { return nil }
        return code(text, at: start)
    }

    /// The code that stands within a few words behind an IBAN.
    static func code(_ text: Text, beside iban: Entity) -> Entity? {
        var at = iban.end
        let limit = min(text.count, iban.end + 32)
        while at < limit {
            while at < limit, !text.isWord(at) { at += 1 }
            if isCode(text, at) != nil, Naming.before(text, at).contains(.swift) { return code(text, at: at) }
            if text.isDigit(at) { return nil }
            while at < limit, text.isWord(at) { at += 1 }
        }
        return nil
    }

    private static func code(_ text: Text, at start: Int) -> Entity? {
        isCode(text, start).map {
            Entity(type: .swiftBIC, start: start, end: $0, score: 0.9, evidence: "country and word")
        }
    }

    /// The end of a code that begins at `start`: four capitals, a country, two signs, and three more or none.
    static func isCode(_ text: Text, _ start: Int) -> Int? {
        guard text.at(start) &- 0x41 < 26, text.at(start + 3) &- 0x41 < 26 else { return nil }
        var end = start
        while end < start + 12, text.at(end) &- 0x41 < 26 || text.isDigit(end) { end += 1 }
        guard end - start == 8 || end - start == 11, !text.isWord(end),
            !text.isWord(start - 1) || text.at(start - 2) == 0x5C,
            (start..<start + 6).allSatisfy({ text[$0] &- 0x41 < 26 }),
            countries.contains(UInt16(text[start + 4]) << 8 | UInt16(text[start + 5]))
        else { return nil }
        return end
    }

    /// ISO 3166-1 alpha-2, and Kosovo as ISO 9362 writes it.
    static let countries: Set<UInt16> = {
        let table = """
            AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA \
            CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA \
            GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP \
            KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS \
            MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS \
            RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW \
            TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW XK
            """
        return Set(table.split(separator: " ").map { UInt16($0.utf8.first ?? 0) << 8 | UInt16($0.utf8.last ?? 0) })
    }()
}
