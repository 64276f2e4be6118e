internal import Contracts
internal import Foundations
internal import Store

/// What a run's ledger proves of its Mapping Plan: whether other runs may take it over.
extension GateEvidence {
    /// Why the ledger does not prove that this very plan passed the Mapping gate and was not rejected; nil when it does.
    func refusal(ofPlan plan: SHA256.Digest) -> String? {
        // Of events that name no kinds: all that Mapping made, which is the plan.
        let made =
            artifacts[ArtifactKind.mappingPlan.rawValue] == plan.hex
            || artifacts[Stage.mapping.rawValue] == JSON([plan.hex]).canonicalHash.hex
        guard made else { return "its ledger names another Mapping Plan than this one" }
        if let rejection {
            return
                "\(rejection.actor ?? "somebody") rejected it at \(rejection.stage.rawValue) (event \(rejection.number))"
        }
        // A `fix` sends the run back to Mapping, or holds it there.
        let isPast = state == .done || (state.stage.map { $0 > .mapping } ?? false)
        return isPast ? nil : "it was not accepted at the Mapping gate: its ledger proves \(Self.words(state))"
    }

    /// The versions that a run was created with, as its first event has them.
    ///
    /// An event of a version that recorded only three of them leaves the others empty: those differ from any.
    static func createdVersions(of run: VerifiedRun) -> PinnedVersions? {
        guard let created = run.events.first(where: { $0.event.note["event"]?.stringValue == "run_created" })?.event
        else { return nil }
        if let noted = created.note["versions"] { return PinnedVersions(noted) }
        return PinnedVersions(
            policy: created.policyVersion, dsl: created.dslVersion, catalog: "",
            thresholdProfile: created.thresholdProfileID, roadmap: "")
    }
}

/// A run that proves by its ledger that a Mapping Plan passed its gate.
struct PlanLender: Equatable {
    let run: ULID
    /// Those that the plan was made under, as its ledger has them.
    let versions: PinnedVersions

    /// - Throws: `artifact.reuse` that says why the run does not lend this plan; `gate.evidence` and its like when what
    ///   the home keeps of the run does not hold.
    init(_ run: VerifiedRun, plan: SHA256.Digest) throws(SluiceError) {
        let id = run.record.runID
        func refused(_ why: String) -> SluiceError {
            SluiceError(
                .artifactReuse, "The Mapping Plan \(plan.hex.prefix(12)) of run \(id) cannot be reused: \(why).")
        }
        guard run.dropped == 0 else { throw refused("retention dropped a part of its ledger") }
        let evidence = try GateEvidence(of: run)
        if let why = evidence.refusal(ofPlan: plan) { throw refused(why) }
        guard let versions = GateEvidence.createdVersions(of: run) else {
            throw refused("its ledger names no versions")
        }
        self.run = id
        self.versions = versions
    }
}
