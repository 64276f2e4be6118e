internal import Foundations
public import PluginHost

/// One rule that a plugin must keep, and the code that finds out whether it does.
///
/// A check runs in a process of its own with a seed; the same seed makes the same choices.
public struct ConformanceCheck: Sendable {
    public enum Group: String, Sendable, CaseIterable {
        case package, abi, sandbox, provider, connector, check

        /// The kind of plugin that the group is about; nil for every kind.
        public var kind: PluginManifest.Kind? {
            switch self {
            case .package, .abi, .sandbox: nil
            case .provider: .provider
            case .connector: .connector
            case .check: .check
            }
        }
    }

    public let group: Group
    /// Within the group: a–z, 0–9 and `_`.
    public let name: String
    /// The rule in one sentence, for a person.
    public let rule: String
    /// Seconds after which its process is stopped and the outcome is `crashed`.
    public let seconds: Double
    let run: @Sendable (Subject, _ seed: UInt64) throws(SluiceError) -> Outcome

    /// For example `abi.release_once`; immutable, quirks and reports name it.
    public var id: String { "\(group.rawValue).\(name)" }

    init(
        _ group: Group, _ name: String, _ rule: String, seconds: Double = 60,
        run: @escaping @Sendable (Subject, _ seed: UInt64) throws(SluiceError) -> Outcome
    ) {
        self.group = group
        self.name = name
        self.rule = rule
        self.seconds = seconds
        self.run = run
    }

    /// Every check of the suite, in the order of the report.
    public static let all: [ConformanceCheck] =
        packageChecks + abiChecks + sandboxChecks + providerChecks + connectorChecks + checkChecks
}
