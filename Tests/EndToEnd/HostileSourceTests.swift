import Foundations
import TestSupport
import Testing

/// Sources that try for more than they were given, and values that must not be shown.
@Suite("Hostile sources", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct HostileSourceTests {
    @Test("A schema with a statement behind it runs nothing in metadata_only, and hands over no row")
    func secondStatement() throws {
        let scene = try Scene()
        try scene.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT)")
        try scene.database(
            "source.db", "CREATE TABLE people (id INTEGER, name TEXT); INSERT INTO people VALUES (1, 'secretcell')")
        try scene.database(
            "source.db",
            """
            PRAGMA writable_schema = ON;
            UPDATE sqlite_schema SET sql = 'CREATE TABLE people (id INTEGER, name TEXT); '
              || 'ATTACH DATABASE ''\(scene.folder)/pwned.db'' AS e; CREATE TABLE e.x(y)';
            """)
        let before = try Files.read(scene.path("source.db"))
        let run = try scene.sluice(
            "run", "--mode", "metadata_only", "--lhs", "sqlite:source.db#people", "--rhs", "sqlite:t.db#people",
            "--yes", "--json")
        #expect(run.status == 0, "\(run.outText)\(run.errText)")
        let files = try Files.list(scene.folder).filter { !$0.hasPrefix("call-") }.sorted()
        #expect(files == ["home", "source.db", "t.db"])
        let after = try Files.read(scene.path("source.db"))
        #expect(before == after)
        for (name, bytes) in Scene.files(below: scene.home) {
            let isThere = Bytes.contains("secretcell", in: bytes)
            #expect(!isThere, "\(name)")
        }
    }

    @Test("A target with a statement behind its definition takes rows, and nothing else happens")
    func targetWithSecondStatement() throws {
        let scene = try Scene()
        try scene.write("people.csv", BadInputTests.good)
        try scene.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
        try scene.database(
            "t.db",
            """
            PRAGMA writable_schema = ON;
            UPDATE sqlite_schema SET sql = 'CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT); '
              || 'ATTACH DATABASE ''\(scene.folder)/pwned.db'' AS e; CREATE TABLE e.x(y)';
            """)
        let run = try scene.sluice("run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--yes", "--json")
        #expect(run.status == 0, "\(run.outText)\(run.errText)")
        let files = try Files.list(scene.folder).filter { !$0.hasPrefix("call-") }.sorted()
        let rows = try scene.count("t.db", "people")
        #expect(files == ["home", "people.csv", "t.db"] && rows == 50)
    }

    @Test(
        "A source whose last write did not end is refused, and what is left of it is kept",
        arguments: ["-journal", "-wal"])
    func unfinishedWrite(_ suffix: String) throws {
        let scene = try Scene()
        try scene.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT)")
        try scene.database(
            "source.db", "CREATE TABLE people (id INTEGER, name TEXT); INSERT INTO people VALUES (1, 'a')")
        let hot: [UInt8] = [0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7] + [UInt8](repeating: 0, count: 504)
        try scene.write("source.db" + suffix, bytes: hot)
        for mode in ["data_mode", "metadata_only"] {
            let run = try scene.sluice(
                "run", "--mode", mode, "--lhs", "sqlite:source.db#people", "--rhs", "sqlite:t.db#people", "--yes",
                "--json")
            #expect(run.status == 1 && run.json["error"]?["detail_id"] == "source.sqlite_wal", "\(run.outText)")
        }
        let kept = try Files.read(scene.path("source.db" + suffix))
        let rows = try scene.count("t.db", "people")
        #expect(kept == hot && rows == 0)
    }

    // MARK: Long numbers

    /// Artifacts that a person reads, as text.
    private func artifacts(_ scene: Scene, _ run: Finished) throws -> String {
        var text = ""
        for (kind, hash) in run.json["artifacts"]?.objectValue ?? [:] {
            let shown = try scene.sluice("artifact", hash.stringValue ?? "", "--json")
            try #require(shown.status == 0, "\(kind)")
            text += shown.outText
        }
        return text
    }

    private func expectShort(_ scene: Scene, _ run: Finished, hidden: [String], shown: String) throws {
        #expect(run.status == 0, "\(run.outText)\(run.errText)")
        #expect(run.json["artifacts"]?["sample_pack"] != nil && run.json["artifacts"]?["mapping_plan"] != nil)
        let text = try artifacts(scene, run)
        #expect(text.contains(shown), "the sample shows no number at all")
        let found = hidden.filter { text.contains($0) }
        #expect(found == [])
        for (name, bytes) in Scene.files(below: scene.home + "/artifacts") {
            let isThere = hidden.contains { Bytes.contains($0, in: bytes) }
            #expect(!isThere, "\(name)")
        }
    }

    @Test("Ten digits in an INTEGER column are shown in no artifact, and small numbers are")
    func longIntegers() throws {
        let scene = try Scene()
        let numbers = (0..<200).map { 5_550_100_000 + $0 * 7_919 }
        let rows = numbers.enumerated().map { "(\($0.offset + 1), \($0.element), 770017)" }
        try scene.database(
            "source.db",
            "CREATE TABLE readings (id INTEGER PRIMARY KEY, n2 INTEGER, amount INTEGER); INSERT INTO readings VALUES "
                + rows.joined(separator: ", "))
        try scene.database("t.db", "CREATE TABLE readings (id INTEGER PRIMARY KEY, n2 INTEGER, amount INTEGER)")
        let run = try scene.sluice(
            "run", "--lhs", "sqlite:source.db#readings", "--rhs", "sqlite:t.db#readings", "--yes", "--json")
        try expectShort(scene, run, hidden: numbers.map { String($0) }, shown: "770017")
        let arrived = try scene.rows("t.db", "SELECT min(n2), max(n2) FROM readings")
        #expect(arrived == [["5550100000", "\(numbers[199])"]])
    }

    @Test(
        "Long numbers among decimals are shown in no artifact, whole, with a fraction or behind an exponent",
        arguments: ["", ".25", "E+3"])
    func longDecimals(_ end: String) throws {
        let scene = try Scene()
        // Behind the exponent stands a number of twelve digits in all.
        let numbers = (0..<200).map { number in
            let whole = 44_791_100_000 + number * 7_919
            return end == "E+3" ? "\(whole / 1000)" : "\(whole)"
        }
        let rows = numbers.enumerated().map { row, number in
            "\(row + 1),\(row == 50 ? "1.5" : number + end),770017"
        }
        try scene.write("readings.csv", "id,n2,amount\n" + rows.joined(separator: "\n") + "\n")
        try scene.database("t.db", "CREATE TABLE readings (id INTEGER PRIMARY KEY, n2 REAL, amount INTEGER)")
        let run = try scene.sluice(
            "run", "--lhs", "csv:readings.csv", "--rhs", "sqlite:t.db#readings", "--yes", "--json")
        var hidden = numbers
        hidden.remove(at: 50)
        try expectShort(scene, run, hidden: hidden, shown: "770017")
        let arrived = try scene.count("t.db", "readings")
        #expect(arrived == 200)
    }
}
