public import Contracts
public import Foundations
public import Policy

// The doors to runs: what other modules may do with them, each with a permit that is looked at first. Behind a door is a
// function of the same name without one, which nobody outside this module can call (docs/permits.md).

/// Reading. With a permit for `viewArtifactsMasked`; nothing behind these doors is unmasked.
extension StoreDatabase {
    /// A run by its id.
    ///
    /// - Throws: `run.missing`.
    public func run(_ id: ULID, permit: Permit) throws(SluiceError) -> RunRecord {
        try permit.require(.viewArtifactsMasked)
        return try run(id)
    }

    /// A run by its id, or by a beginning of at least 6 characters that no other run has; either case.
    ///
    /// - Throws: `run.missing` that names the nearest run, or those that begin so.
    public func run(named name: String, permit: Permit) throws(SluiceError) -> RunRecord {
        try permit.require(.viewArtifactsMasked)
        return try run(named: name)
    }

    /// The runs of this home that can be read, newest first.
    public func runs(limit: Int = 1000, permit: Permit) throws(SluiceError) -> [RunRecord] {
        try permit.require(.viewArtifactsMasked)
        return try runs(limit: limit)
    }

    /// The runs of this home, newest first, and those whose row cannot be read in their places.
    public func listedRuns(limit: Int = 1000, permit: Permit) throws(SluiceError) -> [ListedRun] {
        try permit.require(.viewArtifactsMasked)
        return try listedRuns(limit: limit)
    }

    /// The ids of all runs that the home lists.
    public func runIDs(permit: Permit) throws(SluiceError) -> [ULID] {
        try permit.require(.viewArtifactsMasked)
        return try runIDs()
    }

    /// What the home keeps of a run's gates; writes nothing.
    ///
    /// - Throws: `store.ledger` as `verifyLedger`; `run.missing`; `store.failed` for a row that cannot be read.
    public func verifiedRun(_ run: ULID, permit: Permit) throws(SluiceError) -> VerifiedRun {
        try permit.require(.viewArtifactsMasked)
        return try verifiedRun(run)
    }

    /// The artifacts of a run, in the order of their stages.
    public func artifacts(of run: ULID, permit: Permit) throws(SluiceError) -> [ArtifactReference] {
        try permit.require(.viewArtifactsMasked)
        return try artifacts(of: run)
    }

    /// The runs that have an artifact of this hash, each with its envelope; oldest first.
    public func references(to hash: SHA256.Digest, permit: Permit) throws(SluiceError) -> [ArtifactReference] {
        try permit.require(.viewArtifactsMasked)
        return try references(to: hash)
    }

    /// The decisions at a run's gates, in the order in which they were made.
    public func gateDecisions(_ run: ULID, permit: Permit) throws(SluiceError) -> [GateRecord] {
        try permit.require(.viewArtifactsMasked)
        return try gateDecisions(run)
    }

    /// The checkpoints of a run, by chunk.
    public func checkpoints(_ run: ULID, permit: Permit) throws(SluiceError) -> [Checkpoint] {
        try permit.require(.viewArtifactsMasked)
        return try checkpoints(run)
    }

    /// The promotions of an artifact, in the order in which they were made; each is authenticated.
    ///
    /// - Throws: `artifact.promotion` that names one which this home did not make, or not so.
    public func promotions(of hash: SHA256.Digest, permit: Permit) throws(SluiceError) -> [ArtifactPromotion] {
        try permit.require(.viewArtifactsMasked)
        return try promotions(of: hash)
    }

    /// The promotion of an artifact to these versions; nil when there is none.
    ///
    /// - Throws: as `promotions(of:permit:)`.
    public func promotion(
        of hash: SHA256.Digest, to versions: PinnedVersions, permit: Permit
    ) throws(SluiceError) -> ArtifactPromotion? {
        try permit.require(.viewArtifactsMasked)
        return try promotion(of: hash, to: versions)
    }

    /// A run's events in the order in which they were appended.
    ///
    /// - Throws: `store.ledger` when a row is not what `append` writes.
    public func events(_ run: ULID, permit: Permit) throws(SluiceError) -> [LedgerEntry] {
        try permit.require(.viewArtifactsMasked)
        return try events(run)
    }

    /// Recomputes a run's chain and checks head and seals with the home's key; writes nothing.
    ///
    /// - Throws: `store.ledger` that names the first event at fault and what was done to it; `run.missing` when nothing
    ///   tells of such a run.
    public func verifyLedger(_ run: ULID, permit: Permit) throws(SluiceError) -> VerifiedLedger {
        try permit.require(.viewArtifactsMasked)
        return try verifyLedger(run)
    }

