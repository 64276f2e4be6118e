"""Proves the fake servers by the vendors' own Python clients, and the catalogue's errors by their exception classes.

    test_vendors.py [NAME ...]      with .build/python, which scripts/setup makes; the rest is the standard library

Every situation that a vendor's client can meet is played to it: an answer must be what the catalogue says, and an error
the class that the client's documentation names for it.
"""

import importlib
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import anthropic  # noqa: E402
import groq  # noqa: E402
import ollama  # noqa: E402
import openai  # noqa: E402

from fake_anthropic import FakeAnthropic  # noqa: E402
from fake_base import REGISTRY  # noqa: E402
from fake_groq import FakeGroq  # noqa: E402
from fake_ollama import FakeOllama  # noqa: E402
from fake_openai import FakeOpenAI  # noqa: E402

KEY = "sk-fake"
SITUATIONS = json.load(open(os.path.join(REGISTRY, "conformance", "situations.json"), encoding="utf-8"))["situations"]
ASK = [{"role": "user", "content": "one two three"}]
SCHEMA = {"type": "object", "properties": {"column": {"type": "string", "enum": ["first", "second"]}},
          "required": ["column"], "additionalProperties": False}
# By the pages of the clients: of openai and groq the same.
BY_STATUS = {400: "BadRequestError", 401: "AuthenticationError", 403: "PermissionDeniedError", 404: "NotFoundError",
             409: "ConflictError", 422: "UnprocessableEntityError", 429: "RateLimitError"}


def messages(situation):
    return [{"role": message["role"], "content": message["text"]} for message in situation["request"]["messages"]]


def expected_text(situation):
    text = situation["expect"]["text"]
    return text["repeat"] * text["times"] if isinstance(text, dict) else text


class VendorCase:
    """What is the same for every vendor; subclasses make the calls."""
    fake = module = None
    # Situations in which the client does something of its own, each with the reason.
    apart = {}

    @classmethod
    def setUpClass(cls):
        cls.server = cls.fake(KEY)
        cls.url = "http://127.0.0.1:%d" % cls.server.start()

    def setUp(self):
        self.server.forget()

    # Situations
    def reply_of(self, situation):
        script = self.server.wire["scripts"][situation["id"]]
        if "connection" in script:
            return script["connection"], None
        return None, script["exchanges"][0]

    def status_error(self, status, reply):
        name = BY_STATUS.get(status, "InternalServerError" if status >= 500 else "APIStatusError")
        return getattr(self.module, name)

    def stream_error(self, situation):
        return self.module.APIError

    def expected_error(self, situation):
        """The class that must be raised; None when the client has no word about it."""
        connection, reply = self.reply_of(situation)
        if connection in ("closed", "reset", "garbage"):
            return self.module.APIConnectionError
        if connection == "silent":
            return self.module.APITimeoutError
        if connection:
            return None
        if reply["status"] >= 400:
            return self.status_error(reply["status"], reply)
        if situation["id"].startswith("stream.error_"):
            return self.stream_error(situation)
        return None

    def test_situations(self):
        played = {"answer": 0, "error": 0}
        for situation in SITUATIONS:
            script = self.server.wire["scripts"][situation["id"]]
            if situation["call"] != "infer" or "absent" in script or situation["id"] in self.apart:
                continue
            is_answer = situation["expect"]["outcome"] == "answer"
            error = None if is_answer else self.expected_error(situation)
            if not is_answer and error is None:
                continue
            with self.subTest(situation["id"]):
                self.server.situation = situation["id"]
                if is_answer:
                    self.assertEqual(self.ask(situation), expected_text(situation))
                else:
                    with self.assertRaises(error) as caught:
                        self.ask(situation)
                    self.assertIs(type(caught.exception), error)
                played["answer" if is_answer else "error"] += 1
        self.server.situation = None
        # The loop must have met both, or nothing was shown.
        self.assertGreater(played["answer"], 30)
        self.assertGreater(played["error"], 40)

    # State
    def test_wrong_key_is_refused_and_never_recorded(self):
        with self.assertRaises(self.status_error(401, None)):
            self.plain(self.client(key="sk-wrong"))
        self.assertTrue(self.server.requests[-1]["credential"])
        self.assertNotIn("sk-wrong", json.dumps(self.server.requests))

    def test_unknown_model_is_refused(self):
        with self.assertRaises(self.status_error(404, None)):
            self.plain(self.client(), model="nope")

    def test_rate_limit_comes_by_count(self):
        self.server.allowance = 2
        for _ in range(2):
            self.plain(self.client())
        with self.assertRaises(self.status_error(429, None)):
            self.plain(self.client())

    def test_situation_is_over_after_its_times(self):
        self.server.situation, self.server.times = "error.server", 2
        for _ in range(2):
            with self.assertRaises(self.status_error(500, None)):
                self.plain(self.client())
        self.plain(self.client())

    def test_answers_are_the_same_each_time(self):
        first = self.plain(self.client())
        self.assertEqual(first, self.plain(self.client()))
        self.assertEqual(first, "You said 3 words: one two three")

    def test_every_request_is_recorded_with_its_body(self):
        self.plain(self.client())
        self.assertEqual(len(self.server.requests), 1)
        self.assertIn("one two three", self.server.requests[0]["body"])

    def test_bill_counts_every_call(self):
        self.plain(self.client())
        self.plain(self.client())
        bill = self.server.bill.json
        self.assertEqual(bill["calls"], 2)
        self.assertEqual(bill["input"], 6)
        prices = self.server.bill.prices.get(self.server.wire["model"], {})
        if prices.get("input") is None:
            self.assertEqual(bill["unpriced"], 2)
        else:
            usd = (bill["input"] * prices["input"] + bill["output"] * prices["output"]) / 1e6
            self.assertAlmostEqual(bill["usd"], usd, places=9)


