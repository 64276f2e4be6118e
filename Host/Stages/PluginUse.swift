public import Contracts
internal import Egress
public import Foundations
public import PluginHost
public import Policy

/// Which of the plugins that can be used a run uses (docs/authoring.md).
///
/// A run whose source or checks need a plugin of the home that cannot be used is pinned to it all the same, and refused
/// for the plugin's own reason when it is driven. Only a check that somebody disabled is left out.
public struct PluginUse {
    static let csv = "sluice.connector.csv"
    static let sqlite = "sluice.connector.sqlite"
    /// The checks that ship with the program, whose metrics the threshold profile knows.
    static let standardChecks = ["sluice.check.completeness", "sluice.check.duplicates"]

    let catalog: PluginCatalog

    public init(_ catalog: PluginCatalog) { self.catalog = catalog }

    /// Every plugin that a run is pinned to when it is made: those of others, and what a home installed over ours.
    ///
    /// - Throws: as `connector(for:mode:)`; `plugin.platform` for one that has no file for this platform.
    public func plugins(
        of contract: RunContract, engine: PolicyEngine
    ) throws(SluiceError) -> RunPlugins {
        var checks: [RunPlugin] = []
        if contract.mode == .dataMode {
            for entry in catalog.entries where isPinnedCheck(entry) { checks.append(try Self.pin(entry)) }
        }
        var providers: [RunPlugin] = []
        for offer in self.providers(of: contract, engine: engine) {
            guard case .success(let plugin) = offer.plugin,
                plugin.manifest.id != ProviderName.localPlugin || plugin.isInstalled
            else { continue }
            providers.append(try RunPlugin(pinning: plugin))
        }
        return RunPlugins(connector: try connectorPin(of: contract), checks: checks, providers: providers)
    }

    /// A plugin of the home that cannot be used is pinned by what the lock says of it.
    private static func pin(_ entry: PluginCatalog.Entry) throws(SluiceError) -> RunPlugin {
        do throws(SluiceError) { return try RunPlugin(pinning: try entry.plugin.get()) } catch {
            guard case .failure = entry.plugin, let locked = entry.locked, let identity = locked.identity else {
                throw error
            }
            return RunPlugin(
                id: identity.id, version: identity.version, hash: identity.hash, manifest: locked.manifestSHA256)
        }
    }

    // MARK: Checks

    private func isPinnedCheck(_ entry: PluginCatalog.Entry) -> Bool {
        let isStandard = Self.standardChecks.contains(entry.id)
        switch entry.plugin {
        case .success(let plugin): return plugin.manifest.kind == .check && (!isStandard || entry.isInstalled)
        // Without the standard ones there is no analysis: they are never left out.
        case .failure: return entry.locked.map { $0.kind == .check && ($0.isEnabled || isStandard) } ?? false
        }
    }

    /// Checks of the home that somebody disabled, which a new run does without; sorted by id.
    public func disabledChecks(of contract: RunContract) -> [String] {
        guard contract.mode == .dataMode else { return [] }
        return catalog.refused.filter { refused in
            refused.locked.kind == .check && !refused.locked.isEnabled
                && !Self.standardChecks.contains(refused.entry.id)
        }.map(\.entry.id)
    }

    // MARK: Connectors

    /// The program's own connector for a scheme of its own.
    static func own(_ scheme: DataLocation.Scheme) -> String? {
        switch scheme {
        case .csv: csv
        case .sqlite: sqlite
        case .parquet, .postgres, .plugin: nil
        }
    }

    private func connectorPin(of contract: RunContract) throws(SluiceError) -> RunPlugin? {
        let location = contract.lhs.location
        if let own = Self.own(location.scheme) {
            // Whether our own are whole is seen when they are used.
            guard let entry = catalog.entry(own), entry.isInstalled else { return nil }
            return try Self.pin(entry)
        }
        if let refused = refusedReader(of: location.scheme) { return try Self.pin(refused) }
        return try RunPlugin(pinning: try connector(for: location, mode: contract.mode))
    }

    /// The home's reader of a scheme that cannot be used; one that is disabled only when no other reads the scheme.
    private func refusedReader(of scheme: DataLocation.Scheme) -> PluginCatalog.Entry? {
        guard case .plugin(let word) = scheme else { return nil }
        let refused = catalog.refused.filter { $0.locked.kind == .connector && $0.locked.schemes.contains(word) }
        if let broken = refused.first(where: \.locked.isEnabled) { return broken.entry }
        return readers(of: word).isEmpty ? refused.first?.entry : nil
    }

