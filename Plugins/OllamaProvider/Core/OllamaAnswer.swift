internal import ProviderKit
internal import SluiceSDK

/// An answer of `/api/chat` as it comes: one object, or a line for each piece, of which the last says `done`.
struct OllamaAnswer: Equatable, Sendable {
    private var model: String?
    private var text = ""
    private var callsTool = false
    private var last: JSONValue?

    /// - Throws: what an error in the line means; QUARANTINE_REQUIRED for a line that is no piece of an answer, or that
    ///   stands behind the last.
    mutating func take(_ line: [UInt8]) throws(Failure) {
        let json = try ReplyJSON.object(line)
        if ErrorSignal.error(in: json) != nil { throw OllamaErrors.failure(inBand: json) }
        guard last == nil else { throw Verdict.protocolBroken.failure() }
        guard let done = json["done"]?.bool else {
            throw .unreadable("a piece of it does not say whether it is the last")
        }
        if let message = json["message"], !message.isNull {
            // Thinking has a member of its own, and is no part of the answer.
            guard let content = message["content"]?.string else { throw .unreadable("a message has no content") }
            text += content
            if let calls = message["tool_calls"]?.array, !calls.isEmpty { callsTool = true }
        } else if !done {
            throw .unreadable("a piece of it has no message")
        } else if last == nil, json["message"] == nil, json["done_reason"] == nil {
            throw .unreadable("it has no message")
        }
        model = json["model"]?.string ?? model
        if done { last = json }
    }

    /// All of a body that came under status 200.
    static func read(_ reply: HTTPReply) throws(Failure) -> OllamaAnswer {
        var answer = OllamaAnswer()
        var parser = LineParser()
        try parser.feed(reply.body) { (line) throws(Failure) in try answer.take(line) }
        // The last line counts without its end when it is whole.
        if let rest = parser.finish() {
            // What begins as none is no line that was cut, but a proxy's page.
            guard ReplyJSON.parsed(rest) != nil || rest.first != UInt8(ascii: "{") else { throw .cut }
            try answer.take(rest)
        }
        return answer
    }

    /// A document that stands alone; it may be written over several lines.
    static func readDocument(_ reply: HTTPReply) throws(Failure) -> OllamaAnswer {
        var answer = OllamaAnswer()
        try answer.take(reply.body)
        guard answer.last != nil else { throw .unreadable("it does not say that it is whole") }
        return answer
    }

    /// - Throws: TRANSIENT_ERROR, `cut`, without a last piece; QUARANTINE_REQUIRED for one that tells of no answer.
    func answer(
        _ request: ChatRequest, treatments: [String: ChatAnswer.Treatment]
    ) throws(Failure) -> ChatAnswer {
        guard let last else { throw .cut }
        guard !callsTool else { throw Verdict.toolCall.failure().billed(usage) }
        guard let name = ReplyJSON.name(model) else { throw .unreadable("it does not name its model") }
        return ChatAnswer(
            model: name, text: text, finish: try finish(last, request), usage: usage, treatments: treatments)
    }

    private func finish(_ last: JSONValue, _ request: ChatRequest) throws(Failure) -> ChatAnswer.Finish {
        switch last["done_reason"]?.string {
        case "stop": return .stop
        case "length": return .length
        case nil:
            // Older servers do not say it.
            guard let limit = request.maxTokens, let output = ReplyJSON.count(last["eval_count"]) else { return .stop }
            return output >= limit ? .length : .stop
        // `load` and `unload`: it did something else than answer.
        default:
            throw Failure.unreadable("the model stopped for a reason that is no end of an answer").billed(usage)
        }
    }

    /// Tokens of the prompt, those from the cache among them; nil when the server leaves them out, as older ones do for a
    /// prompt that they have in their cache.
    var counted: Int? { last.flatMap { ReplyJSON.count($0["prompt_eval_count"]) } }

    private var usage: ChatAnswer.Usage? {
        guard let last, let input = counted, let output = ReplyJSON.count(last["eval_count"]) else { return nil }
        let cached = ReplyJSON.count(last["prompt_eval_cached_count"]) ?? 0
        return ChatAnswer.Usage(input: input, cachedInput: min(cached, input), output: output)
    }
}
