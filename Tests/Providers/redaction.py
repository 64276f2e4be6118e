"""The redaction matrix: {mask, local_only_override} × lane × provider, each cell a whole run with canaries in its source.

E-mail addresses, persons, phone numbers and IBANs stand in the cells and in the names of the columns. What the servers
got, byte by byte, must hold none of them in any form of Tests/Canary/forms.py; and a key stands in the one header of the
one origin that policy binds it to, and nowhere else. `drills.py` runs it.
"""

import http.client
import json
import os
import sys
import tempfile

from fake_base import Reply
from scene import HEADERS, MODELS

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "Canary"))

import search  # noqa: E402
import values  # noqa: E402

TESTS = []
LANES = ("interactive", "flex", "batch")
ROWS = 30
NAMES = ["customer_id", "full_name", "email", "phone", "iban", "contact"]
# First names and family names that a detector can know; the made-up ones of `values` are for cells.
PERSONS = [("Grace", "Hopper"), ("Margaret", "Hamilton")]


def test(function):
    TESTS.append(function)
    return function


class Canaries:
    def __init__(self, seed):
        maker = values.Maker(seed)
        kinds = [maker.person, maker.email, maker.phone, maker.iban]
        self.cells = [[kind() for kind in kinds] + [maker.email()] for _ in range(ROWS)]
        self.names = [maker.email(), maker.phone(), maker.iban(), maker.email()]
        self.persons = [values.Canary("PERSON", f"{first} {last}") for first, last in PERSONS]

    @property
    def all(self):
        return [one for row in self.cells for one in row] + self.names + self.persons

    def plant(self, scene):
        """The source: canaries in every cell but the id, and in the names of further columns, which nothing is like."""
        extra = [one.text for one in self.names + self.persons]
        rows = [[str(1000 + place)] + [one.text for one in row] + [f"v{place}x{number}" for number in range(len(extra))]
                for place, row in enumerate(self.cells)]
        scene.source(NAMES + extra, rows)
        scene.target(["customer_id INTEGER PRIMARY KEY", "full_name TEXT", "email TEXT", "phone TEXT", "iban TEXT",
                      "mascot TEXT", "shelf_mark TEXT"])


def decoded(data):
    """`data` and what is written in its JSON with the escapes undone."""
    texts = [data]
    for part in data.replace(b"\r\n", b"\n").split(b"\n"):
        start = part.find(b"{")
        if start < 0:
            continue
        try:
            texts.append(json.dumps(json.loads(part[start:]), ensure_ascii=False).encode())
            texts += strings(json.loads(part[start:]))
        except ValueError:
            pass
    return b"\n".join(texts)


def strings(value):
    if isinstance(value, str):
        yield value.encode("utf-8", "replace")
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(one)


def wire(scene):
    """What each server got, as files: as it came, and decoded."""
    paths = {}
    for name, server in scene.servers.items():
        path = os.path.join(scene.folder, f"got-{name}.bin")
        with open(path, "wb") as file:
            file.write(decoded(server.bytes))
        paths[name] = path
    return paths


def to_plugins(scene):
    """What the host handed to processes of providers."""
    folder = os.path.join(scene.folder, "wire")
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder))
            if name.startswith("provider-") and name.endswith("-0.bin")]


def report(found):
    return f"{len(found)} finds: " + "; ".join(
        f"{os.path.basename(path)} at {offset}: {canary} as {data!r}" for path, offset, canary, data in found[:6])


def keys_stay(scene):
    """Each key stands in its one header, once a request, and in no other byte that was sent or written."""
    for name, key in scene.keys.items():
        secret, header = key.encode(), HEADERS[name]
        for other, server in scene.servers.items():
            got = server.bytes
            if other != name:
                assert secret not in got, f"{other} got the key of {name}"
                continue
            assert got.count(secret) == got.count(header + secret + b"\r\n") == len(server.requests), \
                f"{name}: {got.count(secret)} keys, {got.count(header + secret)} in headers, {len(server.requests)} requests"
        for path in scene.files():
            with open(path, "rb") as file:
                data = file.read()
            for form in {secret, secret[::-1], secret.hex().encode(), *search.forms.base64_cores(secret)}:
                assert (form if isinstance(form, bytes) else form.encode()) not in data, f"the key of {name} stands in {path}"


