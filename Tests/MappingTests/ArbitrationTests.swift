import Contracts
import Foundations
import Inference
import PluginHost
import Policy
import Testing

@testable import Stages

@Suite struct `Arbitration of a borderline column` {
    private func candidate(_ domain: String, _ score: Double) -> DomainCandidate {
        DomainCandidate(
            domain: domain, score: score, nameSimilarity: 0.5,
            evidence: ValueEvidence(
                looked: 20, patternRate: 0.75, checkDigitRate: nil, codeRate: nil, dictionaryRate: nil, rangeRate: nil),
            rationale: "name 50 %")
    }

    private func assignment(_ scores: [(String, Double)], column: String = "ref") throws -> DomainAssignment {
        let thresholds = try MappingFixture.thresholds()
        let all = scores.map { candidate($0.0, $0.1) }
        let score = scores.first?.1 ?? 0
        return DomainAssignment(
            column: column, best: all.first,
            band: score >= thresholds.tauHigh ? .high : score < thresholds.tauLow ? .low : .borderline,
            alternatives: Array(all.dropFirst()))
    }

    private func arbiter() throws -> DomainArbiter {
        DomainArbiter(catalog: try MappingFixture.registry().domains, thresholds: try MappingFixture.thresholds())
    }

    private func says(_ domain: String, _ confidence: Double, reason: String = "It fits.") throws -> Arbitration {
        let answer: JSON = [
            "domain": .string(domain), "confidence": .double(confidence), "reason": .string(reason),
        ]
        let origin = ModelOrigin(
            provider: "p", model: "m", template: "t@1.0.0", templateHash: "a", promptHash: "b")
        return try #require(try Arbitration(answer, origin: origin, shown: { (text) throws(SluiceError) in text }))
    }

    @Test(arguments: [
        (0.55, 1.0, 0.82), (0.55, 0.99, 0.8173), (0.7, 0.7, 0.826), (0.7, 0.6, 0.808), (0.81, 0.1, 0.8214),
        (0.6, 0, 0.6), (0.82, 0.5, 0.874),
    ]) func `combines the two as the documentation says`(_ score: Double, _ confidence: Double, _ combined: Double) {
        #expect(DomainArbiter.combined(score, confidence) == combined)
    }

    @Test func `lifts a column that reaches tau_high, and keeps what the rules said`() throws {
        let before = try assignment([("person.last_name", 0.7), ("person.first_name", 0.68), ("location.city", 0.3)])
        let after = try arbiter().apply(try says("person.first_name", 0.9), to: before)
        #expect(after.band == .high && after.domain == "person.first_name" && after.best?.score == 0.8528)
        #expect(after.rulesScore == 0.68)
        #expect(after.alternatives.map(\.domain) == ["person.last_name", "location.city"])
    }

    @Test(arguments: [
        ("none", 1.0), ("person.last_name", 0.5), ("location.city", 1), ("person.full_name", 1), ("made.up", 1),
    ]) func `changes nothing otherwise: doubt, what was below tau_low, what was not listed`(
        _ domain: String, _ confidence: Double
    ) throws {
        let before = try assignment([("person.last_name", 0.6), ("person.first_name", 0.58), ("location.city", 0.3)])
        let after = try arbiter().apply(try says(domain, confidence), to: before)
        #expect(after.band == .borderline && after.best == before.best && after.alternatives == before.alternatives)
        #expect(after.arbitration != nil)
    }

    @Test func `never touches what the rules are sure of`() throws {
        for scores in [[("person.last_name", 0.9), ("person.first_name", 0.8)], [("person.last_name", 0.5)]] {
            let before = try assignment(scores)
            let after = try arbiter().apply(try says("person.first_name", 1), to: before)
            #expect(after.best == before.best && after.band == before.band && after.arbitration == nil)
            #expect(try arbiter().places([before]).isEmpty)
        }
    }

    @Test func `is read back from the artifact as it was`() throws {
        let given = try says("person.first_name", 0.912345, reason: "x")
        #expect(given.confidence == 0.9123)
        #expect(Arbitration(given.json(rules: 0.7, lifted: 0.9)) == given)
        let none = try says("none", 0.3)
        #expect(Arbitration(none.json(rules: 0.7, lifted: nil)) == none)
        #expect(Arbitration(["answer": "none"]) == nil)
    }

    @Test func `shows a model candidates and figures, and of a name no more than policy does`() throws {
        let names = ["ada.canary@example.com", "ref", "Grace Hopper", "1990-12-31"]
        let assignments = try names.map { name in
            try assignment(
                [("person.last_name", 0.7), ("person.first_name", 0.6), ("location.city", 0.2)], column: name)
        }
        let arbiter = try arbiter()
        let desk = try ScriptedDesk { _ in
            .success(["domain": "person.first_name", "confidence": 0.9, "reason": "ok"])
        }
        let interview = try desk.interview(.domains, DomainArbiter.template)
        let questions = arbiter.places(assignments).map {
            arbiter.question($0, assignments, types: ["text", "text", nil, "text"])
        }
        let replies = try interview.ask(questions)
        #expect(replies.count == 4 && replies.allSatisfy { $0?.origin.name == "scripted:one" })
        #expect(interview.use.answered == 4 && interview.use.tokenActual == 60 && interview.use.absence == nil)
        for canary in ["canary", "Hopper", "1990"] { #expect(!desk.sent.contains(canary)) }
        let job = try #require(desk.jobs.first { $0.id == "domains.c2" })
        let data = ScriptedDesk.data(job)
        #expect(data.first?["name"] == "ref" && data.first?["type"] == "text")
        let candidates = try #require(data.last?.arrayValue)
        #expect(candidates.map { $0["id"]?.stringValue } == ["person.last_name", "person.first_name"])
        #expect(candidates.first?["pattern"] == 0.75 && candidates.first?["values_seen"]?.intValue == 20)
        #expect(
            job.schema.schema["properties"]?["domain"]?["enum"] == ["person.last_name", "person.first_name", "none"])
    }

    @Test func `without an answer leaves the column to the rules and says why`() throws {
        let desk = try ScriptedDesk { job in
            job.id == "domains.c1"
                ? .failure(SluiceError(.providerRateLimit, "openai takes no more.")) : .success(["domain": "made.up"])
        }
        let assignments = try (0..<2).map { _ in try assignment([("person.last_name", 0.7)]) }
        let arbiter = try arbiter()
        let interview = try desk.interview(.domains, DomainArbiter.template)
        let replies = try interview.ask(
            arbiter.places(assignments).map { arbiter.question($0, assignments, types: [nil, nil]) })
        #expect(replies.allSatisfy { $0 == nil })
        #expect(interview.use.failures == ["RATE_LIMIT": 1, "DSL_REJECT": 1] && interview.use.answered == 0)
        #expect(interview.use.json["failures"]?["RATE_LIMIT"] == 1)
    }
}
