#!/usr/bin/env python3
"""Starts sluice-runner as the host does and holds it to what wire.h and docs say of the sandbox.

python3 Tests/Runner/runner_test.py --runner PATH --cc gcc [--only NAME] [--swiftc PATH]
Run it as root and as an ordinary user: root also repeats a session as user 65534 through setpriv."""

import argparse
import json
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from host import *  # noqa: E402,F403

TESTS = []
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FIXTURES = os.path.join(ROOT, "Tests", "Fixtures")
ALL_LAYERS = SECCOMP | LANDLOCK | RLIMITS | NO_NEW_PRIVS | UNPRIVILEGED | PDEATHSIG
LIMITS = ("--memory-bytes", str(2 << 30), "--cpu-seconds", "20", "--descriptors", "64")


class Skip(Exception):
    pass


def test(function):
    TESTS.append(function)
    return function


class World:
    def __init__(self, runner, cc, swiftc, folder):
        self.runner, self.cc, self.swiftc, self.folder = runner, cc, swiftc, folder

    def plugin(self, name):
        path = os.path.join(self.folder, name + ".so")
        if not os.path.exists(path):
            subprocess.run([self.cc, "-std=c11", "-O1", "-fPIC", "-shared", "-fvisibility=hidden", "-Wall", "-Wextra",
                            "-Werror", "-I", os.path.join(ROOT, "SDK", "include"),
                            os.path.join(FIXTURES, name + ".c"), "-o", path], check=True)
        return path

    def start(self, name, options=LIMITS, **more):
        return Runner(self.runner, self.plugin(name), options, **more)

    def session(self, name, kind, options=LIMITS, services=0, streams=(), resources=(), **more):
        runner = self.start(name, options, **more)
        runner.hello()
        loaded = runner.load(kind, "fixture." + name, services=services, streams=streams, resources=resources)
        assert loaded[0] == LOADED, error(loaded[1])
        created = runner.create()
        assert created[0] == CREATED, error(created[1])
        return runner


