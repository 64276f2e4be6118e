import Contracts
import Databases
import Foundations
import Glibc
import Testing

@testable import Store

@Suite struct DatabaseTests {
    private func version(_ store: StoreDatabase) throws -> Int64? {
        try store.rows("PRAGMA user_version") { $0.int(0) }.first
    }

    @Test func `a new home is at the latest version, in WAL mode, fully synchronous`() throws {
        try withStore { store in
            let names = [
                "user_version", "journal_mode", "synchronous", "foreign_keys", "busy_timeout", "integrity_check",
            ]
            let values = try names.map { name in try store.rows("PRAGMA \(name)") { $0.value(0) }.first }
            #expect(values == [.int(Migrations.latest), .text("wal"), .int(2), .int(1), .int(10_000), .text("ok")])
        }
    }

    @Test func `opening again changes nothing`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let again = try StoreDatabase(home: store.home, context: .system)
            #expect(try again.run(run) == store.run(run))
        }
    }

    @Test func `a store of a newer version is refused and left as it is`() throws {
        try withStore { store in
            try store.change("PRAGMA user_version = \(Migrations.latest + 1)")
            expectFailure("store.version") { try StoreDatabase(home: store.home, context: .system) }
            #expect(try version(store) == Migrations.latest + 1)
        }
    }

    @Test func `a store below the version that its home has reached is refused and left as it is`() throws {
        try withStore { store in
            try store.change("PRAGMA user_version = 3")
            expectFailure("store.ledger", "whole home") { try StoreDatabase(home: store.home, context: .system) }
            #expect(try version(store) == 3)
            try store.change("PRAGMA user_version = \(Migrations.latest)")
            _ = try StoreDatabase(home: store.home, context: .system)
        }
    }

    @Test func `a home whose database is gone does not begin anew beside its mark`() throws {
        try withStore { store in
            for suffix in ["", "-wal", "-shm"] { unlink(store.home.databasePath + suffix) }
            expectFailure("store.ledger") { try StoreDatabase(home: store.home, context: .system) }
        }
    }

    @Test func `the mark of a version is written where there is none, raised where it is behind, and has a MAC`() throws
    {
        try withStore { store in
            let path = store.home.storeMarkPath
            let text = String(decoding: try Files.read(path), as: UTF8.self)
            #expect(text.hasPrefix("\(Migrations.latest) "))
            // What an older version, or a crash behind the migrations, leaves.
            unlink(path)
            _ = try StoreDatabase(home: store.home, context: .system)
            #expect(try Files.read(path) == Array(text.utf8))
            let mark = StoreMark(home: store.home, masterKey: try store.home.masterKey())
            unlink(path)
            try mark.raise(to: 3, context: .system)
            _ = try StoreDatabase(home: store.home, context: .system)
            #expect(try Files.read(path) == Array(text.utf8))
            try mark.raise(to: 3, context: .system)
            #expect(try Files.read(path) == Array(text.utf8))
            for forged in [
                "", "3", "3 \(text.dropFirst(2))", "\(Migrations.latest) " + String(repeating: "0", count: 64),
            ] {
                try Files.writeAtomically(Array(forged.utf8), to: path)
                expectFailure("store.ledger", "backup") { try StoreDatabase(home: store.home, context: .system) }
            }
        }
    }

    @Test(arguments: [
        "DROP TRIGGER ledger_heads_no_delete", "CREATE TRIGGER more AFTER INSERT ON runs BEGIN SELECT 1; END",
        """
        DROP TRIGGER artifact_promotions_no_update; CREATE TRIGGER artifact_promotions_no_update
        BEFORE UPDATE ON artifact_promotions BEGIN SELECT 1; END
        """,
    ])
    func `a store whose triggers are others than it was made with is refused`(sql: String) throws {
        try withStore { store in
            try SQLiteConnection(path: store.home.databasePath, access: .readWrite).execute(sql)
            expectFailure("store.ledger", "backup") { try StoreDatabase(home: store.home, context: .system) }
        }
    }

    @Test func `a store of an older version gets what the later ones added`() throws {
        try withFolder { folder in
            let home = try Home(path: folder, context: .system)
            let old = try SQLiteConnection(path: home.databasePath, access: .create)
            let keys = LedgerKeys(masterKey: try home.masterKey())
            for version in 0..<1 {
                try Migrations.all[version].perform(on: old, keys: keys, reaching: Int64(version + 1))
            }
            try old.run(
                "INSERT INTO store_facts VALUES ('master_key_id', ?)", [.text(try home.masterKeyID())])
            let again = try StoreDatabase(home: home, context: .system)
            #expect(try version(again) == Migrations.latest)
            let triggers = try again.rows(
                "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'gate_decisions'"
            ) { $0.int(0) }
            #expect(triggers == [3])
        }
    }

    @Test func `a migration that was cut off is done whole the next time`() throws {
        try withFolder { folder in
            let home = try Home(path: folder, context: .system)
            // What a crash before the commit leaves: an empty database file.
            try Files.writeAtomically([], to: home.databasePath)
            let store = try StoreDatabase(home: home, context: .system)
            #expect(try version(store) == Migrations.latest)
        }
    }

    @Test func `a file that is no database is named as damaged`() throws {
        try withFolder { folder in
            let home = try Home(path: folder, context: .system)
            try Files.writeAtomically(Array(repeating: 0x41, count: 8192), to: home.databasePath)
            expectFailure("store.failed", "damaged") { try StoreDatabase(home: home, context: .system) }
        }
    }

    @Test(arguments: [(13, "Free some space"), (1032, "permissions"), (5, "Wait for it"), (11, "backup"), (1, "Check")])
    func `what the database refuses has a next step`(code: Int32, hint: String) throws {
        try withStore { store in
            let refused = DatabaseError(code: code, message: "m", operation: "write")
            let error = StoreDatabase.failure(refused, home: store.home)
            #expect(error.detail == "store.failed" && error.hint.contains(hint))
        }
    }

    @Test func `a full disk is store failed and leaves nothing half written`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let pages = try #require(try store.rows("PRAGMA page_count") { $0.int(0) }.first)
            _ = try store.rows("PRAGMA max_page_count = \(pages + 2)") { $0.int(0) }
            let rows = (0..<200).map { row in
                QuarantineRow(
                    chunkID: 0, ordinal: row, reasonCodes: ["R"], maskedBefore: ["a": "aa"],
                    raw: ["a": String(repeating: "x", count: 500)])
            }
            expectFailure("store.failed", "Free some space") { try store.quarantine(rows, runID: run) }
            #expect(try store.quarantineCount(run) == 0)
            _ = try store.rows("PRAGMA max_page_count = 1000000") { $0.int(0) }
            #expect(try store.quarantine(rows, runID: run) == 200)
        }
    }

    @Test func `an error inside a transaction undoes all of it, and the next one works`() throws {
        try withStore { store in
            let run = try store.makeRun()
            expectFailure("run.interrupted") {
                try store.write { () throws(SluiceError) in
                    try store.apply(RunChange(state: .done), to: run)
                    throw SluiceError(.interrupted, "in between")
                }
            }
            #expect(try store.run(run).state == .created)
            try store.update(run, RunChange(state: .running))
            #expect(try store.run(run).state == .running)
        }
    }

    @Test func `eight threads write at once without finding the database locked`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let home = store.home
            let each = 40
            _ = try inThreads(8) { thread in
                for number in 0..<each {
                    // Every tenth write opens anew, as another process would.
                    let own = try StoreDatabase(home: home, context: .system)
                    for part in 0..<(number % 10 == 0 ? 1 : 3) {
                        try own.append(makeEvent(run, .ingest, .retry, note: [JSON(thread), JSON(number), JSON(part)]))
                    }
                    try own.quarantine(
                        [
                            QuarantineRow(
                                chunkID: Int64(thread), ordinal: Int64(number), reasonCodes: ["R"], maskedBefore: [:],
                                raw: ["a": "b"])
                        ], runID: run)
                }
            }
            let entries = try store.events(run)
            #expect(entries.count == 8 * (each / 10 + each / 10 * 9 * 3))
            #expect(entries.map(\.sequence) == Array(1...Int64(entries.count)))
            #expect(try store.quarantineCount(run) == Int64(8 * each))
            #expect(try store.decisionSummary(run).first?.events == Int64(entries.count))
        }
    }

    @Test func `a writer waits for another that holds the database`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let home = store.home
            let blocker = try SQLiteConnection(path: home.databasePath, access: .readWrite)
            try blocker.execute("BEGIN IMMEDIATE")
            let started = Context.system.monotonic()
            nonisolated(unsafe) let held = blocker
            _ = try inThreads(2) { thread in
                if thread == 0 {
                    _ = poll(nil, 0, 200)
                    try held.execute("COMMIT")
                } else {
                    let own = try StoreDatabase(home: home, context: .system)
                    try own.update(run, RunChange(state: .running))
                }
            }
            #expect(Context.system.monotonic() - started >= 200_000_000)
            #expect(try store.run(run).state == .running)
        }
    }
}
