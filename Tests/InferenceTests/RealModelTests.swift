import Contracts
import Egress
import Foundations
import Glibc
import Inference
import PluginHost
import Policy
import Synchronization
import TestSupport
import Testing

/// A model that really answers: llama.cpp's server, which speaks the protocols of OpenAI and of Anthropic. `make
/// test-real-llm` starts it and sets the variable; nothing here runs without.
private enum RealServer {
    static let model = "smollm2-135m-instruct"

    /// `http://127.0.0.1:PORT`.
    static let url = Context.system.environment["SLUICE_REAL_LLM"]
    /// A second one, which makes vectors; nil where there is none.
    static let vectors = Context.system.environment["SLUICE_REAL_LLM_VECTORS"]
    static let absence: Comment = "no model server: make test-real-llm starts one"

    /// The plugins that are asked, by the name that policy knows them by.
    static let protocols = ["openai-compatible", "anthropic"]
}

/// A provider in its real sandbox, whose endpoint is where a policy points it.
private struct RealProvider {
    let pool: ProviderPool
    let plugin: InstalledPlugin
    let engine: PolicyEngine
    let permit: Permit
    let settings: RunnerSettings
    let broker: EgressBroker
    /// Raised when a request is about to leave.
    let sent = StopSignal()

    init(_ name: String, at url: String) throws {
        let path = Stage.root + "/share/sluice/registry/policies/pm_default_v1.json"
        var document = try #require(try JSONParser.parseBytes(try Files.read(path)).objectValue)
        document["providers"] = [
            "allow": [.string(name)], "deny": [], "endpoints": [name: ["api": .string(url + "/v1")]],
        ]
        let secrets: JSON =
            name == "anthropic"
            ? ["anthropic": ["secret_ref": "env:SLUICE_REAL_LLM_KEY", "origins": [.string(url)]]] : [:]
        document["egress"] = [
            "default": "deny", "allow": [.string(url)], "local": ["127.0.0.1"], "secrets": secrets,
        ]
        let manifest = try PolicyManifest(.object(document))
        let catalog = try PluginCatalog(folder: Stage.root + "/lib/sluice/plugins").pointed(by: manifest)
        plugin = try catalog.plugin("sluice.provider." + name, kind: .provider)
        engine = PolicyEngine(manifest: manifest)
        permit = try engine.permit(
            PolicyEngine.Request(
                actor: RunContract.Actor(userID: "ada", role: .admin), action: .callProvider, mode: .dataMode,
                destination: .init(provider: name, origin: plugin.manifest.egress.first?.origin, isLocal: true)))
        settings = RunnerSettings(runnerPath: Stage.root + "/libexec/sluice-runner")
        broker = try EgressBroker(engine: engine, permit: permit, context: .system)
        let sent = sent
        pool = try ProviderPool(
            plugin, processes: 1, wayOut: .init(broker: broker, provider: name, onRequest: { _ in sent.raise() }),
            settings: settings, permit: permit)
    }

    func prompt(_ text: String) -> MaskedPrompt { engine.prompt(registryText: text, permit: permit) }

    func request(
        _ text: String, most: Int, schema: ModelRequest.Schema? = nil, stream: Bool = false
    ) -> ModelRequest {
        ModelRequest(
            model: RealServer.model, messages: [.init(.user, prompt(text))],
            parameters: .init(temperature: 0, maxTokens: most, seed: 7), schema: schema, stream: stream)
    }

    func ask(_ request: ModelRequest, stop: StopSignal? = nil) -> Result<ModelAnswer, ProviderFailure> {
        pool.infer(request, deadline: Context.system.monotonic() + 300_000_000_000, stop: stop)
    }
}

/// Until it is raised.
private func wait(for signal: StopSignal) {
    while !signal.isRaised {
        var waited = pollfd(fd: signal.descriptor, events: Int16(POLLIN), revents: 0)
        poll(&waited, 1, 1000)
    }
}

@Suite(
    .serialized,
    .enabled(if: RealServer.url != nil && Stage.isThere, RealServer.absence))
struct `A real model` {
    private let url: String

