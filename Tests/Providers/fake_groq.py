"""A server that speaks Groq's protocol: chat completions, models, files and batches under /openai/v1."""

import json

from fake_base import main
from fake_openai import FakeOpenAI


class FakeGroq(FakeOpenAI):
    """Groq's server, as far as its own client uses it here."""
    protocol = provider = "groq"
    root = "/openai/v1"
    has_responses = has_embeddings = False

    def usage(self, usage):
        return {"queue_time": 0.01, "prompt_tokens": usage["input"], "prompt_time": 0.001,
                "completion_tokens": usage["output"], "completion_time": 0.02,
                "total_tokens": usage["input"] + usage["output"], "total_time": 0.021}

    def chunks(self, head, text, finish, usage, options):
        """Usage comes in `x_groq` of the last chunk, whether it was asked for or not."""
        made = super().chunks(head, text, finish, usage, options)
        place = -3 if options.get("include_usage") else -2
        last = json.loads(made[place][len(b"data: "):])
        last["x_groq"] = {"id": "req_1", "usage": usage}
        made[place] = b"data: " + json.dumps(last).encode() + b"\n\n"
        return made


if __name__ == "__main__":
    main(FakeGroq)
