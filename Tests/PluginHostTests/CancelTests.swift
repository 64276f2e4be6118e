import Columnar
import Glibc
import Testing

@testable import Foundations
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
            // What has been cancelled stays so: nothing more is sent, and nothing lies where the plugin could read it.
            let slots = try #require(session.process.regions.toRunner)
            var written = 0
            slots.onWritten = { written += $0.count }
            let (calls, state) = (session.process.lastCall, session.process.life.state)
            let large = maskedBatch([String(repeating: "z", count: 2 * Wire.inlineBatch)])
            #expect(failure { try session.update(large) }?.detail == "run.interrupted")
            #expect(failure { try session.update(maskedBatch(["a"])) }?.detail == "run.interrupted")
            #expect(failure { _ = try session.finish() }?.detail == "run.interrupted")
            #expect(written == 0 && session.process.lastCall == calls && session.process.life.state == state)
            #expect(state == .ready)
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
                settings: workshop.settings, permit: permit(.readSourceMetadata))
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
            // Whoever verified the plugin or started a runner would meet what is not there.
            try #require(unlink(workshop.folder + "/good_check.so") == 0)
            workshop.settings.runnerPath += "-that-is-not-there"
            var asked = 0
            let care = PluginCare(admit: { _ in asked += 1 }, onMisconduct: { _ in })
            let process = failure { _ = try PluginProcess(plugin, settings: workshop.settings, care: care) }
            #expect(process?.detail == "run.interrupted")
            let session = failure {
                _ = try CheckSession(plugin, settings: workshop.settings, permit: permit(.callCheck), care: care)
            }
            #expect(session?.detail == "run.interrupted")
            #expect(asked == 0)
        }

        @Test func `before it begins takes no spare`() throws {
            let plugin = try workshop.plugin("good_check")
            let pool = PluginPool(settings: workshop.settings, refills: false)
            pool.warm(plugin)
            let end = Context.system.monotonic() + 5_000_000_000
            while pool.spares.isEmpty, Context.system.monotonic() < end { poll(nil, 0, 1) }
            let spares = pool.spares
            try #require(spares.count == 1)
            stop.raise()
            let care = PluginCare(pool: pool, admit: { _ in }, onMisconduct: { _ in })
            let error = failure {
                _ = try CheckSession(plugin, settings: workshop.settings, permit: permit(.callCheck), care: care)
            }
            #expect(error?.detail == "run.interrupted")
            #expect(pool.spares == spares)
        }

        @Test func `before a packed call begins sends none of it`() throws {
            let session = try ProviderSession(
                try workshop.plugin("echo_provider", kind: .provider), settings: workshop.settings,
                permit: permit(.callProvider))
            let calls = session.process.lastCall
            stop.raise()
            let error = failure { _ = try session.tokenEstimates([MaskedPrompt(masked: "a")]) }
            #expect(error?.detail == "run.interrupted")
            #expect(session.process.lastCall == calls && session.process.life.state == .ready)
        }

        @Test func `is heard by a host that had no descriptor left for the wish`() throws {
            let blind = StopSignal(owning: -1)
            workshop.settings.stop = blind
            let session = try CheckSession(
                try workshop.plugin("hang", wall: 30), settings: workshop.settings, permit: permit(.callCheck),
                onLog: { if $0.message == "hanging" { _ = OwnThread.start { blind.raise() } } })
            try session.begin(schema: maskedSchema, params: [:])
            var error: SluiceError?
            let took = seconds { error = failure { try session.update(maskedBatch(["a"])) } }
            #expect(error?.detail == "run.interrupted")
            #expect(took < 3)
        }
    }

    @Suite(.serialized, .enabled(if: Workshop.realRunner != nil, Workshop.noRunner))
    struct `What comes out of its place` {
        let workshop: Workshop

        init() throws { workshop = try Workshop() }

        @Test func `is not sent: a process gets one instance`() throws {
            let process = try PluginProcess(try workshop.plugin("good_check"), settings: workshop.settings)
            let error = failure { try process.create([:], egress: nil) }
            #expect(error?.detail == "stage.input")
            #expect(error?.message.contains("create out of its place") == true, "\(error?.message ?? "")")
            // The one that it has works on.
            #expect(try process.call(.declare, limit: 1 << 16).count > 4)
            process.stop()
            #expect(failure { try process.create([:], egress: nil) }?.detail == "plugin.crashed")
            #expect(workshop.survivors() == [])
        }

        @Test func `is not sent: a spare takes no call`() throws {
            let spare = try PluginProcess(
                loading: try workshop.plugin("good_check"), hasWayOut: false, settings: workshop.settings)
            let error = failure { _ = try spare.call(.declare, limit: 1 << 16) }
            #expect(error?.detail == "stage.input")
            #expect(spare.isRested)
            try spare.create([:], egress: nil)
            #expect(try spare.call(.declare, limit: 1 << 16).count > 4)
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
            let identity = PluginIdentity(id: "fixture.\(fixture)", version: "1.0.0", hash: SHA256.hash(bytes))
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
                settings: workshop.settings, permit: permit(.readSourceMetadata))
            let error = failure { _ = try session.inventory() }
            requireClean(error, session.process)
            #expect(error?.message.contains("withheld") == true && error?.message.contains("red\n") == false)
            #expect(error?.message.contains("nnnn") == false)
        }
    }
}
