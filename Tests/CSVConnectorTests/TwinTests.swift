import CSVCore
import Testing

/// The rows of a source by the plain splitter, with the text held whole.
private func plainRows(_ bytes: [UInt8], _ dialect: Dialect) -> [Row] {
    let splitter = RecordSplitter(dialect: dialect)
    return bytes.withUnsafeBytes { text in
        var rows: [Row] = []
        var width = 0
        var at = 0
        var line: Int64 = 1
        while at < text.count, let record = splitter.record(in: text, at: at, isFinal: true) {
            // In files of carriage returns a line feed in front of a record belongs to the one before.
            let isLeft = dialect.lineEnding == .cr && text[at] == 0x0A
            let start = isLeft ? at + 1 : at
            if start == text.count { break }
            let lines = text[start..<record.end].count(where: { $0 == (dialect.lineEnding == .cr ? 0x0D : 0x0A) })
            defer {
                at = record.end
                line += Int64(lines)
            }
            if record.isBlank, width != 1 { continue }
            if width == 0 {
                width = record.cells.count
                continue
            }
            var values = record.cells.map { splitter.value($0, in: text).map { String(decoding: $0, as: UTF8.self) } }
            var reject: String?
            if record.isUnclosed {
                reject = "UNCLOSED_QUOTE"
            } else if String(validating: text[start..<record.end], as: UTF8.self) == nil {
                reject = "INVALID_ENCODING"
            } else if values.count != width {
                reject = "RAGGED_ROW"
            }
            if reject != nil { values = Array(repeating: nil, count: width) }
            rows.append(Row(cells: values, line: line, offset: Int64(start), reject: reject))
        }
        return rows
    }
}

struct TwinTests {
    /// Bytes that matter to a parser, and a few that do not.
    private static let alphabet: [[UInt8]] = [
        [0x2C], [0x2C], [0x22], [0x22], [0x0A], [0x0A], [0x0D, 0x0A], [0x0D], [0x5C], [0x61], [0x62, 0x63], [0x20],
        [0xC3, 0xA9], [0xFF], Array("a longer run of text".utf8),
    ]

    private static func text(seed: UInt64) -> [UInt8] {
        var random = SplitMix(state: seed)
        var bytes = Array("h1,h2\n".utf8)
        for _ in 0..<Int.random(in: 0..<60, using: &random) { bytes += alphabet.randomElement(using: &random) ?? [] }
        return bytes
    }

    @Test(arguments: [Dialect.Escape.doubled, .backslash], [Dialect.LineEnding.lf, .cr])
    func `fast and plain parser agree on random text`(escape: Dialect.Escape, lineEnding: Dialect.LineEnding) throws {
        for seed in 0..<3000 as Range<UInt64> {
            var bytes = TwinTests.text(seed: seed)
            if lineEnding == .cr { bytes[5] = 0x0D }
            let dialect = Dialect(escape: escape, lineEnding: lineEnding)
            let expected = plainRows(bytes, dialect)
            let table = CSVTable.fixed(dialect, names: ["h1", "h2"], dataOffset: 6, dataLine: 2)
            for block in [1, 13, 4096] {
                let found = try rows(bytes, table, CSVLimits(blockBytes: block))
                guard found == expected else {
                    Issue.record("seed \(seed), block \(block): \(bytes)\n\(found)\n\(expected)")
                    return
                }
            }
        }
    }

    @Test func `every block size from 1 to 64 gives the same rows`() throws {
        let text =
            "id,note,x\r\n1,\"a \"\"b\"\" c\",é\r\n\r\n2,\"two\r\nlines, really\",😀\r\n3,short\r\n4,,\"\"\r\n5,\"tail\"x,y\r\n6,\"open"
        let bytes = Array(text.utf8)
        let expected = try rows(bytes, Wish(options: .standard))
        #expect(expected.count == 6)
        for block in 1...64 {
            #expect(
                try rows(bytes, Wish(options: .standard, limits: CSVLimits(blockBytes: block))) == expected,
                "block \(block)")
        }
    }

    @Test func `no bytes whatever crash the reader`() {
        for seed in 0..<2000 as Range<UInt64> {
            var random = SplitMix(state: seed)
            let bytes = (0..<Int.random(in: 0..<200, using: &random)).map { _ in
                UInt8.random(in: seed % 2 == 0 ? 0...255 : 9...127, using: &random)
            }
            // Any outcome is right but a crash; the seed is the replay.
            _ = failure(bytes, Wish(limits: CSVLimits(blockBytes: Int.random(in: 1..<50, using: &random))))
        }
    }
}

/// All rows of a source whose table is known.
private func rows(_ bytes: [UInt8], _ table: CSVTable, _ limits: CSVLimits) throws -> [Row] {
    let scanner = CSVScanner(
        table, read: source(bytes), positions: Array(table.columnNames.indices), limits: limits)
    var rows: [Row] = []
    while let batch = try scanner.next() {
        for row in 0..<batch.rowCount {
            rows.append(
                Row(
                    cells: batch.columns.map { $0.bytes(row).map { String(decoding: $0, as: UTF8.self) } },
                    line: batch.lines[row], offset: batch.byteOffsets[row],
                    reject: batch.rejects.bytes(row).map { String(decoding: $0, as: UTF8.self) }))
        }
    }
    return rows
}
