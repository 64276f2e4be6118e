import Glibc
import Synchronization

/// Runs a body in so many threads of the system at once, and gives the results in no order; the first error counts.
func inThreads<R: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) throws -> R) throws -> [R] {
    let results = Results<R>()
    var threads: [pthread_t] = []
    for index in 0..<count {
        let box = Unmanaged.passRetained(Box { results.add(Result { try body(index) }) }).toOpaque()
        var thread = pthread_t()
        let started = pthread_create(
            &thread, nil,
            { argument in
                // The argument is the box that was retained for this very thread.
                if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, box)
        precondition(started == 0)
        threads.append(thread)
    }
    for thread in threads { pthread_join(thread, nil) }
    return try results.all.map { try $0.get() }
}

private final class Results<R: Sendable>: Sendable {
    private let list = Mutex<[Result<R, any Error>]>([])
    func add(_ result: Result<R, any Error>) { list.withLock { $0.append(result) } }
    var all: [Result<R, any Error>] { list.withLock { $0 } }
}

private final class Box: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}
