#!/usr/bin/env python3
"""Plants 10,000 made-up personal values and looks for them in every byte that leaves the raw data.

    canary.py [--stage DIR] [--cc CC] [--only NAME] [--seed N] [--keep] [--identity]

Whole runs in both modes, with a check and a provider that repeat all they are shown, a connector that hides values under
nulls, errors in every stage, and processes that die. Searched is everything but sources and targets: what goes to runners,
logs, output, messages, artifacts, ledger, store, temporary files, cores; in every encoding of forms.py. With the masker
replaced by identity the same search must find them; --identity does so in every test, and then the suite fails.
Needs the debug stage and a C compiler; standard library only. Ends with `N passed, N failed, N skipped`.
"""

import argparse
import collections
import glob
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import forms  # noqa: E402
import planting  # noqa: E402
import values  # noqa: E402
from scene import ROOT, Site, Stage, below  # noqa: E402
from search import Search  # noqa: E402

TESTS = []
LOUD = {"acme.loud_check": "check", "acme.loud_provider": "provider"}
# Values under nulls and in a deleted row.
NULLS = {"schemes": ["nulls"], "stream": "file", "metadata": "none"}


class Skip(Exception):
    """Why a test cannot be made here."""


def test(function):
    TESTS.append(function)
    return function


class World:
    def __init__(self, stage, folder, cc, seed, identity):
        self.stage, self.folder, self.cc, self.seed, self.identity = stage, folder, cc, seed, identity
        self.canaries = values.values(seed)
        self.plan = planting.Plan(self.canaries)
        assert self.plan.planted == values.TOTAL
        self.search = Search(self.canaries, folder, cc)
        self.sites = 0

    def site(self, identity=False, loud=True):
        self.sites += 1
        site = Site(self.stage, os.path.join(self.folder, f"site{self.sites}"), self.cc, identity or self.identity)
        if loud:
            site.plugin("acme.loud_check", "check", "loud_check", companions=["key", "length", "shape"])
            site.plugin("acme.loud_provider", "provider", "echo_provider", defines=["LOUD"])
            site.provider("acme.loud_provider")
        return site

    def sources(self, site):
        """(name, location, table of the target) of every source."""
        site.plugin("acme.nulls", "connector", "under_nulls", source=NULLS)
        site.write("people.csv", self.plan.csv())
        site.write("people.nulls", self.plan.nulls())
        site.database("people.db", self.plan.table())
        return [
            ("csv", f"csv:{site.raw('people.csv')}", planting.TABLE),
            ("nulls", f"nulls:{site.raw('people.nulls')}",
             "CREATE TABLE people (id INTEGER PRIMARY KEY, full_name TEXT, member_no INTEGER)"),
            ("table", f"sqlite:{site.raw('people.db')}#people",
             "CREATE TABLE people (id INTEGER PRIMARY KEY, full_name TEXT, notes TEXT, nickname TEXT)"),
        ]

    def clean(self, site, paths=None, more=()):
        """Nothing outside of the raw data holds a canary. Returns how many bytes that was."""
        paths = sorted(paths if paths is not None else site.outside())
        found, total = self.search.hits(paths + list(more))
        assert not found, report(found, site.folder)
        assert not site.cores(), f"a core was written: {site.cores()}"
        return total


def report(found, folder):
    by_file = collections.Counter(os.path.relpath(path, folder) for path, _, _, _ in found)
    lines = [f"{len(found)} finds of {len({id(canary) for _, _, canary, _ in found})} values"]
    lines += [f"  {count:6} in {name}" for name, count in by_file.most_common(12)]
    for path, offset, canary, data in found[:8]:
        lines.append(f"  {os.path.relpath(path, folder)} at {offset}: {canary} as {data!r}")
    return "\n".join(lines)


# --- the search itself ---------------------------------------------------------------------------------------------


