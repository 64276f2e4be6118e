import Columnar
import Contracts
import Egress
import Foundations
import Glibc
import TestSupport
import Testing

@testable import PluginHost
@testable import Policy

/// A provider plugin in a real, sandboxed runner, a broker, and servers that misbehave.
private final class HTTPScene {
    static let secret = "sk-RUNNER-never-sees-this-9"
    static let variable = "SLUICE_TEST_RUNNER_SECRET"

    let workshop: Workshop
    let server: HostileServer
    /// All of them, and those that tell of an end.
    var all: [EgressRecord] = []
    var records: [EgressRecord] { all.filter { $0.phase == .end } }
    /// Thrown for the records that it is asked of.
    var failing: (EgressRecord) -> SluiceError? = { _ in nil }
    var limits = EgressLimits()

    init() throws {
        workshop = try Workshop()
        server = try HostileServer(folder: workshop.folder + "/server")
        setenv(Self.variable, Self.secret, 1)
    }

    func broker() throws -> EgressBroker {
        var document =
            try JSONParser.parseBytes(try Files.read(Workshop.repository + "/registry/policies/pm_default_v1.json"))
            .objectValue ?? [:]
        let origin = "http://localhost:\(server.port("plain"))"
        document["egress"] = [
            "default": "deny", "allow": JSON([origin]), "local": ["localhost"],
            "secrets": ["test": ["secret_ref": .string("env:" + Self.variable), "origins": JSON([origin])]],
        ]
        let engine = PolicyEngine(manifest: try PolicyManifest(.object(document)))
        return try EgressBroker(engine: engine, permit: permit(.callProvider), limits: limits, context: .system)
    }

    func session(
        path: String = "/v1/reflect", method: String = "POST", headers: JSON = ["content-type": "application/json"],
        at place: String = "embed", bodySize: Int = 0, wall: Double = 10, endpoints: Bool = true,
        offersEgress: Bool = true, endpoint: String = "main"
    ) throws -> ProviderSession {
        let listed: JSON = [
            "name": "main", "scheme": "http", "host": "localhost", "port": JSON(server.port("plain")),
            "methods": ["GET", "POST"], "path_prefix": "/v1", "max_bytes": 1_048_576, "local": true,
            "auth": ["header": "authorization", "scheme": "Bearer", "secret": "secret:test"],
        ]
        let plugin = try workshop.plugin(
            "http_provider", kind: .provider, wall: wall, egress: endpoints ? [listed] : [])
        let access = EgressAccess(broker: try broker(), provider: "test") { [weak self] (record) throws(SluiceError) in
            self?.all.append(record)
            if let error = self?.failing(record) { throw error }
        }
        return try ProviderSession(
            plugin,
            config: [
                "request": [
                    "endpoint": .string(endpoint), "method": .string(method), "path": .string(path), "headers": headers,
                ],
                "where": .string(place), "body_size": .string(String(bodySize)),
            ],
            egress: offersEgress ? access : nil, settings: workshop.settings, permit: permit(.callProvider))
    }
}

private func prompt(_ text: String) -> MaskedPrompt { MaskedPrompt(masked: text) }

extension `Processes` {
    @Suite(.serialized, .enabled(if: Workshop.realRunner != nil, Workshop.noRunner))
    struct `A provider over HTTP` {
        private let scene: HTTPScene

        init() throws { scene = try HTTPScene() }

