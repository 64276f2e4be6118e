internal import Contracts
internal import Foundations
internal import Stages
internal import Store

/// How a run's state is written into the store, and read back.
enum RunReport {
    static func stored(_ state: RunMachine.State) -> RunState {
        switch state {
        case .created: .created
        case .running: .running
        case .held: .held
        case .ready: .ready
        case .stopped: .stopped
        case .failed: .failed
        case .done: .done
        }
    }

    static func state(of record: RunRecord) -> RunMachine.State {
        let stage = record.stage ?? .ingest
        switch record.state {
        case .created: return .created
        case .running: return .running(stage)
        case .held:
            let hold = record.summary["hold"]?["kind"]?.stringValue.flatMap(RunMachine.Hold.init(rawValue:))
            return .held(stage, hold ?? .thresholds)
        case .ready: return .ready(stage)
        case .stopped: return .stopped(stage)
        case .failed: return .failed(stage)
        case .done: return .done
        }
    }

    /// The stored summary with the hold of a new state in it, or without one.
    static func summary(_ summary: JSON, with state: RunMachine.State, reasons: [String]) -> JSON {
        var members = summary.objectValue ?? [:]
        if case .held(let stage, let hold) = state {
            members["hold"] = [
                "stage": .string(stage.rawValue), "kind": .string(hold.rawValue), "reasons": JSON(reasons),
            ]
        } else {
            members["hold"] = nil
        }
        return .object(members)
    }

    /// The stored summary with what a person decided at a stage's gate.
    static func summary(_ summary: JSON, stage: Stage, decidedBy actor: String, _ decision: GateDecision) -> JSON {
        guard case .object(var members) = summary else { return summary }
        members["stages"] = .array(
            (members["stages"]?.arrayValue ?? []).map { entry in
                guard entry["stage"]?.stringValue == stage.rawValue, case .object(var changed) = entry else {
                    return entry
                }
                changed["human_decision"] = answer(actor, decision)
                return .object(changed)
            })
        return .object(members)
    }

    static func answer(_ actor: String, _ decision: GateDecision) -> JSON {
        ["actor": .string(actor), "decision": .string(decision.rawValue)]
    }

    /// What a stage's counts say of the run as a whole.
    static func rows(of stage: Stage, _ counts: JSON) -> [String: JSON] {
        switch stage {
        case .ingest: ["rows_in": counts["rows"]].compactMapValues { $0 }
        case .migration:
            Dictionary(
                ["rows_in", "rows_migrated", "rows_quarantined"].compactMap { key in counts[key].map { (key, $0) } },
                uniquingKeysWith: { first, _ in first })
        default: [:]
        }
    }

    /// How often the stages asked a provider, and where the answers came from; null when none was asked.
    static func cache(_ summary: JSON) -> JSON {
        var counts: [String: Int64] = [:]
        for stage in summary["stages"]?.arrayValue ?? [] {
            for (name, count) in stage["cache"]?.objectValue ?? [:] { counts[name, default: 0] += count.intValue ?? 0 }
        }
        return counts.isEmpty ? .null : .object(counts.mapValues(JSON.int))
    }

    /// The command that goes on with a run in this state; null when there is none.
    ///
    /// - Parameter token: of what a run that is held waits with.
    static func next(_ state: RunMachine.State, run: ULID, token: String?) -> JSON {
        let seen = token.map { " --seen \($0)" } ?? ""
        switch state {
        case .held(let stage, .fix): return .string("sluice decide \(run) \(stage.rawValue.lowercased()) fix\(seen)")
        case .held(let stage, _): return .string("sluice decide \(run) \(stage.rawValue.lowercased()) accept\(seen)")
        case .ready, .stopped, .failed, .created: return .string("sluice resume \(run)")
        case .running, .done: return .null
        }
    }

    /// The stored summary with a stage's outcome in it.
    static func summary(
        _ summary: JSON, stage: Stage, decision: GateDecision, reasons: [String], counts: JSON,
        cache: CacheCounts? = nil, models: JSON? = nil, seconds: Double
    ) -> JSON {
        var members = summary.objectValue ?? [:]
        var stages = (members["stages"]?.arrayValue ?? []).filter { $0["stage"]?.stringValue != stage.rawValue }
        stages.append(
            .members([
                "stage": .string(stage.rawValue), "decision": .string(decision.rawValue), "reasons": JSON(reasons),
                "counts": counts, "cache": cache?.json, "models": models,
                "seconds": .double((seconds * 1000).rounded() / 1000),
            ]))
        members["stages"] = .array(stages)
        // What an earlier attempt failed with is in the ledger.
        members["error"] = nil
        members.merge(rows(of: stage, counts)) { $1 }
        return .object(members)
    }
}
