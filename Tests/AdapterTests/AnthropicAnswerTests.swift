import ProviderKit
import SluiceSDK
import Testing

@testable import AnthropicCore

private let request = ChatRequest(model: "claude-opus-5", messages: [.init(.user, "Which?")])
private let streamed = ChatRequest(model: "claude-opus-5", messages: [.init(.user, "Which?")], stream: true)
private let shaped = ChatRequest(
    model: "claude-3-haiku-20240307", messages: [.init(.user, "Which?")],
    schema: .init(name: "a", schema: ["type": "object"]))

private func ask(_ request: ChatRequest, _ script: Script) throws -> Result<ChatAnswer, Failure> {
    asked(try Anthropic(config: .init()), request, script)
}

@Test(arguments: [
    ("end_turn", "answer stop"), ("stop_sequence", "answer stop"), ("max_tokens", "answer length"),
    ("model_context_window_exceeded", "answer length"), ("refusal", says(.refusal)),
    ("pause_turn", "QUARANTINE_REQUIRED request unreadable"), ("tool_use", says(.toolCall)),
    ("something_new", "QUARANTINE_REQUIRED request unreadable"),
])
func `Every reason to stop has its outcome`(stop: String, outcome: String) throws {
    #expect(word(try ask(request, Script(200, anthropicMessage("Yes.", stop: stop)))) == outcome)
    let stream = Script(200, anthropicStream(["Yes", "."], stop: stop))
    #expect(word(try ask(streamed, stream)) == outcome)
}

@Test func `Cached tokens are counted once, and reasoning within the output`() throws {
    let usage = """
        {"input_tokens":21,"cache_creation_input_tokens":188,"cache_read_input_tokens":3000,"output_tokens":90,
        "output_tokens_details":{"thinking_tokens":60},"service_tier":"priority","cache_creation":{}}
        """
    let script = Script(
        200, anthropicMessage("Yes.", usage: usage), headers: ["request-id": "req_018EeWyXxfu5pfWkrYcMdjWG"])
    let answer = try ask(request, script).get()
    #expect(answer.usage == .init(input: 3209, cachedInput: 3000, cacheWrites: 188, output: 90, reasoning: 60))
    #expect(answer.tier == .standard)
    #expect(answer.requestID == "req_018EeWyXxfu5pfWkrYcMdjWG")
    #expect(answer.model == "claude-opus-5")
}

@Test func `Usage of a stream is a total that grows`() throws {
    let events = """
        event: message_start
        data: {"type":"message_start","message":{"model":"claude-opus-5","usage":{"input_tokens":5,"cache_read_input_tokens":7,"output_tokens":1}}}

        event: content_block_start
        data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm."}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"x"}}

        event: content_block_start
        data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":"A"}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"B"}}

        event: something_new
        data: {"type":"something_new","index":1}

        event: message_delta
        data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9,"input_tokens":6}}

        event: message_stop
        data: {"type":"message_stop"}


        """
    let answer = try ask(streamed, Script(200, events)).get()
    #expect(answer.text == "AB")
    #expect(answer.usage == .init(input: 13, cachedInput: 7, output: 9))
}

@Test func `The input of the forced tool is the answer, whole or streamed`() throws {
    let whole = """
        {"type":"message","model":"claude-3-haiku-20240307","content":[{"type":"text","text":"Well."},
        {"type":"tool_use","id":"t","name":"give_answer","input":{"b":1,"a":"x"}}],"stop_reason":"tool_use",
        "usage":{"input_tokens":1,"output_tokens":2}}
        """
    let answer = try ask(shaped, Script(200, whole)).get()
    #expect(answer.text == "{\"b\":1,\"a\":\"x\"}")
    #expect(answer.finish == .stop)
    var asStream = shaped
    asStream.stream = true
    let events = anthropicStream(
        ["{\"a\"", ":1", "}"], stop: "tool_use",
        block: "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"give_answer\",\"input\":{}}",
        delta: "input_json_delta", member: "partial_json")
    #expect(try ask(asStream, Script(200, events)).get().text == "{\"a\":1}")
    // Nobody asked for it here.
    #expect(word(try ask(request, Script(200, whole))) == says(.toolCall))
}

@Test(arguments: [
    ("", "QUARANTINE_REQUIRED request unreadable"), ("null", "QUARANTINE_REQUIRED request unreadable"),
    ("[]", "QUARANTINE_REQUIRED request unreadable"), ("<html>", "QUARANTINE_REQUIRED request unreadable"),
    ("{\"type\":\"message\"}", "QUARANTINE_REQUIRED request unreadable"),
    ("{\"type\":\"completion\",\"content\":[]}", "QUARANTINE_REQUIRED request unreadable"),
    (
        "{\"type\":\"message\",\"model\":\"m\",\"content\":[{\"type\":\"text\"}],\"stop_reason\":\"end_turn\"}",
        "QUARANTINE_REQUIRED request unreadable"
    ),
    (
        "{\"type\":\"message\",\"model\":\"m\",\"content\":[],\"stop_reason\":null}",
        "QUARANTINE_REQUIRED request unreadable"
    ),
    ("{\"type\":\"message\",\"model\":\"m\",\"content\":[],\"stop_reason\":\"end_turn\"}", "answer stop"),
    (
        "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}",
        says(.overloaded)
    ),
])
func `What is no message is not guessed at`(body: String, outcome: String) throws {
    #expect(word(try ask(request, Script(200, body))) == outcome)
}

