public import Contracts

/// What an actor may be allowed to do: the rows of ROADMAP §32, then the steps of the host and the runs.
public enum Action: String, Sendable, CaseIterable {
    case viewArtifactsMasked = "view_artifacts_masked"
    /// Needs a reason besides.
    case viewPIIUnmasked = "view_pii_unmasked"
    case createRun = "create_run"
    case approveDestructive = "approve_destructive"
    case toggleLocalOnlyOverride = "toggle_local_only_override"
    case editPolicyManifest = "edit_policy_manifest"
    case promoteDomain = "promote_domain"
    case releaseQuarantine = "release_quarantine"
    case manageProviderRegistry = "manage_provider_registry"

    /// Reading the events of runs.
    case readLedger = "read_ledger"
    /// Reading rows of quarantine, masked.
    case readQuarantine = "read_quarantine"
    /// Dropping sealed segments of a ledger, as retention asks.
    case eraseLedger = "erase_ledger"

    /// Reading the names and types of a source.
    case readSourceMetadata = "read_source_metadata"
    /// Reading rows of a source (data_mode alone).
    case sampleRows = "sample_rows"
    /// Looking for domains; the resource is the kind of evidence.
    case gatherEvidence = "gather_evidence"
    /// Trying a mapping; the resource is `symbolic` or `sample_execution`.
    case previewTransform = "preview_transform"
    /// Judging a dataset; the resource is the kind of check.
    case analyse = "analyse"
    /// Handing masked batches to a check; the resource is its kind, `nulls` when none is named.
    case callCheck = "call_check"
    /// Showing a preview to a person; the resource is `masked_schema` or `masked_slices`.
    case showPreview = "show_preview"
    /// Handing masked text to a provider.
    case callProvider = "call_provider"
    /// Planning a migration, without writing.
    case planMigration = "plan_migration"
    /// Carrying a migration out (data_mode alone).
    case migrate = "migrate"
    /// Writing rows to a target (data_mode alone); needs a person's yes, or an actor who could have given it.
    case writeTarget = "write_target"
}

/// Which table decides about an action.
enum Governance: Equatable {
    /// ROADMAP §32; the right may have another name than the action.
    case right(String)
    /// ROADMAP §3: a step of a run, for whoever may create one.
    case capability(Capability, Needed)
    /// The providers' lists, the way out, and the classes of data.
    case provider

    /// What a capability must grant.
    enum Needed: Equatable {
        case value(String)
        /// What the request names as its resource.
        case resource
        /// The same of those that are handed values; the default when none is named.
        case resourceOf([String], standard: String)
    }
}

extension Action {
    /// The capability of ROADMAP §3 that decides; nil for what no mode decides.
    public var capability: Capability? {
        if case .capability(let capability, _) = governance { capability } else { nil }
    }

    /// What a request may name as its resource; empty when nothing is asked for.
    public var resources: [String] {
        guard case .capability(let capability, let needed) = governance else { return [] }
        return switch needed {
        case .value: []
        case .resource: capability.values
        case .resourceOf(let values, _): values
        }
    }

    var governance: Governance {
        switch self {
        case .viewArtifactsMasked, .viewPIIUnmasked, .createRun, .approveDestructive, .toggleLocalOnlyOverride,
            .editPolicyManifest, .promoteDomain, .releaseQuarantine, .manageProviderRegistry:
            .right(rawValue)
        case .readLedger, .readQuarantine: .right(Action.viewArtifactsMasked.rawValue)
        case .eraseLedger: .right(Action.approveDestructive.rawValue)
        case .readSourceMetadata: .capability(.catalogInference, .value("yes"))
        case .sampleRows: .capability(.rowSamples, .value("yes"))
        case .gatherEvidence: .capability(.domainingEvidence, .resource)
        case .previewTransform: .capability(.transformPreviews, .resource)
        case .analyse: .capability(.analysisChecks, .resource)
        case .callCheck:
            .capability(
                .analysisChecks, .resourceOf(["coverage", "nulls", "duplicates", "statistics"], standard: "nulls"))
        case .showPreview: .capability(.guiPreviews, .resource)
        case .callProvider: .provider
        case .planMigration: .capability(.migration, .value("dry_run"))
        case .migrate, .writeTarget: .capability(.migration, .value("full"))
        }
    }

    /// Whether what it shows or hands over went through the masker: then the verdict of a yes is allow-with-masking.
    public var isMasked: Bool {
        switch self {
        case .viewArtifactsMasked, .readLedger, .readQuarantine, .sampleRows, .previewTransform, .callCheck,
            .showPreview, .callProvider:
            true
        case .viewPIIUnmasked, .createRun, .approveDestructive, .toggleLocalOnlyOverride, .editPolicyManifest,
            .promoteDomain, .releaseQuarantine, .manageProviderRegistry, .eraseLedger, .readSourceMetadata,
            .gatherEvidence, .analyse, .planMigration, .migrate, .writeTarget:
            false
        }
    }
}
