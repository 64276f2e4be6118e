internal import Glibc

/// Where time, randomness and the environment come from, so that a run can be replayed and a test can choose them.
public struct Context: Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public var now: @Sendable () -> Int64
    /// Nanoseconds of a clock that never goes back; for durations and deadlines.
    public var monotonic: @Sendable () -> UInt64
    /// So many random bytes.
    public var random: @Sendable (Int) -> [UInt8]
    public var environment: [String: String]

    public init(
        now: @escaping @Sendable () -> Int64, monotonic: @escaping @Sendable () -> UInt64,
        random: @escaping @Sendable (Int) -> [UInt8], environment: [String: String]
    ) {
        self.now = now
        self.monotonic = monotonic
        self.random = random
        self.environment = environment
    }

    /// The machine's own clocks, random source and environment.
    public static var system: Context {
        Context(
            now: {
                var time = timespec()
                clock_gettime(CLOCK_REALTIME, &time)
                return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
            },
            monotonic: {
                var time = timespec()
                clock_gettime(CLOCK_MONOTONIC, &time)
                return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
            },
            random: { count in
                var generator = SystemRandomNumberGenerator()
                return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            },
            environment: readEnvironment())
    }

    /// A new ULID of now.
    public func ulid() -> ULID { ULID(milliseconds: UInt64(max(0, now())), random: random(10)) }

    private static func readEnvironment() -> [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let line = entry.pointee {
            let text = String(cString: line)
            if let mark = text.firstIndex(of: "=") {
                variables[String(text[..<mark])] = String(text[text.index(after: mark)...])
            }
            entry += 1
        }
        return variables
    }
}
