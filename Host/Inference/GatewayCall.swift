internal import Contracts
internal import Foundations
internal import PluginHost
internal import Policy
internal import Synchronization

/// One job on its way through the gateway: drives the machine with threads, on the thread that calls `drive`.
///
/// In a lane with batches it comes back when its question is to go into one, and is driven on with what became of it there.
struct GatewayCall: Sendable {
    let gateway: Gateway
    let job: InferenceJob
    let run: GatewayRun
    let stop: StopSignal?
    let seed: UInt64
    /// When the time of the call began; nil: when it is taken up.
    let begun: UInt64?
    /// The place of the job among those that are asked together: who waits for room in the budget gets it in this order.
    var order = 0
    /// What is under way, or was answered, in batches of the run: by candidate, the hashes of the requests.
    var known: [String: Set<SHA256.Digest>] = [:]
    private var state: State?

    /// What all attempts of the job came to.
    private struct Books {
        var estimated = Spend.zero
        var actual = Spend.zero
        var calls: [JSON] = []
        var chain: [String] = []
        var retries = 0
    }

    private struct State {
        let plan: LanePlan
        let deadline: UInt64
        let ranking: Ranking
        let permits: [Permit]
        let rule: PolicyEngine.Rule
        let breakers: JSON
        var books = Books()
        var messages: [ModelRequest.Message]
        var round: UInt64 = 0
        var machine: CallMachine
        var wake: UInt64
        let mailbox = Monitor<[(attempt: Int, report: Attempt.Report)]>([])
        var stops: [Int: StopSignal] = [:]
        var departures: [Int: Departure] = [:]
        var reports: [Int: Attempt.Report] = [:]
        /// Candidates that are asked one by one from now on: a question goes into one batch of each, once.
        var singly: Set<Int> = []
    }

    /// With what a call is driven on.
    enum Input: Sendable {
        case start
        /// What became of a send in a batch.
        case batched(CallMachine.Send, Attempt.Report)
        /// The batch did not take it: it is asked by itself.
        case singly(CallMachine.Send)
    }

    enum Turn: Sendable {
        case over(InferenceOutcome)
        case batch(CallMachine.Send)
    }

    init(gateway: Gateway, job: InferenceJob, run: GatewayRun, stop: StopSignal?, seed: UInt64, begun: UInt64?) {
        self.gateway = gateway
        self.job = job
        self.run = run
        self.stop = stop
        self.seed = seed
        self.begun = begun
    }

    private var context: Context { gateway.context }

    /// Blocks until there is an outcome, or its question is to go into a batch.
    mutating func drive(_ input: Input = .start) -> Turn {
        var state = self.state ?? begin()
        defer { self.state = state }
        var next: CallMachine.Event?
        switch input {
        case .start: next = stop?.isRaised == true ? .stop : .start
        case .singly(let send):
            state.singly.insert(send.candidate)
            launch(send, &state)
        case .batched(let send, let report):
            state.singly.insert(send.candidate)
            state.reports[send.attempt] = report
            // What was answered is, whoever stops the run meanwhile.
            if case .answered = report.result {} else if stop?.isRaised == true { next = .stop }
            next = next ?? Self.event(send.attempt, report, &state.reports)
        }
        while true {
            let event = next ?? event(&state)
            next = nil
            var ending: CallMachine.End?
            for action in state.machine.handle(event, at: context.monotonic()) {
                switch action {
                case .send(let send):
                    if isForBatch(send.candidate, state) { return .batch(send) }
                    launch(send, &state)
                case .cancel(let attempt): state.stops[attempt]?.raise()
                case .wake(let at): state.wake = at
                case .finish(let end): ending = end
                }
            }
            guard let ending else { continue }
            if let outcome = conclude(ending, &state) { return .over(outcome) }
            next = stop?.isRaised == true ? .stop : .start
        }
    }

    /// Whether the first who would be asked is asked in a batch.
    mutating func startsInBatch() -> Bool {
        let state = self.state ?? begin()
        self.state = state
        return !state.ranking.ranked.isEmpty && isForBatch(0, state)
    }

