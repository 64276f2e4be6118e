"""A home, its sources and targets, and everything that comes out of it; plugins that want to see as much as they can.

Raw data may lie in `raw`: sources and targets. All other bytes are searched.
"""

import glob
import hashlib
import json
import os
import platform
import resource
import shutil
import sqlite3
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FIXTURES = os.path.join(ROOT, "Tests", "Fixtures")


class Stage:
    """The staged tree."""

    def __init__(self, root):
        self.root = os.path.abspath(root)
        self.sluice = os.path.join(self.root, "bin", "sluice")
        with open(self.sluice, "rb") as file:
            self.has_hooks = b"SLUICE_RECORD_WIRE" in file.read()
        # What a runner inherits: files of the installation. They hold no data, and are large.
        self.installed = set()
        for folder in ("lib", "share"):
            for path in below(os.path.join(self.root, folder)):
                self.installed.add(digest(path))


def below(folder):
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            if os.path.isfile(path) and not os.path.islink(path):
                yield path


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


class Answer:
    def __init__(self, status, out, err, dumped):
        self.status, self.out, self.err, self.dumped = status, out, err, dumped

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
        return f"status {self.status}: {(self.out + self.err)[-700:]}"


def unlimited_core():
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


class Site:
    """One home with its folders; `identity` replaces the masker."""

    def __init__(self, stage, folder, cc, identity=False):
        self.stage, self.folder, self.cc = stage, folder, cc
        for name in ("raw", "out", "wire", "tmp", "cwd"):
            os.makedirs(os.path.join(folder, name))
        self.home, self.cwd = os.path.join(folder, "home"), os.path.join(folder, "cwd")
        self.calls = 0
        self.environment = {
            "PATH": "/usr/bin:/bin", "HOME": folder, "LANG": "C.UTF-8", "TMPDIR": os.path.join(folder, "tmp"),
            "SLUICE_RECORD_WIRE": os.path.join(folder, "wire"), "SLUICE_PLUGINS": os.path.join(folder, "plugins"),
            "SLUICE_REGISTRY": os.path.join(folder, "registry"),
        }
        if identity:
            self.environment["SLUICE_TEST_IDENTITY_MASKER"] = "1"
        for name in ("LD_LIBRARY_PATH", "ASAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        shutil.copytree(os.path.join(stage.root, "lib", "sluice", "plugins"), os.path.join(folder, "plugins"))
        shutil.copytree(os.path.join(stage.root, "share", "sluice", "registry"), os.path.join(folder, "registry"))

    def raw(self, name):
        return os.path.join(self.folder, "raw", name)

    def write(self, name, text):
        with open(self.raw(name), "w", encoding="utf-8", newline="") as file:
            file.write(text)
        return self.raw(name)

    def database(self, name, script):
        connection = sqlite3.connect(self.raw(name))
        connection.executescript(script)
        connection.commit()
        connection.close()
        return self.raw(name)

    def rows(self, name, query):
        connection = sqlite3.connect(self.raw(name))
        found = connection.execute(query).fetchall()
        connection.close()
        return found

    # Plugins

    def plugin(self, plugin, kind, fixture, defines=(), companions=(), source=None):
        """Compiles a fixture and puts it beside the plugins that ship."""
        folder = self.environment["SLUICE_PLUGINS"]
        library = f"{plugin}.so"
        subprocess.run(
            [self.cc, "-shared", "-fPIC", "-O1", "-std=gnu11", "-Wall", "-Werror", f"-I{ROOT}/SDK/include",
             f'-DFIXTURE_ID="{plugin}"', *[f"-D{name}" for name in defines], "-Wl,-z,nodelete", "-o",
             os.path.join(folder, library), os.path.join(FIXTURES, fixture + ".c")], check=True)
        path = os.path.join(folder, library)
        manifest = {
            "manifest_version": 1, "id": plugin, "version": "1.0.0", "kind": kind, "publisher": "example",
            "license": "Apache-2.0", "summary": "Wants to see all that it can.", "abi": {"major": 0, "minor": 1},
            "artifacts": [{"platform": f"linux-{platform.machine()}", "file": library, "size": os.path.getsize(path),
                           "sha256": digest(path)}],
            "resources": [], "extensions": [], "egress": [],
            "data_access": {"sees": {"check": "masked batches", "connector": "own source", "provider": "masked prompts"}[kind],
                            "companions": list(companions)},
            "limits": {"memory_bytes": 1 << 28, "cpu_s": 60, "wall_s": 30, "descriptors": 16, "threads": 4},
        }
        if source:
            manifest["source"] = source
        with open(os.path.join(folder, plugin + ".json"), "w", encoding="utf-8") as file:
            json.dump(manifest, file)

    def remove_plugin(self, plugin):
        os.unlink(os.path.join(self.environment["SLUICE_PLUGINS"], plugin + ".json"))

    def provider(self, plugin):
        """Lets one provider alone make the vectors of runs."""
        for path in glob.glob(os.path.join(self.folder, "registry", "policies", "*.json")):
            with open(path, encoding="utf-8") as file:
                manifest = json.load(file)
            if "providers" in manifest:
                manifest["providers"] = {"allow": [plugin], "deny": []}
                with open(path, "w", encoding="utf-8") as file:
                    json.dump(manifest, file)

    # Calls

    def start(self, *words, fault=None, stdin=None):
        self.calls += 1
        name = os.path.join(self.folder, "out", f"{self.calls:03}-{words[0]}")
        environment = dict(self.environment)
        if fault:
            environment["SLUICE_FAILPOINT"] = fault
        with open(name + ".out", "wb") as out, open(name + ".err", "wb") as err:
            process = subprocess.Popen(
                [self.stage.sluice, *words, "--home", self.home], cwd=self.cwd, env=environment, stdout=out, stderr=err,
                stdin=open(stdin, "rb") if stdin else subprocess.DEVNULL, preexec_fn=unlimited_core)
        process.output = name
        return process

    def wait(self, process, limit=60):
        # How it ended, while that can still be asked.
        for _ in range(limit * 100):
            state = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if state:
                break
            try:
                process.wait(0.01)
                break
            except subprocess.TimeoutExpired:
                pass
        else:
            process.kill()
            process.wait()
            raise AssertionError(f"{process.output} did not end within {limit} s")
        dumped = bool(state) and state.si_code == os.CLD_DUMPED
        process.wait()
        with open(process.output + ".out", encoding="utf-8", errors="replace") as out, \
                open(process.output + ".err", encoding="utf-8", errors="replace") as err:
            return Answer(process.returncode, out.read(), err.read(), dumped)

    def call(self, *words, fault=None, stdin=None):
        return self.wait(self.start(*words, fault=fault, stdin=stdin))

    def run(self, *words, holds=8, everything=True):
        """A run; whatever holds it is accepted, so that every stage is entered. Behind it all that can be printed of it is
        printed, or the half that has most words. Returns the run's last answer."""
        answer = self.call("run", *words, "--yes", "--json")
        number = answer.json.get("run_id")
        while answer.status == 3 and holds > 0:
            holds -= 1
            self.call("show", number)
            stage = (answer.json.get("hold") or {}).get("stage", "")
            decided = self.call("decide", number, stage, "accept", "--reason", "the suite goes on")
            assert decided.status == 0, str(decided)
            answer = self.call("resume", number, "--yes", "--json")
        if number and everything:
            self.print_all(number)
        elif number:
            self.call("show", number, "--json")
            self.call("ledger", number, "--json")
        return answer

    def print_all(self, number):
        """Everything that the command line tells about a run, for people and for programs."""
        for form in ([], ["--json"]):
            self.call("runs", *form)
            self.call("show", number, *form)
            self.call("ledger", number, *form)
            self.call("artifacts", number, *form)
        export = os.path.join(self.folder, "out", f"{self.calls}-ledger.jsonl")
        self.call("ledger", number, "--export", export)
        for artifact in self.call("artifacts", number, "--json").json.get("artifacts") or []:
            self.call("artifact", artifact["hash"])
            self.call("artifact", artifact["hash"], "--json")

    # What came out

    def outside(self):
        """Every file but raw data and what is installed."""
        raw, plugins = os.path.join(self.folder, "raw"), os.path.join(self.folder, "plugins")
        for path in below(self.folder):
            if path.startswith((raw + os.sep, plugins + os.sep)):
                continue
            if path.startswith(os.path.join(self.folder, "wire")) and not path.endswith("-0.bin"):
                if digest(path) in self.installed():
                    continue
            yield path

    def installed(self):
        if not hasattr(self, "_installed"):
            self._installed = self.stage.installed | {
                digest(path) for path in below(os.path.join(self.folder, "plugins"))}
        return self._installed

    def cores(self):
        return [path for path in below(self.cwd) if os.path.basename(path).startswith("core")]
