"""A server that speaks OpenAI's protocol: chat completions, responses, embeddings, models, files and batches."""

import json
import struct
import base64

from fake_base import CREATED, Fake, Refusal, Reply, main, tokens, vector

ERRORS = {"key": ("invalid_request_error", "invalid_api_key"), "model": ("invalid_request_error", "model_not_found"),
          "rate": ("requests", "rate_limit_exceeded"), "path": ("invalid_request_error", "unknown_url"),
          "request": ("invalid_request_error", None)}


class FakeOpenAI(Fake):
    """OpenAI's server, as far as its own client uses it here."""
    protocol = provider = "openai"
    root = "/v1"
    has_responses = has_embeddings = True

    def __init__(self, *arguments):
        root = self.root
        self.routes = [
            ("POST", root + "/chat/completions", "chat"), ("GET", root + "/models", "list_models"),
            ("GET", root + "/models/(.+)", "get_model"), ("POST", root + "/files", "put_file"),
            ("GET", root + "/files/([^/]+)", "get_file"), ("GET", root + "/files/([^/]+)/content", "read_file"),
            ("POST", root + "/batches", "start_batch"), ("GET", root + "/batches", "list_batches"),
            ("GET", root + "/batches/([^/]+)", "get_batch"), ("POST", root + "/batches/([^/]+)/cancel", "cancel_batch")]
        if self.has_responses:
            self.routes.append(("POST", root + "/responses", "respond"))
        if self.has_embeddings:
            self.routes.append(("POST", root + "/embeddings", "embed"))
        super().__init__(*arguments)

    def refused(self, status, kind, message, code=None, headers=()):
        type, found = ERRORS[kind]
        return Refusal(status, {"error": {"message": message, "type": type, "param": None, "code": code or found}},
                       headers)

    # Completions
    def chat(self, request, lane=None):
        asked = request if isinstance(request, dict) else request.json
        self.check_model(asked.get("model"))
        if not 0 <= asked.get("temperature", 1) <= 2:
            raise self.refused(400, "request", "Invalid 'temperature': between 0 and 2.")
        stop = asked.get("stop") or []
        format = asked.get("response_format") or {}
        schema = format.get("json_schema", {}).get("schema") if format.get("type") == "json_schema" else None
        text, finish, usage = self.complete(
            asked["messages"], schema, [stop] if isinstance(stop, str) else stop,
            asked.get("max_completion_tokens", asked.get("max_tokens")))
        lane = lane or ("flex" if asked.get("service_tier") == "flex" else "standard")
        self.bill.add(asked["model"], usage, lane)
        finish = "length" if finish == "length" else "stop"
        head = {"id": self.number("chatcmpl-"), "created": CREATED, "model": asked["model"]}
        if lane == "flex":
            head["service_tier"] = "flex"
        counted = self.usage(usage)
        if asked.get("stream"):
            return Reply(pieces=self.chunks(head, text, finish, counted, asked.get("stream_options") or {}),
                         kind="text/event-stream")
        message = {"role": "assistant", "content": text, "refusal": None}
        return Reply(dict(head, object="chat.completion", usage=counted, choices=[
            {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}]))

    def usage(self, usage):
        return {"prompt_tokens": usage["input"], "completion_tokens": usage["output"],
                "total_tokens": usage["input"] + usage["output"], "prompt_tokens_details": {"cached_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 0}}

    def chunks(self, head, text, finish, usage, options):
        head = dict(head, object="chat.completion.chunk")

        def event(delta, finish=None, **more):
            choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
            return b"data: " + json.dumps(dict(head, choices=[choice], **more)).encode() + b"\n\n"
        made = [event({"role": "assistant", "content": ""})]
        made += [event({"content": text[at:at + 6]}) for at in range(0, len(text), 6)]
        made.append(event({}, finish))
        if options.get("include_usage"):
            made.append(b"data: " + json.dumps(dict(head, choices=[], usage=usage)).encode() + b"\n\n")
        return made + [b"data: [DONE]\n\n"]

    def respond(self, request):
        asked = request.json
        self.check_model(asked.get("model"))
        given = asked["input"]
        messages = [{"role": "user", "content": given}] if isinstance(given, str) else given
        format = (asked.get("text") or {}).get("format") or {}
        schema = format.get("schema") if format.get("type") == "json_schema" else None
        text, finish, usage = self.complete(messages, schema, None, asked.get("max_output_tokens"))
        self.bill.add(asked["model"], usage, "flex" if asked.get("service_tier") == "flex" else "standard")
        status = "incomplete" if finish == "length" else "completed"
        part = {"type": "output_text", "text": text, "annotations": []}
        item = {"type": "message", "id": "msg_1", "status": status, "role": "assistant", "content": [part]}
        body = {"id": self.number("resp_"), "object": "response", "created_at": CREATED, "status": status,
                "error": None, "model": asked["model"], "output": [item], "parallel_tool_calls": True,
                "incomplete_details": {"reason": "max_output_tokens"} if finish == "length" else None,
                "tool_choice": "auto", "tools": [], "usage": {
                    "input_tokens": usage["input"], "output_tokens": usage["output"],
                    "total_tokens": usage["input"] + usage["output"],
                    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
                    "output_tokens_details": {"reasoning_tokens": 0}}}
        if not asked.get("stream"):
            return Reply(body)
        place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
        begun = dict(body, status="in_progress", output=[], usage=None)
        events = [("created", {"response": begun}),
                  ("output_item.added", {"output_index": 0, "item": dict(item, content=[], status="in_progress")}),
                  ("content_part.added", dict(place, part=dict(part, text="")))]
        events += [("output_text.delta", dict(place, delta=text[at:at + 6], logprobs=[]))
                   for at in range(0, len(text), 6)]
        events += [("output_text.done", dict(place, text=text, logprobs=[])),
                   ("content_part.done", dict(place, part=part)),
                   ("output_item.done", {"output_index": 0, "item": item}), (status, {"response": body})]
        return Reply(pieces=[("event: response.%s\ndata: %s\n\n" % (name, json.dumps(dict(
            more, type="response." + name, sequence_number=number)))).encode()
            for number, (name, more) in enumerate(events)], kind="text/event-stream")

    # Embeddings and models
    def embed(self, request):
        asked = request.json
        self.check_model(asked.get("model"))
        texts = [asked["input"]] if isinstance(asked["input"], str) else asked["input"]
        count = sum(map(tokens, texts))
        self.bill.add(asked["model"], {"input": count, "output": 0})

        def coded(values):
            if asked.get("encoding_format") != "base64":
                return values
            return base64.b64encode(struct.pack("<%df" % len(values), *values)).decode()
        rows = [{"object": "embedding", "index": place, "embedding": coded(vector(text, asked.get("dimensions", 8)))}
                for place, text in enumerate(texts)]
        return Reply({"object": "list", "data": rows, "model": asked["model"],
                      "usage": {"prompt_tokens": count, "total_tokens": count}})

    def model(self, name):
        return {"id": name, "object": "model", "created": CREATED, "owned_by": "system"}

    def list_models(self, request):
        return Reply({"object": "list", "data": [self.model(name) for name in self.models]})

    def get_model(self, request, name):
        self.check_model(name)
        return Reply(self.model(name))

    # Files and batches
    def file(self, id):
        if id not in self.files:
            raise self.refused(404, "request", "No such File object: %s" % id)
        name, content, purpose = self.files[id]
        return {"id": id, "object": "file", "bytes": len(content), "created_at": CREATED, "filename": name,
                "purpose": purpose, "status": "processed"}

    def keep(self, name, content, purpose):
        id = self.number("file-")
        self.files[id] = (name, content, purpose)
        return id

    def put_file(self, request):
        form = request.form()
        return Reply(self.file(self.keep(form["file"][0], form["file"][1], form["purpose"][1].decode())))

    def get_file(self, request, id):
        return Reply(self.file(id))

    def read_file(self, request, id):
        self.file(id)
        return Reply(pieces=[self.files[id][1]], kind="application/octet-stream")

    def start_batch(self, request):
        """It runs at once, and is told as done by the second question: a client sees both states."""
        asked = request.json
        self.file(asked["input_file_id"])
        lines = [json.loads(line) for line in self.files[asked["input_file_id"]][1].splitlines() if line.strip()]
        results, faults = [], []
        for line in lines:
            try:
                body = json.loads(self.chat(line["body"], "batch").pieces[0])
                results.append({"id": self.number("batch_req_"), "custom_id": line["custom_id"], "error": None,
                                "response": {"status_code": 200, "request_id": "req_1", "body": body}})
            except Refusal as refusal:
                faults.append({"id": self.number("batch_req_"), "custom_id": line["custom_id"], "error": None,
                               "response": {"status_code": refusal.status, "request_id": "req_1",
                                            "body": refusal.document}})

        def kept(name, rows):
            content = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
            return self.keep(name, content, "batch_output") if rows else None
        id = self.number("batch_")
        self.batches[id] = {
            "id": id, "object": "batch", "endpoint": asked["endpoint"], "errors": None, "status": "validating",
            "input_file_id": asked["input_file_id"], "completion_window": asked["completion_window"],
            "output_file_id": None, "error_file_id": None, "created_at": CREATED, "metadata": asked.get("metadata"),
            "request_counts": {"total": len(lines), "completed": 0, "failed": 0}}
        # The results stand in another order than the requests: only the ids lead to them.
        self.batches[id]["later"] = {
            "status": "completed", "output_file_id": kept("out.jsonl", results[::-1]),
            "error_file_id": kept("err.jsonl", faults), "completed_at": CREATED + 60,
            "request_counts": {"total": len(lines), "completed": len(results), "failed": len(faults)}}
        return Reply(self.shown(id))

    def shown(self, id):
        if id not in self.batches:
            raise self.refused(404, "request", "No batch found with id '%s'." % id)
        return {key: value for key, value in self.batches[id].items() if key != "later"}

    def get_batch(self, request, id):
        shown = self.shown(id)
        self.batches[id].update(self.batches[id].get("later", {}))
        return Reply(shown)

    def list_batches(self, request):
        return Reply(dict(self.paged([self.shown(id) for id in self.batches]), first_id=None, last_id=None))

    def cancel_batch(self, request, id):
        self.shown(id)
        self.batches[id]["status"] = "cancelling"
        self.batches[id]["later"] = {"status": "cancelled", "cancelled_at": CREATED + 60}
        return Reply(self.shown(id))


if __name__ == "__main__":
    main(FakeOpenAI)
