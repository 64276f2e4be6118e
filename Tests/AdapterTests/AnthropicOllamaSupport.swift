import ProviderKit
import SluiceSDK
import Testing

extension Script {
    /// The body of the last call as text.
    var sent: String { calls.last.map { String(decoding: $0.body, as: UTF8.self) } ?? "" }
}

extension Seeded {
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

/// A good answer changed in a few places: bytes, pieces left out, pieces twice.
func damaged(_ bytes: [UInt8], _ random: inout Seeded) -> [UInt8] {
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

func asked<A: Adapter>(_ adapter: A, _ request: ChatRequest, _ script: Script) -> Result<ChatAnswer, Failure> {
    outcome { () throws(Failure) -> ChatAnswer in try adapter.infer(request, script) }
}

func config(_ json: JSONValue) -> JSONObject { json.object ?? JSONObject() }

/// An outcome in one word: how a test's table says it.
func word(_ result: Result<ChatAnswer, Failure>) -> String {
    switch result {
    case .success(let answer): "answer \(answer.finish.rawValue)"
    case .failure(let failure): "\(failure.code.rawValue) \(failure.scope.rawValue) \(failure.reason)"
    }
}

/// The same word of what an error means.
func says(_ verdict: Verdict) -> String { word(.failure(verdict.failure())) }
