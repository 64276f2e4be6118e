import Columnar
import Foundations
import Glibc
import Testing

@testable import PluginHost
@testable import Policy

/// Everything that starts a process runs in one row: timings stay honest on a small machine.
@Suite(.serialized) struct `Processes` {}

extension `Processes` {
    /// A runner that was taken over by its plugin can send anything; the host must lose nothing by it.
    @Suite(.serialized) struct `A runner that breaks the protocol` {
        let workshop: Workshop

        init() throws { workshop = try Workshop(runner: try Workshop.hostileRunner.get()) }

        private func check(_ mode: String, wall: Double = 5) throws -> CheckSession {
            try CheckSession(
                try workshop.script(mode, wall: wall), settings: workshop.settings, permit: permit(.callCheck))
        }

        private func connector(_ mode: String, wall: Double = 5) throws -> ConnectorSession {
            try ConnectorSession(
                try workshop.script(mode, kind: .connector, wall: wall), streams: [.bytes([1, 2])],
                settings: workshop.settings, permit: permit(.readSourceMetadata))
        }

        @Test func `is told by the harness's honest mode to work`() throws {
            let session = try check("good")
            try session.begin(schema: maskedSchema, params: [:])
            try session.update(maskedBatch(["a"]))
            session.stop()
            #expect(workshop.survivors() == [])
        }

        @Test(arguments: [
            ("type", "unknown type"), ("call", "another call"), ("dirty", "not clean"),
            ("huge", "larger than the protocol"),
            ("long", "larger than its answer"), ("batch", "out of order"), ("again", "out of order"),
            ("short_error", "too short"), ("bad_code", "no code of the taxonomy"), ("short_log", "too short"),
        ])
        func `in a call is stopped`(mode: String, reason: String) throws {
            let session = try check(mode)
            let error = failure { try session.begin(schema: maskedSchema, params: [:]) }
            #expect(error?.detail == "plugin.protocol")
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
            #expect(!session.process.isAlive)
            #expect(workshop.survivors() == [])
            #expect(failure { try session.begin(schema: maskedSchema, params: [:]) }?.detail == "plugin.crashed")
        }

        @Test(arguments: [
            ("early_exit", "runner.missing", "exit status 3"), ("silent", "plugin.timeout", "its start"),
            ("version", "plugin.protocol", "speaks protocol 1"), ("hello_type", "plugin.protocol", "out of order"),
            ("weak", "plugin.isolation", "landlock is not in force: errno 38"),
            ("other_id", "plugin.load", "another id"), ("other_kind", "plugin.load", "another kind"),
            ("other_abi", "plugin.load", "ABI 0.0"),
        ])
        func `at its start is stopped`(mode: String, detail: String, reason: String) throws {
            workshop.settings.helloSeconds = mode == "silent" ? 0.3 : 5
            let error = failure { _ = try check(mode) }
            #expect(error?.detail == detail)
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
            #expect(workshop.survivors() == [])
        }

        @Test func `with a layer missing runs when the minimum allows it, and says so`() throws {
            workshop.settings.isolationMinimum = [.seccomp, .rlimits]
            let session = try check("weak")
            #expect(!session.process.activeLayers.contains(.landlock))
            #expect(session.process.missingLayers.first == MissingLayer(layer: .landlock, errno: 38))
        }

        @Test(arguments: ["half", "flood", "children"])
        func `by never ending its answer is stopped in time`(mode: String) throws {
            let session = try check(mode, wall: 0.4)
            let start = Context.system.monotonic()
            let error = failure { try session.begin(schema: maskedSchema, params: [:]) }
            let seconds = Double(Context.system.monotonic() - start) / 1e9
            #expect(error?.detail == "plugin.timeout")
            #expect(error?.code == .timeout)
            #expect(seconds < 2)
            #expect(workshop.survivors() == [])
            #expect(session.process.logs.count <= 200)
        }

        @Test(arguments: [
            ("exit3", "exit status 3"), ("segv", "signal 11 (SIGSEGV)"), ("closes", "signal 9 (SIGKILL)"),
        ])
        func `by dying is reaped, and it is said how it died`(mode: String, how: String) throws {
            let session = try check(mode)
            let error = failure { try session.begin(schema: maskedSchema, params: [:]) }
            #expect(error?.detail == "plugin.crashed")
            #expect(error?.message.contains(how) == true, "\(error?.message ?? "")")
            #expect(error?.message.contains("ann@example.org") == false)
            #expect((error?.message.utf8.count ?? 0) < 2300)
            #expect(session.process.standardErrorTail.count <= 4096)
            #expect(workshop.survivors() == [])
        }

