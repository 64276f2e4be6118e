public import Contracts
public import Foundations

/// Every cell that a policy decides: roles × actions, capabilities × modes, providers × classes of data.
public struct PolicyMatrix: Sendable {
    /// Which of the tables a cell stands in.
    public enum Table: String, Sendable, CaseIterable {
        /// ROADMAP §32.
        case rbac
        /// ROADMAP §3; the actor is the least one who may create a run.
        case capability
        /// Who may be sent what.
        case provider
    }

    /// A request, and the rule that decides it.
    public struct Cell: Sendable, Equatable {
        public let table: Table
        public let request: PolicyEngine.Request
        public let decision: PolicyEngine.Decision
    }

    /// Which cells are wanted; nil is any.
    public struct Filter: Sendable, Equatable {
        public var role: Role?
        public var action: Action?
        public var mode: Mode?
        public var provider: String?
        public var dataClass: DataClass?

        public init() {}

        var isEmpty: Bool { self == Filter() }
    }

    private let engine: PolicyEngine

    public init(_ engine: PolicyEngine) { self.engine = engine }

    /// The cells of both matrices and those of providers, in the order of the tables.
    ///
    /// Without a filter a capability has one row of cells, asked for by the least role that may create a run; with a role or
    /// an action every cell that fits is told.
    public func cells(_ filter: Filter = Filter()) -> [Cell] {
        requests(filter).map { table, request in
            Cell(table: table, request: request, decision: engine.decide(request))
        }
    }

    private func requests(_ filter: Filter) -> [(Table, PolicyEngine.Request)] {
        rights(filter) + capabilities(filter) + providers(filter)
    }

    /// The least role that may create a run; Admin where none may.
    private var runner: Role {
        Role.allCases.first { engine.manifest.rights[$0]?.contains(Action.createRun.rawValue) == true } ?? .admin
    }

    private func rights(_ filter: Filter) -> [(Table, PolicyEngine.Request)] {
        guard filter.mode == nil, filter.provider == nil, filter.dataClass == nil else { return [] }
        var requests: [(Table, PolicyEngine.Request)] = []
        for action in Action.allCases where filter.action.map({ $0 == action }) ?? true {
            guard case .right = action.governance else { continue }
            for role in Role.allCases where filter.role.map({ $0 == role }) ?? true {
                requests.append((.rbac, Self.request(role, action)))
            }
        }
        return requests
    }

    private func capabilities(_ filter: Filter) -> [(Table, PolicyEngine.Request)] {
        guard filter.provider == nil, filter.dataClass == nil else { return [] }
        var requests: [(Table, PolicyEngine.Request)] = []
        let roles = filter.role.map { [$0] } ?? (filter.action == nil ? [runner] : Role.allCases)
        for capability in Capability.allCases {
            for action in Action.allCases where filter.action.map({ $0 == action }) ?? true {
                guard action.capability == capability else { continue }
                for mode in Mode.allCases where filter.mode.map({ $0 == mode }) ?? true {
                    for resource in action.resources.isEmpty ? [nil] : action.resources.map(Optional.some) {
                        for role in roles {
                            var request = Self.request(role, action)
                            request.mode = mode
                            request.resource = resource
                            requests.append((.capability, request))
                        }
                    }
                }
            }
        }
        return requests
    }

    private func providers(_ filter: Filter) -> [(Table, PolicyEngine.Request)] {
        guard filter.action == nil || filter.action == .callProvider else { return [] }
        var names: [String] = []
        for name in engine.manifest.providersAllowed + engine.manifest.providersDenied where !names.contains(name) {
            names.append(name)
        }
        if let wanted = filter.provider { names = [wanted] }
        let roles = filter.role.map { [$0] } ?? [runner]
        let mode = filter.mode ?? .dataMode
        var requests: [(Table, PolicyEngine.Request)] = []
        for name in names {
            for dataClass in DataClass.allCases where filter.dataClass.map({ $0 == dataClass }) ?? true {
                for role in roles {
                    var request = Self.request(role, .callProvider)
                    request.mode = mode
                    request.dataClasses = [dataClass]
                    // Where its servers stand is the plugin's to say; here policy speaks of the provider itself.
                    request.destination = PolicyEngine.Destination(
                        provider: name, isLocal: ProviderName.plugin(name) == ProviderName.localPlugin)
                    requests.append((.provider, request))
                }
            }
        }
        return requests
    }

    /// A request that lacks nothing but what its table decides.
    private static func request(_ role: Role, _ action: Action) -> PolicyEngine.Request {
        PolicyEngine.Request(
            actor: RunContract.Actor(userID: "somebody", role: role), action: action,
            flags: PolicyEngine.Flags(humanConfirmed: true, reason: "policy explain"))
    }
}

extension PolicyEngine.Verdict {
    /// As expectations and tables write it.
    public var word: String {
        switch self {
        case .deny: "deny"
        case .allowWithMasking: "mask"
        case .allow: "allow"
        }
    }
}

extension PolicyMatrix.Cell {
    /// What tells two cells apart.
    public var name: String {
        var parts = [request.actor.role.rawValue, request.action.rawValue]
        if let mode = request.mode { parts.append("mode=\(mode.rawValue)") }
        if let resource = request.resource { parts.append("resource=\(resource)") }
        if let provider = request.provider { parts.append("provider=\(provider)") }
        if request.destination?.isLocal == true { parts.append("local") }
        if let origin = request.destination?.origin { parts.append("origin=\(origin)") }
        parts += request.dataClasses.sorted().map { "class=\($0.rawValue)" }
        return parts.joined(separator: " ")
    }

    public var json: JSON {
        .members([
            "table": .string(table.rawValue), "role": .string(request.actor.role.rawValue),
            "action": .string(request.action.rawValue), "capability": JSON(request.action.capability?.rawValue),
            "mode": JSON(request.mode?.rawValue), "resource": JSON(request.resource),
            "provider": JSON(request.provider), "class": JSON(request.dataClasses.sorted().first?.rawValue),
            "verdict": .string(decision.verdict.rawValue), "rule_id": .string(decision.rule.id),
            "rule": .string(decision.rule.words),
        ])
    }
}
