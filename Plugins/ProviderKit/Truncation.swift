/// Finds prompts that a server cut short without a word (llama.cpp's context shift, Ollama's default).
public enum Truncation {
    /// Below this many tokens an estimate is too rough to say anything.
    private static let least = 64

    /// Compares what the server counted with the host's estimate, whose error is far below both margins.
    ///
    /// - Parameters:
    ///   - counted: the input tokens that the server says it read, cached ones included.
    ///   - usage: what the provider bills for the answer to the rest of the prompt.
    /// - Throws: DETERMINISTIC_FAILURE, `truncated`.
    public static func check(
        _ request: ChatRequest, counted: Int?, usage: ChatAnswer.Usage? = nil
    ) throws(Failure) {
        guard let counted, let estimate = request.promptTokens, estimate >= least else { return }
        let isHalf = counted * 2 < estimate
        // A prompt that was cut to what fits fills the context nearly up.
        let isFull =
            request.contextTokens.map { counted * 10 >= $0 * 9 && counted * 5 < estimate * 4 } ?? false
        guard isHalf || isFull else { return }
        throw Failure(
            .deterministicFailure, reason: "truncated",
            message: "The server read \(counted) tokens of a prompt of about \(estimate): it cut the prompt short. "
                + "Give the server a larger context, or shorten the prompt.", usage: usage)
    }
}
