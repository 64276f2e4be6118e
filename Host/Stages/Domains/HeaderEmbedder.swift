internal import Contracts
internal import Detection
internal import Foundations
internal import PluginHost
internal import Policy
internal import Store

/// Vectors of column names and of the catalog's aliases, from the cache or a provider. One for each drive of a run.
///
/// The provider is the first on the policy's allow list that can be used and embeds; nothing else than masked prompts
/// reaches it, and it is started by the first request that the cache cannot answer. Without one the stages go on with
/// letters alone and say so.
public final class HeaderEmbedder {
    /// A provider that policy and contract allow.
    private struct Chosen {
        /// As policy names it.
        let name: String
        let plugin: InstalledPlugin
        let permit: Permit
    }

    private var session: ProviderSession?
    private var chosen: Chosen?
    /// Those that were not looked at yet, the next one last; nil before the first look.
    private var offers: [PluginUse.ProviderOffer]?
    private var aliases: [[[Float]]]?
    /// Why there is no provider; nil while there is one or none was asked for.
    private(set) var absence: String?
    /// Why providers in front of the one that is used are not used.
    private(set) var passedOver: [String] = []

    public init() {}

    /// Whether anything was asked for.
    var isActive: Bool { providerReference != nil }
    /// `id@version` of the provider, once there was an answer of it.
    private(set) var providerReference: String?
    /// The same with its bytes and the dimensions of its vectors.
    private(set) var json: JSON?
    /// Whether it is another than the one that ships.
    private(set) var isForeign = false
    private var dimensions: Int?
    private var isLeftOut = false
    /// Tokens asked for since the last stage took its usage, and those of them that were sent.
    private var tokens: Int64 = 0
    private var sent: Int64 = 0
    private var counts = CacheCounts()
    /// Tokens asked for in all. A hit counts as a miss does: what a budget allows must not depend on the cache.
    private var total: Int64 = 0

    /// Uses no provider from now on.
    func leaveOut(_ why: String) {
        stop()
        isLeftOut = true
        absence = why
    }

    /// The provider, when policy and contract allow one that is there.
    ///
    /// - Throws: `run.plugin` for one that the run was made with and that is not there any more, or that policy or
    ///   contract refuse now.
    private func provider(_ stage: StageContext) throws(SluiceError) -> Chosen? {
        if let chosen { return chosen }
        if isLeftOut { return nil }
        if offers == nil {
            let (found, rule) = PluginUse(stage.plugins).preference(of: stage.contract, engine: stage.engine)
            offers = found.reversed()
            if let rule { passedOver.append(rule.words) }
        }
        var left = offers ?? []
        defer { offers = left }
        while let offer = left.popLast() {
            let id = ProviderName.plugin(offer.name)
            // A list that names some of its models names none that makes vectors.
            if let allow = stage.contract.providerAllowlist, !ProviderName.isNamed(offer.name, in: allow) {
                passedOver.append("the contract's allow list does not name the provider \(offer.name)")
                continue
            }
            let plugin: InstalledPlugin
            if let pin = stage.pins.providers.first(where: { $0.id == id }) {
                plugin = try stage.pinned(pin, kind: .provider)
                if case .failure(let refusal) = offer.plugin { throw Self.refused(pin, refusal, stage) }
            } else {
                switch offer.plugin {
                case .success(let found) where id == ProviderName.localPlugin:
                    try stage.requireShipped(id)
                    plugin = found
                case .success:
                    passedOver.append("the plugin \(id) was not there when the run was made")
                    continue
                case .failure(let refusal):
                    passedOver.append(refusal.reason)
                    continue
                }
            }
            let permit = try stage.engine.permit(
                PluginUse.request(offer.name, plugin, stage.contract, stage.engine))
            chosen = Chosen(name: offer.name, plugin: plugin, permit: permit)
            return chosen
        }
        absence = passedOver.joined(separator: "; ")
        return nil
    }

    /// What a run is told whose provider may not be asked any more: another's vectors are not those that it began with.
    static func refused(
        _ pin: RunPlugin, _ refusal: PluginUse.Refusal, _ stage: StageContext
    ) -> SluiceError {
        SluiceError(
            .runPlugin,
            "The run was made with the provider \(pin.id) \(pin.version), which may not be asked now: \(refusal.reason).",
            hint: "Install that build again with the manifest it had, then run "
                + "`sluice resume \(stage.contract.runID)`; or start a new run.")
    }

