"""Arrow from elsewhere: the connectors of SDK/examples, built against nanoarrow and Arrow C++, through the host.

    /usr/bin/python3 -B Tests/Authoring/arrow.py --stage .build/stage/debug [--cc cc]

Each gives all rows in batches of any size, and is packed and held against the conformance suite, whose connector checks scan it in the sandbox. One whose library is
not there is skipped, and says so. Ends with `N passed, N failed, N skipped`.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SDK, EXAMPLES = ROOT / "SDK", ROOT / "SDK" / "examples"
INCLUDE = [f"-I{SDK}/include", f"-I{SDK}/C/include", f"-I{EXAMPLES}"]
STRICT = ["-Wall", "-Wextra", "-Werror"]
# Overflows of the examples' own arithmetic end the test.
UNDEFINED = ["-fsanitize=undefined", "-fno-sanitize-recover=undefined"]
LINK = ["-shared", f"-Wl,--version-script={SDK}/exports.map", "-Wl,-z,nodelete"]
# What must have been made, and not skipped: a scan of values, in slices, twice the same, broken text, and no rows.
MUST_PASS = {"connector.types", "connector.slices", "connector.deterministic", "connector.invalid_utf8", "connector.zero_rows"}
# What the libraries of a wheel do that the sandbox refuses: Arrow C++ looks at the machine's processors and memory when it is
# loaded, and goes on without. A plugin with that very build of it is not installed (docs/authoring.md).
REFUSED = {"nanoarrow": set(), "arrow-cpp": {"sandbox.files", "sandbox.namespaces"}}


class Skip(Exception):
    """Why a test cannot be made here."""


def run(*words, ok=True):
    done = subprocess.run([str(word) for word in words], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=110)
    if ok and done.returncode:
        raise AssertionError(f"{words[0]} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout


def nanoarrow(cc, build, identity):
    library = ROOT / ".build" / "nanoarrow"
    if not (library / "nanoarrow" / "nanoarrow.h").exists():
        raise Skip("there is no .build/nanoarrow: scripts/setup fetches it where it can")
    # Another's code keeps its own warnings.
    objects = []
    for source in sorted((library / "nanoarrow" / "common").glob("*.c")):
        objects.append(build / f"{source.stem}.o")
        run(cc, "-std=c11", "-O2", "-fPIC", f"-I{library}", "-c", source, "-o", objects[-1])
    run(cc, "-std=c11", "-O2", "-fPIC", *STRICT, *INCLUDE, f"-isystem{library}", f'-DLINES_ID="{identity}"', EXAMPLES / "lines.c",
        EXAMPLES / "nanoarrow/lines_nanoarrow.c", *sorted((SDK / "C").glob("*.c")), *objects, *LINK, "-lm", "-o",
        build / f"lib{identity}.so")
    run(cc, "-std=c11", "-g", *STRICT, *UNDEFINED, *INCLUDE, f"-isystem{library}", ROOT / "Tests/Authoring/lines_test.c",
        EXAMPLES / "nanoarrow/lines_nanoarrow.c", *objects, "-o", build / "lines_test")


def arrow_cpp(cc, build, identity):
    found = sorted((ROOT / ".build" / "python" / "lib").glob("python*/site-packages/pyarrow"))
    libraries = sorted(found[0].glob("libarrow.so.*")) if found else []
    if not libraries or not (found[0] / "include/arrow/api.h").exists():
        raise Skip("there is no wheel of pyarrow in .build/python: scripts/setup makes it")
    if not shutil.which("g++"):
        raise Skip("there is no g++")
    objects = [build / f"{source.stem}.o" for source in [*sorted((SDK / "C").glob("*.c")), EXAMPLES / "lines.c"]]
    for source, made in zip([*sorted((SDK / "C").glob("*.c")), EXAMPLES / "lines.c"], objects):
        run(cc, "-std=c11", "-O2", "-fPIC", *STRICT, *INCLUDE, f'-DLINES_ID="{identity}"', "-c", source, "-o", made)
    run("g++", "-std=c++20", "-O1", "-fPIC", *STRICT, *INCLUDE, f"-isystem{found[0]}/include",
        EXAMPLES / "arrow-cpp/lines_arrow.cc", *objects, *LINK, f"-L{found[0]}", f"-l:{libraries[0].name}",
        "-Wl,-rpath,$ORIGIN", "-lm", "-o", build / f"lib{identity}.so")
    run(cc, "-std=c11", "-g", *STRICT, *UNDEFINED, *INCLUDE, "-c", ROOT / "Tests/Authoring/lines_test.c", "-o",
        build / "lines_test.o")
    run("g++", "-std=c++20", "-g", *STRICT, *UNDEFINED, *INCLUDE, f"-isystem{found[0]}/include",
        EXAMPLES / "arrow-cpp/lines_arrow.cc", build / "lines_test.o", f"-L{found[0]}", f"-l:{libraries[0].name}",
        f"-Wl,-rpath,{found[0]}", "-o", build / "lines_test")
    # The host looks for libraries where the system has them, and beside the plugin.
    return [libraries[0]]


def conforms(name, make, options, scratch):
    folder = EXAMPLES / name
    identity = json.loads((folder / "manifest.json").read_text())["id"]
    build = pathlib.Path(scratch) / name
    build.mkdir()
    beside = make(options.cc, build, identity) or []
    run(build / "lines_test")
    sluice = os.path.abspath(f"{options.stage}/bin/sluice")
    package = build / "package"
    run(sluice, "plugin", "pack", folder / "manifest.json", "--out", package, "--libraries", build)
    package.chmod(0o755)
    for library in beside:
        shutil.copy(library, package)
    report = json.loads(run(sluice, "plugin", "conformance", package / f"{identity}.json", "--json", "--home", build / "home", ok=False))
    checks = {check["id"]: check for check in report["checks"]}
    bad = [check for check in checks.values() if check["status"] in ("Failed", "Crashed")]
    assert {check["id"] for check in bad} == REFUSED[name], json.dumps(bad, indent=1)
    missed = sorted(one for one in MUST_PASS if checks[one]["status"] != "Passed")
    assert not missed, json.dumps([checks[one] for one in missed], indent=1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--stage", default=str(ROOT / ".build/stage/debug"))
    parser.add_argument("--cc", default="cc")
    options = parser.parse_args()
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory(prefix="sluice-arrow-") as scratch:
        # Root starts runners as nobody, who must reach a library beside the plugin.
        os.chmod(scratch, 0o755)
        for name, make in (("nanoarrow", nanoarrow), ("arrow-cpp", arrow_cpp)):
            try:
                conforms(name, make, options, scratch)
                passed += 1
                but = f", but for {' and '.join(sorted(REFUSED[name]))}" if REFUSED[name] else ""
                print(f"passed  a connector whose arrays are made by {name} conforms{but}")
            except Skip as why:
                skipped += 1
                print(f"skip: {name}: {why}")
            except Exception as error:  # noqa: BLE001  # one must not end the other
                failed += 1
                print(f"FAILED  {name}: {type(error).__name__}: {error}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return failed > 0


if __name__ == "__main__":
    raise SystemExit(main())
