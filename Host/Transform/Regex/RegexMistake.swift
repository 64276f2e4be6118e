/// Why a pattern is refused, where, and what to write instead.
public struct RegexMistake: Error, Sendable, Hashable {
    /// What is wrong, as the end of a sentence, without a full stop: `a back-reference is not part of the patterns`.
    public let reason: String
    /// The nearest allowed form, as a sentence.
    public let hint: String
    /// Where in the pattern, counted in Unicode scalars from 0.
    public let offset: Int

    public init(_ reason: String, hint: String, offset: Int) {
        self.reason = reason
        self.hint = hint
        self.offset = offset
    }
}

extension RegexMistake: CustomStringConvertible {
    public var description: String { "at character \(offset) of the pattern, \(reason). \(hint)" }
}

extension RegexMistake {
    static func tooManyStates(_ count: String) -> RegexMistake {
        RegexMistake(
            "the pattern is too large: \(count)",
            hint: "At most \(Regex.maximumStates) characters are allowed once repetitions are written out; use smaller "
                + "bounds, or `+` and `*`.", offset: 0)
    }

    /// The mistake of `\` before a character that is not a metacharacter.
    static func escape(_ scalar: Unicode.Scalar?, inClass: Bool, offset: Int) -> RegexMistake {
        guard let scalar else {
            return RegexMistake("a `\\` ends the pattern", hint: "A backslash itself is `\\\\`.", offset: offset)
        }
        func sets(_ what: String, _ members: String) -> RegexMistake {
            let form = inClass ? "`\(members)`" : "`[\(members)]`"
            return RegexMistake(
                "`\\\(scalar)` is not part of the patterns: engines disagree on \(what)", hint: "Write \(form).",
                offset: offset)
        }
        func without(_ members: String, _ what: String) -> RegexMistake {
            RegexMistake(
                "`\\\(scalar)` is not part of the patterns: engines disagree on \(what)",
                hint: inClass ? "List the characters." : "Write `[^\(members)]`.", offset: offset)
        }
        switch scalar {
        case "d": return sets("digits", "0-9")
        case "D": return without("0-9", "digits")
        case "w": return sets("letters", "A-Za-z0-9_")
        case "W": return without("A-Za-z0-9_", "letters")
        case "s": return sets("white space", " \\t\\n\\r")
        case "S": return without(" \\t\\n\\r", "white space")
        case "h": return sets("white space", " \\t")
        case "R":
            return RegexMistake("`\\R` is not part of the patterns", hint: "Write `\\r?\\n`.", offset: offset)
        case "b", "B":
            return RegexMistake(
                "`\\\(scalar)`, a word's border, is not part of the patterns",
                hint: "Name the characters beside it and put the word into the group, like `[^a-z]([a-z]+)[^a-z]`.",
                offset: offset)
        case "A": return RegexMistake("`\\A` is not part of the patterns", hint: "Write `^`, first.", offset: offset)
        case "z", "Z":
            return RegexMistake(
                "`\\\(scalar)` is not part of the patterns",
                hint: "Write `$`, last: it is the absolute end of the text.", offset: offset)
        case "1", "2", "3", "4", "5", "6", "7", "8", "9", "k":
            return RegexMistake(
                "`\\\(scalar)`, a back-reference, is not part of the patterns",
                hint: "Write out what it stands for.", offset: offset)
        case "p", "P", "X":
            return RegexMistake(
                "`\\\(scalar)`, a property of Unicode, is not part of the patterns: engines know other versions of it",
                hint: "List the characters as ranges, like `[A-Za-zÀ-ÖØ-öø-ÿ]`.", offset: offset)
        case "x", "u", "U", "N", "0", "c", "o":
            return RegexMistake(
                "`\\\(scalar)`, a character by its number, is not part of the patterns",
                hint: "Write the character itself; in JSON every character can be written as `\\uXXXX`.",
                offset: offset)
        case "f", "v", "a", "e":
            return RegexMistake(
                "`\\\(scalar)` is not part of the patterns",
                hint: "Write the character itself; in JSON every character can be written as `\\uXXXX`.",
                offset: offset)
        case "Q", "E":
            return RegexMistake(
                "`\\\(scalar)`, quoting, is not part of the patterns", hint: "Put a `\\` before each metacharacter.",
                offset: offset)
        default:
            return RegexMistake(
                "`\\` stands before a character that has no other meaning",
                hint: "Write `\(scalar)` without the backslash.", offset: offset)
        }
    }

    /// The mistake of a `(?` that does not begin `(?:`.
    static func group(_ rest: String, offset: Int) -> RegexMistake {
        func mistake(_ what: String, _ hint: String) -> RegexMistake {
            RegexMistake("\(what) is not part of the patterns", hint: hint, offset: offset)
        }
        if rest.hasPrefix("=") || rest.hasPrefix("!") || rest.hasPrefix("<=") || rest.hasPrefix("<!") {
            return mistake(
                "looking ahead or behind", "Match what stands beside, and put what you want into the group `( … )`.")
        }
        if rest.hasPrefix("P=") || rest.hasPrefix("P>") {
            return mistake("a back-reference", "Write out what it stands for.")
        }
        if rest.hasPrefix("<") || rest.hasPrefix("P<") || rest.hasPrefix("'") {
            return mistake("a named group", "Write `( … )`; there is one group, and its number is 1.")
        }
        if rest.hasPrefix(">") {
            return mistake("an atomic group", "Write `(?: … )`: no pattern goes back here anyway.")
        }
        if rest.hasPrefix("#") { return mistake("a comment", "Leave it out.") }
        if rest.hasPrefix("|") { return mistake("a branch reset", "Write `(?: … )`.") }
        return mistake(
            "a flag", "Write `(?: … )`; for letters of either case write `[Aa]`, or use the op `case` before.")
    }
}
