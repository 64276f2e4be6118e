public import SluiceSDK

/// What a provider says when something went wrong, taken apart; its text is only searched, never passed on.
public struct ErrorSignal: Equatable, Sendable {
    /// The HTTP status; of an error within a good answer the status that it names itself, if any.
    public var status: Int?
    /// Whether it stood in an answer of status 200, or in a stream of one.
    public var inBand: Bool
    public var code: String?
    public var type: String?
    /// Of the server, in lower case, at most `messageLimit` bytes of it; for phrases alone.
    public var message: String?
    /// The parameter that the server complains of.
    public var param: String?
    public var retryAfterMilliseconds: UInt64?
    /// Bytes of a message in which phrases are looked for: a server decides how long its message is.
    static let messageLimit = 4096

    public init(
        status: Int?, inBand: Bool = false, code: String? = nil, type: String? = nil, message: String? = nil,
        param: String? = nil, retryAfterMilliseconds: UInt64? = nil
    ) {
        self.status = status
        self.inBand = inBand
        self.code = code
        self.type = type
        self.message = message.map(Self.heard)
        self.param = param
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }

    /// From a reply with a status of 400 and above. A body that is no JSON still has its status.
    public init(reply: HTTPReply) {
        self.init(status: reply.status, retryAfterMilliseconds: Self.wait(reply))
        if let json = ReplyJSON.parsed(reply.body) {
            take(Self.error(in: json) ?? json)
        } else if reply.body.count <= Self.messageLimit, reply.body.first != UInt8(ascii: "<") {
            // Plain words, as small servers send them; a page of a proxy says nothing about the request.
            message = Self.heard(String(decoding: reply.body, as: UTF8.self))
        }
    }

    /// From an error object within an answer of status 200.
    public init(inBand json: JSONValue, reply: HTTPReply? = nil) {
        self.init(status: nil, inBand: true, retryAfterMilliseconds: reply.flatMap(Self.wait))
        take(Self.error(in: json) ?? json)
        // llama.cpp and others put the HTTP status that it would have been into `code`.
        if let number = code.flatMap({ Int($0) }), (400...599).contains(number) {
            status = number
        } else {
            status = type.flatMap { ErrorTable.statusOfType[$0] }
        }
    }

    /// The error that a document holds, if it says that it is one: `{"error":…}`, `{"object":"error",…}`.
    public static func error(in json: JSONValue) -> JSONValue? {
        if let error = json["error"], !error.isNull, error != false { return error }
        if json["object"]?.string == "error" || json["type"]?.string == "error" { return json }
        return nil
    }

    private mutating func take(_ error: JSONValue) {
        if let text = error.string {
            message = Self.heard(text)
            return
        }
        code = error["code"]?.string ?? error["code"]?.int.map { String($0) }
        type = error["type"]?.string
        param = error["param"]?.string
        // FastAPI says `detail`.
        message = (error["message"]?.string ?? error["detail"]?.string ?? error["error"]?.string).map(Self.heard)
    }

    private static func heard(_ text: String) -> String {
        String(decoding: text.utf8.prefix(messageLimit), as: UTF8.self).lowercased()
    }

    /// The host reads `Retry-After`; some providers say it in milliseconds as well, which is nearer.
    private static func wait(_ reply: HTTPReply) -> UInt64? {
        guard let text = reply.headers["retry-after-ms"], let value = Double(text), value >= 0, value <= 86_400_000
        else { return reply.retryAfterMilliseconds }
        return UInt64(value)
    }
}

/// Leads from a provider's error to ours: in-band → code → type → phrase → status, quota before rate limit.
///
/// A request that is larger than a whole limit of its rate is too large, not too early.
///
/// A provider's own rows stand before those that all share. Whatever matches RATE_LIMIT or a class without a name of
/// its own is QUOTA_EXHAUSTED when any other of its words says that a quota is used up: gateways that retry those burn
/// time and never get an answer. The same order at every provider makes outcomes equal (docs/providers.md).
public struct ErrorTable: Sendable {
    public enum Match: Equatable, Sendable {
        /// `code` or `type` of an error within an answer of status 200.
        case inBand(String)
        case code(String)
        case type(String)
        /// Words in the message, in lower case.
        case phrase(String)
        case status(Int)
    }

