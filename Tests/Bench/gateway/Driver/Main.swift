import Contracts
import Foundations
import Glibc
import Inference
import PluginHost
import Policy
import Synchronization

/// What Tests/Bench/gateway/run measures inside this process: one JSON document on standard output.
///
///     sluice-bench-gateway ARM PORT REQUESTS RATE RUNNER POLICY MANIFEST
///
/// ARM is `direct` (a socket and nothing else), `process` (the adapter and the broker here) or `sandbox` (the plugin in
/// its sandbox). RATE 0 is a closed loop of one caller; else so many requests a second are due, whoever waits.
@main
struct GatewayBench {
    static func main() {
        do {
            let arguments = CommandLine.arguments
            guard arguments.count == 8, let port = UInt16(arguments[2]), let count = Int(arguments[3]), count > 0,
                let rate = Double(arguments[4])
            else { throw SluiceError(.stageInput, "The arguments are wrong: see the head of Main.swift.") }
            let setting = try Setting(
                port: port, runner: arguments[5], policy: arguments[6], manifest: arguments[7])
            let arm: any Arm
            switch arguments[1] {
            case "direct": arm = DirectArm(port: port)
            case "process": arm = try ProcessArm(setting)
            case "sandbox": arm = try SandboxArm(setting)
            default: throw SluiceError(.stageInput, "There is no arm \(arguments[1]).")
            }
            print(try measure(arm, count: count, rate: rate).canonicalText)
        } catch {
            let text = Array("\(error)\n".utf8)
            _ = write(2, text, text.count)
            exit(1)
        }
    }

    /// Requests before those that count: connections stand, processes run, code is paged in.
    private static let warming = 100

    private static func measure(_ arm: any Arm, count: Int, rate: Double) throws -> JSON {
        for _ in 0..<warming { try arm.ask() }
        let before = cpu() + arm.childrenSeconds
        let times = rate > 0 ? try open(arm, count, rate) : try closed(arm, count)
        let seconds = cpu() + arm.childrenSeconds - before
        arm.stop()
        return [
            "latencies_us": .array(times.map { .double(($0 * 10).rounded() / 10) }), "cpu_s": .double(seconds),
            "peak_kib": JSON(
                peak(__rusage_who_t(RUSAGE_SELF.rawValue)) + peak(__rusage_who_t(RUSAGE_CHILDREN.rawValue))),
        ]
    }

    private static func closed(_ arm: any Arm, _ count: Int) throws -> [Double] {
        let clock = Context.system.monotonic
        return try (0..<count).map { _ in
            let start = clock()
            try arm.ask()
            return Double(clock() - start) / 1e3
        }
    }

    /// Latencies from when each request was due, so that a slow one counts against those behind it.
    private static func open(_ arm: any Arm, _ count: Int, _ rate: Double) throws -> [Double] {
        let clock = Context.system.monotonic
        let times = Mutex([Double](repeating: 0, count: count))
        let next = Mutex(0)
        let failure = Mutex<SluiceError?>(nil)
        let start = clock() + 5_000_000
        let running = Mutex(16)
        for _ in 0..<16 {
            _ = OwnThread.start {
                defer { running.withLock { $0 -= 1 } }
                while failure.withLock({ $0 == nil }) {
                    let number = next.withLock { number in
                        defer { number += 1 }
                        return number
                    }
                    guard number < count else { return }
                    let due = start + UInt64(Double(number) / rate * 1e9)
                    let now = clock()
                    if due > now {
                        sleep(nanoseconds: due - now)
                    }
                    do throws(SluiceError) { try arm.ask() } catch {
                        failure.withLock { $0 = error }
                        return
                    }
                    let took = Double(clock() - due) / 1e3
                    times.withLock { $0[number] = took }
                }
            }
        }
        while running.withLock({ $0 > 0 }) { sleep(nanoseconds: 1_000_000) }
        if let failure = failure.withLock({ $0 }) { throw failure }
        return times.withLock { $0 }
    }

    private static func sleep(nanoseconds: UInt64) {
        var pause = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        nanosleep(&pause, nil)
    }

    private static func cpu() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    }

    private static func peak(_ who: __rusage_who_t) -> Int {
        var usage = rusage()
        getrusage(who, &usage)
        return usage.ru_maxrss
    }
}
