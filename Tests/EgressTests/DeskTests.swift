import Contracts
import Egress
import Foundations
import Glibc
import Synchronization
import TestSupport
import Testing

/// Lets nobody look a name up until it is opened; other names are those of the machine itself.
private final class GatedResolver: HostResolver {
    private let ends: (out: Int32, into: Int32)
    private let gated = "pinned.test"
    private let waiting = Mutex(0)

    init() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        self.ends = (ends[0], ends[1])
    }

    deinit { close(ends.out) }

    /// Whether somebody waits, within a few seconds.
    func isAskedSoon() -> Bool {
        for _ in 0..<500 where waiting.withLock({ $0 }) == 0 { poll(nil, 0, 10) }
        return waiting.withLock { $0 } > 0
    }

    /// Once.
    func open() { close(ends.into) }

    func addresses(of host: String) throws(SluiceError) -> [IPAddress] {
        if host == gated {
            waiting.withLock { $0 += 1 }
            var byte: UInt8 = 0
            // Ends when the other end of the pipe is closed.
            _ = read(ends.out, &byte, 1)
        }
        return IPAddress("127.0.0.1").map { [$0] } ?? []
    }
}

extension Servers {
    @Suite struct `A desk` {
        let scenery: Scenery
        private let gate: GatedResolver

        init() throws {
            scenery = try Scenery()
            gate = try GatedResolver()
            scenery.resolver = gate
        }

        private func request(_ endpoint: String, _ path: String = "/v1/silent") -> EgressRequest {
            EgressRequest(endpoint: endpoint, method: "GET", path: path)
        }

        private func endpoints(bytes: Int = 1 << 20) throws -> [EgressEndpoint] {
            let gated = try scenery.endpoint("good", host: "pinned.test")
            return [
                try scenery.endpoint("plain", bytes: bytes, auth: Scenery.bearer),
                EgressEndpoint(
                    name: "gated", origin: gated.origin, methods: ["GET"], pathPrefix: "/v1/", maximumBytes: bytes,
                    isLocal: true),
            ]
        }

        /// Waits until something is done, a few seconds at most.
        private func wait(_ desk: EgressDesk) {
            var waited = pollfd(fd: desk.readiness, events: Int16(POLLIN), revents: 0)
            poll(&waited, 1, 5000)
        }

        @Test func `does not take the end of one request for that of another`() throws {
            let desk = try EgressDesk(try scenery.broker(), endpoints: try endpoints())
            try desk.start(7, request("gated"), deadline: .max)
            let abandoned = desk.abandon()
            #expect(abandoned.map(\.id) == [7] && abandoned[0].report.error?.detail == "egress.timeout")
            // The number is the plugin's own, and free again.
            try desk.start(7, request("plain"), deadline: .max)
            gate.open()
            wait(desk)
            let stale = desk.take()
            #expect(stale.isEmpty, "\(stale.map(\.report.endpoint))")
            #expect(!desk.isEmpty, "the second is still under way")
            let ended = desk.abandon()
            #expect(ended.count == 1 && ended.first?.report.endpoint == "plain")
            #expect(ended.first?.number != abandoned.first?.number)
        }

        @Test func `tells of a request that it gives up what it did`() throws {
            defer { gate.open() }
            let place = "https://pinned.test:\(scenery.server.port("good"))/v1/x"
            let encoded = place.utf8.map { "%" + String($0, radix: 16) }.joined()
            let desk = try EgressDesk(try scenery.broker(), endpoints: try endpoints())
            try desk.start(1, request("plain", "/v1/redirect?to=" + encoded), deadline: .max)
            #expect(gate.isAskedSoon())
            let report = try #require(desk.abandon().first).report
            #expect(report.error?.message.contains("given up") == true, "\(report)")
            #expect(report.hops.map(\.endpoint) == ["plain", "gated"] && report.endpoint == "gated")
            #expect(report.hops.map(\.status) == [302, nil] && report.hops.map(\.secret) == ["test", nil])
            #expect(report.secret == "test" && report.redirects == 1 && report.bytesSent > 100)
            #expect(report.milliseconds >= 400)
        }

        @Test func `counts the threads that still wait for what was given up`() throws {
            scenery.limits.concurrent = 2
            let desk = try EgressDesk(try scenery.broker(), endpoints: try endpoints())
            for id in 0..<UInt32(2) { try desk.start(id, request("gated"), deadline: .max) }
            #expect(desk.abandon().count == 2)
            var refusal: SluiceError?
            do { try desk.start(2, request("plain"), deadline: .max) } catch { refusal = error }
            #expect(refusal?.detail == "egress.call")
            gate.open()
            var isStarted = false
            for _ in 0..<500 where !isStarted {
                isStarted = (try? desk.start(3, request("plain"), deadline: .max)) != nil
                if !isStarted { poll(nil, 0, 10) }
            }
            #expect(isStarted, "once they are gone there is room again")
        }

        @Test func `holds no more than its share of memory`() throws {
            scenery.limits.bytesInFlight = 3 << 20
            let desk = try EgressDesk(try scenery.broker(), endpoints: try endpoints())
            for id in 0..<UInt32(3) { try desk.start(id, request("plain"), deadline: .max) }
            var refusal: SluiceError?
            do { try desk.start(3, request("plain"), deadline: .max) } catch { refusal = error }
            #expect(refusal?.detail == "egress.call" && refusal?.message.contains("bytes") == true)
            _ = desk.abandon()
            try desk.start(4, request("plain"), deadline: .max)
        }

        @Test func `starts nothing that could not be noted before`() throws {
            let desk = try EgressDesk(try scenery.broker(), endpoints: try endpoints())
            let before = scenery.server.requests("plain.connection").count
            var thrown: SluiceError?
            do throws(SluiceError) {
                try desk.start(1, request("plain", "/v1/x"), deadline: .max) { (_) throws(SluiceError) in
                    throw SluiceError(.storeFailed, "The ledger is full.")
                }
            } catch { thrown = error }
            #expect(thrown?.detail == "store.failed" && desk.isEmpty)
            try desk.start(1, request("plain", "/v1/x"), deadline: .max)
            wait(desk)
            #expect(desk.take().first?.report.status == 200)
            #expect(scenery.server.requests("plain.connection").count == before + 1)
        }
    }
}
