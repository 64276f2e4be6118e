public import Contracts
public import Foundations

/// The one place that says yes or no. Pure: the same request gives the same decision.
///
/// Source: ROADMAP §§3, 6, 32. An unknown role or action is denied.
public struct PolicyEngine: Sendable {
    /// What somebody wants to do.
    public struct Request: Sendable, Equatable {
        public let actor: RunContract.Actor
        public let action: Action
        /// The run's mode; nil for what belongs to no run.
        public let mode: Mode?
        /// A provider's tag, for `callProvider`.
        public let provider: String?

        public init(actor: RunContract.Actor, action: Action, mode: Mode? = nil, provider: String? = nil) {
            self.actor = actor
            self.action = action
            self.mode = mode
            self.provider = provider
        }
    }

    /// Yes or no, with the rule that decided, in words.
    public struct Decision: Sendable, Equatable {
        public let isAllowed: Bool
        public let rule: String
    }

    public let manifest: PolicyManifest

    public init(manifest: PolicyManifest) { self.manifest = manifest }

    public func decide(_ request: Request) -> Decision {
        switch request.action {
        case .viewArtifactsMasked, .viewPIIUnmasked, .createRun, .approveDestructive, .toggleLocalOnlyOverride,
            .editPolicyManifest, .promoteDomain, .releaseQuarantine, .manageProviderRegistry:
            let granted = manifest.rights[request.actor.role]?.contains(request.action.rawValue) ?? false
            return Decision(
                isAllowed: granted,
                rule: "rbac: \(request.actor.role.rawValue) \(granted ? "may" : "may not") \(request.action.rawValue)")
        case .sampleRows: return capability("row_samples", request) { $0.boolValue == true }
        case .migrate: return capability("migration", request) { $0.stringValue == "full" }
        case .callCheck: return capability("analysis_checks", request) { $0.arrayValue?.contains("nulls") == true }
        case .callProvider:
            guard let provider = request.provider else {
                return Decision(isAllowed: false, rule: "providers: none is named")
            }
            if ProviderName.isNamed(provider, in: manifest.providersDenied) {
                return Decision(isAllowed: false, rule: "providers: \(provider) is on the deny list")
            }
            let listed = ProviderName.isNamed(provider, in: manifest.providersAllowed)
            return Decision(
                isAllowed: listed, rule: "providers: \(provider) is \(listed ? "" : "not ")on the allow list")
        }
    }

    /// The proof of a yes.
    ///
    /// - Throws: `policy.denied` (or `policy.mode`) with the rule that decided.
    public func permit(_ request: Request) throws(SluiceError) -> Permit {
        let decision = decide(request)
        guard decision.isAllowed else {
            let kind: ErrorKind = decision.rule.hasPrefix("mode:") ? .policyMode : .policyDenied
            throw SluiceError(kind, "\(request.actor.userID) may not \(request.action.rawValue) (\(decision.rule)).")
        }
        return Permit(
            action: request.action, actor: request.actor.userID, rule: decision.rule,
            policyVersion: manifest.reference)
    }

    private func capability(_ name: String, _ request: Request, _ isGranted: (JSON) -> Bool) -> Decision {
        guard let mode = request.mode else { return Decision(isAllowed: false, rule: "mode: none is named") }
        let allowed = manifest.capabilities[mode]?[name].map(isGranted) ?? false
        return Decision(
            isAllowed: allowed,
            rule:
                "mode: \(mode.rawValue) \(allowed ? "allows" : "does not allow") \(request.action.rawValue) (capability \(name))"
        )
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
            guard toggled.isAllowed, manifest.localOnlyOverrideRoles.contains(contract.actor.role) else {
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
