import Foundations
import Testing

@testable import Columnar

@Suite struct `A column` {
    @Test(arguments: ColumnType.crossing, Nulls.allCases)
    func `gathers the rows named in the order named`(_ type: ColumnType, _ nulls: Nulls) {
        var random = SeededRandom(seed: 5)
        let column = randomColumn(type, rows: 100, nulls: nulls, &random)
        let all = cells(column)
        #expect(all.filter { $0 == .null }.count == column.nullCount)
        for rows in [[], [0], [99, 0, 99], Array(0..<100), Array((0..<100).reversed())] {
            #expect(cells(column.gather(rows)) == rows.map { all[$0] })
        }
        let random9 = (0..<333).map { _ in Int.random(in: 0..<100, using: &random) }
        #expect(cells(column.gather(random9)) == random9.map { all[$0] })
    }

    /// A frame whose values under nulls are not zero, as a plugin may send it.
    @Test func `holds zeros under its nulls once gathered, whatever was there`() throws {
        for type in ColumnType.crossing {
            var random = SeededRandom(seed: 11)
            let clean = randomColumn(type, rows: 9, nulls: .none, &random)
            // All null by the bits alone: the raw values are still there.
            let dirty = Column(
                type: type, count: 9, nullCount: 9, validity: Buffer(Bytes.copy([0, 0])), offsets: clean.offsets,
                values: clean.values)
            let made = dirty.gather(Array(0..<9))
            #expect(cells(made) == [Cell](repeating: .null, count: 9))
            made.values.withUnsafeBytes { bytes in #expect(bytes.allSatisfy { $0 == 0 }, "\(type)") }
            made.offsets?.withUnsafeBytes { bytes in #expect(bytes.allSatisfy { $0 == 0 }, "\(type)") }
            if type.hasOffsets { #expect(made.values.count == 0) }
        }
    }

    @Test func `leaves rows out of its bytes that were not named`() {
        let made = column(["secret", "open", "secret too"]).gather([1])
        made.values.withUnsafeBytes { #expect(Array($0) == Array("open".utf8)) }
    }

    @Test func `has one text a value`() {
        func text(_ type: ColumnType, _ fill: (inout ColumnBuilder) -> Void) -> String {
            var builder = ColumnBuilder(type)
            fill(&builder)
            return builder.finish().withView { view in
                var out: [UInt8] = []
                ValueText.write(view, row: 0, into: &out)
                return String(decoding: out, as: UTF8.self)
            }
        }
        for (value, expected) in [
            (Int64(0), "0"), (-1, "-1"), (.max, "9223372036854775807"), (.min, "-9223372036854775808"), (100, "100"),
        ] {
            #expect(text(.int64) { $0.append(int64: value) } == expected)
        }
        for (value, expected) in [
            (1.0, "1"), (-0.0, "0"), (0.1, "0.1"), (1e21, "1e+21"), (-1e-7, "-1e-7"), (.nan, "NaN"),
            (.infinity, "Infinity"),
            (-.infinity, "-Infinity"),
        ] { #expect(text(.float64) { $0.append(float64: value) } == expected) }
        #expect(text(.bool) { $0.append(bool: true) } == "t")
        #expect(text(.bool) { $0.append(bool: false) } == "f")
        #expect(text(.date) { $0.append(date: -56_270) } == "1815-12-10")
        #expect(text(.timestamp) { $0.append(int64: -1) } == "1969-12-31T23:59:59.999999Z")
        // A plugin may send any number; the host must not fall over.
        #expect(text(.timestamp) { $0.append(int64: .min) }.hasSuffix("Z"))
        #expect(text(.date) { $0.append(date: .min) }.hasPrefix("-"))
        #expect(text(.text) { $0.append(text: "é") } == "é")
    }
}

@Suite struct `A column builder` {
    @Test func `ends a value from its pieces, or abandons it without a trace`() {
        var builder = ColumnBuilder(.text)
        builder.append(text: "first")
        for byte in "half a sec".utf8 { builder.appendPiece(byte: byte) }
        builder.abandonValue()
        Array("whole".utf8).withUnsafeBytes { builder.appendPiece($0) }
        builder.appendPiece(byte: UInt8(ascii: "!"))
        builder.endValue()
        builder.abandonValue()
        builder.endValue()
        builder.append(text: nil)
        #expect(builder.count == 6)
        let made = builder.finish()
        #expect(
            cells(made) == [.bytes(Array("first".utf8)), .null, .bytes(Array("whole!".utf8)), .null, .bytes([]), .null])
        #expect(made.nullCount == 3)
        made.values.withUnsafeBytes { #expect(Array($0) == Array("firstwhole!".utf8)) }
    }

    @Test(arguments: [ColumnType.bool, .date, .float64, .text])
    func `ends the process rather than read a row of another type`(_ type: ColumnType) async {
        await #expect(processExitsWith: .failure) { [type = type.code as UInt32] in
            var source = ColumnBuilder(ColumnType(code: type) ?? .text)
            if type == ColumnType.text.code { source.append(text: "x") } else { source.append(bool: true) }
            var builder = ColumnBuilder(.int64)
            source.finish().withView { builder.append($0, row: 0) }
            _ = builder.finish()
        }
    }

    @Test func `abandons the first value of all`() {
        var builder = ColumnBuilder(.binary)
        builder.appendPiece(byte: 1)
        builder.abandonValue()
        #expect(cells(builder.finish()) == [.null])
    }

    @Test func `has no validity buffer without nulls, and none at all without rows`() {
        #expect(column([1, 2] as [Int64?]).validity == nil)
        #expect(column([1, nil] as [Int64?]).validity?.count == 1)
        for type in ColumnType.crossing {
            let empty = ColumnBuilder(type).finish()
            #expect(empty.count == 0 && empty.nullCount == 0 && empty.values.count == 0)
            #expect(empty.offsets?.count == (type.hasOffsets ? 4 : nil))
        }
    }

    @Test func `grows past every capacity that was guessed`() {
        var builder = ColumnBuilder(.text, capacity: 1)
        let long = String(repeating: "x", count: 1000)
        for row in 0..<5000 { builder.append(text: row % 7 == 0 ? nil : long) }
        let made = builder.finish()
        #expect(made.count == 5000 && made.nullCount == 715)
        #expect(made.withView { $0.text(4999) } == long)
    }

    @Test func `sets bits without touching their neighbours`() {
        for rows in 0..<40 {
            var random = SeededRandom(seed: UInt64(rows))
            let wanted: [Bool?] = (0..<rows).map { _ in [true, false, nil].randomElement(using: &random) ?? nil }
            var builder = ColumnBuilder(.bool)
            for value in wanted { if let value { builder.append(bool: value) } else { builder.appendNull() } }
            #expect(cells(builder.finish()) == wanted.map { $0.map(Cell.bool) ?? .null })
        }
    }
}

@Suite struct `A batch` {
    private let schema = Schema([Field("n", .int64), Field("t", .text)])

    private func batch(_ range: Range<Int64>) -> Batch {
        Batch(
            schema: schema,
            columns: [
                column(range.map { $0 % 4 == 0 ? nil : $0 }), column(range.map { $0 % 3 == 0 ? nil : "é\($0)" }),
            ],
            rowCount: range.count, firstOrdinal: range.lowerBound)
    }

    @Test func `concatenated is its slices, one after another`() {
        let parts = [batch(5..<5), batch(5..<6), batch(6..<14), batch(14..<114)]
        let joined = Batch.concatenate(parts, schema: schema)
        #expect(cells(joined) == cells(batch(5..<114)))
        #expect(joined.rowCount == 109 && joined.firstOrdinal == 5)
        #expect(Batch.concatenate([], schema: schema).rowCount == 0)
        for cut in [0, 1, 7, 8, 9, 109] {
            let halves = [joined.gather(Array(0..<cut)), joined.gather(Array(cut..<109))]
            #expect(cells(Batch.concatenate(halves, schema: schema)) == cells(joined), "cut at \(cut)")
        }
    }

    @Test func `finds, selects and gathers columns and rows`() {
        let all = batch(0..<20)
        #expect(all.column("t").map { cells($0) } == cells(all)[1])
        #expect(all.column("none") == nil)
        let swapped = all.select([1, 0, 1])
        #expect(swapped.schema.fields.map(\.name) == ["t", "n", "t"])
        #expect(cells(swapped) == [cells(all)[1], cells(all)[0], cells(all)[1]])
        #expect(cells(all.gather([3, 1])) == cells(all).map { [$0[3], $0[1]] })
        #expect(all.with(firstOrdinal: 7).firstOrdinal == 7)
    }

    @Test func `has a schema whose hash tells names, types, order and nullability apart`() {
        let schemas = [
            Schema([Field("a", .int64), Field("b", .text)]), Schema([Field("b", .text), Field("a", .int64)]),
            Schema([Field("a", .int64), Field("b", .binary)]),
            Schema([Field("a", .int64, nullable: false), Field("b", .text)]),
            Schema([Field("a", .int64)]), Schema([]), Schema([Field("c", .int64), Field("b", .text)]),
        ]
        #expect(Set(schemas.map(\.hash)).count == schemas.count)
        for type in ColumnType.crossing { #expect(ColumnType(name: type.name) == type) }
        #expect(ColumnType(name: "Int64") == nil)
    }

    @Test func `has buffers that stay inside their bytes`() {
        let bytes = Bytes.copy([1, 2, 3])
        for (offset, count) in [(-1, 1), (0, 4), (3, 1), (4, 0), (1, .max), (.max, 1), (0, -1)] {
            #expect(Buffer(bytes, offset: offset, count: count) == nil)
        }
        Buffer(bytes, offset: 1, count: 2)?.withUnsafeBytes { #expect(Array($0) == [2, 3]) }
        #expect(Buffer(bytes, offset: 3, count: 0)?.count == 0)
    }
}
