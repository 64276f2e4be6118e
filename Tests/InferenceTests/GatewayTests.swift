import Contracts
import Foundations
import Inference
import PluginHost
import Policy
import Testing

private let good = ScriptedPort.Step.text(Scene.answer)

// MARK: Failover drills

@Test(
    arguments: zip(
        [
            failed(.providerUnhealthy, .provider, reason: "unreachable"), failed(.rateLimit, after: 3_600_000),
            failed(.quotaExhausted, .credential), failed(.timeout), failed(.transientError, reason: "cut"),
            failed(.providerUnhealthy, .credential),
        ],
        [1, 1, 1, 1, 2, 1]))
func `A run completes by fallback, within its budget, and tells the story`(failure: ProviderFailure, asked: Int) throws
{
    let scene = try Scene([[.fail(failure)], [good]])
    let outcome = scene.ask()
    #expect(outcome.answer?.provider == "p1")
    #expect(outcome.fallbackChain == ["p0:m", "p1:m"])
    #expect(outcome.retries == asked)
    #expect(outcome.steps == [Array(repeating: failure.code.description, count: asked) + ["answered"]])
    #expect(scene.ports[0].requests.count == asked)
    #expect(scene.purse.now.held.isEmpty)
}

@Test(
    arguments: zip(
        [SluiceError.Code.policyBlock, .deterministicFailure, .quarantineRequired],
        ["provider.policy", "provider.request", "provider.answer"]))
func `What another provider may not mend is asked of nobody else`(code: SluiceError.Code, detail: String) throws {
    let scene = try Scene([[.fail(failed(code))], [good]])
    let outcome = scene.ask()
    #expect(outcome.detail == detail)
    #expect(scene.ports.map(\.requests.count) == [1, 0])
}

@Test func `When all are down the call ends with the last failure and no more sends than the budget has`() throws {
    let down = [ScriptedPort.Step.fail(failed(.transientError))]
    let scene = try Scene(Array(repeating: down, count: 6))
    let outcome = scene.ask()
    #expect(outcome.code == "TRANSIENT_ERROR")
    #expect(scene.ports.reduce(0) { $0 + $1.requests.count } == 1 + LanePlan.flex.retries)
    #expect(outcome.retries == LanePlan.flex.retries)
}

@Test func `A cap in the middle of a run stops it with the right code, and nothing stays reserved`() throws {
    let scene = try Scene([[good], [good]], purse: Purse(cap: 380))
    let outcomes = (0..<6).map { scene.ask(scene.job("j\($0)")) }
    let answered = outcomes.prefix { $0.answer != nil }.count
    #expect(answered == 3)
    #expect(outcomes.dropFirst(answered).allSatisfy { $0.detail == "inference.budget" })
    #expect(outcomes.dropFirst(answered).allSatisfy { $0.code == "QUOTA_EXHAUSTED" })
    #expect(scene.purse.now.held.isEmpty)
    #expect(scene.purse.now.spent.tokens == 330)
    #expect(scene.ports[1].requests.isEmpty)
}

@Test func `A slow provider is hedged where a person waits, and the loser is cancelled`() throws {
    var plan = LanePlan.interactive
    plan.hedgeMost = 20_000_000
    plan.hedgeLeast = 1_000_000
    let used = plan
    let scene = try Scene([[.slow(8000, Scene.answer)], [good]], lane: .interactive, plan: { _ in used })
    let outcome = scene.ask()
    #expect(outcome.answer?.provider == "p1")
    #expect(outcome.steps == [["cancelled", "answered"]])
    #expect(outcome.retries == 1)
    // The loser may have cost what it could at most: it is in the books.
    #expect(outcome.tokenActual > 110)
}

@Test func `A lane's deadline ends a call whose providers all hang`() throws {
    var plan = LanePlan.interactive
    plan.deadline = 60_000_000
    let used = plan
    let scene = try Scene([[.slow(30_000, Scene.answer)]], lane: .interactive, plan: { _ in used })
    let outcome = scene.ask()
    #expect(outcome.detail == "provider.timeout")
    #expect(outcome.steps == [["cancelled"]])
}

@Test func `A breaker that opened keeps the next call away, and the explanation has it`() throws {
    let scene = try Scene([[.fail(failed(.providerUnhealthy, .credential))], [good]])
    _ = scene.ask()
    let second = scene.ask(scene.job("k"))
    #expect(second.skipped("p0:m") == "breaker.open")
    #expect(second.explanation.objectValue?["breakers"] == ["p0": "open"])
    #expect(second.fallbackChain == ["p1:m"])
    #expect(scene.ports[0].requests.count == 1)
}

// MARK: Policy

