public import Foundations
public import PluginHost

/// A plugin's files as they were read once: verified in memory, and copied from there, whatever becomes of their paths.
public struct PluginPackage: Sendable {
    public let manifest: PluginManifest
    public let signature: ManifestSignature
    /// Who may sign for the manifest's publisher, and did.
    public let key: TrustedKey
    /// Those of this platform.
    public let artifact: PluginManifest.Artifact
    let library: [UInt8]
    /// Relative to the folder of a package: manifest, signature, library, resources, `conformance/`.
    let files: [FolderTree.File]
    /// Names the folder of the installed files: SHA-256 over the path, size and bytes of every one of them, so that two
    /// packages that differ anywhere, be it in the signature alone, never share a folder.
    let folder: SHA256.Digest
    /// SHA-256 of `conformance/ID.json`; nil without one.
    public let quirksSHA256: SHA256.Digest?
    /// Ids of checks of the suite that the plugin declines, with its reasons.
    public let declined: [String: String]

    static let manifestLimit = 1 << 20

    /// Reads a package and verifies every file of it for this platform.
    ///
    /// - Parameters:
    ///   - path: of the manifest; the rest lies beside it, resources in `resources/`.
    ///   - expected: the key that must have signed it; any trusted one when nil.
    /// - Throws: `plugin.missing`, `plugin.link`, `plugin.abi`, `plugin.manifest`, `plugin.platform`, `plugin.unsigned`,
    ///   `plugin.signature`, `plugin.key_unknown`, `plugin.key_revoked`, `plugin.publisher`, `plugin.hash`,
    ///   `plugin.library_file`.
    public init(
        manifestPath path: String, keys: TrustedKeys, expected: Ed25519.PublicKey? = nil
    ) throws(SluiceError) {
        let name = Files.name(of: path)
        let folder = Files.folder(of: path)
        let manifestBytes: [UInt8]
        do { manifestBytes = try Files.readPlain(path, limit: Self.manifestLimit) } catch {
            if error.isLink { throw Self.link(path) }
            if error.isAbsent { throw SluiceError(.pluginMissing, "There is no manifest at \(path).") }
            throw SluiceError(.pluginManifest, "The manifest \(path) cannot be read: \(error.reason).")
        }
        let manifest = try PluginManifest.parse(manifestBytes, name: name)
        guard name == manifest.id + ".json" else {
            throw SluiceError(
                .pluginManifest,
                "The manifest \(name) is malformed: /id is \(manifest.id), so the file's name must be "
                    + "\(manifest.id).json.")
        }
        let artifact = try manifest.artifact()
        let signatureBytes = try Self.signature(of: path, id: manifest.id)
        let signature = try ManifestSignature(signatureBytes, name: name + ManifestSignature.suffix)
        if let expected, expected != signature.key {
            throw SluiceError(
                .pluginSignature,
                "The plugin \(manifest.id) is signed by the key \(signature.key), not by the one given with --key.")
        }
        key = try keys.require(signature, over: manifestBytes, of: manifest)
        let library = try Self.file(
            folder + "/" + artifact.file, size: artifact.size, sha256: artifact.sha256, id: manifest.id)
        if let fault = LibraryFacts.fault(library) {
            throw SluiceError(
                .pluginLibraryFile, "The file \(artifact.file) of the plugin \(manifest.id) is no library: \(fault).")
        }
        var files = [
            FolderTree.File(path: name, bytes: manifestBytes),
            FolderTree.File(path: name + ManifestSignature.suffix, bytes: signatureBytes),
            FolderTree.File(path: artifact.file, bytes: library),
        ]
        for resource in manifest.resources {
            let bytes = try Self.file(
                folder + "/resources/" + resource.file, size: resource.size, sha256: resource.sha256, id: manifest.id)
            files.append(FolderTree.File(path: "resources/" + resource.file, bytes: bytes))
        }
        files += try Self.conformance(folder + "/conformance", id: manifest.id)
        self.manifest = manifest
        self.signature = signature
        self.artifact = artifact
        self.library = library
        self.files = files
        self.folder = Self.name(of: files)
        let quirks = files.first { $0.path == Self.quirksPath(manifest.id) }?.bytes
        quirksSHA256 = quirks.map { SHA256.hash($0) }
        // Whether they are well-formed is said by the suite, which no plugin passes without.
        let document = quirks.flatMap { try? JSONParser.parseBytes($0) }
        declined = (document?["declined"]?.objectValue ?? [:]).compactMapValues(\.stringValue)
    }

    static func quirksPath(_ id: String) -> String { "conformance/\(id).json" }

    private static func name(of files: [FolderTree.File]) -> SHA256.Digest {
        let parts: [JSON] = files.sorted { $0.path < $1.path }.map {
            [.string($0.path), JSON($0.bytes.count), .string(SHA256.hash($0.bytes).hex)]
        }
        return SHA256.hash(Array("sluice plugin folder 1\n".utf8) + JSON.array(parts).canonicalBytes)
    }

    private static func signature(of path: String, id: String) throws(SluiceError) -> [UInt8] {
        let path = path + ManifestSignature.suffix
        do { return try Files.readPlain(path, limit: ManifestSignature.sizeLimit) } catch {
            if error.isLink { throw link(path) }
            if error.isAbsent {
                throw SluiceError(
                    .pluginUnsigned, "The plugin \(id) is not signed: there is no \(Files.name(of: path)) beside it.")
            }
            throw SluiceError(.pluginSignature, "The signature \(path) cannot be read: \(error.reason).")
        }
    }

    /// One file, byte for byte as its manifest has it.
    static func file(
        _ path: String, size: Int, sha256: SHA256.Digest, id: String
    ) throws(SluiceError) -> [UInt8] {
        let bytes: [UInt8]
        do { bytes = try Files.readPlain(path, limit: size) } catch {
            if error.isLink { throw link(path) }
            if error.isTooLarge {
                throw SluiceError(.pluginHash, "The file \(path) of the plugin \(id) is longer than its manifest says.")
            }
            throw SluiceError(
                .pluginManifest, "The plugin \(id) needs the file \(path): \(error.reason).",
                hint: "Put it there, or pack the plugin again.")
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

    /// What the suite reads; the manifest says nothing of it.
    private static func conformance(_ folder: String, id: String) throws(SluiceError) -> [FolderTree.File] {
        do {
            return try FolderTree.read(folder, files: 1000, bytes: 64 << 20)
                .map { FolderTree.File(path: "conformance/" + $0.path, bytes: $0.bytes) }
        } catch {
            if error.isLink { throw link(error.path) }
            throw SluiceError(
                .pluginManifest,
                "The folder conformance of the plugin \(id) cannot be read: \(error.path): \(error.reason).",
                hint: "It may hold up to 1,000 files with 64 MiB.")
        }
    }

    static func link(_ path: String) -> SluiceError {
        SluiceError(.pluginLink, "\(path) is a link, or no regular file; nothing behind it was read.")
    }
}

extension Files.Failure {
    /// ELOOP of O_NOFOLLOW, and EINVAL for what is no file.
    var isLink: Bool { errno == 40 || errno == 22 }
    /// EFBIG.
    var isTooLarge: Bool { errno == 27 }
}