    private func readers(of word: String) -> [InstalledPlugin] {
        catalog.plugins.filter { $0.manifest.source?.schemes.contains(word) ?? false }
    }

    /// The connector that reads a source.
    ///
    /// - Throws: the error of one that cannot be used; `location.invalid` when there is none; `plugin.scheme` when there
    ///   are two; `plugin.missing`; `policy.mode` in metadata_only, unless its manifest says that it needs no byte of the
    ///   source.
    public func connector(for location: DataLocation, mode: Mode) throws(SluiceError) -> InstalledPlugin {
        switch location.scheme {
        case .csv: return try catalog.plugin(Self.csv, kind: .connector)
        case .sqlite: return try catalog.plugin(Self.sqlite, kind: .connector)
        case .parquet, .postgres: throw unread(location.scheme)
        case .plugin(let scheme):
            if let refused = refusedReader(of: location.scheme) {
                return try catalog.plugin(refused.id, kind: .connector)
            }
            let readers = readers(of: scheme)
            guard let plugin = readers.first else { throw unread(location.scheme) }
            guard readers.count == 1 else {
                let names = readers.map { "\($0.manifest.id) \($0.manifest.version)" }.joined(separator: " and ")
                throw SluiceError(
                    .pluginScheme, "\(readers.count) plugins read \(scheme): sources: \(names).",
                    hint: "Remove one of them, so that it is clear which one is meant.")
            }
            try Self.require(plugin, mode: mode)
            return plugin
        }
    }

    /// A connector that runs may use in a mode.
    static func require(_ plugin: InstalledPlugin, mode: Mode) throws(SluiceError) {
        guard let source = plugin.manifest.source, mode == .metadataOnly, !source.namesColumnsWithoutBytes else {
            return
        }
        let scheme = source.schemes.first ?? ""
        throw SluiceError(
            .policyMode,
            "metadata_only hands out no more than the head of a source, and the host does not know where that of "
                + "\(scheme): ends.",
            hint: "Use --mode data_mode. A connector that names its columns without reading the source says so in its "
                + "manifest: \"source\": {…, \"metadata\": \"none\"}.")
    }

    private func unread(_ scheme: DataLocation.Scheme) -> SluiceError {
        let others = Set(catalog.plugins.flatMap { $0.manifest.source?.schemes ?? [] }).sorted()
        let known = ([DataLocation.Scheme.csv, .sqlite].map(\.name) + others).map { $0 + ":" }
        let list = known.dropLast().joined(separator: ", ") + " and " + (known.last ?? "")
        return SluiceError(
            .locationInvalid, "No connector reads \(scheme.name): sources; there are connectors for \(list).",
            hint: "Use one of these, or install a plugin that reads \(scheme.name):. "
                + "A file whose name has a colon is written csv:PATH.")
    }

    // MARK: Providers

    /// A provider that the policy names, and its plugin, or why it is not used.
    struct ProviderOffer {
        /// As policy names it.
        let name: String
        let plugin: Result<InstalledPlugin, Refusal>
    }

    /// In words that follow "because".
    struct Refusal: Error, Equatable {
        let reason: String
    }

    /// What goes to a provider: the names of columns. In doubt the first row was taken for one, so they may be anything.
    static let sent: Set<DataClass> = [.unknown]

    /// Those on the policy's allow list, in the order in which they are asked; where that is empty, the one that ships,
    /// refused.
    ///
    /// A name on a deny list of policy or contract is refused, whatever an allow list says.
    func providers(of contract: RunContract, engine: PolicyEngine) -> [ProviderOffer] {
        preference(of: contract, engine: engine).offers
    }

    /// The same, and the rule that put them into another order than the allow list's; nil when none did.
    func preference(
        of contract: RunContract, engine: PolicyEngine
    ) -> (offers: [ProviderOffer], rule: PolicyEngine.Rule?) {
        let catalog = catalog.pointed(by: engine.manifest)
        let engine = engine.with(routes: catalog.providerRoutes)
        var seen: Set<String> = []
        let names = engine.manifest.providersAllowed.filter { seen.insert(ProviderName.plugin($0)).inserted }
        let offers = (names.isEmpty ? [ProviderName.local] : names).map { name in
            ProviderOffer(name: name, plugin: Self.offer(name, contract, engine, catalog))
        }
        // One that cannot be asked keeps its place, so that the run says why.
        let candidates = offers.map { offer in
            guard case .success(let plugin) = offer.plugin else {
                return PolicyEngine.Candidate(provider: offer.name, isLocal: true)
            }
            return PolicyEngine.Candidate(provider: offer.name, isLocal: Self.isLocal(plugin, engine))
        }
        let (order, rule) = engine.preference(of: candidates, dataClasses: Self.sent)
        return (order.map { offers[$0] }, order == Array(offers.indices) ? nil : rule)
    }

