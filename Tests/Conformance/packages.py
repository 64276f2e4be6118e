#!/usr/bin/env python3
"""Proves the package checks of the conformance suite: for each a package with one fault, which that check alone finds.

A good plugin (the duplicates check, built here from its sources) is packed and signed; each fault changes one thing
about the package. Every package check is made on every package: exactly the check that is about the fault must Fail.

    packages.py [--stage DIR] [--cc CC] [--only CHECK]

Standard library only. Ends with `N passed, N failed, 0 skipped`; exit 1 on failure.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = ROOT / "Plugins" / "DuplicatesCheck" / "Sources"
ID = "sluice.check.duplicates"
CHECKS = [
    "schema", "unknown_keys", "size", "hash", "signature", "revoked_key", "platform", "single_export", "rpath",
    "undefined", "executable_stack", "id_match",
]


class Bench:
    """A folder with a key and a home of its own."""

    def __init__(self, stage, cc, folder):
        self.sluice = os.path.join(stage, "bin", "sluice")
        self.cc = cc
        self.folder = Path(folder)
        self.home = str(self.folder / "home")
        self.key = str(self.folder / "own.key")
        self.run("plugin", "keygen", "--out", self.key)

    def run(self, *words, check=True):
        """The JSON that a command prints."""
        done = subprocess.run(
            [self.sluice, *words, "--json", "--home", self.home], capture_output=True, text=True, check=False)
        if check and done.returncode != 0:
            raise RuntimeError(f"{' '.join(words)}: {done.returncode}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def library(self, name, link=(), exports=True, extra=""):
        """Compiles the plugin with other link flags, or with more source."""
        path = self.folder / f"{name}.so"
        text = (SOURCES / "plugin.c").read_text(encoding="utf-8") + extra
        source = self.folder / f"{name}.c"
        source.write_text(text, encoding="utf-8")
        script = [f"-Wl,--version-script={ROOT}/SDK/exports.map"] if exports else []
        subprocess.run(
            [
                self.cc, "-std=c11", "-O1", "-fPIC", "-shared", f"-I{ROOT}/SDK/include", f"-I{ROOT}/SDK/C/include",
                f"-I{SOURCES}", str(source), str(SOURCES / "siphash.c"), str(SOURCES / "tally.c"),
                *map(str, sorted((ROOT / "SDK" / "C").glob("*.c"))), *script, "-Wl,-z,nodelete", "-lm", *link, "-o",
                str(path),
            ], check=True)
        return path

    def package(self, name, library, sign=True):
        """A packed and signed plugin; the path of its manifest."""
        build = self.folder / f"build-{name}"
        build.mkdir()
        shutil.copy(library, build / "duplicates.so")
        template = {
            "manifest_version": 1, "id": ID, "version": "0.1.0", "kind": "check", "language": "c",
            "publisher": "sluice", "license": "Apache-2.0", "summary": "Repeated keys.",
            "abi": {"major": 0, "minor": 1}, "artifacts": [{"file": "duplicates.so"}], "resources": [],
            "extensions": [], "egress": [], "data_access": {"sees": "masked batches", "companions": ["key"]},
            "limits": {
                "memory_bytes": 1 << 30, "cpu_s": 3600, "wall_s": 60, "descriptors": 16, "threads": 4,
            },
        }
        (build / "template.json").write_text(json.dumps(template), encoding="utf-8")
        packed = self.run("plugin", "pack", str(build / "template.json"), "--out", str(self.folder / name))
        manifest = Path(packed["manifest"])
        if sign:
            self.sign(manifest)
        return manifest

    def sign(self, manifest):
        self.run("plugin", "sign", str(manifest), "--key", self.key)

    def edit(self, manifest, change, sign=True):
        """Changes a manifest, and signs it again when it still can be."""
        document = json.loads(manifest.read_text(encoding="utf-8"))
        change(document)
        manifest.write_text(json.dumps(document), encoding="utf-8")
        if sign:
            self.sign(manifest)
        else:
            Path(f"{manifest}.sig").unlink()
        return manifest

    def statuses(self, manifest):
        """How each package check ended: {name: (status, detail)}."""
        words = [word for name in CHECKS for word in ("--check", f"package.{name}")]
        report = self.run("plugin", "conformance", str(manifest), *words, check=False)
        if "checks" not in report:
            raise RuntimeError(json.dumps(report))
        return {one["id"].split(".")[1]: (one["status"], one.get("detail", "")) for one in report["checks"]}


def without(document, key):
    del document[key]


def faults(bench, good):
    """{check: a function that makes the package which it must find}."""

    def signed(name):
        return bench.package(name, good)

    def artifact(document):
        return document["artifacts"][0]

    def broken_signature():
        manifest = signed("signature")
        path = Path(f"{manifest}.sig")
        document = json.loads(path.read_text(encoding="utf-8"))
        text = document["signature"]
        document["signature"] = text[:-1] + ("0" if text[-1] != "0" else "1")
        path.write_text(json.dumps(document), encoding="utf-8")
        return manifest

    def revoked():
        manifest = signed("revoked_key")
        other = str(bench.folder / "other.key")
        public = bench.run("plugin", "keygen", "--out", other)["key"]
        bench.run("plugin", "sign", str(manifest), "--key", other)
        bench.run("plugin", "revoke", public, "--reason", "it got out")
        return manifest

    def foreign(document):
        document["artifacts"].append({**artifact(document), "platform": "linux-aarch64"})

    nowhere = "\nint sluice_no_such_function(void);\nint sluice_never(int a) { return a ? sluice_no_such_function() : 0; }\n"
    # What nothing calls stays: the symbol that it needs does too.
    keep = ["-Wl,--no-gc-sections", "-Wl,--unresolved-symbols=ignore-all"]
    return {
        "schema": lambda: bench.edit(signed("schema"), lambda d: without(d, "license"), sign=False),
        "unknown_keys": lambda: bench.edit(signed("unknown_keys"), lambda d: d.update(surprise=1), sign=False),
        "size": lambda: bench.edit(signed("size"), lambda d: artifact(d).update(size=artifact(d)["size"] + 1)),
        "hash": lambda: bench.edit(signed("hash"), lambda d: artifact(d).update(sha256="ab" * 32)),
        "signature": broken_signature,
        "revoked_key": revoked,
        "platform": lambda: bench.edit(signed("platform"), foreign),
        "single_export": lambda: bench.package("single_export", bench.library("exports", exports=False)),
        "rpath": lambda: bench.package(
            "rpath", bench.library("rpath", link=["-Wl,-rpath,/tmp/build", "-Wl,--enable-new-dtags"])),
        "undefined": lambda: bench.package("undefined", bench.library("undefined", link=keep, extra=nowhere)),
        "executable_stack": lambda: bench.package(
            "executable_stack", bench.library("execstack", link=["-Wl,-z,execstack"])),
        "id_match": lambda: bench.edit(signed("id_match"), lambda d: d.update(version="9.9.9")),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--stage", default=os.environ.get("SLUICE_STAGE", str(ROOT / ".build/stage/debug")))
    parser.add_argument("--cc", default=os.environ.get("CC", "cc"))
    parser.add_argument("--only")
    arguments = parser.parse_args()
    passed, failed = 0, 0
    with tempfile.TemporaryDirectory(prefix="sluice-packages-") as folder:
        bench = Bench(arguments.stage, arguments.cc, folder)
        good = bench.library("good")
        found = bench.statuses(bench.package("good", good))
        bad = {name: end for name, end in found.items() if end[0] not in ("Passed", "Warning")}
        if sorted(found) != sorted(CHECKS) or bad:
            failed += 1
            print(f"FAIL good: {bad or sorted(found)}")
        else:
            passed += 1
        makers = faults(bench, good)
        assert sorted(makers) == sorted(CHECKS)
        for name in CHECKS:
            if arguments.only not in (None, name):
                continue
            ends = bench.statuses(makers[name]())
            caught = sorted(check for check, (status, _) in ends.items() if status in ("Failed", "Crashed"))
            if caught == [name] and ends[name][0] == "Failed":
                passed += 1
                print(f"ok   {name}: {ends[name][1]}")
            else:
                failed += 1
                print(f"FAIL {name}: found by {caught}: {ends}")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
