internal import Contracts
public import Foundations
internal import Policy
internal import Stages
internal import Store

/// A Mapping Plan that a run may take over, and by what right.
struct PlanReuse {
    let plan: ReusedPlan
    /// Nil when a run of the same versions made it.
    let promotion: ArtifactPromotion?

    /// The target, which may be busy now and free when its turn comes.
    func require(target location: DataLocation) throws(SluiceError) {
        do { try plan.require(target: location) } catch {
            guard error.detail == ErrorKind.targetBusy.id else { throw error }
        }
    }
}

/// Artifacts across runs: what may be reused, what is promoted, what is deleted (ROADMAP §27).
extension RunService {
    /// Whether the Mapping Plan that a contract names may be used under these versions; nil when it names none.
    ///
    /// - Throws: `artifact.missing`, `artifact.corrupt`; `artifact.reuse` when it is none or its gate was not accepted;
    ///   `artifact.version` when it is of other versions and was not promoted.
    func reuse(_ contract: RunContract, _ versions: PinnedVersions) throws(SluiceError) -> PlanReuse? {
        guard let hash = contract.mappingPlan else { return nil }
        let (plan, accepted) = try acceptedPlan(hash)
        let made = try accepted.map { run throws(SluiceError) in try Self.versions(of: run) }
        if made.contains(where: { versions.differences(from: $0).isEmpty }) {
            return PlanReuse(plan: plan, promotion: nil)
        }
        if let promotion = try store.promotion(of: hash, to: versions) {
            return PlanReuse(plan: plan, promotion: promotion)
        }
        let differences = made.last.map { versions.differences(from: $0) } ?? []
        let thresholds =
            contract.thresholdProfileID == Shorthand(lhs: "", rhs: "").thresholds
            ? "" : " --thresholds \(contract.thresholdProfileID)"
        throw SluiceError(
            .artifactVersion,
            "The Mapping Plan \(hash.hex.prefix(12)) was made under other versions: "
                + differences.map(\.words).joined(separator: "; ") + ".",
            hint:
                "Look at what changed, then run `sluice artifacts promote \(hash.hex.prefix(12)) --reason WHY\(thresholds)`."
        )
    }

    /// What `policy check` says of the Mapping Plan that a contract names.
    func reuseDecision(_ contract: RunContract) -> (decision: JSON, isAllowed: Bool) {
        do throws(SluiceError) {
            let promotion = try reuse(contract, try versions(of: contract))?.promotion
            let rule = promotion.map { "versions: promoted by \($0.actor) (\($0.role.rawValue)): \($0.reason)" }
            return (
                [
                    "action": "reuse_mapping_plan", "allowed": true,
                    "rule": .string(rule ?? "versions: a run of the same versions made it"),
                ], true
            )
        } catch {
            return (
                [
                    "action": "reuse_mapping_plan", "allowed": false, "rule": .string(error.message),
                    "hint": .string(error.hint),
                ], false
            )
        }
    }

    /// A Mapping Plan, and the runs of this home that have it and whose Mapping gate accepted it, oldest first.
    private func acceptedPlan(
        _ hash: SHA256.Digest
    ) throws(SluiceError) -> (plan: ReusedPlan, runs: [ArtifactReference]) {
        let permit = try engine.permit(PolicyEngine.Request(actor: caller, action: .viewArtifactsMasked))
        let plan = try ReusedPlan(hash, body: try store.artifacts.body(hash, permit: permit))
        let runs = try store.references(to: hash)
        var accepted: [ArtifactReference] = []
        for run in runs {
            // A person's last word goes before what the thresholds said.
            let word = try store.gateDecisions(run.runID).last { $0.stage == .mapping && $0.artifactHash == hash }
            if (word?.decision ?? plan.decision) == .accept { accepted.append(run) }
        }
        guard !accepted.isEmpty else {
            let short = hash.hex.prefix(12)
            guard let last = runs.last else {
                throw SluiceError(
                    .artifactReuse, "No run of this home has the Mapping Plan \(short) any more.",
                    hint: "Name the mapping_plan of a run whose Mapping gate was accepted; see `sluice artifacts RUN`.")
            }
            throw SluiceError(
                .artifactReuse,
                "The Mapping Plan \(short) was not accepted at the Mapping gate of run \(last.runID).",
                hint: "If it is right, run `sluice decide \(last.runID) mapping accept` while that run is held there, "
                    + "or name another plan.")
        }
        return (plan, accepted)
    }

