internal import Similarity

/// A column name as words, the way the catalog's aliases are written.
enum HeaderWords {
    static func of(_ name: String) -> String {
        let words = HeaderTokens.expanded(HeaderTokens.tokens(of: name))
        return words.isEmpty ? name : words.joined(separator: " ")
    }
}
