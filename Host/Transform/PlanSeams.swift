internal import Columnar

/// Where plans meet patterns, units and zones.
enum PlanSeams {
    /// What is not allowed, and what is.
    struct Mistake: Error {
        let reason: String
        let hint: String
        /// Of a conversion: the unit that is wrong is the one behind `to`.
        var isTarget = false
    }

    /// Longest pattern in bytes.
    static let maximumPattern = 256

    static func regex(_ source: String) throws(Mistake) -> Regex { Regex(source: source) }

    static func hasGroup(_ regex: Regex) -> Bool {
        var isEscaped = false
        var inClass = false
        let bytes = Array(regex.source.utf8)
        for (place, byte) in bytes.enumerated() {
            if isEscaped {
                isEscaped = false
                continue
            }
            switch byte {
            case UInt8(ascii: "\\"): isEscaped = true
            case UInt8(ascii: "["): inClass = true
            case UInt8(ascii: "]"): inClass = false
            case UInt8(ascii: "(") where !inClass:
                if place + 1 >= bytes.count || bytes[place + 1] != UInt8(ascii: "?") { return true }
            default: break
            }
        }
        return false
    }

    static func canMatchEmpty(_ regex: Regex) -> Bool {
        regex.source.hasSuffix("*") || regex.source.hasSuffix("?") || regex.source.hasSuffix("{0,}")
    }

    static func hasOffset(_ pattern: DatePattern) -> Bool { pattern.source.contains("XXX") }
    static func hasShortYear(_ pattern: DatePattern) -> Bool {
        pattern.source.contains("yy") && !pattern.source.contains("yyyy")
    }

    static func zoneMistake(_ name: String) -> Mistake? {
        let isName = name.utf8.allSatisfy { byte in
            (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 <= 9 || "_+-/".utf8.contains(byte)
        }
        return isName ? nil : Mistake(reason: "it is no zone's name", hint: "For example \"Europe/Berlin\" or \"UTC\".")
    }

    static func conversion(from: String, to: String, type: ColumnType) throws(Mistake) -> UnitConversion {
        // Metres, then kilograms, by what the units are defined as.
        let units: [(String, dimension: Int, Int64, Int64)] = [
            ("m", 0, 1, 1), ("km", 0, 1000, 1), ("cm", 0, 1, 100), ("in", 0, 127, 5000), ("ft", 0, 381, 1250),
            ("mi", 0, 201_168, 125), ("kg", 1, 1, 1), ("g", 1, 1, 1000), ("lb", 1, 45_359_237, 100_000_000),
        ]
        let hint = "Units: " + units.map(\.0).joined(separator: ", ") + "."
        guard let a = units.first(where: { $0.0 == from }) else {
            throw Mistake(reason: "there is no unit \(Rejection.quoted(from))", hint: hint)
        }
        guard let b = units.first(where: { $0.0 == to }), a.dimension == b.dimension else {
            throw Mistake(reason: "there is no unit \(Rejection.quoted(to)) of that kind", hint: hint, isTarget: true)
        }
        var (numerator, denominator) = (a.2 * b.3, a.3 * b.2)
        var (x, y) = (numerator, denominator)
        while y != 0 { (x, y) = (y, x % y) }
        (numerator, denominator) = (numerator / x, denominator / x)
        return UnitConversion(from: from, to: to, type: type, numerator: numerator, denominator: denominator)
    }
}
