public import Contracts
public import Foundations
public import Policy
internal import Synchronization

/// A home's database for threads that ask providers: a connection of its own, which they use in turn.
///
/// A run's `StoreDatabase` belongs to the thread that drives it. This one lies beside it, with the same lease and policy:
/// what it writes is refused once another driver has taken the run. Any thread may call it; a call waits for the one before it,
/// and for other connections up to 10 s.
public final class InferenceStore: Sendable {
    private let connection: Mutex<StoreDatabase>
    private let limits: ResponseCache.Limits
    /// Keeps processes of one home from asking the same question at once.
    public let locks: AnswerLocks

    /// - Parameters:
    ///   - store: of the run that is driven, on the thread that calls this; it is only looked at.
    ///   - permit: for `callProvider`, or for `createRun`: whoever drives a run asks for it.
    /// - Throws: as `StoreDatabase.init`.
    public init(
        beside store: StoreDatabase, limits: ResponseCache.Limits = ResponseCache.Limits(), permit: Permit
    ) throws(SluiceError) {
        try permit.require(.callProvider, or: .createRun)
        let (home, context, lease, policy) = (store.home, store.context, store.lease, store.leasePolicy)
        connection = Mutex(try Self.open(home, context, lease, policy))
        self.limits = limits
        locks = AnswerLocks(home: home, context: context)
    }

    private static func open(
        _ home: Home, _ context: Context, _ lease: Lease?, _ policy: String?
    ) throws(SluiceError) -> sending StoreDatabase {
        let opened = try StoreDatabase(home: home, context: context)
        opened.lease = lease
        opened.leasePolicy = policy
        return opened
    }

    private func using<R: Sendable>(_ body: (StoreDatabase) throws(SluiceError) -> R) throws(SluiceError) -> R {
        try connection.withLock { (store: inout sending StoreDatabase) throws(SluiceError) -> R in try body(store) }
    }

    // MARK: The cache; nothing of it throws

    /// As `ResponseCache.response`.
    public func response(to key: ResponseKey, run: ULID) -> CachedResponse? {
        try? using { ResponseCache($0, limits: limits).response(to: key, run: run) }
    }

    /// As `ResponseCache.put`.
    @discardableResult
    public func put(_ response: CachedResponse, under key: ResponseKey, run: ULID) -> Bool {
        (try? using { ResponseCache($0, limits: limits).put(response, under: key, run: run) }) ?? false
    }

    /// As `ResponseCache.remove`.
    public func remove(_ key: ResponseKey) {
        try? using { ResponseCache($0, limits: limits).remove(key) }
    }

    // MARK: What is spent

    /// Writes an entry before its request is sent.
    ///
    /// - Throws: `run.missing`; `run.state` for a driver that was overtaken: then nothing may be sent.
    public func record(_ spend: SpendRecord) throws(SluiceError) {
        try using { (store) throws(SluiceError) in try store.record(spend) }
    }

    /// Replaces what was held by what it came to; one that is not held is left as it is.
    ///
    /// - Parameter drive: who says so: a batch that one drive handed in may be settled by a later one.
    public func settleSpend(
        _ id: ULID, as state: SpendRecord.State, tokens: Int64, usdNanos: Int64?, by drive: ULID
    ) throws(SluiceError) {
        try using { (store) throws(SluiceError) in
            try store.settleSpend(id, as: state, tokens: tokens, usdNanos: usdNanos, by: drive)
        }
    }

    /// Forgets what was held for a request that cost nothing.
    public func releaseSpend(_ id: ULID, by drive: ULID) throws(SluiceError) {
        try using { (store) throws(SluiceError) in try store.releaseSpend(id, by: drive) }
    }

    /// All that a run has spent or held, in the order in which it was begun.
    public func spending(of run: ULID) throws(SluiceError) -> [SpendRecord] {
        try using { (store) throws(SluiceError) in try store.spending(of: run) }
    }

    /// Milliseconds during which earlier drives of a run asked providers, by stage.
    public func inferenceTime(of run: ULID) throws(SluiceError) -> [Stage: Int64] {
        try using { (store) throws(SluiceError) in try store.inferenceTime(of: run) }
    }

    // MARK: Batches at providers

    /// Records that a batch is about to be handed in.
    ///
    /// - Throws: `run.missing`; `run.state` for a driver that was overtaken: then it must not be handed in.
    public func intend(_ batch: ProviderBatch) throws(SluiceError) {
        try using { (store) throws(SluiceError) in try store.intend(batch) }
    }

    /// Records the provider's id of a batch that it took.
    public func submitted(_ tag: String, as batch: String) throws(SluiceError) {
        try using { (store) throws(SluiceError) in try store.submitted(tag, as: batch) }
    }

    /// Records that a drive asked the provider how far a batch is.
    public func polled(_ tag: String, by drive: ULID) throws(SluiceError) {
        try using { (store) throws(SluiceError) in try store.polled(tag, by: drive) }
    }

    /// Records how a batch ended, and what became of each request, by position; those not named stay as they are.
    public func ended(
        _ tag: String, _ state: ProviderBatch.State, jobs: [Int: ProviderBatch.Job.State] = [:]
    ) throws(SluiceError) {
        try using { (store) throws(SluiceError) in try store.ended(tag, state, jobs: jobs) }
    }

    /// The batches of a stage at one model, in the order in which they were intended.
    public func batches(
        of run: ULID, _ stage: Stage, provider: String, model: String
    ) throws(SluiceError) -> [ProviderBatch] {
        try using { (store) throws(SluiceError) in
            try store.batches(of: run, stage, at: (provider, model))
        }
    }

    /// The same at all models.
    public func batches(of run: ULID, _ stage: Stage) throws(SluiceError) -> [ProviderBatch] {
        try using { (store) throws(SluiceError) in try store.batches(of: run, stage) }
    }
}
