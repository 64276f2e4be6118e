public import Foundations
public import PluginHost

/// One call over its candidates: what to do next when something happens. Pure: no clock, no threads, no requests.
///
/// An event comes with the time at which it happened (monotonic nanoseconds, never less than that of the event before) and
/// gives actions, to be carried out in order. After `finish` every event gives none. Randomness comes from a seed: the same
/// events give the same actions.
public struct CallMachine: Sendable {
    /// A candidate as the machine knows it, in the order in which candidates are asked.
    public struct Option: Sendable, Equatable {
        public var name: String
        public var provider: String
        public var model: String
        public var isFlex: Bool
        /// A hedge stays within the group of the one that it hedges.
        public var group: Int
        /// What it takes in all but few cases, in nanoseconds; nil when that is not known.
        public var expected: UInt64?
        /// It may not be asked before then, in monotonic nanoseconds: a breaker or a time that it named. 0: it may now.
        public var notBefore: UInt64

        public init(
            name: String, provider: String, model: String, isFlex: Bool = false, group: Int = 0,
            expected: UInt64? = nil, notBefore: UInt64 = 0
        ) {
            self.name = name
            self.provider = provider
            self.model = model
            self.isFlex = isFlex
            self.group = group
            self.expected = expected
            self.notBefore = notBefore
        }
    }

    public enum Event: Sendable {
        case start
        case answered(attempt: Int)
        case failed(attempt: Int, ProviderFailure)
        /// It was not sent: policy, budget, a breaker or a full house. Costs no retry.
        ///
        /// `until`: from when on it may be tried again, in monotonic nanoseconds; nil: not in this call.
        case refused(attempt: Int, SluiceError, reason: String, until: UInt64? = nil)
        /// The time of the last `wake` has come, or it is later for another reason.
        case tick
        case stop
    }

    public struct Send: Sendable, Equatable {
        /// From 0, in order.
        public var attempt: Int
        /// Place in the options.
        public var candidate: Int
        public var isHedge: Bool
        /// Of the call: until when its turn may come. The request's own time, the plan's `attempt`, begins when it leaves.
        public var deadline: UInt64

        public init(attempt: Int, candidate: Int, isHedge: Bool, deadline: UInt64) {
            self.attempt = attempt
            self.candidate = candidate
            self.isHedge = isHedge
            self.deadline = deadline
        }
    }

    public enum Action: Sendable, Equatable {
        case send(Send)
        /// Nobody waits for it any more; what comes of it is ignored.
        case cancel(attempt: Int)
        /// `tick` is wanted then; replaces an earlier wake.
        case wake(at: UInt64)
        case finish(End)
    }

    public enum End: Sendable, Equatable {
        case answered(attempt: Int)
        /// What the last one said, with the candidate that said it; nil for the deadline of the call.
        case failed(ProviderFailure, candidate: Int?)
        /// Nobody could be asked; why the last one could not.
        case nobody(SluiceError?)
        case stopped
    }

    /// What became of one send, for the ledger.
    public struct Step: Sendable, Equatable {
        public var candidate: Int
        public var isHedge: Bool
        /// How long it had to wait for its turn, as the machine decided.
        public var waitMilliseconds: UInt64
        /// `answered`, a code, `cancelled`, or why it was not sent.
        public var outcome: String
        public var reason: String?
        public var wasSent: Bool
    }

    private struct Place {
        var sends = 0
        var notBefore: UInt64 = 0
        var wait: UInt64 = 0
        var excluded: String?
    }

    private let options: [Option]
    private let plan: LanePlan
    private var places: [Place]
    private var random: SeededRandom
    private var isRunning = false
    private var hasEnded = false
    private var deadline: UInt64 = 0
    private var left: Int
    private var inFlight: [(attempt: Int, candidate: Int)] = []
    private var hedgeAt: UInt64?
    private var hasHedged = false
    /// The one that is tried again before others are.
    private var again: Int?
    private var last: (failure: ProviderFailure, candidate: Int)?
    /// A failure that ends the call, unless the one that was asked beside it answers.
    private var verdict: (failure: ProviderFailure, candidate: Int)?
    private var refusal: SluiceError?
    public private(set) var steps: [Step] = []

    /// - Parameters:
    ///   - deadline: of the whole call; the plan's, counted from the start, where it is earlier.
    ///   - seed: of the random waits.
    public init(_ options: [Option], plan: LanePlan, deadline: UInt64 = .max, seed: UInt64) {
        self.options = options
        self.plan = plan
        self.deadline = deadline
        places = Array(repeating: Place(), count: options.count)
        left = 1 + max(0, plan.retries)
        random = SeededRandom(seed)
    }

