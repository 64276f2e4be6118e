"""A host in miniature: starts sluice-runner as the real one does and speaks Host/Runner/include/wire.h with it."""

import fcntl
import mmap
import os
import select
import socket
import struct
import time

LOAD, CREATE, CALL, CANCEL, SHUTDOWN, HTTP_RESPONSE, BATCH_DONE, MANY_CALLS = range(1, 9)
(HELLO, LOADED, CREATED, RESULT, ERROR, BATCH, LOG, PROGRESS, HTTP_REQUEST, BATCH_AT,
 RESULTS) = range(64, 75)
INFER, EMBED, TOKEN_ESTIMATE, HEALTH, SUBMIT, POLL = 1, 2, 3, 4, 5, 6
INVENTORY, SCHEMA, SPLIT, SCAN = 16, 17, 18, 19
DECLARE, BEGIN, UPDATE, MERGE, FINISH, UPDATE_AT = 32, 33, 34, 35, 36, 37
WIRE_VERSION, SLOTS, SLOT_SIZE, INLINE_BATCH, MOST_CALLS = 2, 2, 64 << 20, 32 << 10, 4096
PROVIDER, CONNECTOR, CHECK = 1, 2, 3
INT64, FLOAT64, UTF8, BOOL = 2, 3, 4, 1
EXIT_USAGE, EXIT_PROTOCOL, EXIT_CLOSED, EXIT_ORPHAN, EXIT_LIBRARY = 64, 65, 66, 67, 68
SECCOMP, LANDLOCK, RLIMITS, NO_NEW_PRIVS, UNPRIVILEGED, PDEATHSIG, NAMESPACES, PRIVATE_ROOT = (1 << i for i in range(8))
(STEP_UNSHARE, STEP_ID_MAP, STEP_PRIVATE, STEP_LIBRARY, STEP_FILE, STEP_DEVICE, STEP_TMPFS, STEP_PLUGIN,
 STEP_READ_ONLY, STEP_PIVOT) = range(1, 11)
POLICY_BLOCK, RATE_LIMIT, TIMEOUT, QUOTA_EXHAUSTED, TRANSIENT_ERROR, DETERMINISTIC_FAILURE = 1, 4, 5, 6, 7, 8


class Ended(Exception):
    """The runner closed its socket."""


def text(value):
    data = value.encode() if isinstance(value, str) else bytes(value)
    return struct.pack("<I", len(data)) + data


def batch(columns, rows):
    """columns: (type, flags, name, nulls, validity, offsets, values), buffers as bytes."""
    head = 16 + sum(4 + 4 + 4 + len(c[2].encode()) + 8 + 48 for c in columns)
    at = (head + 7) // 8 * 8
    out = struct.pack("<IIQ", 0x31424C53, len(columns), rows)
    body = b""
    for kind, flags, name, nulls, *buffers in columns:
        out += struct.pack("<II", kind, flags) + text(name) + struct.pack("<Q", nulls)
        for data in buffers:
            out += struct.pack("<QQ", at + len(body), len(data))
            body += data + bytes(-len(data) % 8)
    return out + bytes(-len(out) % 8) + body


def read_batch(data):
    """The columns of a wire batch, as (type, flags, name, nulls, validity, offsets, values), and the rows."""
    magic, count, rows = struct.unpack_from("<IIQ", data)
    assert magic == 0x31424C53, hex(magic)
    at, columns = 16, []
    for _ in range(count):
        kind, flags, size = struct.unpack_from("<III", data, at)
        name = bytes(data[at + 12:at + 12 + size]).decode()
        at += 12 + size
        fields = struct.unpack_from("<7Q", data, at)
        at += 56
        buffers = []
        for i in range(3):
            offset, length = fields[1 + 2 * i], fields[2 + 2 * i]
            assert offset % 8 == 0 and offset + length <= len(data), (offset, length, len(data))
            buffers.append(bytes(data[offset:offset + length]))
        columns.append((kind, flags, name, fields[0], *buffers))
    return columns, rows


