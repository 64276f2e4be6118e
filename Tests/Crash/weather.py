#!/usr/bin/env python3
"""Bad weather, as a user meets it: a driver that slept, ten processes in one home, signals, full and read-only disks.

python3 Tests/Crash/weather.py [--stage DIR] [--only NAME]

Needs the debug stage. What takes root (mounts, another owner) says that it was skipped without it.
"""

import argparse
import concurrent.futures
import contextlib
import ctypes
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import threading
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import scenarios  # noqa: E402
from scene import Stage, difference, wait_stopped  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TESTS = []


class Skip(Exception):
    pass


def test(function):
    TESTS.append(function)
    return function


class World:
    """One scenario, its undisturbed outcome, and folders to play it in."""

    def __init__(self, root, folder):
        self.folder = folder
        self.stage = Stage(root, folder, batch=100)
        if not self.stage.has_failpoints:
            raise SystemExit("weather: the program has no failpoints: it takes a debug build")
        self.scenario = scenarios.Scenario(self.stage, folder)
        site = self.scenario.site("undisturbed")
        answer = site.run()
        assert answer.status == 0, answer
        self.expected = site.outcome()
        self.count = 0

    def site(self, scenario=None):
        self.count += 1
        return (scenario or self.scenario).site(f"weather-{self.count}")

    def same(self, site):
        found = difference(self.expected, site.outcome())
        assert found == (0, 0, []), "lost {}, doubled {}, differs {}".format(*found)

    def hung(self, site, place):
        process = site.start(*site.run_arguments(), fault=f"{place}=hang")
        assert wait_stopped(process), f"{place} was not reached"
        return process

    def resumed(self, site):
        answer = site.call("resume", site.run_id(), "--yes")
        assert answer.status == 0, answer
        self.same(site)


@contextlib.contextmanager
def mounted(folder, size):
    """A tmpfs of so many bytes over a folder."""
    libc = ctypes.CDLL(None, use_errno=True)
    os.makedirs(folder, exist_ok=True)
    options = f"size={size},mode=0700".encode()
    if os.geteuid() != 0 or libc.mount(b"tmpfs", folder.encode(), b"tmpfs", 0, options) != 0:
        raise Skip("a tmpfs cannot be mounted here")
    try:
        yield lambda flags: libc.mount(b"tmpfs", folder.encode(), b"tmpfs", 32 | flags, options)
    finally:
        libc.umount2(folder.encode(), 2)


# A driver that slept


@test
def a_second_driver_is_told_who_drives(world):
    site = world.site()
    driver = world.hung(site, "target.chunk.after@2")
    answer = site.call("resume", site.run_id(), "--yes")
    assert answer.status == 1 and answer.detail == "run.state", answer
    assert str(driver.pid) in answer.json["error"]["message"], answer
    driver.send_signal(signal.SIGCONT)
    answer = site.finish(driver)
    assert answer.status == 0, answer
    world.same(site)


def overtaken(world, place):
    """A driver sleeps, loses its lock, another drives the run to its end; what it does awake changes nothing."""
    site = world.site()
    sleeper = world.hung(site, place)
    run = site.run_id()
    os.unlink(os.path.join(site.home, "locks", f"{run}.lock"))
    answer = site.call("resume", run, "--yes")
    assert answer.status == 0, answer
    world.same(site)
    sleeper.send_signal(signal.SIGCONT)
    answer = site.finish(sleeper)
    assert answer.status == 1 and answer.detail == "run.state", answer
    assert "took over" in answer.json["error"]["message"], answer
    world.same(site)
    leases = site.rows(site.target, "SELECT token FROM _sluice_lease"), site.rows(
        site.database, "SELECT lease_token FROM runs")
    # Behind a promotion nothing is written to the target.
    behind = ("target.promote.after", "store.checkpoint.after@6", "store.commit_stage.before@5")
    known = 1 if place in behind else 2
    assert leases == ([(known,)], [(2,)]), leases


# Not inside a step of the target, nor at the checkpoints of staging: there a driver that sleeps holds the target's lock,
# and a second one is told that the target is busy.
for _place in (
        "store.update_run.before@2", "store.artifact.middle@3", "store.commit_stage.before@2", "store.decision.before",
        "target.prepare.before", "target.prepare.after", "target.chunk.before@1", "target.chunk.before@3",
        "target.chunk.after@4", "store.checkpoint.after@6", "store.quarantine.before", "target.withdraw.before",
        "target.promote.before", "target.promote.after", "store.commit_stage.before@5"):
    def _overtaken(world, place=_place):
        overtaken(world, place)

    _overtaken.__name__ = f"overtaken at {_place}"
    TESTS.append(_overtaken)


