internal import ProviderKit
internal import SluiceSDK

/// Anthropic's errors: `{"type":"error","error":{"type":…,"message":…,"details":{"error_code":…}}}`.
///
/// Sources: the page on errors of the Claude API; the error types and codes of the vendor's Python client 2.11; reports
/// of the three ways in which the API says that money is gone.
enum AnthropicErrors {
    static let table = ErrorTable(rows)

    private static func rows(_ verdict: Verdict, codes: [String] = [], phrases: [String] = []) -> [ErrorTable.Row] {
        codes.map { ErrorTable.Row(.code($0), verdict) } + phrases.map { ErrorTable.Row(.phrase($0), verdict) }
    }

    private static let rows: [ErrorTable.Row] =
        rows(
            .quota,
            codes: [
                "enforced_spend_limit_reached", "contract_spend_limit_reached",
                "linked_organization_spend_limit_reached", "linked_organization_billing_unavailable",
                "user_profile_not_billable",
            ],
            phrases: ["api usage limits", "credit balance is too low", "monthly limit", "monthly usage"])
        + rows(.slowDown, codes: ["ramp_limit_exceeded"], phrases: ["acceleration limit"])
        + rows(
            .forbidden,
            codes: [
                "organization_on_hold", "organization_type_not_supported", "claude_code_key_creator_not_member",
                "cmek_key_disabled", "cmek_key_network_blocked", "sandbox_egress_restricted",
                "workspace_policy_violation", "user_profile_billing_not_authorized",
            ],
            phrases: ["organization has been disabled"])
        + rows(.serverError, codes: ["cmek_context_unavailable", "cmek_key_unreachable"])
        + rows(.tooLarge, codes: ["request_body_too_large_after_decoding"])
        + rows(.contextOverflow, phrases: ["exceed context limit", "exceeds the context limit"])
        + rows(.contentFilter, phrases: ["blocked by content filtering", "violates our usage policy"])
        + rows(
            .schemaRejected,
            phrases: [
                "output_config.format", "output_format.schema", "schema is too complex", "compiled grammar",
                "input_schema",
            ])

    /// What a reply with a status other than 2xx means.
    static func failure(_ reply: HTTPReply) -> Failure {
        let json = ReplyJSON.parsed(reply.body)
        return failure(ErrorSignal(reply: reply), error: json.flatMap(ErrorSignal.error), headers: reply.headers)
    }

    /// What an error within a stream, an answer of status 200 or a batch's result means.
    static func failure(inBand json: JSONValue, headers: [String: String] = [:]) -> Failure {
        failure(ErrorSignal(inBand: json), error: ErrorSignal.error(in: json), headers: headers)
    }

    private static func failure(
        _ heard: ErrorSignal, error: JSONValue?, headers: [String: String]
    ) -> Failure {
        var signal = heard
        if let code = error?["details"]?["error_code"]?.string { signal.code = code }
        // It says no more than status 500 does; a phrase that says more counts.
        if signal.type == "api_error" {
            signal.type = nil
            signal.status = signal.status ?? 500
        }
        var failure = table.failure(signal)
        if failure.retryAfterMilliseconds == nil {
            failure.retryAfterMilliseconds = AnthropicReset.wait(failure, signal: signal, headers: headers)
        }
        return failure
    }
}
