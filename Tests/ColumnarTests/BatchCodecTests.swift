import Columnar
import Foundations
import Testing

@Suite struct `A frame` {
    @Test(arguments: ColumnType.crossing, Nulls.allCases)
    func `gives back the batch that went in, whatever its layout`(_ type: ColumnType, _ nulls: Nulls) throws {
        for rows in [0, 1, 7, 8, 9, 1000] {
            var random = SeededRandom(seed: UInt64(rows) + 1)
            let column = randomColumn(type, rows: rows, nulls: nulls, &random)
            let batch = Batch(
                schema: Schema([Field("värde", type, nullable: nulls != .none)]), columns: [column], rowCount: rows)
            let read = try BatchCodec.decode(Bytes.copy(frame(batch)))
            #expect(read.schema == batch.schema)
            #expect(read.rowCount == rows)
            #expect(cells(read) == cells(batch), "\(rows) rows")
            #expect(read.columns[0].nullCount == batch.columns[0].nullCount)
            #expect(frame(read) == frame(batch), "\(rows) rows")
        }
    }

    @Test func `holds all types beside one another`() throws {
        var random = SeededRandom(seed: 99)
        let fields = ColumnType.crossing.flatMap { type in Nulls.allCases.map { Field("\(type.name) \($0)", type) } }
        let columns = ColumnType.crossing.flatMap { type in
            Nulls.allCases.map { randomColumn(type, rows: 137, nulls: $0, &random) }
        }
        let batch = Batch(schema: Schema(fields), columns: columns, rowCount: 137)
        let bytes = frame(batch)
        #expect(bytes.count % 8 == 0)
        #expect(cells(try BatchCodec.decode(Bytes.copy(bytes))) == cells(batch))
    }

    @Test func `may stand behind other bytes`() throws {
        let batch = Batch(schema: Schema([Field("a", .text)]), columns: [column(["x", nil, "yz"])], rowCount: 3)
        var bytes = [UInt8](repeating: 0xEE, count: 24)
        BatchCodec.encode(batch, into: &bytes)
        #expect(cells(try BatchCodec.decode(Bytes.copy(bytes), offset: 24)) == cells(batch))
        refuses(bytes)
        for offset in [-1, bytes.count, bytes.count + 1, .max, .min] { refuses(bytes, offset: offset) }
    }

    @Test func `of a schema is a batch without rows`() throws {
        let schema = Schema(ColumnType.crossing.map { Field($0.name, $0, nullable: $0.code % 2 == 0) })
        var bytes: [UInt8] = []
        BatchCodec.encode(schema, into: &bytes)
        let read = try BatchCodec.decode(Bytes.copy(bytes))
        #expect(read.schema == schema && read.rowCount == 0)
        #expect(cells(read) == schema.fields.map { _ in [] })
    }

    @Test func `begins as the protocol says`() {
        // docs/runner-protocol.md: magic "SLB1", columns, rows; type, flags, name; null count, three buffers.
        let bytes = one([5, nil])
        #expect(Array(bytes[..<16]) == Array("SLB1".utf8) + [1, 0, 0, 0] + [2, 0, 0, 0, 0, 0, 0, 0])
        #expect(Array(bytes[16..<29]) == [2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0x61])
        #expect(Array(bytes[29..<37]) == [1, 0, 0, 0, 0, 0, 0, 0])
        #expect(bytes.count == 88 + 8 + 16)
    }
}

// A frame of one column named a: where its parts are.
private enum Place {
    static let magic = 0, columns = 4, rows = 8, type = 16, flags = 20, name = 24, letter = 28, nulls = 29
    static let validity = 37, offsets = 53, values = 69, body = 88
}

