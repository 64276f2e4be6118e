import Contracts
import Foundations
import Glibc
import PluginHost
import Synchronization
import Testing

@testable import Inference
@testable import Policy
@testable import Store

/// What the tests of budgets, cache and batches have in common.
enum SpendFixtures {
    /// A store in a home of the test's own, with a run in it.
    static func withHome(
        _ context: Context = .system, _ body: (StoreDatabase, ULID) throws -> Void
    ) throws {
        let folder = "/tmp/sluice-inference-\(Context.system.ulid())"
        try Files.makeFolder(folder)
        defer { remove(folder) }
        let store = try StoreDatabase(home: try Home(path: folder + "/home", context: context), context: context)
        try body(store, try run(in: store))
    }

    static func run(in store: StoreDatabase, key: String = "k") throws -> ULID {
        try store.createRun(contract(key), lane: .batch, versions: versions, permit: permit(.createRun)).run.runID
    }

    static func remove(_ path: String) {
        for name in Files.isDirectory(path) ? (try? Files.list(path)) ?? [] : [] { remove(path + "/" + name) }
        if Files.isDirectory(path) { rmdir(path) } else { unlink(path) }
    }

    static func permit(_ action: Action) -> Permit {
        Permit(action: action, actor: "ann", rule: "t", policyVersion: "p@0+abc")
    }

    static let versions = PinnedVersions(
        policy: "p@0+abc", dsl: "1.0.0", catalog: "c@1", thresholdProfile: "tp_default_v1", roadmap: "1.1.0",
        thresholdProfileHash: "ab")

    static func contract(_ key: String = "k", tokens: Int64 = 1000, usd: Double = 5) throws -> RunContract {
        try RunContract([
            "created_at": "2026-01-31T12:00:00Z", "idempotency_key": .string(key), "roadmap_version": "1.1.0",
            "mode": "data_mode", "lhs": ["source": ["type": "file"], "location": "csv:in.csv"],
            "rhs": ["source": ["type": "sql"], "location": "sqlite:out.db#t"],
            "pii_policy": ["mask_before_send": true, "local_only_override": false],
            "budget_caps": ["tokens": .int(tokens), "usd": .double(usd), "wall_time_s": 60],
            "routing_profile": "offline_first", "threshold_profile_id": "tp_default_v1", "dsl_version": "1.0.0",
            "sample_caps": ["rows_max": 100, "bytes_max": 10000],
            "cache_scope": ["run": "", "tab": "", "filters": [:]], "human_confirm_required": false,
            "rbac_actor": ["user_id": "ann", "role": "Operator"],
        ])
    }

    /// 1 USD a million tokens in, 2 out; half of it in batches.
    static let price = Price(
        standard: .init(input: usd(1), output: usd(2), cachedInput: usd(0.1)),
        batch: .init(input: usd(0.5), output: usd(1)))

    static func usd(_ dollars: Double) -> USD { USD(dollars: dollars) ?? .greatest }

    static let second: UInt64 = 1_000_000_000

    static func caps(_ tokens: Int64, _ dollars: Double? = nil, seconds: UInt64 = 3600) -> [Stage: StageCaps] {
        [.domains: StageCaps(tokens: tokens, usd: dollars.map(usd), wallTime: seconds * second)]
    }

    static func estimate(
        _ prompt: Int64, _ output: Int64 = 0, price: Price? = price, question: String? = nil
    ) -> SpendEstimate {
        SpendEstimate(
            promptTokens: prompt, maxOutputTokens: output, price: price, candidate: "openai:m",
            question: question.map { SHA256.hash($0) })
    }

    static func request(_ text: String, hides: Bool = false) -> ModelRequest {
        ModelRequest(
            model: "m",
            messages: [
                .init(.system, MaskedPrompt(masked: "You name columns.")),
                .init(.user, MaskedPrompt(masked: text, hidesText: hides)),
            ], parameters: .init(temperature: 0, stop: ["\n"], maxTokens: 16, seed: 1))
    }

    static func question(_ text: String, hides: Bool = false) -> AnswerQuestion {
        AnswerQuestion(
            provider: .init(id: "sluice.provider.openai", version: "0.1.0", binary: SHA256.hash("library")),
            request: request(text, hides: hides), template: "t@1", templateHash: SHA256.hash("template"))
    }

    static func scope(_ run: ULID, fresh: Bool = false) throws -> AnswerScope {
        AnswerScope(
            try contract(), lane: .batch, versions: versions, catalog: SHA256.hash("catalog"), locale: "C", fresh: fresh
        )
        .of(run)
    }

    static func answer(_ text: String, input: Int = 10, output: Int = 4) -> ModelAnswer {
        ModelAnswer(
            model: "m-1", text: text, finish: .stop, usage: TokenUsage(input: input, output: output),
            treatments: ["seed": "dropped"], tier: .standard, requestID: "r1")
    }

    static func never() -> UInt64 { Context.system.monotonic() + 60 * second }

    /// Expects a call to throw the error with this detail id, and with these words in message or hint.
    static func expectFailure<R>(
        _ detail: String, _ words: String = "", sourceLocation: SourceLocation = #_sourceLocation,
        _ call: () throws -> R
    ) {
        do {
            _ = try call()
            Issue.record("nothing was thrown", sourceLocation: sourceLocation)
        } catch {
            let met = error as? SluiceError
            let text = met?.description ?? "\(error)"
            #expect(met?.detail == detail, "\(text)", sourceLocation: sourceLocation)
            #expect(text.contains(words), sourceLocation: sourceLocation)
        }
    }

    /// Runs a body in so many threads at once, and gives the results by thread.
    static func threads<R: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (Int) -> R, meanwhile: () -> Void = {}
    ) -> [R] {
        let shared = Shared<R>()
        let done = (0..<count).map { _ in StopSignal() }
        for index in 0..<count {
            let started = OwnThread.start {
                let result = body(index)
                shared.results.withLock { $0[index] = result }
                done[index].raise()
            }
            precondition(started)
        }
        meanwhile()
        for signal in done { while !signal.isRaised { Pause.wait([signal], nanoseconds: second) } }
        return shared.results.withLock { found in (0..<count).compactMap { found[$0] } }
    }

    private final class Shared<R: Sendable>: Sendable {
        let results = Mutex<[Int: R]>([:])
    }
}

extension AnswerScope {
    func of(_ run: ULID) -> AnswerScope {
        var scope = self
        scope.run = run
        return scope
    }
}

/// A small generator whose seed a failed test prints.
struct Dice: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    /// SplitMix64 (Steele, Lea and Flood 2014).
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
