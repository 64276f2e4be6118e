import Contracts
import Foundations
import Testing
import Transform

@testable import Stages

@Suite struct MappingPlanTests {
    static func plan(
        _ table: TextTable, to target: TargetTable, runsSample: Bool = true, examples: [MappingPlan.Example] = []
    ) throws -> MappingPlan {
        let input = try MappingFixture.input(table.batch, named: table.name, to: target, readsValues: runsSample)
        let proposals = try PipelineProposer(input).proposals()
        let samples = runsSample ? try SampleResult.run(proposals, on: table.batch, input: input).results : []
        return MappingPlan(
            input, proposals: proposals, samples: samples,
            examples: examples.isEmpty ? [] : proposals.map { _ in examples },
            thresholds: try MappingFixture.thresholds())
    }

    static let orders = MappingFixture.target(
        "orders", ["order_id INTEGER key", "quantity INTEGER", "note TEXT"], rowIDAlias: "order_id")

    static func orders(bad: Int, of rows: Int) -> TextTable {
        TextTable(
            name: "orders", header: ["order_id", "quantity", "note", "colour"],
            rows: (0..<rows).map { ["\($0)", $0 < bad ? "many" : "7", "as usual", "red"] })
    }

    @Test(arguments: [(0, GateDecision.accept), (5, .accept), (6, .hold), (8, .hold), (9, .fix)])
    func `the success rate on the sample decides`(bad: Int, decision: GateDecision) throws {
        let plan = try Self.plan(Self.orders(bad: bad, of: 100), to: Self.orders)
        let entry = try #require(plan.entries.first { $0.target == "quantity" })
        #expect(entry.sample?.successRate == Double(100 - bad) / 100)
        #expect(entry.sample?.errors == (bad == 0 ? [:] : ["NOT_INTEGER": bad]))
        #expect(entry.decision.decision == decision)
        #expect(plan.decision.decision == decision)
        #expect(plan.unmappedSources == ["colour"])
    }

