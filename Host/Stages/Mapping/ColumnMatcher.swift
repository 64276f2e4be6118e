internal import Columnar
internal import Similarity

/// One source column paired with one target column, with what speaks for it.
struct ColumnMatch: Sendable, Equatable {
    let source: Int
    let target: Int
    let likeness: Likeness
    /// How far the score is above the next best pair of either column; 0 when another one is as good.
    let gap: Double
}

/// How alike a source and a target column are, term by term.
struct Likeness: Sendable, Equatable {
    enum DomainTerm: Sendable, Equatable {
        case unknown, same, related, different
    }

    /// 0…1, what the assignment adds up.
    let score: Double
    /// 0…1, of the names and, with a provider, of their meaning.
    let name: Double
    /// Whether the names are alike as names of one domain rather than by their letters or meaning.
    let isSynonym: Bool
    let domain: DomainTerm
    let feasibility: Feasibility
}

/// Pairs source columns with target columns one to one by name, domain and type (ROADMAP §12).
///
/// `score = Σ weight · term ÷ Σ weight` over the terms that are known, times the factors of what contradicts the pair.
struct ColumnMatcher {
    /// Names are the only evidence that every column has, and the one that people choose to be understood.
    static let nameWeight = 0.60
    /// A domain says what a column means whatever it is called, as far as both domains are sure.
    static let domainWeight = 0.40
    /// Types exclude more than they show: many columns have the same one.
    static let typeWeight = 0.10
    /// Two domains of one group (`person.` or `contact.`) are near, and yet not the same thing.
    static let relatedDomain = 0.35
    /// Identifiers, dates, amounts and the like tell the kind of a column but not which of its kind it is.
    static let sharedDomain = 0.55
    /// First name and full name are not the same, however near: a weaker contradiction than the next.
    static let relatedFactor = 0.85
    /// Two domains of different groups contradict the pair, as far as both are sure.
    static let contradictionFactor = 0.75
    /// Too many values do not parse as the target's type.
    static let partialFactor = 0.85
    /// Hardly any value parses as the target's type: only nearly equal names survive it, and are shown to be mended.
    static let unlikelyFactor = 0.60
    /// Timestamps and a date of names as alike as this are meant for each other, although the time of day has no place.
    static let timedName = 0.9
    /// Below this score a target column is better left without a source: that is shown, a wrong pair is not.
    static let minimum = 0.55
    /// Cosines of unrelated words lie around 0.35 in the local model; what is above counts (as in DomainScorer).
    static let unrelatedCosine = 0.35
    /// Likeness of meaning alone is never as sure as equal names.
    static let mostByMeaning = 0.95

    /// Names that are both aliases of one domain (zip, postal code) are synonyms, nearly as good as equal names.
    static let mostBySynonym = 0.95

    /// Every table has several of these, so that agreement says nothing.
    static let identifier = "identifier.numeric"

    /// Groups of domains that tell a kind: many columns of a table have them.
    static let kindGroups: Set<String> = ["identifier", "time", "money", "measure", "text", "flag", "category"]

    private let input: MappingInput
    private let sourceNames: TableNames
    private let targetNames: TableNames
    /// Domains that one source column and one target column have.
    private let soleDomains: Set<String>

    init(_ input: MappingInput) {
        self.input = input
        sourceNames = TableNames(table: input.sourceName, columns: input.sources.map(\.name))
        targetNames = TableNames(table: input.table.name, columns: input.targets.map(\.name))
        soleDomains = Self.sole(input.sources.compactMap { $0.knownDomain?.domain })
            .intersection(Self.sole(input.targets.compactMap { $0.knownDomain?.domain }))
    }

    /// The pairs of the best one-to-one assignment, ascending by target.
    ///
    /// - Parameters:
    ///   - excluded: target columns that are served otherwise.
    ///   - isAllowed: whether a pair of (source, target) may be formed at all.
    func matches(
        excluding excluded: Set<Int> = [], where isAllowed: (Int, Int, Likeness) -> Bool = { _, _, _ in true }
    ) -> [ColumnMatch] {
        let likenesses = input.sources.indices.map { source in
            input.targets.indices.map { likeness(source, $0) }
        }
        let scores = likenesses.enumerated().map { source, line in
            line.enumerated().map { target, likeness in
                excluded.contains(target) || !isAllowed(source, target, likeness) ? -1 : likeness.score
            }
        }
        let gains = scores.map { $0.map { $0 < 0 ? $0 : Self.sharpened($0) } }
        return assign(scores: gains, minimum: Self.sharpened(Self.minimum)).map { source, target in
            var next = 0.0
            for other in scores.indices where other != source { next = max(next, scores[other][target]) }
            for other in scores[source].indices where other != target { next = max(next, scores[source][other]) }
            return ColumnMatch(
                source: source, target: target, likeness: likenesses[source][target],
                gap: max(0, scores[source][target] - next))
        }.sorted { $0.target < $1.target }
    }

