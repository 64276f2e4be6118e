import Contracts
import Foundations
import Glibc
import Policy
import Testing

@testable import Store
@testable import Supervisor

/// Decisions over a store, without a stage being run.
@Suite("A decision at a gate")
struct DecisionTests {
    private static let repository = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

    func service(_ home: String, _ role: Role?, user: String = "ann") throws -> RunService {
        var context = Context.system
        context.environment["SLUICE_REGISTRY"] = Self.repository + "/registry"
        return try RunService(
            home: home, context: context, caller: role.map { RunContract.Actor(userID: user, role: $0) })
    }

    /// A home in a folder of the test's own.
    func withHome(_ body: (String) throws -> Void) throws {
        let path = "/tmp/sluice-gates-\(Context.system.ulid())"
        try Files.makeFolder(path)
        defer { removeTree(path) }
        try body(path + "/home")
    }

    private func removeTree(_ path: String) {
        for name in Files.isDirectory(path) ? (try? Files.list(path)) ?? [] : [] { removeTree(path + "/" + name) }
        if Files.isDirectory(path) { rmdir(path) } else { unlink(path) }
    }

    /// A run as its driver leaves it: waiting at Mapping, or for the confirmation.
    func held(_ service: RunService, atConfirmation: Bool) throws -> ULID {
        let contract = try RunContract(Ledger.contract())
        let run = contract.runID
        let versions = try service.versions(of: contract)
        func event(_ stage: Stage, _ decision: GateDecision, _ note: JSON) -> LedgerEvent {
            LedgerEvent(
                eventID: service.context.ulid(), runID: run, timestampUTC: "2026-01-31T12:00:00.000Z", stage: stage,
                decision: decision, versions: versions, note: note)
        }
        var created = event(.supervisor, .accept, ["event": "run_created", "versions": versions.json])
        created.inputsHash = contract.hash.hex
        let permit = try service.engine.permit(.init(actor: .init(userID: "ann", role: .admin), action: .createRun))
        _ = try service.store.createRun(contract, lane: nil, versions: versions, event: created, permit: permit)
        try service.store.update(
            run, RunChange(state: .running, stage: .ingest),
            event: event(.supervisor, .accept, ["event": "lane_chosen"]))
        var summary: JSON = [:]
        var machine = RunMachine(state: .running(.ingest), mode: .dataMode, confirmationRequired: true)
        for stage in [Stage.ingest, .domains, .mapping, .analysis] {
            let decision: GateDecision = stage == .mapping && !atConfirmation ? .hold : .accept
            let artifact = Artifact(
                kind: Ledger.kind(stage), content: ["of": .string(stage.rawValue)], inputs: [], envelope: [:])
            _ = machine.handle(.finished(stage, decision))
            var ended = event(
                stage, decision,
                ["event": "stage_finished", "artifacts": [artifact.kind.rawValue: .string(artifact.id.hex)]])
            ended.outputsHash = JSON([artifact.id.hex]).canonicalHash.hex
            summary = RunReport.summary(
                summary, stage: stage, decision: decision, reasons: [], counts: .null, seconds: 0)
            try service.store.commitStage(
                runID: run, artifacts: [artifact], event: ended, state: RunReport.stored(machine.state),
                stage: machine.state.stage ?? stage,
                summary: RunReport.summary(summary, with: machine.state, reasons: ["why"]))
            if decision == .hold { break }
        }
        return run
    }

    private func failure(_ body: () throws -> Void) -> SluiceError? {
        do { try body() } catch { return error as? SluiceError }
        return nil
    }

    @Test(
        "is refused for a role that may not, before anything is written",
        arguments: [
            (Role.viewer, false, false), (.analyst, false, true), (.operator, false, true), (.viewer, true, false),
            (.analyst, true, false), (.operator, true, true), (.maintainer, true, true), (.admin, true, true),
        ])
    func roles(role: Role, atConfirmation: Bool, isAllowed: Bool) throws {
        try withHome { home in
            let run = try held(try service(home, .admin), atConfirmation: atConfirmation)
            let service = try service(home, role)
            let before = try service.store.verifiedRun(run)
            let stage: Stage = atConfirmation ? .migration : .mapping
            let error = failure {
                _ = try service.decide(run, stage: stage, decision: .accept, seen: nil, reason: nil)
            }
            #expect((error == nil) == isAllowed, "\(String(describing: error))")
            guard !isAllowed else { return }
            #expect(error?.detail == "policy.denied" && error?.code == .policyBlock)
            #expect(error?.message.contains(role.rawValue) == true)
            #expect(try service.store.verifiedRun(run) == before)
        }
    }

