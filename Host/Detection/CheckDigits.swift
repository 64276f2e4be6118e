/// Check digits over ASCII digits and letters.
enum CheckDigits {
    /// Luhn's formula (ISO/IEC 7812-1, annex B) over the values of digits, the check digit last.
    static func luhn(_ digits: some BidirectionalCollection<UInt8>) -> Bool {
        var sum = 0
        var isDoubled = false
        for digit in digits.reversed() {
            var value = Int(digit)
            if isDoubled {
                value *= 2
                if value > 9 { value -= 9 }
            }
            sum += value
            isDoubled.toggle()
        }
        return sum % 10 == 0
    }

    /// ISO/IEC 7064 MOD 97-10 as IBANs use it (ISO 13616): the first four characters count last.
    ///
    /// - Parameter text: ASCII letters of either case and digits, at least four.
    static func isIBAN(_ text: [UInt8]) -> Bool {
        guard text.count > 4 else { return false }
        var rest = 0
        for place in 0..<text.count {
            let byte = text[(place + 4) % text.count]
            switch byte {
            case 0x30...0x39: rest = (rest * 10 + Int(byte - 0x30)) % 97
            case 0x41...0x5A: rest = (rest * 100 + Int(byte - 0x41) + 10) % 97
            case 0x61...0x7A: rest = (rest * 100 + Int(byte - 0x61) + 10) % 97
            default: return false
            }
        }
        return rest == 1
    }
}
