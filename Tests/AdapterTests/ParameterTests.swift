import Foundation
import ProviderKit
import SluiceSDK
import Testing

/// The matrix of parameters: what the tables say is what adapters do, and what docs/providers.md says.
@Suite struct ParameterTests {
    /// Asks for one parameter alone.
    private static func asking(_ name: ParameterTable.Name, _ model: String) -> ChatRequest {
        request(model) { request in
            switch name {
            case .system: request.messages.insert(.init(.system, "s"), at: 0)
            case .temperature: request.temperature = 0.5
            case .topP: request.topP = 0.5
            case .stop: request.stop = ["END"]
            case .maxTokens: request.maxTokens = 5
            case .seed: request.seed = 5
            case .schema: request.schema = .init(name: "s", schema: ["type": "object"])
            case .tier: request.tier = .flex
            case .stream: request.stream = true
            case .contextTokens: request.contextTokens = 100
            }
        }
    }

    private static let answers = [
        "openai-responses":
            #"{"object":"response","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"x"}]}]}"#,
        "anthropic":
            #"{"type":"message","model":"m","content":[{"type":"text","text":"x"}],"stop_reason":"end_turn"}"#,
        "ollama": #"{"model":"m","message":{"role":"assistant","content":"x"},"done":true,"done_reason":"stop"}"#,
    ]
    private static let chatAnswer = #"{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]}"#

