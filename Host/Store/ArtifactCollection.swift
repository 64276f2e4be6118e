internal import Databases
public import Foundations
internal import Glibc
public import Policy

/// What a garbage collection found, and what it did; with `isDryRun`, what it would have done.
public struct ArtifactCollection: Sendable, Equatable {
    public let isDryRun: Bool
    /// Bodies that stay, whatever the reason.
    public internal(set) var kept = 0
    /// Of those kept, the ones that nothing refers to and that are younger than the grace.
    public internal(set) var young = 0
    /// Of those kept, the ones that nothing refers to and that do not have the hash that names them: evidence.
    public internal(set) var damaged: [SHA256.Digest] = []
    public internal(set) var deleted: [SHA256.Digest] = []
    /// Temporary files of writers that died.
    public internal(set) var leftOvers = 0
    /// Of bodies and temporary files.
    public internal(set) var bytesFreed: Int64 = 0
    /// Bodies that another collection deleted meanwhile.
    var gone = 0

    init(isDryRun: Bool) { self.isDryRun = isDryRun }
}

extension StoreDatabase {
    /// Bodies that one transaction deletes, so that no writer waits long.
    private static let batch = 128

    /// Deletes bodies that nothing refers to and that are older than the grace, and temporary files that were left over.
    ///
    /// Kept is what `run_artifacts`, gate decisions, promotions and contracts name, what the ledger's events name while
    /// they are there, and whatever that rests on by its `inputs`. Safe beside any number of runs, also without a grace:
    /// - a reference is only ever written in a transaction that begins with BEGIN IMMEDIATE and, inside it, sees to it
    ///   that the body is there (`commitStage` writes it again, `createRun` and `promote` refuse);
    /// - here, what is kept is decided again, and the age is read again, inside such a transaction, before anything is
    ///   deleted in it. So a body is either deleted before the reference's transaction, which then notices, or the
    ///   reference stands before, and is seen;
    /// - a reference's inputs are kept by the references of the run that read them, which stand since before;
    /// - a temporary file is locked by its writer until it has its name.
    ///
    /// The age alone would not do: a writer may touch a body between the look at its age and its deletion.
    /// - Parameters:
    ///   - grace: milliseconds since a body was written, or was put again.
    ///   - permit: for `approveDestructive`; `viewArtifactsMasked` is enough for a dry run.
    /// - Throws: `artifact.corrupt` or `artifact.missing` when a body that is kept is not as it was: what it rests on
    ///   cannot be told then, and nothing is deleted. `store.ledger` while a run is missing of which the home has recorded
    ///   events: its bodies are what is left of it.
    public func collectArtifacts(
        grace: Int64, dryRun: Bool, permit: Permit
    ) throws(SluiceError) -> ArtifactCollection {
        try permit.require(dryRun ? .viewArtifactsMasked : .approveDestructive)
        var report = ArtifactCollection(isDryRun: dryRun)
        let shelves = try artifacts.shelves()
        var kept = KeptArtifacts(artifacts)
        // Outside of a transaction, because bodies are read: what is referred to later is added below.
        do throws(SluiceError) { try addRoots(to: &kept) } catch {
            guard error.detail == ErrorKind.artifactMissing.id else { throw error }
            // A stage may have replaced it since, and another collection deleted it: nobody can under the write lock.
            // What was read is not read again.
            kept.startAnew()
            if dryRun {
                try addRoots(to: &kept)
            } else {
                try write(.collectArtifacts) { () throws(SluiceError) in try addRoots(to: &kept) }
            }
        }
        var candidates: [SHA256.Digest] = []
        for hash in shelves.bodies where !kept.hashes.contains(hash) {
            guard try sizeIfOld(hash, grace: grace, &report) != nil else { continue }
            do {
                _ = try artifacts.verifiedBytes(hash)
                candidates.append(hash)
            } catch {
                switch error.detail {
                case ErrorKind.artifactCorrupt.id: report.damaged.append(hash)
                case ErrorKind.artifactMissing.id: report.gone += 1
                default: throw error
                }
            }
        }
        var rest = candidates[...]
        while !rest.isEmpty {
            let part = rest.prefix(Self.batch)
            rest = rest.dropFirst(Self.batch)
            if dryRun {
                try collect(part, grace: grace, kept: &kept, &report)
            } else {
                try write(.collectArtifacts) { () throws(SluiceError) in
                    try addRoots(to: &kept)
                    try collect(part, grace: grace, kept: &kept, &report)
                }
            }
        }
        for file in shelves.temporaries {
            guard let age = try Self.age(file, now: context.now()), age.milliseconds >= grace,
                try DurableFile.removeLeftOver(file, dryRun: dryRun)
            else { continue }
            report.leftOvers += 1
            report.bytesFreed += age.size
        }
        report.kept = shelves.bodies.count - report.deleted.count - report.gone
        return report
    }

    /// Deletes those of a batch that are not kept by now.
    private func collect(
        _ part: ArraySlice<SHA256.Digest>, grace: Int64, kept: inout KeptArtifacts, _ report: inout ArtifactCollection
    ) throws(SluiceError) {
        for hash in part where !kept.hashes.contains(hash) {
            guard let size = try sizeIfOld(hash, grace: grace, &report) else { continue }
            // The folder need not be synchronised: a body that comes back after a power cut is deleted the next time.
            if !report.isDryRun { try artifacts.remove(hash) }
            report.deleted.append(hash)
            report.bytesFreed += size
        }
    }

