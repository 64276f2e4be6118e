internal import Columnar
public import Foundations
internal import Policy

/// Completions and batches. A failure is a value: whoever asks looks at its code, and perhaps asks somebody else.
extension ProviderSession {
    /// Bytes of the document that `infer` may answer: a text of 16 MiB that is escaped, and what surrounds it.
    static let answerLimit = 64 << 20
    /// Of what `poll` may answer: the runner lets no longer text through.
    static let batchLimit = 64 << 20
    static let receiptLimit = 64 << 10
    /// Values that the document of an answer may hold: it needs a few dozen, and what the host does not know costs memory
    /// all the same.
    static let answerValues = 10_000
    /// Of what `poll` may answer: some dozens for each of the most results that there are.
    static let batchValues = 1_000_000

    /// One completion.
    ///
    /// - Parameters:
    ///   - deadline: monotonic nanoseconds of the settings' context; the manifest's `limits.wall_s` holds in any case.
    ///   - stop: raised when nobody waits for the answer any more: the plugin is told to end its call.
    /// - Returns: the answer, or why there is none. An answer that cannot be read is QUARANTINE_REQUIRED; a plugin that
    ///   died or broke the protocol is PROVIDER_UNHEALTHY, one that did not end its call TIMEOUT, both of scope provider.
    public func infer(
        _ request: ModelRequest, deadline: UInt64, stop: StopSignal? = nil
    ) -> Result<ModelAnswer, ProviderFailure> {
        let grant = EgressGrant(.infer, requests: [request])
        return ask(
            .infer, request.json, limit: Self.answerLimit, values: Self.answerValues, grant: grant, deadline: deadline,
            stop: stop,
            read: ModelDocument.outcome)
    }

    /// Hands requests in to the provider's batch API: the batch's name there.
    ///
    /// - Parameter requests: each under an id of its own, by which its result is found.
    public func submit(
        _ requests: [(id: String, request: ModelRequest)], deadline: UInt64, stop: StopSignal? = nil
    ) -> Result<String, ProviderFailure> {
        guard Set(requests.map(\.id)).count == requests.count else {
            return .failure(
                ProviderFailure(
                    .deterministicFailure, reason: "duplicate_id", message: "Two requests of a batch have one id."))
        }
        let items = requests.map { item -> JSON in ["id": .string(item.id), "request": item.request.json] }
        return ask(
            .submit, ["version": 1, "items": .array(items)], limit: Self.receiptLimit, values: Self.answerValues,
            grant: EgressGrant(.submit, requests: requests.map(\.request)), deadline: deadline, stop: stop,
            read: ModelDocument.receipt)
    }

    /// How far a batch is, which this process or an earlier one handed in. It does not wait for the batch.
    ///
    /// - Parameter cancels: nobody will ask for it any more: the provider is asked to stop it.
    public func poll(
        batch: String, cancels: Bool = false, deadline: UInt64, stop: StopSignal? = nil
    ) -> Result<ModelBatch, ProviderFailure> {
        let request = JSON.members([
            "version": 1, "batch": .string(batch), "cancel": cancels ? .bool(true) : nil,
        ])
        return ask(
            .poll, request, limit: Self.batchLimit, values: Self.batchValues,
            grant: EgressGrant(.poll, requests: []), deadline: deadline, stop: stop, read: ModelDocument.batch)
    }

    /// Whether the provider says that it can serve.
    public func probe(deadline: UInt64, stop: StopSignal? = nil) -> Result<Void, ProviderFailure> {
        let found = timed(deadline: deadline, stop: stop) { (seconds) throws(SluiceError) in
            try health(seconds: seconds)
        }
        switch found {
        case .failure(let failure): return .failure(failure)
        case .success(let state):
            guard state["healthy"] == .bool(false) else { return .success(()) }
            return .failure(
                ProviderFailure(
                    .providerUnhealthy, scope: .provider, reason: "unhealthy",
                    message: "The provider \(process.manifest.id) says that it is not healthy."))
        }
    }

