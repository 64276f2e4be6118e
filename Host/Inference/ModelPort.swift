public import Foundations
public import PluginHost
public import Policy

/// One provider that can be asked: a pool of its plugin's processes, or a script of a test.
///
/// Every call blocks the calling thread until there is an outcome, and may come from any thread.
public protocol ModelPort: Sendable {
    /// - Parameters:
    ///   - deadline: monotonic nanoseconds of the context's clock.
    ///   - stop: raised when nobody waits for the answer any more (a hedge lost, the run stops).
    func infer(
        _ request: ModelRequest, deadline: UInt64, stop: StopSignal?
    ) -> Result<ModelAnswer, ProviderFailure>

    /// Tokens that prompts cost as input, in order.
    func tokens(_ prompts: [MaskedPrompt], model: String) -> Result<[Int], ProviderFailure>

    /// Hands a batch in, each request under an id; the batch's id at the provider.
    func submit(_ requests: [(id: String, request: ModelRequest)], deadline: UInt64) -> Result<String, ProviderFailure>

    func poll(batch: String, deadline: UInt64) -> Result<ModelBatch, ProviderFailure>

    /// Asks the provider to stop a batch that nobody will poll any more.
    func cancel(batch: String, deadline: UInt64) -> Result<Void, ProviderFailure>

    /// Whether it can serve now: a small question to its server.
    func probe(deadline: UInt64) -> Result<Void, ProviderFailure>
}
