// The table is printed by scripts/calibrate-tokens.py.

extension TokenEstimator.Family {
    /// The family of a model, by its name; unknown ones count as Llama 3's.
    public init(model: String) {
        let name = model.lowercased()
        let holds: (String) -> Bool = { name.contains($0) }
        if holds("claude") {
            self = Self.claude(name)
        } else if ["gpt-4o", "gpt-4.1", "gpt-4.5", "gpt-5", "gpt-oss"].contains(where: holds)
            || (name.first == "o" && name.dropFirst().first?.isNumber == true)
        {
            self = .o200k
        } else if holds("gpt-4") || holds("gpt-3.5") || holds("text-embedding") {
            self = .cl100k
        } else if holds("llama-2") || holds("llama2") || holds("mistral") || holds("mixtral") || holds("tinyllama") {
            self = .llama2
        } else if holds("smollm") {
            self = .smollm2
        } else {
            self = .llama3
        }
    }

    /// The vendor changed its tokenizer with Opus 4.7; names are `claude-opus-4-8`, and before 4 `claude-3-5-sonnet`.
    private static func claude(_ name: String) -> Self {
        let numbers = name.split { !$0.isNumber }.prefix(2).map { Int($0) ?? 0 }
        guard let major = numbers.first else { return .claude5 }
        // A date is no minor version.
        let minor = numbers.count > 1 && numbers[1] < 100 ? numbers[1] : 0
        return major > 4 || major == 4 && minor >= 7 ? .claude5 : .claude
    }

    /// What a message costs besides its text: marks of its start and end, and its role.
    ///
    /// OpenAI's cookbook tells 3 and the role; Llama's and SmolLM2's templates have five, `[INST]` and `[/INST]` have
    /// more. Claude's is not published: it is what the examples of its documentation leave.
    var messageFrame: Int {
        switch self {
        case .o200k, .cl100k: 4
        case .llama3, .smollm2: 5
        case .llama2: 6
        case .claude, .claude5: 3
        }
    }

    /// What a request costs before its first message and behind its last.
    var requestFrame: Int {
        switch self {
        case .o200k, .cl100k: 3
        case .llama3: 5
        case .llama2: 2
        case .claude, .claude5: 1
        case .smollm2: 4
        }
    }

    /// What the coefficients' sum is multiplied by.
    var factor: Double { self == .claude5 ? 1.3 : 1 }

    /// Tokens that one of each feature costs, in the order of `Features`.
    var coefficients: [Double] {
        switch self {
        case .o200k:
            [
                0.8797, 0.9496, 0.0121, 0.1812, 0.0572, 0.0865, 0.4433, 0.6626, 0, 0.0767, 0.7309,
                0.4401, 0.788, 0.0066, 1.1721, 0.9954, 0.674, 0.2963, 0.8438, 0.8634, 0.0543,
            ]
        case .cl100k:
            [
                0.9064, 0.9817, 0.0018, 0.1554, 0.1037, 0.1243, 0.4506, 0.6853, 0, 0.077, 0.705,
                0.4248, 0.7832, 0.0066, 0.7344, 1.2206, 0.9779, 0.4866, 1.6, 1.5667, 0.1365,
            ]
        case .llama3:
            [
                0.9083, 0.9343, 0.0014, 0.1537, 0.1011, 0.1299, 0.4547, 0.6797, 0, 0.0792, 0.6951,
                0.4525, 0.7662, 0.0095, 0.8281, 0.9942, 0.5912, 0.3453, 1.2988, 1.2551, 0.1282,
            ]
        case .llama2:
            [
                0.9147, 1.4282, 0.275, 0.239, 0.0347, 0.0777, 1.0049, 0.1467, 0, 0.1708, 1.029,
                0.9239, 0.5075, 0, 1.0602, 1.4702, 1.0433, 0.404, 1.5263, 1.6394, 0.0969,
            ]
        case .claude, .claude5:
            [
                0.8788, 1.1087, 0.063, 0.1232, 0.0518, 0.3056, 0.3904, 0.3679, 0.2872, 0.0698, 1.0572,
                0.9571, 0, 0, 1.2, 0.9662, 0.9931, 0.5706, 1.5495, 1.281, 0.1912,
            ]
        case .smollm2:
            [
                0.8156, 1.4295, 0.1173, 0.2191, 0, 0.1891, 0.9626, 0.2178, 0.0347, 0.1738, 1.1366,
                0.6668, 0, 0, 0.8981, 1.8092, 1.7688, 0.8796, 1.2037, 1.9324, 0.2612,
            ]
        }
    }
}
