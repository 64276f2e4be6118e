/// The engines' ways to write a pattern.
public enum RegexDialect: String, Sendable, CaseIterable {
    /// DuckDB.
    case re2
    /// Polars.
    case rust
    /// Postgres' advanced regular expressions, without flags.
    case postgres
    /// Spark.
    case java
    /// Python's `re`.
    case python
}

/// Writes patterns for engines.
///
/// Every pattern can be written in every dialect, and finds the same first match and the same group there
/// (docs/dsl-patterns.md). Texts that hold U+0000 do not exist in Postgres.
public enum RegexText {
    /// The pattern as an engine reads it; not yet a literal of its language.
    ///
    /// Metacharacters are escaped; scalars that are not letters, numbers, marks of punctuation or symbols are written by
    /// number. `.` becomes `[^\n]`, and `$` the absolute end. Java gets possessive repetitions of groups: they match
    /// the same, and do not recurse.
    public static func render(_ regex: Regex, dialect: RegexDialect) -> String {
        var out = regex.startsAtBeginning ? "^" : ""
        if case .choice = regex.tree.kind, regex.startsAtBeginning || regex.endsAtEnd {
            bracketed(regex.tree, dialect, to: &out)
        } else {
            write(regex.tree, dialect, to: &out)
        }
        if regex.endsAtEnd {
            switch dialect {
            case .postgres: out += "$"
            case .python: out += #"\Z"#
            case .re2, .rust, .java: out += #"\z"#
            }
        }
        return out
    }

    private static func write(_ node: RegexNode, _ dialect: RegexDialect, to out: inout String) {
        switch node.kind {
        case .character(let set): out += character(set, dialect)
        case .sequence(let parts):
            for part in parts {
                if case .choice = part.kind {
                    bracketed(part, dialect, to: &out)
                } else {
                    write(part, dialect, to: &out)
                }
            }
        case .choice(let branches):
            for (number, branch) in branches.enumerated() {
                if number > 0 { out += "|" }
                write(branch, dialect, to: &out)
            }
        case .group(let body):
            out += "("
            write(body, dialect, to: &out)
            out += ")"
        case .repetition(let body, let least, let most):
            var isGroup = false
            switch body.kind {
            case .character, .group: write(body, dialect, to: &out)
            default:
                isGroup = true
                bracketed(body, dialect, to: &out)
            }
            switch (least, most) {
            case (0, nil): out += "*"
            case (1, nil): out += "+"
            case (0, 1): out += "?"
            case (_, nil): out += "{\(least),}"
            case (_, least): out += "{\(least)}"
            case (_, let most?): out += "{\(least),\(most)}"
            }
            if isGroup, dialect == .java, most != 1 { out += "+" }
        }
    }

    private static func bracketed(_ node: RegexNode, _ dialect: RegexDialect, to out: inout String) {
        out += "(?:"
        write(node, dialect, to: &out)
        out += ")"
    }

    /// A literal or a class.
    static func character(_ set: RegexClass, _ dialect: RegexDialect) -> String {
        if let single = set.single { return scalar(single, dialect, #"\.*+?()[]{}|^$"#) }
        var out = set.isNegated ? "[^" : "["
        for range in set.listed.ranges {
            out += scalar(range.lowerBound, dialect, inClass)
            if range.count == 1 { continue }
            if range.count > 2 { out += "-" }
            out += scalar(range.upperBound, dialect, inClass)
        }
        return out + "]"
    }

    /// `&` and `~` are operations of sets in Java and Rust when doubled.
    private static let inClass = #"\[]^-&~|"#

    private static func scalar(_ value: UInt32, _ dialect: RegexDialect, _ escaped: String) -> String {
        guard let scalar = Unicode.Scalar(value) else { return number(value, dialect) }
        switch scalar {
        case "\t": return #"\t"#
        case "\n": return #"\n"#
        case "\r": return #"\r"#
        case " "..."~": return escaped.unicodeScalars.contains(scalar) ? "\\\(scalar)" : String(scalar)
        default: break
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .otherLetter, .decimalNumber, .otherNumber,
            .letterNumber, .currencySymbol, .mathSymbol, .otherSymbol, .dashPunctuation, .openPunctuation,
            .closePunctuation, .initialPunctuation, .finalPunctuation, .otherPunctuation:
            return String(scalar)
        default: return number(value, dialect)
        }
    }

    private static func number(_ value: UInt32, _ dialect: RegexDialect) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        switch dialect {
        case .re2, .rust, .java: return "\\x{\(digits)}"
        case .postgres, .python:
            let width = value > 0xFFFF ? 8 : 4
            return (width == 8 ? "\\U" : "\\u") + String(repeating: "0", count: width - digits.count) + digits
        }
    }
}
