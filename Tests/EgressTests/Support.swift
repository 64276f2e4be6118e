import Contracts
import Egress
import Foundations
import Glibc
import Policy
import Synchronization
import TestSupport
import Testing

/// A broker, hostile servers to meet, and a policy that names them local.
final class Scenery {
    static let secret = "sk-SECRET/9f3a+77c1=="
    static let secretVariable = "SLUICE_TEST_EGRESS_SECRET"

    let server: HostileServer
    var limits = EgressLimits()
    var resolver: any HostResolver = FixedResolver(["localhost": ["127.0.0.1"]])
    var context = Context.system
    /// What replaces or joins the policy's `egress`.
    var rules: [String: JSON] = [:]

    private static let folder = "/tmp/sluice-egress-\(getpid())"
    /// One for all suites; it ends with the tests.
    static let shared: Result<HostileServer, any Error> = Result {
        setenv(secretVariable, secret, 1)
        atexit {
            for name in (try? Files.list(Scenery.folder)) ?? [] { unlink(Scenery.folder + "/" + name) }
            rmdir(Scenery.folder)
        }
        return try HostileServer(folder: folder)
    }

    init() throws { server = try Self.shared.get() }

    /// A secret of the test, in a file of the servers' folder.
    func file(_ name: String, _ text: String, mode: mode_t = 0o600) throws -> String {
        let path = server.folder + "/" + name
        try Files.writeAtomically(Array(text.utf8), to: path, mode: mode)
        chmod(path, mode)
        return path
    }

    func origin(_ name: String, host: String = "localhost") -> String {
        "\(["plain", "other", "mute", "closed"].contains(name) ? "http" : "https")://\(host):\(server.port(name))"
    }

    /// An endpoint at one of the servers.
    func endpoint(
        _ server: String, host: String = "localhost", methods: [String] = ["GET", "POST"], path: String = "/v1/",
        bytes: Int = 1 << 20, isLocal: Bool = true, auth: EgressEndpoint.Authentication? = nil
    ) throws -> EgressEndpoint {
        EgressEndpoint(
            name: server, origin: try #require(Origin(origin(server, host: host))), methods: methods, pathPrefix: path,
            maximumBytes: bytes, isLocal: isLocal, authentication: auth)
    }

    static let bearer = EgressEndpoint.Authentication(header: "authorization", scheme: "Bearer", secret: "test")

    func engine(_ reference: String = "env:" + secretVariable) throws -> PolicyEngine {
        let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
        var document =
            try JSONParser.parseBytes(try Files.read(root + "/registry/policies/pm_default_v1.json")).objectValue ?? [:]
        let origins = server.ports.keys.sorted().flatMap { name in
            [origin(name), origin(name, host: "pinned.test"), origin(name, host: "127.0.0.1")]
        }
        var egress: [String: JSON] = [
            "default": "deny", "allow": JSON(origins + ["https://api.example.org"]),
            "local": ["localhost", "pinned.test", "127.0.0.1"], "ca_file": .string(server.certificateFile),
            "secrets": [
                "test": [
                    "secret_ref": .string(reference),
                    "origins": JSON(["plain", "good", "proxy"].map { origin($0) }),
                ]
            ],
        ]
        egress.merge(rules) { $1 }
        for (key, value) in rules where value == .null { egress.removeValue(forKey: key) }
        document["egress"] = .object(egress)
        document["providers"] = ["allow": ["test"], "deny": []]
        return PolicyEngine(manifest: try PolicyManifest(.object(document)))
    }

    func broker(_ reference: String = "env:" + secretVariable) throws -> EgressBroker {
        let engine = try engine(reference)
        let permit = try engine.permit(
            PolicyEngine.Request(
                actor: RunContract.Actor(userID: "tester", role: .admin), action: .callProvider, mode: .dataMode,
                provider: "test"))
        return try EgressBroker(engine: engine, permit: permit, limits: limits, context: context, resolver: resolver)
    }

    struct Outcome {
        let response: EgressResponse?
        let error: SluiceError?
        let report: EgressBroker.Report
        let seconds: Double

        var text: String { String(decoding: response?.body ?? [], as: UTF8.self) }
    }

    /// One request to the first endpoint.
    func ask(
        _ path: String, method: String = "GET", headers: [(String, String)] = [], body: String = "",
        at endpoints: [EgressEndpoint], secret reference: String = "env:" + secretVariable, seconds: Double = 30,
        firstByte: UInt64? = nil, stall: UInt64? = nil, by known: EgressBroker? = nil,
        cancellation: EgressCancellation = EgressCancellation()
    ) throws -> Outcome {
        let broker = if let known { known } else { try broker(reference) }
        let request = EgressRequest(
            endpoint: try #require(endpoints.first).name, method: method, path: path,
            headers: headers.map { EgressRequest.Header($0.0, $0.1) }, body: Array(body.utf8),
            firstByteMilliseconds: firstByte, stallMilliseconds: stall)
        let began = Context.system.monotonic()
        let (answer, report) = broker.perform(
            request, endpoints: endpoints, deadline: began + UInt64(seconds * 1e9), cancellation: cancellation)
        let took = Double(Context.system.monotonic() - began) / 1e9
        switch answer {
        case .success(let response): return Outcome(response: response, error: nil, report: report, seconds: took)
        case .failure(let error):
            let leaks = "\(error)".contains(Self.secret)
            #expect(!leaks)
            #expect(report.error == error)
            return Outcome(response: nil, error: error, report: report, seconds: took)
        }
    }
}

/// Answers from a list, and counts how often it was asked.
final class FixedResolver: HostResolver {
    private let answers: [String: [[String]]]
    private let asked = Mutex<[String: Int]>([:])

    init(_ answers: [String: [String]]) { self.answers = answers.mapValues { [$0] } }

    /// The first answer, then the second, and so on; the last one stays.
    init(changing answers: [String: [[String]]]) { self.answers = answers }

    func count(_ host: String) -> Int { asked.withLock { $0[host] ?? 0 } }

    func addresses(of host: String) throws(SluiceError) -> [IPAddress] {
        let before = asked.withLock { counts in
            defer { counts[host, default: 0] += 1 }
            return counts[host] ?? 0
        }
        guard let list = answers[host], let last = list.last else {
            throw SluiceError(.egressUnreachable, "There is no \(host).")
        }
        return (before < list.count ? list[before] : last).compactMap { IPAddress($0) }
    }
}

/// A field of /proc/self/status in KiB.
func memory(_ field: String) -> Int {
    let text = (try? Files.read("/proc/self/status")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix(field + ":") } ?? ""
    return Int(line.filter(\.isNumber)) ?? 0
}
