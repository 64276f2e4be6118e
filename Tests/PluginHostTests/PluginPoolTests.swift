import Foundations
import Glibc
import Synchronization
import Testing

@testable import PluginHost
@testable import Policy

extension `Processes` {
    @Suite(.serialized, .enabled(if: Workshop.realRunner != nil, Workshop.noRunner))
    struct `A spare` {
        let workshop: Workshop

        init() throws { workshop = try Workshop() }

        /// Waits for a thread of the pool's, five seconds at most.
        private func eventually(_ condition: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation) {
            let end = Context.system.monotonic() + 5_000_000_000
            while !condition() {
                guard Context.system.monotonic() < end else {
                    Issue.record("it did not come to that", sourceLocation: sourceLocation)
                    return
                }
                poll(nil, 0, 1)
            }
        }

        private func care(_ pool: PluginPool, admit: @escaping () -> SluiceError? = { nil }) -> PluginCare {
            PluginCare(
                pool: pool,
                admit: { (_) throws(SluiceError) in if let refusal = admit() { throw refusal } }, onMisconduct: { _ in }
            )
        }

        private func session(_ plugin: InstalledPlugin, _ care: PluginCare) throws -> CheckSession {
            try CheckSession(plugin, settings: workshop.settings, permit: permit(.callCheck), care: care)
        }

        /// One dataset through a session.
        private func check(_ session: CheckSession, rows: Int) throws {
            try session.begin(schema: maskedSchema, params: [:])
            try session.update(maskedBatch(Array(repeating: "x", count: rows)))
            #expect(try session.finish().rows == Int64(rows))
        }

        @Test func `is loaded before it is needed, and used by one session alone`() throws {
            let plugin = try workshop.plugin("good_check")
            let pool = PluginPool(settings: workshop.settings, refills: false)
            pool.warm(plugin)
            eventually { pool.spares.count == 1 }
            let spare = pool.spares.first
            let first = try session(plugin, care(pool))
            #expect(first.process.processID == spare)
            #expect(pool.spares == [])
            try check(first, rows: 3)
            // There is no other spare, and the used one does not come back.
            first.stop()
            let second = try session(plugin, care(pool))
            #expect(second.process.processID != spare)
            try check(second, rows: 2)
            second.stop()
            pool.close()
            #expect(workshop.survivors() == [])
        }

        @Test func `means a process of its own for each dataset, and is replaced while it is used`() throws {
            let plugin = try workshop.plugin("good_check")
            let pool = PluginPool(settings: workshop.settings)
            pool.warm(plugin)
            var processes: Set<Int32> = []
            for dataset in 1...4 {
                // While the one before is used, the next is loaded.
                eventually { pool.spares.count == 1 }
                let running = try session(plugin, care(pool))
                processes.insert(running.process.processID)
                try check(running, rows: dataset)
                running.stop()
            }
            #expect(processes.count == 4)
            pool.close()
            #expect(workshop.survivors() == [])
        }

        @Test func `is of providers too, and never of connectors`() throws {
            let provider = try workshop.plugin("echo_provider", kind: .provider)
            let connector = try workshop.plugin("deadlines", kind: .connector)
            let pool = PluginPool(settings: workshop.settings, refills: false)
            pool.warm(connector)
            pool.warm(provider)
            eventually { pool.spares.count == 1 }
            let spare = pool.spares.first
            let session = try ProviderSession(
                provider, settings: workshop.settings, permit: permit(.callProvider), care: care(pool))
            #expect(session.process.processID == spare)
            #expect(try session.embed([MaskedPrompt(masked: "a")]).count == 1)
            #expect(pool.spares == [], "the connector has no spare")
        }

        @Test func `tells its logs to the session that took it`() throws {
            let plugin = try workshop.plugin("good_check")
            let pool = PluginPool(settings: workshop.settings, refills: false)
            pool.warm(plugin)
            eventually { pool.spares.count == 1 }
            var lines: [String] = []
            let session = try CheckSession(
                plugin, settings: workshop.settings, permit: permit(.callCheck), care: care(pool),
                onLog: { lines.append($0.message) })
            try session.begin(schema: maskedSchema, params: ["log": true])
            #expect(lines == ["bad \u{FFFD} byte"])
        }

