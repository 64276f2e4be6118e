public import Contracts
internal import Databases
public import Foundations
public import Policy

/// What somebody did to the policy of a home: one version of it, whole.
public struct PolicyAct: Sendable, Equatable {
    public enum Kind: String, Sendable {
        case edited
        /// An earlier version was taken again, under a new number.
        case reverted
        /// The file was brought back to what the ledger has; the version is the one before.
        case restored
    }

    /// From 1.
    public let number: Int64
    public let kind: Kind
    /// `policy_version` of the manifest.
    public let version: String
    /// `PolicyManifest.reference`: id, version and hash.
    public let reference: String
    /// The one before.
    public let previous: String
    public let manifest: JSON
    /// Diff, reason and what else belongs to the kind; an object.
    public let details: JSON
    public let actor: String
    /// The role in which the actor was allowed to.
    public let role: Role
    /// RFC 3339, UTC, milliseconds.
    public let timestampUTC: String

    /// `{number, act, policy_version, reference, previous, manifest_sha256, details, actor, role, timestamp_utc}`: what
    /// is chained.
    public var json: JSON {
        [
            "number": .int(number), "act": .string(kind.rawValue), "policy_version": .string(version),
            "reference": .string(reference), "previous": .string(previous),
            "manifest_sha256": .string(manifest.canonicalHash.hex), "details": details, "actor": .string(actor),
            "role": .string(role.rawValue), "timestamp_utc": .string(timestampUTC),
        ]
    }
}

/// What is to be recorded of a change of the policy.
public struct PolicyChange: Sendable, Equatable {
    public let kind: PolicyAct.Kind
    public let manifest: PolicyManifest
    /// The reference of the version before.
    public let previous: String
    public let details: JSON

    public init(_ kind: PolicyAct.Kind, to manifest: PolicyManifest, previous: String, details: JSON) {
        self.kind = kind
        self.manifest = manifest
        self.previous = previous
        self.details = details
    }
}

/// The chain of acts: h₀ = SHA-256("sluice/policy-acts/1\n"), hₙ = SHA-256(hₙ₋₁ ‖ canonical JSON of act n). How far it
/// has come is kept in `keys/policy-acts` too, outside of the database (docs/policy.md).
struct PolicyChain: Sendable {
    private let row: HMACKey
    private let mark: HMACKey

    static let start = SHA256.hash("sluice/policy-acts/1\n")

    init(masterKey: [UInt8]) {
        row = HMACKey(Sealing.derive(from: masterKey, purpose: "sluice/policy-act/1"))
        mark = HMACKey(Sealing.derive(from: masterKey, purpose: "sluice/policy-mark/1"))
    }

    func mac(_ number: Int64, _ hash: SHA256.Digest) -> [UInt8] { row.authenticate(Self.message(number, hash)) }

    func markMAC(_ number: Int64, _ hash: SHA256.Digest) -> [UInt8] { mark.authenticate(Self.message(number, hash)) }

    private static func message(_ number: Int64, _ hash: SHA256.Digest) -> [UInt8] {
        JSON.object(["count": .int(number), "head_hash": .string(hash.hex)]).canonicalBytes
    }
}

extension StoreDatabase {
    /// Every version that the home's policy has had, oldest first; verified. Empty while the shipped one is in force.
    ///
    /// - Throws: `store.ledger` that names the first act which this home did not make, or not so; when acts are missing
    ///   that the mark outside the database has counted.
    public func policyHistory() throws(SluiceError) -> [PolicyAct] { try policyChain().acts }

    /// The number of the newest act, 0 before the first; not verified.
    public func policyNumber() throws(SluiceError) -> Int64 {
        try rows("SELECT coalesce(max(seq), 0) FROM policy_acts") { $0.int(0) }.first ?? 0
    }

    /// Records a version of the policy, and writes the file that people read. Killed anywhere, the version before is in
    /// force or this one.
    ///
    /// - Parameters:
    ///   - number: of the newest act that the change was made from; 0 when there was none.
    ///   - role: the one in which the permit's actor was allowed to.
    ///   - permit: for `editPolicyManifest`.
    /// - Throws: `policy.version` when somebody else was quicker; `store.ledger`; `store.failed` when another one holds the
    ///   lock; then nothing was written. What keeps the file from being written is not told: the ledger has the version, and the next start writes the file.
    public func recordPolicy(
        _ change: PolicyChange, after number: Int64, role: Role, permit: Permit
    ) throws(SluiceError) -> PolicyAct {
        try permit.require(.editPolicyManifest)
        // One at a time, to the end: a file that another one is about to write is nobody's tampering.
        return try DurableFile.locked(home.policyLockPath, milliseconds: Self.policyMilliseconds) {
            () throws(SluiceError) in try recordLocked(change, after: number, role: role, actor: permit.actor)
        }
    }

