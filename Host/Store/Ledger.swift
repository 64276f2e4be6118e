public import Contracts
internal import Databases
public import Foundations

/// An event with its place in the ledger of this home.
public struct LedgerEntry: Sendable, Equatable {
    /// Grows by one with each event of the home, over all runs.
    public let sequence: Int64
    /// Grows by one with each event of its run, from 1.
    public let number: Int64
    /// hₙ of the run's chain, hexadecimal.
    public let hash: String
    public let event: LedgerEvent
}

/// The last decision of one stage of a run (ROADMAP §30, Decision Summary).
public struct DecisionSummary: Sendable, Equatable {
    public let stage: Stage
    public let decision: GateDecision
    public let eventID: ULID
    public let timestampUTC: String
    public let outputsHash: String?
    public let errorCode: String?
    public let errorDetailID: String?
    /// How many events the stage has.
    public let events: Int64
}

extension DecisionSummary {
    /// What is kept of a stage whose last event this is.
    init(_ event: LedgerEvent, events: Int64) {
        self.init(
            stage: event.stage, decision: event.decision, eventID: event.eventID, timestampUTC: event.timestampUTC,
            outputsHash: event.outputsHash, errorCode: event.errorCode, errorDetailID: event.errorDetailID,
            events: events)
    }
}

/// The Supervisor Ledger: events are appended; triggers in the database refuse any other change.
extension StoreDatabase {
    /// Appends an event and brings the Decision Summary up to date, in one transaction; gives its place.
    ///
    /// The same event again changes nothing. A run need not exist: refusals before a run are recorded, too.
    ///
    /// - Parameter isEvidence: false for an event of what is about to be done, which is refused like any other write
    ///   (`run.mode_immutable`) once the policy has changed; true for one of what has happened.
    /// - Throws: `store.ledger` when another event has its id.
    @discardableResult
    public func append(_ event: LedgerEvent, isEvidence: Bool = true) throws(SluiceError) -> Int64 {
        try write(isEvidence: isEvidence) { () throws(SluiceError) in try insert(event) }
    }

    /// A run's events in the order in which they were appended.
    ///
    /// - Throws: `store.ledger` when a row is not what `append` writes.
    func events(_ run: ULID) throws(SluiceError) -> [LedgerEntry] {
        try rows(
            """
            SELECT \(Self.eventColumns), seq, number, hash FROM supervisor_ledger WHERE run_id = ? ORDER BY seq
            """, [SQLiteValue(run)]
        ) { (row) throws(SluiceError) in
            guard let event = Self.event(in: row) else {
                throw SluiceError(.storeLedger, "The event \(row.int(8)) of run \(run) was changed.")
            }
            return LedgerEntry(sequence: row.int(7), number: row.int(8), hash: row.text(9) ?? "", event: event)
        }
    }

    /// How many events of a run there are, whatever they say.
    public func eventCount(_ run: ULID) throws(SluiceError) -> Int {
        try rows("SELECT count(*) FROM supervisor_ledger WHERE run_id = ?", [SQLiteValue(run)]) { Int($0.int(0)) }.first
            ?? 0
    }

    /// What `event(in:)` reads.
    static let eventColumns = "event, event_id, run_id, stage, decision, timestamp_utc, error_code"

    /// The event of a row that begins with `eventColumns`; nil when its columns do not say what its text says.
    static func event(in row: SQLiteStatement) -> LedgerEvent? {
        guard let event = LedgerEvent(stored: row.text(0) ?? ""), event.eventID.description == row.text(1),
            event.runID.description == row.text(2), event.stage.rawValue == row.text(3),
            event.decision.rawValue == row.text(4), event.timestampUTC == row.text(5), event.errorCode == row.text(6)
        else { return nil }
        return event
    }

    /// The last decision of each stage, in the order of the stages.
    func decisionSummary(_ run: ULID) throws(SluiceError) -> [DecisionSummary] {
        try rows(
            """
            SELECT stage, decision, event_id, timestamp_utc, outputs_hash, error_code, error_detail_id, events
            FROM decision_summary WHERE run_id = ?
            """, [SQLiteValue(run)]
        ) { (row) throws(SluiceError) in
            guard let stage = row.text(0).flatMap(Stage.init(rawValue:)),
                let decision = row.text(1).flatMap(GateDecision.init), let id = row.text(2).flatMap(ULID.init)
            else { throw malformed("a decision summary") }
            return DecisionSummary(
                stage: stage, decision: decision, eventID: id, timestampUTC: row.text(3) ?? "",
                outputsHash: row.text(4), errorCode: row.text(5), errorDetailID: row.text(6), events: row.int(7))
        }.sorted { $0.stage < $1.stage }
    }

