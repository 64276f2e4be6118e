public import Contracts
public import Foundations
internal import Glibc
internal import Policy
internal import Stages
internal import Store

/// How a person wants a run driven; none of it is part of the contract.
public struct DriveOptions: Sendable, Equatable {
    /// Accept, in the caller's name, every gate that waits for a person, but none that asks for a fix.
    public var confirm: Bool
    /// Ask providers even where their answer is cached.
    public var fresh: Bool
    /// A wish for the rest of the run, in the place of the contract's; the lane table decides.
    public var lane: Lane?

    public init(confirm: Bool = false, fresh: Bool = false, lane: Lane? = nil) {
        self.confirm = confirm
        self.fresh = fresh
        self.lane = lane
    }
}

/// What can be asked of a home without changing it, and the drive itself.
extension RunService {
    /// Drives a run until it is done, held, stopped or failed. Only one process may drive a run.
    ///
    /// The run's ledger is verified, and all that the store says of the run is held against it, before anything is
    /// written and again before each stage.
    ///
    /// - Throws: `gate.evidence`, `run.mode_immutable` or `store.ledger` when they differ; POLICY_BLOCK when the run would
    ///   go on in another lane and policy does not admit its contract any more. Nothing was changed then.
    public func drive(
        _ run: ULID, options: DriveOptions = DriveOptions(), observer: any RunObserver
    ) throws(SluiceError) -> RunSummary {
        let permit = try permit(.createRun)
        // Before the lease is taken: what is refused leaves no trace in the store.
        _ = try evidence(run)
        if try store.run(run, permit: viewing()).state == .done { return try summary(run) }
        let error = try store.driving(run, permit: permit) { () throws(SluiceError) -> SluiceError? in
            guard let evidence = try evidence(run) else { return nil }
            if let rejection = evidence.rejection {
                throw SluiceError(
                    .runState,
                    "The run \(run) was rejected at \(rejection.stage.rawValue) by \(rejection.actor ?? "somebody").",
                    hint: "Start a new run.")
            }
            return try RunDriver(self, run: run, evidence: evidence, options: options, observer: observer).drive()
        }
        return try summary(run, error: error)
    }

    /// What the run's ledger proves, once everything in the store agrees with it; writes nothing.
    ///
    /// - Returns: nil for a run that is done and of whose ledger retention has dropped a part: it enters no stage.
    func evidence(_ run: ULID) throws(SluiceError) -> GateEvidence? {
        let verified = try store.verifiedRun(run, permit: viewing())
        if verified.dropped > 0, verified.record.state == .done { return nil }
        return try GateEvidence(of: verified)
    }

    public func summary(_ run: ULID) throws(SluiceError) -> RunSummary { try summary(run, error: nil) }

    private func summary(_ run: ULID, error: SluiceError?) throws(SluiceError) -> RunSummary {
        let permit = try viewing()
        let record = try store.run(run, permit: permit)
        // Only what waits for a person shows what its ledger proves.
        if record.state == .held { return try summary(try look(run), error: error) }
        return try summary(Look(record: record, artifacts: try store.artifacts(of: run, permit: permit)), error: error)
    }

    /// What is shown of a run, all of it of one state of the database where its ledger holds.
    private struct Look {
        let record: RunRecord
        let artifacts: [ArtifactReference]
        var decisions: [GateRecord] = []
        /// nil where it was not asked for, and for a run that is done and whose ledger retention has shortened.
        var evidence: GateEvidence?
        /// Why there is no evidence.
        var refusal: SluiceError?
        var events: Int?
        var marked: Int64?
    }

    private func look(_ run: ULID) throws(SluiceError) -> Look {
        let permit = try viewing()
        let found: VerifiedRun
        do throws(SluiceError) { found = try store.verifiedRun(run, permit: permit) } catch {
            // It can still be looked at.
            return Look(
                record: try store.run(run, permit: permit), artifacts: try store.artifacts(of: run, permit: permit),
                decisions: try store.gateDecisions(run, permit: permit), refusal: error)
        }
        var look = Look(
            record: found.record, artifacts: found.artifacts, decisions: found.decisions, events: found.events.count,
            marked: found.marked)
        if found.dropped > 0, found.record.state == .done { return look }
        do throws(SluiceError) { look.evidence = try GateEvidence(of: found) } catch { look.refusal = error }
        return look
    }

