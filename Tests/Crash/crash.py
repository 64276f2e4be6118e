#!/usr/bin/env python3
"""Kills a run at every failpoint and at random moments, resumes it, and compares it with the undisturbed one.

python3 Tests/Crash/crash.py [--stage DIR] [--bounded] [--random N] [--rows N] [--seed N] [--jobs N] [--only NAME]

The whole (`make crash`): each failpoint × {first, middle, last time} × kill in the first scenario that reaches it, and the
last time in the others; a second kill during the resume; ENOSPC and EIO; 300 kills at random moments of 200,000 rows.
--bounded: each failpoint once, 10 random kills of 20,000 rows. Status 1 when a row was lost or doubled, a run could
not be resumed at once, anything else differs, or no scenario reaches a failpoint; 128 + the signal that ended it half-way.
Needs the debug stage: failpoints are not in a release.
"""

import argparse
import collections
import concurrent.futures
import itertools
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import scenarios  # noqa: E402
from scene import Stage, difference  # noqa: E402

TELLING = {"enospc": ("No space", "disk is full"), "eio": ("I/O error", "Input/output error")}
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Sweep:
    def __init__(self, folder, jobs, seed):
        self.folder, self.jobs = folder, jobs
        self.random = random.Random(seed)
        self.numbers = itertools.count()
        self.lock = threading.Lock()
        self.table = collections.defaultdict(collections.Counter)
        self.lost = self.doubled = self.unresumable = self.unequal = 0
        self.passed = self.failed = self.skipped = 0
        self.expected = {}
        self.reached = {}
        # The signal that ended the sweep half-way.
        self.stopped = 0

    # The undisturbed runs

    def observe(self, scenario):
        """Plays a scenario undisturbed: what it ends with, and which places its own command reaches how often."""
        trace = os.path.join(self.folder, f"{scenario.name}.trace")
        site = scenario.site(f"{scenario.name}-undisturbed")
        answer = scenario.play(site, trace=trace)
        if scenario.name in ("decide", "stop"):
            problem = scenario.recover(site)
        else:
            problem = None if answer.status == scenario.status else answer
        if problem:
            raise SystemExit(f"crash: the undisturbed run of {scenario.name} ends with {problem}")
        self.expected[scenario.name] = site.outcome()
        for part in ("ledger", "mark"):
            if self.expected[scenario.name][part]:
                raise SystemExit(f"crash: {scenario.name}: {part}: {self.expected[scenario.name][part]}")
        if site.mark(site.run_id())[1]:
            raise SystemExit(f"crash: {scenario.name}: the mark of the undisturbed run's ledger is behind it")
        self.reached[scenario.name] = collections.Counter()
        if os.path.exists(trace):
            with open(trace, encoding="ascii") as file:
                self.reached[scenario.name].update(file.read().split())
        site.remove()

    # One try

    def judge(self, title, phase, kind, scenario, site):
        """Resumes, compares, counts; keeps the folder of a try that failed."""
        problem = scenario.recover(site)
        lost = doubled = 0
        others = []
        if not problem:
            lost, doubled, others = difference(self.expected[scenario.name], site.outcome())
        with self.lock:
            self.table[phase][kind] += 1
            self.lost += lost
            self.doubled += doubled
            self.unresumable += 1 if problem else 0
            self.unequal += 1 if others else 0
            if problem or lost or doubled or others:
                self.failed += 1
                print(f"FAIL  {title}: {problem or f'lost {lost}, doubled {doubled}, differs {others}'} ({site.folder})")
                sys.stdout.flush()
                return
            self.passed += 1
        site.remove()

    def attempt(self, title, work):
        if self.stopped:
            with self.lock:
                self.skipped += 1
            return
        try:
            work()
        except (Exception, SystemExit):  # one try must not end the others
            with self.lock:
                self.failed += 1
                print(f"FAIL  {title}")
                traceback.print_exc(file=sys.stdout)
                sys.stdout.flush()

    def at_failpoint(self, scenario, name, count, act, second=None):
        title = f"{scenario.name} {name}@{count}={act}" + (f", then {second}=kill" if second else "")

        def work():
            site = scenario.site(f"try-{next(self.numbers)}")
            answer = scenario.play(site, fault=f"{name}@{count}={act}")
            if act == "kill" and answer.status != 137:
                raise AssertionError(f"it was not killed: {answer}")
            # A lease that could not be dropped is nobody's loss; any other refusal is told.
            if act != "kill" and answer.status not in (0, scenario.status):
                if not any(word in str(answer) for word in TELLING[act]):
                    raise AssertionError(f"the error does not say what happened: {answer}")
            if second:
                scenario.resume(site, fault=f"{second}=kill")
            kind = act + (" twice" if second else "")
            self.judge(title, name.rsplit(".", 1)[0], kind, scenario, site)

        return lambda: self.attempt(title, work)

    def at_random(self, scenario, seconds, second):
        delay = self.random.uniform(0, seconds)
        again = self.random.uniform(0, seconds / 2) if second else None
        title = f"{scenario.name} kill -9 after {delay:.3f} s" + (f" and {again:.3f} s" if second else "")

        def work():
            site = scenario.site(f"try-{next(self.numbers)}")
            process = site.start(*site.run_arguments())
            time.sleep(delay)
            process.kill()
            answer = site.finish(process)
            phase = site.phase() if answer.status == 137 else "ended before"
            run = site.run_id() if second else None
            if run:
                process = site.start("resume", run, "--yes")
                time.sleep(again)
                process.kill()
                site.finish(process)
            self.judge(title, phase, "random twice" if second else "random", scenario, site)

        return lambda: self.attempt(title, work)

    def perform(self, tries):
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            for number, done in enumerate([pool.submit(one) for one in tries], start=1):
                done.result()
                if number % 100 == 0:
                    print(f"{number} of {len(tries)} tries", file=sys.stderr)

    # What is printed

    def report(self, seconds):
        kinds = sorted({kind for row in self.table.values() for kind in row})
        width = max([len(phase) for phase in self.table] + [8])
        print("".ljust(width) + "".join(f"{kind:>14}" for kind in kinds))
        for phase in sorted(self.table):
            print(phase.ljust(width) + "".join(f"{self.table[phase][kind]:>14}" for kind in kinds))
        total = collections.Counter()
        for row in self.table.values():
            total.update(row)
        print("all".ljust(width) + "".join(f"{total[kind]:>14}" for kind in kinds))
        print(f"{sum(total.values())} tries in {seconds:.0f} s")
        print(f"lost {self.lost}, doubled {self.doubled}, unresumable {self.unresumable}, unequal {self.unequal}")
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")


