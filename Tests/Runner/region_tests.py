"""Batches in shared memory, and many calls in one frame."""

import contextlib
import os
import random
import select
import struct

from host import *  # noqa: F403
from world import *  # noqa: F403


@contextlib.contextmanager
def regions(*directions):
    """Regions as a runner inherits them, from descriptor 5 on: "to" and "from"."""
    made = [Region(name == "to") for name in directions]
    try:
        yield made
    finally:
        for region in made:
            region.close()


@contextlib.contextmanager
def checking(world, name="good_check"):
    with regions("to") as (region,), world.session(name, CHECK, extra=(region.fd,), regions=(5, -1)) as runner:
        assert runner.call(BEGIN, text("{}") + SCHEMA_BATCH)[0] == RESULT
        yield runner, region


@contextlib.contextmanager
def streaming(world):
    with regions("from") as (region,):
        with world.session("stream_connector", CONNECTOR, extra=(region.fd,), regions=(-1, 5)) as runner:
            yield runner, region


def update_at(runner, region, slot, data):
    region.put(slot, data)
    return runner.call(UPDATE_AT, struct.pack("<IQ", slot, len(data)))


def scan(runner, rows=3000, size=20, batches=5, nulls=0, skip=0, kind="a"):
    runner.start(SCAN, text('{"table":"%s %d %d %d %d %d"}' % (kind, rows, size, batches, nulls, skip)))


def done(runner, slot, **more):
    runner.send(BATCH_DONE, struct.pack("<I", slot), **more)


def next_slot(runner):
    """(slot, size) of the BATCH_AT that comes next."""
    kind, call, payload = runner.receive()
    assert (kind, call) == (BATCH_AT, runner.call_number), (kind, call)
    return struct.unpack("<IQ", payload)


def is_quiet(runner):
    """Whether the runner says nothing for a while: it then waits."""
    return not select.select([runner.socket], [], [], 0.15)[0]


@test
def a_batch_in_a_slot_is_checked_where_it_lies(world):
    with checking(world) as (runner, region):
        first, nulls, size = table(2000)
        # Kept until the next batch: the slot is taken until then.
        assert update_at(runner, region, 0, first)[:2] == (RESULT, struct.pack("<I", 0b10))
        assert update_at(runner, region, 1, first)[:2] == (RESULT, struct.pack("<I", 0b01))
        assert runner.call(UPDATE, first)[:2] == (RESULT, struct.pack("<I", 0b11))
        assert update_at(runner, region, 1, first)[:2] == (RESULT, struct.pack("<I", 0b01))
        verdict = runner.call(FINISH, struct.pack("<i", 0))[1]
        assert b'"rows":8000' in verdict and b'"value":%d}' % (4 * nulls) in verdict, verdict
        assert b'"value":%d}' % (4 * size) in verdict, verdict


@test
def a_slot_is_free_again_when_the_plugin_does_not_want_the_batch(world):
    with checking(world) as (runner, region):
        wrong = batch([(FLOAT64, 0, "sluice.ordinal", 0, b"", b"", bytes(8))], 1)
        kind, payload, _ = update_at(runner, region, 0, wrong)
        assert kind == ERROR and "begin" in update_error(payload)[3] and update_error(payload)[4] == 0b11, payload
        assert update_at(runner, region, 0, table(9)[0])[:2] == (RESULT, struct.pack("<I", 0b10))


@test
def an_error_of_update_says_which_slots_are_free(world):
    with checking(world, "keeper_check") as (runner, region):
        data = table(9)[0]
        assert update_at(runner, region, 0, data)[:2] == (RESULT, struct.pack("<I", 0b10))
        for _ in range(63):  # it keeps 64
            assert runner.call(UPDATE, data)[:2] == (RESULT, struct.pack("<I", 0b10))
        for _ in range(2):
            kind, payload, _ = update_at(runner, region, 1, data)
            assert kind == ERROR and update_error(payload)[3:] == ("it keeps no more", 0b10), payload
        kind, payload, _ = runner.call(UPDATE, data)
        assert kind == ERROR and update_error(payload)[3:] == ("it keeps no more", 0b10), payload
        assert runner.call(FINISH, struct.pack("<i", 0))[0] == RESULT
        kind, payload, _ = runner.call(UPDATE, batch([(FLOAT64, 0, "x", 0, b"", b"", bytes(8))], 1))
        assert kind == ERROR and update_error(payload)[4] == 0b11, payload


