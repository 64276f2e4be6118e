import Foundations
import Glibc
import Testing

@testable import PluginHost
@testable import Policy

extension `Processes` {
    /// Cancelling a call from another thread, and what counts against a plugin.
    @Suite(.serialized, .enabled(if: Workshop.realRunner != nil, Workshop.noRunner))
    struct `A call that is cancelled` {
        let workshop: Workshop
        let stop = StopSignal()

        init() throws {
            workshop = try Workshop()
            workshop.settings.stop = stop
        }

        private func seconds(_ body: () -> Void) -> Double {
            let start = Context.system.monotonic()
            body()
            return Double(Context.system.monotonic() - start) / 1e9
        }

        /// Raises the signal from another thread once the plugin says these words.
        private func raise(on words: String) -> (PluginLogLine) -> Void {
            { [stop] line in
                if line.message == words { _ = OwnThread.start { stop.raise() } }
            }
        }

        private func check(
            _ fixture: String, params: JSON = [:], care: PluginCare? = nil, stopOn words: String
        ) throws -> CheckSession {
            let session = try CheckSession(
                try workshop.plugin(fixture, wall: 30), settings: workshop.settings, permit: permit(.callCheck),
                care: care, onLog: raise(on: words))
            try session.begin(schema: maskedSchema, params: params)
            return session
        }

        @Test func `ends long before its deadline, and the plugin is killed when it pays no heed`() throws {
            var told: [PluginMisconduct] = []
            let care = PluginCare(admit: { _ in }, onMisconduct: { told.append($0) })
            let session = try check("hang", care: care, stopOn: "hanging")
            var error: SluiceError?
            let took = seconds { error = failure { try session.update(maskedBatch(["a"])) } }
            #expect(error?.detail == "run.interrupted")
            #expect(took < 3)
            #expect(!session.process.isAlive)
            #expect(told == [], "whoever was cancelled did not crash")
            #expect(workshop.survivors() == [])
        }

        @Test func `leaves a plugin alive that ends it in time`() throws {
            let session = try check("good_check", params: ["wait": true], stopOn: "waiting")
            workshop.settings.graceSeconds = 5
            let error = failure { try session.update(maskedBatch(["a"])) }
            #expect(error?.detail == "run.interrupted")
            #expect(session.process.isAlive)
            // What has been cancelled stays so.
            let later = failure { _ = try session.finish() }
            #expect(later?.detail == "run.interrupted")
            session.stop()
            #expect(workshop.survivors() == [])
        }

        @Test func `may be the start of a plugin`() throws {
            let plugin = try workshop.plugin("hang_on_load", wall: 30)
            workshop.settings.loadSeconds = 30
            var settings = workshop.settings
            settings.stop = stop
            // It lives as long as this test, which waits for the signal.
            nonisolated(unsafe) let runner = workshop
            _ = OwnThread.start { [stop] in
                // Until the runner is there, five seconds at most.
                let end = Context.system.monotonic() + 5_000_000_000
                while runner.survivors(expected: 9).isEmpty, Context.system.monotonic() < end { poll(nil, 0, 1) }
                stop.raise()
            }
            var error: SluiceError?
            let took = seconds { error = failure { _ = try PluginProcess(plugin, settings: settings) } }
            #expect(error?.detail == "run.interrupted")
            #expect(took < 5)
            #expect(workshop.survivors() == [])
        }

        @Test func `may be a scan between two batches`() throws {
            let session = try ConnectorSession(
                try workshop.plugin("bad_batch", kind: .connector, wall: 30), streams: [.bytes([1])],
                settings: workshop.settings)
            var batches = 0
            let error = failure {
                try session.scan(table: "endless", permit: permit(.migrate)) { (_) throws(SluiceError) in
                    batches += 1
                    if batches == 3 { stop.raise() }
                }
            }
            #expect(error?.detail == "run.interrupted")
            #expect(batches == 3)
            session.stop()
            #expect(workshop.survivors() == [])
        }

        @Test func `before it begins starts nothing`() throws {
            stop.raise()
            let plugin = try workshop.plugin("good_check")
            let error = failure { _ = try PluginProcess(plugin, settings: workshop.settings) }
            #expect(error?.detail == "run.interrupted")
            #expect(workshop.survivors() == [])
        }
    }

    @Suite(.serialized, .enabled(if: Workshop.realRunner != nil, Workshop.noRunner))
    struct `What counts against a plugin` {
        let workshop: Workshop

