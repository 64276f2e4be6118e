internal import Contracts
internal import Foundations

extension PolicyEngine {
    /// A column name as a provider may see it.
    ///
    /// A name is metadata, but a row that was taken for a header has values in its place: a name that holds an `@` or
    /// four digits, whatever lies between them, is replaced by its shape. What lies behind 64 scalars is cut off. Other
    /// names are shown as they are: nothing here knows a person's name from a column's.
    ///
    /// - Parameter permit: for `callProvider`.
    public func prompt(columnName: String, permit: Permit) -> MaskedPrompt {
        precondition(permit.action == .callProvider)
        let shown = String(String.UnicodeScalarView(columnName.unicodeScalars.prefix(64)))
        let hides = Self.mayIdentify(columnName)
        return MaskedPrompt(masked: hides ? Shape.of(Array(shown.utf8)) : shown, hidesText: hides)
    }

    /// A text that belongs to the program itself (a domain's title or alias); nothing in it comes from a source.
    ///
    /// - Parameter permit: for `callProvider`.
    public func prompt(registryText: String, permit: Permit) -> MaskedPrompt {
        precondition(permit.action == .callProvider)
        return MaskedPrompt(masked: registryText)
    }

    /// Whether a request is heavy in personal data: something was hidden in a quarter of its texts or more. Its answer is
    /// never cached (ROADMAP §19).
    public static func isPIIHeavy(_ prompts: [MaskedPrompt]) -> Bool {
        let hidden = prompts.count(where: \.hidesText)
        return hidden > 0 && hidden * 4 >= prompts.count
    }

    /// Whether a name holds an `@` or four digits in all, as dates and numbers of telephones do in any notation.
    public static func mayIdentify(_ name: String) -> Bool {
        var digits = 0
        for scalar in name.unicodeScalars {
            if scalar == "@" { return true }
            if scalar.properties.numericType != nil { digits += 1 }
            if digits >= 4 { return true }
        }
        return false
    }
}
