internal import Contracts
internal import Egress
internal import Foundations
internal import Glibc
internal import PluginHost
internal import Policy
internal import Synchronization

/// A provider whose endpoints lead to servers of the suite's, and nowhere else.
///
/// The manifest that the host enforces here is the plugin's with other endpoints: hosts of the reserved name `.invalid`
/// (RFC 6761), plain http, local. A resolver of the suite's own knows them alone, and its policy allows them alone. None
/// of this can come into a run: runs read their manifests from files whose bytes count, and their policy from the
/// registry. The plugin sees no difference, because it knows an endpoint by its name.
final class ProviderTrial {
    let subject: Subject
    let session: ProviderSession
    private let server: LoopbackServer
    /// Where nobody may be sent: no endpoint names it.
    private let offList: LoopbackServer
    private let policy: SuitePolicy
    private let permit: Permit
    private let log = Notes()
    private let wire = Wire()

    private final class Notes {
        var lines: [String] = []
        var records: [EgressRecord] = []
    }

    private final class Wire: Sendable {
        let bytes = Mutex<[UInt8]>([])
    }

    /// How a server answers.
    typealias Behaviour = @Sendable (LoopbackServer.Request) -> LoopbackServer.Reply

    /// The value that every secret of the plugin's endpoints has, for as long as this process lives.
    static let secret = "sluice-conformance-secret-quebvxkjwzmypd"
    private static let variable = "SLUICE_CONFORMANCE_SECRET"
    static let offListHost = "off-list.conformance.invalid"

    /// - Parameters:
    ///   - limits: of every request.
    ///   - stop: cancels what runs.
    ///   - recordsWire: whether what is sent to the plugin is kept.
    ///   - onSent: told of every frame just before it is sent.
    ///   - behaviour: of the servers behind every endpoint; it is told the port of the server that is on no list.
    init(
        _ subject: Subject, limits: EgressLimits = EgressLimits(), stop: StopSignal? = nil, recordsWire: Bool = false,
        onSent: (@Sendable (UnsafeRawBufferPointer) -> Void)? = nil,
        behaviour: @escaping @Sendable (_ offListPort: Int) -> Behaviour
    ) throws(SluiceError) {
        self.subject = subject
        let offList = try LoopbackServer { _ in .answer(status: 200, headers: [], body: []) }
        self.offList = offList
        server = try LoopbackServer(behaviour(offList.port))
        let endpoints = subject.plugin.manifest.egress
        let document = try subject.manifestDocument()
        var origins: [String] = []
        var listed: [JSON] = []
        for (place, endpoint) in endpoints.enumerated() {
            // Endpoints of one origin stay of one origin, and others stay apart.
            let first = endpoints.firstIndex { $0.origin == endpoint.origin } ?? place
            let host = "endpoint\(first).conformance.invalid"
            origins.append("http://\(host):\(server.port)")
            var members = document["egress"]?.arrayValue?[place].objectValue ?? [:]
            members.merge([
                "name": .string(endpoint.name), "host": .string(host), "port": JSON(server.port), "scheme": "http",
                "local": true,
            ]) { $1 }
            listed.append(.object(members))
        }
        let secrets = Set(endpoints.compactMap { $0.authentication?.secret })
        setenv(Self.variable, Self.secret, 1)
        policy = try SuitePolicy(egress: [
            "default": "deny", "allow": JSON(origins + ["http://\(Self.offListHost):\(offList.port)"]),
            "local": JSON(Set(origins.compactMap { Origin($0)?.host }).sorted() + [Self.offListHost]),
            "secrets": .object(
                Dictionary(
                    uniqueKeysWithValues: secrets.map { name in
                        (name, ["secret_ref": .string("env:\(Self.variable)"), "origins": JSON(origins)])
                    })),
        ])
        permit = try policy.permit(.callProvider)
        let limited = try subject.plugin(changing: ["egress": .array(listed)])
        var settings = subject.settings
        settings.stop = stop
        settings.graceSeconds = 2
        let wire = wire
        settings.onSent = { bytes in
            if recordsWire { wire.bytes.withLock { $0.append(contentsOf: bytes) } }
            onSent?(bytes)
        }
        let log = log
        let access = EgressAccess(
            broker: try EgressBroker(
                engine: policy.engine, permit: permit, limits: limits, context: subject.settings.context,
                resolver: LoopbackResolver()), provider: SuitePolicy.provider, onRequest: { log.records.append($0) })
        session = try ProviderSession(
            limited, config: subject.quirks.config, egress: endpoints.isEmpty ? nil : access, settings: settings,
            permit: permit, onLog: { log.lines.append($0.message) })
    }

    /// A trial whose servers answer as the quirks say.
    convenience init(answering subject: Subject) throws(SluiceError) {
        let answers = try subject.answers()
        try self.init(subject) { _ in answers.reply }
    }

    var logged: [String] { log.lines }
    var records: [EgressRecord] { log.records }
    var requests: [LoopbackServer.Request] { server.requests }
    /// Requests that reached the server that no endpoint names.
    var offListRequests: Int { offList.requests.count }
    /// All that was sent to the plugin's process.
    var sent: [UInt8] { wire.bytes.withLock { $0 } }

