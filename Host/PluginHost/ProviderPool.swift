public import Egress
public import Foundations
internal import Glibc
public import Policy
internal import Synchronization

/// Up to so many processes of one provider, for many threads: a run asks a model several things at a time.
///
/// A process is started when a call finds none idle and there is room; the one that was idle last is used first, so that
/// few stay warm. One that died or was stopped is replaced by the next call. A call that finds all of them busy waits its
/// turn. Any thread may call it, and waits; none of them needs to live longer than its call.
/// All processes end with `close`, and with the pool.
public final class ProviderPool: Sendable {
    /// What the pool's owner wants of its plugin; as `PluginCare`, called from whichever thread makes a call.
    public struct Care: Sendable {
        let spares: PluginPool?
        let admit: @Sendable (PluginIdentity) throws(SluiceError) -> Void
        let onMisconduct: @Sendable (PluginMisconduct) -> Void
        let onRefused: @Sendable (String, SluiceError) -> Void
        let onStart: @Sendable (PluginStart) -> Void

        /// - Parameters:
        ///   - spares: where loaded spares lie; the pool's first process is one of them when there is one.
        ///   - onStart: called with every process, before it is asked anything.
        public init(
            spares: PluginPool? = nil, admit: @escaping @Sendable (PluginIdentity) throws(SluiceError) -> Void,
            onMisconduct: @escaping @Sendable (PluginMisconduct) -> Void,
            onRefused: @escaping @Sendable (_ plugin: String, SluiceError) -> Void = { _, _ in },
            onStart: @escaping @Sendable (PluginStart) -> Void = { _ in }
        ) {
            self.spares = spares
            self.admit = admit
            self.onMisconduct = onMisconduct
            self.onRefused = onRefused
            self.onStart = onStart
        }

        var plain: PluginCare {
            PluginCare(pool: spares, admit: admit, onMisconduct: onMisconduct, onRefused: onRefused)
        }
    }

    /// The way out of a pool's processes; each has its own desk, all have the one broker.
    public struct WayOut: Sendable {
        let broker: EgressBroker
        let provider: String
        let onRequest: @Sendable (EgressRecord) throws(SluiceError) -> Void

        /// - Parameters:
        ///   - provider: the tag under which policy knows the provider.
        ///   - onRequest: as that of `EgressAccess`, from whichever thread makes a call, and from several at a time.
        public init(
            broker: EgressBroker, provider: String,
            onRequest: @escaping @Sendable (EgressRecord) throws(SluiceError) -> Void
        ) {
            self.broker = broker
            self.provider = provider
            self.onRequest = onRequest
        }
    }

    /// `@unchecked Sendable`: under the lock it goes from hand to hand, and one thread at a time has it.
    private final class Worker: @unchecked Sendable {
        let session: ProviderSession
        init(_ session: ProviderSession) { self.session = session }
    }

    /// What a call may do now.
    private enum Turn: Sendable {
        case worker(Worker)
        /// There is room for a process: it is the caller's to start.
        case room
        case closed
    }

    /// A thread that waits for its turn.
    private final class Waiter: Sendable {
        /// Raised once there is a turn.
        let bell = StopSignal()
        let turn = Mutex<Turn?>(nil)

        func give(_ value: Turn) {
            turn.withLock { $0 = value }
            bell.raise()
        }
    }

    private struct State {
        /// The one that was used last at the end.
        var idle: [Worker] = []
        /// Processes that there are or that are being started.
        var count = 0
        /// In the order in which they came.
        var waiters: [Waiter] = []
        var isClosed = false
    }

    public let plugin: InstalledPlugin
    private let most: Int
    private let config: JSON
    private let wayOut: WayOut?
    private let settings: RunnerSettings
    private let permit: Permit
    private let care: Care?
    private let onLog: (@Sendable (PluginLogLine) -> Void)?
    private let state = Mutex(State())
    /// Cancels what runs when the pool is closed.
    private let closing = StopSignal()

    public static let defaultProcesses = 4

