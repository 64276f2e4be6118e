import Columnar
import Contracts
import Foundations
import TestSupport
import Testing

@testable import Stages

/// A connector sees raw values: nothing that it says goes on as it is.
@Suite struct `What a connector says` {
    private let schema = Schema([Field("id", .int64), Field("name", .text)])

    @Test func `of its source is kept where it is known and small`() {
        let said: JSON = [
            "format": "csv", "encoding": "utf-8", "line_ending": "crlf", "delimiter": ";", "quote": "\"",
            "header": true, "columns": 2, "bytes": 123, "page_size": 4096, "row_count": 7, "user_version": 0,
            "without_rowid": false, "primary_key": ["id"], "not_null": ["id", "name"],
        ]
        #expect(IngestStage.details(said, schema: schema) == said)
    }

    @Test(
        arguments: [
            ["format": JSON(String(repeating: "x", count: 1 << 20))], ["format": "Ada Lovelace"], ["encoding": "a,b"],
            ["line_ending": "ada@example.com"], ["encoding": .string(String(repeating: "a", count: 33))],
            ["format": 1815], ["delimiter": "ab"], ["quote": "Ada"], ["delimiter": 7], ["header": "Ada"],
            ["columns": "Ada"], ["columns": 1.5], ["bytes": ["Ada"]], ["row_count": ["n": "Ada"]],
            ["primary_key": ["id", "Ada"]], ["not_null": [1]], ["primary_key": "id"], ["first_row": "Ada"],
            ["note": "free text"], ["": "x"],
        ] as [[String: JSON]])
    func `of its source is dropped where it is long, free or unknown`(_ said: [String: JSON]) {
        #expect(IngestStage.details(.object(said), schema: schema) == [:])
    }

    @Test func `of its source is dropped when it is no object`() {
        for said: JSON in ["Ada", ["Ada"], 7, .null] { #expect(IngestStage.details(said, schema: schema) == [:]) }
    }

    @Test(
        arguments: [
            ("binary: Ada Lovelace 1815", "source.binary"), ("empty: Ada Lovelace 1815", "source.empty"),
            ("duplicate_column: 2, 3 of Ada Lovelace 1815", "source.duplicate_column"),
            ("duplicate_column: Ada Lovelace, 1815", "source.duplicate_column"),
            ("duplicate_column: 18151815", "source.duplicate_column"),
            ("encoding: Ada Lovelace 1815", "source.unreadable"), ("header: Ada Lovelace 1815", "source.unreadable"),
            ("file is not a database: Ada Lovelace 1815", "source.unreadable"),
            ("row 1815 of Ada Lovelace broke", "source.unreadable"), ("1815", "source.unreadable"),
        ])
    func `of a mistake is put into words of the host's own`(_ message: String, _ detail: String) throws {
        let scene = try Scene()
        try scene.write("people.csv", "id,name\n")
        let source = try Source(DataLocation(scheme: .csv, path: scene.path("people.csv"), table: nil))
        let said = IngestStage.translated(SluiceError(.pluginFailed, "sluice.connector.csv: " + message), source)
        #expect(said.detail == detail)
        for text in [said.message, said.hint] {
            #expect(!text.contains("Ada") && !text.contains("1815"), "\(text)")
        }
        #expect(said.message.contains("people.csv"))
    }

    /// A source that is read by a plugin, with the table that its location names.
    private func source(_ scene: Scene, table: String?) throws -> Source {
        try scene.write("people.ltsv", "id:1\n")
        return try Source(DataLocation(scheme: .plugin("ltsv"), path: scene.path("people.ltsv"), table: table))
    }

    /// The mistake of a table's choice.
    private func refusal(_ source: Source, _ tables: [String], by connector: String = "acme.ltsv") -> SluiceError? {
        do {
            _ = try IngestStage.table(source, in: tables, by: connector)
            return nil
        } catch { return error }
    }

    @Test func `of its one table is not taken for another`() throws {
        let scene = try Scene()
        #expect(try IngestStage.table(try source(scene, table: nil), in: [""], by: "acme.ltsv") == "")
        #expect(try IngestStage.table(try source(scene, table: nil), in: ["a"], by: "acme.ltsv") == "a")
        #expect(try IngestStage.table(try source(scene, table: "a"), in: ["a", "b"], by: "acme.ltsv") == "a")
        let refused = refusal(try source(scene, table: "orders"), [""])
        #expect(refused?.detail == "source.table" && refused?.message.contains("orders") == true)
        #expect(refused?.hint.contains("ltsv:PATH#") == true)
    }

    @Test func `of its tables is shown where the names are plain words`() throws {
        let scene = try Scene()
        let (none, named) = (try source(scene, table: nil), try source(scene, table: "orders"))
        let free = [
            "film", "Ada Lovelace", "born_18151210", "ada@example.com", String(repeating: "x", count: 33), "a.b-c",
        ]
        let some = "6 tables, among them film, a.b-c."
        #expect(refusal(none, free)?.message == "The source has " + some)
        #expect(refusal(named, free)?.message == "The source has no table orders; it has " + some)
        #expect(refusal(none, ["Ada L", "Bob M"])?.message == "The source has 2 tables.")
        #expect(refusal(named, ["Ada L"])?.message == "The source has no table orders; it has one table.")
        #expect(refusal(none, ["film", "city"])?.message == "The source has 2 tables: film, city.")
        #expect(refusal(none, [])?.message == "The source has no table.")
        let ours = refusal(none, ["order lines", "city"], by: "sluice.connector.sqlite")
        #expect(ours?.message == "The source has 2 tables: order lines, city.")
    }

    @Test func `of repeated columns keeps their places`() throws {
        let scene = try Scene()
        try scene.write("people.csv", "id,name\n")
        let source = try Source(DataLocation(scheme: .csv, path: scene.path("people.csv"), table: nil))
        let said = IngestStage.translated(SluiceError(.pluginFailed, "x: duplicate_column: 2, 13"), source)
        #expect(said.message == "Two columns of people.csv have one name (columns 2, 13).")
    }
}
