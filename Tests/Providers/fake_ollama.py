"""A server that speaks Ollama's own protocol: chat, embed, tags, ps, show and version."""

import json

from fake_base import Fake, Refusal, Reply, main, tokens, vector

TIME = "2026-09-21T10:00:00.000000Z"


class FakeOllama(Fake):
    """Ollama's server, as far as its own client uses it here. Like the real one it cuts a prompt that does not fit."""
    protocol = provider = "ollama"
    routes = [("POST", "/api/chat", "chat"), ("POST", "/api/embed", "embed"), ("GET", "/api/tags", "tags"),
              ("GET", "/api/ps", "running"), ("POST", "/api/show", "show"), ("GET", "/api/version", "version"),
              ("GET", "/", "root")]

    def refused(self, status, kind, message, code=None, headers=()):
        return Refusal(status, {"error": message}, headers)

    def check_model(self, name):
        if (name or "").removesuffix(":latest") not in self.models:
            raise self.refused(404, "model", "model '%s' not found" % name)

    def chat(self, request):
        asked = request.json
        self.check_model(asked.get("model"))
        options = asked.get("options") or {}
        format = asked.get("format")
        text, finish, usage = self.complete(asked.get("messages", []), format if isinstance(format, dict) else None,
                                            options.get("stop"), options.get("num_predict"))
        # Never told, only visible in the count: what makes it dangerous.
        usage["input"] = min(usage["input"], options.get("num_ctx", 4096))
        self.bill.add(asked["model"], usage)
        head = {"model": asked["model"], "created_at": TIME}
        last = {"done": True, "done_reason": "length" if finish == "length" else "stop", "total_duration": 4883583458,
                "load_duration": 1334875, "prompt_eval_count": usage["input"], "prompt_eval_duration": 342546000,
                "eval_count": usage["output"], "eval_duration": 4535599000}
        if not asked.get("stream", True):
            return Reply(dict(head, message={"role": "assistant", "content": text}, **last))
        rows = [dict(head, message={"role": "assistant", "content": text[at:at + 6]}, done=False)
                for at in range(0, len(text), 6)] + [dict(head, message={"role": "assistant", "content": ""}, **last)]
        return Reply(pieces=[json.dumps(row).encode() + b"\n" for row in rows], kind="application/x-ndjson")

    def embed(self, request):
        asked = request.json
        self.check_model(asked.get("model"))
        texts = [asked["input"]] if isinstance(asked["input"], str) else asked["input"]
        count = sum(map(tokens, texts))
        self.bill.add(asked["model"], {"input": count, "output": 0})
        return Reply({"model": asked["model"], "embeddings": [vector(text) for text in texts],
                      "total_duration": 14143917, "load_duration": 1019500, "prompt_eval_count": count})

    def described(self, name):
        return {"name": name + ":latest", "model": name + ":latest", "modified_at": TIME, "size": 2019393189,
                "digest": "a80c4f17acd55265feec403c7aef86be0c25983ab279d83f3bcd3abbcb5b8b72", "details": {
                    "parent_model": "", "format": "gguf", "family": "llama", "families": ["llama"],
                    "parameter_size": "3.2B", "quantization_level": "Q4_K_M"}}

    def tags(self, request):
        return Reply({"models": [self.described(name) for name in self.models]})

    def running(self, request):
        return Reply({"models": [dict(self.described(self.models[0]), expires_at=TIME, size_vram=0,
                                      context_length=4096)]})

    def show(self, request):
        name = request.json.get("model", "")
        self.check_model(name)
        return Reply({"details": self.described(name)["details"], "modified_at": TIME, "template": "",
                      "model_info": {"general.architecture": "llama", "llama.context_length": 131072},
                      "capabilities": ["completion"]})

    def version(self, request):
        return Reply({"version": "0.12.6"})

    def root(self, request):
        return Reply(pieces=[b"Ollama is running"], kind="text/plain")


if __name__ == "__main__":
    main(FakeOllama)
