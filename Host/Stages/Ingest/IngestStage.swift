internal import Columnar
internal import Contracts
internal import Detection
internal import Foundations
internal import PluginHost
internal import Policy
internal import Transform

/// Ingest: what the source is (catalog), and in data_mode a masked, capped, stratified sample of it (ROADMAP §9).
struct IngestStage {
    let stage: StageContext
    let names: DomainNames

    func run() throws(SluiceError) -> (outcome: StageOutcome, result: IngestResult) {
        let source = try Source(stage.contract.lhs.location)
        let plugin = try stage.connector()
        let stamp = try source.stamp()
        let dataset = stage.contract.mode == .dataMode ? try source.contentHash(stop: stage.checkpoint).hex : nil
        let session: ConnectorSession
        let shape: (schema: Schema, details: JSON)
        let table: String
        do {
            session = try ConnectorSession(
                plugin, streams: source.streams(mode: stage.contract.mode),
                config: source.config(mode: stage.contract.mode), settings: stage.runner,
                permit: stage.permit(.readSourceMetadata), care: stage.care)
            stage.onPlugin(PluginStart(session.process))
            table = try Self.table(source, in: session.inventory(), by: plugin.manifest.id)
            shape = try session.schema(table: table)
        } catch { throw Self.translated(error, source) }
        defer { session.stop() }
        try Self.checkNames(shape.schema)

        var scan: Scan?
        if stage.contract.mode == .dataMode {
            do { scan = try scanRows(session, table: table, schema: shape.schema) } catch {
                throw Self.translated(error, source)
            }
            guard try source.stamp() == stamp else {
                throw SluiceError(.sourceChanged, "\(Files.name(of: source.path)) changed while it was read.")
            }
        }
        if let scan, scan.rows == 0 {
            throw SluiceError(
                .sourceNoRows, "\(Files.name(of: source.path)) has \(shape.schema.fields.count) columns and no rows.")
        }
        let columns = try describe(shape.schema, scan, table: source.tableName)
        let datasetID = dataset ?? shape.schema.hash.hex
        let catalog = stage.artifact(
            .catalog,
            try catalogContent(source, plugin, shape.schema, shape.details, columns, scan, datasetID: datasetID),
            maskApplied: false)
        var artifacts = [catalog]
        if let scan {
            artifacts.append(try samplePack(scan.sample, columns, datasetID: datasetID, inputs: [catalog.id]))
        }
        let result = IngestResult(
            catalogID: catalog.id, datasetID: datasetID, schema: shape.schema, columns: columns, rows: scan?.rows,
            rejected: scan?.rejected.values.reduce(0, +) ?? 0, sample: scan?.sample, stamp: stamp)
        let outcome = StageOutcome(
            artifacts: artifacts, decision: .accept,
            summary: [
                "rows": scan.map { .int($0.rows) } ?? .null, "columns": JSON(columns.count),
                "rejected": .int(result.rejected), "sample_rows": JSON(scan?.sample.ordinals.count ?? 0),
            ],
            maskApplied: scan != nil)
        return (outcome, result)
    }

    // MARK: Rows

    struct Scan {
        var rows: Int64 = 0
        var rejected: [String: Int64] = [:]
        var profiles: [ColumnProfile] = []
        var sample: RawSample
    }

    private func scanRows(_ session: ConnectorSession, table: String, schema: Schema) throws(SluiceError) -> Scan {
        guard let caps = stage.contract.sampleCaps else {
            throw SluiceError(.contractInvalid, "/sample_caps is missing.")
        }
        let permit = try stage.permit(
            .sampleRows,
            budgets: [
                PolicyEngine.Budget(.rows, asked: Double(caps.rowsMax)),
                PolicyEngine.Budget(.bytes, asked: Double(caps.bytesMax)),
            ])
        var profilers = schema.fields.map { ColumnProfiler($0.type) }
        var sampler = Sampler(rowsMax: caps.rowsMax, bytesMax: caps.bytesMax)
        var rejected: [String: Int64] = [:]
        var rows: Int64 = 0
        try session.scan(table: table, permit: permit) { (emitted) throws(SluiceError) in
            let batch = SourceBatch(emitted)
            for reason in batch.rejected.values { rejected[reason, default: 0] += 1 }
            let readable = batch.rejected.isEmpty ? batch.batch : batch.batch.gather(batch.readable)
            for place in profilers.indices { profilers[place].add(readable.columns[place]) }
            sampler.add(batch.batch, skipping: Set(batch.rejected.keys))
            rows += Int64(batch.rowCount)
            stage.observer.progress(.ingest, rows: rows, totalRows: nil)
            try stage.checkpoint()
        }
        let profiles = profilers.map { $0.finish() }
        guard rows > 0 else {
            return Scan(
                sample: RawSample(
                    batch: Batch.concatenate([], schema: schema), ordinals: [], stratumColumn: nil, strataCount: 0))
        }
        return Scan(
            rows: rows, rejected: rejected, profiles: profiles,
            sample: sampler.finish(schema: schema, profiles: profiles))
    }

