/// Numbers that hospitals, insurers, employers and tax offices give to people.
enum OfficeNumbers {
    /// What an identifier is, by its prefix, by check digits, or by the words in front of it.
    static func entity(_ identifier: Identifier) -> Entity? {
        if let entity = checked(identifier) { return entity }
        if let type = type(of: identifier.prefix), identifier.digitCount * 2 >= identifier.compact.count {
            return identifier.entity(type, 0.9, "prefix")
        }
        let naming = identifier.naming
        // Behind a prefix that says something else the words in front count for less.
        guard identifier.prefix == [], !identifier.hasBlanks else { return nil }
        if naming.contains(.ein), identifier.isDigits, identifier.digitCount == 9 {
            return identifier.entity(.usEIN, 0.9, "form and word")
        }
        let isMedical =
            naming.contains(.medicalRecord) || naming.contains([.medical, .record, .number])
            || naming.contains([.medical, .record]) || naming.contains([.medical, .number])
        let hasLetters = !identifier.isDigits
        guard (4...14).contains(identifier.compact.count), identifier.digitCount * 2 >= identifier.compact.count,
            !isYear(identifier)
        else { return nil }
        if isMedical { return identifier.entity(.medicalRecord, 0.88, "word") }
        // The name itself in front of it, or a name and `number`, `id`.
        let isTied = naming.contains(.number) || !identifier.nearest.isDisjoint(with: [.insurance, .employee])
        if naming.contains(.insurance), isTied, identifier.digitCount >= 5 {
            return identifier.entity(.insuranceNumber, 0.8, "word")
        }
        if naming.contains(.employee), isTied, hasLetters || naming.contains(.number) {
            return identifier.entity(.employeeID, 0.8, "word")
        }
        if naming.contains([.national, .number]), identifier.digitCount >= 6,
            identifier.compact.count - identifier.digitCount <= 3
        {
            return identifier.entity(.nationalID, 0.7, "word")
        }
        return nil
    }

    private static func type(of prefix: Naming) -> EntityType? {
        if prefix.contains(.medicalRecord) { return .medicalRecord }
        if prefix.contains(.employee) { return .employeeID }
        if prefix.contains(.insurance) { return .insuranceNumber }
        return prefix.contains(.national) ? .nationalID : nil
    }

    private static func isYear(_ identifier: Identifier) -> Bool {
        guard identifier.isDigits, identifier.digitCount == 4 else { return false }
        return (1900...2099).contains(identifier.digits.reduce(0) { $0 * 10 + Int($1) })
    }

    // MARK: Check digits

    private static func checked(_ identifier: Identifier) -> Entity? {
        let naming = identifier.naming
        switch identifier.compact.count {
        case 10 where naming.contains(.npi) && isNPI(identifier.digits):
            return identifier.entity(.medicalRecord, 0.92, "check digit and word")
        case 9 where naming.contains(.dea) && isDEA(identifier.compact):
            return identifier.entity(.medicalRecord, 0.92, "check digit and word")
        case 11 where isMBI(identifier.compact):
            let isNamed = naming.contains(.beneficiary)
            return identifier.entity(.medicalRecord, isNamed ? 0.95 : 0.6, isNamed ? "form and word" : "form")
        default: return nil
        }
    }

    /// The National Provider Identifier: Luhn's digit over it behind 80840 (45 CFR 162.406).
    static func isNPI(_ digits: [UInt8]) -> Bool {
        digits.count == 10 && (1...2).contains(digits[0]) && CheckDigits.luhn([8, 0, 8, 4, 0] + digits)
    }

    /// A number of the Drug Enforcement Administration: two letters, or one and a nine, and seven digits of which the
    /// last is that of the odd places and twice the even ones.
    static func isDEA(_ token: [UInt8]) -> Bool {
        guard token.count == 9, "ABCDEFGHJKLMPRSTUX".utf8.contains(token[0]), token[1] >= 0x41 || token[1] == 0x39,
            token[2...].allSatisfy({ $0 < 0x3A })
        else { return false }
        let digits = token[2...].map { Int($0 - 0x30) }
        return (digits[0] + digits[2] + digits[4] + 2 * (digits[1] + digits[3] + digits[5])) % 10 == digits[6]
    }

    /// The Medicare Beneficiary Identifier: eleven places of which each has its kind, without S, L, O, I, B and Z (CMS).
    static func isMBI(_ token: [UInt8]) -> Bool {
        guard token.count == 11, token[0] &- 0x31 < 9 else { return false }
        let refused = Array("SLOIBZ".utf8)
        return zip(token, "9A*9A*9AA99".utf8).allSatisfy { sign, wanted in
            let isDigit = sign < 0x3A
            if !isDigit, refused.contains(sign) { return false }
            return wanted == 0x2A || (wanted == 0x39) == isDigit
        }
    }
}
