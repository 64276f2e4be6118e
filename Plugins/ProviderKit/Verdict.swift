/// What an error of a provider means: the same words for the same thing at every provider (ROADMAP §31).
///
/// Error tables lead from a provider's words to one of these; messages are ours and name the next step.
public struct Verdict: Equatable, Sendable {
    public let code: Failure.Code
    public let scope: Failure.Scope
    public let reason: String
    public let message: String

    public init(_ code: Failure.Code, scope: Failure.Scope = .request, reason: String, message: String) {
        self.code = code
        self.scope = scope
        self.reason = reason
        self.message = message
    }

    public func failure(status: Int? = nil, retryAfterMilliseconds: UInt64? = nil) -> Failure {
        Failure(
            code, scope: scope, reason: reason, message: message, status: status,
            retryAfterMilliseconds: retryAfterMilliseconds)
    }
}

extension Verdict {
    // What an answer must not hold.
    public static let protocolBroken = Verdict(
        .quarantineRequired, reason: "protocol",
        message: "The provider broke its own protocol, so the answer cannot be trusted: look at the server.")
    public static let toolCall = Verdict(
        .quarantineRequired, reason: "tool_call",
        message: "The model called a tool where none was offered: there is no text to use.")

    // Batches.
    public static let batchExpired = Verdict(
        .timeout, reason: "batch_expired", message: "The provider did not get to this request in the batch's time.")
    public static let batchCancelled = Verdict(
        .transientError, reason: "batch_cancelled", message: "The batch was given up before this request's turn.")
    public static let batchFailed = Verdict(
        .deterministicFailure, reason: "batch_failed",
        message: "The provider rejects the batch as a whole: look at its own account of it.")
    /// A provider may say it of a batch that it has just made; the host asks a few times before it believes it.
    public static let batchMissing = Verdict(
        .deterministicFailure, reason: "batch_missing",
        message: "The provider has no such batch, or its results are gone: hand its requests in again.")

    // Policy of the provider.
    public static let contentFilter = Verdict(
        .policyBlock, reason: "content_filter",
        message: "The provider's content filter stopped the request or the answer: change the prompt.")
    public static let refusal = Verdict(
        .policyBlock, reason: "refusal", message: "The model refused to answer: change the prompt.")

    // Who may ask, and whom.
    public static let credentialRejected = Verdict(
        .providerUnhealthy, scope: .credential, reason: "authentication",
        message: "The provider rejects the credential: check the key that the policy's egress.secrets names.")
    public static let forbidden = Verdict(
        .providerUnhealthy, scope: .credential, reason: "permission",
        message: "The provider does not let this credential do it: check the account's rights and its region.")
    public static let modelNotFound = Verdict(
        .providerUnhealthy, scope: .model, reason: "model_not_found",
        message: "The provider has no such model, or not for this credential: choose one that its health lists.")
    public static let modelBroken = Verdict(
        .providerUnhealthy, scope: .model, reason: "model_load",
        message: "The server cannot load this model: get it anew, take a later server, or choose another model.")

    // How much may be asked.
    public static let quota = Verdict(
        .quotaExhausted, scope: .credential, reason: "insufficient_quota",
        message: "The account's quota or credit is used up: add credit, raise its limit, or use another provider.")
    public static let rateLimit = Verdict(
        .rateLimit, scope: .model, reason: "rate_limit",
        message: "The provider limits the rate of requests or tokens: wait, or use another provider.")
    public static let slowDown = Verdict(
        .rateLimit, scope: .model, reason: "slow_down",
        message: "The provider asks for fewer requests: lower the rate and raise it slowly.")
    public static let laneCapacity = Verdict(
        .rateLimit, scope: .lane, reason: "flex_capacity",
        message: "The provider's flex tier has no capacity now: wait, or use another lane.")
    public static let busy = Verdict(
        .rateLimit, scope: .provider, reason: "server_busy",
        message: "The server's queue is full: wait, or let it take more requests at a time.")

    // What may succeed again.
    public static let timeout = Verdict(
        .timeout, reason: "timeout", message: "The provider gave up waiting for its own answer.")
    public static let overloaded = Verdict(
        .transientError, scope: .provider, reason: "overloaded",
        message: "The provider is overloaded or not ready yet: wait a little.")
    public static let serverError = Verdict(
        .transientError, reason: "server_error", message: "The provider had an error of its own.")
    public static let conflict = Verdict(
        .transientError, reason: "conflict", message: "The provider was changing the same thing: ask again.")

    // What will not.
    public static let contextOverflow = Verdict(
        .deterministicFailure, reason: "context_overflow",
        message: "Prompt and answer do not fit the model's context: shorten the prompt or choose a larger model.")
    public static let badRequest = Verdict(
        .deterministicFailure, reason: "bad_request",
        message: "The provider rejects the request: it has a parameter or form that the model does not take.")
    public static let tooLarge = Verdict(
        .deterministicFailure, reason: "too_large",
        message: "The request is larger than the provider takes: send less at a time.")
    public static let schemaRejected = Verdict(
        .deterministicFailure, reason: "schema_rejected",
        message: "The provider cannot hold the answer to this JSON Schema: simplify it.")
    /// The answer did not fit the schema, so the provider says itself.
    public static let schemaMissed = Verdict(
        .dslReject, reason: "schema",
        message: "The provider's answer does not fit the JSON Schema: ask anew with the error.")
    public static let unexpectedStatus = Verdict(
        .quarantineRequired, reason: "unexpected_status",
        message: "The server answered with a status that its protocol does not have: look at its address.")
}
