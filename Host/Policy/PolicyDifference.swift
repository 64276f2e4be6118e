public import Contracts
public import Foundations

/// What a second Policy Manifest allows or denies that a first did not, cell by cell, and what else it changes.
public struct PolicyDifference: Sendable, Equatable {
    /// A cell that is decided otherwise.
    public struct Change: Sendable, Equatable {
        public enum Kind: String, Sendable {
            case nowAllowed = "now_allowed"
            case nowDenied = "now_denied"
            /// A yes before and after: with masking where there was none, the other way round, or by another rule.
            case otherwise = "changed"
        }

        public let kind: Kind
        /// As expectations write it: `Viewer create_run`.
        public let cell: String
        public let before: PolicyEngine.Decision
        public let after: PolicyEngine.Decision
    }

    public let from: String
    public let to: String
    public let changes: [Change]
    /// Values of the document that are others; lists are compared whole.
    public let settings: [JSONChange]

    public var isEmpty: Bool { changes.isEmpty && settings.isEmpty }

    /// Compares two manifests. Pure, as the decisions are.
    public init(from first: PolicyManifest, to second: PolicyManifest) {
        from = first.reference
        to = second.reference
        let (before, after) = (PolicyEngine(manifest: first), PolicyEngine(manifest: second))
        changes = Self.requests(first, second).compactMap { request in
            let (old, new) = (before.decide(request), after.decide(request))
            guard old.verdict != new.verdict || (old.isAllowed && old.rule.id != new.rule.id) else { return nil }
            let kind: Change.Kind =
                old.isAllowed == new.isAllowed ? .otherwise : new.isAllowed ? .nowAllowed : .nowDenied
            return Change(
                kind: kind,
                cell: PolicyMatrix.Cell(table: .rbac, request: request, decision: new).name, before: old, after: new)
        }
        settings = JSONDifference.changes(from: first.json, to: second.json)
    }

    /// Every role, action, mode and resource; every provider and origin that either names, with every class.
    private static func requests(_ first: PolicyManifest, _ second: PolicyManifest) -> [PolicyEngine.Request] {
        let flags = PolicyEngine.Flags(humanConfirmed: true, reason: "policy diff")
        var requests: [PolicyEngine.Request] = []
        for action in Action.allCases where action != .callProvider {
            let modes: [Mode?] = action.capability == nil ? [nil] : Mode.allCases
            let resources: [String?] = action.resources.isEmpty ? [nil] : action.resources
            for role in Role.allCases {
                for mode in modes {
                    for resource in resources {
                        requests.append(
                            PolicyEngine.Request(
                                actor: RunContract.Actor(userID: "somebody", role: role), action: action, mode: mode,
                                resource: resource, flags: flags))
                    }
                }
            }
        }
        // A step of a run needs create_run, which is told above: here the role is one that has it in either manifest.
        let runner = RunContract.Actor(
            userID: "somebody",
            role: Role.allCases.first { role in
                [first, second].allSatisfy { $0.rights[role]?.contains(Action.createRun.rawValue) == true }
            } ?? .admin)
        for destination in destinations(first, second) {
            for dataClass in DataClass.allCases {
                requests.append(
                    PolicyEngine.Request(
                        actor: runner, action: .callProvider, mode: .dataMode, dataClasses: [dataClass],
                        destination: destination, flags: flags))
            }
        }
        return requests
    }

    private static func destinations(_ first: PolicyManifest, _ second: PolicyManifest) -> [PolicyEngine.Destination] {
        let both = [first, second]
        let names = Set(both.flatMap { $0.providersAllowed + $0.providersDenied }).sorted()
        let pointed = both.flatMap { $0.providerEndpoints.values.flatMap { $0.values.map(\.origin) } }
        let origins = Set(both.flatMap { $0.egress.allowed + $0.egress.regions.keys } + pointed).sorted {
            $0.description < $1.description
        }
        return names.flatMap { name in
            [PolicyEngine.Destination(provider: name, isLocal: true)]
                + origins.map { PolicyEngine.Destination(provider: name, origin: $0, isLocal: false) }
        }
    }

    public var json: JSON {
        [
            "from": .string(from), "to": .string(to),
            "changes": .array(
                changes.map { change in
                    [
                        "kind": .string(change.kind.rawValue), "cell": .string(change.cell),
                        "before": Self.json(change.before), "after": Self.json(change.after),
                    ]
                }),
            "settings": .array(settings.map(\.json)),
        ]
    }

    private static func json(_ decision: PolicyEngine.Decision) -> JSON {
        [
            "verdict": .string(decision.verdict.rawValue), "rule_id": .string(decision.rule.id),
            "rule": .string(decision.rule.words),
        ]
    }
}
