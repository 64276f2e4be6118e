/// Looks at masked batches and returns a bounded verdict.
///
/// The order of calls is `begin`, then `update` and `merge` in any number, then `verdict` or `state`; afterwards
/// `begin` may start anew. Calls to one instance are serial; only `cancel` may come from another thread.
public protocol Check: AnyObject {
    /// What every instance needs and may answer.
    static var declaration: CheckDeclaration { get }

    /// `config` is a JSON object, possibly empty.
    init(config: JSONObject, host: Host) throws(PluginFailure)

    /// Start over. The first field is `sluice.ordinal`, then c0, c1, … with their companions.
    func begin(fields: [ArrowField], parameters: CheckParameters) throws(PluginFailure)

    /// Take in one batch of the fields given to `begin`.
    func update(_ batch: ArrowBatchView) throws(PluginFailure)

    /// Add the state of another instance; the bytes are borrowed for the call.
    func merge(_ state: UnsafeRawBufferPointer) throws(PluginFailure)

    /// What was found.
    func verdict() throws(PluginFailure) -> CheckVerdict

    /// Everything that `merge` of another instance needs.
    func state() throws(PluginFailure) -> [UInt8]

    /// Ask the running call to return soon; any thread, must not block. `Host.isCancelled` tells the same.
    func cancel()
}

extension Check {
    public func cancel() {}
}

/// What a check needs, and the only codes and metrics it may answer with.
public struct CheckDeclaration: Equatable, Sendable {
    /// Companion columns wanted: key, shape, length, valid, bloom.
    public var companions: [String]
    public var reasonCodes: [String]
    public var metrics: [String]
    /// False: columns come as empty texts and nulls, which is all that some checks need.
    public var readsText: Bool
    /// True: only the columns of the key come.
    public var readsKeyAlone: Bool

    public init(
        companions: [String] = [], reasonCodes: [String], metrics: [String], readsText: Bool = true,
        readsKeyAlone: Bool = false
    ) {
        self.companions = companions
        self.reasonCodes = reasonCodes
        self.metrics = metrics
        self.readsText = readsText
        self.readsKeyAlone = readsKeyAlone
    }

    var json: JSONValue {
        [
            "companions": .array(companions.map { .string($0) }),
            "reason_codes": .array(reasonCodes.map { .string($0) }),
            "metrics": .array(metrics.map { .string($0) }), "reads": .string(readsText ? "text" : "validity"),
            "columns": .string(readsKeyAlone ? "key" : "all"),
        ]
    }
}

/// What the host tells a check about the columns, and the thresholds that hold.
public struct CheckParameters: Equatable, Sendable {
    /// One column of the table under check.
    public struct Column: Equatable, Sendable {
        /// c0, c1, …
        public var id: String
        public var isNullable: Bool
        public var isKey: Bool

        public init(id: String, isNullable: Bool = true, isKey: Bool = false) {
            self.id = id
            self.isNullable = isNullable
            self.isKey = isKey
        }
    }

    public var columns: [Column]
    /// Named numbers of the threshold profile, such as `null_rate_max`.
    public var thresholds: JSONObject

    public init(columns: [Column], thresholds: JSONObject = JSONObject()) {
        self.columns = columns
        self.thresholds = thresholds
    }

    /// Read `params_json`; absent `nullable` means true, absent `key` false, and unknown keys are ignored.
    public init(_ json: JSONValue) throws(PluginFailure) {
        let broken = PluginFailure(message: "The parameters of the check are malformed.")
        guard let object = json.object else { throw broken }
        columns = []
        thresholds = JSONObject()
        if let value = object["columns"], !value.isNull {
            guard let entries = value.array else { throw broken }
            for entry in entries {
                guard let id = entry["id"]?.string else { throw broken }
                columns.append(
                    Column(id: id, isNullable: entry["nullable"]?.bool ?? true, isKey: entry["key"]?.bool ?? false))
            }
        }
        if let value = object["thresholds"], !value.isNull {
            guard let members = value.object else { throw broken }
            thresholds = members
        }
    }
}

/// A bounded verdict: numbers, declared codes and row ordinals, never a value.
public struct CheckVerdict: Equatable, Sendable {
    /// One finding about one column, several, or the table.
    public struct Finding: Equatable, Sendable {
        public var column: String?
        public var columns: [String]?
        public var metric: String
        public var value: Double
        public var count: UInt64
        public var reasonCode: String
        /// Row ordinals, of which the first 100 are sent.
        public var ordinals: [Int64]

        public init(
            column: String?, columns: [String]? = nil, metric: String, value: Double, count: UInt64,
            reasonCode: String, ordinals: [Int64] = []
        ) {
            self.column = column
            self.columns = columns
            self.metric = metric
            self.value = value
            self.count = count
            self.reasonCode = reasonCode
            self.ordinals = ordinals
        }
    }

    public var rows: UInt64
    public var findings: [Finding]

    public init(rows: UInt64, findings: [Finding]) {
        self.rows = rows
        self.findings = findings
    }

    var json: JSONValue {
        let list = findings.map { finding -> JSONValue in
            var object = JSONObject()
            object["column"] = finding.column.map { .string($0) } ?? .null
            if let columns = finding.columns { object["columns"] = .array(columns.map { .string($0) }) }
            object["metric"] = .string(finding.metric)
            object["value"] = .double(finding.value)
            object["count"] = .int(Int64(clamping: finding.count))
            object["reason_code"] = .string(finding.reasonCode)
            object["ordinals"] = .array(finding.ordinals.prefix(100).map { .int($0) })
            return .object(object)
        }
        return ["rows": .int(Int64(clamping: rows)), "findings": .array(list)]
    }
}
