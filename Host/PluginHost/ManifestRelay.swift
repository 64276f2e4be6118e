/// The language that a plugin is written in: what its run-time library needs decides which system calls it may make.
///
/// Raw values are those of the manifest and of the runner's `--calls` (Host/Runner/call_sets.c).
public enum PluginLanguage: String, Sendable, CaseIterable {
    case c
    case cxx = "c++"
    case go, rust, swift

    /// Of a manifest that does not say: the strictest there is.
    public static let unnamed = PluginLanguage.c

    static func read(_ node: ManifestNode?) -> PluginLanguage {
        guard let node else { return unnamed }
        return node.choice(allCases.map(\.rawValue)).flatMap(PluginLanguage.init(rawValue:)) ?? unnamed
    }
}

/// What is spoken over the one connection that a host opens for a connector.
public enum RelayProtocol: String, Sendable, CaseIterable {
    case postgres
}

/// Reads the `relay` of a connector's manifest.
enum ManifestRelay {
    static func protocols(_ node: ManifestNode?, kind: PluginManifest.Kind) -> [RelayProtocol] {
        guard let node else { return [] }
        node.keys(["protocols"])
        if kind != .connector { node.mistake("must be left out: a \(kind.rawValue) has no source") }
        let list = node["protocols"]
        let words = list.elements(1...RelayProtocol.allCases.count).map {
            $0.choice(RelayProtocol.allCases.map(\.rawValue)) ?? ""
        }
        list.unique(words, key: nil)
        return words.compactMap(RelayProtocol.init(rawValue:))
    }
}
