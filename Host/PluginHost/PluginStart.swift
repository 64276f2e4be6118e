/// In which sandbox a plugin's process runs, and of which files: what a run's ledger says of it (design §1).
public struct PluginStart: Sendable {
    public let id: String
    public let version: String
    /// The layers in force.
    public let activeLayers: [IsolationLayer]
    /// Those that are not, and why.
    public let missingLayers: [MissingLayer]
    /// The shared libraries that it is loaded with.
    public let libraries: [PinnedLibrary]
    /// How the connection to its database is protected; nil for everything but a connector with one.
    public let databaseTLS: String?
}

extension PluginStart {
    public init(_ process: PluginProcess) {
        self.init(
            id: process.manifest.id, version: process.manifest.version, activeLayers: process.activeLayers,
            missingLayers: process.missingLayers, libraries: process.libraries, databaseTLS: process.databaseTLS)
    }
}
