/// One event of a stream of server-sent events.
public struct ServerEvent: Equatable, Sendable {
    /// `message` when the server gave none.
    public var name: String
    /// The values of all `data` fields with a line feed between them; undecoded.
    public var data: [UInt8]
    /// The last `id` of the stream, "" before there was one.
    public var id: String

    public init(name: String = "message", data: [UInt8], id: String = "") {
        self.name = name
        self.data = data
        self.id = id
    }
}

/// Reads server-sent events (WHATWG HTML, 9.2) from bytes as they come: any split gives the same events.
///
/// Lines end with CR, LF or CRLF; a BOM in front is dropped; comments are passed over. What is longer than the limits is
/// QUARANTINE_REQUIRED, and the parser is of no use afterwards.
public struct EventParser: Sendable {
    /// Bytes of one line, and of one event's data.
    private let limit: Int
    private var line: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    private var name = ""
    private var id = ""
    private var afterCarriageReturn = false
    /// Bytes of a BOM that were seen at the very beginning; nil behind it.
    private var marks: Int? = 0
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// The wait before a reconnection that the server asked for; nobody reconnects here.
    public private(set) var retryMilliseconds: Int?

    public init(limit: Int = 16 << 20) { self.limit = limit }

    /// The events that these bytes complete.
    public mutating func feed(_ bytes: some Sequence<UInt8>) throws(Failure) -> [ServerEvent] {
        var events: [ServerEvent] = []
        _ = try feed(bytes) { (event) throws(Failure) -> Bool in
            events.append(event)
            return true
        }
        return events
    }

    /// Hands over each event that these bytes complete, so that a server's many small ones are never held together.
    ///
    /// - Parameter take: false when it needs no more; the parser is then of no use any more.
    /// - Returns: whether all of the bytes were read.
    public mutating func feed(
        _ bytes: some Sequence<UInt8>, each take: (ServerEvent) throws(Failure) -> Bool
    ) throws(Failure) -> Bool {
        for byte in bytes {
            if let seen = marks {
                if byte == Self.mark[seen] {
                    marks = seen == 2 ? nil : seen + 1
                    continue
                }
                // It was none: what was held back is the beginning of a line.
                marks = nil
                line.append(contentsOf: Self.mark[0..<seen])
            }
            if byte == 0x0A, afterCarriageReturn {
                afterCarriageReturn = false
                continue
            }
            afterCarriageReturn = byte == 0x0D
            guard byte == 0x0A || byte == 0x0D else {
                guard line.count < limit else { throw .oversize("a line of the stream") }
                line.append(byte)
                continue
            }
            if let event = try endLine(), try !take(event) { return false }
        }
        return true
    }

    /// What stands behind the last empty line: an event that the server did not finish.
    ///
    /// Browsers drop it. It is given here because some servers leave out the last empty line; the caller takes it only
    /// when its data is whole.
    public mutating func finish() throws(Failure) -> ServerEvent? {
        if let seen = marks, seen > 0 { line.append(contentsOf: Self.mark[0..<seen]) }
        marks = nil
        if !line.isEmpty { _ = try endLine() }
        return dispatch()
    }

    private mutating func endLine() throws(Failure) -> ServerEvent? {
        guard !line.isEmpty else { return dispatch() }
        // No event holds the line itself, so its storage may serve the next one.
        defer { line.removeAll(keepingCapacity: true) }
        let colon = line.firstIndex(of: UInt8(ascii: ":"))
        if colon == 0 { return nil }
        let field = line[0..<(colon ?? line.count)]
        var value = line[(colon.map { $0 + 1 } ?? line.count)...]
        if value.first == 0x20 { value = value.dropFirst() }
        if field.elementsEqual("data".utf8) {
            guard data.count + value.count < limit else { throw .oversize("an event of the stream") }
            if hasData { data.append(0x0A) }
            hasData = true
            data.append(contentsOf: value)
        } else if field.elementsEqual("event".utf8) {
            name = String(decoding: value, as: UTF8.self)
        } else if field.elementsEqual("id".utf8) {
            if !value.contains(0) { id = String(decoding: value, as: UTF8.self) }
        } else if field.elementsEqual("retry".utf8) {
            let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
            if !value.isEmpty, value.allSatisfy({ digits.contains($0) }) {
                retryMilliseconds = Int(String(decoding: value, as: UTF8.self)) ?? retryMilliseconds
            }
        }
        return nil
    }

    private mutating func dispatch() -> ServerEvent? {
        defer {
            // Not with its capacity kept: the event has the storage, and a new one of that size would be made for each.
            data = []
            hasData = false
            name = ""
        }
        return hasData ? ServerEvent(name: name.isEmpty ? "message" : name, data: data, id: id) : nil
    }
}

/// Reads lines of JSON (NDJSON) from bytes as they come: any split gives the same lines. Empty lines are passed over.
public struct LineParser: Sendable {
    private let limit: Int
    private var line: [UInt8] = []

    public init(limit: Int = 16 << 20) { self.limit = limit }

    /// The lines that these bytes complete, without their ends.
    public mutating func feed(_ bytes: some Sequence<UInt8>) throws(Failure) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        try feed(bytes) { (line) throws(Failure) in lines.append(line) }
        return lines
    }

    /// Hands over each line that these bytes complete.
    public mutating func feed(
        _ bytes: some Sequence<UInt8>, each take: ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        for byte in bytes {
            guard byte == 0x0A else {
                guard line.count < limit else { throw .oversize("a line of the stream") }
                line.append(byte)
                continue
            }
            if let whole = endLine() { try take(whole) }
        }
    }

    /// What stands behind the last line feed; whole if it is JSON.
    public mutating func finish() -> [UInt8]? { endLine() }

    private mutating func endLine() -> [UInt8]? {
        // The caller has the storage: keeping its capacity would make every later line as big as the longest.
        defer { line = [] }
        if line.last == 0x0D { line.removeLast() }
        return line.allSatisfy { $0 == 0x20 || $0 == 0x09 } ? nil : line
    }
}
