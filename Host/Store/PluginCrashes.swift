public import Contracts
internal import Databases
public import Foundations
public import Policy

/// How often a plugin may crash, be stopped at a deadline or break the protocol before it is not started any more.
public struct CrashBudget: Sendable, Equatable {
    /// One more puts it into quarantine.
    public let crashes: Int
    public let hours: Int64

    public init(crashes: Int, hours: Int64) {
        self.crashes = crashes
        self.hours = hours
    }

    public static let standard = CrashBudget(crashes: 3, hours: 24)
}

/// One thing that a plugin did wrong.
public struct PluginCrash: Sendable, Equatable {
    /// Of its library and resources: a plugin whose bytes change is another one.
    public let hash: SHA256.Digest
    public let plugin: String
    public let version: String
    /// A detail id, such as `plugin.crashed`; no word of the plugin's.
    public let reason: String
    public let run: ULID?

    public init(hash: SHA256.Digest, plugin: String, version: String, reason: String, run: ULID?) {
        self.hash = hash
        self.plugin = plugin
        self.version = version
        self.reason = reason
        self.run = run
    }
}

/// A plugin that is not started any more.
public struct PluginQuarantine: Sendable, Equatable {
    public let hash: SHA256.Digest
    public let plugin: String
    /// How often it did what, by detail id.
    public let reasons: [String: Int64]
    /// RFC 3339, UTC, milliseconds.
    public let since: String
    /// `seq` of the newest crash that it rests on.
    let lastCrash: Int64

    public var crashes: Int64 { reasons.values.reduce(0, +) }

    /// `{plugin_hash, since, crashes, reasons}`.
    public var json: JSON {
        [
            "plugin_hash": .string(hash.hex), "since": .string(since), "crashes": .int(crashes),
            "reasons": .object(reasons.mapValues(JSON.int)),
        ]
    }

    /// The refusal that whoever wants to start it meets.
    public func refusal(budget: CrashBudget = .standard) -> SluiceError {
        let what = reasons.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)×" }.joined(separator: ", ")
        return SluiceError(
            .pluginQuarantined,
            "The plugin \(plugin) failed \(crashes) times within \(budget.hours) h (\(what)) and is in quarantine since "
                + "\(since); it was not started.",
            hint: "Tell its author and install a mended one, or let this one try again with "
                + "`sluice plugin retry \(plugin)`.")
    }
}

/// What somebody's word took off a plugin.
public struct PluginForgiveness: Sendable, Equatable {
    /// The quarantine that ended; nil when the plugin was in none.
    public let quarantine: PluginQuarantine?
    /// What counted against it, by detail id.
    public let crashes: [String: Int64]
}

