public import Contracts
public import Foundations

/// What one call may take in a lane: time, sends, waits (ROADMAP §§4, 46; docs/routing.md). Nanoseconds unless said.
public struct LanePlan: Sendable, Equatable {
    /// From the moment that a call is taken up until somebody has an answer or an error.
    public var deadline: UInt64
    /// Of one request, within the deadline.
    public var attempt: UInt64
    /// Until the first byte of an answer, and the longest silence in it; milliseconds, as providers are told.
    public var firstByteMilliseconds: Int
    public var stallMilliseconds: Int
    /// Sends beyond the first, of the whole call: retries, other candidates and hedges together.
    public var retries: Int
    /// How often one candidate is asked at most.
    public var sendsPerCandidate: Int
    /// Waits before another try: a random time up to `min(cap, base · 2^n)` (full jitter).
    public var backoffBase: UInt64
    public var backoffCap: UInt64
    /// After how long a second candidate is asked beside one whose latency is not known; nil where none ever is.
    public var hedge: UInt64?
    /// The bounds of that wait where the latency is known.
    public var hedgeLeast: UInt64
    public var hedgeMost: UInt64
    /// How long a call waits for a place among those that a provider may have at once.
    public var placeWait: UInt64
    /// How providers' batch APIs are used; nil where they are not.
    public var batches: BatchPlan?

    public init(
        deadline: UInt64, attempt: UInt64, firstByteMilliseconds: Int, stallMilliseconds: Int, retries: Int,
        sendsPerCandidate: Int, backoffBase: UInt64, backoffCap: UInt64, hedge: UInt64?, hedgeLeast: UInt64,
        hedgeMost: UInt64, placeWait: UInt64, batches: BatchPlan? = nil
    ) {
        self.deadline = deadline
        self.attempt = attempt
        self.firstByteMilliseconds = firstByteMilliseconds
        self.stallMilliseconds = stallMilliseconds
        self.retries = retries
        self.sendsPerCandidate = sendsPerCandidate
        self.backoffBase = backoffBase
        self.backoffCap = backoffCap
        self.hedge = hedge
        self.hedgeLeast = hedgeLeast
        self.hedgeMost = hedgeMost
        self.placeWait = placeWait
        self.batches = batches
    }

    private static let second: UInt64 = 1_000_000_000
    private static let millisecond: UInt64 = 1_000_000

    /// A person waits: p99 of a small prompt is at most 3.5 s, so a second candidate is asked after 1.5 s.
    public static let interactive = LanePlan(
        deadline: 10 * second, attempt: 8 * second, firstByteMilliseconds: 4000, stallMilliseconds: 4000, retries: 3,
        sendsPerCandidate: 2, backoffBase: 100 * millisecond, backoffCap: 1 * second, hedge: 1500 * millisecond,
        hedgeLeast: 250 * millisecond, hedgeMost: 2 * second, placeWait: 2 * second)

    /// Nobody waits beside it; a queue of three minutes is within the target.
    public static let flex = LanePlan(
        deadline: 600 * second, attempt: 300 * second, firstByteMilliseconds: 240_000, stallMilliseconds: 60_000,
        retries: 6, sendsPerCandidate: 4, backoffBase: 1 * second, backoffCap: 60 * second, hedge: nil, hedgeLeast: 0,
        hedgeMost: 0, placeWait: 180 * second)

    /// Large work, in a provider's batches; one that has none is asked by workers of ours.
    public static let batch = LanePlan(
        deadline: 14_400 * second, attempt: 900 * second, firstByteMilliseconds: 600_000, stallMilliseconds: 120_000,
        retries: 8, sendsPerCandidate: 6, backoffBase: 2 * second, backoffCap: 300 * second, hedge: nil, hedgeLeast: 0,
        hedgeMost: 0, placeWait: 14_400 * second, batches: .standard)

    public static func of(_ lane: Lane) -> LanePlan {
        switch lane {
        case .interactive: interactive
        case .flex: flex
        case .batch: batch
        }
    }
}

/// How patiently providers' batches are handed in and asked after, and when one is worth it (docs/batch.md). Nanoseconds.
public struct BatchPlan: Sendable, Equatable {
    /// Until a batch is first asked after; each later interval is longer by the half, up to `longestPoll`.
    public var firstPoll: UInt64
    public var longestPoll: UInt64
    /// One handing-in, and one question after a batch.
    public var exchange: UInt64
    /// So many eighths of what a call has left are the batch's; the rest is for asking one by one what it did not answer.
    public var eighths: UInt64
    /// Fewer questions are asked one by one, unless a batch saves at least `leastSaving` of them.
    public var least: Int
    public var leastSaving: USD

    public init(
        firstPoll: UInt64, longestPoll: UInt64, exchange: UInt64, eighths: UInt64, least: Int, leastSaving: USD
    ) {
        self.firstPoll = firstPoll
        self.longestPoll = longestPoll
        self.exchange = exchange
        self.eighths = eighths
        self.least = least
        self.leastSaving = leastSaving
    }

    public static let standard = BatchPlan(
        firstPoll: 2_000_000_000, longestPoll: 60_000_000_000, exchange: 120_000_000_000, eighths: 7, least: 3,
        leastSaving: USD(nanos: 10_000_000))

    /// When a batch is given up, of a call that ends at `deadline`.
    func end(of deadline: UInt64, at now: UInt64) -> UInt64 {
        deadline > now ? now + (deadline - now) / 8 * min(8, eighths) : deadline
    }
}

/// What follows from a code of the taxonomy (ROADMAP §31).
public struct RetryRule: Sendable, Equatable {
    public enum Retry: String, Sendable {
        case no
        /// After a random wait, or the one that the provider names.
        case yes
        /// Only once a reset that the provider named is past.
        case atReset = "at a known reset"
    }

    public var retry: Retry
    public var fallback: Bool

    public static func of(_ code: SluiceError.Code) -> RetryRule {
        switch code {
        case .providerUnhealthy, .rateLimit, .timeout, .transientError: RetryRule(retry: .yes, fallback: true)
        case .quotaExhausted: RetryRule(retry: .atReset, fallback: true)
        // Another provider may not be asked silently about an answer that must be looked at.
        default: RetryRule(retry: .no, fallback: false)
        }
    }
}
