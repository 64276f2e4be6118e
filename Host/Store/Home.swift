public import Foundations
internal import Glibc

/// The one folder that holds all state: database, artifacts, keys, locks. Only its owner may enter.
///
/// Layout: `sluice.db`, `artifacts/<2 hex>/<hash>.json`, `keys/master.key`, `locks/<name>.lock`.
public struct Home: Sendable, Equatable {
    /// Absolute, with links resolved.
    public let path: String
    /// Whether the calling user owns the folder; the owner is Admin (ROADMAP §32).
    public let ownedByCaller: Bool
    /// How long to wait for another process that makes the home or opens its database.
    var setupMilliseconds = 10_000

    /// Where the home is: the value of `--home`, else `$SLUICE_HOME`, else `$HOME/.sluice`.
    ///
    /// An empty variable counts as absent. Nothing is created.
    ///
    /// - Throws: `usage` when `--home` is empty or nothing names a home.
    public static func path(option: String?, environment: [String: String]) throws(SluiceError) -> String {
        if let option {
            guard !option.isEmpty else { throw SluiceError(.usage, "--home names no folder.") }
            return option
        }
        if let named = environment["SLUICE_HOME"], !named.isEmpty { return named }
        guard let user = environment["HOME"], !user.isEmpty else {
            throw SluiceError(
                .usage, "There is no home: neither SLUICE_HOME nor HOME is set.", hint: "Name a folder with --home DIR."
            )
        }
        return user.hasSuffix("/") ? user + ".sluice" : user + "/.sluice"
    }

    /// Opens a home, and makes it with its master key when it does not exist.
    ///
    /// - Throws: `file.failed` when the folder or its `keys` is not one, belongs to somebody else or may be entered by
    ///   others, or when its key is missing beside a database, malformed or open to others.
    public init(path: String, context: Context) throws(SluiceError) {
        try self.init(path: path, context: context, caller: geteuid())
    }

    init(path: String, context: Context, caller: uid_t) throws(SluiceError) {
        if Files.exists(path), !Files.isDirectory(path) {
            throw SluiceError(
                .fileFailed, "The home \(path) is not a folder.",
                hint: "Name another one with --home DIR or SLUICE_HOME.")
        }
        try DurableFile.makeFolder(path)
        var information = stat()
        guard stat(path, &information) == 0, let resolved = Files.resolved(path) else {
            throw DurableFile.failure("stat", path)
        }
        guard information.st_uid == caller else {
            throw SluiceError(
                .fileFailed, "The home \(resolved) belongs to user \(information.st_uid), not to you (\(caller)).",
                hint: "Use a home of your own: --home DIR or SLUICE_HOME.")
        }
        guard information.st_mode & 0o077 == 0 else {
            throw SluiceError(
                .fileFailed, "Other users may enter the home \(resolved).",
                hint: "Close it with `chmod 700 \(resolved)`, or name another folder with --home DIR.")
        }
        self.path = resolved
        ownedByCaller = true
        for folder in [artifactsFolder, keysFolder, locksFolder] { try DurableFile.makeFolder(folder) }
        try requirePrivateKeys(caller)
        try makeMasterKey(context)
    }

    public var databasePath: String { path + "/sluice.db" }
    public var artifactsFolder: String { path + "/artifacts" }
    public var keysFolder: String { path + "/keys" }
    public var masterKeyPath: String { keysFolder + "/master.key" }
    var locksFolder: String { path + "/locks" }
    /// Held while a home is made or its database opened.
    var setupLock: String { locksFolder + "/home.lock" }
}

extension Home {
    /// The home's 32-byte key, from which pseudonyms and seals are derived. It never leaves the host.
    ///
    /// - Throws: `file.failed` that says what to restore; a malformed key is never replaced.
    func masterKey() throws(SluiceError) -> [UInt8] {
        let bytes = try readMasterKey()
        let digits = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]
        guard digits.count == 64, let key = Hex.decode(String(decoding: digits, as: UTF8.self)) else {
            throw SluiceError(
                .fileFailed, "The master key \(masterKeyPath) is malformed: 64 hexadecimal digits are expected.",
                hint: Self.restoreKey)
        }
        return key
    }

    /// The file's bytes, read through the descriptor that was checked: a link or a file that was put in its place after
    /// the check is not read.
    private func readMasterKey() throws(SluiceError) -> [UInt8] {
        // Non-blocking: a named pipe must be refused, not waited for.
        let descriptor = open(masterKeyPath, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            if errno == ELOOP {
                throw SluiceError(
                    .fileFailed, "The master key \(masterKeyPath) is a link.", hint: Self.restoreKey)
            }
            guard errno == ENOENT else { throw DurableFile.failure("open", masterKeyPath) }
            throw SluiceError(
                .fileFailed, "The master key \(masterKeyPath) is missing.", hint: Self.restoreKey)
        }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw DurableFile.failure("stat", masterKeyPath) }
        guard information.st_mode & S_IFMT == S_IFREG else {
            throw SluiceError(
                .fileFailed, "The master key \(masterKeyPath) is not a regular file.", hint: Self.restoreKey)
        }
        guard information.st_uid == geteuid() else {
            throw SluiceError(
                .fileFailed, "The master key \(masterKeyPath) belongs to user \(information.st_uid), not to you.",
                hint: Self.restoreKey)
        }
        guard information.st_mode & 0o077 == 0 else {
            throw SluiceError(
                .fileFailed, "Other users may read the master key \(masterKeyPath).",
                hint: "Close it with `chmod 600`; if others could have read it, treat it as known to them.")
        }
        return try Files.mapping { () throws(Files.Failure) in
            try Files.readAll(descriptor, path: masterKeyPath, limit: 4096)
        }
    }

    /// Who may enter `keys` may put another key there.
    private func requirePrivateKeys(_ caller: uid_t) throws(SluiceError) {
        var information = stat()
        guard lstat(keysFolder, &information) == 0 else { throw DurableFile.failure("stat", keysFolder) }
        guard information.st_mode & S_IFMT == S_IFDIR else {
            throw SluiceError(
                .fileFailed, "\(keysFolder) is not a folder.", hint: "Put a folder there that holds the master key.")
        }
        guard information.st_uid == caller, information.st_mode & 0o077 == 0 else {
            throw SluiceError(
                .fileFailed, "Other users may enter \(keysFolder).",
                hint:
                    "Take it over with `chown` if it is not yours, and close it with `chmod 700 \(keysFolder)`; if others "
                    + "could have read the key, treat it as known to them.")
        }
    }

    private static let restoreKey =
        "Restore keys/master.key from a backup of this home; no other key opens its quarantine or gives its pseudonyms."

    /// Makes the key once. Beside a database a missing key is an error: what it sealed could not be opened any more.
    private func makeMasterKey(_ context: Context) throws(SluiceError) {
        if Files.exists(masterKeyPath) { return }
        try DurableFile.locked(setupLock, milliseconds: setupMilliseconds) { () throws(SluiceError) in
            if Files.exists(masterKeyPath) { return }
            guard !Files.exists(databasePath) else {
                throw SluiceError(
                    .fileFailed, "The master key \(masterKeyPath) is missing.", hint: Self.restoreKey)
            }
            let text = Hex.encode(context.random(32)) + "\n"
            try DurableFile.write(Array(text.utf8), to: masterKeyPath, context: context, step: .masterKey)
        }
    }

    /// What the database remembers of the key: enough to notice another one, nothing to compute it from.
    func masterKeyID() throws(SluiceError) -> String {
        Hex.encode(Sealing.derive(from: try masterKey(), purpose: "sluice/master-key-id/1", count: 16))
    }
}
