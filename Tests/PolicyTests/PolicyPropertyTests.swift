import Contracts
import Foundations
import Policy
import Testing

/// Over every role, action, mode, resource, flag, class and destination, against ROADMAP.md itself.
@Suite struct `No path grants what the tables forbid` {
    typealias Request = PolicyEngine.Request
    typealias Destination = PolicyEngine.Destination

    static let europe = Origin(scheme: .https, host: "api.example.eu", port: 443)
    static let elsewhere = Origin(scheme: .https, host: "api.example.org", port: 443)
    static let unplaced = Origin(scheme: .https, host: "nowhere.example", port: 443)

    /// A manifest with more to decide than the one that ships: far providers, regions, a jurisdiction.
    static func manifest(jurisdiction: Bool) throws -> PolicyManifest {
        try PolicyManifest(
            try shippedManifest()
                .with(["providers"], ["allow": ["local", "cloud", "both"], "deny": ["both"]])
                .with(["egress", "allow"], JSON([europe, elsewhere, unplaced].map(\.description)))
                .with(["egress", "regions"], ["https://api.example.eu": "eu", "https://api.example.org": "us"])
                .with(["jurisdictions", "eu", "enabled"], .bool(jurisdiction))
                .with(["pii", "classes", "contact.phone", "action"], "drop")
                .with(["pii", "classes", "organization.name", "action"], "allow"))
    }

    static let destinations: [Destination?] = [
        nil, Destination(provider: nil), Destination(provider: "local", isLocal: true), Destination(provider: "local"),
        Destination(provider: "cloud", origin: europe), Destination(provider: "cloud", origin: elsewhere),
        Destination(provider: "cloud", origin: unplaced), Destination(provider: "cloud"),
        Destination(provider: "cloud", origin: Origin(scheme: .https, host: "evil.example", port: 443)),
        Destination(provider: "both", isLocal: true), Destination(provider: "stranger", isLocal: true),
    ]

    static let flags: [PolicyEngine.Flags] = [false, true].flatMap { override in
        [false, true].flatMap { confirmed in
            [nil, "  ", "a complaint of the subject"].map { reason in
                PolicyEngine.Flags(localOnlyOverride: override, humanConfirmed: confirmed, reason: reason)
            }
        }
    }

    static let classes: [Set<DataClass>] =
        [[], [.contactEmail, .secret], [.contactEmail, .contactPhone]] + DataClass.allCases.map { [$0] }

    static func requests(_ tables: RoadmapTables) -> [Request] {
        var requests: [Request] = []
        for action in Action.allCases {
            let isProvider = action == .callProvider
            let resources: [String?] = [nil, "", "everything"] + tables.resources(of: action.rawValue)
            for role in Role.allCases {
                for mode in [nil] + Mode.allCases.map(Optional.some) {
                    for flags in flags {
                        for resource in isProvider ? [nil] : resources {
                            for classes in isProvider ? classes : [[.secret]] {
                                for destination in isProvider ? destinations : [nil] {
                                    requests.append(
                                        Request(
                                            actor: RunContract.Actor(userID: "ada", role: role), action: action,
                                            mode: mode, lane: .batch, resource: resource, dataClasses: classes,
                                            destination: destination, flags: flags))
                                }
                            }
                        }
                    }
                }
            }
        }
        return requests
    }

    /// What is left to forbid for a call of a provider that the role may make.
    static func allowsCall(_ request: Request, jurisdiction: Bool) -> Bool {
        guard let destination = request.destination, let provider = destination.provider,
            ["local", "cloud"].contains(provider)
        else { return false }
        if let origin = destination.origin, ![europe, elsewhere, unplaced].contains(origin) { return false }
        let isFree: Set<DataClass> = [.secret, .organizationName, .dateTime, .networkName, .notPersonal]
        let isCovered = request.dataClasses.isEmpty || !request.dataClasses.isSubset(of: isFree)
        if jurisdiction, isCovered, !destination.isLocal, destination.origin != europe { return false }
        return !request.flags.localOnlyOverride || (destination.isLocal && request.actor.role >= .maintainer)
    }

    @Test(arguments: [false, true]) func `whatever is asked, and nothing else is denied`(_ jurisdiction: Bool) throws {
        let tables = try RoadmapTables()
        let engine = PolicyEngine(manifest: try Self.manifest(jurisdiction: jurisdiction))
        var verdicts: [PolicyEngine.Verdict: Int] = [:]
        var wrong: [String] = []
        for request in Self.requests(tables) {
            let decision = engine.decide(request)
            verdicts[decision.verdict, default: 0] += 1
            var expected = tables.allow(request)
            if expected, request.action == .callProvider {
                expected = Self.allowsCall(request, jurisdiction: jurisdiction)
            }
            if decision.isAllowed != expected { wrong.append("\(request) → \(decision)") }
            // Pure: the same again.
            if engine.decide(request) != decision { wrong.append("\(request) is decided twice") }
            if decision.rule.id.isEmpty || decision.rule.words.isEmpty { wrong.append("\(request) has no rule") }
        }
        #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(3))")
        #expect(PolicyEngine.Verdict.allCases.allSatisfy { (verdicts[$0] ?? 0) > 1000 }, "\(verdicts)")
    }

