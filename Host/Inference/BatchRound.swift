internal import Contracts
internal import Foundations
internal import PluginHost
internal import Policy
internal import Store

/// One call of `BatchLane.ask`; lives on its thread.
final class BatchRound {
    /// A batch that is asked after.
    struct Open {
        var batch: ProviderBatch
        /// Of this drive; one of an earlier drive has its room under the id of the row.
        var reservation: Reservation?
        /// Whether its results were settled and recorded before: they are only fetched again.
        var isOver = false
        /// Whether a question of this round waits for it.
        var isWanted = true
        var nextPoll: UInt64 = 0
        var interval: UInt64
        var failures = 0
    }

    let lane: BatchLane
    let target: BatchTarget
    let port: any ModelPort
    private let deadline: UInt64
    let stop: StopSignal?
    let isValid: @Sendable (String, ModelAnswer) -> Bool
    /// Every item under the hash of its request; equal ones share a place.
    private(set) var items: [SHA256.Digest: [BatchItem]] = [:]
    private(set) var order: [SHA256.Digest] = []
    var open: [Open] = []
    var unsent: [SHA256.Digest] = []
    /// How many batches of the same questions there were before.
    private var numbers: [SHA256.Digest: Int] = [:]
    private(set) var outcome = BatchOutcome()

    init(
        _ lane: BatchLane, _ target: BatchTarget, items: [BatchItem], port: any ModelPort, deadline: UInt64,
        stop: StopSignal?, isValid: @escaping @Sendable (String, ModelAnswer) -> Bool
    ) {
        self.lane = lane
        self.target = target
        self.port = port
        self.deadline = deadline
        self.stop = stop
        self.isValid = isValid
        for item in items {
            let hash = item.requestHash
            if self.items[hash] == nil { order.append(hash) }
            self.items[hash, default: []].append(item)
        }
    }

    var now: UInt64 { lane.context.monotonic() }

    private func step(_ kind: BatchStep.Kind, _ batch: ProviderBatch, _ more: [String: JSON] = [:]) -> BatchStep {
        BatchStep(
            kind: kind, stage: target.stage, provider: target.provider, model: target.model, tag: batch.tag,
            batch: batch.batch, digest: batch.digest, requests: batch.jobs.count, more: more)
    }

    func note(_ kind: BatchStep.Kind, _ batch: ProviderBatch, _ more: [String: JSON] = [:]) {
        let step = step(kind, batch, more)
        outcome.steps.append(step.json)
        // It has happened; what cannot be recorded now is told by the event of each question.
        try? lane.onStep(step)
    }

    func give(_ result: BatchResult, to hash: SHA256.Digest) {
        for item in items[hash] ?? [] { outcome.results[item.id] = result }
    }

    func isAnswered(_ hash: SHA256.Digest) -> Bool {
        items[hash]?.first.map { outcome.results[$0.id] != nil } ?? true
    }

    /// What has no result when an error ended the round.
    func refuseRest(_ error: SluiceError) {
        for hash in order where !isAnswered(hash) { give(.refused(error), to: hash) }
    }

    // MARK: What is known

    /// Finds what earlier drives handed in and what the cache holds; what is left must be sent.
    func gather() throws(SluiceError) {
        var waiting: Set<SHA256.Digest> = []
        var answered: [SHA256.Digest: ProviderBatch] = [:]
        for batch in try lane.store.batches(
            of: lane.run, target.stage, provider: target.provider, model: target.model)
        {
            numbers[batch.digest, default: 0] += 1
            switch batch.state {
            case .intent where batch.drive != lane.drive: try lose(batch)
            case .submitted:
                note(.resumed, batch)
                let sent = batch.jobs.filter { $0.state == .sent }.map(\.requestHash)
                open.append(
                    Open(batch: batch, isWanted: sent.contains { items[$0] != nil }, interval: lane.pacing.first))
                waiting.formUnion(sent)
            case .done, .expired, .cancelled:
                for job in batch.jobs where job.state == .answered { answered[job.requestHash] = batch }
            default: break
            }
        }
        var again: Set<String> = []
        for hash in order where !waiting.contains(hash) {
            guard let item = items[hash]?.first else { continue }
            switch lane.answers.peek(item.question) {
            case .hit(let answer, let question):
                // A batch of this run that answered it was counted as a whole.
                if answered[hash] == nil {
                    do throws(SluiceError) {
                        try lane.spend.charge(
                            item.estimate(target, question: question), stage: target.stage, usage: answer.usage)
                    } catch {
                        give(.refused(error), to: hash)
                        continue
                    }
                }
                give(.answer(answer, origin: .cache, spend: .zero), to: hash)
            case .refusal(let failure): give(.failure(failure), to: hash)
            case .unknown:
                // Its answer may not be cached, or is no more: the provider keeps results for some time.
                if let batch = answered[hash], !lane.fresh || batch.drive == lane.drive {
                    if again.insert(batch.tag).inserted {
                        open.append(Open(batch: batch, isOver: true, interval: lane.pacing.first))
                    }
                } else {
                    unsent.append(hash)
                }
            }
        }
    }