class ChatCase(VendorCase):
    """Calls of the clients that speak OpenAI's protocol."""

    def options(self, situation):
        request = situation["request"]
        made = {"model": self.server.wire["model"], "messages": messages(situation),
                "max_tokens": request["max_tokens"]}
        for name in ("temperature", "top_p", "stop", "seed"):
            if name in request:
                made[name] = request[name]
        if request.get("tier") == "flex":
            made["service_tier"] = "flex"
        return made

    def ask(self, situation):
        seconds = 0.4 if self.reply_of(situation)[0] == "silent" else 20
        client = self.client(timeout=seconds)
        if not situation["request"].get("stream"):
            return client.chat.completions.create(**self.options(situation)).choices[0].message.content
        text = ""
        for chunk in client.chat.completions.create(stream=True, **self.options(situation)):
            if chunk.choices:
                text += chunk.choices[0].delta.content or ""
        return text

    def plain(self, client, model=None):
        answer = client.chat.completions.create(model=model or self.server.wire["model"], messages=ASK)
        return answer.choices[0].message.content

    def test_stream(self):
        stream = self.client().chat.completions.create(
            model=self.server.wire["model"], messages=ASK, stream=True,
            extra_body={"stream_options": {"include_usage": True}})
        chunks = list(stream)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        self.assertEqual(text, "You said 3 words: one two three")
        self.assertEqual([chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1], "stop")
        self.assertEqual(chunks[-1].usage.prompt_tokens, 3)

    def test_limit_and_stop(self):
        create = self.client().chat.completions.create
        short = create(model=self.server.wire["model"], messages=ASK, max_tokens=2).choices[0]
        self.assertEqual((short.message.content, short.finish_reason), ("You said", "length"))
        stopped = create(model=self.server.wire["model"], messages=ASK, stop=["words"]).choices[0]
        self.assertEqual((stopped.message.content, stopped.finish_reason), ("You said 3 ", "stop"))

    def test_structured_output(self):
        answer = self.client().chat.completions.create(
            model=self.server.wire["model"], messages=ASK, response_format={
                "type": "json_schema", "json_schema": {"name": "choice", "strict": True, "schema": SCHEMA}})
        self.assertEqual(json.loads(answer.choices[0].message.content), {"column": "first"})

    def test_models(self):
        self.assertIn(self.server.wire["model"], [model.id for model in self.client().models.list().data])

    def test_batch(self):
        client = self.client()
        lines = [{"custom_id": "item-%d" % n, "method": "POST", "url": "/v1/chat/completions", "body": {
            "model": "nope" if n == 2 else self.server.wire["model"], "messages": ASK}} for n in (1, 2, 3)]
        content = "".join(json.dumps(line) + "\n" for line in lines).encode()
        file = client.files.create(file=("batch.jsonl", content), purpose="batch")
        batch = client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
        self.assertEqual(batch.status, "validating")
        self.assertEqual(client.batches.retrieve(batch.id).status, "validating")
        done = client.batches.retrieve(batch.id)
        self.assertEqual((done.status, done.request_counts.completed, done.request_counts.failed), ("completed", 2, 1))
        rows = [json.loads(line) for line in client.files.content(done.output_file_id).read().splitlines()]
        self.assertEqual([row["custom_id"] for row in rows], ["item-3", "item-1"])
        faults = [json.loads(line) for line in client.files.content(done.error_file_id).read().splitlines()]
        self.assertEqual([(row["custom_id"], row["response"]["status_code"]) for row in faults], [("item-2", 404)])
        self.assertEqual({line["lane"] for line in self.server.bill.lines}, {"batch"})

    def test_cancelled_batch(self):
        client = self.client()
        file = client.files.create(file=("batch.jsonl", b""), purpose="batch")
        batch = client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
        self.assertEqual(client.batches.cancel(batch.id).status, "cancelling")
        client.batches.retrieve(batch.id)
        self.assertEqual(client.batches.retrieve(batch.id).status, "cancelled")

    def test_cut_answer_is_a_connection_error(self):
        self.server.cut = 40
        with self.assertRaises((self.module.APIConnectionError, self.module.APIError)):
            self.plain(self.client())
        self.plain(self.client())


