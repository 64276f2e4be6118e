internal import Contracts
internal import Foundations
internal import Policy

/// What a model said of a column that the rules left borderline (ROADMAP §10).
struct Arbitration: Sendable, Equatable {
    let origin: ModelOrigin
    /// A domain that was listed; nil for none of them.
    let domain: String?
    /// The model's own, 0…1.
    let confidence: Double
    /// One line, masked.
    let reason: String

    static let none = "none"

    /// From an answer that satisfies the schema.
    init?(_ answer: JSON, origin: ModelOrigin, shown: (String) throws(SluiceError) -> String) throws(SluiceError) {
        guard let domain = answer["domain"]?.stringValue, let confidence = answer["confidence"]?.doubleValue,
            let reason = answer["reason"]?.stringValue
        else { return nil }
        self.origin = origin
        self.domain = domain == Self.none ? nil : domain
        self.confidence = (confidence * 10_000).rounded() / 10_000
        self.reason = try shown(reason)
    }

    /// From what `json` gave; nil when it is anything else.
    init?(_ json: JSON) {
        let mistakes = MistakeList()
        let reader = JSONReader(json, mistakes: mistakes)
        let origin = ModelOrigin(reader)
        let domain = reader.text("answer")
        let confidence = reader.double("confidence", in: 0...1)
        let reason = reader.string("reason")
        guard mistakes.mistakes.isEmpty, let origin, let domain, let confidence, let reason else { return nil }
        self.origin = origin
        self.domain = domain == Self.none ? nil : domain
        self.confidence = confidence
        self.reason = reason
    }

    /// - Parameter lifted: the combined score by which the column was assigned; nil when it stayed borderline.
    func json(rules: Double, lifted: Double?) -> JSON {
        var members = origin.members
        members["arbitrated_by"] = .string(origin.name)
        members["answer"] = .string(domain ?? Self.none)
        members["confidence"] = .double(confidence)
        members["reason"] = .string(reason)
        members["rules_score"] = .double(rules)
        members["lifted"] = .bool(lifted != nil)
        return .object(members)
    }
}

/// Puts borderline columns to models, and their answers beside the rules'.
///
/// An answer chooses among candidates that the rules found borderline themselves. It lifts one when score and confidence
/// together reach `tau_high`, and changes nothing otherwise: `combined = 1 − (1 − score) · (1 − 0.6 · confidence)`.
struct DomainArbiter {
    /// What a model's word weighs: with full confidence a score of 0.55 just reaches 0.82.
    static let weight = 0.6
    /// More columns than this are left to the rules.
    static let mostColumns = 64
    static let mostNeighbours = 40
    static let mostAliases = 12

    static let template = "domains.arbitrate"

    let catalog: DomainCatalog
    let thresholds: ThresholdProfile

    /// `1 − (1 − score) · (1 − weight · confidence)`, rounded to four digits.
    static func combined(_ score: Double, _ confidence: Double) -> Double {
        ((1 - (1 - score) * (1 - weight * confidence)) * 10_000).rounded() / 10_000
    }

    /// Places of the columns that are put to models.
    func places(_ assignments: [DomainAssignment]) -> [Int] {
        Array(
            assignments.indices.filter { assignments[$0].band == .borderline && !choices(assignments[$0]).isEmpty }
                .prefix(Self.mostColumns))
    }

    /// What an answer may choose from: nothing that the rules put below `tau_low`.
    func choices(_ assignment: DomainAssignment) -> [DomainCandidate] {
        ([assignment.best].compactMap { $0 } + assignment.alternatives).filter { $0.score >= thresholds.tauLow }
    }

    func question(_ place: Int, _ assignments: [DomainAssignment], types: [String?]) -> ModelQuestion {
        let assignment = assignments[place]
        let choices = choices(assignment)
        let others = assignments.indices.filter { $0 != place }.prefix(Self.mostNeighbours)
        return ModelQuestion(
            id: "domains.c\(place + 1)",
            values: [
                "column": .record([
                    "name": .columnName(assignment.column), "type": types[place].map(PromptValue.registry) ?? .absent,
                ]),
                "neighbours": .list(others.map { .columnName(assignments[$0].column) }),
                "candidates": .list(choices.map(candidate)),
                "domain_ids": .choices(choices.map(\.domain)),
            ])
    }

    private func candidate(_ candidate: DomainCandidate) -> PromptValue {
        func number(_ value: Double?) -> PromptValue { value.map(PromptValue.number) ?? .absent }
        let domain = catalog[candidate.domain]
        let evidence = candidate.evidence
        return .record([
            "id": .registry(candidate.domain), "title": .registry(domain?.title ?? candidate.domain),
            "aliases": .list((domain?.aliases ?? []).prefix(Self.mostAliases).map(PromptValue.registry)),
            "score": .number(candidate.score), "name": .number(candidate.nameSimilarity),
            "values_seen": number((evidence?.looked).map(Double.init)), "pattern": number(evidence?.patternRate),
            "check_digit": number(evidence?.checkDigitRate), "codes": number(evidence?.codeRate),
            "dictionary": number(evidence?.dictionaryRate), "range": number(evidence?.rangeRate),
        ])
    }

    /// The assignment with an answer beside it. What was not asked, or not listed, changes nothing.
    func apply(_ arbitration: Arbitration, to assignment: DomainAssignment) -> DomainAssignment {
        guard assignment.band == .borderline else { return assignment }
        var result = assignment
        result.arbitration = arbitration
        result.rulesScore = assignment.best?.score
        let listed = choices(assignment)
        guard let domain = arbitration.domain, let chosen = listed.first(where: { $0.domain == domain }) else {
            return result
        }
        result.rulesScore = chosen.score
        let score = Self.combined(chosen.score, arbitration.confidence)
        guard score >= thresholds.tauHigh else { return result }
        let others = ([assignment.best].compactMap { $0 } + assignment.alternatives).filter { $0.domain != domain }
        result.best = DomainCandidate(
            domain: chosen.domain, score: score, nameSimilarity: chosen.nameSimilarity, evidence: chosen.evidence,
            rationale: "\(chosen.rationale); arbitrated by \(arbitration.origin.name)")
        result.alternatives = others
        result.band = .high
        return result
    }
}
