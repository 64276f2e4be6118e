internal import Contracts
internal import Foundations
internal import Policy

/// Where the caller's permits come from: every door of the store and of the plugins asks for one.
extension RunService {
    /// The proof that the caller may do something, by the policy in force.
    ///
    /// - Parameter reason: the caller's, for the actions that need one.
    /// - Throws: `policy.denied` with the rule that decided.
    func permit(_ action: Action, mode: Mode? = nil, reason: String? = nil) throws(SluiceError) -> Permit {
        try engine.permit(
            PolicyEngine.Request(
                actor: caller, action: action, mode: mode, flags: PolicyEngine.Flags(reason: reason)))
    }

    /// For looking at what runs left, all of it masked; also while the policy file is in doubt.
    func viewing() throws(SluiceError) -> Permit { try require(.viewArtifactsMasked) }

    /// For taking something away from plugins or runs; also while the policy file is in doubt.
    func halting(_ action: Action) throws(SluiceError) -> Permit { try require(action) }

    /// The permit under which a decision at a stage's gate is recorded: rows are written behind that of Migration.
    func deciding(_ stage: Stage, mode: Mode? = nil) throws(SluiceError) -> Permit {
        try permit(stage == .migration ? .approveDestructive : .createRun, mode: mode)
    }
}
