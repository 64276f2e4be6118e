import Contracts
import Foundations
import Inference
import PluginHost
import Testing

private let ms: UInt64 = 1_000_000
private let second: UInt64 = 1_000_000_000

private func option(_ name: String, model: String = "m", flex: Bool = false, group: Int = 0, expected: UInt64? = nil)
    -> CallMachine.Option
{
    .init(name: name, provider: name, model: model, isFlex: flex, group: group, expected: expected)
}

private func failure(
    _ code: SluiceError.Code, _ scope: ProviderFailure.Scope = .request, after: UInt64? = nil
) -> ProviderFailure {
    ProviderFailure(code, scope: scope, reason: "r", message: "m", retryAfterMilliseconds: after)
}

/// The machine behind a reference: `#expect` calls no mutating method.
private final class Driver {
    private var call: CallMachine
    init(_ call: CallMachine) { self.call = call }
    func handle(_ event: CallMachine.Event, at now: UInt64) -> [CallMachine.Action] { call.handle(event, at: now) }
    var steps: [CallMachine.Step] { call.steps }
    var chain: [Int] { call.chain }
    var retries: Int { call.retries }
}

private func machine(_ options: [CallMachine.Option], _ plan: LanePlan = .interactive, seed: UInt64 = 7) -> Driver {
    Driver(CallMachine(options, plan: plan, seed: seed))
}

private func sends(_ actions: [CallMachine.Action]) -> [CallMachine.Send] {
    actions.compactMap { if case .send(let send) = $0 { send } else { nil } }
}

private func end(_ actions: [CallMachine.Action]) -> CallMachine.End? {
    actions.compactMap { if case .finish(let end) = $0 { end } else { nil } }.first
}

private func wake(_ actions: [CallMachine.Action]) -> UInt64? {
    actions.compactMap { if case .wake(let at) = $0 { at } else { nil } }.first
}

@Test func `A call asks the first candidate, with the deadline of the call, and ends with the answer`() {
    let call = machine([option("a"), option("b")])
    let first = call.handle(.start, at: 100)
    let expected: [CallMachine.Action] = [
        .send(.init(attempt: 0, candidate: 0, isHedge: false, deadline: 100 + 10 * second)),
        .wake(at: 100 + 1500 * ms),
    ]
    #expect(first == expected)
    #expect(call.handle(.answered(attempt: 0), at: 200) == [.finish(.answered(attempt: 0))])
    #expect(call.handle(.tick, at: 300).isEmpty)
    #expect(call.chain == [0])
    #expect(call.retries == 0)
}

/// ROADMAP §31 by row, and what another candidate hears of it.
@Test(arguments: [
    ("POLICY_BLOCK", "no", false), ("DSL_REJECT", "no", false), ("PROVIDER_UNHEALTHY", "yes", true),
    ("RATE_LIMIT", "yes", true), ("TIMEOUT", "yes", true), ("QUOTA_EXHAUSTED", "at a known reset", true),
    ("TRANSIENT_ERROR", "yes", true), ("DETERMINISTIC_FAILURE", "no", false), ("QUARANTINE_REQUIRED", "no", false),
])
func `Each code is retried and falls back as the taxonomy says`(name: String, retry: String, fallback: Bool) throws {
    let code = try #require(SluiceError.Code(name: name))
    #expect(RetryRule.of(code).retry.rawValue == retry)
    #expect(RetryRule.of(code).fallback == fallback)
    // With one candidate: asked again or not.
    let alone = machine([option("a")], .flex)
    _ = alone.handle(.start, at: 0)
    let after = alone.handle(.failed(attempt: 0, failure(code)), at: 1)
    #expect((end(after) == nil) == (retry == "yes"))
    // With two: the other one is asked or not; what may pass is tried again where it happened first.
    let two = machine([option("a"), option("b")], .flex)
    _ = two.handle(.start, at: 0)
    var next = two.handle(.failed(attempt: 0, failure(code)), at: 1)
    if code == .transientError, let at = wake(next), sends(next).isEmpty {
        next = two.handle(.tick, at: at)
        #expect(sends(next).map(\.candidate) == [0])
        next = two.handle(.failed(attempt: 1, failure(code)), at: at + 1)
    }
    #expect(sends(next).map(\.candidate) == (fallback ? [1] : []))
    if !fallback { #expect(end(next) == .failed(failure(code), candidate: 0)) }
}

@Test func `Retry-After is kept to while it lies within the deadline, and not waited for beyond it`() {
    let call = machine([option("a")])
    _ = call.handle(.start, at: 0)
    let wait = call.handle(.failed(attempt: 0, failure(.rateLimit, after: 2000)), at: 10 * ms)
    #expect((2010 * ms...2110 * ms).contains(wake(wait) ?? 0))
    #expect(sends(call.handle(.tick, at: 2000 * ms)).isEmpty)
    #expect(sends(call.handle(.tick, at: 2111 * ms)).count == 1)
    let long = machine([option("a")])
    _ = long.handle(.start, at: 0)
    let gone = long.handle(.failed(attempt: 0, failure(.rateLimit, after: 60_000)), at: 10)
    #expect(end(gone) == .failed(failure(.rateLimit, after: 60_000), candidate: 0))
}

@Test func `A quota without a reset is not asked again; one with a reset is, once it is past`() {
    let blind = machine([option("a")], .flex)
    _ = blind.handle(.start, at: 0)
    #expect(end(blind.handle(.failed(attempt: 0, failure(.quotaExhausted, .credential)), at: 1)) != nil)
    let known = machine([option("a")], .flex)
    _ = known.handle(.start, at: 0)
    let wait = known.handle(.failed(attempt: 0, failure(.quotaExhausted, after: 30_000)), at: 0)
    #expect(end(wait) == nil)
    #expect((wake(wait) ?? 0) >= 30 * second)
}

@Test func `A bad credential spares the provider's other models, and a missing model that model alone`() {
    let options = [
        CallMachine.Option(name: "a:1", provider: "a", model: "1"),
        .init(name: "a:2", provider: "a", model: "2"), .init(name: "b:1", provider: "b", model: "1"),
    ]
    let credential = machine(options)
    _ = credential.handle(.start, at: 0)
    #expect(
        sends(credential.handle(.failed(attempt: 0, failure(.providerUnhealthy, .credential)), at: 1)).map(\.candidate)
            == [2])
    let model = machine(options)
    _ = model.handle(.start, at: 0)
    #expect(
        sends(model.handle(.failed(attempt: 0, failure(.providerUnhealthy, .model)), at: 1)).map(\.candidate) == [1])
}