    private static let policyMilliseconds = 5000

    private func recordLocked(
        _ change: PolicyChange, after number: Int64, role: Role, actor: String
    ) throws(SluiceError) -> PolicyAct {
        let (act, hash) = try write(.policyAct) { () throws(SluiceError) in
            let (acts, head) = try policyChain()
            guard (acts.last?.number ?? 0) == number else {
                throw SluiceError(
                    .policyVersion, "Somebody else changed the policy meanwhile; nothing was recorded.",
                    hint: "Look with `sluice policy history`, then try again.")
            }
            let act = PolicyAct(
                number: number + 1, kind: change.kind, version: change.manifest.version,
                reference: change.manifest.reference, previous: change.previous, manifest: change.manifest.json,
                details: try details(change, after: acts.last), actor: actor, role: role, timestampUTC: timestamp)
            let hash = LedgerChain.next(head, act.json.canonicalBytes)
            try insert(act, previous: head, hash: hash)
            return (act, hash)
        }
        // What fails here is mended when the home is opened next: the ledger has the version.
        try? raisePolicyMark(act.number, hash)
        try? writePolicyFile(act.manifest)
        return act
    }

    /// With the SHA-256 of a file that is not that of the version before: it stays when this is cut off behind the commit.
    private func details(_ change: PolicyChange, after last: PolicyAct?) throws(SluiceError) -> JSON {
        let found = try policyFileHash()
        guard case .object(var members) = change.details, found != last?.manifest.canonicalHash else {
            return change.details
        }
        members["file_found"] = .string((found ?? Self.noFile).hex)
        return .object(members)
    }

