internal import Contracts
internal import Foundations
internal import Inference
internal import PluginHost
internal import Policy
internal import Store

/// A provider that policy and contract allow, and that the run was made with.
struct ModelProvider {
    /// As policy names it.
    let name: String
    let plugin: InstalledPlugin
    let permit: Permit
    let isLocal: Bool
}

/// Who may be asked for completions.
struct ModelProviders {
    let usable: [ModelProvider]
    /// Why others are not used, in words that follow "because".
    let refused: [(name: String, reason: String)]
    /// Models of the registry that usable providers have.
    let models: [ModelEntry]
    /// Whether local ones come first: what is sent is not open.
    let prefersLocal: Bool

    /// Why nobody can be asked; nil when somebody can.
    var absence: String? {
        let complete = models.filter { $0.modalities.contains(.text) }
        guard complete.isEmpty else { return nil }
        let names = usable.map { "the provider \($0.name) completes no text" }
        return (names + refused.map(\.reason)).joined(separator: "; ")
    }

    subscript(provider: String) -> ModelProvider? {
        usable.first { ProviderName.plugin($0.name) == ProviderName.plugin(provider) }
    }
}

extension StageContext {
    /// The providers of this run.
    ///
    /// - Parameter pinned: whether all but the one that ships must be those that the run was made with: not
    ///   before there is a run.
    /// - Throws: `run.plugin` for one that the run was made with and that is another one now; `inference.registry`.
    func modelProviders(pinned: Bool = true) throws(SluiceError) -> ModelProviders {
        var usable: [ModelProvider] = []
        var refused: [(name: String, reason: String)] = []
        for offer in PluginUse(plugins).preference(of: contract, engine: engine).offers {
            switch offer.plugin {
            case .failure(let refusal):
                let id = ProviderName.plugin(offer.name)
                if let pin = pins.providers.first(where: { $0.id == id }) {
                    // Which of the two it is that stands against it: gone, or not allowed any more.
                    _ = try self.pinned(pin, kind: .provider)
                    throw HeaderEmbedder.refused(pin, refusal, self)
                }
                refused.append((offer.name, refusal.reason))
            case .success(let found):
                let id = found.manifest.id
                var plugin = found
                if let pin = pins.providers.first(where: { $0.id == id }) {
                    plugin = try self.pinned(pin, kind: .provider)
                } else if pinned, id != ProviderName.localPlugin {
                    refused.append((offer.name, "the plugin \(id) was not there when the run was made"))
                    continue
                }
                let permit = try engine.permit(PluginUse.request(offer.name, plugin, contract, engine))
                usable.append(
                    ModelProvider(
                        name: offer.name, plugin: plugin, permit: permit, isLocal: PluginUse.isLocal(plugin, engine)))
            }
        }
        let candidates = usable.map { PolicyEngine.Candidate(provider: $0.name, isLocal: $0.isLocal) }
        let rule = engine.preference(of: candidates, dataClasses: PluginUse.sent).rule
        let known = Set(usable.map { ProviderName.plugin($0.name) })
        // The one that ships makes vectors alone: then no model is looked for.
        let asks = known.contains { $0 != ProviderName.localPlugin }
        let models = asks ? try registry.models(home: "\(store.home.path)/models").entries : []
        return ModelProviders(
            usable: usable, refused: refused,
            models: models.filter { known.contains(ProviderName.plugin($0.provider)) },
            prefersLocal: rule.id == "preference.local_first")
    }

    /// How candidates are put in order for questions of this run.
    func routing(
        _ providers: ModelProviders, promptTokens: @escaping @Sendable (ModelEntry) -> Int, maxOutputTokens: Int?
    ) -> RoutingQuestion {
        RoutingQuestion(
            profile: contract.routingProfile, lane: lane ?? .interactive, prefersLocal: providers.prefersLocal,
            contract: CandidateLists(allowed: contract.providerAllowlist, denied: contract.providerDenylist ?? []),
            policy: CandidateLists(allowed: engine.manifest.providersAllowed, denied: engine.manifest.providersDenied),
            promptTokens: promptTokens, maxOutputTokens: maxOutputTokens)
    }
}
