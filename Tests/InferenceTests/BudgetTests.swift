import Foundations
import PluginHost
import Policy
import Synchronization
import Testing

@testable import Contracts
@testable import Inference
@testable import Store

@Suite struct `A budget` {
    typealias F = SpendFixtures

    private func budget(
        _ caps: [Stage: StageCaps], _ journal: InferenceStore? = nil, run: ULID = Context.system.ulid(),
        context: Context = .system
    ) throws -> Budget { try Budget(run: run, caps: caps, journal: journal, context: context) }

    @Test func `is the least of what contract, policy and profile allow a stage`() throws {
        func caps(_ tokens: Int64, _ usd: Double, _ wall: Double) -> RunContract.BudgetCaps {
            RunContract.BudgetCaps(tokens: tokens, usd: usd, wallTimeSeconds: wall)
        }
        let path = "\(#filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 })/registry/thresholds"
        let file = try #require(try Files.list(path).first { $0.contains("tp_default_v1") })
        let profile = try ThresholdProfile(try JSONParser.parse(try Files.read("\(path)/\(file)")))
        let domains = StageCaps(.domains, contract: caps(400_000, 2, 60), policy: caps(.max, 1, 90), profile: profile)
        #expect(domains == StageCaps(tokens: profile.domainingTokens, usd: F.usd(1), wallTime: 60 * F.second))
        let mapping = StageCaps(.mapping, contract: caps(400_000, 2, 60), policy: caps(7, 1, 90), profile: profile)
        #expect(mapping.tokens == 7)
        let analysis = StageCaps(
            .analysis, contract: caps(400_000, 1e9, 60), policy: caps(.max, 1e9, 9), profile: profile)
        #expect(analysis == StageCaps(tokens: 400_000, usd: nil, wallTime: 9 * F.second))
    }

    // MARK: Never above a cap

    /// Random requests of 16 threads: at no time is more held and spent than the cap, and the sum is exact.
    @Test(arguments: [UInt64(1), 2, 3]) func `is never exceeded by threads, and adds up exactly`(_ seed: UInt64) throws
    {
        let cap: Int64 = 20_000
        let budget = try budget(F.caps(cap, 0.03))
        // What is taken by the test's own account, which runs behind the budget's: never more than it.
        let box = TestBox()
        let totals = F.threads(16) { thread -> (Spend, Int) in
            var dice = Dice(seed &* 1000 &+ UInt64(thread))
            var spent = Spend.zero
            var refused = 0
            var open: [(held: Reservation, most: Spend)] = []
            func end(_ place: Int) {
                let (held, most) = open.remove(at: place)
                let taken = (tokens: most.tokens, nanos: most.usd?.nanos ?? 0)
                switch Int.random(in: 0..<16, using: &dice) {
                case 0:
                    spent += most
                    budget.settle(held, usage: nil)
                case 1, 2:
                    let usage = TokenUsage(
                        input: Int(held.estimate.promptTokens / 40), output: Int(held.estimate.maxOutputTokens / 40))
                    let actual = held.estimate.spend(usage)
                    spent += actual
                    box.add(actual.tokens - taken.tokens, (actual.usd?.nanos ?? 0) - taken.nanos)
                    budget.settle(held, usage: usage)
                    // A second end changes nothing.
                    budget.settle(held, usage: nil)
                default:
                    box.add(-taken.tokens, -taken.nanos)
                    budget.release(held)
                }
                budget.release(held)
            }
            for _ in 0..<300 {
                let estimate = F.estimate(.random(in: 0...300, using: &dice), .random(in: 0...200, using: &dice))
                if let held = try? budget.reserve(estimate, stage: .domains) {
                    let most = estimate.most
                    box.add(most.tokens, most.usd?.nanos ?? 0)
                    open.append((held, most))
                } else {
                    refused += 1
                }
                if open.count > 12 || Bool.random(using: &dice), !open.isEmpty {
                    end(Int.random(in: open.indices, using: &dice))
                }
            }
            while !open.isEmpty { end(0) }
            return (spent, refused)
        }
        let sum = totals.reduce(Spend.zero) { $0 + $1.0 }
        let most = box.most
        #expect(most.tokens <= cap && most.nanos <= F.usd(0.03).nanos, "seed \(seed): \(most)")
        #expect(budget.spent(.domains).tokens == sum.tokens, "seed \(seed)")
        #expect(budget.spent(.domains).usd == sum.usd, "seed \(seed)")
        #expect(budget.remaining(.domains).tokens == cap - sum.tokens, "seed \(seed)")
        // The cap was met: else the test shows nothing.
        #expect(totals.reduce(0) { $0 + $1.1 } > 0, "seed \(seed)")
    }

    private final class TestBox: Sendable {
        private let taken = Mutex<(tokens: Int64, nanos: Int64, most: Int64, mostNanos: Int64)>((0, 0, 0, 0))

