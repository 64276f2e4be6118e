import ProviderKit
import SluiceSDK
import Testing

/// Whatever a server answers, an adapter gives an answer or a failure. The seed is part of the failure's words.
@Suite struct FuzzTests {
    private static let seeds: [String] = [
        #"{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":4}}"#,
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
        "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{}}\n\nevent: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"object\":\"response\",\"status\":\"completed\",\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"a\"}]}]}}\n\n",
        #"{"object":"response","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[],"usage":{"input_tokens":1}}"#,
        #"{"error":{"message":"x","type":"insufficient_quota","code":"insufficient_quota","param":null}}"#,
        #"{"data":[{"index":0,"embedding":[1,0.5]},{"index":1,"embedding":[0,1e3]}]}"#,
        #"{"id":"batch_1","status":"completed","endpoint":"/v1/chat/completions","output_file_id":"f","errors":{"data":[{"code":"x"}]}}"#,
        #"{"custom_id":"a","response":{"status_code":200,"body":{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]}}}"#,
    ]
    private static let words = [
        "null", "[]", "{}", "-1", "1e999", "\"\"", "\"stop\"", "[[[[", "\u{0}", "\\ud800", "data: ", "\n\n", "\r",
        "\"error\":", "99999999999999999999", "true", "event: error\n", "[DONE]", "\u{FEFF}",
    ]

    private static func mutated(_ generator: inout Seeded) -> [UInt8] {
        var bytes = Array((seeds.randomElement(using: &generator) ?? "").utf8)
        for _ in 0..<Int.random(in: 0...6, using: &generator) {
            let at = Int.random(in: 0...bytes.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes.insert(UInt8.random(in: .min ... .max, using: &generator), at: at)
            case 1: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 0...12, using: &generator)))
            case 2: bytes.insert(contentsOf: Array((words.randomElement(using: &generator) ?? "").utf8), at: at)
            case 3: bytes = Array(bytes[..<at])
            default:
                let other = Array((seeds.randomElement(using: &generator) ?? "").utf8)
                bytes.insert(contentsOf: other, at: at)
            }
        }
        return bytes
    }

    @Test(arguments: Adapters.all.map(\.name))
    func `No reply breaks an adapter`(name: String) throws {
        let adapter = try Adapters.make(name)
        for seed in UInt64(0)..<600 {
            var generator = Seeded(seed)
            let statuses = [200, 200, 200, 200, 400, 401, 429, 500, 503, 204, 302]
            var replies: [HTTPReply] = []
            for _ in 0..<4 {
                replies.append(
                    HTTPReply(
                        status: statuses.randomElement(using: &generator) ?? 200,
                        headers: Bool.random(using: &generator) ? ["content-type": "text/event-stream"] : [:],
                        body: Self.mutated(&generator)))
            }
            let chat = request("gpt-4.1") {
                $0.stream = Bool.random(using: &generator)
                $0.stop = ["a"]
                $0.promptTokens = 100
            }
            let infer = outcome { () throws(Failure) in try adapter.infer(chat, Script(replies: replies)) }
            if let failure = infer.failure {
                #expect(!failure.reason.isEmpty && !failure.message.isEmpty, "seed \(seed)")
            }
            if let answer = infer.value {
                let again = ReplyJSON.parsed(answer.json.encoded())
                #expect(again?["text"]?.string == answer.text && (answer.usage?.input ?? 0) >= 0, "seed \(seed)")
            }
            let embed = outcome { () throws(Failure) in
                try adapter.embed(model: "e", texts: ["x", "y"], Script(replies: replies))
            }
            if let vectors = embed.value {
                #expect(vectors.count == 2 && vectors[0].count == vectors[1].count, "seed \(seed)")
            }
            _ = outcome { () throws(Failure) in try adapter.models(Script(replies: replies)) }
            _ = outcome { () throws(Failure) in
                try adapter.submit([BatchItem(id: "a", request: request("gpt-4.1"))], Script(replies: replies))
            }
            let poll = outcome { () throws(Failure) in try adapter.poll(batch: "b", Script(replies: replies)) }
            if let state = poll.value {
                #expect(Set(state.results.map(\.id)).count == state.results.count, "seed \(seed)")
            }
        }
    }
}