@Test func `A full flex tier leaves the standard tier of the provider`() {
    let options = [
        CallMachine.Option(name: "a:1@flex", provider: "a", model: "1", isFlex: true),
        .init(name: "a:2@flex", provider: "a", model: "2", isFlex: true), .init(name: "a:1", provider: "a", model: "1"),
    ]
    let call = machine(options, .flex)
    _ = call.handle(.start, at: 0)
    #expect(
        sends(call.handle(.failed(attempt: 0, failure(.rateLimit, .lane, after: 60_000)), at: 1)).map(\.candidate) == [
            2
        ])
}

@Test func `One retry budget holds for all candidates together`() {
    let call = machine((0..<9).map { option("p\($0)") })
    var now: UInt64 = 0
    var actions = call.handle(.start, at: now)
    var count = 0
    while end(actions) == nil {
        count += sends(actions).count
        now += ms
        actions = call.handle(.failed(attempt: count - 1, failure(.timeout)), at: now)
    }
    #expect(count == 1 + LanePlan.interactive.retries)
    #expect(call.retries == LanePlan.interactive.retries)
}

@Test func `A slow candidate is hedged once, after what it mostly takes; the loser is cancelled and the hedge counted`()
{
    let call = machine([option("a", expected: 600 * ms), option("b")])
    #expect(wake(call.handle(.start, at: 0)) == 600 * ms)
    let hedge = call.handle(.tick, at: 600 * ms)
    #expect(sends(hedge).map(\.isHedge) == [true])
    #expect(sends(hedge).map(\.candidate) == [1])
    #expect(sends(call.handle(.tick, at: 900 * ms)).isEmpty)
    #expect(call.handle(.answered(attempt: 1), at: 901 * ms) == [.cancel(attempt: 0), .finish(.answered(attempt: 1))])
    #expect(call.retries == 1)
    #expect(call.steps.map(\.outcome) == ["cancelled", "answered"])
}

@Test func `A hedge does not leave its group, and lanes without a person have none`() {
    let local = machine([option("a"), option("b", group: 2)])
    _ = local.handle(.start, at: 0)
    #expect(sends(local.handle(.tick, at: 3 * second)).isEmpty)
    let flex = machine([option("a"), option("b")], .flex)
    #expect(wake(flex.handle(.start, at: 0)) == 600 * second)
}

@Test func `A hedge that fails leaves the first one running`() {
    let call = machine([option("a"), option("b"), option("c")])
    _ = call.handle(.start, at: 0)
    _ = call.handle(.tick, at: 1500 * ms)
    let after = call.handle(.failed(attempt: 1, failure(.rateLimit)), at: 1600 * ms)
    #expect(sends(after).isEmpty)
    #expect(end(after) == nil)
    #expect(end(call.handle(.answered(attempt: 0), at: 1700 * ms)) == .answered(attempt: 0))
}

