public import Contracts

/// The life of a run as a pure machine: an event goes in, actions come out; whoever drives it does the I/O.
///
/// The order of stages is that of ROADMAP §5 and there is no other way through: a stage runs only when the one before
/// it was accepted, Migration runs only in data_mode and, where the contract asks, only when a person has confirmed.
public struct RunMachine: Sendable, Equatable {
    /// Why a run waits for a person.
    public enum Hold: String, Sendable, CaseIterable {
        /// A gate's thresholds were missed; a person may accept it all the same.
        case thresholds
        /// A gate found what must be mended; accepting it is not offered by `--yes`.
        case fix
        /// The contract asks for a confirmation before rows are written.
        case confirmation
    }

    public enum State: Sendable, Equatable {
        case created
        /// A driver runs this stage, or died while it did.
        case running(Stage)
        /// Waits for `decide`.
        case held(Stage, Hold)
        /// Decided; the next driver goes on with this stage.
        case ready(Stage)
        case stopped(Stage)
        case failed(Stage)
        case done

        /// As the store and the command line name it.
        public var name: String {
            switch self {
            case .created: "created"
            case .running: "running"
            case .held: "held"
            case .ready: "ready"
            case .stopped: "stopped"
            case .failed: "failed"
            case .done: "done"
            }
        }

        public var stage: Stage? {
            switch self {
            case .created, .done: nil
            case .running(let stage), .held(let stage, _), .ready(let stage), .stopped(let stage), .failed(let stage):
                stage
            }
        }
    }

    public enum Event: Sendable, Equatable {
        /// A driver takes the run: for the first time, or again after a hold, a stop, a failure or a crash.
        case drive
        /// A stage ended with this gate decision.
        case finished(Stage, GateDecision)
        /// A person decided at a gate.
        case decided(Stage, GateDecision)
        /// A stage could not end.
        case failed(Stage)
        /// Somebody asked the run to stop, and the driver is between two steps.
        case stopRequested
    }

    public enum Action: Sendable, Equatable {
        case chooseLane
        /// Choose the lane of a run that has one again, before anything else is done.
        case reviewLane
        case run(Stage)
        /// metadata_only: write the plan of the Migration that will not run.
        case planMigration
        case hold(Stage, Hold)
        case stop(Stage)
        case fail(Stage)
        case finish
        /// The event does not fit the state: nothing happens, and the caller says so.
        case refuse(String)
    }

    public private(set) var state: State
    public let mode: Mode
    public let confirmationRequired: Bool

    public init(state: State = .created, mode: Mode, confirmationRequired: Bool) {
        self.state = state
        self.mode = mode
        self.confirmationRequired = confirmationRequired
    }

    public mutating func handle(_ event: Event) -> [Action] {
        switch (event, state) {
        case (.drive, .created):
            state = .running(.ingest)
            return [.chooseLane, .run(.ingest)]
        case (.drive, .ready(let stage)), (.drive, .stopped(let stage)), (.drive, .failed(let stage)),
            (.drive, .running(let stage)):
            return [.reviewLane] + enter(stage)
        case (.drive, .held(let stage, let hold)): return [.reviewLane, .hold(stage, hold)]
        case (.drive, .done): return [.finish]
        case (.finished(let stage, let decision), .running(let current)) where stage == current:
            return close(stage, decision)
        case (.decided(let stage, let decision), .held(let held, let hold)) where stage == held:
            return decide(stage, hold, decision)
        case (.failed(let stage), .running(let current)) where stage == current:
            state = .failed(stage)
            return [.fail(stage)]
        case (.stopRequested, .running(let stage)):
            state = .stopped(stage)
            return [.stop(stage)]
        case (.stopRequested, .held(let stage, _)), (.stopRequested, .ready(let stage)):
            return [.refuse("it waits at \(stage.rawValue) and nothing runs")]
        case (.decided(let stage, _), _): return [.refuse("it is not held at \(stage.rawValue)")]
        case (.finished(let stage, _), _), (.failed(let stage), _): return [.refuse("\(stage.rawValue) is not running")]
        case (.stopRequested, _): return [.refuse("nothing runs")]
        }
    }

    private mutating func enter(_ stage: Stage) -> [Action] {
        state = .running(stage)
        return stage == .migration && mode == .metadataOnly ? [.planMigration] : [.run(stage)]
    }

    private mutating func close(_ stage: Stage, _ decision: GateDecision) -> [Action] {
        switch decision {
        case .accept:
            guard let next = stage.next else {
                state = .done
                return [.finish]
            }
            if next == .migration, mode == .dataMode, confirmationRequired {
                state = .held(.migration, .confirmation)
                return [.hold(.migration, .confirmation)]
            }
            return enter(next)
        case .hold, .escalate:
            state = .held(stage, .thresholds)
            return [.hold(stage, .thresholds)]
        case .fix:
            state = .held(stage, .fix)
            return [.hold(stage, .fix)]
        case .retry: return enter(stage)
        case .reject:
            state = .failed(stage)
            return [.fail(stage)]
        }
    }

    /// What a person's decision does; the run goes on when somebody drives it.
    private mutating func decide(_ stage: Stage, _ hold: Hold, _ decision: GateDecision) -> [Action] {
        switch decision {
        case .accept:
            // A confirmation lets the stage itself run; an accepted result lets the next one.
            if hold == .confirmation {
                state = .ready(stage)
            } else if let next = stage.next {
                if next == .migration, mode == .dataMode, confirmationRequired {
                    state = .held(.migration, .confirmation)
                    return [.hold(.migration, .confirmation)]
                }
                state = .ready(next)
            } else {
                state = .done
                return [.finish]
            }
            return []
        case .fix, .retry:
            state = .ready(hold == .confirmation ? .mapping : stage)
            return []
        case .hold: return [.hold(stage, hold)]
        case .reject:
            state = .failed(stage)
            return [.fail(stage)]
        case .escalate: return [.refuse("a person decides accept, hold or fix")]
        }
    }
}
