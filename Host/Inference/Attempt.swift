internal import Contracts
internal import Foundations
internal import PluginHost
internal import Policy
internal import Synchronization

/// One request to one candidate, on a thread of its own. Holds a permit: without one there is no attempt.
struct Attempt: Sendable {
    let gateway: Gateway
    let job: InferenceJob
    let run: GatewayRun
    let ranked: Ranking.Ranked
    let permit: Permit
    let messages: [ModelRequest.Message]
    let plan: LanePlan
    let send: CallMachine.Send
    let stop: StopSignal
    /// Raised when the whole run stops.
    var runStop: StopSignal?
    /// See `SpendTurn`.
    var order = 0
    var departure = Departure()

    /// A request that had less than its lane's time and used it up says nothing of whom it was sent to. Some providers'
    /// clocks are read a little early.
    private static let margin: UInt64 = 50_000_000

    struct Report: Sendable {
        enum Result: Sendable {
            case answered(JSON, ModelAnswer, InferenceOutcome.Origin)
            case failed(ProviderFailure, SluiceError?)
            /// It was not sent; the reason is a stable word.
            case refused(SluiceError, reason: String)
        }

        var result: Result
        var entry: ModelEntry
        var estimated = Spend.zero
        var actual = Spend.zero
        /// Of one that was refused: from when on it may be tried again; nil: not in this call.
        var until: UInt64?
        /// Whether the failure is of our own check of the answer: its words are ours.
        var isChecked = false
    }

    private var entry: ModelEntry { ranked.candidate.entry }
    private var place: ProviderHealth.Place { .init(ranked.candidate, lane: run.lane) }
    private var now: UInt64 { gateway.context.monotonic() }

    func make() -> Report {
        guard let provider = gateway.providers[entry.provider], permit.action == .callProvider else {
            return refused(SluiceError(.policyDenied, "There is no permit for \(entry.tag)."), "policy")
        }
        let request = request(streams: run.lane == .interactive)
        guard let answers = run.answers else { return ask(provider, request, lead: nil) }
        let question = AnswerQuestion(
            provider: provider.plugin, request: request, template: job.template, templateHash: job.templateHash)
        switch answers.lookup(question, deadline: send.deadline, stop: stop) {
        case .lead(let lead): return ask(provider, request, lead: lead)
        case .bypass: return ask(provider, request, lead: nil)
        case .hit(let answer, let digest): return hit(provider, request, answer, digest)
        case .refusal(let failure): return Report(result: .failed(failure, nil), entry: entry)
        case .timedOut, .stopped: return late("cache_wait")
        }
    }

    /// As the candidate is asked.
    private func request(streams: Bool) -> ModelRequest {
        let output = job.parameters.maxTokens ?? ranked.maxOutputTokens
        // Room for an estimate that is a quarter too low, in steps: a local server loads a model anew for another window.
        let wanted = (ranked.promptTokens * 5 / 4 + output + 2047) / 2048 * 2048
        return ModelRequest(
            model: entry.id, messages: messages, parameters: job.parameters,
            schema: entry.schemaOutput == .none ? nil : job.schema, tier: ranked.candidate.tier,
            stream: streams, contextTokens: entry.contextTokens.map { min($0, wanted) },
            // To be held against what the server says that it read: not every server counts a schema.
            promptTokens: run.estimate(entry, messages.map(\.prompt)),
            firstByteMilliseconds: plan.firstByteMilliseconds, stallMilliseconds: plan.stallMilliseconds)
    }

    /// As the candidate is asked in a batch; nil without a permit.
    func batchItem(_ id: String) -> BatchItem? {
        guard let provider = gateway.providers[entry.provider], permit.action == .callProvider else { return nil }
        var request = request(streams: false)
        request.firstByteMilliseconds = nil
        request.stallMilliseconds = nil
        let estimate = Self.estimate(ranked, job: job, question: nil)
        return BatchItem(
            id: id,
            question: AnswerQuestion(
                provider: provider.plugin, request: request, template: job.template, templateHash: job.templateHash),
            promptTokens: estimate.promptTokens, maxOutputTokens: estimate.maxOutputTokens)
    }

