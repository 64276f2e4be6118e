import Contracts
import Databases
import Foundations
import Glibc
import Policy
import Synchronization
import Testing

@testable import Store

/// Makes a file as old as if it had been written so long ago.
func age(_ path: String, hours: Int) throws {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let then = timespec(tv_sec: now.tv_sec - hours * 3600, tv_nsec: 0)
    try #require(utimensat(AT_FDCWD, path, [then, then], 0) == 0)
}

func makeArtifact(_ kind: ArtifactKind, _ content: JSON, inputs: [SHA256.Digest]) -> Artifact {
    Artifact(kind: kind, content: content, inputs: inputs, envelope: ["versions": versions.json])
}

extension StoreDatabase {
    /// Records artifacts as a stage of a run does.
    @discardableResult
    func end(_ run: ULID, _ made: Artifact...) throws -> [SHA256.Digest] {
        try commitStage(runID: run, artifacts: made, event: makeEvent(run), state: .running, stage: .ingest)
    }

    /// A body that nothing refers to, of this age.
    func orphan(_ number: Int, hours: Int = 48) throws -> SHA256.Digest {
        let hash = try artifacts.put(makeArtifact(.catalog, ["orphan": JSON(number)]))
        try age(artifacts.path(hash), hours: hours)
        return hash
    }

    func collect(hours: Int64 = 24, dryRun: Bool = false) throws -> ArtifactCollection {
        try collectArtifacts(
            grace: hours * 3_600_000, dryRun: dryRun,
            permit: permit(dryRun ? .viewArtifactsMasked : .approveDestructive))
    }

    var stored: Set<String> {
        get throws {
            var names: Set<String> = []
            for shelf in try Files.list(home.artifactsFolder) {
                names.formUnion(try Files.list("\(home.artifactsFolder)/\(shelf)"))
            }
            return names
        }
    }
}

@Suite struct CollectionTests {
    @Test func `what is referred to stays, with all that it rests on, and only the rest goes`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let base = try store.artifacts.put(makeArtifact(.catalog, ["n": 1]))
            let middle = try store.artifacts.put(makeArtifact(.domainAssignments, ["n": 2], inputs: [base]))
            let top = try store.end(run, makeArtifact(.mappingPlan, ["n": 3], inputs: [middle]))
            let decided = try store.artifacts.put(makeArtifact(.catalog, ["n": 4]))
            try store.record(
                GateRecord(
                    runID: run, stage: .ingest, decision: .accept, actor: "ann", reason: "", timestampUTC: "t",
                    artifactHash: decided), event: makeEvent(run), change: RunChange())
            let below = try store.artifacts.put(makeArtifact(.catalog, ["n": 5]))
            let promoted = try store.artifacts.put(makeArtifact(.mappingPlan, ["n": 6], inputs: [below]))
            _ = try store.promote(
                promoted, from: versions, to: versions, role: .operator, reason: "r",
                permit: permit(.approveDestructive))
            let named = try store.artifacts.put(makeArtifact(.mappingPlan, ["n": 7]))
            _ = try store.createRun(
                makeContract(plan: named.hex), lane: nil, versions: versions, permit: permit(.createRun))
            let kept = top + [base, middle, decided, below, promoted, named]
            let orphans = try [store.orphan(1), store.orphan(2), store.orphan(3)]
            for hash in kept { try age(store.artifacts.path(hash), hours: 1000) }