        @Test func `by leaving between two calls does not take the host with it`() throws {
            let plugin = try workshop.script("leaves")
            let process = try PluginProcess(plugin, settings: workshop.settings)
            // Dead, not reaped: the host does not know yet, and its next send meets a closed socket.
            var information = siginfo_t()
            waitid(P_PID, id_t(process.processID), &information, WEXITED | WNOWAIT)
            let error = failure { _ = try process.call(.health, limit: 10) }
            #expect(error?.detail == "plugin.crashed")
            #expect(error?.message.contains("exit status 7") == true, "\(error?.message ?? "")")
            #expect(workshop.survivors() == [])
        }

        @Test func `as a connector keeps its standard error to itself`() throws {
            let session = try connector("exit3")
            let error = failure { _ = try session.inventory() }
            #expect(error?.message.contains("noise") == false)
            #expect(error?.message.contains("withheld") == true)
        }

        @Test(arguments: [("load_exit", "plugin.crashed"), ("load_error", "plugin.load")])
        func `as a connector keeps to itself what it says while it loads`(mode: String, detail: String) throws {
            let error = failure { _ = try connector(mode) }
            #expect(error?.detail == detail)
            #expect(error?.message.contains("noise") == false)
            #expect(error?.message.contains("withheld") == true)
            // What the host shows of a check is what it would have shown of the connector.
            let shown = failure { _ = try check(mode) }
            #expect(shown?.message.contains("noise") == true, "\(shown?.message ?? "")")
        }

        @Test func `but only reports an error stays alive, and its words are cleaned`() throws {
            let session = try check("error")
            let error = try #require(failure { try session.begin(schema: maskedSchema, params: [:]) })
            #expect(error.detail == "plugin.failed")
            #expect(error.code == .rateLimit)
            #expect(error.retryAfterMilliseconds == 1500)
            #expect(error.message.contains("rate[31m limit for #"))
            #expect(!error.message.contains("4111"))
            #expect(error.message.utf8.count < 1200)
            #expect(session.process.isAlive)
        }

        @Test func `by talking while it is talked to blocks nobody`() throws {
            let session = try check("duplex", wall: 20)
            try session.begin(schema: maskedSchema, params: [:])
            let text = String(repeating: "x", count: 1000)
            try session.update(maskedBatch(Array(repeating: text, count: 80_000)))
            #expect(session.process.logs.count == 200)
        }

        @Test(arguments: [
            ("scan_schema", "different columns"), ("scan_counts", "counts other rows"), ("scan_offset", "malformed"),
            ("scan_fewer", "not those of its schema"), ("scan_type", "not those of its schema"),
            ("scan_rows", "more rows than were asked for"), ("scan_empty", "without rows came behind the first"),
            ("scan_tail", "too long"), ("scan_bools", "more rows than were asked for"),
            ("names_reserved", "reserved name"),
        ])
        func `in a scan is stopped`(mode: String, reason: String) throws {
            let session = try connector(mode)
            var rows = 0
            let error = failure {
                try session.scan(table: "", batchRows: 4, permit: permit(.migrate)) { rows += $0.rowCount }
            }
            #expect(error?.detail == "plugin.protocol")
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
            #expect(rows <= 4)
            #expect(workshop.survivors() == [])
        }

        @Test(arguments: [
            ("slot_far", "a slot that there is not"), ("slot_twice", "whose turn it is not"),
            ("slot_second", "whose turn it is not"), ("slot_large", "larger than its slot"),
            ("slot_huge", "larger than its slot"), ("slot_long", "too long"), ("slot_zeros", "magic number"),
            ("slot_short", "too short"),
        ])
        func `by naming a slot is stopped`(mode: String, reason: String) throws {
            let session = try connector(mode)
            var rows = 0
            let error = failure { try session.scan(table: "", permit: permit(.migrate)) { rows += $0.rowCount } }
            #expect(error?.detail == "plugin.protocol")
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
            #expect(rows <= 3)
            #expect(workshop.survivors() == [])
        }

