import Contracts
import Foundations
import Policy
import Testing

@Suite struct `A decision` {
    private func engine(_ change: (JSON) -> JSON = { $0 }, routes: ProviderRoutes? = nil) throws -> PolicyEngine {
        PolicyEngine(manifest: try PolicyManifest(change(try shippedManifest())), routes: routes)
    }

    private func decide(_ engine: PolicyEngine, _ line: String) throws -> String {
        let outcome = try #require(try PolicyExpectations(line + " => deny").outcomes(engine).first)
        return "\(outcome.decision.verdict.word) \(outcome.decision.rule.id)"
    }

    @Test func `over words that nobody knows is a no with a rule`() throws {
        let engine = try engine()
        for (role, action, rule) in [
            ("Root", "fly", "role.unknown"), ("Admin", "fly", "action.unknown"),
            ("admin", "create_run", "role.unknown"),
            ("", "", "role.unknown"), ("Admin", "CREATE_RUN", "action.unknown"),
            ("Admin\n", "create_run", "role.unknown"),
        ] {
            let decision = engine.decide(role: role, action: action)
            #expect(decision.verdict == .deny && decision.rule.id == rule, "\(role) \(action)")
        }
        #expect(engine.decide(role: "Admin", action: "create_run").verdict == .allow)
        #expect(engine.decide(role: "Admin", action: "migrate", mode: "everything").rule.id == "mode.unknown")
        #expect(
            engine.decide(role: "Admin", action: "call_provider", provider: "stranger").rule.id == "provider.allow_list"
        )
        var raw = PolicyEngine.RawRequest(role: "Admin", action: "call_provider")
        raw.provider = "local"
        raw.dataClasses = ["contact.email", "shoe.size"]
        #expect(engine.decide(raw).rule.id == "class.unknown")
        raw.dataClasses = []
        raw.lane = "fast"
        #expect(engine.decide(raw).rule.id == "lane.unknown")
        raw.lane = "flex"
        raw.origin = "https://api.example.org/path"
        #expect(engine.decide(raw).rule.id == "origin.unknown")
    }

    @Test func `names the strictest of several classes, and what is done to it`() throws {
        let engine = try engine {
            $0.with(["pii", "classes", "contact.phone", "action"], "hash")
                .with(["pii", "classes", "finance.card", "action"], "drop")
                .with(["pii", "classes", "date_time", "action"], "allow")
        }
        let call = "Analyst call_provider mode=data_mode provider=local local"
        #expect(try decide(engine, call + " class=contact.phone class=contact.email") == "mask pii.contact.phone.hash")
        #expect(try decide(engine, call + " class=contact.email class=finance.card") == "mask pii.finance.card.drop")
        #expect(try decide(engine, call + " class=date_time class=contact.phone") == "mask pii.contact.phone.hash")
        #expect(try decide(engine, call + " class=date_time") == "mask pii.date_time.allow")
        #expect(try decide(engine, call) == "mask pii.unknown.mask")
    }

    @Test func `with the override hands over nothing of a class that is dropped`() throws {
        let engine = try engine { $0.with(["pii", "classes", "finance.card", "action"], "drop") }
        let call = "Maintainer call_provider mode=data_mode provider=local local override"
        #expect(try decide(engine, call + " class=contact.email") == "allow local_only.override")
        #expect(try decide(engine, call + " class=finance.card") == "mask pii.finance.card.drop")
        #expect(try decide(engine, call + " class=contact.email class=finance.card") == "mask pii.finance.card.drop")
    }

    @Test func `about money is a no as soon as either cap would be passed, and for figures that are none`() throws {
        let engine = try engine()
        func rule(_ kind: PolicyEngine.Budget.Kind, _ asked: Double, _ spent: Double, _ cap: Double) -> String? {
            engine.refusal(of: [PolicyEngine.Budget(kind, asked: asked, spent: spent, cap: cap)])?.id
        }
        #expect(rule(.usd, 1, 9, 100) == nil && rule(.usd, 1, 9.01, 100) == "budget.usd")
        #expect(rule(.tokens, 10, 0, 10) == nil && rule(.tokens, 10, 1, 10) == "budget.tokens")
        #expect(rule(.rows, 1000, 0, 1e12) == nil && rule(.rows, 1001, 0, 1e12) == "budget.rows")
        #expect(rule(.bytes, 0, 1_048_576, 2e9) == nil && rule(.bytes, 1, 1_048_576, 2e9) == "budget.bytes")
        for bad in [-1, Double.nan, -Double.infinity] {
            #expect(rule(.usd, bad, 0, 1) == "budget.usd" && rule(.usd, 0, bad, 1) == "budget.usd")
            #expect(rule(.usd, 0, 0, bad) == "budget.usd")
        }
        #expect(rule(.usd, Double.infinity, 0, Double.infinity) == "budget.usd")
        let request = PolicyEngine.Request(
            actor: .init(userID: "ada", role: .analyst), action: .sampleRows, mode: .dataMode,
            budgets: [.init(.rows, asked: 1), .init(.bytes, asked: 1e9)])
        #expect(engine.decide(request).rule.id == "budget.bytes")
        let error = #expect(throws: SluiceError.self) { try engine.permit(request) }
        #expect(error?.detail == "policy.budget" && error?.code == .policyBlock)
    }

    @Test func `keeps what a jurisdiction covers with local servers and in its regions`() throws {
        let engine = try engine {
            $0.with(["providers", "allow"], ["local", "cloud"])
                .with(["egress", "allow"], ["https://eu.example", "https://us.example", "https://x.example"])
                .with(["egress", "regions"], ["https://eu.example": "eu", "https://us.example": "us"])
                .with(["jurisdictions", "eu", "enabled"], true)
                .with(["jurisdictions", "ch"], ["enabled": true, "classes": ["finance.account"], "regions": []])
        }
        let call = "Analyst call_provider mode=data_mode provider=cloud"
        #expect(
            try decide(engine, call + " origin=https://eu.example class=contact.email") == "mask pii.contact.email.mask"
        )
        for place in ["origin=https://us.example", "origin=https://x.example", ""] {
            #expect(try decide(engine, "\(call) \(place) class=contact.email") == "deny jurisdiction.eu", "\(place)")
            #expect(
                try decide(engine, "\(call) \(place) class=organization.name class=unknown") == "deny jurisdiction.ch")
            #expect(try decide(engine, "\(call) \(place)") == "deny jurisdiction.ch")
            #expect(try decide(engine, "\(call) \(place) class=organization.name").hasPrefix("mask "), "\(place)")
        }
        // At the door itself, which knows the classes that the permit was given for.
        let us = Origin(scheme: .https, host: "us.example", port: 443)
        for (classes, id): (Set<DataClass>?, String) in [
            ([.contactEmail], "jurisdiction.eu"), ([.unknown], "jurisdiction.ch"), ([.notPersonal], "egress.origin"),
            (nil, "egress.origin"),
        ] {
            let way = engine.decide(egress: us, declaredLocal: false, dataClasses: classes)
            #expect(way.rule.id == id && way.isAllowed == (id == "egress.origin"))
        }
        // Two at once: both must be content. No region is Switzerland's, so what it covers stays.
        #expect(try decide(engine, call + " origin=https://eu.example class=finance.account") == "deny jurisdiction.ch")
        #expect(try decide(engine, call + " local class=finance.account") == "mask pii.finance.account.mask")
        let error = #expect(throws: SluiceError.self) {
            try engine.permit(
                .init(
                    actor: .init(userID: "ada", role: .admin), action: .callProvider, mode: .dataMode, provider: "cloud"
                ))
        }
        #expect(error?.detail == "policy.jurisdiction")
    }

    @Test func `puts local providers first where the data is personal, and keeps the order otherwise`() throws {
        let engine = try engine { $0.with(["pii", "classes", "organization.name", "action"], "allow") }
        typealias Candidate = PolicyEngine.Candidate
        let candidates = [
            Candidate(provider: "a", isLocal: false), Candidate(provider: "b", isLocal: true),
            Candidate(provider: "c", isLocal: false), Candidate(provider: "d", isLocal: true),
        ]
        for classes: Set<DataClass> in [[], [.contactEmail], [.notPersonal, .secret], [.unknown]] {
            let (order, rule) = engine.preference(of: candidates, dataClasses: classes)
            #expect(order == [1, 3, 0, 2] && rule.id == "preference.local_first" && rule.words.contains("local"))
        }
        for classes: Set<DataClass> in [[.notPersonal], [.organizationName]] {
            let (order, rule) = engine.preference(of: candidates, dataClasses: classes)
            #expect(order == [0, 1, 2, 3] && rule.id == "preference.listed")
        }
        #expect(engine.preference(of: [], dataClasses: []).order.isEmpty)
    }
}

