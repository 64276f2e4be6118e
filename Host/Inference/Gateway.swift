public import Contracts
public import Foundations
public import PluginHost
public import Policy
internal import Synchronization

/// One provider that a gateway may ask.
public struct GatewayProvider: Sendable {
    /// As policy names it, such as `openai`.
    public var name: String
    public var plugin: AnswerQuestion.Provider
    public var port: any ModelPort
    public var destination: PolicyEngine.Destination
    /// Requests under way at once, at most.
    public var places: Int
    /// The models that its server has; nil for all that the registry knows.
    public var models: Set<String>?

    public init(
        name: String, plugin: AnswerQuestion.Provider, port: any ModelPort, destination: PolicyEngine.Destination,
        places: Int = 8, models: Set<String>? = nil
    ) {
        self.name = name
        self.plugin = plugin
        self.port = port
        self.destination = destination
        self.places = places
        self.models = models
    }
}

/// What policy says of one candidate.
public enum PermitAnswer: Sendable {
    case granted(Permit)
    /// The id of the rule that decided, and its words.
    case refused(rule: String, words: String)
}

/// A request that is about to leave, for the ledger.
public struct GatewaySend: Sendable {
    public var job: String
    public var stage: Stage
    public var provider: String
    public var plugin: AnswerQuestion.Provider
    public var request: ModelRequest
    public var permit: Permit
    public var isHedge: Bool
}

/// What a run brings along: its contract's wishes, its policy and its purse.
public struct GatewayRun: Sendable {
    public var profile: RoutingProfile
    public var lane: Lane
    /// The contract's lists; policy's are the engine's.
    public var contract: CandidateLists
    public var engine: PolicyEngine
    /// Asked about each candidate of each job before it is counted on. Nothing is sent without a permit.
    public var permit: @Sendable (ModelCandidate, PolicyEngine.Destination, Set<DataClass>) -> PermitAnswer
    public var spend: any SpendControl
    /// nil: every question is asked.
    public var answers: (any AnswerSource)?
    /// Where questions of the lane `batch` go whose candidate takes batches; nil: all are asked one by one.
    public var batches: BatchLane?
    /// Tokens of prompts as a model counts them.
    public var estimate: @Sendable (ModelEntry, [MaskedPrompt]) -> Int
    /// Tokens of the schema that goes along with them.
    public var schemaEstimate: @Sendable (ModelEntry, ModelRequest.Schema) -> Int = { _, _ in 0 }
    /// Where an answer breaks a schema; none for one that keeps to it.
    public var validate: @Sendable (JSON, JSON) -> [SchemaComplaint]
    /// Called once for each request, before it leaves, on the thread that sends it. What it throws keeps the request here.
    public var willSend: @Sendable (GatewaySend) throws(SluiceError) -> Void

    public init(
        profile: RoutingProfile, lane: Lane, contract: CandidateLists = .init(), engine: PolicyEngine,
        permit: @escaping @Sendable (ModelCandidate, PolicyEngine.Destination, Set<DataClass>) -> PermitAnswer,
        spend: any SpendControl, answers: (any AnswerSource)? = nil, batches: BatchLane? = nil,
        estimate: @escaping @Sendable (ModelEntry, [MaskedPrompt]) -> Int,
        validate: @escaping @Sendable (JSON, JSON) -> [SchemaComplaint] = Self.complaints,
        willSend: @escaping @Sendable (GatewaySend) throws(SluiceError) -> Void = { _ in }
    ) {
        self.profile = profile
        self.lane = lane
        self.contract = contract
        self.engine = engine
        self.permit = permit
        self.spend = spend
        self.answers = answers
        self.batches = batches
        self.estimate = estimate
        self.validate = validate
        self.willSend = willSend
    }

    /// Where a value breaks a JSON schema; one complaint about a schema that cannot be read.
    @Sendable public static func complaints(_ value: JSON, _ schema: JSON) -> [SchemaComplaint] {
        do {
            return try JSONSchema(schema).violations(of: value).map {
                SchemaComplaint(pointer: $0.pointer, rule: $0.rule)
            }
        } catch {
            return [SchemaComplaint(pointer: "", rule: "the schema itself cannot be used")]
        }
    }

    /// Asks an engine about each candidate in the name of an actor.
    public static func asking(
        _ engine: PolicyEngine, actor: RunContract.Actor, mode: Mode, lane: Lane, flags: PolicyEngine.Flags = .init()
    ) -> @Sendable (ModelCandidate, PolicyEngine.Destination, Set<DataClass>) -> PermitAnswer {
        { _, destination, classes in
            let request = PolicyEngine.Request(
                actor: actor, action: .callProvider, mode: mode, lane: lane, dataClasses: classes,
                destination: destination, flags: flags)
            let decision = engine.decide(request)
            guard decision.isAllowed, let permit = try? engine.permit(request) else {
                return .refused(rule: decision.rule.id, words: decision.rule.words)
            }
            return .granted(permit)
        }
    }
}

