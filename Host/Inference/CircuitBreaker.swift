/// Keeps requests from where they fail, and lets one through after a while to see. Pure over a clock, in nanoseconds.
public struct CircuitBreaker: Sendable, Equatable {
    public struct Settings: Sendable, Equatable {
        /// How far back failures count.
        public var window: UInt64
        /// Below so many requests in the window nothing is concluded.
        public var minimumVolume: Int
        /// At this share of failures, or above, it opens.
        public var failureRate: Double
        /// How long it stays open; twice as long after each probe that failed, up to the most.
        public var open: UInt64
        public var openMost: UInt64

        public init(window: UInt64, minimumVolume: Int, failureRate: Double, open: UInt64, openMost: UInt64) {
            self.window = window
            self.minimumVolume = minimumVolume
            self.failureRate = failureRate
            self.open = open
            self.openMost = openMost
        }

        /// 60 s, 5 requests, half of them, 10 s, 5 minutes.
        public static let standard = Settings(
            window: 60_000_000_000, minimumVolume: 5, failureRate: 0.5, open: 10_000_000_000, openMost: 300_000_000_000)
    }

    public enum State: Sendable, Equatable {
        case closed
        case open(until: UInt64)
        /// One request is let through; whether it is under way.
        case halfOpen(probing: Bool)

        public var name: String {
            switch self {
            case .closed: "closed"
            case .open: "open"
            case .halfOpen: "half_open"
            }
        }
    }

    /// Outcomes kept at most: more of them change no rate that matters.
    static let kept = 1000

    private let settings: Settings
    private var outcomes: [(time: UInt64, failed: Bool)] = []
    private var opened: State = .closed
    private var openFor: UInt64
    /// A provider said not to ask before then.
    private var heldUntil: UInt64 = 0
    /// Raised when it opens and when a probe is sent: what was sent under an earlier one decides nothing any more.
    public private(set) var generation: UInt64 = 0
    /// Whether it opened for a failure that does not pass by waiting, as a bad credential.
    private var isTripped = false

    /// While a probe is under way, how long until it is worth looking again.
    static let look: UInt64 = 1_000_000_000

    public init(_ settings: Settings = .standard) {
        self.settings = settings
        openFor = settings.open
    }

    public static func == (a: CircuitBreaker, b: CircuitBreaker) -> Bool {
        a.opened == b.opened && a.openFor == b.openFor && a.heldUntil == b.heldUntil
            && a.generation == b.generation && a.isTripped == b.isTripped
            && a.outcomes.elementsEqual(b.outcomes) { $0.time == $1.time && $0.failed == $1.failed }
    }

    /// How it stands now; an open one whose time is up is half-open.
    public func state(at now: UInt64) -> State {
        if case .open(let until) = opened, now >= until { return .halfOpen(probing: false) }
        return opened
    }

    /// Until when no request may be sent; nil when one may. A probe that is under way closes it until it is back; how long
    /// that takes nobody knows, and it is looked at again soon.
    public func closedUntil(at now: UInt64) -> UInt64? {
        if now < heldUntil { return heldUntil }
        switch state(at: now) {
        case .closed, .halfOpen(probing: false): return nil
        case .open(let until): return until
        case .halfOpen(probing: true): return now &+ min(settings.open, Self.look)
        }
    }

    /// Whether it is open for what does not pass by waiting: nobody waits for it.
    public func isOpenForGood(at now: UInt64) -> Bool {
        if case .open = state(at: now) { isTripped } else { false }
    }

    /// Notes that a request is sent. Call it only when `closedUntil` is nil.
    ///
    /// - Returns: the generation that it is sent under, to be given when it has ended.
    @discardableResult public mutating func send(at now: UInt64) -> UInt64 {
        if case .halfOpen = state(at: now) {
            opened = .halfOpen(probing: true)
            generation += 1
        }
        return generation
    }

    /// A request ended well, or in a way that is no fault of whom it was sent to.
    ///
    /// - Parameter sent: what `send` gave; nil for word that is as good as a probe's. One of an earlier generation is noted
    ///   while it is closed, and changes nothing else: it says how things were.
    public mutating func succeed(at now: UInt64, sent: UInt64? = nil) {
        switch state(at: now) {
        case .halfOpen where isCurrent(sent):
            opened = .closed
            openFor = settings.open
            outcomes = []
        default: break
        }
        note(now, failed: false)
    }

    /// A request failed.
    public mutating func fail(at now: UInt64, sent: UInt64? = nil) {
        switch state(at: now) {
        case .halfOpen:
            guard isCurrent(sent) else { return }
            openFor = min(settings.openMost, openFor &* 2)
            open(now, forGood: false)
        case .open: break
        case .closed:
            note(now, failed: true)
            let counted = outcomes.count
            let failed = outcomes.count(where: \.failed)
            if counted >= settings.minimumVolume, Double(failed) >= settings.failureRate * Double(counted) {
                open(now, forGood: false)
            }
        }
    }

    /// Opens it at once: what failed would fail again, as with a credential.
    public mutating func trip(at now: UInt64, sent: UInt64? = nil) {
        guard isCurrent(sent) else { return fail(at: now, sent: sent) }
        if case .halfOpen = state(at: now) { openFor = min(settings.openMost, openFor &* 2) }
        open(now, forGood: true)
    }

    /// A request was given up before anybody knew how it would end: if it was the probe, another may be sent.
    public mutating func abandon(at now: UInt64, sent: UInt64? = nil) {
        if case .halfOpen(probing: true) = opened, isCurrent(sent) { opened = .halfOpen(probing: false) }
    }

    private func isCurrent(_ sent: UInt64?) -> Bool { sent.map { $0 == generation } ?? true }

    private mutating func open(_ now: UInt64, forGood: Bool) {
        opened = .open(until: now &+ openFor)
        isTripped = forGood
        generation += 1
    }

    /// Nothing is sent before `until`; an earlier hold that reaches further stays.
    public mutating func hold(until: UInt64) { heldUntil = max(heldUntil, until) }

    /// 1 when all went well of late, 0 when it is open. Few failures among few requests weigh less: one good request is
    /// added to those that were counted.
    public func health(at now: UInt64) -> Double {
        switch state(at: now) {
        case .open: return 0
        case .halfOpen: return 0.25
        case .closed: break
        }
        let recent = outcomes.filter { isRecent($0.time, now) }
        guard !recent.isEmpty else { return 1 }
        return 1 - Double(recent.count(where: \.failed)) / Double(recent.count + 1)
    }

    private func isRecent(_ time: UInt64, _ now: UInt64) -> Bool { time >= now || now - time <= settings.window }

    private mutating func note(_ now: UInt64, failed: Bool) {
        let from = now > settings.window ? now - settings.window : 0
        outcomes.removeAll { $0.time < from }
        if outcomes.count >= Self.kept { outcomes.removeFirst(outcomes.count - Self.kept + 1) }
        outcomes.append((now, failed))
    }
}
