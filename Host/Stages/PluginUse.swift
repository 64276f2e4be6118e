public import Contracts
internal import Egress
public import Foundations
public import PluginHost
public import Policy

/// Which of the plugins that can be used a run uses (docs/authoring.md).
///
/// A plugin can be used when the catalog gives it: one that is broken, disabled or refused is not there.
public struct PluginUse {
    static let csv = "sluice.connector.csv"
    static let sqlite = "sluice.connector.sqlite"
    /// The checks that ship with the program, whose metrics the threshold profile knows.
    static let standardChecks = ["sluice.check.completeness", "sluice.check.duplicates"]

    let catalog: PluginCatalog

    public init(_ catalog: PluginCatalog) { self.catalog = catalog }

    /// Every plugin of others that a run is pinned to when it is made.
    ///
    /// - Throws: as `connector(for:mode:)`; `plugin.manifest` for a check that has no file for this platform.
    public func plugins(
        of contract: RunContract, engine: PolicyEngine
    ) throws(SluiceError) -> RunPlugins {
        var connector: RunPlugin?
        switch contract.lhs.location.scheme {
        // Whether our own are whole is seen when they are used.
        case .csv, .sqlite: break
        case .parquet, .postgres, .plugin:
            connector = try RunPlugin(try self.connector(for: contract.lhs.location, mode: contract.mode))
        }
        var checks: [RunPlugin] = []
        if contract.mode == .dataMode { for check in otherChecks { checks.append(try RunPlugin(check)) } }
        var providers: [RunPlugin] = []
        for offer in self.providers(of: contract, engine: engine) {
            guard case .success(let plugin) = offer.plugin, plugin.manifest.id != ProviderName.localPlugin else {
                continue
            }
            providers.append(try RunPlugin(plugin))
        }
        return RunPlugins(connector: connector, checks: checks, providers: providers)
    }

    // MARK: Checks

    /// Beside the standard ones, sorted by id.
    var otherChecks: [InstalledPlugin] {
        catalog.plugins.filter { $0.manifest.kind == .check && !Self.standardChecks.contains($0.manifest.id) }
            .sorted { $0.manifest.id < $1.manifest.id }
    }

    // MARK: Connectors

    /// The connector that reads a source.
    ///
    /// - Throws: `location.invalid` when there is none; `plugin.scheme` when there are two; `plugin.missing`;
    ///   `policy.mode` in metadata_only, unless its manifest says that it needs no byte of the source.
    public func connector(for location: DataLocation, mode: Mode) throws(SluiceError) -> InstalledPlugin {
        switch location.scheme {
        case .csv: return try catalog.plugin(Self.csv, kind: .connector)
        case .sqlite: return try catalog.plugin(Self.sqlite, kind: .connector)
        case .parquet, .postgres: throw unread(location.scheme)
        case .plugin(let scheme):
            let readers = catalog.plugins.filter { $0.manifest.source?.schemes.contains(scheme) ?? false }
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

    /// Those on the policy's allow list, in its order; where that is empty, the one that ships, refused.
    ///
    /// A name on a deny list of policy or contract is refused, whatever an allow list says.
    func providers(of contract: RunContract, engine: PolicyEngine) -> [ProviderOffer] {
        var seen: Set<String> = []
        let names = engine.manifest.providersAllowed.filter { seen.insert(ProviderName.plugin($0)).inserted }
        return (names.isEmpty ? [ProviderName.local] : names).map { name in
            ProviderOffer(name: name, plugin: offer(name, contract, engine))
        }
    }

    private func offer(
        _ name: String, _ contract: RunContract, _ engine: PolicyEngine
    ) -> Result<InstalledPlugin, Refusal> {
        func refused(_ reason: String) -> Result<InstalledPlugin, Refusal> { .failure(Refusal(reason: reason)) }
        if ProviderName.isNamed(name, in: contract.providerDenylist ?? []) {
            return refused("the contract denies the provider \(name)")
        }
        if let allow = contract.providerAllowlist, !ProviderName.isNamed(name, in: allow) {
            return refused("the contract's allow list does not name the provider \(name)")
        }
        let decision = engine.decide(Self.request(name, contract))
        guard decision.isAllowed else { return refused(decision.rule) }
        let id = ProviderName.plugin(name)
        let plugin: InstalledPlugin
        do throws(SluiceError) { plugin = try catalog.plugin(id, kind: .provider) } catch {
            let isMissing = error.detail == ErrorKind.pluginMissing.id
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
        }
        return .success(plugin)
    }

    static func request(_ provider: String, _ contract: RunContract) -> PolicyEngine.Request {
        PolicyEngine.Request(
            actor: contract.actor, action: .callProvider, mode: contract.mode, provider: provider)
    }

    /// What policy and contract say of each provider: its name, whether it would be asked, and the rule.
    public func providerDecisions(
        of contract: RunContract, engine: PolicyEngine
    ) -> [(name: String, isAllowed: Bool, rule: String)] {
        providers(of: contract, engine: engine).map { offer in
            switch offer.plugin {
            case .success: (offer.name, true, engine.decide(Self.request(offer.name, contract)).rule)
            case .failure(let refusal): (offer.name, false, refusal.reason)
            }
        }
    }
}

extension RunPlugin {
    init(_ plugin: InstalledPlugin) throws(SluiceError) {
        let identity = try plugin.identity()
        self.init(id: identity.id, version: identity.version, hash: identity.hash)
    }
}

/// The plugins of a run at work: those it is pinned to, and the program's own.
extension StageContext {
    /// The plugin that a run was made with.
    ///
    /// - Throws: `run.plugin` when it is gone, cannot be used, or is another one.
    func pinned(_ pin: RunPlugin, kind: PluginManifest.Kind) throws(SluiceError) -> InstalledPlugin {
        let plugin: InstalledPlugin
        let now: RunPlugin
        do throws(SluiceError) {
            plugin = try plugins.plugin(pin.id, kind: kind)
            now = try RunPlugin(plugin)
        } catch {
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
                "The run was made with the \(kind.rawValue) \(pin.id) \(pin.version) (\(pin.hash.hex.prefix(12))); "
                    + "installed is \(now.version) (\(now.hash.hex.prefix(12))).",
                hint: "Install that build again, then run `sluice resume \(contract.runID)`; or start a new run.")
        }
        return plugin
    }

    /// What this drive will need from a stage on: said before anything is read, not hours later.
    func requirePinned(entering stage: Stage) throws(SluiceError) {
        // Behind a promotion the source may be gone, and so may what read it.
        if stage < .migration, let connector = pins.connector { _ = try pinned(connector, kind: .connector) }
        if stage <= .analysis { _ = try otherChecks() }
    }

    /// What reads the source.
    func connector() throws(SluiceError) -> InstalledPlugin {
        if let pin = pins.connector {
            let plugin = try pinned(pin, kind: .connector)
            try PluginUse.require(plugin, mode: contract.mode)
            return plugin
        }
        return try PluginUse(plugins).connector(for: contract.lhs.location, mode: contract.mode)
    }

    private func otherChecks() throws(SluiceError) -> [InstalledPlugin] {
        var checks: [InstalledPlugin] = []
        for pin in pins.checks { checks.append(try pinned(pin, kind: .check)) }
        return checks
    }

    /// The checks of Analysis, sorted by id.
    func checks() throws(SluiceError) -> [InstalledPlugin] {
        var checks = try otherChecks()
        for id in PluginUse.standardChecks { checks.append(try plugins.plugin(id, kind: .check)) }
        return checks.sorted { $0.manifest.id < $1.manifest.id }
    }
}
