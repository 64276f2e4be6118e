import Columnar
import Databases
import Foundations
import Store
import Testing

@testable import Stages

@Suite struct `The lease in a target` {
    private static let people = """
        CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
        INSERT INTO people VALUES (1, 'old'), (2, 'kept')
        """
    private static let fields: [(String, ColumnType)] = [("id", .int64), ("name", .text)]
    private let columns = ["id", "name"]

    private func people(_ scratch: Scratch) throws -> [[String?]] {
        try scratch.rows("SELECT id, name FROM people ORDER BY id")
    }

    private func chunk(_ number: Int) -> Batch {
        batch(Self.fields, [[.int(Int64(10 + number)), "a"]], first: Int64(number))
    }

    /// Everything that a driver writes once it has prepared the target.
    private func writes(_ target: SQLiteTarget) -> [(String, () throws -> Void)] {
        [
            ("chunk", { try target.put(1, chunk(1)) }), ("withdraw", { try target.withdraw([0], at: "2026-01-31") }),
            ("invalidate", { try target.invalidate() }), ("abandon", { try target.abandon() }),
        ]
    }

    /// The error of each call; nil for one that threw none.
    private func failures(_ calls: [(String, () throws -> Void)]) -> [(name: String, error: (any Error)?)] {
        calls.map { name, call in
            do { try call() } catch { return (name, error) }
            return (name, nil)
        }
    }

    @Test func `refuses a driver that is older than the one that wrote last, or another with its token`() throws {
        for (token, driver) in [(Int64(2), "ben"), (2, "ann"), (1, "ben")] {
            let scratch = try Scratch(Self.people)
            let before = try people(scratch)
            let old = try scratch.target("people", columns)
            try old.put(0, chunk(0))
            let new = try scratch.opened("people", columns, lease: token, driver: driver)
            // As if it had written: by itself it would have raised an equal token.
            try scratch.execute("UPDATE _sluice_lease SET token = \(token), driver = '\(driver)'")
            try new.prepare()
            let calls: [(String, () throws -> Void)] =
                writes(old) + [
                    ("prepare", { try old.prepare() }), ("promote", { _ = try old.promote(at: "2026-01-31") }),
                ]
            for (name, error) in failures(calls) {
                #expect((error as? SluiceError)?.detail == "run.state", "\(name) of \(token) \(driver)")
            }
            #expect(try new.stagedRows() == 1 && new.records.checkpoints().map(\.chunk) == [0])
            #expect(try people(scratch) == before)
            // Another run's drivers are not concerned.
            let other = try scratch.target("people", columns, run: "01ARYZ6S41TSV4RRFFQ69G5FAV")
            try other.put(0, batch(Self.fields, [[12, "c"]]))
            #expect(try new.promote(at: "2026-01-31").rowsInserted == 1)
        }
    }

    @Test func `is raised above the token of another driver, an equal one too, which writes nothing more`() throws {
        for token in [Int64(2), 4] {
            let scratch = try Scratch(Self.people)
            let other = try scratch.target("people", columns, lease: token, driver: "ben")
            let putBack = try scratch.opened("people", columns, lease: 2)
            #expect(try putBack.records.lease() == TargetLease(token: token, driver: "ben"))
            #expect(throws: SluiceError.self) { try putBack.prepare() }
            var asked: [Int64] = []
            let raise: (Int64) throws -> Lease = { known in
                asked.append(known)
                return Lease(runID: putBack.lease.runID, token: known + 1, driver: "ann")
            }
            try putBack.prepare(raise: raise)
            let error = #expect(throws: SluiceError.self) { try other.put(0, chunk(0)) }
            #expect(error?.detail == "run.state" && error?.message.contains("lease \(token + 1)") == true)
            try putBack.put(0, chunk(0))
            // It is the one that wrote last: nothing is raised again.
            try putBack.prepare(raise: raise)
            #expect(asked == [token])
            #expect(try putBack.records.lease() == TargetLease(token: token + 1, driver: "ann"))
        }
    }

    @Test func `is not raised for a driver that comes behind all others`() throws {
        let scratch = try Scratch(Self.people)
        _ = try scratch.target("people", columns, lease: 1, driver: "ben")
        let next = try scratch.opened("people", columns, lease: 2)
        struct Unasked: Error {}
        try next.prepare { _ in throw Unasked() }
        #expect(try next.records.lease() == TargetLease(token: 2, driver: "ann"))
    }

    @Test func `a token that could not be raised changes nothing`() throws {
        let scratch = try Scratch(Self.people)
        _ = try scratch.target("people", columns, lease: 3, driver: "ben")
        let next = try scratch.opened("people", columns, lease: 2)
        struct Refused: Error {}
        #expect(throws: Refused.self) { try next.prepare { _ in throw Refused() } }
        #expect(try next.records.lease() == TargetLease(token: 3, driver: "ben"))
    }

