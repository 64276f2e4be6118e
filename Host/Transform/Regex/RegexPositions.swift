/// The positions of a pattern and what follows each (Glushkov 1961).
struct RegexPositions {
    /// Where a position lies as seen from the group. On every way through a pattern the zones come in this order.
    enum Zone: Sendable, Hashable {
        case before, inside, after
    }

    struct Position {
        /// Place in `sets`.
        let set: Int
        /// Place in `follows`.
        let follow: Int
        let zone: Zone
        /// The character in the pattern.
        let place: Range<Int>
    }

    /// What can come next: positions, the end of the match, and all that other entries hold.
    struct Follow: Hashable {
        var positions: [Int] = []
        var isEnd = false
        /// Loops around it. Empty once the pattern is read.
        var also: [Int] = []

        static func + (a: Follow, b: Follow) -> Follow {
            Follow(positions: a.positions + b.positions, isEnd: a.isEnd || b.isEnd, also: a.also + b.also)
        }
    }

    private(set) var positions: [Position] = []
    private(set) var sets: [RegexClass] = []
    private(set) var follows: [Follow] = []
    /// What a match begins with, a place in `follows`.
    private(set) var start = 0

    private var setPlaces: [RegexClass: Int] = [:]

    /// - Throws: when the pattern is too large written out.
    init(_ tree: RegexNode) throws(RegexMistake) {
        let product = tree.repetitionProduct
        guard product <= Regex.maximumProduct else {
            throw RegexMistake(
                "repetitions inside of each other multiply to more than \(Regex.maximumProduct)",
                hint: "Use smaller bounds.", offset: 0)
        }
        guard tree.expandedCount(limit: Regex.maximumStates + 1) <= Regex.maximumStates else {
            throw .tooManyStates("written out it has more than \(Regex.maximumStates) characters")
        }
        start = add(build(tree, then: Follow(isEnd: true), .before))
        // A loop stands before all that is inside of it.
        for place in follows.indices {
            let follow = follows[place]
            follows[place] = follow.also.reduce(Follow(positions: follow.positions, isEnd: follow.isEnd)) {
                $0 + follows[$1]
            }
        }
    }

    private mutating func add(_ follow: Follow) -> Int {
        follows.append(follow)
        return follows.count - 1
    }

    /// What a part begins with; `next` is among it when the part can be empty.
    private mutating func build(_ node: RegexNode, then next: Follow, _ zone: Zone) -> Follow {
        switch node.kind {
        case .character(let set):
            let known = setPlaces[set] ?? sets.count
            if known == sets.count {
                sets.append(set)
                setPlaces[set] = known
            }
            positions.append(Position(set: known, follow: add(next), zone: zone, place: node.place))
            return Follow(positions: [positions.count - 1])
        case .sequence(let parts):
            var follow = next
            let group = parts.firstIndex { $0.hasGroup } ?? parts.count
            for place in parts.indices.reversed() {
                follow = build(parts[place], then: follow, place > group ? .after : zone)
            }
            return follow
        case .choice(let branches):
            return branches.reduce(Follow()) { $0 + build($1, then: next, zone) }
        case .group(let body): return build(body, then: next, .inside)
        case .repetition(let body, let least, let most):
            // The body cannot be empty: what it begins with does not hold what comes behind it.
            var follow = next
            if let most {
                for _ in least..<most { follow = build(body, then: follow, zone) + next }
                for _ in 0..<least { follow = build(body, then: follow, zone) }
                return follow
            }
            let loop = add(Follow())
            let first = build(body, then: Follow(also: [loop]), zone)
            follows[loop] = first + next
            follow = least == 0 ? first + next : first
            for _ in 0..<max(0, least - 1) { follow = build(body, then: follow, zone) }
            return follow
        }
    }
}
