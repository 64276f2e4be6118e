import Foundations
import TestSupport
import Testing

/// The order in which a target's commits and the home's reach the disk: what a power cut can take away.
@Suite("Power cut", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct PowerCutTests {
    /// Runs a migration with Tests/Fixtures/sync_order.c preloaded; what it noted of the scene's files, in order.
    private func order(_ scene: Scene) throws -> [String] {
        let library = scene.path("sync_order.so")
        let source = "\(Stage.repository)/Tests/Fixtures/sync_order.c"
        let built = try scene.run("/usr/bin/cc", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"])
        try #require(built.status == 0, "\(built.errText)")
        scene.environment["LD_PRELOAD"] = library
        scene.environment["SYNC_ORDER_FILE"] = scene.path("order.txt")
        let run = try scene.sluice(
            "run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--yes", "--json")
        #expect(run.status == 0 && run.json["rows_migrated"] == 50, "\(run.outText)\(run.errText)")
        let folder = try #require(Files.resolved(scene.folder))
        return String(decoding: try Files.read(scene.path("order.txt")), as: UTF8.self).split(separator: "\n")
            .map { line in
                let words = line.split(separator: " ", maxSplits: 1)
                let path = words[1].hasPrefix(folder) ? words[1].dropFirst(folder.utf8.count) : words[1]
                return "\(words[0]) \(path)"
            }
    }

    private func scene(_ more: String = "") throws -> Scene {
        let scene = try Scene()
        let rows = (1...50).map { "\($0),Person \($0),p\($0)@example.com" }.joined(separator: "\n")
        try scene.write("people.csv", "id,name,email\n\(rows)\n")
        try scene.database("t.db", more + "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
        return scene
    }

    @Test("A rollback journal that is unlinked is gone from the disk before anything else is written")
    func rollbackJournal() throws {
        let order = try order(try scene())
        let commits = order.indices.filter { order[$0] == "unlink /t.db-journal" }
        // Preparing, the chunk, the withdrawal and the promotion.
        #expect(commits.count >= 4, "\(order)")
        for place in commits {
            let next = place + 1 < order.count ? order[place + 1] : ""
            #expect(next == "sync ", "behind the unlinking comes \(next)")
        }
        // The home records the end behind the last of them.
        let last = try #require(commits.last)
        #expect(order[(last + 2)...].contains("sync /home/sluice.db-wal"), "\(order)")
    }

    @Test("Each commit of a target with a write-ahead log is on the disk before the home records it")
    func writeAheadLog() throws {
        let order = try order(try scene("PRAGMA journal_mode = WAL; "))
        let commits = order.indices.filter { order[$0] == "sync /t.db-wal" }
        #expect(commits.count >= 4, "\(order)")
        let last = try #require(commits.last)
        #expect(order[last...].contains("sync /home/sluice.db-wal"), "\(order)")
    }
}
