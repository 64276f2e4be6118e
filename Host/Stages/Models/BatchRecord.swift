public import Contracts
public import Foundations
public import Inference
internal import Policy

/// What happens to a batch at a provider, as the ledger keeps it: before it is handed in, when the provider has named it,
/// and when it ends. Neither prompts nor answers are in it.
public struct BatchRecord: Sendable {
    public let step: BatchStep
    /// `id@version` of the plugin that hands it in.
    public let plugin: String
    /// The rule by which the provider may be called; nil where nothing says so any more.
    let rule: (words: String, id: String)?

    init(_ step: BatchStep, plugin: String, permit: Permit?) {
        self.step = step
        self.plugin = plugin
        rule = permit.map { ($0.rule, $0.ruleID) }
    }

    /// Prompts are about to be handed over; nil for what happens to a batch later.
    var call: ProviderCall? {
        guard step.kind == .begin else { return nil }
        return ProviderCall(
            provider: step.provider, plugin: plugin, call: "submit", model: step.model,
            promptHash: (step.promptHash ?? step.digest).hex, texts: step.requests, rule: rule?.words ?? "",
            ruleID: rule?.id ?? "")
    }

    /// Whether it tells of what has happened already.
    public var isEvidence: Bool { step.kind != .begin }

    /// The code of what went wrong; nil where nothing did.
    public var errorCode: String? { step.more["failure"]?["code"]?.stringValue }

    public var decision: GateDecision {
        switch step.kind {
        case .begin, .submitted, .resumed, .left, .fetchedAgain: .accept
        case .refused, .lost: .reject
        case .ended: step.more["state"]?.stringValue == "done" ? .accept : .reject
        }
    }

    public var note: JSON {
        var members = step.json.objectValue ?? [:]
        members["step"] = nil
        members["candidate"] = nil
        members["event"] = .string("batch_\(step.kind.rawValue)")
        members["plugin"] = .string(plugin)
        members["digest"] = .string(step.digest.hex)
        if let hash = step.promptHash {
            members["prompt_hash"] = .string(hash.hex)
            members["masked_before_send"] = true
        }
        return .object(members)
    }
}
