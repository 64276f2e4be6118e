internal import Databases
internal import Foundations
internal import Store

/// From validated rows to rows of the table: each step is one transaction of the newest driver.
///
/// Each throws `Promoted` and changes nothing once the run is promoted, but for `promote`, which tells of it.
extension SQLiteTarget {
    /// How far the validation of the staged rows has come.
    enum Validation: Equatable {
        case none
        /// Rows were withdrawn; the target has changed since.
        case stale
        case done
    }

    func validation() throws -> Validation {
        guard let mark = try records.validation() else { return .none }
        return mark.status == "validated" ? .done : .stale
    }

    /// The target changed after the staged rows were validated.
    struct Stale: Error {}

    /// Marks the validation as one that must be repeated.
    func invalidate() throws {
        try durablyStaged(.invalidate) { () throws in
            try database.run(
                "UPDATE _sluice_checkpoints SET status = 'stale' WHERE run_id = ? AND chunk = -1", [.text(run)])
        }
    }

    /// Takes rows out of staging, which quarantine holds already, and marks what is left as validated.
    func withdraw(_ ordinals: [Int64], at time: String) throws {
        try durablyStaged(.withdraw) { () throws in
            try database.run(
                "INSERT OR REPLACE INTO _sluice_checkpoints VALUES (?, -1, 0, 0, ?, '', '', ?, ?, 'validated')",
                [.text(run), .int(Int64(try stagedRows() - ordinals.count)), .text(time), .text(time)],
                operation: "checkpoint")
            guard !ordinals.isEmpty else { return }
            try database.execute(
                "CREATE INDEX IF NOT EXISTS \(SQLText.identifier(stage + "_ordinal")) "
                    + "ON \(SQLText.identifier(stage)) (\(Self.ordinal))")
            let statement = try database.prepare(
                "DELETE FROM \(SQLText.identifier(stage)) WHERE \(Self.ordinal) = ?", operation: "withdraw")
            for ordinal in ordinals {
                statement.bind(int64: ordinal, at: 1)
                _ = try statement.step("withdraw")
            }
        }
    }

    /// Moves the staged rows into the table, checks the counts, and records the promotion: all in one transaction.
    ///
    /// A row whose primary key the target has is updated in the columns that the mapping fills (ROADMAP §34).
    ///
    /// - Parameters:
    ///   - expected: rows that staging must hold.
    ///   - sourceRows: rows that the chunks must be of, when that is known.
    ///   - quarantine: what the home has set aside, kept beside the promotion.
    ///   - checkForeignKeys: as in `violations`; whether there are any is looked for again under the write lock.
    /// - Throws: `Stale` when the target has changed since the validation; nothing is promoted then.
    func promote(
        expected: Int64, sourceRows: Int64? = nil, quarantine: QuarantineSeal, checkForeignKeys: Bool, at time: String
    ) throws -> TargetPromotion {
        if let done = try records.promotion() { return done }
        return try durably(.promote) { () throws -> TargetPromotion in
            if let done = try records.promotion() { return done }
            try Self.requireWhole(try records.checkpoints(), sourceRows)
            guard try !breaksRules(checkForeignKeys: checkForeignKeys) else { throw Stale() }
            let table = SQLText.identifier(shape.name)
            let source = SQLText.identifier(stage)
            let names = written.map { SQLText.identifier($0.name) }.joined(separator: ", ")
            let staged = try stagedRows()
            guard staged == expected else {
                throw SluiceError(
                    .validation, "row_count: \(expected) rows are accounted for and \(staged) are staged.")
            }
            let before = try count(table)
            let key = shape.key.map(\.name)
            let hasKey = !key.isEmpty && key.allSatisfy { name in written.contains { $0.name == name } }
            var known = 0
            var conflict = ""
            if hasKey {
                let join = key.map { "m.\(SQLText.identifier($0)) = s.\(SQLText.identifier($0))" }.joined(
                    separator: " AND ")
                try database.run(
                    "SELECT count(*) FROM \(source) s WHERE EXISTS (SELECT 1 FROM \(table) m WHERE \(join))"
                ) { known = Int($0.int(0)) }
                let others = written.filter { !key.contains($0.name) }
                let update = others.map { "\(SQLText.identifier($0.name)) = excluded.\(SQLText.identifier($0.name))" }
                conflict =
                    " ON CONFLICT (\(key.map(SQLText.identifier).joined(separator: ", "))) DO "
                    + (update.isEmpty ? "NOTHING" : "UPDATE SET \(update.joined(separator: ", "))")
            }
            try database.execute(
                "INSERT OR ABORT INTO \(table) (\(names)) SELECT \(names) FROM \(source) WHERE true\(conflict)",
                operation: "promote")
            let after = try count(table)
            guard after == before + staged - known else {
                throw SluiceError(
                    .validation,
                    "row_count: the table had \(before) rows and has \(after) after \(staged) staged rows, \(known) of them known."
                )
            }
            try database.run(
                """
                INSERT INTO _sluice_promotions (run_id, table_name, rows_staged, rows_inserted, rows_updated,
                  promoted_at, rows_quarantined, quarantine_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(run), .text(shape.name), .int(Int64(staged)), .int(Int64(staged - known)), .int(Int64(known)),
                    .text(time), .int(quarantine.rows), .text(quarantine.hash),
                ])
            try database.execute("DROP TABLE \(source)", operation: "promote")
            return TargetPromotion(
                rowsStaged: staged, rowsInserted: staged - known, rowsUpdated: known, quarantine: quarantine)
        }
    }

    /// Refuses chunks that are not those of the whole source.
    static func requireWhole(_ chunks: [ChunkRecord], _ rows: Int64?) throws(SluiceError) {
        guard let fault = ChunkRecord.fault(in: chunks, rows: rows) else { return }
        throw SluiceError(
            .validation, "chunks: those that are staged are not the whole source: \(fault). Nothing was promoted.",
            hint: "Find out who changes _sluice_checkpoints, then resume the run: everything is staged anew.")
    }

    /// Drops what the run staged: after it the target is as it was.
    func abandon() throws {
        try durablyStaged(.abandon) { () throws in
            try database.execute("DROP TABLE IF EXISTS \(SQLText.identifier(stage))", operation: "abandon")
            try database.run("DELETE FROM _sluice_checkpoints WHERE run_id = ?", [.text(run)], operation: "abandon")
        }
    }

    private func count(_ quotedTable: String) throws -> Int {
        var count = 0
        try database.run("SELECT count(*) FROM \(quotedTable)") { count = Int($0.int(0)) }
        return count
    }
}
