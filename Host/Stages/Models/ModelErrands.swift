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
    /// A process of the plugin is to be started.
    case admit(PluginIdentity)
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
        pthread_cond_init(changed, nil)
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
                ?? .failure(SluiceError(.runStopped, "The drive of the run has ended, and no provider is asked any more."))
        }
        try outcome.get()
    }

    /// Runs `work` on a thread of its own, and does the errands of other threads until it is done. On the driving thread.
    ///
    /// - Throws: `provider.transient` when the machine has no thread left.
    func serve(
        _ handle: (ModelErrand) throws(SluiceError) -> Void, while work: @escaping @Sendable () -> Void
    ) throws(SluiceError) {
        locked { isDone = false }
        let started = OwnThread.start { [self] in
            work()
            locked {
                isDone = true
                pthread_cond_broadcast(changed)
            }
        }
        guard started else {
            throw SluiceError(.providerTransient, "The machine has no thread left to ask a model with.")
        }
        while let entry = next(waits: true) { finish(entry, handle) }
    }

    /// Does what waits, and refuses what comes later. On the driving thread.
    func close(_ handle: (ModelErrand) throws(SluiceError) -> Void) {
        while let entry = next(waits: false) { finish(entry, handle) }
        locked {
            isClosed = true
            pthread_cond_broadcast(changed)
        }
    }

    /// The next errand; nil when the work is done, or there is none and it does not wait.
    private func next(waits: Bool) -> Entry? {
        locked {
            while queue.isEmpty, waits, !isDone { pthread_cond_wait(changed, lock) }
            return queue.isEmpty ? nil : queue.removeFirst()
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
