import Contracts
import Testing

@testable import Supervisor

/// Event in, actions out: no I/O.
@Suite("The run machine")
struct RunMachineTests {
    private func machine(_ state: RunMachine.State = .created, _ mode: Mode = .dataMode, confirm: Bool = true)
        -> RunMachine
    {
        RunMachine(state: state, mode: mode, confirmationRequired: confirm)
    }

    @Test("goes through the stages in the one order there is")
    func order() {
        var machine = machine(confirm: false)
        var seen: [Stage] = []
        var actions = machine.handle(.drive)
        #expect(actions.first == .chooseLane)
        actions.removeFirst()
        while let action = actions.first {
            guard case .run(let stage) = action else { break }
            seen.append(stage)
            actions = machine.handle(.finished(stage, .accept))
        }
        #expect(seen == [.ingest, .domains, .mapping, .analysis, .migration])
        #expect(actions == [.finish])
        #expect(machine.state == .done)
    }

    @Test("never writes a row before a person has confirmed, where the contract asks for it")
    func confirmation() {
        var machine = machine(.running(.analysis))
        let held = machine.handle(.finished(.analysis, .accept))
        #expect(held == [.hold(.migration, .confirmation)])
        let again = machine.handle(.drive)
        #expect(again == [.reviewLane, .hold(.migration, .confirmation)])
        let decided = machine.handle(.decided(.migration, .accept))
        #expect(decided.isEmpty)
        #expect(machine.state == .ready(.migration))
        let driven = machine.handle(.drive)
        #expect(driven == [.reviewLane, .run(.migration)])
    }

    @Test("metadata_only plans the migration and never runs it")
    func metadataOnly() {
        var machine = machine(.running(.analysis), .metadataOnly)
        let actions = machine.handle(.finished(.analysis, .accept))
        #expect(actions == [.planMigration])
        let end = machine.handle(.finished(.migration, .accept))
        #expect(end == [.finish])
    }

    @Test(
        "holds at a gate, and goes on with the next stage once accepted", arguments: [Stage.ingest, .domains, .mapping])
    func holdAndAccept(stage: Stage) throws {
        var machine = machine(.running(stage))
        let held = machine.handle(.finished(stage, .hold))
        #expect(held == [.hold(stage, .thresholds)])
        _ = machine.handle(.decided(stage, .accept))
        let next = try #require(stage.next)
        #expect(machine.state == .ready(next))
    }

    @Test("an accepted analysis still needs the confirmation")
    func analysisThenConfirmation() {
        var machine = machine(.held(.analysis, .thresholds))
        let actions = machine.handle(.decided(.analysis, .accept))
        #expect(actions == [.hold(.migration, .confirmation)])
    }

    @Test("a decision for fix runs the stage again")
    func fix() {
        var machine = machine(.running(.mapping))
        let held = machine.handle(.finished(.mapping, .fix))
        #expect(held == [.hold(.mapping, .fix)])
        _ = machine.handle(.decided(.mapping, .fix))
        #expect(machine.state == .ready(.mapping))
    }

    @Test("a rejected gate fails the run")
    func reject() {
        var machine = machine(.held(.migration, .confirmation))
        let actions = machine.handle(.decided(.migration, .reject))
        #expect(actions == [.fail(.migration)])
        #expect(machine.state == .failed(.migration))
    }

    @Test("takes no decision at another gate than the one that is held")
    func wrongGate() {
        var machine = machine(.held(.mapping, .thresholds))
        let before = machine
        let actions = machine.handle(.decided(.migration, .accept))
        #expect(actions == [.refuse("it is not held at MIGRATION")])
        #expect(machine == before)
    }

    @Test("resumes a stopped, failed or crashed run at its stage", arguments: Stage.work)
    func resume(stage: Stage) {
        for state in [RunMachine.State.stopped(stage), .failed(stage), .running(stage), .ready(stage)] {
            var machine = machine(state)
            let actions = machine.handle(.drive)
            #expect(actions == [.reviewLane, .run(stage)])
        }
    }

    @Test("looks at the lane before anything else whenever a run that has one is driven", arguments: Stage.work)
    func lane(stage: Stage) {
        for state in [RunMachine.State.held(stage, .thresholds), .stopped(stage), .failed(stage), .running(stage)] {
            for mode in Mode.allCases {
                var machine = machine(state, mode)
                let actions = machine.handle(.drive)
                #expect(actions.first == .reviewLane && actions.count == 2)
            }
        }
        var created = machine()
        let first = created.handle(.drive)
        #expect(first == [.chooseLane, .run(.ingest)])
        var done = machine(.done)
        let last = done.handle(.drive)
        #expect(last == [.finish])
    }

    @Test("no sequence of events reaches Migration without Analysis accepted and, where asked, confirmed")
    func property() {
        var generator = SplitMix(state: 7)
        let stages = Stage.work
        let decisions = GateDecision.allCases
        for _ in 0..<20_000 {
            let confirm = generator.next() % 2 == 0
            var machine = machine(confirm: confirm)
            var analysisAccepted = false
            var confirmed = false
            for _ in 0..<24 {
                let stage = stages[Int(generator.next() % 5)]
                let decision = decisions[Int(generator.next() % UInt64(decisions.count))]
                let event: RunMachine.Event
                switch generator.next() % 5 {
                case 0: event = .drive
                case 1: event = .finished(stage, decision)
                case 2: event = .decided(stage, decision)
                case 3: event = .failed(stage)
                default: event = .stopRequested
                }
                let before = machine.state
                let actions = machine.handle(event)
                if !actions.contains(where: { if case .refuse = $0 { true } else { false } }), decision == .accept {
                    if case .finished(.analysis, .accept) = event, before == .running(.analysis) {
                        analysisAccepted = true
                    }
                    if case .decided(.analysis, .accept) = event, case .held(.analysis, _) = before {
                        analysisAccepted = true
                    }
                    if case .decided(.migration, .accept) = event, before == .held(.migration, .confirmation) {
                        confirmed = true
                    }
                }
                if actions.contains(.run(.migration)) {
                    #expect(analysisAccepted)
                    #expect(!confirm || confirmed)
                }
            }
        }
    }
}

/// A generator with a seed, so that a failure can be repeated.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