def sealed_memfd(path):
    fd = os.memfd_create("plugin", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with open(path, "rb") as file:
        data = file.read()
    while data:
        data = data[os.write(fd, data):]
    fcntl.fcntl(fd, 1033, 0x1 | 0x2 | 0x4 | 0x8)  # F_ADD_SEALS: SEAL, SHRINK, GROW, WRITE
    return fd


class Region:
    """Memory that is shared with a runner, as wire.h says; `fd` is what the runner inherits."""

    def __init__(self, to_runner):
        self.fd = os.memfd_create("region", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.fd, SLOTS * SLOT_SIZE)
        protection = mmap.PROT_READ | mmap.PROT_WRITE if to_runner else mmap.PROT_READ
        self.memory = mmap.mmap(self.fd, SLOTS * SLOT_SIZE, mmap.MAP_SHARED, protection)
        # F_ADD_SEALS: SEAL, SHRINK, GROW, and for what the runner may only read FUTURE_WRITE
        fcntl.fcntl(self.fd, 1033, 0x1 | 0x2 | 0x4 | (0x10 if to_runner else 0))

    def put(self, slot, data):
        self.memory[slot * SLOT_SIZE:slot * SLOT_SIZE + len(data)] = data

    def get(self, slot, size):
        return self.memory[slot * SLOT_SIZE:slot * SLOT_SIZE + size]

    def close(self):
        self.memory.close()
        os.close(self.fd)


class Runner:
    def __init__(self, program, plugin, options=(), extra=(), stray=None, environment=None, prefix=(),
                 before=()):
        self.call_number = 0
        ours, theirs = socket.socketpair()
        ours.settimeout(20)
        self.socket = ours
        null = os.open("/dev/null", os.O_RDWR)
        self.errors, errors_write = os.pipe()
        memory = sealed_memfd(plugin)
        wanted = [null, null, errors_write, theirs.fileno(), memory, *extra]
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 200) for fd in wanted]
        actions = [(os.POSIX_SPAWN_DUP2, fd, number) for number, fd in enumerate(high)]
        if stray is not None:
            actions.append((os.POSIX_SPAWN_DUP2, stray, 150))
        argv = [*prefix, program, *before, str(len(wanted) - 1), *options]
        self.pid = os.posix_spawn(argv[0], argv, environment or {}, file_actions=actions)
        for fd in (*high, null, errors_write, memory):
            os.close(fd)
        theirs.close()
        self.status = None

    def processes(self):
        """The runner's processes, the one that the host started first and the plugin's last."""
        found = [self.pid]
        for pid in found:
            try:
                with open("/proc/%d/task/%d/children" % (pid, pid)) as file:
                    found += map(int, file.read().split())
            except FileNotFoundError:
                pass
        return found

    def inner(self):
        """The process that holds the plugin."""
        return self.processes()[-1]

    def send(self, kind, payload=b"", call=None):
        number = self.call_number if call is None else call
        self.socket.sendall(struct.pack("<IHHII", len(payload), kind, 0, number, 0) + payload)

    def exactly(self, size):
        data = bytearray(size)
        view, got = memoryview(data), 0
        while got < size:
            try:
                n = self.socket.recv_into(view[got:])
            except ConnectionResetError:
                n = 0
            if n == 0:
                raise Ended()
            got += n
        return data

    def receive(self):
        size, kind, zero, call, zero2 = struct.unpack("<IHHII", self.exactly(16))
        assert zero == 0 and zero2 == 0
        return kind, call, bytes(self.exactly(size)) if size < 1 << 20 else self.exactly(size)

    def hello(self):
        kind, _, payload = self.receive()
        assert kind == HELLO, kind
        version, major, minor, layers, missing = struct.unpack_from("<IIIQI", payload)
        assert (version, major, len(payload)) == (WIRE_VERSION, 0, 24 + 8 * missing), payload
        # errno, and above it the step and its item
        return layers, {struct.unpack_from("<Ii", payload, 24 + 8 * i) for i in range(missing)}

    def load(self, kind, identity, version="1.0.0", services=0, streams=(), resources=(), deadline=0,
             relay=None, regions=(-1, -1)):
        payload = struct.pack("<qi", deadline, kind) + text(identity) + text(version) + text("0.1.0")
        payload += struct.pack("<QI", services, len(streams))
        payload += b"".join(struct.pack("<iQ", fd, size) for fd, size in streams)
        payload += struct.pack("<I", len(resources))
        payload += b"".join(text(name) + struct.pack("<iQ", fd, size) for name, fd, size in resources)
        payload += b"" if relay is None else struct.pack("<i", relay)
        self.send(LOAD, payload + struct.pack("<ii", *regions))
        return self.answer()

    def create(self, config="{}", deadline=0):
        self.send(CREATE, struct.pack("<q", deadline) + text(config))
        return self.answer()

    def start(self, method, arguments=b"", deadline=0):
        self.call_number += 1
        self.send(CALL, struct.pack("<Iq", method, deadline) + arguments)

    def call(self, method, arguments=b"", deadline=0):
        self.start(method, arguments, deadline)
        return self.answer()

    def answer(self):
        """(kind, payload, [frames before it])"""
        before = []
        while True:
            kind, call, payload = self.receive()
            assert call == self.call_number, (kind, call, self.call_number)
            if kind in (LOG, PROGRESS, BATCH, BATCH_AT):
                before.append((kind, payload))
                continue
            return kind, payload, before

    def wait(self, seconds=10):
        """Exit status, or minus the signal."""
        end = time.monotonic() + seconds
        pidfd = os.pidfd_open(self.pid)
        try:
            ready, _, _ = select.select([pidfd], [], [], max(0, end - time.monotonic()))
        finally:
            os.close(pidfd)
        if not ready:
            return None
        _, status = os.waitpid(self.pid, 0)
        self.status = os.waitstatus_to_exitcode(status)
        return self.status

    def close(self):
        if self.status is None:
            os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)
            self.status = -9
        self.socket.close()
        os.close(self.errors)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def failure(value):
    """errno, step and item of what HELLO says of a missing layer."""
    return value & 0xFFF, value >> 12 & 0xF, value >> 16


def error(payload):
    code, retryable, after = struct.unpack_from("<iIQ", payload)
    size = struct.unpack_from("<I", payload, 16)[0]
    assert len(payload) == 20 + size
    return code, retryable, after, payload[20:].decode()


def update_error(payload):
    """As `error`, of UPDATE and UPDATE_AT, whose answer ends with the bits of the slots that are free."""
    return *error(payload[:-4]), struct.unpack("<I", payload[-4:])[0]
