import Databases
import Foundations
import Glibc
import Testing

@Suite struct `SQLite functions` {
    private let database: SQLiteConnection

    init() throws { database = try SQLiteConnection(path: ":memory:", access: .create) }

    private func values(_ sql: String) throws -> [SQLiteValue] {
        var found: [SQLiteValue] = []
        try database.run(sql) { found.append($0.value(0)) }
        return found
    }

    @Test func `give back every kind of value, and NULs within`() throws {
        try database.register("sluice_echo", arity: 1) { call in
            switch call.storage(0) {
            case .null: call.returnNull()
            case .integer: call.return(int64: call.int64(0))
            case .real: call.return(double: call.double(0))
            case .text: call.return(text: call.text(0))
            case .blob: call.return(blob: call.blob(0))
            }
        }
        let statement = try database.prepare("SELECT sluice_echo(?)")
        let all: [SQLiteValue] = [
            .null, .int(.min), .int(.max), .double(-0.1), .double(.infinity), .text(""), .text("a\u{0}b é 😀"),
            .blob([]), .blob([0, 255, 0]), .text(String(repeating: "x", count: 1_000_000)),
        ]
        for value in all {
            try statement.bind(value, at: 1)
            #expect(try statement.step())
            #expect(statement.value(0) == value)
            #expect(try !statement.step())
        }
        try database.register("sluice_same", arity: 1) { $0.return(argument: 0) }
        #expect(try values("SELECT sluice_same(x'00ff')") == [.blob([0, 255])])
    }

    @Test func `take bytes that are not UTF-8 as they are`() throws {
        try database.register("sluice_size", arity: 1) { $0.return(int64: Int64($0.text(0).count)) }
        #expect(try values("SELECT sluice_size(CAST(x'ff00c3' AS TEXT))") == [.int(3)])
    }

    @Test func `fail a statement with their own words, and the connection goes on`() throws {
        try database.register("sluice_fail", arity: 0) { $0.fail("no value: é") }
        let error = #expect(throws: DatabaseError.self) { try values("SELECT sluice_fail()") }
        #expect(error?.message == "no value: é")
        #expect(try values("SELECT 1") == [.int(1)])
    }

    @Test func `keep what was made for a constant, and see each new one`() throws {
        final class Made {
            let text: String
            init(_ text: String) { self.text = text }
        }
        final class Counter { var made = 0 }
        let counter = Counter()
        try database.register("sluice_kept", arity: 2) { call in
            let made: Made
            if let kept = call.kept(Made.self, 0) {
                made = kept
            } else {
                made = Made(String(decoding: call.text(0), as: UTF8.self))
                counter.made += 1
                call.keep(made, 0)
            }
            var text = made.text
            text.withUTF8 { call.return(text: UnsafeRawBufferPointer($0)) }
        }
        try database.execute("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2), (3)")
        let statement = try database.prepare("SELECT sluice_kept(?, x) FROM t")
        for (place, text) in ["a", "b"].enumerated() {
            try statement.bind(.text(text), at: 1)
            var found: [String?] = []
            while try statement.step() { found.append(statement.text(0)) }
            #expect(found == [text, text, text])
            #expect(counter.made == place + 1)
        }
    }

    @Test func `are no way for a schema that is not trusted`() throws {
        try database.register("sluice_one", arity: 0) { $0.return(int64: 1) }
        try database.execute("CREATE VIEW v AS SELECT sluice_one() AS x")
        #expect(throws: DatabaseError.self) { try values("SELECT x FROM v") }
        #expect(try values("SELECT sluice_one()") == [.int(1)])
        try database.register("sluice_two", arity: 0, [.deterministic, .innocuous]) { $0.return(int64: 2) }
        try database.execute("CREATE VIEW w AS SELECT sluice_two() AS x")
        #expect(try values("SELECT x FROM w") == [.int(2)])
    }

    @Test(arguments: ["random", "lower", "sluice", "sluice_\u{0}", "sluice_" + String(repeating: "x", count: 255)])
    func `do not take the place of SQLite's own`(name: String) throws {
        try database.confine(bytes: 1 << 20, seconds: 60)
        #expect(throws: DatabaseError.self) { try database.register(name, arity: -1) { $0.return(int64: 1) } }
        #expect(throws: DatabaseError.self) { try values("SELECT random()") }
    }

    @Test func `live as long as their name stands, and not longer`() throws {
        final class Watched {}
        weak var first: Watched?
        weak var second: Watched?
        do {
            let short = try SQLiteConnection(path: ":memory:", access: .create)
            do {
                let a = Watched()
                first = a
                try short.register("sluice_w", arity: 0) { call in withExtendedLifetime(a) { call.returnNull() } }
            }
            #expect(first != nil)
            do {
                let b = Watched()
                second = b
                try short.register("sluice_w", arity: 0) { call in withExtendedLifetime(b) { call.returnNull() } }
            }
            #expect(first == nil && second != nil)
            // One that SQLite does not take is given back at once.
            #expect(throws: DatabaseError.self) { try short.register("sluice_w", arity: 128) { $0.returnNull() } }
        }
        #expect(second == nil)
    }

    @Test func `longer results than the connection allows fail the statement`() throws {
        try database.confine(bytes: 1 << 20, seconds: 60)
        try database.register("sluice_long", arity: 0) { call in
            let bytes = [UInt8](repeating: 65, count: 2 << 20)
            bytes.withUnsafeBytes { call.return(text: $0) }
        }
        let error = #expect(throws: DatabaseError.self) { try values("SELECT sluice_long()") }
        #expect(error?.primary == 18)
    }

    @Test func `copy a column of another statement as it is`() throws {
        let other = try SQLiteConnection(path: ":memory:", access: .create)
        try other.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v)")
        let from = try database.prepare("VALUES (NULL), (1), (0.5), ('a' || char(0) || 'é'), (x'00ff'), ('')")
        let into = try other.prepare("INSERT INTO t (v) VALUES (?)")
        while try from.step() {
            try into.bind(column: 0, of: from, at: 1)
            _ = try into.step()
        }
        var found: [SQLiteValue] = []
        try other.run("SELECT v FROM t ORDER BY id") { found.append($0.value(0)) }
        #expect(found == [.null, .int(1), .double(0.5), .text("a\u{0}é"), .blob([0, 255]), .text("")])
    }
}
