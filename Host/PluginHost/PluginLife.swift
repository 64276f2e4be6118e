/// The life of one plugin's process as a pure machine: an event goes in, what to do comes out; `PluginProcess` does it.
///
/// It decides what may be sent when, what becomes of a call that is not answered, and what counts against the plugin.
struct PluginLife: Sendable, Equatable {
    /// How it ended.
    enum Ending: Sendable, Equatable, CaseIterable {
        /// The host needed it no more.
        case stopped
        /// The run was asked to stop, and the plugin did not end its call.
        case cancelled
        /// The host gave up a scan, and the plugin did not end it.
        case abandoned
        /// A deadline passed.
        case timedOut
        /// The caller's own deadline passed, and the plugin did not end its call.
        case overdue
        /// Its process died.
        case crashed
        /// It broke the protocol, or answered what no plugin may answer.
        case broke
        /// The host would not have it: a missing sandbox layer, another plugin than its manifest says, a `create` that
        /// failed.
        case refused
    }

    enum State: Sendable, Equatable {
        /// The runner enters its sandbox; nothing of the plugin's has run.
        case starting
        case loading
        /// Loaded and without an instance; a spare rests here.
        case loaded
        case creating
        case ready
        case calling
        /// CANCEL was sent. What it will have been if the plugin does not end its call in time.
        case cancelling(Ending)
        /// SHUTDOWN was sent.
        case stopping
        case ended(Ending)
    }

    enum Event: Sendable, Equatable, CaseIterable {
        /// HELLO came and is well.
        case greeted
        /// LOADED came and is well.
        case loaded
        case create
        /// CREATED came.
        case created
        /// The host wants to begin a call.
        case call
        /// The call's RESULT or ERROR came.
        case answered
        /// The deadline of what runs passed.
        case deadline
        /// The caller waits no longer, though the plugin's own time is not over.
        case overdue
        /// The run was asked to stop.
        case cancel
        /// The host wants no more of a scan.
        case abandon
        /// The moment passed that a cancelled call or a shutdown is given; or the socket takes no frame any more.
        case silence
        /// That moment found a frame half sent or half received: nothing can be said any more, by either side.
        case torn
        /// The runner's end of the socket is gone.
        case closed
        /// What came is not what may come.
        case fault
        /// The host will not go on with this plugin, which may be none of its fault.
        case refuse
        /// The host needs it no more.
        case shutDown
    }

    enum Action: Sendable, Equatable {
        case nothing
        /// Send the frame.
        case send
        /// Send CANCEL, and wait a moment for the end of the call.
        case cancelCall
        /// Send SHUTDOWN, and wait a moment for the end of the process.
        case shutDown
        case kill
        /// It is dead or dying: wait a moment, then kill, and look how it died.
        case reap
        /// The event does not fit: nothing may be sent.
        case refuse
    }

    private(set) var state = State.starting
    /// Whether it ended by something that counts against the plugin.
    private(set) var isMisconduct = false

    var ending: Ending? {
        if case .ended(let ending) = state { ending } else { nil }
    }

    mutating func handle(_ event: Event) -> Action {
        switch (state, event) {
        case (.ended, .create), (.ended, .call): return .refuse
        case (.ended, _): return .nothing
        case (.starting, .greeted): return go(.loading)
        case (.loading, .loaded): return go(.loaded)
        case (.loaded, .create): return go(.creating, .send)
        case (.creating, .created): return go(.ready)
        case (.ready, .call): return go(.calling, .send)
        case (.calling, .answered): return go(.ready)
        case (.calling, .deadline): return go(.cancelling(.timedOut), .cancelCall)
        case (.calling, .overdue): return go(.cancelling(.overdue), .cancelCall)
        case (.calling, .cancel): return go(.cancelling(.cancelled), .cancelCall)
        case (.calling, .abandon): return go(.cancelling(.abandoned), .cancelCall)
        // Too late is too late; a call that was cancelled for no fault of the plugin's leaves it usable.
        case (.cancelling(.timedOut), .answered): return end(.timedOut, .kill)
        case (.cancelling, .answered): return go(.ready)
        case (.cancelling(.overdue), .torn): return end(.overdue, .kill, isBlamed: false)
        case (.cancelling(let ending), .torn): return end(ending, .kill)
        case (.cancelling(let ending), .closed): return end(ending, .reap)
        case (.cancelling(let ending), .silence), (.cancelling(let ending), .fault),
            (.cancelling(let ending), .deadline), (.cancelling(let ending), .overdue),
            (.cancelling(let ending), .cancel):
            return end(ending, .kill)
        case (.stopping, .closed): return end(.stopped, .reap)
        case (.stopping, .silence): return end(.stopped, .kill)
        case (.loaded, .shutDown), (.ready, .shutDown), (.calling, .shutDown): return go(.stopping, .shutDown)
        case (_, .shutDown): return end(.stopped, .kill)
        case (_, .closed): return end(.crashed, .reap)
        case (_, .deadline): return end(.timedOut, .kill)
        // Its start had longer, and somebody was in a hurry.
        case (_, .overdue): return end(.overdue, .kill, isBlamed: false)
        case (_, .cancel), (_, .abandon): return end(.cancelled, .kill)
        case (_, .fault), (_, .answered), (_, .greeted), (_, .loaded), (_, .created): return end(.broke, .kill)
        case (_, .refuse): return end(.refused, .kill)
        case (_, .create), (_, .call): return .refuse
        case (_, .silence), (_, .torn): return .nothing
        }
    }

    private mutating func go(_ next: State, _ action: Action = .nothing) -> Action {
        state = next
        return action
    }

    private mutating func end(_ ending: Ending, _ action: Action, isBlamed: Bool = true) -> Action {
        // Before the greeting nothing of the plugin's has run.
        if state != .starting { isMisconduct = [.timedOut, .overdue, .crashed, .broke].contains(ending) && isBlamed }
        state = .ended(ending)
        return action
    }
}
