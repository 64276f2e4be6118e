public import Foundations
internal import Glibc

/// A plugin's library and resources in sealed memory, each byte for byte what the manifest pins.
///
/// The bytes that were hashed are the bytes that are loaded: no path is opened twice.
struct VerifiedPlugin {
    struct Resource {
        let name: String
        let file: Descriptor
        let size: Int
    }

    let library: Descriptor
    /// What the library needs, from the bytes that were verified.
    let closure: LibraryClosure
    let resources: [Resource]
    /// The files that were read, as they were just before.
    let files: [PluginOrigin.File]
    /// Bytes of all files, for the recorder of tests.
    let images: [[UInt8]]

    /// Reads and verifies every file of a plugin.
    ///
    /// - Throws: `plugin.hash` for a size or a hash that differs; `plugin.manifest` for a file that is missing;
    ///   `plugin.link` for one that is a link; `plugin.library` for a library that it needs and cannot have;
    ///   `plugin.pinned` for one that is not the one that it was installed with.
    init(
        _ plugin: InstalledPlugin, search: LibrarySearch, keepImages: Bool = false
    ) throws(SluiceError) {
        let artifact = try plugin.manifest.artifact()
        let libraryPath = plugin.folder + "/" + artifact.file
        var files = [PluginOrigin.File(libraryPath)]
        let libraryBytes = try Self.read(
            libraryPath, size: artifact.size, sha256: artifact.sha256, plugin: plugin)
        closure = try LibraryClosure.resolve(plugin, image: libraryBytes, search: search)
        library = try SealedFile.make(libraryBytes, name: artifact.file)
        var images = keepImages ? [libraryBytes] : []
        var resources: [Resource] = []
        for resource in plugin.manifest.resources {
            let path = plugin.resourcesFolder + "/" + resource.file
            files.append(PluginOrigin.File(path))
            let bytes = try Self.read(path, size: resource.size, sha256: resource.sha256, plugin: plugin)
            let file = try SealedFile.make(bytes, name: resource.file)
            resources.append(Resource(name: resource.name, file: file, size: bytes.count))
            if keepImages { images.append(bytes) }
        }
        self.resources = resources
        self.files = files
        self.images = images
    }

    private static func read(
        _ path: String, size: Int, sha256: SHA256.Digest, plugin: InstalledPlugin
    ) throws(SluiceError) -> [UInt8] {
        let id = plugin.manifest.id
        let bytes: [UInt8]
        do {
            // What was installed was copied as a plain file: a link there was put there afterwards.
            bytes = plugin.pins == nil ? try Files.read(path, limit: size) : try Files.readPlain(path, limit: size)
        } catch {
            if error.errno == ELOOP || error.errno == EINVAL {
                throw SluiceError(.pluginLink, "The file \(path) of the plugin \(id) is a link, or no regular file.")
            }
            guard error.errno == EFBIG else {
                throw SluiceError(
                    .pluginManifest, "The plugin \(id) needs the file \(path): \(error.reason).",
                    hint: "Install the plugin again.")
            }
            throw SluiceError(.pluginHash, "The file \(path) of the plugin \(id) is longer than its manifest says.")
        }
        guard bytes.count == size else {
            throw SluiceError(
                .pluginHash,
                "The file \(path) of the plugin \(id) has \(bytes.count) bytes; its manifest says \(size).")
        }
        let found = SHA256.hash(bytes)
        guard found == sha256 else {
            throw SluiceError(
                .pluginHash,
                "The file \(path) of the plugin \(id) has SHA-256 \(found.hex); its manifest says \(sha256.hex).")
        }
        return bytes
    }
}

extension InstalledPlugin {
    /// Reads every file of the plugin and compares it with what the manifest pins; starts nothing.
    ///
    /// - Throws: `plugin.hash` for a size or a hash that differs; `plugin.manifest` for a file that is missing;
    ///   `plugin.library` for a library that it needs and cannot have.
    public func verify() throws(SluiceError) {
        let search = LibrarySearch(installation: RunnerSettings.swiftLibraryDirectories())
        _ = try VerifiedPlugin(self, search: search)
    }
}
