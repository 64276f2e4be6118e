public import ProviderKit
public import SluiceSDK

/// What differs between servers that speak chat completions; everything else is one code.
public struct Dialect: Sendable {
    /// Of the vendor's own paths, such as `/v1`.
    public var prefix: String
    public var parameters: ParameterTable
    /// Variants of the table that hold for a request: by its model, by what it asks for, by configuration.
    public var variants: @Sendable (ChatRequest) -> [ParameterTable.Variant]
    public var errors: ErrorTable
    /// How a schema is asked for; the matrix says the same in words.
    public var schema: @Sendable (ChatRequest) -> SchemaForm
    /// Whether a batch may hold one model alone.
    public var oneModelABatch: Bool
    /// Texts of one request for embeddings.
    public var embeddingTexts: Int
    /// Of requests that name none; nil leaves it to the server.
    public var embeddingModel: String?

    /// How a server takes a JSON Schema.
    public enum SchemaForm: Sendable {
        /// `json_schema`, with `strict` when the schema keeps the rules for that.
        case strict
        /// `json_schema` without `strict`.
        case named
        /// `json_object`: the schema stands in a message of ours.
        case object
    }

    public init(
        prefix: String, parameters: ParameterTable, errors: ErrorTable, oneModelABatch: Bool = false,
        embeddingTexts: Int = 256, embeddingModel: String? = nil,
        variants: @escaping @Sendable (ChatRequest) -> [ParameterTable.Variant] = { _ in [] },
        schema: @escaping @Sendable (ChatRequest) -> SchemaForm = { _ in .strict }
    ) {
        self.prefix = prefix
        self.parameters = parameters
        self.errors = errors
        self.oneModelABatch = oneModelABatch
        self.embeddingTexts = embeddingTexts
        self.embeddingModel = embeddingModel
        self.variants = variants
        self.schema = schema
    }

    public func plan(_ request: ChatRequest) throws(Failure) -> ParameterPlan {
        try parameters.plan(request, variants: variants(request))
    }

    /// The reply of a request that succeeded, or what its error means.
    public func checked(_ reply: HTTPReply, tier: ChatRequest.Tier = .standard) throws(Failure) -> HTTPReply {
        if reply.status >= 400 { throw errors.failure(reply, tier: tier) }
        guard (200..<300).contains(reply.status) else {
            throw Verdict.unexpectedStatus.failure(status: reply.status)
        }
        return reply
    }

    /// Throws when a document of status 200 is an error all the same.
    public func check(_ json: JSONValue, _ reply: HTTPReply?, tier: ChatRequest.Tier = .standard) throws(Failure) {
        guard let error = ErrorSignal.error(in: json) else { return }
        throw errors.failure(ErrorSignal(inBand: error, reply: reply), tier: tier)
    }

    /// The JSON object of a reply that succeeded.
    public func object(_ reply: HTTPReply) throws(Failure) -> JSONValue {
        let json = try ReplyJSON.object(try checked(reply).body)
        try check(json, reply)
        return json
    }
}
