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

    @Test func `of repeated columns keeps their places`() throws {
        let scene = try Scene()
        try scene.write("people.csv", "id,name\n")
        let source = try Source(DataLocation(scheme: .csv, path: scene.path("people.csv"), table: nil))
        let said = IngestStage.translated(SluiceError(.pluginFailed, "x: duplicate_column: 2, 13"), source)
        #expect(said.message == "Two columns of people.csv have one name (columns 2, 13).")
    }
}
