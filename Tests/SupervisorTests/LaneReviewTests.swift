import Contracts
import Foundations
import Testing

@testable import Supervisor

/// What is known goes in, what is to be done comes out: no I/O.
@Suite("The review of a lane")
struct LaneReviewTests {
    private func inputs(_ mebibytes: Int64?, hint: Lane? = nil) -> LaneInputs {
        LaneInputs(
            jobType: .migration, sizeEstimate: mebibytes.map { $0 << 20 }, sensitivity: .pii, role: .admin,
            tokenCap: 1000, usdCap: 1, providerHealth: nil, queueDepth: 0, hint: hint)
    }

    private func choice(_ inputs: LaneInputs) -> LaneChoice { LaneChoice.choose(inputs) }

    private func decide(_ lane: Lane, _ recorded: LaneInputs?, _ now: LaneInputs, asked: Lane? = nil) -> LaneReview {
        LaneReview.decide(lane: lane, recorded: recorded?.json, now: now, asked: asked)
    }

    @Test("keeps the lane when nothing differs, whatever the inputs are")
    func keeps() {
        for hint in [nil] + Lane.allCases {
            for size in [nil, 1, 9, 200] as [Int64?] {
                let inputs = inputs(size, hint: hint)
                let review = decide(choice(inputs).lane, inputs, inputs)
                #expect(review == .keep, "\(inputs)")
            }
        }
    }

    @Test("a source that grew moves the run to the lane that the table gives it")
    func grown() {
        let now = inputs(9)
        let review = decide(.interactive, inputs(1), now)
        #expect(review == .change(from: .interactive, choice(now), now))
        let same = decide(.interactive, inputs(1), inputs(2))
        #expect(same == .keep)
    }

    @Test("a person's wish counts in the place of the contract's")
    func asked() {
        let now = inputs(1, hint: .flex)
        var wanted = now
        wanted.hint = .batch
        let review = decide(.flex, now, now, asked: .batch)
        #expect(review == .change(from: .flex, choice(wanted), wanted))
        #expect(choice(wanted).rule == "R8")
    }

    @Test("and for the rest of the run")
    func lasting() {
        // The contract says flex, and somebody has said batch.
        let review = decide(.batch, inputs(1, hint: .batch), inputs(1, hint: .flex))
        #expect(review == .keep)
    }

    @Test("a wish that the table does not grant is told once, and moves nothing")
    func overridden() {
        let now = inputs(9)
        var wanted = now
        wanted.hint = .interactive
        let review = decide(.batch, now, now, asked: .interactive)
        #expect(review == .hint(choice(wanted), wanted))
        #expect(choice(wanted).lane == .batch && choice(wanted).overridesHint)
        let again = decide(.batch, wanted, now, asked: .interactive)
        #expect(again == .keep)
        // Neither does it stand in the way of the table later.
        let shrunk = decide(.batch, wanted, inputs(1))
        var small = inputs(1)
        small.hint = .interactive
        #expect(shrunk == .change(from: .batch, choice(small), small))
    }

    @Test("a source that is gone has the size that it had")
    func gone() {
        let kept = decide(.batch, inputs(9), inputs(nil))
        #expect(kept == .keep)
        let asked = decide(.batch, inputs(9), inputs(nil), asked: .interactive)
        var known = inputs(9)
        known.hint = .interactive
        #expect(asked == .hint(choice(known), known))
        // R1 would object if the size were known: an unknown one does not let a wish through.
        let large = decide(.batch, inputs(200), inputs(nil), asked: .flex)
        if case .change = large { Issue.record("the lane changed") }
    }

    @Test("a run of an older version keeps its lane while the size is unknown, and is reviewed once it is known")
    func older() {
        let unknown = decide(.batch, nil, inputs(nil), asked: .interactive)
        #expect(unknown == .keep)
        let known = decide(.batch, nil, inputs(1))
        #expect(known == .change(from: .batch, choice(inputs(1)), inputs(1)))
        let same = decide(.batch, nil, inputs(9))
        #expect(same == .keep)
    }
}
