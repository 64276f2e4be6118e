"""Writes the catalogue of provider situations: scripts/make-situations.py [--check]

registry/conformance/situations.json   what is asked, and the one outcome that every adapter must give
registry/conformance/wire-NAME.json    what each vendor's server sends in that situation, or why it never could

`sluice eval providers` and the fake servers of Tests/Providers read the same files; docs/evaluation.md describes them.
With --check nothing is written: status 1 when a file is not what this script makes. How a vendor's server speaks is
in vendor_wire.py; public reports about gateways that got a case wrong are named at the situation.
"""

import json
import os
import sys

from vendor_wire import (DIALECTS, ITEMS, MESSAGES, SCHEMA, TEXTS, UNICODE, USAGE, WORDS, Absent, answers, ask, compact,
                         data64, fails, reply, used, zipped)

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDER = os.path.join(ROOT, "registry", "conformance")
SITUATIONS = []
WIRES = {dialect.name: {} for dialect in DIALECTS}


def situation(id, about, expect, script, call="infer", request=None, reports=()):
    """`script` makes a dialect's script, or a reply to its one path, or raises Absent with the reason."""
    made = {"id": id, "about": about, "call": call, "request": request if request is not None else ask(),
            "expect": expect}
    if reports:
        made["reports"] = list(reports)
    SITUATIONS.append(made)
    for dialect in DIALECTS:
        try:
            found = script(dialect)
            if "exchanges" not in found and "connection" not in found:
                found = dialect.one(found, path=dialect.embedding_path if call == "embed" else None)
        except Absent as absent:
            found = {"absent": str(absent)}
        WIRES[dialect.name][id] = found


def document(text=WORDS, **more):
    return lambda d: reply(compact(d.document(text, **more)))


def finished(dialect, how):
    if how not in dialect.finishes:
        raise Absent("this protocol has no such end")
    return dialect.finishes[how]


def only(names, reason, script):
    """Only these protocols have it."""
    def choose(dialect):
        if dialect.name not in names:
            raise Absent(reason)
        return script(dialect)
    return choose


def no(reason):
    raise Absent(reason)


def around(text, *parts):
    """Parts in place of the first @@ of a text; the others go."""
    before, after = text.split("@@", 1)
    return [before] + list(parts) + [after.replace("@@", "")]


def broken_text(text):
    """Two bytes that are no UTF-8 in place of @@."""
    return around(text, data64(b"\xc3\x28\xff"))


def paused(events, milliseconds):
    return [part for event in events for part in (event, {"pause_ms": milliseconds})]


def unended(dialect):
    """All of a stream but what marks its end."""
    events = dialect.stream(WORDS, dialect.finishes["stop"])
    return events[:-1]


def no_choice(dialect):
    made = dialect.document(WORDS)
    made.update({"choices": []} if "choices" in made else {"output": []} if "output" in made else
                {"message": {}} if "message" in made else {"content": None})
    return made


STREAM = ask(stream=True)
PAGE = ("<!DOCTYPE html><html><head><title>%s</title></head><body><h1>error</h1><p>429 insufficient_quota 401"
        "</p><hr>proxy</body></html>")
SSE_ALONE = "newline-delimited JSON has no comments and no names of events"
CHATS = ("openai", "groq", "openai-compatible")
SSE = CHATS + ("openai-responses", "anthropic")

# --- answers -------------------------------------------------------------------------------------------------------

situation("answer.text", "A sentence.", answers(WORDS), document())
situation("answer.unicode", "Letters of many scripts, a joined emoji, quotes and a tab.", answers(UNICODE),
          document(UNICODE))
situation("answer.escaped", "The same with every letter outside ASCII as an escape.", answers(UNICODE),
          lambda d: reply(json.dumps(d.document(UNICODE))))
situation("answer.empty", "A text of no letters: an answer, whatever a stage makes of it.", answers(""), document(""))
situation("answer.stop_sequence", "A stop sequence ended it.", answers(WORDS),
          lambda d: reply(compact(d.document(WORDS, finished(d, "stop_sequence")))), request=ask(stop=["END"]))
situation("answer.length", "The limit of tokens ended it.", answers(WORDS, "length"),
          lambda d: reply(compact(d.document(WORDS, finished(d, "length")))))
situation("answer.context_end", "The model's window was full before the limit of tokens.", answers(WORDS, "length"),
          only(("anthropic",), "the end by the window is no end of its own there",
               lambda d: reply(compact(d.document(WORDS, "model_context_window_exceeded")))))
CACHED = used(2048, 7, cached=1024)
situation("answer.cached_tokens", "Half of the prompt came from the cache: counted once.", answers(WORDS, usage=CACHED),
          document(usage=CACHED))