        init() throws { workshop = try Workshop() }

        /// What is told of a plugin whose check session does all that there is to do.
        private func told(_ plugin: InstalledPlugin) -> [PluginMisconduct] {
            var told: [PluginMisconduct] = []
            let care = PluginCare(admit: { _ in }, onMisconduct: { told.append($0) })
            do {
                let session = try CheckSession(
                    plugin, settings: workshop.settings, permit: permit(.callCheck), care: care)
                try session.begin(schema: maskedSchema, params: [:])
                try session.update(maskedBatch(["a"]))
                _ = try session.finish()
            } catch {
                // Whatever it is, it is told or it is not.
            }
            return told
        }

        @Test(arguments: [
            ("abort_on_load", "plugin.crashed"), ("abort_in_call", "plugin.crashed"), ("hang", "plugin.timeout"),
            ("hang_on_load", "plugin.timeout"), ("loud_verdict", "plugin.verdict"),
        ])
        func `is told once, by the hash of its library`(fixture: String, reason: String) throws {
            let plugin = try workshop.plugin(fixture, wall: 0.5)
            let bytes = try Files.read(workshop.folder + "/\(fixture).so")
            let identity = PluginIdentity(id: "fixture.\(fixture)", version: "1.0.0", sha256: SHA256.hash(bytes))
            #expect(told(plugin) == [PluginMisconduct(plugin: identity, reason: reason)])
        }

        @Test(arguments: ["good_check", "wrong_id", "socket_check"])
        func `is nothing for one that works, is refused, or reports an error`(fixture: String) throws {
            #expect(told(try workshop.plugin(fixture)) == [])
        }

        @Test func `is told of a runner that is no runner of ours`() throws {
            let runner = try Workshop(runner: try Workshop.hostileRunner.get())
            var reasons: [String] = []
            let care = PluginCare(admit: { _ in }, onMisconduct: { reasons.append($0.reason) })
            let session = try CheckSession(
                try runner.script("segv"), settings: runner.settings, permit: permit(.callCheck), care: care)
            let error = failure { try session.begin(schema: maskedSchema, params: [:]) }
            #expect(error?.detail == "plugin.crashed")
            #expect(reasons == ["plugin.crashed"])
        }
    }

    @Suite(.serialized, .enabled(if: Workshop.realRunner != nil, Workshop.noRunner))
    struct `Standard error of a plugin that dies` {
        let workshop: Workshop

        init() throws { workshop = try Workshop() }

        private func requireClean(_ error: SluiceError?, _ process: PluginProcess) {
            #expect(error?.detail == "plugin.crashed")
            let message = error?.message ?? ""
            for hidden in ["4111", "ann@example.org", "\u{1B}"] { #expect(!message.contains(hidden), "\(message)") }
            #expect(message.utf8.count < 2300)
            #expect(process.standardErrorTail.count <= 4096)
        }

        @Test func `is shown of a provider, short and redacted`() throws {
            let session = try ProviderSession(
                try workshop.plugin("loud_abort", kind: .provider, link: "-DAS_PROVIDER"), settings: workshop.settings,
                permit: permit(.callProvider))
            let error = failure { _ = try session.embed([MaskedPrompt(masked: "a")]) }
            requireClean(error, session.process)
            #expect(error?.message.contains("red") == true)
        }

        @Test func `is shown of a check, short and redacted`() throws {
            let error = failure {
                _ = try CheckSession(
                    try workshop.plugin("loud_abort"), settings: workshop.settings, permit: permit(.callCheck))
            }
            #expect(error?.detail == "plugin.crashed")
            for hidden in ["4111", "ann@example.org", "\u{1B}"] { #expect(error?.message.contains(hidden) == false) }
            #expect(error?.message.contains("red") == true)
            #expect((error?.message.utf8.count ?? 0) < 2300)
        }

        @Test func `is withheld of a connector, which sees raw rows`() throws {
            let session = try ConnectorSession(
                try workshop.plugin("loud_abort", kind: .connector, link: "-DAS_CONNECTOR"), streams: [.bytes([1])],
                settings: workshop.settings)
            let error = failure { _ = try session.inventory() }
            requireClean(error, session.process)
            #expect(error?.message.contains("withheld") == true && error?.message.contains("red\n") == false)
            #expect(error?.message.contains("nnnn") == false)
        }
    }
}
