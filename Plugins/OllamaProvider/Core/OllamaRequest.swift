internal import ProviderKit
internal import SluiceSDK

/// What the plugin's configuration may set.
struct OllamaSettings: Equatable, Sendable {
    /// How long a model stays in memory behind a request: `5m`, or seconds; below 0 for ever.
    var keepAlive: JSONValue?
    /// In place of the context that the model registry says; a larger one costs memory.
    var contextTokens: Int?
    /// Whether models that can think do: true, false, or how much.
    var think: JSONValue?
    var embeddingModel: String?

    init() {}

    init(config: JSONObject) throws(Failure) {
        for member in config.members {
            switch member.key {
            case "keep_alive":
                guard member.value.int != nil || member.value.string.map(Self.isDuration) ?? false else {
                    throw Self.bad("/keep_alive: needs a duration such as 5m, or seconds")
                }
                keepAlive = member.value
            case "num_ctx":
                guard let value = member.value.int, value >= 256, value <= 1 << 24 else {
                    throw Self.bad("/num_ctx: needs a whole number from 256")
                }
                contextTokens = Int(value)
            case "think":
                guard member.value.bool != nil || ["low", "medium", "high"].contains(member.value.string) else {
                    throw Self.bad("/think: needs true, false, low, medium or high")
                }
                think = member.value
            case "embedding_model":
                guard let name = ReplyJSON.name(member.value.string) else {
                    throw Self.bad("/embedding_model: needs a model's name")
                }
                embeddingModel = name
            default:
                throw Self.bad("/: an unknown member; known are embedding_model, keep_alive, num_ctx and think")
            }
        }
    }

    /// As Go writes durations: `90s`, `1h30m`, `-1m`.
    private static func isDuration(_ text: String) -> Bool {
        let body = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard let first = body.first, first.isASCII, first.isNumber, let last = body.last else { return false }
        return body.utf8.count <= 16 && "smh".contains(last)
            && body.allSatisfy { $0.isASCII && $0.isNumber || "hmsnuµ.".contains($0) }
    }

    private static func bad(_ what: String) -> Failure {
        Failure(
            .deterministicFailure, scope: .provider, reason: "configuration", message: "config: \(what).")
    }
}

/// The body of one request to `/api/chat`, and what the answer says about it.
struct OllamaRequest: Equatable, Sendable {
    let body: JSONValue
    let treatments: [String: ChatAnswer.Treatment]
    /// The context that was asked for; nil for the server's own.
    let contextTokens: Int?

    static let parameters = ParameterTable(
        [
            .system: .passed(as: "messages"),
            .temperature: .passed(as: "options.temperature"),
            .topP: .passed(as: "options.top_p"),
            .stop: .passed(as: "options.stop"),
            .maxTokens: .passed(as: "options.num_predict"),
            .seed: .passed(as: "options.seed"),
            .schema: .mapped(as: "format", how: "the JSON Schema itself"),
            .tier: .dropped(why: "there are no tiers; the host uses its own workers"),
            .stream: .passed(as: "stream"),
            .contextTokens: .mapped(
                as: "options.num_ctx", how: "and compared with the tokens that were read"),
        ], stopLimit: 1024)

    init(_ request: ChatRequest, settings: OllamaSettings) throws(Failure) {
        let plan = try Self.parameters.plan(request)
        var options = JSONObject()
        options["temperature"] = request.temperature.map { .double($0) }
        options["top_p"] = request.topP.map { .double($0) }
        if !request.stop.isEmpty { options["stop"] = .array(request.stop.map { .string($0) }) }
        options["num_predict"] = request.maxTokens.map { .int(Int64($0)) }
        options["seed"] = request.seed.map { .int($0) }
        contextTokens = settings.contextTokens ?? request.contextTokens
        options["num_ctx"] = contextTokens.map { .int(Int64($0)) }

        var body = JSONObject()
        body["model"] = .string(request.model)
        body["messages"] = .array(
            request.messages.map { ["role": .string($0.role.rawValue), "content": .string($0.text)] })
        // It streams unless it is told not to.
        body["stream"] = .bool(request.stream)
        // A prompt that does not fit is an error, not cut short; nor is its beginning forgotten while it answers.
        body["truncate"] = false
        body["shift"] = false
        body["format"] = request.schema?.schema
        body["keep_alive"] = settings.keepAlive
        body["think"] = settings.think
        if !options.members.isEmpty { body["options"] = .object(options) }
        self.body = .object(body)
        treatments = plan.treatments
    }
}
