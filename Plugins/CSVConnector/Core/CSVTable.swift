/// What was found out about a source: its encoding, its dialect and its columns.
public struct CSVTable: Sendable {
    public let encoding: SourceEncoding
    public let dialect: Dialect
    public let hasHeader: Bool
    /// One name a column, all different.
    public let columnNames: [String]
    /// Where the records that are rows begin: offset in the source, and line from 1.
    public let dataOffset: UInt64
    public let dataLine: Int64

    /// Names that the host keeps for the columns behind the source's own (connector.h).
    static let reservedNames: Set<String> = ["sluice.line", "sluice.byte_offset", "sluice.reject"]

    /// Look at the beginning of a source; the bytes may end right behind the header record.
    public init(read: @escaping ReadAt, options: CSVOptions, limits: CSVLimits = CSVLimits()) throws(CSVFailure) {
        let sample = try CSVTable.sample(read)
        let found = try CSVTable.withBytes(sample.bytes) { bytes throws(CSVFailure) in
            try EncodingDetector.detect(bytes, isWhole: sample.isWhole, override: options.encoding)
        }
        encoding = found.encoding
        let text = CSVTable.text(sample.bytes.dropFirst(found.markBytes), found.encoding, isWhole: sample.isWhole)
        let dialect = text.bytes.withUnsafeBytes { bytes in
            DialectSniffer(text: bytes, isWhole: text.isWhole).sniff(options)
        }
        self.dialect = dialect
        hasHeader =
            options.hasHeader
            ?? text.bytes.withUnsafeBytes { HeaderDetector(dialect: dialect).hasHeader($0, isWhole: text.isWhole) }

        let window = TextWindow(
            read: read, encoding: found.encoding, offset: UInt64(found.markBytes), blockBytes: limits.blockBytes)
        let first = try CSVTable.firstRecord(window, RecordSplitter(dialect: dialect), limits: limits)
        if hasHeader {
            columnNames = try CSVTable.names(first.values)
            dataOffset = UInt64(found.markBytes) + UInt64(first.sourceBytes)
            dataLine = 1 + Int64(first.lineEnds)
        } else {
            columnNames = first.values.indices.map { "column_\($0 + 1)" }
            dataOffset = UInt64(found.markBytes)
            dataLine = 1
        }
    }

    /// A table that needs no looking at its source; `names` differ, and the text is UTF-8.
    public static func fixed(_ dialect: Dialect, names: [String], dataOffset: UInt64, dataLine: Int64) -> CSVTable {
        CSVTable(dialect: dialect, columnNames: names, dataOffset: dataOffset, dataLine: dataLine)
    }

    private init(dialect: Dialect, columnNames: [String], dataOffset: UInt64, dataLine: Int64) {
        encoding = .utf8
        self.dialect = dialect
        hasHeader = dataOffset > 0
        self.columnNames = columnNames
        self.dataOffset = dataOffset
        self.dataLine = dataLine
    }

    /// The positions of wanted columns; throws "column:" for a name that is absent or wanted twice.
    public func positions(of names: [String]?) throws(CSVFailure) -> [Int] {
        guard let names else { return Array(columnNames.indices) }
        var positions: [Int] = []
        for (index, name) in names.enumerated() {
            guard let position = columnNames.firstIndex(of: name), !positions.contains(position) else {
                throw CSVFailure("column: The source has no column for entry \(index + 1), or it is named twice.")
            }
            positions.append(position)
        }
        return positions
    }

    private static func sample(_ read: ReadAt) throws(CSVFailure) -> (bytes: [UInt8], isWhole: Bool) {
        var bytes = [UInt8](repeating: 0, count: EncodingDetector.sampleBytes)
        var count = 0
        while count < bytes.count {
            let outcome: Result<Int, CSVFailure> = bytes.withUnsafeMutableBytes { buffer in
                let place = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
                do throws(CSVFailure) { return .success(try read(UInt64(count), place)) } catch {
                    return .failure(error)
                }
            }
            let got = try outcome.get()
            if got == 0 { return (Array(bytes.prefix(count)), true) }
            count += got
        }
        return (bytes, false)
    }

