public import Foundations

/// The shared libraries that a plugin was installed with: it is loaded with exactly these bytes, or not at all.
public struct PluginPins: Sendable, Hashable {
    public struct Library: Sendable, Hashable {
        /// As others ask for it (DT_NEEDED).
        public let name: String
        /// Where it was found. The same bytes elsewhere are the same library.
        public let path: String
        public let sha256: SHA256.Digest

        public init(name: String, path: String, sha256: SHA256.Digest) {
            self.name = name
            self.path = path
            self.sha256 = sha256
        }
    }

    /// In the order of the closure.
    public let libraries: [Library]

    public init(libraries: [Library]) { self.libraries = libraries }

    /// - Throws: `plugin.pinned` that names the first library that is another one, or new.
    func require(_ found: [PinnedLibrary], of plugin: String) throws(SluiceError) {
        if let difference = differences(found).first {
            throw SluiceError(
                .pluginPinned, "The plugin \(plugin) cannot be loaded: \(difference).",
                hint: "If it was changed on purpose, install the plugin again: `sluice plugin install \(plugin)`.")
        }
    }

    /// What is not as it was pinned, in words. Hashes the libraries; of one file each process does so once.
    public func differences(_ found: [PinnedLibrary]) -> [String] {
        var known: [String: Library] = [:]
        for library in libraries { known[library.name] = library }
        return found.compactMap { library in
            guard let pin = known[library.name] else {
                return "it would be loaded with the library \(library.path), which it was not installed with"
            }
            guard let digest = library.sha256 else { return "the library \(library.path) changed while it was read" }
            return digest == pin.sha256
                ? nil
                : "the library \(library.path) has SHA-256 \(digest.hex); the plugin was installed with \(pin.sha256.hex)"
        }
    }
}

extension InstalledPlugin {
    /// Every shared library that the plugin would be loaded with, found as the loader finds them.
    ///
    /// - Parameter image: the bytes of its library.
    /// - Throws: `plugin.library` for one that is missing, malformed or there twice; `plugin.load` for a malformed plugin.
    public func libraries(of image: [UInt8]) throws(SluiceError) -> [PinnedLibrary] {
        let search = LibrarySearch(installation: RunnerSettings.swiftLibraryDirectories())
        return try LibraryClosure.resolve(self, image: image, search: search).libraries
    }

    /// The same plugin, held to the libraries that it was installed with.
    public func pinned(to pins: PluginPins) -> InstalledPlugin {
        InstalledPlugin(
            manifest: manifest, manifestPath: manifestPath, folder: folder, resourcesFolder: resourcesFolder,
            pins: pins)
    }
}

extension PluginManifest {
    /// Whether a text may be the id of a plugin.
    public static func isPluginID(_ text: String) -> Bool { isIdentifier(text) }
}
