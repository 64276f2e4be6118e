import Columnar
import Foundations
import Glibc
import Testing

@testable import PluginHost

/// What becomes of a deadline when it is the host that slept: a channel whose runner is the test, on a clock of the test's.
@Suite final class `A host that slept` {
    /// `@unchecked Sendable`: one test's own, on one thread.
    private final class Clock: @unchecked Sendable {
        var time: UInt64 = 0
        var readings = 0
        /// Called with the number of the reading, before the time is read.
        var onReading: (Int) -> Void = { _ in }

        func read() -> UInt64 {
            readings += 1
            onReading(readings)
            return time
        }
    }

    private static let second: UInt64 = 1_000_000_000
    private let clock = Clock()
    private var runner: Descriptor?
    private let channel: Channel
    private var logged = 0
    private var onLog: () -> Void = {}
    private let expectation = Channel.Expectation(call: 7, limits: [.result: 64])

    init() throws {
        let ends = try DescriptorPair.socket()
        runner = ends.runner
        // A process number that nobody has: there is nothing to reap or to kill.
        let child = RunnerChild(
            pid: Int32.max - 1, socket: ends.host,
            standardError: Descriptor(owning: open("/dev/null", O_RDONLY | O_CLOEXEC)))
        var heard: () -> Void = {}
        let clock = clock
        channel = Channel(
            child: child, clock: { clock.read() }, onLog: { _, _ in heard() }, onProgress: { _, _ in },
            onSent: { _ in })
        heard = { [unowned self] in
            logged += 1
            onLog()
        }
    }

    private static func frame(_ answer: Wire.Answer, _ fill: (inout FrameWriter) -> Void) -> [UInt8] {
        var writer = FrameWriter(.call, call: 7)
        fill(&writer)
        var bytes = writer.finish() ?? []
        bytes[4] = UInt8(answer.rawValue)
        return bytes
    }

    private static let result = frame(.result) { $0.integer(UInt64(42)) }
    private static let log = frame(.log) {
        $0.integer(Int32(1))
        $0.text("a line")
    }

    /// Says something in the runner's place.
    private func say(_ bytes: some Collection<UInt8>) {
        guard let runner else { return }
        let bytes = Array(bytes)
        #expect(bytes.withUnsafeBytes { write(runner.number, $0.baseAddress, $0.count) } == bytes.count)
    }

    private func receive(deadline: UInt64) -> Result<Int, Channel.Failure> {
        do throws(Channel.Failure) {
            return .success(try channel.receive(expectation, deadline: deadline).payload.count)
        } catch { return .failure(error) }
    }

    @Test(arguments: [true, false])
    func `takes an answer that the deadline cut in two to its end, within a grace`(hasGrace: Bool) {
        channel.frameGrace = hasGrace ? Self.second : 0
        say(Self.result.prefix(4))
        clock.onReading = { [clock, unowned self] reading in
            if reading == 2 { clock.time = Self.second + Self.second / 5 }
            if reading == 3 { say(Self.result.dropFirst(4)) }
        }
        #expect(receive(deadline: Self.second) == (hasGrace ? .success(8) : .failure(.deadline)))
        #expect(channel.isBroken == !hasGrace)
    }

    @Test func `takes what had come when it woke past the deadline`() {
        say(Self.log + Self.log + Self.result)
        onLog = { [clock] in clock.time += 100 * Self.second }
        #expect(receive(deadline: Self.second) == .success(8))
        #expect(logged == 2)
    }

    @Test func `takes an answer in two pieces when both had come`() {
        say(Self.result)
        clock.time = 100 * Self.second
        #expect(receive(deadline: Self.second) == .success(8))
    }

    @Test func `waits for nothing past the deadline, and takes no more than had come`() {
        clock.time = 2 * Self.second
        // A runner that goes on talking would have an answer that never ends.
        say(Self.log + Self.log)
        onLog = { [unowned self] in say(Self.log) }
        #expect(receive(deadline: Self.second) == .failure(.deadline))
        #expect(logged == 2)
        #expect(receive(deadline: Self.second) == .failure(.deadline))
        #expect(logged == 2)
        // A deadline that has not passed is another matter.
        onLog = {}
        say(Self.result)
        #expect(receive(deadline: 3 * Self.second) == .success(8))
        #expect(receive(deadline: Self.second) == .failure(.deadline))
    }

    @Test func `finds out that the runner died meanwhile`() {
        say(Self.log)
        runner = nil
        clock.time = 2 * Self.second
        #expect(receive(deadline: Self.second) == .failure(.closed))
        #expect(logged == 1)
    }

    @Test func `gives the plugin the time again that it had when a wait began`() {
        let head = Self.result.prefix(5)
        clock.onReading = { [unowned self] number in
            switch number {
            // 1: nothing is there yet. 2: the wait begins, ten seconds at most, and something comes at once.
            case 2: say(head)
            // The wait is over, and a hundred seconds have passed.
            case 3: clock.time += 100 * Self.second
            case 5: say(Self.result.dropFirst(5))
            default: break
            }
        }
        #expect(receive(deadline: 10 * Self.second) == .success(8))
        #expect(channel.now() == 0 && channel.onClock(Self.second) == 101 * Self.second)
    }

    @Test func `blames a plugin for the seconds in which it was awake`() {
        clock.onReading = { [unowned self] number in
            if number == 2 { say(Self.result.prefix(5)) }
            // Half a second late is what a busy machine does.
            if number == 3 { clock.time += 10 * Self.second + Self.second / 2 }
        }
        #expect(receive(deadline: 10 * Self.second) == .failure(.deadline))
        #expect(channel.isBroken)
    }
}
