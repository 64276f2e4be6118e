public import Conformance
public import Foundations
internal import PluginHost

/// The provider plugins that ship with the program, for `sluice eval providers`.
public enum ProviderSubjects {
    /// By id: every plugin of the installation that the catalogue names and that is there.
    ///
    /// - Throws: `plugin.manifest` and `isolation.missing` as a run would; `plugin.quirks`.
    public static func installed(
        _ catalog: SituationCatalog, _ context: Context
    ) throws(SluiceError) -> [String: Subject] {
        let installation = try Installation(context)
        let settings = try RunnerSettings.located(context: context)
        let plugins = try installation.catalog()
        var subjects: [String: Subject] = [:]
        for id in Set(catalog.wires.map(\.plugin)) {
            let plugin: InstalledPlugin
            do { plugin = try plugins.plugin(id) } catch {
                guard error.detail == ErrorKind.pluginMissing.id else { throw error }
                continue
            }
            subjects[id] = try Subject(
                manifestPath: plugin.manifestPath, resourcesFolder: plugin.resourcesFolder, settings: settings)
        }
        return subjects
    }

    /// The catalogue of the installation's registry.
    ///
    /// - Throws: `registry.invalid`.
    public static func catalog(_ context: Context) throws(SluiceError) -> SituationCatalog {
        try SituationCatalog(folder: try Installation(context).registry + "/conformance")
    }
}
