internal import Foundations
internal import Inference
internal import PluginHost
internal import Policy
internal import TokenCount

/// Tokens of a question, as the adapters estimate them: no process is started for those who are not asked. What is
/// reserved, what is compared with a model's window and what `sluice cost` tells are counted here.
struct PromptTokens: Sendable {
    private let prompts: [MaskedPrompt]
    private let schema: ModelRequest.Schema

    init(_ job: InferenceJob) {
        prompts = job.messages.map(\.prompt)
        schema = job.schema
    }

    /// Of all that a model is sent.
    func sent(to entry: ModelEntry) -> Int { Self.of(prompts, entry) + Self.of(schema, entry) }

    /// Of a request's messages with their frames.
    static func of(_ prompts: [MaskedPrompt], _ entry: ModelEntry) -> Int {
        estimator(entry).tokens(messages: prompts.map(\.text))
    }

    /// Of the schema, which goes along to models that can be bound by one, and is billed as input.
    static func of(_ schema: ModelRequest.Schema, _ entry: ModelEntry) -> Int {
        guard entry.schemaOutput != .none else { return 0 }
        return estimator(entry).tokens(schema.name + schema.schema.canonicalText)
    }

    /// The registry names the tokenizer, else the model's name tells it.
    private static func estimator(_ entry: ModelEntry) -> TokenEstimator {
        TokenEstimator(TokenEstimator.Family(tokenizer: entry.tokenizer) ?? .init(model: entry.id))
    }
}
