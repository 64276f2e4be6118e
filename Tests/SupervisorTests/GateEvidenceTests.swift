import Contracts
import Foundations
import Testing

@testable import Store
@testable import Supervisor

/// Events in, what they prove out: no I/O.
@Suite("The evidence of gates")
struct GateEvidenceTests {
    struct Story: CustomStringConvertible, Sendable {
        let name: String
        let steps: [Ledger.Step]
        let state: RunMachine.State
        /// The stage that a drive enters.
        var entry: Stage?
        var isConfirmed = false
        var description: String { name }
    }

    static let confirmed = Ledger.toConfirmation + [Ledger.Step.decide(.migration, .accept, about: "a")]

    static let allStories: [Story] = [
        Story(name: "created", steps: [], state: .created, entry: .ingest),
        Story(name: "its lane was chosen", steps: [.lane], state: .running(.ingest), entry: .ingest),
        Story(
            name: "accepted once", steps: [.lane, .end(.ingest, .accept, "i")], state: .running(.domains),
            entry: .domains),
        Story(
            name: "held", steps: [.lane, .end(.ingest, .accept, "i"), .end(.domains, .hold, "d")],
            state: .held(.domains, .thresholds)),
        Story(
            name: "accepted by a person",
            steps: [
                .lane, .end(.ingest, .accept, "i"), .end(.domains, .hold, "d"), .decide(.domains, .accept, about: "d"),
            ], state: .ready(.mapping), entry: .mapping),
        Story(
            name: "left for later", steps: [.lane, .end(.ingest, .hold, "i"), .decide(.ingest, .hold, about: "i")],
            state: .held(.ingest, .thresholds)),
        Story(
            name: "sent back, and ended again after a crash on the way",
            steps: [
                .lane, .end(.ingest, .fix, "i"), .decide(.ingest, .fix, about: "i"), .end(.ingest, .accept, "j"),
            ], state: .running(.domains), entry: .domains),
        Story(
            name: "failed, resumed, stopped, resumed",
            steps: [.lane, .fail(.ingest), .stop(.ingest), .end(.ingest, .accept, "i"), .fail(.domains)],
            state: .failed(.domains), entry: .domains),
        Story(
            name: "stopped after its driver had died",
            steps: [.lane, .end(.ingest, .accept, "i"), .stop(.supervisor)], state: .stopped(.domains),
            entry: .domains),
        Story(
            name: "repeated by its gate", steps: [.lane, .end(.ingest, .retry, "i"), .end(.ingest, .accept, "i")],
            state: .running(.domains), entry: .domains),
        Story(name: "an event of something else", steps: [.lane, .other], state: .running(.ingest), entry: .ingest),
        Story(
            name: "waits for the confirmation", steps: Ledger.toConfirmation, state: .held(.migration, .confirmation)),
        Story(
            name: "confirmed", steps: confirmed, state: .ready(.migration), entry: .migration, isConfirmed: true),
        Story(
            name: "accepted at Analysis, which is no confirmation",
            steps: Ledger.toConfirmation.dropLast() + [
                .end(.analysis, .hold, "a"), .decide(.analysis, .accept, about: "a"),
            ], state: .held(.migration, .confirmation)),
        Story(
            name: "confirmed, failed and tried again", steps: confirmed + [.fail(.migration)],
            state: .failed(.migration), entry: .migration, isConfirmed: true),
        Story(
            name: "confirmed, and Migration asks for a fix",
            steps: confirmed + [.end(.migration, .fix, "r"), .decide(.migration, .fix, about: "r")],
            state: .ready(.migration), entry: .migration, isConfirmed: true),
        Story(
            name: "sent back at the confirmation",
            steps: Ledger.toConfirmation + [.decide(.migration, .fix, about: "a")], state: .ready(.mapping),
            entry: .mapping),
        Story(
            name: "sent back at the confirmation, made anew, and waits again",
            steps: Ledger.toConfirmation + [
                .decide(.migration, .fix, about: "a"), .end(.mapping, .accept, "n"), .end(.analysis, .accept, "b"),
            ], state: .held(.migration, .confirmation)),
        Story(
            name: "accepted at Analysis, sent back at the confirmation, and made anew otherwise",
            steps: Ledger.toConfirmation.dropLast() + [
                .end(.analysis, .hold, "a"), .decide(.analysis, .accept, about: "a"),
                .decide(.migration, .fix, about: "a"), .end(.mapping, .accept, "n"), .end(.analysis, .accept, "b"),
            ], state: .held(.migration, .confirmation)),
        Story(
            name: "rejected", steps: Ledger.toConfirmation + [.decide(.migration, .reject, about: "a")],
            state: .failed(.migration)),
        Story(
            name: "done", steps: confirmed + [.end(.migration, .accept, "r")], state: .done, isConfirmed: true),
    ]