    @Test(
        arguments: [
            ("openai", "gpt-4.1", [String]()), ("openai", "gpt-5.4-mini", ["reasoning models"]),
            ("openai-responses", "gpt-4.1", ["responses API"]),
            ("openai-responses", "o3", ["responses API", "reasoning models"]),
            ("groq", "llama-3.3-70b-versatile", []), ("groq", "openai/gpt-oss-20b", ["gpt-oss, Llama 4, Kimi K2"]),
            ("openai-compatible", "local", []), ("anthropic", "claude-sonnet-4-6", []),
            ("anthropic", "claude-opus-5", ["Claude 4.7 and later"]),
            ("anthropic", "smollm2", ["before Claude 4.5, and other servers"]), ("ollama", "llama3.2", []),
        ])
    func `Each parameter is treated as the matrix says`(name: String, model: String, variants: [String]) throws {
        let table = type(of: try Adapters.make(name)).parameters
        let chosen = try variants.map { variant in try #require(table.variants.first { $0.name == variant }) }
        for parameter in ParameterTable.Name.allCases {
            let adapter = try Adapters.make(name)
            let script = Script(200, Self.answers[name] ?? Self.chatAnswer)
            let found = outcome { () throws(Failure) in try adapter.infer(Self.asking(parameter, model), script) }
            let rule = table.rule(parameter, variant: chosen.last { $0.rules[parameter] != nil })
            let sent = script.calls.first.flatMap { ReplyJSON.parsed($0.body) }
            switch rule {
            case .passed(let field):
                #expect(found.value?.treatments[parameter.rawValue] == .passed, "\(parameter)")
                #expect(Self.holds(sent, field), "\(parameter) is sent as \(field)")
            case .mapped(let field, _):
                #expect(found.value?.treatments[parameter.rawValue] == .mapped, "\(parameter)")
                if !field.isEmpty { #expect(Self.holds(sent, field), "\(parameter) is sent as \(field)") }
            case .dropped:
                #expect(found.value?.treatments[parameter.rawValue] == .dropped, "\(parameter)")
                #expect(sent?[parameter.rawValue] == nil, "\(parameter) is not sent")
            case .refused:
                #expect(found.failure?.reason == "parameter_refused", "\(parameter)")
                #expect(script.calls.isEmpty)
            }
        }
    }

    /// Whether a request has a member, by its names with points between them.
    private static func holds(_ sent: JSONValue?, _ path: String) -> Bool {
        path.split(separator: ".").reduce(sent) { $0?[String($1)] } != nil
    }

    /// What every request of an adapter has.
    private static let always: [String: Set<String>] = [
        "anthropic": ["max_tokens"], "ollama": ["stream", "truncate", "shift"],
    ]

    @Test func `What is not asked for is neither sent nor told`() throws {
        for entry in Adapters.all {
            let adapter = try Adapters.make(entry.name)
            let script = Script(200, Self.answers[entry.name] ?? Self.chatAnswer)
            let answer = try adapter.infer(request("gpt-4.1"), script)
            #expect(answer.treatments.isEmpty)
            let sent = try #require(ReplyJSON.parsed(script.calls[0].body)?.object)
            let always = Self.always[entry.name] ?? ["input", "store"]
            #expect(Set(sent.keys).isSubset(of: always.union(["model", "messages"])))
        }
    }

    @Test func `More stop sequences than the provider takes are refused before anything is sent`() throws {
        let adapter = try Adapters.make("groq")
        let script = Script(200, Self.chatAnswer)
        let found = outcome { () throws(Failure) in
            try adapter.infer(request { $0.stop = ["a", "b", "c", "d", "e"] }, script)
        }
        #expect(found.failure?.reason == "parameter_refused")
        #expect(found.failure?.message.contains("stop") ?? false)
        #expect(script.calls.isEmpty)
    }

    @Test func `Where a model takes no stop sequences the text is cut here`() throws {
        let adapter = try Adapters.make("openai")
        let body = #"{"choices":[{"message":{"content":"one END two STOP"},"finish_reason":"length"}]}"#
        let answer = try adapter.infer(request("o3") { $0.stop = ["STOP", "END"] }, Script(200, body))
        #expect(answer.text == "one ")
        #expect(answer.finish == .stop)
        #expect(answer.treatments == ["stop": .mapped])
    }

    @Test func `A prompt that the server cut short is told`() throws {
        let adapter = try Adapters.make("openai-compatible")
        func asked(_ counted: Int, _ estimate: Int, _ context: Int?) -> Failure? {
            let body = """
                {"choices":[{"message":{"content":"x"},"finish_reason":"stop"}],\
                "usage":{"prompt_tokens":\(counted),"completion_tokens":1}}
                """
            return outcome { () throws(Failure) in
                try adapter.infer(
                    request {
                        $0.promptTokens = estimate
                        $0.contextTokens = context
                    }, Script(200, body))
            }.failure
        }
        #expect(asked(2048, 9000, 2048)?.reason == "truncated")
        #expect(asked(2000, 2600, 2048)?.reason == "truncated")
        #expect(asked(400, 1000, nil)?.code == .deterministicFailure)
        // An estimate may be wrong by a third; short prompts by more.
        #expect(asked(900, 1000, 1024) == nil)
        #expect(asked(700, 1000, nil) == nil)
        #expect(asked(10, 60, nil) == nil)
        #expect(asked(3000, 1000, nil) == nil)
    }

    @Test func `A misspelt configuration is refused`() {
        for entry in Adapters.all {
            var config = JSONObject()
            config["novelty"] = 1
            let found = outcome { () throws(Failure) in try entry.type.init(config: config) }
            #expect(found.failure?.reason == "configuration")
        }
        var config = JSONObject()
        config["api"] = "assistants"
        let found = outcome { () throws(Failure) in try Adapters.all[0].type.init(config: config) }
        #expect(found.failure?.message.contains("/api") ?? false)
    }

    @Test func `The matrix in the documents is made from the tables`() throws {
        let path = "docs/providers.md"
        let begin = "<!-- matrix: made by ParameterTests -->\n"
        let end = "<!-- end of the matrix -->"
        let document = try #require(Files.text(path))
        let parts = document.split(separator: begin, omittingEmptySubsequences: false)
        try #require(parts.count == 2)
        let rest = try #require(parts[1].range(of: end))
        let wanted = parts[0] + begin + Self.matrix() + parts[1][rest.lowerBound...]
        try Golden.check(String(wanted), path)
    }

    /// A column for each adapter, a row for each parameter, and the exceptions below.
    private static func matrix() -> String {
        let tables = Adapters.tables
        var text = "\n| parameter | \(tables.map { "`\($0.name)`" }.joined(separator: " | ")) |\n"
        text += "|---|" + String(repeating: "---|", count: tables.count) + "\n"
        for name in ParameterTable.Name.allCases {
            text +=
                "| `\(name.rawValue)` | \(tables.map { $0.table.rule(name).description }.joined(separator: " | ")) |\n"
        }
        text += "| stop sequences | \(tables.map { "at most \($0.table.stopLimit)" }.joined(separator: " | ")) |\n\n"
        text += "| adapter | for | parameter | differs |\n|---|---|---|---|\n"
        for (adapter, table) in tables {
            for variant in table.variants {
                for name in ParameterTable.Name.allCases {
                    guard let rule = variant.rules[name] else { continue }
                    text += "| `\(adapter)` | \(variant.name) | `\(name.rawValue)` | \(rule) |\n"
                }
            }
        }
        return text + "\n"
    }
}
