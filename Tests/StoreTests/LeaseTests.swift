import Contracts
import Foundations
import Synchronization
import Testing

@testable import Store

@Suite struct LeaseTests {
    private func lockFile(_ store: StoreDatabase, _ run: ULID) -> String { "\(store.home.locksFolder)/\(run).lock" }

    @Test func `each driver's token is greater than all before it`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let other = try StoreDatabase(home: store.home, context: .system)
            var tokens: [Int64?] = []
            for driver in [store, other, store] {
                try driver.driving(run) { () throws(SluiceError) in tokens.append(driver.lease?.token) }
            }
            #expect(tokens == [1, 2, 3])
            #expect(store.lease == nil)
            #expect(try store.leaseToken(run) == 3)
        }
    }

    @Test func `a driver that was overtaken writes nothing, whatever it writes`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let newer = try StoreDatabase(home: store.home, context: .system)
            var refused: [String] = []
            var accepted = 0
            func attempt(_ write: () throws(SluiceError) -> Void) {
                do throws(SluiceError) {
                    try write()
                    accepted += 1
                } catch { refused.append("\(error.detail): \(error.message)") }
            }
            let gate = GateRecord(
                runID: run, stage: .ingest, decision: .accept, actor: "ann", reason: "", timestampUTC: "",
                artifactHash: nil)
            let chunk = Checkpoint(
                runID: run, chunkID: 0, contentHash: nil, startedAt: "", finishedAt: nil, rowCountIn: 1,
                rowCountOut: 1, status: "staged")
            let row = QuarantineRow(chunkID: 0, ordinal: 0, reasonCodes: ["X"], maskedBefore: [:], raw: [:])
            try store.driving(run) { () throws(SluiceError) in
                try store.update(run, RunChange(state: .running, stage: .ingest))
                // What keeps two drivers apart is gone, as when somebody tidied the folder.
                try Files.mapping { () throws(Files.Failure) in
                    try Files.writeAtomically([], to: lockFile(store, run))
                }
                try newer.driving(run) { () throws(SluiceError) in
                    try newer.update(run, RunChange(state: .held, stage: .mapping))
                }
                attempt { () throws(SluiceError) in try store.update(run, RunChange(state: .done)) }
                attempt { () throws(SluiceError) in
                    try store.commitStage(
                        runID: run, artifacts: [], event: makeEvent(run), state: .done, stage: .ingest)
                }
                attempt { () throws(SluiceError) in
                    try store.record(gate, event: makeEvent(run), change: RunChange(state: .done))
                }
                attempt { () throws(SluiceError) in try store.record(chunk, quarantine: [row]) }
                attempt { () throws(SluiceError) in try store.quarantine([row], runID: run) }
                attempt { () throws(SluiceError) in try store.clearQuarantine(run) }
                attempt { () throws(SluiceError) in try store.append(makeEvent(run)) }
            }
            #expect(accepted == 0 && refused.count == 7)
            #expect(refused.allSatisfy { $0.hasPrefix("run.state: Another driver took over the run \(run)") })
            let record = try store.run(run)
            #expect(record.state == .held && record.stage == .mapping)
            let left = try (store.events(run).count, store.checkpoints(run).count, store.quarantineCount(run))
            #expect(left == (0, 0, 0))
            // What it leaves behind when it goes does not take the newer driver's name away.
            let again = try newer.driving(run) { () throws(SluiceError) in try newer.run(run).driverPID != nil }
            #expect(again)
        }
    }

    @Test func `a driver whose home was put back goes on above the token that the target knows`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let other = try StoreDatabase(home: store.home, context: .system)
            var tokens: [Int64?] = []
            var drivers: Set<String> = []
            try store.driving(run) { () throws(SluiceError) in
                drivers.insert(store.lease?.driver ?? "")
                tokens.append(try store.raiseLease(above: 41).token)
                drivers.insert(store.lease?.driver ?? "")
                tokens.append(store.lease?.token)
                try store.update(run, RunChange(state: .held, stage: .mapping))
                // Never lower than the home's own.
                tokens.append(try store.raiseLease(above: 7).token)
            }
            #expect(tokens == [42, 42, 43])
            #expect(store.lease == nil)
            let left = try store.run(run)
            #expect(left.state == .held && left.driverPID == nil)
            let next = try other.driving(run) { () throws(SluiceError) in other.lease }
            #expect(next?.token == 44)
            // A token that was raised is the same driver's; each drive has a name of its own.
            #expect(drivers.count == 1 && !drivers.contains(next?.driver ?? ""))
        }
    }

    @Test func `a driver that was overtaken cannot raise itself above the one that did`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let newer = try StoreDatabase(home: store.home, context: .system)
            var refused: [String] = []
            try store.driving(run) { () throws(SluiceError) in
                try Files.mapping { () throws(Files.Failure) in
                    try Files.writeAtomically([], to: lockFile(store, run))
                }
                try newer.driving(run) { () throws(SluiceError) in
                    // It finds the newer one's token in the target, as an overtaken driver does.
                    do throws(SluiceError) { _ = try store.raiseLease(above: 2) } catch {
                        refused.append(error.message)
                    }
                    try newer.update(run, RunChange(state: .held, stage: .mapping))
                }
            }
            #expect(refused.count == 1 && refused[0].contains("(lease 2); this one (lease 1)"), "\(refused)")
            #expect(try store.leaseToken(run) == 2)
            #expect(try store.run(run).state == .held)
        }
    }

    @Test func `no token is taken from a target that no driver can have had`() throws {
        try withStore { store in
            let run = try store.makeRun()
            var details: [String] = []
            try store.driving(run) { () throws(SluiceError) in
                for token in [1 << 53, Int64.max] {
                    do throws(SluiceError) { _ = try store.raiseLease(above: token) } catch {
                        details.append(error.detail)
                    }
                }
            }
            do throws(SluiceError) { _ = try store.raiseLease(above: 1) } catch { details.append(error.detail) }
            #expect(details == ["run.state", "run.state", "run.state"])
            #expect(try store.leaseToken(run) == 1)
        }
    }

    @Test func `one run's lost lease does not stop another run`() throws {
        try withStore { store in
            let lost = try store.makeRun()
            let other = try store.makeRun("other")
            let newer = try StoreDatabase(home: store.home, context: .system)
            var token: Int64?
            try store.driving(lost) { () throws(SluiceError) in
                try Files.mapping { () throws(Files.Failure) in
                    try Files.writeAtomically([], to: lockFile(store, lost))
                }
                try newer.driving(lost) { () throws(SluiceError) in }
                token = try store.driving(other) { () throws(SluiceError) in
                    try store.update(other, RunChange(state: .running))
                    return store.lease?.token
                }
            }
            #expect(token == 1)
            #expect(try store.run(other).state == .running)
        }
    }

    @Test func `a clock that goes back changes no order of the ledger`() throws {
        try withFolder { folder in
            let hours = Mutex<Int64>(0)
            var context = Context.system
            context.now = { hours.withLock { 1_800_000_000_000 - $0 * 3_600_000 } }
            let store = try StoreDatabase(home: try Home(path: folder + "/home", context: context), context: context)
            let run = try store.makeRun()
            var ids: [ULID] = []
            for stage in [Stage.ingest, .domains, .mapping, .analysis] {
                hours.withLock { $0 += 1 }
                let event = LedgerEvent(
                    eventID: context.ulid(), runID: run, timestampUTC: CivilTime.text(milliseconds: context.now()),
                    stage: stage, decision: .accept, versions: versions)
                ids.append(event.eventID)
                try store.append(event)
            }
            let events = try store.events(run)
            #expect(events.map(\.event.eventID) == ids && ids == ids.sorted().reversed())
            #expect(events.map(\.sequence) == events.map(\.sequence).sorted())
        }
    }
}