    @Test(
        "says where a run stands, what may be entered, and what a store that nobody touched holds",
        arguments: allStories)
    func stories(_ story: Story) throws {
        let ledger = Ledger(story.steps)
        let evidence = try GateEvidence(of: ledger.verified())
        #expect(evidence.state == story.state)
        #expect(evidence.entry == story.entry)
        #expect((evidence.confirmation != nil) == story.isConfirmed)
        let isHeld = if case .held = story.state { true } else { false }
        #expect((evidence.token != nil) == isHeld)
        // Every other state than that is refused, and the one that marks the stage as entered is not.
        var states: [RunMachine.State] = [.created, .done]
        for stage in Stage.work {
            states += [.running(stage), .ready(stage), .stopped(stage), .failed(stage)]
            states += RunMachine.Hold.allCases.map { .held(stage, $0) }
        }
        for state in states {
            let stored = try ledger.verified().with(record: ledger.record(state))
            let isEntered =
                if case .running(let stage) = state { stage == story.entry && story.state != .created } else { false }
            let isFine = state == story.state || isEntered
            var refusal: SluiceError?
            do throws(SluiceError) { _ = try GateEvidence(of: stored) } catch { refusal = error }
            #expect((refusal == nil) == isFine, "\(state)")
            if let refusal {
                #expect(refusal.detail == "gate.evidence" && refusal.hint.contains("sluice ledger"), "\(state)")
            }
        }
    }

    @Test("lets the stage be entered that is due and no other", arguments: allStories)
    func entering(_ story: Story) throws {
        let verified = try Ledger(story.steps).verified()
        let evidence = try GateEvidence(of: verified)
        for stage in Stage.work {
            let found = try? evidence.inputs(entering: stage, of: verified)
            #expect((found != nil) == (stage == story.entry && story.state != .created), "\(stage)")
        }
    }

    @Test("takes the events of a version that named no artifacts")
    func unnamed() throws {
        let steps: [Ledger.Step] = [
            .lane, .endUnnamed(.ingest, .accept, "i"), .endUnnamed(.domains, .hold, "d"),
            .decide(.domains, .accept, about: "d"),
        ]
        let ledger = Ledger(steps)
        let verified = try ledger.verified()
        #expect(try GateEvidence(of: verified).entry == .mapping)
        let swapped = [
            Ledger.reference(.catalog, Ledger.hash("i")), Ledger.reference(.domainAssignments, Ledger.hash("x")),
        ]
        expectRefusal("artifacts of DOMAINS") { () throws(SluiceError) in
            _ = try GateEvidence(of: verified.with(artifacts: swapped))
        }
        // Made anew by this version, it is named.
        let again = Ledger(
            Array(steps.dropLast()) + [.decide(.domains, .fix, about: "d"), .end(.domains, .accept, "e")])
        #expect(try GateEvidence(of: again.verified()).entry == .mapping)
    }

    // MARK: What cannot have happened

