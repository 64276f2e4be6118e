public import Contracts
public import Foundations
public import PluginHost
public import Store
internal import Synchronization

/// What one stage of a run may spend at providers (ROADMAP §28, rulings 21 and 36): the least that anybody allows.
public struct StageCaps: Sendable, Equatable {
    public var tokens: Int64
    /// nil: none. Contract and policy always name one; the greatest that they can name, `unlimitedUSD`, means none.
    public var usd: USD?
    /// Nanoseconds, from the stage's first question on.
    public var wallTime: UInt64

    /// 1,000,000,000 dollars: a cap that is none.
    public static let unlimitedUSD = USD(nanos: 1_000_000_000_000_000_000)

    public init(tokens: Int64, usd: USD?, wallTime: UInt64) {
        self.tokens = tokens
        self.usd = usd
        self.wallTime = wallTime
    }

    /// The least of the contract's caps, the policy's, and the profile's for the stage.
    public init(
        _ stage: Stage, contract: RunContract.BudgetCaps, policy: RunContract.BudgetCaps, profile: ThresholdProfile
    ) {
        let named: Int64 =
            switch stage {
            case .domains: profile.domainingTokens
            case .mapping: profile.mappingTokens
            default: .max
            }
        tokens = max(0, min(contract.tokens, policy.tokens, named))
        let dollars = USD(dollars: min(contract.usd, policy.usd)) ?? .zero
        usd = dollars < Self.unlimitedUSD ? max(.zero, dollars) : nil
        wallTime = UInt64(max(0, min(contract.wallTimeSeconds, policy.wallTimeSeconds, 9e9)) * 1e9)
    }
}

/// Keeps what a run's requests cost within the caps of their stages, over all of its drives.
///
/// With a journal, each reservation is written before its request is sent, and each settlement when its cost is known:
/// what earlier drives spent counts, and what they held when they died counts at its estimate. The run as a whole may
/// spend the sum over its stages. Any thread may call it.
public final class Budget: SpendControl {
    fileprivate struct Account {
        var spent = Spend.zero
        /// Of it, without what answers of the cache had cost.
        var billed = Spend.zero
        var held = Spend.zero
        /// Questions that were asked and counted: an answer of the cache to one of them counts no more.
        var questions: Set<SHA256.Digest> = []
        /// When this drive asked first; monotonic nanoseconds.
        var began: UInt64?
        /// Nanoseconds that earlier drives took.
        var earlierTime: UInt64 = 0
        /// What is left after this is for the stage's own work; monotonic nanoseconds.
        var limit = UInt64.max
    }

    fileprivate struct State {
        var accounts: [Stage: Account] = [:]
        var open: [ULID: (stage: Stage, most: Spend, question: SHA256.Digest?)] = [:]
        /// Of them, those that earlier drives hold: nobody here gives them back soon.
        var earlier: Set<ULID> = []
        /// Who waits for room, by reservation.
        var waiting: [ULID: (stage: Stage, order: Int)] = [:]
        var journalFailure: SluiceError?
    }

    public let run: ULID
    /// Names this drive in the journal.
    public let drive: ULID
    private let caps: [Stage: StageCaps]
    private let journal: InferenceStore?
    private let context: Context
    private let state: Mutex<State>
    /// Counts what was given back, and who left the queue.
    private let changes = Monitor<UInt64>(0)

    /// - Parameters:
    ///   - caps: of each stage that asks; a stage that is not named may spend nothing.
    ///   - journal: nil to count for this object's life alone.
    /// - Throws: what the journal throws.
    public init(
        run: ULID, caps: [Stage: StageCaps], journal: InferenceStore?, context: Context
    ) throws(SluiceError) {
        self.run = run
        self.caps = caps
        self.journal = journal
        self.context = context
        drive = context.ulid()
        var state = State()
        if let journal {
            for record in try journal.spending(of: run) { state.count(record) }
            for (stage, milliseconds) in try journal.inferenceTime(of: run) {
                state.accounts[stage, default: Account()].earlierTime = UInt64(max(0, milliseconds)) * 1_000_000
            }
        }
        self.state = Mutex(state)
    }

