internal import Foundations
internal import PluginHost
internal import Store

/// What becomes of batches that are asked after no more.
extension BatchRound {
    /// Stopped: the provider goes on, and so does the next drive.
    func leave() {
        for open in open where !open.isOver { note(.left, open.batch) }
        for hash in order where !isAnswered(hash) { give(.left, to: hash) }
        open = []
    }

    /// Too late: nobody of this drive will ask any more.
    func giveUp() {
        for open in open { cancel(open) }
        let until = now + lane.pacing.farewell
        for open in open { dismiss(open, isLate: true, until: until) }
        for hash in order where !isAnswered(hash) { give(.failure(Self.late), to: hash) }
        open = []
    }

    static let late = ProviderFailure(
        .timeout, scope: .lane, reason: "batch_deadline", message: "The batch was not done by the lane's deadline.")

    /// Nanoseconds for an exchange of its own, when the time of the questions is over.
    private static let moment: UInt64 = 10_000_000_000

    /// Asks the provider to stop a batch.
    func cancel(_ open: Open) {
        guard let name = open.batch.batch, !open.isOver else { return }
        _ = port.cancel(batch: name, deadline: now + Self.moment)
    }

    /// Takes what a cancelled batch has answered until then.
    ///
    /// Cancelling takes providers some time. A batch that is not through with it at `until` stays as it is, with its room:
    /// whoever drives the run next fetches what it has answered, and settles it.
    func dismiss(_ open: Open, isLate: Bool, until: UInt64) {
        guard let name = open.batch.batch, !open.isOver else { return }
        var pause = lane.pacing.first
        while true {
            let result = port.poll(batch: name, deadline: now + Self.moment)
            try? lane.store.polled(open.batch.tag, by: lane.drive)
            switch result {
            case .success(let told) where told.phase != .running:
                return end(open, told, isBillKnown: !told.results.isEmpty, isLate: isLate)
            case .failure(let failure) where !failure.code.isTransient:
                return end(open, ModelBatch(.cancelled), isBillKnown: false, isLate: isLate)
            default: break
            }
            let at = now
            guard at < until, stop?.isRaised != true else { return note(.left, open.batch, ["cancelled": true]) }
            lane.pacing.wait(min(pause, until - at), stop)
            pause = min(pause + pause / 2, lane.pacing.longest)
        }
    }

    // MARK: Results

    /// - Parameter isBillKnown: whether requests without a result cost nothing.
    func end(_ open: Open, _ told: ModelBatch, isBillKnown: Bool = true, isLate: Bool = false) {
        var results: [Int: Result<ModelAnswer, ProviderFailure>] = [:]
        for (id, result) in told.results {
            guard let place = BatchLane.position(id, in: open.batch) else { return quarantine(open) }
            results[place] = result
        }
        let isPartial = told.phase != .done
        let whole = wholeFailure(told, isLate: isLate)
        var states: [Int: ProviderBatch.Job.State] = [:]
        var spent: Spend? = isBillKnown ? .zero : nil
        for (place, job) in open.batch.jobs.enumerated() {
            let item = items[job.requestHash]?.first
            let isWanted = item != nil && !isAnswered(job.requestHash)
            switch results[place] {
            case .success(let answer):
                states[place] = .answered
                let cost = cost(of: answer, item)
                spent = spent.flatMap { sum in cost.map { sum + $0 } }
                if let item, isWanted {
                    if isValid(item.id, answer) { lane.answers.keep(answer, to: item.question) }
                    let known = cost ?? item.estimate(target).most
                    give(.answer(answer, origin: .batch, spend: known), to: job.requestHash)
                }
            case .failure(let failure):
                states[place] = .failed
                if !failure.isUnbilled {
                    spent = spent.flatMap { sum in item.map { sum + $0.estimate(target).most } }
                }
                if isWanted { fall(open, .failure(failure), job.requestHash) }
            case nil:
                states[place] = isPartial ? .failed : .missing
                if isWanted { fall(open, .failure(whole), job.requestHash) }
            }
        }
        close(open, told.phase, states, spent)
    }

