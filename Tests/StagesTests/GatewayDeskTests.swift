import Contracts
import Foundations
import Glibc
import Inference
import Policy
import Store
import Synchronization
import TestSupport
import Testing

@testable import PluginHost
@testable import Stages

/// A provider whose answers a test writes.
private final class WrittenPort: ModelPort {
    private let answers: @Sendable (ModelRequest, UInt64, StopSignal?) -> Result<String, ProviderFailure>

    init(_ answers: @escaping @Sendable (ModelRequest, UInt64, StopSignal?) -> Result<String, ProviderFailure>) {
        self.answers = answers
    }

    func infer(
        _ request: ModelRequest, deadline: UInt64, stop: StopSignal?
    ) -> Result<ModelAnswer, ProviderFailure> {
        answers(request, deadline, stop).map { text in
            ModelAnswer(model: request.model, text: text, finish: .stop, usage: TokenUsage(input: 300, output: 20))
        }
    }

    private var none: ProviderFailure {
        ProviderFailure(.deterministicFailure, reason: "not_offered", message: "It does not.")
    }
    func tokens(_ prompts: [MaskedPrompt], model: String) -> Result<[Int], ProviderFailure> { .failure(none) }
    func submit(_ requests: [(id: String, request: ModelRequest)], deadline: UInt64) -> Result<String, ProviderFailure>
    { .failure(none) }
    func poll(batch: String, deadline: UInt64) -> Result<ModelBatch, ProviderFailure> { .failure(none) }
    func cancel(batch: String, deadline: UInt64) -> Result<Void, ProviderFailure> { .success(()) }
    func probe(deadline: UInt64) -> Result<Void, ProviderFailure> { .success(()) }
}

private final class Watcher: StageObserver {
    func progress(_ stage: Contracts.Stage, rows: Int64, totalRows: Int64?) {}
    func notice(_ text: String) {}
    var shouldStop: Bool { false }
}

/// What a run's ledger was told.
private final class Told {
    var calls: [ProviderCall] = []
    var answers: [InferenceRecord] = []
    var starts: [PluginStart] = []
}

/// A run whose one provider, `openai`, is a script; store, policy, budget and gateway are the real ones.
private final class DeskScene {
    let scene: Scene
    let told = Told()
    let stage: StageContext

    static let right = #"{"domain":"person.first_name","confidence":0.9,"reason":"It says so."}"#

    init(lane: Lane = .flex, wall: Double = 3600, pins: RunPlugins = .none, allows: [String] = ["openai"]) throws {
        let scene = try Scene()
        self.scene = scene
        let registry = try Registry(folder: TestSupport.Stage.repository + "/registry")
        var policy =
            try JSONParser.parse(
                try Files.read(TestSupport.Stage.repository + "/registry/policies/pm_default_v1.json")
            ).objectValue ?? [:]
        policy["providers"] = ["allow": JSON(allows), "deny": []]
        policy["budget_caps"] = ["tokens": 1_000_000, "usd": 100, "wall_time_s": 3600]
        let engine = PolicyEngine(manifest: try PolicyManifest(.object(policy)))
        try Self.writeManifest(scene)
        let contract = try RunContract([
            "roadmap_version": .string(Versions.roadmap), "mode": "data_mode",
            "lhs": ["source": ["type": "file"], "location": "csv:a.csv"],
            "rhs": ["source": ["type": "sql"], "location": "sqlite:t.db#t"],
            "pii_policy": ["mask_before_send": true, "local_only_override": false],
            "budget_caps": ["tokens": 1_000_000, "usd": 50, "wall_time_s": .double(wall)],
            "routing_profile": "quality_first", "threshold_profile_id": "tp_default_v1",
            "dsl_version": .string(Versions.dsl), "sample_caps": ["rows_max": 10, "bytes_max": 1000],
            "cache_scope": ["run": "", "tab": "", "filters": [:]], "human_confirm_required": false,
            "rbac_actor": ["user_id": "ann", "role": "Admin"],
        ])
        let versions = PinnedVersions(
            policy: "p@0+abc", dsl: Versions.dsl, catalog: "c@1", thresholdProfile: "tp_default_v1",
            roadmap: Versions.roadmap)
        let permit = try engine.permit(
            PolicyEngine.Request(actor: contract.actor, action: .createRun, mode: contract.mode))
        let store = try StoreDatabase(home: try Home(path: scene.home, context: .system), context: .system)
        _ = try store.createRun(contract, lane: lane, versions: versions, permit: permit)
        let told = told
        var stage = try StageContext(
            contract: contract, thresholds: try registry.thresholds("tp_default_v1"), engine: engine,
            versions: versions, registry: registry, plugins: try PluginCatalog(folder: scene.folder), pins: pins,
            runner: RunnerSettings(runnerPath: "/nonexistent"),
            care: PluginCare(admit: { (_) throws(SluiceError) in }, onMisconduct: { _ in }), store: store,
            masterKey: [UInt8](repeating: 7, count: 32), context: .system, observer: Watcher(),
            onPlugin: { told.starts.append($0) }, onEgress: { (_) throws(SluiceError) in },
            onCall: { (call) throws(SluiceError) in told.calls.append(call) },
            onBatch: { (_) throws(SluiceError) in },
            onInference: { (record) throws(SluiceError) in told.answers.append(record) }, permit: permit)
        stage.lane = lane
        self.stage = stage
    }

