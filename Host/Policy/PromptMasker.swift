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
        for word in columnName.unicodeScalars.prefix(64).split(separator: " ", omittingEmptySubsequences: false) {
            let text = String(String.UnicodeScalarView(word))
            words.append(Self.mayIdentify(text) ? Shape.of(Array(text.utf8)) : text)
        }
        return MaskedPrompt(masked: words.joined(separator: " "))
    }

    /// A text that belongs to the program itself (a domain's title or alias); nothing in it comes from a source.
    ///
    /// - Parameter permit: for `callProvider`.
    public func prompt(registryText: String, permit: Permit) -> MaskedPrompt {
        precondition(permit.action == .callProvider)
        return MaskedPrompt(masked: registryText)
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