    /// How alike a source and a target column are.
    func likeness(_ source: Int, _ target: Int) -> Likeness {
        let from = input.sources[source]
        let to = input.targets[target]
        let domain = domainTerm(from, to)
        let letters = nameLikeness(source, target)
        let synonymy = domain == .same ? synonymy(from, to) : 0
        let name = max(letters, synonymy)
        let feasibility = Feasibility.of(from, to: to.type)
        var sum = Self.nameWeight * name
        var weight = Self.nameWeight
        var factor = 1.0
        if let here = from.knownDomain, let there = to.knownDomain(against: here) {
            let sureness = min(here.score, there.score)
            let isSure = from.band == .high && to.band == .high
            // Headers alone suggest wrong domains often enough: what is not sure may speak for a pair, not against it.
            // Nor against equal names: the same header would have suggested the target's domain to the source.
            let speaksAgainst = isSure && letters < 1
            if domain == .same || speaksAgainst { weight += Self.domainWeight * sureness }
            switch domain {
            case .same:
                let isKind = Self.kindGroups.contains(Self.group(here.domain))
                let floor = here.domain == Self.identifier ? 0 : Self.sharedDomain
                // Of a kind there are many: agreement adds to the names and does not stand for them.
                sum += Self.domainWeight * sureness * (isKind ? max(name, floor) : 1)
            case .related where speaksAgainst:
                sum += Self.domainWeight * sureness * Self.relatedDomain
                factor *= 1 - (1 - Self.relatedFactor) * sureness
            case .different where speaksAgainst: factor *= 1 - (1 - Self.contradictionFactor) * sureness
            case .related, .different, .unknown: break
            }
        }
        switch feasibility.kind {
        case .unknown: break
        case .possible, .partial, .timed, .unlikely, .impossible:
            sum += Self.typeWeight * feasibility.fit
            weight += Self.typeWeight
        }
        switch feasibility.kind {
        case .possible, .unknown: break
        case .partial: factor *= Self.partialFactor
        // A pair that cannot be made is shown for what it is called, and only where that leaves no doubt.
        case .timed: factor *= name >= Self.timedName ? 1 : Self.unlikelyFactor
        case .unlikely: factor *= Self.unlikelyFactor
        case .impossible: factor = 0
        }
        return Likeness(
            score: sum / weight * factor, name: name, isSynonym: synonymy > letters, domain: domain,
            feasibility: feasibility)
    }

    /// What is added up: with cubes, equal names outweigh several pairs that are half alike.
    private static func sharpened(_ score: Double) -> Double { score * score * score }

    private func nameLikeness(_ source: Int, _ target: Int) -> Double {
        let letters = TableNames.likeness(sourceNames.names[source], targetNames.names[target])
        guard let a = input.sources[source].vector, let b = input.targets[target].vector else { return letters }
        let meaning = (VectorSimilarity.cosine(a, b) - Self.unrelatedCosine) / (1 - Self.unrelatedCosine)
        return max(letters, min(Self.mostByMeaning, meaning))
    }

    /// How far both headers are names of the one domain that both columns have.
    ///
    /// Of a domain that tells a kind there must be one column on either side: which one is meant is clear then.
    private func synonymy(_ source: SourceColumn, _ target: TargetColumn) -> Double {
        guard let here = source.knownDomain, let there = target.knownDomain(against: here),
            here.domain != Self.identifier,
            !Self.kindGroups.contains(Self.group(here.domain)) || soleDomains.contains(here.domain)
        else { return 0 }
        return Self.mostBySynonym * min(here.nameSimilarity, there.nameSimilarity)
    }

    /// The domains that exactly one column has.
    private static func sole(_ domains: [String]) -> Set<String> {
        let counts = Dictionary(domains.map { ($0, 1) }, uniquingKeysWith: +)
        return Set(counts.filter { $0.value == 1 }.keys)
    }

    private func domainTerm(_ source: SourceColumn, _ target: TargetColumn) -> Likeness.DomainTerm {
        guard let here = source.knownDomain?.domain,
            let there = target.knownDomain(against: source.knownDomain)?.domain
        else { return .unknown }
        if here == there { return .same }
        return Self.group(here) == Self.group(there) ? .related : .different
    }

    /// What stands before the dot.
    private static func group(_ domain: String) -> String { String(domain.prefix { $0 != "." }) }
}
