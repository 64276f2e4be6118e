public import Contracts
internal import Databases
public import Foundations
public import Policy

/// What somebody did to the plugins of a home, or to the keys that it trusts.
public struct PluginAct: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        case installed, upgraded, downgraded, reinstalled, enabled, disabled, removed
        case trusted, revoked
        /// The file has what it had before the act that was recorded last: that one was cut off before the file was
        /// written, or the file was restored from a backup.
        case abandoned
        /// The file was changed by something else than this program.
        case foundChanged = "found_changed"
    }

    /// Which file it changes.
    public enum Target: String, Sendable {
        case lock, keys
    }

    public let kind: Kind
    public let target: Target
    public let plugin: String?
    public let version: String?
    public let manifestHash: SHA256.Digest?
    public let key: String?
    /// SHA-256 of the file that it leaves.
    public let stateHash: SHA256.Digest
    public let details: JSON

    public init(
        _ kind: Kind, target: Target, plugin: String? = nil, version: String? = nil,
        manifestHash: SHA256.Digest? = nil, key: String? = nil, stateHash: SHA256.Digest, details: JSON = [:]
    ) {
        self.kind = kind
        self.target = target
        self.plugin = plugin
        self.version = version
        self.manifestHash = manifestHash
        self.key = key
        self.stateHash = stateHash
        self.details = details
    }
}

extension StoreDatabase {
    /// Records an act before its file is written.
    ///
    /// - Parameters:
    ///   - role: the one in which the permit's actor was allowed to.
    ///   - permit: for `manageProviderRegistry`.
    public func record(_ act: PluginAct, role: Role, permit: Permit) throws(SluiceError) {
        try permit.require(.manageProviderRegistry)
        try write(.pluginAct) { () throws(SluiceError) in try insert(act, role: role, actor: permit.actor) }
    }

    /// Notes when the newest act on a file never came to its end, or the file was changed by something else.
    ///
    /// - Parameter state: SHA-256 of the file as it is now.
    public func reconcile(
        _ target: PluginAct.Target, state: SHA256.Digest, role: Role, permit: Permit
    ) throws(SluiceError) {
        try permit.require(.manageProviderRegistry)
        try write { () throws(SluiceError) in
            let newest = try rows(
                "SELECT state_sha256, plugin_id, seq FROM plugin_acts WHERE target = ? ORDER BY seq DESC LIMIT 2",
                [.text(target.rawValue)]
            ) { (state: $0.text(0) ?? "", plugin: $0.text(1), seq: $0.int(2)) }
            let nothing = SHA256.hash([]).hex
            guard state.hex != newest.first?.state ?? nothing else { return }
            let isAbandoned = !newest.isEmpty && state.hex == (newest.count > 1 ? newest[1].state : nothing)
            try insert(
                PluginAct(
                    isAbandoned ? .abandoned : .foundChanged, target: target, plugin: newest.first?.plugin,
                    stateHash: state,
                    details: .members([
                        "act": newest.first.map { .int($0.seq) },
                        "words": isAbandoned ? .string(Self.notWhatWasRecorded) : nil,
                    ])),
                role: role, actor: permit.actor)
        }
    }

    /// What can be said of a file that is not the one that the newest act was to leave.
    public static let notWhatWasRecorded =
        "the file does not have what was recorded last: restored from a backup, or a change that was cut off"

    /// SHA-256 of the file that the newest act on it was to leave; of nothing when there is no act.
    public func recordedState(_ target: PluginAct.Target) throws(SluiceError) -> String {
        try rows(
            "SELECT state_sha256 FROM plugin_acts WHERE target = ? ORDER BY seq DESC LIMIT 1", [.text(target.rawValue)]
        ) { $0.text(0) ?? "" }.first ?? SHA256.hash([]).hex
    }

    private func insert(_ act: PluginAct, role: Role, actor: String) throws(SluiceError) {
        try change(
            """
            INSERT INTO plugin_acts
              (act, target, plugin_id, plugin_version, manifest_sha256, public_key, state_sha256, details, actor, role,
               timestamp_utc)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(act.kind.rawValue), .text(act.target.rawValue), SQLiteValue(act.plugin),
                SQLiteValue(act.version), SQLiteValue(act.manifestHash?.hex), SQLiteValue(act.key),
                .text(act.stateHash.hex), SQLiteValue(act.details), .text(actor), .text(role.rawValue),
                .text(timestamp),
            ])
    }

    /// What was done to a plugin, oldest first; what was done to keys when nil.
    ///
    /// `{seq, act, version?, manifest_sha256?, key?, details, actor, role, timestamp_utc}` each.
    public func pluginActs(of plugin: String?) throws(SluiceError) -> [JSON] {
        try rows(
            """
            SELECT seq, act, plugin_version, manifest_sha256, public_key, details, actor, role, timestamp_utc
            FROM plugin_acts WHERE plugin_id IS ?1 AND (?1 IS NOT NULL OR target = 'keys') ORDER BY seq
            """, [SQLiteValue(plugin)]
        ) { (row) throws(SluiceError) in
            .members([
                "seq": .int(row.int(0)), "act": JSON(row.text(1)), "version": row.text(2).map(JSON.string),
                "manifest_sha256": row.text(3).map(JSON.string), "key": row.text(4).map(JSON.string),
                "details": try json(row, 5, "an act on a plugin"), "actor": JSON(row.text(6)),
                "role": JSON(row.text(7)), "timestamp_utc": JSON(row.text(8)),
            ])
        }
    }
}
