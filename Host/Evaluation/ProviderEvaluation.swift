public import Conformance
public import Foundations

/// Puts every provider plugin into every situation of the catalogue and compares what comes of it.
///
/// No network: servers of this process on 127.0.0.1, plugins in their sandboxes, the host's broker between them.
public struct ProviderEvaluation {
    /// Called before each situation of a column: how far it is.
    public typealias Progress = (_ column: String, _ done: Int, _ of: Int) -> Void

    private let catalog: SituationCatalog

    public init(_ catalog: SituationCatalog) { self.catalog = catalog }

    /// - Parameters:
    ///   - subjects: plugins by id; a column without one is left out and named in the report.
    ///   - situations: ids, or beginnings of them; nil for all.
    ///   - errors: a file for the cells that are not what they must be, as JSON Lines with the requests that were made.
    /// - Throws: `usage` when no situation has such an id; `file.failed`.
    public func run(
        _ subjects: [String: Subject], situations names: [String]? = nil, errors: String? = nil,
        progress: Progress? = nil
    ) throws(SluiceError) -> ProviderReport {
        let situations = catalog.situations.filter { situation in
            names?.contains { situation.id.hasPrefix($0) } ?? true
        }
        guard !situations.isEmpty else {
            throw SluiceError(
                .usage, "No situation has an id that begins so.", hint: "docs/evaluation.md tells how they are named.")
        }
        let list: ErrorList? = if let errors { try ErrorList(errors) } else { nil }
        var cells: [String: [String: ProviderReport.Cell]] = [:]
        var missing: [String] = []
        for wire in catalog.wires {
            guard let subject = subjects[wire.plugin] else {
                missing.append(wire.name)
                continue
            }
            let trial = SituationTrial(subject, wire: wire)
            for (place, situation) in situations.enumerated() {
                progress?(wire.name, place, situations.count)
                guard let outcome = trial.outcome(situation) else {
                    cells[situation.id, default: [:]][wire.name] = .absent(wire.absence(situation) ?? "")
                    continue
                }
                cells[situation.id, default: [:]][wire.name] = .outcome(outcome)
                let different = outcome.differences(from: situation.expected)
                guard !different.isEmpty, let list else { continue }
                try list.add([
                    "situation": .string(situation.id), "about": .string(situation.about),
                    "adapter": .string(wire.name), "different": JSON(different),
                    "expected": situation.expected.json, "found": outcome.json,
                    "requests": .array(trial.recorded.map(\.json)),
                ])
            }
        }
        try list?.flush()
        let columns = catalog.wires.map(\.name).filter { !missing.contains($0) }
        return ProviderReport(
            columns: columns, missing: missing,
            rows: situations.map { situation in
                ProviderReport.Row(
                    id: situation.id, about: situation.about, expected: situation.expected,
                    cells: cells[situation.id] ?? [:])
            })
    }
}
