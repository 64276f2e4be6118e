/// Tells what a column holds from its name, its values and the names beside it.
///
/// A pure function of what it is given: bounded in the values looked at and in the bytes of each. Thread-safe.
public struct ColumnClassifier: Sendable {
    /// A type is reported from this score on.
    public static let threshold = 0.5

    let names: NameForms

    /// - Parameter lexicon: the dictionaries of names; without words in it, headers and forms decide alone.
    public init(lexicon: any ColumnLexicon) { names = NameForms(lexicon: lexicon) }

    /// What one column holds.
    ///
    /// - Parameters:
    ///   - place: of the column in its table, from 0.
    ///   - table: every column's name.
    ///   - values: different values with the cells each stands in; the first 400 are looked at, 256 bytes of each.
    ///   - cells: that hold something in the whole column, looked at or not.
    public func finding(at place: Int, in table: ColumnTable, values: [CountedValue], cells: Int) -> ColumnFinding {
        let header = table.headers[place]
        let profile = ColumnValues(values, header: header, names: names)
        let column = ColumnEvidence(header: header, table: table, place: place, values: profile)
        let candidates =
            PersonRules.candidates(column) + ContactRules.candidates(column)
            + AttributeRules.candidates(column) + OtherRules.candidates(column)
        let best = candidates.max { ($0.score, $1.type.rawValue) < ($1.score, $0.type.rawValue) }
        let isKnown = (best?.score ?? 0) >= Self.threshold
        return ColumnFinding(
            type: isKnown ? best?.type : nil, score: Self.rounded(best?.score ?? 0),
            evidence: best?.evidence ?? [], share: Self.rounded(best?.share ?? 0),
            mayIdentify: column.mayIdentify)
    }

    private static func rounded(_ number: Double) -> Double { (min(1, max(0, number)) * 1000).rounded() / 1000 }
}

/// One column as the rules see it.
struct ColumnEvidence {
    let header: ColumnHeader
    let table: ColumnTable
    let place: Int
    let values: ColumnValues

    /// Numbers that come about once each and are called no measure: what a register gives out.
    var mayIdentify: Bool {
        guard values.integer > 0.95, values.maximumDigits >= 5, values.distinct >= 5 else { return false }
        guard values.variety > 0.5 || values.distinct >= 20 else { return false }
        return !header.has(HeaderVocabulary.measures)
    }
}

/// A type that a column may have.
struct ColumnCandidate {
    let type: EntityType
    let score: Double
    let share: Double
    let evidence: [String]

    /// - Parameter share: of the cells that fit; said in the evidence when above 0.
    init(_ type: EntityType, _ score: Double, share: Double, _ evidence: String...) {
        self.type = type
        self.score = score
        self.share = min(1, share)
        self.evidence = evidence + (share > 0 ? ["\(Int((min(1, share) * 100).rounded())) % of the cells fit"] : [])
    }
}
