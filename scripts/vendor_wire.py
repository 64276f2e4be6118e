"""How each vendor's server speaks, and the taxonomy that all of them must end in: for scripts/make-situations.py.

The shapes are those of the vendors' own clients (openai 3.52, anthropic 2.11, groq 1.7, ollama 0.6: their types and
exceptions), of the vendors' pages on errors, of Ollama's server/routes.go and of llama.cpp's server.
"""

import base64
import gzip
import json

PROTOCOLS = ("openai", "openai-responses", "anthropic", "groq", "openai-compatible", "ollama")

# --- the taxonomy --------------------------------------------------------------------------------------------------

# ROADMAP §31: code -> (ask the same again, ask another). An exhausted quota is not asked again blindly.
CLASSES = {
    "POLICY_BLOCK": (False, False), "DSL_REJECT": (False, False), "PROVIDER_UNHEALTHY": (True, True),
    "RATE_LIMIT": (True, True), "TIMEOUT": (True, True), "QUOTA_EXHAUSTED": (False, True),
    "TRANSIENT_ERROR": (True, True), "DETERMINISTIC_FAILURE": (False, False), "QUARANTINE_REQUIRED": (False, False),
}

# reason -> (code, scope)
REASONS = {
    "content_filter": ("POLICY_BLOCK", "request"), "refusal": ("POLICY_BLOCK", "request"),
    "egress_denied": ("POLICY_BLOCK", "request"),
    "schema": ("DSL_REJECT", "request"),
    "unreachable": ("PROVIDER_UNHEALTHY", "provider"), "tls": ("PROVIDER_UNHEALTHY", "provider"),
    "credential_missing": ("PROVIDER_UNHEALTHY", "credential"),
    "authentication": ("PROVIDER_UNHEALTHY", "credential"), "permission": ("PROVIDER_UNHEALTHY", "credential"),
    "model_not_found": ("PROVIDER_UNHEALTHY", "model"),
    "rate_limit": ("RATE_LIMIT", "model"), "slow_down": ("RATE_LIMIT", "model"),
    "flex_capacity": ("RATE_LIMIT", "lane"), "server_busy": ("RATE_LIMIT", "provider"),
    "timeout": ("TIMEOUT", "request"),
    "insufficient_quota": ("QUOTA_EXHAUSTED", "credential"),
    "server_error": ("TRANSIENT_ERROR", "request"), "overloaded": ("TRANSIENT_ERROR", "provider"),
    "conflict": ("TRANSIENT_ERROR", "request"), "reset": ("TRANSIENT_ERROR", "request"),
    "cut": ("TRANSIENT_ERROR", "request"),
    "bad_request": ("DETERMINISTIC_FAILURE", "request"), "context_overflow": ("DETERMINISTIC_FAILURE", "request"),
    "truncated": ("DETERMINISTIC_FAILURE", "request"), "batch_failed": ("DETERMINISTIC_FAILURE", "request"),
    "batch_missing": ("DETERMINISTIC_FAILURE", "request"), "model_load": ("PROVIDER_UNHEALTHY", "model"),
    "too_large": ("DETERMINISTIC_FAILURE", "request"),
    "unreadable": ("QUARANTINE_REQUIRED", "request"), "protocol": ("QUARANTINE_REQUIRED", "request"),
    "tool_call": ("QUARANTINE_REQUIRED", "request"), "answer_size": ("QUARANTINE_REQUIRED", "request"),
}


def fails(reason, retry_after_ms=None):
    code, scope = REASONS[reason]
    retry, fallback = CLASSES[code]
    made = {"outcome": code, "scope": scope, "reason": reason, "retry": retry, "fallback": fallback}
    if retry_after_ms is not None:
        made["retry_after_ms"] = retry_after_ms
    return made


def answers(text, finish="stop", usage=True, **more):
    """`usage`: True for the common figures, None for an answer that tells nothing, or figures."""
    made = {"outcome": "answer", "text": text, "finish": finish}
    if usage is not None:
        made["usage"] = USAGE if usage is True else usage
    return dict(made, **more)


def used(input, output, cached=0, writes=0, reasoning=0):
    return {"input": input, "cached_input": cached, "cache_writes": writes, "output": output, "reasoning": reasoning}


USAGE = used(21, 7)
WORDS = "The second column holds towns."
UNICODE = "Zürich, Łódź, 東京, القاهرة, e\u0301, \U0001f9ed\u200d\u2642\ufe0f \"quoted\" \\ tab\t end"

# --- the vendors' errors -------------------------------------------------------------------------------------------

