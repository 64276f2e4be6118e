internal import Contracts
internal import Databases
public import Foundations

/// What a ledger that holds is: recomputed, and authenticated with the key of its home.
public struct VerifiedLedger: Sendable, Equatable {
    public let runID: ULID
    /// All events that the run ever had, dropped ones too.
    public let count: Int64
    /// hₙ of the last event, hexadecimal.
    public let headHash: String
    public let segments: [LedgerSegment]
    /// How many of its events the mark outside the database proves; nil when there is no mark.
    public let marked: Int64?

    /// The events that retention dropped.
    public var dropped: Int64 { segments.reduce(0) { $0 + ($1.droppedBy == nil ? 0 : $1.last - $1.first + 1) } }

    public var json: JSON {
        [
            "run_id": .string(runID.description), "verified": true, "events": .int(count),
            "events_dropped": .int(dropped), "head_hash": .string(headHash), "marked": marked.map(JSON.int) ?? .null,
            "segments": .array(segments.map(\.json)),
        ]
    }
}

/// What is wrong with a ledger, and from which event on.
struct LedgerFault: Equatable {
    enum Kind: String {
        case edited, deleted, reordered
        case tailCut = "tail cut"
        case rebuilt = "chain rebuilt without the key"
        case headMissing = "head missing"
        case sealMissing = "seal missing"
        case summaryChanged = "decision summary changed"
    }

    let number: Int64
    let kind: Kind
    let words: String

    /// - Parameter command: what shows it; nil where it was just shown.
    func error(_ of: String, shownBy command: String? = nil) -> SluiceError {
        SluiceError(
            .storeLedger, "The ledger of \(of) does not hold: event \(number): \(kind.rawValue). \(words)",
            hint: command.map { "`\($0)` shows it again. \(ErrorKind.storeLedger.hint)" } ?? ErrorKind.storeLedger.hint)
    }
}

/// One event as it lies in a store or an export, not yet believed.
struct LedgerLine {
    let number: Int64
    let text: [UInt8]
    /// Nil where the hash before it is not kept with it.
    let previousHash: String?
    let hash: String
    /// Whether what is kept beside the text says the same.
    let isConsistent: Bool
    /// What the text says, with its place in the home's ledger; nil in an export, and where it does not parse.
    var entry: LedgerEntry?
}

/// A part whose events are gone, and whose seal is believed.
struct LedgerGap {
    let first: Int64
    let last: Int64
    let previousHash: String
    let headHash: String
}

/// Recomputes a chain; pure.
struct LedgerWalk {
    /// The events up to here follow from each other.
    private(set) var count: Int64 = 0
    private(set) var head: SHA256.Digest
    private(set) var fault: LedgerFault?
    /// By number; what a gap holds is not in it.
    private(set) var hashes: [Int64: String] = [:]

    init(run: String, lines: [LedgerLine], gaps: [LedgerGap]) {
        head = LedgerChain.start(run)
        hashes[0] = head.hex
        for line in lines {
            pass(gaps)
            guard fault == nil else { return }
            step(line, among: lines)
            guard fault == nil else { return }
        }
        pass(gaps)
    }

    private mutating func pass(_ gaps: [LedgerGap]) {
        while let gap = gaps.first(where: { $0.first == count + 1 }) {
            guard gap.previousHash == head.hex, let next = SHA256.Digest(hex: gap.headHash), gap.last >= gap.first
            else {
                fault = LedgerFault(
                    number: gap.first, kind: .rebuilt,
                    words: "The seal of the dropped events \(gap.first) to \(gap.last) does not follow what is before.")
                return
            }
            head = next
            count = gap.last
            hashes[count] = head.hex
        }
    }

    private mutating func step(_ line: LedgerLine, among lines: [LedgerLine]) {
        let number = count + 1
        guard line.number == number else {
            let isElsewhere = line.number < number || lines.contains { $0.number == number }
            fault =
                isElsewhere
                ? LedgerFault(number: number, kind: .reordered, words: "Event \(line.number) stands in its place.")
                : LedgerFault(number: number, kind: .deleted, words: "Behind event \(count) comes \(line.number).")
            return
        }
        let own = LedgerChain.next(head, line.text)
        guard own.hex == line.hash, line.previousHash ?? head.hex == head.hex, line.isConsistent else {
            fault = diagnosis(line, number, among: lines)
            return
        }
        head = own
        count = number
        hashes[count] = head.hex
    }

