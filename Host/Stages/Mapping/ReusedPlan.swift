internal import Columnar
public import Contracts
public import Foundations
public import Policy
public import Store
internal import Transform

/// The Mapping Plan of another run, as this one takes it over: its transforms, without proposing any.
///
/// Whether the versions allow it is the Supervisor's question; here is whether it fits.
public struct ReusedPlan: Sendable {
    public let id: SHA256.Digest
    /// What its own thresholds said when it was made.
    public var decision: GateDecision { plan.decision.decision }
    private let plan: MappingPlan
    private let inputs: [SHA256.Digest]

    private var named: String { "The Mapping Plan \(id.hex.prefix(12))" }

    private static let proposeAnew = "leave --plan (mapping_plan) out to have a mapping proposed"

    /// - Parameter body: what the artifact store holds under `id`, verified.
    /// - Throws: `artifact.reuse` for an artifact of another kind; `dsl.rejected` for a transform that the present DSL
    ///   does not take; `artifact.corrupt` for a plan that no version wrote.
    public init(_ id: SHA256.Digest, body: JSON) throws(SluiceError) {
        let kind = body["artifact"]?.stringValue ?? "unknown"
        guard kind == ArtifactKind.mappingPlan.rawValue, body["artifact_version"] == "1" else {
            throw SluiceError(
                .artifactReuse,
                "The artifact \(id.hex.prefix(12)) is a \(kind), and only a Mapping Plan can be reused.",
                hint: "See `sluice artifacts RUN` for the mapping_plan of a run.")
        }
        let content = body["content"] ?? .null
        // First by themselves: the strict reader would call a transform of another DSL a corrupt artifact.
        for entry in content["mappings"]?.arrayValue ?? [] { _ = try Plan(json: entry["plan"] ?? .null) }
        plan = try MappingPlan(json: content)
        inputs = (body["inputs"]?.arrayValue ?? []).compactMap { $0.stringValue.flatMap(SHA256.Digest.init(hex:)) }
        self.id = id
    }

    // MARK: The target

    /// Looks at the target table, and whether it has the shape that the plan was made for.
    ///
    /// - Throws: `target.missing`, `target.busy`; `target.shape` that names the columns that differ.
    public func require(target location: DataLocation) throws(SluiceError) {
        let table: TargetTable
        do {
            table = try SQLiteTarget.inspect(path: location.path, table: location.table ?? "", busyMilliseconds: 0)
        } catch { throw MigrationStage.translated(error) }
        try require(target: table)
    }

    /// The table's name may be another one: a team that maps one file a month may have a table a month.
    func require(target table: TargetTable) throws(SluiceError) {
        let (then, now) = (Self.shape(plan.target), Self.shape(table.json))
        guard then != now else { return }
        var differences = Self.differences(Self.columns(plan.target), Self.columns(table.json))
        if differences.isEmpty, plan.target["foreign_keys"] != table.json["foreign_keys"] {
            differences.append("the foreign keys differ")
        }
        if differences.isEmpty { differences.append("the order of the columns, or STRICT, differs") }
        let rest = differences.count - 10
        let listed = differences.prefix(10).joined(separator: "; ") + (rest > 0 ? "; and \(rest) more" : "")
        throw SluiceError(
            .targetShape, "\(named) was made for another shape of the target: \(listed).",
            hint: "Give the table that shape, or \(Self.proposeAnew).")
    }

    private static func shape(_ table: JSON) -> JSON {
        var members = table.objectValue ?? [:]
        members["table"] = nil
        return .object(members)
    }

    private static func columns(_ table: JSON) -> [(name: String, column: JSON)] {
        (table["columns"]?.arrayValue ?? []).map { ($0["name"]?.stringValue ?? "", $0) }
    }

    private static func differences(
        _ then: [(name: String, column: JSON)], _ now: [(name: String, column: JSON)]
    ) -> [String] {
        func described(_ column: JSON) -> String {
            let key = column["key_position"]?.intValue ?? 0
            return (column["declared_type"]?.stringValue ?? "?")
                + (column["required"]?.boolValue == true ? " NOT NULL" : "") + (key > 0 ? " key \(key)" : "")
        }
        var words: [String] = []
        for (name, old) in then {
            guard let new = now.first(where: { $0.name == name })?.column else {
                words.append("the column \(name) is gone")
                continue
            }
            if new != old { words.append("the column \(name) was \(described(old)) and is \(described(new))") }
        }
        for (name, _) in now where !then.contains(where: { $0.name == name }) {
            words.append("the column \(name) is new")
        }
        return words
    }

    // MARK: The source

