public import Columnar
public import Foundations

/// Plans that were type-checked against one schema, as one graph: what the executor and every emitter start from.
///
/// Steps of all plans that compute the same are one node. A node stands behind all nodes that it takes.
public struct TypedProgram: Sendable {
    /// Where a value comes from.
    public enum Source: Sendable, Hashable {
        /// A place in `inputs`.
        case column(Int)
        /// A place in `nodes`.
        case node(Int)
        case integer(Int64)
        case decimal(DecimalLiteral)
    }

    /// A step of a plan, by its places.
    public struct StepPlace: Sendable, Hashable {
        public let plan: Int
        public let step: Int
    }

    /// One computation.
    public struct Node: Sendable {
        public let operation: Operation
        public let sources: [Source]
        /// The types of the sources.
        public let sourceTypes: [ColumnType]
        public let type: ColumnType
        /// The steps that report a row for which it has no value, in order of (plan, step). Empty: nobody does, the
        /// value is null.
        public internal(set) var reports: [StepPlace]
    }

    /// One target column.
    public struct Output: Sendable {
        public let target: String
        public let source: Source
        public let type: ColumnType
    }

    /// The schema that the program reads; columns that no plan uses are among them.
    public let inputs: Schema
    public let plans: [Plan]
    public private(set) var nodes: [Node] = []
    /// One a plan, in order.
    public private(set) var outputs: [Output] = []

    /// Most plans of a document; a mapping has as many as its table has columns.
    public static let maximumPlans = 512
    /// Most steps with a pattern in all plans of a document.
    public static let maximumPatterns = 512

    /// - Throws: `SluiceError` of kind `dsl.rejected` with the JSON pointer and the nearest allowed form, also when two
    ///   plans have one target.
    public init(_ plans: [Plan], inputs: Schema) throws(SluiceError) { try self.init(plans, inputs: inputs, at: nil) }

    /// - Parameter base: pointer of the array of plans in their document.
    init(_ plans: [Plan], inputs: Schema, at base: String?) throws(SluiceError) {
        self.inputs = inputs
        self.plans = plans
        var known: [Key: Int] = [:]
        var targets: Set<String> = []
        for (number, plan) in plans.enumerated() {
            let pointer = base.map { "\($0)/\(number)" } ?? ""
            guard targets.insert(plan.target).inserted else {
                throw Rejection.error(
                    plan.target, pointer + "/target", "another plan makes this column already",
                    allowed: "Keep one plan a column."
                )
            }
            try add(plan, number, &known, at: pointer)
        }
        dropUnused()
    }

    /// Equal for steps that compute the same. Texts count byte by byte here: Swift's own equality of strings takes two
    /// spellings of one letter for equal.
    private struct Key: Hashable {
        let operation: [UInt8]
        let sources: [Source]

        init(_ operation: Operation, _ sources: [Source]) {
            self.operation = Array(operation.name.utf8) + JSON.object(operation.arguments).canonicalBytes
            self.sources = sources
        }
    }

    private mutating func add(
        _ plan: Plan, _ number: Int, _ known: inout [Key: Int], at pointer: String
    ) throws(SluiceError) {
        let (types, type) = try plan.checked(inputs: inputs, at: pointer)
        let columns = Dictionary(
            inputs.fields.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        var made: [String: Source] = [:]
        func source(_ name: String) -> Source? { made[name] ?? columns[name].map { .column($0) } }
        for (place, step) in plan.steps.enumerated() {
            var sources: [Source] = []
            var sourceTypes: [ColumnType] = []
            for input in step.inputs {
                switch input {
                case .name(let name):
                    // The type check has just found every name.
                    guard let found = source(name), let type = types[name] else { continue }
                    sources.append(found)
                    sourceTypes.append(type)
                case .integer(let value):
                    sources.append(.integer(value))
                    sourceTypes.append(.int64)
                case .decimal(let literal):
                    sources.append(.decimal(literal))
                    sourceTypes.append(literal.type)
                }
            }
            guard let stepType = types[step.name] else { continue }
            // A cast to the type that is there changes nothing.
            if case .typeCast(let cast) = step.operation, sourceTypes == [cast.type] {
                made[step.name] = sources[0]
                continue
            }
            let key = Key(step.operation, sources)
            let node = known[key] ?? nodes.count
            if node == nodes.count {
                known[key] = node
                nodes.append(
                    Node(
                        operation: step.operation, sources: sources, sourceTypes: sourceTypes, type: stepType,
                        reports: []))
            }
            if step.operation.canFail, step.onError == .quarantine {
                nodes[node].reports.append(StepPlace(plan: number, step: place))
            }
            made[step.name] = .node(node)
        }
        guard let result = source(plan.result) else { return }
        outputs.append(Output(target: plan.target, source: result, type: type))
    }

    /// Removes nodes that no output needs and that report nothing.
    private mutating func dropUnused() {
        var needed = Array(repeating: false, count: nodes.count)
        for case .node(let node) in outputs.map(\.source) { needed[node] = true }
        for place in nodes.indices.reversed() where needed[place] || !nodes[place].reports.isEmpty {
            needed[place] = true
            for case .node(let node) in nodes[place].sources { needed[node] = true }
        }
        var places = Array(repeating: 0, count: nodes.count)
        var kept: [Node] = []
        func moved(_ source: Source) -> Source {
            if case .node(let node) = source { .node(places[node]) } else { source }
        }
        for (place, node) in nodes.enumerated() where needed[place] {
            places[place] = kept.count
            kept.append(
                Node(
                    operation: node.operation, sources: node.sources.map(moved), sourceTypes: node.sourceTypes,
                    type: node.type, reports: node.reports))
        }
        nodes = kept
        outputs = outputs.map { Output(target: $0.target, source: moved($0.source), type: $0.type) }
    }
}
