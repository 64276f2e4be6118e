internal import CSVCore
internal import Columnar
internal import Foundations
internal import Transform

/// CSV with a header, by the parser of the CSV connector: cells are texts, an empty cell without quotes is null.
final class CSVRows: RowSource {
    private let scanner: CSVScanner
    private let schema: Schema
    private let byteLimit: Int
    /// What the last read of the stream threw.
    private let failure: Failure

    private final class Failure {
        var error: SluiceError?
    }

    /// - Throws: `dsl.input` when the file is no CSV, when it has not the columns, or when one is declared as no text.
    init(_ stream: InputStream, schema: Schema, rows: Int, bytes: Int) throws(SluiceError) {
        if let field = schema.fields.first(where: { $0.type != .text }) {
            throw SluiceError(
                .dslInput, "Column \(field.name) is declared as \(field.type.name), and cells of CSV are texts.",
                hint: "Declare it as text and read it with type_cast or date_parse, or give the rows as JSON Lines.")
        }
        let failure = Failure()
        let read: ReadAt = { offset, buffer throws(CSVFailure) in
            do throws(SluiceError) { return try stream.read(at: Int(offset), into: buffer) } catch {
                failure.error = error
                throw CSVFailure(underlying: error)
            }
        }
        self.failure = failure
        self.schema = schema
        byteLimit = bytes
        do {
            var limits = CSVLimits()
            limits.batchBytes = bytes
            let table = try CSVTable(read: read, options: CSVOptions(hasHeader: true), limits: limits)
            let names = table.columnNames
            if let field = schema.fields.first(where: { !names.contains($0.name) }) {
                throw SluiceError(
                    .dslInput, "The header has no column \(field.name).",
                    hint: Words.meant(field.name, of: names).isEmpty
                        ? "Its columns: \(names.prefix(40).joined(separator: ", "))."
                        : "Is \(Words.nearest(field.name, of: names) ?? "") meant?")
            }
            let positions = schema.fields.compactMap { names.firstIndex(of: $0.name) }
            scanner = CSVScanner(table, read: read, positions: positions, batchRows: rows, limits: limits)
            stream.stopKeeping()
        } catch let error as CSVFailure {
            throw failure.error ?? Self.error(error)
        } catch let error as SluiceError {
            throw error
        } catch {
            throw SluiceError(.dslInput, "FILE is not CSV.")
        }
    }

    private static func error(_ failure: CSVFailure) -> SluiceError {
        SluiceError(.dslInput, "FILE is not CSV that can be read: \(failure.message)")
    }

    let unseen: [String] = []

    func next() throws(SluiceError) -> InputRows? {
        let found: CSVBatch?
        do throws(CSVFailure) { found = try scanner.next() } catch { throw failure.error ?? Self.error(error) }
        guard let found else { return nil }
        var mistakes: [Int: InputRows.Mistake] = [:]
        if found.rejects.nullCount < found.rowCount {
            for row in 0..<found.rowCount {
                guard let reason = found.rejects.bytes(row) else { continue }
                mistakes[row] = InputRows.Mistake(code: String(decoding: reason, as: UTF8.self), column: nil)
            }
        }
        let columns = found.columns.map { Self.column($0, without: mistakes) }
        return InputRows(batch: Batch(schema: schema, columns: columns, rowCount: found.rowCount), mistakes: mistakes)
    }

    /// A copy of a column; rows that were rejected, whose bytes may be no text, are null.
    private static func column(_ source: CSVColumn, without mistakes: [Int: InputRows.Mistake]) -> Column {
        var builder = ColumnBuilder(.text, capacity: source.length, valueBytes: source.valueBytes)
        for row in 0..<source.length {
            guard mistakes.isEmpty || mistakes[row] == nil, isValid(source, row) else {
                builder.appendNull()
                continue
            }
            let low = Int(source.offsets.load(fromByteOffset: row * 4, as: Int32.self))
            let high = Int(source.offsets.load(fromByteOffset: row * 4 + 4, as: Int32.self))
            builder.append(bytes: UnsafeRawBufferPointer(start: source.values.map { $0 + low }, count: high - low))
        }
        return builder.finish()
    }

    private static func isValid(_ column: CSVColumn, _ row: Int) -> Bool {
        guard let validity = column.validity else { return true }
        return validity.load(fromByteOffset: row / 8, as: UInt8.self) & (1 << UInt8(row & 7)) != 0
    }
}
