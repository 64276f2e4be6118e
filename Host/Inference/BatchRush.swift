internal import Contracts
internal import Foundations
internal import PluginHost
internal import Policy
internal import Store

/// Many questions at once, in a run that may use providers' batches: what can be goes into batches, one a candidate at a
/// time; all else, and what a batch did not answer, is asked one by one.
///
/// Batches and workers of ours run beside each other. A question that a batch does not answer is a failure as any other:
/// the machine of its call decides who is asked next.
struct BatchRush: Sendable {
    private let gateway: Gateway
    private let run: GatewayRun
    private let lane: BatchLane
    private let stop: StopSignal?

    init(_ gateway: Gateway, _ run: GatewayRun, _ lane: BatchLane, _ stop: StopSignal?) {
        self.gateway = gateway
        self.run = run
        self.lane = lane
        self.stop = stop
    }

    /// A call with what it is driven on with.
    private struct Turn: Sendable {
        let index: Int
        var call: GatewayCall
        let input: GatewayCall.Input
    }

    /// A call that waits for a batch.
    private struct Guest: Sendable {
        let index: Int
        let call: GatewayCall
        let send: CallMachine.Send
        let ranked: Ranking.Ranked

        var group: String { "\(call.job.stage.rawValue) \(ranked.candidate.tag)" }
    }

    /// Outcomes in the order of the calls. On a thread that may block.
    func complete(_ calls: [GatewayCall]) -> [InferenceOutcome] {
        let stages = Set(calls.map(\.job.stage)).sorted { $0.rawValue < $1.rawValue }
        let known = known(stages)
        var outcomes: [InferenceOutcome?] = Array(repeating: nil, count: calls.count)
        var turns: [Turn] = []
        var guests: [Guest] = []
        for (index, call) in calls.enumerated() {
            var call = call
            call.known = known[call.job.stage] ?? [:]
            var first = call
            if first.startsInBatch(), case .batch(let send) = first.drive(), let ranked = first.ranked(send) {
                guests.append(Guest(index: index, call: first, send: send, ranked: ranked))
            } else {
                // Its time counts from when it is taken up.
                turns.append(Turn(index: index, call: call, input: .start))
            }
        }
        var asked: Set<String> = []
        while !turns.isEmpty || !guests.isEmpty {
            let groups = Dictionary(grouping: guests, by: \.group).values.sorted { $0[0].index < $1[0].index }
            asked.formUnion(guests.map(\.group))
            let served = Monitor<[Turn]>([])
            let open = Monitor(groups.count)
            for group in groups {
                gateway.workers.run {
                    let next = ask(group)
                    served.change { $0 += next }
                    open.change { $0 -= 1 }
                }
            }
            let ended = LocalWorkers.each(turns, atOnce: gateway.width(turns.count), stop: nil) { turn in
                var turn = turn
                let result = turn.call.drive(turn.input)
                return (turn, result)
            }
            guests = []
            for case (let turn, let result)? in ended {
                switch result {
                case .over(let outcome): outcomes[turn.index] = outcome
                case .batch(let send):
                    guard let ranked = turn.call.ranked(send) else { continue }
                    guests.append(Guest(index: turn.index, call: turn.call, send: send, ranked: ranked))
                }
            }
            while open.wait(nanoseconds: .max, for: { $0 == 0 ? true : nil }) == nil {}
            turns = served.change { $0 }.sorted { $0.index < $1.index }
        }
        if stop?.isRaised != true { dismiss(stages, except: asked) }
        return zip(calls, outcomes).map { call, outcome in
            outcome
                ?? InferenceOutcome(
                    job: call.job.id,
                    result: .failure(SluiceError(.inferenceNone, "\(call.job.id) was not answered.")))
        }
    }

    /// What batches of the run have, by stage and candidate.
    private func known(_ stages: [Stage]) -> [Stage: [String: Set<SHA256.Digest>]] {
        var known: [Stage: [String: Set<SHA256.Digest>]] = [:]
        for stage in stages {
            for batch in lane.known(stage) {
                let wanted: [ProviderBatch.Job] =
                    switch batch.state {
                    case .submitted: batch.jobs.filter { $0.state == .sent }
                    case .done, .expired, .cancelled:
                        lane.fresh && batch.drive != lane.drive ? [] : batch.jobs.filter { $0.state == .answered }
                    default: []
                    }
                known[stage, default: [:]]["\(batch.provider):\(batch.model)", default: []].formUnion(
                    wanted.map(\.requestHash))
            }
        }
        return known
    }

