public import Foundations

/// What a provider's server may say, and the one outcome that every adapter must give: registry/conformance
/// (docs/evaluation.md). scripts/make-situations.py makes the files.
public struct SituationCatalog: Sendable {
    public struct Situation: Sendable {
        public enum Call: String, Sendable, CaseIterable {
            case infer, embed, batch
        }

        public let id: String
        /// For a reader.
        public let about: String
        public let call: Call
        /// As in `ModelRequest.json`, without a model; `texts` to embed; `items` of a batch.
        let request: JSON
        /// What must come, by the names of `SituationOutcome`.
        public let expected: SituationOutcome
    }

    /// What one vendor's server does in each situation.
    public struct Wire: Sendable {
        /// A name for people, such as `openai-responses`.
        public let name: String
        /// Id of the plugin that speaks to it.
        public let plugin: String
        /// Handed to the plugin.
        let config: JSON
        let model: String
        let embeddingModel: String
        let scripts: [String: SituationScript]

        /// Why this vendor's server never comes into a situation; nil when it may.
        public func absence(_ situation: Situation) -> String? { scripts[situation.id]?.absent }
    }

    public let situations: [Situation]
    public let wires: [Wire]

    /// Files of the wires, in the order of the matrix.
    static let names = ["openai", "openai-responses", "anthropic", "groq", "openai-compatible", "ollama"]

    /// Reads the catalogue of a registry.
    ///
    /// - Parameter folder: `conformance` of a registry.
    /// - Throws: `registry.invalid`.
    public init(folder: String) throws(SluiceError) {
        let document = try Self.document(folder + "/situations.json")
        let mistakes = MistakeList()
        var situations: [Situation] = []
        for (place, json) in (document["situations"]?.arrayValue ?? []).enumerated() {
            guard let situation = Situation(json) else {
                mistakes.add("/situations/\(place)", "an id, a call, a request and what is expected must be there")
                continue
            }
            situations.append(situation)
        }
        if situations.isEmpty { mistakes.add("/situations", "there must be one") }
        try mistakes.raise(.registryInvalid, "\(folder)/situations.json")
        var wires: [Wire] = []
        for name in Self.names {
            let path = "\(folder)/wire-\(name).json"
            let document = try Self.document(path)
            guard let plugin = document["plugin"]?.stringValue, let model = document["model"]?.stringValue,
                let config = document["config"], let embedding = document["embedding_model"]?.stringValue,
                let listed = document["scripts"]?.objectValue
            else { throw SluiceError(.registryInvalid, "The document \(path) lacks a member.") }
            var scripts: [String: SituationScript] = [:]
            for (id, json) in listed {
                guard let script = SituationScript(json) else {
                    mistakes.add("/scripts/\(id)", "is no script")
                    continue
                }
                scripts[id] = script
            }
            for situation in situations where listed[situation.id] == nil {
                mistakes.add("/scripts/\(situation.id)", "is missing")
            }
            try mistakes.raise(.registryInvalid, path)
            wires.append(
                Wire(
                    name: name, plugin: plugin, config: config, model: model, embeddingModel: embedding,
                    scripts: scripts))
        }
        self.situations = situations
        self.wires = wires
    }

    private static func document(_ path: String) throws(SluiceError) -> JSON {
        let bytes: [UInt8]
        do throws(Files.Failure) { bytes = try Files.read(path, limit: 4 << 20) } catch {
            throw SluiceError(.registryInvalid, "The document \(path) cannot be read: \(error.reason).")
        }
        do throws(JSONParser.Failure) { return try JSONParser.parseBytes(bytes) } catch {
            throw SluiceError(.registryInvalid, "The document \(path) is not valid JSON: \(error.reason).")
        }
    }
}

extension SituationCatalog.Situation {
    init?(_ json: JSON) {
        guard let id = json["id"]?.stringValue, let about = json["about"]?.stringValue,
            let call = json["call"]?.stringValue.flatMap(Call.init), let request = json["request"],
            let expected = json["expect"].flatMap({ SituationOutcome(expected: $0, isEmbedding: call == .embed) })
        else { return nil }
        self.id = id
        self.about = about
        self.call = call
        self.request = request
        self.expected = expected
    }
}
