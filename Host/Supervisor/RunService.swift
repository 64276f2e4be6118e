public import Contracts
public import Foundations
internal import Glibc
internal import PluginHost
internal import Policy
internal import Stages
internal import Store

/// The one face of the core: the command line calls it, and so will the server.
///
/// Not Sendable: one thread at a time. Several processes may have one on the same home.
public final class RunService {
    let context: Context
    let store: StoreDatabase
    let registry: Registry
    /// Which policy is in force; another one once it was changed over this object.
    var policy: ActivePolicy
    let installation: Installation
    /// Who calls, by the operating system.
    let caller: RunContract.Actor

    /// Opens a home, which is made when it does not exist.
    ///
    /// - Parameter home: its path; `SLUICE_HOME` or `~/.sluice` when nil.
    public convenience init(home: String?, context: Context) throws(SluiceError) {
        try self.init(home: home, context: context, caller: nil)
    }

    /// - Parameter caller: who was authenticated otherwise; the operating system's user when nil.
    init(home: String?, context: Context, caller: RunContract.Actor?) throws(SluiceError) {
        self.context = context
        installation = try Installation(context)
        registry = try Registry(folder: installation.registry)
        let folder = try Home(path: Home.path(option: home, environment: context.environment), context: context)
        store = try StoreDatabase(home: folder, context: context)
        policy = ActivePolicy(store, shipped: registry.policy)
        let name = Self.userName()
        let role = PolicyEngine(manifest: policy.manifest).role(user: name, ownsHome: folder.ownedByCaller)
        self.caller = caller ?? RunContract.Actor(userID: name, role: role)
    }

    // MARK: Contracts

    public func contract(_ document: JSON) throws(SluiceError) -> RunContract { try RunContract(document) }

    /// A contract with every default of docs/run-contract.md, made now by the caller.
    public func contract(_ shorthand: Shorthand) throws(SluiceError) -> RunContract {
        func side(_ uri: String) throws(SluiceError) -> JSON {
            // In metadata_only not even the first bytes are looked at: the name says what a bare path is.
            let location = try DataLocation(
                uri: uri,
                content: { path in
                    shorthand.mode == .dataMode ? Files.head(path, count: 64) : DataLocation.head(ofName: path)
                }, isFile: Files.exists)
            // A file that is gone now keeps its place: the same words are the same run.
            let path = Files.place(of: location.path) ?? location.path
            let resolved = DataLocation(scheme: location.scheme, path: path, table: location.table)
            return [
                "source": ["type": .string(location.scheme.sourceType)], "location": .string(resolved.uri),
                "schema_ref": nil,
            ]
        }
        let manifest = try engine.manifest
        let plan = try shorthand.plan.map { prefix throws(SluiceError) in
            try store.artifacts.find(prefix: prefix, permit: viewing())
        }
        let rows = shorthand.sampleRows ?? manifest.sampleRowsMax
        return try RunContract(
            .members([
                "roadmap_version": .string(Versions.roadmap), "mode": .string(shorthand.mode.rawValue),
                "lane_hint": shorthand.lane.map { .string($0.rawValue) }, "lhs": try side(shorthand.lhs),
                "rhs": try side(shorthand.rhs), "pii_policy": ["mask_before_send": true, "local_only_override": false],
                "budget_caps": ["tokens": 400_000, "usd": 0, "wall_time_s": 86400],
                "routing_profile": .string(shorthand.routing.rawValue),
                "threshold_profile_id": .string(shorthand.thresholds), "dsl_version": .string(Versions.dsl),
                "sample_caps": ["rows_max": .int(rows), "bytes_max": .int(manifest.sampleBytesMax)],
                "cache_scope": ["run": "", "tab": "", "filters": [:]], "human_confirm_required": true,
                "rbac_actor": ["user_id": .string(caller.userID), "role": .string(caller.role.rawValue)],
                "audit_tags": shorthand.tags.isEmpty ? nil : JSON(shorthand.tags),
                "created_at": .string(shorthand.createdAt ?? CivilTime.text(milliseconds: context.now())),
                "idempotency_key": shorthand.idempotencyKey.map(JSON.string),
                "mapping_plan": plan.map { .string($0.hex) },
            ]))
    }

    func versions(of contract: RunContract) throws(SluiceError) -> PinnedVersions {
        let thresholds = try registry.thresholds(contract.thresholdProfileID)
        return PinnedVersions(
            policy: try engine.manifest.reference, dsl: contract.dslVersion, catalog: registry.domains.reference,
            thresholdProfile: contract.thresholdProfileID, roadmap: contract.roadmapVersion,
            thresholdProfileHash: thresholds.json.canonicalHash.hex)
    }

