internal import CSystem
internal import Foundations
internal import Glibc

/// The process of one check: this program again, which makes the check and says how it ended.
///
/// It leads a process group of its own, which is killed whole when its time is over or it is dropped.
final class CheckProcess {
    /// The program's first argument when it is to make one check (`CheckProgram`).
    static let option = "--conformance-check"

    let check: ConformanceCheck
    private(set) var outcome = Outcome.crashed("the check's process was not waited for")
    private(set) var seconds = 0.0
    private(set) var hasEnded = false

    private let process: pid_t
    private let output: Int32
    private let clock: @Sendable () -> UInt64
    private let began: UInt64
    private let deadline: UInt64
    private var text: [UInt8] = []
    private var isSilent = false

    private static let outputLimit = 1 << 20

    /// - Parameter temporary: the process's folder for temporary files; that of this process when nil.
    init(
        _ check: ConformanceCheck, seed: UInt64, subject: JSON, program: String, temporary: String? = nil,
        clock: @escaping @Sendable () -> UInt64
    ) throws(SluiceError) {
        self.check = check
        self.clock = clock
        began = clock()
        deadline = began &+ UInt64(check.seconds * 1e9)
        let request: JSON = [
            "check": .string(check.id), "seed": .string(String(seed)), "parent": JSON(Int(getpid())),
            "subject": subject,
        ]
        let input = csystem_memfd("sluice-check")
        guard input >= 0 else { throw Self.failure("a file in memory") }
        defer { close(input) }
        do { try Files.writeAll(request.canonicalBytes, to: input, path: "the request of a check") } catch {
            throw error.asError
        }
        lseek(input, 0, SEEK_SET)
        var ends: [Int32] = [-1, -1]
        guard csystem_pipe(&ends) == 0 else { throw Self.failure("a pipe") }
        defer { close(ends[1]) }
        do throws(SluiceError) { process = try Self.spawn(program, temporary, input: input, output: ends[1]) } catch {
            close(ends[0])
            throw error
        }
        output = ends[0]
        _ = fcntl(output, F_SETFL, O_NONBLOCK)
    }

    deinit {
        if !hasEnded { kill() }
        close(output)
    }

