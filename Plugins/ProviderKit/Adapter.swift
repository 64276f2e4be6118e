public import SluiceSDK

/// One HTTP request that an adapter wants made; the host adds credentials and enforces the endpoint.
public struct HTTPCall: Equatable, Sendable {
    /// As the manifest names it.
    public var endpoint: String
    public var method: String
    /// With its query.
    public var path: String
    public var headers: [String: String]
    public var body: [UInt8]
    /// As in `ChatRequest`.
    public var firstByteMilliseconds: Int?
    public var stallMilliseconds: Int?

    public init(
        endpoint: String = "api", method: String = "POST", path: String, headers: [String: String] = [:],
        body: [UInt8] = [], firstByteMilliseconds: Int? = nil, stallMilliseconds: Int? = nil
    ) {
        self.endpoint = endpoint
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
        self.firstByteMilliseconds = firstByteMilliseconds
        self.stallMilliseconds = stallMilliseconds
    }
}

/// What came back; a status of 400 and above is a reply too.
public struct HTTPReply: Equatable, Sendable {
    public var status: Int
    /// Names in lower case.
    public var headers: [String: String]
    public var body: [UInt8]
    public var retryAfterMilliseconds: UInt64?

    public init(status: Int, headers: [String: String] = [:], body: [UInt8], retryAfterMilliseconds: UInt64? = nil) {
        self.status = status
        self.headers = headers
        self.body = body
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }
}

/// The way to a server: the host's `http`, or a script of a test.
public protocol Transport {
    /// - Throws: what kept a reply from coming: refused, name, TLS, deadline, reset (docs/providers.md).
    func send(_ call: HTTPCall) throws(Failure) -> HTTPReply
}

/// One request of a batch, under the caller's id.
public struct BatchItem: Equatable, Sendable {
    public var id: String
    public var request: ChatRequest

    public init(id: String, request: ChatRequest) {
        self.id = id
        self.request = request
    }
}

/// How far a batch is.
public struct BatchState: Equatable, Sendable {
    public enum Phase: String, Equatable, Sendable {
        case running, done, failed, expired, cancelled
    }

    public var phase: Phase
    /// Results in whatever order they came, each under its id; empty while it runs.
    public var results: [(id: String, result: Result<ChatAnswer, Failure>)]
    /// Why it failed as a whole.
    public var failure: Failure?

    public init(
        _ phase: Phase, results: [(id: String, result: Result<ChatAnswer, Failure>)] = [], failure: Failure? = nil
    ) {
        self.phase = phase
        self.results = results
        self.failure = failure
    }

    public static func == (a: BatchState, b: BatchState) -> Bool {
        a.phase == b.phase && a.failure == b.failure && a.results.count == b.results.count
            && zip(a.results, b.results).allSatisfy { $0.id == $1.id && $0.result == $1.result }
    }
}

/// One provider's protocol: builds its requests and reads its answers. Nothing else knows them.
///
/// No state but its configuration; every call makes the HTTP requests that it needs through the transport, one after
/// another. `AdapterProvider` makes a plugin of it.
public protocol Adapter: Sendable {
    /// What becomes of each parameter; docs/providers.md is made from it.
    static var parameters: ParameterTable { get }

    /// The calls that the provider has; the others are NULL to the host.
    static var offers: ProviderCalls { get }

    /// `config` is the plugin's configuration, possibly empty.
    init(config: JSONObject) throws(Failure)

    func infer(_ request: ChatRequest, _ transport: some Transport) throws(Failure) -> ChatAnswer
    func embed(model: String?, texts: [String], _ transport: some Transport) throws(Failure) -> [[Float]]
    /// Tokens that a text costs as a message to a model, with the message's frame; of "" what a request costs besides its
    /// messages. Needs no server, and counts no schema.
    func tokens(model: String, text: String) -> Int
    /// Names of the models that the server has, if it tells; a failure when it cannot serve.
    func models(_ transport: some Transport) throws(Failure) -> [String]
    /// Hands a batch in; its id at the provider.
    func submit(_ items: [BatchItem], _ transport: some Transport) throws(Failure) -> String
    func poll(batch: String, _ transport: some Transport) throws(Failure) -> BatchState
    func cancel(batch: String, _ transport: some Transport) throws(Failure)
}

extension Adapter {
    public static var offers: ProviderCalls { [.infer, .tokenEstimate] }

    public func embed(model: String?, texts: [String], _ transport: some Transport) throws(Failure) -> [[Float]] {
        throw .notOffered("embeddings")
    }

    public func submit(_ items: [BatchItem], _ transport: some Transport) throws(Failure) -> String {
        throw .notOffered("batches")
    }

    public func poll(batch: String, _ transport: some Transport) throws(Failure) -> BatchState {
        throw .notOffered("batches")
    }

    public func cancel(batch: String, _ transport: some Transport) throws(Failure) { throw .notOffered("batches") }
}
