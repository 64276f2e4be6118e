internal import Contracts
internal import Foundations
internal import Store

/// What a run's ledger proves of its gates: how far it has come, with which artifacts, by whose decisions.
///
/// Pure: the events are played through the machine that made them. The store's rows are held against the result
/// (`require`), and what they say beyond it counts for nothing.
struct GateEvidence: Sendable, Equatable {
    /// A decision of a person, as the ledger has it.
    struct Decision: Sendable, Equatable {
        /// The number of its event.
        let number: Int64
        let stage: Stage
        /// What the run waited for.
        let hold: RunMachine.Hold
        let decision: GateDecision
        let actor: String?
        let reason: String
        let timestampUTC: String?
        /// The artifact that it is about, hexadecimal; nil when the stage had made nothing.
        let artifact: String?
        /// All that lay before the person, by kind; nil in events of a version that did not record it.
        let artifacts: [String: String]?
        let role: String?
        /// Whether the person gave the token of what was looked at; nil in events of a version that had none.
        let isSeen: Bool?
    }

    /// A time at which the run waited for a person, and what there was to see.
    struct Waiting: Sendable, Equatable {
        /// The number of the event behind which it waited.
        let number: Int64
        let stage: Stage
        let hold: RunMachine.Hold
        let token: String
        let artifacts: [String: String]
        /// How often each stage had ended.
        let ends: [Stage: Int]
    }

    /// What a stage said when it ended last, and what a person said to it since.
    struct StageEnd: Sendable, Equatable {
        let decision: GateDecision
        let reasons: [String]
        let counts: JSON
        let cache: JSON
        /// What was asked of models; null when there was nothing to ask.
        var models: JSON = .null
        var answer: JSON = .null
    }

    let runID: ULID
    /// Of the contract that the run was created with.
    let contractHash: String
    /// The plugins of others that the run was made with; none in events of a version that used none.
    let plugins: RunPlugins
    /// Checks of the home that were disabled when the run was made, which it does without.
    let disabledChecks: [String]
    /// Where the run stands: what it waits for, or the stage that a drive enters.
    private(set) var machine: RunMachine
    /// The artifacts that the stages made last, by kind; hexadecimal. Of events of a version that named no kinds: the
    /// hash of all that the stage made, by the stage's name.
    private(set) var artifacts: [String: String] = [:]
    private(set) var ends: [Stage: Int] = [:]
    private(set) var outcomes: [Stage: StageEnd] = [:]
    /// `rows_in`, `rows_migrated` and `rows_quarantined`, as far as a stage has counted them.
    private(set) var rows: [String: JSON] = [:]
    /// The sandbox of the last drive that started a plugin, as its last event has it.
    private(set) var isolation: JSON?
    /// nil before one was chosen.
    private(set) var lane: Lane?
    /// What the lane was chosen by, with the hint in force.
    private(set) var laneInputs: JSON?
    /// Why the run is held, in the words of the gate.
    private(set) var reasons: [String] = []
    private(set) var decisions: [Decision] = []
    /// The decisions to accept that still count: none behind which their stage, or one before it, ended again.
    private(set) var approvals: [Stage: Decision] = [:]
    /// A person's rejection is the end of a run.
    private(set) var rejection: Decision?
    private(set) var waited: [Waiting] = []
    /// The number of the last event that changed any of this.
    private(set) var number: Int64 = 0

    var state: RunMachine.State { machine.state }

    /// The stage that a drive enters, or goes on with; nil while the run waits, and when it has ended.
    var entry: Stage? {
        guard rejection == nil else { return nil }
        switch machine.state {
        case .created: return .ingest
        case .running(let stage), .ready(let stage), .stopped(let stage), .failed(let stage): return stage
        case .held, .done: return nil
        }
    }

    /// The confirmation under which Migration may write; nil while there is none.
    var confirmation: Decision? { approvals[.migration].flatMap { $0.hold == .confirmation ? $0 : nil } }

    /// Of what the run waits with now; nil while it does not wait.
    var token: String? {
        if case .held = machine.state { waited.last?.token } else { nil }
    }

