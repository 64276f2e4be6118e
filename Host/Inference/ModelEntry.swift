internal import Foundations
public import PluginHost

/// One model of one provider, as the model registry describes it (ROADMAP §15; docs/routing.md). What nobody knows is nil.
public struct ModelEntry: Sendable, Equatable {
    public enum Modality: String, Sendable, CaseIterable {
        case text, embedding
    }

    /// What a provider does about a JSON schema: keeps the answer to it, to JSON alone, or nothing.
    public enum SchemaOutput: String, Sendable, CaseIterable {
        case native, json, none
    }

    /// As policy names it, such as `openai`.
    public var provider: String
    /// As the provider names it.
    public var id: String
    /// Other names of the same model at the same provider.
    public var aliases: [String]
    /// 0 to 1: our own rank of it, no measurement.
    public var quality: Double
    public var firstTokenMilliseconds: Double?
    public var tokensPerSecond: Double?
    public var price: Price?
    /// What may be sent and answered together at `price`; nil where there is no window, or none is known.
    public var contextTokens: Int?
    public var maxOutputTokens: Int?
    public var modalities: Set<Modality>
    public var license: String?
    public var residency: String?
    public var tiers: Set<ModelRequest.Tier>
    /// Whether the provider takes batches for it.
    public var hasBatches: Bool
    public var schemaOutput: SchemaOutput
    /// A family, such as `o200k`: token estimates are calibrated by it.
    public var tokenizer: String
    /// The day for which the prices hold, `YYYY-MM-DD`.
    public var asOf: String
    public var note: String?

    public init(
        provider: String, id: String, aliases: [String] = [], quality: Double, firstTokenMilliseconds: Double? = nil,
        tokensPerSecond: Double? = nil, price: Price?, contextTokens: Int?, maxOutputTokens: Int? = nil,
        modalities: Set<Modality> = [.text], license: String? = nil, residency: String? = nil,
        tiers: Set<ModelRequest.Tier> = [.standard], hasBatches: Bool = false, schemaOutput: SchemaOutput = .native,
        tokenizer: String, asOf: String, note: String? = nil
    ) {
        self.provider = provider
        self.id = id
        self.aliases = aliases
        self.quality = quality
        self.firstTokenMilliseconds = firstTokenMilliseconds
        self.tokensPerSecond = tokensPerSecond
        self.price = price
        self.contextTokens = contextTokens
        self.maxOutputTokens = maxOutputTokens
        self.modalities = modalities
        self.license = license
        self.residency = residency
        self.tiers = tiers
        self.hasBatches = hasBatches
        self.schemaOutput = schemaOutput
        self.tokenizer = tokenizer
        self.asOf = asOf
        self.note = note
    }

    /// `provider:model`, as lists and ledgers name it.
    public var tag: String { "\(provider):\(id)" }

    /// Its id and its aliases.
    public var names: [String] { [id] + aliases }
}

extension ModelEntry {
    /// Reads an element of `models`; mistakes go to the reader's list.
    init?(_ reader: JSONReader, provider: String, asOf: String) {
        let id = Self.name(reader, "id")
        let aliases = reader.strings("aliases") ?? []
        for alias in aliases where !Self.isName(alias) {
            reader.mistake("aliases", "\(alias.debugDescription) is no name")
        }
        let quality = reader.double("quality", in: 0...1)
        let latency = Self.latency(reader)
        let price = Self.price(reader)
        let context = Self.count(reader, "context_tokens")
        let output = Self.count(reader, "max_output_tokens")
        let modalities = Self.set(reader, "modality", Modality.self)
        let license = Self.text(reader, "license")
        let residency = Self.text(reader, "residency")
        let tiers = Self.set(reader, "tiers", ModelRequest.Tier.self)
        if !tiers.contains(.standard) { reader.mistake("tiers", "standard is missing") }
        let hasBatches = reader.bool("batch")
        let schemaOutput = reader.choice("schema_output", SchemaOutput.self)
        let tokenizer = reader.text("tokenizer")
        let note = reader.text("note", required: false)
        reader.finish()
        guard let id, let quality, let hasBatches, let schemaOutput, let tokenizer else { return nil }
        self.init(
            provider: provider, id: id, aliases: aliases, quality: quality, firstTokenMilliseconds: latency.first,
            tokensPerSecond: latency.speed, price: price, contextTokens: context, maxOutputTokens: output,
            modalities: modalities, license: license, residency: residency, tiers: tiers, hasBatches: hasBatches,
            schemaOutput: schemaOutput, tokenizer: tokenizer, asOf: asOf, note: note)
    }

