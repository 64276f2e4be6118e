import Egress
import Foundations
import Glibc
import TestSupport
import Testing

/// Everything that talks to the servers; one after another, because they share a record.
@Suite(.serialized) struct Servers {}

extension Servers {
    @Suite struct `A hostile server` {
        let scenery: Scenery

        init() throws {
            scenery = try Scenery()
            // Short, so that a test does not wait as long as a user would.
            scenery.limits.headSeconds = 1
            scenery.limits.stallSeconds = 1
            scenery.limits.connectSeconds = 2
            scenery.limits.bytesPerSecond = 64
        }

        struct Case: Sendable, CustomTestStringConvertible {
            let path: String
            let detail: String
            /// Seconds that it may take.
            var within: Double = 3
            var server = "plain"
            var deadline: Double = 20

            var code: SluiceError.Code { ErrorKind.all.first { $0.id == detail }?.code ?? .policyBlock }
            var testDescription: String { "\(server) \(path)" }
        }

        static let cases = [
            Case(path: "/v1/big", detail: "egress.answer"),
            Case(path: "/v1/big?length=1", detail: "egress.answer"),
            Case(path: "/v1/endless", detail: "egress.answer"),
            Case(path: "/v1/bomb", detail: "egress.answer", within: 5),
            // A body is coded once, and what its coding is worth is counted as it comes.
            Case(path: "/v1/layers?head=Content-Encoding:+gzip,gzip,gzip,gzip", detail: "egress.answer"),
            Case(path: "/v1/layers?head=Content-Encoding:+gzip%0d%0acontent-encoding:+gzip", detail: "egress.answer"),
            Case(path: "/v1/layers?head=Transfer-Encoding:+gzip,+gzip", detail: "egress.answer"),
            Case(path: "/v1/layers?head=Transfer-Encoding:+gzip%0d%0aTransfer-Encoding:+gzip", detail: "egress.answer"),
            Case(path: "/v1/layers?head=Content-Encoding:+br", detail: "egress.answer"),
            Case(path: "/v1/empty_blocks", detail: "egress.answer"),
            Case(path: "/v1/coded?as=gzip&cut=9", detail: "egress.answer"),
            Case(path: "/v1/coded?as=gzip&cut=500", detail: "egress.answer"),
            Case(path: "/v1/coded?as=deflate&more=another", detail: "egress.answer"),
            Case(path: "/v1/big_head", detail: "egress.answer"),
            Case(path: "/v1/big_line", detail: "egress.answer"),
            Case(path: "/v1/endless_100", detail: "egress.answer"),
            Case(path: "/v1/slow_head", detail: "egress.timeout"),
            Case(path: "/v1/slow_status", detail: "egress.timeout"),
            Case(path: "/v1/slow_body", detail: "egress.timeout"),
            Case(path: "/v1/loris", detail: "egress.timeout"),
            Case(path: "/v1/head_alone", detail: "egress.timeout"),
            Case(path: "/v1/silent", detail: "egress.timeout", deadline: 1),
            Case(path: "/v1/x", detail: "egress.timeout", server: "mute", deadline: 1),
            Case(path: "/v1/garbage", detail: "egress.unreachable"),
            Case(path: "/v1/x", detail: "egress.unreachable", server: "closed"),
            Case(path: "/v1/hang_up", detail: "egress.reset"),
            Case(path: "/v1/partial", detail: "egress.reset"),
            Case(path: "/v1/hang_up", detail: "egress.reset", server: "good"),
            Case(path: "/v1/partial", detail: "egress.reset", server: "good"),
            Case(path: "/v1/reset?at=none", detail: "egress.reset"),
            Case(path: "/v1/reset?at=head", detail: "egress.reset"),
            Case(path: "/v1/reset?at=head&how=end", detail: "egress.reset"),
            Case(path: "/v1/reset?at=counted", detail: "egress.reset"),
            Case(path: "/v1/reset?at=chunked", detail: "egress.reset"),
            Case(path: "/v1/reset?at=chunked&how=end", detail: "egress.reset"),
            Case(path: "/v1/x", detail: "egress.tls", server: "wrong"),
            Case(path: "/v1/x", detail: "egress.tls", server: "expired"),
            Case(path: "/v1/x", detail: "egress.tls", server: "selfsigned"),
            Case(path: "/v1/x", detail: "egress.tls", server: "tls11"),
        ]

