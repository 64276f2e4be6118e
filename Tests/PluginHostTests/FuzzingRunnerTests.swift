import Columnar
import Foundations
import Glibc
import Testing

@testable import PluginHost
@testable import Policy

extension `Processes` {
    /// Whole sessions against a process that says what a seed makes it say.
    @Suite(.serialized) struct `A runner that says anything` {
        let workshop: Workshop

        init() throws {
            workshop = try Workshop(runner: try Workshop.fuzzingRunner.get())
            workshop.settings.helloSeconds = Self.wall
            workshop.settings.loadSeconds = Self.wall
        }

        private static let wall = 0.1

        /// What a user may be told of a runner that went astray.
        private static let details: Set<String> = [
            "plugin.protocol", "plugin.crashed", "plugin.timeout", "plugin.load", "plugin.failed", "plugin.isolation",
            "plugin.verdict", "runner.missing",
        ]

        /// Everything that the host may ask of this kind, until something is thrown.
        private func drive(_ seed: UInt64, _ kind: PluginManifest.Kind) throws {
            let plugin = try workshop.script(String(seed), kind: kind, wall: Self.wall)
            switch kind {
            case .check:
                let session = try CheckSession(plugin, settings: workshop.settings, permit: permit(.callCheck))
                for _ in 0..<4 {
                    try session.begin(schema: maskedSchema, params: [:])
                    try session.update(maskedBatch(["a", "b"]))
                    _ = try session.finish()
                }
                session.stop()
            case .connector:
                let session = try ConnectorSession(
                    plugin, streams: [.bytes([1])], settings: workshop.settings, permit: permit(.readSourceMetadata))
                for _ in 0..<4 {
                    _ = try session.inventory()
                    _ = try session.schema(table: "")
                    _ = try session.split(table: "", parts: 2)
                    try session.scan(table: "", batchRows: 4, permit: permit(.migrate)) { _ in }
                }
                session.stop()
            case .provider:
                let session = try ProviderSession(plugin, settings: workshop.settings, permit: permit(.callProvider))
                for _ in 0..<4 {
                    _ = try session.embed(["a", "b"].map { MaskedPrompt(masked: $0) })
                    _ = try session.tokenEstimate(MaskedPrompt(masked: "a"))
                    _ = try session.tokenEstimates(["a", "b", "c"].map { MaskedPrompt(masked: $0) })
                    _ = try session.health()
                }
                session.stop()
            }
        }

        /// SLUICE_FUZZ_SESSIONS: how many; SLUICE_FUZZ_SEED repeats a run.
        @Test func `costs the host no more than that session`() throws {
            let environment = Context.system.environment
            let count = environment["SLUICE_FUZZ_SESSIONS"].flatMap { Int($0) } ?? 150
            let seed = environment["SLUICE_FUZZ_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64.max)
            print("fuzz: \(count) sessions, SLUICE_FUZZ_SEED=\(seed)")
            fflush(nil)
            var random = Seeded(state: seed)
            var ends: [String: Int] = [:]
            var strange: [String] = []
            var slowest = 0.0
            for _ in 0..<count {
                let one = random.next()
                let kind = [PluginManifest.Kind.check, .connector, .provider][Int(one % 3)]
                let began = Context.system.monotonic()
                do {
                    try drive(one, kind)
                    ends["whole", default: 0] += 1
                } catch let error as SluiceError {
                    ends[error.detail, default: 0] += 1
                    if !Self.details.contains(error.detail) { strange.append("\(one): \(error.detail)") }
                }
                slowest = max(slowest, Double(Context.system.monotonic() - began) / 1e9)
            }
            print("fuzz: \(ends.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))")
            #expect(strange == [], "with seed \(seed)")
            // Each of at most twenty exchanges ends within its deadline and the grace behind it.
            #expect(slowest < 20 * (Self.wall + 0.3))
            #expect((ends["plugin.protocol"] ?? 0) > count / 20, "with seed \(seed)")
            #expect((ends["plugin.crashed"] ?? 0) > 0, "with seed \(seed)")
            #expect((ends["whole"] ?? 0) > 0, "with seed \(seed), some say nothing wrong")
            #expect(workshop.survivors() == [])
        }
    }
}

extension Workshop {
    /// A program that speaks the runner's protocol until a seed tells it otherwise; compiled once.
    static let fuzzingRunner: Result<String, any Error> = Result {
        let path = "/tmp/sluice-fuzzing-runner-\(getpid())"
        atexit { unlink("/tmp/sluice-fuzzing-runner-\(getpid())") }
        let source = "\(repository)/Tests/PluginHostTests/Fixtures/fuzzing_runner.c"
        try run("gcc -O1 -std=gnu11 -Wall -Werror -o \(path) \(source)")
        return path
    }
}