    /// When its time is over; `.max` before it was begun.
    var deadline: UInt64 { state?.deadline ?? .max }

    func ranked(_ send: CallMachine.Send) -> Ranking.Ranked? {
        state.flatMap { $0.ranking.ranked.indices.contains(send.candidate) ? $0.ranking.ranked[send.candidate] : nil }
    }

    func attempt(_ send: CallMachine.Send) -> Attempt? { state.map { attempt(send, $0, stop: StopSignal()) } }

    // MARK: Beginning

    private func begin() -> State {
        let plan = gateway.plan(run.lane)
        let start = begun ?? context.monotonic()
        let (end, over) = start.addingReportingOverflow(plan.deadline)
        let deadline = min(over ? .max : end, run.spend.deadline(job.stage))
        var (ranking, permits, rule) = gateway.plan(job, run: run, deadline: deadline)
        bringForward(&ranking, &permits, plan)
        return State(
            plan: plan, deadline: deadline, ranking: ranking, permits: permits, rule: rule,
            breakers: gateway.health.with { $0.report(at: start) }, messages: job.messages,
            machine: machine(ranking, plan, deadline, seed), wake: deadline)
    }

    private func machine(_ ranking: Ranking, _ plan: LanePlan, _ deadline: UInt64, _ seed: UInt64) -> CallMachine {
        let snapshot = gateway.health.with { $0 }
        let options = ranking.ranked.map { one in
            CallMachine.Option(
                name: one.candidate.name, provider: one.candidate.entry.provider, model: one.candidate.entry.id,
                isFlex: one.candidate.tier == .flex, group: one.group,
                expected: snapshot.latency(.init(one.candidate, lane: run.lane), percentile: 0.95)
                    ?? one.expectedMilliseconds.map { UInt64(min($0 * 2, 3.6e6) * 1e6) },
                notBefore: one.notBefore)
        }
        return CallMachine(options, plan: plan, deadline: deadline, seed: seed)
    }

    /// Who has the question in a batch already comes first: it is paid for there.
    private func bringForward(_ ranking: inout Ranking, _ permits: inout [Permit], _ plan: LanePlan) {
        guard !known.isEmpty else { return }
        let found = ranking.ranked.indices.first { place in
            let one = ranking.ranked[place]
            guard one.candidate.tier == .standard, let hashes = known[one.candidate.tag] else { return false }
            let attempt = Attempt(
                gateway: gateway, job: job, run: run, ranked: one, permit: permits[place], messages: job.messages,
                plan: plan, send: .init(attempt: 0, candidate: place, isHedge: false, deadline: .max),
                stop: StopSignal())
            return attempt.batchItem(job.id).map { hashes.contains($0.requestHash) } ?? false
        }
        guard let found, found > 0 else { return }
        ranking.ranked[found].notes.append("has it in a batch")
        ranking.ranked.insert(ranking.ranked.remove(at: found), at: 0)
        permits.insert(permits.remove(at: found), at: 0)
    }

    private func isForBatch(_ candidate: Int, _ state: State) -> Bool {
        guard run.batches != nil, run.lane == .batch, state.plan.batches != nil, state.round == 0,
            !state.singly.contains(candidate)
        else { return false }
        return state.ranking.ranked[candidate].candidate.isForBatches(.batch)
    }

    // MARK: One call

    private func attempt(_ send: CallMachine.Send, _ state: State, stop: StopSignal) -> Attempt {
        Attempt(
            gateway: gateway, job: job, run: run, ranked: state.ranking.ranked[send.candidate],
            permit: state.permits[send.candidate], messages: state.messages, plan: state.plan, send: send, stop: stop,
            runStop: self.stop, order: order)
    }

    private func launch(_ send: CallMachine.Send, _ state: inout State) {
        let signal = StopSignal()
        state.stops[send.attempt] = signal
        let attempt = attempt(send, state, stop: signal)
        state.departures[send.attempt] = attempt.departure
        gateway.workers.run { [mailbox = state.mailbox] in
            let report = attempt.make()
            mailbox.change { $0.append((send.attempt, report)) }
        }
    }

