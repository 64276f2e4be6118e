/// Strict JSON (RFC 8259): UTF-8, no duplicate keys, no lone surrogates, bounded depth, nothing behind the value.
public struct JSONParser {
    /// What is wrong, and the byte offset where.
    public struct Failure: Error, Equatable {
        public let reason: String
        public let offset: Int
    }

    /// Deepest nesting of arrays and objects.
    public static let maximumDepth = 128

    /// Parses a whole document.
    ///
    /// - Throws: `SluiceError` of kind `json.invalid` that names the byte offset; never any of the content.
    public static func parse(_ text: [UInt8], name: String = "document") throws(SluiceError) -> JSON {
        do { return try parseBytes(text) } catch {
            throw SluiceError(.jsonInvalid, "The \(name) is not valid JSON: \(error.reason) at byte \(error.offset).")
        }
    }

    public static func parse(_ text: String, name: String = "document") throws(SluiceError) -> JSON {
        try parse(Array(text.utf8), name: name)
    }

    /// As `parse`, with the bare failure.
    ///
    /// - Parameter maximumValues: values that the document may hold, of every kind and depth. A value takes a hundred bytes
    ///   of memory and more, whatever few it has in the text: what a stranger wrote needs a bound.
    public static func parseBytes(_ text: [UInt8], maximumValues: Int = .max) throws(Failure) -> JSON {
        guard isValidUTF8(text) else { throw Failure(reason: "it is not UTF-8", offset: 0) }
        var parser = JSONParser(text: text, left: maximumValues)
        parser.skipSpace()
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.at == text.count else { throw parser.failure("there is text behind the value") }
        return value
    }

    private let text: [UInt8]
    private var at = 0
    /// Values that may still come.
    private var left: Int

    private init(text: [UInt8], left: Int) {
        self.text = text
        self.left = left
    }

    private func failure(_ reason: String) -> Failure { Failure(reason: reason, offset: at) }

    private var current: UInt8? { at < text.count ? text[at] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
    }

    private mutating func take(_ literal: StaticString, _ value: JSON) throws(Failure) -> JSON {
        let matches = literal.withUTF8Buffer { word in
            at + word.count <= text.count && word.indices.allSatisfy { text[at + $0] == word[$0] }
        }
        guard matches else { throw failure("a value was expected") }
        at += literal.utf8CodeUnitCount
        return value
    }

    private mutating func value(depth: Int) throws(Failure) -> JSON {
        guard depth <= Self.maximumDepth else { throw failure("it is nested deeper than \(Self.maximumDepth)") }
        guard left > 0 else { throw failure("it holds too many values") }
        left -= 1
        switch current {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try take("true", .bool(true))
        case UInt8(ascii: "f"): return try take("false", .bool(false))
        case UInt8(ascii: "n"): return try take("null", .null)
        case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try number()
        default: throw failure(current == nil ? "it ends where a value was expected" : "a value was expected")
        }
    }

    private mutating func object(depth: Int) throws(Failure) -> JSON {
        at += 1
        var members: [String: JSON] = [:]
        skipSpace()
        if current == UInt8(ascii: "}") {
            at += 1
            return .object(members)
        }
        while true {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw failure("a key was expected") }
            let keyOffset = at
            let key = try string()
            skipSpace()
            guard current == UInt8(ascii: ":") else { throw failure("':' was expected") }
            at += 1
            skipSpace()
            let member = try value(depth: depth + 1)
            guard members.updateValue(member, forKey: key) == nil else {
                throw Failure(reason: "a key stands twice in one object", offset: keyOffset)
            }
            skipSpace()
            switch current {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: "}"):
                at += 1
                return .object(members)
            default: throw failure("',' or '}' was expected")
            }
        }
    }

    private mutating func array(depth: Int) throws(Failure) -> JSON {
        at += 1
        var elements: [JSON] = []
        skipSpace()
        if current == UInt8(ascii: "]") {
            at += 1
            return .array(elements)
        }
        while true {
            skipSpace()
            elements.append(try value(depth: depth + 1))
            skipSpace()
            switch current {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: "]"):
                at += 1
                return .array(elements)
            default: throw failure("',' or ']' was expected")
            }
        }
    }

    private mutating func string() throws(Failure) -> String {
        at += 1
        var bytes: [UInt8] = []
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                at += 1
                return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                at += 1
                try escape(into: &bytes)
            case 0..<0x20: throw failure("a control character stands unescaped in a string")
            default:
                bytes.append(byte)
                at += 1
            }
        }
        throw failure("a string does not end")
    }

    private mutating func escape(into bytes: inout [UInt8]) throws(Failure) {
        guard let byte = current else { throw failure("a string does not end") }
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"):
            let first = try hexadecimal()
            var scalar = UInt32(first)
            if first >= 0xD800 && first < 0xDC00 {
                guard current == UInt8(ascii: "\\"), at + 1 < text.count, text[at + 1] == UInt8(ascii: "u") else {
                    throw failure("a surrogate stands alone")
                }
                at += 2
                let second = try hexadecimal()
                guard second >= 0xDC00 && second < 0xE000 else { throw failure("a surrogate stands alone") }
                scalar = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
            }
            guard let valid = Unicode.Scalar(scalar) else { throw failure("a surrogate stands alone") }
            bytes.append(contentsOf: Array(String(Character(valid)).utf8))
        default: throw failure("an escape is not known")
        }
    }

    private mutating func hexadecimal() throws(Failure) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Hex.value(of: byte) else {
                throw failure("four hexadecimal digits were expected")
            }
            value = value << 4 | UInt16(digit)
            at += 1
        }
        return value
    }

    private mutating func number() throws(Failure) -> JSON {
        let start = at
        var isInteger = true
        if current == UInt8(ascii: "-") { at += 1 }
        func digits(_ parser: inout JSONParser) -> Int {
            let from = parser.at
            while let byte = parser.current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { parser.at += 1 }
            return parser.at - from
        }
        let leadingZero = current == UInt8(ascii: "0")
        let whole = digits(&self)
        guard whole > 0, !(leadingZero && whole > 1) else { throw failure("a number is malformed") }
        if current == UInt8(ascii: ".") {
            isInteger = false
            at += 1
            guard digits(&self) > 0 else { throw failure("a number is malformed") }
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isInteger = false
            at += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { at += 1 }
            guard digits(&self) > 0 else { throw failure("a number is malformed") }
        }
        let literal = String(decoding: text[start..<at], as: UTF8.self)
        if isInteger, let value = Int64(literal), literal != "-0" { return .int(value) }
        guard let value = Double(literal), value.isFinite else { throw failure("a number is out of range") }
        return .double(value)
    }
}
