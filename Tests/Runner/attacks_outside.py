"""Attacks on what lies outside of a process: the network and the files."""

import os
import socket

from attack_scene import Unavailable, setting
from attacks import attack, first_existing, only_root

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
