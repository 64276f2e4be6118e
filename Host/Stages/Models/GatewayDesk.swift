internal import Contracts
internal import Detection
internal import Egress
internal import Foundations
internal import Inference
internal import PluginHost
internal import Policy
internal import Store
internal import Synchronization

/// Asks models through the gateway, within policy, budget and lane, and leaves a record of each question.
///
/// Lives on the driving thread. Providers are asked on threads of the gateway's, which have the driving thread write their
/// events while it waits for them.
final class GatewayDesk: ModelDesk {
    /// Where one provider is asked, and how what was started for that ends.
    struct Door {
        let port: any ModelPort
        let close: @Sendable () -> Void
    }

    /// The stage that asks now.
    private var stage: StageContext
    private let held: Permit
    private let gateway: Gateway
    private let run: GatewayRun
    private let budget: Budget
    private let doors: [Door]
    private let errands: ModelErrands
    /// Raised when the run is to stop while models are asked.
    private let halt = StopSignal()
    private var hasToldOfJournal = false
    private var found: Scanner?

    /// Processes of one provider at most, and requests to it at a time.
    private static let places = 4
    /// What a stage keeps of its time for its own work when it asks; half of what is left, where that is less.
    private static let reserve: UInt64 = 120_000_000_000

    /// - Parameters:
    ///   - providers: at least one of them usable.
    ///   - catalog: the catalog artifact of the run, which answers rest on.
    ///   - door: opens one provider.
    init(
        _ stage: StageContext, _ providers: ModelProviders, catalog: SHA256.Digest,
        door: (ModelProvider, StageContext, ModelErrands) throws(SluiceError) -> Door = GatewayDesk.pool
    ) throws(SluiceError) {
        guard let first = providers.usable.first, let lane = stage.lane else {
            throw SluiceError(.inferenceNone, "No provider may be asked.")
        }
        self.stage = stage
        held = first.permit
        let errands = ModelErrands()
        self.errands = errands
        var doors: [Door] = []
        var asked: [GatewayProvider] = []
        for provider in providers.usable
        where providers.models.contains(where: { entry in
            entry.modalities.contains(.text)
                && ProviderName.plugin(entry.provider) == ProviderName.plugin(provider.name)
        }) {
            let opened = try door(provider, stage, errands)
            doors.append(opened)
            let identity = try provider.plugin.identity()
            let request = PluginUse.request(provider.name, provider.plugin, stage.contract, stage.engine)
            // Registry and gateway know a provider by its short name, whatever the policy calls it.
            let name = providers.models.first {
                ProviderName.plugin($0.provider) == ProviderName.plugin(provider.name)
            }?.provider
            asked.append(
                GatewayProvider(
                    name: name ?? provider.name,
                    plugin: .init(id: identity.id, version: identity.version, binary: identity.hash),
                    port: opened.port,
                    destination: request.destination ?? PolicyEngine.Destination(provider: provider.name),
                    places: Self.places))
        }
        self.doors = doors
        let callers = Dictionary(
            asked.map { ($0.name, "\($0.plugin.id)@\($0.plugin.version)") }, uniquingKeysWith: { first, _ in first })
        let permits = providers.usable
        gateway = Gateway(
            context: stage.context, registry: try stage.registry.models(home: "\(stage.store.home.path)/models"),
            providers: asked)
        let journal = try InferenceStore(beside: stage.store, permit: held)
        let caps = [Stage.domains, .mapping].map { name in
            (
                name,
                StageCaps(
                    name, contract: stage.contract.budgetCaps, policy: stage.engine.manifest.budgetCaps,
                    profile: stage.thresholds)
            )
        }
        let budget = try Budget(
            run: stage.contract.runID, caps: Dictionary(caps, uniquingKeysWith: { first, _ in first }),
            journal: journal, context: stage.context)
        self.budget = budget
        let answers = AnswerCache(
            AnswerScope(
                stage.contract, lane: lane, versions: stage.versions, catalog: catalog,
                locale: EmbeddingRequest.locale(stage.context.environment), fresh: stage.fresh),
            store: journal, flights: SingleFlight(), context: stage.context)
        let batches = LanePlan.of(lane).batches.map { plan in
            BatchLane(
                run: stage.contract.runID, drive: budget.drive, store: journal, spend: budget, answers: answers,
                fresh: stage.fresh, context: stage.context, pacing: BatchPacing(plan),
                onStep: { (step) throws(SluiceError) in
                    let permit = permits.first {
                        ProviderName.plugin($0.name) == ProviderName.plugin(step.provider)
                    }?.permit
                    try errands.post(
                        .batch(BatchRecord(step, plugin: callers[step.provider] ?? step.provider, permit: permit)))
                })
        }
        var run = GatewayRun(
            profile: stage.contract.routingProfile, lane: lane,
            contract: CandidateLists(
                allowed: stage.contract.providerAllowlist, denied: stage.contract.providerDenylist ?? []),
            engine: stage.engine,
            permit: GatewayRun.asking(
                stage.engine, actor: stage.contract.actor, mode: stage.contract.mode, lane: lane,
                flags: PolicyEngine.Flags(localOnlyOverride: stage.contract.localOnlyOverride)),
            spend: budget, answers: answers, batches: batches,
            estimate: { PromptTokens.of($1, $0) },
            willSend: { (send) throws(SluiceError) in
                try errands.post(
                    .call(
                        ProviderCall(
                            provider: send.provider, plugin: "\(send.plugin.id)@\(send.plugin.version)", call: "infer",
                            model: send.request.model,
                            promptHash: send.request.promptHash.hex, texts: send.request.messages.count,
                            rule: send.permit.rule, ruleID: send.permit.ruleID, job: send.job)))
            })
        run.schemaEstimate = { PromptTokens.of($1, $0) }
        self.run = run
    }