    // MARK: Columns

    /// Types, evidence, and whether a column's values may be shown. Fail-closed: what is unknown stays masked.
    private func describe(_ schema: Schema, _ scan: Scan?, table: String) throws(SluiceError) -> [IngestedColumn] {
        let looks = try stage.granted(.gatherEvidence, resource: EvidenceKind.valueSketches.rawValue) != nil
        let scorer = DomainScorer(catalog: stage.registry.domains, names: names)
        let classifier = scan == nil ? nil : ColumnClassifier(lexicon: try stage.registry.lexicon())
        let headers = ColumnTable(name: table, headers: schema.fields.map(\.name))
        return schema.fields.indices.map { place in
            let field = schema.fields[place]
            guard let scan, let classifier else {
                return IngestedColumn(
                    name: field.name, physicalType: field.type, profile: nil,
                    exposure: .masked(reason: "metadata_only shows no values"), decision: nil, sketch: nil)
            }
            let profile = scan.profiles[place]
            guard looks else {
                // What nobody looked at may be anything.
                return IngestedColumn(
                    name: field.name, physicalType: field.type, profile: profile,
                    exposure: .masked(reason: "policy grants no value_sketches"), decision: nil, sketch: nil)
            }
            let sketch = ValueSketch(scan.sample.batch.columns[place])
            let finding = classifier.finding(
                at: place, in: headers, values: ColumnDecision.counted(scan.sample.batch.columns[place]),
                cells: profile.rows)
            let (exposure, decision) = exposure(field.name, profile, sketch, scorer, finding)
            return IngestedColumn(
                name: field.name, physicalType: field.type, profile: profile, exposure: exposure,
                decision: decision, sketch: sketch)
        }
    }

    private func exposure(
        _ name: String, _ profile: ColumnProfile, _ sketch: ValueSketch, _ scorer: DomainScorer,
        _ finding: ColumnFinding
    ) -> (Exposure, ColumnDecision) {
        let candidates = scorer.candidates(header: name, type: profile.inferredType, vector: nil, values: sketch)
        let personal = candidates.filter { candidate in
            guard let domain = stage.registry.domains[candidate.domain], domain.isPersonal else { return false }
            let isStrongPattern = domain.patternStrength >= 0.7 && (candidate.evidence?.patternRate ?? 0) > 0.02
            let isCheckDigit = (candidate.evidence?.checkDigitRate ?? 0) > 0.8
            return candidate.score >= stage.thresholds.tauLow || candidate.nameSimilarity >= 0.85 || isStrongPattern
                || isCheckDigit
        }
        let listed = candidates.first { candidate in
            candidate.evidence?.codeRate == 1 && stage.registry.domains[candidate.domain]?.isPersonal == false
        }
        let codes = listed.flatMap { stage.registry.domains[$0.domain]?.codes } ?? []
        let decision = ColumnDecision(
            personal, finding, isListed: !codes.isEmpty, rules: stage.engine.manifest.pii,
            sure: stage.thresholds.tauHigh)
        let exposure = stage.engine.exposure(
            of: ColumnFacts(
                type: profile.inferredType, distinct: profile.distinct, rows: profile.rows,
                maximumDigits: profile.maximumDigits, looksPersonal: !personal.isEmpty,
                isListedCodes: !codes.isEmpty, codes: codes, entity: decision.entity, mayIdentify: finding.mayIdentify))
        return (exposure, decision)
    }

    // MARK: Artifacts

    private func catalogContent(
        _ source: Source, _ plugin: InstalledPlugin, _ schema: Schema, _ details: JSON, _ columns: [IngestedColumn],
        _ scan: Scan?, datasetID: String
    ) throws(SluiceError) -> JSON {
        let manifest = plugin.manifest
        // Builds of our own connectors differ from machine to machine; what they read does not.
        let connector: JSON =
            stage.pins.connector == nil
            ? ["id": .string(manifest.id), "version": .string(manifest.version)] : try RunPlugin(plugin).json
        return [
            "table": .string(source.tableName), "connector": connector,
            "source": Self.details(details, schema: schema), "mode": .string(stage.contract.mode.rawValue),
            "dataset_id": .string(datasetID), "dataset_id_is": scan == nil ? "schema_hash" : "content_hash",
            "schema_hash": .string(schema.hash.hex), "rows": scan.map { .int($0.rows) } ?? .null,
            "rejected": .object((scan?.rejected ?? [:]).mapValues(JSON.int)),
            "columns": .array(
                columns.enumerated().map { place, column in
                    .members([
                        "ordinal": JSON(place), "name": .string(column.name),
                        "physical_type": .string(column.physicalType.name), "type": JSON(column.type?.name),
                        "profile": column.profile?.json,
                        "masking": column.decision?.json(column.exposure) ?? column.exposure.json,
                    ])
                }),
        ]
    }

