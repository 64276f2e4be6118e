public import Contracts
public import Foundations
public import PluginHost

/// How providers, their models and lanes have been doing: breakers, holds and latencies. Pure over a clock in nanoseconds.
///
/// A request passes four breakers: of the provider, of the model, of the provider's lane, and of the model in that lane.
/// Where a failure counts, its scope says.
public struct ProviderHealth: Sendable {
    /// Whom a request is sent to, and how. The flex tier is a lane of its own, whatever lane it is asked from.
    public struct Place: Sendable, Hashable {
        public var provider: String
        public var model: String
        public var lane: String

        public init(provider: String, model: String, lane: Lane, tier: ModelRequest.Tier) {
            self.provider = provider
            self.model = model
            self.lane = tier == .flex ? "flex_tier" : lane.rawValue
        }

        public init(_ candidate: ModelCandidate, lane: Lane) {
            self.init(provider: candidate.entry.provider, model: candidate.entry.id, lane: lane, tier: candidate.tier)
        }
    }

    enum Key: Hashable {
        case provider(String)
        case model(String, String)
        case lane(String, String)
        case place(Place)

        var name: String {
            switch self {
            case .provider(let provider): provider
            case .model(let provider, let model): "\(provider):\(model)"
            case .lane(let provider, let lane): "\(provider) in \(lane)"
            case .place(let place): "\(place.provider):\(place.model) in \(place.lane)"
            }
        }
    }

    /// Latencies kept for each place.
    static let kept = 64

    /// The right to one request: under which generation of each breaker it was sent.
    public struct Pass: Sendable, Equatable {
        fileprivate var sent: [Key: UInt64] = [:]
    }

    /// What keeps a place closed.
    public struct Closed: Sendable, Equatable {
        public var breaker: String
        /// `open`, `half_open`, `held`.
        public var state: String
        public var until: UInt64
        /// Whether waiting helps nothing: a bad credential, a missing model, a quota without a reset.
        public var isForGood: Bool
        /// The last failure that counted there; nil when nobody knows.
        public var failure: ProviderFailure?

        /// The failure as it stands now: a time that it named is shorter by what has passed.
        public func failure(at now: UInt64) -> ProviderFailure? {
            guard var failure else { return nil }
            if failure.retryAfterMilliseconds != nil {
                failure.retryAfterMilliseconds = until > now ? (until - now + 999_999) / 1_000_000 : 0
            }
            return failure
        }
    }

    private let settings: CircuitBreaker.Settings
    private var breakers: [Key: CircuitBreaker] = [:]
    private var failures: [Key: ProviderFailure] = [:]
    private var latencies: [Place: [UInt64]] = [:]

    public init(_ settings: CircuitBreaker.Settings = .standard) { self.settings = settings }

    private static func keys(_ place: Place) -> [Key] {
        [
            .provider(place.provider), .model(place.provider, place.model), .lane(place.provider, place.lane),
            .place(place),
        ]
    }

    /// The breaker that keeps a place closed for longest; nil when one may ask.
    public func closed(_ place: Place, at now: UInt64) -> Closed? {
        var longest: Closed?
        for key in Self.keys(place) {
            guard let breaker = breakers[key], let until = breaker.closedUntil(at: now) else { continue }
            let state = breaker.state(at: now)
            let found = Closed(
                breaker: key.name, state: state == .closed ? "held" : state.name, until: until,
                isForGood: breaker.isOpenForGood(at: now), failure: failures[key])
            guard let known = longest else {
                longest = found
                continue
            }
            if (found.isForGood ? 1 : 0, found.until) > (known.isForGood ? 1 : 0, known.until) { longest = found }
        }
        return longest
    }

    /// Takes the right to send one request; every one that is taken is followed by one of `record` and `abandon`.
    ///
    /// - Returns: nil when the place is closed.
    public mutating func take(_ place: Place, at now: UInt64) -> Pass? {
        guard closed(place, at: now) == nil else { return nil }
        var pass = Pass()
        for key in Self.keys(place) { pass.sent[key] = breakers[key]?.send(at: now) ?? 0 }
        return pass
    }

    /// A request was given up; nothing is concluded.
    ///
    /// - Parameter pass: what `take` gave; nil for word that is as good as a probe's.
    public mutating func abandon(_ place: Place, _ pass: Pass? = nil, at now: UInt64) {
        for key in Self.keys(place) { breakers[key]?.abandon(at: now, sent: pass?.sent[key]) }
    }

    /// A request was answered.
    public mutating func record(_ place: Place, _ pass: Pass? = nil, latency: UInt64, at now: UInt64) {
        for key in Self.keys(place) {
            breakers[key, default: CircuitBreaker(settings)].succeed(at: now, sent: pass?.sent[key])
        }
        latencies[place, default: []].append(latency)
        if let count = latencies[place]?.count, count > Self.kept { latencies[place]?.removeFirst(count - Self.kept) }
    }

