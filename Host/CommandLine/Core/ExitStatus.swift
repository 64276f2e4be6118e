internal import Foundations
internal import Supervisor

/// The exit statuses that scripts rely on; docs/errors.md lists them beside each error.
enum ExitStatus {
    static let done: Int32 = 0
    static let failure: Int32 = 1
    static let usage: Int32 = 2
    static let held: Int32 = 3
    static let policyBlock: Int32 = 4
    static let dslReject: Int32 = 5
    static let providers: Int32 = 6
    static let quarantine: Int32 = 7

    /// What each status means, in order.
    static let meanings: [(status: Int32, meaning: String)] = [
        (done, "done"), (failure, "any other failure, or stopped"), (usage, "usage, or a bad contract"),
        (held, "held at a gate, waiting for a person"), (policyBlock, "POLICY_BLOCK"), (dslReject, "DSL_REJECT"),
        (providers, "providers exhausted: PROVIDER_UNHEALTHY, RATE_LIMIT, QUOTA_EXHAUSTED"),
        (quarantine, "QUARANTINE_REQUIRED: a validation failed, or the error budget is spent"),
    ]

    static func of(code: SluiceError.Code, detail: String) -> Int32 {
        let isRequest = [ErrorKind.usage.id, ErrorKind.jsonInvalid.id, ErrorKind.locationInvalid.id].contains(detail)
        if isRequest || detail.hasPrefix("contract.") { return usage }
        switch code {
        case .policyBlock: return policyBlock
        case .dslReject: return dslReject
        case .providerUnhealthy, .rateLimit, .quotaExhausted: return providers
        case .quarantineRequired: return quarantine
        default: return failure
        }
    }

    static func of(_ error: SluiceError) -> Int32 { of(code: error.code, detail: error.detail) }

    /// Of a run that was driven or looked at.
    static func of(_ summary: RunSummary) -> Int32 {
        switch summary.state {
        case "done": done
        case "held": held
        default: summary.error.map { of($0) } ?? failure
        }
    }
}
