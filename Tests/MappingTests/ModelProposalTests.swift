import Columnar
import Contracts
import Foundations
import Inference
import PluginHost
import Policy
import Testing
import Transform

@testable import Stages

@Suite struct `A model's proposal` {
    private static let people = MappingFixture.csv(
        """
        id,q7,joined,q8
        1,K-Ada,03.02.2024,17
        2,K-Bob,14.02.2024,23
        3,K-Cleo,28.11.2023,5
        4,K-Dora,01.12.2023,99

        """, name: "people")

    private static let table = MappingFixture.target(
        "members", ["id INTEGER key", "badge TEXT required", "member_since DATE"], rowIDAlias: "id")

    private struct Outcome {
        let input: MappingInput
        let own: [MappingProposal]
        let all: [MappingProposal]
        let desk: ScriptedDesk
        let use: ModelUse

        subscript(target: String) -> MappingProposal? { all.first { input.targets[$0.target].name == target } }
    }

    /// - Parameter answers: by the name of the target column that was asked for, and the how manieth time.
    private static func run(
        _ source: TextTable = people, to table: TargetTable = table, readsValues: Bool = true,
        _ answers: @escaping (String, Int, InferenceJobData) -> JSON
    ) throws -> Outcome {
        let input = try MappingFixture.input(source.batch, named: source.name, to: table, readsValues: readsValues)
        let own = try PipelineProposer(input).proposals()
        let desk = try ScriptedDesk { job in
            let data = ScriptedDesk.data(job)
            let name = data.first?["name"]?.stringValue ?? ""
            return .success(answers(name, job.id.hasSuffix(".2") ? 2 : 1, InferenceJobData(data: data)))
        }
        let interview = try desk.interview(.mapping, ModelProposer.template)
        let proposer = ModelProposer(
            input, thresholds: try MappingFixture.thresholds(), sample: readsValues ? source.batch : nil)
        let all = try proposer.proposals(beside: own, interview: interview)
        return Outcome(input: input, own: own, all: all, desk: desk, use: interview.use)
    }

    struct InferenceJobData {
        let data: [JSON]
        /// The id of a source column by its name as it was shown.
        func id(_ name: String) -> JSON {
            let sources = data.count > 2 ? data[2].arrayValue ?? [] : []
            return sources.first { $0["name"]?.stringValue == name }?["id"] ?? "?"
        }
    }

    private static func answer(
        _ steps: [JSON], _ result: JSON, confidence: Double = 0.95, reason: String = "It says so."
    ) -> JSON {
        [
            "sources_fit": true, "steps": .array(steps), "result": result, "confidence": .double(confidence),
            "reason": .string(reason),
        ]
    }

    private static let nothing: JSON = [
        "sources_fit": false, "steps": [], "result": "s1", "confidence": 0.9, "reason": "Nothing fits.",
    ]

    @Test func `enters the plan when validator, sample and thresholds accept it, and says whose it is`() throws {
        let outcome = try Self.run { target, _, data in
            switch target {
            case "badge":
                Self.answer(
                    [["op": "trim", "in": [data.id("q7")]]], "t1", reason: "q7 holds badges, ada@example.com")
            case "member_since":
                Self.answer(
                    [
                        ["op": "trim", "in": [data.id("joined")]],
                        ["op": "date_parse", "in": ["t1"], "to": "date", "formats": ["dd.MM.yyyy"]],
                    ], "t2")
            default: Self.nothing
            }
        }
        #expect(outcome.own.count < outcome.all.count)
        let badge = try #require(outcome["badge"])
        #expect(badge.origin?.name == "scripted:one" && badge.strategy == .atomic)
        #expect(badge.plan.inputs == ["q7"] && badge.confidence == 0.855)
        #expect(badge.rationale.hasPrefix("Proposed by scripted:one: q7 holds badges"))
        #expect(!badge.rationale.contains("ada@example.com"))
        #expect(outcome["member_since"]?.plan.steps.map(\.operation.name) == ["trim", "date_parse"])
        // The plan says so, and is read back as it was written.
        let (samples, _) = try SampleResult.run(outcome.all, on: Self.people.batch, input: outcome.input)
        let plan = MappingPlan(
            outcome.input, proposals: outcome.all, samples: samples, examples: [],
            thresholds: try MappingFixture.thresholds())
        let entry = plan.json["mappings"]?.arrayValue?.first { $0["target"] == "badge" }
        #expect(entry?["proposed_by"]?["provider"] == "scripted" && entry?["proposed_by"]?["template_hash"] != nil)
        #expect(try MappingPlan(json: plan.json) == plan)
        #expect(outcome.use.taken == outcome.all.count - outcome.own.count)
    }

    @Test func `is asked for where the rules have none alone, and what they found stays`() throws {
        let outcome = try Self.run { _, _, _ in Self.nothing }
        #expect(outcome.all == outcome.own && outcome.use.taken == 0 && outcome.use.answered == outcome.desk.jobs.count)
        let asked = Set(outcome.desk.jobs.compactMap { ScriptedDesk.data($0).first?["name"]?.stringValue })
        let mapped = Set(outcome.own.map { outcome.input.targets[$0.target].name })
        #expect(asked.isDisjoint(with: mapped) && !asked.contains("id"))
    }

