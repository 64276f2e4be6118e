public import Contracts
public import Foundations
internal import Inference
internal import PluginHost
public import Policy

/// What a run would ask models, told from the names of its columns before anything is sent (ROADMAP §15).
///
/// Values decide later which columns stay borderline and which pipelines fail: a run may ask more or less than this, and
/// never beyond its caps.
public struct ModelForecast: Sendable {
    /// One stage that may ask.
    struct Part: Sendable {
        let stage: Stage
        let template: PromptTemplate
        /// What each question holds.
        let prompts: [PromptTokens]
        let questions: Int
        /// How often each question may be asked: once more for an answer that breaks its form, and each of these once more
        /// for a proposal that was refused.
        let rounds: Int
        /// Questions of a stage beyond this are left to the rules.
        let limit: Int
        let caps: StageCaps
    }

    private let parts: [Part]
    private let contract: RunContract
    private let lane: Lane
    private let rankings: [Ranking]
    private let absence: String?
    private let refused: [(name: String, reason: String)]

    /// By how much, as a share, estimates of prompts may be wrong.
    static let error = 0.25

    /// Reads the header of the source and the shape of the target, in the sandbox that a run in metadata_only reads them
    /// in; writes nothing, and asks nobody.
    ///
    /// - Parameters:
    ///   - stage: of a contract in metadata_only.
    ///   - contract: the one that is asked about.
    ///   - permit: for `createRun`.
    /// - Throws: `policy.mode` where metadata_only withholds what the contract's mode grants: nothing could be told.
    public init(_ stage: StageContext, of contract: RunContract, permit: Permit) throws(SluiceError) {
        try permit.require(.createRun)
        self.contract = contract
        let lane = stage.lane ?? .interactive
        if contract.mode != stage.contract.mode,
            try stage.granted(.gatherEvidence, resource: EvidenceKind.headers.rawValue) == nil,
            stage.engine.decide(
                PolicyEngine.Request(
                    actor: contract.actor, action: .gatherEvidence, mode: contract.mode, lane: lane,
                    resource: EvidenceKind.headers.rawValue)
            ).isAllowed
        {
            throw Self.unreadable
        }
        self.lane = lane
        let providers = try stage.modelProviders(pinned: false)
        absence = providers.absence
        refused = providers.refused
        let names = DomainNames(stage.registry.domains)
        let ingest = try IngestStage(stage: stage, names: names).run().1
        let desk = CountingDesk(permit: providers.usable.first?.permit)
        func access() -> ModelAccess { providers.absence.map(ModelAccess.none) ?? .desk(desk) }
        let embedder = HeaderEmbedder()
        embedder.leaveOut("nothing is sent for an estimate")
        let silent = DomainsStage(stage: stage, embedder: embedder, names: names)
        let (domains, assignments) = try silent.run(ingest, access: access())
        let domainJobs = desk.take()
        // The plan of another run is tried, and nobody is asked.
        var mapping: ModelUse?
        if contract.mappingPlan == nil {
            mapping = try MappingStage(stage: stage, embedder: embedder, names: names).run(
                ingest, assignments: assignments, assignmentsID: ingest.catalogID, access: access()
            ).models
        }
        let mappingJobs = desk.take()
        var parts: [Part] = []
        for (name, template, jobs, use, rounds, limit) in [
            (Stage.domains, DomainArbiter.template, domainJobs, domains.models, 2, DomainArbiter.mostColumns),
            (Stage.mapping, ModelProposer.template, mappingJobs, mapping, 4, ModelProposer.mostTargets),
        ] {
            parts.append(
                Part(
                    stage: name, template: try stage.registry.prompt(template), prompts: jobs,
                    questions: use?.questions ?? 0,
                    rounds: rounds, limit: limit,
                    caps: StageCaps(
                        name, contract: contract.budgetCaps, policy: stage.engine.manifest.budgetCaps,
                        profile: stage.thresholds)))
        }
        self.parts = parts
        let candidates = RoutingQuestion.candidates(providers.models, lane: lane) { providers[$0]?.isLocal ?? false }
        rankings = parts.map { part in
            let prompts = part.prompts
            return stage.routing(
                providers, promptTokens: { entry in prompts.map { $0.sent(to: entry) }.max() ?? 0 },
                maxOutputTokens: part.template.parameters.maxTokens
            ).rank(candidates)
        }
    }

    /// What is said of a source whose names are values, too.
    public static var unreadable: SluiceError {
        SluiceError(
            .policyMode, "The names of this source cannot be read without its values, so there is no estimate.",
            hint: "The run itself keeps to the caps of its contract, whatever it asks.")
    }

