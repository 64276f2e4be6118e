public import Contracts
public import Foundations

/// The one place that says yes or no. Pure: the same request gives the same decision.
///
/// Source: ROADMAP §§3, 6, 32; docs/policy.md. An unknown role, action, class or provider is denied.
public struct PolicyEngine: Sendable {
    public let manifest: PolicyManifest

    /// What is known of the registry of plugins; nil where no plugin is looked at.
    public let routes: ProviderRoutes?

    public init(manifest: PolicyManifest, routes: ProviderRoutes? = nil) {
        self.manifest = manifest
        self.routes = routes
    }

    /// The same policy over a registry of plugins.
    public func with(routes: ProviderRoutes) -> PolicyEngine { PolicyEngine(manifest: manifest, routes: routes) }

    public func decide(_ request: Request) -> Decision {
        let decision: Decision
        switch request.action.governance {
        case .right(let right): decision = self.right(right, request)
        case .capability(let capability, let needed):
            decision = step(request) ?? self.capability(capability, needed, request)
        case .provider: decision = step(request) ?? provider(request)
        }
        guard decision.isAllowed else { return decision }
        if let missing = condition(request) { return missing }
        if let over = refusal(of: request.budgets) { return Decision(verdict: .deny, rule: over) }
        return decision
    }

    /// The same over words of the outside: what is not known is denied.
    public func decide(_ raw: RawRequest) -> Decision {
        func unknown(_ what: String, _ word: String) -> Decision {
            .deny("\(what).unknown", "\(what): \(word.debugDescription) is not known")
        }
        guard let role = Role(rawValue: raw.role) else { return unknown("role", raw.role) }
        guard let action = Action(rawValue: raw.action) else { return unknown("action", raw.action) }
        var request = Request(
            actor: RunContract.Actor(userID: raw.user, role: role), action: action, resource: raw.resource,
            budgets: raw.budgets, flags: raw.flags)
        if let word = raw.mode {
            guard let mode = Mode(rawValue: word) else { return unknown("mode", word) }
            request.mode = mode
        }
        if let word = raw.lane {
            guard let lane = Lane(rawValue: word) else { return unknown("lane", word) }
            request.lane = lane
        }
        for word in raw.dataClasses {
            guard let dataClass = DataClass(rawValue: word) else { return unknown("class", word) }
            request.dataClasses.insert(dataClass)
        }
        if raw.provider != nil || raw.origin != nil {
            var destination = Destination(provider: raw.provider, isLocal: raw.isLocal)
            if let word = raw.origin {
                guard let origin = Origin(word) else { return unknown("origin", word) }
                destination.origin = origin
            }
            request.destination = destination
        }
        return decide(request)
    }

    /// The same over two words; `decide(role: "Root", action: "fly")` is a no.
    public func decide(role: String, action: String, mode: String? = nil, provider: String? = nil) -> Decision {
        var raw = RawRequest(role: role, action: action)
        raw.mode = mode
        raw.provider = provider
        return decide(raw)
    }

    /// The proof of a yes.
    ///
    /// - Throws: `policy.denied`, `policy.mode`, `policy.budget` or `policy.jurisdiction`, with the rule that decided.
    public func permit(_ request: Request) throws(SluiceError) -> Permit {
        let decision = decide(request)
        guard decision.isAllowed else {
            let group = decision.rule.id.prefix { $0 != "." }
            let kind: ErrorKind =
                switch group {
                case "capability", "mode", "resource": .policyMode
                case "budget": .policyBudget
                case "jurisdiction": .policyJurisdiction
                default: .policyDenied
                }
            throw SluiceError(kind, "\(request.actor.userID) may not \(request.action.rawValue) (\(decision.rule)).")
        }
        return Permit(
            action: request.action, actor: request.actor.userID, rule: decision.rule.words, ruleID: decision.rule.id,
            verdict: decision.verdict, policyVersion: manifest.reference,
            dataClasses: request.dataClasses.isEmpty ? [.unknown] : request.dataClasses)
    }

    // MARK: What decides

    /// A right of ROADMAP §32.
    private func right(_ right: String, _ request: Request) -> Decision {
        let role = request.actor.role
        let granted = manifest.rights[role]?.contains(right) ?? false
        return Decision(
            verdict: granted ? (request.action.isMasked ? .allowWithMasking : .allow) : .deny,
            rule: Rule(
                "rbac.\(right).\(role.rawValue)",
                "rbac: \(role.rawValue) \(granted ? "may" : "may not") \(right)"))
    }

    /// A step of a run is taken in the name of somebody who may create one; nil when the actor may.
    private func step(_ request: Request) -> Decision? {
        let decision = right(Action.createRun.rawValue, request)
        return decision.isAllowed ? nil : decision
    }

