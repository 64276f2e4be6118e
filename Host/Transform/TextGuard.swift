internal import CVector
internal import Foundations

/// The anchored guards through which text becomes a value: everything else is an error, and no white space is skipped.
///
/// Each function writes `out` and returns nil, or returns the reason and leaves `out` as it was.
enum TextGuard {
    /// `[+-]?[0-9]{1,19}(\.0+)?` within 64 bits.
    @inline(__always)
    static func int64(_ bytes: UnsafeRawBufferPointer, _ out: inout Int64) -> Reason? {
        let end = bytes.count
        guard let base = bytes.baseAddress, end > 0 else { return .notInteger }
        if end <= 16 {
            // Most integers are digits alone.
            let digits = cvector_digits(base, end)
            if digits != UInt64.max {
                out = Int64(truncatingIfNeeded: digits)
                return nil
            }
        }
        var at = 0
        let negative = bytes[0] == 0x2D
        if negative || bytes[0] == 0x2B { at = 1 }
        let start = at
        var magnitude: UInt64 = 0
        while at < end {
            let digit = bytes[at] &- 0x30
            if digit > 9 { break }
            // At most 19 digits count, and 19 nines are below 2^64.
            magnitude = magnitude &* 10 &+ UInt64(digit)
            at += 1
            if at - start > 19 { return .notInteger }
        }
        guard at > start else { return .notInteger }
        if at < end {
            guard bytes[at] == 0x2E, at + 1 < end else { return .notInteger }
            at += 1
            while at < end {
                guard bytes[at] == 0x30 else { return .notInteger }
                at += 1
            }
        }
        guard magnitude <= UInt64(Int64.max) + (negative ? 1 : 0) else { return .overflow }
        out = Int64(truncatingIfNeeded: negative ? 0 &- magnitude : magnitude)
        return nil
    }

