import Contracts
import Foundations
import Glibc
import PluginHost
import Policy
import Synchronization
import Testing

@testable import Inference
@testable import Store

/// A provider that takes batches and single questions.
private final class TwoWayPort: ModelPort {
    let batches: BatchServer
    private let single: ScriptedPort

    init(_ batches: BatchServer, _ single: ScriptedPort) {
        self.batches = batches
        self.single = single
    }

    func infer(_ request: ModelRequest, deadline: UInt64, stop: StopSignal?) -> Result<ModelAnswer, ProviderFailure> {
        single.infer(request, deadline: deadline, stop: stop)
    }
    func tokens(_ prompts: [MaskedPrompt], model: String) -> Result<[Int], ProviderFailure> {
        single.tokens(prompts, model: model)
    }
    func submit(_ requests: [(id: String, request: ModelRequest)], deadline: UInt64) -> Result<String, ProviderFailure>
    { batches.submit(requests, deadline: deadline) }
    func poll(batch: String, deadline: UInt64) -> Result<ModelBatch, ProviderFailure> {
        batches.poll(batch: batch, deadline: deadline)
    }
    func cancel(batch: String, deadline: UInt64) -> Result<Void, ProviderFailure> {
        batches.cancel(batch: batch, deadline: deadline)
    }
    func probe(deadline: UInt64) -> Result<Void, ProviderFailure> { .success(()) }
}

/// One drive of a run in the lane `batch`: `p0` takes batches, `p1` does not.
private struct BatchRun {
    typealias F = SpendFixtures

    var scene: Scene
    let budget: Budget
    let steps: Steps
    let server: BatchServer

    final class Steps: Sendable {
        private let list = Mutex<[BatchStep]>([])
        func add(_ step: BatchStep) { list.withLock { $0.append(step) } }
        var all: [BatchStep] { list.withLock { $0 } }
        var names: [String] { all.map(\.kind.rawValue) }
    }

    static func done(_ requests: [(id: String, text: String)], _ text: String = Scene.answer) -> ModelBatch {
        var batch = BatchServer.done(requests)
        batch.results = batch.results.mapValues { result in
            result.map { answer in
                var answer = answer
                answer.text = text
                return answer
            }
        }
        return batch
    }

    /// - Parameters:
    ///   - folder: of the batches that `p0` has; they outlive a drive.
    ///   - wait: called in place of every wait for a batch.
    init(
        _ store: StoreDatabase, _ run: ULID, _ folder: String,
        script: @escaping BatchServer.Script = { .success(BatchRun.done($1)) }, refusals: [ProviderFailure] = [],
        singly: [[ScriptedPort.Step]] = [[.text(Scene.answer)], [.text(Scene.answer)]],
        contract: CandidateLists = .init(), least: Int = 3,
        wait: @escaping @Sendable () -> Void = {},
        onStep: @escaping @Sendable (BatchStep) throws(SluiceError) -> Void = { _ in }
    ) throws {
        let server = try BatchServer(folder, refusals: refusals, script: script)
        self.server = server
        scene = try Scene(
            singly, lane: .batch, contract: contract,
            entry: { entry in
                var entry = entry
                entry.hasBatches = entry.provider == "p0"
                return entry
            }, port: { (place, single) -> any ModelPort in place == 0 ? TwoWayPort(server, single) : single })
        let journal = try InferenceStore(beside: store, permit: F.permit(.callProvider))
        budget = try Budget(run: run, caps: F.caps(100_000, 5), journal: journal, context: .system)
        let answers = AnswerCache(
            try F.scope(run), store: journal, flights: SingleFlight(), context: .system)
        var pacing = BatchPacing(.standard)
        pacing.first = 1_000_000
        pacing.longest = 1_000_000
        pacing.least = least
        pacing.wait = { _, _ in wait() }
        let steps = Steps()
        self.steps = steps
        scene.run.spend = budget
        scene.run.answers = answers
        scene.run.batches = BatchLane(
            run: run, drive: budget.drive, store: journal, spend: budget, answers: answers, fresh: false,
            context: .system, pacing: pacing,
            onStep: { (step) throws(SluiceError) in
                steps.add(step)
                try onStep(step)
            })
    }

    func ask(_ count: Int, stop: StopSignal? = nil) -> [InferenceOutcome] {
        scene.gateway.complete((0..<count).map { scene.job("j\($0)") }, run: scene.run, stop: stop)
    }
}

@Suite struct `A run in the batch lane` {
    typealias F = SpendFixtures

    private func withHome(_ body: (StoreDatabase, ULID, String) throws -> Void) throws {
        try F.withHome { store, run in try body(store, run, store.home.path + "/../server") }
    }