/// How providers have been doing, for all who ask them.
public final class HealthBoard: Sendable {
    private let health: Mutex<ProviderHealth>

    public init(_ health: ProviderHealth = ProviderHealth()) { self.health = Mutex(health) }

    /// Looks at it or changes it; short, as everybody waits meanwhile.
    public func with<T: Sendable>(_ body: (inout sending ProviderHealth) -> sending T) -> T {
        health.withLock { body(&$0) }
    }
}

/// Puts questions to models: chooses who is asked, asks again where that helps, and keeps to policy, budget and deadline.
///
/// Any thread that may block can call it, many at once. Source: ROADMAP §§15, 16; docs/routing.md.
public final class Gateway: Sendable {
    let context: Context
    let registry: ModelRegistry
    let providers: [String: GatewayProvider]
    let plan: @Sendable (Lane) -> LanePlan
    public let health: HealthBoard
    let workers = Workers()
    let places: [String: Monitor<Int>]

    /// Jobs that are under way at once, at most.
    static let jobsMost = 256

    public init(
        context: Context, registry: ModelRegistry, providers: [GatewayProvider], health: HealthBoard = HealthBoard(),
        plan: @escaping @Sendable (Lane) -> LanePlan = LanePlan.of
    ) {
        self.context = context
        self.registry = registry
        self.providers = Dictionary(providers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.health = health
        self.plan = plan
        places = self.providers.mapValues { Monitor(max(1, $0.places)) }
    }

    /// Answers every job. Outcomes are in the order of the jobs, whatever order they end in.
    ///
    /// - Parameters:
    ///   - stop: raised when the run stops; what is under way is cancelled, and what is not answered is `run.stopped`.
    public func complete(_ jobs: [InferenceJob], run: GatewayRun, stop: StopSignal? = nil) -> [InferenceOutcome] {
        guard !jobs.isEmpty else { return [] }
        // In the order of the jobs, so that which thread takes one changes nothing.
        let seeds = jobs.map { _ in context.random(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        // A person waits for all of them from now on; elsewhere time counts from when a job is taken up.
        let start = context.monotonic()
        let begun: UInt64? = run.lane == .interactive ? start : nil
        if let lane = run.batches {
            let calls = jobs.indices.map { index in
                var call = GatewayCall(
                    gateway: self, job: jobs[index], run: run, stop: stop, seed: seeds[index], begun: nil)
                call.order = index
                return call
            }
            return BatchRush(self, run, lane, stop).complete(calls)
        }
        let ended = Monitor(Ended(outcomes: Array(repeating: nil, count: jobs.count)))
        let next = Atomic<Int>(0)
        let shared = Shared(next: next)
        let threads = width(jobs.count)
        let serve: @Sendable () -> Void = {
            while true {
                let index = shared.take()
                guard index < jobs.count else { return }
                var call = GatewayCall(
                    gateway: self, job: jobs[index], run: run, stop: stop, seed: seeds[index], begun: begun)
                call.order = index
                // Without batches a call comes back when it is over.
                guard case .over(let outcome) = call.drive() else { continue }
                ended.change { ended in
                    ended.outcomes[index] = outcome
                    ended.count += 1
                }
            }
        }
        for _ in 1..<threads { workers.run(serve) }
        serve()
        let all = ended.wait(nanoseconds: .max) { ended -> [InferenceOutcome]? in
            ended.count == jobs.count ? ended.outcomes.compactMap(\.self) : nil
        }
        // Only a day of waiting gives nil.
        return all
            ?? jobs.map {
                InferenceOutcome(job: $0.id, result: .failure(SluiceError(.providerTimeout, "It took a day.")))
            }
    }

    /// What becomes of a send to a place that a breaker closed: tried again once it opens, where that helps.
    func closed(_ place: ProviderHealth.Place, _ entry: ModelEntry) -> Attempt.Report {
        let now = context.monotonic()
        guard let closed = health.with({ $0.closed(place, at: now) }) else {
            // It has opened meanwhile.
            let error = SluiceError(.providerUnhealthy, "\(entry.tag) failed too often of late.")
            return Attempt.Report(result: .refused(error, reason: "breaker"), entry: entry, until: now)
        }
        let error =
            closed.failure(at: now).map { GatewayCall.error($0, of: entry.tag) }
            ?? SluiceError(.providerUnhealthy, "\(entry.tag) failed too often of late.")
        return Attempt.Report(
            result: .refused(error, reason: "breaker"), entry: entry, until: closed.isForGood ? nil : closed.until)
    }

    /// How many jobs are under way at once.
    func width(_ jobs: Int) -> Int {
        max(1, min(jobs, 2 * providers.values.reduce(0) { $0 + max(1, $1.places) }, Self.jobsMost))
    }

    private struct Ended {
        var outcomes: [InferenceOutcome?]
        var count = 0
    }

    /// The next job that nobody has taken.
    private final class Shared: Sendable {
        private let next: Atomic<Int>
        init(next: consuming Atomic<Int>) { self.next = next }
        func take() -> Int { next.add(1, ordering: .relaxed).oldValue }
    }

    /// Asks every provider's server whether it can serve, all at once, and notes what they say.
    ///
    /// - Parameter deadline: monotonic nanoseconds; a provider that says nothing by then is not well.
    /// - Returns: by provider, why it cannot; nil for one that can.
    public func probe(deadline: UInt64) -> [String: ProviderFailure?] {
        let names = providers.keys.sorted()
        let said = Monitor<[String: ProviderFailure?]>([:])
        for name in names {
            guard let provider = providers[name] else { continue }
            workers.run { [context, health] in
                let result = provider.port.probe(deadline: deadline)
                health.with { $0.record(provider: name, probe: result, at: context.monotonic()) }
                var failure: ProviderFailure?
                if case .failure(let found) = result { failure = found }
                said.change { $0[name] = .some(failure) }
            }
        }
        let now = context.monotonic()
        let all = said.wait(nanoseconds: deadline > now ? deadline - now : 0) { $0.count == names.count ? $0 : nil }
        var answers = all ?? said.change { $0 }
        for name in names where answers[name] == nil {
            let late = ProviderFailure(
                .timeout, scope: .provider, reason: "probe", message: "It did not say how it is.")
            answers[name] = .some(late)
        }
        return answers
    }

    /// Whom a job would be put to now, in order, and why others are not; sends nothing.
    public func rank(_ job: InferenceJob, run: GatewayRun) -> Ranking { plan(job, run: run).ranking }

    /// The ranking, and a permit for each who is in it.
    ///
    /// - Parameter deadline: of the call, in monotonic nanoseconds; nil: the lane's, from now on. Who may be asked again
    ///   before then is waited for, and ranked.
    func plan(
        _ job: InferenceJob, run: GatewayRun, deadline: UInt64? = nil
    ) -> (ranking: Ranking, permits: [Permit], rule: PolicyEngine.Rule) {
        let entries = registry.entries.filter { entry in
            guard let provider = providers[entry.provider] else { return false }
            return provider.models?.contains(entry.id) ?? true
        }
        let candidates = RoutingQuestion.candidates(entries, lane: run.lane) { name in
            providers[name]?.destination.isLocal ?? false
        }
        let (_, rule) = run.engine.preference(
            of: candidates.map { .init(provider: $0.entry.provider, isLocal: $0.isLocal) },
            dataClasses: job.dataClasses)
        let now = context.monotonic()
        let snapshot = health.with { $0 }
        let lane = run.lane
        let (end, over) = now.addingReportingOverflow(plan(lane).deadline)
        let deadline = deadline ?? (over ? .max : end)
        let prompts = job.messages.map(\.prompt)
        let estimate = run.estimate
        let (schema, schemaEstimate) = (job.schema, run.schemaEstimate)
        let manifest = run.engine.manifest
        let question = RoutingQuestion(
            profile: run.profile, lane: lane, prefersLocal: rule.id == "preference.local_first", contract: run.contract,
            policy: CandidateLists(allowed: manifest.providersAllowed, denied: manifest.providersDenied),
            promptTokens: { estimate($0, prompts) + schemaEstimate($0, schema) },
            maxOutputTokens: job.parameters.maxTokens,
            live: { candidate in
                let place = ProviderHealth.Place(candidate, lane: lane)
                var live = RoutingQuestion.Live(
                    health: snapshot.health(place, at: now),
                    latencyMilliseconds: snapshot.latency(place, percentile: 0.5).map { Double($0) / 1e6 })
                guard let closed = snapshot.closed(place, at: now) else { return live }
                let reason = "breaker.\(closed.state)"
                if closed.isForGood || closed.until >= deadline {
                    live.closed = reason
                    live.failure = closed.failure(at: now)
                } else {
                    live.notBefore = closed.until
                    live.waitsFor = reason
                }
                return live
            })
        var ranking = question.rank(candidates)
        var permits: [Permit] = []
        ranking.ranked = ranking.ranked.filter { one in
            guard let provider = providers[one.candidate.entry.provider] else { return false }
            switch run.permit(one.candidate, provider.destination, job.dataClasses) {
            case .granted(let permit):
                permits.append(permit)
                return true
            case .refused(let rule, let words):
                ranking.skipped.append(.init(candidate: one.candidate, reason: rule, words: words))
                return false
            }
        }
        return (ranking, permits, rule)
    }
}
