internal import Foundations
internal import Glibc

/// How a process ended.
enum Death: Equatable {
    case exited(Int32)
    case signalled(Int32)
    /// Somebody else reaped it, or it could not be waited for.
    case unknown

    var text: String {
        switch self {
        case .exited(let status):
            switch status {
            case 64: "exit status 64 (the runner refused its arguments)"
            case 65: "exit status 65 (the runner refused a frame)"
            case 66: "exit status 66 (the runner's socket was closed)"
            case 67: "exit status 67 (the runner found its host gone)"
            case 68: "exit status 68 (a library was changed while the runner started)"
            case 69: "exit status 69 (the runner had no memory left)"
            case 127: "exit status 127 (the program could not be started)"
            default: "exit status \(status)"
            }
        case .signalled(let number):
            Self.names[number].map { "signal \(number) (\($0))" + Self.remark(number) } ?? "signal \(number)"
        case .unknown: "an unknown way"
        }
    }

    private static func remark(_ number: Int32) -> String {
        switch number {
        case SIGSYS: ": it made a system call that the sandbox forbids"
        case SIGXCPU: ": it used up its CPU seconds"
        default: ""
        }
    }

    private static let names: [Int32: String] = [
        SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP",
        SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGKILL: "SIGKILL", SIGUSR1: "SIGUSR1",
        SIGSEGV: "SIGSEGV", SIGUSR2: "SIGUSR2", SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM", SIGTERM: "SIGTERM",
        SIGXCPU: "SIGXCPU", SIGXFSZ: "SIGXFSZ", SIGSYS: "SIGSYS",
    ]
}

/// One runner process and the host's ends of its socket and its standard error.
///
/// Whoever drops the last reference kills its process group and reaps it. One thread at a time.
final class RunnerChild {
    let pid: pid_t
    let socket: Descriptor
    private var standardError: Descriptor?
    /// The last bytes that it wrote to standard error.
    private(set) var standardErrorTail: [UInt8] = []
    /// Set once it was reaped.
    private(set) var death: Death?

    static let tailLimit = 4096

    init(pid: pid_t, socket: Descriptor, standardError: Descriptor) {
        self.pid = pid
        self.socket = socket
        self.standardError = standardError
    }

    deinit { kill() }

    /// For poll; -1 once the stream has ended.
    var standardErrorNumber: Int32 { standardError?.number ?? -1 }

    /// Takes in what lies in the standard error pipe, a bounded piece of it. Never waits.
    func drainStandardError() {
        guard let descriptor = standardError else { return }
        var chunk = [UInt8](repeating: 0, count: 16384)
        for _ in 0..<16 {
            let got = read(descriptor.number, &chunk, chunk.count)
            if got > 0 {
                standardErrorTail.append(contentsOf: chunk[..<got])
                if standardErrorTail.count > Self.tailLimit {
                    standardErrorTail.removeFirst(standardErrorTail.count - Self.tailLimit)
                }
                continue
            }
            if got < 0 && errno == EINTR { continue }
            if got == 0 || errno != EAGAIN { standardError = nil }
            return
        }
    }

    /// Whether it has ended; reaps it if so. Never waits.
    func hasEnded() -> Bool {
        if death != nil { return true }
        var status: Int32 = 0
        let result = Files.retrying { Int(waitpid(pid, &status, WNOHANG)) }
        if result == 0 { return false }
        finish(result, status)
        return true
    }

    /// Waits up to so many seconds for its end.
    func waitForEnd(seconds: Double, clock: () -> UInt64) -> Bool {
        let end = clock() &+ UInt64(seconds * 1e9)
        while !hasEnded() {
            guard clock() < end else { return false }
            drainStandardError()
            // Between two looks; a death is noticed within a millisecond.
            poll(nil, 0, 1)
        }
        return true
    }

    /// Kills the whole process group and reaps the runner. Harmless when it has ended already.
    func kill() {
        guard !hasEnded() else { return }
        // Not reaped yet, so neither number can belong to somebody else.
        Glibc.kill(-pid, SIGKILL)
        Glibc.kill(pid, SIGKILL)
        var status: Int32 = 0
        let result = Files.retrying { Int(waitpid(pid, &status, 0)) }
        finish(result, status)
    }

    private func finish(_ result: Int, _ status: Int32) {
        drainStandardError()
        standardError = nil
        guard result == Int(pid) else {
            death = .unknown
            return
        }
        // WIFEXITED and its relatives are macros, which Swift does not see.
        let signal = status & 0x7F
        death = signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
    }
}
