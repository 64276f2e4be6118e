import CSVCore

/// A source in memory.
func source(_ bytes: [UInt8]) -> ReadAt {
    { offset, buffer throws(CSVFailure) in
        guard let start = Int(exactly: offset), start < bytes.count else { return 0 }
        let count = min(buffer.count, bytes.count - start)
        buffer.copyBytes(from: bytes[start..<(start + count)])
        return count
    }
}

/// One row as it came out.
struct Row: Equatable, CustomStringConvertible {
    var cells: [String?]
    var line: Int64
    var offset: Int64
    var reject: String?

    var description: String { "\(cells.map { $0 ?? "∅" }) line \(line) at \(offset) \(reject ?? "")" }
}

/// What a scan is asked for.
struct Wish {
    var options = CSVOptions()
    var limits = CSVLimits()
    var columns: [String]?
    var batchRows = 16384
    var skipRows: UInt64 = 0
}

func table(_ bytes: [UInt8], _ wish: Wish = Wish()) throws -> CSVTable {
    try CSVTable(read: source(bytes), options: wish.options, limits: wish.limits)
}

func table(_ text: String, _ wish: Wish = Wish()) throws -> CSVTable { try table(Array(text.utf8), wish) }

/// All rows of a source, batch after batch.
func rows(_ bytes: [UInt8], _ wish: Wish = Wish()) throws -> [Row] {
    let found = try table(bytes, wish)
    let scanner = CSVScanner(
        found, read: source(bytes), positions: try found.positions(of: wish.columns), batchRows: wish.batchRows,
        skipRows: wish.skipRows, limits: wish.limits)
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

func rows(_ text: String, _ wish: Wish = Wish()) throws -> [Row] { try rows(Array(text.utf8), wish) }

func cells(_ text: String, _ wish: Wish = Wish()) throws -> [[String?]] { try rows(text, wish).map(\.cells) }

/// The beginning of the message with which reading fails; "" when it does not.
func failure(_ bytes: [UInt8], _ wish: Wish = Wish()) -> String {
    do {
        _ = try rows(bytes, wish)
        return ""
    } catch let error as CSVFailure {
        return error.message
    } catch {
        return "\(error)"
    }
}

func failure(_ text: String, _ wish: Wish = Wish()) -> String { failure(Array(text.utf8), wish) }

/// A small generator with a seed, so that a failure can be replayed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
