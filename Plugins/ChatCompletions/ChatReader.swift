public import ProviderKit
public import SluiceSDK

/// What a completion said, before it is known whether that is an answer.
public struct Completion: Sendable {
    public var model: String?
    public var text = ""
    public var refusal = ""
    public var finish: String?
    public var usage: ChatAnswer.Usage?
    public var tier: String?
    public var requestID: String?

    public init() {}

    /// The answer, or the failure that the end of the completion means, with the tokens that are billed all the same.
    ///
    /// - Parameter request: nil for a result of a batch, where the host has it.
    public func answer(
        _ request: ChatRequest?, plan: ParameterPlan?, headers: [String: String] = [:]
    ) throws(Failure) -> ChatAnswer {
        do throws(Failure) { return try checked(request, plan: plan, headers: headers) } catch {
            throw error.billed(usage)
        }
    }

    private func checked(
        _ request: ChatRequest?, plan: ParameterPlan?, headers: [String: String]
    ) throws(Failure) -> ChatAnswer {
        if !refusal.isEmpty { throw Verdict.refusal.failure() }
        let end: ChatAnswer.Finish
        switch finish {
        case "stop", "eos", "stop_sequence", "eos_token": end = .stop
        case "length", "max_tokens", "model_length": end = .length
        case "content_filter": throw Verdict.contentFilter.failure()
        case "tool_calls", "function_call": throw Verdict.toolCall.failure()
        case "error", "abort": throw Verdict.serverError.failure()
        default: throw .unreadable("it does not say why the model stopped")
        }
        if let request { try Truncation.check(request, counted: usage?.input) }
        var answer = ChatAnswer(
            model: ReplyJSON.name(model) ?? request?.model ?? "", text: text, finish: end, usage: usage,
            treatments: plan?.treatments ?? [:], tier: Self.tier(tier),
            requestID: ReplyJSON.name(headers["x-request-id"]) ?? ReplyJSON.name(requestID))
        if let request, let plan, plan.isDoneHere(.stop), let cut = Stop.cut(text, at: request.stop) {
            answer.text = cut
            answer.finish = .stop
        }
        return answer
    }

    private static func tier(_ name: String?) -> ChatRequest.Tier? {
        switch name {
        case "flex": .flex
        case "default", "standard", "on_demand", "auto": .standard
        default: nil
        }
    }
}

/// Applies stop sequences where a server does not.
public enum Stop {
    /// The text in front of the first of the sequences; nil when none is in it.
    public static func cut(_ text: String, at sequences: [String]) -> String? {
        let bytes = Array(text.utf8)
        var first: Int?
        for sequence in sequences {
            let wanted = Array(sequence.utf8)
            let last = min(first ?? bytes.count, bytes.count - wanted.count)
            guard last >= 0, !wanted.isEmpty else { continue }
            if let at = (0...last).first(where: { bytes[$0..<($0 + wanted.count)].elementsEqual(wanted) }) {
                first = min(at, first ?? at)
            }
        }
        return first.map { String(decoding: bytes[..<$0], as: UTF8.self) }
    }
}

/// Reads chat completions: whole documents and chunks of a stream.
public enum ChatReader {
    /// A document of `chat.completion`.
    public static func completion(_ json: JSONValue) throws(Failure) -> Completion {
        guard let choices = json["choices"]?.array, let choice = choices.first, let message = choice["message"],
            message.object != nil
        else { throw .unreadable("it holds no choice") }
        var completion = Completion()
        about(json, &completion)
        completion.finish = choice["finish_reason"]?.string
        completion.refusal = message["refusal"]?.string ?? ""
        if let text = text(message["content"]) {
            completion.text = text
        } else if let content = message["content"], !content.isNull {
            throw .unreadable("its text is none")
        } else if message["tool_calls"]?.array?.isEmpty == false || message["function_call"]?.object != nil {
            completion.finish = "tool_calls"
        } else if message["content"] == nil, completion.refusal.isEmpty, message["reasoning_content"] == nil {
            throw .unreadable("it holds no text")
        }
        return completion
    }

    /// A document of `chat.completion.chunk`, added to what came before it.
    public static func chunk(_ json: JSONValue, into completion: inout Completion) throws(Failure) {
        about(json, &completion)
        guard let choice = json["choices"]?.array?.first else { return }
        if let finish = choice["finish_reason"]?.string { completion.finish = finish }
        guard let delta = choice["delta"] else { return }
        if let refusal = delta["refusal"]?.string { completion.refusal += refusal }
        if let content = delta["content"], !content.isNull {
            guard let text = text(content) else { throw .unreadable("a piece of its text is none") }
            completion.text += text
        }
    }

    /// Content as one text: a string, or parts of which those of type `text` count.
    private static func text(_ content: JSONValue?) -> String? {
        if let text = content?.string { return text }
        guard let parts = content?.array else { return nil }
        var text = ""
        for part in parts where part["type"]?.string == "text" {
            guard let piece = part["text"]?.string else { return nil }
            text += piece
        }
        return text
    }

    private static func about(_ json: JSONValue, _ completion: inout Completion) {
        if let model = json["model"]?.string { completion.model = model }
        if let tier = json["service_tier"]?.string { completion.tier = tier }
        if let id = json["x_groq"]?["id"]?.string { completion.requestID = id }
        if let usage = usage(json["usage"]) ?? usage(json["x_groq"]?["usage"]) { completion.usage = usage }
    }

    /// Each token once: `prompt_tokens` holds the cached ones, `completion_tokens` the reasoning.
    static func usage(_ json: JSONValue?) -> ChatAnswer.Usage? {
        guard let input = ReplyJSON.count(json?["prompt_tokens"]) else { return nil }
        let output = ReplyJSON.count(json?["completion_tokens"]) ?? 0
        let read = json?["prompt_tokens_details"]
        let cached = ReplyJSON.count(read?["cached_tokens"]) ?? ReplyJSON.count(json?["prompt_cache_hit_tokens"]) ?? 0
        let written = ReplyJSON.count(read?["cache_write_tokens"]) ?? 0
        let isRead = min(cached, input)
        let reasoning = ReplyJSON.count(json?["completion_tokens_details"]?["reasoning_tokens"]) ?? 0
        return ChatAnswer.Usage(
            input: input, cachedInput: isRead, cacheWrites: min(written, input - isRead), output: output,
            reasoning: min(reasoning, output))
    }
}
