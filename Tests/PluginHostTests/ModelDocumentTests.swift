import Foundations
import Testing

@testable import PluginHost
@testable import Policy

/// What a plugin may answer, document by document; no process anywhere.
@Suite struct `An answer of a provider` {
    private func outcome(_ text: String) throws -> Result<ModelAnswer, ProviderFailure> {
        try ModelDocument.outcome(try JSONParser.parse(Array(text.utf8), name: "test"))
    }

    private func fault(_ text: String) throws -> String {
        do {
            _ = try outcome(text)
            Issue.record("it was read: \(text)")
            return ""
        } catch let fault as ModelDocument.Fault { return fault.reason }
    }

    @Test func `is read whole, and what it says beyond that is ignored`() throws {
        let answer = try outcome(
            """
            {"answer":{"model":"m-1","text":"⟨EMAIL_1⟩ ✓","finish":"length","usage":{"input":9,"cached_input":4,
            "cache_writes":2,"output":5,"reasoning":5,"later":1},"treatments":{"seed":"dropped"},"tier":"flex",
            "request_id":"req 1","later":{}},"later":[]}
            """
        ).get()
        #expect(
            answer
                == ModelAnswer(
                    model: "m-1", text: "⟨EMAIL_1⟩ ✓", finish: .length,
                    usage: TokenUsage(input: 9, cachedInput: 4, cacheWrites: 2, output: 5, reasoning: 5),
                    treatments: ["seed": "dropped"], tier: .flex, requestID: "req 1"))
        let least = try outcome(#"{"answer":{"model":"m","text":"","finish":"stop","usage":null}}"#).get()
        #expect(least == ModelAnswer(model: "m", text: "", finish: .stop, usage: nil))
    }

