internal import Foundations
internal import Glibc

/// A lock with a condition that threads wait for. Nothing of it may be called from a cooperative thread.
///
/// `@unchecked Sendable`: the value is touched with the mutex held alone; mutex and condition have addresses of their own.
final class Monitor<Value>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var value: Value

    init(_ value: Value) {
        self.value = value
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Changes the value and wakes all who wait.
    func change<T>(_ body: (inout Value) -> T) -> T {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        let result = body(&value)
        pthread_cond_broadcast(condition)
        return result
    }

    /// Waits until `body` gives something, which may change the value; nil when it did not within so many nanoseconds.
    ///
    /// - Parameter body: called with the lock held, once at least.
    func wait<T>(nanoseconds: UInt64, for body: (inout Value) -> T?) -> T? {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let most = min(nanoseconds, 86_400_000_000_000)
        var end = timespec(
            tv_sec: now.tv_sec + Int(most / 1_000_000_000), tv_nsec: now.tv_nsec + Int(most % 1_000_000_000))
        if end.tv_nsec >= 1_000_000_000 {
            end.tv_sec += 1
            end.tv_nsec -= 1_000_000_000
        }
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&value) { return result }
            if pthread_cond_timedwait(condition, mutex, &end) == ETIMEDOUT { return body(&value) }
        }
    }
}

/// Threads that are kept for a while: a request that ends soon costs no new one.
final class Workers: Sendable {
    private struct State {
        var waiting: [@Sendable () -> Void] = []
        var idle = 0
    }

    /// How long a thread without work stays.
    private static let stay: UInt64 = 2_000_000_000
    private let state = Monitor(State())

    /// Runs `work` on a thread of its own; on this one when the machine has none left.
    func run(_ work: @escaping @Sendable () -> Void) {
        let isTaken = state.change { state in
            guard state.idle > state.waiting.count else { return false }
            state.waiting.append(work)
            return true
        }
        guard !isTaken else { return }
        let shared = state
        let started = OwnThread.start {
            work()
            Self.serve(shared)
        }
        if !started { work() }
    }

    private static func serve(_ state: Monitor<State>) {
        state.change { $0.idle += 1 }
        while true {
            let work = state.wait(nanoseconds: stay) { state in
                guard !state.waiting.isEmpty else { return nil as (@Sendable () -> Void)? }
                state.idle -= 1
                return state.waiting.removeFirst()
            }
            guard let work else {
                // Between the wait and here somebody may have counted on this thread.
                let late = state.change { state -> (@Sendable () -> Void)? in
                    state.idle -= 1
                    return state.waiting.isEmpty ? nil : state.waiting.removeFirst()
                }
                guard let late else { return }
                late()
                state.change { $0.idle += 1 }
                continue
            }
            work()
            state.change { $0.idle += 1 }
        }
    }
}
