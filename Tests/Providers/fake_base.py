"""What the fake servers of model providers have in common: HTTP, scripts of the catalogue, state, a record, a bill.

A fake is proven by its vendor's own Python client (test_vendors.py). It answers deterministically: the same requests give
the same bytes, whatever the time. Standard library only.

    python3 fake_openai.py [--port N] [--record FILE] [--key KEY]

prints one line of JSON, {"port": N}, and serves until its parent ends. Each request is a line of FILE, written before
it is answered: {"method","path","headers","body","situation"}; credentials are left out of it, and whether one came
stands as "credential": true.

POST /_fake sets what comes next, as a JSON object of any of
    situation   id of registry/conformance that requests meet; null for ordinary answers
    times       so many requests meet it, then ordinary answers come again
    latency_ms  before every head
    rate_limit  so many requests pass, and every further one is refused with the vendor's 429
    cut_after   bytes of a body after which the connection is reset, once for each of `times`
GET /_fake gives {"requests": [...], "bill": {"usd","unpriced","calls","input","output"}}; DELETE /_fake forgets all.
"""

import argparse
import asyncio
import base64
import email.utils
import hashlib
import json
import os
import re
import select
import threading
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
REGISTRY = os.path.join(ROOT, "registry")
CREATED = 1790000000
HIDDEN = ("authorization", "x-api-key")
# Of replies and scripts: no real clock counts.
REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}


def tokens(text):
    """A count that stands for a vendor's: words and signs, as near as a fake needs."""
    return len(re.findall(r"\w+|[^\w\s]", text))


def vector(text, dimensions=8):
    """Numbers that depend on the text alone, of length 1."""
    raw = [byte - 127.5 for byte in hashlib.sha256(text.encode()).digest()[:dimensions]]
    length = sum(value * value for value in raw) ** 0.5
    return [round(value / length, 6) for value in raw]


def fill(schema):
    """The plainest JSON that satisfies a schema."""
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    for form in ("anyOf", "oneOf"):
        if form in schema:
            return fill(schema[form][0])
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        named = schema.get("required", list(schema.get("properties", {})))
        return {key: fill(schema["properties"][key]) for key in named}
    if kind == "array":
        return [fill(schema.get("items", {"type": "string"})) for _ in range(schema.get("minItems", 1))]
    return {"string": "text", "integer": int(schema.get("minimum", 1)), "number": schema.get("minimum", 0.5),
            "boolean": True, "null": None}[kind]


class Refusal(Exception):
    """A reply that is an error of the vendor's."""

    def __init__(self, status, document, headers=()):
        super().__init__(status)
        self.status, self.document, self.headers = status, document, dict(headers)


class Request:
    def __init__(self, method, target, headers, body):
        parts = urllib.parse.urlsplit(target)
        self.method, self.path, self.target = method, parts.path, target
        self.query = dict(urllib.parse.parse_qsl(parts.query))
        self.headers, self.body = headers, body

    @property
    def json(self):
        return json.loads(self.body or b"{}")

    def form(self):
        """The fields of multipart/form-data: name -> (file name, bytes)."""
        kind = self.headers.get("content-type", "")
        found = re.search(r'boundary="?([^";]+)', kind)
        fields = {}
        for part in self.body.split(b"--" + found.group(1).encode())[1:-1]:
            head, _, content = part.partition(b"\r\n\r\n")
            name = re.search(rb'name="([^"]*)"', head).group(1).decode()
            file = re.search(rb'filename="([^"]*)"', head)
            fields[name] = (file and file.group(1).decode(), content[:-2])
        return fields


class Reply:
    """Bytes of a body in the pieces in which they are written."""

    def __init__(self, document=None, status=200, headers=(), pieces=None, kind="application/json"):
        self.status, self.headers = status, dict({"content-type": kind}, **dict(headers))
        self.pieces = pieces if pieces is not None else [json.dumps(document, ensure_ascii=False).encode()]
        self.streams = pieces is not None


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


