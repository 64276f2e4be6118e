"""What the drills stand on: fake servers that keep every byte, a home whose policy points at them, what a run leaves.

Standard library alone. A `Scene` is one test's own folder; its servers are threads of the test, on free ports of 127.0.0.1.
"""

import asyncio
import itertools
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from fake_anthropic import FakeAnthropic  # noqa: E402
from fake_base import REGISTRY, ROOT, Reply, fill, tokens  # noqa: E402
from fake_groq import FakeGroq  # noqa: E402
from fake_ollama import FakeOllama  # noqa: E402
from fake_openai import FakeOpenAI  # noqa: E402

# The one model of each provider that may be asked, so that whose turn comes when can be told beforehand: in this order
# by `quality_first`. All others are on the contract's deny list.
MODELS = {"groq": "openai/gpt-oss-120b", "anthropic": "claude-sonnet-5", "openai": "gpt-5.4-mini", "ollama": "qwen2.5:7b",
          "openai-compatible": "smollm2-135m-instruct"}
PATHS = {"anthropic": "/v1", "openai": "/v1", "groq": "/openai/v1", "ollama": "/api", "openai-compatible": "/v1"}
# Of these the policy binds a key to their origin.
KEYED = ("anthropic", "openai", "groq")
HEADERS = {"anthropic": b"x-api-key: ", "openai": b"authorization: Bearer ", "groq": b"authorization: Bearer "}


def reply(schema):
    """An answer that keeps to a schema of ours, and decides nothing."""
    value = fill(schema)
    if "sources_fit" in value:
        value.update(sources_fit=False, steps=[], confidence=0.9, reason="No column holds it.")
    elif "domain" in value:
        value.update(confidence=0.2, reason="It may be.")
    return value


class Wire:
    """What all servers here have on top of the fakes: raw bytes, the registry's models, answers that make sense."""

    def __init__(self, key=None):
        self.arrived = []
        super().__init__(key)
        with open(os.path.join(REGISTRY, "models", self.provider + ".json"), encoding="utf-8") as file:
            self.models = self.models + [model["id"] for model in json.load(file)["models"]]
        # Replies to completions that are kept back until the event, from this one on.
        self.hold_from = None
        # Seconds between the pieces of a body.
        self.pause = 0
        self.completions = 0
        self.asked, self.answered = [], []

    async def serve(self, reader, writer):
        kept = bytearray()
        self.arrived.append(kept)
        feed = reader.feed_data

        def both(data):
            kept.extend(data)
            feed(data)
        reader.feed_data = both
        await super().serve(reader, writer)

    async def exchange(self, reader, writer):
        try:
            return await super().exchange(reader, writer)
        except asyncio.IncompleteReadError:
            return False

    def complete(self, messages, schema=None, stop=None, limit=None):
        text, finish, usage = super().complete(messages, None, stop, limit)
        if schema is not None:
            text, finish = json.dumps(reply(schema)), "stop"
            usage["output"] = tokens(text)
        self.completions += 1
        self.answered.append(json.dumps(messages, sort_keys=True))
        return text, finish, usage

    async def send(self, writer, found):
        if self.hold_from is not None and self.completions >= self.hold_from:
            # Until the client is gone.
            while not writer.transport.is_closing():
                await asyncio.sleep(0.02)
            return False
        if self.pause:
            return await self.drip(writer, found)
        return await super().send(writer, found)

    async def drip(self, writer, found):
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        for piece in found.pieces:
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()
            await asyncio.sleep(self.pause)
        return False

    @property
    def bytes(self):
        return b"\n".join(bytes(one) for one in self.arrived)

    @property
    def prompts(self):
        """Requests that ask for a completion."""
        ends = ("/chat/completions", "/messages", "/chat")
        return [one for one in self.requests if one["method"] == "POST" and one["path"].endswith(ends)]


class AnthropicServer(Wire, FakeAnthropic):
    pass


class OpenAIServer(Wire, FakeOpenAI):
    # Batches stay under way.
    keeps_batches = False

    def get_batch(self, request, id):
        return Reply(self.shown(id)) if self.keeps_batches else super().get_batch(request, id)


class GroqServer(Wire, FakeGroq):
    pass


class OllamaServer(Wire, FakeOllama):
    pass


class CompatibleServer(Wire, FakeOpenAI):
    protocol = provider = "openai-compatible"


SERVERS = {"anthropic": AnthropicServer, "openai": OpenAIServer, "groq": GroqServer, "ollama": OllamaServer,
           "openai-compatible": CompatibleServer}


class Answer:
    """What a command left."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    @property
    def json(self):
        try:
            return json.loads(self.out)
        except ValueError:
            return {}

    @property
    def error(self):
        return self.json.get("error") or {}

    def __str__(self):
        return f"status {self.status}: {json.dumps(self.error) if self.error else (self.out + self.err)[-900:]}"


def free_port():
    """A port that nobody listens at: a connection to it is refused."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def denied():
    """`provider:model` of every model but those above."""
    names = []
    for provider, kept in MODELS.items():
        with open(os.path.join(REGISTRY, "models", provider + ".json"), encoding="utf-8") as file:
            names += [f"{provider}:{model['id']}" for model in json.load(file)["models"]
                      if model["id"] != kept and "text" in model["modality"]]
    return names


