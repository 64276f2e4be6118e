import Contracts
import Foundations
import Glibc
import PluginHost
import Synchronization
import Testing

@testable import Inference
@testable import Policy
@testable import Store

@Suite struct `The key of a question` {
    typealias F = SpendFixtures

    /// A scope and a question; each change touches one part.
    private typealias Parts = (scope: AnswerScope, question: AnswerQuestion)

    private static let changes: [(String, @Sendable (inout Parts) -> Void)] = [
        ("scope.lane", { $0.scope.lane = .flex }), ("scope.mode", { $0.scope.mode = .metadataOnly }),
        ("scope.maskBeforeSend", { $0.scope.maskBeforeSend = false }),
        ("scope.localOnlyOverride", { $0.scope.localOnlyOverride = true }),
        ("scope.locale", { $0.scope.locale = "de_DE.UTF-8" }),
        ("scope.cacheScope.run", { $0.scope.cacheScope.run = "r" }),
        ("scope.cacheScope.tab", { $0.scope.cacheScope.tab = "t" }),
        ("scope.cacheScope.filters", { $0.scope.cacheScope.filters = ["a": 1] }),
        ("scope.versions.catalog", { $0.scope.versions.catalog = nil }),
        ("scope.versions.mapping", { $0.scope.versions.mapping = SHA256.hash("plan") }),
        ("scope.versions.domains", { $0.scope.versions.domains = "c@2" }),
        ("scope.versions.thresholds", { $0.scope.versions.thresholds = "tp@2" }),
        ("scope.versions.policy", { $0.scope.versions.policy = "p@1" }),
        ("question.template", { $0.question.template = "t@2" }),
        ("question.templateHash", { $0.question.templateHash = SHA256.hash("edited") }),
        ("question.provider.id", { $0.question.provider.id = "sluice.provider.groq" }),
        ("question.provider.version", { $0.question.provider.version = "0.1.1" }),
        ("question.provider.binary", { $0.question.provider.binary = SHA256.hash("other") }),
        ("request.model", { $0.question.request.model = "m2" }),
        ("request.messages", { $0.question.request.messages[1].prompt = MaskedPrompt(masked: "other") }),
        ("request.messages: system", { $0.question.request.messages[0].prompt = MaskedPrompt(masked: "other") }),
        ("request.messages: role", { $0.question.request.messages[1].role = .assistant }),
        ("request.messages: order", { $0.question.request.messages.reverse() }),
        ("request.schema", { $0.question.request.schema = .init(name: "s", schema: ["type": "object"]) }),
        ("request.schema: name", { $0.question.request.schema = .init(name: "t", schema: ["type": "object"]) }),
        ("request.schema: body", { $0.question.request.schema = .init(name: "s", schema: ["type": "array"]) }),
        ("request.tier", { $0.question.request.tier = .flex }),
        ("request.contextTokens", { $0.question.request.contextTokens = 4096 }),
        ("parameters.temperature", { $0.question.request.parameters.temperature = nil }),
        ("parameters.topP", { $0.question.request.parameters.topP = 0.5 }),
        ("parameters.stop", { $0.question.request.parameters.stop = [] }),
        ("parameters.maxTokens", { $0.question.request.parameters.maxTokens = 17 }),
        ("parameters.seed", { $0.question.request.parameters.seed = 2 }),
    ]
    /// How an answer travels, and whose drive asks, does not change it.
    private static let without: [(String, @Sendable (inout Parts) -> Void)] = [
        ("scope.run", { $0.scope.run = Context.system.ulid() }), ("scope.fresh", { $0.scope.fresh = true }),
        ("request.stream", { $0.question.request.stream = true }),
        ("request.promptTokens", { $0.question.request.promptTokens = 9 }),
        ("request.firstByteMilliseconds", { $0.question.request.firstByteMilliseconds = 9 }),
        ("request.stallMilliseconds", { $0.question.request.stallMilliseconds = 9 }),
    ]

    private func parts() throws -> Parts { (try F.scope(Context.system.ulid()), F.question("q")) }

