internal import Columnar
internal import Foundations
internal import Transform

/// Writes one plan step by step. Steps are named `t1`, `t2`, … unless a column has such a name.
struct PlanBuilder {
    private let target: String
    private let prefix: String
    private var steps: [JSON] = []

    /// - Parameter columns: of the source; no step may have the name of one.
    init(target: String, columns: [String]) {
        self.target = target
        var prefix = "t"
        // Each round makes the prefix longer than some name, so that it ends.
        while columns.contains(where: { $0.hasPrefix(prefix) && $0.dropFirst(prefix.count).allSatisfy(\.isNumber) }) {
            prefix += "_"
        }
        self.prefix = prefix
    }

    /// Adds a step and returns the name of what it makes.
    mutating func add(_ op: String, _ inputs: [String], _ arguments: [String: JSON] = [:]) -> String {
        let name = "\(prefix)\(steps.count + 1)"
        var step = arguments
        step["op"] = .string(op)
        step["in"] = JSON(inputs)
        step["as"] = .string(name)
        steps.append(.object(step))
        return name
    }

    /// Adds the steps that leave out what carries no meaning.
    mutating func clean(_ input: String, _ cleaning: TextCleaning) -> String {
        switch cleaning {
        case .none: return input
        case .trim: return add("trim", [input])
        case .spaces: return add("collapse_whitespace", [add("trim", [input])])
        case .address: return add("case", [add("trim", [input])], ["to": "lower"])
        }
    }

    /// Adds a cast whose empty texts are errors where a value is needed.
    mutating func cast(_ input: String, to type: ColumnType, needsValue: Bool) -> String {
        var arguments: [String: JSON] = ["to": .string(type.name)]
        if needsValue { arguments["empty"] = "error" }
        return add("type_cast", [input], arguments)
    }

    /// Adds the reading of dates by patterns.
    mutating func parseDates(_ input: String, _ patterns: [String], to type: ColumnType, needsValue: Bool) -> String {
        var arguments: [String: JSON] = ["formats": JSON(patterns), "to": .string(type.name)]
        if needsValue { arguments["empty"] = "error" }
        return add("date_parse", [input], arguments)
    }

    /// The plan whose value is `result`, checked as every plan is.
    ///
    /// - Throws: `dsl.rejected`, for example when a column's name is longer than plans allow.
    func plan(result: String) throws(SluiceError) -> Plan {
        try Plan(json: ["target": .string(target), "steps": .array(steps), "result": .string(result)])
    }
}

/// What may be left out of a text without changing what it means.
enum TextCleaning: Sendable, Equatable {
    /// Nothing: the text is kept as it is.
    case none
    /// White space at the ends.
    case trim
    /// White space at the ends and how much of it stands between words.
    case spaces
    /// White space at the ends, and case: those of an e-mail address.
    case address

    /// By what the column means; text of an unknown meaning is kept as it is.
    static func of(_ domain: String?) -> TextCleaning {
        switch domain {
        case "person.first_name", "person.middle_name", "person.last_name", "person.full_name", "location.city": .spaces
        case "contact.email": .address
        case "contact.phone", "location.postal_code": .trim
        default: .none
        }
    }

    /// A sentence for the rationale; nil when nothing is done.
    var reason: String? {
        switch self {
        case .none: nil
        case .trim: "White space at the ends is dropped."
        case .spaces: "White space at the ends is dropped, and runs of it become one space."
        case .address: "White space at the ends is dropped, and letters become small."
        }
    }
}
