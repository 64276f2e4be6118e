public import Foundations

/// The contract of one run: every key of ROADMAP §28, validated as a whole.
///
/// Besides the table's keys it may carry `mapping_plan` (§27), and `created_at` (RFC 3339) and `idempotency_key`, from
/// which `run_id` is derived when it is not given: the same request again is the same run.
public struct RunContract: Sendable, Equatable {
    /// One side: `{source:{type}, location, schema_ref}`.
    public struct Side: Sendable, Equatable {
        public let location: DataLocation
        public let schemaReference: String?
        public let secretReference: String?
    }

    public struct BudgetCaps: Sendable, Equatable {
        public let tokens: Int64
        public let usd: Double
        public let wallTimeSeconds: Double
    }

    public struct SampleCaps: Sendable, Equatable {
        public let rowsMax: Int64
        public let bytesMax: Int64
    }

    /// What answers of providers may be shared with: other runs that name the same run, tab and filters.
    public struct CacheScope: Sendable, Equatable {
        public var run: String?
        public var tab: String?
        /// An object.
        public var filters: JSON

        public init(run: String?, tab: String?, filters: JSON) {
            self.run = run
            self.tab = tab
            self.filters = filters
        }

        public var json: JSON { ["run": JSON(run), "tab": JSON(tab), "filters": filters] }
    }

    public struct Actor: Sendable, Equatable {
        public let userID: String
        public let role: Role

        public init(userID: String, role: Role) {
            self.userID = userID
            self.role = role
        }
    }

    public let runID: ULID
    public let roadmapVersion: String
    public let mode: Mode
    public let laneHint: Lane?
    public let lhs: Side
    public let rhs: Side
    public let maskBeforeSend: Bool
    public let localOnlyOverride: Bool
    public let budgetCaps: BudgetCaps
    public let routingProfile: RoutingProfile
    public let providerAllowlist: [String]?
    public let providerDenylist: [String]?
    public let thresholdProfileID: String
    public let dslVersion: String
    public let sampleCaps: SampleCaps?
    public let cacheScope: CacheScope
    public let humanConfirmRequired: Bool
    public let actor: Actor
    public let auditTags: [String]
    /// The Mapping Plan of another run that Mapping takes instead of proposing one; nil to propose.
    public let mappingPlan: SHA256.Digest?
    /// The document with its defaults and `run_id` filled in, which is what is stored.
    public let json: JSON

    /// SHA-256 of the canonical document, defaults filled in, without `run_id` and `idempotency_key` (rulings 3 and 4).
    public var hash: SHA256.Digest { Self.hash(of: json) }

    /// The hash of a stored document, which need not be a valid contract.
    public static func hash(of document: JSON) -> SHA256.Digest {
        var members = document.objectValue ?? [:]
        members["run_id"] = nil
        members["idempotency_key"] = nil
        return JSON.object(members).canonicalHash
    }

