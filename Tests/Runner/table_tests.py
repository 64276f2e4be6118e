"""Tables: what a connector emits, and frames and batches that are malformed."""

import errno
import json
import os
import random
import struct
import subprocess

from host import *  # noqa: F403
from world import *  # noqa: F403


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
                   ("format", "format")):
    bad(mode, word)


@test
def an_errno_of_a_stream_is_a_code(world):
    codes = [(errno.ECANCELED, TIMEOUT), (errno.ETIMEDOUT, TIMEOUT), (errno.EIO, TRANSIENT_ERROR),
             (errno.EAGAIN, RATE_LIMIT), (errno.ENOMEM, QUOTA_EXHAUSTED), (errno.EACCES, POLICY_BLOCK),
             (errno.EPERM, POLICY_BLOCK), (errno.EINVAL, DETERMINISTIC_FAILURE), (9999, DETERMINISTIC_FAILURE)]
    with world.session("bad_batch", CONNECTOR) as runner:
        for number, code in codes:
            kind, payload, before = runner.call(SCAN, text('{"table":"errno%d"}' % number))
            assert kind == ERROR and not before, (kind, before)
            found, retryable, _, message = error(payload)
            assert (found, message) == (code, "the disk \ufffd is on fire"), (number, found, message)
            assert retryable == (code in (TRANSIENT_ERROR, RATE_LIMIT)), number


@test
def an_empty_batch_may_only_be_the_first(world):
    kind, payload, before = scan(world, "empty_first")
    assert kind == RESULT and struct.unpack("<QQ", payload) == (2, 6), (kind, payload)
    kind, payload, before = scan(world, "empty_later")
    assert kind == ERROR and len(before) == 1, (kind, before)
    assert error(payload)[0] == DETERMINISTIC_FAILURE and "without rows" in error(payload)[3]


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


def header(size, kind, zero=0, call=0, zero2=0):
    return struct.pack("<IHHII", size, kind, zero, call, zero2)


@test
def malformed_frames_end_it(world):
    good_load = (struct.pack("<qi", 0, CHECK) + text("fixture.good_check") + text("1.0.0") + text("0") +
                 struct.pack("<QIIii", 0, 0, 0, -1, -1))
    for what in (header(0, 99), header(0, CALL), header(0, HELLO), header(0xFFFFFFFF, LOAD), header(0, LOAD, zero=1),
                 header(0, LOAD, zero2=1), header(0, LOAD), header(0, CREATE), header(1, CANCEL) + b"x",
                 header(len(good_load) + 1, LOAD) + good_load + b"x",
                 header(len(good_load) - 1, LOAD) + good_load[:-1],
                 header(len(good_load), LOAD) + good_load[:-12] + b"\xff\xff\xff\xff" + good_load[-8:],
                 header(len(good_load) + 12, LOAD) + good_load[:-16] + struct.pack("<IiQIii", 1, 3, 4, 0, -1, -1),
                 header(len(good_load), LOAD) + good_load[:-8] + struct.pack("<ii", 4, -1),
                 header(len(good_load), LOAD) + good_load[:-8] + struct.pack("<ii", -1, 3),
                 header(len(good_load), LOAD) + good_load[:-8] + struct.pack("<ii", 9, 9),
                 header(len(good_load), LOAD) + struct.pack("<q", -1) + good_load[8:],
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
                              (UPDATE, bytes(misaligned)), (UPDATE, b"\0" + data), (UPDATE, data[:40]),
                              (UPDATE, data + bytes(8)), (BEGIN, text("{}") + SCHEMA_BATCH + bytes(8))):
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
