public import Foundations

/// Masked prompts that are about to be handed to a provider, as the ledger keeps it (ROADMAP §§6, 20, 33): who gets them,
/// by which rule, and their hash. The prompts are not in it.
public struct ProviderCall: Sendable, Equatable {
    /// As policy names it.
    public let provider: String
    /// `id@version`.
    public let plugin: String
    /// Such as `embed`.
    public let call: String
    /// As the call names it; nil when the plugin has one of its own.
    public let model: String?
    /// SHA-256 of what the call hands over, as an egress record has it.
    public let promptHash: String
    public let texts: Int
    /// The rule by which the provider may be called.
    public let rule: String
    /// The same as a stable name.
    public let ruleID: String
    /// The question that is asked, as the event `inference` names it; nil where there is none, or more than one.
    public var job: String?

    public var json: JSON {
        .members([
            "event": "provider_call", "plugin": .string(plugin), "call": .string(call), "model": JSON(model),
            "prompt_hash": .string(promptHash), "texts": JSON(texts), "masked_before_send": true, "rule": .string(rule),
            "rule_id": .string(ruleID),
            "provider": .string(provider), "job": job.map(JSON.string),
        ])
    }
}