    @Test func `a required target column without a source asks for a fix and is named`() throws {
        let target = MappingFixture.target("orders", ["quantity INTEGER", "warehouse TEXT required", "tax REAL"])
        let plan = try Self.plan(Self.orders(bad: 0, of: 10), to: target)
        #expect(plan.decision.decision == .fix)
        #expect(plan.decision.reasons.joined().contains("warehouse"))
        #expect(
            plan.unmappedTargets == [
                MappingPlan.UnmappedTarget(name: "warehouse", isRequired: true),
                MappingPlan.UnmappedTarget(name: "tax", isRequired: false),
            ])
    }

    @Test func `a target that nothing maps to is sent to be fixed`() throws {
        let target = MappingFixture.target("planets", ["orbital_period REAL", "discoverer TEXT"])
        let plan = try Self.plan(Self.orders(bad: 0, of: 10), to: target)
        #expect(plan.entries.isEmpty)
        #expect(plan.decision.decision == .fix)
    }

    @Test func `a mapping that leaves most of a table behind is held, with counts and names`() throws {
        let wide = MappingFixture.target(
            "orders", ["quantity INTEGER", "note TEXT"] + (1...13).map { "reading_\($0)\($0) REAL" })
        let empty = try Self.plan(Self.orders(bad: 0, of: 10), to: wide)
        #expect(empty.decision.decision == .hold)
        let names = (1...10).map { "reading_\($0)\($0)" }.joined(separator: ", ")
        #expect(
            empty.decision.reasons == [
                "2 of 15 target columns are mapped, fewer than half; not mapped: \(names) and 3 more."
            ])
        let narrow = MappingFixture.target("orders", ["quantity INTEGER"])
        #expect(
            try Self.plan(Self.orders(bad: 0, of: 10), to: narrow).decision.reasons == [
                "1 of 4 source columns are mapped, fewer than half; not mapped: order_id, note, colour."
            ])
        let half = MappingFixture.target("orders", ["quantity INTEGER", "note TEXT", "torque REAL", "bolt REAL"])
        #expect(try Self.plan(Self.orders(bad: 0, of: 10), to: half).decision == .accepted)
    }

    @Test func `a key that the database counts up is not left empty`() throws {
        let table = TextTable(name: "notes", header: ["quantity"], rows: [["1"]])
        let columns = ["row_no INTEGER key", "quantity INTEGER", "bolt REAL"]
        let counted = try Self.plan(table, to: MappingFixture.target("notes", columns, rowIDAlias: "row_no"))
        #expect(counted.decision == .accepted)
        #expect(counted.unmappedTargets.map(\.name) == ["row_no", "bolt"])
    }

    @Test func `without a sample the confidence decides`() throws {
        let plan = try Self.plan(Self.orders(bad: 0, of: 1), to: Self.orders, runsSample: false)
        #expect(plan.entries.map(\.target) == ["order_id", "quantity", "note"])
        #expect(plan.entries.allSatisfy { $0.sample == nil })
        #expect(plan.decision.decision == .accept)
        let likely = MappingProposal(
            target: 0, sources: [0], strategy: .atomic, plan: .identity(target: "a", input: "b"), confidence: 0.6,
            rationale: "", doubt: nil, obstacle: nil)
        let thresholds = try MappingFixture.thresholds()
        let held = MappingDecision.judge(likely, name: "a", sample: nil, thresholds: thresholds)
        #expect(held == MappingDecision(decision: .hold, reasons: ["a: the confidence is 0.6, below 0.7."]))
        #expect(
            MappingDecision.judge(
                likely, name: "a", sample: SampleResult(rows: 0, failed: 0, errors: [:]), thresholds: thresholds
            ).decision == .hold)
    }

    @Test func `a plan read back from its artifact is the same plan`() throws {
        let table = try MappingFixture.csv(
            path: MappingFixture.root + "/samples/customers.csv", name: "customers", limit: 300)
        for runsSample in [true, false] {
            let plan = try Self.plan(
                table, to: ProposalTests.customers, runsSample: runsSample,
                examples: [MappingPlan.Example(before: ["A••••"], after: "A••••")])
            let text = plan.json.canonicalText
            let read = try MappingPlan(json: try JSONParser.parse(Array(text.utf8), name: "plan"))
            #expect(read == plan)
            #expect(read.json.canonicalText == text)
            let again = try Self.plan(
                table, to: ProposalTests.customers, runsSample: runsSample,
                examples: [MappingPlan.Example(before: ["A••••"], after: "A••••")])
            #expect(again.json.canonicalHash == plan.json.canonicalHash)
        }
    }

    @Test func `a plan that was changed is refused`() throws {
        let plan = try Self.plan(Self.orders(bad: 6, of: 100), to: Self.orders)
        func refuses(_ change: (inout [String: JSON]) -> Void, _ pointer: String) throws {
            var members = try #require(plan.json.objectValue)
            change(&members)
            do {
                _ = try MappingPlan(json: .object(members))
                Issue.record("\(pointer) was accepted")
            } catch {
                #expect(error.detail == ErrorKind.artifactCorrupt.id)
                #expect(error.message.contains(pointer), "\(error.message)")
            }
        }
        func inEntry(_ change: @escaping (inout [String: JSON]) -> Void) -> (inout [String: JSON]) -> Void {
            { members in
                guard var list = members["mappings"]?.arrayValue, var entry = list[1].objectValue else { return }
                change(&entry)
                list[1] = .object(entry)
                members["mappings"] = .array(list)
            }
        }
        try refuses({ $0["extra"] = 1 }, "/extra")
        try refuses({ $0["decision"] = "retry" }, "/decision")
        try refuses({ $0["unmapped_sources"] = nil }, "/unmapped_sources")
        try refuses({ $0["mappings"] = [] }, "/mappings")
        try refuses(inEntry { $0["plan_hash"] = "00" }, "/mappings/1/plan_hash")
        try refuses(inEntry { $0["plan"] = Plan.identity(target: "quantity", input: "note").json }, "/mappings/1/plan")
        try refuses(inEntry { $0["confidence"] = 1.5 }, "/mappings/1/confidence")
        try refuses(
            inEntry { $0["sample"] = ["rows": 10, "failed": 1, "success_rate": 1.0, "errors": ["EMPTY": 1]] },
            "/mappings/1/sample/success_rate")
        try refuses(
            inEntry { $0["sample"] = ["rows": 10, "failed": 1, "success_rate": 0.9, "errors": [:]] },
            "/mappings/1/sample/errors")
    }
}
