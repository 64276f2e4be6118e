import Columnar
import Databases
import Engines
import Foundations
import Glibc
import Testing
import Transform

@Suite struct `SQLite transfer` {
    private let folder = Folder()

    private static let plans = [
        #"{"target":"id","steps":[],"result":"id"}"#,
        #"{"target":"name","steps":[{"op":"trim","in":["name"],"as":"x"},{"op":"case","in":["x"],"to":"upper","as":"y"}],"result":"y"}"#,
        #"{"target":"born","steps":[{"op":"type_cast","in":["born"],"to":"date","as":"x"}],"result":"x"}"#,
    ]

    private static func program() throws -> TypedProgram {
        try TypedProgram(
            plans.map { try plan($0) },
            inputs: Schema([Field("id", .int64), Field("name", .text), Field("born", .text)]))
    }

    private func table(_ file: String, _ table: String) -> SQLiteTable {
        SQLiteTable(file: folder.file(file), table: table)
    }

    private func source(_ file: String = "source.db", rows: Int = 5, _ more: String = "") throws {
        let database = try SQLiteConnection(path: folder.file(file), access: .create)
        try database.execute(
            """
            CREATE TABLE people (id, name, born);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(rows))
            INSERT INTO people SELECT i, ' person ' || i, iif(i % 5 = 3, 'nonsense', '2000-01-0' || (1 + i % 9)) FROM n;
            \(more)
            """)
    }

    /// Three columns a row.
    private func rows(_ file: String, _ sql: String) throws -> [[SQLiteValue]] {
        var rows: [[SQLiteValue]] = []
        let database = try SQLiteConnection(path: folder.file(file), access: .readWrite)
        try database.run(sql) { row in rows.append((0..<3).map { row.value($0) }) }
        return rows
    }

    private func count(_ file: String, _ table: String) throws -> Int64 {
        var count: Int64 = -1
        try SQLiteConnection(path: folder.file(file), access: .readWrite).run("SELECT count(*) FROM \(table)") {
            count = $0.int(0)
        }
        return count
    }

