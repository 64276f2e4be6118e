import Contracts
import Egress
import Foundations
import Glibc
import Policy
import TestSupport
import Testing

extension Servers {
    @Suite struct `A request` {
        let scenery: Scenery

        init() throws { scenery = try Scenery() }

        @Test(arguments: ["plain", "good", "tls12"])
        func `reaches the place that manifest and policy name`(name: String) throws {
            let outcome = try scenery.ask(
                "/v1/chat?stream=no", method: "POST", headers: [("Content-Type", "application/json"), ("X-Empty", "")],
                body: #"{"prompt":"aaa 999"}"#, at: [try scenery.endpoint(name)])
            let response = try #require(outcome.response, "\(String(describing: outcome.error))")
            #expect(response.status == 200 && response.code == nil)
            let arrived = try #require(scenery.server.requests(name).last)
            #expect(arrived["method"] == "POST" && arrived["target"] == "/v1/chat?stream=no")
            #expect(arrived["body"] == #"{"prompt":"aaa 999"}"#)
            let headers = names(arrived)
            #expect(
                headers == [
                    "accept", "accept-encoding", "content-length", "content-type", "host", "user-agent", "x-empty",
                ])
            if name == "good" { #expect(arrived["tls"] == "TLSv1.3") }
            if name == "tls12" { #expect(arrived["tls"] == "TLSv1.2") }
            #expect(outcome.report.status == 200 && outcome.report.bytesSent > 20 && outcome.report.bytesReceived > 20)
            #expect(outcome.report.endpoint == name && outcome.report.secret == nil)
        }

        private func names(_ request: JSON) -> [String] {
            (request["headers"]?.arrayValue ?? []).compactMap { $0.arrayValue?.first?.stringValue?.lowercased() }
                .map { String($0.prefix { $0 != ";" }) }.sorted()
        }

        @Test func `takes nothing from the environment or the home`() throws {
            let proxy = "http://127.0.0.1:\(scenery.server.port("proxy"))"
            let home = scenery.server.folder
            try Files.writeAtomically(
                Array("machine localhost login ada password hunter2\n".utf8), to: home + "/.netrc")
            let variables = ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
            let oldHome = getenv("HOME").map { String(cString: $0) }
            for name in variables { setenv(name, proxy, 1) }
            setenv("HOME", home, 1)
            defer {
                for name in variables { unsetenv(name) }
                if let oldHome { setenv("HOME", oldHome, 1) }
                unlink(home + "/.netrc")
            }
            let before = scenery.server.requests("proxy").count
            for name in ["plain", "good"] {
                let outcome = try scenery.ask("/v1/x", at: [try scenery.endpoint(name)])
                #expect(outcome.response?.status == 200)
                let arrived = try #require(scenery.server.requests(name).last)
                #expect(!names(arrived).contains("authorization"))
            }
            #expect(scenery.server.requests("proxy").count == before)
        }

        @Test func `goes through the proxy that policy names, by address`() throws {
            // Not local: a host of the public network by its address, which the proxy is never asked to look up.
            scenery.resolver = FixedResolver(["api.example.org": ["93.184.216.34"], "localhost": ["127.0.0.1"]])
            scenery.rules["proxy"] = .string("http://127.0.0.1:\(scenery.server.port("proxy"))")
            let endpoint = EgressEndpoint(
                name: "api", origin: try #require(Origin("https://api.example.org")), methods: ["GET"],
                maximumBytes: 1000)
            let outcome = try scenery.ask("/v1/x", at: [endpoint])
            #expect(outcome.error?.detail == "egress.unreachable")
            let arrived = try #require(scenery.server.requests("proxy").last)
            #expect(arrived["method"] == "CONNECT" && arrived["target"] == "93.184.216.34:443")
            #expect(outcome.report.secret == nil)
            // A local host is asked without it.
            let local = try scenery.ask("/v1/x", at: [try scenery.endpoint("plain")])
            #expect(local.response?.status == 200)
        }

        @Test(arguments: [("93.184.216.40", nil), ("93.184.216.41", "egress.tls")])
        func `through a proxy is checked at its other end`(address: String, detail: String?) throws {
            scenery.resolver = FixedResolver(["api.example.org": [address], "localhost": ["127.0.0.1"]])
            scenery.rules["proxy"] = .string("http://127.0.0.1:\(scenery.server.port("proxy"))")
            scenery.rules["secrets"] = [
                "test": [
                    "secret_ref": .string("env:" + Scenery.secretVariable), "origins": ["https://api.example.org"],
                ]
            ]
            let endpoint = EgressEndpoint(
                name: "api", origin: try #require(Origin("https://api.example.org")), methods: ["GET"],
                maximumBytes: 1000, authentication: Scenery.bearer)
            let outcome = try scenery.ask("/v1/x", at: [endpoint])
            #expect(outcome.error?.detail == detail)
            #expect(outcome.report.secret == (detail == nil ? "test" : nil))
            let asked = scenery.server.requests("proxy").last
            #expect(asked?["method"] == "CONNECT" && asked?["target"] == .string(address + ":443"))
            let isHeard = "\(asked ?? .null)".contains(Scenery.secret)
            #expect(!isHeard, "a proxy is told the address alone")
            if detail == nil {
                let arrived = try #require(scenery.server.requests("good").last)
                #expect("\(arrived)".contains("Bearer " + Scenery.secret) && "\(arrived)".contains("api.example.org"))
            }
        }

        @Test(arguments: ["http://pinned.test:80", "http://pinned.test"])
        func `goes to the proxy's own port, and nobody else looks its name up`(proxy: String) throws {
            scenery.resolver = FixedResolver(["api.example.org": ["93.184.216.34"], "pinned.test": ["127.0.0.1"]])
            scenery.rules["proxy"] = .string(proxy)
            let endpoint = EgressEndpoint(
                name: "api", origin: try #require(Origin("https://api.example.org")), methods: ["GET"],
                maximumBytes: 1000)
            let error = try #require(try scenery.ask("/v1/x", at: [endpoint]).error)
            // Nobody listens there, or somebody who is no proxy; libcurl by itself would not know the name.
            #expect(error.detail == "egress.unreachable" && !error.message.contains("resolve"), "\(error)")
        }

        @Test(arguments: ["gzip", "deflate", "bare"])
        func `gets its answer decoded`(coding: String) throws {
            let outcome = try scenery.ask("/v1/coded?as=\(coding)", at: [try scenery.endpoint("plain")])
            let expected = String(repeating: "decoded ", count: 100_000)
            let isEqual = outcome.text == expected
            #expect(isEqual, "\(outcome.text.utf8.count) bytes, \(String(describing: outcome.error))")
            let small = try scenery.ask(
                "/v1/coded?as=\(coding)", at: [try scenery.endpoint("plain", bytes: 799_999)])
            #expect(small.error?.detail == "egress.answer")
            let exact = try scenery.ask(
                "/v1/coded?as=\(coding)", at: [try scenery.endpoint("plain", bytes: 800_000)])
            #expect(exact.response?.status == 200)
        }

        struct Refusal: Sendable, CustomTestStringConvertible {
            let testDescription: String
            var path = "/v1/x"
            var method = "GET"
            var headers: [(String, String)] = []
            var body = ""
            let detail: String

            init(
                _ name: String, _ detail: String, path: String = "/v1/x", method: String = "GET",
                headers: [(String, String)] = [], body: String = ""
            ) {
                testDescription = name
                self.detail = detail
                self.path = path
                self.method = method
                self.headers = headers
                self.body = body
            }
        }

        static let refusals = [
            Refusal("a method that is not listed", "egress.endpoint", method: "DELETE"),
            Refusal("a method in lower case", "egress.endpoint", method: "get"),
            Refusal("a method with a line in it", "egress.endpoint", method: "GET / HTTP/1.1\r\nX: y\r\n\r\nGET"),
            Refusal("a path outside of the prefix", "egress.endpoint", path: "/v2/x"),
            Refusal("a path that begins like the prefix", "egress.endpoint", path: "/v1x"),
            Refusal("dot segments", "egress.request", path: "/v1/../admin"),
            Refusal("encoded dot segments", "egress.request", path: "/v1/%2e%2E/admin"),
            Refusal("a half encoded dot segment", "egress.request", path: "/v1/.%2e/admin"),
            Refusal("an encoded slash", "egress.request", path: "/v1/..%2fadmin"),
            Refusal("a twice encoded dot", "egress.request", path: "/v1/%252e%252e/admin"),
            Refusal("dot segments with parameters", "egress.request", path: "/v1/..;/admin"),
            Refusal("dot segments with parameters, encoded", "egress.request", path: "/v1/%2e%2e%3Bx=1/admin"),
            Refusal("a dot with parameters", "egress.request", path: "/v1/.;a=b/x"),
            Refusal("a backslash", "egress.request", path: #"/v1/..\admin"#),
            Refusal("an authority in the path", "egress.request", path: "//evil.test/v1/"),
            Refusal("a whole URL as the path", "egress.request", path: "http://evil.test/v1/"),
            Refusal("another host in front of the path", "egress.request", path: "@evil.test/v1/"),
            Refusal("a line break in the path", "egress.request", path: "/v1/x HTTP/1.1\r\nX-Injected: 1\r\n"),
            Refusal("a fragment", "egress.request", path: "/v1/x#y"),
            Refusal("a line break in a header", "egress.request", headers: [("X", "y\r\nX-Injected: 1")]),
            Refusal("a bare line feed in a header", "egress.request", headers: [("X", "y\nX-Injected: 1")]),
            Refusal("a NUL in a header", "egress.request", headers: [("X", "y\0z")]),
            Refusal("a line break in a header's name", "egress.request", headers: [("X\r\nX-Injected", "1")]),
            Refusal("a colon in a header's name", "egress.request", headers: [("X-Injected: 1", "y")]),
            Refusal("a blank behind a header's name", "egress.request", headers: [("Authorization ", "y")]),
            Refusal("another host", "egress.request", headers: [("Host", "evil.test")]),
            Refusal("credentials", "egress.request", headers: [("AUTHORIZATION", "Bearer mine")]),
            Refusal("the header of a secret", "egress.request", headers: [("x-api-key", "mine")]),
            Refusal("a cookie", "egress.request", headers: [("Cookie", "a=b")]),
            Refusal("another length", "egress.request", headers: [("Content-Length", "0")]),
            Refusal("chunks", "egress.request", headers: [("Transfer-Encoding", "chunked")]),
            Refusal("another method in a header", "egress.request", headers: [("X-HTTP-Method-Override", "DELETE")]),
            Refusal("proxy credentials", "egress.request", headers: [("Proxy-Authorization", "Basic x")]),
            Refusal("another encoding", "egress.request", headers: [("Accept-Encoding", "br")]),
            Refusal("where it comes from", "egress.request", headers: [("X-Forwarded-Prefix", "/x")]),
            Refusal("a proxy's word", "egress.request", headers: [("X-Envoy-Original-Path", "/x")]),
            Refusal("another path in a header", "egress.request", headers: [("X-Original-URI", "/x")]),
            Refusal("another client", "egress.request", headers: [("True-Client-IP", "10.0.0.1")]),
            Refusal("a header twice", "egress.request", headers: [("X", "1"), ("x", "2")]),
            Refusal("a body where none belongs", "egress.request", body: "x"),
            Refusal(
                "a body that is too large", "egress.size", method: "POST",
                body: String(repeating: "x", count: (1 << 20) + 1)),
        ]

        @Test(arguments: refusals)
        func `is refused, and nothing is sent, for`(_ refusal: Refusal) throws {
            let before = scenery.server.requests("plain.connection").count
            var endpoints = [try scenery.endpoint("plain")]
            endpoints.append(
                try scenery.endpoint(
                    "good", auth: EgressEndpoint.Authentication(header: "x-api-key", scheme: nil, secret: "test")))
            let outcome = try scenery.ask(
                refusal.path, method: refusal.method, headers: refusal.headers, body: refusal.body, at: endpoints)
            #expect(outcome.error?.detail == refusal.detail, "\(String(describing: outcome.error))")
            #expect(outcome.error?.code == .policyBlock)
            #expect(outcome.report.bytesSent == 0)
            #expect(scenery.server.requests("plain.connection").count == before)
        }

        @Test func `stays below whole segments of its prefix`() throws {
            let endpoint = try scenery.endpoint("plain", path: "/v1")
            for (path, isHeld) in [("/v1", true), ("/v1?x=1", true), ("/v1/x", true), ("/v10/x", false), ("/", false)] {
                let outcome = try scenery.ask(path, at: [endpoint])
                #expect(outcome.error?.detail == (isHeld ? nil : "egress.endpoint"), "\(path)")
            }
        }

        @Test func `is refused for a port, scheme or host that policy does not name`() throws {
            let origins = [
                "http://localhost:9", "https://localhost:\(scenery.server.port("plain"))", "https://127.0.0.2",
                "http://127.0.0.1",
            ]
            for text in origins {
                let endpoint = EgressEndpoint(
                    name: "x", origin: try #require(Origin(text)), methods: ["GET"], maximumBytes: 1, isLocal: true)
                let outcome = try scenery.ask("/v1/x", at: [endpoint])
                #expect(outcome.error?.detail == "egress.policy", "\(text)")
            }
            let unknown = try scenery.broker().perform(
                EgressRequest(endpoint: "nobody", method: "GET", path: "/"),
                endpoints: [try scenery.endpoint("plain")])
            #expect(unknown.report.error?.detail == "egress.endpoint")
        }

        @Test func `is refused where a jurisdiction keeps what goes along, whatever the permit was given for`() throws {
            let open = try scenery.engine()
            guard case .object(var policy) = open.manifest.json else { return }
            policy["jurisdictions"] = ["eu": ["enabled": true, "classes": ["contact.email"], "regions": ["eu"]]]
            let kept = PolicyEngine(manifest: try PolicyManifest(.object(policy)))
            let far = EgressEndpoint(
                name: "far", origin: try #require(Origin("https://api.example.org")), methods: ["GET"], maximumBytes: 1)
            let near = try scenery.endpoint("plain")
            func error(_ engine: PolicyEngine, _ endpoint: EgressEndpoint, _ classes: Set<DataClass>) throws -> String?
            {
                let permit = try open.permit(
                    PolicyEngine.Request(
                        actor: RunContract.Actor(userID: "tester", role: .admin), action: .callProvider,
                        mode: .dataMode, provider: "test", dataClasses: classes))
                let broker = try EgressBroker(engine: engine, permit: permit, context: scenery.context)
                let path = endpoint.name == "far" ? "/" : "/v1/x"
                let request = EgressRequest(endpoint: endpoint.name, method: "GET", path: path)
                return broker.consider(request, endpoints: [endpoint]).error?.message
            }
            #expect(try error(kept, far, [.contactEmail])?.contains("jurisdiction eu: contact.email") == true)
            #expect(try error(kept, far, [])?.contains("jurisdiction eu: unknown") == true)
            #expect(try error(kept, far, [.notPersonal]) == nil && error(open, far, [.contactEmail]) == nil)
            #expect(try error(kept, near, [.contactEmail]) == nil)
        }

        @Test func `over plain http needs both to call the host local`() throws {
            let endpoint = try scenery.endpoint("plain", isLocal: false)
            let outcome = try scenery.ask("/v1/x", at: [endpoint])
            #expect(outcome.error?.detail == "egress.policy")
            scenery.rules["local"] = ["pinned.test"]
            // A policy with http for a host that is not local is refused as a whole.
            var policy: SluiceError?
            do { _ = try scenery.engine() } catch { policy = error as? SluiceError }
            #expect(policy?.detail == "policy.manifest")
        }

        @Test(
            arguments: [
                (429, "2", "RATE_LIMIT", UInt64(2000)), (498, nil, "RATE_LIMIT", nil),
                (409, nil, "TRANSIENT_ERROR", nil), (500, nil, "TRANSIENT_ERROR", nil),
                (502, nil, "TRANSIENT_ERROR", nil), (503, nil, "TRANSIENT_ERROR", nil),
                (529, "999999999", "TRANSIENT_ERROR", 86_400_000), (599, nil, "TRANSIENT_ERROR", nil),
                (408, nil, "TIMEOUT", nil), (504, nil, "TIMEOUT", nil), (402, nil, "QUOTA_EXHAUSTED", nil),
                (401, nil, "PROVIDER_UNHEALTHY", nil), (403, nil, "PROVIDER_UNHEALTHY", nil),
                (400, nil, "DETERMINISTIC_FAILURE", nil), (404, "soon", "DETERMINISTIC_FAILURE", nil),
                (410, nil, "DETERMINISTIC_FAILURE", nil), (422, nil, "DETERMINISTIC_FAILURE", nil),
                (429, "Thu, 01 Jan 2026 00:00:30 GMT", "RATE_LIMIT", 30_000),
            ] as [(Int, String?, String, UInt64?)])
        func `that fails at the server carries its code and its wait`(
            status: Int, after: String?, code: String, wait: UInt64?
        ) throws {
            scenery.context.now = { 1_767_225_600_000 }
            let wanted = after.map { "&after=" + $0.split(separator: " ").joined(separator: "+") } ?? ""
            let outcome = try scenery.ask("/v1/status?code=\(status)\(wanted)", at: [try scenery.endpoint("plain")])
            let response = try #require(outcome.response)
            #expect(response.status == status && response.code?.description == code)
            #expect(response.retryAfterMilliseconds == wait)
            #expect(outcome.text.contains("as asked"))
            let json = response.json
            #expect(json["code"] == .string(code) && json["status"] == JSON(status))
            #expect(json["headers"]?["x-two"] == "1, 2")
            #expect(json["headers"]?["set-cookie"] == nil)
        }

        @Test func `leaves no cookie behind`() throws {
            _ = try scenery.ask("/v1/status?code=200", at: [try scenery.endpoint("plain")])
            _ = try scenery.ask("/v1/x", at: [try scenery.endpoint("plain")])
            let arrived = try #require(scenery.server.requests("plain").last)
            #expect(!names(arrived).contains("cookie"))
        }
    }
}