@test
def the_regions_are_mapped_and_nothing_is_left_open(world):
    if os.geteuid() != 0:
        raise Skip("root may look")
    with checking(world) as (runner, region):
        maps = [line.split() for line in open("/proc/%d/maps" % runner.inner()) if "region" in line]
        assert [line[1] for line in maps] == ["r--s"], maps
        links = [os.readlink("/proc/%d/fd/%s" % (runner.inner(), fd)) for fd in os.listdir("/proc/%d/fd" % runner.inner())]
        assert not any("region" in link for link in links), links
    with streaming(world) as (runner, region):
        maps = [line.split() for line in open("/proc/%d/maps" % runner.inner()) if "region" in line]
        assert [line[1] for line in maps] == ["rw-s"], maps


@test
def what_is_no_region_is_refused(world):
    load = (struct.pack("<qi", 0, CHECK) + text("fixture.good_check") + text("1.0.0") + text("0") +
            struct.pack("<QII", 0, 0, 0))
    with regions("to") as (region,):
        short = os.memfd_create("short")
        os.ftruncate(short, SLOTS * SLOT_SIZE - 1)
        for pair in ((6, -1), (-1, 6), (7, -1), (5, 5), (3, -1), (0, -1), (-2, -1), (-1, -2), (1 << 30, -1)):
            with world.start("good_check", extra=(region.fd, short)) as runner:
                runner.hello()
                runner.send(LOAD, load + struct.pack("<ii", *pair))
                assert runner.wait() == EXIT_PROTOCOL, (pair, runner.status)
        os.close(short)


def one_text(size):
    """A batch of one row for `good_check` that has `size` bytes."""
    def made(length):
        return batch([(INT64, 0, "sluice.ordinal", 0, b"", b"", bytes(8)),
                      (UTF8, 1, "c0", 0, b"", struct.pack("<2i", 0, length), bytes(length))], 1)
    data = made(size - len(made(0)))
    assert len(data) == size
    return data


@test
def a_slot_that_the_host_may_not_name_ends_it(world):
    data = table(9)[0]
    for slot, size in ((SLOTS, len(data)), (0xFFFFFFFF, len(data)), (0, SLOT_SIZE + 1), (0, (1 << 64) - 1), (0, 0),
                       (0, len(data) - 8), (1, len(data))):
        with checking(world) as (runner, region):
            region.put(0, data)
            runner.start(UPDATE_AT, struct.pack("<IQ", slot, size))
            assert runner.wait() == EXIT_PROTOCOL, (slot, size, runner.status)
    # Whole, but longer than its slot: it would reach into the next one.
    long = one_text(SLOT_SIZE + 8)
    for size, status in ((SLOT_SIZE, RESULT), (SLOT_SIZE + 8, None)):
        with checking(world) as (runner, region):
            region.put(0, one_text(size) if status else long)
            runner.start(UPDATE_AT, struct.pack("<IQ", 0, size))
            if status:
                assert runner.answer()[0] == status
            else:
                assert runner.wait() == EXIT_PROTOCOL, runner.status
    with checking(world) as (runner, region):
        update_at(runner, region, 0, data)
        runner.start(UPDATE_AT, struct.pack("<IQ", 0, len(data)))
        assert runner.wait() == EXIT_PROTOCOL, "a slot was taken twice"
    with checking(world) as (runner, region):
        runner.start(UPDATE_AT, struct.pack("<IQI", 0, len(data), 0))
        assert runner.wait() == EXIT_PROTOCOL
    with world.session("good_check", CHECK) as runner:
        runner.call(BEGIN, text("{}") + SCHEMA_BATCH)
        runner.start(UPDATE_AT, struct.pack("<IQ", 0, len(data)))
        assert runner.wait() == EXIT_PROTOCOL, "there is no region"


@test
def broken_batches_in_a_slot_never_crash_it(world):
    seed = int(os.environ.get("SEED", random.randrange(1 << 32)))
    source, data = random.Random(seed), table(20)[0]
    for round_number in range(60):
        broken = bytearray(data)
        for _ in range(source.randint(1, 4)):
            broken[source.randrange(len(broken))] = source.choice((0, 1, 7, 127, 128, 255, source.randrange(256)))
        with checking(world) as (runner, region):
            region.put(0, bytes(broken))
            runner.start(UPDATE_AT, struct.pack("<IQ", 0, len(broken)))
            try:
                runner.answer()
            except Ended:
                assert runner.wait() == EXIT_PROTOCOL, "SEED=%d round %d: %s" % (seed, round_number, runner.status)


