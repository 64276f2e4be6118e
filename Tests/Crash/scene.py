"""One test's own folder: source, target, home, and what stands in them after a run.

Python's standard library alone. `Site.outcome` is all that two runs of one contract must agree on.
"""

import collections
import hashlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import time

CREATED = "2026-01-31T12:00:00Z"
PROFILE = "tp_crash_v1"


class Stage:
    """The staged tree under test, with a registry of its own that has small chunks."""

    def __init__(self, root, folder, batch):
        # Absolute: every command is started in a folder of its own.
        self.sluice = os.path.join(os.path.abspath(root), "bin", "sluice")
        if not os.access(self.sluice, os.X_OK):
            raise SystemExit(f"crash: {self.sluice} is missing: swift build && scripts/stage debug")
        self.registry = os.path.join(folder, "registry")
        shutil.copytree(os.path.join(root, "share", "sluice", "registry"), self.registry)
        thresholds = os.path.join(self.registry, "thresholds")
        with open(os.path.join(thresholds, "tp_default_v1.json"), encoding="utf-8") as file:
            profile = json.load(file)
        profile["profile_id"] = PROFILE
        profile["migration"]["batch_size"] = batch
        with open(os.path.join(thresholds, PROFILE + ".json"), "w", encoding="utf-8") as file:
            json.dump(profile, file)
        with open(self.sluice, "rb") as file:
            self.has_failpoints = b"SLUICE_FAILPOINT" in file.read()

    def failpoints(self, folder):
        """Every name that SLUICE_FAILPOINT takes."""
        answer = subprocess.run(
            [self.sluice, "runs", "--home", os.path.join(folder, "list")],
            env={"SLUICE_FAILPOINT": "list", "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            raise SystemExit(f"crash: the failpoints cannot be listed: {answer.stderr}")
        return answer.stderr.split()


class Answer:
    """What a command left: status as the shell counts it (128 + signal), and its output."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    @property
    def json(self):
        try:
            return json.loads(self.out)
        except ValueError:
            return {}

    @property
    def detail(self):
        return (self.json.get("error") or {}).get("detail_id")

    def __str__(self):
        error = self.json.get("error")
        return f"status {self.status}: {json.dumps(error) if error else (self.out + self.err)[-600:]}"


class Site:
    """A folder with `in.csv`, `t.db` and `home`."""

    def __init__(self, stage, folder, source, schema, table):
        self.stage, self.folder, self.table = stage, folder, table
        os.mkdir(folder, 0o755)
        self.home = os.path.join(folder, "home")
        self.target = os.path.join(folder, "t.db")
        # Whether two runs must have the same artifact bodies on disk: a killed one may leave more.
        self.counts_bodies = False
        # Not a hard link: another name changes the source's ctime, and then it has changed under a run that reads it.
        os.symlink(source, os.path.join(folder, "in.csv"))
        self.change_target(schema)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def artifacts(self):
        return os.path.join(self.home, "artifacts")

    def orphan(self, number):
        """A body that nothing refers to."""
        body = f'{{"artifact":"catalog","artifact_version":"1","content":{number},"inputs":[]}}'.encode()
        name = hashlib.sha256(body).hexdigest()
        os.makedirs(os.path.join(self.artifacts, name[:2]), mode=0o700, exist_ok=True)
        with open(os.path.join(self.artifacts, name[:2], name + ".json"), "wb") as file:
            file.write(body)

    # Commands

    def environment(self, fault=None, trace=None):
        made = {"PATH": "/usr/bin:/bin", "HOME": self.folder, "LANG": "C.UTF-8", "SLUICE_REGISTRY": self.stage.registry}
        for name in ("LD_LIBRARY_PATH", "ASAN_OPTIONS"):
            if name in os.environ:
                made[name] = os.environ[name]
        if fault:
            made["SLUICE_FAILPOINT"] = fault
        if trace:
            made["SLUICE_FAILPOINT_TRACE"] = trace
        return made

    def start(self, *arguments, fault=None, trace=None, **options):
        # Output goes to files: a program that stopped itself must not hold a pipe that somebody reads to its end.
        output = os.path.join(self.folder, f"call-{time.monotonic_ns()}")
        with open(output + ".out", "wb") as out, open(output + ".err", "wb") as err:
            process = subprocess.Popen(
                [self.stage.sluice, *arguments, "--home", self.home, "--json"], cwd=self.folder,
                env=self.environment(fault, trace), stdin=subprocess.DEVNULL, stdout=out, stderr=err, **options)
        process.output = output
        return process

    def finish(self, process, limit=120):
        try:
            process.wait(limit)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        status = process.returncode if process.returncode >= 0 else 128 - process.returncode
        texts = []
        for suffix in (".out", ".err"):
            with open(process.output + suffix, encoding="utf-8", errors="replace") as file:
                texts.append(file.read())
            os.unlink(process.output + suffix)
        return Answer(status, *texts)

    def call(self, *arguments, fault=None, trace=None, **options):
        return self.finish(self.start(*arguments, fault=fault, trace=trace, **options))

    def run_arguments(self, confirm=True):
        return ["run", "--lhs", "csv:in.csv", "--rhs", f"sqlite:t.db#{self.table}", "--thresholds", PROFILE,
                "--created-at", CREATED, "--idempotency-key", "crash"] + (["--yes"] if confirm else [])

    def run(self, confirm=True, fault=None, trace=None):
        return self.call(*self.run_arguments(confirm), fault=fault, trace=trace)

    def run_id(self):
        """The only run of the home; None before there is one."""
        found = self.call("runs").json.get("runs") or []
        return found[0]["run_id"] if found else None

    # The target, as another program sees it

    def change_target(self, sql):
        connection = sqlite3.connect(self.target, timeout=20, isolation_level=None)
        try:
            connection.executescript(sql)
        finally:
            connection.close()

    def rows(self, path, sql, parameters=()):
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)
        try:
            return connection.execute(sql, parameters).fetchall()
        finally:
            connection.close()

    @property
    def database(self):
        return os.path.join(self.home, "sluice.db")

    def phase(self):
        """How far the run had come when it was killed, by what is on disk."""
        try:
            state, stage = self.rows(self.database, "SELECT state, stage FROM runs")[0]
        except (sqlite3.Error, IndexError):
            return "before the run"
        if state != "running" or stage != "MIGRATION":
            return {"running": stage, "held": "at the gate", "ready": "at the gate"}.get(state, state)
        # A reader cannot look behind a hot journal, and must not play it back: that is for the resume.
        if os.path.exists(self.target + "-journal"):
            return "in a transaction"
        names = {name for (name,) in self.rows(self.target, "SELECT name FROM sqlite_schema")}
        if "_sluice_promotions" not in names:
            return "MIGRATION begins"
        if self.rows(self.target, "SELECT 1 FROM _sluice_promotions"):
            return "promoted"
        if self.rows(self.target, "SELECT 1 FROM _sluice_checkpoints WHERE chunk = -1"):
            return "validated"
        return "staging" if self.rows(self.target, "SELECT 1 FROM _sluice_checkpoints") else "MIGRATION begins"

    # What two runs must agree on

    def outcome(self):
        found = {}
        listed = self.rows(self.target, f'SELECT * FROM "{self.table}" ORDER BY rowid')
        found["rows"] = listed
        quarantine = self.rows(
            self.database, "SELECT chunk_id, ordinal, reason_codes FROM quarantine_rows ORDER BY chunk_id, ordinal")
        found["quarantine"] = quarantine
        run = self.rows(self.database, "SELECT run_id FROM runs")
        if len(run) != 1:
            found["runs"] = len(run)
            return found
        run = run[0][0]
        found["schema"] = sorted(
            name.replace(run.lower(), "RUN") for (name,) in self.rows(self.target, "SELECT name FROM sqlite_schema"))
        found["checkpoints"] = self.rows(
            self.target, "SELECT chunk, first_ordinal, rows_in, rows_out, content_hash, status FROM _sluice_checkpoints"
            " ORDER BY chunk")
        found["promotions"] = self.rows(
            self.target, "SELECT table_name, rows_staged, rows_inserted, rows_updated FROM _sluice_promotions")
        found["artifacts"] = dict(self.rows(self.database, "SELECT kind, artifact_hash FROM run_artifacts"))
        for kind, name in found["artifacts"].items():
            path = os.path.join(self.artifacts, name[:2], name + ".json")
            with open(path, "rb") as file:
                if hashlib.sha256(file.read()).hexdigest() != name:
                    found["artifacts"][kind] = "the file has another hash"
        found["promoted artifacts"] = self.rows(
            self.database, "SELECT artifact_hash, to_versions, reason FROM artifact_promotions")
        if self.counts_bodies:
            found["bodies"] = sorted(name for _, _, names in os.walk(self.artifacts) for name in names)
        found["lane"] = self.rows(self.database, "SELECT lane, json_extract(lane_inputs, '$.lane_hint') FROM runs")
        # How often an answer came from the cache depends on the kills; that none of another lane is left does not.
        found["cached lanes"] = self.rows(
            self.database, "SELECT DISTINCT lane FROM response_cache JOIN response_cache_runs USING (key)")
        found["ledger"] = self.ledger(run)
        found["mark"] = self.mark(run)[0]
        found["lane changes"] = self.lane_changes(run)
        return found

    def lane_changes(self, run):
        """(from, to, answers dropped) of each change."""
        told = [json.loads(event)["note"] or {} for (event,) in self.rows(
            self.database, "SELECT event FROM supervisor_ledger WHERE run_id = ? ORDER BY seq", (run,))]
        return [(note["from"], note["to"], note["cache_entries_dropped"]) for note in told
                if note.get("event") == "lane_changed"]

    def mark(self, run):
        """What is wrong with the mark of the ledger, and how many events it is behind.

        A kill behind the last commit leaves it behind by that transaction's one event, which is allowed; more is not.
        """
        events = dict(self.rows(self.database, "SELECT number, hash FROM supervisor_ledger WHERE run_id = ?", (run,)))
        try:
            with open(os.path.join(self.home, "keys", "ledgers", run), encoding="ascii") as file:
                number, name, _ = file.read().split()
        except (OSError, ValueError) as error:
            return f"it cannot be read: {error}", len(events)
        behind = max(events) - int(number)
        if events.get(int(number)) != name:
            return f"event {number} of {max(events)} is another one", behind
        return "" if 0 <= behind <= 1 else f"it reaches event {number} of {max(events)}", behind

    def ledger(self, run):
        """What is wrong with the ledger; empty when nothing is."""
        wrong = []
        events = self.rows(self.database, "SELECT seq, run_id, event FROM supervisor_ledger ORDER BY seq")
        if [seq for seq, _, _ in events] != list(range(1, len(events) + 1)):
            wrong.append("the sequence has gaps")
        told = [json.loads(event) for _, owner, event in events if owner == run]
        kinds = collections.Counter((event.get("note") or {}).get("event") for event in told)
        for kind in ("run_created", "lane_chosen"):
            if kinds[kind] != 1:
                wrong.append(f"{kinds[kind]} × {kind}")
        ended = collections.Counter(
            event["stage"] for event in told if (event.get("note") or {}).get("event") == "stage_finished")
        wrong += [f"{stage} ended {count} times" for stage, count in sorted(ended.items()) if count != 1]
        listed = self.call("ledger", run)
        if listed.status != 0 or len(listed.out.splitlines()) != len(told):
            wrong.append(f"sluice ledger: {listed}")
        verified = self.call("ledger", run, "--verify")
        if verified.status != 0 or verified.json.get("verified") is not True:
            wrong.append(f"sluice ledger --verify: {verified}")
        return wrong


def difference(expected, found):
    """(rows lost, rows doubled, names of what else differs)."""
    lost = doubled = 0
    for part in ("rows", "quarantine"):
        if expected.get(part) == found.get(part):
            continue
        want, have = collections.Counter(expected.get(part)), collections.Counter(found.get(part))
        lost += sum((want - have).values())
        doubled += sum((have - want).values())
    others = [
        name for name in sorted(set(expected) | set(found))
        if name not in ("rows", "quarantine") and expected.get(name) != found.get(name)]
    return lost, doubled, others


def wait_stopped(process, limit=60):
    """Waits until a process stopped itself (True) or ended (False)."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        with open(f"/proc/{process.pid}/stat", encoding="ascii", errors="replace") as file:
            state = re.sub(r".*\)", "", file.read()).split()[0]
        if state == "T":
            return True
        if state == "Z":
            return False
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    raise AssertionError("the process neither stopped nor ended")
