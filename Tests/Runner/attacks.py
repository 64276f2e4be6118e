"""The attacks: what each is given, and how it is seen from outside that it worked.

An attack is a generator. It yields the arguments for its plugin and gets the plugin's report; it returns whether the
attack reached its aim, judged by the host's side alone wherever that is possible.
"""

import ctypes
import os
import resource
import select
import signal
import socket
import sys
import threading

from attack_scene import SIGNAL, STRANGER, Unavailable, holds, libc, setting, status_of
from host import SHUTDOWN, Region
from world import HAS_NAMESPACES

ATTACKS = {}
COUNT, BOMB = 64, 320 << 20
# In the folder of the C library first: there it lies in a private root, too.
LOADERS = ("/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1",
           "/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1")


class Attack:
    def __init__(self, name, title, generator, fixture=None, on_load=False, **more):
        self.name, self.title, self.generator = name, title, generator
        self.fixture, self.on_load = fixture or name, on_load
        self.options = more.pop("options", {})  # limits of the runner
        self.judged_outside = more.pop("judged_outside", False)  # the plugin cannot know whether it worked
        self.slow = more.pop("slow", False)  # answers never: watched beside the others
        assert not more, more


def attack(title, on_load=False, **more):
    """An attack in a call; with `on_load` a second one from a constructor, before any call."""
    def add(generator):
        name = generator.__name__
        ATTACKS[name] = Attack(name, title, generator, **more)
        if on_load:
            fixture = more.get("fixture", name)
            ATTACKS[name + "_on_load"] = Attack(name + "_on_load", title + ", from a constructor", generator,
                                                **{**more, "fixture": fixture, "on_load": True})
        return generator
    return add


def only_root():
    if os.geteuid() != 0:
        raise Unavailable("takes root, who the host is not")


def first_existing(paths):
    for path in paths:
        if os.path.exists(path):
            return path
    raise Unavailable("none of %s exists" % ", ".join(paths))


def only_traceable():
    """Yama keeps a parent from being traced, whatever the runner does; root's capabilities it heeds."""
    if setting("kernel/yama/ptrace_scope", 0) >= (3 if os.geteuid() == 0 else 1):
        raise Unavailable("kernel.yama.ptrace_scope keeps the host from being traced")


def has_capability(number):
    with open("/proc/self/status") as file:
        effective = next(int(line.split()[1], 16) for line in file if line.startswith("CapEff:"))
    return effective >> number & 1 == 1


# The network

@attack("connect to a TCP port of the machine", on_load=True)
def tcp_connect(scene):
    scene.needs_landlock(4)
    report = yield {"port": scene.tcp.getsockname()[1], "word": scene.word}
    return scene.received(scene.tcp, report) == scene.word.encode()


@attack("send a UDP datagram")
def udp_send(scene):
    report = yield {"port": scene.udp.getsockname()[1], "word": scene.word}
    return scene.received(scene.udp, report) == scene.word.encode()


@attack("send a datagram by io_uring, without a socket call", fixture="io_uring")
def io_uring_send(scene):
    if setting("kernel/io_uring_disabled", 0) != 0:
        raise Unavailable("kernel.io_uring_disabled is not 0")
    report = yield {"port": scene.udp.getsockname()[1], "word": scene.word}
    return scene.received(scene.udp, report) == scene.word.encode()


@attack("connect to a UNIX socket by its path", fixture="unix_connect")
def unix_path(scene):
    report = yield {"name": scene.unix_name, "word": scene.word}
    return scene.received(scene.unix, report) == scene.word.encode()


@attack("connect to a UNIX socket by its abstract name", fixture="unix_connect")
def unix_abstract(scene):
    scene.needs_landlock(6)
    report = yield {"name": "@" + scene.abstract_name, "word": scene.word}
    return scene.received(scene.abstract, report) == scene.word.encode()


