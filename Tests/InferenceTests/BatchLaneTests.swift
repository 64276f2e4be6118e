import Contracts
import Foundations
import PluginHost
import Policy
import Synchronization
import Testing

@testable import Inference
@testable import Store

/// One drive of a run that asks in batches.
struct BatchDrive {
    typealias F = SpendFixtures

    let budget: Budget
    let lane: BatchLane
    let store: InferenceStore
    let clock: TestClock

    static let target = BatchTarget(stage: .domains, provider: "openai", model: "m", price: F.price)

    /// - Parameters:
    ///   - clock: moves on by what is waited for: nobody sleeps.
    ///   - onWait: called before each wait. A wait is one of `Pause`: a minute at most, and none once the stop is raised.
    init(
        _ home: StoreDatabase, _ run: ULID, cap: Int64 = 10_000, seconds: UInt64 = 1_000_000, fresh: Bool = false,
        clock: TestClock = TestClock(), mostRequests: Int = 1000, onWait: @escaping @Sendable () -> Void = {}
    ) throws {
        store = try InferenceStore(beside: home, permit: F.permit(.callProvider))
        self.clock = clock
        var context = Context.system
        context.monotonic = { clock.now }
        budget = try Budget(
            run: run, caps: F.caps(cap, 1, seconds: seconds), journal: store, context: context)
        var pacing = BatchPacing()
        pacing.mostRequests = mostRequests
        pacing.wait = { nanoseconds, stop in
            onWait()
            if stop?.isRaised != true { clock.move(min(nanoseconds, 60 * F.second)) }
        }
        lane = BatchLane(
            run: run, drive: budget.drive, store: store, spend: budget,
            answers: AnswerCache(
                try F.scope(run, fresh: fresh), store: store, flights: SingleFlight(), context: context), fresh: fresh,
            context: context, pacing: pacing)
    }

    static func items(_ texts: [String], hides: Bool = false) -> [BatchItem] {
        texts.map {
            BatchItem(id: "job-\($0)", question: F.question($0, hides: hides), promptTokens: 25, maxOutputTokens: 16)
        }
    }

    func ask(
        _ items: [BatchItem], _ port: BatchServer, seconds: UInt64 = 3600, stop: StopSignal? = nil,
        isValid: @escaping @Sendable (String, ModelAnswer) -> Bool = { _, _ in true }
    ) -> BatchOutcome {
        lane.ask(
            items, of: Self.target, port: port, deadline: clock.now + seconds * F.second, stop: stop, isValid: isValid)
    }

    /// What became of each job, in short.
    static func short(_ outcome: BatchOutcome) -> [String: String] {
        outcome.results.mapValues { result in
            switch result {
            case .answer(let answer, let origin, _): "\(origin.rawValue): \(answer.text)"
            case .failure(let failure): "\(failure.code) \(failure.reason)"
            case .refused(let error): error.detail
            case .notOffered: "not offered"
            case .tooFew: "too few"
            case .left: "left"
            }
        }
    }

    static func steps(_ outcome: BatchOutcome) -> [String] { outcome.steps.compactMap { $0["step"]?.stringValue } }
}

@Suite struct `The batch lane` {
    typealias F = SpendFixtures

    private func withServer(
        _ script: BatchServer.Script? = nil, refusals: [ProviderFailure] = [],
        _ body: (StoreDatabase, ULID, BatchServer) throws -> Void
    ) throws {
        try F.withHome { store, run in
            let server = try BatchServer(store.home.path + "/../server", refusals: refusals, script: script)
            try body(store, run, server)
        }
    }

    private static func running(_ polls: Int) -> BatchServer.Script {
        { poll, _ in poll <= polls ? .success(ModelBatch(.running)) : nil }
    }

