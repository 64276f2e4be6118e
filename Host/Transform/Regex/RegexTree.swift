/// A set of Unicode scalars: sorted ranges that neither overlap nor touch.
struct ScalarSet: Sendable, Hashable {
    let ranges: [ClosedRange<UInt32>]

    static let last: UInt32 = 0x10FFFF
    static let newline = ScalarSet([0x0A...0x0A])

    init(_ unordered: [ClosedRange<UInt32>]) {
        var made: [ClosedRange<UInt32>] = []
        for range in unordered.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            guard let end = made.last, range.lowerBound <= end.upperBound + 1 else {
                made.append(range)
                continue
            }
            made[made.count - 1] = end.lowerBound...max(end.upperBound, range.upperBound)
        }
        ranges = made
    }

    var complement: ScalarSet {
        var made: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { made.append(next...range.lowerBound - 1) }
            next = range.upperBound + 1
        }
        if next <= Self.last { made.append(next...Self.last) }
        return ScalarSet(made)
    }

    func subtracting(_ other: ScalarSet) -> ScalarSet {
        ScalarSet(complement.ranges + other.ranges).complement
    }

    func contains(_ scalar: UInt32) -> Bool { ranges.contains { $0.contains(scalar) } }
}

/// One character of a pattern: a literal, a class, or `.`.
struct RegexClass: Sendable, Hashable {
    /// As written, without the `^`; U+0000 is never among them.
    let listed: ScalarSet
    let isNegated: Bool

    var scalars: ScalarSet { isNegated ? listed.complement : listed }

    init(listed: ScalarSet, isNegated: Bool) {
        self.listed = listed
        self.isNegated = isNegated
    }

    /// The spelling of fewer ranges.
    init(shortest set: ScalarSet) {
        let isNegated = set.contains(0)
        self.init(listed: isNegated ? set.complement : set, isNegated: isNegated)
    }

    /// The only scalar that it matches.
    var single: UInt32? {
        guard !isNegated, listed.ranges.count == 1, listed.ranges[0].count == 1 else { return nil }
        return listed.ranges[0].lowerBound
    }

    static func scalar(_ value: UInt32) -> RegexClass {
        RegexClass(listed: ScalarSet([value...value]), isNegated: false)
    }

    /// `.`
    static let dot = RegexClass(listed: .newline, isNegated: true)
}

/// A pattern without its anchors, as a tree.
struct RegexNode: Sendable {
    indirect enum Kind: Sendable {
        case character(RegexClass)
        case sequence([RegexNode])
        /// Two branches or more; none of them matches the empty text.
        case choice([RegexNode])
        /// Greedy; what is repeated never matches the empty text. Without `max`: without end.
        case repetition(RegexNode, min: Int, max: Int?)
        /// The group that is captured; never inside a repetition of more than one.
        case group(RegexNode)
    }

    let kind: Kind
    /// In the pattern, counted in scalars.
    let place: Range<Int>
    let canBeEmpty: Bool
    let hasGroup: Bool

    init(_ kind: Kind, _ place: Range<Int>) {
        self.kind = kind
        self.place = place
        switch kind {
        case .character:
            canBeEmpty = false
            hasGroup = false
        case .sequence(let parts):
            canBeEmpty = parts.allSatisfy(\.canBeEmpty)
            hasGroup = parts.contains { $0.hasGroup }
        case .choice(let branches):
            canBeEmpty = branches.contains { $0.canBeEmpty }
            hasGroup = branches.contains { $0.hasGroup }
        case .repetition(let body, let min, _):
            canBeEmpty = min == 0 || body.canBeEmpty
            hasGroup = body.hasGroup
        case .group(let body):
            canBeEmpty = body.canBeEmpty
            hasGroup = true
        }
    }

    /// The group inside, and whether a match can do without it.
    var group: (node: RegexNode, canBeAbsent: Bool)? {
        switch kind {
        case .character: return nil
        case .group: return (self, false)
        case .sequence(let parts):
            for part in parts { if let found = part.group { return found } }
            return nil
        case .choice(let branches):
            for branch in branches { if let found = branch.group { return (found.node, true) } }
            return nil
        case .repetition(let body, let min, _):
            return body.group.map { ($0.node, $0.canBeAbsent || min == 0) }
        }
    }

    /// Characters when every repetition is written out; stops counting at `limit`.
    func expandedCount(limit: Int) -> Int {
        switch kind {
        case .character: return 1
        case .group(let body): return body.expandedCount(limit: limit)
        case .sequence(let parts), .choice(let parts):
            return parts.reduce(0) { min(limit, $0 + $1.expandedCount(limit: limit)) }
        case .repetition(let body, let least, let most):
            return min(limit, body.expandedCount(limit: limit) * max(1, most ?? least))
        }
    }

    /// The largest product of bounds of repetitions inside each other.
    var repetitionProduct: Int {
        switch kind {
        case .character: return 1
        case .group(let body): return body.repetitionProduct
        case .sequence(let parts), .choice(let parts): return parts.map(\.repetitionProduct).max() ?? 1
        case .repetition(let body, let least, let most):
            return min(1_000_000, body.repetitionProduct * max(1, most ?? least))
        }
    }

    /// One character at least once, without end.
    var isRun: Bool {
        switch kind {
        case .group(let body): return body.isRun
        case .repetition(let body, 1, nil):
            if case .character = body.kind { return true }
            return false
        case .character, .sequence, .choice, .repetition: return false
        }
    }

    /// Fewest and most bytes of a match in UTF-8; nil: without end.
    var width: (least: Int, most: Int?) {
        switch kind {
        case .character(let set):
            let ranges = set.scalars.ranges
            return (Self.width(ranges.first?.lowerBound ?? 0), Self.width(ranges.last?.upperBound ?? 0))
        case .group(let body): return body.width
        case .sequence(let parts): return Self.width(parts[...])
        case .choice(let branches):
            let widths = branches.map(\.width)
            let ends = widths.compactMap(\.most)
            return (widths.map(\.least).min() ?? 0, ends.count == widths.count ? ends.max() : nil)
        case .repetition(let body, let least, let most):
            let width = body.width
            return (width.least * least, most.flatMap { times in width.most.map { $0 * times } })
        }
    }

    private static func width(_ scalar: UInt32) -> Int {
        scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x1_0000 ? 3 : 4
    }

    private static func width(_ parts: ArraySlice<RegexNode>) -> (least: Int, most: Int?) {
        parts.reduce((0, 0)) { sum, part in
            let width = part.width
            return (sum.0 + width.least, sum.1.flatMap { most in width.most.map { most + $0 } })
        }
    }

    /// Bytes before and behind the group in every match; nil where they differ from match to match, or the group can be
    /// absent.
    var besideGroup: (before: Int?, behind: Int?) {
        func fixed(_ parts: ArraySlice<RegexNode>) -> Int? {
            let width = Self.width(parts)
            return width.least == width.most ? width.least : nil
        }
        switch kind {
        case .group: return (0, 0)
        case .sequence(let parts):
            guard let place = parts.firstIndex(where: \.hasGroup) else { return (nil, nil) }
            let inner = parts[place].besideGroup
            return (
                inner.before.flatMap { before in fixed(parts[..<place]).map { $0 + before } },
                inner.behind.flatMap { behind in fixed(parts[(place + 1)...]).map { $0 + behind } }
            )
        case .character, .choice, .repetition: return (nil, nil)
        }
    }
}
