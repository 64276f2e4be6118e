public import Contracts
internal import Egress
public import Foundations
public import PluginHost
public import Policy
public import Store

/// Who watches a run from the driving thread, and may ask it to stop.
public protocol StageObserver: AnyObject {
    /// Rows done of a stage; the total is nil while it is not known.
    func progress(_ stage: Stage, rows: Int64, totalRows: Int64?)
    /// Something a person should know, in words; holds no value of a cell.
    func notice(_ text: String)
    /// Asked between two steps; true ends the run at the next checkpoint.
    var shouldStop: Bool { get }
    /// Raised when the run shall stop: a call of a plugin that runs then is cancelled. Nil when nobody raises one.
    var stopSignal: StopSignal? { get }
}

extension StageObserver {
    public var stopSignal: StopSignal? { nil }
}

/// What every stage of one run works with. Lives on the driving thread.
public struct StageContext {
    public let contract: RunContract
    public let thresholds: ThresholdProfile
    public let engine: PolicyEngine
    public let versions: PinnedVersions
    public let registry: Registry
    public let plugins: PluginCatalog
    /// Those of others that the run was made with, and keeps to.
    public let pins: RunPlugins
    public let runner: RunnerSettings
    /// What is asked of every plugin that is started, and told when one misbehaves.
    public let care: PluginCare
    public let store: StoreDatabase
    public let masterKey: [UInt8]
    public let context: Context
    public let observer: any StageObserver
    /// Called with every plugin process that was started, for the ledger.
    public let onPlugin: (PluginStart) -> Void
    /// Called with every request that a provider made or was refused, for the ledger.
    public let onEgress: (EgressRecord) throws(SluiceError) -> Void
    /// Called before masked prompts are handed to a provider, for the ledger; what it throws keeps them here.
    public let onCall: (ProviderCall) throws(SluiceError) -> Void
    /// Called before a batch is handed to a provider, and with what becomes of it, for the ledger; what it throws before
    /// keeps the batch here.
    public let onBatch: (BatchRecord) throws(SluiceError) -> Void
    /// Called with what became of every question to a model, for the ledger.
    public let onInference: (InferenceRecord) throws(SluiceError) -> Void
    /// Monotonic nanoseconds at which the stage's wall-time budget is spent; set by the Supervisor for each stage.
    public var deadline: UInt64?
    /// The lane of the run; nil before it was chosen, and then nothing is cached.
    public var lane: Lane?
    /// Whether providers are asked even where their answer is cached; it is then cached anew.
    public let fresh: Bool

    /// - Parameter permit: for `createRun`: nothing of a run is done without one.
    /// - Throws: `policy.denied` for another permit.
    public init(
        contract: RunContract, thresholds: ThresholdProfile, engine: PolicyEngine, versions: PinnedVersions,
        registry: Registry, plugins: PluginCatalog, pins: RunPlugins, runner: RunnerSettings, care: PluginCare,
        store: StoreDatabase, masterKey: [UInt8],
        context: Context, observer: any StageObserver, onPlugin: @escaping (PluginStart) -> Void,
        onEgress: @escaping (EgressRecord) throws(SluiceError) -> Void,
        onCall: @escaping (ProviderCall) throws(SluiceError) -> Void,
        onBatch: @escaping (BatchRecord) throws(SluiceError) -> Void,
        onInference: @escaping (InferenceRecord) throws(SluiceError) -> Void, fresh: Bool = false, permit: Permit
    ) throws(SluiceError) {
        try permit.require(.createRun)
        self.contract = contract
        self.thresholds = thresholds
        let plugins = plugins.pointed(by: engine.manifest)
        self.engine = engine.with(routes: plugins.providerRoutes)
        self.versions = versions
        self.registry = registry
        self.plugins = plugins
        self.pins = pins
        self.runner = runner
        self.care = care
        self.store = store
        self.masterKey = masterKey
        self.context = context
        self.observer = observer
        self.onPlugin = onPlugin
        self.onEgress = onEgress
        self.onCall = onCall
        self.onBatch = onBatch
        self.onInference = onInference
        self.fresh = fresh
    }