    /// Whether nothing that is handed to a provider leaves the host and its private network.
    static func isLocal(_ plugin: InstalledPlugin, _ engine: PolicyEngine) -> Bool {
        plugin.manifest.egress.allSatisfy { engine.isLocal($0.host, declaredLocal: $0.isLocal) }
    }

    private static func offer(
        _ name: String, _ contract: RunContract, _ engine: PolicyEngine, _ catalog: PluginCatalog
    ) -> Result<InstalledPlugin, Refusal> {
        func refused(_ reason: String) -> Result<InstalledPlugin, Refusal> { .failure(Refusal(reason: reason)) }
        if ProviderName.isNamed(name, in: contract.providerDenylist ?? []) {
            return refused("the contract denies the provider \(name)")
        }
        if let allow = contract.providerAllowlist, !ProviderName.isMentioned(name, in: allow) {
            return refused("the contract's allow list does not name the provider \(name)")
        }
        // The name alone, first: where its plugin sends to is looked at below.
        let named = engine.decide(
            Self.request(PolicyEngine.Destination(provider: name, isLocal: true), contract))
        guard named.isAllowed else { return refused(named.rule.words) }
        let id = ProviderName.plugin(name)
        let plugin: InstalledPlugin
        do throws(SluiceError) { plugin = try catalog.plugin(id, kind: .provider) } catch {
            let isMissing = error.detail == ErrorKind.pluginMissing.id
            if error.detail == ErrorKind.policyManifest.id { return refused(error.message) }
            return refused(isMissing ? "the plugin \(id) is not installed" : "the plugin \(id) is \(error.detail)")
        }
        for endpoint in plugin.manifest.egress {
            let way = engine.decide(egress: endpoint.origin, declaredLocal: endpoint.isLocal)
            guard way.isAllowed else { return refused("the plugin \(id) needs a way out (\(way.rule))") }
            let isLocal = engine.isLocal(endpoint.host, declaredLocal: endpoint.isLocal)
            guard !contract.localOnlyOverride || isLocal else {
                return refused(
                    "the contract's local_only_override keeps to local providers, and \(id) calls \(endpoint.host)")
            }
            let decision = engine.decide(
                Self.request(
                    PolicyEngine.Destination(provider: name, origin: endpoint.origin, isLocal: isLocal), contract))
            guard decision.isAllowed else { return refused(decision.rule.words) }
        }
        return .success(plugin)
    }

    private static func request(
        _ destination: PolicyEngine.Destination, _ contract: RunContract
    ) -> PolicyEngine.Request {
        PolicyEngine.Request(
            actor: contract.actor, action: .callProvider, mode: contract.mode, dataClasses: sent,
            destination: destination, flags: PolicyEngine.Flags(localOnlyOverride: contract.localOnlyOverride))
    }

    /// What is asked for when names go to a provider whose plugin may be used: to the farthest of its endpoints.
    static func request(
        _ provider: String, _ plugin: InstalledPlugin, _ contract: RunContract, _ engine: PolicyEngine
    ) -> PolicyEngine.Request {
        let far = plugin.manifest.egress.first { !engine.isLocal($0.host, declaredLocal: $0.isLocal) }
        return request(
            PolicyEngine.Destination(
                provider: provider, origin: (far ?? plugin.manifest.egress.first)?.origin, isLocal: far == nil),
            contract)
    }

    /// What policy and contract say of each provider: its name, whether it would be asked, and the rule.
    public func providerDecisions(
        of contract: RunContract, engine: PolicyEngine
    ) -> [(name: String, isAllowed: Bool, rule: String, ruleID: String?)] {
        let (offers, order) = preference(of: contract, engine: engine)
        return offers.map { offer in
            switch offer.plugin {
            case .success(let plugin):
                let rule = engine.decide(Self.request(offer.name, plugin, contract, engine)).rule
                return (offer.name, true, rule.words + (order.map { "; " + $0.words } ?? ""), rule.id)
            case .failure(let refusal): return (offer.name, false, refusal.reason, nil)
            }
        }
    }
}

extension PluginCatalog {
    /// The endpoints of every provider that can be used: installed, enabled and trusted.
    public var providerRoutes: ProviderRoutes {
        ProviderRoutes(
            plugins.filter { $0.manifest.kind == .provider }.flatMap { plugin in
                plugin.manifest.egress.map { ProviderRoutes.Route(plugin: plugin.manifest.id, origin: $0.origin) }
            })
    }
}

