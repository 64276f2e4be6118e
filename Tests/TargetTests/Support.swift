import Columnar
import Databases
import Foundations
import Glibc
import Store
import Testing

@testable import Stages

/// A SQLite target in a file of its own, gone with the test.
final class Scratch {
    let path = "/tmp/sluice-target-\(Context.system.ulid()).db"

    init(_ sql: String) throws { try execute(sql) }

    deinit { for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) } }

    func execute(_ sql: String) throws {
        try SQLiteConnection(path: path, access: .create, busyMilliseconds: 0).execute(sql)
    }

    /// Every value of a query's rows, as text; nil for a null.
    func rows(_ sql: String) throws -> [[String?]] {
        var found: [[String?]] = []
        let database = try SQLiteConnection(path: path, access: .readOnly)
        let count = try columns(sql, database)
        try database.run(sql) { row in found.append((0..<count).map { row.text($0) }) }
        return found
    }

    private func columns(_ sql: String, _ database: SQLiteConnection) throws -> Int {
        let body = sql.split(separator: " ", maxSplits: 1)[1].split(separator: " FROM ")[0]
        return body.split(separator: ",").count
    }

    func names() throws -> [String] { try rows("SELECT name FROM sqlite_schema ORDER BY name").compactMap { $0[0] } }

    func target(
        _ table: String, _ columns: [String], run: String = Scratch.run, lease: Int64 = 1, driver: String = "ann"
    ) throws -> SQLiteTarget {
        let target = try opened(table, columns, run: run, lease: lease, driver: driver)
        try target.prepare()
        return target
    }

    /// As `target`, of a driver that has not written yet.
    func opened(
        _ table: String, _ columns: [String], run: String = Scratch.run, lease: Int64 = 1, driver: String = "ann"
    ) throws -> SQLiteTarget {
        let id = try #require(ULID(run))
        return try SQLiteTarget(
            path: path, table: table, lease: Lease(runID: id, token: lease, driver: driver), columns: columns)
    }

    static let run = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
}

enum Value {
    case null
    case int(Int64)
    case double(Double)
    case text(String)
    case bool(Bool)
    case date(Int32)
    case time(Int64)
}

extension Value: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByNilLiteral,
    ExpressibleByFloatLiteral
{
    init(integerLiteral value: Int64) { self = .int(value) }
    init(stringLiteral value: String) { self = .text(value) }
    init(nilLiteral: ()) { self = .null }
    init(floatLiteral value: Double) { self = .double(value) }
}

func batch(_ fields: [(String, ColumnType)], _ rows: [[Value]], first: Int64 = 0) -> Batch {
    let columns = fields.enumerated().map { place, field in
        var builder = ColumnBuilder(field.1)
        for row in rows {
            switch row[place] {
            case .null: builder.appendNull()
            case .int(let value): builder.append(int64: value)
            case .double(let value): builder.append(float64: value)
            case .text(let value): builder.append(text: value)
            case .bool(let value): builder.append(bool: value)
            case .date(let value): builder.append(date: value)
            case .time(let value): builder.append(int64: value)
            }
        }
        return builder.finish()
    }
    return Batch(
        schema: Schema(fields.map { Field($0.0, $0.1) }), columns: columns, rowCount: rows.count, firstOrdinal: first)
}

extension SQLiteTarget {
    /// Writes one chunk of consecutive ordinals, and gives back the refused rows.
    @discardableResult
    func put(_ chunk: Int, _ batch: Batch) throws -> [RefusedRow] {
        var seen: [RefusedRow] = []
        let ordinals = (0..<batch.rowCount).map { batch.firstOrdinal + Int64($0) }
        try write(batch, ordinals: ordinals) { refused in
            seen = refused
            return ChunkRecord(
                chunk: chunk, firstOrdinal: batch.firstOrdinal, rowsIn: batch.rowCount,
                rowsOut: batch.rowCount - refused.count,
                contentHash: "hash\(chunk)", sourceFingerprint: "source", startedAt: "then", finishedAt: "now",
                status: "staged")
        }
        return seen
    }

    /// What was read back, chunk by chunk, as text.
    func back() throws -> [[[String?]]] {
        var chunks: [[[String?]]] = []
        try readBack(try records.checkpoints()) { record, batch in
            #expect(record.rowsOut == batch.rowCount && record.firstOrdinal == batch.firstOrdinal)
            chunks.append(
                (0..<batch.rowCount).map { row in
                    batch.columns.map { column in
                        column.withView { view in
                            guard view.isValid(row) else { return nil }
                            var out: [UInt8] = []
                            ValueText.write(view, row: row, into: &out)
                            return String(decoding: out, as: UTF8.self)
                        }
                    }
                })
        }
        return chunks
    }
}