    // MARK: One batch

    /// Puts the questions of one stage to one candidate, and says how their calls go on.
    private func ask(_ group: [Guest]) -> [Turn] {
        guard let first = group.first, let plan = gateway.plan(run.lane).batches,
            let provider = gateway.providers[first.ranked.candidate.entry.provider]
        else { return group.map { Turn(index: $0.index, call: $0.call, input: .singly($0.send)) } }
        let entry = first.ranked.candidate.entry
        let place = ProviderHealth.Place(first.ranked.candidate, lane: run.lane)
        let context = gateway.context
        guard let pass = gateway.health.with({ $0.take(place, at: context.monotonic()) }) else {
            return group.map { guest in
                let report = gateway.closed(place, entry)
                return Turn(index: guest.index, call: guest.call, input: .batched(guest.send, report))
            }
        }
        var items: [BatchItem] = []
        var jobs: [String: InferenceJob] = [:]
        var places: Set<Int> = []
        // Results come by id: of two jobs with one id the second is asked by itself.
        for guest in group where jobs[guest.call.job.id] == nil {
            guard let item = guest.call.attempt(guest.send)?.batchItem(guest.call.job.id) else { continue }
            items.append(item)
            jobs[item.id] = guest.call.job
            places.insert(guest.index)
        }
        let validate = run.validate
        let known = jobs
        let end = group.map(\.call.deadline).min() ?? 0
        let outcome = lane.ask(
            items,
            of: BatchTarget(
                stage: first.call.job.stage, provider: entry.provider, model: entry.id, price: entry.price),
            port: provider.port, deadline: plan.end(of: end, at: context.monotonic()), stop: stop
        ) { id, answer in
            guard let job = known[id], case .valid = AnswerCheck(job: job, validate: validate).verdict(answer) else {
                return false
            }
            return true
        }
        note(outcome, place, pass)
        return group.map { guest in
            guard places.contains(guest.index), let result = outcome.results[guest.call.job.id],
                let report = guest.call.attempt(guest.send)?.report(result)
            else { return Turn(index: guest.index, call: guest.call, input: .singly(guest.send)) }
            return Turn(index: guest.index, call: guest.call, input: .batched(guest.send, report))
        }
    }

    /// A batch counts once for the health of who was asked, as what speaks best for it.
    private func note(_ outcome: BatchOutcome, _ place: ProviderHealth.Place, _ pass: ProviderHealth.Pass) {
        let now = gateway.context.monotonic()
        var failure: ProviderFailure?
        var isAnswered = false
        for (_, result) in outcome.results.sorted(by: { $0.key < $1.key }) {
            switch result {
            case .answer(_, .batch, _): isAnswered = true
            case .failure(let found): failure = failure ?? found
            default: break
            }
        }
        gateway.health.with { [failure, isAnswered] health in
            if isAnswered {
                health.record(answered: place, pass, at: now)
            } else if let failure, failure.reason != "batch_deadline" {
                health.record(place, failure, pass, at: now)
            } else {
                health.abandon(place, pass, at: now)
            }
        }
    }

    /// Ends what earlier drives left at candidates that nobody was asked of now.
    private func dismiss(_ stages: [Stage], except asked: Set<String>) {
        for stage in stages {
            var seen = asked
            for batch in lane.known(stage) where batch.state == .submitted {
                let tag = "\(batch.provider):\(batch.model)"
                guard seen.insert("\(stage.rawValue) \(tag)").inserted, let provider = gateway.providers[batch.provider]
                else { continue }
                let price = gateway.registry.entries.first { $0.tag == tag }?.price
                _ = lane.ask(
                    [], of: BatchTarget(stage: stage, provider: batch.provider, model: batch.model, price: price),
                    port: provider.port, deadline: .max, stop: stop
                ) { _, _ in false }
            }
        }
    }
}
