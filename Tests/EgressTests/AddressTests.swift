import Contracts
import Egress
import Foundations
import TestSupport
import Testing

@Suite struct `An address` {
    @Test(arguments: [
        ("8.8.8.8", IPAddress.Reach.global), ("127.0.0.1", .local), ("127.255.0.9", .local), ("10.1.2.3", .local),
        ("172.16.0.1", .local), ("172.32.0.1", .global), ("192.168.1.1", .local), ("100.64.0.1", .local),
        ("100.128.0.1", .global), ("169.254.169.254", .never), ("0.0.0.0", .never), ("0.1.2.3", .never),
        ("224.0.0.1", .never), ("240.0.0.1", .never), ("255.255.255.255", .never), ("192.0.2.1", .never),
        ("198.18.0.1", .never), ("198.51.100.7", .never), ("203.0.113.7", .never), ("192.0.0.8", .never),
        ("192.88.99.1", .never), ("::1", .local), ("::", .never), ("::127.0.0.1", .never),
        ("::ffff:127.0.0.1", .local), ("::ffff:169.254.169.254", .never), ("::ffff:8.8.8.8", .global),
        ("64:ff9b::10.0.0.1", .never), ("64:ff9b::8.8.8.8", .global), ("64:ff9b:1::1", .never),
        ("2002:7f00:1::1", .never), ("2002:808:808::1", .global), ("2001::1", .never), ("2001:db8::1", .never),
        ("2001:4860:4860::8888", .global), ("3fff::1", .never), ("fc00::1", .local), ("fd12::1", .local),
        ("fe80::1", .never), ("fec0::1", .never), ("ff02::1", .never), ("100::1", .never), ("4000::1", .never),
    ])
    func `belongs to a network of a kind`(text: String, reach: IPAddress.Reach) throws {
        #expect(try #require(IPAddress(text)).reach == reach)
    }
}

extension Servers {
    @Suite struct `A name` {
        let scenery: Scenery

        init() throws { scenery = try Scenery() }

        private func api(isLocal: Bool = false) throws -> EgressEndpoint {
            EgressEndpoint(
                name: "api", origin: try #require(Origin("https://api.example.org")), methods: ["GET"],
                maximumBytes: 1000, isLocal: isLocal)
        }

        @Test(arguments: [
            ["127.0.0.1"], ["10.0.0.7"], ["169.254.169.254"], ["100.64.1.1"], ["::1"], ["::ffff:127.0.0.1"],
            ["fd00::1"],
            ["fe80::1"], ["64:ff9b::127.0.0.1"], ["224.0.0.1"], ["0.0.0.0"], ["93.184.216.34", "127.0.0.1"],
        ])
        func `with an address that is not public is refused`(addresses: [String]) throws {
            scenery.resolver = FixedResolver(["api.example.org": addresses])
            let outcome = try scenery.ask("/", at: [try api()])
            #expect(outcome.error?.detail == "egress.address")
            #expect(outcome.error?.code == .policyBlock)
            // The plugin's word alone does not make it local.
            let claimed = try scenery.ask("/", at: [try api(isLocal: true)])
            #expect(claimed.error?.detail == "egress.address")
            // And neither does policy's.
            scenery.rules["local"] = ["localhost", "pinned.test", "127.0.0.1", "api.example.org"]
            let unclaimed = try scenery.ask("/", at: [try api()])
            #expect(unclaimed.error?.detail == "egress.address")
        }

        @Test(arguments: ["169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.0"])
        func `is refused even when both call it local, for`(address: String) throws {
            scenery.resolver = FixedResolver(["localhost": [address]])
            let outcome = try scenery.ask("/v1/x", at: [try scenery.endpoint("plain")])
            #expect(outcome.error?.detail == "egress.address")
        }

        @Test func `that is called local has no public address, over https either`() throws {
            scenery.resolver = FixedResolver(["localhost": ["93.184.216.34"]])
            let outcome = try scenery.ask("/v1/x", at: [try scenery.endpoint("good")])
            #expect(outcome.error?.detail == "egress.address")
            #expect(outcome.error?.message.contains("the host is called local") == true)
            #expect(outcome.report.bytesSent == 0)
        }

        @Test func `that is called local is not spoken to in plain text over the public network`() throws {
            scenery.resolver = FixedResolver(["localhost": ["93.184.216.34"]])
            let outcome = try scenery.ask("/v1/x", at: [try scenery.endpoint("plain")])
            #expect(outcome.error?.detail == "egress.address")
            #expect(outcome.report.bytesSent == 0)
        }

        @Test(arguments: ["plain", "good"])
        func `is looked up once, and the answer is what is used`(server: String) throws {
            // The second answer would lead elsewhere. The system knows no such name at all.
            let resolver = FixedResolver(changing: ["pinned.test": [["127.0.0.1"], ["169.254.169.254"]]])
            scenery.resolver = resolver
            let endpoint = try scenery.endpoint(server, host: "pinned.test")
            let outcome = try scenery.ask("/v1/x", at: [endpoint])
            #expect(outcome.response?.status == 200, "\(String(describing: outcome.error))")
            #expect(resolver.count("pinned.test") == 1)
            let again = try scenery.ask("/v1/x", at: [endpoint])
            #expect(again.error?.detail == "egress.address")
            #expect(resolver.count("pinned.test") == 2)
        }

        @Test func `without an address is a network failure`() throws {
            let outcome = try scenery.ask("/v1/x", at: [try scenery.endpoint("plain", host: "pinned.test")])
            #expect(outcome.error?.detail == "egress.unreachable")
            #expect(outcome.error?.code.isTransient == true)
            scenery.resolver = SystemResolver()
            let unknown = try scenery.ask("/v1/x", at: [try scenery.endpoint("plain", host: "pinned.test")])
            #expect(unknown.error?.detail == "egress.unreachable")
        }

        @Test func `may be an address itself`() throws {
            let outcome = try scenery.ask("/v1/x", at: [try scenery.endpoint("plain", host: "127.0.0.1")])
            #expect(outcome.response?.status == 200)
        }
    }
}
