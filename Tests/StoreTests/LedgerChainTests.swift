import Contracts
import Databases
import Foundations
import Glibc
import Testing

@testable import Store

/// Who can write the database's file, but does not have the key that lies beside it.
struct Intruder {
    private let connection: SQLiteConnection

    init(_ store: StoreDatabase) throws {
        connection = try SQLiteConnection(path: store.home.databasePath, access: .readWrite)
        var triggers: [String] = []
        try connection.run("SELECT name FROM sqlite_schema WHERE type = 'trigger'") {
            triggers.append($0.text(0) ?? "")
        }
        for trigger in triggers { try connection.execute("DROP TRIGGER \(trigger)") }
    }

    func execute(_ sql: String) throws { try connection.execute(sql) }

    /// Gives every event the hash that it would have if it had been written as it is now, and the head theirs.
    func rebuild(_ run: ULID) throws {
        var events: [(sequence: Int64, text: String)] = []
        try connection.run(
            "SELECT seq, event FROM supervisor_ledger WHERE run_id = ? ORDER BY seq", [.text(run.description)]
        ) { events.append(($0.int(0), $0.text(1) ?? "")) }
        try execute("DROP INDEX supervisor_ledger_by_number")
        var hash = SHA256.hash("sluice/ledger/1\n\(run)")
        for (index, event) in events.enumerated() {
            let next = SHA256.hash(hash.bytes + Array(event.text.utf8))
            try connection.run(
                "UPDATE supervisor_ledger SET number = ?, prev_hash = ?, hash = ? WHERE seq = ?",
                [.int(Int64(index + 1)), .text(hash.hex), .text(next.hex), .int(event.sequence)])
            hash = next
        }
        try connection.run(
            "UPDATE ledger_heads SET count = ?, head_hash = ? WHERE run_id = ?",
            [.int(Int64(events.count)), .text(hash.hex), .text(run.description)])
    }
}

@Suite struct LedgerChainTests {
    /// A run with so many events; with `ended`, the last of them ends it.
    private func makeLedger(
        _ store: StoreDatabase, _ count: Int = 5, key: String = "k", ended: Bool = false
    ) throws -> ULID {
        let run = try store.makeRun(key)
        for number in 1...count {
            let event = makeEvent(run, number % 2 == 0 ? .mapping : .ingest, .retry, note: ["n": JSON(number)])
            if ended, number == count {
                try store.update(run, RunChange(state: .done), event: event)
            } else {
                try store.append(event)
            }
        }
        return run
    }

    @Test func `each event's hash is over the hash before it and its canonical text`() throws {
        try withStore { store in
            let run = try makeLedger(store)
            var hash = SHA256.hash(Array("sluice/ledger/1\n".utf8) + Array(run.description.utf8))
            let entries = try store.events(run)
            for entry in entries {
                hash = SHA256.hash(hash.bytes + entry.event.json.canonicalBytes)
                #expect(entry.hash == hash.hex)
            }
            #expect(entries.map(\.number) == [1, 2, 3, 4, 5])
            let state = try store.verifyLedger(run)
            #expect(state.count == 5 && state.headHash == hash.hex && state.segments.isEmpty && state.dropped == 0)
        }
    }