@test
def search_finds_every_form(world):
    """A search that misses a form would pass every other test."""
    folder = os.path.join(world.folder, "forms")
    os.mkdir(folder)
    sample, count = [], 0
    for group in values.by_kind(world.canaries).values():
        sample += group[:4]
    for number, canary in enumerate(sample):
        text = canary.text
        plain = text.encode()
        shapes = [plain, text.lower().encode(), text.upper().encode(), text.swapcase().encode(), plain.hex().encode(),
                  plain.hex().upper().encode(), text.encode("utf-16-le"), text.encode("utf-16-be"),
                  forms.full_width(text).encode(), forms.urllib.parse.quote(text, safe="").encode(),
                  json.dumps(text).encode(), forms.full_width(text.swapcase()).encode()]
        shapes += [forms.base64.b64encode(b"xyz"[:offset] + plain + b"behind") for offset in range(3)]
        shapes += [forms.base64.b64encode(b"x" + text.swapcase().encode())]
        digits = "".join(sign for sign in text if sign.isdigit())
        if len(digits) >= 8 and not any(sign.isalpha() for sign in text):
            shapes.append(digits.encode())
        if canary.number is not None:
            shapes.append(struct.pack("<d", canary.number))
        for part in canary.parts:
            shapes.append(part.encode())
        for place, data in enumerate(shapes):
            path = os.path.join(folder, f"{number}-{place}")
            with open(path, "wb") as file:
                file.write(b"\x01, " + data + b" \x02")
            count += 1
    paths = sorted(below(folder))
    found, _ = world.search.hits(paths)
    missed = set(paths) - {path for path, _, _, _ in found}
    assert not missed, f"{len(missed)} of {count}: " + "; ".join(repr(open(path, "rb").read()) for path in sorted(missed)[:5])
    innocent = os.path.join(folder, "innocent")
    with open(innocent, "w", encoding="utf-8") as file:
        file.write("Aaa Aaaaaaaa aaa@aaaaaaa.aaa +99 99 9999 9999 j***@e******.com ***-**-1234 ⟨EMAIL_1⟩ 9999-99-99 " * 50)
        file.write(" ".join(os.urandom(32).hex() for _ in range(20_000)))
    found, _ = world.search.hits([innocent])
    assert not found, report(found, folder)
    return f"{count} forms"


# --- runs ----------------------------------------------------------------------------------------------------------


def kinds_of_wire(site):
    return {os.path.basename(path).rsplit("-", 2)[0] for path in glob.glob(os.path.join(site.folder, "wire", "*-0.bin"))}


@test
def data_mode(world):
    """Every source through all gates: what arrives is raw, what else there is holds nothing."""
    site = world.site()
    for name, location, table in world.sources(site):
        site.database(f"{name}-target.db", table)
        answer = site.run("--lhs", location, "--rhs", f"sqlite:{site.raw(name + '-target.db')}#people")
        assert answer.status == 0, f"{name}: {answer}"
        if name == "csv":
            assert answer.json["rows_quarantined"] > 10, str(answer)
    wire = kinds_of_wire(site)
    assert {"check-acme.loud_check", "check-sluice.check.completeness", "check-sluice.check.duplicates",
            "provider-acme.loud_provider"} <= wire, wire
    # The loud ones were heard, and said what they were shown.
    texts = [open(path, "rb").read() for path in site.outside()]
    assert any(b"Aaaaaaaaa" in text for text in texts), "nothing masked was recorded"
    total = world.clean(site)
    # What arrived is what was sent: the canaries are there.
    cells = {cell for row in site.rows("csv-target.db", "SELECT * FROM people") for cell in row}
    plain = world.plan.ways["plain"]
    missing = [canary for canary in plain if canary.text not in cells and canary.number not in cells]
    assert not missing, f"{len(missing)} of {len(plain)} did not arrive: {missing[:8]}"
    return f"{total >> 20} MiB searched"


@test
def metadata_only(world):
    """No row is read, so none can be anywhere."""
    site = world.site()
    for name, location, table in world.sources(site):
        site.database(f"{name}-target.db", table)
        answer = site.run("--mode", "metadata_only", "--lhs", location, "--rhs", f"sqlite:{site.raw(name + '-target.db')}#people")
        assert answer.status == 0, f"{name}: {answer}"
    # In this mode not even the connector may have one.
    total = world.clean(site, more=glob.glob(os.path.join(site.folder, "wire", "*")))
    return f"{total >> 20} MiB searched"


