internal import Contracts
public import Foundations
internal import Policy
internal import Stages
internal import Store

/// The versions of the home's policy: which one is in force, who made it, and another one (docs/policy.md).
///
/// These calls go on while the policy file is in doubt: they are how that is mended. Rights are those of the version that
/// the ledger has.
extension RunService {
    /// A version of the policy.
    ///
    /// - Parameter version: its `policy_version`, or the beginning of a reference; the one in force when nil.
    /// - Returns: `{"policy_version":ID@VERSION+HASH,"version","origin":"shipped"|"home","number","active","manifest",
    ///   "file"?,"error"?}`.
    /// - Throws: `policy.version` when there is none of that name.
    public func policyShow(_ version: String?) throws(SluiceError) -> JSON {
        try require(.viewArtifactsMasked)
        let known = try version.map { name throws(SluiceError) in try policyVersion(name) }
        let manifest = known?.manifest ?? policy.manifest
        let number = known?.number ?? policy.number
        return .members([
            "policy_version": .string(manifest.reference), "version": .string(manifest.version),
            "origin": number == 0 ? "shipped" : "home", "number": .int(number),
            "active": .bool(manifest.reference == policy.manifest.reference), "manifest": manifest.json,
            "file": policy.number == 0 ? nil : .string(store.home.policyPath), "error": policy.fault?.json,
        ])
    }

    /// `{"active":REFERENCE,"versions":[{number,act,policy_version,reference,…}],"error"?}`: the one that ships first.
    public func policyHistory() throws(SluiceError) -> JSON {
        try require(.viewArtifactsMasked)
        let shipped: JSON = [
            "number": 0, "act": "shipped", "policy_version": .string(registry.policy.version),
            "reference": .string(registry.policy.reference),
        ]
        return .members([
            "active": .string(policy.manifest.reference),
            "versions": .array([shipped] + policy.history.map(\.json)), "error": policy.fault?.json,
        ])
    }

    /// Puts another version of the policy in force, whole or not at all.
    ///
    /// - Parameters:
    ///   - document: the manifest; its `policy_version` is above that of the version in force.
    ///   - reason: kept as that of a decision is.
    /// - Returns: `{"status":"edited"|"restored"|"unchanged","policy_version","previous","number","diff","file"}`.
    /// - Throws: `policy.denied`; `policy.manifest` for one that is malformed, or under which nobody could edit it any
    ///   more; `policy.version`. The version in force is what it was then.
    public func editPolicy(_ document: JSON, reason: String) throws(SluiceError) -> JSON {
        let permit = try require(.editPolicyManifest)
        let reason = try Self.kept(reason: reason)
        let manifest: PolicyManifest
        do throws(SluiceError) { manifest = try PolicyManifest(document) } catch {
            throw SluiceError(
                .policyManifest, error.message,
                hint: "Mend the places named and try again; \(policy.manifest.reference) is in force as before.")
        }
        guard manifest.reference != policy.manifest.reference else { return try restorePolicy(reason, permit) }
        try requireWayBack(from: manifest)
        let now = try PolicyNumber(policy.manifest)
        let next = try PolicyNumber(manifest)
        guard now < next else {
            throw SluiceError(
                .policyVersion,
                "The policy_version \(manifest.version) is not above \(policy.manifest.version), which is in force.",
                hint: "Set policy_version to \(try now.next) or higher.")
        }
        // Nothing could come behind it.
        _ = try next.next
        return try recordPolicy(.edited, manifest, ["reason": .string(reason)], permit)
    }

    /// Puts an earlier version in force again, under a number above the present one; or brings the file of the version in
    /// force back.
    ///
    /// - Parameter version: as of `policyShow`.
    /// - Returns: as `editPolicy`, with the status `reverted`.
    public func revertPolicy(_ version: String, reason: String) throws(SluiceError) -> JSON {
        let permit = try require(.editPolicyManifest)
        let reason = try Self.kept(reason: reason)
        let known = try policyVersion(version)
        guard known.manifest.reference != policy.manifest.reference else { return try restorePolicy(reason, permit) }
        guard case .object(var members) = known.manifest.json else { return .null }
        members["policy_version"] = .string(try PolicyNumber(policy.manifest).next)
        let manifest = try PolicyManifest(.object(members))
        try requireWayBack(from: manifest)
        return try recordPolicy(
            .reverted, manifest,
            ["reason": .string(reason), "reverted_to": .string(known.manifest.reference)], permit)
    }

    // MARK: Steps

    /// By the version that the ledger has, whatever the file says: for what mends the policy, looks or halts.
    ///
    /// - Throws: what is wrong with the record, when it is not believed.
    @discardableResult
    func require(_ action: Action) throws(SluiceError) -> Permit {
        try refreshPolicy()
        if !policy.isVerified, let fault = policy.fault { throw fault }
        return try PolicyEngine(manifest: policy.manifest).permit(PolicyEngine.Request(actor: caller, action: action))
    }

