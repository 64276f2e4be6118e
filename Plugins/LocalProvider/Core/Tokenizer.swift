/// Byte-pair encoding of text into the model's tokens, token for token as Hugging Face's `tokenizers` does it.
///
/// The steps, without special tokens being added: cut out special tokens that stand in the text; before each part
/// that is left set U+2581 and replace its spaces by U+2581; begin with one token a Unicode scalar, or one a UTF-8
/// byte where the vocabulary lacks the scalar; join neighbours by the rule of lowest rank, leftmost first, until no
/// rule applies (Sennrich, Haddow and Birch 2016). Time grows as n log n in the longest run without a space.
///
/// A value keeps its scratch memory between calls, so use one value for many texts, from one thread at a time.
public struct Tokenizer: Sendable {
    /// The most symbols in a run without a space, which bounds the memory of one call to about 100 MB.
    public static let wordLimit = 1 << 21

    /// One token of the word in work, in a doubly linked list over positions; -1 ends it.
    private struct Symbol {
        var token: UInt32
        var previous: Int32
        var next: Int32
        var isJoined: Bool { next == Self.joined }
        static let joined: Int32 = -2
    }

    private let model: EmbeddingModel
    private let asciiTokens: [UInt32]
    private let space: [UInt32]
    private let specials: [(token: UInt32, text: [UInt8])]
    private var symbols: [Symbol] = []
    private var queue = MergeQueue()

    private static let absent = UInt32.max
    private static let spaceScalar: UInt32 = 0x2581

    /// Makes a tokenizer over an open model; the model's bytes stay borrowed.
    public init(_ model: EmbeddingModel) {
        self.model = model
        asciiTokens = (0..<128).map { model.token(scalar: $0) ?? Self.absent }
        space =
            model.token(scalar: Self.spaceScalar).map { [$0] }
            ?? String("\u{2581}").utf8.map { model.token(byte: $0) }
        // Longest first, so that the first that matches is the longest.
        specials = (0..<model.specialCount)
            .map { position -> (token: UInt32, text: [UInt8]) in
                let token = model.special(position)
                return (token, Array(model.text(of: token)))
            }
            .sorted { $0.text.count > $1.text.count }
    }

    /// The token ids of a text; none for an empty one.
    ///
    /// - Throws: `ModelError.wordTooLong`.
    public mutating func tokens(of text: String) throws(ModelError) -> [UInt32] {
        var tokens: [UInt32] = []
        try forEachToken(of: text.utf8.span) { tokens.append($0) }
        return tokens
    }

    /// The number of tokens of a text: exact, not an estimate.
    ///
    /// - Throws: `ModelError.wordTooLong`.
    public mutating func count(of text: String) throws(ModelError) -> Int {
        var count = 0
        try forEachToken(of: text.utf8.span) { _ in count += 1 }
        return count
    }

    /// Calls `body` with each token id of a text, in order; bytes that are not UTF-8 count as scalars of their own.
    ///
    /// - Throws: `ModelError.wordTooLong`, when tokens before the long word have been given out.
    public mutating func forEachToken(
        of text: borrowing Span<UInt8>, _ body: (UInt32) -> Void
    ) throws(ModelError) {
        var start = 0
        var position = 0
        while position < text.count {
            guard let special = special(in: text, at: position) else {
                position += 1
                continue
            }
            try encode(text, start..<position, body)
            body(special.token)
            position += special.text.count
            start = position
        }
        try encode(text, start..<text.count, body)
    }

    private func special(in text: borrowing Span<UInt8>, at position: Int) -> (token: UInt32, text: [UInt8])? {
        for special in specials where special.text[0] == text[position] {
            guard special.text.count <= text.count - position else { continue }
            var matched = 1
            while matched < special.text.count, special.text[matched] == text[position + matched] { matched += 1 }
            if matched == special.text.count { return special }
        }
        return nil
    }

    /// Encodes a part of the text that holds no special token.
    private mutating func encode(
        _ text: borrowing Span<UInt8>, _ range: Range<Int>, _ body: (UInt32) -> Void
    ) throws(ModelError) {
        if range.isEmpty { return }
        symbols.removeAll(keepingCapacity: true)
        appendSpace()
        var endsInSpace = true
        var position = range.lowerBound
        while position < range.upperBound {
            let (scalar, width) = Self.scalar(in: text, at: position, before: range.upperBound)
            if scalar == 0x20 || scalar == Self.spaceScalar {
                // No rule joins a character with a space behind it, so what comes before is a word of its own.
                if model.wordsAreSeparate && !endsInSpace { emitWord(body) }
                appendSpace()
                endsInSpace = true
            } else {
                appendScalar(scalar, text, position, width)
                endsInSpace = false
            }
            guard symbols.count <= Self.wordLimit else {
                symbols = []
                throw .wordTooLong(limit: Self.wordLimit)
            }
            position += width
        }
        emitWord(body)
    }

