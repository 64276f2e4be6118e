public import Egress
public import Foundations
internal import Policy

/// What a plugin is, what its files must be byte for byte, and what it may do; read from strict JSON.
///
/// Source: docs/authoring.md. Unknown keys, duplicate keys and values out of range are errors with a JSON pointer.
public struct PluginManifest: Sendable, Equatable {
    /// What a plugin does; raw values are those of the manifest.
    public enum Kind: String, Sendable, CaseIterable {
        case provider, connector, check

        /// `sluice_kind` of the plugin ABI.
        public var abiValue: Int32 {
            switch self {
            case .provider: 1
            case .connector: 2
            case .check: 3
            }
        }

        /// What a plugin of this kind is shown: the one thing that its manifest may say.
        public var sees: String {
            switch self {
            case .provider: "masked prompts"
            case .connector: "own source"
            case .check: "masked batches"
            }
        }
    }

    /// The shared library for one platform.
    public struct Artifact: Sendable, Equatable {
        /// For example `linux-x86_64`.
        public let platform: String
        /// A plain file name, beside the manifest.
        public let file: String
        public let size: Int
        public let sha256: SHA256.Digest
    }

    /// A data file that the plugin may map.
    public struct Resource: Sendable, Equatable {
        public let name: String
        /// A plain file name, in the resources folder.
        public let file: String
        public let size: Int
        public let sha256: SHA256.Digest
    }

    /// What the plugin is shown, and the companions of masked columns that it may ask for.
    public struct DataAccess: Sendable, Equatable {
        public let sees: String
        public let companions: [String]
    }

    /// What its process may use.
    public struct Limits: Sendable, Equatable {
        public let memoryBytes: Int
        /// CPU seconds over the life of the process.
        public let cpuSeconds: Int
        /// Wall seconds for one call; fractions are allowed.
        public let wallSeconds: Double
        public let descriptors: Int
        public let threads: Int
    }

    /// A report of the conformance suite, by its hash.
    public struct ReportedConformance: Sendable, Equatable {
        public let suiteVersion: String
        public let reportSHA256: SHA256.Digest
    }

    public let id: String
    public let version: String
    public let kind: Kind
    public let publisher: String
    public let license: String
    public let summary: String
    public let abiMajor: UInt32
    public let abiMinor: UInt32
    public let artifacts: [Artifact]
    public let resources: [Resource]
    public let extensions: [String]
    /// Where a provider may ask the host to call; empty for other kinds.
    public private(set) var egress: [EgressEndpoint]
    public let dataAccess: DataAccess
    public let limits: Limits
    /// What the plugin is written in; `c` when the manifest does not say.
    public let language: PluginLanguage
    /// What a connector speaks with the database that the host connects it to; empty when it reads none.
    public let relay: [RelayProtocol]
    /// What sources of runs a connector reads; nil for one that runs do not use by a scheme.
    public let source: SourceDeclaration?
    /// The fingerprint of the key that signs the manifest, when it names one.
    public let keyID: SHA256.Digest?
    /// The conformance report that the publisher vouches for, when the manifest names one.
    public let conformance: ReportedConformance?
    /// SHA-256 of the manifest's exact bytes.
    public let hash: SHA256.Digest

    /// The ABI of this host: a plugin of the same major and of no later minor loads.
    public static let hostABI: (major: UInt32, minor: UInt32) = (0, 1)

    /// The companions that the host can make (design of masked columns).
    public static let knownCompanions = Masker.Companion.allCases.map(\.rawValue).sorted()

    /// The platform that this program was built for.
    public static var hostPlatform: String {
        #if arch(x86_64)
        "linux-x86_64"
        #elseif arch(arm64)
        "linux-aarch64"
        #else
        "linux-unknown"
        #endif
    }

    /// Reads a manifest.
    ///
    /// - Parameter name: how messages call the document, mostly its file name.
    /// - Throws: `plugin.abi` for one that a later ABI made, whatever else is in it; `plugin.manifest`, with every
    ///   mistake by JSON pointer.
    public static func parse(_ bytes: [UInt8], name: String) throws(SluiceError) -> PluginManifest {
        let document: JSON
        do { document = try JSONParser.parseBytes(bytes) } catch {
            throw SluiceError(
                .pluginManifest, "The manifest \(name) is not valid JSON: \(error.reason) at byte \(error.offset).")
        }
        try requireKnownABI(document, name: name)
        let mistakes = Mistakes()
        let manifest = read(ManifestNode(document, at: "", mistakes), hash: SHA256.hash(bytes))
        guard mistakes.list.isEmpty else {
            throw SluiceError(
                .pluginManifest, "The manifest \(name) is malformed: \(mistakes.list.joined(separator: "; ")).")
        }
        return manifest
    }

