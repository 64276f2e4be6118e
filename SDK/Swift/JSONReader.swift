extension JSONValue {
    /// Read one document; throws a `PluginFailure` that names the byte offset, never the text.
    public init(parsing bytes: UnsafeRawBufferPointer) throws(PluginFailure) {
        var reader = JSONReader(bytes: bytes)
        self = try reader.document()
    }

    /// Read one document from an array of bytes.
    public init(parsing bytes: [UInt8]) throws(PluginFailure) { try self.init(parsing: bytes, atMost: .max) }

    /// Read one document of a stranger.
    ///
    /// - Parameter values: how many values it may hold in all, those within others among them. A value takes up to about
    ///   100 bytes of memory and two of the document, so a limit of its bytes alone bounds little.
    public init(parsing bytes: [UInt8], atMost values: Int) throws(PluginFailure) {
        // A typed throw does not pass through a rethrowing closure of the standard library as a type: carry a Result.
        let outcome: Result<JSONValue, PluginFailure> = bytes.withUnsafeBytes { raw in
            do throws(PluginFailure) {
                var reader = JSONReader(bytes: raw, atMost: values)
                return .success(try reader.document())
            } catch { return .failure(error) }
        }
        self = try outcome.get()
    }
}

/// A recursive-descent reader over borrowed bytes; it never reads past their end.
struct JSONReader {
    private static let maximumDepth = 64
    private let bytes: UnsafeRawBufferPointer
    private var at = 0
    /// Values that may still come.
    private var rest: Int

    init(bytes: UnsafeRawBufferPointer, atMost values: Int = .max) {
        self.bytes = bytes
        rest = values
    }

    mutating func document() throws(PluginFailure) -> JSONValue {
        let value = try value(depth: 0)
        skipSpace()
        guard at == bytes.count else { throw failure("text behind the document") }
        return value
    }

    private func failure(_ what: StaticString) -> PluginFailure {
        PluginFailure(message: "Bad JSON at byte \(at): \(what).")
    }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { at += 1 }
    }

    private mutating func take(_ byte: Character) -> Bool {
        guard let next, next == byte.asciiValue else { return false }
        at += 1
        return true
    }

    private mutating func value(depth: Int) throws(PluginFailure) -> JSONValue {
        guard depth < JSONReader.maximumDepth else { throw failure("nested too deeply") }
        guard rest > 0 else { throw failure("too many values") }
        rest -= 1
        skipSpace()
        guard let next else { throw failure("a value was expected") }
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw failure("a value was expected")
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(PluginFailure) -> JSONValue {
        let count = text.utf8CodeUnitCount
        guard at + count <= bytes.count else { throw failure("a value was expected") }
        for index in 0..<count where bytes[at + index] != text.utf8Start[index] {
            throw failure("a value was expected")
        }
        at += count
        return value
    }

    private mutating func array(depth: Int) throws(PluginFailure) -> JSONValue {
        at += 1
        var values: [JSONValue] = []
        skipSpace()
        if take("]") { return .array(values) }
        while true {
            values.append(try value(depth: depth + 1))
            skipSpace()
            if take("]") { return .array(values) }
            guard take(",") else { throw failure("a comma or ] was expected") }
        }
    }

    private mutating func object(depth: Int) throws(PluginFailure) -> JSONValue {
        at += 1
        var members: [JSONObject.Member] = []
        var seen: Set<String> = []
        skipSpace()
        if take("}") { return .object(JSONObject()) }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw failure("a key was expected") }
            let key = try string()
            guard seen.insert(key).inserted else { throw failure("a key is repeated") }
            skipSpace()
            guard take(":") else { throw failure("a colon was expected") }
            members.append(JSONObject.Member(key: key, value: try value(depth: depth + 1)))
            skipSpace()
            if take("}") { return .object(JSONObject(unique: members)) }
            guard take(",") else { throw failure("a comma or } was expected") }
        }
    }

    private mutating func number() throws(PluginFailure) -> JSONValue {
        let start = at
        var isWhole = true
        _ = take("-")
        if !take("0") { guard digits() > 0 else { throw failure("a digit was expected") } }
        if take(".") {
            isWhole = false
            guard digits() > 0 else { throw failure("a digit was expected") }
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("+") { _ = take("-") }
            guard digits() > 0 else { throw failure("a digit was expected") }
        }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        if isWhole, let whole = Int64(text) { return .int(whole) }
        guard let value = Double(text), value.isFinite else { throw failure("a number is out of range") }
        return .double(value)
    }

    private mutating func digits() -> Int {
        let start = at
        while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { at += 1 }
        return at - start
    }

    private mutating func string() throws(PluginFailure) -> String {
        at += 1
        let start = at
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { at += 1 }
        if next == UInt8(ascii: "\"") {
            defer { at += 1 }
            return try text(UnsafeRawBufferPointer(rebasing: bytes[start..<at]))
        }
        var out = Array(bytes[start..<at])
        while let byte = next {
            at += 1
            switch byte {
            case UInt8(ascii: "\""):
                let outcome: Result<String, PluginFailure> = out.withUnsafeBytes { raw in
                    do throws(PluginFailure) { return .success(try text(raw)) } catch { return .failure(error) }
                }
                return try outcome.get()
            case UInt8(ascii: "\\"): try escape(into: &out)
            case 0..<0x20: throw failure("a control character in a string")
            default: out.append(byte)
            }
        }
        throw failure("an unfinished string")
    }

    private func text(_ raw: UnsafeRawBufferPointer) throws(PluginFailure) -> String {
        guard let text = String(validating: raw, as: UTF8.self) else { throw failure("ill-formed UTF-8") }
        return text
    }

    private mutating func escape(into out: inout [UInt8]) throws(PluginFailure) {
        guard let byte = next else { throw failure("an unfinished string") }
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(byte)
        case UInt8(ascii: "b"): out.append(0x08)
        case UInt8(ascii: "f"): out.append(0x0C)
        case UInt8(ascii: "n"): out.append(0x0A)
        case UInt8(ascii: "r"): out.append(0x0D)
        case UInt8(ascii: "t"): out.append(0x09)
        case UInt8(ascii: "u"):
            var unit = try fourDigits()
            if unit >= 0xD800, unit < 0xDC00 {
                guard take("\\"), take("u") else { throw failure("a lone surrogate") }
                let low = try fourDigits()
                guard low >= 0xDC00, low < 0xE000 else { throw failure("a lone surrogate") }
                unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(unit) else { throw failure("a lone surrogate") }
            out.append(contentsOf: Character(scalar).utf8)
        default: throw failure("an unknown escape")
        }
    }

    private mutating func fourDigits() throws(PluginFailure) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("four hexadecimal digits were expected")
            }
            value = value << 4 + UInt32(digit)
            at += 1
        }
        return value
    }
}