    /// Why the journal could not be written the last time; nil when all of it was. What it lacks counts as held when the
    /// run is driven again, hence as more than it was.
    public var journalFailure: SluiceError? { state.withLock { $0.journalFailure } }

    /// How many wait for room now.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// What a stage spent in all drives, with what answers of the cache had cost; without what is held.
    public func spent(_ stage: Stage) -> Spend { state.withLock { $0.accounts[stage]?.spent ?? .zero } }

    /// The same of the whole run.
    public var spent: Spend { state.withLock { $0.accounts.values.reduce(.zero) { $0 + $1.spent } } }

    /// What a stage was, or may have been, billed for in all drives: without answers of the cache.
    public func billed(_ stage: Stage) -> Spend { state.withLock { $0.accounts[stage]?.billed ?? .zero } }

    public func deadline(_ stage: Stage) -> UInt64 {
        let cap = caps[stage]?.wallTime ?? 0
        let now = context.monotonic()
        let (began, earlier, limit) = state.withLock { state in
            let began = state.accounts[stage]?.began ?? now
            state.accounts[stage, default: Account()].began = began
            return (began, state.accounts[stage]?.earlierTime ?? 0, state.accounts[stage]?.limit ?? .max)
        }
        let (end, over) = began.addingReportingOverflow(cap > earlier ? cap - earlier : 0)
        return min(over ? .max : end, limit)
    }

    /// Has a stage's questions end at a time, if its caps do not end them sooner; the time that was said last counts.
    ///
    /// - Parameter limit: monotonic nanoseconds.
    public func end(_ stage: Stage, by limit: UInt64) {
        state.withLock { $0.accounts[stage, default: Account()].limit = limit }
    }

    public func remaining(_ stage: Stage) -> Spend {
        guard let cap = caps[stage] else { return .zero }
        return state.withLock { $0.remaining(stage, cap) }
    }

    // MARK: Reserving

    public func refusal(of estimate: SpendEstimate, stage: Stage) -> SluiceError? {
        let isLate = context.monotonic() >= deadline(stage)
        return state.withLock { refusal(of: estimate.most, estimate, stage, $0, isLate: isLate) }
    }

    public func reserve(_ estimate: SpendEstimate, stage: Stage) throws(SluiceError) -> Reservation {
        try reserve(estimate, stage, nil)
    }

    public func reserve(_ estimate: SpendEstimate, stage: Stage, turn: SpendTurn) throws(SluiceError) -> Reservation {
        try reserve(estimate, stage, turn)
    }

    private func reserve(
        _ estimate: SpendEstimate, _ stage: Stage, _ turn: SpendTurn?
    ) throws(SluiceError) -> Reservation {
        let reservation = Reservation(id: context.ulid(), stage: stage, estimate: estimate)
        let most = estimate.most
        try admit(reservation, turn, charge: nil)
        guard let journal else { return reservation }
        do throws(SluiceError) {
            try journal.record(record(reservation, .held, most))
            return reservation
        } catch {
            state.withLock { _ = $0.take(reservation.id) }
            changes.change { $0 += 1 }
            throw error
        }
    }

    private enum Entry {
        case taken, known, waits
        case refused(SluiceError)
    }

    /// Takes room, or counts an answer of the cache, in one step; with a turn it waits for what others hold.
    ///
    /// - Parameter charge: what an answer of the cache had cost; nil for a request, which holds what it may at most.
    /// - Returns: false where the question was counted before, and nothing more is.
    @discardableResult
    private func admit(_ reservation: Reservation, _ turn: SpendTurn?, charge: Spend?) throws(SluiceError) -> Bool {
        let end = deadline(reservation.stage)
        defer {
            let hasWaited = state.withLock { $0.waiting.removeValue(forKey: reservation.id) != nil }
            if hasWaited { changes.change { $0 += 1 } }
        }
        while true {
            let seen = changes.wait(nanoseconds: 0) { $0 } ?? 0
            let now = context.monotonic()
            let entry = state.withLock { enter(reservation, turn, charge, &$0, now: now, end: end) }
            switch entry {
            case .taken: return true
            case .known: return false
            case .refused(let error): throw error
            case .waits:
                // A signal is not heard here: it is looked at now and then.
                let left = min(end, turn?.until ?? 0) &- now
                _ = changes.wait(nanoseconds: min(left, StopSignal.blindMilliseconds * 1_000_000)) {
                    $0 == seen ? nil : true
                }
            }
        }
    }

