internal import Columnar
internal import Contracts
internal import Foundations
internal import Similarity

/// How sure an assignment is (ROADMAP §10).
public enum Band: String, Sendable, CaseIterable {
    case high, borderline, low
}

/// One domain as a candidate for one column, with what speaks for it.
public struct DomainCandidate: Sendable, Equatable {
    public let domain: String
    public let score: Double
    public let nameSimilarity: Double
    public let evidence: ValueEvidence?
    public let rationale: String
}

/// The catalog's aliases and negatives, prepared once, and how like each header is to them by its letters.
///
/// Lives on the driving thread; every stage of a run shares one.
final class DomainNames {
    /// Likeness of a header to one domain.
    struct Likeness {
        let alias: Double
        let negative: Double
    }

    private let aliases: [[PreparedHeader]]
    private let negatives: [[PreparedHeader]]
    private var known: [String: [Likeness]] = [:]

    init(_ catalog: DomainCatalog) {
        aliases = catalog.domains.map { $0.aliases.map(PreparedHeader.init) }
        negatives = catalog.domains.map { $0.negatives.map(PreparedHeader.init) }
    }

    /// One likeness a domain, in catalog order.
    func likeness(of header: String) -> [Likeness] {
        if let found = known[header] { return found }
        let prepared = PreparedHeader(header)
        let made = aliases.indices.map { place in
            Likeness(
                alias: aliases[place].reduce(0) { max($0, $1.similarity(to: prepared)) },
                negative: negatives[place].reduce(0) { max($0, $1.similarity(to: prepared)) })
        }
        known[header] = made
        return made
    }
}

/// `alpha·name_sim + beta·regex_strength + gamma·value_sim + epsilon·unit_compat` (ROADMAP §10), over the terms that
/// apply: a domain without a code list has no value term, and metadata_only has no terms of values at all.
struct DomainScorer {
    static let alpha = 0.45
    static let beta = 0.45
    static let gamma = 0.25
    static let epsilon = 0.10

    let catalog: DomainCatalog
    private let names: DomainNames
    /// Vectors of every domain's aliases, in catalog order; empty without a provider.
    private let aliasVectors: [[[Float]]]

    init(catalog: DomainCatalog, names: DomainNames, aliasVectors: [[[Float]]] = []) {
        self.catalog = catalog
        self.names = names
        self.aliasVectors = aliasVectors
    }

    /// Candidates of one column, best first; ties by id.
    ///
    /// - Parameters:
    ///   - type: the physical type inferred; nil when unknown.
    ///   - vector: of the header; nil without a provider.
    ///   - values: nil in metadata_only, and for target columns.
    func candidates(header: String, type: ColumnType?, vector: [Float]?, values: ValueSketch?) -> [DomainCandidate] {
        let likeness = names.likeness(of: header)
        var found: [DomainCandidate] = []
        for (place, domain) in catalog.domains.enumerated() {
            let name = nameSimilarity(likeness[place], vector: vector, place: place)
            let fits = type.map { domain.types.contains($0.name) } ?? true
            let evidence = values.flatMap { $0.isEmpty ? nil : $0.evidence(for: domain) }
            found.append(score(domain, name: name, typeFits: fits, evidence: evidence))
        }
        return found.sorted { ($1.score, $0.domain) < ($0.score, $1.domain) }
    }

    func band(_ score: Double, _ thresholds: ThresholdProfile) -> Band {
        score >= thresholds.tauHigh ? .high : score < thresholds.tauLow ? .low : .borderline
    }

    /// Likeness of a header and a domain's aliases, from letters and (when there are vectors) from meaning.
    private func nameSimilarity(_ likeness: DomainNames.Likeness, vector: [Float]?, place: Int) -> Double {
        var best = likeness.alias
        if let vector, place < aliasVectors.count {
            for alias in aliasVectors[place] {
                // Cosines of unrelated words lie around 0.3 in this model; what is above counts.
                let meaning = (VectorSimilarity.cosine(vector, alias) - 0.35) / 0.65
                best = max(best, min(0.95, meaning))
            }
        }
        return likeness.negative > best ? best * 0.5 : best
    }

    private func score(_ domain: Domain, name: Double, typeFits: Bool, evidence: ValueEvidence?) -> DomainCandidate {
        var sum = Self.alpha * name
        var weight = Self.alpha
        var words = ["name \(Self.percent(name))"]
        var factor = 1.0
        if let evidence {
            if let rate = evidence.patternRate {
                // A strong pattern weighs more; one that most values fail speaks against the domain whatever its strength.
                let strength = Self.beta * domain.patternStrength
                sum += strength * rate
                weight += strength
                if rate < 0.8 { factor *= max(0.2, rate) }
                words.append("pattern \(Self.percent(rate))")
            }
            if let rate = evidence.checkDigitRate {
                sum += Self.gamma * 2 * rate
                weight += Self.gamma * 2
                if rate < 0.8 { factor *= max(0.2, rate) }
                words.append("check digit \(Self.percent(rate))")
            } else if let rate = evidence.codeRate {
                sum += Self.gamma * rate
                weight += Self.gamma
                words.append("codes \(Self.percent(rate))")
            } else if let rate = evidence.dictionaryRate {
                // Dictionaries hold the common names: a third of the values in it is as good as all.
                sum += Self.gamma * min(1, rate * 3)
                weight += Self.gamma
                words.append("dictionary \(Self.percent(rate))")
            }
            if let rate = evidence.rangeRate, rate < 0.95 { factor *= max(0.2, rate) }
        }
        sum += typeFits ? Self.epsilon : 0
        weight += Self.epsilon
        if !typeFits {
            factor *= 0.6
            words.append("type does not fit")
        }
        let score = (sum / weight * factor * 10_000).rounded() / 10_000
        return DomainCandidate(
            domain: domain.id, score: score, nameSimilarity: (name * 10_000).rounded() / 10_000, evidence: evidence,
            rationale: words.joined(separator: ", "))
    }

    private static func percent(_ value: Double) -> String { "\(Int((value * 100).rounded())) %" }
}
