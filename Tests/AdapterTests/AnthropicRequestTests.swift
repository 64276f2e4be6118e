import ProviderKit
import SluiceSDK
import Testing

@testable import AnthropicCore

private let system = ChatRequest.Message(.system, "Be brief.")
private let user = ChatRequest.Message(.user, "Which?")

private func sent(
    _ request: ChatRequest, config: JSONObject = JSONObject()
) throws -> (body: String, treatments: [String: ChatAnswer.Treatment]) {
    let script = Script(200, anthropicMessage("ok"))
    let answer = try Anthropic(config: config).infer(request, script)
    let call = try #require(script.calls.first)
    #expect(call.path == "/v1/messages")
    #expect(call.method == "POST")
    #expect(call.headers == ["anthropic-version": "2023-06-01", "content-type": "application/json"])
    return (script.sent, answer.treatments)
}

@Test func `A plain request is this text, with a limit that the protocol demands`() throws {
    let plain = try sent(ChatRequest(model: "claude-opus-5", messages: [system, user]))
    #expect(
        plain.body == """
            {"model":"claude-opus-5","max_tokens":4096,"system":"Be brief.",\
            "messages":[{"role":"user","content":"Which?"}]}
            """)
    #expect(plain.treatments == ["system": .mapped])
    let limited = try sent(
        ChatRequest(model: "claude-opus-5", messages: [user], stream: true), config: config(["max_tokens": 77]))
    #expect(
        limited.body == """
            {"model":"claude-opus-5","max_tokens":77,"messages":[{"role":"user","content":"Which?"}],"stream":true}
            """)
}

@Test func `Turns alternate, and system messages stand at the top`() throws {
    let request = ChatRequest(
        model: "claude-3-haiku-20240307",
        messages: [
            system, user, .init(.user, "Of two."), .init(.assistant, "The first."), .init(.system, "In English."),
            .init(.user, "Why?"),
        ])
    #expect(
        try sent(request).body == """
            {"model":"claude-3-haiku-20240307","max_tokens":4096,"system":"Be brief.\\n\\nIn English.","messages":[\
            {"role":"user","content":"Which?\\n\\nOf two."},{"role":"assistant","content":"The first."},\
            {"role":"user","content":"Why?"}]}
            """)
    let alone = asked(
        try Anthropic(config: .init()), ChatRequest(model: "m", messages: [system]), Script(200, "{}"))
    #expect(word(alone) == says(.badRequest))
}

@Test(
    arguments: [
        // model, temperature, top_p: what is sent, what is said
        ("claude-3-haiku-20240307", 2.0, nil, "\"temperature\":1.0", "mapped", nil),
        ("claude-sonnet-4-6", 0.7, nil, "\"temperature\":0.35", "mapped", nil),
        ("claude-sonnet-4-6", nil, 0.9, "\"top_p\":0.9", nil, "passed"),
        ("claude-haiku-4-5", 0, 0.9, "\"temperature\":0.0", "mapped", "dropped"),
        ("claude-opus-4-7", 0.7, nil, nil, "dropped", nil),
        ("claude-opus-5-5", 0.7, 0.9, nil, "dropped", "dropped"),
        ("claude-mythos-preview", 1, nil, nil, "dropped", nil),
        ("smollm2", 1.0, nil, "\"temperature\":0.5", "mapped", nil),
    ] as [(String, Double?, Double?, String?, String?, String?)])
func `Sampling is halved, given once, and left out where models refuse it`(
    model: String, temperature: Double?, topP: Double?, holds: String?, first: String?, second: String?
) throws {
    let (body, treatments) = try sent(
        ChatRequest(model: model, messages: [user], temperature: temperature, topP: topP))
    #expect(holds.map(body.contains) ?? true)
    #expect(body.contains("temperature") == (holds?.contains("temperature") ?? false))
    #expect(body.contains("top_p") == (holds?.contains("top_p") ?? false))
    #expect(treatments["temperature"]?.rawValue == first)
    #expect(treatments["top_p"]?.rawValue == second)
}

@Test func `Seed and tier are dropped and said to be`() throws {
    let (body, treatments) = try sent(
        ChatRequest(
            model: "claude-opus-5", messages: [user], stop: ["END"], maxTokens: 9, seed: 7, tier: .flex,
            contextTokens: 200_000))
    #expect(
        body == """
            {"model":"claude-opus-5","max_tokens":9,"messages":[{"role":"user","content":"Which?"}],\
            "stop_sequences":["END"]}
            """)
    #expect(
        treatments == [
            "stop": .passed, "max_tokens": .passed, "seed": .dropped, "tier": .dropped, "context_tokens": .mapped,
        ])
}

@Test func `Stop sequences that the protocol refuses are refused before anything is sent`() throws {
    let script = Script(200, anthropicMessage("ok"))
    let adapter = try Anthropic(config: .init())
    let blank = asked(adapter, ChatRequest(model: "m", messages: [user], stop: ["\n"]), script)
    #expect(word(blank) == "DETERMINISTIC_FAILURE model parameter_refused")
    let many = ChatRequest(model: "m", messages: [user], stop: (0...8191).map { "s\($0)" })
    #expect(word(asked(adapter, many, script)) == "DETERMINISTIC_FAILURE model parameter_refused")
    #expect(script.calls.isEmpty)
}

private let schema = ChatRequest.Schema(
    name: "choice",
    schema: [
        "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
        "properties": [
            "column": ["type": "string", "minLength": 1, "description": "Its name."],
            "score": ["type": "number", "minimum": 0, "maximum": 1],
            "tags": ["type": "array", "items": ["type": "string", "pattern": "^a"], "maxItems": 3],
            "which": ["oneOf": [["type": "null"], ["type": "object", "properties": ["a": ["type": "integer"]]]]],
        ],
        "required": ["column"],
    ])

