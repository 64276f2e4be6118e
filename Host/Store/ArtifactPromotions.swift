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

    /// What its MAC is over: every column.
    func message(_ place: Int64) -> [UInt8] {
        JSON.object([
            "seq": .int(place), "artifact_hash": .string(artifactHash.hex), "from_versions": fromVersions,
            "to_versions": toVersions, "actor": .string(actor), "role": .string(role.rawValue),
            "reason": .string(reason), "timestamp_utc": .string(timestampUTC),
        ]).canonicalBytes
    }
}

extension StoreDatabase {
    /// Records a promotion. One for the same versions that is there already is left as it is.
    ///
    /// - Parameters:
    ///   - role: the one in which the permit's actor was allowed to.
    ///   - permit: for `approveDestructive`.
    /// - Returns: the promotion that stands, and whether it is new.
    /// - Throws: `artifact.missing`; `artifact.promotion` when the home holds one of the artifact that it did not make.
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
            let place = try rows("SELECT 1 + coalesce(max(seq), 0) FROM artifact_promotions") { $0.int(0) }.first ?? 1
            try change(
                """
                INSERT INTO artifact_promotions
                  (seq, artifact_hash, from_versions, to_versions, actor, role, reason, timestamp_utc, mac)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .int(place), .text(hash.hex), SQLiteValue(promotion.fromVersions),
                    SQLiteValue(promotion.toVersions),
                    .text(promotion.actor), .text(role.rawValue), .text(reason), .text(promotion.timestampUTC),
                    .blob(ledgerKeys.mac(promotion, at: place)),
                ])
            return (promotion, true)
        }
    }

    /// The promotion of an artifact to these versions; nil when there is none.
    ///
    /// - Throws: as `promotions(of:)`.
    func promotion(
        of hash: SHA256.Digest, to versions: PinnedVersions
    ) throws(SluiceError) -> ArtifactPromotion? {
        let wanted = versions.comparedJSON
        return try promotions(of: hash).first { $0.toVersions == wanted }
    }

    /// The promotions of an artifact, in the order in which they were made; each is authenticated.
    ///
    /// - Throws: `artifact.promotion` that names one which this home did not make, or not so.
    func promotions(of hash: SHA256.Digest) throws(SluiceError) -> [ArtifactPromotion] {
        try rows(
            """
            SELECT from_versions, to_versions, actor, role, reason, timestamp_utc, seq, mac FROM artifact_promotions
            WHERE artifact_hash = ? ORDER BY seq
            """, [.text(hash.hex)]
        ) { (row) throws(SluiceError) in
            guard let actor = row.text(2), let role = row.text(3).flatMap(Role.init(rawValue:)),
                let reason = row.text(4), let timestamp = row.text(5)
            else { throw malformed("a promotion") }
            let promotion = ArtifactPromotion(
                artifactHash: hash, fromVersions: try json(row, 0, "a promotion's versions"),
                toVersions: try json(row, 1, "a promotion's versions"), actor: actor, role: role, reason: reason,
                timestampUTC: timestamp)
            guard Sealing.equal(ledgerKeys.mac(promotion, at: row.int(6)), row.blob(7) ?? []) else {
                throw SluiceError(
                    .artifactPromotion,
                    """
                    The promotion of \(hash.hex.prefix(12)) by \(actor) at \(timestamp), row \(row.int(6)) of \
                    artifact_promotions, was not made by this home as it stands there.
                    """)
            }
            return promotion
        }
    }
}
