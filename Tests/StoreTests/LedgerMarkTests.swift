import Contracts
import Foundations
import Glibc
import Testing

@testable import Store

@Suite struct `The mark of a ledger` {
    /// Copies the database as it is.
    private func copy(_ store: StoreDatabase, to path: String) throws {
        try store.change("PRAGMA wal_checkpoint(TRUNCATE)")
        try Files.writeAtomically(try Files.read(store.home.databasePath), to: path)
    }

    private func events(_ store: StoreDatabase, _ run: ULID, _ count: Int) throws {
        for number in 0..<count { try store.append(makeEvent(run, note: ["n": JSON(number)])) }
    }

    @Test func `counts what is in the ledger, run by run`() throws {
        try withStore { store in
            let run = try store.makeRun()
            #expect(try store.marks.read(run.description) == nil)
            try events(store, run, 3)
            #expect(try store.marks.read(run.description) == store.ledgerHead(run.description)?.head)
            #expect(try store.marks.runs() == [run])
        }
    }

    @Test func `behind its ledger it is allowed, and catches up with the next event`() throws {
        try withStore { store in
            let run = try store.makeRun()
            try events(store, run, 2)
            let path = store.home.ledgerMarksFolder + "/\(run)"
            let early = try Files.read(path)
            try events(store, run, 3)
            try Files.writeAtomically(early, to: path)
            #expect(try store.verifyLedger(run).count == 5)
            unlink(path)
            #expect(try store.verifyLedger(run).count == 5)
            try Files.writeAtomically(early, to: path)
            try events(store, run, 1)
            #expect(try store.marks.read(run.description)?.count == 6)
            // One that is behind is not written over a newer one.
            try store.marks.raise(LedgerHead(run: run.description, count: 1, hash: "00"), context: .system)
            #expect(try store.marks.read(run.description)?.count == 6)
        }
    }

    @Test func `says how far it reaches`() throws {
        try withStore { store in
            let run = try store.makeRun()
            try events(store, run, 3)
            #expect(try store.verifyLedger(run).marked == 3 && store.verifiedRun(run).marked == 3)
            #expect(try store.verifyLedger(run).json["marked"] == 3)
            unlink(store.home.ledgerMarksFolder + "/\(run)")
            #expect(try store.verifyLedger(run).marked == nil && store.verifyLedger(run).json["marked"] == .null)
        }
    }

    /// Holds a lock file as a process does that sleeps, while `body` runs.
    private func holding<R>(_ path: String, _ body: () throws -> R) throws -> R {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        try #require(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        return try body()
    }

    @Test func `does not wait without end for a process that sleeps, and catches up with the next commit`() throws {
        try withStore { store in
            let (run, other) = (try store.makeRun(), try store.makeRun("other"))
            try events(store, run, 1)
            store.markMilliseconds = 30
            try holding(store.home.locksFolder + "/ledgers.lock") {
                let began = Context.system.monotonic()
                try events(store, run, 2)
                #expect(Context.system.monotonic() - began < 900_000_000, "the second did not wait again")
            }
            #expect(try store.events(run).count == 3 && store.verifyLedger(run).marked == 1)
            #expect(store.markFailure?.detail == "store.failed")
            // Behind whatever is written next.
            try store.update(other, RunChange(state: .running))
            #expect(try store.verifyLedger(run).marked == 3 && store.markFailure == nil)
        }
    }

    @Test func `waits for a process that sleeps once, however much is committed meanwhile`() throws {
        try withStore { store in
            let run = try store.makeRun()
            store.markMilliseconds = 1
            try holding(store.home.locksFolder + "/ledgers.lock") {
                try events(store, run, 1)
                #expect(store.markFailure != nil)
                // Any share of this would be seen.
                store.markMilliseconds = 1_200_000
                let began = Context.system.monotonic()
                try events(store, run, 20)
                #expect(Context.system.monotonic() - began < 10_000_000_000)
            }
            store.markMilliseconds = 1000
            try events(store, run, 1)
            #expect(try store.verifyLedger(run).marked == 22 && store.markFailure == nil)
        }
    }

    @Test func `a home that another process sets up for long is told, not waited for without end`() throws {
        try withStore { store in
            var home = store.home
            #expect(home.setupMilliseconds == 10_000)
            home.setupMilliseconds = 30
            let patient = home
            try holding(home.setupLock) {
                expectFailure("store.failed", "fuser \(home.setupLock)") {
                    try StoreDatabase(home: patient, context: .system)
                }
            }
            _ = try StoreDatabase(home: patient, context: .system)
        }
    }

