public import Foundations

/// The Policy Manifest, version 1: what the policy engine reads (docs/policy.md).
///
/// A malformed manifest is refused whole, and so is one that grants more than the tables of ROADMAP §§3 and 32. Manifests
/// of version 0, which lack `pii`, `previews`, `jurisdictions` and `egress.regions`, are read with the defaults of these.
public struct PolicyManifest: Sendable, Equatable {
    public let id: String
    public let version: String
    /// Mode → capability → value (ROADMAP §3).
    public let capabilities: [Mode: [String: JSON]]
    /// The same in words of `Capability.values`; what is not there is not granted.
    public let grants: [Mode: [Capability: Set<String>]]
    /// Role → action ids (ROADMAP §32).
    public let rights: [Role: Set<String>]
    /// Name in the operating system → role; the home's owner is Admin without being listed.
    public let users: [String: Role]
    public let providersAllowed: [String]
    public let providersDenied: [String]
    /// Endpoints that this home points elsewhere: plugin id → name of the endpoint → address.
    public let providerEndpoints: [String: [String: EndpointAddress]]
    /// The way out: denied but for what it names.
    public let egress: EgressRules
    /// Physical types whose columns may be opened when nothing speaks against it.
    public let openTypes: Set<String>
    public let listedCodesMaxDistinct: Int
    /// Integers with more digits stay masked.
    public let integerDigitsMax: Int
    public let pii: PIIRules
    /// Rows that must look alike before a preview shows them (k-anonymity).
    public let previewsK: Int
    /// Sorted by name.
    public let jurisdictions: [Jurisdiction]
    public let sampleRowsMax: Int64
    public let sampleBytesMax: Int64
    /// The most that a stage may spend, whatever a contract says.
    public let budgetCaps: RunContract.BudgetCaps
    /// Sandbox layers that every runner must have.
    public let isolationMinimum: [String]
    public let localOnlyOverrideRoles: Set<Role>
    public let json: JSON

    /// Layers of the sandbox that `isolation.minimum` may name.
    private static let layers = ["seccomp", "landlock", "rlimits", "namespaces"]
    /// Physical types that `masking.open_types` may name; text is none of them.
    private static let openable = ["bool", "int64", "float64", "date", "timestamp"]

