public import Foundations
internal import Glibc

/// What a database refused.
public struct DatabaseError: Error, Sendable, Equatable {
    /// The database's own result code (SQLite: the extended one).
    public let code: Int32
    /// The database's own message. May quote SQL text of ours; values are bound, so it holds none.
    public let message: String
    /// What was being done, for example `open` or `insert`.
    public let operation: String

    public init(code: Int32, message: String, operation: String) {
        self.code = code
        self.message = message
        self.operation = operation
    }

    /// SQLite's primary result code.
    public var primary: Int32 { code & 0xFF }
    /// Another connection holds the database (SQLITE_BUSY, SQLITE_LOCKED).
    public var isBusy: Bool { primary == 5 || primary == 6 }
    /// A constraint of the table was broken.
    public var isConstraint: Bool { primary == 19 }
    /// No room is left (SQLITE_FULL), or the file system failed (SQLITE_IOERR).
    public var isStorage: Bool { primary == 13 || primary == 10 }
    /// A writer was killed, and only somebody who may write can undo what it left (SQLITE_READONLY_ROLLBACK,
    /// SQLITE_READONLY_RECOVERY).
    public var needsRecovery: Bool { code == 776 || code == 264 }
    /// The file is not a database, or is damaged (SQLITE_NOTADB, SQLITE_CORRUPT).
    public var isCorrupt: Bool { primary == 26 || primary == 11 }
    /// A value does not have the type that a strict table wants (SQLITE_MISMATCH, SQLITE_CONSTRAINT_DATATYPE).
    public var isMismatch: Bool { primary == 20 || code == 3091 }

    /// As a user meets it, under the kind that the caller names.
    public func asError(_ kind: ErrorKind) -> SluiceError {
        SluiceError(kind, "\(operation): \(message) (SQLite \(code)).")
    }
}

extension Failpoint {
    /// Reaches a place of a step in a database; a refusal looks like the database's own.
    public static func database(_ step: Step, _ place: Place) throws(DatabaseError) {
        guard let number = hit(step, place) else { return }
        throw DatabaseError(
            code: number == ENOSPC ? 13 : 10,
            message: number == ENOSPC ? "database or disk is full" : "disk I/O error", operation: "write")
    }
}

/// Text of SQL that is made from names.
public enum SQLText {
    /// The one function that quotes an identifier.
    ///
    /// Bytes, not characters: a quote under a combining mark is one character with it, and ends a name all the same. A
    /// name with a NUL cannot be quoted; SQL that holds one is refused where it is run.
    public static func identifier(_ name: String) -> String {
        let quote = UInt8(ascii: "\"")
        var quoted: [UInt8] = [quote]
        quoted.reserveCapacity(name.utf8.count + 2)
        for byte in name.utf8 {
            if byte == quote { quoted.append(quote) }
            quoted.append(byte)
        }
        quoted.append(quote)
        return String(decoding: quoted, as: UTF8.self)
    }

    /// `?, ?, …`
    public static func parameters(_ count: Int) -> String { repeatElement("?", count: count).joined(separator: ", ") }
}
