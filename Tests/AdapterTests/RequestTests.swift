import ProviderKit
import SluiceSDK
import Testing

/// What each adapter sends, as text: `Tests/Golden/providers`.
@Suite struct RequestTests {
    private static let schema = ChatRequest.Schema(
        name: "choice",
        schema: [
            "type": "object", "properties": ["column": ["type": "string", "enum": ["first", "second"]]],
            "required": ["column"], "additionalProperties": false,
        ])

    private static let openSchema = ChatRequest.Schema(
        name: "open", schema: ["type": "object", "properties": ["column": ["type": "string"]]])

    private static let cases: [(name: String, adapter: String, request: ChatRequest)] = {
        var cases: [(String, String, ChatRequest)] = []
        let models = [
            "openai": ["gpt-4.1-mini", "gpt-5.4-mini"], "openai-responses": ["gpt-4.1-mini", "o3"],
            "groq": ["llama-3.3-70b-versatile", "openai/gpt-oss-20b", "moonshotai/kimi-k2-instruct"],
            "openai-compatible": ["local"],
        ]
        for (adapter, names) in models.sorted(by: { $0.key < $1.key }) {
            for model in names {
                let plain = ChatRequest(model: model, messages: [.init(.user, "Which \"column\"?\n🧭")])
                var full = plain
                full.messages = [
                    .init(.system, "Be brief."), .init(.user, "a"), .init(.assistant, "b"), .init(.user, "c"),
                ]
                full.temperature = 1
                full.topP = 0.25
                full.stop = ["END"]
                full.maxTokens = 64
                full.seed = 7
                full.tier = .flex
                full.stream = true
                full.contextTokens = 8192
                full.firstByteMilliseconds = 5000
                full.stallMilliseconds = 300
                var bound = plain
                bound.schema = schema
                bound.stream = true
                var open = plain
                open.schema = openSchema
                open.messages.insert(.init(.system, "s"), at: 0)
                cases += [
                    ("plain", adapter, plain), ("full", adapter, full), ("schema", adapter, bound),
                    ("open-schema", adapter, open),
                ]
            }
        }
        return cases
    }()

    @Test(arguments: Set(cases.map(\.adapter)).sorted())
    func `Requests are those that were looked at`(adapter name: String) throws {
        var text = ""
        for entry in Self.cases where entry.adapter == name {
            let script = Script(200, "{}")
            let adapter = try Adapters.make(name)
            _ = outcome { () throws(Failure) in try adapter.infer(entry.request, script) }
            let plan = try #require(try Self.treatments(adapter, entry.request))
            text += "## \(entry.name), \(entry.request.model)\n\n"
            for call in script.calls { text += Self.shown(call) }
            text += "treatments \(plan)\n\n"
        }
        try Golden.check(text, "Tests/Golden/providers/requests-\(name).txt")
    }

    /// Of an answer that fits the protocol.
    private static func treatments(_ adapter: any Adapter, _ request: ChatRequest) throws -> String? {
        let chat = #"{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}],"#
        let responses =
            #""object":"response","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"x"}]}]}"#
        let found = outcome { () throws(Failure) in try adapter.infer(request, Script(200, chat + responses)) }
        return found.value?.treatments.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.rawValue)" }
            .joined(separator: " ")
    }

    static func shown(_ call: HTTPCall) -> String {
        var text = "\(call.method) \(call.path)\n"
        for (name, value) in call.headers.sorted(by: { $0.key < $1.key }) { text += "\(name): \(value)\n" }
        if let time = call.firstByteMilliseconds { text += "first_byte_ms \(time)\n" }
        if let time = call.stallMilliseconds { text += "stall_ms \(time)\n" }
        return text + String(decoding: call.body, as: UTF8.self).replacing("\r\n", with: "\n") + "\n\n"
    }

    @Test func `Other calls send what was looked at`() throws {
        var text = ""
        for entry in Adapters.all {
            let adapter = try Adapters.make(entry.name)
            let script = Script(200, #"{"id":"file-1","data":[]}"#)
            let item = BatchItem(id: "a", request: request("gpt-4.1-mini") { $0.schema = Self.schema })
            let other = BatchItem(id: "b", request: request("gpt-4.1-mini") { $0.maxTokens = 3 })
            _ = outcome { () throws(Failure) in try adapter.models(script) }
            _ = outcome { () throws(Failure) in try adapter.embed(model: nil, texts: ["x", "y"], script) }
            _ = outcome { () throws(Failure) in try adapter.submit([item, other], script) }
            _ = outcome { () throws(Failure) in try adapter.poll(batch: "batch_1", script) }
            _ = outcome { () throws(Failure) in try adapter.cancel(batch: "batch_1", script) }
            text += "## \(entry.name)\n\n" + script.calls.map(Self.shown).joined()
        }
        try Golden.check(text, "Tests/Golden/providers/requests-other.txt")
    }
}

/// Text that a person has looked at.
enum Golden {
    static func check(_ text: String, _ path: String) throws {
        let kept = Files.text(path)
        if kept != text, Files.records {
            try Files.write(text, path)
            Issue.record("\(path) was written anew; look at the difference and run again without RECORD_GOLDEN")
            return
        }
        #expect(kept == text, "\(path) differs; RECORD_GOLDEN=1 writes it anew")
    }
}
