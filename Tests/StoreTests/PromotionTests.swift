import Contracts
import Foundations
import Policy
import Testing

@testable import Store

@Suite struct PromotionTests {
    private static let newer = PinnedVersions(
        policy: "p@1+def", dsl: "1.0.0", catalog: "c@2", thresholdProfile: "tp_default_v1", roadmap: "1.1.0",
        thresholdProfileHash: String(repeating: "a", count: 64))

    private func promote(
        _ store: StoreDatabase, _ hash: SHA256.Digest, to new: PinnedVersions = newer, reason: String = "why",
        _ action: Action = .approveDestructive
    ) throws -> (promotion: ArtifactPromotion, isNew: Bool) {
        try store.promote(hash, from: versions, to: new, role: .operator, reason: reason, permit: permit(action))
    }

    @Test func `is recorded once for the same versions`() throws {
        try withStore { store in
            let hash = try store.artifacts.put(makeArtifact(.mappingPlan, ["n": 1]))
            let first = try promote(store, hash)
            let second = try promote(store, hash, reason: "another")
            #expect(first.isNew && !second.isNew && first.promotion == second.promotion)
            #expect(first.promotion.actor == "ann" && first.promotion.role == .operator)
            let other = try promote(store, hash, to: versions)
            #expect(other.isNew)
            #expect(try store.promotions(of: hash) == [first.promotion, other.promotion])
            #expect(try store.promotion(of: hash, to: Self.newer) == first.promotion)
            let elsewhere = try store.artifacts.put(makeArtifact(.mappingPlan, ["n": 2]))
            #expect(try store.promotion(of: elsewhere, to: Self.newer) == nil)
        }
    }

    @Test func `is never changed, taken back or replaced`() throws {
        try withStore { store in
            let hash = try store.artifacts.put(makeArtifact(.mappingPlan, ["n": 1]))
            let known = try promote(store, hash).promotion
            let row = "artifact_hash, from_versions, to_versions, 'eve', role, 'mine', timestamp_utc, mac"
            for sql in [
                "UPDATE artifact_promotions SET actor = 'eve'", "DELETE FROM artifact_promotions",
                "INSERT OR REPLACE INTO artifact_promotions SELECT seq, \(row) FROM artifact_promotions",
                "INSERT OR REPLACE INTO artifact_promotions SELECT seq + 1, \(row) FROM artifact_promotions",
            ] {
                expectFailure("store.ledger", "append-only") { try store.change(sql) }
            }
            #expect(try store.promotions(of: hash) == [known])
        }
    }

    /// Without the triggers, as by somebody who can write the file and has no key.
    @Test(arguments: [
        "UPDATE artifact_promotions SET actor = 'eve'", "UPDATE artifact_promotions SET role = 'Admin'",
        "UPDATE artifact_promotions SET reason = 'mine'", "UPDATE artifact_promotions SET timestamp_utc = 't'",
        "UPDATE artifact_promotions SET from_versions = '{}'",
        "UPDATE artifact_promotions SET to_versions = json_set(to_versions, '$.catalog_version', 'c@3')",
        "UPDATE artifact_promotions SET seq = 7", "UPDATE artifact_promotions SET mac = x'00'",
        "UPDATE artifact_promotions SET artifact_hash = (SELECT hex FROM other)",
        """
        INSERT INTO artifact_promotions SELECT 2, hex, from_versions, to_versions, actor, role, reason, timestamp_utc,
        mac FROM artifact_promotions, other
        """,
    ])
    func `that this home did not make is refused by name`(edit: String) throws {
        try withStore { store in
            let hash = try store.artifacts.put(makeArtifact(.mappingPlan, ["n": 1]))
            let other = try store.artifacts.put(makeArtifact(.mappingPlan, ["n": 2]))
            _ = try promote(store, hash)
            for name in ["update", "delete", "replace"] {
                try store.change("DROP TRIGGER artifact_promotions_no_\(name)")
            }
            try store.change("CREATE TEMP TABLE other AS SELECT '\(other.hex)' AS hex")
            try store.change(edit)
            let subject = edit.contains("other") ? other : hash
            expectFailure("artifact.promotion", subject.hex.prefix(12).description) {
                try store.promotions(of: subject)
            }
            expectFailure("artifact.promotion", "was not made by this home") {
                try store.promotion(of: subject, to: Self.newer)
            }
            // And nothing is mended.
            expectFailure("artifact.promotion") { try promote(store, subject) }
        }
    }

    @Test func `needs an artifact and a permit`() throws {
        try withStore { store in
            let absent = makeArtifact(.mappingPlan, ["n": 1]).id
            expectFailure("artifact.missing") { try promote(store, absent) }
            let hash = try store.artifacts.put(makeArtifact(.mappingPlan, ["n": 1]))
            expectFailure("policy.denied") { try promote(store, hash, .createRun) }
            #expect(try store.promotions(of: hash).isEmpty)
        }
    }

    @Test func `a run that names an artifact needs it to be there`() throws {
        try withStore { store in
            let plan = makeArtifact(.mappingPlan, ["n": 1])
            let contract = try makeContract(plan: plan.id.hex)
            expectFailure("artifact.missing") {
                try store.createRun(contract, lane: nil, versions: versions, permit: permit(.createRun))
            }
            #expect(try !store.hasRun(contract.runID))
            try store.artifacts.put(plan)
            #expect(try store.createRun(contract, lane: nil, versions: versions, permit: permit(.createRun)).isNew)
            #expect(try store.hasRun(contract.runID))
        }
    }

    @Test func `versions differ by what an artifact rests on, not by the roadmap`() {
        let roadmap = PinnedVersions(
            policy: versions.policy, dsl: versions.dsl, catalog: versions.catalog,
            thresholdProfile: versions.thresholdProfile, roadmap: "1.2.0")
        #expect(roadmap.differences(from: versions).isEmpty)
        let differences = Self.newer.differences(from: versions)
        #expect(
            differences.map(\.words) == [
                "policy_version p@0+abc → p@1+def", "catalog_version c@1 → c@2",
                "threshold_profile_hash (none) → aaaaaaaaaaaa",
            ])
        let read = PinnedVersions(Self.newer.json)
        #expect(read == Self.newer)
    }
}
