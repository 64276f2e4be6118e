import Contracts
import Egress
import Foundations
import TestSupport
import Testing

extension Servers {
    @Suite struct `A redirect` {
        let scenery: Scenery

        init() throws { scenery = try Scenery() }

        private func follow(
            _ place: String, code: Int = 302, method: String = "GET", from server: String = "plain", body: String = "",
            headers: [(String, String)] = [], and others: [EgressEndpoint] = []
        ) throws -> Scenery.Outcome {
            let encoded = place.utf8.map { byte in
                let hex = String(byte, radix: 16)
                return "%" + (hex.utf8.count == 1 ? "0" : "") + hex
            }.joined()
            return try scenery.ask(
                "/v1/redirect?code=\(code)&to=\(encoded)", method: method, headers: headers, body: body,
                at: [try scenery.endpoint(server, auth: Scenery.bearer)] + others)
        }

        @Test(arguments: ["/v1/x?y=1", "x?y=1", "//localhost:PLAIN/v1/x?y=1", "http://LOCALHOST:PLAIN/v1/x?y=1#z"])
        func `inside its endpoint is followed`(place: String) throws {
            let named = place.split(separator: "PLAIN", omittingEmptySubsequences: false)
                .joined(separator: String(scenery.server.port("plain")))
            let outcome = try follow(named)
            #expect(outcome.response?.status == 200, "\(String(describing: outcome.error))")
            let arrived = try #require(scenery.server.requests("plain").last)
            #expect(arrived["target"] == "/v1/x?y=1")
            #expect(outcome.report.redirects == 1)
            #expect(outcome.report.hops.map(\.status) == [302, 200])
            #expect(outcome.report.hops.map(\.secret) == ["test", "test"])
        }

        @Test(arguments: [
            "/admin", "/v1/../admin", "http://localhost:CLOSED/v1/x", "http://localhost:OTHER/v1/x",
            "http://169.254.169.254/latest/meta-data", "http://127.0.0.1:PLAIN/v1/x", "ftp://localhost/v1/x",
            "file:///etc/passwd", "gopher://localhost:PLAIN/v1/x", "http://user:pass@localhost:PLAIN/v1/x",
            "javascript:alert(1)", "http://localhost:PLAIN\\@evil.test/v1/x", "http://[::1]:PLAIN/v1/x", "http:///v1/x",
        ])
        func `off the list is not`(place: String) throws {
            var named = place
            for (mark, name) in [("PLAIN", "plain"), ("OTHER", "other"), ("CLOSED", "closed")] {
                named = named.split(separator: mark, omittingEmptySubsequences: false)
                    .joined(separator: String(scenery.server.port(name)))
            }
            let before = scenery.server.requests("other.connection").count
            let outcome = try follow(named)
            #expect(outcome.error?.detail == "egress.redirect", "\(String(describing: outcome.error))")
            #expect(outcome.error?.code == .policyBlock)
            #expect(scenery.server.requests("other.connection").count == before)
            #expect(scenery.server.requests("plain").last?["target"]?.stringValue?.hasPrefix("/v1/redirect") == true)
        }

        @Test func `to another listed origin loses the credentials`() throws {
            let place = scenery.origin("other") + "/v1/x"
            let outcome = try follow(
                place, code: 307, method: "POST", body: "a prompt",
                headers: [("Content-Type", "text/plain"), ("X-Mine", "1")], and: [try scenery.endpoint("other")])
            #expect(outcome.response?.status == 200)
            let first = try #require(scenery.server.requests("plain").last)
            #expect("\(first)".contains(Scenery.secret))
            let arrived = try #require(scenery.server.requests("other").last)
            #expect(arrived["method"] == "POST" && arrived["body"] == "a prompt")
            let text = "\(arrived)".lowercased()
            #expect(!text.contains("authorization") && !text.contains("x-mine"))
            #expect(text.contains("text/plain"))
            #expect(!scenery.server.heard(Scenery.secret, elsewhereThan: "plain"))
            let report = outcome.report
            #expect(report.hops.map(\.endpoint) == ["plain", "other"] && report.endpoint == "other")
            #expect(report.hops.map(\.origin.port) == ["plain", "other"].map { scenery.server.port($0) })
            #expect(report.hops.map(\.status) == [307, 200] && report.hops.map(\.secret) == ["test", nil])
        }