class Bill:
    """What the requests would have cost, by registry/models; a price that is not known is not zero."""

    def __init__(self, provider):
        self.prices = {}
        path = os.path.join(REGISTRY, "models", provider + ".json")
        if os.path.exists(path):
            for model in load(path)["models"]:
                for name in [model["id"]] + model.get("aliases", []):
                    self.prices[name] = model.get("cost") or {}
        self.clear()

    def clear(self):
        self.lines = []

    def add(self, model, usage, lane="standard"):
        """`usage`: input, cached_input, cache_writes, output, each token once; lane: standard, flex or batch."""
        prices = self.prices.get(model, {})

        def price(kind):
            special = prices.get("%s_%s" % (lane, kind)) if lane != "standard" else None
            return prices.get(kind) if special is None else special
        parts = [("input", usage["input"] - usage.get("cached_input", 0) - usage.get("cache_writes", 0), "input"),
                 ("cached_input", usage.get("cached_input", 0), "cached_input"),
                 ("cache_write", usage.get("cache_writes", 0), "cache_write"), ("output", usage["output"], "output")]
        cost = 0.0
        for name, count, kind in parts:
            if not count:
                continue
            rate = prices.get(name) if name in ("cached_input", "cache_write") else price(kind)
            if rate is None:
                cost = None
                break
            cost += count * rate / 1e6
        self.lines.append({"model": model, "lane": lane, "usage": usage, "usd": cost})

    @property
    def json(self):
        priced = [line["usd"] for line in self.lines if line["usd"] is not None]
        return {"usd": round(sum(priced), 9), "unpriced": len(self.lines) - len(priced), "calls": len(self.lines),
                "input": sum(line["usage"]["input"] for line in self.lines),
                "output": sum(line["usage"]["output"] for line in self.lines)}


