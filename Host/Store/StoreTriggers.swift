internal import Databases
internal import Foundations

/// The triggers that keep ledger, seals, decisions and promotions as they were written.
///
/// They stop mistakes and make an edit visible: whoever edits around them has to take them out first.
enum StoreTriggers {
    /// SQL by name, as a database has it that went through every migration.
    private static let expected: Result<[String: String], DatabaseError> = {
        do throws(DatabaseError) {
            let model = try SQLiteConnection(path: ":memory:", access: .create)
            // No run is there to be chained: the keys are not used.
            let keys = LedgerKeys(masterKey: [UInt8](repeating: 0, count: 32))
            for (place, migration) in Migrations.all.enumerated() {
                try migration.perform(on: model, keys: keys, reaching: Int64(place + 1))
            }
            return .success(try read(model))
        } catch { return .failure(error) }
    }()

    private static func read(_ connection: SQLiteConnection) throws(DatabaseError) -> [String: String] {
        var found: [String: String] = [:]
        try connection.run("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'", operation: "read") {
            found[$0.text(0) ?? ""] = $0.text(1) ?? ""
        }
        return found
    }

    /// What is wrong with the triggers of a database at the latest version, in words; nil when nothing is.
    static func difference(_ connection: SQLiteConnection) throws(DatabaseError) -> String? {
        let expected = try expected.get()
        let found = try read(connection)
        guard found != expected else { return nil }
        for (name, sql) in expected.sorted(by: { $0.key < $1.key }) {
            guard let there = found[name] else { return "its trigger \(name) is missing" }
            if there != sql { return "its trigger \(name) is another one" }
        }
        let foreign = found.keys.filter { expected[$0] == nil }.sorted()
        return "it has a trigger that this program did not make, \(foreign.first ?? "")"
    }
}
