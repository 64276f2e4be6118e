internal import CSystem
internal import Glibc
internal import Synchronization

/// A wish to stop that any thread or a signal handler may raise, and that wakes whoever waits. Once raised it stays so.
public final class StopSignal: Sendable {
    /// For poll: readable once it is raised. -1 when the process had no descriptor left: then `isRaised` alone tells, and
    /// whoever waits looks at it every `blindMilliseconds`.
    public let descriptor: Int32
    /// The longest that poll may wait for a descriptor that there is not.
    public static let blindMilliseconds: UInt64 = 100
    private let raised = Atomic<Bool>(false)

    public convenience init() { self.init(owning: csystem_event()) }

    /// - Parameter descriptor: of an event; -1 for none.
    init(owning descriptor: Int32) { self.descriptor = descriptor }

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
