"""A host in miniature for sluice-prober: starts one check on one plugin and reads its outcome."""

import fcntl
import json
import os
import re
import select
import signal
import socket
import subprocess
import time

KINDS = {"provider": 1, "connector": 2, "check": 3}
LIMITS = {"memory_bytes": 256 << 20, "cpu_s": 60, "wall_s": 30, "descriptors": 32, "threads": 8}
ABI = ["older_host", "newer_host", "short_struct", "oversized_struct", "unknown_extension", "garbage_id", "double_init",
       "two_instances", "create_destroy", "release_once", "release_after_move", "borrowed_kept", "wrong_thread",
       "cancel_race", "callback_after_destroy", "describe_time", "arguments"]
SANDBOX = ["network", "files", "exec", "ptrace", "signals", "io_uring", "namespaces", "code", "memory", "threads",
           "descriptors", "time"]
# Without the cache of freed blocks of each thread, what the heap holds is what was not freed.
ENVIRONMENT = {"LANG": "C.UTF-8", "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}
CHECKS = ABI + SANDBOX


def library(path):
    status = os.stat(path)
    device, inode, changed = status.st_dev, status.st_ino, status.st_ctime_ns
    return ["--library", "%d:%d:%d:%s" % (device, inode, changed, path)]


def closure(plugin):
    listed = subprocess.run(["ldd", plugin], capture_output=True, text=True).stdout
    return [word for path in re.findall(r"(?:=> |^\t)(/\S+) \(0x", listed, re.MULTILINE) for word in library(path)]


def sealed(data):
    fd = os.memfd_create("sealed", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    while data:
        data = data[os.write(fd, data):]
    fcntl.fcntl(fd, 1033, 0xF)  # F_ADD_SEALS: SEAL, SHRINK, GROW, WRITE
    return fd


class Subject:
    """A plugin with what its manifest says; `sources` and `resources` are bytes, `http` pairs of path and body."""

    def __init__(self, path, kind, identity, version="0.1.0", language="c", limits=LIMITS, sources=(), resources=(),
                 config="{}", http=None, call=None, directories=()):
        self.path, self.kind, self.identity, self.version = path, kind, identity, version
        self.language, self.limits, self.sources, self.resources = language, limits, sources, resources
        self.config, self.http, self.call, self.directories = config, http, call, directories
        with open(path, "rb") as file:
            self.image = file.read()
        self.closure = closure(path)

    def arguments(self, highest):
        limits = self.limits
        memory = limits["memory_bytes"] + (512 << 20) + (72 << 20) * limits["threads"]
        return [str(highest), "--parent", str(os.getpid()), "--memory-bytes", str(memory),
                "--cpu-seconds", str(limits["cpu_s"]), "--descriptors", str(max(limits["descriptors"], highest + 16)),
                *self.closure, *(word for folder in self.directories for word in ("--library-dir", folder)),
                "--calls", self.language, "--kind", str(KINDS[self.kind]), "--id", self.identity,
                "--version", self.version, "--config", self.config, "--limit-memory", str(limits["memory_bytes"]),
                "--limit-threads", str(limits["threads"]), "--limit-descriptors", str(limits["descriptors"]),
                "--limit-cpu", str(limits["cpu_s"]), "--limit-wall", str(int(limits["wall_s"] * 1000)),
                "--minimum", "7"]


def outcome_of(lines, nonce, status):
    """The first JSON line, as the host takes it: with the nonce, behind a call, of a process that ended well."""
    said = next((json.loads(line) for line in lines if line.startswith("{")), None)
    if said is None:
        return None
    if said.get("nonce") != nonce or not any(line.startswith(">") for line in lines) or status != 0:
        return {"status": "Crashed", "detail": "an outcome that is not the prober's own"}
    return said


def run(prober, subject, check, seed=1, seconds=60, show=False):
    """(status, detail): what the prober said, or Crashed with the signal and the call in which it died."""
    ours, theirs = socket.socketpair()
    files = [theirs.fileno(), sealed(subject.image)]
    extra = []
    for data in subject.sources:
        extra += ["--stream", str(3 + len(files))]
        files.append(sealed(data))
    for name, data in subject.resources:
        extra += ["--resource", "%s=%d" % (name, 3 + len(files))]
        files.append(sealed(data))
    if subject.http is not None:
        extra += ["--http", "yes", *(["--call", subject.call] if subject.call else [])]
        for path, body in subject.http:
            extra += ["--http-answer", "200:%d:%s" % (3 + len(files), path)]
            files.append(sealed(body))
    null = os.open("/dev/null", os.O_RDWR)
    wanted = [null, null, 2 if show else null, *files]
    high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 200) for fd in wanted]
    actions = [(os.POSIX_SPAWN_DUP2, fd, number) for number, fd in enumerate(high)]
    nonce = os.urandom(16).hex()
    argv = [prober, *subject.arguments(len(wanted) - 1), *extra, "--check", check, "--seed", str(seed),
            "--nonce", nonce]
    pid = os.posix_spawn(prober, argv, ENVIRONMENT, file_actions=actions)
    for fd in (*high, null, *files[1:]):
        os.close(fd)
    theirs.close()
    said, until, late = b"", time.monotonic() + seconds, False
    while True:
        if not select.select([ours], [], [], max(0, until - time.monotonic()))[0]:
            os.kill(pid, signal.SIGKILL)
            late = True
            break
        more = ours.recv(1 << 20)
        if not more:
            break
        said += more
        last = said.rfind(b"\n>", 0, max(0, len(said) - 4096))
        said = said[last + 1:] if last > 0 else said
    ours.close()
    status = os.waitpid(pid, 0)[1]
    lines = said.decode("ascii", "replace").splitlines()
    outcome = outcome_of(lines, nonce, status)
    if outcome:
        return outcome["status"], outcome.get("detail", "")
    call = next((line[1:] for line in reversed(lines) if line.startswith(">")), "its start")
    if late:
        return "Crashed", "it did not end within %g s, in %s" % (seconds, call)
    how = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else "status %d" % os.WEXITSTATUS(status)
    return "Crashed", "%s in %s" % (how, call)
