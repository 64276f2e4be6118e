import ProviderKit
import SluiceSDK
import Testing

@testable import OllamaCore

private let plain = ChatRequest(model: "llama3.2", messages: [.init(.user, "Which?")])
private let streamed = ChatRequest(model: "llama3.2", messages: [.init(.user, "Which?")], stream: true)

private func ask(_ request: ChatRequest, _ script: Script) throws -> Result<ChatAnswer, Failure> {
    asked(try Ollama(config: .init()), request, script)
}

@Test(arguments: [
    ("stop", "answer stop"), ("length", "answer length"), ("load", "QUARANTINE_REQUIRED request unreadable"),
    ("unload", "QUARANTINE_REQUIRED request unreadable"), ("tomorrow", "QUARANTINE_REQUIRED request unreadable"),
])
func `Every reason of Ollama to stop has its outcome`(reason: String, outcome: String) throws {
    #expect(word(try ask(plain, Script(200, ollamaLine("Yes.", done: reason)))) == outcome)
    let lines = ollamaLine("Yes") + "\n" + ollamaLine(".", done: reason) + "\n"
    #expect(word(try ask(streamed, Script(200, lines))) == outcome)
}

@Test func `Older servers give no reason: the count tells`() throws {
    let line = """
        {"model":"m","message":{"role":"assistant","content":"Yes."},"done":true,"prompt_eval_count":3,"eval_count":4}
        """
    var limited = plain
    limited.maxTokens = 4
    #expect(try ask(limited, Script(200, line)).get().finish == .length)
    limited.maxTokens = 5
    #expect(try ask(limited, Script(200, line)).get().finish == .stop)
    #expect(try ask(plain, Script(200, line)).get().finish == .stop)
}

@Test func `Usage has the cached tokens once, and is absent when a count is`() throws {
    let counts = "\"prompt_eval_count\":2000,\"prompt_eval_cached_count\":1500,\"eval_count\":12"
    let answer = try ask(plain, Script(200, ollamaLine("Yes.", done: "stop", counts: counts))).get()
    #expect(answer.usage == .init(input: 2000, cachedInput: 1500, output: 12))
    #expect(answer.model == "llama3.2")
    let cached = try ask(plain, Script(200, ollamaLine("Yes.", done: "stop", counts: "\"eval_count\":12"))).get()
    #expect(cached.usage == nil)
}

@Test func `Thinking is no part of the answer`() throws {
    let lines = [
        "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"\",\"thinking\":\"Hm.\"},\"done\":false}",
        ollamaLine("Yes."), ollamaLine("", done: "stop"),
    ]
    #expect(try ask(streamed, Script(200, lines.joined(separator: "\n"))).get().text == "Yes.")
}

@Test(
    arguments: [
        // estimate, context, counted → outcome
        (9000, 4096, 2050, true), (9000, 4096, 4096, true), (5000, 4096, 4000, false), (300, nil, 140, true),
        (300, nil, 290, false), (40, 4096, 10, false),
    ] as [(Int, Int?, Int, Bool)])
func `A prompt that the server cut short is a failure, not an answer`(
    estimate: Int, context: Int?, counted: Int, isCut: Bool
) throws {
    var request = plain
    request.promptTokens = estimate
    request.contextTokens = context
    let reply = ollamaLine("Yes.", done: "stop", counts: "\"prompt_eval_count\":\(counted),\"eval_count\":2")
    let expected = isCut ? "DETERMINISTIC_FAILURE request truncated" : "answer stop"
    #expect(word(try ask(request, Script(200, reply))) == expected)
}

@Test func `A stream of Ollama cut at every byte is cut, and whole only at its end`() throws {
    let text = [ollamaLine("Zü"), ollamaLine("rich \u{1F9ED}"), ollamaLine(".", done: "stop")].joined(separator: "\r\n")
    let bytes = Array(text.utf8)
    for length in 0...bytes.count {
        let script = Script(replies: [HTTPReply(status: 200, body: Array(bytes[..<length]))])
        let found = word(try ask(streamed, script))
        let expected = length == bytes.count ? "answer stop" : "TRANSIENT_ERROR request cut"
        guard found == expected else {
            Issue.record("cut at \(length) of \(bytes.count): \(found)")
            return
        }
    }
    #expect(try ask(streamed, Script(200, text)).get().text == "Zürich \u{1F9ED}.")
}

@Test(arguments: [
    ("", "QUARANTINE_REQUIRED request unreadable"), ("null", "QUARANTINE_REQUIRED request unreadable"),
    ("{}", "QUARANTINE_REQUIRED request unreadable"), ("<html>", "QUARANTINE_REQUIRED request unreadable"),
    ("{\"done\":true}", "QUARANTINE_REQUIRED request unreadable"),
    ("{\"model\":\"m\",\"message\":{\"role\":\"assistant\"},\"done\":true}", "QUARANTINE_REQUIRED request unreadable"),
    (
        "{\"error\":\"server busy, please try again.  maximum pending requests exceeded\"}",
        says(.busy)
    ),
    (
        "{\"model\":\"m\",\"message\":{\"content\":\"\",\"tool_calls\":[{}]},\"done\":true}",
        says(.toolCall)
    ),
])
func `What is no answer of Ollama is not guessed at`(body: String, outcome: String) throws {
    #expect(word(try ask(plain, Script(200, body))) == outcome)
}

