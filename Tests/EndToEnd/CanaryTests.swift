import Foundations
import TestSupport
import Testing

/// Every byte that goes to checks and providers, searched for planted values.
@Suite(
    "Canaries", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)),
    .enabled(if: Stage.hasHooks, "a release does not record what goes to runners"))
struct CanaryTests {
    /// Whole runs over planted sources; what went to runners, by file.
    ///
    /// - Parameter readsAll: in the place of a shipped check, one that asks for the text of every column and for every
    ///   companion; the shipped ones ask for less.
    private func record(readsAll: Bool, identity: Bool) throws -> [String: [UInt8]] {
        let scene = try Scene()
        if readsAll {
            try scene.copyStage()
            try scene.replacePlugin(
                "sluice.check.completeness", byFixture: "reader_check",
                companions: ["bloom", "key", "length", "shape", "valid"])
        }
        let wire = scene.path("wire")
        try Files.makeFolder(wire)
        scene.environment["SLUICE_RECORD_WIRE"] = wire
        if identity { scene.environment["SLUICE_TEST_IDENTITY_MASKER"] = "1" }
        let csv = Canaries.csv()
        let sqlite = Canaries.sqlite()
        #expect(csv.planted + sqlite.planted == 200)
        try scene.write("people.csv", csv.text)
        let database = try scene.database("source.db", sqlite.sql)
        let leftover = Bytes.contains(Canaries.token(1021), in: try Files.read(database))
        #expect(leftover, "the source has nothing under its nulls")
        let columns = "id INTEGER PRIMARY KEY, full_name TEXT, email_address TEXT, nickname TEXT"
        try scene.database(
            "csv.db", "CREATE TABLE members (\(columns), phone TEXT, notes TEXT, amount REAL, joined DATE)")
        try scene.database("sqlite.db", "CREATE TABLE members (\(columns))")
        let first = try scene.sluice(
            "run", "--lhs", "csv:people.csv", "--rhs", "sqlite:csv.db#members", "--yes", "--json")
        try #require(first.status == 0, "\(first.outText)")
        #expect(first.json["rows_quarantined"]?.intValue == 30)
        let second = try scene.sluice(
            "run", "--lhs", "sqlite:source.db#people", "--rhs", "sqlite:sqlite.db#members", "--yes", "--json")
        try #require(second.status == 0, "\(second.outText)")
        // They did arrive where they belong.
        let arrived = try scene.rows(
            "csv.db", "SELECT count(*) FROM members WHERE full_name || email_address LIKE '%zq7kd9wp%'")
        #expect(arrived == [["55"]])
        return Scene.files(below: wire)
    }

    private static let sockets: Set<String> = [
        "check-sluice.check.completeness", "check-sluice.check.duplicates", "provider-sluice.provider.local",
    ]

    @Test("None of 200 planted values reaches a check or a provider", arguments: [false, true])
    func noneIsSent(readsAll: Bool) throws {
        let sent = try record(readsAll: readsAll, identity: false)
        let installed = Set(
            (Array(Scene.files(below: Stage.root + "/lib/sluice/plugins").values)
                + Array(Scene.files(below: Stage.root + "/share/sluice/resources").values)).map { SHA256.hash($0) })
        var sockets: Set<String> = []
        var shapes = 0
        for (name, bytes) in sent {
            let kind = name.prefix { $0 != "-" }
            guard kind == "check" || kind == "provider" else { continue }
            if name.hasSuffix("-0.bin") {
                sockets.insert(name.split(separator: "-").prefix(2).joined(separator: "-"))
                let found = Canaries.areIn(bytes)
                #expect(!found, "\(name) holds a planted value")
                // The shape of the tokens: the rows were recorded, and masked.
                if Bytes.contains("Aa9Aa9Aaa9", in: bytes) { shapes += 1 }
            } else if !readsAll {
                // What a runner inherits are the files of the installation, byte for byte.
                let isInstalled = installed.contains(SHA256.hash(bytes))
                #expect(isInstalled, "\(name)")
            }
        }
        #expect(sockets == Self.sockets)
        // Both runs, when something reads text.
        #expect(shapes == (readsAll ? 2 : 0))
    }

    @Test("With the masker replaced by identity the same search finds them")
    func identityIsFound() throws {
        let sent = try record(readsAll: true, identity: true)
        let holding = sent.filter {
            $0.key.hasPrefix("check-") && $0.key.hasSuffix("-0.bin") && Canaries.areIn($0.value)
        }
        #expect(holding.count == 2)
    }

    @Test("The search finds a canary in every form it could have")
    func searchWorks() {
        let token = Array(Canaries.token(3).utf8)
        var forms: [[UInt8]] = [
            token, Array(Canaries.token(2).utf8), token.flatMap { [$0, UInt8(0)] }, token.flatMap { [UInt8(0), $0] },
            Array(Hex.encode(token).utf8), Array(Hex.encode(token).uppercased().utf8), Array(Canaries.phone(70).utf8),
        ]
        // "..Zq7Kd9Wpx4" in base64, at the three offsets.
        forms += ["WnE3S2Q5V3B4NA==", "LlpxN0tkOVdweDQ=", "Li5acTdLZDlXcHg0"].map { Array($0.utf8) }
        for form in forms {
            let found = Canaries.areIn([1, 2, 3] + form + [4, 5])
            #expect(found, "\(String(decoding: form, as: UTF8.self))")
        }
        let innocent = Canaries.areIn(Array("Aaaaaa 9999 aaa@aaaaaaa.aaa +9 999 9999999".utf8))
        #expect(!innocent)
    }
}