    /// Whoever owns the home is an Admin in it, and must be able to change the policy again.
    private func requireWayBack(from manifest: PolicyManifest) throws(SluiceError) {
        guard manifest.rights[.admin]?.contains(Action.editPolicyManifest.rawValue) == true else {
            throw SluiceError(
                .policyManifest,
                "/rbac/Admin: an Admin may not edit_policy_manifest; the owner of the home could not change the policy "
                    + "any more.",
                hint: "Give that right to Admin. \(policy.manifest.reference) is in force as before.")
        }
    }

    /// The newest version of a name.
    func policyVersion(_ name: String) throws(SluiceError) -> (manifest: PolicyManifest, number: Int64) {
        for act in policy.history.reversed() where act.version == name || Self.isMeant(act.reference, by: name) {
            return (try PolicyManifest(act.manifest), act.number)
        }
        let shipped = registry.policy
        guard shipped.version == name || Self.isMeant(shipped.reference, by: name) else {
            let known = ([shipped.version] + policy.history.map(\.version)).suffix(10).joined(separator: ", ")
            throw SluiceError(
                .policyVersion, "There is no version \(name.prefix(80)) of the policy in this home.",
                hint: "Known are \(known); see `sluice policy history`.")
        }
        return (shipped, 0)
    }

    private static func isMeant(_ reference: String, by name: String) -> Bool {
        name.utf8.count >= 8 && reference.hasPrefix(name)
    }

    /// What is asked for is in force: the file may not be what it was.
    private func restorePolicy(_ reason: String, _ permit: Permit) throws(SluiceError) -> JSON {
        guard let fault = policy.fault else {
            return policyAnswer("unchanged", policy.manifest, policy.manifest, changes: [])
        }
        guard fault.detail == ErrorKind.policyUntracked.id else { throw fault }
        return try recordPolicy(
            .restored, policy.manifest, ["reason": .string(reason), "found": .string(fault.message)], permit)
    }

    private func recordPolicy(
        _ kind: PolicyAct.Kind, _ manifest: PolicyManifest, _ details: [String: JSON], _ permit: Permit
    ) throws(SluiceError) -> JSON {
        let before = policy.manifest
        let changes = JSONDifference.changes(from: before.json, to: manifest.json)
        var details = details
        details["diff"] = .array(changes.map(\.json))
        _ = try store.recordPolicy(
            PolicyChange(kind, to: manifest, previous: before.reference, details: .object(details)),
            after: policy.number, role: caller.role, permit: permit)
        policy = ActivePolicy(store, shipped: registry.policy)
        return policyAnswer(kind.rawValue, manifest, before, changes: changes)
    }

    private func policyAnswer(
        _ status: String, _ manifest: PolicyManifest, _ before: PolicyManifest, changes: [JSONChange]
    ) -> JSON {
        [
            "status": .string(status), "policy_version": .string(manifest.reference),
            "previous": .string(before.reference), "number": .int(policy.number),
            "diff": .array(changes.map(\.json)), "file": .string(store.home.policyPath),
        ]
    }
}

/// A `policy_version` that can be counted up: three numbers, as in SemVer 2.0.0 without what follows them.
private struct PolicyNumber: Comparable {
    let parts: [Int64]

    init(_ manifest: PolicyManifest) throws(SluiceError) {
        let words = manifest.version.split(separator: ".", omittingEmptySubsequences: false)
        parts = words.compactMap { word in
            (1...9).contains(word.utf8.count) && word.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int64(word) : nil
        }
        guard words.count == 3, parts.count == 3 else {
            throw SluiceError(
                .policyVersion, "The policy_version “\(manifest.version.prefix(80))” is not three numbers.",
                hint: "Write it as MAJOR.MINOR.PATCH, such as 1.2.0.")
        }
    }

    static func < (a: PolicyNumber, b: PolicyNumber) -> Bool { a.parts.lexicographicallyPrecedes(b.parts) }

    private static let most: Int64 = 999_999_999

    /// With the last number one higher, or one before it where that has no more digits.
    ///
    /// - Throws: `policy.version` when there is none.
    var next: String {
        get throws(SluiceError) {
            guard let place = parts.lastIndex(where: { $0 < Self.most }) else {
                throw SluiceError(
                    .policyVersion, "No policy_version is above \(parts[0]).\(parts[1]).\(parts[2]).",
                    hint: "Choose a lower one, so that the policy can be changed again.")
            }
            var next = parts
            next[place] += 1
            for behind in next.indices where behind > place { next[behind] = 0 }
            return "\(next[0]).\(next[1]).\(next[2])"
        }
    }
}
