/// Check digits that tell an identifier from a number of the same look.
enum CheckDigit: String, CaseIterable, Sendable {
    /// ISO/IEC 7812-1: payment cards.
    case luhn
    /// ISO 13616: IBAN, remainder 1 modulo 97.
    case mod97
    /// ISBN-10 and ISBN-13.
    case isbn
    /// GS1: EAN-8, UPC-A, EAN-13, GTIN-14.
    case ean

    /// Whether a text holds; spaces and hyphens are skipped.
    func holds(_ text: UnsafeRawBufferPointer) -> Bool {
        let characters = text.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "-") }
        switch self {
        case .luhn: return Self.luhn(characters)
        case .mod97: return Self.mod97(characters)
        case .isbn:
            return characters.count == 10 ? Self.isbn10(characters) : characters.count == 13 && Self.gs1(characters)
        case .ean: return [8, 12, 13, 14].contains(characters.count) && Self.gs1(characters)
        }
    }

    private static func digit(_ byte: UInt8) -> Int? {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int(byte - UInt8(ascii: "0")) : nil
    }

    private static func luhn(_ characters: [UInt8]) -> Bool {
        guard characters.count >= 8 else { return false }
        var sum = 0
        for (place, byte) in characters.reversed().enumerated() {
            guard let digit = digit(byte) else { return false }
            let doubled = place % 2 == 1 ? digit * 2 : digit
            sum += doubled > 9 ? doubled - 9 : doubled
        }
        return sum % 10 == 0
    }

    private static func mod97(_ characters: [UInt8]) -> Bool {
        guard characters.count >= 15 else { return false }
        var remainder = 0
        for byte in characters[4...] + characters[..<4] {
            if let digit = digit(byte) {
                remainder = (remainder * 10 + digit) % 97
            } else {
                let letter = byte & 0xDF
                guard (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(letter) else { return false }
                remainder = (remainder * 100 + Int(letter - UInt8(ascii: "A")) + 10) % 97
            }
        }
        return remainder == 1
    }

    private static func isbn10(_ characters: [UInt8]) -> Bool {
        var sum = 0
        for (place, byte) in characters.enumerated() {
            if place == 9, byte == UInt8(ascii: "X") || byte == UInt8(ascii: "x") {
                sum += 10
            } else {
                guard let digit = digit(byte) else { return false }
                sum += digit * (10 - place)
            }
        }
        return sum % 11 == 0
    }

    private static func gs1(_ characters: [UInt8]) -> Bool {
        var sum = 0
        for (place, byte) in characters.reversed().enumerated() {
            guard let digit = digit(byte) else { return false }
            sum += digit * (place % 2 == 1 ? 3 : 1)
        }
        return sum % 10 == 0
    }
}