@test
def identity_is_found(world):
    """With the masker replaced by identity the same search finds them, in what goes to checks and in what they say."""
    site = world.site(identity=True)
    name, location, table = world.sources(site)[0]
    site.database("target.db", table)
    answer = site.run("--lhs", location, "--rhs", f"sqlite:{site.raw('target.db')}#people")
    assert answer.status in (0, 1, 3, 7), f"{name}: {answer}"
    found, _ = world.search.hits(sorted(site.outside()))
    wire = {canary.text for path, _, canary, _ in found if os.sep + "wire" + os.sep + "check-" in path}
    expected = {canary.text for way in ("plain", "text", "base64", "case", "wide") for canary in world.plan.ways[way]
                if canary.number is None}
    missed = expected - wire
    assert len(missed) * 50 < len(expected), f"{len(missed)} of {len(expected)} are not found: {sorted(missed)[:5]}"
    places = {os.path.relpath(path, site.folder).split(os.sep)[0] for path, _, _, _ in found}
    return f"{len(wire)} of {len(expected)} values found, in {', '.join(sorted(places))}"


# --- texts ---------------------------------------------------------------------------------------------------------

# What has a form of its own in a sentence, whatever stands around it; of these, numbers are found in full-width signs too.
FORMED = {"EMAIL_ADDRESS", "CREDENTIAL_URL", "CREDIT_CARD", "IBAN_CODE", "PHONE_NUMBER", "IP_ADDRESS", "MAC_ADDRESS", "US_SSN",
          "US_ITIN", "MX_CURP", "IN_PAN", "SG_NRIC", "TW_ID", "MEDICAL_RECORD_NUMBER"}
NUMBERS = {"CREDIT_CARD", "PHONE_NUMBER", "US_SSN", "US_ITIN"}