    /// Replays a run's events.
    ///
    /// - Parameters:
    ///   - contract: the one that the store has now; its mode and its wish for a confirmation are believed because its
    ///     hash is that of the event `run_created`.
    ///   - events: all of the run's, in order.
    /// - Throws: `run.mode_immutable` for another contract; `gate.evidence` when the events do not begin with the run's
    ///   creation, or do not follow from each other.
    init(run: ULID, contract document: JSON, events: [LedgerEntry]) throws(SluiceError) {
        let known = events.first { $0.event.note["event"]?.stringValue == "run_created" }
        guard let created = known, events.first?.number == 1, let recorded = created.event.inputsHash else {
            throw Self.refusal(run, "its first events are not there, and nothing proves which gates it has passed")
        }
        let hash = RunContract.hash(of: document).hex
        guard hash == recorded else {
            throw SluiceError(
                .runMode,
                """
                The contract of \(run) is not the one that the run was created with: its hash is \(hash.prefix(12))…, \
                the ledger has \(recorded.prefix(12))… (event \(created.number)).
                """,
                hint: """
                    A run's contract never changes. Restore a backup of the home, or start a new run with the contract \
                    that you want; `sluice ledger \(run)` shows what was recorded.
                    """)
        }
        let contract = try RunContract(document)
        guard contract.runID == run, created.event.runID == run else {
            throw Self.refusal(run, "its contract names the run \(contract.runID)")
        }
        guard let plugins = created.event.note["plugins"].map(RunPlugins.init) ?? RunPlugins.none else {
            throw Self.refusal(
                run, "its first event names the plugins that it was made with in a form that is not known")
        }
        runID = run
        contractHash = recorded
        self.plugins = plugins
        disabledChecks = (created.event.note["checks_disabled"]?.arrayValue ?? []).compactMap(\.stringValue)
        machine = RunMachine(mode: contract.mode, confirmationRequired: contract.humanConfirmRequired)
        for entry in events { try replay(entry) }
    }

    // MARK: Replay

    private mutating func replay(_ entry: LedgerEntry) throws(SluiceError) {
        let event = entry.event
        switch event.note["event"]?.stringValue {
        case "lane_chosen":
            if machine.state == .created { _ = machine.handle(.drive) }
            lane = event.note["choice"]?["lane"]?.stringValue.flatMap(Lane.init(rawValue:))
            laneInputs = event.note["inputs"]
        case "lane_changed", "lane_hint": try review(entry)
        case "stage_finished":
            try arrive(at: event.stage, entry)
            try apply(.finished(event.stage, event.decision), entry)
            end(event)
        case "stage_failed":
            try arrive(at: event.stage, entry)
            try apply(.failed(event.stage), entry)
        case "stopped":
            // A run whose driver had died is stopped in the Supervisor's name.
            try arrive(at: event.stage == .supervisor ? machine.state.stage ?? .ingest : event.stage, entry)
            try apply(.stopRequested, entry)
        case "human_decision": try decide(entry)
        // Other events tell of something else than gates.
        default: return
        }
        // A drive that started no plugin leaves what was told of the one before it.
        if let sandbox = event.note["isolation"], sandbox["plugins"]?.arrayValue?.isEmpty == false {
            isolation = sandbox
        }
        number = entry.number
        if case .held(let stage, let hold) = machine.state { wait(stage, hold) }
    }

    /// A driver took the run and entered the stage; that leaves no event of its own.
    private mutating func arrive(at stage: Stage, _ entry: LedgerEntry) throws(SluiceError) {
        guard rejection == nil else { throw odd(entry) }
        if machine.state != .running(stage) { _ = machine.handle(.drive) }
        guard machine.state == .running(stage) else { throw odd(entry) }
    }

    private mutating func apply(_ event: RunMachine.Event, _ entry: LedgerEntry) throws(SluiceError) {
        for action in machine.handle(event) {
            if case .refuse = action { throw odd(entry) }
        }
    }

