"""Whole sessions: load, create, calls, cancel, crashes, hangs, orphans."""

import json
import os
import select
import shutil
import signal
import struct
import subprocess

from host import *  # noqa: F403
from world import *  # noqa: F403


def lines(frames):
    """The numbers that were logged."""
    return [int(payload[8:]) for kind, payload in frames if kind == LOG]


@test
def a_check_counts(world):
    with world.session("good_check", CHECK) as runner:
        assert runner.call(DECLARE)[0] == RESULT
        kind, payload, _ = runner.call(FINISH, struct.pack("<i", 0))
        assert kind == ERROR and error(payload)[0] == DETERMINISTIC_FAILURE, "finish came before begin"
        assert runner.call(BEGIN, text("{}") + SCHEMA_BATCH)[:2] == (RESULT, b"")
        total = nulls = size = 0
        for rows in (1, 7, 8, 9, 1000, 0):
            data, n, s = table(rows) if rows else (SCHEMA_BATCH, 0, 0)
            kind, payload, _ = runner.call(UPDATE, data)
            assert (kind, payload) == (RESULT, bytes(4)), (rows, error(payload))
            total, nulls, size = total + rows, nulls + n, size + s
        kind, payload, _ = runner.call(FINISH, struct.pack("<i", 1))
        state = payload[4:]
        assert kind == RESULT and struct.unpack("<Q", state)[0] == total
        assert runner.call(MERGE, text(state))[0] == RESULT
        verdict = json.loads(runner.call(FINISH, struct.pack("<i", 0))[1][4:])
        assert verdict["rows"] == 2 * total
        assert [f["value"] for f in verdict["findings"]] == [nulls, size], verdict
        runner.send(SHUTDOWN)
        assert runner.wait() == 0, runner.status


@test
def other_columns_than_begin_announced_are_refused(world):
    with world.session("good_check", CHECK) as runner:
        runner.call(BEGIN, text("{}") + SCHEMA_BATCH)
        wrong = batch([(FLOAT64, 0, "sluice.ordinal", 0, b"", b"", bytes(8))], 1)
        kind, payload, _ = runner.call(UPDATE, wrong)
        assert kind == ERROR and "begin" in update_error(payload)[3]


@test
def a_provider_answers(world):
    with world.session("echo_provider", PROVIDER) as runner:
        assert runner.call(INFER, text("häh?"))[1] == text("häh?")
        request = text('{"model":null,"texts":["first name","last name"]}')
        kind, payload, _ = runner.call(EMBED, request)
        dimensions, rows = struct.unpack_from("<IQ", payload)
        assert kind == RESULT and (dimensions, rows, len(payload)) == (4, 2, 12 + 32)
        assert payload == runner.call(EMBED, request)[1] and payload[12:28] != payload[28:]
        assert struct.unpack("<Q", runner.call(TOKEN_ESTIMATE, text("m") + text("x" * 41))[1])[0] == 10
        assert json.loads(runner.call(HEALTH)[1][4:])["healthy"] is True
        assert runner.call(SUBMIT, text("many"))[1] == text("many") and runner.call(POLL, text("?"))[1] == text("?")
        kind, payload, _ = runner.call(FINISH, struct.pack("<i", 0))
        assert kind == ERROR and "offer" in error(payload)[3]


@test
def calls_that_a_provider_lacks_are_answered_as_not_offered(world):
    with world.session("http_provider", PROVIDER) as runner:
        for method in (SUBMIT, POLL):
            kind, payload, _ = runner.call(method, text("{}"))
            assert kind == ERROR and error(payload)[3] == "the plugin does not offer this call"


@test
def a_megabyte_text_comes_back_whole(world):
    with world.session("echo_provider", PROVIDER) as runner:
        long = os.urandom(32 << 20)
        assert runner.call(INFER, text(long))[1] == text(long)


@test
def logs_are_repaired_and_progress_is_told(world):
    with world.session("good_check", CHECK) as runner:
        kind, _, before = runner.call(BEGIN, text("log") + SCHEMA_BATCH)
        assert kind == RESULT
        assert before == [(LOG, struct.pack("<i", 1) + text("bad \ufffd byte")), (PROGRESS, struct.pack("<QQ", 1, 2))]


@test
def services_stop_at_the_size_that_load_says(world):
    source, resource = os.memfd_create("source"), os.memfd_create("resource")
    os.write(source, b"0123456789SECRET")
    os.write(resource, b"weights")
    with world.session("bad_batch", CONNECTOR, extra=(source, resource), services=3, streams=[(5, 10)],
                       resources=[("words", 6, 7)]) as runner:
        assert runner.call(SPLIT, text("") + struct.pack("<I", 0))[1] == text("10|23456789|weights")
        kind, payload, _ = runner.call(SPLIT, text("") + struct.pack("<I", 1))
        assert kind == ERROR and "stream" in error(payload)[3]
    with world.session("bad_batch", CONNECTOR, extra=(source, resource), services=3, streams=[(5, 10)],
                       resources=[("words", 6, 8)]) as runner:
        kind, payload, _ = runner.call(SPLIT, text("") + struct.pack("<I", 0))
        assert kind == ERROR and "mapped" in error(payload)[3], "a resource shorter than LOAD says was mapped"
    os.close(source)
    os.close(resource)


