internal import Foundations
internal import PluginHost

/// Checks that `sluice-prober` makes: it loads the plugin inside the sandbox and calls its tables as no host would.
extension ConformanceCheck {
    static let abiChecks: [ConformanceCheck] = []
    static let sandboxChecks: [ConformanceCheck] = []
}
