import Columnar
import Contracts
import Foundations
import Glibc
import PluginHost
import Policy

/// What Tests/Bench/boundary/run measures inside the host: one figure or a few in JSON on standard output.
///
///     sluice-bench-boundary RUNNER POLICY small|pipelined|start MANIFEST COUNT
///     sluice-bench-boundary RUNNER POLICY from|to MANIFEST ascii|mixed BATCHES
///     sluice-bench-boundary RUNNER POLICY memcpy - COUNT
@main
struct BoundaryBench {
    private let settings: RunnerSettings
    private let engine: PolicyEngine
    private let clock = Context.system.monotonic

    /// Rows of a batch: with an integer, an offset and 24 bytes of text each they fill most of a slot.
    private static let rows = 1_700_000
    private static let textBytes = 24

    static func main() {
        do {
            let arguments = CommandLine.arguments
            guard arguments.count >= 6, let count = Int(arguments[arguments.count - 1]), count > 0 else {
                throw SluiceError(.stageInput, "The arguments are wrong: see the head of Main.swift.")
            }
            let bench = try BoundaryBench(runner: arguments[1], policy: arguments[2])
            let figures: JSON
            switch arguments[3] {
            case "small": figures = try bench.small(arguments[4], count)
            case "pipelined": figures = try bench.pipelined(arguments[4], count)
            case "start": figures = try bench.start(arguments[4], count)
            case "from": figures = try bench.from(arguments[4], isMixed: arguments[5] == "mixed", count)
            case "to": figures = try bench.to(arguments[4], isMixed: arguments[5] == "mixed", count)
            default: figures = bench.copy(count)
            }
            print(figures.canonicalText)
        } catch {
            let text = Array("\(error)\n".utf8)
            _ = write(2, text, text.count)
            exit(1)
        }
    }

    private init(runner: String, policy: String) throws {
        settings = RunnerSettings(runnerPath: runner)
        engine = PolicyEngine(manifest: try PolicyManifest(try JSONParser.parseBytes(try Files.read(policy))))
    }

    private func permit(_ action: Action) throws -> Permit {
        try engine.permit(
            PolicyEngine.Request(
                actor: RunContract.Actor(userID: "bench", role: .admin), action: action, mode: .dataMode,
                provider: "local"))
    }

    private func seconds(_ body: () throws -> Void) rethrows -> Double {
        let start = clock()
        try body()
        return Double(clock() - start) / 1e9
    }

    private func share(_ values: [Double], _ part: Double) -> Double {
        let sorted = values.sorted()
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
    }

    // MARK: Calls

    private func provider(_ manifest: String) throws -> ProviderSession {
        try ProviderSession(
            try InstalledPlugin(manifestPath: manifest), settings: settings, permit: try permit(.callProvider))
    }

    /// Microseconds of one call at a time, an estimate of 64 bytes of text.
    private func small(_ manifest: String, _ count: Int) throws -> JSON {
        let session = try provider(manifest)
        let prompt = engine.prompt(registryText: String(repeating: "x", count: 64), permit: try permit(.callProvider))
        for _ in 0..<500 { _ = try session.tokenEstimate(prompt) }
        var times: [Double] = []
        for _ in 0..<count { times.append(try seconds { _ = try session.tokenEstimate(prompt) } * 1e6) }
        session.stop()
        return ["p50_us": .double(share(times, 0.5)), "p99_us": .double(share(times, 0.99))]
    }

    /// Microseconds a call of a thousand in one frame.
    private func pipelined(_ manifest: String, _ count: Int) throws -> JSON {
        let session = try provider(manifest)
        let permit = try permit(.callProvider)
        let prompts = Array(
            repeating: engine.prompt(registryText: String(repeating: "x", count: 64), permit: permit), count: 1000)
        var times: [Double] = []
        for round in 0..<(count + 5) {
            let time = try seconds { _ = try session.tokenEstimates(prompts) }
            if round >= 5 { times.append(time * 1e6 / Double(prompts.count)) }
        }
        session.stop()
        return ["p50_us": .double(share(times, 0.5)), "p99_us": .double(share(times, 0.99))]
    }

