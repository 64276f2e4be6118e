import Foundations
import Testing

@testable import CommandLineCore

@Suite struct `The command cost` {
    private static let document: JSON = [
        "lane": "flex", "routing_profile": "quality_first", "sent": 0, "absence": nil,
        "providers_refused": [["provider": "groq", "reason": "the contract denies the provider groq"]],
        "stages": [
            [
                "stage": "DOMAINS", "questions": 2, "calls": ["min": 0, "expected": 2, "max": 2],
                "caps": ["tokens": 150_000, "usd": 1], "holds": true,
                "tokens": ["min": 700, "expected": 900, "max": 1600], "usd": "unknown",
                "candidates": [["candidate": "ollama:llama3.2", "score": 0.61, "holds": true]],
                "skipped": [["candidate": "openai:gpt-4.1", "reason": "context", "words": "it does not fit"]],
            ],
            [
                "stage": "MAPPING", "questions": 1, "calls": ["min": 0, "expected": 1, "max": 2],
                "caps": ["tokens": 100, "usd": nil], "holds": false,
                "tokens": ["min": 700, "expected": 900, "max": 1600],
                "usd": ["min": 0.001, "expected": 0.002, "max": 0.004],
                "candidates": [
                    [
                        "candidate": "ollama:llama3.2", "score": 0.61, "holds": false,
                        "breaks": "up to 1600 tokens, and the cap is 100",
                    ]
                ], "skipped": [],
            ],
        ],
    ]

    @Test func `tells calls, tokens, dollars, caps and candidates of each stage`() throws {
        let world = World()
        world.service.costs = Self.document
        let outcome = world.run("cost", "--lhs", "a.csv", "--rhs", "sqlite:b.db#t")
        #expect(outcome.status == 0 && world.service.calls.last == "cost")
        for part in [
            "Nothing was sent.", "0 to 2, expected 2", "700 to 1,600, expected 900", "unknown", "150,000 tokens, 1 USD",
            "100 tokens, no USD cap", "1. ollama:llama3.2", "over the cap: up to 1600 tokens",
            "skipped: openai:gpt-4.1, it does not fit", "groq: the contract denies the provider groq",
        ] {
            #expect(outcome.out.contains(part), "\(part) in \(outcome.out)")
        }
        let json = try world.run("cost", "--lhs", "a.csv", "--rhs", "sqlite:b.db#t", "--json").document()
        #expect(json == Self.document)
    }

    @Test func `without a contract, or with a bad one, is a usage error`() {
        let world = World()
        #expect(world.run("cost").status == 2)
        #expect(world.run("cost", "/nowhere/at/all.json").status == 2)
        #expect(!world.service.calls.contains("cost"))
    }
}