@test
def cancel_reaches_a_running_call(world):
    with world.session("good_check", CHECK) as runner:
        runner.call(BEGIN, text("wait") + SCHEMA_BATCH)
        runner.start(UPDATE, table(3)[0])
        runner.send(CANCEL, call=77)  # another call: no effect
        runner.send(CANCEL)
        kind, payload, _ = runner.answer()
        assert kind == ERROR and update_error(payload)[0] == TIMEOUT and update_error(payload)[3] == "cancelled"
        runner.send(CANCEL)  # too late: harmless
        assert runner.call(BEGIN, text("{}") + SCHEMA_BATCH)[0] == RESULT
        assert runner.call(UPDATE, table(3)[0])[0] == RESULT


@test
def the_deadline_is_told(world):
    with world.session("good_check", CHECK) as runner:
        runner.call(BEGIN, text("wait") + SCHEMA_BATCH)
        kind, payload, _ = runner.call(UPDATE, table(3)[0], deadline=30)
        assert kind == ERROR and update_error(payload)[3] == "past the deadline"


@test
def the_deadline_of_create_and_of_every_batch_is_told(world):
    with world.start("deadlines") as runner:
        runner.hello()
        assert runner.load(CONNECTOR, "fixture.deadlines", deadline=5000)[0] == LOADED
        kind, _, before = runner.create(deadline=7000)
        (told,) = lines(before)
        assert kind == CREATED and 6000 < told <= 7000, told
        # Each batch takes 300 ms of a deadline of 700: only one that begins anew lets three of them pass.
        kind, payload, before = runner.call(SCAN, text('{"table":""}'), deadline=700)
        assert kind == RESULT and struct.unpack("<QQ", payload) == (3, 3), error(payload)
        told = lines(before)
        assert len(told) == 4 and all(300 < left <= 700 for left in told), told
        kind, _, before = runner.call(SCAN, text('{"table":""}'))
        assert kind == RESULT and lines(before) == [(1 << 63) - 1] * 4, before


@test
def errors_are_released_after_success_too(world):
    with world.start("filled_error") as runner:
        runner.hello()
        kind, payload, _ = runner.load(CONNECTOR, "fixture.filled_error")
        assert kind == LOADED and len(payload) > 1 << 20, error(payload)
        assert runner.create()[0] == CREATED
        assert runner.call(INVENTORY)[1] == text("1"), "describe's error was not released"
        assert runner.call(SCHEMA, text(""))[0] == ERROR
        assert runner.call(INVENTORY)[1] == text("2"), "the error of a schema that was refused was not released"


@test
def an_abort_at_load_ends_the_runner(world):
    with world.start("abort_on_load") as runner:
        runner.hello()
        try:
            runner.load(CHECK, "fixture.abort_on_load")
            raise AssertionError("it loaded")
        except Ended:
            assert runner.wait() == -signal.SIGABRT, runner.status


@test
def an_abort_in_a_call_ends_the_runner(world):
    with world.session("abort_in_call", CHECK) as runner:
        runner.call(BEGIN, text("{}") + SCHEMA_BATCH)
        try:
            runner.call(UPDATE, table(2)[0])
            raise AssertionError("it answered")
        except Ended:
            assert runner.wait() == -signal.SIGABRT, runner.status


@test
def a_hang_does_not_outlive_the_socket(world):
    for name, begin in (("hang", True), ("hang_on_load", False)):
        with (world.session(name, CHECK) if begin else world.start(name)) as runner:
            if begin:
                runner.call(BEGIN, text("{}") + SCHEMA_BATCH)
                runner.start(UPDATE, table(2)[0])
            else:
                runner.hello()
                runner.send(LOAD, struct.pack("<qi", 0, CHECK) + text("fixture." + name) + text("1.0.0") + text("0") +
                            struct.pack("<QIIii", 0, 0, 0, -1, -1))
            runner.socket.close()
            assert runner.wait(5) == EXIT_CLOSED, runner.status


@test
def another_identity_is_refused(world):
    for kind, identity, version, word in ((CHECK, "fixture.wrong_id", "1.0.0", "id"),
                                          (CHECK, "fixture.another_id", "1.0.1", "version"),
                                          (PROVIDER, "fixture.another_id", "1.0.0", "kind")):
        with world.start("wrong_id") as runner:
            runner.hello()
            answer, payload, _ = runner.load(kind, identity, version)
            assert answer == ERROR and word in error(payload)[3]
            assert error(payload)[0] == DETERMINISTIC_FAILURE
            if word == "id":
                runner.send(SHUTDOWN)
                assert runner.wait() == 0
    with world.start("wrong_id") as runner:
        runner.hello()
        runner.load(CHECK, "fixture.wrong_id")
        runner.send(LOAD)
        assert runner.wait() == EXIT_PROTOCOL, "the entry point would have run twice"