    /// A pool of the provider's processes.
    static func pool(
        _ provider: ModelProvider, _ stage: StageContext, _ errands: ModelErrands
    ) throws(SluiceError) -> Door {
        let pool = try ProviderPool(
            provider.plugin, processes: places,
            wayOut: ProviderPool.WayOut(
                broker: try EgressBroker(engine: stage.engine, permit: provider.permit, context: stage.context),
                provider: provider.name,
                onRequest: { (record) throws(SluiceError) in try errands.post(.request(record)) }),
            settings: stage.runner, permit: provider.permit,
            care: ProviderPool.Care(
                admit: { (plugin) throws(SluiceError) in try errands.post(.admit(plugin)) },
                onMisconduct: { try? errands.post(.misconduct($0)) },
                onRefused: { try? errands.post(.refused(plugin: $0, $1)) },
                onStart: { try? errands.post(.started($0)) }))
        return Door(port: SandboxedPort(pool), close: { pool.close() })
    }

    func permit() throws(SluiceError) -> Permit { held }

    func enter(_ stage: StageContext) { self.stage = stage }

    func complete(_ jobs: [InferenceJob]) throws(SluiceError) -> [InferenceOutcome] {
        try stage.checkpoint()
        if let deadline = stage.deadline {
            // Who does not answer by then is done without: the stage goes on by the rules, and has time for it.
            let now = stage.context.monotonic()
            let left = deadline > now ? deadline - now : 0
            let end = deadline - min(left / 2, Self.reserve)
            for name in Set(jobs.map(\.stage)) { budget.end(name, by: end) }
        }
        let box = Outcomes()
        let (gateway, run, halt) = (gateway, run, halt)
        var stopped: SluiceError?
        let work: @Sendable () -> Void = { box.set(gateway.complete(jobs, run: run, stop: halt)) }
        let isServed = errands.serve(
            handle,
            look: {
                guard stopped == nil else { return }
                do throws(SluiceError) { try stage.checkpoint() } catch {
                    stopped = error
                    halt.raise()
                }
            }, while: work)
        let outcomes =
            isServed
            ? box.take()
            : jobs.map { job in
                InferenceOutcome(
                    job: job.id,
                    result: .failure(
                        SluiceError(.providerTransient, "The machine has no thread left to ask a model with.")))
            }
        let scanner = try scanner()
        for (job, outcome) in zip(jobs, outcomes) {
            let message = outcome.error.map { PolicyEngine.shown(modelText: $0.message, scanner: scanner) }
            try stage.onInference(InferenceRecord(job, outcome, message: message))
        }
        if let stopped { throw stopped }
        if let failure = budget.journalFailure, !hasToldOfJournal {
            hasToldOfJournal = true
            stage.observer.notice("What models cost could not be recorded in full: \(failure.message)")
        }
        return outcomes
    }

    /// Finds what identifies somebody in the words of a provider.
    private func scanner() throws(SluiceError) -> Scanner {
        if let found { return found }
        let made = Scanner(.all, lexicon: try stage.registry.lexicon())
        found = made
        return made
    }

    /// On the driving thread.
    private func handle(_ errand: ModelErrand) throws(SluiceError) {
        switch errand {
        case .call(let call): try stage.onCall(call)
        case .request(let record): try stage.onEgress(record)
        case .batch(let record):
            if let call = record.call { try stage.onCall(call) }
            try stage.onBatch(record)
        case .admit(let plugin): try stage.care.admit(plugin)
        case .started(let start): stage.onPlugin(start)
        case .misconduct(let misconduct): stage.care.onMisconduct(misconduct)
        case .refused(let plugin, let error): stage.care.onRefused(plugin, error)
        }
    }

    /// Ends the providers; what they still have to record is recorded.
    func close() {
        let closings = doors.map(\.close)
        let isServed = errands.serve(handle, while: { for close in closings { close() } })
        if !isServed { for close in closings { close() } }
        errands.close(handle)
    }

    /// What the gateway's thread leaves for the driving one.
    private final class Outcomes: Sendable {
        private let value = Mutex<[InferenceOutcome]>([])
        func set(_ outcomes: [InferenceOutcome]) { value.withLock { $0 = outcomes } }
        func take() -> [InferenceOutcome] { value.withLock { $0 } }
    }
}
