import Columnar
import Foundations
import Glibc
import Testing

@testable import PluginHost
@testable import Policy

extension `Processes` {
    /// What a plugin may try against the host without leaving its sandbox: the socket and the pipes are its own.
    ///
    /// Tests/Runner/attack_table.py has the attacks that the sandbox's layers stop.
    @Suite(.serialized, .enabled(if: Workshop.realRunner != nil, Workshop.noRunner))
    struct `A hostile plugin in its runner` {
        let workshop: Workshop

        init() throws { workshop = try Workshop() }

        /// Runs the attack as the answer to `infer`, and returns what the host makes of it.
        private func attack(
            _ name: String, _ arguments: [(String, String)], wall: Double = 5, limit: Int = 1 << 20
        ) throws -> (error: SluiceError?, process: PluginProcess) {
            let plugin = try workshop.hostile(name, wall: wall)
            let process = try PluginProcess(plugin, settings: workshop.settings)
            let request = arguments.map { "\($0.0)=\($0.1)" }.joined(separator: "\n")
            do {
                _ = try process.call(.infer, limit: limit) { $0.text(request) }
                return (nil, process)
            } catch { return (error, process) }
        }

        /// A frame in hexadecimal digits; the size that the header tells may be a lie.
        private func frame(size: UInt32? = nil, type: UInt16, call: UInt32, dirt: UInt32 = 0, payload: [UInt8] = [])
            -> String
        {
            var bytes: [UInt8] = []
            for word in [size ?? UInt32(payload.count), UInt32(type), call, dirt] {
                withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
            }
            return (bytes + payload).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }

        /// The first call's number is 1.
        private var lies: [(String, String, String)] {
            [
                ("an unknown type", frame(type: 99, call: 1), "unknown type"),
                ("a header that is not clean", frame(type: 67, call: 1, dirt: 1), "not clean"),
                ("a length of 4 GiB", frame(size: .max, type: 67, call: 1), "larger than the protocol"),
                ("a message of 2 GiB", frame(size: 1 << 31, type: 67, call: 1), "larger than the protocol"),
                ("a message of 512 MiB", frame(size: 1 << 29, type: 67, call: 1), "larger than its answer"),
                ("an answer to another call", frame(type: 67, call: 2, payload: [0, 0, 0, 0]), "another call"),
                ("a second greeting", frame(type: 64, call: 0), "out of order"),
                ("a batch that nobody asked for", frame(type: 69, call: 1), "out of order"),
                ("an error that is too short", frame(type: 68, call: 1, payload: [1]), "too short"),
                ("a log line that is too large", frame(size: 1 << 20, type: 70, call: 1), "too large"),
            ]
        }

        @Test func `that writes frames of its own is stopped`() throws {
            for (what, frame, reason) in lies {
                let (error, process) = try attack("raw_frames", [("frame", frame)])
                #expect(error?.detail == "plugin.protocol", "\(what)")
                #expect(error?.message.contains(reason) == true, "\(what): \(error?.message ?? "no error")")
                #expect(!process.isAlive)
            }
            #expect(workshop.survivors() == [])
        }

        @Test func `that forges its own answer gains what it could have answered`() throws {
            let forged = frame(type: 67, call: 1, payload: [2, 0, 0, 0] + Array("ok".utf8))
            let (error, process) = try attack("raw_frames", [("frame", forged)])
            #expect(error == nil)
            // The runner's own answer follows the forged one, and belongs to no call that comes after.
            let next = failure { _ = try process.call(.infer, limit: 1 << 20) { $0.text("frame=") } }
            // Unless the next request comes before that: then the runner ends, because it was busy.
            #expect(["plugin.protocol", "plugin.crashed"].contains(next?.detail))
            #expect(!process.isAlive)
        }

        @Test func `that begins a frame and never ends it is stopped at its deadline`() throws {
            let half = frame(size: 1 << 20, type: 67, call: 1)
            let start = Context.system.monotonic()
            // What the runner itself says is swallowed by the frame, and nothing follows.
            let (error, process) = try attack("raw_frames", [("frame", half)], wall: 0.4, limit: 2 << 20)
            #expect(error?.detail == "plugin.timeout", "\(error?.message ?? "no error")")
            #expect(Double(Context.system.monotonic() - start) / 1e9 < 3)
            #expect(!process.isAlive)
            #expect(workshop.survivors() == [])
        }

