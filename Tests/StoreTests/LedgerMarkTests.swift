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
