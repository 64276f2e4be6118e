/// Why a source cannot be read as CSV at all; single bad records are rejected rows, not failures.
///
/// `message` holds no value of a cell. Its first word is stable: "binary:", "empty:", "encoding:", "header:",
/// "duplicate_column:", "reserved_column:", "column:" or "config:".
public struct CSVFailure: Error, CustomStringConvertible {
    public let message: String
    /// What the source's reader threw, passed through as it was.
    public let underlying: (any Error)?

    public init(_ message: String) {
        self.message = message
        underlying = nil
    }

    public init(underlying: any Error) {
        message = "The source could not be read."
        self.underlying = underlying
    }

    public var description: String { message }
}

/// Copies bytes at an offset of the source into a buffer and returns how many; 0 means the end.
public typealias ReadAt = (UInt64, UnsafeMutableRawBufferPointer) throws(CSVFailure) -> Int

/// Why a record became a rejected row (connector.h).
public enum RejectReason: String, Sendable, CaseIterable {
    case raggedRow = "RAGGED_ROW"
    case invalidEncoding = "INVALID_ENCODING"
    case unclosedQuote = "UNCLOSED_QUOTE"
    case cellTooLarge = "CELL_TOO_LARGE"
}

/// Bounds that keep memory in hand whatever the source holds.
public struct CSVLimits: Sendable {
    /// Bytes that are read at once.
    public var blockBytes: Int
    /// Decoded bytes of one cell; a larger one rejects its record.
    public var cellBytes: Int
    /// UTF-8 bytes of one record with its quotes; a larger one is rejected without being held.
    public var recordBytes: Int
    /// A batch ends once its records have this many bytes.
    public var batchBytes: Int

    public init(
        blockBytes: Int = 1 << 20, cellBytes: Int = 64 << 20, recordBytes: Int = 128 << 20, batchBytes: Int = 16 << 20
    ) {
        self.blockBytes = max(1, blockBytes)
        self.cellBytes = cellBytes
        self.recordBytes = recordBytes
        self.batchBytes = batchBytes
    }
}