    private func summary(_ look: Look, error: SluiceError?) throws(SluiceError) -> RunSummary {
        let record = look.record
        let run = record.runID
        let stored = record.summary
        var hold: JSON = .null
        if record.state == .held, case .object(var members) = stored["hold"] ?? .null {
            // There is nothing to decide where store and ledger differ.
            let evidence = look.evidence
            if let evidence { members["reasons"] = JSON(evidence.reasons) }
            members["token"] = JSON(evidence?.token)
            members["next"] =
                evidence.map { RunReport.next($0.state, run: run, token: $0.token) }
                ?? .string("sluice ledger \(run) --verify")
            hold = .object(members)
        }
        let state = try liveState(record)
        var events = look.events
        if events == nil { events = try store.eventCount(run) }
        let json: JSON = .members([
            "run_id": .string(run.description), "state": .string(state), "mode": .string(record.mode.rawValue),
            "lane": JSON(record.lane?.rawValue), "rows_in": stored["rows_in"] ?? .int(0),
            "rows_migrated": stored["rows_migrated"] ?? .int(0),
            "rows_quarantined": try quarantined(record), "stages": stored["stages"] ?? [],
            "artifacts": .object(
                Dictionary(
                    look.artifacts.map { ($0.kind.rawValue, JSON.string($0.hash.hex)) },
                    uniquingKeysWith: { _, last in last })),
            "hold": hold, "isolation": stored["isolation"] ?? .null, "cache": RunReport.cache(stored),
            "home": .string(store.home.path),
            "lhs": record.contract["lhs"]?["location"], "target": record.contract["rhs"]?["location"],
            "ledger_events": events.map { JSON($0) } ?? .null, "error": error?.json ?? stored["error"],
        ])
        return RunSummary(json: json, state: state, error: error)
    }

    /// A run that is running and that nobody drives was interrupted: its process died.
    private func liveState(_ record: RunRecord) throws(SluiceError) -> String {
        guard record.state == .running else { return record.state.rawValue }
        return try store.isDriven(record.runID) ? "running" : "interrupted"
    }

    private func quarantined(_ record: RunRecord) throws(SluiceError) -> JSON {
        if let counted = record.summary["rows_quarantined"] { return counted }
        return .int(try store.quarantineCount(record.runID))
    }

    /// `{"runs":[…]}`, newest first; one whose row cannot be read has the state `damaged` and an error.
    public func runs() throws(SluiceError) -> JSON {
        var listed: [JSON] = []
        for entry in try store.listedRuns(permit: viewing()) {
            let record: RunRecord
            switch entry {
            case .run(let read): record = read
            case .damaged(let id, let createdAt, let error):
                listed.append([
                    "run_id": .string(id), "state": "damaged", "created_at": .string(createdAt), "error": error.json,
                ])
                continue
            }
            listed.append([
                "run_id": .string(record.runID.description), "state": .string(try liveState(record)),
                "mode": .string(record.mode.rawValue), "stage": JSON(record.stage?.rawValue),
                "lane": JSON(record.lane?.rawValue), "created_at": .string(record.createdAt),
                "lhs": record.contract["lhs"]?["location"] ?? .null,
                "rhs": record.contract["rhs"]?["location"] ?? .null,
            ])
        }
        return ["runs": .array(listed)]
    }

