"""Plugins of other versions of the ABI: binaries that were built once with the headers of an earlier one, and plugins
compiled against headers with fewer or more fields than this host's. docs/abi.md says what becomes of each."""

import hashlib
import json
import os
import platform
import re
import shutil
import struct
import subprocess

from host import *  # noqa: F403
from world import *  # noqa: F403

KEPT = os.path.join(ROOT, "Tests", "Golden", "abi", "plugins")
PLATFORM = "linux-" + platform.machine()
LINES = b"first\n\nthird line\n\xc3\xa9\nlast"
KINDS = {"connector": CONNECTOR, "check": CHECK, "provider": PROVIDER}


def kept_versions():
    return sorted(name for name in os.listdir(KEPT) if re.fullmatch(r"\d+\.\d+", name))


def kept(version, name):
    """The path of a binary, whose bytes are what they were."""
    path = os.path.join(KEPT, version, PLATFORM, name + ".so")
    if not os.path.exists(path):
        raise Skip("the plugins in Tests/Golden/abi/plugins/%s were built for linux-x86_64, and this is %s" %
                   (version, PLATFORM))
    return path


def open_session(world, path, kind, identity, version="0.1.0", config="{}", services=0, streams=(), deadline=0):
    """(runner, LOADED's payload) with an instance."""
    extra = [fd for fd, _ in streams]
    runner = Runner(world.runner, path, (*LIMITS, *closure(path)), extra=extra)
    runner.hello()
    # The runner's descriptors are counted from 0: three standard ones, the socket, the plugin, then these.
    numbered = [(5 + at, size) for at, (_, size) in enumerate(streams)]
    loaded = runner.load(kind, identity, version, services=services, streams=numbered)
    assert loaded[0] == LOADED, error(loaded[1])
    created = runner.create(config)
    assert created[0] == CREATED, error(created[1])
    return runner, loaded[1]


def result(answer):
    kind, payload, before = answer
    assert kind == RESULT, error(payload)
    return payload, before


def result_json(answer):
    return json.loads(result(answer)[0][4:])


@test
def kept_plugins_have_the_bytes_that_they_were_recorded_with(world):
    for version in kept_versions():
        with open(os.path.join(KEPT, version, "SHA256SUMS")) as file:
            wanted = dict(line.split()[::-1] for line in file)
        found = {}
        for folder, _, files in os.walk(os.path.join(KEPT, version)):
            for name in files:
                if name.endswith(".so"):
                    path = os.path.join(folder, name)
                    with open(path, "rb") as file:
                        found[os.path.relpath(path, os.path.join(KEPT, version))] = hashlib.sha256(file.read()).hexdigest()
        assert found == wanted, "put the binaries of ABI %s back as they were: they are never built again" % version
        assert len(found) == 3, found


@test
def a_kept_connector_of_every_version_reads_its_source(world):
    for version in kept_versions():
        source = os.memfd_create("source")
        os.write(source, LINES)
        try:
            runner, loaded = open_session(world, kept(version, "connector"), CONNECTOR, "golden.connector", services=1,
                                          streams=[(source, len(LINES))])
        finally:
            os.close(source)
        with runner:
            assert b'{"summary":"reads lines"}' in loaded
            assert result_json(runner.call(INVENTORY)) == {"tables": [{"name": ""}]}
            payload, _ = result(runner.call(SCHEMA, text("")))
            assert b'"format":"lines"' in payload and b"bytes" in payload and b"sluice.line" not in payload
            found = result_json(runner.call(SPLIT, text("") + struct.pack("<I", 4)))
            assert found == {"splits": [{"id": "0", "hint_bytes": len(LINES)}]}
            payload, before = result(runner.call(SCAN, text('{"table":"","split":null,"columns":null,"batch_rows":2,"skip_rows":1}')))
            assert struct.unpack("<QQ", payload) == (2, 4), payload
            batches = [read_batch(data) for kind, data in before if kind == BATCH]
            assert [rows for _, rows in batches] == [2, 2]
            assert [column[2] for column in batches[0][0]] == \
                ["text", "bytes", "sluice.line", "sluice.byte_offset", "sluice.reject"]
            assert batches[0][0][0][6] == b"third line" and batches[1][0][0][6] == b"\xc3\xa9last"
            assert batches[1][0][2][6] == struct.pack("<2q", 4, 5)
            assert batches[1][0][3][6] == struct.pack("<2q", 18, 21)
            assert any(kind == LOG and b"scan began" in data for kind, data in before)
            kind, payload, _ = runner.call(SCAN, text('{"table":"","split":null,"columns":["text"],"batch_rows":2,"skip_rows":0}'))
            assert kind == ERROR and error(payload)[0] == DETERMINISTIC_FAILURE