    /// Tokens that prompts cost as input, in order.
    func tokens(
        _ prompts: [MaskedPrompt], model: String, deadline: UInt64, stop: StopSignal?
    ) -> Result<[Int], ProviderFailure> {
        timed(deadline: deadline, stop: stop) { (seconds) throws(SluiceError) in
            var counts: [Int] = []
            counts.reserveCapacity(prompts.count)
            for count in try tokenEstimates(prompts, model: model, seconds: seconds) { counts.append(try count.get()) }
            return counts
        }
    }

    private func ask<Answer>(
        _ method: Wire.Method, _ request: JSON, limit: Int, values: Int, grant: EgressGrant, deadline: UInt64,
        stop: StopSignal?, read: (JSON) throws(ModelDocument.Fault) -> Result<Answer, ProviderFailure>
    ) -> Result<Answer, ProviderFailure> {
        process.egress?.forget()
        let payload = timed(deadline: deadline, stop: stop) { (seconds) throws(SluiceError) in
            let text = request.canonicalBytes
            return try process.call(method, limit: limit + 4, seconds: seconds, grant: grant) { $0.text(bytes: text) }
        }
        let outcome: Result<Answer, ProviderFailure>
        switch payload {
        case .failure(let failure): outcome = .failure(failure)
        case .success(let payload):
            do throws(ModelDocument.Fault) {
                let json: JSON
                do {
                    json = try JSONParser.parseBytes(try PayloadReader.text(of: payload), maximumValues: values)
                } catch { throw ModelDocument.Fault(reason: "it is no JSON, or holds more than \(values) values") }
                outcome = try read(json).mapError(named)
            } catch {
                outcome = .failure(
                    ProviderFailure(malformed: "\(method.name) of the plugin \(process.manifest.id): \(error.reason)"))
            }
        }
        return outcome.mapError { witnessed($0, during: method) }
    }

    /// What the host itself saw of the call joins what the plugin says, which may be wrong or a lie.
    private func witnessed(_ failure: ProviderFailure, during method: Wire.Method) -> ProviderFailure {
        guard failure.wasCalled else { return failure }
        var told = failure
        let seen = process.egress?.seen
        if seen?.isSent == true, failure.reason == ProviderFailure.notOffered {
            told = ProviderFailure(
                malformed:
                    "\(method.name) of the plugin \(process.manifest.id): it says that it does not offer the call, "
                    + "and sent a request for it")
        }
        told.wasSent = seen?.isSent ?? false
        told.observedStatus = seen?.status
        return told
    }

    /// What a user must set is for the host to say: the plugin does not know where the host looks for a secret.
    private func named(_ failure: ProviderFailure) -> ProviderFailure {
        guard failure.reason == ProviderFailure.credentialMissing, let cause = process.egress?.lastError,
            cause.detail == ErrorKind.egressSecret.id
        else { return failure }
        var told = failure
        told.message = cause.message
        return told
    }

    /// Makes a call within the time that is left, unless nobody waits for it.
    private func timed<Answer>(
        deadline: UInt64, stop: StopSignal?, _ call: (_ seconds: Double) throws(SluiceError) -> Answer
    ) -> Result<Answer, ProviderFailure> {
        let now = process.settings.context.monotonic()
        guard now < deadline else {
            return .failure(
                ProviderFailure(
                    .timeout, reason: "deadline",
                    message: "There was no time left to ask the provider \(process.manifest.id).",
                    wasCalled: false))
        }
        if stop?.isRaised == true {
            return .failure(
                ProviderFailure(
                    .timeout, reason: "cancelled",
                    message: "Nobody waited for the provider \(process.manifest.id) any more.",
                    wasCalled: false))
        }
        let before = process.otherStops
        if let stop { process.otherStops = before + [stop] }
        defer { if stop != nil { process.otherStops = before } }
        do throws(SluiceError) { return .success(try call(Double(deadline - now) / 1e9)) } catch {
            return .failure(ProviderFailure(error))
        }
    }
}

extension PayloadReader {
    /// The bytes of a payload that is one `str`.
    static func text(of payload: Bytes) throws(Wire.Fault) -> [UInt8] {
        var reader = PayloadReader(payload)
        let text = try reader.textBytes()
        try reader.finish()
        return text
    }
}
