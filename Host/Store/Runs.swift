public import Contracts
internal import Databases
public import Foundations
public import Policy

/// Where a run stands.
public enum RunState: String, Sendable, CaseIterable {
    case created, running
    /// Waits at a gate for a person.
    case held
    /// Decided at its gate; goes on when somebody drives it.
    case ready
    case done, failed, stopped

    /// Whether somebody drives it or may yet be asked to go on by itself; only then can it be asked to stop.
    public var isOpen: Bool { self == .created || self == .running || self == .held || self == .ready }
}

/// One run as the store holds it.
public struct RunRecord: Sendable, Equatable {
    public let runID: ULID
    /// The contract with `run_id` in it.
    public let contract: JSON
    public let contractHash: SHA256.Digest
    public let mode: Mode
    public let state: RunState
    /// The stage of the last change; nil before the first.
    public let stage: Stage?
    public let lane: Lane?
    /// What the lane was chosen by, with the hint in force; nil before that, and in runs of an older version.
    public let laneInputs: JSON?
    public let versions: PinnedVersions
    /// RFC 3339, UTC, milliseconds; so is `updatedAt`.
    public let createdAt: String
    public let updatedAt: String
    /// What the Supervisor chose to keep for lists; an object.
    public let summary: JSON
    public let stopRequested: Bool
    /// The process that drives it, or drove it when it died; `isDriven` knows which.
    public let driverPID: Int32?
}

/// A run in a list.
public enum ListedRun: Sendable {
    case run(RunRecord)
    /// A row that this program cannot have written, or none where there was one: the id and the time as they lie there.
    case damaged(id: String, createdAt: String, SluiceError)
}

/// What to change of a run; nil leaves a value as it is.
public struct RunChange: Sendable, Equatable {
    public var state: RunState?
    public var stage: Stage?
    public var lane: Lane?
    public var laneInputs: JSON?
    public var summary: JSON?

    public init(
        state: RunState? = nil, stage: Stage? = nil, lane: Lane? = nil, laneInputs: JSON? = nil, summary: JSON? = nil
    ) {
        self.state = state
        self.stage = stage
        self.lane = lane
        self.laneInputs = laneInputs
        self.summary = summary
    }
}

extension StoreDatabase {
    /// Fewer characters than this do not name a run.
    public static let shortestRunPrefix = 6

    /// Records a run, and its first event with it. The same contract again is the same run, which is left as it is.
    ///
    /// - Parameters:
    ///   - permit: for `createRun`.
    ///   - lender: the run whose Mapping Plan the contract takes over; nil when it takes none.
    ///   - judge: sees, in the transaction that records a new run, what the home keeps of the lender.
    /// - Returns: the run, and whether it is new.
    /// - Throws: `run.mode_immutable` when the run id belongs to another contract; `artifact.missing` when the artifact
    ///   that the contract names is gone; what `judge` throws, and then nothing was written.
    public func createRun(
        _ contract: RunContract, lane: Lane?, versions: PinnedVersions, event: LedgerEvent? = nil, permit: Permit,
        lender: ULID? = nil, judging judge: (VerifiedRun) throws(SluiceError) -> Void = { _ in }
    ) throws(SluiceError) -> (run: RunRecord, isNew: Bool) {
        try permit.require(.createRun)
        return try write(.createRun) { () throws(SluiceError) in
            let now = timestamp
            let inserted = try change(
                """
                INSERT INTO runs
                  (run_id, contract, contract_hash, mode, state, lane, versions, created_at, updated_at, summary)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '{}') ON CONFLICT (run_id) DO NOTHING
                """,
                [
                    SQLiteValue(contract.runID), SQLiteValue(contract.json), .text(contract.hash.hex),
                    .text(contract.mode.rawValue), .text(RunState.created.rawValue), SQLiteValue(lane?.rawValue),
                    SQLiteValue(versions.json), .text(now), .text(now),
                ])
            let run = try run(contract.runID)
            guard run.contractHash == contract.hash else {
                throw SluiceError(.runMode, "The run \(contract.runID) was made by another contract.")
            }
            // From here on the run refers to it, and garbage collection leaves it.
            if inserted == 1, let plan = contract.mappingPlan { try artifacts.require(plan) }
            if inserted == 1, let lender { try judge(try look(lender, marks.read(lender.description))) }
            if inserted == 1, let event { try insert(event) }
            return (run, inserted == 1)
        }
    }

