public import Contracts
public import Foundations

/// What an answer of a provider depends on: every field of ROADMAP §19. An entry of the cache is named by its SHA-256.
///
/// Prompts are in it by hash alone. Two keys that differ in any field name two entries.
public struct ResponseKey: Sendable, Equatable {
    /// Versions of what the request was made from (ROADMAP §36: the salt of the key).
    public struct Versions: Sendable, Equatable {
        /// The run's catalog artifact; nil before there is one.
        public var catalog: SHA256.Digest?
        /// The mapping plan that the request builds on; nil when it builds on none.
        public var mapping: SHA256.Digest?
        /// The domain catalog, version and hash.
        public var domains: String
        /// The threshold profile, id and hash.
        public var thresholds: String
        /// The Policy Manifest, id, version and hash.
        public var policy: String
        /// The prompt template, `id@version+hash`; nil for a request that was made from none.
        public var template: String?

        public init(
            catalog: SHA256.Digest?, mapping: SHA256.Digest?, domains: String, thresholds: String, policy: String,
            template: String? = nil
        ) {
            self.catalog = catalog
            self.mapping = mapping
            self.domains = domains
            self.thresholds = thresholds
            self.policy = policy
            self.template = template
        }

        var json: JSON {
            .members([
                "catalog": JSON(catalog?.hex), "mapping": JSON(mapping?.hex), "domains": .string(domains),
                "thresholds": .string(thresholds), "policy": .string(policy), "template": template.map(JSON.string),
            ])
        }
    }

    /// What is asked for: `embed` or `infer`.
    public var operation: String
    /// The plugin's id.
    public var provider: String
    public var providerVersion: String
    /// SHA-256 of the library that answers.
    public var providerBinary: SHA256.Digest
    /// Its name, and the hashes of the weights where they are known.
    public var model: String
    public var parameters: JSON
    public var systemPromptHash: SHA256.Digest
    /// Of the prompt, or of the canonical array of texts.
    public var userPromptHash: SHA256.Digest
    public var lane: Lane
    public var mode: Mode
    /// The PII flag: `pii_policy` of the contract.
    public var maskBeforeSend: Bool
    public var localOnlyOverride: Bool
    public var scope: RunContract.CacheScope
    public var versions: Versions
    public var locale: String

    public init(
        operation: String, provider: String, providerVersion: String, providerBinary: SHA256.Digest, model: String,
        parameters: JSON, systemPromptHash: SHA256.Digest, userPromptHash: SHA256.Digest, lane: Lane, mode: Mode,
        maskBeforeSend: Bool, localOnlyOverride: Bool, scope: RunContract.CacheScope, versions: Versions,
        locale: String
    ) {
        self.operation = operation
        self.provider = provider
        self.providerVersion = providerVersion
        self.providerBinary = providerBinary
        self.model = model
        self.parameters = parameters
        self.systemPromptHash = systemPromptHash
        self.userPromptHash = userPromptHash
        self.lane = lane
        self.mode = mode
        self.maskBeforeSend = maskBeforeSend
        self.localOnlyOverride = localOnlyOverride
        self.scope = scope
        self.versions = versions
        self.locale = locale
    }

    public var json: JSON {
        [
            "key_version": 1, "operation": .string(operation),
            "provider": [
                "id": .string(provider), "version": .string(providerVersion), "sha256": .string(providerBinary.hex),
            ],
            "model": .string(model), "parameters": parameters,
            "prompt_hashes": ["system": .string(systemPromptHash.hex), "user": .string(userPromptHash.hex)],
            "lane": .string(lane.rawValue), "mode": .string(mode.rawValue),
            "pii": ["mask_before_send": .bool(maskBeforeSend), "local_only_override": .bool(localOnlyOverride)],
            "scope": scope.json, "versions": versions.json, "locale": .string(locale),
        ]
    }

    /// SHA-256 of the canonical JSON (RFC 8785).
    public var digest: SHA256.Digest { json.canonicalHash }
}
