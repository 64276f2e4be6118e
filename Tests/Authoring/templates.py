"""The SDK as an author gets it: nine templates, the Rust kit, an installed prefix, and what `sluice plugin new` refuses.

    /usr/bin/python3 -B Tests/Authoring/templates.py --stage .build/stage/debug [--only WORD]

Each template is made by `sluice plugin new`, and its own `make` builds, tests, packs and conforms it. Then each is broken
once, so that its own tests must fail. Ends with `N passed, N failed, N skipped`.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
KINDS, LANGUAGES = ("connector", "check", "provider"), ("c", "rust", "swift")
TESTS = []


def test(run):
    TESTS.append((run.__name__.replace("_", " "), run))
    return run


class Skip(Exception):
    """Why a test cannot be made here."""


class World:
    def __init__(self, stage, scratch):
        self.stage, self.scratch = stage, scratch
        self.environment = {
            **os.environ, "PATH": f"{stage}/bin:{os.environ['PATH']}", "SLUICE_HOME": f"{scratch}/home",
            "SLUICE_KIT_CACHE": str(ROOT / ".build" / "swift-kit"), "MAKEFLAGS": "", "LC_ALL": "C.UTF-8",
        }
        for name in ("SLUICE_SDK", "SLUICE_PLUGINS", "SLUICE_REGISTRY"):
            self.environment.pop(name, None)

    def run(self, *words, ok=True, folder=None, **environment):
        done = subprocess.run(words, cwd=folder or self.scratch, env={**self.environment, **environment}, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=280)
        if ok is not None and (done.returncode == 0) != ok:
            raise AssertionError(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout[-4000:]}")
        return done.stdout

    def new(self, kind, language, name, *more):
        return self.run("sluice", "plugin", "new", name, "--kind", kind, "--language", language, *more)


def toolchain(language):
    if language == "rust" and not shutil.which("rustc"):
        raise Skip("there is no rustc: scripts/setup installs it")


def a_template(kind, language):
    def run(world):
        toolchain(language)
        name = f"try_{language}_{kind}"
        world.new(kind, language, name, "--publisher", "acme")
        folder = world.scratch / name
        left = [str(path) for path in folder.rglob("*") if path.is_file() and re.search(r"@[A-Z]+@", path.read_text())]
        assert not left, f"not replaced in {left}"
        out = world.run("make", folder=folder)
        counts = re.findall(r"^(\S+) +(Failed|Crashed)", out, re.M)
        assert "report " in out and not counts, out[-3000:]
        exports = world.run("nm", "-D", "--defined-only", *map(str, folder.glob("build/*.so"))).split()[2::3]
        assert exports == ["sluice_plugin_entry"], exports
        # The author's own tests can fail: break the logic where all templates have it.
        logic = next(path for path in [*folder.glob("src/*"), *folder.glob("Sources/*")]
                     if path.stem.lower().replace("_", "") in ("ltsv", "longtext", "ngrams") and path.suffix != ".h")
        text = logic.read_text()
        broken = next(text.replace(old, new) for old, new in BREAKS if old in text)
        logic.write_text(broken)
        assert "make" in world.run("make", "test", ok=False, folder=folder)

    run.__name__ = f"a_{kind}_in_{language}_builds_tests_and_conforms_as_it_is"
    return test(run)


# What is broken in a template's logic, by the first of these that is in it.
BREAKS = [("split('\\t')", "split(' ')"), ("RAGGED_ROW", "RAGGED"), ("length <= self->limit", "length < self->limit"),
          ("length > self.limit", "length >= self.limit"), ("length > limit", "length >= limit"),
          ("-1.0f : 1.0f", "1.0f : 1.0f"), ("{ -1.0 } else { 1.0 }", "{ 1.0 } else { 1.0 }"), ("? -1 : 1", "? 1 : 1"),
          ("0xcbf29ce484222325", "1")]

for language in LANGUAGES:
    for kind in KINDS:
        a_template(kind, language)


@test
def providers_of_all_languages_give_the_same_vectors_and_checks_the_same_limits(world):
    figures = [re.search(r"10\b.{0,40}-288\b", (ROOT / "SDK/templates" / path).read_text(), re.S) for path in (
        "c/provider/test/ngrams_test.c", "rust/provider/src/ngrams.rs", "swift/provider/Tests/NGramsTests.swift")]
    assert all(figures), figures
    quirks = {(ROOT / "SDK/templates" / language / "connector/conformance/@ID@.json").read_text() for language in LANGUAGES}
    assert len(quirks) == 1


@test
def names_that_no_plugin_can_have_are_refused(world):
    for words, said in (
        (("Long", "--kind", "check", "--language", "c"), "NAME must be"),
        (("9lives", "--kind", "check", "--language", "c"), "NAME must be"),
        (("a" * 41, "--kind", "check", "--language", "c"), "NAME must be"),
        (("../up", "--kind", "check", "--language", "c"), "NAME must be"),
        (("fine", "--kind", "check", "--language", "c", "--publisher", "A"), "--publisher must be"),
        (("fine", "--kind", "check", "--language", "c", "--publisher", "sluice"), "this project"),
        (("fine", "--kind", "sink", "--language", "c"), "provider, connector, check"),
        (("fine", "--kind", "check", "--language", "cobol"), "c, swift, rust"),
        (("fine", "--kind", "check"), "--language is missing: c, swift, rust"),
        (("fine", "--language", "c"), "--kind is missing: provider, connector, check"),
        (("--kind", "check", "--language", "c"), "NAME is missing"),
    ):
        done = world.run("sluice", "plugin", "new", *words, ok=False)
        assert said in done, (words, done)
    assert not (world.scratch / "fine").exists()


@test
def a_folder_that_is_there_is_left_as_it_is(world):
    folder = world.scratch / "taken"
    folder.mkdir()
    (folder / "mine").write_text("mine")
    assert "is there already" in world.run("sluice", "plugin", "new", "taken", "--kind", "check", "--language", "c", ok=False)
    assert [path.name for path in folder.iterdir()] == ["mine"]
    assert not [name for name in os.listdir(world.scratch) if name.endswith(".tmp")]


@test
def a_missing_sdk_or_toolchain_is_named(world):
    words = ("sluice", "plugin", "new", "lost", "--kind", "check", "--language", "c")
    assert "There is no SDK at /nowhere" in world.run(*words, ok=False, SLUICE_SDK="/nowhere")
    for language, variable in (("c", "CC"), ("swift", "SWIFTC"), ("rust", "RUSTC")):
        world.new("check", language, f"bare_{language}")
        folder = world.scratch / f"bare_{language}"
        out = world.run("make", "build", f"{variable}=no-such-{language}", ok=False, folder=folder)
        assert f"no-such-{language} is not on PATH" in out and "install" in out, out
        out = world.run("make", ok=False, folder=folder, PATH="/usr/bin:/bin", PKG_CONFIG_PATH="/nowhere")
        assert "The SDK is not found" in out, out


def rebuilds(world, folder, **variables):
    """Whether `make build` compiled the library."""
    words = [f"{name}={value}" for name, value in variables.items()]
    return "-shared" in world.run("make", "build", *words, folder=folder)


@test
def a_plugin_is_built_anew_when_the_sdk_or_the_compiler_changes(world):
    sdk = world.scratch / "own_sdk"
    shutil.copytree(json.loads(world.run("sluice", "plugin", "sdk", "--json"))["sdk"], sdk)
    world.new("check", "c", "stale")
    folder, own = world.scratch / "stale", {"SDK": sdk}
    assert rebuilds(world, folder, **own) and not rebuilds(world, folder, **own)
    for part in ("c/kit_text.c", "c/include/sluice_kit.h", "include/sluice/sluice.h", "exports.map", "plugin.mk"):
        path = sdk / part
        # Installed anew, with a time stamp from before the build.
        text, when = path.read_text(), path.stat().st_mtime
        path.write_text(text + ("# more\n" if path.suffix in (".map", ".mk") else "/* more */\n"))
        os.utime(path, (when, when))
        assert rebuilds(world, folder, **own), part
        assert not rebuilds(world, folder, **own), part
    compiler = world.scratch / "newer-cc"
    compiler.write_text('#!/bin/sh\n[ "$1" = --version ] && { echo "newer 99"; exit 0; }\nexec cc "$@"\n')
    compiler.chmod(0o755)
    assert rebuilds(world, folder, CC=compiler, **own) and not rebuilds(world, folder, CC=compiler, **own)


@test
def a_swift_plugin_may_be_named_as_a_module_that_it_uses(world):
    toolchain("swift")
    for name in ("swift", "glibc"):
        world.new("check", "swift", name)
        world.run("make", "build", "test", folder=world.scratch / name)


@test
def an_installed_prefix_serves_as_a_stage_does(world):
    prefix = world.scratch / "prefix"
    world.run("make", "-s", "-C", str(ROOT), "install-sdk", f"PREFIX={prefix}")
    path = {"PKG_CONFIG_PATH": f"{prefix}/lib/pkgconfig"}
    flags = world.run("pkg-config", "--cflags", "sluice-sdk", **path).split()
    kit = world.run("pkg-config", "--variable=kit", "sluice-sdk", **path).split()
    link = world.run("pkg-config", "--variable=link", "sluice-sdk", **path).split()
    assert sorted(map(os.path.basename, kit)) == sorted(path.name for path in (ROOT / "SDK/C").glob("*.c"))
    (world.scratch / "by_hand.c").write_text((ROOT / "SDK/templates/c/provider/src/plugin.c").read_text())
    logic = ROOT / "SDK/templates/c/provider/src"
    world.run("cc", "-std=c11", *flags, f"-I{logic}", "by_hand.c", str(logic / "ngrams.c"), *kit, *link, "-lm", "-o", "by_hand.so")
    assert "sluice_plugin_entry" in world.run("nm", "-D", "--defined-only", "by_hand.so")
    # A folder made from it builds without `sluice` on PATH, by pkg-config alone.
    world.new("check", "c", "by_prefix")
    bare = {**path, "PATH": "/usr/local/bin:/usr/bin:/bin"}
    world.run("make", "build", "test", folder=world.scratch / "by_prefix", **bare)
    assert str(prefix) in world.run("make", "-n", "-B", "build", folder=world.scratch / "by_prefix", **bare)
    assert json.loads(world.run("sluice", "plugin", "sdk", "--json"))["sdk"].endswith("/share/sluice/sdk")


def the_rust_kit_by(compiler):
    def run(world):
        if not shutil.which(compiler):
            raise Skip(f"there is no {compiler}: scripts/setup installs it")
        program = world.scratch / f"kit_{compiler.replace('/', '_')}"
        world.run(compiler, "--edition", "2021", "--test", "--crate-name", "sluice_sdk", "-D", "warnings",
                  str(ROOT / "SDK/Rust/src/lib.rs"), "-o", str(program))
        out = world.run(str(program))
        assert re.search(r"test result: ok\. \d\d+ passed; 0 failed", out), out

    run.__name__ = f"the_rust_kit_keeps_the_rules_built_by_{compiler}"
    return test(run)


the_rust_kit_by("rustc")
if pathlib.Path("/usr/bin/rustc").exists() and shutil.which("rustc") != "/usr/bin/rustc":
    the_rust_kit_by("/usr/bin/rustc")


def attempt(name, run, world):
    began = time.monotonic()
    try:
        run(world)
        outcome, why = "passed", ""
    except Skip as reason:
        outcome, why = "skipped", str(reason)
    except Exception as error:  # noqa: BLE001  # one test must not end the others
        outcome, why = "failed", f"{type(error).__name__}: {error}"
    return outcome, name, why, time.monotonic() - began


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--stage", default=str(ROOT / ".build/stage/debug"))
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    with tempfile.TemporaryDirectory(prefix="sluice-templates-") as scratch:
        world = World(os.path.abspath(options.stage), pathlib.Path(scratch))
        chosen = [(name, run) for name, run in TESTS if options.only in name]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for outcome, name, why, seconds in pool.map(lambda one: attempt(*one, world), chosen):
                counts[outcome] += 1
                print(f"{seconds:6.1f} s  {outcome:8}{name}" + (f"\n{why}" if outcome == "failed" else ""), flush=True)
                if outcome == "skipped":
                    print(f"skip: {name}: {why}")
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
    return counts["failed"] > 0


if __name__ == "__main__":
    raise SystemExit(main())
