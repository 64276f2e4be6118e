import Contracts
import Foundations
import Glibc
import Policy
import Testing

@testable import Stages
@testable import Store
@testable import Supervisor

/// The face of the core takes no permit: it asks for each itself. A role that may do nothing finds every call closed.
@Suite struct `A role without any right` {
    private static let repository = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

    /// A home with one run in it, over a registry under which a Viewer may do nothing.
    private func withService(_ body: (RunService, ULID) throws -> Void) throws {
        let folder = "/tmp/sluice-no-rights-\(Context.system.ulid())"
        try Files.makeFolder(folder, mode: 0o700)
        defer { Self.remove(folder) }
        try copy(Self.repository + "/registry", to: folder + "/registry")
        try Files.makeFolder(folder + "/plugins")
        var context = Context.system
        context.environment["SLUICE_REGISTRY"] = folder + "/registry"
        context.environment["SLUICE_PLUGINS"] = folder + "/plugins"
        func service(_ role: Role) throws -> RunService {
            try RunService(
                home: folder + "/home", context: context, caller: RunContract.Actor(userID: "ann", role: role))
        }
        let admin = try service(.admin)
        let contract = try RunContract(Ledger.contract())
        var created = LedgerEvent(
            eventID: context.ulid(), runID: contract.runID, timestampUTC: "2026-01-31T12:00:00.000Z",
            stage: .supervisor, decision: .accept, versions: try admin.versions(of: contract),
            note: ["event": "run_created"])
        created.inputsHash = contract.hash.hex
        _ = try admin.store.createRun(
            contract, lane: nil, versions: try admin.versions(of: contract), event: created,
            permit: admin.permit(.createRun))
        let rights = admin.policy.manifest.json["rbac"]?.objectValue ?? [:]
        let parts = admin.policy.manifest.version.split(separator: ".").compactMap { Int($0) }
        var document = admin.policy.manifest.json.objectValue ?? [:]
        document["rbac"] = .object(rights.merging(["Viewer": []]) { $1 })
        document["policy_version"] = .string("\(parts[0]).\(parts[1]).\(parts[2] + 1)")
        _ = try admin.editPolicy(.object(document), reason: "for a test")
        try body(try service(.viewer), contract.runID)
    }

    private func copy(_ from: String, to: String) throws {
        try Files.makeFolder(to)
        for name in try Files.list(from) {
            if Files.isDirectory(from + "/" + name) {
                try copy(from + "/" + name, to: to + "/" + name)
            } else {
                try Files.writeAtomically(try Files.read(from + "/" + name), to: to + "/" + name)
            }
        }
    }

    private static func remove(_ path: String) {
        for name in Files.isDirectory(path) ? (try? Files.list(path)) ?? [] : [] { remove(path + "/" + name) }
        if Files.isDirectory(path) { rmdir(path) } else { unlink(path) }
    }

    private final class Silent: RunObserver {
        var shouldStop: Bool { false }
        func stageStarted(_ stage: Stage) {}
        func stageFinished(_ stage: Stage, decision: GateDecision, reasons: [String], seconds: Double) {}
        func progress(_ stage: Stage, rows: Int64, totalRows: Int64?) {}
        func notice(_ text: String) {}
    }

    @Test func `finds every call of the core closed`() throws {
        try withService { service, run in
            let contract = try RunContract(Ledger.contract(["idempotency_key": "another"]))
            let key = "ed25519:" + String(repeating: "ab", count: 32)
            let calls: [(name: String, call: () throws -> Void)] = [
                ("submit", { _ = try service.submit(contract) }),
                ("drive", { _ = try service.drive(run, observer: Silent()) }),
                ("stop", { _ = try service.stop(run) }),
                ("decide", { _ = try service.decide(run, stage: .mapping, decision: .accept, seen: nil, reason: nil) }),
                ("find", { _ = try service.find(run.description) }), ("summary", { _ = try service.summary(run) }),
                ("runs", { _ = try service.runs() }), ("show", { _ = try service.show(run) }),
                ("ledger", { _ = try service.ledger(run) }), ("verifyLedger", { _ = try service.verifyLedger(run) }),
                ("exportLedger", { _ = try service.exportLedger(run, to: "/nowhere/x") }),
                ("ledgerPublicKey", { _ = try service.ledgerPublicKey() }),
                ("artifacts", { _ = try service.artifacts(run) }),
                ("artifact", { _ = try service.artifact("abcdef0123") }),
                ("quarantine", { _ = try service.quarantine(run, QuarantinePage()) }),
                (
                    "quarantine unmasked",
                    { _ = try service.quarantine(run, QuarantinePage(unmaskedFor: "a reason that is long enough")) }
                ),
                ("collect", { _ = try service.collectArtifacts(graceHours: 1, dryRun: false) }),
                ("collect dry", { _ = try service.collectArtifacts(graceHours: 1, dryRun: true) }),
                (
                    "promote",
                    { _ = try service.promoteArtifact("abcdef0123", reason: "why", thresholds: "tp_default_v1") }
                ),
                ("plugins", { _ = try service.plugins() }), ("plugin", { _ = try service.plugin("a") }),
                ("verifyPlugins", { _ = try service.verifyPlugins(nil) }),
                ("pluginKeys", { _ = try service.pluginKeys() }),
                ("retryPlugin", { _ = try service.retryPlugin("a") }),
                ("installPlugin", { _ = try service.installPlugin(PluginOrder(name: "a.json")) { _ in true } }),
                ("setPlugin", { _ = try service.setPlugin("a", enabled: false) }),
                ("removePlugin", { _ = try service.removePlugin("a") }),
                ("trustKey", { _ = try service.trustKey(key, publisher: "acme") }),
                ("revokeKey", { _ = try service.revokeKey(key, reason: "why") }),
                ("conformance", { _ = try service.conformance("a", checks: nil, seed: 1) }),
                ("policyShow", { _ = try service.policyShow(nil) }),
                ("policyHistory", { _ = try service.policyHistory() }),
                ("editPolicy", { _ = try service.editPolicy([:], reason: "") }),
                ("revertPolicy", { _ = try service.revertPolicy("1.0.0", reason: "") }),
            ]
            for (name, call) in calls {
                do {
                    try call()
                    Issue.record("\(name) was open")
                } catch let error as SluiceError {
                    // A contract that claims more than its caller has is refused for that.
                    let isClosed = ["policy.denied", "policy.role"].contains(error.detail)
                    #expect(isClosed, "\(name): \(error)")
                }
            }
            #expect(try service.store.eventCount(run) == 1)
        }
    }
}