            let looked = try store.collect(dryRun: true)
            #expect(Set(looked.deleted) == Set(orphans) && looked.isDryRun && looked.kept == kept.count)
            #expect(try store.stored.count == kept.count + orphans.count)
            let size = try orphans.reduce(0) { try $0 + Files.read(store.artifacts.path($1)).count }
            let done = try store.collect()
            #expect(Set(done.deleted) == Set(orphans) && done.kept == kept.count && done.bytesFreed == Int64(size))
            #expect(looked.bytesFreed == done.bytesFreed)
            #expect(try store.stored == Set(kept.map { "\($0.hex).json" }))
            let again = try store.collect(hours: 0)
            #expect(again.deleted.isEmpty && again.kept == kept.count)
        }
    }

    @Test func `an artifact that a stage replaced is nobody's`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let first = try store.end(run, makeArtifact(.catalog, ["n": 1]))
            let second = try store.end(run, makeArtifact(.catalog, ["n": 2]))
            for hash in first + second { try age(store.artifacts.path(hash), hours: 25) }
            #expect(try store.collect().deleted == first)
        }
    }

    @Test func `what an event names stays while the event is there, and may be gone`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let base = try store.artifacts.put(makeArtifact(.catalog, ["n": 0]))
            let made = makeArtifact(.mappingPlan, ["n": 1], inputs: [base])
            let gone = makeArtifact(.mappingPlan, ["n": 2]).id
            let seen = try store.artifacts.put(makeArtifact(.catalog, ["n": 3]))
            var event = makeEvent(
                run, note: ["event": "stage_finished", "artifacts": ["mapping_plan": .string(made.id.hex)]])
            try store.commitStage(runID: run, artifacts: [made], event: event, state: .running, stage: .mapping)
            event = makeEvent(
                run, note: ["event": "human_decision", "artifacts": ["mapping_plan": .string(gone.hex)]])
            event.inputsHash = seen.hex
            try store.append(event)
            try store.change("DELETE FROM run_artifacts")
            let other = try store.orphan(1)
            for hash in [base, made.id, seen] { try age(store.artifacts.path(hash), hours: 1000) }
            #expect(try store.collect(hours: 0).deleted == [other])
            // Who needs what is gone is told so, though an event names it as well.
            try store.change(
                """
                INSERT INTO gate_decisions (run_id, stage, decision, actor, reason, timestamp_utc, artifact_hash)
                VALUES (?, 'MAPPING', 'accept', 'ann', '', 't', ?)
                """, [SQLiteValue(run), .text(gone.hex)])
            expectFailure("artifact.missing", gone.hex) { try store.collect(hours: 0) }
        }
    }

    /// What is taken from the database, and by whom nothing is missed but the marks or the ledger.
    static let erasures = [
        ["run_artifacts", "gate_decisions", "decision_summary", "supervisor_ledger", "ledger_heads", "runs"],
        ["run_artifacts", "supervisor_ledger", "runs"], ["run_artifacts", "runs"],
    ]

    @Test(arguments: erasures)
    func `while a run is erased nothing is deleted: its bodies are what is left of it`(tables: [String]) throws {
        try withStore { store in
            let (run, other) = (try store.makeRun(), try store.makeRun("other"))
            for id in [run, other] { try store.append(makeEvent(id, .supervisor, note: ["event": "run_created"])) }
            let made = try store.end(run, makeArtifact(.catalog, ["n": 1]), makeArtifact(.mappingPlan, ["n": 2]))
            try store.end(other, makeArtifact(.catalog, ["n": 3]))
            let orphan = try store.orphan(1)
            for hash in made { try age(store.artifacts.path(hash), hours: 1000) }
            let before = try store.stored
            let intruder = try Intruder(store)
            for table in tables { try intruder.execute("DELETE FROM \(table) WHERE run_id = '\(run)'") }
            for dryRun in [false, true] {
                expectFailure("store.ledger", "nothing was deleted") { try store.collect(hours: 0, dryRun: dryRun) }
                expectFailure("store.ledger", "\(run)") { try store.collect(hours: 0, dryRun: dryRun) }
            }
            #expect(try store.stored == before && before.contains("\(orphan.hex).json"))
            expectFailure("store.ledger", "it was erased") { try store.run(run) }
            #expect(try store.listedRuns().count == 2)
        }
    }

    @Test func `a refusal that was recorded before there was a run is no run that was erased`() throws {
        try withStore { store in
            try store.append(makeEvent(Context.system.ulid(), .supervisor, .reject, note: ["event": "refused"]))
            let orphan = try store.orphan(1)
            #expect(try store.collect().deleted == [orphan] && store.listedRuns().isEmpty)
        }
    }

    @Test func `a shelf that is a link is not followed`() throws {
        try withStore { store in
            let hash = try store.orphan(1)
            let shelf = Files.folder(of: store.artifacts.path(hash))
            let elsewhere = store.home.path + "/elsewhere"
            try #require(rename(shelf, elsewhere) == 0 && symlink(elsewhere, shelf) == 0)
            let found = try store.collect(hours: 0)
            #expect(found.deleted.isEmpty && Files.exists("\(elsewhere)/\(hash.hex).json"))
        }
    }

    @Test func `what is younger than the grace stays`() throws {
        try withStore { store in
            let old = try store.orphan(1, hours: 25)
            let young = try store.orphan(2, hours: 23)
            let found = try store.collect()
            #expect(found.deleted == [old] && found.young == 1 && found.kept == 1)
            #expect(try store.stored == ["\(young.hex).json"])
            // A run that makes the same artifact again is about to refer to it.
            try age(store.artifacts.path(young), hours: 100)
            _ = try store.artifacts.put(makeArtifact(.catalog, ["orphan": 2]))
            #expect(try store.collect().deleted.isEmpty)
        }
    }

    @Test(arguments: [false, true])
    func `a damaged body that is kept is reported, and nothing is deleted`(isGone: Bool) throws {
        try withStore { store in
            let run = try store.makeRun()
            let base = try store.artifacts.put(makeArtifact(.catalog, ["n": 1]))
            _ = try store.end(run, makeArtifact(.mappingPlan, ["n": 2], inputs: [base]))
            let orphan = try store.orphan(1)
            let path = store.artifacts.path(base)
            if isGone {
                unlink(path)
            } else {
                try Files.writeAtomically(Array(#"{"inputs":[]}"#.utf8), to: path)
            }
            let before = try store.stored
            for dryRun in [true, false] {
                expectFailure(isGone ? "artifact.missing" : "artifact.corrupt", base.hex) {
                    try store.collect(hours: 0, dryRun: dryRun)
                }
                expectFailure(isGone ? "artifact.missing" : "artifact.corrupt", "nothing was deleted") {
                    try store.collect(hours: 0, dryRun: dryRun)
                }
            }
            #expect(try store.stored == before && before.contains("\(orphan.hex).json"))
        }
    }

    @Test func `a damaged body that nothing refers to is evidence, and what is no artifact is left alone`() throws {
        try withStore { store in
            let hash = try store.orphan(1)
            try Files.writeAtomically(Array("{}".utf8), to: store.artifacts.path(hash))
            try age(store.artifacts.path(hash), hours: 48)
            let other = try store.orphan(2)
            let stranger = Files.folder(of: store.artifacts.path(hash)) + "/notes.txt"
            try Files.writeAtomically([1], to: stranger)
            try age(stranger, hours: 48)
            let found = try store.collect()
            #expect(found.damaged == [hash] && found.deleted == [other] && found.kept == 1)
            #expect(Files.exists(stranger) && Files.exists(store.artifacts.path(hash)))
        }
    }

    @Test func `a temporary file goes when it is old and its writer is gone`() throws {
        try withStore { store in
            let hash = try store.orphan(1, hours: 0)
            let left = "\(store.artifacts.path(hash)).0011223344556677.tmp"
            let written = "\(store.artifacts.path(hash)).8899aabbccddeeff.tmp"
            for file in [left, written] { try Files.writeAtomically([1, 2, 3], to: file) }
            #expect(try store.collect().leftOvers == 0)
            for file in [left, written] { try age(file, hours: 25) }
            let descriptor = open(written, O_RDONLY | O_CLOEXEC)
            defer { close(descriptor) }
            try #require(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
            #expect(try store.collect(dryRun: true).leftOvers == 1)
            let found = try store.collect()
            #expect(found.leftOvers == 1 && found.bytesFreed == 3)
            #expect(!Files.exists(left) && Files.exists(written))
        }
    }

    @Test func `a permit for something else deletes nothing`() throws {
        try withStore { store in
            _ = try store.orphan(1)
            for action in [Action.createRun, .viewArtifactsMasked] {
                expectFailure("policy.denied") {
                    try store.collectArtifacts(grace: 0, dryRun: false, permit: permit(action))
                }
            }
            let looked = try store.collectArtifacts(grace: 0, dryRun: true, permit: permit(.viewArtifactsMasked))
            #expect(looked.deleted.count == 1)
            #expect(try store.stored.count == 1)
        }
    }

    /// The body is deleted behind the writer's back as often as that can be: its reference must not stand without it.
    @Test func `collected without a grace while stages end, no run lacks an artifact`() throws {
        try withStore { store in
            let home = store.home
            let isDone = Atomic(false)
            let deleted = Atomic(0)
            let runs = 40
            _ = try inThreads(4) { thread in
                let own = try StoreDatabase(home: home, context: .system)
                if thread == 0 {
                    defer { isDone.store(true, ordering: .sequentiallyConsistent) }
                    for number in 0..<runs {
                        let run = try own.makeRun("k\(number)")
                        // Put by others a moment ago, as when two runs map the same data.
                        let base = makeArtifact(.catalog, ["n": JSON(number)], inputs: [])
                        let top = makeArtifact(.mappingPlan, ["n": JSON(number)], inputs: [base.id])
                        for artifact in [base, top] { _ = try own.artifacts.put(artifact) }
                        // Not before one of them is gone: what follows is what a collection leaves.
                        while own.artifacts.isStored(base.id), own.artifacts.isStored(top.id) { poll(nil, 0, 1) }
                        try own.end(run, base, top)
                        _ = try own.artifacts.body(base.id, permit: permit(.viewArtifactsMasked))
                        _ = try own.artifacts.body(top.id, permit: permit(.viewArtifactsMasked))
                    }
                } else {
                    while !isDone.load(ordering: .sequentiallyConsistent) {
                        let found = try own.collect(hours: 0)
                        deleted.add(found.deleted.count, ordering: .relaxed)
                    }
                }
            }
            for run in try store.runs() {
                let references = try store.artifacts(of: run.runID)
                #expect(references.count == 2)
                for reference in references {
                    #expect(store.artifacts.isStored(reference.hash))
                }
            }
            let last = try store.collect(hours: 0)
            #expect(last.kept == 2 * runs && last.damaged.isEmpty)
            #expect(deleted.load(ordering: .sequentiallyConsistent) >= runs)
        }
    }
}
