#!/usr/bin/env python3
"""The checks of sluice-prober held against plugins: three faultless ones, and one for each fault.

Each of the 29 checks is proved by a plugin with the one fault that it is about (prober/faults.json): that check must end
Failed or Crashed on it, and each other one must pass or be skipped. The prober is started directly, as the suite does.

    prober_test.py [--prober PROGRAM] [--cc CC] [--only WORD] [--details]

Ends with `N passed, N failed, N skipped`; status 1 when anything failed.
"""

import argparse
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile
import traceback

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)

from prober import ABI, CHECKS, SANDBOX, LIMITS, Subject, run  # noqa: E402

BASES = ("good_check", "good_connector", "good_provider")
STRICT = ["-std=c11", "-O1", "-fPIC", "-shared", "-Wall", "-Wextra", "-pedantic", "-Werror"]
FOUND = {"Failed", "Crashed"}


class World:
    def __init__(self, prober, cc, folder, pool):
        self.prober, self.cc, self.folder, self.pool = prober, cc, folder, pool
        with open(os.path.join(HERE, "prober", "faults.json")) as file:
            self.faults = json.load(file)

    def subject(self, base, fault=None, **more):
        path = os.path.join(self.folder, base + ("-" + fault.replace("=", "-") if fault else "") + ".so")
        if not os.path.exists(path):
            subprocess.run([self.cc, *STRICT, *(["-DFAULT_" + fault] if fault else []),
                            "-I", os.path.join(ROOT, "SDK", "include"),
                            "-Wl,--version-script=" + os.path.join(ROOT, "SDK", "exports.map"), "-Wl,-z,nodelete",
                            os.path.join(HERE, "prober", base + ".c"), "-o", path, "-lpthread"], check=True)
        kind = base.split("_")[1]
        sources = [bytes(range(200))] if kind == "connector" else []
        return Subject(path, kind, "good." + kind, **{"sources": sources, **more})

    def check(self, subject, check, **more):
        return run(self.prober, subject, check, **more)

    def all(self, subject):
        return dict(zip(CHECKS, self.pool.map(lambda check: self.check(subject, check), CHECKS)))


def told(outcomes):
    return "; ".join("%s %s: %s" % (check, status, detail) for check, (status, detail) in outcomes.items()) or "nothing"


def passes_everything(world, base):
    outcomes = {check: outcome for check, outcome in world.all(world.subject(base)).items() if outcome[0] != "Passed"}
    assert not outcomes, told(outcomes)


def is_found_by_its_check_alone(world, fault):
    entry = world.faults[fault]
    outcomes = world.all(world.subject(entry["base"], fault, **entry.get("manifest", {})))
    found = {check: outcome for check, outcome in outcomes.items() if outcome[0] in FOUND}
    assert list(found) == [entry["check"].split(".")[1]], "found by: " + told(found)
    other = {check: outcome for check, outcome in outcomes.items() if outcome[0] not in FOUND | {"Passed", "Skipped"}}
    assert not other, told(other)
    assert all(detail for _, detail in found.values()), "it is found without a word"
    return told(found)


def every_check_has_its_fault(world):
    proved = sorted(entry["check"] for entry in world.faults.values())
    assert proved == sorted(["abi." + name for name in ABI] + ["sandbox." + name for name in SANDBOX]), proved
    assert len(set(proved)) == 29


def the_same_seed_gives_the_same_words(world):
    subject = world.subject("good_check", "ARGUMENTS")
    assert world.check(subject, "arguments", seed=7) == world.check(subject, "arguments", seed=7)
    # The fault hides from the calls that are tried one by one and is met by chance: the seed says when.
    subject = world.subject("good_check", "ARGUMENTS_BY_CHANCE")
    first = {seed: world.check(subject, "arguments", seed=seed) for seed in (1, 2, 3)}
    assert all(status == "Failed" and "SLUICE_OK" in detail for status, detail in first.values()), first
    assert first == {seed: world.check(subject, "arguments", seed=seed) for seed in (1, 2, 3)}


