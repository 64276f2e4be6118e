internal import Contracts
internal import Foundations
internal import PluginHost
internal import Policy

/// Vectors of column names and of the catalog's aliases, from the local provider. One for each drive of a run.
///
/// Nothing else than masked prompts reaches the provider. Without one the stages go on with letters alone and say so.
public final class HeaderEmbedder {
    static let providerTag = "local"
    static let plugin = "sluice.provider.local"

    private var session: ProviderSession?
    private var permit: Permit?
    private var aliases: [[[Float]]]?
    /// Why there is no provider; nil while there is one or none was asked for.
    private(set) var absence: String?
    private var started = false

    public init() {}

    /// Whether anything was sent.
    var isActive: Bool { providerReference != nil }
    private var reference: String?
    /// `id@version` of the provider, once it has answered.
    private(set) var providerReference: String?
    /// Tokens sent since the last stage asked.
    private var tokens: Int64 = 0
    /// Tokens sent in all.
    private var total: Int64 = 0

    /// Starts the provider when policy and contract allow it.
    private func start(_ stage: StageContext) throws(SluiceError) {
        guard !started else { return }
        started = true
        if stage.contract.providerDenylist?.contains(Self.providerTag) ?? false {
            absence = "the contract denies the provider local"
            return
        }
        if let allow = stage.contract.providerAllowlist, !allow.contains(Self.providerTag) {
            absence = "the contract's allow list does not name the provider local"
            return
        }
        let request = PolicyEngine.Request(
            actor: stage.contract.actor, action: .callProvider, mode: stage.contract.mode, provider: Self.providerTag)
        let decision = stage.engine.decide(request)
        guard decision.isAllowed else {
            absence = decision.rule
            return
        }
        guard let plugin = try? stage.plugins.plugin(Self.plugin, kind: .provider) else {
            absence = "the plugin \(Self.plugin) is not installed"
            return
        }
        let permit = try stage.engine.permit(request)
        let session = try ProviderSession(
            plugin, egress: try stage.egress(provider: Self.providerTag, permit: permit), settings: stage.runner,
            permit: permit)
        stage.onPlugin(session.process)
        self.permit = permit
        self.session = session
        reference = "\(plugin.manifest.id)@\(plugin.manifest.version)"
    }

    /// One vector a column name, in order; nil without a provider.
    func vectors(ofColumns names: [String], _ stage: StageContext) throws(SluiceError) -> [[Float]]? {
        try start(stage)
        guard let session, let permit else { return nil }
        let prompts = names.map { stage.engine.prompt(columnName: Self.words($0), permit: permit) }
        guard spend(prompts, stage) else { return nil }
        let vectors = try session.embed(prompts)
        providerReference = reference
        return vectors
    }

    /// Vectors of every domain's aliases, in catalog order; empty without a provider.
    func aliasVectors(_ stage: StageContext) throws(SluiceError) -> [[[Float]]] {
        if let aliases { return aliases }
        try start(stage)
        guard let session, let permit else { return [] }
        let domains = stage.registry.domains.domains
        let prompts = domains.flatMap(\.aliases).map { stage.engine.prompt(registryText: $0, permit: permit) }
        guard spend(prompts, stage) else { return [] }
        let vectors = try session.embed(prompts)
        providerReference = reference
        var made: [[[Float]]] = []
        var at = 0
        for domain in domains {
            made.append(Array(vectors[at..<(at + domain.aliases.count)]))
            at += domain.aliases.count
        }
        aliases = made
        return made
    }

    /// Counts what is about to be sent against the contract's and the profile's caps, before it is sent.
    private func spend(_ prompts: [MaskedPrompt], _ stage: StageContext) -> Bool {
        let cost = prompts.reduce(Int64(0)) { $0 + Int64($1.text.utf8.count / 4 + 1) }
        let cap = min(stage.contract.budgetCaps.tokens, stage.thresholds.domainingTokens)
        guard total + cost <= cap else {
            absence = "the token budget of \(cap) is spent"
            return false
        }
        total += cost
        tokens += cost
        return true
    }

    /// Tokens sent since this was last asked: what one stage used.
    func takeTokens() -> Int64 {
        defer { tokens = 0 }
        return tokens
    }

    /// Ends the provider; the next use starts it anew.
    public func stop() {
        session?.stop()
        session = nil
        permit = nil
        started = false
    }

    /// `givenNameLabel` → `given name label`: the model reads words. A name that may identify somebody is left as it is,
    /// for the masker to see it whole.
    private static func words(_ name: String) -> String {
        PolicyEngine.mayIdentify(name) ? name : HeaderWords.of(name)
    }
}
