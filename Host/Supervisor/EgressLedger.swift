internal import Contracts
internal import Egress
internal import Foundations
internal import Inference
internal import PluginHost
internal import Stages
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
        let isBeginning = if case .begin = record.phase { true } else { false }
        try service.store.append(
            Self.event(
                record, id: service.context.ulid(), run: run,
                timestamp: CivilTime.text(milliseconds: service.context.now()), stage: stage, versions: versions,
                localOnlyOverride: localOnlyOverride), isEvidence: !isBeginning)
    }

    /// With the fields that an audit of what left the host asks for (ROADMAP §§6, 20).
    static func audited(_ note: JSON, _ versions: PinnedVersions, localOnlyOverride: Bool) -> JSON {
        var members = note.objectValue ?? [:]
        members["local_only_override"] = .bool(localOnlyOverride)
        members["catalog_version"] = .string(versions.catalog)
        members["policy_version"] = .string(versions.policy)
        return .object(members)
    }

    /// Before masked prompts are handed to a provider, wherever it computes: one that is not asked leaves no event.
    ///
    /// - Throws: what the store throws; then the provider is not asked.
    func note(_ call: ProviderCall) throws(SluiceError) {
        var event = LedgerEvent(
            eventID: service.context.ulid(), runID: run,
            timestampUTC: CivilTime.text(milliseconds: service.context.now()), stage: stage, decision: .accept,
            versions: versions, note: Self.audited(call.json, versions, localOnlyOverride: localOnlyOverride))
        event.provider = call.provider
        event.model = call.model
        event.inputsHash = call.promptHash
        event.piiMaskApplied = true
        event.localOnlyOverride = localOnlyOverride
        try service.store.append(event, isEvidence: false)
    }

    /// Before a batch is handed to a provider, and when something became of it.
    ///
    /// - Throws: what the store throws; before, the batch is not handed in.
    func note(_ record: BatchRecord) throws(SluiceError) {
        let step = record.step
        var event = LedgerEvent(
            eventID: service.context.ulid(), runID: run,
            timestampUTC: CivilTime.text(milliseconds: service.context.now()), stage: step.stage,
            decision: record.decision, versions: versions,
            note: Self.audited(record.note, versions, localOnlyOverride: localOnlyOverride))
        event.provider = step.provider
        event.model = step.model
        event.inputsHash = step.promptHash?.hex
        event.piiMaskApplied = true
        event.localOnlyOverride = localOnlyOverride
        event.errorCode = record.errorCode
        try service.store.append(event, isEvidence: record.isEvidence)
    }

    /// Behind every question to a model, whoever answered it.
    ///
    /// - Throws: what the store throws; then the answer is not used.
    func note(_ record: InferenceRecord) throws(SluiceError) {
        let outcome = record.outcome
        var event = LedgerEvent(
            eventID: service.context.ulid(), runID: run,
            timestampUTC: CivilTime.text(milliseconds: service.context.now()), stage: record.stage,
            decision: record.error == nil ? .accept : .reject, versions: versions,
            note: Self.audited(record.note, versions, localOnlyOverride: localOnlyOverride))
        event.provider = record.provider
        event.model = record.model
        event.paramsHash = record.paramsHash
        event.inputsHash = record.promptHash
        event.tokenEstimate = outcome.tokenEstimate
        event.tokenActual = outcome.tokenActual
        event.usdEstimate = outcome.usdEstimate
        event.usdActual = outcome.usdActual
        event.retries = outcome.retries
        event.fallbackChain = outcome.fallbackChain
        event.piiMaskApplied = true
        event.localOnlyOverride = localOnlyOverride
        event.errorCode = record.error?.code.description
        event.errorDetailID = record.error?.detail
        try service.store.append(event)
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
            note: audited(record.json, versions, localOnlyOverride: localOnlyOverride))
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