    /// What became of it there; nil where it was not handed in and is to be asked by itself. Budget, cache and journal
    /// are the batch lane's.
    func report(_ result: BatchResult) -> Report? {
        switch result {
        case .notOffered, .tooFew: return nil
        case .left: return late("stopped")
        case .refused(let error):
            return refused(error, error.detail == ErrorKind.inferenceBudget.id ? "budget" : error.detail)
        case .failure(let failure): return Report(result: .failed(failure, nil), entry: entry)
        case .answer(let answer, let origin, let spend):
            var most = Self.estimate(ranked, job: job, question: nil)
            most.tier = .batch
            var report: Report
            switch AnswerCheck(job: job, validate: run.validate).verdict(answer) {
            case .valid(let json): report = Report(result: .answered(json, answer, origin), entry: entry)
            case .failed(let failure, let error):
                report = Report(result: .failed(failure, error), entry: entry, isChecked: true)
            }
            report.estimated = most.most
            report.actual = spend
            return report
        }
    }

    static func estimate(_ ranked: Ranking.Ranked, job: InferenceJob, question: SHA256.Digest?) -> SpendEstimate {
        let entry = ranked.candidate.entry
        let output =
            job.parameters.maxTokens ?? entry.maxOutputTokens ?? entry.contextTokens ?? RoutingQuestion.usualOutput
        return SpendEstimate(
            promptTokens: Int64(ranked.promptTokens), maxOutputTokens: Int64(output), price: entry.price,
            tier: PriceTier(ranked.candidate.tier), candidate: entry.tag, question: question)
    }

    /// An answer that was asked for before: held against the schema as any other, and counted as if it had been asked for.
    private func hit(
        _ provider: GatewayProvider, _ request: ModelRequest, _ answer: ModelAnswer, _ question: SHA256.Digest
    ) -> Report {
        guard case .valid(let json) = AnswerCheck(job: job, validate: run.validate).verdict(answer) else {
            return ask(provider, request, lead: nil)
        }
        let estimate = Self.estimate(ranked, job: job, question: question)
        do { try run.spend.charge(estimate, stage: job.stage, usage: answer.usage, turn: turn) } catch {
            return refused(error, "budget")
        }
        return Report(result: .answered(json, answer, .cache), entry: entry, estimated: estimate.most)
    }

    private func ask(_ provider: GatewayProvider, _ request: ModelRequest, lead: AnswerLead?) -> Report {
        guard let places = gateway.places[provider.name] else { return late("place_wait") }
        guard takePlace(places) else {
            lead?.abandon()
            return refused(
                SluiceError(.providerRateLimit, "\(provider.name) has no place free for another request."), "busy")
        }
        defer { places.change { $0 += 1 } }
        let estimate = Self.estimate(ranked, job: job, question: lead?.question)
        let reservation: Reservation
        do { reservation = try run.spend.reserve(estimate, stage: job.stage, turn: turn) } catch {
            lead?.abandon()
            return refused(error, "budget")
        }
        guard let pass = gateway.health.with({ [place, now] in $0.take(place, at: now) }) else {
            run.spend.release(reservation)
            lead?.abandon()
            return gateway.closed(place, entry)
        }
        do {
            try run.willSend(
                GatewaySend(
                    job: job.id, stage: job.stage, provider: provider.name, plugin: provider.plugin, request: request,
                    permit: permit, isHedge: send.isHedge))
        } catch {
            gateway.health.with { [place, now] in $0.abandon(place, pass, at: now) }
            run.spend.release(reservation)
            lead?.abandon()
            return refused(error, error.detail)
        }
        guard !stop.isRaised, runStop?.isRaised != true, now < send.deadline, departure.leave() else {
            gateway.health.with { [place, now] in $0.abandon(place, pass, at: now) }
            run.spend.release(reservation)
            lead?.abandon()
            return late("place_wait")
        }
        // Its own time begins here: what it waited for before is not taken from it.
        let sent = now
        let (whole, over) = sent.addingReportingOverflow(plan.attempt)
        let end = min(send.deadline, over ? .max : whole)
        let result = provider.port.infer(request, deadline: end, stop: stop)
        let wasCut = end &- sent < plan.attempt && now &+ Self.margin >= end
        var report = settle(result, reservation, lead, pass, took: now &- sent, wasCut: wasCut)
        report.estimated = estimate.most
        return report
    }

