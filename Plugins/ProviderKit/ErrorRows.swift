extension ErrorTable {
    /// Words that mean the same wherever they are met. OpenAI's are spoken by many servers.
    ///
    /// Sources: OpenAI's and Groq's pages on error codes, llama.cpp's `server`, vLLM's `ErrorResponse`.
    static let shared: [Row] = quotaRows + rateRows + accessRows + policyRows + contextRows + serverRows

    private static func rows(
        _ verdict: Verdict, codes: [String] = [], types: [String] = [], phrases: [String] = []
    ) -> [Row] {
        codes.map { Row(.code($0), verdict) } + types.map { Row(.type($0), verdict) }
            + phrases.map { Row(.phrase($0), verdict) }
    }

    private static let quotaRows = rows(
        .quota,
        codes: [
            "insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "quota_exceeded",
            "credit_balance_exhausted", "organization_spend_limit_exceeded", "project_spend_limit_exceeded",
            "organization_usage_limit_exceeded", "insufficient_credits", "billing_error", "access_terminated",
            "blocked_api_access", "spend_limit_reached", "payment_required",
        ],
        types: ["insufficient_quota", "billing_error", "access_terminated", "insufficient_credits"],
        phrases: [
            "exceeded your current quota", "check your plan and billing", "billing hard limit",
            "account is not active, please check your billing", "credit balance is too low", "spend limit",
            "spending limit", "usage limit", "insufficient credits", "out of credits",
            "monthly quota", "payment required", "insufficient balance",
        ])

    private static let rateRows =
        rows(.slowDown, codes: ["slow_down"], types: ["slow_down"], phrases: ["reduce your request rate"])
        + rows(.laneCapacity, codes: ["capacity_exceeded", "resource_unavailable"], types: ["capacity_exceeded"])
        + rows(
            .rateLimit, codes: ["rate_limit_exceeded", "rate_limit_error", "too_many_requests"],
            types: [
                "rate_limit_error", "rate_limit_exceeded", "requests", "tokens", "too_many_requests",
                "TooManyRequestsError", "RateLimitError",
            ],
            phrases: ["rate limit reached", "too many requests"])

    private static let accessRows =
        rows(
            .credentialRejected,
            codes: ["invalid_api_key", "invalid_authentication", "expired_api_key", "account_deactivated"],
            types: ["authentication_error", "invalid_api_key", "AuthenticationError"],
            phrases: ["incorrect api key", "invalid api key", "missing bearer", "you didn't provide an api key"])
        + rows(
            .forbidden,
            codes: ["unsupported_country_region_territory", "organization_restricted", "ip_not_authorized"],
            types: ["permission_error", "permission_denied", "request_forbidden", "PermissionDeniedError"],
            phrases: ["must be a member of an organization"])
        + rows(
            .modelNotFound,
            codes: [
                "model_not_found", "unknown_model", "model_not_available", "model_decommissioned", "model_deprecated",
            ],
            types: ["model_not_found"],
            phrases: ["model not found", "no models loaded", "has been decommissioned"])
        // Before the "loading model" of a server that will be ready soon.
        + rows(
            .modelBroken, phrases: ["error loading model", "failed to load model", "unknown model architecture"])

    private static let policyRows = rows(
        .contentFilter,
        codes: [
            "content_policy_violation", "content_filter", "responsible_ai_policy_violation", "invalid_prompt",
            "moderation_blocked", "cyber_policy", "bio_policy", "safety_identifier_blocked",
        ],
        types: ["content_policy_violation", "content_filter", "image_generation_user_error"],
        phrases: ["content management policy", "safety system", "usage policies", "usage policy"])

    private static let contextRows =
        rows(
            .contextOverflow, codes: ["context_length_exceeded", "context_window_exceeded", "string_above_max_length"],
            types: ["exceed_context_size_error", "context_length_exceeded"],
            phrases: [
                "maximum context length", "exceeds the available context size", "context length exceeded",
                "reduce the length of the messages", "prompt is too long", "exceeds the context window",
                "tokens to keep from the initial prompt", "longer than the maximum model length",
                "exceeds the maximum model length", "model's context length is only", "greater than the context length",
                "context size has been exceeded", "too large to process",
            ])
        + rows(.tooLarge, codes: ["request_too_large"], types: ["request_too_large"])
        + rows(
            .schemaRejected, codes: ["invalid_json_schema", "unsupported_json_schema"],
            phrases: [
                "invalid schema for response_format", "json schema for response_format", "failed to parse grammar",
                "grammar error",
            ])
        + rows(.schemaMissed, codes: ["json_validate_failed"], phrases: ["failed to generate json"])

    private static let serverRows =
        rows(
            .overloaded, codes: ["server_is_overloaded", "overloaded", "engine_overloaded", "overloaded_error"],
            types: ["overloaded_error", "service_unavailable_error", "unavailable_error"],
            phrases: ["currently overloaded", "is overloaded", "loading model", "service unavailable"])
        + rows(.timeout, codes: ["timeout", "request_timeout"], types: ["timeout_error", "timeout"])
        + rows(.batchExpired, codes: ["batch_expired"])
        + rows(.batchCancelled, codes: ["batch_cancelled"])
        // llama.cpp's 501: the server was started without it, and stays so.
        + rows(.badRequest, types: ["not_supported_error"])
        + rows(.conflict, codes: ["conflict"], types: ["conflict_error"])

    /// Types that say no more than a status does; of errors within good answers, which have none.
    static let statusOfType = [
        "invalid_request_error": 400, "invalid_request": 400, "BadRequestError": 400, "bad_request": 400,
        "not_found_error": 404, "NotFoundError": 404, "UnprocessableEntityError": 422, "server_error": 500,
        "internal_server_error": 500, "InternalServerError": 500, "api_error": 500,
    ]
}