class OpenAITests(ChatCase, unittest.TestCase):
    fake, module = FakeOpenAI, openai

    def client(self, key=KEY, timeout=20):
        return openai.OpenAI(api_key=key, base_url=self.url + "/v1", max_retries=0, timeout=timeout)

    def test_responses(self):
        client = self.client()
        answer = client.responses.create(model=self.server.wire["model"], input="one two three")
        self.assertEqual(answer.output_text, "You said 3 words: one two three")
        self.assertEqual(answer.usage.input_tokens, 3)
        events = list(client.responses.create(model=self.server.wire["model"], input="one two three", stream=True))
        text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
        self.assertEqual(text, answer.output_text)
        self.assertEqual(events[-1].type, "response.completed")
        shaped = client.responses.create(model=self.server.wire["model"], input="x", text={"format": {
            "type": "json_schema", "name": "choice", "schema": SCHEMA, "strict": True}})
        self.assertEqual(json.loads(shaped.output_text), {"column": "first"})

    def test_flex_is_billed_as_flex(self):
        answer = self.client().chat.completions.create(
            model=self.server.wire["model"], messages=ASK, service_tier="flex")
        self.assertEqual(answer.service_tier, "flex")
        self.assertEqual(self.server.bill.lines[0]["lane"], "flex")

    def test_embeddings(self):
        rows = self.client().embeddings.create(model=self.server.wire["embedding_model"], input=["a", "b", "a"]).data
        self.assertEqual([len(row.embedding) for row in rows], [8, 8, 8])
        self.assertEqual(rows[0].embedding, rows[2].embedding)
        self.assertNotEqual(rows[0].embedding, rows[1].embedding)


class ResponsesSituations(unittest.TestCase):
    """The situations of the responses API, by the same client."""

    def test_situations(self):
        class Fake(FakeOpenAI):
            protocol = "openai-responses"
        server = Fake(KEY)
        client = openai.OpenAI(api_key=KEY, base_url="http://127.0.0.1:%d/v1" % server.start(), max_retries=0,
                               timeout=20)
        played = 0
        for situation in SITUATIONS:
            script = server.wire["scripts"][situation["id"]]
            if situation["call"] != "infer" or "exchanges" not in script:
                continue
            is_answer = situation["expect"]["outcome"] == "answer"
            status = script["exchanges"][0]["status"]
            is_stream_error = situation["id"].startswith("stream.error_")
            if not (is_answer or status >= 400 or is_stream_error):
                continue
            with self.subTest(situation["id"]):
                server.situation = situation["id"]
                error = openai.APIError if status < 400 else getattr(openai, BY_STATUS.get(
                    status, "InternalServerError" if status >= 500 else "APIStatusError"))
                streams = bool(situation["request"].get("stream"))

                def ask():
                    made = client.responses.create(model=server.wire["model"], input=messages(situation),
                                                   stream=streams)
                    if not streams:
                        return made.output_text
                    text, failed = "", None
                    for event in made:
                        text += event.delta if event.type == "response.output_text.delta" else ""
                        failed = event if event.type == "error" else failed
                    if failed is not None:
                        # This client hands the event on instead of raising it.
                        raise openai.APIError(failed.message, request=None, body=None)
                    return text
                if is_answer:
                    self.assertEqual(ask(), expected_text(situation))
                else:
                    self.assertRaises(error, ask)
                played += 1
        self.assertGreater(played, 80)