@test
def two_overtaken_drivers_in_a_row(world):
    site = world.site()
    first = world.hung(site, "target.chunk.before@2")
    run = site.run_id()
    lock = os.path.join(site.home, "locks", f"{run}.lock")
    os.unlink(lock)
    second = site.start("resume", run, "--yes", fault="target.chunk.before@2=hang")
    assert wait_stopped(second)
    os.unlink(lock)
    answer = site.call("resume", run, "--yes")
    assert answer.status == 0, answer
    for sleeper in (first, second):
        sleeper.send_signal(signal.SIGCONT)
        answer = site.finish(sleeper)
        assert answer.status == 1 and "took over" in str(answer), answer
    world.same(site)


@test
def an_intruder_that_goes_again_leaves_the_run_resumable(world):
    trace = os.path.join(world.folder, "quarantine.trace")
    site = world.site()
    site.run(trace=trace)
    with open(trace, encoding="ascii") as file:
        first = file.read().split().count("store.quarantine.after")
    site = world.site(scenarios.Intruder(world.stage, world.folder))
    answer = scenarios.Intruder.play(world.scenario, site, fault=f"store.quarantine.after@{first + 1}=kill")
    assert answer.status == 137, answer
    site.change_target("DELETE FROM people WHERE id = 900002")
    answer = site.call("resume", site.run_id(), "--yes")
    assert answer.status == 0, answer
    told = answer.json
    assert told["rows_in"] == told["rows_migrated"] + told["rows_quarantined"], told


# Many processes


@test
def ten_processes_read_and_decide_while_a_run_is_driven(world):
    os.makedirs(os.path.join(world.folder, "many"), exist_ok=True)
    wide = Stage(os.path.dirname(os.path.dirname(world.stage.sluice)), os.path.join(world.folder, "many"), batch=500)
    scenario = scenarios.Big(wide, world.folder, 15_000)
    site = world.site(scenario)
    held = []
    for number in range(4):  # runs of the same home that wait for a decision
        site.change_target(f"CREATE TABLE other{number} (id INTEGER PRIMARY KEY, name TEXT, email TEXT, amount REAL)")
        answer = site.call(
            "run", "--lhs", "csv:in.csv", "--rhs", f"sqlite:t.db#other{number}", "--idempotency-key", str(number))
        assert answer.status == 3, answer
        held.append(answer.json["run_id"])
    driver = site.start(*site.run_arguments())
    driven = None
    while driven is None:
        driven = next((one["run_id"] for one in site.call("runs").json.get("runs") or []
                       if one["run_id"] not in held), None)
    seen, wrong, lock = [0], [], threading.Lock()

    def client(number):
        commands = [("runs",), ("show", driven), ("ledger", driven), ("decide", driven, "migration", "accept"),
                    ("artifacts", driven), ("decide", held[number % 4], "migration", "hold", "--reason", "not yet"),
                    ("show", held[number % 4])]
        turn = number
        while driver.poll() is None:
            command = commands[turn % len(commands)]
            turn += 1
            answer = site.call(*command)
            told = str(answer.out + answer.err).lower()
            # A decision that comes when the run does not wait, or while another one is posted, is refused by name.
            refused = command[0] == "decide" and answer.detail == "run.state"
            with lock:
                seen[0] += 1
                if (answer.status != 0 and not refused) or "locked" in told or "sqlite 5" in told:
                    wrong.append(f"{' '.join(command)}: {answer}")

    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        list(pool.map(client, range(10)))
    answer = site.finish(driver)
    assert answer.status == 0, answer
    assert not wrong, "\n".join(wrong[:5])
    assert seen[0] >= 10, seen
    assert len(site.rows(site.target, "SELECT id FROM people")) == 15_000 - len(range(17, 15_000, 9973))
    sequence = [row[0] for row in site.rows(site.database, "SELECT seq FROM supervisor_ledger ORDER BY seq")]
    assert sequence == list(range(1, len(sequence) + 1))


# Signals and terminals


