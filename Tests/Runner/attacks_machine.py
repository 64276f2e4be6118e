"""Attacks on limits and on the kernel, and those that no layer is needed for."""

import ctypes
import os
import resource
import select

from attack_scene import Unavailable, holds, libc, setting, status_of
from attacks import COUNT, BOMB, attack, has_capability, only_root
from host import SHUTDOWN, Region
from world import HAS_NAMESPACES

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