    /// Letters, digits and `. _ : / @ + -`, at most 128, the first a letter or a digit.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 128 else { return false }
        func isPlain(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"):
                true
            default: false
            }
        }
        return isPlain(first) && text.utf8.allSatisfy { isPlain($0) || "._:/@+-".utf8.contains($0) }
    }

    private static func name(_ reader: JSONReader, _ key: String) -> String? {
        guard let text = reader.string(key) else { return nil }
        guard isName(text) else {
            reader.mistake(key, "a name is expected: letters, digits and . _ : / @ + -, at most 128")
            return nil
        }
        return text
    }

    /// A member that has to be there, and may be null.
    private static func known(_ reader: JSONReader, _ key: String) -> Bool {
        guard let value = reader.value(key) else { return false }
        return value != .null
    }

    private static func count(_ reader: JSONReader, _ key: String) -> Int? {
        known(reader, key) ? reader.int(key, in: 1...1_000_000_000).map(Int.init) : nil
    }

    private static func text(_ reader: JSONReader, _ key: String) -> String? {
        known(reader, key) ? reader.text(key) : nil
    }

    private static func latency(_ reader: JSONReader) -> (first: Double?, speed: Double?) {
        guard let latency = reader.object("latency") else { return (nil, nil) }
        let first = known(latency, "first_token_ms") ? latency.double("first_token_ms", in: 0...3_600_000) : nil
        let speed = known(latency, "tokens_per_s") ? latency.double("tokens_per_s", in: 0.001...1_000_000) : nil
        latency.finish()
        return (first, speed)
    }

    private static func set<T: RawRepresentable & CaseIterable & Hashable>(
        _ reader: JSONReader, _ key: String, _: T.Type
    ) -> Set<T> where T.RawValue == String {
        var found: Set<T> = []
        for word in reader.strings(key) ?? [] {
            guard let value = T(rawValue: word) else {
                reader.mistake(
                    key, "\(word.debugDescription) is none of \(T.allCases.map(\.rawValue).joined(separator: ", "))")
                continue
            }
            if !found.insert(value).inserted { reader.mistake(key, "\(word) stands there twice") }
        }
        if found.isEmpty { reader.mistake(key, "one at least is expected") }
        return found
    }

    /// Prices per million tokens. Input and output of a tier are known together or not at all.
    private static func price(_ reader: JSONReader) -> Price? {
        guard let cost = reader.object("cost") else { return nil }
        func usd(_ key: String) -> USD? {
            known(cost, key) ? cost.double(key, in: 0...1_000_000).flatMap { USD(dollars: $0) } : nil
        }
        let cached = usd("cached_input")
        let writes = usd("cache_write")
        func rates(_ prefix: String) -> Price.Rates? {
            let input = usd("\(prefix)input")
            let output = usd("\(prefix)output")
            if (input == nil) != (output == nil) {
                cost.mistake("\(prefix)\(input == nil ? "input" : "output")", "is unknown while the other one is not")
            }
            guard let input, let output else { return nil }
            guard prefix.isEmpty else { return Price.Rates(input: input, output: output) }
            return Price.Rates(input: input, output: output, cachedInput: cached, cacheWrites: writes)
        }
        let standard = rates("")
        let batch = rates("batch_")
        let flex = rates("flex_")
        cost.finish()
        return standard.map { Price(standard: $0, flex: flex, batch: batch) }
    }
}