    private func diagnosis(_ line: LedgerLine, _ number: Int64, among lines: [LedgerLine]) -> LedgerFault {
        let owner = lines.first { $0.number != number && LedgerChain.next(head, $0.text).hex == line.hash }
        if let owner {
            return LedgerFault(
                number: number, kind: .reordered, words: "Its text lies at event \(owner.number) now.")
        }
        if let kept = line.previousHash, kept != head.hex, let previous = SHA256.Digest(hex: kept),
            LedgerChain.next(previous, line.text).hex == line.hash
        {
            return lines.contains { $0.hash == kept }
                ? LedgerFault(number: number, kind: .reordered, words: "It followed another event when it was written.")
                : LedgerFault(number: number, kind: .deleted, words: "The event that it followed is not there.")
        }
        return LedgerFault(
            number: number, kind: .edited, words: "It does not have the hash that was kept when it was written.")
    }
}

extension StoreDatabase {
    /// Recomputes a run's chain and checks head and seals with the home's key; writes nothing.
    ///
    /// - Throws: `store.ledger` that names the first event at fault and what was done to it; `run.missing` when nothing
    ///   tells of such a run.
    func verifyLedger(_ run: ULID) throws(SluiceError) -> VerifiedLedger {
        try ledgerSnapshot(run) { (mark) throws(SluiceError) in try checkedLedger(run, mark: mark).state }
    }

    /// As `verifyLedger`, with the events in order, parsed once, and their texts; inside a transaction.
    ///
    /// - Parameter mark: the run's, read when no other process could have appended since the transaction's beginning.
    func checkedLedger(
        _ run: ULID, mark: LedgerHead?
    ) throws(SluiceError) -> (state: VerifiedLedger, lines: [LedgerLine], entries: [LedgerEntry]) {
        let id = run.description
        let lines = try rows(
            """
            SELECT \(Self.eventColumns), number, prev_hash, hash, seq FROM supervisor_ledger WHERE run_id = ? ORDER BY seq
            """, [.text(id)]
        ) { row in
            var text: [UInt8] = []
            row.withText(0) { text = Array($0) }
            let number = row.int(7)
            let hash = row.text(9) ?? ""
            let entry = Self.event(in: row).map {
                LedgerEntry(sequence: row.int(10), number: number, hash: hash, event: $0)
            }
            return LedgerLine(
                number: number, text: text, previousHash: row.text(8) ?? "", hash: hash, isConsistent: entry != nil,
                entry: entry)
        }
        let sealed = try sealedSegments(id)
        let head = try ledgerHead(id)
        if lines.isEmpty, sealed.isEmpty, head == nil, mark == nil { _ = try self.run(run) }
        var seals = LedgerSeals(run: id, sealed: sealed, keys: ledgerKeys)
        let walk = LedgerWalk(run: id, lines: lines, gaps: seals.gaps)
        seals.compare(with: walk)
        var fault = [walk.fault, seals.fault].compactMap { $0 }.min { $0.number < $1.number }
        if fault == nil { fault = headFault(head, walk, sealed: seals.proven) }
        if fault == nil { fault = markFault(mark, walk) }
        let entries = lines.compactMap(\.entry)
        if fault == nil { fault = try summaryFault(run, walk, entries) }
        if let fault { throw fault.error("run \(id)", shownBy: "sluice ledger \(id) --verify") }
        let state = VerifiedLedger(
            runID: run, count: walk.count, headHash: walk.head.hex, segments: sealed.map(\.segment),
            marked: mark?.count)
        return (state, lines, entries)
    }

    /// - Parameter sealed: the last event that a seal proves.
    private func headFault(
        _ known: (head: LedgerHead, mac: [UInt8])?, _ walk: LedgerWalk, sealed: Int64
    ) -> LedgerFault? {
        let count = walk.count
        let behind = "Nothing proves what is behind event \(sealed), or that nothing is."
        guard let (head, mac) = known else {
            return LedgerFault(number: sealed + 1, kind: .headMissing, words: behind)
        }
        guard Sealing.equal(ledgerKeys.mac(head), mac) else {
            return LedgerFault(
                number: sealed + 1, kind: .rebuilt, words: "Its head was not made by this home for this run. \(behind)")
        }
        if head.count > count {
            return LedgerFault(
                number: count + 1, kind: .tailCut, words: "Its head counts \(head.count) events; \(count) are there.")
        }
        if let hash = walk.hashes[head.count], hash == head.hash {
            if head.count == count { return nil }
            return LedgerFault(
                number: head.count + 1, kind: .rebuilt, words: "Its head counts \(head.count) events; more are there.")
        }
        return LedgerFault(
            number: sealed + 1, kind: .rebuilt, words: "Its head is the home's, and not that of these events.")
    }

