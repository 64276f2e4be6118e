import Contracts
import Foundations
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Egress
@testable import PluginHost
@testable import Policy

/// A policy over the default one, with endpoints of its own.
private func policy(
    endpoints: JSON?, allow: JSON = "registry", local: JSON = ["localhost"], secrets: JSON = [:],
    providers: [String] = ["fixture.model_provider"]
) throws -> PolicyManifest {
    var document =
        try JSONParser.parseBytes(
            try Files.read(Workshop.repository + "/registry/policies/pm_default_v1.json")
        )
        .objectValue ?? [:]
    document["providers"] = .members(["allow": JSON(providers), "deny": [], "endpoints": endpoints])
    document["egress"] = ["default": "deny", "allow": allow, "local": local, "secrets": secrets]
    return try PolicyManifest(.object(document))
}

private func endpoint(_ members: [String: JSON] = [:]) -> JSON {
    var endpoint: [String: JSON] = [
        "name": "api", "host": "api.example.org", "port": 443, "methods": ["POST"],
        "path_prefix": "/v1",
        "max_bytes": 1_048_576, "configurable": true,
    ]
    endpoint.merge(members) { $1 }
    return .array([.object(endpoint)])
}

@Suite struct `An endpoint that a home points elsewhere` {
    private func address(_ text: String) throws -> EndpointAddress {
        try #require(EndpointAddress(text))
    }

    private func pointed(_ url: String, prefix: String = "/v1") throws -> EgressEndpoint {
        let declared = EgressEndpoint(
            name: "api", origin: try #require(Origin("https://api.example.org")), methods: ["POST"],
            pathPrefix: prefix,
            maximumBytes: 1000, isConfigurable: true)
        return declared.pointed(to: try address(url), isLocal: true)
    }

    @Test(
        arguments: [
            ("http://localhost:8080/v1", "/v1", "/v1/models", "/v1/models"),
            ("http://localhost:8080/llm/v2/", "/v1", "/v1/models?x=/v1", "/llm/v2/models?x=/v1"),
            ("http://localhost:8080/", "/v1", "/v1/models", "/models"),
            ("http://localhost:8080/", "/v1", "/v1", "/"),
            ("http://localhost:8080/x", "/v1", "/v1", "/x"),
            ("http://localhost:8080", "/v1", "/v1/models", "/v1/models"),
            ("http://localhost:8080/x", "/", "/api/chat", "/x/api/chat"),
            ("http://localhost:8080/x", "/v1/", "/v1/a/v1", "/x/a/v1"),
        ])
    func `has the home's path in the place of the manifest's prefix`(
        url: String, prefix: String, asked: String, sent: String
    ) throws {
        let endpoint = try pointed(url, prefix: prefix)
        #expect(endpoint.target(for: try #require(EgressTarget(asked)))?.text == sent)
        // Once more with the same changes nothing.
        let again = endpoint.pointed(to: try address(url), isLocal: true)
        #expect(again == endpoint)
    }

    @Test(arguments: ["/v2/models", "/v10", "/models", "/"])
    func `does not widen what the plugin may ask for`(asked: String) throws {
        #expect(
            try pointed("http://localhost:8080/").target(for: try #require(EgressTarget(asked))) == nil)
        #expect(
            try pointed("http://localhost:8080").target(for: try #require(EgressTarget(asked))) == nil)
    }

    @Test(
        arguments: [
            "localhost:8080", "ftp://localhost", "http://u:p@localhost/v1", "http://localhost/v1?x=1",
            "http://localhost/#x",
            "http://localhost/../v1", "http://localhost//v1", "http://localhost/a b",
            "http://LOCALHOST/v1", "",
            "http://localhost:99999/v1", "http:///v1", "http://localhost/%2e%2e/v1",
        ])
    func `is a plain URL`(text: String) { #expect(EndpointAddress(text) == nil) }

    @Test func `is read strictly, each mistake by its place`() throws {
        let wrong: [(JSON, String)] = [
            (
                ["opneai": ["api": "https://a.example"]],
                "/providers/endpoints/opneai: is no provider: anthropic, groq"
            ),
            (["openai": ["api": "a.example"]], "/providers/endpoints/openai/api: a URL"),
            (
                ["openai": ["api": "http://a.example/v1"]],
                "/providers/endpoints/openai/api: http://a.example is plain http"
            ),
            (["openai": ["api": 7]], "/providers/endpoints/openai/api"),
            (["openai": "x"], "/providers/endpoints/openai"),
            (7, "/providers/endpoints"),
            (
                [
                    "openai": ["api": "https://a.example"],
                    "sluice.provider.openai": ["api": "https://b.example"],
                ],
                "under its other name"
            ),
        ]
        for (endpoints, words) in wrong {
            let error = failure { _ = try policy(endpoints: endpoints) }
            #expect(
                error?.detail == "policy.manifest" && error?.message.contains(words) == true,
                "\(error?.message ?? "")")
        }
        let right = try policy(endpoints: ["openai": ["api": "http://localhost:1/v1"]])
        #expect(
            right.providerEndpoints == [
                "sluice.provider.openai": ["api": try address("http://localhost:1/v1")]
            ])
        #expect(try policy(endpoints: nil).providerEndpoints.isEmpty)
    }

    @Test func `has short names for providers that ship`() {
        #expect(ProviderName.plugin("openai-compatible") == "sluice.provider.openai-compatible")
        #expect(
            ProviderName.tag("sluice.provider.groq") == "groq"
                && ProviderName.tag("acme.models") == "acme.models")
        #expect(ProviderName.isNamed("sluice.provider.ollama", in: ["ollama"]))
        #expect(!ProviderName.isNamed("sluice.provider.other", in: ["other"]))
    }