@test
def a_kept_check_of_every_version_finds_the_nulls_and_merges(world):
    for version in kept_versions():
        runner, _ = open_session(world, kept(version, "check"), CHECK, "golden.check")
        with runner:
            assert result_json(runner.call(DECLARE))["metrics"] == ["null_count"]
            rows, nulls, _ = table(9)
            begin = text("{}") + SCHEMA_BATCH
            result(runner.call(BEGIN, begin))
            result(runner.call(UPDATE, rows))
            verdict = result_json(runner.call(FINISH, struct.pack("<i", 0)))
            assert verdict["rows"] == 9 and verdict["findings"][0]["value"] == nulls == 3, verdict
            assert verdict["findings"][0]["ordinals"] == [2, 5, 8]
            result(runner.call(BEGIN, begin))
            result(runner.call(UPDATE, rows))
            state = result(runner.call(FINISH, struct.pack("<i", 1)))[0]
            result(runner.call(BEGIN, begin))
            result(runner.call(UPDATE, rows))
            result(runner.call(MERGE, state))
            verdict = result_json(runner.call(FINISH, struct.pack("<i", 0)))
            assert verdict["rows"] == 18 and verdict["findings"][0]["value"] == 6, verdict
            kind, payload, _ = runner.call(MERGE, text(b"no state"))
            assert kind == ERROR and "not a state" in error(payload)[3]


@test
def a_kept_provider_of_every_version_answers(world):
    for version in kept_versions():
        runner, _ = open_session(world, kept(version, "provider"), PROVIDER, "golden.provider", config='{"note":"!"}')
        with runner:
            payload, before = result(runner.call(INFER, text("hello")))
            assert payload[4:] == b"hello!" and any(kind == LOG for kind, _ in before)
            payload, _ = result(runner.call(EMBED, text('{"model":null,"texts":["ab","abc"]}')))
            assert struct.unpack("<IQ4f", payload) == (2, 2, 2, 0, 3, 1), payload
            payload, _ = result(runner.call(TOKEN_ESTIMATE, text("") + text("nine byte")))
            assert struct.unpack("<Q", payload) == (3,)
            kind, payload, _ = runner.call(TOKEN_ESTIMATE, text("none") + text("x"))
            assert kind == ERROR and error(payload)[3] == "there is no such model"
            assert result_json(runner.call(HEALTH))["models"][0]["id"] == "golden"


# --- headers of other versions -------------------------------------------------------------------------------------

SIZED = {"sluice_text": "base.h", "sluice_floats": "base.h", "sluice_error": "base.h", "sluice_host": "host.h",
         "sluice_host_info": "host.h", "sluice_plugin": "plugin.h", "sluice_check_ops": "check.h",
         "sluice_connector_ops": "connector.h", "sluice_provider_ops": "provider.h"}
SOURCES = os.path.join(ROOT, "Tests", "Golden", "abi", "plugins", "0.1")


def headers(world, name, change):
    """A copy of the public headers, of which `change(structs, texts)` makes another version: the folder."""
    folder = os.path.join(world.folder, "headers-" + name)
    if not os.path.exists(folder):
        shutil.copytree(os.path.join(ROOT, "SDK", "include"), folder)
        texts = {}
        for header in os.listdir(os.path.join(folder, "sluice")):
            with open(os.path.join(folder, "sluice", header)) as file:
                texts[header] = file.read()
        change(texts)
        for header, contents in texts.items():
            with open(os.path.join(folder, "sluice", header), "w") as file:
                file.write(contents)
    return folder


def compiled(world, include, name, source, *options):
    path = os.path.join(world.folder, name + ".so")
    subprocess.run([world.cc, "-std=c11", "-O1", "-fPIC", "-shared", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror",
                    "-Wno-missing-field-initializers", "-I", include, *options, source, "-o", path], check=True)
    return path


def minor(texts, add):
    found = re.search(r"SLUICE_ABI_MINOR \(\(uint32_t\)(\d+)\)", texts["base.h"])
    return found[0], "SLUICE_ABI_MINOR ((uint32_t)%d)" % (int(found[1]) + add)


def own_minor():
    with open(os.path.join(ROOT, "SDK", "abi.json")) as file:
        return json.load(file)["abi"]["minor"]


