internal import Foundations

/// How many were there, how many were found, and how many of those are right.
public struct Figures: Sendable, Equatable {
    public var labelled = 0
    public var found = 0
    /// Right ones; not more than `labelled` or `found`.
    public var matched = 0

    public init(labelled: Int = 0, found: Int = 0, matched: Int = 0) {
        self.labelled = labelled
        self.found = found
        self.matched = matched
    }

    /// nil when nothing was found.
    public var precision: Double? { found > 0 ? Double(matched) / Double(found) : nil }
    /// nil when nothing is labelled.
    public var recall: Double? { labelled > 0 ? Double(matched) / Double(labelled) : nil }
    /// The harmonic mean; nil when nothing is labelled and nothing was found.
    public var f1: Double? { labelled + found > 0 ? Double(2 * matched) / Double(labelled + found) : nil }

    static func + (a: Figures, b: Figures) -> Figures {
        Figures(labelled: a.labelled + b.labelled, found: a.found + b.found, matched: a.matched + b.matched)
    }
    static func += (a: inout Figures, b: Figures) { a = a + b }

    /// The ratios that exist, under these names.
    func metrics(_ prefix: String = "") -> [String: JSON] {
        var members: [String: JSON] = [:]
        members[prefix + "precision"] = precision.map(JSON.double)
        members[prefix + "recall"] = recall.map(JSON.double)
        members[prefix + "f1"] = f1.map(JSON.double)
        return members
    }

    var json: JSON {
        .object(
            metrics().merging(["labelled": JSON(labelled), "found": JSON(found), "matched": JSON(matched)]) { $1 })
    }
}

/// The three ways of counting, for one type or for several.
public struct SpanFigures: Sendable, Equatable {
    /// Same type, and at least half of the characters that either covers.
    public var spans = Figures()
    /// Same type and the same two ends.
    public var exact = Figures()
    /// Tokens in spans of the same type.
    public var tokens = Figures()

    static func + (a: SpanFigures, b: SpanFigures) -> SpanFigures {
        var sum = a
        sum.spans += b.spans
        sum.exact += b.exact
        sum.tokens += b.tokens
        return sum
    }
    static func += (a: inout SpanFigures, b: SpanFigures) { a = a + b }
}