        func add(_ tokens: Int64, _ nanos: Int64) {
            taken.withLock { taken in
                taken.tokens += tokens
                taken.nanos += nanos
                taken.most = max(taken.most, taken.tokens)
                taken.mostNanos = max(taken.mostNanos, taken.nanos)
            }
        }

        var most: (tokens: Int64, nanos: Int64) { taken.withLock { ($0.most, $0.mostNanos) } }
    }

    @Test func `tells what was asked for, what is left and the cap, and takes nothing then`() throws {
        let budget = try budget(F.caps(100, 1))
        let held = try budget.reserve(F.estimate(60, 10), stage: .domains)
        F.expectFailure("inference.budget", "up to 40 tokens; DOMAINS has 30 left of 100 (0 spent, 70 held)") {
            try budget.reserve(F.estimate(30, 10), stage: .domains)
        }
        budget.settle(held, usage: TokenUsage(input: 55, output: 1))
        let refusal = budget.refusal(of: F.estimate(45), stage: .domains)
        #expect(refusal?.code == .quotaExhausted && refusal?.message.contains("(56 spent, 0 held)") == true)
        #expect(budget.refusal(of: F.estimate(44), stage: .domains) == nil)
        #expect(budget.remaining(.domains).tokens == 44)
        F.expectFailure("inference.budget", "no budget") { try budget.reserve(F.estimate(1), stage: .mapping) }
    }

    @Test func `in USD refuses what would cost more, and has no price for`() throws {
        let budget = try budget(F.caps(1_000_000, 0.001))
        F.expectFailure("inference.budget", "0.002 USD; DOMAINS has 0.001 left") {
            try budget.reserve(F.estimate(0, 1000), stage: .domains)
        }
        F.expectFailure("inference.budget", "The price of openai:m is not known") {
            try budget.reserve(F.estimate(1, price: nil), stage: .domains)
        }
        _ = try budget.reserve(F.estimate(1000, price: .free), stage: .domains)
    }

    @Test func `of no USD allows what is free and nothing else`() throws {
        let budget = try budget(F.caps(1_000_000, 0))
        let free = try budget.reserve(F.estimate(1000, 10, price: .free), stage: .domains)
        budget.settle(free, usage: TokenUsage(input: 1000, output: 10))
        #expect(budget.spent(.domains) == Spend(tokens: 1010, usd: .zero))
        F.expectFailure("inference.budget") { try budget.reserve(F.estimate(1), stage: .domains) }
        F.expectFailure("inference.budget") { try budget.reserve(F.estimate(1, price: nil), stage: .domains) }
    }

    @Test func `without a cap in USD counts tokens of what has no price, and says that the sum is unknown`() throws {
        let budget = try budget(F.caps(100))
        let held = try budget.reserve(F.estimate(50, price: nil), stage: .domains)
        budget.settle(held, usage: TokenUsage(input: 50, output: 1))
        #expect(budget.spent(.domains) == Spend(tokens: 51, usd: nil))
        #expect(budget.remaining(.domains) == Spend(tokens: 49, usd: nil))
    }

