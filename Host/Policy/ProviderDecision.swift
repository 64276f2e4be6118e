public import Contracts

extension PolicyEngine {
    /// About handing text to a provider: its lists, its server, the override, then the classes of data.
    func provider(_ request: Request) -> Decision {
        guard let destination = request.destination, let name = destination.provider else {
            return .deny("provider.none", "providers: none is named")
        }
        if let refused = refusal(ofProvider: name) { return .deny(refused.id, refused.words) }
        if let origin = destination.origin {
            let way = decide(egress: origin, declaredLocal: destination.isLocal, provider: name)
            guard way.isAllowed else { return way }
        }
        // What nobody named a class for may be anything.
        let classes = request.dataClasses.isEmpty ? [.unknown] : request.dataClasses.sorted()
        if let refused = jurisdiction(classes, destination) { return refused }
        if request.flags.localOnlyOverride, let decided = override(request, destination, classes) { return decided }
        return masked(classes, ofProvider: name)
    }

    /// Why policy does not let a provider be asked; nil when it does.
    func refusal(ofProvider name: String) -> Rule? {
        if ProviderName.isNamed(name, in: manifest.providersDenied) {
            return Rule("provider.deny_list", "providers: \(name) is on the deny list")
        }
        guard ProviderName.isNamed(name, in: manifest.providersAllowed) else {
            return Rule("provider.allow_list", "providers: \(name) is not on the allow list")
        }
        return nil
    }

    /// No, when a jurisdiction covers one of the classes and the destination is neither local nor in its regions.
    func jurisdiction(_ classes: [DataClass], _ destination: Destination) -> Decision? {
        guard !destination.isLocal else { return nil }
        for jurisdiction in manifest.jurisdictions {
            guard let covered = classes.first(where: jurisdiction.covers) else { continue }
            let region = destination.origin.flatMap { manifest.egress.regions[$0] }
            if let region, jurisdiction.regions.contains(region) { continue }
            let place = destination.origin.map(\.description) ?? destination.provider ?? "nowhere"
            return .deny(
                "jurisdiction.\(jurisdiction.name)",
                "jurisdiction \(jurisdiction.name): \(covered.rawValue) may not go to \(place), "
                    + (region.map { "which lies in \($0)" } ?? "whose region is not known"))
        }
        return nil
    }

    /// What becomes of a request that asks to send unmasked to a local provider; nil where the masker has its say anyway.
    private func override(_ request: Request, _ destination: Destination, _ classes: [DataClass]) -> Decision? {
        guard destination.isLocal else {
            return .deny(
                "local_only.destination",
                "local_only_override keeps to local providers, and \(destination.provider ?? "this one") is not")
        }
        guard mayOverride(request.actor.role) else {
            return .deny(
                "local_only.role", "local_only_override: \(request.actor.role.rawValue) may not switch it on")
        }
        guard request.mode == .dataMode, classes.allSatisfy(\.mayBeAllowed) else { return nil }
        // What is dropped is handed to nobody: the override switches masking off, not the dropping.
        guard classes.allSatisfy({ manifest.pii.action(for: $0) != .drop }) else { return nil }
        return Decision(
            verdict: .allow,
            rule: Rule("local_only.override", "local_only_override: \(destination.provider ?? "") is local"))
    }

    /// Whether a role may switch masking off for local providers: §32 and `local_only_override.roles` both say so.
    public func mayOverride(_ role: Role) -> Bool {
        manifest.rights[role]?.contains(Action.toggleLocalOnlyOverride.rawValue) == true
            && manifest.localOnlyOverrideRoles.contains(role)
    }

    /// A yes with masking; the class with the strictest action names the rule.
    private func masked(_ classes: [DataClass], ofProvider name: String) -> Decision {
        let strictest =
            classes.min { a, b in
                let (first, second) = (manifest.pii.action(for: a), manifest.pii.action(for: b))
                return first == second ? a < b : first < second
            } ?? .unknown
        let action = manifest.pii.action(for: strictest)
        return Decision(
            verdict: .allowWithMasking,
            rule: Rule(
                "pii.\(strictest.rawValue).\(action.rawValue)",
                "providers: \(name) is on the allow list; \(strictest.rawValue): \(action.rawValue)"))
    }

    /// A provider that could be asked.
    public struct Candidate: Sendable, Equatable {
        /// As policy names it.
        public let provider: String
        /// Whether nothing leaves the host and its private network.
        public let isLocal: Bool

        public init(provider: String, isLocal: Bool) {
            self.provider = provider
            self.isLocal = isLocal
        }
    }

    /// In which order providers are asked: local ones first when the data is personal (ROADMAP §15), else as given.
    ///
    /// - Parameter dataClasses: what would be sent; none is `unknown`, which counts as personal.
    /// - Returns: places in `candidates`, and the rule that ordered them.
    public func preference(of candidates: [Candidate], dataClasses: Set<DataClass>) -> (order: [Int], rule: Rule) {
        let classes = dataClasses.isEmpty ? [.unknown] : dataClasses.sorted()
        guard let personal = classes.first(where: { !manifest.pii.action(for: $0).opens }) else {
            return (
                Array(candidates.indices), Rule("preference.listed", "the data is open: in the order of the allow list")
            )
        }
        let local = candidates.indices.filter { candidates[$0].isLocal }
        let far = candidates.indices.filter { !candidates[$0].isLocal }
        return (
            local + far,
            Rule("preference.local_first", "\(personal.rawValue) is not open: local providers are asked first")
        )
    }
}
