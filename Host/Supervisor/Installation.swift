internal import Foundations
internal import PluginHost
internal import Stages

/// Where the parts of an installation are: beside the program, unless the environment says otherwise.
///
/// `bin/sluice`, `libexec/sluice-runner`, `lib/sluice/plugins`, `share/sluice/registry`, `share/sluice/resources`.
struct Installation {
    let plugins: String
    let registry: String
    let resources: String

    init(_ context: Context) throws(SluiceError) {
        let program = Files.resolved("/proc/self/exe") ?? "/usr/bin/sluice"
        let prefix = Files.folder(of: Files.folder(of: program))
        func place(_ variable: String, _ path: String) -> String {
            if let named = context.environment[variable], !named.isEmpty { return named }
            return "\(prefix)/\(path)"
        }
        plugins = place("SLUICE_PLUGINS", "lib/sluice/plugins")
        registry = place("SLUICE_REGISTRY", "share/sluice/registry")
        resources = place("SLUICE_RESOURCES", "share/sluice/resources")
    }

    /// Of the plugins that ship with the program.
    func catalog() throws(SluiceError) -> PluginCatalog {
        try PluginCatalog(folder: plugins, resourcesFolder: resources)
    }
}
