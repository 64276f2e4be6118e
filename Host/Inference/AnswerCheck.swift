internal import Contracts
internal import Foundations
internal import PluginHost
internal import Policy

/// What of an answer breaks the schema that it was asked with: where, and which rule. No value of the answer.
public struct SchemaComplaint: Sendable, Equatable {
    /// RFC 6901; a name that the schema does not have stands there as `*`.
    public var pointer: String
    public var rule: String

    public init(pointer: String, rule: String) {
        self.pointer = pointer
        self.rule = rule
    }
}

/// Holds answers against what was asked, whatever the provider promised.
struct AnswerCheck {
    let job: InferenceJob
    let validate: @Sendable (JSON, JSON) -> [SchemaComplaint]

    enum Verdict {
        case valid(JSON)
        case failed(ProviderFailure, SluiceError?)
    }

    func verdict(_ answer: ModelAnswer) -> Verdict {
        let bare = Self.withoutFence(answer.text)
        guard let json = try? JSONParser.parseBytes(Array(bare.utf8)) else {
            let isCut = answer.finish == .length
            return .failed(
                ProviderFailure(
                    .dslReject, scope: .request, reason: isCut ? "cut_off" : "not_json",
                    message: isCut ? "the answer was cut off at its longest" : "the answer is not JSON"), nil)
        }
        let complaints = validate(json, job.schema.schema)
        guard complaints.isEmpty else {
            return .failed(
                ProviderFailure(.dslReject, scope: .request, reason: "schema", message: Self.words(complaints, job)),
                nil)
        }
        guard let vault = job.vault else { return .valid(json) }
        do {
            _ = try vault.restore(Self.texts(json), requiring: job.requires)
            return .valid(json)
        } catch {
            let reason = error.detail.split(separator: ".").last.map(String.init) ?? error.detail
            return .failed(
                ProviderFailure(.quarantineRequired, scope: .request, reason: reason, message: error.message), error)
        }
    }

    /// Many models put JSON into a block of code, whatever they are told.
    static func withoutFence(_ text: String) -> String {
        let body = text.utf8.drop { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
        guard body.starts(with: "```".utf8), let line = body.firstIndex(of: 0x0A) else { return text }
        var rest = Array(body[body.index(after: line)...])
        while let last = rest.last, last == 0x20 || last == 0x0A || last == 0x0D || last == 0x09 { rest.removeLast() }
        guard rest.suffix(3).elementsEqual("```".utf8) else { return text }
        return String(decoding: rest.dropLast(3), as: UTF8.self)
    }

    /// Every text of a document, names of members too.
    static func texts(_ json: JSON) -> [String] {
        switch json {
        case .string(let text): [text]
        case .array(let elements): elements.flatMap(texts)
        case .object(let members): members.keys.sorted().flatMap { [$0] + texts(members[$0] ?? .null) }
        default: []
        }
    }

    /// The complaints in words. The names that an answer chose itself may be anybody's: only the schema's are repeated.
    static func words(_ complaints: [SchemaComplaint], _ job: InferenceJob) -> String {
        let known = names(job.schema.schema)
        return complaints.prefix(10).map { complaint in
            let parts = complaint.pointer.split(separator: "/").map { part in
                known.contains(String(part)) || part.utf8.allSatisfy({ (0x30...0x39).contains($0) })
                    ? String(part) : "*"
            }
            return "/\(parts.joined(separator: "/")): \(complaint.rule)"
        }.joined(separator: "; ")
    }

    private static func names(_ schema: JSON) -> Set<String> {
        switch schema {
        case .object(let members):
            var found: Set<String> = []
            for (key, value) in members {
                if key == "properties", case .object(let properties) = value {
                    found.formUnion(properties.keys.map(JSONReader.escaped))
                }
                found.formUnion(names(value))
            }
            return found
        case .array(let elements): return elements.reduce(into: []) { $0.formUnion(names($1)) }
        default: return []
        }
    }

    /// What a model is told when it is asked anew: text of ours, places and rules of the schema.
    ///
    /// - Parameter failure: of this check; nil where a plugin complained, whose words are not ours and are not repeated.
    static func request(after failure: ProviderFailure?) -> String {
        let why = failure?.message ?? "it does not keep to the schema"
        return "Your last answer was not used: \(why). Answer again with one JSON document that keeps to the schema,"
            + " and with nothing beside it."
    }
}
