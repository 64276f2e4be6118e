import ProviderKit
import Testing

/// What the estimator counts, and for whom; how good it is, `TokenPairTests` say.
@Suite struct TokenEstimatorTests {
    @Test func `A text is counted by what it is made of`() {
        let features = TokenEstimator.Features("Zürich 2024:  東京, 🧭\nextraordinary fooBar HTTP x2y かな Привет ελ ---")
        #expect(features.words == 6)
        #expect(features.camel == 1 && features.caps == 3)
        #expect(features.beyond5 == 9 && features.beyond8 == 5 && features.beyond11 == 2)
        #expect(features.accented == 1)
        #expect(features.digits == 5 && features.digitRuns == 2 && features.mixed == 2)
        #expect(features.punctuation == 5 && features.punctuationRuns == 3)
        #expect(features.blankRuns == 1 && features.extraBlanks == 1 && features.lineFeeds == 1)
        #expect(features.cjk == 2 && features.kanaHangul == 2 && features.symbols == 1)
        #expect(features.cyrillic == 6 && features.other == 2)
        // 31 letters; one word of six has a mark.
        #expect(abs(features.foreign - 31 * 4 / 6) < 1e-9)
    }

    @Test func `A request's frame is counted once, and not for vectors`() {
        let text = "Which domain is it?"
        let messages = [ChatRequest.Message(.system, text), ChatRequest.Message(.user, text)]
        for family in TokenEstimator.Family.allCases {
            let estimator = TokenEstimator(family)
            let frame = estimator.tokens(message: text) - estimator.tokens(text)
            #expect(frame > 0 && estimator.tokens(message: "") > 0)
            let sum = 2 * estimator.tokens(text) + 2 * frame + estimator.tokens(message: "")
            #expect(estimator.tokens(messages) == sum)
        }
        let vectors = TokenEstimator.estimate(model: "text-embedding-3-small", text: text)
        #expect(vectors == TokenEstimator(.cl100k).tokens(text))
        #expect(TokenEstimator.estimate(model: "text-embedding-3-small", text: "") == 0)
    }

    @Test(arguments: TokenEstimator.Family.allCases)
    func `Nothing costs nothing, and more text costs no less`(family: TokenEstimator.Family) {
        let estimator = TokenEstimator(family)
        #expect(estimator.tokens("") == 0)
        #expect(estimator.tokens("a") >= 1)
        let text = "The quick brown fox, 1984, jumps over 懒狗 and Привет 🧭.\n"
        var before = 0
        for count in 1...20 {
            let now = estimator.tokens(String(repeating: text, count: count))
            #expect(now > before)
            before = now
        }
        let messages = [ChatRequest.Message(.user, text)]
        #expect(estimator.tokens(messages) > estimator.tokens(text))
    }

    @Test func `Plain English is about four letters a token`() {
        let text = "Every column of the table was read once, and each of its values is kept where the owner put it."
        for family in TokenEstimator.Family.allCases {
            let tokens = TokenEstimator(family).tokens(text)
            #expect(tokens >= 18 && tokens <= 30, "\(family): \(tokens)")
        }
    }

    @Test func `Models belong to families by their names`() {
        let models: [(String, TokenEstimator.Family)] = [
            ("gpt-4o-mini", .o200k), ("o3", .o200k), ("gpt-5.4-mini", .o200k), ("openai/gpt-oss-20b", .o200k),
            ("gpt-4-turbo", .cl100k), ("text-embedding-3-small", .cl100k), ("claude-sonnet-4-20250514", .claude),
            ("claude-3-5-sonnet-20241022", .claude),
            ("claude-haiku-4-5", .claude), ("claude-sonnet-4-6", .claude), ("claude-opus-4-8", .claude5),
            ("claude-haiku-5-5", .claude5), ("smollm2:135m", .smollm2), ("smollm2-135m-instruct", .smollm2),
            ("qwen2.5:7b", .llama3),
            ("llama-3.3-70b-versatile", .llama3), ("mistral:7b", .llama2), ("local", .llama3), ("olmo", .llama3),
        ]
        for (model, family) in models { #expect(TokenEstimator.Family(model: model) == family, "\(model)") }
    }
}
