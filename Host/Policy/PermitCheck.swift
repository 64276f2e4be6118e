public import Foundations

extension Permit {
    /// Refuses a permit for something else: the one look that every door of the host takes at a permit.
    ///
    /// - Parameter other: an action that would do as well.
    /// - Throws: `policy.denied` that names what the permit is for.
    public func require(_ needed: Action, or other: Action? = nil) throws(SluiceError) {
        guard action == needed || action == other else {
            let names = [needed, other].compactMap(\.self).map(\.rawValue).joined(separator: " or ")
            throw SluiceError(.policyDenied, "A permit for \(action.rawValue) does not allow \(names).")
        }
    }
}