# kind -> protocol -> (status, type, code, message), or why there is none. The family of openai falls back to its own
# row, Anthropic's and Ollama's fall back to "no such error".
LOCAL = "a server on the machine has no accounts"
ERRORS = {
    "invalid_key": {
        "openai": (401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided: sk-abc****wxyz."),
        "groq": (401, "invalid_request_error", "invalid_api_key", "Invalid API Key"),
        "openai-compatible": (401, "authentication_error", None, "Invalid API Key"),
        "anthropic": (401, "authentication_error", None, "invalid x-api-key"),
        "ollama": (401, None, None, "unauthorized")},
    "revoked_key": {
        "openai": (401, "invalid_request_error", "invalid_api_key", "The API key was revoked."),
        "groq": (401, "invalid_request_error", "expired_api_key", "API key has expired"),
        "openai-compatible": LOCAL, "ollama": LOCAL,
        "anthropic": (401, "authentication_error", None, "This API key has been revoked.")},
    "no_key_sent": {
        "openai": (401, "invalid_request_error", None, "You didn't provide an API key."),
        "openai-compatible": (401, "authentication_error", None, "Invalid API Key"),
        "anthropic": (401, "authentication_error", None, "x-api-key header is required"),
        "ollama": (401, None, None, "unauthorized")},
    "forbidden": {
        "openai": (403, "invalid_request_error", "unsupported_country_region_territory",
                   "Country, region, or territory not supported"),
        "groq": (403, "permissions_error", "model_permission_blocked_org", "The model is blocked for this organization."),
        "openai-compatible": (403, "permission_error", None, "Forbidden"),
        "anthropic": (403, "permission_error", None, "Your API key does not have permission to use this resource."),
        "ollama": (403, None, None, "ollama cloud is disabled: remote model is unavailable")},
    "on_hold": {
        "anthropic": (400, "invalid_request_error", "organization_on_hold", "This organization has been disabled."),
        "openai": "a closed account is a 401 there", "groq": (400, "invalid_request_error", "organization_restricted",
                                                             "Organization has been restricted."),
        "openai-compatible": LOCAL, "ollama": LOCAL},
    "no_model": {
        "openai": (404, "invalid_request_error", "model_not_found",
                   "The model `nope` does not exist or you do not have access to it."),
        "openai-compatible": (404, "not_found_error", None, "model not found"),
        "anthropic": (404, "not_found_error", None, "model: nope"),
        "ollama": (404, None, None, "model 'nope' not found")},
    "no_model_400": {
        "openai": (400, "invalid_request_error", "model_not_found", "The requested model 'nope' does not exist."),
        "groq": (400, "invalid_request_error", "model_decommissioned",
                 "The model `nope` has been decommissioned and is no longer supported."),
        "openai-compatible": (400, "invalid_request_error", "model_not_found", "model not found"),
        "anthropic": "an unknown model is always a 404 there",
        "ollama": (404, None, None, 'model "nope" not found, try pulling it first')},
    "bad_request": {
        "openai": (400, "invalid_request_error", "invalid_value", "Invalid value for 'temperature'."),
        "openai-compatible": (400, "invalid_request_error", None, "temperature must be a number"),
        "anthropic": (400, "invalid_request_error", None, "temperature: Input should be less than or equal to 1"),
        "ollama": (400, None, None, "invalid option provided: temperature")},
    "context": {
        "openai": (400, "invalid_request_error", "context_length_exceeded",
                   "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens."),
        "openai-responses": (400, "invalid_request_error", "context_length_exceeded",
                             "Your input exceeds the context window of this model."),
        "openai-compatible": (400, "exceed_context_size_error", None, "request (9412 tokens) exceeds the available "
                              "context size (8192 tokens), try increasing it"),
        "anthropic": (400, "invalid_request_error", None, "prompt is too long: 210000 tokens > 200000 maximum"),
        "ollama": (400, None, None, "the input length exceeds the context length")},
    "too_large": {
        "openai": (413, "invalid_request_error", None, "The request body is too large."),
        "groq": (413, "invalid_request_error", "request_too_large", "Request Entity Too Large"),
        "anthropic": (413, "invalid_request_error", None, "Request exceeds the maximum size"),
        "ollama": (413, None, None, "http: request body too large")},
    "too_large_tokens": {
        "openai": (429, "tokens", "rate_limit_exceeded", "Request too large for gpt-5.4-mini on tokens per min (TPM): Limit "
                   "30000, Requested 342389. The input or output tokens must be reduced in order to run successfully."),
        "groq": (413, "tokens", "rate_limit_exceeded", "Request too large for model `llama-3.3-70b-versatile` on tokens "
                 "per minute (TPM): Limit 6000, Requested 9120, please reduce your message size and try again."),
        "openai-compatible": LOCAL, "anthropic": "it says that the rate was exceeded", "ollama": LOCAL},
    "not_supported": {
        "openai": "its servers do whatever its protocol has", "groq": "its servers do whatever its protocol has",
        "anthropic": "its servers do whatever its protocol has",
        "openai-compatible": (501, "not_supported_error", None, "This server does not support embeddings. Start it with "
                              "`--embeddings`"),
        "ollama": (501, None, None, "this model does not support embeddings")},
    "context_full": {
        "openai": "its limit of tokens ends an answer", "groq": "its limit of tokens ends an answer",
        "anthropic": "its limit of tokens ends an answer",
        "openai-compatible": (500, "server_error", None, "Context size has been exceeded."),
        "ollama": (500, None, None, "context length exceeded")},
    "broken_model": {
        "openai": "its models are always loaded", "groq": "its models are always loaded",
        "anthropic": "its models are always loaded",
        "openai-compatible": (500, "server_error", None, "Failed to load model: unknown model architecture: 'mllama'"),
        "ollama": (500, None, None, "llama runner process has terminated: error loading model: unknown model architecture: "
                   "'mllama'")},
    "no_batch": {
        "openai": (404, "invalid_request_error", None, "No batch found with id 'batch_1'."),
        "anthropic": (404, "not_found_error", None, "Could not find batch msgbatch_1.")},
    "unprocessable": {
        "openai": (422, "invalid_request_error", None, "Unprocessable entity"),
        "anthropic": (422, "invalid_request_error", None, "messages: Field required"),
        "ollama": "its routes know no 422"},
    "timeout": {
        "openai": (408, "server_error", None, "Request timed out."),
        "anthropic": (408, "timeout_error", None, "Request timed out"),
        "ollama": (408, None, None, "request timed out")},
    "gateway_timeout": {
        "openai": (504, "server_error", None, "The server timed out."),
        "anthropic": (504, "timeout_error", None, "Request timed out"),
        "ollama": (504, None, None, "upstream timed out")},
    "conflict": {
        "openai": (409, "invalid_request_error", None, "The resource was updated by another request."),
        "anthropic": (409, "conflict_error", None, "The request conflicts with the state of the resource."),
        "ollama": "its chat knows no 409"},
    "gone": {
        "openai": (410, "invalid_request_error", "model_deprecated", "The model has been shut down."),
        "openai-compatible": (410, "not_found_error", None, "The model is gone"),
        "anthropic": (410, "not_found_error", None, "The model was retired"),
        "ollama": (410, None, None, "model was retired")},
    "rate": {
        "openai": (429, "requests", "rate_limit_exceeded", "Rate limit reached for the model on requests per min (RPM): "
                   "Limit 3, Used 3, Requested 1. Please try again in 20s."),
        "openai-compatible": (429, "rate_limit_error", None, "Too many requests"),
        "anthropic": (429, "rate_limit_error", None, "This request would exceed your rate limit of 50 requests per minute."),
        "ollama": (429, None, None, "too many requests")},
    "rate_tokens": {
        "openai": (429, "tokens", "rate_limit_exceeded", "Rate limit reached on tokens per min (TPM): Limit 6000, Used "
                   "5800, Requested 500. Please try again in 18.403470473s."),
        "openai-compatible": (429, "rate_limit_error", None, "Too many tokens; retry in 18.403470473s."),
        "anthropic": (429, "rate_limit_error", None, "This request would exceed your rate limit of 40000 input tokens per "
                      "minute. Retry in 18.403470473s."),
        "ollama": (429, None, None, "rate limit reached, retry in 18.403470473s")},
    "slow_down": {
        "openai": (429, "rate_limit_error", "slow_down", "Your request rate rose too quickly. Please slow down."),
        "groq": "Groq has no such code", "openai-compatible": LOCAL, "ollama": LOCAL,
        "anthropic": (429, "rate_limit_error", "ramp_limit_exceeded", "This request would exceed a ramp limit.")},
    "slow_down_503": {
        "openai": (503, "service_unavailable_error", "slow_down", "Slow down"),
        "groq": "Groq has no such code", "openai-compatible": LOCAL, "ollama": LOCAL,
        "anthropic": "Anthropic says it with a 429"},
    "flex": {
        "openai": (429, "rate_limit_error", "resource_unavailable", "Resource Unavailable"),
        "groq": (498, "service_tier_capacity_error", "capacity_exceeded", "Flex tier capacity exceeded"),
        "openai-compatible": "it has no tiers", "anthropic": "it has no flex tier", "ollama": "it has no tiers"},
    "busy": {
        "openai": "a queue that is full is a 429 or a 503 with a code there",
        "openai-compatible": "llama.cpp's queue has no end; 503 means that a model loads",
        "anthropic": "a queue that is full is a 529 there",
        "ollama": (503, None, None, "server busy, please try again.  maximum pending requests exceeded")},
    "quota": {
        "openai": (429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota, please check your "
                   "plan and billing details."),
        "groq": (429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota."),
        "anthropic": (429, "rate_limit_error", "enforced_spend_limit_reached", "Your organization reached the monthly "
                      "usage threshold of its tier."), "ollama": LOCAL},
    "quota_credit": {
        "openai": (429, "insufficient_quota", "credit_balance_exhausted", "You have no prepaid credits remaining."),
        "groq": (402, "billing_error", None, "Payment required"),
        "openai-compatible": (402, "billing_error", None, "Insufficient credits"),
        "anthropic": (400, "invalid_request_error", None, "Your credit balance is too low to access the Anthropic API. "
                      "Please go to Plans & Billing to upgrade or purchase credits."), "ollama": LOCAL},
    "quota_spend": {
        "openai": (429, "insufficient_quota", "organization_spend_limit_exceeded", "The spend limit was reached."),
        "groq": (400, "invalid_request_error", "blocked_api_access", "API access is blocked: spend limit reached."),
        "openai-compatible": LOCAL, "ollama": LOCAL,
        "anthropic": (400, "invalid_request_error", None, "You have reached your specified API usage limits. You will "
                      "regain access on 2026-12-01 at 00:00 UTC.")},
    "quota_project": {
        "openai": (429, "insufficient_quota", "project_spend_limit_exceeded", "The project reached its spend limit."),
        "groq": "Groq names no limit of a project", "openai-compatible": LOCAL, "ollama": LOCAL,
        "anthropic": (400, "invalid_request_error", None, "You have reached your specified workspace API usage limits. "
                      "You will regain access on 2026-12-01 at 00:00 UTC.")},
    "quota_usage": {
        "openai": (429, "insufficient_quota", "organization_usage_limit_exceeded", "The usage limit was reached."),
        "groq": "Groq names no such limit", "openai-compatible": LOCAL, "ollama": LOCAL,
        "anthropic": (429, "rate_limit_error", "contract_spend_limit_reached", "The contract's spend limit was reached.")},
    "quota_402": {
        "openai": "no 402 is documented there",
        "groq": (402, "billing_error", None, "Payment required"),
        "openai-compatible": (402, "billing_error", None, "Insufficient credits"),
        "anthropic": (402, "billing_error", None, "There is an issue with your billing or payment information."),
        "ollama": (402, None, None, "payment required")},
    "quota_phrase": {
        "openai": (429, None, None, "You exceeded your current quota, please check your plan and billing details."),
        "openai-responses": (429, None, None, "You exceeded your current quota, please check your plan and billing."),
        "anthropic": "its billing errors have a type, a code or a phrase of their own", "ollama": LOCAL},
    "billing_hard_limit": {
        "openai": (400, "invalid_request_error", "billing_hard_limit_reached", "Billing hard limit has been reached"),
        "groq": "Groq has no such code", "openai-compatible": LOCAL, "ollama": LOCAL,
        "anthropic": "a type of its own is 402 there"},
    "server": {
        "openai": (500, "server_error", None, "The server had an error while processing your request."),
        "anthropic": (500, "api_error", None, "Internal server error"),
        "ollama": (500, None, None, "llama runner process has terminated: exit status 2")},
    "unavailable": {
        "openai": (503, "service_unavailable_error", "server_is_overloaded", "The model is overloaded."),
        "groq": (503, "internal_server_error", None, "Service Unavailable"),
        "openai-compatible": (503, "server_error", None, "no slot is available"),
        "anthropic": (529, "overloaded_error", None, "Overloaded"),
        "ollama": (503, None, None, "service unavailable")},
    "loading": {
        "openai": "its models are always loaded", "anthropic": "its models are always loaded",
        "groq": "its models are always loaded",
        "openai-compatible": (503, "unavailable_error", None, "Loading model"),
        "ollama": "it loads the model while the request waits"},
    "filtered": {
        "openai": (400, "invalid_request_error", "content_policy_violation", "Your request was rejected by our safety "
                   "system."),
        "openai-responses": (400, "invalid_request_error", "content_policy_violation", "Rejected by our safety system."),
        "groq": "Groq filters with models of its own, asked apart", "openai-compatible": "it has no filter",
        "anthropic": (400, "invalid_request_error", None, "Output blocked by content filtering policy"),
        "ollama": "it has no filter"},
    "invalid_prompt": {
        "openai": (400, "invalid_request_error", "invalid_prompt", "Invalid prompt: your prompt was flagged as "
                   "potentially violating our usage policy."),
        "groq": "Groq has no such code", "openai-compatible": "it has no filter", "ollama": "it has no filter",
        "anthropic": "it has no such code"},
}


# --- requests ------------------------------------------------------------------------------------------------------

MESSAGES = [{"role": "system", "text": "Answer in one sentence."},
            {"role": "user", "text": "Which of the two columns holds towns?"}]
SCHEMA = {"name": "choice", "schema": {
    "type": "object", "properties": {"column": {"type": "string", "enum": ["first", "second"]}},
    "required": ["column"], "additionalProperties": False}}
TEXTS = ["first name", "town"]
ITEMS = ["item-1", "item-2", "item-3"]


def ask(**more):
    return dict({"messages": MESSAGES, "max_tokens": 64}, **more)


# --- wire: parts ---------------------------------------------------------------------------------------------------


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def reply(body, status=200, type="application/json", headers=None, **more):
    """One answer. `body`: text, or a list of parts: text, {"base64"}, {"repeat","times"}, {"pause_ms"}, {"hold": true}.

    More members: framing (length, chunked or close), piece (bytes a write), cut ({"after": bytes?, "how": reset or
    close}; a counted body announces more than it has), before (heads of 1xx answers).
    """
    parts = body if isinstance(body, list) else [body]
    made = {"status": status, "headers": dict({"content-type": type} if type else {}, **(headers or {})),
            "body": [part for part in parts if part != ""]}
    return dict(made, **more)


def data64(data):
    return {"base64": base64.b64encode(data).decode()}


def zipped(answer):
    """An answer whose body is text, gzipped."""
    text = "".join(answer["body"]).encode()
    return dict(answer, body=[data64(gzip.compress(text, mtime=0))],
                headers=dict(answer["headers"], **{"content-encoding": "gzip"}))


class Absent(Exception):
    """This vendor's server cannot come into this situation."""


class Dialect:
    """How one vendor's server speaks."""
    name = model = path = ""
    stream_type = "text/event-stream; charset=utf-8"
    embedding_path = None
    batches = False

    plugin = None
    config = {}

    def one(self, answer, method="POST", path=None):
        return {"exchanges": [dict({"method": method, "path": path or self.path}, **answer)]}

    def events(self, events, **more):
        return reply("".join(events), type=self.stream_type, framing="chunked", **more)

    def error_reply(self, kind, status=None, headers=None, **more):
        found = self.errors(kind)
        return reply(compact(self.error_body(found)), status or found[0], headers=headers, **more)

    def errors(self, kind):
        row = ERRORS[kind]
        found = row.get(self.name, row.get(self.family, "no such error is documented here"))
        if isinstance(found, str):
            raise Absent(found)
        return found


class Chat(Dialect):
    """OpenAI's chat completions, and what others make of them."""
    plugin = "sluice.provider.openai"
    name = family = "openai"
    model = "gpt-5.4-mini"
    path = "/v1/chat/completions"
    embedding_path = "/v1/embeddings"
    embedding_model = "text-embedding-3-small"
    batches = True

    def usage(self, u):
        return {"prompt_tokens": u["input"], "completion_tokens": u["output"], "total_tokens": u["input"] + u["output"],
                "prompt_tokens_details": {"cached_tokens": u["cached_input"], "cache_write_tokens": u["cache_writes"]},
                "completion_tokens_details": {"reasoning_tokens": u["reasoning"]}}

    def head(self, kind):
        return {"id": "chatcmpl-1", "object": kind, "created": 1790000000, "model": self.model}

    def document(self, text, finish="stop", usage=USAGE, message=None, tier=None, **more):
        said = dict({"role": "assistant", "content": text}, **(message or {}))
        made = dict(self.head("chat.completion"),
                    choices=[{"index": 0, "message": said, "logprobs": None, "finish_reason": finish}])
        if usage is not None:
            made["usage"] = self.usage(usage)
        if tier:
            made["service_tier"] = tier
        return dict(made, **more)

    def thinking_document(self):
        raise Absent("chat completions never show reasoning")

    def chunk(self, delta, finish=None):
        return dict(self.head("chat.completion.chunk"),
                    choices=[{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}])

    def line(self, value):
        return "data: " + (value if isinstance(value, str) else compact(value)) + "\n\n"

    def start(self):
        return [self.line(self.chunk({"role": "assistant", "content": ""}))]

    def text_events(self, text):
        return [self.line(self.chunk({"content": piece})) for piece in pieces(text)]

    def finish_events(self, finish="stop", usage=USAGE):
        events = [self.line(self.chunk({}, finish))]
        if usage is not None:
            events.append(self.line(dict(self.head("chat.completion.chunk"), choices=[], usage=self.usage(usage))))
        return events

    def end(self):
        return ["data: [DONE]\n\n"]

    def stream(self, text, finish="stop", usage=USAGE):
        return self.start() + self.text_events(text) + self.finish_events(finish, usage) + self.end()

    finishes = {"stop": "stop", "stop_sequence": "stop", "length": "length"}

    def error_body(self, found):
        status, type, code, message = found
        return {"error": {"message": message, "type": type, "param": None, "code": code}}

    def error_event(self, kind):
        return [self.line(self.error_body(self.errors(kind)))]

    # Ways not to answer
    def refusal(self):
        return self.document(None, message={"refusal": "I can't help with that."})

    def refusal_stream(self):
        return (self.start() + [self.line(self.chunk({"refusal": "I can't help with that."}))]
                + self.finish_events() + self.end())

    def filtered(self, text):
        return self.document(text, finish="content_filter")

    def filtered_stream(self, text):
        return self.start() + self.text_events(text) + self.finish_events("content_filter") + self.end()

    def tool_call(self):
        call = {"id": "call_1", "type": "function", "function": {"name": "look_up", "arguments": "{}"}}
        return self.document(None, finish="tool_calls", message={"tool_calls": [call]})

    # Embeddings and batches
    def vectors(self, vectors, order=None):
        rows = [{"object": "embedding", "index": place, "embedding": vector} for place, vector in enumerate(vectors)]
        rows = [rows[place] for place in order] if order else rows
        return {"object": "list", "data": rows, "model": self.embedding_model,
                "usage": {"prompt_tokens": 5, "total_tokens": 5}}

    def root(self):
        return self.path[:-len("/chat/completions")]

    def batch(self, status, **more):
        return dict({"id": "batch_1", "object": "batch", "endpoint": "/v1/chat/completions", "errors": None,
                     "input_file_id": "file-in", "completion_window": "24h", "status": status,
                     "output_file_id": None, "error_file_id": None, "created_at": 1790000000,
                     "request_counts": {"total": 3, "completed": 3, "failed": 0}}, **more)

    def batch_line(self, id, document=None, status=200, error=None):
        response = {"status_code": status, "request_id": "req_" + id, "body": document} if document else None
        return {"id": "batch_req_" + id, "custom_id": id, "response": response, "error": error}

    def submits(self):
        root = self.root()
        file = {"id": "file-in", "object": "file", "bytes": 1, "created_at": 1790000000, "filename": "batch.jsonl",
                "purpose": "batch", "status": "processed"}
        return [dict({"method": "POST", "path": root + "/files"}, **reply(compact(file))),
                dict({"method": "POST", "path": root + "/batches"}, **reply(compact(self.batch("validating"))))]

    def batch_script(self, state, results=None, submit=None, raw=None, account=None, more=None):
        root, statuses = self.root(), {"running": "in_progress", "done": "completed"}
        exchanges = self.submits()
        if submit:
            exchanges[-1] = dict({"method": "POST", "path": root + "/batches"}, **submit)
            return {"exchanges": exchanges}
        lines = [line for line in results or [] if line.get("error") is None and line["response"]["status_code"] < 400]
        faults = [line for line in results or [] if line not in lines]
        more = dict(more or {})
        if lines or raw:
            more["output_file_id"] = "file-out"
        if faults:
            more["error_file_id"] = "file-err"
        if state == "failed":
            more["errors"] = {"object": "list", "data": [
                {"code": "invalid_json_line", "line": 2, "message": "This line is not parseable as valid JSON."}]}
        batch = self.batch(statuses.get(state, state), **more)
        text = raw if raw is not None else "".join(compact(line) + "\n" for line in lines)
        get = [("/batches/batch_1", account or reply(compact(batch))),
               ("/files/file-out/content", reply(text, type="application/octet-stream")),
               ("/files/file-err/content", reply("".join(compact(line) + "\n" for line in faults),
                                                 type="application/octet-stream"))]
        exchanges += [dict({"method": "GET", "path": root + path}, **answer) for path, answer in get]
        exchanges.append(dict({"method": "POST", "path": root + "/batches/batch_1/cancel"},
                              **reply(compact(self.batch("cancelling")))))
        return {"exchanges": exchanges}

    def item(self, id):
        return self.batch_line(id, self.document(WORDS))

    def failed_item(self, id):
        return self.batch_line(id, self.error_body(self.errors("bad_request")), 400)

    def expired_item(self, id):
        return self.batch_line(id, error={"code": "batch_expired", "message":
                                          "This request could not be executed before the completion window expired."})

    def cancelled_item(self, id):
        return self.batch_line(id, error={"code": "batch_cancelled", "message": "This batch was cancelled."})


class Groq(Chat):
    plugin = "sluice.provider.groq"
    name = "groq"
    family = "openai"
    model = "llama-3.3-70b-versatile"
    path = "/openai/v1/chat/completions"
    embedding_path = None

    def usage(self, u):
        made = {"queue_time": 0.01, "prompt_tokens": u["input"], "prompt_time": 0.001, "completion_tokens": u["output"],
                "completion_time": 0.02, "total_tokens": u["input"] + u["output"], "total_time": 0.021}
        if u["cached_input"]:
            made["prompt_tokens_details"] = {"cached_tokens": u["cached_input"]}
        if u["reasoning"]:
            made["completion_tokens_details"] = {"reasoning_tokens": u["reasoning"]}
        if u["cache_writes"]:
            raise Absent("Groq bills no writes into its cache")
        return made

    def document(self, *arguments, **more):
        return dict(super().document(*arguments, **more), x_groq={"id": "req_1"})

    def thinking_document(self):
        return self.document(WORDS, message={"reasoning": "The user asks about columns."})

    def finish_events(self, finish="stop", usage=USAGE):
        events = super().finish_events(finish, usage)
        if usage is not None:
            events[0] = self.line(dict(self.chunk({}, finish), x_groq={"id": "req_1", "usage": self.usage(usage)}))
        return events

    def error_body(self, found):
        status, type, code, message = found
        return {"error": {"message": message, "type": type, "code": code}}

    def refusal(self):
        raise Absent("Groq's types have no refusal")

    refusal_stream = refusal

    def filtered(self, text):
        raise Absent("Groq's documents are never cut by a filter; its streams are")


class Compatible(Chat):
    """llama.cpp's server; vLLM and LM Studio differ in details that no situation needs."""
    plugin = "sluice.provider.openai-compatible"
    name = "openai-compatible"
    model = "local-model"
    batches = False

    def usage(self, u):
        if u["cache_writes"] or u["reasoning"]:
            raise Absent("llama.cpp counts neither reasoning nor writes into a cache")
        made = {"prompt_tokens": u["input"], "completion_tokens": u["output"], "total_tokens": u["input"] + u["output"]}
        if u["cached_input"]:
            made["prompt_tokens_details"] = {"cached_tokens": u["cached_input"]}
        return made

    def thinking_document(self):
        return self.document(WORDS, message={"reasoning_content": "The user asks about columns."})

    def error_body(self, found):
        status, type, code, message = found
        return {"error": {"code": code if code is not None else status, "message": message, "type": type}}

    def refusal(self):
        raise Absent("a model on the machine refuses in words alone")

    refusal_stream = refusal


class Responses(Chat):
    config = {"api": "responses"}
    name = "openai-responses"
    path = "/v1/responses"
    batches = False

    def usage(self, u):
        return {"input_tokens": u["input"], "input_tokens_details":
                {"cached_tokens": u["cached_input"], "cache_write_tokens": u["cache_writes"]},
                "output_tokens": u["output"], "output_tokens_details": {"reasoning_tokens": u["reasoning"]},
                "total_tokens": u["input"] + u["output"]}

    def part(self, text):
        return {"type": "output_text", "text": text, "annotations": []}

    def message(self, parts, status="completed"):
        return {"type": "message", "id": "msg_1", "status": status, "role": "assistant", "content": parts}

    def response(self, output, status="completed", usage=USAGE, **more):
        return dict({"id": "resp_1", "object": "response", "created_at": 1790000000, "status": status, "error": None,
                     "incomplete_details": None, "model": self.model, "output": output, "parallel_tool_calls": True,
                     "tool_choice": "auto", "tools": [], "usage": usage and self.usage(usage)}, **more)

    def document(self, text, finish="completed", usage=USAGE, output=None, tier=None, **more):
        status, details = self.state(finish)
        if tier:
            more["service_tier"] = tier
        return self.response(output or [self.message([self.part(text)], status)], status, usage,
                             incomplete_details=details, **more)

    def state(self, finish):
        return ("completed", None) if finish in ("completed", "stop") else ("incomplete", {"reason": finish})

    def thinking_document(self):
        return self.document(WORDS, output=[{"type": "reasoning", "id": "rs_1", "summary": []},
                                            self.message([self.part(WORDS)])])

    finishes = {"stop": "completed", "length": "max_output_tokens"}

    def event(self, type, number, **more):
        return "event: %s\ndata: %s\n\n" % (type, compact(dict({"type": type, "sequence_number": number}, **more)))

    def start(self):
        place = {"output_index": 0, "item_id": "msg_1"}
        return [self.event("response.created", 0, response=self.response([], "in_progress", None)),
                self.event("response.output_item.added", 1, output_index=0, item=self.message([], "in_progress")),
                self.event("response.content_part.added", 2, content_index=0, part=self.part(""), **place)]

    def text_events(self, text):
        return [self.event("response.output_text.delta", 3 + n, item_id="msg_1", output_index=0, content_index=0,
                           delta=piece, logprobs=[]) for n, piece in enumerate(pieces(text))]

    def stream(self, text, finish="completed", usage=USAGE):
        status, details = self.state(finish)
        last = self.response([self.message([self.part(text)], status)], status, usage, incomplete_details=details)
        return (self.start() + self.text_events(text) + [
            self.event("response.output_text.done", 90, item_id="msg_1", output_index=0, content_index=0, text=text,
                       logprobs=[]),
            self.event("response.content_part.done", 91, item_id="msg_1", output_index=0, content_index=0,
                       part=self.part(text)),
            self.event("response.output_item.done", 92, output_index=0, item=self.message([self.part(text)], status)),
            self.event("response." + status, 93, response=last)])

    def finish_events(self, finish="completed", usage=USAGE):
        return []

    def end(self):
        return []

    def error_event(self, kind):
        status, type, code, message = self.errors(kind)
        return [self.event("error", 50, code=code or type, message=message, param=None)]

    def refusal(self):
        return self.document("", output=[self.message([{"type": "refusal", "refusal": "I can't help with that."}])])

    def refusal_stream(self):
        return self.start()[:2] + [
            self.event("response.refusal.delta", 3, item_id="msg_1", output_index=0, content_index=0,
                       delta="I can't help with that."),
            self.event("response.completed", 4, response=self.refusal())]

    def filtered(self, text):
        return self.document(text, finish="content_filter")

    def filtered_stream(self, text):
        return self.stream(text, "content_filter")

    def tool_call(self):
        return self.document("", output=[{"type": "function_call", "id": "fc_1", "call_id": "call_1",
                                          "name": "look_up", "arguments": "{}", "status": "completed"}])


class Anthropic(Dialect):
    plugin = "sluice.provider.anthropic"
    name = family = "anthropic"
    model = "claude-haiku-4-5"
    path = "/v1/messages"
    batches = True
    finishes = {"stop": "end_turn", "stop_sequence": "stop_sequence", "length": "max_tokens"}

    def usage(self, u):
        made = {"input_tokens": u["input"] - u["cached_input"] - u["cache_writes"],
                "cache_creation_input_tokens": u["cache_writes"], "cache_read_input_tokens": u["cached_input"],
                "output_tokens": u["output"], "service_tier": "standard"}
        if u["reasoning"]:
            made["output_tokens_details"] = {"thinking_tokens": u["reasoning"]}
        return made

    def document(self, text, finish="end_turn", usage=USAGE, content=None, tier=None, **more):
        if tier:
            raise Absent("Anthropic has no flex tier")
        made = {"id": "msg_1", "type": "message", "role": "assistant", "model": self.model,
                "content": content if content is not None else ([{"type": "text", "text": text}] if text else []),
                "stop_reason": finish, "stop_sequence": "END" if finish == "stop_sequence" else None}
        if usage is not None:
            made["usage"] = self.usage(usage)
        return dict(made, **more)

    def thinking_document(self):
        return self.document(WORDS, content=[{"type": "thinking", "thinking": "Columns.", "signature": "c2ln"},
                                             {"type": "text", "text": WORDS}])

    def event(self, type, **more):
        return "event: %s\ndata: %s\n\n" % (type, compact(dict({"type": type}, **more)))

    def start(self, usage=USAGE):
        begun = None if usage is None else used(usage["input"], 1, usage["cached_input"], usage["cache_writes"])
        return [self.event("message_start", message=self.document("", None, begun)),
                self.event("content_block_start", index=0, content_block={"type": "text", "text": ""}),
                self.event("ping")]

    def text_events(self, text):
        return [self.event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
                for piece in pieces(text)]

    def finish_events(self, finish="end_turn", usage=USAGE):
        told = {}
        if usage is not None:
            told["usage"] = {"output_tokens": usage["output"]}
            if usage["reasoning"]:
                told["usage"]["output_tokens_details"] = {"thinking_tokens": usage["reasoning"]}
        return [self.event("content_block_stop", index=0),
                self.event("message_delta", delta={"stop_reason": finish, "stop_sequence":
                                                   "END" if finish == "stop_sequence" else None}, **told)]

    def end(self):
        return [self.event("message_stop")]

    def stream(self, text, finish="end_turn", usage=USAGE):
        return self.start(usage) + self.text_events(text) + self.finish_events(finish, usage) + self.end()

    def error_body(self, found):
        status, type, code, message = found
        error = {"type": type, "message": message}
        if code:
            error["details"] = {"error_code": code}
        return {"type": "error", "error": error, "request_id": "req_1"}

    def error_event(self, kind):
        body = self.error_body(self.errors(kind))
        return ["event: error\ndata: %s\n\n" % compact(body)]

    def refusal(self):
        return self.document("", finish="refusal", stop_details={
            "type": "refusal", "category": "general_harms", "explanation": None})

    def refusal_stream(self):
        return self.start()[:1] + self.finish_events("refusal")[1:] + self.end()

    def filtered(self, text):
        raise Absent("Anthropic's filter stops a text as a refusal")

    filtered_stream = filtered

    def tool_call(self):
        return self.document("", finish="tool_use", content=[
            {"type": "tool_use", "id": "toolu_1", "name": "look_up", "input": {}}])

    def batch(self, status, **more):
        return dict({"id": "msgbatch_1", "type": "message_batch", "processing_status": status, "request_counts":
                     {"processing": 0, "succeeded": 3, "errored": 0, "canceled": 0, "expired": 0},
                     "created_at": "2026-09-21T10:00:00Z", "expires_at": "2026-09-22T10:00:00Z", "ended_at": None,
                     "cancel_initiated_at": None, "archived_at": None, "results_url": None}, **more)

    def batch_script(self, state, results=None, submit=None, raw=None, account=None, more=None):
        base = "/v1/messages/batches"
        if submit:
            return {"exchanges": [dict({"method": "POST", "path": base}, **submit)]}
        if state == "failed":
            raise Absent("a message batch ends; only its requests fail")
        url = "https://api.anthropic.com/v1/messages/batches/msgbatch_1/results"
        more = dict(more or {})
        more.update({} if state == "running" else {"results_url": url, "ended_at": "2026-09-21T11:00:00Z"})
        if state == "cancelled":
            more["cancel_initiated_at"] = "2026-09-21T10:30:00Z"
        now = self.batch("in_progress" if state == "running" else "ended", **more)
        text = raw if raw is not None else "".join(compact(line) + "\n" for line in results or [])
        return {"exchanges": [
            dict({"method": "POST", "path": base}, **reply(compact(self.batch("in_progress")))),
            dict({"method": "GET", "path": base + "/msgbatch_1/results"}, **reply(text, type="application/x-jsonl")),
            dict({"method": "GET", "path": base + "/msgbatch_1"}, **(account or reply(compact(now)))),
            dict({"method": "POST", "path": base + "/msgbatch_1/cancel"},
                 **reply(compact(self.batch("canceling"))))]}

    def result(self, id, type, **more):
        return {"custom_id": id, "result": dict({"type": type}, **more)}

    def item(self, id):
        return self.result(id, "succeeded", message=self.document(WORDS))

    def failed_item(self, id):
        return self.result(id, "errored", error=self.error_body(self.errors("bad_request")))

    def expired_item(self, id):
        return self.result(id, "expired")

    def cancelled_item(self, id):
        return self.result(id, "canceled")


class Ollama(Dialect):
    plugin = "sluice.provider.ollama"
    name = family = "ollama"
    model = "llama3.2"
    path = "/api/chat"
    stream_type = "application/x-ndjson"
    embedding_path = "/api/embed"
    embedding_model = "nomic-embed-text"
    finishes = {"stop": "stop", "stop_sequence": "stop", "length": "length"}

    def usage(self, u):
        if u["cached_input"] or u["cache_writes"] or u["reasoning"]:
            raise Absent("Ollama counts neither cached tokens nor reasoning")
        return {"prompt_eval_count": u["input"], "prompt_eval_duration": 342546000, "eval_count": u["output"],
                "eval_duration": 4535599000}

    def document(self, text, finish="stop", usage=USAGE, message=None, done=True, tier=None, **more):
        if tier:
            raise Absent("Ollama has no flex tier")
        made = {"model": self.model, "created_at": "2026-09-21T10:00:00.000000Z",
                "message": dict({"role": "assistant", "content": text}, **(message or {})), "done": done}
        if done:
            made.update({"done_reason": finish, "total_duration": 4883583458, "load_duration": 1334875})
            made.update({} if usage is None else self.usage(usage))
        return dict(made, **more)

    def thinking_document(self):
        return self.document(WORDS, message={"thinking": "The user asks about columns."})

    def start(self):
        return []

    def text_events(self, text):
        return [compact(self.document(piece, done=False)) + "\n" for piece in pieces(text)]

    def finish_events(self, finish="stop", usage=USAGE):
        return []

    def end(self):
        return [compact(self.document("")) + "\n"]

    def stream(self, text, finish="stop", usage=USAGE):
        return self.text_events(text) + [compact(self.document("", finish, usage)) + "\n"]

    def error_body(self, found):
        return {"error": found[3]}

    def error_event(self, kind):
        return [compact(self.error_body(self.errors(kind))) + "\n"]

    def refusal(self):
        raise Absent("a model on the machine refuses in words alone")

    refusal_stream = refusal

    def filtered(self, text):
        raise Absent("Ollama has no filter")

    filtered_stream = filtered

    def tool_call(self):
        call = {"function": {"name": "look_up", "arguments": {}}}
        return self.document("", message={"tool_calls": [call]})

    def vectors(self, vectors, order=None):
        if order:
            raise Absent("Ollama's vectors have no index")
        return {"model": self.embedding_model, "embeddings": vectors, "total_duration": 14143917,
                "load_duration": 1019500, "prompt_eval_count": 8}


DIALECTS = [Chat(), Responses(), Anthropic(), Groq(), Compatible(), Ollama()]


def pieces(text):
    """In tokens, more or less: a word and the blank in front of it."""
    made = []
    for word in text.split(" "):
        made.append(" " + word if made else word)
    return [piece for piece in made if piece]
