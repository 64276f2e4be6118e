public import Contracts
public import Foundations

/// How often a stage asked for an answer of a provider, and where it came from.
public struct CacheCounts: Sendable, Equatable {
    /// Answered from the cache.
    public var hits = 0
    /// Asked of the provider, and cached where that was possible.
    public var misses = 0
    /// Asked of the provider without looking: `--fresh`, or a request that is heavy in personal data.
    public var bypassed = 0

    public var isEmpty: Bool { hits + misses + bypassed == 0 }

    public var json: JSON { ["hits": JSON(hits), "misses": JSON(misses), "bypassed": JSON(bypassed)] }
}

/// What a stage leaves behind: artifacts, and what its gate decided.
public struct StageOutcome: Sendable {
    public let artifacts: [Artifact]
    public let decision: GateDecision
    /// Why, in words a person can act on; holds no value of a cell.
    public let reasons: [String]
    /// Counts for the summary.
    public let summary: JSON
    /// Whether masked data was handed to a plugin.
    public let maskApplied: Bool
    public let provider: String?
    public let model: String?
    public let paramsHash: String?
    /// Tokens of everything that was asked for, wherever the answer came from: what budgets count.
    public let tokenEstimate: Int64?
    /// Tokens that were sent.
    public let tokenActual: Int64?
    /// Nil when the stage asked no provider. No artifact holds it.
    public let cache: CacheCounts?
    /// What made the vectors of the stage: `{id, version, plugin_hash, dimensions}`; for the ledger.
    public let embedder: JSON?
    /// Nil when there was nothing to ask a model.
    public let models: ModelUse?

    public init(
        artifacts: [Artifact], decision: GateDecision, reasons: [String] = [], summary: JSON = [:],
        maskApplied: Bool = false, provider: String? = nil, model: String? = nil, paramsHash: String? = nil,
        tokenEstimate: Int64? = nil, tokenActual: Int64? = nil, cache: CacheCounts? = nil,
        embedder: JSON? = nil, models: ModelUse? = nil
    ) {
        self.artifacts = artifacts
        self.decision = decision
        self.reasons = reasons
        self.summary = summary
        self.maskApplied = maskApplied
        self.provider = provider
        self.model = model
        self.paramsHash = paramsHash
        self.tokenEstimate = tokenEstimate
        self.tokenActual = tokenActual
        self.cache = cache
        self.embedder = embedder
        self.models = models
    }
}