def failpoint_tries(sweep, played, names, bounded):
    """Every name that a scenario reaches; the first scenario that reaches it alone when bounded."""
    tries, seconds = [], itertools.cycle(
        ["store.commit_stage.middle", "target.chunk.middle", "target.promote.after", "store.take_lease.after",
         "target.promote.middle", "store.checkpoint.after", "target.withdraw.middle", "store.artifact.middle"])
    for name in names:
        reaching = [one for one in played if sweep.reached[one.name][name]]
        if not reaching:
            sweep.failed += 1
            print(f"FAIL  {name}: no scenario reaches it")
            continue
        scenario, others = reaching[0], reaching[1:]
        count = sweep.reached[scenario.name][name]
        for time_of in [(count + 1) // 2] if bounded else sorted({1, (count + 1) // 2, count}):
            tries.append(sweep.at_failpoint(scenario, name, time_of, "kill"))
        if bounded:
            continue
        tries.append(sweep.at_failpoint(scenario, name, count, "kill", second=next(seconds)))
        for act in ("enospc", "eio"):
            tries.append(sweep.at_failpoint(scenario, name, (count + 1) // 2, act))
        for scenario in others:
            tries.append(sweep.at_failpoint(scenario, name, sweep.reached[scenario.name][name], "kill"))
    return tries


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--stage", default=os.environ.get("SLUICE_STAGE", os.path.join(ROOT, ".build/stage/debug")))
    parser.add_argument("--bounded", action="store_true")
    parser.add_argument("--random", type=int)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", help="failpoints whose name contains this; no random kills")
    arguments = parser.parse_args()
    kills = arguments.random if arguments.random is not None else 10 if arguments.bounded else 300
    rows = arguments.rows or (20_000 if arguments.bounded else 200_000)
    began = time.monotonic()
    folder = tempfile.mkdtemp(prefix="sluice-crash-")
    sweep = Sweep(folder, arguments.jobs, arguments.seed)

    def stop(number, _):
        """What was done so far is reported; the rest counts as skipped, and the status says that there is a rest."""
        sweep.stopped = number

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    stage = Stage(arguments.stage, folder, batch=100)
    if not stage.has_failpoints:
        raise SystemExit(f"crash: {stage.sluice} has no failpoints: it takes a debug build")
    played = [made(stage, folder) for made in scenarios.ALL]
    sweep.perform([lambda one=one: sweep.observe(one) for one in played])
    names = [name for name in stage.failpoints(folder) if not arguments.only or arguments.only in name]
    print(f"{len(names)} failpoints, seed {arguments.seed}")
    tries = failpoint_tries(sweep, played, names, arguments.bounded)
    if kills and not arguments.only:
        os.mkdir(os.path.join(folder, "big"))
        wide = Stage(arguments.stage, os.path.join(folder, "big"), batch=rows // 8)
        big = scenarios.Big(wide, folder, rows)
        sweep.observe(big)
        began_big = time.monotonic()
        site = big.site("big-timed")
        site.run()
        seconds = time.monotonic() - began_big
        site.remove()
        print(f"{kills} random kills of {rows:,} rows, which take {seconds:.1f} s undisturbed")
        tries += [sweep.at_random(big, seconds * 1.2, second=number % 5 == 4) for number in range(kills)]
    sweep.perform(tries)
    sweep.report(time.monotonic() - began)
    if not sweep.failed:
        shutil.rmtree(folder, ignore_errors=True)
    if sweep.failed or sweep.lost or sweep.doubled or sweep.unresumable or sweep.unequal:
        return 1
    return 128 + sweep.stopped if sweep.stopped else 0


if __name__ == "__main__":
    sys.exit(main())