@test
def slots_come_in_turn_and_wait_for_the_host(world):
    with streaming(world) as (runner, region):
        scan(runner, batches=5, nulls=7, skip=3, kind="m")
        expected = None
        for number in range(5):
            slot, size = next_slot(runner)
            assert slot == number % 2, (number, slot)
            data = region.get(slot, size)
            (n, t), rows = read_batch(data)
            assert rows == 3000 and n[6][:16] == struct.pack("<2q", 9, 12), n[6][:16]
            assert t[6].startswith(b"000000003:") and expected in (None, data)
            expected = data
            if number == 1:
                assert is_quiet(runner), "a third batch was made before a slot was free"
                done(runner, 0)
                done(runner, 1)
            elif number > 1:
                done(runner, slot)
        kind, payload, _ = runner.answer()
        assert kind == RESULT and struct.unpack("<QQ", payload) == (5, 15000)


@test
def small_batches_and_those_above_a_slot_go_in_frames(world):
    with streaming(world) as (runner, region):
        head = 16 + 2 * (12 + 1 + 56) + 6  # with its padding to 8
        one_row = head + 8 + 8  # the number, and two offsets
        for size, kind in ((INLINE_BATCH, BATCH), (INLINE_BATCH + 8, BATCH_AT), (SLOT_SIZE, BATCH_AT),
                           (SLOT_SIZE + 8, BATCH)):
            scan(runner, rows=1, size=size - one_row, batches=1)
            answer, _, payload = runner.receive()
            assert answer == kind, (size, answer)
            assert (len(payload) if kind == BATCH else struct.unpack("<IQ", payload)[1]) == size
            assert runner.answer()[0] == RESULT


@test
def a_scan_that_waits_for_a_slot_can_be_cancelled(world):
    with streaming(world) as (runner, region):
        for _ in range(3):
            scan(runner, batches=1000)
            next_slot(runner)
            next_slot(runner)
            assert is_quiet(runner)
            runner.send(CANCEL)
            kind, payload, before = runner.answer()
            assert kind == ERROR and error(payload)[0] == TIMEOUT and not before
            done(runner, 0)  # late: harmless, and no slot of the next scan
        scan(runner, batches=3)
        assert [next_slot(runner)[0], next_slot(runner)[0]] == [0, 1]
        assert is_quiet(runner)
        done(runner, 0, call=runner.call_number - 1)
        assert is_quiet(runner), "a slot of an earlier scan was taken for one of this"
        done(runner, 0)
        assert next_slot(runner)[0] == 0
        assert runner.answer()[0] == RESULT


@test
def a_slot_given_back_that_was_not_handed_over_ends_it(world):
    for payload in (struct.pack("<I", 1), struct.pack("<I", 2), struct.pack("<I", 0xFFFFFFFF), b"", bytes(8)):
        with streaming(world) as (runner, region):
            scan(runner, batches=1)
            next_slot(runner)
            runner.answer()
            runner.send(BATCH_DONE, payload)
            assert runner.wait() == EXIT_PROTOCOL, (payload, runner.status)
    with streaming(world) as (runner, region):
        scan(runner, batches=1)
        next_slot(runner)
        runner.answer()
        done(runner, 0)
        done(runner, 0)
        assert runner.wait() == EXIT_PROTOCOL, "a slot was given back twice"


@test
def a_scan_that_waits_for_a_slot_does_not_outlive_the_socket(world):
    with streaming(world) as (runner, region):
        scan(runner, batches=1000)
        next_slot(runner)
        next_slot(runner)
        runner.socket.close()
        assert runner.wait(5) == EXIT_CLOSED, runner.status


@test
def a_hang_in_front_of_shutdown_does_not_outlive_the_socket(world):
    with world.session("hang", CHECK) as runner:
        runner.call(BEGIN, text("{}") + SCHEMA_BATCH)
        runner.start(UPDATE, table(2)[0])
        runner.send(SHUTDOWN)
        assert runner.receive()[0] == LOG  # what it says before it hangs
        assert is_quiet(runner)
        runner.socket.close()
        assert runner.wait(5) == EXIT_CLOSED, runner.status


