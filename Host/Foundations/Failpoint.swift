internal import Glibc

#if SLUICE_TEST_HOOKS
internal import Synchronization
#endif

/// Named places before, inside and after every durable step, where a test may end the process or refuse the step.
///
/// Only builds with SLUICE_TEST_HOOKS have them: elsewhere every call is empty and no name is in the program.
/// `SLUICE_FAILPOINT=STEP.PLACE[@N]=kill|enospc|eio|hang[,…]` acts at the N-th time that the place is reached (the
/// first by default): `kill` is SIGKILL; `hang` is SIGSTOP, after which SIGCONT goes on; `enospc` and `eio` fail the step
/// as if a write had. `SLUICE_FAILPOINT=list` prints the names that a run
/// meets. `SLUICE_FAILPOINT_TRACE=FILE` appends each name reached.
public enum Failpoint {
    /// Where in a step.
    public enum Place: CaseIterable, Sendable {
        /// Nothing of the step is there yet.
        case before
        /// All of it is written and none of it is visible: before COMMIT, before rename.
        case middle
        /// It stands, and nobody was told.
        case after
    }

    /// A durable step; holds nothing in builds without hooks.
    public struct Step: Sendable {
        #if SLUICE_TEST_HOOKS
        let name: StaticString
        init(_ name: StaticString) { self.name = name }
        #else
        @inline(__always) init(_ name: StaticString) {}
        #endif

        // The home
        public static var masterKey: Step { Step("home.master_key") }
        public static var ledgerKey: Step { Step("home.ledger_key") }
        public static var ledgerKeyFact: Step { Step("store.ledger_key") }
        public static var storeMark: Step { Step("home.store_version") }
        public static var ledgerMark: Step { Step("home.ledger_mark") }
        public static var artifact: Step { Step("store.artifact") }
        public static var storeShape: Step { Step("store.migrate") }
        public static var storeFacts: Step { Step("store.set_up") }

        // A run in the store
        public static var createRun: Step { Step("store.create_run") }
        public static var takeLease: Step { Step("store.take_lease") }
        public static var dropLease: Step { Step("store.drop_lease") }
        public static var updateRun: Step { Step("store.update_run") }
        public static var commitStage: Step { Step("store.commit_stage") }
        /// A batch of artifact bodies that nothing refers to, deleted under the write lock.
        public static var collectArtifacts: Step { Step("store.collect_artifacts") }
        public static var promoteArtifact: Step { Step("store.promote_artifact") }
        public static var decision: Step { Step("store.decision") }
        public static var checkpoint: Step { Step("store.checkpoint") }
        public static var quarantine: Step { Step("store.quarantine") }
        public static var clearQuarantine: Step { Step("store.clear_quarantine") }
        public static var requestStop: Step { Step("store.request_stop") }
        public static var changeLane: Step { Step("store.change_lane") }
        /// The event of somebody who looks at raw values.
        public static var viewUnmasked: Step { Step("store.view_unmasked") }
        public static var cachePut: Step { Step("store.cache_put") }
        public static var cacheHit: Step { Step("store.cache_hit") }
        public static var cacheDrop: Step { Step("store.cache_drop") }

        // What a run spends at providers, and the batches that they keep for it
        public static var spendHold: Step { Step("store.spend_hold") }
        public static var spendEnd: Step { Step("store.spend_end") }
        public static var batchIntent: Step { Step("store.batch_intent") }
        public static var batchSubmitted: Step { Step("store.batch_submitted") }
        public static var batchEnd: Step { Step("store.batch_end") }

        // The plugins of a home
        public static var pluginFiles: Step { Step("plugins.files") }
        public static var pluginLock: Step { Step("plugins.lock") }
        public static var pluginKeys: Step { Step("plugins.keys") }
        public static var pluginAct: Step { Step("plugins.act") }

        // The policy of a home
        public static var policyAct: Step { Step("policy.act") }
        public static var policyMark: Step { Step("policy.mark") }
        public static var policyFile: Step { Step("policy.file") }

        // The target
        public static var prepareTarget: Step { Step("target.prepare") }
        public static var writeChunk: Step { Step("target.chunk") }
        public static var withdraw: Step { Step("target.withdraw") }
        public static var invalidate: Step { Step("target.invalidate") }
        public static var promote: Step { Step("target.promote") }
        public static var abandon: Step { Step("target.abandon") }
    }

    #if !SLUICE_TEST_HOOKS
    /// Says with which errno the step shall fail: never, in this build.
    @inlinable @inline(__always)
    public static func hit(_ step: Step, _ place: Place) -> Int32? { nil }
    #endif
}

