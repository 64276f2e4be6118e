"""A server that speaks Anthropic's protocol: messages, count_tokens, models and message batches."""

import json

from fake_base import Fake, Refusal, Reply, main, tokens

TYPES = {"key": "authentication_error", "model": "not_found_error", "rate": "rate_limit_error",
         "path": "not_found_error", "request": "invalid_request_error"}
TIME = "2026-09-21T10:00:00Z"


class FakeAnthropic(Fake):
    """Anthropic's server, as far as its own client uses it here."""
    protocol = provider = "anthropic"
    routes = [
        ("POST", "/v1/messages", "message"), ("POST", "/v1/messages/count_tokens", "count"),
        ("GET", "/v1/models", "list_models"), ("GET", "/v1/models/([^/]+)", "get_model"),
        ("POST", "/v1/messages/batches", "start_batch"), ("GET", "/v1/messages/batches", "list_batches"),
        ("GET", "/v1/messages/batches/([^/]+)", "get_batch"),
        ("GET", "/v1/messages/batches/([^/]+)/results", "results"),
        ("POST", "/v1/messages/batches/([^/]+)/cancel", "cancel_batch")]

    def refused(self, status, kind, message, code=None, headers=()):
        error = {"type": TYPES[kind], "message": message}
        if code:
            error["details"] = {"error_code": code}
        return Refusal(status, {"type": "error", "error": error, "request_id": self.number("req_")}, headers)

    def credential(self, request):
        """The client sends a bearer token since its version 2; the older header is taken too."""
        return request.headers.get("x-api-key") or super().credential(request)

    def messages(self, asked):
        system = asked.get("system")
        if isinstance(system, list):
            system = "".join(part["text"] for part in system)
        return ([{"role": "system", "content": system}] if system else []) + asked["messages"]

    def message(self, request, lane="standard"):
        asked = request if isinstance(request, dict) else request.json
        if not isinstance(request, dict) and "anthropic-version" not in request.headers:
            raise self.refused(400, "request", "anthropic-version: header is required")
        self.check_model(asked.get("model"))
        if "max_tokens" not in asked:
            raise self.refused(400, "request", "max_tokens: Field required")
        if not 0 <= asked.get("temperature", 1) <= 1:
            raise self.refused(400, "request", "temperature: Input should be less than or equal to 1")
        format = (asked.get("output_config") or {}).get("format") or asked.get("output_format") or {}
        text, finish, usage = self.complete(self.messages(asked), format.get("schema"),
                                            asked.get("stop_sequences"), asked["max_tokens"])
        self.bill.add(asked["model"], usage, lane)
        reason = {"stop": "end_turn", "length": "max_tokens"}.get(finish, finish)
        sequence = asked["stop_sequences"][0] if finish == "stop_sequence" else None
        counted = {"input_tokens": usage["input"], "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
                   "output_tokens": usage["output"], "service_tier": "batch" if lane == "batch" else "standard"}
        whole = {"id": self.number("msg_"), "type": "message", "role": "assistant", "model": asked["model"],
                 "content": [{"type": "text", "text": text}], "stop_reason": reason, "stop_sequence": sequence,
                 "usage": counted}
        if not asked.get("stream"):
            return Reply(whole, headers={"request-id": "req_1"})
        begun = dict(whole, content=[], stop_reason=None, stop_sequence=None, usage=dict(counted, output_tokens=1))
        events = [("message_start", {"message": begun}),
                  ("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}), ("ping", {})]
        events += [("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": text[at:at + 6]}})
                   for at in range(0, len(text), 6)]
        events += [("content_block_stop", {"index": 0}), ("message_delta", {
            "delta": {"stop_reason": reason, "stop_sequence": sequence}, "usage": {"output_tokens": usage["output"]}}),
            ("message_stop", {})]
        return Reply(pieces=[("event: %s\ndata: %s\n\n" % (name, json.dumps(dict(more, type=name)))).encode()
                             for name, more in events], kind="text/event-stream")

    def count(self, request):
        asked = request.json
        self.check_model(asked.get("model"))
        return Reply({"input_tokens": sum(tokens(message["content"]) for message in self.messages(asked))})

    def model(self, name):
        return {"type": "model", "id": name, "display_name": name, "created_at": TIME, "lifecycle": "active"}

    def list_models(self, request):
        return Reply({"data": [self.model(name) for name in self.models], "has_more": False,
                      "first_id": self.models[0], "last_id": self.models[-1]})

    def get_model(self, request, name):
        self.check_model(name)
        return Reply(self.model(name))

    # Batches
    def start_batch(self, request):
        asked = request.json["requests"]
        rows, failed = [], 0
        for item in asked:
            try:
                message = json.loads(self.message(item["params"], "batch").pieces[0])
                result = {"type": "succeeded", "message": message}
            except Refusal as refusal:
                result, failed = {"type": "errored", "error": refusal.document}, failed + 1
            rows.append({"custom_id": item["custom_id"], "result": result})
        id = self.number("msgbatch_")
        # The results stand in another order than the requests: only the ids lead to them.
        self.batches[id] = {"rows": rows[::-1], "failed": failed, "state": "in_progress", "asked": 0}
        return Reply(self.shown(id))

    def shown(self, id):
        if id not in self.batches:
            raise self.refused(404, "path", "No such batch: %s" % id)
        batch = self.batches[id]
        total, ended = len(batch["rows"]), batch["state"] == "ended"
        counts = {"processing": 0 if ended else total, "succeeded": total - batch["failed"] if ended else 0,
                  "errored": batch["failed"] if ended else 0, "canceled": 0, "expired": 0}
        return {"id": id, "type": "message_batch", "processing_status": batch["state"], "request_counts": counts,
                "created_at": TIME, "expires_at": "2026-09-22T10:00:00Z", "ended_at": TIME if ended else None,
                "cancel_initiated_at": None, "archived_at": None, "results_url":
                "http://127.0.0.1:%d/v1/messages/batches/%s/results" % (self.port, id) if ended else None}

    def get_batch(self, request, id):
        shown = self.shown(id)
        self.batches[id]["state"] = "ended"
        return Reply(shown)

    def list_batches(self, request):
        return Reply({"data": [self.shown(id) for id in self.batches], "has_more": False, "first_id": None,
                      "last_id": None})

    def results(self, request, id):
        if self.shown(id)["results_url"] is None:
            raise self.refused(400, "request", "The batch has not ended.")
        return Reply(pieces=[json.dumps(row).encode() + b"\n" for row in self.batches[id]["rows"]],
                     kind="application/x-jsonl")

    def cancel_batch(self, request, id):
        self.shown(id)
        batch = self.batches[id]
        batch["state"] = "canceling"
        batch["rows"] = [{"custom_id": row["custom_id"], "result": {"type": "canceled"}} for row in batch["rows"]]
        return Reply(self.shown(id))


if __name__ == "__main__":
    main(FakeAnthropic)