    private func catalog(_ egress: JSON) throws -> (PluginCatalog, Workshop) {
        let workshop = try Workshop()
        let plugin = try workshop.plugin("model_provider", kind: .provider, egress: egress)
        return (
            PluginCatalog(entries: [.init(id: plugin.manifest.id, plugin: .success(plugin))]), workshop
        )
    }

    @Test func `is what everybody who reads the manifest sees, and keeps the manifest's hash`() throws {
        let (catalog, workshop) = try catalog(endpoint())
        let policy = try policy(endpoints: [
            "fixture.model_provider": ["api": "http://localhost:8123/v1"]
        ])
        let before = try catalog.plugin("fixture.model_provider")
        let plugin = try catalog.pointed(by: policy).plugin("fixture.model_provider")
        let found = try #require(plugin.manifest.egress.first)
        #expect(
            found.origin == Origin("http://localhost:8123") && found.isLocal
                && found.requestPrefix == "/v1")
        #expect(plugin.manifest.hash == before.manifest.hash && plugin != before)
        #expect(
            try catalog.pointed(by: policy).pointed(by: policy).plugin("fixture.model_provider") == plugin
        )
        withExtendedLifetime(workshop) {}
    }

    @Test func `that may not be pointed elsewhere keeps its provider from being used`() throws {
        let (fixed, workshop) = try catalog(endpoint(["configurable": false]))
        let (open, other) = try catalog(endpoint())
        let cases: [(PluginCatalog, String, String)] = [
            (fixed, "api", "does not call it configurable"),
            (open, "chat", "there is no such endpoint; there is api"),
        ]
        for (catalog, name, words) in cases {
            let policy = try policy(endpoints: [
                "fixture.model_provider": .object([name: "http://localhost:1/v1"])
            ])
            let error = failure { _ = try catalog.pointed(by: policy).plugin("fixture.model_provider") }
            #expect(
                error?.detail == "policy.manifest" && error?.message.contains(words) == true,
                "\(error?.message ?? "")")
            #expect(catalog.pointedEndpoints(of: policy).first?.mistake?.contains(words) == true)
        }
        let gone = try policy(endpoints: ["acme.models": ["api": "http://localhost:1/v1"]])
        let mistake = try #require(open.pointedEndpoints(of: gone).first?.mistake)
        #expect(
            mistake.contains("there is no plugin acme.models")
                && mistake.contains("fixture.model_provider"))
        withExtendedLifetime((workshop, other)) {}
    }
}

extension `Processes` {
    @Suite(.serialized, .enabled(if: Workshop.realRunner != nil, Workshop.noRunner))
    struct `A provider whose endpoint was pointed elsewhere` {
        private let workshop: Workshop
        private let server: HostileServer
        private static let variable = "SLUICE_TEST_POINTED_SECRET"
        private static let secret = "sk-pointed-elsewhere-7"

        init() throws {
            workshop = try Workshop()
            server = try HostileServer(folder: workshop.folder + "/server")
            setenv(Self.variable, Self.secret, 1)
        }

