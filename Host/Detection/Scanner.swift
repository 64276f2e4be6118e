/// Finds what identifies somebody in one text, in one pass over its bytes.
///
/// Linear in the text's length, and in memory bounded by what it finds: every recogniser looks at no more than `reach` bytes
/// around the place that called it. What nothing can begin at is passed over here; the recognisers do not rely on that, and
/// a test holds this pass equal to one that asks them everywhere.
public struct Scanner: Sendable {
    /// What is surer than this is reported.
    public static let threshold = 0.45

    /// No recogniser looks at a byte that is farther than this from the digit, `@` or `:` that called it.
    static let reach = 4096

    public init() {}

    /// The entities of a text in order, without overlaps: of two that overlap the surer one stays, then the longer.
    public func entities(in text: some Sequence<UInt8>) -> [Entity] {
        if let found = text.withContiguousStorageIfAvailable({ entities(in: $0) }) { return found }
        return Array(text).withUnsafeBufferPointer { entities(in: $0) }
    }

    /// As above; the bytes are borrowed for the call.
    public func entities(in bytes: UnsafeBufferPointer<UInt8>) -> [Entity] {
        var finds = Finds()
        var pieces = Pieces(bytes)
        while let piece = pieces.next() {
            piece.read { text, from, until in
                let next = Self.scan(text, from, until) { finds.keep(piece.original($0), count: $0.count) }
                pieces.go(on: piece.original(next))
            }
        }
        return finds.entities
    }

    /// Calls the recognisers from `from` on and in front of `until`; returns the place behind what was looked at.
    private static func scan(_ text: Text, _ from: Int, _ until: Int, found: (Entity) -> Void) -> Int {
        var triggers = Triggers(text)
        var tokenEnd = 0
        var next = from
        while true {
            let at = triggers.next(from: next)
            guard at < until else { return max(next, until) }
            next = at + 1
            let entity: Entity?
            switch text[at] {
            case 0x40: entity = Written.email(text, at: at)
            case 0x3A:
                entity = text.isHexadecimal(at + 1) || text.at(at + 1) == 0x3A ? Written.colons(text, at: at) : nil
            default:
                next = text.endOfDigits(at)
                entity = digits(text, at, next, &tokenEnd)
            }
            if let entity {
                found(entity)
                next = max(next, entity.end)
            }
        }
    }

    /// What the digits from `at` to `end` are a part of.
    ///
    /// - Parameter tokenEnd: the end of the letters and digits that were looked at as one token.
    private static func digits(_ text: Text, _ at: Int, _ end: Int, _ tokenEnd: inout Int) -> Entity? {
        let left = text.at(at - 1)
        let right = text.at(end)
        // Longer than anything, or stuck to a letter that nothing begins with.
        guard end - at <= NumberRun.maximumDigits, left < 0x80, left &- 0x30 >= 10 else { return nil }
        if (left | 0x20) &- 0x61 < 26 {
            if let entity = Written.iban(text, at: at) { return entity }
            if let entity = token(text, at, &tokenEnd) { return entity }
            // A number may stand behind a letter only when that is the `n` of `\n`.
            return text.at(at - 2) == 0x5C ? Self.run(text, at) : nil
        }
        if (right | 0x20) &- 0x61 < 26 {
            if let entity = token(text, at, &tokenEnd) { return entity }
            // Of the letters only those of an extension may follow: `x12`, `ext 12`.
            guard right | 0x20 == 0x78 || right | 0x20 == 0x65, end - at >= Numbers.fewestDigits else { return nil }
            return Self.run(text, at)
        }
        guard right < 0x80 else { return nil }
        let count = end - at
        if count == 9 || count == 18 || ((right == 0x2D || right == 0x2B) && count > 2) {
            if let entity = NationalToken.entity(text, at: at) { return entity }
        }
        return count >= Numbers.fewestDigits || NumberRun.separator(text, end) != nil ? Self.run(text, at) : nil
    }

    /// The identity number that a token of letters and digits is. All digits of one token belong to the same.
    private static func token(_ text: Text, _ at: Int, _ tokenEnd: inout Int) -> Entity? {
        guard at >= tokenEnd else { return nil }
        tokenEnd = text.endOfToken(at)
        return tokenEnd - at <= NationalToken.longest ? NationalToken.entity(text, at: at) : nil
    }

    private static func run(_ text: Text, _ at: Int) -> Entity? {
        let run = NumberRun(text, at: at)
        // Too few digits for a number, and no four groups of an address.
        guard run.digitCount >= Numbers.fewestDigits || run.groups.count >= 4 else { return nil }
        return whole(run, text)
    }

    /// The run, or a beginning of it: a number and a year, or two numbers with a blank between them.
    static func whole(_ run: NumberRun, _ text: Text) -> Entity? {
        var hints = Hints(text, before: run.start)
        if let entity = Numbers.entity(run, in: text, &hints) { return entity }
        guard run.groups.count > 1, !Numbers.isDate(run, text) else { return nil }
        var count = run.groups.count - 1
        while count > 0 {
            if run.groups[count].separator == 0x20, run.groups[count - 1].end - run.start >= Numbers.fewestDigits,
                let entity = Numbers.entity(run.prefix(count), in: text, &hints)
            {
                return entity
            }
            count -= 1
        }
        return nil
    }
}

/// What was found so far, in order and without overlaps.
struct Finds {
    private var kept: [Entity] = []
    /// The length of the last as it was read, without the signs that nobody sees.
    private var lengths: [Int] = []

    /// Of two that overlap the surer one stays, then the longer.
    ///
    /// - Parameter count: its length as it was read.
    mutating func keep(_ entity: Entity, count: Int) {
        while let last = kept.last, last.end > entity.start {
            let isBetter = entity.score != last.score ? entity.score > last.score : count > lengths[lengths.count - 1]
            guard isBetter else { return }
            kept.removeLast()
            lengths.removeLast()
        }
        kept.append(entity)
        lengths.append(count)
    }

    var entities: [Entity] { kept.contains { $0.score < Scanner.threshold } ? kept.filter { $0.score >= Scanner.threshold } : kept }
}
