internal import Columnar
public import Foundations

/// One pipeline of the Transform DSL: ordered steps that make one target column (ROADMAP §11, §35).
///
/// JSON form: `{"target":"full_name","steps":[{"op":"trim","in":["first_name"],"as":"t1"},…],"result":"t3"}`.
/// Steps name what they make, so that a plan is a small graph; a name that no step makes is an input column.
/// A plan without steps is the identity. A value of this type keeps every rule that needs no schema.
public struct Plan: Sendable, Equatable {
    public let target: String
    public let steps: [Step]
    /// A step's name, or the input column when there are no steps.
    public let result: String

    /// Most steps of a plan.
    public static let maximumSteps = 64
    /// Most inputs of a step, and most input columns of a plan.
    public static let maximumInputs = 16
    /// How often values of input columns may occur in one value: what bounds the growth of the output.
    public static let maximumPieces = 256

    /// Only the parser makes plans, so that there is none that breaks a rule.
    init(target: String, steps: [Step], result: String) {
        self.target = target
        self.steps = steps
        self.result = result
    }

    /// The plan that copies an input column.
    public static func identity(target: String, input: String) -> Plan {
        Plan(target: target, steps: [], result: input)
    }

    /// The input columns, in the order in which they are first used.
    public var inputs: [String] {
        guard !steps.isEmpty else { return [result] }
        var seen = Set(steps.map(\.name))
        var inputs: [String] = []
        for step in steps { for name in step.names where seen.insert(name).inserted { inputs.append(name) } }
        return inputs
    }

    /// Defaults are left out, so that an argument that is added later does not change the hash of older plans.
    public var json: JSON {
        ["target": .string(target), "steps": .array(steps.map(\.json)), "result": .string(result)]
    }

    /// SHA-256 of the canonical JSON: what Mapping Plans and caches name a plan by.
    public var hash: SHA256.Digest { json.canonicalHash }
}

/// One step of a plan: an op, what it takes, and the name of what it makes.
public struct Step: Sendable, Equatable {
    /// What happens to a row for which the op has no value.
    public enum ErrorRule: String, Sendable, CaseIterable {
        /// The row is reported, to be quarantined. The default.
        case quarantine
        /// The value is null and nothing is reported.
        case null
    }

    /// What a step takes.
    public enum Input: Sendable, Hashable {
        /// An input column or an earlier step.
        case name(String)
        /// A number that stands in the plan; safe_math alone.
        case integer(Int64)
        case decimal(DecimalLiteral)

        public var name: String? { if case .name(let name) = self { name } else { nil } }

        var json: JSON {
            switch self {
            case .name(let name): .string(name)
            case .integer(let value): .int(value)
            case .decimal(let literal): ["decimal": .string(literal.text)]
            }
        }
    }

    public let operation: Operation
    public let inputs: [Input]
    public let name: String
    public let onError: ErrorRule

    init(operation: Operation, inputs: [Input], name: String, onError: ErrorRule) {
        self.operation = operation
        self.inputs = inputs
        self.name = name
        // An op that cannot fail has one form.
        self.onError = operation.canFail ? onError : .quarantine
    }

    /// The columns and steps that it takes, in order.
    public var names: [String] { inputs.compactMap(\.name) }

    public var json: JSON {
        var members = operation.arguments
        members["op"] = .string(operation.name)
        members["in"] = .array(inputs.map(\.json))
        members["as"] = .string(name)
        if onError != .quarantine { members["on_error"] = .string(onError.rawValue) }
        return .object(members)
    }
}