    @Test(
        arguments: [
            (#"[]"#, "no object"), (#"{}"#, "neither"), (#"{"answer":{},"failure":{}}"#, "both"),
            (#"{"answer":7}"#, "/answer is no object"), (#"{"answer":{"text":"t","finish":"stop"}}"#, "/answer/model"),
            (#"{"answer":{"model":"m","finish":"stop"}}"#, "/answer/text is missing"),
            (#"{"answer":{"model":"m","text":1,"finish":"stop"}}"#, "/answer/text is no text"),
            (#"{"answer":{"model":"m","text":"t","finish":"content_filter"}}"#, "/answer/finish"),
            (#"{"answer":{"model":"m","text":"t","finish":"stop","tier":"gold"}}"#, "/answer/tier"),
            (#"{"answer":{"model":"m","text":"t","finish":"stop","usage":[]}}"#, "/answer/usage is no object"),
            (#"{"answer":{"model":"m","text":"t","finish":"stop","usage":{"input":1}}}"#, "input and output"),
            (#"{"answer":{"model":"m","text":"t","finish":"stop","usage":{"input":-1,"output":1}}}"#, "no count"),
            (
                #"{"answer":{"model":"m","text":"t","finish":"stop","usage":{"input":1.5,"output":1}}}"#,
                "no whole number"
            ),
            (#"{"answer":{"model":"m","text":"t","finish":"stop","usage":{"input":1e12,"output":1}}}"#, "no count"),
            (
                #"{"answer":{"model":"m","text":"t","finish":"stop","usage":{"input":3,"cached_input":2,"cache_writes":2,"output":1}}}"#,
                "more than its whole"
            ),
            (
                #"{"answer":{"model":"m","text":"t","finish":"stop","treatments":{"seed":"eaten"}}}"#,
                "/answer/treatments"
            ),
            (#"{"failure":{"reason":"r"}}"#, "/failure/code is missing"),
            (#"{"failure":{"code":"SLUICE_OK","reason":"r"}}"#, "/failure/code"),
            (#"{"failure":{"code":"TIMEOUT","reason":"Too late"}}"#, "/failure/reason"),
            (#"{"failure":{"code":"TIMEOUT","reason":"cancelled"}}"#, "the host alone"),
            (#"{"failure":{"code":"TIMEOUT","reason":"plugin_crashed"}}"#, "the host alone"),
            (#"{"failure":{"code":"TIMEOUT","reason":"r","scope":"world"}}"#, "/failure/scope"),
            (#"{"failure":{"code":"TIMEOUT","reason":"r","status":7}}"#, "/failure/status"),
            (#"{"failure":{"code":"TIMEOUT","reason":"r","retry_after_ms":-1}}"#, "/failure/retry_after_ms"),
        ])
    func `that breaks a rule is refused by the place where it does`(text: String, words: String) throws {
        let reason = try fault(text)
        #expect(reason.contains(words), "\(reason)")
    }

    @Test func `has at most 16 MiB of text`() throws {
        let most = String(repeating: "x", count: ModelDocument.textLimit)
        let answer: JSON = ["answer": ["model": "m", "text": .string(most), "finish": "stop"]]
        #expect(try ModelDocument.outcome(answer).get().text.utf8.count == ModelDocument.textLimit)
        let more: JSON = ["answer": ["model": "m", "text": .string(most + "x"), "finish": "stop"]]
        #expect(throws: ModelDocument.Fault.self) { try ModelDocument.outcome(more) }
    }

    @Test func `that is a failure keeps code, scope, reason and time, and its message is redacted`() throws {
        let text = """
            {"failure":{"code":"RATE_LIMIT","scope":"lane","reason":"slow_down","message":"ask a.b@example.org \\n 1234567",
            "status":429,"retry_after_ms":99999999999,"usage":{"input":9,"cached_input":2,"output":4}}}
            """
        guard case .failure(let failure) = try outcome(text) else {
            Issue.record("it is no failure")
            return
        }
        #expect(failure.code == .rateLimit && failure.scope == .lane && failure.reason == "slow_down")
        #expect(failure.status == 429 && failure.retryAfterMilliseconds == 86_400_000)
        #expect(failure.message == "ask [address] #")
        #expect(failure.usage == TokenUsage(input: 9, cachedInput: 2, output: 4))
        let none = try outcome(#"{"failure":{"code":"TIMEOUT","reason":"r","usage":null}}"#)
        #expect(none == .failure(ProviderFailure(.timeout, reason: "r", message: "")))
        let half = try fault(#"{"failure":{"code":"TIMEOUT","reason":"r","usage":{"input":9}}}"#)
        #expect(half.hasPrefix("/failure/usage"))
    }

    @Test func `whose request is too large says so, and is not forbidden`() {
        let size = ProviderFailure(SluiceError(.egressSize, "It is larger than the endpoint takes."))
        #expect(size.code == .deterministicFailure && size.scope == .request && size.reason == "too_large")
        let library = ProviderFailure(SluiceError(.egressLibrary, "No request can be made."))
        #expect(library.code == .deterministicFailure && library.scope == .provider && library.reason == "call")
    }

    @Test func `to poll has results by their ids, and one that is malformed is that one's failure`() throws {
        let text = """
            {"state":"done","results":[{"id":"b","answer":{"model":"m","text":"B","finish":"stop"}},{"id":"a"},
            {"id":"c","failure":{"code":"POLICY_BLOCK","reason":"refusal"}}]}
            """
        let batch = try ModelDocument.batch(try JSONParser.parse(Array(text.utf8), name: "test")).get()
        #expect(batch.phase == .done && batch.results.count == 3 && batch.failure == nil)
        #expect(try batch.results["b"]?.get().text == "B")
        guard case .failure(let malformed)? = batch.results["a"], case .failure(let refused)? = batch.results["c"]
        else {
            Issue.record("two of them failed")
            return
        }
        #expect(malformed.code == .quarantineRequired && malformed.reason == "answer_malformed")
        #expect(refused.code == .policyBlock && refused.reason == "refusal")
    }

    @Test func `is a document of bounded depth`() throws {
        let deep = String(repeating: #"{"answer":"#, count: 10_000)
        #expect(throws: SluiceError.self) { try JSONParser.parse(Array(deep.utf8), name: "test") }
    }

    @Test func `has a prompt hash that is that of all that the plugin gets`() throws {
        let one = ModelRequest(model: "a", messages: [.init(.user, MaskedPrompt(masked: "x"))])
        let messages: JSON = [["role": "user", "text": "x"]]
        #expect(one.promptHash == one.json.canonicalHash && one.promptHash != messages.canonicalHash)
        var others = [one, one, one, one]
        others[0].model = "b"
        others[1].parameters.temperature = 1
        others[2].schema = .init(name: "s", schema: ["type": "object"])
        others[3].messages.append(.init(.assistant, MaskedPrompt(masked: "y")))
        #expect(Set((others + [one]).map(\.promptHash.hex)).count == 5)
        #expect(ModelRequest.promptHash([one]) == one.promptHash)
        #expect(EgressGrant(.infer, requests: [one]).promptHash == one.promptHash.hex)
    }
}
