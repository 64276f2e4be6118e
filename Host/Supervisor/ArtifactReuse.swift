internal import Contracts
public import Foundations
internal import Policy
internal import Stages
internal import Store

/// A Mapping Plan that a run may take over, and by what right.
struct PlanReuse {
    let plan: ReusedPlan
    /// The run that proves it.
    let lender: ULID
    /// Nil when a run of the same versions made it.
    let promotion: ArtifactPromotion?

    /// Looks at the right once more, inside the transaction that records who takes the plan over.
    ///
    /// - Parameter permit: for `viewArtifactsMasked`.
    /// - Throws: `artifact.reuse`, `artifact.version`, `artifact.promotion`; `gate.evidence` and its like.
    func requireStill(
        _ found: VerifiedRun, of contract: RunContract, _ versions: PinnedVersions, in store: StoreDatabase,
        permit: Permit
    ) throws(SluiceError) {
        let now = try PlanLender(found, plan: plan.id)
        if versions.differences(from: now.versions).isEmpty { return }
        guard try store.promotion(of: plan.id, to: versions, permit: permit) != nil else {
            throw RunService.unpromoted(plan.id, contract, versions, made: now.versions)
        }
    }

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
    /// - Throws: `artifact.missing`, `artifact.corrupt`; `artifact.reuse` when it is none, or no run's ledger proves that it
    ///   passed its gate; `artifact.version` when it is of other versions and was not promoted; `artifact.promotion`.
    func reuse(_ contract: RunContract, _ versions: PinnedVersions) throws(SluiceError) -> PlanReuse? {
        guard let hash = contract.mappingPlan else { return nil }
        let (plan, lender) = try acceptedPlan(hash, for: versions)
        if versions.differences(from: lender.versions).isEmpty {
            return PlanReuse(plan: plan, lender: lender.run, promotion: nil)
        }
        guard let promotion = try store.promotion(of: hash, to: versions, permit: viewing()) else {
            throw Self.unpromoted(hash, contract, versions, made: lender.versions)
        }
        return PlanReuse(plan: plan, lender: lender.run, promotion: promotion)
    }

