import ProviderKit
import Testing

/// Server-sent events and lines of JSON, however they are cut.
@Suite struct EventStreamTests {
    private static func events(_ pieces: [[UInt8]]) throws -> [ServerEvent] {
        var parser = EventParser()
        var events: [ServerEvent] = []
        for piece in pieces { events += try parser.feed(piece) }
        if let last = try parser.finish() { events.append(last) }
        return events
    }

    private static let samples: [(text: String, events: [(String, String, String)])] = [
        ("data: a\n\n", [("message", "a", "")]),
        ("data:a\r\n\r\ndata: b\r\rdata: c\n\n", [("message", "a", ""), ("message", "b", ""), ("message", "c", "")]),
        ("data: one\ndata: two\n\n", [("message", "one\ntwo", "")]),
        (
            "event: e\r\ndata: one\r\ndata: two\r\n\r\ndata: three\r\rdata: four\r\n\n",
            [
                ("e", "one\ntwo", ""), ("message", "three", ""), ("message", "four", ""),
            ]
        ),
        ("event: error\nid: 7\ndata: x\n\ndata: y\n\n", [("error", "x", "7"), ("message", "y", "7")]),
        (": comment\n\n:\ndata\n\n", [("message", "", "")]),
        ("data:  two blanks\nunknown: z\n\n", [("message", " two blanks", "")]),
        ("event: lost\n\ndata: k\n\n", [("message", "k", "")]),
        ("\u{FEFF}data: ü🧭\n\n", [("message", "ü🧭", "")]),
        ("id: a\u{0}b\ndata: n\n\n", [("message", "n", "")]),
        ("retry: 10\nretry: x\ndata: n\n\ndata: rest", [("message", "n", ""), ("message", "rest", "")]),
    ]

    @Test(arguments: samples.indices)
    func `A stream is read as the standard says`(index: Int) throws {
        let sample = Self.samples[index]
        let wanted = sample.events.map { ServerEvent(name: $0.0, data: Array($0.1.utf8), id: $0.2) }
        let found = try Self.events([Array(sample.text.utf8)])
        #expect(found == wanted)
    }

    @Test(arguments: samples.indices)
    func `Any two cuts give the same events`(index: Int) throws {
        let bytes = Array(Self.samples[index].text.utf8)
        let whole = try Self.events([bytes])
        for first in 0...bytes.count {
            for second in first...bytes.count {
                let cut = try Self.events([
                    Array(bytes[..<first]), Array(bytes[first..<second]), Array(bytes[second...]),
                ])
                #expect(cut == whole, "cut at \(first) and \(second)")
            }
        }
        let single = try Self.events(bytes.map { [$0] })
        #expect(single == whole)
    }

    @Test func `What is longer than the limit is stopped`() throws {
        var lines = EventParser(limit: 64)
        let long = outcome { () throws(Failure) in try lines.feed([UInt8](repeating: 0x61, count: 65)) }
        #expect(long.failure?.code == .quarantineRequired)
        var events = EventParser(limit: 64)
        let many = Array(String(repeating: "data: 123456789\n", count: 10).utf8)
        let event = outcome { () throws(Failure) in try events.feed(many) }
        #expect(event.failure?.reason == "answer_size")
        var json = LineParser(limit: 64)
        let line = outcome { () throws(Failure) in try json.feed([UInt8](repeating: 0x61, count: 65)) }
        #expect(line.failure?.code == .quarantineRequired)
    }

    @Test func `Lines of JSON are the same for any cut`() throws {
        let bytes = Array("{\"a\":1}\r\n\n  \n{\"b\":\"ü\"}\n{\"c\"".utf8)
        for cut in 0...bytes.count {
            var parser = LineParser()
            var lines = try parser.feed(bytes[..<cut])
            lines += try parser.feed(bytes[cut...])
            #expect(lines.map { String(decoding: $0, as: UTF8.self) } == ["{\"a\":1}", "{\"b\":\"ü\"}"])
            let rest = parser.finish()
            #expect(rest == Array("{\"c\"".utf8))
        }
    }

    @Test func `One long line does not make those behind it as long`() throws {
        let long = String(repeating: "x", count: 1 << 20)
        let lines = Array((long + "\n" + String(repeating: "{}\n", count: 10_000)).utf8)
        var parser = LineParser()
        let found = try parser.feed(lines)
        #expect(found.count == 10_001)
        let held = found.reduce(0) { $0 + $1.capacity }
        #expect(held < 4 * lines.count, "\(held) bytes for \(lines.count)")
        let stream = Array(("data: \(long)\n\n" + String(repeating: "data: {}\n\n", count: 10_000)).utf8)
        let events = try Self.events([stream])
        #expect(events.count == 10_001)
        let kept = events.reduce(0) { $0 + $1.data.capacity }
        #expect(kept < 4 * stream.count, "\(kept) bytes for \(stream.count)")
    }

    @Test func `Events and lines are handed over one at a time`() throws {
        var parser = EventParser()
        var seen = 0
        let small = Array(String(repeating: "data\n\n", count: 100).utf8)
        let isWhole = try parser.feed(small) { (_) throws(Failure) -> Bool in
            seen += 1
            return seen < 3
        }
        #expect(seen == 3 && !isWhole)
        var lines = LineParser()
        let found = outcome { () throws(Failure) in
            try lines.feed(Array(String(repeating: "{}\n", count: 100).utf8)) { (_) throws(Failure) in
                seen += 1
                if seen == 5 { throw .cut }
            }
        }
        #expect(seen == 5 && found.failure?.reason == "cut")
    }
}
