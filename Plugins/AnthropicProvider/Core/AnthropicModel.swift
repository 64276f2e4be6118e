/// What a model's name says about what it takes.
///
/// Sources: Anthropic's pages on models, structured outputs and API versions; the models' answers to parameters that
/// they do not take (400).
struct AnthropicModel: Equatable, Sendable {
    /// Whether the name is one of Anthropic's. Other servers that speak its protocol have names of their own.
    let isClaude: Bool
    /// As in `claude-opus-4-7`; the highest when a name of Anthropic's has no number.
    let major: Int
    let minor: Int

    init(_ name: String) {
        let parts = name.lowercased().split { $0 == "-" || $0 == "." || $0 == "@" }
        isClaude = parts.first == "claude"
        // A date has eight digits.
        let numbers = parts.dropFirst().filter { $0.utf8.count <= 2 }.compactMap { Int($0) }
        major = numbers.first ?? (isClaude ? Int.max : 0)
        minor = numbers.count > 1 ? numbers[1] : 0
    }

    private func isBefore(_ otherMajor: Int, _ otherMinor: Int) -> Bool {
        major < otherMajor || (major == otherMajor && minor < otherMinor)
    }

    /// Whether it takes `temperature` and `top_p`: Claude 4.7 and later answer 400.
    var samples: Bool { !isClaude || isBefore(4, 7) }

    /// Whether it takes `output_config.format`: Claude 4.5 and later. The others are held to a schema by a forced tool.
    var hasOutputFormat: Bool { isClaude && !isBefore(4, 5) }
}
