public import Columnar
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
        for step in steps { for name in step.inputs where seen.insert(name).inserted { inputs.append(name) } }
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

    public let operation: Operation
    public let inputs: [String]
    public let name: String
    public let onError: ErrorRule

    init(operation: Operation, inputs: [String], name: String, onError: ErrorRule) {
        self.operation = operation
        self.inputs = inputs
        self.name = name
        // An op that cannot fail has one form.
        self.onError = operation.canFail ? onError : .quarantine
    }

    public var json: JSON {
        var members = operation.arguments
        members["op"] = .string(operation.name)
        members["in"] = JSON(inputs)
        members["as"] = .string(name)
        if onError != .quarantine { members["on_error"] = .string(onError.rawValue) }
        return .object(members)
    }
}

/// An op with its arguments. Null gives null in every op, and an empty text is not null.
public enum Operation: Sendable, Equatable {
    /// What `concat` makes of nulls.
    public enum NullRule: String, Sendable, CaseIterable {
        /// A null among the inputs makes the result null. The default.
        case propagate
        /// Nulls are left out together with their separator; only nulls make null.
        case skip
    }

    /// What an empty text is where another type is to be made of it.
    public enum EmptyRule: String, Sendable, CaseIterable {
        /// Null. The default.
        case null
        /// An error of reason EMPTY.
        case error
    }

    /// No white space at either end.
    case trim
    /// Every run of white space is one U+0020; the ends are trim's.
    case collapseWhitespace
    /// One-to-one by the pinned case table.
    case changeCase(LetterCase)
    /// The texts in order, with a separator between them.
    case concat(separator: String, nulls: NullRule)
    /// Another type, through an anchored guard, without loss.
    case typeCast(to: ColumnType, empty: EmptyRule)
    /// A date or timestamp by the first of the patterns that fits.
    case dateParse([DatePattern], to: ColumnType, empty: EmptyRule)

    /// The twelve ops of the DSL.
    public static let names = [
        "trim", "case", "collapse_whitespace", "regex_extract", "regex_split", "concat", "map_dict", "unit_convert",
        "date_parse", "date_format", "type_cast", "safe_math",
    ]

    /// Those that this version executes.
    public static let executableNames = ["trim", "case", "collapse_whitespace", "concat", "date_parse", "type_cast"]

    /// Types that steps take and make.
    static let types: [ColumnType] = [.text, .int64, .float64, .bool, .date, .timestamp]

    public var name: String {
        switch self {
        case .trim: "trim"
        case .collapseWhitespace: "collapse_whitespace"
        case .changeCase: "case"
        case .concat: "concat"
        case .typeCast: "type_cast"
        case .dateParse: "date_parse"
        }
    }

    /// Whether there are values that the op has no result for.
    public var canFail: Bool {
        switch self {
        case .trim, .collapseWhitespace, .changeCase, .concat: false
        case .typeCast, .dateParse: true
        }
    }

    /// The arguments that are not the default.
    var arguments: [String: JSON] {
        var members: [String: JSON] = [:]
        switch self {
        case .trim, .collapseWhitespace: break
        case .changeCase(let letters): members["to"] = .string(letters.rawValue)
        case .concat(let separator, let nulls):
            if !separator.isEmpty { members["separator"] = .string(separator) }
            if nulls != .propagate { members["nulls"] = .string(nulls.rawValue) }
        case .typeCast(let type, let empty):
            members["to"] = .string(type.name)
            if empty != .null { members["empty"] = .string(empty.rawValue) }
        case .dateParse(let formats, let type, let empty):
            members["formats"] = JSON(formats.map(\.source))
            members["to"] = .string(type.name)
            if empty != .null { members["empty"] = .string(empty.rawValue) }
        }
        return members
    }
}
