public import Contracts
public import Foundations
public import Policy

/// A row in quarantine with the values that its source had.
public struct UnmaskedRow: Sendable, Equatable {
    public let record: QuarantineRecord
    /// Column → text, nil for a null.
    public let raw: [String: String?]
}

/// The one door to raw values of a home. It opens only behind an event that tells who looked, and why.
extension StoreDatabase {
    /// A page of a run's rows in quarantine with their raw values, by chunk and ordinal.
    ///
    /// The event is in the run's ledger, and the mark outside the database is raised to it, before a seal is opened.
    ///
    /// - Parameters:
    ///   - after: the chunk and ordinal of the last row of the page before; nil for the first page.
    ///   - permit: for `viewPIIUnmasked`.
    ///   - event: made from the rows that will be shown; not asked for when there are none.
    /// - Returns: nothing when no row is there.
    /// - Throws: `policy.denied`; what keeps the event from being written (`store.ledger`, `store.failed`, `file.failed`),
    ///   and then no value was read; `store.failed` for a seal that is broken.
    public func unmasked(
        _ run: ULID, after: (chunkID: Int64, ordinal: Int64)? = nil, limit: Int, permit: Permit,
        event: ([QuarantineRecord]) -> LedgerEvent
    ) throws(SluiceError) -> [UnmaskedRow] {
        try permit.require(.viewPIIUnmasked)
        let found = try write(.viewUnmasked) { () throws(SluiceError) in
            let found = try sealedRows(run, after: after, limit: limit)
            guard !found.isEmpty else { return found }
            let event = event(found.map(\.record))
            precondition(event.runID == run)
            try insert(event)
            return found
        }
        // An event that only the database has could be taken back with it.
        if let failure = unmarkedHeads.isEmpty ? nil : markFailure { throw failure }
        let key = try quarantineKey()
        return try found.map { (record, box) throws(SluiceError) in
            UnmaskedRow(record: record, raw: try opened(box, of: record, key: key))
        }
    }
}
