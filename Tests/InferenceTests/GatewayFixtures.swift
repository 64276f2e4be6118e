import Contracts
import Foundations
import Glibc
import Inference
import PluginHost
import Policy
import Synchronization

/// A provider that follows a script: one step a call, the last one for ever.
final class ScriptedPort: ModelPort {
    enum Step: Sendable {
        case text(String)
        case fail(ProviderFailure)
        /// Answers after so many milliseconds, or fails as cancelled as soon as nobody waits.
        case slow(Int, String)
        /// Fails with TIMEOUT a little before its deadline, as a client does whose clock is coarse.
        case timesOut
    }

    private let script: [Step]
    private let asked = Mutex<[ModelRequest]>([])
    private let seen = Mutex<(now: Int, most: Int, cancelled: Int, late: Int)>((0, 0, 0, 0))
    private let least = Mutex<UInt64>(.max)

    init(_ script: [Step]) { self.script = script }

    var requests: [ModelRequest] { asked.withLock { $0 } }
    /// Requests at once, at most.
    var most: Int { seen.withLock { $0.most } }
    var cancelled: Int { seen.withLock { $0.cancelled } }
    /// The shortest time that a request had, in nanoseconds.
    var shortest: UInt64 { least.withLock { $0 } }
    /// Requests that came when their deadline was past.
    var late: Int { seen.withLock { $0.late } }

    func infer(
        _ request: ModelRequest, deadline: UInt64, stop: StopSignal?
    ) -> Result<ModelAnswer, ProviderFailure> {
        let now = Context.system.monotonic()
        least.withLock { $0 = min($0, deadline > now ? deadline - now : 0) }
        seen.withLock {
            $0.now += 1
            $0.most = max($0.most, $0.now)
            if Context.system.monotonic() >= deadline { $0.late += 1 }
        }
        defer { seen.withLock { $0.now -= 1 } }
        let count = asked.withLock { asked in
            asked.append(request)
            return asked.count
        }
        switch script[min(count, script.count) - 1] {
        case .text(let text): return .success(answer(text, request))
        case .fail(let failure): return .failure(failure)
        case .timesOut:
            let end = deadline - 20_000_000
            while Context.system.monotonic() < end, stop?.isRaised != true {
                var wanted = pollfd(fd: stop?.descriptor ?? -1, events: Int16(POLLIN), revents: 0)
                _ = Glibc.poll(&wanted, 1, 1)
            }
            return .failure(failed(.timeout, reason: "timeout"))
        case .slow(let milliseconds, let text):
            var wanted = pollfd(fd: stop?.descriptor ?? -1, events: Int16(POLLIN), revents: 0)
            guard Glibc.poll(&wanted, 1, Int32(milliseconds)) == 0 else {
                seen.withLock { $0.cancelled += 1 }
                return .failure(ProviderFailure(.transientError, reason: "cancelled", message: "cancelled"))
            }
            return .success(answer(text, request))
        }
    }

    private func answer(_ text: String, _ request: ModelRequest) -> ModelAnswer {
        ModelAnswer(
            model: request.model, text: text, finish: .stop, usage: TokenUsage(input: 100, output: 10),
            tier: request.tier)
    }

    func tokens(_ prompts: [MaskedPrompt], model: String) -> Result<[Int], ProviderFailure> {
        .success(prompts.map(\.text.utf8.count))
    }
    func submit(_ requests: [(id: String, request: ModelRequest)], deadline: UInt64) -> Result<String, ProviderFailure>
    { .failure(failed(.deterministicFailure)) }
    func poll(batch: String, deadline: UInt64) -> Result<ModelBatch, ProviderFailure> {
        .failure(failed(.deterministicFailure))
    }
    func cancel(batch: String, deadline: UInt64) -> Result<Void, ProviderFailure> { .success(()) }
    /// As the first step of its script.
    func probe(deadline: UInt64) -> Result<Void, ProviderFailure> {
        if case .fail(let failure)? = script.first { .failure(failure) } else { .success(()) }
    }
}