def cell(world, canaries, found, name, lane, override):
    """One run; nothing personal leaves. Returns how many requests there were."""
    local = name == "local"
    scene = world.scene([] if local else [name], allow=["local"] if local else [name])
    canaries.plant(scene)
    story = scene.run(lane=lane, override=override)
    title = f"{name}, {lane}, {'override' if override else 'mask'}"
    assert story.answer.status == 0, f"{title}: {story.answer}"
    assert story.answer.json.get("lane") == lane, f"{title}: {story.answer.json.get('lane')}"
    arrived = len(scene.rows())
    assert arrived == ROWS, f"{title}: {arrived} rows arrived"
    paths = list(wire(scene).values()) + to_plugins(scene)
    hits, total = found.hits(paths)
    # `local` has no way out: words that are nothing but words reach it as they stand in the name of a column, so that it
    # can compare their meanings (docs/masking.md).
    hits = [hit for hit in hits if not (local and hit[2] in canaries.persons)]
    assert not hits, f"{title}: {report(hits)}"
    keys_stay(scene)
    count = sum(len(server.requests) for server in scene.servers.values())
    if not local:
        # It is no proof of anything when nothing was sent.
        assert scene.servers[name].prompts or scene.servers[name].batches, f"{title}: nobody was asked: {story}"
        assert b"shelf_mark" in scene.servers[name].bytes, title
    else:
        assert to_plugins(scene), f"{title}: nothing was handed over"
    assert all(event["pii_mask_applied"] for event in story.questions), title
    return count, total


def matrix(world, override):
    canaries = Canaries(20261121)
    found = search.Search(canaries.all, tempfile.mkdtemp(dir=world.folder), world.cc)
    cells = requests = size = 0
    for name in (*MODELS, "local"):
        for lane in LANES:
            count, total = cell(world, canaries, found, name, lane, override)
            cells, requests, size = cells + 1, requests + count, size + total
            world.forget()
    return f"{cells} cells, {requests} requests, {size >> 10} KiB searched for {len(canaries.all)} values"


@test
def masked(world):
    """Mask on: no provider gets a value, in any lane."""
    return matrix(world, override=False)


@test
def overridden(world):
    """The override lets values through to local providers. What runs send are names of columns, which may be anything:
    they are masked all the same (docs/policy.md)."""
    return matrix(world, override=True)


@test
def override_keeps_to_local(world):
    """With the override nobody is asked whose server is not on the private network, whoever asks."""
    scene = world.scene(["ollama"], allow=["local", "openai", "anthropic", "ollama"])
    story = scene.run(override=True).completes()
    assert story.questions and all(one["provider"] == "ollama" for one in story.questions), str(story)
    hosts = {event["note"]["host"] for event in story.noted("egress_begin")}
    assert hosts == {"127.0.0.1"}, hosts
    return f"{len(story.questions)} questions, all answered by ollama"


@test
def override_needs_the_role(world):
    """An Operator may not switch masking off: the run is refused before anything is read or sent."""
    scene = world.scene(["ollama"])
    answer = scene.call("run", scene.contract(override=True, role="Operator"), "--yes")
    assert answer.status == 4 and answer.error.get("detail_id") == "policy.denied", str(answer)
    assert not scene.servers["ollama"].requests


@test
def echoed_key(world):
    """A server that says the key back, in an error and in an answer: it is taken out before anybody sees it."""
    scene = world.scene(["openai"], asked=["mascot"])
    server = scene.servers["openai"]
    key = scene.keys["openai"]
    server.answer = lambda request: Reply({"error": {"message": f"Incorrect API key provided: {key}", "code": key}}, 400)
    story = scene.run().completes()
    assert server.requests and all(one["error_code"] for one in story.questions), str(story)
    keys_stay(scene)
    for path in to_plugins(scene):
        with open(path, "rb") as file:
            assert key.encode() not in file.read(), path
    redacted = [event["note"].get("redactions") for event in story.noted("egress")]
    assert any(redacted), redacted
    return f"taken out {sum(filter(None, redacted))} times"


@test
def the_search_sees_the_wire(world):
    """What the matrix looks for would be found: a canary that is sent is seen on the wire of a server."""
    canaries = Canaries(20261121)
    found = search.Search(canaries.all, tempfile.mkdtemp(dir=world.folder), world.cc)
    scene = world.scene(["ollama"], asked=["mascot"])
    sent = canaries.cells[0] + canaries.names + canaries.persons
    connection = http.client.HTTPConnection("127.0.0.1", scene.ports["ollama"])
    connection.request("POST", "/api/embed", json.dumps({"model": "x", "input": [one.text for one in sent]}))
    connection.getresponse().read()
    connection.close()
    hits, _ = found.hits(list(wire(scene).values()))
    missed = [one for one in sent if not any(canary is one for _, _, canary, _ in hits)]
    assert not missed, missed
    return f"{len(sent)} of {len(sent)} values found"
