public import Contracts
public import Foundations

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
    public let tokenEstimate: Int64?

    public init(
        artifacts: [Artifact], decision: GateDecision, reasons: [String] = [], summary: JSON = [:],
        maskApplied: Bool = false, provider: String? = nil, model: String? = nil, paramsHash: String? = nil,
        tokenEstimate: Int64? = nil
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
    }
}
