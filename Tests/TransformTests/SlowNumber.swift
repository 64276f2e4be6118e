/// A whole number of any size, digit by digit: the slow twin of 128-bit arithmetic.
struct SlowNumber: Equatable {
    /// Decimal digits, the lowest first, without leading zeros; empty for zero.
    private(set) var digits: [Int]
    private(set) var isNegative: Bool

    init(_ value: some BinaryInteger) {
        digits = String(value.magnitude).reversed().compactMap(\.wholeNumberValue)
        isNegative = value < 0
        trim()
    }

    private init(digits: [Int], isNegative: Bool) {
        self.digits = digits
        self.isNegative = isNegative
        trim()
    }

    private mutating func trim() {
        while digits.last == 0 { digits.removeLast() }
        if digits.isEmpty { isNegative = false }
    }

    var isZero: Bool { digits.isEmpty }
    var magnitude: SlowNumber { SlowNumber(digits: digits, isNegative: false) }
    var int64: Int64? {
        Int64((isNegative ? "-" : "") + (digits.isEmpty ? "0" : digits.reversed().map(String.init).joined()))
    }

    /// Times 10^n.
    func raised(_ n: Int) -> SlowNumber {
        SlowNumber(digits: Array(repeating: 0, count: n) + digits, isNegative: isNegative)
    }

    static func isLess(_ a: [Int], _ b: [Int]) -> Bool {
        if a.count != b.count { return a.count < b.count }
        for (x, y) in zip(a.reversed(), b.reversed()) where x != y { return x < y }
        return false
    }

    private static func sum(_ a: [Int], _ b: [Int]) -> [Int] {
        var out: [Int] = []
        var carry = 0
        for place in 0..<max(a.count, b.count) + 1 {
            let digit = (place < a.count ? a[place] : 0) + (place < b.count ? b[place] : 0) + carry
            out.append(digit % 10)
            carry = digit / 10
        }
        return out
    }

    /// a is not less than b.
    private static func difference(_ a: [Int], _ b: [Int]) -> [Int] {
        var out: [Int] = []
        var borrow = 0
        for place in a.indices {
            let digit = a[place] - borrow - (place < b.count ? b[place] : 0)
            out.append((digit + 10) % 10)
            borrow = digit < 0 ? 1 : 0
        }
        return out
    }

    static prefix func - (a: SlowNumber) -> SlowNumber { SlowNumber(digits: a.digits, isNegative: !a.isNegative) }

    static func + (a: SlowNumber, b: SlowNumber) -> SlowNumber {
        if a.isNegative == b.isNegative { return SlowNumber(digits: sum(a.digits, b.digits), isNegative: a.isNegative) }
        if isLess(a.digits, b.digits) {
            return SlowNumber(digits: difference(b.digits, a.digits), isNegative: b.isNegative)
        }
        return SlowNumber(digits: difference(a.digits, b.digits), isNegative: a.isNegative)
    }

    static func * (a: SlowNumber, b: SlowNumber) -> SlowNumber {
        var out = Array(repeating: 0, count: a.digits.count + b.digits.count)
        for (i, x) in a.digits.enumerated() {
            for (j, y) in b.digits.enumerated() {
                var place = i + j
                var carry = x * y
                while carry > 0 {
                    let digit = out[place] + carry
                    out[place] = digit % 10
                    carry = digit / 10
                    place += 1
                }
            }
        }
        return SlowNumber(digits: out, isNegative: a.isNegative != b.isNegative)
    }

    /// The quotient, truncated; the divisor is not zero.
    static func / (a: SlowNumber, b: SlowNumber) -> SlowNumber {
        var rest: [Int] = []
        var out: [Int] = []
        for digit in a.digits.reversed() {
            rest.insert(digit, at: 0)
            while rest.last == 0 { rest.removeLast() }
            var times = 0
            while !isLess(rest, b.digits) {
                rest = difference(rest, b.digits)
                while rest.last == 0 { rest.removeLast() }
                times += 1
            }
            out.insert(times, at: 0)
        }
        return SlowNumber(digits: out, isNegative: a.isNegative != b.isNegative)
    }

    /// The quotient, halves away from zero: (2|a| + |b|) / 2|b|.
    static func rounded(_ a: SlowNumber, by b: SlowNumber) -> SlowNumber {
        let two = SlowNumber(2)
        let quotient = (two * a.magnitude + b.magnitude) / (two * b.magnitude)
        return a.isNegative != b.isNegative ? -quotient : quotient
    }
}
