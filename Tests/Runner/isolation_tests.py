"""Namespaces and the private root: what is in them, how they end, and what is said of a machine that lacks one."""

import errno
import os
import random
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import time

from host import *  # noqa: F403
from world import *  # noqa: F403


def needs_namespaces():
    if not HAS_NAMESPACES:
        raise Skip("this machine gives an ordinary user no namespaces")


def inside(pid):
    """Every file of a process's root, and what is below the folders named."""
    root, found = "/proc/%d/root" % pid, set()
    for folder, _, names in os.walk(root):
        found |= {os.path.join(folder, name)[len(root):] for name in names}
    return {path for path in found if not path.startswith("/usr/share/zoneinfo/")}


@test
def the_root_holds_the_plugin_and_its_libraries_alone(world):
    needs_namespaces()
    if os.geteuid() != 0:
        raise Skip("only root may look into a runner")
    with world.session("good_check", CHECK) as runner:
        pid = runner.inner()
        libraries = {os.path.basename(word.split(":", 3)[3]) for word in world.closures["good_check"][1::2]}
        assert {"libc.so.6", "ld-linux-x86-64.so.2" if os.uname().machine == "x86_64" else "libc.so.6"} <= libraries
        files = inside(pid)
        assert {os.path.basename(path) for path in files if "/lib" in path} == libraries, files
        assert {path for path in files if "/lib" not in path} == {"/plugin.so", "/dev/null", "/dev/urandom"}, files
        with open("/proc/%d/mountinfo" % pid) as file:
            for line in file:
                assert line.split()[5].startswith("ro,nosuid"), line
        for kind in ("user", "mnt", "pid_for_children", "net", "ipc", "uts", "cgroup"):
            path = "ns/" + kind
            assert os.readlink("/proc/%d/%s" % (pid, path)) != os.readlink("/proc/self/" + path), kind
        with open("/proc/%d/net/dev" % pid) as file:
            assert re.findall(r"^\s*(\S+):", file.read(), re.MULTILINE) == ["lo"]
        with open("/proc/%d/status" % pid) as file:
            assert re.search(r"^NSpid:\t\d+\t2$", file.read(), re.MULTILINE), "the plugin must not be PID 1"


@test
def a_file_name_of_the_machine_is_not_there(world):
    needs_namespaces()
    with world.start("open_socket_on_load") as runner:
        runner.hello()
        kind, payload, _ = runner.load(PROVIDER, "fixture.open_socket_on_load")
        assert kind == LOADED and b'"exists":2,' in payload and b'"proc_exists":2,' in payload, payload
    # The reverse: without a private root the name is there, so the question is one.
    with world.start("open_socket_on_load", layers="unprivileged,no_new_privs,rlimits,landlock,seccomp") as runner:
        runner.hello()
        kind, payload, _ = runner.load(PROVIDER, "fixture.open_socket_on_load")
        assert kind == LOADED and b'"exists":0,' in payload and b'"proc_exists":0,' in payload, payload


@test
def a_library_that_was_changed_is_not_bound(world):
    needs_namespaces()
    path = os.path.join(world.folder, "libother.so")
    shutil.copy(world.plugin("good_check"), path)
    before = library(path)
    # Until the kernel's clock, which ticks coarsely, has given it another time of change.
    while library(path) == before:
        os.chmod(path, 0o700)
        os.chmod(path, 0o755)
    with world.start("good_check", (*LIMITS, *before)) as runner:
        assert runner.wait() == EXIT_LIBRARY, runner.status
        assert b"libother.so was changed" in os.read(runner.errors, 4096)
    # Where there is no private root to bind it into, it is looked at all the same.
    with world.start("good_check", (*LIMITS, *before), prefix=(wrapper(world), "unshare=1", "--")) as runner:
        assert runner.wait() == EXIT_LIBRARY, runner.status
    with world.start("good_check", (*LIMITS, *library(path))) as runner:
        assert runner.hello()[0] == ALL_LAYERS


@test
def a_crash_is_told_as_it_was(world):
    """Through the monitor: the signal itself, never the 128 + N or the SIGSEGV of a PID 1."""
    with world.session("abort_in_call", CHECK) as runner:
        runner.call(BEGIN, text("{}") + SCHEMA_BATCH)
        runner.start(UPDATE, table(2)[0])
        try:
            runner.answer()
            raise AssertionError("it came back")
        except Ended:
            assert runner.wait() == -signal.SIGABRT, runner.status
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV, signal.SIGHUP):
        with world.session("good_check", CHECK) as runner:
            os.kill(runner.inner(), number)
            assert runner.wait() == -number, (number, runner.status)