        @Test func `of a plugin whose file was touched is thrown away, and one whose bytes changed is refused`() throws
        {
            let plugin = try workshop.plugin("good_check")
            let library = workshop.folder + "/good_check.so"
            let pool = PluginPool(settings: workshop.settings, refills: false)
            pool.warm(plugin)
            eventually { pool.spares.count == 1 }
            let stale = pool.spares.first
            // The same bytes in a new file: it is verified anew.
            try Files.writeAtomically(try Files.read(library), to: library)
            let fresh = try session(plugin, care(pool))
            #expect(fresh.process.processID != stale)
            fresh.stop()
            pool.warm(plugin)
            eventually { pool.spares.count == 1 }
            try Files.writeAtomically(try Files.read(library) + [0], to: library)
            let error = failure { _ = try session(plugin, care(pool)) }
            #expect(error?.detail == "plugin.hash")
            #expect(workshop.survivors() == [])
        }

        @Test func `that dies while it waits is replaced, and not for ever`() throws {
            let plugin = try workshop.plugin("good_check")
            let other = try workshop.plugin("echo_provider", kind: .provider)
            let pool = PluginPool(settings: workshop.settings)
            pool.warm(plugin)
            for _ in 0..<3 {
                eventually { pool.spares.count == 1 }
                let pid = try #require(pool.spares.first)
                kill(pid, SIGKILL)
                eventually { pool.spares.first.map { $0 != pid } ?? false }
            }
            let last = try #require(pool.spares.first)
            kill(last, SIGKILL)
            eventually { pool.spares.isEmpty }
            // What is asked for later is there, so the thread has been past the first one.
            pool.warm(other)
            eventually { pool.spares.count == 1 }
            let session = try session(plugin, care(pool))
            #expect(!pool.spares.contains(session.process.processID))
            try check(session, rows: 1)
            session.stop()
            #expect(pool.spares.count == 1, "the other one's alone")
            pool.close()
            #expect(workshop.survivors() == [])
        }

        @Test func `that died a moment ago is not handed out`() throws {
            let plugin = try workshop.plugin("good_check")
            let pool = PluginPool(settings: workshop.settings, refills: false)
            pool.warm(plugin)
            eventually { pool.spares.count == 1 }
            let pid = try #require(pool.spares.first)
            kill(pid, SIGKILL)
            // Dead, whoever reaps it; the pool may not have noticed.
            var information = siginfo_t()
            waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT)
            let session = try session(plugin, care(pool))
            #expect(session.process.processID != pid)
            try check(session, rows: 1)
        }

        @Test(arguments: ["abort_on_load", "hang_on_load"])
        func `that cannot be started holds nobody up, and its error is told by the session`(fixture: String) throws {
            let plugin = try workshop.plugin(fixture, wall: 1)
            let pool = PluginPool(settings: workshop.settings)
            pool.warm(plugin)
            var told: [String] = []
            let care = PluginCare(pool: pool, admit: { _ in }, onMisconduct: { told.append($0.reason) })
            let error = failure { _ = try session(plugin, care) }
            #expect(told == [error?.detail])
            pool.close()
            #expect(pool.spares == [])
            #expect(workshop.survivors() == [])
        }

        @Test func `is ended in its start when the pool is closed`() throws {
            let plugin = try workshop.plugin("hang_on_load", wall: 60)
            workshop.settings.loadSeconds = 60
            let pool = PluginPool(settings: workshop.settings)
            pool.warm(plugin)
            eventually { !workshop.survivors(expected: 9).isEmpty }
            let start = Context.system.monotonic()
            pool.close()
            #expect(Double(Context.system.monotonic() - start) / 1e9 < 2)
            #expect(workshop.survivors() == [])
            pool.warm(plugin)
            #expect(pool.spares == [] && workshop.survivors() == [])
        }

        @Test func `is not used for a plugin that may not be started`() throws {
            let plugin = try workshop.plugin("good_check")
            let pool = PluginPool(settings: workshop.settings)
            pool.warm(plugin)
            eventually { pool.spares.count == 1 }
            let refusal = SluiceError(.pluginQuarantined, "No.")
            let error = failure { _ = try session(plugin, care(pool, admit: { refusal })) }
            #expect(error == refusal)
            #expect(pool.spares.count == 1)
        }

