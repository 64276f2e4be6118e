import Foundations
import TestSupport
import Testing

/// In metadata_only nothing behind the header record is read: by the connector, whatever it tries, or by the host.
@Suite("metadata_only, counted", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct MetadataOnlyTests {
    /// What a connector that tries every way got hold of.
    struct Reach: Equatable {
        var offered: Int
        var service: Int
        var descriptors: Int
        var canaries: Int
    }

    static let rows = (1...2000).map { "\($0),row-canary-\($0),p\($0)@example.com" }.joined(separator: "\n") + "\n"

    /// The counts are the names of the columns in the catalog.
    static func reach(_ scene: Scene, mode: String, lhs: String) throws -> Reach {
        let run = try scene.sluice("run", "--mode", mode, "--lhs", lhs, "--rhs", "sqlite:t.db#people", "--json")
        let hash = try #require(run.json["artifacts"]?["catalog"]?.stringValue, "\(run.outText)")
        let body = try scene.sluice("artifact", hash, "--json").json["body"]
        let columns = body?["content"]?["columns"]?.arrayValue ?? []
        var counts: [String: Int] = [:]
        for name in columns.compactMap({ $0["name"]?.stringValue }) {
            let parts = name.split(separator: "_")
            if parts.count == 2 { counts[String(parts[0])] = Int(parts[1]) }
        }
        return Reach(
            offered: try #require(counts["offered"], "\(columns)"), service: try #require(counts["service"]),
            descriptors: try #require(counts["descriptors"]), canaries: try #require(counts["canary"]))
    }

    static func scene(replacing id: String) throws -> Scene {
        let scene = try Scene()
        try scene.copyStage()
        try scene.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
        try scene.replacePlugin(id, byFixture: "byte_counter")
        return scene
    }

    @Test("A connector reaches the header record of a file and not one byte more", arguments: ["\n", "\r\n"])
    func header(_ lineEnd: String) throws {
        let scene = try Self.scene(replacing: "sluice.connector.csv")
        let header = "\u{FEFF}id,\"full\nname\",email" + lineEnd
        try scene.write("people.csv", header + Self.rows)
        let size = header.utf8.count
        let reach = try Self.reach(scene, mode: "metadata_only", lhs: "csv:people.csv")
        #expect(reach == Reach(offered: size, service: size, descriptors: size, canaries: 0))
    }

    @Test("The counter counts: in data_mode it reaches the whole file")
    func wholeFile() throws {
        let scene = try Self.scene(replacing: "sluice.connector.csv")
        let text = "id,name,email\n" + Self.rows
        try scene.write("people.csv", text)
        let size = text.utf8.count
        let reach = try Self.reach(scene, mode: "data_mode", lhs: "csv:people.csv")
        // Each row twice, but for those that a block cuts.
        #expect(reach.canaries > 3900 && reach.canaries <= 4000)
        #expect(reach == Reach(offered: size, service: size, descriptors: size, canaries: reach.canaries))
    }

    @Test("A connector reaches no row of a database")
    func database() throws {
        let scene = try Self.scene(replacing: "sluice.connector.sqlite")
        try scene.database(
            "s.db",
            """
            CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
            INSERT INTO people SELECT i, 'row-canary-' || i, 'p@example.com' FROM n;
            DELETE FROM people WHERE id > 1900
            """)
        let blind = try Self.reach(scene, mode: "metadata_only", lhs: "sqlite:s.db#people")
        #expect(blind.canaries == 0 && blind.service == blind.offered && blind.descriptors == blind.offered)
        let seeing = try Self.reach(scene, mode: "data_mode", lhs: "sqlite:s.db#people")
        #expect(seeing.canaries > 2000 && seeing.offered > blind.offered)
    }

    @Test("The host reads no byte of the file behind the header record either")
    func host() throws {
        let scene = try Scene()
        try scene.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
        let header = "id,name,email\n"
        try scene.write("people.csv", header + Self.rows)
        let counter = try scene.readCounter(of: "people.csv")
        for (mode, expected) in [("metadata_only", header.utf8.count), ("data_mode", (header + Self.rows).utf8.count)] {
            try counter.reset()
            let run = try scene.sluice(
                "run", "--mode", mode, "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--json")
            #expect(run.status == 0 || run.status == 3, "\(run.outText)")
            let reached = try counter.furthest()
            #expect(reached == expected, "\(mode)")
        }
    }
}
