internal import Glibc
internal import Synchronization

/// The thread that starts every runner.
///
/// A runner asks the kernel to die with its parent, and that means the parent's *thread*: a runner that a worker
/// thread started would die with that worker. So one thread, which never ends, starts them all.
final class Spawner: Sendable {
    /// One program to start.
    struct Order: Sendable {
        let program: String
        let arguments: [String]
        let environment: [String]
        /// What the child inherits: the host's number, and the number in the child. 0 and 1 are /dev/null.
        ///
        /// Every host number must be above every child number.
        let descriptors: [(host: Int32, child: Int32)]
    }

    /// A process id, or the errno of the start.
    enum Outcome: Sendable {
        case started(pid_t)
        case refused(Int32)
    }

    /// Started with the first runner; it lives as long as the process, on purpose.
    static let shared = Spawner()

    private struct Job: Sendable {
        let order: Order
        let answer: Answer
    }

    /// Where the caller waits for its outcome.
    private final class Answer: Sendable {
        private let outcome = Mutex<Outcome?>(nil)
        private let signal = Signal()

        func give(_ value: Outcome) {
            outcome.withLock { $0 = value }
            signal.post()
        }

        func wait() -> Outcome {
            signal.wait()
            return outcome.withLock { $0 } ?? .refused(EAGAIN)
        }
    }

    private let jobs = Mutex<[Job]>([])
    private let arrived = Signal()
    private let runs = Atomic<Bool>(false)

    private init() {
        var thread = pthread_t()
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        // The thread takes no signal of the host; it inherits the mask of the thread that makes it.
        pthread_sigmask(SIG_SETMASK, &all, &before)
        let started = pthread_create(
            &thread, nil,
            { pointer in
                // Balanced by passRetained below; the thread keeps its spawner for ever.
                if let pointer { Unmanaged<Spawner>.fromOpaque(pointer).takeUnretainedValue().work() }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        pthread_sigmask(SIG_SETMASK, &before, nil)
        if started == 0 {
            pthread_detach(thread)
            runs.store(true, ordering: .sequentiallyConsistent)
        }
    }

    /// Starts a program in a process group of its own, with default signals and no signal blocked. Any thread.
    func start(_ order: Order) -> Outcome {
        guard runs.load(ordering: .sequentiallyConsistent) else { return .refused(EAGAIN) }
        let answer = Answer()
        jobs.withLock { $0.append(Job(order: order, answer: answer)) }
        arrived.post()
        return answer.wait()
    }

    private func work() {
        while true {
            arrived.wait()
            guard let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { continue }
            job.answer.give(Self.spawn(job.order))
        }
    }

    private static func spawn(_ order: Order) -> Outcome {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        guard posix_spawn_file_actions_init(&actions) == 0 else { return .refused(ENOMEM) }
        defer { posix_spawn_file_actions_destroy(&actions) }
        guard posix_spawnattr_init(&attributes) == 0 else { return .refused(ENOMEM) }
        defer { posix_spawnattr_destroy(&attributes) }
        var status = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        if status == 0 { status = posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0) }
        for (host, child) in order.descriptors where status == 0 {
            status = posix_spawn_file_actions_adddup2(&actions, host, child)
        }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        if status == 0 { status = posix_spawnattr_setsigmask(&attributes, &none) }
        if status == 0 { status = posix_spawnattr_setsigdefault(&attributes, &all) }
        if status == 0 { status = posix_spawnattr_setpgroup(&attributes, 0) }
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        if status == 0 { status = posix_spawnattr_setflags(&attributes, Int16(flags)) }
        guard status == 0 else { return .refused(status) }
        var pid: pid_t = 0
        let outcome = withCStrings(order.arguments) { arguments in
            withCStrings(order.environment) { environment in
                posix_spawn(&pid, order.program, &actions, &attributes, arguments, environment)
            }
        }
        return outcome == 0 ? .started(pid) : .refused(outcome)
    }

    private static func withCStrings<R>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R
    ) -> R {
        var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return body(&pointers)
    }
}

/// A counting semaphore.
///
/// `@unchecked Sendable`: the memory is made and freed with the object, and the calls are thread-safe (POSIX).
private final class Signal: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func post() { sem_post(semaphore) }

    func wait() { while sem_wait(semaphore) != 0 {} }
}