    /// The next thing that happens.
    private func event(_ state: inout State) -> CallMachine.Event {
        while true {
            if stop?.isRaised == true { return .stop }
            let now = context.monotonic()
            let left = state.wake > now ? state.wake - now : 0
            // Who waits for a condition hears no signal: it is looked at again now and then.
            let slice = stop == nil ? left : min(left, StopSignal.blindMilliseconds * 1_000_000)
            let message = state.mailbox.wait(nanoseconds: slice) { $0.isEmpty ? nil : $0.removeFirst() }
            guard let message else {
                if context.monotonic() >= state.wake { return .tick }
                continue
            }
            let event = Self.event(message.attempt, message.report, &state.reports)
            // What a stop kept back was refused for that alone.
            if case .refused = event, stop?.isRaised == true { return .stop }
            return event
        }
    }

    private static func event(
        _ attempt: Int, _ report: Attempt.Report, _ reports: inout [Int: Attempt.Report]
    ) -> CallMachine.Event {
        reports[attempt] = report
        return switch report.result {
        case .answered: .answered(attempt: attempt)
        case .failed(let failure, _): .failed(attempt: attempt, failure)
        case .refused(let error, let reason): .refused(attempt: attempt, error, reason: reason, until: report.until)
        }
    }

    /// The outcome of the job; nil when it is asked anew: an answer that breaks the schema is, once, as a call with a retry
    /// budget of its own.
    private func conclude(_ ending: CallMachine.End, _ state: inout State) -> InferenceOutcome? {
        for (attempt, departure) in state.departures where state.machine.steps[attempt].outcome == "cancelled" {
            if departure.recall() { state.machine.recall(attempt) }
        }
        close(state.machine, state.ranking, state.reports, &state.books)
        let (result, rejected) = conclude(ending, state.ranking, state.permits, state.reports)
        if state.round == 0, let rejected, let permit = rejected.permit, context.monotonic() < state.deadline {
            let words = AnswerCheck.request(after: rejected.isOurs ? rejected.failure : nil)
            state.messages.append(.init(.user, run.engine.prompt(registryText: words, permit: permit)))
            // Who was cancelled may still write into the old one.
            state = State(
                plan: state.plan, deadline: state.deadline, ranking: state.ranking, permits: state.permits,
                rule: state.rule, breakers: state.breakers, books: state.books, messages: state.messages,
                round: 1, machine: machine(state.ranking, state.plan, state.deadline, seed &+ 1),
                wake: state.deadline)
            return nil
        }
        var explanation = state.ranking.json.objectValue ?? [:]
        explanation["profile"] = .string(run.profile.rawValue)
        explanation["lane"] = .string(run.lane.rawValue)
        explanation["preference"] = .string(state.rule.id)
        explanation["breakers"] = state.breakers
        explanation["calls"] = .array(state.books.calls)
        return InferenceOutcome(
            job: job.id, result: result, fallbackChain: state.books.chain, retries: state.books.retries,
            explanation: .object(explanation), tokenEstimate: state.books.estimated.tokens,
            tokenActual: state.books.actual.tokens, usdEstimate: state.books.estimated.usd?.dollars,
            usdActual: state.books.actual.usd?.dollars)
    }

    /// An answer that breaks the schema, and whether it was our own check that said so.
    private typealias Rejected = (failure: ProviderFailure, permit: Permit?, isOurs: Bool)

