internal import Contracts
internal import Foundations
internal import Policy
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

    init(_ store: StoreDatabase, shipped: PolicyManifest) {
        var history: [PolicyAct] = []
        var manifest = shipped
        do throws(SluiceError) {
            history = try store.policyHistory()
            if let last = history.last { manifest = try PolicyManifest(last.manifest) }
            if let found = try store.settlePolicy(history, shipped: shipped) {
                fault = Self.untracked(found, manifest, store.home.policyPath)
            } else {
                fault = nil
            }
        } catch {
            fault = error
        }
        self.history = history
        self.manifest = manifest
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
            if let fault = policy.fault { throw fault }
            return PolicyEngine(manifest: policy.manifest)
        }
    }
}
