internal import Contracts
public import Foundations
internal import Policy
internal import Store

/// What a person wants to see of a run's quarantine.
public struct QuarantinePage: Sendable, Equatable {
    /// The chunk and ordinal of the last row of the page before; nil for the first page.
    public var after: (chunkID: Int64, ordinal: Int64)?
    public var limit: Int
    /// Why the raw values must be seen; nil shows masked previews alone.
    public var unmaskedFor: String?

    public init(after: (chunkID: Int64, ordinal: Int64)? = nil, limit: Int = 100, unmaskedFor: String? = nil) {
        self.after = after
        self.limit = limit
        self.unmaskedFor = unmaskedFor
    }

    public static func == (a: QuarantinePage, b: QuarantinePage) -> Bool {
        a.after?.chunkID == b.after?.chunkID && a.after?.ordinal == b.after?.ordinal && a.limit == b.limit
            && a.unmaskedFor == b.unmaskedFor
    }
}

/// The rows that a run could not migrate.
extension RunService {
    /// A reason to see raw values has at least so many characters that are no white space.
    public static let shortestUnmaskingReason = 10

    /// A page of a run's quarantine: masked previews, or the raw rows behind an event in the run's ledger.
    ///
    /// - Returns: `{"run_id","rows","reasons","unmasked","quarantine":[…],"next":{"chunk_id","ordinal"}|null,"event"?}`;
    ///   a row has `raw` when it is unmasked.
    /// - Throws: `policy.denied` for a role that may not; `usage` for a reason that says nothing; what keeps the event from
    ///   being written, and then no value was read.
    public func quarantine(_ run: ULID, _ page: QuarantinePage) throws(SluiceError) -> JSON {
        let viewing = try viewing()
        let record = try store.run(run, permit: viewing)
        var rows: [JSON]
        var last: QuarantineRecord?
        var told: ULID?
        if let words = page.unmaskedFor {
            let reason = try Self.unmaskingReason(words)
            let permit = try permit(.viewPIIUnmasked, mode: record.mode, reason: reason)
            let id = context.ulid()
            let found = try store.unmasked(run, after: page.after, limit: page.limit, permit: permit) { rows in
                unmaskedEvent(id, record, rows, reason: reason, permit)
            }
            if !found.isEmpty { told = id }
            last = found.last?.record
            rows = found.map { row in
                var members = Self.json(row.record).objectValue ?? [:]
                members["raw"] = .object(row.raw.mapValues { JSON($0) })
                return .object(members)
            }
        } else {
            let found = try store.quarantined(run, after: page.after, limit: page.limit, permit: viewing)
            last = found.last
            rows = found.map(Self.json)
        }
        let next = rows.count == page.limit ? last : nil
        return .members([
            "run_id": .string(run.description), "rows": .int(try store.quarantineCount(run)),
            "reasons": .object(try store.quarantineReasons(run).mapValues(JSON.int)),
            "unmasked": .bool(page.unmaskedFor != nil), "quarantine": .array(rows),
            "next": next.map { ["chunk_id": .int($0.chunkID), "ordinal": .int($0.ordinal)] } ?? .null,
            "event": told.map { .string($0.description) },
        ])
    }

    /// A reason as it is kept.
    ///
    /// - Throws: `usage` for one that is too short or cannot be kept.
    public static func unmaskingReason(_ words: String) throws(SluiceError) -> String {
        let kept = try Self.kept(reason: words)
        guard kept.count(where: { !$0.isWhitespace }) >= shortestUnmaskingReason else {
            throw SluiceError(
                .usage, "--unmasked needs a --reason of at least \(shortestUnmaskingReason) characters.",
                hint: "Say why the values must be seen; it goes into the ledger, so name no value.")
        }
        return kept
    }

    /// Who looked at which raw rows, and why.
    private func unmaskedEvent(
        _ id: ULID, _ run: RunRecord, _ rows: [QuarantineRecord], reason: String, _ permit: Permit
    ) -> LedgerEvent {
        func place(_ row: QuarantineRecord?) -> JSON {
            row.map { [.int($0.chunkID), .int($0.ordinal)] } ?? .null
        }
        let now = CivilTime.text(milliseconds: context.now())
        var event = LedgerEvent(
            eventID: id, runID: run.runID, timestampUTC: now, stage: .supervisor, decision: .accept,
            versions: run.versions,
            note: [
                "event": "viewed_unmasked", "what": "quarantine", "rows": JSON(rows.count), "first": place(rows.first),
                "last": place(rows.last), "reason": .string(reason), "actor": .string(caller.userID),
                "role": .string(caller.role.rawValue), "rule": .string(permit.rule), "rule_id": .string(permit.ruleID),
                "policy_version": .string(permit.policyVersion), "masked": false,
            ])
        event.confirmation = LedgerEvent.Confirmation(required: false, actor: caller.userID, timestampUTC: now)
        event.inputsHash =
            JSON.array(rows.map { [.int($0.chunkID), .int($0.ordinal)] }).canonicalHash.hex
        return event
    }
}
