import Contracts
import Foundations

@testable import Store
@testable import Supervisor

/// Ledgers as a run writes them, for tests without a database.
struct Ledger {
    static let run = ULID("01JCX0000000000000000000ZZ") ?? ULID(milliseconds: 0, random: [])
    static let versions = PinnedVersions(
        policy: "p@1", dsl: "1.0.0", catalog: "c@1", thresholdProfile: "tp_default_v1", roadmap: "1.1.0")

    static func contract(_ more: [String: JSON] = [:], mode: Mode = .dataMode) -> JSON {
        let members: [String: JSON] = [
            "run_id": .string(run.description), "roadmap_version": "1.1.0", "mode": .string(mode.rawValue),
            "lhs": ["source": ["type": "file"], "location": "csv:in.csv", "schema_ref": nil],
            "rhs": ["source": ["type": "sql"], "location": "sqlite:out.db#t", "schema_ref": nil],
            "pii_policy": ["mask_before_send": true, "local_only_override": false],
            "budget_caps": ["tokens": 0, "usd": 0, "wall_time_s": 60], "routing_profile": "offline_first",
            "threshold_profile_id": "tp_default_v1", "dsl_version": "1.0.0",
            "sample_caps": ["rows_max": 100, "bytes_max": 10000],
            "cache_scope": ["run": "", "tab": "", "filters": [:]], "human_confirm_required": true,
            "rbac_actor": ["user_id": "ann", "role": "Operator"],
        ]
        return .object(members.merging(more) { $1 })
    }

    /// One thing that happens to a run. The artifact of a stage is named by a letter.
    enum Step: CustomStringConvertible {
        case lane
        case relane(Lane, Lane)
        case end(Stage, GateDecision, Character)
        /// As a version wrote it that named no kinds.
        case endUnnamed(Stage, GateDecision, Character)
        case decide(Stage, GateDecision, about: Character)
        case fail(Stage)
        case stop(Stage)
        case other

        var description: String {
            switch self {
            case .lane: "lane"
            case .relane(let from, let to): "\(from.rawValue) to \(to.rawValue)"
            case .end(let stage, let decision, let name): "\(stage.rawValue) \(decision.rawValue) \(name)"
            case .endUnnamed(let stage, let decision, let name):
                "\(stage.rawValue) \(decision.rawValue) \(name) unnamed"
            case .decide(let stage, let decision, let name): "\(decision.rawValue)@\(stage.rawValue) \(name)"
            case .fail(let stage): "\(stage.rawValue) failed"
            case .stop(let stage): "stopped at \(stage.rawValue)"
            case .other: "other"
            }
        }
    }

    /// Up to the hold for the confirmation.
    static let toConfirmation: [Step] = [
        .lane, .end(.ingest, .accept, "i"), .end(.domains, .accept, "d"), .end(.mapping, .accept, "m"),
        .end(.analysis, .accept, "a"),
    ]

    static func hash(_ name: Character) -> SHA256.Digest { SHA256.hash("artifact \(name)") }

    static func kind(_ stage: Stage) -> ArtifactKind {
        switch stage {
        case .ingest: .catalog
        case .domains: .domainAssignments
        case .mapping: .mappingPlan
        case .analysis: .analysisReport
        case .migration, .supervisor: .migrationRun
        }
    }

    let contract: JSON
    private(set) var entries: [LedgerEntry] = []
    private(set) var artifacts: [ArtifactKind: SHA256.Digest] = [:]
    private(set) var decisions: [GateRecord] = []
    private(set) var lane: Lane?
    private var summary: JSON = [:]

    static let laneInputs: JSON = ["size_estimate": 5, "lane_hint": nil]

    init(_ steps: [Step], contract: JSON = Ledger.contract()) {
        self.contract = contract
        var created = event(.supervisor, .accept, ["event": "run_created", "versions": Self.versions.json])
        created.inputsHash = RunContract.hash(of: contract).hex
        append(created)
        for step in steps { add(step) }
    }

    private func event(_ stage: Stage, _ decision: GateDecision, _ note: JSON) -> LedgerEvent {
        LedgerEvent(
            eventID: ULID(milliseconds: UInt64(entries.count + 1), random: [UInt8](repeating: 7, count: 10)),
            runID: Self.run, timestampUTC: "2026-01-31T12:00:\(10 + entries.count % 50).000Z", stage: stage,
            decision: decision, versions: Self.versions, note: note)
    }

    private mutating func append(_ event: LedgerEvent) {
        let number = Int64(entries.count + 1)
        entries.append(LedgerEntry(sequence: number, number: number, hash: "", event: event))
    }

