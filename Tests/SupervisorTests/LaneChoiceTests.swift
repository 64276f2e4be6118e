import Contracts
import Testing

@testable import Supervisor

@Suite("The lane table")
struct LaneChoiceTests {
    private let base = LaneInputs(
        jobType: .catalog, sizeEstimate: 1 << 20, sensitivity: .pii, role: .admin, tokenCap: 1000, usdCap: 1,
        providerHealth: nil, queueDepth: 0, hint: nil)

    private func choose(_ change: (inout LaneInputs) -> Void) -> (Lane, String) {
        var inputs = base
        change(&inputs)
        let choice = LaneChoice.choose(inputs)
        return (choice.lane, choice.rule)
    }

    @Test("chooses by the first rule that holds")
    func rules() {
        let cases: [(expected: Lane, rule: String, change: (inout LaneInputs) -> Void)] = [
            (.interactive, "R9", { _ in }),
            (.batch, "R1", { $0.sizeEstimate = 200 << 20 }),
            (
                .batch, "R2",
                {
                    $0.jobType = .migration
                    $0.sizeEstimate = 9 << 20
                }
            ),
            (
                .interactive, "R9",
                {
                    $0.jobType = .migration
                    $0.sizeEstimate = 8 << 20
                }
            ),
            (.flex, "R3", { $0.providerHealth = 0.4 }),
            (.flex, "R4", { $0.queueDepth = 9 }),
            (
                .batch, "R5",
                {
                    $0.providerHealth = 1
                    $0.usdCap = 0
                }
            ),
            (.interactive, "R9", { $0.usdCap = 0 }),
            (
                .batch, "R7",
                {
                    $0.sensitivity = .piiHeavy
                    $0.sizeEstimate = 9 << 20
                }
            ),
            (.flex, "R8", { $0.hint = .flex }),
            (
                .batch, "R1",
                {
                    $0.hint = .interactive
                    $0.sizeEstimate = 101 << 20
                }
            ),
            (.flex, "R10", { $0.sizeEstimate = 50 << 20 }),
            (.flex, "R10", { $0.sizeEstimate = nil }),
        ]
        for entry in cases {
            let (lane, rule) = choose(entry.change)
            #expect(lane == entry.expected)
            #expect(rule == entry.rule)
        }
    }

    @Test("says when a hint was not followed")
    func override() {
        var inputs = base
        inputs.hint = .interactive
        inputs.sizeEstimate = 1 << 30
        let overridden = LaneChoice.choose(inputs)
        #expect(overridden.overridesHint)
        inputs.sizeEstimate = 1
        let followed = LaneChoice.choose(inputs)
        #expect(!followed.overridesHint)
    }

    @Test("the table is the one in docs/lanes.md, rule by rule")
    func documented() throws {
        for rule in LaneChoice.rules {
            #expect(rule.id.hasPrefix("R"))
        }
        #expect(LaneChoice.rules.map(\.id) == ["R1", "R2", "R3", "R4", "R5", "R7", "R8", "R9", "R10"])
    }
}
