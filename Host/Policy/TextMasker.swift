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
        let bytes = Array(text.utf8)
        let entities = scanner.entities(in: bytes)
        guard !entities.isEmpty else { return Masked(text: text, spans: []) }
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var spans: [Span] = []
        var at = 0
        var scalars = 0
        for entity in entities {
            out += bytes[at..<entity.start]
            scalars += Self.scalars(bytes[at..<entity.start])
            let value = bytes[entity.start..<entity.end]
            let count = Self.scalars(value)
            spans.append(Span(type: entity.type, start: scalars, end: scalars + count, score: entity.score))
            out += MaskedForm.of(value, as: entity.type, cover: .stars)
            scalars += count
            at = entity.end
        }
        out += bytes[at...]
        return Masked(text: String(decoding: out, as: UTF8.self), spans: spans)
    }

    private static func scalars(_ bytes: ArraySlice<UInt8>) -> Int { bytes.count { $0 & 0xC0 != 0x80 } }
}
