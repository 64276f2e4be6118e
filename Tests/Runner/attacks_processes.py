"""Attacks by programs that are started, and on other processes, the host first."""

import ctypes
import os
import resource
import signal
import threading

from attack_scene import SIGNAL, STRANGER, Unavailable, holds, setting, status_of
from attacks import COUNT, LOADERS, attack, first_existing, only_traceable

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