    /// The sample as previews show it: masked, within the contract's caps, and with what is rare suppressed.
    ///
    /// Rows stand in the order of what they show, not of the source: a place would tell whose they are.
    private func samplePack(
        _ sample: RawSample, _ columns: [IngestedColumn], datasetID: String, inputs: [SHA256.Digest]
    ) throws(SluiceError) -> Artifact {
        let isShown = try stage.granted(.showPreview, resource: "masked_slices") != nil
        // Names and types are what is left; who may not show these either makes no preview.
        if !isShown { _ = try stage.permit(.showPreview, resource: "masked_schema") }
        let caps = stage.contract.sampleCaps
        let k = stage.engine.manifest.previewsK
        let kinds = columns.map { SafePreview.kind(of: $0.exposure, $0.type ?? $0.physicalType) }
        var cells: [[String?]] = (0..<(isShown ? sample.batch.rowCount : 0)).map { _ in [] }
        for place in columns.indices {
            sample.batch.columns[place].withView { view in
                for row in cells.indices {
                    cells[row].append(Masker.preview(view, row: row, exposure: columns[place].exposure))
                }
            }
        }
        var shown = KAnonymity.suppress(cells, columns: kinds, k: k)
        // Fewer rows until they fit; each time all over again, so that no group loses rows to the cap.
        while let caps, Self.bytes(shown.rows) > caps.bytesMax, !cells.isEmpty {
            let fitting = Int64(cells.count) * caps.bytesMax / max(1, Self.bytes(shown.rows))
            cells.removeLast(cells.count - min(Int(fitting), cells.count - 1))
            shown = KAnonymity.suppress(cells, columns: kinds, k: k)
        }
        let rows = shown.rows.sorted(by: SafePreview.precedes)
        let ordinals = sample.ordinals.prefix(rows.count).map(JSON.int)
        return stage.artifact(
            .samplePack,
            .members([
                "dataset_id": .string(datasetID), "seed": JSON(Sampler.seed),
                "method": "splitmix64 priority, stratified",
                "stratum_column": JSON(sample.stratumColumn), "strata": JSON(sample.strataCount),
                "caps": ["rows_max": .int(caps?.rowsMax ?? 0), "bytes_max": .int(caps?.bytesMax ?? 0)],
                "columns": JSON(columns.map(\.name)),
                "left_out": isShown ? JSON?.none : "policy shows no masked_slices", "ordinals": .array(ordinals),
                "rows": .array(rows.map { .array($0.map { JSON($0) }) }),
                "k_anonymity": [
                    "k": JSON(k), "groups": JSON(shown.groups), "cells_generalised": JSON(shown.generalised),
                    "cells_suppressed": JSON(shown.suppressed),
                ],
            ]), inputs: inputs)
    }

    /// What the rows take as JSON, roughly.
    private static func bytes(_ rows: [[String?]]) -> Int64 {
        rows.reduce(0) { total, row in row.reduce(total) { $0 + Int64($1?.utf8.count ?? 4) + 3 } }
    }

    // MARK: Mistakes

    /// The table to read of those that a connector lists.
    ///
    /// - Parameter connector: its id. Names that our own list are shown; of another's only plain ones, because a connector
    ///   sees raw values.
    /// - Throws: `source.table`.
    static func table(
        _ source: Source, in tables: [String], by connector: String
    ) throws(SluiceError) -> String {
        if tables == [""] {
            guard !source.table.isEmpty else { return "" }
            throw SluiceError(
                .sourceTable, "The source has one table, which has no name, and the table \(source.table) was named.",
                hint: "Leave out #\(source.table). If it belongs to the name of the file, write one # more behind it: "
                    + "\(source.location.scheme.name):PATH#")
        }
        if tables.contains(source.table) { return source.table }
        if source.table.isEmpty, tables.count == 1 { return tables[0] }
        guard !tables.isEmpty else { throw SluiceError(.sourceTable, "The source has no table.") }
        let isOurs = connector == PluginUse.csv || connector == PluginUse.sqlite
        let named = isOurs ? tables : tables.filter(isPlainName)
        let listed = named.prefix(20).joined(separator: ", ")
        let count = tables.count == 1 ? "one table" : "\(tables.count) tables"
        let part = named.count == tables.count ? ": " : ", among them "
        let has = count + (listed.isEmpty ? "" : part + listed)
        guard source.table.isEmpty else {
            throw SluiceError(.sourceTable, "The source has no table \(source.table); it has \(has).")
        }
        throw SluiceError(.sourceTable, "The source has \(has).")
    }

