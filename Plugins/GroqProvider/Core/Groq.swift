import ChatCompletions
public import ProviderKit
public import SluiceSDK

/// The protocol of Groq: chat completions under `/openai`, the flex tier with its status 498, batches.
public struct Groq: Adapter {
    public static let offers: ProviderCalls = [.infer, .tokenEstimate, .submit, .poll]

    public static let parameters = ParameterTable(
        [
            .system: .passed(as: "messages"), .temperature: .passed(as: "temperature"), .topP: .passed(as: "top_p"),
            .stop: .passed(as: "stop"), .maxTokens: .passed(as: "max_completion_tokens"), .seed: .passed(as: "seed"),
            .schema: .mapped(as: "response_format", how: "`json_object`, and the schema in a system message"),
            .tier: .passed(as: "service_tier"), .stream: .passed(as: "stream"),
            .contextTokens: .mapped(as: "", how: "compared here with the tokens that were read"),
        ], stopLimit: 4, variants: [structured, schemaAtOnce])

    /// Models with structured outputs.
    static let structured = ParameterTable.Variant(
        "gpt-oss, Llama 4, Kimi K2", [.schema: .passed(as: "response_format")])

    /// Structured outputs do not stream.
    static let schemaAtOnce = ParameterTable.Variant(
        "with a schema", [.stream: .dropped(why: "answers bound by a schema come whole")])

    private let client: ChatClient
    private let batches: Batches

    public init(config: JSONObject) throws(Failure) {
        _ = try Configuration(config, known: [])
        let dialect = Dialect(
            prefix: "/openai/v1", parameters: Self.parameters,
            errors: ErrorTable(
                [
                    .init(.status(498), .laneCapacity), .init(.type("service_tier_capacity_error"), .laneCapacity),
                    .init(.type("permissions_error"), .forbidden),
                ], flexIsLane: true),
            variants: { request in
                (Self.isStructured(request.model) ? [Self.structured] : [])
                    + (request.schema == nil ? [] : [Self.schemaAtOnce])
            }, schema: { Self.form($0.model) })
        client = ChatClient(dialect)
        batches = Batches(
            dialect,
            forms: [
                Batches.Form(
                    endpoint: "/v1/chat/completions",
                    body: { request throws(Failure) in
                        ChatBody.json(request, plan: try dialect.plan(request), dialect: dialect)
                    }, completion: { json throws(Failure) in try ChatReader.completion(json) })
            ])
    }

    static func isStructured(_ model: String) -> Bool {
        ["gpt-oss", "llama-4", "kimi-k2"].contains { model.contains($0) }
    }

    private static func form(_ model: String) -> Dialect.SchemaForm {
        if model.contains("gpt-oss") { return .strict }
        return isStructured(model) ? .named : .object
    }

    public func infer(_ request: ChatRequest, _ transport: some Transport) throws(Failure) -> ChatAnswer {
        try client.infer(request, transport)
    }

    public func tokens(model: String, text: String) -> Int {
        TokenEstimator.estimate(model: model, text: text)
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
