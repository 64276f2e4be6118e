#!/usr/bin/env python3
"""The conformance suite held against plugins: faultless ones, our own, and one for each fault.

Every check of the suite is proved by a plugin that has the one fault which that check is about (faults.json): the check
must find it, and no other check may. A suite that passes a faulty plugin fails here.

    conformance.py [--stage DIR] [--cc CC] [--only WORD]

Ends with `N passed, N failed, N skipped`; status 1 when anything failed.
"""

import argparse
import base64
import concurrent.futures
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import traceback
import xml.etree.ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FAULTS = os.path.join(HERE, "faults")
sys.path.insert(0, HERE)

import prober  # noqa: E402

STRICT = ["-std=c11", "-O1", "-fPIC", "-shared", "-fvisibility=hidden", "-Wall", "-Wextra", "-pedantic", "-Werror"]
OURS = ["sluice.connector.csv", "sluice.connector.sqlite", "sluice.check.completeness", "sluice.check.duplicates",
        "sluice.provider.local"]
LIMITS = {"memory_bytes": 1 << 30, "cpu_s": 60, "wall_s": 30, "descriptors": 32, "threads": 8}
SEES = {"provider": "masked prompts", "connector": "own source", "check": "masked batches"}
FINE = {"Passed", "Skipped", "Warning"}
TESTS = []


def test(function):
    TESTS.append((function.__name__.replace("_", " "), function))
    return function


