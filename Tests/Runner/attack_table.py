#!/usr/bin/env python3
"""The table of attacks against layers: every hostile plugin under every layer alone, under all, and under none.

python3 Tests/Runner/attack_table.py [--cc gcc] [--only NAME] [--details] [--docs]
As root it runs the table twice, the second time as nobody. A cell that differs from Tests/Golden/attacks/table.txt
fails. With RECORD_GOLDEN=1 the table is written as it was found, and the run fails. --docs writes
docs/attack-table.md from the golden table; a run without it fails when that page is not what it would write.
"""

import argparse
import errno
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import attacks_machine  # noqa: E402,F401
import attacks_outside  # noqa: E402,F401
import attacks_processes  # noqa: E402,F401
from attack_document import COLUMNS, DOCUMENT, Golden, document  # noqa: E402
from attack_scene import Report, Scene, Unavailable, build, perform, start  # noqa: E402
from attacks import ATTACKS  # noqa: E402
from host import (CREATED, INFER, LANDLOCK, LOADED, NAMESPACES, NO_NEW_PRIVS, PRIVATE_ROOT, PROVIDER,  # noqa: E402
                  RLIMITS, SECCOMP, UNPRIVILEGED, text)
from world import ROOT, World  # noqa: E402

BITS = dict(zip(COLUMNS[2:], (NAMESPACES, PRIVATE_ROOT, LANDLOCK, SECCOMP, RLIMITS, NO_NEW_PRIVS, UNPRIVILEGED)))
NOBODY = 65534
NOT_IN_FORCE = "the layer is not in force here"


class Missing(Exception):
    """A layer that this cell is about is not in force on this machine."""


class Cell:
    """One attack under one choice of layers: `value`, and `how` it came to that."""

    def __init__(self, attack, column):
        self.attack, self.column, self.value, self.how, self.seconds = attack, column, "", "", 0.0

    def run(self, scene):
        """Begins; a slow one ends in `finish`."""
        scene.fresh(self.column)
        self.began = time.monotonic()
        self.generator = self.attack.generator(scene)
        try:
            given = next(self.generator)
        except Unavailable as why:
            self.value, self.how = "n/a", str(why)
            return
        arguments, more = given if isinstance(given, tuple) else (given, {})
        try:
            options = {**self.attack.options, **more.pop("options", {})}
            runner, layers, request = start(scene, self.attack, arguments, self.column, options, **more)
        except BaseException:
            self.generator.close()
            raise
        try:
            self.active = layers
            if self.column in BITS and not layers & BITS[self.column]:
                raise Missing(NOT_IN_FORCE)
            if self.attack.slow:
                self.wait_for, runner = (runner, request), None
                return
            self.judge(perform(runner, request))
        except Missing as why:
            self.generator.close()
            self.value, self.how = "n/a", str(why)
        finally:
            if runner:
                runner.close()
            self.seconds = time.monotonic() - self.began

    def judge(self, report):
        try:
            self.generator.send(report)
            raise AssertionError("the attack yielded twice")
        except StopIteration as end:
            reached = end.value
        assert isinstance(reached, bool), "the attack returned %r" % reached
        assert self.attack.judged_outside or reached == report.open, \
            "the plugin says %s, from outside it looks %s (%s)" % (
                "open" if report.open else "stopped", "open" if reached else "stopped", report.how)
        self.value, self.how = "open" if reached else "stop", report.how


def spin_all(cells, scene):
    """Begins the attacks that compute for ever, side by side while the others run: [(runner, cell, pid)]."""
    waiting = []
    for cell in cells:
        cell.run(scene)
        if cell.value:
            continue
        runner, request = cell.wait_for
        os.setpriority(os.PRIO_PROCESS, runner.plugin_pid, 15)
        assert runner.load(PROVIDER, "hostile")[0] == LOADED
        assert runner.create()[0] == CREATED
        runner.start(INFER, text(request))
        waiting.append((runner, cell, runner.plugin_pid))
    return waiting


