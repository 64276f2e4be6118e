public import Foundations

/// Where a table is: `csv:path`, `sqlite:path#table`, `postgres://host:port/db#schema.table`, a bare path, or
/// `scheme:path#table` with a scheme that a plugin reads.
///
/// A password in a URI is refused without being echoed; contracts carry `secret_ref` instead.
public struct DataLocation: Sendable, Equatable {
    /// How the table is reached.
    public enum Scheme: Sendable, Hashable {
        case csv, parquet, sqlite, postgres
        /// A file of a format that a connector's manifest names; whether there is one is not known here.
        case plugin(String)

        /// Those that the program knows by itself.
        public static let own: [Scheme] = [.csv, .parquet, .sqlite, .postgres]

        /// What no plugin may call its format: our own words, and those that mean something else everywhere.
        public static let reserved = Set(own.map(\.name)).union([
            "data", "env", "file", "ftp", "ftps", "http", "https", "postgresql", "secret", "sftp", "store",
        ])

        /// As it stands in front of the colon.
        public var name: String {
            switch self {
            case .csv: "csv"
            case .parquet: "parquet"
            case .sqlite: "sqlite"
            case .postgres: "postgres"
            case .plugin(let name): name
            }
        }

        /// Any word that may be a scheme, in either case; nil for a reserved one that the program cannot read.
        public init?(name: String) {
            let name = name.lowercased()
            if let own = Self.own.first(where: { $0.name == name }) {
                self = own
            } else if Self.isWord(name), !Self.reserved.contains(name) {
                self = .plugin(name)
            } else {
                return nil
            }
        }

        /// 2 to 16 of a–z and 0–9, a letter first: a drive's letter is none.
        public static func isWord(_ text: String) -> Bool {
            let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
            guard let first = text.utf8.first, letters.contains(first), (2...16).contains(text.utf8.count) else {
                return false
            }
            return text.utf8.allSatisfy {
                letters.contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            }
        }

        /// The contract's `source.type`.
        public var sourceType: String {
            switch self {
            case .csv, .parquet, .plugin: "file"
            case .sqlite, .postgres: "sql"
            }
        }

        /// Whether a location may name a table behind `#`.
        var hasTables: Bool { self != .csv && self != .parquet }
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
    /// - Parameters:
    ///   - content: the first bytes of a file, to guess what a bare path is; nil when it cannot be read.
    ///   - isFile: whether a file has exactly this name; then `word:rest` is a bare path, unless the word is our own.
    /// - Throws: `location.invalid`, or `contract.password` when the URI carries one.
    public init(
        uri: String, content: (String) -> [UInt8]? = { _ in nil }, isFile: (String) -> Bool = { _ in false }
    ) throws(SluiceError) {
        guard !Self.carriesPassword(uri) else {
            throw SluiceError(.contractPassword, "The location carries a password; it was not stored or shown.")
        }
        guard !uri.isEmpty else { throw SluiceError(.locationInvalid, "The location is empty.") }
        let parts = uri.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, let scheme = Self.scheme(parts[0], rest: parts[1], isFile: isFile(uri)) {
            let rest = String(parts[1])
            let (path, table) = scheme.hasTables ? Self.split(rest) : (rest, nil)
            guard !path.isEmpty else {
                throw SluiceError(.locationInvalid, "The location \(scheme.name): names no path.")
            }
            self.init(scheme: scheme, path: path, table: table)
            return
        }
        if parts.count == 2, parts[1].hasPrefix("//") || Scheme.reserved.contains(parts[0].lowercased()) && !isFile(uri)
        {
            throw SluiceError(
                .locationInvalid, "The scheme \(parts[0].lowercased()): is not one that a source or target can have.")
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

    public var uri: String {
        // An empty table keeps a # of the path from being taken for one.
        let mark = table ?? (scheme.hasTables && path.contains("#") ? "" : nil)
        return "\(scheme.name):\(path)\(mark.map { "#\($0)" } ?? "")"
    }

    /// Nil for a bare path, and for a scheme with an authority (`//`) that is not our own.
    private static func scheme(_ word: Substring, rest: Substring, isFile: Bool) -> Scheme? {
        guard let scheme = Scheme(name: String(word)) else { return nil }
        guard case .plugin = scheme else { return scheme }
        return isFile || rest.hasPrefix("//") ? nil : scheme
    }

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
        let scheme = Scheme.own.first { $0.name == parts[0].lowercased() }
        let rest = parts[1]
        // A file's own name may hold both signs; only the authority of a URI names a user there.
        if let scheme, scheme != .postgres, !rest.hasPrefix("//") { return false }
        guard scheme != nil || rest.hasPrefix("//") else { return false }
        // A password may itself hold / ? # or @, unescaped: everything up to the last @ counts.
        guard let at = rest.lastIndex(of: "@") else { return false }
        return rest[..<at].contains(":")
    }
}
