#!/usr/bin/env python3
"""Starts sluice-runner as the host does and holds it to what wire.h says and the sandbox promises.

python3 Tests/Runner/runner_test.py --runner PATH [--cc gcc] [--only NAME] [--swiftc PATH]
Run it as root and as an ordinary user. SWIFT_LOCK names a file to lock while swiftc runs, SEED repeats a fuzz run.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import abi_tests  # noqa: E402,F401
import call_tests  # noqa: E402,F401
import http_tests  # noqa: E402,F401
import isolation_tests  # noqa: E402,F401
import relay_tests  # noqa: E402,F401
import region_tests  # noqa: E402,F401
import sandbox_tests  # noqa: E402,F401
import session_tests  # noqa: E402,F401
import table_tests  # noqa: E402,F401
from world import TESTS, Skip, World  # noqa: E402


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runner", required=True)
    parser.add_argument("--cc", default="gcc")
    parser.add_argument("--swiftc", default=shutil.which("swiftc"))
    parser.add_argument("--only")
    arguments = parser.parse_args()
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        world = World(os.path.abspath(arguments.runner), arguments.cc, arguments.swiftc, folder)
        for function in TESTS:
            if arguments.only and arguments.only not in function.__name__:
                continue
            begin = time.monotonic()
            try:
                function(world)
                passed += 1
                print("ok    %-55s %.2f s" % (function.__name__, time.monotonic() - begin))
            except Skip as why:
                skipped += 1
                print("skip  %-55s %s" % (function.__name__, why))
            except Exception:
                failed += 1
                print("FAIL  %s" % function.__name__)
                traceback.print_exc(file=sys.stdout)
            sys.stdout.flush()
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
