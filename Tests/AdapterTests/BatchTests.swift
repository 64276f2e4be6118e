import ProviderKit
import SluiceSDK
import Testing

/// Batches by files: results by their ids, whatever their order, and nothing by guess.
@Suite struct BatchTests {
    private static func line(_ id: String, _ text: String = "x", status: Int = 200) -> String {
        let body =
            status == 200
            ? #"{"model":"m","choices":[{"message":{"content":"\#(text)"},"finish_reason":"stop"}]}"#
            : #"{"error":{"message":"-","code":"context_length_exceeded"}}"#
        return
            #"{"custom_id":"\#(id)","response":{"status_code":\#(status),"request_id":"r","body":\#(body)},"error":null}"#
    }

    private static func script(
        _ prefix: String, status: String = "completed", output: String?, errors: String? = nil,
        endpoint: String = "/v1/chat/completions"
    ) -> Script {
        func file(_ text: String?, _ name: String) -> String { text == nil ? "null" : "\"\(name)\"" }
        let batch = """
            {"id":"batch_1","status":"\(status)","endpoint":"\(endpoint)",\
            "output_file_id":\(file(output, "file-o")),"error_file_id":\(file(errors, "file-e"))}
            """
        func get(_ path: String, _ text: String) -> Script.Exchange {
            .init(method: "GET", path: prefix + path, reply: HTTPReply(status: 200, body: Array(text.utf8)))
        }
        return Script([
            get("/batches/batch_1", batch), get("/files/file-o/content", output ?? ""),
            get("/files/file-e/content", errors ?? ""),
        ])
    }

    @Test(arguments: [("openai", "/v1"), ("groq", "/openai/v1"), ("openai-responses", "/v1")])
    func `Results come by their ids from both files`(name: String, prefix: String) throws {
        let adapter = try Adapters.make(name)
        let script = Self.script(
            prefix, output: Self.line("c", "3") + "\n\n" + Self.line("a", "1") + "\n",
            errors: Self.line("b", status: 400))
        let state = try adapter.poll(batch: "batch_1", script)
        #expect(state.phase == .done)
        #expect(state.results.map(\.id) == ["c", "a", "b"])
        #expect(state.results[1].result.value?.text == "1")
        #expect(state.results[1].result.value?.requestID == "r")
        #expect(state.results[2].result.failure?.reason == "context_overflow")
    }

    @Test func `A batch of the other API is read as what it is`() throws {
        let adapter = try Adapters.make("openai")
        let body =
            #"{"object":"response","status":"completed","model":"m","output":[{"type":"message","content":[{"type":"output_text","text":"7"}]}]}"#
        let output = #"{"custom_id":"a","response":{"status_code":200,"body":\#(body)}}"#
        let script = Self.script("/v1", output: output, endpoint: "/v1/responses")
        let state = try adapter.poll(batch: "batch_1", script)
        #expect(state.results.first?.result.value?.text == "7")
    }