def processor_seconds(pid):
    """0 when it is gone: then its end is there to be seen the next time."""
    try:
        with open("/proc/%d/stat" % pid) as file:
            fields = file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def collect(waiting):
    """Ends what can be judged. Open is who got past a second of processor time; the limit's signal comes at one."""
    for entry in list(waiting):
        runner, cell, pid = entry
        report = Report(runner)
        if runner.wait(0) is not None:
            report.ended()
        elif processor_seconds(pid) > 1.15:
            report.open, report.how = True, "worked"
        else:
            continue
        waiting.remove(entry)
        try:
            cell.judge(report)
        finally:
            cell.seconds = time.monotonic() - cell.began
            runner.close()


def run_table(built, names, failures):
    """{name: [cell]} over all columns."""
    scene = Scene(built)
    table = {name: [Cell(ATTACKS[name], column) for column in COLUMNS] for name in names}
    waiting = []
    try:
        waiting = spin_all([cell for cells in table.values() for cell in cells if cell.attack.slow], scene)
        for name, cells in table.items():
            for cell in cells:
                if cell.attack.slow:
                    continue
                try:
                    cell.run(scene)
                except Exception as why:
                    cell.value, cell.how = "FAIL", "%s: %s" % (type(why).__name__, why)
                    failures.append("%s under %s: %s" % (name, cell.column, cell.how))
                    if not isinstance(why, AssertionError):
                        traceback.print_exc(file=sys.stdout)
                collect(waiting)
        end = time.monotonic() + 60
        while waiting:
            assert time.monotonic() < end, "a spinning plugin got no second of processor time in a minute"
            time.sleep(0.01)  # the processor time of a process is a figure to look at: nothing tells when it is reached
            collect(waiting)
    finally:
        for runner, _, _ in waiting:
            runner.close()
        scene.end()
    return table


# On a machine that has every layer, one that is not in force is a fault.
STRICT = os.environ.get("SLUICE_REQUIRE_LAYERS") == "1"


def expectations(row, cells):
    """What each cell should be on this machine: a layer that it lacks takes its column away, and where no other layer
    alone stops an attack it takes the column `all` away, too."""
    if cells[1].value == "stop" and cells[1].how.endswith("errno %d" % errno.ENOSYS):
        return [None] * len(row)  # a kernel without the call that the attack is about
    lacking = {cell.column for cell in cells if cell.column in BITS and cell.how == NOT_IN_FORCE}
    expected = ["n/a" if column in lacking else value for column, value in zip(COLUMNS, row)]
    stopping = [column for column, value in zip(COLUMNS[2:], row[2:]) if value == "stop"]
    if lacking and stopping and all(column in lacking for column in stopping):
        expected[0] = None
    return expected


def compare(user, golden, table, failures):
    """Prints the table, a `!` at each wrong cell; returns how many cells were right and how many said n/a."""
    right = unavailable = 0
    print("\nas %s" % user)
    print("%-21s %s" % ("", " ".join(column.ljust(max(len(column), 6)) for column in COLUMNS)))
    for name, cells in table.items():
        row = golden.rows[user].get(name)
        if row is None:
            failures.append("%s has no row in the golden table for %s" % (name, user))
            row = ["?"] * len(COLUMNS)
        shown = []
        for cell, wanted in zip(cells, expectations(row, cells)):
            # An attack that this machine does not know is no failure, and is counted; an n/a that the golden table has
            # must be one.
            fits = wanted is None or cell.value in (wanted, "n/a")
            if STRICT and cell.value == "n/a" and cell.how == NOT_IN_FORCE:
                fits = False
            if not fits:
                failures.append("%s, %s under %s: %s instead of %s (%s)" % (
                    user, name, cell.column, cell.value, wanted, cell.how))
            right += fits and cell.value != "n/a"
            unavailable += cell.value == "n/a" and wanted != "n/a"
            shown.append((cell.value + ("" if fits else "!")).ljust(max(len(cell.column), 6)))
        print(("%-21s %s" % (name, " ".join(shown))).rstrip())
    for name, cells in table.items():
        for why in sorted({cell.how for cell in cells if cell.value == "n/a"}):
            columns = [cell.column for cell in cells if cell.value == "n/a" and cell.how == why]
            where = "" if len(columns) == len(COLUMNS) else " under " + ", ".join(columns)
            print("n/a here: %s%s: %s" % (name, where, why))
    return right, unavailable


