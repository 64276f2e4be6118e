internal import Foundations
internal import Inference
internal import PluginHost
internal import Policy

/// A port in front of which every question is recorded before it is handed over: one that cannot be is not asked.
struct RecordingPort: ModelPort {
    let port: any ModelPort
    let provider: String
    /// `id@version`.
    let plugin: String
    let rule: String
    let ruleID: String
    let post: @Sendable (ModelErrand) throws(SluiceError) -> Void

    func infer(
        _ request: ModelRequest, deadline: UInt64, stop: StopSignal?
    ) -> Result<ModelAnswer, ProviderFailure> {
        recorded("infer", model: request.model, request.messages.map(\.prompt)) {
            port.infer(request, deadline: deadline, stop: stop)
        }
    }

    func tokens(_ prompts: [MaskedPrompt], model: String) -> Result<[Int], ProviderFailure> {
        recorded("token_estimate", model: model, prompts) { port.tokens(prompts, model: model) }
    }

    func submit(
        _ requests: [(id: String, request: ModelRequest)], deadline: UInt64
    ) -> Result<String, ProviderFailure> {
        recorded("submit", model: requests.first?.request.model, requests.flatMap { $0.request.messages.map(\.prompt) }) {
            port.submit(requests, deadline: deadline)
        }
    }

    // No prompt goes with these.

    func poll(batch: String, deadline: UInt64) -> Result<ModelBatch, ProviderFailure> {
        port.poll(batch: batch, deadline: deadline)
    }

    func cancel(batch: String, deadline: UInt64) -> Result<Void, ProviderFailure> {
        port.cancel(batch: batch, deadline: deadline)
    }

    func probe(deadline: UInt64) -> Result<Void, ProviderFailure> { port.probe(deadline: deadline) }

    private func recorded<T>(
        _ call: String, model: String?, _ prompts: [MaskedPrompt], _ body: () -> Result<T, ProviderFailure>
    ) -> Result<T, ProviderFailure> {
        do throws(SluiceError) {
            try post(
                .call(
                    ProviderCall(
                        provider: provider, plugin: plugin, call: call, model: model,
                        promptHash: ProviderSession.promptHash(prompts, model: model).hex, texts: prompts.count,
                        rule: rule, ruleID: ruleID)))
        } catch {
            return .failure(
                ProviderFailure(
                    .policyBlock, scope: .provider, reason: "unrecorded",
                    message: "The ledger did not take the call: \(error.message)"))
        }
        return body()
    }
}
