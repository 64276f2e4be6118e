internal import Contracts
internal import Egress
internal import Foundations
internal import PluginHost
internal import Store

/// Writes an event before every request of a provider, and one before the provider learns of its answer.
final class EgressLedger {
    private let service: RunService
    private let run: ULID
    private let versions: PinnedVersions
    private let localOnlyOverride: Bool
    /// The stage that runs; set by the driver.
    var stage: Stage = .supervisor

    init(_ service: RunService, run: ULID, versions: PinnedVersions, localOnlyOverride: Bool) {
        self.service = service
        self.run = run
        self.versions = versions
        self.localOnlyOverride = localOnlyOverride
    }

    /// - Throws: what the store throws; a request that cannot be recorded ends the plugin that made it.
    func note(_ record: EgressRecord) throws(SluiceError) {
        try service.store.append(
            Self.event(
                record, id: service.context.ulid(), run: run,
                timestamp: CivilTime.text(milliseconds: service.context.now()), stage: stage, versions: versions,
                localOnlyOverride: localOnlyOverride))
    }

    /// An event of one request: let go or done, to be tried again, or rejected.
    static func event(
        _ record: EgressRecord, id: ULID, run: ULID, timestamp: String, stage: Stage, versions: PinnedVersions,
        localOnlyOverride: Bool
    ) -> LedgerEvent {
        let error = record.report.error
        var event = LedgerEvent(
            eventID: id, runID: run, timestampUTC: timestamp, stage: stage,
            decision: error.map { $0.code.isTransient ? .retry : .reject } ?? .accept, versions: versions,
            note: record.json)
        event.provider = record.provider
        event.model = record.model
        event.inputsHash = record.promptHash
        event.piiMaskApplied = record.maskApplied
        event.localOnlyOverride = localOnlyOverride
        event.errorCode = error?.code.description
        event.errorDetailID = error?.detail
        return event
    }
}
