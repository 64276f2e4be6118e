import Foundation
import ProviderKit
import SluiceSDK
import Synchronization

/// A server that answers from a script and keeps what it was asked.
final class Script: Transport, @unchecked Sendable {
    struct Exchange {
        var method: String?
        var path: String?
        var reply: HTTPReply
    }

    // One test uses it from one thread; the requirement comes from the closures of the suite.
    private(set) var calls: [HTTPCall] = []
    private let exchanges: [Exchange]
    private let inOrder: Bool

    /// Replies by method and path.
    init(_ exchanges: [Exchange]) {
        self.exchanges = exchanges
        inOrder = false
    }

    /// Replies one after another, the last one again and again.
    init(replies: [HTTPReply]) {
        exchanges = replies.map { Exchange(reply: $0) }
        inOrder = true
    }

    convenience init(_ status: Int = 200, _ body: String, headers: [String: String] = [:]) {
        self.init(replies: [HTTPReply(status: status, headers: headers, body: Array(body.utf8))])
    }

    func send(_ call: HTTPCall) throws(Failure) -> HTTPReply {
        calls.append(call)
        if inOrder { return exchanges[min(calls.count, exchanges.count) - 1].reply }
        guard let exchange = exchanges.first(where: { $0.method == call.method && $0.path == call.path }) else {
            throw Failure(
                .deterministicFailure, reason: "script", message: "\(call.method) \(call.path) is not scripted.")
        }
        return exchange.reply
    }
}

enum Files {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: root.appendingPathComponent(path)))
    }

    static func text(_ path: String) -> String? {
        try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    static func write(_ text: String, _ path: String) throws {
        let url = root.appendingPathComponent(path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    static var records: Bool { ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" }
}

/// A generator whose seed tells what it makes.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

func request(
    _ model: String = "m", _ text: String = "Which column?", _ change: (inout ChatRequest) -> Void = { _ in }
) -> ChatRequest {
    var request = ChatRequest(model: model, messages: [.init(.user, text)])
    change(&request)
    return request
}

/// What came of a call, as an outcome that can be compared.
func outcome<Success>(_ body: () throws(Failure) -> Success) -> Result<Success, Failure> {
    do throws(Failure) { return .success(try body()) } catch { return .failure(error) }
}

extension Result where Failure == ProviderKit.Failure {
    var failure: Failure? { if case .failure(let failure) = self { failure } else { nil } }
    var value: Success? { try? get() }
}