    @Test("has actor, role, reason and time in the store and in the ledger, and whether a token was given")
    func recorded() throws {
        try withHome { home in
            let service = try service(home, .operator, user: "bob")
            let run = try held(service, atConfirmation: true)
            let token = try #require(try service.summary(run).json["hold"]?["token"]?.stringValue)
            _ = try service.decide(run, stage: .migration, decision: .hold, seen: nil, reason: "not today")
            let answer = try service.decide(
                run, stage: .migration, decision: .accept, seen: token, reason: "two\nlines\tand “quotes” – ‎")
            #expect(answer["state"] == "ready" && answer["actor"] == "bob")
            let rows = try service.store.gateDecisions(run)
            #expect(rows.map(\.actor) == ["bob", "bob"])
            #expect(rows.map(\.reason) == ["not today", "two lines and “quotes” – ‎"])
            let report = try service.store.artifacts(of: run).first { $0.kind == .analysisReport }?.hash
            #expect(report != nil && rows.map(\.artifactHash) == [report, report])
            let events = try service.store.events(run).suffix(2).map(\.event)
            for (row, event) in zip(rows, events) {
                #expect(event.confirmation.actor == "bob" && event.confirmation.timestampUTC == row.timestampUTC)
                #expect(CivilTime.milliseconds(rfc3339: row.timestampUTC) != nil && event.decision == row.decision)
                #expect(event.note["reason"]?.stringValue == row.reason && event.note["role"] == "Operator")
                #expect(event.note["token"]?.stringValue == token && event.note["hold"] == "confirmation")
                #expect(event.note["artifacts"]?["analysis_report"]?.stringValue == report?.hex)
            }
            let given = events.map { $0.note["seen"] }
            #expect(given == [false, true])
            let shown = try service.show(run)["decisions"]?.arrayValue ?? []
            let told = shown.map { [$0["role"], $0["seen"]] }
            #expect(told == [["Operator", false], ["Operator", true]])
        }
    }

    @Test("keeps no reason that is too long or could steer a terminal")
    func reasons() throws {
        try withHome { home in
            let service = try service(home, .admin)
            let run = try held(service, atConfirmation: true)
            let before = try service.store.verifiedRun(run)
            for (reason, words) in [
                (String(repeating: "é", count: 1001), "1001 characters"), ("red \u{1B}[31m", "U+001B"),
                ("\u{0}", "U+0000"),
                ("\u{7F}", "U+007F"), ("\u{9B}31m", "U+009B"), ("a\u{202E}b", "U+202E"), ("a\u{2066}b", "U+2066"),
            ] {
                let error = failure {
                    _ = try service.decide(run, stage: .migration, decision: .accept, seen: nil, reason: reason)
                }
                #expect(error?.detail == "usage" && error?.exitStatus == 2, "\(words)")
                #expect(error?.message.contains(words) == true, "\(String(describing: error))")
            }
            #expect(try service.store.verifiedRun(run) == before)
            let longest = String(repeating: "é", count: 1000)
            _ = try service.decide(run, stage: .migration, decision: .hold, seen: nil, reason: longest)
            #expect(try service.store.gateDecisions(run).last?.reason == longest)
        }
    }

    @Test("with the token of another run names that run")
    func otherRun() throws {
        try withHome { home in
            let service = try service(home, .admin)
            let run = try held(service, atConfirmation: true)
            var document = Ledger.contract(["audit_tags": ["another"]])
            if case .object(var members) = document {
                members["run_id"] = nil
                document = .object(members)
            }
            let second = try RunContract(document)
            let versions = try service.versions(of: second)
            var created = LedgerEvent(
                eventID: service.context.ulid(), runID: second.runID, timestampUTC: "t", stage: .supervisor,
                decision: .accept, versions: versions, note: ["event": "run_created"])
            created.inputsHash = second.hash.hex
            let permit = try service.engine.permit(.init(actor: service.caller, action: .createRun))
            _ = try service.store.createRun(second, lane: nil, versions: versions, event: created, permit: permit)
            let ended = RunReport.summary([:], stage: .ingest, decision: .hold, reasons: [], counts: .null, seconds: 0)
            let summary = RunReport.summary(ended, with: .held(.ingest, .thresholds), reasons: [])
            try service.store.update(
                second.runID, RunChange(state: .held, stage: .ingest, summary: summary),
                event: LedgerEvent(
                    eventID: service.context.ulid(), runID: second.runID, timestampUTC: "t", stage: .ingest,
                    decision: .hold, versions: versions, note: ["event": "stage_finished", "artifacts": [:]]))
            let token = try #require(try service.evidence(run)?.token)
            let error = failure {
                _ = try service.decide(second.runID, stage: .ingest, decision: .accept, seen: token, reason: nil)
            }
            #expect(error?.detail == "gate.seen")
            #expect(
                error?.message.contains("another run, \(run), held at MIGRATION") == true,
                "\(String(describing: error))")
        }
    }
}