/// Whatever stops a stream, the answer is whole or there is none.
@Test func `A stream cut at every byte is cut, and whole only at its end`() throws {
    let text = anthropicStream(["Zü", "rich ", "\u{1F9ED}", "."], stop: "end_turn")
    let bytes = Array(text.utf8)
    // The end mark is whole when its JSON is.
    let whole = bytes.count - 2
    for length in 0...bytes.count {
        let script = Script(replies: [HTTPReply(status: 200, body: Array(bytes[..<length]))])
        let word = word(try ask(streamed, script))
        let expected = length >= whole ? "answer stop" : "TRANSIENT_ERROR request cut"
        guard word == expected else {
            Issue.record("cut at \(length) of \(bytes.count): \(word)")
            return
        }
    }
    var machine = AnthropicStream()
    var parser = EventParser()
    for byte in bytes {
        for event in try parser.feed([byte]) { try machine.take(event) }
    }
    let answer = try machine.finish().answer(asked: nil, usesTool: false, treatments: [:], requestID: nil)
    #expect(answer.text == "Zürich \u{1F9ED}.")
}

/// Events by a word.
private let events: [String: String] = [
    "start": """
    event: message_start
    data: {"type":"message_start","message":{"model":"m","usage":{"input_tokens":1,"output_tokens":1}}}
    """,
    "ping": "event: ping\ndata: {\"type\":\"ping\"}",
    "block": """
    event: content_block_start
    data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}
    """,
    "piece": """
    event: content_block_delta
    data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}}
    """,
    "finish": """
    event: message_delta
    data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}
    """,
    "end": "event: message_stop\ndata: {\"type\":\"message_stop\"}",
    "oops": "data: {oops}",
    "done": "data: [DONE]",
    "overloaded":
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Over\"}}",
    "internal": "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"Internal\"}}",
    "blocked": """
    event: error
    data: {"type":"error","error":{"type":"api_error","message":"Output blocked by content filtering policy"}}
    """,
]

@Test(arguments: [
    ("start block piece finish end", "answer stop"), ("start ping finish end", "answer stop"),
    ("start finish end ping", "answer stop"), ("start finish end done", "answer stop"),
    ("start start finish end", says(.protocolBroken)),
    ("start block piece finish end start", says(.protocolBroken)),
    ("block piece finish end", "QUARANTINE_REQUIRED request unreadable"),
    ("start piece finish end", "QUARANTINE_REQUIRED request unreadable"),
    ("start block block finish end", "QUARANTINE_REQUIRED request unreadable"),
    ("start block oops end", "QUARANTINE_REQUIRED request unreadable"),
    ("start block piece end", "QUARANTINE_REQUIRED request unreadable"),
    ("start block piece finish", "TRANSIENT_ERROR request cut"),
    ("overloaded", says(.overloaded)),
    ("start block piece overloaded", says(.overloaded)),
    ("start internal", says(.serverError)),
    ("start block piece blocked", says(.contentFilter)),
])
func `Events in any order have an outcome`(words: String, outcome: String) throws {
    let body = words.split(separator: " ").map { (events[String($0)] ?? "") + "\n\n" }.joined()
    #expect(word(try ask(streamed, Script(200, body))) == outcome)
    let crlf = body.replacing("\n", with: "\r\n")
    #expect(word(try ask(streamed, Script(200, crlf))) == outcome)
}

@Test func `Damaged answers give an outcome, never a trap`() throws {
    let adapter = try Anthropic(config: .init())
    let sources = [
        (request, Array(anthropicMessage("Yes.").utf8)),
        (streamed, Array(anthropicStream(["Y", "es"], stop: "end_turn").utf8)),
    ]
    let seed: UInt64 = 20_261_120
    for round in 0..<4000 {
        var random = Seeded(seed &+ UInt64(round))
        let (request, bytes) = sources[round % sources.count]
        let script = Script(replies: [
            HTTPReply(status: round % 7 == 0 ? 500 : 200, body: damaged(bytes, &random))
        ])
        if case .failure(let failure) = asked(adapter, request, script), failure.message.contains("Yes") {
            Issue.record("the server's text is in the message; seed \(seed &+ UInt64(round))")
        }
    }
}

/// A stream as the API sends it.
func anthropicStream(
    _ pieces: [String], stop: String, block: String = "{\"type\":\"text\",\"text\":\"\"}", delta: String = "text_delta",
    member: String = "text"
) -> String {
    func event(_ name: String, _ rest: String) -> String {
        "event: \(name)\ndata: {\"type\":\"\(name)\"\(rest)}\n\n"
    }
    let deltas = pieces.map { piece in
        let text = String(decoding: JSONValue.string(piece).encoded(), as: UTF8.self)
        return event(
            "content_block_delta", ",\"index\":0,\"delta\":{\"type\":\"\(delta)\",\"\(member)\":\(text)}")
    }
    return event(
        "message_start",
        ",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-opus-5\",\"content\":[],"
            + "\"stop_reason\":null,\"usage\":{\"input_tokens\":10,\"output_tokens\":1}}")
        + event("content_block_start", ",\"index\":0,\"content_block\":\(block)")
        + event("ping", "") + deltas.joined() + event("content_block_stop", ",\"index\":0")
        + event("message_delta", ",\"delta\":{\"stop_reason\":\"\(stop)\"},\"usage\":{\"output_tokens\":4}")
        + event("message_stop", "")
}
