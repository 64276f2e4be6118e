internal import Columnar
internal import Contracts
internal import Foundations
internal import Policy

/// What a column means, and how sure that is.
struct DomainAssignment {
    let column: String
    /// The best candidate; its domain counts when the band is not low.
    var best: DomainCandidate?
    var band: Band
    var alternatives: [DomainCandidate]
    /// What a model said of it; nil for all but borderline columns that one was asked about.
    var arbitration: Arbitration?
    /// What the rules gave the candidate that the model chose, or the best one.
    var rulesScore: Double?

    /// The domain, unless it is unknown.
    var domain: String? { band == .low ? nil : best?.domain }
}

/// Domains: a semantic type for every column, with band, evidence and rationale (ROADMAP §10).
struct DomainsStage {
    let stage: StageContext
    let embedder: HeaderEmbedder
    let names: DomainNames

    static let alternatives = 3

    /// - Parameters:
    ///   - access: who may be asked about borderline columns.
    ///   - recorded: the content of the artifact that this run has already: then its answers are taken again, and nobody
    ///     is asked.
    func run(
        _ ingest: IngestResult, access: ModelAccess, recorded: JSON? = nil
    ) throws(SluiceError) -> (outcome: StageOutcome, assignments: [DomainAssignment]) {
        let kinds = try stage.evidence()
        // Without any there is nothing to tell a domain by: the refusal of the first is the run's.
        if kinds.isEmpty { _ = try stage.permit(.gatherEvidence, resource: EvidenceKind.headers.rawValue) }
        let leftOut = EvidenceKind.allCases.filter { kind in
            !kinds.contains(kind) && (kind != .valueSketches || stage.contract.mode == .dataMode)
        }
        let vectors =
            kinds.contains(.headers)
            ? try embedder.vectors(ofColumns: ingest.columns.map(\.name), of: ingest.catalogID, stage) : nil
        let scorer = DomainScorer(
            catalog: stage.registry.domains, names: names,
            aliasVectors: vectors == nil ? [] : try embedder.aliasVectors(of: ingest.catalogID, stage),
            kinds: kinds)
        var assignments: [DomainAssignment] = []
        for (place, column) in ingest.columns.enumerated() {
            try stage.checkpoint()
            let candidates = scorer.candidates(
                header: column.name, type: column.type, vector: vectors?[place], values: column.sketch)
            let best = candidates.first
            assignments.append(
                DomainAssignment(
                    column: column.name, best: best, band: best.map { scorer.band($0.score, stage.thresholds) } ?? .low,
                    alternatives: Array(candidates.dropFirst().prefix(Self.alternatives))))
        }
        let interview = stage.interview(.domains, template: DomainArbiter.template, access: access)
        if let recorded {
            assignments = arbitrated(assignments, as: recorded)
        } else if kinds.contains(.headers) {
            assignments = try arbitrated(assignments, ingest, interview)
        }
        let models = interview.use
        if !leftOut.isEmpty {
            stage.observer.notice(
                "Domains: policy leaves out the evidence \(leftOut.map(\.rawValue).joined(separator: ", ")).")
        }
        if let absence = embedder.absence {
            stage.observer.notice("Domains: names are compared by letters alone: \(absence).")
        } else if !embedder.passedOver.isEmpty, let used = embedder.providerReference {
            stage.observer.notice(
                "Domains: names are compared by \(used): \(embedder.passedOver.joined(separator: "; ")).")
        }
        let counts = Dictionary(grouping: assignments, by: \.band).mapValues(\.count)
        let artifact = stage.artifact(
            .domainAssignments, content(assignments, ingest, leftOut), inputs: [ingest.catalogID],
            provider: models.providers ?? embedder.providerReference, model: models.allModels,
            promptHash: models.promptHash)
        let usage = embedder.takeUsage()
        let outcome = StageOutcome(
            artifacts: [artifact], decision: .accept,
            summary: .object(
                Dictionary(uniqueKeysWithValues: Band.allCases.map { ($0.rawValue, JSON(counts[$0] ?? 0)) })),
            maskApplied: embedder.isActive || models.asked > 0,
            provider: models.providers ?? embedder.providerReference, model: models.allModels,
            tokenEstimate: usage.estimate + models.tokenEstimate,
            tokenActual: usage.sent + models.tokenActual, cache: usage.cache, embedder: embedder.json,
            models: models.questions > 0 ? models : nil)
        return (outcome, assignments)
    }

