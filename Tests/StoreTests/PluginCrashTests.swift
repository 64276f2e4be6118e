import Contracts
import Databases
import Foundations
import Policy
import Testing

@testable import Store

@Suite struct PluginCrashTests {
    private static let hash = SHA256.hash(Array("library".utf8))
    private static let other = SHA256.hash(Array("mended library".utf8))

    private func crash(_ reason: String = "plugin.crashed", hash: SHA256.Digest = hash, run: ULID? = nil) -> PluginCrash
    {
        PluginCrash(hash: hash, plugin: "a.check", version: "1.0.0", reason: reason, run: run)
    }

    /// A store whose clock a test sets, in milliseconds.
    private func withClock(_ body: (StoreDatabase, Clock) throws -> Void) throws {
        try withFolder { folder in
            let clock = Clock()
            var context = Context.system
            context.now = { clock.now }
            let home = try Home(path: folder + "/home", context: context)
            try body(try StoreDatabase(home: home, context: context), clock)
        }
    }

    /// `@unchecked Sendable`: one test's own, set between two calls.
    private final class Clock: @unchecked Sendable {
        var now: Int64 = 1_770_000_000_000
        func pass(hours: Int64) { now += hours * 3_600_000 }
    }

    @Test func `the fourth crash within a day is one too many`() throws {
        try withClock { store, clock in
            for reason in ["plugin.crashed", "plugin.timeout", "plugin.crashed"] {
                #expect(try store.record(crash(reason)) == nil)
                clock.pass(hours: 7)
            }
            #expect(try store.pluginQuarantine(of: Self.hash) == nil)
            let quarantine = try #require(try store.record(crash("plugin.protocol")))
            #expect(quarantine.reasons == ["plugin.crashed": 2, "plugin.timeout": 1, "plugin.protocol": 1])
            #expect(try store.pluginQuarantine(of: Self.hash) == quarantine)
            #expect(try store.pluginQuarantines() == [quarantine])
            let refusal = quarantine.refusal()
            #expect(refusal.detail == "plugin.quarantined" && refusal.code == .policyBlock)
            #expect(refusal.message.contains("4 times within 24 h") && refusal.message.contains("plugin.crashed 2×"))
            #expect(refusal.hint.contains("sluice plugin retry a.check"))
        }
    }

    @Test func `what is a day old does not count, and a quarantine does not pass by itself`() throws {
        try withClock { store, clock in
            for _ in 0..<3 { try store.record(crash()) }
            clock.pass(hours: 25)
            for _ in 0..<3 { #expect(try store.record(crash()) == nil) }
            #expect(try store.record(crash()) != nil)
            clock.pass(hours: 24 * 365)
            #expect(try store.pluginQuarantine(of: Self.hash) != nil)
            #expect(try store.record(crash()) == nil, "it is in quarantine already")
        }
    }

    @Test func `a clock that goes back forgives nothing`() throws {
        try withClock { store, clock in
            for _ in 0..<3 { try store.record(crash()) }
            clock.pass(hours: -48)
            #expect(try store.record(crash()) != nil)
        }
    }

    @Test func `other bytes are another plugin`() throws {
        try withClock { store, _ in
            for _ in 0..<4 { try store.record(crash()) }
            #expect(try store.pluginQuarantine(of: Self.other) == nil)
            #expect(try store.record(crash(hash: Self.other)) == nil)
            #expect(try store.crashes(of: Self.other, since: 0) == ["plugin.crashed": 1])
        }
    }

    @Test func `a retry is recorded with who said so, and the count begins anew`() throws {
        try withClock { store, clock in
            #expect(try store.retryPlugin(Self.hash, role: .admin, permit: permit(.manageProviderRegistry)) == nil)
            for _ in 0..<4 { try store.record(crash()) }
            clock.pass(hours: 1)
            #expect(
                try store.retryPlugin(Self.hash, role: .admin, permit: permit(.manageProviderRegistry))?.crashes == 4)
            #expect(try store.pluginQuarantine(of: Self.hash) == nil)
            let released = try store.rows(
                "SELECT actor, role, timestamp_utc FROM plugin_quarantines WHERE act = 'released'"
            ) { [$0.text(0) ?? "", $0.text(1) ?? "", $0.text(2) ?? ""] }
            #expect(released == [["ann", "Admin", CivilTime.text(milliseconds: clock.now)]])
            for _ in 0..<3 { #expect(try store.record(crash()) == nil) }
            #expect(try store.record(crash())?.crashes == 4)
            #expect(try store.pluginQuarantines().count == 1)
        }
    }

    @Test func `a retry needs the right permit`() throws {
        try withStore { store in
            expectFailure("policy.denied") {
                try store.retryPlugin(Self.hash, role: .operator, permit: permit(.approveDestructive))
            }
        }
    }

    @Test func `the event of a quarantine is in the ledger with it, once`() throws {
        try withStore { store in
            let run = try store.makeRun()
            for _ in 0..<6 {
                try store.record(crash(run: run)) { quarantine in
                    makeEvent(run, .analysis, .reject, note: quarantine.json)
                }
            }
            let notes = try store.events(run).map(\.event.note)
            #expect(notes.count == 1 && notes.first?["crashes"] == 4)
            #expect(notes.first?["plugin_hash"]?.stringValue == Self.hash.hex)
        }
    }

    @Test func `an event that cannot be appended undoes the crash and the quarantine`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let taken = makeEvent(run, .analysis, .reject)
            try store.append(taken)
            for _ in 0..<3 { try store.record(crash()) }
            let clash = LedgerEvent(
                eventID: taken.eventID, runID: run, timestampUTC: taken.timestampUTC, stage: .ingest, decision: .accept,
                versions: versions)
            expectFailure("store.ledger") { try store.record(crash()) { _ in clash } }
            #expect(try store.crashes(of: Self.hash, since: 0) == ["plugin.crashed": 3])
            #expect(try store.pluginQuarantine(of: Self.hash) == nil)
        }
    }

    @Test func `processes that share a home count together, and quarantine once`() throws {
        try withStore { store in
            let home = store.home
            let crash = crash()
            let begun = try inThreads(8) { _ in
                let own = try StoreDatabase(home: home, context: .system)
                return try (0..<3).compactMap { _ in try own.record(crash) }.count
            }
            #expect(begun.reduce(0, +) == 1)
            let counted = try ["crashes", "quarantines"].flatMap { table in
                try store.rows("SELECT count(*) FROM plugin_\(table)") { $0.int(0) }
            }
            #expect(counted == [24, 1])
        }
    }

    @Test(arguments: [
        "DELETE FROM plugin_crashes", "UPDATE plugin_crashes SET plugin_hash = ''", "DELETE FROM plugin_quarantines",
        "UPDATE plugin_quarantines SET act = 'released'", "REPLACE INTO plugin_crashes SELECT * FROM plugin_crashes",
    ])
    func `what was recorded stays`(sql: String) throws {
        try withStore { store in
            for _ in 0..<4 { try store.record(crash()) }
            expectFailure("store.ledger", "append-only") { try store.change(sql) }
            #expect(try store.pluginQuarantine(of: Self.hash)?.crashes == 4)
        }
    }

    @Test func `a quarantine whose reasons cannot be read is no licence`() throws {
        try withStore { store in
            try store.change(
                """
                INSERT INTO plugin_quarantines (plugin_hash, plugin_id, act, reasons, last_crash, timestamp_utc)
                VALUES (?, 'a.check', 'quarantined', 'x', 4, 't')
                """, [.text(Self.hash.hex)])
            expectFailure("store.damaged") { try store.pluginQuarantine(of: Self.hash) }
        }
    }
}