    @Test(arguments: [
        // Another type than the target's; a step that is not there yet; an op on a type that it does not take.
        #"{"steps":[],"result":"JOINED"}"#,
        #"{"steps":[{"op":"trim","in":["t2"]},{"op":"trim","in":["JOINED"]}],"result":"t1"}"#,
        #"{"steps":[{"op":"date_parse","in":["JOINED"],"to":"date","formats":["yyyy'"]}],"result":"t1"}"#,
        // Every row fails.
        #"{"steps":[{"op":"date_parse","in":["JOINED"],"to":"date","formats":["yyyy-MM-dd"]}],"result":"t1"}"#,
    ]) func `that is refused is asked for once more, with what was wrong`(_ text: String) throws {
        var reasons: [JSON] = []
        let outcome = try Self.run { target, round, data in
            guard target == "member_since" else { return Self.nothing }
            if round == 2 { reasons = data.data.last?.arrayValue ?? [] }
            let id = data.id("joined").stringValue ?? ""
            let own = (try? JSONParser.parse(text.replacing("JOINED", with: id))) ?? .null
            return Self.answer(own["steps"]?.arrayValue ?? [], own["result"] ?? .null)
        }
        #expect(outcome["member_since"] == nil)
        let asked = outcome.desk.jobs.filter { ScriptedDesk.data($0).first?["name"] == "member_since" }
        #expect(asked.count == 2 && asked.last?.id.hasSuffix(".2") == true)
        #expect(reasons.count == 1 && reasons.first?["why"]?.stringValue?.isEmpty == false)
        // Neither names nor values of columns are told.
        #expect(reasons.first?["why"]?.stringValue?.contains("joined") == false)
    }

    @Test func `that is mended is taken`() throws {
        let outcome = try Self.run { target, round, data in
            guard target == "member_since" else { return Self.nothing }
            let format: JSON = round == 1 ? "MM.dd.yyyy" : "dd.MM.yyyy"
            return Self.answer(
                [["op": "date_parse", "in": [data.id("joined")], "to": "date", "formats": [format]]], "t1")
        }
        #expect(outcome["member_since"]?.origin != nil)
    }

    @Test func `that the model is not sure of, or that leaves a doubt, is not taken`() throws {
        let unsure = try Self.run { target, _, data in
            target == "badge" ? Self.answer([], data.id("q7"), confidence: 0.7) : Self.nothing
        }
        #expect(unsure["badge"] == nil && unsure.use.taken == 0)
        // The day or the month may come first: a person decides that, no model.
        let dates = MappingFixture.csv("id,q7\n1,03/02/2024\n2,04/05/2024\n3,06/07/2023\n", name: "people")
        let table = MappingFixture.target("members", ["id INTEGER key", "badge DATE"], rowIDAlias: "id")
        let doubtful = try Self.run(dates, to: table) { target, _, data in
            guard target == "badge" else { return Self.nothing }
            return Self.answer(
                [["op": "date_parse", "in": [data.id("q7")], "to": "date", "formats": ["dd/MM/yyyy"]]], "t1")
        }
        #expect(!doubtful.desk.jobs.isEmpty && doubtful["badge"]?.origin == nil)
    }

    private static let codes = MappingFixture.csv(
        """
        id,zip,when,dd,mm,yy,joined
        1,01234,03/02/2024,03,02,2024,03.02.2024
        2,10115,04/05/2024,14,02,2024,14.02.2024
        3,00501,06/07/2023,28,11,2023,28.11.2023

        """, name: "people")