    /// Records a run; the same contract again is the same run.
    public func submit(_ contract: RunContract) throws(SluiceError) -> ULID {
        let permit = try engine.admit(contract, authenticated: caller)
        let versions = try versions(of: contract)
        // A run that is there already was looked at when it was made. Whoever drives it looks again, where it matters:
        // behind a promotion source and table may be gone.
        var reused: PlanReuse?
        var plugins = RunPlugins.none
        var disabled: [String] = []
        if try !store.hasRun(contract.runID) {
            let use = PluginUse(try catalog())
            // The run keeps to them, whatever is installed later.
            plugins = try use.plugins(of: contract, engine: engine)
            disabled = use.disabledChecks(of: contract)
            try registry.require(
                models: (contract.providerAllowlist ?? []) + (contract.providerDenylist ?? []),
                home: "\(store.home.path)/models")
            try Self.check(source: contract.lhs.location)
            try Self.check(target: contract.rhs.location)
            reused = try reuse(contract, versions)
            try reused?.require(target: contract.rhs.location)
        }
        var event = LedgerEvent(
            eventID: context.ulid(), runID: contract.runID, timestampUTC: CivilTime.text(milliseconds: context.now()),
            stage: .supervisor, decision: .accept, versions: versions,
            note: .members([
                "event": "run_created", "rule": .string(permit.rule), "actor": .string(caller.userID),
                "versions": versions.json, "plugins": plugins.isEmpty ? JSON?.none : plugins.json,
                "checks_disabled": disabled.isEmpty ? nil : JSON(disabled),
            ]))
        event.inputsHash = contract.hash.hex
        event.localOnlyOverride = contract.localOnlyOverride
        let made = try store.createRun(
            contract, lane: nil, versions: versions, event: event, permit: permit, lender: reused?.lender
        ) { (found) throws(SluiceError) in
            // The lender may have been decided upon since it was looked at.
            guard let reused else { return }
            try reused.requireStill(found, of: contract, versions, in: store, permit: viewing())
        }
        // What is said of a run that was there before is what its ledger proves.
        if !made.isNew { _ = try evidence(contract.runID) }
        return contract.runID
    }

    /// A source that exists.
    private static func check(source location: DataLocation) throws(SluiceError) {
        guard Files.exists(location.path) else {
            throw SluiceError(.sourceMissing, "\(Files.name(of: location.path)) does not exist.")
        }
    }

    /// A target that exists and that this version can write.
    private static func check(target location: DataLocation) throws(SluiceError) {
        guard location.scheme == .sqlite else {
            throw SluiceError(
                .locationInvalid, "This version writes SQLite targets; \(location.scheme.name): is not one.",
                hint: "Use sqlite:PATH#TABLE.")
        }
        guard location.table != nil else {
            throw SluiceError(.locationInvalid, "The target names no table.", hint: "Use sqlite:PATH#TABLE.")
        }
        do { try RunStages.requireTarget(location) } catch {
            // A target that is busy now may be free when its turn comes.
            guard error.detail == ErrorKind.targetBusy.id else { throw error }
        }
    }

    // MARK: Runs

    public func find(_ name: String) throws(SluiceError) -> ULID { try store.run(named: name, permit: viewing()).runID }

    /// Asks the driver to stop at the next checkpoint, or stops a run whose driver died.
    ///
    /// - Throws: `run.state` for a run that nothing drives: a stop never takes the place of a decision; `gate.evidence`.
    public func stop(_ run: ULID) throws(SluiceError) -> JSON {
        // Somebody who tampers with the policy file does not keep a run going.
        let permit = try halting(.createRun)
        var isDriven = false
        // A driver may come or go between two looks: then it is looked again.
        for attempt in 1...Self.looks {
            isDriven = try store.isDriven(run)
            // A driven run can always be stopped; the state of another one is changed here, and must be what was proved.
            if !isDriven { _ = try evidence(run) }
            try store.requestStop(run, permit: permit)
            if isDriven { break }
            let stopped: Void? = try store.drivingUnlessDriven(run, permit: permit) { () throws(SluiceError) in
                try stopUndriven(run, permit)
            }
            if stopped != nil { break }
            guard attempt < Self.looks else {
                throw SluiceError(
                    .runState, "Drivers of the run \(run) come and go; none was asked to stop.",
                    hint: "Run `sluice stop \(run)` again.")
            }
        }
        return [
            "run_id": .string(run.description), "state": .string(try store.run(run, permit: viewing()).state.rawValue),
            "stop_requested": .bool(isDriven),
        ]
    }

    /// How often `stop` looks whether somebody drives the run.
    private static let looks = 5

    /// Under the lease of the run.
    private func stopUndriven(_ run: ULID, _ permit: Permit) throws(SluiceError) {
        guard let evidence = try evidence(run) else { return }
        let record = try store.run(run, permit: viewing())
        var machine = evidence.machine
        // A stage was entered, which leaves no event, and its driver died.
        if record.state == .running { _ = machine.handle(.drive) }
        for action in machine.handle(.stopRequested) {
            if case .refuse(let why) = action {
                throw SluiceError(.runState, "The run \(run) cannot be stopped: \(why).")
            }
        }
        let event = LedgerEvent(
            eventID: context.ulid(), runID: run, timestampUTC: CivilTime.text(milliseconds: context.now()),
            stage: .supervisor, decision: .hold, versions: record.versions,
            note: ["event": "stopped", "actor": .string(caller.userID)])
        try store.update(
            run, RunChange(state: RunReport.stored(machine.state), stage: machine.state.stage), event: event,
            permit: permit)
    }

    private static func userName() -> String {
        let id = geteuid()
        guard let entry = getpwuid(id), let name = entry.pointee.pw_name else { return "uid\(id)" }
        return String(cString: name)
    }
}
