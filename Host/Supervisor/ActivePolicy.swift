internal import Contracts
internal import Foundations
internal import Policy
internal import Stages
internal import Store

/// The version of the policy that a home has in force: the last one of its ledger, or the one that ships.
struct ActivePolicy {
    let manifest: PolicyManifest
    /// Every version that somebody made in this home, oldest first.
    let history: [PolicyAct]
    /// Why nothing runs under it; nil when all is well. The commands that mend the policy go on.
    let fault: SluiceError?

    /// The number of the newest act; 0 before the first.
    var number: Int64 { history.last?.number ?? 0 }

    /// Whether `manifest` is what the record has; else nothing is known of the version in force.
    let isVerified: Bool

    init(_ store: StoreDatabase, shipped: PolicyManifest) {
        var history: [PolicyAct] = []
        var manifest = shipped
        var isVerified = false
        do throws(SluiceError) {
            history = try store.policyHistory()
            manifest = try history.last.map { last throws(SluiceError) in try PolicyManifest(last.manifest) } ?? shipped
            isVerified = true
            let number = history.count
            let found = try store.settlePolicy(&history, shipped: shipped)
            if history.count != number, let last = history.last {
                isVerified = false
                manifest = try PolicyManifest(last.manifest)
                isVerified = true
            }
            fault = found.map { Self.untracked($0, manifest, store.home.policyPath) }
        } catch {
            fault = error
        }
        self.history = history
        self.manifest = manifest
        self.isVerified = isVerified
    }

    private static func untracked(_ found: SHA256.Digest, _ manifest: PolicyManifest, _ path: String) -> SluiceError {
        let isGone = found == SHA256.hash([])
        let restore = "`sluice policy revert \(manifest.version)` brings back \(manifest.reference), which is in force"
        return SluiceError(
            .policyUntracked,
            isGone
                ? "The policy file \(path) is gone, and nobody recorded that."
                : "The policy file \(path) was changed by something else than `sluice policy edit`.",
            hint: isGone
                ? restore + "."
                : "If the change is wanted, copy the file and run `sluice policy edit COPY`; " + restore + ".")
    }
}

extension RunService {
    /// The engine over the version in force.
    ///
    /// - Throws: `policy.untracked` and its like: nothing is permitted while the home's policy is in doubt.
    var engine: PolicyEngine {
        get throws(SluiceError) {
            try refreshPolicy()
            if let fault = policy.fault { throw fault }
            return PolicyEngine(manifest: policy.manifest)
        }
    }

    /// Somebody else may have changed the policy since this object looked.
    func refreshPolicy() throws(SluiceError) {
        guard try store.policyNumber() != policy.number else { return }
        policy = ActivePolicy(store, shipped: registry.policy)
    }
}
