public import Contracts
public import Foundations

/// The one database that a connector is to read: the host connects to it and hands the connection over.
///
/// The plugin is told the names and the password too, because its own library signs in: it learns no more than its own
/// source's. Its description shows no password.
public struct RelayTarget: Sendable, CustomStringConvertible, CustomReflectable {
    /// Where the server listens.
    public enum Place: Sendable, Equatable {
        /// A name, which is resolved once, or an address.
        case tcp(host: String, port: Int)
        /// The folder of a server's socket, as PostgreSQL names it: `FOLDER/.s.PGSQL.PORT`.
        case unix(folder: String, port: Int)
    }

    /// How the plugin's library is told to protect what it sends; the bytes go through the relay as they are.
    public enum Encryption: Sendable, Equatable {
        case none
        /// TLS with whoever answers: against listeners, not against a server in the middle.
        case required
        /// TLS, with the server's name checked against a certificate that one of these authorities signed: the absolute
        /// path of a PEM file that every user may read.
        case verified(authorities: String)
    }

    public let `protocol`: RelayProtocol
    public let place: Place
    public let database: String
    public let user: String
    public let encryption: Encryption
    /// Seconds until the connection must stand, over all of the server's addresses.
    public var connectSeconds: Double = 10
    let password: String?

    public init(
        _ protocol: RelayProtocol = .postgres, at place: Place, database: String, user: String,
        password: String? = nil, encryption: Encryption = .required
    ) {
        self.protocol = `protocol`
        self.place = place
        self.database = database
        self.user = user
        self.password = password
        self.encryption = encryption
    }

    /// The server and the database of a location `postgres://[USER@]HOST[:PORT]/DATABASE`.
    ///
    /// - Throws: `location.invalid` for a location of another scheme or form, or when nobody names a user.
    public init(
        _ location: DataLocation, user: String? = nil, password: String? = nil, encryption: Encryption = .required
    ) throws(SluiceError) {
        let form = "write postgres://USER@HOST:PORT/DATABASE#SCHEMA.TABLE"
        guard location.scheme == .postgres, location.path.hasPrefix("//") else {
            throw SluiceError(.locationInvalid, "The location is no PostgreSQL server's: \(form).")
        }
        let rest = location.path.dropFirst(2)
        let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty, !parts[1].contains("/"), !parts[1].contains("?") else {
            throw SluiceError(.locationInvalid, "The location names no database, or more than that: \(form).")
        }
        let authority = parts[0].split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let named = authority.count == 2 ? String(authority[0]) : nil
        guard let user = user ?? named, !user.isEmpty else {
            throw SluiceError(.locationInvalid, "The location names no user: \(form).")
        }
        guard let (host, port) = Self.server(authority.last ?? ""), !host.isEmpty else {
            throw SluiceError(.locationInvalid, "The location names no host, or a port that is none: \(form).")
        }
        self.init(
            at: .tcp(host: host, port: port), database: String(parts[1]), user: user, password: password,
            encryption: encryption)
    }

    /// `HOST`, `HOST:PORT` or `[ADDRESS]:PORT`.
    private static func server(_ text: Substring) -> (String, Int)? {
        let usual = 5432
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let host = String(text[text.index(after: text.startIndex)..<end])
            let rest = text[text.index(after: end)...]
            return rest.isEmpty ? (host, usual) : rest.first == ":" ? port(rest.dropFirst()).map { (host, $0) } : nil
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { return nil }
        return parts.count == 1 ? (String(parts[0]), usual) : port(parts[1]).map { (String(parts[0]), $0) }
    }

    private static func port(_ text: Substring) -> Int? {
        Int(text).flatMap { (1...65535).contains($0) ? $0 : nil }
    }

    public var description: String {
        switch place {
        case .tcp(let host, let port): "\(`protocol`.rawValue)://\(host):\(port)/\(database)"
        case .unix(let folder, let port): "\(`protocol`.rawValue):\(folder)/.s.PGSQL.\(port)/\(database)"
        }
    }

    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension PluginProcess {
    /// Whether a connector is handed the database that its manifest asks for, and no other.
    ///
    /// - Throws: `relay.denied` or `relay.missing`.
    static func check(_ relay: RelayTarget?, against manifest: PluginManifest) throws(SluiceError) {
        if let relay, !manifest.relay.contains(relay.protocol) {
            throw SluiceError(
                .relayDenied, "The manifest of \(manifest.id) asks for no relay to a \(relay.protocol.rawValue) server."
            )
        }
        if relay == nil, let wanted = manifest.relay.first {
            throw SluiceError(
                .relayMissing, "The plugin \(manifest.id) reads a \(wanted.rawValue) database, and none was named.")
        }
    }
}