        @Test func `back to where it came from does not get the credentials back`() throws {
            let back = (scenery.origin("plain") + "/v1/x").utf8.map { "%" + String($0, radix: 16) }.joined()
            let outcome = try follow(
                scenery.origin("other") + "/v1/redirect?to=" + back, and: [try scenery.endpoint("other")])
            #expect(outcome.response?.status == 200, "\(String(describing: outcome.error))")
            let arrived = try #require(scenery.server.requests("plain").last)
            #expect(arrived["target"] == "/v1/x" && !"\(arrived)".contains(Scenery.secret))
            #expect(outcome.report.hops.map(\.secret) == ["test", nil, nil])
        }

        @Test func `to an endpoint with a secret of its own does not spend it`() throws {
            // Else any listed server could have another's credentials used.
            let good = try scenery.endpoint("good", auth: Scenery.bearer)
            let outcome = try follow(
                scenery.origin("good") + "/v1/x", from: "other", and: [good])
            #expect(outcome.error?.detail == "egress.secret", "the policy binds the secret to two other origins")
            let first = try scenery.endpoint("other")
            let place = scenery.origin("good") + "/v1/x"
            let encoded = place.utf8.map { "%" + String($0, radix: 16) }.joined()
            let open = try scenery.ask("/v1/redirect?to=\(encoded)", at: [first, good])
            #expect(open.response?.status == 200)
            let arrived = try #require(scenery.server.requests("good").last)
            #expect(!"\(arrived)".lowercased().contains("authorization"))
        }

        @Test func `that policy does not allow is not followed, even when the manifest names it`() throws {
            scenery.rules["allow"] = JSON([scenery.origin("plain")])
            let before = scenery.server.requests("other.connection").count
            let outcome = try follow(scenery.origin("other") + "/v1/x", and: [try scenery.endpoint("other")])
            #expect(outcome.error?.detail == "egress.redirect")
            #expect(scenery.server.requests("other.connection").count == before)
        }

        @Test func `to a listed name with a private address is refused`() throws {
            scenery.resolver = FixedResolver(["localhost": ["127.0.0.1"], "api.example.org": ["10.0.0.1"]])
            let api = EgressEndpoint(
                name: "api", origin: .init(scheme: .https, host: "api.example.org", port: 443), methods: ["GET"],
                maximumBytes: 1000)
            let outcome = try follow("https://api.example.org/", and: [api])
            #expect(outcome.error?.detail == "egress.address")
            // The server's answer is told of the server, and nothing of the place that was not asked.
            #expect(outcome.report.hops.map(\.status) == [302, nil] && outcome.report.status == nil)
            #expect(outcome.report.endpoint == "api" && outcome.report.hops.last?.secret == nil)
        }

        @Test func `from https to http is refused`() throws {
            let outcome = try follow(
                scenery.origin("plain") + "/v1/x", from: "good", and: [try scenery.endpoint("plain")])
            #expect(outcome.error?.detail == "egress.redirect")
            #expect(outcome.error?.message.contains("plain http") == true)
        }

        @Test func `without end is left`() throws {
            // A redirect to a redirect, and so on.
            var place = "/v1/x"
            for _ in 0..<5 {
                place = "/v1/redirect?to=" + place.utf8.map { "%" + String($0, radix: 16) }.joined()
            }
            let outcome = try scenery.ask(place, at: [try scenery.endpoint("plain")])
            #expect(outcome.error?.detail == "egress.redirect")
            #expect(outcome.report.redirects == 3)
        }

        @Test(arguments: [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
        func `after a POST becomes what the standard says`(code: Int, method: String) throws {
            let outcome = try follow("/v1/x", code: code, method: "POST", body: "b", headers: [("Content-Type", "a/b")])
            #expect(outcome.response?.status == 200)
            let arrived = try #require(scenery.server.requests("plain").last)
            #expect(arrived["method"] == .string(method) && arrived["body"] == .string(method == "GET" ? "" : "b"))
            #expect("\(arrived)".contains(Scenery.secret), "the origin is the same")
        }

        @Test func `that changes the method to one that is not listed is refused`() throws {
            let outcome = try scenery.ask(
                "/v1/redirect?code=303&to=%2fv1%2fx", method: "POST",
                at: [try scenery.endpoint("plain", methods: ["POST"])])
            #expect(outcome.error?.detail == "egress.redirect")
        }
    }
}
