public import Contracts
internal import Foundations

/// A place on the network that a plugin's manifest names: the most that the plugin can ever reach.
public struct EgressEndpoint: Sendable, Equatable {
    /// Which header carries which secret; the host fills it in, the plugin never sees it.
    public struct Authentication: Sendable, Equatable {
        /// Lower case.
        public let header: String
        /// What stands before the value, such as `Bearer`; nil for the value alone.
        public let scheme: String?
        /// The name behind `secret:`.
        public let secret: String
        /// A server may do without: at an origin that policy binds no such secret to, the header is left out.
        public let isOptional: Bool

        public init(header: String, scheme: String?, secret: String, isOptional: Bool = false) {
            self.header = header
            self.scheme = scheme
            self.secret = secret
            self.isOptional = isOptional
        }
    }

    /// As requests name it.
    public let name: String
    public let origin: Origin
    public let methods: [String]
    /// `/` or whole segments, such as `/v1` or `/v1/`.
    public let pathPrefix: String
    /// What the plugin's paths begin with, where a home has put another prefix into the place of that; nil elsewhere.
    public let requestPrefix: String?
    /// A home may point it elsewhere (`providers.endpoints` of the Policy Manifest).
    public let isConfigurable: Bool
    /// Bytes of one request's body, and of one answer's body after decompression.
    public let maximumBytes: Int
    /// The plugin says that this host is on a private network.
    public let isLocal: Bool
    public let authentication: Authentication?

    public init(
        name: String, origin: Origin, methods: [String], pathPrefix: String = "/", maximumBytes: Int,
        isLocal: Bool = false, authentication: Authentication? = nil, isConfigurable: Bool = false,
        requestPrefix: String? = nil
    ) {
        self.name = name
        self.origin = origin
        self.methods = methods
        self.pathPrefix = pathPrefix
        self.maximumBytes = maximumBytes
        self.isLocal = isLocal
        self.authentication = authentication
        self.isConfigurable = isConfigurable
        self.requestPrefix = requestPrefix
    }

    /// The same endpoint where a home points it.
    ///
    /// - Parameter isLocal: policy calls the host local.
    public func pointed(to address: EndpointAddress, isLocal: Bool) -> EgressEndpoint {
        let known = requestPrefix ?? pathPrefix
        return EgressEndpoint(
            name: name, origin: address.origin, methods: methods, pathPrefix: address.path ?? known,
            maximumBytes: maximumBytes, isLocal: isLocal, authentication: authentication,
            isConfigurable: isConfigurable, requestPrefix: address.path == nil ? nil : known)
    }

    public var host: String { origin.host }
    public var port: Int { origin.port }

    /// Whether a target (a path, perhaps with a query) lies below the prefix: `/v1` holds `/v1/x`, not `/v10`.
    func holds(_ target: EgressTarget) -> Bool { Self.holds(target, below: pathPrefix) }

    private static func holds(_ target: EgressTarget, below prefix: String) -> Bool {
        if prefix.hasSuffix("/") { return target.path.hasPrefix(prefix) }
        return target.path == prefix || target.path.hasPrefix(prefix + "/")
    }

    /// What is asked for when the plugin asks for a target: below the home's prefix instead of the plugin's own.
    ///
    /// - Returns: nil for a target outside of the prefix that the plugin knows.
    func target(for asked: EgressTarget) -> EgressTarget? {
        guard let requestPrefix else { return holds(asked) ? asked : nil }
        guard Self.holds(asked, below: requestPrefix) else { return nil }
        let rest = asked.path.dropFirst(requestPrefix.utf8.count).drop { $0 == "/" }
        let base = pathPrefix.hasSuffix("/") ? String(pathPrefix.dropLast()) : pathPrefix
        let path = rest.isEmpty ? (base.isEmpty ? "/" : base) : base + "/" + rest
        return EgressTarget(path + asked.query)
    }
}

