import Columnar
import Foundations
import Glibc
import Testing

@testable import PluginHost
@testable import Policy

extension `Processes` {
    @Suite(.serialized, .enabled(if: Workshop.realRunner != nil, Workshop.noRunner))
    struct `A plugin in its runner` {
        let workshop: Workshop

        init() throws { workshop = try Workshop() }

        private func seconds(_ body: () -> Void) -> Double {
            let start = Context.system.monotonic()
            body()
            return Double(Context.system.monotonic() - start) / 1e9
        }

        private func begun(_ plugin: InstalledPlugin, params: JSON = [:]) throws -> CheckSession {
            let session = try CheckSession(plugin, settings: workshop.settings, permit: permit(.callCheck))
            try session.begin(schema: maskedSchema, params: params)
            return session
        }

        @Test func `checks masked batches`() throws {
            let session = try begun(try workshop.plugin("good_check"))
            #expect(session.declaration.metrics == ["rows", "nulls", "bytes"])
            #expect(session.process.description == ["summary": "counts rows"])
            try session.update(maskedBatch(["aaa", nil, "9"]))
            try session.update(maskedBatch(["b"], from: 3))
            let verdict = try session.finish()
            #expect(verdict.rows == 4)
            #expect(verdict.findings.map(\.metric) == ["nulls", "bytes"])
            #expect(verdict.findings.map(\.value) == [1, 5])
            for layer in [IsolationLayer.seccomp, .landlock, .rlimits, .noNewPrivileges, .unprivileged] {
                #expect(session.process.activeLayers.contains(layer), "\(layer)")
            }
            #expect(
                session.process.missingLayers.map(\.layer)
                    == (Workshop.hasNamespaces ? [] : [.namespaces, .privateRoot]))
            #expect(session.process.libraries.contains { $0.name == "libc.so.6" && $0.sha256 != nil })
            let pid = session.process.processID
            session.stop()
            #expect(kill(pid, 0) == -1)
            #expect(failure { _ = try session.finish() } != nil)
        }

        @Test func `sees 64 MiB in one batch and answers`() throws {
            let session = try begun(try workshop.plugin("good_check"))
            let text = String(repeating: "x", count: 1 << 10)
            try session.update(maskedBatch(Array(repeating: text, count: 1 << 16)))
            #expect(try session.finish().findings.last?.value == 67_108_864)
        }

        @Test func `gets no byte that lies behind the rows`() throws {
            // A frame of three rows that says it has two, as a hostile connector could make it.
            var frame: [UInt8] = []
            BatchCodec.encode(maskedBatch(["a", "b", "CANARY"]).batch, into: &frame)
            frame[8] = 2
            let decoded = try BatchCodec.decode(Bytes.copy(frame))
            #expect(decoded.rowCount == 2)
            var sent: [UInt8] = []
            BatchCodec.encode(decoded, into: &sent)
            #expect(String(decoding: sent, as: UTF8.self).contains("CANARY"), "else there is nothing to guard against")
            sent = []
            BatchCodec.encode(CheckSession.exact(decoded), into: &sent)
            #expect(!String(decoding: sent, as: UTF8.self).contains("CANARY"))
            let session = try begun(try workshop.plugin("good_check"))
            try session.update(MaskedBatch(masked: decoded))
            #expect(try session.finish().rows == 2)
        }

        @Test func `logs and reports progress`() throws {
            var lines: [PluginLogLine] = []
            var progress: [UInt64] = []
            let session = try CheckSession(
                try workshop.plugin("good_check"), settings: workshop.settings, permit: permit(.callCheck),
                onLog: { lines.append($0) }, onProgress: { progress += [$0, $1] })
            try session.begin(schema: maskedSchema, params: ["log": true])
            #expect(lines.map(\.message) == ["bad \u{FFFD} byte"])
            #expect(session.process.logs == lines)
            #expect(progress == [1, 2])
        }

        @Test func `embeds masked prompts`() throws {
            let session = try ProviderSession(
                try workshop.plugin("echo_provider", kind: .provider), settings: workshop.settings,
                permit: permit(.callProvider))
            let vectors = try session.embed(["a", "b", "a"].map { MaskedPrompt(masked: $0) })
            #expect(vectors.map(\.count) == [4, 4, 4])
            #expect(vectors[0] == vectors[2])
            #expect(vectors[0] != vectors[1])
            #expect(try session.tokenEstimate(MaskedPrompt(masked: "twelve bytes")) == 3)
            #expect(try session.health()["healthy"] == true)
            #expect(try session.embed([]).isEmpty)
        }

