public import Columnar

/// Proof that the policy engine allowed one action. Only the engine makes one.
///
/// A call that needs a decision takes a `Permit`: code that holds none cannot make the call. The memberwise initialiser
/// is internal, as that of every public struct: outside this module there is none.
public struct Permit: Sendable, Equatable {
    /// The action that was allowed.
    public let action: Action
    /// The actor's id.
    public let actor: String
    /// The rule that decided, in words.
    public let rule: String
    public let policyVersion: String
}

/// What an actor may be allowed to do: the rows of ROADMAP §32, then the host's own steps.
public enum Action: String, Sendable, CaseIterable {
    case viewArtifactsMasked = "view_artifacts_masked"
    case viewPIIUnmasked = "view_pii_unmasked"
    case createRun = "create_run"
    case approveDestructive = "approve_destructive"
    case toggleLocalOnlyOverride = "toggle_local_only_override"
    case editPolicyManifest = "edit_policy_manifest"
    case promoteDomain = "promote_domain"
    case releaseQuarantine = "release_quarantine"
    case manageProviderRegistry = "manage_provider_registry"
    /// Reading rows of a source (data_mode alone).
    case sampleRows = "sample_rows"
    /// Handing masked text to a provider.
    case callProvider = "call_provider"
    /// Handing masked batches to a check.
    case callCheck = "call_check"
    /// Writing rows to a target (data_mode alone).
    case migrate = "migrate"
}

/// A batch that went through the masker; the one kind of batch that a check can be given.
///
/// Its first column is `sluice.ordinal`; then `c0`, `c1`, … in the order of the columns masked, each followed by the
/// companions that the check asked for.
public struct MaskedBatch: Sendable {
    public let batch: Batch

    init(masked batch: Batch) { self.batch = batch }
}

/// Text that went through the masker; the one kind of text that a provider can be given.
public struct MaskedPrompt: Sendable, Equatable {
    public let text: String
    /// Whether the masker replaced anything in it.
    public let hidesText: Bool

    init(masked text: String, hidesText: Bool = false) {
        self.text = text
        self.hidesText = hidesText
    }
}