    /// `[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?`, correctly rounded and finite.
    static func float64(_ bytes: UnsafeRawBufferPointer, _ out: inout Double) -> Reason? {
        let end = bytes.count
        guard end > 0 else { return .notNumber }
        var at = 0
        let negative = bytes[0] == 0x2D
        if negative || bytes[0] == 0x2B { at = 1 }
        var mantissa: UInt64 = 0
        var significant = 0
        var scale = 0
        // Digits before and behind the point; leading zeros are not significant.
        func digits(_ isFraction: Bool) -> Bool {
            let start = at
            while at < end {
                let digit = bytes[at] &- 0x30
                if digit > 9 { break }
                if significant > 0 || digit > 0 { significant += 1 }
                if significant <= 19 { mantissa = mantissa &* 10 &+ UInt64(digit) }
                if isFraction { scale -= 1 }
                at += 1
            }
            return at > start
        }
        guard digits(false) else { return .notNumber }
        if at < end, bytes[at] == 0x2E {
            at += 1
            guard digits(true) else { return .notNumber }
        }
        if at < end {
            guard bytes[at] | 0x20 == 0x65 else { return .notNumber }
            at += 1
            let isNegative = at < end && bytes[at] == 0x2D
            if at < end, isNegative || bytes[at] == 0x2B { at += 1 }
            guard at < end else { return .notNumber }
            var exponent = 0
            while at < end {
                let digit = bytes[at] &- 0x30
                guard digit <= 9 else { return .notNumber }
                exponent = min(exponent * 10 + Int(digit), 1_000_000_000)
                at += 1
            }
            scale += isNegative ? -exponent : exponent
        }
        // Both factors are exact doubles, so that the one operation rounds correctly (Clinger 1990).
        if significant <= 19, mantissa <= 1 << 53, scale >= -22, scale <= 22 {
            let exact = Double(mantissa)
            let value = scale < 0 ? exact / powersOfTen[-scale] : exact * powersOfTen[scale]
            out = negative ? -value : value
            return nil
        }
        return slowFloat64(bytes, &out)
    }

    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20,
        1e21, 1e22,
    ]

    /// The standard library's correctly rounded conversion of a text that has passed the guard.
    @inline(never)
    private static func slowFloat64(_ bytes: UnsafeRawBufferPointer, _ out: inout Double) -> Reason? {
        guard let value = Double(String(decoding: bytes, as: UTF8.self)) else { return .notNumber }
        guard value.isFinite else { return .overflow }
        out = value
        return nil
    }

    /// `true false t f yes no y n 1 0` in any case.
    @inline(__always)
    static func bool(_ bytes: UnsafeRawBufferPointer, _ out: inout Bool) -> Reason? {
        func letter(_ at: Int) -> UInt8 { bytes[at] | 0x20 }
        switch bytes.count {
        case 1:
            switch bytes[0] {
            case 0x31, 0x54, 0x74, 0x59, 0x79: out = true
            case 0x30, 0x46, 0x66, 0x4E, 0x6E: out = false
            default: return .notBoolean
            }
            return nil
        case 2 where letter(0) == 0x6E && letter(1) == 0x6F: out = false
        case 3 where letter(0) == 0x79 && letter(1) == 0x65 && letter(2) == 0x73: out = true
        case 4 where letter(0) == 0x74 && letter(1) == 0x72 && letter(2) == 0x75 && letter(3) == 0x65: out = true
        case 5
        where letter(0) == 0x66 && letter(1) == 0x61 && letter(2) == 0x6C && letter(3) == 0x73 && letter(4) == 0x65:
            out = false
        default: return .notBoolean
        }
        return nil
    }

    /// `YYYY-MM-DD`: days since 1970-01-01.
    @inline(__always)
    static func date(_ bytes: UnsafeRawBufferPointer, _ out: inout Int32) -> Reason? {
        guard bytes.count == 10 else { return .notDate }
        let days = leadingDate(bytes)
        guard days != Int.min else { return .notDate }
        out = Int32(truncatingIfNeeded: days)
        return nil
    }

    /// The days of the `YYYY-MM-DD` that at least ten bytes begin with, or `Int.min`.
    @inline(__always)
    private static func leadingDate(_ bytes: UnsafeRawBufferPointer) -> Int {
        let year = Digits.fixed(bytes, at: 0, width: 4)
        let month = Digits.fixed(bytes, at: 5, width: 2)
        let day = Digits.fixed(bytes, at: 8, width: 2)
        guard year > 0, month > 0, day > 0, bytes[4] == 0x2D, bytes[7] == 0x2D,
            CivilTime.isValid(year: year, month: month, day: day)
        else { return Int.min }
        return CivilTime.days(year: year, month: month, day: day)
    }

    /// RFC 3339, or `YYYY-MM-DD HH:MM:SS[.f]` in UTC: microseconds since 1970.
    ///
    /// Digits behind the sixth of a second's fraction must be zeros; the instant lies in the years 0001–9999.
    static func timestamp(_ bytes: UnsafeRawBufferPointer, _ out: inout Int64) -> Reason? {
        guard bytes.count >= 19 else { return .notTimestamp }
        let hasZone = bytes[10] | 0x20 == 0x74
        guard hasZone || bytes[10] == 0x20 else { return .notTimestamp }
        let days = leadingDate(bytes)
        let hour = Digits.fixed(bytes, at: 11, width: 2)
        let minute = Digits.fixed(bytes, at: 14, width: 2)
        let second = Digits.fixed(bytes, at: 17, width: 2)
        guard days != Int.min, bytes[13] == 0x3A, bytes[16] == 0x3A, hour >= 0, hour < 24, minute >= 0, minute < 60,
            second >= 0, second < 60
        else { return .notTimestamp }
        var at = 19
        var fraction = 0
        if at < bytes.count, bytes[at] == 0x2E {
            at += 1
            let start = at
            var unit = 100_000
            while at < bytes.count {
                let digit = bytes[at] &- 0x30
                if digit > 9 { break }
                if unit == 0, digit > 0 { return .notTimestamp }
                fraction += Int(digit) * unit
                unit /= 10
                at += 1
            }
            guard at > start else { return .notTimestamp }
        }
        var offset = 0
        if hasZone {
            guard at < bytes.count else { return .notTimestamp }
            let sign = bytes[at]
            if sign | 0x20 == 0x7A {
                at += 1
            } else {
                let hours = Digits.fixed(bytes, at: at + 1, width: 2)
                let minutes = Digits.fixed(bytes, at: at + 4, width: 2)
                guard sign == 0x2B || sign == 0x2D, hours >= 0, hours < 24, minutes >= 0, minutes < 60,
                    bytes[at + 3] == 0x3A
                else { return .notTimestamp }
                offset = (hours * 60 + minutes) * (sign == 0x2D ? -60 : 60)
                at += 6
            }
        }
        guard at == bytes.count else { return .notTimestamp }
        let seconds = days * 86400 + hour * 3600 + minute * 60 + second - offset
        let value = Int64(seconds) * 1_000_000 + Int64(fraction)
        guard Calendar.holds(microseconds: value) else { return .notTimestamp }
        out = value
        return nil
    }
}

/// The years 0001–9999.
enum Calendar {
    static let firstDay: Int32 = -719_162
    static let lastDay: Int32 = 2_932_896

    @inline(__always)
    static func holds(day: Int32) -> Bool { day >= firstDay && day <= lastDay }

    @inline(__always)
    static func holds(microseconds: Int64) -> Bool {
        microseconds >= Int64(firstDay) * 86_400_000_000 && microseconds < (Int64(lastDay) + 1) * 86_400_000_000
    }
}
