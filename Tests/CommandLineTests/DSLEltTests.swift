import Databases
import Foundations
import Glibc
import Testing

@testable import CommandLineCore

@Suite struct `sluice dsl elt` {
    private final class Folder {
        let path = "/tmp/sluice-elt-\(Context.system.ulid())"
        init() { mkdir(path, 0o700) }
        deinit {
            for name in (try? Files.list(path)) ?? [] { unlink("\(path)/\(name)") }
            rmdir(path)
        }
    }

    private let folder = Folder()

    private func run(_ words: String) throws -> Outcome {
        let program = "\(folder.path)/program.json"
        try Files.writeAtomically(Array(`sluice dsl`.program.utf8), to: program)
        let database = try SQLiteConnection(path: "\(folder.path)/raw.db", access: .create)
        try database.execute(
            """
            CREATE TABLE IF NOT EXISTS people AS
            SELECT ' ann ' AS first, '01/02/2003' AS born, '1.50' AS amount UNION ALL SELECT 'bob', '2003', '2'
            """)
        return World().run(
            words.split(separator: " ").map {
                $0 == "PLAN" ? program : String($0).replacing("@", with: folder.path + "/")
            })
    }

    @Test func `moves good rows, and counts the others`() throws {
        let words = "dsl elt PLAN --source sqlite:@raw.db#people --target sqlite:@out.db#customers --rejects bad"
        let outcome = try run(words + " --json")
        #expect(outcome.status == 0, "\(outcome.err)")
        #expect(try outcome.document() == ["rows_in": 2, "rows_written": 1, "rows_rejected": 1])
        var rows: [[String?]] = []
        let database = try SQLiteConnection(path: "\(folder.path)/out.db", access: .readWrite)
        try database.run("SELECT name, born, cents FROM customers") { row in rows.append((0..<3).map { row.text($0) }) }
        try database.run("SELECT row, errors, NULL FROM bad") { row in rows.append((0..<3).map { row.text($0) }) }
        #expect(rows == [["ANN", "2003-02-01", "150"], ["2", "1:0:NOT_DATE", nil]])
        let again = try run(words)
        #expect(again.status == 1 && again.err.contains("has rows already") && again.err.contains("--append"))
        let more = try run(words + " --append")
        #expect(more.status == 0 && more.out.contains("1 of 2 rows were written to customers, 1 went to bad."))
    }

    @Test(arguments: [
        ("dsl elt PLAN --target sqlite:@out.db#t", 2, "--source is missing"),
        ("dsl elt PLAN --source sqlite:@raw.db#people", 2, "--target is missing"),
        ("dsl elt PLAN --source sqlite:@raw.db --target sqlite:@out.db#t", 2, "takes a table of a SQLite file"),
        ("dsl elt PLAN --source csv:@raw.db --target sqlite:@out.db#t", 2, "takes a table of a SQLite file"),
        ("dsl elt PLAN --source sqlite:@raw.db#gone --target sqlite:@out.db#t", 1, "has no table"),
        ("dsl elt PLAN --source sqlite:@raw.db#people --target sqlite:@out.db#t", 1, "1 of 2 rows have errors"),
    ])
    func `says what is wrong, and writes nothing`(words: String, status: Int32, message: String) throws {
        let outcome = try run(words)
        #expect(outcome.status == status && outcome.err.contains(message), "\(outcome.status) \(outcome.err)")
        #expect(!Files.exists("\(folder.path)/out.db"))
    }
}
