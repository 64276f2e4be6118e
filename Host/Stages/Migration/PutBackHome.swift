internal import Contracts
internal import Foundations
internal import Policy
internal import Store

/// What a target may know that the home does not: a home that was put back to an older state, or is a copy of another.
extension MigrationStage {
    /// Prepares the target, and goes on above a token that another driver left there and the home does not know.
    ///
    /// A driver that was overtaken is not meant: its home knows the newer one, for a token is in the home before it is in
    /// the target. A token that is this driver's own, under another driver's name, comes from a copy of the home.
    ///
    /// - Throws: `run.state` when the home knows of a newer driver; then nothing was raised.
    func claim(_ target: SQLiteTarget) throws {
        let own = target.lease.token
        var above: Int64?
        try target.prepare { (known) throws in
            above = known
            return try stage.store.raiseLease(above: known, permit: writing())
        }
        guard let above else { return }
        stage.observer.notice(
            """
            The home was put back to an older state, or copied: the target knows lease \(above) of this run from a driver \
            that this home does not know, which had given lease \(own). This driver goes on with lease \
            \(target.lease.token); any other of the run writes nothing more.
            """)
    }

    /// Whether what is staged cannot be gone on with; there is no promotion yet.
    ///
    /// A validation that was being repeated did not end: quarantine may hold rows that are still staged, beside those that
    /// were withdrawn, and nobody can tell them apart. Or chunks are missing between others, or behind them although they
    /// were validated. Or the home does not hold what the chunks left out.
    func mustStageAnew(_ target: SQLiteTarget, _ totalRows: Int64?) throws -> Bool {
        let validation = try target.validation()
        switch validation {
        case .stale: return true
        case .none, .done:
            let staged = try target.records.checkpoints()
            if let fault = ChunkRecord.fault(in: staged, rows: validation == .done ? totalRows : nil) {
                stage.observer.notice(
                    """
                    The chunks that are staged do not hang together: \(fault). Somebody changed the target. Everything is \
                    staged anew.
                    """)
                return true
            }
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
            try stage.store.checkpoints(run, permit: stage.permit(.viewArtifactsMasked)).map { ($0.chunkID, $0) },
            uniquingKeysWith: { first, _ in first })
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