    /// The summary, with contract, decisions, quarantine by reason, and checkpoints.
    public func show(_ run: ULID) throws(SluiceError) -> JSON {
        let permit = try viewing()
        let look = try look(run)
        let record = look.record
        guard case .object(var members) = try summary(look, error: nil).json else { return .null }
        members["contract"] = record.contract
        members["contract_hash"] = .string(record.contractHash.hex)
        members["versions"] = record.versions.json
        if let plugins = look.evidence?.plugins, !plugins.isEmpty { members["plugins"] = plugins.json }
        members["created_at"] = .string(record.createdAt)
        members["updated_at"] = .string(record.updatedAt)
        let proved = look.evidence?.decisions ?? []
        if let refusal = look.refusal {
            members["evidence"] = ["holds": false, "error": refusal.json]
        } else if case .object(var evidence) = look.evidence?.json ?? .null {
            evidence["events"] = look.events.map { JSON($0) } ?? .null
            evidence["marked"] = look.marked.map(JSON.int) ?? .null
            members["evidence"] = .object(evidence)
        }
        members["decisions"] = .array(
            look.decisions.enumerated().map { place, decision in
                let event = place < proved.count ? proved[place] : nil
                return [
                    "stage": .string(decision.stage.rawValue), "decision": .string(decision.decision.rawValue),
                    "actor": .string(decision.actor), "reason": .string(decision.reason),
                    "timestamp": .string(decision.timestampUTC), "artifact": JSON(decision.artifactHash?.hex),
                    "role": JSON(event?.role), "seen": event?.isSeen.map(JSON.bool) ?? .null,
                ]
            })
        members["quarantine"] = [
            "rows": .int(try store.quarantineCount(run)),
            "reasons": .object(try store.quarantineReasons(run).mapValues(JSON.int)),
            "preview": .array(try store.quarantined(run, limit: 5, permit: permit).map(Self.json)),
        ]
        members["checkpoints"] = .array(
            try store.checkpoints(run, permit: permit).map { chunk in
                [
                    "chunk_id": .int(chunk.chunkID), "content_hash": JSON(chunk.contentHash?.hex),
                    "started_at": .string(chunk.startedAt), "finished_at": JSON(chunk.finishedAt),
                    "row_count_in": .int(chunk.rowCountIn), "row_count_out": .int(chunk.rowCountOut),
                    "status": .string(chunk.status), "next_action": JSON(chunk.nextAction),
                ]
            })
        return .object(members)
    }

    static func json(_ row: QuarantineRecord) -> JSON {
        [
            "chunk_id": .int(row.chunkID), "ordinal": .int(row.ordinal), "key": JSON(row.maskedKey),
            "reason_codes": JSON(row.reasonCodes), "masked_preview_before": row.maskedBefore,
            "masked_preview_after": row.maskedAfter, "diff_ptr": JSON(row.diffPointer),
            "created_at": .string(row.createdAt), "rbac_required_role": .string(row.requiredRole.rawValue),
        ]
    }

    public func artifacts(_ run: ULID) throws(SluiceError) -> JSON {
        [
            "artifacts": .array(
                try store.artifacts(of: run, permit: viewing()).map { reference in
                    [
                        "kind": .string(reference.kind.rawValue), "stage": .string(reference.stage.rawValue),
                        "hash": .string(reference.hash.hex), "created_at": .string(reference.createdAt),
                    ]
                })
        ]
    }

    /// Body and envelopes of the artifact that a hash, or a unique beginning of one, names.
    public func artifact(_ prefix: String) throws(SluiceError) -> JSON {
        let permit = try viewing()
        let hash = try store.artifacts.find(prefix: prefix, permit: permit)
        return [
            "hash": .string(hash.hex), "body": try store.artifacts.body(hash, permit: permit),
            "envelopes": .array(try store.references(to: hash, permit: permit).map(\.envelope)),
            "promotions": .array(try store.promotions(of: hash, permit: permit).map(\.json)),
        ]
    }

    // MARK: What would happen

    func laneInputs(_ contract: RunContract) -> LaneInputs {
        var information = stat()
        let size = stat(contract.lhs.location.path, &information) == 0 ? Int64(information.st_size) : nil
        return LaneInputs(
            jobType: contract.mode == .dataMode ? .migration : .catalog, sizeEstimate: size, sensitivity: .pii,
            role: contract.actor.role, tokenCap: contract.budgetCaps.tokens, usdCap: contract.budgetCaps.usd,
            providerHealth: nil, queueDepth: 0, hint: contract.laneHint)
    }

