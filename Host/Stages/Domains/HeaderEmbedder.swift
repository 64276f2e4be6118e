internal import Contracts
internal import Foundations
internal import PluginHost
internal import Policy
internal import Store

/// Vectors of column names and of the catalog's aliases, from the cache or the local provider. One for each drive of a
/// run.
///
/// Nothing else than masked prompts reaches the provider, which is started by the first request that the cache cannot
/// answer. Without a provider the stages go on with letters alone and say so.
public final class HeaderEmbedder {
    static let providerTag = "local"
    static let plugin = "sluice.provider.local"

    private var session: ProviderSession?
    /// The provider that policy and contract allow.
    private var allowed: (plugin: InstalledPlugin, permit: Permit)?
    private var aliases: [[[Float]]]?
    /// Why there is no provider; nil while there is one or none was asked for.
    private(set) var absence: String?
    private var isDecided = false

    public init() {}

    /// Whether anything was asked for.
    var isActive: Bool { providerReference != nil }
    /// `id@version` of the provider, once there was an answer of it.
    private(set) var providerReference: String?
    /// Tokens asked for since the last stage took its usage, and those of them that were sent.
    private var tokens: Int64 = 0
    private var sent: Int64 = 0
    private var counts = CacheCounts()
    /// Tokens asked for in all. A hit counts as a miss does: what a budget allows must not depend on the cache.
    private var total: Int64 = 0

    /// The provider, when policy and contract allow it.
    private func provider(_ stage: StageContext) throws(SluiceError) -> (plugin: InstalledPlugin, permit: Permit)? {
        guard !isDecided else { return allowed }
        isDecided = true
        if stage.contract.providerDenylist?.contains(Self.providerTag) ?? false {
            absence = "the contract denies the provider local"
            return nil
        }
        if let allow = stage.contract.providerAllowlist, !allow.contains(Self.providerTag) {
            absence = "the contract's allow list does not name the provider local"
            return nil
        }
        let request = PolicyEngine.Request(
            actor: stage.contract.actor, action: .callProvider, mode: stage.contract.mode, provider: Self.providerTag)
        let decision = stage.engine.decide(request)
        guard decision.isAllowed else {
            absence = decision.rule
            return nil
        }
        guard let plugin = try? stage.plugins.plugin(Self.plugin, kind: .provider) else {
            absence = "the plugin \(Self.plugin) is not installed"
            return nil
        }
        allowed = (plugin, try stage.engine.permit(request))
        return allowed
    }

    /// One vector a column name, in order; nil without a provider.
    ///
    /// - Parameter catalog: the catalog artifact of the run.
    func vectors(
        ofColumns names: [String], of catalog: SHA256.Digest, _ stage: StageContext
    ) throws(SluiceError) -> [[Float]]? {
        guard let (plugin, permit) = try provider(stage) else { return nil }
        let prompts = names.map { stage.engine.prompt(columnName: Self.words($0), permit: permit) }
        return try embed(EmbeddingRequest(plugin: plugin, prompts: prompts, catalog: catalog), permit, stage)
    }

    /// Vectors of every domain's aliases, in catalog order; empty without a provider.
    ///
    /// - Parameter catalog: the catalog artifact of the run.
    func aliasVectors(of catalog: SHA256.Digest, _ stage: StageContext) throws(SluiceError) -> [[[Float]]] {
        if let aliases { return aliases }
        guard let (plugin, permit) = try provider(stage) else { return [] }
        let domains = stage.registry.domains.domains
        let prompts = domains.flatMap(\.aliases).map { stage.engine.prompt(registryText: $0, permit: permit) }
        let request = EmbeddingRequest(plugin: plugin, prompts: prompts, catalog: catalog)
        guard let vectors = try embed(request, permit, stage) else { return [] }
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
        guard stage.fresh || ResponseCache(stage.store).isEmpty, let (plugin, _) = try provider(stage) else { return }
        stage.care.warm(plugin)
    }

    // MARK: Asking

    /// The answer to a request; nil when the budget does not allow it.
    private func embed(
        _ request: EmbeddingRequest, _ permit: Permit, _ stage: StageContext
    ) throws(SluiceError) -> [[Float]]? {
        guard let cost = spend(request.prompts, stage) else { return nil }
        let key = try request.key(stage)
        let cache = ResponseCache(stage.store)
        let vectors: [[Float]]
        if let key, !stage.fresh, let found = try cached(key, request, cache, stage) {
            counts.hits += 1
            vectors = found
        } else {
            if key == nil || stage.fresh { counts.bypassed += 1 } else { counts.misses += 1 }
            vectors = try ask(request, permit, key, cache, stage)
            sent += cost
        }
        providerReference = "\(request.plugin.manifest.id)@\(request.plugin.manifest.version)"
        return vectors
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
        _ request: EmbeddingRequest, _ permit: Permit, _ key: ResponseKey?, _ cache: ResponseCache,
        _ stage: StageContext
    ) throws(SluiceError) -> [[Float]] {
        let running: ProviderSession
        if let session {
            running = session
        } else {
            running = try ProviderSession(
                request.plugin, egress: try stage.egress(provider: Self.providerTag, permit: permit),
                settings: stage.runner, permit: permit, care: stage.care)
            session = running
            stage.onPlugin(running.process)
        }
        let run = stage.contract.runID
        do throws(SluiceError) {
            let vectors = try running.embed(request.prompts)
            if let key, let bytes = VectorCodec.encode(vectors) { cache.put(.answer(bytes), under: key, run: run) }
            return vectors
        } catch {
            // A refusal for good. What may pass, a crash and a breach of the protocol are no answers.
            if let key, error.detail == ErrorKind.pluginFailed.id, error.code == .deterministicFailure,
                error.retryAfterMilliseconds == nil
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
        let cap = min(stage.contract.budgetCaps.tokens, stage.thresholds.domainingTokens)
        guard total + cost <= cap else {
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
        allowed = nil
        isDecided = false
    }

    /// `givenNameLabel` → `given name label`: the model reads words. A name that may identify somebody is left as it is,
    /// for the masker to see it whole.
    private static func words(_ name: String) -> String {
        PolicyEngine.mayIdentify(name) ? name : HeaderWords.of(name)
    }
}
