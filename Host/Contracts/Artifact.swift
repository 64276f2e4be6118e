public import Foundations

/// The kinds of artifact that the stages emit (ROADMAP §2).
public enum ArtifactKind: String, Sendable, CaseIterable {
    case catalog
    case samplePack = "sample_pack"
    case domainAssignments = "domain_assignments"
    case mappingPlan = "mapping_plan"
    case analysisReport = "analysis_report"
    case migrationRun = "migration_run"
    case migrationDryRun = "migration_dry_run"

    public var stage: Stage {
        switch self {
        case .catalog, .samplePack: .ingest
        case .domainAssignments: .domains
        case .mappingPlan: .mapping
        case .analysisReport: .analysis
        case .migrationRun, .migrationDryRun: .migration
        }
    }
}

/// A versioned JSON object, named by the SHA-256 of its canonical body.
///
/// The body holds no run id, wall-clock time, latency, absolute path or thread-dependent order, so the same input gives
/// the same id; the envelope holds what belongs to one run.
public struct Artifact: Sendable, Equatable {
    public let kind: ArtifactKind
    public let body: JSON
    public let envelope: JSON

    public init(kind: ArtifactKind, content: JSON, inputs: [SHA256.Digest], envelope: JSON) {
        self.kind = kind
        body = [
            "artifact": .string(kind.rawValue), "artifact_version": "1",
            "inputs": .array(inputs.map { .string($0.hex) }), "content": content,
        ]
        self.envelope = envelope
    }

    public var id: SHA256.Digest { body.canonicalHash }

    public var content: JSON { body["content"] ?? .null }
}