    /// Starts nothing yet.
    ///
    /// - Parameters:
    ///   - processes: the most that there are at a time; at least one.
    ///   - settings: of every process; its `stop` cancels all of them.
    ///   - permit: for `call_provider`.
    ///   - onLog: called from whichever thread makes a call.
    /// - Throws: `plugin.missing` when the plugin is no provider; `policy.denied` for another permit.
    public init(
        _ plugin: InstalledPlugin, processes: Int = ProviderPool.defaultProcesses, config: JSON = [:],
        wayOut: WayOut? = nil, settings: RunnerSettings, permit: Permit, care: Care? = nil,
        onLog: (@Sendable (PluginLogLine) -> Void)? = nil
    ) throws(SluiceError) {
        try plugin.require(.provider)
        guard permit.action == .callProvider else {
            throw SluiceError(.policyDenied, "A provider is called with a permit for call_provider alone.")
        }
        self.plugin = plugin
        most = max(1, processes)
        self.config = config
        self.wayOut = wayOut
        self.settings = settings
        self.permit = permit
        self.care = care
        self.onLog = onLog
    }

    deinit { close() }

    /// Processes that there are, idle and busy.
    package var processes: Int { state.withLock(\.count) }

    /// Process ids of those that are idle, the one that is used next at the end.
    package var idleProcesses: [Int32] { state.withLock { $0.idle.map(\.session.process.processID) } }

    // MARK: Calls

    /// As `ProviderSession.infer`, by a process that is free, or as soon as one is.
    public func infer(
        _ request: ModelRequest, deadline: UInt64, stop: StopSignal? = nil
    ) -> Result<ModelAnswer, ProviderFailure> {
        with(deadline: deadline, stop: stop) { $0.infer(request, deadline: deadline, stop: stop) }
    }

    /// Tokens that prompts cost as input, in order.
    ///
    /// - Parameter deadline: as that of `infer`, for all of them.
    /// - Returns: `not_offered` when the provider counts none.
    public func tokens(
        _ prompts: [MaskedPrompt], model: String, deadline: UInt64 = .max, stop: StopSignal? = nil
    ) -> Result<[Int], ProviderFailure> {
        with(deadline: deadline, stop: stop) { $0.tokens(prompts, model: model, deadline: deadline, stop: stop) }
    }

    /// As `ProviderSession.submit`.
    public func submit(
        _ requests: [(id: String, request: ModelRequest)], deadline: UInt64, stop: StopSignal? = nil
    ) -> Result<String, ProviderFailure> {
        with(deadline: deadline, stop: stop) { $0.submit(requests, deadline: deadline, stop: stop) }
    }

    /// As `ProviderSession.poll`: any of the processes answers for a batch of any other.
    public func poll(
        batch: String, cancels: Bool = false, deadline: UInt64, stop: StopSignal? = nil
    ) -> Result<ModelBatch, ProviderFailure> {
        with(deadline: deadline, stop: stop) {
            $0.poll(batch: batch, cancels: cancels, deadline: deadline, stop: stop)
        }
    }

    /// As `ProviderSession.probe`.
    public func probe(deadline: UInt64, stop: StopSignal? = nil) -> Result<Void, ProviderFailure> {
        with(deadline: deadline, stop: stop) { $0.probe(deadline: deadline, stop: stop) }
    }

    /// Ends every process in an orderly way, cancels the calls that run, and waits two seconds at most for those.
    ///
    /// Nothing is started afterwards.
    public func close() {
        let (idle, waiters) = state.withLock { state in
            defer { (state.idle, state.waiters) = ([], []) }
            state.isClosed = true
            state.count -= state.idle.count
            return (state.idle, state.waiters)
        }
        closing.raise()
        for waiter in waiters { waiter.give(.closed) }
        let end = settings.context.monotonic() + 2_000_000_000
        for worker in idle {
            // One that will not leave takes a second and a half; the others are then killed, as whoever drops them does.
            guard settings.context.monotonic() + 1_500_000_000 < end else { break }
            worker.session.stop()
        }
        while processes > 0, settings.context.monotonic() < end { Glibc.poll(nil, 0, 1) }
    }

    // MARK: Processes

    private func with<Answer>(
        deadline: UInt64, stop: StopSignal?,
        _ call: (ProviderSession) -> Result<Answer, ProviderFailure>
    ) -> Result<Answer, ProviderFailure> {
        switch take(deadline: deadline, stop: stop) {
        case .failure(let failure): return .failure(failure)
        case .success(let worker):
            defer { give(worker) }
            return call(worker.session)
        }
    }

    private func take(deadline: UInt64, stop: StopSignal?) -> Result<Worker, ProviderFailure> {
        while true {
            switch free() ?? wait(deadline: deadline, stop: stop) {
            case .worker(let worker):
                // It may have died while nobody looked: then another one is taken in its place.
                if worker.session.process.isReady { return .success(worker) }
                give(worker)
            case .room: return start(deadline: deadline, stop: stop)
            case .closed: return .failure(gone)
            case nil:
                let isStopped = stop?.isRaised == true || settings.stop?.isRaised == true
                return .failure(
                    ProviderFailure(
                        .timeout, reason: isStopped ? "cancelled" : "deadline",
                        message: "No process of the plugin \(plugin.manifest.id) became free in time.",
                        wasCalled: false))
            }
        }
    }