        @Test func `of another manifest over the same library is another one`() throws {
            let plugin = try workshop.plugin("good_check", wall: 5)
            let other = try workshop.install(
                "good_check", id: "fixture.good_check", kind: .check, wall: 6, companions: [])
            #expect(try plugin.identity() == other.identity())
            let pool = PluginPool(settings: workshop.settings, refills: false)
            pool.warm(plugin)
            pool.warm(other)
            eventually { pool.spares.count == 2 }
            let spares = Set(pool.spares)
            let sessions = [try session(plugin, care(pool)), try session(other, care(pool))]
            #expect(Set(sessions.map(\.process.processID)) == spares)
            #expect(sessions.map(\.process.manifest.limits.wallSeconds) == [5, 6])
        }

        /// Holds up whoever reads the clock while it is closed.
        private final class Gate: Sendable {
            let isClosed = Atomic<Bool>(true)
            func pass() { while isClosed.load(ordering: .acquiring) { poll(nil, 0, 1) } }
        }

        @Test func `that comes too late for its session does not stay`() throws {
            let plugin = try workshop.plugin("good_check")
            let gate = Gate()
            var settings = workshop.settings
            settings.context.monotonic = {
                gate.pass()
                return Context.system.monotonic()
            }
            let pool = PluginPool(settings: settings, refills: false)
            // Also when something below fails: the pool waits for its thread.
            defer { gate.isClosed.store(false, ordering: .releasing) }
            pool.warm(plugin)
            // Its runner is there, and its greeting is not read.
            eventually { !workshop.survivors(expected: 9).isEmpty }
            let session = try session(plugin, care(pool))
            try check(session, rows: 2)
            session.stop()
            gate.isClosed.store(false, ordering: .releasing)
            #expect(workshop.survivors() == [])
            #expect(pool.spares == [])
            // The next one that is asked for is kept.
            pool.warm(plugin)
            eventually { pool.spares.count == 1 }
        }

        @Test func `is started though nobody can wake the pool`() throws {
            let plugin = try workshop.plugin("good_check")
            let other = try workshop.plugin("echo_provider", kind: .provider)
            let pool = PluginPool(settings: workshop.settings, refills: false, bell: Bell(descriptor: -1))
            pool.warm(plugin)
            eventually { pool.spares.count == 1 }
            // Now the pool's thread sleeps.
            pool.warm(other)
            eventually { pool.spares.count == 2 }
            pool.close()
            #expect(workshop.survivors() == [])
        }

        @Test func `ends with its pool`() throws {
            let plugin = try workshop.plugin("good_check")
            var pool: PluginPool? = PluginPool(settings: workshop.settings)
            pool?.warm(plugin)
            eventually { pool?.spares.count == 1 }
            pool = nil
            #expect(workshop.survivors() == [])
        }
    }
}

@Suite struct `Which plugin it is` {
    private func plugin(library: String = "1", resources: [(name: String, digit: String)]) throws -> InstalledPlugin {
        let manifest = manifestJSON([
            "artifacts": [
                [
                    "platform": .string(PluginManifest.hostPlatform), "file": "libSample.so", "size": 12,
                    "sha256": .string(String(repeating: library, count: 64)),
                ]
            ],
            "resources": .array(
                resources.map { name, digit in
                    [
                        "name": .string(name), "file": .string(name + ".bin"), "size": 1,
                        "sha256": .string(String(repeating: digit, count: 64)),
                    ]
                }),
        ])
        return InstalledPlugin(
            manifest: try PluginManifest.parse(manifest.canonicalBytes, name: "sample"), manifestPath: "/m/sample.json",
            folder: "/m", resourcesFolder: "/m/resources")
    }

    @Test func `is told by its library and its resources, whatever their order`() throws {
        let identity = try plugin(resources: [("a", "2"), ("b", "3")]).identity()
        #expect(try plugin(resources: [("b", "3"), ("a", "2")]).identity() == identity)
        for other in [
            try plugin(resources: [("a", "2"), ("b", "4")]), try plugin(resources: [("a", "3"), ("b", "2")]),
            try plugin(resources: [("a", "2")]), try plugin(resources: []),
            try plugin(library: "5", resources: [("a", "2"), ("b", "3")]),
        ] {
            #expect(try other.identity().hash != identity.hash)
        }
        // docs/plugin-life.md: what anybody can compute.
        let (one, two, three) = (
            String(repeating: "1", count: 64), String(repeating: "2", count: 64), String(repeating: "3", count: 64)
        )
        let text = #"{"library":"\#(one)","resources":{"a":"\#(two)","b":"\#(three)"}}"#
        #expect(identity.hash == SHA256.hash(Array(text.utf8)))
        #expect(try plugin(resources: []).identity().hash.hex == one)
    }
}
