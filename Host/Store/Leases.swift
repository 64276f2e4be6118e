internal import Databases
public import Foundations
internal import Glibc

/// The right to drive one run: taken anew by each driver, with a token that only grows.
///
/// A driver that slept through its own replacement holds an old token, and whatever it writes is refused.
public struct Lease: Sendable, Equatable {
    public let runID: ULID
    /// 1 for the first driver of a run.
    public let token: Int64
    /// Random, and of one drive. Copies of a home count on from the same token: this tells their drivers apart. It is in
    /// no home, since a copy would have it too.
    public let driver: String

    public init(runID: ULID, token: Int64, driver: String) {
        self.runID = runID
        self.token = token
        self.driver = driver
    }

    /// What a driver meets whose token is no longer the newest.
    public static func overtaken(_ run: String, token: Int64, by newer: Int64) -> SluiceError {
        SluiceError(
            .runState,
            "Another driver took over the run \(run) (lease \(newer)); this one (lease \(token)) writes nothing more.",
            hint: "Follow the run with `sluice show \(run)`.")
    }
}

extension StoreDatabase {
    /// Runs `body` while nobody else drives the run. The kernel frees the run when this process dies.
    ///
    /// Meanwhile `lease` is the run's, and every write over this connection is refused once another driver has taken the
    /// run: the lock file keeps two drivers apart, the token holds where a lock was lost (removed, another machine).
    ///
    /// - Throws: `run.missing`; `run.state` when another process or thread drives it; what `body` throws.
    @discardableResult
    func driving<R>(_ id: ULID, _ body: () throws(SluiceError) -> R) throws(SluiceError) -> R {
        if let result = try drivingUnlessDriven(id, body) { return result }
        let driver = try run(id).driverPID.map { "process \($0)" } ?? "another process"
        throw SluiceError(
            .runState, "The run \(id) is driven by \(driver).",
            hint: "Follow it with `sluice show \(id)`, or ask it to stop with `sluice stop \(id)`.")
    }

    /// As `driving`, but nil when another process or thread drives the run.
    func drivingUnlessDriven<R>(
        _ id: ULID, _ body: () throws(SluiceError) -> R
    ) throws(SluiceError) -> R? {
        _ = try run(id)
        // Before the lock: whoever finds the run locked and asks for a stop is heard, however late the lease is taken.
        let requests = try stopRequests(id)
        return try DurableFile.lockedUnlessHeld(lockPath(id), milliseconds: 200) { () throws(SluiceError) -> R in
            let outer = lease
            let outerPolicy = leasePolicy
            (lease, leasePolicy) = (nil, nil)
            defer { (lease, leasePolicy) = (outer, outerPolicy) }
            let own = try takeLease(id, stopRequests: requests)
            lease = own
            // The lock is what counts: a process id that could not be cleared misleads nobody.
            defer { try? dropLease(lease ?? own) }
            return try body()
        }
    }

    /// Whether a living process drives the run now.
    public func isDriven(_ id: ULID) throws(SluiceError) -> Bool { try DurableFile.isHeld(lockPath(id)) }

    /// Inside a transaction: refuses to go on when this connection drives a run whose lease is no longer its own.
    func requireLease() throws(SluiceError) {
        guard let lease else { return }
        let newest = try leaseToken(lease.runID)
        guard newest == lease.token else {
            throw Lease.overtaken(lease.runID.description, token: lease.token, by: newest)
        }
    }

    /// Refuses to go on when this connection drives a run under a version of the policy that is in force no more. Cheap
    /// enough to ask between chunks; inside a transaction nobody changes the policy behind it.
    ///
    /// - Throws: `run.mode_immutable` that names both versions.
    public func requirePolicy() throws(SluiceError) {
        guard let lease, let leasePolicy else { return }
        let newest = try rows("SELECT reference FROM policy_acts ORDER BY seq DESC LIMIT 1") { $0.text(0) ?? "" }.first
        // Before the first act the one that ships is in force.
        guard let newest, newest != leasePolicy else { return }
        throw SluiceError(
            .runMode,
            "The policy was changed while the run \(lease.runID) was driven: \(newest) is in force, not \(leasePolicy).",
            hint: "A run keeps to the version that it was made with and does nothing more. Start a new run; --plan "
                + "takes over its Mapping Plan.")
    }

    /// Runs `body` with a lease that ends with its policy.
    func underPolicy<R>(_ reference: String, _ body: () throws(SluiceError) -> R) throws(SluiceError) -> R {
        let outer = leasePolicy
        leasePolicy = reference
        defer { leasePolicy = outer }
        return try body()
    }

    /// The newest token of a run; 0 when nobody has driven it.
    func leaseToken(_ id: ULID) throws(SluiceError) -> Int64 {
        try rows("SELECT lease_token FROM runs WHERE run_id = ?", [SQLiteValue(id)]) { $0.int(0) }.first ?? 0
    }

    private func lockPath(_ id: ULID) -> String { "\(home.locksFolder)/\(id).lock" }

    /// - Parameter stopRequests: the counter before the lock was taken. A request that it counts is taken back; one that
    ///   came since is for this driver.
    func takeLease(_ id: ULID, stopRequests: Int64) throws(SluiceError) -> Lease {
        try write(.takeLease) { () throws(SluiceError) in
            try change(
                """
                UPDATE runs SET lease_token = lease_token + 1, driver_pid = ?1,
                  stop_requested = stop_requested + (stop_requested = ?2 AND stop_requested & 1) WHERE run_id = ?3
                """, [.int(Int64(getpid())), .int(stopRequests), SQLiteValue(id)])
            return Lease(runID: id, token: try leaseToken(id), driver: context.ulid().description)
        }
    }

    /// Raises the present driver's token above one that the run's target has from a driver that this home does not know:
    /// the home was put back to an older state, or is a copy. Whoever drove the run beside it writes nothing more to the target.
    ///
    /// - Returns: the new lease, which is `lease` from now on.
    /// - Throws: `run.state` when this home knows of a newer driver, for then the token is that driver's; when nobody
    ///   drives the run over this connection; for a token that no driver can have had.
    func raiseLease(above token: Int64) throws(SluiceError) -> Lease {
        guard let own = lease else { throw SluiceError(.runState, "Nobody holds a lease; nothing was written.") }
        guard token < Self.greatestToken else {
            throw SluiceError(
                .runState, "The target names a lease \(token) for the run \(own.runID), which no driver has had.",
                hint: "Find out who wrote the target's table _sluice_lease; delete the row of this run, and resume it.")
        }
        let raised = try write(.takeLease) { () throws(SluiceError) in
            try change(
                "UPDATE runs SET lease_token = max(lease_token, ?) + 1 WHERE run_id = ?",
                [.int(token), SQLiteValue(own.runID)])
            return Lease(runID: own.runID, token: try leaseToken(own.runID), driver: own.driver)
        }
        lease = raised
        return raised
    }

    /// No run is driven so often; a greater one could not be counted up.
    private static var greatestToken: Int64 { 1 << 53 }

    /// The token stays: the next driver's is greater.
    private func dropLease(_ lease: Lease) throws(SluiceError) {
        try write(.dropLease, isEvidence: true) { () throws(SluiceError) in
            try change(
                "UPDATE runs SET driver_pid = NULL WHERE run_id = ? AND lease_token = ?",
                [SQLiteValue(lease.runID), .int(lease.token)])
        }
    }
}
