internal import Contracts
public import Foundations

/// A run's ledger in one file that proves itself on another machine.
///
/// JSON Lines, each in canonical JSON: a header with the head of the chain, signed with the home's Ed25519 key, then
/// one line an event. docs/ledger.md has the form. The same ledger gives the same bytes.
public struct LedgerExport: Sendable, Equatable {
    public static let format = "sluice/ledger-export/1"

    public let runID: ULID
    /// All events that the run ever had, dropped ones too.
    public let count: Int64
    public let dropped: Int64
    public let headHash: String
    public let publicKey: Ed25519.PublicKey

    public var json: JSON {
        [
            "run_id": .string(runID.description), "verified": true, "events": .int(count),
            "events_dropped": .int(dropped), "head_hash": .string(headHash),
            "public_key": .string(publicKey.description), "fingerprint": .string(publicKey.fingerprint),
        ]
    }
}

// MARK: - Writing

extension StoreDatabase {
    /// Verifies a run's ledger and writes it to a file, whole or not at all.
    ///
    /// - Throws: `store.ledger` when it does not hold: then nothing is signed; `file.failed`.
    func exportLedger(
        _ run: ULID, to path: String
    ) throws(SluiceError) -> (ledger: VerifiedLedger, key: Ed25519.PublicKey) {
        let checked = try ledgerSnapshot(run) { (mark) throws(SluiceError) in try checkedLedger(run, mark: mark) }
        let key = try ledgerSigningKey()
        let gaps = checked.state.segments.filter { $0.droppedBy != nil }
        var header: [String: JSON] = [
            "format": .string(LedgerExport.format), "run_id": .string(run.description),
            "count": .int(checked.state.count), "head_hash": .string(checked.state.headHash),
            "versions": LedgerExport.versions(checked.entries),
            "dropped": .array(gaps.map(\.json)), "public_key": .string(key.publicKey.description),
        ]
        guard let signature = key.sign(LedgerExport.message(header)) else {
            throw SluiceError(.fileFailed, "The ledger of run \(run) could not be signed.", hint: "Try again.")
        }
        header["signature"] = .string(Hex.encode(signature))
        var bytes = JSON.object(header).canonicalBytes + [UInt8(ascii: "\n")]
        for line in checked.lines {
            bytes += Array("{\"event\":".utf8) + line.text
            bytes += Array(",\"hash\":\"\(line.hash)\",\"number\":\(line.number)}\n".utf8)
        }
        try Files.mapping { () throws(Files.Failure) in try Files.writeAtomically(bytes, to: path) }
        return (checked.state, key.publicKey)
    }
}

// MARK: - Reading

extension LedgerExport {
    /// The versions that a run has pinned, as its verified events have them: the store's row of the run is not asked.
    ///
    /// All of them are in `run_created`. Where that is gone, or a version wrote it that recorded fewer, those that every
    /// event has.
    fileprivate static func versions(_ entries: [LedgerEntry]) -> JSON {
        let created = entries.first { $0.event.note["event"]?.stringValue == "run_created" }
        if let versions = created?.event.note["versions"] { return versions }
        guard let event = (created ?? entries.first)?.event else { return [:] }
        return [
            "policy_version": .string(event.policyVersion), "dsl_version": .string(event.dslVersion),
            "threshold_profile_id": .string(event.thresholdProfileID),
        ]
    }

    /// What is signed: the header without its signature.
    fileprivate static func message(_ header: [String: JSON]) -> [UInt8] {
        var header = header
        header["signature"] = nil
        return Array((format + "\n").utf8) + JSON.object(header).canonicalBytes
    }

