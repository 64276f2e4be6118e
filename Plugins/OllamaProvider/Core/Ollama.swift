public import ProviderKit
public import SluiceSDK
import TokenCount

/// The native API of Ollama. It has no batches: the host uses workers of its own.
public struct Ollama: Adapter {
    public static var parameters: ParameterTable { OllamaRequest.parameters }
    public static var offers: ProviderCalls { [.infer, .embed, .tokenEstimate] }

    /// Texts of one request to `/api/embed`.
    private static let embedLimit = 256

    private let settings: OllamaSettings

    public init(config: JSONObject) throws(Failure) { settings = try OllamaSettings(config: config) }

    public func infer(_ request: ChatRequest, _ transport: some Transport) throws(Failure) -> ChatAnswer {
        let asked = try OllamaRequest(request, settings: settings)
        var call = Self.post("/api/chat", asked.body)
        call.firstByteMilliseconds = request.firstByteMilliseconds
        call.stallMilliseconds = request.stallMilliseconds
        let reply = try Self.send(call, transport)
        // Servers mix the two up: an answer in one line is a stream's last, and lines come unasked.
        let isStream = request.stream || reply.headers["content-type"]?.contains("ndjson") ?? false
        let read = try isStream ? OllamaAnswer.read(reply) : OllamaAnswer.readDocument(reply)
        let answer = try read.answer(request, treatments: asked.treatments)
        // Servers that do not know `truncate` cut without a word.
        var request = request
        request.contextTokens = asked.contextTokens
        try Truncation.check(request, counted: read.counted, usage: answer.usage)
        return answer
    }

    public func embed(model: String?, texts: [String], _ transport: some Transport) throws(Failure) -> [[Float]] {
        guard let model = model ?? settings.embeddingModel else {
            throw Failure(
                .deterministicFailure, reason: "bad_request",
                message: "Ollama has no usual model of embeddings: name one, or set the config's embedding_model.")
        }
        var vectors: [[Float]] = []
        var rest = texts[...]
        while !rest.isEmpty {
            let part = rest.prefix(Self.embedLimit)
            rest = rest.dropFirst(part.count)
            var body = JSONObject()
            body["model"] = .string(model)
            body["input"] = .array(part.map { .string($0) })
            body["truncate"] = false
            body["keep_alive"] = settings.keepAlive
            let reply = try Self.send(Self.post("/api/embed", .object(body)), transport)
            vectors += try Self.vectors(reply, count: part.count)
        }
        return vectors
    }

    public func tokens(model: String, text: String) -> Int {
        TokenEstimator.estimate(model: model, text: text)
    }

    /// Models that the server has, those in its memory first.
    public func models(_ transport: some Transport) throws(Failure) -> [String] {
        let version = try ReplyJSON.object(try Self.send(Self.get("/api/version"), transport).body)
        guard version["version"]?.string != nil else { throw .unreadable("it is no Ollama: it tells no version") }
        let all = try Self.names(try Self.send(Self.get("/api/tags"), transport))
        let loaded: [String]
        do throws(Failure) {
            loaded = try Self.names(try Self.send(Self.get("/api/ps"), transport))
        } catch {
            // Older servers do not tell what is loaded.
            guard error.status != nil else { throw error }
            loaded = []
        }
        return loaded + all.filter { !loaded.contains($0) }
    }

    private static func names(_ reply: HTTPReply) throws(Failure) -> [String] {
        guard let models = try ReplyJSON.object(reply.body)["models"] else {
            throw .unreadable("it holds no list of models")
        }
        return (models.array ?? []).compactMap { ReplyJSON.name($0["model"]?.string ?? $0["name"]?.string) }
    }

    private static func vectors(_ reply: HTTPReply, count: Int) throws(Failure) -> [[Float]] {
        let json = try ReplyJSON.object(reply.body)
        if ErrorSignal.error(in: json) != nil { throw OllamaErrors.failure(inBand: json) }
        guard let rows = json["embeddings"]?.array, rows.count == count else {
            throw .unreadable("it does not hold one vector a text")
        }
        var vectors: [[Float]] = []
        for row in rows {
            let numbers = row.array ?? []
            let vector = numbers.compactMap { $0.double.map { Float($0) } }.filter(\.isFinite)
            guard !vector.isEmpty, vector.count == numbers.count, vector.count == (vectors.first ?? vector).count else {
                throw .unreadable("a vector is empty, of another length, or holds something else than numbers")
            }
            vectors.append(vector)
        }
        return vectors
    }

    private static func post(_ path: String, _ body: JSONValue) -> HTTPCall {
        HTTPCall(path: path, headers: ["content-type": "application/json"], body: body.encoded())
    }

    private static func get(_ path: String) -> HTTPCall { HTTPCall(method: "GET", path: path) }

    private static func send(_ call: HTTPCall, _ transport: some Transport) throws(Failure) -> HTTPReply {
        let reply = try transport.send(call)
        guard (200..<300).contains(reply.status) else { throw OllamaErrors.failure(reply) }
        return reply
    }
}
