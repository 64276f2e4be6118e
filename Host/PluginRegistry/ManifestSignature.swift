public import Foundations
public import PluginHost

/// A detached signature over the exact bytes of a manifest: `ID.json.sig`, beside it.
///
/// Strict JSON: `{"signature_version":1,"key":"ed25519:…","signature":HEX}`. Ed25519 (RFC 8032).
public struct ManifestSignature: Sendable, Equatable {
    public let key: Ed25519.PublicKey
    /// 64 bytes.
    public let signature: [UInt8]

    /// What is put behind a manifest's name.
    public static let suffix = ".sig"
    static let sizeLimit = 4096

    /// Signs a manifest.
    ///
    /// - Throws: `plugin.signature` when the manifest names another key; `key.file` when the library cannot sign.
    public init(signing manifest: PluginManifest, _ bytes: [UInt8], key: Ed25519.SigningKey) throws(SluiceError) {
        if let named = manifest.keyID, named.hex != key.publicKey.fingerprint {
            throw SluiceError(
                .pluginSignature,
                "The manifest names the key \(named.hex) (/key_id); this one is \(key.publicKey.fingerprint).",
                hint: "Sign with the key that it names, or put this one's fingerprint there.")
        }
        guard let signature = key.sign(bytes) else {
            throw SluiceError(.keyFile, "The manifest could not be signed.", hint: "Try again.")
        }
        self.key = key.publicKey
        self.signature = signature
    }

    /// Reads a signature.
    ///
    /// - Parameter name: how messages call the document.
    /// - Throws: `plugin.signature` with every mistake by JSON pointer.
    public init(_ bytes: [UInt8], name: String) throws(SluiceError) {
        let document: JSON
        do { document = try JSONParser.parseBytes(bytes) } catch {
            throw SluiceError(
                .pluginSignature, "The signature \(name) is not valid JSON: \(error.reason) at byte \(error.offset).")
        }
        let mistakes = MistakeList()
        let reader = JSONReader(document, mistakes: mistakes)
        _ = reader.int("signature_version", in: 1...1)
        let key = reader.string("key").flatMap(Ed25519.PublicKey.init)
        if key == nil { reader.mistake("key", "ed25519: and 64 hexadecimal digits are expected") }
        let signature = reader.string("signature").flatMap(Hex.decode)
        if signature?.count != 64 { reader.mistake("signature", "128 hexadecimal digits are expected") }
        reader.finish()
        try mistakes.raise(.pluginSignature, "The signature \(name)")
        guard let key, let signature else { throw SluiceError(.pluginSignature, "The signature \(name) is malformed.") }
        self.key = key
        self.signature = signature
    }

    public var json: JSON {
        [
            "signature_version": 1, "key": .string(key.description), "signature": .string(Hex.encode(signature)),
        ]
    }

    /// What is written into the file.
    public var bytes: [UInt8] { json.canonicalBytes + [UInt8(ascii: "\n")] }

    /// Whether it is over these bytes, and by the key that the manifest names if it names one.
    ///
    /// - Throws: `plugin.signature`.
    public func require(over bytes: [UInt8], of manifest: PluginManifest) throws(SluiceError) {
        guard key.verifies(signature, over: bytes) else {
            throw SluiceError(
                .pluginSignature,
                "The signature of the plugin \(manifest.id) does not hold: its manifest was changed after it was "
                    + "signed, or another key signed it.")
        }
        if let named = manifest.keyID, named.hex != key.fingerprint {
            throw SluiceError(
                .pluginSignature,
                "The plugin \(manifest.id) is signed by the key \(key.fingerprint); its manifest names \(named.hex) "
                    + "(/key_id).")
        }
    }
}