WRITTEN = used(2048, 7, cached=512, writes=1024)
situation("answer.cache_writes", "A part was written into the cache: counted once.", answers(WORDS, usage=WRITTEN),
          document(usage=WRITTEN))
THOUGHT = used(21, 307, reasoning=300)
situation("answer.reasoning_tokens", "Reasoning is a part of the output: counted once.", answers(WORDS, usage=THOUGHT),
          document(usage=THOUGHT))
situation("answer.reasoning_text", "Reasoning beside the text is no text.", answers(WORDS),
          lambda d: reply(compact(d.thinking_document())))
situation("answer.parts", "The text comes in two parts of one message.", answers(WORDS), lambda d: reply(compact(
    d.document("", content=[{"type": "text", "text": WORDS[:10]}, {"type": "text", "text": WORDS[10:]}])
    if d.name == "anthropic" else d.document("", output=[d.message([d.part(WORDS[:10]), d.part(WORDS[10:])])])))
    if d.name in ("anthropic", "openai-responses") else no("a message is one text there"))
situation("answer.no_usage", "The server tells no usage.", answers(WORDS, usage=None),
          only(("openai-compatible", "ollama"), "it always tells its usage", document(usage=None)))
situation("answer.unknown_members", "Members that nobody knows yet, at every level.", answers(WORDS), lambda d: reply(
    compact(dict({"novelty": {"a": [1, None]}}, **d.document(WORDS)))))
situation("answer.white_space", "A document with white space and line ends in it, and one behind it.", answers(WORDS),
          lambda d: reply(json.dumps(d.document(WORDS), indent=2).replace("\n", "\r\n") + "\n\n"))
situation("answer.mark", "Behind a byte order mark.", answers(WORDS),
          lambda d: reply("\ufeff" + compact(d.document(WORDS))))
situation("answer.chunked", "In chunks of five bytes.", answers(WORDS),
          lambda d: reply(compact(d.document(WORDS)), framing="chunked", piece=5))
situation("answer.closed", "Without a length: the end of the connection ends it.", answers(WORDS),
          lambda d: reply(compact(d.document(WORDS)), framing="close"))
situation("answer.gzip", "Gzipped.", answers(WORDS), lambda d: zipped(document()(d)))
situation("answer.early_hints", "Behind 100 and 103.", answers(WORDS), lambda d: reply(compact(
    d.document(WORDS)), before=[[100, {}], [103, {"link": "</style.css>; rel=preload"}]]))
situation("answer.slow", "After a pause that every deadline allows.", answers(WORDS),
          lambda d: reply([{"pause_ms": 150}, compact(d.document(WORDS))]), request=ask(first_byte_ms=5000))
LONG = 40000
situation("answer.long", "A text of 240 kB.", answers({"repeat": "towns ", "times": LONG}), lambda d: reply(
    around(compact(d.document("@@")), {"repeat": "towns ", "times": LONG})))
situation("answer.type", "Called text/plain, as some proxies do.", answers(WORDS),
          lambda d: reply(compact(d.document(WORDS)), type="text/plain"))
situation("answer.schema", "JSON that satisfies the schema asked for.", answers('{"column":"second"}'),
          document('{"column":"second"}'), request=ask(schema=SCHEMA))
situation("answer.schema_broken", "JSON of another shape: the stage may ask anew.", fails("schema"),
          document('{"column":"third"}'), request=ask(schema=SCHEMA))
situation("answer.schema_prose", "Prose where JSON was asked for.", fails("schema"), document(WORDS),
          request=ask(schema=SCHEMA))
situation("answer.schema_cut", "JSON that the limit of tokens cut off.", fails("schema"), lambda d: reply(
    compact(d.document('{"column":"sec', finished(d, "length")))), request=ask(schema=SCHEMA))
PARAMETERS = {"temperature": 0.7, "top_p": 0.9, "stop": ["END", "STOP"], "max_tokens": 64, "seed": 7}
situation("answer.parameters", "Every parameter is asked for: each is accounted for.",
          answers(WORDS, parameters=sorted(PARAMETERS)), document(), request=ask(**PARAMETERS))
situation("answer.hot", "The highest temperature.", answers(WORDS, parameters=["temperature"]), document(),
          request=ask(temperature=2))
situation("answer.cold", "Temperature 0, which is not the same as none.", answers(WORDS, parameters=["temperature"]),
          document(), request=ask(temperature=0))
situation("answer.flex", "Served by the flex tier.", answers(WORDS, parameters=["tier"], tier="flex"),
          document(tier="flex"), request=ask(tier="flex"))
situation("answer.flex_elsewhere", "Flex is asked where there is none: an answer that says so.",
          answers(WORDS, parameters=["tier"]),
          only(("anthropic", "openai-compatible", "ollama"), "it has a flex tier", document()),
          request=ask(tier="flex"))
