public import Contracts
internal import Databases
public import Foundations
public import Policy

/// Somebody's word that an artifact may be used under other versions than it was made under (ROADMAP §27).
public struct ArtifactPromotion: Sendable, Equatable {
    public let artifactHash: SHA256.Digest
    /// `PinnedVersions.comparedJSON` of a run that made it.
    public let fromVersions: JSON
    /// The same, of the runs that may use it.
    public let toVersions: JSON
    /// The actor's id.
    public let actor: String
    /// The role in which the actor promoted.
    public let role: Role
    public let reason: String
    /// RFC 3339, UTC, milliseconds.
    public let timestampUTC: String

    /// `{from_versions, to_versions, actor, role, reason, timestamp_utc}`.
    public var json: JSON {
        [
            "from_versions": fromVersions, "to_versions": toVersions, "actor": .string(actor),
            "role": .string(role.rawValue), "reason": .string(reason), "timestamp_utc": .string(timestampUTC),
        ]
    }
}

extension StoreDatabase {
    /// Records a promotion. One for the same versions that is there already is left as it is.
    ///
    /// - Parameters:
    ///   - role: the one in which the permit's actor was allowed to.
    ///   - permit: for `approveDestructive`.
    /// - Returns: the promotion that stands, and whether it is new.
    /// - Throws: `artifact.missing`.
    public func promote(
        _ hash: SHA256.Digest, from old: PinnedVersions, to new: PinnedVersions, role: Role, reason: String,
        permit: Permit
    ) throws(SluiceError) -> (promotion: ArtifactPromotion, isNew: Bool) {
        try permit.require(.approveDestructive)
        return try write(.promoteArtifact) { () throws(SluiceError) in
            if let known = try promotion(of: hash, to: new) { return (known, false) }
            // From here on the promotion refers to it, and garbage collection leaves it.
            try artifacts.require(hash)
            let promotion = ArtifactPromotion(
                artifactHash: hash, fromVersions: old.comparedJSON, toVersions: new.comparedJSON, actor: permit.actor,
                role: role, reason: reason, timestampUTC: timestamp)
            try change(
                """
                INSERT INTO artifact_promotions
                  (artifact_hash, from_versions, to_versions, actor, role, reason, timestamp_utc)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(hash.hex), SQLiteValue(promotion.fromVersions), SQLiteValue(promotion.toVersions),
                    .text(promotion.actor), .text(role.rawValue), .text(reason), .text(promotion.timestampUTC),
                ])
            return (promotion, true)
        }
    }

    /// The promotion of an artifact to these versions; nil when there is none.
    public func promotion(
        of hash: SHA256.Digest, to versions: PinnedVersions
    ) throws(SluiceError) -> ArtifactPromotion? {
        let wanted = versions.comparedJSON
        return try promotions(of: hash).first { $0.toVersions == wanted }
    }

    /// The promotions of an artifact, in the order in which they were made.
    public func promotions(of hash: SHA256.Digest) throws(SluiceError) -> [ArtifactPromotion] {
        try rows(
            """
            SELECT from_versions, to_versions, actor, role, reason, timestamp_utc FROM artifact_promotions
            WHERE artifact_hash = ? ORDER BY seq
            """, [.text(hash.hex)]
        ) { (row) throws(SluiceError) in
            guard let actor = row.text(2), let role = row.text(3).flatMap(Role.init(rawValue:)),
                let reason = row.text(4), let timestamp = row.text(5)
            else { throw malformed("a promotion") }
            return ArtifactPromotion(
                artifactHash: hash, fromVersions: try json(row, 0, "a promotion's versions"),
                toVersions: try json(row, 1, "a promotion's versions"), actor: actor, role: role, reason: reason,
                timestampUTC: timestamp)
        }
    }
}
