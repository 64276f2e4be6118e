internal import Columnar
internal import Foundations
internal import Transform

/// The pipelines of a Mapping Plan in the words of every engine (ROADMAP §35): for people, who may run them elsewhere.
///
/// What runs is the plan. A preview is made of it and read by nobody again.
enum CompiledPlans {
    /// Longest text that a plan carries, in bytes; a longer one is described.
    private static let maximumText = 64 << 10
    /// Longest value of a parameter; the case table and dictionaries are longer.
    private static let maximumValue = 256

    /// `{"sqlite":{"text","parameters":[…]},…,"spark":{"refused","marker"}}`; nil without pipelines, and for plans that do
    /// not go together, which is not for a preview to say.
    ///
    /// - Parameter relation: the source table's name, as the texts read it.
    static func json(_ plans: [Plan], inputs: Schema, relation: String) -> JSON? {
        guard !plans.isEmpty, let program = try? TypedProgram(plans, inputs: inputs) else { return nil }
        var engines: [String: JSON] = [:]
        for engine in Engine.allCases {
            do throws(Unsupported) {
                engines[engine.rawValue] = preview(
                    try Emitters.emit(program, for: engine, from: EmitSource(relation: [relation], row: "row_number")))
            } catch {
                engines[engine.rawValue] = [
                    "refused": .string(error.message), "marker": .string(error.marker.rawValue),
                ]
            }
        }
        return .object(engines)
    }

    private static func preview(_ query: EmittedQuery) -> JSON {
        guard query.text.utf8.count <= maximumText else {
            return ["bytes": JSON(query.text.utf8.count), "sha256": .string(SHA256.hash(query.text).hex)]
        }
        let parameters = query.parameters.map { parameter -> JSON in
            let value = parameter.value.canonicalJSON
            let bytes = value.canonicalBytes
            guard bytes.count > maximumValue else { return value }
            return ["bytes": JSON(bytes.count), "sha256": .string(SHA256.hash(bytes).hex)]
        }
        return ["text": .string(query.text), "parameters": .array(parameters)]
    }
}
