internal import Contracts
public import Foundations
internal import Store

/// What a run's ledger says, and whether it still says what was written.
extension RunService {
    /// Every event of the run, in order.
    public func ledger(_ run: ULID) throws(SluiceError) -> [JSON] {
        try store.events(run, permit: viewing()).map(\.event.json)
    }

    /// Recomputes the chain and checks head and seals; writes nothing.
    ///
    /// - Throws: `store.ledger` that names the first event at fault and what was done to it.
    public func verifyLedger(_ run: ULID) throws(SluiceError) -> JSON {
        try store.verifyLedger(run, permit: viewing()).json
    }

    /// Verifies the ledger and writes it, signed, to a file.
    public func exportLedger(_ run: ULID, to path: String) throws(SluiceError) -> JSON {
        let (ledger, key) = try store.exportLedger(run, to: path, permit: viewing())
        var members = ledger.json.objectValue ?? [:]
        members["export"] = [
            "file": .string(path), "public_key": .string(key.description), "fingerprint": .string(key.fingerprint),
        ]
        return .object(members)
    }

    /// The key with which this home signs exports; made when there is none.
    public func ledgerPublicKey() throws(SluiceError) -> JSON {
        _ = try viewing()
        let key = try store.ledgerPublicKey()
        return ["public_key": .string(key.description), "fingerprint": .string(key.fingerprint)]
    }
}

/// An exported ledger, which is verified without a home.
public enum LedgerFile {
    private static let limit = 1 << 30

    /// Recomputes the chain of an export and checks its signature.
    ///
    /// - Parameter key: as `sluice ledger --public-key` prints it; nil takes the one in the file.
    /// - Throws: `store.ledger` when it does not hold; `usage` for a key that is none; `file.failed`.
    public static func verify(_ path: String, key text: String?) throws(SluiceError) -> JSON {
        var key: Ed25519.PublicKey?
        if let text {
            key = Ed25519.PublicKey(text)
            guard key != nil else {
                throw SluiceError(
                    .usage, "--key takes a public key: ed25519: and 64 hexadecimal digits.",
                    hint:
                        "The home that made the export prints it: `sluice ledger --public-key`. A fingerprint is not it."
                )
            }
        }
        let bytes: [UInt8]
        do { bytes = try Files.read(path, limit: limit) } catch { throw error.asError }
        let export = try LedgerExport(verifying: bytes, name: Files.name(of: path), key: key)
        var members = export.json.objectValue ?? [:]
        members["key_given"] = .bool(key != nil)
        return .object(members)
    }
}
