public import Contracts
public import Foundations
public import PluginHost
public import Store

/// The model that a batch is for, and what it costs.
public struct BatchTarget: Sendable {
    public var stage: Stage
    /// As policy knows it; rows of the store name it.
    public var provider: String
    public var model: String
    /// nil when it is not known.
    public var price: Price?

    public init(stage: Stage, provider: String, model: String, price: Price?) {
        self.stage = stage
        self.provider = provider
        self.model = model
        self.price = price
    }

    var candidate: String { "\(provider):\(model)" }
}

/// One question of a batch.
public struct BatchItem: Sendable {
    /// The job's.
    public var id: String
    public var question: AnswerQuestion
    /// For `batch` prices.
    public var promptTokens: Int64
    public var maxOutputTokens: Int64

    public init(id: String, question: AnswerQuestion, promptTokens: Int64, maxOutputTokens: Int64) {
        self.id = id
        self.question = question
        self.promptTokens = promptTokens
        self.maxOutputTokens = maxOutputTokens
    }

    func estimate(_ target: BatchTarget, question: SHA256.Digest? = nil) -> SpendEstimate {
        SpendEstimate(
            promptTokens: promptTokens, maxOutputTokens: maxOutputTokens, price: target.price, tier: .batch,
            candidate: target.candidate, question: question)
    }

    /// SHA-256 of what the provider is sent, without how it travels, and without our estimate of its tokens and the window
    /// that follows from it: those change with the program, and the batch is at the provider.
    var requestHash: SHA256.Digest {
        var request = question.request
        request.stream = false
        request.firstByteMilliseconds = nil
        request.stallMilliseconds = nil
        request.promptTokens = nil
        request.contextTokens = nil
        return request.json.canonicalHash
    }
}

/// What became of one question of a batch.
public enum BatchResult: Sendable {
    /// Not validated but by the caller; `spend` is what it cost, as far as that is known.
    case answer(ModelAnswer, origin: InferenceOutcome.Origin, spend: Spend)
    /// That of this question alone, or of its whole batch.
    case failure(ProviderFailure)
    /// The budget, or the store, did not allow it: it was not sent.
    case refused(SluiceError)
    /// The provider takes no batches: not sent.
    case notOffered
    /// Not worth a batch: not sent.
    case tooFew
    /// The stop was raised. What was handed in goes on at the provider; the next drive of the run gets it.
    case left
}

/// Something that happens to a batch, for the ledger.
public struct BatchStep: Sendable {
    public enum Kind: String, Sendable {
        /// It is about to be handed in.
        case begin
        case submitted, refused, resumed, left, lost, ended
        /// Results that were had before, and may not be cached.
        case fetchedAgain = "fetched_again"
    }

    public var kind: Kind
    public var stage: Stage
    /// As policy names it.
    public var provider: String
    public var model: String
    public var tag: String
    /// The provider's id; nil before it is known.
    public var batch: String?
    /// SHA-256 over ids and requests in their order.
    public var digest: SHA256.Digest
    public var requests: Int
    /// SHA-256 of the masked texts that are about to leave, as an egress record has it; of `begin` alone.
    public var promptHash: SHA256.Digest?
    public var more: [String: JSON] = [:]

    public var json: JSON {
        var members: [String: JSON] = [
            "step": .string(kind.rawValue), "tag": .string(tag), "candidate": .string("\(provider):\(model)"),
            "requests": JSON(requests), "batch": JSON(batch),
        ]
        members.merge(more) { $1 }
        return .object(members)
    }
}

public struct BatchOutcome: Sendable {
    /// One for each item, by its id.
    public var results: [String: BatchResult] = [:]
    /// What was done, for the ledger: batches handed in, found again, lost, ended.
    public var steps: [JSON] = []
}

/// How patiently batches are handed in and asked after.
public struct BatchPacing: Sendable {
    /// Nanoseconds until a batch is first asked after; each later interval is longer by the half, up to `longest`.
    public var first: UInt64 = 2_000_000_000
    public var longest: UInt64 = 60_000_000_000
    /// Nanoseconds that one handing-in, and one question after a batch, may take.
    public var exchange: UInt64 = 120_000_000_000
    /// Fewer requests are no batch, unless it saves at least `leastSaving` of them.
    public var least = 1
    public var leastSaving = USD.zero
    /// Requests of one batch.
    public var mostRequests = 1000
    /// Bytes of prompts in one batch.
    public var mostBytes = 4_000_000
    /// How often a batch is handed in that the provider certainly did not take.
    public var submits = 4
    /// How often in a row a question after a batch may fail in a way that does not pass by itself.
    public var lamePolls = 5
    /// Nanoseconds that the last results of a batch are waited for once it was cancelled at the lane's deadline: providers
    /// take some time over it.
    public var farewell: UInt64 = 30_000_000_000
    /// Waits so many nanoseconds, or until the signal is raised; may return early.
    public var wait: @Sendable (UInt64, StopSignal?) -> Void = { Pause.wait([$1], nanoseconds: $0) }