@attack("cut the connection to its database and connect it elsewhere")
def reconnect_relay(scene):
    scene.needs_landlock(4)
    database = scene.listening(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
    relay = socket.create_connection(database.getsockname())
    scene.open.append(relay.close)
    report = yield ({"fd": 5, "port": scene.tcp.getsockname()[1], "word": scene.word},
                    {"extra": (relay.fileno(),), "options": {"--relay": 5}})
    return scene.received(scene.tcp, report) == scene.word.encode()


@attack("read the table of the host's connections", fixture="read_file", judged_outside=True)
def network_table(scene):
    report = yield {"path": "/proc/self/net/tcp"}
    return b":%04X " % scene.tcp.getsockname()[1] in report.evidence


# Files

@attack("read a file that everybody may read", fixture="read_file", on_load=True)
def read_file(scene):
    report = yield {"path": scene.file(scene.word.encode())}
    return report.evidence == scene.word.encode()


@attack("read a file that only the host's user may read", fixture="read_file")
def read_private_file(scene):
    report = yield {"path": scene.file(scene.word.encode(), 0o600)}
    return report.evidence == scene.word.encode()


@attack("learn that a file exists, and its size")
def stat_file(scene):
    size = 1000 + int(scene.word[-4:], 16)
    report = yield {"path": scene.file(bytes(size))}
    return report.evidence == b"%d" % size


@attack("open a file by its handle, past every path")
def open_by_handle(scene):
    only_root()
    path = scene.file(scene.word.encode())
    kind, handle = scene.file_handle(path)
    # Something of the same file system that lies in every root: the C library.
    folder = first_existing("/lib/%s-linux-gnu/libc.so.6" % machine for machine in ("x86_64", "aarch64"))
    if os.stat(folder).st_dev != os.stat(path).st_dev:
        raise Unavailable("the C library and /tmp lie on different file systems")
    report = yield {"folder": folder, "type": kind, "handle": handle.hex()}
    return report.evidence == scene.word.encode()


@attack("make a file, its name a message", fixture="write_file")
def create_file(scene):
    path = os.path.join(scene.folder, scene.word)
    yield {"path": path}
    return os.path.exists(path)


@attack("make a file and write to it", on_load=True)
def write_file(scene):
    path = os.path.join(scene.folder, scene.word)
    yield {"path": path, "word": scene.word}
    return os.path.exists(path) and open(path).read() == scene.word


@attack("write to an input that was handed over for reading")
def write_input(scene):
    path = scene.file(bytes(4096))
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    scene.open.append(lambda: os.close(fd))
    yield {"fd": 5, "word": scene.word}, {"extra": (fd,)}
    return open(path, "rb").read(len(scene.word)) == scene.word.encode()


@attack("change a data file that the host named for it", fixture="overwrite_file")
def overwrite_data(scene):
    path = scene.file(bytes(4096))
    yield {"path": path, "word": scene.word}, {"options": {"--readable": path}}
    return open(path, "rb").read(len(scene.word)) == scene.word.encode()


# Programs

@attack("start a shell", on_load=True, fixture="exec")
def exec_shell(scene):
    report = yield {"program": "/bin/sh", "first": "-c", "second": "echo %s-$((6*7))" % scene.word}
    return scene.word.encode() + b"-42" in scene.errors(report, 1 if report.open else 0, b"-42")


@attack("start the dynamic loader, which lies among the libraries", fixture="exec")
def exec_loader(scene):
    report = yield {"program": first_existing(LOADERS), "first": "--version"}
    return b"ld.so" in scene.errors(report, 1 if report.open else 0, b"ld.so")


@attack("start a program from a memory file")
def memfd_exec(scene):
    report = yield {"loader": first_existing(LOADERS)}
    return b"ld.so" in scene.errors(report, 1 if report.open else 0, b"ld.so")


@attack("become another user by a set-user-id program", fixture="exec", judged_outside=True)
def exec_set_id(scene):
    program = os.path.join(scene.built, "set_id_program")
    status = os.stat(program)
    if status.st_uid != STRANGER or not status.st_mode & 0o4000:
        raise Unavailable("no program with another owner and the set-user-id bit: made when the table runs as root")
    if os.statvfs(program).f_flag & os.ST_NOSUID:
        raise Unavailable("the file system of /tmp is mounted nosuid")
    path = os.path.join(scene.folder, scene.word)
    yield {"program": program, "first": path}
    return os.path.exists(path) and os.stat(path).st_uid == STRANGER


@attack("start %d processes" % COUNT)
def fork_bomb(scene):
    report = yield {"count": COUNT}
    return scene.errors(report).count(b"child\n") == COUNT


@attack("leave a process behind when the runner is killed", judged_outside=True)
def outlive(scene):
    report = yield {}
    if report.runner.status is None:
        os.kill(report.runner.pid, signal.SIGKILL)
        report.runner.wait()
    # Ends early when nobody holds the pipe any more.
    return b"outlived" in scene.errors(report, 2, b"outlived")


# Other processes

@attack("trace the host")
def ptrace_host(scene):
    only_traceable()
    yield {"pid": os.getpid()}
    return status_of(os.getpid(), "TracerPid") != [0] * len(status_of(os.getpid(), "TracerPid"))


@attack("send the host a signal", on_load=True)
def signal_host(scene):
    scene.needs_landlock(6)
    yield {"pid": os.getpid(), "signal": int(SIGNAL)}
    return scene.signals == [SIGNAL]


@attack("read the host's memory", fixture="read_memory")
def host_memory(scene):
    only_traceable()
    report = yield {"pid": os.getpid(), "at": ctypes.addressof(scene.memory), "size": len(scene.word)}
    return report.evidence == scene.word.encode()


@attack("read the host's memory by its file in /proc", fixture="read_file")
def host_memory_file(scene):
    only_traceable()
    report = yield {"path": "/proc/%d/mem" % os.getpid(), "at": ctypes.addressof(scene.memory),
                    "size": len(scene.word)}
    return report.evidence == scene.word.encode()


@attack("read the host's environment", fixture="read_file")
def host_environment(scene):
    path = "/proc/%d/environ" % os.getpid()
    report = yield {"path": path}
    return len(report.evidence) > 0 and report.evidence == open(path, "rb").read(4096)


@attack("read the host's command line", fixture="read_file")
def host_command_line(scene):
    path = "/proc/%d/cmdline" % os.getpid()
    report = yield {"path": path}
    return len(report.evidence) > 0 and report.evidence == open(path, "rb").read(4096)


@attack("take a copy of one of the host's descriptors")
def steal_descriptor(scene):
    only_traceable()
    fd = os.memfd_create("secret", os.MFD_CLOEXEC)
    scene.open.append(lambda: os.close(fd))
    os.write(fd, scene.word.encode())
    report = yield {"pid": os.getpid(), "fd": fd}
    return report.evidence == scene.word.encode()


@attack("set the host's limits", fixture="set_limit")
def set_host_limit(scene):
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        yield {"pid": os.getpid(), "limit": before[0] - 1}
        return resource.getrlimit(resource.RLIMIT_NOFILE)[0] == before[0] - 1
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@attack("count the host's processor time by perf")
def perf_host(scene):
    if os.geteuid() != 0 and setting("kernel/perf_event_paranoid", 2) > 2:
        raise Unavailable("kernel.perf_event_paranoid keeps it from ordinary users")
    enough = threading.Event()
    busy = threading.Thread(target=lambda: [sum(range(10000)) for _ in iter(enough.is_set, True)])
    busy.start()
    try:
        report = yield {"pid": busy.native_id}
        return report.open and holds(report.pid, "[perf_event]")
    finally:
        enough.set()
        busy.join()


@attack("type at the terminal that the host was started from")
def type_at_terminal(scene):
    if setting("dev/tty/legacy_tiocsti", 1) == 0:
        raise Unavailable("dev.tty.legacy_tiocsti is 0")
    path, keys = scene.terminal()
    yield {"word": scene.word}, {"prefix": (os.path.join(scene.built, "with_terminal"), path)}
    try:
        return os.read(keys, 256) == scene.word.encode()
    except BlockingIOError:
        return False


@attack("find the host's secret in the session keyring", fixture="keyring")
def read_key(scene):
    scene.key()
    report = yield {"name": scene.word + "-name"}
    return report.evidence == scene.word.encode()


@attack("leave a word in a keyring that it shares with the host", judged_outside=True)
def add_key(scene):
    if scene.no_keyring:
        raise Unavailable(scene.no_keyring)
    yield {"name": scene.word, "word": scene.word}
    return scene.key_named(scene.word) == scene.word.encode()


# Limits

@attack("take more memory than its limit", options={"--memory-bytes": BOMB - (64 << 20)})
def memory_bomb(scene):
    report = yield {"bytes": BOMB}
    return report.runner.status is None and status_of(report.pid, "VmRSS")[0] >= BOMB >> 10


@attack("open more descriptors than its limit", options={"--calls": "swift"})  # eventfd2 is no call of C's list
def descriptors(scene):
    # The kernel's table has room for 256 from the start, and grows with what is open.
    report = yield {"count": 300}
    return report.runner.status is None and status_of(report.pid, "FDSize")[0] > 300


@attack("open more descriptors than its limit, in threads with tables of their own")
def descriptors_by_thread(scene):
    report = yield {"count": 300}
    if report.runner.status is not None:
        return False
    try:
        tasks = "/proc/%d/task" % report.pid
        return sum(len(os.listdir(os.path.join(tasks, task, "fd"))) for task in os.listdir(tasks)) > 300
    except PermissionError:  # an ordinary user may not look into a process that is not dumpable: its own word must do
        return report.open


@attack("start more threads than its limit", options={"--threads": 8})
def thread_bomb(scene):
    scene.needs_kernel(5, 14)
    report = yield {"count": COUNT}
    assert report.runner.status is None, report.how
    had = len(os.listdir("/proc/%d/task" % report.pid)) - 2  # the runner's own
    assert had in (8, COUNT), "%d threads" % had
    return had > 8


@attack("compute for longer than its limit", options={"--cpu-seconds": 1}, slow=True)
def spin(scene):
    report = yield {}
    return report.open


@attack("raise its own limits", fixture="set_limit")
def raise_limit(scene):
    if scene.column == "rlimits" and os.geteuid() == 0 and not has_capability(24):
        raise Unavailable("this root lacks CAP_SYS_RESOURCE, by which it could")
    wanted = resource.getrlimit(resource.RLIMIT_NOFILE)[0] + 1
    report = yield {"pid": 0, "limit": wanted}
    if report.runner.status is not None:
        return False
    lines = open("/proc/%d/limits" % report.pid).read().splitlines()
    return any(line.startswith("Max open files") and int(line.split()[3]) == wanted for line in lines)


# The kernel

@attack("become root")
def become_root(scene):
    only_root()
    report = yield {}
    return report.open and report.runner.status is None and 0 in status_of(report.pid, "Uid")


@attack("mount a file system that the host sees")
def mount(scene):
    only_root()
    folder = os.path.join(scene.folder, "m")
    os.mkdir(folder)
    report = yield {"word": scene.word, "folder": folder}
    reached = scene.word in open("/proc/self/mounts").read()
    if reached:
        os.system("umount %s" % folder)
    else:
        report.open = False  # in a mount namespace of its own it harms nobody
    return reached


@attack("be root in a namespace of its own, and mount")
def own_namespace(scene):
    if not HAS_NAMESPACES:
        raise Unavailable("this machine gives an ordinary user no namespaces")
    report = yield {"word": scene.word}
    return report.evidence == scene.word.encode()


@attack("make a map of the kernel's virtual machine")
def bpf(scene):
    only_root()
    if setting("kernel/unprivileged_bpf_disabled", 0) == 0:
        raise Unavailable("kernel.unprivileged_bpf_disabled is 0: it takes no privilege")
    report = yield {}
    return report.open and holds(report.pid, "bpf-map")


@attack("handle its own page faults")
def userfaultfd(scene):
    report = yield {}
    return report.open and holds(report.pid, "[userfaultfd]")


@attack("turn off its own protections by personality")
def personality(scene):
    report = yield {}
    return report.open and int(report.evidence) & 0x0400000 != 0


@attack("read the kernel's log")
def kernel_log(scene):
    only_root()
    if setting("kernel/dmesg_restrict", 0) == 0:
        raise Unavailable("kernel.dmesg_restrict is 0: everybody may")
    data = ctypes.create_string_buffer(512)
    if libc.klogctl(3, data, 512) <= 0:
        raise Unavailable("the log is empty")
    report = yield {}
    return report.open and report.evidence in (data.raw, data.raw.rstrip(b"\0"))


@attack("read a setting of the kernel", fixture="read_file")
def kernel_setting(scene):
    path = "/proc/sys/kernel/random/boot_id"
    report = yield {"path": path}
    return report.evidence == open(path, "rb").read()


# What no layer is needed for

@attack("use a descriptor that the host had open")
def stray_descriptor(scene):
    fd = os.memfd_create("stray")
    scene.open.append(lambda: os.close(fd))
    os.write(fd, scene.word.encode())
    os.lseek(fd, 0, os.SEEK_SET)
    report = yield {"fd": 150}, {"stray": fd}
    return report.evidence == scene.word.encode()


@attack("change the plugin's verified bytes", fixture="write_input")
def write_plugin(scene):
    report = yield {"fd": 4, "word": scene.word}
    return report.open


@attack("write to the memory in which it is shown batches", fixture="write_input")
def write_region(scene):
    region = Region(to_runner=True)
    scene.open.append(region.close)
    yield {"fd": 5, "word": scene.word}, {"extra": (region.fd,)}
    return region.get(0, len(scene.word)) == scene.word.encode()


@attack("answer with 2 GiB")
def large_message(scene):
    report = yield {"bytes": 2 << 30}
    assert "text" in report.how or "large" in report.how or "size" in report.how, report.how
    return report.open


@attack("go on in a thread when destroy has returned")
def late_thread(scene):
    report = yield {}
    if report.runner.status is None:
        report.open = False  # that there is a thread is no harm yet
        report.runner.send(SHUTDOWN)
        assert report.runner.wait() == 0, "SHUTDOWN ended with status %s" % report.runner.status
    # Whatever it wrote before the end lies in the pipe; afterwards nobody may hold it.
    scene.errors(report)
    ready = select.select([report.runner.errors], [], [], 0.5)[0]
    return not ready or os.read(report.runner.errors, 1) != b""


if __name__ == "__main__":
    sys.exit("attack_table.py runs these")