func failed(
    _ code: SluiceError.Code, _ scope: ProviderFailure.Scope = .request, reason: String = "scripted",
    after: UInt64? = nil
) -> ProviderFailure {
    ProviderFailure(code, scope: scope, reason: reason, message: "as scripted", retryAfterMilliseconds: after)
}

/// A purse with a cap in tokens that counts what is reserved, settled and released.
final class Purse: SpendControl {
    struct State {
        var held: [ULID: Spend] = [:]
        var spent = Spend.zero
        var reserved = 0
        var charged = 0
    }

    let cap: Int64
    private let state = Mutex(State())

    init(cap: Int64 = .max) { self.cap = cap }

    var now: State { state.withLock { $0 } }

    func reserve(_ estimate: SpendEstimate, stage: Stage) throws(SluiceError) -> Reservation {
        let id = Context.system.ulid()
        let fits = state.withLock { state in
            let held = state.held.values.reduce(Spend.zero, +)
            guard (state.spent + held + estimate.most).tokens <= cap else { return false }
            state.held[id] = estimate.most
            state.reserved += 1
            return true
        }
        guard fits else { throw SluiceError(.inferenceBudget, "The purse is empty.") }
        return Reservation(id: id, stage: stage, estimate: estimate)
    }

    func settle(_ reservation: Reservation, actual: Spend) {
        state.withLock { state in
            guard state.held.removeValue(forKey: reservation.id) != nil else { return }
            state.spent += actual
        }
    }

    func release(_ reservation: Reservation) { state.withLock { _ = $0.held.removeValue(forKey: reservation.id) } }

    func charge(_ estimate: SpendEstimate, stage: Stage, usage: TokenUsage?) throws(SluiceError) {
        state.withLock { $0.charged += 1 }
    }

    func refusal(of estimate: SpendEstimate, stage: Stage) -> SluiceError? { nil }
    func remaining(_ stage: Stage) -> Spend { Spend(tokens: cap, usd: nil) }
    func deadline(_ stage: Stage) -> UInt64 { .max }
}

