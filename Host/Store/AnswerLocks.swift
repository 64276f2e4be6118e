public import Foundations
internal import Glibc

/// Who of the processes of one home asks a question that several want the answer to.
///
/// Advisory, and never needed: without it two processes ask the same at once, and pay twice. A question is one byte of
/// the file `locks/answers.lock`, at a place that its hash tells; nothing is written there. The kernel frees it when the
/// process ends. Any thread may call it.
public final class AnswerLocks: Sendable {
    /// -1 when the file could not be opened: then everybody gets every lock.
    private let descriptor: Int32
    private let context: Context
    /// F_OFD_SETLK of <fcntl.h>, the same on every Linux; the importer sees only the names of POSIX. The lock is the open
    /// file's: it is neither lost when the process closes the file elsewhere nor shared by its other instances.
    private static let setLock: Int32 = 37

    init(home: Home, context: Context) {
        descriptor = open(home.locksFolder + "/answers.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        self.context = context
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Takes a question's lock, when no other process has it and none of another instance; waits so long for it.
    ///
    /// One instance has it once: threads of a process are kept apart by other means.
    ///
    /// - Parameters:
    ///   - deadline: monotonic nanoseconds of the context's clock.
    ///   - stop: ends the wait when it is raised.
    /// - Returns: whether it was free at once; nil when it was not got.
    public func take(_ question: SHA256.Digest, until deadline: UInt64, stop: StopSignal?) -> Bool? {
        var pause: Int32 = 2
        var waited = false
        while !set(question, F_WRLCK) {
            guard context.monotonic() < deadline, stop?.isRaised != true else { return nil }
            waited = true
            var wake = pollfd(fd: stop?.descriptor ?? -1, events: Int16(POLLIN), revents: 0)
            _ = poll(&wake, 1, pause)
            pause = min(2 * pause, 100)
        }
        return !waited
    }

    public func drop(_ question: SHA256.Digest) { _ = set(question, F_UNLCK) }

    /// False when somebody else has it. Whatever else is wrong with the file keeps nobody waiting.
    private func set(_ question: SHA256.Digest, _ kind: Int32) -> Bool {
        guard descriptor >= 0 else { return true }
        var place = flock()
        place.l_type = Int16(kind)
        place.l_whence = Int16(SEEK_SET)
        place.l_start = off_t(question.bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 2)
        place.l_len = 1
        while fcntl(descriptor, Self.setLock, &place) != 0 {
            if errno == EINTR { continue }
            return errno != EAGAIN && errno != EACCES
        }
        return true
    }
}
