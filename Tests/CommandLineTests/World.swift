import Conformance
import Contracts
import Foundations

@testable import CommandLineCore
@testable import Supervisor

/// What a command wrote and how it ended.
struct Outcome {
    let status: Int32
    let out: String
    let err: String

    /// Standard output as its JSON documents, one a line.
    func documents() throws -> [JSON] {
        try out.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map {
            try JSONParser.parse(String($0))
        }
    }

    /// The only document, behind which nothing stands but one line feed.
    func document() throws -> JSON? {
        let all = try documents()
        return all.count == 1 && out.hasSuffix("\n") ? all[0] : nil
    }
}

/// The program over a service whose answers a test chooses.
final class World {
    let service = StandIn()
    var outIsTerminal = false
    var errIsTerminal = false
    var environment: [String: String] = [:]
    var columns = 80
    /// What a person types; nil when nobody is there.
    var typed: String?
    /// errno that writing to standard output gives.
    var writeFailure: Int32 = 0
    var stopRequested = false
    var nanoseconds: UInt64 = 1_000_000_000
    private(set) var openedHomes: [String?] = []
    private var out: [UInt8] = []
    private var err: [UInt8] = []

    var errText: String { String(decoding: err, as: UTF8.self) }

    var console: Console {
        Console(
            out: Console.Stream(isTerminal: outIsTerminal) { bytes in
                guard self.writeFailure == 0 else { return self.writeFailure }
                self.out += bytes
                return 0
            },
            error: Console.Stream(isTerminal: errIsTerminal) { bytes in
                self.err += bytes
                return 0
            }, environment: environment, readLine: typed.map { typed in { typed } }, columns: { self.columns })
    }

    func run(_ arguments: String...) -> Outcome { run(arguments) }

    func run(_ arguments: [String]) -> Outcome {
        out = []
        err = []
        let context = Context(
            now: { 0 }, monotonic: { 0 }, random: { [UInt8](repeating: 7, count: $0) }, environment: environment)
        let interruption = Interruption(begin: {}, isRequested: { self.stopRequested })
        let program = Program(context: context, console: console, interruption: interruption) {
            (home: String?, _: Context) throws(SluiceError) -> any Service in
            self.openedHomes.append(home)
            if let failure = self.service.openFailure { throw failure }
            return self.service
        }
        let status = program.run(arguments)
        return Outcome(status: status, out: String(decoding: out, as: UTF8.self), err: errText)
    }
}

/// A service that answers what it was given and remembers what it was asked.
final class StandIn: Service {
    static let id = "01JCX0000000000000000000ZZ"

    var state = "done"
    var error: SluiceError?
    var failure: SluiceError?
    var openFailure: SluiceError?
    var hold: JSON = nil
    var lhs = "csv:/data/people.csv"
    var isAllowed = true
    var costs: JSON = [:]
    var whileDriving: (any RunObserver) -> Void = { _ in }
    private(set) var calls: [String] = []
    private(set) var shorthand: Shorthand?
    private(set) var driven: DriveOptions?

    private func asked(_ call: String) throws(SluiceError) {
        calls.append(call)
        if let failure { throw failure }
    }

    static let run = ULID(id) ?? ULID(milliseconds: 0, random: [UInt8](repeating: 0, count: 10))

    static let contractDocument: JSON = [
        "roadmap_version": "1.1.0", "mode": "data_mode",
        "lhs": ["source": ["type": "file"], "location": "csv:people.csv", "schema_ref": nil],
        "rhs": ["source": ["type": "sql"], "location": "sqlite:crm.db#customers", "schema_ref": nil],
        "pii_policy": ["mask_before_send": true, "local_only_override": false],
        "budget_caps": ["tokens": 1, "usd": 0, "wall_time_s": 1], "routing_profile": "quality_first",
        "threshold_profile_id": "tp_default_v1", "dsl_version": "1.0.0",
        "sample_caps": ["rows_max": 10, "bytes_max": 1000], "cache_scope": ["run": "", "tab": "", "filters": [:]],
        "human_confirm_required": true, "rbac_actor": ["user_id": "me", "role": "Admin"],
    ]

    var summaryDocument: JSON {
        [
            "run_id": .string(Self.id), "state": .string(state), "mode": "data_mode", "lane": "interactive",
            "rows_in": 10845, "rows_migrated": 10840, "rows_quarantined": 5, "artifacts": ["mapping_plan": "ab12"],
            "hold": hold, "lhs": .string(lhs), "target": "sqlite:/data/crm.db#customers", "ledger_events": 9,
            "stages": [["stage": "INGEST", "decision": "accept", "reasons": ["10,845 rows"], "seconds": 0.25]],
            "isolation": ["active": ["seccomp", "landlock"], "missing": ["namespaces": "not offered"]],
            "home": "/home/me/.sluice",
        ]
    }

