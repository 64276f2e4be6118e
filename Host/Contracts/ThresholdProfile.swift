public import Foundations

/// The thresholds of one profile (ROADMAP §29). Immutable within a run.
public struct ThresholdProfile: Sendable, Equatable {
    public let id: String
    /// At or above: assigned automatically.
    public let tauHigh: Double
    /// Below: unknown.
    public let tauLow: Double
    public let acceptRateMin: Double
    public let nearMatchWindow: Double
    public let nullRateMax: Double
    public let dupKeyRateMax: Double
    /// Rows a chunk.
    public let batchSize: Int
    public let validationChecks: [String]
    public let domainingTokens: Int64
    public let mappingTokens: Int64
    /// The most that a metric of a check plugin may be, by the plugin's id and the metric's name; the key is optional.
    public let pluginMaxima: [String: [String: Double]]
    public let json: JSON

    /// Of the rows that reach Migration, the share that may end in quarantine (ruling: 1 − accept_rate_min).
    public var errorBudget: Double { 1 - acceptRateMin }

    public init(_ document: JSON) throws(SluiceError) {
        let mistakes = MistakeList()
        let reader = JSONReader(document, mistakes: mistakes)
        let id = reader.text("profile_id")
        let domaining = reader.object("domaining")
        let tauHigh = domaining?.double("tau_high", in: 0...1)
        let tauLow = domaining?.double("tau_low", in: 0...1)
        domaining?.finish()
        let mapping = reader.object("mapping")
        let accept = mapping?.double("accept_rate_min", in: 0...1)
        let near = mapping?.double("near_match_window", in: 0...1)
        mapping?.finish()
        let analysis = reader.object("analysis")
        let nulls = analysis?.double("null_rate_max", in: 0...1)
        let duplicates = analysis?.double("dup_key_rate_max", in: 0...1)
        analysis?.finish()
        let migration = reader.object("migration")
        let batch = migration?.int("batch_size", in: 1...10_000_000)
        let checks = migration?.strings("validation_checks")
        for check in checks ?? [] where !["row_count", "checksum", "fk_check"].contains(check) {
            migration?.mistake("validation_checks", "\(check) is not one of row_count, checksum, fk_check")
        }
        if let checks, Set(checks).count != checks.count {
            migration?.mistake("validation_checks", "a check stands twice")
        }
        migration?.finish()
        let budgets = reader.object("budgets")
        let domainingBudget = budgets?.object("domaining")
        let domainingTokens = domainingBudget?.int("tokens", in: 0...1_000_000_000_000)
        domainingBudget?.finish()
        let mappingBudget = budgets?.object("mapping")
        let mappingTokens = mappingBudget?.int("tokens", in: 0...1_000_000_000_000)
        mappingBudget?.finish()
        budgets?.finish()
        var maxima: [String: [String: Double]] = [:]
        if let plugins = reader.object("plugins", required: false) {
            for id in plugins.keys {
                guard let metrics = plugins.object(id) else { continue }
                if !Self.isWord(id, more: "._-") { plugins.mistake(id, "is not the id of a plugin") }
                for metric in metrics.keys {
                    if !Self.isWord(metric, more: "_") { metrics.mistake(metric, "is not the name of a metric") }
                    maxima[id, default: [:]][metric] = metrics.double(metric, in: -1e300...1e300)
                }
            }
        }
        if let tauLow, let tauHigh, tauLow > tauHigh { domaining?.mistake("tau_low", "it is above tau_high") }
        reader.finish()
        try mistakes.raise(.registryInvalid, "The threshold profile")
        guard let id, let tauHigh, let tauLow, let accept, let near, let nulls, let duplicates, let batch, let checks,
            let domainingTokens, let mappingTokens
        else { throw SluiceError(.registryInvalid, "The threshold profile is incomplete.") }
        self.id = id
        self.tauHigh = tauHigh
        self.tauLow = tauLow
        acceptRateMin = accept
        nearMatchWindow = near
        nullRateMax = nulls
        dupKeyRateMax = duplicates
        batchSize = Int(batch)
        validationChecks = checks
        self.domainingTokens = domainingTokens
        self.mappingTokens = mappingTokens
        pluginMaxima = maxima
        json = document
    }

    /// Lower-case letters, digits and `more`, a letter first, at most 64.
    private static func isWord(_ text: String, more: String) -> Bool {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        guard let first = text.utf8.first, letters.contains(first), text.utf8.count <= 64 else { return false }
        return text.utf8.allSatisfy {
            letters.contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || more.utf8.contains($0)
        }
    }
}
