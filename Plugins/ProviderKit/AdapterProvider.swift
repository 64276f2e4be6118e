public import SluiceSDK

/// Makes a plugin of an adapter: documents in, documents out, and the host's `http` in between.
///
/// A failure of the provider is an outcome, `{"failure":…}` under SLUICE_OK; only what is wrong with the call itself
/// (an unreadable request, a cancellation) is an error of the ABI.
public final class AdapterProvider<A: Adapter>: Provider {
    public static var offers: ProviderCalls { A.offers }

    private let adapter: A
    private let host: Host
    private let transport: HTTPTransport

    public init(config: JSONObject, host: Host) throws(PluginFailure) {
        do throws(Failure) { adapter = try A(config: config) } catch { throw error.pluginFailure }
        self.host = host
        transport = HTTPTransport(host: host)
    }

    public func infer(_ request: JSONValue) throws(PluginFailure) -> JSONValue {
        let request = try ChatRequest(json: request)
        let result: Result<ChatAnswer, Failure>
        do throws(Failure) {
            result = .success(try adapter.infer(request, transport))
        } catch {
            result = .failure(error)
        }
        try host.checkCancellation()
        return result.json
    }

    public func embed(model: String?, texts: [String]) throws(PluginFailure) -> Embeddings {
        guard !texts.isEmpty else { return try Embeddings(dimensions: 1, values: []) }
        let vectors: [[Float]]
        do throws(Failure) { vectors = try adapter.embed(model: model, texts: texts, transport) } catch {
            try host.checkCancellation()
            throw error.pluginFailure
        }
        let dimensions = vectors.first?.count ?? 0
        guard vectors.count == texts.count, dimensions > 0, vectors.allSatisfy({ $0.count == dimensions }) else {
            throw Failure.unreadable("it does not hold one vector a text").pluginFailure
        }
        return try Embeddings(dimensions: dimensions, values: Array(vectors.joined()))
    }

    public func tokenEstimate(model: String, text: String) throws(PluginFailure) -> UInt64 {
        UInt64(adapter.tokens(model: model, text: text))
    }

    public func health() throws(PluginFailure) -> JSONValue {
        let models: [String]
        do throws(Failure) { models = try adapter.models(transport) } catch {
            try host.checkCancellation()
            throw error.pluginFailure
        }
        return ["healthy": true, "models": .array(models.map { ["id": .string($0)] })]
    }

    /// Hands a batch in: `{"batch":…}` or `{"failure":…}`.
    public func submit(_ request: JSONValue) throws(PluginFailure) -> JSONValue {
        let request = try BatchRequest(json: request)
        let answer: JSONValue
        do throws(Failure) {
            answer = ["batch": .string(try adapter.submit(request.items, transport))]
        } catch {
            answer = ["failure": error.json]
        }
        try host.checkCancellation()
        return answer
    }

    /// Asks how far a batch is, or gives it up: `{"state":…,"results":[…]}`, or `{"failure":…}` when the question failed.
    public func poll(_ request: JSONValue) throws(PluginFailure) -> JSONValue {
        let request = try PollRequest(json: request)
        let answer: JSONValue
        do throws(Failure) {
            if request.cancel { try adapter.cancel(batch: request.batch, transport) }
            answer = try adapter.poll(batch: request.batch, transport).json
        } catch {
            answer = ["failure": error.json]
        }
        try host.checkCancellation()
        return answer
    }
}
