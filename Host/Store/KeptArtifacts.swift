internal import Foundations

/// What is referred to, and whatever that rests on: garbage collection leaves it.
struct KeptArtifacts {
    private(set) var hashes: Set<SHA256.Digest> = []
    /// The place in the home's sequence up to which events were asked what they name.
    private(set) var lastEvent: Int64 = 0
    /// What each body that was read rests on; bodies never change.
    private var read: [SHA256.Digest: [SHA256.Digest]] = [:]
    private let artifacts: ArtifactStore

    private static let mostNamed = 5

    init(_ artifacts: ArtifactStore) { self.artifacts = artifacts }

    /// Forgets what is referred to, and keeps what was read.
    mutating func startAnew() {
        hashes = []
        lastEvent = 0
    }

    /// Reads every body that was not known, and those that it rests on.
    ///
    /// - Throws: `artifact.corrupt` or `artifact.missing` that names those that are not as they were.
    mutating func add(roots: [SHA256.Digest]) throws(SluiceError) { try add(roots, mayBeGone: false) }

    /// The same for what events name, where it is there: a stage that ran again may have replaced it, and an older
    /// version has collected it then.
    mutating func add(named: [SHA256.Digest], upTo event: Int64) throws(SluiceError) {
        try add(named, mayBeGone: true)
        lastEvent = event
    }

    private mutating func add(_ roots: [SHA256.Digest], mayBeGone: Bool) throws(SluiceError) {
        var open = roots.filter { !hashes.contains($0) }
        var damage: [SluiceError] = []
        while let hash = open.popLast() {
            guard !hashes.contains(hash) else { continue }
            do throws(SluiceError) {
                open += try inputs(of: hash)
                hashes.insert(hash)
            } catch {
                switch error.detail {
                // Not among the hashes: who needs it is told that it is missing.
                case ErrorKind.artifactMissing.id where mayBeGone: continue
                case ErrorKind.artifactMissing.id, ErrorKind.artifactCorrupt.id:
                    hashes.insert(hash)
                    damage.append(error)
                default: throw error
                }
            }
        }
        guard let first = damage.first else { return }
        let rest = damage.count - Self.mostNamed
        let named = damage.prefix(Self.mostNamed).map(\.message).joined(separator: " ")
        throw SluiceError(
            first.detail == ErrorKind.artifactCorrupt.id ? .artifactCorrupt : .artifactMissing,
            "\(named)\(rest > 0 ? " And \(rest) more." : "") A run needs it, and what it rests on cannot be told: "
                + "nothing was deleted.",
            hint: "Restore the home from a backup, or the file alone; then try again.")
    }

    private mutating func inputs(of hash: SHA256.Digest) throws(SluiceError) -> [SHA256.Digest] {
        if let known = read[hash] { return known }
        let bytes = try artifacts.verifiedBytes(hash)
        guard let body = try? JSONParser.parse(bytes), let inputs = body["inputs"]?.arrayValue else {
            throw artifacts.corrupt(hash)
        }
        let named = inputs.compactMap { $0.stringValue.flatMap(SHA256.Digest.init(hex:)) }
        guard named.count == inputs.count else { throw artifacts.corrupt(hash) }
        read[hash] = named
        return named
    }
}
