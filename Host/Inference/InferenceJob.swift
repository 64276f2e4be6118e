public import Contracts
public import Foundations
public import PluginHost
public import Policy

/// One question of a stage to some model: what it may cost and what must come back. Who is asked, the gateway chooses.
public struct InferenceJob: Sendable {
    /// Stable within the run: results, batches and the ledger name it. Letters, digits, `.`, `_`, `-`; at most 64.
    public var id: String
    public var stage: Stage
    /// The template it was made from, `id@version`, and the SHA-256 of its file: part of the cache key.
    public var template: String
    public var templateHash: SHA256.Digest
    public var messages: [ModelRequest.Message]
    public var parameters: ModelRequest.Parameters
    /// The answer must be JSON that satisfies it: validated here, whatever the provider promises.
    public var schema: ModelRequest.Schema
    /// What is behind the placeholders of the messages; nil when there are none to restore.
    public var vault: PlaceholderVault?
    /// Which placeholders an answer must repeat. One that it invented is refused in any case.
    public var requires: PlaceholderVault.Requirement = .none
    /// What goes along.
    public var dataClasses: Set<DataClass>

    public init(
        id: String, stage: Stage, template: String, templateHash: SHA256.Digest, messages: [ModelRequest.Message],
        parameters: ModelRequest.Parameters, schema: ModelRequest.Schema, vault: PlaceholderVault? = nil,
        dataClasses: Set<DataClass>
    ) {
        self.id = id
        self.stage = stage
        self.template = template
        self.templateHash = templateHash
        self.messages = messages
        self.parameters = parameters
        self.schema = schema
        self.vault = vault
        self.dataClasses = dataClasses
    }
}

/// What became of a job.
public struct InferenceOutcome: Sendable {
    /// Where an answer came from.
    public enum Origin: String, Sendable {
        case provider, cache, batch
    }

    public struct Answer: Sendable {
        /// Validated against the job's schema; placeholders stand in it as they came.
        public var json: JSON
        public var provider: String
        public var model: String
        public var usage: TokenUsage
        public var origin: Origin

        public init(json: JSON, provider: String, model: String, usage: TokenUsage, origin: Origin) {
            self.json = json
            self.provider = provider
            self.model = model
            self.usage = usage
            self.origin = origin
        }
    }

    public var job: String
    /// DSL_REJECT for an answer that fails the schema after it was asked anew; `inference.none` when nobody may be asked.
    public var result: Result<Answer, SluiceError>
    /// Who was asked in order, `provider:model`, the one that answered last.
    public var fallbackChain: [String]
    public var retries: Int
    /// Every candidate with its score, or why it was skipped; every attempt with its outcome. For the ledger.
    public var explanation: JSON
    public var tokenEstimate: Int64
    public var tokenActual: Int64
    /// nil where a price is unknown.
    public var usdEstimate: Double?
    public var usdActual: Double?

    public init(
        job: String, result: Result<Answer, SluiceError>, fallbackChain: [String] = [], retries: Int = 0,
        explanation: JSON = [:], tokenEstimate: Int64 = 0, tokenActual: Int64 = 0, usdEstimate: Double? = nil,
        usdActual: Double? = nil
    ) {
        self.job = job
        self.result = result
        self.fallbackChain = fallbackChain
        self.retries = retries
        self.explanation = explanation
        self.tokenEstimate = tokenEstimate
        self.tokenActual = tokenActual
        self.usdEstimate = usdEstimate
        self.usdActual = usdActual
    }
}
