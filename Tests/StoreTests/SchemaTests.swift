import Databases
import Foundations
import Testing

@testable import Store

/// The database's shape, version by version, against the text of `Tests/Golden/store`.
///
/// The programs that are out there made their homes with that text: a migration that is edited after its release would
/// be met by no home, and the triggers would not be those that this program expects.
@Suite struct `The shape of the database` {
    private static let repository = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
    /// The first version whose shape was kept.
    private static let first: Int64 = 6

    private func path(_ version: Int64) -> String { "\(Self.repository)/Tests/Golden/store/schema-v\(version).sql" }

    private func database(_ path: String = ":memory:", version: Int64, key: [UInt8]) throws -> SQLiteConnection {
        let made = try SQLiteConnection(path: path, access: .create)
        let keys = LedgerKeys(masterKey: key)
        for next in 0..<version {
            try Migrations.all[Int(next)].perform(on: made, keys: keys, reaching: next + 1)
        }
        return made
    }

    /// Every object's own text, tables before indexes before triggers, by name.
    private func shape(_ connection: SQLiteConnection) throws -> String {
        var text = ""
        try connection.run(
            """
            SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'
            ORDER BY CASE type WHEN 'table' THEN 1 WHEN 'index' THEN 2 ELSE 3 END, name
            """
        ) { text += ($0.text(0) ?? "") + ";\n\n" }
        return text
    }

    @Test func `of each version is the one that it was released with`() throws {
        for version in Self.first...Migrations.latest {
            let made = try shape(try database(version: version, key: Array(repeating: 0, count: 32)))
            let kept = try? Files.read(path(version))
            // Only a version that may not be out yet is written anew.
            if version == Migrations.latest, kept != Array(made.utf8),
                Context.system.environment["RECORD_GOLDEN"] == "1"
            {
                try Files.makeFolder(Files.folder(of: path(version)))
                try Files.writeAtomically(Array(made.utf8), to: path(version), mode: 0o644)
                Issue.record("\(path(version)) was written anew; look at it and run again without RECORD_GOLDEN")
                continue
            }
            #expect(
                kept.map { String(decoding: $0, as: UTF8.self) } == made,
                """
                version \(version): a released migration never changes, add one behind it; for a new version run with \
                RECORD_GOLDEN=1
                """)
        }
    }

    @Test func `that a released version left is opened and brought to the latest`() throws {
        for version in Self.first...Migrations.latest {
            try withFolder { folder in
                let home = try Home(path: folder + "/home", context: .system)
                let text = String(decoding: try Files.read(path(version)), as: UTF8.self)
                let old = try SQLiteConnection(path: home.databasePath, access: .create)
                try old.execute(text + "PRAGMA user_version = \(version)")
                try old.run("INSERT INTO store_facts VALUES ('master_key_id', ?)", [.text(try home.masterKeyID())])
                // The triggers are compared when it is opened.
                let store = try StoreDatabase(home: home, context: .system)
                let run = try store.makeRun()
                try store.append(makeEvent(run))
                #expect(try store.verifyLedger(run).count == 1)
                let latest = try database(version: Migrations.latest, key: try home.masterKey())
                #expect(try shape(old) == shape(latest))
            }
        }
    }
}
