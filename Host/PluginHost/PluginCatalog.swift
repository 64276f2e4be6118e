public import Foundations

/// A plugin whose manifest was read: where its files are. Nothing about the files was verified yet.
public struct InstalledPlugin: Sendable, Hashable {
    public let manifest: PluginManifest
    public let manifestPath: String
    /// The folder of the shared library.
    public let folder: String
    /// The folder of the resources.
    public let resourcesFolder: String
    /// What else it must be loaded with; nil for one that ships with the program.
    public let pins: PluginPins?

    /// Whether a home has it, not the installation.
    public var isInstalled: Bool { pins != nil }

    public init(
        manifest: PluginManifest, manifestPath: String, folder: String, resourcesFolder: String,
        pins: PluginPins? = nil
    ) {
        self.manifest = manifest
        self.manifestPath = manifestPath
        self.folder = folder
        self.resourcesFolder = resourcesFolder
        self.pins = pins
    }

    /// One plugin by the path of its manifest; its library lies beside it, its resources in `resources` below.
    public init(manifestPath: String, resourcesFolder: String? = nil) throws(SluiceError) {
        let bytes: [UInt8]
        do { bytes = try Files.read(manifestPath, limit: Self.maximumManifestSize) } catch {
            throw SluiceError(.pluginManifest, "\(error.call) \(manifestPath): \(error.reason).")
        }
        let folder = Files.folder(of: manifestPath)
        self.init(
            manifest: try PluginManifest.parse(bytes, name: Files.name(of: manifestPath)), manifestPath: manifestPath,
            folder: folder, resourcesFolder: resourcesFolder ?? folder + "/resources")
    }

    public func hash(into hasher: inout Hasher) {
        // The manifest pins everything else that two of them may differ in, but its place.
        hasher.combine(manifest.hash)
        hasher.combine(manifestPath)
    }

    static let maximumManifestSize = 1 << 20
}

/// The plugins of one folder: filled manifests `<id>.json` with their shared libraries beside them.
///
/// One broken manifest does not hide the others: it is listed with its error.
public struct PluginCatalog: Sendable {
    /// One manifest of the folder, read or refused.
    public struct Entry: Sendable {
        /// What a home's lock says of a plugin, whether it can be used or not.
        public struct Locked: Sendable {
            public let kind: PluginManifest.Kind
            /// Of the sources that it reads.
            public let schemes: [String]
            /// Nil when it has no file for this platform.
            public let identity: PluginIdentity?
            public let manifestSHA256: SHA256.Digest
            public let isEnabled: Bool

            public init(
                kind: PluginManifest.Kind, schemes: [String], identity: PluginIdentity?,
                manifestSHA256: SHA256.Digest, isEnabled: Bool
            ) {
                self.kind = kind
                self.schemes = schemes
                self.identity = identity
                self.manifestSHA256 = manifestSHA256
                self.isEnabled = isEnabled
            }
        }

        /// The file's name without `.json`, which must be the manifest's id.
        public let id: String
        public let plugin: Result<InstalledPlugin, SluiceError>
        /// Nil for one that ships.
        public let locked: Locked?
        /// Whether the home has it, not the installation.
        public var isInstalled: Bool { locked != nil }

        public init(id: String, plugin: Result<InstalledPlugin, SluiceError>, locked: Locked? = nil) {
            self.id = id
            self.plugin = plugin
            self.locked = locked
        }
    }

    /// Sorted by id.
    public let entries: [Entry]
    /// Told of each plugin that was asked for and cannot be had; on the asking thread.
    public var onRefused: (@Sendable (_ id: String, _ error: SluiceError) -> Void)?

    /// These, of which no two have one id.
    public init(entries: [Entry]) { self.entries = entries.sorted { $0.id < $1.id } }

    /// Reads a folder.
    ///
    /// - Parameter resourcesFolder: where data files lie; `folder/resources` unless told.
    /// - Throws: `SluiceError` of kind `plugin.missing` when the folder cannot be listed.
    public init(folder: String, resourcesFolder: String? = nil) throws(SluiceError) {
        let names: [String]
        do { names = try Files.list(folder) } catch {
            throw SluiceError(
                .pluginMissing, "The plugin folder \(folder) cannot be read: \(error.reason).",
                hint: "Run `make stage`, or install the plugins again.")
        }
        entries = names.filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }
            .map { name in
                let id = String(name.dropLast(5))
                return Entry(
                    id: id, plugin: Self.read(id, folder: folder, resourcesFolder: resourcesFolder))
            }
            .sorted { $0.id < $1.id }
    }

    private static func read(
        _ id: String, folder: String, resourcesFolder: String?
    ) -> Result<InstalledPlugin, SluiceError> {
        do throws(SluiceError) {
            let plugin = try InstalledPlugin(manifestPath: "\(folder)/\(id).json", resourcesFolder: resourcesFolder)
            guard plugin.manifest.id == id else {
                throw SluiceError(
                    .pluginManifest, "The manifest \(id).json is malformed: /id must be the file's name, \(id).")
            }
            return .success(plugin)
        } catch { return .failure(error) }
    }

    /// Those that can be used, sorted by id. Whoever leaves out the others must know why: `refused`.
    public var plugins: [InstalledPlugin] { entries.compactMap { try? $0.plugin.get() } }

    public func entry(_ id: String) -> Entry? { entries.first { $0.id == id } }

    /// The home's own that cannot be used, with what the lock says of each; sorted by id.
    public var refused: [(entry: Entry, locked: Entry.Locked)] {
        entries.compactMap { entry in
            guard case .failure = entry.plugin, let locked = entry.locked else { return nil }
            return (entry, locked)
        }
    }

    /// One plugin by its id.
    ///
    /// - Throws: `plugin.missing` with the nearest id there is, or the error of its broken manifest.
    public func plugin(_ id: String) throws(SluiceError) -> InstalledPlugin {
        if let entry = entry(id) {
            if case .failure(let error) = entry.plugin { onRefused?(id, error) }
            return try entry.plugin.get()
        }
        let shown = Redaction.line(id, limit: 64)
        let near = entries.map { ($0.id, Self.distance($0.id, id)) }.min { $0.1 < $1.1 }
        if let near, near.1 <= max(2, id.utf8.count / 3) {
            throw SluiceError(
                .pluginMissing, "There is no plugin \(shown).",
                hint: "Did you mean \(near.0)? See `sluice plugin list`.")
        }
        throw SluiceError(.pluginMissing, "There is no plugin \(shown).")
    }

    /// One plugin by id that must be of a kind.
    public func plugin(_ id: String, kind: PluginManifest.Kind) throws(SluiceError) -> InstalledPlugin {
        let plugin = try plugin(id)
        guard plugin.manifest.kind == kind else {
            throw SluiceError(
                .pluginMissing, "The plugin \(id) is a \(plugin.manifest.kind.rawValue), not a \(kind.rawValue).")
        }
        return plugin
    }

    /// Edits between two ids (Levenshtein 1966), over bytes; long input counts as far away.
    static func distance(_ a: String, _ b: String) -> Int {
        let a = Array(a.utf8)
        let b = Array(b.utf8)
        guard a.count <= 128, b.count <= 128 else { return Int.max }
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var corner = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let above = row[j + 1]
                row[j + 1] = min(above + 1, row[j] + 1, corner + (x == y ? 0 : 1))
                corner = above
            }
        }
        return row[b.count]
    }
}
