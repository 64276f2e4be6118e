#!/usr/bin/env python3
"""The public declarations of the Swift kit, and whether the watch over them wakes: copies of the kit that break it.

python3 Tests/ABI/api_test.py
Needs the Swift toolchain, no build. Ends with `N passed, N failed, N skipped`.
"""
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TESTS = []
CACHE = tempfile.TemporaryDirectory()


def test(function):
    TESTS.append(function)
    return function


def check(*options):
    done = subprocess.run([sys.executable, "-B", ROOT / "scripts" / "check-api", "--cache", CACHE.name, *options],
                          capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


class Kit:
    """A copy of SDK/Swift, and a golden file of its own that says what the copied kit is now."""

    def __init__(self, folder):
        self.sources, self.golden = folder / "Swift", folder / "SluiceSDK.json"
        shutil.copytree(ROOT / "SDK" / "Swift", self.sources)

    def check(self, *options):
        return check("--sources", self.sources, "--golden", self.golden, *options)

    def edit(self, file, old, new):
        path = self.sources / file
        text = path.read_text()
        assert text.count(old) == 1, f"{file}: {text.count(old)} times: {old}"
        path.write_text(text.replace(old, new))


def kit(function):
    def run():
        with tempfile.TemporaryDirectory() as folder:
            copy = Kit(Path(folder))
            status, said = copy.check("--record")
            assert status == 0 and copy.golden.exists(), said
            function(copy)
    run.__name__ = function.__name__
    return test(run)


@test
def the_kit_takes_nothing_away_from_what_was_recorded():
    status, said = check()
    assert status == 0, said


@kit
def what_was_added_passes_and_is_recorded(copy):
    (copy.sources / "Addition.swift").write_text("extension Host { public func addition() {} }\n")
    status, said = copy.check()
    assert status == 0, said
    before = copy.golden.read_text()
    status, said = copy.check("--record")
    assert status == 0 and copy.golden.read_text() != before, said
    (copy.sources / "Addition.swift").unlink()
    status, said = copy.check()
    assert status == 1 and "Host.addition() has been removed" in said, said


@kit
def what_was_taken_away_or_changed_is_named_and_not_recorded(copy):
    copy.edit("Host.swift", "public func progress(done: UInt64, total: UInt64 = 0)",
              "func progress(done: UInt64, total: UInt64 = 0)")
    copy.edit("Host.swift", "public var isCancelled: Bool { (table.cancelled?(context) ?? 0) != 0 }",
              "public var isCancelled: Int { (table.cancelled?(context) ?? 0) != 0 ? 1 : 0 }")
    before = copy.golden.read_text()
    status, said = copy.check("--record")
    assert status == 1 and copy.golden.read_text() == before, said
    assert "Host.progress(done:total:) has been removed" in said, said
    assert "Host.isCancelled has declared type change from Swift.Bool to Swift.Int" in said, said
    status, said = copy.check("--record", "--breaking")
    assert status == 0, said
    assert copy.check()[0] == 0


@kit
def a_further_requirement_of_a_protocol_is_named(copy):
    copy.edit("Check.swift", "public protocol Check: AnyObject {", "public protocol Check: AnyObject {\n    func extra()")
    status, said = copy.check()
    assert status == 1 and "Check.extra() has been added as a protocol requirement" in said, said


def main():
    passed = failed = 0
    for function in TESTS:
        begin = time.monotonic()
        try:
            function()
            passed += 1
            print("ok    %-60s %.2f s" % (function.__name__, time.monotonic() - begin))
        except Exception:
            failed += 1
            print("FAIL  %s" % function.__name__)
            traceback.print_exc(file=sys.stdout)
        sys.stdout.flush()
    print("%d passed, %d failed, 0 skipped" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