#if SLUICE_TEST_HOOKS
extension Failpoint {
    /// Every step, in the order in which a first run meets them.
    static let steps: [Step] = [
        .masterKey, .storeShape, .storeFacts, .storeMark, .createRun, .ledgerMark, .takeLease, .updateRun,
        .artifact,
        .commitStage, .decision, .prepareTarget, .clearQuarantine, .checkpoint, .writeChunk, .quarantine,
        .withdraw, .invalidate, .promote, .abandon, .dropLease, .requestStop, .ledgerKey, .ledgerKeyFact, .cacheDrop,
        .promoteArtifact, .collectArtifacts,
        .cachePut, .cacheHit, .changeLane,
    ]

    /// Steps that no run without a model server meets: those of `sluice plugin install`, `policy edit`,
    /// `quarantine --unmasked` and their like, and those of questions to models.
    static let otherSteps: [Step] = [
        .pluginAct, .pluginFiles, .pluginLock, .pluginKeys, .policyAct, .policyMark, .policyFile, .viewUnmasked,
        .spendHold, .spendEnd, .batchIntent, .batchSubmitted, .batchEnd,
    ]

    /// Every name that SLUICE_FAILPOINT takes.
    public static var names: [String] { names(steps + otherSteps) }

    private static func names(_ steps: [Step]) -> [String] {
        steps.flatMap { step in Place.allCases.map { name(step, $0) } }
    }

    /// Reaches a place: returns nil to go on, or the errno with which the step shall fail.
    public static func hit(_ step: Step, _ place: Place) -> Int32? {
        guard let plan else { return nil }
        return plan.hit(name(step, place))
    }

    private static func name(_ step: Step, _ place: Place) -> String { "\(step.name).\(place)" }

    /// What the environment asks for; nil in a process that was not asked for anything.
    private static let plan: Plan? = {
        let environment = Context.system.environment
        let asked = environment["SLUICE_FAILPOINT"] ?? ""
        let trace = environment["SLUICE_FAILPOINT_TRACE"] ?? ""
        guard !asked.isEmpty || !trace.isEmpty else { return nil }
        if asked == "list" { leave(0, names(steps).joined(separator: "\n")) }
        var orders: [Plan.Order] = []
        for text in asked.split(separator: ",") {
            guard let order = Plan.Order(text) else { leave(70, "SLUICE_FAILPOINT: “\(text)” is not understood") }
            orders.append(order)
        }
        return Plan(orders, trace: trace.isEmpty ? nil : trace)
    }()

    /// A test that misspells a name must not pass.
    private static func leave(_ status: Int32, _ text: String) -> Never {
        let bytes = Array((text + "\n").utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
        _exit(status)
    }
}

/// The failures that were ordered, and how often each place was reached.
private final class Plan: Sendable {
    enum Act: Equatable { case kill, hang, fail(Int32) }

    struct Order {
        let name: String
        let count: Int
        let act: Act

        /// `NAME[@N]=ACT`.
        init?(_ text: Substring) {
            let sides = text.split(separator: "=", maxSplits: 1)
            guard sides.count == 2 else { return nil }
            let place = sides[0].split(separator: "@", maxSplits: 1)
            guard let named = place.first, Failpoint.names.contains(String(named)) else { return nil }
            switch sides[1] {
            case "kill": act = .kill
            case "hang": act = .hang
            case "enospc": act = .fail(ENOSPC)
            case "eio": act = .fail(EIO)
            default: return nil
            }
            guard let number = place.count == 2 ? Int(place[1]) : 1, number > 0 else { return nil }
            name = String(named)
            count = number
        }
    }

    private let orders: [Order]
    private let trace: String?
    private let reached = Mutex<[String: Int]>([:])

    init(_ orders: [Order], trace: String?) {
        self.orders = orders
        self.trace = trace
    }

    func hit(_ name: String) -> Int32? {
        let count = reached.withLock { reached in
            reached[name, default: 0] += 1
            return reached[name, default: 0]
        }
        if let trace { note(name, in: trace) }
        guard let order = orders.first(where: { $0.name == name && $0.count == count }) else { return nil }
        switch order.act {
        case .fail(let number): return number
        case .hang: kill(getpid(), SIGSTOP)
        case .kill:
            kill(getpid(), SIGKILL)
            while true { pause() }
        }
        return nil
    }

    private func note(_ name: String, in path: String) {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        let line = Array((name + "\n").utf8)
        _ = write(descriptor, line, line.count)
        close(descriptor)
    }
}
#endif
