public import Contracts

extension PolicyEngine {
    /// Whether the Policy Manifest lets a provider reach an origin; denied unless it is named.
    ///
    /// - Parameter declaredLocal: what the plugin's manifest says of the host. A private address needs both to say so.
    public func decide(egress origin: Origin, declaredLocal: Bool) -> Decision {
        guard manifest.egress.allowed.contains(origin) else {
            return Decision(isAllowed: false, rule: "egress: \(origin) is not on the allow list")
        }
        let isLocal = manifest.egress.local.contains(origin.host)
        guard origin.scheme == .https || (isLocal && declaredLocal) else {
            return Decision(
                isAllowed: false,
                rule: "egress: \(origin) is plain http, and \(isLocal ? "the plugin" : "policy") does not call it local"
            )
        }
        return Decision(isAllowed: true, rule: "egress: \(origin) is on the allow list")
    }

    /// Whether a host may have a private address: the plugin's manifest and the Policy Manifest both call it local.
    public func isLocal(_ host: String, declaredLocal: Bool) -> Bool {
        declaredLocal && manifest.egress.local.contains(host)
    }
}