/// The part of a URL behind the origin, in the one form in which it is both checked and sent.
struct EgressTarget: Equatable, Sendable {
    /// From the first slash, up to the query.
    let path: String
    /// With its question mark, or empty.
    let query: String

    var text: String { path + query }

    /// Nil for what different readers could read in different ways: no slash in front, dot segments in any spelling,
    /// also with parameters behind them, encoded slashes, backslashes, a fragment, anything but visible ASCII, or more
    /// than 8 KiB.
    init?(_ text: String) {
        guard text.utf8.count <= 8192, text.hasPrefix("/") else { return nil }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !#"#\"<>^`{|}"#.utf8.contains($0) }) else {
            return nil
        }
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = String(parts[0])
        let lower = path.utf8.contains(UInt8(ascii: "%")) ? path.lowercased() : path
        // An encoded percent sign would be decoded into one of these by whoever decodes twice.
        if path.utf8.contains(UInt8(ascii: "%")) {
            guard !["%2f", "%5c", "%25", "%00"].contains(where: { lower.contains($0) }) else { return nil }
            guard Self.isEncodedWell(lower) else { return nil }
        }
        let dots: Set<Substring> = [".", "%2e", "..", ".%2e", "%2e.", "%2e%2e"]
        // Some servers take `;x` off a segment before they look at its dots.
        let segments = lower.split(separator: "/", omittingEmptySubsequences: false)
        guard !segments.contains(where: { dots.contains(Self.withoutParameters($0)) }) else { return nil }
        // An empty segment makes `//host` of a path, and a proxy or server may fold it away. The first stands before the
        // first slash, and the last may be empty.
        guard !segments.dropFirst().dropLast().contains(where: \.isEmpty) else { return nil }
        self.path = path
        query = parts.count == 2 ? "?" + parts[1] : ""
    }

    private static func withoutParameters(_ segment: Substring) -> Substring {
        let plain = segment.prefix { $0 != ";" }
        guard plain.utf8.contains(UInt8(ascii: "%")) else { return plain }
        return plain.firstRange(of: "%3b").map { plain[..<$0.lowerBound] } ?? plain
    }

    private static func isEncodedWell(_ lower: String) -> Bool {
        let bytes = Array(lower.utf8)
        let digits = "0123456789abcdef".utf8
        return bytes.indices.allSatisfy { place in
            bytes[place] != UInt8(ascii: "%")
                || (place + 2 < bytes.count && digits.contains(bytes[place + 1]) && digits.contains(bytes[place + 2]))
        }
    }
}

extension EgressTarget {
    /// A `Location` as an origin and a target; nil unless both are plain.
    static func resolve(
        _ location: String, from origin: Origin, _ target: EgressTarget
    ) -> (Origin, EgressTarget)? {
        let text = location.prefix { $0 != "#" }
        guard text.utf8.count <= 8192, !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        var rest = String(text)
        var origin = origin
        if rest.hasPrefix("//") { rest = "\(origin.scheme):" + rest }
        if let mark = rest.firstIndex(of: ":"), !rest[..<mark].contains("/"), !rest[..<mark].contains("?") {
            let afterScheme = rest[mark...]
            guard afterScheme.hasPrefix("://") else { return nil }
            let authority = afterScheme.dropFirst(3).prefix { $0 != "/" && $0 != "?" }
            guard let named = Origin((rest[..<mark] + "://" + authority).lowercased()) else { return nil }
            origin = named
            let path = String(afterScheme.dropFirst(3 + authority.count))
            rest = path.hasPrefix("/") ? path : "/" + path
        } else if rest.hasPrefix("?") {
            rest = target.path + rest
        } else if !rest.hasPrefix("/") {
            rest =
                target.path.prefix(through: target.path.lastIndex(of: "/") ?? target.path.startIndex) + rest
        }
        return EgressTarget(rest).map { (origin, $0) }
    }
}
