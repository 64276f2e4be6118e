import Databases
import Foundations
import Glibc
import Testing

/// A database in a file of its own, gone with the test.
final class Scratch {
    let path = "/tmp/sluice-db-\(Context.system.ulid()).db"
    deinit { for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) } }
}

@Suite struct `SQLite` {
    private let scratch = Scratch()

    private func open(_ access: SQLiteConnection.Access = .create, busy: Int32 = 0) throws -> SQLiteConnection {
        try SQLiteConnection(path: scratch.path, access: access, busyMilliseconds: busy)
    }

    @Test func `opens for reading and writing only what exists`() throws {
        for access in [SQLiteConnection.Access.readOnly, .readWrite] {
            let error = #expect(throws: DatabaseError.self) { try open(access) }
            #expect(error?.primary == 14 && error?.operation == "open")
        }
        try open().execute("CREATE TABLE t (a)")
        let reader = try open(.readOnly)
        #expect(#expect(throws: DatabaseError.self) { try reader.execute("INSERT INTO t VALUES (1)") }?.primary == 8)
    }

    @Test func `gives back every value that was bound`() throws {
        let database = try open()
        try database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v)")
        let values: [SQLiteValue] = [
            .null, .int(0), .int(.max), .int(.min), .double(0.1), .double(-1e300), .double(.infinity), .text(""),
            .text("é 😀 日本"),
            .text("a\u{0}b"), .text("'; DROP TABLE t; --"), .blob([]), .blob([0, 255, 0]),
        ]
        for value in values { try database.run("INSERT INTO t (v) VALUES (?)", [value]) }
        var found: [SQLiteValue] = []
        try database.run("SELECT v FROM t ORDER BY id") { found.append($0.value(0)) }
        #expect(found == values)
        try database.run("SELECT v FROM t WHERE id = 8") { row in
            #expect(!row.isNull(0) && row.text(0) == "")
        }
        try database.run("SELECT v FROM t WHERE id = 12") { row in
            #expect(!row.isNull(0) && row.blob(0) == [])
        }
        try database.run("SELECT v FROM t WHERE id = 1") { row in
            #expect(row.isNull(0) && row.text(0) == nil && row.blob(0) == nil)
        }
    }

    @Test func `binds borrowed memory of no bytes as an empty value, not as null`() throws {
        let database = try open()
        let statement = try database.prepare("SELECT ? IS NULL, ? IS NULL, typeof(?1), typeof(?2)")
        statement.bind(borrowedText: UnsafeRawBufferPointer(start: nil, count: 0), at: 1)
        statement.bind(borrowedBlob: UnsafeRawBufferPointer(start: nil, count: 0), at: 2)
        #expect(try statement.step())
        #expect(statement.int(0) == 0 && statement.int(1) == 0)
        #expect(statement.text(2) == "text" && statement.text(3) == "blob")
        #expect(try !statement.step())
    }

    @Test func `runs a statement again once it is done, and after a failure`() throws {
        let database = try open()
        try database.execute("CREATE TABLE t (a INTEGER PRIMARY KEY)")
        let insert = try database.prepare("INSERT INTO t VALUES (?)")
        for value: Int64 in [1, 2, 2, 3] {
            insert.bind(int64: value, at: 1)
            do { #expect(try !insert.step("insert")) } catch {
                #expect(value == 2 && error.isConstraint && error.code == 1555 && error.operation == "insert")
            }
        }
        var count: Int64 = 0
        try database.run("SELECT count(*) FROM t") { count = $0.int(0) }
        #expect(count == 3)
    }

    @Test func `keeps all of a transaction or nothing`() throws {
        struct Stop: Error {}
        let database = try open()
        try database.execute("CREATE TABLE t (a)")
        #expect(throws: Stop.self) {
            try database.transaction { () throws in
                try database.execute("INSERT INTO t VALUES (1)")
                throw Stop()
            }
        }
        let kept = try database.transaction { () throws -> Int in
            try database.execute("INSERT INTO t VALUES (2), (3)")
            return database.changes
        }
        #expect(kept == 2)
        var found: [Int64] = []
        try database.run("SELECT a FROM t") { found.append($0.int(0)) }
        #expect(found == [2, 3])
        // A commit that fails is rolled back too, and the next transaction begins.
        try database.execute(
            "PRAGMA foreign_keys = ON; CREATE TABLE p (id INTEGER PRIMARY KEY);"
                + "CREATE TABLE c (p REFERENCES p DEFERRABLE INITIALLY DEFERRED)")
        let failure = #expect(throws: DatabaseError.self) {
            try database.transaction { () throws in try database.execute("INSERT INTO c VALUES (7)") }
        }
        #expect(failure?.operation == "commit" && failure?.isConstraint == true)
        try database.transaction { () throws in try database.execute("INSERT INTO p VALUES (7)") }
    }

    @Test func `says that another writer holds the database`() throws {
        let first = try open()
        try first.execute("CREATE TABLE t (a)")
        let second = try open()
        try first.transaction { () throws in
            let error = #expect(throws: DatabaseError.self) { try second.transaction { () throws in } }
            #expect(error?.isBusy == true && error?.isConstraint == false)
        }
        try second.transaction { () throws in }
    }

    @Test func `says that a file is no database`() throws {
        try Files.writeAtomically(Array(String(repeating: "no database ", count: 100).utf8), to: scratch.path)
        let database = try open(.readOnly)
        #expect(
            #expect(throws: DatabaseError.self) { try database.run("SELECT 1 FROM sqlite_schema") }?.isCorrupt == true)
    }

    @Test func `lets nobody write into the schema by hand`() throws {
        let database = try open()
        try database.execute("CREATE TABLE t (a)")
        #expect(throws: DatabaseError.self) {
            try database.execute("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET name = 'x'")
        }
    }

    @Test(arguments: [
        "plain", "two words", "a\"b", "\"", "", "é😀", "semi;colon", "'quoted'", "[x]", "`y`", "a\"\"b\"",
        "\"\u{301}", "a\"\u{301} INTEGER); DROP TABLE x; --", "\u{301}\"\u{20DD}\u{FE0F}", "\"\u{200D}\"\u{301}",
    ])
    func `quotes every identifier so that it names what it names`(_ name: String) throws {
        let database = try open()
        let table = SQLText.identifier(name.isEmpty ? "e" : name)
        let column = SQLText.identifier(name.isEmpty ? "e" : name)
        try database.execute("CREATE TABLE \(table) (\(column) INTEGER)")
        try database.run("INSERT INTO \(table) (\(column)) VALUES (?)", [.int(5)])
        var found: (String?, Int64)?
        try database.run("SELECT (SELECT name FROM sqlite_schema), \(column) FROM \(table)") {
            found = ($0.text(0), $0.int(1))
        }
        #expect(found?.0 == (name.isEmpty ? "e" : name) && found?.1 == 5)
    }

    @Test func `refuses SQL with a NUL before any of it runs`() throws {
        let database = try open()
        let name = SQLText.identifier("a\0b")
        for run: () throws -> Void in [
            { try database.execute("CREATE TABLE t (a); CREATE TABLE \(name) (a)") },
            { try database.run("SELECT 1 AS \(name)") }, { _ = try database.prepare("SELECT 1\0") },
        ] {
            let error = #expect(throws: DatabaseError.self) { try run() }
            #expect(error?.message.contains("NUL") == true)
        }
        var tables: Int64 = -1
        try database.run("SELECT count(*) FROM sqlite_schema") { tables = $0.int(0) }
        #expect(tables == 0)
    }

    @Test func `counts parameters`() {
        #expect(SQLText.parameters(0) == "" && SQLText.parameters(1) == "?" && SQLText.parameters(3) == "?, ?, ?")
    }

    @Test func `tells a user what failed, and holds no value`() throws {
        let database = try open()
        try database.execute("CREATE TABLE t (a TEXT CHECK (length(a) < 5))")
        let error = #expect(throws: DatabaseError.self) {
            try database.run("INSERT INTO t VALUES (?)", [.text("canary-value")], operation: "insert")
        }
        #expect(error?.asError(.targetWrite).detail == "target.write")
        #expect(error?.asError(.targetWrite).message.hasPrefix("insert: ") == true)
        #expect(error?.asError(.targetWrite).message.contains("canary") == false)
    }
}