@test
def a_plugin_that_is_asked_says_what_it_is(world):
    with world.start("good_check") as runner:
        runner.hello()
        kind, payload, _ = runner.load(0, "whatever", "9.9.9")
        assert kind == LOADED, error(payload)
        said, size = struct.unpack_from("<iI", payload)
        assert said == CHECK and payload[8:8 + size] == b"fixture.good_check", payload


@test
def what_is_no_library_is_refused(world):
    path = os.path.join(world.folder, "text.so")
    with open(path, "w") as file:
        file.write("not a library at all" * 100)
    with Runner(world.runner, path, LIMITS) as runner:
        runner.hello()
        kind, payload, _ = runner.load(CHECK, "x")
        assert kind == ERROR and "cannot be loaded" in error(payload)[3], payload


@test
def the_runner_dies_with_its_parent(world):
    for moment in ("idle", "call"):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                if moment == "idle":
                    runner = world.start("good_check")
                    runner.hello()
                else:
                    runner = world.session("hang", CHECK)
                    runner.call(BEGIN, text("{}") + SCHEMA_BATCH)
                    runner.start(UPDATE, table(2)[0])
                # The socket's other end goes to init's care: only PDEATHSIG may end the runner.
                os.set_inheritable(runner.socket.fileno(), True)
                keeper = os.posix_spawn("/bin/sleep", ["sleep", "20"], {})
                os.write(writer, struct.pack("<4i", keeper, *(runner.processes() * 3)[:3]))
                signal.pause()
            finally:
                os._exit(1)
        os.close(writer)
        keeper, *pids = struct.unpack("<4i", os.read(reader, 16))
        os.close(reader)
        pidfds = [os.pidfd_open(pid) for pid in pids]
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        for pidfd in pidfds:
            ready, _, _ = select.select([pidfd], [], [], 5)
            os.close(pidfd)
            assert ready, "the runner outlived its parent (%s)" % moment
        os.kill(keeper, signal.SIGKILL)


@test
def a_wrong_parent_is_noticed(world):
    with world.start("good_check", ("--parent", "1" if os.getpid() != 1 else "2")) as runner:
        assert runner.wait() == EXIT_ORPHAN
    with world.start("good_check", ("--parent", str(os.getpid()))) as runner:
        assert runner.hello()[0] == ALL_LAYERS


@test
def a_swift_plugin_runs(world):
    if not world.swiftc:
        raise Skip("no swiftc")
    info = json.loads(subprocess.run([world.swiftc, "-print-target-info"], capture_output=True, check=True).stdout)
    libraries = info["paths"]["runtimeLibraryPaths"][0]
    include = os.path.join(world.folder, "SluiceABI")
    shutil.copytree(os.path.join(ROOT, "SDK", "include"), include)
    # The entry point is declared by hand in the source, so its declaration must not come from the module as well.
    header_path = os.path.join(include, "sluice", "plugin.h")
    with open(header_path) as file:
        lines = [line for line in file if not line.startswith("SLUICE_EXPORT const sluice_plugin *sluice_plugin_entry")]
    with open(header_path, "w") as file:
        file.writelines(lines)
    out = os.path.join(world.folder, "swift.so")
    lock = ["flock", os.environ["SWIFT_LOCK"]] if os.environ.get("SWIFT_LOCK") else []
    sources = [os.path.join(FIXTURES, name + ".swift") for name in ("fixture", "swift_provider")]
    subprocess.run([*lock, world.swiftc, "-O", "-emit-library", "-module-name", "Plugin", "-I", include, *sources, "-o",
                    out, "-Xlinker", "-z", "-Xlinker", "nodelete"], check=True)
    # libdispatch makes calls that a C plugin may not.
    with Runner(world.runner, out, (*LIMITS, "--calls", "c", "--library-dir", libraries, *closure(out, libraries)),
                environment={"LD_LIBRARY_PATH": libraries}) as runner:
        runner.hello()
        try:
            runner.load(PROVIDER, "fixture.swift_provider")
            raise AssertionError("libdispatch ran on a C plugin's list")
        except Ended:
            assert runner.wait() == -signal.SIGSYS, runner.status
    seen = set()
    options = (*LIMITS, "--calls", "swift", "--library-dir", libraries, *closure(out, libraries))
    for _ in range(10):
        with Runner(world.runner, out, options, environment={"LD_LIBRARY_PATH": libraries}) as runner:
            runner.hello()
            kind, payload, _ = runner.load(PROVIDER, "fixture.swift_provider")
            assert kind == LOADED, error(payload)
            description = json.loads(payload[payload.index(b"{"):])
            assert description["summary"] == "STRASSE SWIFT ÉTÉ" and description["total"] == 2016, description
            seen.add(description["random"])
            assert runner.create()[0] == CREATED
            if len(seen) == 1:
                kind, payload, _ = runner.call(TOKEN_ESTIMATE, text("") + text("x" * 40))
                assert kind == RESULT and struct.unpack("<Q", payload)[0] == 10
            runner.send(SHUTDOWN)
            assert runner.wait() == 0
    assert len(seen) == 10, "the random source repeats itself"
