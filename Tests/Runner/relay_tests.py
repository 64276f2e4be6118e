"""The relay: one connection that the host opened, and no way to make it another one."""

import errno
import os
import signal
import socket
import subprocess

from host import *  # noqa: F403
from world import *  # noqa: F403

RELAY = 8  # WIRE_SERVICE_RELAY
EXPORTED = {"open", "socket", "connect", "getsockopt", "setsockopt", "getsockname", "getpeername"}
LINKERS_OWN = {"_start", "_init", "_fini", "_end", "_edata", "__bss_start", "__data_start", "data_start",
               "_IO_stdin_used", "main", "stderr", "stdout", "stdin", "environ", "__environ", "_dl_relocate_static_pie"}


class Relay:
    """A session of relay_probe with a connection to a server of this test, and another server that waits for nobody."""

    def __init__(self, world, family=socket.AF_INET, options=(), layers=None):
        address = ("127.0.0.1", 0) if family == socket.AF_INET else os.path.join(world.folder, "relay.socket")
        self.sockets = []
        self.server, self.other = self.listening(family, address), self.listening(socket.AF_INET, ("127.0.0.1", 0))
        client = self.keep(socket.socket(family, socket.SOCK_STREAM))
        client.connect(self.server.getsockname())
        self.peer = self.keep(self.server.accept()[0])
        self.peer.settimeout(10)
        if family == socket.AF_UNIX:
            os.unlink(address)
        self.runner = world.start("relay_probe", (*LIMITS, "--relay", "5", *options), layers=layers,
                                  extra=(client.fileno(),))
        client.close()
        self.family = family

    def keep(self, made):
        self.sockets.append(made)
        return made

    def listening(self, family, address):
        listener = self.keep(socket.socket(family, socket.SOCK_STREAM))
        listener.bind(address)
        listener.listen(4)
        listener.setblocking(False)
        return listener

    def begin(self):
        self.runner.hello()
        loaded = self.runner.load(PROVIDER, "fixture.relay_probe", services=RELAY, relay=5)
        assert loaded[0] == LOADED, error(loaded[1])
        assert self.runner.create()[0] == CREATED
        return self

    def ask(self, word, answer=None):
        """{name: errno}; with `answer` the server waits for "ping" and sends that back."""
        there = self.server.getsockname()[1] if self.family == socket.AF_INET else 0
        self.runner.start(INFER, text("%s 5 %d %d" % (word, there, self.other.getsockname()[1])))
        if answer:
            assert self.peer.recv(16) == b"ping"
            self.peer.sendall(answer)
        kind, payload, before = self.runner.answer()
        assert kind == RESULT, error(payload)
        self.logged = [bytes(frame[8:]).decode() for what, frame in before if what == LOG]
        return {name: int(value) for name, value in (word.split("=") for word in payload[4:].decode().split())}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.runner.close()
        for each in self.sockets:
            each.close()


@test
def nothing_but_the_faces_is_exported(world):
    for program in (world.runner, world.layered_runner()):
        listed = subprocess.run(["nm", "-D", "--defined-only", program], capture_output=True, text=True, check=True)
        names = {line.split()[-1].split("@")[0] for line in listed.stdout.splitlines()}
        assert names - LINKERS_OWN == EXPORTED, names - LINKERS_OWN


@test
def a_relay_is_handed_out_once_as_a_library_asks(world):
    with Relay(world).begin() as relay:
        found = relay.ask("use", b"pong")
        expected = dict.fromkeys(
            ("socket setsockopt connect getsockopt error getsockname name getpeername peer nonblock setfl send recv word "
             "shutdown").split(), 0)
        expected |= {"again": errno.EISCONN, "peercred": errno.ENOPROTOOPT, "setown": errno.EPERM,
                     "second": errno.EISCONN, "datagram": errno.EPERM}
        assert found == expected, {name: found.get(name) for name in expected if found.get(name) != expected[name]}
        assert [line for line in relay.logged if "a second connection was asked for" in line], relay.logged
        assert relay.peer.recv(1) == b"", "shutdown did not arrive"