    /// Validates a document.
    ///
    /// - Throws: `contract.invalid` that names every mistake by JSON pointer; `contract.password`.
    public init(_ document: JSON) throws(SluiceError) {
        let mistakes = MistakeList()
        let reader = JSONReader(document, mistakes: mistakes)
        let runID = reader.string("run_id", required: false).flatMap { text -> ULID? in
            let parsed = ULID(text)
            if parsed == nil { reader.mistake("run_id", "a ULID of 26 characters is expected") }
            return parsed
        }
        let created = reader.string("created_at", required: false).flatMap { text -> Int64? in
            let parsed = CivilTime.milliseconds(rfc3339: text)
            if parsed == nil || parsed ?? 0 < 0 {
                reader.mistake("created_at", "a time like 2026-01-31T12:00:00Z is expected")
            }
            return parsed
        }
        let idempotencyKey = reader.text("idempotency_key", required: false)
        let roadmapVersion = reader.string("roadmap_version")
        if let roadmapVersion {
            Self.check(version: roadmapVersion, against: Versions.roadmap, "roadmap_version", reader)
        }
        let mode = reader.choice("mode", Mode.self)
        let laneHint = reader.choice("lane_hint", Lane.self, required: false)
        let lhs = try Self.side("lhs", reader)
        let rhs = try Self.side("rhs", reader)
        let pii = reader.object("pii_policy")
        let mask = pii?.bool("mask_before_send")
        let localOnly = pii?.bool("local_only_override")
        pii?.finish()
        let budgets = reader.object("budget_caps")
        let tokens = budgets?.int("tokens", in: 0...1_000_000_000_000)
        let usd = budgets?.double("usd", in: 0...1e9)
        let wall = budgets?.double("wall_time_s", in: 0.001...1e9)
        budgets?.finish()
        let routing =
            reader.value("routing_profile", required: false) == nil
            ? RoutingProfile.qualityFirst : reader.choice("routing_profile", RoutingProfile.self)
        let allow = reader.strings("provider_allowlist", required: false)
        let deny = reader.strings("provider_denylist", required: false)
        let thresholds = reader.text("threshold_profile_id")
        let dsl = reader.string("dsl_version")
        if let dsl { Self.check(version: dsl, against: Versions.dsl, "dsl_version", reader) }
        let samples = reader.object("sample_caps", required: mode == .dataMode)
        let rowsMax = samples?.int("rows_max", in: 1...10_000_000)
        let bytesMax = samples?.int("bytes_max", in: 1...(1 << 40))
        samples?.finish()
        let scope = reader.object("cache_scope")
        for key in ["run", "tab"] where scope?.value(key) != .null { _ = scope?.string(key, required: false) }
        _ = scope?.object("filters")
        scope?.finish()
        let confirm = reader.bool("human_confirm_required")
        let actor = reader.object("rbac_actor")
        let user = actor?.text("user_id")
        let role = actor?.choice("role", Role.self)
        actor?.finish()
        let tags = reader.strings("audit_tags", required: false)
        let plan = reader.string("mapping_plan", required: false).flatMap { text -> SHA256.Digest? in
            let hash = SHA256.Digest(hex: text)
            if hash?.hex == text { return hash }
            reader.mistake("mapping_plan", "the hash of a Mapping Plan, 64 lower-case hexadecimal digits, is expected")
            return nil
        }
        reader.finish()
        try mistakes.raise(.contractInvalid, "The Run Contract")
        // Without mistakes every required value was read; the guard states it for the compiler.
        guard let roadmapVersion, let mode, let lhs, let rhs, let mask, let localOnly, let tokens, let usd, let wall,
            let routing, let thresholds, let dsl, let confirm, let user, let role
        else { throw SluiceError(.contractInvalid, "The Run Contract is incomplete.") }
        guard case .object(var members) = document else {
            throw SluiceError(.contractInvalid, "The Run Contract is not an object.")
        }
        members["routing_profile"] = .string(routing.rawValue)
        let identity =
            runID ?? Self.deriveRunID(.object(members), created: created ?? 0, idempotencyKey: idempotencyKey)
        self.runID = identity
        self.roadmapVersion = roadmapVersion
        self.mode = mode
        self.laneHint = laneHint
        self.lhs = lhs
        self.rhs = rhs
        maskBeforeSend = mask
        localOnlyOverride = localOnly
        budgetCaps = BudgetCaps(tokens: tokens, usd: usd, wallTimeSeconds: wall)
        routingProfile = routing
        providerAllowlist = allow
        providerDenylist = deny
        thresholdProfileID = thresholds
        dslVersion = dsl
        sampleCaps = rowsMax.flatMap { rows in bytesMax.map { SampleCaps(rowsMax: rows, bytesMax: $0) } }
        let scoped = members["cache_scope"]
        cacheScope = CacheScope(
            run: scoped?["run"]?.stringValue, tab: scoped?["tab"]?.stringValue, filters: scoped?["filters"] ?? [:])
        humanConfirmRequired = confirm
        self.actor = Actor(userID: user, role: role)
        auditTags = tags ?? []
        mappingPlan = plan
        members["run_id"] = .string(identity.description)
        json = .object(members)
    }

    /// Time from `created_at`, the rest from the contract hash and the idempotency key.
    static func deriveRunID(_ document: JSON, created: Int64, idempotencyKey: String?) -> ULID {
        let seed = hash(of: document).bytes + Array((idempotencyKey ?? "").utf8)
        return ULID(milliseconds: UInt64(max(0, created)), random: Array(SHA256.hash(seed).bytes.prefix(10)))
    }

    private static func side(_ key: String, _ reader: JSONReader) throws(SluiceError) -> Side? {
        guard let side = reader.object(key) else { return nil }
        let source = side.object("source")
        let type = source?.text("type")
        source?.finish()
        let uri = side.text("location")
        let schema = side.text("schema_ref", required: false)
        let secret = side.text("secret_ref", required: false)
        if let secret, !["env:", "file:", "store:"].contains(where: { secret.hasPrefix($0) }) {
            side.mistake("secret_ref", "env:NAME, file:PATH or store:NAME is expected")
        }
        side.finish()
        if let type, type != "file" && type != "sql" { source?.mistake("type", "one of file, sql is expected") }
        guard let uri else { return nil }
        let location: DataLocation
        do { location = try DataLocation(uri: uri) } catch {
            if error.detail == ErrorKind.contractPassword.id { throw error }
            side.mistake("location", error.message)
            return nil
        }
        if let type, type != location.scheme.sourceType {
            source?.mistake("type", "\(location.scheme.name): is a \(location.scheme.sourceType) source")
        }
        return Side(location: location, schemaReference: schema, secretReference: secret)
    }

    /// The same major version, and not newer than what this program knows.
    private static func check(version: String, against known: String, _ key: String, _ reader: JSONReader) {
        func parts(_ text: String) -> [Int]? {
            let numbers = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
            let whole = numbers.compactMap { $0 }
            return numbers.count == 3 && whole.count == 3 && whole.allSatisfy { $0 >= 0 } ? whole : nil
        }
        guard let asked = parts(version), let have = parts(known) else {
            return reader.mistake(key, "a version like 1.1.0 is expected")
        }
        if asked[0] != have[0] || asked.lexicographicallyPrecedes([have[0]]) || have.lexicographicallyPrecedes(asked) {
            reader.mistake(key, "this program implements \(known)")
        }
    }
}