    func contract(_ document: JSON) throws(SluiceError) -> RunContract {
        try asked("contract")
        return try RunContract(document)
    }

    func contract(_ shorthand: Shorthand) throws(SluiceError) -> RunContract {
        try asked("shorthand")
        self.shorthand = shorthand
        return try RunContract(Self.contractDocument)
    }

    func submit(_ contract: RunContract) throws(SluiceError) -> ULID {
        try asked("submit")
        return Self.run
    }

    var stateBefore = "created"

    func drive(_ run: ULID, options: DriveOptions, observer: any RunObserver) throws(SluiceError) -> RunSummary {
        try asked("drive confirm:\(options.confirm)")
        driven = options
        whileDriving(observer)
        return RunSummary(json: summaryDocument, state: state, error: error)
    }

    func summary(_ run: ULID) throws(SluiceError) -> RunSummary {
        try asked("summary")
        return RunSummary(json: summaryDocument, state: stateBefore, error: nil)
    }

    func find(_ name: String) throws(SluiceError) -> ULID {
        try asked("find \(name)")
        return Self.run
    }

    func decide(
        _ run: ULID, stage: Stage, decision: GateDecision, seen: String?, reason: String?
    ) throws(SluiceError) -> JSON {
        try asked("decide \(stage.rawValue) \(decision.rawValue)\(seen.map { " seen \($0)" } ?? "") \(reason ?? "-")")
        return [
            "run_id": .string(run.description), "state": hold == .null ? "ready" : "held",
            "next": hold == .null ? .string("sluice resume \(run)") : .null,
        ]
    }

    func stop(_ run: ULID) throws(SluiceError) -> JSON {
        try asked("stop")
        return ["stop_requested": true]
    }

    func runs() throws(SluiceError) -> JSON {
        try asked("runs")
        return [
            "runs": [
                [
                    "run_id": .string(Self.id), "state": .string(state), "mode": "data_mode", "stage": nil,
                    "lane": "flex",
                    "created_at": "2026-01-31T12:00:00.000Z", "lhs": .string(lhs), "rhs": "sqlite:crm.db#t",
                ]
            ]
        ]
    }

    func show(_ run: ULID) throws(SluiceError) -> JSON {
        try asked("show")
        var members = summaryDocument.objectValue ?? [:]
        members["contract"] = Self.contractDocument
        members["decisions"] = []
        members["quarantine"] = ["rows": 5, "reasons": ["ragged_row": 5], "preview": []]
        members["checkpoints"] = [["chunk_id": 0, "status": "done"], ["chunk_id": 1, "status": "done"]]
        return .object(members)
    }

    func ledger(_ run: ULID) throws(SluiceError) -> [JSON] {
        try asked("ledger")
        return ["INGEST", "DOMAINS"].map { stage -> JSON in
            ["stage": .string(stage), "decision": "accept", "timestamp_utc": "t", "note": ["event": "gate"]]
        }
    }

    private static let verdict: JSON = [
        "run_id": .string(id), "verified": true, "events": 9, "events_dropped": 3, "head_hash": "ab12",
        "segments": [["segment": 1, "first": 1, "last": 3, "head_hash": "cd34", "dropped_by": 9]],
    ]

    func verifyLedger(_ run: ULID) throws(SluiceError) -> JSON {
        try asked("verifyLedger")
        return Self.verdict
    }

    func exportLedger(_ run: ULID, to path: String) throws(SluiceError) -> JSON {
        try asked("exportLedger \(path)")
        var members = Self.verdict.objectValue ?? [:]
        members["export"] = ["file": .string(path), "public_key": "ed25519:00", "fingerprint": "ff"]
        return .object(members)
    }

    func ledgerPublicKey() throws(SluiceError) -> JSON {
        try asked("ledgerPublicKey")
        return ["public_key": "ed25519:00", "fingerprint": "ff"]
    }

    func artifacts(_ run: ULID) throws(SluiceError) -> JSON {
        try asked("artifacts")
        return ["artifacts": [["kind": "catalog", "stage": "INGEST", "hash": "ab", "created_at": "t"]]]
    }

    func artifact(_ prefix: String) throws(SluiceError) -> JSON {
        try asked("artifact \(prefix)")
        return [
            "hash": "ab", "body": ["columns": [["name": "a", "type": "text"], ["name": "b", "type": "int"]]],
            "envelopes": [],
        ]
    }

