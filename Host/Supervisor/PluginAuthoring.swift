public import Foundations
internal import PluginHost
internal import PluginRegistry

/// What an author does to a plugin before anybody installs it; needs no home.
public enum PluginAuthoring {
    /// Makes a key pair: `{"key","fingerprint","private","public"}`.
    public static func makeKey(at path: String, context: Context) throws(SluiceError) -> JSON {
        let key = try KeyFiles.make(at: path, context: context)
        return [
            "key": .string(key.description), "fingerprint": .string(key.fingerprint), "private": .string(path),
            "public": .string(path + ".pub"),
        ]
    }

    /// Signs a manifest: writes `MANIFEST.sig`; `{"plugin","manifest_sha256","key","fingerprint","signature"}`.
    ///
    /// - Throws: `plugin.manifest` and `plugin.abi` for one that does not parse; `key.file`; `plugin.signature` when it
    ///   names another key.
    public static func sign(_ path: String, key file: String) throws(SluiceError) -> JSON {
        let bytes: [UInt8]
        do { bytes = try Files.read(path, limit: 1 << 20) } catch {
            throw SluiceError(.pluginManifest, "The manifest \(path) cannot be read: \(error.reason).")
        }
        let manifest = try PluginManifest.parse(bytes, name: Files.name(of: path))
        let key = try KeyFiles.signingKey(at: file)
        let signature = try ManifestSignature(signing: manifest, bytes, key: key)
        do {
            try Files.writeAtomically(signature.bytes, to: path + ManifestSignature.suffix, mode: 0o644)
        } catch { throw error.asError }
        return [
            "plugin": .string(manifest.id), "version": .string(manifest.version),
            "manifest_sha256": .string(manifest.hash.hex), "key": .string(key.publicKey.description),
            "fingerprint": .string(key.publicKey.fingerprint), "signature": .string(path + ManifestSignature.suffix),
        ]
    }

    /// Makes a package: `{"plugin","version","manifest","manifest_sha256","files"}`.
    public static func pack(
        _ template: String, libraries: String?, into folder: String, context: Context
    ) throws(SluiceError) -> JSON {
        let packed = try Packer.pack(template: template, libraries: libraries, into: folder, context: context)
        return [
            "plugin": .string(packed.manifest.id), "version": .string(packed.manifest.version),
            "manifest": .string(packed.manifestPath), "manifest_sha256": .string(packed.manifest.hash.hex),
            "files": JSON(packed.files),
        ]
    }
}