    /// A permit for one action of this run's actor, in its mode.
    ///
    /// - Parameters:
    ///   - resource: what is acted upon, for the actions that have some.
    ///   - budgets: what the action would spend, under the contract's caps.
    ///   - humanConfirmed: whether a person said yes to this step.
    /// - Throws: `policy.mode` for what the mode does not grant; `policy.denied`, `policy.budget`.
    func permit(
        _ action: Action, resource: String? = nil, provider: String? = nil, budgets: [PolicyEngine.Budget] = [],
        humanConfirmed: Bool = false
    ) throws(SluiceError) -> Permit {
        try engine.permit(
            PolicyEngine.Request(
                actor: contract.actor, action: action, mode: contract.mode, provider: provider, lane: lane,
                resource: resource, budgets: budgets, flags: PolicyEngine.Flags(humanConfirmed: humanConfirmed)))
    }

    /// The same for what a stage can do without; nil when the run's mode does not grant it.
    ///
    /// - Throws: `policy.denied` for what is refused for another reason than the mode.
    func granted(_ action: Action, resource: String) throws(SluiceError) -> Permit? {
        do { return try permit(action, resource: resource) } catch {
            guard error.detail == ErrorKind.policyMode.id else { throw error }
            return nil
        }
    }

    /// The kinds of evidence that domains may be told by.
    func evidence() throws(SluiceError) -> Set<EvidenceKind> {
        var granted: Set<EvidenceKind> = []
        for kind in EvidenceKind.allCases {
            if try self.granted(.gatherEvidence, resource: kind.rawValue) != nil { granted.insert(kind) }
        }
        return granted
    }

    /// The way out of one provider; it is used when the plugin's manifest names endpoints, and policy still decides.
    ///
    /// - Parameters:
    ///   - provider: the tag under which policy knows it.
    ///   - permit: for `callProvider`.
    func egress(provider: String, permit: Permit) throws(SluiceError) -> EgressAccess {
        EgressAccess(
            broker: try EgressBroker(engine: engine, permit: permit, context: context), provider: provider,
            onRequest: onEgress)
    }

    /// Between two steps: throws when somebody asked the run to stop, or changed the policy.
    func checkpoint() throws(SluiceError) {
        if observer.shouldStop { throw SluiceError(.interrupted, "The run was asked to stop.") }
        if let deadline, context.monotonic() > deadline {
            throw SluiceError(
                .budget, "The stage used up its wall time of \(JSON.ecmaScript(contract.budgetCaps.wallTimeSeconds)) s."
            )
        }
        if try store.isStopRequested(contract.runID) {
            throw SluiceError(.runStopped, "The run was stopped by `sluice stop`.")
        }
        try store.requirePolicy()
    }

    /// Now, as artifacts' envelopes and events write it.
    public var timestamp: String { CivilTime.text(milliseconds: context.now()) }

    /// An artifact of this run, with the envelope that ROADMAP §20 asks for.
    func artifact(
        _ kind: ArtifactKind, _ content: JSON, inputs: [SHA256.Digest] = [], provider: String? = nil,
        model: String? = nil, promptHash: String? = nil, maskApplied: Bool = true
    ) -> Artifact {
        let envelope: JSON = [
            "run_id": .string(contract.runID.description), "contract_hash": .string(contract.hash.hex),
            "versions": versions.json, "created_at": .string(timestamp), "provider": JSON(provider),
            "model": JSON(model), "prompt_hash": JSON(promptHash), "pii_mask_applied": .bool(maskApplied),
            "local_only_override": .bool(contract.localOnlyOverride), "sluice_version": .string(Versions.sluice),
        ]
        return Artifact(kind: kind, content: content, inputs: inputs, envelope: envelope)
    }
}