    func collectArtifacts(graceHours: Int64, dryRun: Bool) throws(SluiceError) -> JSON {
        try asked("collect \(graceHours) \(dryRun)")
        return [
            "dry_run": .bool(dryRun), "grace_hours": .int(graceHours), "kept": 7, "young": 1, "deleted": 2,
            "left_overs": 1, "bytes_freed": 4096, "damaged": ["cd"], "hashes": ["ab", "ef"],
        ]
    }

    var promotionStatus = "promoted"

    func promoteArtifact(_ prefix: String, reason: String, thresholds: String) throws(SluiceError) -> JSON {
        try asked("promote \(prefix) \(reason) \(thresholds)")
        return [
            "hash": .string(prefix), "status": .string(promotionStatus),
            "differences": [["version": "catalog_version", "from": "1+a", "to": "2+b"]],
            "promotion": ["actor": "me", "role": "Admin", "reason": .string(reason), "timestamp_utc": "t"],
        ]
    }

    func plugins() throws(SluiceError) -> JSON {
        try asked("plugins")
        return [
            "plugins": [
                ["id": "csv", "version": "0.1.0", "kind": "connector", "status": "installed", "summary": "CSV files"],
                ["id": "odd", "status": "broken", "error": ["message": "its hash differs"]],
            ]
        ]
    }

    func plugin(_ id: String) throws(SluiceError) -> JSON {
        try asked("plugin \(id)")
        return ["id": .string(id), "status": "verified"]
    }

    var retryStatus = "released"
    var report: ConformanceReport?

    func retryPlugin(_ id: String) throws(SluiceError) -> JSON {
        try asked("retry \(id)")
        return [
            "plugin": .string(id), "plugin_hash": "ab", "status": .string(retryStatus), "actor": "me", "role": "Admin",
            "crashes": ["plugin.crashed": 4], "quarantine": ["crashes": 4, "since": "t"],
        ]
    }

    /// The status that `install` answers with when the question was answered, or not.
    var installStatus: (Bool?) -> String = { $0 == nil ? "held" : $0 == true ? "installed" : "declined" }
    static let plan: JSON = [
        "plugin": "acme.check", "version": "1.1.0", "publisher": "acme", "key": "ed25519:00", "summary": "Checks.",
        "words": ["It reaches no network."], "beyond": [], "permissions": [:],
    ]

    func installPlugin(_ order: PluginOrder, ask: GrantQuestion) throws(SluiceError) -> JSON {
        try asked("install \(order.name) \(order.yes) \(order.key ?? "-") \(order.allowDowngrade)")
        var members = Self.plan.objectValue ?? [:]
        members["status"] = .string(installStatus(order.yes ? true : ask(Self.plan)))
        return .object(members)
    }

    var differ: Int64 = 0

    func verifyPlugins(_ id: String?) throws(SluiceError) -> JSON {
        try asked("verify \(id ?? "-")")
        let differences: JSON =
            differ == 0 ? [] : [["what": "a.so", "error": ["detail_id": "plugin.hash", "message": "It differs."]]]
        return [
            "plugins": [["id": "acme.check", "status": "verified", "differences": differences]], "differ": .int(differ),
        ]
    }

    func setPlugin(_ id: String, enabled: Bool) throws(SluiceError) -> JSON {
        try asked("set \(id) \(enabled)")
        return ["plugin": .string(id), "status": enabled ? "enabled" : "disabled"]
    }

    func removePlugin(_ id: String) throws(SluiceError) -> JSON {
        try asked("remove \(id)")
        return ["plugin": .string(id), "status": "removed"]
    }

    func pluginKeys() throws(SluiceError) -> JSON {
        try asked("keys")
        return ["keys": [["key": "ed25519:00", "publisher": "acme", "status": "trusted", "since": "t"]]]
    }

    func trustKey(_ word: String, publisher: String) throws(SluiceError) -> JSON {
        try asked("trust \(word) \(publisher)")
        return ["key": .string(word), "publisher": .string(publisher), "status": "trusted", "plugins": []]
    }

    func revokeKey(_ word: String, reason: String) throws(SluiceError) -> JSON {
        try asked("revoke \(word) \(reason)")
        return ["key": .string(word), "status": "revoked", "plugins": ["acme.check"]]
    }

    func conformance(
        _ target: String, checks: [String]?, seed: UInt64
    ) throws(SluiceError) -> ConformanceReport {
        try asked("conformance \(target) \(checks ?? []) \(seed)")
        guard let report else { throw SluiceError(.pluginMissing, "There is no plugin \(target).") }
        return report
    }

    func explain(_ contract: RunContract) throws(SluiceError) -> JSON {
        try asked("explain")
        return [
            "lane": ["lane": "interactive", "rule": "R9", "reason": "small work", "hint_overridden": false],
            "inputs": ["size_estimate": 10], "rules": [["id": "R9", "when": "size <= 8 MiB", "lane": "interactive"]],
            "stages": ["INGEST"],
        ]
    }

