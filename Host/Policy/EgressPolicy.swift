public import Contracts

/// What the registry of plugins says about the way out: the endpoints of every provider that is installed, enabled and
/// trusted.
public struct ProviderRoutes: Sendable, Equatable {
    /// The id of a plugin and the origin of one of its endpoints.
    public struct Route: Sendable, Hashable {
        public let plugin: String
        public let origin: Origin

        public init(plugin: String, origin: Origin) {
            self.plugin = plugin
            self.origin = origin
        }
    }

    public let routes: Set<Route>

    public init(_ routes: some Sequence<Route>) { self.routes = Set(routes) }
}

extension PolicyEngine {
    /// Whether the Policy Manifest lets a provider reach an origin; denied unless it is named.
    ///
    /// - Parameters:
    ///   - declaredLocal: what the plugin's manifest says of the host. A private address needs both to say so.
    ///   - dataClasses: of what would be sent: jurisdictions are asked about them; nil where it is not known yet.
    ///   - provider: who would reach it, as policy names it or by the plugin's id; anybody when nil.
    public func decide(
        egress origin: Origin, declaredLocal: Bool, provider: String? = nil, dataClasses: Set<DataClass>? = nil
    ) -> Decision {
        guard manifest.egress.followsRegistry || manifest.egress.allowed.contains(origin) else {
            return .deny("egress.origin", "egress: \(origin) is not on the allow list")
        }
        if let unlisted = unlisted(origin, provider) { return unlisted }
        let isLocal = manifest.egress.local.contains(origin.host)
        guard origin.scheme == .https || (isLocal && declaredLocal) else {
            return .deny(
                "egress.http",
                "egress: \(origin) is plain http, and \(isLocal ? "the plugin" : "policy") does not call it local")
        }
        let destination = Destination(
            provider: provider, origin: origin, isLocal: self.isLocal(origin.host, declaredLocal: declaredLocal))
        if let dataClasses, let refused = jurisdiction(dataClasses.sorted(), destination) { return refused }
        return Decision(
            verdict: .allow,
            rule: manifest.egress.followsRegistry
                ? Rule("egress.registry", "egress: \(origin) is an endpoint of a provider that may be used")
                : Rule("egress.origin", "egress: \(origin) is on the allow list"))
    }

    /// No, when no provider that may be used names the origin, as far as the registry is known.
    private func unlisted(_ origin: Origin, _ provider: String?) -> Decision? {
        guard let routes else {
            guard manifest.egress.followsRegistry else { return nil }
            return .deny("egress.registry", "egress: the allow list is the registry's, and no provider is known here")
        }
        let isNamed = routes.routes.contains { route in
            route.origin == origin && refusal(ofProvider: route.plugin) == nil
                && (provider.map { ProviderName.plugin($0) == route.plugin } ?? true)
        }
        guard !isNamed else { return nil }
        return .deny(
            "egress.registry",
            "egress: \(origin) is no endpoint of \(provider ?? "a provider") that is installed, enabled and allowed")
    }

    /// Every origin that can be reached: what the registry names and the Policy Manifest permits, sorted.
    public var effectiveOrigins: [Origin] {
        Set((routes?.routes ?? []).map(\.origin)).filter { origin in
            decide(egress: origin, declaredLocal: true).isAllowed
        }.sorted { $0.description < $1.description }
    }

    /// Whether a host may have a private address: the plugin's manifest and the Policy Manifest both call it local.
    public func isLocal(_ host: String, declaredLocal: Bool) -> Bool {
        declaredLocal && manifest.egress.local.contains(host)
    }
}
