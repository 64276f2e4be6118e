public import Contracts
public import Foundations
public import PluginHost

/// A model of a provider in one tier: what can be asked.
public struct ModelCandidate: Sendable, Equatable {
    public var entry: ModelEntry
    public var tier: ModelRequest.Tier
    /// Whether nothing leaves the host and its private network.
    public var isLocal: Bool

    public init(entry: ModelEntry, tier: ModelRequest.Tier = .standard, isLocal: Bool) {
        self.entry = entry
        self.tier = tier
        self.isLocal = isLocal
    }

    /// `provider:model`.
    public var tag: String { entry.tag }
    /// Whether it is asked in the provider's batches: in the lane `batch`, where the registry says that there are any.
    public func isForBatches(_ lane: Lane) -> Bool { lane == .batch && tier == .standard && entry.hasBatches }

    /// At whose rates it is paid.
    public func priceTier(_ lane: Lane) -> PriceTier { isForBatches(lane) ? .batch : PriceTier(tier) }

    /// The tag, with `@flex` in that tier.
    public var name: String { tier == .flex ? "\(entry.tag)@flex" : entry.tag }
}

/// Lists of providers and models, as contracts and policy have them: `openai`, a plugin's id, or `openai:gpt-4.1`.
public struct CandidateLists: Sendable, Equatable {
    /// nil allows all.
    public var allowed: [String]?
    public var denied: [String]

    public init(allowed: [String]? = nil, denied: [String] = []) {
        self.allowed = allowed
        self.denied = denied
    }

    /// Whether a list names the provider, or this model of it by any of its names.
    static func names(_ list: [String], _ entry: ModelEntry) -> Bool {
        if ProviderName.isNamed(entry.provider, in: list) { return true }
        let wholes = [entry.provider, ProviderName.plugin(entry.provider)]
        return list.contains { word in wholes.contains { whole in entry.names.contains { word == "\(whole):\($0)" } } }
    }

    /// Why they keep an entry out; nil when they do not.
    func refusal(of entry: ModelEntry) -> String? {
        if Self.names(denied, entry) { return "deny_list" }
        if let allowed, !Self.names(allowed, entry) { return "allow_list" }
        return nil
    }
}

/// What is asked of candidates before one is chosen. Pure: the same question over the same state ranks alike.
public struct RoutingQuestion: Sendable {
    /// What is known of a candidate now.
    public struct Live: Sendable, Equatable {
        /// 0 to 1.
        public var health: Double
        /// Why it may not be asked, such as `breaker.open`; nil when it may.
        public var closed: String?
        /// What closed it, where a provider said so.
        public var failure: ProviderFailure?
        /// Until when it is waited for, in monotonic nanoseconds: it may be asked within the deadline, not now. 0: now.
        public var notBefore: UInt64 = 0
        /// What is waited for, such as `breaker.held`.
        public var waitsFor: String?
        /// Seen, not declared; nil when nothing was seen.
        public var latencyMilliseconds: Double?

        public init(health: Double = 1, closed: String? = nil, latencyMilliseconds: Double? = nil) {
            self.health = health
            self.closed = closed
            self.latencyMilliseconds = latencyMilliseconds
        }
    }

    public var profile: RoutingProfile
    public var lane: Lane
    public var modality: ModelEntry.Modality
    /// Whether the answer has to satisfy a schema.
    public var needsSchema: Bool
    /// Whether local candidates come before all others: the data is not open (`PolicyEngine.preference`).
    public var prefersLocal: Bool
    public var contract: CandidateLists
    public var policy: CandidateLists
    /// Tokens of the prompt, as the candidate counts them.
    public var promptTokens: @Sendable (ModelEntry) -> Int
    /// Tokens that the answer may have; nil: the model's own limit.
    public var maxOutputTokens: Int?
    public var live: @Sendable (ModelCandidate) -> Live

    public init(
        profile: RoutingProfile, lane: Lane, modality: ModelEntry.Modality = .text, needsSchema: Bool = true,
        prefersLocal: Bool = false, contract: CandidateLists = .init(), policy: CandidateLists = .init(),
        promptTokens: @escaping @Sendable (ModelEntry) -> Int, maxOutputTokens: Int? = nil,
        live: @escaping @Sendable (ModelCandidate) -> Live = { _ in Live() }
    ) {
        self.profile = profile
        self.lane = lane
        self.modality = modality
        self.needsSchema = needsSchema
        self.prefersLocal = prefersLocal
        self.contract = contract
        self.policy = policy
        self.promptTokens = promptTokens
        self.maxOutputTokens = maxOutputTokens
        self.live = live
    }
}

