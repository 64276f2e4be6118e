import AnthropicCore
import CompatibleCore
import GroqCore
import OllamaCore
import OpenAICore
import ProviderKit
import SluiceSDK

/// The adapters under test, in the order of the matrix in docs/providers.md. A new one is added here.
enum Adapters {
    struct Entry: Sendable {
        /// By its tag in policies; the file `registry/conformance/wire-NAME.json` has its servers' answers.
        var name: String
        var type: any Adapter.Type
        var config: JSONObject
    }

    static let all: [Entry] = [
        Entry(name: "openai", type: OpenAI.self, config: JSONObject()),
        Entry(name: "openai-responses", type: OpenAI.self, config: responses),
        Entry(name: "groq", type: Groq.self, config: JSONObject()),
        Entry(name: "openai-compatible", type: Compatible.self, config: JSONObject()),
        Entry(name: "anthropic", type: Anthropic.self, config: JSONObject()),
        Entry(name: "ollama", type: Ollama.self, config: JSONObject()),
    ]

    /// One column of the matrix each.
    static let tables: [(name: String, table: ParameterTable)] = [
        ("openai", OpenAI.parameters), ("groq", Groq.parameters), ("openai-compatible", Compatible.parameters),
        ("anthropic", Anthropic.parameters), ("ollama", Ollama.parameters),
    ]

    static let responses: JSONObject = {
        var config = JSONObject()
        config["api"] = "responses"
        return config
    }()

    static func make(_ name: String) throws -> any Adapter {
        guard let entry = all.first(where: { $0.name == name }) else {
            throw Failure(.deterministicFailure, reason: "test", message: "no adapter \(name)")
        }
        return try entry.type.init(config: entry.config)
    }
}
