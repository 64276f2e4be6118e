import Columnar
import Foundations
import Glibc
import Transform

/// What Tests/Bench/dsl/run measures of the host's own code: one line of JSON a program on standard output.
///
///     sluice-bench-dsl DATA THREADS REPEATS ROWS PROGRAM.json…
///
/// DATA is a folder with `schema.json` and, for each column, the buffers of an Arrow array in files: `NAME.offsets` and
/// `NAME.values`. There are no nulls. It is cut into batches of ROWS rows before anything is measured. A turn is one run of
/// a program from these batches to its batches; seconds are the process's, of user and system together.
@main
struct TransformBench {
    static func main() {
        do { try run(Array(CommandLine.arguments.dropFirst())) } catch {
            print("sluice-bench-dsl: \(error)")
            exit(1)
        }
    }

    static func run(_ arguments: [String]) throws {
        guard arguments.count >= 5, let threads = Int(arguments[1]), let repeats = Int(arguments[2]),
            let rows = Int(arguments[3])
        else {
            print("usage: sluice-bench-dsl DATA THREADS REPEATS ROWS PROGRAM.json…")
            exit(2)
        }
        let table = try Table(arguments[0])
        for path in arguments[4...] {
            let document = try ProgramDocument.parse(try Files.read(path))
            let batches = try table.batches(document.inputs, rows: rows)
            let executor = try PlanExecutor(document.program)
            var turns: [JSON] = []
            var last: [TransformResult] = []
            for _ in 0..<repeats {
                // To give back the memory of the turn before is none of this one's work.
                last = []
                let (began, clock) = (processor(), wall())
                last = try executor.run(batches, threads: threads)
                let (spent, passed) = (processor() - began, wall() - clock)
                turns.append(["cpu": .double(spent), "clock": .double(passed)])
            }
            let report: JSON = [
                "program": .string(path), "turns": .array(turns), "sha256": .string(digest(last)),
                "errors": .int(Int64(last.reduce(0) { $0 + $1.errors.count })),
                "failed": .int(Int64(last.reduce(0) { $0 + $1.failedRows.count })),
            ]
            print(report.canonicalText)
            fflush(nil)
        }
    }

    /// SHA-256 of the rows as text: cells by `ValueText`, a null as `\N`, each ended by a tab, rows by a line feed.
    static func digest(_ results: [TransformResult]) -> String {
        var hasher = SHA256()
        var text: [UInt8] = []
        for result in results {
            Column.withViews(result.columns) { views in
                for row in 0..<result.batch.rowCount {
                    for view in views {
                        if view.isValid(row) {
                            ValueText.write(view, row: row, into: &text)
                        } else {
                            text.append(contentsOf: [0x5C, 0x4E])
                        }
                        text.append(0x09)
                    }
                    text.append(0x0A)
                }
            }
            hasher.update(text)
            text.removeAll(keepingCapacity: true)
        }
        return "\(hasher.digest())"
    }

    /// Seconds of the process's threads, of user and system together.
    static func processor() -> Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }
    static func wall() -> Double { seconds(CLOCK_MONOTONIC) }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// The data, as it lies in the files.
struct Table {
    let rows: Int
    private var buffers: [String: (type: ColumnType, offsets: [UInt8], values: [UInt8])] = [:]

    struct Mistake: Error { let reason: String }

    init(_ folder: String) throws {
        let schema = try JSONParser.parse(try Files.read(folder + "/schema.json"))
        rows = Int(schema["rows"]?.intValue ?? 0)
        for field in schema["columns"]?.arrayValue ?? [] {
            guard let name = field["name"]?.stringValue, let text = field["type"]?.stringValue,
                let type = ColumnType(name: text)
            else { throw Mistake(reason: "schema.json has another form") }
            let offsets = type == .text ? try Files.read("\(folder)/\(name).offsets") : []
            buffers[name] = (type, offsets, try Files.read("\(folder)/\(name).values"))
        }
    }

    func batches(_ schema: Schema, rows size: Int) throws -> [Batch] {
        var batches: [Batch] = []
        for first in stride(from: 0, to: rows, by: size) {
            let count = min(size, rows - first)
            var columns: [Column] = []
            for field in schema.fields {
                guard let buffer = buffers[field.name], buffer.type == field.type else {
                    throw Mistake(reason: "there is no column \(field.name) of type \(field.type.name)")
                }
                columns.append(Self.column(buffer, first, count))
            }
            batches.append(Batch(schema: schema, columns: columns, rowCount: count, firstOrdinal: Int64(first)))
        }
        return batches
    }

    private static func column(
        _ buffer: (type: ColumnType, offsets: [UInt8], values: [UInt8]), _ first: Int, _ count: Int
    ) -> Column {
        buffer.values.withUnsafeBytes { values in
            buffer.offsets.withUnsafeBytes { offsets in
                var builder = ColumnBuilder(buffer.type, capacity: count)
                for row in first..<(first + count) {
                    switch buffer.type {
                    case .text:
                        let start = Int(offsets.loadUnaligned(fromByteOffset: row * 4, as: Int32.self))
                        let end = Int(offsets.loadUnaligned(fromByteOffset: row * 4 + 4, as: Int32.self))
                        builder.append(bytes: UnsafeRawBufferPointer(rebasing: values[start..<end]))
                    case .date:
                        builder.append(date: values.loadUnaligned(fromByteOffset: row * 4, as: Int32.self))
                    default: builder.append(int64: values.loadUnaligned(fromByteOffset: row * 8, as: Int64.self))
                    }
                }
                return builder.finish()
            }
        }
    }
}