situation("answer.dialogue", "Several messages of both sides.", answers(WORDS), document(), request=ask(
    messages=MESSAGES + [{"role": "assistant", "text": "Say more."}, {"role": "user", "text": "One has codes."}]))
situation("answer.no_system", "No system message.", answers(WORDS), document(), request=ask(messages=MESSAGES[1:]))

# --- streams -------------------------------------------------------------------------------------------------------


def stream(text=WORDS, how="stop", usage=USAGE, **more):
    return lambda d: d.events(d.stream(text, finished(d, how), usage), **more)


situation("stream.text", "A sentence, word by word.", answers(WORDS), stream(), request=STREAM)
situation("stream.bytes", "One byte at a time: letters, names and line ends are split.", answers(UNICODE),
          stream(UNICODE, piece=1), request=STREAM)
situation("stream.sevens", "Seven bytes at a time.", answers(UNICODE), stream(UNICODE, piece=7), request=STREAM)
situation("stream.empty", "No text at all.", answers(""), stream(""), request=STREAM)
situation("stream.length", "The limit of tokens ended it.", answers(WORDS, "length"), stream(how="length"),
          request=STREAM)
situation("stream.stop_sequence", "A stop sequence ended it.", answers(WORDS), stream(how="stop_sequence"),
          request=ask(stream=True, stop=["END"]))
situation("stream.cached_tokens", "Usage with cached tokens.", answers(WORDS, usage=CACHED), stream(usage=CACHED),
          request=STREAM)
situation("stream.reasoning_tokens", "Usage with reasoning.", answers(WORDS, usage=THOUGHT), stream(usage=THOUGHT),
          request=STREAM)
situation("stream.no_usage", "The server tells no usage.", answers(WORDS, usage=None), only(
    ("openai-compatible", "ollama"), "it always tells its usage", stream(usage=None)), request=STREAM)
situation("stream.comments", "Comments keep the line open.", answers(WORDS), only(SSE, SSE_ALONE, lambda d: d.events(
    [": keep-alive\n\n"] + [e + ": OPENROUTER PROCESSING\n\n" for e in d.stream(WORDS, d.finishes["stop"])])),
    request=STREAM)
situation("stream.line_ends", "Carriage returns before line feeds.", answers(WORDS),
          lambda d: d.events([e.replace("\n", "\r\n") for e in d.stream(WORDS, d.finishes["stop"])]), request=STREAM)
situation("stream.mark", "Behind a byte order mark.", answers(WORDS),
          lambda d: d.events(["\ufeff"] + d.stream(WORDS, d.finishes["stop"])), request=STREAM)
situation("stream.fields", "Fields that no reader knows, and no blank behind colons.", answers(WORDS), only(
    SSE, SSE_ALONE, lambda d: d.events(["id: 1\nretry: 10\n" + e.replace("data: ", "data:").replace(
        "event: ", "event:") for e in d.stream(WORDS, d.finishes["stop"])])), request=STREAM)
situation("stream.pauses", "Pauses between events that every deadline allows.", answers(WORDS), lambda d: dict(
    d.events([]), body=paused(d.stream(WORDS, d.finishes["stop"]), 40)), request=ask(stream=True, stall_ms=5000))
situation("stream.gzip", "Gzipped.", answers(WORDS), lambda d: zipped(stream()(d)), request=STREAM)
situation("stream.closed", "Without chunks: the end of the connection, behind the end marker.", answers(WORDS),
          lambda d: dict(stream()(d), framing="close"), request=STREAM)
situation("stream.many", "Three hundred events.", answers("a" + " b" * 300), stream("a" + " b" * 300), request=STREAM)
situation("stream.unknown_event", "An event of a kind that nobody knows yet.", answers(WORDS), only(
    ("anthropic", "openai-responses"), "events have no kinds there", lambda d: d.events(
        d.start() + ['event: novelty\ndata: {"type":"novelty"}\n\n'] + d.stream(WORDS, d.finishes["stop"])[
            len(d.start()):])), request=STREAM)
situation("stream.document", "A whole document though a stream was asked for.", answers(WORDS), only(
    ("openai-compatible", "ollama"), "the vendor's own servers stream", document()), request=STREAM)
situation("stream.schema", "JSON that satisfies the schema asked for, streamed.", answers('{"column":"second"}'),
          stream('{"column":"second"}'), request=ask(stream=True, schema=SCHEMA))

# Streams that go wrong
situation("stream.no_end", "All events and no end marker: nobody can know that it was all.", fails("cut"),
          lambda d: d.events(unended(d)), request=STREAM)
situation("stream.only_start", "It ends behind the first words.", fails("cut"),
          lambda d: d.events(d.start() + d.text_events(WORDS)[:2]), request=STREAM)
