/// A completion in the one form that every adapter gives.
public struct ChatAnswer: Equatable, Sendable {
    /// Why the model stopped. A filter or a refusal is a `Failure` (POLICY_BLOCK), never a reason to stop.
    public enum Finish: String, Equatable, Sendable {
        /// The end of its turn, or a stop sequence.
        case stop
        /// The limit of tokens: the text is cut off.
        case length
    }

    /// Tokens, each counted once: `input` holds the cached ones, `output` the reasoning.
    public struct Usage: Equatable, Sendable {
        public var input: Int
        public var cachedInput: Int
        /// Of `input`, those that were written into the provider's cache, where it bills for that.
        public var cacheWrites: Int
        public var output: Int
        public var reasoning: Int

        public init(input: Int, cachedInput: Int = 0, cacheWrites: Int = 0, output: Int, reasoning: Int = 0) {
            self.input = input
            self.cachedInput = cachedInput
            self.cacheWrites = cacheWrites
            self.output = output
            self.reasoning = reasoning
        }
    }

    /// What became of a parameter.
    public enum Treatment: String, Equatable, Sendable {
        case passed, mapped, dropped
    }

    /// The model that answered, as the provider calls it.
    public var model: String
    public var text: String
    public var finish: Finish
    /// nil when the provider told nothing.
    public var usage: Usage?
    /// Of every parameter that was asked for, by its name in the matrix; refused ones are failures.
    public var treatments: [String: Treatment]
    /// The tier that served it, where the provider says so.
    public var tier: ChatRequest.Tier?
    public var requestID: String?

    public init(
        model: String, text: String, finish: Finish, usage: Usage?, treatments: [String: Treatment] = [:],
        tier: ChatRequest.Tier? = nil, requestID: String? = nil
    ) {
        self.model = model
        self.text = text
        self.finish = finish
        self.usage = usage
        self.treatments = treatments
        self.tier = tier
        self.requestID = requestID
    }
}

/// Why a provider gave no answer: the same words for all of them (ROADMAP §31; docs/providers.md).
public struct Failure: Error, Equatable, Sendable {
    /// How far a failure reaches: what else need not be asked.
    public enum Scope: String, Equatable, Sendable {
        case request, model, credential, lane, provider
    }

    /// By its name in the taxonomy, such as `RATE_LIMIT`.
    public enum Code: String, Equatable, Sendable {
        case policyBlock = "POLICY_BLOCK"
        case dslReject = "DSL_REJECT"
        case providerUnhealthy = "PROVIDER_UNHEALTHY"
        case rateLimit = "RATE_LIMIT"
        case timeout = "TIMEOUT"
        case quotaExhausted = "QUOTA_EXHAUSTED"
        case transientError = "TRANSIENT_ERROR"
        case deterministicFailure = "DETERMINISTIC_FAILURE"
        case quarantineRequired = "QUARANTINE_REQUIRED"
    }

    public var code: Code
    public var scope: Scope
    /// A stable word of ours, such as `insufficient_quota`; the same for the same thing at every provider.
    public var reason: String
    /// Ours; nothing of a server's text that could hold a prompt, and no header.
    public var message: String
    /// The HTTP status, when there was one.
    public var status: Int?
    /// Until it may be asked again, where the provider says.
    public var retryAfterMilliseconds: UInt64?
    /// What the provider counted, and bills, of an answer that is none: a refusal, a filter, a prompt that was cut.
    public var usage: ChatAnswer.Usage?

    public init(
        _ code: Code, scope: Scope = .request, reason: String, message: String, status: Int? = nil,
        retryAfterMilliseconds: UInt64? = nil, usage: ChatAnswer.Usage? = nil
    ) {
        self.code = code
        self.scope = scope
        self.reason = reason
        self.message = message
        self.status = status
        self.retryAfterMilliseconds = retryAfterMilliseconds
        self.usage = usage
    }

    /// The same failure of an answer whose tokens were counted; nil changes nothing.
    public func billed(_ usage: ChatAnswer.Usage?) -> Failure {
        var failure = self
        failure.usage = usage ?? failure.usage
        return failure
    }
}
