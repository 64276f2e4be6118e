import ProviderKit
import Testing

/// The first estimates: near what tokenizers are known to make of plain texts.
@Suite struct TokenEstimatorTests {
    @Test func `A text is counted by what it is made of`() {
        let features = TokenEstimator.Features("Zürich 2024:  東京, 🧭\nextraordinary")
        #expect(features.words == 2)
        #expect(features.longLetters == 7)
        #expect(features.accented == 1)
        #expect(features.digits == 4 && features.digitRuns == 1)
        #expect(features.punctuation == 2)
        #expect(features.extraBlanks == 1 && features.lineFeeds == 1)
        #expect(features.eastAsian == 2 && features.symbols == 1)
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
            ("gpt-4-turbo", .cl100k), ("text-embedding-3-small", .cl100k), ("claude-sonnet-4", .claude),
            ("llama-3.3-70b-versatile", .llama3), ("mistral:7b", .llama2), ("local", .llama3), ("olmo", .llama3),
        ]
        for (model, family) in models { #expect(TokenEstimator.Family(model: model) == family, "\(model)") }
    }
}
