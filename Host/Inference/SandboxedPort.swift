public import Foundations
public import PluginHost
public import Policy

/// A provider that is asked through its plugin: a pool of sandboxed processes, which belongs to the port's maker.
public struct SandboxedPort: ModelPort {
    private let pool: ProviderPool

    /// - Parameter pool: closed by whoever made it, once nobody asks any more.
    public init(_ pool: ProviderPool) { self.pool = pool }

    public func infer(
        _ request: ModelRequest, deadline: UInt64, stop: StopSignal?
    ) -> Result<ModelAnswer, ProviderFailure> {
        pool.infer(request, deadline: deadline, stop: stop)
    }

    public func tokens(_ prompts: [MaskedPrompt], model: String) -> Result<[Int], ProviderFailure> {
        pool.tokens(prompts, model: model)
    }

    public func submit(
        _ requests: [(id: String, request: ModelRequest)], deadline: UInt64
    ) -> Result<String, ProviderFailure> {
        pool.submit(requests, deadline: deadline)
    }

    public func poll(batch: String, deadline: UInt64) -> Result<ModelBatch, ProviderFailure> {
        pool.poll(batch: batch, deadline: deadline)
    }

    public func cancel(batch: String, deadline: UInt64) -> Result<Void, ProviderFailure> {
        pool.poll(batch: batch, cancels: true, deadline: deadline).map { _ in () }
    }

    public func probe(deadline: UInt64) -> Result<Void, ProviderFailure> { pool.probe(deadline: deadline) }
}