    /// A run by its id.
    ///
    /// - Throws: `run.missing`.
    func run(_ id: ULID) throws(SluiceError) -> RunRecord {
        guard let found = try select("WHERE run_id = ?", [SQLiteValue(id)]).first else {
            if try isErased(id) { throw erased(id) }
            throw SluiceError(.runMissing, "There is no run \(id) in this home.")
        }
        return found
    }

    public func hasRun(_ id: ULID) throws(SluiceError) -> Bool {
        try rows("SELECT 1 FROM runs WHERE run_id = ?", [SQLiteValue(id)]) { _ in true }.first ?? false
    }

    /// A run by its id, or by a beginning of at least 6 characters that no other run has; either case.
    ///
    /// - Throws: `run.missing` that names the nearest run, or those that begin so.
    func run(named name: String) throws(SluiceError) -> RunRecord {
        let wanted = name.uppercased()
        let shown = name.prefix(40)
        guard wanted.utf8.count >= Self.shortestRunPrefix else {
            throw SluiceError(
                .runMissing, "“\(shown)” is too short to name a run.",
                hint: "Give at least \(Self.shortestRunPrefix) characters of its id; see `sluice runs`.")
        }
        // Ids are upper-case letters and digits, which all sort before "~".
        let found = try select("WHERE run_id >= ? AND run_id < ? || '~' LIMIT 4", [.text(wanted), .text(wanted)])
        guard let first = found.first else {
            if let id = ULID(wanted), try isErased(id) { throw erased(id) }
            let near = try nearestRun(to: wanted).map { " The nearest is \($0)." } ?? ""
            throw SluiceError(.runMissing, "There is no run “\(shown)” in this home.\(near)")
        }
        guard found.count == 1 else {
            let ids = found.prefix(3).map(\.runID.description).joined(separator: ", ")
            throw SluiceError(
                .runMissing, "Several runs begin with “\(shown)”: \(ids)\(found.count > 3 ? ", …" : "").",
                hint: "Give more characters of the id.")
        }
        return first
    }

    /// The runs of this home that can be read, newest first.
    func runs(limit: Int = 1000) throws(SluiceError) -> [RunRecord] {
        try listedRuns(limit: limit).compactMap { if case .run(let record) = $0 { record } else { nil } }
    }

    /// The runs of this home, newest first, and those whose row cannot be read in their places.
    func listedRuns(limit: Int = 1000) throws(SluiceError) -> [ListedRun] {
        let gone = try erasedRuns().map { ListedRun.damaged(id: $0.description, createdAt: "", erased($0)) }
        let found: [ListedRun] = try rows(
            "SELECT \(Self.runColumns) FROM runs ORDER BY created_at DESC, rowid DESC LIMIT ?", [.int(Int64(limit))]
        ) { row in
            do throws(SluiceError) { return .run(try record(row)) } catch {
                return .damaged(id: row.text(0) ?? "", createdAt: row.text(8) ?? "", error)
            }
        }
        return gone + found
    }

    /// Changes a run, and appends the event that tells of it, in one transaction.
    ///
    /// - Throws: `run.missing`.
    func update(_ id: ULID, _ changes: RunChange, event: LedgerEvent? = nil) throws(SluiceError) {
        let isEnd = changes.state == .failed || changes.state == .stopped
        try write(.updateRun, isEvidence: isEnd) { () throws(SluiceError) in
            try apply(changes, to: id)
            if let event { try insert(event) }
        }
    }

