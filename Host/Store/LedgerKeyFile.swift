internal import Databases
public import Foundations
internal import Glibc

/// The key pair with which a home signs the ledgers that it exports: `keys/ledger.ed25519`, made when first needed.
extension StoreDatabase {
    /// What somebody who gets an export needs to know of this home, and may know.
    ///
    /// - Throws: `file.failed` when the key file is gone, malformed, another one or readable by others.
    public func ledgerPublicKey() throws(SluiceError) -> Ed25519.PublicKey { try ledgerSigningKey().publicKey }

    func ledgerSigningKey() throws(SluiceError) -> Ed25519.SigningKey {
        try DurableFile.locked(home.setupLock, milliseconds: home.setupMilliseconds) { () throws(SluiceError) in
            let known = try rows("SELECT value FROM store_facts WHERE name = ?", [.text(Self.fact)]) { $0.text(0) }
            if !Files.exists(home.ledgerKeyPath) {
                guard known.isEmpty else {
                    throw SluiceError(
                        .fileFailed, "The key \(home.ledgerKeyPath), with which ledgers are signed, is missing.",
                        hint: Self.restore)
                }
                let text = Hex.encode(context.random(32)) + "\n"
                try DurableFile.write(Array(text.utf8), to: home.ledgerKeyPath, context: context, step: .ledgerKey)
            }
            let key = try readSigningKey()
            if let known = known.first {
                guard known == key.publicKey.description else {
                    throw SluiceError(
                        .fileFailed, "The key \(home.ledgerKeyPath) is not the one that this home signed with before.",
                        hint: Self.restore)
                }
            } else {
                try write(.ledgerKeyFact) { () throws(SluiceError) in
                    try change(
                        "INSERT INTO store_facts VALUES (?, ?)",
                        [.text(Self.fact), .text(key.publicKey.description)])
                }
            }
            return key
        }
    }

    private static let fact = "ledger_public_key"
    private static let restore = "Restore keys/ledger.ed25519 from a backup of this home."

    private func readSigningKey() throws(SluiceError) -> Ed25519.SigningKey {
        var information = stat()
        guard stat(home.ledgerKeyPath, &information) == 0 else { throw DurableFile.failure("stat", home.ledgerKeyPath) }
        guard information.st_mode & 0o077 == 0 else {
            throw SluiceError(
                .fileFailed, "Other users may read the key \(home.ledgerKeyPath).",
                hint: "Close it with `chmod 600`; if others could have read it, treat it as known to them.")
        }
        let bytes = try Files.mapping { () throws(Files.Failure) in try Files.read(home.ledgerKeyPath, limit: 4096) }
        let digits = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]
        guard digits.count == 64, let seed = Hex.decode(String(decoding: digits, as: UTF8.self)),
            let key = Ed25519.SigningKey(seed: seed)
        else {
            throw SluiceError(
                .fileFailed, "The key \(home.ledgerKeyPath) is malformed: 64 hexadecimal digits are expected.",
                hint: Self.restore)
        }
        return key
    }
}

extension Home {
    var ledgerKeyPath: String { keysFolder + "/ledger.ed25519" }
}
