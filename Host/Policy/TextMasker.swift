public import Detection

/// Replaces what identifies somebody inside a text by its form.
///
/// Only what has a form of its own is found: addresses, numbers, accounts. Names and places are not (ROADMAP §6).
public struct TextMasker: Sendable {
    /// A text and what was hidden in it.
    public struct Masked: Sendable, Equatable {
        public let text: String
        public let spans: [Span]
    }

    /// One place of the text that was given; offsets count Unicode scalars.
    public struct Span: Sendable, Equatable {
        public let type: EntityType
        public let start: Int
        public let end: Int
        /// 0 to 1.
        public let score: Double
    }

    private let scanner = Scanner()

    public init() {}

    /// The same text always gives the same answer. Every other sign stays as it was.
    public func mask(_ text: String) -> Masked {
        var out: [UInt8] = []
        let spans =
            text.utf8.withContiguousStorageIfAvailable { mask($0, into: &out) }
            ?? Array(text.utf8).withUnsafeBufferPointer { mask($0, into: &out) }
        return Masked(text: spans.isEmpty ? text : String(decoding: out, as: UTF8.self), spans: spans)
    }

    /// As `mask`, over bytes of UTF-8 that are borrowed for the call: no text is copied in which nothing is found.
    ///
    /// - Parameter out: the masked text is appended to it; nothing is when nothing was found.
    /// - Returns: what was hidden; empty when the text may stay as it is.
    public func mask(_ bytes: UnsafeBufferPointer<UInt8>, into out: inout [UInt8]) -> [Span] {
        let entities = scanner.entities(in: bytes)
        guard !entities.isEmpty else { return [] }
        var spans: [Span] = []
        spans.reserveCapacity(entities.count)
        var at = 0
        var scalars = 0
        for entity in entities {
            out.append(contentsOf: bytes[at..<entity.start])
            scalars += Self.scalars(bytes[at..<entity.start])
            let value = ArraySlice(bytes[entity.start..<entity.end])
            let count = Self.scalars(bytes[entity.start..<entity.end])
            spans.append(Span(type: entity.type, start: scalars, end: scalars + count, score: entity.score))
            out += Self.form(value, of: entity.type)
            scalars += count
            at = entity.end
        }
        out.append(contentsOf: bytes[at...])
        return spans
    }

    private static func scalars(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
        var count = 0
        for byte in UnsafeBufferPointer(rebasing: bytes) { count += byte & 0xC0 == 0x80 ? 0 : 1 }
        return count
    }

    /// The form of a value: `j***@e******.com`, `***-**-1234`, `****-****-****-1111`; of others no letter or digit is left.
    static func form(_ value: ArraySlice<UInt8>, of type: EntityType) -> [UInt8] {
        switch type {
        case .email: email(value)
        case .creditCard, .iban, .usSSN: stars(value, keeping: 4)
        default: stars(value, keeping: 0)
        }
    }

    /// Stars for letters and digits, one a scalar, but for the last few; half of them at most.
    private static func stars(_ value: ArraySlice<UInt8>, keeping last: Int) -> [UInt8] {
        let total = value.count { isWord($0) }
        let shown = min(last, total / 2)
        var left = total - shown
        var out: [UInt8] = []
        for byte in value where byte & 0xC0 != 0x80 {
            if byte >= 0x80 {
                out.append(star)
            } else if isWord(byte) {
                out.append(left > 0 ? star : byte)
                left -= 1
            } else {
                out.append(byte)
            }
        }
        return out
    }

    /// The first sign of the local part and of the domain, and what is behind the domain's last dot.
    private static func email(_ value: ArraySlice<UInt8>) -> [UInt8] {
        guard let at = value.firstIndex(of: 0x40), let dot = value.lastIndex(of: 0x2E), dot > at,
            value.allSatisfy({ $0 < 0x80 })
        else { return stars(value, keeping: 0) }
        var out: [UInt8] = [value[value.startIndex], star, star, star, 0x40]
        for (place, byte) in value[(at + 1)..<dot].enumerated() { out.append(place == 0 || byte == 0x2E ? byte : star) }
        return out + value[dot...]
    }

    private static let star = UInt8(ascii: "*")
    private static func isWord(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte >= 0xC0
    }
}
