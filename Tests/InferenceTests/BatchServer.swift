import Foundations
import PluginHost
import Synchronization

@testable import Inference
@testable import Policy

/// A provider with a batch API that remembers in a folder, so that it survives whoever asks it.
///
/// Each batch is a file with its requests; it is billed when it is handed in, as providers do. A script may say otherwise
/// of a poll.
final class BatchServer: ModelPort {
    /// What a poll of a batch is told, by the ids and texts that were handed in; nil: all are answered.
    typealias Script =
        @Sendable (_ poll: Int, _ requests: [(id: String, text: String)]) -> Result<
            ModelBatch, ProviderFailure
        >?

    private let folder: String
    private let script: Script?
    /// What the first ones are told that hand in a batch.
    private let refusals: [ProviderFailure]
    private let counts = Mutex<(submits: Int, polls: Int, cancels: Int)>((0, 0, 0))

    init(
        _ folder: String, refusals: [ProviderFailure] = [], script: Script? = nil
    ) throws {
        self.folder = folder
        self.script = script
        self.refusals = refusals
        if !Files.isDirectory(folder) { try Files.makeFolder(folder) }
    }

    var submits: Int { counts.withLock { $0.submits } }
    var polls: Int { counts.withLock { $0.polls } }
    var cancels: Int { counts.withLock { $0.cancels } }

    /// Names of the batches that were taken, over all processes.
    var batches: [String] { ((try? Files.list(folder)) ?? []).sorted() }

    /// What one answer costs: the usage that each is told with.
    static let usage = TokenUsage(input: 20, output: 5)

    static func answer(_ text: String) -> ModelAnswer {
        ModelAnswer(model: "m-1", text: "answer to \(text)", finish: .stop, usage: usage)
    }

    func requests(_ batch: String) -> [(id: String, text: String)] {
        guard let bytes = try? Files.read("\(folder)/\(batch)"), let json = try? JSONParser.parse(bytes) else {
            return []
        }
        return (json.arrayValue ?? []).map { ($0["id"]?.stringValue ?? "", $0["text"]?.stringValue ?? "") }
    }

    func submit(_ requests: [(id: String, request: ModelRequest)], deadline: UInt64) -> Result<String, ProviderFailure>
    {
        let number = counts.withLock { counts in
            counts.submits += 1
            return counts.submits
        }
        if number <= refusals.count { return .failure(refusals[number - 1]) }
        let name = "batch-\(batches.count + 1)"
        let json = JSON.array(
            requests.map { ["id": .string($0.id), "text": .string($0.request.messages.last?.prompt.text ?? "")] })
        do { try Files.writeAtomically(json.canonicalBytes, to: "\(folder)/\(name)") } catch {
            return .failure(ProviderFailure(.transientError, reason: "test", message: "\(error)"))
        }
        return .success(name)
    }

    func poll(batch: String, deadline: UInt64) -> Result<ModelBatch, ProviderFailure> {
        let number = counts.withLock { counts in
            counts.polls += 1
            return counts.polls
        }
        let requests = requests(batch)
        if let told = script?(number, requests) { return told }
        return .success(Self.done(requests))
    }

    /// All answered, in whatever order a dictionary has.
    static func done(_ requests: [(id: String, text: String)]) -> ModelBatch {
        ModelBatch(
            .done,
            results: Dictionary(
                requests.map { ($0.id, Result<ModelAnswer, ProviderFailure>.success(answer($0.text))) },
                uniquingKeysWith: { first, _ in first }))
    }

    func cancel(batch: String, deadline: UInt64) -> Result<Void, ProviderFailure> {
        counts.withLock { $0.cancels += 1 }
        return .success(())
    }

    func infer(_ request: ModelRequest, deadline: UInt64, stop: StopSignal?) -> Result<ModelAnswer, ProviderFailure> {
        .failure(ProviderFailure(.deterministicFailure, reason: "test", message: "not asked one by one"))
    }

    func tokens(_ prompts: [MaskedPrompt], model: String) -> Result<[Int], ProviderFailure> {
        .success(prompts.map { $0.text.utf8.count })
    }

    func probe(deadline: UInt64) -> Result<Void, ProviderFailure> { .success(()) }
}