    private static func spawn(
        _ program: String, _ temporary: String?, input: Int32, output: Int32
    ) throws(SluiceError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        // A crash of the suite's own must end the process at once, not begin a long look at itself.
        var environment = Context.system.environment
        environment["SWIFT_BACKTRACE"] = "enable=no"
        if let temporary { environment["TMPDIR"] = temporary }
        var words: [UnsafeMutablePointer<CChar>?] = [strdup(program), strdup(option), nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var process: pid_t = 0
        let status = posix_spawn(&process, program, &actions, &attributes, &words, &variables)
        guard status == 0 else {
            throw SluiceError(
                .fileFailed,
                "The process of a check cannot be started from \(program): \(String(cString: strerror(status))).")
        }
        return process
    }

    private static func failure(_ what: String) -> SluiceError {
        SluiceError(.fileFailed, "There is no \(what) for a check: \(String(cString: strerror(errno))).")
    }

    /// Waits until one of them has something to be looked at, a twentieth of a second at most.
    static func wait(for processes: [CheckProcess]) {
        var polled = processes.filter { !$0.isSilent }.map {
            pollfd(fd: $0.output, events: Int16(POLLIN), revents: 0)
        }
        let isBlind = polled.count < processes.count
        poll(&polled, nfds_t(polled.count), isBlind ? 5 : 50)
    }

    /// Takes in what it says; true once, when it has ended.
    func look() -> Bool {
        drain()
        // Left unreaped, so that its number can belong to nobody else yet.
        var ended = siginfo_t()
        let looked = Files.retrying { Int(waitid(P_PID, id_t(process), &ended, WEXITED | WNOHANG | WNOWAIT)) }
        if looked == 0, ended.si_signo == 0 {
            guard clock() >= deadline else { return false }
            kill()
            finish(.crashed("it was stopped after \(JSON.ecmaScript(check.seconds)) s"))
            return true
        }
        // What a check left behind in its group goes with it.
        if looked == 0 { Glibc.kill(-process, SIGKILL) }
        drain()
        var status: Int32 = 0
        let result = Files.retrying { Int(waitpid(process, &status, 0)) }
        finish(Self.outcome(status: result == Int(process) ? status : 0, text: text))
        return true
    }

    private func finish(_ outcome: Outcome) {
        hasEnded = true
        self.outcome = outcome
        seconds = Double(clock() &- began) / 1e9
    }

    private func kill() {
        Glibc.kill(-process, SIGKILL)
        Glibc.kill(process, SIGKILL)
        var status: Int32 = 0
        _ = Files.retrying { Int(waitpid(process, &status, 0)) }
    }

    private func drain() {
        var piece = [UInt8](repeating: 0, count: 65536)
        while !isSilent {
            let got = Files.retrying { read(output, &piece, piece.count) }
            guard got > 0 else {
                if got == 0 { isSilent = true }
                return
            }
            if text.count < Self.outputLimit { text += piece[..<got] }
        }
    }

    /// What a process said before it ended, or how it died without a word.
    static func outcome(status: Int32, text: [UInt8]) -> Outcome {
        let signal = status & 0x7F
        guard signal == 0 else { return .crashed("the check's process died by signal \(signal)") }
        guard let json = try? JSONParser.parseBytes(text), let outcome = Outcome(json: json) else {
            return .crashed("the check's process ended with status \((status >> 8) & 0xFF) and no outcome")
        }
        return outcome
    }
}

/// What the program does when it is started for one check.
public enum CheckProgram {
    /// Bytes of address space: far above what the largest check takes (a cell of 64 MiB, several times over, beside the
    /// library and two slots of 64 MiB).
    private static let addressSpace: UInt64 = 8 << 30

    /// Makes the check that standard input asks for and prints its outcome.
    ///
    /// - Parameter arguments: without the program's name.
    /// - Returns: the exit status, or nil when the arguments ask for something else.
    public static func run(_ arguments: [String]) -> Int32? {
        guard arguments == [CheckProcess.option] else { return nil }
        guard csystem_die_with_parent() == 0 else { return 1 }
        // What it reads of a plugin may be hostile. The soft limit alone: a runner sets its own, which may be higher.
        guard csystem_bound_address_space(addressSpace) == 0 else { return 1 }
        let outcome: Outcome
        do throws(SluiceError) {
            let request = try request()
            // A parent that had gone before would kill nobody. Its number may be 1: in a container it often is.
            guard request["parent"]?.intValue == Int64(getppid()) else { return 1 }
            outcome = try make(request)
        } catch { outcome = .crashed("\(error.detail): \(error.message)") }
        do { try Files.writeAll(outcome.json.canonicalBytes, to: STDOUT_FILENO, path: "standard output") } catch {
            return 1
        }
        return 0
    }

    private static func request() throws(SluiceError) -> JSON {
        let bytes: [UInt8]
        do { bytes = try Files.readAll(STDIN_FILENO, path: "standard input", limit: 16 << 20) } catch {
            throw error.asError
        }
        return try JSONParser.parse(bytes, name: "request")
    }

    private static func make(_ request: JSON) throws(SluiceError) -> Outcome {
        guard let id = request["check"]?.stringValue, let seed = request["seed"]?.stringValue.flatMap({ UInt64($0) }),
            let json = request["subject"]
        else { throw SluiceError(.usage, "The request of a check is incomplete.") }
        let check = try ConformanceCheck.named(id)
        let subject = try Subject(json: json)
        do throws(SluiceError) { return try check.run(subject, seed) } catch {
            return Outcome.of(error, in: subject)
        }
    }
}