    /// Every mistake of a manifest that parses as JSON: its unknown keys, and all others.
    ///
    /// - Throws: as `parse`, for a later ABI and for what is no JSON.
    public static func mistakes(
        _ bytes: [UInt8], name: String
    ) throws(SluiceError) -> (unknownKeys: [String], others: [String]) {
        let document: JSON
        do { document = try JSONParser.parseBytes(bytes) } catch {
            throw SluiceError(
                .pluginManifest, "The manifest \(name) is not valid JSON: \(error.reason) at byte \(error.offset).")
        }
        try requireKnownABI(document, name: name)
        let mistakes = Mistakes()
        _ = read(ManifestNode(document, at: "", mistakes), hash: SHA256.hash(bytes))
        let unknown = mistakes.list.filter { $0.hasSuffix(ManifestNode.unknownKey) }
        return (unknown, mistakes.list.filter { !$0.hasSuffix(ManifestNode.unknownKey) })
    }

    /// What a later ABI adds to manifests is not known here: nothing else of such a one is read.
    private static func requireKnownABI(_ document: JSON, name: String) throws(SluiceError) {
        guard case .int(let major)? = document["abi"]?["major"], case .int(let minor)? = document["abi"]?["minor"],
            major >= 0, minor >= 0, (major, minor) > (Int64(hostABI.major), Int64(hostABI.minor))
        else { return }
        let place = major > Int64(hostABI.major) ? "/abi/major" : "/abi/minor"
        throw SluiceError(
            .pluginABI,
            "The manifest \(name) is for plugin ABI \(major).\(minor) (\(place)); this program has "
                + "\(hostABI.major).\(hostABI.minor).")
    }

    /// The library for this machine, or an error of kind `plugin.platform` that names the platforms there are.
    public func artifact(platform: String = hostPlatform) throws(SluiceError) -> Artifact {
        if let artifact = artifacts.first(where: { $0.platform == platform }) { return artifact }
        throw SluiceError(
            .pluginPlatform,
            "The plugin \(id) has no file for \(platform), only for \(artifacts.map(\.platform).joined(separator: ", "))."
        )
    }
}

extension PluginManifest {
    /// What a document says; it counts only when the node's list of mistakes stays empty.
    static func read(_ root: ManifestNode, hash: SHA256.Digest) -> PluginManifest {
        root.keys(
            [
                "manifest_version", "id", "version", "kind", "publisher", "license", "summary", "abi", "artifacts",
                "resources", "extensions", "egress", "data_access", "limits",
            ], optional: ["language", "relay", "source", "key_id", "conformance"])
        _ = root["manifest_version"].int(1...1)
        let kindNode = root["kind"]
        let kind = kindNode.choice(Kind.allCases.map(\.rawValue)).flatMap(Kind.init(rawValue:)) ?? .check
        let abi = root["abi"]
        abi.keys(["major", "minor"])
        let major = abi["major"].int(Int(hostABI.major)...Int(hostABI.major))
        // Minor versions add: an older one is understood, a later one may use what this host does not have.
        let minor = abi["minor"].int(0...Int(hostABI.minor))
        let artifacts = root["artifacts"].elements(1...16).map { node in
            node.keys(["platform", "file", "size", "sha256"])
            return Artifact(
                platform: node["platform"].matching("a platform such as linux-x86_64", isPlatform),
                file: node["file"].matching("a plain file name", isFileName),
                size: node["size"].int(1...maximumFileSize), sha256: node["sha256"].digest())
        }
        root["artifacts"].unique(artifacts.map(\.platform), key: "platform")
        let resources = root["resources"].elements(0...32).map { node in
            node.keys(["name", "file", "size", "sha256"])
            return Resource(
                name: node["name"].matching("a resource name", isFileName),
                file: node["file"].matching("a plain file name", isFileName),
                size: node["size"].int(0...maximumFileSize), sha256: node["sha256"].digest())
        }
        root["resources"].unique(resources.map(\.name), key: "name")
        root["resources"].unique(resources.map(\.file), key: "file")
        let egress = ManifestEgress.endpoints(root["egress"], kind: kind)
        let limits = root["limits"]
        limits.keys(["memory_bytes", "cpu_s", "wall_s", "descriptors", "threads"])
        return PluginManifest(
            id: root["id"].matching("an id of a-z, 0-9, '.', '_' and '-'", isIdentifier),
            version: root["version"].matching("a version such as 1.2.3", isVersion), kind: kind,
            publisher: root["publisher"].text(1...200), license: root["license"].text(1...100),
            summary: root["summary"].text(1...500), abiMajor: UInt32(major), abiMinor: UInt32(minor),
            artifacts: artifacts, resources: resources, extensions: extensions(root["extensions"]), egress: egress,
            dataAccess: dataAccess(root["data_access"], kind: kind),
            limits: Limits(
                memoryBytes: limits["memory_bytes"].int(1 << 20...1 << 40),
                cpuSeconds: limits["cpu_s"].int(1...604_800),
                wallSeconds: limits["wall_s"].number(0.01...86_400), descriptors: limits["descriptors"].int(8...4096),
                threads: limits["threads"].int(1...256)),
            language: PluginLanguage.read(root.present("language")),
            relay: ManifestRelay.protocols(root.present("relay"), kind: kind),
            source: SourceDeclaration.read(root.present("source"), kind: kind, hasRelay: root.present("relay") != nil),
            keyID: root.present("key_id")?.digest(), conformance: root.present("conformance").map(conformance),
            hash: hash)
    }