    @Test func `counts a request whose usage nobody told at its estimate, and says so`() throws {
        let budget = try budget(F.caps(100, 1))
        let cut = ProviderFailure(.transientError, reason: "cut", message: "")
        let settled = budget.settle(try budget.reserve(F.estimate(30, 10), stage: .domains), failure: cut)
        #expect(settled == Spend(tokens: 40, usd: USD(nanos: 50_000), isEstimate: true))
        #expect(budget.spent(.domains) == settled)
        for failure in [
            ProviderFailure(.rateLimit, reason: "slow_down", message: "", status: 429),
            ProviderFailure(.transientError, reason: "server", message: "", status: 529),
            ProviderFailure(.providerUnhealthy, reason: "unreachable", message: ""),
            ProviderFailure(.policyBlock, reason: "egress_denied", message: ""),
            ProviderFailure(.timeout, reason: "deadline", message: "", wasCalled: false),
        ] {
            budget.settle(try budget.reserve(F.estimate(30, 10), stage: .domains), failure: failure)
        }
        #expect(budget.spent(.domains) == settled && budget.remaining(.domains).tokens == 60)
        for failure in [
            ProviderFailure(.timeout, reason: "timeout", message: "", status: 504),
            ProviderFailure(.timeout, reason: "deadline", message: ""),
            ProviderFailure(.policyBlock, reason: "refusal", message: "", status: 200),
            ProviderFailure(.quarantineRequired, reason: "answer", message: "", status: 200),
            ProviderFailure(.providerUnhealthy, scope: .provider, reason: "plugin_crashed", message: ""),
            ProviderFailure(.dslReject, reason: "schema", message: ""),
        ] { #expect(!failure.isUnbilled, "\(failure.reason)") }
        var told = ProviderFailure(.rateLimit, reason: "slow_down", message: "", status: 429)
        let seen: [(Bool, Int?, Bool)] = [
            (true, 200, false), (true, nil, false), (true, 429, true), (false, nil, true),
        ]
        for (sent, status, isFree) in seen {
            (told.wasSent, told.observedStatus) = (sent, status)
            #expect(told.isUnbilled == isFree, "the broker saw \(sent) \(status ?? 0)")
        }
    }

    @Test func `waits for room that is only held, in the order of the questions`() throws {
        let budget = try budget(F.caps(100))
        let first = try budget.reserve(F.estimate(100), stage: .domains)
        let admitted = Mutex<[Int]>([])
        let orders = [3, 1, 2]
        let context = Context.system
        let results = F.threads(3) { thread -> Bool in
            let order = orders[thread]
            let turn = SpendTurn(order: order, until: F.never(), stop: nil)
            guard let held = try? budget.reserve(F.estimate(90), stage: .domains, turn: turn) else { return false }
            admitted.withLock { $0.append(order) }
            budget.settle(held, usage: TokenUsage(input: 1, output: 0))
            return true
        } meanwhile: {
            while budget.waiting < 3 { Pause.wait([], nanoseconds: 1_000_000) }
            // Beside what is spent it would never fit: nobody waits.
            let turn = SpendTurn(order: 0, until: F.never(), stop: nil)
            F.expectFailure("inference.budget") { try budget.reserve(F.estimate(101), stage: .domains, turn: turn) }
            let soon = SpendTurn(order: 0, until: context.monotonic() + 5_000_000, stop: nil)
            F.expectFailure("inference.budget", "100 held") {
                try budget.reserve(F.estimate(90), stage: .domains, turn: soon)
            }
            budget.settle(first, usage: TokenUsage(input: 1, output: 0))
        }
        #expect(results == [true, true, true])
        #expect(admitted.withLock { $0 } == [1, 2, 3])
        #expect(budget.waiting == 0)
        #expect(budget.spent(.domains).tokens == 4)
    }

    @Test func `does not wait for what an earlier drive holds`() throws {
        try F.withHome { store, run in
            let journal = try InferenceStore(beside: store, permit: F.permit(.callProvider))
            let dead = try budget(F.caps(100), journal, run: run)
            _ = try dead.reserve(F.estimate(60), stage: .domains)
            let budget = try budget(F.caps(100), journal, run: run)
            let turn = SpendTurn(order: 0, until: F.never(), stop: nil)
            F.expectFailure("inference.budget", "60 held") {
                try budget.reserve(F.estimate(50), stage: .domains, turn: turn)
            }
        }
    }

    /// Both threads are in the middle of it before either goes on.
    @Test func `counts an answer of the cache once, however many threads take it at once`() throws {
        let arrived = Mutex(0)
        var context = Context.system
        context.monotonic = {
            let end = Context.system.monotonic() + 10 * F.second
            arrived.withLock { $0 += 1 }
            while arrived.withLock({ $0 }) < 2, Context.system.monotonic() < end {
                Pause.wait([], nanoseconds: 1_000_000)
            }
            return Context.system.monotonic()
        }
        let budget = try budget(F.caps(1_000_000), context: context)
        _ = F.threads(2) { _ in
            try? budget.charge(
                F.estimate(50, question: "q"), stage: .domains, usage: TokenUsage(input: 40, output: 0))
        }
        #expect(budget.spent(.domains).tokens == 40)
    }

    @Test func `is used up with the stage's wall time`() throws {
        let clock = TestClock()
        let budget = try budget(F.caps(100, seconds: 10), context: clock.context)
        #expect(budget.deadline(.domains) == clock.now + 10 * F.second)
        _ = try budget.reserve(F.estimate(1), stage: .domains)
        clock.move(10 * F.second)
        F.expectFailure("inference.budget", "The wall time of DOMAINS, 10 s, is used up") {
            try budget.reserve(F.estimate(1), stage: .domains)
        }
    }

    // MARK: Over drives

    @Test func `counts what earlier drives spent, and what they held at its estimate`() throws {
        try F.withHome { store, run in
            let journal = try InferenceStore(beside: store, permit: F.permit(.createRun))
            let first = try budget(F.caps(1000, 1), journal, run: run)
            let spent = try first.reserve(F.estimate(100, 10), stage: .domains)
            first.settle(spent, usage: TokenUsage(input: 90, output: 5))
            let unknown = try first.reserve(F.estimate(200, 0), stage: .domains)
            first.settle(unknown, usage: nil)
            first.release(try first.reserve(F.estimate(400), stage: .domains))
            // And it dies with this one under way.
            let dying = try first.reserve(F.estimate(300, 50), stage: .domains)

            let second = try budget(F.caps(1000, 1), journal, run: run)
            #expect(second.spent(.domains) == Spend(tokens: 295, usd: USD(nanos: 300_000), isEstimate: true))
            #expect(second.remaining(.domains).tokens == 1000 - 295 - 350)
            #expect(second.remaining(.domains).usd == F.usd(1) - USD(nanos: 300_000 + 400_000))
            F.expectFailure("inference.budget") { try second.reserve(F.estimate(356), stage: .domains) }
            // What turns out to have cost less gives the rest back; once.
            second.settle(dying, actual: Spend(tokens: 40, usd: .zero))
            second.settle(dying, actual: Spend(tokens: 40, usd: .zero))
            #expect(second.remaining(.domains).tokens == 1000 - 295 - 40)
            let third = try budget(F.caps(1000, 1), journal, run: run)
            #expect(third.remaining(.domains) == second.remaining(.domains))
            #expect(third.spent(.domains) == second.spent(.domains))
            let other = try budget(F.caps(1000, 1), journal, run: try F.run(in: store, key: "other"))
            #expect(other.remaining(.domains).tokens == 1000)
        }
    }

    @Test func `counts the wall time of earlier drives, not the time between them`() throws {
        let clock = TestClock()
        try F.withHome(clock.context) { store, run in
            let journal = try InferenceStore(beside: store, permit: F.permit(.createRun))
            let first = try budget(F.caps(1000, seconds: 100), journal, run: run, context: clock.context)
            let asked = try first.reserve(F.estimate(1), stage: .domains)
            clock.move(30 * F.second)
            first.settle(asked, usage: nil)
            clock.move(1000 * F.second)
            let second = try budget(F.caps(1000, seconds: 100), journal, run: run, context: clock.context)
            #expect(second.deadline(.domains) == clock.now + 70 * F.second)
        }
    }

    @Test func `keeps a request back that the journal refuses`() throws {
        try F.withHome { store, run in
            try store.driving(run, permit: F.permit(.createRun)) { () throws(SluiceError) in
                let journal = try InferenceStore(beside: store, permit: F.permit(.createRun))
                let budget = try Budget(run: run, caps: F.caps(100), journal: journal, context: .system)
                _ = try budget.reserve(F.estimate(1), stage: .domains)
                // Another driver took the run over.
                try store.change("UPDATE runs SET lease_token = lease_token + 1")
                F.expectFailure("run.state") { try budget.reserve(F.estimate(10), stage: .domains) }
                #expect(budget.remaining(.domains).tokens == 99)
                try store.change("UPDATE runs SET lease_token = lease_token - 1")
            }
        }
    }

    // MARK: The cache

    @Test func `counts an answer of the cache as if it had been asked for, once a run`() throws {
        try F.withHome { store, run in
            let journal = try InferenceStore(beside: store, permit: F.permit(.createRun))
            let first = try budget(F.caps(1000, 1), journal, run: run)
            let usage = TokenUsage(input: 90, output: 10)
            try first.charge(F.estimate(100, 100, question: "a"), stage: .domains, usage: usage)
            #expect(first.spent(.domains).tokens == 100 && first.billed(.domains).tokens == 0)
            try first.charge(F.estimate(100, 100, question: "a"), stage: .domains, usage: usage)
            #expect(first.spent(.domains).tokens == 100)
            let asked = try first.reserve(F.estimate(100, 100, question: "b"), stage: .domains)
            first.settle(asked, usage: usage)
            try first.charge(F.estimate(100, 100, question: "b"), stage: .domains, usage: usage)
            #expect(first.spent(.domains).tokens == 200 && first.billed(.domains).tokens == 100)
            // The next drive meets both in the cache: nothing more.
            let second = try budget(F.caps(1000, 1), journal, run: run)
            for name in ["a", "b"] {
                try second.charge(F.estimate(100, 100, question: name), stage: .domains, usage: usage)
            }
            #expect(second.spent(.domains) == first.spent(.domains))
            #expect(second.billed(.domains) == first.billed(.domains))
            // What could not have been asked is not answered either.
            F.expectFailure("inference.budget") {
                try second.charge(F.estimate(900, question: "c"), stage: .domains, usage: usage)
            }
        }
    }
}

/// A clock that a test moves, in monotonic nanoseconds.
final class TestClock: Sendable {
    private let time = Mutex<UInt64>(1_000_000_000_000)

    var now: UInt64 { time.withLock { $0 } }
    func move(_ nanoseconds: UInt64) { time.withLock { $0 += nanoseconds } }

    var context: Context {
        var context = Context.system
        context.monotonic = { self.now }
        context.now = { 1_800_000_000_000 + Int64(self.now / 1_000_000) }
        return context
    }
}