/// The crash record of plugins. Every write is one transaction: processes that share a home count together.
extension StoreDatabase {
    /// Records what a plugin did, and puts it into quarantine when that is once too often.
    ///
    /// - Parameter event: the event to append when the quarantine begins; in the same transaction.
    /// - Returns: the quarantine when it begins now; nil below the budget, and when the plugin is in quarantine already.
    @discardableResult
    public func record(
        _ crash: PluginCrash, budget: CrashBudget = .standard, event: (PluginQuarantine) -> LedgerEvent? = { _ in nil }
    ) throws(SluiceError) -> PluginQuarantine? {
        try write(isEvidence: true) { () throws(SluiceError) in
            let now = context.now()
            let time = CivilTime.text(milliseconds: now)
            try change(
                """
                INSERT INTO plugin_crashes (plugin_hash, plugin_id, plugin_version, reason, run_id, timestamp_utc)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(crash.hash.hex), .text(crash.plugin), .text(crash.version), .text(crash.reason),
                    SQLiteValue(crash.run?.description), .text(time),
                ])
            guard try pluginQuarantine(of: crash.hash) == nil else { return nil }
            let reasons = try crashes(of: crash.hash, since: now - budget.hours * 3_600_000)
            guard reasons.values.reduce(0, +) > Int64(budget.crashes) else { return nil }
            let last = try newestCrash(of: crash.hash)
            try insertAct("quarantined", crash.hash, plugin: crash.plugin, reasons, last: last, by: nil, at: time)
            let quarantine = PluginQuarantine(
                hash: crash.hash, plugin: crash.plugin, reasons: reasons, since: time, lastCrash: last)
            if let event = event(quarantine) { _ = try insert(event) }
            return quarantine
        }
    }

    /// The quarantine that a plugin is in; nil when it may be started.
    public func pluginQuarantine(of hash: SHA256.Digest) throws(SluiceError) -> PluginQuarantine? {
        try quarantines("WHERE plugin_hash = ?", [.text(hash.hex)]).first
    }

    /// Of every plugin that is in one.
    public func pluginQuarantines() throws(SluiceError) -> [PluginQuarantine] { try quarantines("", []) }

    /// What a plugin did since somebody last let it try again, by detail id.
    ///
    /// - Parameter since: milliseconds since 1970.
    public func crashes(of hash: SHA256.Digest, since: Int64) throws(SluiceError) -> [String: Int64] {
        // The texts have one form, so they sort as the times do. One from the future, of a clock that went back, counts.
        let found = try rows(
            """
            SELECT reason, count(*) FROM plugin_crashes
            WHERE plugin_hash = ?1 AND timestamp_utc >= ?2 AND seq > coalesce(
              (SELECT max(last_crash) FROM plugin_quarantines WHERE plugin_hash = ?1 AND act = 'released'), 0)
            GROUP BY reason
            """, [.text(hash.hex), .text(CivilTime.text(milliseconds: since))]
        ) { ($0.text(0) ?? "", $0.int(1)) }
        return Dictionary(found, uniquingKeysWith: +)
    }

    /// Lets a plugin in quarantine be started again; what it did until now does not count any more.
    ///
    /// So it is for one that is in none yet: what was recorded while the clock was ahead counts until the clock has
    /// come there, unless somebody forgives it.
    /// - Parameters:
    ///   - role: the one in which the permit's actor was allowed to.
    ///   - permit: for `manageProviderRegistry`.
    /// - Returns: what was forgiven; nil when nothing counted against it, and then nothing is recorded.
    public func retryPlugin(
        _ hash: SHA256.Digest, budget: CrashBudget = .standard, role: Role, permit: Permit
    ) throws(SluiceError) -> PluginForgiveness? {
        try permit.require(.manageProviderRegistry)
        return try write { () throws(SluiceError) in
            let known = try pluginQuarantine(of: hash)
            let open = try crashes(of: hash, since: context.now() - budget.hours * 3_600_000)
            let reasons = known?.reasons ?? open
            guard known != nil || !open.isEmpty else { return nil }
            let latest = try newestName(of: hash)
            let plugin = known?.plugin ?? latest
            try insertAct(
                "released", hash, plugin: plugin, reasons, last: try newestCrash(of: hash), by: (permit.actor, role),
                at: timestamp)
            return PluginForgiveness(quarantine: known, crashes: reasons)
        }
    }

    /// The id under which the bytes failed last.
    private func newestName(of hash: SHA256.Digest) throws(SluiceError) -> String {
        try rows(
            "SELECT plugin_id FROM plugin_crashes WHERE plugin_hash = ? ORDER BY seq DESC LIMIT 1", [.text(hash.hex)]
        ) { $0.text(0) ?? "" }.first ?? ""
    }

    private func newestCrash(of hash: SHA256.Digest) throws(SluiceError) -> Int64 {
        try rows("SELECT coalesce(max(seq), 0) FROM plugin_crashes WHERE plugin_hash = ?", [.text(hash.hex)]) {
            $0.int(0)
        }.first ?? 0
    }

    private func insertAct(
        _ act: String, _ hash: SHA256.Digest, plugin: String, _ reasons: [String: Int64], last: Int64,
        by actor: (id: String, role: Role)?, at time: String
    ) throws(SluiceError) {
        try change(
            """
            INSERT INTO plugin_quarantines
              (plugin_hash, plugin_id, act, reasons, last_crash, actor, role, timestamp_utc)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(hash.hex), .text(plugin), .text(act), SQLiteValue(.object(reasons.mapValues(JSON.int))),
                .int(last), SQLiteValue(actor?.id), SQLiteValue(actor?.role.rawValue), .text(time),
            ])
    }

    private func quarantines(
        _ clause: String, _ parameters: [SQLiteValue]
    ) throws(SluiceError) -> [PluginQuarantine] {
        try rows(
            """
            SELECT plugin_hash, plugin_id, reasons, timestamp_utc, last_crash FROM (
              SELECT *, max(seq) OVER (PARTITION BY plugin_hash) AS newest FROM plugin_quarantines \(clause)
            ) WHERE seq = newest AND act = 'quarantined' ORDER BY plugin_id, plugin_hash
            """, parameters
        ) { (row) throws(SluiceError) in
            guard let hash = row.text(0).flatMap(SHA256.Digest.init(hex:)), let plugin = row.text(1),
                let reasons = try json(row, 2, "a plugin's quarantine").objectValue, let since = row.text(3)
            else { throw malformed("a plugin's quarantine") }
            return PluginQuarantine(
                hash: hash, plugin: plugin, reasons: reasons.compactMapValues(\.intValue), since: since,
                lastCrash: row.int(4))
        }
    }
}
