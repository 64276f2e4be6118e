public import Contracts
public import Foundations
internal import Policy
internal import Store

/// What a person decides at a gate.
extension RunService {
    /// The longest reason that is kept, in Unicode scalars.
    public static let reasonLimit = 1000

    /// Records a person's decision at a gate. The run goes on when somebody resumes it.
    ///
    /// - Parameters:
    ///   - seen: the token of what the person looked at (`hold.token` of the summary). Without it the decision is on
    ///     what the run waits with when it arrives, and the ledger says that no token was given.
    ///   - reason: at most 1,000 scalars; line breaks and tabs become spaces.
    /// - Throws: `gate.seen` for a token of something else; `gate.evidence`, `run.mode_immutable` or `store.ledger` when
    ///   store and ledger differ; `policy.denied` for a role that may not; `run.state` when the run is not held there or
    ///   is driven; `usage` for a reason that cannot be kept. Nothing was changed then.
    public func decide(
        _ run: ULID, stage: Stage, decision: GateDecision, seen: String?, reason: String?
    ) throws(SluiceError) -> JSON {
        let reason = try Self.kept(reason: reason ?? "")
        // Before the lease is taken: what is refused leaves no trace in the store.
        try require(run, stage, decision, seen: seen)
        return try store.driving(run, permit: deciding(stage)) { () throws(SluiceError) in
            let machine = try decided(run, stage: stage, decision: decision, seen: seen, reason: reason)
            let token = try evidence(run)?.token
            return [
                "run_id": .string(run.description), "stage": .string(stage.rawValue),
                "decision": .string(decision.rawValue),
                "actor": .string(caller.userID), "state": .string(machine.state.name),
                "next": decision == .reject ? .null : RunReport.next(machine.state, run: run, token: token),
            ]
        }
    }

    /// Records a decision in store and ledger; the caller holds the run.
    @discardableResult
    func decided(
        _ run: ULID, stage: Stage, decision: GateDecision, seen: String?, reason: String
    ) throws(SluiceError) -> RunMachine {
        try require(run, stage, decision, seen: seen)
        return try store.recording(run, permit: deciding(stage)) { (found) throws(SluiceError) in
            let evidence = try GateEvidence(of: found)
            let (machine, permit) = try allowed(evidence, stage, decision)
            // The run may have gone on between the look and this transaction.
            if let seen { try evidence.require(seen: seen, others: { _ in nil }) }
            let record = found.record
            let now = CivilTime.text(milliseconds: context.now())
            let subject = Self.subject(of: evidence, at: stage, among: found.artifacts)
            var hold: JSON = .null
            if case .held(_, let kind) = evidence.state { hold = .string(kind.rawValue) }
            var event = LedgerEvent(
                eventID: context.ulid(), runID: run, timestampUTC: now, stage: stage, decision: decision,
                versions: record.versions,
                note: [
                    "event": "human_decision", "reason": .string(reason), "rule": .string(permit.rule),
                    "role": .string(caller.role.rawValue), "hold": hold, "seen": .bool(seen != nil),
                    "token": JSON(evidence.token),
                    "artifacts": .object(evidence.artifacts(upTo: stage).mapValues(JSON.string)),
                ])
            event.confirmation = LedgerEvent.Confirmation(required: true, actor: caller.userID, timestampUTC: now)
            event.inputsHash = subject?.hex
            let gate = GateRecord(
                runID: run, stage: stage, decision: decision, actor: caller.userID, reason: reason, timestampUTC: now,
                artifactHash: subject)
            let summary = RunReport.summary(record.summary, stage: stage, decidedBy: caller.userID, decision)
            let change = RunChange(
                state: RunReport.stored(machine.state), stage: machine.state.stage,
                summary: RunReport.summary(summary, with: machine.state, reasons: []))
            return (RecordedDecision(gate: gate, event: event, change: change), machine)
        }
    }

    /// Refuses, before anything is written, what could not be recorded.
    private func require(
        _ run: ULID, _ stage: Stage, _ decision: GateDecision, seen: String?
    ) throws(SluiceError) {
        let evidence = try GateEvidence(of: try store.verifiedRun(run, permit: viewing()))
        _ = try allowed(evidence, stage, decision)
        guard let seen else { return }
        try evidence.require(seen: seen) { (token) throws(SluiceError) in try owner(of: token, besides: run) }
    }

    /// What a decision makes of a run, and by which rule its maker may make it.
    private func allowed(
        _ evidence: GateEvidence, _ stage: Stage, _ decision: GateDecision
    ) throws(SluiceError) -> (machine: RunMachine, permit: Permit) {
        let permit = try deciding(stage, mode: evidence.machine.mode)
        var machine = evidence.machine
        for action in machine.handle(.decided(stage, decision)) {
            if case .refuse(let why) = action {
                throw SluiceError(.runState, "The run \(evidence.runID) cannot take this decision: \(why).")
            }
        }
        return (machine, permit)
    }

    /// The artifact that a decision is about: the Analysis Report for a confirmation, else what the stage made last.
    private static func subject(
        of evidence: GateEvidence, at stage: Stage, among artifacts: [ArtifactReference]
    ) -> SHA256.Digest? {
        if case .held(_, .confirmation) = evidence.state {
            return artifacts.first { $0.kind == .analysisReport }?.hash
        }
        return artifacts.last { $0.stage <= stage }?.hash
    }

    /// How many runs are asked whether a token is theirs, the newest first.
    private static let runsAsked = 200

    private func owner(
        of token: String, besides run: ULID
    ) throws(SluiceError) -> (run: ULID, at: GateEvidence.Waiting)? {
        for record in try store.runs(limit: Self.runsAsked, permit: viewing()) where record.runID != run {
            // One that does not hold says so when it is looked at; here it owns nothing.
            guard let other = try? evidence(record.runID),
                let waited = other.waited.last(where: { $0.token == token })
            else { continue }
            return (record.runID, waited)
        }
        return nil
    }

    /// A reason as it is kept: one line, nothing that could steer a terminal.
    static func kept(reason: String) throws(SluiceError) -> String {
        var line = String.UnicodeScalarView()
        for scalar in reason.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control where ["\n", "\r", "\t"].contains(scalar), .lineSeparator, .paragraphSeparator:
                line.append(" ")
            case .control: throw unkept(scalar)
            // Overrides and isolates turn around what stands beside them.
            case .format where (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value):
                throw unkept(scalar)
            default: line.append(scalar)
            }
        }
        guard line.count <= reasonLimit else {
            throw SluiceError(
                .usage, "The reason has \(line.count) characters; at most \(reasonLimit) are kept.",
                hint: "Shorten it, and name a document where there is more to say.")
        }
        return String(line)
    }

    private static func unkept(_ scalar: Unicode.Scalar) -> SluiceError {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let padded = String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
        return SluiceError(
            .usage, "The reason holds the character U+\(padded), which a line of plain text has no place for.",
            hint: "Write the reason as plain text.")
    }
}