@Suite struct `The frame decoder refuses` {
    /// A small frame whose columns all name one large buffer would cost its size once for each of them.
    @Test func `buffers that two columns share, and such as do not follow each other`() throws {
        let schema = Schema([Field("a", .int64), Field("b", .int64)])
        let bytes = frame(Batch(schema: schema, columns: [column([1, 2]), column([3, 4])], rowCount: 2))
        // The head: 16 bytes, then 69 a column; its last 16 are where the values lie.
        let values = 16 + 2 * 69 - 16
        let first = bytes[(values - 69)..<(values - 61)].withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        refuses(bytes, says: "a buffer does not follow the one before it") { put(first, &$0, values) }
        refuses(one([1]), says: "the first buffer does not follow the head") {
            $0.insert(contentsOf: [UInt8](repeating: 7, count: 8), at: Place.body)
            put(UInt64(Place.body + 8), &$0, Place.values)
        }
    }

    @Test func `what the runner's own decoder refuses`() throws {
        refuses(one([1, nil]), says: "column 0: nulls where there may be none") { put(UInt32(0), &$0, Place.flags) }
        refuses(one([1, nil]), says: "column 0: validity without nulls") {
            put(UInt64(0), &$0, Place.nulls)
            $0[Place.body] = 0b11
        }
        refuses(text(["abc"]), says: "column 0: the first offset is not 0") { put(Int32(1), &$0, Place.body) }
    }

    @Test func `every frame that was cut short`() throws {
        for bytes in [text(["é", nil, "abc"]), one([1, nil, 3]), one([1])] {
            _ = try BatchCodec.decode(Bytes.copy(bytes))
            // The last bytes are padding: no buffer needs them.
            let needed = bytes.count - 8
            for count in 0..<needed { refuses(Array(bytes.prefix(count))) }
        }
    }

    @Test func `another magic number`() {
        refuses(one([1]), says: "the magic number is wrong") { $0[Place.magic] ^= 1 }
    }

    @Test func `unknown types and flags`() {
        for type: UInt32 in [0, 8, 255, .max] {
            refuses(one([1]), says: "column 0 has an unknown type") { put(type, &$0, Place.type) }
        }
        for flags: UInt32 in [2, 3, 0x8000_0000, .max] {
            refuses(one([1]), says: "column 0 has unknown flags") { put(flags, &$0, Place.flags) }
        }
    }

    @Test func `counts that are huge`() {
        refuses(one([1]), says: "it has too many columns") { put(UInt32.max, &$0, Place.columns) }
        refuses(one([1]), says: "it has too many columns") { put(UInt32(65_537), &$0, Place.columns) }
        refuses(one([1])) { put(UInt32(65_536), &$0, Place.columns) }
        refuses(one([1]), says: "it has too many rows") { put(UInt64.max, &$0, Place.rows) }
        refuses(one([1]), says: "it has too many rows") { put(UInt64(1) << 31, &$0, Place.rows) }
        refuses(one([1]), says: "column 0: values are short") { put(UInt64(1) << 31 - 1, &$0, Place.rows) }
        refuses(text(["a"]), says: "column 0: offsets are short") { put(UInt64(1) << 31 - 1, &$0, Place.rows) }
        refuses(one([1]), says: "it has rows and no columns") { put(UInt32(0), &$0, Place.columns) }
    }

    @Test func `names that lie about their length or are not UTF-8`() {
        for length: UInt32 in [.max, 1_000, 0x8000_0000] {
            refuses(one([1]), says: "a name reaches behind the frame") { put(length, &$0, Place.name) }
        }
        refuses(one([1]), says: "a name is not UTF-8") { $0[Place.letter] = 0xFF }
        refuses(one([1]), says: "a name holds a NUL") { $0[Place.letter] = 0 }
    }

    @Test func `bytes behind the padding of the last buffer`() {
        var schema: [UInt8] = []
        BatchCodec.encode(Schema([Field("a", .text)]), into: &schema)
        for bytes in [one([1, nil]), text(["é", nil, "abc"]), one([]), text([]), schema] {
            for count in [1, 8, 4096] { refuses(bytes + [UInt8](repeating: 0, count: count)) }
            refuses(bytes, says: "it is too long") { $0 += [0, 0, 0, 0, 0, 0, 0, 0] }
        }
    }

