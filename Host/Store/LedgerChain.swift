internal import Databases
internal import Foundations

/// The hash chain of a run's events, and the keys that authenticate it.
///
/// h₀ = SHA-256("sluice/ledger/1\n" + run id); hₙ = SHA-256(hₙ₋₁ ‖ canonical JSON of event n). docs/ledger.md tells how
/// to check one without this program.
enum LedgerChain {
    static func start(_ run: String) -> SHA256.Digest { SHA256.hash("sluice/ledger/1\n" + run) }

    static func next(_ previous: SHA256.Digest, _ event: [UInt8]) -> SHA256.Digest {
        var hasher = SHA256()
        hasher.update(previous.bytes)
        hasher.update(event)
        return hasher.digest()
    }

    /// A segment is closed when it has so many events, and when its run ends.
    static let segmentSize: Int64 = 1000
}

/// How many events a run has, and the hash of the last.
struct LedgerHead: Equatable {
    let run: String
    let count: Int64
    let hash: String

    /// What the MAC is over.
    var message: [UInt8] {
        JSON.object(["count": .int(count), "head_hash": .string(hash), "run_id": .string(run)]).canonicalBytes
    }
}

/// Keys derived from the home's master key, which lies outside the database: who has the database alone cannot make
/// a head or a seal.
struct LedgerKeys: Sendable {
    private let head: HMACKey
    private let segment: HMACKey
    private let drop: HMACKey
    private let promotion: HMACKey

    init(masterKey: [UInt8]) {
        head = HMACKey(Sealing.derive(from: masterKey, purpose: "sluice/ledger-head/1"))
        segment = HMACKey(Sealing.derive(from: masterKey, purpose: "sluice/ledger-segment/1"))
        drop = HMACKey(Sealing.derive(from: masterKey, purpose: "sluice/ledger-drop/1"))
        promotion = HMACKey(Sealing.derive(from: masterKey, purpose: "sluice/artifact-promotion/1"))
    }

    func mac(_ head: LedgerHead) -> [UInt8] { self.head.authenticate(head.message) }

    func mac(_ segment: LedgerSegment, run: String) -> [UInt8] { self.segment.authenticate(segment.message(run)) }

    /// - Parameter place: the promotion's row, which is part of what is authenticated.
    func mac(_ promotion: ArtifactPromotion, at place: Int64) -> [UInt8] {
        self.promotion.authenticate(promotion.message(place))
    }

    /// Over a dropped segment and the number of the event that tells of it.
    func mac(dropOf segment: LedgerSegment, run: String, by event: Int64) -> [UInt8] {
        drop.authenticate(segment.message(run) + Array("\n\(event)".utf8))
    }
}

// MARK: - Linking

extension StoreDatabase {
    /// The head that a run has now, unchecked; nil before its first event.
    func ledgerHead(_ run: String) throws(SluiceError) -> (head: LedgerHead, mac: [UInt8])? {
        try rows("SELECT count, head_hash, mac FROM ledger_heads WHERE run_id = ?", [.text(run)]) {
            (head: LedgerHead(run: run, count: $0.int(0), hash: $0.text(1) ?? ""), mac: $0.blob(2) ?? [])
        }.first
    }

    /// The place of the next event, inside a transaction: its number, the hash before it and its own.
    ///
    /// - Throws: `store.ledger` when the head was not made with this home's key: nothing is linked to a forgery.
    func ledgerLink(
        _ run: String, _ event: [UInt8]
    ) throws(SluiceError) -> (number: Int64, previous: String, hash: String) {
        let known = try ledgerHead(run)
        let previous: SHA256.Digest
        if let known {
            guard Sealing.equal(ledgerKeys.mac(known.head), known.mac), let hash = SHA256.Digest(hex: known.head.hash)
            else {
                throw SluiceError(
                    .storeLedger, "The head of the ledger of run \(run) was not made by this home; nothing is added.",
                    hint: "Look with `sluice ledger \(run) --verify`; keep the home as evidence.")
            }
            previous = hash
        } else {
            let left = try rows(
                """
                SELECT 1 WHERE EXISTS (SELECT 1 FROM supervisor_ledger WHERE run_id = ?1)
                  OR EXISTS (SELECT 1 FROM ledger_segments WHERE run_id = ?1)
                """, [.text(run)]
            ) { $0.int(0) }
            guard left.isEmpty else {
                throw SluiceError(
                    .storeLedger, "The head of the ledger of run \(run) is missing; nothing is added.",
                    hint: "Look with `sluice ledger \(run) --verify`; keep the home as evidence.")
            }
            previous = LedgerChain.start(run)
        }
        try requireMark(run, known?.head)
        return ((known?.head.count ?? 0) + 1, previous.hex, LedgerChain.next(previous, event).hex)
    }

    /// Moves a run's head onto its newest event, inside a transaction.
    func moveLedgerHead(_ head: LedgerHead) throws(SluiceError) {
        let mac = SQLiteValue.blob(ledgerKeys.mac(head))
        movedHeads[head.run] = head
        if head.count == 1 {
            try change(
                "INSERT INTO ledger_heads (run_id, count, head_hash, mac) VALUES (?, 1, ?, ?)",
                [.text(head.run), .text(head.hash), mac])
        } else {
            try change(
                "UPDATE ledger_heads SET count = ?, head_hash = ?, mac = ? WHERE run_id = ?",
                [.int(head.count), .text(head.hash), mac, .text(head.run)])
        }
    }

    /// What `body` reads is one state of the database, and nothing is written. It is given the run's mark.
    func ledgerSnapshot<R>(
        _ run: ULID, _ body: (LedgerHead?) throws(SluiceError) -> R
    ) throws(SluiceError) -> R {
        // Before the database: a mark is behind the ledger when it is read, and others may append since.
        let mark = try marks.read(run.description)
        try change("BEGIN")
        defer { _ = try? change("ROLLBACK") }
        return try body(mark)
    }
}
