internal import Contracts
internal import Foundations
internal import PluginHost
internal import Policy
internal import Synchronization

/// One job on its way through the gateway: drives the machine with threads, on the thread that calls `drive`.
struct GatewayCall {
    let gateway: Gateway
    let job: InferenceJob
    let run: GatewayRun
    let stop: StopSignal?
    let seed: UInt64
    /// When the time of the call began; nil: when it is taken up.
    let begun: UInt64?

    private var context: Context { gateway.context }

    /// What all attempts of the job came to.
    private struct Books {
        var estimated = Spend.zero
        var actual = Spend.zero
        var calls: [JSON] = []
        var chain: [String] = []
        var retries = 0
    }

    func drive() -> InferenceOutcome {
        let plan = gateway.plan(run.lane)
        let start = begun ?? context.monotonic()
        let (end, over) = start.addingReportingOverflow(plan.deadline)
        let deadline = min(over ? .max : end, run.spend.deadline(job.stage))
        let (ranking, permits, rule) = gateway.plan(job, run: run)
        let breakers = gateway.health.with { $0.report(at: start) }
        var books = Books()
        var messages = job.messages
        var result: Result<InferenceOutcome.Answer, SluiceError>
        var round = 0
        while true {
            let (ended, rejected) = ask(
                ranking, permits, messages, plan: plan, deadline: deadline, seed: seed &+ UInt64(round), &books)
            result = ended
            // An answer that breaks the schema is asked for anew, once: a call with a retry budget of its own.
            guard round == 0, let rejected, let permit = rejected.permit, context.monotonic() < deadline else { break }
            let words = AnswerCheck.request(after: rejected.failure)
            messages.append(.init(.user, run.engine.prompt(registryText: words, permit: permit)))
            round += 1
        }
        var explanation = ranking.json.objectValue ?? [:]
        explanation["profile"] = .string(run.profile.rawValue)
        explanation["lane"] = .string(run.lane.rawValue)
        explanation["preference"] = .string(rule.id)
        explanation["breakers"] = breakers
        explanation["calls"] = .array(books.calls)
        return InferenceOutcome(
            job: job.id, result: result, fallbackChain: books.chain, retries: books.retries,
            explanation: .object(explanation), tokenEstimate: books.estimated.tokens,
            tokenActual: books.actual.tokens, usdEstimate: books.estimated.usd?.dollars,
            usdActual: books.actual.usd?.dollars)
    }

    // MARK: One call

    private typealias Rejected = (failure: ProviderFailure, permit: Permit?)

    /// Drives one machine to its end.
    private func ask(
        _ ranking: Ranking, _ permits: [Permit], _ messages: [ModelRequest.Message], plan: LanePlan, deadline: UInt64,
        seed: UInt64, _ books: inout Books
    ) -> (Result<InferenceOutcome.Answer, SluiceError>, Rejected?) {
        let snapshot = gateway.health.with { $0 }
        let options = ranking.ranked.map { one in
            CallMachine.Option(
                name: one.candidate.name, provider: one.candidate.entry.provider, model: one.candidate.entry.id,
                isFlex: one.candidate.tier == .flex, group: one.group,
                expected: snapshot.latency(.init(one.candidate, lane: run.lane), percentile: 0.95)
                    ?? one.expectedMilliseconds.map { UInt64(min($0 * 2, 3.6e6) * 1e6) })
        }
        var machine = CallMachine(options, plan: plan, deadline: deadline, seed: seed)
        let mailbox = Monitor<[(attempt: Int, report: Attempt.Report)]>([])
        var stops: [Int: StopSignal] = [:]
        var reports: [Int: Attempt.Report] = [:]
        var wake = deadline
        var pending = machine.handle(.start, at: context.monotonic())
        var ending: CallMachine.End?
        while ending == nil {
            for action in pending {
                switch action {
                case .send(let send):
                    let signal = StopSignal()
                    stops[send.attempt] = signal
                    let attempt = Attempt(
                        gateway: gateway, job: job, run: run, ranked: ranking.ranked[send.candidate],
                        permit: permits[send.candidate], messages: messages, plan: plan, send: send, stop: signal)
                    gateway.workers.run {
                        let report = attempt.make()
                        mailbox.change { $0.append((send.attempt, report)) }
                    }
                case .cancel(let attempt): stops[attempt]?.raise()
                case .wake(let at): wake = at
                case .finish(let end): ending = end
                }
            }
            guard ending == nil else { break }
            let next = event(mailbox, wake: wake, known: &reports)
            pending = machine.handle(next, at: context.monotonic())
        }
        close(machine, ranking, reports, &books)
        return conclude(ending, ranking, permits, reports)
    }

    /// The next thing that happens.
    private func event(
        _ mailbox: Monitor<[(attempt: Int, report: Attempt.Report)]>, wake: UInt64, known: inout [Int: Attempt.Report]
    ) -> CallMachine.Event {
        while true {
            if stop?.isRaised == true { return .stop }
            let now = context.monotonic()
            let left = wake > now ? wake - now : 0
            // Who waits for a condition hears no signal: it is looked at again now and then.
            let slice = stop == nil ? left : min(left, StopSignal.blindMilliseconds * 1_000_000)
            let message = mailbox.wait(nanoseconds: slice) { $0.isEmpty ? nil : $0.removeFirst() }
            guard let message else {
                if context.monotonic() >= wake { return .tick }
                continue
            }
            known[message.attempt] = message.report
            switch message.report.result {
            case .answered: return .answered(attempt: message.attempt)
            case .failed(let failure, _): return .failed(attempt: message.attempt, failure)
            case .refused(let error, let reason):
                return .refused(attempt: message.attempt, error, reason: reason)
            }
        }
    }

    /// Writes down what became of each send. One that was cancelled cost what it could at most: nobody waits to hear.
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
            steps.append(
                .members([
                    "candidate": .string(one.candidate.name), "outcome": .string(step.outcome),
                    "reason": step.reason.map(JSON.string), "hedge": step.isHedge ? true : nil,
                    "wait_ms": step.waitMilliseconds == 0 ? nil : JSON(step.waitMilliseconds), "from": from,
                ]))
        }
        books.calls.append(.array(steps))
        books.retries += machine.retries
        for index in machine.chain where books.chain.last != ranking.ranked[index].candidate.tag {
            books.chain.append(ranking.ranked[index].candidate.tag)
        }
    }

    private func conclude(
        _ ending: CallMachine.End?, _ ranking: Ranking, _ permits: [Permit], _ reports: [Int: Attempt.Report]
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
            let exact = reports.values.compactMap { report -> SluiceError? in
                if case .failed(failure, let error) = report.result { error } else { nil }
            }.first
            let error = exact ?? Self.error(failure, of: name)
            let rejected: Rejected? =
                failure.code == .dslReject ? (failure, candidate.map { permits[$0] }) : nil
            return (.failure(error), rejected)
        case .nobody(let error):
            return (.failure(error ?? nobody(ranking)), nil)
        case .stopped:
            return (.failure(SluiceError(.runStopped, "The run was stopped; \(job.id) was not answered.")), nil)
        case nil: break
        }
        return (.failure(SluiceError(.inferenceNone, "\(job.id) was not answered.")), nil)
    }

    private func nobody(_ ranking: Ranking) -> SluiceError {
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
