/// Answers prompts and embeds texts. Offer what you implement through `offers`; the rest is NULL to the host.
///
/// Calls to one instance are serial; only `cancel` may come from another thread at any time.
public protocol Provider: AnyObject {
    /// The calls that are implemented; `health` always is.
    static var offers: ProviderCalls { get }

    /// `config` is a JSON object, possibly empty.
    init(config: JSONObject, host: Host) throws(PluginFailure)

    /// One completion: normalised request in, normalised answer out. Prompts arrive masked.
    func infer(_ request: JSONValue) throws(PluginFailure) -> JSONValue

    /// One vector a text, at most 10,000 texts; `model` is nil for the default.
    func embed(model: String?, texts: [String]) throws(PluginFailure) -> Embeddings

    /// Tokens that `text` costs as input.
    func tokenEstimate(model: String, text: String) throws(PluginFailure) -> UInt64

    /// Hands requests in to a batch API: `{"version":1,"items":[{"id":…,"request":{…}}]}`, each request as for `infer`.
    ///
    /// - Returns: `{"batch":…}`, the name under which `poll` asks, or `{"failure":…}` (docs/providers.md).
    func submit(_ request: JSONValue) throws(PluginFailure) -> JSONValue

    /// How far a batch is: `{"version":1,"batch":…,"cancel":true?}`. It does not wait for the batch: the host asks again.
    ///
    /// The batch may have been handed in by another process. With `cancel` nobody will ask for it any more.
    /// - Returns: `{"state":…,"results":[…]}`; the results in any order, each with the id it was handed in under.
    func poll(_ request: JSONValue) throws(PluginFailure) -> JSONValue

    /// `{"healthy":true,"models":[…]}`; throws `.providerUnhealthy` when it cannot serve.
    func health() throws(PluginFailure) -> JSONValue

    /// Ask the running call to return soon; any thread, must not block. `Host.isCancelled` tells the same.
    func cancel()
}

extension Provider {
    public func infer(_ request: JSONValue) throws(PluginFailure) -> JSONValue { throw .notImplemented }
    public func embed(model: String?, texts: [String]) throws(PluginFailure) -> Embeddings { throw .notImplemented }
    public func tokenEstimate(model: String, text: String) throws(PluginFailure) -> UInt64 { throw .notImplemented }
    public func submit(_ request: JSONValue) throws(PluginFailure) -> JSONValue { throw .notImplemented }
    public func poll(_ request: JSONValue) throws(PluginFailure) -> JSONValue { throw .notImplemented }
    public func cancel() {}
}

extension PluginFailure {
    fileprivate static var notImplemented: PluginFailure {
        PluginFailure(message: "The provider does not offer this call.")
    }
}

/// The optional calls of a provider.
public struct ProviderCalls: OptionSet, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let infer = ProviderCalls(rawValue: 1)
    public static let embed = ProviderCalls(rawValue: 2)
    public static let tokenEstimate = ProviderCalls(rawValue: 4)
    public static let submit = ProviderCalls(rawValue: 8)
    public static let poll = ProviderCalls(rawValue: 16)
}

/// Vectors of 32-bit floats, row-major.
public struct Embeddings: Equatable, Sendable {
    public let dimensions: Int
    /// `rows * dimensions` numbers.
    public let values: [Float]

    public var rows: Int { dimensions == 0 ? 0 : values.count / dimensions }

    /// Throws when the numbers do not fill whole rows.
    public init(dimensions: Int, values: [Float]) throws(PluginFailure) {
        guard dimensions > 0, UInt32(exactly: dimensions) != nil, values.count % dimensions == 0 else {
            throw PluginFailure(message: "Embeddings do not fill whole rows.")
        }
        self.dimensions = dimensions
        self.values = values
    }
}