CELLS = [["1000", "Delft", "2039 TR", "707.04"], ["1001", "Halifax", "V4Y 2B5", "948.41"], ["1002", "Bilbao", "50978", "1197.90"],
         ["1003", "Denver", "38158", "17.54"], ["1004", "Graz", "8010", "220.00"], ["1005", "Lyon", "69001", "3.10"]]
# Columns of the target that no column of the source is for: of each Mapping asks a model.
ASKED = ["mascot", "altitude_band", "shelf_mark"]


class Scene:
    """One home with its servers, source, target and policy."""

    numbers = itertools.count(1)

    def __init__(self, stage, folder, servers=(), allow=None, off=(), asked=ASKED):
        """`servers`: providers with a fake of their own; `off`: those at whose address nobody listens; `allow`: those that
        policy allows, all of these and `local` by default; `asked`: columns of the target that no source is for."""
        self.stage = os.path.abspath(stage)
        self.folder = os.path.join(folder, f"scene{next(self.numbers)}")
        for name in ("raw", "out", "wire", "tmp", "cwd"):
            os.makedirs(os.path.join(self.folder, name))
        self.home = os.path.join(self.folder, "home")
        self.sluice = os.path.join(self.stage, "bin", "sluice")
        self.keys = {name: f"sk-canary-{name}-{os.urandom(16).hex()}" for name in (*servers, *off) if name in KEYED}
        self.servers = {name: SERVERS[name](self.keys.get(name)) for name in servers}
        self.ports = {name: server.start() for name, server in self.servers.items()}
        self.ports.update({name: free_port() for name in off})
        self.allow = list(allow if allow is not None else ["local", *servers, *off])
        self.key_names = {name: f"DRILL_{name.upper()}_KEY" for name in KEYED}
        self.environment = {
            "PATH": "/usr/bin:/bin", "HOME": self.folder, "LANG": "C.UTF-8", "TMPDIR": os.path.join(self.folder, "tmp"),
            "SLUICE_RECORD_WIRE": os.path.join(self.folder, "wire")}
        self.environment.update({self.key_names[name]: key for name, key in self.keys.items()})
        for name in ("LD_LIBRARY_PATH", "ASAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        self.calls = 0
        self.source(["customer_id", "city", "zip", "balance"], CELLS)
        self.target(["customer_id INTEGER PRIMARY KEY", "city TEXT", "zip TEXT", "balance REAL"] +
                    [f"{name} TEXT" for name in asked])
        edited = self.call("policy", "edit", self.write("policy.json", json.dumps(self.policy())), "--reason", "drills")
        assert edited.status == 0, f"the policy: {edited}"

    # What stands in it

    def path(self, name):
        return os.path.join(self.folder, "raw", name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8", newline="") as file:
            file.write(text)
        return self.path(name)

    def source(self, names, rows):
        def line(cells):
            return ",".join('"%s"' % cell.replace('"', '""') for cell in cells) + "\n"
        self.write("in.csv", line(names) + "".join(map(line, rows)))

    def target(self, columns):
        if os.path.exists(self.path("t.db")):
            os.unlink(self.path("t.db"))
        connection = sqlite3.connect(self.path("t.db"))
        connection.execute(f"CREATE TABLE people ({', '.join(columns)})")
        connection.commit()
        connection.close()

    def rows(self):
        connection = sqlite3.connect(self.path("t.db"))
        found = connection.execute("SELECT * FROM people").fetchall()
        connection.close()
        return found

    def origin(self, name):
        return f"http://127.0.0.1:{self.ports[name]}"

    def policy(self):
        with open(os.path.join(self.stage, "share", "sluice", "registry", "policies", "pm_default_v1.json"),
                  encoding="utf-8") as file:
            manifest = json.load(file)
        manifest["policy_version"] = "1.0.1"
        manifest["providers"] = {"allow": self.allow, "deny": [], "endpoints": {
            name: {"api": self.origin(name) + PATHS[name]} for name in self.ports}}
        manifest["egress"].update(
            allow=[self.origin(name) for name in self.ports], local=["127.0.0.1"],
            secrets={name: {"secret_ref": f"env:{self.key_names[name]}", "origins": [self.origin(name)]}
                     for name in self.ports if name in KEYED})
        return manifest

    def contract(self, lane="interactive", usd=5.0, tokens=400_000, override=False, role="Maintainer", **more):
        document = {
            "roadmap_version": "1.1.0", "mode": "data_mode", "lane_hint": lane,
            "lhs": {"source": {"type": "file"}, "location": f"csv:{self.path('in.csv')}", "schema_ref": None},
            "rhs": {"source": {"type": "sql"}, "location": f"sqlite:{self.path('t.db')}#people", "schema_ref": None},
            "pii_policy": {"mask_before_send": True, "local_only_override": override},
            "budget_caps": {"tokens": tokens, "usd": usd, "wall_time_s": 300}, "routing_profile": "quality_first",
            "provider_denylist": denied(), "threshold_profile_id": "tp_default_v1", "dsl_version": "1.0.0",
            "sample_caps": {"rows_max": 1000, "bytes_max": 1048576},
            "cache_scope": {"run": "", "tab": "", "filters": {}}, "human_confirm_required": True,
            "rbac_actor": {"user_id": "ada", "role": role}, "audit_tags": [], "created_at": "2026-01-31T12:00:00Z"}
        document.update(more)
        return self.write("contract.json", json.dumps(document))

    # Commands

    def start(self, *words):
        self.calls += 1
        name = os.path.join(self.folder, "out", f"{self.calls:03}-{words[0]}")
        with open(name + ".out", "wb") as out, open(name + ".err", "wb") as err:
            process = subprocess.Popen(
                [self.sluice, *words, "--home", self.home, "--json"], cwd=os.path.join(self.folder, "cwd"),
                env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        process.output = name
        return process

    def finish(self, process, limit=120):
        try:
            process.wait(limit)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"{process.args[1]} did not end within {limit} s") from None
        texts = []
        for suffix in (".out", ".err"):
            with open(process.output + suffix, encoding="utf-8", errors="replace") as file:
                texts.append(file.read())
        return Answer(process.returncode, *texts)

    def call(self, *words, limit=120):
        return self.finish(self.start(*words), limit)

    def run(self, *words, **contract):
        """A run to its end; gates that hold are accepted, so that every stage is entered. Returns a Story."""
        began = time.monotonic()
        answer = self.call("run", self.contract(**contract), "--yes", *words)
        for _ in range(8):
            if answer.status != 3:
                break
            stage = (answer.json.get("hold") or {}).get("stage", "")
            decided = self.call("decide", answer.json["run_id"], stage, "accept", "--reason", "the drill goes on")
            assert decided.status == 0, str(decided)
            answer = self.call("resume", answer.json["run_id"], "--yes")
        return Story(self, answer, time.monotonic() - began)

    # What came out

    def files(self):
        """Every file that the program wrote or was handed over, but source and target."""
        for name in ("home", "out", "tmp", "cwd", "wire"):
            for place, _, names in os.walk(os.path.join(self.folder, name)):
                for one in names:
                    path = os.path.join(place, one)
                    if os.path.isfile(path) and not os.path.islink(path):
                        yield path

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class Story:
    """A run as its ledger tells it."""

    def __init__(self, scene, answer, seconds):
        self.scene, self.answer, self.seconds = scene, answer, seconds
        self.run = answer.json.get("run_id")
        self.events, self.notices = [], answer.err
        if not self.run:
            return
        told = scene.call("ledger", self.run)
        assert told.status == 0, str(told)
        self.events = [json.loads(line) for line in told.out.splitlines()]
        verified = scene.call("ledger", self.run, "--verify")
        assert verified.status == 0 and verified.json.get("verified") is True, f"the ledger: {verified}"

    def noted(self, name):
        return [event for event in self.events if (event.get("note") or {}).get("event") == name]

    @property
    def questions(self):
        return self.noted("inference")

    def steps(self, question):
        """Each request of a question: [candidate, outcome, reason]."""
        return [[step["candidate"], step["outcome"], step.get("reason")]
                for call in question["note"]["explanation"]["calls"] for step in call]

    @property
    def skipped(self):
        """candidate -> why it was not asked, over all questions: before the first request, and when its turn came."""
        found = {}
        for question in self.questions:
            for one in question["note"]["explanation"]["skipped"]:
                found.setdefault(one["candidate"], set()).add(one["reason"])
            for candidate, outcome, reason in self.steps(question):
                if outcome == "skipped":
                    found.setdefault(candidate, set()).add(reason)
        return found

    @property
    def usd(self):
        return sum(question["usd_actual"] or 0 for question in self.questions)

    @property
    def bill(self):
        return sum(server.bill.json["usd"] for server in self.scene.servers.values())

    def completes(self):
        """The run is done, and every row has arrived."""
        assert self.answer.status == 0 and self.answer.json.get("state") == "done", str(self.answer)
        assert len(self.scene.rows()) == len(CELLS), self.scene.rows()
        return self

    def pays(self):
        """What the ledger says was paid is what the servers wrote down, within ±10 %."""
        assert self.bill > 0, "the servers wrote nothing down"
        assert abs(self.usd - self.bill) <= 0.1 * self.bill, f"{self.usd} USD in the ledger, {self.bill} on the bills"
        return f"{self.usd:.6f} USD in the ledger, {self.bill:.6f} on the bills"

    def __str__(self):
        lines = [str(self.answer)]
        for question in self.questions:
            lines.append(json.dumps({key: question.get(key) for key in (
                "stage", "provider", "model", "fallback_chain", "retries", "usd_actual", "error_code")} |
                {"steps": self.steps(question), "message": question["note"].get("message")}))
        return "\n".join(lines)
