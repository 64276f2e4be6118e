// Beside the face of libcurl its header brings in the C library's thread types, which are then its own.
internal import CCurl
internal import Contracts
internal import Foundations
internal import Glibc
internal import Synchronization

/// The idle connections of one broker, and the idle threads that carry its requests.
///
/// A connection goes to a request of the very same key alone. `@unchecked Sendable`: everything is touched under `lock`.
/// Threads that wait hold the `Shared` part, not the pool: they end when the pool goes.
final class ConnectionPool: Sendable {
    /// Everything that two requests must have in common to go over one connection.
    struct Key: Hashable, Sendable {
        let origin: Origin
        /// Which kind of network its addresses were vetted for.
        let isLocal: Bool
        let proxy: Origin?
        let certificateFile: String?
        /// The secret that goes along, by name; nil for none. A request without one never follows one that had it.
        let secret: String?
    }

    private let shared: Shared

    init(_ limits: EgressLimits) { shared = Shared(limits) }

    deinit { shared.close() }

    /// A connection that stands and is silent; the caller's alone until it is kept again or dropped.
    func take(_ key: Key) -> Connection? { shared.take(key) }

    /// Keeps a connection whose request ended well.
    func keep(_ connection: Connection, _ key: Key) { shared.keep(connection, key) }

    /// A kept connection broke under a request: the server does not say when it hangs up. None is kept for a while.
    func avoid(_ key: Key) { shared.avoid(key) }

    /// Runs `work` on a thread that waits, or on a new one.
    ///
    /// - Returns: false when the machine has no thread left.
    func run(_ work: @escaping @Sendable () -> Void) -> Bool { shared.run(work) }

    /// Connections that are kept now.
    var idleCount: Int { shared.idleCount }
}

/// What a thread begins with, which must not live as long as the thread: it holds the broker.
private final class First: Sendable {
    private let work: Mutex<(@Sendable () -> Void)?>

    init(_ work: @escaping @Sendable () -> Void) { self.work = Mutex(work) }

    func take() -> (@Sendable () -> Void)? {
        work.withLock { work in
            defer { work = nil }
            return work
        }
    }
}

private final class Shared: @unchecked Sendable {
    private let limits: EgressLimits
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let wakeUp = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    // In the order in which they came to rest.
    private var idle: [(key: ConnectionPool.Key, connection: Connection)] = []
    private var avoided: [ConnectionPool.Key: UInt64] = [:]
    private var jobs: [@Sendable () -> Void] = []
    private var waiting = 0
    private var isClosed = false

    init(_ limits: EgressLimits) {
        self.limits = limits
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_mutex_init(lock, nil)
        pthread_cond_init(wakeUp, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(wakeUp)
        pthread_mutex_destroy(lock)
        wakeUp.deallocate()
        lock.deallocate()
    }

    private func locked<R>(_ body: () -> R) -> R {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body()
    }

    var idleCount: Int { locked { idle.count } }

    // MARK: Connections

    func take(_ key: ConnectionPool.Key) -> Connection? {
        let now = Connection.now()
        // Closing one may wait for a lock of libcurl's: it is done outside of ours, when these go.
        let (found, over) = locked { () -> (Connection?, [Connection]) in
            var over = sweep(now)
            // The one that rested last is the likeliest to stand.
            while let place = idle.lastIndex(where: { $0.key == key }) {
                let connection = idle.remove(at: place).connection
                if connection.isFit(at: now, limits) { return (connection, over) }
                over.append(connection)
            }
            return (nil, over)
        }
        _ = over
        return found
    }

    func keep(_ connection: Connection, _ key: ConnectionPool.Key) {
        guard limits.idleSeconds > 0, limits.idleConnections > 0 else { return }
        let now = Connection.now()
        let over = locked { () -> [Connection] in
            guard !isClosed, avoided[key].map({ $0 <= now }) ?? true else { return [connection] }
            avoided[key] = nil
            idle.append((key, connection))
            var over = sweep(now)
            if idle.count > limits.idleConnections { over.append(idle.removeFirst().connection) }
            return over
        }
        _ = over
    }

    func avoid(_ key: ConnectionPool.Key) {
        let until = Connection.now() &+ 60 * 1_000_000_000
        locked {
            if avoided.count >= 256 { avoided = [:] }
            avoided[key] = until
        }
    }

    /// Under the lock.
    private func sweep(_ now: UInt64) -> [Connection] {
        let over = idle.filter { $0.connection.isOver(at: now, limits) }
        if !over.isEmpty { idle.removeAll { $0.connection.isOver(at: now, limits) } }
        return over.map(\.connection)
    }

    func close() {
        let over = locked { () -> [Connection] in
            isClosed = true
            defer { idle = [] }
            pthread_cond_broadcast(wakeUp)
            return idle.map(\.connection)
        }
        _ = over
    }

    // MARK: Threads

    func run(_ work: @escaping @Sendable () -> Void) -> Bool {
        let isTaken = locked {
            guard waiting > jobs.count else { return false }
            jobs.append(work)
            pthread_cond_signal(wakeUp)
            return true
        }
        if isTaken { return true }
        let first = First(work)
        return OwnThread.start { [self] in
            first.take()?()
            while let next = wait() { next() }
        }
    }

    /// The next piece of work; nil when the thread has waited long enough, and no connection is left for it to close.
    private func wait() -> (@Sendable () -> Void)? {
        let began = Connection.now()
        let last = began &+ Connection.nanoseconds(max(limits.idleSeconds, 1))
        while true {
            let now = Connection.now()
            let (work, mayEnd, over) = locked { () -> ((@Sendable () -> Void)?, Bool, [Connection]) in
                if !jobs.isEmpty { return (jobs.removeFirst(), false, []) }
                let over = sweep(now)
                // Connections are closed before anybody sleeps, and the last thread stays for those that are left.
                guard over.isEmpty else { return (nil, false, over) }
                if isClosed || (now >= last && (idle.isEmpty || waiting > 0)) { return (nil, true, []) }
                let next = idle.map { $0.connection.end(limits) }.min() ?? last
                var until = Self.time(max(now >= last ? next : min(last, next), now &+ 1_000_000))
                waiting += 1
                pthread_cond_timedwait(wakeUp, lock, &until)
                waiting -= 1
                return (nil, false, [])
            }
            _ = over
            if work != nil || mayEnd { return work }
        }
    }

    private static func time(_ nanoseconds: UInt64) -> timespec {
        timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    }
}
