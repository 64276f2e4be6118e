import Columnar
import Contracts
import Foundations
import Store
import TestSupport
import Testing

@testable import Stages

@Suite struct `The raw record of a row that could not be read` {
    private let id = Field("id", .text)

    private func texts(_ values: [String?]) -> Column {
        var builder = ColumnBuilder(.text)
        for value in values { builder.append(text: value) }
        return builder.finish()
    }

    private func integers(_ values: [Int64]) -> Column {
        var builder = ColumnBuilder(.int64)
        for value in values { builder.append(int64: value) }
        return builder.finish()
    }

    /// What quarantine keeps of the rows of one batch that were rejected, by their place.
    private func records(_ text: [UInt8], offsets: [Int64], rejects: [String?]) throws -> [Int64: String?] {
        let scene = try Scene()
        try scene.write("source.csv", bytes: text)
        let table = TargetTable(
            name: "t", columns: [], foreignKeys: [], rowIDAlias: nil, uniqueIndexes: [], createdIndexes: [],
            isStrict: false, definition: "()")
        let plan = MappingPlan(
            target: table.json, entries: [], unmappedSources: ["id"], unmappedTargets: [], decision: .accepted)
        let maker = QuarantineMaker(
            plan: try ExecutablePlan(plan, id: SHA256.hash([]), table: table),
            source: try Source(DataLocation(scheme: .csv, path: scene.path("source.csv"), table: nil)))
        let emitted = Batch(
            schema: Schema([
                id, Field("sluice.line", .int64), Field("sluice.byte_offset", .int64), Field("sluice.reject", .text),
            ]),
            columns: [
                texts(offsets.map { _ in nil }), integers(offsets.indices.map { Int64($0) + 2 }), integers(offsets),
                texts(rejects),
            ], rowCount: offsets.count)
        let faults = rejects.enumerated().compactMap { row, reason in
            reason.map { RowFault(row: row, reasons: [$0], target: nil) }
        }
        let chunk = PreparedChunk(
            source: SourceBatch(emitted),
            batch: Batch(schema: Schema([id]), columns: [texts([])], rowCount: 0), ordinals: [], rows: [],
            faults: faults)
        let made = maker.rows(of: chunk, refused: [], chunkID: 0)
        return Dictionary(uniqueKeysWithValues: made.map { ($0.ordinal, $0.raw["sluice.record"] ?? nil) })
    }

    private let file = Array("id,name\n1\n2,b,c\n\"3\nsecret,behind\nmore,secrets\n".utf8)

    @Test func `ends where the next row begins, and the last of a batch with its line`() throws {
        let kept = try records(file, offsets: [8, 10], rejects: ["RAGGED_ROW", "RAGGED_ROW"])
        #expect(kept == [0: "1\n", 1: "2,b,c"])
    }

    @Test func `goes to the end of the file when its quote never closes`() throws {
        let kept = try records(file, offsets: [16], rejects: ["UNCLOSED_QUOTE"])
        #expect(kept == [0: "\"3\nsecret,behind\nmore,secrets\n"])
        let ragged = try records(file, offsets: [16], rejects: ["RAGGED_ROW"])
        #expect(ragged == [0: "\"3"])
    }

    @Test func `is no longer than its limit`() throws {
        let long = Array("id\n\"".utf8) + [UInt8](repeating: 0x61, count: 200_000)
        let kept = try records(long, offsets: [3], rejects: ["UNCLOSED_QUOTE"])
        #expect(kept[0]??.utf8.count == QuarantineMaker.rawLimit)
        // Nor when the next row is said to be far away.
        let far = try records(long, offsets: [3, .max], rejects: ["RAGGED_ROW", nil])
        #expect(far[0]??.utf8.count == QuarantineMaker.rawLimit)
    }

    @Test(arguments: [-1, .min, .max, 1 << 40] as [Int64])
    func `is left out where its place is no place of the file`(_ offset: Int64) throws {
        for next in [-1, .min, .max, 0, 8] as [Int64] {
            let kept = try records(file, offsets: [offset, next], rejects: ["RAGGED_ROW", nil])
            #expect(kept == [0: nil])
        }
    }

    @Test(arguments: [-1, .min, 0, 8] as [Int64])
    func `ends with its line when the next row's place lies before it`(_ next: Int64) throws {
        let kept = try records(file, offsets: [8, next], rejects: ["RAGGED_ROW", nil])
        #expect(kept == [0: "1"])
    }

    @Test func `is hexadecimal when it is not UTF-8`() throws {
        let kept = try records([0x69, 0x0A, 0xFF, 0x0A, 0x31], offsets: [2], rejects: ["INVALID_ENCODING"])
        #expect(kept == [0: "hex:ff"])
    }
}
