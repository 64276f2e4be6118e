internal import Contracts
internal import Egress
public import Foundations
public import PluginHost

/// What a plugin may see, reach and use up: what a person grants, and a lock remembers.
public struct Permissions: Sendable, Equatable {
    /// One place that a provider may have the host call.
    public struct Endpoint: Sendable, Equatable {
        public let name: String
        /// `https://host:port`
        public let origin: String
        public let pathPrefix: String
        /// Sorted.
        public let methods: [String]
        public let maximumBytes: Int
        /// On a private network.
        public let isLocal: Bool
        /// The header that carries a secret, and the secret's name; nil when none is sent.
        public let header: String?
        public let secret: String?
        /// The word in front of the secret, such as `Bearer`.
        public let scheme: String?
    }

    public let kind: String
    public let sees: String
    /// Decides which system calls its process may make.
    public let language: String
    /// Sorted, as the three below.
    public let companions: [String]
    public let relay: [String]
    /// The schemes of the sources that a connector reads.
    public let schemes: [String]
    /// Whether runs in metadata_only use it, too: `"metadata": "none"` of its manifest.
    public let needsNoBytes: Bool
    public let extensions: [String]
    public let egress: [Endpoint]
    /// `memory_bytes`, `cpu_s`, `wall_s`, `descriptors`, `threads`.
    public let limits: [String: Double]
    /// Whether it stands in the place of a plugin that ships under its id; no manifest says that.
    public let takesPlace: Bool

    static let limitNames = ["memory_bytes", "cpu_s", "wall_s", "descriptors", "threads"]

    /// What a manifest asks for.
    ///
    /// - Parameter takesPlace: whether a plugin of this id ships with the program.
    public init(_ manifest: PluginManifest, takesPlace: Bool = false) {
        self.takesPlace = takesPlace
        kind = manifest.kind.rawValue
        sees = manifest.dataAccess.sees
        language = manifest.language.rawValue
        companions = manifest.dataAccess.companions.sorted()
        relay = manifest.relay.map(\.rawValue).sorted()
        schemes = (manifest.source?.schemes ?? []).sorted()
        needsNoBytes = manifest.source?.namesColumnsWithoutBytes ?? false
        extensions = manifest.extensions.sorted()
        egress = manifest.egress.map { endpoint in
            Endpoint(
                name: endpoint.name,
                origin: "\(endpoint.origin.scheme.rawValue)://\(endpoint.origin.host):\(endpoint.origin.port)",
                pathPrefix: endpoint.pathPrefix, methods: endpoint.methods.sorted(),
                maximumBytes: endpoint.maximumBytes, isLocal: endpoint.isLocal,
                header: endpoint.authentication?.header, secret: endpoint.authentication?.secret,
                scheme: endpoint.authentication?.scheme)
        }
        let limits = manifest.limits
        self.limits = [
            "memory_bytes": Double(limits.memoryBytes), "cpu_s": Double(limits.cpuSeconds),
            "wall_s": limits.wallSeconds, "descriptors": Double(limits.descriptors), "threads": Double(limits.threads),
        ]
    }

    // MARK: As JSON

    public var json: JSON {
        .members([
            "kind": .string(kind), "sees": .string(sees), "language": .string(language),
            "companions": JSON(companions), "relay": JSON(relay), "schemes": JSON(schemes),
            "metadata": needsNoBytes ? "none" : nil, "extensions": JSON(extensions),
            "egress": .array(egress.map(\.json)), "limits": .object(limits.mapValues(Self.number)),
            "takes_place": takesPlace ? true : nil,
        ])
    }

    static func number(_ value: Double) -> JSON {
        value == value.rounded() && abs(value) < 9e15 ? .int(Int64(value)) : .double(value)
    }

