public import Foundations
public import PluginHost

/// One installed plugin, as the lock remembers it.
public struct LockedPlugin: Sendable, Equatable {
    /// The file for one platform.
    public struct File: Sendable, Equatable {
        public let file: String
        public let size: Int
        public let sha256: SHA256.Digest
    }

    /// Who granted the permissions, and how.
    public struct Grant: Sendable, Equatable {
        public enum How: String, Sendable, CaseIterable {
            /// On a terminal, after reading them.
            case asked
            /// Beforehand, with `--yes`.
            case yes = "--yes"
        }

        public let user: String
        public let role: String
        public let how: How

        public init(user: String, role: String, how: How) {
            self.user = user
            self.role = role
            self.how = how
        }
    }

    /// The report of the conformance suite under which it was enabled.
    public struct Conformance: Sendable, Equatable {
        public let suiteVersion: String
        public let reportSHA256: SHA256.Digest
        public let seed: UInt64
        /// Of `conformance/ID.json`; nil without one.
        public var quirksSHA256: SHA256.Digest?
        /// Ids of checks that were declined and not made, with the plugin's reasons.
        public var declined: [String: String] = [:]
    }

    public let version: String
    public let manifestSHA256: SHA256.Digest
    /// SHA-256 over every file of the package, which names the folder with them.
    public let folder: SHA256.Digest
    public let platforms: [String: File]
    /// By name; files of `resources/`.
    public let resources: [String: File]
    /// The shared libraries that it is loaded with on this machine, in the order of the closure.
    public let libraries: [PluginPins.Library]
    public let publisher: String
    public let key: Ed25519.PublicKey
    public let granted: Permissions
    public let grantedBy: Grant
    /// RFC 3339.
    public let installedAt: String
    public var enabled: Bool
    public let conformance: Conformance

    public var pins: PluginPins { PluginPins(libraries: libraries) }

    /// What a catalog says of it.
    func entry(_ id: String) -> PluginCatalog.Entry.Locked? {
        // The lock was read with kinds that are known.
        guard let kind = PluginManifest.Kind(rawValue: granted.kind) else { return nil }
        return PluginCatalog.Entry.Locked(
            kind: kind, schemes: granted.schemes,
            identity: platforms[PluginManifest.hostPlatform].map {
                PluginIdentity(
                    id: id, version: version, library: $0.sha256, resources: resources.mapValues(\.sha256))
            }, manifestSHA256: manifestSHA256, isEnabled: enabled)
    }
}

/// `plugins/lock.json` of a home: which plugins it has, byte for byte, and what they were granted.
///
/// Strict JSON: `{"lock_version":1,"plugins":{ID:{…}}}`. A lock that is malformed anywhere counts nowhere.
public struct PluginLock: Sendable, Equatable {
    public var plugins: [String: LockedPlugin]

    public init(plugins: [String: LockedPlugin] = [:]) { self.plugins = plugins }

    static let sizeLimit = 16 << 20

    /// - Throws: `plugin.lock` with every mistake by JSON pointer.
    public init(_ bytes: [UInt8], name: String) throws(SluiceError) {
        let document: JSON
        do { document = try JSONParser.parseBytes(bytes) } catch {
            throw SluiceError(
                .pluginLock, "The lock \(name) is not valid JSON: \(error.reason) at byte \(error.offset).")
        }
        let mistakes = MistakeList()
        let reader = JSONReader(document, mistakes: mistakes)
        _ = reader.int("lock_version", in: 1...1)
        var plugins: [String: LockedPlugin] = [:]
        let entries = reader.object("plugins")
        for id in entries?.keys ?? [] {
            guard let entry = entries?.object(id) else { continue }
            if !PluginManifest.isPluginID(id) { entries?.mistake(id, "is no id of a plugin") }
            if let locked = LockedPlugin(entry) { plugins[id] = locked }
        }
        entries?.finish()
        reader.finish()
        try mistakes.raise(.pluginLock, "The lock \(name)")
        self.plugins = plugins
    }

    /// - Throws: `plugin.lock`. A home without a lock has no plugin of its own.
    public static func read(_ path: String) throws(SluiceError) -> PluginLock {
        let bytes: [UInt8]
        do { bytes = try Files.readPlain(path, limit: sizeLimit) } catch {
            if error.isAbsent { return PluginLock() }
            throw SluiceError(.pluginLock, "The lock \(path) cannot be read: \(error.reason).")
        }
        return try PluginLock(bytes, name: path)
    }

    public var json: JSON { ["lock_version": 1, "plugins": .object(plugins.mapValues(\.json))] }

