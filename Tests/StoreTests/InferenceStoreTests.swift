import Contracts
import Databases
import Foundations
import Testing

@testable import Policy
@testable import Store

private func given(_ action: Action) -> Permit { Permit(action: action, actor: "ann", rule: "t", policyVersion: "p@0") }

private func makeBatch(_ run: ULID, tag: String = "sl1", drive: ULID = Context.system.ulid()) -> ProviderBatch {
    ProviderBatch(
        tag: tag, run: run, drive: drive, stage: .domains, digest: SHA256.hash("a"), provider: "openai", model: "m",
        spend: Context.system.ulid(),
        jobs: [
            .init(id: "a", requestHash: SHA256.hash("a")), .init(id: "b", requestHash: SHA256.hash("b")),
        ])
}

private func makeSpend(_ run: ULID, _ state: SpendRecord.State = .held) -> SpendRecord {
    SpendRecord(
        id: Context.system.ulid(), run: run, drive: Context.system.ulid(), stage: .mapping, candidate: "openai:m",
        question: SHA256.hash("q"), state: state, tokens: 12, usdNanos: nil)
}

@Suite struct `The store of those who ask models` {
    @Test func `takes a permit to call providers or to drive a run, and no other`() throws {
        try withStore { store in
            _ = try InferenceStore(beside: store, permit: given(.callProvider))
            _ = try InferenceStore(beside: store, permit: given(.createRun))
            expectFailure("policy.denied") { try InferenceStore(beside: store, permit: given(.viewArtifactsMasked)) }
        }
    }

    @Test func `keeps an entry of the journal as it was written, and ends it once`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let inference = try InferenceStore(beside: store, permit: given(.createRun))
            var first = makeSpend(run)
            var second = makeSpend(run)
            try inference.record(first)
            try inference.record(second)
            let both = try inference.spending(of: run)
            #expect(both.count == 2 && both.contains(first) && both.contains(second))
            try inference.settleSpend(first.id, as: .spent, tokens: 7, usdNanos: 3, by: first.drive)
            try inference.settleSpend(first.id, as: .estimated, tokens: 9, usdNanos: 9, by: first.drive)
            try inference.releaseSpend(first.id, by: first.drive)
            try inference.releaseSpend(second.id, by: second.drive)
            first.state = .spent
            first.tokens = 7
            first.usdNanos = 3
            let left = try inference.spending(of: run)
            #expect(left == [first])
            second.run = Context.system.ulid()
            expectFailure("run.missing") { try inference.record(second) }
        }
    }

    @Test func `keeps a batch with its requests, and how it ended`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let inference = try InferenceStore(beside: store, permit: given(.callProvider))
            var batch = makeBatch(run)
            try inference.intend(batch)
            func kept() throws -> [ProviderBatch] {
                try inference.batches(of: run, .domains, provider: "openai", model: "m")
            }
            #expect(try kept() == [batch])
            try inference.submitted(batch.tag, as: "batch_1")
            // The first name holds.
            try inference.submitted(batch.tag, as: "batch_2")
            try inference.polled(batch.tag, by: batch.drive)
            batch.batch = "batch_1"
            batch.state = .submitted
            #expect(try kept() == [batch])
            try inference.ended(batch.tag, .expired, jobs: [0: .answered, 1: .missing])
            batch.state = .expired
            batch.jobs[0].state = .answered
            batch.jobs[1].state = .missing
            #expect(try kept() == [batch])
            let counts = try store.rows("SELECT requests, answered, failed FROM provider_batches") {
                [$0.int(0), $0.int(1), $0.int(2)]
            }
            #expect(counts == [[2, 1, 0]])
            #expect(try inference.batches(of: run, .mapping, provider: "openai", model: "m").isEmpty)
            #expect(try inference.batches(of: run, .domains, provider: "openai", model: "n").isEmpty)
        }
    }

    @Test func `writes nothing before a request once another driver has the run, and what has happened neither`() throws
    {
        try withStore { store in
            let run = try store.makeRun()
            try store.driving(run) { () throws(SluiceError) in
                let inference = try InferenceStore(beside: store, permit: given(.createRun))
                let held = makeSpend(run)
                try inference.record(held)
                try store.change("UPDATE runs SET lease_token = lease_token + 1")
                expectFailure("run.state") { try inference.record(makeSpend(run)) }
                expectFailure("run.state") { try inference.intend(makeBatch(run)) }
                // It stays held, and counts at its estimate.
                expectFailure("run.state") { try inference.releaseSpend(held.id, by: held.drive) }
                #expect(try inference.spending(of: run) == [held])
                try store.change("UPDATE runs SET lease_token = lease_token - 1")
            }
        }
    }

    @Test func `goes with its run`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let inference = try InferenceStore(beside: store, permit: given(.createRun))
            try inference.record(makeSpend(run))
            try inference.intend(makeBatch(run))
            try store.change("DELETE FROM runs")
            for table in ["inference_spend", "inference_drives", "provider_batches", "provider_batch_jobs"] {
                let rows = try store.rows("SELECT count(*) FROM \(table)") { $0.int(0) }
                #expect(rows == [0], "\(table)")
            }
        }
    }

    @Test func `serves many threads in turn`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let inference = try InferenceStore(beside: store, permit: given(.createRun))
            _ = try inThreads(8) { _ in
                for _ in 0..<10 {
                    let held = makeSpend(run)
                    try inference.record(held)
                    try inference.settleSpend(held.id, as: .spent, tokens: 1, usdNanos: 1, by: held.drive)
                }
            }
            let all = try inference.spending(of: run)
            #expect(all.count == 80 && all.allSatisfy { $0.state == .spent && $0.tokens == 1 })
        }
    }
}

@Suite struct `The lock on a question` {
    private let question = SHA256.hash("q")

    @Test func `is one instance's, until it is dropped or the instance ends`() throws {
        try withStore { store in
            let first = AnswerLocks(home: store.home, context: .system)
            var second: AnswerLocks? = AnswerLocks(home: store.home, context: .system)
            #expect(first.take(question, until: 0, stop: nil) == true)
            #expect(second?.take(question, until: 0, stop: nil) == nil)
            #expect(second?.take(SHA256.hash("r"), until: 0, stop: nil) == true)
            first.drop(question)
            #expect(second?.take(question, until: 0, stop: nil) == true)
            #expect(first.take(question, until: 0, stop: nil) == nil)
            second = nil
            #expect(first.take(question, until: 0, stop: nil) == true)
        }
    }

    @Test func `keeps nobody waiting who was stopped`() throws {
        try withStore { store in
            let first = AnswerLocks(home: store.home, context: .system)
            let second = AnswerLocks(home: store.home, context: .system)
            _ = first.take(question, until: 0, stop: nil)
            let stop = StopSignal()
            stop.raise()
            #expect(second.take(question, until: .max, stop: stop) == nil)
        }
    }
}
