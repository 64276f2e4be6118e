internal import Foundations
internal import Glibc
internal import PluginHost
internal import Synchronization

/// Sees to it that of several threads that ask the same at once one asks for all. Shared by everybody of a process who
/// may ask the same; any thread may call it.
public final class SingleFlight: Sendable {
    /// How a question that another thread asked ended.
    enum Ended: Sendable {
        case success(ModelAnswer)
        /// For good: whoever asked again would be told the same.
        case failure(ProviderFailure)
        /// Nobody knows: the first that comes asks next.
        case open
        case timedOut, stopped
    }

    enum Role {
        /// Ask, and `land` it.
        case leader
        /// Another one asks: `wait` for it.
        case follower(Flight)
    }

    /// One question that is being asked.
    final class Flight: Sendable {
        fileprivate let ended = Mutex<Ended?>(nil)
        /// Raised when it has ended, for those who wait.
        fileprivate let done = StopSignal()
    }

    private let flights = Mutex<[SHA256.Digest: Flight]>([:])

    public init() {}

    func join(_ question: SHA256.Digest) -> Role {
        flights.withLock { flights in
            if let flight = flights[question] { return .follower(flight) }
            flights[question] = Flight()
            return .leader
        }
    }

    /// Ends what this thread leads, and wakes those who wait.
    func land(_ question: SHA256.Digest, _ end: Ended) {
        let flight = flights.withLock { $0.removeValue(forKey: question) }
        guard let flight else { return }
        flight.ended.withLock { $0 = end }
        flight.done.raise()
    }

    /// Waits until it has ended, the deadline passed or the stop was raised.
    func wait(for flight: Flight, until deadline: UInt64, stop: StopSignal?, context: Context) -> Ended {
        while true {
            if let end = flight.ended.withLock({ $0 }) { return end }
            if stop?.isRaised == true { return .stopped }
            let now = context.monotonic()
            guard now < deadline else { return .timedOut }
            Pause.wait([flight.done, stop], nanoseconds: deadline - now)
        }
    }

    /// How many questions are being asked now.
    var count: Int { flights.withLock(\.count) }
}

/// Waiting that a signal ends.
enum Pause {
    /// Until one of the signals is raised or the time is over, whichever is first; may return early.
    static func wait(_ signals: [StopSignal?], nanoseconds: UInt64) {
        let present = signals.compactMap(\.self)
        // A process without descriptors looks again and again.
        let isBlind = present.contains { $0.descriptor < 0 }
        let milliseconds = (nanoseconds.addingReportingOverflow(999_999).partialValue) / 1_000_000
        let limit = isBlind ? StopSignal.blindMilliseconds : 60_000
        var events = present.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        _ = poll(&events, nfds_t(events.count), Int32(min(max(1, milliseconds), limit)))
    }
}
