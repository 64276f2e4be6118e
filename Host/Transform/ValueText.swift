internal import Foundations

/// The one way in which values become text: decimal integers, shortest round-trip numbers, ISO dates, times with Z.
///
/// Each function writes at most `ValueText.capacity` bytes at `out` and returns how many.
enum ValueText {
    static let capacity = 48

    @inline(__always)
    static func int64(_ value: Int64, _ out: UnsafeMutableRawPointer) -> Int {
        var at = 0
        if value < 0 {
            out.storeBytes(of: 0x2D, as: UInt8.self)
            at = 1
        }
        return at + unsigned(value.magnitude, out + at)
    }

    @inline(__always)
    private static func unsigned(_ value: UInt64, _ out: UnsafeMutableRawPointer) -> Int {
        var size = 1
        var bound: UInt64 = 10
        while size < 20, value >= bound {
            size += 1
            let (next, overflow) = bound.multipliedReportingOverflow(by: 10)
            if overflow { break }
            bound = next
        }
        var rest = value
        var at = size
        while at > 0 {
            at -= 1
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            out.storeBytes(of: 0x30 + UInt8(truncatingIfNeeded: digit), toByteOffset: at, as: UInt8.self)
            rest = quotient
        }
        return size
    }

    /// As ECMAScript writes numbers; NaN and infinities by their names there.
    static func float64(_ value: Double, _ out: UnsafeMutableRawPointer) -> Int {
        let magnitude = value.magnitude
        if magnitude == 0 { return put("0", out) }
        // A decimal of at most 15 digits that converts to the value is the shortest that does.
        if magnitude < 1e15, magnitude >= 1e-6 {
            var power = 1.0
            for places in 0..<7 {
                let scaled = (magnitude * power).rounded()
                if scaled < 1e15, scaled / power == magnitude {
                    var at = 0
                    if value < 0 {
                        out.storeBytes(of: 0x2D, as: UInt8.self)
                        at = 1
                    }
                    return at + decimal(UInt64(scaled), places: places, out + at)
                }
                power *= 10
            }
        }
        if value.isNaN { return put("NaN", out) }
        if value.isInfinite { return put(value < 0 ? "-Infinity" : "Infinity", out) }
        return put(JSON.ecmaScript(value), out)
    }

    /// Units of 10^-scale as digits, with a point before the last `scale` of them.
    @inline(__always)
    static func decimal(_ units: Int64, scale: UInt8, _ out: UnsafeMutableRawPointer) -> Int {
        if units < 0 { out.storeBytes(of: 0x2D, as: UInt8.self) }
        let at = units < 0 ? 1 : 0
        return at + decimal(units.magnitude, places: Int(scale), out + at)
    }

    /// `true` or `false`.
    @inline(__always)
    static func bool(_ value: Bool, _ out: UnsafeMutableRawPointer) -> Int { put(value ? "true" : "false", out) }

    /// `digits` with a point before the last `places`.
    private static func decimal(_ digits: UInt64, places: Int, _ out: UnsafeMutableRawPointer) -> Int {
        if places == 0 { return unsigned(digits, out) }
        var divisor: UInt64 = 1
        for _ in 0..<places { divisor *= 10 }
        var (whole, fraction) = digits.quotientAndRemainder(dividingBy: divisor)
        let size = unsigned(whole, out)
        out.storeBytes(of: 0x2E, toByteOffset: size, as: UInt8.self)
        for place in stride(from: size + places, to: size, by: -1) {
            (fraction, whole) = fraction.quotientAndRemainder(dividingBy: 10)
            out.storeBytes(of: 0x30 + UInt8(truncatingIfNeeded: whole), toByteOffset: place, as: UInt8.self)
        }
        return size + 1 + places
    }

    /// `YYYY-MM-DD`; years outside 0000–9999 with their sign, as ISO 8601 expands them.
    static func date(_ days: Int, _ out: UnsafeMutableRawPointer) -> Int {
        let (year, month, day) = CivilTime.date(days: days)
        var at = 0
        if year < 0 || year > 9999 {
            out.storeBytes(of: year < 0 ? 0x2D : 0x2B, as: UInt8.self)
            at = 1
        }
        let magnitude = year.magnitude
        if magnitude > 9999 {
            at += unsigned(UInt64(magnitude), out + at)
        } else {
            two(Int(magnitude) / 100, out + at)
            two(Int(magnitude) % 100, out + at + 2)
            at += 4
        }
        out.storeBytes(of: 0x2D, toByteOffset: at, as: UInt8.self)
        two(month, out + at + 1)
        out.storeBytes(of: 0x2D, toByteOffset: at + 3, as: UInt8.self)
        two(day, out + at + 4)
        return at + 6
    }

    /// `YYYY-MM-DDTHH:MM:SS.ffffffZ`.
    static func timestamp(_ microseconds: Int64, _ out: UnsafeMutableRawPointer) -> Int {
        var days = microseconds / 86_400_000_000
        var time = Int(microseconds % 86_400_000_000)
        if time < 0 {
            time += 86_400_000_000
            days -= 1
        }
        var at = date(Int(days), out)
        let seconds = time / 1_000_000
        let fraction = time % 1_000_000
        out.storeBytes(of: 0x54, toByteOffset: at, as: UInt8.self)
        two(seconds / 3600, out + at + 1)
        out.storeBytes(of: 0x3A, toByteOffset: at + 3, as: UInt8.self)
        two(seconds / 60 % 60, out + at + 4)
        out.storeBytes(of: 0x3A, toByteOffset: at + 6, as: UInt8.self)
        two(seconds % 60, out + at + 7)
        out.storeBytes(of: 0x2E, toByteOffset: at + 9, as: UInt8.self)
        at += 10
        two(fraction / 10_000, out + at)
        two(fraction / 100 % 100, out + at + 2)
        two(fraction % 100, out + at + 4)
        out.storeBytes(of: 0x5A, toByteOffset: at + 6, as: UInt8.self)
        return at + 7
    }

    @inline(__always)
    private static func two(_ value: Int, _ out: UnsafeMutableRawPointer) {
        out.storeBytes(of: 0x30 + UInt8(truncatingIfNeeded: value / 10), as: UInt8.self)
        out.storeBytes(of: 0x30 + UInt8(truncatingIfNeeded: value % 10), toByteOffset: 1, as: UInt8.self)
    }

    private static func put(_ text: String, _ out: UnsafeMutableRawPointer) -> Int {
        var text = text
        return text.withUTF8 { bytes in
            if let base = bytes.baseAddress { out.copyMemory(from: base, byteCount: bytes.count) }
            return bytes.count
        }
    }
}