        @Test func `that sends 2 GiB behind a small header is stopped at the first of it`() throws {
            let small = frame(type: 67, call: 1, payload: [0, 0, 0, 0])
            let growth = try leastGrowth(below: 64 << 20) {
                let (_, process) = try attack("raw_frames", [("frame", small), ("zeros", String(1 << 31))])
                _ = failure { _ = try process.call(.infer, limit: 1 << 20) { $0.text("frame=") } }
                #expect(!process.isAlive)
            }
            #expect(growth < 64 << 20)
            #expect(workshop.survivors() == [])
        }

        @Test func `that answers with 2 GiB gets an error instead`() throws {
            let (error, process) = try attack("large_message", [("bytes", String(1 << 31))])
            #expect(error?.detail == "plugin.failed")
            #expect(error?.message.contains("too long") == true, "\(error?.message ?? "no error")")
            #expect(process.isAlive)
        }

        @Test func `that starts more threads than its manifest names is refused the rest`() throws {
            let plugin = try workshop.hostile("thread_bomb", wall: 5)
            #expect(plugin.manifest.limits.threads == 4)
            for (count, word) in [(4, "open"), (5, Workshop.hasNamespaces ? "stopped" : "open")] {
                let process = try PluginProcess(plugin, settings: workshop.settings)
                var reader = PayloadReader(try process.call(.infer, limit: 1 << 16) { $0.text("count=\(count)") })
                let report = String(decoding: try reader.textBytes(), as: UTF8.self)
                #expect(report.hasPrefix(word), "\(count): \(report)")
            }
            #expect(workshop.survivors() == [])
        }

        @Test func `that floods standard output and standard error costs 4 KiB`() throws {
            let growth = try leastGrowth(below: 32 << 20) {
                let (error, process) = try attack("flood", [("bytes", String(64 << 20))], wall: 20)
                #expect(error == nil, "\(error?.message ?? "")")
                #expect(process.standardErrorTail.count <= 4096)
            }
            #expect(growth < 32 << 20)
        }

        @Test func `that computes for ever is stopped at its deadline`() throws {
            let start = Context.system.monotonic()
            let (error, process) = try attack("spin", [], wall: 0.4)
            #expect(error?.detail == "plugin.timeout")
            #expect(Double(Context.system.monotonic() - start) / 1e9 < 3)
            #expect(!process.isAlive)
            #expect(workshop.survivors() == [])
        }

        @Test func `that goes on in a thread after destroy is gone with its runner`() throws {
            let (error, process) = try attack("late_thread", [])
            #expect(error == nil, "\(error?.message ?? "")")
            process.stop()
            #expect(kill(process.processID, 0) == -1)
            #expect(workshop.survivors() == [])
        }

        @Test func `that writes over its input changes its own copy at most`() throws {
            let session = try CheckSession(
                try workshop.hostile("write_batch", kind: .check, wall: 5), settings: workshop.settings,
                permit: permit(.callCheck))
            try session.begin(schema: maskedSchema, params: [:])
            let batch = maskedBatch(["first", nil])
            var before: [UInt8] = []
            BatchCodec.encode(batch.batch, into: &before)
            for _ in 0..<2 {
                // A copy that the plugin cannot write to ends it: then there is nothing left to change anything.
                do { try session.update(batch) } catch { #expect(error.detail == "plugin.crashed") }
                var after: [UInt8] = []
                BatchCodec.encode(batch.batch, into: &after)
                #expect(after == before)
            }
            if session.process.isAlive { #expect((try session.finish().findings.first?.value ?? 0) > 32) }
        }

        /// Of this process; the largest that it ever was would hide what a test adds.
        /// The least that the process grew by in up to five attempts: other tests allocate at the same time.
        private func leastGrowth(below bound: Int, _ attempt: () throws -> Void) throws -> Int {
            var least = Int.max
            for _ in 0..<5 where least >= bound {
                let before = try residentBytes()
                try attempt()
                least = min(least, try residentBytes() - before)
            }
            return least
        }

        private func residentBytes() throws -> Int {
            let fields = String(decoding: try Files.read("/proc/self/statm"), as: UTF8.self).split(separator: " ")
            return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * Int(getpagesize())
        }
    }
}

extension Workshop {
    /// Compiles a plugin of Tests/Fixtures/hostile, all of which have one name.
    func hostile(_ name: String, kind: PluginManifest.Kind = .provider, wall: Double) throws -> InstalledPlugin {
        let library = folder + "/\(name).so"
        try run(
            "gcc -shared -fPIC -O1 -std=gnu11 -I\(Self.repository)/SDK/include -Wl,-z,nodelete -o \(library) "
                + "\(Self.repository)/Tests/Fixtures/hostile/\(name).c -lpthread")
        return try install(name, id: "hostile", kind: kind, wall: wall, companions: [])
    }
}
