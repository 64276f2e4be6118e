internal import Contracts
internal import Foundations

extension PolicyEngine {
    /// A column name as a provider may see it.
    ///
    /// A name is metadata, but a file without a header can pass off a row as one: tokens that hold an `@` or four
    /// digits in a row are replaced by their shape, and so is everything behind 64 scalars.
    ///
    /// - Parameter permit: for `callProvider`.
    public func prompt(columnName: String, permit: Permit) -> MaskedPrompt {
        precondition(permit.action == .callProvider)
        var words: [String] = []
        var hidesText = false
        for word in columnName.unicodeScalars.prefix(64).split(separator: " ", omittingEmptySubsequences: false) {
            let text = String(String.UnicodeScalarView(word))
            let hides = Self.mayIdentify(text)
            words.append(hides ? Shape.of(Array(text.utf8)) : text)
            hidesText = hidesText || hides
        }
        return MaskedPrompt(masked: words.joined(separator: " "), hidesText: hidesText)
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

    /// Whether a text holds an `@` or four digits in a row: asked of a name before it is cut into words.
    public static func mayIdentify(_ word: String) -> Bool {
        var digits = 0
        for scalar in word.unicodeScalars {
            if scalar == "@" { return true }
            digits = scalar.properties.numericType != nil ? digits + 1 : 0
            if digits >= 4 { return true }
        }
        return false
    }
}
