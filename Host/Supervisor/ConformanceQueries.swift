public import Conformance
internal import Contracts
public import Foundations
internal import PluginHost
internal import Policy

extension RunService {
    /// Holds a plugin against the conformance suite; nothing of the home is changed.
    ///
    /// - Parameters:
    ///   - target: an installed plugin's id, a manifest's path (`….json`) or a library's (`….so`).
    ///   - checks: ids of the checks to make; every one for the plugin's kind when nil.
    ///   - seed: of the suite's choices; one of `ConformanceSuite.seeds`.
    /// - Throws: `plugin.missing`, `plugin.manifest`, `plugin.quirks`, `plugin.load`, `usage`. What a plugin does wrong is
    ///   in the report.
    public func conformance(
        _ target: String, checks: [String]?, seed: UInt64
    ) throws(SluiceError) -> ConformanceReport {
        // Foreign code is started for it: that is for whoever may start it by a run, or have it installed.
        do { _ = try permit(.manageProviderRegistry) } catch { _ = try permit(.createRun) }
        let subject = try conformanceSubject(target)
        guard let program = Files.resolved("/proc/self/exe") else {
            throw SluiceError(.fileFailed, "This program cannot find itself at /proc/self/exe.")
        }
        return try ConformanceSuite.run(subject, seed: seed, checks: checks, program: program)
    }

    /// What a person names as the plugin to look at.
    func conformanceSubject(_ target: String) throws(SluiceError) -> Subject {
        let settings = try RunnerSettings.located(
            isolationMinimum: IsolationLayer.parse(engine.manifest.isolationMinimum), context: context)
        if target.contains("/") || target.hasSuffix(".json") || target.hasSuffix(".so") || target.contains(".so.") {
            return try subject(path: target, settings: settings)
        }
        let plugin: InstalledPlugin
        do { plugin = try catalog().plugin(target) } catch {
            // A file of that name is meant as a file.
            guard error.detail == ErrorKind.pluginMissing.id, Files.exists(target) else { throw error }
            return try subject(path: target, settings: settings)
        }
        return try Subject(
            manifestPath: plugin.manifestPath, resourcesFolder: plugin.resourcesFolder, keyLists: keyLists,
            settings: settings)
    }

    private func subject(path: String, settings: RunnerSettings) throws(SluiceError) -> Subject {
        guard Files.exists(path) else {
            throw SluiceError(
                .pluginMissing, "There is no file \(path).",
                hint: "Check the path, or name an installed plugin: `sluice plugin list`.")
        }
        guard !Files.isDirectory(path) else {
            throw SluiceError(
                .usage, "\(path) is a folder.", hint: "Name the plugin's manifest (.json) or its library (.so).")
        }
        let whole = Files.resolved(path) ?? path
        // By what the person wrote: a link to a library may have any name.
        return path.hasSuffix(".json")
            ? try Subject(manifestPath: whole, keyLists: keyLists, settings: settings)
            : try Subject(library: whole, settings: settings)
    }
}
