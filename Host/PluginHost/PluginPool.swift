internal import CSystem
internal import Foundations
internal import Glibc
internal import Synchronization

/// Hot spares: runners of checks and providers that are sandboxed and have loaded their plugin, so that a session costs no
/// more than making an instance.
///
/// A spare is used once. It gets one instance, and ends with it: nothing of one dataset is left in a process when the next
/// one comes. Spares are started and watched on a thread of their own; nobody waits for them. One that dies while it lies
/// there is replaced, a few times; one whose files were changed is thrown away. A plugin that cannot be started as a spare
/// is started when it is needed, and its error is told then.
///
/// Connectors have none: what they may read is handed over when their process is made.
/// Any thread may call it. All spares end with the pool, and with the host.
public final class PluginPool: Sendable {
    private let core: SparePool

    /// - Parameters:
    ///   - settings: those of the sessions to come.
    ///   - spares: of each plugin.
    ///   - refills: whether a spare that was taken is replaced; without, `warm` must be called again.
    public init(settings: RunnerSettings, spares: Int = 1, refills: Bool = true) {
        core = SparePool(settings: settings, spares: max(0, spares), refills: refills, bell: Bell())
    }

    init(settings: RunnerSettings, refills: Bool, bell: Bell) {
        core = SparePool(settings: settings, spares: 1, refills: refills, bell: bell)
    }

    deinit { core.close() }

    /// Has spares of a check or a provider started, as many as there may be. Returns at once.
    public func warm(_ plugin: InstalledPlugin) { core.warm(plugin) }

    /// Ends every spare, and waits two seconds at most for one that is being started. Nothing is started afterwards.
    public func close() { core.close() }

    /// Process ids of the spares that are ready.
    public var spares: [Int32] { core.ready }

    /// A spare of exactly this plugin; nil when none is ready.
    func take(_ plugin: InstalledPlugin) -> PluginProcess? { core.take(plugin) }
}

/// What a pool is made of; its thread keeps it for as long as it runs.
private final class SparePool: Sendable {
    /// One spare. `@unchecked Sendable`: the pool's thread makes it and lays it on the shelf, and whoever takes it from
    /// there under the lock has it alone.
    private final class Spare: @unchecked Sendable {
        let process: PluginProcess
        init(_ process: PluginProcess) { self.process = process }
    }

    /// The spares of one plugin.
    private struct Shelf {
        var ready: [Spare] = []
        /// How many there shall be.
        var wanted = 0
        /// Spares that died or could not be started.
        var losses = 0
    }

    private struct State {
        var shelves: [InstalledPlugin: Shelf] = [:]
        var hasThread = false
        var isClosed = false
    }

    private let settings: RunnerSettings
    private let spares: Int
    private let refills: Bool
    private let state = Mutex(State())
    /// Cancels the start of a spare.
    private let stop = StopSignal()
    /// Of the sessions to come: once it is raised there will be none.
    private let runStop: StopSignal?
    /// Readable when the thread has something to look at.
    private let bell: Bell
    /// Raised when the thread has ended.
    private let ended = StopSignal()

    /// Spares of one plugin that may be lost before it gets no more.
    private static let mostLosses = 3

    init(settings: RunnerSettings, spares: Int, refills: Bool, bell: Bell) {
        runStop = settings.stop
        var settings = settings
        settings.stop = stop
        self.settings = settings
        self.bell = bell
        self.spares = spares
        self.refills = refills
    }

    var ready: [Int32] {
        state.withLock { $0.shelves.values.flatMap { shelf in shelf.ready.map(\.process.processID) } }
    }

    func warm(_ plugin: InstalledPlugin) {
        guard plugin.manifest.kind != .connector else { return }
        let isOpen = state.withLock { state in
            guard !state.isClosed else { return false }
            state.shelves[plugin, default: Shelf()].wanted = spares
            if !state.hasThread { state.hasThread = OwnThread.start { self.work() } }
            return state.hasThread
        }
        if isOpen { bell.ring() }
    }

    func take(_ plugin: InstalledPlugin) -> PluginProcess? {
        while true {
            let spare = state.withLock { state -> Spare? in
                guard let shelf = state.shelves[plugin] else { return nil }
                // Also when none is ready: the session starts its own, and one that came late would lie there for nobody.
                if !refills { state.shelves[plugin]?.wanted = max(0, shelf.wanted - 1) }
                return shelf.ready.isEmpty ? nil : state.shelves[plugin]?.ready.removeFirst()
            }
            guard let spare else { return nil }
            bell.ring()
            // One that does not fit any more is dropped, and with it its process.
            if spare.process.isRested, spare.process.origin.isCurrent { return spare.process }
        }
    }

    func close() {
        let (left, hasThread) = state.withLock { state in
            state.isClosed = true
            let left = state.shelves.values.flatMap(\.ready)
            state.shelves = [:]
            return (left, state.hasThread)
        }
        stop.raise()
        bell.ring()
        for spare in left { spare.process.discard() }
        guard hasThread else { return }
        let deadline = settings.context.monotonic() + 2_000_000_000
        while !ended.isRaised {
            let now = settings.context.monotonic()
            guard now < deadline else { return }
            var waited = pollfd(fd: ended.descriptor, events: Int16(POLLIN), revents: 0)
            poll(&waited, 1, min(100, Int32((deadline - now) / 1_000_000) + 1))
        }
    }

