public import Foundations
internal import Glibc

/// Tests/Support/hostile_server.py, started for one suite and stopped with it.
///
/// `@unchecked Sendable`: the process is touched while it is made and when it goes; all else is constant.
public final class HostileServer: @unchecked Sendable {
    public let folder: String
    /// By the name of the server, such as `plain` or `wrong`.
    public let ports: [String: Int]
    /// The authority that signed the good certificates.
    public let certificateFile: String
    private let process: Launched

    private static let program = Files.folder(of: #filePath) + "/hostile_server.py"

    /// - Parameter folder: a new folder for certificates and records; its owner removes it.
    public init(folder: String) throws {
        try Files.makeFolder(folder)
        self.folder = folder
        let environment = Context.system.environment.filter { ["PATH", "HOME", "LANG"].contains($0.key) }
        process = try Launched(
            "/usr/bin/python3", ["-W", "ignore", Self.program, folder], environment: environment, folder: folder,
            output: folder + "/server")
        var line: JSON = .null
        for _ in 0..<1500 where line == .null && process.isRunning {
            poll(nil, 0, 10)
            line = (try? Files.read(folder + "/server.out")).flatMap { try? JSONParser.parseBytes($0) } ?? .null
        }
        guard let file = line["ca"]?.stringValue, let listed = line["ports"]?.objectValue else {
            let said = (try? Files.read(folder + "/server.err")).map { String(decoding: $0, as: UTF8.self) } ?? ""
            throw LaunchFailure(description: "the hostile server did not start: \(said)")
        }
        certificateFile = file
        ports = listed.compactMapValues { $0.intValue.map(Int.init) }
    }

    public func port(_ name: String) -> Int { ports[name] ?? 1 }

    /// Everything that arrived so far at a server; connections without a request are at `NAME.connection`.
    public func requests(_ name: String) -> [JSON] {
        let text = (try? Files.read(folder + "/requests.jsonl")) ?? []
        return text.split(separator: UInt8(ascii: "\n")).compactMap { try? JSONParser.parseBytes(Array($0)) }
            .filter { $0["server"]?.stringValue == name }
    }

    /// Whether these bytes are anywhere in what arrived at any server but the named one.
    public func heard(_ text: String, elsewhereThan name: String) -> Bool {
        let lines = (try? Files.read(folder + "/requests.jsonl")) ?? []
        return String(decoding: lines, as: UTF8.self).split(separator: "\n").contains {
            $0.contains(text) && !$0.contains("\"server\": \"\(name)\"")
        }
    }
}
