/// A column's name made ready to be compared with many others.
public struct PreparedHeader: Sendable, Hashable {
    /// The words of the name, lower-case, abbreviations written out.
    public let tokens: [String]

    private let header: String
    private let units: [[UInt32]]
    private let grams: QGramProfile

    /// A pair of words below this counts as unrelated: Jaro–Winkler gives chance pairs about a half
    /// (the threshold of Soft TF-IDF, Cohen, Ravikumar and Fienberg 2003, set lower for the shorter words of headers).
    private static let wordThreshold = 0.8

    /// Splits and expands a header.
    public init(_ header: String) {
        self.header = header
        tokens = HeaderTokens.expanded(HeaderTokens.tokens(of: header))
        units = tokens.map(EditDistance.scalars(of:))
        grams = QGramProfile(tokens.joined())
    }

    /// How alike two headers are, in 0…1, the same in both directions; see `headerSimilarity`.
    public func similarity(to other: PreparedHeader) -> Double {
        if tokens.isEmpty || other.tokens.isEmpty { return header == other.header ? 1 : 0 }
        if tokens == other.tokens { return 1 }
        let words = (coverage(of: other) + other.coverage(of: self)) / 2
        return min(1, max(words, grams.dice(other.grams)))
    }

    /// The mean over this header's words of the best similarity to a word of `other`.
    private func coverage(of other: PreparedHeader) -> Double {
        var sum = 0.0
        for unit in units {
            sum += other.units.reduce(0) { max($0, Self.word(unit, $1)) }
        }
        return sum / Double(units.count)
    }

    private static func word(_ a: [UInt32], _ b: [UInt32]) -> Double {
        if a == b { return 1 }
        // Numbers that differ are different things: address 1 is not address 2, 10 is not 11.
        if isNumber(a) || isNumber(b) { return 0 }
        let similarity = JaroWinkler.similarity(a, b)
        return similarity < wordThreshold ? 0 : similarity
    }

    private static func isNumber(_ units: [UInt32]) -> Bool {
        units.allSatisfy { unit in
            Unicode.Scalar(unit).map { $0.properties.numericType != nil } ?? false
        }
    }
}

/// How alike two column names are: 1 for the same words, 0 for nothing in common.
///
/// The larger of two views on the words after abbreviations are written out: the symmetric Monge–Elkan mean with
/// Jaro–Winkler, in which pairs of words below 0.8 count as 0, and Dice's coefficient over the 3-grams of the words
/// written together (`firstname`, `first_name`). A header without letters and digits is alike only to itself.
/// To compare many headers prepare each once: `PreparedHeader`.
public func headerSimilarity(_ a: String, _ b: String) -> Double {
    PreparedHeader(a).similarity(to: PreparedHeader(b))
}

/// Similarity of two lists of words.
public enum TokenSimilarity {
    /// Twice the shared words ÷ the words of both, as sets; 1 when both are empty.
    public static func dice(_ a: [String], _ b: [String]) -> Double {
        let (a, b) = (Set(a), Set(b))
        let total = a.count + b.count
        return total == 0 ? 1 : 2 * Double(a.intersection(b).count) / Double(total)
    }

    /// Shared words ÷ words of either, as sets; 1 when both are empty.
    public static func jaccard(_ a: [String], _ b: [String]) -> Double {
        let (a, b) = (Set(a), Set(b))
        let union = a.union(b).count
        return union == 0 ? 1 : Double(a.intersection(b).count) / Double(union)
    }

    /// The mean over `a`'s words of the best Jaro–Winkler similarity to a word of `b` (Monge and Elkan 1996).
    ///
    /// Not symmetric: it says how well `b` covers `a`. 1 when both are empty, 0 when one is.
    public static func mongeElkan(_ a: [String], _ b: [String]) -> Double {
        if a.isEmpty || b.isEmpty { return a.isEmpty && b.isEmpty ? 1 : 0 }
        let others = b.map(EditDistance.scalars(of:))
        var sum = 0.0
        for word in a.map(EditDistance.scalars(of:)) {
            sum += others.reduce(0) { max($0, JaroWinkler.similarity(word, $1)) }
        }
        return sum / Double(a.count)
    }

    /// The mean of `mongeElkan` in both directions.
    public static func symmetricMongeElkan(_ a: [String], _ b: [String]) -> Double {
        (mongeElkan(a, b) + mongeElkan(b, a)) / 2
    }
}