    /// What came back: into the books, the health of who was asked, and the cache.
    private func settle(
        _ result: Result<ModelAnswer, ProviderFailure>, _ reservation: Reservation, _ lead: AnswerLead?,
        _ pass: ProviderHealth.Pass, took: UInt64, wasCut: Bool
    ) -> Report {
        let (place, now) = (place, now)
        switch result {
        case .failure(let failure):
            let spend = run.spend.settle(reservation, failure: failure)
            if stop.isRaised {
                gateway.health.with { $0.abandon(place, pass, at: now) }
                lead?.abandon()
            } else if wasCut, failure.code == .timeout {
                gateway.health.with { $0.abandon(place, pass, at: now) }
                lead?.abandon()
            } else {
                gateway.health.with { $0.record(place, failure, pass, at: now) }
                lead?.fail(failure)
            }
            return Report(result: .failed(failure, nil), entry: entry, actual: spend)
        case .success(let answer):
            let spend = run.spend.settle(reservation, usage: answer.usage, tier: answer.tier.map(PriceTier.init))
            gateway.health.with { $0.record(place, pass, latency: took, at: now) }
            switch AnswerCheck(job: job, validate: run.validate).verdict(answer) {
            case .valid(let json):
                lead?.succeed(answer)
                return Report(result: .answered(json, answer, .provider), entry: entry, actual: spend)
            case .failed(let failure, let error):
                // The next model, or the same one, may answer better: nobody else is told.
                lead?.abandon()
                return Report(result: .failed(failure, error), entry: entry, actual: spend, isChecked: true)
            }
        }
    }

    private var turn: SpendTurn { SpendTurn(order: order, until: send.deadline, stop: stop) }

    /// One of the places of a provider, within the lane's wait.
    private func takePlace(_ places: Monitor<Int>) -> Bool {
        let end = min(send.deadline, now &+ plan.placeWait)
        while !stop.isRaised {
            // One look at the clock: time goes on between two.
            let at = now
            let left = end > at ? end - at : 0
            let taken = places.wait(nanoseconds: min(left, StopSignal.blindMilliseconds * 1_000_000)) { free -> Bool? in
                guard free > 0 else { return nil }
                free -= 1
                return true
            }
            if taken == true { return true }
            guard now < end else { return false }
        }
        return false
    }

    private func refused(_ error: SluiceError, _ reason: String) -> Report {
        Report(result: .refused(error, reason: reason), entry: entry)
    }

    /// Its time was up before it was sent.
    private func late(_ reason: String) -> Report {
        refused(SluiceError(.providerTimeout, "\(entry.tag): its turn did not come within the deadline."), reason)
    }
}

/// Whether a request has left. Decided once: by the attempt that sends it, or by who gives it up.
final class Departure: Sendable {
    private let state = Atomic<Int>(0)

    /// Before it is sent; false when it was given up.
    func leave() -> Bool { state.compareExchange(expected: 0, desired: 1, ordering: .acquiringAndReleasing).exchanged }

    /// Keeps it here; false when it has left.
    func recall() -> Bool {
        let (exchanged, was) = state.compareExchange(expected: 0, desired: 2, ordering: .acquiringAndReleasing)
        return exchanged || was == 2
    }
}
