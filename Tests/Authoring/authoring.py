"""Follows docs/authoring.md literally: every `sh guide` block of it is run, in order, in an empty folder.

    /usr/bin/python3 -B Tests/Authoring/authoring.py --stage .build/stage/debug

A block marked `exit=N` must end with that status, any other with 0. The lines of a `text shows` block must be in what the
block above it printed, in order; `…` stands for any text. Ends with `N passed, N failed, N skipped`.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "authoring.md"
BLOCK = re.compile(r"^```(?P<kind>sh guide|text shows)(?: exit=(?P<exit>\d+))?\n(?P<text>.*?)^```$", re.M | re.S)
LIMIT = 180  # seconds a section may take


def sections():
    """(title, [(commands, status, lines shown)]) of every section that has a block."""
    found = []
    for part in re.split(r"^(?=## )", DOCUMENT.read_text(), flags=re.M):
        steps = []
        for block in BLOCK.finditer(part):
            if block["kind"] == "sh guide":
                steps.append([block["text"], int(block["exit"] or 0), []])
            else:
                assert steps and not steps[-1][2], "a `text shows` block stands behind no block of commands"
                steps[-1][2] = [line for line in block["text"].splitlines() if line]
        if steps:
            found.append((part.splitlines()[0].lstrip("# "), steps))
    return found


def shown(lines, printed):
    """The first line that is not in what was printed, behind the ones before it; None when all are."""
    at = 0
    rest = printed.splitlines()
    for line in lines:
        pattern = re.compile(".*".join(map(re.escape, line.split("…"))))
        # An indented line, or one behind a bullet, is the same line to a reader.
        place = next((i for i in range(at, len(rest)) if pattern.search(rest[i])), None)
        if place is None:
            return line
        at = place + 1
    return None


def run(step, folder, environment):
    commands, status, lines = step
    # What a block exports is there for the blocks behind it, as in a terminal.
    script = f"set -e -o pipefail\n[ ! -f .exports ] || . ./.exports\ntrap 'code=$?; export -p >.exports; exit $code' EXIT\n{commands}"
    done = subprocess.run(["/bin/bash", "-c", script], cwd=folder, env=environment, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=LIMIT)
    if done.returncode != status:
        return f"ended with {done.returncode}, not {status}:\n{done.stdout[-6000:]}"
    missing = shown(lines, done.stdout)
    return f"did not show `{missing}`:\n{done.stdout[-6000:]}" if missing else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--stage", default=str(ROOT / ".build" / "stage" / "debug"))
    parser.add_argument("--times", action="store_true", help="without the cache of the Swift kit, as on a new machine")
    options = parser.parse_args()
    stage = os.path.abspath(options.stage)
    passed = failed = skipped = 0
    # /var/tmp: the home of the guide holds files that are synchronised, as a person's does.
    with tempfile.TemporaryDirectory(prefix="sluice-guide-") as scratch:
        folder = pathlib.Path(scratch) / "guide"
        folder.mkdir(mode=0o700)
        environment = {
            **os.environ, "PATH": f"{stage}/bin:{os.environ['PATH']}", "HOME": scratch, "SLUICE_HOME": f"{scratch}/home",
            "MAKEFLAGS": "", "LC_ALL": "C.UTF-8",
            "SLUICE_KIT_CACHE": f"{scratch}/cache" if options.times else str(ROOT / ".build" / "swift-kit"),
        }
        # rustup finds its toolchains by HOME unless it is told.
        environment.setdefault("RUSTUP_HOME", os.path.expanduser("~/.rustup"))
        for name in ("SLUICE_SDK", "SLUICE_PLUGINS", "SLUICE_REGISTRY", "SLUICE_RESOURCES", "SLUICE_RUNNER"):
            environment.pop(name, None)
        found = sections()
        languages = {"a check in c", "a connector in swift", "a provider in rust"}
        assert languages <= {title.lower() for title, _ in found}, "the guide lacks a language"
        for title, steps in found:
            if "rust" in title.lower() and not shutil.which("rustc"):
                print(f"skip: {title}: there is no rustc: scripts/setup installs it")
                skipped += len(steps)
                continue
            began = time.monotonic()
            for step in steps:
                why = run(step, folder, environment)
                first = step[0].splitlines()[0]
                if why:
                    failed += 1
                    print(f"FAILED  {title}: {first}\n{why}", flush=True)
                    break
                passed += 1
                print(f"passed  {title}: {first}", flush=True)
            seconds = time.monotonic() - began
            print(f"{seconds:6.1f} s  {title}", flush=True)
            if seconds > LIMIT:
                failed += 1
                print(f"FAILED  {title}: it took more than {LIMIT} s")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return failed > 0


if __name__ == "__main__":
    raise SystemExit(main())