    static let impossibleSteps: [(steps: [Ledger.Step], words: String)] = [
        ([.lane, .end(.domains, .accept, "d")], "event 3 (stage_finished at DOMAINS) cannot follow running at INGEST"),
        ([.lane, .end(.migration, .accept, "r")], "stage_finished at MIGRATION"),
        ([.lane, .decide(.ingest, .accept, about: "i")], "event 3 (human_decision at INGEST)"),
        (Ledger.toConfirmation + [.end(.migration, .accept, "r")], "cannot follow held at MIGRATION (confirmation)"),
        (Ledger.toConfirmation + [.fail(.migration)], "stage_failed at MIGRATION"),
        (Ledger.toConfirmation + [.stop(.supervisor)], "stopped at SUPERVISOR"),
        (Ledger.toConfirmation + [.decide(.analysis, .accept, about: "a")], "human_decision at ANALYSIS"),
        (
            Ledger.toConfirmation + [.decide(.migration, .reject, about: "a"), .end(.migration, .accept, "r")],
            "cannot follow failed at MIGRATION"
        ),
    ]

    @Test("refuses events that do not follow from each other", arguments: impossibleSteps.indices)
    func impossible(_ place: Int) {
        let (steps, words) = Self.impossibleSteps[place]
        expectRefusal(words) { () throws(SluiceError) in _ = try Ledger(steps).evidence() }
    }

    @Test("refuses a ledger whose beginning is not there")
    func beginning() throws {
        let ledger = Ledger(Ledger.toConfirmation)
        for left in [[], Array(ledger.entries.dropFirst()), Array(ledger.entries.dropFirst(3))] {
            expectRefusal("first events are not there") { () throws(SluiceError) in
                _ = try GateEvidence(run: Ledger.run, contract: ledger.contract, events: left)
            }
        }
    }

    // MARK: What the store may not say

    @Test("refuses another contract, with its hash recomputed or not, and other versions")
    func contract() throws {
        let ledger = Ledger(Ledger.toConfirmation)
        let verified = try ledger.verified()
        let edited = Ledger.contract(["human_confirm_required": false])
        let state = RunMachine.State.held(.migration, .confirmation)
        let moved = PinnedVersions(
            policy: "p@1", dsl: "1.0.0", catalog: "c@2", thresholdProfile: "tp_default_v1", roadmap: "1.1.0")
        let records: [(RunRecord, String, String)] = [
            (ledger.record(state, contract: edited), "run.mode_immutable", "start a new run"),
            (ledger.record(state, contract: edited, hash: Ledger.hash("x")), "run.mode_immutable", "event 1"),
            (
                ledger.record(state, contract: edited, hash: RunContract.hash(of: ledger.contract)),
                "run.mode_immutable", "event 1"
            ),
            (ledger.record(state, hash: Ledger.hash("x")), "gate.evidence", "the hash or the mode"),
            (ledger.record(state, mode: .metadataOnly), "gate.evidence", "the hash or the mode"),
            (ledger.record(state, contract: "nothing"), "run.mode_immutable", "event 1"),
            // The run's id is not part of the hash.
            (
                ledger.record(state, contract: Ledger.contract(["run_id": "01JCX0000000000000000000AA"])),
                "gate.evidence", "01JCX0000000000000000000AA"
            ),
            (ledger.record(state, versions: moved), "run.mode_immutable", "pinned"),
        ]
        for (record, detail, words) in records {
            expectRefusal(words, detail: detail) { () throws(SluiceError) in
                _ = try GateEvidence(of: verified.with(record: record))
            }
        }
    }

    @Test("has the lane that the events lead to, and refuses another one beside it")
    func lanes() throws {
        let steps = Ledger.toConfirmation + [.relane(.interactive, .batch)]
        let ledger = Ledger(steps)
        let verified = try ledger.verified()
        #expect(try GateEvidence(of: verified).lane == .batch)
        let before = Ledger(Ledger.toConfirmation)
        expectRefusal("its lane in the store is interactive, and its ledger proves batch") { () throws(SluiceError) in
            _ = try GateEvidence(of: verified.with(record: before.record(try ledger.evidence().state)))
        }
        expectRefusal("its lane in the store is batch, and its ledger proves interactive") { () throws(SluiceError) in
            _ = try GateEvidence(of: try before.verified().with(record: verified.record))
        }
        expectRefusal("(lane_changed at SUPERVISOR) cannot follow") { () throws(SluiceError) in
            _ = try Ledger(Ledger.toConfirmation + [.relane(.flex, .batch)]).evidence()
        }
    }

