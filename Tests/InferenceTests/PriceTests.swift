import Contracts
import Foundations
import PluginHost
import Testing

@testable import Inference

@Suite struct `Amounts and prices` {
    typealias F = SpendFixtures

    @Test func `amounts add up as decimals do`() {
        #expect(F.usd(0.1) + F.usd(0.2) == F.usd(0.3))
        var sum = USD.zero
        for _ in 0..<1_000_000 { sum += F.usd(0.000001) }
        #expect(sum == F.usd(1))
        #expect(JSON.ecmaScript(F.usd(123456.789012345).dollars) == "123456.789012345")
        #expect(USD(dollars: .nan) == nil && USD(dollars: 1e10) == nil)
        #expect(USD.greatest + F.usd(1) == .greatest)
    }

    @Test func `each token is paid once, by its kind and tier`() {
        let price = Price(
            standard: .init(
                input: F.usd(0.15), output: F.usd(0.6), cachedInput: F.usd(0.075), cacheWrites: F.usd(0.1875)),
            flex: .init(input: F.usd(0.075), output: F.usd(0.3)), batch: .init(input: F.usd(0.05), output: F.usd(0.2)))
        let usage = TokenUsage(input: 1000, cachedInput: 400, cacheWrites: 100, output: 100, reasoning: 50)
        // 500 × 150 + 400 × 75 + 100 × 187.5 + 100 × 600 billionths; reasoning is part of the output.
        #expect(price.cost(of: usage, tier: .standard) == USD(nanos: 183_750))
        #expect(price.cost(of: usage, tier: .flex) == USD(nanos: 105_000))
        #expect(price.cost(of: usage, tier: .batch) == USD(nanos: 70_000))
        #expect(Price(standard: price.standard).cost(of: usage, tier: .batch) == USD(nanos: 183_750))
    }

    @Test func `a fraction of a billionth is rounded up, once`() {
        let price = Price(standard: .init(input: USD(nanos: 1), output: USD(nanos: 1)))
        #expect(price.cost(of: TokenUsage(input: 1, output: 1), tier: .standard) == USD(nanos: 1))
        #expect(price.cost(of: TokenUsage(input: 999_999, output: 2), tier: .standard) == USD(nanos: 2))
        #expect(Price.free.cost(of: TokenUsage(input: 999_999, output: 2), tier: .standard) == .zero)
    }

    @Test func `counts that contradict each other are no discount`() {
        let lying = TokenUsage(input: 10, cachedInput: 1000, cacheWrites: -5, output: -7)
        #expect(F.price.cost(of: lying, tier: .standard) == USD(nanos: 1000))
        let huge = F.price.most(input: .max, output: .max, tier: .standard)
        #expect(huge == .greatest)
    }

    @Test func `an estimate names the least, the expected and the most`() {
        let jobs = [
            CostEstimate.Job(promptTokens: 1000, maxOutputTokens: 500, expectedOutputTokens: 100),
            CostEstimate.Job(promptTokens: 100, maxOutputTokens: 50),
        ]
        let cost = CostEstimate(jobs, price: F.price)
        #expect(cost.least.tokens == 900 + 1 + 90 + 1)
        #expect(cost.expected.tokens == 1000 + 100 + 100 + 50)
        #expect(cost.most.tokens == 1100 + 500 + 110 + 50)
        #expect(cost.expected.usd == USD(nanos: 1_100_000 + 300_000))
        #expect(cost.json["usd"]?["max"]?.doubleValue == 0.00231)
        let unknown = CostEstimate(jobs, price: nil)
        #expect(unknown.most.usd == nil && unknown.json["usd"] == .null)
        #expect(unknown.most.tokens == cost.most.tokens)
    }
}
