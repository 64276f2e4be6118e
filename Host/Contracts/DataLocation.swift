public import Foundations

/// Where a table is: `csv:path`, `sqlite:path#table`, `postgres://host:port/db#schema.table`, or a bare path.
///
/// A password in a URI is refused without being echoed; contracts carry `secret_ref` instead.
public struct DataLocation: Sendable, Equatable {
    /// How the table is reached.
    public enum Scheme: String, Sendable, CaseIterable {
        case csv, parquet, sqlite, postgres

        /// The contract's `source.type`.
        public var sourceType: String { self == .csv || self == .parquet ? "file" : "sql" }
    }

    public let scheme: Scheme
    /// The path of a file, or what stands behind `postgres:`.
    public let path: String
    /// The table, or nil when none was named.
    public let table: String?

    public init(scheme: Scheme, path: String, table: String?) {
        self.scheme = scheme
        self.path = path
        self.table = table
    }

    /// Reads a URI.
    ///
    /// - Parameter content: the first bytes of a file, to guess what a bare path is; nil when it cannot be read.
    /// - Throws: `location.invalid`, or `contract.password` when the URI carries one.
    public init(uri: String, content: (String) -> [UInt8]? = { _ in nil }) throws(SluiceError) {
        guard !Self.carriesPassword(uri) else {
            throw SluiceError(.contractPassword, "The location carries a password; it was not stored or shown.")
        }
        guard !uri.isEmpty else { throw SluiceError(.locationInvalid, "The location is empty.") }
        let parts = uri.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, let scheme = Scheme(rawValue: String(parts[0]).lowercased()) {
            let rest = String(parts[1])
            let (path, table) = scheme.sourceType == "sql" ? Self.split(rest) : (rest, nil)
            guard !path.isEmpty else {
                throw SluiceError(.locationInvalid, "The location \(scheme.rawValue): names no path.")
            }
            self.init(scheme: scheme, path: path, table: table)
            return
        }
        if parts.count == 2, parts[1].hasPrefix("//") {
            throw SluiceError(.locationInvalid, "The scheme \(parts[0]): is not known.")
        }
        let head = content(uri)
        if let head, head.starts(with: "SQLite format 3\0".utf8) {
            self.init(scheme: .sqlite, path: uri, table: nil)
        } else if let head, head.starts(with: "PAR1".utf8) {
            self.init(scheme: .parquet, path: uri, table: nil)
        } else {
            let (path, table) = Self.split(uri)
            if table != nil, let head = content(path), head.starts(with: "SQLite format 3\0".utf8) {
                self.init(scheme: .sqlite, path: path, table: table)
            } else {
                self.init(scheme: .csv, path: uri, table: nil)
            }
        }
    }

    /// The first bytes that a file of this name would have, for those who may not look.
    public static func head(ofName path: String) -> [UInt8]? {
        let name = path.lowercased()
        if [".db", ".sqlite", ".sqlite3"].contains(where: { name.hasSuffix($0) }) {
            return Array("SQLite format 3\0".utf8)
        }
        return name.hasSuffix(".parquet") ? Array("PAR1".utf8) : nil
    }

    public var uri: String { "\(scheme.rawValue):\(path)\(table.map { "#\($0)" } ?? "")" }

    private static func split(_ text: String) -> (path: String, table: String?) {
        guard let mark = text.lastIndex(of: "#") else { return (text, nil) }
        let table = String(text[text.index(after: mark)...])
        return (String(text[..<mark]), table.isEmpty ? nil : table)
    }

    /// Whether anything in a URI looks like a password. Errs on the side of refusing.
    private static func carriesPassword(_ uri: String) -> Bool {
        // password=, pwd=, passwd=: as a parameter of a URI or of a connection string, with blanks around the sign too.
        let compact = uri.lowercased().filter { $0 != " " && $0 != "\t" }
        if ["password=", "passwd=", "pwd=", "pgpass="].contains(where: { compact.contains($0) }) { return true }
        let parts = uri.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return false }
        let scheme = Scheme(rawValue: parts[0].lowercased())
        let rest = parts[1]
        // A file's own name may hold both signs; only the authority of a URI names a user there.
        if let scheme, scheme != .postgres, !rest.hasPrefix("//") { return false }
        guard scheme != nil || rest.hasPrefix("//") else { return false }
        // A password may itself hold / ? # or @, unescaped: everything up to the last @ counts.
        guard let at = rest.lastIndex(of: "@") else { return false }
        return rest[..<at].contains(":")
    }
}
