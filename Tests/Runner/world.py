"""What the tests of the runner share: the fixtures, sessions, and a table to send."""

import ctypes
import os
import re
import struct
import subprocess

from host import (CREATED, INT64, LANDLOCK, LOADED, NAMESPACES, NO_NEW_PRIVS, PDEATHSIG, PRIVATE_ROOT, RLIMITS, Runner,
                  SECCOMP, UNPRIVILEGED, UTF8, batch, error)


TESTS = []
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FIXTURES = os.path.join(ROOT, "Tests", "Fixtures")
CLONE_NEWUSER, CLONE_ALL = 0x10000000, 0x7E020000


def namespaces_work():
    """Whether this machine gives an ordinary user namespaces, tried without the runner."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == 0
    try:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(65534, 65534, 65534)
            os.setresuid(65534, 65534, 65534)
            ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
        user = os.geteuid()
        failed = ctypes.CDLL(None).unshare(CLONE_ALL)
        if not failed:
            with open("/proc/self/uid_map", "w") as file:
                file.write("%d %d 1" % (user, user))
        os._exit(1 if failed else 0)
    except OSError:
        os._exit(1)


PROCESS_LAYERS = SECCOMP | LANDLOCK | RLIMITS | NO_NEW_PRIVS | UNPRIVILEGED | PDEATHSIG
HAS_NAMESPACES = namespaces_work()
ALL_LAYERS = PROCESS_LAYERS | (NAMESPACES | PRIVATE_ROOT if HAS_NAMESPACES else 0)
# Fixtures that need more than a C plugin may: this one asks for its own thread's state, as libdispatch does.
LANGUAGE = {"open_socket_on_load": ("--calls", "swift")}
LIMITS = ("--memory-bytes", str(2 << 30), "--cpu-seconds", "20", "--descriptors", "64")


class Skip(Exception):
    pass


def library(path):
    """The option that hands one library over."""
    status = os.stat(path)
    return ("--library", "%d:%d:%d:%s" % (status.st_dev, status.st_ino, status.st_ctime_ns, path))


def closure(plugin, folder=None):
    """The options with which the host hands over all libraries of a plugin, as the loader finds them."""
    environment = {"LD_LIBRARY_PATH": folder} if folder else {}
    listed = subprocess.run(["ldd", plugin], capture_output=True, text=True, env={**os.environ, **environment}).stdout
    paths = re.findall(r"(?:=> |^\t)(/\S+) \(0x", listed, re.MULTILINE)
    return [word for path in paths for word in library(path)]


def test(function):
    TESTS.append(function)
    return function


class World:
    def __init__(self, runner, cc, swiftc, folder):
        self.runner, self.cc, self.swiftc, self.folder = runner, cc, swiftc, folder
        self.closures = {}

    def layered_runner(self):
        """The runner with the option --layers, which the one that is installed does not have."""
        path = os.path.join(self.folder, "sluice-runner-layers")
        if not os.path.exists(path):
            sources = os.path.join(ROOT, "Host", "Runner")
            subprocess.run([self.cc, "-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-DSLUICE_TEST_LAYERS",
                            "-fvisibility=hidden", "-rdynamic", "-I", os.path.join(sources, "include"), "-I",
                            os.path.join(ROOT, "SDK", "include"),
                            "-I", sources, os.path.join(sources, "Main", "main.c"),
                            *(os.path.join(sources, name) for name in sorted(os.listdir(sources))
                              if name.endswith(".c")), "-o", path, "-lseccomp", "-ldl", "-lpthread"], check=True)
        return path

    def plugin(self, name):
        path = os.path.join(self.folder, name + ".so")
        if not os.path.exists(path):
            subprocess.run([self.cc, "-std=c11", "-O1", "-fPIC", "-shared", "-fvisibility=hidden", "-Wall", "-Wextra",
                            "-Werror", "-I", os.path.join(ROOT, "SDK", "include"),
                            os.path.join(FIXTURES, name + ".c"), "-o", path], check=True)
        return path

    def start(self, name, options=LIMITS, layers=None, **more):
        """layers: None for the runner as it is installed, or what --layers takes."""
        plugin = self.plugin(name)
        if name not in self.closures:
            self.closures[name] = closure(plugin)
        program, before = (self.runner, ()) if layers is None else (self.layered_runner(), ("--layers=" + layers,))
        return Runner(program, plugin, (*options, *LANGUAGE.get(name, ()), *self.closures[name]), before=before, **more)

    def session(self, name, kind, options=LIMITS, services=0, streams=(), resources=(), regions=(-1, -1), **more):
        runner = self.start(name, options, **more)
        runner.hello()
        loaded = runner.load(kind, "fixture." + name, services=services, streams=streams, resources=resources,
                             regions=regions)
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