situation("stream.nothing", "A stream without an event.", fails("cut"), lambda d: d.events([]), request=STREAM)
situation("stream.half_event", "It ends within an event.", fails("cut"),
          lambda d: d.events(["".join(d.stream(WORDS, d.finishes["stop"]))[:-40]]), request=STREAM)
situation("stream.reset", "The connection is reset behind the first words.", fails("reset"), lambda d: d.events(
    d.start() + d.text_events(WORDS)[:2], cut={"how": "reset"}), request=STREAM)
situation("stream.chunks_cut", "The connection ends within its chunks.", fails("reset"), lambda d: d.events(
    d.start() + d.text_events(WORDS)[:2], cut={"how": "close"}), request=STREAM)
situation("stream.stall", "Silence behind the first words, longer than the deadline.", fails("timeout"), lambda d: dict(
    d.events([]), body=d.start() + d.text_events(WORDS)[:2] + [{"hold": True}]), request=ask(stream=True, stall_ms=400))
situation("stream.first_byte", "A head, and no first byte in time.", fails("timeout"), lambda d: dict(
    d.events([]), body=[{"hold": True}]), request=ask(stream=True, first_byte_ms=400))
situation("stream.two_starts", "The start twice: two answers, nobody knows which.", fails("protocol"), only(
    ("anthropic", "openai-responses"), "no event starts an answer there", lambda d: d.events(
        d.start()[:1] + d.stream(WORDS, d.finishes["stop"]))), request=STREAM)
situation("stream.garbage", "An event that is no JSON.", fails("unreadable"), lambda d: d.events(
    d.start() + d.text_events(WORDS)[:2] + [{"ollama": "{oops}\n"}.get(
        d.name, "event: content_block_delta\ndata: {oops}\n\n" if d.name == "anthropic" else "data: {oops}\n\n")]
    + d.text_events("x") + d.end()), request=STREAM)
situation("stream.invalid_utf8", "Bytes that are no text within a word.", fails("unreadable"), lambda d: dict(
    d.events([]), body=broken_text("".join(d.stream("@@ towns", d.finishes["stop"])))), request=STREAM)
situation("stream.page", "A page of HTML with status 200 in place of a stream.", fails("unreadable"),
          lambda d: reply(PAGE % "Welcome", type="text/html"), request=STREAM)
for kind, reason in (("unavailable", None), ("rate", "rate_limit"), ("server", "server_error"), ("quota",
                                                                                                "insufficient_quota")):
    expect = fails(reason or "overloaded")
    situation("stream.error_first." + kind, "Status 200, and the first event is an error.", expect,
              lambda d, kind=kind: d.events(d.error_event(kind)), request=STREAM)
    situation("stream.error_later." + kind, "An error behind the first words.", expect,
              lambda d, kind=kind: d.events(d.start() + d.text_events(WORDS)[:2] + d.error_event(kind)), request=STREAM)
situation("stream.error_then_end", "An error, and the end marker behind it all the same.", fails("server_error"),
          lambda d: d.events(d.start() + d.text_events(WORDS)[:2] + d.error_event("server") + d.end()), request=STREAM)
situation("stream.refusal", "The model refuses.", fails("refusal"), lambda d: d.events(d.refusal_stream()),
          request=STREAM, reports=["Portkey's gateway maps `refusal` to `stop`"])
situation("stream.filtered", "A filter stops it behind the first words.", fails("content_filter"),
          lambda d: d.events(d.filtered_stream(WORDS[:10])), request=STREAM)
situation("stream.filtered_first", "A filter stops it before a word.", fails("content_filter"),
          lambda d: d.events(d.filtered_stream("")), request=STREAM)

# --- errors by status ----------------------------------------------------------------------------------------------


def error(kind, reason, about, retry_after_ms=None, id=None, headers=None, request=None, reports=(), status=None):
    situation("error." + (id or kind), about, fails(reason, retry_after_ms),
              lambda d: d.error_reply(kind, status, headers), request=request, reports=reports)


error("invalid_key", "authentication", "The key is wrong.")
error("revoked_key", "authentication", "The key was revoked, or its account closed.")
error("no_key_sent", "authentication", "The server saw no key.")
error("forbidden", "permission", "The key may not do this.")
error("on_hold", "permission", "The vendor disabled the organization; the status is 400.")
error("no_model", "model_not_found", "The server has no such model.")
error("no_model_400", "model_not_found", "No such model, said with another status or other words.")
error("gone", "model_not_found", "The model was shut down.")
error("bad_request", "bad_request", "The request is wrong.", reports=["TensorZero retries 400s"])
error("context", "context_overflow", "The prompt is longer than the model's window.")
error("too_large", "too_large", "The request has too many bytes.")
error("too_large_tokens", "too_large", "More tokens than the whole limit of a minute: it never passes.",
      reports=["aider issue 1880: asked again and again", "gpt-researcher issue 985: a 413 with the code of a rate limit"])
