"""The machine around a runner: what an attack may reach, and where it is seen from outside that it did."""

import concurrent.futures
import ctypes
import os
import pty
import resource
import secrets
import select
import shutil
import signal
import socket
import struct
import subprocess
import time
import tty

from host import INFER, CREATED, LOADED, PROVIDER, Ended, RESULT, Runner, error, text
from world import FIXTURES, ROOT, closure

HOSTILE = os.path.join(FIXTURES, "hostile")
PROGRAMS = ("with_terminal", "set_id_program")
SIGNAL = signal.SIGRTMIN + 5
STRANGER = 4242  # the owner of the program with the set-user-id bit
LIMITS = {"--memory-bytes": 1 << 30, "--cpu-seconds": 20, "--descriptors": 64}
libc = ctypes.CDLL(None, use_errno=True)

if os.uname().machine == "x86_64":
    ADD_KEY, KEYCTL, NAME_TO_HANDLE = 248, 250, 303
else:
    ADD_KEY, KEYCTL, NAME_TO_HANDLE = 217, 219, 264
JOIN_SESSION, KEY_READ, KEY_SEARCH, SESSION_KEYRING = 1, 11, 10, -3


class Unavailable(Exception):
    """The attack cannot succeed here whatever the runner does, and why."""


def setting(path, default):
    """A number below /proc/sys; `default` where the kernel has no such setting."""
    try:
        with open("/proc/sys/" + path) as file:
            return int(file.read())
    except FileNotFoundError:
        return default


def call(number, *arguments):
    result = libc.syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def build(world, names):
    """Everything that runs in the table, compiled into the world's folder: plugins, two programs, the runner."""
    world.layered_runner()
    flags = ["-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-I", os.path.join(ROOT, "SDK", "include")]
    jobs = []
    for name, on_load in sorted(names):
        jobs.append([world.cc, *flags, "-fPIC", "-shared", "-fvisibility=hidden", *(["-DHOSTILE_ON_LOAD"] * on_load),
                     os.path.join(HOSTILE, name + ".c"), "-o", plugin_path(world.folder, name, on_load), "-lpthread"])
    for name in PROGRAMS:
        jobs.append([world.cc, *flags, os.path.join(HOSTILE, name + ".c"), "-o", os.path.join(world.folder, name)])
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda job: subprocess.run(job, check=True), jobs))
    if os.geteuid() == 0:
        program = os.path.join(world.folder, "set_id_program")
        os.chown(program, STRANGER, STRANGER)
        os.chmod(program, 0o4755)


def plugin_path(folder, name, on_load):
    return os.path.join(folder, name + ("_on_load" if on_load else "") + ".so")


class Scene:
    """Lives as long as a table; `fresh` comes before each cell."""

    def __init__(self, built):
        self.built = built
        self.folder = os.path.join("/tmp", "sluice-attacks-%d" % os.getpid())
        os.mkdir(self.folder)
        os.chmod(self.folder, 0o777)
        self.signals, self.closures = [], {}
        signal.signal(SIGNAL, lambda number, frame: self.signals.append(number))
        # Room below the hard limit, so that raising it is possible for anybody.
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        soft = 500 if hard == resource.RLIM_INFINITY else min(500, hard - 1)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        try:
            call(KEYCTL, JOIN_SESSION, None)
            self.no_keyring = None
        except OSError as why:
            self.no_keyring = "no session keyring: %s" % why
        self.landlock_abi = max(0, libc.syscall(ctypes.c_long(444), None, ctypes.c_size_t(0), 1))
        self.open = []

    def fresh(self, column):
        """New words and empty sockets: nothing of an earlier cell can be taken for this one's."""
        self.close()
        self.column = column
        self.word = "word-" + secrets.token_hex(8)
        self.tcp = self.listening(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
        self.udp = self.listening(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))
        self.unix_name = os.path.join(self.folder, "s" + self.word[-8:])
        self.abstract_name = "sluice-" + self.word
        self.unix = self.listening(socket.AF_UNIX, socket.SOCK_STREAM, self.unix_name)
        self.abstract = self.listening(socket.AF_UNIX, socket.SOCK_STREAM, "\0" + self.abstract_name)
        os.chmod(self.unix_name, 0o777)
        self.memory = ctypes.create_string_buffer(self.word.encode())
        self.signals.clear()

    def listening(self, family, kind, address):
        listener = socket.socket(family, kind)
        listener.bind(address)
        if kind == socket.SOCK_STREAM:
            listener.listen(8)
        listener.setblocking(False)
        self.open.append(listener.close)
        return listener

    def close(self):
        while self.open:
            self.open.pop()()
        for name in os.listdir(self.folder):
            path = os.path.join(self.folder, name)
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)

    def end(self):
        self.close()
        os.rmdir(self.folder)

    def needs_landlock(self, abi):
        """The column `landlock` says what a kernel of this interface stops; an older one is another story."""
        if self.column == "landlock" and self.landlock_abi < abi:
            raise Unavailable("the kernel offers version %d of Landlock, this takes %d" % (self.landlock_abi, abi))

    def needs_kernel(self, *version):
        """What all layers together stop since this kernel."""
        release = tuple(int(part) for part in os.uname().release.split("-")[0].split(".")[:2])
        if release < version:
            raise Unavailable("Linux %d.%d" % release)

    # What an attack is given

    def file(self, content, mode=0o644):
        path = os.path.join(self.folder, "f" + self.word[-8:])
        with open(path, "wb") as out:
            out.write(content)
        os.chmod(path, mode)
        return path

    def terminal(self):
        """A terminal in raw mode: its path, and the descriptor at which a user's keys arrive."""
        master, slave = pty.openpty()
        tty.setraw(slave)
        os.set_blocking(slave, False)
        path = os.ttyname(slave)
        os.chmod(path, 0o666)
        self.open += [lambda: os.close(master), lambda: os.close(slave)]
        return path, slave

    def key(self):
        """A secret of the host's in its session keyring."""
        if self.no_keyring:
            raise Unavailable(self.no_keyring)
        call(ADD_KEY, b"user", self.word.encode() + b"-name", self.word.encode(), ctypes.c_size_t(len(self.word)),
             SESSION_KEYRING)

    def key_named(self, name):
        try:
            key = call(KEYCTL, KEY_SEARCH, SESSION_KEYRING, b"user", name.encode(), 0)
        except OSError:
            return None
        data = ctypes.create_string_buffer(256)
        size = call(KEYCTL, KEY_READ, key, data, 256)
        return data.raw[:size]

    def file_handle(self, path):
        """(type, bytes) by which the kernel finds the file without a path."""
        memory = ctypes.create_string_buffer(struct.pack("<Ii", 128, 0), 8 + 128)
        mount = ctypes.c_int()
        try:
            call(NAME_TO_HANDLE, -100, path.encode(), memory, ctypes.byref(mount), 0)
        except OSError as why:
            raise Unavailable("no file handles on this file system: %s" % why)
        size, kind = struct.unpack_from("<Ii", memory.raw)
        return kind, memory.raw[8:8 + size]

    # What is seen from outside

    def received(self, listener, report):
        """What arrived at a socket. It has arrived when the attack is over; what is expected gets a second more."""
        if not select.select([listener], [], [], 1 if report.open else 0)[0]:
            return b""
        if listener.type == socket.SOCK_DGRAM:
            return listener.recv(4096)
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(1)
            return connection.recv(4096)

    def errors(self, report, seconds=0.0, until=b""):
        """The runner's standard error so far; waits for `until` at most so long."""
        end = time.monotonic() + seconds
        while until not in report.errors or not until:
            if not select.select([report.runner.errors], [], [], max(0, end - time.monotonic()))[0]:
                break
            data = os.read(report.runner.errors, 65536)
            if not data:
                break
            report.errors += data
        return report.errors


