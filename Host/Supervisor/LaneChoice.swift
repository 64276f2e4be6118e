public import Contracts
public import Foundations

/// What decides a run's lane (ROADMAP §4): seven inputs, one published table (docs/lanes.md), first rule that holds.
public struct LaneInputs: Sendable, Equatable {
    public enum JobType: String, Sendable, CaseIterable { case catalog, analysis, migration }
    public enum Sensitivity: String, Sendable, CaseIterable { case none, pii, piiHeavy = "pii_heavy" }

    public var jobType: JobType
    /// Bytes of the source; nil when unknown.
    public var sizeEstimate: Int64?
    public var sensitivity: Sensitivity
    public var role: Role
    /// Tokens and US dollars that the contract allows.
    public var tokenCap: Int64
    public var usdCap: Double
    /// 0…1; nil when the run needs no provider beyond the local one.
    public var providerHealth: Double?
    /// Calls waiting in the interactive queue.
    public var queueDepth: Int
    public var hint: Lane?

    public init(
        jobType: JobType, sizeEstimate: Int64?, sensitivity: Sensitivity, role: Role, tokenCap: Int64, usdCap: Double,
        providerHealth: Double?, queueDepth: Int, hint: Lane?
    ) {
        self.jobType = jobType
        self.sizeEstimate = sizeEstimate
        self.sensitivity = sensitivity
        self.role = role
        self.tokenCap = tokenCap
        self.usdCap = usdCap
        self.providerHealth = providerHealth
        self.queueDepth = queueDepth
        self.hint = hint
    }

    public var json: JSON {
        [
            "job_type": .string(jobType.rawValue), "size_estimate": sizeEstimate.map(JSON.int) ?? .null,
            "data_sensitivity": .string(sensitivity.rawValue), "user_role": .string(role.rawValue),
            "cost_caps": ["tokens": .int(tokenCap), "usd": .double(usdCap)],
            "provider_health": providerHealth.map(JSON.double) ?? .null, "queue_depth": JSON(queueDepth),
            "lane_hint": JSON(hint?.rawValue),
        ]
    }
}

/// A lane, and the rule that chose it.
public struct LaneChoice: Sendable, Equatable {
    public let lane: Lane
    public let rule: String
    public let reason: String
    /// Whether a hint was given and not followed.
    public let overridesHint: Bool

    public var json: JSON {
        [
            "lane": .string(lane.rawValue), "rule": .string(rule), "reason": .string(reason),
            "hint_overridden": .bool(overridesHint),
        ]
    }

    static let small: Int64 = 8 << 20
    static let large: Int64 = 100 << 20

    /// The table. A comparison with an unknown value is false.
    static let rules: [(id: String, words: String, lane: Lane?, holds: @Sendable (LaneInputs) -> Bool)] = [
        ("R1", "the source is larger than 100 MiB", .batch, { ($0.sizeEstimate ?? 0) > large }),
        (
            "R2", "a migration of more than 8 MiB", .batch,
            { $0.jobType == .migration && ($0.sizeEstimate ?? 0) > small }
        ),
        ("R3", "the provider's health is below 0.5", .flex, { ($0.providerHealth ?? 1) < 0.5 }),
        ("R4", "more than 8 calls wait in the interactive queue", .flex, { $0.queueDepth > 8 }),
        (
            "R5", "a provider is needed and the caps allow no spending", .batch,
            { $0.providerHealth != nil && ($0.tokenCap == 0 || $0.usdCap == 0) }
        ),
        (
            "R7", "mostly personal data of more than 8 MiB", .batch,
            { $0.sensitivity == .piiHeavy && ($0.sizeEstimate ?? 0) > small }
        ),
        ("R8", "the contract's hint", nil, { $0.hint != nil }),
        ("R9", "the source has at most 8 MiB", .interactive, { ($0.sizeEstimate ?? .max) <= small }),
        ("R10", "nothing above holds", .flex, { _ in true }),
    ]

    /// The same inputs give the same lane.
    public static func choose(_ inputs: LaneInputs) -> LaneChoice {
        for rule in rules where rule.holds(inputs) {
            let lane = rule.lane ?? inputs.hint ?? .flex
            return LaneChoice(
                lane: lane, rule: rule.id, reason: rule.words, overridesHint: inputs.hint.map { $0 != lane } ?? false)
        }
        return LaneChoice(lane: .flex, rule: "R10", reason: "nothing above holds", overridesHint: false)
    }
}
