import Glibc
import Synchronization

/// Runs a body in so many threads of the system at once; every error counts.
func inThreads<R: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) throws -> R) throws -> [R] {
    final class Work: Sendable {
        let results = Mutex<[Result<R, any Error>]>([])
        let next = Mutex(0)
        let body: @Sendable (Int) throws -> R
        init(_ body: @escaping @Sendable (Int) throws -> R) { self.body = body }

        func run() {
            let index = next.withLock { (number: inout Int) -> Int in
                defer { number += 1 }
                return number
            }
            let result = Result { try body(index) }
            results.withLock { $0.append(result) }
        }
    }
    let work = Work(body)
    var threads: [pthread_t] = []
    for _ in 0..<count {
        let box = Unmanaged.passRetained(Box(work.run)).toOpaque()
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
    return try work.results.withLock { $0 }.map { try $0.get() }
}

private final class Box: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}
