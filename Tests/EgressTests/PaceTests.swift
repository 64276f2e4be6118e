import Contracts
import Egress
import Foundations
import Synchronization
import TestSupport
import Testing

extension Servers {
    @Suite struct `The time that a request gives its answer` {
        let scenery: Scenery

        init() throws { scenery = try Scenery() }

        private func ask(
            _ path: String, first: UInt64? = nil, stall: UInt64? = nil, seconds: Double = 30
        ) throws -> Scenery.Outcome {
            try scenery.ask(
                path, at: [try scenery.endpoint("plain")], seconds: seconds, firstByte: first, stall: stall)
        }

        @Test(arguments: ["/v1/silent", "/v1/head_alone", "/v1/think?seconds=20", "/v1/slow_head"])
        func `ends before the first byte of its body`(path: String) throws {
            let outcome = try ask(path, first: 300)
            let error = try #require(outcome.error)
            #expect(error.detail == "egress.timeout" && error.code == .timeout, "\(error)")
            #expect(error.message.contains("300 ms") && error.message.contains("first_byte_ms"), "\(error)")
            #expect(outcome.seconds >= 0.3 && outcome.seconds < 2, "\(outcome.seconds) s")
        }

        @Test(arguments: ["/v1/pieces?count=5&every=5&first=0.05", "/v1/pieces?chunked=1&count=5&every=5"])
        func `ends when a body falls silent`(path: String) throws {
            let outcome = try ask(path, first: 10_000, stall: 300)
            let error = try #require(outcome.error)
            #expect(error.detail == "egress.timeout" && error.code == .timeout, "\(error)")
            #expect(error.message.contains("300 ms") && error.message.contains("stall_ms"), "\(error)")
            #expect(outcome.seconds >= 0.3 && outcome.seconds < 2, "\(outcome.seconds) s")
        }

        @Test func `is that of every piece, not of the whole`() throws {
            // Eight silences of 0.1 s are longer than either limit, and none alone is.
            let outcome = try ask("/v1/pieces?count=8&every=0.1&first=0.1", first: 600, stall: 600)
            #expect(outcome.text == String(repeating: "data", count: 8), "\(String(describing: outcome.error))")
            #expect(outcome.seconds > 0.8)
        }

        @Test func `is not looked at all the time once the first byte is there`() throws {
            let looks = Mutex(0)
            var context = scenery.context
            let clock = context.monotonic
            context.monotonic = {
                looks.withLock { $0 += 1 }
                return clock()
            }
            scenery.context = context
            let outcome = try ask("/v1/pieces?count=20&every=0.05&first=0.05", first: 300)
            #expect(outcome.response?.status == 200, "\(String(describing: outcome.error))")
            let count = looks.withLock { $0 }
            #expect(count < 200, "\(count) looks at the clock in a second")
        }

        @Test func `is over with the body of a 3xx that leads nowhere, which has silences of its own`() throws {
            let slow = try ask("/v1/pieces?code=300&count=8&every=0.1", first: 400, stall: 5000)
            #expect(slow.response?.status == 300, "\(String(describing: slow.error))")
            let silent = try ask("/v1/pieces?code=300&count=5&every=5", first: 10_000, stall: 300)
            #expect(silent.error?.message.contains("stall_ms") == true, "\(String(describing: silent.error))")
        }

        @Test func `is not over for an answer without a body`() throws {
            let outcome = try ask("/v1/status?code=204", first: 5000, stall: 1)
            #expect(outcome.response?.status == 204)
        }

        @Test func `holds for all places that a redirect leads to`() throws {
            let place = "/v1/silent".utf8.map { "%" + String($0, radix: 16) }.joined()
            let outcome = try ask("/v1/redirect?to=" + place, first: 300)
            #expect(outcome.error?.message.contains("first_byte_ms") == true)
            #expect(outcome.report.redirects == 1 && outcome.seconds < 2)
        }

        @Test func `only tightens what the broker allows`() throws {
            scenery.limits.stallSeconds = 0.5
            scenery.limits.bytesPerSecond = 64
            let drip = try ask("/v1/loris", first: 86_400_000, stall: 86_400_000)
            #expect(drip.error?.message.contains("64 bytes a second") == true, "\(String(describing: drip.error))")
            let silent = try ask("/v1/silent", first: 86_400_000, stall: 86_400_000, seconds: 0.5)
            #expect(silent.error?.message.contains("the time that the call has") == true && silent.seconds < 2)
        }

        @Test(arguments: [
            ("1", true), ("86400000", true), ("0", false), ("86400001", false), ("-1", false), ("1.5", false),
            (#""1""#, false), ("null", false), ("true", false), ("1e999", false),
        ])
        func `is a whole number of milliseconds, up to a day`(text: String, isValid: Bool) {
            for name in ["first_byte_ms", "stall_ms"] {
                let json = #"{"endpoint":"a","method":"GET","path":"/","\#(name)":\#(text)}"#
                var failure: SluiceError?
                var request: EgressRequest?
                do throws(SluiceError) { request = try EgressRequest(json: Array(json.utf8), body: []) } catch {
                    failure = error
                }
                guard isValid else {
                    #expect(failure?.detail == "egress.request", "\(json)")
                    continue
                }
                let read = name == "stall_ms" ? request?.stallMilliseconds : request?.firstByteMilliseconds
                #expect(read == UInt64(text), "\(json)")
            }
        }
    }
}