/// Providers `p0`, `p1`, … with a model `m` each, the earlier the better.
struct Scene {
    static let folder = Files.folder(of: Files.folder(of: Files.folder(of: #filePath)))
    static let answer = #"{"domain":"email"}"#
    static let schema: JSON = [
        "type": "object", "properties": ["domain": ["type": "string", "enum": ["email", "phone"]]],
        "required": ["domain"], "additionalProperties": false,
    ]

    let gateway: Gateway
    let ports: [ScriptedPort]
    let purse: Purse
    var run: GatewayRun
    let engine: PolicyEngine
    let permit: Permit

    /// Waits of a few milliseconds, so that a drill takes no longer than it must.
    static func quick(_ lane: Lane) -> LanePlan {
        var plan = LanePlan.of(lane)
        plan.backoffBase = 1_000_000
        plan.backoffCap = 5_000_000
        return plan
    }

    init(
        _ scripts: [[ScriptedPort.Step]], lane: Lane = .flex, purse: Purse = Purse(), places: Int = 8,
        local: Set<Int> = [],
        contract: CandidateLists = .init(), allow: [String]? = nil, entry: (ModelEntry) -> ModelEntry = { $0 },
        plan: @escaping @Sendable (Lane) -> LanePlan = Scene.quick, health: HealthBoard = HealthBoard(),
        port: (Int, ScriptedPort) -> any ModelPort = { $1 }
    ) throws {
        let names = scripts.indices.map { "p\($0)" }
        var manifest = try present(
            JSONParser.parse(Files.read("\(Self.folder)/registry/policies/pm_default_v1.json")).objectValue)
        manifest["providers"] = ["allow": JSON(allow ?? names), "deny": []]
        engine = PolicyEngine(manifest: try PolicyManifest(.object(manifest)))
        ports = scripts.map(ScriptedPort.init)
        self.purse = purse
        let entries = names.enumerated().map { index, name in
            entry(
                ModelEntry(
                    provider: name, id: "m", quality: 0.9 - 0.1 * Double(index), tokensPerSecond: 100,
                    price: Price(standard: .init(input: USD(nanos: 1_000_000_000), output: USD(nanos: 2_000_000_000))),
                    contextTokens: 100_000, maxOutputTokens: 1000, tokenizer: "t", asOf: "2026-01-01"))
        }
        var context = Context.system
        let random = Mutex(SeededRandom(1))
        let source = RandomSource(random)
        context.random = { count in source.bytes(count) }
        let asked = ports.enumerated().map { port($0, $1) }
        gateway = Gateway(
            context: context, registry: try ModelRegistry(entries),
            providers: names.enumerated().map { index, name in
                GatewayProvider(
                    name: name, plugin: .init(id: name, version: "1", binary: SHA256.hash([])), port: asked[index],
                    destination: .init(provider: name, isLocal: local.contains(index)), places: places)
            }, health: health, plan: plan)
        let actor = RunContract.Actor(userID: "u", role: .analyst)
        let asks = GatewayRun.asking(engine, actor: actor, mode: .dataMode, lane: lane)
        run = GatewayRun(
            profile: .qualityFirst, lane: lane, contract: contract, engine: engine, permit: asks, spend: purse,
            estimate: { _, prompts in prompts.reduce(0) { $0 + $1.text.utf8.count / 4 } })
        permit = try engine.permit(
            .init(actor: actor, action: .callProvider, mode: .dataMode, provider: (allow ?? names).first ?? "none"))
    }

    func job(_ id: String = "j", vault: PlaceholderVault? = nil, classes: Set<DataClass> = [.notPersonal])
        -> InferenceJob
    {
        InferenceJob(
            id: id, stage: .domains, template: "t@1", templateHash: SHA256.hash([]),
            messages: [.init(.user, engine.prompt(registryText: "Which domain? \(id)", permit: permit))],
            parameters: .init(temperature: 0, maxTokens: 50), schema: .init(name: "d", schema: Self.schema),
            vault: vault,
            dataClasses: classes)
    }

    func ask(_ job: InferenceJob? = nil, stop: StopSignal? = nil) -> InferenceOutcome {
        gateway.complete([job ?? self.job()], run: run, stop: stop)[0]
    }
}

final class RandomSource: Sendable {
    private let random: Mutex<SeededRandom>
    init(_ random: consuming Mutex<SeededRandom>) { self.random = random }
    func bytes(_ count: Int) -> [UInt8] {
        random.withLock { random in (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) } }
    }
}

struct Missing: Error {}

func present<T>(_ value: T?) throws -> T {
    guard let value else { throw Missing() }
    return value
}

extension InferenceOutcome {
    var code: String? { if case .failure(let error) = result { error.code.description } else { nil } }
    var detail: String? { if case .failure(let error) = result { error.detail } else { nil } }
    var answer: Answer? { if case .success(let answer) = result { answer } else { nil } }
    /// The outcomes of all sends, call by call.
    var steps: [[String]] {
        (explanation.objectValue?["calls"]?.arrayValue ?? []).map { call in
            (call.arrayValue ?? []).map { $0.objectValue?["outcome"]?.stringValue ?? "?" }
        }
    }
    func skipped(_ candidate: String) -> String? {
        explanation.objectValue?["skipped"]?.arrayValue?.first {
            $0.objectValue?["candidate"]?.stringValue == candidate
        }?.objectValue?["reason"]?.stringValue
    }
}

extension [InferenceOutcome] {
    var answered: Int { count { $0.answer != nil } }
    var retries: Int { reduce(0) { $0 + $1.retries } }
    /// How many are in the books, and how many name somebody who was asked.
    var paid: Int { count { $0.tokenActual > 0 || $0.usdActual != 0 } }
    var asked: Int { count { !$0.fallbackChain.isEmpty } }
}
