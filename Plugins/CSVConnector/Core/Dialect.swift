/// How the records of a source are written.
public struct Dialect: Equatable, Sendable {
    /// How a quote inside a quoted cell is written.
    public enum Escape: Equatable, Sendable {
        /// Twice (RFC 4180).
        case doubled
        /// Behind a backslash, or twice.
        case backslash
    }

    /// What ends a record.
    public enum LineEnding: String, Equatable, Sendable {
        /// Line feed; a carriage return before it does not belong to the cell.
        case lf
        /// Read like `lf`; only the description differs.
        case crlf
        /// Carriage return.
        case cr

        var byte: UInt8 { self == .cr ? 0x0D : 0x0A }
    }

    /// An ASCII byte; nil when every record is one cell.
    public var delimiter: UInt8?
    /// An ASCII byte; nil when quotes are ordinary text.
    public var quote: UInt8?
    public var escape: Escape
    public var lineEnding: LineEnding

    public init(
        delimiter: UInt8? = UInt8(ascii: ","), quote: UInt8? = UInt8(ascii: "\""), escape: Escape = .doubled,
        lineEnding: LineEnding = .lf
    ) {
        self.delimiter = delimiter
        self.quote = quote
        self.escape = escape
        self.lineEnding = lineEnding
    }
}

/// What the user knows better than the sniffer; nil means: find out.
public struct CSVOptions: Equatable, Sendable {
    /// `.some(nil)`: every record is one cell.
    public var delimiter: UInt8??
    /// `.some(nil)`: quotes are ordinary text.
    public var quote: UInt8??
    public var encoding: SourceEncoding?
    public var hasHeader: Bool?

    public init(
        delimiter: UInt8?? = nil, quote: UInt8?? = nil, encoding: SourceEncoding? = nil, hasHeader: Bool? = nil
    ) {
        self.delimiter = delimiter
        self.quote = quote
        self.encoding = encoding
        self.hasHeader = hasHeader
    }
}