    private func enter(
        _ reservation: Reservation, _ turn: SpendTurn?, _ charge: Spend?, _ state: inout State, now: UInt64,
        end: UInt64
    ) -> Entry {
        let (stage, estimate) = (reservation.stage, reservation.estimate)
        let most = estimate.most
        if charge != nil, let question = estimate.question,
            state.accounts[stage]?.questions.contains(question) == true
        {
            return .known
        }
        let isLate = now >= end
        let refusal = refusal(of: most, estimate, stage, state, isLate: isLate)
        if let turn, turn.stop?.isRaised != true, now < min(end, turn.until) {
            var alone = state
            alone.keepEarlier(stage)
            let isHopeless = self.refusal(of: most, estimate, stage, alone, isLate: isLate) != nil
            let isBehind = state.waiting.contains { $0.value.stage == stage && $0.value.order < turn.order }
            if !isHopeless, isBehind || refusal != nil {
                state.waiting[reservation.id] = (stage, turn.order)
                return .waits
            }
        }
        if let refusal { return .refused(refusal) }
        if let charge {
            state.accounts[stage, default: Account()].add(charge, isCached: true)
            if let question = estimate.question { state.accounts[stage, default: Account()].questions.insert(question) }
        } else {
            state.accounts[stage, default: Account()].held += most
            state.open[reservation.id] = (stage, most, estimate.question)
        }
        return .taken
    }

    private func record(_ reservation: Reservation, _ kind: SpendRecord.State, _ spend: Spend) -> SpendRecord {
        SpendRecord(
            id: reservation.id, run: run, drive: drive, stage: reservation.stage,
            candidate: reservation.estimate.candidate, question: reservation.estimate.question, state: kind,
            tokens: spend.tokens, usdNanos: spend.usd?.nanos)
    }

    /// Early exit: why so much does not fit.
    private func refusal(
        of most: Spend, _ estimate: SpendEstimate, _ stage: Stage, _ state: State, isLate: Bool
    ) -> SluiceError? {
        guard let cap = caps[stage] else {
            return SluiceError(.inferenceBudget, "The stage \(stage.rawValue) has no budget for questions to models.")
        }
        let account = state.accounts[stage] ?? Account()
        let left = state.remaining(stage, cap)
        let asked = "A question to \(estimate.candidate) needs up to"
        if most.tokens > left.tokens {
            return SluiceError(
                .inferenceBudget,
                "\(asked) \(most.tokens) tokens; \(stage.rawValue) has \(left.tokens) left of \(cap.tokens) "
                    + "(\(account.spent.tokens) spent, \(account.held.tokens) held).")
        }
        if let usd = cap.usd {
            guard let price = most.usd else {
                return SluiceError(
                    .inferenceBudget,
                    "The price of \(estimate.candidate) is not known, and \(stage.rawValue) may spend no more than "
                        + "\(Self.text(usd)) USD.",
                    hint: "Put its price into HOME/models/ (0 for a server of your own), or name "
                        + "\(Self.text(StageCaps.unlimitedUSD)) as usd of budget_caps, which is no cap.")
            }
            let free = left.usd ?? .zero
            if price > free {
                return SluiceError(
                    .inferenceBudget,
                    "\(asked) \(Self.text(price)) USD; \(stage.rawValue) has \(Self.text(free)) left of "
                        + "\(Self.text(usd)) (\(Self.text(account.spent.usd)) spent, \(Self.text(account.held.usd)) "
                        + "held).")
            }
        }
        if isLate {
            return SluiceError(
                .inferenceBudget,
                "The wall time of \(stage.rawValue), \(JSON.ecmaScript(Double(cap.wallTime) / 1e9)) s, is used up: "
                    + "nothing more is asked.")
        }
        return nil
    }

    private static func text(_ usd: USD?) -> String { usd.map { JSON.ecmaScript($0.dollars) } ?? "unknown" }

    // MARK: Settling

