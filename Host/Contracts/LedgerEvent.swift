public import Foundations

/// One event of the Supervisor Ledger: every field of ROADMAP §30. Events are appended and never changed.
public struct LedgerEvent: Sendable, Equatable {
    public struct Confirmation: Sendable, Equatable {
        public var required: Bool
        public var actor: String?
        public var timestampUTC: String?

        public init(required: Bool, actor: String? = nil, timestampUTC: String? = nil) {
            self.required = required
            self.actor = actor
            self.timestampUTC = timestampUTC
        }
    }

    public let eventID: ULID
    public let runID: ULID
    /// RFC 3339 with milliseconds.
    public let timestampUTC: String
    public let stage: Stage
    public let decision: GateDecision
    public var inputsHash: String?
    public var outputsHash: String?
    public var provider: String?
    public var model: String?
    public var paramsHash: String?
    public var tokenEstimate: Int64?
    public var tokenActual: Int64?
    public var usdEstimate: Double?
    public var usdActual: Double?
    public var retries: Int = 0
    public var fallbackChain: [String] = []
    public var piiMaskApplied = false
    public var localOnlyOverride = false
    public var policyVersion: String
    public var thresholdProfileID: String
    public var dslVersion: String
    public var errorCode: String?
    public var errorDetailID: String?
    public var confirmation: Confirmation
    /// What happened, in words and numbers; holds no value of a cell.
    public var note: JSON

    public init(
        eventID: ULID, runID: ULID, timestampUTC: String, stage: Stage, decision: GateDecision,
        versions: PinnedVersions, note: JSON = .null
    ) {
        self.eventID = eventID
        self.runID = runID
        self.timestampUTC = timestampUTC
        self.stage = stage
        self.decision = decision
        policyVersion = versions.policy
        thresholdProfileID = versions.thresholdProfile
        dslVersion = versions.dsl
        confirmation = Confirmation(required: false)
        self.note = note
    }

    public var json: JSON {
        [
            "event_id": .string(eventID.description), "run_id": .string(runID.description),
            "timestamp_utc": .string(timestampUTC), "stage": .string(stage.rawValue),
            "decision": .string(decision.rawValue), "inputs_hash": JSON(inputsHash), "outputs_hash": JSON(outputsHash),
            "provider": JSON(provider), "model": JSON(model), "params_hash": JSON(paramsHash),
            "token_estimate": tokenEstimate.map(JSON.int) ?? .null, "token_actual": tokenActual.map(JSON.int) ?? .null,
            "usd_estimate": usdEstimate.map(JSON.double) ?? .null, "usd_actual": usdActual.map(JSON.double) ?? .null,
            "retries": JSON(retries), "fallback_chain": JSON(fallbackChain), "pii_mask_applied": .bool(piiMaskApplied),
            "local_only_override": .bool(localOnlyOverride), "policy_version": .string(policyVersion),
            "threshold_profile_id": .string(thresholdProfileID), "dsl_version": .string(dslVersion),
            "error_code": JSON(errorCode), "error_detail_id": JSON(errorDetailID),
            "human_confirmation": [
                "required": .bool(confirmation.required), "actor": JSON(confirmation.actor),
                "timestamp": JSON(confirmation.timestampUTC),
            ],
            "note": note,
        ]
    }
}