def cut_to(version):
    """Takes away what came after `version`: fields, by its golden description, and the number. A field is put in before
    that, so that there is something to take away while no version came after it."""
    with open(os.path.join(ROOT, "Tests", "Golden", "abi", version + ".json")) as file:
        recorded = json.load(file)

    def change(texts):
        grown(texts)
        for struct_ in recorded["structs"]:
            if not struct_["sized"]:
                continue
            header, names = struct_["header"], [field["name"] for field in struct_["fields"]]
            begin = texts[header].index("typedef struct %s {" % struct_["name"])
            end = texts[header].index("} %s;" % struct_["name"], begin)
            body = re.sub(r"/\*.*?\*/", "", texts[header][begin:end], flags=re.S)
            last = re.search(r"(\(\*%s\)\s*\([^;]*|\b%s);[^\n]*\n" % (names[-1], names[-1]), body)
            texts[header] = texts[header][:begin] + body[:last.end()] + texts[header][end:]
        found = minor(texts, 0)[0]
        texts["base.h"] = texts["base.h"].replace(found, "SLUICE_ABI_MINOR ((uint32_t)%d)" % recorded["abi"]["minor"])
        # Cut right, or the plugins do not compile.
        sizes = "".join('_Static_assert(sizeof(%(name)s) == %(size)d, "%(name)s");\n' % struct_
                        for struct_ in recorded["structs"] if struct_["sized"])
        texts["sluice.h"] = texts["sluice.h"].replace("#endif", sizes + "#endif")
    return change


def grown(texts):
    """The next minor version: one more field behind the last of every struct that has a size."""
    for name, header in SIZED.items():
        field = "  void (*later)(void);\n" if name.endswith(("_ops", "_host")) else "  uint64_t later;\n"
        assert texts[header].count("} %s;" % name) == 1, name
        texts[header] = texts[header].replace("} %s;" % name, field + "} %s;" % name)
    texts["base.h"] = texts["base.h"].replace(*minor(texts, 1))


def drive(world, path, kind):
    """Uses a plugin of one kind as far as a version may matter."""
    if kind == "provider":
        runner, loaded = open_session(world, path, PROVIDER, "golden.provider", config='{"note":"?"}')
        with runner:
            assert result(runner.call(INFER, text("hello")))[0][4:] == b"hello?"
            assert struct.unpack("<IQ2f", result(runner.call(EMBED, text('{"texts":["ab"]}')))[0]) == (2, 1, 2, 0)
            assert error(runner.call(TOKEN_ESTIMATE, text("none") + text(""))[1])[3] == "there is no such model"
    elif kind == "check":
        runner, loaded = open_session(world, path, CHECK, "golden.check")
        with runner:
            result(runner.call(BEGIN, text("{}") + SCHEMA_BATCH))
            result(runner.call(UPDATE, table(9)[0]))
            assert result_json(runner.call(FINISH, struct.pack("<i", 0)))["rows"] == 9
    else:
        source = os.memfd_create("source")
        os.write(source, LINES)
        try:
            runner, loaded = open_session(world, path, CONNECTOR, "golden.connector", services=1,
                                          streams=[(source, len(LINES))])
        finally:
            os.close(source)
        with runner:
            payload, _ = result(runner.call(SCAN, text('{"table":"","columns":null,"batch_rows":100,"skip_rows":0}')))
            assert struct.unpack("<QQ", payload) == (1, 5)
    return loaded


def stated_minor(loaded):
    """The minor version that a plugin stated, out of LOADED: kind, id, version, major, minor, description."""
    at = 4
    for _ in range(2):
        at += 4 + struct.unpack_from("<I", loaded, at)[0]
    return struct.unpack_from("<II", loaded, at)[1]


@test
def plugins_built_with_the_headers_of_every_recorded_version_are_loaded(world):
    versions = [name[:-5] for name in os.listdir(os.path.join(ROOT, "Tests", "Golden", "abi"))
                if re.fullmatch(r"\d+\.\d+\.json", name)]
    assert "0.1" in versions
    for version in versions:
        include = headers(world, version, cut_to(version))
        for kind in KINDS:
            path = compiled(world, include, "%s-%s" % (kind, version), os.path.join(SOURCES, kind + ".c"))
            assert stated_minor(drive(world, path, kind)) == int(version.split(".")[1])


@test
def plugins_built_with_later_headers_are_loaded_and_what_the_host_lacks_is_null(world):
    include = headers(world, "later", grown)
    for kind in KINDS:
        path = compiled(world, include, kind + "-later", os.path.join(SOURCES, kind + ".c"))
        assert stated_minor(drive(world, path, kind)) == own_minor() + 1
    # The one that looks: its copy of the host's table has no `later`, and no output has room for one.
    path = compiled(world, include, "later_minor", os.path.join(FIXTURES, "later_minor.c"))
    runner, _ = open_session(world, path, PROVIDER, "fixture.later_minor", "1.0.0")
    with runner:
        assert result_json(runner.call(HEALTH)) == {"host": "older", "service": "null", "text": "short", "error": "short"}