    @Test func `An id that comes twice or not at all is quarantined`() throws {
        let adapter = try Adapters.make("openai")
        let outputs: [(String, String)] = [
            (Self.line("a") + "\n" + Self.line("a"), "protocol"),
            (#"{"response":{"status_code":200,"body":{}}}"#, "unreadable"), ("{oops}\n", "unreadable"),
            (Self.line("a") + "\n" + Self.line("b").dropLast(9), "unreadable"),
        ]
        for (output, reason) in outputs {
            let script = Self.script("/v1", output: output)
            let found = outcome { () throws(Failure) in try adapter.poll(batch: "batch_1", script) }
            #expect(found.failure?.code == .quarantineRequired)
            #expect(found.failure?.reason == reason, "\(output)")
        }
        let twice = Self.script("/v1", output: Self.line("a"), errors: Self.line("a", status: 400))
        let found = outcome { () throws(Failure) in try adapter.poll(batch: "batch_1", twice) }
        #expect(found.failure?.reason == "protocol")
    }

    @Test func `Each state of a batch has its word`() throws {
        let adapter = try Adapters.make("openai")
        let states: [(String, BatchState.Phase)] = [
            ("validating", .running), ("in_progress", .running), ("finalizing", .running), ("cancelling", .running),
            ("completed", .done), ("failed", .failed), ("expired", .expired), ("cancelled", .cancelled),
        ]
        for (word, phase) in states {
            let script = Self.script("/v1", status: word, output: nil)
            let state = try adapter.poll(batch: "batch_1", script)
            #expect(state.phase == phase)
            #expect((state.failure != nil) == (phase == .failed))
        }
        let script = Self.script("/v1", status: "novelty", output: nil)
        let found = outcome { () throws(Failure) in try adapter.poll(batch: "batch_1", script) }
        #expect(found.failure?.code == .quarantineRequired)
    }

    @Test func `An id of a batch cannot lead to another path`() throws {
        let adapter = try Adapters.make("openai")
        for id in ["../files", "a/b", "a?b", "", "a b", String(repeating: "a", count: 200)] {
            let script = Script(200, "{}")
            let found = outcome { () throws(Failure) in try adapter.poll(batch: id, script) }
            #expect(found.failure?.code == .deterministicFailure)
            #expect(script.calls.isEmpty)
        }
        let led = Self.script("/v1", output: nil)
        let evil = Script(200, #"{"status":"completed","output_file_id":"../../secrets"}"#)
        #expect(try adapter.poll(batch: "batch_1", led).phase == .done)
        let found = outcome { () throws(Failure) in try adapter.poll(batch: "batch_1", evil) }
        #expect(found.failure?.code == .quarantineRequired)
        #expect(evil.calls.count == 1)
    }

    @Test func `What a batch cannot hold is refused before anything is sent`() throws {
        let adapter = try Adapters.make("openai")
        let script = Script(200, "{}")
        let mixed = [
            BatchItem(id: "a", request: request("gpt-4.1")), BatchItem(id: "b", request: request("gpt-4.1-mini")),
        ]
        let found = outcome { () throws(Failure) in try adapter.submit(mixed, script) }
        #expect(found.failure?.code == .deterministicFailure)
        let stops = [BatchItem(id: "a", request: request("o3") { $0.stop = ["x"] })]
        let stopped = outcome { () throws(Failure) in try adapter.submit(stops, script) }
        #expect(stopped.failure?.reason == "parameter_refused")
        #expect(script.calls.isEmpty)
    }

    @Test func `A batch that is over cannot be cancelled, and that is no failure`() throws {
        let adapter = try Adapters.make("openai")
        try adapter.cancel(batch: "batch_1", Script(409, "{}"))
        let found = outcome { () throws(Failure) in try adapter.cancel(batch: "batch_1", Script(500, "{}")) }
        #expect(found.failure?.code == .transientError)
    }

    @Test(arguments: ["null", "\"\"", nil])
    func `A batch without errors names no file of them, in one way or another`(named: String?) throws {
        let member = named.map { ",\"error_file_id\":\($0)" } ?? ""
        let batch = """
            {"id":"batch_1","status":"completed","endpoint":"/v1/chat/completions","output_file_id":"file-o"\(member)}
            """
        let script = Script([
            .init(method: "GET", path: "/v1/batches/batch_1", reply: HTTPReply(status: 200, body: Array(batch.utf8))),
            .init(
                method: "GET", path: "/v1/files/file-o/content",
                reply: HTTPReply(status: 200, body: Array(Self.line("a").utf8))),
        ])
        let state = try Adapters.make("openai").poll(batch: "batch_1", script)
        #expect(state.results.map(\.id) == ["a"])
        #expect(script.calls.count == 2)
    }

    @Test(arguments: ["openai", "openai-responses", "groq", "anthropic"])
    func `A batch that is not there is missing at every provider, and its model is not to blame`(name: String) throws {
        let adapter = try Adapters.make(name)
        let words = #"{"error":{"message":"No batch found with id 'batch_1'","type":"invalid_request_error"}}"#
        let wanted = Verdict.batchMissing.failure(status: 404)
        let polled = outcome { () throws(Failure) in try adapter.poll(batch: "batch_1", Script(404, words)) }
        #expect(polled.failure == wanted)
        let given = outcome { () throws(Failure) in try adapter.cancel(batch: "batch_1", Script(404, words)) }
        #expect(given.failure == wanted)
        let other = outcome { () throws(Failure) in try adapter.poll(batch: "../x", Script(200, "{}")) }
        #expect(other.failure == Verdict.batchMissing.failure())
    }

    @Test func `Results that are gone are missing like their batch`() throws {
        let batch = #"{"id":"batch_1","status":"completed","output_file_id":"file-o"}"#
        let script = Script(replies: [
            HTTPReply(status: 200, body: Array(batch.utf8)), HTTPReply(status: 404, body: Array("{}".utf8)),
        ])
        let adapter = try Adapters.make("openai")
        let found = outcome { () throws(Failure) in try adapter.poll(batch: "batch_1", script) }
        #expect(found.failure == Verdict.batchMissing.failure(status: 404))
    }
}
