internal import Foundations
internal import Glibc
internal import Synchronization

/// Batches that several threads take one by one, and what becomes of them.
final class BatchQueue: Sendable {
    private struct State {
        var next = 0
        var threads = 0
        var results: [Result<TransformResult, SluiceError>?]
    }

    private let state: Mutex<State>
    /// Posted by every thread that ends.
    private let ended = Ended()

    /// A semaphore. `@unchecked Sendable`: any thread may wait for it and post it.
    private final class Ended: @unchecked Sendable {
        let semaphore: UnsafeMutablePointer<sem_t>

        init() {
            semaphore = .allocate(capacity: 1)
            sem_init(semaphore, 0, 0)
        }

        deinit {
            sem_destroy(semaphore)
            semaphore.deallocate()
        }

        func wait() { while sem_wait(semaphore) != 0 {} }
        func post() { sem_post(semaphore) }
    }

    init(_ count: Int) { state = Mutex(State(results: Array(repeating: nil, count: count))) }

    /// The next batch's place; nil when all are taken, or behind one that failed.
    func next() -> Int? {
        state.withLock { state in
            guard state.next < state.results.count else { return nil }
            state.next += 1
            return state.next - 1
        }
    }

    func put(_ place: Int, _ result: Result<TransformResult, SluiceError>) {
        state.withLock { state in
            state.results[place] = result
            // Nobody needs what is behind a failure; what is before it is under way.
            if case .failure = result { state.next = state.results.count }
        }
    }

    /// Has another thread work along, where the machine has one.
    func start(_ work: @escaping @Sendable () -> Void) {
        let started = OwnThread.start { [self] in
            work()
            ended.post()
        }
        if started { state.withLock { $0.threads += 1 } }
    }

    /// The results up to the first failure, when all threads have ended. Called once, behind this thread's own work.
    func wait() -> [Result<TransformResult, SluiceError>] {
        for _ in 0..<state.withLock({ $0.threads }) { ended.wait() }
        return state.withLock { state in state.results.prefix { $0 != nil }.compactMap(\.self) }
    }
}
