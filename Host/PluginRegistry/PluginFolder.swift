public import Foundations
internal import Glibc
public import PluginHost
public import Policy

/// The plugins of one home: `plugins/lock.json`, `plugins/keys.json` and `plugins/files/<SHA-256 of a package>/`.
///
/// A folder of files appears whole, is never changed for another package, and is seen only through the lock; the lock is replaced in one step. So a process that
/// is killed at any moment leaves what was there before, and at most a folder that nothing refers to.
public struct PluginFolder: Sendable {
    /// `HOME/plugins`.
    public let path: String
    private let busyPath: String
    let context: Context

    /// - Parameter home: an existing home.
    public init(home: String, context: Context) {
        path = home + "/plugins"
        busyPath = home + "/locks/plugins.lock"
        self.context = context
    }

    public var lockPath: String { path + "/lock.json" }
    public var keysPath: String { path + "/keys.json" }
    var filesPath: String { path + "/files" }

    /// - Parameter package: what the lock calls `folder`.
    public func folder(of package: SHA256.Digest) -> String { filesPath + "/" + package.hex }

    // MARK: Reading

    public func lock() throws(SluiceError) -> PluginLock { try PluginLock.read(lockPath) }

    public func keys() throws(SluiceError) -> KeyList { try KeyList.read(keysPath, mayBeAbsent: true) }

    /// SHA-256 of the lock's or the key list's bytes; of nothing when there is no such file.
    public static func fingerprint(_ path: String) -> SHA256.Digest { SHA256.hash((try? Files.readPlain(path)) ?? []) }

    // MARK: Changing

    /// Runs `body` while no other process changes the plugins of this home.
    ///
    /// - Throws: `plugin.busy` when another one does all the while.
    public func exclusively<R>(
        milliseconds: Int = 10_000, _ body: () throws(SluiceError) -> R
    ) throws(SluiceError) -> R {
        let descriptor = open(busyPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.failure("open", busyPath) }
        defer { close(descriptor) }
        var left = milliseconds
        while Files.retrying({ Int(flock(descriptor, LOCK_EX | LOCK_NB)) }) != 0 {
            guard errno == EWOULDBLOCK else { throw Self.failure("lock", busyPath) }
            guard left > 0 else {
                throw SluiceError(
                    .pluginBusy,
                    "Another process has been changing the plugins of this home for \(milliseconds / 1000) s.")
            }
            _ = poll(nil, 0, Int32(min(20, left)))
            left -= 20
        }
        return try body()
    }

    /// Writes the lock; the caller is alone.
    ///
    /// - Parameter permit: for `manageProviderRegistry`.
    public func write(_ lock: PluginLock, permit: Permit) throws(SluiceError) {
        try permit.require(.manageProviderRegistry)
        try write(lock.bytes, to: lockPath, .pluginLock)
    }

    /// Writes the home's own keys; the caller is alone.
    ///
    /// - Parameter permit: for `manageProviderRegistry`.
    public func write(_ keys: KeyList, permit: Permit) throws(SluiceError) {
        try permit.require(.manageProviderRegistry)
        try write(Self.bytes(of: keys), to: keysPath, .pluginKeys)
    }

    /// What a list of keys is written as.
    public static func bytes(of keys: KeyList) -> [UInt8] {
        PrettyJSON.bytes(keys.json, order: ["keys_version", "key", "publisher"])
    }

    private func write(_ bytes: [UInt8], to path: String, _ step: Failpoint.Step) throws(SluiceError) {
        try Self.reach(step, .before, path)
        try makeDurable()
        // The failpoint of the middle is that of the rename: both sides of it are whole.
        try Self.reach(step, .middle, path)
        try mapping { () throws(Files.Failure) in try Files.writeAtomically(bytes, to: path) }
        try Self.reach(step, .after, path)
    }

    /// Makes the folder of plugins, whose entry in the home outlives a power cut.
    private func makeDurable() throws(SluiceError) {
        try mapping { () throws(Files.Failure) in
            try Files.makeFolder(path)
            try Files.synchronise(folder: Files.folder(of: path))
        }
    }

    static func reach(_ step: Failpoint.Step, _ place: Failpoint.Place, _ path: String) throws(SluiceError) {
        guard let number = Failpoint.hit(step, place) else { return }
        errno = number
        throw failure("write", path)
    }

    private static func failure(_ call: String, _ path: String) -> SluiceError {
        SluiceError(.fileFailed, "\(call) \(path): \(String(cString: strerror(errno))).")
    }

    func mapping<R>(_ body: () throws(Files.Failure) -> R) throws(SluiceError) -> R {
        do { return try body() } catch { throw error.asError }
    }

    // MARK: Files of plugins

    /// Copies a package into a folder of its own that nothing refers to yet.
    ///
    /// - Throws: `file.failed`; then nothing of it is left.
    func stage(_ package: PluginPackage) throws(SluiceError) -> StagedPlugin {
        try makeDurable()
        try mapping { () throws(Files.Failure) in
            try Files.makeFolder(filesPath)
            try Files.synchronise(folder: path)
        }
        let folder = filesPath + "/.tmp-" + Hex.encode(context.random(8))
        try Self.reach(.pluginFiles, .before, folder)
        let staged = try StagedPlugin(folder: folder, manifest: package.manifest, name: package.folder)
        try mapping { () throws(Files.Failure) in try FolderTree.write(package.files, to: folder, mode: 0o600) }
        try Self.reach(.pluginFiles, .middle, folder)
        return staged
    }

    /// Gives a staged package the name under which the lock will know it; the caller is alone.
    func place(_ staged: StagedPlugin) throws(SluiceError) {
        let final = folder(of: staged.name)
        try mapping { () throws(Files.Failure) in try FolderTree.place(staged.folder, at: final) }
        staged.isPlaced = true
        try Self.reach(.pluginFiles, .after, final)
    }

    /// Removes the folders that nothing refers to and that nobody fills; the caller is alone.
    ///
    /// - Parameter permit: for `manageProviderRegistry`.
    public func clean(keeping packages: Set<SHA256.Digest>, permit: Permit) throws(SluiceError) {
        try permit.require(.manageProviderRegistry)
        for name in (try? Files.list(filesPath)) ?? [] {
            if let digest = SHA256.Digest(hex: name), packages.contains(digest) { continue }
            let folder = filesPath + "/" + name
            let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            if descriptor >= 0 {
                defer { close(descriptor) }
                // Whoever fills it holds it.
                guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { continue }
            }
            FolderTree.remove(folder)
        }
    }
}

/// A package that was copied and has no name yet; removed with the last reference unless it was placed.
public final class StagedPlugin {
    public let folder: String
    public let manifest: PluginManifest
    /// What its folder will be called.
    let name: SHA256.Digest
    fileprivate(set) var isPlaced = false
    private let descriptor: Int32

    fileprivate init(folder: String, manifest: PluginManifest, name: SHA256.Digest) throws(SluiceError) {
        guard mkdir(folder, 0o700) == 0 else {
            throw Files.Failure(call: "mkdir", path: folder, errno: errno).asError
        }
        self.folder = folder
        self.manifest = manifest
        self.name = name
        descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        // Held, so that nobody takes it for a left-over.
        _ = flock(descriptor, LOCK_EX | LOCK_NB)
    }

    public var manifestPath: String { "\(folder)/\(manifest.id).json" }

    deinit {
        if !isPlaced { FolderTree.remove(folder) }
        if descriptor >= 0 { close(descriptor) }
    }
}