    /// Writes down what became of each send. One that was cancelled when it had left cost what it could at most: nobody
    /// waits to hear.
    private func close(
        _ machine: CallMachine, _ ranking: Ranking, _ reports: [Int: Attempt.Report], _ books: inout Books
    ) {
        var steps: [JSON] = []
        for (attempt, step) in machine.steps.enumerated() {
            let one = ranking.ranked[step.candidate]
            if let report = reports[attempt] {
                books.estimated += report.estimated
                books.actual += report.actual
            } else if step.wasSent {
                let most = Attempt.estimate(one, job: job, question: nil).most
                books.estimated += most
                books.actual += most
            }
            let from: JSON? =
                if case .answered(_, _, let origin)? = reports[attempt]?.result { .string(origin.rawValue) } else {
                    nil
                }
            let said = JSON.members([
                "candidate": .string(one.candidate.name), "outcome": .string(step.outcome),
                "reason": step.reason.map(JSON.string), "hedge": step.isHedge ? true : nil,
                "wait_ms": step.waitMilliseconds == 0 ? nil : JSON(step.waitMilliseconds), "from": from,
            ])
            // Who waits for a breaker looks again and again.
            if step.outcome == "skipped", let before = machine.steps[..<attempt].last, before.outcome == "skipped",
                before.candidate == step.candidate, before.reason == step.reason
            {
                continue
            }
            steps.append(said)
        }
        books.calls.append(.array(steps))
        books.retries += machine.retries
        for index in machine.chain where books.chain.last != ranking.ranked[index].candidate.tag {
            books.chain.append(ranking.ranked[index].candidate.tag)
        }
    }

    private func conclude(
        _ ending: CallMachine.End, _ ranking: Ranking, _ permits: [Permit], _ reports: [Int: Attempt.Report]
    ) -> (Result<InferenceOutcome.Answer, SluiceError>, Rejected?) {
        switch ending {
        case .answered(let attempt):
            guard case .answered(let json, let answer, let origin)? = reports[attempt]?.result,
                let entry = reports[attempt]?.entry
            else { break }
            return (
                .success(
                    .init(
                        json: json, provider: entry.provider, model: entry.id,
                        usage: answer.usage ?? TokenUsage(input: 0, output: 0), origin: origin)), nil
            )
        case .failed(let failure, let candidate):
            let name = candidate.map { ranking.ranked[$0].candidate.tag }
            let ending = reports.values.filter { report in
                if case .failed(failure, _) = report.result { true } else { false }
            }
            let exact = ending.compactMap { report -> SluiceError? in
                if case .failed(_, let error) = report.result { error } else { nil }
            }.first
            let error = exact ?? Self.error(failure, of: name)
            let rejected: Rejected? =
                failure.code == .dslReject
                ? (failure, candidate.map { permits[$0] }, ending.contains { $0.isChecked }) : nil
            return (.failure(error), rejected)
        case .nobody(let error):
            return (.failure(error ?? nobody(ranking)), nil)
        case .stopped:
            return (.failure(SluiceError(.runStopped, "The run was stopped; \(job.id) was not answered.")), nil)
        }
        return (.failure(SluiceError(.inferenceNone, "\(job.id) was not answered.")), nil)
    }

    private func nobody(_ ranking: Ranking) -> SluiceError {
        // Who may not be asked for what it did says what that was.
        if let shut = ranking.skipped.first(where: { $0.failure != nil }), let failure = shut.failure {
            return Self.error(failure, of: shut.candidate.tag)
        }
        let reasons = Set(ranking.skipped.map(\.reason)).sorted().prefix(5).joined(separator: ", ")
        return SluiceError(
            .inferenceNone,
            ranking.skipped.isEmpty
                ? "No provider has a model for \(job.id)."
                : "None of \(ranking.skipped.count) models may be asked for \(job.id): \(reasons).")
    }

    /// A provider's failure as a user meets it.
    static func error(_ failure: ProviderFailure, of candidate: String?) -> SluiceError {
        let kind: ErrorKind =
            switch failure.code {
            case .policyBlock: .providerPolicy
            case .dslReject: .providerReject
            case .providerUnhealthy: .providerUnhealthy
            case .rateLimit: .providerRateLimit
            case .timeout: .providerTimeout
            case .quotaExhausted: .providerQuota
            case .transientError: .providerTransient
            case .quarantineRequired: .providerAnswer
            default: .providerRequest
            }
        return SluiceError(
            kind, (candidate.map { "\($0): " } ?? "") + failure.message,
            retryAfterMilliseconds: failure.retryAfterMilliseconds)
    }
}
