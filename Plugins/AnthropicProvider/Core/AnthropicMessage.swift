internal import ProviderKit
internal import SluiceSDK

/// What a message says, however it came: whole, in a stream, or as a batch's result.
struct AnthropicMessage: Equatable, Sendable {
    /// One block of content, as far as it is read: text, and the input of the tool that stands for the schema.
    enum Block: Equatable, Sendable {
        case text(String)
        case tool(name: String, input: String)
        /// Thinking and whatever else is no part of the answer.
        case other
    }

    var model: String?
    var blocks: [Block] = []
    var stopReason: String?
    var usage = AnthropicUsage()

    /// Of the message object.
    init(json: JSONValue) throws(Failure) {
        guard json["type"] == "message" || json["type"] == nil, let content = json["content"]?.array else {
            throw .unreadable("it is no message")
        }
        model = json["model"]?.string
        for value in content { blocks.append(try Self.block(value)) }
        stopReason = json["stop_reason"]?.string
        usage.take(json["usage"])
    }

    init() {}

    static func block(_ json: JSONValue) throws(Failure) -> Block {
        switch json["type"]?.string {
        case "text":
            guard let text = json["text"]?.string else { throw .unreadable("a block of text has none") }
            return .text(text)
        case "tool_use":
            guard let name = json["name"]?.string, let input = json["input"], input.object != nil else {
                throw .unreadable("a tool's name or input is none")
            }
            return .tool(name: name, input: String(decoding: input.encoded(), as: UTF8.self))
        case .some: return .other
        case nil: throw .unreadable("a block of content has no type")
        }
    }

    /// The answer that it is.
    ///
    /// - Parameters:
    ///   - asked: the model that was asked for, for servers that do not name theirs.
    ///   - usesTool: whether a tool stood for the schema; a batch's result tells by the tool's name alone.
    ///   - treatments: of the request; a batch's result has none.
    /// - Throws: POLICY_BLOCK for a refusal; QUARANTINE_REQUIRED for a reason to stop that no request of ours can have;
    ///   with the tokens that are billed all the same.
    func answer(
        asked: String?, usesTool: Bool, treatments: [String: ChatAnswer.Treatment], requestID: String?
    ) throws(Failure) -> ChatAnswer {
        do throws(Failure) {
            return try checked(asked: asked, usesTool: usesTool, treatments: treatments, requestID: requestID)
        } catch { throw error.billed(usage.usage) }
    }

    private func checked(
        asked: String?, usesTool: Bool, treatments: [String: ChatAnswer.Treatment], requestID: String?
    ) throws(Failure) -> ChatAnswer {
        guard let stopReason else { throw .unreadable("it does not say why the model stopped") }
        var inputs: [String] = []
        for case .tool(let name, let input) in blocks {
            guard usesTool, name == AnthropicRequest.toolName else { throw Verdict.toolCall.failure() }
            inputs.append(input)
        }
        guard inputs.count <= 1 else { throw .unreadable("the model answered twice") }
        let finish: ChatAnswer.Finish
        switch stopReason {
        case "end_turn", "stop_sequence": finish = .stop
        // The context is full: the text is cut off as it is by a limit of tokens.
        case "max_tokens", "model_context_window_exceeded": finish = .length
        case "refusal": throw Verdict.refusal.failure()
        case "tool_use":
            guard !inputs.isEmpty else { throw Verdict.toolCall.failure() }
            finish = .stop
        // `pause_turn` is for tools of the server's own, which are never asked for.
        default: throw .unreadable("the model stopped for a reason that is not known")
        }
        guard let name = ReplyJSON.name(model) ?? asked else { throw .unreadable("it does not name its model") }
        let texts = blocks.compactMap { if case .text(let text) = $0 { text } else { nil } }
        return ChatAnswer(
            model: name, text: inputs.first ?? texts.joined(), finish: finish, usage: usage.usage,
            treatments: treatments, tier: usage.tier, requestID: ReplyJSON.name(requestID))
    }
}

/// Usage as it comes in pieces; later numbers replace earlier ones, because all are totals.
struct AnthropicUsage: Equatable, Sendable {
    private var input: Int?
    private var cacheReads = 0
    private var cacheWrites = 0
    private var output: Int?
    private var thinking = 0
    private var serviceTier: String?

    mutating func take(_ json: JSONValue?) {
        guard let json, json.object != nil else { return }
        input = ReplyJSON.count(json["input_tokens"]) ?? input
        cacheReads = ReplyJSON.count(json["cache_read_input_tokens"]) ?? cacheReads
        cacheWrites = ReplyJSON.count(json["cache_creation_input_tokens"]) ?? cacheWrites
        output = ReplyJSON.count(json["output_tokens"]) ?? output
        thinking = ReplyJSON.count(json["output_tokens_details"]?["thinking_tokens"]) ?? thinking
        serviceTier = json["service_tier"]?.string ?? serviceTier
    }

    /// `input_tokens` counts neither what was read from the cache nor what was written into it; ours counts both, once.
    var usage: ChatAnswer.Usage? {
        guard let input, let output else { return nil }
        return ChatAnswer.Usage(
            input: input + cacheReads + cacheWrites, cachedInput: cacheReads, cacheWrites: cacheWrites,
            output: output, reasoning: min(thinking, output))
    }

    /// Priority capacity is bought ahead; it is no lane of ours.
    var tier: ChatRequest.Tier? {
        serviceTier == "standard" || serviceTier == "priority" ? .standard : nil
    }
}