    /// Verifies a run's ledger and writes it to a file, whole or not at all.
    ///
    /// - Throws: `store.ledger` when it does not hold: then nothing is signed; `file.failed`.
    public func exportLedger(
        _ run: ULID, to path: String, permit: Permit
    ) throws(SluiceError) -> (ledger: VerifiedLedger, key: Ed25519.PublicKey) {
        try permit.require(.viewArtifactsMasked)
        return try exportLedger(run, to: path)
    }
}

/// Driving and deciding. With a permit for `createRun`; a decision about rows that will be written needs
/// `approveDestructive`.
extension StoreDatabase {
    /// Runs `body` while nobody else drives the run. The kernel frees the run when this process dies.
    ///
    /// Meanwhile `lease` is the run's, and every write over this connection is refused once another driver has taken the
    /// run: the lock file keeps two drivers apart, the token holds where a lock was lost (removed, another machine).
    ///
    /// So is every write, but that of how the drive ended, once the policy of the permit is in force no more
    /// (`run.mode_immutable`).
    ///
    /// - Parameter permit: for `createRun`; or for `approveDestructive`, under which a decision is recorded.
    /// - Throws: `run.missing`; `run.state` when another process or thread drives it; what `body` throws.
    @discardableResult
    public func driving<R>(
        _ id: ULID, permit: Permit, _ body: () throws(SluiceError) -> R
    ) throws(SluiceError) -> R {
        try permit.require(.createRun, or: .approveDestructive)
        return try driving(id) { () throws(SluiceError) in try underPolicy(permit.policyVersion, body) }
    }

    /// As `driving`, but nil when another process or thread drives the run.
    public func drivingUnlessDriven<R>(
        _ id: ULID, permit: Permit, _ body: () throws(SluiceError) -> R
    ) throws(SluiceError) -> R? {
        try permit.require(.createRun)
        return try drivingUnlessDriven(id) { () throws(SluiceError) in try underPolicy(permit.policyVersion, body) }
    }

    /// Marks a stage as running when `judge` lets it, in the transaction that shows it what the home keeps.
    ///
    /// - Throws: as `verifiedRun`, and what `judge` throws; then nothing was written.
    public func enter<R>(
        _ run: ULID, _ stage: Stage, permit: Permit, judging judge: (VerifiedRun) throws(SluiceError) -> R
    ) throws(SluiceError) -> R {
        try permit.require(.createRun)
        return try enter(run, stage, judging: judge)
    }

    /// Changes a run, and appends the event that tells of it, in one transaction.
    ///
    /// - Throws: `run.missing`.
    public func update(
        _ id: ULID, _ changes: RunChange, event: LedgerEvent? = nil, permit: Permit
    ) throws(SluiceError) {
        try permit.require(.createRun)
        try update(id, changes, event: event)
    }

    /// Ends a stage: its artifacts, its event and the run's new state become visible together, or not at all.
    ///
    /// Bodies are on disk before the transaction begins; a crash leaves at most files that no run refers to. What a
    /// garbage collection took away in between is written again inside. A stage that runs again replaces its artifacts.
    ///
    /// - Returns: the hashes, in the order given.
    @discardableResult
    public func commitStage(
        runID: ULID, artifacts made: [Artifact], event: LedgerEvent, state: RunState, stage: Stage,
        summary: JSON? = nil, permit: Permit
    ) throws(SluiceError) -> [SHA256.Digest] {
        try permit.require(.createRun)
        return try commitStage(
            runID: runID, artifacts: made, event: event, state: state, stage: stage, summary: summary)
    }

    /// Moves a run to another lane: its entries of the old lane go, and one event tells of it, in one transaction.
    ///
    /// - Parameters:
    ///   - inputs: what the new lane was chosen by; kept with the run.
    ///   - event: made from the number of entries that were dropped.
    /// - Throws: `run.missing`; what `event` throws.
    public func changeLane(
        _ run: ULID, from old: Lane, to new: Lane, inputs: JSON, permit: Permit,
        event: (Int) throws(SluiceError) -> LedgerEvent
    ) throws(SluiceError) {
        try permit.require(.createRun)
        try changeLane(run, from: old, to: new, inputs: inputs, event: event)
    }

