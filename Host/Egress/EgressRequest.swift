internal import Contracts
public import Foundations

/// What a plugin asks to have sent: everything but the origin and the credentials, which are the host's.
public struct EgressRequest: Sendable, Equatable {
    public struct Header: Sendable, Equatable {
        public let name: String
        public let value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The name of an endpoint of the plugin's manifest.
    public let endpoint: String
    public let method: String
    /// The path, perhaps with a query.
    public let path: String
    public let headers: [Header]
    public let body: [UInt8]
    /// From the request to the first byte of the answer's body, redirects included; nil for the broker's own limits alone.
    public let firstByteMilliseconds: UInt64?
    /// The longest silence between two pieces of the answer's body, and before its end.
    public let stallMilliseconds: UInt64?

    /// - Parameters:
    ///   - firstByteMilliseconds: 1 to 86,400,000. It can only tighten what `EgressLimits` and the call's deadline say.
    ///   - stallMilliseconds: the same.
    public init(
        endpoint: String, method: String, path: String, headers: [Header] = [], body: [UInt8] = [],
        firstByteMilliseconds: UInt64? = nil, stallMilliseconds: UInt64? = nil
    ) {
        self.endpoint = endpoint
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
        self.firstByteMilliseconds = firstByteMilliseconds
        self.stallMilliseconds = stallMilliseconds
    }

    /// Reads `{"endpoint":…,"method":…,"path":…,"headers":{…},"first_byte_ms":…,"stall_ms":…}`; the last three may be
    /// absent.
    ///
    /// - Throws: `egress.request`; the message repeats no value of the plugin's.
    public init(json bytes: [UInt8], body: [UInt8]) throws(SluiceError) {
        guard bytes.count <= Self.maximumJSON, let json = try? JSONParser.parseBytes(bytes),
            let members = json.objectValue
        else { throw Self.refused("the request is not a JSON object of at most 64 KiB") }
        for key in members.keys where !Self.members.contains(key) {
            throw Self.refused("the request has an unknown member")
        }
        guard let endpoint = json["endpoint"]?.stringValue, let method = json["method"]?.stringValue,
            let path = json["path"]?.stringValue
        else { throw Self.refused("endpoint, method and path must be there, as text") }
        var headers: [Header] = []
        if let listed = members["headers"] {
            guard let pairs = listed.objectValue else { throw Self.refused("headers must be an object of texts") }
            for name in pairs.keys.sorted() {
                guard let value = pairs[name]?.stringValue else {
                    throw Self.refused("headers must be an object of texts")
                }
                headers.append(Header(name, value))
            }
        }
        self.init(
            endpoint: endpoint, method: method, path: path, headers: headers, body: body,
            firstByteMilliseconds: try Self.milliseconds("first_byte_ms", members),
            stallMilliseconds: try Self.milliseconds("stall_ms", members))
    }

    private static let members: Set<String> = ["endpoint", "method", "path", "headers", "first_byte_ms", "stall_ms"]

    private static func milliseconds(_ name: String, _ members: [String: JSON]) throws(SluiceError) -> UInt64? {
        guard let value = members[name] else { return nil }
        guard let number = value.intValue, (1...86_400_000).contains(number) else {
            throw refused("\(name) must be a whole number from 1 to 86,400,000")
        }
        return UInt64(number)
    }

    static let maximumJSON = 64 * 1024
    private static let maximumHeaders = 64
    private static let maximumHeaderBytes = 16 * 1024

    private static let reserved: Set<String> = [
        "accept-encoding", "alt-used", "authorization", "cf-connecting-ip", "connection", "content-length", "cookie",
        "cookie2", "expect", "forwarded", "from", "host", "http2-settings", "keep-alive", "origin", "referer",
        "set-cookie", "te", "trailer", "transfer-encoding", "true-client-ip", "upgrade", "user-agent", "via",
        "x-client-ip", "x-http-method", "x-http-method-override", "x-method-override", "x-real-ip", "x-rewrite-url",
    ]
    private static let reservedPrefixes = ["proxy-", "sec-", "x-envoy-", "x-forwarded-", "x-original-"]

    /// Whether a header is the host's or the connection's, or tells a server whom to believe.
    ///
    /// - Parameter name: in lower case.
    static func isReserved(_ name: String) -> Bool {
        reserved.contains(name) || reservedPrefixes.contains { name.hasPrefix($0) }
    }

    /// Whether a manifest may have the host put a secret into this header: it must not change what the request is.
    ///
    /// - Parameter name: in lower case.
    public static func mayCarrySecret(_ name: String) -> Bool {
        name == "authorization" || (!isReserved(name) && !name.hasPrefix("content-") && name != "accept")
    }

    /// Refuses headers that could end the head of the request early, name another host, or carry credentials.
    ///
    /// - Parameter secretHeaders: lower-case names of the headers that some endpoint's secret goes into.
    func checkHeaders(secretHeaders: Set<String>) throws(SluiceError) {
        guard headers.count <= Self.maximumHeaders else { throw Self.refused("there are more than 64 headers") }
        var size = 0
        var seen: Set<String> = []
        for header in headers {
            let name = header.name.lowercased()
            size += header.name.utf8.count + header.value.utf8.count
            guard (1...128).contains(name.utf8.count), header.name.utf8.allSatisfy(Self.isToken) else {
                throw Self.refused("a header's name is not a token (RFC 9110)")
            }
            guard header.value.utf8.allSatisfy({ (0x20...0x7E).contains($0) || $0 == 0x09 }) else {
                throw Self.refused("the value of \(name) holds something else than visible ASCII and blanks")
            }
            guard seen.insert(name).inserted else { throw Self.refused("the header \(name) stands there twice") }
            guard !Self.isReserved(name), !secretHeaders.contains(name) else {
                throw Self.refused("the header \(name) is the host's to set")
            }
        }
        guard size <= Self.maximumHeaderBytes else { throw Self.refused("the headers have more than 16 KiB") }
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    static func refused(_ reason: String) -> SluiceError {
        SluiceError(.egressRequest, "The request was not sent: \(reason).")
    }
}

/// What came back: at most the endpoint's bytes, decompressed, without the secret that was sent.
public struct EgressResponse: Sendable, Equatable {
    public let status: Int
    /// In the order in which they came, names in lower case, without cookies.
    public let headers: [EgressRequest.Header]
    public let body: [UInt8]
    /// From `Retry-After`, at most a day; nil when the server names none.
    public let retryAfterMilliseconds: UInt64?

    /// The code of the taxonomy that a status stands for, equal for every provider; nil below 400.
    ///
    /// The broker does not know what was asked for: that a 404 means a model, or a 400 a quota, is for adapters to say.
    public var code: SluiceError.Code? {
        switch status {
        case ..<400: nil
        case 401, 403: .providerUnhealthy
        case 402: .quotaExhausted
        case 408, 504: .timeout
        case 429, 498: .rateLimit
        case 409, 500...599: .transientError
        default: .deterministicFailure
        }
    }

    /// `{"status":…,"headers":{…}}`, with `code` and `retry_after_ms` where there are any.
    ///
    /// A header that came several times is one text, joined by commas (RFC 9110 §5.2).
    public var json: JSON {
        var joined: [String: String] = [:]
        for header in headers {
            joined[header.name] = joined[header.name].map { $0 + ", " + header.value } ?? header.value
        }
        return .members([
            "status": JSON(status), "headers": .object(joined.mapValues(JSON.string)),
            "code": code.map { .string($0.description) }, "retry_after_ms": retryAfterMilliseconds.map { JSON($0) },
        ])
    }
}
