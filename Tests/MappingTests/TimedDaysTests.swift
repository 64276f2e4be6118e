import Columnar
import Contracts
import Foundations
import Testing
import Transform

@testable import Stages

/// Timestamps that are to become dates.
@Suite struct TimedDaysTests {
    static let target = MappingFixture.target("payment", ["payment_id INTEGER key", "payment_date DATE"])

    static func payments(_ dates: [String]) -> TextTable {
        TextTable(
            name: "payment", header: ["payment_id", "payment_date"],
            rows: dates.enumerated().map { ["\($0.offset + 1)", $0.element] })
    }

    @Test func `a time of day that a date cannot keep asks for a fix that names the column and the way out`() throws {
        let plan = try MappingPlanTests.plan(
            Self.payments(["2005-05-25 11:30:37", "2005-05-26 00:00:00", "2005-05-27 23:59:59"]), to: Self.target)
        let entry = try #require(plan.entries.first { $0.target == "payment_date" })
        #expect(entry.sources == ["payment_date"])
        #expect(entry.decision.decision == .fix)
        #expect(plan.decision.decision == .fix)
        let reason = try #require(plan.decision.reasons.first)
        #expect(reason.contains("payment_date: 2 of 3 values of payment_date have a time of day"))
        #expect(reason.contains("declare payment_date as TIMESTAMP or TEXT"))
        #expect(plan.unmappedTargets.isEmpty && plan.unmappedSources.isEmpty)
    }

    @Test func `timestamps that are all midnight become dates exactly`() throws {
        for (values, pattern) in [
            (["1971-10-20T00:00:00Z", "1980-01-02T00:00:00Z"], "yyyy-MM-dd'T00:00:00Z'"),
            (["1971-10-20 00:00:00", "1980-01-02 00:00:00"], "yyyy-MM-dd' 00:00:00'"),
            (["1971-10-20T00:00:00.000", "1980-01-02T00:00:00.000"], "yyyy-MM-dd'T00:00:00.000'"),
            (["20.10.1971 00:00", "02.01.1980 00:00"], "dd.MM.yyyy' 00:00'"),
        ] {
            let found = try ProposalTests.propose(Self.payments(values), to: Self.target)
            let proposal = try #require(found["payment_date"], "\(pattern)")
            #expect(proposal.obstacle == nil && proposal.doubt == nil)
            #expect(proposal.rationale.contains(pattern), "\(proposal.rationale)")
            #expect(try found.made("payment_date") == ["1971-10-20", "1980-01-02"])
        }
        let plan = try MappingPlanTests.plan(
            Self.payments(["1971-10-20T00:00:00Z", "1980-01-02T00:00:00Z"]), to: Self.target)
        #expect(plan.decision == .accepted)
    }

    @Test func `a time of day that the sample did not show is an error of its row`() throws {
        let found = try ProposalTests.propose(Self.payments(["1971-10-20T00:00:00Z"]), to: Self.target)
        let later = Self.payments(["1971-10-20T00:00:00Z", "1971-10-20T00:00:01Z", "1971-10-20T00:00:00+02:00"])
        let (results, _) = try SampleResult.run(found.all, on: later.batch, input: found.input)
        let place = try #require(found.all.firstIndex { $0.target == 1 })
        #expect(results[place].failed == 2)
    }

    @Test func `days and midnights may be mixed, and words are errors of their rows`() throws {
        let values = ["2020-01-01", "2020-01-02T00:00:00Z", "2020-01-03 00:00:00", "unknown"]
        let found = try ProposalTests.propose(Self.payments(values), to: Self.target)
        #expect(try found.made("payment_date") == ["2020-01-01", "2020-01-02", "2020-01-03", "∅"])
        #expect(found["payment_date"]?.obstacle == nil)
    }

    @Test func `midnight somewhere else is not a day`() throws {
        let plan = try MappingPlanTests.plan(
            Self.payments(["2020-01-02T00:00:00+02:00", "2020-01-03T00:00:00+02:00"]), to: Self.target)
        #expect(plan.decision.decision == .fix)
    }

    @Test func `a date of another name is not paired with times of day`() throws {
        let table = TextTable(
            name: "staff", header: ["staff_id", "last_update"], rows: [["1", "2006-02-15 03:57:16"]])
        let found = try ProposalTests.propose(
            table, to: MappingFixture.target("staff", ["staff_id INTEGER key", "hired_on DATE"]))
        #expect(found["hired_on"] == nil)
    }

    @Test func `typed timestamps are treated alike`() throws {
        let day: Int64 = 86_400_000_000
        func batch(_ values: [Int64]) -> Batch {
            var builder = ColumnBuilder(.timestamp, capacity: values.count)
            for value in values { builder.append(int64: value) }
            return Batch(
                schema: Schema([Field("payment_date", .timestamp)]), columns: [builder.finish()],
                rowCount: values.count)
        }
        let target = MappingFixture.target("payment", ["payment_date DATE"])
        func propose(_ values: [Int64], readsValues: Bool = true) throws -> ProposalTests.Proposals {
            let batch = batch(values)
            let input = try MappingFixture.input(batch, named: "payment", to: target, readsValues: readsValues)
            return ProposalTests.Proposals(input: input, all: try PipelineProposer(input).proposals(), batch: batch)
        }
        let whole = try propose([0, day, -day])
        #expect(try whole.made("payment_date") == ["1970-01-01", "1970-01-02", "1969-12-31"])
        #expect(whole["payment_date"]?.obstacle == nil && whole["payment_date"]?.doubt == nil)
        #expect(try propose([0, day + 1])["payment_date"]?.obstacle?.contains("1 of 2 values") == true)
        let unseen = try #require(try propose([0], readsValues: false)["payment_date"])
        #expect(unseen.obstacle == nil && unseen.doubt != nil)
    }
}