    /// Whether a name that foreign code gave may be shown: a short plain word of which nothing need be hidden.
    private static func isPlainName(_ name: String) -> Bool {
        !name.isEmpty && isWord(name) && Redaction.line(name) == name
    }

    /// At most 32 of letters, digits and `-./_`.
    private static func isWord(_ text: String) -> Bool {
        text.utf8.count <= 32
            && text.utf8.allSatisfy {
                $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A || ($0 >= 0x2D && $0 <= 0x39) || $0 == 0x5F
            }
    }

    private static func checkNames(_ schema: Schema) throws(SluiceError) {
        var seen: [String: Int] = [:]
        for (place, field) in schema.fields.enumerated() {
            if let first = seen.updateValue(place, forKey: field.name) {
                throw SluiceError(.sourceDuplicateColumn, "Columns \(first + 1) and \(place + 1) have one name.")
            }
        }
        guard !schema.fields.isEmpty else { throw SluiceError(.sourceUnreadable, "The source has no columns.") }
    }

    /// What a connector reports, in words of the host's own: a connector sees raw values, so its text is not passed on.
    ///
    /// The prefixes are stable and stand in the README of each connector.
    static func translated(_ error: SluiceError, _ source: Source) -> SluiceError {
        guard error.detail == ErrorKind.pluginFailed.id else { return error }
        let name = Files.name(of: source.path)
        func says(_ words: String) -> Bool { error.message.firstRange(of: words) != nil }
        if says("binary:") {
            return SluiceError(.sourceBinary, "\(name) is not text in an encoding that is known.")
        }
        if says("empty:") { return SluiceError(.sourceEmpty, "\(name) holds nothing but white space.") }
        if let at = error.message.firstRange(of: "duplicate_column:") {
            return SluiceError(
                .sourceDuplicateColumn,
                "Two columns of \(name) have one name (columns \(places(error.message[at.upperBound...]))).")
        }
        let reason = Self.reasons.first { says($0.words) }?.reason ?? "cannot be read by its connector"
        return SluiceError(code: error.code, kind: .sourceUnreadable, "\(name) \(reason) (\(error.code)).")
    }

    /// The column numbers that a message begins with; what follows them may be of a cell.
    private static func places(_ text: Substring) -> String {
        var places: [String] = []
        for part in text.split(separator: ",").prefix(8) {
            let words = part.drop { $0 == " " }
            let digits = words.prefix { ("0"..."9").contains($0) }
            guard let place = Int(digits), (1...99_999).contains(place) else { break }
            places.append(String(place))
            guard digits.endIndex == words.endIndex else { break }
        }
        return places.isEmpty ? "unknown" : places.joined(separator: ", ")
    }

    private static let reasons: [(words: String, reason: String)] = [
        ("encoding:", "has an encoding that does not hold to its end"),
        ("header:", "has a header that cannot be read"),
        ("reserved_column:", "has a column whose name is reserved (it begins with sluice.)"),
        ("not a database", "is not a SQLite database"), ("malformed", "is a damaged SQLite database"),
        ("encrypted", "is an encrypted database, or none"), ("no such table", "has no such table"),
    ]

    /// What a connector found out about its source, key by key: only words, small numbers and the source's own column
    /// names pass, whatever else it says.
    static func details(_ details: JSON, schema: Schema) -> JSON {
        let names = Set(schema.fields.map(\.name))
        var kept: [String: JSON] = [:]
        for (key, value) in details.objectValue ?? [:] {
            switch (key, value) {
            case ("format", .string(let text)), ("encoding", .string(let text)), ("line_ending", .string(let text)):
                if isWord(text) { kept[key] = value }
            case ("delimiter", .string(let text)), ("quote", .string(let text)):
                if text.unicodeScalars.count <= 1 { kept[key] = value }
            case ("header", .bool), ("without_rowid", .bool): kept[key] = value
            case ("columns", .int), ("bytes", .int), ("page_size", .int), ("row_count", .int), ("user_version", .int):
                kept[key] = value
            case ("primary_key", .array(let columns)), ("not_null", .array(let columns)):
                if columns.allSatisfy({ $0.stringValue.map(names.contains) ?? false }) { kept[key] = value }
            default: break
            }
        }
        return .object(kept)
    }
}