def refusal(world, path, kind, identity):
    with Runner(world.runner, path, (*LIMITS, *closure(path))) as runner:
        runner.hello()
        answer, payload, _ = runner.load(kind, identity, "0.1.0")
        assert answer == ERROR, answer
        code, _, _, message = error(payload)
        assert code == DETERMINISTIC_FAILURE, code
        return message


@test
def a_plugin_with_less_than_the_first_fields_is_refused(world):
    def without_last(struct_, last, header):
        def change(texts):
            begin = texts[header].index("typedef struct %s {" % struct_)
            end = texts[header].index("} %s;" % struct_, begin)
            body = texts[header][begin:end]
            at = body.index(last)
            texts[header] = texts[header][:begin] + body[:body.rindex("\n", 0, at) + 1] + texts[header][end:]
        return change

    cases = {
        "check": ("sluice_check_ops", "sluice_status (*finish)", "check.h"),
        "connector": ("sluice_connector_ops", "sluice_status (*scan)", "connector.h"),
        "provider": ("sluice_provider_ops", "sluice_status (*poll)", "provider.h"),
    }
    for kind, case in cases.items():
        include = headers(world, "without-" + kind, without_last(*case))
        # The initialiser of the source has one value too many for the shorter table: it goes by a copy.
        with open(os.path.join(SOURCES, kind + ".c")) as file:
            source = re.sub(r"(_ops ops = \{sizeof ops, 0, .*), \w+\};", r"\1};", file.read())
        copy = os.path.join(world.folder, "short-%s.c" % kind)
        with open(copy, "w") as file:
            file.write(source)
        path = compiled(world, include, kind + "-short", copy, "-I", SOURCES, "-Wno-unused-function")
        message = refusal(world, path, KINDS[kind], "golden." + kind)
        assert "operations are missing or smaller than version 1 of the ABI allows" in message, message
    include = headers(world, "without-plugin", without_last("sluice_plugin", "const void *(*get_extension)", "plugin.h"))
    with open(os.path.join(SOURCES, "common.h")) as file:
        common = file.read().replace("&ops_value,      no_extension, ", "&ops_value,")
    shutil.copy(os.path.join(SOURCES, "check.c"), os.path.join(world.folder, "short-plugin.c"))
    with open(os.path.join(world.folder, "common.h"), "w") as file:
        file.write(common)
    path = compiled(world, include, "plugin-short", os.path.join(world.folder, "short-plugin.c"), "-Wno-unused-function")
    os.unlink(os.path.join(world.folder, "common.h"))
    message = refusal(world, path, CHECK, "golden.check")
    assert "sluice_plugin is smaller than version 1 of the ABI allows" in message, message


@test
def a_plugin_of_another_major_version_is_refused(world):
    def change(texts):
        texts["base.h"] = texts["base.h"].replace("SLUICE_ABI_MAJOR ((uint32_t)0)", "SLUICE_ABI_MAJOR ((uint32_t)1)")

    include = headers(world, "major", change)
    # It refuses this host by itself, as the header says it should.
    path = compiled(world, include, "check-major", os.path.join(SOURCES, "check.c"))
    assert "refuses this host" in refusal(world, path, CHECK, "golden.check")
    # One that does not look is refused by the host.
    path = compiled(world, include, "check-careless", os.path.join(FIXTURES, "good_check.c"))
    assert "another major version" in refusal(world, path, CHECK, "fixture.good_check")


# --- the rules for arguments, as the host keeps them ---------------------------------------------------------------

@test
def the_services_of_the_host_refuse_wrong_arguments(world):
    files = [os.memfd_create(name) for name in ("source", "words")]
    try:
        for file in files:
            os.write(file, b"abcdef")
        runner = world.start("wrong_arguments", extra=files)
    finally:
        for file in files:
            os.close(file)
    with runner:
        runner.hello()
        loaded = runner.load(PROVIDER, "fixture.wrong_arguments", services=1 | 2 | 4, streams=[(5, 6)],
                             resources=[("words", 6, 6)])
        assert loaded[0] == LOADED, error(loaded[1])
        assert runner.create()[0] == CREATED
        answer, payload, before = runner.call(INFER, text("{}"))
        assert answer == RESULT, error(payload)
        refused, blocked = DETERMINISTIC_FAILURE, POLICY_BLOCK
        assert json.loads(payload[4:]) == {
            "read_at": [refused] * 6 + [0], "stream_size": [refused] * 4, "resource": [refused] * 5,
            "http": [refused] * 7 + [blocked] * 3, "others": [0, 0, 0, 1],
        }, payload
        # Of the four lines that were logged or reported two are right as they are, if empty.
        assert [kind for kind, _ in before] == [LOG, LOG], before