    /// Reads what `json` wrote; mistakes go to the reader's list.
    init(_ reader: JSONReader?) {
        kind = reader?.choice("kind", PluginManifest.Kind.self)?.rawValue ?? ""
        sees = reader?.text("sees") ?? ""
        language = reader?.choice("language", PluginLanguage.self)?.rawValue ?? ""
        companions = reader?.strings("companions") ?? []
        relay = reader?.strings("relay") ?? []
        schemes = reader?.strings("schemes") ?? []
        let metadata = reader?.string("metadata", required: false)
        if metadata != nil, metadata != "none" { reader?.mistake("metadata", "none is expected") }
        needsNoBytes = metadata == "none"
        takesPlace = reader?.bool("takes_place", required: false) ?? false
        extensions = reader?.strings("extensions") ?? []
        egress = (reader?.objects("egress") ?? []).map(Endpoint.init)
        let limits = reader?.object("limits")
        var values: [String: Double] = [:]
        for name in Self.limitNames { values[name] = limits?.double(name, in: 0...1e15) ?? 0 }
        limits?.finish()
        reader?.finish()
        self.limits = values
    }

    // MARK: For a person

    /// One sentence a permission, in plain words.
    public var words: [String] {
        var words = ["It is a \(kind) and sees: \(Self.plain(sees))."]
        if !companions.isEmpty {
            words.append("Of masked columns it also gets: \(companions.joined(separator: ", ")).")
        }
        words += egress.map { "It may have the host call \($0.words)." }
        if egress.isEmpty { words.append("It reaches no network.") }
        for name in relay { words.append("It is connected to one \(name) database that the run names.") }
        if !schemes.isEmpty {
            words.append(
                "It reads the sources that a run names by \(schemes.map { $0 + ":" }.joined(separator: ", ")).")
        }
        if needsNoBytes { words.append("Runs in metadata_only use it, too, and hand it no byte of a source.") }
        if !extensions.isEmpty { words.append("It uses the extensions \(extensions.joined(separator: ", ")).") }
        words.append(
            "It may use \(Self.bytes(limits["memory_bytes"] ?? 0)) of memory, \(Self.text(limits["cpu_s"])) s of "
                + "processor time, \(Self.text(limits["wall_s"])) s for a call, \(Self.text(limits["descriptors"])) "
                + "descriptors and \(Self.text(limits["threads"])) threads.")
        words.append("It makes the system calls of a program in \(language).")
        if takesPlace { words.append("It takes the place of the \(kind) of the same id that ships with Sluice.") }
        return words
    }

    private static func plain(_ sees: String) -> String {
        switch sees {
        case "own source": "the unmasked bytes of the source that it reads, and nothing else"
        case "masked batches": "masked rows, never an unmasked personal value"
        case "masked prompts": "masked prompts, never an unmasked personal value, and no secret"
        default: sees
        }
    }

    static func text(_ value: Double?) -> String { number(value ?? 0).canonicalText }

    static func bytes(_ value: Double) -> String {
        for (unit, size) in [("GiB", 1_073_741_824.0), ("MiB", 1_048_576), ("KiB", 1024)] where value >= size {
            let scaled = (value / size * 10).rounded() / 10
            return "\(text(scaled)) \(unit)"
        }
        return "\(text(value)) bytes"
    }
}

extension Permissions.Endpoint {
    var json: JSON {
        .members([
            "name": .string(name), "origin": .string(origin), "path_prefix": .string(pathPrefix),
            "methods": JSON(methods), "max_bytes": JSON(maximumBytes), "local": .bool(isLocal),
            "header": header.map(JSON.string), "secret": secret.map(JSON.string),
            "auth_scheme": scheme.map(JSON.string),
        ])
    }

    init(_ reader: JSONReader) {
        name = reader.text("name") ?? ""
        origin = reader.text("origin") ?? ""
        pathPrefix = reader.text("path_prefix") ?? ""
        methods = reader.strings("methods") ?? []
        maximumBytes = Int(reader.int("max_bytes", in: 0...(1 << 40)) ?? 0)
        isLocal = reader.bool("local") ?? false
        header = reader.text("header", required: false)
        secret = reader.text("secret", required: false)
        scheme = reader.text("auth_scheme", required: false)
        reader.finish()
    }

    var words: String {
        let carries = secret.map { " with the secret \($0) in the header \(place)" } ?? ", with no secret"
        return "\(origin)\(pathPrefix) (\(methods.joined(separator: ", ")))\(carries), at most "
            + "\(Permissions.bytes(Double(maximumBytes))) each way" + (isLocal ? ", on a private network" : "")
    }

    /// Where a secret stands.
    var place: String { (header ?? "") + (scheme.map { " behind the word \($0)" } ?? "") }
}
