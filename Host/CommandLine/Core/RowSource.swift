internal import Columnar
internal import Foundations
internal import Glibc
internal import Transform

/// Rows that were read, and those among them that are none.
struct InputRows {
    /// Why a row was not read: a code, and the column where there is one.
    struct Mistake {
        let code: String
        let column: String?

        var json: JSON { ["code": .string(code), "op": .null, "column": column.map(JSON.string) ?? .null] }
    }

    let batch: Batch
    /// By row of the batch.
    var mistakes: [Int: Mistake] = [:]

    func rows(_ range: Range<Int>) -> InputRows {
        var mistakes: [Int: Mistake] = [:]
        for (row, mistake) in self.mistakes where range.contains(row) { mistakes[row - range.lowerBound] = mistake }
        return InputRows(batch: batch.gather(Array(range)), mistakes: mistakes)
    }
}

/// Rows of a file or of standard input, in batches.
protocol RowSource: AnyObject {
    /// The next rows, at least one; nil at the end.
    func next() throws(SluiceError) -> InputRows?
    /// Columns that no row has had so far.
    var unseen: [String] { get }
}

enum RowFormat: String {
    case jsonl, csv
}

enum RowSources {
    /// Opens the rows of a file, `-` for standard input.
    ///
    /// - Throws: `usage` for a file that cannot be read; `dsl.input` for one that has not the columns.
    static func open(
        _ path: String, format: String?, schema: Schema, rows: Int, bytes: Int
    ) throws(SluiceError) -> any RowSource {
        let stream = try InputStream(path)
        var named = format.flatMap(RowFormat.init(rawValue:))
        if named == nil { named = try guess(path, stream) }
        switch named ?? .jsonl {
        case .jsonl: return try JSONLines(stream, schema: schema, rows: rows, bytes: bytes)
        case .csv: return try CSVRows(stream, schema: schema, rows: rows, bytes: bytes)
        }
    }

    private static func guess(_ path: String, _ stream: InputStream) throws(SluiceError) -> RowFormat {
        let name = path.lowercased()
        if [".jsonl", ".ndjson", ".json"].contains(where: { name.hasSuffix($0) }) { return .jsonl }
        if [".csv", ".tsv", ".txt"].contains(where: { name.hasSuffix($0) }) { return .csv }
        let first = try stream.head(4096).first { !" \t\r\n".utf8.contains($0) }
        return first == nil || first == UInt8(ascii: "{") || first == UInt8(ascii: "[") ? .jsonl : .csv
    }
}

/// Bytes of a file or a pipe; what was looked at beforehand is kept until it has been read.
final class InputStream {
    private let descriptor: Int32
    /// What was read from the descriptor and may be read again, from offset 0.
    private var kept: [UInt8] = []
    private var keeps = true
    /// Bytes that came from the descriptor.
    private var arrived = 0

    /// - Throws: `usage`.
    init(_ path: String) throws(SluiceError) {
        descriptor = path == "-" ? dup(0) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure() }
    }

    deinit { close(descriptor) }

    private static func failure() -> SluiceError {
        SluiceError(
            .usage, "FILE cannot be read: \(String(cString: strerror(errno))).",
            hint: "Check the path of FILE and its permissions.")
    }

    /// Reads on at an offset, which lies in what is kept or right behind what was read last.
    ///
    /// - Returns: how many bytes; 0 at the end.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(SluiceError) -> Int {
        if offset < kept.count {
            let count = min(buffer.count, kept.count - offset)
            kept.withUnsafeBytes {
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + count]))
            }
            return count
        }
        guard offset == arrived else {
            throw SluiceError(.usage, "FILE cannot be read from its middle.")
        }
        let descriptor = descriptor
        let got = Files.retrying { Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
        guard got >= 0 else { throw Self.failure() }
        arrived += got
        if keeps { kept += UnsafeRawBufferPointer(rebasing: buffer[0..<got]) }
        return got
    }

    /// The beginning, up to `count` bytes, without reading it away.
    func head(_ count: Int) throws(SluiceError) -> ArraySlice<UInt8> {
        var block = [UInt8](repeating: 0, count: count)
        while kept.count < count {
            let outcome: Result<Int, SluiceError> = block.withUnsafeMutableBytes { buffer in
                do throws(SluiceError) { return .success(try read(at: arrived, into: buffer)) } catch {
                    return .failure(error)
                }
            }
            if try outcome.get() == 0 { break }
        }
        return kept.prefix(count)
    }

    /// From now on bytes are read in order, each once.
    func stopKeeping() { keeps = false }
}

/// JSON Lines: an object a line.
final class JSONLines: RowSource {
    /// Largest line, in bytes.
    static let lineLimit = 256 << 20
    private static let block = 1 << 20

