import ProviderKit
import SluiceSDK
import Testing

/// A server that gives prepared replies by method and path, each once and then the last again, and keeps what it was sent.
final class WireScript: Transport {
    private var replies: [(route: String, reply: HTTPReply)]
    private(set) var calls: [HTTPCall] = []

    init(_ replies: [(route: String, reply: HTTPReply)]) { self.replies = replies }

    /// One reply, whatever is asked.
    convenience init(_ body: String, status: Int = 200, headers: [String: String] = [:], wait: UInt64? = nil) {
        self.init([
            (
                "",
                HTTPReply(status: status, headers: headers, body: Array(body.utf8), retryAfterMilliseconds: wait)
            )
        ])
    }

    func send(_ call: HTTPCall) throws(Failure) -> HTTPReply {
        calls.append(call)
        let route = "\(call.method) \(call.path)"
        guard let index = replies.firstIndex(where: { $0.route.isEmpty || $0.route == route }) else {
            return HTTPReply(status: 404, body: [])
        }
        let reply = replies[index].reply
        if replies.filter({ $0.route == replies[index].route }).count > 1 { replies.remove(at: index) }
        return reply
    }

    /// The body of the last call as text.
    var sent: String { calls.last.map { String(decoding: $0.body, as: UTF8.self) } ?? "" }
}

/// A small generator for fuzz loops; the seed is printed when a loop fails.
struct WireRandom {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &+ 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state = state &+ 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

/// A good answer changed in a few places: bytes, pieces left out, pieces twice.
func wireDamage(_ bytes: [UInt8], _ random: inout WireRandom) -> [UInt8] {
    var bytes = bytes
    for _ in 0...random.below(4) where !bytes.isEmpty {
        let at = random.below(bytes.count)
        switch random.below(5) {
        case 0: bytes[at] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.removeSubrange(at..<min(bytes.count, at + 1 + random.below(40)))
        case 2: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 1 + random.below(200))], at: at)
        case 3: bytes.removeSubrange(at...)
        default: bytes.insert(contentsOf: Array("[{\"\\u0000".utf8), at: at)
        }
    }
    return bytes
}

func wireOutcome<A: Adapter>(_ adapter: A, _ request: ChatRequest, _ script: WireScript) -> Result<ChatAnswer, Failure> {
    do throws(Failure) { return .success(try adapter.infer(request, script)) } catch { return .failure(error) }
}

/// An outcome in one word: how a test's table says it.
func wireWord(_ result: Result<ChatAnswer, Failure>) -> String {
    switch result {
    case .success(let answer): "answer \(answer.finish.rawValue)"
    case .failure(let failure): "\(failure.code.rawValue) \(failure.scope.rawValue) \(failure.reason)"
    }
}
