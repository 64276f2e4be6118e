import Foundations
import Inference
import PluginHost
import Testing

private let folder = Files.folder(of: Files.folder(of: Files.folder(of: #filePath))) + "/registry/models"

private func document(_ models: String, provider: String = "mine") -> [UInt8] {
    Array(
        """
        {"registry_version":1,"provider":"\(provider)","currency":"USD","as_of":"2026-02-28","source":"a test",
         "models":[\(models)]}
        """.utf8)
}

private func model(_ id: String, aliases: String = "", input: String = "1", output: String = "2", more: String = "")
    -> String
{
    """
    {"id":"\(id)","aliases":[\(aliases)],"quality":0.5,"latency":{"first_token_ms":null,"tokens_per_s":10},
     "cost":{"input":\(input),"output":\(output),"cached_input":null,"cache_write":null,"batch_input":null,
     "batch_output":null,"flex_input":null,"flex_output":null},"context_tokens":1000,"max_output_tokens":null,
     "modality":["text"],"license":null,"residency":null,"tiers":["standard"],"batch":false,
     "schema_output":"native","tokenizer":"o200k"\(more)}
    """
}

private func message(_ bytes: [UInt8]) -> String {
    do {
        _ = try ModelRegistry.entries(bytes, name: "models/mine.json")
        return "read"
    } catch {
        return "\(error.detail) \(error.message)"
    }
}

@Test func `What ships is read, and what is not known of it is not zero`() throws {
    let registry = try ModelRegistry(folder: folder)
    #expect(
        Set(registry.entries.map(\.provider)) == [
            "anthropic", "groq", "local", "ollama", "openai", "openai-compatible",
        ])
    let priced = registry.entries.filter { ["anthropic", "groq", "openai"].contains($0.provider) }
    let free = priced.filter { $0.price?.standard.input == .zero }
    #expect(free.isEmpty)
    let mini = try registry.model("gpt-4o-mini")
    #expect(mini.price?.standard.input == USD(dollars: 0.15))
    #expect(mini.price?.batch?.output == USD(dollars: 0.3))
    #expect(mini.price?.flex == nil)
    #expect(mini.firstTokenMilliseconds == nil)
    #expect(try registry.model("qwen2.5", provider: "ollama").price?.standard.input == .zero)
    #expect(try registry.model("groq:gpt-oss-120b").id == "openai/gpt-oss-120b")
}

@Test func `A model without a price has none`() throws {
    let entries = try ModelRegistry.entries(document(model("m", input: "null", output: "null")), name: "d")
    #expect(entries.map(\.price) == [nil])
}

@Test(
    arguments: zip(
        [
            document(model("m", input: "null")), document(model("m", input: "-1")),
            document(model("m", more: ",\"cots\":1")),
            document(model("")), document(model("a b")), document("{}"), Array("[".utf8),
            document(model("m", input: "\"1\"")), document(model("m"), provider: "Mine"),
        ],
        [
            "/models/0/cost/input: is unknown while the other one is not", "/models/0/cost/input: a number from 0.0",
            "/models/0/cots: is not a known key", "/models/0/id: a name is expected",
            "/models/0/id: a name is expected",
            "/models/0/tokenizer: is missing", "not valid JSON", "/models/0/cost/input: a number from",
            "/provider: is no name",
        ]))
func `A malformed registry is refused by the place of the mistake`(bytes: [UInt8], words: String) {
    let text = message(bytes)
    #expect(text.hasPrefix("inference.registry"))
    #expect(text.contains(words), "\(text)")
}

@Test func `A name that stands for two models is refused`() {
    let two = document(model("a", aliases: "\"b\"") + "," + model("b"))
    let error = #expect(throws: SluiceError.self) {
        _ = try ModelRegistry(try ModelRegistry.entries(two, name: "d"))
    }
    #expect(error?.detail == "inference.registry")
    #expect(error?.message.contains("mine:b twice") == true)
}

@Test func `A home adds models and replaces those that ship`() throws {
    let home = "/tmp/sluice-models-\(Context.system.ulid())"
    try Files.makeFolder(home)
    defer { _ = try? Files.writeAtomically([], to: "\(home)/openai.json") }
    try Files.writeAtomically(
        document(model("gpt-4o-mini", input: "7") + "," + model("house-1"), provider: "openai"),
        to: "\(home)/openai.json")
    let registry = try ModelRegistry(folder: folder, home: home)
    #expect(try registry.model("gpt-4o-mini").price?.standard.input == USD(dollars: 7))
    #expect(try registry.model("openai:house-1").contextTokens == 1000)
    #expect(try registry.model("gpt-4.1").price?.standard.input == USD(dollars: 2))
    #expect(try ModelRegistry(folder: folder, home: "\(home)/none") == ModelRegistry(folder: folder))
}

@Test func `An unknown model is answered with the nearest three, always the same`() throws {
    let registry = try ModelRegistry(folder: folder)
    let error = #expect(throws: SluiceError.self) { _ = try registry.model("gpt-4o-mni") }
    #expect(error?.detail == "inference.model")
    #expect(
        error?.message
            == "There is no model gpt-4o-mni; the nearest are openai:gpt-4o-mini, openai:gpt-4.1-mini, openai:gpt-4o.")
    #expect(registry.nearest("opus", provider: "anthropic").count == 3)
    let foreign = #expect(throws: SluiceError.self) { _ = try registry.model("gpt-4o", provider: "groq") }
    #expect(foreign?.message.hasPrefix("There is no model groq:gpt-4o; the nearest are groq:") == true)
}