    @Test(arguments: [false, true]) func `nothing goes to a provider unmasked but by the override`(_ jurisdiction: Bool)
        throws
    {
        let engine = PolicyEngine(manifest: try Self.manifest(jurisdiction: jurisdiction))
        let closed: Set<DataClass> = [.secret, .unknown, .freeText]
        var open = 0
        for request in Self.requests(try RoadmapTables()) where request.action == .callProvider {
            let decision = engine.decide(request)
            guard decision.verdict == .allow else { continue }
            open += 1
            let may =
                request.flags.localOnlyOverride && request.destination?.isLocal == true && request.mode == .dataMode
                && request.actor.role >= .maintainer && !request.dataClasses.isEmpty
                && request.dataClasses.isDisjoint(with: closed) && !request.dataClasses.contains(.contactPhone)
            #expect(may && decision.rule.id == "local_only.override", "\(request)")
        }
        // Maintainer and Admin, the flags with the override, the classes that may, one provider. The set of two and the
        // class itself are not handed over where one is dropped.
        #expect(open == 2 * 6 * (DataClass.allCases.count - 3 + 1 - 2))
    }

    @Test func `of a manifest that was mutated at random and still loads`() throws {
        let tables = try RoadmapTables()
        let whole = try shippedManifest()
        var mutator = ManifestMutator(seed: 20_261_120)
        var loaded = 0
        var refused = 0
        for round in 0..<1500 {
            let document = mutator.mutated(whole)
            let manifest: PolicyManifest
            do { manifest = try PolicyManifest(document) } catch {
                refused += 1
                #expect((error as SluiceError).detail == "policy.manifest")
                continue
            }
            loaded += 1
            let engine = PolicyEngine(manifest: manifest)
            for cell in PolicyMatrix(engine).cells() where cell.table != .provider && cell.decision.isAllowed {
                #expect(tables.allow(cell.request), "round \(round): \(cell.name) by \(document)")
            }
            for dataClass in [DataClass.secret, .unknown, .freeText] {
                #expect(!manifest.pii.action(for: dataClass).opens, "round \(round)")
            }
            for role in Role.allCases where engine.mayOverride(role) {
                #expect(tables.ticks("toggle_local_only_override", role.rawValue), "round \(round)")
            }
        }
        #expect(loaded > 100 && refused > 100, "\(loaded) loaded, \(refused) refused")
    }
}

/// Changes documents in ways that a careless or hostile editor would. The same seed gives the same documents.
private struct ManifestMutator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64 (Steele, Lea, Flood 2014).
    private mutating func next(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(bound))
    }

    private mutating func subset(_ words: [String]) -> JSON { JSON(words.filter { _ in next(2) == 0 }) }

    mutating func mutated(_ whole: JSON) -> JSON {
        var document = whole
        for _ in 0...next(3) {
            switch next(8) {
            case 0, 1:
                let role = Role.allCases[next(5)].rawValue
                document = document.with(["rbac", role], subset(PolicyTables.rights))
            case 2, 3:
                let capability = Capability.allCases[next(7)]
                let mode = Mode.allCases[next(2)].rawValue
                document = document.with(["capabilities", mode, capability.rawValue], value(capability))
            case 4: document = document.with(["local_only_override", "roles"], subset(Role.allCases.map(\.rawValue)))
            case 5:
                let name = DataClass.allCases[next(DataClass.allCases.count)].rawValue
                let action = PIIAction.allCases[next(PIIAction.allCases.count)].rawValue
                document = document.with(["pii", "classes", name, "action"], .string(action))
            case 6: document = document.with(["pii", "default"], .string(PIIAction.allCases[next(5)].rawValue))
            default: document = replaced(document)
            }
        }
        return document
    }

    private mutating func value(_ capability: Capability) -> JSON {
        switch next(6) {
        case 0: return .bool(next(2) == 0)
        case 1: return .string(capability.values[next(capability.values.count)])
        case 2: return next(2) == 0 ? .null : .int(1)
        default:
            return capability.values.count > 2
                ? subset(capability.values)
                : capability.values == ["yes"] ? .bool(next(2) == 0) : .string(capability.values[next(2)])
        }
    }

    /// A value anywhere taken away, or put in the place of another.
    private mutating func replaced(_ document: JSON) -> JSON {
        var path: [String] = []
        var here = document
        while case .object(let members) = here, !members.isEmpty, path.count < 4, path.isEmpty || next(4) > 0 {
            let key = members.keys.sorted()[next(members.count)]
            path.append(key)
            here = members[key] ?? .null
        }
        let others: [JSON?] = [nil, .null, true, "allow", "registry", [], [:], ["Viewer"], 0, -1, ["create_run"]]
        return document.with(path, others[next(others.count)])
    }
}
