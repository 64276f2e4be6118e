public import PluginHost

/// What a request is billed as.
public enum PriceTier: String, Sendable, CaseIterable {
    case standard, flex, batch

    public init(_ tier: ModelRequest.Tier) { self = tier == .flex ? .flex : .standard }
}

/// What a model costs. A model whose price is not known has none: nil, which is not `free`.
public struct Price: Sendable, Equatable {
    /// For a million tokens each.
    public struct Rates: Sendable, Equatable {
        public var input: USD
        public var output: USD
        /// Input that the provider had in its own cache; nil: as input.
        public var cachedInput: USD?
        /// Input that was written to the provider's own cache; nil: as input.
        public var cacheWrites: USD?

        public init(input: USD, output: USD, cachedInput: USD? = nil, cacheWrites: USD? = nil) {
            self.input = input
            self.output = output
            self.cachedInput = cachedInput
            self.cacheWrites = cacheWrites
        }

        public static let free = Rates(input: .zero, output: .zero)
    }

    public var standard: Rates
    /// nil: as standard.
    public var flex: Rates?
    /// nil: as standard.
    public var batch: Rates?

    public init(standard: Rates, flex: Rates? = nil, batch: Rates? = nil) {
        self.standard = standard
        self.flex = flex
        self.batch = batch
    }

    /// Of a server that somebody runs himself.
    public static let free = Price(standard: .free)

    public func rates(_ tier: PriceTier) -> Rates {
        switch tier {
        case .standard: standard
        case .flex: flex ?? standard
        case .batch: batch ?? standard
        }
    }

    /// What a request costs; rounded up, once, to the billionth of a dollar.
    ///
    /// Input holds what was cached and written, output holds the reasoning (`TokenUsage`): each token is paid once. Counts
    /// that contradict each other are paid at their dearest: more cached than there was input is no discount.
    public func cost(of usage: TokenUsage, tier: PriceTier) -> USD {
        let rates = rates(tier)
        let input = max(0, usage.input)
        let writes = min(max(0, usage.cacheWrites), input)
        let cached = min(max(0, usage.cachedInput), input - writes)
        return Self.total([
            (input - writes - cached, rates.input), (writes, rates.cacheWrites ?? rates.input),
            (cached, rates.cachedInput ?? rates.input), (max(0, usage.output), rates.output),
        ])
    }

    /// The most that a request can cost before it is sent: nothing is cached, everything may be written to a cache.
    public func most(input: Int64, output: Int64, tier: PriceTier) -> USD {
        let rates = rates(tier)
        return Self.total([
            (Int(clamping: input), max(rates.input, rates.cacheWrites ?? rates.input)),
            (Int(clamping: output), rates.output),
        ])
    }

    /// Tokens at so much a million each. A product of two 64-bit numbers fits into 128 bits, and so do a few of them.
    private static func total(_ parts: [(tokens: Int, perMillion: USD)]) -> USD {
        var sum: Int128 = 0
        for part in parts { sum += Int128(part.tokens) * Int128(part.perMillion.nanos) }
        return USD(nanos: Int64(clamping: (sum + 999_999) / 1_000_000))
    }
}