error("not_supported", "bad_request", "501: the server was started without it.")
error("context_full", "context_overflow", "500: the context was full within the answer.")
error("broken_model", "model_load", "The server cannot load this model; others it can.", reports=["Ollama issue 10930"])
error("unprocessable", "bad_request", "422.")
error("conflict", "conflict", "409: the clients of the vendors ask again.")
error("timeout", "timeout", "408.")
error("gateway_timeout", "timeout", "504.")
error("server", "server_error", "500.")
error("unavailable", "overloaded", "503, or Anthropic's 529.")
error("rate", "rate_limit", "A rate limit, without a time.")
error("rate_tokens", "rate_limit", "A limit of tokens whose message has the digits 403 in it.",
      reports=["LiteLLM issue 34954: digits in a message were read as a status"])
error("rate", "rate_limit", "Retry-After in seconds.", 7000, id="rate_seconds", headers={"retry-after": "7"})
error("rate", "rate_limit", "Retry-After as a date.", 90000, id="rate_date", headers={"retry-after": "{date+90}"})
error("rate", "rate_limit", "retry-after-ms.", 250, id="rate_ms", headers={"retry-after-ms": "250"})
error("rate", "rate_limit", "Both: the finer one counts.", 1500, id="rate_both",
      headers={"retry-after": "2", "retry-after-ms": "1500"})
error("rate", "rate_limit", "Retry-After that is no time.", id="rate_nonsense", headers={"retry-after": "soon"})
error("server", "server_error", "500 with Retry-After.", 3000, id="server_seconds", headers={"retry-after": "3"})
error("unavailable", "overloaded", "503 or 529 with Retry-After.", 3000, id="unavailable_seconds",
      headers={"retry-after": "3"})
error("slow_down", "slow_down", "The rate rose too quickly.")
error("slow_down_503", "slow_down", "The same as a 503.")
error("flex", "flex_capacity", "The flex tier is full: this lane alone.", request=ask(tier="flex"))
error("busy", "server_busy", "The server's queue is full.")
error("loading", "overloaded", "The server still loads the model.")
error("quota", "insufficient_quota", "No quota left: a 429 that is no rate limit.",
      reports=["LiteLLM maps it to RateLimitError (pull request 32798)", "Vercel's AI SDK retries it",
               "langchainjs issue 1929"])
error("quota", "insufficient_quota", "No quota left, with a Retry-After that helps nobody.", id="quota_seconds",
      headers={"retry-after": "7"}, retry_after_ms=7000)
error("quota_credit", "insufficient_quota", "The prepaid credit is used up.")
error("quota_spend", "insufficient_quota", "The spend limit that the organization set.")
error("quota_project", "insufficient_quota", "The spend limit of a project or workspace.")
error("quota_usage", "insufficient_quota", "The limit that the vendor set.")
error("quota_402", "insufficient_quota", "402.")
error("quota_phrase", "insufficient_quota", "429 whose words alone tell that it is the quota.")
error("billing_hard_limit", "insufficient_quota", "400 whose code is the hard limit of the bill.")
error("filtered", "content_filter", "A filter refused the prompt.")
error("invalid_prompt", "content_filter", "A filter refused the prompt, by another code.")

for status, reason in ((401, "authentication"), (403, "permission"), (404, "model_not_found"), (429, "rate_limit"),
                       (500, "server_error"), (502, "server_error"), (503, "overloaded"), (504, "timeout"),
                       (520, "server_error"), (524, "timeout")):
    situation("page.%d" % status, "%d with a page of HTML, as proxies send it; its words count for nothing." % status,
              fails(reason), lambda d, status=status: reply(PAGE % status, status, "text/html"))
for status, reason in ((400, "bad_request"), (401, "authentication"), (402, "insufficient_quota"), (405, "bad_request"),
                       (408, "timeout"), (409, "conflict"), (410, "model_not_found"), (413, "too_large"),
                       (415, "bad_request"), (418, "bad_request"), (422, "bad_request"), (429, "rate_limit"),
                       (500, "server_error"), (501, "server_error"), (503, "overloaded"), (529, "overloaded")):
    situation("bare.%d" % status, "%d without a body." % status, fails(reason),
              lambda d, status=status: reply("", status, None))
situation("bare.499", "499: a proxy says that the client went, which it did not.", fails("bad_request"),
          lambda d: reply("", 499, None))
situation("error.half", "401 whose JSON breaks off.", fails("authentication"), lambda d: reply(
    compact(d.error_body(d.errors("invalid_key")))[:-12], 401))
situation("error.text", "429 with a line of text.", fails("rate_limit"),
          lambda d: reply("Too Many Requests", 429, "text/plain"))
