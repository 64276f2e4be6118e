internal import Glibc
internal import Synchronization

/// How long and how much a request may take, beside what the endpoint's `max_bytes` says.
public struct EgressLimits: Sendable, Equatable {
    /// Until the connection stands, TLS included.
    public var connectSeconds: Double = 10
    /// From the request to the last byte, redirects included; the deadline of the plugin's call holds too.
    public var totalSeconds: Double = 600
    /// From the first byte of an answer to the end of its head.
    public var headSeconds: Double = 10
    /// So long a body (of the request too) may come at less than `bytesPerSecond`.
    public var stallSeconds: Double = 20
    public var bytesPerSecond = 16
    /// The head of an answer: status lines, headers and trailers together.
    public var headBytes = 64 * 1024
    public var redirects = 3
    /// A connection is kept so long for the next request to the same place, and is never older than `connectionSeconds`:
    /// a name that moves is followed. 0 keeps none.
    public var idleSeconds: Double = 30
    public var connectionSeconds: Double = 300
    /// Connections that a broker keeps idle.
    public var idleConnections = 8
    /// Requests of one plugin at a time, those included that were given up and whose threads still wait.
    public var concurrent = 8
    /// What those may hold: bodies of requests, and what their endpoints allow of an answer.
    public var bytesInFlight = 512 << 20
    /// Requests of one call, refused ones included; one more ends the plugin.
    public var requestsPerCall = 1000
    /// Refused requests of one call that have a record each; the others are counted in one.
    public var refusalsRecorded = 32

    public init() {}
}

/// Ends a request from another thread. One for each request.
public final class EgressCancellation: Sendable {
    private struct State {
        var isCancelled = false
        /// Wakes the transfer that runs; called under the lock, so that the transfer cannot end meanwhile.
        var wake: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    public init() {}

    public var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Harmless when nothing runs, and more than once.
    public func cancel() {
        state.withLock {
            $0.isCancelled = true
            $0.wake?()
        }
    }

    func onCancel(_ wake: (@Sendable () -> Void)?) { state.withLock { $0.wake = wake } }
}