    public var json: JSON {
        [
            "run_id": .string(contract.runID.description), "contract_hash": .string(contract.hash.hex),
            "lane": .string(lane.rawValue), "routing_profile": .string(contract.routingProfile.rawValue),
            "sent": 0, "absence": JSON(absence), "basis": "names of columns; values are not read",
            "providers_refused": .array(
                refused.map { ["provider": .string($0.name), "reason": .string($0.reason)] }),
            "stages": .array(parts.indices.map { stage(parts[$0], rankings[$0]) }),
        ]
    }

    private func stage(_ part: Part, _ ranking: Ranking) -> JSON {
        let calls = absence == nil ? part.questions : 0
        let candidates = ranking.ranked.map { candidate(part, $0) }
        // Who would be asked: the first that the caps allow.
        let chosen = candidates.first { $0["holds"] == true }
        return .members([
            "stage": .string(part.stage.rawValue), "template": .string(part.template.reference),
            "questions": JSON(part.questions),
            "calls": ["min": 0, "expected": JSON(calls), "max": JSON(calls * part.rounds)],
            "limit": JSON(part.limit * part.rounds),
            "caps": [
                "tokens": .int(part.caps.tokens), "usd": part.caps.usd.map { .double($0.dollars) } ?? .null,
                "wall_time_s": .double(Double(part.caps.wallTime) / 1e9),
            ],
            "first": chosen?["candidate"] ?? .null, "tokens": (chosen ?? candidates.first)?["tokens"] ?? .null,
            "usd": (chosen ?? candidates.first)?["usd"] ?? .null, "holds": .bool(calls == 0 || chosen != nil),
            "candidates": .array(candidates),
            "skipped": ranking.json["skipped"],
        ])
    }

    private func candidate(_ part: Part, _ ranked: Ranking.Ranked) -> JSON {
        let output = Int64(part.template.parameters.maxTokens)
        let entry = ranked.candidate.entry
        let jobs = part.prompts.map {
            CostEstimate.Job(
                promptTokens: Int64($0.sent(to: entry)), maxOutputTokens: output,
                expectedOutputTokens: part.template.parameters.expectedTokens.map(Int64.init))
        }
        let tier = PriceTier(ranked.candidate.tier)
        let once = CostEstimate(jobs, price: entry.price, tier: tier, error: Self.error)
        let all = CostEstimate(
            [[CostEstimate.Job]](repeating: jobs, count: part.rounds).flatMap { $0 }, price: entry.price, tier: tier,
            error: Self.error)
        func reason() -> String? {
            if all.most.tokens > part.caps.tokens {
                return "up to \(all.most.tokens) tokens, and the cap is \(part.caps.tokens)"
            }
            guard let cap = part.caps.usd, !jobs.isEmpty else { return nil }
            guard let most = all.most.usd else { return "its price is not known, and there is a cap in USD" }
            return most > cap
                ? "up to \(JSON.ecmaScript(most.dollars)) USD, and the cap is \(JSON.ecmaScript(cap.dollars))" : nil
        }
        let broken = reason()
        func usd(_ spend: Spend) -> JSON { spend.usd.map { .double($0.dollars) } ?? "unknown" }
        return .members([
            "candidate": .string(ranked.candidate.name), "score": .double(ranked.score),
            "local": .bool(ranked.candidate.isLocal),
            "tokens": [
                "min": .int(once.least.tokens), "expected": .int(once.expected.tokens), "max": .int(all.most.tokens),
            ],
            "usd": entry.price == nil
                ? "unknown" : ["min": usd(once.least), "expected": usd(once.expected), "max": usd(all.most)],
            "prices_of": entry.price == nil ? nil : .string(entry.asOf), "holds": .bool(broken == nil),
            "breaks": broken.map(JSON.string), "notes": ranked.notes.isEmpty ? nil : JSON(ranked.notes),
        ])
    }
}

/// Counts what would be asked, and asks nobody.
private final class CountingDesk: ModelDesk {
    private let held: Permit?
    private var counted: [PromptTokens] = []

    init(permit: Permit?) { held = permit }

    func permit() throws(SluiceError) -> Permit {
        guard let held else { throw SluiceError(.inferenceNone, "No provider may be asked.") }
        return held
    }

    func complete(_ jobs: [InferenceJob]) throws(SluiceError) -> [InferenceOutcome] {
        counted += jobs.map(PromptTokens.init)
        return jobs.map {
            InferenceOutcome(
                job: $0.id, result: .failure(SluiceError(.inferenceNone, "Nothing is sent for an estimate.")))
        }
    }

    /// Of the questions since the last time.
    func take() -> [PromptTokens] {
        defer { counted = [] }
        return counted
    }
}
