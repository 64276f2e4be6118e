internal import Databases
internal import Foundations
internal import Glibc

/// How far each run's ledger has come, kept outside of the database: `keys/ledgers/RUN`, with a MAC.
///
/// A head in the database can be put back together with its events, from an earlier copy. The mark beside the keys
/// cannot, by who has the database alone. It is written behind the commit: a crash in between, a full disk too, leaves
/// it behind the ledger by the events of that transaction, never ahead. A ledger must reach its mark and go through it.
struct LedgerMarks {
    private let folder: String
    private let lock: String
    private let key: HMACKey

    init(home: Home, masterKey: [UInt8]) {
        folder = home.ledgerMarksFolder
        lock = home.locksFolder + "/ledgers.lock"
        key = HMACKey(Sealing.derive(from: masterKey, purpose: "sluice/ledger-mark/1"))
    }

    private func path(_ run: String) -> String { folder + "/" + run }

    /// nil for a run whose events a version without marks has written, and for one that has none.
    ///
    /// - Throws: `store.ledger` for a file that is malformed, another run's, or was not made with the home's key;
    ///   `file.failed` when it cannot be told whether there is one.
    func read(_ run: String) throws(SluiceError) -> LedgerHead? {
        let path = path(run)
        guard let bytes = try Files.readIfThere(path, limit: 256) else { return nil }
        let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        if words.count == 3, let count = Int64(words[0]), let mac = Hex.decode(String(words[2])) {
            let head = LedgerHead(run: run, count: count, hash: String(words[1]))
            if Sealing.equal(key.authenticate(head.message), mac) { return head }
        }
        throw SluiceError(
            .storeLedger, "\(path) is malformed or was not made with the key of this home.",
            hint: "Restore it from a backup of this home, beside its sluice.db and keys/master.key.")
    }

    /// Raises a run's mark to a head that is durable in the database; one that is there already stays.
    ///
    /// - Parameter milliseconds: how long to wait for another process that raises one. It may sleep, and a mark that is
    ///   behind is allowed.
    /// - Throws: `store.failed` when that one is not done by then; `file.failed`; as `read`.
    func raise(_ head: LedgerHead, context: Context, milliseconds: Int = 1000) throws(SluiceError) {
        if !Files.isDirectory(folder) { try DurableFile.makeFolder(folder) }
        try DurableFile.locked(lock, milliseconds: milliseconds) { () throws(SluiceError) in
            if let known = try read(head.run), known.count >= head.count { return }
            let text = "\(head.count) \(head.hash) \(Hex.encode(key.authenticate(head.message)))\n"
            try DurableFile.write(Array(text.utf8), to: path(head.run), context: context, step: .ledgerMark)
        }
    }

    /// The runs that have one.
    func runs() throws(SluiceError) -> [ULID] {
        guard try Files.isThere(folder) else { return [] }
        return try Files.mapping { () throws(Files.Failure) in try Files.list(folder) }.compactMap { ULID($0) }
    }
}

extension StoreDatabase {
    /// Refuses to link an event to a ledger that is not as long as it once was; inside a transaction.
    func requireMark(_ run: String, _ head: LedgerHead?) throws(SluiceError) {
        guard let mark = try marks.read(run) else { return }
        let count = head?.count ?? 0
        if mark.count < count || mark == head { return }
        throw Self.fault(mark, count).error("run \(run)", shownBy: "sluice ledger \(run) --verify")
    }

    /// What a walk over a run's ledger has to go through.
    func markFault(_ mark: LedgerHead?, _ walk: LedgerWalk) -> LedgerFault? {
        guard let mark else { return nil }
        if mark.count > walk.count { return Self.fault(mark, walk.count) }
        // The hash of an event that was dropped is behind a seal of the home.
        guard let hash = walk.hashes[mark.count], hash != mark.hash else { return nil }
        return LedgerFault(
            number: mark.count, kind: .rebuilt,
            words: "The home has recorded another event there, outside the database.")
    }

    private static func fault(_ mark: LedgerHead, _ count: Int64) -> LedgerFault {
        let word = mark.count == count ? "other ones" : "\(count)"
        return LedgerFault(
            number: min(mark.count, count + 1), kind: .tailCut,
            words: """
                The home has recorded \(mark.count) events outside the database, and \(word) are there: an earlier copy \
                was put back.
                """)
    }

    /// Behind the commit of a transaction. What fails here leaves the marks behind, which is allowed; the event stands.
    ///
    /// It is tried again behind each commit over this connection, whatever that writes, and not waited for until one of
    /// them came through: one that finds the lock held costs a system call or two.
    func raiseMarks() {
        unmarkedHeads.merge(movedHeads) { $1 }
        movedHeads = [:]
        var wait = markFailure == nil ? markMilliseconds : 0
        for (run, head) in unmarkedHeads {
            do throws(SluiceError) {
                try marks.raise(head, context: context, milliseconds: wait)
                unmarkedHeads[run] = nil
            } catch {
                markFailure = error
                wait = 0
            }
        }
        if unmarkedHeads.isEmpty { markFailure = nil }
    }

    /// The runs of which the home has recorded events, and that are not there any more.
    ///
    /// Each has a mark outside the database, or a head in it, and no row; and its events, if they are there, begin with
    /// its creation, or retention dropped the first of them. Refusals before a run are recorded, too, and are none.
    func erasedRuns() throws(SluiceError) -> [ULID] {
        // Before the database: a mark is behind the ledger when it is read.
        let marked = try marks.runs().map(\.description)
        let listed = Set(try rows("SELECT run_id FROM runs") { $0.text(0) ?? "" })
        let headed = try rows("SELECT run_id FROM ledger_heads WHERE run_id NOT IN (SELECT run_id FROM runs)") {
            $0.text(0) ?? ""
        }
        var found: [ULID] = []
        for name in Set(marked).union(headed).subtracting(listed).sorted(by: >) {
            if let run = ULID(name), try isErased(run) { found.append(run) }
        }
        return found
    }

    /// Whether a run that has no row had one; see `erasedRuns`.
    func isErased(_ run: ULID) throws(SluiceError) -> Bool {
        let id = run.description
        guard let head = try ledgerHead(id)?.head else { return try marks.read(id) != nil }
        let first = try rows(
            """
            SELECT json_extract(event, '$.note.event') FROM supervisor_ledger WHERE run_id = ? AND number = 1
              AND json_valid(event)
            """, [.text(id)]
        ) { $0.text(0) }.first
        return head.count > 0 && (first.map { $0 == "run_created" } ?? true)
    }

    func erased(_ run: ULID) -> SluiceError {
        SluiceError(
            .storeLedger,
            "The run \(run) is not in the database, and the home has recorded events of it: it was erased.",
            hint: "Keep the home as evidence and restore a backup elsewhere.")
    }
}

extension Home {
    var ledgerMarksFolder: String { keysFolder + "/ledgers" }
}