@Test(arguments: [
    (["piece", "last"], "answer stop"), (["", "piece", "", "last", ""], "answer stop"),
    (["piece"], "TRANSIENT_ERROR request cut"), ([], "TRANSIENT_ERROR request cut"),
    (["piece", "last", "last"], says(.protocolBroken)),
    (["piece", "{oops}", "last"], "QUARANTINE_REQUIRED request unreadable"),
    (
        ["piece", "{\"error\":\"an error was encountered while running the model\"}"],
        says(.serverError)
    ),
    (["{\"error\":\"model 'x' not found\"}"], says(.modelNotFound)),
    (["piece", "[]"], "QUARANTINE_REQUIRED request unreadable"),
])
func `Lines in any order have an outcome`(lines: [String], outcome: String) throws {
    let named = ["piece": ollamaLine("x"), "last": ollamaLine("", done: "stop")]
    let body = lines.map { (named[$0] ?? $0) + "\n" }.joined()
    #expect(word(try ask(streamed, Script(200, body))) == outcome)
}

@Test(arguments: [
    (400, "invalid option provided: temperature", says(.badRequest)),
    (400, "\"all-minilm\" does not support chat", says(.badRequest)),
    (400, "the input length exceeds the context length", says(.contextOverflow)),
    (413, "the input length exceeds the context length", says(.contextOverflow)),
    (500, "the input length exceeds the context length", says(.contextOverflow)),
    (
        400, "request (9000 tokens) exceeds the available context size (4096 tokens), try increasing it",
        says(.contextOverflow)
    ),
    (400, "invalid JSON schema in format", says(.schemaRejected)),
    (500, "failed to parse grammar", says(.schemaRejected)),
    (401, "unauthorized", says(.credentialRejected)),
    (403, "this model requires a subscription", says(.forbidden)),
    (404, "model \"x\" not found, try pulling it first", says(.modelNotFound)),
    (404, "model 'x' not found", says(.modelNotFound)),
    (429, "too many requests", says(.rateLimit)),
    (429, "you've reached your weekly usage limit, please upgrade", says(.quota)),
    (
        500, "model requires more system memory (9.4 GiB) than is available (3.1 GiB)",
        "PROVIDER_UNHEALTHY model model_memory"
    ),
    (500, "llama runner process has terminated: exit status 2", says(.serverError)),
    (
        500, "llama runner process has terminated: error loading model: unknown model architecture: 'mllama'",
        says(.modelBroken)
    ),
    (500, "unable to load model: /models/blobs/sha256-0", says(.modelBroken)),
    (500, "error loading model: unable to allocate CUDA0 buffer", "PROVIDER_UNHEALTHY model model_memory"),
    (503, "loading model", says(.overloaded)), (400, "model is required", says(.badRequest)),
    (401, "Authentication is required", says(.credentialRejected)),
    (403, "a subscription is required", says(.forbidden)),
    (500, "unexpected server status: llm busy - no slots available", says(.busy)),
    (500, "timed out waiting for llama runner to start", says(.overloaded)),
    (501, "this model does not support embeddings", says(.badRequest)),
    (503, "server busy, please try again.  maximum pending requests exceeded", says(.busy)),
    (503, "Server overloaded, please retry shortly (ref: x)", says(.overloaded)),
    (502, "upstream error", says(.serverError)),
    (504, "upstream timed out", says(.timeout)),
])
func `Each error of Ollama has its outcome, and its text goes nowhere`(
    status: Int, text: String, outcome: String
) throws {
    let body = String(
        decoding: JSONValue.object(config(["error": .string(text + " secret-in-a-prompt")])).encoded(), as: UTF8.self)
    let result = try ask(plain, Script(status, body))
    #expect(word(result) == outcome)
    #expect(result.failure?.status == status)
    #expect(result.failure?.message.contains("secret-in-a-prompt") == false)
}

@Test func `Damaged answers of Ollama give an outcome, never a trap`() throws {
    let adapter = try Ollama(config: .init())
    let lines = Array([ollamaLine("Y"), ollamaLine("es"), ollamaLine(".", done: "stop")].joined(separator: "\n").utf8)
    let whole = Array(ollamaLine("Yes.", done: "stop").utf8)
    let seed: UInt64 = 11_434
    for round in 0..<4000 {
        var random = Seeded(seed &+ UInt64(round))
        let isStream = round % 2 == 0
        let script = Script(replies: [
            HTTPReply(status: round % 7 == 0 ? 500 : 200, body: damaged(isStream ? lines : whole, &random))
        ])
        let result = asked(adapter, isStream ? streamed : plain, script)
        if let failure = result.failure, failure.message.contains("assistant") {
            Issue.record("the server's text is in the message; seed \(seed &+ UInt64(round))")
        }
    }
}
