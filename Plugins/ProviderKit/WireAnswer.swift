public import SluiceSDK

/// An object of the members that are there.
private func object(_ members: KeyValuePairs<String, JSONValue?>) -> JSONValue {
    var object = JSONObject()
    for (key, value) in members {
        if let value { object[key] = value }
    }
    return .object(object)
}

private func number(_ value: Int?) -> JSONValue? { value.map { .int(Int64($0)) } }

extension ChatAnswer.Usage {
    fileprivate var json: JSONValue {
        object([
            "input": number(input), "cached_input": number(cachedInput), "cache_writes": number(cacheWrites),
            "output": number(output), "reasoning": number(reasoning),
        ])
    }
}

extension ChatAnswer {
    /// As the host reads it: the member `answer` of a document (docs/providers.md).
    public var json: JSONValue {
        object([
            "model": .string(model), "text": .string(text), "finish": .string(finish.rawValue),
            "usage": usage?.json,
            "treatments": .object(
                treatments.sorted { $0.key < $1.key }.reduce(into: JSONObject()) { into, treatment in
                    into[treatment.key] = .string(treatment.value.rawValue)
                }),
            "tier": tier.map { .string($0.rawValue) }, "request_id": requestID.map { .string($0) },
        ])
    }
}

extension Failure {
    /// As the host reads it: the member `failure` of a document (docs/providers.md).
    public var json: JSONValue {
        object([
            "code": .string(code.rawValue), "scope": .string(scope.rawValue), "reason": .string(reason),
            "message": .string(message), "status": number(status),
            "retry_after_ms": retryAfterMilliseconds.map { .int(Int64(clamping: $0)) }, "usage": usage?.json,
        ])
    }

    /// As an error of the ABI, for the calls whose result is no document: `embed`, `health`, `create`.
    public var pluginFailure: PluginFailure {
        let retry: Bool =
            switch code {
            case .providerUnhealthy, .rateLimit, .timeout, .transientError: true
            case .policyBlock, .dslReject, .quotaExhausted, .deterministicFailure, .quarantineRequired: false
            }
        let plain: PluginFailure.Code =
            switch code {
            case .policyBlock: .policyBlock
            case .dslReject: .dslReject
            case .providerUnhealthy: .providerUnhealthy
            case .rateLimit: .rateLimit
            case .timeout: .timeout
            case .quotaExhausted: .quotaExhausted
            case .transientError: .transientError
            case .deterministicFailure: .deterministicFailure
            case .quarantineRequired: .quarantineRequired
            }
        return PluginFailure(
            code: plain, message: "\(reason): \(message)", isRetryable: retry,
            retryAfterMilliseconds: retryAfterMilliseconds ?? 0)
    }
}

extension Result where Success == ChatAnswer, Failure == ProviderKit.Failure {
    /// `{"answer":…}` or `{"failure":…}`.
    public var json: JSONValue {
        switch self {
        case .success(let answer): ["answer": answer.json]
        case .failure(let failure): ["failure": failure.json]
        }
    }
}

extension BatchState {
    /// `{"state":…,"results":[{"id":…,"answer"|"failure":…}],"failure":…?}`.
    public var json: JSONValue {
        object([
            "state": .string(phase.rawValue),
            "results": .array(
                results.map { entry in
                    switch entry.result {
                    case .success(let answer): ["id": .string(entry.id), "answer": answer.json]
                    case .failure(let failure): ["id": .string(entry.id), "failure": failure.json]
                    }
                }),
            "failure": failure?.json,
        ])
    }
}