    /// Recomputes the chain of an export and checks its signature; needs no home.
    ///
    /// - Parameters:
    ///   - name: of the file, for messages.
    ///   - key: whose export it must be; nil believes the key in the file, which proves only that nobody without that
    ///     key changed it.
    /// - Throws: `store.ledger` that names the first event at fault, or says what else does not hold.
    public init(verifying bytes: [UInt8], name: String, key: Ed25519.PublicKey?) throws(SluiceError) {
        var rest = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
        let isWhole = rest.popLast() == []
        guard let first = rest.first, let header = Self.canonical(first)?.objectValue,
            header["format"]?.stringValue == Self.format,
            let run = header["run_id"]?.stringValue, let runID = ULID(run), let count = header["count"]?.intValue,
            let head = header["head_hash"]?.stringValue,
            let publicKey = header["public_key"]?.stringValue.flatMap(Ed25519.PublicKey.init),
            let signature = header["signature"]?.stringValue.flatMap(Hex.decode)
        else {
            throw Self.failure("\(name) is no ledger export of a form that is known (\(Self.format)).")
        }
        let gaps = try Self.gaps(header["dropped"], name)
        var lines: [LedgerLine] = []
        var number: Int64 = 0
        for text in rest.dropFirst() {
            number = (gaps.first { $0.first == number + 1 }?.last ?? number) + 1
            let line = Self.line(text, number: number, run: run)
            lines.append(line)
            number = max(number, line.number)
        }
        let walk = LedgerWalk(run: run, lines: lines, gaps: gaps)
        if let fault = walk.fault ?? Self.headFault(walk, count: count, head: head, isWhole: isWhole) {
            throw fault.error("run \(run) in \(name)")
        }
        if let key, key != publicKey {
            throw Self.failure(
                "\(name) is signed by another key (fingerprint \(publicKey.fingerprint)) than the one given "
                    + "(\(key.fingerprint)).")
        }
        guard publicKey.verifies(signature, over: Self.message(header)) else {
            throw Self.failure(
                "The signature of \(name) does not hold: the file was changed, or signed by another key than the one "
                    + "in it (\(publicKey.fingerprint)).")
        }
        self.runID = runID
        self.count = count
        dropped = gaps.reduce(0) { $0 + $1.last - $1.first + 1 }
        headHash = head
        self.publicKey = publicKey
    }

    private static func failure(_ message: String) -> SluiceError {
        SluiceError(
            .storeLedger, message,
            hint: "Keep the file as evidence; ask for another export, and for the key by another way.")
    }

    /// A line's value, when the line is its canonical text byte for byte.
    private static func canonical(_ line: [UInt8]) -> JSON? {
        guard let value = try? JSONParser.parse(line), value.canonicalBytes == line else { return nil }
        return value
    }

    /// An event as its line has it; one that cannot be read fits no hash.
    private static func line(_ text: [UInt8], number: Int64, run: String) -> LedgerLine {
        guard let value = canonical(text), let event = value["event"], let hash = value["hash"]?.stringValue,
            let own = value["number"]?.intValue
        else { return LedgerLine(number: number, text: text, previousHash: nil, hash: "", isConsistent: false) }
        return LedgerLine(
            number: own, text: event.canonicalBytes, previousHash: nil, hash: hash,
            isConsistent: event["run_id"]?.stringValue == run && value.objectValue?.count == 3)
    }

    private static func gaps(_ json: JSON?, _ name: String) throws(SluiceError) -> [LedgerGap] {
        var found: [LedgerGap] = []
        for gap in json?.arrayValue ?? [] {
            guard let first = gap["first"]?.intValue, let last = gap["last"]?.intValue, first > 0, last >= first,
                last < Int64.max, let previous = gap["prev_hash"]?.stringValue,
                let head = gap["head_hash"]?.stringValue
            else { throw failure("\(name) names dropped events in a form that is not known.") }
            found.append(LedgerGap(first: first, last: last, previousHash: previous, headHash: head))
        }
        return found
    }

    private static func headFault(_ walk: LedgerWalk, count: Int64, head: String, isWhole: Bool) -> LedgerFault? {
        if walk.count < count || !isWhole {
            return LedgerFault(
                number: walk.count + 1, kind: .tailCut,
                words: "Its header counts \(count) events; \(walk.count) are there\(isWhole ? "" : ", cut off").")
        }
        if walk.count > count || walk.head.hex != head {
            return LedgerFault(
                number: min(walk.count, count) + 1, kind: .rebuilt, words: "Its header is not that of these events.")
        }
        return nil
    }
}
