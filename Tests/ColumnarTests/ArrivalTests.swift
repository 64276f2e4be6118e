import Foundations
import Testing

@testable import Columnar

/// Frames that are copied out of memory which is somebody else's, and checked on the way.
@Suite struct `A frame that arrives` {
    private func decode(_ frame: [UInt8], pool: WarmMemory = WarmMemory()) throws -> Batch {
        try frame.withUnsafeBytes { try BatchCodec.decode(copying: $0, pool: pool) }
    }

    private func frame(_ batch: Batch) -> [UInt8] {
        var bytes: [UInt8] = []
        BatchCodec.encode(batch, into: &bytes)
        return bytes
    }

    private func texts(_ values: [String?]) -> Batch {
        Batch(schema: Schema([Field("a", .text)]), columns: [column(values)], rowCount: values.count)
    }

    @Test(arguments: ColumnType.crossing, Nulls.allCases)
    func `gives what went in`(_ type: ColumnType, _ nulls: Nulls) throws {
        for rows in [0, 1, 9, 1000] {
            var random = SeededRandom(seed: UInt64(rows) + 7)
            let batch = Batch(
                schema: Schema([Field("a", type)]), columns: [randomColumn(type, rows: rows, nulls: nulls, &random)],
                rowCount: rows)
            let read = try decode(frame(batch))
            #expect(cells(read) == cells(batch), "\(rows) rows")
            #expect(frame(read) == frame(batch))
        }
    }

    @Test func `in many pieces is the same, wherever a scalar lies across two of them`() throws {
        // Offsets alone are more than two pieces; the text's scalars of 3 bytes lie across every border.
        let rows = 200_000
        var builder = ColumnBuilder(.text)
        for row in 0..<rows { builder.append(text: row % 5 == 0 ? nil : String(repeating: "€", count: row % 7)) }
        let batch = Batch(schema: Schema([Field("a", .text)]), columns: [builder.finish()], rowCount: rows)
        let bytes = frame(batch)
        #expect(bytes.count > 4 * Arrival.piece)
        #expect(frame(try decode(bytes)) == bytes)
    }

    @Test func `is refused for one byte that is wrong, in whatever piece`() throws {
        let long = String(repeating: "ab€é😀", count: 60_000)
        for shift in 0..<3 {
            let batch = texts([String(repeating: "x", count: shift), long, nil, long])
            let bytes = frame(batch)
            _ = try decode(bytes)
            let start = bytes.count - batch.columns[0].values.count
            var faults = [start + 100, bytes.count - 40]
            for border in stride(from: Arrival.piece, to: bytes.count, by: Arrival.piece) {
                faults += (-4...4).map { border + $0 }.filter { $0 > start && $0 < bytes.count - 8 }
            }
            for fault in faults {
                var wrong = bytes
                wrong[fault] = 0xFF
                #expect(throws: BatchCodec.Failure(reason: "column 0: text is not UTF-8"), "\(fault)") {
                    try decode(wrong)
                }
            }
        }
    }

    @Test func `is refused for a cut inside a scalar, in whatever piece`() throws {
        let rows = 300_000
        var builder = ColumnBuilder(.text)
        for _ in 0..<rows { builder.append(text: "€") }
        let batch = Batch(schema: Schema([Field("a", .text)]), columns: [builder.finish()], rowCount: rows)
        let bytes = frame(batch)
        let values = 3 * rows
        let offsets = bytes.count - (values + 7) / 8 * 8 - ((rows + 1) * 4 + 7) / 8 * 8
        for row in [1, 2, 87_380, 87_381, 87_382, 174_763, rows - 1] {
            var wrong = bytes
            withUnsafeBytes(of: Int32(3 * row + 1).littleEndian) { cut in
                for byte in 0..<4 { wrong[offsets + row * 4 + byte] = cut[byte] }
            }
            #expect(throws: BatchCodec.Failure(reason: "column 0: text is not UTF-8"), "\(row)") { try decode(wrong) }
        }
        for row in [1, 65_536, 65_537, rows] {
            var wrong = bytes
            for byte in 0..<4 { wrong[offsets + row * 4 + byte] = byte == 3 ? 0x80 : 0 }
            #expect(throws: BatchCodec.Failure(reason: "column 0: offsets are not monotone"), "\(row)") {
                try decode(wrong)
            }
        }
    }

    @Test func `is judged as a frame that is here is, whatever was changed in it`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        let types = ColumnType.crossing
        let batch = Batch(
            schema: Schema(types.map { Field($0.name, $0) }),
            columns: types.map { randomColumn($0, rows: 40, nulls: .some, &random) }, rowCount: 40)
        let whole = frame(batch)
        let pool = WarmMemory()
        var refused = 0
        for _ in 0..<20_000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if Int.random(in: 0..<4, using: &random) == 0 {
                bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
            }
            let here = Result { try BatchCodec.decode(Bytes.copy(bytes)) }
            let arrived = Result { try decode(bytes, pool: pool) }
            switch (here, arrived) {
            case (.success(let a), .success(let b)):
                if frame(a) != frame(b) { Issue.record("two batches of one frame, seed \(seed)") }
            case (.failure(let a), .failure(let b)):
                refused += 1
                if a as? BatchCodec.Failure != b as? BatchCodec.Failure { Issue.record("\(a) and \(b), seed \(seed)") }
            default: Issue.record("one is refused and one is not, seed \(seed)")
            }
        }
        #expect(refused > 5000)
    }
}