    public func settle(_ reservation: Reservation, actual: Spend) {
        let isOpen = state.withLock { state in
            guard let held = state.take(reservation.id) else { return false }
            state.accounts[held.stage, default: Account()].add(actual)
            if let question = held.question ?? reservation.estimate.question {
                state.accounts[held.stage, default: Account()].questions.insert(question)
            }
            return true
        }
        guard isOpen else { return }
        changes.change { $0 += 1 }
        write { (journal) throws(SluiceError) in
            try journal.settleSpend(
                reservation.id, as: actual.isEstimate ? .estimated : .spent, tokens: actual.tokens,
                usdNanos: actual.usd?.nanos, by: drive)
        }
    }

    public func release(_ reservation: Reservation) {
        guard state.withLock({ $0.take(reservation.id) != nil }) else { return }
        changes.change { $0 += 1 }
        write { (journal) throws(SluiceError) in try journal.releaseSpend(reservation.id, by: drive) }
    }

    public func charge(_ estimate: SpendEstimate, stage: Stage, usage: TokenUsage?) throws(SluiceError) {
        try charge(estimate, stage, usage, nil)
    }

    public func charge(
        _ estimate: SpendEstimate, stage: Stage, usage: TokenUsage?, turn: SpendTurn
    ) throws(SluiceError) {
        try charge(estimate, stage, usage, turn)
    }

    private func charge(
        _ estimate: SpendEstimate, _ stage: Stage, _ usage: TokenUsage?, _ turn: SpendTurn?
    ) throws(SluiceError) {
        let reservation = Reservation(id: context.ulid(), stage: stage, estimate: estimate)
        let spend = estimate.spend(usage)
        guard try admit(reservation, turn, charge: spend) else { return }
        write { (journal) throws(SluiceError) in try journal.record(record(reservation, .cached, spend)) }
    }

    /// What happened has happened: a journal that refuses is remembered and stops nothing.
    private func write(_ body: (InferenceStore) throws(SluiceError) -> Void) {
        guard let journal else { return }
        do throws(SluiceError) { try body(journal) } catch {
            state.withLock { $0.journalFailure = error }
        }
    }
}

extension Budget.State {
    fileprivate mutating func count(_ record: SpendRecord) {
        let spend = Spend(
            tokens: record.tokens, usd: record.usdNanos.map(USD.init(nanos:)),
            isEstimate: record.state == .held || record.state == .estimated)
        var account = accounts[record.stage] ?? Budget.Account()
        if record.state == .held {
            // It may be settled yet: a batch goes on without its driver.
            account.held += spend
            open[record.id] = (record.stage, spend, record.question)
            earlier.insert(record.id)
        } else {
            account.add(spend, isCached: record.state == .cached)
            if let question = record.question { account.questions.insert(question) }
        }
        accounts[record.stage] = account
    }

    /// Ends what a reservation holds; nil when it holds nothing any more.
    fileprivate mutating func take(_ id: ULID) -> (stage: Stage, most: Spend, question: SHA256.Digest?)? {
        guard let held = open.removeValue(forKey: id) else { return nil }
        // Summed anew: taking an unknown amount away from an unknown sum would not make it known again.
        accounts[held.stage]?.held = open.values.reduce(.zero) { $1.stage == held.stage ? $0 + $1.most : $0 }
        return held
    }

    /// As it will be once all who ask now have settled for nothing: what earlier drives hold stays.
    fileprivate mutating func keepEarlier(_ stage: Stage) {
        accounts[stage]?.held = open.reduce(.zero) { sum, one in
            one.value.stage == stage && earlier.contains(one.key) ? sum + one.value.most : sum
        }
    }

    fileprivate func remaining(_ stage: Stage, _ cap: StageCaps) -> Spend {
        let used = (accounts[stage] ?? Budget.Account()).used
        var usd: USD?
        if let cap = cap.usd { usd = max(.zero, cap - (used.usd ?? cap)) }
        return Spend(tokens: max(0, cap.tokens - used.tokens), usd: usd)
    }
}

extension Budget.Account {
    fileprivate var used: Spend { spent + held }

    fileprivate mutating func add(_ spend: Spend, isCached: Bool = false) {
        spent += spend
        if !isCached { billed += spend }
    }
}