    private static func writeManifest(_ scene: Scene) throws {
        let manifest: JSON = [
            "manifest_version": 1, "id": "sluice.provider.openai", "version": "1.0.0", "kind": "provider",
            "publisher": "a", "license": "b", "summary": "c", "abi": ["major": 0, "minor": 1],
            "artifacts": [
                [
                    "platform": .string(PluginManifest.hostPlatform), "file": "a.so", "size": 1,
                    "sha256": .string(SHA256.hash("a").hex),
                ]
            ],
            "resources": [], "extensions": [], "egress": [],
            "data_access": ["sees": "masked prompts", "companions": []],
            "limits": ["memory_bytes": 1_048_576, "cpu_s": 1, "wall_s": 1, "descriptors": 8, "threads": 1],
        ]
        try scene.write("sluice.provider.openai.json", bytes: manifest.canonicalBytes)
    }

    /// - Parameter seconds: that the stage has from now on.
    func within(_ seconds: Double) -> StageContext {
        var stage = stage
        stage.deadline = stage.context.monotonic() &+ UInt64(max(0, seconds) * 1e9)
        return stage
    }

    func desk(
        _ stage: StageContext,
        _ answers: @escaping @Sendable (ModelRequest, UInt64, StopSignal?) -> Result<String, ProviderFailure>
    ) throws -> GatewayDesk {
        try GatewayDesk(
            stage, try stage.modelProviders(pinned: false), catalog: SHA256.hash("catalog"),
            door: { (provider, _, errands) throws(SluiceError) in
                let layers: [MissingLayer] = [MissingLayer(layer: .namespaces, errno: 1)]
                let start = PluginStart(
                    id: provider.plugin.manifest.id, version: provider.plugin.manifest.version,
                    activeLayers: [.seccomp], missingLayers: layers, libraries: [], databaseTLS: nil)
                let port = WrittenPort { request, deadline, stop in
                    try? errands.post(.started(start))
                    return answers(request, deadline, stop)
                }
                return GatewayDesk.Door(port: port, close: {})
            })
    }

    static func ask(_ stage: StageContext, _ desk: any ModelDesk, _ name: Contracts.Stage = .domains) throws -> ModelUse
    {
        let interview = stage.interview(name, template: DomainArbiter.template, access: .desk(desk))
        _ = try interview.ask([
            ModelQuestion(
                id: "\(name.rawValue.lowercased()).c1",
                values: [
                    "column": .record(["name": .columnName("ref"), "type": .registry("text")]),
                    "neighbours": .list([.columnName("id")]),
                    "candidates": .list([
                        .record([
                            "id": .registry("person.first_name"), "title": .registry("First name"),
                            "aliases": .list([]), "score": .number(0.7), "name": .number(0.5),
                        ])
                    ]),
                    "domain_ids": .choices(["person.first_name"]),
                ])
        ])
        return interview.use
    }
}

/// A stage that has ten seconds from its question on, however long it took to compose it.
private final class LateDesk: ModelDesk {
    private let desk: GatewayDesk
    private let scene: DeskScene
    private(set) var isInTime = false

    init(_ desk: GatewayDesk, _ scene: DeskScene) { (self.desk, self.scene) = (desk, scene) }

    func permit() throws(SluiceError) -> Permit { try desk.permit() }

    func complete(_ jobs: [InferenceJob]) throws(SluiceError) -> [InferenceOutcome] {
        let stage = scene.within(10)
        desk.enter(stage)
        let outcomes = try desk.complete(jobs)
        try stage.checkpoint()
        isInTime = true
        return outcomes
    }
}

/// Answers once nobody waits any more, or never.
@Sendable private func silence(
    _ request: ModelRequest, _ deadline: UInt64, _ stop: StopSignal?
) -> Result<String, ProviderFailure> {
    var waited = pollfd(fd: stop?.descriptor ?? -1, events: Int16(POLLIN), revents: 0)
    let now = Context.system.monotonic()
    poll(&waited, 1, Int32(clamping: deadline > now ? (deadline - now) / 1_000_000 : 0))
    return .failure(ProviderFailure(.timeout, reason: "deadline", message: "It said nothing."))
}

