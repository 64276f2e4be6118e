internal import Contracts
internal import Databases
public import Foundations
public import Policy

/// A closed part of a run's ledger; its seal proves its events, also when retention has dropped them.
public struct LedgerSegment: Sendable, Equatable {
    /// From 1.
    public let segment: Int64
    /// Numbers of its first and last event.
    public let first: Int64
    public let last: Int64
    /// The hash before its first event, and that of its last; hexadecimal.
    public let previousHash: String
    public let headHash: String
    /// The number of the event that tells that retention dropped it; nil while its events are there.
    public let droppedBy: Int64?

    public var json: JSON {
        [
            "segment": .int(segment), "first": .int(first), "last": .int(last), "prev_hash": .string(previousHash),
            "head_hash": .string(headHash), "dropped_by": droppedBy.map(JSON.int) ?? .null,
        ]
    }

    /// What its seal is over.
    func message(_ run: String) -> [UInt8] {
        JSON.object([
            "run_id": .string(run), "segment": .int(segment), "first": .int(first), "last": .int(last),
            "prev_hash": .string(previousHash), "head_hash": .string(headHash),
        ]).canonicalBytes
    }
}

/// A segment with what authenticates it.
struct SealedSegment {
    let segment: LedgerSegment
    let mac: [UInt8]
    let dropMAC: [UInt8]?
}

extension StoreDatabase {
    /// The sealed segments of a run, in order; `verifyLedger` tells whether their seals hold.
    func ledgerSegments(_ run: ULID) throws(SluiceError) -> [LedgerSegment] {
        try sealedSegments(run.description).map(\.segment)
    }

    /// Drops the events of a sealed segment, as retention asks; its seal stays and an event tells of it.
    ///
    /// The whole ledger is verified first: what is at fault is evidence and stays.
    ///
    /// - Parameters:
    ///   - actor: who asked; the id is recorded.
    ///   - permit: for `approveDestructive`.
    /// - Throws: `store.ledger` when there is no such segment, it was dropped before, or the ledger is at fault;
    ///   `run.missing`.
    public func dropSegment(
        _ number: Int64, of run: ULID, actor: String, permit: Permit
    ) throws(SluiceError) {
        try permit.require(.approveDestructive)
        try write { () throws(SluiceError) in
            let record = try self.run(run)
            let checked = try checkedLedger(run, mark: marks.read(run.description))
            guard let segment = try ledgerSegments(run).first(where: { $0.segment == number }) else {
                throw SluiceError(
                    .storeLedger, "The ledger of run \(run) has no sealed segment \(number).",
                    hint: "See its segments with `sluice ledger \(run) --verify --json`.")
            }
            guard segment.droppedBy == nil else {
                throw SluiceError(
                    .storeLedger, "The segment \(number) of run \(run) was dropped before.",
                    hint: "There is nothing left to drop in it.")
            }
            try insert(
                LedgerEvent(
                    eventID: context.ulid(), runID: run, timestampUTC: timestamp, stage: .supervisor,
                    decision: .accept, versions: checked.entries.last?.event.versions ?? record.versions,
                    note: [
                        "event": "ledger_segment_dropped", "segment": .int(number), "first": .int(segment.first),
                        "last": .int(segment.last), "head_hash": .string(segment.headHash), "actor": .string(actor),
                    ]))
            let teller = try ledgerHead(run.description)?.head.count ?? 0
            try change(
                "UPDATE ledger_segments SET dropped_by = ?, drop_mac = ? WHERE run_id = ? AND segment = ?",
                [
                    .int(teller), .blob(ledgerKeys.mac(dropOf: segment, run: run.description, by: teller)),
                    SQLiteValue(run), .int(number),
                ])
            try change(
                "DELETE FROM supervisor_ledger WHERE run_id = ? AND number BETWEEN ? AND ?",
                [SQLiteValue(run), .int(segment.first), .int(segment.last)])
        }
    }

    func sealedSegments(_ run: String) throws(SluiceError) -> [SealedSegment] {
        try rows(
            """
            SELECT segment, first, last, prev_hash, head_hash, dropped_by, mac, drop_mac FROM ledger_segments
            WHERE run_id = ? ORDER BY segment
            """, [.text(run)]
        ) { row in
            SealedSegment(
                segment: LedgerSegment(
                    segment: row.int(0), first: row.int(1), last: row.int(2), previousHash: row.text(3) ?? "",
                    headHash: row.text(4) ?? "", droppedBy: row.isNull(5) ? nil : row.int(5)),
                mac: row.blob(6) ?? [], dropMAC: row.blob(7))
        }
    }

    /// Seals what is open behind the last segment when it is full, or when the run has ended; inside a transaction.
    ///
    /// A run that goes on after all (a failed one that is resumed) begins a new segment.
    func sealLedgerIfDue(_ head: LedgerHead) throws(SluiceError) {
        let known = try rows(
            "SELECT segment, last, head_hash FROM ledger_segments WHERE run_id = ? ORDER BY segment DESC LIMIT 1",
            [.text(head.run)]
        ) { (segment: $0.int(0), last: $0.int(1), hash: $0.text(2) ?? "") }.first
        let first = (known?.last ?? 0) + 1
        if head.count - first + 1 < LedgerChain.segmentSize {
            let state = try rows("SELECT state FROM runs WHERE run_id = ?", [.text(head.run)]) { $0.text(0) }.first
            guard let state = state.flatMap({ $0 }).flatMap(RunState.init), !state.isOpen else { return }
        }
        let segment = LedgerSegment(
            segment: (known?.segment ?? 0) + 1, first: first, last: head.count,
            previousHash: known?.hash ?? LedgerChain.start(head.run).hex, headHash: head.hash, droppedBy: nil)
        try change(
            """
            INSERT INTO ledger_segments (run_id, segment, first, last, prev_hash, head_hash, mac)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(head.run), .int(segment.segment), .int(segment.first), .int(segment.last),
                .text(segment.previousHash), .text(segment.headHash), .blob(ledgerKeys.mac(segment, run: head.run)),
            ])
    }
}
