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
        program = try RegexProgram(parsed, built, alphabet)
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
        guard let found = program.find(text, from: from, steps: &steps) else { return nil }
        return program.match(text, found, steps: &steps)
    }

    /// Start and end of ``firstMatch(in:from:)``, without the work for the group.
    public func firstRange(in text: UnsafeRawBufferPointer, from: Int = 0) -> (start: Int, end: Int)? {
        var steps = 0
        return program.find(text, from: from, steps: &steps)
    }

    /// Whether there is a match in a text.
    public func matches(_ text: UnsafeRawBufferPointer) -> Bool { firstRange(in: text) != nil }
}

/// The matches of a pattern that do not overlap, from the left: what `regex_split` cuts out.
///
/// The pattern cannot match the empty text (``Regex/canMatchEmpty``). The work for all separators of a text together
/// is linear in the text.
public struct RegexSeparators {
    private let program: RegexProgram
    private var text = UnsafeRawBufferPointer(start: nil, count: 0)
    private var at = 0
    private var steps = 0
    private var firstSteps = 0
    /// Once searching for one after the other takes too long: the ends of all matches by place, from `base` on.
    private var ends: [Int32] = []
    private var base = 0

    init(_ program: RegexProgram) { self.program = program }

    /// Steps that all searches in a text together may take for each of its bytes, and once for each text.
    static let steps = (perByte: 16, perText: 4096)

    /// The next separator that begins at `from` or behind it, in bytes of a text.
    ///
    /// Each call begins where the one before has ended, or anew: in another text, or elsewhere. The text outlives the
    /// calls that go on in it.
    @inline(__always)
    public mutating func next(in text: UnsafeRawBufferPointer, from: Int) -> (start: Int, end: Int)? {
        if from == 0 || from != at || text.baseAddress != self.text.baseAddress || text.count != self.text.count {
            begin(text, from)
        }
        if steps > text.count * Self.steps.perByte + Self.steps.perText { return nextOfAll() }
        guard let found = program.find(text, from: at, steps: &steps) else { return nil }
        at = found.end
        return found
    }

    private mutating func begin(_ text: UnsafeRawBufferPointer, _ from: Int) {
        self.text = text
        at = from
        steps = firstSteps
        if !ends.isEmpty { ends = [] }
    }

    @inline(never)
    private mutating func nextOfAll() -> (start: Int, end: Int)? {
        if ends.isEmpty, at <= text.count {
            base = at
            ends = program.allEnds(text, from: at, &steps)
        }
        while at - base < ends.count {
            let end = Int(ends[at - base])
            at += 1
            if end >= at {
                let start = at - 1
                at = end
                return (start, end)
            }
        }
        return nil
    }

    /// What was done so far.
    var stepsTaken: Int { steps }

    /// As if searching had taken too long, in this text and the next ones.
    mutating func giveUpSearching() { firstSteps = .max / 2 }
}

extension Regex {
    /// An iterator over separators; each of the threads that cut has its own.
    public var separators: RegexSeparators { RegexSeparators(program) }
}
