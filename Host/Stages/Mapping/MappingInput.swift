internal import Columnar
internal import Transform

/// What the Mapping stage knows of one source column. It holds no value of the column.
struct SourceColumn: Sendable {
    let name: String
    /// The type in which its batches come.
    let type: ColumnType
    /// Counts over its values; nil in metadata_only.
    let profile: ColumnProfile?
    /// The best domain; nil when there is no candidate.
    let domain: DomainCandidate?
    let band: Band
    /// Of the header; nil without a provider.
    let vector: [Float]?
    /// Of the days in timestamps of the sample; nil without one, without a time of day, and when no target is a date.
    let timedDays: TimedDays?

    init(
        name: String, type: ColumnType, profile: ColumnProfile? = nil, timedDays: TimedDays? = nil,
        domain: DomainCandidate? = nil, band: Band = .low, vector: [Float]? = nil
    ) {
        self.name = name
        self.type = type
        self.profile = profile
        self.timedDays = timedDays
        self.domain = domain
        self.band = band
        self.vector = vector
    }

    /// The domain, unless it is as good as unknown.
    var knownDomain: DomainCandidate? { band == .low ? nil : domain }
}

/// What the Mapping stage knows of one target column: its declaration, and what its header alone suggests.
struct TargetColumn: Sendable {
    let column: TargetTable.Column
    let domain: DomainCandidate?
    /// Domains that the header suggests as much as `domain`: `state` may be a place's or an order's.
    let equals: [DomainCandidate]
    let band: Band
    let vector: [Float]?

    /// - Parameter candidates: best first.
    init(
        column: TargetTable.Column, candidates: [DomainCandidate] = [], band: Band = .low, vector: [Float]? = nil
    ) {
        self.column = column
        domain = candidates.first
        equals = candidates.dropFirst().filter { $0.score == candidates.first?.score }
        self.band = band
        self.vector = vector
    }

    var name: String { column.name }
    var type: ColumnType { column.type }
    var knownDomain: DomainCandidate? { band == .low ? nil : domain }

    /// The domain as it stands against a source column's: of equally likely ones the one that they share.
    func knownDomain(against source: DomainCandidate?) -> DomainCandidate? {
        guard band != .low else { return nil }
        return equals.first { $0.domain == source?.domain } ?? domain
    }
}

/// Everything that the Mapping stage decides upon, so that the same input always gives the same plan.
struct MappingInput: Sendable {
    /// The file's or table's name; nil when it has none. Column names often repeat it.
    let sourceName: String?
    let sources: [SourceColumn]
    let table: TargetTable
    /// One a column of `table`, in its order.
    let targets: [TargetColumn]

    init(sourceName: String?, sources: [SourceColumn], table: TargetTable, targets: [TargetColumn]) {
        self.sourceName = sourceName
        self.sources = sources
        self.table = table
        self.targets = targets
    }

    /// The schema that plans are checked against and batches come in.
    var schema: Schema { Schema(sources.map { Field($0.name, $0.type) }) }

    /// Whether a row must have a value in the target column: it is required, or part of the key.
    func needsValue(_ target: Int) -> Bool {
        let column = targets[target].column
        return table.isRequired(column) || column.keyPosition > 0
    }
}
