import Foundation
import ProviderKit
import SluiceSDK
import Testing

/// The catalogue of `sluice eval providers`, played to the adapters without a network: what they must do equally.
///
/// Situations of the connection are the broker's and not played here; nor is what the host finds in an answer.
@Suite struct SituationTests {
    @Test(arguments: Adapters.all.map(\.name))
    func `Every situation of the catalogue has its outcome`(adapter name: String) throws {
        let catalogue = try JSONValue(parsing: Files.bytes("registry/conformance/situations.json"))
        let path = "registry/conformance/wire-\(name).json"
        let wire = try JSONValue(parsing: Files.bytes(path))
        let scripts = try #require(wire["scripts"])
        var played = 0
        for situation in try #require(catalogue["situations"]?.array) {
            let id = try #require(situation["id"]?.string)
            guard let exchanges = scripts[id]?["exchanges"]?.array, !Self.isOfTheConnection(id, exchanges) else {
                continue
            }
            let script = Script(try exchanges.map(Self.exchange))
            let adapter = try Adapters.make(name)
            let found = try Self.play(situation, adapter, script, model: wire["model"]?.string ?? "m")
            let wanted = Self.expected(situation)
            #expect("\(id): \(found)" == "\(id): \(wanted)")
            played += 1
        }
        #expect(played > 100, "\(name): \(played) situations were played")
    }

    private static func isOfTheConnection(_ id: String, _ exchanges: [JSONValue]) -> Bool {
        let others = ["huge", "stream.stall", "stream.first_byte", "connection.", "answer.schema_"]
        return others.contains { id.hasPrefix($0) }
            || exchanges.contains { $0["cut"] != nil || $0["headers"]?["content-encoding"] != nil }
    }

    /// The reply as the broker would hand it over.
    private static func exchange(_ json: JSONValue) throws -> Script.Exchange {
        var body: [UInt8] = []
        for piece in json["body"]?.array ?? [] {
            if let text = piece.string {
                body += Array(text.utf8)
            } else if let text = piece["base64"]?.string {
                body += Array(try #require(Data(base64Encoded: text)))
            } else if let text = piece["repeat"]?.string {
                for _ in 0..<(piece["times"]?.int ?? 0) { body += Array(text.utf8) }
            }
        }
        var headers: [String: String] = [:]
        for member in json["headers"]?.object?.members ?? [] { headers[member.key.lowercased()] = member.value.string }
        var wait = headers["retry-after"].flatMap { UInt64($0) }.map { $0 * 1000 }
        // A date, as the broker would have read it.
        if headers["retry-after"] == "{date+90}" { wait = 90_000 }
        return Script.Exchange(
            method: json["method"]?.string, path: json["path"]?.string,
            reply: HTTPReply(
                status: Int(json["status"]?.int ?? 0), headers: headers, body: body, retryAfterMilliseconds: wait))
    }

    /// What must come, in the form of `play`.
    private static func expected(_ situation: JSONValue) -> String {
        let expect = situation["expect"]
        let outcome = expect?["outcome"]?.string ?? ""
        switch outcome {
        case "answer":
            if let vectors = expect?["vectors"] {
                return "vectors " + String(decoding: vectors.encoded(), as: UTF8.self)
            }
            let usage = expect?["usage"].map { String(decoding: $0.encoded(), as: UTF8.self) } ?? "-"
            let parameters = (expect?["parameters"]?.array ?? []).compactMap(\.string).joined(separator: ",")
            var text = expect?["text"]?.string ?? ""
            if let piece = expect?["text"]?["repeat"]?.string, let times = expect?["text"]?["times"]?.int {
                text = String(repeating: piece, count: Int(times))
            }
            let tier = expect?["tier"]?.string ?? "-"
            return "answer \(expect?["finish"]?.string ?? "") \(usage) [\(parameters)] \(tier) \(text)"
        case "batch":
            if let failure = expect?["failure"] {
                let words = ["outcome", "scope", "reason"].map { failure[$0]?.string ?? "" }
                return "batch \(expect?["state"]?.string ?? "") \(words.joined(separator: " "))"
            }
            let results = (expect?["results"]?.object?.members ?? []).map { "\($0.key)=\($0.value.string ?? "")" }
            return "batch \(expect?["state"]?.string ?? "") \(results.sorted().joined(separator: " "))"
        default:
            // Of a failed call for vectors a host is told the code alone.
            if expect?["scope"] == nil { return outcome }
            let wait = expect?["retry_after_ms"]?.int.map { " \($0)" } ?? ""
            return "\(outcome) \(expect?["scope"]?.string ?? "") \(expect?["reason"]?.string ?? "")\(wait)"
        }
    }

    private static func play(
        _ situation: JSONValue, _ adapter: any Adapter, _ script: Script, model: String
    ) throws -> String {
        let asked = situation["request"]
        let result = outcome { () throws(Failure) -> String in
            switch situation["call"]?.string {
            case "embed":
                let texts = (asked?["texts"]?.array ?? []).compactMap(\.string)
                let vectors = try adapter.embed(model: "e", texts: texts, script)
                let json = JSONValue.array(vectors.map { .array($0.map { number(Double($0)) }) })
                return "vectors " + String(decoding: json.encoded(), as: UTF8.self)
            case "batch":
                var items: [BatchItem] = []
                for item in asked?["items"]?.array ?? [] {
                    guard let id = item["id"]?.string, let request = chat(item["request"], model) else { continue }
                    items.append(BatchItem(id: id, request: request))
                }
                let batch = try adapter.submit(items, script)
                let state = try adapter.poll(batch: batch, script)
                if state.phase == .failed, let failure = state.failure {
                    guard situation["expect"]?["failure"] != nil else { throw failure }
                    return "batch failed \(failure.code.rawValue) \(failure.scope.rawValue) \(failure.reason)"
                }
                let results = state.results.map { "\($0.id)=\($0.result.failure?.code.rawValue ?? "answer")" }
                return "batch \(state.phase.rawValue) \(results.sorted().joined(separator: " "))"
            default:
                guard let request = chat(asked, model) else { return "unreadable request" }
                let answer = try adapter.infer(request, script)
                return describe(answer, situation)
            }
        }
        if let failure = result.failure {
            if situation["expect"]?["scope"] == nil { return failure.code.rawValue }
            let wait = failure.retryAfterMilliseconds.map { " \($0)" } ?? ""
            return "\(failure.code.rawValue) \(failure.scope.rawValue) \(failure.reason)\(wait)"
        }
        return result.value ?? ""
    }

    private static func number(_ value: Double) -> JSONValue {
        value == value.rounded() ? .int(Int64(value)) : .double(value)
    }

    private static func describe(_ answer: ChatAnswer, _ situation: JSONValue) -> String {
        let usage = answer.json["usage"].map { String(decoding: $0.encoded(), as: UTF8.self) } ?? "-"
        let wanted = (situation["expect"]?["parameters"]?.array ?? []).compactMap(\.string)
        let parameters = wanted.filter { answer.treatments[$0] != nil }.joined(separator: ",")
        let tier = situation["expect"]?["tier"] == nil ? "-" : answer.tier?.rawValue ?? "-"
        return "answer \(answer.finish.rawValue) \(usage) [\(parameters)] \(tier) \(answer.text)"
    }

    private static func chat(_ json: JSONValue?, _ model: String) -> ChatRequest? {
        guard var object = json?.object else { return nil }
        object["version"] = 1
        object["model"] = .string(model)
        return try? ChatRequest(json: .object(object))
    }
}
