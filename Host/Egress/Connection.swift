internal import CCurl
internal import Contracts
internal import Glibc

/// One connection to one vetted place, and libcurl's handle that holds it between two requests.
///
/// `@unchecked Sendable`: whoever has it is alone with it. It passes from one thread to another through the pool alone,
/// under the pool's lock.
final class Connection: @unchecked Sendable {
    /// Where it leads: what was looked up and vetted before it was opened.
    struct Route {
        let addresses: [IPAddress]
        let proxy: (origin: Origin, addresses: [IPAddress])?
    }

    let route: Route
    let multi: UnsafeMutableRawPointer
    /// Nanoseconds of the monotonic clock.
    let opened: UInt64
    /// Set while it is kept: its socket, and since when nobody uses it.
    private(set) var idle: (socket: Int32, since: UInt64)?
    /// Whether it has carried a request: what it sends from now on, it must send on the connection that it has.
    private(set) var isUsed = false

    /// nil when there is no memory. `ccurl_load` came before.
    init?(_ route: Route) {
        guard let multi = ccurl_multi_init() else { return nil }
        self.route = route
        self.multi = multi
        opened = Self.now()
    }

    deinit {
        // TLS says goodbye, perhaps to a socket that its server has closed.
        let pipeSignal = QuietPipes()
        ccurl_multi_cleanup(multi)
        pipeSignal.restore()
    }

    func rest(on socket: Int32) {
        idle = (socket, Self.now())
        isUsed = true
    }

    /// Whether it may carry another request: young, and silent. An answer that nobody asked for would be taken for that
    /// of the next request.
    func isFit(at now: UInt64, _ limits: EgressLimits) -> Bool {
        guard let idle, !isOver(at: now, limits) else { return false }
        return ccurl_is_quiet(idle.socket) == 1
    }

    /// Whether it has been idle, or open, for too long.
    func isOver(at now: UInt64, _ limits: EgressLimits) -> Bool {
        idle == nil || now >= end(limits)
    }

    /// When its time is over, while it is kept.
    func end(_ limits: EgressLimits) -> UInt64 {
        let since = idle?.since ?? opened
        return min(
            since &+ Self.nanoseconds(limits.idleSeconds), opened &+ Self.nanoseconds(limits.connectionSeconds))
    }

    static func nanoseconds(_ seconds: Double) -> UInt64 { UInt64(max(0, min(seconds, 1e9)) * 1e9) }

    /// The machine's own: ages of connections are no part of a run that is replayed.
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
