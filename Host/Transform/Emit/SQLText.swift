/// The tables that dialects hand to an engine as texts.
enum SQLText {
    /// The 25 code points with the property White_Space.
    static let whiteSpace: String = {
        let scalars: [UInt32] =
            [0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, 0x85, 0xA0, 0x1680] + Array(0x2000...0x200A)
            + [0x2028, 0x2029, 0x202F, 0x205F, 0x3000]
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars.compactMap(Unicode.Scalar.init))
        return String(text)
    }()

    /// The letters that change, and in the same places what they become.
    static func pairs(_ letters: LetterCase, _ table: CaseLetters) -> (from: String, to: String) {
        switch (letters, table) {
        case (.upper, .unicode): upperUnicode
        case (.lower, .unicode): lowerUnicode
        case (.upper, .basic): upperBasic
        case (.lower, .basic): lowerBasic
        case (.upper, .ascii): upperASCII
        case (.lower, .ascii): lowerASCII
        }
    }

    /// Parts of the table for texts that have no letter beyond: Latin, and Latin, Greek, Cyrillic and Armenian.
    static func blocks(
        _ letters: LetterCase, _ table: CaseLetters
    ) -> [(beyond: String, pairs: (from: String, to: String))] {
        if table == .ascii { return [] }
        return ([0x17F, 0x58F] as [UInt32]).map { last -> (String, (from: String, to: String)) in
            let whole = pairs(letters, .basic)
            var (from, to) = ("".unicodeScalars, "".unicodeScalars)
            for (scalar, other) in zip(whole.from.unicodeScalars, whole.to.unicodeScalars) where scalar.value <= last {
                from.append(scalar)
                to.append(other)
            }
            // A text with U+0000 is looked up in the whole table, which is as right.
            let end = Unicode.Scalar(last).map(String.init) ?? ""
            return ("[^\u{1}-\(end)]", (String(from), String(to)))
        }
    }

    private static let upperASCII = (from: "abcdefghijklmnopqrstuvwxyz", to: "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    private static let lowerASCII = (from: upperASCII.to, to: upperASCII.from)
    private static let upperUnicode = pairs(CaseTable.upperRanges, below: 0x110000, upperASCII)
    private static let lowerUnicode = pairs(CaseTable.lowerRanges, below: 0x110000, lowerASCII)
    private static let upperBasic = pairs(CaseTable.upperRanges, below: 0x10000, upperASCII)
    private static let lowerBasic = pairs(CaseTable.lowerRanges, below: 0x10000, lowerASCII)

    private static func pairs(
        _ ranges: [Int32], below limit: UInt32, _ ascii: (from: String, to: String)
    ) -> (from: String, to: String) {
        var from = ascii.from.unicodeScalars
        var to = ascii.to.unicodeScalars
        for range in stride(from: 0, to: ranges.count, by: 4) {
            for value in stride(from: ranges[range], through: ranges[range + 1], by: Int(ranges[range + 2])) {
                guard let scalar = Unicode.Scalar(UInt32(value)), scalar.value < limit,
                    let other = Unicode.Scalar(UInt32(value + ranges[range + 3]))
                else { continue }
                from.append(scalar)
                to.append(other)
            }
        }
        return (String(from), String(to))
    }
}

/// Where doubles end, as the digits behind `0.`.
enum DoubleLimits {
    /// Of 2^1024 − 2^970 = 0.1797… · 10^309, the least number that rounds to infinity.
    static let overflow = digits(2, 970, times: (1 << 54) - 1)
    /// Of 2^−1075 = 0.2470… · 10^−323, the largest that rounds to zero.
    static let underflow = digits(5, 1075, times: 1)

    /// The decimal digits of base^exponent · factor, without the zeros behind.
    private static func digits(_ base: UInt64, _ exponent: Int, times factor: UInt64) -> String {
        // Parts of nine digits, the lowest first.
        var parts: [UInt64] = [1]
        func multiply(_ factor: UInt64) {
            var carry: UInt64 = 0
            for place in parts.indices {
                let (high, low) = parts[place].multipliedFullWidth(by: factor)
                let (sum, overflow) = low.addingReportingOverflow(carry)
                let (quotient, rest) = UInt64(1_000_000_000).dividingFullWidth((high + (overflow ? 1 : 0), sum))
                parts[place] = rest
                carry = quotient
            }
            while carry > 0 {
                parts.append(carry % 1_000_000_000)
                carry /= 1_000_000_000
            }
        }
        for _ in 0..<exponent { multiply(base) }
        multiply(factor)
        var text = parts.reversed().map { part -> String in
            let digits = String(part)
            return String(repeating: "0", count: 9 - digits.count) + digits
        }.joined()
        text = String(text.drop { $0 == "0" })
        while text.hasSuffix("0") { text.removeLast() }
        return text
    }
}

/// Between which magnitudes a conversion of doubles has a finite result that does not vanish.
struct DoubleRange {
    let numerator: Double
    let denominator: Double
    let offset: Double
    /// The largest x for which x · numerator is finite.
    let most: Double
    /// The least x above zero for which x · numerator / denominator is not zero.
    let least: Double

    /// Nil when the offset alone leads out of the range.
    init?(_ conversion: UnitConversion) {
        let numerator = Double(conversion.numerator)
        let denominator = Double(conversion.denominator)
        // Bit patterns of doubles above zero are in the order of the numbers.
        func last(_ holds: (Double) -> Bool) -> Double {
            var (low, high) = (UInt64(0), Double.greatestFiniteMagnitude.bitPattern)
            while low < high {
                let middle = low + (high - low + 1) / 2
                if holds(Double(bitPattern: middle)) { low = middle } else { high = middle - 1 }
            }
            return Double(bitPattern: low)
        }
        self.numerator = numerator
        self.denominator = denominator
        offset =
            conversion.offsetNumerator == 0
            ? 0 : Double(conversion.offsetNumerator) / Double(conversion.offsetDenominator)
        most = last { ($0 * numerator).isFinite }
        least = last { $0 * numerator / denominator == 0 }.nextUp
        for end in [most, -most] where !(end * numerator / denominator + offset).isFinite { return nil }
    }
}
