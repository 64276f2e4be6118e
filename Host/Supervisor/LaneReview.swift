internal import Contracts
internal import Foundations

/// What a drive makes of the lane that a run already has (ROADMAP §4): pure, the driver does what it says.
///
/// The table decides again, over the inputs of now. A hint that a person gave for the rest of the run stands in the
/// place of the contract's.
enum LaneReview: Equatable {
    /// Nothing differs: nothing is written.
    case keep
    /// The lane stays and the hint in force is another: a person asked, and the table was asked with it.
    case hint(LaneChoice, LaneInputs)
    /// The run goes on in another lane.
    case change(from: Lane, LaneChoice, LaneInputs)

    /// - Parameters:
    ///   - lane: the lane that the run has.
    ///   - recorded: the inputs that it was chosen by; nil in a run of an older version.
    ///   - now: the inputs as they are now, with the contract's hint.
    ///   - asked: the hint that a person gives with this drive.
    static func decide(lane: Lane, recorded: JSON?, now: LaneInputs, asked: Lane?) -> LaneReview {
        let hint = recorded.map { $0["lane_hint"]?.stringValue.flatMap(Lane.init(rawValue:)) } ?? now.hint
        var inputs = now
        inputs.hint = asked ?? hint
        if inputs.sizeEstimate == nil {
            // A source that is gone has no other size than it had; one that never had a recorded size moves nothing.
            guard let recorded else { return .keep }
            inputs.sizeEstimate = recorded["size_estimate"]?.intValue
        }
        let choice = LaneChoice.choose(inputs)
        if choice.lane != lane { return .change(from: lane, choice, inputs) }
        return inputs.hint == hint ? .keep : .hint(choice, inputs)
    }
}
