import Contracts
import Databases
import Foundations
import Policy
import Testing

@testable import Store

@Suite struct QuarantineTests {
    private let secret = "Ada Lovelace 1815"

    private func row(_ ordinal: Int64, chunk: Int64 = 0, _ reasons: [String] = ["CAST_FAILED"]) -> QuarantineRow {
        QuarantineRow(
            chunkID: chunk, ordinal: ordinal, maskedKey: "9", reasonCodes: reasons,
            maskedBefore: ["name": "Aaa Aaaaaaaa 9999"], maskedAfter: .null, diffPointer: "/name",
            raw: ["name": secret, "born": nil, "empty": ""])
    }

    @Test func `a raw row comes back for those who may see it, and is nowhere in the files`() throws {
        try withStore { store in
            let run = try store.makeRun()
            try store.quarantine([row(5)], runID: run)
            let raw = try store.raw(run, 0, 5)
            #expect(raw == row(5).raw)
            #expect(try store.raw(run, 0, 6) == nil)
            expectFailure("policy.denied") {
                try store.raw(run, 0, 5, permit: permit(.viewArtifactsMasked))
            }
            for file in ["", "-wal"] {
                let bytes = try Files.read(store.home.databasePath + file)
                #expect(String(decoding: bytes, as: UTF8.self).contains("Aaa Aaaaaaaa 9999") || file.isEmpty)
                #expect(!String(decoding: bytes, as: UTF8.self).contains("Lovelace"))
            }
        }
    }

    @Test func `rows are forgotten all at once, or those that have one reason alone`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let other = try store.makeRun("other")
            let rows = [
                row(1), row(2, ["FOREIGN_KEY"]), row(3, ["FOREIGN_KEY", "NOT_DATE"]), row(4, ["TARGET_CONFLICT"]),
            ]
            try store.quarantine(rows, runID: run)
            try store.quarantine([row(2, ["FOREIGN_KEY"])], runID: other)
            try store.record(
                Checkpoint(
                    runID: run, chunkID: 0, contentHash: nil, startedAt: "then", finishedAt: nil, rowCountIn: 4,
                    rowCountOut: 0, status: "staged"))
            try store.clearQuarantine(run, reason: "FOREIGN_KEY")
            let left = try store.quarantined(run, permit: permit(.viewArtifactsMasked)).map(\.ordinal)
            #expect(left == [1, 3, 4])
            #expect(try store.checkpoints(run).count == 1 && store.quarantineCount(other) == 1)
            try store.clearQuarantine(run)
            #expect(try store.quarantineCount(run) == 0 && store.checkpoints(run).isEmpty)
            #expect(try store.quarantineCount(other) == 1)
        }
    }

    @Test func `a box that was moved to another row, chunk or run does not open`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let other = try store.makeRun("other")
            try store.quarantine([row(1), row(2), row(1, chunk: 1)], runID: run)
            try store.quarantine([row(1)], runID: other)
            try store.change(
                """
                UPDATE quarantine_rows SET sealed = (SELECT sealed FROM quarantine_rows
                  WHERE run_id = ?1 AND chunk_id = 0 AND ordinal = 1)
                """, [.text(run.description)])
            #expect(try store.raw(run, 0, 1)?["name"] == secret)
            for (place, chunk, ordinal) in [(run, 0, 2), (run, 1, 1), (other, 0, 1)] as [(ULID, Int64, Int64)] {
                expectFailure("store.failed", "seal of row \(ordinal) of chunk \(chunk)") {
                    try store.raw(place, chunk, ordinal)
                }
            }
            try store.change("UPDATE quarantine_rows SET sealed = x'00'")
            expectFailure("store.failed") { try store.raw(run, 0, 1) }
        }
    }

    @Test func `a chunk that is tried again does not double its rows`() throws {
        try withStore { store in
            let run = try store.makeRun()
            #expect(try store.quarantine([row(1), row(2)], runID: run) == 2)
            #expect(try store.quarantine([row(1), row(2), row(3)], runID: run) == 1)
            #expect(try store.quarantineCount(run) == 3)
            #expect(try store.quarantine([], runID: run) == 0)
        }
    }

    @Test func `rows are counted by run and by reason`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let other = try store.makeRun("other")
            try store.quarantine([row(1, ["A", "B", "A"]), row(2, ["B"])], runID: run)
            try store.quarantine([row(1, ["C"])], runID: other)
            #expect(try store.quarantineCount(run) == 2)
            #expect(try store.quarantineReasons(run) == ["A": 1, "B": 2])
            #expect(try store.quarantineReasons(other) == ["C": 1])
        }
    }

    @Test func `the masked list goes page by page through chunks and ordinals`() throws {
        try withStore { store in
            let run = try store.makeRun()
            try store.quarantine([row(7, chunk: 1), row(2), row(9), row(3, chunk: 1)], runID: run)
            let allowed = try permit(.viewArtifactsMasked)
            let first = try store.quarantined(run, limit: 3, permit: allowed)
            #expect(first.map(\.ordinal) == [2, 9, 3] && first.map(\.chunkID) == [0, 0, 1])
            let last = try #require(first.last)
            let second = try store.quarantined(run, after: (last.chunkID, last.ordinal), limit: 3, permit: allowed)
            #expect(second.map(\.ordinal) == [7])
            let record = try #require(second.first)
            #expect(record.maskedBefore == row(7).maskedBefore && record.maskedAfter == .null)
            #expect(record.maskedKey == "9" && record.diffPointer == "/name" && record.requiredRole == .operator)
            expectFailure("policy.denied") { try store.quarantined(run, permit: permit(.createRun)) }
        }
    }

    @Test func `a run that is not there has no quarantine`() throws {
        try withStore { store in
            expectFailure("run.missing") { try store.quarantine([row(1)], runID: Context.system.ulid()) }
        }
    }

    @Test func `a checkpoint and its quarantined rows are written together, and again without doubles`() throws {
        try withStore { store in
            let run = try store.makeRun()
            var checkpoint = Checkpoint(
                runID: run, chunkID: 3, contentHash: nil, startedAt: "2026-01-31T12:00:00.000Z", finishedAt: nil,
                rowCountIn: 10, rowCountOut: 0, status: "running")
            try store.record(checkpoint)
            checkpoint.contentHash = SHA256.hash("rows")
            checkpoint.finishedAt = "2026-01-31T12:00:01.000Z"
            checkpoint.rowCountOut = 9
            checkpoint.validations = ["row_count": "passed"]
            checkpoint.status = "done"
            checkpoint.nextAction = "chunk 4"
            for _ in 1...2 { try store.record(checkpoint, quarantine: [row(1, chunk: 3)]) }
            #expect(try store.checkpoints(run) == [checkpoint])
            #expect(try store.quarantineCount(run) == 1)
            var absent = checkpoint
            absent.runID = Context.system.ulid()
            expectFailure("run.missing") { try store.record(absent, quarantine: [row(2)]) }
        }
    }
}