@test
def a_relay_may_be_a_unix_socket(world):
    with Relay(world, socket.AF_UNIX).begin() as relay:
        found = relay.ask("unix", b"pong")
        assert found == dict.fromkeys(("socket", "connect", "send", "recv", "word"), 0), found


@test
def a_relay_is_never_taken_for_another_server(world):
    with Relay(world).begin() as relay:
        assert relay.ask("elsewhere") == {"socket": 0, "connect": errno.ENETUNREACH}
        assert "leads to another address" in relay.logged[0], relay.logged
    with Relay(world).begin() as relay:
        assert relay.ask("family") == {"socket": errno.EAFNOSUPPORT}
        assert "another address family" in relay.logged[0], relay.logged


@test
def without_a_relay_the_faces_refuse_as_the_filter_does(world):
    with world.session("relay_probe", PROVIDER) as runner:
        kind, payload, before = runner.call(INFER, text("family 5 1 1"))
        assert kind == RESULT and payload[4:] == b"socket=%d" % errno.EPERM and not before, (payload, before)
        try:
            runner.call(INFER, text("elsewhere 5 1 1"))
            raise AssertionError("survived connect")
        except Ended:
            assert runner.wait() == -signal.SIGSYS, runner.status


def refused(word, killed=True):
    def run(world):
        with Relay(world).begin() as relay:
            try:
                found = relay.ask(word)
                assert not killed and list(found.values()) == [errno.EPERM], "survived %s: %s" % (word, found)
            except Ended:
                assert killed and relay.runner.wait() == -signal.SIGSYS, relay.runner.status
    run.__name__ = "a_relay_and_%s_%s" % (word, "kills" if killed else "is_refused")
    return test(run)


for name in ("disconnect", "connect", "sendto", "sendto_channel", "recvfrom", "recvfrom_channel", "sendmsg", "recvmsg",
             "getsockopt", "setsockopt", "shutdown_channel", "listen", "signal", "getpeername", "getpeername_channel"):
    refused(name)
# Libraries set the flags of pipes and files of theirs, and live with a refusal.
for name in ("socket", "setfl_channel", "setfl_error", "setfl_null"):
    refused(name, killed=False)


@test
def what_load_says_of_a_relay_must_be_what_the_command_line_said(world):
    for services, number in ((0, None), (RELAY, 3), (RELAY, 6), (RELAY, None), (0, 5)):
        with Relay(world) as relay:
            relay.runner.hello()
            try:
                relay.runner.load(PROVIDER, "fixture.relay_probe", services=services, relay=number)
                raise AssertionError("took services %d with %s" % (services, number))
            except Ended:
                assert relay.runner.wait() == EXIT_PROTOCOL, relay.runner.status
    with world.start("relay_probe") as runner:
        runner.hello()
        try:
            runner.load(PROVIDER, "fixture.relay_probe", services=RELAY, relay=5)
            raise AssertionError("took a relay that the command line did not have")
        except Ended:
            assert runner.wait() == EXIT_PROTOCOL, runner.status


@test
def a_relay_must_be_a_connected_stream(world):
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagram.connect(("127.0.0.1", 9))
    null = os.open("/dev/null", os.O_RDWR)
    for number, extra in (("5", ()), ("3", ()), ("4", ()), ("5", (null,)), ("5", (listener.fileno(),)),
                          ("5", (datagram.fileno(),))):
        with world.start("relay_probe", (*LIMITS, "--relay", number), extra=extra) as runner:
            assert runner.wait() == EXIT_USAGE, (number, runner.status)
            assert b"--relay takes" in os.read(runner.errors, 4096)
    os.close(null)
    listener.close()
    datagram.close()


@test
def the_server_sees_the_end_of_a_runner_that_is_killed(world):
    with Relay(world).begin() as relay:
        os.kill(relay.runner.pid, signal.SIGKILL)
        assert relay.peer.recv(1) == b"", "somebody else holds the connection"