/// What another candidate may not mend ends the call, but not over the one that is being asked already.
@Test(arguments: ["POLICY_BLOCK", "DSL_REJECT", "DETERMINISTIC_FAILURE", "QUARANTINE_REQUIRED"])
func `A hedge that fails for good takes nothing from the one that it was asked beside`(name: String) throws {
    let code = try #require(SluiceError.Code(name: name))
    for first in [0, 1] {
        for isAnswered in [true, false] {
            let call = machine([option("a"), option("b"), option("c")])
            _ = call.handle(.start, at: 0)
            _ = call.handle(.tick, at: 1500 * ms)
            #expect(call.handle(.failed(attempt: first, failure(code)), at: 1600 * ms) == [.wake(at: 10 * second)])
            #expect(sends(call.handle(.tick, at: 1650 * ms)).isEmpty)
            let last: CallMachine.Event =
                isAnswered ? .answered(attempt: 1 - first) : .failed(attempt: 1 - first, failure(.timeout))
            let ending: CallMachine.End =
                isAnswered ? .answered(attempt: 1 - first) : .failed(failure(code), candidate: first)
            #expect(end(call.handle(last, at: 1700 * ms)) == ending)
        }
    }
}

@Test func `Who may be asked later is waited for within the deadline, and a breaker on the way costs nothing`() {
    let option = CallMachine.Option(name: "a", provider: "a", model: "m", notBefore: 2 * second)
    let call = machine([option])
    let start = call.handle(.start, at: 0)
    #expect(sends(start).isEmpty)
    #expect((2000 * ms...2100 * ms).contains(wake(start) ?? 0))
    #expect(sends(call.handle(.tick, at: 2100 * ms)).count == 1)
    let error = SluiceError(.providerRateLimit, "held")
    for turn in 0..<20 {
        let now = 2200 * ms + UInt64(turn) * 300 * ms
        let again = call.handle(.refused(attempt: turn, error, reason: "breaker", until: now + 100 * ms), at: now)
        #expect((now + 100 * ms...now + 200 * ms).contains(wake(again) ?? 0))
        #expect(sends(call.handle(.tick, at: now + 200 * ms)).map(\.attempt) == [turn + 1])
    }
    #expect(call.retries == 0)
    let late = call.handle(.refused(attempt: 20, error, reason: "breaker", until: 10 * second), at: 9 * second)
    #expect(end(late) == .nobody(error))
}

@Test func `What never left is neither a retry nor in the chain`() {
    var call = CallMachine([option("a"), option("b")], plan: .interactive, seed: 7)
    _ = call.handle(.start, at: 0)
    _ = call.handle(.tick, at: 1500 * ms)
    _ = call.handle(.answered(attempt: 1), at: 1600 * ms)
    call.recall(0)
    #expect(call.chain == [1])
    #expect(call.retries == 0)
}

@Test func `What is refused before it is sent costs no retry, and says why when nobody is left`() {
    let call = machine((0..<9).map { option("p\($0)") })
    var actions = call.handle(.start, at: 0)
    for attempt in 0..<9 {
        #expect(sends(actions).map(\.candidate) == [attempt])
        actions = call.handle(
            .refused(attempt: attempt, SluiceError(.inferenceBudget, "full"), reason: "budget"), at: UInt64(attempt))
    }
    #expect(end(actions) == .nobody(SluiceError(.inferenceBudget, "full")))
    #expect(call.retries == 0)
    #expect(call.chain.isEmpty)
}

@Test func `At the deadline what runs is cancelled, and the call is timed out`() {
    let call = machine([option("a")])
    _ = call.handle(.start, at: 0)
    let over = call.handle(.tick, at: 10 * second)
    #expect(over.first == .cancel(attempt: 0))
    guard case .failed(let last, _)? = end(over) else {
        Issue.record("\(over)")
        return
    }
    #expect(last.code == .timeout)
}

@Test func `A call whose time is up before it begins sends nothing, and is timed out`() {
    let call = Driver(CallMachine([option("a")], plan: .interactive, deadline: 100, seed: 1))
    let over = call.handle(.start, at: 100)
    #expect(sends(over).isEmpty)
    guard case .failed(let last, nil)? = end(over) else {
        Issue.record("\(over)")
        return
    }
    #expect(last.code == .timeout)
    let early = Driver(CallMachine([option("a")], plan: .interactive, deadline: 100, seed: 1))
    #expect(sends(early.handle(.start, at: 99)).map(\.deadline) == [100])
}