    /// Asks whoever drives the run to stop at the next safe point; any process may ask.
    ///
    /// Whoever drives it when this returns, or has its lock by now, sees it: only a drive that begins later takes it
    /// back. The column counts up and never comes back to a value that it had; it is odd while a stop is asked for.
    ///
    /// - Throws: `run.missing`; `run.state` when the run has ended and nobody drives it on.
    public func requestStop(_ id: ULID, permit: Permit) throws(SluiceError) {
        try permit.require(.createRun)
        try requestStop(id)
    }

    /// Records the decision that `body` makes of what the home keeps, in the transaction that shows it that.
    ///
    /// - Parameter permit: for `approveDestructive` when the decision is at Migration, else for `createRun`.
    /// - Throws: as `verifiedRun`, and what `body` throws; then nothing was written.
    @discardableResult
    public func recording<R>(
        _ run: ULID, permit: Permit,
        _ body: (VerifiedRun) throws(SluiceError) -> (decision: RecordedDecision, result: R)
    ) throws(SluiceError) -> R {
        try permit.require(.createRun, or: .approveDestructive)
        return try recording(run) { (found) throws(SluiceError) in
            let made = try body(found)
            try permit.require(made.decision.gate.stage == .migration ? .approveDestructive : .createRun)
            return made
        }
    }
}

/// Writing what a migration writes. With a permit for `migrate`.
extension StoreDatabase {
    /// Mirrors a chunk's checkpoint, with the rows that it sent to quarantine, in one transaction.
    ///
    /// A chunk that is written again replaces its checkpoint; its rows are in quarantine once.
    ///
    /// - Throws: `run.missing`.
    public func record(
        _ checkpoint: Checkpoint, quarantine rows: [QuarantineRow] = [], permit: Permit
    ) throws(SluiceError) {
        try permit.require(.migrate)
        try record(checkpoint, quarantine: rows)
    }

    /// Seals rows and puts them into quarantine, in one transaction; a row that is there already stays as it was.
    ///
    /// - Returns: how many are new.
    /// - Throws: `run.missing`.
    @discardableResult
    public func quarantine(_ rows: [QuarantineRow], runID: ULID, permit: Permit) throws(SluiceError) -> Int {
        try permit.require(.migrate)
        return try quarantine(rows, runID: runID)
    }

    /// Forgets a run's rows in quarantine: all of them before a migration begins anew, or those that have one reason
    /// before the validation that gives it is repeated.
    public func clearQuarantine(_ run: ULID, reason: String? = nil, permit: Permit) throws(SluiceError) {
        try permit.require(.migrate)
        try clearQuarantine(run, reason: reason)
    }

    /// Raises the present driver's token above one that the run's target has from a driver that this home does not know:
    /// the home was put back to an older state, or is a copy. Whoever drove the run beside it writes nothing more to the target.
    ///
    /// - Returns: the new lease, which is `lease` from now on.
    /// - Throws: `run.state` when this home knows of a newer driver, for then the token is that driver's; when nobody
    ///   drives the run over this connection; for a token that no driver can have had.
    public func raiseLease(above token: Int64, permit: Permit) throws(SluiceError) -> Lease {
        try permit.require(.migrate)
        return try raiseLease(above: token)
    }
}

extension ArtifactStore {
    /// The one artifact whose hash begins so.
    ///
    /// - Parameters:
    ///   - prefix: 8 to 64 hexadecimal digits of either case.
    ///   - permit: for `viewArtifactsMasked`.
    /// - Throws: `artifact.missing` when there is none, or several.
    public func find(prefix: String, permit: Permit) throws(SluiceError) -> SHA256.Digest {
        try permit.require(.viewArtifactsMasked)
        return try find(prefix: prefix)
    }
}

extension ResponseCache {
    /// - Parameter permit: for `callProvider`: an answer from the cache stands for a call.
    public init(_ store: StoreDatabase, permit: Permit, limits: Limits = Limits()) throws(SluiceError) {
        try permit.require(.callProvider)
        self.init(store, limits: limits)
    }
}

extension StoreDatabase {
    /// Whether the cache holds anything that could answer anybody.
    public var hasCachedResponses: Bool { !ResponseCache(self).isEmpty }
}

extension Home {
    /// The home's 32-byte key, from which pseudonyms and seals are derived. It never leaves the host.
    ///
    /// - Parameter permit: for `createRun`: whoever drives a run masks under it.
    /// - Throws: `file.failed` that says what to restore; a malformed key is never replaced.
    public func masterKey(permit: Permit) throws(SluiceError) -> [UInt8] {
        try permit.require(.createRun)
        return try masterKey()
    }
}
