public import Contracts
internal import Databases
public import Foundations
public import Policy

/// A row that could not be migrated, as Migration hands it over.
public struct QuarantineRow: Sendable, Equatable {
    /// Of the migration; counted from 0.
    public var chunkID: Int64
    /// The row's place in its snapshot.
    public var ordinal: Int64
    /// The row's key, masked or as a pseudonym: it is stored as it is.
    public var maskedKey: String?
    /// Why, for example `RAGGED_ROW`; sorted and without doubles once stored.
    public var reasonCodes: [String]
    /// Column → masked text or null, before the transform; stored as it is.
    public var maskedBefore: JSON
    /// As `maskedBefore`, after the transform; null when it failed.
    public var maskedAfter: JSON
    /// Where the difference lies, for example a JSON pointer into the previews.
    public var diffPointer: String?
    /// The raw row: column → text, nil for a null. Stored sealed.
    public var raw: [String: String?]
    /// The least role that may release the row.
    public var requiredRole: Role

    public init(
        chunkID: Int64, ordinal: Int64, maskedKey: String? = nil, reasonCodes: [String], maskedBefore: JSON,
        maskedAfter: JSON = .null, diffPointer: String? = nil, raw: [String: String?], requiredRole: Role = .operator
    ) {
        self.chunkID = chunkID
        self.ordinal = ordinal
        self.maskedKey = maskedKey
        self.reasonCodes = reasonCodes
        self.maskedBefore = maskedBefore
        self.maskedAfter = maskedAfter
        self.diffPointer = diffPointer
        self.raw = raw
        self.requiredRole = requiredRole
    }
}

/// A row in quarantine as anybody may see it: no raw value is in it (ROADMAP §37).
public struct QuarantineRecord: Sendable, Equatable {
    public let runID: ULID
    public let chunkID: Int64
    public let ordinal: Int64
    public let maskedKey: String?
    public let reasonCodes: [String]
    public let maskedBefore: JSON
    public let maskedAfter: JSON
    public let diffPointer: String?
    /// RFC 3339, UTC, milliseconds.
    public let createdAt: String
    public let requiredRole: Role
}

/// Which rows of a run are in quarantine: how many, and SHA-256 over the canonical JSON of the sorted list of
/// `[chunk, ordinal, reasons]`.
public struct QuarantineSeal: Sendable, Equatable {
    public let rows: Int64
    /// Hexadecimal.
    public let hash: String

    public init(rows: Int64, hash: String) {
        self.rows = rows
        self.hash = hash
    }
}

/// Raw rows lie sealed with AES-256-GCM under a key derived from the home's; run, chunk and ordinal are authenticated.
extension StoreDatabase {
    private static let sealPurpose = "sluice/quarantine/1"

    /// Seals rows and puts them into quarantine, in one transaction; a row that is there already stays as it was.
    ///
    /// - Returns: how many are new.
    /// - Throws: `run.missing`.
    @discardableResult
    func quarantine(_ rows: [QuarantineRow], runID: ULID) throws(SluiceError) -> Int {
        let sealed = try seal(rows, runID: runID)
        return try write(.quarantine) { () throws(SluiceError) in try insert(sealed) }
    }

    /// Forgets a run's rows in quarantine: all of them before a migration begins anew, or those that have one reason
    /// before the validation that gives it is repeated.
    func clearQuarantine(_ run: ULID, reason: String? = nil) throws(SluiceError) {
        try write(.clearQuarantine) { () throws(SluiceError) in
            if let reason {
                try change(
                    "DELETE FROM quarantine_rows WHERE run_id = ? AND reason_codes = ?",
                    [SQLiteValue(run), SQLiteValue(JSON([reason]))])
            } else {
                try change("DELETE FROM quarantine_rows WHERE run_id = ?", [SQLiteValue(run)])
                try change("DELETE FROM migration_runs WHERE run_id = ?", [SQLiteValue(run)])
            }
        }
    }

    /// How many rows of a run are in quarantine.
    public func quarantineCount(_ run: ULID) throws(SluiceError) -> Int64 {
        try rows("SELECT count(*) FROM quarantine_rows WHERE run_id = ?", [SQLiteValue(run)]) { $0.int(0) }.first ?? 0
    }

    /// Which rows of a run are in quarantine, and why; one state of the database.
    public func quarantineSeal(_ run: ULID) throws(SluiceError) -> QuarantineSeal {
        var hasher = SHA256()
        var count: Int64 = 0
        hasher.update(Array("[".utf8))
        let texts = try rows(
            "SELECT chunk_id, ordinal, reason_codes FROM quarantine_rows WHERE run_id = ? ORDER BY chunk_id, ordinal",
            [SQLiteValue(run)]
        ) { (row) throws(SluiceError) in
            JSON.array([.int(row.int(0)), .int(row.int(1)), try json(row, 2, "a row in quarantine")]).canonicalBytes
        }
        for text in texts {
            if count > 0 { hasher.update(Array(",".utf8)) }
            hasher.update(text)
            count += 1
        }
        hasher.update(Array("]".utf8))
        return QuarantineSeal(rows: count, hash: hasher.digest().hex)
    }

    /// How many rows have each reason; a row with two reasons counts under both.
    public func quarantineReasons(_ run: ULID) throws(SluiceError) -> [String: Int64] {
        let counted = try rows(
            """
            SELECT reason.value, count(*) FROM quarantine_rows, json_each(reason_codes) AS reason
            WHERE run_id = ? GROUP BY reason.value
            """, [SQLiteValue(run)]
        ) { ($0.text(0) ?? "", $0.int(1)) }
        return Dictionary(counted, uniquingKeysWith: +)
    }