@Test func `The local gate skips a candidate by its rule, and nothing is sent without a permit`() throws {
    let scene = try Scene([[good], [good]], allow: ["p1"])
    let outcome = scene.ask()
    #expect(outcome.answer?.provider == "p1")
    #expect(outcome.skipped("p0:m") == "policy.allow_list")
    var closed = scene
    closed.run.permit = { _, _, _ in .refused(rule: "jurisdiction.eu", words: "no") }
    let none = closed.ask()
    #expect(none.detail == "inference.none")
    #expect(none.skipped("p1:m") == "jurisdiction.eu")
    #expect(scene.ports[0].requests.isEmpty)
    #expect(scene.ports[1].requests.count == 1)
}

@Test func `A contract's lists name models, and a contract that allows nobody is answered by nobody`() throws {
    let scene = try Scene([[good], [good]], contract: CandidateLists(allowed: ["p1:m"]))
    #expect(scene.ask().fallbackChain == ["p1:m"])
    let none = try Scene([[good]], contract: CandidateLists(allowed: [], denied: []))
    #expect(none.ask().detail == "inference.none")
}

@Test func `Personal data goes to the local provider first, and never beside it to another by a hedge`() throws {
    var plan = LanePlan.interactive
    plan.hedgeMost = 1_000_000
    plan.hedgeLeast = 1_000_000
    let used = plan
    let scene = try Scene(
        [[good], [.slow(50, Scene.answer)]], lane: .interactive, local: [1], plan: { _ in used })
    let outcome = scene.ask(scene.job(classes: [.personName]))
    #expect(outcome.fallbackChain == ["p1:m"])
    #expect(scene.ports[0].requests.isEmpty)
    let open = try Scene([[good], [good]], local: [1])
    #expect(open.ask().fallbackChain == ["p0:m"])
}

@Test func `What the ledger refuses to write down is not sent`() throws {
    var scene = try Scene([[good]])
    scene.run.willSend = { _ throws(SluiceError) in throw SluiceError(.storeFailed, "full") }
    let outcome = scene.ask()
    #expect(outcome.detail == "store.failed")
    #expect(scene.ports[0].requests.isEmpty)
    #expect(scene.purse.now.held.isEmpty)
}

// MARK: Answers