@test
def a_call_that_follows_a_long_one_is_read_by_either_thread(world):
    """Back to back, around the moment at which the reading changes hands."""
    with world.session("echo_provider", PROVIDER) as runner:
        for round_number in range(300):
            # Some of them run for longer than the worker is left alone, most of them not.
            size = 1 << (round_number % 22)
            assert runner.call(INFER, text(bytes(size)))[1] == text(bytes(size))
            runner.send(CANCEL)  # late, always


# Many calls

def calls(*each, deadline=0):
    packed = b"".join(text(struct.pack("<I", method) + arguments) for method, arguments in each)
    return struct.pack("<qI", deadline, len(each)) + packed


def read_results(payload):
    count = struct.unpack_from("<I", payload)[0]
    at, results = 4, []
    for _ in range(count):
        status, size = struct.unpack_from("<II", payload, at)
        results.append((status, payload[at + 8:at + 8 + size]))
        at += 8 + size
    assert at == len(payload)
    return results


def call_many(runner, *each, deadline=0):
    runner.call_number += 1
    runner.send(MANY_CALLS, calls(*each, deadline=deadline))
    kind, payload, _ = runner.answer()
    assert kind == RESULTS, (kind, payload)
    return read_results(payload)


def tokens(model, size):
    return TOKEN_ESTIMATE, text(model) + text("x" * size)


@test
def many_calls_are_answered_together(world):
    with world.session("echo_provider", PROVIDER) as runner:
        results = call_many(runner, *(tokens("m", 4 * i) for i in range(100)))
        assert results == [(0, struct.pack("<Q", i)) for i in range(100)]
        mixed = call_many(runner, tokens("m", 40), tokens("none", 40), (INFER, text("häh?")), (FINISH, bytes(4)),
                          (HEALTH, b""), tokens("m", 8))
        assert [status for status, _ in mixed] == [0, 1, 0, 1, 0, 0], mixed
        assert mixed[0][1] == struct.pack("<Q", 10) and mixed[5][1] == struct.pack("<Q", 2)
        assert error(mixed[1][1])[3] == "there is no such model" and "offer" in error(mixed[3][1])[3]
        assert mixed[2][1] == text("häh?") and b"healthy" in mixed[4][1]
        assert call_many(runner) == []
        assert len(call_many(runner, *[tokens("m", 1)] * MOST_CALLS)) == MOST_CALLS
        assert runner.call(INFER, text("one"))[1] == text("one")


@test
def results_that_are_too_large_together_are_errors(world):
    with world.session("echo_provider", PROVIDER) as runner:
        large = (INFER, text(bytes(24 << 20)))
        results = call_many(runner, large, large, large, tokens("m", 8))
        assert [status for status, _ in results] == [0, 0, 1, 0]
        assert "too large together" in error(results[2][1])[3]


@test
def a_cancelled_bundle_of_calls_ends_at_once(world):
    with world.session("echo_provider", PROVIDER) as runner:
        runner.call_number += 1
        runner.send(MANY_CALLS, calls(tokens("m", 4), tokens("wait", 4), tokens("m", 4)))
        runner.send(CANCEL)
        kind, payload, _ = runner.answer()
        results = read_results(payload)
        assert kind == RESULTS and [status for status, _ in results][-1] == 1, results
        assert error(results[2][1])[0] == TIMEOUT
        assert call_many(runner, tokens("m", 4)) == [(0, struct.pack("<Q", 1))], "the next one is not cancelled"


@test
def malformed_bundles_end_it(world):
    good = calls(tokens("m", 4))
    for payload in (b"", good[:-1], good + b"x", struct.pack("<qI", -1, 0), struct.pack("<qI", 0, 2) + good[12:],
                    struct.pack("<qI", 0, MOST_CALLS + 1), struct.pack("<qI", 0, 0xFFFFFFFF), calls((99, b"")),
                    struct.pack("<qI", 0, 1) + text(b"\3\0"), calls((SCAN, text("{}"))),
                    calls((UPDATE, table(3)[0])), calls((UPDATE_AT, struct.pack("<IQ", 0, 100))),
                    calls((TOKEN_ESTIMATE, text("m")))):
        with world.session("echo_provider", PROVIDER) as runner:
            runner.send(MANY_CALLS, payload, call=1)
            assert runner.wait() == EXIT_PROTOCOL, (payload, runner.status)
    with world.session("echo_provider", PROVIDER) as runner:
        runner.start(TOKEN_ESTIMATE, text("wait") + text(""))
        runner.send(MANY_CALLS, good, call=2)
        assert runner.wait() == EXIT_PROTOCOL, "a second call was taken while one ran"