    /// The plan's transforms as the stage takes proposals, ascending by target.
    ///
    /// - Throws: `artifact.reuse` that names every source column which is missing or has another type.
    func proposals(for input: MappingInput) throws(SluiceError) -> [MappingProposal] {
        let places = Dictionary(
            input.sources.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        try requireColumns(Set(places.keys), of: input)
        var proposals: [MappingProposal] = []
        for entry in plan.entries {
            // The target has the plan's shape, so it has the entry's column.
            guard let target = input.targets.firstIndex(where: { $0.name == entry.target }) else { continue }
            let made: ColumnType
            do { made = try entry.plan.check(inputs: input.schema) } catch {
                throw unfit(entry, input, "\(error.message) \(error.hint)")
            }
            guard made == input.targets[target].type else {
                throw unfit(
                    entry, input, "It would make \(made.name), and the column is \(input.targets[target].type.name).")
            }
            let sources = entry.sources.compactMap { places[$0] }
            proposals.append(
                MappingProposal(
                    target: target, sources: sources, strategy: entry.strategy, plan: entry.plan,
                    confidence: entry.confidence, rationale: rationale(entry.rationale),
                    doubt: doubt(entry, made, sources.map { input.sources[$0] }), obstacle: nil))
        }
        return proposals.sorted { $0.target < $1.target }
    }

    private func requireColumns(_ known: Set<String>, of input: MappingInput) throws(SluiceError) {
        var missing: [String] = []
        for entry in plan.entries {
            for column in entry.sources where !known.contains(column) {
                let near = input.sources.map { (name: $0.name, distance: JSONReader.distance($0.name, column)) }
                    .filter { $0.distance <= max(2, column.utf8.count / 3) }.min { $0.distance < $1.distance }
                missing.append("\(column) (for \(entry.target)\(near.map { "; the nearest is \($0.name)" } ?? ""))")
            }
        }
        guard missing.isEmpty else {
            let rest = missing.count - 10
            let listed = missing.prefix(10).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
            throw SluiceError(
                .artifactReuse, "\(named) reads columns that the source does not have: \(listed).",
                hint: "Give the source these columns, or \(Self.proposeAnew).")
        }
        // A step's name hides a column, and plans are not rewritten: what was decided upon is what runs.
        for entry in plan.entries {
            if let step = entry.plan.steps.first(where: { known.contains($0.name) }) {
                throw SluiceError(
                    .artifactReuse,
                    "\(named) names a step \(step.name) (for \(entry.target)), and the source has a column of that name.",
                    hint: "Rename the column \(step.name) in the source, or \(Self.proposeAnew).")
            }
        }
    }

    private func unfit(_ entry: MappingPlan.Entry, _ input: MappingInput, _ why: String) -> SluiceError {
        let types = input.sources.filter { entry.sources.contains($0.name) }.map { "\($0.name) is \($0.type.name)" }
        return SluiceError(
            .artifactReuse,
            "\(named) cannot make \(entry.target) of this source, where \(types.joined(separator: " and ")). \(why)",
            hint: "Give the source the types that it had, or \(Self.proposeAnew).")
    }

    private static let marker = ", which says: "

    /// Shares in it are of the data that the plan was proposed for.
    private func rationale(_ text: String) -> String {
        let own = text.firstRange(of: Self.marker).map { String(text[$0.upperBound...]) } ?? text
        return "Taken from the Mapping Plan \(id.hex.prefix(12))\(Self.marker)\(own)"
    }

    /// What the new values lose and the old ones did not: a person has not seen it yet.
    private func doubt(_ entry: MappingPlan.Entry, _ made: ColumnType, _ sources: [SourceColumn]) -> String? {
        guard made == .int64 || made == .float64 else { return nil }
        for source in sources where source.type == .text && source.profile?.leadingZeros ?? 0 > 0 {
            let doubt = PipelineProposer.lostZeros(of: source.name)
            if entry.rationale.firstRange(of: doubt) == nil { return doubt }
        }
        return nil
    }

    // MARK: Promotion

    /// Whether the plan stands under a registry that it was not made under: its transforms over the catalogued source,
    /// and the domains of the columns that they read.
    ///
    /// - Throws: `dsl.rejected`; `artifact.reuse` that names column and domain; what reading an artifact throws.
    public func requireCurrent(
        _ registry: Registry, artifacts: ArtifactStore, permit: Permit
    ) throws(SluiceError) {
        for hash in inputs {
            let body = try artifacts.body(hash, permit: permit)
            switch body["artifact"]?.stringValue.flatMap(ArtifactKind.init(rawValue:)) {
            case .catalog: try requireTypes(body["content"] ?? .null)
            case .domainAssignments: try requireDomains(body["content"] ?? .null, registry.domains)
            default: break
            }
        }
    }

    private func requireTypes(_ catalog: JSON) throws(SluiceError) {
        let schema = Schema(
            (catalog["columns"]?.arrayValue ?? []).compactMap { column in
                guard let name = column["name"]?.stringValue,
                    let type = column["physical_type"]?.stringValue.flatMap(ColumnType.init(name:))
                else { return nil }
                return Field(name, type)
            })
        for entry in plan.entries { _ = try entry.plan.check(inputs: schema) }
    }

    private func requireDomains(_ assignments: JSON, _ domains: DomainCatalog) throws(SluiceError) {
        for assignment in assignments["columns"]?.arrayValue ?? [] {
            guard let column = assignment["column"]?.stringValue, let domain = assignment["domain"]?.stringValue,
                domains[domain] == nil, let entry = plan.entries.first(where: { $0.sources.contains(column) })
            else { continue }
            throw SluiceError(
                .artifactReuse,
                "\(named) reads \(column) (for \(entry.target)) as \(domain), a domain that the present catalog "
                    + "\(domains.reference) does not have.",
                hint: "Put the domain back into the catalog, or map the source anew: `sluice run` without --plan.")
        }
    }
}