    /// The Decision Summary says of each stage what its last event does, and counts what was ever appended.
    ///
    /// Events that were dropped belonged to some stage: then a stage may count more than are there, and one whose events
    /// are all gone is believed.
    private func summaryFault(
        _ run: ULID, _ walk: LedgerWalk, _ entries: [LedgerEntry]
    ) throws(SluiceError) -> LedgerFault? {
        let summary: [DecisionSummary]
        do throws(SluiceError) { summary = try decisionSummary(run) } catch {
            guard error.detail == ErrorKind.storeDamaged.id else { throw error }
            return summaryFault(at: walk.count, "a row of it cannot be read")
        }
        var last: [Stage: LedgerEntry] = [:]
        var counts: [Stage: Int64] = [:]
        for entry in entries {
            last[entry.event.stage] = entry
            counts[entry.event.stage, default: 0] += 1
        }
        let dropped = walk.count - Int64(entries.count)
        for row in summary {
            let counted = counts[row.stage] ?? 0
            guard row.events > 0, row.events >= counted, row.events - counted <= dropped else {
                return summaryFault(
                    at: last[row.stage]?.number ?? walk.count,
                    "it counts \(row.events) events of \(row.stage.rawValue), and \(counted) are there")
            }
            if let entry = last[row.stage], row != DecisionSummary(entry.event, events: row.events) {
                return summaryFault(
                    at: entry.number, "of \(row.stage.rawValue) it does not say what the last event does")
            }
        }
        let told = Set(summary.map(\.stage))
        for (stage, entry) in last.sorted(by: { $0.key < $1.key }) where !told.contains(stage) {
            return summaryFault(at: entry.number, "it does not tell of \(stage.rawValue)")
        }
        guard summary.reduce(0, { $0 + $1.events }) == walk.count else {
            return summaryFault(at: walk.count, "it does not count \(walk.count) events in all")
        }
        return nil
    }

    private func summaryFault(at number: Int64, _ what: String) -> LedgerFault {
        LedgerFault(
            number: number, kind: .summaryChanged,
            words: "The events hold; the summary that is kept for fast reads does not say the same: \(what).")
    }
}

/// The seals of a run's segments: each the home's, one behind the other, and over these very events.
struct LedgerSeals {
    private(set) var fault: LedgerFault?
    /// What was dropped by the home itself.
    private(set) var gaps: [LedgerGap] = []
    /// The last event that a seal proves, once compared.
    private(set) var proven: Int64 = 0
    private let segments: [LedgerSegment]

    init(run: String, sealed: [SealedSegment], keys: LedgerKeys) {
        var segments: [LedgerSegment] = []
        for (index, seal) in sealed.enumerated() {
            let segment = seal.segment
            let first = (segments.last?.last ?? 0) + 1
            guard segment.segment == Int64(index + 1), segment.first == first, segment.last >= first else {
                fault = LedgerFault(
                    number: first, kind: .sealMissing, words: "Segment \(index + 1), which begins there, has no seal.")
                break
            }
            var holds = Sealing.equal(keys.mac(segment, run: run), seal.mac)
            if let teller = segment.droppedBy {
                holds =
                    holds && Sealing.equal(keys.mac(dropOf: segment, run: run, by: teller), seal.dropMAC ?? [])
                if holds {
                    gaps.append(
                        LedgerGap(
                            first: segment.first, last: segment.last, previousHash: segment.previousHash,
                            headHash: segment.headHash))
                }
            }
            guard holds else {
                fault = LedgerFault(
                    number: first, kind: .rebuilt,
                    words: "The seal of segment \(segment.segment) was not made by this home for this run.")
                break
            }
            segments.append(segment)
        }
        self.segments = segments
    }

    /// Sees whether the seals are over what was walked; nothing is concluded behind the walk's own fault.
    mutating func compare(with walk: LedgerWalk) {
        for segment in segments {
            if segment.last > walk.count {
                if walk.fault == nil, fault == nil {
                    fault = LedgerFault(
                        number: walk.count + 1, kind: .tailCut,
                        words: "Segment \(segment.segment) was sealed up to event \(segment.last).")
                }
                return
            }
            guard walk.hashes[segment.last] == segment.headHash,
                walk.hashes[segment.first - 1] ?? segment.previousHash == segment.previousHash
            else {
                fault = LedgerFault(
                    number: segment.first, kind: .rebuilt,
                    words: "The seal of segment \(segment.segment) is over other events than these.")
                return
            }
            proven = segment.last
        }
        if walk.fault == nil, fault == nil, walk.count - proven >= LedgerChain.segmentSize {
            fault = LedgerFault(
                number: proven + 1, kind: .sealMissing,
                words: "\(walk.count - proven) events are open; a seal is due each \(LedgerChain.segmentSize).")
        }
    }
}
