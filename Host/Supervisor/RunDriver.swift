internal import Columnar
internal import Contracts
internal import Foundations
internal import PluginHost
internal import Policy
internal import Stages
internal import Store
internal import Synchronization

/// Drives one run: what the machine says is done here, and every step is recorded before the next begins.
final class RunDriver {
    private let service: RunService
    private let run: ULID
    private let contract: RunContract
    private let options: DriveOptions
    private let observer: any RunObserver
    private let versions: PinnedVersions
    private var machine: RunMachine
    private var lane: Lane?
    /// What this drive makes of the lane; done once.
    private var review: LaneReview
    private let lanePermit: Permit?
    /// Under which the run is driven: for `createRun`.
    private let permit: Permit
    private var summary: JSON
    private var stages: RunStages
    private let isolation = IsolationRecord()
    private var hasToldOfMark = false
    /// What Mapping takes over from another run; nil when it proposes, or has ended.
    private let reuse: PlanReuse?
    private let requests: EgressLedger
    private let crashes: CrashLedger
    /// Plugins that a stage asked the catalog for and did not get.
    private let refusals = RefusalList()

    /// - Parameter evidence: that of this run, made under the lease.
    init(
        _ service: RunService, run: ULID, evidence: GateEvidence, options: DriveOptions, observer: any RunObserver
    ) throws(SluiceError) {
        self.service = service
        self.run = run
        self.options = options
        self.observer = observer
        permit = try service.permit(.createRun)
        let record = try service.store.run(run, permit: service.viewing())
        contract = try RunContract(record.contract)
        guard contract.hash.hex == evidence.contractHash, contract.runID == run else {
            throw SluiceError(.runMode, "The contract of \(run) is not the one that the run was made with.")
        }
        versions = record.versions
        // Another lane is another way to process the data: policy says so anew, before anything else does.
        (review, lanePermit) = try service.reviewLane(evidence, contract, asked: options.lane)
        lane = evidence.lane
        let now = try service.versions(of: contract)
        guard now == versions else {
            let changed = now.differences(from: versions).map(\.words).joined(separator: "; ")
            throw SluiceError(
                .runMode, "The run \(run) is pinned to other versions than this home has now: \(changed).",
                hint: "A run keeps to the versions that it was made with. Restore the registry that it was made with, "
                    + "or start a new run; --plan takes over its Mapping Plan.")
        }
        machine = evidence.machine
        summary = record.summary
        reuse = (machine.state.stage ?? .ingest) <= .mapping ? try service.reuse(contract, versions) : nil
        let isolation = isolation
        let requests = EgressLedger(
            service, run: run, versions: versions, localOnlyOverride: contract.localOnlyOverride)
        self.requests = requests
        let crashes = CrashLedger(
            service, run: run, versions: versions, localOnlyOverride: contract.localOnlyOverride,
            notice: { observer.notice($0) })
        self.crashes = crashes
        var runner = try RunnerSettings.located(
            isolationMinimum: IsolationLayer.parse(service.engine.manifest.isolationMinimum), context: service.context)
        runner.stop = observer.stopSignal
        for id in evidence.disabledChecks where (machine.state.stage ?? .ingest) <= .analysis {
            observer.notice(
                "The check \(id) was disabled when this run was made, and is not run. `sluice plugin enable \(id)` "
                    + "enables it for new runs.")
        }
        let held = try service.startGuard()
        // A drive uses each plugin of a later stage once.
        let care = PluginCare(
            pool: PluginPool(settings: runner, refills: false),
            admit: { (plugin) throws(SluiceError) in
                do throws(SluiceError) { try held(plugin.id) } catch {
                    crashes.refused(plugin.id, error)
                    throw error
                }
                try crashes.admit(plugin)
            }, onMisconduct: { crashes.note($0) },
            onRefused: { crashes.refused($0, $1) })
        var plugins = try service.catalog()
        let refusals = refusals
        plugins.onRefused = { plugin, error in refusals.add(plugin, error) }
        let stage = try StageContext(
            contract: contract, thresholds: try service.registry.thresholds(contract.thresholdProfileID),
            engine: service.engine, versions: versions, registry: service.registry,
            plugins: plugins, pins: evidence.plugins,
            runner: runner, care: care, store: service.store,
            masterKey: try service.store.home.masterKey(permit: permit),
            context: service.context,
            observer: observer, onPlugin: { isolation.note($0) },
            onEgress: { (record) throws(SluiceError) in try requests.note(record) },
            onCall: { (call) throws(SluiceError) in try requests.note(call) },
            onBatch: { (record) throws(SluiceError) in try requests.note(record) },
            onInference: { (record) throws(SluiceError) in try requests.note(record) }, fresh: options.fresh,
            permit: permit)
        stages = RunStages(stage)
    }

