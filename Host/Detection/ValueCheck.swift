/// What a whole value's form, check digits and calendar say, as far as its kind has any.
public enum ValueCheck {
    /// Whether a value is a right one of its kind; nil where nothing can be told of the kind, or of this way to write it.
    ///
    /// Blanks around it do not count. A telephone number is right by its form alone: nobody is asked whether it exists.
    /// Linear in the value's length, and values of more than 512 bytes are wrong for every kind that is looked at.
    ///
    /// - Parameter value: UTF-8.
    public static func isValid(_ value: UnsafeBufferPointer<UInt8>, as type: EntityType) -> Bool? {
        if let number = numbers[type] { return checked(value) { isNumber($0, number) } }
        if let token = tokens[type] { return checked(value) { isToken($0, token) } }
        switch type {
        case .email:
            return checked(value) { bytes in
                guard let at = bytes.firstIndex(of: 0x40) else { return false }
                return covers(bytes) { Written.email($0, at: at) }
            }
        case .creditCard:
            return checked(value) { bytes in
                guard let digits = digits(bytes, besides: " -"), (12...19).contains(digits.count) else { return false }
                return CheckDigits.luhn(digits) && digits.contains { $0 != digits[0] }
            }
        case .iban:
            return checked(value) { bytes in
                let compact = bytes.filter { $0 != 0x20 && $0 != 0x2D }
                // Below this score the check digits or the country's length are wrong.
                return covers(compact) { text in Written.iban(text, at: 2).flatMap { $0.score >= 0.99 ? $0 : nil } }
            }
        case .usSSN, .usITIN: return checked(value) { isTaxpayer($0, isITIN: type == .usITIN) }
        case .phone: return checked(value, isPhone)
        case .ipAddress, .macAddress:
            return checked(value) { bytes in
                let found = Scanner().entities(in: bytes)
                return found.count == 1 && found[0].type == type && found[0].count == bytes.count
            }
        case .dateOfBirth, .dateTime:
            guard value.count <= longest else { return false }
            return CalendarDate.isValid(trimmed(value))
        default: return nil
        }
    }

    /// The length of the country code that digits begin with (ITU-T E.164), or nil.
    ///
    /// - Parameter digits: values, not signs; those behind the international prefix.
    public static func countryCode(_ digits: [UInt8]) -> Int? { Phones.countryCode(digits) }

    // MARK: Kinds

    private static let longest = 512

    private static let numbers = Dictionary(NationalNumber.all.map { ($0.type, $0) }, uniquingKeysWith: { a, _ in a })
    private static let tokens = Dictionary(NationalToken.all.map { ($0.type, $0) }, uniquingKeysWith: { a, _ in a })

    private static func isNumber(_ bytes: [UInt8], _ number: NationalNumber) -> Bool {
        guard let digits = digits(bytes, besides: " -./"), digits.contains(where: { $0 != digits[0] }) else {
            return false
        }
        return number.shapes.contains { $0.reduce(0, +) == digits.count } && number.isValid(digits)
    }

    private static func isToken(_ bytes: [UInt8], _ token: NationalToken) -> Bool {
        var compact: [UInt8] = []
        for byte in bytes {
            switch byte {
            case 0x30...0x39, 0x41...0x5A: compact.append(byte)
            case 0x61...0x7A: compact.append(byte - 32)
            case 0x20, 0x2D, 0x2E, 0x2F, 0x2B: break
            default: return false
            }
        }
        let fits = token.patterns.contains { pattern in
            compact.count == pattern.utf8.count
                && zip(compact, pattern.utf8).allSatisfy { byte, wanted in
                    wanted == 0x41 ? byte >= 0x41 : wanted == 0x39 ? byte < 0x3A : true
                }
        }
        return fits && token.isValid(compact)
    }

    private static func isTaxpayer(_ bytes: [UInt8], isITIN: Bool) -> Bool {
        guard let digits = digits(bytes, besides: " -"), digits.count == 9 else { return false }
        let area = Int(digits[0]) * 100 + Int(digits[1]) * 10 + Int(digits[2])
        let group = Int(digits[3]) * 10 + Int(digits[4])
        guard digits[5...].contains(where: { $0 != 0 }) else { return false }
        // Groups of an ITIN as the IRS publishes them.
        if isITIN { return area >= 900 && [50...65, 70...88, 90...92, 94...99].contains { $0.contains(group) } }
        return area != 0 && area != 666 && area < 900 && group != 0
    }

    private static func isPhone(_ bytes: [UInt8]) -> Bool {
        var number = bytes
        if let sign = number.lastIndex(where: { $0 | 0x20 == 0x78 || $0 == 0x23 }) {
            // An extension: `x12`, `ext. 12`, `#12`.
            let behind = number[(sign + 1)...].filter { $0 != 0x20 && $0 != 0x2E && $0 | 0x20 != 0x74 }
            guard (1...6).contains(behind.count), behind.allSatisfy({ $0 &- 0x30 < 10 }) else { return false }
            number = Array(number[..<sign])
            while let last = number.last, last == 0x20 || last | 0x20 == 0x65 { number.removeLast() }
        }
        let isInternational = number.first == 0x2B
        guard var digits = digits(isInternational ? Array(number.dropFirst()) : number, besides: " -./()"),
            digits.contains(where: { $0 != digits[0] })
        else { return false }
        if isInternational || digits.starts(with: [0, 0]) {
            if !isInternational { digits.removeFirst(2) }
            guard (7...15).contains(digits.count), let code = Phones.countryCode(digits) else { return false }
            return digits.count - code >= 4
        }
        return (7...15).contains(digits.count)
    }

    // MARK: Reading

    private static func trimmed(_ value: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        // Full-width forms and unseen signs are what they stand for, as in texts.
        let bytes = Folding(value, 0..<value.count).bytes
        guard let first = bytes.firstIndex(where: { $0 > 0x20 }), let last = bytes.lastIndex(where: { $0 > 0x20 })
        else { return [] }
        return Array(bytes[first...last])
    }

    private static func checked(_ value: UnsafeBufferPointer<UInt8>, _ holds: ([UInt8]) -> Bool) -> Bool {
        guard value.count <= longest else { return false }
        let bytes = trimmed(value)
        return !bytes.isEmpty && holds(bytes)
    }

    private static func covers(_ bytes: [UInt8], _ find: (Text) -> Entity?) -> Bool {
        guard bytes.count > 3 else { return false }
        return bytes.withUnsafeBufferPointer { find(Text($0)) }.map { $0.start == 0 && $0.end == bytes.count } ?? false
    }

    /// The values of the digits; nil when anything else than these separators stands between them.
    private static func digits(_ bytes: [UInt8], besides separators: String) -> [UInt8]? {
        var digits: [UInt8] = []
        for byte in bytes {
            if byte &- 0x30 < 10 {
                digits.append(byte - 0x30)
            } else if !separators.utf8.contains(byte) {
                return nil
            }
        }
        return digits.isEmpty ? nil : digits
    }
}