situation("error.string", "`error` is a text in place of an object.", fails("rate_limit"),
          lambda d: reply('{"error":"Too many requests"}', 429))
situation("error.array", "The error is within an array.", fails("server_error"),
          lambda d: reply('[{"error":{"message":"boom"}}]', 500))
situation("error.gzip", "A rate limit, gzipped.", fails("rate_limit"), lambda d: zipped(d.error_reply("rate")))
situation("error.echo", "400 that repeats the prompt: nothing of it may be told.", fails("bad_request"),
          lambda d: reply(compact(d.error_body(d.errors("bad_request")[:3] + (MESSAGES[1]["text"],))), 400))

# --- 200 that is no answer -----------------------------------------------------------------------------------------

situation("in_band.rate", "200 whose body is an error: a rate limit.", fails("rate_limit"),
          lambda d: d.error_reply("rate", 200), reports=["LiteLLM issue 8448: read as an empty answer"])
situation("in_band.quota", "200 whose body is an error: no quota left.", fails("insufficient_quota"),
          lambda d: d.error_reply("quota", 200))
situation("in_band.server", "200 whose body is an error of the server's.", fails("server_error"),
          lambda d: d.error_reply("server", 200))
situation("in_band.key", "200 whose body says that the key is wrong.", fails("authentication"),
          lambda d: d.error_reply("invalid_key", 200))
situation("in_band.failed", "200 with a response that failed.", fails("server_error"), only(
    ("openai-responses",), "no answer has a status there", lambda d: reply(compact(d.response(
        [], "failed", error={"code": "server_error", "message": "The model failed to generate a response."})))))
situation("in_band.failed_rate", "200 with a response that failed by a rate limit.", fails("rate_limit"), only(
    ("openai-responses",), "no answer has a status there", lambda d: reply(compact(d.response(
        [], "failed", error={"code": "rate_limit_exceeded", "message": "Rate limit reached."})))))
situation("refusal", "The model refuses.", fails("refusal"), lambda d: reply(compact(d.refusal())),
          reports=["Portkey's gateway maps `refusal` to `stop`"])
situation("filtered.before", "A filter stopped it before a word.", fails("content_filter"),
          lambda d: reply(compact(d.filtered(""))))
situation("filtered.after", "A filter stopped it within the text.", fails("content_filter"),
          lambda d: reply(compact(d.filtered(WORDS[:10]))))
situation("tool_call", "A call of a tool though none was offered.", fails("tool_call"),
          lambda d: reply(compact(d.tool_call())))
situation("truncated_prompt", "The server cut the prompt without a word: its count is a fraction of ours.",
          fails("truncated"), only(("openai-compatible", "ollama"), "it refuses what does not fit",
                                   document(usage=used(2048, 7))),
          request=ask(prompt_tokens=9000, context_tokens=2048))
BAD = (("page", "A page of HTML.", lambda d: reply(PAGE % "Sign in", type="text/html")),
       ("empty", "No body.", lambda d: reply("")),
       ("no_content", "204.", lambda d: reply("", 204, None)),
       ("half", "JSON that breaks off, though its length is right.",
        lambda d: reply(compact(d.document(WORDS))[:-20])),
       ("twice", "Two documents.", lambda d: reply(compact(d.document(WORDS)) * 2)),
       ("invalid_utf8", "Bytes that are no text within the text.",
        lambda d: reply(broken_text(compact(d.document("@@ towns"))))),
       ("deep", "Ten thousand arrays within one another.", lambda d: reply([
           {"repeat": "[", "times": 10000}, {"repeat": "]", "times": 10000}])),
       ("deep_member", "A member with ten thousand arrays beside a good answer.", lambda d: reply(
           around(compact(dict(d.document(WORDS), novelty="@@")).replace('"@@"', "@@"), {"repeat": "[", "times": 10000},
                  {"repeat": "]", "times": 10000}))),
       ("many", "A member with more than two million values beside a good answer.", lambda d: reply(
           around(compact(dict(d.document(WORDS), novelty="@@")).replace('"@@"', "@@"), "[",
                  {"repeat": "0," * 512, "times": 4200}, "0]"))),
       ("array", "An array in place of an object.", lambda d: reply(compact([d.document(WORDS)]))),
       ("null", "null.", lambda d: reply("null")),
       ("object", "An object with nothing in it.", lambda d: reply("{}")),
       ("types", "Every member of another type.", lambda d: reply(compact(
           {key: 17 if isinstance(value, (list, dict, str)) else "x" for key, value in d.document(WORDS).items()}))),
       ("no_choice", "No text anywhere: the list is empty.", lambda d: reply(compact(no_choice(d)))))
for name, about, script in BAD:
    situation("unreadable." + name, "200: " + about, fails("unreadable"), script)