    private mutating func appendScalar(
        _ scalar: UInt32, _ text: borrowing Span<UInt8>, _ position: Int, _ width: Int
    ) {
        let token = scalar < 128 ? asciiTokens[Int(scalar)] : model.token(scalar: scalar) ?? Self.absent
        if token != Self.absent {
            append(token)
        } else {
            for index in position..<(position + width) { append(model.token(byte: text[index])) }
        }
    }

    private mutating func appendSpace() {
        for token in space { append(token) }
    }

    private mutating func append(_ token: UInt32) {
        symbols.append(Symbol(token: token, previous: Int32(symbols.count) - 1, next: Int32(symbols.count) + 1))
    }

    /// Joins the word in work, gives out its tokens and begins an empty one.
    private mutating func emitWord(_ body: (UInt32) -> Void) {
        if symbols.isEmpty { return }
        symbols[symbols.count - 1].next = -1
        join()
        var position = 0
        while position >= 0 {
            body(symbols[position].token)
            position = Int(symbols[position].next)
        }
        symbols.removeAll(keepingCapacity: true)
    }

    private mutating func join() {
        if symbols.count < 2 { return }
        for position in 0..<(symbols.count - 1) { offer(position) }
        while let candidate = queue.popFirst() {
            let position = candidate.position
            if symbols[position].isJoined { continue }
            let next = Int(symbols[position].next)
            // The rule is looked up anew, because either neighbour may have changed since the offer. As in the
            // reference, an offer still stands when another pair in its place gives the same token.
            guard next >= 0, let rule = model.merge(symbols[position].token, symbols[next].token),
                rule.merged == candidate.merged
            else { continue }
            let after = symbols[next].next
            symbols[position].token = rule.merged
            symbols[position].next = after
            symbols[next].next = Symbol.joined
            if after >= 0 { symbols[Int(after)].previous = Int32(position) }
            let previous = Int(symbols[position].previous)
            if previous >= 0 { offer(previous) }
            if after >= 0 { offer(position) }
        }
    }

    /// Puts the pair that begins at `position` into the queue if a rule joins it.
    private mutating func offer(_ position: Int) {
        let next = Int(symbols[position].next)
        if let rule = model.merge(symbols[position].token, symbols[next].token) {
            queue.insert(rank: rule.rank, position: position, merged: rule.merged)
        }
    }

    /// The scalar that begins at `position` and its width in bytes; a byte that begins none is U+FFFFFFFF, 1 wide.
    private static func scalar(
        in text: borrowing Span<UInt8>, at position: Int, before end: Int
    ) -> (scalar: UInt32, width: Int) {
        let first = UInt32(text[position])
        let width: Int
        let least: UInt32
        var scalar: UInt32
        switch first {
        case 0..<0x80: return (first, 1)
        case 0xC2..<0xE0: (width, least, scalar) = (2, 0x80, first & 0x1F)
        case 0xE0..<0xF0: (width, least, scalar) = (3, 0x800, first & 0x0F)
        case 0xF0..<0xF5: (width, least, scalar) = (4, 0x10000, first & 0x07)
        default: return (absent, 1)
        }
        guard width <= end - position else { return (absent, 1) }
        for index in 1..<width {
            let byte = UInt32(text[position + index])
            guard byte & 0xC0 == 0x80 else { return (absent, 1) }
            scalar = scalar << 6 | byte & 0x3F
        }
        guard scalar >= least, scalar <= 0x10FFFF, !(0xD800..<0xE000).contains(scalar) else { return (absent, 1) }
        return (scalar, width)
    }
}

/// Pairs that may be joined, lowest rank first, then leftmost: a binary heap.
private struct MergeQueue: Sendable {
    struct Candidate {
        /// Rank in the high half, position in the low half.
        var order: UInt64
        var merged: UInt32
        var position: Int { Int(order & 0xFFFF_FFFF) }
    }

    private var heap: [Candidate] = []

    mutating func insert(rank: UInt32, position: Int, merged: UInt32) {
        let candidate = Candidate(order: UInt64(rank) << 32 | UInt64(position), merged: merged)
        var index = heap.count
        heap.append(candidate)
        while index > 0 {
            let parent = (index - 1) / 2
            if heap[parent].order <= candidate.order { break }
            heap[index] = heap[parent]
            index = parent
        }
        heap[index] = candidate
    }

    mutating func popFirst() -> Candidate? {
        guard let last = heap.popLast() else { return nil }
        guard let first = heap.first else { return last }
        var index = 0
        while true {
            var child = 2 * index + 1
            if child >= heap.count { break }
            if child + 1 < heap.count, heap[child + 1].order < heap[child].order { child += 1 }
            if last.order <= heap[child].order { break }
            heap[index] = heap[child]
            index = child
        }
        heap[index] = last
        return first
    }
}
