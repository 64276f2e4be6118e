import Columnar
import Foundations
import Glibc
import Testing

@testable import Transform

/// SplitMix64, so that a seed printed by a failing test replays it: `TRANSFORM_SEED=… swift test`.
struct SeededRandom: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init() {
        let given = getenv("TRANSFORM_SEED").flatMap { UInt64(String(cString: $0)) }
        self.init(seed: given ?? UInt64.random(in: 0...UInt64.max))
    }

    init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}

func textColumn(_ values: [String?]) -> Column {
    var builder = ColumnBuilder(.text)
    for value in values { builder.append(text: value) }
    return builder.finish()
}

func texts(_ column: Column) -> [String?] { column.withView { view in (0..<view.count).map { view.text($0) } } }

/// A batch of columns named a, b, c, ….
func batch(_ columns: [Column]) -> Batch {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"]
    let fields = columns.enumerated().map { Field(names[$0], $1.type) }
    return Batch(schema: Schema(fields), columns: columns, rowCount: columns.first?.count ?? 0)
}

func plan(_ json: String) throws -> Plan { try Plan.parse(Array(json.utf8)) }

/// A column of a type from JSON cells; dates as days, timestamps as microseconds.
func column(_ type: ColumnType, _ cells: [JSON]) throws -> Column {
    var builder = ColumnBuilder(type)
    for cell in cells {
        switch (type, cell) {
        case (_, .null): builder.appendNull()
        case (.text, .string(let value)): builder.append(text: value)
        case (.bool, .bool(let value)): builder.append(bool: value)
        case (.float64, .string("NaN")): builder.append(float64: .nan)
        case (.float64, .string("Infinity")): builder.append(float64: .infinity)
        case (.float64, _): builder.append(float64: try #require(cell.doubleValue))
        case (.date, _): builder.append(date: Int32(try #require(cell.intValue)))
        // Beyond 2^53 as text.
        case (_, .string(let value)): builder.append(int64: try #require(Int64(value)))
        default: builder.append(int64: try #require(cell.intValue))
        }
    }
    return builder.finish()
}

/// A cell as the golden tables write it.
func cell(_ column: Column, _ row: Int) -> String {
    column.withView { view in
        guard view.isValid(row) else { return "null" }
        switch view.type {
        case .text: return JSON.string(view.text(row) ?? "").canonicalText
        case .bool: return view.bool(row) ? "true" : "false"
        case .int64, .decimal: return String(view.int64(row))
        case .float64: return view.float64(row).description
        case .date: return CivilTime.text(days: Int(view.date(row)))
        case .timestamp: return CivilTime.text(microseconds: view.int64(row))
        case .binary: return "binary"
        }
    }
}

/// Runs a golden table: the steps of a plan over column a, then `input → output` or `input → !REASON` a line.
func expectTable(
    _ type: ColumnType = .text, steps: String, _ golden: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let lines = golden.split(separator: "\n").map(String.init)
    let inputs = try lines.map { try JSONParser.parse(String($0.split(separator: " → ")[0])) }
    let plan = try plan(#"{"target":"x","steps":[\#(steps)],"result":"r"}"#)
    let batch = batch([try column(type, inputs)])
    let result = try PlanExecutor([plan], inputs: batch.schema).run(batch)
    var made: [String] = []
    for (row, line) in lines.enumerated() {
        let error = result.errors.first { $0.row == row }.map { "!" + $0.reason.rawValue }
        made.append("\(line.split(separator: " → ")[0]) → \(error ?? cell(result.columns[0], row))")
    }
    #expect(made.joined(separator: "\n") == golden, sourceLocation: sourceLocation)
}