    /// What a drive makes of a run's lane, as its ledger proves it, and the permit for another one; changes nothing.
    ///
    /// - Throws: POLICY_BLOCK when the lane would change and policy does not admit the contract with this caller.
    func reviewLane(
        _ evidence: GateEvidence, _ contract: RunContract, asked: Lane?
    ) throws(SluiceError) -> (review: LaneReview, permit: Permit?) {
        // A run that has not begun is given its lane; one that is done keeps it.
        guard let lane = evidence.lane, evidence.state != .done else { return (.keep, nil) }
        let review = LaneReview.decide(
            lane: lane, recorded: evidence.laneInputs, now: laneInputs(contract), asked: asked)
        guard case .change = review else { return (review, nil) }
        return (review, try engine.admit(contract, authenticated: caller))
    }

    /// The lane that a contract gets, by which rule, and the stages that it goes through. Starts nothing.
    public func explain(_ contract: RunContract) throws(SluiceError) -> JSON {
        let inputs = laneInputs(contract)
        let stages = Stage.work.map { stage -> JSON in
            if stage == .migration {
                return .string(contract.mode == .dataMode ? "MIGRATION" : "MIGRATION (dry-run plan)")
            }
            return .string(stage.rawValue)
        }
        return [
            "run_id": .string(contract.runID.description), "lane": LaneChoice.choose(inputs).json,
            "inputs": inputs.json,
            "rules": .array(
                LaneChoice.rules.map {
                    ["id": .string($0.id), "when": .string($0.words), "lane": .string($0.lane?.rawValue ?? "the hint")]
                }),
            "stages": .array(stages),
        ]
    }

    /// Whether each provider that policy names would be asked.
    ///
    /// One that is not allowed does not stop a run: names are compared by letters then.
    private func providerDecisions(_ contract: RunContract) throws(SluiceError) -> [JSON] {
        try PluginUse(catalog()).providerDecisions(of: contract, engine: engine).map { decision in
            [
                "action": .string(Action.callProvider.rawValue), "allowed": .bool(decision.isAllowed),
                "rule": .string(decision.rule), "rule_id": JSON(decision.ruleID),
            ]
        }
    }

    /// What the policy says of everything that a run under this contract would do.
    public func policyCheck(_ contract: RunContract) throws(SluiceError) -> JSON {
        var decisions: [JSON] = []
        var isAllowed = true
        do {
            let permit = try engine.admit(contract, authenticated: caller)
            decisions.append([
                "action": "admit", "allowed": true, "rule": .string(permit.rule), "rule_id": .string(permit.ruleID),
            ])
        } catch {
            isAllowed = false
            decisions.append([
                "action": "admit", "allowed": false, "rule": .string(error.message), "hint": .string(error.hint),
            ])
        }
        let asked: [Action] =
            contract.mode == .dataMode
            ? [.createRun, .sampleRows, .callProvider, .callCheck, .migrate, .approveDestructive]
            : [.createRun, .callProvider]
        for action in asked {
            if action == .callProvider {
                decisions += try providerDecisions(contract)
                continue
            }
            let decision = try engine.decide(
                PolicyEngine.Request(actor: contract.actor, action: action, mode: contract.mode))
            if !decision.isAllowed { isAllowed = false }
            decisions.append([
                "action": .string(action.rawValue), "allowed": .bool(decision.isAllowed),
                "rule": .string(decision.rule.words), "rule_id": .string(decision.rule.id),
            ])
        }
        if contract.mappingPlan != nil {
            let (decision, isUsable) = reuseDecision(contract)
            decisions.append(decision)
            if !isUsable { isAllowed = false }
        }
        return [
            "allowed": .bool(isAllowed), "decisions": .array(decisions),
            "policy_version": .string(try engine.manifest.reference),
            "contract_hash": .string(contract.hash.hex), "run_id": .string(contract.runID.description),
        ]
    }
}
