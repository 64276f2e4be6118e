internal import Contracts
internal import Egress
public import Foundations
internal import Glibc
internal import PluginHost
internal import Policy
internal import Synchronization

/// One provider plugin in its sandbox, before a server of this process that does what the catalogue says.
///
/// The way is that of a run: runner, host's broker, sockets. As in `ProviderTrial`, endpoints lead to 127.0.0.1 by names
/// of the suite's own, under a policy of its own. Not Sendable: one thread at a time makes its calls.
public final class SituationTrial {
    /// A request as the server got it.
    public struct Recorded: Sendable {
        public let method: String
        public let target: String
        public let headers: [(name: String, value: String)]
        public let body: [UInt8]

        /// Without the credential, which is the suite's own but looks like one.
        public var json: JSON {
            let shown = headers.filter { !["authorization", "x-api-key", "api-key"].contains($0.name) }
            return [
                "method": .string(method), "target": .string(target),
                "headers": .array(shown.map { [.string($0.name), .string($0.value)] }),
                "body": .string(String(decoding: body, as: UTF8.self)),
            ]
        }
    }

    private let subject: Subject
    private let wire: SituationCatalog.Wire
    /// The place that answers requests; nil until the first call, and after the plugin died.
    private var place: Place?
    /// What came to the server during the last call.
    public private(set) var recorded: [Recorded] = []

    private static let secret = "SLUICE_CONFORMANCE_SECRET"
    private static let noSecret = "SLUICE_CONFORMANCE_NO_SECRET"
    /// Of every endpoint, so that a huge answer needs not be larger.
    private static let maximumBytes = 16 << 20
    private static let seconds: UInt64 = 30

    public init(_ subject: Subject, wire: SituationCatalog.Wire) {
        self.subject = subject
        self.wire = wire
        setenv(Self.secret, ProviderTrial.secret, 1)
        unsetenv(Self.noSecret)
    }

    deinit { place?.session.stop() }

    /// Puts the plugin into a situation.
    ///
    /// - Returns: what came of it; nil when this vendor's server cannot come into it.
    public func outcome(_ situation: SituationCatalog.Situation) -> SituationOutcome? {
        guard let script = wire.scripts[situation.id], script.absent == nil else { return nil }
        recorded = []
        do throws(SluiceError) {
            let place = try self.place(script)
            place.stage.script.withLock { $0 = script }
            let before = place.server?.requests.count ?? 0
            let outcome = try call(situation, place)
            recorded = (place.server?.requests.dropFirst(before) ?? []).map {
                Recorded(method: $0.method, target: $0.target, headers: $0.headers, body: $0.body)
            }
            if script.connection != nil { place.session.stop() }
            if !place.session.process.isAlive, self.place === place { self.place = nil }
            return outcome
        } catch { return .broken(error) }
    }

    // MARK: The call

    private func call(_ situation: SituationCatalog.Situation, _ place: Place) throws(SluiceError) -> SituationOutcome {
        let deadline = subject.settings.context.monotonic() + Self.seconds * 1_000_000_000
        let request = situation.request
        switch situation.call {
        case .embed:
            let prompts = (request["texts"]?.arrayValue ?? []).compactMap(\.stringValue).map(place.prompt)
            do throws(SluiceError) {
                return SituationOutcome(vectors: try place.session.embed(prompts, model: wire.embeddingModel))
            } catch { return SituationOutcome(embedding: error) }
        case .infer:
            let schema = try request["schema"]?["schema"].map { (json) throws(SluiceError) in
                try Self.schema(json)
            }
            switch place.session.infer(try place.model(request, wire.model), deadline: deadline) {
            case .failure(let failure): return SituationOutcome(failure)
            case .success(let answer):
                if let rejected = SituationOutcome(schema: schema, text: answer.text) { return rejected }
                return SituationOutcome(answer, asked: situation.expected.fields["parameters"].map(Self.words))
            }
        case .batch:
            var items: [(id: String, request: ModelRequest)] = []
            for item in request["items"]?.arrayValue ?? [] {
                items.append((item["id"]?.stringValue ?? "", try place.model(item["request"] ?? [:], wire.model)))
            }
            switch place.session.submit(items, deadline: deadline) {
            case .failure(let failure): return SituationOutcome(failure)
            case .success(let batch):
                switch place.session.poll(batch: batch, deadline: deadline) {
                case .failure(let failure): return SituationOutcome(failure)
                case .success(let batch): return SituationOutcome(batch)
                }
            }
        }
    }

    private static func words(_ list: String) -> [String] { list.split(separator: " ").map(String.init) }

    private static func schema(_ json: JSON) throws(SluiceError) -> JSONSchema {
        do throws(JSONSchema.Failure) { return try JSONSchema(json) } catch {
            throw SluiceError(.registryInvalid, "A situation has a schema that is none: \(error).")
        }
    }

    // MARK: The place

    /// What the server does just now.
    private final class Stage: Sendable {
        let script = Mutex<SituationScript?>(nil)
    }

    private final class Place {
        let stage = Stage()
        let server: LoopbackServer?
        let session: ProviderSession
        private let policy: SuitePolicy
        private let permit: Permit

