import Contracts
import Databases
import Foundations
import Glibc
import Policy
import Testing

@testable import Store

@Suite struct LedgerSegmentTests {
    /// A run whose first segment is full, and whose second was closed by its end at event 1005.
    private func makeEnded(_ store: StoreDatabase) throws -> ULID {
        let run = try store.makeRun()
        try store.write { () throws(SluiceError) in
            for number in 1...1004 { try store.insert(makeEvent(run, note: ["n": JSON(number)])) }
        }
        #expect(try store.ledgerSegments(run).map { [$0.first, $0.last] } == [[1, 1000]])
        try store.update(run, RunChange(state: .done), event: makeEvent(run, .supervisor))
        return run
    }

    @Test func `a segment is sealed at 1000 events and when the run ends`() throws {
        try withStore { store in
            let run = try makeEnded(store)
            let segments = try store.ledgerSegments(run)
            #expect(segments.map { [$0.segment, $0.first, $0.last] } == [[1, 1, 1000], [2, 1001, 1005]])
            let hashes = try store.events(run).map(\.hash)
            #expect(segments.map(\.headHash) == [hashes[999], hashes[1004]])
            #expect(segments[1].previousHash == segments[0].headHash)
            #expect(try store.verifyLedger(run).segments == segments)
        }
    }

    @Test func `a run that goes on after its end begins another segment`() throws {
        try withStore { store in
            let run = try store.makeRun()
            try store.update(run, RunChange(state: .failed), event: makeEvent(run, .mapping, .reject))
            try store.update(run, RunChange(state: .running), event: makeEvent(run))
            try store.append(makeEvent(run))
            try store.update(run, RunChange(state: .stopped), event: makeEvent(run))
            #expect(try store.ledgerSegments(run).map { [$0.first, $0.last] } == [[1, 1], [2, 4]])
            #expect(try store.verifyLedger(run).count == 4)
        }
    }

    @Test func `a dropped segment is proven by its seal, an event tells of it, and the chain goes on`() throws {
        try withStore { store in
            let run = try makeEnded(store)
            let before = try store.ledgerSegments(run)
            try store.dropSegment(1, of: run, actor: "ann", permit: permit(.approveDestructive))
            let events = try store.events(run)
            #expect(events.map(\.number) == Array(1001...1006))
            let note = try #require(events.last?.event.note)
            #expect(note["event"]?.stringValue == "ledger_segment_dropped" && note["actor"]?.stringValue == "ann")
            #expect(note["head_hash"]?.stringValue == before[0].headHash && note["last"]?.intValue == 1000)
            let state = try store.verifyLedger(run)
            #expect(state.count == 1006 && state.dropped == 1000 && state.segments[0].droppedBy == 1006)
            #expect(state.segments.map(\.headHash).starts(with: before.map(\.headHash)))
            try store.append(makeEvent(run))
            #expect(try store.verifyLedger(run).count == 1007)
            expectFailure("store.ledger", "dropped before") {
                try store.dropSegment(1, of: run, actor: "ann", permit: permit(.approveDestructive))
            }
            expectFailure("store.ledger", "no sealed segment 9") {
                try store.dropSegment(9, of: run, actor: "ann", permit: permit(.approveDestructive))
            }
            expectFailure("policy.denied") {
                try store.dropSegment(2, of: run, actor: "ann", permit: permit(.createRun))
            }
            // All that is sealed may go, in any order.
            try store.dropSegment(2, of: run, actor: "ann", permit: permit(.approveDestructive))
            #expect(try store.verifyLedger(run).dropped == 1005)
        }
    }

    @Test func `what the database lets go is the dropped segment and no more`() throws {
        try withStore { store in
            let run = try makeEnded(store)
            try store.dropSegment(1, of: run, actor: "ann", permit: permit(.approveDestructive))
            expectFailure("store.ledger") { try store.change("DELETE FROM supervisor_ledger WHERE number = 1001") }
            expectFailure("store.ledger") { try store.change("UPDATE ledger_segments SET dropped_by = NULL") }
        }
    }

    @Test(arguments: [
        // Dropped by somebody without the key.
        (
            """
            UPDATE ledger_segments SET dropped_by = 1005, drop_mac = zeroblob(32) WHERE segment = 1;
            DELETE FROM supervisor_ledger WHERE number <= 1000
            """, "event 1:"
        ),
        ("UPDATE ledger_segments SET head_hash = prev_hash WHERE segment = 2", "event 1001: chain rebuilt"),
        ("UPDATE ledger_segments SET mac = zeroblob(32) WHERE segment = 1", "event 1: chain rebuilt"),
        ("DELETE FROM ledger_segments WHERE segment = 1", "event 1: seal missing"),
        ("DELETE FROM ledger_segments", "event 1: seal missing"),
        // The tail of a run that has ended, with its head.
        ("DELETE FROM supervisor_ledger WHERE number > 1003; DELETE FROM ledger_heads", "event 1004: tail cut"),
        ("DELETE FROM ledger_heads", "event 1006: head missing"),
        ("UPDATE supervisor_ledger SET event = replace(event, '\"n\":700', '\"n\":7')", "event 700: edited"),
    ])
    func `a seal that was forged, broken or removed is found`(attack: (String, String)) throws {
        try withStore { store in
            let run = try makeEnded(store)
            try Intruder(store).execute(attack.0)
            expectFailure("store.ledger", attack.1) { try store.verifyLedger(run) }
            expectFailure("store.ledger", attack.1) {
                try store.dropSegment(1, of: run, actor: "ann", permit: permit(.approveDestructive))
            }
        }
    }

    @Test func `the chain rebuilt behind a seal is found from there on`() throws {
        try withStore { store in
            let run = try makeEnded(store)
            let intruder = try Intruder(store)
            try intruder.execute("UPDATE supervisor_ledger SET event = replace(event, '\"n\":1002', '\"n\":1')")
            try intruder.rebuild(run)
            expectFailure("store.ledger", "event 1001: chain rebuilt") { try store.verifyLedger(run) }
        }
    }
}