        @Test func `connects to a source that the host opened`() throws {
            let path = workshop.folder + "/source.txt"
            try Files.writeAtomically(Array("hello source".utf8), to: path)
            let session = try ConnectorSession(
                try workshop.plugin("bad_batch", kind: .connector), streams: [.file(path)], settings: workshop.settings,
                permit: permit(.readSourceMetadata))
            #expect(try session.inventory() == ["good"])
            let (schema, details) = try session.schema(table: "good")
            #expect(schema.fields.map(\.name) == ["n", "t"])
            #expect(details == ["format": "fixture"])
            var values: [String?] = []
            try session.scan(table: "good", permit: permit(.migrate)) { (batch) throws(SluiceError) in
                batch.columns[1].withView { view in values = (0..<view.count).map { view.text($0) } }
            }
            #expect(values.count == 6)
            #expect(values[1] == nil)
            let error = failure { try session.scan(table: "error", permit: permit(.migrate)) { _ in } }
            #expect(error?.detail == "plugin.failed")
            #expect(error?.message.contains("on fire") == true)
            var batches = 0
            let stop = SluiceError(.interrupted, "Enough.")
            let stopped = failure {
                try session.scan(table: "endless", permit: permit(.migrate)) { (_) throws(SluiceError) in
                    batches += 1
                    if batches == 5 { throw stop }
                }
            }
            #expect(stopped == stop)
            #expect(session.process.isAlive, "a scan that was cancelled leaves the connector usable")
            #expect(try session.inventory() == ["good"])
        }

        @Test func `is told the deadlines that the host keeps`() throws {
            workshop.settings.loadSeconds = 3
            let session = try ConnectorSession(
                try workshop.plugin("deadlines", kind: .connector, wall: 4), streams: [.bytes([1])],
                settings: workshop.settings, permit: permit(.readSourceMetadata))
            #expect(try session.scan(table: "", permit: permit(.migrate)) { _ in } == 3)
            let told = session.process.logs.compactMap { Int64($0.message) }
            #expect(told.count == 5)
            #expect(told.first.map { (2000...3000).contains($0) } == true, "\(told)")
            #expect(told.dropFirst().allSatisfy { (3000...4000).contains($0) }, "\(told)")
        }

        @Test func `may describe itself by a megabyte`() throws {
            let plugin = try workshop.plugin("filled_error", kind: .connector)
            let process = try PluginProcess(plugin, settings: workshop.settings)
            #expect(process.description["summary"]?.stringValue?.utf8.count == 1 << 20 - 14)
        }

        @Test(arguments: ["/nowhere", "/tmp", "/dev/null"])
        func `is not started for a source that is no regular file`(path: String) throws {
            let plugin = try workshop.plugin("bad_batch", kind: .connector)
            let error = failure {
                _ = try ConnectorSession(
                    plugin, streams: [.file(path)], settings: workshop.settings, permit: permit(.readSourceMetadata))
            }
            #expect(error?.detail == "source.missing")
        }

        @Test func `whose bytes differ is not started`() throws {
            let plugin = try workshop.plugin("good_check")
            let library = workshop.folder + "/good_check.so"
            var bytes = try Files.read(library)
            bytes[bytes.count - 1] ^= 1
            try Files.writeAtomically(bytes, to: library)
            var settings = workshop.settings
            // A runner that leaves a mark: it must never run.
            settings.runnerPath = workshop.folder + "/mark"
            let mark = workshop.folder + "/ran"
            try Files.writeAtomically(Array("#!/bin/sh\ntouch \(mark)\n".utf8), to: settings.runnerPath, mode: 0o700)
            let error = failure { _ = try PluginProcess(plugin, settings: settings) }
            #expect(error?.detail == "plugin.hash")
            #expect(error?.code == .policyBlock)
            try Files.writeAtomically(bytes + [0], to: library)
            #expect(failure { _ = try PluginProcess(plugin, settings: settings) }?.detail == "plugin.hash")
            #expect(!Files.exists(mark))
            unlink(library)
            #expect(failure { _ = try PluginProcess(plugin, settings: settings) }?.detail == "plugin.manifest")
        }

        @Test func `that aborts on load is reported`() throws {
            let plugin = try workshop.plugin("abort_on_load")
            let error = failure { _ = try PluginProcess(plugin, settings: workshop.settings) }
            #expect(error?.detail == "plugin.crashed")
            #expect(error?.message.contains("signal 6 (SIGABRT)") == true, "\(error?.message ?? "")")
            #expect(workshop.survivors() == [])
        }

