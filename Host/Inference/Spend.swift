public import Contracts
public import Foundations
public import PluginHost

/// What a request may cost at most, told before it is sent.
public struct SpendEstimate: Sendable, Equatable {
    /// Tokens of the prompt, as estimated for the provider that is asked.
    public var promptTokens: Int64
    /// The most that the answer may be long: `max_tokens`, else the model's own limit.
    public var maxOutputTokens: Int64
    /// nil when it is not known; see `SpendControl.reserve`.
    public var price: Price?
    public var tier: PriceTier
    /// Who is asked, for messages and the journal: `provider:model`.
    public var candidate: String
    /// The question's key in the cache (`AnswerLead.key`), nil when it may not be cached.
    public var question: SHA256.Digest?

    public init(
        promptTokens: Int64, maxOutputTokens: Int64, price: Price?, tier: PriceTier = .standard, candidate: String,
        question: SHA256.Digest? = nil
    ) {
        self.promptTokens = promptTokens
        self.maxOutputTokens = maxOutputTokens
        self.price = price
        self.tier = tier
        self.candidate = candidate
        self.question = question
    }

    public var most: Spend {
        let input = max(0, promptTokens)
        let output = max(0, maxOutputTokens)
        let (sum, over) = input.addingReportingOverflow(output)
        return Spend(
            tokens: over ? .max : sum, usd: price?.most(input: input, output: output, tier: tier), isEstimate: true)
    }

    /// What an answer cost; nil usage: nobody knows, and then it cost what it could at most.
    ///
    /// - Parameter tier: what the provider says it served; nil: what was asked for.
    public func spend(_ usage: TokenUsage?, tier served: PriceTier? = nil) -> Spend {
        guard let usage else { return most }
        return Spend(
            tokens: Int64(clamping: max(0, usage.input)) + Int64(clamping: max(0, usage.output)),
            usd: price?.cost(of: usage, tier: served ?? tier))
    }
}

/// What was, or will be, spent.
public struct Spend: Sendable, Equatable {
    /// Input and output, each token once.
    public var tokens: Int64
    /// nil where a price is not known; unknown and known is unknown.
    public var usd: USD?
    /// Whether some of it is an estimate that no usage was told for.
    public var isEstimate: Bool

    public init(tokens: Int64, usd: USD?, isEstimate: Bool = false) {
        self.tokens = tokens
        self.usd = usd
        self.isEstimate = isEstimate
    }

    public static let zero = Spend(tokens: 0, usd: .zero)

    public static func + (a: Spend, b: Spend) -> Spend {
        let (tokens, over) = a.tokens.addingReportingOverflow(b.tokens)
        var usd: USD?
        if let first = a.usd, let second = b.usd { usd = first + second }
        return Spend(tokens: over ? .max : tokens, usd: usd, isEstimate: a.isEstimate || b.isEstimate)
    }

    public static func += (a: inout Spend, b: Spend) { a = a + b }
}

/// Room in a budget that one request holds from before it is sent until it is known what it cost.
public struct Reservation: Sendable, Equatable {
    public let id: ULID
    public let stage: Stage
    public let estimate: SpendEstimate

    public init(id: ULID, stage: Stage, estimate: SpendEstimate) {
        self.id = id
        self.stage = stage
        self.estimate = estimate
    }
}

/// How one who asks waits for room that others hold and may give back.
public struct SpendTurn: Sendable {
    /// Of several who wait the lowest comes first.
    public var order: Int
    /// Monotonic nanoseconds.
    public var until: UInt64
    /// Raised when nobody waits for the answer any more.
    public var stop: StopSignal?

    public init(order: Int, until: UInt64, stop: StopSignal?) {
        self.order = order
        self.until = until
        self.stop = stop
    }
}

/// Keeps what requests cost within the caps of their stage. Any thread may call it.
///
/// In this order, for each attempt at each candidate: `AnswerSource.lookup`; for a hit `charge`, else `reserve`, send,
/// and then exactly one of `settle` and `release`. A second one of a reservation changes nothing.
public protocol SpendControl: Sendable {
    /// Takes the room that the estimate needs, before anything is sent.
    ///
    /// - Throws: `inference.budget` (QUOTA_EXHAUSTED) with what was asked for, what is left and the cap. Also for an
    ///   estimate without a price under a cap in USD: what cannot be priced cannot be kept under it. Another candidate may
    ///   fit still. What the journal throws: then nothing may be sent.
    func reserve(_ estimate: SpendEstimate, stage: Stage) throws(SluiceError) -> Reservation