    /// The size of a body that is older than the grace; nil otherwise, and counted as what it is.
    private func sizeIfOld(
        _ hash: SHA256.Digest, grace: Int64, _ report: inout ArtifactCollection
    ) throws(SluiceError) -> Int64? {
        guard let age = try Self.age(artifacts.path(hash), now: context.now()) else {
            report.gone += 1
            return nil
        }
        if age.milliseconds >= grace { return age.size }
        report.young += 1
        return nil
    }

    /// Adds what is referred to by now.
    private func addRoots(to kept: inout KeptArtifacts) throws(SluiceError) {
        if let run = try erasedRuns().first {
            let error = erased(run)
            throw SluiceError(
                .storeLedger, error.message + " What it had made may be all that is left of it: nothing was deleted.",
                hint: error.hint)
        }
        try kept.add(roots: try artifactRoots())
        let (named, last) = try ledgerRoots(behind: kept.lastEvent)
        try kept.add(named: named, upTo: last)
    }

    /// The artifacts that events of the ledger name, of those behind a place in the home's sequence.
    ///
    /// A stage's event names what it made, and a decision's what lay before the person: evidence, also once the run has
    /// others. Events that retention dropped name nothing any more.
    private func ledgerRoots(behind place: Int64) throws(SluiceError) -> (named: [SHA256.Digest], last: Int64) {
        var last = place
        let named = try rows(
            """
            SELECT seq, value FROM supervisor_ledger, json_each(event, '$.note.artifacts') WHERE seq > ?1
            UNION ALL SELECT seq, json_extract(event, '$.inputs_hash') FROM supervisor_ledger
              WHERE seq > ?1 AND json_extract(event, '$.note.event') = 'human_decision'
                AND json_extract(event, '$.inputs_hash') IS NOT NULL
            """, [.int(place)]
        ) { (row) throws(SluiceError) in
            guard let hash = row.text(1).flatMap(SHA256.Digest.init(hex:)) else {
                throw malformed("a reference to an artifact in the ledger")
            }
            last = max(last, row.int(0))
            return hash
        }
        return (named, last)
    }

    /// Every hash that the tables name as one that is needed.
    private func artifactRoots() throws(SluiceError) -> [SHA256.Digest] {
        try rows(
            """
            SELECT artifact_hash FROM run_artifacts
            UNION SELECT artifact_hash FROM gate_decisions WHERE artifact_hash IS NOT NULL
            UNION SELECT artifact_hash FROM artifact_promotions
            UNION SELECT json_extract(contract, '$.mapping_plan') FROM runs
              WHERE json_extract(contract, '$.mapping_plan') IS NOT NULL
            """
        ) { (row) throws(SluiceError) in
            guard let hash = row.text(0).flatMap(SHA256.Digest.init(hex:)) else {
                throw malformed("a reference to an artifact")
            }
            return hash
        }
    }

    /// Nil when there is no such file; what is no file is never old.
    private static func age(
        _ path: String, now: Int64
    ) throws(SluiceError) -> (milliseconds: Int64, size: Int64)? {
        var information = stat()
        guard lstat(path, &information) == 0 else {
            guard errno == ENOENT else { throw DurableFile.failure("stat", path) }
            return nil
        }
        guard information.st_mode & S_IFMT == S_IFREG else { return (.min, 0) }
        let written = Int64(information.st_mtim.tv_sec) * 1000 + Int64(information.st_mtim.tv_nsec) / 1_000_000
        return (now - written, Int64(information.st_size))
    }
}

extension StoreDatabase {
    /// The ids of all runs that the home lists.
    func runIDs() throws(SluiceError) -> [ULID] {
        try rows("SELECT run_id FROM runs ORDER BY created_at") { (row) throws(SluiceError) in
            guard let id = row.text(0).flatMap(ULID.init) else { throw malformed("a run's id") }
            return id
        }
    }
}

extension ArtifactStore {
    /// Deletes a body, never through a link; one that is gone is fine.
    ///
    /// The folder need not be synchronised: a body that comes back after a power cut is deleted the next time.
    fileprivate func remove(_ hash: SHA256.Digest) throws(SluiceError) {
        let shelf = Files.folder(of: path(hash))
        let descriptor = open(shelf, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return }
            throw DurableFile.failure("open", shelf)
        }
        defer { close(descriptor) }
        guard unlinkat(descriptor, Files.name(of: path(hash)), 0) == 0 || errno == ENOENT else {
            throw DurableFile.failure("delete", path(hash))
        }
    }

    /// Bodies by hash, and temporary files by path. What has another name is not of the store and is left alone.
    fileprivate func shelves() throws(SluiceError) -> (bodies: [SHA256.Digest], temporaries: [String]) {
        var bodies: [SHA256.Digest] = []
        var temporaries: [String] = []
        for shelf in try Files.mapping({ () throws(Files.Failure) in try Files.list(folder) }) {
            let path = "\(folder)/\(shelf)"
            guard shelf.utf8.count == 2, Hex.decode(shelf) != nil, Self.isOwnFolder(path) else { continue }
            for name in try Files.mapping({ () throws(Files.Failure) in try Files.list(path) }) {
                if name.hasSuffix(".tmp") {
                    temporaries.append("\(path)/\(name)")
                } else if name.hasSuffix(".json"), let hash = SHA256.Digest(hex: String(name.dropLast(5))),
                    self.path(hash) == "\(path)/\(name)"
                {
                    bodies.append(hash)
                }
            }
        }
        return (bodies, temporaries)
    }
    /// A folder itself, not a link to one.
    private static func isOwnFolder(_ path: String) -> Bool {
        var information = stat()
        return lstat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }
}
