/// Reads the subset of regular expressions that all engines understand alike; everything else is refused with its place.
struct RegexParser {
    struct Pattern {
        let tree: RegexNode
        let startsAtBeginning: Bool
        let endsAtEnd: Bool
    }

    private let scalars: [Unicode.Scalar]
    private var at = 0
    /// Of the one group that is captured.
    private var groupPlace: Int?
    /// Open brackets at `at`.
    private var depth = 0
    private var endsAtEnd = false
    /// A `|` stands outside of all brackets.
    private var hasOuterBranches = false

    private static let metacharacters = Set(#"\.*+?()[]{}|^$"#.unicodeScalars)
    private static let escapable = metacharacters.union("-".unicodeScalars)

    static func parse(_ pattern: String) throws(RegexMistake) -> Pattern {
        guard pattern.utf8.count <= Regex.maximumBytes else {
            throw RegexMistake(
                "the pattern has \(pattern.utf8.count) bytes",
                hint: "At most \(Regex.maximumBytes) bytes are allowed; use several steps.", offset: 0)
        }
        var parser = RegexParser(scalars: Array(pattern.unicodeScalars))
        return try parser.pattern()
    }

    private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    private mutating func pattern() throws(RegexMistake) -> Pattern {
        if let place = scalars.firstIndex(of: "\0") {
            throw RegexMistake(
                "U+0000 cannot be in a pattern: Postgres has no text with it",
                hint: "Leave it out, as out of a `separator`: not every engine has it in texts.", offset: place)
        }
        let starts = peek == "^"
        if starts { at = 1 }
        let tree = try choice()
        guard at == scalars.count else {
            // `choice` stops at the end, or at a bracket that nothing opened.
            throw RegexMistake(
                "a `)` closes nothing", hint: "The character itself is `\\)`.", offset: at)
        }
        if hasOuterBranches, starts || endsAtEnd {
            throw RegexMistake(
                "`^` and `$` would belong to one branch only", hint: "Put the branches together: `^(?:a|b)$`.",
                offset: starts ? 0 : scalars.count - 1)
        }
        if case .sequence(let parts) = tree.kind, parts.isEmpty, !(starts && endsAtEnd) {
            throw RegexMistake(
                "the pattern has no characters", hint: "Write what is looked for; `^$` is the empty text.", offset: 0)
        }
        if let group = tree.group, group.canBeAbsent, group.node.canBeEmpty {
            throw RegexMistake(
                "the group can be empty and can be left out as well, which engines do not tell apart",
                hint: "Let the group match at least one character, or let it always take part: `(a*)`, `(a+)?`.",
                offset: group.node.place.lowerBound)
        }
        return Pattern(tree: tree, startsAtBeginning: starts, endsAtEnd: endsAtEnd)
    }

    private var peek: Unicode.Scalar? { at < scalars.count ? scalars[at] : nil }

    private func follows(_ text: String) -> Bool { scalars[at...].starts(with: text.unicodeScalars) }

    // MARK: Branches and sequences

    private mutating func choice() throws(RegexMistake) -> RegexNode {
        let start = at
        var branches = [try sequence()]
        while peek == "|" {
            at += 1
            branches.append(try sequence())
        }
        guard branches.count > 1 else { return branches[0] }
        if depth == 0 { hasOuterBranches = true }
        for branch in branches where branch.canBeEmpty {
            throw RegexMistake(
                "a branch matches the empty text, and engines disagree on when it is taken",
                hint: "Put a `?` behind the branches: `(?:a|b)?`.", offset: branch.place.lowerBound)
        }
        return RegexNode(.choice(branches), start..<at)
    }

    private mutating func sequence() throws(RegexMistake) -> RegexNode {
        let start = at
        var parts: [RegexNode] = []
        while let scalar = peek, scalar != "|", scalar != ")" {
            if scalar == "$" {
                guard depth == 0, at == scalars.count - 1 else {
                    throw RegexMistake(
                        "`$` is not the last character of the pattern",
                        hint: "`$` may only be last, where it is the absolute end; the character itself is `\\$`.",
                        offset: at)
                }
                at += 1
                endsAtEnd = true
                break
            }
            parts.append(try repeated(try atom(scalar)))
        }
        return parts.count == 1 ? parts[0] : RegexNode(.sequence(parts), start..<at)
    }

    private mutating func atom(_ scalar: Unicode.Scalar) throws(RegexMistake) -> RegexNode {
        let start = at
        switch scalar {
        case "(": return try bracket()
        case "[":
            let set = try characterClass()
            return RegexNode(.character(set), start..<at)
        case ".":
            at += 1
            return RegexNode(.character(.dot), start..<at)
        case "\\":
            let value = try escape(inClass: false)
            return RegexNode(.character(.scalar(value)), start..<at)
        case "^":
            throw RegexMistake(
                "`^` is not the first character of the pattern",
                hint: "`^` may only be first, where it is the beginning of the text; the character itself is `\\^`.",
                offset: at)
        case "*", "+", "?":
            throw RegexMistake(
                "nothing stands before `\(scalar)`", hint: "The character itself is `\\\(scalar)`.", offset: at)
        case "{", "}", "]":
            throw RegexMistake(
                "`\(scalar)` is a metacharacter", hint: "The character itself is `\\\(scalar)`.", offset: at)
        default:
            at += 1
            return RegexNode(.character(.scalar(scalar.value)), start..<at)
        }
    }

    private mutating func bracket() throws(RegexMistake) -> RegexNode {
        let start = at
        at += 1
        let captures = peek != "?"
        if captures {
            if let first = groupPlace {
                throw RegexMistake(
                    "a second group; the first begins at character \(first)",
                    hint: "One group is allowed; the others are `(?: … )`.", offset: start)
            }
            groupPlace = start
        } else {
            guard follows("?:") else {
                var rest = ""
                rest.unicodeScalars.append(contentsOf: scalars[(at + 1)...])
                throw .group(rest, offset: start)
            }
            at += 2
        }
        depth += 1
        let body = try choice()
        depth -= 1
        guard peek == ")" else {
            throw RegexMistake(
                "a `(` is not closed", hint: "Add a `)`; the character itself is `\\(`.", offset: start)
        }
        at += 1
        if case .sequence(let parts) = body.kind, parts.isEmpty {
            throw RegexMistake(
                "there is nothing between `(` and `)`",
                hint: "Leave the brackets out; as characters they are `\\(\\)`.",
                offset: start)
        }
        return captures ? RegexNode(.group(body), start..<at) : RegexNode(body.kind, start..<at)
    }

    // MARK: Repetition

    private mutating func repeated(_ body: RegexNode) throws(RegexMistake) -> RegexNode {
        let start = at
        let least: Int
        let most: Int?
        switch peek {
        case "*": (least, most) = (0, nil)
        case "+": (least, most) = (1, nil)
        case "?": (least, most) = (0, 1)
        case "{": (least, most) = try bounds()
        default: return body
        }
        at += 1
        switch peek {
        case "?":
            throw RegexMistake(
                "a lazy repetition is not part of the patterns",
                hint: "Exclude what ends it, and leave the `?` out: `[^;]*;`.", offset: at)
        case "+":
            throw RegexMistake(
                "a possessive or doubled repetition is not part of the patterns",
                hint: "Leave the `+` out: no pattern goes back here anyway.", offset: at)
        case "*", "{":
            throw RegexMistake(
                "a repetition is repeated", hint: "Keep one of the two.", offset: at)
        default: break
        }
        if body.canBeEmpty {
            throw RegexMistake(
                "what is repeated matches the empty text, and engines disagree on how often",
                hint: "Let it match at least one character: `(?:a+)?` or `a*` for `(?:a*)?`, `(?:a)*` for `(?:a?)+`.",
                offset: body.place.lowerBound)
        }
        if body.hasGroup, most != 1 {
            throw RegexMistake(
                "the group is repeated, and engines disagree on which round it keeps",
                hint: "Repeat inside of the group: `(a+)`, or `((?:ab)+)`.", offset: start)
        }
        if least == 1, most == 1 { return RegexNode(body.kind, body.place.lowerBound..<at) }
        return RegexNode(.repetition(body, min: least, max: most), body.place.lowerBound..<at)
    }

    /// `{n}`, `{n,}` or `{n,m}` up to its `}`.
    private mutating func bounds() throws(RegexMistake) -> (Int, Int?) {
        let start = at
        func malformed(_ at: Int) -> RegexMistake {
            RegexMistake(
                "a `{` does not begin `{n}`, `{n,}` or `{n,m}`",
                hint: "Up to is `{0,m}`; the character itself is `\\{`.", offset: at)
        }
        at += 1
        guard let least = number() else { throw malformed(start) }
        var most: Int? = least
        if peek == "," {
            at += 1
            most = number()
        }
        guard peek == "}" else { throw malformed(start) }
        for bound in [least, most ?? 0] where bound > Regex.maximumRepetition {
            throw RegexMistake(
                "the bound \(bound) is too large",
                hint: "At most \(Regex.maximumRepetition) is allowed; without an end is `{n,}`.", offset: start)
        }
        if let most, most < least {
            throw RegexMistake(
                "the bounds are the wrong way round", hint: "Write `{\(most),\(least)}`.", offset: start)
        }
        if most == 0 {
            throw RegexMistake(
                "what is repeated no times matches nothing", hint: "Leave it out with its bounds.", offset: start)
        }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = peek, scalar.value >= 0x30, scalar.value <= 0x39 {
            value = min(9999, (value ?? 0) * 10 + Int(scalar.value - 0x30))
            at += 1
        }
        return value
    }

    // MARK: Characters

    /// The scalar that `\` and what is behind it stand for.
    private mutating func escape(inClass: Bool) throws(RegexMistake) -> UInt32 {
        let start = at
        at += 1
        let scalar = peek
        at += 1
        switch scalar {
        case "t": return 0x09
        case "n": return 0x0A
        case "r": return 0x0D
        case let scalar? where Self.escapable.contains(scalar): return scalar.value
        default: throw .escape(scalar, inClass: inClass, offset: start)
        }
    }

    private mutating func characterClass() throws(RegexMistake) -> RegexClass {
        let start = at
        func unclosed() -> RegexMistake {
            RegexMistake("a `[` is not closed", hint: "Add a `]`; the character itself is `\\[`.", offset: start)
        }
        at += 1
        let isNegated = peek == "^"
        if isNegated { at += 1 }
        let first = at
        var ranges: [ClosedRange<UInt32>] = []
        while peek != "]" {
            let low = at
            guard let from = try member(first: first) else { throw unclosed() }
            guard peek == "-", at + 1 < scalars.count, scalars[at + 1] != "]" else {
                ranges.append(from...from)
                continue
            }
            guard scalars[low] != "-" else { throw ambiguousDash(low) }
            at += 1
            let high = at
            guard let to = try member(first: first) else { throw unclosed() }
            guard scalars[high] != "-" else { throw ambiguousDash(high) }
            guard from <= to else {
                throw RegexMistake(
                    "the range goes backwards", hint: "Write its lower end first.", offset: low)
            }
            ranges.append(from...to)
            if peek == "-", at + 1 < scalars.count, scalars[at + 1] != "]" { throw ambiguousDash(at) }
        }
        guard !ranges.isEmpty else {
            throw RegexMistake(
                "the class is empty", hint: "As its first member a `]` is `\\]`; every character is `[^\\n]` or `.`.",
                offset: start)
        }
        at += 1
        return RegexClass(listed: ScalarSet(ranges), isNegated: isNegated)
    }

    private func ambiguousDash(_ offset: Int) -> RegexMistake {
        RegexMistake(
            "a `-` stands where it could be a range or itself",
            hint: "Put it first or last, or write `\\-`.", offset: offset)
    }

    /// One end of a range, or a character; nil at the end of the pattern.
    private mutating func member(first: Int) throws(RegexMistake) -> UInt32? {
        guard let scalar = peek else { return nil }
        switch scalar {
        case "\\": return try escape(inClass: true)
        case "[":
            if follows("[:") || follows("[.") || follows("[=") {
                throw RegexMistake(
                    "a named class is not part of the patterns",
                    hint: "Write its ranges, like `0-9` or `A-Za-z`; a `[` is `\\[`.", offset: at)
            }
            throw RegexMistake(
                "a `[` inside of a class", hint: "The character itself is `\\[`; classes do not nest.", offset: at)
        case "-" where at != first && at + 1 < scalars.count && scalars[at + 1] != "]" && scalars[at - 1] != "-":
            throw ambiguousDash(at)
        case "&", "~":
            if at + 1 < scalars.count, scalars[at + 1] == scalar {
                throw RegexMistake(
                    "`\(scalar)\(scalar)` in a class is an operation of sets in some engines",
                    hint: "Write `\(scalar)` once.", offset: at)
            }
            at += 1
            return scalar.value
        default:
            at += 1
            return scalar.value
        }
    }
}