def a_crash_names_the_signal_and_the_call(world):
    status, detail = world.check(world.subject("good_check", "ARGUMENTS"), "arguments")
    assert status == "Crashed", (status, detail)
    assert detail == "SIGSEGV in sluice_check_ops.declare(instance=right, out=NULL, error=right)", detail


def a_call_that_hangs_is_stopped_and_named(world):
    outcome = world.check(world.subject("good_check", "HANGS"), "older_host", seconds=1)
    assert outcome == ("Crashed", "it did not end within 1 s, in declare"), outcome
    status, detail = world.check(world.subject("good_check", "CANCEL_HANGS"), "cancel_race", seconds=30)
    assert status == "Failed" and detail == "cancel did not return while no call ran", (status, detail)


def a_plugin_that_is_another_is_refused(world):
    subject = world.subject("good_check")
    subject.identity = "other.check"
    status, detail = world.check(subject, "older_host")
    assert status == "Failed" and "id differs" in detail, (status, detail)


def a_connector_without_a_source_is_driven_to_create(world):
    subject = world.subject("good_connector", sources=[])
    told = "not driven beyond create: no sample source is declared"
    assert world.check(subject, "older_host") == ("Warning", told)
    assert world.check(subject, "create_destroy")[0] == "Passed"
    for check in SANDBOX:
        assert world.check(subject, check) == ("Warning", told), check
    # A denial is found all the same, in create, and also when create wants a source.
    for fault in ("EARLY", "EARLY_REFUSED"):
        status, detail = world.check(world.subject("good_connector", fault, sources=[]), "network")
        assert (status, detail) == ("Failed", "the sandbox denied it socket"), (fault, status, detail)


def a_check_without_state_passes_everything(world):
    subject = world.subject("good_check", "STATELESS")
    outcomes = {check: outcome for check, outcome in world.all(subject).items() if outcome[0] != "Passed"}
    assert not outcomes, told(outcomes)


def an_outcome_that_a_plugin_writes_is_none(world):
    for fault in ("FORGES", "FORGES_AND_GOES_ON"):
        status, detail = world.check(world.subject("good_check", fault), "older_host")
        assert (status, detail) == ("Crashed", "an outcome that is not the prober's own"), (fault, status, detail)


def no_answer_of_the_listener_lets_anything_through(world):
    """The plugin shuts the listener, and answers in its place: what the runner refuses, the kernel refuses."""
    for fault in ("SHUTS_LISTENER", "NETWORK"):
        status, detail = world.check(world.subject("good_provider", fault), "network")
        assert (status, detail) == ("Failed", "the sandbox denied it socket"), (fault, status, detail)


def processes_are_refused_and_counted(world):
    for flag in ("0x4000", "0x2000", "0"):  # CLONE_VFORK, CLONE_PTRACE, a plain fork
        subject = world.subject("good_check", "CLONES=" + flag)
        outcome = world.check(subject, "exec")
        assert outcome == ("Failed", "the sandbox denied it clone"), (flag, outcome)
    assert world.check(world.subject("good_check", "SPAWNS"), "exec") == ("Crashed", "SIGSYS in declare")


def a_file_is_missed_once_and_told_without_its_path(world):
    outcome = world.check(world.subject("good_check", "FILES"), "files")
    assert outcome == ("Failed", "the sandbox denied it openat below /etc"), outcome
    assert world.check(world.subject("good_check", "RUN_TIME_FILES"), "files") == ("Passed", "")


def answers_that_differ_are_told(world):
    subject = world.subject("good_check", "FICKLE")
    for check in ("two_instances", "release_after_move", "arguments"):
        outcome = world.check(subject, check)
        told = ("Warning", "its answers differ from use to use, so nothing could be compared")
        assert outcome == told, (check, outcome)


def a_provider_whose_calls_all_fail_is_told(world):
    subject = world.subject("good_provider", "HTTP_FAILS", http=[])
    status, detail = world.check(subject, "older_host")
    assert status == "Warning" and "no call that asks for http went well" in detail, (status, detail)


def many_resources_fit(world):
    subject = world.subject("good_check", resources=[("r%d" % i, b"x") for i in range(32)])
    assert world.check(subject, "older_host") == ("Passed", ""), world.check(subject, "older_host")