    private func digest(_ parts: Parts) throws -> SHA256.Digest { try #require(parts.scope.key(parts.question)).digest }

    @Test func `changes with every part, and no two changes meet`() throws {
        let plain = try digest(try parts())
        var seen: [SHA256.Digest: String] = [plain: "nothing"]
        for (name, change) in Self.changes {
            var changed = try parts()
            change(&changed)
            let known = seen.updateValue(name, forKey: try digest(changed))
            #expect(known == nil, "\(name) gives the key of \(known ?? "")")
        }
        for (name, change) in Self.without {
            var changed = try parts()
            change(&changed)
            let same = try digest(changed)
            #expect(same == plain, "\(name)")
        }
    }

    @Test func `has every stored part, so that none is forgotten`() throws {
        let parts = try parts()
        var names: Set<String> = []
        func add(_ prefix: String, _ value: Any, deeper: Set<String> = []) {
            for child in Mirror(reflecting: value).children {
                let name = child.label ?? ""
                if !deeper.contains(name) { names.insert("\(prefix).\(name)") }
            }
        }
        add("scope", parts.scope, deeper: ["cacheScope", "versions"])
        add("scope.cacheScope", parts.scope.cacheScope)
        add("scope.versions", parts.scope.versions)
        add("question", parts.question, deeper: ["provider", "request"])
        add("question.provider", parts.question.provider)
        add("request", parts.question.request, deeper: ["parameters"])
        add("parameters", parts.question.request.parameters)
        // Each question names its template itself.
        names.remove("scope.versions.template")
        let tried = Set((Self.changes + Self.without).map { String($0.0.split(separator: ":")[0]) })
        #expect(names == tried)
    }

    @Test func `is none for prompts heavy in personal data, and before there is a lane`() throws {
        var scope = try F.scope(Context.system.ulid())
        #expect(scope.key(F.question("⟨EMAIL_1⟩", hides: true)) == nil)
        scope.lane = nil
        #expect(scope.key(F.question("q")) == nil)
    }
}

@Suite struct `The cache of models' answers` {
    typealias F = SpendFixtures

    private func withCaches(
        fresh: Bool = false, _ body: (AnswerCache, InferenceStore, ULID) throws -> Void
    ) throws {
        try F.withHome { store, run in
            let inference = try InferenceStore(beside: store, permit: F.permit(.callProvider))
            try body(
                AnswerCache(
                    try F.scope(run, fresh: fresh), store: inference, flights: SingleFlight(), context: .system),
                inference, run)
        }
    }

    private func lead(_ lookup: AnswerLookup) throws -> AnswerLead {
        guard case .lead(let lead) = lookup else { throw SluiceError(.usage, "no lead: \(lookup)") }
        return lead
    }

    private func isHit(_ lookup: AnswerLookup, _ answer: ModelAnswer) -> Bool {
        if case .hit(let found, _) = lookup { found == answer } else { false }
    }

    @Test func `gives back what was asked, as it was told`() throws {
        try withCaches { cache, store, run in
            let answer = F.answer("{\"a\":\"⟨EMAIL_1⟩\"}")
            try lead(cache.lookup(F.question("q"), deadline: F.never(), stop: nil)).succeed(answer)
            let second = AnswerCache(try F.scope(run), store: store, flights: SingleFlight(), context: .system)
            let found = second.lookup(F.question("q"), deadline: F.never(), stop: nil)
            #expect(isHit(found, answer))
            guard case .hit(let peeked, _) = second.peek(F.question("q")) else { throw SluiceError(.usage, "no hit") }
            #expect(peeked == answer)
            let other = second.lookup(F.question("r"), deadline: F.never(), stop: nil)
            #expect(!isHit(other, answer))
        }
    }

    @Test func `asks anew when it shall be fresh, and keeps the new answer`() throws {
        try withCaches(fresh: true) { cache, store, run in
            let plain = AnswerCache(try F.scope(run), store: store, flights: SingleFlight(), context: .system)
            try lead(plain.lookup(F.question("q"), deadline: F.never(), stop: nil)).succeed(F.answer("old"))
            try lead(cache.lookup(F.question("q"), deadline: F.never(), stop: nil)).succeed(F.answer("new"))
            let found = plain.lookup(F.question("q"), deadline: F.never(), stop: nil)
            #expect(isHit(found, F.answer("new")))
        }
    }