def as_nobody(built, arguments):
    """The same table by an ordinary user, from a copy that he may read: (its output, its status)."""
    stage = os.path.join(built, "stage")
    for folder in ("Tests/Runner", "Tests/Golden/attacks", "docs"):
        shutil.copytree(os.path.join(ROOT, folder), os.path.join(stage, folder),
                        ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(["chmod", "-R", "a+rX", stage], check=True)
    # The system's Python: the one that runs this may lie in a folder of root's.
    python = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
    command = ["setpriv", "--reuid=%d" % NOBODY, "--regid=%d" % NOBODY, "--clear-groups", python, "-B",
               os.path.join(stage, "Tests/Runner/attack_table.py"), "--built", built, "--python-as", "user"]
    command += ["--only", arguments.only] if arguments.only else []
    command += ["--details"] if arguments.details else []
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env={"PATH": os.environ["PATH"], "SLUICE": "an environment to be read",
                               "SLUICE_REQUIRE_LAYERS": "1" if STRICT else "0"})
    return done.stdout, done.returncode


def details(table):
    for name, cells in table.items():
        print("\n%s: %s" % (name, ATTACKS[name].title))
        for cell in cells:
            print("  %-13s %-5s %-60s %.3f s" % (cell.column, cell.value, cell.how, cell.seconds))


def one_user(built, arguments):
    user = "root" if os.geteuid() == 0 else "user"
    failures = []
    golden = Golden()
    names = [name for name in ATTACKS if not arguments.only or arguments.only in name]
    began = time.monotonic()
    table = run_table(built, names, failures)
    if arguments.details:
        details(table)
    failures = [f for f in failures if " under " not in f]  # said again by the comparison, with what was expected
    right, unavailable = compare(user, golden, table, failures)
    if not arguments.only:
        failures += ["the golden table has %s, which is no attack" % name for name in golden.rows[user]
                     if name not in ATTACKS]
    print("%d cells as expected, %d not available here, %d wrong, %.1f s" % (
        right, unavailable, len(failures), time.monotonic() - began))
    for failure in failures:
        print("FAIL  " + failure)
    if os.environ.get("RECORD_GOLDEN") == "1":
        golden.record(user, {name: [cell.value for cell in cells] for name, cells in table.items()})
    return right, unavailable, failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cc", default="gcc")
    parser.add_argument("--only")
    parser.add_argument("--details", action="store_true")
    parser.add_argument("--docs", action="store_true")
    parser.add_argument("--built", help=argparse.SUPPRESS)
    parser.add_argument("--python-as", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.docs:
        with open(DOCUMENT, "w") as file:
            file.write(document(Golden(), ATTACKS))
        return 0
    if arguments.built:
        return 1 if one_user(arguments.built, arguments)[2] else 0
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory() as built:
        os.chmod(built, 0o755)
        build(World(None, arguments.cc, None, built), {(a.fixture, a.on_load) for a in ATTACKS.values()})
        right, unavailable, failures = one_user(built, arguments)
        passed, failed, skipped = passed + right, failed + len(failures), skipped + unavailable
        if os.geteuid() == 0 and shutil.which("setpriv"):
            output, status = as_nobody(built, arguments)
            sys.stdout.write(output)
            lines = [line.split() for line in output.splitlines() if " cells as expected, " in line]
            if not lines:
                failed += 1
                print("FAIL  the table of an ordinary user ended with status %d" % status)
            else:
                passed, skipped, failed = (sum(pair) for pair in zip(
                    (passed, skipped, failed), (int(lines[0][0]), int(lines[0][4]), int(lines[0][8]))))
        elif os.geteuid() == 0:
            skipped += 1
            print("skipped: the table of an ordinary user: no setpriv")
    if not arguments.only:
        with open(DOCUMENT) as file:
            same = file.read() == document(Golden(), ATTACKS)
        passed, failed = passed + same, failed + (not same)
        if not same:
            print("FAIL  docs/attack-table.md is not what --docs writes")
    if os.environ.get("RECORD_GOLDEN") == "1":
        failed += 1
        print("recorded: look at the difference, and run again")
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