    /// A capability of ROADMAP §3.
    private func capability(_ capability: Capability, _ needed: Governance.Needed, _ request: Request) -> Decision {
        let action = request.action.rawValue
        guard let mode = request.mode else { return .deny("mode.none", "mode: none is named for \(action)") }
        let value: String
        switch needed {
        case .value(let fixed): value = fixed
        case .resource, .resourceOf:
            let known = request.action.resources
            var named = request.resource
            if case .resourceOf(_, let standard) = needed, named == nil { named = standard }
            guard let named, known.contains(named) else {
                return .deny(
                    "resource.unknown",
                    "resource: \(action) needs one of \(known.joined(separator: ", "))"
                        + (named.map { ", not \($0.debugDescription)" } ?? ""))
            }
            value = named
        }
        let granted = manifest.grants[mode]?[capability]?.contains(value) ?? false
        let what = value == "yes" ? capability.rawValue : "\(capability.rawValue) \(value)"
        return Decision(
            verdict: granted ? (request.action.isMasked ? .allowWithMasking : .allow) : .deny,
            rule: Rule(
                "capability.\(capability.rawValue).\(mode.rawValue)",
                "mode: \(mode.rawValue) \(granted ? "allows" : "does not allow") \(action) (capability \(what))"))
    }

    /// What an action needs besides its table; nil when it is there.
    private func condition(_ request: Request) -> Decision? {
        switch request.action {
        case .viewPIIUnmasked:
            let reason = request.flags.reason ?? ""
            guard reason.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
                return .deny("reason.view_pii_unmasked", "unmasked values are shown for a reason, and none is given")
            }
        case .writeTarget:
            let approves = right(Action.approveDestructive.rawValue, request)
            guard request.flags.humanConfirmed || approves.isAllowed else {
                return .deny(
                    "confirm.write_target", "nobody confirmed the writing, and \(approves.rule.words)")
            }
        default: break
        }
        return nil
    }

    /// The first budget that the request would exceed; nil when there is none.
    public func refusal(of budgets: [Budget]) -> Rule? {
        for budget in budgets {
            let name = budget.kind.rawValue
            let figures = [budget.asked, budget.spent, budget.cap]
            guard figures.allSatisfy({ $0 >= 0 }) else {
                return Rule("budget.\(name)", "budget \(name): a figure is negative or no number")
            }
            let most: Double =
                switch budget.kind {
                case .tokens: Double(manifest.budgetCaps.tokens)
                case .usd: manifest.budgetCaps.usd
                case .rows: Double(manifest.sampleRowsMax)
                case .bytes: Double(manifest.sampleBytesMax)
                }
            let cap = min(budget.cap, most)
            guard budget.asked + budget.spent <= cap else {
                return Rule(
                    "budget.\(name)",
                    "budget \(name): \(JSON.ecmaScript(budget.asked)) more than \(JSON.ecmaScript(budget.spent)) is over"
                        + " \(JSON.ecmaScript(cap))")
            }
        }
        return nil
    }

    /// Checks what a contract asks for against manifest and caller, before anything is read.
    ///
    /// - Parameter authenticated: who calls, with the role that authentication gave.
    public func admit(_ contract: RunContract, authenticated: RunContract.Actor) throws(SluiceError) -> Permit {
        guard contract.actor.role <= authenticated.role else {
            throw SluiceError(
                .policyRole,
                "The contract claims \(contract.actor.role.rawValue); \(authenticated.userID) is \(authenticated.role.rawValue)."
            )
        }
        let permit = try permit(Request(actor: contract.actor, action: .createRun, mode: contract.mode))
        guard contract.maskBeforeSend else {
            throw SluiceError(.policyMasking, "pii_policy.mask_before_send is false; masking cannot be switched off.")
        }
        if contract.mode == .dataMode, !contract.humanConfirmRequired {
            // Nobody will be asked before rows are written: the actor must be one who could have said yes.
            _ = try self.permit(Request(actor: contract.actor, action: .approveDestructive, mode: contract.mode))
        }
        if contract.localOnlyOverride {
            let toggled = decide(Request(actor: contract.actor, action: .toggleLocalOnlyOverride))
            guard mayOverride(contract.actor.role) else {
                throw SluiceError(.policyDenied, "local_only_override needs a Maintainer (\(toggled.rule)).")
            }
        }
        if let caps = contract.sampleCaps,
            caps.rowsMax > manifest.sampleRowsMax || caps.bytesMax > manifest.sampleBytesMax
        {
            throw SluiceError(
                .policyDenied,
                "sample_caps exceed the manifest's: at most \(manifest.sampleRowsMax) rows and \(manifest.sampleBytesMax) bytes."
            )
        }
        return permit
    }

    /// The role of an operating system user in a home.
    public func role(user: String, ownsHome: Bool) -> Role {
        ownsHome ? .admin : manifest.users[user] ?? .viewer
    }
}