    /// A run's rows in quarantine, masked, by chunk and ordinal.
    ///
    /// - Parameters:
    ///   - after: the chunk and ordinal of the last row of the page before; nil for the first page.
    ///   - permit: for `viewArtifactsMasked`.
    public func quarantined(
        _ run: ULID, after: (chunkID: Int64, ordinal: Int64)? = nil, limit: Int = 100, permit: Permit
    ) throws(SluiceError) -> [QuarantineRecord] {
        try permit.require(.viewArtifactsMasked)
        return try sealedRows(run, after: after, limit: limit).map(\.record)
    }

    /// A page of rows with their sealed boxes.
    func sealedRows(
        _ run: ULID, after: (chunkID: Int64, ordinal: Int64)?, limit: Int
    ) throws(SluiceError) -> [(record: QuarantineRecord, box: [UInt8])] {
        let start = after ?? (.min, .min)
        return try rows(
            """
            SELECT chunk_id, ordinal, row_key, reason_codes, masked_preview_before, masked_preview_after, diff_ptr,
              created_at, rbac_required_role, sealed FROM quarantine_rows
            WHERE run_id = ? AND (chunk_id, ordinal) > (?, ?) ORDER BY chunk_id, ordinal LIMIT ?
            """, [SQLiteValue(run), .int(start.chunkID), .int(start.ordinal), .int(Int64(limit))]
        ) { (row) throws(SluiceError) in
            guard let role = row.text(8).flatMap(Role.init), let created = row.text(7) else {
                throw malformed("a row of quarantine")
            }
            let reasons = try json(row, 3, "reason codes").arrayValue ?? []
            let record = QuarantineRecord(
                runID: run, chunkID: row.int(0), ordinal: row.int(1), maskedKey: row.text(2),
                reasonCodes: reasons.compactMap(\.stringValue), maskedBefore: try json(row, 4, "a preview"),
                maskedAfter: try json(row, 5, "a preview"), diffPointer: row.text(6), createdAt: created,
                requiredRole: role)
            return (record, row.blob(9) ?? [])
        }
    }

    /// The values of a sealed row: column → text, nil for a null.
    ///
    /// - Throws: `store.failed` when the seal is broken: another key, or a box of another row.
    func opened(_ box: [UInt8], of row: QuarantineRecord, key: [UInt8]) throws(SluiceError) -> [String: String?] {
        let context = Self.sealContext(row.runID, row.chunkID, row.ordinal)
        guard let plain = Sealing.open(box, key: key, context: context),
            let members = (try? JSONParser.parse(plain))?.objectValue
        else {
            throw SluiceError(
                .storeFailed, "The seal of row \(row.ordinal) of chunk \(row.chunkID), run \(row.runID), is broken.",
                hint: "Keep the home as evidence and restore a backup elsewhere.")
        }
        return members.mapValues(\.stringValue)
    }

    /// Under which rows are sealed.
    func quarantineKey() throws(SluiceError) -> [UInt8] {
        Sealing.derive(from: try home.masterKey(), purpose: Self.sealPurpose)
    }

    /// What ties a box to its place: no row can be passed off as another. The canonical text cannot be ambiguous.
    private static func sealContext(_ run: ULID, _ chunk: Int64, _ ordinal: Int64) -> [UInt8] {
        JSON([run.description, String(chunk), String(ordinal)]).canonicalBytes
    }

    /// The parameters of `insert`, sealed outside the transaction so that nobody waits for it.
    func seal(_ rows: [QuarantineRow], runID: ULID) throws(SluiceError) -> [[SQLiteValue]] {
        guard !rows.isEmpty else { return [] }
        let key = try quarantineKey()
        let created = timestamp
        // A nonce is never taken from a context that a test may have made predictable.
        let random = Context.system.random
        var sealed: [[SQLiteValue]] = []
        sealed.reserveCapacity(rows.count)
        for row in rows {
            let raw = JSON.object(row.raw.mapValues { JSON($0) }).canonicalBytes
            let nonce = random(12)
            let context = Self.sealContext(runID, row.chunkID, row.ordinal)
            guard let box = Sealing.seal(raw, key: key, nonce: nonce, context: context) else {
                throw SluiceError(.storeFailed, "A row could not be sealed for quarantine.")
            }
            sealed.append([
                SQLiteValue(runID), .int(row.chunkID), .int(row.ordinal), SQLiteValue(row.maskedKey),
                SQLiteValue(JSON(Set(row.reasonCodes).sorted())), SQLiteValue(row.maskedBefore),
                SQLiteValue(row.maskedAfter), SQLiteValue(row.diffPointer), .blob(box), .text(created),
                .text(row.requiredRole.rawValue),
            ])
        }
        return sealed
    }

    /// Inside a transaction.
    @discardableResult
    func insert(_ sealed: [[SQLiteValue]]) throws(SluiceError) -> Int {
        guard !sealed.isEmpty else { return 0 }
        return try change(
            """
            INSERT INTO quarantine_rows (run_id, chunk_id, ordinal, row_key, reason_codes, masked_preview_before,
              masked_preview_after, diff_ptr, sealed, created_at, rbac_required_role)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run_id, chunk_id, ordinal) DO NOTHING
            """, each: sealed)
    }
}