    /// Pipelines whose every row succeeds, and that read something else than what is there.
    @Test(arguments: [
        // Both orders in one step, in either order, and in the one that the values do not have.
        ("DATE", #"{"op":"date_parse","in":["joined"],"to":"date","formats":["MM.dd.yyyy","dd.MM.yyyy"]}"#),
        ("DATE", #"{"op":"date_parse","in":["joined"],"to":"date","formats":["dd.MM.yyyy","M.d.yyyy"]}"#),
        // Zeros that a code loses, numbers and days that are written anew.
        ("TEXT", #"{"op":"type_cast","in":["zip"],"to":"int64"};{"op":"type_cast","in":["t1"],"to":"text"}"#),
        ("TEXT", #"{"op":"type_cast","in":["dd"],"to":"float64"};{"op":"type_cast","in":["t1"],"to":"text"}"#),
        ("TEXT", #"{"op":"type_cast","in":["yy"],"to":"float64"};{"op":"type_cast","in":["t1"],"to":"text"}"#),
        ("INTEGER", #"{"op":"trim","in":["zip"]};{"op":"type_cast","in":["t1"],"to":"int64"}"#),
        // An order that no value tells, settled on the way to text.
        (
            "TEXT",
            #"{"op":"date_parse","in":["when"],"to":"date","formats":["dd/MM/yyyy"]};"#
                + #"{"op":"type_cast","in":["t1"],"to":"text"}"#
        ),
        // Of parts, whose order is in the model's head alone.
        (
            "DATE",
            #"{"op":"concat","in":["mm","dd","yy"],"separator":"/","nulls":"propagate"};"#
                + #"{"op":"date_parse","in":["t1"],"to":"date","formats":["dd/MM/yyyy","MM/dd/yyyy"]}"#
        ),
        (
            "DATE",
            #"{"op":"concat","in":["yy","mm","dd"],"separator":"-","nulls":"propagate"};"#
                + #"{"op":"type_cast","in":["t1"],"to":"date"}"#
        ),
    ]) func `that misreads what it is given is refused, though every row succeeds`(
        _ type: String, _ steps: String
    ) throws {
        let table = MappingFixture.target("members", ["id INTEGER key", "q9 \(type)"], rowIDAlias: "id")
        var whys: [JSON] = []
        let outcome = try Self.run(Self.codes, to: table) { target, round, data in
            guard target == "q9" else { return Self.nothing }
            if round == 2 { whys = data.data.last?.arrayValue ?? [] }
            let made = steps.split(separator: ";").compactMap { text -> JSON? in
                guard var step = (try? JSONParser.parse(String(text)))?.objectValue else { return nil }
                step["in"] = .array(
                    (step["in"]?.arrayValue ?? []).map { name in
                        let word = name.stringValue ?? ""
                        return word == "t1" ? name : data.id(word)
                    })
                return .object(step)
            }
            return Self.answer(made, .string("t\(made.count)"))
        }
        // It was read, and no row failed: it is the doubt that keeps it out.
        #expect(outcome.use.answered == 1 && whys.isEmpty && outcome.use.failures.isEmpty)
        #expect(outcome["q9"]?.origin == nil && outcome.use.taken == 0)
    }

    @Test(arguments: [
        ("dd.MM.yyyy", true), ("MM/dd/yyyy", false), ("d/M/yyyy HH:mm", true), ("yyyy-MM-dd", nil),
        ("yyyy-dd-MM", true), ("yyyy-MM-dd'd'", nil), ("'d'MM.dd.yyyy", false), ("yyyy", nil),
    ]) func `has its patterns read for the order of day and month`(_ pattern: String, _ isDayFirst: Bool?) {
        #expect(ProposalDoubts.isDayFirst(pattern) == isDayFirst)
    }

    /// One name of many that is hidden keeps no answer out of the cache; a row of data in the header's place does.
    @Test(arguments: [(["fy_2024"], false), ((1...8).map { "p\($0)@example.com" }, true)])
    func `is heavy in personal data by the share of names that are hidden`(_ names: [String], _ isHeavy: Bool) throws {
        let header = ["id"] + (1...9).map { "q\($0)" } + names
        let source = MappingFixture.csv(
            header.joined(separator: ",") + "\n" + header.map { _ in "x" }.joined(separator: ",") + "\n", name: "people"
        )
        let outcome = try Self.run(source) { _, _, _ in Self.nothing }
        let job = try #require(outcome.desk.jobs.first)
        #expect(job.messages.last?.prompt.hidesText == true)
        #expect(PolicyEngine.isPIIHeavy(job.messages.map(\.prompt)) == isHeavy)
    }

    @Test func `is not asked for where a source has nothing that a pipeline reads`() throws {
        let input = MappingInput(
            sourceName: "blobs",
            sources: ["a", "b"].map { SourceColumn(name: $0, type: .binary, profile: nil) }, table: Self.table,
            targets: Self.table.columns.map { TargetColumn(column: $0) })
        let desk = try ScriptedDesk { _ in .success(Self.nothing) }
        let interview = try desk.interview(.mapping, ModelProposer.template)
        let proposer = ModelProposer(input, thresholds: try MappingFixture.thresholds(), sample: nil)
        let all = try proposer.proposals(beside: [], interview: interview)
        #expect(all.isEmpty && desk.jobs.isEmpty && interview.use.questions == 0)
    }

    /// A file without a header: its first row stands where names do, and no cell of it may reach a model.
    @Test func `sees neither values nor a row that was taken for the header`() throws {
        let canaries = [
            "ada.canary@example.com", "4111 1111 1111 1111", "Grace Hopper", "1990-12-31", "+44 20 7946 0018",
        ]
        let rows = (1...20).map {
            "canary\($0)@example.org,5500 0000 0000 00\($0 + 10),Zoë Canary\($0),1991-01-\($0 + 10),0\($0)"
        }
        let source = MappingFixture.csv(
            ([canaries.joined(separator: ",")] + rows).joined(separator: "\n") + "\n", name: "people")
        let outcome = try Self.run(source) { _, _, _ in Self.nothing }
        #expect(!outcome.desk.jobs.isEmpty)
        let sent = outcome.desk.sent
        for canary in canaries + ["canary", "Canary", "4111", "5500", "1990", "1991", "Hopper"] {
            #expect(!sent.contains(canary), "\(canary)")
        }
        #expect(sent.contains("aaa.aaaaaa@aaaaaaa.aaa"))
    }
}