@Test func `An answer that breaks the schema is asked for anew once, with places and rules and none of its words`()
    throws
{
    let scene = try Scene([
        [.text(#"{"domain":"Anna Smith","Bob":1}"#), .text("```json\n\(Scene.answer)\n```")], [good],
    ])
    let outcome = scene.ask()
    #expect(outcome.answer?.json == ["domain": "email"])
    #expect(outcome.steps == [["DSL_REJECT"], ["answered"]])
    #expect(outcome.retries == 0)
    let again = scene.ports[0].requests[1].messages
    #expect(again.count == 2)
    let words = again.last?.prompt.text ?? ""
    #expect(words.contains("/domain"))
    #expect(!words.contains("Anna") && !words.contains("Bob"))
    #expect(scene.purse.now.spent.tokens == 220)
}

@Test func `A second answer that breaks it is the end`() throws {
    let scene = try Scene([[.text("no JSON at all")], [good]])
    let outcome = scene.ask()
    #expect(outcome.detail == "provider.reject")
    #expect(outcome.code == "DSL_REJECT")
    #expect(scene.ports.map(\.requests.count) == [2, 0])
}

@Test func `A placeholder that was invented or lost goes to quarantine, and to no second provider`() throws {
    let scene = try Scene([[.text(#"{"domain":"email"}"#)], [good]])
    var masker = scene.engine.promptMasker(permit: scene.permit)
    let prompt = masker.mask("Write to anna.smith@example.com today")
    #expect(prompt.hidesText)
    var job = scene.job(vault: masker.vault)
    job.requires = .all
    let lost = scene.ask(job)
    #expect(lost.detail == "prompt.placeholder_lost")
    #expect(lost.code == "QUARANTINE_REQUIRED")
    #expect(scene.ports.map(\.requests.count) == [1, 0])
    job.requires = .none
    #expect(scene.ask(job).answer != nil)
    var open = job
    open.schema = .init(name: "any", schema: ["type": "object"])
    let inventor = try Scene([[.text(#"{"a":"⟨EMAIL_9⟩"}"#)], [good]])
    #expect(inventor.ask(open).detail == "prompt.placeholder_invented")
    #expect(inventor.ports[1].requests.isEmpty)
}

// MARK: Many at once

@Test func `Outcomes are in the order of the jobs, whatever order they end in`() throws {
    let scene = try Scene([[.slow(30, Scene.answer), .slow(5, Scene.answer), good]])
    let outcomes = scene.gateway.complete((0..<40).map { scene.job("j\($0)") }, run: scene.run)
    #expect(outcomes.map(\.job) == (0..<40).map { "j\($0)" })
    #expect(outcomes.allSatisfy { $0.answer != nil })
    #expect(scene.ports[0].most <= 8)
}

@Test func `A spike of 200 questions of a person keeps the deadline, within the places of the provider`() throws {
    let scene = try Scene([[.slow(5, Scene.answer)], [.slow(5, Scene.answer)]], lane: .interactive, places: 16)
    let outcomes = scene.gateway.complete((0..<200).map { scene.job("j\($0)") }, run: scene.run)
    #expect(outcomes.allSatisfy { $0.answer != nil })
    #expect(scene.ports.allSatisfy { $0.most <= 16 })
    #expect(scene.ports.allSatisfy { $0.late == 0 })
    #expect(scene.purse.now.held.isEmpty)
}

@Test func `A stop ends what is under way and what has not begun`() throws {
    let scene = try Scene([[.slow(60_000, Scene.answer)]], places: 2)
    let stop = StopSignal()
    var run = scene.run
    let counter = Counter()
    run.willSend = { _ throws(SluiceError) in if counter.add() == 2 { stop.raise() } }
    let outcomes = scene.gateway.complete((0..<60).map { scene.job("j\($0)") }, run: run, stop: stop)
    #expect(outcomes.allSatisfy { $0.detail == "run.stopped" })
    // Two places: no more than two can have left, and nobody else is in the books or in a chain.
    #expect(scene.ports[0].requests.count <= 2)
    #expect(outcomes.paid <= 2)
    #expect(outcomes.asked <= 2)
}

@Test func `The same inputs and the same seed give the same explanation`() throws {
    func story() throws -> [JSON] {
        let scene = try Scene([
            [.fail(failed(.transientError)), .fail(failed(.rateLimit)), good], [.fail(failed(.quotaExhausted))],
            [.fail(failed(.providerUnhealthy, .model))],
        ])
        return (0..<5).map { scene.ask(scene.job("j\($0)")).explanation }
    }
    let first = try story()
    #expect(try story() == first)
    #expect(first[0].objectValue?["calls"]?.arrayValue?.first?.arrayValue?.count ?? 0 > 1)
}

@Test func `What the lane costs is told before anything is sent`() throws {
    let scene = try Scene([[good], [good]])
    let ranking = scene.gateway.rank(scene.job(), run: scene.run)
    #expect(ranking.ranked.map(\.candidate.tag) == ["p0:m", "p1:m"])
    #expect(scene.ports.allSatisfy { $0.requests.isEmpty })
}

@Test func `A provider whose server cannot serve is found by a probe, before it is asked`() throws {
    let down = failed(.providerUnhealthy, .credential, reason: "credential_missing")
    let scene = try Scene([[.fail(down)], [good]])
    let said = scene.gateway.probe(deadline: Context.system.monotonic() + 60_000_000_000)
    #expect(said == ["p0": down, "p1": nil])
    let outcome = scene.ask()
    #expect(outcome.skipped("p0:m") == "breaker.open")
    #expect(scene.ports[0].requests.isEmpty)
}

private struct Known: AnswerSource {
    let answer: ModelAnswer

    func lookup(_ question: AnswerQuestion, deadline: UInt64, stop: StopSignal?) -> AnswerLookup {
        .hit(answer, question: SHA256.hash([]))
    }
    func peek(_ question: AnswerQuestion) -> AnswerPeek { .hit(answer, question: SHA256.hash([])) }
    func keep(_ answer: ModelAnswer, to question: AnswerQuestion) {}
}

@Test func `An answer that is known is charged and not asked for; one that breaks the schema is asked for`() throws {
    var scene = try Scene([[good]])
    scene.run.answers = Known(answer: .init(model: "m", text: #"{"domain":"phone"}"#, finish: .stop, usage: nil))
    let outcome = scene.ask()
    #expect(outcome.answer?.origin == .cache)
    #expect(outcome.answer?.json == ["domain": "phone"])
    #expect(scene.ports[0].requests.isEmpty)
    #expect(scene.purse.now.charged == 1)
    #expect(scene.purse.now.reserved == 0)
    // What was asked for counts, wherever the answer came from.
    #expect(outcome.tokenEstimate > 50)
    #expect(outcome.tokenActual == 0)
    scene.run.answers = Known(answer: .init(model: "m", text: "{}", finish: .stop, usage: nil))
    #expect(scene.ask().answer?.origin == .provider)
    #expect(scene.ports[0].requests.count == 1)
}
