import Foundations
import TestSupport
import Testing

/// A run whose provider asks a server: what policy allows is done and recorded, what it does not is neither.
@Suite("Egress", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct EgressTests {
    private static let secret = "sk-END-to-end-42-secret"

    private struct World {
        let scene: Scene
        let server: HostileServer
        var origin: String { "http://localhost:\(server.port("plain"))" }

        init(allow: Bool) throws {
            scene = try Scene()
            try scene.copyStage()
            server = try HostileServer(folder: scene.path("server"))
            try scene.replacePlugin(
                "sluice.provider.local", byFixture: "http_provider", sees: "masked prompts",
                egress: [
                    [
                        "name": "main", "scheme": "http", "host": "localhost", "port": JSON(server.port("plain")),
                        "methods": ["POST"], "path_prefix": "/v1", "max_bytes": 1_048_576, "local": true,
                        "auth": ["header": "authorization", "scheme": "Bearer", "secret": "secret:test"],
                    ]
                ])
            let path = scene.stage + "/share/sluice/registry/policies/pm_default_v1.json"
            guard case .object(var policy) = try JSONParser.parse(try Files.read(path)) else { return }
            policy["egress"] = [
                "default": "deny", "allow": allow ? JSON([origin]) : [], "local": ["localhost"],
                "secrets": ["test": ["secret_ref": "env:SLUICE_END_TO_END", "origins": JSON([origin])]],
            ]
            try Files.writeAtomically(JSON.object(policy).canonicalBytes, to: path)
            scene.environment["SLUICE_END_TO_END"] = EgressTests.secret
            try scene.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT)")
            try scene.write("people.csv", "id,name\n1,Ada Lovelace\n2,Grace Hopper\n")
        }

        func run() throws -> Finished {
            try scene.sluice("run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--yes", "--json")
        }
    }

    @Test("Each request is in the ledger, with its prompt's hash and mask; the secret is nowhere")
    func recorded() throws {
        let world = try World(allow: true)
        let wire = world.scene.path("wire")
        try Files.makeFolder(wire)
        world.scene.environment["SLUICE_RECORD_WIRE"] = wire
        let run = try world.run()
        let id = try #require(run.json["run_id"]?.stringValue, "\(run.outText)\(run.errText)")
        let arrived = world.server.requests("plain")
        #expect(!arrived.isEmpty)
        let events = try world.scene.sluice("ledger", id, "--json").jsonLines
        let requests = events.filter { $0["note"]?["event"] == "egress" }
        #expect(requests.count == arrived.count)
        // Each was there before it was made.
        let begun = events.filter { $0["note"]?["event"] == "egress_begin" }
        #expect(begun.map { $0["note"]?["request"] } == requests.map { $0["note"]?["request"] })
        for (event, request) in zip(begun, arrived) {
            #expect(event["note"]?["body_bytes"] == JSON(request["body"]?.stringValue?.utf8.count ?? -1))
            #expect(event["note"]?["endpoint"] == "main" && event["pii_mask_applied"] == true)
        }
        let places = events.compactMap { $0["note"]?["event"]?.stringValue }.filter { $0.hasPrefix("egress") }
        #expect(places == requests.flatMap { _ in ["egress_begin", "egress"] })
        let verified = try world.scene.sluice("ledger", id, "--verify")
        #expect(verified.status == 0, "\(verified.errText)")
        for (event, request) in zip(requests, arrived) {
            let body = try #require(request["body"]?.stringValue)
            let hash = JSON.string(SHA256.hash(body).hex)
            #expect(event["inputs_hash"] == hash && event["note"]?["prompt_hash"] == hash)
            #expect(event["pii_mask_applied"] == true && event["provider"] == "local" && event["decision"] == "accept")
            #expect(event["note"]?["host"] == "localhost" && event["note"]?["status"] == 200)
            let isSent = "\(request)".contains("Bearer " + Self.secret)
            let isRaw = body.contains("Lovelace") || body.contains("Grace")
            #expect(isSent && !isRaw)
        }
        // The server was told, and wrote it down; nobody else has it: no store, no artifact, no wire, no output.
        for (name, bytes) in Scene.files(below: world.scene.path("")) where !name.contains("server/") {
            let isThere = Bytes.contains(Self.secret, in: bytes)
            #expect(!isThere, "\(name)")
        }
        #expect(!run.outText.contains(Self.secret) && !run.errText.contains(Self.secret))
    }

    @Test("A provider whose way out policy does not allow is not asked, and the run says so")
    func denied() throws {
        let world = try World(allow: false)
        let run = try world.run()
        #expect(run.status == 0 && run.json["state"] == "done", "\(run.outText)\(run.errText)")
        let said = "needs a way out (egress: \(world.origin) is not on the allow list)"
        #expect(run.errText.contains(said), "\(run.errText)")
        #expect(world.server.requests("plain.connection").isEmpty)
        let id = try #require(run.json["run_id"]?.stringValue)
        let events = try world.scene.sluice("ledger", id, "--json").jsonLines
        let told = events.compactMap { $0["note"]?["event"]?.stringValue }
        #expect(!told.contains { $0.hasPrefix("egress") }, "\(told)")
        let domains = events.first { $0["stage"] == "DOMAINS" }
        #expect(domains?["provider"] == .null, "nobody was asked")
    }
}