situation("huge", "More bytes than the endpoint may send.", fails("answer_size"), lambda d: reply(
    [{"repeat": "x" * 1024, "times": 17 * 1024}], framing="close"))

# --- the connection ------------------------------------------------------------------------------------------------

situation("connection.refused", "Nobody listens.", fails("unreachable"), lambda d: {"connection": "refused"})
situation("connection.name", "The name of the host leads nowhere.", fails("unreachable"),
          lambda d: {"connection": "unknown_name"})
situation("connection.tls", "TLS to a server that speaks none.", fails("tls"), lambda d: {"connection": "tls"})
situation("connection.no_key", "The key's variable is not set: nothing is sent.", fails("credential_missing"), only(
    ("openai", "openai-responses", "anthropic", "groq"), "no key is needed", lambda d: {"connection": "no_key"}))
for id, about, reason, answer in (
        ("silent", "No head in time.", "timeout", {"connection": "silent"}),
        ("closed", "It ends before the head.", "reset", {"connection": "closed"}),
        ("reset", "It is reset before the head.", "reset", {"connection": "reset"}),
        ("garbage", "Something that is no HTTP.", "unreachable", {"connection": "garbage"})):
    situation("connection." + id, about, fails(reason), lambda d, answer=answer: answer,
              request=ask(first_byte_ms=400) if id == "silent" else None)
situation("connection.reset_body", "It is reset within a counted body.", fails("reset"), lambda d: dict(
    document()(d), cut={"after": 60, "how": "reset"}))
situation("connection.short_body", "It ends within a counted body.", fails("reset"), lambda d: dict(
    document()(d), cut={"after": 60, "how": "close"}))
situation("connection.last_byte", "It ends before the last byte of a counted body that is whole JSON.", fails("reset"),
          lambda d: dict(document()(d), cut={"how": "close"}))
situation("connection.loris", "One byte now and then, slower than the deadline between two.", fails("timeout"),
          lambda d: reply([part for byte in compact(d.document(WORDS))[:5] for part in (byte, {"pause_ms": 900})]),
          request=ask(stall_ms=300))
situation("connection.redirect", "A redirect to a host that is on no list.", fails("egress_denied"),
          lambda d: reply("", 307, None, {"location": "http://elsewhere.invalid/v1"}))

# --- embeddings ----------------------------------------------------------------------------------------------------

NO_EMBEDDINGS = "it has no embeddings"


def embedding(id, about, expect, vectors, order=None, raw=None):
    def script(d):
        if not d.embedding_path or d.name == "openai-responses":
            raise Absent(NO_EMBEDDINGS)
        text = compact(d.vectors(vectors, order))
        return reply(raw(text) if raw else text)
    situation("embed." + id, about, expect, script, call="embed", request={"texts": TEXTS})


PAIR = [[0.5, -0.25, 1], [0.125, 0, -1]]
VECTORS = {"outcome": "answer", "vectors": PAIR}
embedding("good", "Two vectors.", VECTORS, PAIR)
embedding("shuffled", "Two vectors, the second first, each with its index.", VECTORS, PAIR, order=[1, 0])
embedding("few", "One vector for two texts.", fails("unreadable"), PAIR[:1])
embedding("many", "Three vectors for two texts.", fails("unreadable"), PAIR + PAIR[:1])
embedding("uneven", "Vectors of two lengths.", fails("unreadable"), [[1, 0, 0], [1, 0]])
embedding("none", "Vectors of no numbers.", fails("unreadable"), [[], []])
embedding("nan", "NaN, which is no JSON.", fails("unreadable"), PAIR, raw=lambda text: text.replace("0.5", "NaN"))
embedding("beyond", "A number that no float holds.", fails("unreadable"), PAIR,
          raw=lambda text: text.replace("0.5", "1e999"))
embedding("words", "A text among the numbers.", fails("unreadable"), [["0.5", -0.25, 1], [0.125, 0, -1]])
for kind, reason in (("rate", "rate_limit"), ("invalid_key", "authentication"), ("no_model", "model_not_found"),
                     ("quota", "insufficient_quota"), ("server", "server_error")):
    def refuses(d, kind=kind):
        if not d.embedding_path or d.name == "openai-responses":
            raise Absent(NO_EMBEDDINGS)
        return d.error_reply(kind)
    situation("embed." + kind, "The server's error, asked for vectors.", fails(reason), refuses, call="embed",
              request={"texts": TEXTS})

# --- batches -------------------------------------------------------------------------------------------------------


def batch(id, about, expect, state="done", lines=None, reports=(), **more):
    def script(d):
        if not d.batches:
            raise Absent("it has no batches" if d.name != "openai-responses" else "its batches are those of openai")
        return d.batch_script(state, lines(d) if lines else None, **{
            name: make(d) for name, make in more.items()})
    situation("batch." + id, about, expect, script, call="batch", reports=reports,
              request={"items": [{"id": item, "request": ask()} for item in ITEMS]})


