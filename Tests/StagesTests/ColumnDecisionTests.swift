import Columnar
import Contracts
import Detection
import Foundations
import Policy
import Testing

@testable import Stages

/// What domains and classifier say of a column becomes one decision.
@Suite struct `A decision about a column` {
    private let strict = PIIRules()

    private func domain(_ id: String, score: Double = 0.9) -> DomainCandidate {
        DomainCandidate(domain: id, score: score, nameSimilarity: 1, evidence: nil, rationale: "")
    }

    private func finding(_ type: EntityType?, score: Double = 0.9, share: Double = 1) -> ColumnFinding {
        ColumnFinding(type: type, score: score, evidence: ["header"], share: share)
    }

    private func decision(
        _ personal: [DomainCandidate], _ finding: ColumnFinding, isListed: Bool = false, rules: PIIRules = PIIRules()
    ) -> ColumnDecision {
        ColumnDecision(personal, finding, isListed: isListed, rules: rules, sure: 0.8)
    }

    @Test func `closes by what either says`() {
        #expect(decision([], finding(.person)).entity == .person)
        #expect(decision([domain("contact.email")], finding(nil)).entity == .email)
        #expect(decision([], finding(nil)).entity == nil)
        #expect(decision([domain("person.age")], finding(.phone)).entity == .phone, "of equals the classifier")
    }

    @Test func `goes by the kind that is treated most strictly`() {
        let rules = PIIRules(classes: [.personName: .allow, .contactEmail: .drop])
        #expect(decision([domain("contact.email")], finding(.person), rules: rules).entity == .email)
    }

    @Test(arguments: [(0.95, 1.0, true), (0.7, 1.0, false), (0.95, 0.9, false)])
    func `opens for a class that is allowed only when it is sure of nearly every cell`(
        score: Double, share: Double, isOpen: Bool
    ) {
        let rules = PIIRules(classes: [.organizationName: .allow, .personName: .allow])
        for type in [EntityType.organization, .person] {
            let found = decision([], finding(type, score: score, share: share), rules: rules).entity
            #expect((found == type) == isOpen)
        }
    }

    @Test func `closes no list of codes because they are names of places`() {
        #expect(decision([], finding(.place), isListed: true).entity == nil)
        #expect(decision([], finding(.place)).entity == nil, "text is closed already")
        #expect(decision([], finding(.gender), isListed: true).entity == .gender)
        let rules = PIIRules(classes: [.locationPlace: .hash])
        #expect(decision([], finding(.place), rules: rules).entity == .place)
    }

    @Test func `is written with class, score and evidence`() {
        let open = Exposure.open(reason: "a number")
        let json = decision([], finding(nil, score: 0.2)).json(open)
        #expect(json["class"] == "none")
        #expect(json["score"] == 0.2)
        let masked = Exposure.masked(reason: "it is person.name", type: .person)
        let written = decision([], finding(.person)).json(masked)
        #expect(written["class"] == "person.name")
        #expect(written["evidence"] == ["header"])
        #expect(written["exposure"] == "masked")
    }

    @Test func `counts the different values of a column`() {
        var builder = ColumnBuilder(.text)
        for value in ["a", "b", " a ", "", "  ", "c", "a"] { builder.append(text: value) }
        builder.appendNull()
        let counted = ColumnDecision.counted(builder.finish())
        let words = counted.map { "\(String(decoding: $0.bytes, as: UTF8.self)) \($0.count)" }
        #expect(words == ["a 3", "b 1", "c 1"])
    }
}
