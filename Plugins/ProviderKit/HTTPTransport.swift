public import SluiceSDK

/// Sends an adapter's calls through the host's broker and says its failures in the words of the taxonomy.
public struct HTTPTransport: Transport {
    private let host: Host

    public init(host: Host) { self.host = host }

    public func send(_ call: HTTPCall) throws(Failure) -> HTTPReply {
        let request = Self.request(call)
        let answer: (response: [UInt8], body: [UInt8])
        do throws(PluginFailure) {
            answer = try host.http(String(decoding: request.encoded(), as: UTF8.self), body: call.body)
        } catch {
            throw Self.failure(error)
        }
        return try Self.reply(answer.response, body: answer.body)
    }

    /// The request document of `http` (docs/egress.md).
    static func request(_ call: HTTPCall) -> JSONValue {
        var headers = JSONObject()
        for (name, value) in call.headers.sorted(by: { $0.key < $1.key }) { headers[name] = .string(value) }
        var request = JSONObject()
        request["endpoint"] = .string(call.endpoint)
        request["method"] = .string(call.method)
        request["path"] = .string(call.path)
        request["headers"] = .object(headers)
        request["first_byte_ms"] = call.firstByteMilliseconds.map { .int(Int64($0)) }
        request["stall_ms"] = call.stallMilliseconds.map { .int(Int64($0)) }
        return .object(request)
    }

    /// Of the host's document and the server's body.
    static func reply(_ response: [UInt8], body: [UInt8]) throws(Failure) -> HTTPReply {
        guard let json = ReplyJSON.parsed(response), let status = json["status"]?.int else {
            throw .unreadable("the host's account of it has no status")
        }
        var headers: [String: String] = [:]
        for member in json["headers"]?.object?.members ?? [] { headers[member.key] = member.value.string }
        let wait = json["retry_after_ms"]?.int.flatMap { UInt64(exactly: $0) }
        return HTTPReply(status: Int(clamping: status), headers: headers, body: body, retryAfterMilliseconds: wait)
    }

    /// The ids of the host's broker, by which its message begins, as scope and reason.
    private static let causes: [(id: String, code: Failure.Code, scope: Failure.Scope, reason: String)] = [
        ("egress.unreachable", .providerUnhealthy, .provider, "unreachable"),
        ("egress.tls", .providerUnhealthy, .provider, "tls"),
        ("egress.secret", .providerUnhealthy, .credential, "credential_missing"),
        ("egress.timeout", .timeout, .request, "timeout"),
        ("egress.reset", .transientError, .request, "reset"),
        ("egress.answer", .quarantineRequired, .request, "answer_size"),
        // The request's size, as a server's 413 says it.
        ("egress.size", .deterministicFailure, .request, "too_large"),
        // The host's own library, or memory for it: policy forbids nothing.
        ("egress.library", .deterministicFailure, .provider, "call"),
    ]

    /// What the broker's refusal means; its message is the host's own and holds no address, name or secret.
    static func failure(_ error: PluginFailure) -> Failure {
        let id = String(error.message.prefix { $0.isASCII && ($0.isLetter || $0 == "." || $0 == "_") })
        let wait = error.retryAfterMilliseconds == 0 ? nil : error.retryAfterMilliseconds
        if let cause = causes.first(where: { id == $0.id || id.hasPrefix($0.id + ".") }) {
            return Failure(
                cause.code, scope: cause.scope, reason: cause.reason, message: error.message,
                retryAfterMilliseconds: wait)
        }
        if id.hasPrefix("egress.") || error.code == .policyBlock {
            return Failure(.policyBlock, reason: "egress_denied", message: error.message)
        }
        let (code, scope, reason): (Failure.Code, Failure.Scope, String) =
            switch error.code {
            case .providerUnhealthy: (.providerUnhealthy, .provider, "unreachable")
            case .timeout: (.timeout, .request, "timeout")
            case .rateLimit: (.rateLimit, .model, "rate_limit")
            case .quotaExhausted: (.quotaExhausted, .credential, "insufficient_quota")
            case .transientError: (.transientError, .request, "reset")
            case .quarantineRequired: (.quarantineRequired, .request, "unreadable")
            default: (.deterministicFailure, .request, "call")
            }
        return Failure(code, scope: scope, reason: reason, message: error.message, retryAfterMilliseconds: wait)
    }
}
