public import SluiceSDK

/// What becomes of each normalised parameter at one provider: the source of the matrix in docs/providers.md.
///
/// Adapters build their requests from `plan`, so what the matrix says is what they do.
public struct ParameterTable: Equatable, Sendable {
    public enum Name: String, CaseIterable, Sendable {
        case system, temperature
        case topP = "top_p"
        case stop
        case maxTokens = "max_tokens"
        case seed, schema, tier, stream
        case contextTokens = "context_tokens"
    }

    public enum Rule: Equatable, Sendable {
        /// Sent as it is, under the provider's name for it.
        case passed(as: String)
        /// Sent in another form, or done here when `as` is empty; `how` for a reader, such as `halved: 0–1`.
        case mapped(as: String, how: String)
        /// Not sent; the answer says so.
        case dropped(why: String)
        /// The request fails with DETERMINISTIC_FAILURE before anything is sent.
        case refused(why: String)
    }

    /// Models, or a way of asking, for which some rules differ.
    public struct Variant: Equatable, Sendable {
        /// For a reader, such as `reasoning models`.
        public let name: String
        public let rules: [Name: Rule]
        /// nil: as in the table.
        public let stopLimit: Int?

        public init(_ name: String, _ rules: [Name: Rule], stopLimit: Int? = nil) {
            self.name = name
            self.rules = rules
            self.stopLimit = stopLimit
        }
    }

    public let rules: [Name: Rule]
    /// Stop sequences that the provider takes; more are refused.
    public let stopLimit: Int
    public let variants: [Variant]

    public init(_ rules: [Name: Rule], stopLimit: Int, variants: [Variant] = []) {
        self.rules = rules
        self.stopLimit = stopLimit
        self.variants = variants
    }

    /// The rule for a parameter; what no rule names is refused.
    public func rule(_ name: Name, variant: Variant? = nil) -> Rule {
        variant?.rules[name] ?? rules[name] ?? .refused(why: "this provider has no such parameter")
    }

    /// What becomes of what a request asks for.
    ///
    /// - Throws: DETERMINISTIC_FAILURE with reason `parameter_refused` and the parameter's name.
    public func plan(_ request: ChatRequest, variants: [Variant] = []) throws(Failure) -> ParameterPlan {
        var treatments: [String: ChatAnswer.Treatment] = [:]
        var fields: [Name: String] = [:]
        for name in Name.allCases where name.isAsked(in: request) {
            let variant = variants.last { $0.rules[name] != nil }
            switch rule(name, variant: variant) {
            case .passed(let field):
                treatments[name.rawValue] = .passed
                fields[name] = field
            case .mapped(let field, _):
                treatments[name.rawValue] = .mapped
                fields[name] = field
            case .dropped: treatments[name.rawValue] = .dropped
            case .refused(let why): throw .refused(name, why)
            }
        }
        let limit = variants.compactMap(\.stopLimit).last ?? stopLimit
        if fields[.stop] != nil, request.stop.count > limit {
            throw .refused(.stop, "at most \(limit) stop sequences are taken")
        }
        return ParameterPlan(treatments: treatments, fields: fields)
    }
}

extension ParameterTable {
    /// For `describe`: each parameter's rule in words, and the rules that differ by variant.
    public var json: JSONObject {
        func words(_ rules: [Name: Rule]) -> JSONObject {
            var object = JSONObject()
            for name in Name.allCases { object[name.rawValue] = rules[name].map { .string($0.description) } }
            return object
        }
        var object = JSONObject()
        object["parameters"] = .object(words(rules))
        object["stop_limit"] = .int(Int64(stopLimit))
        if !variants.isEmpty {
            object["variants"] = .object(
                variants.reduce(into: JSONObject()) { $0[$1.name] = .object(words($1.rules)) })
        }
        return object
    }
}

extension ParameterTable.Rule: CustomStringConvertible {
    /// As the matrix and `describe` say it.
    public var description: String {
        switch self {
        case .passed(let field): "passed: `\(field)`"
        case .mapped(let field, let how): field.isEmpty ? "mapped: \(how)" : "mapped: `\(field)`, \(how)"
        case .dropped(let why): "dropped: \(why)"
        case .refused(let why): "refused: \(why)"
        }
    }
}

/// What is sent of a request, and what the answer says about it.
public struct ParameterPlan: Equatable, Sendable {
    /// By the names of the matrix: of everything that was asked for.
    public let treatments: [String: ChatAnswer.Treatment]
    fileprivate let fields: [ParameterTable.Name: String]

    /// The provider's name for a parameter that was asked for and is sent; nil for all others.
    public func field(_ name: ParameterTable.Name) -> String? {
        guard let field = fields[name], !field.isEmpty else { return nil }
        return field
    }

    /// Whether a parameter is not sent, because the adapter does its work: mapped to nothing.
    public func isDoneHere(_ name: ParameterTable.Name) -> Bool { fields[name] == "" }
}

extension ParameterTable.Name {
    fileprivate func isAsked(in request: ChatRequest) -> Bool {
        switch self {
        case .system: request.messages.contains { $0.role == .system }
        case .temperature: request.temperature != nil
        case .topP: request.topP != nil
        case .stop: !request.stop.isEmpty
        case .maxTokens: request.maxTokens != nil
        case .seed: request.seed != nil
        case .schema: request.schema != nil
        case .tier: request.tier != .standard
        case .stream: request.stream
        case .contextTokens: request.contextTokens != nil
        }
    }
}

extension Failure {
    /// A parameter that this provider or model cannot take; nothing was sent.
    public static func refused(_ name: ParameterTable.Name, _ why: String) -> Failure {
        Failure(
            .deterministicFailure, scope: .model, reason: "parameter_refused",
            message: "\(name.rawValue): \(why). Leave it out, or choose another model.")
    }
}
