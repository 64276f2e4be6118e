"""The service http: requests that a provider's threads wait for, answered, cancelled, late and malformed."""

import struct
import time

from host import *  # noqa: F403
from world import *  # noqa: F403

HTTP_RESPONSE, HTTP_REQUEST, SERVICE_HTTP = 6, 72, 4
CONFIG = '{"request":{"endpoint":"main","method":"POST","path":"/v1/x"},"where":"%s"}'


def provider(world, where="infer", services=SERVICE_HTTP, **more):
    runner = world.start("http_provider", **more)
    runner.hello()
    assert runner.load(PROVIDER, "fixture.http_provider", services=services)[0] == LOADED
    assert runner.create(CONFIG % where)[0] == CREATED
    return runner


def request(runner):
    """(id, request_json, body) of the next frame, which must be a request of the running call."""
    kind, call, payload = runner.receive()
    assert (kind, call) == (HTTP_REQUEST, runner.call_number), (kind, call)
    identity, size = struct.unpack_from("<II", payload)
    body = struct.unpack_from("<I", payload, 8 + size)[0]
    assert len(payload) == 12 + size + body
    return identity, payload[8:8 + size].decode(), payload[12 + size:]


def response(runner, identity, said="{}", body=b"", code=0, retryable=0, after=0):
    runner.send(HTTP_RESPONSE, struct.pack("<IiIQ", identity, code, retryable, after) + text(said) + text(body))


@test
def http_asks_the_host_and_waits(world):
    with provider(world) as runner:
        for body in (b"", b"hello", bytes(1 << 20)):
            runner.start(INFER, text("{}"))
            identity, asked, sent = request(runner)
            assert asked == '{"endpoint":"main","method":"POST","path":"/v1/x"}' and sent == b""
            response(runner, identity + 1, '{"status":1}')  # nobody's: dropped
            response(runner, identity, '{"status":200}', body)
            response(runner, identity, '{"status":2}')  # twice: dropped
            kind, payload, _ = runner.answer()
            shown = body[:8192].hex()
            said = '{"healthy":true,"size":%d,"response":{"status":200},"body":"%s"}' % (len(body), shown)
            assert (kind, payload[4:].decode()) == (RESULT, said)


@test
def http_hands_on_what_the_host_refuses(world):
    with provider(world) as runner:
        runner.start(INFER, text("{}"))
        identity, _, _ = request(runner)
        response(runner, identity, "egress.timeout: too slow", code=TIMEOUT, retryable=1, after=250)
        kind, payload, _ = runner.answer()
        assert kind == ERROR and error(payload) == (TIMEOUT, 1, 250, "egress.timeout: too slow"), error(payload)
        assert runner.call(TOKEN_ESTIMATE, text("") + text("abcd"))[0] == RESULT, "it goes on"


@test
def http_ends_with_cancel_and_with_the_deadline(world):
    with provider(world) as runner:
        for deadline in (0, 300):
            runner.start(INFER, text("{}"), deadline=deadline)
            identity, _, _ = request(runner)
            begin = time.monotonic()
            if not deadline:
                runner.send(CANCEL)
            kind, payload, _ = runner.answer()
            assert kind == ERROR and error(payload)[0] == TIMEOUT, error(payload)
            assert time.monotonic() - begin < 1
            response(runner, identity, '{"status":200}')  # late: dropped
        assert runner.call(TOKEN_ESTIMATE, text("") + text("abcd"))[0] == RESULT


@test
def http_is_over_when_its_call_is(world):
    with provider(world, "after") as runner:
        runner.start(EMBED, text('{"model":null,"texts":["a"]}'))
        identity, _, _ = request(runner)
        kind, payload, before = runner.answer()
        assert kind == ERROR and error(payload)[3] == "over"
        # Its thread is told, and may ask no more: three lines, some perhaps before the answer, and nothing else.
        lines = [said[8:].decode() for _, said in before]
        while len(lines) < 3:
            kind, _, payload = runner.receive()
            assert kind == LOG, kind
            lines.append(payload[8:].decode())
        assert [line[:16] for line in lines] == ["behind: status 5", "behind: status 1", "behind: status 1"], lines
        response(runner, identity, '{"status":200}')  # late: dropped
        assert runner.call(TOKEN_ESTIMATE, text("") + text("abcd"))[0] == RESULT


@test
def http_is_null_when_it_is_not_offered(world):
    with provider(world, services=0) as runner:
        kind, payload, _ = runner.call(INFER, text("{}"))
        assert kind == ERROR and "offers no http" in error(payload)[3]


@test
def http_answers_that_are_malformed_end_the_runner(world):
    good = struct.pack("<IiIQ", 1, 0, 0, 0) + text("{}") + text("")
    for bad in (b"", good[:-1], good + b"x", struct.pack("<IiIQ", 1, 10, 0, 0) + text("") + text(""),
                struct.pack("<IiIQ", 1, -1, 0, 0) + text("") + text(""),
                struct.pack("<IiIQ", 1, 1, 2, 0) + text("") + text(""),
                struct.pack("<IiIQI", 1, 0, 0, 0, 0xffffffff)):
        with provider(world) as runner:
            runner.start(INFER, text("{}"))
            request(runner)
            runner.send(HTTP_RESPONSE, bad)
            assert runner.wait() == EXIT_PROTOCOL, (bad, runner.status)
