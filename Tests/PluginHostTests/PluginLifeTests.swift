import Testing

@testable import PluginHost

/// Event in, action out; no process anywhere.
@Suite struct `The life of a plugin's process` {
    typealias Life = PluginLife
    typealias Step = (event: Life.Event, action: Life.Action, state: Life.State)

    private static let start: [Step] = [
        (.greeted, .nothing, .loading), (.loaded, .nothing, .loaded), (.create, .send, .creating),
        (.created, .nothing, .ready), (.call, .send, .calling),
    ]

    /// Plays a life from its start to a running call, or only so many steps of that, and then on.
    private func play(from count: Int = 5, _ steps: [Step], sourceLocation: SourceLocation = #_sourceLocation) -> Life {
        var life = Life()
        for step in Self.start.prefix(count) + steps {
            let action = life.handle(step.event)
            #expect(action == step.action, "\(step.event)", sourceLocation: sourceLocation)
            #expect(life.state == step.state, "\(step.event)", sourceLocation: sourceLocation)
        }
        return life
    }

    @Test func `goes from the greeting to calls and an orderly end`() {
        let life = play([
            (.answered, .nothing, .ready), (.call, .send, .calling), (.answered, .nothing, .ready),
            (.shutDown, .shutDown, .stopping), (.closed, .reap, .ended(.stopped)),
        ])
        #expect(!life.isMisconduct)
    }

    @Test func `ends by force when it does not shut down`() {
        let life = play(from: 4, [(.shutDown, .shutDown, .stopping), (.silence, .kill, .ended(.stopped))])
        #expect(!life.isMisconduct)
    }

    @Test func `as a spare rests without an instance, and is stopped there`() {
        _ = play(from: 2, [(.call, .refuse, .loaded), (.shutDown, .shutDown, .stopping)])
        let thrownAway = play(from: 2, [(.refuse, .kill, .ended(.refused))])
        #expect(!thrownAway.isMisconduct)
    }

    @Test func `is over when a deadline passes, even if the answer comes in the moment after it`() {
        for (event, action) in [(Life.Event.answered, Life.Action.kill), (.silence, .kill), (.closed, .reap)] {
            let life = play([
                (.deadline, .cancelCall, .cancelling(.timedOut)), (event, action, .ended(.timedOut)),
            ])
            #expect(life.isMisconduct)
        }
    }

    @Test func `goes on after a deadline of its caller's, and is blamed when it does not end its call`() {
        let calm = play([
            (.overdue, .cancelCall, .cancelling(.overdue)), (.answered, .nothing, .ready), (.call, .send, .calling),
        ])
        #expect(calm.ending == nil && !calm.isMisconduct)
        for (event, action) in [(Life.Event.silence, Life.Action.kill), (.closed, .reap), (.fault, .kill)] {
            let life = play([(.overdue, .cancelCall, .cancelling(.overdue)), (event, action, .ended(.overdue))])
            #expect(life.isMisconduct)
        }
    }

    @Test func `is not blamed for an answer that its caller's deadline cut in two`() {
        let life = play([(.overdue, .cancelCall, .cancelling(.overdue)), (.torn, .kill, .ended(.overdue))])
        #expect(!life.isMisconduct)
        let own = play([(.deadline, .cancelCall, .cancelling(.timedOut)), (.torn, .kill, .ended(.timedOut))])
        #expect(own.isMisconduct, "its manifest gave it so long")
    }

    @Test func `is not blamed for a start that somebody was in a hurry for`() {
        for steps in 0...3 {
            let life = play(from: steps, [(.overdue, .kill, .ended(.overdue))])
            #expect(!life.isMisconduct)
        }
    }

    @Test func `goes on after a cancelled call that it ended, and is killed for one that it did not`() {
        let calm = play([
            (.cancel, .cancelCall, .cancelling(.cancelled)), (.answered, .nothing, .ready), (.call, .send, .calling),
        ])
        #expect(calm.ending == nil)
        for (event, action) in [(Life.Event.silence, Life.Action.kill), (.closed, .reap), (.fault, .kill)] {
            let life = play([
                (.cancel, .cancelCall, .cancelling(.cancelled)), (event, action, .ended(.cancelled)),
            ])
            #expect(!life.isMisconduct, "the host asked it to end")
        }
    }

    @Test func `is not blamed for a scan that the host gave up`() {
        let life = play([
            (.abandon, .cancelCall, .cancelling(.abandoned)), (.silence, .kill, .ended(.abandoned)),
        ])
        #expect(!life.isMisconduct)
    }

    @Test(arguments: zip([Life.Event.closed, .deadline, .fault], [Life.Ending.crashed, .timedOut, .broke]))
    func `counts against the plugin once its code has run`(event: Life.Event, ending: Life.Ending) {
        for steps in 0...4 {
            var life = Life()
            for step in Self.start.prefix(steps) { _ = life.handle(step.event) }
            let action = life.handle(event)
            #expect(action == (event == .closed ? .reap : .kill))
            #expect(life.ending == ending)
            #expect(life.isMisconduct == (steps > 0), "after \(steps) steps")
        }
    }

    @Test func `lets nothing be sent and never comes back once it has ended`() {
        for ending in [Life.Event.closed, .fault, .refuse, .cancel, .deadline] {
            for event in Life.Event.allCases {
                var life = play(from: 4, [])
                _ = life.handle(ending)
                let ended = life
                let action = life.handle(event)
                #expect(action == (event == .create || event == .call ? .refuse : .nothing), "\(ending) \(event)")
                #expect(life == ended)
            }
        }
    }

    /// Every sequence of five events: whatever comes, a frame is sent in its place alone, and a process that is killed or
    /// reaped has ended.
    @Test func `keeps its rules under every order of events`() {
        let all = Life.Event.allCases
        var lives: [Life] = [Life()]
        for _ in 0..<5 {
            var next: [Life] = []
            for life in lives {
                for event in all {
                    var after = life
                    switch after.handle(event) {
                    case .send: #expect([.creating, .calling].contains(after.state))
                    case .cancelCall: #expect(life.state == .calling)
                    case .shutDown: #expect(after.state == .stopping)
                    case .kill, .reap: #expect(after.ending != nil)
                    case .refuse, .nothing: #expect(after.ending == nil || life.ending != nil)
                    }
                    if !next.contains(after) { next.append(after) }
                }
            }
            lives = next
        }
        #expect(lives.count > 10)
    }
}
