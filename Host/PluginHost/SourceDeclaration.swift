internal import Contracts

/// Which sources of runs a connector reads, by the scheme of their locations; the `source` of its manifest.
public struct SourceDeclaration: Sendable, Equatable {
    /// Words in front of the colon, such as `ltsv`; none of the host's own.
    public let schemes: [String]
    /// Whether the connector names its columns without a byte of the source: what metadata_only hands it is empty.
    ///
    /// The host does not know where the head of a foreign format ends. Without this word it hands out nothing and
    /// refuses the run.
    public let namesColumnsWithoutBytes: Bool

    static func read(_ node: ManifestNode?, kind: PluginManifest.Kind, hasRelay: Bool) -> SourceDeclaration? {
        guard let node else { return nil }
        node.keys(["schemes", "stream"], optional: ["metadata"])
        if kind != .connector { node.mistake("must be left out: a \(kind.rawValue) has no source") }
        let list = node["schemes"]
        let schemes = list.elements(1...8).map { element in
            let scheme = element.matching(
                "a word of 2 to 16 of a-z and 0-9, a letter first", DataLocation.Scheme.isWord)
            if DataLocation.Scheme.reserved.contains(scheme) {
                element.mistake("must be another word: \(scheme) is taken")
            }
            return scheme
        }
        list.unique(schemes, key: nil)
        let streams = ["file", "relay"]
        if node["stream"].choice(streams) == "relay" || hasRelay {
            node["stream"].mistake("must be file, without `relay`: runs do not read databases through plugins yet")
        }
        let metadata = node.present("metadata")?.choice(["none"])
        return SourceDeclaration(schemes: schemes, namesColumnsWithoutBytes: metadata == "none")
    }
}