    /// The same, but where only what others hold is in the way, it waits for them to settle: which questions are asked
    /// does not depend on which thread came first. What does not fit beside what is spent is refused at once.
    func reserve(_ estimate: SpendEstimate, stage: Stage, turn: SpendTurn) throws(SluiceError) -> Reservation

    /// What the request did cost. `estimate.spend(nil)` for an attempt whose usage nobody knows.
    func settle(_ reservation: Reservation, actual: Spend)

    /// Nothing was billed: it was not sent, or refused before any work (`ProviderFailure.isUnbilled`).
    func release(_ reservation: Reservation)

    /// Counts an answer of the cache as if it had been asked for, so that what a budget allows does not depend on the
    /// cache; nothing, where this run has asked and counted that very question before.
    ///
    /// - Throws: `inference.budget` where the question could not have been asked.
    func charge(_ estimate: SpendEstimate, stage: Stage, usage: TokenUsage?) throws(SluiceError)

    /// The same, and waits as `reserve` does.
    func charge(_ estimate: SpendEstimate, stage: Stage, usage: TokenUsage?, turn: SpendTurn) throws(SluiceError)

    /// Why a reservation would be refused now; nil when it would not. Takes no room.
    func refusal(of estimate: SpendEstimate, stage: Stage) -> SluiceError?

    /// How much of a stage's caps neither is spent nor held; USD is nil where there is no cap in USD.
    func remaining(_ stage: Stage) -> Spend

    /// When the stage's wall time is used up, in monotonic nanoseconds; it runs from the first question on. No request
    /// may be waited for longer.
    func deadline(_ stage: Stage) -> UInt64
}

extension SpendControl {
    /// Does not wait.
    public func reserve(_ estimate: SpendEstimate, stage: Stage, turn: SpendTurn) throws(SluiceError) -> Reservation {
        try reserve(estimate, stage: stage)
    }

    /// Does not wait.
    public func charge(
        _ estimate: SpendEstimate, stage: Stage, usage: TokenUsage?, turn: SpendTurn
    ) throws(SluiceError) {
        try charge(estimate, stage: stage, usage: usage)
    }

    /// Settles by what the provider told of its usage, and says what that is.
    @discardableResult
    public func settle(_ reservation: Reservation, usage: TokenUsage?, tier: PriceTier? = nil) -> Spend {
        let spend = reservation.estimate.spend(usage, tier: tier)
        settle(reservation, actual: spend)
        return spend
    }

    /// Settles what an attempt came to that gave no answer: nothing, or what it could cost at most.
    @discardableResult
    public func settle(_ reservation: Reservation, failure: ProviderFailure) -> Spend {
        guard !failure.isUnbilled else {
            release(reservation)
            return .zero
        }
        return settle(reservation, usage: nil)
    }
}

extension ProviderFailure {
    /// Whether the request certainly cost nothing: a provider answered with an error, or never got it. A deadline, a cut
    /// stream, an unreadable answer, a plugin that died and a refusal by the model itself may be billed.
    public var isUnbilled: Bool {
        // Its time was over, or nobody waited any more, before the plugin was called.
        guard wasCalled else { return true }
        // What the broker saw counts, and not what a plugin says of it; it saw nothing of one result of a batch.
        if let isSeenFree { return isSeenFree }
        return switch code {
        case .rateLimit, .quotaExhausted: true
        // The provider may have answered before its plugin died or lied.
        case .providerUnhealthy: reason != "plugin_crashed" && reason != "plugin_protocol"
        case .policyBlock: status.map { $0 >= 400 } ?? true
        case .deterministicFailure: status.map { $0 >= 400 } ?? (reason == "not_offered")
        case .transientError: status.map { $0 >= 400 } ?? false
        default: false
        }
    }
}