    /// Why another provider is asked instead, in words behind its name; nil for an error that ends the run. A server that
    /// cannot be reached, has no room or makes no vectors is no reason to stop: names are compared by letters then.
    private static func reason(toPassOver provider: Chosen, _ error: SluiceError) -> String? {
        if ProviderSession.isNotOffered(error) { return "does not embed" }
        // Without a way out it is the plugin itself that fails.
        let isOutside =
            !provider.plugin.manifest.egress.isEmpty
            && (error.detail.hasPrefix("egress.") || error.detail == ErrorKind.pluginFailed.id)
        switch error.code {
        // A server that refuses such requests, as one without a model for them does, is no better or worse than one that
        // is down. What policy forbids, and an answer that nobody can read, are for a person to look at.
        case .providerUnhealthy, .rateLimit, .timeout, .quotaExhausted, .transientError, .deterministicFailure:
            return isOutside ? "makes no vectors now (\(error.code)): \(error.message)" : nil
        default: return nil
        }
    }

    /// Leaves a provider that has no vectors for the next one.
    private func passOver(_ provider: Chosen, because why: String) {
        passedOver.append("the provider \(provider.name) \(why)")
        session?.stop()
        session = nil
        chosen = nil
    }

    /// One vector a column name, in order; nil without a provider.
    ///
    /// - Parameter catalog: the catalog artifact of the run.
    func vectors(
        ofColumns names: [String], of catalog: SHA256.Digest, _ stage: StageContext
    ) throws(SluiceError) -> [[Float]]? {
        try embed(of: catalog, stage) { (provider) throws(SluiceError) in
            // Who has a way out gets no name of a person either.
            guard !provider.plugin.manifest.egress.isEmpty else {
                return names.map { stage.engine.prompt(columnName: Self.words($0), permit: provider.permit) }
            }
            let scanner = Scanner(.all, lexicon: try stage.registry.lexicon())
            return names.map { name in
                let whole = stage.engine.prompt(columnName: name, scanner: scanner, permit: provider.permit)
                guard !whole.hidesText else { return whole }
                return stage.engine.prompt(columnName: Self.words(name), scanner: scanner, permit: provider.permit)
            }
        }
    }

    /// Vectors of every domain's aliases, in catalog order; empty without a provider.
    ///
    /// - Parameter catalog: the catalog artifact of the run.
    func aliasVectors(of catalog: SHA256.Digest, _ stage: StageContext) throws(SluiceError) -> [[[Float]]] {
        if let aliases { return aliases }
        let domains = stage.registry.domains.domains
        let found = try embed(of: catalog, stage) { provider in
            domains.flatMap(\.aliases).map { stage.engine.prompt(registryText: $0, permit: provider.permit) }
        }
        guard let vectors = found else { return [] }
        var made: [[[Float]]] = []
        var at = 0
        for domain in domains {
            made.append(Array(vectors[at..<(at + domain.aliases.count)]))
            at += domain.aliases.count
        }
        aliases = made
        return made
    }

    /// Has a spare of the provider made ready when it will be asked: nothing that was cached can answer then.
    func warm(_ stage: StageContext) throws(SluiceError) {
        guard stage.fresh || !stage.store.hasCachedResponses, let chosen = try provider(stage) else { return }
        stage.care.warm(chosen.plugin)
    }

    // MARK: Asking

    /// The answer of the first provider that embeds; nil without one, and when the budget does not allow it.
    private func embed(
        of catalog: SHA256.Digest, _ stage: StageContext,
        prompts: (Chosen) throws(SluiceError) -> [MaskedPrompt]
    ) throws(SluiceError) -> [[Float]]? {
        while let provider = try provider(stage) {
            let request = EmbeddingRequest(
                plugin: provider.plugin, prompts: try prompts(provider), catalog: catalog)
            let before = (tokens, sent, counts, total)
            do throws(SluiceError) { return try embed(request, provider, stage) } catch {
                guard !isActive, let why = Self.reason(toPassOver: provider, error) else { throw error }
                (tokens, sent, counts, total) = before
                passOver(provider, because: why)
            }
        }
        return nil
    }

    private func embed(
        _ request: EmbeddingRequest, _ provider: Chosen, _ stage: StageContext
    ) throws(SluiceError) -> [[Float]]? {
        guard let cost = spend(request.prompts, stage) else { return nil }
        let key = try request.key(stage)
        let cache = try ResponseCache(stage.store, permit: provider.permit)
        let vectors: [[Float]]
        if let key, !stage.fresh, let found = try cached(key, request, cache, stage) {
            counts.hits += 1
            vectors = found
        } else {
            if key == nil || stage.fresh { counts.bypassed += 1 } else { counts.misses += 1 }
            vectors = try ask(request, provider, key, cache, stage)
            sent += cost
        }
        try note(request.plugin, vectors)
        return vectors
    }