    /// Requests that went out beyond the first.
    public var retries: Int { max(0, steps.count(where: \.wasSent) - 1) }

    /// Who was asked, in order, the one that decided last; a candidate that was asked several times stands there once for
    /// each turn.
    public var chain: [Int] {
        var chain: [Int] = []
        for step in steps where step.wasSent && chain.last != step.candidate { chain.append(step.candidate) }
        return chain
    }

    public mutating func handle(_ event: Event, at now: UInt64) -> [Action] {
        guard !hasEnded else { return [] }
        switch event {
        case .start:
            guard !isRunning else { return [] }
            isRunning = true
            let (end, over) = now.addingReportingOverflow(plan.deadline)
            deadline = min(deadline, over ? .max : end)
            for (index, option) in options.enumerated() where option.notBefore > now {
                wait(index, option.notBefore, now)
            }
            return now >= deadline ? runOut(now) : proceed(now)
        case .tick:
            guard isRunning else { return [] }
            return now >= deadline ? runOut(now) : proceed(now)
        case .stop: return end(.stopped, now)
        case .answered(let attempt):
            guard take(attempt) != nil else { return [] }
            steps[attempt].outcome = "answered"
            return end(.answered(attempt: attempt), now)
        case .refused(let attempt, let error, let reason, let until):
            guard let candidate = take(attempt) else { return [] }
            steps[attempt].outcome = "skipped"
            steps[attempt].reason = reason
            steps[attempt].wasSent = false
            left += 1
            places[candidate].sends -= 1
            if let until, until < deadline {
                wait(candidate, until, now)
            } else {
                places[candidate].excluded = reason
            }
            refusal = error
            return now >= deadline ? runOut(now) : proceed(now)
        case .failed(let attempt, let failure):
            guard let candidate = take(attempt) else { return [] }
            steps[attempt].outcome = failure.code.description
            steps[attempt].reason = failure.reason
            last = (failure, candidate)
            guard RetryRule.of(failure.code).fallback else {
                verdict = verdict ?? (failure, candidate)
                return now >= deadline ? runOut(now) : proceed(now)
            }
            hold(candidate, failure, now)
            return now >= deadline ? runOut(now) : proceed(now)
        }
    }

    /// An attempt that was given up turned out never to have left: nobody was asked.
    public mutating func recall(_ attempt: Int) {
        steps[attempt].wasSent = false
        steps[attempt].reason = "not_sent"
    }

    /// Nobody is asked before `until`; not all who wait for the same come at once.
    private mutating func wait(_ index: Int, _ until: UInt64, _ now: UInt64) {
        let (late, over) = until.addingReportingOverflow(random.next(below: plan.backoffBase &+ 1))
        let at = over || late >= deadline ? until : late
        places[index].notBefore = max(places[index].notBefore, at)
        places[index].wait = at > now ? at - now : 0
    }

    // MARK: What a failure means for the others

    private mutating func hold(_ candidate: Int, _ failure: ProviderFailure, _ now: UInt64) {
        again = nil
        let backoff = jitter()
        let named = failure.retryAfterMilliseconds.map { wait -> UInt64 in
            // Not all who were told the same come back at once.
            min(wait, 86_400_000) * 1_000_000 &+ random.next(below: plan.backoffBase &+ 1)
        }
        let isForGood =
            (failure.code == .providerUnhealthy && [.credential, .model].contains(failure.scope))
            || (RetryRule.of(failure.code).retry == .atReset && named == nil)
        for index in options.indices where isTouched(index, by: failure.scope, of: candidate) {
            guard !isForGood else {
                places[index].excluded = failure.reason
                continue
            }
            let wait = named ?? backoff
            let until = now.addingReportingOverflow(wait)
            places[index].notBefore = max(places[index].notBefore, until.overflow ? .max : until.partialValue)
            places[index].wait = wait
        }
        // What may pass at once is tried once more where it happened.
        if failure.code == .transientError, named == nil, places[candidate].sends == 1, inFlight.isEmpty,
            isEligible(candidate), places[candidate].notBefore < deadline
        {
            again = candidate
        }
    }

    private func isTouched(_ index: Int, by scope: ProviderFailure.Scope, of candidate: Int) -> Bool {
        let (one, faulty) = (options[index], options[candidate])
        if index == candidate { return true }
        guard one.provider == faulty.provider else { return false }
        switch scope {
        case .request: return false
        case .model: return one.model == faulty.model
        case .lane: return one.isFlex == faulty.isFlex
        case .credential, .provider: return true
        }
    }

    /// Full jitter: anything up to `min(cap, base · 2^n)`, n counting the sends so far from 0.
    private mutating func jitter() -> UInt64 {
        let sent = max(0, steps.count(where: \.wasSent) - 1)
        let (grown, over) = plan.backoffBase.multipliedReportingOverflow(by: 1 << UInt64(min(sent, 40)))
        return random.next(below: min(plan.backoffCap, over ? .max : grown) &+ 1)
    }

