import Columnar
import Foundations

/// SplitMix64: the same seed gives the same numbers everywhere.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A value of a cell, for comparison.
enum Cell: Equatable {
    case null
    case bool(Bool)
    case int(Int64)
    /// Bits, so that NaN equals itself.
    case double(UInt64)
    case date(Int32)
    case bytes([UInt8])
}

enum Nulls: CaseIterable { case none, some, all }

func randomColumn(_ type: ColumnType, rows: Int, nulls: Nulls, _ random: inout SeededRandom) -> Column {
    var builder = ColumnBuilder(type)
    let texts = ["", "a", "Zoë", "日本語", "😀 x", "a much longer text that needs more room than others do"]
    for row in 0..<rows {
        if nulls == .all || nulls == .some && (row % 3 == 1 || row == rows - 1) {
            builder.appendNull()
            continue
        }
        switch type {
        case .bool: builder.append(bool: .random(using: &random))
        case .int64, .timestamp, .decimal: builder.append(int64: Int64(bitPattern: random.next()))
        case .float64: builder.append(float64: Double(bitPattern: random.next()))
        case .date: builder.append(date: Int32(truncatingIfNeeded: random.next()))
        case .text: builder.append(text: texts.randomElement(using: &random) ?? "")
        case .binary:
            let bytes = (0..<Int.random(in: 0...9, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
            }
            bytes.withUnsafeBytes { builder.append(bytes: $0) }
        }
    }
    return builder.finish()
}

func cells(_ column: Column) -> [Cell] {
    column.withView { view in
        (0..<view.count).map { row in
            guard view.isValid(row) else { return .null }
            switch view.type {
            case .bool: return .bool(view.bool(row))
            case .int64, .timestamp, .decimal: return .int(view.int64(row))
            case .float64: return .double(view.float64(row).bitPattern)
            case .date: return .date(view.date(row))
            case .text, .binary: return .bytes(Array(view.bytes(row)))
            }
        }
    }
}

func cells(_ batch: Batch) -> [[Cell]] { batch.columns.map { cells($0) } }

func column(_ texts: [String?]) -> Column {
    var builder = ColumnBuilder(.text)
    for text in texts { builder.append(text: text) }
    return builder.finish()
}

func column(_ values: [Int64?]) -> Column {
    var builder = ColumnBuilder(.int64)
    for value in values { if let value { builder.append(int64: value) } else { builder.appendNull() } }
    return builder.finish()
}
