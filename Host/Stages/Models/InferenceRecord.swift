public import Contracts
public import Foundations
public import Inference

/// What became of one question to a model, as the ledger keeps it (ROADMAP §§15, 30): who was asked in which order and
/// why, what it was estimated to cost and did cost. Neither the prompt nor the answer is in it.
public struct InferenceRecord: Sendable {
    public let stage: Stage
    public let provider: String?
    public let model: String?
    /// SHA-256 of the parameters and the schema.
    public let paramsHash: String
    /// SHA-256 of the masked texts.
    public let promptHash: String
    public let outcome: InferenceOutcome
    public let template: String
    public let templateHash: String

    public var error: SluiceError? { if case .failure(let error) = outcome.result { error } else { nil } }

    public var note: JSON {
        var origin: String?
        if case .success(let answer) = outcome.result { origin = answer.origin.rawValue }
        return .members([
            "event": "inference", "job": .string(outcome.job), "template": .string(template),
            "template_hash": .string(templateHash), "prompt_hash": .string(promptHash),
            "masked_before_send": true, "origin": origin.map(JSON.string), "explanation": outcome.explanation,
            "message": error.map { .string($0.message) },
        ])
    }
}