    /// Nobody knows whether the provider has it: its room stays taken.
    private func lose(_ batch: ProviderBatch) throws(SluiceError) {
        try lane.store.ended(batch.tag, .lost)
        note(.lost, batch)
    }

    // MARK: Handing in

    func submit() throws(SluiceError) {
        if !unsent.isEmpty, !isWorthIt {
            for hash in unsent { give(.tooFew, to: hash) }
            unsent = []
        }
        while !unsent.isEmpty {
            if stop?.isRaised == true {
                for hash in unsent { give(.left, to: hash) }
                unsent = []
                return
            }
            guard now < deadline else {
                for hash in unsent { give(.failure(Self.late), to: hash) }
                unsent = []
                return
            }
            let (part, most) = nextPart()
            guard !part.isEmpty else {
                // None of them fits: the budget says why, of each.
                let rest = unsent
                unsent = []
                for hash in rest {
                    if let item = items[hash]?.first { submitOrRefuse([hash], item.estimate(target)) }
                }
                return
            }
            let taken = Set(part)
            unsent.removeAll { taken.contains($0) }
            submitOrRefuse(part, most)
        }
    }

    /// Whether what is left to send is many, or saves something as a batch.
    private var isWorthIt: Bool {
        guard unsent.count < lane.pacing.least else { return true }
        var saving = 0.0
        for hash in unsent {
            guard let item = items[hash]?.first else { continue }
            var single = item.estimate(target)
            single.tier = .standard
            guard let one = single.most.usd, let other = item.estimate(target).most.usd else { return false }
            saving += one.dollars - other.dollars
        }
        return saving >= lane.pacing.leastSaving.dollars
    }

    private func submitOrRefuse(_ part: [SHA256.Digest], _ most: SpendEstimate) {
        do throws(SluiceError) { try submit(part, most) } catch {
            for hash in part { give(.refused(error), to: hash) }
        }
    }

    /// As many of the unsent as fit into one batch and into the budget, in their order; one that does not fit keeps none
    /// back that do.
    private func nextPart() -> (part: [SHA256.Digest], most: SpendEstimate) {
        let left = lane.spend.remaining(target.stage)
        var most = SpendEstimate(
            promptTokens: 0, maxOutputTokens: 0, price: target.price, tier: .batch, candidate: target.candidate)
        var part: [SHA256.Digest] = []
        var bytes = 0
        for hash in unsent {
            guard part.count < lane.pacing.mostRequests else { break }
            guard let item = items[hash]?.first else { continue }
            var with = most
            with.promptTokens += max(0, item.promptTokens)
            with.maxOutputTokens += max(0, item.maxOutputTokens)
            let spend = with.most
            guard spend.tokens <= left.tokens else { continue }
            if let usd = left.usd, spend.usd.map({ $0 > usd }) ?? true { continue }
            bytes += item.question.request.messages.reduce(0) { $0 + $1.prompt.text.utf8.count } + 512
            guard part.isEmpty || bytes <= lane.pacing.mostBytes else { break }
            most = with
            part.append(hash)
        }
        return (part, most)
    }

    private func submit(_ part: [SHA256.Digest], _ most: SpendEstimate) throws(SluiceError) {
        let reservation = try lane.spend.reserve(most, stage: target.stage)
        let jobs = part.map { ProviderBatch.Job(id: items[$0]?.first?.id ?? "", requestHash: $0) }
        let digest = JSON.array(jobs.map { ["id": .string($0.id), "request": .string($0.requestHash.hex)] })
            .canonicalHash
        let number = numbers[digest, default: 0]
        numbers[digest] = number + 1
        var batch = ProviderBatch(
            tag: BatchLane.tag(run: lane.run, target, digest: digest, number: number), run: lane.run,
            drive: lane.drive, stage: target.stage, digest: digest, provider: target.provider, model: target.model,
            spend: reservation.id, jobs: jobs)
        do throws(SluiceError) { try lane.store.intend(batch) } catch {
            lane.spend.release(reservation)
            throw error
        }
        let requests = part.enumerated().compactMap { place, hash in
            items[hash]?.first.map { (id: BatchLane.wireID(batch.tag, place), request: $0.question.request) }
        }
        do throws(SluiceError) {
            var begin = step(.begin, batch)
            begin.promptHash = ModelRequest.promptHash(requests.map(\.request))
            try lane.onStep(begin)
        } catch {
            lane.spend.release(reservation)
            try lane.store.ended(batch.tag, .failed)
            throw error
        }
        switch handIn(requests) {
        case .success(let name):
            batch.batch = name
            batch.state = .submitted
            // A row that stays at `intent` is told as lost when the run is driven again; this drive goes on with it.
            let kept = Result { () throws(SluiceError) in try lane.store.submitted(batch.tag, as: name) }
            var unkept: [String: JSON] = [:]
            if case .failure(let error) = kept { unkept["not_recorded"] = .string(error.message) }
            note(.submitted, batch, unkept)
            open.append(
                Open(
                    batch: batch, reservation: reservation, nextPoll: now + lane.pacing.first,
                    interval: lane.pacing.first))
        case .failure(let failure):
            // What no status tells of may have been taken.
            let isKnown = failure.isUnbilled
            if isKnown { lane.spend.release(reservation) } else { lane.spend.settle(reservation, usage: nil) }
            try lane.store.ended(batch.tag, isKnown ? .failed : .lost, jobs: [:])
            note(isKnown ? .refused : .lost, batch, ["failure": failure.note])
            // Stopped while it waited to try again: the next drive hands it in.
            let isLeft = isKnown && failure.code.isTransient && stop?.isRaised == true
            let result: BatchResult = failure.reason == "not_offered" ? .notOffered : .failure(failure)
            for hash in part { give(isLeft ? .left : result, to: hash) }
        }
    }

