import SluiceSDK
import Testing

@testable import ProviderKit

/// Each mapping of an error, a row each, by the adapter that meets it.
@Suite struct ErrorTableTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var adapter: String
        var status: Int
        var body: String
        var outcome: String
        var tier = ChatRequest.Tier.standard

        init(_ adapter: String, _ status: Int, _ body: String, _ outcome: String, tier: ChatRequest.Tier = .standard) {
            self.adapter = adapter
            self.status = status
            self.body = body
            self.outcome = outcome
            self.tier = tier
        }

        var testDescription: String { "\(adapter) \(status) \(body.prefix(80))" }
    }

    private static func error(_ code: String?, _ type: String?, _ message: String = "-") -> String {
        let json: JSONValue = [
            "error": [
                "message": .string(message), "type": type.map { .string($0) } ?? .null,
                "code": code.map { .string($0) } ?? .null, "param": .null,
            ]
        ]
        return String(decoding: json.encoded(), as: UTF8.self)
    }

    private static let quota = "QUOTA_EXHAUSTED credential insufficient_quota"
    private static let rate = "RATE_LIMIT model rate_limit"
    private static let lane = "RATE_LIMIT lane flex_capacity"
    private static let key = "PROVIDER_UNHEALTHY credential authentication"
    private static let model = "PROVIDER_UNHEALTHY model model_not_found"
    private static let filter = "POLICY_BLOCK request content_filter"
    private static let context = "DETERMINISTIC_FAILURE request context_overflow"
    private static let bad = "DETERMINISTIC_FAILURE request bad_request"
    private static let large = "DETERMINISTIC_FAILURE request too_large"
    private static let broken = "PROVIDER_UNHEALTHY model model_load"
    private static let server = "TRANSIENT_ERROR request server_error"
    private static let overloaded = "TRANSIENT_ERROR provider overloaded"

    static let statuses: [Row] =
        [
            (400, bad), (401, key), (402, quota), (403, "PROVIDER_UNHEALTHY credential permission"), (404, model),
            (405, bad), (408, "TIMEOUT request timeout"), (409, "TRANSIENT_ERROR request conflict"), (410, model),
            (413, "DETERMINISTIC_FAILURE request too_large"), (422, bad), (424, bad), (429, rate), (499, bad),
            (500, server), (501, server), (502, server), (503, overloaded), (504, "TIMEOUT request timeout"),
            (520, server), (522, "TIMEOUT request timeout"), (524, "TIMEOUT request timeout"), (529, overloaded),
            (300, "QUARANTINE_REQUIRED request unexpected_status"),
            (304, "QUARANTINE_REQUIRED request unexpected_status"),
            (600, bad.replacing(bad, with: "QUARANTINE_REQUIRED request unexpected_status")),
        ].flatMap { status, outcome in
            ["openai", "openai-responses", "groq", "openai-compatible"].map { Row($0, status, "", outcome) }
        } + [Row("groq", 498, "", lane)]

    static let words: [Row] = [
        // Quota before rate limit, wherever it is said.
        Row("openai", 429, error("insufficient_quota", "insufficient_quota"), quota),
        Row("openai", 429, error("billing_hard_limit_reached", "invalid_request_error"), quota),
        Row("openai", 400, error("billing_hard_limit_reached", nil), quota),
        Row("openai", 429, error("billing_not_active", "billing_not_active"), quota),
        Row("openai", 429, error("credit_balance_exhausted", "insufficient_quota"), quota),
        Row("openai", 429, error("organization_spend_limit_exceeded", "insufficient_quota"), quota),
        Row("openai", 429, error("project_spend_limit_exceeded", "insufficient_quota"), quota),
        Row("openai", 429, error("organization_usage_limit_exceeded", "insufficient_quota"), quota),
        Row("openai", 429, error(nil, "insufficient_quota"), quota),
        Row("openai", 429, error("rate_limit_exceeded", "insufficient_quota"), quota),
        Row("openai", 429, error("rate_limit_exceeded", "requests", "You exceeded your current quota."), quota),
        Row("openai", 429, error(nil, nil, "You exceeded your current quota, please check your plan"), quota),
        Row("openai", 403, error(nil, nil, "The account is out of credits."), quota),
        Row("groq", 400, error("blocked_api_access", "invalid_request_error"), quota),
        Row("openai", 400, error(nil, "invalid_request_error", "Your credit balance is too low"), quota),
        // Code before type before phrase before status.
        Row("openai", 400, error("invalid_api_key", "tokens"), key),
        Row("openai", 500, error("model_not_found", "server_error"), model),
        Row("openai", 429, error(nil, "requests"), rate),
        Row("openai", 429, error(nil, "tokens", "Please wait."), rate),
        Row("openai", 503, error("slow_down", "service_unavailable_error"), "RATE_LIMIT model slow_down"),
        Row("openai", 429, error("slow_down", "rate_limit_error"), "RATE_LIMIT model slow_down"),
        Row("openai", 503, error("server_is_overloaded", nil), overloaded),
        Row("openai", 408, error(nil, "server_error"), "TIMEOUT request timeout"),
        Row("openai", 500, error(nil, "server_error"), server),
        Row("openai", 400, error("context_length_exceeded", "invalid_request_error"), context),
        Row("openai", 400, error(nil, nil, "This model's maximum context length is 8192 tokens."), context),
        Row("openai", 400, error("content_policy_violation", "invalid_request_error"), filter),
        Row("openai", 400, error("content_filter", nil), filter),
        Row("openai", 400, error("invalid_prompt", "invalid_request_error"), filter),
        Row("openai", 401, error("account_deactivated", "invalid_request_error"), key),
        Row(
            "openai", 403, error("unsupported_country_region_territory", "request_forbidden"),
            "PROVIDER_UNHEALTHY credential permission"),
        Row(
            "openai", 400, error(nil, nil, "Invalid schema for response_format 'x'"),
            "DETERMINISTIC_FAILURE request schema_rejected"),
        // Lanes.
        Row("openai", 429, error("resource_unavailable", "rate_limit_error"), lane),
        Row("openai", 429, error("rate_limit_exceeded", "requests"), lane, tier: .flex),
        Row("openai", 429, error("insufficient_quota", "insufficient_quota"), quota, tier: .flex),
        Row("groq", 498, error("capacity_exceeded", "service_tier_capacity_error"), lane, tier: .flex),
        Row("groq", 429, error("rate_limit_exceeded", "tokens"), rate),
        Row(
            "groq", 403, error("model_permission_blocked_org", "permissions_error"),
            "PROVIDER_UNHEALTHY credential permission"),
        Row(
            "groq", 400, error("organization_restricted", "invalid_request_error"),
            "PROVIDER_UNHEALTHY credential permission"),
        Row("groq", 400, error("json_validate_failed", "invalid_request_error"), "DSL_REJECT request schema"),
        Row("groq", 404, error("model_decommissioned", "invalid_request_error"), model),
        // Larger than the whole limit: no wait helps.
        Row(
            "openai", 429,
            error(
                "rate_limit_exceeded", "tokens",
                "Request too large for m on tokens per min (TPM): Limit 30000, Requested 342389. The input or output "
                    + "tokens must be reduced in order to run successfully."), large),
        Row(
            "groq", 413,
            error("rate_limit_exceeded", "tokens", "Request too large for model `m` on tokens per minute (TPM)"), large),
        Row("groq", 413, error("rate_limit_exceeded", "tokens"), large),
        Row(
            "openai", 429, error("rate_limit_exceeded", "tokens", "Request too large for m in the flex tier"), large,
            tier: .flex),
        Row("openai", 429, error("insufficient_quota", "tokens", "Request too large for m"), quota),
        Row(
            "groq", 400, error(nil, "invalid_request_error", "invalid JSON schema for response_format: 'x'"),
            "DETERMINISTIC_FAILURE request schema_rejected"),
        // The beginning of a message counts, however long it is.
        Row("openai", 400, error(nil, nil, String(repeating: "a", count: 4096) + " maximum context length"), bad),
        // llama.cpp, vLLM, LM Studio.
        Row(
            "openai-compatible", 501,
            #"{"error":{"code":501,"message":"This server does not support embeddings. Start it with `--embeddings`","type":"not_supported_error"}}"#,
            bad),
        Row(
            "openai-compatible", 500,
            #"{"error":{"code":500,"message":"Context size has been exceeded.","type":"server_error"}}"#, context),
        Row(
            "openai-compatible", 500,
            #"{"error":{"code":500,"message":"input is too large to process. increase the physical batch size","type":"server_error"}}"#,
            context),
        Row(
            "openai-compatible", 500,
            #"{"error":{"code":500,"message":"error loading model: unknown model architecture: 'mllama'","type":"x"}}"#,
            broken),
        Row("openai-compatible", 400, #"{"error":"Failed to load model m"}"#, broken),
        Row(
            "openai-compatible", 400,
            #"{"error":{"code":400,"message":"…","type":"exceed_context_size_error","n_prompt_tokens":9,"n_ctx":8}}"#,
            context),
        Row(
            "openai-compatible", 500,
            #"{"error":{"code":500,"message":"the request exceeds the available context size.","type":"x"}}"#, context),
        Row(
            "openai-compatible", 400,
            #"{"object":"error","message":"This model's maximum context length is 9 tokens.","type":"BadRequestError","param":null,"code":400}"#,
            context),
        Row(
            "openai-compatible", 400,
            #"{"error":{"message":"You passed 9 input tokens. However, the model's context length is only 8 tokens","type":"BadRequestError","code":400}}"#,
            context),
        Row(
            "openai-compatible", 404,
            #"{"object":"error","message":"The model `x` does not exist.","type":"NotFoundError","code":404}"#, model),
        Row(
            "openai-compatible", 503, #"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#,
            overloaded),
        Row("openai-compatible", 500, #"{"error":"No models loaded. Please load a model"}"#, model),
        Row(
            "openai-compatible", 400,
            #"{"error":"Trying to keep the first 9 tokens when context the overflows: tokens to keep from the initial prompt"}"#,
            context),
        Row("openai-compatible", 422, #"{"detail":[{"loc":["body"],"msg":"field required"}]}"#, bad),
        Row(
            "openai-compatible", 503, #"{"error":{"code":503,"message":"no available slots","type":"x"}}"#,
            "RATE_LIMIT provider server_busy"),
        Row(
            "openai-compatible", 401,
            #"{"error":{"code":401,"message":"Invalid API Key","type":"authentication_error"}}"#, key),
        // Bodies that are none of ours.
        Row("openai", 429, "<html>insufficient_quota, check your plan and billing</html>", rate),
        Row("openai", 429, "Too Many Requests", rate),
        Row("openai", 502, "[1,2", server),
        Row("openai", 429, #"{"error":[]}"#, rate),
        Row("openai", 400, #"{"error":{"code":{},"type":[],"message":7}}"#, bad),
    ]

    static let inBand: [Row] = [
        Row("openai", 200, error("insufficient_quota", "insufficient_quota"), quota),
        Row("openai", 200, error(nil, "server_error"), server),
        Row("openai", 200, error("context_length_exceeded", "invalid_request_error"), context),
        Row("openai", 200, error(nil, "invalid_request_error"), bad),
        Row("openai", 200, error(nil, "not_found_error"), model),
        Row("openai", 200, error("novelty", "novelty"), server),
        Row("openai-compatible", 200, #"{"error":{"code":500,"message":"x","type":"y"}}"#, server),
        Row("openai-compatible", 200, #"{"error":{"code":400,"message":"x","type":"y"}}"#, bad),
        Row(
            "openai-compatible", 200, #"{"error":{"code":501,"message":"x","type":"not_supported_error"}}"#, bad),
        Row("openai-compatible", 200, #"{"error":{"code":429,"message":"x","type":"y"}}"#, rate),
        Row("openai-compatible", 200, #"{"object":"error","message":"x","type":"BadRequestError","code":400}"#, bad),
    ]

    @Test(arguments: statuses) func `A status alone has its meaning`(row: Row) throws { try check(row) }

    @Test(arguments: words) func `Words mean more than the status`(row: Row) throws { try check(row) }

    @Test(arguments: inBand) func `An error under status 200 is none less`(row: Row) throws {
        try check(row)
        guard row.adapter != "openai-responses" else { return }
        var streamed = row
        streamed.body = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\ndata: \(row.body)\n\n"
        try check(streamed)
    }

    private func check(_ row: Row) throws {
        let adapter = try Adapters.make(row.adapter)
        let found = outcome { () throws(Failure) in
            try adapter.infer(request { $0.tier = row.tier }, Script(row.status, row.body))
        }
        let failure = try #require(found.failure)
        #expect("\(failure.code.rawValue) \(failure.scope.rawValue) \(failure.reason)" == row.outcome)
        #expect(failure.status == (row.status >= 300 ? row.status : nil))
    }

    @Test func `Nothing of a server's text is in a message`() throws {
        let canary = "canary-7731"
        for row in Self.words + Self.inBand {
            let adapter = try Adapters.make(row.adapter)
            for body in [row.body.replacing("-", with: canary), Self.error(canary, canary, canary), canary] {
                let found = outcome { () throws(Failure) in try adapter.infer(request(), Script(row.status, body)) }
                let failure = try #require(found.failure)
                #expect(!"\(failure)".contains(canary))
            }
        }
    }

    @Test func `The time to wait is the nearest that the server tells`() throws {
        let adapter = try Adapters.make("openai")
        func wait(_ headers: [String: String], _ status: Int = 429) throws -> UInt64? {
            let reply = HTTPReply(status: status, headers: headers, body: [], retryAfterMilliseconds: 7000)
            let found = outcome { () throws(Failure) in try adapter.infer(request(), Script(replies: [reply])) }
            return try #require(found.failure).retryAfterMilliseconds
        }
        #expect(try wait([:]) == 7000)
        #expect(try wait(["retry-after-ms": "250"]) == 250)
        #expect(try wait(["retry-after-ms": "-1"]) == 7000)
        #expect(try wait(["retry-after-ms": "soon"]) == 7000)
        #expect(try wait(["retry-after-ms": "1e99"]) == 7000)
        // Nobody asks again.
        #expect(try wait([:], 400) == nil)
    }

    @Test func `What the broker refuses has its words`() {
        let rows: [(String, PluginFailure.Code, String)] = [
            ("egress.unreachable: refused", .providerUnhealthy, "PROVIDER_UNHEALTHY provider unreachable"),
            ("egress.tls: name", .providerUnhealthy, "PROVIDER_UNHEALTHY provider tls"),
            (
                "egress.secret: set OPENAI_API_KEY", .providerUnhealthy,
                "PROVIDER_UNHEALTHY credential credential_missing"
            ),
            ("egress.timeout: 600 s", .timeout, "TIMEOUT request timeout"),
            ("egress.reset: cut", .transientError, "TRANSIENT_ERROR request reset"),
            ("egress.answer: large", .quarantineRequired, "QUARANTINE_REQUIRED request answer_size"),
            ("egress.size: the request", .policyBlock, "DETERMINISTIC_FAILURE request too_large"),
            ("egress.library: no memory", .deterministicFailure, "DETERMINISTIC_FAILURE provider call"),
            ("egress.policy: no", .policyBlock, "POLICY_BLOCK request egress_denied"),
            ("egress.redirect: no", .policyBlock, "POLICY_BLOCK request egress_denied"),
            ("egress.novelty", .deterministicFailure, "POLICY_BLOCK request egress_denied"),
            ("words", .timeout, "TIMEOUT request timeout"),
            ("words", .transientError, "TRANSIENT_ERROR request reset"),
        ]
        for (message, code, wanted) in rows {
            let failure = HTTPTransport.failure(PluginFailure(code: code, message: message))
            #expect("\(failure.code.rawValue) \(failure.scope.rawValue) \(failure.reason)" == wanted)
        }
    }
}
