import ProviderKit
import SluiceSDK
import Testing

/// The documents that cross the boundary.
@Suite struct WireTests {
    private func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    @Test func `A request with every member is read`() throws {
        let json = try parse(
            #"""
            {"version":1,"model":"m","messages":[{"role":"system","text":"s"},{"role":"user","text":"u"}],
             "temperature":2,"top_p":0.5,"stop":["a","b"],"max_tokens":7,"seed":-3,
             "schema":{"name":"x_1","schema":{"type":"object"}},"tier":"flex","stream":true,"context_tokens":9,
             "prompt_tokens":0,"first_byte_ms":4,"stall_ms":5}
            """#)
        let found = try ChatRequest(json: json)
        let wanted = ChatRequest(
            model: "m", messages: [.init(.system, "s"), .init(.user, "u")], temperature: 2, topP: 0.5,
            stop: ["a", "b"], maxTokens: 7, seed: -3, schema: .init(name: "x_1", schema: ["type": "object"]),
            tier: .flex, stream: true, contextTokens: 9, promptTokens: 0, firstByteMilliseconds: 4,
            stallMilliseconds: 5)
        #expect(found == wanted)
    }

    static let mistakes: [(String, String)] = [
        (#"[]"#, "/"), (#"{"version":2}"#, "/version"), (#"{"version":1,"model":""}"#, "/model"),
        (#"{"version":1,"model":"m"}"#, "/messages"), (#"{"version":1,"model":"m","messages":[]}"#, "/messages"),
        (#"{"version":1,"model":"m","messages":[{"role":"tool","text":"x"}]}"#, "/messages/0/role"),
        (#"{"version":1,"model":"m","messages":[{"role":"user","text":7}]}"#, "/messages/0/text"),
        (#"{"version":1,"model":"m","messages":[{"role":"user","text":"x","name":"n"}]}"#, "/messages/0"),
        (#"{"version":1,"model":"m","messages":[{"role":"user","text":"x"}],"temperature":2.1}"#, "/temperature"),
        (#"{"version":1,"model":"m","messages":[{"role":"user","text":"x"}],"stop":[""]}"#, "/stop/0"),
        (#"{"version":1,"model":"m","messages":[{"role":"user","text":"x"}],"max_tokens":0}"#, "/max_tokens"),
        (#"{"version":1,"model":"m","messages":[{"role":"user","text":"x"}],"seed":1.5}"#, "/seed"),
        (#"{"version":1,"model":"m","messages":[{"role":"user","text":"x"}],"tier":"gold"}"#, "/tier"),
        (
            #"{"version":1,"model":"m","messages":[{"role":"user","text":"x"}],"schema":{"name":"a b","schema":{}}}"#,
            "/schema/name"
        ),
        (#"{"version":1,"model":"m","messages":[{"role":"user","text":"x"}],"tmperature":1}"#, "/"),
    ]

    @Test(arguments: mistakes.indices)
    func `A mistake is named by its pointer and not by its value`(index: Int) throws {
        let (text, pointer) = Self.mistakes[index]
        let json = try parse(text)
        let error = #expect(throws: PluginFailure.self) { try ChatRequest(json: json) }
        let message = try #require(error).message
        #expect(message.hasPrefix("\(pointer): "), "\(message)")
    }

    @Test func `Items of a batch have ids of their own`() throws {
        let item = #"{"id":"a","request":{"version":1,"model":"m","messages":[{"role":"user","text":"x"}]}}"#
        let good = try BatchRequest(json: try parse(#"{"version":1,"items":[\#(item)]}"#))
        #expect(good.items.map(\.id) == ["a"])
        let twice = try parse(#"{"version":1,"items":[\#(item),\#(item)]}"#)
        let error = #expect(throws: PluginFailure.self) { try BatchRequest(json: twice) }
        #expect(try #require(error).message.hasPrefix("/items/1/id: "))
    }

    @Test func `Answers and failures are written as the host reads them`() {
        let answer = ChatAnswer(
            model: "m", text: "t\n", finish: .length,
            usage: .init(input: 9, cachedInput: 3, cacheWrites: 1, output: 4, reasoning: 2),
            treatments: ["top_p": .dropped, "stop": .mapped], tier: .flex, requestID: "r")
        let failure = Failure(
            .rateLimit, scope: .lane, reason: "w", message: "x", status: 498, retryAfterMilliseconds: 5,
            usage: .init(input: 3, output: 1))
        let state = BatchState(.done, results: [("a", .success(answer)), ("b", .failure(failure))])
        #expect(
            String(decoding: state.json.encoded(), as: UTF8.self)
                == #"{"state":"done","results":[{"id":"a","answer":{"model":"m","text":"t\n","finish":"length","#
                + #""usage":{"input":9,"cached_input":3,"cache_writes":1,"output":4,"reasoning":2},"#
                + #""treatments":{"stop":"mapped","top_p":"dropped"},"tier":"flex","request_id":"r"}},"#
                + #"{"id":"b","failure":{"code":"RATE_LIMIT","scope":"lane","reason":"w","message":"x","#
                + #""status":498,"retry_after_ms":5,"#
                + #""usage":{"input":3,"cached_input":0,"cache_writes":0,"output":1,"reasoning":0}}}]}"#)
    }

    @Test func `JSON of a provider is bounded`() {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 10_000)
        let bodies: [[UInt8]] = [
            deep, deep + [UInt8](repeating: UInt8(ascii: "]"), count: 10_000), [0x22, 0xFF, 0x22], Array("1e999".utf8),
            Array(#"{"a":1,"a":2}"#.utf8), Array(#""\ud800""#.utf8), [], Array("NaN".utf8), Array("{} x".utf8),
        ]
        for body in bodies {
            let found = outcome { () throws(Failure) in try ReplyJSON.read(body) }
            #expect(found.failure?.code == .quarantineRequired)
        }
        #expect(ReplyJSON.parsed([0xEF, 0xBB, 0xBF] + Array("{}".utf8)) == .object(JSONObject()))
    }

    @Test func `JSON of a provider holds only so many values`() throws {
        let small = Array(#"{"a":[1,{"b":null}]}"#.utf8)
        #expect(try JSONValue(parsing: small, atMost: 5) == JSONValue(parsing: small))
        #expect(throws: PluginFailure.self) { try JSONValue(parsing: small, atMost: 4) }
        // Two values in four bytes: 64 MiB of them would be more memory than a plugin has.
        let half = ReplyJSON.valueLimit / 2
        let most = "[" + String(repeating: "[0],", count: half - 1) + "0]"
        #expect(ReplyJSON.parsed(Array(most.utf8)) != nil)
        let more = "[" + String(repeating: "[0],", count: half) + "0]"
        let found = outcome { () throws(Failure) in try ReplyJSON.read(Array(more.utf8)) }
        #expect(found.failure?.reason == "unreadable")
    }
}
