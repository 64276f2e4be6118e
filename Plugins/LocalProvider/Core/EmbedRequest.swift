/// What a call to `embed` asks for: `{"model":null,"texts":["first name",…]}`.
///
/// Keys that this version does not know are skipped, so that a later host can add some.
public struct EmbedRequest: Equatable, Sendable {
    /// The most texts in one call (ABI, `sluice_provider_ops.embed`).
    public static let textLimit = 10_000

    /// The model's id, or nil for the plugin's own choice.
    public var model: String?
    /// The texts, in the order of the vectors wanted.
    public var texts: [String]

    /// Why a request cannot be read; `offset` counts bytes. Holds nothing of the request.
    public enum Failure: Error, Equatable, Sendable {
        case notJSON(offset: Int)
        case missingTexts
        case tooManyTexts
    }

    /// Reads a request from the UTF-8 of a JSON object (RFC 8259).
    public init(json: UnsafeBufferPointer<UInt8>) throws(Failure) {
        var reader = Reader(bytes: json)
        var model: String?
        var texts: [String]?
        try reader.object { reader, key throws(Failure) in
            switch key {
            case "model": model = try reader.stringOrNull()
            case "texts": texts = try reader.strings(limit: Self.textLimit)
            default: try reader.skipValue(depth: 0)
            }
        }
        try reader.end()
        guard let texts else { throw .missingTexts }
        self.model = model
        self.texts = texts
    }
}

extension EmbedRequest.Failure: CustomStringConvertible {
    /// The failure and the next step.
    public var description: String {
        switch self {
        case .notJSON(let offset):
            "the embed request is not the expected JSON at byte \(offset); send {\"model\":null,\"texts\":[…]}"
        case .missingTexts:
            "the embed request has no \"texts\"; send {\"model\":null,\"texts\":[…]}"
        case .tooManyTexts:
            "the embed request has more than \(EmbedRequest.textLimit) texts; send them in parts"
        }
    }
}

/// A cursor over JSON text.
private struct Reader {
    typealias Failure = EmbedRequest.Failure

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private static let depthLimit = 64

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    private var failure: Failure { .notJSON(offset: position) }

    /// The next byte behind white space, without taking it; 0 at the end, which is no JSON byte.
    private mutating func peek() -> UInt8 {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return bytes[position]
            }
        }
        return 0
    }

    private mutating func take(_ byte: UInt8) throws(Failure) {
        guard peek() == byte, position < bytes.count else { throw failure }
        position += 1
    }

    mutating func end() throws(Failure) {
        _ = peek()
        if position != bytes.count { throw failure }
    }

    mutating func object(_ member: (inout Reader, String) throws(Failure) -> Void) throws(Failure) {
        try take(UInt8(ascii: "{"))
        if peek() == UInt8(ascii: "}") {
            position += 1
            return
        }
        var keys: Set<String> = []
        while true {
            let start = position
            let key = try string()
            guard keys.insert(key).inserted else { throw .notJSON(offset: start) }
            try take(UInt8(ascii: ":"))
            try member(&self, key)
            if try isLast(closing: UInt8(ascii: "}")) { return }
        }
    }

    private mutating func array(_ element: (inout Reader) throws(Failure) -> Void) throws(Failure) {
        try take(UInt8(ascii: "["))
        if peek() == UInt8(ascii: "]") {
            position += 1
            return
        }
        while true {
            try element(&self)
            if try isLast(closing: UInt8(ascii: "]")) { return }
        }
    }

    /// Takes the comma or the closing bracket behind a value.
    private mutating func isLast(closing: UInt8) throws(Failure) -> Bool {
        let byte = peek()
        guard byte == closing || byte == UInt8(ascii: ",") else { throw failure }
        position += 1
        return byte == closing
    }

    mutating func strings(limit: Int) throws(Failure) -> [String] {
        var strings: [String] = []
        try array { reader throws(Failure) in
            if strings.count == limit { throw .tooManyTexts }
            strings.append(try reader.string())
        }
        return strings
    }

    mutating func stringOrNull() throws(Failure) -> String? {
        if peek() == UInt8(ascii: "n") {
            try word("null")
            return nil
        }
        return try string()
    }

    private mutating func word(_ word: StaticString) throws(Failure) {
        for index in 0..<word.utf8CodeUnitCount {
            guard position < bytes.count, bytes[position] == word.utf8Start[index] else { throw failure }
            position += 1
        }
    }

    mutating func skipValue(depth: Int) throws(Failure) {
        if depth > Self.depthLimit { throw failure }
        switch peek() {
        case UInt8(ascii: "{"):
            try object { reader, _ throws(Failure) in try reader.skipValue(depth: depth + 1) }
        case UInt8(ascii: "["):
            try array { reader throws(Failure) in try reader.skipValue(depth: depth + 1) }
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: try skipNumber()
        }
    }

    private mutating func skipNumber() throws(Failure) {
        func isNext(_ byte: UInt8) -> Bool { position < bytes.count && bytes[position] == byte }
        if isNext(UInt8(ascii: "-")) { position += 1 }
        if isNext(UInt8(ascii: "0")) { position += 1 } else { try skipDigits() }
        if isNext(UInt8(ascii: ".")) {
            position += 1
            try skipDigits()
        }
        if isNext(UInt8(ascii: "e")) || isNext(UInt8(ascii: "E")) {
            position += 1
            if isNext(UInt8(ascii: "+")) || isNext(UInt8(ascii: "-")) { position += 1 }
            try skipDigits()
        }
    }

    private mutating func skipDigits() throws(Failure) {
        let start = position
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
        if position == start { throw failure }
    }

    private mutating func string() throws(Failure) -> String {
        try take(UInt8(ascii: "\""))
        let start = position
        // Most strings have no escape: they are taken as they lie.
        while position < bytes.count, bytes[position] != UInt8(ascii: "\""), bytes[position] != UInt8(ascii: "\\") {
            if bytes[position] < 0x20 { throw failure }
            position += 1
        }
        var text = Array(bytes[start..<position])
        while true {
            guard position < bytes.count else { throw failure }
            let byte = bytes[position]
            if byte < 0x20 { throw failure }
            position += 1
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") { try escape(&text) } else { text.append(byte) }
        }
        guard let string = String(validating: text, as: UTF8.self) else { throw .notJSON(offset: start) }
        return string
    }

    private mutating func escape(_ text: inout [UInt8]) throws(Failure) {
        guard position < bytes.count else { throw failure }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var value = try hex()
            if (0xD800..<0xDC00).contains(value) {
                guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
                    bytes[position + 1] == UInt8(ascii: "u")
                else { throw failure }
                position += 2
                let low = try hex()
                guard (0xDC00..<0xE000).contains(low) else { throw failure }
                value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
            }
            // A lone low surrogate is no scalar.
            guard let scalar = Unicode.Scalar(value) else { throw failure }
            text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        default: throw failure
        }
    }

    private mutating func hex() throws(Failure) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard position < bytes.count else { throw failure }
            let digit: UInt8
            switch bytes[position] {
            case 0x30...0x39: digit = bytes[position] - 0x30
            case 0x41...0x46: digit = bytes[position] - 0x41 + 10
            case 0x61...0x66: digit = bytes[position] - 0x61 + 10
            default: throw failure
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
