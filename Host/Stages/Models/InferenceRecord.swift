public import Contracts
public import Foundations
public import Inference
internal import PluginHost

/// What became of one question to a model, as the ledger keeps it (ROADMAP §§15, 30): who was asked in which order and
/// why, what it was estimated to cost and did cost. Neither the prompt nor the answer is in it.
public struct InferenceRecord: Sendable {
    public let stage: Stage
    /// Who answered, or who was asked last; nil when nobody was.
    public let provider: String?
    public let model: String?
    /// SHA-256 of the parameters and the schema.
    public let paramsHash: String
    /// SHA-256 of the masked texts.
    public let promptHash: String
    public let outcome: InferenceOutcome
    /// `id@version`.
    public let template: String
    public let templateHash: String
    /// Why there is no answer, masked: a provider's words may be in it.
    public let message: String?

    init(_ job: InferenceJob, _ outcome: InferenceOutcome, message: String?) {
        self.message = message
        stage = job.stage
        self.outcome = outcome
        template = job.template
        templateHash = job.templateHash.hex
        promptHash = ProviderSession.promptHash(job.messages.map(\.prompt)).hex
        let parameters = job.parameters
        paramsHash =
            JSON.members([
                "temperature": parameters.temperature.map(JSON.double), "top_p": parameters.topP.map(JSON.double),
                "stop": JSON(parameters.stop), "max_tokens": parameters.maxTokens.map { JSON($0) },
                "seed": parameters.seed.map(JSON.int), "schema": job.schema.schema,
            ]).canonicalHash.hex
        if case .success(let answer) = outcome.result {
            provider = answer.provider
            model = answer.model
        } else {
            let last = outcome.fallbackChain.last?.split(separator: ":", maxSplits: 1).map(String.init) ?? []
            provider = last.first
            model = last.count > 1 ? last[1] : nil
        }
    }

    public var error: SluiceError? { outcome.error }

    public var note: JSON {
        var origin: String?
        if case .success(let answer) = outcome.result { origin = answer.origin.rawValue }
        return .members([
            "event": "inference", "job": .string(outcome.job), "template": .string(template),
            "template_hash": .string(templateHash), "prompt_hash": .string(promptHash),
            "masked_before_send": true, "origin": origin.map(JSON.string), "explanation": outcome.explanation,
            "message": message.map(JSON.string),
        ])
    }
}

extension InferenceOutcome {
    var error: SluiceError? { if case .failure(let error) = result { error } else { nil } }
}