        @Test func `that aborts in a call is reported, and the host goes on`() throws {
            let session = try begun(try workshop.plugin("abort_in_call"))
            let error = failure { try session.update(maskedBatch(["a"])) }
            #expect(error?.detail == "plugin.crashed")
            #expect(error?.message.contains("during update, by signal 6 (SIGABRT)") == true, "\(error?.message ?? "")")
            #expect(workshop.survivors() == [])
            #expect(
                failure { try session.update(maskedBatch(["a"])) }?.message.contains("not running any more") == true)
            #expect(try begun(try workshop.plugin("good_check")).finish().rows == 0)
        }

        @Test func `that hangs in a call is stopped at its deadline`() throws {
            let session = try begun(try workshop.plugin("hang", wall: 0.5))
            var error: SluiceError?
            let took = seconds { error = failure { try session.update(maskedBatch(["a"])) } }
            #expect(error?.detail == "plugin.timeout")
            #expect(took >= 0.5 && took < 2)
            #expect(workshop.survivors() == [])
        }

        @Test func `that hangs on load is stopped at its deadline`() throws {
            let plugin = try workshop.plugin("hang_on_load", wall: 0.5)
            var error: SluiceError?
            let took = seconds { error = failure { _ = try PluginProcess(plugin, settings: workshop.settings) } }
            #expect(error?.detail == "plugin.timeout")
            #expect(took >= 0.5 && took < 2)
            #expect(workshop.survivors() == [])
        }

        @Test func `that says it is another plugin is refused`() throws {
            let plugin = try workshop.plugin("wrong_id")
            let error = failure { _ = try PluginProcess(plugin, settings: workshop.settings) }
            #expect(error?.detail == "plugin.load")
            #expect(workshop.survivors() == [])
        }

        @Test func `that opens a socket on load gets none`() throws {
            let plugin = try workshop.plugin("open_socket_on_load", language: "swift")
            if let process = try? PluginProcess(plugin, settings: workshop.settings) { process.stop() }
            #expect(workshop.survivors() == [])
        }

        @Test func `dies with the object that owns it`() throws {
            var session: CheckSession? = try begun(try workshop.plugin("good_check"))
            // The plugin's process, and where there are namespaces their first one and the monitor.
            let processes = Workshop.hasNamespaces ? 3 : 1
            #expect(workshop.survivors(expected: processes).count == processes)
            withExtendedLifetime(session) {}
            session = nil
            #expect(workshop.survivors() == [])
        }

        @Test func `outlives the thread that started it`() throws {
            let plugin = try workshop.plugin("good_check")
            let started = Handed()
            started.plugin = plugin
            started.settings = workshop.settings
            var thread = pthread_t()
            pthread_create(
                &thread, nil,
                { pointer in
                    guard let pointer else { return nil }
                    let handed = Unmanaged<Handed>.fromOpaque(pointer).takeUnretainedValue()
                    if let plugin = handed.plugin, let settings = handed.settings {
                        handed.session = try? CheckSession(plugin, settings: settings, permit: permit(.callCheck))
                    }
                    return nil
                }, Unmanaged.passUnretained(started).toOpaque())
            pthread_join(thread, nil)
            // Time for the death signal of a thread that is gone.
            usleep(50_000)
            let session = try #require(started.session)
            try session.begin(schema: maskedSchema, params: [:])
            #expect(try session.finish().rows == 0)
        }

        @Test func `is missing when the program is`() throws {
            var settings = workshop.settings
            settings.runnerPath = "/nowhere/sluice-runner"
            let plugin = try workshop.plugin("good_check")
            #expect(failure { _ = try PluginProcess(plugin, settings: settings) }?.detail == "runner.missing")
        }

        @Test func `has every byte that it is handed recorded`() throws {
            let records = workshop.folder + "/records"
            try Files.makeFolder(records)
            workshop.settings.context.environment["SLUICE_RECORD_WIRE"] = records
            let session = try begun(try workshop.plugin("good_check"))
            try session.update(maskedBatch(["CANARY-17"]))
            session.stop()
            let prefix = "check-fixture.good_check-\(session.process.processID)-"
            #expect(try Files.list(records) == [prefix + "0.bin", prefix + "1.bin"])
            let wire = try Files.read(records + "/" + prefix + "0.bin")
            #expect(String(decoding: wire, as: UTF8.self).contains("CANARY-17"))
            #expect(try Files.read(records + "/" + prefix + "1.bin") == Files.read(workshop.folder + "/good_check.so"))
        }

        @Test func `leaves no descriptor and no process behind`() async throws {
            let plugin = try workshop.plugin("good_check")
            let manifest = plugin.manifestPath
            let runner = workshop.settings.runnerPath
            // In a process of its own: other tests open descriptors too.
            await #expect(processExitsWith: .success) { [manifest = manifest as String, runner = runner as String] in
                let plugin = try InstalledPlugin(manifestPath: manifest)
                let settings = RunnerSettings(runnerPath: runner)
                func round() throws {
                    let session = try CheckSession(plugin, settings: settings, permit: permit(.callCheck))
                    try session.begin(schema: maskedSchema, params: [:])
                    // Hashing is over, and with it the thread that holds a file open for it.
                    for library in session.process.libraries { _ = library.sha256 }
                }
                try round()
                let before = try Files.list("/proc/self/fd")
                for _ in 0..<50 { try round() }
                let after = try Files.list("/proc/self/fd")
                precondition(before == after, "\(before) \(after)")
                precondition(waitpid(-1, nil, WNOHANG) == -1 && errno == ECHILD)
            }
            #expect(workshop.survivors() == [])
        }
    }

    /// What another thread hands over; joined before it is read.
    final class Handed {
        var plugin: InstalledPlugin?
        var settings: RunnerSettings?
        var session: CheckSession?
    }
}
