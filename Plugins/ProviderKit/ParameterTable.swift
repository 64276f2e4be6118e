/// What becomes of each normalised parameter at one provider: the source of the matrix in docs/providers.md.
public struct ParameterTable: Equatable, Sendable {
    public enum Name: String, CaseIterable, Sendable {
        case system, temperature
        case topP = "top_p"
        case stop
        case maxTokens = "max_tokens"
        case seed, schema, tier, stream
        case contextTokens = "context_tokens"
    }

    public enum Rule: Equatable, Sendable {
        /// Sent as it is, under the provider's name for it.
        case passed(as: String)
        /// Sent in another form; `how` for a reader, such as `halved: 0–1`.
        case mapped(as: String, how: String)
        /// Not sent; the answer says so.
        case dropped(why: String)
        /// The request fails with DETERMINISTIC_FAILURE before anything is sent.
        case refused(why: String)
    }

    public let rules: [Name: Rule]
    /// Stop sequences that the provider takes; more are refused.
    public let stopLimit: Int

    public init(_ rules: [Name: Rule], stopLimit: Int) {
        self.rules = rules
        self.stopLimit = stopLimit
    }
}