    @Test func `hands its questions in as one batch, and tells each as answered by it`() throws {
        try withHome { store, run, folder in
            let drive = try BatchRun(store, run, folder)
            let outcomes = drive.ask(5)
            #expect(outcomes.map(\.job) == ["j0", "j1", "j2", "j3", "j4"])
            #expect(outcomes.map { $0.answer?.origin } == Array(repeating: .batch, count: 5))
            #expect(outcomes.map(\.fallbackChain) == Array(repeating: ["p0:m"], count: 5))
            #expect(drive.server.submits == 1 && drive.scene.ports[0].requests.isEmpty)
            #expect(drive.steps.names == ["begin", "submitted", "ended"])
            #expect(drive.steps.all.map(\.requests) == [5, 5, 5])
            #expect(drive.steps.all.map(\.batch) == [nil, "batch-1", "batch-1"])
            #expect(drive.steps.all[0].promptHash != nil)
            #expect(drive.budget.spent(.domains).tokens == 5 * Int64(BatchServer.usage.total))
            #expect(outcomes.map(\.tokenActual) == Array(repeating: Int64(BatchServer.usage.total), count: 5))
            // A later drive takes them from the cache.
            let again = try BatchRun(store, run, folder)
            let known = again.ask(5)
            #expect(known.map { $0.answer?.origin } == Array(repeating: .cache, count: 5))
            #expect(again.server.submits == 0 && again.budget.spent(.domains) == drive.budget.spent(.domains))
        }
    }

    @Test func `asks one or two questions one by one, unless a batch saves a cent of them`() throws {
        try withHome { store, run, folder in
            let drive = try BatchRun(store, run, folder)
            let outcomes = drive.ask(2)
            #expect(outcomes.map { $0.answer?.origin } == [.provider, .provider])
            #expect(drive.server.submits == 0 && drive.scene.ports[0].requests.count == 2)
            #expect(outcomes.map(\.retries) == [0, 0] && drive.steps.names.isEmpty)
        }
        try withHome { store, run, _ in
            let drive = try BatchDrive(store, run)
            var pacing = drive.lane.pacing
            pacing.least = 3
            // 25 and 16 tokens save (12.5 + 16) millionths of a dollar.
            for (saving, submits) in [(28_501, 0), (28_500, 1)] {
                pacing.leastSaving = USD(nanos: Int64(saving))
                let server = try BatchServer(store.home.path + "/../small")
                let lane = BatchLane(
                    run: run, drive: drive.budget.drive, store: drive.store, spend: drive.budget,
                    answers: drive.lane.answers, fresh: false, context: drive.lane.context, pacing: pacing)
                let outcome = lane.ask(
                    BatchDrive.items(["a"]), of: BatchDrive.target, port: server,
                    deadline: drive.clock.now + 60 * F.second, stop: nil
                ) { _, _ in true }
                #expect(server.submits == submits, "\(saving): \(BatchDrive.short(outcome))")
            }
        }
    }

    @Test func `a provider that takes no batches is asked one by one`() throws {
        try withHome { store, run, folder in
            let refusal = ProviderFailure(.deterministicFailure, reason: "not_offered", message: "no batches")
            let drive = try BatchRun(store, run, folder, refusals: [refusal])
            let outcomes = drive.ask(4)
            #expect(outcomes.map { $0.answer?.origin } == Array(repeating: .provider, count: 4))
            #expect(outcomes.map(\.retries) == [0, 0, 0, 0] && drive.scene.ports[0].requests.count == 4)
            #expect(drive.scene.ports[1].requests.isEmpty)
        }
    }

    @Test(arguments: [
        (ModelBatch.Phase.expired, "batch_expired"), (.failed, "batch_failed"), (.cancelled, "batch_cancelled"),
    ])
    func `what a batch did not answer goes to the next candidate`(_ phase: ModelBatch.Phase, _ reason: String) throws {
        try withHome { store, run, folder in
            let drive = try BatchRun(
                store, run, folder,
                script: { _, requests in
                    var told = BatchRun.done(Array(requests.prefix(2)))
                    told.phase = phase
                    return .success(told)
                })
            let outcomes = drive.ask(4)
            #expect(outcomes.map { $0.answer?.origin } == [.batch, .batch, .provider, .provider])
            let isPassing = phase != .expired
            // What may pass at once is tried once more where it happened, by itself.
            #expect(outcomes[2].fallbackChain == (isPassing ? ["p0:m"] : ["p0:m", "p1:m"]))
            #expect(outcomes[2].steps.first?.count == 2 && outcomes[2].retries == 1)
            #expect(drive.server.submits == 1, "\(reason)")
        }
    }

