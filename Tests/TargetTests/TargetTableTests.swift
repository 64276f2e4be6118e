import Columnar
import Databases
import Foundations
import Store
import TestSupport
import Testing

@testable import Stages

@Suite struct `The shape of a target table` {
    @Test(
        arguments: [
            ("CREATE TABLE plain (a INTEGER)", "plain"), ("CREATE TABLE \"two words\"(a)", "two words"),
            ("CREATE TABLE \"a\"\"b\" (a)", "a\"b"), ("CREATE TABLE `back``tick` (a)", "back`tick"),
            ("CREATE TABLE [a b](a)", "a b"),
            ("CREATE TABLE 'it''s' (a)", "it's"), ("create table if not exists Mixed(a)", "Mixed"),
            ("CREATE TABLE \"(\" (a)", "("), ("CREATE TABLE größe (a)", "größe"), ("CREATE TABLE 😀 (a)", "😀"),
            ("CREATE TABLE main.qualified (a)", "qualified"),
            ("CREATE TABLE commented /* ( */ -- (\n (a)", "commented"),
            ("CREATE TABLE\n\tspaced\r\n(a)", "spaced"), ("CREATE TABLE a$1_b (a)", "a$1_b"),
            ("CREATE TABLE other (a); CREATE TABLE made AS SELECT 1 AS a", "made"),
            ("CREATE TABLE old (a); ALTER TABLE old RENAME TO \"new \"\"name\"", "new \"name"),
        ])
    func `is read whatever its name's quotes are, and its staging table takes rows`(_ sql: String, _ name: String)
        throws
    {
        let scratch = try Scratch(sql)
        let shape = try SQLiteTarget.inspect(path: scratch.path, table: name)
        #expect(shape.name == name && shape.columns.map(\.name) == ["a"])
        let target = try scratch.target(name, ["a"])
        #expect(
            try target.put(0, batch([("a", shape.columns[0].type)], [[shape.columns[0].type == .int64 ? 7 : "7"]]))
                == [])
        #expect(
            try target.promote(at: "now") == .init(rowsStaged: 1, rowsInserted: 1, rowsUpdated: 0, quarantine: .empty))
        #expect(try scratch.rows("SELECT a FROM \(SQLText.identifier(name))").last == ["7"])
    }

    @Test func `knows keys, defaults, requirements and what cannot be written`() throws {
        let scratch = try Scratch(
            """
            CREATE TABLE t (
              id INTEGER PRIMARY KEY, name TEXT NOT NULL, country VARCHAR(2) NOT NULL DEFAULT 'SE', note,
              "upper" TEXT GENERATED ALWAYS AS (upper(name)) STORED, low TEXT AS (lower(name)) VIRTUAL,
              born DATE, seen TIMESTAMP, ok BOOLEAN, price DECIMAL(10,2), ratio DOUBLE PRECISION, big BIGINT UNSIGNED)
            """)
        let shape = try SQLiteTarget.inspect(path: scratch.path, table: "t")
        #expect(
            shape.columns.map(\.name) == [
                "id", "name", "country", "note", "born", "seen", "ok", "price", "ratio", "big",
            ])
        #expect(
            shape.columns.map(\.type) == [
                .int64, .text, .text, .text, .date, .timestamp, .bool, .float64, .float64, .int64,
            ])
        #expect(shape.columns.filter { shape.isRequired($0) }.map(\.name) == ["name"])
        #expect(shape.rowIDAlias == "id" && shape.key.map(\.name) == ["id"] && !shape.isStrict)
        #expect(shape.columns[3].declaredType == "")
        #expect(shape.json["columns"]?.arrayValue?.count == 10)
    }

    @Test func `tells WITHOUT ROWID, STRICT and composite keys`() throws {
        let scratch = try Scratch(
            """
            CREATE TABLE w (id INTEGER PRIMARY KEY, a TEXT) WITHOUT ROWID;
            CREATE TABLE s (id INTEGER PRIMARY KEY, a TEXT) STRICT;
            CREATE TABLE both (b TEXT, a TEXT, v INT, PRIMARY KEY (a, b)) STRICT, WITHOUT ROWID;
            CREATE TABLE trick (id INTEGER PRIMARY KEY, a TEXT DEFAULT 'WITHOUT ROWID');
            CREATE TABLE texts (id TEXT PRIMARY KEY)
            """)
        func shape(_ table: String) throws -> TargetTable { try SQLiteTarget.inspect(path: scratch.path, table: table) }
        #expect(try shape("w").rowIDAlias == nil && !shape("w").isStrict)
        #expect(try shape("s").rowIDAlias == "id" && shape("s").isStrict)
        #expect(try shape("both").key.map(\.name) == ["a", "b"] && shape("both").isStrict)
        #expect(try shape("both").rowIDAlias == nil)
        #expect(try shape("trick").rowIDAlias == "id")
        #expect(try shape("texts").rowIDAlias == nil && shape("texts").key.map(\.name) == ["id"])
    }

    @Test func `finds foreign keys, the parent's own key where none is named`() throws {
        let scratch = try Scratch(
            """
            CREATE TABLE p (x INTEGER PRIMARY KEY); CREATE TABLE q (a TEXT, b TEXT, PRIMARY KEY (b, a));
            CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p, qa TEXT, qb TEXT, boss REFERENCES c(id),
              FOREIGN KEY (qb, qa) REFERENCES q, FOREIGN KEY (QA) REFERENCES "P"(x))
            """)
        let keys = try SQLiteTarget.inspect(path: scratch.path, table: "c").foreignKeys
        let found = keys.map { "\($0.columns) \($0.parent) \($0.parentColumns)" }.sorted()
        #expect(
            found == [
                #"["boss"] c ["id"]"#, #"["p_id"] p ["x"]"#, #"["qa"] P ["x"]"#, #"["qb", "qa"] q ["b", "a"]"#,
            ])
    }

    @Test func `finds unique indexes and constraints, and leaves partial and computed ones out`() throws {
        let scratch = try Scratch(
            """
            CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b TEXT, c TEXT, UNIQUE (b, c));
            CREATE UNIQUE INDEX one ON t (c); CREATE UNIQUE INDEX partial ON t (b) WHERE b > 'x';
            CREATE UNIQUE INDEX computed ON t (lower(b)); CREATE INDEX plain ON t (b)
            """)
        let indexes = try SQLiteTarget.inspect(path: scratch.path, table: "t").uniqueIndexes.map(\.columns)
        #expect(Set(indexes) == [["c"], ["a"], ["b", "c"]] && indexes.count == 3)
    }

    @Test(
        arguments: [
            ("CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t", "v", "target.shape"),
            ("CREATE TABLE t (a); CREATE TABLE u (a)", "missing", "target.missing"),
            ("CREATE TABLE t (a)", "", "target.missing"),
        ])
    func `is refused where rows cannot go`(_ sql: String, _ table: String, _ detail: String) throws {
        let scratch = try Scratch(sql)
        let error = #expect(throws: SluiceError.self) { try SQLiteTarget.inspect(path: scratch.path, table: table) }
        #expect(error?.detail == detail)
        if table == "missing" { #expect(error?.message.contains("it has t, u") == true) }
    }

    @Test(
        arguments: [
            "ATTACH DATABASE '%/pwned.db' AS e; CREATE TABLE e.x(y)", "VACUUM INTO '%/pwned.db'",
            "INSERT INTO t VALUES ('injected')", "DROP TABLE precious", "CREATE TABLE injected(y)",
        ])
    func `makes staging of its definition, and runs nothing that stands behind it`(_ statement: String) throws {
        let scene = try Scene()
        let text = statement.split(separator: "%", omittingEmptySubsequences: false).joined(separator: scene.folder)
        let quoted = "CREATE TABLE t(a TEXT); \(text)".split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "''")
        let path = try scene.database("t.db", "CREATE TABLE precious (v); CREATE TABLE t(a TEXT)")
        try scene.database(
            "t.db", "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = '\(quoted)' WHERE name = 't'")
        let run = try #require(ULID(Scratch.run))
        let target = try SQLiteTarget(
            path: path, table: "t", lease: Lease(runID: run, token: 1, driver: "ann"), columns: ["a"])
        try target.prepare()
        #expect(try target.put(0, batch([("a", .text)], [["mine"]])) == [])
        #expect(try target.promote(at: "now").rowsInserted == 1)
        let files = try Files.list(scene.folder)
        #expect(files == ["t.db"])
        let tables = try scene.rows(
            "t.db", "SELECT name FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, 1) <> '_' ORDER BY name")
        #expect(tables == [["precious"], ["t"]])
        let rows = try scene.rows("t.db", "SELECT a FROM t")
        #expect(rows == [["mine"]])
    }

    @Test func `is refused where there is no database`() throws {
        let scratch = try Scratch("CREATE TABLE t (a)")
        #expect(
            #expect(throws: SluiceError.self) { try SQLiteTarget.inspect(path: scratch.path + ".none", table: "t") }?
                .detail == "target.missing")
        try Files.writeAtomically(Array(String(repeating: "text, no database\n", count: 90).utf8), to: scratch.path)
        let error = #expect(throws: SluiceError.self) { try SQLiteTarget.inspect(path: scratch.path, table: "t") }
        #expect(error?.detail == "target.shape")
        #expect(error?.message.contains("/tmp") == false)
    }

    @Test(
        arguments: [
            ("INTEGER", ColumnType.int64), ("TINYINT(1)", .int64), ("CHARACTER(20)", .text), ("NVARCHAR(100)", .text),
            ("CLOB", .text), ("REAL", .float64), ("FLOAT", .float64), ("NUMERIC(5)", .float64), ("DATE", .date),
            ("DATETIME", .timestamp), ("TIMESTAMP WITH TIME ZONE", .timestamp), ("TIMESTAMP(6)", .timestamp),
            ("BOOL", .bool),
            ("", .text), ("DATE ", .date), ("WHATEVER", .text),
        ])
    func `takes a declared type as its usual name means it`(_ declared: String, _ type: ColumnType) {
        #expect(TargetTable.type(declared: declared) == type)
    }
}
