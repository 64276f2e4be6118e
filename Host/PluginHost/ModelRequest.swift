public import Foundations
public import Policy

/// One completion as a provider plugin is asked for it: `infer` of the ABI (docs/providers.md). Holds masked text alone.
public struct ModelRequest: Sendable, Equatable {
    public enum Role: String, Sendable, Equatable {
        case system, user, assistant
    }

    public struct Message: Sendable, Equatable {
        public var role: Role
        /// Masked text is given to nobody outside of the program.
        package var prompt: MaskedPrompt

        public init(_ role: Role, _ prompt: MaskedPrompt) {
            self.role = role
            self.prompt = prompt
        }
    }

    /// nil: the provider's own default.
    public struct Parameters: Sendable, Equatable {
        /// 0 to 2.
        public var temperature: Double?
        public var topP: Double?
        public var stop: [String]
        public var maxTokens: Int?
        public var seed: Int64?

        public init(
            temperature: Double? = nil, topP: Double? = nil, stop: [String] = [], maxTokens: Int? = nil,
            seed: Int64? = nil
        ) {
            self.temperature = temperature
            self.topP = topP
            self.stop = stop
            self.maxTokens = maxTokens
            self.seed = seed
        }
    }

    public struct Schema: Sendable, Equatable {
        public var name: String
        public var schema: JSON

        public init(name: String, schema: JSON) {
            self.name = name
            self.schema = schema
        }
    }

    public enum Tier: String, Sendable, Equatable, CaseIterable {
        case standard, flex
    }

    public var model: String
    public var messages: [Message]
    public var parameters: Parameters
    public var schema: Schema?
    public var tier: Tier
    public var stream: Bool
    public var contextTokens: Int?
    public var promptTokens: Int?
    public var firstByteMilliseconds: Int?
    public var stallMilliseconds: Int?

    public init(
        model: String, messages: [Message], parameters: Parameters = Parameters(), schema: Schema? = nil,
        tier: Tier = .standard, stream: Bool = false, contextTokens: Int? = nil, promptTokens: Int? = nil,
        firstByteMilliseconds: Int? = nil, stallMilliseconds: Int? = nil
    ) {
        self.model = model
        self.messages = messages
        self.parameters = parameters
        self.schema = schema
        self.tier = tier
        self.stream = stream
        self.contextTokens = contextTokens
        self.promptTokens = promptTokens
        self.firstByteMilliseconds = firstByteMilliseconds
        self.stallMilliseconds = stallMilliseconds
    }

    /// SHA-256 of the document that the plugin gets, in canonical JSON: model, messages, schema, parameters and all. What
    /// the ledger keeps of a prompt, in every event that tells of it.
    public var promptHash: SHA256.Digest { json.canonicalHash }

    /// That of one request; of several that of the array of their documents.
    public static func promptHash(_ requests: [ModelRequest]) -> SHA256.Digest {
        if let only = requests.first, requests.count == 1 { return only.promptHash }
        return JSON.array(requests.map(\.json)).canonicalHash
    }

    private static func json(_ messages: [Message]) -> JSON {
        .array(messages.map { ["role": .string($0.role.rawValue), "text": .string($0.prompt.text)] })
    }

    /// The document that the plugin gets.
    public var json: JSON {
        .members([
            "version": 1, "model": .string(model), "messages": Self.json(messages),
            "temperature": parameters.temperature.map(JSON.double), "top_p": parameters.topP.map(JSON.double),
            "stop": parameters.stop.isEmpty ? nil : JSON(parameters.stop),
            "max_tokens": parameters.maxTokens.map { JSON($0) }, "seed": parameters.seed.map(JSON.int),
            "schema": schema.map { ["name": .string($0.name), "schema": $0.schema] },
            "tier": tier == .standard ? nil : .string(tier.rawValue), "stream": stream ? true : nil,
            "context_tokens": contextTokens.map { JSON($0) }, "prompt_tokens": promptTokens.map { JSON($0) },
            "first_byte_ms": firstByteMilliseconds.map { JSON($0) }, "stall_ms": stallMilliseconds.map { JSON($0) },
        ])
    }
}

/// Tokens of one answer, each counted once: `input` holds the cached ones, `output` the reasoning.
public struct TokenUsage: Sendable, Equatable {
    public var input: Int
    public var cachedInput: Int
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

    public var total: Int { input + output }
}

/// A completion in the one form that every provider gives.
public struct ModelAnswer: Sendable, Equatable {
    public enum Finish: String, Sendable, Equatable {
        case stop, length
    }

    public var model: String
    public var text: String
    public var finish: Finish
    /// nil when the provider told nothing.
    public var usage: TokenUsage?
    /// `passed`, `mapped` or `dropped`, by the name of the parameter.
    public var treatments: [String: String]
    public var tier: ModelRequest.Tier?
    public var requestID: String?

    public init(
        model: String, text: String, finish: Finish, usage: TokenUsage?, treatments: [String: String] = [:],
        tier: ModelRequest.Tier? = nil, requestID: String? = nil
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

/// Why a provider gave no answer; equal for all of them (ROADMAP §31).
public struct ProviderFailure: Error, Sendable, Equatable {
    /// What else need not be asked.
    public enum Scope: String, Sendable, Equatable {
        case request, model, credential, lane, provider
    }

    public var code: SluiceError.Code
    public var scope: Scope
    /// A stable word, such as `insufficient_quota`.
    public var reason: String
    public var message: String
    public var status: Int?
    public var retryAfterMilliseconds: UInt64?
    /// What the provider counted of an answer that is none, and bills all the same; nil when it told nothing.
    public var usage: TokenUsage?

    /// Whether a request of the call left the host, as the broker saw it; false when the plugin has no way out. Nil where
    /// the host saw no call: no process was asked, or it is one result of a batch.
    ///
    /// This and `observedStatus` are the host's own knowledge: what a call may have cost follows from them, and not from
    /// `status`, `code` and `reason`, which are the plugin's word.
    public var wasSent: Bool?
    /// The status of the request that left, as the broker saw it. Of several that left, the one that is likeliest to have
    /// cost something: one without an answer, which is nil, before one below 400, before any other.
    public var observedStatus: Int?

    /// Whether the call cost nothing, as far as the host saw: no request left, or a server refused each. Nil where it saw
    /// no call.
    public var isSeenFree: Bool? { wasSent.map { !$0 || (observedStatus ?? 0) >= 400 } }

    /// Whether the plugin was, or may have been, called: only the host says that it was not, never an answer.
    public var wasCalled: Bool

    public init(
        _ code: SluiceError.Code, scope: Scope = .request, reason: String, message: String, status: Int? = nil,
        retryAfterMilliseconds: UInt64? = nil, usage: TokenUsage? = nil, wasCalled: Bool = true
    ) {
        self.code = code
        self.scope = scope
        self.reason = reason
        self.message = message
        self.status = status
        self.retryAfterMilliseconds = retryAfterMilliseconds
        self.usage = usage
        self.wasCalled = wasCalled
    }
}

/// How far a batch at a provider is.
public struct ModelBatch: Sendable, Equatable {
    public enum Phase: String, Sendable, Equatable {
        case running, done, failed, expired, cancelled
    }

    public var phase: Phase
    /// By the id under which each was handed in; empty while it runs.
    public var results: [String: Result<ModelAnswer, ProviderFailure>]
    public var failure: ProviderFailure?

    public init(
        _ phase: Phase, results: [String: Result<ModelAnswer, ProviderFailure>] = [:], failure: ProviderFailure? = nil
    ) {
        self.phase = phase
        self.results = results
        self.failure = failure
    }
}
