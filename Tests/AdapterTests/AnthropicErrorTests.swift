import ProviderKit
import SluiceSDK
import Testing

@testable import AnthropicCore

private let request = ChatRequest(model: "claude-opus-5", messages: [.init(.user, "Which?")])

/// One way in which the API says that something went wrong.
struct AnthropicErrorRow: Sendable, CustomTestStringConvertible {
    let status: Int
    let type: String
    var code: String?
    var message = "Something is wrong with secret-in-a-prompt."
    let outcome: String

    init(_ status: Int, _ type: String, code: String? = nil, says message: String? = nil, _ outcome: String) {
        self.status = status
        self.type = type
        self.code = code
        self.message = message ?? self.message
        self.outcome = outcome
    }

    var testDescription: String { "\(status) \(type) \(code ?? "") → \(outcome)" }

    var body: String {
        let details = code.map { ",\"details\":{\"error_code\":\"\($0)\"}" } ?? ""
        return """
            {"type":"error","error":{"type":"\(type)","message":"\(message)"\(details)},"request_id":"req_1"}
            """
    }
}

private let quota = says(.quota)
private let permission = says(.forbidden)
private let bad = says(.badRequest)

private let rows: [AnthropicErrorRow] = [
    .init(400, "invalid_request_error", bad),
    .init(401, "authentication_error", says(.credentialRejected)),
    .init(403, "permission_error", permission),
    .init(404, "not_found_error", says: "model: claude-none", says(.modelNotFound)),
    .init(408, "timeout_error", says(.timeout)),
    .init(409, "conflict_error", says(.conflict)),
    .init(413, "request_too_large", says(.tooLarge)),
    .init(422, "invalid_request_error", bad),
    .init(429, "rate_limit_error", says(.rateLimit)),
    .init(500, "api_error", says(.serverError)),
    .init(502, "api_error", says(.serverError)),
    .init(503, "api_error", says(.overloaded)),
    .init(504, "timeout_error", says(.timeout)),
    .init(529, "overloaded_error", says(.overloaded)),
    // The three ways in which it says that money is gone, and their codes.
    .init(402, "billing_error", quota),
    .init(
        400, "invalid_request_error",
        says: "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.", quota),
    .init(
        400, "invalid_request_error",
        says: "You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.",
        quota),
    .init(400, "invalid_request_error", says: "You have reached your specified workspace API usage limits.", quota),
    .init(429, "rate_limit_error", code: "enforced_spend_limit_reached", quota),
    .init(429, "rate_limit_error", code: "contract_spend_limit_reached", quota),
    .init(429, "rate_limit_error", says: "This would exceed your organization's monthly usage.", quota),
    .init(402, "billing_error", code: "linked_organization_spend_limit_reached", quota),
    .init(402, "billing_error", code: "linked_organization_billing_unavailable", quota),
    // Codes that say more than the status.
    .init(429, "rate_limit_error", code: "ramp_limit_exceeded", says(.slowDown)),
    .init(400, "invalid_request_error", code: "organization_on_hold", permission),
    .init(400, "invalid_request_error", code: "claude_code_key_creator_not_member", permission),
    .init(400, "invalid_request_error", code: "cmek_key_disabled", permission),
    .init(503, "api_error", code: "cmek_key_unreachable", says(.serverError)),
    .init(
        413, "invalid_request_error", code: "request_body_too_large_after_decoding",
        says(.tooLarge)),
    .init(400, "invalid_request_error", code: "a_code_of_tomorrow", bad),
    // Phrases.
    .init(
        400, "invalid_request_error", says: "prompt is too long: 210000 tokens > 200000 maximum",
        says(.contextOverflow)),
    .init(
        400, "invalid_request_error",
        says: "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
        says(.contextOverflow)),
    .init(
        400, "invalid_request_error", says: "Output blocked by content filtering policy",
        says(.contentFilter)),
    .init(500, "api_error", says: "Output blocked by content filtering policy", says(.contentFilter)),
    .init(
        400, "invalid_request_error", says: "output_config.format.schema: For 'object' type, …",
        says(.schemaRejected)),
    .init(400, "invalid_request_error", says: "`temperature` is deprecated for this model.", bad),
]

@Test(arguments: rows)
func `Each error of Anthropic has its outcome, and its text goes nowhere`(row: AnthropicErrorRow) throws {
    let adapter = try Anthropic(config: .init())
    let result = asked(adapter, request, Script(row.status, row.body))
    #expect(word(result) == row.outcome)
    #expect(result.failure?.status == row.status)
    #expect(result.failure?.message.contains("secret-in-a-prompt") == false)
    // Under status 200 the type, code and words mean the same; a status that is missing is not made up.
    let within = asked(adapter, request, Script(200, row.body))
    #expect(within.failure?.status == nil)
    if !["api_error", "invalid_request_error"].contains(row.type) { #expect(word(within) == row.outcome) }
}

private let now = "Fri, 20 Nov 2026 23:58:06 GMT"

private func wait(
    _ status: Int, _ body: String, _ headers: [String: String], told: UInt64? = nil
) throws -> UInt64? {
    let script = Script(replies: [
        HTTPReply(status: status, headers: headers, body: Array(body.utf8), retryAfterMilliseconds: told)
    ])
    return asked(try Anthropic(config: .init()), request, script).failure?.retryAfterMilliseconds
}

@Test func `The wait is what the server says, from its own clock`() throws {
    let rate = AnthropicErrorRow(429, "rate_limit_error", "").body
    #expect(try wait(429, rate, [:]) == nil)
    #expect(try wait(429, rate, ["date": now], told: 12_000) == 12_000)
    let used = [
        "date": now, "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": "2026-11-20T23:58:36Z", "anthropic-ratelimit-tokens-remaining": "9000",
        "anthropic-ratelimit-tokens-reset": "2026-11-21T00:58:06Z",
    ]
    #expect(try wait(429, rate, used) == 30_000)
    #expect(try wait(429, rate, used.merging(["date": "today"]) { $1 }) == nil)
    let past = ["date": now, "anthropic-ratelimit-requests-reset": "2026-11-20T23:00:00Z"]
    #expect(try wait(429, rate, past) == nil)
    let limit = AnthropicErrorRow(
        400, "invalid_request_error",
        says: "You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.", ""
    )
    let untilDecember: UInt64 = (10 * 86_400 + 114) * 1000
    #expect(try wait(400, limit.body, ["date": now]) == untilDecember)
    let tier = AnthropicErrorRow(429, "rate_limit_error", code: "enforced_spend_limit_reached", "")
    #expect(try wait(429, tier.body, ["date": now]) == untilDecember)
    let year = ["date": "Thu, 31 Dec 2026 23:59:59 GMT"]
    #expect(try wait(429, tier.body, year) == 1000)
}

@Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:00:00Z", 951_825_600), ("2026-11-20T23:58:06.25Z", 1_795_219_086),
    ("2100-03-01T00:00:00Z", 4_107_542_400),
])
func `Dates are read as the calendar has them`(text: String, seconds: Int64) {
    #expect(Instant(rfc3339: text)?.seconds == seconds)
}

@Test(arguments: [
    "", "T", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00+02:00", "2026-1-1TZ", "now", "99999-01-01T00:00:00Z",
])
func `What is no date is none`(text: String) {
    #expect(Instant(rfc3339: text) == nil)
    #expect(Instant(httpDate: text) == nil)
    #expect(Instant(regainIn: text) == nil)
}