        @Test func `not at all is given its slots back in turn`() throws {
            let session = try connector("slot_good")
            #expect(try session.scan(table: "", permit: permit(.migrate)) { _ in } == 18)
        }

        @Test func `by naming a slot where no rows are awaited is stopped`() throws {
            let error = failure { _ = try connector("slot_early").inventory() }
            #expect(error?.message.contains("out of order") == true, "\(error?.message ?? "")")
            let session = try check("slot_early")
            let other = failure { try session.begin(schema: maskedSchema, params: [:]) }
            #expect(other?.message.contains("out of order") == true, "\(other?.message ?? "")")
            #expect(workshop.survivors() == [])
        }

        /// The wire form of a batch: every byte that it holds.
        private func encoded(_ batch: Batch) -> [UInt8] {
            var bytes: [UInt8] = []
            BatchCodec.encode(batch, into: &bytes)
            return bytes
        }

        @Test func `by changing what lies in its slots all the time changes nothing that was accepted`() throws {
            let session = try connector("slot_storm", wall: 20)
            var accepted: [(batch: Batch, bytes: [UInt8])] = []
            let rows = try session.scan(table: "", permit: permit(.migrate)) { (batch) throws(SluiceError) in
                accepted.append((batch, encoded(batch)))
            }
            // Whatever mixture of its two contents a copy catches is a batch: none may be refused.
            #expect(accepted.count == 400)
            #expect(rows == 400 * 4000)
            // By now each slot was handed over two hundred times, and it is still being written.
            var changed = 0
            for (batch, bytes) in accepted where encoded(batch) != bytes { changed += 1 }
            #expect(changed == 0)
            let different = Set(accepted.map(\.bytes)).count
            #expect(different > 10, "the storm is one")
            session.stop()
            #expect(workshop.survivors() == [])
        }

        @Test func `by changing what lies in its slots while it is checked has nothing broken accepted`() throws {
            var accepted: [(batch: Batch, bytes: [UInt8])] = []
            for _ in 0..<10 {
                let session = try connector("slot_flip", wall: 20)
                do {
                    try session.scan(table: "", permit: permit(.migrate)) { (batch) throws(SluiceError) in
                        accepted.append((batch, encoded(batch)))
                    }
                } catch {
                    #expect(error.detail == "plugin.protocol" && error.message.contains("malformed"), "\(error)")
                }
                session.stop()
            }
            // Those of one content at least; of two put together none that is not whole.
            #expect(accepted.count >= 10)
            for (batch, bytes) in accepted {
                #expect(throws: Never.self) { try BatchCodec.decode(Bytes.copy(bytes)) }
                #expect(encoded(batch) == bytes)
            }
            #expect(workshop.survivors() == [])
        }

        @Test func `by filling slots that were not given back is stopped when the scan is given up`() throws {
            let session = try connector("slot_endless")
            let stop = SluiceError(.interrupted, "Enough.")
            let error = failure {
                try session.scan(table: "", permit: permit(.migrate)) { (_) throws(SluiceError) in throw stop }
            }
            #expect(error == stop)
            #expect(!session.process.isAlive)
            #expect(workshop.survivors() == [])
        }

        @Test(arguments: ["slot_freed", "slot_silent", "slot_error_freed", "slot_error_silent"])
        func `by giving back slots that there are not is stopped`(mode: String) throws {
            let session = try check(mode)
            try session.begin(schema: maskedSchema, params: [:])
            let error = failure { try session.update(maskedBatch(["a"])) }
            #expect(error?.detail == "plugin.protocol")
            #expect(workshop.survivors() == [])
        }

        @Test func `but only reports an error of an update keeps no slot by it`() throws {
            let session = try check("slot_error")
            try session.begin(schema: maskedSchema, params: [:])
            var inSlots = 0
            session.process.regions.toRunner?.onWritten = { _ in inSlots += 1 }
            let large = maskedBatch(Array(repeating: "something to fill it with", count: 4000))
            for _ in 0..<5 {
                let error = failure { try session.update(large) }
                #expect(error?.detail == "plugin.failed")
            }
            #expect(inSlots == 5)
            #expect(session.process.isAlive)
            session.stop()
        }

