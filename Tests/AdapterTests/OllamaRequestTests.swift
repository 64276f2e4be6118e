import ProviderKit
import SluiceSDK
import Testing

@testable import OllamaCore

private let user = ChatRequest.Message(.user, "Which?")

private func sent(
    _ request: ChatRequest, config: JSONObject = JSONObject()
) throws -> (body: String, treatments: [String: ChatAnswer.Treatment]) {
    let script = Script(200, ollamaLine("ok", done: "stop"))
    let answer = try Ollama(config: config).infer(request, script)
    let call = try #require(script.calls.first)
    #expect(call.path == "/api/chat")
    #expect(call.headers == ["content-type": "application/json"])
    return (script.sent, answer.treatments)
}

@Test func `A plain request of Ollama streams not, and lets nothing be cut`() throws {
    let (body, treatments) = try sent(ChatRequest(model: "llama3.2", messages: [.init(.system, "Brief."), user]))
    #expect(
        body == """
            {"model":"llama3.2","messages":[{"role":"system","content":"Brief."},{"role":"user","content":"Which?"}],\
            "stream":false,"truncate":false,"shift":false}
            """)
    #expect(treatments == ["system": .passed])
}

@Test func `Every parameter has its place among the options`() throws {
    let (body, treatments) = try sent(
        ChatRequest(
            model: "llama3.2", messages: [user], temperature: 2, topP: 0.5, stop: ["\n", "END"], maxTokens: 64,
            seed: -7, schema: .init(name: "x", schema: ["type": "object", "minProperties": 1]), tier: .flex,
            stream: true, contextTokens: 8192))
    #expect(
        body == """
            {"model":"llama3.2","messages":[{"role":"user","content":"Which?"}],"stream":true,"truncate":false,\
            "shift":false,"format":{"type":"object","minProperties":1},"options":{"temperature":2.0,"top_p":0.5,\
            "stop":["\\n","END"],"num_predict":64,"seed":-7,"num_ctx":8192}}
            """)
    #expect(
        treatments == [
            "temperature": .passed, "top_p": .passed, "stop": .passed, "max_tokens": .passed, "seed": .passed,
            "schema": .mapped, "tier": .dropped, "stream": .passed, "context_tokens": .mapped,
        ])
}

@Test func `The config of Ollama is sent, and its mistakes are named`() throws {
    let set = config(["keep_alive": "10m", "num_ctx": 4096, "think": "low", "embedding_model": "nomic-embed-text"])
    let (body, _) = try sent(ChatRequest(model: "m", messages: [user], contextTokens: 131_072), config: set)
    #expect(body.contains("\"keep_alive\":\"10m\",\"think\":\"low\",\"options\":{\"num_ctx\":4096}"))
    for value: JSONValue in [-1, 0, "1h30m", "-1m", "90s"] {
        #expect(throws: Never.self) { try Ollama(config: config(["keep_alive": value])) }
    }
    for bad: JSONValue in [
        ["keep_alive": "soon"], ["keep_alive": "5 m"], ["keep_alive": ""], ["num_ctx": 16], ["think": "much"],
        ["embedding_model": ""], ["host": "http://elsewhere"],
    ] {
        let failure = outcome { () throws(Failure) -> Ollama in try Ollama(config: config(bad)) }.failure
        #expect(failure?.reason == "configuration")
        #expect(failure?.message.contains("elsewhere") == false)
    }
}

@Test func `Embeddings are asked for in parts, and come back in order`() throws {
    let texts = (0..<300).map { "text \($0)" }
    func reply(_ range: Range<Int>) -> HTTPReply {
        let rows = range.map { "[\($0),0.5]" }.joined(separator: ",")
        return HTTPReply(status: 200, body: Array("{\"model\":\"e\",\"embeddings\":[\(rows)]}".utf8))
    }
    let script = Script(replies: [reply(0..<256), reply(256..<300)])
    let vectors = try Ollama(config: .init()).embed(model: "e", texts: texts, script)
    #expect(vectors.map { $0[0] } == (0..<300).map { Float($0) })
    #expect(script.calls.map(\.path) == ["/api/embed", "/api/embed"])
    #expect(script.sent.hasPrefix("{\"model\":\"e\",\"input\":[\"text 256\","))
    #expect(script.sent.hasSuffix("],\"truncate\":false}"))
}

