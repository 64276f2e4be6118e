import Contracts
import Databases
import Foundations
import PluginHost
import TestSupport
import Testing

@testable import Stages

@Suite struct `A SQLite source in metadata_only` {
    /// What a schema's author may hide behind a table's definition.
    static let hidden = [
        "ATTACH DATABASE '%/pwned.db' AS e; CREATE TABLE e.x(y)", "VACUUM INTO '%/pwned.db'",
        "ATTACH DATABASE '%/source.db' AS e; INSERT INTO t SELECT * FROM e.t", "INSERT INTO t VALUES ('injected')",
        "CREATE TABLE injected(y)",
    ]

    /// A database whose only table has `statement` behind its definition.
    private func hostile(_ scene: Scene, _ statement: String) throws -> String {
        let text = statement.split(separator: "%", omittingEmptySubsequences: false).joined(separator: scene.folder)
        let quoted = "CREATE TABLE t(a); \(text)".split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "''")
        let path = try scene.database("source.db", "CREATE TABLE t(a); INSERT INTO t VALUES ('secretcell')")
        try scene.database("source.db", "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = '\(quoted)'")
        return path
    }

    private func handedOver(_ path: String) throws -> [UInt8] {
        let source = try Source(DataLocation(scheme: .sqlite, path: path, table: "t"))
        guard case .bytes(let bytes)? = try source.streams(mode: .metadataOnly).first else {
            Issue.record("the file itself was handed over")
            return []
        }
        return bytes
    }

    @Test(arguments: hidden)
    func `runs nothing that stands behind a table's definition`(_ statement: String) throws {
        let scene = try Scene()
        let path = try hostile(scene, statement)
        let before = try Files.read(path)
        let bytes = try handedOver(path)
        let made = try Files.list(scene.folder)
        #expect(made == ["source.db"])
        let after = try Files.read(path)
        #expect(after == before)
        for word in ["secretcell", "injected"] {
            let isCopied = Bytes.contains(word, in: bytes)
            #expect(!isCopied, "\(word)")
        }
        // What is handed over has the table, and no row.
        try scene.write("copy.db", bytes: bytes)
        let tables = try scene.rows("copy.db", "SELECT name, sql FROM sqlite_schema")
        #expect(tables == [["t", "CREATE TABLE \"t\" (a)"]])
        let rows = try scene.count("copy.db", "t")
        #expect(rows == 0)
    }

    @Test func `is refused beside a journal or a log of a write that did not end`() throws {
        let scene = try Scene()
        let path = try scene.database("source.db", "CREATE TABLE t(a)")
        func refusal() -> SluiceError? {
            do {
                _ = try Source(DataLocation(scheme: .sqlite, path: path, table: "t"))
                return nil
            } catch { return error }
        }
        let hot: [UInt8] = [0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7]
        try scene.write("source.db-journal", bytes: hot + [UInt8](repeating: 0, count: 504))
        let journal = refusal()
        #expect(journal?.detail == "source.sqlite_wal" && journal?.message.contains("rollback journal") == true)
        // One that is not in force is what PRAGMA journal_mode = PERSIST leaves.
        for cold: [UInt8] in [[], [UInt8](repeating: 0, count: 512)] {
            try scene.write("source.db-journal", bytes: cold)
            #expect(refusal() == nil)
        }
        try scene.write("source.db-wal", bytes: hot)
        #expect(refusal()?.detail == "source.sqlite_wal")
    }
}
