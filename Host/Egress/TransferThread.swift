internal import CCurl
internal import Glibc

/// Keeps SIGPIPE from the calling thread: TLS writes to a socket that its server may have closed.
struct QuietPipes {
    private var before = sigset_t()

    init() {
        var pipes = sigset_t()
        sigemptyset(&pipes)
        sigaddset(&pipes, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &pipes, &before)
    }

    func restore() {
        var before = before
        guard sigismember(&before, SIGPIPE) == 0 else { return }
        // One that came is taken, else it would come now.
        var pipes = sigset_t()
        sigemptyset(&pipes)
        sigaddset(&pipes, SIGPIPE)
        var none = timespec()
        while sigtimedwait(&pipes, nil, &none) == SIGPIPE {}
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }
}

/// Wakes a transfer from another thread.
///
/// `@unchecked Sendable`: the pointer is used for curl_multi_wakeup alone, which any thread may call while the handle
/// lives; `EgressCancellation` holds its lock meanwhile, and the transfer takes the waker back before it ends.
final class Waker: @unchecked Sendable {
    private let multi: UnsafeMutableRawPointer

    init(_ multi: UnsafeMutableRawPointer) { self.multi = multi }

    func wake() { ccurl_multi_wakeup(multi) }
}