        private func pool(
            auth: JSON?, bindsSecret: Bool, records: @escaping @Sendable (EgressRecord) -> Void = { _ in }
        ) throws -> ProviderPool {
            var members: [String: JSON] = [:]
            if let auth { members["auth"] = auth }
            let plugin = try workshop.plugin(
                "model_provider", kind: .provider, wall: 20, egress: endpoint(members))
            let origin = "http://localhost:\(server.port("plain"))"
            let secrets: JSON =
                bindsSecret
                ? ["test": ["secret_ref": .string("env:" + Self.variable), "origins": JSON([origin])]] : [:]
            let policy = try policy(
                endpoints: ["fixture.model_provider": ["api": .string(origin + "/v1/reflect/")]],
                secrets: secrets)
            let catalog = PluginCatalog(entries: [.init(id: plugin.manifest.id, plugin: .success(plugin))]
            )
            .pointed(by: policy)
            let pointed = try catalog.plugin(plugin.manifest.id)
            let routes = ProviderRoutes(
                pointed.manifest.egress.map { .init(plugin: pointed.manifest.id, origin: $0.origin) })
            let broker = try EgressBroker(
                engine: PolicyEngine(manifest: policy, routes: routes), permit: permit(.callProvider),
                context: .system)
            return try ProviderPool(
                pointed, processes: 2,
                wayOut: ProviderPool.WayOut(
                    broker: broker, provider: "test", onRequest: { record in records(record) }),
                settings: workshop.settings, permit: permit(.callProvider))
        }

        private let request = ModelRequest(
            model: "http", messages: [.init(.user, MaskedPrompt(masked: "What is ⟨EMAIL_1⟩?"))])
        private var soon: UInt64 { Context.system.monotonic() + 15_000_000_000 }
        private static let auth: JSON = [
            "header": "authorization", "scheme": "Bearer", "secret": "secret:test",
        ]

        @Test func `asks there, below the home's path, and is recorded with the hash of its messages`()
            throws
        {
            let kept = Mutex<[EgressRecord]>([])
            let pool = try pool(
                auth: Self.auth, bindsSecret: true, records: { one in kept.withLock { $0.append(one) } })
            _ = pool.infer(request, deadline: soon)
            let arrived = try #require(server.requests("plain").last)
            #expect(arrived["target"] == "/v1/reflect/chat/completions")
            #expect(arrived["body"] == .string(request.json.canonicalText))
            #expect("\(arrived)".contains("Bearer " + Self.secret))
            let records = kept.withLock { $0 }
            let end = try #require(records.last)
            #expect(records.count == 2 && end.call == "infer" && end.model == "http" && end.maskApplied)
            #expect(end.promptHash == request.promptHash.hex)
            #expect(end.report.origin == Origin("http://localhost:\(server.port("plain"))"))
        }

        @Test func `may ask while it submits`() throws {
            let pool = try pool(auth: nil, bindsSecret: false)
            let batch = pool.submit([("a", request), ("b", request)], deadline: soon)
            #expect((try? batch.get()) == "batch of 2")
            #expect(server.requests("plain").last?["target"] == "/v1/reflect/batches")
        }

        @Test func `that says it sent nothing is known to have sent`() throws {
            let pool = try pool(auth: nil, bindsSecret: false)
            var lie = request
            lie.model = "lies"
            guard case .failure(let limited) = pool.infer(lie, deadline: soon) else {
                Issue.record("it did not fail")
                return
            }
            #expect(limited.code == .rateLimit && limited.wasSent == true && limited.observedStatus == 200)
            #expect(limited.isSeenFree == false, "its 429 is its own word")
            guard case .failure(let refused) = pool.submit([("a", lie)], deadline: soon) else {
                Issue.record("it did not fail")
                return
            }
            #expect(refused.code == .quarantineRequired && refused.reason == "answer_malformed", "\(refused)")
            #expect(refused.wasSent == true && refused.isSeenFree == false)
        }

        @Test
        func `is not sent a secret that is not bound to the place, and goes without where it may`()
            throws
        {
            let strict = try pool(auth: Self.auth, bindsSecret: false)
            guard case .failure(let failure) = strict.infer(request, deadline: soon) else {
                Issue.record("it was sent")
                return
            }
            #expect(failure.reason == "credential_missing" && failure.scope == .credential, "\(failure)")
            #expect(server.requests("plain").isEmpty)
            var optional = Self.auth.objectValue ?? [:]
            optional["optional"] = true
            _ = try pool(auth: .object(optional), bindsSecret: false).infer(request, deadline: soon)
            let arrived = try #require(server.requests("plain").last)
            #expect(!"\(arrived)".lowercased().contains("authorization"))
            _ = try pool(auth: .object(optional), bindsSecret: true).infer(request, deadline: soon)
            #expect("\(try #require(server.requests("plain").last))".contains(Self.secret))
        }
    }
}
