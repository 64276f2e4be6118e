internal import Foundations
internal import PluginHost

extension ConformanceCheck {
    /// What a connector makes of good and bad sources.
    static let connectorChecks: [ConformanceCheck] = []
}