        func prompt(_ text: String) -> MaskedPrompt { policy.engine.prompt(registryText: text, permit: permit) }

        func model(_ json: JSON, _ model: String) throws(SluiceError) -> ModelRequest {
            let messages = (json["messages"]?.arrayValue ?? []).map { message in
                ModelRequest.Message(
                    ModelRequest.Role(rawValue: message["role"]?.stringValue ?? "") ?? .user,
                    prompt(message["text"]?.stringValue ?? ""))
            }
            let number = { (key: String) in json[key]?.intValue.map { Int($0) } }
            let parameters = ModelRequest.Parameters(
                temperature: json["temperature"]?.doubleValue, topP: json["top_p"]?.doubleValue,
                stop: (json["stop"]?.arrayValue ?? []).compactMap(\.stringValue), maxTokens: number("max_tokens"),
                seed: json["seed"]?.intValue)
            let schema = json["schema"].flatMap { schema in
                schema["schema"].map {
                    ModelRequest.Schema(name: schema["name"]?.stringValue ?? "answer", schema: $0)
                }
            }
            return ModelRequest(
                model: model, messages: messages, parameters: parameters, schema: schema,
                tier: json["tier"]?.stringValue == "flex" ? .flex : .standard,
                stream: json["stream"]?.boolValue ?? false, contextTokens: number("context_tokens"),
                promptTokens: number("prompt_tokens"), firstByteMilliseconds: number("first_byte_ms"),
                stallMilliseconds: number("stall_ms"))
        }

        init(
            _ subject: Subject, config: JSON, connection: SituationScript.Connection?
        ) throws(SluiceError) {
            let stage = stage
            let now = subject.settings.context.now
            let closed = connection == .refused ? try ClosedPort() : nil
            self.closed = closed
            server =
                closed != nil
                ? nil
                : try LoopbackServer(opening: connection.flatMap(SituationTrial.opening)) { request in
                    .steps(stage.script.withLock { $0 }?.steps(request, now: now()) ?? [])
                }
            let port = closed?.port ?? server?.port ?? 1
            let host = connection == .unknownName ? "nowhere.invalid" : "endpoint.conformance.invalid"
            let scheme = connection == .tls ? "https" : "http"
            let origin = "\(scheme)://\(host):\(port)"
            let document = try subject.manifestDocument()
            let listed = (document["egress"]?.arrayValue ?? []).map { endpoint -> JSON in
                var members = endpoint.objectValue ?? [:]
                members.merge([
                    "host": .string(host), "port": JSON(port), "scheme": .string(scheme), "local": true,
                    "max_bytes": JSON(SituationTrial.maximumBytes),
                ]) { $1 }
                members["configurable"] = nil
                return .object(members)
            }
            let secrets = Set(subject.plugin.manifest.egress.compactMap { $0.authentication?.secret })
            let variable = connection == .noKey ? SituationTrial.noSecret : SituationTrial.secret
            policy = try SuitePolicy(egress: [
                "default": "deny", "allow": JSON([origin]), "local": JSON([host]),
                "secrets": .object(
                    Dictionary(
                        uniqueKeysWithValues: secrets.map { name in
                            (name, ["secret_ref": .string("env:\(variable)"), "origins": JSON([origin])])
                        })),
            ])
            permit = try policy.permit(.callProvider)
            let broker = try EgressBroker(
                engine: policy.engine, permit: permit, limits: EgressLimits(), context: subject.settings.context,
                resolver: LoopbackResolver())
            var settings = subject.settings
            settings.graceSeconds = 2
            session = try ProviderSession(
                try subject.plugin(changing: ["egress": .array(listed)]), config: config,
                egress: EgressAccess(broker: broker, provider: SuitePolicy.provider, onRequest: { _ in }),
                settings: settings, permit: permit)
        }

        private let closed: ClosedPort?
    }

    private func place(_ script: SituationScript) throws(SluiceError) -> Place {
        if let connection = script.connection {
            return try Place(subject, config: wire.config, connection: connection)
        }
        if let place, place.session.process.isAlive { return place }
        let made = try Place(subject, config: wire.config, connection: nil)
        place = made
        return made
    }

    private static func opening(_ connection: SituationScript.Connection) -> LoopbackServer.Opening? {
        switch connection {
        case .silent: .silence
        case .closed: .hangUp
        case .reset: .reset
        case .garbage: .bytes(Array("\u{0}\u{1}SSH-2.0-what\r\n\r\n".utf8))
        case .tls: .bytes(Array("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".utf8))
        case .refused, .unknownName, .noKey: nil
        }
    }
}

/// A port of 127.0.0.1 that nobody else can listen on while this lives.
private final class ClosedPort {
    let port: Int
    private let socket: Int32

    init() throws(SluiceError) {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard let port = LoopbackServer.bound(socket) else {
            close(socket)
            throw SluiceError(.fileFailed, "No port of 127.0.0.1 can be taken: \(String(cString: strerror(errno))).")
        }
        self.port = port
    }

    deinit { close(socket) }
}
