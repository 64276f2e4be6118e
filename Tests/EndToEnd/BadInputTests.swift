import Foundations
import Glibc
import TestSupport
import Testing

/// What a user gets wrong: an error with the next step, the exit status of the catalog, nothing half-written.
@Suite("Bad input", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct BadInputTests {
    /// One mistake in a source or a target, and what is said of it.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var source: [UInt8]? = Array(good.utf8)
        var target = "t.db#people"
        let detail: String
        /// Must be in the message.
        var says = ""

        var testDescription: String { name }
    }

    static let good = "id,name,email\n" + (1...50).map { "\($0),Person \($0),p\($0)@example.com\n" }.joined()
    static let schema = """
        CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT);
        CREATE VIEW everybody AS SELECT * FROM people;
        INSERT INTO people VALUES (7, 'here before', 'kept@example.com');
        """

    static let cases = [
        Case(name: "a missing file", source: nil, detail: "source.missing", says: "source.csv"),
        Case(name: "an empty file", source: [], detail: "source.empty"),
        Case(name: "a file of white space", source: Array("  \n\t\n \r\n".utf8), detail: "source.empty"),
        Case(
            name: "a header without rows", source: Array("id,name,email\n".utf8), detail: "source.no_rows",
            says: "3 columns"),
        Case(
            name: "a picture",
            source: [
                0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0xff, 0xfe, 0,
            ],
            detail: "source.binary"),
        Case(
            name: "two columns of one name", source: Array("id,name,name\n1,a,b\n".utf8),
            detail: "source.duplicate_column", says: "2, 3"),
        Case(
            name: "a target database that is absent", target: "none.db#people", detail: "target.missing",
            says: "none.db"),
        Case(name: "a target table that is absent", target: "t.db#person", detail: "target.missing", says: "people"),
        Case(name: "a target that is a view", target: "t.db#everybody", detail: "target.shape", says: "view"),
        Case(
            name: "a target that is no database", target: "source.csv#people", detail: "target.shape",
            says: "not a SQLite database"),
    ]

    /// The error object of a failed command, checked for what every error has.
    private func error(_ run: Finished, status: Int32, detail: String) throws -> JSON {
        #expect(run.status == status, "\(run.outText)\(run.errText)")
        let error = try #require(run.json["error"], "\(run.outText)\(run.errText)")
        #expect(error["detail_id"]?.stringValue == detail)
        for key in ["code", "message", "hint"] {
            let isThere = error[key]?.stringValue?.isEmpty == false
            #expect(isThere, "\(key)")
        }
        return error
    }

    @Test("It is named, and the target stays as it was", arguments: cases)
    func mistakes(_ mistake: Case) throws {
        let scene = try Scene()
        try scene.database("t.db", Self.schema)
        if let source = mistake.source { try scene.write("source.csv", bytes: source) }
        let before = try Files.read(scene.path("t.db"))
        let names = Set(try Files.list(scene.folder))
        let run = try scene.sluice(
            "run", "--lhs", "csv:source.csv", "--rhs", "sqlite:" + mistake.target, "--yes", "--json")
        let error = try error(run, status: 1, detail: mistake.detail)
        let saysIt = error["message"]?.stringValue?.contains(mistake.says) ?? false
        #expect(saysIt)
        // What is seen before a run is made leaves none; anything later leaves one that failed.
        let state = run.json["state"]?.stringValue
        #expect(state == "failed" || state == nil)
        let after = try Files.read(scene.path("t.db"))
        #expect(before == after)
        let made = Set(try Files.list(scene.folder)).subtracting(names).filter { !$0.hasPrefix("call-") }
        #expect(made == ["home"])
    }

    @Test("Without --json the error and the next step are on standard error")
    func forPeople() throws {
        let scene = try Scene()
        try scene.database("t.db", Self.schema)
        let run = try scene.sluice("run", "--lhs", "csv:none.csv", "--rhs", "sqlite:t.db#people", "--yes")
        #expect(run.status == 1)
        let text = run.errText
        #expect(text.contains("source.missing") && text.contains("next: "))
    }

    @Test("Some ragged rows go to quarantine, with their place")
    func someRagged() throws {
        let scene = try Scene()
        try scene.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
        try scene.write("source.csv", Self.good + "51,too few\n52,too,many,cells\n")
        let run = try scene.sluice("run", "--lhs", "csv:source.csv", "--rhs", "sqlite:t.db#people", "--yes", "--json")
        #expect(
            run.status == 0 && run.json["rows_migrated"]?.intValue == 50 && run.json["rows_quarantined"]?.intValue == 2)
        let id = try #require(run.json["run_id"]?.stringValue)
        let preview = try scene.sluice("show", id, "--json").json["quarantine"]?["preview"]?.arrayValue ?? []
        let lines = preview.map { $0["masked_preview_before"]?["sluice.line"]?.intValue ?? 0 }
        let offsets = preview.map { $0["masked_preview_before"]?["sluice.byte_offset"]?.intValue ?? 0 }
        let first = Int64(Self.good.utf8.count)
        #expect(lines == [52, 53] && offsets == [first, first + 11])
    }

    @Test("When every row is ragged it is held, and accepted all the same it spends the error budget")
    func allRagged() throws {
        let scene = try Scene()
        try scene.database("t.db", Self.schema)
        try scene.write("source.csv", "id,name,email\n" + (1...50).map { "\($0),Person\n" }.joined())
        let run = try scene.sluice("run", "--lhs", "csv:source.csv", "--rhs", "sqlite:t.db#people", "--yes", "--json")
        #expect(
            run.status == 3 && run.json["hold"]?["kind"]?.stringValue == "fix"
                && run.json["hold"]?["stage"]?.stringValue == "ANALYSIS")
        let id = try #require(run.json["run_id"]?.stringValue)
        #expect(try scene.sluice("decide", id, "analysis", "accept", "--json").status == 0)
        let resumed = try scene.sluice("resume", id, "--yes", "--json")
        let error = try error(resumed, status: 7, detail: "migration.error_budget")
        #expect(error["code"]?.stringValue == "QUARANTINE_REQUIRED")
        let rows = try scene.rows("t.db", "SELECT id, name FROM people")
        let left = try scene.rows("t.db", "SELECT name FROM sqlite_schema WHERE name LIKE '%stage%'")
        #expect(rows == [["7", "here before"]] && left.isEmpty)
    }

    @Test("A target of another shape is held for a fix, which --yes does not give")
    func otherShape() throws {
        let scene = try Scene()
        let path = try scene.database("t.db", "CREATE TABLE machines (torque REAL NOT NULL, bolt BLOB NOT NULL)")
        try scene.write("source.csv", Self.good)
        let before = try Files.read(path)
        let run = try scene.sluice("run", "--lhs", "csv:source.csv", "--rhs", "sqlite:t.db#machines", "--yes", "--json")
        #expect(run.status == 3)
        #expect(run.json["hold"]?["stage"]?.stringValue == "MAPPING" && run.json["hold"]?["kind"]?.stringValue == "fix")
        let after = try Files.read(path)
        #expect(before == after)
    }

    @Test("A required target column without a source is held for a fix, before a row is staged")
    func requiredColumnMissing() throws {
        let scene = try Scene()
        let path = try scene.database(
            "t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT, torque REAL NOT NULL)")
        try scene.write("source.csv", Self.good)
        let before = try Files.read(path)
        let run = try scene.sluice("run", "--lhs", "csv:source.csv", "--rhs", "sqlite:t.db#people", "--yes", "--json")
        let hold = run.json["hold"]
        #expect(run.status == 3)
        #expect(hold?["stage"]?.stringValue == "MAPPING" && hold?["kind"]?.stringValue == "fix")
        let reasons = hold?["reasons"]?.arrayValue ?? []
        let isNamed = reasons.contains { $0.stringValue?.contains("torque") ?? false }
        let after = try Files.read(path)
        #expect(isNamed && before == after)
    }

    @Test("A locked target is busy, and resumed it ends when the lock is gone", .timeLimit(.minutes(2)))
    func lockedTarget() throws {
        let scene = try Scene()
        let path = try scene.database("t.db", Self.schema)
        try scene.write("source.csv", Self.good)
        let lock = try Database(path)
        try lock.execute("BEGIN EXCLUSIVE")
        let run = try scene.sluice("run", "--lhs", "csv:source.csv", "--rhs", "sqlite:t.db#people", "--yes", "--json")
        let error = try error(run, status: 1, detail: "target.busy")
        #expect(error["code"]?.stringValue == "TRANSIENT_ERROR")
        try lock.execute("ROLLBACK")
        let id = try #require(run.json["run_id"]?.stringValue)
        let resumed = try scene.sluice("resume", id, "--yes", "--json")
        #expect(resumed.status == 0, "\(resumed.outText)")
    }

    @Test("A target in a folder that cannot be written is refused")
    func readOnlyFolder() throws {
        let scene = try Scene()
        try scene.copyStage()
        try Files.makeFolder(scene.path("locked"))
        let path = try scene.database("locked/t.db", Self.schema)
        try scene.write("source.csv", Self.good)
        chmod(scene.path("source.csv"), 0o644)
        chmod(path, 0o444)
        chmod(scene.path("locked"), 0o555)
        defer { chmod(scene.path("locked"), 0o755) }
        let before = try Files.read(path)
        // Permissions mean nothing to root: as root the run is somebody else's.
        let program = scene.stage + "/bin/sluice"
        let arguments = [
            "run", "--lhs", "csv:source.csv", "--rhs", "sqlite:locked/t.db#people", "--yes", "--json", "--home",
            scene.home,
        ]
        let isRoot = geteuid() == 0
        if isRoot { chmod(scene.folder, 0o777) }
        let run =
            try isRoot
            ? scene.run("/usr/bin/setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", program] + arguments)
            : scene.run(program, arguments)
        _ = try error(run, status: 1, detail: "target.write")
        let after = try Files.read(path)
        #expect(before == after)
        let files = try Files.list(scene.path("locked"))
        #expect(files == ["t.db"])
    }

    @Test("A home that is a file is refused, and left")
    func homeIsFile() throws {
        let scene = try Scene()
        let home = try scene.write("somefile", "not a home")
        let run = try scene.sluice("runs", "--json", home: home)
        _ = try error(run, status: 1, detail: "file.failed")
        let after = try Files.read(home)
        #expect(after == Array("not a home".utf8))
    }

    @Test(
        "A command line that does not parse is a usage error",
        arguments: [
            ["frobnicate"], ["run", "--frob"], ["run"], ["decide", "01JCX"], ["run", "--lhs", "csv:a.csv"], ["show"],
        ])
    func usage(_ arguments: [String]) throws {
        let scene = try Scene()
        let run = try scene.start(arguments + ["--json"]).wait()
        _ = try error(run, status: 2, detail: "usage")
    }

    @Test("A run that does not exist is missing", arguments: ["show", "ledger", "artifacts", "resume", "stop"])
    func unknownRun(_ command: String) throws {
        let scene = try Scene()
        _ = try error(
            try scene.sluice(command, "01ARZ3NDEKTSV4RRFFQ69G5FAV", "--json"), status: 1, detail: "run.missing")
    }

    @Test("A contract's mistakes are all named by JSON pointer")
    func contractMistakes() throws {
        let scene = try Scene()
        let document = Contracts.document(
            lhs: "csv:a.csv", rhs: "sqlite:t.db#people",
            [
                "surprise/~": 1, "mode": "guess",
                "pii_policy": ["mask_before_send": true, "local_only_override": false, "x": 1],
            ])
        try scene.write("contract.json", document.canonicalText)
        let error = try error(try scene.sluice("run", "contract.json", "--json"), status: 2, detail: "contract.invalid")
        let message = error["message"]?.stringValue ?? ""
        let named = ["/surprise~1~0", "/mode", "/pii_policy/x"].filter { message.contains($0 + ":") }
        #expect(named.count == 3, "\(message)")
        let runs = try scene.sluice("runs", "--json").json["runs"]?.arrayValue
        #expect(runs == [])
    }

    @Test("A contract that asks to send unmasked data, or claims a role, is blocked by policy")
    func contractPolicy() throws {
        let scene = try Scene()
        let document = Contracts.document(
            lhs: "csv:a.csv", rhs: "sqlite:t.db#people",
            ["pii_policy": ["mask_before_send": false, "local_only_override": false]])
        try scene.write("contract.json", document.canonicalText)
        _ = try error(try scene.sluice("run", "contract.json", "--json"), status: 4, detail: "policy.masking")
    }

    @Test("JSON that does not parse is named with its byte")
    func malformedJSON() throws {
        let scene = try Scene()
        try scene.write("contract.json", "{\"mode\":}")
        let error = try error(try scene.sluice("run", "contract.json", "--json"), status: 2, detail: "json.invalid")
        let message = error["message"]?.stringValue ?? ""
        #expect(message.contains("byte 8"), "\(message)")
    }

    @Test("A password in a location is refused and is nowhere afterwards", arguments: [true, false])
    func password(inContract: Bool) throws {
        let scene = try Scene()
        try scene.database("t.db", Self.schema)
        let location = "postgres://ada:Tr0ub4dor-secret@db.example.com:5432/crm#public.people"
        let run: Finished
        if inContract {
            try scene.write("contract.json", Contracts.document(lhs: location, rhs: "sqlite:t.db#people").canonicalText)
            run = try scene.sluice("run", "contract.json", "--json")
        } else {
            run = try scene.sluice("run", "--lhs", location, "--rhs", "sqlite:t.db#people", "--json")
        }
        let error = try error(run, status: 4, detail: "contract.password")
        #expect(error["code"]?.stringValue == "POLICY_BLOCK")
        let people = try scene.sluice("run", "--lhs", location, "--rhs", "sqlite:t.db#people")
        for text in [run.out, run.err, people.out, people.err] + Array(Scene.files(below: scene.home).values) {
            let isEchoed = Bytes.contains("Tr0ub4dor", in: text)
            #expect(!isEchoed)
        }
    }

    @Test("An artifact whose bytes were changed is corrupt, and is left as it is")
    func corruptArtifact() throws {
        let scene = try Scene()
        try scene.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
        try scene.write("source.csv", Self.good)
        let run = try scene.sluice("run", "--lhs", "csv:source.csv", "--rhs", "sqlite:t.db#people", "--yes", "--json")
        let hash = try #require(run.json["artifacts"]?["mapping_plan"]?.stringValue)
        let file = scene.home + "/artifacts/\(hash.prefix(2))/\(hash).json"
        var bytes = try Files.read(file)
        bytes[bytes.count / 2] ^= 1
        try Files.writeAtomically(bytes, to: file)
        _ = try error(try scene.sluice("artifact", hash, "--json"), status: 1, detail: "artifact.corrupt")
        let after = try Files.read(file)
        #expect(after == bytes)
        _ = try error(
            try scene.sluice("artifact", String(repeating: "0", count: 64), "--json"), status: 1,
            detail: "artifact.missing")
    }
}