    public init() {}

    /// As a lane wants it.
    public init(_ plan: BatchPlan) {
        first = plan.firstPoll
        longest = plan.longestPoll
        exchange = plan.exchange
        least = plan.least
        leastSaving = plan.leastSaving
    }
}

/// Questions to a provider's batch API: handed in once, found again by later drives of the run, matched by id.
///
/// A batch is recorded before it is handed in and again when the provider has named it. A driver that dies in between
/// leaves one of which nobody can know whether the provider took it: its room in the budget stays taken, the outcome's
/// steps tell it as `lost` with the tag that its requests bear, and its questions are asked anew. One call at a time for
/// one stage and model; from any thread.
public final class BatchLane: Sendable {
    let run: ULID
    let drive: ULID
    let store: InferenceStore
    let spend: any SpendControl
    let answers: any AnswerSource
    let fresh: Bool
    let context: Context
    let pacing: BatchPacing
    let onStep: @Sendable (BatchStep) throws(SluiceError) -> Void

    /// - Parameters:
    ///   - drive: `Budget.drive`.
    ///   - fresh: asks anew what earlier drives have an answer to; a batch that is under way is waited for all the same.
    ///   - onStep: called with everything that happens to a batch, on the thread that asks. What it throws at `begin`
    ///     keeps the batch here; elsewhere it is too late, and nothing follows from it.
    public init(
        run: ULID, drive: ULID, store: InferenceStore, spend: any SpendControl, answers: any AnswerSource, fresh: Bool,
        context: Context, pacing: BatchPacing = BatchPacing(),
        onStep: @escaping @Sendable (BatchStep) throws(SluiceError) -> Void = { _ in }
    ) {
        self.run = run
        self.drive = drive
        self.store = store
        self.spend = spend
        self.answers = answers
        self.fresh = fresh
        self.context = context
        self.pacing = pacing
        self.onStep = onStep
    }

    /// What earlier drives and this one handed in for a stage, to whomever; nothing where the store cannot tell.
    func known(_ stage: Stage) -> [ProviderBatch] { (try? store.batches(of: run, stage)) ?? [] }

    /// Blocks until every question has a result, the deadline passed or the stop was raised.
    ///
    /// Looks into the cache first, and keeps there what `isValid` accepts. What earlier drives left under way and nobody
    /// asks for any more is ended: what is answered counts, and one that still runs is cancelled at the provider.
    ///
    /// - Parameters:
    ///   - items: each id once. Equal questions are sent once.
    ///   - deadline: monotonic nanoseconds; a batch that is not done by then is cancelled at the provider.
    ///   - isValid: whether an answer is one to the job of this id: others are not kept, and given back all the same.
    public func ask(
        _ items: [BatchItem], of target: BatchTarget, port: any ModelPort, deadline: UInt64, stop: StopSignal?,
        isValid: @escaping @Sendable (String, ModelAnswer) -> Bool
    ) -> BatchOutcome {
        let round = BatchRound(
            self, target, items: items, port: port, deadline: deadline, stop: stop, isValid: isValid)
        do throws(SluiceError) {
            try round.gather()
            repeat {
                try round.submit()
                try round.poll()
            } while round.hasMore
            round.fail()
        } catch { round.refuseRest(error) }
        return round.outcome
    }

    /// The id under which a request is handed in: names the batch and its place in it.
    static func wireID(_ tag: String, _ position: Int) -> String { "\(tag)-\(position)" }

    /// The place that an id names; nil for one that this batch did not hand in.
    static func position(_ id: String, in batch: ProviderBatch) -> Int? {
        let prefix = batch.tag + "-"
        guard id.hasPrefix(prefix), let place = Int(id.dropFirst(prefix.count)), batch.jobs.indices.contains(place),
            wireID(batch.tag, place) == id
        else { return nil }
        return place
    }

    /// Ours, and the same for the same questions: 16 digits.
    static func tag(
        run: ULID, _ target: BatchTarget, digest: SHA256.Digest, number: Int
    ) -> String {
        let named: JSON = [
            "run": .string(run.description), "stage": .string(target.stage.rawValue),
            "provider": .string(target.provider), "model": .string(target.model), "digest": .string(digest.hex),
            "number": JSON(number),
        ]
        return "sl" + String(named.canonicalHash.hex.prefix(16))
    }
}