    private let stream: InputStream
    private let schema: Schema
    private let columns: [JSONColumn]
    private let rowLimit: Int
    private let byteLimit: Int
    private var buffer: [UInt8] = []
    /// Of `buffer`: what was not taken yet.
    private var pending = 0..<0
    /// Of `pending`: up to here there is no line feed.
    private var searched = 0
    private var offset = 0
    private var isAtEnd = false
    private var number = 0
    private var seen: [Bool]
    /// What ends the reading behind the rows in hand.
    private var failure: SluiceError?

    init(_ stream: InputStream, schema: Schema, rows: Int, bytes: Int) throws(SluiceError) {
        if let field = schema.fields.first(where: { $0.type == .binary }) {
            throw SluiceError(
                .dslInput, "Column \(field.name) is binary, which JSON Lines have no form for.",
                hint: "Declare it as text, or leave it out.")
        }
        self.stream = stream
        self.schema = schema
        columns = schema.fields.map { JSONColumn($0.type) }
        seen = schema.fields.map { _ in false }
        rowLimit = rows
        byteLimit = bytes
        stream.stopKeeping()
    }

    var unseen: [String] { zip(schema.fields, seen).filter { !$1 }.map(\.0.name) }

    func next() throws(SluiceError) -> InputRows? {
        if let failure { throw failure }
        var count = 0
        var bytes = 0
        var mistakes: [Int: InputRows.Mistake] = [:]
        do throws(SluiceError) {
            while count < rowLimit, bytes < byteLimit, let line = try line() {
                number += 1
                guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { continue }
                let members = try members(line)
                bytes += line.count
                mistakes[count] = row(members)
                count += 1
            }
        } catch {
            // The rows in front of the line are made first.
            guard count > 0 else { throw error }
            failure = error
        }
        guard count > 0 else { return nil }
        let batch = Batch(schema: schema, columns: columns.map { $0.finish() }, rowCount: count)
        return InputRows(batch: batch, mistakes: mistakes)
    }

    private func members(_ line: ArraySlice<UInt8>) throws(SluiceError) -> [String: JSON] {
        let hint = #"JSON Lines are one object a line: {"name":"Ada","born":"1815-12-10"}."#
        let json: JSON
        do { json = try JSONParser.parseBytes(Array(line)) } catch {
            throw SluiceError(
                .dslInput, "Line \(number) is not a row: \(error.reason) at byte \(error.offset) of it.", hint: hint)
        }
        guard let members = json.objectValue else {
            throw SluiceError(.dslInput, "Line \(number) is not a row: it is no object.", hint: hint)
        }
        return members
    }

    private func row(_ members: [String: JSON]) -> InputRows.Mistake? {
        var mistake: InputRows.Mistake?
        for (place, field) in schema.fields.enumerated() {
            let value = members[field.name]
            if value != nil { seen[place] = true }
            if !columns[place].append(value), mistake == nil {
                mistake = InputRows.Mistake(code: "INPUT_TYPE", column: field.name)
            }
        }
        return mistake
    }

    /// The next line without its end; nil at the end.
    private func line() throws(SluiceError) -> ArraySlice<UInt8>? {
        while true {
            if let end = buffer[searched..<pending.upperBound].firstIndex(of: 0x0A) {
                defer {
                    pending = end + 1..<pending.upperBound
                    searched = end + 1
                }
                return buffer[pending.lowerBound..<end]
            }
            searched = pending.upperBound
            if isAtEnd {
                defer { pending = pending.upperBound..<pending.upperBound }
                return pending.isEmpty ? nil : buffer[pending]
            }
            guard pending.count <= Self.lineLimit else {
                throw SluiceError(
                    .dslInput, "Line \(number + 1) is longer than \(Self.lineLimit >> 20) MiB.", hint: "Split the row.")
            }
            try fill()
        }
    }

    private func fill() throws(SluiceError) {
        if pending.lowerBound > 0 {
            buffer.removeSubrange(0..<pending.lowerBound)
            pending = 0..<pending.count
            searched = pending.upperBound
        }
        if buffer.count < pending.upperBound + Self.block {
            buffer.append(contentsOf: repeatElement(0, count: max(Self.block, buffer.count)))
        }
        let start = pending.upperBound
        let at = offset
        let outcome: Result<Int, SluiceError> = buffer.withUnsafeMutableBytes { bytes in
            do throws(SluiceError) {
                return .success(
                    try stream.read(at: at, into: UnsafeMutableRawBufferPointer(rebasing: bytes[start...])))
            } catch {
                return .failure(error)
            }
        }
        let got = try outcome.get()
        offset += got
        pending = pending.lowerBound..<pending.upperBound + got
        isAtEnd = got == 0
    }
}
