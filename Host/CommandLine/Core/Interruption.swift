public import Foundations
internal import Glibc
internal import Synchronization

/// How a run learns that somebody pressed Ctrl-C.
public struct Interruption {
    /// Begins to listen; until then a signal ends the process as usual.
    public let begin: () -> Void
    public let isRequested: () -> Bool
    /// Raised as soon as somebody does, so that what waits is woken; nil when nothing raises it.
    public let stopSignal: StopSignal?

    public init(begin: @escaping () -> Void, isRequested: @escaping () -> Bool, stopSignal: StopSignal? = nil) {
        self.begin = begin
        self.isRequested = isRequested
        self.stopSignal = stopSignal
    }

    /// SIGINT and SIGTERM of this process: the first one asks to stop, the second one leaves at once (130 or 143).
    ///
    /// SIGHUP asks to stop as well, and only that: a terminal that closes sends it more than once.
    public static var signals: Interruption {
        Interruption(
            begin: catchStops, isRequested: { stops.load(ordering: .relaxed) > 0 }, stopSignal: wake)
    }

    /// A write to a reader that went away becomes EPIPE instead of the end of the process.
    ///
    /// An empty handler, not SIG_IGN: programs that are started from here get the default back.
    public static func catchBrokenPipes() { handle(SIGPIPE) { _ in } }

    private static func catchStops() {
        // Makes both before a handler can run: afterwards touching them takes no lock.
        stops.store(0, ordering: .relaxed)
        _ = wake
        if !isIgnored(SIGHUP) {
            handle(SIGHUP) { _ in
                _ = stops.compareExchange(expected: 0, desired: 1, ordering: .relaxed)
                wake.raise()
            }
        }
        for signal in [SIGINT, SIGTERM] where !isIgnored(signal) {
            handle(signal) { number in
                if stops.add(1, ordering: .relaxed).newValue > 1 { _exit(128 + number) }
                wake.raise()
            }
        }
    }

    /// Whether whoever started this process wants it to ignore a signal, as nohup and a shell's background jobs do.
    private static func isIgnored(_ signal: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(signal, nil, &action) == 0 else { return false }
        // Function pointers have no equality in Swift; the address of SIG_IGN is what the kernel compares as well.
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    private static func handle(_ signal: Int32, _ handler: @escaping @convention(c) (Int32) -> Void) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = handler
        // A blocked read or write goes on; drivers look at the counter between two steps.
        action.sa_flags = SA_RESTART
        sigaction(signal, &action, nil)
    }
}

/// Signals to stop since listening began; lock-free, so that a handler may touch it.
private let stops = Atomic<Int32>(0)

/// Wakes a call of a plugin.
private let wake = StopSignal()
