public import ProviderKit
public import SluiceSDK

/// Chat completions, embeddings and models of one dialect.
public struct ChatClient: Sendable {
    public let dialect: Dialect

    public init(_ dialect: Dialect) { self.dialect = dialect }

    public func infer(_ request: ChatRequest, _ transport: some Transport) throws(Failure) -> ChatAnswer {
        let plan = try dialect.plan(request)
        let body = ChatBody.json(request, plan: plan, dialect: dialect)
        let reply = try transport.send(Self.post("\(dialect.prefix)/chat/completions", body, request))
        let completion = try dialect.completion(reply, tier: request.tier)
        return try completion.answer(request, plan: plan, headers: reply.headers)
    }

    /// A JSON request with the deadlines of what it is made for.
    public static func post(_ path: String, _ body: JSONValue, _ request: ChatRequest? = nil) -> HTTPCall {
        let accept = body["stream"] == true ? "text/event-stream" : "application/json"
        return HTTPCall(
            path: path, headers: ["content-type": "application/json", "accept": accept], body: body.encoded(),
            firstByteMilliseconds: request?.firstByteMilliseconds, stallMilliseconds: request?.stallMilliseconds)
    }

    public static func get(_ path: String) -> HTTPCall {
        HTTPCall(method: "GET", path: path, headers: ["accept": "application/json"])
    }

    /// Names of the server's models; at most 1,000 of them.
    public func models(_ transport: some Transport) throws(Failure) -> [String] {
        let json = try dialect.object(try transport.send(Self.get("\(dialect.prefix)/models")))
        guard let data = json["data"]?.array else { throw .unreadable("it lists no models") }
        return data.prefix(1000).compactMap { ReplyJSON.name($0["id"]?.string) }
    }

    /// One vector a text, asked for in parts that the server takes.
    public func embed(
        model: String?, texts: [String], _ transport: some Transport
    ) throws(Failure) -> [[Float]] {
        var vectors: [[Float]] = []
        vectors.reserveCapacity(texts.count)
        var at = 0
        while at < texts.count {
            let part = Array(texts[at..<min(at + dialect.embeddingTexts, texts.count)])
            var body = JSONObject()
            body["model"] = (model ?? dialect.embeddingModel).map { .string($0) }
            body["input"] = .array(part.map { .string($0) })
            body["encoding_format"] = "float"
            let reply = try transport.send(Self.post("\(dialect.prefix)/embeddings", .object(body)))
            vectors += try Self.vectors(try dialect.object(reply), count: part.count)
            at += part.count
        }
        guard vectors.allSatisfy({ $0.count == vectors[0].count }) else {
            throw .unreadable("its vectors differ in length")
        }
        return vectors
    }

    /// Each vector by its `index`: a server may answer in any order.
    private static func vectors(_ json: JSONValue, count: Int) throws(Failure) -> [[Float]] {
        guard let data = json["data"]?.array, data.count == count else {
            throw .unreadable("it does not hold one vector a text")
        }
        var vectors = [[Float]](repeating: [], count: count)
        for (place, entry) in data.enumerated() {
            let index = entry["index"]?.int.flatMap { Int(exactly: $0) } ?? place
            guard vectors.indices.contains(index), vectors[index].isEmpty, let values = entry["embedding"]?.array,
                !values.isEmpty
            else { throw .unreadable("it does not hold one vector a text") }
            var vector: [Float] = []
            vector.reserveCapacity(values.count)
            for value in values {
                guard let number = value.double, Float(number).isFinite else {
                    throw .unreadable("a vector holds something else than numbers")
                }
                vector.append(Float(number))
            }
            vectors[index] = vector
        }
        return vectors
    }
}