    @Test func `writes good rows and rejects the others, by number and reason`() throws {
        try source(
            rows: 5, "INSERT INTO people VALUES ('six', x'00', 'x'), (7, CAST(x'ff' AS TEXT), NULL), (NULL, 1, 2.5)")
        let outcome = try SQLiteEngine(Self.program()).transfer(
            from: table("source.db", "people"), to: table("target.db", "people"), rejects: "rejects")
        #expect(outcome == SQLiteTransferOutcome(read: 8, written: 4, rejected: 4))
        #expect(
            try rows("target.db", "SELECT id, name, born FROM people ORDER BY id LIMIT 2") == [
                [.int(1), .text("PERSON 1"), .text("2000-01-02")], [.int(2), .text("PERSON 2"), .text("2000-01-03")],
            ])
        #expect(
            try rows("target.db", "SELECT row, errors, typeof(row) FROM rejects ORDER BY row") == [
                [.int(3), .text("2:0:NOT_DATE"), .text("integer")],
                [.int(6), .text("in:0:NOT_INTEGER;in:1:NOT_TEXT;2:0:NOT_DATE"), .text("integer")],
                [.int(7), .text("in:1:NOT_TEXT"), .text("integer")],
                [.int(8), .text("in:1:NOT_TEXT;in:2:NOT_TEXT"), .text("integer")],
            ])
    }

    @Test func `reads columns of every type strictly`() throws {
        let types: [(ColumnType, good: String, made: SQLiteValue, bad: [(String, String)])] = [
            (.text, "'x'", .text("x"), [("1", "NOT_TEXT"), ("1.5", "NOT_TEXT"), ("x'78'", "NOT_TEXT")]),
            (.int64, "-7", .int(-7), [("'7'", "NOT_INTEGER"), ("7.0", "NOT_INTEGER"), ("x'37'", "NOT_INTEGER")]),
            (.float64, "2.5", .double(2.5), [("'2.5'", "NOT_NUMBER"), ("9007199254740993", "NOT_NUMBER")]),
            (.float64, "3", .double(3), []),
            (.bool, "1", .int(1), [("2", "NOT_BOOLEAN"), ("'true'", "NOT_BOOLEAN"), ("1.0", "NOT_BOOLEAN")]),
            (
                .decimal(precision: 5, scale: 2), "'-12.3'", .text("-12.30"),
                [
                    ("12.3", "NOT_DECIMAL"), ("'x'", "NOT_DECIMAL"), ("''", "EMPTY"), ("1000", "OVERFLOW"),
                    ("'1000'", "OVERFLOW"), ("'0.001'", "INEXACT"), ("CAST(x'ff' AS TEXT)", "NOT_DECIMAL"),
                ]
            ),
            (.decimal(precision: 5, scale: 2), "999", .text("999.00"), []),
            (.date, "'2024-02-29'", .text("2024-02-29"), [("'2023-02-29'", "NOT_DATE"), ("20240229", "NOT_DATE")]),
            (
                .timestamp, "'2024-02-29 01:02:03'", .text("2024-02-29T01:02:03.000000Z"),
                [("'2024-02-29'", "NOT_TIMESTAMP"), ("1700000000", "NOT_TIMESTAMP")]
            ),
            (.binary, "x'00ff'", .blob([0, 255]), [("'x'", "NOT_BINARY"), ("0", "NOT_BINARY")]),
        ]
        let database = try SQLiteConnection(path: folder.file("source.db"), access: .create)
        try database.execute("CREATE TABLE t (v)")
        for (type, good, made, bad) in types {
            try database.execute("DELETE FROM t; INSERT INTO t VALUES (NULL), (\(good))")
            for (value, _) in bad { try database.execute("INSERT INTO t VALUES (\(value))") }
            let program = try TypedProgram(
                [Plan.identity(target: "v", input: "v")], inputs: Schema([Field("v", type)]))
            unlink(folder.file("target.db"))
            let outcome = try SQLiteEngine(program).transfer(
                from: table("source.db", "t"), to: table("target.db", "t"), rejects: "r")
            #expect(outcome.written == 2 && outcome.rejected == bad.count, "\(type.name)")
            #expect(
                try rows("target.db", "SELECT v, 0, 0 FROM t ORDER BY rowid").map { $0[0] } == [.null, made],
                "\(type.name)")
            #expect(
                try rows("target.db", "SELECT errors, 0, 0 FROM r ORDER BY rowid").map { $0[0] }
                    == bad.map { .text("in:0:\($0.1)") }, "\(type.name)")
        }
    }

    @Test func `reads a database in UTF-16`() throws {
        let database = try SQLiteConnection(path: folder.file("wide.db"), access: .create)
        try database.execute(
            """
            PRAGMA encoding = 'UTF-16le';
            CREATE TABLE people (id, name, born);
            INSERT INTO people VALUES (1, 'é 😀 a' || char(0) || 'b', '2000-01-01'), (2, CAST(x'00d8' AS TEXT), NULL);
            """)
        let outcome = try SQLiteEngine(Self.program()).transfer(
            from: table("wide.db", "people"), to: table("target.db", "people"), rejects: "rejects")
        #expect(outcome == SQLiteTransferOutcome(read: 2, written: 1, rejected: 1))
        #expect(
            try rows("target.db", "SELECT id, name, born FROM people")
                == [[.int(1), .text("É 😀 A\u{0}B"), .text("2000-01-01")]])
        #expect(
            try rows("target.db", "SELECT row, errors, 0 FROM rejects") == [[.int(2), .text("in:1:NOT_TEXT"), .int(0)]])
    }

    @Test func `is within one file, too`() throws {
        try source(rows: 50)
        let outcome = try SQLiteEngine(Self.program()).transfer(
            from: table("source.db", "people"), to: table("source.db", "clean"), rejects: "bad")
        #expect(outcome == SQLiteTransferOutcome(read: 50, written: 40, rejected: 10))
        #expect(try count("source.db", "clean") == 40)
        #expect(throws: SluiceError.self) {
            try SQLiteEngine(Self.program()).transfer(
                from: table("source.db", "people"), to: table("source.db", "people"), rejects: "bad2")
        }
        #expect(try count("source.db", "people") == 50)
    }

    @Test func `without a table of rejects, an error is a failure, and nothing is written`() throws {
        try source(rows: 50)
        let error = #expect(throws: SluiceError.self) {
            try SQLiteEngine(Self.program()).transfer(
                from: table("source.db", "people"), to: table("target.db", "people"), rejects: nil)
        }
        #expect(error?.message.hasPrefix("10 of 50 rows have errors, the first is row 3: 2:0:NOT_DATE.") == true)
        #expect(!Files.exists(folder.file("target.db")))
    }

    @Test(arguments: [
        ("CREATE TABLE people (id INTEGER, name TEXT)", "other columns"),
        ("CREATE TABLE people (id INTEGER, name TEXT, born DATE)", "other columns"),
        ("CREATE TABLE people (id INTEGER, name TEXT, born TEXT, more)", "other columns"),
        ("CREATE TABLE people (id INTEGER, name TEXT, Born TEXT)", "other columns"),
        ("CREATE VIEW people AS SELECT 1 AS id, 2 AS name, 3 AS born", "no ordinary table"),
        ("CREATE TABLE people (id INTEGER, name TEXT, born TEXT); INSERT INTO people VALUES (1, 2, 3)", "rows already"),
        ("CREATE TABLE people (id INTEGER CHECK (id < 20), name TEXT, born TEXT)", "CHECK"),
        (
            "CREATE TABLE people (id INTEGER, name TEXT, born TEXT); CREATE TRIGGER t BEFORE INSERT ON people BEGIN SELECT RAISE(IGNORE); END",
            "trigger"
        ),
        ("CREATE TABLE rejects (row INTEGER, reason TEXT)", "other columns"),
    ])
    func `refuses a target of another form, and changes nothing`(schema: String, words: String) throws {
        try source(rows: 50)
        try SQLiteConnection(path: folder.file("target.db"), access: .create).execute(schema)
        let before = try #require(Files.head(folder.file("target.db"), count: 1 << 20))
        let error = #expect(throws: SluiceError.self) {
            try SQLiteEngine(Self.program()).transfer(
                from: table("source.db", "people"), to: table("target.db", "people"), rejects: "rejects")
        }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(Files.head(folder.file("target.db"), count: 1 << 20) == before)
    }

    @Test func `takes a table with a key, in any order of columns, and adds to it if told`() throws {
        try source(rows: 4)
        try SQLiteConnection(path: folder.file("target.db"), access: .create).execute(
            "CREATE TABLE people (born TEXT, id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
        let engine = try SQLiteEngine(Self.program())
        _ = try engine.transfer(
            from: table("source.db", "people"), to: table("target.db", "people"), rejects: "rejects")
        #expect(try count("target.db", "people") == 3)
        // The same rows again break the key: all or nothing.
        let error = #expect(throws: SluiceError.self) {
            try engine.transfer(
                from: table("source.db", "people"), to: table("target.db", "people"), rejects: "rejects",
                append: true)
        }
        #expect(error?.message.contains("UNIQUE") == true)
        #expect(try count("target.db", "rejects") == 1)
    }

    @Test func `a missing source, table or column is said`() throws {
        try source(rows: 1, "CREATE VIEW v AS SELECT * FROM people; CREATE TABLE other (id, name)")
        let engine = try SQLiteEngine(Self.program())
        for (file, name, words) in [
            ("none.db", "people", "does not exist"), ("source.db", "peopl", "no table"),
            ("source.db", "v", "no ordinary table"), ("source.db", "other", "no column \"born\""),
        ] {
            let error = #expect(throws: SluiceError.self) {
                try engine.transfer(from: table(file, name), to: table("target.db", "t"), rejects: "r")
            }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
        #expect(!Files.exists(folder.file("none.db")) && !Files.exists(folder.file("target.db")))
    }

    @Test func `a disk that is full leaves the target as it was`() throws {
        try source(rows: 20_000)
        let engine = try SQLiteEngine(Self.program())
        _ = try engine.transfer(
            from: table("source.db", "people"), to: table("target.db", "people"), rejects: "rejects")
        let before = try #require(Files.head(folder.file("target.db"), count: 1 << 24))
        let error = #expect(throws: SluiceError.self) {
            try engine.transfer(
                from: table("source.db", "people"), to: table("target.db", "again"), rejects: "rejects2",
                maximumBytes: before.count + 65536)
        }
        #expect(error?.detail == "target.write" && error?.message.contains("full") == true)
        #expect(Files.head(folder.file("target.db"), count: 1 << 24) == before)
        // The same from nothing: not even a file is left.
        #expect(throws: SluiceError.self) {
            try engine.transfer(
                from: table("source.db", "people"), to: table("new.db", "people"), rejects: "rejects",
                maximumBytes: 65536)
        }
        #expect(!Files.exists(folder.file("new.db")) && !Files.exists(folder.file("new.db-journal")))
    }

    @Test func `a kill in the middle leaves nothing`() async throws {
        try source(rows: 30_000, "UPDATE people SET name = name || printf('%1500d', 0)")
        try SQLiteConnection(path: folder.file("target.db"), access: .create).execute("CREATE TABLE kept (x)")
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = folder.path as String] in
            _ = try SQLiteEngine(Self.program()).transfer(
                from: SQLiteTable(file: path + "/source.db", table: "people"),
                to: SQLiteTable(file: path + "/target.db", table: "people"), rejects: "rejects"
            ) { rows in
                if rows == 20_000 { kill(getpid(), SIGKILL) }
            }
        }
        // More was written than the cache takes: the file was changed, and its journal stands beside it.
        #expect(Files.exists(folder.file("target.db-journal")))
        var tables: [String?] = []
        try SQLiteConnection(path: folder.file("target.db"), access: .readWrite).run("SELECT name FROM sqlite_schema") {
            tables.append($0.text(0))
        }
        #expect(tables == ["kept"])
        // And again, to the end.
        let outcome = try SQLiteEngine(Self.program()).transfer(
            from: table("source.db", "people"), to: table("target.db", "people"), rejects: "rejects")
        #expect(outcome.read == 30_000 && outcome.written == 24_000)
    }

    @Test func `a file's table is read as the rows of a batch are`() throws {
        try source(
            rows: 100,
            "CREATE TABLE keyed (id INTEGER, name TEXT, born TEXT, PRIMARY KEY (id)) WITHOUT ROWID; INSERT INTO keyed SELECT * FROM people; CREATE TABLE none (id, name, born); CREATE TABLE shadow (id, name, born, rowid, oid); INSERT INTO shadow SELECT id, name, born, 9, 9 FROM people"
        )
        let engine = try SQLiteEngine(Self.program())
        for name in ["people", "keyed", "shadow"] {
            var read: [Int64] = []
            var sizes: [Int] = []
            var failed = 0
            try engine.run(file: folder.file("source.db"), table: name, batchRows: 30) { result in
                read += result.rows
                sizes.append(result.result.batch.rowCount)
                failed += result.result.failedRows.count
                #expect(result.result.batch.firstOrdinal == Int64(read.count - result.rows.count))
            }
            #expect(read == Array(1...100) && sizes == [30, 30, 30, 10] && failed == 20, "\(name)")
        }
        var empty = 0
        try engine.run(file: folder.file("source.db"), table: "none") { result in
            empty += 1
            #expect(
                result.result.batch.rowCount == 0
                    && result.result.batch.schema.fields.map(\.name) == ["id", "name", "born"])
        }
        #expect(empty == 1)
    }
}