    /// Links an event to the chain of its run, inside a transaction, and closes the segment when it is full or the run
    /// has ended.
    @discardableResult
    func insert(_ event: LedgerEvent) throws(SluiceError) -> Int64 {
        let text = event.json.canonicalText
        let id = SQLiteValue(event.eventID)
        let known = try rows("SELECT seq, event FROM supervisor_ledger WHERE event_id = ?", [id]) {
            (sequence: $0.int(0), text: $0.text(1))
        }.first
        if let known {
            guard known.text == text else {
                throw SluiceError(.storeLedger, "The event \(event.eventID) is in the ledger with another content.")
            }
            return known.sequence
        }
        let link = try ledgerLink(event.runID.description, Array(text.utf8))
        try change(
            """
            INSERT INTO supervisor_ledger
              (run_id, event_id, timestamp_utc, stage, decision, error_code, event, number, prev_hash, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                SQLiteValue(event.runID), id, .text(event.timestampUTC), .text(event.stage.rawValue),
                .text(event.decision.rawValue), SQLiteValue(event.errorCode), .text(text), .int(link.number),
                .text(link.previous), .text(link.hash),
            ])
        let sequence = try rows("SELECT last_insert_rowid()") { $0.int(0) }.first ?? 0
        let head = LedgerHead(run: event.runID.description, count: link.number, hash: link.hash)
        try moveLedgerHead(head)
        try sealLedgerIfDue(head)
        try change(
            """
            INSERT INTO decision_summary (run_id, stage, decision, event_id, timestamp_utc, outputs_hash, error_code,
              error_detail_id, events) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)
            ON CONFLICT (run_id, stage) DO UPDATE SET decision = excluded.decision, event_id = excluded.event_id,
              timestamp_utc = excluded.timestamp_utc, outputs_hash = excluded.outputs_hash,
              error_code = excluded.error_code, error_detail_id = excluded.error_detail_id, events = events + 1
            """,
            [
                SQLiteValue(event.runID), .text(event.stage.rawValue), .text(event.decision.rawValue), id,
                .text(event.timestampUTC), SQLiteValue(event.outputsHash), SQLiteValue(event.errorCode),
                SQLiteValue(event.errorDetailID),
            ])
        return sequence
    }
}

extension LedgerEvent {
    /// Those that an event keeps of the versions of its run; the others are empty.
    var versions: PinnedVersions {
        PinnedVersions(
            policy: policyVersion, dsl: dslVersion, catalog: "", thresholdProfile: thresholdProfileID, roadmap: "")
    }

    /// From its canonical text, or nil when `json` would not write that very text.
    init?(stored text: String) {
        guard let json = try? JSONParser.parse(text), let eventID = json["event_id"]?.stringValue.flatMap(ULID.init),
            let runID = json["run_id"]?.stringValue.flatMap(ULID.init),
            let timestamp = json["timestamp_utc"]?.stringValue,
            let stage = json["stage"]?.stringValue.flatMap(Stage.init(rawValue:)),
            let decision = json["decision"]?.stringValue.flatMap(GateDecision.init),
            let policy = json["policy_version"]?.stringValue, let profile = json["threshold_profile_id"]?.stringValue,
            let dsl = json["dsl_version"]?.stringValue, let confirmation = json["human_confirmation"]
        else { return nil }
        // An event keeps three of the pinned versions; the other two are not in it.
        let versions = PinnedVersions(policy: policy, dsl: dsl, catalog: "", thresholdProfile: profile, roadmap: "")
        self.init(
            eventID: eventID, runID: runID, timestampUTC: timestamp, stage: stage, decision: decision,
            versions: versions, note: json["note"] ?? .null)
        inputsHash = json["inputs_hash"]?.stringValue
        outputsHash = json["outputs_hash"]?.stringValue
        provider = json["provider"]?.stringValue
        model = json["model"]?.stringValue
        paramsHash = json["params_hash"]?.stringValue
        tokenEstimate = json["token_estimate"]?.intValue
        tokenActual = json["token_actual"]?.intValue
        usdEstimate = json["usd_estimate"]?.doubleValue
        usdActual = json["usd_actual"]?.doubleValue
        retries = Int(json["retries"]?.intValue ?? 0)
        fallbackChain = json["fallback_chain"]?.arrayValue?.compactMap(\.stringValue) ?? []
        piiMaskApplied = json["pii_mask_applied"]?.boolValue ?? false
        localOnlyOverride = json["local_only_override"]?.boolValue ?? false
        errorCode = json["error_code"]?.stringValue
        errorDetailID = json["error_detail_id"]?.stringValue
        self.confirmation = Confirmation(
            required: confirmation["required"]?.boolValue ?? false, actor: confirmation["actor"]?.stringValue,
            timestampUTC: confirmation["timestamp"]?.stringValue)
        guard self.json.canonicalText == text else { return nil }
    }
}