def signalled(world, *numbers):
    site = world.site()
    process = world.hung(site, "target.chunk.after@2")
    for number in numbers:
        process.send_signal(number)
    process.send_signal(signal.SIGCONT)
    answer = site.finish(process)
    assert answer.status == 1 and answer.detail == "run.interrupted", answer
    assert answer.json["state"] == "stopped", answer
    assert site.rows(site.target, "SELECT count(*) FROM _sluice_checkpoints") == [(2,)]
    assert site.rows(site.database, "SELECT state FROM runs") == [("stopped",)]
    world.resumed(site)


@test
def sigterm_checkpoints_and_leaves(world):
    signalled(world, signal.SIGTERM)


@test
def sighup_checkpoints_and_leaves(world):
    signalled(world, signal.SIGHUP)


@test
def sigint_checkpoints_and_leaves(world):
    signalled(world, signal.SIGINT)


@test
def a_second_sigint_leaves_at_once(world):
    site = world.site()
    # SIGINT twice while stopped is one signal: the first must be handled before the second comes.
    process = site.start(*site.run_arguments(), fault="target.chunk.after@2=hang,target.chunk.after@3=hang")
    assert wait_stopped(process)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGCONT)
    answer = site.finish(process)
    assert answer.status in (130, 143), answer
    world.resumed(site)


@test
def a_terminal_that_closes_stops_the_run(world):
    site = world.site()
    master, slave = os.openpty()

    def own_terminal():
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        [world.stage.sluice, *site.run_arguments(), "--home", site.home], cwd=site.folder, stdin=slave, stdout=slave,
        stderr=slave, env=site.environment("target.chunk.after@2=hang"), preexec_fn=own_terminal)
    os.close(slave)
    assert wait_stopped(process)
    os.close(master)
    # The kernel sends SIGHUP, then SIGCONT.
    process.wait(60)
    assert process.returncode == 1, process.returncode
    assert site.rows(site.database, "SELECT state FROM runs") == [("stopped",)]
    world.resumed(site)


# Disks


def tree(folder):
    return sorted(os.path.join(base, name) for base, _, names in os.walk(folder) for name in names)


@test
def a_home_that_cannot_be_made_is_named(world):
    site = world.site()
    with mounted(os.path.join(site.folder, "ro"), "1m") as remount:
        remount(1)
        site.home = os.path.join(site.folder, "ro", "home")
        answer = site.run()
        assert answer.status == 1 and answer.detail == "file.failed", answer
        assert "ro/home" in str(answer) and "Read-only" in str(answer), answer
    assert site.rows(site.target, "SELECT count(*) FROM people") == [(2,)]


@test
def a_home_that_became_read_only_is_named_and_goes_on_later(world):
    site = world.site()
    with mounted(site.home, "8m") as remount:
        # Nobody may have a file open for writing while it is remounted: held, not hung.
        answer = site.run(confirm=False)
        assert answer.status == 3, answer
        run = site.run_id()
        before = tree(site.home)
        assert remount(1) == 0
        for command in (("resume", run, "--yes"), ("decide", run, "migration", "accept"), ("runs",)):
            answer = site.call(*command)
            assert answer.status == 1, answer
            assert answer.detail in ("store.failed", "file.failed"), answer
            assert "read-only" in str(answer).lower() or "readonly" in str(answer).lower(), answer
            assert site.home in str(answer), answer
        assert tree(site.home) == before
        assert remount(0) == 0
        world.resumed(site)


@test
def a_home_on_a_full_disk_is_named_and_goes_on_when_there_is_space(world):
    failures = set()
    for left in [0, 16, 64, 128, 224, 320, 416, 512]:
        site = world.site()
        with mounted(site.home, "2m"):
            ballast = os.path.join(site.home, "ballast")
            with open(ballast, "wb") as file:
                file.write(bytes((2048 - left) << 10))
            answer = site.run()
            if answer.status != 0:
                assert answer.status == 1, answer
                assert answer.detail in ("store.failed", "file.failed"), answer
                assert "No space" in str(answer), answer
                failures.add(site.phase())
                half = [path for path in tree(site.home) if path.endswith(".tmp")]
                assert not half, half
            os.truncate(ballast, 0)
            problem = world.scenario.recover(site)
            assert not problem, f"{left} KiB: {problem}"
            world.same(site)
        site.remove()
    assert len(failures) > 1, failures
    print("      full while: " + ", ".join(sorted(failures)))