        @Test func `asks through the host, which adds the credentials`() throws {
            let session = try scene.session()
            let vectors = try session.embed([prompt("aaaa 9999")], model: "m-1")
            // The body is the list of headers that arrived: it begins [["
            #expect(vectors == [[91, 91, 34, 72]] || vectors.first?.prefix(3) == [91, 91, 34])
            let arrived = try #require(scene.server.requests("plain").last)
            #expect("\(arrived)".contains("Bearer " + HTTPScene.secret))
            let request: JSON = ["model": "m-1", "texts": ["aaaa 9999"]]
            #expect(arrived["body"] == .string(request.canonicalText), "the body is what the host handed over, masked")
            let record = try #require(scene.records.first)
            #expect(scene.records.count == 1)
            #expect(
                record.provider == "test" && record.plugin == "fixture.http_provider@1.0.0" && record.call == "embed")
            #expect(record.model == "m-1" && record.promptHash == request.canonicalHash.hex && record.maskApplied)
            #expect(record.report.status == 200 && record.report.secret == "test" && record.report.redactions > 0)
            let json = record.json
            #expect(json["host"] == "localhost" && json["masked_before_send"] == true && json["endpoint"] == "main")
            #expect(!json.canonicalText.contains(HTTPScene.secret))
            // Before it was made there was a record of that, with the same number.
            #expect(scene.all.map(\.phase) == [.begin(bodyBytes: request.canonicalText.utf8.count), .end])
            let begin = try #require(scene.all.first).json
            #expect(
                begin["event"] == "egress_begin" && json["event"] == "egress" && begin["request"] == json["request"])
            #expect(begin["prompt_hash"] == json["prompt_hash"] && begin["endpoint"] == "main")
            #expect(begin["method"] == "POST" && begin["body_bytes"] == JSON(request.canonicalText.utf8.count))
        }

        @Test func `is never shown the secret, by any byte`() throws {
            let records = scene.workshop.folder + "/wire"
            try Files.makeFolder(records)
            scene.workshop.settings.context.environment["SLUICE_RECORD_WIRE"] = records
            let session = try scene.session()
            _ = try session.embed([prompt("a")])
            let health = try session.health()
            let text = try hex(health["body"]?.stringValue ?? "")
            #expect(text.contains("Bearer [secret]"), "the server did send it back")
            session.stop()
            let names = try Files.list(records)
            #expect(!names.isEmpty)
            var total = 0
            for name in names {
                let bytes = try Files.read(records + "/" + name)
                total += bytes.count
                let content = String(decoding: bytes, as: UTF8.self)
                #expect(!content.contains(HTTPScene.secret), "\(name)")
                #expect(!content.contains("RUNNER-never"), "\(name)")
            }
            #expect(total > 10_000, "the answers are among the bytes")
            let recorded = try Files.read(records + "/" + (names.first { $0.hasSuffix("-0.bin") } ?? ""))
            #expect(String(decoding: recorded, as: UTF8.self).contains("[secret]"))
        }

        private func hex(_ text: String) throws -> String {
            String(decoding: try #require(Hex.decode(text)), as: UTF8.self)
        }

        @Test func `infers over it, too`() throws {
            let session = try scene.session(path: "/v1/status?code=429&after=3")
            let grant = EgressGrant(.infer, prompts: [prompt("aaa")], model: "m")
            let text = try #require(grant.text)
            #expect(text == #"{"model":"m","texts":["aaa"]}"#)
            let payload = try session.process.call(.infer, limit: 1 << 20, grant: grant) { $0.text(text) }
            var reader = PayloadReader(payload)
            let answer = try JSONParser.parseBytes(try reader.textBytes())
            #expect(answer["response"]?["code"] == "RATE_LIMIT")
            #expect(answer["response"]?["retry_after_ms"] == 3000)
            #expect(scene.records.last?.call == "infer" && scene.records.last?.report.status == 429)
        }

        @Test(arguments: ["create", "token_estimate"])
        func `is refused outside of infer, embed and health`(place: String) throws {
            let before = scene.server.requests("plain.connection").count
            let error = failure {
                let session = try scene.session(at: place)
                _ = try session.tokenEstimate(prompt("aaaa"))
            }
            #expect(error?.detail == "egress.call" && error?.code == .policyBlock, "\(String(describing: error))")
            #expect(error?.message.contains(place) == true)
            #expect(scene.server.requests("plain.connection").count == before)
            #expect(scene.records.count == 1 && scene.records.first?.report.error?.detail == "egress.call")
            #expect(scene.records.first?.promptHash == nil && scene.records.first?.maskApplied == false)
            #expect(scene.all.count == 1, "what is refused at once was not begun")
        }

        @Test func `has no way out when the manifest names none, or the host gives none`() throws {
            for (endpoints, offers) in [(false, true), (true, false)] {
                let session = try scene.session(endpoints: endpoints, offersEgress: offers)
                let error = failure { _ = try session.embed([prompt("a")]) }
                #expect(error?.detail == "plugin.failed")
                #expect(error?.message.contains("the host offers no http") == true)
            }
            #expect(scene.records.isEmpty)
        }

        @Test(arguments: [
            ("main", "/v2/x", "egress.endpoint"), ("other", "/v1/x", "egress.endpoint"),
            ("main", "/v1/../x", "egress.request"), ("main", "/v1/redirect?to=http://localhost:1/", "egress.redirect"),
            ("main", "/v1/big", "egress.answer"), ("main", "/v1/hang_up", "egress.reset"),
        ])
        func `gets the host's own error, and so does the user`(endpoint: String, path: String, detail: String) throws {
            let session = try scene.session(path: path, endpoint: endpoint)
            let error = failure { _ = try session.embed([prompt("a")]) }
            #expect(error?.detail == detail, "\(String(describing: error))")
            #expect(error?.message.contains("fixture.http_provider failed during embed") == true)
            #expect(session.process.isAlive)
            #expect(scene.records.last?.report.error?.detail == detail)
        }

        @Test func `is told the kind of an error, and nothing of the host`() throws {
            let session = try scene.session(path: "/v1/redirect?to=http://localhost:1/", at: "flood")
            let error = failure { _ = try session.embed([prompt("a")]) }
            #expect(error?.message.contains("localhost") == true, "a user is told where it happened")
            let told = session.process.logs.map(\.message).filter { $0.hasPrefix("behind") }
            #expect(!told.isEmpty)
            let others = told.filter { !$0.contains("egress.redirect: The server redirects to where") }
            #expect(others.isEmpty, "\(others)")
            #expect(!told.joined().contains("localhost"))
        }

        @Test func `that asks without end is stopped`() throws {
            scene.limits.requestsPerCall = 4
            let session = try scene.session(path: "/v1/status?code=200", method: "GET", headers: [:], at: "flood")
            let error = failure { _ = try session.embed([prompt("a")]) }
            #expect(error?.detail == "plugin.protocol" && !session.process.isAlive, "\(String(describing: error))")
            #expect(error?.message.contains("too many requests") == true)
            // Those that began have an end, and the one too many is there.
            let begun = scene.all.filter { $0.phase != .end }.compactMap(\.number).sorted()
            #expect(begun.count == 4 && scene.records.compactMap(\.number).sorted() == begun)
            #expect(scene.records.filter { $0.number == nil }.map { $0.report.error?.detail } == ["egress.call"])
        }

        @Test func `cannot fill the ledger with what is refused`() throws {
            scene.limits.refusalsRecorded = 2
            let session = try scene.session(path: "/v2/x", at: "flood")
            let error = failure { _ = try session.embed([prompt("a")]) }
            #expect(error?.detail == "egress.endpoint")
            #expect(scene.all.map(\.phase) == [.end, .end, .refusals(8)])
            let counted = try #require(scene.all.last)
            #expect(counted.json["event"] == "egress_refused" && counted.json["count"] == 8)
            #expect(counted.report.error?.detail == "egress.endpoint")
        }

        @Test func `may not set the header that the host fills in`() throws {
            let session = try scene.session(headers: ["Authorization": "Bearer mine"])
            let error = failure { _ = try session.embed([prompt("a")]) }
            #expect(error?.detail == "egress.request")
        }

        @Test func `is told in time that a server is silent`() throws {
            let session = try scene.session(path: "/v1/silent", wall: 2)
            let began = Context.system.monotonic()
            let error = failure { _ = try session.embed([prompt("a")]) }
            let seconds = Double(Context.system.monotonic() - began) / 1e9
            #expect(error?.detail == "egress.timeout" && error?.code == .timeout, "\(String(describing: error))")
            #expect(seconds < 2.5)
            #expect(session.process.isAlive, "the plugin had time to answer")
        }

        @Test func `whose request is larger than a frame of its kind is refused, not killed`() throws {
            let session = try scene.session(bodySize: 40 << 20)
            let error = failure { _ = try session.embed([prompt("a")]) }
            #expect(error?.detail == "egress.size", "\(String(describing: error))")
            #expect(session.process.isAlive)
            #expect(scene.server.requests("plain").isEmpty)
        }

        @Test func `ends its requests with the call`() throws {
            let session = try scene.session(path: "/v1/silent", method: "GET", headers: [:], at: "after")
            let began = Context.system.monotonic()
            let error = failure { _ = try session.embed([prompt("a")]) }
            let seconds = Double(Context.system.monotonic() - began) / 1e9
            #expect(error?.message.contains("over") == true && seconds < 1.5)
            let recorded = scene.records.map { $0.report.error?.detail }
            #expect(recorded == ["egress.timeout"], "what was cut off is recorded")
            #expect(scene.all.count == 2)
            // The thread is told so, and may not ask while no call runs.
            _ = try session.tokenEstimate(prompt("aaaa"))
            let lines = session.process.logs.map(\.message).filter { $0.hasPrefix("behind") }
            #expect(lines.first?.hasPrefix("behind: status 5") == true, "\(lines)")
        }

        @Test func `may have several requests under way, but not any number`() throws {
            scene.limits.concurrent = 2
            let session = try scene.session(path: "/v1/status?code=200", method: "GET", headers: [:], at: "flood")
            // A GET has no body, so the last request, which has one, is refused; the threads' nine are not.
            let error = failure { _ = try session.embed([prompt("a")]) }
            #expect(error?.detail == "egress.request")
            let details = scene.records.map { $0.report.error?.detail ?? "ok" }
            #expect(details.count == 10)
            let others = details.filter { !["ok", "egress.call", "egress.request"].contains($0) }
            let made = details.filter { $0 == "ok" }.count
            #expect(others.isEmpty && made >= 3, "\(details)")
        }

        @Test func `is recorded for every request that its call leaves behind, though one cannot be`() throws {
            let endpoint: JSON = [
                "name": "main", "scheme": "http", "host": "localhost", "port": JSON(scene.server.port("plain")),
                "methods": ["GET"], "path_prefix": "/v1", "max_bytes": 1000, "local": true,
            ]
            var recorded: [String] = []
            let access = EgressAccess(broker: try scene.broker(), provider: "test") { (record) throws(SluiceError) in
                guard record.phase == .end else { return }
                recorded.append(record.report.error?.detail ?? "ok")
                throw SluiceError(.storeFailed, "failure \(recorded.count)")
            }
            let plugin = try scene.workshop.plugin("http_provider", kind: .provider, wall: 5, egress: [endpoint])
            let egress = try PluginEgress(access, manifest: plugin.manifest)
            egress.begin(
                EgressGrant(.health, prompts: []), call: 1, deadline: Context.system.monotonic() + 5_000_000_000,
                name: "health")
            let request: JSON = ["endpoint": "main", "method": "GET", "path": "/v1/silent"]
            for id in UInt32(1)...3 {
                let json = Array(request.canonicalText.utf8)
                var payload: [UInt8] = []
                for number in [id, UInt32(json.count)] {
                    withUnsafeBytes(of: number.littleEndian) { payload += $0 }
                }
                payload += json
                payload += [0, 0, 0, 0]
                try egress.take(payload.withUnsafeBytes { Bytes.copy($0) }, isWhole: true)
            }
            let error = failure { try egress.end() }
            #expect(recorded.count == 3, "\(recorded)")
            #expect(error?.message.contains("failure 1") == true, "the first failure is the one that is thrown")
        }

        @Test func `is not asked for what cannot be recorded before`() throws {
            let stop = SluiceError(.storeFailed, "The ledger is full.")
            scene.failing = { _ in stop }
            let session = try scene.session()
            let error = failure { _ = try session.embed([prompt("a")]) }
            #expect(error == stop && !session.process.isAlive)
            #expect(scene.server.requests("plain.connection").isEmpty, "nothing left the host")
            #expect(scene.all.map(\.phase) == [.begin(bodyBytes: 28)])
        }

        @Test func `goes no further when an end cannot be recorded, and every end is`() throws {
            let stop = SluiceError(.storeFailed, "The ledger is full.")
            let next = SluiceError(.storeFailed, "It still is.")
            var isFirst = true
            scene.failing = { record in
                guard record.phase == .end else { return nil }
                defer { isFirst = false }
                return isFirst ? stop : next
            }
            let session = try scene.session(path: "/v1/silent", method: "GET", headers: [:], at: "flood", wall: 2)
            let error = failure { _ = try session.embed([prompt("a")]) }
            #expect(error == stop && !session.process.isAlive, "\(String(describing: error))")
            let begun = scene.all.filter { $0.phase != .end }.compactMap(\.number).sorted()
            #expect(begun.count == 3 && scene.records.compactMap(\.number).sorted() == begun)
        }
    }
}