class World:
    def __init__(self, stage, cc, folder):
        self.sluice, self.cc, self.folder = os.path.join(stage, "bin", "sluice"), cc, folder
        self.home = os.path.join(folder, "home")
        with open(os.path.join(HERE, "faults.json")) as file:
            self.faults = json.load(file)
        with open(os.path.join(HERE, "prober", "faults.json")) as file:
            self.probed = json.load(file)
        self.built = {}
        self.lock = threading.Lock()

    def plugin(self, base, fault=None):
        """A folder with a plugin's manifest, library and quirks: the manifest's path."""
        with self.lock:
            name = base + ("" if fault is None else "-" + fault.lower())
            if name in self.built:
                return self.built[name]
            self.built[name] = path = os.path.join(self.folder, name, base.replace("_", ".") + ".json")
        kind = base.split("_")[1]
        folder, identity = os.path.dirname(path), "good." + kind
        os.makedirs(os.path.join(folder, "conformance"))
        library = os.path.join(folder, "lib%s.so" % base)
        flags = [] if fault is None else ["-DFAULT_" + fault]
        flags += self.faults.get(fault, {}).get("flags", [])
        subprocess.run([self.cc, *STRICT, *flags, "-I", os.path.join(ROOT, "SDK", "include"),
                        os.path.join(FAULTS, base + ".c"), "-o", library, "-lpthread"], check=True)
        shutil.copy(os.path.join(FAULTS, identity + ".json"), os.path.join(folder, "conformance"))
        self.write_manifest(path, kind, identity, library, self.faults.get(fault, {}).get("manifest", {}))
        return path

    def probed_plugin(self, fault):
        """As `plugin`, for one of the prober's: as small as a plugin can be, and good for nothing but the ABI."""
        entry = self.probed[fault]
        base, kind = entry["base"], entry["base"].split("_")[1]
        folder = os.path.join(self.folder, "probed-" + fault.lower())
        path, library = os.path.join(folder, "good.%s.json" % kind), os.path.join(folder, "lib%s.so" % base)
        os.makedirs(os.path.join(folder, "conformance"))
        subprocess.run([self.cc, *STRICT, "-DFAULT_" + fault, "-I", os.path.join(ROOT, "SDK", "include"),
                        "-Wl,--version-script=" + os.path.join(ROOT, "SDK", "exports.map"),
                        os.path.join(HERE, "prober", base + ".c"), "-o", library, "-lpthread"], check=True)
        changes = {"version": "0.1.0", "egress": [], "limits": prober.LIMITS, **entry.get("manifest", {})}
        self.write_manifest(path, kind, "good." + kind, library, changes)
        if kind == "connector":
            sample = base64.b64encode(bytes(range(200))).decode()
            with open(os.path.join(folder, "conformance", "good.connector.json"), "w") as file:
                json.dump({"quirks_version": 1, "sources": {"sample": {"base64": sample}}}, file)
        return path

    @staticmethod
    def write_manifest(path, kind, identity, library, changes):
        data = open(library, "rb").read()
        egress = []
        if kind == "provider":
            egress = [{"name": "main", "host": "api.example.org", "port": 443, "methods": ["GET", "POST"],
                       "path_prefix": "/v1", "max_bytes": 1 << 20,
                       "auth": {"header": "authorization", "scheme": "Bearer", "secret": "secret:example"}}]
        manifest = {
            "manifest_version": 1, "id": identity, "version": "1.0.0", "kind": kind, "language": "c",
            "publisher": "sluice", "license": "Apache-2.0", "summary": "for the tests of the conformance suite",
            "abi": {"major": 0, "minor": 1},
            "artifacts": [{"platform": "linux-" + platform.machine(), "file": os.path.basename(library),
                           "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}],
            "resources": [], "extensions": [], "egress": egress,
            "data_access": {"sees": SEES[kind], "companions": []}, "limits": LIMITS,
        }
        with open(path, "w") as file:
            json.dump({**manifest, **changes}, file, indent=2)

    def run(self, *words, **variables):
        return subprocess.run([self.sluice, "plugin", "conformance", *words, "--home", self.home],
                              capture_output=True, text=True, timeout=300, env={**os.environ, **variables})

    def report(self, *words):
        done = self.run(*words, "--json")
        assert done.returncode in (0, 1) and done.stdout, "status %d: %s" % (done.returncode, done.stderr)
        report = json.loads(done.stdout)
        assert "checks" in report, done.stdout
        bad = [check["id"] for check in report["checks"] if check["status"] not in FINE]
        assert (done.returncode == 1) == bool(bad), "status %d with %s" % (done.returncode, bad)
        assert bool(bad) == ("plugin.conformance" in done.stderr), done.stderr
        return report

    def refusal(self, *words):
        """The error with which a command ends that makes no report."""
        done = self.run(*words, "--json")
        error = json.loads(done.stdout).get("error")
        assert done.returncode != 0 and error, done.stdout
        return error


def statuses(report):
    return {check["id"]: check for check in report["checks"]}


def told(checks):
    return "; ".join("%s %s %s" % (check["id"], check["status"], check.get("detail", "")) for check in checks)


def fine(report):
    bad = [check for check in report["checks"] if check["status"] not in FINE]
    assert not bad, told(bad)
    assert any(check["status"] == "Passed" for check in report["checks"])


def expect_fault(world, fault):
    entry = world.faults[fault]
    report = world.report(world.plugin(entry["base"], fault))
    bad = [check for check in report["checks"] if check["status"] not in FINE]
    assert [check["id"] for check in bad] == [entry["check"]], \
        "%s has to be found by %s alone; found: %s" % (fault, entry["check"], told(bad) or "nothing")
    assert bad[0].get("detail"), "it is found without a word"


def expect_probed_fault(world, fault):
    """The suite asks the prober as the prober's own test does, and hears what that one hears."""
    entry = world.probed[fault]
    ids = ["abi." + check for check in prober.ABI] + ["sandbox." + check for check in prober.SANDBOX]
    report = world.report(world.probed_plugin(fault), *(word for id in ids for word in ("--check", id)))
    bad = [check for check in report["checks"] if check["status"] not in FINE]
    assert [check["id"] for check in bad] == [entry["check"]], \
        "%s has to be found by %s alone; found: %s" % (fault, entry["check"], told(bad) or "nothing")
    assert len(report["checks"]) == len(ids)


# ---- what every plugin is ----

@test
def every_check_of_the_suite_has_its_fault(world):
    ids = set()
    for kind in ("check", "connector", "provider"):
        ids |= set(statuses(world.report(world.plugin("good_" + kind))))
    # packages.py proves those of packages.
    ids = {id for id in ids if not id.startswith("package.")}
    proved = {entry["check"] for entry in (*world.faults.values(), *world.probed.values())}
    assert proved <= ids, "faults of checks that there are not: %s" % sorted(proved - ids)
    assert ids == proved, "without a faulty plugin: %s" % sorted(ids - proved)


@test
def a_library_alone_says_what_it_is(world):
    folder = os.path.dirname(world.plugin("good_check"))
    report = world.report(os.path.join(folder, "libgood_check.so"))
    fine(report)
    assert report["plugin"]["id"] == "good.check" and report["plugin"]["kind"] == "check", report["plugin"]
    assert report["plugin"]["language"] == "c", report["plugin"]


# ---- the report ----

@test
def the_same_plugin_and_seed_give_the_same_report(world):
    path = world.plugin("good_check", "CHECK_BATCH_SPLIT")
    first, second = world.report(path), world.report(path)
    assert first == second, "two reports differ"
    body = {key: value for key, value in first.items() if key != "report_sha256"}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert hashlib.sha256(text).hexdigest() == first["report_sha256"], "the hash is not that of the canonical body"
    assert world.folder not in json.dumps(first), "a path of this machine is in the report"
    assert first["counts"]["Failed"] == 1 and sum(first["counts"].values()) == len(first["checks"])


@test
def one_check_alone_finds_what_it_found_among_all(world):
    path = world.plugin("good_check", "CHECK_BATCH_SPLIT")
    among = statuses(world.report(path, "--seed", "77"))["check.batch_split"]
    alone = world.report(path, "--seed", "77", "--check", "check.batch_split")
    assert [among] == alone["checks"], (among, alone["checks"])
    assert alone["seed"] == 77


@test
def seeds_choose(world):
    # Its detail names the place of the cut that gave it away.
    path = world.plugin("good_connector", "CONNECTOR_TRUNCATED")
    words = ("--check", "connector.truncated")
    details = [world.report(path, *words, "--seed", str(seed))["checks"][0]["detail"] for seed in range(1, 5)]
    assert all(re.match(r"cut at byte \d+ of \d+ the source gives", detail) for detail in details), details
    assert len(set(details)) > 1, "four seeds choose alike: %s" % details
    random = world.report(path, *words, "--seed", "random")
    again = world.report(path, *words, "--seed", str(random["seed"]))
    assert random == again, "the seed that was chosen does not replay"


@test
def what_a_plugin_says_is_not_in_the_hashed_report(world):
    report = world.report(world.plugin("good_check", "CHECK_EMPTY"), "--check", "check.empty")
    detail = report["checks"][0]["detail"]
    assert detail == "DETERMINISTIC_FAILURE plugin.failed, during finish", detail


@test
def the_suite_leaves_no_file_behind(world):
    path, temporary = world.plugin("good_connector"), os.path.join(world.folder, "temporary")
    os.makedirs(temporary)
    done = world.run(path, "--check", "connector.drift", "--check", "connector.zero_rows", TMPDIR=temporary)
    assert done.returncode == 0 and "connector.drift" in done.stdout, done.stderr
    assert os.listdir(temporary) == [], os.listdir(temporary)


@test
def checks_run_where_the_suite_is_process_1(world):
    """As in a container whose only program it is."""
    alone = ["unshare", "--pid", "--fork", "--mount-proc"]
    if os.geteuid() != 0:
        alone[1:1] = ["--user", "--map-root-user"]
    number = subprocess.run([*alone, "sh", "-c", "echo $$"], capture_output=True, text=True)
    if number.stdout.strip() != "1":
        print("      (this machine has no namespace of processes for us: %s)" % number.stderr.strip())
        return
    path = world.plugin("good_check")
    done = subprocess.run([*alone, world.sluice, "plugin", "conformance", path, "--check", "package.size", "--json",
                           "--home", world.home], capture_output=True, text=True, timeout=300)
    checks = json.loads(done.stdout)["checks"]
    assert [check["status"] for check in checks] == ["Passed"], told(checks)


@test
def junit_parses_and_counts(world):
    done = world.run(world.plugin("good_check", "CHECK_ALL_NULL"), "--junit")
    assert done.returncode == 1, done.stderr
    root = xml.etree.ElementTree.fromstring(done.stdout)
    cases = root.findall("./testsuite/testcase")
    assert root.tag == "testsuites" and len(cases) == int(root.get("tests")) > 0
    assert len(root.findall(".//failure")) == int(root.get("failures"))
    assert len(root.findall(".//error")) == int(root.get("errors"))
    assert len(root.findall(".//skipped")) == int(root.get("skipped"))
    assert int(root.get("failures")) + int(root.get("errors")) == 1
    bad = (root.findall(".//failure") + root.findall(".//error"))[0]
    assert "--check check.all_null --seed 1" in bad.text, bad.text
    assert all(re.fullmatch(r"\d+\.\d{3}", case.get("time")) for case in cases)


@test
def people_read_what_broke_and_how_to_make_it_again(world):
    path = world.plugin("good_check", "CHECK_EMPTY")
    done = world.run(path)
    assert done.returncode == 1
    assert "Failed check.empty" in done.stdout, done.stdout
    again = re.search(r"Again: sluice (.*)", done.stdout).group(1)
    assert "--check check.empty --seed 1" in again
    repeated = subprocess.run([world.sluice, *again.split()], capture_output=True, text=True)
    assert repeated.returncode == 1 and "Failed check.empty" in repeated.stdout, repeated.stdout + repeated.stderr
    assert "plugin.conformance" in done.stderr and "check.empty" in done.stderr


# ---- mistakes ----

@test
def targets_that_are_none_get_distinct_errors(world):
    text = os.path.join(world.folder, "text.so")
    open(text, "w").write("this is no library\n")
    assert world.refusal(text)["detail_id"] == "plugin.load"
    assert "ELF" in world.refusal(text)["message"]
    assert world.refusal(os.path.join(world.folder, "absent.so"))["detail_id"] == "plugin.missing"
    assert world.refusal(os.path.join(world.folder, "absent.json"))["detail_id"] == "plugin.missing"
    folder = world.refusal(world.folder + "/")
    assert folder["detail_id"] == "usage" and "folder" in folder["message"], folder
    assert world.refusal("no.such.plugin")["detail_id"] == "plugin.missing"
    broken = os.path.join(world.folder, "broken.json")
    open(broken, "w").write('{"manifest_version":1}')
    assert world.refusal(broken)["detail_id"] == "plugin.manifest"


@test
def a_check_that_there_is_not_is_named_with_the_nearest(world):
    error = world.refusal("good.check", "--check", "check.batch_splits")
    assert error["detail_id"] == "usage" and "check.batch_split?" in error["hint"], error


@test
def options_that_do_not_fit_are_refused(world):
    path = world.plugin("good_check")
    for words in (("--seed", "x"), ("--seed", "-1"), ("--seed", "9007199254740992"), ("--junit",)):
        assert world.refusal(path, *words)["detail_id"] == "usage", words


def with_quirks(world, name, quirks):
    """The good check in a folder of its own, with other quirks."""
    source = os.path.dirname(world.plugin("good_check"))
    folder = os.path.join(world.folder, "quirks-" + name)
    shutil.copytree(source, folder)
    with open(os.path.join(folder, "conformance", "good.check.json"), "w") as file:
        file.write(quirks if isinstance(quirks, str) else json.dumps(quirks))
    return os.path.join(folder, "good.check.json")


@test
def quirks_are_strict_and_name_their_mistakes_by_pointer(world):
    wrong = {
        "key": ({"quirks_version": 1, "confg": {}}, "/confg"),
        "version": ({"quirks_version": 2}, "/quirks_version"),
        "declined": ({"quirks_version": 1, "declined": {"check.empti": "none"}}, "/declined/check.empti"),
        "reason": ({"quirks_version": 1, "declined": {"check.empty": ""}}, "/declined/check.empty"),
        "sources": ({"quirks_version": 1, "sources": {"sample": {"text": "x"}}}, "/sources"),
        "duplicate": ('{"quirks_version":1,"config":{},"config":{}}', "not valid JSON"),
    }
    for name, (quirks, pointer) in wrong.items():
        error = world.refusal(with_quirks(world, name, quirks))
        assert error["detail_id"] == "plugin.quirks" and pointer in error["message"], (name, error)


@test
def a_declined_check_is_skipped_with_its_reason_and_hosts_rules_cannot_be_declined(world):
    path = with_quirks(world, "declines", {"quirks_version": 1, "declined": {"check.merge_order": "it keeps no state"}})
    report = world.report(path)
    check = statuses(report)["check.merge_order"]
    assert check["status"] == "Skipped" and check["detail"] == "declined: it keeps no state", check
    assert report["quirks_sha256"], "the report does not name the quirks"
    ids = ["check.canary"] + [id for id in statuses(report) if id.split(".")[0] in ("sandbox", "package", "abi")]
    for number, id in enumerate(ids[:2]):
        refused = with_quirks(world, "host-%d" % number, {"quirks_version": 1, "declined": {id: "no"}})
        assert "cannot be declined" in world.refusal(refused)["message"]


@test
def a_provider_that_infers_is_asked_so(world):
    source = os.path.dirname(world.plugin("good_provider"))
    folder = os.path.join(world.folder, "infers")
    shutil.copytree(source, folder)
    answers = [{"path": "/v1/infer", "body": {"text": '{"text":"first name"}'}},
               {"path": "/v1/health", "body": {"text": "{}"}}]
    own = {"messages": [{"role": "user", "content": "what is {prompt}"}]}
    for request in (None, own):
        http = {"call": "infer", "answers": answers, **({"request": request} if request else {})}
        with open(os.path.join(folder, "conformance", "good.provider.json"), "w") as file:
            json.dump({"quirks_version": 1, "http": http}, file)
        report = world.report(os.path.join(folder, "good.provider.json"))
        fine(report)
        assert not [check for check in report["checks"] if check["id"].startswith("provider.")
                    and check["status"] != "Passed"], told(report["checks"])


# ---- the runs ----

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--stage", default=os.environ.get("SLUICE_STAGE") or os.path.join(ROOT, ".build/stage/debug"))
    parser.add_argument("--cc", default=os.environ.get("CC", "cc"))
    parser.add_argument("--only", default="", help="tests whose name holds this word")
    options = parser.parse_args()
    if not os.access(os.path.join(options.stage, "bin", "sluice"), os.X_OK):
        sys.exit("conformance: no program at %s; run scripts/stage debug" % options.stage)
    with tempfile.TemporaryDirectory(prefix="sluice-conformance-") as folder:
        world = World(options.stage, options.cc, folder)
        jobs = [("the faultless %s passes" % kind, lambda w, k=kind: fine(w.report(w.plugin("good_" + k))))
                for kind in ("check", "connector", "provider")]
        jobs += [("our %s passes" % id, lambda w, i=id: fine(w.report(i))) for id in OURS]
        jobs += TESTS
        jobs += [("%s is found by %s" % (fault, entry["check"]), lambda w, f=fault: expect_fault(w, f))
                 for fault, entry in world.faults.items()]
        jobs += [("%s is found by %s" % (fault, entry["check"]), lambda w, f=fault: expect_probed_fault(w, f))
                 for fault, entry in world.probed.items()]
        jobs = [job for job in jobs if options.only in job[0]]
        # One alone first: it makes the home.
        if jobs:
            subprocess.run([world.sluice, "plugin", "list", "--home", world.home], check=True, capture_output=True)
        passed = failed = 0
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            futures = [(name, pool.submit(run, world, body)) for name, body in jobs]
            for name, future in futures:
                problem = future.result()
                passed, failed = passed + (problem is None), failed + (problem is not None)
                print("%s  %s" % ("ok  " if problem is None else "FAIL", name), flush=True)
                if problem is not None:
                    print("      " + problem.replace("\n", "\n      "), flush=True)
    print("%d passed, %d failed, 0 skipped" % (passed, failed))
    return 1 if failed or not passed else 0


def run(world, body):
    try:
        body(world)
    except subprocess.CalledProcessError as error:
        return "%s\n%s" % (error, (error.stderr or b"")[-2000:])
    except AssertionError as error:
        return str(error) or traceback.format_exc()
    except Exception:
        return traceback.format_exc()
    return None


if __name__ == "__main__":
    sys.exit(main())
