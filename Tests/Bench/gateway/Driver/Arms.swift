import Contracts
import Egress
import Foundations
import Glibc
import Inference
import OpenAICore
import PluginHost
import Policy
import ProviderKit
import SluiceSDK
import Synchronization

/// One way to the upstream. Any thread.
protocol Arm: AnyObject, Sendable {
    /// Asks once, and throws unless the answer is whole.
    func ask() throws(SluiceError)
    /// CPU seconds of processes that the arm has started.
    var childrenSeconds: Double { get }
    func stop()
}

extension Arm {
    var childrenSeconds: Double { 0 }
    func stop() {}
}

/// What is asked in every arm: a small question with a form for its answer.
enum Question {
    static let system =
        "You decide what a column of a table means. Choose one of the ids, or none. Answer with JSON alone."
    static let user =
        #"{"column":"e_mail","type":"text","candidates":["contact.email","contact.phone","person.full_name"]}"#
    static let answer = #"{"domain":"contact.email","confidence":0.9}"#

    static func refused(_ what: String) -> SluiceError {
        SluiceError(.providerAnswer, "The upstream's answer: \(what).")
    }
}

/// Who is allowed to ask, and where.
struct Setting {
    let port: UInt16
    let settings: RunnerSettings
    let engine: PolicyEngine
    let permit: Permit
    let plugin: InstalledPlugin

    init(port: UInt16, runner: String, policy: String, manifest: String) throws {
        self.port = port
        settings = RunnerSettings(runnerPath: runner)
        engine = PolicyEngine(manifest: try PolicyManifest(try JSONParser.parseBytes(try Files.read(policy))))
        permit = try engine.permit(
            PolicyEngine.Request(
                actor: RunContract.Actor(userID: "bench", role: .admin), action: .callProvider, mode: .dataMode,
                provider: "openai"))
        plugin = try InstalledPlugin(manifestPath: manifest)
    }

    func broker() throws(SluiceError) -> EgressBroker {
        try EgressBroker(engine: engine, permit: permit, context: .system)
    }
}

/// The least that a client can do: a request of fixed bytes over a kept connection, and its answer by Content-Length.
final class DirectArm: Arm {
    private let port: UInt16
    private let idle = Mutex<[Int32]>([])
    private let request: [UInt8]

    init(port: UInt16) {
        self.port = port
        let body: JSON = [
            "model": "gpt-4o-mini", "temperature": 0, "max_completion_tokens": 64,
            "messages": [
                ["role": "system", "content": .string(Question.system)],
                ["role": "user", "content": .string(Question.user)],
            ],
        ]
        let bytes = body.canonicalBytes
        request =
            Array(
                """
                POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:\(port)\r\ncontent-type: application/json\r
                authorization: Bearer sk-bench-0123456789\r\ncontent-length: \(bytes.count)\r\n\r\n
                """.utf8) + bytes
    }

    func ask() throws(SluiceError) {
        let kept = idle.withLock { $0.popLast() }
        let descriptor: Int32
        if let kept { descriptor = kept } else { descriptor = try connect() }
        var sent = 0
        while sent < request.count {
            let count = request.withUnsafeBytes { write(descriptor, $0.baseAddress! + sent, request.count - sent) }
            guard count > 0 else { throw Question.refused("the connection broke") }
            sent += count
        }
        var answer: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16384)
        while !Self.isWhole(answer) {
            let count = read(descriptor, &piece, piece.count)
            guard count > 0 else { throw Question.refused("the connection broke") }
            answer += piece[..<count]
        }
        guard answer.starts(with: "HTTP/1.1 200".utf8) else {
            throw Question.refused(String(decoding: answer.prefix(200), as: UTF8.self))
        }
        idle.withLock { $0.append(descriptor) }
    }

    private func connect() throws(SluiceError) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Question.refused("no connection") }
        return descriptor
    }

    private static func isWhole(_ answer: [UInt8]) -> Bool {
        guard let end = answer.firstRange(of: Array("\r\n\r\n".utf8)) else { return false }
        let head = String(decoding: answer[..<end.lowerBound], as: UTF8.self).lowercased()
        guard let at = head.firstRange(of: "content-length:") else {
            return head.contains("chunked") && answer.suffix(5) == Array("0\r\n\r\n".utf8)
        }
        let length =
            Int(head[at.upperBound...].prefix { $0 != "\r\n" && $0 != "\n" && $0 != "\r" }.filter { $0 != " " }) ?? 0
        return answer.count >= end.upperBound + length
    }
}