    @Test func `two drivers that ask at the same time are never told of the same token`() throws {
        let scratch = try Scratch(Self.people)
        _ = try scratch.target("people", columns, lease: 4, driver: "old")
        let first = try scratch.opened("people", columns, lease: 2, driver: "ann")
        let second = try SQLiteConnection(path: scratch.path, access: .readWrite, busyMilliseconds: 0)
        var isBusy = false
        try first.prepare { known in
            // Nobody else can look at the token and write while this one does.
            do { try second.execute("BEGIN IMMEDIATE; ROLLBACK") } catch {
                isBusy = (error as? DatabaseError)?.isBusy == true
            }
            return Lease(runID: first.lease.runID, token: known + 1, driver: "ann")
        }
        #expect(isBusy)
    }

    @Test func `of a table that an older version made goes on, and its driver counts as another`() throws {
        for token in [Int64(1), 2] {
            let scratch = try Scratch(Self.people)
            try scratch.execute(
                """
                CREATE TABLE _sluice_lease (run_id TEXT PRIMARY KEY, token INTEGER NOT NULL);
                INSERT INTO _sluice_lease VALUES ('\(Scratch.run)', \(token)), ('01ARYZ6S41TSV4RRFFQ69G5FAV', 7)
                """)
            let target = try scratch.opened("people", columns, lease: 2)
            #expect(try target.records.lease() == TargetLease(token: token, driver: nil))
            try target.prepare { known in Lease(runID: target.lease.runID, token: known + 1, driver: "ann") }
            try target.put(0, chunk(0))
            #expect(try target.records.lease() == TargetLease(token: token == 2 ? 3 : 2, driver: "ann"))
            #expect(try target.promote(at: "now").rowsInserted == 1)
            let other = try scratch.rows("SELECT token, driver FROM _sluice_lease WHERE token = 7")
            #expect(other == [["7", nil]])
        }
    }

    // MARK: What was promoted meanwhile

    @Test func `nothing is staged, withdrawn or given up behind a promotion, which is told instead`() throws {
        let scratch = try Scratch(Self.people)
        let target = try scratch.target("people", columns)
        try target.put(0, chunk(0))
        try target.withdraw([], at: "then")
        let done = try scratch.target("people", columns).promote(at: "now")
        let kept = try Files.read(scratch.path)
        for (name, error) in failures(writes(target)) {
            #expect((error as? SQLiteTarget.Promoted)?.promotion == done, "\(name)")
        }
        let isUntouched = try Files.read(scratch.path) == kept
        #expect(isUntouched)
        #expect(try target.promote(at: "later") == done)
    }

    // MARK: Chunks

    private static func record(_ chunk: Int, _ first: Int64, _ rows: Int) -> ChunkRecord {
        ChunkRecord(
            chunk: chunk, firstOrdinal: first, rowsIn: rows, rowsOut: rows, contentHash: "", sourceFingerprint: "",
            startedAt: "", finishedAt: "", status: "staged")
    }

    @Test func `chunks are whole when they follow one another and are of all rows`() {
        let whole = [Self.record(0, 0, 3), Self.record(1, 3, 3), Self.record(2, 6, 1)]
        #expect(ChunkRecord.fault(in: whole, rows: 7) == nil && ChunkRecord.fault(in: whole, rows: nil) == nil)
        #expect(ChunkRecord.fault(in: [], rows: 0) == nil && ChunkRecord.fault(in: [], rows: nil) == nil)
        let faults: [(chunks: [ChunkRecord], says: String)] = [
            ([whole[0], whole[2]], "chunk 1 is missing"), ([whole[1], whole[2]], "chunk 0 is missing"),
            ([whole[0], whole[1]], "6 rows, and the source has 7"), ([], "0 rows, and the source has 7"),
            ([whole[0], Self.record(1, 6, 1)], "from row 6 on, and row 3 comes next"),
            ([whole[0], Self.record(1, 3, -1)], "-1 rows"),
            ([whole[0], Self.record(1, 3, .max), Self.record(2, 2, 1)], "comes next"),
        ]
        for (chunks, says) in faults {
            let fault = ChunkRecord.fault(in: chunks, rows: 7)
            #expect(fault?.contains(says) == true, "\(fault ?? "none")")
        }
    }

    @Test func `a hole between the chunks is not promoted`() throws {
        let scratch = try Scratch(Self.people)
        let before = try people(scratch)
        let target = try scratch.target("people", columns)
        for number in 0..<3 { try target.put(number, chunk(number)) }
        try scratch.execute(
            """
            DELETE FROM _sluice_checkpoints WHERE chunk = 1;
            DELETE FROM _sluice_stage_\(Scratch.run.lowercased()) WHERE _sluice_ordinal = 1
            """)
        let error = #expect(throws: SluiceError.self) { try target.promote(at: "now") }
        #expect(error?.detail == "migration.validation" && error?.message.contains("chunk 1 is missing") == true)
        // So it is with those behind the last one, where it is known how many there are.
        try target.abandon()
        try target.prepare()
        try target.put(0, chunk(0))
        let short = #expect(throws: SluiceError.self) {
            try target.promote(expected: 1, sourceRows: 3, quarantine: .empty, checkForeignKeys: true, at: "now")
        }
        #expect(short?.detail == "migration.validation")
        #expect(try people(scratch) == before && target.records.promotion() == nil)
    }
}