    fileprivate static func unpromoted(
        _ hash: SHA256.Digest, _ contract: RunContract, _ versions: PinnedVersions, made: PinnedVersions
    ) -> SluiceError {
        let thresholds =
            contract.thresholdProfileID == Shorthand.defaultThresholds
            ? "" : " --thresholds \(contract.thresholdProfileID)"
        let short = hash.hex.prefix(12)
        return SluiceError(
            .artifactVersion,
            "The Mapping Plan \(short) was made under other versions: "
                + versions.differences(from: made).map(\.words).joined(separator: "; ") + ".",
            hint: "Look at what changed, then run `sluice artifacts promote \(short) --reason WHY\(thresholds)`.")
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

    /// A Mapping Plan, and a run of this home whose ledger proves that its Mapping gate accepted it: one of these
    /// versions where there is one, else the newest.
    ///
    /// The store's tables only say where to look. A run that does not hold lends nothing, and is named when none does.
    private func acceptedPlan(
        _ hash: SHA256.Digest, for versions: PinnedVersions
    ) throws(SluiceError) -> (plan: ReusedPlan, lender: PlanLender) {
        let permit = try viewing()
        let plan = try ReusedPlan(hash, body: try store.artifacts.body(hash, permit: permit))
        var newest: PlanLender?
        var refused: [(run: ULID, why: SluiceError)] = []
        for reference in try store.references(to: hash, permit: permit).reversed() {
            let lender: PlanLender
            do throws(SluiceError) {
                lender = try PlanLender(try store.verifiedRun(reference.runID, permit: permit), plan: hash)
            } catch {
                refused.append((reference.runID, error))
                continue
            }
            if versions.differences(from: lender.versions).isEmpty { return (plan, lender) }
            if newest == nil { newest = lender }
        }
        if let newest { return (plan, newest) }
        guard let first = refused.first else {
            throw SluiceError(
                .artifactReuse, "No run of this home has the Mapping Plan \(hash.hex.prefix(12)) any more.",
                hint: "Name the mapping_plan of a run whose Mapping gate was accepted; see `sluice artifacts RUN`.")
        }
        let others = refused.count == 1 ? "" : " Nor does any of \(refused.count - 1) other runs that have it."
        throw SluiceError(
            .artifactReuse, "No run proves the Mapping Plan \(hash.hex.prefix(12)): \(first.why.message)\(others)",
            hint: "If it is right, run `sluice decide \(first.run) mapping accept` while that run is held there, "
                + "or name another plan; `sluice show \(first.run)` says what its ledger proves.")
    }

    // MARK: Promotion

    /// Takes responsibility for using a Mapping Plan under the present versions: checks it, and records who said so.
    ///
    /// - Parameters:
    ///   - prefix: of its hash.
    ///   - reason: kept as that of a decision is; not blank.
    ///   - thresholds: the profile of the runs that will use it.
    /// - Returns: `{hash, status, differences, promotion}`, where the status is `promoted`, `already_promoted`, or
    ///   `nothing_to_promote` when a run of the same versions made it.
    public func promoteArtifact(_ prefix: String, reason: String, thresholds: String) throws(SluiceError) -> JSON {
        let reason = try Self.promotionReason(reason)
        let permit = try permit(.approveDestructive)
        let hash = try store.artifacts.find(prefix: prefix, permit: viewing())
        let profile = try registry.thresholds(thresholds)
        let versions = PinnedVersions(
            policy: try engine.manifest.reference, dsl: Versions.dsl, catalog: registry.domains.reference,
            thresholdProfile: thresholds, roadmap: Versions.roadmap,
            thresholdProfileHash: profile.json.canonicalHash.hex)
        let (plan, lender) = try acceptedPlan(hash, for: versions)
        let from = lender.versions
        if versions.differences(from: from).isEmpty { return Self.answer(hash, "nothing_to_promote", [], nil) }
        try plan.requireCurrent(
            registry, artifacts: store.artifacts,
            permit: try viewing())
        let (promotion, isNew) = try store.promote(
            hash, from: from, to: versions, role: caller.role, reason: reason, permit: permit)
        return Self.answer(
            hash, isNew ? "promoted" : "already_promoted", versions.differences(from: from), promotion)
    }

    /// A promotion's reason as it is kept: one line of plain text that says something.
    ///
    /// - Throws: `usage`.
    public static func promotionReason(_ reason: String) throws(SluiceError) -> String {
        let kept = try Self.kept(reason: reason)
        guard kept.contains(where: { !$0.isWhitespace }) else {
            throw SluiceError(
                .usage, "--reason is missing: say why the artifact still holds under the present versions.",
                hint: "See `sluice help artifacts promote`.")
        }
        return kept
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
    /// Where what the home keeps of a run does not hold, it may hide what the run needs: then nothing is deleted.
    ///
    /// - Throws: `gate.evidence` and its like; as `StoreDatabase.collectArtifacts`.
    /// - Returns: `{dry_run, grace_hours, kept, young, deleted, left_overs, bytes_freed, damaged, hashes}`; the hashes are
    ///   those that were deleted.
    public func collectArtifacts(graceHours: Int64, dryRun: Bool) throws(SluiceError) -> JSON {
        let permit = try permit(dryRun ? .viewArtifactsMasked : .approveDestructive)
        try requireEvidence()
        let found = try store.collectArtifacts(grace: graceHours * 3_600_000, dryRun: dryRun, permit: permit)
        return [
            "dry_run": .bool(found.isDryRun), "grace_hours": .int(graceHours), "kept": JSON(found.kept),
            "young": JSON(found.young), "deleted": JSON(found.deleted.count), "left_overs": JSON(found.leftOvers),
            "bytes_freed": .int(found.bytesFreed), "damaged": JSON(found.damaged.map(\.hex)),
            "hashes": JSON(found.deleted.map(\.hex)),
        ]
    }
    /// Of every run of the home. Of one whose ledger retention has shortened, the ledger alone must hold.
    private func requireEvidence() throws(SluiceError) {
        let permit = try viewing()
        for run in try store.runIDs(permit: permit) {
            do throws(SluiceError) {
                let found = try store.verifiedRun(run, permit: permit)
                if found.dropped == 0 { _ = try GateEvidence(of: found) }
            } catch {
                let kind = ErrorKind.all.first { $0.id == error.detail } ?? .gateEvidence
                throw SluiceError(
                    kind, error.message + " It may hide what the run needs: nothing was deleted.", hint: error.hint)
            }
        }
    }
}