    /// A batch was answered; how long it took says nothing of a request.
    public mutating func record(answered place: Place, _ pass: Pass? = nil, at now: UInt64) {
        for key in Self.keys(place) {
            breakers[key, default: CircuitBreaker(settings)].succeed(at: now, sent: pass?.sent[key])
        }
    }

    /// A request failed.
    public mutating func record(_ place: Place, _ failure: ProviderFailure, _ pass: Pass? = nil, at now: UInt64) {
        let keys = Self.keys(place)
        let faulty = Self.key(place, failure.scope)
        switch failure.code {
        case .policyBlock, .dslReject, .deterministicFailure:
            // It answered; what was asked was at fault.
            for key in keys {
                breakers[key, default: CircuitBreaker(settings)].succeed(at: now, sent: pass?.sent[key])
            }
            return
        default: break
        }
        // Nothing is known of what lies beside the fault; a probe there may be made again.
        for key in keys where key != faulty { breakers[key]?.abandon(at: now, sent: pass?.sent[key]) }
        var breaker = breakers[faulty] ?? CircuitBreaker(settings)
        let sent = pass?.sent[faulty]
        if failure.code == .providerUnhealthy, failure.scope == .credential || failure.scope == .model {
            breaker.trip(at: now, sent: sent)
        } else if failure.code == .quotaExhausted, failure.retryAfterMilliseconds == nil {
            breaker.trip(at: now, sent: sent)
        } else {
            breaker.fail(at: now, sent: sent)
        }
        failures[faulty] = failure
        if let wait = failure.retryAfterMilliseconds, wait > 0 {
            breaker.hold(until: now &+ min(wait, 86_400_000) * 1_000_000)
        }
        breakers[faulty] = breaker
    }

    private static func key(_ place: Place, _ scope: ProviderFailure.Scope) -> Key {
        switch scope {
        case .request: .place(place)
        case .model: .model(place.provider, place.model)
        case .lane: .lane(place.provider, place.lane)
        case .credential, .provider: .provider(place.provider)
        }
    }

    /// What a probe of a provider's server said; it speaks for the provider as a whole.
    public mutating func record(provider: String, probe: Result<Void, ProviderFailure>, at now: UInt64) {
        var breaker = breakers[.provider(provider)] ?? CircuitBreaker(settings)
        switch probe {
        case .success: breaker.succeed(at: now)
        case .failure(let failure):
            failures[.provider(provider)] = failure
            if failure.scope == .credential { breaker.trip(at: now) } else { breaker.fail(at: now) }
            if let wait = failure.retryAfterMilliseconds, wait > 0 {
                breaker.hold(until: now &+ min(wait, 86_400_000) * 1_000_000)
            }
        }
        breakers[.provider(provider)] = breaker
    }

    /// 0 to 1: the least of the four breakers. A place that is held back has 0.
    public func health(_ place: Place, at now: UInt64) -> Double {
        guard closed(place, at: now) == nil else { return 0 }
        return Self.keys(place).compactMap { breakers[$0]?.health(at: now) }.min() ?? 1
    }

    /// How a provider is doing, for the choice of a lane; nil when it was never asked.
    public func health(provider: String, at now: UInt64) -> Double? {
        guard let breaker = breakers[.provider(provider)] else {
            let places = breakers.keys.contains { key in
                if case .place(let place) = key { place.provider == provider } else { false }
            }
            return places ? 1 : nil
        }
        return breaker.closedUntil(at: now) == nil ? breaker.health(at: now) : 0
    }

    /// How well somebody can be asked, for the choice of a lane (docs/lanes.md): the best of the providers; nil when none of
    /// them was ever asked.
    public func health(of providers: [String], at now: UInt64) -> Double? {
        providers.compactMap { health(provider: $0, at: now) }.max()
    }

    /// What a share of the answers took at most, in nanoseconds; nil below eight answers.
    public func latency(_ place: Place, percentile: Double) -> UInt64? {
        guard let seen = latencies[place], seen.count >= 8 else { return nil }
        let sorted = seen.sorted()
        let rank = Int((Double(sorted.count) * percentile).rounded(.up)) - 1
        return sorted[max(0, min(sorted.count - 1, rank))]
    }

    /// Every breaker that is not closed, by name, with its state.
    public func report(at now: UInt64) -> JSON {
        var members: [String: JSON] = [:]
        for (key, breaker) in breakers {
            guard breaker.closedUntil(at: now) != nil || breaker.state(at: now) != .closed else { continue }
            let state = breaker.state(at: now)
            members[key.name] = .string(state == .closed ? "held" : state.name)
        }
        return .object(members)
    }
}
