public import Foundations
public import PluginHost
public import Store

/// Answers of models from the home's cache, and one of those who ask the same at once asks for all (docs/cache.md).
///
/// An entry holds the answer as the provider gave it: placeholders stand in it, never what is behind them. Any thread may
/// call it; it blocks while it waits for another one's answer, and for the home's database.
public final class AnswerCache: AnswerSource {
    private let scope: AnswerScope
    private let store: InferenceStore
    private let flights: SingleFlight
    private let context: Context
    /// The longest that another process of the home is waited for.
    private let patience: UInt64

    /// - Parameters:
    ///   - flights: one for all caches of the process.
    ///   - patience: nanoseconds; never more than half of the time that a question has.
    public init(
        _ scope: AnswerScope, store: InferenceStore, flights: SingleFlight, context: Context,
        patience: UInt64 = 30_000_000_000
    ) {
        self.scope = scope
        self.store = store
        self.flights = flights
        self.context = context
        self.patience = patience
    }

    public func lookup(_ question: AnswerQuestion, deadline: UInt64, stop: StopSignal?) -> AnswerLookup {
        guard let key = scope.key(question) else { return .bypass }
        let name = key.digest
        while true {
            guard case .follower(let flight) = flights.join(name) else {
                return lead(key, name, deadline: deadline, stop: stop)
            }
            switch flights.wait(for: flight, until: deadline, stop: stop, context: context) {
            case .success(let answer): return .hit(answer, question: name)
            case .failure(let failure): return .refusal(failure)
            case .timedOut: return .timedOut
            case .stopped: return .stopped
            // Whoever leads next looks into the cache again.
            case .open: continue
            }
        }
    }

    public func peek(_ question: AnswerQuestion) -> AnswerPeek {
        guard let key = scope.key(question) else { return .unknown(question: nil) }
        guard !scope.fresh else { return .unknown(question: key.digest) }
        switch known(key) {
        case .success(let answer): return .hit(answer, question: key.digest)
        case .failure(let failure): return .refusal(failure)
        default: return .unknown(question: key.digest)
        }
    }

    public func keep(_ answer: ModelAnswer, to question: AnswerQuestion) {
        guard let key = scope.key(question) else { return }
        store.put(.answer(AnswerCodec.encode(answer)), under: key, run: scope.run)
    }

    // MARK: Leading

    /// As the one thread of this process that may ask now.
    private func lead(_ key: ResponseKey, _ name: SHA256.Digest, deadline: UInt64, stop: StopSignal?) -> AnswerLookup {
        var isLocked = false
        if !scope.fresh {
            if let found = told(known(key), name) { return found }
            let now = context.monotonic()
            let wait = deadline > now ? min(patience, (deadline - now) / 2) : 0
            let wasFree = store.locks.take(name, until: now + wait, stop: stop)
            isLocked = wasFree != nil
            // Somebody else may have answered it meanwhile, also between the look and the lock.
            if let found = told(known(key), name) {
                if isLocked { store.locks.drop(name) }
                return found
            }
            if stop?.isRaised == true {
                if isLocked { store.locks.drop(name) }
                flights.land(name, .open)
                return .stopped
            }
        }
        let (scope, store, flights, wasLocked) = (scope, store, flights, isLocked)
        return .lead(
            AnswerLead(question: name) { end in
                let landed: SingleFlight.Ended
                switch end {
                case .success(let answer):
                    store.put(.answer(AnswerCodec.encode(answer)), under: key, run: scope.run)
                    landed = .success(answer)
                case .failure(let failure) where failure.isForGood:
                    store.put(.refusal(message: AnswerCodec.encode(failure)), under: key, run: scope.run)
                    landed = .failure(failure)
                case .failure, .abandoned: landed = .open
                }
                if wasLocked { store.locks.drop(name) }
                flights.land(name, landed)
            })
    }

    /// Ends the flight with what is known; nil when nothing is.
    private func told(_ known: SingleFlight.Ended?, _ name: SHA256.Digest) -> AnswerLookup? {
        guard let known else { return nil }
        flights.land(name, known)
        switch known {
        case .success(let answer): return .hit(answer, question: name)
        case .failure(let failure): return .refusal(failure)
        default: return nil
        }
    }

