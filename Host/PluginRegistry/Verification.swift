public import Foundations
internal import PluginHost

/// What is not as it was installed, by name.
public struct PluginDifference: Sendable, Equatable {
    /// A file relative to the plugin's folder, the path of a library, `signature`, or `key`.
    public let what: String
    public let error: SluiceError

    public init(what: String, error: SluiceError) {
        self.what = what
        self.error = error
    }

    public var json: JSON { ["what": .string(what), "error": error.json] }
}

extension InstalledPlugins {
    /// Holds every file of a plugin, its signature, its key and its shared libraries against the lock; starts nothing.
    ///
    /// - Returns: what differs; empty when nothing does.
    public func differences(of id: String) -> [PluginDifference] {
        guard let locked = lock.plugins[id] else {
            return [
                PluginDifference(what: id, error: SluiceError(.pluginMissing, "There is no plugin \(id) in this home."))
            ]
        }
        var found: [PluginDifference] = []
        func note(_ what: String, _ body: () throws(SluiceError) -> Void) {
            do throws(SluiceError) { try body() } catch { found.append(PluginDifference(what: what, error: error)) }
        }
        var known: InstalledPlugin?
        note("\(id).json") { () throws(SluiceError) in known = try plugin(id) }
        let place = folder.folder(of: locked.folder)
        var image: [UInt8]?
        if let artifact = locked.platforms[PluginManifest.hostPlatform] {
            note(artifact.file) { () throws(SluiceError) in
                image = try PluginPackage.file(
                    place + "/" + artifact.file, size: artifact.size, sha256: artifact.sha256, id: id)
            }
        } else {
            note("platforms") { () throws(SluiceError) in
                throw SluiceError(
                    .pluginPlatform, "The plugin \(id) was not installed for \(PluginManifest.hostPlatform).")
            }
        }
        for (_, resource) in locked.resources.sorted(by: { $0.key < $1.key }) {
            note("resources/" + resource.file) { () throws(SluiceError) in
                _ = try PluginPackage.file(
                    place + "/resources/" + resource.file, size: resource.size, sha256: resource.sha256, id: id)
            }
        }
        // The manifest says nothing of what the suite was told.
        let quirks = PluginPackage.quirksPath(id)
        note(quirks) { () throws(SluiceError) in
            let found: SHA256.Digest?
            do throws(Files.Failure) {
                found = SHA256.hash(try Files.readPlain(place + "/" + quirks, limit: 64 << 20))
            } catch {
                if error.isLink { throw PluginPackage.link(error.path) }
                guard error.isAbsent else { throw error.asError }
                found = nil
            }
            guard found == locked.conformance.quirksSHA256 else {
                throw SluiceError(
                    .pluginHash,
                    "The file \(place)/\(quirks) has SHA-256 \(found?.hex ?? "none: it is not there"); the lock says "
                        + "\(locked.conformance.quirksSHA256?.hex ?? "that there is none").")
            }
        }
        // Without its own bytes nobody can say what it needs.
        if let known, let image {
            note("libraries") { () throws(SluiceError) in
                let bare = InstalledPlugin(
                    manifest: known.manifest, manifestPath: known.manifestPath, folder: known.folder,
                    resourcesFolder: known.resourcesFolder)
                for words in locked.pins.differences(try bare.libraries(of: image)) {
                    found.append(
                        PluginDifference(
                            what: "libraries", error: SluiceError(.pluginPinned, "Of the plugin \(id), \(words).")))
                }
            }
        }
        return found
    }
}