class GroqTests(ChatCase, unittest.TestCase):
    fake, module = FakeGroq, groq

    def client(self, key=KEY, timeout=20):
        return groq.Groq(api_key=key, base_url=self.url, max_retries=0, timeout=timeout)

    def test_usage_stands_in_the_last_chunk(self):
        chunks = list(self.client().chat.completions.create(
            model=self.server.wire["model"], messages=ASK, stream=True))
        self.assertEqual(chunks[-1].x_groq.usage.prompt_tokens, 3)


class AnthropicTests(VendorCase, unittest.TestCase):
    fake, module = FakeAnthropic, anthropic

    def client(self, key=KEY, timeout=20):
        return anthropic.Anthropic(api_key=key, base_url=self.url, max_retries=0, timeout=timeout)

    def ask(self, situation):
        request = situation["request"]
        seconds = 0.4 if self.reply_of(situation)[0] == "silent" else 20
        said = messages(situation)
        options = {"model": self.server.wire["model"], "max_tokens": request["max_tokens"],
                   "messages": [message for message in said if message["role"] != "system"]}
        for message in said:
            if message["role"] == "system":
                options["system"] = message["content"]
        client = self.client(timeout=seconds)
        if request.get("stream"):
            text = ""
            for event in client.messages.create(stream=True, **options):
                if event.type == "content_block_delta":
                    text += event.delta.text
            return text
        return "".join(part.text for part in client.messages.create(**options).content if part.type == "text")

    def plain(self, client, model=None):
        answer = client.messages.create(model=model or self.server.wire["model"], max_tokens=64, messages=ASK)
        return answer.content[0].text

    def status_error(self, status, reply):
        return anthropic_error(status, reply)

    def stream_error(self, situation):
        return None

    def test_stream_errors_are_errors(self):
        for kind in ("server", "rate", "unavailable", "quota"):
            for place in ("first", "later"):
                with self.subTest(kind + " " + place):
                    self.server.situation = "stream.error_%s.%s" % (place, kind)
                    with self.assertRaises(anthropic.APIStatusError):
                        self.ask({"id": self.server.situation, "request": {
                            "messages": [{"role": "user", "text": "x"}], "max_tokens": 9, "stream": True}})

    def test_stream(self):
        with self.client().messages.stream(model=self.server.wire["model"], max_tokens=64, messages=ASK) as stream:
            text = "".join(stream.text_stream)
            whole = stream.get_final_message()
        self.assertEqual(text, "You said 3 words: one two three")
        self.assertEqual((whole.stop_reason, whole.usage.output_tokens), ("end_turn", 8))

    def test_limit_and_stop(self):
        create = self.client().messages.create
        short = create(model=self.server.wire["model"], messages=ASK, max_tokens=2)
        self.assertEqual((short.content[0].text, short.stop_reason), ("You said", "max_tokens"))
        stopped = create(model=self.server.wire["model"], messages=ASK, max_tokens=64, stop_sequences=["words"])
        self.assertEqual((stopped.stop_reason, stopped.stop_sequence), ("stop_sequence", "words"))

    def test_structured_output(self):
        answer = self.client().messages.create(
            model=self.server.wire["model"], max_tokens=64, messages=ASK,
            extra_body={"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}})
        self.assertEqual(json.loads(answer.content[0].text), {"column": "first"})

    def test_count_tokens(self):
        counted = self.client().messages.count_tokens(model=self.server.wire["model"], messages=ASK, system="be brief")
        self.assertEqual(counted.input_tokens, 5)

    def test_models(self):
        self.assertIn(self.server.wire["model"], [model.id for model in self.client().models.list()])

    def test_temperature_above_one_is_refused(self):
        with self.assertRaises(anthropic.BadRequestError):
            self.client().messages.create(model=self.server.wire["model"], max_tokens=9, messages=ASK,
                                          extra_body={"temperature": 1.5})

    def test_batch(self):
        client = self.client()
        batch = client.messages.batches.create(requests=[{"custom_id": "item-%d" % n, "params": {
            "model": "nope" if n == 2 else self.server.wire["model"], "max_tokens": 64, "messages": ASK}}
            for n in (1, 2, 3)])
        self.assertEqual(batch.processing_status, "in_progress")
        self.assertEqual(client.messages.batches.retrieve(batch.id).processing_status, "in_progress")
        done = client.messages.batches.retrieve(batch.id)
        self.assertEqual((done.processing_status, done.request_counts.errored), ("ended", 1))
        rows = [(row.custom_id, row.result.type) for row in client.messages.batches.results(batch.id)]
        self.assertEqual(rows, [("item-3", "succeeded"), ("item-2", "errored"), ("item-1", "succeeded")])

    def test_cut_answer_is_a_connection_error(self):
        self.server.cut = 40
        with self.assertRaises(Exception) as caught:
            self.plain(self.client())
        self.assertTrue(type(caught.exception).__module__.split(".")[0] in ("anthropic", "httpx2", "httpcore2"))
        self.plain(self.client())


def anthropic_error(status, reply):
    """As the client's page has them: a class for a status, a finer one where the error has a code."""
    by_status = dict(BY_STATUS)
    by_status.update({402: "PaymentRequiredError", 408: "RequestTimeoutError", 413: "ContentTooLargeError",
                      499: "ClientClosedRequestError", 501: "HTTPNotImplementedError",
                      503: "ServiceUnavailableError", 504: "GatewayTimeoutError", 529: "OverloadedError"})
    code = None
    if reply is not None:
        try:
            code = json.loads("".join(reply["body"]))["error"]["details"]["error_code"]
        except (ValueError, KeyError, TypeError):
            pass
    if code:
        name = "".join(word.capitalize() for word in code.split("_")) + "Error"
        return getattr(importlib.import_module("anthropic.types.shared.%s_error" % code), name)
    return getattr(anthropic, by_status.get(status, "InternalServerError" if status >= 500 else "APIStatusError"))


class OllamaTests(VendorCase, unittest.TestCase):
    fake, module = FakeOllama, ollama
    apart = {"error.array": "the client looks for a member of what it takes for an object, and dies of it",
             "stream.mark": "the client's JSON reader takes no byte order mark"}

    def client(self, key=KEY, timeout=20):
        return ollama.Client(host=self.url, timeout=timeout, headers={"authorization": "Bearer " + key})

    def ask(self, situation):
        request = situation["request"]
        seconds = 0.4 if self.reply_of(situation)[0] == "silent" else 20
        options = {"model": self.server.wire["model"], "messages": messages(situation)}
        if request.get("stream"):
            return "".join(part.message.content for part in self.client(timeout=seconds).chat(stream=True, **options))
        return self.client(timeout=seconds).chat(**options).message.content

    def plain(self, client, model=None):
        return client.chat(model=model or self.server.wire["model"], messages=ASK).message.content

    def status_error(self, status, reply):
        return ollama.ResponseError

    def stream_error(self, situation):
        return ollama.ResponseError

    def expected_error(self, situation):
        # Of connections its page says one thing alone: ConnectionError when nobody listens.
        return None if self.reply_of(situation)[0] else super().expected_error(situation)

    def test_nobody_listening_is_a_connection_error(self):
        with self.assertRaises(ConnectionError):
            ollama.Client(host="http://127.0.0.1:1").chat(model="x", messages=ASK)

    def test_stream(self):
        parts = list(self.client().chat(model=self.server.wire["model"], messages=ASK, stream=True))
        self.assertEqual("".join(part.message.content for part in parts), "You said 3 words: one two three")
        self.assertEqual((parts[-1].done_reason, parts[-1].prompt_eval_count), ("stop", 3))

    def test_limit(self):
        short = self.client().chat(model=self.server.wire["model"], messages=ASK, options={"num_predict": 2})
        self.assertEqual((short.message.content, short.done_reason), ("You said", "length"))

    def test_structured_output(self):
        answer = self.client().chat(model=self.server.wire["model"], messages=ASK, format=SCHEMA)
        self.assertEqual(json.loads(answer.message.content), {"column": "first"})

    def test_long_prompt_is_cut_without_a_word(self):
        answer = self.client().chat(model=self.server.wire["model"], options={"num_ctx": 16},
                                    messages=[{"role": "user", "content": "word " * 100}])
        self.assertEqual((answer.prompt_eval_count, answer.done_reason), (16, "stop"))

    def test_embeddings(self):
        made = self.client().embed(model=self.server.wire["embedding_model"], input=["a", "b"]).embeddings
        self.assertEqual([len(row) for row in made], [8, 8])

    def test_models(self):
        client = self.client()
        self.assertIn(self.server.wire["model"] + ":latest", [model.model for model in client.list().models])
        self.assertEqual(client.ps().models[0].context_length, 4096)
        self.assertEqual(client.show(self.server.wire["model"]).modelinfo["llama.context_length"], 131072)


if __name__ == "__main__":
    unittest.main()
