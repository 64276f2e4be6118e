import Contracts
import Egress
import Foundations
import Glibc
import TestSupport
import Testing

extension Servers {
    @Suite struct `A kept connection` {
        // Another one: this suite sends it to more places than other suites allow theirs.
        static let secret = "sk-KEPT-51d0c2a9"
        static let variable = "SLUICE_TEST_EGRESS_KEPT"

        let scenery: Scenery
        let resolver = FixedResolver(["localhost": ["127.0.0.1"], "pinned.test": ["127.0.0.1"]])

        init() throws {
            scenery = try Scenery()
            scenery.resolver = resolver
            setenv(Self.variable, Self.secret, 1)
        }

        private func broker() throws -> EgressBroker { try scenery.broker("env:" + Self.variable) }

        private func connections(_ server: String) -> Int { scenery.server.requests(server + ".connection").count }

        /// Within a few seconds.
        private func soon(_ condition: () -> Bool) -> Bool {
            for _ in 0..<500 where !condition() { poll(nil, 0, 10) }
            return condition()
        }

        private func hex(_ text: String) -> String {
            text.utf8.map { byte in "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        }

        @Test(arguments: ["plain", "good"])
        func `carries the next request, and its name is not looked up again`(server: String) throws {
            let broker = try broker()
            let endpoint = try scenery.endpoint(server, auth: Scenery.bearer)
            let before = connections(server)
            for turn in 0..<5 {
                let outcome = try scenery.ask(
                    "/v1/x?turn=\(turn)", method: turn == 2 ? "POST" : "GET", body: turn == 2 ? "a prompt" : "",
                    at: [endpoint], by: broker)
                #expect(outcome.response?.status == 200, "\(String(describing: outcome.error))")
                #expect(outcome.report.secret == "test" && outcome.report.bytesSent > 0)
                #expect(outcome.text.contains("turn=\(turn)"))
            }
            #expect(connections(server) == before + 1)
            #expect(resolver.count("localhost") == 1)
            let heard = scenery.server.requests(server).suffix(5)
            let carry = heard.filter { "\($0)".contains(Self.secret) }
            #expect(carry.count == 5)
        }

        @Test func `is not for another origin, secret or broker`() throws {
            let broker = try broker()
            let open = try scenery.endpoint("good")
            let before = connections("good")
            let places = [
                open, try scenery.endpoint("good", auth: Scenery.bearer),
                try scenery.endpoint("good", host: "pinned.test"),
                EgressEndpoint(
                    name: "good", origin: open.origin, methods: ["GET"], pathPrefix: "/v1/", maximumBytes: 1000,
                    isLocal: true,
                    authentication: EgressEndpoint.Authentication(header: "x-api-key", scheme: nil, secret: "test")),
            ]
            for place in places {
                #expect(try scenery.ask("/v1/x", at: [place], by: broker).response?.status == 200)
            }
            // The third names the same machine by another name; the fourth is of the second's kind.
            #expect(connections("good") == before + 3)
            #expect(try scenery.ask("/v1/x", at: [open]).response?.status == 200)
            #expect(connections("good") == before + 4)
            #expect(broker.idleConnections == 3)
        }

        @Test func `does not outlive its broker`() throws {
            var broker: EgressBroker? = try broker()
            let before = scenery.server.requests("plain.closed").count
            #expect(try scenery.ask("/v1/x", at: [try scenery.endpoint("plain")], by: broker).response?.status == 200)
            #expect(broker?.idleConnections == 1)
            broker = nil
            let isClosed = soon { scenery.server.requests("plain.closed").count > before }
            #expect(isClosed)
        }

        @Test func `does not outlive its desk either, whose threads wait`() throws {
            let before = scenery.server.requests("plain.closed").count
            let first = connections("plain")
            var desk: EgressDesk? = try EgressDesk(try self.broker(), endpoints: [try scenery.endpoint("plain")])
            for id in 0..<UInt32(3) {
                try desk?.start(id, EgressRequest(endpoint: "plain", method: "GET", path: "/v1/x"), deadline: .max)
            }
            var ended = 0
            let isDone = soon {
                ended += desk?.take().count ?? 0
                return ended == 3
            }
            // A request that begins behind another's end goes over its connection.
            let opened = connections("plain") - first
            desk = nil
            let areClosed = soon { scenery.server.requests("plain.closed").count == before + opened }
            #expect(isDone && areClosed && (1...3).contains(opened))
        }

        @Test func `is closed when it was idle for too long, by a thread that waits`() throws {
            scenery.limits.idleSeconds = 0.2
            let broker = try broker()
            let desk = try EgressDesk(broker, endpoints: [try scenery.endpoint("plain")])
            let before = scenery.server.requests("plain.closed").count
            try desk.start(1, EgressRequest(endpoint: "plain", method: "GET", path: "/v1/x"), deadline: .max)
            var ended: [EgressDesk.Done] = []
            let isDone = soon {
                ended += desk.take()
                return !ended.isEmpty
            }
            #expect(isDone && ended.first?.report.status == 200)
            // Nobody asks for anything any more.
            let isClosed = soon { scenery.server.requests("plain.closed").count > before }
            #expect(isClosed)
            #expect(broker.idleConnections == 0)
        }

        @Test func `that is too old is not used again`() throws {
            scenery.limits.connectionSeconds = 0
            let broker = try broker()
            let before = connections("plain")
            for _ in 0..<2 { _ = try scenery.ask("/v1/x", at: [try scenery.endpoint("plain")], by: broker) }
            #expect(connections("plain") == before + 2 && resolver.count("localhost") == 2)
        }

        @Test func `is one of a few`() throws {
            scenery.limits.idleConnections = 2
            let broker = try broker()
            for name in ["plain", "other", "good"] {
                #expect(try scenery.ask("/v1/x", at: [try scenery.endpoint(name)], by: broker).response != nil)
            }
            #expect(broker.idleConnections == 2)
        }

        @Test(arguments: ["plain", "good"])
        func `that its server closed in time is not written to`(server: String) throws {
            let broker = try broker()
            let endpoint = try scenery.endpoint(server)
            let before = connections(server)
            let closed = scenery.server.requests("closed").count
            #expect(try scenery.ask("/v1/close_after", at: [endpoint], by: broker).text == "then closed")
            let isClosed = soon { scenery.server.requests("closed").count > closed }
            #expect(isClosed)
            let next = try scenery.ask("/v1/x", method: "POST", body: "once", at: [endpoint], by: broker)
            #expect(next.response?.status == 200, "\(String(describing: next.error))")
            #expect(connections(server) == before + 2 && next.report.hops.count == 1)
        }

        @Test(arguments: [
            ("plain", "end", "POST"), ("plain", "reset", "POST"), ("good", "end", "POST"), ("plain", "end", "GET"),
        ])
        func `that breaks under a request does not send it a second time`(
            server: String, how: String, method: String
        ) throws {
            let broker = try broker()
            let endpoint = try scenery.endpoint(server)
            let name = "cut.\(server).\(how).\(method)"
            let (before, heard) = (connections(server), scenery.server.requests(server).count)
            #expect(
                try scenery.ask("/v1/ask_and_cut?how=\(how)&name=\(name)", at: [endpoint], by: broker).text == "first")
            let outcome = try scenery.ask(
                "/v1/x", method: method, body: method == "POST" ? "pay me once" : "", at: [endpoint], by: broker)
            let error = try #require(outcome.error, "it was sent again: \(outcome.text)")
            #expect(error.detail == "egress.reset" && error.code == .transientError)
            #expect(error.message.contains("not sent again"), "\(error)")
            #expect(scenery.server.requests(name).count == 1, "it arrived once")
            #expect(scenery.server.requests(server).count == heard + 1 && connections(server) == before + 1)
            // A server that hangs up without a word is not kept for a while, so that this does not go on.
            for _ in 0..<2 {
                #expect(try scenery.ask("/v1/x", at: [endpoint], by: broker).response?.status == 200)
            }
            #expect(connections(server) == before + 3 && broker.idleConnections == 0)
        }

        @Test(
            arguments: [
                ("at_once", "counted"), ("after_head", "counted"), ("later", "counted"), ("at_once", "chunked"),
                ("after_head", "chunked"), ("at_once", "zero"), ("at_once", "none"), ("after_head", "none"),
            ], ["plain", "good"])
        func `on which more came than was asked for is not used again`(
            what: (when: String, body: String), server: String
        ) throws {
            let broker = try broker()
            let endpoint = try scenery.endpoint(server)
            let (said, before) = (scenery.server.requests("said").count, connections(server))
            let first = try scenery.ask(
                "/v1/say_more?when=\(what.when)&body=\(what.body)", at: [endpoint], by: broker)
            #expect(first.text == (["counted", "chunked"].contains(what.body) ? "first" : ""))
            let isSaid = soon { scenery.server.requests("said").count > said }
            #expect(isSaid)
            let next = try scenery.ask("/v1/x", at: [endpoint], by: broker)
            #expect(next.response?.status == 200 && !next.text.contains("poisoned"), "\(next.text)")
            #expect(connections(server) == before + 2)
        }

        @Test func `is asked about anew: policy counts for every request`() throws {
            let endpoint = try scenery.endpoint("plain")
            let broker = try broker()
            #expect(try scenery.ask("/v1/x", at: [endpoint], by: broker).response?.status == 200)
            let remote = try scenery.endpoint("plain", isLocal: false)
            #expect(try scenery.ask("/v1/x", at: [remote], by: broker).error?.detail == "egress.policy")
            #expect(try scenery.ask("/v2/x", at: [endpoint], by: broker).error?.detail == "egress.endpoint")
        }

        @Test func `of a request that was redirected away holds no secret of the first place`() throws {
            let broker = try broker()
            let first = try scenery.endpoint("plain", auth: Scenery.bearer)
            let other = try scenery.endpoint("other")
            for _ in 0..<2 {
                let outcome = try scenery.ask(
                    "/v1/redirect?to="
                        + hex(scenery.origin("other") + "/v1/redirect?to=" + hex(scenery.origin("plain") + "/v1/x")),
                    at: [first, other], by: broker)
                #expect(outcome.response?.status == 200, "\(String(describing: outcome.error))")
                #expect(outcome.report.hops.map(\.secret) == ["test", nil, nil])
                let arrived = try #require(scenery.server.requests("plain").last)
                #expect(!"\(arrived)".contains(Self.secret))
            }
            // With the secret, without it, and the other origin.
            #expect(broker.idleConnections == 3)
        }

        @Test func `goes through the proxy to the same place alone`() throws {
            scenery.resolver = FixedResolver(["api.example.org": ["93.184.216.40"], "localhost": ["127.0.0.1"]])
            scenery.rules["proxy"] = .string("http://127.0.0.1:\(scenery.server.port("proxy"))")
            let endpoint = EgressEndpoint(
                name: "api", origin: try #require(Origin("https://api.example.org")), methods: ["GET"],
                maximumBytes: 1000)
            let broker = try broker()
            let before = scenery.server.requests("proxy").count
            for _ in 0..<3 {
                let outcome = try scenery.ask("/v1/x", at: [endpoint], by: broker)
                #expect(outcome.response?.status == 200, "\(String(describing: outcome.error))")
            }
            #expect(scenery.server.requests("proxy").count == before + 1, "one tunnel carries them")
        }

        @Test func `is not used while another request has it`() throws {
            let broker = try broker()
            let desk = try EgressDesk(broker, endpoints: [try scenery.endpoint("plain")])
            let before = connections("plain")
            for round in 0..<UInt32(2) {
                for id in 0..<UInt32(4) {
                    try desk.start(
                        round * 4 + id,
                        EgressRequest(endpoint: "plain", method: "GET", path: "/v1/think?seconds=0.2&n=\(id)"),
                        deadline: .max)
                }
                var ended: [EgressDesk.Done] = []
                let areDone = soon {
                    ended += desk.take()
                    return ended.count == 4
                }
                #expect(areDone && ended.map(\.report.status) == [200, 200, 200, 200])
            }
            #expect(connections("plain") == before + 4, "four at a time, and the same four again")
        }
    }
}
