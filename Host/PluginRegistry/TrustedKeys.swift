public import Foundations
public import PluginHost

/// One key that somebody trusts for one publisher, or has revoked.
public struct TrustedKey: Sendable, Equatable {
    public enum Status: String, Sendable, CaseIterable {
        case trusted, revoked
    }

    public let key: Ed25519.PublicKey
    /// The only publisher that the key counts for.
    public let publisher: String
    public let status: Status
    /// RFC 3339: when the status began.
    public let since: String
    /// Why it was revoked.
    public let reason: String?

    public init(key: Ed25519.PublicKey, publisher: String, status: Status, since: String, reason: String? = nil) {
        self.key = key
        self.publisher = publisher
        self.status = status
        self.since = since
        self.reason = reason
    }

    public var json: JSON {
        .members([
            "key": .string(key.description), "publisher": .string(publisher), "status": .string(status.rawValue),
            "since": .string(since), "reason": reason.map(JSON.string),
        ])
    }
}

/// The keys of one file: `registry/keys.json` of the installation, or `plugins/keys.json` of a home.
///
/// Strict JSON: `{"keys_version":1,"keys":[{"key","publisher","status","since","reason"?}]}`, no key twice.
public struct KeyList: Sendable, Equatable {
    public var keys: [TrustedKey]

    public init(keys: [TrustedKey] = []) { self.keys = keys }

    static let sizeLimit = 1 << 20

    /// - Throws: `plugin.keys` with every mistake by JSON pointer.
    public init(_ bytes: [UInt8], name: String) throws(SluiceError) {
        let document: JSON
        do { document = try JSONParser.parseBytes(bytes) } catch {
            throw SluiceError(
                .pluginKeys, "The list of keys \(name) is not valid JSON: \(error.reason) at byte \(error.offset).")
        }
        let mistakes = MistakeList()
        let reader = JSONReader(document, mistakes: mistakes)
        _ = reader.int("keys_version", in: 1...1)
        var keys: [TrustedKey] = []
        for entry in reader.objects("keys") {
            let key = entry.string("key").flatMap(Ed25519.PublicKey.init)
            if key == nil { entry.mistake("key", "ed25519: and 64 hexadecimal digits are expected") }
            let publisher = entry.text("publisher") ?? ""
            let status = entry.choice("status", TrustedKey.Status.self) ?? .revoked
            let since = entry.text("since") ?? ""
            if CivilTime.milliseconds(rfc3339: since) == nil { entry.mistake("since", "an RFC 3339 time is expected") }
            let reason = entry.text("reason", required: false)
            entry.finish()
            guard let key else { continue }
            if keys.contains(where: { $0.key == key }) { entry.mistake("key", "stands there twice") }
            keys.append(TrustedKey(key: key, publisher: publisher, status: status, since: since, reason: reason))
        }
        reader.finish()
        try mistakes.raise(.pluginKeys, "The list of keys \(name)")
        self.keys = keys
    }

    /// - Throws: `plugin.keys` for a file that cannot be read or is malformed. One that is not there is empty when it
    ///   may be.
    public static func read(_ path: String, mayBeAbsent: Bool) throws(SluiceError) -> KeyList {
        let bytes: [UInt8]
        do { bytes = try Files.readPlain(path, limit: sizeLimit) } catch {
            if mayBeAbsent, error.isAbsent { return KeyList() }
            throw SluiceError(.pluginKeys, "The list of keys \(path) cannot be read: \(error.reason).")
        }
        return try KeyList(bytes, name: path)
    }

    public var json: JSON { ["keys_version": 1, "keys": .array(keys.map(\.json))] }
}

/// Every key that counts in a home: those of the installation and its own. Revoked anywhere is revoked.
public struct TrustedKeys: Sendable {
    public let shipped: KeyList
    public let own: KeyList

    public init(shipped: KeyList, own: KeyList) {
        self.shipped = shipped
        self.own = own
    }

    /// What is known of a key: its revocation if there is one, else what the installation says, else the home.
    public func known(_ key: Ed25519.PublicKey) -> TrustedKey? {
        let all = (shipped.keys + own.keys).filter { $0.key == key }
        return all.first { $0.status == .revoked } ?? all.first
    }

    /// The key that signed a manifest, if it may sign for the manifest's publisher.
    ///
    /// - Throws: `plugin.key_revoked`, `plugin.key_unknown`, `plugin.signature`, `plugin.publisher`; in this order.
    @discardableResult
    public func require(
        _ signature: ManifestSignature, over bytes: [UInt8], of manifest: PluginManifest
    ) throws(SluiceError) -> TrustedKey {
        let key = signature.key
        guard let known = known(key) else {
            throw SluiceError(
                .pluginKeyUnknown,
                "The plugin \(manifest.id) is signed by the key \(key), which is not trusted here.",
                hint: "Compare the key with what \(Redacted.line(manifest.publisher)) says elsewhere, then run "
                    + "`sluice plugin trust \(key) --publisher NAME`.")
        }
        guard known.status == .trusted else {
            throw SluiceError(
                .pluginKeyRevoked,
                "The plugin \(manifest.id) is signed by the key \(key), which was revoked at \(known.since)"
                    + (known.reason.map { ": \(Redacted.line($0))" } ?? "") + ".")
        }
        try signature.require(over: bytes, of: manifest)
        guard known.publisher == manifest.publisher else {
            throw SluiceError(
                .pluginPublisher,
                "The plugin \(manifest.id) names the publisher \(Redacted.line(manifest.publisher)); its key counts for "
                    + "\(Redacted.line(known.publisher)).")
        }
        return known
    }
}

/// Text of others in messages.
enum Redacted {
    static func line(_ text: String) -> String { String(text.prefix(200)) }
}

extension Files.Failure {
    /// ENOENT, also of a folder above.
    var isAbsent: Bool { errno == 2 || errno == 20 }
}
