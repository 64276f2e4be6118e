import Columnar
import Databases
import Foundations
import Store
import Testing

@testable import Stages

@Suite struct `A SQLite target` {
    private static let people = """
        CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER CHECK (age >= 0), email TEXT UNIQUE,
          country TEXT DEFAULT 'SE');
        INSERT INTO people VALUES (1, 'old', 50, 'one@x', 'NO'), (2, 'kept', 60, 'two@x', 'DK')
        """
    private static let fields: [(String, ColumnType)] = [
        ("id", .int64), ("name", .text), ("age", .int64), ("email", .text),
    ]
    private let columns = ["id", "name", "age", "email"]

    private func everything(_ scratch: Scratch) throws -> [[String?]] {
        try scratch.rows("SELECT id, name, age, email, country FROM people ORDER BY id")
    }

    @Test func `stages, reads back and promotes what was written`() throws {
        let scratch = try Scratch(Self.people)
        let before = try everything(scratch)
        let target = try scratch.target("people", columns)
        #expect(try target.put(0, batch(Self.fields, [[10, "a", 1, "a@x"], [11, "é😀", nil, nil]])) == [])
        #expect(try target.put(1, batch(Self.fields, [[5, "", 0, "b@x"]], first: 2)) == [])
        #expect(try target.stagedRows() == 3)
        #expect(try everything(scratch) == before)
        #expect(try target.back() == [[["10", "a", "1", "a@x"], ["11", "é😀", nil, nil]], [["5", "", "0", "b@x"]]])
        #expect(try target.records.checkpoints().map(\.contentHash) == ["hash0", "hash1"])
        #expect(try target.violations(checkForeignKeys: true).isEmpty)
        #expect(try target.records.promotion() == nil)
        let done = try target.promote(at: "2026-01-31")
        #expect(done == .init(rowsStaged: 3, rowsInserted: 3, rowsUpdated: 0, quarantine: .empty))
        #expect(
            try everything(scratch) == before + [
                ["5", "", "0", "b@x", "SE"], ["10", "a", "1", "a@x", "SE"], ["11", "é😀", nil, nil, "SE"],
            ])
        #expect(try scratch.names().filter { $0.hasPrefix("_sluice_stage") }.isEmpty)
    }

    @Test func `of a writer that was killed is looked at all the same, and is as it was before`() throws {
        let scratch = try Scratch("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT)")
        try scratch.execute(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
            INSERT INTO people SELECT i, 'before ' || i FROM n
            """)
        let killed = try Scratch("SELECT 1")
        let writer = try SQLiteConnection(path: scratch.path, access: .readWrite)
        try writer.execute("PRAGMA cache_size = 5; BEGIN IMMEDIATE; UPDATE people SET name = 'half ' || id")
        // What lies on the disk in the middle of a transaction is what a kill leaves.
        for suffix in ["", "-journal"] {
            try Files.writeAtomically(try Files.read(scratch.path + suffix), to: killed.path + suffix)
        }
        try writer.execute("ROLLBACK")
        #expect(throws: DatabaseError.self) { _ = try killed.rows("SELECT name FROM people WHERE id = 1") }
        let shape = try SQLiteTarget.inspect(path: killed.path, table: "people")
        #expect(shape.columns.map(\.name) == ["id", "name"])
        #expect(try killed.rows("SELECT count(*), max(name) FROM people WHERE name LIKE 'half%'") == [["0", nil]])
    }

    @Test func `goes on where a run stopped, and keeps runs apart`() throws {
        let scratch = try Scratch(Self.people)
        try scratch.target("people", columns).put(0, batch(Self.fields, [[10, "a", 1, nil]]))
        let again = try scratch.target("people", columns)
        #expect(try again.records.checkpoints().map(\.chunk) == [0])
        try again.put(1, batch(Self.fields, [[11, "b", 1, nil]], first: 1))
        let other = try scratch.target("people", columns, run: "01ARYZ6S41TSV4RRFFQ69G5FAV")
        #expect(try other.records.checkpoints().isEmpty && other.stagedRows() == 0)
        #expect(try again.stagedRows() == 2)
        #expect(throws: (any Error).self) { try again.put(1, batch(Self.fields, [[12, "c", 1, nil]], first: 2)) }
        #expect(try again.stagedRows() == 2)
    }

    @Test func `refuses rows with their reasons and takes the others`() throws {
        let scratch = try Scratch(Self.people)
        let target = try scratch.target("people", columns)
        let refused = try target.put(
            0,
            batch(
                Self.fields,
                [
                    [10, "a", 1, "a@x"], [10, "b", 1, "b@x"], [11, nil, 1, "c@x"], [12, "d", -1, "d@x"],
                    [13, "e", 1, "a@x"],
                    [nil, "f", 1, "f@x"], [14, "g", 1, "g@x"],
                ]))
        #expect(
            refused == [
                RefusedRow(row: 1, reason: "DUPLICATE_KEY"), RefusedRow(row: 2, reason: "NULL_IN_REQUIRED"),
                RefusedRow(row: 3, reason: "CHECK_FAILED"), RefusedRow(row: 4, reason: "DUPLICATE_UNIQUE"),
                RefusedRow(row: 5, reason: "NULL_IN_REQUIRED"),
            ])
        // Of a duplicate the first ordinal stays, over chunks too.
        #expect(
            try target.put(1, batch(Self.fields, [[10, "late", 1, nil]], first: 7)).map(\.reason) == ["DUPLICATE_KEY"])
        #expect(try target.back() == [[["10", "a", "1", "a@x"], ["14", "g", "1", "g@x"]], []])
        #expect(try target.records.checkpoints().map(\.rowsOut) == [2, 0])
    }

    @Test func `lets no conflict clause of the table replace or drop a row`() throws {
        for clause in ["REPLACE", "IGNORE", "ROLLBACK", "FAIL"] {
            let scratch = try Scratch(
                "CREATE TABLE t (id TEXT PRIMARY KEY ON CONFLICT \(clause), v TEXT NOT NULL ON CONFLICT \(clause))")
            let target = try scratch.target("t", ["id", "v"])
            let refused = try target.put(
                0,
                batch(
                    [("id", .text), ("v", .text)], [["k", "first"], ["k", "second"], ["l", nil], ["m", "third"]]))
            #expect(refused.map(\.reason) == ["DUPLICATE_KEY", "NULL_IN_REQUIRED"], "\(clause)")
            #expect(try target.back() == [[["k", "first"], ["m", "third"]]], "\(clause)")
        }
    }

    @Test func `refuses what a strict table's types do not take`() throws {
        let scratch = try Scratch("CREATE TABLE t (id INTEGER PRIMARY KEY, n INT, r REAL, s TEXT) STRICT")
        let target = try scratch.target("t", ["id", "n", "r", "s"])
        let refused = try target.put(
            0,
            batch(
                [("id", .int64), ("n", .text), ("r", .float64), ("s", .text)],
                [[1, "5", 0.5, "x"], [2, "five", 1.0, "y"], [3, nil, nil, nil]]))
        #expect(refused == [RefusedRow(row: 1, reason: "WRONG_TYPE")])
        #expect(try target.back() == [[["1", "5", "0.5", "x"], ["3", nil, nil, nil]]])
    }

    @Test func `keeps every type's value over write and read`() throws {
        let scratch = try Scratch("CREATE TABLE t (n BIGINT, f DOUBLE, b BOOLEAN, d DATE, ts TIMESTAMP, s TEXT)")
        let target = try scratch.target("t", ["n", "f", "b", "d", "ts", "s"])
        let fields: [(String, ColumnType)] = [
            ("n", .int64), ("f", .float64), ("b", .bool), ("d", .date), ("ts", .timestamp), ("s", .text),
        ]
        let day: Int64 = 86_400_000_000
        let refused = try target.put(
            0,
            batch(
                fields,
                [
                    [.int(.max), 0.1, .bool(true), .date(0), .time(0), "a\u{0}b"],
                    [.int(.min), .double(.infinity), .bool(false), .date(-719_162), .time(-1), ""],
                    [0, -1e-300, nil, .date(2_932_896), .time(2_932_897 * day - 1), "日本"],
                    [nil, nil, nil, nil, nil, nil],
                    [1, 1, nil, .date(2_932_897), nil, "too late"], [1, 1, nil, .date(.min), nil, "too early"],
                    [1, 1, nil, nil, .time(.min), "far too early"],
                    [1, 1, nil, nil, .time(2_932_897 * day), "too late"],
                    [1, .double(.nan), nil, nil, nil, "no number"],
                ].map { row in row.enumerated().map { $0 == 1 ? asDouble($1) : $1 } }))
        #expect(
            refused.map(\.reason) == ["OUT_OF_RANGE", "OUT_OF_RANGE", "OUT_OF_RANGE", "OUT_OF_RANGE", "NOT_A_NUMBER"])
        #expect(
            try target.back() == [
                [
                    ["9223372036854775807", "0.1", "t", "1970-01-01", "1970-01-01T00:00:00.000000Z", "a\u{0}b"],
                    ["-9223372036854775808", "Infinity", "f", "0001-01-01", "1969-12-31T23:59:59.999999Z", ""],
                    ["0", "-1e-300", nil, "9999-12-31", "9999-12-31T23:59:59.999999Z", "日本"],
                    [nil, nil, nil, nil, nil, nil],
                ]
            ])
        _ = try target.promote(at: "now")
        #expect(
            try scratch.rows("SELECT d, ts FROM t WHERE rowid < 3") == [
                ["1970-01-01", "1970-01-01 00:00:00"], ["0001-01-01", "1969-12-31 23:59:59.999999"],
            ])
    }

    private func asDouble(_ value: Value) -> Value {
        if case .int(let whole) = value { .double(Double(whole)) } else { value }
    }

    @Test func `writes a checkpoint with its rows or neither`() throws {
        let scratch = try Scratch(Self.people)
        let target = try scratch.target("people", columns)
        try target.put(0, batch(Self.fields, [[10, "a", 1, nil]]))
        try scratch.execute(
            "CREATE TRIGGER broken BEFORE INSERT ON _sluice_checkpoints WHEN new.chunk = 1 BEGIN SELECT RAISE(ABORT, 'disk'); END"
        )
        #expect(throws: (any Error).self) { try target.put(1, batch(Self.fields, [[11, "b", 1, nil]], first: 1)) }
        #expect(try target.stagedRows() == 1 && target.records.checkpoints().map(\.chunk) == [0])
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            try target.write(batch(Self.fields, [[12, "c", 1, nil]], first: 1), ordinals: [1]) { _ in throw Stop() }
        }
        #expect(try target.stagedRows() == 1)
        try scratch.execute("DROP TRIGGER broken")
        try target.put(1, batch(Self.fields, [[11, "b", 1, nil]], first: 1))
        #expect(try target.stagedRows() == 2)
    }

    @Test func `promotes exactly once`() throws {
        let scratch = try Scratch(Self.people)
        let target = try scratch.target("people", columns)
        try target.put(0, batch(Self.fields, [[10, "a", 1, nil], [1, "new", 2, "one@x"]]))
        let done = try target.promote(at: "first")
        let after = try everything(scratch)
        #expect(try target.promote(at: "second") == done)
        #expect(try scratch.target("people", columns).promote(at: "third") == done)
        #expect(try everything(scratch) == after)
        #expect(try scratch.rows("SELECT promoted_at FROM _sluice_promotions") == [["first"]])
        #expect(try scratch.names().filter { $0.hasPrefix("_sluice_stage") }.isEmpty)
    }

    @Test func `keeps what was in quarantine beside the promotion, also in a table of an older version`() throws {
        for old in [true, false] {
            let scratch = try Scratch(Self.people)
            if old {
                try scratch.execute(
                    """
                    CREATE TABLE _sluice_promotions (
                      run_id TEXT PRIMARY KEY, table_name TEXT NOT NULL, rows_staged INTEGER NOT NULL,
                      rows_inserted INTEGER NOT NULL, rows_updated INTEGER NOT NULL, promoted_at TEXT NOT NULL);
                    INSERT INTO _sluice_promotions VALUES ('01ARYZ6S41TSV4RRFFQ69G5FAV', 'people', 7, 7, 0, 'then')
                    """)
            }
            let target = try scratch.target("people", columns)
            try target.put(0, batch(Self.fields, [[10, "a", 1, nil]]))
            let seal = QuarantineSeal(rows: 2, hash: "ab")
            _ = try target.promote(expected: 1, quarantine: seal, checkForeignKeys: true, at: "now")
            #expect(try target.records.promotion()?.quarantine == seal)
            #expect(try scratch.target("people", columns).records.promotion()?.quarantine == seal)
            let other = try scratch.target("people", columns, run: "01ARYZ6S41TSV4RRFFQ69G5FAV")
            let known = try other.records.promotion()
            #expect(known?.rowsStaged == (old ? 7 : nil) && known?.quarantine == nil)
        }
    }

    @Test func `brings the folder of a commit to the disk as well, in either journal mode`() throws {
        for mode in ["DELETE", "WAL"] {
            let scratch = try Scratch("PRAGMA journal_mode = \(mode); " + Self.people)
            var found: [Int64] = []
            // 3 is EXTRA.
            try scratch.target("people", columns).database.run("PRAGMA synchronous") { found.append($0.int(0)) }
            #expect(found == [3], "\(mode)")
        }
    }

    @Test func `tells of a promotion without the table, and of none where it never was`() throws {
        let scratch = try Scratch(Self.people)
        let run = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
        #expect(try SQLiteTarget.promoted(path: scratch.path, run: run) == nil)
        let target = try scratch.target("people", columns)
        try target.put(0, batch(Self.fields, [[10, "a", 1, nil]]))
        #expect(try SQLiteTarget.promoted(path: scratch.path, run: run) == nil)
        let done = try target.promote(at: "now")
        try scratch.execute("DROP TABLE people")
        let found = try SQLiteTarget.promoted(path: scratch.path, run: run)
        #expect(found?.promotion == done && found?.chunks.map(\.contentHash) == ["hash0"])
        #expect(try SQLiteTarget.promoted(path: scratch.path, run: "01ARYZ6S41TSV4RRFFQ69G5FAV") == nil)
        try scratch.execute("DROP TABLE _sluice_checkpoints")
        #expect(try SQLiteTarget.promoted(path: scratch.path, run: run)?.chunks.isEmpty == true)
    }

    @Test func `updates the columns that the mapping fills where the key is known`() throws {
        let scratch = try Scratch(Self.people)
        let target = try scratch.target("people", ["id", "name"])
        try target.put(0, batch([("id", .int64), ("name", .text)], [[1, "new"], [3, "three"]]))
        #expect(
            try target.promote(at: "now") == .init(rowsStaged: 2, rowsInserted: 1, rowsUpdated: 1, quarantine: .empty))
        #expect(
            try everything(scratch) == [
                ["1", "new", "50", "one@x", "NO"], ["2", "kept", "60", "two@x", "DK"], ["3", "three", nil, nil, "SE"],
            ])
    }

    @Test func `updates by composite keys, in any order of the columns`() throws {
        let scratch = try Scratch(
            "CREATE TABLE t (v TEXT, b TEXT, a INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID; INSERT INTO t VALUES ('old', 'x', 1)"
        )
        let target = try scratch.target("t", ["a", "b", "v"])
        try target.put(
            0, batch([("v", .text), ("b", .text), ("a", .int64)], [["new", "x", 1], ["y", "y", 1], ["z", "x", 2]]))
        #expect(
            try target.promote(at: "now") == .init(rowsStaged: 3, rowsInserted: 2, rowsUpdated: 1, quarantine: .empty))
        #expect(
            try scratch.rows("SELECT a, b, v FROM t ORDER BY a, b") == [
                ["1", "x", "new"], ["1", "y", "y"], ["2", "x", "z"],
            ])
    }

    @Test func `finds rows without a parent, with those that refer to them, and withdraws them`() throws {
        let scratch = try Scratch(
            """
            CREATE TABLE Country (code TEXT PRIMARY KEY); INSERT INTO Country VALUES ('SE');
            CREATE TABLE t (id INTEGER PRIMARY KEY, country TEXT REFERENCES country, boss INTEGER REFERENCES t);
            INSERT INTO t VALUES (1, 'SE', NULL)
            """)
        let target = try scratch.target("t", ["id", "country", "boss"])
        try target.put(
            0,
            batch(
                [("id", .int64), ("country", .text), ("boss", .int64)],
                [
                    [10, "SE", 1], [11, "SE", 10], [12, "XX", nil], [13, nil, nil], [14, "SE", 99], [15, "SE", 14],
                    [16, "SE", 15],
                    [17, "SE", 17],
                ]))
        let found = try target.violations(checkForeignKeys: true)
        #expect(found.map(\.ordinal) == [2, 4, 5, 6])
        #expect(found.allSatisfy { $0.reason == "FOREIGN_KEY" })
        #expect(try target.violations(checkForeignKeys: false).isEmpty)
        try target.withdraw(found.map(\.ordinal), at: "now")
        #expect(try target.stagedRows() == 4 && target.validation() == .done)
        #expect(try target.violations(checkForeignKeys: true).isEmpty)
        _ = try target.promote(at: "now")
        #expect(try scratch.rows("SELECT rowid FROM pragma_foreign_key_check('t')").isEmpty)
        #expect(try scratch.rows("SELECT count(*) FROM t") == [["5"]])
    }

    @Test func `finds rows whose unique values the target has under another key`() throws {
        let scratch = try Scratch(Self.people + "; CREATE UNIQUE INDEX by_name ON people (name)")
        let target = try scratch.target("people", columns)
        try target.put(
            0,
            batch(
                Self.fields,
                [
                    [10, "old", 1, nil], [11, "a", 1, "one@x"], [2, "kept", 1, "two@x"], [12, "b", 1, nil],
                ]))
        let found = try target.violations(checkForeignKeys: true)
        #expect(found.map(\.ordinal) == [0, 1] && found.allSatisfy { $0.reason == "TARGET_CONFLICT" })
        try target.withdraw(found.map(\.ordinal), at: "now")
        #expect(
            try target.promote(at: "now") == .init(rowsStaged: 2, rowsInserted: 1, rowsUpdated: 1, quarantine: .empty))
        #expect(
            try everything(scratch) == [
                ["1", "old", "50", "one@x", "NO"], ["2", "kept", "1", "two@x", "DK"], ["12", "b", "1", nil, "SE"],
            ])
    }

    @Test func `promotes nothing that has come to break a rule since it was validated`() throws {
        let scratch = try Scratch(
            """
            CREATE TABLE country (code TEXT PRIMARY KEY); INSERT INTO country VALUES ('SE'), ('NO');
            CREATE TABLE t (id INTEGER PRIMARY KEY, country TEXT REFERENCES country, email TEXT UNIQUE)
            """)
        let target = try scratch.target("t", ["id", "country", "email"])
        try target.put(
            0,
            batch(
                [("id", .int64), ("country", .text), ("email", .text)],
                [[1, "SE", "a@x"], [2, "NO", "b@x"], [3, "SE", "c@x"]]))
        #expect(try target.violations(checkForeignKeys: true).isEmpty)
        try target.withdraw([], at: "now")
        #expect(try target.validation() == .done)
        // Another connection takes a parent away.
        try scratch.execute("DELETE FROM country WHERE code = 'NO'")
        #expect(throws: SQLiteTarget.Stale.self) { try target.promote(at: "now") }
        #expect(try scratch.rows("SELECT count(*) FROM t") == [["0"]])
        #expect(try target.records.promotion() == nil && target.stagedRows() == 3)
        try target.invalidate()
        #expect(try target.validation() == .stale)
        let orphans = try target.violations(checkForeignKeys: true)
        #expect(orphans.map(\.ordinal) == [1] && orphans.first?.reason == "FOREIGN_KEY")
        try target.withdraw(orphans.map(\.ordinal), at: "now")
        #expect(try target.validation() == .done)
        // And then gives a row a value that must be unique.
        try scratch.execute("INSERT INTO t VALUES (9, 'SE', 'c@x')")
        #expect(throws: SQLiteTarget.Stale.self) { try target.promote(at: "now") }
        try target.invalidate()
        let conflicts = try target.violations(checkForeignKeys: true)
        #expect(conflicts.map(\.ordinal) == [2] && conflicts.first?.reason == "TARGET_CONFLICT")
        try target.withdraw(conflicts.map(\.ordinal), at: "now")
        #expect(
            try target.promote(at: "now") == .init(rowsStaged: 1, rowsInserted: 1, rowsUpdated: 0, quarantine: .empty))
        #expect(try scratch.rows("SELECT id FROM t ORDER BY id") == [["1"], ["9"]])
        #expect(try scratch.rows("SELECT rowid FROM pragma_foreign_key_check('t')").isEmpty)
    }

    @Test func `does not look for parents where nobody asked for it`() throws {
        let scratch = try Scratch(
            "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (id INTEGER PRIMARY KEY, p REFERENCES p)")
        let target = try scratch.target("t", ["id", "p"])
        try target.put(0, batch([("id", .int64), ("p", .text)], [[1, "7"]]))
        #expect(throws: SQLiteTarget.Stale.self) {
            try target.promote(expected: 1, quarantine: .empty, checkForeignKeys: true, at: "now")
        }
        #expect(try target.promote(expected: 1, quarantine: .empty, checkForeignKeys: false, at: "now").rowsStaged == 1)
    }

    @Test func `promotes as many rows as are accounted for, or none`() throws {
        let scratch = try Scratch(Self.people)
        let target = try scratch.target("people", columns)
        try target.put(0, batch(Self.fields, [[10, "a", 1, nil], [11, "b", 1, nil]]))
        for expected in [1, 3] as [Int64] {
            let error = #expect(throws: SluiceError.self) {
                try target.promote(expected: expected, quarantine: .empty, checkForeignKeys: true, at: "now")
            }
            #expect(error?.detail == "migration.validation")
        }
        #expect(try scratch.rows("SELECT count(*) FROM people") == [["2"]])
        #expect(
            try target.promote(expected: 2, quarantine: .empty, checkForeignKeys: true, at: "now").rowsInserted == 2)
    }

    @Test(
        arguments: [
            "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); CREATE UNIQUE INDEX n ON t (name COLLATE NOCASE)",
            "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE); CREATE UNIQUE INDEX n ON t (name)",
            "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE UNIQUE)",
            "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, UNIQUE (name COLLATE NOCASE))",
        ])
    func `compares unique values as their index does`(_ schema: String) throws {
        let scratch = try Scratch(schema + "; INSERT INTO t VALUES (1, 'Ada')")
        let target = try scratch.target("t", ["id", "name"])
        let refused = try target.put(
            0, batch([("id", .int64), ("name", .text)], [[10, "Bob"], [11, "bob"], [12, "ADA"], [13, "Eve"]]))
        #expect(refused == [RefusedRow(row: 1, reason: "DUPLICATE_UNIQUE")])
        let found = try target.violations(checkForeignKeys: true)
        #expect(found.map(\.ordinal) == [2] && found.first?.reason == "TARGET_CONFLICT")
        try target.withdraw(found.map(\.ordinal), at: "now")
        #expect(
            try target.promote(at: "now") == .init(rowsStaged: 2, rowsInserted: 2, rowsUpdated: 0, quarantine: .empty))
        #expect(try scratch.rows("SELECT name FROM t ORDER BY id") == [["Ada"], ["Bob"], ["Eve"]])
    }

    @Test func `keeps values apart that only another index takes for one`() throws {
        let scratch = try Scratch(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE); CREATE UNIQUE INDEX n ON t (name COLLATE BINARY); INSERT INTO t VALUES (1, 'Ada')"
        )
        let target = try scratch.target("t", ["id", "name"])
        let rows = batch([("id", .int64), ("name", .text)], [[10, "Bob"], [11, "bob"], [12, "ada"]])
        #expect(try target.put(0, rows) == [])
        #expect(try target.violations(checkForeignKeys: true).isEmpty)
        #expect(try target.promote(at: "now").rowsInserted == 3)
    }

    @Test func `looks for the parent of a column that its default fills`() throws {
        func found(parents: String) throws -> [String] {
            let scratch = try Scratch(
                """
                CREATE TABLE country (code TEXT PRIMARY KEY); INSERT INTO country VALUES \(parents);
                CREATE TABLE t (id INTEGER PRIMARY KEY, country TEXT DEFAULT 'SE' REFERENCES country)
                """)
            let target = try scratch.target("t", ["id"])
            try target.put(0, batch([("id", .int64)], [[1], [2]]))
            return try target.violations(checkForeignKeys: true).map(\.reason)
        }
        #expect(try found(parents: "('NO')") == ["FOREIGN_KEY", "FOREIGN_KEY"])
        #expect(try found(parents: "('SE')") == [])
    }

    @Test func `changes nothing of the target when a promotion fails`() throws {
        let scratch = try Scratch(
            Self.people
                + "; CREATE TRIGGER no BEFORE INSERT ON people WHEN new.name = 'bad' BEGIN SELECT RAISE(ABORT, 'refused'); END"
        )
        let before = try everything(scratch)
        let target = try scratch.target("people", columns)
        try target.put(0, batch(Self.fields, [[1, "changed", 1, nil], [10, "good", 1, nil], [11, "bad", 1, nil]]))
        #expect(throws: (any Error).self) { try target.promote(at: "now") }
        #expect(try everything(scratch) == before)
        #expect(try target.records.promotion() == nil && target.stagedRows() == 3)
        // A trigger that swallows a row is found by the count.
        try scratch.execute(
            "DROP TRIGGER no; CREATE TRIGGER swallow BEFORE INSERT ON people WHEN new.name = 'bad' BEGIN SELECT RAISE(IGNORE); END"
        )
        let error = #expect(throws: SluiceError.self) { try target.promote(at: "now") }
        #expect(error?.detail == "migration.validation" && error?.message.hasPrefix("row_count: ") == true)
        #expect(try everything(scratch) == before)
        try scratch.execute("DROP TRIGGER swallow")
        #expect(try target.promote(at: "now").rowsStaged == 3)
    }

    @Test func `says that staging holds rows of no checkpoint`() throws {
        let scratch = try Scratch(Self.people)
        let target = try scratch.target("people", columns)
        try target.put(0, batch(Self.fields, [[10, "a", 1, nil]]))
        let stage = try #require(try scratch.names().first { $0.hasPrefix("_sluice_stage") })
        try scratch.execute("INSERT INTO \(stage) (id, name, _sluice_ordinal) VALUES (99, 'smuggled', 99)")
        let error = #expect(throws: SluiceError.self) { try target.back() }
        #expect(error?.detail == "migration.validation")
    }

    @Test func `names a column that a chunk lacks`() throws {
        let target = try Scratch(Self.people).target("people", columns)
        let error = #expect(throws: SluiceError.self) { try target.put(0, batch([("id", .int64)], [[1]])) }
        #expect(error?.detail == "target.shape" && error?.message.contains("name") == true)
    }
}

extension SQLiteTarget {
    /// Promotes whatever is staged.
    func promote(at time: String) throws -> TargetPromotion {
        try promote(
            expected: Int64((try? stagedRows()) ?? 0), quarantine: .empty, checkForeignKeys: true, at: time)
    }
}

extension QuarantineSeal {
    /// Of an empty quarantine.
    static let empty = QuarantineSeal(rows: 0, hash: SHA256.hash("[]").hex)
}
