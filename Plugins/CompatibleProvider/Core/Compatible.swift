import ChatCompletions
public import ProviderKit
public import SluiceSDK

/// Servers that speak OpenAI's protocol at an address of their own: llama.cpp, vLLM, LM Studio.
public struct Compatible: Adapter {
    public static let offers: ProviderCalls = [.infer, .embed, .tokenEstimate]

    public static let parameters = ParameterTable(
        [
            .system: .passed(as: "messages"), .temperature: .passed(as: "temperature"), .topP: .passed(as: "top_p"),
            .stop: .passed(as: "stop"), .maxTokens: .passed(as: "max_tokens"), .seed: .passed(as: "seed"),
            .schema: .passed(as: "response_format"), .tier: .dropped(why: "these servers have one tier"),
            .stream: .passed(as: "stream"),
            .contextTokens: .mapped(as: "", how: "compared here with the tokens that were read"),
        ], stopLimit: 16, variants: [schemaInWords])

    /// `{"schema":"json_object"}`, for servers that know no schemas.
    static let schemaInWords = ParameterTable.Variant(
        "`schema` is `json_object`",
        [.schema: .mapped(as: "response_format", how: "`json_object`, and the schema in a system message")])

    private enum SchemaMember: String {
        case named = "json_schema"
        case words = "json_object"
    }

    private let client: ChatClient

    public init(config: JSONObject) throws(Failure) {
        let config = try Configuration(config, known: ["embedding_model", "schema"])
        let inWords = try config.choice("schema", of: SchemaMember.self) == .words
        let busy: [ErrorTable.Row] = [
            // llama.cpp with all its slots in use; LM Studio without a model.
            .init(.phrase("no available slots"), .busy), .init(.phrase("slot unavailable"), .busy),
            .init(.phrase("no models loaded"), .modelNotFound),
        ]
        client = ChatClient(
            Dialect(
                prefix: "/v1", parameters: Self.parameters, errors: ErrorTable(busy), embeddingTexts: 64,
                embeddingModel: try config.text("embedding_model"),
                variants: { _ in inWords ? [Self.schemaInWords] : [] },
                schema: { _ in inWords ? .object : .strict }))
    }

    public func infer(_ request: ChatRequest, _ transport: some Transport) throws(Failure) -> ChatAnswer {
        try client.infer(request, transport)
    }

    public func embed(model: String?, texts: [String], _ transport: some Transport) throws(Failure) -> [[Float]] {
        try client.embed(model: model, texts: texts, transport)
    }

    public func tokens(model: String, text: String) -> Int {
        TokenEstimator.estimate(model: model, text: text)
    }

    public func models(_ transport: some Transport) throws(Failure) -> [String] { try client.models(transport) }
}
