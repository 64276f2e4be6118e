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

extension CheckDigits {
    /// The sum of digits times weights; digits without a weight do not count.
    static func weighted(_ digits: some Sequence<UInt8>, _ weights: [Int]) -> Int {
        zip(digits, weights).reduce(0) { $0 + Int($1.0) * $1.1 }
    }

    /// Whether the digit behind the weighted ones is 11 minus the rest of their sum by 11; 11 counts as 0.
    ///
    /// - Parameter ten: the digit that stands for 10; nil where such numbers are not given out.
    static func elevenMinus(_ digits: some Collection<UInt8>, _ weights: [Int], ten: Int?) -> Bool {
        let digits = Array(digits)
        guard digits.count > weights.count else { return false }
        let check = (11 - weighted(digits, weights) % 11) % 11
        guard check == 10 else { return check == Int(digits[weights.count]) }
        return ten == Int(digits[weights.count])
    }

    /// ISO/IEC 7064 MOD 11,10, the check digit last.
    static func mod11Dash10(_ digits: [UInt8]) -> Bool {
        var product = 10
        for digit in digits.dropLast() {
            var sum = (Int(digit) + product) % 10
            if sum == 0 { sum = 10 }
            product = sum * 2 % 11
        }
        return (product + Int(digits[digits.count - 1])) % 10 == 1
    }

    /// Verhoeff's code over the dihedral group of order ten (Verhoeff 1969), the check digit last.
    static func verhoeff(_ digits: [UInt8]) -> Bool {
        var check = 0
        for (place, digit) in digits.reversed().enumerated() {
            var permuted = Int(digit)
            for _ in 0..<(place % 8) { permuted = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4][permuted] }
            check = dihedral(check, permuted)
        }
        return check == 0
    }

    /// The product of two elements of the dihedral group: rotations 0 to 4, reflections 5 to 9.
    private static func dihedral(_ a: Int, _ b: Int) -> Int {
        switch (a < 5, b < 5) {
        case (true, true): (a + b) % 5
        case (true, false): 5 + (a + b - 5) % 5
        case (false, true): 5 + (a - 5 - b + 5) % 5
        case (false, false): (a - b + 5) % 5
        }
    }
}
