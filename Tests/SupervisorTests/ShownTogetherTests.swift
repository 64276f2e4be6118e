import Contracts
import Foundations
import Glibc
import Synchronization
import Testing

@testable import Store
@testable import Supervisor

/// What is shown of a run beside what another connection writes.
@Suite("A run that is shown while it is written")
struct ShownTogetherTests {
    private static let fixture = DecisionTests()

    /// Takes a hold at Mapping back and makes it anew, about another plan: what there is to see then.
    private static func holdAgain(_ service: RunService, _ run: ULID) throws -> String {
        _ = try service.decide(run, stage: .mapping, decision: .fix, seen: nil, reason: nil)
        let plan = Artifact(kind: .mappingPlan, content: ["n": 2], inputs: [], envelope: [:])
        let record = try service.store.run(run)
        let ended = LedgerEvent(
            eventID: service.context.ulid(), runID: run, timestampUTC: "2026-01-31T12:00:00.000Z", stage: .mapping,
            decision: .hold, versions: record.versions,
            note: ["event": "stage_finished", "artifacts": ["mapping_plan": .string(plan.id.hex)]])
        let summary = RunReport.summary(
            record.summary, stage: .mapping, decision: .hold, reasons: [], counts: .null, seconds: 0)
        try service.store.commitStage(
            runID: run, artifacts: [plan], event: ended, state: .held, stage: .mapping,
            summary: RunReport.summary(summary, with: .held(.mapping, .thresholds), reasons: []))
        return try pair(service, run)
    }

    private static func pair(_ service: RunService, _ run: ULID) throws -> String {
        let token = try #require(try service.evidence(run)?.token)
        let plan = try service.store.artifacts(of: run).first { $0.kind == .mappingPlan }
        return "\(token) \(plan?.hash.hex ?? "none")"
    }

    /// Somebody who shows a run reads its mark before the ledger. Here that takes until the hold was made anew: the mark
    /// is a pipe, which gives what the file had.
    @Test("has the token of the very artifacts beside it", .timeLimit(.minutes(5)))
    func together() throws {
        try Self.fixture.withHome { home in
            let service = try Self.fixture.service(home, .operator)
            let run = try Self.fixture.held(service, atConfirmation: false)
            let before = try Self.pair(service, run)
            let mark = service.store.home.ledgerMarksFolder + "/\(run)"
            let bytes = try Files.read(mark)
            try #require(rename(mark, mark + ".aside") == 0 && mkfifo(mark, 0o600) == 0)
            let reader = try Worker {
                let json = try Self.fixture.service(home, .operator).show(run)
                let token = json["hold"]?["token"]?.stringValue ?? "none"
                return "\(token) \(json["artifacts"]?["mapping_plan"]?.stringValue ?? "none")"
            }
            // Only once the reader has it open can it be opened without waiting.
            var pipe: Int32 = -1
            while pipe < 0, !reader.isDone {
                pipe = open(mark, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
                if pipe < 0 { poll(nil, 0, 1) }
            }
            try #require(pipe >= 0, "the mark was not read")
            try #require(rename(mark + ".aside", mark) == 0)
            let after = try Self.holdAgain(service, run)
            #expect(write(pipe, bytes, bytes.count) == bytes.count)
            close(pipe)
            let shown = try reader.result()
            #expect(after != before && shown == after)
        }
    }
}

/// Work on a thread of the system, whose result is waited for.
private final class Worker: Sendable {
    private struct State {
        var result: Result<String, any Error>?
    }

    private final class Box: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private final class Shared: Sendable {
        let state = Mutex(State())
    }

    private let shared = Shared()
    private let thread: pthread_t

    init(_ work: @escaping @Sendable () throws -> String) throws {
        let shared = shared
        let box = Unmanaged.passRetained(
            Box {
                let result = Result { try work() }
                shared.state.withLock { $0.result = result }
            })
        var made = pthread_t()
        let status = pthread_create(
            &made, nil,
            { argument in
                // The argument is the box that was retained for this very thread.
                if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, box.toOpaque())
        thread = made
        try #require(status == 0)
    }

    var isDone: Bool { shared.state.withLock { $0.result != nil } }

    func result() throws -> String {
        pthread_join(thread, nil)
        return try shared.state.withLock { try $0.result?.get() } ?? ""
    }
}
