public import Foundations
internal import PluginHost

/// What came of one call, in words that can be compared between providers.
public struct SituationOutcome: Sendable, Equatable {
    /// In this order; absent ones do not apply.
    public static let names = [
        "outcome", "scope", "reason", "retry", "fallback", "retry_after", "finish", "text", "usage", "parameters",
        "tier", "vectors", "state", "results",
    ]

    /// By the names above.
    public private(set) var fields: [String: String]

    init(_ fields: [String: String?]) { self.fields = fields.compactMapValues { $0 } }

    /// Fields in which two outcomes differ, in order; a field that only one of them has is different.
    public func differences(from other: SituationOutcome) -> [String] {
        Self.names.filter { fields[$0] != other.fields[$0] }
    }

    public var json: JSON { .object(fields.mapValues { .string($0) }) }

    /// The most telling words: `RATE_LIMIT model rate_limit`, `answer stop`.
    public var summary: String {
        ["outcome", "scope", "reason", "finish", "state"].compactMap { fields[$0] }.joined(separator: " ")
    }

    /// A plugin that cannot be called at all.
    static func broken(_ error: SluiceError) -> SituationOutcome {
        SituationOutcome(["outcome": "\(error.code) \(error.detail)"])
    }
}

extension SituationOutcome {
    /// As the catalogue says it.
    ///
    /// - Parameter isEmbedding: a failed call for vectors is an error of the ABI, which has neither scope nor reason.
    init?(expected json: JSON, isEmbedding: Bool = false) {
        guard let outcome = json["outcome"]?.stringValue else { return nil }
        // A batch that failed as a whole says why.
        if let failure = json["failure"], let state = json["state"]?.stringValue {
            self.init(expected: failure)
            fields["state"] = state
            return
        }
        var text = json["text"]?.stringValue
        if let repeated = json["text"]?["repeat"]?.stringValue, let times = json["text"]?["times"]?.intValue {
            text = String(repeating: repeated, count: Int(times))
        }
        self.init([
            "outcome": outcome, "scope": isEmbedding ? nil : json["scope"]?.stringValue,
            "reason": isEmbedding ? nil : json["reason"]?.stringValue,
            "retry": json["retry"]?.boolValue.map(Self.yes), "fallback": json["fallback"]?.boolValue.map(Self.yes),
            "retry_after": json["retry_after_ms"]?.intValue.map { Self.wait(UInt64($0)) },
            "finish": json["finish"]?.stringValue, "text": text.map(Self.short),
            "usage": json["usage"].flatMap(Self.usage),
            "parameters": json["parameters"]?.arrayValue.map { Self.list($0.compactMap(\.stringValue)) },
            "tier": json["tier"]?.stringValue,
            "vectors": json["vectors"]?.arrayValue.map { rows in
                Self.vectors(rows.map { ($0.arrayValue ?? []).map { Float($0.doubleValue ?? .nan) } })
            },
            "state": json["state"]?.stringValue,
            "results": json["results"]?.objectValue.map { Self.results($0.mapValues { $0.stringValue ?? "" }) },
        ])
    }

    init(_ failure: ProviderFailure) {
        self.init([
            "outcome": failure.code.description, "scope": failure.scope.rawValue, "reason": failure.reason,
            "retry": Self.yes(Self.mayRetry(failure.code)), "fallback": Self.yes(failure.code.allowsFallback),
            "retry_after": failure.retryAfterMilliseconds.map(Self.wait),
        ])
    }

    /// A failed call for vectors: an error of the ABI, which has no scope.
    init(embedding error: SluiceError) {
        self.init([
            "outcome": error.code.description, "retry": Self.yes(Self.mayRetry(error.code)),
            "fallback": Self.yes(error.code.allowsFallback),
            "retry_after": error.retryAfterMilliseconds.map(Self.wait),
        ])
    }

    init(vectors: [[Float]]) { self.init(["outcome": "answer", "vectors": Self.vectors(vectors)]) }

    /// - Parameter asked: the names of the parameters that were asked for and whose fate must be told; nil: of none.
    init(_ answer: ModelAnswer, asked: [String]?) {
        let usage = answer.usage.map { usage -> JSON in
            [
                "input": JSON(usage.input), "cached_input": JSON(usage.cachedInput),
                "cache_writes": JSON(usage.cacheWrites), "output": JSON(usage.output),
                "reasoning": JSON(usage.reasoning),
            ]
        }
        self.init([
            "outcome": "answer", "finish": answer.finish.rawValue, "text": Self.short(answer.text),
            "usage": usage.flatMap(Self.usage),
            "parameters": asked.map { names in Self.list(names.filter { answer.treatments[$0] != nil }) },
            "tier": answer.tier.flatMap { $0 == .standard ? nil : $0.rawValue },
        ])
    }

    init(_ batch: ModelBatch) {
        let results = batch.results.mapValues { result -> String in
            switch result {
            case .success: "answer"
            case .failure(let failure): failure.code.description
            }
        }
        guard let failure = batch.failure else {
            self.init(["outcome": "batch", "state": batch.phase.rawValue, "results": Self.results(results)])
            return
        }
        self.init(failure)
        fields["state"] = batch.phase.rawValue
    }

    /// The text of an answer against the schema that it was asked to satisfy: DSL_REJECT as the host says it.
    init?(schema: JSONSchema?, text: String) {
        guard let schema else { return nil }
        if let json = try? JSONParser.parseBytes(Array(text.utf8)), schema.isValid(json) { return nil }
        self.init(ProviderFailure(.dslReject, reason: "schema", message: ""))
    }

    /// ROADMAP §31; a quota that is used up is not asked again blindly.
    private static func mayRetry(_ code: SluiceError.Code) -> Bool { code.isTransient && code != .quotaExhausted }

    private static func yes(_ value: Bool) -> String { value ? "yes" : "no" }

    /// A minute and more is told to ten seconds: dates in headers have whole ones, and time passes.
    private static func wait(_ milliseconds: UInt64) -> String {
        milliseconds < 60_000 ? "\(milliseconds) ms" : "\((milliseconds + 5000) / 10_000 * 10) s"
    }

    /// A long text by its ends, its length and its hash.
    private static func short(_ text: String) -> String {
        guard text.utf8.count > 160 else { return text }
        let hash = SHA256.hash(Array(text.utf8)).hex.prefix(16)
        return "\(text.prefix(20))… (\(text.utf8.count) bytes, \(hash))"
    }

    private static func usage(_ json: JSON) -> String? {
        json.objectValue.map { members in
            ["input", "cached_input", "cache_writes", "output", "reasoning"].map { name in
                "\(name) \(members[name]?.intValue ?? 0)"
            }.joined(separator: ", ")
        }
    }

    private static func list(_ names: [String]) -> String { names.sorted().joined(separator: " ") }

    private static func vectors(_ rows: [[Float]]) -> String {
        rows.map { row in row.map { JSON.ecmaScript(Double($0)) }.joined(separator: " ") }.joined(separator: "; ")
    }

    private static func results(_ results: [String: String]) -> String {
        results.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
}