    @Test func `that cannot be looked at is not taken for absent`() throws {
        try withStore { store in
            let run = try store.makeRun()
            try events(store, run, 2)
            let marks = store.home.ledgerMarksFolder
            try #require(rename(marks, marks + ".aside") == 0)
            // ENOTDIR below it.
            try Files.writeAtomically([], to: marks)
            expectFailure("file.failed", "\(marks)/\(run)") { try store.verifyLedger(run) }
            expectFailure("file.failed", marks) { try store.listedRuns() }
            // Nothing is added to a ledger whose mark is unknown.
            expectFailure("file.failed", "\(marks)/\(run)") { try store.append(makeEvent(run)) }
            unlink(marks)
            try #require(rename(marks + ".aside", marks) == 0)
            #expect(try store.verifyLedger(run).marked == 2)
            // A link that leads nowhere is there.
            for path in ["\(marks)/\(run)", store.home.storeMarkPath] {
                unlink(path)
                try #require(symlink("/nowhere", path) == 0)
            }
            expectFailure("file.failed", "\(marks)/\(run)") { try store.verifyLedger(run) }
            expectFailure("file.failed", store.home.storeMarkPath) {
                try StoreDatabase(home: store.home, context: .system)
            }
        }
    }

    @Test func `an earlier copy of one run is seen, and nothing is added to it`() throws {
        try withFolder { folder in
            let home = try Home(path: folder + "/home", context: .system)
            func prepare() throws -> (ULID, ULID) {
                let store = try StoreDatabase(home: home, context: .system)
                let (run, other) = (try store.makeRun(), try store.makeRun("other"))
                try events(store, run, 3)
                try events(store, other, 3)
                try copy(store, to: folder + "/early.db")
                try events(store, run, 1)
                return (run, other)
            }
            // The connection is closed before its file is exchanged.
            let (run, other) = try prepare()
            try Files.writeAtomically(try Files.read(folder + "/early.db"), to: home.databasePath)
            for suffix in ["-wal", "-shm"] { unlink(home.databasePath + suffix) }
            let store = try StoreDatabase(home: home, context: .system)
            expectFailure("store.ledger", "event 4: tail cut") { try store.verifyLedger(run) }
            expectFailure("store.ledger", "an earlier copy was put back") { try store.verifiedRun(run) }
            expectFailure("store.ledger", "an earlier copy was put back") { try store.append(makeEvent(run)) }
            expectFailure("store.ledger") { try store.enter(run, .ingest) { (_) throws(SluiceError) in 1 } }
            #expect(try store.verifyLedger(other).count == 3)
            try events(store, other, 1)
            #expect(try store.verifyLedger(other).count == 4)
        }
    }

    @Test func `a run that was erased whole is told, and not begun anew`() throws {
        try withStore { store in
            let (run, other) = (try store.makeRun(), try store.makeRun("other"))
            try events(store, run, 2)
            try events(store, other, 2)
            let intruder = try Intruder(store)
            for table in ["decision_summary", "supervisor_ledger", "ledger_heads", "ledger_segments", "runs"] {
                try intruder.execute("DELETE FROM \(table) WHERE run_id = '\(run)'")
            }
            expectFailure("store.ledger", "it was erased") { try store.run(run) }
            let listed = try store.listedRuns()
            guard listed.count == 2, case .damaged(let id, _, let error) = listed[0] else {
                Issue.record("\(listed)")
                return
            }
            #expect(id == run.description && error.detail == "store.ledger")
            #expect(try store.runs().map(\.runID) == [other])
            expectFailure("store.ledger", "tail cut") { try store.append(makeEvent(run)) }
        }
    }

    @Test func `a file that was edited, or is another run's, is refused`() throws {
        try withStore { store in
            let (run, other) = (try store.makeRun(), try store.makeRun("other"))
            try events(store, run, 2)
            try events(store, other, 2)
            let path = store.home.ledgerMarksFolder + "/\(run)"
            for text in [[], Array("1 00 00\n".utf8), try Files.read(store.home.ledgerMarksFolder + "/\(other)")] {
                try Files.writeAtomically(text, to: path)
                expectFailure("store.ledger", "Restore it from a backup") { try store.verifyLedger(run) }
            }
        }
    }
}
