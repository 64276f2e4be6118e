internal import Columnar
internal import Contracts
internal import Foundations
internal import Transform

/// A Mapping Plan as Analysis and Migration run it: pinned to its artifact, and to the table that it was made for.
struct ExecutablePlan {
    /// The artifact.
    let id: SHA256.Digest
    let plan: MappingPlan
    let table: TargetTable
    let plans: [Plan]

    /// - Throws: `target.shape` when the table has changed since the plan was made.
    init(_ plan: MappingPlan, id: SHA256.Digest, table: TargetTable) throws(SluiceError) {
        guard plan.target == table.json else {
            throw SluiceError(
                .targetShape, "The target table \(table.name) has changed since it was mapped.",
                hint: "Start a new run.")
        }
        self.id = id
        self.plan = plan
        self.table = table
        plans = plan.plans
    }

    /// Mapped target columns in which a row must have a value.
    var requiredTargets: Set<String> {
        Set(
            table.columns.filter { column in
                (table.isRequired(column) || (column.keyPosition > 0 && column.name != table.rowIDAlias))
                    && plans.contains { $0.target == column.name }
            }.map(\.name))
    }

    /// Required target columns that have no source.
    var missingRequired: [String] { plan.unmappedTargets.filter(\.isRequired).map(\.name) }

    /// Places of the plans that make the key, in key order; empty when not all of the key is mapped.
    var keyPlaces: [Int] {
        let places = table.key.compactMap { column in plans.firstIndex { $0.target == column.name } }
        return places.count == table.key.count ? places : []
    }

    /// What metadata_only can say of each transform.
    var feasibilityJSON: JSON {
        let mapped: [JSON] = plan.entries.map { entry in
            [
                "target": .string(entry.target), "sources": JSON(entry.sources),
                "strategy": .string(entry.strategy.rawValue),
                "feasible": .string(entry.decision.decision == .accept ? "yes" : "uncertain"),
                "confidence": .double(entry.confidence), "why": .string(entry.rationale),
            ]
        }
        let missing: [JSON] = plan.unmappedTargets.map { target in
            [
                "target": .string(target.name), "sources": [], "strategy": "none",
                "feasible": .string(target.isRequired ? "no" : "left empty"), "confidence": 0.0,
                "why": .string(
                    target.isRequired ? "It is required and has no source." : "It has no source and needs none."),
            ]
        }
        return .array(mapped + missing)
    }
}

extension TargetTable {
    func column(_ name: String) -> Column? { columns.first { $0.name == name } }
}