@Suite struct `The allow list of the way out` {
    private let api = Origin(scheme: .https, host: "api.example.org", port: 443)
    private let other = Origin(scheme: .https, host: "other.example.org", port: 443)
    private let local = Origin(scheme: .http, host: "localhost", port: 11434)

    private func engine(_ allow: JSON, _ routes: ProviderRoutes?) throws -> PolicyEngine {
        PolicyEngine(
            manifest: try PolicyManifest(
                try shippedManifest().with(["egress", "allow"], allow).with(["egress", "local"], ["localhost"])
                    .with(["providers"], ["allow": ["acme.cloud", "local"], "deny": ["acme.denied"]])), routes: routes)
    }

    private var routes: ProviderRoutes {
        ProviderRoutes([
            .init(plugin: "acme.cloud", origin: api), .init(plugin: "acme.denied", origin: other),
            .init(plugin: "acme.stranger", origin: other), .init(plugin: ProviderName.localPlugin, origin: local),
        ])
    }

    private func rule(_ engine: PolicyEngine, _ origin: Origin, isLocal: Bool = false, _ provider: String? = nil)
        -> String
    {
        let decision = engine.decide(egress: origin, declaredLocal: isLocal, provider: provider)
        return "\(decision.verdict.word) \(decision.rule.id)"
    }

