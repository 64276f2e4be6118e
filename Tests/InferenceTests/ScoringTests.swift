import Contracts
import Foundations
import Inference
import PluginHost
import Testing

private func entry(
    _ provider: String, _ id: String, quality: Double = 0.5, input: Double? = 1, speed: Double? = 50,
    window: Int? = 10_000,
    modalities: Set<ModelEntry.Modality> = [.text], tiers: Set<ModelRequest.Tier> = [.standard],
    schema: ModelEntry.SchemaOutput = .native
) -> ModelEntry {
    let price = input.flatMap { USD(dollars: $0) }.map { Price(standard: .init(input: $0, output: $0)) }
    return ModelEntry(
        provider: provider, id: id, aliases: ["\(id)-alias"], quality: quality, tokensPerSecond: speed, price: price,
        contextTokens: window, modalities: modalities, tiers: tiers, schemaOutput: schema, tokenizer: "t",
        asOf: "2026-01-01")
}

private func question(_ profile: RoutingProfile = .qualityFirst, lane: Lane = .interactive) -> RoutingQuestion {
    RoutingQuestion(profile: profile, lane: lane, promptTokens: { _ in 100 }, maxOutputTokens: 100)
}

private func rank(_ question: RoutingQuestion, _ entries: [ModelEntry], local: Set<String> = []) -> Ranking {
    question.rank(RoutingQuestion.candidates(entries, lane: question.lane, isLocal: local.contains))
}

private let four = [
    entry("best", "m", quality: 0.95, input: 10, speed: 30), entry("cheap", "m", quality: 0.4, input: 0.05, speed: 30),
    entry("fast", "m", quality: 0.4, input: 3, speed: 1000), entry("mine", "m", quality: 0.2, input: 0, speed: nil),
]

@Test(
    arguments: zip(
        RoutingProfile.allCases,
        [
            ["best", "cheap", "fast", "mine"], ["mine", "cheap", "fast", "best"], ["fast", "best", "cheap", "mine"],
            ["mine", "best", "cheap", "fast"],
        ]))
func `A profile puts first what it is named for`(profile: RoutingProfile, order: [String]) {
    let ranking = rank(question(profile), four, local: ["mine"])
    let names = ranking.ranked.map(\.candidate.entry.provider)
    #expect(names.first == order.first)
    if profile != .qualityFirst { #expect(names.last == order.last || profile == .latencyFirst) }
    #expect(ranking.ranked.allSatisfy { (0...1).contains($0.score) })
}

@Test func `Weights of every profile add up to one`() {
    for profile in RoutingProfile.allCases {
        let weights = ScoreWeights.of(profile)
        #expect(abs(weights.quality + weights.cost + weights.latency + weights.health - 1) < 1e-9)
    }
}

@Test func `An unknown price comes last when cost decides, and is said`() {
    let ranking = rank(
        question(.costFirst), [entry("a", "m", quality: 1, input: nil), entry("z", "m", quality: 0, input: 900)])
    #expect(ranking.ranked.map(\.candidate.entry.provider) == ["z", "a"])
    #expect(ranking.ranked.last?.notes == ["price unknown"])
}

@Test func `Data that is not open goes to local candidates first`() {
    var asked = question()
    asked.prefersLocal = true
    #expect(rank(asked, four, local: ["mine"]).ranked.first?.candidate.entry.provider == "mine")
    #expect(rank(question(), four, local: ["mine"]).ranked.first?.candidate.entry.provider == "best")
}

@Test(
    arguments: zip(
        [
            entry("a", "m", modalities: [.embedding]), entry("a", "m", window: 199), entry("a", "m", schema: .none),
            entry("banned", "m"), entry("a", "banned"), entry("other", "m"), entry("dear", "m"), entry("shut", "m"),
        ],
        [
            "modality", "context", "schema_output", "policy.deny_list", "contract.deny_list", "policy.allow_list",
            "contract.allow_list", "breaker_open",
        ]))
func `A candidate that is skipped says why`(entry: ModelEntry, reason: String) {
    var asked = question()
    asked.policy = CandidateLists(allowed: ["a", "banned", "dear", "shut"], denied: ["banned"])
    asked.contract = CandidateLists(allowed: ["a", "shut"], denied: ["a:banned-alias"])
    asked.live = { candidate in
        candidate.entry.provider == "shut" ? .init(health: 0, closed: "breaker_open") : .init()
    }
    let ranking = rank(asked, [entry])
    #expect(ranking.ranked.isEmpty)
    #expect(ranking.skipped.map(\.reason) == [reason])
}

@Test func `Lists name a provider, its plugin or one of its models`() {
    var asked = question()
    asked.contract = CandidateLists(allowed: ["sluice.provider.local", "a:m"])
    let ranking = rank(asked, [entry("a", "m"), entry("a", "n"), entry("local", "x")])
    #expect(Set(ranking.ranked.map(\.candidate.tag)) == ["a:m", "local:x"])
    #expect(ranking.skipped.map(\.candidate.tag) == ["a:n"])
}

@Test func `A prompt that just fits is asked, one token more is not`() {
    #expect(rank(question(), [entry("a", "m", window: 200)]).ranked.count == 1)
    #expect(rank(question(), [entry("a", "m", window: 199)]).ranked.isEmpty)
    #expect(rank(question(), [entry("a", "m", window: nil)]).ranked.first?.notes == ["window unknown"])
}

@Test func `The flex tier is a candidate of its own where nobody waits, before the standard tier of equal score`() {
    let both = entry("a", "m", tiers: [.standard, .flex])
    #expect(rank(question(lane: .flex), [both]).ranked.map(\.candidate.name) == ["a:m@flex", "a:m"])
    #expect(rank(question(), [both]).ranked.map(\.candidate.name) == ["a:m"])
}

@Test func `Bad health moves a candidate back`() {
    var asked = question()
    asked.live = { .init(health: $0.entry.provider == "a" ? 0.1 : 1) }
    #expect(rank(asked, [entry("a", "m"), entry("b", "m")]).ranked.map(\.candidate.tag) == ["b:m", "a:m"])
}

@Test func `The order does not depend on the order of the registry, and ties go by name`() {
    let same = [entry("c", "m"), entry("a", "n"), entry("a", "m"), entry("b", "m")]
    let first = rank(question(), same)
    #expect(first.ranked.map(\.candidate.tag) == ["a:m", "a:n", "b:m", "c:m"])
    for seed in 0..<50 {
        var random = SeededRandom(UInt64(seed))
        #expect(rank(question(), same.shuffled(using: &random)) == first)
    }
}