/// How much each part of a score weighs in a profile; they add up to 1.
public struct ScoreWeights: Sendable, Equatable {
    public var quality: Double
    public var cost: Double
    public var latency: Double
    public var health: Double

    public static func of(_ profile: RoutingProfile) -> ScoreWeights {
        switch profile {
        case .qualityFirst, .offlineFirst: ScoreWeights(quality: 0.6, cost: 0.1, latency: 0.1, health: 0.2)
        case .costFirst: ScoreWeights(quality: 0.05, cost: 0.75, latency: 0.05, health: 0.15)
        case .latencyFirst: ScoreWeights(quality: 0.15, cost: 0.05, latency: 0.6, health: 0.2)
        }
    }
}

/// Candidates in the order in which they are asked, and why others are not.
public struct Ranking: Sendable, Equatable {
    public struct Ranked: Sendable, Equatable {
        public var candidate: ModelCandidate
        /// Candidates of a lower group come first, whatever their scores.
        public var group: Int
        /// 0 to 1, to four places.
        public var score: Double
        /// `quality`, `cost`, `latency`, `health`: 0 to 1 each.
        public var parts: [String: Double]
        /// What was missing, such as `price unknown`.
        public var notes: [String]
        public var promptTokens: Int
        public var maxOutputTokens: Int
        /// Until the answer is there; nil when nothing is known of its speed.
        public var expectedMilliseconds: Double?
        /// Nobody asks it before then, in monotonic nanoseconds; 0: it may be asked now.
        public var notBefore: UInt64 = 0
    }

    public struct Skipped: Sendable, Equatable {
        public var candidate: ModelCandidate
        /// Stable, such as `contract.deny_list`, `context`, or the id of a policy's rule.
        public var reason: String
        public var words: String
        /// Of one that may not be asked for what it did: the failure that closed it.
        public var failure: ProviderFailure?

        public init(candidate: ModelCandidate, reason: String, words: String, failure: ProviderFailure? = nil) {
            self.candidate = candidate
            self.reason = reason
            self.words = words
            self.failure = failure
        }
    }

    public var ranked: [Ranked]
    public var skipped: [Skipped]

    /// For the ledger and for `sluice cost`.
    public var json: JSON {
        [
            "candidates": .array(
                ranked.map { one in
                    .members([
                        "candidate": .string(one.candidate.name), "score": .double(one.score),
                        "parts": .object(one.parts.mapValues(JSON.double)), "group": JSON(one.group),
                        "local": .bool(one.candidate.isLocal),
                        "notes": one.notes.isEmpty ? nil : JSON(one.notes),
                        "prices_of": one.candidate.entry.price == nil ? nil : .string(one.candidate.entry.asOf),
                    ])
                }),
            "skipped": .array(
                skipped.map { one in
                    [
                        "candidate": .string(one.candidate.name), "reason": .string(one.reason),
                        "words": .string(one.words),
                    ]
                }),
        ]
    }
}

extension RoutingQuestion {
    /// A price of so many US dollars for a million tokens, input and output as they are, has half the points.
    static let halfPrice = 1.0
    /// An answer that takes so many milliseconds has half the points.
    static let halfLatency = 2000.0
    /// An answer of a model without a limit of ours is counted as so many tokens.
    static let usualOutput = 1024

    /// The candidates of a registry: in the lanes `flex` and `batch` the flex tier as well, where a model has it.
    public static func candidates(
        _ entries: [ModelEntry], lane: Lane, isLocal: (String) -> Bool
    ) -> [ModelCandidate] {
        entries.flatMap { entry -> [ModelCandidate] in
            let standard = ModelCandidate(entry: entry, isLocal: isLocal(entry.provider))
            guard lane != .interactive, entry.tiers.contains(.flex) else { return [standard] }
            return [ModelCandidate(entry: entry, tier: .flex, isLocal: standard.isLocal), standard]
        }
    }