@test
def texts(world):
    """What `sluice mask` writes of texts with values that have a form of their own holds none of them."""
    site = world.site(loud=False)
    lines = []
    for place, canary in enumerate(world.canaries):
        sentence = ["Asked for {} on Monday; nothing else.", "see {}\nand then leave", "{}|none", "<b>{}</b> (x)"][place % 4]
        if canary.kind in FORMED:
            lines.append({"id": f"p{place}", "text": sentence.format(canary.text)})
        if canary.kind in NUMBERS:
            lines.append({"id": f"w{place}", "text": sentence.format(forms.full_width(canary.text))})
    path = site.write("texts.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    answer = site.call("mask", path)
    assert answer.status == 0 and answer.out.count("\n") == len(lines), str(answer)
    world.clean(site)
    return f"{len(lines)} texts"


# --- names ---------------------------------------------------------------------------------------------------------


@test
def names_of_columns(world):
    """A first row that is taken for a header: numbers and addresses in it reach no plugin, whatever else is done.

    Names of columns and files are metadata: the catalog, the ledger and the terminal show them to the home's owner. What
    goes to checks and providers must not hold one. Words alone pass to a provider (docs/masking.md).
    """
    maker = values.Maker(world.seed + 1)
    names = [maker.email(), maker.phone(), maker.card(), maker.iban(), maker.ssn(), maker.birth(), maker.coordinates(),
             maker.record(), maker.passport(), maker.address4(), maker.medicare(), maker.email(), maker.phone()]
    search = Search(names, tempfile.mkdtemp(dir=world.folder), world.cc)
    site = world.site()
    file_names = [maker.email(), maker.phone()]
    files = Search(file_names, tempfile.mkdtemp(dir=world.folder), world.cc)
    path = site.write(f"export {file_names[0].text} {file_names[1].text}.csv", "")
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = planting.csv.writer(file)
        writer.writerow([canary.text for canary in names])
        for row in range(40):
            writer.writerow([f"v{row}x{column}" for column in range(len(names))])
    table = ", ".join(f"column_{place + 1} TEXT" for place in range(len(names)))
    for mode in ("metadata_only", "data_mode"):
        site.database(f"{mode}.db", f"CREATE TABLE people ({table})")
        site.run("--mode", mode, "--lhs", f"csv:{path}", "--rhs", f"sqlite:{site.raw(mode + '.db')}#people")
    wire = sorted(glob.glob(os.path.join(site.folder, "wire", "*-0.bin")))
    assert any("provider-acme.loud_provider" in path for path in wire), wire
    to_plugins = [path for path in wire if os.path.basename(path).startswith(("check-", "provider-"))]
    found = search.hits(to_plugins)[0] + files.hits(wire)[0]
    assert not found, report(found, site.folder)
    world.clean(site)
    return f"{len(names)} names of columns, {len(file_names)} in a file's name"


# --- errors --------------------------------------------------------------------------------------------------------


def contract(site, **changes):
    document = {"lhs": {"uri": f"csv:{site.raw('small.csv')}"}, "rhs": {"uri": f"sqlite:{site.raw('t.db')}#people"}}
    document.update(changes)
    return document


@test
def errors(world):
    """Mistakes in every stage, with canaries where the mistake is."""
    site = world.site()
    take = iter(world.canaries)

    def some(count):
        return [next(take).text for _ in range(count)]

    def rows(header, count, make):
        lines = io_rows([header] + [make() for _ in range(count)])
        return lines

    def fails(*words, status=None, stdin=None):
        for form in ([], ["--json"]):
            answer = site.call(*words, *form, stdin=stdin)
            assert answer.status != 0 and (status is None or answer.status == status), f"{words}: {answer}"

    site.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, full_name TEXT, email TEXT)")
    target = f"sqlite:{site.raw('t.db')}#people"

    # Contracts: unknown keys, wrong types, broken JSON, with values of persons in them.
    a, b, c, d = some(4)
    for number, text in enumerate([
            json.dumps({"who": a, "mode": b, "lhs": c, "rhs": [d]}), json.dumps(contract(site, mode=a, budget={b: c})),
            json.dumps(contract(site, thresholds={"profile": a}, lane=b)), "{" + a, json.dumps([a, b])]):
        path = site.write(f"contract{number}.json", text)
        fails("run", path)
        fails("policy", "check", path)
    # Command lines: what is typed in a wrong place may be a value.
    secret, number = some(2)
    fails("run", "--lhs", "csv:x", "--rhs", target, "--lane", secret, status=2)
    fails("run", "--lhs", "csv:x", "--rhs", target, "--created-at", number, status=2)
    fails("frobnicate", secret, status=2)

    # Files that are no tables, or broken ones.
    people = ["id", "full_name", "email"]
    sources = {
        "empty": b"", "binary": b"\x00\x01" + "\n".join(some(20)).encode() + bytes(range(256)) * 8,
        "latin": ("id,full_name,email\n" + "".join(f"{i},{v},\xff\n" for i, v in enumerate(some(20)))).encode("latin-1", "replace"),
        "quote": ("id,full_name,email\n1,\"" + "\n".join(some(40))).encode(),
        "twice": ("id,id,email\n1," + ",".join(some(2)) + "\n").encode(),
        "ragged": rows(people, 60, lambda: some(7)).encode(),
        "words": rows(people, 60, lambda: some(3)).encode(),
        "header": b"id,full_name,email\n",
        "database": b"SQLite format 3\x00" + "\n".join(some(30)).encode(),
    }
    for name, data in sources.items():
        with open(site.raw(f"{name}.csv"), "wb") as file:
            file.write(data)
        scheme = "sqlite" if name == "database" else "csv"
        location = f"{scheme}:{site.raw(name + '.csv')}" + ("#people" if name == "database" else "")
        for mode in ("data_mode", "metadata_only"):
            site.run("--mode", mode, "--lhs", location, "--rhs", target, holds=3, everything=False)

    # Targets that refuse rows: types, nulls, checks, keys, triggers; and one that fits nowhere.
    site.write("small.csv", rows(people, 80, lambda: some(3)) + io_rows([["x", *some(2)] for _ in range(3)]))
    good = io_rows([people] + [[str(i), *some(2)] for i in range(80)])
    site.write("good.csv", good)
    for name, schema in {
            "strict": "CREATE TABLE people (id INTEGER PRIMARY KEY, full_name INTEGER, email REAL) STRICT",
            "check": "CREATE TABLE people (id INTEGER PRIMARY KEY, full_name TEXT CHECK (length(full_name) < 4), email TEXT)",
            "trigger": "CREATE TABLE people (id INTEGER PRIMARY KEY, full_name TEXT, email TEXT);"
                       "CREATE TRIGGER no BEFORE INSERT ON people BEGIN SELECT RAISE(ABORT, 'refused'); END",
            "nowhere": "CREATE TABLE people (qqx TEXT NOT NULL, zzw BLOB, vvk TEXT UNIQUE)"}.items():
        site.database(f"{name}.db", schema)
        for source in ("small", "good"):
            site.run("--lhs", f"csv:{site.raw(source + '.csv')}", "--rhs", f"sqlite:{site.raw(name + '.db')}#people", holds=4,
                     everything=False)

    # A check and a provider that fail with what they were shown as their message.
    site.plugin("acme.loud_check", "check", "loud_check", defines=["FAILS"], companions=["key", "length", "shape"])
    site.database("fails.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, full_name TEXT, email TEXT)")
    failed = site.run("--lhs", f"csv:{site.raw('good.csv')}", "--rhs", f"sqlite:{site.raw('fails.db')}#people", "--tag", "a",
                      everything=False)
    assert failed.detail == "plugin.failed", str(failed)
    site.plugin("acme.loud_provider", "provider", "echo_provider", defines=["LOUD", "FAILS"])
    site.run("--lhs", f"csv:{site.raw('good.csv')}", "--rhs", f"sqlite:{site.raw('fails.db')}#people", "--tag", "b", "--fresh",
             everything=False)

    # Lines that are not what is masked or evaluated.
    lines = some(3)
    site.write("lines.jsonl", "\n".join([json.dumps({"id": 1, "text": "fine"}), json.dumps({"text": lines[0], lines[1]: 2}), lines[2]]))
    fails("mask", site.raw("lines.jsonl"))
    fails("mask", stdin=site.raw("contract3.json"))
    for number, text in enumerate([json.dumps({"text": lines[0], "entities": [{"type": lines[1], "start": 5, "end": 2}]}), lines[2],
                                   json.dumps({"text": lines[0]})]):
        path = site.write(f"labelled{number}.jsonl", text)
        fails("eval", "pii", "--data", path)
    fails("eval", "pii", "--data", site.raw("labelled0.jsonl"), "--types", lines[0])
    total = world.clean(site)
    return f"{site.calls} calls, {total >> 20} MiB searched"