    /// Until the run is done, held, stopped or failed.
    ///
    /// - Returns: why it did not end well; nil when it is done or held.
    func drive() throws(SluiceError) -> SluiceError? {
        defer { stages.stop() }
        var actions = machine.handle(.drive)
        // Also when this ends with an error.
        defer { tellOfMark() }
        while !actions.isEmpty {
            tellOfMark()
            let action = actions.removeFirst()
            switch action {
            case .chooseLane: try chooseLane()
            case .reviewLane: try reviewLane()
            case .run(let stage):
                if let error = try runStage(stage, isPlan: false, &actions) { return error }
            case .planMigration:
                if let error = try runStage(.migration, isPlan: true, &actions) { return error }
            case .hold(let stage, let hold):
                guard options.confirm, hold != .fix else { return nil }
                machine = try service.decided(run, stage: stage, decision: .accept, seen: nil, reason: "--yes")
                summary = try service.store.run(run, permit: service.viewing()).summary
                actions = machine.state == .done ? [.finish] : machine.handle(.drive)
            case .finish, .stop, .fail: return nil
            case .refuse(let why): throw SluiceError(.runState, "The run \(run) cannot go on: \(why).")
            }
        }
        return nil
    }

    /// A mark that is not raised leaves the ledger open to an earlier copy: said once, and the run goes on.
    private func tellOfMark() {
        guard !hasToldOfMark, let failure = service.store.markFailure else { return }
        hasToldOfMark = true
        observer.notice(
            "How far the ledger has come is not recorded outside the database: \(failure.message) "
                + "`sluice ledger \(run) --verify` shows how far it is.")
    }

    // MARK: Steps

    private func event(_ stage: Stage, _ decision: GateDecision, note: JSON) -> LedgerEvent {
        var event = LedgerEvent(
            eventID: service.context.ulid(), runID: run,
            timestampUTC: CivilTime.text(milliseconds: service.context.now()),
            stage: stage, decision: decision, versions: versions, note: note)
        event.localOnlyOverride = contract.localOnlyOverride
        return event
    }

    private func chooseLane() throws(SluiceError) {
        var inputs = service.laneInputs(contract)
        if let asked = options.lane { inputs.hint = asked }
        let choice = LaneChoice.choose(inputs)
        try service.store.update(
            run, RunChange(state: .running, stage: .ingest, lane: choice.lane, laneInputs: inputs.json),
            event: event(
                .supervisor, .accept, note: ["event": "lane_chosen", "choice": choice.json, "inputs": inputs.json]),
            permit: permit)
        lane = choice.lane
        stages.enter(choice.lane)
    }

    /// A change of lane drops the run's cached answers of the old one, and is told once.
    private func reviewLane() throws(SluiceError) {
        let review = review
        self.review = .keep
        func note(_ name: String, _ choice: LaneChoice, _ inputs: LaneInputs) -> [String: JSON] {
            [
                "event": .string(name), "to": .string(choice.lane.rawValue), "rule": .string(choice.rule),
                "choice": choice.json, "inputs": inputs.json, "hint": JSON(inputs.hint?.rawValue),
                "actor": .string(service.caller.userID),
            ]
        }
        switch review {
        case .keep: break
        case .hint(let choice, let inputs):
            try service.store.update(
                run, RunChange(laneInputs: inputs.json),
                event: event(.supervisor, .accept, note: .object(note("lane_hint", choice, inputs))), permit: permit)
        case .change(let old, let choice, let inputs):
            try service.store.changeLane(run, from: old, to: choice.lane, inputs: inputs.json, permit: permit) {
                dropped in
                var members = note("lane_changed", choice, inputs)
                members["from"] = .string(old.rawValue)
                members["policy_rule"] = JSON(lanePermit?.rule)
                members["cache_entries_dropped"] = JSON(dropped)
                return event(.supervisor, .accept, note: .object(members))
            }
            lane = choice.lane
            observer.notice("The lane is \(choice.lane.rawValue) now, not \(old.rawValue): \(choice.reason).")
        }
        if let lane { stages.enter(lane) }
    }

