public import Foundations

/// The Policy Manifest, version 0: what the policy engine reads. Malformed manifests are refused whole.
public struct PolicyManifest: Sendable, Equatable {
    public let id: String
    public let version: String
    /// Mode → capability → value (ROADMAP §3).
    public let capabilities: [Mode: [String: JSON]]
    /// Role → action ids (ROADMAP §32).
    public let rights: [Role: Set<String>]
    /// Name in the operating system → role; the home's owner is Admin without being listed.
    public let users: [String: Role]
    public let providersAllowed: [String]
    public let providersDenied: [String]
    /// The way out: denied but for what it names.
    public let egress: EgressRules
    /// Physical types whose columns may be opened when nothing speaks against it.
    public let openTypes: Set<String>
    public let listedCodesMaxDistinct: Int
    /// Integers with more digits stay masked.
    public let integerDigitsMax: Int
    public let sampleRowsMax: Int64
    public let sampleBytesMax: Int64
    /// Sandbox layers that every runner must have.
    public let isolationMinimum: [String]
    public let localOnlyOverrideRoles: Set<Role>
    public let json: JSON

    public init(_ document: JSON) throws(SluiceError) {
        let mistakes = MistakeList()
        let reader = JSONReader(document, mistakes: mistakes)
        let id = reader.text("policy_id")
        let version = reader.text("policy_version")
        let matrix = reader.object("capabilities")
        var capabilities: [Mode: [String: JSON]] = [:]
        for mode in Mode.allCases { capabilities[mode] = matrix?.members(mode.rawValue) ?? [:] }
        matrix?.finish()
        let roles = reader.strings("roles")
        if let roles, Set(roles) != Set(Role.allCases.map(\.rawValue)) {
            reader.mistake("roles", "the five roles of ROADMAP §32 are expected")
        }
        let rbac = reader.object("rbac")
        var rights: [Role: Set<String>] = [:]
        for role in Role.allCases { rights[role] = Set(rbac?.strings(role.rawValue) ?? []) }
        rbac?.finish()
        var users: [String: Role] = [:]
        if let listed = reader.object("users") {
            for name in listed.keys { users[name] = listed.choice(name, Role.self) }
        }
        let providers = reader.object("providers")
        let allowed = providers?.strings("allow") ?? []
        let denied = providers?.strings("deny") ?? []
        providers?.finish()
        let egress = EgressRules(reader.object("egress"))
        let masking = reader.object("masking")
        if masking?.string("default") != "mask" { masking?.mistake("default", "must be mask") }
        let openTypes = Set(masking?.strings("open_types") ?? [])
        let codes = masking?.int("listed_codes_max_distinct", in: 0...10_000)
        let digits = masking?.int("integer_digits_max", in: 1...19)
        masking?.finish()
        let samples = reader.object("sample_caps")
        let rows = samples?.int("rows_max", in: 0...10_000_000)
        let bytes = samples?.int("bytes_max", in: 0...(1 << 40))
        samples?.finish()
        let budgets = reader.object("budget_caps")
        _ = budgets?.int("tokens", in: 0...1_000_000_000_000)
        _ = budgets?.double("usd", in: 0...1e9)
        _ = budgets?.double("wall_time_s", in: 0...1e9)
        budgets?.finish()
        let isolation = reader.object("isolation")
        let minimum = isolation?.strings("minimum") ?? []
        isolation?.finish()
        let override = reader.object("local_only_override")
        let overrideNames = override?.strings("roles") ?? []
        let overrideRoles = Set(overrideNames.compactMap(Role.init(rawValue:)))
        if overrideRoles.count != overrideNames.count {
            override?.mistake("roles", "roles of ROADMAP §32 are expected, each once")
        }
        override?.finish()
        _ = reader.string("description", required: false)
        reader.finish()
        try mistakes.raise(.policyManifest, "The Policy Manifest")
        guard let id, let version, let codes, let digits, let rows, let bytes else {
            throw SluiceError(.policyManifest, "The Policy Manifest is incomplete.")
        }
        self.id = id
        self.version = version
        self.capabilities = capabilities
        self.rights = rights
        self.users = users
        providersAllowed = allowed
        providersDenied = denied
        self.egress = egress
        self.openTypes = openTypes
        listedCodesMaxDistinct = Int(codes)
        integerDigitsMax = Int(digits)
        sampleRowsMax = rows
        sampleBytesMax = bytes
        isolationMinimum = minimum
        localOnlyOverrideRoles = overrideRoles
        json = document
    }

    /// What artifacts and events record: id, version and content hash in one text.
    public var reference: String { "\(id)@\(version)+\(json.canonicalHash.hex.prefix(12))" }
}