    @Test func `a batch that is refused for now goes on at the next candidate`() throws {
        try withHome { store, run, folder in
            let refusal = ProviderFailure(
                .quotaExhausted, scope: .credential, reason: "insufficient_quota", message: "empty", status: 429)
            let drive = try BatchRun(store, run, folder, refusals: [refusal])
            let outcomes = drive.ask(3)
            #expect(outcomes.map(\.fallbackChain) == Array(repeating: ["p0:m", "p1:m"], count: 3))
            #expect(outcomes.allSatisfy { $0.steps.first?.first == "QUOTA_EXHAUSTED" })
            #expect(drive.steps.names == ["begin", "refused"])
        }
    }

    @Test func `an answer that breaks the schema is asked for anew, by itself`() throws {
        try withHome { store, run, folder in
            let drive = try BatchRun(
                store, run, folder, script: { .success(BatchRun.done($1, #"{"domain":"fax"}"#)) })
            let outcomes = drive.ask(3)
            #expect(outcomes.map { $0.answer?.origin } == [.provider, .provider, .provider])
            #expect(outcomes.map(\.steps) == Array(repeating: [["DSL_REJECT"], ["answered"]], count: 3))
            #expect(drive.server.submits == 1 && drive.scene.ports[0].requests.count == 3)
        }
    }

    @Test func `what the ledger does not take is not handed in`() throws {
        try withHome { store, run, folder in
            let drive = try BatchRun(
                store, run, folder, singly: [[.fail(failed(.transientError))], [.text(Scene.answer)]],
                onStep: { (_) throws(SluiceError) in throw SluiceError(.storeFailed, "full") })
            let outcomes = drive.ask(3)
            #expect(drive.server.submits == 0 && drive.server.batches.isEmpty)
            #expect(outcomes.map { $0.answer?.provider } == ["p1", "p1", "p1"])
            #expect(outcomes.allSatisfy { $0.steps.first?.first == "skipped" })
        }
    }

    @Test func `one that is stopped leaves its batch, and the next drive asks after it, whoever comes first by then`()
        throws
    {
        try withHome { store, run, folder in
            let stop = StopSignal()
            let first = try BatchRun(
                store, run, folder, script: { _, _ in .success(ModelBatch(.running)) }, wait: { stop.raise() })
            let left = first.ask(3, stop: stop)
            #expect(left.map(\.detail) == Array(repeating: "run.stopped", count: 3))
            #expect(first.steps.names == ["begin", "submitted", "left"] && first.server.cancels == 0)

            var second = try BatchRun(store, run, folder)
            second.scene.run.profile = .latencyFirst
            second.scene.gateway.health.with { health in
                let place = ProviderHealth.Place(provider: "p0", model: "m", lane: .batch, tier: .standard)
                for _ in 0..<3 { health.record(place, failed(.timeout), at: Context.system.monotonic()) }
            }
            #expect(
                second.scene.gateway.rank(second.scene.job(), run: second.scene.run).ranked[0].candidate.tag == "p1:m")
            let outcomes = second.ask(3)
            #expect(outcomes.map { $0.answer?.origin } == [.batch, .batch, .batch])
            #expect(second.server.submits == 0 && second.server.batches.count == 1)
            #expect(second.steps.names == ["resumed", "ended"])
        }
    }

    @Test func `a batch that nobody may wait for any more is cancelled at the provider`() throws {
        try withHome { store, run, folder in
            let stop = StopSignal()
            let running: BatchServer.Script = { _, _ in .success(ModelBatch(.running)) }
            _ = try BatchRun(store, run, folder, script: running, wait: { stop.raise() }).ask(3, stop: stop)
            let second = try BatchRun(store, run, folder, script: running, contract: .init(denied: ["p0"]))
            let outcomes = second.ask(3)
            #expect(outcomes.map { $0.answer?.provider } == ["p1", "p1", "p1"])
            // The provider takes its time over it, and nobody waits for that: the next drive settles it.
            #expect(second.server.cancels == 1 && second.steps.names == ["resumed", "left"])
            let third = try BatchRun(store, run, folder, contract: .init(denied: ["p0"]))
            _ = third.ask(3)
            #expect(third.server.polls == 1 && third.steps.names == ["resumed", "ended"])
            // Nobody is asked after it again.
            let fourth = try BatchRun(store, run, folder, contract: .init(denied: ["p0"]))
            _ = fourth.ask(3)
            #expect(fourth.server.polls == 0)
        }
    }

    @Test func `batches come before the flex tier at the same price, and are reckoned at their own`() throws {
        let price = Price(
            standard: .init(input: F.usd(1), output: F.usd(2)), batch: .init(input: F.usd(0.5), output: F.usd(1)))
        let scene = try Scene(
            [[.text(Scene.answer)]], lane: .batch,
            entry: { entry in
                var entry = entry
                entry.hasBatches = true
                entry.tiers = [.standard, .flex]
                entry.price = Price(standard: price.standard, flex: price.batch, batch: price.batch)
                return entry
            })
        let ranked = scene.gateway.rank(scene.job(), run: scene.run).ranked
        #expect(ranked.map(\.candidate.name) == ["p0:m", "p0:m@flex"])
        #expect(ranked[0].parts["cost"] == ranked[1].parts["cost"])
        var flex = scene.run
        flex.lane = .flex
        let other = scene.gateway.rank(scene.job(), run: flex).ranked
        #expect(other.map(\.candidate.name) == ["p0:m@flex", "p0:m"])
        #expect((other[0].parts["cost"] ?? 0) > (other[1].parts["cost"] ?? 0))
    }
}

@Suite struct `A run in the flex lane` {
    /// With the tier, or without it.
    private func asked(_ tiers: Set<ModelRequest.Tier>, _ script: [ScriptedPort.Step]) throws -> (
        ScriptedPort, InferenceOutcome
    ) {
        let scene = try Scene(
            [script], lane: .flex,
            entry: { entry in
                var entry = entry
                entry.tiers = tiers
                return entry
            })
        return (scene.ports[0], scene.ask())
    }

    @Test func `asks for the tier where it is offered, and is told so on the wire`() throws {
        let (port, outcome) = try asked([.standard, .flex], [.text(Scene.answer)])
        #expect(port.requests.map { $0.json["tier"] } == [.string("flex")])
        #expect(outcome.answer != nil && outcome.fallbackChain == ["p0:m"])
    }

    @Test func `asks in the standard tier, with the deadlines of flex, where there is none`() throws {
        let (port, _) = try asked([.standard], [.text(Scene.answer)])
        let request = try #require(port.requests.first?.json)
        #expect(request["tier"] == nil)
        #expect(request["first_byte_ms"] == 240_000 && request["stall_ms"] == 60_000)
    }

    @Test func `goes on in the standard tier when the flex tier is full`() throws {
        let full = failed(.rateLimit, .lane, reason: "flex_capacity")
        let (port, outcome) = try asked([.standard, .flex], [.fail(full), .text(Scene.answer)])
        #expect(port.requests.map { $0.json["tier"] } == [.string("flex"), nil])
        #expect(port.requests.map { $0.json["first_byte_ms"] } == [240_000, 240_000])
        #expect(outcome.steps == [["RATE_LIMIT", "answered"]])
    }
}

#if SLUICE_TEST_HOOKS
@Suite struct `A run that is killed in the batch lane` {
    typealias F = SpendFixtures

    /// The place, and how many batches the provider has in the end.
    @Test(arguments: [
        ("store.batch_intent.after", 1), ("store.batch_submitted.before", 2), ("store.batch_submitted.after", 1),
        ("store.cache_put.after", 1), ("store.batch_end.before", 1), ("store.batch_end.after", 1),
    ])
    func `goes on with the batch that it handed in`(_ name: String, _ paid: Int) async throws {
        let folder = "/tmp/sluice-inference-\(Context.system.ulid())"
        try Files.makeFolder(folder)
        defer { F.remove(folder) }
        let home = try Home(path: folder + "/home", context: .system)
        let run = try F.run(in: try StoreDatabase(home: home, context: .system))
        await #expect(processExitsWith: .signal(SIGKILL), "\(name)") {
            [name = name as String, folder = folder as String, run = run.description as String] in
            setenv("SLUICE_FAILPOINT", name + "=kill", 1)
            let home = try Home(path: folder + "/home", context: .system)
            let store = try StoreDatabase(home: home, context: .system)
            _ = try BatchRun(store, try #require(ULID(run)), folder + "/server").ask(4)
        }
        let drive = try BatchRun(try StoreDatabase(home: home, context: .system), run, folder + "/server")
        let outcomes = drive.ask(4)
        #expect(outcomes.compactMap(\.answer).count == 4, "\(name)")
        #expect(drive.scene.ports[0].requests.isEmpty, "\(name)")
        #expect(drive.server.batches.count == paid, "\(name)")
        #expect(drive.steps.names.contains("lost") == (paid == 2 || name == "store.batch_intent.after"), "\(name)")
    }
}
#endif
