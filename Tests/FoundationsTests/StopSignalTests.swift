import Foundations
import Glibc
import Testing

@Suite struct StopSignalTests {
    /// Whether poll sees it; never waits.
    private func isReadable(_ signal: StopSignal) -> Bool {
        var waited = pollfd(fd: signal.descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&waited, 1, 0) == 1 && waited.revents == Int16(POLLIN)
    }

    @Test func `wakes whoever polls, and stays raised`() {
        let signal = StopSignal()
        #expect(!signal.isRaised && !isReadable(signal))
        errno = EAGAIN
        signal.raise()
        let left = errno
        #expect(left == EAGAIN)
        signal.raise()
        for _ in 0..<3 { #expect(signal.isRaised && isReadable(signal)) }
    }

    @Test func `wakes a thread that waits already`() {
        let signal = StopSignal()
        let isStarted = OwnThread.start { signal.raise() }
        #expect(isStarted)
        var waited = pollfd(fd: signal.descriptor, events: Int16(POLLIN), revents: 0)
        #expect(poll(&waited, 1, 5000) == 1)
    }
}
