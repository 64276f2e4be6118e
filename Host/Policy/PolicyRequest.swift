public import Contracts

extension PolicyEngine {
    /// What somebody wants to do.
    public struct Request: Sendable, Equatable {
        public var actor: RunContract.Actor
        public var action: Action
        /// The run's mode; nil for what belongs to no run.
        public var mode: Mode?
        /// The run's lane; no rule of this version looks at it, and a decision is made anew when it changes.
        public var lane: Lane?
        /// What is acted upon; for the actions whose `resources` are not empty it is one of them.
        public var resource: String?
        /// The classes of the values that go along. None is `unknown`.
        public var dataClasses: Set<DataClass>
        /// Where they go, for `callProvider`.
        public var destination: Destination?
        public var budgets: [Budget]
        public var flags: Flags

        public init(
            actor: RunContract.Actor, action: Action, mode: Mode? = nil, provider: String? = nil, lane: Lane? = nil,
            resource: String? = nil, dataClasses: Set<DataClass> = [], destination: Destination? = nil,
            budgets: [Budget] = [], flags: Flags = Flags()
        ) {
            self.actor = actor
            self.action = action
            self.mode = mode
            self.lane = lane
            self.resource = resource
            self.dataClasses = dataClasses
            self.destination = destination ?? provider.map { Destination(provider: $0) }
            self.budgets = budgets
            self.flags = flags
        }

        /// A provider's tag, for `callProvider`.
        public var provider: String? { destination?.provider }
    }

    /// Where data goes.
    public struct Destination: Sendable, Equatable {
        /// As policy names it; nil when none is named.
        public var provider: String?
        /// The server that is asked; nil when there is none, or it is not known yet.
        public var origin: Origin?
        /// Whether nothing leaves the host and its private network: see `PolicyEngine.isLocal`.
        public var isLocal: Bool

        public init(provider: String?, origin: Origin? = nil, isLocal: Bool = false) {
            self.provider = provider
            self.origin = origin
            self.isLocal = isLocal
        }
    }

    /// What a step would spend. All figures are of one kind: tokens, US dollars, rows or bytes.
    public struct Budget: Sendable, Equatable {
        public enum Kind: String, Sendable, CaseIterable { case tokens, usd, rows, bytes }

        public var kind: Kind
        public var asked: Double
        public var spent: Double
        /// The contract's; the Policy Manifest's holds as well.
        public var cap: Double

        public init(_ kind: Kind, asked: Double, spent: Double = 0, cap: Double = .infinity) {
            self.kind = kind
            self.asked = asked
            self.spent = spent
            self.cap = cap
        }
    }

    /// What goes with a request besides.
    public struct Flags: Sendable, Equatable {
        /// The contract's `pii_policy.local_only_override`.
        public var localOnlyOverride: Bool
        /// Whether a person said yes to this step.
        public var humanConfirmed: Bool
        /// Why, in the actor's words.
        public var reason: String?

        public init(localOnlyOverride: Bool = false, humanConfirmed: Bool = false, reason: String? = nil) {
            self.localOnlyOverride = localOnlyOverride
            self.humanConfirmed = humanConfirmed
            self.reason = reason
        }
    }

    /// A request in the words of the outside, which may be wrong.
    public struct RawRequest: Sendable, Equatable {
        public var user = "somebody"
        public var role: String
        public var action: String
        public var mode: String?
        public var lane: String?
        public var resource: String?
        public var dataClasses: [String] = []
        public var provider: String?
        public var origin: String?
        public var isLocal = false
        public var budgets: [Budget] = []
        public var flags = Flags()

        public init(role: String, action: String) {
            self.role = role
            self.action = action
        }
    }

    /// What was decided.
    public enum Verdict: String, Sendable, CaseIterable {
        case deny
        /// What is shown or handed over went through the masker.
        case allowWithMasking = "allow-with-masking"
        case allow
    }

    /// The rule that decided.
    public struct Rule: Sendable, Hashable, CustomStringConvertible {
        /// Stable, such as `rbac.create_run.Viewer`; docs/policy.md lists them.
        public let id: String
        public let words: String

        public init(_ id: String, _ words: String) {
            self.id = id
            self.words = words
        }

        public var description: String { words }
    }

    /// Yes or no, and the rule that decided.
    public struct Decision: Sendable, Equatable {
        public let verdict: Verdict
        public let rule: Rule

        /// Whether it is any kind of yes.
        public var isAllowed: Bool { verdict != .deny }

        static func deny(_ id: String, _ words: String) -> Decision { Decision(verdict: .deny, rule: Rule(id, words)) }
    }
}