    private static func conformance(_ node: ManifestNode) -> ReportedConformance {
        node.keys(["suite_version", "report_sha256"])
        return ReportedConformance(
            suiteVersion: node["suite_version"].matching("a version such as 1.2.3", isVersion),
            reportSHA256: node["report_sha256"].digest())
    }

    private static let maximumFileSize = 1 << 30

    private static func extensions(_ node: ManifestNode) -> [String] {
        let ids = node.elements(0...64).map { $0.matching("an extension id such as org.name/1", isExtension) }
        node.unique(ids, key: nil)
        return ids
    }

    private static func dataAccess(_ node: ManifestNode, kind: Kind) -> DataAccess {
        node.keys(["sees", "companions"])
        let companions = node["companions"].elements(0...16).map { $0.choice(knownCompanions) ?? "" }
        node["companions"].unique(companions, key: nil)
        let sees = node["sees"].choice([kind.sees]) ?? kind.sees
        if kind != .check, !companions.isEmpty {
            node["companions"].mistake("must be empty: only a check gets companions")
        }
        return DataAccess(sees: sees, companions: companions)
    }

    /// The same manifest with endpoints where a home points them; its hash, by which it is known, stays.
    func pointing(_ endpoints: [EgressEndpoint]) -> PluginManifest {
        var manifest = self
        manifest.egress = endpoints
        return manifest
    }

    // MARK: What text may look like

    static func isIdentifier(_ text: String) -> Bool {
        only(text, 1...64, "abcdefghijklmnopqrstuvwxyz0123456789._-") && !text.contains("..") && startsWithLetter(text)
    }

    private static func isPlatform(_ text: String) -> Bool {
        only(text, 3...64, "abcdefghijklmnopqrstuvwxyz0123456789_-") && text.contains("-") && startsWithLetter(text)
    }

    static func isFileName(_ text: String) -> Bool {
        only(text, 1...200, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-") && text.first != "."
    }

    private static func isVersion(_ text: String) -> Bool {
        let core = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = core[0].split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 3, text.utf8.count <= 64,
            numbers.allSatisfy({ only(String($0), 1...9, "0123456789") && ($0 == "0" || $0.first != "0") })
        else { return false }
        let identifier = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-"
        return core.count == 1 || only(String(core[1]), 1...32, identifier)
    }

    private static func isExtension(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 2 && isIdentifier(String(parts[0])) && only(String(parts[1]), 1...4, "0123456789")
    }

    static func only(_ text: String, _ length: ClosedRange<Int>, _ alphabet: String) -> Bool {
        length.contains(text.utf8.count) && text.utf8.allSatisfy { alphabet.utf8.contains($0) }
    }

    private static func startsWithLetter(_ text: String) -> Bool {
        text.utf8.first.map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) } ?? false
    }
}
