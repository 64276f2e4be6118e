import ProviderKit
import SluiceSDK
import Testing

/// A provider bills what it counted, whether an answer came of it or not.
@Suite struct BilledTests {
    private static let usage = ChatAnswer.Usage(input: 9, output: 4)

    /// Of an adapter: how an answer that is none ends, and what it is then.
    private static let cases: [(adapter: String, body: String, reason: String)] = {
        func chat(_ message: String, _ finish: String) -> String {
            """
            {"model":"m","choices":[{"index":0,"message":\(message),"finish_reason":"\(finish)"}],\
            "usage":{"prompt_tokens":9,"completion_tokens":4}}
            """
        }
        func responses(_ rest: String) -> String {
            "{\"object\":\"response\",\"model\":\"m\",\"usage\":{\"input_tokens\":9,\"output_tokens\":4},\(rest)}"
        }
        func message(_ stop: String, _ content: String = "[]") -> String {
            """
            {"type":"message","model":"m","content":\(content),"stop_reason":"\(stop)",\
            "usage":{"input_tokens":9,"output_tokens":4}}
            """
        }
        let tool = "{\"content\":null,\"tool_calls\":[{\"id\":\"c\",\"function\":{\"name\":\"f\"}}]}"
        var cases: [(String, String, String)] = ["openai", "groq", "openai-compatible"].flatMap { name in
            [
                (name, chat("{\"content\":null,\"refusal\":\"No.\"}", "stop"), "refusal"),
                (name, chat("{\"content\":\"a\"}", "content_filter"), "content_filter"),
                (name, chat(tool, "tool_calls"), "tool_call"),
                (name, chat("{\"content\":\"\"}", "error"), "server_error"),
                (name, chat("{\"content\":\"a\"}", "novelty"), "unreadable"),
                (name, chat("{\"content\":\"a\"}", "stop"), "truncated"),
            ]
        }
        cases += [
            (
                "openai-responses",
                responses(
                    "\"status\":\"completed\",\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"refusal\"}]}]"),
                "refusal"
            ),
            (
                "openai-responses",
                responses(
                    "\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"content_filter\"},\"output\":[]"),
                "content_filter"
            ),
            (
                "openai-responses",
                responses("\"status\":\"failed\",\"error\":{\"code\":\"server_error\",\"message\":\"-\"}"),
                "server_error"
            ),
            ("openai-responses", responses("\"status\":\"incomplete\""), "unreadable"),
            ("anthropic", message("refusal"), "refusal"), ("anthropic", message("tool_use"), "tool_call"),
            ("anthropic", message("novelty"), "unreadable"),
            ("anthropic", message("end_turn", "[{\"type\":\"text\",\"text\":\"a\"}]"), "truncated"),
        ]
        let counts = "\"prompt_eval_count\":9,\"eval_count\":4"
        cases += [
            (
                "ollama",
                "{\"model\":\"m\",\"message\":{\"content\":\"a\"},\"done\":true,\"done_reason\":\"stop\",\(counts)}",
                "truncated"
            ),
            (
                "ollama",
                "{\"model\":\"m\",\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"load\",\(counts)}",
                "unreadable"
            ),
            (
                "ollama",
                "{\"model\":\"m\",\"message\":{\"content\":\"\",\"tool_calls\":[{}]},\"done\":true,"
                    + "\"done_reason\":\"stop\",\(counts)}", "tool_call"
            ),
        ]
        return cases
    }()

    @Test(arguments: cases.indices) func `A failure tells what was counted`(index: Int) throws {
        let (name, body, reason) = Self.cases[index]
        let adapter = try Adapters.make(name)
        let asked = request { $0.promptTokens = 1000 }
        let found = outcome { () throws(Failure) in try adapter.infer(asked, Script(200, body)) }
        #expect(found.failure?.reason == reason, "\(name)")
        #expect(found.failure?.usage == Self.usage, "\(name) \(reason)")
    }

    @Test func `A line of a batch that was refused was billed`() throws {
        let body = """
            {"choices":[{"message":{"refusal":"No.","content":null},"finish_reason":"stop"}],\
            "usage":{"prompt_tokens":9,"completion_tokens":4}}
            """
        let lines: [(String, [String])] = [
            (
                "openai",
                [
                    #"{"id":"b","status":"completed","endpoint":"/v1/chat/completions","output_file_id":"f"}"#,
                    #"{"custom_id":"a","response":{"status_code":200,"body":\#(body)}}"#,
                ]
            ),
            (
                "anthropic",
                [
                    #"{"id":"b","processing_status":"ended"}"#,
                    #"{"custom_id":"a","result":{"type":"succeeded","message":{"type":"message","model":"m","content":[],"stop_reason":"refusal","usage":{"input_tokens":9,"output_tokens":4}}}}"#,
                ]
            ),
        ]
        for (name, bodies) in lines {
            let adapter = try Adapters.make(name)
            let script = Script(replies: bodies.map { HTTPReply(status: 200, body: Array($0.utf8)) })
            let state = try adapter.poll(batch: "b", script)
            #expect(state.results.first?.result.failure?.reason == "refusal", "\(name)")
            #expect(state.results.first?.result.failure?.usage == Self.usage, "\(name)")
        }
    }

    @Test func `An error tells no tokens`() throws {
        let adapter = try Adapters.make("openai")
        let found = outcome { () throws(Failure) in try adapter.infer(request(), Script(429, "{}")) }
        let failure = try #require(found.failure)
        #expect(failure.usage == nil && failure.json["usage"] == nil)
    }
}
