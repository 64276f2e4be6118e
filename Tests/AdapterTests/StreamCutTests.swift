import ProviderKit
import SluiceSDK
import Testing

/// A stream that ends after any of its bytes is whole or cut, and never a wrong answer.
@Suite struct StreamCutTests {
    private static let chat = """
        data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}

        data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"Zür"}}]}

        data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"ich 🧭"}}]}

        data: {"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

        data: {"id":"c","model":"m","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4}}

        data: [DONE]


        """

    private static let responses = """
        event: response.created
        data: {"type":"response.created","response":{"object":"response","status":"in_progress"}}

        event: response.output_text.delta
        data: {"type":"response.output_text.delta","delta":"Zürich 🧭"}

        event: response.completed
        data: {"type":"response.completed","response":{"object":"response","status":"completed","model":"m","output":[{"type":"message","content":[{"type":"output_text","text":"Zürich 🧭"}]}],"usage":{"input_tokens":9,"output_tokens":4}}}


        """

    @Test(arguments: [("openai", chat), ("groq", chat), ("openai-compatible", chat), ("openai-responses", responses)])
    func `A cut anywhere is told`(adapter name: String, stream: String) throws {
        let adapter = try Adapters.make(name)
        let bytes = Array(stream.utf8)
        var whole = 0
        for length in 0...bytes.count {
            let reply = HTTPReply(
                status: 200, headers: ["content-type": "text/event-stream"], body: Array(bytes[..<length]))
            let found = outcome { () throws(Failure) in
                try adapter.infer(request { $0.stream = true }, Script(replies: [reply]))
            }
            switch found {
            case .success(let answer):
                #expect(answer.text == "Zürich 🧭" && answer.finish == .stop && answer.usage?.input == 9)
                whole += 1
            case .failure(let failure):
                #expect(failure == .cut, "\(length) bytes: \(failure)")
            }
        }
        // The last event's text, and the line ends behind it.
        #expect(whole >= 1 && whole <= 3)
    }

    @Test func `An answer's text that no stream can have is quarantined`() throws {
        let adapter = try Adapters.make("openai")
        let bodies = [
            "data: {oops}\n\n", "data: 7\n\n", "data: {\"choices\":[{\"delta\":{\"content\":7}}]}\n\n",
            "<html>\n\n</html>", "plain words\n\n",
        ]
        for body in bodies {
            let found = outcome { () throws(Failure) in
                try adapter.infer(request { $0.stream = true }, Script(200, body))
            }
            #expect(found.failure?.code == .quarantineRequired, "\(body)")
        }
    }

    @Test func `Tool calls and unknown ends are no answers`() throws {
        let adapter = try Adapters.make("openai")
        func end(_ reason: String) -> Failure? {
            let body = """
                data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"\(reason)"}]}

                data: [DONE]


                """
            return outcome { () throws(Failure) in
                try adapter.infer(request { $0.stream = true }, Script(200, body))
            }.failure
        }
        #expect(end("tool_calls")?.reason == "tool_call")
        #expect(end("content_filter")?.code == .policyBlock)
        #expect(end("novelty")?.code == .quarantineRequired)
        #expect(end("abort")?.code == .transientError)
        #expect(end("stop") == nil)
    }
}