@Test func `A model of embeddings is named by the call or the config`() throws {
    let script = Script(200, "{\"embeddings\":[[1]]}")
    let named = try Ollama(config: config(["embedding_model": "nomic-embed-text"]))
    #expect(try named.embed(model: nil, texts: ["a"], script) == [[1]])
    #expect(script.sent.contains("\"model\":\"nomic-embed-text\""))
    let adapter = try Ollama(config: .init())
    let failure = outcome { () throws(Failure) -> [[Float]] in try adapter.embed(model: nil, texts: ["a"], script) }
        .failure
    #expect(failure?.message.contains("embedding_model") == true)
}

@Test(arguments: [
    "{}", "{\"embeddings\":[]}", "{\"embeddings\":[[]]}", "{\"embeddings\":[[1,\"a\"]]}", "{\"embeddings\":[[1e300]]}",
    "[]", "",
])
func `Vectors that are none are not used`(body: String) throws {
    let adapter = try Ollama(config: .init())
    let result = outcome { () throws(Failure) -> [[Float]] in
        try adapter.embed(model: "e", texts: ["a"], Script(200, body))
    }
    #expect(result.failure?.reason == "unreadable")
}

private func health(_ version: String, _ tags: String, _ loaded: HTTPReply) -> Script {
    Script([
        .init(method: "GET", path: "/api/version", reply: HTTPReply(status: 200, body: Array(version.utf8))),
        .init(method: "GET", path: "/api/tags", reply: HTTPReply(status: 200, body: Array(tags.utf8))),
        .init(method: "GET", path: "/api/ps", reply: loaded),
    ])
}

@Test func `Health tells the models, those in memory first`() throws {
    let adapter = try Ollama(config: .init())
    let tags = "{\"models\":[{\"name\":\"a:latest\",\"model\":\"a:latest\"},{\"name\":\"b:7b\"},{\"name\":\"c\"}]}"
    let loaded = HTTPReply(status: 200, body: Array("{\"models\":[{\"model\":\"b:7b\",\"context_length\":4096}]}".utf8))
    #expect(try adapter.models(health("{\"version\":\"0.32.9\"}", tags, loaded)) == ["b:7b", "a:latest", "c"])
    let older = HTTPReply(status: 404, body: Array("404 page not found".utf8))
    #expect(try adapter.models(health("{\"version\":\"0.1.30\"}", tags, older)) == ["a:latest", "b:7b", "c"])
    #expect(try adapter.models(health("{\"version\":\"1\"}", "{\"models\":null}", older)).isEmpty)
    let stranger = outcome { () throws(Failure) -> [String] in try adapter.models(health("{}", tags, loaded)) }
    #expect(stranger.failure?.reason == "unreadable")
}

@Test func `Ollama has no batches, and says so`() throws {
    let adapter = try Ollama(config: .init())
    let script = Script(200, "{}")
    let failure = outcome { () throws(Failure) -> String in try adapter.submit([], script) }.failure
    #expect(failure?.code == .deterministicFailure)
    #expect(failure?.reason == "not_offered")
    #expect(script.calls.isEmpty)
    #expect(Ollama.offers.contains(.submit) == false)
}

/// One line of an answer as Ollama writes it.
func ollamaLine(_ text: String, done: String? = nil, counts: String = "\"prompt_eval_count\":26,\"eval_count\":4")
    -> String
{
    let content = String(decoding: JSONValue.string(text).encoded(), as: UTF8.self)
    let end =
        done.map { ",\"done\":true,\"done_reason\":\"\($0)\",\"total_duration\":1,\(counts)" } ?? ",\"done\":false"
    return """
        {"model":"llama3.2","created_at":"2026-11-20T10:00:00Z","message":{"role":"assistant","content":\(content)}\(end)}
        """
}