    private static func versions(of reference: ArtifactReference) throws(SluiceError) -> PinnedVersions {
        guard let versions = reference.envelope["versions"].flatMap({ PinnedVersions($0) }) else {
            throw SluiceError(
                .storeFailed, "An envelope of the artifact \(reference.hash) names no versions.",
                hint: "Keep the home as it is and restore a backup elsewhere.")
        }
        return versions
    }

    // MARK: Promotion

    /// Takes responsibility for using a Mapping Plan under the present versions: checks it, and records who said so.
    ///
    /// - Parameters:
    ///   - prefix: of its hash.
    ///   - thresholds: the profile of the runs that will use it.
    /// - Returns: `{hash, status, differences, promotion}`, where the status is `promoted`, `already_promoted`, or
    ///   `nothing_to_promote` when a run of the same versions made it.
    public func promoteArtifact(_ prefix: String, reason: String, thresholds: String) throws(SluiceError) -> JSON {
        let permit = try engine.permit(PolicyEngine.Request(actor: caller, action: .approveDestructive))
        let hash = try store.artifacts.find(prefix: prefix)
        let (plan, accepted) = try acceptedPlan(hash)
        let profile = try registry.thresholds(thresholds)
        let versions = PinnedVersions(
            policy: engine.manifest.reference, dsl: Versions.dsl, catalog: registry.domains.reference,
            thresholdProfile: thresholds, roadmap: Versions.roadmap,
            thresholdProfileHash: profile.json.canonicalHash.hex)
        let made = try accepted.map { run throws(SluiceError) in try Self.versions(of: run) }
        // `acceptedPlan` gives one run at least.
        guard let from = made.last, !made.contains(where: { versions.differences(from: $0).isEmpty }) else {
            return Self.answer(hash, "nothing_to_promote", [], nil)
        }
        try plan.requireCurrent(
            registry, artifacts: store.artifacts,
            permit: try engine.permit(PolicyEngine.Request(actor: caller, action: .viewArtifactsMasked)))
        let (promotion, isNew) = try store.promote(
            hash, from: from, to: versions, role: caller.role, reason: reason, permit: permit)
        return Self.answer(
            hash, isNew ? "promoted" : "already_promoted", versions.differences(from: from), promotion)
    }

    private static func answer(
        _ hash: SHA256.Digest, _ status: String, _ differences: [VersionDifference], _ promotion: ArtifactPromotion?
    ) -> JSON {
        [
            "hash": .string(hash.hex), "status": .string(status),
            "differences": .array(differences.map(\.json)), "promotion": promotion?.json ?? .null,
        ]
    }

    // MARK: Garbage collection

    /// Deletes artifacts that nothing refers to and that are older than so many hours.
    ///
    /// - Returns: `{dry_run, grace_hours, kept, young, deleted, left_overs, bytes_freed, damaged, hashes}`; the hashes are
    ///   those that were deleted.
    public func collectArtifacts(graceHours: Int64, dryRun: Bool) throws(SluiceError) -> JSON {
        let permit = try engine.permit(
            PolicyEngine.Request(actor: caller, action: dryRun ? .viewArtifactsMasked : .approveDestructive))
        let found = try store.collectArtifacts(grace: graceHours * 3_600_000, dryRun: dryRun, permit: permit)
        return [
            "dry_run": .bool(found.isDryRun), "grace_hours": .int(graceHours), "kept": JSON(found.kept),
            "young": JSON(found.young), "deleted": JSON(found.deleted.count), "left_overs": JSON(found.leftOvers),
            "bytes_freed": .int(found.bytesFreed), "damaged": JSON(found.damaged.map(\.hex)),
            "hashes": JSON(found.deleted.map(\.hex)),
        ]
    }
}
