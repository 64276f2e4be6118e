public import Foundations

/// What a run may look at (ROADMAP §3). Immutable once the run has started.
public enum Mode: String, Sendable, CaseIterable {
    case metadataOnly = "metadata_only"
    case dataMode = "data_mode"
}

/// How a run is processed (ROADMAP §4).
public enum Lane: String, Sendable, CaseIterable {
    case interactive, flex, batch
}

/// Which provider is tried first (ROADMAP §15).
public enum RoutingProfile: String, Sendable, CaseIterable {
    case qualityFirst = "quality_first"
    case costFirst = "cost_first"
    case latencyFirst = "latency_first"
    case offlineFirst = "offline_first"
}

/// The roles of ROADMAP §32, from the least to the most powerful.
public enum Role: String, Sendable, CaseIterable, Comparable {
    case viewer = "Viewer"
    case analyst = "Analyst"
    case `operator` = "Operator"
    case maintainer = "Maintainer"
    case admin = "Admin"

    private var rank: Int { Role.allCases.firstIndex(of: self) ?? 0 }
    public static func < (a: Role, b: Role) -> Bool { a.rank < b.rank }
}

/// The stages in their only order (ROADMAP §5), and the Supervisor's own events (§30).
public enum Stage: String, Sendable, CaseIterable, Comparable {
    case ingest = "INGEST"
    case domains = "DOMAINS"
    case mapping = "MAPPING"
    case analysis = "ANALYSIS"
    case migration = "MIGRATION"
    case supervisor = "SUPERVISOR"

    /// The five that do work, in order.
    public static let work: [Stage] = [.ingest, .domains, .mapping, .analysis, .migration]

    public var next: Stage? {
        guard let place = Stage.work.firstIndex(of: self), place + 1 < Stage.work.count else { return nil }
        return Stage.work[place + 1]
    }

    private var rank: Int { Stage.allCases.firstIndex(of: self) ?? 0 }
    public static func < (a: Stage, b: Stage) -> Bool { a.rank < b.rank }

    /// From either case of its name.
    public init?(name: String) { self.init(rawValue: name.uppercased()) }
}

/// What a gate decided (ROADMAP §30).
public enum GateDecision: String, Sendable, CaseIterable {
    case accept, hold, fix, reject, retry, escalate
}

/// Everything that is pinned for the length of a run (ROADMAP §27).
public struct PinnedVersions: Sendable, Equatable {
    public let policy: String
    public let dsl: String
    public let catalog: String
    public let thresholdProfile: String
    public let roadmap: String
    /// SHA-256 of the threshold profile's document: an id alone would not notice an edit.
    public let thresholdProfileHash: String

    public init(
        policy: String, dsl: String, catalog: String, thresholdProfile: String, roadmap: String,
        thresholdProfileHash: String = ""
    ) {
        self.policy = policy
        self.dsl = dsl
        self.catalog = catalog
        self.thresholdProfile = thresholdProfile
        self.roadmap = roadmap
        self.thresholdProfileHash = thresholdProfileHash
    }

    /// From what `json` gave; nil when a version is missing.
    public init?(_ json: JSON) {
        guard let policy = json["policy_version"]?.stringValue, let dsl = json["dsl_version"]?.stringValue,
            let catalog = json["catalog_version"]?.stringValue, let profile = json["threshold_profile_id"]?.stringValue,
            let roadmap = json["roadmap_version"]?.stringValue
        else { return nil }
        self.init(
            policy: policy, dsl: dsl, catalog: catalog, thresholdProfile: profile, roadmap: roadmap,
            thresholdProfileHash: json["threshold_profile_hash"]?.stringValue ?? "")
    }

    public var json: JSON {
        [
            "policy_version": .string(policy), "dsl_version": .string(dsl), "catalog_version": .string(catalog),
            "threshold_profile_id": .string(thresholdProfile), "roadmap_version": .string(roadmap),
            "threshold_profile_hash": .string(thresholdProfileHash),
        ]
    }
}