        @Test func `by never giving a slot back gets frames`() throws {
            let session = try check("slot_denied")
            try session.begin(schema: maskedSchema, params: [:])
            var inSlots = 0
            session.process.regions.toRunner?.onWritten = { _ in inSlots += 1 }
            let large = maskedBatch(Array(repeating: "something to fill it with", count: 4000))
            for _ in 0..<5 { try session.update(large) }
            #expect(inSlots == 2)
            session.stop()
        }

        @Test func `by other columns than an earlier session announced is stopped in a scan`() throws {
            for expected in [Schema([Field("b", .int64)]), Schema([Field("a", .bool)]), Schema([])] {
                let session = try connector("scan_good")
                let error = failure {
                    try session.scan(table: "", expecting: expected, permit: permit(.migrate)) { _ in }
                }
                #expect(error?.message.contains("not those of its schema") == true)
            }
            let session = try connector("scan_good")
            let expected = Schema([Field("a", .int64, nullable: false)])
            #expect(try session.scan(table: "", expecting: expected, permit: permit(.migrate)) { _ in } == 6)
        }

        @Test func `by trickling batches is stopped when its time is up`() throws {
            let session = try connector("scan_trickle", wall: 0.5)
            var batches = 0
            let start = Context.system.monotonic()
            let error = failure { try session.scan(table: "", permit: permit(.migrate)) { _ in batches += 1 } }
            #expect(error?.detail == "plugin.timeout")
            #expect(Double(Context.system.monotonic() - start) / 1e9 < 2)
            #expect((1...5).contains(batches))
            #expect(workshop.survivors() == [])
        }

        @Test func `not at all is not charged for the host's own time`() throws {
            let session = try connector("scan_good", wall: 0.5)
            #expect(try session.scan(table: "", permit: permit(.migrate)) { _ in usleep(300_000) } == 6)
        }

        @Test func `not at all may have columns whose names begin like the host's`() throws {
            let session = try connector("scan_named")
            var names: [String] = []
            let rows = try session.scan(table: "", permit: permit(.migrate)) { names = $0.schema.fields.map(\.name) }
            #expect(rows == 3)
            #expect(names == ["sluice.id"] + ConnectorSession.reservedFields.map(\.name))
            #expect(ConnectorSession.reservedNames == ["sluice.line", "sluice.byte_offset", "sluice.reject"])
        }

        @Test func `by stopping inside an answer has no part of it taken for a frame`() throws {
            let session = try check("smuggle", wall: 0.3)
            let error = failure { try session.begin(schema: maskedSchema, params: [:]) }
            #expect(error?.detail == "plugin.timeout")
            #expect(session.process.logs == [])
            #expect(workshop.survivors() == [])
        }

        @Test func `not at all has its rows counted on`() throws {
            let session = try connector("scan_good")
            var ordinals: [Int64] = []
            let rows = try session.scan(table: "", skipRows: 100, permit: permit(.sampleRows)) {
                (batch) throws(SluiceError) in
                ordinals.append(batch.firstOrdinal)
            }
            #expect(rows == 6)
            #expect(ordinals == [100, 102, 104])
            let asked = failure { try session.scan(table: "", columns: ["b"], permit: permit(.migrate)) { _ in } }
            #expect(asked?.message.contains("not those asked for") == true)
        }

        @Test func `by not hearing the end of a scan is killed`() throws {
            let session = try connector("scan_deaf")
            let stop = SluiceError(.interrupted, "Enough.")
            let error = failure {
                try session.scan(table: "", permit: permit(.migrate)) { (_) throws(SluiceError) in throw stop }
            }
            #expect(error == stop)
            #expect(!session.process.isAlive)
            #expect(workshop.survivors() == [])
        }

        @Test func `in a list of tables is stopped`() throws {
            let session = try connector("names")
            #expect(failure { _ = try session.inventory() }?.detail == "plugin.protocol")
        }

        @Test(arguments: Policy.Action.allCases)
        func `is not even started without the right permit`(action: Policy.Action) throws {
            let plugin = try workshop.script("good")
            guard action != .callCheck else { return }
            let error = failure { _ = try CheckSession(plugin, settings: workshop.settings, permit: permit(action)) }
            #expect(error?.detail == "policy.denied")
        }
    }
}
