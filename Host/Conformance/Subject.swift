public import Foundations
public import PluginHost

/// The plugin under test.
public struct Subject: Sendable {
    /// The exact bytes of the manifest; nil when only a library was given.
    public let manifestBytes: [UInt8]?
    /// The manifest's path; nil when only a library was given.
    public let manifestPath: String?
    /// With a library alone, a manifest with the widest limits that was made for this test.
    public let plugin: InstalledPlugin
    public let quirks: Quirks
    /// Paths of lists of keys (docs/plugins.md) that say which keys were revoked.
    public let keyLists: [String]
    /// How runners and probers are started.
    public let settings: RunnerSettings

    /// The text of the plugin's manifest, of what could be saved of a malformed one, or of the one that was made up for
    /// its library.
    private let text: [UInt8]

    /// The shared library for this platform.
    public func libraryPath() throws(SluiceError) -> String {
        plugin.folder + "/" + (try plugin.manifest.artifact()).file
    }

    /// A plugin by the path of its manifest. One with mistakes is tested as far as it can be (`LenientManifest`): the
    /// checks of the package name them.
    ///
    /// - Throws: `plugin.manifest` for one that cannot be tested at all, `plugin.abi`, `plugin.quirks`.
    public init(
        manifestPath: String, resourcesFolder: String? = nil, keyLists: [String] = [], settings: RunnerSettings
    ) throws(SluiceError) {
        let bytes: [UInt8]
        do { bytes = try Files.read(manifestPath, limit: 1 << 20) } catch {
            throw SluiceError(.pluginManifest, "The manifest \(manifestPath) cannot be read: \(error.reason).")
        }
        let folder = Files.folder(of: manifestPath)
        let (manifest, text) = try LenientManifest.parse(bytes, name: Files.name(of: manifestPath))
        try self.init(
            plugin: InstalledPlugin(
                manifest: manifest, manifestPath: manifestPath, folder: folder,
                resourcesFolder: resourcesFolder ?? folder + "/resources"),
            text: text, manifestBytes: bytes, keyLists: keyLists, settings: settings)
    }

    /// A library alone; it is asked what it is, inside a sandbox.
    ///
    /// - Throws: what `InstalledPlugin.asked` throws; `plugin.quirks`.
    public init(library: String, settings: RunnerSettings) throws(SluiceError) {
        let asked = try InstalledPlugin.asked(library: library, settings: settings)
        try self.init(plugin: asked.plugin, text: asked.manifest, manifestBytes: nil, keyLists: [], settings: settings)
    }

    private init(
        plugin: InstalledPlugin, text: [UInt8], manifestBytes: [UInt8]?, keyLists: [String], settings: RunnerSettings
    ) throws(SluiceError) {
        self.plugin = plugin
        self.text = text
        self.manifestBytes = manifestBytes
        self.keyLists = keyLists
        manifestPath = manifestBytes == nil ? nil : plugin.manifestPath
        quirks = try Quirks(
            path: "\(plugin.folder)/conformance/\(plugin.manifest.id).json", kind: plugin.manifest.kind)
        self.settings = settings
    }

    // MARK: For the process of one check

    /// What the process of one check is told of the plugin; it holds paths and no byte of the plugin's files.
    var json: JSON {
        [
            "manifest": .string(String(decoding: text, as: UTF8.self)),
            // It is JSON, so it is UTF-8.
            "manifest_bytes": manifestBytes.map { .string(String(decoding: $0, as: UTF8.self)) } ?? .null,
            "key_lists": JSON(keyLists),
            "manifest_path": .string(plugin.manifestPath), "folder": .string(plugin.folder),
            "resources": .string(plugin.resourcesFolder), "runner": .string(settings.runnerPath),
            "isolation": JSON(settings.isolationMinimum.map(\.name)),
            "library_directories": JSON(settings.libraryDirectories),
        ]
    }

    init(json: JSON) throws(SluiceError) {
        guard let text = json["manifest"]?.stringValue, let path = json["manifest_path"]?.stringValue,
            let folder = json["folder"]?.stringValue,
            let resources = json["resources"]?.stringValue, let runner = json["runner"]?.stringValue
        else { throw SluiceError(.usage, "The request of a check is incomplete.") }
        let words = { (key: String) in (json[key]?.arrayValue ?? []).compactMap(\.stringValue) }
        let bytes = Array(text.utf8)
        try self.init(
            plugin: InstalledPlugin(
                manifest: try PluginManifest.parse(bytes, name: Files.name(of: path)), manifestPath: path,
                folder: folder, resourcesFolder: resources),
            text: bytes, manifestBytes: json["manifest_bytes"]?.stringValue.map { Array($0.utf8) },
            keyLists: words("key_lists"),
            settings: RunnerSettings(
                runnerPath: runner, libraryDirectories: words("library_directories"),
                isolationMinimum: try IsolationLayer.parse(words("isolation"))))
    }

    /// An error of a call as a report may hold it: nothing that the plugin said.
    func words(_ error: SluiceError) -> String { error.reported(ofPlugin: plugin.manifest.id) }

    /// An error about the plugin's files as a report may hold it: without their place on this machine.
    func fileWords(_ error: SluiceError) -> String {
        let plain = error.message.replacing(plugin.folder + "/", with: "")
        return "\(error.code) \(error.detail): \(plain)"
    }
}

extension Subject {
    /// The plugin with other members of its manifest, which must then still be one; its files stay pinned as they are.
    ///
    /// For what the suite alone changes: endpoints that lead to its own servers, and shorter limits.
    func plugin(changing members: [String: JSON]) throws(SluiceError) -> InstalledPlugin {
        var document = try JSONParser.parse(text, name: "manifest").objectValue ?? [:]
        document.merge(members) { $1 }
        let changed = try PluginManifest.parse(JSON.object(document).canonicalBytes, name: "manifest")
        return InstalledPlugin(
            manifest: changed, manifestPath: plugin.manifestPath, folder: plugin.folder,
            resourcesFolder: plugin.resourcesFolder)
    }

    /// The manifest as a document, or the one that was made up.
    func manifestDocument() throws(SluiceError) -> JSON { try JSONParser.parse(text, name: "manifest") }
}