def io_rows(lines):
    out = planting.io.StringIO()
    writer = planting.csv.writer(out, lineterminator="\n")
    writer.writerows(lines)
    return out.getvalue()


# --- deaths --------------------------------------------------------------------------------------------------------


@test
def deaths(world):
    """Processes that hold data die where cores are unlimited: none is written, and what is left holds nothing."""
    site = world.site(loud=False)
    name, location, table = world.sources(site)[0]
    # A runner with a batch; a runner with the source itself.
    site.plugin("acme.aborts", "check", "abort_in_call")
    site.database("check.db", table)
    answer = site.run("--lhs", location, "--rhs", f"sqlite:{site.raw('check.db')}#people")
    assert answer.detail == "plugin.crashed", str(answer)
    site.remove_plugin("acme.aborts")
    site.plugin("acme.nulls", "connector", "under_nulls", defines=["ABORTS"], source=NULLS)
    site.database("connector.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, full_name TEXT, member_no INTEGER)")
    answer = site.run("--lhs", f"nulls:{site.raw('people.nulls')}", "--rhs", f"sqlite:{site.raw('connector.db')}#people")
    assert answer.detail == "plugin.crashed", str(answer)
    site.plugin("acme.nulls", "connector", "under_nulls", source=NULLS)
    # The host, in the middle of writing rows.
    for number, how in enumerate((signal.SIGABRT, signal.SIGSEGV, signal.SIGQUIT)):
        site.database(f"host{number}.db", table)
        process = site.start(
            "run", "--lhs", location, "--rhs", f"sqlite:{site.raw(f'host{number}.db')}#people", "--yes", "--json", "--tag",
            f"t{number}", fault="target.chunk.middle=hang")
        wait_stopped(process)
        with open(f"/proc/{process.pid}/limits", encoding="ascii") as file:
            limit = next(line for line in file if line.startswith("Max core file size"))
        process.send_signal(how)
        process.send_signal(signal.SIGCONT)
        answer = site.wait(process)
        assert answer.status == -how and not answer.dumped, f"{answer} dumped: {answer.dumped}"
        # With 1 nothing is piped to a program either, core(5).
        assert limit.split()[4:6] in (["0", "0"], ["1", "1"]), limit
    total = world.clean(site)
    return f"{total >> 20} MiB searched"


