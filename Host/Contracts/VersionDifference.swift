public import Foundations

/// One pinned version in which two runs differ.
public struct VersionDifference: Sendable, Equatable {
    /// As `PinnedVersions.json` names it.
    public let name: String
    public let from: String
    public let to: String

    /// `name from → to`; hashes are shortened.
    public var words: String { "\(name) \(Self.short(from)) → \(Self.short(to))" }

    public var json: JSON { ["version": .string(name), "from": .string(from), "to": .string(to)] }

    private static func short(_ value: String) -> String {
        if value.isEmpty { return "(none)" }
        return SHA256.Digest(hex: value) == nil ? value : String(value.prefix(12))
    }
}

extension PinnedVersions {
    /// What decides whether an artifact of one run may be used in another (ROADMAP §27): the ROADMAP's own version is
    /// not among them, because a contract is refused for it before.
    private static let compared = [
        "policy_version", "dsl_version", "catalog_version", "threshold_profile_id", "threshold_profile_hash",
    ]

    /// The versions that are compared, as promotions record them.
    public var comparedJSON: JSON {
        let all = json
        return .object(Dictionary(uniqueKeysWithValues: Self.compared.map { ($0, all[$0] ?? "") }))
    }

    /// In what these versions differ from older ones; empty when artifacts may be used across.
    public func differences(from old: PinnedVersions) -> [VersionDifference] {
        let (before, now) = (old.json, json)
        return Self.compared.compactMap { name in
            let from = before[name]?.stringValue ?? ""
            let to = now[name]?.stringValue ?? ""
            return from == to ? nil : VersionDifference(name: name, from: from, to: to)
        }
    }
}