@test
def a_target_on_a_full_disk_is_named_and_goes_on_when_there_is_space(world):
    for left in (16, 40, 60):
        site = world.site()
        with mounted(os.path.join(site.folder, "disk"), "1m"):
            disk = os.path.join(site.folder, "disk")
            shutil.copy(site.target, disk)
            ballast = os.path.join(disk, "ballast")
            site.target = os.path.join(disk, "t.db")
            with open(ballast, "wb") as file:
                file.write(bytes(max(0, 1024 - left - os.path.getsize(site.target) // 1024) << 10))
            arguments = [one.replace("t.db", "disk/t.db") for one in site.run_arguments()]
            answer = site.call(*arguments)
            assert answer.status == 1 and answer.detail == "target.write", (left, str(answer))
            assert "full" in str(answer), answer
            assert site.rows(site.target, "SELECT count(*) FROM people") == [(2,)]
            os.truncate(ballast, 0)
            world.resumed(site)


@test
def a_home_of_somebody_else_is_refused(world):
    if os.geteuid() != 0:
        raise Skip("only root can give a folder away")
    site = world.site()
    for made in (False, True):
        if made:
            answer = site.run(confirm=False)
            assert answer.status == 3, answer
        else:
            os.mkdir(site.home, 0o700)
        before = tree(site.home)
        os.chown(site.home, 65534, 65534)
        for command in (site.run_arguments(), ["runs"]):
            answer = site.call(*command)
            assert answer.status == 1 and answer.detail == "file.failed", answer
            assert "belongs to user 65534" in str(answer) and "--home" in str(answer), answer
        assert tree(site.home) == before
        os.chown(site.home, 0, 0)
    world.resumed(site)


# The clock

SHIFT = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
int clock_gettime(clockid_t clock, struct timespec *time) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  int status = real(clock, time);
  const char *shift = getenv("SHIFT");
  if (!status && clock == CLOCK_REALTIME && shift) time->tv_sec += atol(shift);
  return status;
}
"""


@test
def a_clock_that_goes_back_changes_no_order(world):
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if not compiler:
        raise Skip("no C compiler")
    library = os.path.join(world.folder, "shift.so")
    done = subprocess.run([compiler, "-shared", "-fPIC", "-o", library, "-x", "c", "-", "-ldl"], input=SHIFT, text=True,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    site = world.site()
    plain = site.environment
    shift = 0

    def shifted(fault=None, trace=None):
        return plain(fault, trace) | {"LD_PRELOAD": library, "SHIFT": str(shift)}

    site.environment = shifted
    run = scenarios.confirmable(site)
    shift = -86_400
    answer = site.call("decide", run, "migration", "accept")
    assert answer.status == 0, answer
    shift = -2 * 86_400
    answer = site.call("resume", run, fault="target.chunk.after@3=kill")
    assert answer.status == 137, answer
    shift = -400 * 86_400
    world.resumed(site)
    times = [row[0] for row in site.rows(site.database, "SELECT timestamp_utc FROM supervisor_ledger ORDER BY seq")]
    assert times != sorted(times), "the clock did not go back"
    listed = [json.loads(line) for line in site.call("ledger", run).out.splitlines()]
    assert [(event.get("event") or event)["timestamp_utc"] for event in listed] == times, "not in the order of sequence"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--stage", default=os.environ.get("SLUICE_STAGE", os.path.join(ROOT, ".build/stage/debug")))
    parser.add_argument("--only")
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="sluice-weather-")
    world = World(arguments.stage, folder)
    passed = failed = skipped = 0
    for function in TESTS:
        name = function.__name__.replace("_", " ") if not function.__name__.startswith("overtaken") else function.__name__
        if arguments.only and arguments.only not in name:
            continue
        begin = time.monotonic()
        try:
            function(world)
            passed += 1
            print(f"ok    {name:<72} {time.monotonic() - begin:.2f} s")
        except Skip as why:
            skipped += 1
            print(f"skip  {name:<72} {why}")
        except Exception:  # one test must not end the others
            failed += 1
            print(f"FAIL  {name}")
            traceback.print_exc(file=sys.stdout)
        sys.stdout.flush()
    if failed:
        print(f"what is left of them: {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