def wait_stopped(process):
    """Waits for the failpoint's stop; a run that ends instead is left for its own wait."""
    event = os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    assert event.si_code == os.CLD_STOPPED, "the run ended before it came to the failpoint"


@test
def the_search_sees_a_core(world):
    """Without the limit a core is written here and holds canaries: what `deaths` looks for can be found."""
    folder = os.path.join(world.folder, "core")
    os.mkdir(folder)
    text = world.canaries[0].text
    done = subprocess.run(
        [sys.executable, "-c", "import os,sys; kept = sys.stdin.read(); os.abort()"], input=text, text=True, cwd=folder,
        preexec_fn=unlimited(), check=False)
    assert done.returncode == -signal.SIGABRT
    cores = [path for path in below(folder) if os.path.basename(path).startswith("core")]
    if not cores:
        with open("/proc/sys/kernel/core_pattern", encoding="utf-8") as file:
            raise Skip(f"no core is written into the folder here (core_pattern {file.read().strip()!r}, or a limit)")
    found, _ = world.search.hits(cores)
    assert any(canary is world.canaries[0] for _, _, canary, _ in found)


def unlimited():
    from scene import unlimited_core
    return unlimited_core


# --- the suite -----------------------------------------------------------------------------------------------------


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stage", default=os.path.join(ROOT, ".build", "stage", "debug"))
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--only", default="")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SLUICE_CANARY_SEED", "20261120")))
    parser.add_argument("--identity", action="store_true", help="without a masker: the suite must fail")
    parser.add_argument("--keep", action="store_true", help="leave the folder for a look")
    arguments = parser.parse_args()
    stage = Stage(arguments.stage)
    if not stage.has_hooks:
        raise SystemExit("canary: a release does not record what goes to runners: it takes the debug stage")
    folder = tempfile.mkdtemp(prefix="sluice-canary-")
    passed = failed = skipped = 0
    try:
        world = World(stage, folder, arguments.cc, arguments.seed, arguments.identity)
        print(f"{len(world.canaries)} values of {len(values.by_kind(world.canaries))} types in "
              f"{len(world.search.owners)} forms, seed {arguments.seed}")
        for function in TESTS:
            if arguments.only and arguments.only not in function.__name__:
                continue
            began = time.monotonic()
            try:
                said = function(world)
                passed += 1
                print(f"ok    {function.__name__} ({time.monotonic() - began:.1f} s){': ' + said if said else ''}")
            except Skip as reason:
                skipped += 1
                print(f"skip  {function.__name__}: {reason}")
            except Exception:
                failed += 1
                print(f"FAIL  {function.__name__}\n{traceback.format_exc()}")
            sys.stdout.flush()
    finally:
        if arguments.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(1 if failed else 0)


main()
