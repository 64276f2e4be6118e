import Contracts
import Databases
import Foundations
import Glibc
import Policy
import Testing

@testable import Store

@Suite struct RunTests {
    @Test func `the same contract again is the same run, left as it is`() throws {
        try withStore { store in
            let contract = try makeContract()
            let first = try store.createRun(
                contract, lane: .flex, versions: versions, event: makeEvent(contract.runID, .supervisor),
                permit: permit(.createRun))
            try store.update(contract.runID, RunChange(state: .held, stage: .mapping, summary: ["rows": 3]))
            let second = try store.createRun(
                contract, lane: .batch, versions: versions, event: makeEvent(contract.runID, .supervisor),
                permit: permit(.createRun))
            #expect(first.isNew && !second.isNew)
            #expect(first.run.state == .created && first.run.stage == nil && first.run.contract == contract.json)
            #expect(second.run.state == .held && second.run.stage == .mapping && second.run.lane == .flex)
            #expect(second.run.summary == ["rows": 3] && second.run.versions == versions)
            #expect(try store.events(contract.runID).count == 1)
            #expect(try store.runs().count == 1)
        }
    }

    @Test func `another contract under the same id is refused`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let other = try makeContract(runID: run.description, tags: ["changed"])
            expectFailure("run.mode_immutable") {
                try store.createRun(other, lane: nil, versions: versions, permit: permit(.createRun))
            }
            #expect(try store.run(run).contractHash == makeContract().hash)
        }
    }

    @Test func `a run is found by its id or by a beginning that is its own`() throws {
        try withStore { store in
            let a = try store.createRun(
                makeContract(runID: "01KA0000000000000000000000"), lane: nil, versions: versions,
                permit: permit(.createRun)
            ).run
            let b = try store.createRun(
                makeContract(runID: "01KA000000ZZZZZZZZZZZZZZZZ"), lane: nil, versions: versions,
                permit: permit(.createRun)
            ).run
            #expect(try store.run(named: a.runID.description) == a)
            #expect(try store.run(named: "01ka000000zz") == b)
            expectFailure("run.missing", b.runID.description) { try store.run(named: "01KA000") }
            expectFailure("run.missing", "too short") { try store.run(named: "01KA0") }
            expectFailure("run.missing", "nearest is \(b.runID)") { try store.run(named: "01KA000000ZZZZZZZZZZZZZZZY") }
            for hostile in ["______", "%%%%%%", "' OR 1=1", "~~~~~~~"] {
                expectFailure("run.missing") { try store.run(named: hostile) }
            }
        }
    }

    @Test func `runs are listed newest first`() throws {
        try withStore { store in
            let ids = try (0..<5).map { try store.makeRun("key \($0)") }
            #expect(try store.runs().map(\.runID) == ids.reversed())
            try store.change("UPDATE runs SET lane_inputs = 'nonsense' WHERE run_id = ?", [SQLiteValue(ids[1])])
            #expect(try store.runs().map(\.runID) == [ids[4], ids[3], ids[2], ids[0]])
            let listed = try store.listedRuns()
            guard listed.count == 5, case .damaged(let id, _, let error) = listed[3] else {
                Issue.record("\(listed)")
                return
            }
            #expect(id == ids[1].description && error.detail == "store.damaged")
            expectFailure("store.damaged") { try store.run(ids[1]) }
            try store.change("UPDATE runs SET lane_inputs = NULL WHERE run_id = ?", [SQLiteValue(ids[1])])
            #expect(try store.runs(limit: 2).map(\.runID) == Array(ids.reversed().prefix(2)))
        }
    }

    @Test func `a change of a run that is not there is refused with its event`() throws {
        try withStore { store in
            let absent = Context.system.ulid()
            expectFailure("run.missing") {
                try store.update(absent, RunChange(state: .done), event: makeEvent(absent))
            }
            let events = try store.events(absent)
            #expect(events.isEmpty)
        }
    }

    @Test func `a request to stop is seen by another connection until somebody drives the run anew`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let other = try StoreDatabase(home: store.home, context: .system)
            #expect(try !other.isStopRequested(run))
            try store.requestStop(run)
            #expect(try other.isStopRequested(run) && other.run(run).stopRequested)
            try store.requestStop(run)
            #expect(try other.isStopRequested(run), "asked for twice")
            let seen = try other.driving(run) { () throws(SluiceError) in
                let before = try other.isStopRequested(run)
                try store.requestStop(run)
                return try [before, other.isStopRequested(run)]
            }
            #expect(seen == [false, true])
            try other.driving(run) { () throws(SluiceError) in }
            #expect(try !store.isStopRequested(run) && !store.run(run).stopRequested)
            for state in [RunState.done, .failed, .stopped] {
                try store.update(run, RunChange(state: state))
                expectFailure("run.state") { try store.requestStop(run) }
            }
        }
    }

    @Test(arguments: [false, true])
    func `a stop that is asked for while a driver has the lock and no lease yet is for that driver`(
        isOverAnother: Bool
    ) throws {
        try withStore { store in
            let run = try store.makeRun()
            let other = try StoreDatabase(home: store.home, context: .system)
            // What an earlier driver did not heed.
            if isOverAnother { try other.requestStop(run) }
            let before = try store.stopRequests(run)
            try other.requestStop(run)
            _ = try store.takeLease(run, stopRequests: before)
            #expect(try store.isStopRequested(run))
            // The next one begins without it.
            _ = try store.takeLease(run, stopRequests: store.stopRequests(run))
            #expect(try !store.isStopRequested(run))
            #expect(try store.stopRequests(run) > before, "a value never comes back")
        }
    }

    @Test func `a run that failed can be stopped while somebody drives it on, and only then`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let other = try StoreDatabase(home: store.home, context: .system)
            try store.update(run, RunChange(state: .failed))
            expectFailure("run.state") { try other.requestStop(run) }
            let seen = try store.driving(run) { () throws(SluiceError) in
                try other.requestStop(run)
                return try store.isStopRequested(run)
            }
            #expect(seen)
        }
    }

    @Test func `one run has one driver at a time`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let free = try store.makeRun("other")
            let other = try StoreDatabase(home: store.home, context: .system)
            #expect(try !store.isDriven(run))
            var seen: (held: Bool, pid: Int32?, free: Int, refusal: SluiceError?) = (false, nil, 0, nil)
            try store.driving(run) { () throws(SluiceError) in
                seen.held = try other.isDriven(run)
                seen.pid = try other.run(run).driverPID
                seen.free = try other.driving(free) { 7 }
                do throws(SluiceError) { try other.driving(run) { seen.free = -1 } } catch { seen.refusal = error }
            }
            #expect(seen.held && seen.pid == getpid() && seen.free == 7)
            #expect(seen.refusal?.detail == "run.state")
            #expect(seen.refusal?.message.contains("\(getpid())") == true)
            #expect(try !store.isDriven(run) && store.run(run).driverPID == nil)
            expectFailure("run.interrupted") {
                try store.driving(run) { () throws(SluiceError) -> Int in throw SluiceError(.interrupted, "x") }
            }
            let again = try other.driving(run) { 1 }
            #expect(again == 1)
        }
    }

    @Test func `a driver that died leaves its run free`() throws {
        try withStore { store in
            let run = try store.makeRun()
            // What is left of a process that was killed: its id in the row, its file without a lock.
            try store.change("UPDATE runs SET driver_pid = 999999 WHERE run_id = ?", [.text(run.description)])
            try Files.writeAtomically([], to: "\(store.home.locksFolder)/\(run).lock")
            #expect(try !store.isDriven(run))
            let pid = try store.driving(run) { () throws(SluiceError) in try store.run(run).driverPID }
            #expect(pid == getpid())
        }
    }
}
