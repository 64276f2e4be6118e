#!/usr/bin/env python3
"""The permits on the host's public calls, and whether the watch over them wakes: graphs in which a door was taken out.

python3 Tests/Doors/doors_test.py
Needs a debug build and the Swift toolchain. Ends with `N passed, N failed, N skipped`.
"""
import copy
import importlib.machinery
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "scripts" / "check-doors"
OPEN = ROOT / "Tests" / "Golden" / "policy" / "open-doors.txt"
FOLDER = tempfile.TemporaryDirectory()
GRAPHS = Path(FOLDER.name) / "graphs"
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def script():
    """The program as a module."""
    loader = importlib.machinery.SourceFileLoader("check_doors", str(SCRIPT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_doors", loader))
    loader.exec_module(module)
    return module


def check(graphs, open_doors=OPEN):
    done = subprocess.run([sys.executable, "-B", SCRIPT, "--graphs", graphs, "--open", open_doors],
                          capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


class Graphs:
    """A copy of the modules' graphs that may be edited."""

    def __init__(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = Path(self.temporary.name) / "graphs"
        shutil.copytree(GRAPHS, self.folder)

    def edit(self, module, change):
        path = self.folder / f"{module}.symbols.json"
        graph = json.loads(path.read_text())
        change(graph["symbols"])
        path.write_text(json.dumps(graph))
        return check(self.folder)


def find(symbols, *path):
    return next(each for each in symbols if each["pathComponents"] == list(path))


PERMIT = [{"kind": "identifier", "spelling": "permit"}, {"kind": "text", "spelling": ": "},
          {"kind": "typeIdentifier", "spelling": "Permit", "preciseIdentifier": "s:6Policy6PermitV"}]


@test
def every_public_call_is_a_door_or_says_why_it_is_none():
    status, said = check(GRAPHS)
    assert status == 0, said
    assert int(said.split(" doors with a Permit")[0].split()[-1]) >= 50, said


@test
def a_door_without_its_permit_is_named():
    def change(symbols):
        door = find(symbols, "ArtifactStore", "body(_:permit:)")
        door["functionSignature"]["parameters"].pop()
    status, said = Graphs().edit("Store", change)
    assert status == 1 and "Store ArtifactStore.body(_:permit:) takes no Permit" in said, said


@test
def an_optional_permit_proves_nothing():
    def change(symbols):
        door = find(symbols, "StoreDatabase", "run(_:permit:)")
        door["functionSignature"]["parameters"][-1]["declarationFragments"].append({"kind": "text", "spelling": "?"})
    status, said = Graphs().edit("Store", change)
    assert status == 1 and "Store StoreDatabase.run(_:permit:) takes no Permit" in said, said


@test
def a_new_public_function_in_neither_list_is_named():
    for module, type_name in [("Store", "StoreDatabase"), ("PluginHost", "CheckSession"), ("Egress", "EgressBroker"),
                              ("PluginRegistry", "PluginFolder"), ("Stages", "RunStages"), ("Supervisor", "RunService")]:
        def change(symbols):
            added = copy.deepcopy(next(each for each in symbols if each["kind"]["identifier"] == "swift.method"))
            added["pathComponents"] = [type_name, "everything()"]
            added["functionSignature"] = {"returns": [{"kind": "text", "spelling": "()"}]}
            symbols.append(added)
        status, said = Graphs().edit(module, change)
        assert status == 1 and f"{module} {type_name}.everything() takes no Permit" in said, said


@test
def another_function_under_an_open_name_is_named():
    def change(symbols):
        added = copy.deepcopy(find(symbols, "StoreDatabase", "hasRun(_:)"))
        added["functionSignature"]["parameters"][0]["declarationFragments"][-1]["spelling"] = "String"
        symbols.append(added)
    status, said = Graphs().edit("Store", change)
    assert status == 1 and "StoreDatabase.hasRun(_:) of String takes no Permit" in said, said


@test
def a_permit_that_nobody_looks_at_is_named():
    def change(symbols):
        # Its declaration now stands where another one's is, whose body looks at nothing.
        door, other = find(symbols, "StoreDatabase", "events(_:permit:)"), find(symbols, "StoreDatabase", "hasRun(_:)")
        door["location"] = other["location"]
    status, said = Graphs().edit("Store", change)
    assert status == 1 and "Store StoreDatabase.events(_:permit:) takes a Permit and does not look at it" in said, said


@test
def nobody_else_makes_permits_or_masked_data():
    def public_initialiser(symbols):
        for type_name in ["Permit", "MaskedBatch", "MaskedPrompt"]:
            made = copy.deepcopy(next(each for each in symbols if each["kind"]["identifier"] == "swift.init"))
            made["pathComponents"] = [type_name, "init(text:)"]
            symbols.append(made)
    status, said = Graphs().edit("Policy", public_initialiser)
    assert status == 1, said
    for type_name in ["Permit", "MaskedBatch", "MaskedPrompt"]:
        assert f"Policy {type_name}.init(text:) is public" in said, said

    def giver(symbols):
        given = copy.deepcopy(find(symbols, "StoreDatabase", "hasRun(_:)"))
        given["pathComponents"] = ["StoreDatabase", "permit(_:)"]
        given["functionSignature"]["returns"] = PERMIT[2:]
        symbols.append(given)
    status, said = Graphs().edit("Store", giver)
    assert status == 1 and "Store StoreDatabase.permit(_:) gives a Permit away" in said, said


@test
def the_list_of_open_calls_names_nothing_that_is_not_there():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "open.txt"
        path.write_text(OPEN.read_text() + "Store StoreDatabase.gone()\nStore ArtifactStore.body(_:permit:)\n")
        status, said = check(GRAPHS, path)
        assert status == 1 and "names Store StoreDatabase.gone()" in said, said
        assert "Store ArtifactStore.body(_:permit:) takes a Permit, and open.txt says that it needs none" in said, said
        path.write_text("Store StoreDatabase.hasRun(_:)\n")
        status, said = check(GRAPHS, path)
        assert status == 1 and "a name without a reason" in said, said


def main():
    GRAPHS.mkdir()
    script().extract((ROOT / ".build" / "debug").resolve(), GRAPHS)
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