    @Test func `keeps a no that is for good, and nothing that may pass`() throws {
        try withCaches { cache, store, run in
            let passing = [
                ProviderFailure(.timeout, reason: "timeout", message: ""),
                ProviderFailure(.rateLimit, scope: .lane, reason: "slow_down", message: "", status: 429),
                ProviderFailure(.policyBlock, reason: "egress_denied", message: ""),
                ProviderFailure(
                    .deterministicFailure, reason: "later", message: "", status: 400, retryAfterMilliseconds: 5),
            ]
            for failure in passing {
                try lead(cache.lookup(F.question("q"), deadline: F.never(), stop: nil)).fail(failure)
            }
            let good = [
                ProviderFailure(.deterministicFailure, reason: "context", message: "too long", status: 400),
                ProviderFailure(.providerUnhealthy, scope: .model, reason: "model", message: "none", status: 404),
                ProviderFailure(.policyBlock, reason: "refusal", message: "no", status: 200),
            ]
            for failure in good {
                try lead(cache.lookup(F.question(failure.reason), deadline: F.never(), stop: nil)).fail(failure)
                let second = AnswerCache(try F.scope(run), store: store, flights: SingleFlight(), context: .system)
                let found = second.lookup(F.question(failure.reason), deadline: F.never(), stop: nil)
                guard case .refusal(let told) = found else {
                    Issue.record("\(failure.reason) was not kept")
                    continue
                }
                #expect(told == failure)
            }
        }
    }

    @Test func `takes an entry that it cannot read for none`() throws {
        try withCaches { cache, store, run in
            let key = try #require(try F.scope(run).key(F.question("q")))
            store.put(.answer(Array("{\"version\":9}".utf8)), under: key, run: run)
            try lead(cache.lookup(F.question("q"), deadline: F.never(), stop: nil)).abandon()
            let left = store.response(to: key, run: run)
            #expect(left == nil)
        }
    }

    @Test func `reads no bytes that it did not write`() {
        let whole = AnswerCodec.encode(F.answer("text"))
        var dice = Dice(7)
        for _ in 0..<2000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &dice) {
                bytes[Int.random(in: bytes.indices, using: &dice)] = UInt8.random(in: 0...255, using: &dice)
            }
            _ = AnswerCodec.answer(Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &dice))))
            _ = AnswerCodec.failure(String(decoding: bytes, as: UTF8.self))
        }
        let read = AnswerCodec.answer(whole)
        #expect(read == F.answer("text"))
    }
}

@Suite struct `Of those who ask the same at once` {
    typealias F = SpendFixtures

    @Test func `one of 32 threads asks for all`() throws {
        try F.withHome { store, run in
            let inference = try InferenceStore(beside: store, permit: F.permit(.callProvider))
            let cache = AnswerCache(try F.scope(run), store: inference, flights: SingleFlight(), context: .system)
            let asked = Counter()
            let arrived = Counter()
            let found = F.threads(32) { _ -> String in
                arrived.add()
                switch cache.lookup(F.question("q"), deadline: F.never(), stop: nil) {
                case .lead(let lead):
                    asked.add()
                    // Not answered before another one could have asked as well.
                    while arrived.count < 32 { sched_yield() }
                    lead.succeed(F.answer("once"))
                    return "once"
                case .hit(let answer, _):
                    return answer.text
                default: return "nothing"
                }
            }
            #expect(asked.count == 1)
            #expect(found == Array(repeating: "once", count: 32))
        }
    }

