@testable import Transform

/// Random patterns of the subset and texts on which they have something to find.
struct RegexSamples {
    var random: SeededRandom
    /// Tries that were refused, and those that were not.
    private(set) var refused = 0
    private(set) var accepted = 0

    init(_ random: SeededRandom) { self.random = random }

    private static let letters = [
        "a", "b", "c", "d", "x", "0", "7", "-", "@", "é", "ß", "漢", "😀", " ", "&", "~", "\u{301}",
    ]
    private static let escaped = [#"\."#, #"\+"#, #"\\"#, #"\["#, #"\n"#, #"\t"#, #"\$"#, #"\^"#, #"\r"#, #"\-"#]
    private static let classes = [
        "[0-9]", "[a-c]", "[^a]", "[^0-9]", "[a-z]", "[^@]", ".", "[é-漢]", "[^é]", "[ab]", "[xd]", "[^a-c\\n]",
        #"[\]\[^-]"#, "[-+]", "[&~|]", "[^&\\-~]", "[😀-🙏]", "[^\\n]", "[ \\t]", "[A-Za-z0-9_]", "[\u{A0}\u{2003}]",
        "[^😀]", "[\u{7F}-\u{80}]", "[߿-ࠀ]", "[\u{FFFF}-\u{10000}]",
    ]
    private static let quantifiers = [
        "*", "+", "?", "{2}", "{1,3}", "{2,}", "{0,2}", "{3}", "{,1}", "{1}", "{0,}", "*", "+", "?",
    ]

    mutating func pick(_ list: [String]) -> String { list.randomElement(using: &random) ?? "" }
    mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }

    private mutating func atom(_ depth: Int, _ group: inout Bool) -> String {
        switch Int.random(in: 0..<12, using: &random) {
        case 0...3: return pick(Self.letters)
        case 4: return pick(Self.escaped)
        case 5...8: return pick(Self.classes)
        case 9 where group:
            group = false
            return "(" + choice(depth - 1, &group) + ")"
        default:
            return depth > 0 ? "(?:" + choice(depth - 1, &group) + ")" : pick(Self.letters)
        }
    }

    private mutating func sequence(_ depth: Int, _ group: inout Bool) -> String {
        var out = ""
        for _ in 0..<Int.random(in: 1...(depth > 1 ? 4 : 3), using: &random) {
            out += atom(depth, &group)
            if chance(3) { out += pick(Self.quantifiers) }
        }
        return out
    }

    private mutating func choice(_ depth: Int, _ group: inout Bool) -> String {
        var out = sequence(depth, &group)
        while chance(4) { out += "|" + sequence(depth, &group) }
        return out
    }

    /// Anything that has the look of a pattern.
    mutating func text() -> String {
        var group = !chance(3)
        let inner = choice(2, &group)
        return (chance(5) ? "^" : "") + inner + (chance(4) ? "$" : "")
    }

    /// A pattern of the subset.
    mutating func pattern() -> Regex {
        while true {
            if let regex = try? Regex(text()) {
                accepted += 1
                return regex
            }
            refused += 1
        }
    }

    // MARK: Texts

    private mutating func scalar(of set: RegexClass) -> Unicode.Scalar {
        let wanted = set.scalars
        for _ in 0..<12 {
            let near = pick(
                Self.letters + ["\n", ".", "z", "9", "\u{A0}", "\u{7FF}", "\u{FFFF}", "\u{10FFFF}", "\r", "A"])
            if let scalar = near.unicodeScalars.first, wanted.contains(scalar.value) { return scalar }
        }
        guard let range = wanted.ranges.randomElement(using: &random) else { return "?" }
        let value = Bool.random(using: &random) ? range.lowerBound : UInt32.random(in: range, using: &random)
        return Unicode.Scalar(max(1, value)) ?? "\u{FFFD}"
    }

    private mutating func sample(_ node: RegexNode, _ out: inout String.UnicodeScalarView) {
        switch node.kind {
        case .character(let set): out.append(scalar(of: set))
        case .sequence(let parts): for part in parts { sample(part, &out) }
        case .choice(let branches): if let branch = branches.randomElement(using: &random) { sample(branch, &out) }
        case .group(let body): sample(body, &out)
        case .repetition(let body, let least, let most):
            let times = Int.random(in: least...(min(most ?? least + 3, least + 3)), using: &random)
            for _ in 0..<times { sample(body, &out) }
        }
    }

    private mutating func noise(_ out: inout String.UnicodeScalarView) {
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            out.append(contentsOf: pick(Self.letters + ["\n", ".", "1", "b", "a", "\r\n"]).unicodeScalars)
        }
    }

    /// A text that often holds a match, often one that is spoilt, and often several.
    mutating func text(for regex: Regex) -> String {
        var out = "".unicodeScalars
        if chance(15) { return "" }
        if !chance(4) { noise(&out) }
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            sample(regex.tree, &out)
            if chance(3), !out.isEmpty {
                let place = out.index(out.startIndex, offsetBy: Int.random(in: 0..<out.count, using: &random))
                out.remove(at: place)
            }
            if !chance(3) { noise(&out) }
        }
        return String(out)
    }
}
