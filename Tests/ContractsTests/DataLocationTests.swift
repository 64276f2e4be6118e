import Contracts
import Foundations
import Testing

@Suite struct `A location` {
    private static let sqlite = Array("SQLite format 3\u{0}and more".utf8)

    @Test(
        arguments: [
            ("csv:people.csv", DataLocation(scheme: .csv, path: "people.csv", table: nil)),
            ("CSV:people.csv", DataLocation(scheme: .csv, path: "people.csv", table: nil)),
            ("csv:/data/a#b.csv", DataLocation(scheme: .csv, path: "/data/a#b.csv", table: nil)),
            ("csv:a:b.csv", DataLocation(scheme: .csv, path: "a:b.csv", table: nil)),
            ("csv:x:y@z.csv", DataLocation(scheme: .csv, path: "x:y@z.csv", table: nil)),
            ("parquet:a.parquet", DataLocation(scheme: .parquet, path: "a.parquet", table: nil)),
            ("sqlite:crm.db#customers", DataLocation(scheme: .sqlite, path: "crm.db", table: "customers")),
            ("sqlite:crm.db", DataLocation(scheme: .sqlite, path: "crm.db", table: nil)),
            ("sqlite:crm.db#", DataLocation(scheme: .sqlite, path: "crm.db", table: nil)),
            ("sqlite:a#b.db#my table", DataLocation(scheme: .sqlite, path: "a#b.db", table: "my table")),
            ("sqlite:/abs/å.db#täble", DataLocation(scheme: .sqlite, path: "/abs/å.db", table: "täble")),
            (
                "postgres://host:5432/db#public.people",
                DataLocation(scheme: .postgres, path: "//host:5432/db", table: "public.people")
            ),
            ("people.csv", DataLocation(scheme: .csv, path: "people.csv", table: nil)),
            ("./people", DataLocation(scheme: .csv, path: "./people", table: nil)),
            ("C:people.csv", DataLocation(scheme: .csv, path: "C:people.csv", table: nil)),
            ("ltsv:people.ltsv", DataLocation(scheme: .plugin("ltsv"), path: "people.ltsv", table: nil)),
            ("LTSV:people.ltsv", DataLocation(scheme: .plugin("ltsv"), path: "people.ltsv", table: nil)),
            ("xlsx:/data/book.xlsx#May", DataLocation(scheme: .plugin("xlsx"), path: "/data/book.xlsx", table: "May")),
            ("xlsx:a#b.xlsx#", DataLocation(scheme: .plugin("xlsx"), path: "a#b.xlsx", table: nil)),
            ("a-b:people.csv", DataLocation(scheme: .csv, path: "a-b:people.csv", table: nil)),
            (
                "seventeenletters1:a", DataLocation(scheme: .csv, path: "seventeenletters1:a", table: nil)
            ),
        ])
    func `is read from its URI`(_ uri: String, _ expected: DataLocation) throws {
        let location = try DataLocation(uri: uri)
        #expect(location == expected)
        #expect(try DataLocation(uri: location.uri) == location)
        #expect(location.scheme.sourceType == ([.sqlite, .postgres].contains(expected.scheme) ? "sql" : "file"))
    }

    @Test func `is guessed by content when it is a bare path`() throws {
        func guess(_ path: String, _ head: [UInt8]?) throws -> DataLocation {
            try DataLocation(uri: path) { $0 == "x.dat" ? head : nil }
        }
        #expect(try guess("x.dat", Self.sqlite) == DataLocation(scheme: .sqlite, path: "x.dat", table: nil))
        #expect(try guess("x.dat#t", Self.sqlite) == DataLocation(scheme: .sqlite, path: "x.dat", table: "t"))
        #expect(try guess("x.dat", Array("PAR1....".utf8)) == DataLocation(scheme: .parquet, path: "x.dat", table: nil))
        #expect(try guess("x.dat", Array("id,name".utf8)) == DataLocation(scheme: .csv, path: "x.dat", table: nil))
        #expect(try guess("x.dat#t", Array("id,name".utf8)) == DataLocation(scheme: .csv, path: "x.dat#t", table: nil))
        #expect(try guess("x.dat", nil) == DataLocation(scheme: .csv, path: "x.dat", table: nil))
    }

    @Test func `is a bare path where a file has its very name`() throws {
        let there = try DataLocation(uri: "export:2026.csv", isFile: { $0 == "export:2026.csv" })
        #expect(there == DataLocation(scheme: .csv, path: "export:2026.csv", table: nil))
        let gone = try DataLocation(uri: "export:2026.csv", isFile: { _ in false })
        #expect(gone == DataLocation(scheme: .plugin("export"), path: "2026.csv", table: nil))
        let ours = try DataLocation(uri: "csv:people.csv", isFile: { _ in true })
        #expect(ours == DataLocation(scheme: .csv, path: "people.csv", table: nil))
        let file = try DataLocation(uri: "data:2026.csv", isFile: { _ in true })
        #expect(file == DataLocation(scheme: .csv, path: "data:2026.csv", table: nil))
    }

    @Test(arguments: [
        "", "csv:", "ltsv:", "ltsv:#t", "ltsv://host/db", "http:a.csv", "file:a.csv", "sqlite:", "sqlite:#t",
        "postgres:", "mysql://host/db", "https://example.com/a.csv",
    ])
    func `is refused when it is not understood`(_ uri: String) {
        let error = #expect(throws: SluiceError.self) { try DataLocation(uri: uri) }
        #expect(error?.detail == "location.invalid")
        #expect(error?.exitStatus == 2)
    }
}
