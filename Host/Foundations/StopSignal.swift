internal import CSystem
internal import Glibc
internal import Synchronization

/// A wish to stop that any thread or a signal handler may raise, and that wakes whoever waits. Once raised it stays so.
public final class StopSignal: Sendable {
    /// For poll: readable once it is raised. -1 when the process had no descriptor left: then `isRaised` alone tells.
    public let descriptor: Int32
    private let raised = Atomic<Bool>(false)

    public init() { descriptor = csystem_event() }

    deinit { if descriptor >= 0 { close(descriptor) } }

    public var isRaised: Bool { raised.load(ordering: .acquiring) }

    /// Raises it; again changes nothing. Async-signal-safe, and keeps errno.
    public func raise() {
        guard !raised.exchange(true, ordering: .acquiringAndReleasing), descriptor >= 0 else { return }
        let before = errno
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
        errno = before
    }
}