    public struct Row: Equatable, Sendable {
        public let match: Match
        public let verdict: Verdict

        public init(_ match: Match, _ verdict: Verdict) {
            self.match = match
            self.verdict = verdict
        }
    }

    /// The provider's own rows, then the shared ones.
    public let rows: [Row]
    /// Whether the lane's tier was asked for: a rate limit is then the lane's.
    private let flexIsLane: Bool

    public init(_ own: [Row] = [], flexIsLane: Bool = false) {
        rows = own + Self.shared
        self.flexIsLane = flexIsLane
    }

    public func failure(_ signal: ErrorSignal, tier: ChatRequest.Tier = .standard) -> Failure {
        var verdict = verdict(signal)
        if flexIsLane, tier == .flex, verdict == .rateLimit || verdict == .slowDown { verdict = .laneCapacity }
        let status = signal.inBand ? nil : signal.status
        let waits = verdict.code == .deterministicFailure || verdict.code == .policyBlock
        return verdict.failure(
            status: status, retryAfterMilliseconds: waits ? nil : signal.retryAfterMilliseconds)
    }

    /// The failure that a reply of status 400 and above means.
    public func failure(_ reply: HTTPReply, tier: ChatRequest.Tier = .standard) -> Failure {
        failure(ErrorSignal(reply: reply), tier: tier)
    }

    private func verdict(_ signal: ErrorSignal) -> Verdict {
        // As bytes, and only when nothing decided before them: there may be one error for each line of a batch.
        let message = Array((signal.message ?? "").utf8)
        let levels: [(Match) -> Bool] = [
            { if case .inBand = $0 { true } else { false } }, { if case .code = $0 { true } else { false } },
            { if case .type = $0 { true } else { false } }, { if case .phrase = $0 { true } else { false } },
            { if case .status = $0 { true } else { false } },
        ]
        var found: Verdict?
        for level in levels where found == nil {
            found = rows.first { level($0.match) && Self.matches($0.match, signal, message) }?.verdict
        }
        let result = found ?? Self.byStatus(signal)
        guard result.code == .rateLimit || result == .badRequest || result == .forbidden else { return result }
        let quota = rows.first { $0.verdict.code == .quotaExhausted && Self.matches($0.match, signal, message) }
        if let quota { return quota.verdict }
        // A request that is larger than the whole limit never passes, however long one waits.
        let isTooLarge = signal.status == 413 || Self.holds(message, "request too large for")
        return result == .rateLimit && isTooLarge ? .tooLarge : result
    }

    private static func matches(_ match: Match, _ signal: ErrorSignal, _ message: [UInt8]) -> Bool {
        switch match {
        case .inBand(let word): signal.inBand && (signal.code == word || signal.type == word)
        case .code(let word): signal.code == word
        case .type(let word): signal.type == word
        case .phrase(let words): holds(message, words)
        case .status(let status): signal.status == status
        }
    }

    /// Whether words stand in a text, byte by byte.
    private static func holds(_ text: [UInt8], _ words: String) -> Bool {
        let wanted = words.utf8
        guard let first = wanted.first, text.count >= wanted.count else { return false }
        for at in 0...(text.count - wanted.count) where text[at] == first {
            if text[at..<(at + wanted.count)].elementsEqual(wanted) { return true }
        }
        return false
    }

    /// What a status means when nothing else is known (docs/providers.md).
    static func byStatus(_ signal: ErrorSignal) -> Verdict {
        guard let status = signal.status else { return .serverError }
        return switch status {
        case 401: .credentialRejected
        case 402: .quota
        case 403: .forbidden
        case 404, 410: .modelNotFound
        case 408, 504, 522, 524: .timeout
        case 409, 423, 425: .conflict
        case 413: .tooLarge
        case 429: .rateLimit
        case 503, 529: .overloaded
        case 400...499: .badRequest
        case 500...599: .serverError
        default: .unexpectedStatus
        }
    }
}
