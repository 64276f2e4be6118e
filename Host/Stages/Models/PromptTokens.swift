internal import Foundations
internal import Inference
internal import PluginHost
internal import Policy

/// Tokens of a question by its bytes, where nothing better is known: rather too many than too few. What is reserved, what
/// is compared with a model's window and what `sluice cost` tells are counted here.
struct PromptTokens: Sendable, Equatable {
    /// Of the messages.
    let messages: Int
    /// Of the schema, which goes along to models that are bound by one.
    let schema: Int

    init(_ job: InferenceJob) {
        messages = Self.of(job.messages.map(\.prompt))
        schema = Self.of(job.schema)
    }

    func sent(to entry: ModelEntry) -> Int { messages + (Self.sendsSchema(entry) ? schema : 0) }

    static func of(_ prompts: [MaskedPrompt]) -> Int { prompts.reduce(0) { $0 + $1.text.utf8.count / 3 + 8 } }

    static func of(_ schema: ModelRequest.Schema) -> Int {
        (schema.name.utf8.count + schema.schema.canonicalText.utf8.count) / 3 + 8
    }

    static func sendsSchema(_ entry: ModelEntry) -> Bool { entry.schemaOutput != .none }
}
