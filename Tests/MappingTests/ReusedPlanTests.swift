import Columnar
import Contracts
import Foundations
import Testing
import Transform

@testable import Stages

@Suite struct ReusedPlanTests {
    private static let target = MappingPlanTests.orders

    private static func body(_ plan: MappingPlan, kind: ArtifactKind = .mappingPlan) -> JSON {
        Artifact(kind: kind, content: plan.json, inputs: [], envelope: [:]).body
    }

    private static func reused(_ plan: MappingPlan) throws -> ReusedPlan {
        let body = body(plan)
        return try ReusedPlan(body.canonicalHash, body: body)
    }

    /// What the stage would be given of a table, and no domain.
    private static func input(_ table: TextTable, to target: TargetTable = target) -> MappingInput {
        MappingInput(
            sourceName: nil,
            sources: zip(table.batch.schema.fields, table.batch.columns).map { field, column in
                SourceColumn(name: field.name, type: field.type, profile: MappingFixture.profile(column))
            }, table: target, targets: target.columns.map { TargetColumn(column: $0) })
    }

    private static func refusal(_ call: () throws -> Void) -> SluiceError? {
        do { try call() } catch { return error as? SluiceError }
        return nil
    }

    @Test func `transforms are taken over as they are and tried on the new rows`() throws {
        let first = try MappingPlanTests.plan(MappingPlanTests.orders(bad: 0, of: 100), to: Self.target)
        let reused = try Self.reused(first)
        #expect(reused.decision == .accept)
        let table = MappingPlanTests.orders(bad: 6, of: 100)
        let input = Self.input(table)
        let proposals = try reused.proposals(for: input)
        #expect(proposals.map(\.plan) == first.plans && proposals.map(\.confidence) == first.entries.map(\.confidence))
        let samples = try SampleResult.run(proposals, on: table.batch, input: input).results
        let plan = MappingPlan(
            input, proposals: proposals, samples: samples, examples: [], thresholds: try MappingFixture.thresholds(),
            reusedFrom: reused.id)
        #expect(plan.decision.decision == .hold)
        let quantity = try #require(plan.entries.first { $0.target == "quantity" })
        #expect(quantity.sample?.successRate == 0.94)
        #expect(quantity.rationale.hasPrefix("Taken from the Mapping Plan \(reused.id.hex.prefix(12)), which says: "))
        let read = try MappingPlan(json: plan.json)
        #expect(read == plan && read.reusedFrom == reused.id && plan.json["reused_from"]?.stringValue == reused.id.hex)
        // Reused once more, the rationale does not grow.
        let again = try Self.reused(plan)
        let words = try again.proposals(for: input).map(\.rationale)
        #expect(words == plan.entries.map { $0.rationale.replacing(reused.id, with: again.id) })
    }

    @Test func `a proposed plan says nothing of reuse, so that its hash is as before`() throws {
        let plan = try MappingPlanTests.plan(MappingPlanTests.orders(bad: 0, of: 10), to: Self.target)
        #expect(plan.json["reused_from"] == nil && plan.reusedFrom == nil)
        guard case .object(var members) = plan.json else { return }
        members["reused_from"] = "latest"
        let error = Self.refusal { _ = try MappingPlan(json: .object(members)) }
        #expect(error?.detail == "artifact.corrupt" && error?.message.contains("/reused_from") == true)
    }

    @Test func `missing columns are all named`() throws {
        let reused = try Self.reused(
            try MappingPlanTests.plan(MappingPlanTests.orders(bad: 0, of: 10), to: Self.target))
        let table = TextTable(name: "orders", header: ["order_id", "quantty"], rows: [["1", "2"]])
        let error = Self.refusal { _ = try reused.proposals(for: Self.input(table)) }
        #expect(error?.detail == "artifact.reuse")
        #expect(
            error?.message.contains("quantity (for quantity; the nearest is quantty), note (for note)") == true,
            "\(error?.message ?? "")")
    }

    @Test func `another artifact is not a plan, and a foreign transform is outside of the DSL`() throws {
        let plan = try MappingPlanTests.plan(MappingPlanTests.orders(bad: 0, of: 10), to: Self.target)
        let catalog = Self.body(plan, kind: .catalog)
        let error = Self.refusal { _ = try ReusedPlan(catalog.canonicalHash, body: catalog) }
        #expect(error?.detail == "artifact.reuse" && error?.message.contains("is a catalog") == true)
        guard case .object(var content) = plan.json, var list = content["mappings"]?.arrayValue,
            case .object(var entry) = list[1]
        else { return }
        entry["plan"] = [
            "target": "quantity", "result": "t1",
            "steps": [["op": "python", "in": ["quantity"], "as": "t1"]],
        ]
        list[1] = .object(entry)
        content["mappings"] = .array(list)
        let foreign = Artifact(kind: .mappingPlan, content: .object(content), inputs: [], envelope: [:]).body
        let rejected = Self.refusal { _ = try ReusedPlan(foreign.canonicalHash, body: foreign) }
        #expect(rejected?.code == .dslReject && rejected?.message.contains("quantity") == true)
    }

    @Test func `the target's name is not its shape`() throws {
        let reused = try Self.reused(
            try MappingPlanTests.plan(MappingPlanTests.orders(bad: 0, of: 10), to: Self.target))
        let columns = ["order_id INTEGER key", "quantity INTEGER", "note TEXT"]
        try reused.require(target: MappingFixture.target("orders_may", columns, rowIDAlias: "order_id"))
        for (columns, words) in [
            (["order_id INTEGER key", "quantity REAL", "note TEXT"], "the column quantity was INTEGER and is REAL"),
            (["order_id INTEGER key", "quantity INTEGER"], "the column note is gone"),
            (columns + ["tax REAL"], "the column tax is new"),
            (["order_id INTEGER key", "quantity INTEGER", "note TEXT required"], "note was TEXT and is TEXT NOT NULL"),
            (["order_id INTEGER key", "note TEXT", "quantity INTEGER"], "the order of the columns"),
        ] {
            let table = MappingFixture.target("orders", columns, rowIDAlias: "order_id")
            let error = Self.refusal { try reused.require(target: table) }
            #expect(error?.detail == "target.shape" && error?.message.contains(words) == true, "\(words)")
        }
    }

    @Test func `a loss that the first data did not have is a doubt, and one that it had is not`() throws {
        let zeros = TextTable(
            name: "orders", header: ["order_id", "quantity", "note"],
            rows: (0..<50).map { ["\($0)", "00\($0 % 9)", "as usual"] })
        let fresh = try Self.reused(
            try MappingPlanTests.plan(MappingPlanTests.orders(bad: 0, of: 50), to: Self.target))
        let doubts = try fresh.proposals(for: Self.input(zeros)).compactMap(\.doubt)
        #expect(doubts == ["The numbers of quantity that begin with zeros lose them."])
        let known = try MappingPlanTests.plan(zeros, to: Self.target)
        let seen = try Self.reused(known).proposals(for: Self.input(zeros)).compactMap(\.doubt)
        #expect(seen.isEmpty && known.decision.decision == .hold)
    }
}

extension String {
    fileprivate func replacing(_ old: SHA256.Digest, with new: SHA256.Digest) -> String {
        guard let place = firstRange(of: old.hex.prefix(12)) else { return self }
        return "\(self[..<place.lowerBound])\(new.hex.prefix(12))\(self[place.upperBound...])"
    }
}
