/// The rule of one way: at every place of a match, at most one character of the pattern can take the next character of
/// the text (one-unambiguous: Brüggemann-Klein and Wood 1998).
///
/// It is what makes engines agree. A backtracking engine (Java, Python) takes the first way in the order of the pattern,
/// RE2 and Rust imitate it, Postgres takes the longest match. No branch and nothing repeated matches the empty text, so
/// that in the order of the pattern "go on" always comes before "end here"; and there is one way to go on. So the first
/// way is the longest, and its group is the only one there is.
enum RegexRule {
    /// - Throws: the two places that can take one character.
    static func check(
        _ built: RegexPositions, _ alphabet: RegexAlphabet, _ tree: RegexNode, _ source: [Unicode.Scalar]
    ) throws(RegexMistake) {
        var owners = Array(repeating: -1, count: alphabet.count)
        for follow in built.follows {
            for number in follow.positions {
                for place in alphabet.members[built.positions[number].set] {
                    if owners[place] >= 0 {
                        throw mistake(
                            built, built.positions[owners[place]], built.positions[number], alphabet.example(place),
                            tree, source)
                    }
                    owners[place] = number
                }
            }
            for number in follow.positions {
                for place in alphabet.members[built.positions[number].set] { owners[place] = -1 }
            }
        }
    }

    private static func mistake(
        _ built: RegexPositions, _ one: RegexPositions.Position, _ other: RegexPositions.Position, _ example: UInt32,
        _ tree: RegexNode, _ source: [Unicode.Scalar]
    ) -> RegexMistake {
        let (first, second) = one.place.lowerBound <= other.place.lowerBound ? (one, other) : (other, one)
        func text(_ place: Range<Int>) -> String {
            var out = ""
            out.unicodeScalars.append(contentsOf: source[place])
            return out
        }
        let example = RegexText.character(RegexClass.scalar(example), .python)
        if first.place == second.place {
            return RegexMistake(
                "the character `\(example)` can be taken twice over by `\(text(first.place))`: by this round of a "
                    + "repetition or by the next",
                hint: "Keep one of the repetitions that are inside of each other, or end each round with a character "
                    + "that only the end has.", offset: first.place.lowerBound)
        }
        let reason =
            "the character `\(example)` can be taken in two places, `\(text(first.place))` at character "
            + "\(first.place.lowerBound) and `\(text(second.place))` at character \(second.place.lowerBound)"
        if tree.parts(first.place, second.place) {
            return RegexMistake(
                reason, hint: "Take out what the branches have in common: `a(?:b|c)` for `ab|ac`, `ab?` for `a|ab`.",
                offset: second.place.lowerBound)
        }
        let a = built.sets[first.set]
        let b = built.sets[second.set]
        for (wide, narrow, place) in [(a, b, first.place), (b, a, second.place)] {
            let rest = wide.scalars.subtracting(narrow.scalars)
            guard !rest.ranges.isEmpty, wide.single == nil else { continue }
            let form = RegexText.character(RegexClass(shortest: rest), .python)
            return RegexMistake(
                reason, hint: "Let one exclude the other: `\(form)` for `\(text(place))`.",
                offset: second.place.lowerBound)
        }
        return RegexMistake(
            reason, hint: "Make one repetition of the two, like `a{1,4}` for `a{1,3}a`.",
            offset: second.place.lowerBound)
    }
}

extension RegexNode {
    /// Whether two places lie in different branches of one choice.
    func parts(_ a: Range<Int>, _ b: Range<Int>) -> Bool {
        switch kind {
        case .character: return false
        case .group(let body), .repetition(let body, _, _): return body.parts(a, b)
        case .sequence(let parts): return parts.contains { $0.parts(a, b) }
        case .choice(let branches):
            let first = branches.firstIndex { $0.place.contains(a.lowerBound) }
            let second = branches.firstIndex { $0.place.contains(b.lowerBound) }
            if let first, let second, first != second { return true }
            return branches.contains { $0.parts(a, b) }
        }
    }
}