    // MARK: The thread

    private enum Step {
        case start(InstalledPlugin)
        case watch([(plugin: InstalledPlugin, spare: Spare)])
        case end
    }

    private func work() {
        while true {
            switch next() {
            case .start(let plugin): start(plugin)
            case .watch(let spares): watch(spares)
            case .end:
                ended.raise()
                return
            }
        }
    }

    private func next() -> Step {
        state.withLock { state in
            if state.isClosed { return .end }
            if runStop?.isRaised != true {
                for (plugin, shelf) in state.shelves
                where shelf.ready.count < shelf.wanted && shelf.losses <= Self.mostLosses { return .start(plugin) }
            }
            return .watch(state.shelves.flatMap { plugin, shelf in shelf.ready.map { (plugin: plugin, spare: $0) } })
        }
    }

    private func start(_ plugin: InstalledPlugin) {
        let made: Spare?
        do throws(SluiceError) {
            made = Spare(
                try PluginProcess(loading: plugin, hasWayOut: !plugin.manifest.egress.isEmpty, settings: settings))
        } catch { made = nil }
        let isKept = state.withLock { state in
            guard !state.isClosed, let shelf = state.shelves[plugin] else { return false }
            guard let made else {
                state.shelves[plugin]?.losses += 1
                return true
            }
            guard shelf.ready.count < shelf.wanted else { return false }
            state.shelves[plugin]?.ready.append(made)
            return true
        }
        if !isKept { made?.process.discard() }
    }

    /// Waits for something to do, or for the end of a spare.
    private func watch(_ spares: [(plugin: InstalledPlugin, spare: Spare)]) {
        var waited = [pollfd(fd: bell.descriptor, events: Int16(POLLIN), revents: 0)]
        // No events: the end of a stream is told in any case, and what a spare may say stays for whoever takes it.
        for (_, spare) in spares { waited.append(pollfd(fd: spare.process.socketNumber, events: 0, revents: 0)) }
        let longest = bell.descriptor < 0 ? StopSignal.blindMilliseconds : 60_000
        guard poll(&waited, nfds_t(waited.count), Int32(longest)) > 0 else { return }
        bell.silence()
        for (place, (plugin, spare)) in spares.enumerated() where waited[place + 1].revents != 0 {
            // Taken meanwhile, it is no business of the pool's any more.
            let isOurs = state.withLock { state in
                guard let at = state.shelves[plugin]?.ready.firstIndex(where: { $0 === spare }) else { return false }
                state.shelves[plugin]?.ready.remove(at: at)
                state.shelves[plugin]?.losses += 1
                return true
            }
            if isOurs { spare.process.discard() }
        }
    }
}

/// Wakes one thread from poll.
final class Bell: Sendable {
    /// -1 when the process had none left: then nobody is woken, and whoever waits looks by himself.
    let descriptor: Int32

    init(descriptor: Int32 = csystem_event()) { self.descriptor = descriptor }

    deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

    func ring() {
        var one: UInt64 = 1
        // It fails only when the counter is full, and then the thread is awake already.
        _ = write(descriptor, &one, 8)
    }

    func silence() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }
}

extension PluginProcess {
    /// For poll.
    var socketNumber: Int32 { child.socket.number }

    /// Loaded, without an instance, and alive.
    var isRested: Bool {
        guard life.state == .loaded, !child.hasEnded() else { return false }
        var waited = pollfd(fd: child.socket.number, events: 0, revents: 0)
        return poll(&waited, 1, 0) == 0
    }

    /// Kills a spare that nobody needs.
    func discard() {
        _ = life.handle(.refuse)
        child.kill()
    }

    /// A plugin without streams, with its instance made: in a spare when there is one that fits, else started now.
    ///
    /// - Throws: as the initialiser.
    static func open(
        _ plugin: InstalledPlugin, config: JSON, egress: EgressAccess? = nil, settings: RunnerSettings,
        care: PluginCare?, haste: Haste? = nil, onLog: ((PluginLogLine) -> Void)?,
        onProgress: ((UInt64, UInt64) -> Void)? = nil
    ) throws(SluiceError) -> PluginProcess {
        try settings.refuseOnceStopped(plugin.manifest)
        if let care, let pool = care.pool, egress != nil || plugin.manifest.egress.isEmpty {
            try care.admit(try plugin.identity())
            if let spare = pool.take(plugin) {
                spare.settings = settings
                spare.channel.stop = settings.stop
                spare.hurry(haste)
                defer { spare.hurry(nil) }
                spare.log.onLine = onLog
                spare.log.onProgress = onProgress
                do throws(SluiceError) {
                    try spare.create(config, egress: egress)
                    spare.care = care
                    return spare
                } catch {
                    // One that died may have died while it waited: a process of the session's own shows whose fault it is.
                    if spare.life.ending != .crashed {
                        spare.accuse(error, to: care)
                        throw error
                    }
                }
            }
        }
        return try PluginProcess(
            plugin, config: config, egress: egress, settings: settings, care: care, haste: haste, onLog: onLog,
            onProgress: onProgress)
    }
}