    private mutating func add(_ step: Step) {
        switch step {
        case .lane:
            append(
                event(
                    .supervisor, .accept,
                    ["event": "lane_chosen", "choice": ["lane": "interactive"], "inputs": Self.laneInputs]))
            lane = .interactive
        case .relane(let from, let to):
            append(
                event(
                    .supervisor, .accept,
                    [
                        "event": "lane_changed", "from": .string(from.rawValue), "to": .string(to.rawValue),
                        "inputs": Self.laneInputs,
                    ]))
            lane = to
        case .end(let stage, let decision, let name): end(stage, decision, name, isNamed: true)
        case .endUnnamed(let stage, let decision, let name): end(stage, decision, name, isNamed: false)
        case .decide(let stage, let decision, let name):
            var made = event(
                stage, decision, ["event": "human_decision", "reason": "why", "role": "Operator", "seen": true])
            made.inputsHash = Self.hash(name).hex
            summary = RunReport.summary(summary, stage: stage, decidedBy: "ann", decision)
            made.confirmation = .init(required: true, actor: "ann", timestampUTC: made.timestampUTC)
            append(made)
            decisions.append(
                GateRecord(
                    runID: Self.run, stage: stage, decision: decision, actor: "ann", reason: "why",
                    timestampUTC: made.timestampUTC, artifactHash: Self.hash(name)))
        case .fail(let stage): append(event(stage, .reject, ["event": "stage_failed"]))
        case .stop(let stage): append(event(stage, .hold, ["event": "stopped"]))
        case .other: append(event(.supervisor, .accept, ["event": "ledger_segment_dropped"]))
        }
    }

    private mutating func end(_ stage: Stage, _ decision: GateDecision, _ name: Character, isNamed: Bool) {
        let kind = Self.kind(stage)
        let hash = Self.hash(name)
        var note: [String: JSON] = ["event": "stage_finished", "reasons": [.string("because of \(name)")]]
        if isNamed { note["artifacts"] = [kind.rawValue: .string(hash.hex)] }
        var made = event(stage, decision, .object(note))
        made.outputsHash = JSON([hash.hex]).canonicalHash.hex
        append(made)
        artifacts[kind] = hash
        summary = RunReport.summary(
            summary, stage: stage, decision: decision, reasons: ["because of \(name)"], counts: .null, seconds: 0)
    }

    // MARK: What the store says

    func evidence() throws(SluiceError) -> GateEvidence {
        try GateEvidence(run: Self.run, contract: contract, events: entries)
    }

    /// What a store that nobody touched holds.
    func verified() throws(SluiceError) -> VerifiedRun {
        let state = try evidence().state
        return VerifiedRun(record: record(state), events: entries, artifacts: references(), decisions: decisions)
    }

    func references() -> [ArtifactReference] {
        artifacts.map { Self.reference($0.key, $0.value) }.sorted { $0.stage < $1.stage }
    }

    static func reference(_ kind: ArtifactKind, _ hash: SHA256.Digest) -> ArtifactReference {
        ArtifactReference(runID: run, stage: kind.stage, kind: kind, hash: hash, envelope: [:], createdAt: "")
    }

    func record(
        _ state: RunMachine.State, contract other: JSON? = nil, hash: SHA256.Digest? = nil, mode: Mode? = nil,
        versions: PinnedVersions = Ledger.versions
    ) -> RunRecord {
        let stored = other ?? contract
        return RunRecord(
            runID: Self.run, contract: stored, contractHash: hash ?? RunContract.hash(of: stored),
            mode: mode ?? (stored["mode"]?.stringValue.flatMap(Mode.init) ?? .dataMode),
            state: RunReport.stored(state), stage: state.stage, lane: lane,
            laneInputs: lane.map { _ in Self.laneInputs }, versions: versions, createdAt: "", updatedAt: "",
            summary: RunReport.summary(summary, with: state, reasons: []), stopRequested: false, driverPID: nil)
    }
}

extension VerifiedRun {
    func with(
        record: RunRecord? = nil, artifacts: [ArtifactReference]? = nil, decisions: [GateRecord]? = nil
    ) -> VerifiedRun {
        VerifiedRun(
            record: record ?? self.record, events: events, dropped: dropped, artifacts: artifacts ?? self.artifacts,
            decisions: decisions ?? self.decisions)
    }
}

extension RunRecord {
    func with(summary: JSON) -> RunRecord {
        RunRecord(
            runID: runID, contract: contract, contractHash: contractHash, mode: mode, state: state, stage: stage,
            lane: lane, laneInputs: laneInputs, versions: versions, createdAt: createdAt, updatedAt: updatedAt,
            summary: summary, stopRequested: stopRequested, driverPID: driverPID)
    }
}
