import Columnar
import Databases
import Engines
import Foundations
import Glibc
import Testing
import Transform

/// A folder of its own, gone with the test.
final class Folder {
    let path: String
    init() {
        path = "/tmp/sluice-engine-\(Context.system.ulid())"
        mkdir(path, 0o700)
    }
    deinit {
        for name in (try? Files.list(path)) ?? [] { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }
}

/// SplitMix64: `TRANSFORM_SEED=…` replays a run.
struct SeededRandom: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init() {
        let given = getenv("TRANSFORM_SEED").flatMap { UInt64(String(cString: $0)) }
        seed = given ?? UInt64.random(in: 0...UInt64.max)
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

func plan(_ json: String) throws -> Plan { try Plan.parse(Array(json.utf8)) }

/// Equal to the bit: doubles by their pattern, so that -0 is not 0.
func cells(_ column: Column) -> [[UInt8]] {
    column.withView { view in
        (0..<view.count).map { row in
            switch view.value(row) {
            case .null: Array("null".utf8)
            case .text(let cell): [0x27] + cell.bytes
            case .word(let word): Array(String(word).utf8)
            }
        }
    }
}

/// The executor's and SQLite's results over a batch must be one.
func expectSame(_ plans: [Plan], _ batch: Batch, _ note: String = "") throws {
    let program = try TypedProgram(plans, inputs: batch.schema)
    let expected = try PlanExecutor(plans, inputs: batch.schema).run(batch)
    let found = try SQLiteEngine(program).run(batch)
    #expect(found.unread.isEmpty, "\(note)")
    #expect(found.result.batch.schema == expected.batch.schema, "\(note)")
    #expect(found.result.batch.firstOrdinal == expected.batch.firstOrdinal)
    for (place, column) in expected.columns.enumerated() {
        let one = cells(column)
        let other = cells(found.result.columns[place])
        if one != other {
            let row = one.indices.first { one[$0] != other[$0] } ?? 0
            let words = [one[row], other[row]].map { String(decoding: $0, as: UTF8.self) }
            Issue.record("\(note) \(plans[place].target) row \(row): executor \(words[0]), SQLite \(words[1])")
        }
    }
    #expect(found.result.errors == expected.errors, "\(note)")
}