    @Test func `hands in once, asks at growing intervals, and matches by id`() throws {
        try withServer(Self.running(8)) { store, run, server in
            let drive = try BatchDrive(store, run)
            let began = drive.clock.now
            let outcome = drive.ask(BatchDrive.items(["a", "b", "c"]), server)
            #expect(
                BatchDrive.short(outcome) == [
                    "job-a": "batch: answer to a", "job-b": "batch: answer to b", "job-c": "batch: answer to c",
                ])
            #expect(server.batches.count == 1 && server.polls == 9)
            // 2 + 3 + 4.5 + … seconds: each interval is longer by the half, up to 60.
            #expect((98...102).contains((drive.clock.now - began) / F.second))
            #expect(BatchDrive.steps(outcome) == ["submitted", "ended"])
            // 3 × (20 × 0.5 + 5 × 1) millionths of a dollar.
            #expect(drive.budget.spent(.domains) == Spend(tokens: 75, usd: USD(nanos: 45_000)))
            let again = drive.ask(BatchDrive.items(["a", "b", "c"]), server)
            #expect(BatchDrive.short(again)["job-b"] == "cache: answer to b")
            #expect(server.submits == 1 && drive.budget.spent(.domains).tokens == 75)
        }
    }

    @Test func `the next drive asks after the batch instead of paying again`() throws {
        try withServer(Self.running(2)) { store, run, server in
            let stop = StopSignal()
            let first = try BatchDrive(store, run)
            stop.raise()
            let other = first.ask(BatchDrive.items(["z"]), server, stop: stop)
            #expect(BatchDrive.short(other) == ["job-z": "left"] && server.submits == 0)
            let raised = StopSignal()
            let lane = BatchLane(
                run: run, drive: first.budget.drive, store: first.store, spend: first.budget,
                answers: first.lane.answers, fresh: false, context: first.lane.context,
                pacing: {
                    var pacing = BatchPacing()
                    pacing.wait = { _, _ in raised.raise() }
                    return pacing
                }())
            let left = lane.ask(
                BatchDrive.items(["a", "b"]), of: BatchDrive.target, port: server, deadline: .max, stop: raised
            ) { _, _ in true }
            #expect(BatchDrive.short(left) == ["job-a": "left", "job-b": "left"])
            #expect(BatchDrive.steps(left) == ["submitted", "left"])

            let second = try BatchDrive(store, run)
            // What is under way holds its room.
            #expect(second.budget.remaining(.domains).tokens == 10_000 - 2 * 41)
            let outcome = second.ask(BatchDrive.items(["a", "b", "c"]), server)
            #expect(BatchDrive.short(outcome)["job-a"] == "batch: answer to a")
            #expect(BatchDrive.short(outcome)["job-c"] == "batch: answer to c")
            #expect(BatchDrive.steps(outcome).first == "resumed")
            #expect(server.batches.map { server.requests($0).map(\.text) } == [["a", "b"], ["c"]])
            #expect(second.budget.spent(.domains).tokens == 75 && second.budget.remaining(.domains).tokens == 9925)
        }
    }

    @Test func `a batch that nobody asks for any more is ended all the same`() throws {
        try withServer { store, run, server in
            let first = try BatchDrive(store, run)
            let raised = StopSignal()
            var pacing = BatchPacing()
            pacing.wait = { _, _ in raised.raise() }
            _ = BatchLane(
                run: run, drive: first.budget.drive, store: first.store, spend: first.budget,
                answers: first.lane.answers, fresh: false, context: first.lane.context, pacing: pacing
            ).ask(BatchDrive.items(["a"]), of: BatchDrive.target, port: server, deadline: .max, stop: raised) { _, _ in
                true
            }
            let second = try BatchDrive(store, run)
            let outcome = second.ask([], server)
            #expect(BatchDrive.steps(outcome) == ["resumed", "ended"])
            #expect(second.budget.spent(.domains).tokens == 25 && second.budget.remaining(.domains).tokens == 9975)
        }
    }

    @Test func `answers that may not be cached are fetched again from the provider, not asked again`() throws {
        try withServer { store, run, server in
            let items = BatchDrive.items(["⟨EMAIL_1⟩"], hides: true)
            _ = try BatchDrive(store, run).ask(items, server)
            let second = try BatchDrive(store, run)
            let outcome = second.ask(items, server)
            #expect(BatchDrive.short(outcome)["job-⟨EMAIL_1⟩"] == "batch: answer to ⟨EMAIL_1⟩")
            #expect(server.submits == 1 && second.budget.spent(.domains).tokens == 25)
            let fresh = try BatchDrive(store, run, fresh: true).ask(items, server)
            #expect(BatchDrive.steps(fresh) == ["submitted", "ended"] && server.submits == 2)
        }
    }

    @Test func `results that the provider has no more are asked for anew`() throws {
        try withServer { poll, _ in
            poll == 2 ? .failure(ProviderFailure(.deterministicFailure, reason: "gone", message: "", status: 404)) : nil
        } _: { store, run, server in
            let items = BatchDrive.items(["⟨EMAIL_1⟩"], hides: true)
            _ = try BatchDrive(store, run).ask(items, server)
            let outcome = try BatchDrive(store, run).ask(items, server)
            #expect(BatchDrive.short(outcome)["job-⟨EMAIL_1⟩"] == "batch: answer to ⟨EMAIL_1⟩")
            #expect(server.submits == 2)
        }
    }

    // MARK: Results that are not what was asked for

    @Test func `an id that was not handed in discredits the whole batch`() throws {
        for stranger in ["job-a", "sl0000000000000000-0", "TAG-7", "TAG-00", "TAG-x"] {
            try withServer { _, requests in
                var told = BatchServer.done(requests)
                let tag = requests[0].id.split(separator: "-")[0]
                told.results[stranger.replacing("TAG", with: tag)] = .success(BatchServer.answer("stranger"))
                return .success(told)
            } _: { store, run, server in
                let drive = try BatchDrive(store, run)
                let outcome = drive.ask(BatchDrive.items(["a", "b"]), server)
                #expect(
                    Set(BatchDrive.short(outcome).values) == ["QUARANTINE_REQUIRED batch_mismatch"], "\(stranger)")
                // Billed nobody knows how much: at its estimate.
                #expect(drive.budget.spent(.domains).tokens == 82)
                let cached = drive.lane.answers.peek(F.question("a"))
                guard case .unknown = cached else { throw SluiceError(.usage, "\(cached)") }
            }
        }
    }

    @Test func `a missing answer and a failed one are that question's alone`() throws {
        try withServer { _, requests in
            guard requests.count == 3 else { return nil }
            var told = BatchServer.done(requests)
            told.results[requests[0].id] = nil
            told.results[requests[1].id] = .failure(
                ProviderFailure(.deterministicFailure, reason: "context", message: "", status: 400))
            return .success(told)
        } _: { store, run, server in
            let drive = try BatchDrive(store, run)
            let outcome = drive.ask(BatchDrive.items(["a", "b", "c"]), server)
            #expect(
                BatchDrive.short(outcome) == [
                    "job-a": "TRANSIENT_ERROR batch_missing", "job-b": "DETERMINISTIC_FAILURE context",
                    "job-c": "batch: answer to c",
                ])
            #expect(drive.budget.spent(.domains).tokens == 25)
            // Asked again, alone.
            _ = drive.ask(BatchDrive.items(["a"]), server)
            #expect(server.batches.map { server.requests($0).map(\.text) } == [["a", "b", "c"], ["a"]])
        }
    }

    @Test(arguments: [
        (ModelBatch.Phase.expired, "TIMEOUT batch_expired"), (.failed, "TRANSIENT_ERROR batch_failed"),
        (.cancelled, "TRANSIENT_ERROR batch_cancelled"),
    ])
    func `what was answered before a batch ended early counts`(_ phase: ModelBatch.Phase, _ words: String) throws {
        try withServer { _, requests in
            .success(ModelBatch(phase, results: [requests[0].id: .success(BatchServer.answer("a"))]))
        } _: { store, run, server in
            let drive = try BatchDrive(store, run)
            let outcome = drive.ask(BatchDrive.items(["a", "b"]), server)
            #expect(BatchDrive.short(outcome) == ["job-a": "batch: answer to a", "job-b": words])
            #expect(drive.budget.spent(.domains).tokens == 25)
        }
    }

    @Test func `at the deadline a batch is cancelled, and what it was billed stays counted`() throws {
        try withServer(Self.running(.max)) { store, run, server in
            let drive = try BatchDrive(store, run)
            let outcome = drive.ask(BatchDrive.items(["a"]), server, seconds: 600)
            #expect(BatchDrive.short(outcome) == ["job-a": "TIMEOUT batch_deadline"])
            #expect(server.cancels == 1 && drive.budget.spent(.domains).tokens == 41)
        }
    }

    @Test func `an answer that is not valid is given back and not kept`() throws {
        try withServer { store, run, server in
            let drive = try BatchDrive(store, run)
            let outcome = drive.ask(BatchDrive.items(["a", "b"]), server) { id, _ in id != "job-a" }
            #expect(BatchDrive.short(outcome)["job-a"] == "batch: answer to a")
            guard case .unknown = drive.lane.answers.peek(F.question("a")) else {
                throw SluiceError(.usage, "it was kept")
            }
            guard case .hit = drive.lane.answers.peek(F.question("b")) else {
                throw SluiceError(.usage, "it was not kept")
            }
        }
    }

    // MARK: Handing in

    @Test func `a batch that was certainly not taken is handed in again, one that may have been is not`() throws {
        let slow = ProviderFailure(
            .rateLimit, scope: .lane, reason: "slow_down", message: "", status: 429, retryAfterMilliseconds: 50_000)
        try withServer(refusals: [slow, slow]) { store, run, server in
            let drive = try BatchDrive(store, run)
            let began = drive.clock.now
            let outcome = drive.ask(BatchDrive.items(["a"]), server)
            #expect(BatchDrive.short(outcome) == ["job-a": "batch: answer to a"])
            #expect(server.submits == 3 && drive.clock.now - began >= 100 * F.second)
        }
        let cut = ProviderFailure(.timeout, reason: "timeout", message: "")
        try withServer(refusals: [cut]) { store, run, server in
            let drive = try BatchDrive(store, run)
            let outcome = drive.ask(BatchDrive.items(["a"]), server)
            #expect(BatchDrive.short(outcome) == ["job-a": "TIMEOUT timeout"] && server.submits == 1)
            #expect(BatchDrive.steps(outcome) == ["lost"] && drive.budget.spent(.domains).tokens == 41)
        }
    }

    @Test func `a provider without a batch API costs nothing and is said to be one`() throws {
        let none = ProviderFailure(.deterministicFailure, scope: .provider, reason: "not_offered", message: "")
        try withServer(refusals: [none]) { store, run, server in
            let drive = try BatchDrive(store, run)
            let outcome = drive.ask(BatchDrive.items(["a"]), server)
            #expect(BatchDrive.short(outcome) == ["job-a": "not offered"])
            #expect(drive.budget.remaining(.domains).tokens == 10_000)
        }
    }

    @Test func `hands in what fits into the budget and refuses the rest`() throws {
        try withServer { store, run, server in
            let drive = try BatchDrive(store, run, cap: 100)
            let outcome = drive.ask(BatchDrive.items(["a", "b", "c", "d"]), server)
            // 41 tokens each at most: two fit; 50 of 100 are spent when the third is looked at.
            #expect(
                BatchDrive.short(outcome) == [
                    "job-a": "batch: answer to a", "job-b": "batch: answer to b", "job-c": "inference.budget",
                    "job-d": "inference.budget",
                ])
            #expect(drive.budget.spent(.domains).tokens == 50)
        }
    }

    @Test func `equal questions are sent once`() throws {
        try withServer { store, run, server in
            var items = BatchDrive.items(["a", "a", "b"])
            items[1].id = "twin"
            let outcome = try BatchDrive(store, run).ask(items, server)
            #expect(outcome.results.count == 3 && BatchDrive.short(outcome)["twin"] == "batch: answer to a")
            #expect(server.requests("batch-1").count == 2)
        }
    }
}
