internal import Databases
internal import Foundations
internal import Store

/// Which driver of a run wrote to a target last.
struct TargetLease: Sendable, Equatable {
    let token: Int64
    /// nil in a row that an older version wrote.
    let driver: String?

    /// Whether a driver may not write behind this one. Two copies of a home give the same token to two drivers.
    func isAhead(of lease: Lease) -> Bool {
        token > lease.token || token == lease.token && driver != lease.driver
    }
}

extension SQLiteTarget {
    /// The run was promoted, by whomever: staging is gone, and nothing is left to write.
    struct Promoted: Error {
        let promotion: TargetPromotion
    }

    /// One durable step: a transaction that only the newest driver of the run may make.
    ///
    /// - Parameter raise: asked for a lease above a token that another driver left, under the write lock: no two drivers
    ///   are told of the same token. Without it such a token refuses the step.
    func durably<R>(
        _ step: Failpoint.Step, raise: ((Int64) throws -> Lease)? = nil, _ body: () throws -> R
    ) throws -> R {
        try Failpoint.database(step, .before)
        let result = try database.transaction { () throws -> R in
            try takeLease(raise)
            let result = try body()
            try Failpoint.database(step, .middle)
            return result
        }
        try Failpoint.database(step, .after)
        return result
    }

    /// A durable step on what is staged.
    ///
    /// - Throws: `Promoted` once that is in the table; then nothing was changed.
    func durablyStaged<R>(_ step: Failpoint.Step, _ body: () throws -> R) throws -> R {
        try durably(step) { () throws -> R in
            if let promotion = try records.promotion() { throw Promoted(promotion: promotion) }
            return try body()
        }
    }

    /// Inside a transaction: sets this driver's token and name, or refuses when another one is ahead of it.
    private func takeLease(_ raise: ((Int64) throws -> Lease)?) throws {
        try database.execute(
            "CREATE TABLE IF NOT EXISTS _sluice_lease (run_id TEXT PRIMARY KEY, token INTEGER NOT NULL, driver TEXT)",
            operation: "lease")
        // A table that an older version made.
        if try !records.has("driver", in: "_sluice_lease") {
            try database.execute("ALTER TABLE _sluice_lease ADD COLUMN driver TEXT", operation: "lease")
        }
        let known = try records.lease()
        if let known, known.isAhead(of: lease), let raise { lease = try raise(known.token) }
        guard known?.isAhead(of: lease) != true else {
            throw Lease.overtaken(run, token: lease.token, by: known?.token ?? 0)
        }
        guard known != TargetLease(token: lease.token, driver: lease.driver) else { return }
        try database.run(
            "INSERT OR REPLACE INTO _sluice_lease (run_id, token, driver) VALUES (?, ?, ?)",
            [.text(run), .int(lease.token), .text(lease.driver)], operation: "lease")
    }
}