def table(rows):
    """sluice.ordinal int64, c0 utf8 with a null in every third row."""
    words = ["word%d" % i for i in range(rows)]
    valid = [i % 3 != 2 for i in range(rows)]
    offsets, values = [0], b""
    for word, good in zip(words, valid):
        values += word.encode() if good else b""
        offsets.append(len(values))
    bits = bytearray((rows + 7) // 8)
    for i, good in enumerate(valid):
        bits[i // 8] |= good << (i % 8)
    nulls = rows - sum(valid)
    return batch([(INT64, 0, "sluice.ordinal", 0, b"", b"", struct.pack("<%dq" % rows, *range(rows))),
                  (UTF8, 1, "c0", nulls, bytes(bits) if nulls else b"", struct.pack("<%di" % (rows + 1), *offsets),
                   values)], rows), nulls, len(values)


SCHEMA_BATCH = batch([(INT64, 0, "sluice.ordinal", 0, b"", b"", b""), (UTF8, 1, "c0", 0, b"", b"", b"")], 0)


# The sandbox

@test
def hello_names_every_layer(world):
    with world.start("good_check") as runner:
        layers, missing = runner.hello()
        assert layers == ALL_LAYERS and not missing, (bin(layers), missing)


@test
def the_process_is_what_hello_says(world):
    with world.start("good_check", stray=0) as runner:
        runner.hello()
        status = dict(line.split(":\t", 1) for line in open("/proc/%d/status" % runner.pid) if ":\t" in line)
        assert status["NoNewPrivs"].strip() == "1" and status["Seccomp"].strip() == "2", status
        assert int(status["Uid"].split()[0]) != 0 and int(status["CapEff"], 16) == 0, status
        if os.geteuid() == 0:
            assert int(status["CapBnd"], 16) == 0 and status["Groups"].strip() == "", status
            assert not os.path.exists("/proc/%d/fd/150" % runner.pid), "an undeclared descriptor was inherited"
            limits = open("/proc/%d/limits" % runner.pid).read()
            assert any(line.split()[4:6] == ["0", "0"] for line in limits.splitlines() if "core file" in line), limits


@test
def forbidden_operations_fail_in_a_constructor(world):
    with world.start("open_socket_on_load") as runner:
        runner.hello()
        kind, payload, _ = runner.load(PROVIDER, "fixture.open_socket_on_load")
        assert kind == LOADED, error(payload)
        at = 4
        for _ in range(2):
            at += 4 + struct.unpack_from("<I", payload, at)[0]
        size = struct.unpack_from("<I", payload, at + 8)[0]
        tried = json.loads(payload[at + 12:at + 12 + size])
        assert tried["uid"] != 0
        for name in ("socket", "passwd", "parent", "environ", "write", "kill", "limit", "plugin"):
            assert tried[name] in (1, 13), (name, tried)  # EPERM, EACCES
        assert tried["clone3"] == 38 and tried["setpriority"] == 0 and tried["own_stat"] == 0, tried


def forbidden(call):
    def run(world):
        with world.session("open_socket_on_load", PROVIDER) as runner:
            try:
                kind, payload, _ = runner.call(INFER, text(call))
                raise AssertionError("survived %s: %s" % (call, error(payload) if kind == ERROR else kind))
            except Ended:
                assert runner.wait() == -signal.SIGSYS, runner.status
    run.__name__ = call + "_kills"
    return test(run)


for name in ("fork", "vfork", "execve", "ptrace", "io_uring", "connect", "bind", "sendmsg", "unshare", "mount", "tgkill",
             *(("x32", "int80") if os.uname().machine == "x86_64" else ())):
    forbidden(name)


@test
def the_memory_limit_holds(world):
    with world.session("bad_batch", CONNECTOR, ("--memory-bytes", str(300 << 20))) as runner:
        kind, payload, _ = runner.call(SCAN, text('{"table":"big"}'))
        assert kind == ERROR and "no values buffer" in error(payload)[3], "480 MB were had under a limit of 300"


@test
def the_cpu_limit_ends_a_loop(world):
    with world.start("hang_on_load", ("--cpu-seconds", "1")) as runner:
        runner.hello()
        try:
            runner.load(CHECK, "fixture.hang_on_load")
            raise AssertionError("it came back")
        except Ended:
            assert runner.wait() in (-signal.SIGXCPU, -signal.SIGKILL), runner.status


# Sessions

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
            assert (kind, payload) == (RESULT, b""), (rows, error(payload))
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
        assert kind == ERROR and "begin" in error(payload)[3]


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
        kind, payload, _ = runner.call(FINISH, struct.pack("<i", 0))
        assert kind == ERROR and "offer" in error(payload)[3]


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


# Tables from the plugin

def scan(world, mode, services=0):
    with world.session("bad_batch", CONNECTOR) as runner:
        return runner.call(SCAN, text('{"table":"%s"}' % mode))


@test
def a_batch_arrives_without_what_lay_under_nulls(world):
    kind, payload, before = scan(world, "good")
    assert kind == RESULT and struct.unpack("<QQ", payload) == (1, 6)
    assert b"SECRET" not in before[0][1] and struct.pack("<q", 999) not in before[0][1]
    (n, t), rows = read_batch(before[0][1])
    assert rows == 6
    assert n == (INT64, 1, "n", 2, b"\x2d", b"", struct.pack("<6q", 10, 0, 30, 40, 0, 60))
    assert t == (UTF8, 1, "t", 2, b"\x2d", struct.pack("<7i", 0, 2, 2, 3, 5, 5, 6), b"aabccd")


@test
def a_slice_is_materialised(world):
    kind, payload, before = scan(world, "sliced")
    (n, t), rows = read_batch(before[0][1])
    assert kind == RESULT and rows == 3
    # "n" has an offset of its own besides the batch's: it begins at row 2, "t" at row 1
    assert n == (INT64, 1, "n", 1, b"\x03", b"", struct.pack("<3q", 30, 40, 0))
    assert t == (UTF8, 1, "t", 1, b"\x06", struct.pack("<4i", 0, 0, 1, 3), b"bcc")


def bad(mode, word):
    def run(world):
        kind, payload, before = scan(world, mode)
        assert kind == ERROR and not before, (kind, before)
        code, retryable, _, message = error(payload)
        assert code == DETERMINISTIC_FAILURE and not retryable and word in message, message
    run.__name__ = "a_batch_with_bad_%s_is_refused" % mode
    return test(run)


for mode, word in (("offsets", "offsets fall"), ("negative", "negative"), ("length", "impossible length"),
                   ("short", "5 rows"), ("buffers", "2 buffers"), ("released", "released"), ("top_null", "top"),
                   ("no_validity", "validity"), ("not_nullable", "not nullable"), ("dictionary", "dictionary"),
                   ("format", "format"), ("error", "the disk \ufffd is on fire")):
    bad(mode, word)


@test
def a_schema_is_told(world):
    with world.session("bad_batch", CONNECTOR) as runner:
        kind, payload, _ = runner.call(SCHEMA, text("good"))
        size = struct.unpack_from("<I", payload)[0]
        columns, rows = read_batch(payload[4 + size:])
        assert kind == RESULT and json.loads(payload[4:4 + size]) == {"format": "fixture"} and rows == 0
        assert columns == [(INT64, 1, "n", 0, b"", b"", b""), (UTF8, 1, "t", 0, b"", b"", b"")]


@test
def a_huge_batch_is_split(world):
    kind, payload, before = scan(world, "big")
    assert kind == RESULT, error(payload)
    sizes = [len(data) for _, data in before]
    assert max(sizes) <= 256 << 20 and struct.unpack("<QQ", payload) == (len(sizes), 40000000), sizes


@test
def a_scan_can_be_cancelled(world):
    with world.session("bad_batch", CONNECTOR) as runner:
        runner.start(SCAN, text('{"table":"endless"}'))
        assert runner.receive()[0] == BATCH
        runner.send(CANCEL)
        kind, payload, _ = runner.answer()
        assert kind == ERROR and error(payload)[0] == TIMEOUT


# Cancel, deadline, crash, hang

@test
def cancel_reaches_a_running_call(world):
    with world.session("good_check", CHECK) as runner:
        runner.call(BEGIN, text("wait") + SCHEMA_BATCH)
        runner.start(UPDATE, table(3)[0])
        runner.send(CANCEL, call=77)  # another call: no effect
        runner.send(CANCEL)
        kind, payload, _ = runner.answer()
        assert kind == ERROR and error(payload)[0] == TIMEOUT and error(payload)[3] == "cancelled"
        runner.send(CANCEL)  # too late: harmless
        assert runner.call(BEGIN, text("{}") + SCHEMA_BATCH)[0] == RESULT
        assert runner.call(UPDATE, table(3)[0])[0] == RESULT


@test
def the_deadline_is_told(world):
    with world.session("good_check", CHECK) as runner:
        runner.call(BEGIN, text("wait") + SCHEMA_BATCH)
        kind, payload, _ = runner.call(UPDATE, table(3)[0], deadline=30)
        assert kind == ERROR and error(payload)[3] == "past the deadline"


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
                runner.send(LOAD, struct.pack("<i", CHECK) + text("fixture." + name) + text("1.0.0") + text("0") +
                            struct.pack("<QII", 0, 0, 0))
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
                os.write(writer, struct.pack("<ii", runner.pid, keeper))
                signal.pause()
            finally:
                os._exit(1)
        os.close(writer)
        pid, keeper = struct.unpack("<ii", os.read(reader, 8))
        os.close(reader)
        pidfd = os.pidfd_open(pid)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        ready, _, _ = select.select([pidfd], [], [], 5)
        os.close(pidfd)
        os.kill(keeper, signal.SIGKILL)
        assert ready, "the runner outlived its parent (%s)" % moment


@test
def a_wrong_parent_is_noticed(world):
    with world.start("good_check", ("--parent", "1" if os.getpid() != 1 else "2")) as runner:
        assert runner.wait() == EXIT_ORPHAN
    with world.start("good_check", ("--parent", str(os.getpid()))) as runner:
        assert runner.hello()[0] == ALL_LAYERS


# Malformed input

def header(size, kind, zero=0, call=0, zero2=0):
    return struct.pack("<IHHII", size, kind, zero, call, zero2)


@test
def malformed_frames_end_it(world):
    good_load = (struct.pack("<i", CHECK) + text("fixture.good_check") + text("1.0.0") + text("0") +
                 struct.pack("<QII", 0, 0, 0))
    for what in (header(0, 99), header(0, CALL), header(0, HELLO), header(0xFFFFFFFF, LOAD), header(0, LOAD, zero=1),
                 header(0, LOAD, zero2=1), header(0, LOAD), header(0, CREATE), header(1, CANCEL) + b"x",
                 header(len(good_load) + 1, LOAD) + good_load + b"x",
                 header(len(good_load) - 1, LOAD) + good_load[:-1],
                 header(len(good_load), LOAD) + good_load[:-4] + b"\xff\xff\xff\xff",
                 header(len(good_load) + 12, LOAD) + good_load[:-8] + struct.pack("<IiQI", 1, 3, 4, 0),
                 header(1, SHUTDOWN) + b"x"):
        with world.start("good_check") as runner:
            runner.hello()
            runner.socket.sendall(what)
            assert runner.wait() == EXIT_PROTOCOL, (what, runner.status)


@test
def malformed_calls_end_it(world):
    data, _, _ = table(9)
    falling = bytearray(data)
    at = data.index(struct.pack("<3i", 0, 5, 10))
    falling[at + 4:at + 8] = struct.pack("<i", 11)
    misaligned = bytearray(data)
    where = 16 + 12 + len("sluice.ordinal") + 8 + 32
    misaligned[where:where + 8] = struct.pack("<Q", struct.unpack_from("<Q", data, where)[0] + 1)
    for method, arguments in ((99, b""), (DECLARE, b"x"), (BEGIN, text("{}")), (BEGIN, text("{}") + data),
                              (FINISH, struct.pack("<i", 2)), (UPDATE, data[:-8]), (UPDATE, bytes(falling)),
                              (UPDATE, bytes(misaligned)), (UPDATE, b"\0" + data), (UPDATE, data[:40])):
        with world.session("good_check", CHECK) as runner:
            if method == UPDATE:
                runner.call(BEGIN, text("{}") + SCHEMA_BATCH)
            runner.start(method, arguments)
            assert runner.wait() == EXIT_PROTOCOL, (method, runner.status)
    with world.session("good_check", CHECK) as runner:
        runner.start(DECLARE, deadline=-1)
        assert runner.wait() == EXIT_PROTOCOL
    with world.session("hang", CHECK) as runner:
        runner.call(BEGIN, text("{}") + SCHEMA_BATCH)
        runner.start(UPDATE, data)
        runner.start(DECLARE)
        assert runner.wait() == EXIT_PROTOCOL, "a second call was taken while one ran"


@test
def broken_batches_never_crash_it(world):
    """Flips bytes of a good batch: an answer or EXIT_PROTOCOL, never a signal."""
    seed = int(os.environ.get("SEED", random.randrange(1 << 32)))
    source, data = random.Random(seed), table(20)[0]
    for round_number in range(150):
        broken = bytearray(data)
        for _ in range(source.randint(1, 4)):
            broken[source.randrange(len(broken))] = source.choice((0, 1, 7, 127, 128, 255, source.randrange(256)))
        with world.session("good_check", CHECK) as runner:
            runner.call(BEGIN, text("{}") + SCHEMA_BATCH)
            runner.start(UPDATE, bytes(broken))
            try:
                runner.answer()
            except Ended:
                assert runner.wait() == EXIT_PROTOCOL, "SEED=%d round %d: %s" % (seed, round_number, runner.status)


@test
def end_of_socket_ends_it(world):
    with world.start("good_check") as runner:
        runner.hello()
        runner.socket.sendall(header(100, LOAD)[:9])
        runner.socket.close()
        assert runner.wait() == EXIT_CLOSED, runner.status


@test
def bad_arguments_are_usage(world):
    for arguments in ([], ["x"], ["3"], ["4", "--memory-bytes"], ["4", "--memory-bytes", "-1"], ["4", "--what", "1"],
                      ["4", "--library-dir", "relative"]):
        done = subprocess.run([world.runner, *arguments], capture_output=True, text=True)
        assert done.returncode == EXIT_USAGE and "usage:" in done.stderr, (arguments, done)


# Other users and other languages

@test
def an_ordinary_user_gets_the_same(world):
    setpriv = shutil.which("setpriv")
    if os.geteuid() != 0 or not setpriv:
        raise Skip("needs root and setpriv; run the whole test as an ordinary user instead")
    with world.session("good_check", CHECK,
                       prefix=(setpriv, "--reuid=12345", "--regid=12345", "--clear-groups")) as runner:
        assert " 12345" in open("/proc/%d/status" % runner.pid).read().replace("\t", " ")
        assert runner.call(DECLARE)[0] == RESULT
    with world.start("good_check",
                     prefix=(setpriv, "--reuid=12345", "--regid=12345", "--clear-groups")) as runner:
        assert runner.hello() == (ALL_LAYERS, set())


SWIFT = '''
import Dispatch
import Glibc
import SluiceABI

private final class Work: @unchecked Sendable {
    let lock = DispatchSemaphore(value: 1)
    var total = 0
}

private func release(_ text: UnsafeMutablePointer<sluice_text>?) {
    text?.pointee.private_data?.deallocate()
    text?.pointee.release = nil
}

private func answer(_ value: String, _ out: UnsafeMutablePointer<sluice_text>?) -> sluice_status {
    let bytes = Array(value.utf8)
    let memory = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
    for (index, byte) in bytes.enumerated() { memory[index] = CChar(bitPattern: byte) }
    out?.pointee.data = UnsafePointer(memory)
    out?.pointee.size = UInt64(bytes.count)
    out?.pointee.private_data = UnsafeMutableRawPointer(memory)
    out?.pointee.release = { release($0) }
    return 0
}

private func describe(_ out: UnsafeMutablePointer<sluice_text>?) -> sluice_status {
    let work = Work()
    DispatchQueue.concurrentPerform(iterations: 64) { index in
        usleep(200)
        work.lock.wait()
        work.total += index
        work.lock.signal()
    }
    let group = DispatchGroup()
    for index in 0..<200 {
        DispatchQueue.global().async(group: group) {
            usleep(5000)
            work.lock.wait()
            work.total += index
            work.lock.signal()
        }
    }
    group.wait()
    let words = ["straße", "été", "Swift"].map { $0.uppercased() }.sorted().joined(separator: " ")
    let random = UInt64.random(in: 1...UInt64.max)
    return answer("{\\"summary\\":\\"\\(words)\\",\\"total\\":\\(work.total),\\"random\\":\\"\\(random)\\"}", out)
}

nonisolated(unsafe) private let id = UnsafePointer(strdup("fixture.swift"))
nonisolated(unsafe) private let version = UnsafePointer(strdup("1.0.0"))
nonisolated(unsafe) private let ops: UnsafeMutablePointer<sluice_provider_ops> = {
    let ops = UnsafeMutablePointer<sluice_provider_ops>.allocate(capacity: 1)
    ops.initialize(to: sluice_provider_ops())
    ops.pointee.struct_size = UInt32(MemoryLayout<sluice_provider_ops>.size)
    ops.pointee.token_estimate = { _, _, text, tokens, _ in
        tokens?.pointee = text.size / 4
        return 0
    }
    return ops
}()
nonisolated(unsafe) private let table: UnsafeMutablePointer<sluice_plugin> = {
    let table = UnsafeMutablePointer<sluice_plugin>.allocate(capacity: 1)
    table.initialize(to: sluice_plugin())
    table.pointee.struct_size = UInt32(MemoryLayout<sluice_plugin>.size)
    table.pointee.abi_minor = 1
    table.pointee.kind = 1
    table.pointee.id = sluice_str(data: id, size: 13)
    table.pointee.version = sluice_str(data: version, size: 5)
    table.pointee.describe = { out, _ in describe(out) }
    table.pointee.create = { _, _, out, _ in
        out?.pointee = OpaquePointer(UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8))
        return 0
    }
    table.pointee.destroy = { _ in }
    table.pointee.cancel = { _ in }
    table.pointee.ops = UnsafeRawPointer(ops)
    return table
}()

@c(sluice_plugin_entry)
public func sluicePluginEntry(_ host: UnsafePointer<sluice_host_info>?) -> UnsafePointer<sluice_plugin>? {
    UnsafePointer(table)
}
'''


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
    source, out = os.path.join(world.folder, "plugin.swift"), os.path.join(world.folder, "swift.so")
    with open(source, "w") as file:
        file.write(SWIFT)
    lock = ["flock", os.environ["SWIFT_LOCK"]] if os.environ.get("SWIFT_LOCK") else []
    subprocess.run([*lock, world.swiftc, "-O", "-emit-library", "-module-name", "Plugin", "-I", include, source, "-o",
                    out, "-Xlinker", "-z", "-Xlinker", "nodelete"], check=True)
    seen = set()
    for _ in range(10):
        with Runner(world.runner, out, (*LIMITS, "--library-dir", libraries),
                    environment={"LD_LIBRARY_PATH": libraries}) as runner:
            runner.hello()
            kind, payload, _ = runner.load(PROVIDER, "fixture.swift")
            assert kind == LOADED, error(payload)
            description = json.loads(payload[payload.index(b"{"):])
            assert description["summary"] == "STRASSE SWIFT ÉTÉ" and description["total"] == 2016 + 19900, description
            seen.add(description["random"])
            assert runner.create()[0] == CREATED
            assert struct.unpack("<Q", runner.call(TOKEN_ESTIMATE, text("") + text("x" * 40))[1])[0] == 10
            runner.send(SHUTDOWN)
            assert runner.wait() == 0
    assert len(seen) == 10, "the random source repeats itself"


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