    /// Tries again what the provider certainly did not take, and may take later.
    private func handIn(_ requests: [(id: String, request: ModelRequest)]) -> Result<String, ProviderFailure> {
        var pause = lane.pacing.first
        for attempt in 1... {
            let result = port.submit(requests, deadline: exchangeEnd)
            guard case .failure(let failure) = result, failure.wasCalled, failure.isUnbilled, failure.code.isTransient,
                failure.code != .quotaExhausted, failure.scope != .credential, failure.scope != .model,
                attempt < lane.pacing.submits, stop?.isRaised != true
            else { return result }
            let wait = failure.retryAfterMilliseconds.map { $0.multipliedReportingOverflow(by: 1_000_000) }
            let nanoseconds = max(pause, wait.map { $0.overflow ? .max : $0.partialValue } ?? 0)
            let end = min(deadline, lane.spend.deadline(target.stage))
            guard nanoseconds < end, now < end - nanoseconds else { return result }
            let until = now + nanoseconds
            while stop?.isRaised != true {
                // One look at the clock: time goes on between two.
                let at = now
                guard at < until else { break }
                lane.pacing.wait(until - at, stop)
            }
            guard stop?.isRaised != true else { return result }
            pause = min(2 * pause, lane.pacing.longest)
        }
        return .failure(ProviderFailure(.timeout, reason: "batch_submit", message: "The batch was not taken."))
    }

    // MARK: Asking after them

    func poll() throws(SluiceError) {
        while !open.isEmpty {
            if stop?.isRaised == true { return leave() }
            let end = min(deadline, lane.spend.deadline(target.stage))
            // One look at the clock: time goes on between two.
            let at = now
            guard at < end else { return giveUp() }
            let next = open.map(\.nextPoll).min() ?? 0
            if next > at {
                lane.pacing.wait(min(next, end) - at, stop)
                continue
            }
            for place in open.indices.reversed() where open[place].nextPoll <= at {
                if try isOver(&open[place]) { open.remove(at: place) }
            }
        }
    }

    /// Whether results that an earlier drive had are not to be had again: their questions are handed in anew.
    var hasMore: Bool { !unsent.isEmpty }

    /// What a batch was believed to answer and did not.
    func fail() { for hash in order where !isAnswered(hash) { give(.failure(Self.missing), to: hash) } }

    static let missing = ProviderFailure(
        .transientError, scope: .request, reason: "batch_missing",
        message: "The provider's results do not have this question.")

    /// Asks once; true when there is no more to ask.
    private func isOver(_ open: inout Open) throws(SluiceError) -> Bool {
        guard let name = open.batch.batch else { return true }
        let result = port.poll(batch: name, deadline: exchangeEnd)
        if !open.isOver { try? lane.store.polled(open.batch.tag, by: lane.drive) }
        var wait = open.interval
        open.interval = min(open.interval + open.interval / 2, lane.pacing.longest)
        switch result {
        case .success(let told):
            open.failures = 0
            if told.phase != .running {
                end(open, told)
                return true
            }
            guard open.isWanted || open.isOver else {
                cancel(open)
                dismiss(open, isLate: false, until: now)
                return true
            }
        case .failure(let failure):
            open.failures += 1
            if let told = failure.retryAfterMilliseconds, told < 86_400_000 { wait = max(wait, told * 1_000_000) }
            let passes: Bool =
                switch failure.code {
                case .rateLimit, .timeout, .transientError: true
                case .providerUnhealthy: open.failures < lane.pacing.lamePolls
                default: false
                }
            if !passes || open.isOver {
                // What it did until then nobody can tell.
                end(open, ModelBatch(.failed, failure: failure), isBillKnown: false)
                return true
            }
        }
        open.nextPoll = now + wait
        return false
    }

    /// When one exchange with the provider must be over: a person who stops the run waits no longer for it.
    private var exchangeEnd: UInt64 {
        let (end, over) = now.addingReportingOverflow(lane.pacing.exchange)
        return min(over ? .max : end, min(deadline, lane.spend.deadline(target.stage)))
    }
}