        @Test(arguments: cases)
        func `is left in time, with the right code`(_ hostile: Case) throws {
            // Other tests of this process allocate meanwhile: the least of a few goes counts.
            var grown = Int.max
            for _ in 0..<8 where grown >= 48 * 1024 {
                clearPeak()
                let before = memory("VmRSS")
                let outcome = try scenery.ask(
                    hostile.path, at: [try scenery.endpoint(hostile.server)], seconds: hostile.deadline)
                grown = min(grown, memory("VmHWM") - before)
                let error = try #require(outcome.error, "\(outcome.text.prefix(200))")
                #expect(error.detail == hostile.detail, "\(error)")
                #expect(error.code == hostile.code, "\(error)")
                #expect(outcome.seconds < hostile.within, "\(outcome.seconds) s")
                #expect(!error.hint.isEmpty && error.message.contains("localhost"), "\(error)")
            }
            #expect(grown < 48 * 1024, "the peak grew by \(grown) KiB")
        }

        /// The peak is counted from now on.
        private func clearPeak() {
            let descriptor = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return }
            _ = write(descriptor, "5", 1)
            close(descriptor)
        }

        @Test func `has codes that a caller can act upon`() {
            let codes: [(ErrorKind, SluiceError.Code)] = [
                (.egressUnreachable, .providerUnhealthy), (.egressTLS, .providerUnhealthy),
                (.egressSecret, .providerUnhealthy), (.egressReset, .transientError), (.egressTimeout, .timeout),
                (.egressAnswer, .quarantineRequired), (.egressSize, .policyBlock), (.egressAddress, .policyBlock),
            ]
            for (kind, code) in codes { #expect(kind.code == code, "\(kind.id)") }
        }

        @Test func `whose bytes are no text hands them over as they are`() throws {
            let outcome = try scenery.ask("/v1/raw", at: [try scenery.endpoint("plain")])
            let expected = (0..<16).flatMap { _ in (0...255).map { UInt8($0) } }
            #expect(outcome.response?.body == expected)
        }

        @Test func `that nobody can look up is unreachable`() throws {
            scenery.resolver = FixedResolver([:])
            let error = try #require(try scenery.ask("/v1/x", at: [try scenery.endpoint("plain")]).error)
            #expect(error.detail == "egress.unreachable" && error.code == .providerUnhealthy)
        }

        /// A hundred at once, each with an answer that never ends or never comes.
        @Test func `does not hold more because it has many connections`() throws {
            scenery.limits.concurrent = 100
            let endpoint = try scenery.endpoint("plain", bytes: 64 * 1024)
            let paths = ["/v1/silent", "/v1/loris", "/v1/slow_head", "/v1/endless", "/v1/head_alone"]
            clearPeak()
            let before = memory("VmRSS")
            let desk = try EgressDesk(try scenery.broker(), endpoints: [endpoint])
            let deadline = Context.system.monotonic() + 3_000_000_000
            for id in 0..<UInt32(100) {
                let request = EgressRequest(endpoint: "plain", method: "GET", path: paths[Int(id) % paths.count])
                try desk.start(id, request, deadline: deadline)
            }
            var ended: [EgressDesk.Done] = []
            for _ in 0..<200 where !desk.isEmpty {
                var waited = pollfd(fd: desk.readiness, events: Int16(POLLIN), revents: 0)
                poll(&waited, 1, 100)
                ended += desk.take()
            }
            #expect(ended.count == 100 && desk.isEmpty)
            let details = Set(ended.map { $0.report.error?.detail ?? "none" })
            #expect(details == ["egress.timeout", "egress.answer"], "\(details)")
            let grown = memory("VmHWM") - before
            #expect(grown < 64 * 1024, "the peak grew by \(grown) KiB")
        }

        @Test(arguments: ["wrong", "expired", "selfsigned", "tls11"])
        func `that is not trusted hears nothing`(name: String) throws {
            let endpoint = try scenery.endpoint(name, auth: Scenery.bearer)
            scenery.rules["secrets"] = [
                "test": [
                    "secret_ref": .string("env:" + Scenery.secretVariable), "origins": JSON([scenery.origin(name)]),
                ]
            ]
            let before = scenery.server.requests(name).count
            let outcome = try scenery.ask("/v1/x", method: "POST", body: "a masked prompt", at: [endpoint])
            #expect(outcome.error?.detail == "egress.tls")
            #expect(outcome.report.secret == nil && outcome.report.bytesSent == 0, "and that is what is recorded")
            #expect(scenery.server.requests(name).count == before)
        }

        @Test func `without its authority is not trusted`() throws {
            scenery.rules["ca_file"] = .null
            let outcome = try scenery.ask("/v1/x", at: [try scenery.endpoint("good")])
            #expect(outcome.error?.detail == "egress.tls")
            scenery.rules["ca_file"] = "/nowhere/ca.pem"
            let missing = try scenery.ask("/v1/x", at: [try scenery.endpoint("good")])
            #expect(missing.error?.detail == "egress.tls")
            #expect(missing.error?.message.contains("/nowhere/ca.pem") == true)
        }

        @Test func `takes a request too slowly and is left`() throws {
            // Nobody reads at the other end: the sockets' buffers fill up, and then nothing moves. No answer begins.
            scenery.limits.headSeconds = 60
            let body = String(repeating: "x", count: 40 << 20)
            let outcome = try scenery.ask(
                "/v1/x", method: "POST", body: body, at: [try scenery.endpoint("mute", bytes: 64 << 20)])
            #expect(outcome.error?.detail == "egress.timeout")
            #expect(outcome.seconds < 5)
        }

        @Test(arguments: [10, 70_000, 1 << 20])
        func `may think for longer than a head may take`(size: Int) throws {
            scenery.limits.headSeconds = 0.2
            let body = String(repeating: "x", count: size)
            let outcome = try scenery.ask(
                "/v1/think?seconds=1", method: "POST", body: body, at: [try scenery.endpoint("plain")])
            #expect(outcome.text == "thought of \(size)", "\(String(describing: outcome.error))")
        }

        @Test func `that trickles its head behind a large body is left`() throws {
            let body = String(repeating: "x", count: 70_000)
            let outcome = try scenery.ask(
                "/v1/slow_head", method: "POST", body: body, at: [try scenery.endpoint("plain")])
            #expect(outcome.error?.detail == "egress.timeout" && outcome.seconds < 4, "\(outcome.seconds) s")
            #expect(outcome.error?.message.contains("head") == true)
        }

        @Test(arguments: ["/v1/silent", "/v1/slow_body", "/v1/big"])
        func `is left within a moment of a cancellation`(path: String) throws {
            scenery.limits.stallSeconds = 60
            scenery.limits.bytesPerSecond = 0
            let cancellation = EgressCancellation()
            scenery.limits.bytesInFlight = 1 << 30
            let endpoint = try scenery.endpoint("plain", bytes: 1 << 30)
            let broker = try scenery.broker()
            let desk = try EgressDesk(broker, endpoints: [endpoint])
            let request = EgressRequest(endpoint: "plain", method: "GET", path: path)
            // At the desk, which cancels from another thread than the one that waits.
            try desk.start(1, request, deadline: .max)
            poll(nil, 0, 300)
            let before = desk.take()
            #expect(before.isEmpty || path == "/v1/big")
            let began = Context.system.monotonic()
            let ended = before + desk.abandon()
            let seconds = Double(Context.system.monotonic() - began) / 1e9
            #expect(seconds < 0.25, "\(seconds) s")
            #expect(ended.count == 1 && desk.isEmpty)
            cancellation.cancel()
            let outcome = try scenery.ask(path, at: [endpoint], cancellation: cancellation)
            #expect(outcome.error?.detail == "egress.timeout")
        }
    }
}