@test
def nothing_is_left_when_one_of_its_processes_dies(world):
    needs_namespaces()
    for victim in range(3):
        with world.session("good_check", CHECK) as runner:
            processes = runner.processes()
            assert len(processes) == 3, processes
            others = [os.pidfd_open(pid) for pid in processes]
            os.kill(processes[victim], signal.SIGKILL)
            assert runner.wait(1) == -signal.SIGKILL, runner.status
            for pidfd in others:
                gone = select.select([pidfd], [], [], 0.1)[0]
                assert gone, "process %d of 3 outlived number %d" % (others.index(pidfd), victim)
                os.close(pidfd)


def living(name):
    """Processes of that name which are not dead: {pid: whether it can still run code of its own}."""
    found = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open("/proc/%s/stat" % entry) as file:
                stat = file.read()
        except (FileNotFoundError, ProcessLookupError):
            continue
        fields = stat[stat.rindex(")") + 2:].split()
        if "(%s)" % name in stat and fields[0] not in "ZX":
            found[int(entry)] = not int(fields[6]) & 4  # PF_EXITING: the kernel takes it apart
    return found


@test
def killing_the_host_ends_every_runner_at_once(world):
    """200 times, at random moments of starting and of working: nothing lives 100 ms later."""
    seed = int(os.environ.get("SEED", random.randrange(1 << 32)))
    source = random.Random(seed)
    name = "rk%x" % os.getpid()
    program = os.path.join(world.folder, name)
    shutil.copy(world.runner, program)
    world.plugin("hang")
    world.start("good_check").close()  # its closure is looked up once
    slowest, seen = 0.0, 0
    for number in range(200):
        count, moment = source.randint(1, 3), source.choice((0.0, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.02))
        ours, its = socket.socketpair()
        child = os.fork()
        if child == 0:
            try:
                world.runner = program
                options = (*LIMITS, "--parent", str(os.getpid()))
                its.send(b"x")
                runners = []  # kept: an object that goes would end its runner
                for _ in range(count):
                    runners.append(world.start("hang" if source.random() < 0.3 else "good_check", options))
                    # What is on its way to somebody stays open: the end of the socket must not be what ends a runner.
                    socket.send_fds(its, [b"x"], [runners[-1].socket.fileno()])
                for runner in runners:
                    runner.hello()
                    runner.load(CHECK, "fixture.hang")
                signal.pause()
            finally:
                os._exit(1)
        its.close()
        ours.recv(1)
        # The moment of the kill is what is drawn: nothing is waited for.
        time.sleep(source.random() * moment + moment)
        seen += bool(living(name)) if number % 10 == 0 else 0
        os.kill(child, signal.SIGKILL)
        killed = time.monotonic()
        os.waitpid(child, 0)
        while left := living(name):
            late = time.monotonic() - killed
            # On a machine that is busy the kernel may take longer to free what a dead process held.
            assert late < 0.1 or late < 2 and not any(left.values()), \
                "SEED=%d: %s live %.0f ms after their host (round %d)" % (seed, left, 1000 * late, number)
        slowest = max(slowest, time.monotonic() - killed)
        ours.close()
    assert seen > 0, "no round found a runner alive: nothing was tried"
    print("      200 hosts killed, the slowest end after %.1f ms" % (1000 * slowest))


# --- machines that lack a layer ---------------------------------------------------------------------------------------

def wrapper(world):
    path = os.path.join(world.folder, "deny")
    if not os.path.exists(path):
        subprocess.run([world.cc, "-std=c11", "-O1", "-Wall", "-Wextra", "-Werror",
                        os.path.join(ROOT, "Tests", "Runner", "deny.c"), "-o", path, "-lseccomp"], check=True)
    return path


def missing_when(world, prefix, runs=True, options=LIMITS):
    """What HELLO says of each layer that is missing: {bit: (errno, step, item)}. The plugin runs all the same."""
    with world.start("good_check", options, prefix=prefix) as runner:
        try:
            layers, missing = runner.hello()
        except Ended:
            raise AssertionError("%s: %s %s" % (prefix, runner.wait(), os.read(runner.errors, 4096)))
        assert not any(layers >> bit & 1 for bit, _ in missing), (layers, missing)
        loaded = runner.load(CHECK, "fixture.good_check")
        if runs:
            assert loaded[0] == LOADED, error(loaded[1])
            assert runner.create()[0] == CREATED and runner.call(DECLARE)[0] == RESULT
            runner.send(SHUTDOWN)
            assert runner.wait() == 0, runner.status
        else:
            assert loaded[0] == ERROR, loaded
        return {1 << bit: failure(value) for bit, value in missing}


def denied(*calls):
    def decide(function):
        def run(world):
            needs_namespaces()
            function(missing_when(world, (wrapper(world), *calls, "--")))
        run.__name__ = function.__name__
        return test(run)
    return decide


