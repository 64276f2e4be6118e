"""The sandbox: its layers, what it refuses, what it kills, for whom."""

import errno
import json
import os
import shutil
import signal
import struct
import subprocess

from host import *  # noqa: F403
from world import *  # noqa: F403


@test
def hello_names_every_layer(world):
    with world.start("good_check") as runner:
        layers, missing = runner.hello()
        assert layers == ALL_LAYERS and not missing, (bin(layers), missing)


@test
def the_process_is_what_hello_says(world):
    with world.start("good_check", stray=0) as runner:
        runner.hello()
        for pid in runner.processes():
            status = dict(line.split(":\t", 1) for line in open("/proc/%d/status" % pid) if ":\t" in line)
            assert status["NoNewPrivs"].strip() == "1", status
            assert int(status["Uid"].split()[0]) != 0 and int(status["CapEff"], 16) == 0, status
            assert status["Seccomp"].strip() == "2" or pid != runner.inner(), status
            if os.geteuid() == 0:
                assert int(status["CapBnd"], 16) == 0 and status["Groups"].strip() == "", status
                limits = open("/proc/%d/limits" % pid).read()
                assert any(line.split()[4:6] == ["0", "0"] for line in limits.splitlines() if "core file" in line)
                held = sorted(map(int, os.listdir("/proc/%d/fd" % pid)))
                if pid == runner.inner():
                    assert held == [0, 1, 2, 3, 4], "descriptors were inherited or left open: %s" % held
                else:
                    links = {os.readlink("/proc/%d/fd/%d" % (pid, fd)) for fd in held}
                    assert all("pidfd" in link or link.startswith("pipe:") for link in links) and len(held) < 3, links


@test
def forbidden_operations_fail_in_a_constructor(world):
    with world.start("open_socket_on_load") as runner:
        runner.hello()
        kind, payload, _ = runner.load(PROVIDER, "fixture.open_socket_on_load")
        assert kind == LOADED, error(payload)
        at = 4
        for _ in range(2):
            at += 4 + struct.unpack_from("<I", payload, at)[0]
        size = struct.unpack_from("<I", payload, at + 8)[0]
        tried = json.loads(payload[at + 12:at + 12 + size])
        assert tried["uid"] != 0
        for name in ("socket", "passwd", "parent", "environ", "write", "kill", "limit", "plugin", "network", "mounts",
                     "cgroup", "task_stat", "handle", "parent_clock"):
            # EPERM, EACCES, and where there is a private root ENOENT
            assert tried[name] in ((1, 2, 13) if HAS_NAMESPACES else (1, 13)), (name, tried)
        assert tried["clone3"] == 38 and tried["setpriority"] == 0 and tried["own_stat"] == 0, tried
        assert tried["parent_stat"] == 2, tried  # ENOENT: no thread of this process


@test
def a_path_that_the_host_names_is_readable(world):
    with world.start("open_socket_on_load", (*LIMITS, "--readable", "/etc/passwd")) as runner:
        runner.hello()
        kind, payload, _ = runner.load(PROVIDER, "fixture.open_socket_on_load")
        assert kind == LOADED and b'"passwd":0,' in payload and (b'"parent":2,' if HAS_NAMESPACES else b'"parent":13,') in payload, payload


def forbidden(call):
    def run(world):
        with world.session("open_socket_on_load", PROVIDER) as runner:
            try:
                kind, payload, _ = runner.call(INFER, text(call))
                raise AssertionError("survived %s: %s" % (call, error(payload) if kind == ERROR else kind))
            except Ended:
                assert runner.wait() == -signal.SIGSYS, runner.status
    run.__name__ = call + "_kills"
    return test(run)


for name in ("fork", "vfork", "execve", "ptrace", "io_uring", "connect", "bind", "sendmsg", "unshare", "mount", "tgkill",
             *(("x32", "int80") if os.uname().machine == "x86_64" else ())):
    forbidden(name)


@test
def the_memory_limit_holds(world):
    with world.session("bad_batch", CONNECTOR, ("--memory-bytes", str(300 << 20))) as runner:
        kind, payload, _ = runner.call(SCAN, text('{"table":"big"}'))
        assert kind == ERROR and "no values buffer" in error(payload)[3], "480 MB were had under a limit of 300"


@test
def the_cpu_limit_ends_a_loop(world):
    with world.start("hang_on_load", ("--cpu-seconds", "1")) as runner:
        runner.hello()
        try:
            runner.load(CHECK, "fixture.hang_on_load")
            raise AssertionError("it came back")
        except Ended:
            assert runner.wait() in (-signal.SIGXCPU, -signal.SIGKILL), runner.status


@test
def an_ordinary_user_gets_the_same(world):
    setpriv = shutil.which("setpriv")
    if os.geteuid() != 0 or not setpriv:
        raise Skip("needs root and setpriv; run the whole test as an ordinary user instead")
    with world.session("good_check", CHECK,
                       prefix=(setpriv, "--reuid=12345", "--regid=12345", "--clear-groups")) as runner:
        assert " 12345" in open("/proc/%d/status" % runner.inner()).read().replace("\t", " ")
        assert runner.call(DECLARE)[0] == RESULT
    with world.start("good_check",
                     prefix=(setpriv, "--reuid=12345", "--regid=12345", "--clear-groups")) as runner:
        assert runner.hello() == (ALL_LAYERS, set())


@test
def it_loads_no_library_that_it_does_not_use(world):
    """Every start would pay for it, and every plugin would have it in its process."""
    listed = subprocess.run(["readelf", "-dW", world.runner], capture_output=True, text=True, check=True).stdout
    needed = {line.split("[")[1].split("]")[0].split(".so")[0] for line in listed.splitlines() if "(NEEDED)" in line}
    assert needed - {"libdl", "libpthread"} == {"libc", "libseccomp"}, needed


@test
def a_test_build_takes_single_layers(world):
    chosen = {"none": PDEATHSIG, "all": ALL_LAYERS, "seccomp": SECCOMP, "landlock": LANDLOCK, "rlimits": RLIMITS,
              "no_new_privs": NO_NEW_PRIVS, "unprivileged,seccomp": UNPRIVILEGED | SECCOMP}
    if HAS_NAMESPACES:
        chosen |= {"namespaces": NAMESPACES, "private_root": PRIVATE_ROOT}
    for names, expected in chosen.items():
        with world.start("good_check", layers=names) as runner:
            layers, missing = runner.hello()
            assert layers == expected | PDEATHSIG, (names, bin(layers), missing)
            assert missing == {(i, errno.ECANCELED) for i in range(8) if not layers >> i & 1}, (names, missing)
    for arguments in (["--layers=all", "4"], ["4", "--layers=all"]):
        done = subprocess.run([world.runner, *arguments], capture_output=True, text=True)
        assert done.returncode == EXIT_USAGE, "the installed runner takes --layers"
    done = subprocess.run([world.layered_runner(), "--layers=seccomp,what", "4"], capture_output=True, text=True)
    assert done.returncode == EXIT_USAGE and "--layers" in done.stderr, done
