import ChatCompletions
public import ProviderKit
public import SluiceSDK

/// The protocol of OpenAI: chat completions or responses, embeddings, the flex tier and batches.
public struct OpenAI: Adapter {
    public static let offers: ProviderCalls = [.infer, .embed, .tokenEstimate, .submit, .poll]

    public static let parameters = ParameterTable(
        [
            .system: .passed(as: "messages"), .temperature: .passed(as: "temperature"), .topP: .passed(as: "top_p"),
            .stop: .passed(as: "stop"), .maxTokens: .passed(as: "max_completion_tokens"), .seed: .passed(as: "seed"),
            .schema: .passed(as: "response_format"), .tier: .passed(as: "service_tier"),
            .stream: .passed(as: "stream"),
            .contextTokens: .mapped(as: "", how: "compared here with the tokens that were read"),
        ], stopLimit: 4, variants: [responses, reasoning])

    /// `{"api":"responses"}`.
    static let responses = ParameterTable.Variant(
        "responses API",
        [
            .system: .passed(as: "input"), .stop: .mapped(as: "", how: "the text is cut here"),
            .maxTokens: .passed(as: "max_output_tokens"), .seed: .dropped(why: "the API has none"),
            .schema: .passed(as: "text"),
        ], stopLimit: 64)

    /// Models that think first: o1 and later, GPT-5 but its chat models.
    static let reasoning = ParameterTable.Variant(
        "reasoning models",
        [
            .temperature: .dropped(why: "these models take only their own"),
            .topP: .dropped(why: "these models take only their own"),
            .stop: .mapped(as: "", how: "the text is cut here"),
        ], stopLimit: 64)

    /// Which of the two APIs is asked.
    enum API: String {
        case chat
        case responses
    }

    let api: API
    private let client: ChatClient
    private let batches: Batches

    public init(config: JSONObject) throws(Failure) {
        let config = try Configuration(config, known: ["api", "embedding_model"])
        let api = try config.choice("api", of: API.self) ?? .chat
        self.api = api
        let dialect = Dialect(
            prefix: "/v1", parameters: Self.parameters,
            errors: ErrorTable([.init(.code("resource_unavailable"), .laneCapacity)], flexIsLane: true),
            oneModelABatch: true, embeddingModel: try config.text("embedding_model") ?? "text-embedding-3-small",
            variants: { request in
                (api == .responses ? [Self.responses] : []) + (Self.isReasoning(request.model) ? [Self.reasoning] : [])
            })
        client = ChatClient(dialect)
        let chat = Batches.Form(
            endpoint: "/v1/chat/completions",
            body: { request throws(Failure) in
                ChatBody.json(request, plan: try Self.batchPlan(dialect, request), dialect: dialect)
            }, completion: { json throws(Failure) in try ChatReader.completion(json) })
        let responses = Batches.Form(
            endpoint: "/v1/responses",
            body: { request throws(Failure) in Responses.body(request, plan: try Self.batchPlan(dialect, request)) },
            completion: { json throws(Failure) in try Responses.completion(json, errors: dialect.errors) })
        batches = Batches(dialect, forms: api == .chat ? [chat, responses] : [responses, chat])
    }

    /// Results of a batch come without their requests, so nothing can be done here to their text.
    private static func batchPlan(_ dialect: Dialect, _ request: ChatRequest) throws(Failure) -> ParameterPlan {
        let plan = try dialect.plan(request)
        if plan.isDoneHere(.stop) { throw .refused(.stop, "a batch cannot have them at this model") }
        return plan
    }

    static func isReasoning(_ model: String) -> Bool {
        let base = model.hasPrefix("ft:") ? model.dropFirst(3) : model[...]
        if base.hasPrefix("gpt-5") { return !base.contains("-chat") }
        return base.first == "o" && base.dropFirst().first?.isNumber == true
    }

    public func infer(_ request: ChatRequest, _ transport: some Transport) throws(Failure) -> ChatAnswer {
        guard api == .responses else { return try client.infer(request, transport) }
        let dialect = client.dialect
        let plan = try dialect.plan(request)
        let call = ChatClient.post("\(dialect.prefix)/responses", Responses.body(request, plan: plan), request)
        let reply = try dialect.checked(try transport.send(call), tier: request.tier)
        let completion = try Responses.completion(reply, dialect: dialect, tier: request.tier)
        return try completion.answer(request, plan: plan, headers: reply.headers)
    }

    public func embed(model: String?, texts: [String], _ transport: some Transport) throws(Failure) -> [[Float]] {
        try client.embed(model: model, texts: texts, transport)
    }

    public func tokens(model: String, text: String) -> Int {
        TokenEstimator.estimate(model: model.isEmpty ? "gpt-5" : model, text: text)
    }

    public func models(_ transport: some Transport) throws(Failure) -> [String] { try client.models(transport) }

    public func submit(_ items: [BatchItem], _ transport: some Transport) throws(Failure) -> String {
        try batches.submit(items, transport)
    }

    public func poll(batch: String, _ transport: some Transport) throws(Failure) -> BatchState {
        try batches.poll(batch: batch, transport)
    }

    public func cancel(batch: String, _ transport: some Transport) throws(Failure) {
        try batches.cancel(batch: batch, transport)
    }
}
