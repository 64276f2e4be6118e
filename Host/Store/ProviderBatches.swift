public import Contracts
internal import Databases
public import Foundations

/// A batch that was, or was about to be, handed to a provider.
public struct ProviderBatch: Sendable, Equatable {
    public enum State: String, Sendable {
        /// About to be handed in. When its driver died nobody knows whether it was.
        case intent
        /// The provider has it.
        case submitted
        case done, failed, expired, cancelled
        /// Its driver died, or the answer did, while it was handed in: the provider may have it and may bill it.
        case lost
    }

    /// One request of it.
    public struct Job: Sendable, Equatable {
        public enum State: String, Sendable {
            case sent, answered, failed
            /// The provider's results did not have it.
            case missing
        }

        public var id: String
        /// SHA-256 of the canonical request.
        public var requestHash: SHA256.Digest
        public var state: State

        public init(id: String, requestHash: SHA256.Digest, state: State = .sent) {
            self.id = id
            self.requestHash = requestHash
            self.state = state
        }
    }

    /// Ours: stands in the ids under which its requests are handed in, so that somebody finds it at the provider.
    public var tag: String
    public var run: ULID
    /// Of the driver that handed it in.
    public var drive: ULID
    public var stage: Stage
    /// SHA-256 of the ids and requests in their order.
    public var digest: SHA256.Digest
    public var provider: String
    public var model: String
    /// The room in the budget that it holds.
    public var spend: ULID?
    /// The provider's id.
    public var batch: String?
    public var state: State
    /// By position.
    public var jobs: [Job]

    public init(
        tag: String, run: ULID, drive: ULID, stage: Stage, digest: SHA256.Digest, provider: String, model: String,
        spend: ULID?, batch: String? = nil, state: State = .intent, jobs: [Job]
    ) {
        self.tag = tag
        self.run = run
        self.drive = drive
        self.stage = stage
        self.digest = digest
        self.provider = provider
        self.model = model
        self.spend = spend
        self.batch = batch
        self.state = state
        self.jobs = jobs
    }
}

/// Batches at providers. A row is written before a batch is handed in, and again when the provider has named it: a run
/// that is killed finds it again instead of paying twice.
extension StoreDatabase {
    /// Records that a batch is about to be handed in.
    ///
    /// - Throws: `run.missing`; `run.state` for a driver that was overtaken: then it must not be handed in.
    func intend(_ batch: ProviderBatch) throws(SluiceError) {
        try write(.batchIntent) { () throws(SluiceError) in
            try change(
                """
                INSERT INTO provider_batches
                  (tag, run_id, drive, stage, digest, provider, model, spend_id, state, requests, intended_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'intent', ?, ?)
                """,
                [
                    .text(batch.tag), SQLiteValue(batch.run), SQLiteValue(batch.drive), .text(batch.stage.rawValue),
                    .text(batch.digest.hex), .text(batch.provider), .text(batch.model),
                    SQLiteValue(batch.spend?.description), .int(Int64(batch.jobs.count)), .int(context.now()),
                ])
            _ = try change(
                "INSERT INTO provider_batch_jobs (tag, position, job, request_hash, state) VALUES (?, ?, ?, ?, ?)",
                each: batch.jobs.enumerated().map { place, job in
                    [
                        .text(batch.tag), .int(Int64(place)), .text(job.id), .text(job.requestHash.hex),
                        .text(job.state.rawValue),
                    ]
                })
        }
    }

    /// Records the provider's id of a batch that it took.
    func submitted(_ tag: String, as batch: String) throws(SluiceError) {
        try write(.batchSubmitted, isEvidence: true) { () throws(SluiceError) in
            try change(
                """
                UPDATE provider_batches SET state = 'submitted', batch = ?, submitted_at = ?
                WHERE tag = ? AND state = 'intent'
                """, [.text(batch), .int(context.now()), .text(tag)])
        }
    }