    /// Puts the borderline columns to models. Without an answer they stay what the rules made them.
    private func arbitrated(
        _ assignments: [DomainAssignment], _ ingest: IngestResult, _ interview: ModelInterview
    ) throws(SluiceError) -> [DomainAssignment] {
        let arbiter = DomainArbiter(catalog: stage.registry.domains, thresholds: stage.thresholds)
        let places = arbiter.places(assignments)
        let types = ingest.columns.map { $0.type?.name }
        let replies = try interview.ask(places.map { arbiter.question($0, assignments, types: types) })
        var result = assignments
        for (place, reply) in zip(places, replies) {
            guard let reply,
                let arbitration = try Arbitration(
                    reply.json, origin: reply.origin, shown: { (text) throws(SluiceError) in try interview.shown(text) }
                )
            else { continue }
            result[place] = arbiter.apply(arbitration, to: assignments[place])
            if result[place].band == .high { interview.take(1) }
        }
        try stage.checkpoint()
        stage.tell("Domains", interview.use, left: ("borderline column", "borderline columns"))
        return result
    }

    /// The same from the answers that are on record.
    private func arbitrated(_ assignments: [DomainAssignment], as recorded: JSON) -> [DomainAssignment] {
        let arbiter = DomainArbiter(catalog: stage.registry.domains, thresholds: stage.thresholds)
        var answers: [String: Arbitration] = [:]
        for entry in recorded["columns"]?.arrayValue ?? [] {
            guard let column = entry["column"]?.stringValue, let json = entry["arbitration"] else { continue }
            answers[column] = Arbitration(json)
        }
        return assignments.map { assignment in
            answers[assignment.column].map { arbiter.apply($0, to: assignment) } ?? assignment
        }
    }

    private func content(
        _ assignments: [DomainAssignment], _ ingest: IngestResult, _ leftOut: [EvidenceKind]
    ) -> JSON {
        func json(_ candidate: DomainCandidate) -> JSON {
            .members([
                "domain": .string(candidate.domain), "score": .double(candidate.score),
                "name_similarity": .double(candidate.nameSimilarity), "evidence": candidate.evidence?.json,
                "rationale": .string(candidate.rationale),
            ])
        }
        return .members([
            "dataset_id": .string(ingest.datasetID),
            "catalog_version": .string(stage.registry.domains.reference),
            "thresholds": ["tau_high": .double(stage.thresholds.tauHigh), "tau_low": .double(stage.thresholds.tauLow)],
            "weights": [
                "alpha": .double(DomainScorer.alpha), "beta": .double(DomainScorer.beta),
                "gamma": .double(DomainScorer.gamma), "epsilon": .double(DomainScorer.epsilon),
            ],
            "provider": JSON(embedder.providerReference),
            "evidence_left_out": leftOut.isEmpty ? JSON?.none : JSON(leftOut.map(\.rawValue)),
            // The one that ships is pinned with the program.
            "embedder": embedder.isForeign ? embedder.json : nil,
            "columns": .array(
                assignments.map { assignment in
                    .members([
                        "column": .string(assignment.column), "domain": JSON(assignment.domain),
                        "band": .string(assignment.band.rawValue), "best": assignment.best.map(json) ?? .null,
                        "alternatives": .array(assignment.alternatives.map(json)),
                        "arbitration": assignment.arbitration.map { arbitration in
                            arbitration.json(
                                rules: assignment.rulesScore ?? 0,
                                lifted: assignment.band == .high ? assignment.best?.score : nil)
                        },
                    ])
                }),
        ])
    }
}