@Test func `A schema is sent natively, in the part of the language that is taken`() throws {
    let (body, treatments) = try sent(ChatRequest(model: "claude-sonnet-4-5", messages: [user], schema: schema))
    let format = """
        "output_config":{"format":{"type":"json_schema","schema":{"type":"object","properties":{\
        "column":{"type":"string","description":"Its name. (minLength: 1)"},\
        "score":{"type":"number","description":"(minimum: 0, maximum: 1)"},\
        "tags":{"type":"array","items":{"type":"string","description":"(pattern: \\"^a\\")"},\
        "description":"(maxItems: 3)"},\
        "which":{"anyOf":[{"type":"null"},{"type":"object","properties":{"a":{"type":"integer"}},\
        "additionalProperties":false}]}},"required":["column"],"additionalProperties":false}}}
        """
    #expect(body.contains(format))
    #expect(treatments["schema"] == .mapped)
}

@Test func `Whatever may be an object is closed, and enumerations hold plain values alone`() throws {
    let wide = ChatRequest.Schema(
        name: "wide",
        schema: [
            "type": "object", "additionalProperties": false,
            "properties": [
                "n": [
                    "type": ["object", "null"], "properties": ["a": ["type": "string"]], "additionalProperties": true,
                ],
                "p": ["properties": ["b": ["type": "string", "enum": ["x", .null]]], "additionalProperties": false],
                "q": ["type": ["string", "null"], "const": ["c": 1]], "r": ["enum": [[1], "y"]],
            ],
        ])
    let body = try sent(ChatRequest(model: "claude-sonnet-4-5", messages: [user], schema: wide)).body
    let found = """
        "schema":{"type":"object","properties":{\
        "n":{"type":["object","null"],"properties":{"a":{"type":"string"}},"additionalProperties":false},\
        "p":{"properties":{"b":{"type":"string","enum":["x",null]}},"additionalProperties":false},\
        "q":{"type":["string","null"],"description":"(const: {\\"c\\":1})"},\
        "r":{"description":"(enum: [[1],\\"y\\"])"}},"additionalProperties":false}
        """
    #expect(body.contains(found), "\(body)")
}

@Test(arguments: ["claude-3-5-sonnet-20241022", "claude-opus-4-1-20250805", "claude-sonnet-4-20250514", "smollm2"])
func `A schema is a tool that must be called where there is no native way`(model: String) throws {
    let body = try sent(ChatRequest(model: model, messages: [user], schema: schema)).body
    #expect(body.contains("\"tools\":[{\"name\":\"give_answer\""))
    #expect(body.contains("\"tool_choice\":{\"type\":\"tool\",\"name\":\"give_answer\"}"))
    #expect(!body.contains("output_config"))
}

@Test func `The config decides how a schema is sent, and knows its members`() throws {
    var config = JSONObject()
    config["schema"] = "native"
    let request = ChatRequest(model: "smollm2", messages: [user], schema: schema)
    #expect(try sent(request, config: config).body.contains("output_config"))
    config["schema"] = "tool"
    let later = ChatRequest(model: "claude-opus-5", messages: [user], schema: schema)
    #expect(try sent(later, config: config).body.contains("give_answer"))
    for bad: JSONValue in [["schema": "xml"], ["max_tokens": 0], ["api_key": "sk-ant-0"]] {
        let failure = outcome { () throws(Failure) -> Anthropic in try Anthropic(config: bad.object ?? .init()) }
            .failure
        #expect(failure?.reason == "configuration")
        #expect(failure?.message.contains("sk-ant") == false)
    }
}

@Test func `Tokens are counted by the server without what only a generation needs`() throws {
    let script = Script(200, "{\"input_tokens\":2095}")
    let request = ChatRequest(
        model: "claude-haiku-4-5", messages: [system, user], temperature: 1, stop: ["x"], maxTokens: 5)
    #expect(try Anthropic(config: .init()).countTokens(request, script) == 2095)
    #expect(script.calls.first?.path == "/v1/messages/count_tokens")
    #expect(
        script.sent == """
            {"model":"claude-haiku-4-5","system":"Be brief.","messages":[{"role":"user","content":"Which?"}]}
            """)
}

@Test func `The list of models is read page by page, without those that are retired`() throws {
    let first = """
        {"data":[{"id":"claude-opus-5","type":"model","lifecycle":"active"},
        {"id":"claude-2.1","lifecycle":"retired"},{"id":"bad name"}],"has_more":true,"last_id":"claude-2_1"}
        """
    let second = "{\"data\":[{\"id\":\"claude-haiku-4-5\"}],\"has_more\":false}"
    let script = Script(replies: [
        HTTPReply(status: 200, body: Array(first.utf8)), HTTPReply(status: 200, body: Array(second.utf8)),
    ])
    #expect(try Anthropic(config: .init()).models(script) == ["claude-opus-5", "claude-haiku-4-5"])
    #expect(script.calls.map(\.path) == ["/v1/models?limit=1000", "/v1/models?limit=1000&after_id=claude-2_1"])
    #expect(script.calls.allSatisfy { $0.method == "GET" && $0.body.isEmpty })
}

/// A message as the API answers.
func anthropicMessage(
    _ text: String, stop: String = "end_turn", model: String = "claude-opus-5",
    usage: String = "{\"input_tokens\":10,\"output_tokens\":4}"
) -> String {
    let content: JSONValue = [["type": "text", "text": .string(text)]]
    return """
        {"id":"msg_01","type":"message","role":"assistant","model":"\(model)",\
        "content":\(String(decoding: content.encoded(), as: UTF8.self)),"stop_reason":"\(stop)","usage":\(usage)}
        """
}