    @Test("refuses a summary that tells of other stages, or otherwise of one")
    func summaries() throws {
        let short = Ledger(Array(Ledger.toConfirmation.dropLast()))
        let verified = try Ledger(Ledger.toConfirmation).verified()
        func other(_ ledger: Ledger) throws(SluiceError) -> VerifiedRun {
            verified.with(record: ledger.record(try Ledger(Ledger.toConfirmation).evidence().state))
        }
        expectRefusal("does not tell of ANALYSIS") { () throws(SluiceError) in
            _ = try GateEvidence(of: try other(short))
        }
        let changed = Ledger(
            Ledger.toConfirmation.dropLast(2) + [.end(.mapping, .accept, "x"), .end(.analysis, .accept, "a")])
        expectRefusal("its summary of MAPPING") { () throws(SluiceError) in
            _ = try GateEvidence(of: try other(changed))
        }
    }

    @Test("has the sandbox of the last drive that started a plugin, and refuses another one beside it")
    func sandbox() throws {
        func layers(_ active: String, _ plugins: [String]) -> JSON {
            ["active": [.string(active)], "missing": [:], "plugins": JSON(plugins), "libraries": [:]]
        }
        let ledger = Ledger([.lane, .end(.ingest, .accept, "i"), .fail(.domains), .stop(.domains)])
        // One drive had a plugin twice, a later one failed in it, and the last was stopped before it started any.
        let notes: [Int64: JSON] = [
            3: layers("seccomp", ["a@1"]), 4: layers("landlock", ["a@1", "b@1"]), 5: layers("none", []),
        ]
        let entries = ledger.entries.map { entry in
            var event = entry.event
            if let sandbox = notes[entry.number], case .object(var members) = event.note {
                members["isolation"] = sandbox
                event.note = .object(members)
            }
            return LedgerEntry(sequence: entry.sequence, number: entry.number, hash: entry.hash, event: event)
        }
        let record = ledger.record(try ledger.evidence().state)
        func verified(_ isolation: JSON?) -> VerifiedRun {
            var summary = record.summary.objectValue ?? [:]
            summary["isolation"] = isolation
            return VerifiedRun(
                record: record.with(summary: .object(summary)), events: entries, artifacts: ledger.references(),
                decisions: [])
        }
        let evidence = try GateEvidence(of: verified(notes[4]))
        #expect(evidence.isolation == notes[4] && evidence.json["covers"]?.arrayValue?.contains("isolation") == true)
        for other in [notes[3], notes[5], nil] {
            expectRefusal("another sandbox (isolation)") { () throws(SluiceError) in
                _ = try GateEvidence(of: verified(other))
            }
        }
    }

    @Test("refuses an artifact that the ledger does not have, has otherwise, or has and the store has not")
    func artifacts() throws {
        let ledger = Ledger(Ledger.toConfirmation)
        let verified = try ledger.verified()
        let rows = verified.artifacts
        let misplaced = ArtifactReference(
            runID: Ledger.run, stage: .ingest, kind: .mappingPlan, hash: Ledger.hash("m"), envelope: [:], createdAt: "")
        let cases: [([ArtifactReference], String)] = [
            (
                rows.map { $0.kind == .mappingPlan ? Ledger.reference(.mappingPlan, Ledger.hash("x")) : $0 },
                "mapping_plan"
            ),
            (rows.filter { $0.kind != .catalog }, "its catalog in the store is none"),
            (rows + [Ledger.reference(.samplePack, Ledger.hash("s"))], "sample_pack"),
            (rows.filter { $0.kind != .mappingPlan } + [misplaced], "mapping_plan at INGEST"),
        ]
        for (changed, words) in cases {
            expectRefusal(words) { () throws(SluiceError) in
                _ = try GateEvidence(of: verified.with(artifacts: changed))
            }
        }
    }

