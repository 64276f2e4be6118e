public import SluiceSDK

/// One completion as every adapter is asked for it (docs/providers.md). What is nil was not asked for.
///
/// Prompts arrive masked. The host has checked ranges: temperature 0–2, top_p 0–1, at least one message.
public struct ChatRequest: Equatable, Sendable {
    public enum Role: String, Equatable, Sendable {
        case system, user, assistant
    }

    public struct Message: Equatable, Sendable {
        public var role: Role
        public var text: String

        public init(_ role: Role, _ text: String) {
            self.role = role
            self.text = text
        }
    }

    /// A JSON Schema that the answer must satisfy; the host validates it whatever the provider promises.
    public struct Schema: Equatable, Sendable {
        /// Letters, digits and `_`.
        public var name: String
        public var schema: JSONValue

        public init(name: String, schema: JSONValue) {
            self.name = name
            self.schema = schema
        }
    }

    public enum Tier: String, Equatable, Sendable {
        case standard, flex
    }

    public var model: String
    public var messages: [Message]
    /// 0 to 2, as OpenAI has it.
    public var temperature: Double?
    public var topP: Double?
    public var stop: [String]
    public var maxTokens: Int?
    public var seed: Int64?
    public var schema: Schema?
    public var tier: Tier
    public var stream: Bool
    /// Tokens that the model takes in all, by the model registry.
    public var contextTokens: Int?
    /// The host's estimate of the prompt, to tell a prompt that was cut short from a whole one.
    public var promptTokens: Int?
    /// Milliseconds until the first byte of an answer's body, and between two; nil for the host's own limits.
    public var firstByteMilliseconds: Int?
    public var stallMilliseconds: Int?

    public init(
        model: String, messages: [Message], temperature: Double? = nil, topP: Double? = nil, stop: [String] = [],
        maxTokens: Int? = nil, seed: Int64? = nil, schema: Schema? = nil, tier: Tier = .standard, stream: Bool = false,
        contextTokens: Int? = nil, promptTokens: Int? = nil, firstByteMilliseconds: Int? = nil,
        stallMilliseconds: Int? = nil
    ) {
        self.model = model
        self.messages = messages
        self.temperature = temperature
        self.topP = topP
        self.stop = stop
        self.maxTokens = maxTokens
        self.seed = seed
        self.schema = schema
        self.tier = tier
        self.stream = stream
        self.contextTokens = contextTokens
        self.promptTokens = promptTokens
        self.firstByteMilliseconds = firstByteMilliseconds
        self.stallMilliseconds = stallMilliseconds
    }
}
