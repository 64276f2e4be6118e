public import Detection

/// Replaces what identifies somebody inside a text by its form.
///
/// What is found is up to the scanner: without a lexicon of names only what has a form of its own (ROADMAP §6).
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

    private let scanner: Scanner

    public init(_ scanner: Scanner = Scanner()) { self.scanner = scanner }

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
            out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[at..<entity.start]))
            scalars += Self.scalars(bytes[at..<entity.start])
            let value = bytes[entity.start..<entity.end]
            let count = Self.scalars(value)
            spans.append(Span(type: entity.type, start: scalars, end: scalars + count, score: entity.score))
            MaskedForm.write(
                UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: value)), as: entity.type, cover: .stars, into: &out
            )
            scalars += count
            at = entity.end
        }
        out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[at...]))
        return spans
    }

    private static func scalars(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
        var count = 0
        for byte in UnsafeBufferPointer(rebasing: bytes) { count += byte & 0xC0 == 0x80 ? 0 : 1 }
        return count
    }
}
