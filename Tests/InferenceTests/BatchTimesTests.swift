import Contracts
import Foundations
import PluginHost
import Synchronization
import Testing

@testable import Inference
@testable import Policy
@testable import Store

/// What the batch lane does when time runs out, when it is stopped, and when not everything fits.
@Suite struct `The batch lane, pressed for time or room` {
    typealias F = SpendFixtures

    private static let running: BatchServer.Script = { _, _ in .success(ModelBatch(.running)) }

    private static func path(_ store: StoreDatabase) -> String { store.home.path + "/../server" }

    private static func item(_ text: String, tokens: Int64, estimate: Int? = nil) -> BatchItem {
        var question = F.question(text)
        question.request.promptTokens = estimate
        question.request.contextTokens = estimate.map { ($0 + 2047) / 2048 * 2048 }
        return BatchItem(id: "job-\(text)", question: question, promptTokens: tokens - 16, maxOutputTokens: 16)
    }

    // MARK: The lane's deadline

    @Test func `at the deadline what a batch has answered is fetched, once the provider has cancelled it`() throws {
        try F.withHome { store, run in
            let server = try BatchServer(Self.path(store), pollsToCancel: 3, finished: 2, script: Self.running)
            let drive = try BatchDrive(store, run)
            let outcome = drive.ask(BatchDrive.items(["a", "b", "c"]), server, seconds: 600)
            #expect(
                BatchDrive.short(outcome) == [
                    "job-a": "batch: answer to a", "job-b": "batch: answer to b", "job-c": "TIMEOUT batch_deadline",
                ])
            #expect(server.cancels == 1 && BatchDrive.steps(outcome) == ["submitted", "ended"])
            #expect(drive.budget.spent(.domains).tokens == 50 && drive.budget.remaining(.domains).tokens == 9950)
        }
    }

    @Test func `what a provider takes long to cancel is fetched and settled by the next drive`() throws {
        try F.withHome { store, run in
            let server = try BatchServer(Self.path(store), pollsToCancel: .max, finished: 2, script: Self.running)
            let first = try BatchDrive(store, run)
            let began = first.clock.now
            let late = first.ask(BatchDrive.items(["a", "b", "c"]), server, seconds: 600)
            #expect(Set(BatchDrive.short(late).values) == ["TIMEOUT batch_deadline"])
            #expect(BatchDrive.steps(late) == ["submitted", "left"])
            // It waits a while, and not for ever.
            #expect((601...640).contains((first.clock.now - began) / F.second))
            #expect(first.budget.remaining(.domains).tokens == 10_000 - 3 * 41)

            server.finishCancelling()
            let second = try BatchDrive(store, run)
            let outcome = second.ask(BatchDrive.items(["a", "b", "c"]), server)
            #expect(
                BatchDrive.short(outcome) == [
                    "job-a": "batch: answer to a", "job-b": "batch: answer to b",
                    "job-c": "TRANSIENT_ERROR batch_cancelled",
                ])
            #expect(server.submits == 1 && BatchDrive.steps(outcome) == ["resumed", "ended"])
            #expect(second.budget.spent(.domains).tokens == 50 && second.budget.remaining(.domains).tokens == 9950)
        }
    }

    @Test func `what there is no time left for is not handed in, and costs nothing`() throws {
        try F.withHome { store, run in
            let clock = TestClock()
            let server = try BatchServer(Self.path(store), clock: clock, submitTakes: 600 * F.second)
            let drive = try BatchDrive(store, run, clock: clock, mostRequests: 1)
            let outcome = drive.ask(BatchDrive.items(["a", "b", "c"]), server, seconds: 600)
            #expect(BatchDrive.short(outcome)["job-b"] == "TIMEOUT batch_deadline")
            #expect(BatchDrive.short(outcome)["job-c"] == "TIMEOUT batch_deadline")
            #expect(server.submits == 1 && BatchDrive.steps(outcome) == ["submitted", "ended"])
            // The first alone was sent.
            #expect(drive.budget.remaining(.domains).tokens == 10_000 - 41)
        }
    }

    @Test func `a batch that the plugin was not even called for is not lost`() throws {
        try F.withHome { store, run in
            let uncalled = ProviderFailure(.timeout, reason: "deadline", message: "", wasCalled: false)
            let server = try BatchServer(Self.path(store), refusals: [uncalled])
            let drive = try BatchDrive(store, run)
            let outcome = drive.ask(BatchDrive.items(["a"]), server)
            #expect(BatchDrive.short(outcome) == ["job-a": "TIMEOUT deadline"])
            #expect(BatchDrive.steps(outcome) == ["refused"] && server.submits == 1)
            #expect(drive.budget.remaining(.domains).tokens == 10_000)
        }
    }

    // MARK: Waiting to hand in again

    @Test func `a provider's own time is waited for to its end, however long`() throws {
        let slow = ProviderFailure(
            .rateLimit, scope: .lane, reason: "slow_down", message: "", status: 429, retryAfterMilliseconds: 300_000)
        try F.withHome { store, run in
            let server = try BatchServer(Self.path(store), refusals: [slow, slow])
            let drive = try BatchDrive(store, run)
            let began = drive.clock.now
            let outcome = drive.ask(BatchDrive.items(["a"]), server)
            #expect(BatchDrive.short(outcome) == ["job-a": "batch: answer to a"])
            #expect(server.submits == 3 && drive.clock.now - began >= 600 * F.second)
        }
    }

    @Test func `a stop while it waits to hand in again hands nothing in`() throws {
        let slow = ProviderFailure(.rateLimit, scope: .lane, reason: "slow_down", message: "", status: 429)
        try F.withHome { store, run in
            let server = try BatchServer(Self.path(store), refusals: [slow])
            let stop = StopSignal()
            let first = try BatchDrive(store, run, onWait: { stop.raise() })
            let left = first.ask(BatchDrive.items(["a"]), server, stop: stop)
            #expect(BatchDrive.short(left) == ["job-a": "left"] && server.submits == 1 && server.batches.isEmpty)
            #expect(first.budget.remaining(.domains).tokens == 10_000)
            let outcome = try BatchDrive(store, run).ask(BatchDrive.items(["a"]), server)
            #expect(BatchDrive.short(outcome) == ["job-a": "batch: answer to a"] && server.batches.count == 1)
        }
    }

    // MARK: Over drives

    @Test func `a batch is found again by a program that counts tokens otherwise`() throws {
        try F.withHome { store, run in
            let server = try BatchServer(Self.path(store))
            let stop = StopSignal()
            let first = try BatchDrive(store, run, onWait: { stop.raise() })
            let left = first.ask([Self.item("a", tokens: 900, estimate: 2812)], server, stop: stop)
            #expect(BatchDrive.short(left) == ["job-a": "left"])
            let outcome = try BatchDrive(store, run).ask([Self.item("a", tokens: 880, estimate: 1790)], server)
            #expect(BatchDrive.short(outcome) == ["job-a": "batch: answer to a"])
            #expect(server.submits == 1 && BatchDrive.steps(outcome) == ["resumed", "ended"])
        }
    }

    @Test func `the time between drives is nobody's, also of a batch that several drives ask after`() throws {
        let clock = TestClock()
        try F.withHome(clock.context) { store, run in
            let server = try BatchServer(Self.path(store), clock: clock) { poll, _ in
                poll <= 3 ? .success(ModelBatch(.running)) : nil
            }
            /// A drive that is stopped at its wait of this number.
            func drive(_ stopAt: Int, _ items: [BatchItem]) throws -> [String: String] {
                let stop = StopSignal()
                let waits = Mutex(0)
                let drive = try BatchDrive(
                    store, run, seconds: 3600, clock: clock,
                    onWait: {
                        let wait = waits.withLock { waits in
                            waits += 1
                            return waits
                        }
                        if wait == stopAt { stop.raise() }
                    })
                return BatchDrive.short(drive.ask(items, server, seconds: 86_400, stop: stop))
            }
            func left() throws -> UInt64 {
                try BatchDrive(store, run, seconds: 3600, clock: clock).budget.deadline(.domains) - clock.now
            }
            let items = BatchDrive.items(["a"])
            #expect(try drive(1, items) == ["job-a": "left"])
            clock.move(7200 * F.second)
            // It looks at once, and 2 s and 5 s later.
            #expect(try drive(3, items) == ["job-a": "left"])
            #expect(try left() == 3595 * F.second)
            clock.move(7200 * F.second)
            #expect(try drive(0, items) == ["job-a": "batch: answer to a"])
            #expect(server.cancels == 0 && server.submits == 1)
            clock.move(7200 * F.second)
            #expect(try left() == 3595 * F.second)
        }
    }

    // MARK: Room

    @Test func `a question that does not fit keeps none back that do`() throws {
        for order in [[500, 40, 40], [40, 500, 40], [40, 40, 500]] as [[Int64]] {
            try F.withHome { store, run in
                let server = try BatchServer(Self.path(store))
                let drive = try BatchDrive(store, run, cap: 100)
                let items = order.enumerated().map { place, tokens in Self.item("\(tokens)-\(place)", tokens: tokens) }
                let outcome = drive.ask(items, server)
                let short = BatchDrive.short(outcome)
                for item in items {
                    let isLarge = item.promptTokens > 100
                    let answer = "batch: answer to \(item.id.dropFirst(4))"
                    #expect(short[item.id] == (isLarge ? "inference.budget" : answer))
                }
                #expect(server.batches.count == 1)
                let large = items.first { $0.promptTokens > 100 }
                guard case .refused(let error)? = large.flatMap({ outcome.results[$0.id] }) else { return }
                #expect(error.message.contains("needs up to 500 tokens"))
            }
        }
    }
}
