internal import Columnar
internal import Contracts
internal import Foundations
internal import Similarity

/// How sure an assignment is (ROADMAP §10).
public enum Band: String, Sendable, CaseIterable {
    case high, borderline, low
}

/// What a domain is told by: the values of `domaining_evidence` (ROADMAP §3).
enum EvidenceKind: String, Sendable, CaseIterable {
    /// The names of columns.
    case headers
    /// Patterns and check digits that values fit.
    case regex
    /// Types and ranges.
    case units
    /// Looking at values at all.
    case valueSketches = "value_sketches"

    static let all = Set(allCases)
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
        /// By whole words, where letters in common may be an accident: all that there is without values.
        let strictAlias: Double
        let negative: Double
    }

    private let aliases: [[PreparedHeader]]
    private let negatives: [[PreparedHeader]]
    /// Every word of an alias or negative: two of them are two words, and neither is the other one misspelt.
    private let vocabulary: Set<String>
    private var known: [String: [Likeness]] = [:]

    init(_ catalog: DomainCatalog) {
        aliases = catalog.domains.map { $0.aliases.map(PreparedHeader.init) }
        negatives = catalog.domains.map { $0.negatives.map(PreparedHeader.init) }
        vocabulary = Set((aliases + negatives).flatMap { $0.flatMap(\.tokens) })
    }

    /// One likeness a domain, in catalog order.
    func likeness(of header: String) -> [Likeness] {
        if let found = known[header] { return found }
        let prepared = PreparedHeader(header)
        let made = aliases.indices.map { place in
            var (loose, strict) = (0.0, 0.0)
            for alias in aliases[place] {
                let likeness = alias.similarity(to: prepared)
                loose = max(loose, likeness)
                // What is strictly alike is alike by its letters: only that needs the second look.
                if likeness >= Self.worthALook, likeness > strict {
                    strict = max(strict, strictLikeness(alias.tokens, prepared.tokens))
                }
            }
            return Likeness(
                alias: loose, strictAlias: strict,
                negative: negatives[place].reduce(0) { max($0, $1.similarity(to: prepared)) })
        }
        known[header] = made
        return made
    }

    private static let worthALook = 0.4
    /// Words shorter than this are too near to each other by chance to be misspellings.
    private static let leastMisspelt = 6
    /// A misspelt word is nearly the word.
    private static let misspelt = 0.95

    /// How far two lists of words cover each other: words that only look alike (provider, province) have nothing in
    /// common.
    private func strictLikeness(_ a: [String], _ b: [String]) -> Double {
        if a.isEmpty || b.isEmpty { return 0 }
        if a == b || a.joined() == b.joined() { return 1 }
        return (coverage(of: a, by: b) + coverage(of: b, by: a)) / 2
    }

    private func coverage(of words: [String], by others: [String]) -> Double {
        words.reduce(0) { sum, word in
            sum + others.reduce(0) { max($0, strictLikeness(word, $1)) }
        } / Double(words.count)
    }

    /// 1 for a word and its plural, less for one letter that is missing, added or wrong; else 0.
    private func strictLikeness(_ a: String, _ b: String) -> Double {
        if a == b || TableNames.singular(a) == TableNames.singular(b) { return 1 }
        guard a.count >= Self.leastMisspelt, b.count >= Self.leastMisspelt, a.first == b.first,
            !vocabulary.contains(a) || !vocabulary.contains(b), EditDistance.levenshtein(a, b) <= 1
        else { return 0 }
        return Self.misspelt
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
    /// What counts; what does not is as if it were not there.
    private let kinds: Set<EvidenceKind>

    init(
        catalog: DomainCatalog, names: DomainNames, aliasVectors: [[[Float]]] = [],
        kinds: Set<EvidenceKind> = EvidenceKind.all
    ) {
        self.kinds = kinds
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
        let likeness = kinds.contains(.headers) ? names.likeness(of: header) : nil
        let values = kinds.contains(.valueSketches) ? values : nil
        var found: [DomainCandidate] = []
        for (place, domain) in catalog.domains.enumerated() {
            let name = likeness.map { likeness in
                let letters = values == nil ? likeness[place].strictAlias : likeness[place].alias
                return nameSimilarity(letters, negative: likeness[place].negative, vector: vector, place: place)
            }
            let fits = type.map { domain.types.contains($0.name) } ?? true
            let evidence = values.flatMap { $0.isEmpty ? nil : $0.evidence(for: domain, kinds: kinds) }
            found.append(score(domain, name: name, typeFits: fits, evidence: evidence))
        }
        return found.sorted { ($1.score, $0.domain) < ($0.score, $1.domain) }
    }

    func band(_ score: Double, _ thresholds: ThresholdProfile) -> Band {
        score >= thresholds.tauHigh ? .high : score < thresholds.tauLow ? .low : .borderline
    }

    /// Likeness of a header and a domain's aliases, from letters and (when there are vectors) from meaning.
    private func nameSimilarity(_ letters: Double, negative: Double, vector: [Float]?, place: Int) -> Double {
        var best = letters
        if let vector, place < aliasVectors.count {
            for alias in aliasVectors[place] {
                // Cosines of unrelated words lie around 0.3 in this model; what is above counts.
                let meaning = (VectorSimilarity.cosine(vector, alias) - 0.35) / 0.65
                best = max(best, min(0.95, meaning))
            }
        }
        return negative > best ? best * 0.5 : best
    }

    private func score(_ domain: Domain, name: Double?, typeFits: Bool, evidence: ValueEvidence?) -> DomainCandidate {
        var sum = Self.alpha * (name ?? 0)
        var weight = name == nil ? 0 : Self.alpha
        var words = name.map { ["name \(Self.percent($0))"] } ?? []
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
        // A type alone tells nothing: most domains have it.
        let isTold = weight > 0
        if kinds.contains(.units) {
            sum += typeFits ? Self.epsilon : 0
            weight += Self.epsilon
            if !typeFits {
                factor *= 0.6
                words.append("type does not fit")
            }
        }
        let score = isTold ? (sum / weight * factor * 10_000).rounded() / 10_000 : 0
        return DomainCandidate(
            domain: domain.id, score: score, nameSimilarity: ((name ?? 0) * 10_000).rounded() / 10_000,
            evidence: evidence,
            rationale: words.isEmpty ? "nothing to tell by" : words.joined(separator: ", "))
    }

    private static func percent(_ value: Double) -> String { "\(Int((value * 100).rounded())) %" }
}