    /// Records that a drive, which need not be the one that handed it in, asked the provider how far a batch is.
    func polled(_ tag: String, by drive: ULID) throws(SluiceError) {
        try write(isEvidence: true) { () throws(SluiceError) in
            let now = SQLiteValue.int(context.now())
            try change("UPDATE provider_batches SET polled_at = ? WHERE tag = ?", [now, .text(tag)])
            try change(
                """
                INSERT INTO inference_drives (drive, stage, run_id, began_at, last_at)
                SELECT ?1, stage, run_id, ?2, ?2 FROM provider_batches WHERE tag = ?3
                ON CONFLICT (drive, stage) DO UPDATE SET last_at = max(last_at, excluded.last_at)
                """, [SQLiteValue(drive), now, .text(tag)])
        }
    }

    /// Records how a batch ended, and what became of each request, by position; those that are not named stay as they are.
    func ended(_ tag: String, _ state: ProviderBatch.State, jobs: [Int: ProviderBatch.Job.State]) throws(SluiceError) {
        try write(.batchEnd, isEvidence: true) { () throws(SluiceError) in
            _ = try change(
                "UPDATE provider_batch_jobs SET state = ? WHERE tag = ? AND position = ?",
                each: jobs.sorted { $0.key < $1.key }.map { place, job in
                    [.text(job.rawValue), .text(tag), .int(Int64(place))]
                })
            try change(
                """
                UPDATE provider_batches SET state = ?1, ended_at = ?2,
                  answered = (SELECT count(*) FROM provider_batch_jobs j WHERE j.tag = ?3 AND j.state = 'answered'),
                  failed = (SELECT count(*) FROM provider_batch_jobs j WHERE j.tag = ?3 AND j.state = 'failed')
                WHERE tag = ?3
                """, [.text(state.rawValue), .int(context.now()), .text(tag)])
        }
    }

    /// The batches of a stage, at one model or at all, in the order in which they were intended.
    func batches(
        of run: ULID, _ stage: Stage, at target: (provider: String, model: String)? = nil
    ) throws(SluiceError) -> [ProviderBatch] {
        var found = try rows(
            """
            SELECT tag, drive, digest, spend_id, batch, state, provider, model FROM provider_batches
            WHERE run_id = ?1 AND stage = ?2 AND (?3 IS NULL OR provider = ?3) AND (?4 IS NULL OR model = ?4)
            ORDER BY intended_at, tag
            """,
            [
                SQLiteValue(run), .text(stage.rawValue), SQLiteValue(target?.provider), SQLiteValue(target?.model),
            ]
        ) { (row) throws(SluiceError) in
            guard let tag = row.text(0), let drive = row.text(1).flatMap(ULID.init),
                let digest = row.text(2).flatMap(SHA256.Digest.init(hex:)),
                let state = row.text(5).flatMap(ProviderBatch.State.init), let provider = row.text(6),
                let model = row.text(7)
            else { throw malformed("a batch of the run \(run)") }
            return ProviderBatch(
                tag: tag, run: run, drive: drive, stage: stage, digest: digest, provider: provider, model: model,
                spend: row.text(3).flatMap(ULID.init), batch: row.text(4), state: state, jobs: [])
        }
        for place in found.indices { found[place].jobs = try jobs(of: found[place].tag) }
        return found
    }

    private func jobs(of tag: String) throws(SluiceError) -> [ProviderBatch.Job] {
        try rows(
            "SELECT position, job, request_hash, state FROM provider_batch_jobs WHERE tag = ? ORDER BY position",
            [.text(tag)]
        ) { (row) throws(SluiceError) in
            guard let id = row.text(1), let hash = row.text(2).flatMap(SHA256.Digest.init(hex:)),
                let state = row.text(3).flatMap(ProviderBatch.Job.State.init)
            else { throw malformed("a request of the batch \(tag)") }
            return ProviderBatch.Job(id: id, requestHash: hash, state: state)
        }
    }
}
