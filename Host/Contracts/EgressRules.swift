internal import Foundations

/// Where a request goes: scheme, host and port, compared as they are (RFC 6454).
public struct Origin: Sendable, Hashable, CustomStringConvertible {
    public enum Scheme: String, Sendable {
        case http, https

        public var defaultPort: Int { self == .http ? 80 : 443 }
    }

    public let scheme: Scheme
    /// A name of lower-case letters, digits, `-` and `.`, or an IPv4 address.
    public let host: String
    public let port: Int

    public init(scheme: Scheme, host: String, port: Int) {
        self.scheme = scheme
        self.host = host
        self.port = port
    }

    /// `https://host` or `https://host:port` without a path, or nil.
    public init?(_ text: String) {
        let scheme: Scheme
        let rest: Substring
        if text.hasPrefix("https://") {
            (scheme, rest) = (.https, text.dropFirst(8))
        } else if text.hasPrefix("http://") {
            (scheme, rest) = (.http, text.dropFirst(7))
        } else {
            return nil
        }
        let parts = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let host = parts.first, Self.isHost(host) else { return nil }
        if parts.count == 1 {
            self.init(scheme: scheme, host: String(host), port: scheme.defaultPort)
        } else {
            guard let port = Self.port(parts[1]) else { return nil }
            self.init(scheme: scheme, host: String(host), port: port)
        }
    }

    /// A port of decimal digits without a sign or a leading zero, or nil.
    public static func port(_ text: some StringProtocol) -> Int? {
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }),
            text.utf8.first != 48, let port = Int(text), (1...65535).contains(port)
        else { return nil }
        return port
    }

    /// Whether a text is a host as manifests and policies write it.
    public static func isHost(_ text: some StringProtocol) -> Bool {
        let alphabet = "abcdefghijklmnopqrstuvwxyz0123456789.-".utf8
        return (1...253).contains(text.utf8.count) && text.utf8.allSatisfy { alphabet.contains($0) }
            && !text.contains("..") && text.first != "." && text.first != "-"
    }

    public var description: String {
        port == scheme.defaultPort ? "\(scheme)://\(host)" : "\(scheme)://\(host):\(port)"
    }
}

/// What the Policy Manifest says about the way out. Nothing that it does not name is reached.
///
/// Source: ROADMAP §§6, 20, 39; docs/egress.md.
public struct EgressRules: Sendable, Equatable {
    /// Where a secret's value is found, and the only places that it may be sent to.
    public struct Secret: Sendable, Equatable {
        /// `env:NAME`, `file:PATH` or `store:NAME`.
        public let reference: String
        public let origins: [Origin]
    }

    public let allowed: [Origin]
    /// Whether `allow` is the word `registry`: the endpoints of every provider that may be used, and no others.
    public let followsRegistry: Bool
    /// Where an origin's servers stand, for jurisdictions.
    public let regions: [Origin: String]
    /// Hosts that may have a private address, and that plain http may be spoken with.
    public let local: Set<String>
    /// A file of certificates (PEM) in place of the system's.
    public let certificateFile: String?
    /// The one proxy for hosts that are not local; the environment's are never used.
    public let proxy: Origin?
    /// By name, as a plugin's manifest asks for it: `secret:NAME`.
    public let secrets: [String: Secret]

    public init(
        allowed: [Origin] = [], local: Set<String> = [], certificateFile: String? = nil, proxy: Origin? = nil,
        secrets: [String: Secret] = [:], followsRegistry: Bool = false, regions: [Origin: String] = [:]
    ) {
        self.allowed = allowed
        self.followsRegistry = followsRegistry
        self.regions = regions
        self.local = local
        self.certificateFile = certificateFile
        self.proxy = proxy
        self.secrets = secrets
    }

    /// Reads the member `egress`; every mistake goes to the reader's list.
    init(_ reader: JSONReader?) {
        guard let reader else {
            self.init()
            return
        }
        if reader.string("default") != "deny" { reader.mistake("default", "must be deny") }
        let followsRegistry = reader.value("allow")?.stringValue == "registry"
        let allowed = followsRegistry ? [] : Self.origins(reader, "allow", required: true)
        let local = reader.strings("local", required: false) ?? []
        if !local.allSatisfy({ Origin.isHost($0) }) {
            reader.mistake("local", "hosts of lower-case letters, digits, '-' and '.' are expected")
        }
        for origin in allowed where origin.scheme == .http && !local.contains(origin.host) {
            reader.mistake("allow", "\(origin) is plain http: that is for hosts that `local` names")
        }
        let file = reader.text("ca_file", required: false)
        if let file, !file.hasPrefix("/") { reader.mistake("ca_file", "an absolute path is expected") }
        let proxyText = reader.text("proxy", required: false)
        let proxy = proxyText.flatMap(Origin.init)
        if proxyText != nil, proxy == nil { reader.mistake("proxy", "http://HOST:PORT is expected") }
        var secrets: [String: Secret] = [:]
        if let list = reader.object("secrets", required: false) {
            for name in list.keys {
                guard let entry = list.object(name) else { continue }
                let reference = entry.text("secret_ref") ?? ""
                if !["env:", "file:", "store:"].contains(where: { reference.hasPrefix($0) && reference != $0 }) {
                    entry.mistake("secret_ref", "env:NAME, file:PATH or store:NAME is expected")
                }
                secrets[name] = Secret(
                    reference: reference, origins: Self.origins(entry, "origins", required: true))
                entry.finish()
            }
        }
        let regions = Self.regions(reader.object("regions", required: false))
        reader.finish()
        self.init(
            allowed: allowed, local: Set(local), certificateFile: file, proxy: proxy, secrets: secrets,
            followsRegistry: followsRegistry, regions: regions)
    }

    private static func regions(_ reader: JSONReader?) -> [Origin: String] {
        guard let reader else { return [:] }
        var regions: [Origin: String] = [:]
        for text in reader.keys {
            guard let region = reader.text(text) else { continue }
            guard let origin = Origin(text), regions[origin] == nil else {
                reader.mistake(text, "an origin such as https://api.example.org is expected, without a path and once")
                continue
            }
            if !Jurisdiction.isName(region) { reader.mistake(text, "the name of a region such as eu is expected") }
            regions[origin] = region
        }
        return regions
    }

    private static func origins(_ reader: JSONReader, _ key: String, required: Bool) -> [Origin] {
        (reader.strings(key, required: required) ?? []).compactMap { text in
            guard let origin = Origin(text) else {
                reader.mistake(key, "origins such as https://api.example.org:8443 are expected, without a path")
                return nil
            }
            return origin
        }
    }
}