    @Test func `runs have chains of their own`() throws {
        try withStore { store in
            let runs = [try store.makeRun("a"), try store.makeRun("b")]
            for _ in 0..<3 { for run in runs { try store.append(makeEvent(run)) } }
            for run in runs { #expect(try store.verifyLedger(run).count == 3) }
            #expect(try store.verifyLedger(runs[0]).headHash != store.verifyLedger(runs[1]).headHash)
            expectFailure("run.missing") { try store.verifyLedger(Context.system.ulid()) }
        }
    }

    /// Each with what was done, and what is said of it.
    static let attacks: [(String, String)] = [
        // One byte of an event.
        (
            "UPDATE supervisor_ledger SET event = replace(event, '\"n\":3', '\"n\":4') WHERE number = 3",
            "event 3: edited"
        ),
        // One byte of what is kept beside it.
        ("UPDATE supervisor_ledger SET decision = 'accept' WHERE number = 2", "event 2: edited"),
        (
            """
            UPDATE supervisor_ledger SET hash = iif(substr(hash, 1, 1) = '0', '1', '0') || substr(hash, 2) WHERE number = 4
            """, "event 4: edited"
        ),
        ("UPDATE supervisor_ledger SET event = CAST(x'ff' || event AS TEXT) WHERE number = 1", "event 1: edited"),
        ("UPDATE supervisor_ledger SET hash = NULL, prev_hash = NULL WHERE number = 5", "event 5: edited"),
        ("DELETE FROM supervisor_ledger WHERE number = 3", "event 3: deleted"),
        ("DELETE FROM supervisor_ledger WHERE number = 1", "event 1: deleted"),
        // Deleted, and the numbers closed up.
        (
            """
            DELETE FROM supervisor_ledger WHERE number = 3;
            UPDATE supervisor_ledger SET number = number - 1 WHERE number > 3
            """, "event 3: deleted"
        ),
        // Two swapped: their places, their numbers, their texts.
        (
            """
            UPDATE supervisor_ledger SET seq = -1 WHERE number = 2; UPDATE supervisor_ledger SET seq = 2 WHERE number = 3;
            UPDATE supervisor_ledger SET seq = 3 WHERE number = 2
            """, "event 2: reordered"
        ),
        (
            """
            UPDATE supervisor_ledger SET number = -1 WHERE seq = 2; UPDATE supervisor_ledger SET number = 2 WHERE seq = 3;
            UPDATE supervisor_ledger SET number = 3 WHERE seq = 2
            """, "event 2: reordered"
        ),
        (
            """
            CREATE TABLE aside AS SELECT * FROM supervisor_ledger;
            UPDATE supervisor_ledger SET event = (SELECT event FROM aside WHERE aside.number = 5 - supervisor_ledger.number)
            WHERE number IN (2, 3)
            """, "event 2: reordered"
        ),
        ("DELETE FROM supervisor_ledger WHERE number > 3", "event 4: tail cut"),
        ("DELETE FROM supervisor_ledger", "event 1: tail cut"),
        ("DELETE FROM supervisor_ledger WHERE number > 3; DELETE FROM ledger_heads", "head missing"),
        ("DELETE FROM supervisor_ledger; DELETE FROM ledger_heads", "event 1: head missing"),
        ("DELETE FROM ledger_heads", "head missing"),
        // The tail cut, and the head moved back without the key.
        (
            """
            DELETE FROM supervisor_ledger WHERE number > 3; UPDATE ledger_heads SET count = 3,
            head_hash = (SELECT hash FROM supervisor_ledger WHERE number = 3)
            """, "chain rebuilt without the key"
        ),
        ("UPDATE ledger_heads SET mac = zeroblob(32)", "chain rebuilt without the key"),
        // What is kept for fast reads: each column, a row more, a row less, one that nobody wrote.
        ("UPDATE decision_summary SET events = events + 1 WHERE stage = 'INGEST'", "event 5: decision summary changed"),
        (
            "UPDATE decision_summary SET events = events + iif(stage = 'INGEST', 1, -1)",
            "event 5: decision summary changed"
        ),
        ("UPDATE decision_summary SET decision = 'accept' WHERE stage = 'MAPPING'", "event 4: decision summary"),
        ("UPDATE decision_summary SET timestamp_utc = 'x' WHERE stage = 'MAPPING'", "event 4: decision summary"),
        ("UPDATE decision_summary SET outputs_hash = 'ff' WHERE stage = 'MAPPING'", "event 4: decision summary"),
        ("UPDATE decision_summary SET error_code = 'X' WHERE stage = 'MAPPING'", "event 4: decision summary"),
        ("UPDATE decision_summary SET error_detail_id = 'x' WHERE stage = 'INGEST'", "decision summary changed"),
        ("UPDATE decision_summary SET event_id = run_id WHERE stage = 'MAPPING'", "event 4: decision summary"),
        ("UPDATE decision_summary SET stage = 'DOMAINS' WHERE stage = 'MAPPING'", "decision summary changed"),
        ("UPDATE decision_summary SET stage = 'NOWHERE' WHERE stage = 'MAPPING'", "a row of it cannot be read"),
        ("DELETE FROM decision_summary WHERE stage = 'MAPPING'", "event 4: decision summary"),
        (
            """
            INSERT INTO decision_summary SELECT run_id, 'DOMAINS', decision, event_id, timestamp_utc, outputs_hash,
            error_code, error_detail_id, 0 FROM decision_summary WHERE stage = 'MAPPING'
            """, "decision summary changed"
        ),
    ]

    @Test(arguments: attacks)
    func `verification finds what was done and where, and changes nothing`(attack: (String, String)) throws {
        try withStore { store in
            let run = try makeLedger(store)
            try Intruder(store).execute(attack.0)
            let version = try store.rows("PRAGMA data_version") { $0.int(0) }
            let changes = try store.rows("SELECT total_changes()") { $0.int(0) }
            expectFailure("store.ledger", attack.1) { try store.verifyLedger(run) }
            expectFailure("store.ledger", attack.1) { try store.exportLedger(run, to: store.home.path + "/out.jsonl") }
            #expect(!Files.exists(store.home.path + "/out.jsonl") && !Files.exists(store.home.ledgerKeyPath))
            // Written neither by this connection nor by another.
            #expect(try store.rows("SELECT total_changes()") { $0.int(0) } == changes)
            #expect(try store.rows("PRAGMA data_version") { $0.int(0) } == version)
        }
    }

    @Test(arguments: [false, true])
    func `a chain that was rebuilt whole without the key is found`(ended: Bool) throws {
        try withStore { store in
            let run = try makeLedger(store, ended: ended)
            #expect(try store.ledgerSegments(run).count == (ended ? 1 : 0))
            let intruder = try Intruder(store)
            try intruder.execute("UPDATE supervisor_ledger SET event = replace(event, '\"n\":2', '\"n\":9')")
            try intruder.rebuild(run)
            expectFailure("store.ledger", "event 1: chain rebuilt without the key") { try store.verifyLedger(run) }
        }
    }

    @Test func `a rebuilt chain under the authentic head is not that of the head`() throws {
        try withStore { store in
            let run = try makeLedger(store)
            let intruder = try Intruder(store)
            try intruder.execute(
                """
                CREATE TABLE kept AS SELECT * FROM ledger_heads;
                UPDATE supervisor_ledger SET event = replace(event, '"n":2', '"n":9')
                """)
            try intruder.rebuild(run)
            try intruder.execute("DELETE FROM ledger_heads; INSERT INTO ledger_heads SELECT * FROM kept")
            expectFailure("store.ledger", "not that of these events") { try store.verifyLedger(run) }
        }
    }

    @Test func `the head of another run is not this one's`() throws {
        try withStore { store in
            let run = try makeLedger(store)
            let other = try makeLedger(store, key: "other")
            try Intruder(store).execute(
                """
                DELETE FROM ledger_heads WHERE run_id = '\(run)';
                UPDATE ledger_heads SET run_id = '\(run)' WHERE run_id = '\(other)'
                """)
            expectFailure("store.ledger", "chain rebuilt without the key") { try store.verifyLedger(run) }
            expectFailure("store.ledger", "head missing") { try store.verifyLedger(other) }
        }
    }

    @Test func `nothing is linked to a head that the home did not make, or that is gone`() throws {
        try withStore { store in
            let run = try makeLedger(store)
            let intruder = try Intruder(store)
            try intruder.execute("UPDATE ledger_heads SET count = 4")
            expectFailure("store.ledger", "nothing is added") { try store.append(makeEvent(run)) }
            try intruder.execute("DELETE FROM ledger_heads")
            expectFailure("store.ledger", "nothing is added") { try store.append(makeEvent(run)) }
            #expect(try store.events(run).count == 5)
        }
    }

    @Test(arguments: [
        "UPDATE ledger_heads SET count = 4", "UPDATE ledger_heads SET count = 7", "DELETE FROM ledger_heads",
        "INSERT OR REPLACE INTO ledger_heads SELECT run_id, 1, head_hash, mac FROM ledger_heads",
        "UPDATE ledger_segments SET last = 4", "DELETE FROM ledger_segments",
        "INSERT OR REPLACE INTO ledger_segments SELECT * FROM ledger_segments",
        "DELETE FROM supervisor_ledger WHERE number = 1", "UPDATE supervisor_ledger SET hash = ''",
        """
        INSERT INTO supervisor_ledger (run_id, event_id, timestamp_utc, stage, decision, event, number, prev_hash, hash)
        SELECT run_id, 'e', 't', 's', 'd', '{}', 7, hash, 'h' FROM supervisor_ledger WHERE number = 5
        """,
        """
        INSERT INTO supervisor_ledger (run_id, event_id, timestamp_utc, stage, decision, event, number, prev_hash, hash)
        SELECT run_id, 'e', 't', 's', 'd', '{}', 6, prev_hash, 'h' FROM supervisor_ledger WHERE number = 5
        """,
        """
        INSERT INTO supervisor_ledger (run_id, event_id, timestamp_utc, stage, decision, event)
        SELECT run_id, 'e', 't', 's', 'd', '{}' FROM supervisor_ledger WHERE number = 5
        """,
    ])
    func `the database refuses to move a head but forward, to touch a seal, or to fork a chain`(sql: String) throws {
        try withStore { store in
            let run = try makeLedger(store, ended: true)
            expectFailure("store.ledger") { try store.change(sql) }
            #expect(try store.verifyLedger(run).count == 5)
        }
    }

    @Test func `eight threads that append at once make one chain`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let home = store.home
            _ = try inThreads(8) { thread in
                let own = try StoreDatabase(home: home, context: .system)
                for number in 0..<25 { try own.append(makeEvent(run, note: [JSON(thread), JSON(number)])) }
            }
            #expect(try store.verifyLedger(run).count == 200)
            #expect(try store.events(run).map(\.number) == Array(1...200))
        }
    }

    @Test func `a ledger of an older store is chained when it is opened`() throws {
        try withFolder { folder in
            let home = try Home(path: folder, context: .system)
            let run = Context.system.ulid()
            let events = (0..<3).map { makeEvent(run, note: ["n": JSON($0)]) }
            let old = try SQLiteConnection(path: home.databasePath, access: .create)
            try old.execute("\(Migrations.all[0].sql); PRAGMA user_version = 1")
            for event in events {
                try old.run(
                    """
                    INSERT INTO supervisor_ledger (run_id, event_id, timestamp_utc, stage, decision, event)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                    [
                        .text(run.description), .text(event.eventID.description), .text(event.timestampUTC),
                        .text(event.stage.rawValue), .text(event.decision.rawValue), .text(event.json.canonicalText),
                    ])
            }
            try old.execute(
                """
                INSERT INTO decision_summary SELECT run_id, stage, decision, event_id, timestamp_utc, NULL, NULL, NULL, 3
                FROM supervisor_ledger WHERE seq = 3
                """)
            let store = try StoreDatabase(home: home, context: .system)
            #expect(try store.verifyLedger(run).count == 3 && store.events(run).map(\.event) == events)
            try store.append(makeEvent(run))
            #expect(try store.verifyLedger(run).count == 4)
            expectFailure("store.ledger") { try store.change("DELETE FROM supervisor_ledger") }
        }
    }
}