    /// Who answered, for artifacts and ledger.
    ///
    /// - Throws: `plugin.protocol` for vectors that cannot be compared with earlier ones.
    private func note(_ plugin: InstalledPlugin, _ vectors: [[Float]]) throws(SluiceError) {
        let made = try RunPlugin(plugin)
        if let width = vectors.first?.count {
            if let dimensions, dimensions != width {
                throw SluiceError(
                    .pluginProtocol,
                    "The provider \(made.id) made vectors of \(dimensions) dimensions, and then of \(width).")
            }
            dimensions = width
        }
        providerReference = made.reference
        isForeign = made.id != ProviderName.localPlugin
        guard case .object(var members) = made.json else { return }
        members["dimensions"] = JSON(dimensions ?? 0)
        json = .object(members)
    }

    /// What the cache answers.
    ///
    /// - Throws: `plugin.failed` when the provider refused this request a short time ago.
    private func cached(
        _ key: ResponseKey, _ request: EmbeddingRequest, _ cache: ResponseCache, _ stage: StageContext
    ) throws(SluiceError) -> [[Float]]? {
        switch cache.response(to: key, run: stage.contract.runID) {
        case nil: return nil
        case .refusal(let message):
            throw SluiceError(
                .pluginFailed, message,
                hint: "It refused this request before and was not asked again. Ask it now with "
                    + "`sluice resume \(stage.contract.runID) --fresh`, or wait five minutes.")
        case .answer(let bytes):
            if let vectors = VectorCodec.decode(bytes, count: request.prompts.count) { return vectors }
            cache.remove(key)
            return nil
        }
    }

    /// What the provider answers; it is started when it is not running.
    private func ask(
        _ request: EmbeddingRequest, _ provider: Chosen, _ key: ResponseKey?, _ cache: ResponseCache,
        _ stage: StageContext
    ) throws(SluiceError) -> [[Float]] {
        let running: ProviderSession
        if let session {
            running = session
        } else {
            running = try ProviderSession(
                request.plugin, egress: try stage.egress(provider: provider.name, permit: provider.permit),
                settings: stage.runner, permit: provider.permit, care: stage.care)
            session = running
            stage.onPlugin(PluginStart(running.process))
        }
        let run = stage.contract.runID
        try stage.onCall(
            ProviderCall(
                provider: provider.name, plugin: try RunPlugin(request.plugin).reference, call: "embed", model: nil,
                promptHash: ProviderSession.promptHash(request.prompts).hex, texts: request.prompts.count,
                rule: provider.permit.rule, ruleID: provider.permit.ruleID))
        do throws(SluiceError) {
            let vectors = try running.embed(request.prompts)
            if let key, let bytes = VectorCodec.encode(vectors) { cache.put(.answer(bytes), under: key, run: run) }
            return vectors
        } catch {
            // A refusal for good. What may pass, a crash and a breach of the protocol are no answers.
            if let key, error.detail == ErrorKind.pluginFailed.id, error.code == .deterministicFailure,
                error.retryAfterMilliseconds == nil, !ProviderSession.isNotOffered(error)
            {
                cache.put(.refusal(message: error.message), under: key, run: run)
            }
            throw error
        }
    }

    /// Counts what is asked for against the contract's and the profile's caps, before it is sent; nil when it is too
    /// much.
    private func spend(_ prompts: [MaskedPrompt], _ stage: StageContext) -> Int64? {
        let cost = prompts.reduce(Int64(0)) { $0 + Int64($1.text.utf8.count / 4 + 1) }
        let policy = stage.engine.manifest.budgetCaps.tokens
        let cap = min(stage.contract.budgetCaps.tokens, stage.thresholds.domainingTokens, policy)
        let budget = PolicyEngine.Budget(.tokens, asked: Double(cost), spent: Double(total), cap: Double(cap))
        guard stage.engine.refusal(of: [budget]) == nil else {
            absence = "the token budget of \(cap) is spent"
            return nil
        }
        total += cost
        tokens += cost
        return cost
    }

    /// What one stage used: tokens asked for, tokens sent, and where the answers came from.
    func takeUsage() -> (estimate: Int64, sent: Int64, cache: CacheCounts?) {
        defer { (tokens, sent, counts) = (0, 0, CacheCounts()) }
        return (tokens, sent, counts.isEmpty ? nil : counts)
    }

    /// Counts what an outcome used that nobody is told of: the stage that is run for its sake is told.
    func giveBack(_ outcome: StageOutcome) {
        tokens += outcome.tokenEstimate ?? 0
        sent += outcome.tokenActual ?? 0
        counts.hits += outcome.cache?.hits ?? 0
        counts.misses += outcome.cache?.misses ?? 0
        counts.bypassed += outcome.cache?.bypassed ?? 0
    }

    /// Ends the provider; the next use starts it anew.
    public func stop() {
        session?.stop()
        session = nil
        chosen = nil
        offers = nil
        passedOver = []
    }

    /// `givenNameLabel` → `given name label`: the model reads words. A name that may identify somebody is left as it is,
    /// for the masker to see it whole.
    private static func words(_ name: String) -> String {
        PolicyEngine.mayIdentify(name) ? name : HeaderWords.of(name)
    }
}
