public import Foundations

/// A plugin that a run uses, by its bytes: another version or another build is another plugin.
public struct RunPlugin: Sendable, Equatable {
    public let id: String
    public let version: String
    /// SHA-256 of library and resources (`plugin_hash` of `sluice plugin retry`).
    public let hash: SHA256.Digest
    /// SHA-256 of the manifest of one that a home installed, in a pin; nil for one that ships.
    public let manifest: SHA256.Digest?

    public init(id: String, version: String, hash: SHA256.Digest, manifest: SHA256.Digest? = nil) {
        self.id = id
        self.version = version
        self.hash = hash
        self.manifest = manifest
    }

    public var json: JSON {
        .members([
            "id": .string(id), "version": .string(version), "plugin_hash": .string(hash.hex),
            "manifest_sha256": manifest.map { .string($0.hex) },
        ])
    }

    public init?(_ json: JSON) {
        guard let id = json["id"]?.stringValue, let version = json["version"]?.stringValue,
            let hash = json["plugin_hash"]?.stringValue.flatMap(SHA256.Digest.init(hex:))
        else { return nil }
        let manifest = json["manifest_sha256"].map { $0.stringValue.flatMap(SHA256.Digest.init(hex:)) }
        if case .some(nil) = manifest { return nil }
        self.init(id: id, version: version, hash: hash, manifest: manifest ?? nil)
    }

    /// `id@version`, as messages name it.
    public var reference: String { "\(id)@\(version)" }
}

/// The plugins that a run is pinned to from its creation on (docs/run-contract.md).
///
/// The program's own that ship with it are not among them: they belong to the program, as the stages do. One that a
/// home installed in the place of such a one is.
public struct RunPlugins: Sendable, Equatable {
    /// What reads the source; nil when a connector that ships with the program does.
    public let connector: RunPlugin?
    /// The checks that Analysis runs beside those of the two standard ones that ship, sorted by id.
    public let checks: [RunPlugin]
    /// The providers that policy and contract allow, in the order in which they are asked.
    public let providers: [RunPlugin]

    public init(connector: RunPlugin? = nil, checks: [RunPlugin] = [], providers: [RunPlugin] = []) {
        self.connector = connector
        self.checks = checks
        self.providers = providers
    }

    public static let none = RunPlugins()

    public var isEmpty: Bool { self == .none }

    /// Members that are empty are left out.
    public var json: JSON {
        .members([
            "connector": connector?.json, "checks": checks.isEmpty ? nil : .array(checks.map(\.json)),
            "providers": providers.isEmpty ? nil : .array(providers.map(\.json)),
        ])
    }

    /// From what `json` gave; nil when it is anything else.
    public init?(_ json: JSON) {
        guard let members = json.objectValue else { return nil }
        func list(_ key: String) -> [RunPlugin]? {
            guard let value = members[key] else { return [] }
            guard let elements = value.arrayValue else { return nil }
            let plugins = elements.compactMap(RunPlugin.init)
            return plugins.count == elements.count ? plugins : nil
        }
        guard let checks = list("checks"), let providers = list("providers"),
            members.keys.allSatisfy(["connector", "checks", "providers"].contains)
        else { return nil }
        let connector = members["connector"].map(RunPlugin.init)
        if case .some(nil) = connector { return nil }
        self.init(connector: connector ?? nil, checks: checks, providers: providers)
    }
}

/// How policy, contracts and the model registry name a provider: by its plugin's id, or by the short name of one that
/// ships, such as `openai`.
public enum ProviderName {
    /// The short name of the provider that needs no server.
    public static let local = "local"
    public static let localPlugin = "sluice.provider.local"
    /// The short names that there are.
    public static let tags: Set<String> = ["anthropic", "groq", local, "ollama", "openai", "openai-compatible"]
    private static let prefix = "sluice.provider."

    /// The id of the plugin that a name stands for.
    public static func plugin(_ name: String) -> String { tags.contains(name) ? prefix + name : name }

    /// The shortest name of a provider: its tag, or else the plugin's id.
    public static func tag(_ name: String) -> String {
        let short = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
        return tags.contains(short) ? short : name
    }

    /// Whether a name is a tag, or looks like the id of a plugin, which has a dot.
    static func isKnown(_ name: String) -> Bool { tags.contains(name) || name.contains(".") }

    /// Whether a list names a provider, by either of its names.
    public static func isNamed(_ name: String, in list: [String]) -> Bool {
        list.contains { plugin($0) == plugin(name) }
    }

    /// Whether a list names a provider, or a model of it as `provider:model`.
    public static func isMentioned(_ name: String, in list: [String]) -> Bool {
        isNamed(name, in: list + list.compactMap { model($0)?.provider })
    }

    /// The parts of `provider:model`; nil for a provider's name.
    public static func model(_ name: String) -> (provider: String, model: String)? {
        let parts = name.split(separator: ":", maxSplits: 1).map(String.init)
        return parts.count == 2 ? (parts[0], parts[1]) : nil
    }
}