    // MARK: What to do next

    private func isEligible(_ index: Int) -> Bool {
        places[index].excluded == nil && places[index].sends < plan.sendsPerCandidate
    }

    private mutating func proceed(_ now: UInt64) -> [Action] {
        if let verdict {
            // Who was asked beside it may still answer; nobody else is asked.
            return inFlight.isEmpty
                ? end(.failed(verdict.failure, candidate: verdict.candidate), now) : [.wake(at: deadline)]
        }
        guard inFlight.isEmpty else { return hedge(now) }
        guard left > 0, now < deadline else { return giveUp(now) }
        if let candidate = again {
            if places[candidate].notBefore > now { return [.wake(at: min(deadline, places[candidate].notBefore))] }
            again = nil
            return send(candidate, isHedge: false, now)
        }
        // Everybody once, in order; then whoever may be asked earliest. How fast answers come changes little of it.
        let eligible = options.indices.filter(isEligible)
        if let fresh = eligible.first(where: { places[$0].sends == 0 && places[$0].notBefore <= now }) {
            return send(fresh, isHedge: false, now)
        }
        let next = eligible.min { (places[$0].notBefore, $0) < (places[$1].notBefore, $1) }
        guard let next, places[next].notBefore < deadline else { return giveUp(now) }
        guard places[next].notBefore > now else { return send(next, isHedge: false, now) }
        return [.wake(at: places[next].notBefore)]
    }

    private mutating func send(_ candidate: Int, isHedge: Bool, _ now: UInt64) -> [Action] {
        let attempt = steps.count
        left -= 1
        places[candidate].sends += 1
        inFlight.append((attempt, candidate))
        steps.append(
            Step(
                candidate: candidate, isHedge: isHedge,
                waitMilliseconds: isHedge || places[candidate].notBefore == 0 ? 0 : places[candidate].wait / 1_000_000,
                outcome: "sent", reason: nil, wasSent: true))
        let send = Send(attempt: attempt, candidate: candidate, isHedge: isHedge, deadline: deadline)
        if isHedge {
            hasHedged = true
            hedgeAt = nil
        } else if !hasHedged, let standard = plan.hedge {
            let wait = options[candidate].expected.map { min(plan.hedgeMost, max(plan.hedgeLeast, $0)) } ?? standard
            hedgeAt = now &+ wait
        }
        return [.send(send), .wake(at: min(deadline, hedgeAt ?? deadline))]
    }

    /// Asks a second candidate beside one that takes longer than it mostly does.
    private mutating func hedge(_ now: UInt64) -> [Action] {
        guard let due = hedgeAt, inFlight.count == 1, let first = inFlight.first else {
            return [.wake(at: deadline)]
        }
        guard now >= due else { return [.wake(at: min(deadline, due))] }
        hedgeAt = nil
        let second = options.indices.first { index in
            index != first.candidate && isEligible(index) && places[index].notBefore <= now
                && options[index].group == options[first.candidate].group
        }
        guard left > 0, let second else { return [.wake(at: deadline)] }
        return send(second, isHedge: true, now)
    }

    private mutating func giveUp(_ now: UInt64) -> [Action] {
        if let last { return end(.failed(last.failure, candidate: last.candidate), now) }
        return end(.nobody(refusal), now)
    }

    private mutating func runOut(_ now: UInt64) -> [Action] {
        if let verdict { return end(.failed(verdict.failure, candidate: verdict.candidate), now) }
        let failure = ProviderFailure(
            .timeout, reason: "lane_deadline", message: "No answer came within the lane's deadline.")
        return end(.failed(failure, candidate: inFlight.first?.candidate), now)
    }

    private mutating func take(_ attempt: Int) -> Int? {
        guard let index = inFlight.firstIndex(where: { $0.attempt == attempt }) else { return nil }
        return inFlight.remove(at: index).candidate
    }

    private mutating func end(_ end: End, _ now: UInt64) -> [Action] {
        hasEnded = true
        let losers = inFlight.map(\.attempt)
        inFlight = []
        for attempt in losers { steps[attempt].outcome = "cancelled" }
        return losers.map { .cancel(attempt: $0) } + [.finish(end)]
    }
}

/// Numbers that follow from a seed (SplitMix64; Steele, Lea and Flood 2014).
public struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(_ seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// 0 up to below `bound`; 0 for a bound of 0.
    public mutating func next(below bound: UInt64) -> UInt64 {
        bound == 0 ? 0 : UInt64.random(in: 0..<bound, using: &self)
    }
}