    @Test func `buffers that are not inside the frame, or not aligned`() {
        for buffer in [Place.validity, Place.offsets, Place.values] {
            for offset: UInt64 in [.max, 1 << 63, 1 << 40, 0xFFFF_FFFF_FFFF_FFF8] {
                refuses(text(["a", nil]), says: "a buffer reaches behind the frame") { put(offset, &$0, buffer) }
            }
            for count: UInt64 in [.max, 1 << 63, 1 << 32] {
                refuses(text(["a", nil]), says: "a buffer reaches behind the frame") { put(count, &$0, buffer + 8) }
            }
            for offset: UInt64 in [1, 4, 7] {
                refuses(text(["a", nil]), says: "a buffer is not aligned") { put(offset, &$0, buffer) }
            }
        }
    }

    @Test func `buffers that are too short for the rows`() {
        refuses(one([1, 2]), says: "column 0: values are short") { put(UInt64(15), &$0, Place.values + 8) }
        refuses(one([1, nil]), says: "column 0: validity is short") { put(UInt64(0), &$0, Place.validity + 8) }
        refuses(text(["a", "b"]), says: "column 0: offsets are short") { put(UInt64(11), &$0, Place.offsets + 8) }
        refuses(text(["a", "b"]), says: "column 0: offsets are short") { put(UInt64(0), &$0, Place.offsets + 8) }
        refuses(text(["ab", "c"]), says: "column 0: offsets reach behind the values") {
            put(UInt64(2), &$0, Place.values + 8)
        }
        for (type, size) in [(ColumnType.bool, 1), (.date, 35), (.float64, 71), (.timestamp, 71)] {
            var random = SeededRandom(seed: 3)
            let batch = Batch(
                schema: Schema([Field("a", type)]), columns: [randomColumn(type, rows: 9, nulls: .none, &random)],
                rowCount: 9)
            refuses(frame(batch), says: "column 0: values are short") { put(UInt64(size), &$0, Place.values + 8) }
        }
    }

    @Test func `a null count that is not that of the bits`() {
        refuses(one([1, nil, 3]), says: "column 0: the null count is not that of its bits") {
            put(UInt64(2), &$0, Place.nulls)
        }
        refuses(one([1, nil, 3]), says: "column 0: the null count is not that of its bits") {
            put(UInt64(0), &$0, Place.nulls)
        }
        refuses(one([1, nil, 3]), says: "column 0: the null count is not that of its bits") { $0[Place.body] = 0b111 }
        refuses(one([1, nil, 3]), says: "column 0: more nulls than rows") { put(UInt64(4), &$0, Place.nulls) }
        refuses(one([1, 2]), says: "column 0: validity is short") { put(UInt64(1), &$0, Place.nulls) }
        refuses(one([1, nil]), says: "column 0: more nulls than rows") { put(UInt64.max, &$0, Place.nulls) }
    }

    @Test func `bits behind the last row do not count`() throws {
        var bytes = one([1, nil, 3])
        bytes[Place.body] |= 0b1111_1000
        #expect(cells(try BatchCodec.decode(Bytes.copy(bytes))) == [[.int(1), .null, .int(3)]])
    }

    @Test func `offsets that fall, are negative or reach too far`() {
        let start = Place.body
        refuses(text(["ab", "cd"]), says: "column 0: an offset is negative") { put(Int32(-1), &$0, start) }
        refuses(text(["ab", "cd"]), says: "column 0: offsets are not monotone") { put(Int32(3), &$0, start) }
        refuses(text(["ab", "cd"]), says: "column 0: offsets are not monotone") { put(Int32(5), &$0, start + 4) }
        refuses(text(["ab", "cd"]), says: "column 0: offsets are not monotone") { put(Int32.min, &$0, start + 4) }
        refuses(text(["ab", "cd"]), says: "column 0: offsets reach behind the values") { put(Int32(5), &$0, start + 8) }
        refuses(text(["ab", "cd"]), says: "column 0: offsets reach behind the values") {
            put(Int32.max, &$0, start + 8)
        }
    }