    private static func withBytes<Value>(
        _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(CSVFailure) -> Value
    ) throws(CSVFailure) -> Value {
        let outcome: Result<Value, CSVFailure> = bytes.withUnsafeBytes { buffer in
            do throws(CSVFailure) { return .success(try body(buffer)) } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    /// The beginning of the source as UTF-8, enough of it for the sniffer.
    private static func text(
        _ bytes: ArraySlice<UInt8>, _ encoding: SourceEncoding, isWhole: Bool
    ) -> (bytes: [UInt8], isWhole: Bool) {
        let head = bytes.prefix(DialectSniffer.sampleBytes * 2)
        let isWholeHead = isWhole && head.count == bytes.count
        if encoding == .utf8 { return (Array(head), isWholeHead) }
        let room = Transcoder.room(for: head.count)
        let text = [UInt8](unsafeUninitializedCapacity: room) { out, count in
            head.withUnsafeBytes { source in
                guard let base = out.baseAddress else { return }
                count =
                    Transcoder(encoding: encoding).transcode(source, isFinal: isWholeHead, to: base).written
            }
        }
        return (text, isWholeHead)
    }

    /// The first record that is not blank: its cells, and the source bytes and line ends up to its end.
    private static func firstRecord(
        _ window: TextWindow, _ splitter: RecordSplitter, limits: CSVLimits
    ) throws(CSVFailure) -> (values: [[UInt8]?], sourceBytes: Int, lineEnds: Int) {
        var passed = (bytes: 0, lines: 0)
        var at = 0
        while true {
            guard at < window.end || !window.isFinal else {
                throw CSVFailure("empty: The source holds no record.")
            }
            guard let record = splitter.record(in: window.text, at: at, isFinal: window.isFinal) else {
                guard window.end - at <= limits.recordBytes else {
                    throw CSVFailure("header: The first record is longer than \(limits.recordBytes) bytes.")
                }
                try window.fill(keepingFrom: at)
                at = 0
                continue
            }
            let own = UnsafeRawBufferPointer(rebasing: window.text[at..<record.end])
            passed.bytes += window.transcoder.sourceBytes(of: own)
            passed.lines += own.count(where: { $0 == splitter.dialect.lineEnding.byte })
            at = record.end
            if record.isBlank { continue }
            guard !record.isUnclosed else {
                throw CSVFailure("header: A quote in the first record is never closed.")
            }
            return (record.cells.map { splitter.value($0, in: window.text) }, passed.bytes, passed.lines)
        }
    }

    /// The names of a header record: trimmed, none empty; throws when two are the same.
    private static func names(_ cells: [[UInt8]?]) throws(CSVFailure) -> [String] {
        var names: [String] = []
        var positions: [String: [Int]] = [:]
        for (index, cell) in cells.enumerated() {
            guard let text = String(validating: cell ?? [], as: UTF8.self) else {
                throw CSVFailure("encoding: The name of column \(index + 1) is not well-formed; set \"encoding\".")
            }
            let name = trimmed(text)
            names.append(name)
            guard !name.isEmpty else { continue }
            if reservedNames.contains(name) {
                throw CSVFailure("reserved_column: \(index + 1)")
            }
            positions[name, default: []].append(index + 1)
        }
        let repeated = positions.values.filter { $0.count > 1 }.min { $0[0] < $1[0] }
        if let repeated {
            throw CSVFailure("duplicate_column: " + repeated.map(String.init).joined(separator: ", "))
        }
        for index in names.indices where names[index].isEmpty {
            var name = "column_\(index + 1)"
            while positions[name] != nil { name += "_" }
            positions[name] = [index + 1]
            names[index] = name
        }
        return names
    }

    private static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars
        let isSpace = { (scalar: Unicode.Scalar) in scalar.properties.isWhitespace || scalar == "\u{FEFF}" }
        guard let first = scalars.firstIndex(where: { !isSpace($0) }),
            let last = scalars.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(scalars[first...last])
    }
}
