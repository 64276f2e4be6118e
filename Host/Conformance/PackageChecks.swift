internal import Foundations
internal import PluginHost

extension ConformanceCheck {
    /// What can be told from the files alone, without loading the plugin.
    static let packageChecks: [ConformanceCheck] = []
}
