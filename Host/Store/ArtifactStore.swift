internal import Contracts
public import Foundations
internal import Glibc
public import Policy

/// Artifact bodies as files named by their hash. Readers see all of a file or none; every read is verified.
///
/// Any number of threads and processes may read and write at once.
public struct ArtifactStore: Sendable {
    /// Fewer digits than this do not name an artifact.
    public static let shortestPrefix = 8

    let folder: String
    private let context: Context

    init(home: Home, context: Context) {
        folder = home.artifactsFolder
        self.context = context
    }

    /// Writes an artifact's canonical body, durably, unless it is there already; gives its hash.
    ///
    /// A body that is there already becomes as young as a new one, so that garbage collection with a grace leaves it.
    /// Only inside a transaction of the store is that certain to last: see `StoreDatabase.collectArtifacts`.
    /// - Throws: `artifact.corrupt` when a file of that name holds something else: it stays, as evidence.
    @discardableResult
    func put(_ artifact: Artifact) throws(SluiceError) -> SHA256.Digest {
        let bytes = artifact.body.canonicalBytes
        let hash = SHA256.hash(bytes)
        if try refresh(hash) { return hash }
        try DurableFile.makeFolder(Files.folder(of: path(hash)))
        try DurableFile.write(bytes, to: path(hash), context: context, step: .artifact)
        return hash
    }

    /// The body of an artifact.
    ///
    /// - Parameter permit: for `viewArtifactsMasked`.
    /// - Throws: `artifact.missing`; `artifact.corrupt` when the bytes do not have the hash.
    public func body(_ hash: SHA256.Digest, permit: Permit) throws(SluiceError) -> JSON {
        try permit.require(.viewArtifactsMasked)
        let bytes = try verifiedBytes(hash)
        guard let body = try? JSONParser.parse(bytes) else { throw corrupt(hash) }
        return body
    }

    /// The one artifact whose hash begins so.
    ///
    /// - Parameter prefix: 8 to 64 hexadecimal digits of either case.
    /// - Throws: `artifact.missing` when there is none, or several.
    func find(prefix: String) throws(SluiceError) -> SHA256.Digest {
        let wanted = prefix.lowercased()
        guard (Self.shortestPrefix...64).contains(wanted.utf8.count), wanted.utf8.allSatisfy(Self.isDigit) else {
            throw SluiceError(
                .artifactMissing, "“\(prefix.prefix(80))” is not the beginning of a hash.",
                hint: "Give \(Self.shortestPrefix) to 64 hexadecimal digits; see `sluice artifacts RUN`.")
        }
        let shelf = "\(folder)/\(wanted.prefix(2))"
        let names =
            Files.isDirectory(shelf) ? try Files.mapping { () throws(Files.Failure) in try Files.list(shelf) } : []
        let found = names.compactMap { name in
            name.hasPrefix(wanted) && name.hasSuffix(".json") ? SHA256.Digest(hex: String(name.dropLast(5))) : nil
        }
        guard let first = found.first else {
            throw SluiceError(.artifactMissing, "No artifact of this home begins with \(wanted).")
        }
        guard found.count == 1 else {
            throw SluiceError(
                .artifactMissing, "\(found.count) artifacts begin with \(wanted).", hint: "Give more digits.")
        }
        return first
    }

    /// Makes an intact body as young as a new one; false when there is none.
    private func refresh(_ hash: SHA256.Digest) throws(SluiceError) -> Bool {
        do { _ = try verifiedBytes(hash) } catch {
            guard error.detail == ErrorKind.artifactMissing.id else { throw error }
            return false
        }
        guard utimensat(AT_FDCWD, path(hash), nil, AT_SYMLINK_NOFOLLOW) == 0 else {
            guard errno == ENOENT else { throw DurableFile.failure("touch", path(hash)) }
            return false
        }
        guard isStored(hash) else { return false }
        // Its writer may have died between the rename and the synchronisation of the folders.
        try DurableFile.synchronise(folder: Files.folder(of: path(hash)))
        try DurableFile.synchronise(folder: folder)
        return true
    }

    /// - Throws: `artifact.missing`.
    func require(_ hash: SHA256.Digest) throws(SluiceError) {
        guard isStored(hash) else { throw missing(hash) }
    }

    /// Whether there is a file of this name; `body` says whether it is intact.
    func isStored(_ hash: SHA256.Digest) -> Bool { Files.exists(path(hash)) }

    /// Where a body lies.
    func path(_ hash: SHA256.Digest) -> String { "\(folder)/\(hash.hex.prefix(2))/\(hash.hex).json" }

    func verifiedBytes(_ hash: SHA256.Digest) throws(SluiceError) -> [UInt8] {
        let bytes: [UInt8]
        do { bytes = try Files.read(path(hash)) } catch {
            throw error.errno == ENOENT ? missing(hash) : error.asError
        }
        guard SHA256.hash(bytes) == hash else { throw corrupt(hash) }
        return bytes
    }

    private func missing(_ hash: SHA256.Digest) -> SluiceError {
        SluiceError(.artifactMissing, "There is no artifact \(hash) in this home.")
    }

    func corrupt(_ hash: SHA256.Digest) -> SluiceError {
        SluiceError(.artifactCorrupt, "The artifact \(path(hash)) does not have the hash that names it.")
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
