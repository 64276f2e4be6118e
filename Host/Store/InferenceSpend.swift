public import Contracts
internal import Databases
public import Foundations

/// One entry in the journal of what a run spends at providers: room that is held, or what a request cost.
public struct SpendRecord: Sendable, Equatable {
    public enum State: String, Sendable {
        /// A request that is under way, or was when its driver died: it may be billed at its estimate.
        case held
        /// What the provider told.
        case spent
        /// The estimate of a request whose cost nobody told.
        case estimated
        /// What an answer of the cache had cost when it was given.
        case cached
    }

    public var id: ULID
    public var run: ULID
    /// Of one driver of the run.
    public var drive: ULID
    public var stage: Stage
    /// `provider:model`.
    public var candidate: String
    /// The key of the question; nil when it may not be cached.
    public var question: SHA256.Digest?
    public var state: State
    public var tokens: Int64
    /// Billionths of a US dollar; nil where no price is known.
    public var usdNanos: Int64?

    public init(
        id: ULID, run: ULID, drive: ULID, stage: Stage, candidate: String, question: SHA256.Digest?, state: State,
        tokens: Int64, usdNanos: Int64?
    ) {
        self.id = id
        self.run = run
        self.drive = drive
        self.stage = stage
        self.candidate = candidate
        self.question = question
        self.state = state
        self.tokens = tokens
        self.usdNanos = usdNanos
    }
}

/// The journal of what runs spend at providers: written before a request is sent and again when its cost is known, so
/// that a run that is killed does not get its budget twice.
extension StoreDatabase {
    /// - Throws: `run.missing`; `run.state` for a driver that was overtaken: then nothing may be sent.
    func record(_ spend: SpendRecord) throws(SluiceError) {
        try write(.spendHold) { () throws(SluiceError) in
            let now = SQLiteValue.int(context.now())
            try change(
                """
                INSERT INTO inference_spend
                  (id, run_id, drive, stage, candidate, question, state, tokens, usd_nanos, opened_at, ended_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    SQLiteValue(spend.id), SQLiteValue(spend.run), SQLiteValue(spend.drive),
                    .text(spend.stage.rawValue), .text(spend.candidate), SQLiteValue(spend.question?.hex),
                    .text(spend.state.rawValue), .int(spend.tokens), spend.usdNanos.map(SQLiteValue.int) ?? .null, now,
                    spend.state == .held ? .null : now,
                ])
            try change(
                """
                INSERT INTO inference_drives (drive, stage, run_id, began_at, last_at) VALUES (?1, ?2, ?3, ?4, ?4)
                ON CONFLICT (drive, stage) DO UPDATE SET last_at = max(last_at, excluded.last_at)
                """, [SQLiteValue(spend.drive), .text(spend.stage.rawValue), SQLiteValue(spend.run), now])
        }
    }

    /// Replaces what was held by what it came to; one that is not held is left as it is.
    ///
    /// - Parameter drive: who says so: a batch that one drive handed in may be settled by a later one.
    func settleSpend(
        _ id: ULID, as state: SpendRecord.State, tokens: Int64, usdNanos: Int64?, by drive: ULID
    ) throws(SluiceError) {
        try write(.spendEnd, isEvidence: true) { () throws(SluiceError) in
            try goOn(drive, with: id)
            try change(
                """
                UPDATE inference_spend SET state = ?, tokens = ?, usd_nanos = ?, ended_at = ?
                WHERE id = ? AND state = 'held'
                """,
                [
                    .text(state.rawValue), .int(tokens), usdNanos.map(SQLiteValue.int) ?? .null, .int(context.now()),
                    SQLiteValue(id),
                ])
        }
    }

    /// Forgets what was held for a request that cost nothing.
    func releaseSpend(_ id: ULID, by drive: ULID) throws(SluiceError) {
        try write(.spendEnd, isEvidence: true) { () throws(SluiceError) in
            try goOn(drive, with: id)
            try change("DELETE FROM inference_spend WHERE id = ? AND state = 'held'", [SQLiteValue(id)])
        }
    }

    /// All that a run has spent or held, in the order in which it was begun.
    func spending(of run: ULID) throws(SluiceError) -> [SpendRecord] {
        try rows(
            """
            SELECT id, drive, stage, candidate, question, state, tokens, usd_nanos FROM inference_spend
            WHERE run_id = ? ORDER BY opened_at, id
            """, [SQLiteValue(run)]
        ) { (row) throws(SluiceError) in
            guard let id = row.text(0).flatMap(ULID.init), let drive = row.text(1).flatMap(ULID.init),
                let stage = row.text(2).flatMap(Stage.init(rawValue:)),
                let state = row.text(5).flatMap(SpendRecord.State.init), row.int(6) >= 0
            else { throw malformed("an entry of what the run \(run) spent") }
            return SpendRecord(
                id: id, run: run, drive: drive, stage: stage, candidate: row.text(3) ?? "",
                question: row.text(4).flatMap(SHA256.Digest.init(hex:)), state: state, tokens: row.int(6),
                usdNanos: row.isNull(7) ? nil : row.int(7))
        }
    }

    /// A drive is at work until now: whatever drive it was that the entry was written by.
    private func goOn(_ drive: ULID, with id: ULID) throws(SluiceError) {
        try change(
            """
            INSERT INTO inference_drives (drive, stage, run_id, began_at, last_at)
            SELECT ?1, stage, run_id, ?2, ?2 FROM inference_spend WHERE id = ?3
            ON CONFLICT (drive, stage) DO UPDATE SET last_at = max(last_at, excluded.last_at)
            """, [SQLiteValue(drive), .int(context.now()), SQLiteValue(id)])
    }

    /// Milliseconds during which drives of a run asked providers in each stage: of each from its first request, or look
    /// at a batch of an earlier drive, to the end of its last. What lies between drives is nobody's.
    func inferenceTime(of run: ULID) throws(SluiceError) -> [Stage: Int64] {
        let spans = try rows(
            "SELECT stage, max(0, last_at - began_at) FROM inference_drives WHERE run_id = ?", [SQLiteValue(run)]
        ) { (stage: $0.text(0).flatMap(Stage.init(rawValue:)), milliseconds: $0.int(1)) }
        var sums: [Stage: Int64] = [:]
        for span in spans {
            guard let stage = span.stage else { continue }
            sums[stage, default: 0] += span.milliseconds
        }
        return sums
    }
}
