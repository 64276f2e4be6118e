/// LTSV, labeled tab-separated values (http://ltsv.org): one record a line, fields `label:value` with tabs between them.
///
/// The labels of the first record are the columns. A later record may have them in any order and leave some out, which are
/// null then; one with another label, a label twice or a field without a colon is rejected. Blank lines are no records.
enum LTSV {
    /// Bytes that are read at once.
    static let block = 256 << 10
    /// A longer line is rejected, and skipped without being kept.
    static let longestLine = 1 << 20
    static let mostColumns = 4096
    static let reserved = ["sluice.line", "sluice.byte_offset", "sluice.reject"]

    /// Why a record is rejected (connector.h).
    enum Reject: String, Error {
        case raggedRow = "RAGGED_ROW"
        case invalidEncoding = "INVALID_ENCODING"
        case cellTooLarge = "CELL_TOO_LARGE"
    }

    /// Why a source gives no columns, in words that follow "its first record" or stand alone.
    struct NoColumns: Error, Equatable {
        let reason: String
    }

    /// One line that is not blank, without its end.
    struct Line {
        /// Counted from 1, blank lines too.
        let number: Int64
        /// Of the line's first byte in the source.
        let offset: UInt64
        /// Empty when the line is too long.
        let bytes: ArraySlice<UInt8>
        let isTooLong: Bool
    }

    /// The labels of the first record.
    static func columns(of line: Line) throws(NoColumns) -> [String] {
        if line.isTooLong { throw NoColumns(reason: "its first record is longer than 1 MiB") }
        guard let text = String(validating: line.bytes, as: UTF8.self) else {
            throw NoColumns(reason: "its first record is not UTF-8")
        }
        var columns: [String] = []
        for field in fields(of: text) {
            guard let (label, _) = field else {
                throw NoColumns(reason: "a field of its first record is not label:value")
            }
            guard columns.count < mostColumns else {
                throw NoColumns(reason: "its first record has more than 4,096 fields")
            }
            guard label.utf8.allSatisfy({ $0 >= UInt8(ascii: " ") }) else {
                throw NoColumns(reason: "a label of its first record has a control character")
            }
            guard !columns.contains(where: { isSame($0, label) }) else {
                throw NoColumns(reason: "its first record has a label twice")
            }
            guard !reserved.contains(where: { isSame($0, label) }) else {
                throw NoColumns(reason: "a label is a reserved name (\(reserved.joined(separator: ", ")))")
            }
            columns.append(String(label))
        }
        return columns
    }

    /// The values of a record, one a column; nil for one that it leaves out.
    static func values(of line: Line, columns: [String]) throws(Reject) -> [Substring?] {
        if line.isTooLong { throw .cellTooLarge }
        guard let text = String(validating: line.bytes, as: UTF8.self) else { throw .invalidEncoding }
        var values = [Substring?](repeating: nil, count: columns.count)
        for (place, field) in fields(of: text).enumerated() {
            guard let (label, value) = field else { throw .raggedRow }
            // Mostly a record has its labels in the order of the first one.
            let isThere = place < columns.count && isSame(columns[place], label)
            let found = isThere ? place : columns.firstIndex { isSame($0, label) }
            guard let found, values[found] == nil else { throw .raggedRow }
            values[found] = value
        }
        return values
    }

    /// Label and value of each field; nil for one without a label. Bytes are what counts: `é` in two scalars is another.
    private static func fields(of text: String) -> some Sequence<(Substring, Substring)?> {
        text.utf8.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).lazy.map { field in
            guard let colon = field.firstIndex(of: UInt8(ascii: ":")), colon > field.startIndex else { return nil }
            return (Substring(field[..<colon]), Substring(field[field.index(after: colon)...]))
        }
    }

    private static func isSame(_ column: String, _ label: Substring) -> Bool { column.utf8.elementsEqual(label.utf8) }
}

/// Cuts a source into lines.
struct LTSVReader<Failure: Error> {
    /// Copies bytes at an offset and returns how many: 0 at the end.
    typealias Read = (UInt64, UnsafeMutableRawBufferPointer) throws(Failure) -> Int

    private let read: Read
    private var buffer: [UInt8] = []
    private var start = 0
    /// Of the buffer's first byte in the source.
    private var offset: UInt64 = 0
    private var number: Int64 = 0
    private var isAtEnd = false

    init(_ read: @escaping Read) { self.read = read }

    /// The next line; nil at the end.
    mutating func next() throws(Failure) -> LTSV.Line? {
        while true {
            let began = offset + UInt64(start)
            var searched = start
            var dropped = 0
            var feed = buffer[searched...].firstIndex(of: UInt8(ascii: "\n"))
            // Reading on as long as the end is not there. Of a line that is too long only the end is sought.
            while feed == nil, !isAtEnd {
                searched = buffer.count - start
                if searched + dropped > LTSV.longestLine {
                    dropped += searched
                    start = buffer.count
                    searched = 0
                }
                try fill()
                feed = buffer[searched...].firstIndex(of: UInt8(ascii: "\n"))
            }
            let stop = feed ?? buffer.count
            if feed == nil, stop == start, dropped == 0 { return nil }
            number += 1
            let isTooLong = dropped + stop - start > LTSV.longestLine
            var line = buffer[(isTooLong ? stop : start)..<stop]
            start = feed == nil ? stop : stop + 1
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            if isTooLong || !line.isEmpty {
                return LTSV.Line(number: number, offset: began, bytes: line, isTooLong: isTooLong)
            }
        }
    }

    private mutating func fill() throws(Failure) {
        buffer.removeFirst(start)
        offset += UInt64(start)
        start = 0
        let end = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: LTSV.block))
        var outcome: Result<Int, Failure> = .success(0)
        buffer.withUnsafeMutableBytes { bytes in
            do throws(Failure) {
                outcome = .success(
                    try read(offset + UInt64(end), UnsafeMutableRawBufferPointer(rebasing: bytes[end...])))
            } catch {
                outcome = .failure(error)
            }
        }
        let got = try outcome.get()
        buffer.removeLast(LTSV.block - min(got, LTSV.block))
        isAtEnd = got == 0
    }
}