def an_input_ends_where_nothing_can_be_read(world):
    status, detail = world.check(world.subject("good_check", "READS_BEYOND"), "borrowed_kept")
    assert (status, detail) == ("Crashed", "SIGSEGV in begin"), (status, detail)


def the_peak_of_memory_is_its_own(world):
    ballast = bytearray(os.urandom(1 << 20)) * 300  # the prober's process begins with this one's peak
    entry = world.faults["MEMORY"]
    status, detail = world.check(world.subject(entry["base"], "MEMORY", **entry["manifest"]), "memory")
    assert status == "Failed" and ballast[-1] == ballast[(1 << 20) - 1], (status, detail)


def a_limit_that_suffices_passes(world):
    for fault, change in (("THREADS", {"threads": 6}), ("DESCRIPTORS", {"descriptors": 32}), ("TIME", {"wall_s": 5}),
                          ("MEMORY", {"memory_bytes": 128 << 20})):
        base = world.faults[fault]["base"]
        subject = world.subject(base, fault, limits={**LIMITS, **change})
        outcome = world.check(subject, fault.lower())
        assert outcome == ("Passed", ""), (fault, outcome)


def the_runner_does_not_load_libffi(world):
    runner = os.path.join(os.path.dirname(world.prober), "sluice-runner")
    needed = subprocess.run(["readelf", "-d", runner], capture_output=True, text=True, check=True).stdout
    assert "libseccomp" in needed and "libffi" not in needed, needed


TESTS = [every_check_has_its_fault, the_same_seed_gives_the_same_words, a_crash_names_the_signal_and_the_call,
         a_call_that_hangs_is_stopped_and_named, a_plugin_that_is_another_is_refused,
         a_connector_without_a_source_is_driven_to_create, a_check_without_state_passes_everything,
         an_outcome_that_a_plugin_writes_is_none, no_answer_of_the_listener_lets_anything_through,
         processes_are_refused_and_counted, a_file_is_missed_once_and_told_without_its_path,
         answers_that_differ_are_told, a_provider_whose_calls_all_fail_is_told, many_resources_fit,
         an_input_ends_where_nothing_can_be_read, the_peak_of_memory_is_its_own, a_limit_that_suffices_passes,
         the_runner_does_not_load_libffi]


def perform(world, body):
    try:
        return None, body(world)
    except AssertionError as error:
        return str(error) or traceback.format_exc(), None
    except Exception:
        return traceback.format_exc(), None


def main():
    parser = argparse.ArgumentParser()
    stage = os.environ.get("SLUICE_STAGE") or os.path.join(ROOT, ".build", "stage", "debug")
    parser.add_argument("--prober", default=os.path.join(stage, "libexec", "sluice-prober"))
    parser.add_argument("--cc", default=os.environ.get("CC", "cc"))
    parser.add_argument("--only", default="", help="tests whose name holds this word")
    parser.add_argument("--details", action="store_true", help="say what was found of each fault")
    options = parser.parse_args()
    if not os.access(options.prober, os.X_OK):
        sys.exit("prober_test: no program at %s; run scripts/stage debug" % options.prober)
    with tempfile.TemporaryDirectory(prefix="sluice-prober-") as folder, \
            concurrent.futures.ThreadPoolExecutor(2) as pool:
        world = World(options.prober, options.cc, folder, pool)
        jobs = [("%s passes everything" % base, lambda w, b=base: passes_everything(w, b)) for base in BASES]
        jobs += [(body.__name__.replace("_", " "), body) for body in TESTS]
        jobs += [("%s is found by %s alone" % (fault, entry["check"]),
                  lambda w, f=fault: is_found_by_its_check_alone(w, f)) for fault, entry in world.faults.items()]
        jobs = [job for job in jobs if options.only in job[0]]
        passed = failed = 0
        for name, body in jobs:
            problem, words = perform(world, body)
            passed, failed = passed + (problem is None), failed + (problem is not None)
            print("%s  %s" % ("ok  " if problem is None else "FAIL", name), flush=True)
            if problem or (options.details and words):
                print("      " + (problem or words).replace("\n", "\n      "), flush=True)
    print("%d passed, %d failed, 0 skipped" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