    private func insert(_ act: PolicyAct, previous: SHA256.Digest, hash: SHA256.Digest) throws(SluiceError) {
        try change(
            """
            INSERT INTO policy_acts (seq, act, policy_version, reference, previous, manifest, details, actor, role,
              timestamp_utc, prev_hash, hash, mac) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .int(act.number), .text(act.kind.rawValue), .text(act.version), .text(act.reference),
                .text(act.previous), SQLiteValue(act.manifest), SQLiteValue(act.details), .text(act.actor),
                .text(act.role.rawValue), .text(act.timestampUTC), .text(previous.hex), .text(hash.hex),
                .blob(policyKeys.mac(act.number, hash)),
            ])
    }

    /// The acts, each held against the chain, its MAC and the mark, and the hash of the last.
    private func policyChain() throws(SluiceError) -> (acts: [PolicyAct], head: SHA256.Digest) {
        // Before the database: a mark is behind the acts when it is read.
        let mark = try readPolicyMark()
        var head = PolicyChain.start
        var hashes: [SHA256.Digest] = []
        let acts = try rows(
            """
            SELECT seq, act, policy_version, reference, previous, manifest, details, actor, role, timestamp_utc,
              prev_hash, hash, mac FROM policy_acts ORDER BY seq
            """
        ) { (row) throws(SluiceError) in
            let number = Int64(hashes.count + 1)
            guard row.int(0) == number, let act = try policyAct(row) else { throw Self.policyFault(number) }
            let next = LedgerChain.next(head, act.json.canonicalBytes)
            guard row.text(10) == head.hex, row.text(11) == next.hex,
                Sealing.equal(policyKeys.mac(number, next), row.blob(12) ?? [])
            else { throw Self.policyFault(number) }
            head = next
            hashes.append(next)
            return act
        }
        guard let mark else { return (acts, head) }
        guard mark.number <= acts.count, hashes[Int(mark.number) - 1] == mark.hash else {
            throw SluiceError(
                .storeLedger,
                """
                The home has recorded \(mark.number) acts on its policy outside the database, and \(acts.count) or other \
                ones are there: an earlier copy was put back.
                """, hint: Self.policyEvidence)
        }
        return (acts, head)
    }

    private func policyAct(_ row: SQLiteStatement) throws(SluiceError) -> PolicyAct? {
        guard let kind = row.text(1).flatMap(PolicyAct.Kind.init(rawValue:)),
            let role = row.text(8).flatMap(Role.init(rawValue:))
        else { return nil }
        return PolicyAct(
            number: row.int(0), kind: kind, version: row.text(2) ?? "", reference: row.text(3) ?? "",
            previous: row.text(4) ?? "", manifest: try json(row, 5, "a policy"),
            details: try json(row, 6, "an act on the policy"), actor: row.text(7) ?? "", role: role,
            timestampUTC: row.text(9) ?? "")
    }

    private static func policyFault(_ number: Int64) -> SluiceError {
        SluiceError(
            .storeLedger, "The act \(number) on the policy was not made by this home as it stands there.",
            hint: policyEvidence)
    }

    private static let policyEvidence =
        "Keep the home as evidence and restore a backup of the whole home elsewhere; use that one with --home DIR."
}

// MARK: - Outside of the database

extension StoreDatabase {
    /// nil before the first act. A number is never below 1.
    private func readPolicyMark() throws(SluiceError) -> (number: Int64, hash: SHA256.Digest)? {
        let path = home.policyMarkPath
        guard let bytes = try Files.readIfThere(path, limit: 256) else { return nil }
        let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 3, let number = Int64(words[0]), number > 0,
            let hash = SHA256.Digest(hex: String(words[1])), let mac = Hex.decode(String(words[2])),
            Sealing.equal(policyKeys.markMAC(number, hash), mac)
        else {
            throw SluiceError(
                .storeLedger, "\(path) is malformed or was not made with the key of this home.",
                hint: "Restore it from a backup of this home, beside its sluice.db and keys/master.key.")
        }
        return (number, hash)
    }

    /// Under the lock, behind the commit; a crash in between leaves it one behind, which the next opening mends.
    private func raisePolicyMark(_ number: Int64, _ hash: SHA256.Digest) throws(SluiceError) {
        if let known = try readPolicyMark(), known.number >= number { return }
        let mac = Hex.encode(policyKeys.markMAC(number, hash))
        try DurableFile.write(
            Array("\(number) \(hash.hex) \(mac)\n".utf8), to: home.policyMarkPath, context: context, step: .policyMark)
    }

    private func writePolicyFile(_ manifest: JSON) throws(SluiceError) {
        try DurableFile.makeFolder(Files.folder(of: home.policyPath))
        try DurableFile.write(
            PrettyJSON.bytes(manifest, order: ["policy_id", "policy_version"]), to: home.policyPath, context: context,
            step: .policyFile)
    }

    /// Holds the file that people read against the ledger, which is what counts, and finishes a change that was cut off.
    ///
    /// - Parameters:
    ///   - history: as `policyHistory` gave it; read anew when the file is not that of its last act, for somebody may have
    ///     changed the policy since.
    ///   - shipped: the manifest of the installation.
    /// - Returns: nil when the file has what the ledger has last, or there is neither; else the SHA-256 of what the file
    ///   has (of its canonical JSON where it is JSON), or of nothing when it is gone.
    /// - Throws: `file.failed` when it cannot be looked at; `store.failed` when somebody who changes the policy holds its
    ///   lock for long; as `policyHistory`.
    public func settlePolicy(
        _ history: inout [PolicyAct], shipped: PolicyManifest
    ) throws(SluiceError) -> SHA256.Digest? {
        let found = try policyFileHash()
        if found == history.last?.manifest.canonicalHash, try isMarked(history.count) { return nil }
        var newest = history
        let doubt = try DurableFile.locked(home.policyLockPath, milliseconds: Self.policyMilliseconds) {
            () throws(SluiceError) in try settleLocked(&newest, shipped: shipped)
        }
        history = newest
        return doubt
    }

    /// While nobody changes the policy.
    private func settleLocked(
        _ history: inout [PolicyAct], shipped: PolicyManifest
    ) throws(SluiceError) -> SHA256.Digest? {
        let (acts, head) = try policyChain()
        history = acts
        let found = try policyFileHash()
        guard let last = acts.last else { return found == shipped.json.canonicalHash ? nil : found }
        if found == last.manifest.canonicalHash {
            // The mark may be one behind.
            try? raisePolicyMark(last.number, head)
            return nil
        }
        // What was there before the newest act: that one was cut off before its file was written.
        let before = acts.dropLast().last?.manifest.canonicalHash
        let isBefore =
            found == before || (before == nil && found == shipped.json.canonicalHash)
            || last.details["file_found"]?.stringValue == (found ?? Self.noFile).hex
        guard isBefore else { return found ?? Self.noFile }
        try? raisePolicyMark(last.number, head)
        try? writePolicyFile(last.manifest)
        return nil
    }

    private func isMarked(_ count: Int) throws(SluiceError) -> Bool {
        guard count > 0 else { return true }
        return try readPolicyMark().map { $0.number >= Int64(count) } ?? false
    }

    /// Of the canonical JSON of the policy file where it is JSON, else of its bytes; nil when there is none.
    private func policyFileHash() throws(SluiceError) -> SHA256.Digest? {
        let bytes = try Files.readIfThere(home.policyPath, limit: 1 << 24)
        return bytes.map { ((try? JSONParser.parse($0))?.canonicalHash) ?? SHA256.hash($0) }
    }

    /// Stands for a file that is gone.
    private static var noFile: SHA256.Digest { SHA256.hash([]) }
}

extension Home {
    /// The version of the policy that is in force, for people; the ledger has the one that counts.
    public var policyPath: String { path + "/policy/manifest.json" }
    var policyMarkPath: String { keysFolder + "/policy-acts" }
    var policyLockPath: String { locksFolder + "/policy.lock" }
}
