public import Foundations
public import PluginHost

/// The plugins of a home as runs see them: those of the lock, each held against everything that the lock says of it.
public struct InstalledPlugins: Sendable {
    public let folder: PluginFolder
    public let lock: PluginLock
    public let keys: TrustedKeys

    public init(folder: PluginFolder, lock: PluginLock, keys: TrustedKeys) {
        self.folder = folder
        self.lock = lock
        self.keys = keys
    }

    /// One of them, whether enabled or not. Its library and resources are verified when it is started.
    ///
    /// - Throws: `plugin.missing`, `plugin.link`, `plugin.hash` for a manifest that is not the one that was installed,
    ///   `plugin.unsigned`, `plugin.signature`, `plugin.key_unknown`, `plugin.key_revoked`, `plugin.publisher`.
    public func plugin(_ id: String) throws(SluiceError) -> InstalledPlugin {
        guard let locked = lock.plugins[id] else {
            throw SluiceError(.pluginMissing, "There is no plugin \(id) in this home.")
        }
        let place = folder.folder(of: locked.folder)
        let path = "\(place)/\(id).json"
        let bytes = try read(path, limit: PluginPackage.manifestLimit, id: id)
        guard SHA256.hash(bytes) == locked.manifestSHA256 else {
            throw SluiceError(
                .pluginHash,
                "The manifest \(path) has SHA-256 \(SHA256.hash(bytes).hex); the lock says "
                    + "\(locked.manifestSHA256.hex).")
        }
        let manifest = try PluginManifest.parse(bytes, name: id + ".json")
        let signaturePath = path + ManifestSignature.suffix
        let signature = try ManifestSignature(
            try read(signaturePath, limit: ManifestSignature.sizeLimit, id: id), name: signaturePath)
        guard signature.key == locked.key, manifest.publisher == locked.publisher else {
            throw SluiceError(
                .pluginSignature, "The signature \(signaturePath) is by another key than the one that the lock names.")
        }
        try keys.require(signature, over: bytes, of: manifest)
        return InstalledPlugin(
            manifest: manifest, manifestPath: path, folder: place, resourcesFolder: place + "/resources",
            pins: locked.pins)
    }

    private func read(_ path: String, limit: Int, id: String) throws(SluiceError) -> [UInt8] {
        do { return try Files.readPlain(path, limit: limit) } catch {
            if error.isLink { throw PluginPackage.link(path) }
            throw SluiceError(
                .pluginManifest, "The plugin \(id) needs the file \(path): \(error.reason).",
                hint: "Install the plugin again.")
        }
    }

    /// The catalog that runs see: the installation's plugins, and the home's in the place of those of the same id.
    ///
    /// One that is disabled or refused keeps its place, with its error.
    public func catalog(over shipped: PluginCatalog) -> PluginCatalog {
        let own = lock.plugins.keys.map { id in
            PluginCatalog.Entry(id: id, plugin: entry(id, over: shipped), locked: lock.plugins[id]?.entry(id))
        }
        return PluginCatalog(entries: own + shipped.entries.filter { lock.plugins[$0.id] == nil })
    }

    public static func disabled(_ id: String) -> SluiceError {
        SluiceError(
            .pluginDisabled, "The plugin \(id) is disabled in this home.",
            hint: "Enable it with `sluice plugin enable \(id)`, or remove it.")
    }

    private func entry(_ id: String, over shipped: PluginCatalog) -> Result<InstalledPlugin, SluiceError> {
        do throws(SluiceError) {
            guard lock.plugins[id]?.enabled == true else {
                throw Self.disabled(id)
            }
            let plugin = try plugin(id)
            try Self.requirePlace(of: plugin.manifest, key: lock.plugins[id]?.key, over: shipped, keys: keys)
            guard shipped.entry(id) == nil || lock.plugins[id]?.granted.takesPlace == true else {
                throw SluiceError(
                    .pluginDuplicate,
                    "A plugin \(id) ships with Sluice now, and nobody has granted the installed one its place.",
                    hint: "Grant it with `sluice plugin install \(id)`, or remove it: `sluice plugin remove \(id)`.")
            }
            return .success(plugin)
        } catch { return .failure(error) }
    }

    /// Whether a plugin may take the place of the one that ships under its id.
    ///
    /// - Throws: `plugin.duplicate_id` when the shipped manifest cannot be read, the publishers differ, the shipped
    ///   manifest names another key, or the installation has keys of that publisher and this is none of them.
    static func requirePlace(
        of manifest: PluginManifest, key: Ed25519.PublicKey?, over shipped: PluginCatalog, keys: TrustedKeys
    ) throws(SluiceError) {
        guard let there = shipped.entries.first(where: { $0.id == manifest.id }) else { return }
        func refusal(_ why: String) -> SluiceError {
            SluiceError(
                .pluginDuplicate, "A plugin \(manifest.id) ships with Sluice, and \(why).",
                hint: "Its publisher must give the other one an id of its own.")
        }
        let plugin: InstalledPlugin
        do throws(SluiceError) { plugin = try there.plugin.get() } catch {
            throw SluiceError(
                .pluginDuplicate,
                "A plugin \(manifest.id) ships with Sluice, and whose it is cannot be said: \(error.message)",
                hint: "Mend the installation (`make stage`, or install Sluice again); then try again.")
        }
        guard plugin.manifest.publisher == manifest.publisher else {
            throw refusal("its publisher is \(plugin.manifest.publisher), not \(manifest.publisher)")
        }
        if let named = plugin.manifest.keyID, named.hex != key?.fingerprint {
            throw refusal("its manifest names another key than the one that signed this one")
        }
        let theirs = keys.shipped.keys.filter { $0.publisher == manifest.publisher && $0.status == .trusted }
        if !theirs.isEmpty, !theirs.contains(where: { $0.key == key }) {
            throw refusal(
                "the installation trusts other keys of \(manifest.publisher) than the one that signed this one")
        }
    }
}
