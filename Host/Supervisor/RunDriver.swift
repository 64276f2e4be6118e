internal import Columnar
internal import Contracts
internal import Foundations
internal import PluginHost
internal import Policy
internal import Stages
internal import Store

/// Drives one run: what the machine says is done here, and every step is recorded before the next begins.
final class RunDriver {
    private let service: RunService
    private let run: ULID
    private let contract: RunContract
    private let confirm: Bool
    private let observer: any RunObserver
    private let versions: PinnedVersions
    private var machine: RunMachine
    private var summary: JSON
    private var stages: RunStages
    private let isolation = IsolationRecord()
    private let requests: EgressLedger

    init(_ service: RunService, run: ULID, confirm: Bool, observer: any RunObserver) throws(SluiceError) {
        self.service = service
        self.run = run
        self.confirm = confirm
        self.observer = observer
        let record = try service.store.run(run)
        contract = try RunContract(record.contract)
        guard contract.hash == record.contractHash else {
            throw SluiceError(.runMode, "The contract of \(run) is not the one that the run was made with.")
        }
        versions = record.versions
        guard try service.versions(of: contract) == versions else {
            throw SluiceError(
                .runMode, "The run \(run) is pinned to other versions than this registry has.",
                hint: "Restore the registry that it was made with, or start a new run.")
        }
        machine = RunMachine(
            state: RunReport.state(of: record), mode: contract.mode, confirmationRequired: contract.humanConfirmRequired
        )
        summary = record.summary
        let isolation = isolation
        let requests = EgressLedger(
            service, run: run, versions: versions, localOnlyOverride: contract.localOnlyOverride)
        self.requests = requests
        let stage = StageContext(
            contract: contract, thresholds: try service.registry.thresholds(contract.thresholdProfileID),
            engine: service.engine, versions: versions, registry: service.registry,
            plugins: try service.installation.catalog(),
            runner: try RunnerSettings.located(
                isolationMinimum: IsolationLayer.parse(service.engine.manifest.isolationMinimum),
                context: service.context),
            store: service.store, masterKey: try service.store.home.masterKey(), context: service.context,
            observer: observer, onPlugin: { isolation.note($0) },
            onEgress: { (record) throws(SluiceError) in try requests.note(record) })
        stages = RunStages(stage)
    }

    /// Until the run is done, held, stopped or failed.
    ///
    /// - Returns: why it did not end well; nil when it is done or held.
    func drive() throws(SluiceError) -> SluiceError? {
        defer { stages.stop() }
        try service.store.clearStop(run)
        var actions = machine.handle(.drive)
        while !actions.isEmpty {
            let action = actions.removeFirst()
            switch action {
            case .chooseLane: try chooseLane()
            case .run(let stage):
                if let error = try runStage(stage, isPlan: false, &actions) { return error }
            case .planMigration:
                if let error = try runStage(.migration, isPlan: true, &actions) { return error }
            case .hold(let stage, let hold):
                guard confirm, hold != .fix else { return nil }
                let record = try service.store.run(run)
                machine = try service.decided(record, contract, stage: stage, decision: .accept, reason: "--yes")
                summary = try service.store.run(run).summary
                actions = machine.state == .done ? [.finish] : machine.handle(.drive)
            case .finish, .stop, .fail: return nil
            case .refuse(let why): throw SluiceError(.runState, "The run \(run) cannot go on: \(why).")
            }
        }
        return nil
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
        let inputs = service.laneInputs(contract)
        let choice = LaneChoice.choose(inputs)
        try service.store.update(
            run, RunChange(state: .running, stage: .ingest, lane: choice.lane),
            event: event(
                .supervisor, .accept, note: ["event": "lane_chosen", "choice": choice.json, "inputs": inputs.json]))
    }

    private func runStage(_ stage: Stage, isPlan: Bool, _ actions: inout [RunMachine.Action]) throws(SluiceError)
        -> SluiceError?
    {
        observer.stageStarted(stage)
        requests.stage = stage
        try service.store.update(run, RunChange(state: .running, stage: stage))
        let started = service.context.monotonic()
        let outcome: StageOutcome
        do { outcome = try stages.run(stage, isPlan: isPlan) } catch { return try fail(stage, error) }
        let seconds = Double(service.context.monotonic() - started) / 1e9
        actions = machine.handle(.finished(stage, outcome.decision))
        summary = RunReport.summary(
            summary, stage: stage, decision: outcome.decision, reasons: outcome.reasons, counts: outcome.summary,
            seconds: seconds)
        summary = RunReport.summary(summary, with: machine.state, reasons: outcome.reasons)
        summary = isolation.into(summary)
        var event = event(
            stage, outcome.decision,
            note: [
                "event": "stage_finished", "reasons": JSON(outcome.reasons), "counts": outcome.summary,
                "isolation": isolation.json,
            ])
        event.inputsHash = outcome.artifacts.first.map {
            JSON.array($0.body["inputs"]?.arrayValue ?? []).canonicalHash.hex
        }
        event.outputsHash = JSON(outcome.artifacts.map(\.id.hex)).canonicalHash.hex
        event.piiMaskApplied = outcome.maskApplied
        event.provider = outcome.provider
        event.model = outcome.model
        event.paramsHash = outcome.paramsHash
        event.tokenEstimate = outcome.tokenEstimate
        event.tokenActual = outcome.tokenEstimate
        if case .held(_, let hold) = machine.state { event.confirmation.required = hold == .confirmation }
        try service.store.commitStage(
            runID: run, artifacts: outcome.artifacts, event: event, state: RunReport.stored(machine.state),
            stage: machine.state.stage ?? stage, summary: summary)
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
            run, RunChange(state: RunReport.stored(machine.state), stage: stage, summary: summary), event: event)
        if isStop { try service.store.clearStop(run) }
        return error
    }
}

/// The sandbox layers of every plugin process of a drive.
private final class IsolationRecord {
    private var active: Set<String>?
    private var missing: [String: String] = [:]
    private var plugins: Set<String> = []

    func note(_ process: PluginProcess) {
        let names = Set(process.activeLayers.map(\.name))
        active = active.map { $0.intersection(names) } ?? names
        for layer in process.missingLayers { missing[layer.layer.name] = layer.reason }
        plugins.insert("\(process.manifest.id)@\(process.manifest.version)")
    }

    var json: JSON {
        [
            "active": JSON((active ?? []).sorted()), "missing": .object(missing.mapValues(JSON.string)),
            "plugins": JSON(plugins.sorted()),
        ]
    }

    func into(_ summary: JSON) -> JSON {
        guard active != nil, case .object(var members) = summary else { return summary }
        members["isolation"] = json
        return .object(members)
    }
}
