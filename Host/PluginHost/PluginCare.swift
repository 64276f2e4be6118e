public import Foundations
internal import Glibc

/// Which plugin it is, by its bytes: one whose library or resources change is another one.
public struct PluginIdentity: Sendable, Hashable {
    public let id: String
    public let version: String
    /// SHA-256 of the library; of a plugin with resources that of the canonical JSON
    /// `{"library":HEX,"resources":{NAME:HEX,…}}`. What a manifest says beside that changes nothing.
    public let hash: SHA256.Digest

    public init(id: String, version: String, hash: SHA256.Digest) {
        self.id = id
        self.version = version
        self.hash = hash
    }

    /// - Parameter resources: by name.
    public init(id: String, version: String, library: SHA256.Digest, resources: [String: SHA256.Digest]) {
        let whole: JSON = [
            "library": .string(library.hex), "resources": .object(resources.mapValues { .string($0.hex) }),
        ]
        self.init(id: id, version: version, hash: resources.isEmpty ? library : whole.canonicalHash)
    }
}

extension InstalledPlugin {
    /// As its manifest pins it; whoever starts it verifies that.
    ///
    /// - Throws: `plugin.manifest` when the plugin is not for this platform.
    public func identity() throws(SluiceError) -> PluginIdentity {
        PluginIdentity(
            id: manifest.id, version: manifest.version, library: try manifest.artifact().sha256,
            resources: Dictionary(manifest.resources.map { ($0.name, $0.sha256) }, uniquingKeysWith: { $1 }))
    }
}

/// A plugin crashed, was stopped at a deadline, or lied: what counts against it. Holds no word of the plugin's.
public struct PluginMisconduct: Sendable, Equatable {
    public let plugin: PluginIdentity
    /// `plugin.crashed`, `plugin.timeout`, `plugin.protocol` or `plugin.verdict`.
    public let reason: String
}

/// What a run wants of every plugin that it starts. Belongs to the driving thread.
public struct PluginCare {
    /// Where loaded spares lie; nil when every plugin is started when it is needed.
    public let pool: PluginPool?
    public let admit: (PluginIdentity) throws(SluiceError) -> Void
    public let onMisconduct: (PluginMisconduct) -> Void
    public let onRefused: (_ plugin: String, SluiceError) -> Void

    /// - Parameters:
    ///   - admit: called before a plugin is started or a spare is used; throws to refuse it.
    ///   - onMisconduct: called once for a process that ended by the plugin's fault, before the error is thrown.
    ///   - onRefused: called once for a plugin whose files are not those that may be loaded, before the error is thrown.
    public init(
        pool: PluginPool? = nil, admit: @escaping (PluginIdentity) throws(SluiceError) -> Void,
        onMisconduct: @escaping (PluginMisconduct) -> Void,
        onRefused: @escaping (_ plugin: String, SluiceError) -> Void = { _, _ in }
    ) {
        self.pool = pool
        self.admit = admit
        self.onMisconduct = onMisconduct
        self.onRefused = onRefused
    }

    /// Has a spare of a check or a provider made ready, unless the plugin may not be started. Returns at once.
    public func warm(_ plugin: InstalledPlugin) {
        guard let pool, let identity = try? plugin.identity(), (try? admit(identity)) != nil else { return }
        pool.warm(plugin)
    }
}

/// The files that a process was made from, so that one made from others is not used in its place.
struct PluginOrigin: Sendable, Equatable {
    /// A path, and which file stood there; nil when none did.
    struct File: Sendable, Equatable {
        let path: String
        let identity: FileIdentity?

        init(_ path: String) {
            self.path = path
            var information = stat()
            identity = stat(path, &information) == 0 ? FileIdentity(information) : nil
        }
    }

    let plugin: InstalledPlugin
    let files: [File]
    let libraries: [PinnedLibrary]

    /// Whether every file is still the very one that was verified: same place, same inode, untouched since.
    var isCurrent: Bool {
        files.allSatisfy { $0.identity != nil && File($0.path) == $0 }
            && libraries.allSatisfy { File($0.path).identity == $0.identity }
    }
}