    @Test("refuses a decision without its event, an event without its decision, and one that says something else")
    func decisions() throws {
        let ledger = Ledger(
            Ledger.toConfirmation.dropLast() + [
                .end(.analysis, .hold, "a"), .decide(.analysis, .hold, about: "a"),
                .decide(.analysis, .accept, about: "a"),
            ])
        let verified = try ledger.verified()
        let rows = verified.decisions
        func changed(
            _ row: GateRecord, _ decision: GateDecision? = nil, actor: String? = nil, reason: String? = nil,
            time: String? = nil, artifact: SHA256.Digest? = nil, stage: Stage? = nil
        ) -> GateRecord {
            GateRecord(
                runID: row.runID, stage: stage ?? row.stage, decision: decision ?? row.decision,
                actor: actor ?? row.actor, reason: reason ?? row.reason, timestampUTC: time ?? row.timestampUTC,
                artifactHash: artifact ?? row.artifactHash)
        }
        let cases: [([GateRecord], String)] = [
            (rows + [changed(rows[1], stage: .migration)], "at MIGRATION by ann has no event"),
            ([rows[0]], "event 8, at ANALYSIS, is not in the store"),
            ([rows[1], rows[0]], "in the place of event 7"),
            ([rows[0], changed(rows[1], .fix)], "event 8"), ([rows[0], changed(rows[1], actor: "bob")], "by bob"),
            ([changed(rows[0], reason: "other"), rows[1]], "event 7"),
            ([rows[0], changed(rows[1], time: "t")], "event 8"),
            ([rows[0], changed(rows[1], artifact: Ledger.hash("x"))], "event 8"),
        ]
        for (kept, words) in cases {
            expectRefusal(words) { () throws(SluiceError) in
                _ = try GateEvidence(of: verified.with(decisions: kept))
            }
        }
    }

    @Test("does not let a decision count for an artifact that it was not about")
    func decidedAboutSomethingElse() throws {
        let steps =
            Ledger.toConfirmation.dropLast() + [
                .end(.analysis, .hold, "a"), .decide(.analysis, .accept, about: "x"),
            ]
        expectRefusal("is about the artifact \(Ledger.hash("x").hex.prefix(12))") { () throws(SluiceError) in
            _ = try GateEvidence(of: Ledger(Array(steps)).verified())
        }
        // A confirmation is for the Analysis Report, and nothing else that the run has.
        let plan = Ledger(Ledger.toConfirmation + [.decide(.migration, .accept, about: "m")])
        let verified = try plan.verified()
        let evidence = try GateEvidence(of: verified)
        expectRefusal("another Analysis Report") { () throws(SluiceError) in
            _ = try evidence.inputs(entering: .migration, of: verified)
        }
    }

    @Test("does not ask for a confirmation where none is due")
    func noConfirmationDue() throws {
        for contract in [Ledger.contract(["human_confirm_required": false]), Ledger.contract(mode: .metadataOnly)] {
            let verified = try Ledger(Ledger.toConfirmation, contract: contract).verified()
            let evidence = try GateEvidence(of: verified)
            #expect(evidence.state == .running(.migration))
            let found = try evidence.inputs(entering: .migration, of: verified)
            #expect(found[.analysisReport] == Ledger.hash("a"))
        }
    }

    private func expectRefusal(
        _ words: String, detail: String = "gate.evidence", sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () throws(SluiceError) -> Void
    ) {
        do throws(SluiceError) {
            try body()
            Issue.record("nothing was refused", sourceLocation: sourceLocation)
        } catch {
            #expect(error.detail == detail, sourceLocation: sourceLocation)
            #expect("\(error)".contains(words), "\(error)", sourceLocation: sourceLocation)
            #expect(error.code == .policyBlock, sourceLocation: sourceLocation)
        }
    }
}