    /// Reads a manifest.
    ///
    /// - Throws: `policy.manifest`, with every mistake by its JSON pointer.
    public init(_ document: JSON) throws(SluiceError) {
        let mistakes = MistakeList()
        // Null where a jurisdiction stood must not read as none.
        let reader = JSONReader(document, mistakes: mistakes, nullIsAbsent: false)
        let id = reader.text("policy_id")
        if let id, !Self.isID(id) {
            reader.mistake("policy_id", "a name of lower-case letters, digits and '_' is expected")
        }
        let version = reader.text("policy_version")
        if let version, !Self.isVersion(version) {
            reader.mistake("policy_version", "a version of three numbers such as 1.0.0 is expected")
        }
        let matrix = reader.object("capabilities")
        var capabilities: [Mode: [String: JSON]] = [:]
        var grants: [Mode: [Capability: Set<String>]] = [:]
        for mode in Mode.allCases {
            let members = matrix?.object(mode.rawValue)
            grants[mode] = PolicyTables.grants(members, mode)
            capabilities[mode] = document["capabilities"]?[mode.rawValue]?.objectValue ?? [:]
        }
        matrix?.finish()
        let roles = reader.strings("roles")
        if let roles, roles.count != Role.allCases.count || Set(roles) != Set(Role.allCases.map(\.rawValue)) {
            reader.mistake("roles", "the five roles of ROADMAP §32 are expected, each once")
        }
        let rbac = reader.object("rbac")
        var rights: [Role: Set<String>] = [:]
        for role in Role.allCases { rights[role] = PolicyTables.granted(rbac, role) }
        rbac?.finish()
        var users: [String: Role] = [:]
        if let listed = reader.object("users") {
            for name in listed.keys { users[name] = listed.choice(name, Role.self) }
        }
        let providers = reader.object("providers")
        let allowed = Self.names(providers, "allow")
        let denied = Self.names(providers, "deny")
        let pointed = providers?.object("endpoints", required: false)
        providers?.finish()
        let egress = EgressRules(reader.object("egress"))
        let endpoints = ProviderEndpoints.read(pointed, egress: egress)
        let masking = reader.object("masking")
        if masking?.string("default") != "mask" { masking?.mistake("default", "must be mask") }
        let openTypes = masking.map { PolicyTables.list($0, "open_types", of: Self.openable) } ?? []
        let codes = masking?.int("listed_codes_max_distinct", in: 0...10_000)
        let digits = masking?.int("integer_digits_max", in: 1...19)
        masking?.finish()
        let samples = reader.object("sample_caps")
        let rows = samples?.int("rows_max", in: 0...10_000_000)
        let bytes = samples?.int("bytes_max", in: 0...(1 << 40))
        samples?.finish()
        let budgets = reader.object("budget_caps")
        let tokens = budgets?.int("tokens", in: 0...1_000_000_000_000)
        let usd = budgets?.double("usd", in: 0...1e9)
        let wall = budgets?.double("wall_time_s", in: 0...1e9)
        budgets?.finish()
        let isolation = reader.object("isolation")
        let minimum = isolation.map { PolicyTables.list($0, "minimum", of: Self.layers) } ?? []
        isolation?.finish()
        let override = reader.object("local_only_override")
        let names = Role.allCases.map(\.rawValue)
        let overrideNames = override.map { PolicyTables.list($0, "roles", of: names) } ?? []
        let overrideRoles = Set(overrideNames.compactMap(Role.init(rawValue:)))
        for role in overrideRoles.sorted() where !PolicyTables.mayHold(role, "toggle_local_only_override") {
            override?.mistake(
                "roles",
                "\(role.rawValue) is more than ROADMAP §32 has in the row toggle_local_only_override: a manifest"
                    + " narrows the table, and never exceeds it")
        }
        override?.finish()
        let pii = PIIRules(reader.object("pii", required: false))
        let previews = reader.object("previews", required: false)
        let k = previews?.int("k", in: 2...10_000)
        previews?.finish()
        let jurisdictions = Jurisdiction.list(reader.object("jurisdictions", required: false))
        _ = reader.string("description", required: false)
        reader.finish()
        try mistakes.raise(.policyManifest, "The Policy Manifest")
        guard let id, let version, let codes, let digits, let rows, let bytes, let tokens, let usd, let wall
        else {
            throw SluiceError(.policyManifest, "The Policy Manifest is incomplete.")
        }
        self.id = id
        self.version = version
        self.capabilities = capabilities
        self.grants = grants
        self.rights = rights
        self.users = users
        providersAllowed = allowed
        providersDenied = denied
        providerEndpoints = endpoints
        self.egress = egress
        self.openTypes = Set(openTypes)
        listedCodesMaxDistinct = Int(codes)
        integerDigitsMax = Int(digits)
        self.pii = pii
        previewsK = k.map(Int.init) ?? 5
        self.jurisdictions = jurisdictions
        sampleRowsMax = rows
        sampleBytesMax = bytes
        budgetCaps = RunContract.BudgetCaps(tokens: tokens, usd: usd, wallTimeSeconds: wall)
        isolationMinimum = minimum
        localOnlyOverrideRoles = overrideRoles
        json = document
    }

    /// Reads a file.
    ///
    /// - Throws: `policy.manifest`; `json.invalid` for what is no JSON.
    public init(file path: String) throws(SluiceError) {
        let bytes: [UInt8]
        do { bytes = try Files.read(path, limit: 1 << 24) } catch {
            throw SluiceError(.policyManifest, "\(Files.name(of: path)) cannot be read: \(error.reason).")
        }
        try self.init(try JSONParser.parse(bytes, name: Files.name(of: path)))
    }

    /// What artifacts and events record: id, version and content hash in one text.
    public var reference: String { "\(id)@\(version)+\(json.canonicalHash.hex.prefix(12))" }

    /// `[a-z][a-z0-9_]*`.
    private static func isID(_ text: String) -> Bool {
        text.utf8.first.map { (97...122).contains($0) } == true
            && text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
    }

    /// Three numbers of at most nine digits, with dots between them and no leading zeros.
    private static func isVersion(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 3
            && parts.allSatisfy { part in
                (1...9).contains(part.utf8.count) && part.utf8.allSatisfy { (48...57).contains($0) }
                    && (part.utf8.count == 1 || part.utf8.first != 48)
            }
    }

    private static func names(_ reader: JSONReader?, _ key: String) -> [String] {
        let names = reader?.strings(key) ?? []
        if names.contains("") || Set(names).count != names.count {
            reader?.mistake(key, "names that are not empty are expected, each once")
        }
        return names
    }
}
