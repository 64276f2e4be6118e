public import Contracts
public import Detection
public import Foundations
internal import Inference
internal import Policy

/// The registry that a run is pinned to: domain catalog, threshold profiles, Policy Manifest.
public struct Registry: Sendable {
    public let domains: DomainCatalog
    public let policy: PolicyManifest
    private let folder: String

    /// Reads `domains/catalog.json`, its lists, and the Policy Manifest of a registry folder.
    public init(folder: String) throws(SluiceError) {
        self.folder = folder
        guard Files.isDirectory(folder) else {
            throw SluiceError(.registryInvalid, "There is no registry at \(folder).")
        }
        policy = try PolicyManifest(file: Self.policyFile(folder))
        domains = try DomainCatalog(
            try Self.document("\(folder)/domains/catalog.json", .registryInvalid), lists: "\(folder)/domains/lists")
    }

    /// The default manifest of a registry folder; one that is older than version 1 has that of version 0.
    public static func policyFile(_ folder: String) -> String {
        let path = "\(folder)/policies/pm_default_v1.json"
        let old = "\(folder)/policies/pm_default_v0.json"
        return !Files.exists(path) && Files.exists(old) ? old : path
    }

    /// The names of its manifests, sorted: files of `policies` without `.json`.
    public func policyNames() throws(SluiceError) -> [String] {
        let names: [String]
        do { names = try Files.list("\(folder)/policies") } catch {
            throw SluiceError(.registryInvalid, "registry/policies cannot be read: \(error.reason).")
        }
        return names.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
    }

    /// One of its manifests, by its name or its `policy_version`; nil when there is none.
    public func policy(named word: String) throws(SluiceError) -> PolicyManifest? {
        let names = try policyNames()
        if names.contains(word) { return try PolicyManifest(file: "\(folder)/policies/\(word).json") }
        for name in names {
            let manifest = try PolicyManifest(file: "\(folder)/policies/\(name).json")
            if manifest.version == word { return manifest }
        }
        return nil
    }

    /// A threshold profile by id.
    public func thresholds(_ id: String) throws(SluiceError) -> ThresholdProfile {
        let known = id.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "_")
        }
        let path = "\(folder)/thresholds/\(id).json"
        guard known, Files.exists(path) else {
            throw SluiceError(
                .contractInvalid, "/threshold_profile_id: there is no profile of this name.",
                hint: "Use tp_default_v1, or add a profile to registry/thresholds.")
        }
        return try ThresholdProfile(try Self.document(path, .registryInvalid))
    }

    /// The dictionaries of names and places in `detection`; some tens of milliseconds.
    ///
    /// - Throws: `registry.invalid` when a file is missing or is no dictionary.
    public func lexicon() throws(SluiceError) -> Lexicon { try Self.lexicon(folder: "\(folder)/detection") }

    /// As above, from a folder with `Lexicon.files`.
    public static func lexicon(folder: String) throws(SluiceError) -> Lexicon {
        let hint = "Put the registry's folder detection back as it was installed, or mask with --structured."
        var files: [(name: String, bytes: [UInt8])] = []
        for name in Lexicon.files {
            do { files.append((name, try Files.read("\(folder)/\(name)", limit: 8 << 20))) } catch {
                throw SluiceError(
                    .registryInvalid, "detection/\(name) cannot be read: \(error.reason).", hint: hint)
            }
        }
        do { return try Lexicon(files) } catch {
            throw SluiceError(
                .registryInvalid, "detection/\(error.file), line \(error.line): \(error.reason).", hint: hint)
        }
    }

    /// The models that can be asked, with what a home adds or replaces.
    ///
    /// - Throws: `inference.registry`.
    func models(home: String) throws(SluiceError) -> ModelRegistry {
        try ModelRegistry(folder: "\(folder)/models", home: home)
    }

    /// Holds a contract's lists against the models that there are: one that is misspelt would keep nobody out.
    ///
    /// - Parameter names: of providers, which are passed over, and `provider:model`.
    /// - Throws: `inference.model` with the nearest three; `inference.registry`.
    public func require(models names: [String], home: String) throws(SluiceError) {
        let named = names.compactMap(ProviderName.model)
        guard !named.isEmpty else { return }
        let models = try models(home: home)
        for (provider, model) in named { _ = try models.model(model, provider: ProviderName.tag(provider)) }
    }

    /// A prompt template by id.
    ///
    /// - Throws: `inference.template` when it is missing or malformed.
    func prompt(_ id: String) throws(SluiceError) -> PromptTemplate {
        let template = try PromptTemplate(try Self.document("\(folder)/prompts/\(id).json", .inferenceTemplate))
        guard template.id == id else {
            throw SluiceError(.inferenceTemplate, "prompts/\(id).json is the template \(template.id).")
        }
        return template
    }

    private static func document(_ path: String, _ kind: ErrorKind) throws(SluiceError) -> JSON {
        let bytes: [UInt8]
        do { bytes = try Files.read(path, limit: 1 << 26) } catch {
            throw SluiceError(kind, "\(Files.name(of: path)) cannot be read: \(error.reason).")
        }
        return try JSONParser.parse(bytes, name: Files.name(of: path))
    }
}
