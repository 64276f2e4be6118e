/// The one writer of JSON that is hashed: RFC 8785 (JSON Canonicalization Scheme).
///
/// Keys are sorted by UTF-16 code units, numbers are written as ECMAScript does, nothing is written twice.
extension JSON {
    /// The canonical text in UTF-8.
    ///
    /// Integers beyond ±2^53 are not representable in RFC 8785 and are rounded as ECMAScript would; put such
    /// values into strings. NaN and infinities, which JSON does not have, are written as null.
    public var canonicalBytes: [UInt8] {
        var out: [UInt8] = []
        write(into: &out)
        return out
    }

    public var canonicalText: String { String(decoding: canonicalBytes, as: UTF8.self) }

    /// SHA-256 of the canonical text.
    public var canonicalHash: SHA256.Digest { SHA256.hash(canonicalBytes) }

    private func write(into out: inout [UInt8]) {
        switch self {
        case .null: out.append(contentsOf: "null".utf8)
        case .bool(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
        case .int(let value):
            if value.magnitude <= 9_007_199_254_740_992 {
                out.append(contentsOf: String(value).utf8)
            } else {
                out.append(contentsOf: Self.ecmaScript(Double(value)).utf8)
            }
        case .double(let value): out.append(contentsOf: (value.isFinite ? Self.ecmaScript(value) : "null").utf8)
        case .string(let value): Self.write(value, into: &out)
        case .array(let elements):
            out.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                element.write(into: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .object(let members):
            out.append(UInt8(ascii: "{"))
            let keys = members.keys.sorted { $0.utf16.lexicographicallyPrecedes($1.utf16) }
            for (index, key) in keys.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                Self.write(key, into: &out)
                out.append(UInt8(ascii: ":"))
                members[key]?.write(into: &out)
            }
            out.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ string: String, into out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""): out.append(contentsOf: #"\""#.utf8)
            case UInt8(ascii: "\\"): out.append(contentsOf: #"\\"#.utf8)
            case 0x08: out.append(contentsOf: #"\b"#.utf8)
            case 0x09: out.append(contentsOf: #"\t"#.utf8)
            case 0x0A: out.append(contentsOf: #"\n"#.utf8)
            case 0x0C: out.append(contentsOf: #"\f"#.utf8)
            case 0x0D: out.append(contentsOf: #"\r"#.utf8)
            case 0..<0x20:
                out.append(contentsOf: #"\u00"#.utf8)
                out.append(contentsOf: Hex.digits(byte))
            default: out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
    }

    /// A number as ECMAScript's Number::toString writes it (ECMA-262, 6.1.6.1.20).
    ///
    /// The digits are Swift's, which are the shortest that round-trip; only the layout differs.
    public static func ecmaScript(_ value: Double) -> String {
        if value == 0 { return "0" }
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity" }
        let sign = value < 0 ? "-" : ""
        let (digits, point) = shortestDigits(value.magnitude)
        let count = digits.count
        func text(_ slice: some Sequence<UInt8>) -> String { String(decoding: Array(slice), as: UTF8.self) }
        if count <= point && point <= 21 { return sign + text(digits) + String(repeating: "0", count: point - count) }
        if 0 < point && point <= 21 { return sign + text(digits[..<point]) + "." + text(digits[point...]) }
        if -6 < point && point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + text(digits) }
        let exponent = point - 1
        let mantissa = count == 1 ? text(digits) : text(digits[..<1]) + "." + text(digits[1...])
        return sign + mantissa + "e" + (exponent < 0 ? "-" : "+") + String(exponent.magnitude)
    }

    /// The significant digits of a positive number, and the position of the decimal point relative to the first.
    static func shortestDigits(_ value: Double) -> (digits: [UInt8], point: Int) {
        var digits: [UInt8] = []
        var point = 0
        var exponent = 0
        var seenPoint = false
        var inExponent = false
        var negativeExponent = false
        for byte in value.description.utf8 {
            switch byte {
            case UInt8(ascii: "."): seenPoint = true
            case UInt8(ascii: "e"): inExponent = true
            case UInt8(ascii: "-"): negativeExponent = true
            case UInt8(ascii: "+"): break
            default:
                if inExponent {
                    exponent = exponent * 10 + Int(byte - UInt8(ascii: "0"))
                } else {
                    if !seenPoint { point += 1 }
                    digits.append(byte)
                }
            }
        }
        point += negativeExponent ? -exponent : exponent
        let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(leading)
        point -= leading
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (digits, point)
    }
}
