internal import Foundations
internal import Glibc

/// The version that a home's database has reached, kept outside of it in `keys/store-version`, with a MAC.
///
/// A database of an older version is chained anew by its migration, whatever it says. So one that has been chained
/// before must not come back as an older one: the mark is raised behind the commit of the migrations, and a crash in
/// between leaves it too low, never too high. The next opening raises it then.
struct StoreMark {
    private let home: Home
    private let key: HMACKey

    init(home: Home, masterKey: [UInt8]) {
        self.home = home
        key = HMACKey(Sealing.derive(from: masterKey, purpose: "sluice/store-version/1"))
    }

    /// Refuses a database of an older version than it once had.
    ///
    /// - Throws: `store.ledger`, also when the mark is malformed or was made with another key.
    func require(_ version: Int64) throws(SluiceError) {
        guard let reached = try read(), version < reached else { return }
        throw SluiceError(
            .storeLedger,
            """
            The database \(home.databasePath) has store version \(version) and has had \(reached) before: it was put \
            back or edited. Nothing was migrated.
            """,
            hint: """
                Keep the home as evidence, and restore a backup of the whole home elsewhere; `sluice ledger RUN \
                --verify` shows whether it holds.
                """)
    }

    /// Records a version that the database has reached durably; the caller holds the home's setup lock.
    func raise(to version: Int64, context: Context) throws(SluiceError) {
        if let reached = try read(), reached >= version { return }
        let text = "\(version) \(Hex.encode(mac(version)))\n"
        try DurableFile.write(Array(text.utf8), to: home.storeMarkPath, context: context, step: .storeMark)
    }

    /// nil in a home that no version with a mark has opened.
    private func read() throws(SluiceError) -> Int64? {
        let path = home.storeMarkPath
        guard let bytes = try Files.readIfThere(path, limit: 256) else { return nil }
        let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let version = Int64(words[0]), let given = Hex.decode(String(words[1])),
            Sealing.equal(given, mac(version))
        else {
            throw SluiceError(
                .storeLedger, "\(path) is malformed or was not made with the key of this home.",
                hint: "Restore it from a backup of this home, beside its sluice.db and keys/master.key.")
        }
        return version
    }

    private func mac(_ version: Int64) -> [UInt8] {
        key.authenticate(JSON.object(["store_version": .int(version)]).canonicalBytes)
    }
}

extension Home {
    var storeMarkPath: String { keysFolder + "/store-version" }
}