class Fake:
    """One vendor's server. Subclasses say what its paths answer; `routes` maps (method, pattern) to a method's name."""
    protocol = provider = ""
    routes = []
    models = []

    def __init__(self, key=None, record=None):
        self.key, self.record_path = key, record
        self.wire = load(os.path.join(REGISTRY, "conformance", "wire-%s.json" % self.protocol))
        self.models = list(dict.fromkeys([self.wire["model"], self.wire["embedding_model"]] + self.models))
        self.bill = Bill(self.provider)
        self.port = None
        self.forget()

    def forget(self):
        self.requests, self.files, self.batches, self.counter = [], {}, {}, 0
        self.situation, self.times, self.latency, self.allowance, self.cut = None, None, 0, None, None
        self.bill.clear()

    def number(self, prefix):
        self.counter += 1
        return "%s%d" % (prefix, self.counter)

    # What vendors differ in
    def refused(self, status, kind, message, code=None, headers=()):
        raise NotImplementedError

    def credential(self, request):
        """The key that came, or None."""
        return request.headers.get("authorization", "").removeprefix("Bearer ") or None

    def check_model(self, name):
        if name not in self.models:
            raise self.refused(404, "model", "The model `%s` does not exist or you do not have access to it." % name)

    # Answers
    def answer(self, request):
        if self.key is not None and self.credential(request) != self.key:
            raise self.refused(401, "key", "Incorrect API key provided.")
        if self.allowance is not None:
            self.allowance -= 1
            if self.allowance < 0:
                raise self.refused(429, "rate", "Rate limit reached.", headers={"retry-after": "1"})
        for method, pattern, name in self.routes:
            found = re.fullmatch(pattern, request.path)
            if found and method == request.method:
                return getattr(self, name)(request, *found.groups())
        raise self.refused(404, "path", "Unknown request URL: %s %s." % (request.method, request.path))

    def text_of(self, messages):
        """What a completion says: it depends on what was asked, and on nothing else."""
        asked = messages[-1]["content"] if messages else ""
        if isinstance(asked, list):
            asked = "".join(part.get("text", "") for part in asked)
        return "You said %d words: %s" % (len(asked.split()), asked[:60])

    def complete(self, messages, schema=None, stop=None, limit=None):
        """(text, finish, usage) of a completion; finish is stop, stop_sequence or length."""
        text = json.dumps(fill(schema)) if schema else self.text_of(messages)
        finish = "stop"
        for word in stop or []:
            if word and word in text:
                text, finish = text[:text.index(word)], "stop_sequence"
        parts = re.findall(r"\s*\S+", text)
        if limit is not None and len(parts) > limit:
            text, finish = "".join(parts[:limit]), "length"
        asked = " ".join(message["content"] if isinstance(message["content"], str) else
                         json.dumps(message["content"]) for message in messages)
        return text, finish, {"input": tokens(asked), "output": tokens(text)}

    def paged(self, items):
        return {"object": "list", "data": items, "has_more": False}

    # Scripts
    def scripted(self, request):
        """The exchange that the current situation has for a request; None for an ordinary answer."""
        if self.situation is None:
            return None
        script = self.wire["scripts"][self.situation]
        found = None
        if "connection" in script:
            found = script
        for exchange in script.get("exchanges", []):
            if exchange["method"] == request.method and exchange["path"] == request.path:
                found = exchange
        if found is not None and self.times is not None:
            self.times -= 1
            if self.times <= 0:
                self.situation = self.times = None
        return found

    def control(self, request):
        if request.method == "DELETE":
            self.forget()
        elif request.method == "POST":
            asked = request.json
            if asked.get("situation") is not None and "absent" in self.wire["scripts"][asked["situation"]]:
                return Reply({"error": "not expressible: " + self.wire["scripts"][asked["situation"]]["absent"]}, 409)
            self.situation = asked.get("situation", self.situation)
            self.times = asked.get("times", self.times)
            self.latency = asked.get("latency_ms", self.latency) or 0
            self.allowance = asked.get("rate_limit", self.allowance)
            self.cut = asked.get("cut_after", self.cut)
        return Reply({"requests": self.requests, "bill": self.bill.json})

    def note(self, request):
        entry = {"method": request.method, "path": request.target, "headers": [
            [name, value] for name, value in request.headers.items() if name not in HIDDEN],
            "credential": self.credential(request) is not None, "body": request.body.decode("utf-8", "replace"),
            "situation": self.situation}
        self.requests.append(entry)
        if self.record_path:
            with open(self.record_path, "a", encoding="utf-8") as file:
                file.write(json.dumps(entry, ensure_ascii=False) + "\n")

    # HTTP
    async def serve(self, reader, writer):
        try:
            while await self.exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def exchange(self, reader, writer):
        """One request; whether the connection lives on."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return False
        lines = head.decode("latin-1").split("\r\n")
        method, target = lines[0].split(" ")[:2]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:-2])}
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = b""
            while size := int((await reader.readline()).split(b";")[0], 16):
                body += await reader.readexactly(size)
                await reader.readline()
            await reader.readline()
        else:
            body = await reader.readexactly(int(headers.get("content-length", "0")))
        request = Request(method, target, headers, body)
        if request.path == "/_fake":
            return await self.send(writer, self.control(request))
        self.note(request)
        if self.latency:
            await asyncio.sleep(self.latency / 1000)
        script = self.scripted(request)
        if script is not None:
            await play(script, reader, writer)
            return False
        try:
            reply = self.answer(request)
        except Refusal as refusal:
            reply = Reply(refusal.document, refusal.status, refusal.headers)
        return await self.send(writer, reply)

    async def send(self, writer, reply):
        reason = REASONS.get(reply.status, "X")
        head = ["HTTP/1.1 %d %s" % (reply.status, reason)] + ["%s: %s" % item for item in reply.headers.items()]
        head.append("transfer-encoding: chunked" if reply.streams else
                    "content-length: %d" % sum(map(len, reply.pieces)))
        writer.write("\r\n".join(head).encode("latin-1") + b"\r\n\r\n")
        left = self.cut
        for piece in reply.pieces:
            if left is not None:
                piece, left = piece[:left], left - len(piece)
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece) if reply.streams and piece else piece)
            await writer.drain()
            if left is not None and left <= 0:
                self.cut = None
                reset(writer)
                return False
        if reply.streams:
            writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True

    async def listen(self, port=0):
        server = await asyncio.start_server(self.serve, "127.0.0.1", port, limit=1 << 26)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def start(self):
        """Serves from a thread of its own until the program ends; the port."""
        ready = threading.Event()

        def run():
            async def main():
                server = await self.listen()
                ready.set()
                async with server:
                    await server.serve_forever()
            asyncio.run(main())
        threading.Thread(target=run, daemon=True).start()
        ready.wait()
        return self.port


def reset(writer):
    """Ends a connection by RST."""
    import socket
    import struct
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def part_bytes(part):
    if isinstance(part, str):
        return part.encode()
    if "base64" in part:
        return base64.b64decode(part["base64"])
    return part["repeat"].encode() * part["times"] if "repeat" in part else b""


async def play(script, reader, writer):
    """Does what a script of the catalogue says (docs/evaluation.md); Host/Conformance/SituationScript.swift's twin."""
    connection = script.get("connection")
    if connection:
        if connection == "silent":
            await reader.read(1)
        elif connection == "reset":
            reset(writer)
        elif connection == "garbage":
            writer.write(b"\x00\x01SSH-2.0-what\r\n\r\n")
        return
    for status, headers in script.get("before", []):
        writer.write(head_bytes(status, headers, []))
    parts, cut, framing = script["body"], script.get("cut"), script.get("framing", "length")
    total = sum(len(part_bytes(part)) for part in parts)
    left = cut.get("after", total) if cut else total
    announced = total + 1 if cut and "after" not in cut else total
    more = ["connection: close"]
    if framing == "chunked":
        more.append("transfer-encoding: chunked")
    elif framing == "length" and script["status"] != 204:
        more.append("content-length: %d" % announced)
    writer.write(head_bytes(script["status"], script["headers"], more))
    for part in parts:
        if isinstance(part, dict) and "pause_ms" in part:
            await writer.drain()
            await asyncio.sleep(part["pause_ms"] / 1000)
            continue
        if isinstance(part, dict) and "hold" in part:
            await writer.drain()
            await reader.read(1)
            return
        data = part_bytes(part)[:left]
        left -= len(data)
        size = script.get("piece", max(1, len(data)))
        for at in range(0, len(data), size):
            piece = data[at:at + size]
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece) if framing == "chunked" else piece)
            await writer.drain()
    if cut and cut["how"] == "reset":
        await writer.drain()
        reset(writer)
    elif not cut and framing == "chunked":
        writer.write(b"0\r\n\r\n")
        await writer.drain()


def head_bytes(status, headers, more):
    def dated(value):
        found = re.fullmatch(r"\{date\+(\d+)\}", value)
        return email.utils.formatdate(__import__("time").time() + int(found.group(1)) + 1, usegmt=True) if found else value
    lines = ["HTTP/1.1 %d %s" % (status, REASONS.get(status, "X"))]
    lines += ["%s: %s" % (name, dated(value)) for name, value in headers.items()] + more
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


def main(fake):
    """The command line of a fake."""
    parser = argparse.ArgumentParser(description=fake.__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--record", metavar="FILE", help="every request as a line of JSON")
    parser.add_argument("--key", help="the one key that is taken; any by default")
    options = parser.parse_args()

    async def run():
        server = await fake(options.key, options.record).listen(options.port)
        print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
        parent = os.pidfd_open(os.getppid())
        async with server:
            await asyncio.get_running_loop().run_in_executor(None, select.select, [parent], [], [])
        os._exit(0)
    asyncio.run(run())
