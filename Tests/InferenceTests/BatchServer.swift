import Foundations
import PluginHost
import Synchronization

@testable import Inference
@testable import Policy

/// A provider with a batch API that remembers in a folder, so that it survives whoever asks it.
///
/// Each batch is a file with its requests; it is billed when it is handed in, as providers do. A script may say otherwise
/// of a poll. As real ones do, it takes its time to cancel: a batch runs on for some polls, and then has what was finished
/// until then. As the pool in front of real ones does, it is not called at all once the deadline is over.
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
    /// Of each batch that is being cancelled: how many polls are still told that it runs.
    private let cancelling = Mutex<[String: Int]>([:])
    private let pollsToCancel: Int
    private let finished: Int
    private let clock: TestClock?
    private let submitTakes: UInt64

    /// - Parameters:
    ///   - pollsToCancel: how many polls of a cancelled batch are told that it runs.
    ///   - finished: how many of its requests were answered by then.
    ///   - clock: deadlines hold by it; nil: there are none.
    ///   - submitTakes: nanoseconds of that clock.
    init(
        _ folder: String, refusals: [ProviderFailure] = [], pollsToCancel: Int = 3, finished: Int = 0,
        clock: TestClock? = nil, submitTakes: UInt64 = 0, script: Script? = nil
    ) throws {
        self.pollsToCancel = pollsToCancel
        self.finished = finished
        self.clock = clock
        self.submitTakes = submitTakes
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

    /// What the pool says instead of calling its plugin.
    private func uncalled(_ deadline: UInt64) -> ProviderFailure? {
        guard let clock, clock.now >= deadline else { return nil }
        return ProviderFailure(.timeout, reason: "deadline", message: "no time left", wasCalled: false)
    }

    /// Whoever cancels has cancelled.
    func finishCancelling() { cancelling.withLock { $0 = $0.mapValues { _ in 0 } } }

    func submit(_ requests: [(id: String, request: ModelRequest)], deadline: UInt64) -> Result<String, ProviderFailure>
    {
        if let uncalled = uncalled(deadline) { return .failure(uncalled) }
        clock?.move(submitTakes)
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
        if let uncalled = uncalled(deadline) { return .failure(uncalled) }
        let number = counts.withLock { counts in
            counts.polls += 1
            return counts.polls
        }
        let requests = requests(batch)
        let left = cancelling.withLock { cancelling -> Int? in
            guard let left = cancelling[batch] else { return nil }
            cancelling[batch] = max(0, left - 1)
            return left
        }
        if let left {
            guard left == 0 else { return .success(ModelBatch(.running)) }
            return .success(ModelBatch(.cancelled, results: Self.done(Array(requests.prefix(finished))).results))
        }
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
        if let uncalled = uncalled(deadline) { return .failure(uncalled) }
        counts.withLock { $0.cancels += 1 }
        cancelling.withLock { if $0[batch] == nil { $0[batch] = pollsToCancel } }
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