    /// A turn that there is at once.
    private func free() -> Turn? { state.withLock { Self.free(&$0, most) } }

    private static func free(_ state: inout State, _ most: Int) -> Turn? {
        if state.isClosed { return .closed }
        if let worker = state.idle.popLast() { return .worker(worker) }
        guard state.count < most else { return nil }
        state.count += 1
        return .room
    }

    /// Waits for a turn behind the others; nil when the time is over or somebody wants to stop.
    private func wait(deadline: UInt64, stop: StopSignal?) -> Turn? {
        let waiter = Waiter()
        let most = most
        let turn = state.withLock { state -> Turn? in
            if let turn = Self.free(&state, most) { return turn }
            state.waiters.append(waiter)
            return nil
        }
        if let turn { return turn }
        let descriptors = [waiter.bell, stop, settings.stop].map { $0?.descriptor ?? -1 }
        let isBlind = zip([waiter.bell, stop, settings.stop], descriptors).contains { $0 != nil && $1 < 0 }
        while true {
            if let turn = waiter.turn.withLock({ $0 }) { return turn }
            let now = settings.context.monotonic()
            if now >= deadline || stop?.isRaised == true || settings.stop?.isRaised == true { break }
            var waited = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            let longest: UInt64 = isBlind ? StopSignal.blindMilliseconds : 60_000
            Glibc.poll(&waited, 3, Int32(min((deadline - now) / 1_000_000 + 1, longest)))
        }
        let isOut = state.withLock { state in
            guard let place = state.waiters.firstIndex(where: { $0 === waiter }) else { return false }
            state.waiters.remove(at: place)
            return true
        }
        // Its turn came in this very moment: somebody else shall have it.
        if !isOut, let turn = waiter.turn.withLock({ $0 }) { passOn(turn) }
        return nil
    }

    private func passOn(_ turn: Turn) {
        switch turn {
        case .worker(let worker): give(worker)
        case .room: leave()
        case .closed: break
        }
    }

    private func start(deadline: UInt64, stop: StopSignal?) -> Result<Worker, ProviderFailure> {
        do throws(SluiceError) {
            let egress = wayOut.map { EgressAccess(broker: $0.broker, provider: $0.provider, onRequest: $0.onRequest) }
            let session = try ProviderSession(
                plugin, config: config, egress: egress, settings: settings, permit: permit, care: care?.plain,
                haste: Haste(deadline: deadline, stops: [closing] + (stop.map { [$0] } ?? [])), onLog: onLog)
            session.process.otherStops = [closing]
            care?.onStart(PluginStart(session.process))
            return .success(Worker(session))
        } catch {
            leave()
            return .failure(ProviderFailure(error, isStart: true))
        }
    }

    /// A process is free, or is no more.
    private func give(_ worker: Worker) {
        guard worker.session.process.isReady else {
            worker.session.stop()
            leave()
            return
        }
        let isKept = state.withLock { state in
            if state.isClosed { return false }
            if state.waiters.isEmpty {
                state.idle.append(worker)
            } else {
                state.waiters.removeFirst().give(.worker(worker))
            }
            return true
        }
        guard !isKept else { return }
        worker.session.stop()
        leave()
    }

    /// There is one process less: whoever waits longest may start another.
    private func leave() {
        let next = state.withLock { state -> Waiter? in
            guard !state.isClosed, !state.waiters.isEmpty else {
                state.count -= 1
                return nil
            }
            return state.waiters.removeFirst()
        }
        next?.give(.room)
    }

    private var gone: ProviderFailure {
        ProviderFailure(
            .timeout, reason: "cancelled",
            message: "The plugin \(plugin.manifest.id) was stopped: nobody waits for it any more.",
            wasCalled: false)
    }
}

extension PluginProcess {
    /// Whether a call can be made: it has its instance, no call runs, and its process lives.
    var isReady: Bool {
        guard life.state == .ready else { return false }
        var waited = pollfd(fd: child.socket.number, events: 0, revents: 0)
        guard Glibc.poll(&waited, 1, 0) > 0 else { return true }
        _ = fail(.closed, during: "a pause", seconds: 0)
        return false
    }
}