    /// A question without an answer; what was answered before, and is not to be had again, is handed in anew.
    private func fall(_ open: Open, _ result: BatchResult, _ hash: SHA256.Digest) {
        if open.isOver { unsent.append(hash) } else { give(result, to: hash) }
    }

    /// Of a question that has no result of its own.
    private func wholeFailure(_ told: ModelBatch, isLate: Bool) -> ProviderFailure {
        if let failure = told.failure { return failure }
        switch told.phase {
        case .done, .running: return Self.missing
        case .expired:
            return ProviderFailure(
                .timeout, scope: .lane, reason: "batch_expired", message: "The batch expired at the provider.")
        case .cancelled where isLate:
            return ProviderFailure(
                .timeout, scope: .lane, reason: "batch_deadline",
                message: "The batch was not done by the lane's deadline.")
        case .cancelled, .failed:
            return ProviderFailure(
                .transientError, scope: .lane, reason: "batch_\(told.phase.rawValue)",
                message: "The batch ended at the provider without an answer to this question.")
        }
    }

    /// nil when it cannot be told: no usage, and nobody here who knows the estimate.
    private func cost(of answer: ModelAnswer, _ item: BatchItem?) -> Spend? {
        if let item { return item.estimate(target).spend(answer.usage) }
        guard let usage = answer.usage else { return nil }
        return Spend(tokens: Int64(clamping: usage.total), usd: target.price?.cost(of: usage, tier: .batch))
    }

    /// An id that was not handed in: nothing of such a batch is believed.
    private func quarantine(_ open: Open) {
        let failure = ProviderFailure(
            .quarantineRequired, scope: .request, reason: "batch_mismatch",
            message: "The provider's results name a request that was not in the batch; none of them was used.")
        for job in open.batch.jobs where !isAnswered(job.requestHash) { give(.failure(failure), to: job.requestHash) }
        var states: [Int: ProviderBatch.Job.State] = [:]
        for place in open.batch.jobs.indices { states[place] = .failed }
        close(open, .failed, states, nil, failure: failure)
    }

    /// Settles first: what is settled twice counts once, and what is never settled counts at its estimate.
    private func close(
        _ open: Open, _ phase: ModelBatch.Phase, _ states: [Int: ProviderBatch.Job.State], _ spent: Spend?,
        failure: ProviderFailure? = nil
    ) {
        guard !open.isOver else { return note(.fetchedAgain, open.batch) }
        if let reservation = open.reservation {
            lane.spend.settle(reservation, actual: spent ?? reservation.estimate.most)
        } else if let id = open.batch.spend, let spent {
            lane.spend.settle(
                Reservation(
                    id: id, stage: target.stage,
                    estimate: SpendEstimate(
                        promptTokens: 0, maxOutputTokens: 0, price: target.price, tier: .batch,
                        candidate: target.candidate)),
                actual: spent)
        }
        let state: ProviderBatch.State =
            switch phase {
            case .done, .running: .done
            case .failed: .failed
            case .expired: .expired
            case .cancelled: .cancelled
            }
        let answered = states.values.count { $0 == .answered }
        var more: [String: JSON] = ["state": .string(state.rawValue), "answered": JSON(answered)]
        do throws(SluiceError) { try lane.store.ended(open.batch.tag, state, jobs: states) } catch {
            // It is asked after again when the run is driven again.
            more["not_recorded"] = .string(error.message)
        }
        if let failure { more["failure"] = failure.note }
        note(.ended, open.batch, more)
    }
}

extension ProviderFailure {
    /// For the ledger: without the provider's own words.
    var note: JSON {
        .members([
            "code": .string(code.description), "scope": .string(scope.rawValue), "reason": .string(reason),
            "status": status.map { JSON($0) },
        ])
    }
}