    private mutating func review(_ entry: LedgerEntry) throws(SluiceError) {
        let note = entry.event.note
        // A change tells what it changes; a hint leaves the lane as it is.
        let from = note["event"]?.stringValue == "lane_hint" ? note["to"] : note["from"]
        guard let lane, from?.stringValue == lane.rawValue else { throw odd(entry) }
        self.lane = note["to"]?.stringValue.flatMap(Lane.init(rawValue:))
        laneInputs = note["inputs"]
    }

    private mutating func end(_ event: LedgerEvent) {
        let stage = event.stage
        ends[stage, default: 0] += 1
        reasons = event.note["reasons"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let counts = event.note["counts"] ?? .null
        outcomes[stage] = StageEnd(
            decision: event.decision, reasons: reasons, counts: counts, cache: event.note["cache"] ?? .null,
            models: event.note["models"] ?? .null)
        rows.merge(RunReport.rows(of: stage, counts)) { $1 }
        if let made = event.note["artifacts"]?.objectValue {
            for (kind, hash) in made { artifacts[kind] = hash.stringValue }
            artifacts[stage.rawValue] = nil
        } else {
            artifacts[stage.rawValue] = event.outputsHash
        }
        // What rests on the stage is void. A confirmation was given before Migration, and is for every try of it.
        approvals = approvals.filter { $0.key < stage || ($0.key == stage && $0.value.hold == .confirmation) }
    }

    private mutating func decide(_ entry: LedgerEntry) throws(SluiceError) {
        let event = entry.event
        guard case .held(let stage, let hold) = machine.state, stage == event.stage else { throw odd(entry) }
        try apply(.decided(stage, event.decision), entry)
        let note = event.note
        let decision = Decision(
            number: entry.number, stage: stage, hold: hold, decision: event.decision, actor: event.confirmation.actor,
            reason: note["reason"]?.stringValue ?? "", timestampUTC: event.confirmation.timestampUTC,
            artifact: event.inputsHash, artifacts: note["artifacts"]?.objectValue?.compactMapValues(\.stringValue),
            role: note["role"]?.stringValue, isSeen: note["seen"]?.boolValue)
        decisions.append(decision)
        outcomes[stage]?.answer = RunReport.answer(event.confirmation.actor ?? "", event.decision)
        if event.decision != .hold { reasons = [] }
        if event.decision == .accept { approvals[stage] = decision }
        if event.decision == .reject { rejection = decision }
    }

    private mutating func wait(_ stage: Stage, _ hold: RunMachine.Hold) {
        let visible = artifacts(upTo: stage)
        let token = SeenToken.make(
            run: runID, stage: stage, hold: hold, artifacts: visible, contractHash: contractHash,
            ends: ends.values.reduce(0, +))
        // A decision to leave it for later changes nothing that there is to see.
        guard waited.last?.token != token else { return }
        waited.append(
            Waiting(number: number, stage: stage, hold: hold, token: token, artifacts: visible, ends: ends))
    }

    /// What a person at a stage's gate has before them.
    func artifacts(upTo stage: Stage) -> [String: String] {
        artifacts.filter { key, _ in
            (ArtifactKind(rawValue: key)?.stage ?? Stage(rawValue: key)).map { $0 <= stage } ?? false
        }
    }

    // MARK: Refusals

    private func odd(_ entry: LedgerEntry) -> SluiceError {
        let name = entry.event.note["event"]?.stringValue ?? "event"
        return Self.refusal(
            runID,
            "its event \(entry.number) (\(name) at \(entry.event.stage.rawValue)) cannot follow \(Self.words(state))")
    }

    static func refusal(_ run: ULID, _ why: String) -> SluiceError {
        SluiceError(
            .gateEvidence, "The run \(run) cannot go on: \(why).",
            hint: """
                Compare `sluice show \(run)` with `sluice ledger \(run)`; keep the home as evidence, and restore a \
                backup elsewhere or start a new run.
                """)
    }

    /// For example `held at MIGRATION (confirmation)`.
    static func words(_ state: RunMachine.State) -> String {
        let place = state.stage.map { " at \($0.rawValue)" } ?? ""
        if case .held(_, let hold) = state { return "\(state.name)\(place) (\(hold.rawValue))" }
        return state.name + place
    }
}
