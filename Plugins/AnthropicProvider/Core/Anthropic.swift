public import ProviderKit
public import SluiceSDK
import TokenCount

/// The Messages API of Anthropic, and of servers that speak it.
///
/// Every request names API version 2023-06-01: it is the one in which older models take `temperature`, and what is sent
/// to newer ones is the same in version 2026-10-21.
public struct Anthropic: Adapter {
    public static var parameters: ParameterTable { AnthropicRequest.parameters }
    public static var offers: ProviderCalls { [.infer, .tokenEstimate, .submit, .poll] }

    static let version = "2023-06-01"
    private static let messages = "/v1/messages"
    private static let batches = "/v1/messages/batches"
    /// Pages of the list of models that are asked for at most.
    private static let pageLimit = 10

    private let settings: AnthropicSettings

    public init(config: JSONObject) throws(Failure) { settings = try AnthropicSettings(config: config) }

    public func infer(_ request: ChatRequest, _ transport: some Transport) throws(Failure) -> ChatAnswer {
        let asked = try AnthropicRequest(request, settings: settings)
        var body = asked.body
        if request.stream { body["stream"] = true }
        var call = Self.call("POST", Self.messages, body: .object(body))
        call.firstByteMilliseconds = request.firstByteMilliseconds
        call.stallMilliseconds = request.stallMilliseconds
        let reply = try Self.send(call, transport)
        let message = try Self.message(reply, streamed: request.stream)
        let answer = try message.answer(
            asked: request.model, usesTool: asked.usesTool, treatments: asked.treatments,
            requestID: reply.headers["request-id"])
        try Truncation.check(request, counted: answer.usage?.input, usage: answer.usage)
        return answer
    }

    /// Tokens that the server counts for a request; nothing is generated, and nothing is billed.
    public func countTokens(_ request: ChatRequest, _ transport: some Transport) throws(Failure) -> Int {
        var body = try AnthropicRequest(request, settings: settings).body
        for key in ["max_tokens", "temperature", "top_p", "stop_sequences"] { body[key] = nil }
        let reply = try Self.send(Self.call("POST", "\(Self.messages)/count_tokens", body: .object(body)), transport)
        guard let count = ReplyJSON.count(try ReplyJSON.object(reply.body)["input_tokens"]) else {
            throw .unreadable("it does not hold input_tokens")
        }
        return count
    }

    public func tokens(model: String, text: String) -> Int {
        TokenEstimator.estimate(model: model.isEmpty ? "claude" : model, text: text)
    }

    /// Models of this account that are not retired.
    public func models(_ transport: some Transport) throws(Failure) -> [String] {
        var names: [String] = []
        var path = "/v1/models?limit=1000"
        for _ in 0..<Self.pageLimit {
            let page = try ReplyJSON.object(try Self.send(Self.call("GET", path), transport).body)
            guard let models = page["data"]?.array else { throw .unreadable("it holds no list of models") }
            for model in models where model["lifecycle"] != "retired" {
                if let name = ReplyJSON.name(model["id"]?.string) { names.append(name) }
            }
            guard page["has_more"]?.bool == true, let last = page["last_id"]?.string, AnthropicID.isID(last) else {
                break
            }
            path = "/v1/models?limit=1000&after_id=\(last)"
        }
        return names
    }

    public func submit(_ items: [BatchItem], _ transport: some Transport) throws(Failure) -> String {
        let body = try AnthropicBatch.body(items, settings: settings)
        let reply = try Self.send(Self.call("POST", Self.batches, bytes: body), transport)
        guard let id = try ReplyJSON.object(reply.body)["id"]?.string, AnthropicID.isID(id) else {
            throw .unreadable("it does not name the batch")
        }
        return id
    }

    public func poll(batch: String, _ transport: some Transport) throws(Failure) -> BatchState {
        let account = try Self.batch(batch, "", "GET", transport)
        guard try AnthropicBatch.hasEnded(try ReplyJSON.object(account.body), id: batch) else {
            return BatchState(.running)
        }
        // The path is known: an address that a server names is not followed.
        return try AnthropicBatch.ended(try Self.batch(batch, "/results", "GET", transport).body)
    }

    public func cancel(batch: String, _ transport: some Transport) throws(Failure) {
        do throws(Failure) {
            _ = try Self.batch(batch, "/cancel", "POST", transport)
        } catch {
            // One that ended cannot be given up any more; its state says so.
            if error.status == 400 || error.status == 409 { return }
            throw error
        }
    }

    private static func batch(
        _ id: String, _ rest: String, _ method: String, _ transport: some Transport
    ) throws(Failure) -> HTTPReply {
        guard AnthropicID.isID(id) else { throw Verdict.batchMissing.failure() }
        do throws(Failure) {
            return try send(call(method, "\(batches)/\(id)\(rest)"), transport)
        } catch {
            if error.status == 404 { throw Verdict.batchMissing.failure(status: 404) }
            throw error
        }
    }

    private static func call(_ method: String, _ path: String, body: JSONValue) -> HTTPCall {
        call(method, path, bytes: body.encoded())
    }

    private static func call(_ method: String, _ path: String, bytes: [UInt8] = []) -> HTTPCall {
        var headers = ["anthropic-version": version]
        if !bytes.isEmpty { headers["content-type"] = "application/json" }
        return HTTPCall(method: method, path: path, headers: headers, body: bytes)
    }

    private static func send(_ call: HTTPCall, _ transport: some Transport) throws(Failure) -> HTTPReply {
        let reply = try transport.send(call)
        guard (200..<300).contains(reply.status) else { throw AnthropicErrors.failure(reply) }
        return reply
    }

    /// A stream or a whole message, whichever the server chose; an error under status 200 is a failure.
    private static func message(_ reply: HTTPReply, streamed: Bool) throws(Failure) -> AnthropicMessage {
        let first = reply.body.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
        let isStream = streamed || reply.headers["content-type"]?.hasPrefix("text/event-stream") ?? false
        if isStream, first != UInt8(ascii: "{") { return try AnthropicStream.read(reply) }
        let json = try ReplyJSON.object(reply.body)
        if ErrorSignal.error(in: json) != nil {
            throw AnthropicErrors.failure(inBand: json, headers: reply.headers)
        }
        return try AnthropicMessage(json: json)
    }
}