@denied("unshare=%d" % errno.EPERM)
def a_container_that_forbids_namespaces(missing):
    assert missing == {NAMESPACES: (errno.EPERM, STEP_UNSHARE, 0), PRIVATE_ROOT: (errno.EPERM, STEP_UNSHARE, 0)}, missing


@denied("mount=%d" % errno.EPERM)
def a_container_that_forbids_mounts(missing):
    assert missing == {PRIVATE_ROOT: (errno.EPERM, STEP_PRIVATE, 0)}, missing


@denied("open_tree=%d" % errno.ENOSYS)
def a_kernel_before_5_2(missing):
    assert missing == {PRIVATE_ROOT: (errno.ENOSYS, STEP_LIBRARY, 0)}, missing


@denied("mount_setattr=%d" % errno.ENOSYS, "close_range=%d" % errno.ENOSYS)
def a_kernel_before_5_12(missing):
    assert missing == {PRIVATE_ROOT: (errno.ENOSYS, STEP_READ_ONLY, 0)}, missing


@denied("pivot_root=%d" % errno.EINVAL)
def a_root_that_is_an_initial_ram_disk(missing):
    assert missing == {PRIVATE_ROOT: (errno.EINVAL, STEP_PIVOT, 0)}, missing


@denied("landlock_create_ruleset=%d" % errno.ENOSYS)
def a_kernel_without_landlock(missing):
    assert missing == {LANDLOCK: (errno.ENOSYS, 0, 0)}, missing


@denied("landlock_create_ruleset=%d" % errno.EOPNOTSUPP)
def landlock_disabled_at_boot(missing):
    assert missing == {LANDLOCK: (errno.EOPNOTSUPP, 0, 0)}, missing


@denied("pidfd_open=%d" % errno.ENOSYS)
def a_kernel_before_5_3_is_watched_by_death_signals_alone(missing):
    assert missing == {}, missing


@test
def a_limit_of_no_user_namespaces(world):
    needs_namespaces()
    script = 'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"'
    missing = missing_when(world, ("/usr/bin/unshare", "-U", "-r", "/bin/sh", "-c", script, "sh"))
    assert missing.pop(NAMESPACES) == (errno.ENOSPC, STEP_UNSHARE, 0)
    assert missing.pop(PRIVATE_ROOT) == (errno.ENOSPC, STEP_UNSHARE, 0)
    # In there root is the only user that there is: the wrapper's doing, not the limit's.
    assert set(missing) <= {UNPRIVILEGED}, missing


@test
def root_that_cannot_become_nobody_keeps_no_capability(world):
    needs_namespaces()
    with world.start("good_check", LIMITS, prefix=("/usr/bin/unshare", "-U", "-r")) as runner:
        _, missing = runner.hello()
        if os.geteuid() == 0:
            assert UNPRIVILEGED in {1 << bit for bit, _ in missing}, missing
        with open("/proc/%d/status" % runner.inner()) as file:
            held = dict(line.split() for line in file if line.startswith("Cap"))
        assert {int(held[name], 16) for name in ("CapInh:", "CapPrm:", "CapEff:", "CapAmb:")} == {0}, held


@test
def a_machine_without_proc(world):
    needs_namespaces()
    script = 'mount -t tmpfs none /proc; exec "$@"'
    unshare = ("/usr/bin/unshare", "-m") if os.geteuid() == 0 else ("/usr/bin/unshare", "-U", "-r", "-m")
    missing = missing_when(world, (*unshare, "/bin/sh", "-c", script, "sh"), runs=False)
    assert missing[NAMESPACES] == (errno.ENOENT, STEP_ID_MAP, 0), missing
    assert missing[PRIVATE_ROOT] == (errno.ENOENT, STEP_ID_MAP, 0), missing


@test
def a_library_that_the_runner_may_not_reach(world):
    needs_namespaces()
    if os.geteuid() != 0:
        raise Skip("needs root: an ordinary user's own files are his in a user namespace too, whatever their mode")
    closed = os.path.join(world.folder, "closed")
    os.mkdir(closed)
    shutil.copy(world.plugin("good_check"), os.path.join(closed, "libclosed.so"))
    option = library(os.path.join(closed, "libclosed.so"))
    os.chmod(closed, 0o700)
    missing = missing_when(world, (), options=(*option, *LIMITS))
    assert missing == {PRIVATE_ROOT: (errno.EACCES, STEP_LIBRARY, 0)}, missing


@test
def a_machine_whose_devices_are_not_devices(world):
    needs_namespaces()
    script = 'mount --bind /dev /dev && mount -o remount,bind,nodev /dev && exec "$@"'
    if os.geteuid() != 0:
        raise Skip("needs root to mount /dev anew")
    missing = missing_when(world, ("/usr/bin/unshare", "-m", "/bin/sh", "-c", script, "sh"))
    assert missing == {PRIVATE_ROOT: (errno.EACCES, STEP_DEVICE, 0)}, missing