def status_of(pid, field):
    """The first number of that field for each thread."""
    values = []
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/status" % (pid, task)) as file:
            values += [int(line.split()[1]) for line in file if line.startswith(field + ":")]
    return values


def holds(pid, kind):
    """Whether it has a descriptor of that kind; True where the kernel does not let this user look."""
    try:
        return any(kind in os.readlink("/proc/%d/fd/%s" % (pid, fd)) for fd in os.listdir("/proc/%d/fd" % pid))
    except PermissionError:
        return True


class Report:
    """What a plugin said that came of its attack, or how its process ended over it."""

    def __init__(self, runner):
        self.runner, self.open, self.evidence, self.errors = runner, False, b"", b""
        self.pid = runner.plugin_pid
        self.how = ""

    def take(self, payload):
        word, _, rest = payload[4:].decode().partition("\n")
        assert word in ("open", "stopped"), payload
        self.open = word == "open"
        self.evidence = bytes.fromhex(rest) if self.open else b""
        self.how = "worked" if self.open else rest

    def ended(self):
        status = self.runner.wait() if self.runner.status is None else self.runner.status
        assert status is not None, "the socket closed and the process lives"
        number = -status if status < 0 else status - 128
        ends = {signal.SIGSYS: "SIGSYS", signal.SIGXFSZ: "SIGXFSZ", signal.SIGXCPU: "SIGXCPU"}
        assert number in ends, "the runner ended with status %d: a crash is no proof of a layer" % status
        self.how = "killed, " + ends[number]


def start(scene, attack, arguments, layers, options, **more):
    """A runner with these layers, up to HELLO. Its layers in force are returned, too."""
    plugin = plugin_path(scene.built, attack.fixture, attack.on_load)
    if plugin not in scene.closures:
        scene.closures[plugin] = closure(plugin)
    limits = [part for name, value in {**LIMITS, **options}.items() for part in (name, str(value))]
    request = "\n".join("%s=%s" % pair for pair in arguments.items())
    runner = Runner(os.path.join(scene.built, "sluice-runner-layers"),
                    plugin, [*limits, *scene.closures[plugin]],
                    before=("--layers=" + layers,), environment={"HOSTILE": request}, **more)
    try:
        layers = runner.hello()[0]
        runner.offers = {"services": 8, "relay": options["--relay"]} if "--relay" in options else {}
        runner.plugin_pid = runner.inner()  # now: what the attack starts would come after it
        return runner, layers, request
    except BaseException:
        runner.close()
        raise


def perform(runner, request, resources=()):
    """The attack, from LOAD to its report."""
    report = Report(runner)
    try:
        kind, payload, _ = runner.load(PROVIDER, "hostile", **runner.offers, **(
            {"services": 2, "resources": resources} if resources else {}))
        assert kind == LOADED, error(payload)
        kind, payload, _ = runner.create()
        assert kind == CREATED, error(payload)
        kind, payload, _ = runner.call(INFER, text(request))
        if kind == RESULT:
            report.take(payload)
        else:
            report.how = error(payload)[3]
    except Ended:
        report.ended()
    return report
