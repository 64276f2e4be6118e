/// Estimates how many tokens a text costs, from what it is made of; no tokenizer and no table of a vendor's.
///
/// The count is linear in a few features of the text. Each family of tokenizers has its coefficients; the price of one
/// pass over the scalars is all that it costs.
public struct TokenEstimator: Equatable, Sendable {
    /// Tokenizers that cut alike.
    public enum Family: String, CaseIterable, Sendable {
        /// OpenAI's of GPT-4o and later.
        case o200k
        /// OpenAI's of GPT-4 and GPT-3.5, and of its embeddings.
        case cl100k
        /// Llama 3 and the other open models with vocabularies of about 128,000.
        case llama3
        /// Llama 2, Mistral and others of 32,000.
        case llama2
        case claude

        /// The family of a model, by its name; unknown ones count as Llama 3's.
        public init(model: String) {
            let name = model.lowercased()
            let holds: (String) -> Bool = { name.contains($0) }
            if holds("claude") {
                self = .claude
            } else if ["gpt-4o", "gpt-4.1", "gpt-5", "gpt-oss"].contains(where: holds)
                || (name.first == "o" && name.dropFirst().first?.isNumber == true)
            {
                self = .o200k
            } else if holds("gpt-4") || holds("gpt-3.5") || holds("text-embedding") {
                self = .cl100k
            } else if holds("llama-2") || holds("llama2") || holds("mistral") || holds("mixtral") || holds("tinyllama")
            {
                self = .llama2
            } else {
                self = .llama3
            }
        }
    }

    /// What a text is made of; each scalar counts once but for the runs.
    public struct Features: Equatable, Sendable {
        /// Runs of Latin letters.
        public var words = 0
        /// Latin letters of a run beyond its sixth.
        public var longLetters = 0
        public var digits = 0
        public var digitRuns = 0
        public var punctuation = 0
        public var lineFeeds = 0
        /// Blanks and tabs that follow another one.
        public var extraBlanks = 0
        /// Latin letters with marks.
        public var accented = 0
        /// Chinese, Japanese, Korean.
        public var eastAsian = 0
        /// Letters of every other script.
        public var otherLetters = 0
        /// Emoji and everything else.
        public var symbols = 0

        public init(_ text: String) {
            var run = 0
            var inDigits = false
            var afterBlank = false
            for scalar in text.unicodeScalars {
                let value = scalar.value
                let isLetter = (0x41...0x5A).contains(value) || (0x61...0x7A).contains(value)
                let isAccented = (0xC0...0x24F).contains(value) && value != 0xD7 && value != 0xF7
                let isDigit = (0x30...0x39).contains(value)
                let isBlank = value == 0x20 || value == 0x09
                if isLetter || isAccented {
                    run += 1
                    if run == 1 { words += 1 }
                    if run > 6 { longLetters += 1 }
                    if isAccented { accented += 1 }
                } else {
                    run = 0
                    switch value {
                    case 0x30...0x39:
                        digits += 1
                        if !inDigits { digitRuns += 1 }
                    case 0x0A: lineFeeds += 1
                    case 0x20, 0x09: if afterBlank { extraBlanks += 1 }
                    case 0..<0x20: break
                    case 0x21...0x7E: punctuation += 1
                    case 0x1100...0x11FF, 0x2E80...0x9FFF, 0xAC00...0xD7FF, 0xF900...0xFAFF, 0xFE30...0xFE4F,
                        0xFF00...0xFFEF, 0x20000...0x3FFFF:
                        eastAsian += 1
                    case 0x250...0x1FFF where scalar.properties.isAlphabetic: otherLetters += 1
                    default: symbols += 1
                    }
                }
                inDigits = isDigit
                afterBlank = isBlank
            }
        }
    }

    /// Tokens that one of each feature costs.
    public struct Coefficients: Equatable, Sendable {
        public var words, longLetters, digits, digitRuns, punctuation, lineFeeds, extraBlanks: Double
        public var accented, eastAsian, otherLetters, symbols: Double
        /// What a chat's message costs besides its text, and a whole request.
        public var message, request: Double
    }

    public let family: Family
    private let coefficients: Coefficients

    public init(_ family: Family) {
        self.family = family
        coefficients = family.coefficients
    }

    /// Tokens of a text; 0 for none, else at least 1.
    public func tokens(_ text: String) -> Int {
        guard !text.isEmpty else { return 0 }
        let features = Features(text)
        let c = coefficients
        var sum = c.words * Double(features.words) + c.longLetters * Double(features.longLetters)
        sum += c.digits * Double(features.digits) + c.digitRuns * Double(features.digitRuns)
        sum += c.punctuation * Double(features.punctuation) + c.lineFeeds * Double(features.lineFeeds)
        sum += c.extraBlanks * Double(features.extraBlanks) + c.accented * Double(features.accented)
        sum += c.eastAsian * Double(features.eastAsian) + c.otherLetters * Double(features.otherLetters)
        sum += c.symbols * Double(features.symbols)
        return max(1, Int(sum.rounded()))
    }

    /// Tokens of a chat's messages, with what their frame costs.
    public func tokens(_ messages: [ChatRequest.Message]) -> Int {
        let texts = messages.reduce(0) { $0 + tokens($1.text) }
        return texts + Int((coefficients.request + coefficients.message * Double(messages.count)).rounded())
    }
}

extension TokenEstimator.Family {
    /// First values, from how each vocabulary cuts English prose, numbers and other scripts; for calibration.
    var coefficients: TokenEstimator.Coefficients {
        switch self {
        case .o200k:
            .init(
                words: 1.05, longLetters: 0.12, digits: 0.24, digitRuns: 0.3, punctuation: 0.7, lineFeeds: 0.55,
                extraBlanks: 0.1, accented: 0.25, eastAsian: 0.8, otherLetters: 0.3, symbols: 1.6, message: 4,
                request: 3)
        case .cl100k:
            .init(
                words: 1.07, longLetters: 0.14, digits: 0.24, digitRuns: 0.3, punctuation: 0.7, lineFeeds: 0.55,
                extraBlanks: 0.1, accented: 0.5, eastAsian: 1.15, otherLetters: 0.65, symbols: 2.2, message: 4,
                request: 3)
        case .llama3:
            .init(
                words: 1.07, longLetters: 0.14, digits: 0.24, digitRuns: 0.3, punctuation: 0.7, lineFeeds: 0.55,
                extraBlanks: 0.1, accented: 0.45, eastAsian: 0.9, otherLetters: 0.45, symbols: 2, message: 5,
                request: 6)
        case .llama2:
            .init(
                words: 1.2, longLetters: 0.22, digits: 1, digitRuns: 0.4, punctuation: 0.9, lineFeeds: 1,
                extraBlanks: 0.3, accented: 0.6, eastAsian: 1.6, otherLetters: 0.9, symbols: 3, message: 6,
                request: 3)
        case .claude:
            .init(
                words: 1.15, longLetters: 0.16, digits: 0.4, digitRuns: 0.4, punctuation: 0.85, lineFeeds: 0.8,
                extraBlanks: 0.15, accented: 0.5, eastAsian: 1.15, otherLetters: 0.65, symbols: 2.2, message: 4,
                request: 5)
        }
    }
}