/// The adapter and the broker in this process: what the sandbox is added to.
final class ProcessArm: Arm {
    private struct Way: Transport {
        let broker: EgressBroker
        let endpoints: [EgressEndpoint]

        func send(_ call: HTTPCall) throws(Failure) -> HTTPReply {
            let (answer, _) = broker.perform(
                EgressRequest(
                    endpoint: call.endpoint, method: call.method, path: call.path,
                    headers: call.headers.map { EgressRequest.Header($0, $1) }, body: call.body),
                endpoints: endpoints)
            switch answer {
            case .success(let reply):
                let headers = Dictionary(
                    reply.headers.map { ($0.name, $0.value) }, uniquingKeysWith: { $0 + ", " + $1 })
                return HTTPReply(status: reply.status, headers: headers, body: reply.body)
            case .failure(let error):
                throw Failure(.transientError, reason: "bench", message: error.message)
            }
        }
    }

    private let way: Way
    private let adapter: OpenAI

    init(_ setting: Setting) throws {
        way = Way(broker: try setting.broker(), endpoints: setting.plugin.manifest.egress)
        adapter = try OpenAI(config: JSONObject())
    }

    func ask() throws(SluiceError) {
        let request = ChatRequest(
            model: "gpt-4o-mini", messages: [.init(.system, Question.system), .init(.user, Question.user)],
            temperature: 0, maxTokens: 64)
        do throws(Failure) {
            let answer = try adapter.infer(request, way)
            guard answer.text == Question.answer else {
                throw Failure(.quarantineRequired, reason: "bench", message: answer.text)
            }
        } catch { throw Question.refused(error.message) }
    }
}

/// The whole path: the pool of sandboxed processes, the plugin, the broker.
final class SandboxArm: Arm {
    /// Taken once, as a host does: every `Context.system` reads the whole environment.
    private let clock = Context.system.monotonic
    private let pool: ProviderPool
    private let port: SandboxedPort
    private let request: ModelRequest

    init(_ setting: Setting) throws {
        pool = try ProviderPool(
            setting.plugin, wayOut: .init(broker: try setting.broker(), provider: "openai", onRequest: { _ in }),
            settings: setting.settings, permit: setting.permit)
        port = SandboxedPort(pool)
        func prompt(_ text: String) -> MaskedPrompt {
            setting.engine.prompt(registryText: text, permit: setting.permit)
        }
        request = ModelRequest(
            model: "gpt-4o-mini",
            messages: [.init(.system, prompt(Question.system)), .init(.user, prompt(Question.user))],
            parameters: .init(temperature: 0, maxTokens: 64))
    }

    func ask() throws(SluiceError) {
        switch port.infer(request, deadline: clock() + 30_000_000_000, stop: nil) {
        case .success(let answer) where answer.text == Question.answer: return
        case .success(let answer): throw Question.refused(answer.text)
        case .failure(let failure): throw Question.refused(failure.message)
        }
    }

    var childrenSeconds: Double {
        pool.idleProcesses.reduce(0) { sum, process in
            guard let text = try? String(decoding: Files.read("/proc/\(process)/stat"), as: UTF8.self),
                let name = text.lastIndex(of: ")")
            else { return sum }
            let fields = text[name...].split(separator: " ")
            // User and system time are the 14th and 15th field; the name is the second.
            guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return sum }
            return sum + (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
        }
    }

    func stop() { pool.close() }
}
