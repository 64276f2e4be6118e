/// A pattern of the DSL's own subset (docs/dsl-patterns.md), ready to search.
///
/// Its first match and the group of it are those of RE2, Rust's regex, Postgres, Java and Python. Searching is linear in
/// the text and allocates nothing, but for texts on which failing attempts pile up. Any number of threads may search at
/// once. Offsets are bytes of the text, which is UTF-8; in other bytes some match inside of them or none is found.
public struct Regex: Sendable {
    /// As it was written.
    public let source: String
    /// A match begins at the beginning of the text.
    public let startsAtBeginning: Bool
    /// A match ends at the absolute end of the text.
    public let endsAtEnd: Bool
    /// Groups that are captured: 0 or 1.
    public let groupCount: Int
    /// There are matches in which the group has no part; they are told from matches with an empty group by the fact that
    /// such a group is never empty.
    public let groupCanBeAbsent: Bool
    /// The empty text is among what it matches.
    public let canMatchEmpty: Bool

    let tree: RegexNode
    let program: RegexProgram

    /// Most bytes of a pattern.
    public static let maximumBytes = 256
    /// Most characters of a pattern once its repetitions are written out.
    public static let maximumStates = 2_000
    /// Most of a repetition's bounds.
    public static let maximumRepetition = 255
    /// Most of what bounds inside of each other multiply to.
    public static let maximumProduct = 1_000

    /// - Throws: why the pattern is not one of the subset, where, and the nearest form that is.
    public init(_ pattern: String) throws(RegexMistake) {
        let parsed = try RegexParser.parse(pattern)
        let built = try RegexPositions(parsed.tree)
        let alphabet = RegexAlphabet(built.sets.map(\.scalars))
        try RegexRule.check(built, alphabet, parsed.tree, Array(pattern.unicodeScalars))
        source = pattern
        tree = parsed.tree
        startsAtBeginning = parsed.startsAtBeginning
        endsAtEnd = parsed.endsAtEnd
        groupCount = tree.hasGroup ? 1 : 0
        groupCanBeAbsent = tree.group?.canBeAbsent ?? false
        canMatchEmpty = tree.canBeEmpty
        program = try RegexProgram(built, alphabet)
    }
}

extension Regex: Hashable {
    public static func == (a: Regex, b: Regex) -> Bool { a.source == b.source }
    public func hash(into hasher: inout Hasher) { hasher.combine(source) }
}

/// A match, in bytes of the text.
public struct RegexMatch: Sendable, Hashable {
    public let start: Int
    public let end: Int
    /// -1 when the pattern has no group, or the group has no part in the match.
    public let groupStart: Int
    public let groupEnd: Int

    public var range: Range<Int> { start..<end }
    public var group: Range<Int>? { groupStart < 0 ? nil : groupStart..<groupEnd }
}

extension Regex {
    /// The leftmost match that begins at `from` or behind it, which is the border of a scalar; the longest there.
    ///
    /// `^` is the beginning of `text` also when `from` lies behind it.
    public func firstMatch(in text: UnsafeRawBufferPointer, from: Int = 0) -> RegexMatch? {
        var steps = 0
        return firstMatch(in: text, from: from, steps: &steps)
    }

    /// Whether there is a match in a text.
    public func matches(_ text: UnsafeRawBufferPointer) -> Bool { firstMatch(in: text) != nil }

    /// Counts what it does in `steps`: one for each byte or state looked at.
    func firstMatch(in text: UnsafeRawBufferPointer, from: Int, steps: inout Int) -> RegexMatch? {
        var place = from
        if startsAtBeginning, place > 0 { return nil }
        var budget = (text.count - from) * RegexProgram.failingSteps + 64
        while place <= text.count {
            if !canMatchEmpty {
                while place < text.count, program.beginnings[Int(text[place])] == 0 {
                    if startsAtBeginning { return nil }
                    place += 1
                    steps += 1
                }
                if place == text.count { return nil }
            }
            var at = place
            let end = program.attempt(text, &at, endsAtEnd: endsAtEnd)
            steps += at - place + 1
            if end >= 0 { return match(text, place, end, &steps) }
            if startsAtBeginning { return nil }
            budget -= at - place
            place += 1
            while place < text.count, text[place] & 0xC0 == 0x80 { place += 1 }
            if budget < 0 {
                return program.leftmost(text, from: place, endsAtEnd: endsAtEnd, &steps).flatMap {
                    match(text, $0.start, $0.end, &steps)
                }
            }
        }
        return nil
    }

    /// The match of which both ends are known, with its group.
    private func match(_ text: UnsafeRawBufferPointer, _ start: Int, _ end: Int, _ steps: inout Int) -> RegexMatch {
        guard groupCount > 0 else { return RegexMatch(start: start, end: end, groupStart: -1, groupEnd: -1) }
        var state = program.start
        var at = start
        var groupStart = -1
        while at < end {
            let (next, width) = program.step(state, text, at)
            let zone = program.zones[Int(next)]
            if zone > 0, groupStart < 0 { groupStart = at }
            if zone > 1 { break }
            state = next
            at += width
            steps += 1
        }
        if groupStart < 0 { groupStart = at }
        if groupCanBeAbsent, groupStart == at {
            return RegexMatch(start: start, end: end, groupStart: -1, groupEnd: -1)
        }
        return RegexMatch(start: start, end: end, groupStart: groupStart, groupEnd: at)
    }
}

/// The matches of a pattern that do not overlap, from the left: what `regex_split` cuts out.
///
/// The pattern cannot match the empty text (``Regex/checkSeparator()``). The text outlives the iterator.
public struct RegexSeparators {
    private let regex: Regex
    private let text: UnsafeRawBufferPointer
    private var at = 0

    init(_ regex: Regex, _ text: UnsafeRawBufferPointer) {
        self.regex = regex
        self.text = text
    }

    /// The next separator in bytes of the text.
    public mutating func next() -> Range<Int>? {
        guard let match = regex.firstMatch(in: text, from: at) else { return nil }
        at = max(match.end, match.start + 1)
        return match.range
    }
}

extension Regex {
    public func separators(in text: UnsafeRawBufferPointer) -> RegexSeparators { RegexSeparators(self, text) }

    /// - Throws: why the pattern cannot be cut at: it matches the empty text, or it begins with `^`, which engines that
    ///   cut piece after piece find anew in every piece.
    public func checkSeparator() throws(RegexMistake) {
        if canMatchEmpty {
            throw RegexMistake(
                "a separator matches the empty text", hint: "Let it match at least one character, like `,+` for `,*`.",
                offset: 0)
        }
        if startsAtBeginning {
            throw RegexMistake(
                "a separator begins with `^`", hint: "Take what is behind it with regex_extract: `^,(.*)`.", offset: 0)
        }
    }
}