    init() throws { url = try #require(RealServer.url) }

    @Test(arguments: RealServer.protocols) func `answers, with what it used`(_ name: String) throws {
        let provider = try RealProvider(name, at: url)
        defer { provider.pool.close() }
        let answer = try provider.ask(provider.request("Name three towns.", most: 24)).get()
        #expect(!answer.text.isEmpty && answer.model.contains("smollm2"))
        let usage = try #require(answer.usage)
        #expect(usage.input > 5 && usage.output > 0 && usage.output <= 24)
        #expect(answer.finish == (usage.output == 24 ? .length : .stop))
        print("real: \(name): \(usage.input) tokens in, \(usage.output) out, \(answer.finish)")
    }

    @Test(arguments: RealServer.protocols) func `says the same when it streams`(_ name: String) throws {
        let provider = try RealProvider(name, at: url)
        defer { provider.pool.close() }
        let whole = try provider.ask(provider.request("Count from one to ten.", most: 24)).get()
        let streamed = try provider.ask(provider.request("Count from one to ten.", most: 24, stream: true)).get()
        #expect(streamed.text == whole.text && streamed.finish == whole.finish)
        #expect(streamed.usage?.output == whole.usage?.output)
        #expect(streamed.treatments["stream"] == "passed")
    }

    @Test func `keeps to a schema, because the server binds it`() throws {
        let provider = try RealProvider("openai-compatible", at: url)
        defer { provider.pool.close() }
        let schema: JSON = [
            "type": "object", "required": ["domain", "confidence"], "additionalProperties": false,
            "properties": [
                "domain": ["type": "string", "enum": ["contact.email", "contact.phone", "none"]],
                "confidence": ["type": "number", "minimum": 0, "maximum": 1],
            ],
        ]
        for question in ["A column is called e_mail.", "A column is called x7.", "Write a poem."] {
            let answer = try provider.ask(
                provider.request(
                    question + " Which domain is it? Answer with JSON.", most: 96,
                    schema: .init(name: "choice", schema: schema))
            ).get()
            let value = try JSONParser.parseBytes(Array(answer.text.utf8))
            let complaints = GatewayRun.complaints(value, schema)
            #expect(complaints.isEmpty, "\(answer.text)")
            print("real: schema: \(answer.text.filter { $0 != "\n" })")
        }
    }

    @Test(arguments: RealServer.protocols) func `counts tokens about as we estimate them`(_ name: String) throws {
        let provider = try RealProvider(name, at: url)
        defer { provider.pool.close() }
        let texts = [
            "You decide what a column of a table means. You choose one of the domains that are listed, or none.",
            "A proposal is a list of at most six steps; step number n makes the value tn.",
            #"{"column":"e_mail","type":"text","candidates":["contact.email","contact.phone","person.full_name"]}"#,
        ]
        let estimates = try provider.pool.tokens(texts.map(provider.prompt), model: RealServer.model).get()
        for (text, estimate) in zip(texts, estimates) {
            let usage = try #require(try provider.ask(provider.request(text, most: 1)).get().usage)
            // The server adds a system message of its model's own to each of these: some twenty tokens.
            let error = Double(estimate - Int(usage.input)) / Double(usage.input)
            print("real: \(name): estimated \(estimate), read \(usage.input): \(Int((error * 100).rounded())) %")
            #expect(estimate > 0 && estimate < Int(usage.input) * 2)
        }
    }

    @Test(arguments: RealServer.protocols) func `is stopped in the middle of an answer`(_ name: String) throws {
        let provider = try RealProvider(name, at: url)
        defer { provider.pool.close() }
        let stop = StopSignal()
        let result = Mutex<Result<ModelAnswer, ProviderFailure>?>(nil)
        let done = StopSignal()
        let began = Context.system.monotonic()
        let request = provider.request("Tell a very long story about a river.", most: 2000)
        let started = OwnThread.start {
            let outcome = provider.ask(request, stop: stop)
            result.withLock { $0 = outcome }
            done.raise()
        }
        #expect(started)
        wait(for: provider.sent)
        stop.raise()
        wait(for: done)
        let outcome = try #require(result.withLock { $0 })
        guard case .failure = outcome else {
            Issue.record("it answered: \(outcome)")
            return
        }
        let seconds = Double(Context.system.monotonic() - began) / 1e9
        print("real: \(name): stopped, \((seconds * 10).rounded() / 10) s after it was asked")
        // The process lives on, and asks again.
        let again = try provider.ask(provider.request("Say yes.", most: 4)).get()
        #expect(again.finish == .length || again.finish == .stop)
    }

    @Test(.enabled(if: RealServer.vectors != nil, "no server for vectors"))
    func `makes vectors`() throws {
        let provider = try RealProvider("openai-compatible", at: try #require(RealServer.vectors))
        let session = try ProviderSession(
            provider.plugin,
            egress: EgressAccess(broker: provider.broker, provider: "openai-compatible", onRequest: { _ in }),
            settings: provider.settings, permit: provider.permit)
        defer { session.stop() }
        let vectors = try session.embed(["a town", "a city", "an invoice"].map(provider.prompt))
        #expect(vectors.count == 3 && Set(vectors.map(\.count)).count == 1)
        func likeness(_ a: [Float], _ b: [Float]) -> Float {
            let dot = zip(a, b).reduce(Float(0)) { $0 + $1.0 * $1.1 }
            let lengths = [a, b].map { $0.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot() }
            return dot / (lengths[0] * lengths[1])
        }
        print(
            "real: vectors of \(vectors[0].count) dimensions; town and city \(likeness(vectors[0], vectors[1])), "
                + "town and invoice \(likeness(vectors[0], vectors[2]))")
        #expect(likeness(vectors[0], vectors[1]) > likeness(vectors[0], vectors[2]))
    }
}
