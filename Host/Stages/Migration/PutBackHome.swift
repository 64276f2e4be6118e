internal import Contracts
internal import Foundations
internal import Store

/// What a target may know that the home does not: a home that was put back to an older state, or is a copy of another.
extension MigrationStage {
    /// Goes on above a token that the target knows and the home does not.
    ///
    /// A driver that was overtaken is not meant: its home knows the newer one, for a token is in the home before it is in
    /// the target.
    ///
    /// - Throws: `run.state` when the home knows of a newer driver; then nothing was raised.
    func claim(_ target: SQLiteTarget, _ lease: Lease) throws {
        let known = try target.records.leaseToken()
        guard known > lease.token else { return }
        let raised = try stage.store.raiseLease(above: known)
        target.claim(raised.token)
        stage.observer.notice(
            """
            The home was put back to an older state, or copied: the target knows lease \(known) of this run, and the home \
            \(lease.token). This driver goes on with lease \(raised.token); any other of the run writes nothing more.
            """)
    }

    /// Whether what is staged cannot be gone on with; there is no promotion yet.
    ///
    /// A validation that was being repeated did not end: quarantine may hold rows that are still staged, beside those that
    /// were withdrawn, and nobody can tell them apart. Or the home does not hold what the chunks left out.
    func mustStageAnew(_ target: SQLiteTarget) throws -> Bool {
        switch try target.validation() {
        case .stale: return true
        case .none, .done:
            guard let chunk = try unknownChunk(target.records) else { return false }
            stage.observer.notice(
                """
                The target has rows of this run that the home does not account for (\(chunk)): the home was put back to \
                an older state. Everything is staged anew.
                """)
            return true
        }
    }

    /// What the target holds in staging and the home has no equal record of, or not all of the quarantine.
    private func unknownChunk(_ target: TargetRecords) throws -> String? {
        let run = stage.contract.runID
        let staged = try target.checkpoints()
        let known = Dictionary(
            try stage.store.checkpoints(run).map { ($0.chunkID, $0) }, uniquingKeysWith: { first, _ in first })
        // Those of a validation are beside what a chunk left out when it was written.
        let counts = try stage.store.quarantineCounts(run, withoutReasons: SQLiteTarget.withdrawalReasons)
        for chunk in staged {
            let number = Int64(chunk.chunk)
            let isSame =
                known[number]?.contentHash?.hex == chunk.contentHash
                && known[number]?.rowCountIn == Int64(chunk.rowsIn)
                && known[number]?.rowCountOut == Int64(chunk.rowsOut)
            guard isSame, counts[number] ?? 0 == Int64(chunk.rowsIn - chunk.rowsOut) else {
                return "chunk \(chunk.chunk)"
            }
        }
        guard let mark = try target.validation() else { return nil }
        let rowsIn = staged.reduce(Int64(0)) { $0 + Int64($1.rowsIn) }
        return try stage.store.quarantineCount(run) == rowsIn - mark.rowsOut ? nil : "rows that were withdrawn"
    }
}
