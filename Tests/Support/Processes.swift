public import Foundations
public import Glibc

/// What a program that ended left behind.
public struct Finished: Sendable {
    /// Exit status; 128 + signal when a signal ended it, 124 when it was stopped at its time limit.
    public let status: Int32
    public let out: [UInt8]
    public let err: [UInt8]

    public var outText: String { String(decoding: out, as: UTF8.self) }
    public var errText: String { String(decoding: err, as: UTF8.self) }

    /// Standard output as one JSON document; null when it is none.
    public var json: JSON { (try? JSONParser.parseBytes(out)) ?? .null }

    /// Standard output as JSON Lines; a line that does not parse is null.
    public var jsonLines: [JSON] {
        out.split(separator: UInt8(ascii: "\n")).map { (try? JSONParser.parseBytes(Array($0))) ?? .null }
    }
}

public struct LaunchFailure: Error, CustomStringConvertible {
    public let description: String
}

/// A program that was started and not yet waited for. Its output goes to files, so it never waits for its reader.
public final class Launched {
    public let pid: pid_t
    private let out: String
    private let err: String
    private var isReaped = false

    /// - Parameters:
    ///   - program: an absolute path.
    ///   - output: the path that `.out` and `.err` are put behind.
    public init(
        _ program: String, _ arguments: [String], environment: [String: String], folder: String, output: String
    ) throws {
        out = output + ".out"
        err = output + ".err"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, err, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        // Tests run on threads that block signals; what they start must not inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var argv: [UnsafeMutablePointer<CChar>?] =
            (["sh", "-c", "cd \"$0\" && exec \"$@\"", folder, program] + arguments).map { strdup($0) }
        var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") }
        argv.append(nil)
        envp.append(nil)
        defer { for pointer in argv + envp { free(pointer) } }
        var child: pid_t = 0
        let failure = posix_spawn(&child, "/bin/sh", &actions, &attributes, argv, envp)
        guard failure == 0 else {
            throw LaunchFailure(description: "\(program): \(String(cString: strerror(failure)))")
        }
        pid = child
    }

    deinit {
        guard !isReaped else { return }
        Glibc.kill(pid, SIGKILL)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
    }

    public func kill(_ signal: Int32 = SIGKILL) { Glibc.kill(pid, signal) }

    /// Whether it still runs; one that ended stays to be waited for.
    public var isRunning: Bool {
        var info = siginfo_t()
        return waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_signo == 0
    }

    public func wait() throws -> Finished {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 {
            guard errno == EINTR else {
                throw LaunchFailure(description: "waitpid: \(String(cString: strerror(errno)))")
            }
        }
        isReaped = true
        let signal = status & 0x7f
        return Finished(
            status: signal == 0 ? (status >> 8) & 0xff : 128 + signal, out: try Files.read(out),
            err: try Files.read(err))
    }
}

/// Whether a process stopped itself, as at a failpoint.
public func isStopped(_ process: pid_t) -> Bool {
    let text = String(decoding: (try? Files.read("/proc/\(process)/stat")) ?? [], as: UTF8.self)
    return text.split(separator: ")").last?.split(separator: " ").first == "T"
}

/// Processes whose program has this name, zombies left out.
///
/// A child that was killed takes a moment to go: with `expected` it is waited for, two seconds at most.
public func processes(named name: String, expected: Int = 0) -> [String] {
    let own = Array(name.prefix(15).utf8) + [UInt8(ascii: "\n")]
    func look() -> [String] {
        let all = (try? Files.list("/proc")) ?? []
        return all.filter { entry in
            guard Int32(entry) != nil, (try? Files.read("/proc/\(entry)/comm")) == own,
                let bytes = try? Files.read("/proc/\(entry)/stat")
            else { return false }
            let text = String(decoding: bytes, as: UTF8.self)
            guard let end = text.lastIndex(of: ")") else { return false }
            let state = text[end...].split(separator: " ").dropFirst().first
            return state != "Z"
        }
    }
    var found = look()
    for _ in 0..<200 where found.count > expected {
        poll(nil, 0, 10)
        found = look()
    }
    return found
}
