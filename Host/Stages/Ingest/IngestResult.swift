internal import Columnar
internal import Foundations
internal import Policy
internal import Transform

/// One column of the source, as the later stages need it.
struct IngestedColumn {
    let name: String
    /// The type that batches of the connector have.
    let physicalType: ColumnType
    /// Nil in metadata_only.
    let profile: ColumnProfile?
    let exposure: Exposure
    /// What its values are and what says so; nil in metadata_only.
    let decision: ColumnDecision?
    /// Values that evidence is drawn from; nil in metadata_only.
    let sketch: ValueSketch?

    /// What the column holds: inferred from its values, or its physical type while they are unknown.
    var type: ColumnType? { profile?.inferredType ?? (physicalType == .text ? nil : physicalType) }
}

/// What Ingest found, in memory, beside the artifacts that say the same without values.
struct IngestResult {
    let catalogID: SHA256.Digest
    let datasetID: String
    let schema: Schema
    let columns: [IngestedColumn]
    let rows: Int64?
    let rejected: Int64
    let sample: RawSample?
    let stamp: Source.Stamp
}