    @Test func `text that is not UTF-8, in whole or at a cut`() {
        let values = Place.body + 16
        refuses(text(["aé", "x"]), says: "column 0: text is not UTF-8") { $0[values] = 0x80 }
        refuses(text(["aé", "x"]), says: "column 0: text is not UTF-8") { $0[values + 2] = 0x41 }
        // The whole is UTF-8; the first value would end inside é.
        refuses(text(["aé", "x"]), says: "column 0: text is not UTF-8") { put(Int32(2), &$0, Place.body + 4) }
        // The end cuts a scalar.
        refuses(text(["x", "aé"]), says: "column 0: text is not UTF-8") { put(Int32(3), &$0, Place.body + 8) }
    }

    @Test func `none of that in binary, where every byte is right`() throws {
        var bytes = text(["aé", "x"])
        put(ColumnType.binary.code, &bytes, Place.type)
        put(Int32(2), &bytes, Place.body + 4)
        #expect(cells(try BatchCodec.decode(Bytes.copy(bytes))) == [[.bytes([0x61, 0xC3]), .bytes([0xA9, 0x78])]])
    }

    @Test func `damage of any kind without falling over`() {
        var taken = 0
        for seed in UInt64(1)...50_000 {
            var random = SeededRandom(seed: seed)
            let types = (0..<Int.random(in: 1...3, using: &random)).map { _ in
                ColumnType.crossing.randomElement(using: &random) ?? .text
            }
            let rows = Int.random(in: 0...12, using: &random)
            let batch = Batch(
                schema: Schema(types.map { Field("a", $0) }),
                columns: types.map {
                    randomColumn($0, rows: rows, nulls: Nulls.allCases.randomElement(using: &random) ?? .none, &random)
                },
                rowCount: rows)
            var bytes = frame(batch)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 2: bytes.removeLast(Int.random(in: 0..<min(bytes.count, 16), using: &random))
                default:
                    let interesting: [UInt32] = [0, 1, 0x7FFF_FFFF, 0x8000_0000, .max, 8, 16]
                    if at + 4 <= bytes.count { put(interesting.randomElement(using: &random) ?? 0, &bytes, at) }
                }
            }
            guard let read = try? BatchCodec.decode(Bytes.copy(bytes)) else { continue }
            taken += 1
            // What was taken can be read cell by cell, and all text is text.
            for (place, column) in read.columns.enumerated() {
                let values = cells(column)
                guard read.schema.fields[place].type == .text else { continue }
                for case .bytes(let text) in values where !isValidUTF8(text) { Issue.record("seed \(seed)") }
            }
        }
        #expect(taken > 1000)
    }
}

private func frame(_ batch: Batch) -> [UInt8] {
    var bytes: [UInt8] = []
    BatchCodec.encode(batch, into: &bytes)
    return bytes
}

private func one(_ values: [Int64?]) -> [UInt8] {
    frame(Batch(schema: Schema([Field("a", .int64)]), columns: [column(values)], rowCount: values.count))
}

private func text(_ values: [String?]) -> [UInt8] {
    frame(Batch(schema: Schema([Field("a", .text)]), columns: [column(values)], rowCount: values.count))
}

private func put<T: FixedWidthInteger>(_ value: T, _ bytes: inout [UInt8], _ at: Int) {
    withUnsafeBytes(of: value.littleEndian) { for (place, byte) in $0.enumerated() { bytes[at + place] = byte } }
}

private func refuses(_ bytes: [UInt8], offset: Int = 0) {
    #expect(throws: BatchCodec.Failure.self) { try BatchCodec.decode(Bytes.copy(bytes), offset: offset) }
}

private func refuses(
    _ bytes: [UInt8], says reason: String? = nil, location: SourceLocation = #_sourceLocation,
    _ change: (inout [UInt8]) -> Void
) {
    var bytes = bytes
    change(&bytes)
    let failure = #expect(throws: BatchCodec.Failure.self, sourceLocation: location) {
        try BatchCodec.decode(Bytes.copy(bytes))
    }
    if let reason { #expect(failure?.reason == reason, sourceLocation: location) }
}