    /// Milliseconds from nothing to the first answer: files verified, process started and sandboxed, plugin loaded.
    private func start(_ manifest: String, _ count: Int) throws -> JSON {
        let prompt = engine.prompt(registryText: "first", permit: try permit(.callProvider))
        var times: [Double] = []
        for round in 0..<(count + 3) {
            var session: ProviderSession?
            let time = try seconds {
                let started = try provider(manifest)
                _ = try started.tokenEstimate(prompt)
                session = started
            }
            session?.stop()
            // The first ones hash the libraries and fill caches.
            if round >= 3 { times.append(time * 1e3) }
        }
        return ["p50_ms": .double(share(times, 0.5)), "p99_ms": .double(share(times, 0.99))]
    }

    // MARK: Tables

    /// Batches that are not counted: both slots and the host's copies are then warm.
    private static let warming = 4

    /// Bytes a second from a connector, as they are on the wire.
    private func from(_ manifest: String, isMixed: Bool, _ batches: Int) throws -> JSON {
        let session = try ConnectorSession(
            try InstalledPlugin(manifestPath: manifest), streams: [.bytes([1])], settings: settings,
            permit: permit(.readSourceMetadata))
        var began: UInt64 = 0
        var bytes = 0
        var seen = 0
        let table = "\(isMixed ? "m" : "a") \(Self.rows) \(Self.textBytes) \(batches + Self.warming) 0 0"
        try session.scan(table: table, batchRows: Self.rows, permit: try permit(.migrate)) { batch in
            if seen >= Self.warming { bytes += BatchLayout(batch).byteCount }
            seen += 1
            if seen == Self.warming { began = clock() }
        }
        let time = Double(clock() - began) / 1e9
        session.stop()
        return ["gb_per_s": .double(Double(bytes) / time / 1e9), "batches": JSON(seen - Self.warming)]
    }

    /// Bytes a second to a check, as they are on the wire.
    private func to(_ manifest: String, isMixed: Bool, _ batches: Int) throws -> JSON {
        let pieces = isMixed ? ["a", "é", "€", "😀", "b"] : ["abcde"]
        var texts = ColumnBuilder(.text, capacity: Self.rows, valueBytes: Self.rows * Self.textBytes)
        for row in 0..<Self.rows {
            var text = ""
            var place = row
            while text.utf8.count + 4 <= Self.textBytes {
                text += pieces[place % pieces.count]
                place += 1
            }
            texts.append(text: text + String(repeating: "y", count: max(0, Self.textBytes - text.utf8.count)))
        }
        let raw = Batch(schema: Schema([Field("t", .text)]), columns: [texts.finish()], rowCount: Self.rows)
        let permit = try permit(.callCheck)
        let masked = Masker(masterKey: [UInt8](repeating: 1, count: 32), dataset: "bench").mask(
            raw, exposures: [.open(reason: "made up")], companions: [], permit: permit)
        let session = try CheckSession(
            try InstalledPlugin(manifestPath: manifest), settings: settings, permit: permit)
        try session.begin(schema: masked.batch.schema, params: [:])
        for _ in 0..<Self.warming { try session.update(masked) }
        let bytes = BatchLayout(masked.batch).byteCount * batches
        let time = try seconds { for _ in 0..<batches { try session.update(masked) } }
        let verdict = try session.finish()
        session.stop()
        guard verdict.rows == Int64(Self.rows * (batches + Self.warming)) else {
            throw SluiceError(.stageInput, "The check saw \(verdict.rows) rows.")
        }
        return ["gb_per_s": .double(Double(bytes) / time / 1e9), "batches": JSON(batches)]
    }

    /// Bytes a second of the C library's copy between two warm blocks as large as a slot: what nothing can beat.
    private func copy(_ count: Int) -> JSON {
        let size = 64 << 20
        let from = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 4096)
        let to = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 4096)
        defer {
            from.deallocate()
            to.deallocate()
        }
        memset(from, 1, size)
        memset(to, 2, size)
        // By a pointer that the compiler does not see through: copies that nobody reads would be left out.
        typealias Copy = @convention(c) (UnsafeMutableRawPointer, UnsafeRawPointer, Int) -> UnsafeMutableRawPointer?
        guard let symbol = dlsym(nil, "memcpy") else { return [:] }
        let copy = unsafeBitCast(symbol, to: Copy.self)
        let time = seconds { for _ in 0..<count { _ = copy(to, from, size) } }
        return ["gb_per_s": .double(Double(size * count) / time / 1e9)]
    }
}