    @Test func `the next one tries when the first failed, and not all`() throws {
        try F.withHome { store, run in
            let inference = try InferenceStore(beside: store, permit: F.permit(.callProvider))
            let flights = SingleFlight()
            let cache = AnswerCache(try F.scope(run), store: inference, flights: flights, context: .system)
            let asking = Counter()
            let asked = Counter()
            let together = Counter()
            let found = F.threads(12) { _ -> String in
                while true {
                    switch cache.lookup(F.question("q"), deadline: F.never(), stop: nil) {
                    case .lead(let lead):
                        if asking.add() > 1 { together.add() }
                        let number = asked.add()
                        asking.add(-1)
                        if number == 4 {
                            lead.succeed(F.answer("fourth"))
                            return "fourth"
                        }
                        if number == 2 { lead.abandon() }
                        lead.fail(ProviderFailure(.transientError, reason: "cut", message: ""))
                        return "failed"
                    case .hit(let answer, _): return answer.text
                    default: return "nothing"
                    }
                }
            }
            #expect(asked.count == 4 && together.count == 0)
            #expect(found.count { $0 == "failed" } == 3)
            #expect(found.count { $0 == "fourth" } == 9)
            #expect(flights.count == 0)
        }
    }

    @Test func `whoever waits respects deadline and stop`() throws {
        try F.withHome { store, run in
            let inference = try InferenceStore(beside: store, permit: F.permit(.callProvider))
            let cache = AnswerCache(try F.scope(run), store: inference, flights: SingleFlight(), context: .system)
            guard case .lead(let lead) = cache.lookup(F.question("q"), deadline: F.never(), stop: nil) else {
                throw SluiceError(.usage, "no lead")
            }
            let late = cache.lookup(F.question("q"), deadline: Context.system.monotonic() + 1000, stop: nil)
            guard case .timedOut = late else { throw SluiceError(.usage, "\(late)") }
            let stop = StopSignal()
            stop.raise()
            let stopped = cache.lookup(F.question("q"), deadline: F.never(), stop: stop)
            guard case .stopped = stopped else { throw SluiceError(.usage, "\(stopped)") }
            lead.abandon()
        }
    }

    @Test func `a lead that is dropped is given up`() throws {
        try F.withHome { store, run in
            let inference = try InferenceStore(beside: store, permit: F.permit(.callProvider))
            let flights = SingleFlight()
            let cache = AnswerCache(try F.scope(run), store: inference, flights: flights, context: .system)
            do { _ = cache.lookup(F.question("q"), deadline: F.never(), stop: nil) }
            #expect(flights.count == 0)
            guard case .lead = cache.lookup(F.question("q"), deadline: F.never(), stop: nil) else {
                throw SluiceError(.usage, "no lead")
            }
        }
    }

    /// Another instance stands for another process: its lock is of another open file.
    @Test func `another process waits for a time, and finds the answer`() throws {
        try F.withHome { store, run in
            let first = AnswerCache(
                try F.scope(run), store: try InferenceStore(beside: store, permit: F.permit(.callProvider)),
                flights: SingleFlight(), context: .system)
            let second = AnswerCache(
                try F.scope(run), store: try InferenceStore(beside: store, permit: F.permit(.callProvider)),
                flights: SingleFlight(), context: .system)
            guard case .lead(let lead) = first.lookup(F.question("q"), deadline: F.never(), stop: nil) else {
                throw SluiceError(.usage, "no lead")
            }
            // Not without end: half of its time, then it asks itself.
            let impatient = Context.system.monotonic() + 40_000_000
            guard case .lead(let own) = second.lookup(F.question("q"), deadline: impatient, stop: nil) else {
                throw SluiceError(.usage, "it waited too long")
            }
            own.abandon()
            let found = F.threads(1) { _ -> String in
                if case .hit(let answer, _) = second.lookup(F.question("q"), deadline: F.never(), stop: nil) {
                    return answer.text
                }
                return "nothing"
            } meanwhile: {
                lead.succeed(F.answer("shared"))
            }
            #expect(found == ["shared"])
        }
    }
}

final class Counter: Sendable {
    private let number = Mutex(0)
    var count: Int { number.withLock { $0 } }

    @discardableResult
    func add(_ by: Int = 1) -> Int {
        number.withLock {
            $0 += by
            return $0
        }
    }
}