extension RunPlugin {
    init(_ plugin: InstalledPlugin) throws(SluiceError) {
        let identity = try plugin.identity()
        self.init(id: identity.id, version: identity.version, hash: identity.hash)
    }

    /// With its manifest, if a home installed it: what it may do is part of what a run was made with.
    init(pinning plugin: InstalledPlugin) throws(SluiceError) {
        let identity = try plugin.identity()
        self.init(
            id: identity.id, version: identity.version, hash: identity.hash,
            manifest: plugin.isInstalled ? plugin.manifest.hash : nil)
    }

    /// For a person.
    fileprivate var build: String {
        "\(version) (\(hash.hex.prefix(12)), "
            + (manifest.map { "installed with the manifest \($0.hex.prefix(12))" } ?? "shipped") + ")"
    }
}

/// The plugins of a run at work: those it is pinned to, and the program's own.
extension StageContext {
    /// The plugin that a run was made with.
    ///
    /// - Throws: the error of an installed one that cannot be used; `run.plugin` when it is gone, or is another one.
    func pinned(_ pin: RunPlugin, kind: PluginManifest.Kind) throws(SluiceError) -> InstalledPlugin {
        let plugin: InstalledPlugin
        let now: RunPlugin
        do throws(SluiceError) {
            plugin = try plugins.plugin(pin.id, kind: kind)
            now = try RunPlugin(pinning: plugin)
        } catch {
            if case .failure? = plugins.entry(pin.id).flatMap({ $0.isInstalled ? $0.plugin : nil }) { throw error }
            throw SluiceError(
                .runPlugin,
                "The run was made with the \(kind.rawValue) \(pin.id) \(pin.version), which cannot be used now: "
                    + error.message,
                hint: "Install \(pin.id) \(pin.version) again, then run `sluice resume \(contract.runID)`; "
                    + "or start a new run.")
        }
        guard now == pin else {
            throw SluiceError(
                .runPlugin,
                "The run was made with the \(kind.rawValue) \(pin.id) \(pin.build); now it is \(now.build).",
                hint: "Install that build again, then run `sluice resume \(contract.runID)`; or start a new run.")
        }
        return plugin
    }

    /// What this drive will need from a stage on: said before anything is read, not hours later.
    func requirePinned(entering stage: Stage) throws(SluiceError) {
        // Behind a promotion the source may be gone, and so may what read it.
        if stage < .migration {
            if let connector = pins.connector {
                _ = try pinned(connector, kind: .connector)
            } else if let own = PluginUse.own(contract.lhs.location.scheme) {
                try requireShipped(own)
            }
        }
        guard stage <= .analysis, contract.mode == .dataMode else { return }
        _ = try pinnedChecks()
        for id in unpinnedChecks { try requireShipped(id) }
    }

    /// One of the program's own that the run was made with is not one that was installed over it since.
    ///
    /// - Throws: `run.plugin`.
    func requireShipped(_ id: String) throws(SluiceError) {
        guard plugins.entry(id)?.isInstalled == true else { return }
        throw SluiceError(
            .runPlugin,
            "The run was made with the plugin \(id) that ships with Sluice; an installed one is in its place now.",
            hint: "Remove that one with `sluice plugin remove \(id)`, then run `sluice resume \(contract.runID)`; "
                + "or start a new run.")
    }

    /// What reads the source.
    func connector() throws(SluiceError) -> InstalledPlugin {
        if let pin = pins.connector {
            let plugin = try pinned(pin, kind: .connector)
            try PluginUse.require(plugin, mode: contract.mode)
            return plugin
        }
        if let own = PluginUse.own(contract.lhs.location.scheme) { try requireShipped(own) }
        return try PluginUse(plugins).connector(for: contract.lhs.location, mode: contract.mode)
    }

    /// The standard ones that ship.
    private var unpinnedChecks: [String] {
        PluginUse.standardChecks.filter { id in !pins.checks.contains { $0.id == id } }
    }

    private func pinnedChecks() throws(SluiceError) -> [InstalledPlugin] {
        var checks: [InstalledPlugin] = []
        for pin in pins.checks { checks.append(try pinned(pin, kind: .check)) }
        return checks
    }

    /// The checks of Analysis, sorted by id.
    func checks() throws(SluiceError) -> [InstalledPlugin] {
        var checks = try pinnedChecks()
        for id in unpinnedChecks {
            try requireShipped(id)
            checks.append(try plugins.plugin(id, kind: .check))
        }
        return checks.sorted { $0.manifest.id < $1.manifest.id }
    }
}