    @Test func `by name is what the manifest names and a provider that may be used names as well`() throws {
        let engine = try engine(JSON([api, other, local].map(\.description)), routes)
        #expect(rule(engine, api) == "allow egress.origin" && rule(engine, api, "acme.cloud") == "allow egress.origin")
        // Somebody else's endpoint, an endpoint of one that is denied, and one of nobody.
        #expect(rule(engine, api, "local") == "deny egress.registry" && rule(engine, other) == "deny egress.registry")
        #expect(rule(engine, Origin(scheme: .https, host: "evil.example", port: 443)) == "deny egress.origin")
        #expect(rule(engine, local, isLocal: true, "local") == "allow egress.origin")
        #expect(rule(engine, local) == "deny egress.http")
        #expect(engine.effectiveOrigins == [local, api])
        let nobody = PolicyEngine(manifest: engine.manifest, routes: ProviderRoutes([]))
        #expect(rule(nobody, api) == "deny egress.registry" && nobody.effectiveOrigins.isEmpty)
        // Where no registry is looked at, the manifest's list holds alone.
        #expect(rule(PolicyEngine(manifest: engine.manifest), other) == "allow egress.origin")
    }

    @Test func `of the registry is what its allowed providers name, and nothing without one`() throws {
        let engine = try engine("registry", routes)
        #expect(rule(engine, api) == "allow egress.registry" && rule(engine, other) == "deny egress.registry")
        #expect(rule(engine, local, isLocal: true) == "allow egress.registry")
        #expect(engine.effectiveOrigins == [local, api])
        let blind = PolicyEngine(manifest: engine.manifest)
        #expect(rule(blind, api) == "deny egress.registry" && blind.effectiveOrigins.isEmpty)
    }
}