    private func runStage(_ stage: Stage, isPlan: Bool, _ actions: inout [RunMachine.Action]) throws(SluiceError)
        -> SluiceError?
    {
        do { try service.store.requirePolicy() } catch { return try fail(stage, error) }
        // Looked at anew: another process may have written since the last stage. The stage works with what was found,
        // whatever the store says a moment later.
        let inputs = try service.store.enter(run, stage, permit: permit) { (found) throws(SluiceError) in
            try GateEvidence(of: found).inputs(entering: stage, of: found)
        }
        observer.stageStarted(stage)
        requests.stage = stage
        crashes.stage = stage
        let started = service.context.monotonic()
        let outcome: StageOutcome
        // A stage may go on without a plugin: the ledger says so all the same.
        defer { refusals.drain(crashes.refused) }
        do {
            outcome = try stages.run(stage, isPlan: isPlan, artifacts: inputs)
            try service.store.requirePolicy()
        } catch {
            refusals.drain(crashes.refused)
            return try fail(stage, error)
        }
        let seconds = Double(service.context.monotonic() - started) / 1e9
        let before = (machine: machine, summary: summary)
        actions = machine.handle(.finished(stage, outcome.decision))
        summary = RunReport.summary(
            summary, stage: stage, decision: outcome.decision, reasons: outcome.reasons, counts: outcome.summary,
            cache: outcome.cache, models: outcome.models?.json, seconds: seconds)
        summary = RunReport.summary(summary, with: machine.state, reasons: outcome.reasons)
        summary = isolation.into(summary)
        let reused = stage == .mapping ? reuse : nil
        var event = event(
            stage, outcome.decision,
            note: .members([
                "event": "stage_finished", "reasons": JSON(outcome.reasons), "counts": outcome.summary,
                "isolation": isolation.json, "cache": outcome.cache?.json, "embedder": outcome.embedder,
                "models": outcome.models?.json,
                "artifacts": .object(
                    Dictionary(
                        outcome.artifacts.map { ($0.kind.rawValue, JSON.string($0.id.hex)) },
                        uniquingKeysWith: { _, last in last })),
                "reused": reused.map { .string($0.plan.id.hex) },
                "promotion": reused.map { $0.promotion?.json ?? .null },
            ]))
        event.inputsHash = outcome.artifacts.first.map {
            JSON.array($0.body["inputs"]?.arrayValue ?? []).canonicalHash.hex
        }
        event.outputsHash = JSON(outcome.artifacts.map(\.id.hex)).canonicalHash.hex
        event.piiMaskApplied = outcome.maskApplied
        event.provider = outcome.provider
        event.model = outcome.model
        event.paramsHash = outcome.paramsHash
        event.tokenEstimate = outcome.tokenEstimate
        event.tokenActual = outcome.tokenActual
        if case .held(_, let hold) = machine.state { event.confirmation.required = hold == .confirmation }
        do {
            try service.store.commitStage(
                runID: run, artifacts: outcome.artifacts, event: event, state: RunReport.stored(machine.state),
                stage: machine.state.stage ?? stage, summary: summary, permit: permit)
        } catch {
            // The policy was changed behind the last look: nothing of the stage was written.
            guard error.detail == ErrorKind.runMode.id else { throw error }
            (machine, summary) = before
            return try fail(stage, error)
        }
        observer.stageFinished(stage, decision: outcome.decision, reasons: outcome.reasons, seconds: seconds)
        return nil
    }

    /// Records why a stage did not end. A stop keeps what was done; anything else fails the run, which may be resumed.
    private func fail(_ stage: Stage, _ error: SluiceError) throws(SluiceError) -> SluiceError {
        let isStop = error.detail == ErrorKind.interrupted.id || error.detail == ErrorKind.runStopped.id
        _ = machine.handle(isStop ? .stopRequested : .failed(stage))
        var event = event(
            stage, isStop ? .hold : .reject,
            note: [
                "event": isStop ? "stopped" : "stage_failed", "message": .string(error.message),
                "isolation": isolation.json,
            ])
        event.errorCode = error.code.description
        event.errorDetailID = error.detail
        summary = RunReport.summary(summary, with: machine.state, reasons: [])
        summary = isolation.into(summary)
        if case .object(var members) = summary {
            members["error"] = isStop ? nil : error.json
            summary = .object(members)
        }
        try service.store.update(
            run, RunChange(state: RunReport.stored(machine.state), stage: stage, summary: summary), event: event,
            permit: permit)
        return error
    }
}

/// What the catalog refused, until the driver writes it down.
private final class RefusalList: Sendable {
    private let refused = Mutex<[(plugin: String, error: SluiceError)]>([])

    func add(_ plugin: String, _ error: SluiceError) { refused.withLock { $0.append((plugin, error)) } }

    func drain(_ note: (String, SluiceError) -> Void) {
        let found = refused.withLock { refused in
            defer { refused = [] }
            return refused
        }
        for (plugin, error) in found { note(plugin, error) }
    }
}

/// The sandbox layers of every plugin process of a drive.
private final class IsolationRecord {
    private var active: Set<String>?
    private var missing: [String: String] = [:]
    private var plugins: Set<String> = []
    private var libraries: Set<PinnedLibrary> = []
    /// Of the connectors that read a database, how their connection is protected.
    private var tls: [String: JSON] = [:]

    func note(_ process: PluginStart) {
        let names = Set(process.activeLayers.map(\.name))
        active = active.map { $0.intersection(names) } ?? names
        for layer in process.missingLayers { missing[layer.layer.name] = layer.reason }
        plugins.insert("\(process.id)@\(process.version)")
        libraries.formUnion(process.libraries)
        if let protection = process.databaseTLS { tls[process.id] = .string(protection) }
    }

    var json: JSON {
        var members: [String: JSON] = [
            "active": JSON((active ?? []).sorted()), "missing": .object(missing.mapValues(JSON.string)),
            "plugins": JSON(plugins.sorted()), "libraries": .object(digests),
        ]
        if !tls.isEmpty { members["tls"] = .object(tls) }
        return .object(members)
    }

    /// SHA-256 by path.
    private var digests: [String: JSON] {
        var digests: [String: JSON] = [:]
        for library in libraries { digests[library.path] = library.sha256.map { .string($0.hex) } ?? .null }
        return digests
    }

    func into(_ summary: JSON) -> JSON {
        guard active != nil, case .object(var members) = summary else { return summary }
        members["isolation"] = json
        return .object(members)
    }
}
