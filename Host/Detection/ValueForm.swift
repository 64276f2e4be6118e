/// Whether a whole value is written as its kind is, whatever its check digits say.
extension ValueCheck {
    /// Whether a value is written as an IBAN: a country of the registry, two digits, and that country's length with right
    /// check digits, or 15 to 34 signs of which three quarters behind the country are digits, as the last four are.
    /// Blanks and dashes may stand in it.
    ///
    /// - Parameter value: UTF-8.
    public static func isWrittenAsIBAN(_ value: UnsafeRawBufferPointer) -> Bool {
        guard value.count <= 64 else { return false }
        var signs: [UInt8] = []
        for byte in value {
            let upper = (byte | 0x20) &- 0x61 < 26 ? byte & 0xDF : byte
            if upper &- 0x30 < 10 || upper &- 0x41 < 26 {
                signs.append(upper)
            } else if byte != 0x20 && byte != 0x2D {
                return false
            }
        }
        guard (15...34).contains(signs.count), signs[2] &- 0x30 < 10, signs[3] &- 0x30 < 10,
            let length = Written.lengths[UInt16(signs[0]) << 8 | UInt16(signs[1])]
        else { return false }
        if signs.count == length, CheckDigits.isIBAN(signs) { return true }
        // Of one that breaks its check digits the signs themselves must say that it is no text.
        return signs[2...].count { $0 < 0x3A } * 4 >= (signs.count - 2) * 3
            && signs.suffix(4).allSatisfy { $0 < 0x3A }
    }

    /// The beginning that an issuer gives its keys, up to its first dash or underscore, in bytes; 0 when a value begins
    /// with none, or with one that has no such sign among its first six.
    ///
    /// - Parameter value: UTF-8.
    public static func issuersMark(_ value: UnsafeRawBufferPointer) -> Int {
        guard let sign = value.prefix(6).firstIndex(where: { $0 == 0x2D || $0 == 0x5F }), sign > 0,
            Secrets.hasPrefix(value, longerThan: sign)
        else { return 0 }
        return sign + 1
    }
}