    /// What the home's cache holds; an entry that cannot be read is removed.
    private func known(_ key: ResponseKey) -> SingleFlight.Ended? {
        switch store.response(to: key, run: scope.run) {
        case nil: return nil
        case .answer(let bytes):
            if let answer = AnswerCodec.answer(bytes) { return .success(answer) }
        case .refusal(let text):
            if let failure = AnswerCodec.failure(text) { return .failure(failure) }
        }
        store.remove(key)
        return nil
    }
}

extension ProviderFailure {
    /// Whether the same request would be refused again for some time: the provider's own no, and a model that is not
    /// there (ROADMAP §36, negative entries). What the host refuses by itself is decided anew each time.
    public var isForGood: Bool {
        guard retryAfterMilliseconds == nil else { return false }
        switch code {
        case .deterministicFailure: return scope == .request || scope == .model
        case .policyBlock: return status != nil && scope == .request
        case .providerUnhealthy: return scope == .model && (status == 404 || status == 410)
        default: return false
        }
    }
}

/// How an entry of the cache holds an answer: canonical JSON.
enum AnswerCodec {
    private static let version: Int64 = 1

    static func encode(_ answer: ModelAnswer) -> [UInt8] {
        JSON.members([
            "version": .int(version), "model": .string(answer.model), "text": .string(answer.text),
            "finish": .string(answer.finish.rawValue), "usage": answer.usage.map(json),
            "treatments": .object(answer.treatments.mapValues(JSON.string)),
            "tier": answer.tier.map { .string($0.rawValue) }, "request_id": answer.requestID.map(JSON.string),
        ]).canonicalBytes
    }

    /// nil for bytes that `encode` did not make.
    static func answer(_ bytes: [UInt8]) -> ModelAnswer? {
        guard let json = try? JSONParser.parse(bytes), json["version"]?.intValue == version,
            let model = json["model"]?.stringValue, let text = json["text"]?.stringValue,
            let finish = json["finish"]?.stringValue.flatMap(ModelAnswer.Finish.init(rawValue:))
        else { return nil }
        var usage: TokenUsage?
        if let told = json["usage"] {
            guard let read = self.usage(told) else { return nil }
            usage = read
        }
        return ModelAnswer(
            model: model, text: text, finish: finish, usage: usage,
            treatments: json["treatments"]?.objectValue?.compactMapValues(\.stringValue) ?? [:],
            tier: json["tier"]?.stringValue.flatMap(ModelRequest.Tier.init(rawValue:)),
            requestID: json["request_id"]?.stringValue)
    }

    private static func json(_ usage: TokenUsage) -> JSON {
        [
            "input": JSON(usage.input), "cached_input": JSON(usage.cachedInput),
            "cache_writes": JSON(usage.cacheWrites), "output": JSON(usage.output), "reasoning": JSON(usage.reasoning),
        ]
    }

    private static func usage(_ json: JSON) -> TokenUsage? {
        let counts = ["input", "cached_input", "cache_writes", "output", "reasoning"].compactMap {
            json[$0]?.intValue.flatMap(Int.init(exactly:))
        }
        guard counts.count == 5, counts.allSatisfy({ $0 >= 0 }) else { return nil }
        return TokenUsage(
            input: counts[0], cachedInput: counts[1], cacheWrites: counts[2], output: counts[3], reasoning: counts[4])
    }

    static func encode(_ failure: ProviderFailure) -> String {
        JSON.members([
            "version": .int(version), "code": .string(failure.code.description),
            "scope": .string(failure.scope.rawValue), "reason": .string(failure.reason),
            "message": .string(failure.message), "status": failure.status.map { JSON($0) },
        ]).canonicalText
    }

    /// nil for a text that `encode` did not make.
    static func failure(_ text: String) -> ProviderFailure? {
        guard let json = try? JSONParser.parse(text), json["version"]?.intValue == version,
            let code = json["code"]?.stringValue.flatMap(SluiceError.Code.init(name:)),
            let scope = json["scope"]?.stringValue.flatMap(ProviderFailure.Scope.init(rawValue:)),
            let reason = json["reason"]?.stringValue, let message = json["message"]?.stringValue
        else { return nil }
        return ProviderFailure(
            code, scope: scope, reason: reason, message: message,
            status: json["status"]?.intValue.flatMap(Int.init(exactly:)))
    }
}
