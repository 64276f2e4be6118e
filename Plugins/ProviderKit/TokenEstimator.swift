/// Estimates how many tokens a text costs, from what it is made of; no tokenizer and no table of a vendor's.
///
/// The count is linear in a few features of the text. Each family of tokenizers has its coefficients
/// (scripts/calibrate-tokens.py fits them; docs/providers.md says how good they are); one pass over the scalars is all
/// that it costs.
public struct TokenEstimator: Equatable, Sendable {
    /// Tokenizers that cut alike.
    public enum Family: String, CaseIterable, Sendable {
        /// OpenAI's of GPT-4o and later.
        case o200k
        /// OpenAI's of GPT-4 and GPT-3.5, and of its embeddings.
        case cl100k
        /// Llama 3 and other open models with vocabularies of 100,000 and more.
        case llama3
        /// Llama 2, Mistral and others of 32,000.
        case llama2
        /// Claude's up to Opus 4.6, Sonnet 4.6 and Haiku 4.5. The last that was published is that of Claude 2.
        case claude
        /// Claude's since Opus 4.7: about 30 per cent more, which the vendor states and nobody outside can measure.
        case claude5
        /// SmolLM2 and others of 49,000.
        case smollm2
    }

    /// What a text is made of; each scalar counts once but for the runs.
    public struct Features: Equatable, Sendable {
        /// Runs of Latin letters.
        public var words = 0
        /// Capitals behind a small letter of the same run: a word starts anew.
        public var camel = 0
        /// Other capitals inside a run.
        public var caps = 0
        /// Letters of a word beyond its fifth, its eighth, its eleventh.
        public var beyond5 = 0
        public var beyond8 = 0
        public var beyond11 = 0
        public var digits = 0
        public var digitRuns = 0
        /// Letters that follow a digit, and digits that follow a letter.
        public var mixed = 0
        public var punctuation = 0
        public var punctuationRuns = 0
        public var lineFeeds = 0
        /// Runs of two blanks or tabs and more.
        public var blankRuns = 0
        /// Blanks and tabs that follow another one.
        public var extraBlanks = 0
        /// Latin letters with marks.
        public var accented = 0
        /// Chinese characters and forms of full width.
        public var cjk = 0
        public var kanaHangul = 0
        public var cyrillic = 0
        /// Letters of every other script.
        public var other = 0
        /// Emoji and everything else.
        public var symbols = 0
        /// Latin letters of a text in which a quarter of the words has marks, fewer in proportion: no English.
        public var foreign = 0.0

        public init(_ text: String) {
            var run = 0
            var letters = 0
            var marked = 0
            var blanks = 0
            var isLow = false
            var isMarked = false
            var inDigits = false
            var inPunctuation = false
            for scalar in text.unicodeScalars {
                let value = scalar.value
                let isUpper = (0x41...0x5A).contains(value)
                let isLower = (0x61...0x7A).contains(value)
                let isAccented = (0xC0...0x24F).contains(value) && value != 0xD7 && value != 0xF7
                if isUpper || isLower || isAccented {
                    if run == 0 {
                        words += 1
                        if inDigits { mixed += 1 }
                        isMarked = false
                    } else if isUpper, isLow {
                        camel += 1
                        run = 0
                    } else if isUpper {
                        caps += 1
                    }
                    run += 1
                    letters += 1
                    if run > 5 { beyond5 += 1 }
                    if run > 8 { beyond8 += 1 }
                    if run > 11 { beyond11 += 1 }
                    if isAccented {
                        accented += 1
                        if !isMarked { marked += 1 }
                        isMarked = true
                    }
                    isLow = isLower || isAccented && scalar.properties.isLowercase
                    inDigits = false
                    inPunctuation = false
                    blanks = 0
                    continue
                }
                var isDigit = false
                var isPunctuation = false
                var isBlank = false
                switch value {
                case 0x30...0x39:
                    isDigit = true
                    digits += 1
                    if !inDigits {
                        digitRuns += 1
                        if run > 0 { mixed += 1 }
                    }
                case 0x0A: lineFeeds += 1
                case 0x20, 0x09:
                    isBlank = true
                    if blanks > 0 { extraBlanks += 1 }
                    if blanks == 1 { blankRuns += 1 }
                case 0..<0x20: break
                case 0x21...0x7E:
                    isPunctuation = true
                    punctuation += 1
                    if !inPunctuation { punctuationRuns += 1 }
                case 0x3040...0x30FF, 0xAC00...0xD7FF, 0x1100...0x11FF: kanaHangul += 1
                case 0x2E80...0x9FFF, 0xF900...0xFAFF, 0xFE30...0xFE4F, 0xFF00...0xFFEF, 0x20000...0x3FFFF: cjk += 1
                case 0x400...0x52F: cyrillic += 1
                case 0x250...0x1FFF where Self.isLetter(scalar): other += 1
                default: symbols += 1
                }
                blanks = isBlank ? blanks + 1 : 0
                inDigits = isDigit
                inPunctuation = isPunctuation
                run = 0
                isLow = false
            }
            foreign = words > 0 ? Double(letters) * min(1, 4 * Double(marked) / Double(words)) : 0
        }

        private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
            default: false
            }
        }

        /// In the order of `Family.coefficients`.
        var values: [Double] {
            [
                Double(words), Double(camel), Double(caps), Double(beyond5), Double(beyond8), Double(beyond11),
                Double(digits), Double(digitRuns), Double(mixed), Double(punctuation), Double(punctuationRuns),
                Double(lineFeeds), Double(blankRuns), Double(extraBlanks), Double(accented), Double(cjk),
                Double(kanaHangul), Double(cyrillic), Double(other), Double(symbols), foreign,
            ]
        }
    }

    public let family: Family

    public init(_ family: Family) { self.family = family }

    /// Tokens of a text alone; 0 for none, else at least 1.
    public func tokens(_ text: String) -> Int {
        guard !text.isEmpty else { return 0 }
        let sum = zip(family.coefficients, Features(text).values).reduce(0) { $0 + $1.0 * $1.1 }
        return max(1, Int((sum * family.factor).rounded()))
    }

    /// Tokens of a text as one message of a chat; of no text, what a request costs besides its messages.
    public func tokens(message text: String) -> Int {
        text.isEmpty ? family.requestFrame : tokens(text) + family.messageFrame
    }

    /// Tokens of a whole request: that of "" and of each of its messages.
    public func tokens(_ messages: [ChatRequest.Message]) -> Int {
        messages.reduce(tokens(message: "")) { $0 + tokens(message: $1.text) }
    }

    /// What `token_estimate` answers: a text as a message, with its frame, or a text alone for a model of vectors.
    public static func estimate(model: String, text: String) -> Int {
        let estimator = TokenEstimator(Family(model: model))
        return model.lowercased().contains("embed") ? estimator.tokens(text) : estimator.tokens(message: text)
    }
}