@Suite struct `Memory that is kept warm` {
    @Test func `is used again, and never by two at once`() {
        let pool = WarmMemory()
        let first = pool.take(5 << 20)
        let second = pool.take(5 << 20)
        #expect(first.memory != second.memory)
        #expect(first.capacity >= 5 << 20)
        pool.give(first.memory, capacity: first.capacity)
        let third = pool.take((5 << 20) + 1000)
        #expect(third.memory == first.memory)
        // Much too large for this one.
        pool.give(third.memory, capacity: third.capacity)
        let small = pool.take(100)
        #expect(small.memory != first.memory)
        for block in [second, small] { pool.give(block.memory, capacity: block.capacity) }
    }

    @Test func `comes back with the last column that lies in it`() throws {
        let pool = WarmMemory()
        let batch = Batch(schema: Schema([Field("a", .text)]), columns: [column(["abc", nil])], rowCount: 2)
        var bytes: [UInt8] = []
        BatchCodec.encode(batch, into: &bytes)
        func read() throws -> Column {
            try bytes.withUnsafeBytes { try BatchCodec.decode(copying: $0, pool: pool) }.columns[0]
        }
        var kept: Column? = try read()
        let place = kept?.values.pointer
        let other = try read()
        #expect(other.values.pointer != place, "the first one's memory is in use")
        let still = kept.map { cells($0) }
        #expect(still == cells(batch)[0])
        kept = nil
        #expect(try read().values.pointer == place)
    }
}

@Suite struct `A layout` {
    @Test func `knows its size, and writes what the codec appends`() {
        for rows in [0, 1, 7, 100] {
            var random = SeededRandom(seed: UInt64(rows))
            let types = ColumnType.crossing
            let batch = Batch(
                schema: Schema(types.map { Field($0.name, $0) }),
                columns: types.map { randomColumn($0, rows: rows, nulls: .some, &random) }, rowCount: rows)
            let layout = BatchLayout(batch)
            var appended: [UInt8] = []
            BatchCodec.encode(batch, into: &appended)
            #expect(layout.byteCount == appended.count)
            // Over bytes that are not zero: the padding must be.
            var written = [UInt8](repeating: 0xEE, count: layout.byteCount + 16)
            written.withUnsafeMutableBytes { layout.write(to: $0) }
            #expect(Array(written.prefix(layout.byteCount)) == appended)
            #expect(Array(written.suffix(16)) == [UInt8](repeating: 0xEE, count: 16))
        }
    }
}
