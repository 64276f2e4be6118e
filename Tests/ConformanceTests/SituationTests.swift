import Foundations
import TestSupport
import Testing

@testable import Conformance

@Suite struct `The catalogue of situations` {
    private static func catalog() throws -> SituationCatalog {
        try SituationCatalog(folder: Stage.repository + "/registry/conformance")
    }

    @Test func `has at least 120 situations, and a script or a reason for each vendor`() throws {
        let catalog = try Self.catalog()
        #expect(catalog.situations.count >= 120)
        #expect(catalog.wires.map(\.name) == SituationCatalog.names)
        for wire in catalog.wires {
            let reasons = catalog.situations.compactMap { wire.absence($0) }
            let isMostlyThere = reasons.count * 2 < catalog.situations.count && !reasons.contains("")
            #expect(isMostlyThere, "\(wire.name)")
        }
    }

    @Test func `expects retry and fallback as the taxonomy has them`() throws {
        for situation in try Self.catalog().situations {
            let fields = situation.expected.fields
            guard let name = fields["outcome"], let code = SluiceError.Code(name: name) else { continue }
            let mayRetry = code.isTransient && code != .quotaExhausted
            #expect(fields["retry"] == (mayRetry ? "yes" : "no"), "\(situation.id)")
            #expect(fields["fallback"] == (code.allowsFallback ? "yes" : "no"), "\(situation.id)")
        }
    }

    @Test func `refuses a script that is none, and a situation without one`() throws {
        let broken: [JSON] = [
            [:], ["exchanges": []], ["connection": "sideways"], ["exchanges": [["method": "GET"]]],
        ]
        for json in broken { #expect(SituationScript(json) == nil) }
        #expect(throws: SluiceError.self) { try SituationCatalog(folder: "/nowhere") }
    }

    @Test func `writes dates as HTTP has them`() {
        #expect(HTTPDate.text(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate.text(1_709_164_799) == "Wed, 28 Feb 2024 23:59:59 GMT")
    }
}

@Suite struct `A scripted reply` {
    private static func sent(_ reply: JSON) throws -> String {
        var exchange = reply.objectValue ?? [:]
        exchange["method"] = "POST"
        exchange["path"] = "/v1"
        let script = try #require(SituationScript(["exchanges": .array([.object(exchange)])]))
        let request = LoopbackServer.Request(method: "POST", target: "/v1?x=1", headers: [], body: [], head: [])
        return script.steps(request, now: 0).map { step in
            switch step {
            case .send(let bytes): String(decoding: bytes, as: UTF8.self)
            case .pause(let milliseconds): "<\(milliseconds)>"
            case .hold: "<hold>"
            case .reset: "<reset>"
            }
        }.joined()
    }

    @Test func `announces more than it sends when it is cut`() throws {
        let whole = try Self.sent(["status": 200, "body": ["abcdef"]])
        #expect(whole.hasSuffix("Content-Length: 6\r\n\r\nabcdef"))
        let short = try Self.sent(["status": 200, "body": ["abcdef"], "cut": ["after": 2, "how": "reset"]])
        #expect(short.hasSuffix("Content-Length: 6\r\n\r\nab<reset>"))
        let last = try Self.sent(["status": 200, "body": ["abcdef"], "cut": ["how": "close"]])
        #expect(last.hasSuffix("Content-Length: 7\r\n\r\nabcdef"))
    }

    @Test func `is split into pieces and chunks, with pauses between`() throws {
        let chunks = try Self.sent(["status": 200, "framing": "chunked", "piece": 2, "body": ["abc"]])
        #expect(chunks.hasSuffix("\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"))
        let cut = try Self.sent(["status": 200, "framing": "chunked", "body": ["a"], "cut": ["how": "close"]])
        #expect(cut.hasSuffix("1\r\na\r\n"))
        let paused = try Self.sent(["status": 200, "framing": "close", "body": ["a", ["pause_ms": 5], "b"]])
        #expect(paused.hasSuffix("\r\n\r\na<5>b") && !paused.contains("Content-Length"))
    }

    @Test func `repeats, decodes, and says hints before its head`() throws {
        let reply = try Self.sent([
            "status": 200, "headers": ["retry-after": "{date+90}"], "before": [[103, ["link": "x"]]],
            "body": [["repeat": "ab", "times": 3], ["base64": "Yw=="]],
        ])
        #expect(reply.hasPrefix("HTTP/1.1 103 Suite\r\nlink: x\r\n\r\nHTTP/1.1 200 Suite\r\n"))
        #expect(reply.hasSuffix("abababc") && reply.contains("retry-after: Thu, 01 Jan 1970 00:01:30 GMT"))
    }

    @Test func `is 404 for a path that the script does not know`() throws {
        let script = try #require(
            SituationScript(["exchanges": [["method": "GET", "path": "/a", "status": 200, "body": []]]]))
        let request = LoopbackServer.Request(method: "GET", target: "/b", headers: [], body: [], head: [])
        guard case .send(let head)? = script.steps(request, now: 0).first else {
            Issue.record("nothing is sent")
            return
        }
        #expect(String(decoding: head, as: UTF8.self).hasPrefix("HTTP/1.1 404 "))
    }
}