@Suite struct `A desk of models` {
    @Test func `writes down who was asked, in which sandbox, and which question it was`() throws {
        let scene = try DeskScene()
        let desk = try scene.desk(scene.within(600)) { _, _, _ in .success(DeskScene.right) }
        defer { desk.close() }
        let use = try DeskScene.ask(scene.stage, desk)
        #expect(use.answered == 1 && use.absence == nil && use.providers == "openai")
        #expect(scene.told.answers.count == 1 && scene.told.answers.first?.provider == "openai")
        #expect(scene.told.calls.map(\.job) == ["domains.c1"])
        #expect(scene.told.calls.first?.json["job"] == "domains.c1")
        // A process without a layer of its sandbox is told of on the driving thread.
        #expect(scene.told.starts.map(\.id) == ["sluice.provider.openai"])
        #expect(scene.told.starts.first?.missingLayers.map(\.layer) == [.namespaces])
    }

    @Test func `leaves what a slow provider does not answer to the rules, and the stage has time for them`() throws {
        let scene = try DeskScene()
        let desk = try scene.desk(scene.within(600), silence)
        defer { desk.close() }
        let late = LateDesk(desk, scene)
        let use = try DeskScene.ask(scene.stage, late)
        #expect(use.questions == 1 && use.answered == 0 && use.absence != nil)
        // Nothing was stopped: the stage is not over.
        #expect(late.isInTime)
    }

    @Test func `asks in the time of the stage that asks, not of the one that it was opened in`() throws {
        let scene = try DeskScene()
        let desk = try scene.desk(scene.within(0)) { _, _, _ in .success(DeskScene.right) }
        defer { desk.close() }
        do {
            _ = try DeskScene.ask(scene.stage, desk)
            Issue.record("the time of the stage is over")
        } catch let error as SluiceError { #expect(error.detail == "run.budget") }
        let later = scene.within(600)
        desk.enter(later)
        let use = try DeskScene.ask(later, desk, .mapping)
        #expect(use.answered == 1)
    }

    @Test func `shows and stores nothing of a provider's words that identifies somebody`() throws {
        let scene = try DeskScene()
        let desk = try scene.desk(scene.within(600)) { _, _, _ in
            .failure(
                ProviderFailure(
                    .policyBlock, reason: "refusal", message: "I cannot help with ada@example.com\nof Grace Hopper"))
        }
        defer { desk.close() }
        let use = try DeskScene.ask(scene.stage, desk)
        let stored = scene.told.answers.first?.note.canonicalText ?? ""
        for text in [use.absence ?? "", stored] {
            #expect(text.contains("I cannot help with"))
            #expect(!text.contains("ada@") && !text.contains("Hopper") && !text.contains("\n"), "\(text)")
        }
    }

    @Test func `counts what is sent, schema and all, and holds what was read against the prompt alone`() throws {
        let scene = try DeskScene()
        let sent = Mutex<[ModelRequest]>([])
        let desk = try scene.desk(scene.within(600)) { request, _, _ in
            sent.withLock { $0.append(request) }
            return .success(DeskScene.right)
        }
        defer { desk.close() }
        _ = try DeskScene.ask(scene.stage, desk)
        let request = try #require(sent.withLock { $0 }.first)
        let schema = try #require(request.schema)
        let entry = try #require(
            try scene.stage.modelProviders(pinned: false).models.first { $0.id == request.model })
        let ofSchema = PromptTokens.of(schema, entry)
        let ofPrompt = PromptTokens.of(request.messages.map(\.prompt), entry)
        let most = try #require(request.parameters.maxTokens)
        #expect(ofSchema > 50 && request.promptTokens == ofPrompt)
        #expect(scene.told.answers.first?.outcome.tokenEstimate == Int64(ofPrompt + ofSchema + most))
    }

    @Test func `is not opened without a provider that the run was made with`() throws {
        let pin = RunPlugin(id: "sluice.provider.openai", version: "1.0.0", hash: SHA256.hash("a"))
        let gone = RunPlugins(providers: [
            RunPlugin(id: "sluice.provider.groq", version: "1.0.0", hash: SHA256.hash("b")), pin,
        ])
        let scene = try DeskScene(pins: gone, allows: ["groq", "openai"])
        do {
            _ = try scene.stage.modelProviders()
            Issue.record("a provider of the run is gone")
        } catch {
            #expect(error.detail == "run.plugin" && error.message.contains("sluice.provider.groq"))
        }
        let left = try DeskScene(allows: ["groq", "openai"]).stage.modelProviders(pinned: false)
        #expect(left.usable.map(\.name) == ["openai"] && left.refused.map(\.name) == ["groq"])
    }
}