    func explainPolicy(_ question: PolicyQuestion, policy: String?) throws(SluiceError) -> JSON {
        try asked("explainPolicy \(question.role ?? "-") \(question.action ?? "-") \(policy ?? "-")")
        return [
            "policy_version": "pm@1", "egress": ["allow": [], "effective": ["https://a.example"]], "previews_k": 5,
            "jurisdictions": [["name": "eu", "enabled": true, "classes": [], "regions": []]],
            "cells": [
                [
                    "table": "rbac", "role": "Viewer", "action": "create_run", "verdict": "deny",
                    "rule_id": "rbac.create_run.Viewer", "rule": "words",
                ]
            ],
        ]
    }

    func comparePolicies(_ first: String, _ second: String) throws(SluiceError) -> JSON {
        try asked("comparePolicies \(first) \(second)")
        return ["from": "a", "to": "b", "changes": [], "settings": [["path": "/users/bob", "new": "Analyst"]]]
    }

    func testPolicy(_ expectations: String, policy: String?) throws(SluiceError) -> JSON {
        try asked("testPolicy \(expectations) \(policy ?? "-")")
        let failed: JSON = [
            "line": 3, "text": "Viewer create_run => allow", "verdict": "deny", "rule_id": "rbac.create_run.Viewer",
            "rule": "words",
        ]
        return [
            "policy_version": "pm@1", "passed": 1, "failed": isAllowed ? 0 : 1, "failures": isAllowed ? [] : [failed],
        ]
    }

    func quarantine(_ run: ULID, _ page: QuarantinePage) throws(SluiceError) -> JSON {
        let after = page.after.map { " after \($0.chunkID):\($0.ordinal)" } ?? ""
        try asked("quarantine \(page.limit)\(after) \(page.unmaskedFor ?? "masked")")
        var row: [String: JSON] = [
            "chunk_id": 0, "ordinal": 7, "reason_codes": ["RAGGED_ROW"], "masked_preview_before": ["name": "Aaa"],
        ]
        if page.unmaskedFor != nil { row["raw"] = ["name": "Ada\u{1B}[2J"] }
        return .members([
            "run_id": .string(run.description), "rows": 2, "reasons": ["RAGGED_ROW": 2],
            "unmasked": .bool(page.unmaskedFor != nil), "quarantine": [.object(row)],
            "next": ["chunk_id": 0, "ordinal": 7], "event": page.unmaskedFor.map { _ in .string(Self.id) },
        ])
    }

    func policyShow(_ version: String?) throws(SluiceError) -> JSON {
        try asked("policy show \(version ?? "-")")
        return [
            "policy_version": "pm_default@1.0.0+abc", "version": "1.0.0", "origin": "shipped", "number": 0,
            "active": true, "manifest": ["policy_id": "pm_default"],
        ]
    }

    func policyHistory() throws(SluiceError) -> JSON {
        try asked("policy history")
        return [
            "active": "pm@1.0.1+b",
            "versions": [
                ["number": 0, "act": "shipped", "policy_version": "1.0.0", "reference": "pm@1.0.0+a"],
                [
                    "number": 1, "act": "edited", "policy_version": "1.0.1", "reference": "pm@1.0.1+b", "actor": "ann",
                    "timestamp_utc": "t", "details": ["reason": "why", "diff": [["path": "/users"]]],
                ],
            ],
        ]
    }

    func editPolicy(_ document: JSON, reason: String) throws(SluiceError) -> JSON {
        try asked("policy edit \(document.canonicalText) \(reason)")
        return [
            "status": "edited", "policy_version": "pm@1.0.1+b", "previous": "pm@1.0.0+a", "number": 1,
            "diff": [["path": "/users/ann", "new": "Admin"]], "file": "/home/policy/manifest.json",
        ]
    }

    func revertPolicy(_ version: String, reason: String) throws(SluiceError) -> JSON {
        try asked("policy revert \(version) \(reason)")
        return ["status": "restored", "policy_version": "pm@1.0.1+b", "file": "/home/policy/manifest.json"]
    }

    func cost(_ contract: RunContract) throws(SluiceError) -> JSON {
        try asked("cost")
        return costs
    }

    func policyCheck(_ contract: RunContract) throws(SluiceError) -> JSON {
        try asked("policyCheck")
        return [
            "allowed": .bool(isAllowed), "policy_version": "1",
            "decisions": [["action": "create_run", "allowed": .bool(isAllowed), "rule": "R"]],
        ]
    }
}
