internal import Foundations
internal import PluginHost

extension ConformanceCheck {
    /// What a provider does with prompts, endpoints and failing servers.
    static let providerChecks: [ConformanceCheck] = []
}
