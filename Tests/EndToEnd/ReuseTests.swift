import Foundations
import TestSupport
import Testing

/// What a team does that gets the same customer's file every month: the mapping that was accepted is used again.
@Suite("Reusing a Mapping Plan", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct ReuseTests {
    static let header = "id,name,e_mail,signup_date,visits"
    static let shape =
        "(id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT, signup_date DATE, visits INTEGER)"

    static func rows(_ ids: Range<Int>, date: String = "2024-03-15") -> String {
        ids.map { "\($0),Person \($0),p\($0)@example.com,\(date),\($0 % 9)\n" }.joined()
    }

    /// A home in which April was migrated, and its plan.
    static func april(_ scene: Scene) throws -> (run: String, plan: String) {
        try scene.database("t.db", "CREATE TABLE people \(shape)")
        try scene.write("april.csv", "\(header)\n\(rows(1..<61))")
        let run = try migrate(scene, "april.csv")
        try #require(run.status == 0, "\(run.outText)\(run.errText)")
        return (try #require(run.json["run_id"]?.stringValue), try plan(run))
    }

    static func plan(_ run: Finished) throws -> String {
        try #require(run.json["artifacts"]?["mapping_plan"]?.stringValue, "\(run.outText)")
    }

    static func migrate(_ scene: Scene, _ file: String, _ more: String..., table: String = "people") throws -> Finished
    {
        try scene.start(
            ["run", "--lhs", "csv:\(file)", "--rhs", "sqlite:t.db#\(table)", "--yes", "--json"] + more
        ).wait()
    }

    static func detail(_ run: Finished) -> String { run.json["error"]?["detail_id"]?.stringValue ?? "none" }
    static func words(_ run: Finished) -> String {
        "\(run.json["error"]?["message"]?.stringValue ?? "") \(run.json["error"]?["hint"]?.stringValue ?? "")"
    }

    static func mapping(_ scene: Scene, _ run: Finished) throws -> JSON {
        let id = try #require(run.json["run_id"]?.stringValue, "\(run.outText)")
        let events = try scene.sluice("ledger", id, "--json").jsonLines
        return try #require(events.last { $0["stage"] == "MAPPING" })
    }

    // MARK: The same versions

    @Test("Another file with other rows is mapped by the plan, judged by its own rows, and says so")
    func secondFile() throws {
        let scene = try Scene()
        let (_, plan) = try Self.april(scene)
        // The columns stand in another order, one is new, and no header but the plan says what the date is.
        let rows = (100..<180).map { "\($0 % 7),2024-05-02,p\($0)@example.com,Person \($0),\($0),x\n" }.joined()
        try scene.write("may.csv", "visits,signup_date,e_mail,name,id,remark\n\(rows)")
        let run = try Self.migrate(scene, "may.csv", "--plan", String(plan.prefix(12)))
        try #require(run.status == 0, "\(run.outText)\(run.errText)")
        #expect(run.json["rows_migrated"] == 80)
        let found = try scene.rows(
            "t.db", "SELECT count(*), min(name), max(signup_date) FROM people WHERE id >= 100 AND email LIKE 'p1%'")
        #expect(found == [["80", "Person 100", "2024-05-02"]])

        let artifact = try scene.sluice("artifact", try Self.plan(run), "--json").json
        let content = artifact["body"]?["content"]
        #expect(content?["reused_from"]?.stringValue == plan)
        #expect(artifact["body"]?["inputs"]?.arrayValue?.last?.stringValue == plan)
        #expect(content?["unmapped_sources"] == ["remark"])
        #expect(artifact["envelopes"]?.arrayValue?.first?["provider"] == .null)
        let original = try scene.sluice("artifact", plan, "--json").json["body"]?["content"]
        let then = original?["mappings"]?.arrayValue ?? []
        let now = content?["mappings"]?.arrayValue ?? []
        let hashes = [then, now].map { $0.compactMap { $0["plan_hash"]?.stringValue } }
        #expect(hashes[0] == hashes[1] && hashes[0].count == 5)
        let sampled = Set(now.compactMap { $0["sample"]?["rows"]?.intValue })
        #expect(sampled == [80])
        let event = try Self.mapping(scene, run)
        #expect(event["note"]?["reused"]?.stringValue == plan && event["note"]?["promotion"] == .null)
        #expect(event["provider"] == .null && event["pii_mask_applied"] == false && event["token_actual"] == 0)
        #expect(event["decision"] == "accept")
        let id = try #require(run.json["run_id"]?.stringValue)
        #expect(try scene.sluice("ledger", id, "--verify").status == 0)
        let contract = try scene.sluice("show", id, "--json").json["contract"]
        #expect(contract?["mapping_plan"]?.stringValue == plan)
        // What was reused may be reused.
        try scene.write("june.csv", "\(Self.header)\n\(Self.rows(300..<310))")
        let third = try Self.migrate(scene, "june.csv", "--plan", try Self.plan(run))
        #expect(third.status == 0 && third.json["rows_migrated"] == 10, "\(third.outText)")
    }

    @Test("The plan's transforms are tried on the new rows, and the gate decides as for a proposed plan")
    func thresholds() throws {
        let scene = try Scene()
        let (_, plan) = try Self.april(scene)
        // A proposal would read these dates; the plan does not.
        try scene.write("may.csv", "\(Self.header)\n\(Self.rows(100..<160, date: "15.03.2024"))")
        let run = try Self.migrate(scene, "may.csv", "--plan", plan)
        #expect(run.status == 3 && run.json["hold"]?["stage"] == "MAPPING", "\(run.outText)")
        #expect(run.json["hold"]?["kind"] == "fix")
        let reasons = (run.json["hold"]?["reasons"]?.arrayValue ?? []).compactMap(\.stringValue).joined()
        #expect(reasons.contains("signup_date: 0 of 60 sample rows succeed"), "\(reasons)")
        let proposed = try Self.migrate(scene, "may.csv")
        #expect(proposed.status == 0, "\(proposed.outText)")
        // And a plan whose gate was not accepted is nobody's to reuse.
        let refused = try Self.migrate(scene, "april.csv", "--plan", try Self.plan(run))
        #expect(refused.status == 1 && Self.detail(refused) == "artifact.reuse", "\(refused.outText)")
        #expect(Self.words(refused).contains("was not accepted at the Mapping gate"))
        // Unless a person accepts it.
        let id = try #require(run.json["run_id"]?.stringValue)
        #expect(try scene.sluice("decide", id, "mapping", "accept", "--reason", "dates are wanted empty").status == 0)
        let accepted = try Self.migrate(scene, "may.csv", "--plan", try Self.plan(run))
        #expect(accepted.status == 3 && accepted.json["hold"]?["kind"] == "fix", "\(accepted.outText)")
    }

    @Test("Codes that would lose their zeros are a doubt that the first file did not raise")
    func lostZeros() throws {
        let scene = try Scene()
        let (_, plan) = try Self.april(scene)
        let rows = (100..<160).map { "\($0),Person \($0),p\($0)@example.com,2024-05-02,00\($0 % 9)\n" }.joined()
        try scene.write("may.csv", "\(Self.header)\n\(rows)")
        // Not accepted beforehand, so that the hold is seen.
        let run = try scene.sluice(
            "run", "--lhs", "csv:may.csv", "--rhs", "sqlite:t.db#people", "--plan", plan, "--json")
        #expect(run.status == 3 && run.json["hold"]?["stage"] == "MAPPING", "\(run.outText)")
        let reasons = (run.json["hold"]?["reasons"]?.arrayValue ?? []).compactMap(\.stringValue).joined()
        #expect(reasons.contains("The numbers of visits that begin with zeros lose them."), "\(reasons)")
    }

    @Test("Planned without reading a row, the plan is reused as well")
    func metadataOnly() throws {
        let scene = try Scene()
        let (_, plan) = try Self.april(scene)
        try scene.write("may.csv", "\(Self.header)\n\(Self.rows(100..<160))")
        let run = try Self.migrate(scene, "may.csv", "--plan", plan, "--mode", "metadata_only")
        #expect(run.status == 0, "\(run.outText)")
        let content = try scene.sluice("artifact", try Self.plan(run), "--json").json["body"]?["content"]
        #expect(content?["reused_from"]?.stringValue == plan)
        #expect(content?["mappings"]?.arrayValue?.first?["sample"] == nil)
    }

    @Test("A contract names the whole hash, which is part of its own")
    func contract() throws {
        let scene = try Scene()
        let (id, plan) = try Self.april(scene)
        let shown = try scene.sluice("show", id, "--json").json
        guard case .object(var members)? = shown["contract"] else { return #expect(Bool(false), "no contract") }
        members["run_id"] = nil
        members["created_at"] = "2024-05-01T00:00:00Z"
        func check(_ name: String, _ plan: JSON?) throws -> Finished {
            members["mapping_plan"] = plan
            try scene.write("\(name).json", bytes: JSON.object(members).canonicalBytes)
            return try scene.sluice("policy", "check", "\(name).json", "--json")
        }
        let without = try check("without", nil)
        let with = try check("with", .string(plan))
        #expect(with.status == 0 && without.json["contract_hash"] != with.json["contract_hash"], "\(with.outText)")
        for wrong: JSON in [.string(String(plan.dropLast())), .string(plan.uppercased()), 7, "latest"] {
            let refused = try check("wrong", wrong)
            #expect(refused.status == 2 && Self.detail(refused) == "contract.invalid", "\(wrong)")
            #expect(Self.words(refused).contains("/mapping_plan"))
        }
        #expect(try check("null", .null).status == 0)
        let absent = try check("absent", .string(String(repeating: "0", count: 64)))
        #expect(absent.status == 4 && absent.outText.contains("There is no artifact"), "\(absent.outText)")
        let run = try scene.sluice("run", "with.json", "--yes", "--json")
        #expect(run.status == 0 && run.json["artifacts"]?["mapping_plan"] != .string(plan), "\(run.outText)")
    }

    // MARK: Mistakes

    @Test("A column that the source lacks is named, with what is near it")
    func missingColumn() throws {
        let scene = try Scene()
        let (_, plan) = try Self.april(scene)
        let rows = Self.rows(100..<160)
        try scene.write("may.csv", "id,name,mail_address,sign_up_date,visits\n\(rows)")
        let run = try Self.migrate(scene, "may.csv", "--plan", plan)
        #expect(run.status == 1 && Self.detail(run) == "artifact.reuse", "\(run.outText)")
        let words = Self.words(run)
        #expect(words.contains("e_mail (for email)"), "\(words)")
        #expect(words.contains("signup_date (for signup_date; the nearest is sign_up_date)"), "\(words)")
        #expect(words.contains("leave --plan"))
        // A step of the plan hides a column of that name.
        try scene.write("june.csv", "id,name,e_mail,signup_date,visits,t1\n\(rows.replacing("\n", with: ",x\n"))")
        let hidden = try Self.migrate(scene, "june.csv", "--plan", plan)
        #expect(hidden.status == 1 && Self.detail(hidden) == "artifact.reuse", "\(hidden.outText)")
        #expect(Self.words(hidden).contains("Rename the column t1"))
    }

    @Test("A column of another type is named, with both types")
    func otherType() throws {
        let scene = try Scene()
        let (_, plan) = try Self.april(scene)
        try scene.database(
            "s.db",
            """
            CREATE TABLE may (id TEXT, name TEXT, e_mail TEXT, signup_date TEXT, visits INTEGER);
            INSERT INTO may VALUES ('900', 'Ann', 'a@example.com', '2024-05-02', 3)
            """)
        let run = try scene.sluice(
            "run", "--lhs", "sqlite:s.db#may", "--rhs", "sqlite:t.db#people", "--plan", plan, "--yes", "--json")
        #expect(run.status == 1 && Self.detail(run) == "artifact.reuse", "\(run.outText)")
        #expect(Self.words(run).contains("cannot make visits of this source, where visits is int64"), "\(run.outText)")
    }

    @Test("A target of another shape is refused before anything runs; another name is not another shape")
    func otherTarget() throws {
        let scene = try Scene()
        let (_, plan) = try Self.april(scene)
        try scene.write("may.csv", "\(Self.header)\n\(Self.rows(100..<160))")
        try scene.database("t.db", "CREATE TABLE people_may \(Self.shape)")
        let renamed = try Self.migrate(scene, "may.csv", "--plan", plan, table: "people_may")
        #expect(renamed.status == 0 && renamed.json["rows_migrated"] == 60, "\(renamed.outText)")
        try scene.database(
            "t.db",
            """
            CREATE TABLE others (id INTEGER PRIMARY KEY, name TEXT, email TEXT, signup_date DATE, vip INTEGER)
            """)
        let before = try scene.sluice("runs", "--json").json["runs"]?.arrayValue?.count
        let run = try Self.migrate(scene, "may.csv", "--plan", plan, table: "others")
        #expect(run.status == 1 && Self.detail(run) == "target.shape", "\(run.outText)")
        let words = Self.words(run)
        #expect(words.contains("the column name was TEXT NOT NULL and is TEXT"), "\(words)")
        #expect(words.contains("the column visits is gone") && words.contains("the column vip is new"))
        let after = try scene.sluice("runs", "--json").json["runs"]?.arrayValue?.count
        #expect(before == after)
        // While the run waits for its driver the table may change.
        try scene.database("t.db", "CREATE TABLE people_june \(Self.shape)")
        let held = try scene.sluice(
            "run", "--lhs", "csv:may.csv", "--rhs", "sqlite:t.db#people_june", "--plan", plan, "--json")
        #expect(held.status == 3)
    }

    @Test("What is no Mapping Plan, or is damaged, is refused")
    func noPlan() throws {
        let scene = try Scene()
        let (id, plan) = try Self.april(scene)
        let all = try scene.sluice("artifacts", id, "--json").json["artifacts"]?.arrayValue ?? []
        let catalog = try #require(all.first { $0["kind"] == "catalog" }?["hash"]?.stringValue)
        let other = try Self.migrate(scene, "april.csv", "--plan", catalog)
        #expect(other.status == 1 && Self.detail(other) == "artifact.reuse" && Self.words(other).contains("catalog"))
        let absent = try Self.migrate(scene, "april.csv", "--plan", "0123456789")
        #expect(absent.status == 1 && Self.detail(absent) == "artifact.missing")
        let unreadable = try Self.migrate(scene, "april.csv", "--plan", "latest")
        #expect(unreadable.status == 2 && Self.detail(unreadable) == "usage")
        let path = "home/artifacts/\(plan.prefix(2))/\(plan).json"
        let body = String(decoding: try Files.read(scene.path(path)), as: UTF8.self)
        try scene.write(path, body.replacing("\"confidence\":", with: "\"confidence\": "))
        let damaged = try Self.migrate(scene, "april.csv", "--plan", plan)
        #expect(damaged.status == 1 && Self.detail(damaged) == "artifact.corrupt", "\(damaged.outText)")
        let promoted = try scene.sluice("artifacts", "promote", plan, "--reason", "r", "--json")
        #expect(promoted.status == 1 && Self.detail(promoted) == "artifact.corrupt", "\(promoted.outText)")
    }
}

extension String {
    /// Every place; the tests do without Foundation.
    func replacing(_ words: String, with other: String) -> String {
        var out = ""
        var rest = self[...]
        while let place = rest.firstRange(of: words) {
            out += rest[..<place.lowerBound] + other
            rest = rest[place.upperBound...]
        }
        return out + rest
    }
}
