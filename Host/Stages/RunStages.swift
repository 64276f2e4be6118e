public import Contracts
public import Foundations
internal import PluginHost
internal import Policy
internal import Store

/// The five stages of one run, and what they hand each other.
///
/// What is in memory is remade when a run is resumed: Ingest reads the source again and must find the same catalog.
public struct RunStages {
    private var stage: StageContext
    private let embedder = HeaderEmbedder()
    private let names: DomainNames
    private var ingest: IngestResult?
    private var isWarm = false
    private var assignments: [DomainAssignment]?
    /// Nil before the first stage that may ask.
    private var models: ModelAccess?
    /// What the stages before have made, as the Supervisor found it proved.
    private var artifacts: [ArtifactKind: SHA256.Digest] = [:]

    public init(_ stage: StageContext) {
        self.stage = stage
        names = DomainNames(stage.registry.domains)
    }

    /// The lane that the run has from now on; part of every key of the cache.
    public mutating func enter(_ lane: Lane) { stage.lane = lane }

    /// Whether a target is there and is a table, before anything is read.
    ///
    /// - Throws: `target.missing`, `target.shape`, `target.busy`.
    public static func requireTarget(_ location: DataLocation) throws(SluiceError) {
        do { _ = try SQLiteTarget.inspect(path: location.path, table: location.table ?? "", busyMilliseconds: 0) } catch
        {
            throw MigrationStage.translated(error)
        }
    }

    /// Ends the processes that the stages share, and those that wait for later ones.
    public func stop() {
        if case .desk(let desk)? = models { desk.close() }
        embedder.stop()
        stage.care.pool?.close()
    }

    /// Runs one stage to its gate.
    ///
    /// - Parameters:
    ///   - isPlan: in metadata_only, write the plan of the Migration in its place.
    ///   - artifacts: those that the run has, which the stage works with; the store is not asked again.
    public mutating func run(
        _ name: Stage, isPlan: Bool, artifacts: [ArtifactKind: SHA256.Digest]
    ) throws(SluiceError) -> StageOutcome {
        self.artifacts = artifacts
        let wall = stage.contract.budgetCaps.wallTimeSeconds
        stage.deadline = stage.context.monotonic() &+ UInt64(min(wall, 1e9) * 1e9)
        if !isWarm { try warm(before: name) }
        switch name {
        case .ingest:
            let (outcome, result) = try IngestStage(stage: stage, names: names).run()
            ingest = result
            return outcome
        case .domains:
            let (outcome, made) = try DomainsStage(stage: stage, embedder: embedder, names: names).run(
                try requireIngest(), access: try access())
            assignments = made
            return outcome
        case .mapping:
            let ingest = try requireIngest()
            let mapping = MappingStage(stage: stage, embedder: embedder, names: names)
            if let plan = stage.contract.mappingPlan {
                return try mapping.run(ingest, reusing: plan, assignmentsID: try artifactID(.domainAssignments))
            }
            let assignments = try requireAssignments()
            return try mapping.run(
                ingest, assignments: assignments, assignmentsID: try artifactID(.domainAssignments),
                access: try access())
        case .analysis:
            let ingest = try requireIngest()
            let exposures = Dictionary(
                ingest.columns.map { ($0.name, $0.exposure) }, uniquingKeysWith: { first, _ in first })
            return try AnalysisStage(stage: stage).run(
                try plan(), datasetID: ingest.datasetID, stamp: ingest.stamp, exposures: exposures)
        case .migration:
            let report = try artifactID(.analysisReport)
            let catalog = try content(.catalog)
            guard let dataset = catalog["dataset_id"]?.stringValue else {
                throw SluiceError(.artifactCorrupt, "The catalog names no dataset.")
            }
            let migration = MigrationStage(stage: stage)
            if isPlan { return try migration.dryRun(try plan(), reportID: report, datasetID: dataset) }
            // What was promoted is done, whatever has become of source and table since.
            let mapping = try MappingPlan(json: try content(.mappingPlan))
            let inputs = [try artifactID(.mappingPlan), report]
            // Those that the connector rejected are counted there, as they are in the chunks.
            let rows = catalog["rows"]?.intValue
            if let done = try migration.promoted(mapping, inputs: inputs, datasetID: dataset, totalRows: rows) {
                return done
            }
            return try migration.run(try plan(), reportID: report, datasetID: dataset, totalRows: rows)
        case .supervisor: throw SluiceError(.runState, "The Supervisor is not a stage that can be run.")
        }
    }

    /// Has the plugins of later stages loaded while this one runs.
    private mutating func warm(before name: Stage) throws(SluiceError) {
        isWarm = true
        try stage.requirePinned(entering: name)
        if name < .domains { try embedder.warm(stage) }
        guard name < .analysis, stage.contract.mode == .dataMode else { return }
        for plugin in (try? stage.grantedChecks().checks.map(\.plugin)) ?? [] { stage.care.warm(plugin) }
    }

    /// Who may be asked for completions. Opened once a drive, when a stage comes to it; each stage asks in its own time.
    private mutating func access() throws(SluiceError) -> ModelAccess {
        if let models {
            if case .desk(let desk) = models { desk.enter(stage) }
            return models
        }
        let opened = try stage.openModels(catalog: try requireIngest().catalogID)
        models = opened
        return opened
    }

    // MARK: What was made before

    private func artifactID(_ kind: ArtifactKind) throws(SluiceError) -> SHA256.Digest {
        guard let found = artifacts[kind] else {
            throw SluiceError(.artifactMissing, "The run has no \(kind.rawValue) yet.")
        }
        return found
    }

    private func content(_ kind: ArtifactKind) throws(SluiceError) -> JSON {
        let body = try stage.store.artifacts.body(try artifactID(kind), permit: try stage.permit(.viewArtifactsMasked))
        return body["content"] ?? .null
    }

    private func plan() throws(SluiceError) -> ExecutablePlan {
        try ExecutablePlan(
            try MappingPlan(json: try content(.mappingPlan)), id: try artifactID(.mappingPlan),
            table: try MappingStage.targetTable(stage))
    }

    private mutating func requireIngest() throws(SluiceError) -> IngestResult {
        if let ingest { return ingest }
        let recorded = try artifactID(.catalog)
        let (_, result) = try IngestStage(stage: stage, names: names).run()
        guard result.catalogID == recorded else {
            throw SluiceError(.sourceChanged, "The source is not the one that was catalogued.")
        }
        ingest = result
        return result
    }

    private mutating func requireAssignments() throws(SluiceError) -> [DomainAssignment] {
        if let assignments { return assignments }
        let (outcome, made) = try DomainsStage(stage: stage, embedder: embedder, names: names).run(
            try requireIngest(), access: .none("the stage has ended"), recorded: try content(.domainAssignments))
        embedder.giveBack(outcome)
        guard outcome.artifacts.first?.id == (try artifactID(.domainAssignments)) else {
            throw SluiceError(
                .stageInput, "The columns are not assigned to the domains that were recorded.", hint: "Start a new run."
            )
        }
        assignments = made
        return made
    }
}
