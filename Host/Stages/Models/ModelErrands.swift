internal import Egress
internal import Foundations
internal import Glibc
internal import PluginHost

/// What a thread that asks a model needs of the driving thread: the run's ledger is that thread's.
enum ModelErrand: Sendable {
    /// Prompts are about to be handed to a provider.
    case call(ProviderCall)
    /// A provider's request leaves, or was answered or refused.
    case request(EgressRecord)
    /// A batch is about to be handed to a provider, or something became of one.
    case batch(BatchRecord)
    /// A process of the plugin is to be started.
    case admit(PluginIdentity)
    /// A process was started: in which sandbox, of which files.
    case started(PluginStart)
    case misconduct(PluginMisconduct)
    case refused(plugin: String, SluiceError)
}

/// Errands of other threads, done one by one on the driving thread while it waits for them.
///
/// `@unchecked Sendable`: what changes is touched under `lock` alone.
final class ModelErrands: @unchecked Sendable {
    private final class Entry {
        let errand: ModelErrand
        var outcome: Result<Void, SluiceError>?
        init(_ errand: ModelErrand) { self.errand = errand }
    }

    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var queue: [Entry] = []
    private var isClosed = false
    /// Of the work that `serve` waits for.
    private var isDone = false

    init() {
        pthread_mutex_init(lock, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        // Whoever waits holds a reference: nobody does.
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        changed.deallocate()
        lock.deallocate()
    }

    private func locked<T>(_ body: () -> T) -> T {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body()
    }

    /// Has an errand done, and waits for it. From any thread but the driving one. An errand that comes while the driving
    /// thread does something else waits for the next `serve` or `close`.
    ///
    /// - Throws: what the errand threw; `run.stopped` when the drive has ended.
    func post(_ errand: ModelErrand) throws(SluiceError) {
        let entry = Entry(errand)
        let outcome: Result<Void, SluiceError> = locked {
            if !isClosed { queue.append(entry) }
            pthread_cond_broadcast(changed)
            while entry.outcome == nil, !(isClosed && !queue.contains { $0 === entry }) {
                pthread_cond_wait(changed, lock)
            }
            return entry.outcome
                ?? .failure(
                    SluiceError(.runStopped, "The drive of the run has ended, and no provider is asked any more."))
        }
        try outcome.get()
    }

    /// Runs `work` on a thread of its own, and does the errands of other threads until it is done. On the driving thread.
    ///
    /// - Parameter look: called every quarter of a second, and before the first wait.
    /// - Returns: false when the machine has no thread left, and nothing was done.
    @discardableResult
    func serve(
        _ handle: (ModelErrand) throws(SluiceError) -> Void, look: () -> Void = {},
        while work: @escaping @Sendable () -> Void
    ) -> Bool {
        locked { isDone = false }
        let started = OwnThread.start { [self] in
            work()
            locked {
                isDone = true
                pthread_cond_broadcast(changed)
            }
        }
        guard started else { return false }
        while true {
            look()
            switch next(waits: true) {
            case .entry(let entry): finish(entry, handle)
            case .nothing: continue
            case .end: return true
            }
        }
    }

    /// Does what waits, and refuses what comes later. On the driving thread.
    func close(_ handle: (ModelErrand) throws(SluiceError) -> Void) {
        while case .entry(let entry) = next(waits: false) { finish(entry, handle) }
        locked {
            isClosed = true
            pthread_cond_broadcast(changed)
        }
    }

    private enum Next {
        case entry(Entry)
        /// Nothing came for a while.
        case nothing
        /// The work is done, or there is nothing and nobody waits.
        case end
    }

    private func next(waits: Bool) -> Next {
        locked {
            if queue.isEmpty, waits, !isDone {
                var end = timespec()
                clock_gettime(CLOCK_MONOTONIC, &end)
                end.tv_nsec += 250_000_000
                if end.tv_nsec >= 1_000_000_000 {
                    end.tv_sec += 1
                    end.tv_nsec -= 1_000_000_000
                }
                pthread_cond_timedwait(changed, lock, &end)
            }
            if !queue.isEmpty { return .entry(queue.removeFirst()) }
            return waits && !isDone ? .nothing : .end
        }
    }

    private func finish(_ entry: Entry, _ handle: (ModelErrand) throws(SluiceError) -> Void) {
        let outcome: Result<Void, SluiceError>
        do throws(SluiceError) {
            try handle(entry.errand)
            outcome = .success(())
        } catch { outcome = .failure(error) }
        locked {
            entry.outcome = outcome
            pthread_cond_broadcast(changed)
        }
    }
}