    /// Inside a transaction.
    func apply(_ changes: RunChange, to id: ULID) throws(SluiceError) {
        let changed = try change(
            """
            UPDATE runs SET state = coalesce(?, state), stage = coalesce(?, stage), lane = coalesce(?, lane),
              lane_inputs = coalesce(?, lane_inputs), summary = coalesce(?, summary), updated_at = ? WHERE run_id = ?
            """,
            [
                SQLiteValue(changes.state?.rawValue), SQLiteValue(changes.stage?.rawValue),
                SQLiteValue(changes.lane?.rawValue), changes.laneInputs.map(SQLiteValue.init) ?? .null,
                changes.summary.map(SQLiteValue.init) ?? .null, .text(timestamp),
                SQLiteValue(id),
            ])
        guard changed == 1 else { throw SluiceError(.runMissing, "There is no run \(id) in this home.") }
    }

    private func nearestRun(to wanted: String) throws(SluiceError) -> String? {
        let known = try rows("SELECT run_id FROM runs ORDER BY created_at DESC LIMIT 500") { $0.text(0) ?? "" }
        // A beginning is compared with beginnings, but the id is shown whole.
        return known.map { (id: $0, distance: JSONReader.distance(String($0.prefix(wanted.utf8.count)), wanted)) }
            .min { $0.distance < $1.distance }?.id
    }

    private static let runColumns = """
        run_id, contract, contract_hash, mode, state, stage, lane, versions, created_at, updated_at, summary,
        stop_requested, driver_pid, lane_inputs
        """

    private func select(_ clause: String, _ parameters: [SQLiteValue]) throws(SluiceError) -> [RunRecord] {
        try rows("SELECT \(Self.runColumns) FROM runs \(clause)", parameters) { (row) throws(SluiceError) in
            try record(row)
        }
    }

    /// A row of `runColumns`.
    private func record(_ row: SQLiteStatement) throws(SluiceError) -> RunRecord {
        guard let id = row.text(0).flatMap(ULID.init), let hash = row.text(2).flatMap(SHA256.Digest.init(hex:)),
            let mode = row.text(3).flatMap(Mode.init), let state = row.text(4).flatMap(RunState.init),
            let versions = PinnedVersions(try json(row, 7, "a run's versions"))
        else { throw malformed("a run") }
        return RunRecord(
            runID: id, contract: try json(row, 1, "a contract"), contractHash: hash, mode: mode, state: state,
            stage: row.text(5).flatMap(Stage.init(rawValue:)), lane: row.text(6).flatMap(Lane.init),
            laneInputs: row.isNull(13) ? JSON?.none : try json(row, 13, "a run's lane"),
            versions: versions, createdAt: row.text(8) ?? "", updatedAt: row.text(9) ?? "",
            summary: try json(row, 10, "a run's summary"), stopRequested: row.int(11) & 1 == 1,
            driverPID: row.isNull(12) ? nil : Int32(truncatingIfNeeded: row.int(12)))
    }
}

// MARK: - Stopping

extension StoreDatabase {
    /// Asks whoever drives the run to stop at the next safe point; any process may ask.
    ///
    /// Whoever drives it when this returns, or has its lock by now, sees it: only a drive that begins later takes it
    /// back. The column counts up and never comes back to a value that it had; it is odd while a stop is asked for.
    ///
    /// - Throws: `run.missing`; `run.state` when the run has ended and nobody drives it on.
    func requestStop(_ id: ULID) throws(SluiceError) {
        try write(.requestStop) { () throws(SluiceError) in
            let state = try run(id).state
            var mayStop = state.isOpen
            // Whoever resumes one that failed has its lock before its state says so.
            if !mayStop, state != .done { mayStop = try isDriven(id) }
            guard mayStop else {
                throw SluiceError(.runState, "The run \(id) is \(state.rawValue); there is nothing to stop.")
            }
            try change(
                "UPDATE runs SET stop_requested = stop_requested + 1 + (stop_requested & 1) WHERE run_id = ?",
                [SQLiteValue(id)])
        }
    }

    /// Whether a stop was asked for; cheap enough to ask between chunks.
    public func isStopRequested(_ id: ULID) throws(SluiceError) -> Bool { try stopRequests(id) & 1 == 1 }

    /// The counter of requests to stop; see `requestStop`.
    func stopRequests(_ id: ULID) throws(SluiceError) -> Int64 {
        try rows("SELECT stop_requested FROM runs WHERE run_id = ?", [SQLiteValue(id)]) { $0.int(0) }.first ?? 0
    }
}