    /// Makes the call that the quirks name, with texts in it; what comes out does not matter, only whether it came.
    func call(_ texts: [String] = ["first name", "last name"]) -> SluiceError? {
        let http = subject.quirks.http
        let prompts = texts.map { policy.engine.prompt(registryText: $0, permit: permit) }
        do throws(SluiceError) {
            switch http?.call ?? .embed {
            case .embed: _ = try session.embed(prompts, model: http?.model)
            case .health: _ = try session.health()
            case .infer:
                for prompt in prompts {
                    if let request = http?.request {
                        let document = try session.infer(prompt, in: request, model: http?.model)
                        if let failure = Self.failure(document) { return failure }
                    } else {
                        _ = try completion(session.infer(CompletionRequest.made(http?.model, prompt), deadline: .max))
                    }
                }
            }
            return nil
        } catch { return error }
    }

    /// The failure that a document of `infer` tells (docs/providers.md): as good as an error of the call.
    private static func failure(_ document: JSON) -> SluiceError? {
        guard let failure = document.objectValue?["failure"]?.objectValue else { return nil }
        let code = (failure["code"]?.stringValue).flatMap { SluiceError.Code(name: $0) } ?? .deterministicFailure
        let wait = failure["retry_after_ms"]?.intValue.flatMap { UInt64(exactly: $0) }
        return SluiceError(
            code: code, kind: .providerRequest, failure["message"]?.stringValue ?? "", retryAfterMilliseconds: wait)
    }
}

extension ProviderTrial {
    /// What a provider is asked for its completions: answers or failures in the documents of the ABI.
    func documents() -> [(call: String, failure: ProviderFailure?)] {
        let prompt = policy.engine.prompt(registryText: "What does the column first name hold?", permit: permit)
        let request = CompletionRequest.made(subject.quirks.http?.model, prompt)
        var found: [(call: String, failure: ProviderFailure?)] = []
        found.append(("infer", Self.reason(session.infer(request, deadline: .max))))
        guard session.process.isAlive else { return found }
        let batch = session.submit([(id: "r0", request: request), (id: "r1", request: request)], deadline: .max)
        found.append(("submit", Self.reason(batch)))
        guard session.process.isAlive else { return found }
        // Without a batch, one that there is not: that is a failure in either way.
        let known = (try? batch.get()) ?? "sluice-conformance-no-batch"
        found.append(("poll", Self.reason(session.poll(batch: known, deadline: .max))))
        return found
    }

    private static func reason<Answer>(_ outcome: Result<Answer, ProviderFailure>) -> ProviderFailure? {
        if case .failure(let failure) = outcome { failure } else { nil }
    }

    /// An answer, or the failure as the checks know failures.
    private func completion<Answer>(_ outcome: Result<Answer, ProviderFailure>) throws(SluiceError) -> Answer {
        do { return try outcome.get() } catch {
            let words = "The plugin \(subject.plugin.manifest.id) failed during a completion: \(error.message)"
            let ends = [
                "cancelled": ErrorKind.interrupted, "plugin_crashed": .pluginCrashed, "plugin_timeout": .pluginTimeout,
                "plugin_protocol": .pluginProtocol,
            ]
            if let kind = ends[error.reason], kind == .interrupted || !session.process.isAlive {
                throw SluiceError(kind, error.message)
            }
            throw SluiceError(
                code: error.code, kind: .pluginFailed, words, retryAfterMilliseconds: error.retryAfterMilliseconds)
        }
    }
}

/// A completion as the host asks for one.
enum CompletionRequest {
    static func made(_ model: String?, _ prompt: MaskedPrompt) -> ModelRequest {
        ModelRequest(
            model: model ?? "sluice-conformance", messages: [.init(.user, prompt)],
            parameters: ModelRequest.Parameters(temperature: 0, maxTokens: 16))
    }

    /// The same as the prober hands it over.
    static func document(model: String?) -> JSON {
        [
            "version": 1, "model": .string(model ?? "sluice-conformance"), "max_tokens": 16, "temperature": 0,
            "messages": [["role": "user", "text": "What does the column first name hold?"]],
        ]
    }
}

/// Knows the names of the suite's servers and no other.
struct LoopbackResolver: HostResolver {
    func addresses(of host: String) throws(SluiceError) -> [IPAddress] {
        guard host.hasSuffix(".conformance.invalid"), let address = IPAddress("127.0.0.1") else {
            throw SluiceError(.egressUnreachable, "The host \(host) is none of the suite's.")
        }
        return [address]
    }
}

/// How the servers of a provider's endpoints answer, made from the quirks.
struct SuiteAnswers: Sendable {
    struct Answer: Sendable {
        let path: String
        let status: Int
        let headers: [String: String]
        let body: [UInt8]
    }
    /// The first whose path fits is given.
    let list: [Answer]

    @Sendable func reply(_ request: LoopbackServer.Request) -> LoopbackServer.Reply {
        let answer = list.first { request.target.hasPrefix($0.path) }
        var headers = ["content-type": "application/json"]
        headers.merge(answer?.headers ?? [:]) { $1 }
        return .answer(
            status: answer?.status ?? 404, headers: headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
            body: answer?.body ?? Array("{}".utf8))
    }

    /// The body of a good answer to the call that the quirks name.
    var body: [UInt8] { list.first { $0.status < 300 && !$0.body.isEmpty }?.body ?? Array(#"{"data":[]}"#.utf8) }
}

extension Subject {
    func answers() throws(SluiceError) -> SuiteAnswers {
        var list: [SuiteAnswers.Answer] = []
        for answer in quirks.http?.answers ?? [] {
            list.append(
                SuiteAnswers.Answer(
                    path: answer.path, status: answer.status, headers: answer.headers,
                    body: try answer.body.bytes(folder: quirks.folder)))
        }
        return SuiteAnswers(list: list)
    }
}
