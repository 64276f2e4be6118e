import Contracts
import Detection
import Foundations
import PluginHost
import Policy

@testable import Inference
@testable import Stages

/// A desk whose answers a test writes; it keeps every job.
final class ScriptedDesk: ModelDesk {
    private let held: Permit
    private(set) var jobs: [InferenceJob] = []
    private let answer: (InferenceJob) -> Result<JSON, SluiceError>

    init(_ answer: @escaping (InferenceJob) -> Result<JSON, SluiceError>) throws {
        self.answer = answer
        held = try Self.engine().permit(
            .init(actor: .init(userID: "ada", role: .admin), action: .callProvider, mode: .dataMode, provider: "local"))
    }

    func permit() throws(SluiceError) -> Permit { held }

    static func engine() throws -> PolicyEngine { PolicyEngine(manifest: try MappingFixture.registry().policy) }

    /// An answer that breaks its schema is DSL_REJECT, as the gateway has it.
    func complete(_ asked: [InferenceJob]) throws(SluiceError) -> [InferenceOutcome] {
        jobs += asked
        return asked.map { job in
            let result = answer(job).flatMap { json -> Result<InferenceOutcome.Answer, SluiceError> in
                guard let schema = try? JSONSchema(job.schema.schema), schema.isValid(json) else {
                    return .failure(SluiceError(.providerReject, "The answer breaks its schema."))
                }
                return .success(
                    .init(
                        json: json, provider: "scripted", model: "one", usage: TokenUsage(input: 10, output: 5),
                        origin: .provider))
            }
            return InferenceOutcome(job: job.id, result: result, tokenEstimate: 20, tokenActual: 15)
        }
    }

    /// What stands in the frames of a job's user text, in order.
    static func data(_ job: InferenceJob) -> [JSON] {
        let text = job.messages.last?.prompt.text ?? ""
        return text.split(separator: "<data>", omittingEmptySubsequences: false).dropFirst().compactMap { piece in
            guard let end = piece.firstRange(of: "</data>") else { return nil }
            return try? JSONParser.parse(String(piece[..<end.lowerBound]))
        }
    }

    /// Everything that would be sent.
    var sent: String {
        jobs.map { job in
            job.messages.map(\.prompt.text).joined(separator: "\n") + job.schema.schema.canonicalText
        }.joined(separator: "\n")
    }

    func interview(_ stage: Stage, _ template: String) throws -> ModelInterview {
        let registry = try MappingFixture.registry()
        return ModelInterview(
            engine: try Self.engine(), access: .desk(self), stage: stage,
            template: { () throws(SluiceError) in try registry.prompt(template) },
            scanner: { () throws(SluiceError) in .init(.all, lexicon: try registry.lexicon()) })
    }
}