def results(state="done", **outcomes):
    return {"outcome": "batch", "state": state, "results": {key.replace("_", "-"): value for key, value in
                                                            outcomes.items()}}


GOOD = results(item_1="answer", item_2="answer", item_3="answer")
batch("good", "Three results.", GOOD, lines=lambda d: [d.item(item) for item in ITEMS])
batch("shuffled", "Three results, the last first.", GOOD, lines=lambda d: [d.item(item) for item in reversed(ITEMS)])
batch("running", "It is not done yet.", results("running"), "running")
batch("missing", "One result does not come.", results(item_1="answer", item_3="answer"),
      lines=lambda d: [d.item("item-1"), d.item("item-3")])
batch("twice", "One id comes twice: nobody knows which.", fails("protocol"),
      lines=lambda d: [d.item(item) for item in ITEMS + ["item-2"]])
batch("stranger", "A result under an id that nobody handed in.", results(
    item_1="answer", item_2="answer", item_3="answer", stranger="answer"),
    lines=lambda d: [d.item(item) for item in ITEMS + ["stranger"]])
batch("one_fails", "One request is wrong.", results(
    item_1="answer", item_2="DETERMINISTIC_FAILURE", item_3="answer"),
    lines=lambda d: [d.item("item-1"), d.failed_item("item-2"), d.item("item-3")])
batch("expired", "It ran out of time behind the first.", results(
    "expired", item_1="answer", item_2="TIMEOUT", item_3="TIMEOUT"), "expired",
    lines=lambda d: [d.item("item-1"), d.expired_item("item-2"), d.expired_item("item-3")])
batch("cancelled", "It was cancelled behind the first.", results(
    "cancelled", item_1="answer", item_2="TRANSIENT_ERROR", item_3="TRANSIENT_ERROR"), "cancelled",
    lines=lambda d: [d.item("item-1"), d.cancelled_item("item-2"), d.cancelled_item("item-3")])
batch("failed", "The batch fails as a whole.", dict(results("failed"), failure=fails("batch_failed")),
      "failed")
batch("no_errors", "The file of errors is named, and has no name.", GOOD, lines=lambda d: [d.item(item) for item in ITEMS],
      more=lambda d: {"error_file_id": ""} if d.name != "anthropic" else no("its results are one document"))
batch("gone", "The server does not know the batch that it has made.", fails("batch_missing"),
      account=lambda d: d.error_reply("no_batch"), reports=["anthropic-sdk-python issue 1432: 404 of a fresh batch"])
batch("unreadable", "A line of the results is no JSON.", fails("unreadable"), raw=lambda d: "{oops}\n")
for kind, reason in (("rate", "rate_limit"), ("quota", "insufficient_quota"), ("invalid_key", "authentication"),
                     ("server", "server_error")):
    batch("submit_" + kind, "It cannot be handed in.", fails(reason), submit=lambda d, kind=kind: d.error_reply(kind))


# --- files ---------------------------------------------------------------------------------------------------------


def lines_of(key, entries, head):
    """JSON with one entry a line: a change shows as the line that changed."""
    rows = ",\n".join(compact(entry) if key == "situations" else compact(entry[0]) + ":" + compact(entry[1])
                      for entry in entries)
    opens, closes = "[]" if key == "situations" else "{}"
    return compact(head)[:-1] + "," + compact(key) + ":" + opens + "\n" + rows + "\n" + closes + "}\n"


def files():
    made = {"situations.json": lines_of("situations", SITUATIONS, {"version": 1})}
    for dialect in DIALECTS:
        head = {"version": 1, "protocol": dialect.name, "plugin": dialect.plugin, "config": dialect.config, "model": dialect.model,
                "embedding_model": getattr(dialect, "embedding_model", dialect.model)}
        made["wire-%s.json" % dialect.name] = lines_of("scripts", WIRES[dialect.name].items(), head)
    return made


def main():
    ids = [made["id"] for made in SITUATIONS]
    assert len(ids) == len(set(ids)), "an id is used twice"
    stale = []
    for name, text in files().items():
        path = os.path.join(FOLDER, name)
        json.loads(text)
        assert len(text.encode()) < 1 << 20, name
        if "--check" in sys.argv[1:]:
            if not os.path.exists(path) or open(path, encoding="utf-8").read() != text:
                stale.append(name)
            continue
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    for name in stale:
        print("registry/conformance/%s is not what scripts/make-situations.py makes" % name, file=sys.stderr)
    absent = sum("absent" in script for scripts in WIRES.values() for script in scripts.values())
    print("%d situations, %d scripts, %d not expressible" % (len(ids), len(ids) * len(WIRES) - absent, absent))
    return 1 if stale else 0


sys.exit(main())