@Test func `A call without candidates ends at once, and one that is stopped stops`() {
    let none = machine([])
    #expect(none.handle(.start, at: 0) == [.finish(.nobody(nil))])
    let call = machine([option("a")])
    _ = call.handle(.start, at: 0)
    #expect(call.handle(.stop, at: 1) == [.cancel(attempt: 0), .finish(.stopped)])
}

@Test func `Waits have full jitter: never above the cap, all of the range in use`() {
    var longest: UInt64 = 0
    var shortest = UInt64.max
    for seed in 0..<400 {
        let call = machine([option("a")], seed: UInt64(seed))
        _ = call.handle(.start, at: 0)
        let at = wake(call.handle(.failed(attempt: 0, failure(.timeout)), at: 0)) ?? 0
        longest = max(longest, at)
        shortest = min(shortest, at)
    }
    #expect(longest <= LanePlan.interactive.backoffBase)
    #expect(longest > LanePlan.interactive.backoffBase * 9 / 10)
    #expect(shortest < LanePlan.interactive.backoffBase / 10)
}

/// What a driver of the machine sees; each rule that a random walk must not break is looked at after every event.
private struct Walk {
    var call: CallMachine
    let plan: LanePlan
    let count: Int
    var now: UInt64 = 0
    var running: Set<Int> = []
    var excluded: Set<Int> = []
    var byAttempt: [Int: Int] = [:]
    var refused = 0
    var sent = 0
    var ended = false
    var wake: UInt64 = 0
    var mistakes: [String] = []

    mutating func step(_ event: CallMachine.Event) {
        for action in call.handle(event, at: now) {
            if ended { mistakes.append("an action behind the end") }
            switch action {
            case .send(let send):
                sent += 1
                if now >= plan.deadline { mistakes.append("sent behind the deadline") }
                if send.deadline > plan.deadline { mistakes.append("an attempt outlives the call") }
                if excluded.contains(send.candidate) { mistakes.append("asked a candidate that was skipped") }
                if sent - refused > 1 + plan.retries { mistakes.append("more sends than the budget has") }
                if running.count > 1 { mistakes.append("three at once") }
                running.insert(send.attempt)
                byAttempt[send.attempt] = send.candidate
            case .cancel(let attempt): running.remove(attempt)
            case .wake(let at): wake = at
            case .finish: ended = true
            }
        }
        if !ended, running.isEmpty, wake <= now { mistakes.append("nothing runs, nothing is waited for") }
        if ended, !running.isEmpty { mistakes.append("something was left running") }
    }
}

@Test(arguments: 0..<6)
func `Random events never break the budget, the deadline or a skip, and every call ends`(round: UInt64) {
    let codes = SluiceError.Code.all
    let scopes: [ProviderFailure.Scope] = [.request, .model, .credential, .lane, .provider]
    for seed in round * 1000..<round * 1000 + 1000 {
        var random = SeededRandom(seed)
        let plan = LanePlan.of(Lane.allCases[Int(random.next(below: 3))])
        let options = (0..<Int(random.next(below: 6))).map { index in
            CallMachine.Option(
                name: "\(index)", provider: "p\(random.next(below: 3))", model: "m\(random.next(below: 3))",
                isFlex: random.next(below: 2) == 0, group: Int(random.next(below: 2)),
                expected: random.next(below: 2) == 0 ? nil : random.next(below: 3 * second))
        }
        var walk = Walk(call: CallMachine(options, plan: plan, seed: seed), plan: plan, count: options.count)
        walk.step(.start)
        var events = 0
        while !walk.ended, events < 500 {
            events += 1
            guard let attempt = walk.running.sorted().randomElement(using: &random), random.next(below: 4) > 0 else {
                // Time passes up to the wake, or a little beyond.
                walk.now = max(walk.now, walk.wake) + random.next(below: 2) * ms
                walk.step(.tick)
                continue
            }
            walk.now += random.next(below: plan.deadline / 8)
            walk.running.remove(attempt)
            switch random.next(below: 12) {
            case 0: walk.step(.answered(attempt: attempt))
            case 1, 2:
                walk.refused += 1
                if let candidate = walk.byAttempt[attempt] { walk.excluded.insert(candidate) }
                walk.step(.refused(attempt: attempt, SluiceError(.policyDenied, "no"), reason: "rule"))
            default:
                let code = codes[Int(random.next(below: UInt64(codes.count)))]
                let scope = scopes[Int(random.next(below: 5))]
                let after: UInt64? = random.next(below: 3) == 0 ? random.next(below: 100_000) : nil
                walk.step(.failed(attempt: attempt, failure(code, scope, after: after)))
            }
        }
        #expect(walk.ended, "seed \(seed)")
        #expect(walk.mistakes == [], "seed \(seed)")
    }
}
