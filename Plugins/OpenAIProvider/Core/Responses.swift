import ChatCompletions
import ProviderKit
import SluiceSDK

/// The responses API: typed events, and one document that says how it ended.
enum Responses {
    static func body(_ request: ChatRequest, plan: ParameterPlan) -> JSONValue {
        var body = JSONObject()
        body["model"] = .string(request.model)
        body["input"] = .array(
            request.messages.map { ["role": .string($0.role.rawValue), "content": .string($0.text)] })
        // Kept for thirty days otherwise.
        body["store"] = false
        ChatBody.sampling(request, plan: plan, into: &body)
        if let field = plan.field(.schema), let schema = request.schema {
            body[field] = [
                "format": [
                    "type": "json_schema", "name": .string(schema.name), "schema": schema.schema,
                    "strict": .bool(StrictSchema.holds(schema.schema, model: request.model)),
                ]
            ]
        }
        if let field = plan.field(.stream) { body[field] = true }
        return .object(body)
    }

    /// The completion of a reply, as a document or as a stream.
    static func completion(
        _ reply: HTTPReply, dialect: Dialect, tier: ChatRequest.Tier
    ) throws(Failure) -> Completion {
        guard StreamReader.isStream(reply) else {
            let json = try ReplyJSON.object(reply.body)
            try checkError(json, dialect.errors, reply, tier)
            return try completion(json, errors: dialect.errors, tier: tier)
        }
        var state = Stream()
        try StreamReader.read(reply.body) { (event, json) throws(Failure) -> Bool in
            guard let json else { return false }
            return try take(event, json, &state, dialect.errors, reply, tier)
        }
        guard let response = state.last else { throw .cut }
        return try completion(response, errors: dialect.errors, tier: tier, streamed: state)
    }

    private struct Stream {
        var text = ""
        var refusal = ""
        var hasStarted = false
        /// The response that the last event carries.
        var last: JSONValue?
    }

    /// Takes one event; true for the last one.
    private static func take(
        _ event: ServerEvent, _ json: JSONValue, _ state: inout Stream, _ errors: ErrorTable, _ reply: HTTPReply,
        _ tier: ChatRequest.Tier
    ) throws(Failure) -> Bool {
        let kind = json["type"]?.string ?? event.name
        switch kind {
        case "error": throw errors.failure(ErrorSignal(inBand: errorObject(json), reply: reply), tier: tier)
        case "response.created":
            guard !state.hasStarted else { throw Verdict.protocolBroken.failure() }
            state.hasStarted = true
        case "response.output_text.delta":
            guard let delta = json["delta"]?.string else { throw .unreadable("a piece of its text is none") }
            state.text += delta
        case "response.refusal.delta": state.refusal += json["delta"]?.string ?? ""
        case "response.completed", "response.incomplete", "response.failed", "response.cancelled":
            guard let response = json["response"], response.object != nil else {
                throw .unreadable("its last event holds no response")
            }
            state.last = response
            return true
        default:
            // Events of later versions; an error under another name is still one.
            if event.name == "error" { throw errors.failure(ErrorSignal(inBand: errorObject(json), reply: reply)) }
            try checkError(json, errors, reply, tier)
        }
        return false
    }

    /// `event: error` has its words beside `type`, which is then no kind of error.
    private static func errorObject(_ json: JSONValue) -> JSONValue {
        if let nested = json["error"], nested.object != nil { return nested }
        guard var object = json.object else { return json }
        if object["type"]?.string == "error" { object["type"] = nil }
        return .object(object)
    }

    /// An error in place of a response; a response says of itself that it failed.
    private static func checkError(
        _ json: JSONValue, _ errors: ErrorTable, _ reply: HTTPReply?, _ tier: ChatRequest.Tier
    ) throws(Failure) {
        guard json["object"]?.string != "response", let error = ErrorSignal.error(in: json), error.object != nil
        else { return }
        throw errors.failure(ErrorSignal(inBand: error, reply: reply), tier: tier)
    }

    /// Of a response document.
    static func completion(_ json: JSONValue, errors: ErrorTable) throws(Failure) -> Completion {
        try completion(json, errors: errors, tier: .standard)
    }

    private static func completion(
        _ json: JSONValue, errors: ErrorTable, tier: ChatRequest.Tier, streamed: Stream? = nil
    ) throws(Failure) -> Completion {
        var completion = Completion()
        completion.model = json["model"]?.string
        completion.tier = json["service_tier"]?.string
        completion.usage = usage(json["usage"])
        do throws(Failure) { try read(json, &completion, errors, tier, streamed) } catch {
            throw error.billed(completion.usage)
        }
        return completion
    }

    private static func read(
        _ json: JSONValue, _ completion: inout Completion, _ errors: ErrorTable, _ tier: ChatRequest.Tier,
        _ streamed: Stream?
    ) throws(Failure) {
        switch json["status"]?.string {
        case "completed": completion.finish = "stop"
        case "incomplete":
            switch json["incomplete_details"]?["reason"]?.string {
            case "max_output_tokens", "max_tokens": completion.finish = "length"
            case "content_filter": completion.finish = "content_filter"
            default: throw .unreadable("it does not say why it is incomplete")
            }
        case "failed":
            let error = json["error"] ?? JSONValue.null
            throw errors.failure(ErrorSignal(inBand: error.isNull ? .object(JSONObject()) : error), tier: tier)
        case "cancelled": throw Verdict.serverError.failure()
        default: throw .unreadable("it has no state that is known")
        }
        try output(json, &completion, streamed)
    }

    private static func output(_ json: JSONValue, _ completion: inout Completion, _ streamed: Stream?) throws(Failure) {
        guard let items = json["output"]?.array else { throw .unreadable("it holds no output") }
        var hasMessage = false
        for item in items {
            switch item["type"]?.string {
            case "message":
                guard let parts = item["content"]?.array else { throw .unreadable("a message holds no text") }
                hasMessage = true
                for part in parts {
                    switch part["type"]?.string {
                    case "output_text":
                        guard let text = part["text"]?.string else { throw .unreadable("a part of its text is none") }
                        completion.text += text
                    case "refusal": completion.refusal += part["refusal"]?.string ?? "refusal"
                    default: continue
                    }
                }
            case "function_call", "custom_tool_call": completion.finish = "tool_calls"
            default: continue
            }
        }
        if !hasMessage, let streamed, !streamed.text.isEmpty || !streamed.refusal.isEmpty {
            // Some servers leave the output out of the last event.
            completion.text = streamed.text
            completion.refusal = streamed.refusal
            hasMessage = true
        }
        // All tokens went into reasoning: an empty text that was cut off.
        guard hasMessage || completion.finish != "stop" else { throw .unreadable("it holds no message") }
    }

    private static func usage(_ json: JSONValue?) -> ChatAnswer.Usage? {
        guard let input = ReplyJSON.count(json?["input_tokens"]) else { return nil }
        let output = ReplyJSON.count(json?["output_tokens"]) ?? 0
        let read = json?["input_tokens_details"]
        let cached = min(ReplyJSON.count(read?["cached_tokens"]) ?? 0, input)
        return ChatAnswer.Usage(
            input: input, cachedInput: cached,
            cacheWrites: min(ReplyJSON.count(read?["cache_write_tokens"]) ?? 0, input - cached), output: output,
            reasoning: min(ReplyJSON.count(json?["output_tokens_details"]?["reasoning_tokens"]) ?? 0, output))
    }
}