    /// What is written into the file; the same lock gives the same bytes.
    public var bytes: [UInt8] { PrettyJSON.bytes(json, order: ["lock_version"]) }
}

extension LockedPlugin {
    public var json: JSON {
        [
            "version": .string(version), "manifest_sha256": .string(manifestSHA256.hex), "folder": .string(folder.hex),
            "platforms": .object(platforms.mapValues(\.json)), "resources": .object(resources.mapValues(\.json)),
            "libraries": .array(
                libraries.map {
                    ["name": .string($0.name), "path": .string($0.path), "sha256": .string($0.sha256.hex)]
                }),
            "publisher": .string(publisher), "key": .string(key.description), "granted": granted.json,
            "granted_by": [
                "user": .string(grantedBy.user), "role": .string(grantedBy.role),
                "how": .string(grantedBy.how.rawValue),
            ],
            "installed_at": .string(installedAt), "enabled": .bool(enabled),
            "conformance": [
                "suite_version": .string(conformance.suiteVersion),
                "report_sha256": .string(conformance.reportSHA256.hex),
                // A seed has 64 bits, a number of JSON fewer.
                "seed": .string(String(conformance.seed)),
                "quirks_sha256": conformance.quirksSHA256.map { .string($0.hex) } ?? .null,
                "declined": .object(conformance.declined.mapValues(JSON.string)),
            ],
        ]
    }

    /// Mistakes go to the reader's list; what could not be read is a placeholder that is never used, and nil when there
    /// is none.
    fileprivate init?(_ reader: JSONReader) {
        func digest(_ reader: JSONReader?, _ key: String) -> SHA256.Digest {
            let text = reader?.string(key)
            if let text, text == text.lowercased(), let digest = SHA256.Digest(hex: text) { return digest }
            if text != nil { reader?.mistake(key, "64 lower-case hexadecimal digits are expected") }
            return SHA256.hash([])
        }
        func files(_ key: String) -> [String: File] {
            var found: [String: File] = [:]
            let group = reader.object(key)
            for name in group?.keys ?? [] {
                guard let file = group?.object(name) else { continue }
                let plain = file.text("file") ?? ""
                if plain.contains("/") || plain.hasPrefix(".") { file.mistake("file", "a plain file name is expected") }
                found[name] = File(
                    file: plain, size: Int(file.int("size", in: 0...(1 << 30)) ?? 0), sha256: digest(file, "sha256"))
                file.finish()
            }
            group?.finish()
            return found
        }
        version = reader.text("version") ?? ""
        manifestSHA256 = digest(reader, "manifest_sha256")
        folder = digest(reader, "folder")
        platforms = files("platforms")
        resources = files("resources")
        libraries = reader.objects("libraries").map { library in
            let pin = PluginPins.Library(
                name: library.text("name") ?? "", path: library.text("path") ?? "", sha256: digest(library, "sha256"))
            library.finish()
            return pin
        }
        publisher = reader.text("publisher") ?? ""
        let key = reader.string("key").flatMap(Ed25519.PublicKey.init)
        if key == nil { reader.mistake("key", "ed25519: and 64 hexadecimal digits are expected") }
        granted = Permissions(reader.object("granted"))
        let grant = reader.object("granted_by")
        grantedBy = Grant(
            user: grant?.text("user") ?? "", role: grant?.text("role") ?? "",
            how: grant?.choice("how", Grant.How.self) ?? .yes)
        grant?.finish()
        installedAt = reader.text("installed_at") ?? ""
        if CivilTime.milliseconds(rfc3339: installedAt) == nil {
            reader.mistake("installed_at", "an RFC 3339 time is expected")
        }
        enabled = reader.bool("enabled") ?? false
        let report = reader.object("conformance")
        let seed = report?.text("seed").flatMap { UInt64($0) }
        if report != nil, seed == nil { report?.mistake("seed", "a number in a string is expected") }
        let declines = report?.object("declined")
        var declined: [String: String] = [:]
        for check in declines?.keys ?? [] { declined[check] = declines?.string(check) }
        conformance = Conformance(
            suiteVersion: report?.text("suite_version") ?? "", reportSHA256: digest(report, "report_sha256"),
            seed: seed ?? 0,
            quirksSHA256: report?.value("quirks_sha256").flatMap { value in
                value == .null ? nil : digest(report, "quirks_sha256")
            },
            declined: declined)
        report?.finish()
        reader.finish()
        guard let key else { return nil }
        self.key = key
    }
}

extension LockedPlugin.File {
    var json: JSON { ["file": .string(file), "size": JSON(size), "sha256": .string(sha256.hex)] }
}