    /// Puts candidates in order. Ties go by name, batches before the flex tier, and that before the standard one.
    public func rank(_ candidates: [ModelCandidate]) -> Ranking {
        var ranking = Ranking(ranked: [], skipped: [])
        for candidate in candidates.sorted(by: byName) {
            if let (reason, words) = obstacle(candidate) {
                let live = live(candidate)
                let failure = live.closed == reason ? live.failure : nil
                ranking.skipped.append(.init(candidate: candidate, reason: reason, words: words, failure: failure))
            } else {
                ranking.ranked.append(score(candidate))
            }
        }
        ranking.ranked.sort { a, b in
            if a.group != b.group { return a.group < b.group }
            if a.score != b.score { return a.score > b.score }
            return byName(a.candidate, b.candidate)
        }
        return ranking
    }

    private func byName(_ a: ModelCandidate, _ b: ModelCandidate) -> Bool {
        func place(_ one: ModelCandidate) -> Int { one.isForBatches(lane) ? 0 : one.tier == .flex ? 1 : 2 }
        return a.tag == b.tag ? place(a) < place(b) : a.tag < b.tag
    }

    /// What keeps a candidate out altogether.
    private func obstacle(_ candidate: ModelCandidate) -> (reason: String, words: String)? {
        let entry = candidate.entry
        guard entry.modalities.contains(modality) else {
            let has = entry.modalities.map(\.rawValue).sorted().joined(separator: ", ")
            return ("modality", "it makes \(has), not \(modality.rawValue)")
        }
        if let list = policy.refusal(of: entry) { return ("policy.\(list)", "the Policy Manifest's list") }
        if let list = contract.refusal(of: entry) { return ("contract.\(list)", "the contract's list") }
        if needsSchema, entry.schemaOutput == .none {
            return ("schema_output", "it does not answer in JSON")
        }
        let output = outputTokens(entry)
        if let window = entry.contextTokens {
            let prompt = promptTokens(entry)
            guard prompt <= window - output else {
                return ("context", "about \(prompt) tokens and \(output) of an answer do not fit into \(window)")
            }
        }
        if let wanted = maxOutputTokens, let most = entry.maxOutputTokens, wanted > most {
            return ("max_output", "an answer may have \(most) tokens, not \(wanted)")
        }
        return live(candidate).closed.map { ($0, "it may not be asked now") }
    }

    private func outputTokens(_ entry: ModelEntry) -> Int {
        maxOutputTokens ?? min(entry.maxOutputTokens ?? Self.usualOutput, Self.usualOutput)
    }

    private func score(_ candidate: ModelCandidate) -> Ranking.Ranked {
        let entry = candidate.entry
        let live = live(candidate)
        let prompt = max(1, promptTokens(entry))
        let output = outputTokens(entry)
        var notes: [String] = []
        var cost = 0.0
        if let price = entry.price {
            let rates = price.rates(candidate.priceTier(lane))
            let tokens = Double(prompt) + Double(output)
            let blended = (rates.input.dollars * Double(prompt) + rates.output.dollars * Double(output)) / tokens
            cost = Self.halfPrice / (Self.halfPrice + blended)
        } else {
            notes.append("price unknown")
        }
        let expected = live.latencyMilliseconds ?? Self.declaredLatency(entry, output: output)
        if expected == nil { notes.append("latency unknown") }
        if entry.contextTokens == nil { notes.append("window unknown") }
        if let reason = live.waitsFor { notes.append("waits for \(reason)") }
        let parts = [
            "quality": entry.quality, "cost": Self.rounded(cost),
            "latency": Self.rounded(expected.map { Self.halfLatency / (Self.halfLatency + $0) } ?? 0),
            "health": Self.rounded(live.health),
        ]
        let weights = ScoreWeights.of(profile)
        let score =
            weights.quality * (parts["quality"] ?? 0) + weights.cost * (parts["cost"] ?? 0)
            + weights.latency * (parts["latency"] ?? 0) + weights.health * (parts["health"] ?? 0)
        let comesLater = (prefersLocal || profile == .offlineFirst) && !candidate.isLocal
        let isUnpriced = profile == .costFirst && entry.price == nil
        return Ranking.Ranked(
            candidate: candidate, group: (comesLater ? 2 : 0) + (isUnpriced ? 1 : 0), score: Self.rounded(score),
            parts: parts, notes: notes, promptTokens: prompt, maxOutputTokens: output, expectedMilliseconds: expected,
            notBefore: live.notBefore)
    }

    /// What the registry says; nil where it does not know the speed.
    private static func declaredLatency(_ entry: ModelEntry, output: Int) -> Double? {
        guard let speed = entry.tokensPerSecond, speed > 0 else { return nil }
        return (entry.firstTokenMilliseconds ?? 0) + Double(min(output, usualOutput)) / speed * 1000
    }

    private static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}
