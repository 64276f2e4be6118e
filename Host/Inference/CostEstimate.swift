public import Foundations

/// What so many questions would cost, before anything is sent: the least, what to expect, and the most.
public struct CostEstimate: Sendable, Equatable {
    /// One question, in tokens.
    public struct Job: Sendable, Equatable {
        public var promptTokens: Int64
        /// The most that its answer may be long.
        public var maxOutputTokens: Int64
        /// What answers to its template are long as a rule; nil: as long as they may be.
        public var expectedOutputTokens: Int64?

        public init(promptTokens: Int64, maxOutputTokens: Int64, expectedOutputTokens: Int64? = nil) {
            self.promptTokens = max(0, promptTokens)
            self.maxOutputTokens = max(0, maxOutputTokens)
            self.expectedOutputTokens = expectedOutputTokens.map { max(0, $0) }
        }
    }

    public var calls: Int
    /// Prompts as short as the estimate may be wrong, and answers of one token.
    public var least: Spend
    public var expected: Spend
    /// Prompts as long as the estimate may be wrong, and answers as long as they may be. What reservations sum up to.
    public var most: Spend

    /// - Parameters:
    ///   - price: nil when it is not known: the amounts in USD are unknown then.
    ///   - error: by how much, as a share with three decimals, the estimates of prompts may be wrong.
    public init(_ jobs: [Job], price: Price?, tier: PriceTier = .standard, error: Double = 0.1) {
        calls = jobs.count
        least = .zero
        expected = .zero
        most = .zero
        let margin = Int128((min(max(0, error), 1) * 1000).rounded())
        for job in jobs {
            let output = min(job.expectedOutputTokens ?? job.maxOutputTokens, job.maxOutputTokens)
            let short = Int64(clamping: Int128(job.promptTokens) * (1000 - margin) / 1000)
            let long = Int64(clamping: (Int128(job.promptTokens) * (1000 + margin) + 999) / 1000)
            least += Self.spend(short, min(1, job.maxOutputTokens), price, tier)
            expected += Self.spend(job.promptTokens, output, price, tier)
            most += Self.spend(long, job.maxOutputTokens, price, tier)
        }
    }

    private static func spend(_ input: Int64, _ output: Int64, _ price: Price?, _ tier: PriceTier) -> Spend {
        let (tokens, over) = input.addingReportingOverflow(output)
        return Spend(
            tokens: over ? .max : tokens, usd: price?.most(input: input, output: output, tier: tier), isEstimate: true)
    }

    /// `{"calls":…,"tokens":{"min","expected","max"},"usd":{…} or null}`.
    public var json: JSON {
        [
            "calls": JSON(calls),
            "tokens": ["min": .int(least.tokens), "expected": .int(expected.tokens), "max": .int(most.tokens)],
            "usd": usd ?? .null,
        ]
    }

    private var usd: JSON? {
        guard let low = least.usd, let middle = expected.usd, let high = most.usd else { return nil }
        return ["min": .double(low.dollars), "expected": .double(middle.dollars), "max": .double(high.dollars)]
    }
}
