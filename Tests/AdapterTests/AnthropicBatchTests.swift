import ProviderKit
import SluiceSDK
import Testing

@testable import AnthropicCore

private func item(_ id: String) -> BatchItem {
    BatchItem(
        id: id, request: ChatRequest(model: "claude-opus-5", messages: [.init(.user, "Which?")], stream: true))
}

private func succeeded(_ id: String, _ text: String) -> String {
    let message = anthropicMessage(text)
    return "{\"custom_id\":\"\(id)\",\"result\":{\"type\":\"succeeded\",\"message\":\(message)}}"
}

private func ended(_ id: String, _ type: String) -> String {
    "{\"custom_id\":\"\(id)\",\"result\":{\"type\":\"\(type)\"}}"
}

private let failed = """
    {"custom_id":"c","result":{"type":"errored","error":{"type":"error","error":{"type":"invalid_request_error",\
    "message":"secret-in-a-prompt"},"request_id":"req_1"}}}
    """

private func account(_ status: String, id: String = "msgbatch_01") -> String {
    """
    {"id":"\(id)","type":"message_batch","processing_status":"\(status)","request_counts":{"processing":0},
    "results_url":"https://elsewhere.example/results"}
    """
}

private func poll(_ status: String, _ lines: [String], id: String = "msgbatch_01") throws -> (
    Result<BatchState, Failure>, Script
) {
    let adapter = try Anthropic(config: .init())
    let script = Script([
        .init(
            method: "GET", path: "/v1/messages/batches/msgbatch_01",
            reply: HTTPReply(status: 200, body: Array(account(status, id: id).utf8))),
        .init(
            method: "GET", path: "/v1/messages/batches/msgbatch_01/results",
            reply: HTTPReply(status: 200, body: Array(lines.joined(separator: "\n").utf8))),
    ])
    let state = outcome { () throws(Failure) -> BatchState in try adapter.poll(batch: "msgbatch_01", script) }
    return (state, script)
}

@Test func `A batch is handed in as one document, without streams`() throws {
    let script = Script(200, account("in_progress"))
    let batch = try Anthropic(config: .init()).submit([item("a"), item("b-2")], script)
    #expect(batch == "msgbatch_01")
    #expect(script.calls.map(\.path) == ["/v1/messages/batches"])
    let params = """
        {"model":"claude-opus-5","max_tokens":4096,"messages":[{"role":"user","content":"Which?"}]}
        """
    #expect(
        script.sent == """
            {"requests":[{"custom_id":"a","params":\(params)},{"custom_id":"b-2","params":\(params)}]}
            """)
}

@Test(arguments: [["a", "a"], [""], ["a b"], ["ä"], [String(repeating: "x", count: 65)], []])
func `Ids that the protocol does not take are refused before anything is sent`(ids: [String]) throws {
    let adapter = try Anthropic(config: .init())
    let script = Script(200, account("in_progress"))
    let failure = outcome { () throws(Failure) -> String in try adapter.submit(ids.map(item), script) }.failure
    #expect(failure?.reason == "bad_request")
    #expect(script.calls.isEmpty)
}

@Test func `Results are told by their ids in any order, and fail one by one`() throws {
    var lines = [succeeded("a", "One."), succeeded("b", "Two."), failed, ended("d", "expired"), ended("e", "canceled")]
    for seed: UInt64 in 0..<24 {
        var random = Seeded(seed)
        lines.shuffle(using: &random)
        let (result, script) = try poll("ended", lines + [""])
        let state = try result.get()
        let words = state.results.map { "\($0.id) \(word($0.result)) \($0.result.value?.text ?? "")" }.sorted()
        #expect(
            words == [
                "a answer stop One.", "b answer stop Two.", "c \(says(.badRequest)) ",
                "d \(says(.batchExpired)) ", "e \(says(.batchCancelled)) ",
            ], "seed \(seed)")
        #expect(state.phase == .cancelled)
        // The address that the server names is not asked.
        #expect(script.calls.map(\.path).allSatisfy { $0.hasPrefix("/v1/messages/batches/msgbatch_01") })
    }
}

@Test(arguments: [
    ("in_progress", BatchState.Phase.running), ("canceling", .running), ("ended", .done),
])
func `A batch runs until it has ended`(status: String, phase: BatchState.Phase) throws {
    let (result, script) = try poll(status, [succeeded("a", "One.")])
    #expect(try result.get().phase == phase)
    #expect(script.calls.count == (phase == .running ? 1 : 2))
}

@Test func `A batch whose time ran out says so`() throws {
    #expect(try poll("ended", [succeeded("a", "One."), ended("b", "expired")]).0.get().phase == .expired)
}

@Test func `Results that do not fit are not used`() throws {
    let twice = try poll("ended", [succeeded("a", "One."), succeeded("a", "Two.")]).0
    #expect(twice.failure?.code == .quarantineRequired)
    #expect(twice.failure == Verdict.protocolBroken.failure())
    let half = try poll("ended", [succeeded("a", "One."), String(succeeded("b", "Two.").dropLast(3))]).0
    #expect(half.failure?.reason == "cut")
    let other = try poll("ended", [], id: "msgbatch_02").0
    #expect(other.failure?.reason == "unreadable")
    #expect(try poll("half_done", []).0.failure?.reason == "unreadable")
    #expect(try poll("ended", [ended("a", "lost")]).0.failure?.reason == "unreadable")
    #expect(try poll("ended", ["{\"custom_id\":\"a\"}"]).0.failure?.reason == "unreadable")
}

@Test func `A batch that is not there is missing, not its model`() throws {
    let adapter = try Anthropic(config: .init())
    for (batch, script) in [
        ("msgbatch_01", Script(404, "{}")), ("../v1/models", Script(200, "{}")), ("", Script(200, "{}")),
    ] {
        let failure = outcome { () throws(Failure) -> BatchState in try adapter.poll(batch: batch, script) }.failure
        #expect(failure?.reason == "batch_missing")
        #expect(script.calls.count == (batch == "msgbatch_01" ? 1 : 0))
    }
}

@Test func `Giving up a batch that has ended is no failure`() throws {
    let adapter = try Anthropic(config: .init())
    for status in [200, 400, 409] {
        let script = Script(status, "{}")
        let result = outcome { () throws(Failure) in try adapter.cancel(batch: "msgbatch_01", script) }
        #expect(result.failure == nil)
        #expect(script.calls.map(\.path) == ["/v1/messages/batches/msgbatch_01/cancel"])
    }
    let result = outcome { () throws(Failure) in try adapter.cancel(batch: "msgbatch_01", Script(429, "{}")) }
    #expect(result.failure?.code == .rateLimit)
}
