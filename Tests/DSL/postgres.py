"""A Postgres of the test's own: its data folder, a free port of 127.0.0.1, never as root, stopped by its process id."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

BIN = Path(os.environ.get("SLUICE_PG_BIN", "/usr/lib/postgresql/15/bin"))


class Postgres:
    """Started when made; `close` stops it and removes its folder."""

    def __init__(self, settings: dict[str, str] | None = None):
        if not (BIN / "postgres").exists():
            raise FileNotFoundError(f"{BIN}/postgres is not there: run scripts/setup")
        self.folder = Path(tempfile.mkdtemp(prefix="sluice-dsl-pg-"))
        self.as_user = []
        if os.geteuid() == 0:
            # The server refuses to run as root.
            self.as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            shutil.chown(self.folder, "postgres", "postgres")
        data = self.folder / "data"
        self._call(
            "initdb",
            "-D",
            data,
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-U",
            "postgres",
            "-A",
            "trust",
            "--no-sync",
            "--no-instructions",
        )
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "port": str(self.port),
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "timezone": "UTC",
            "max_connections": "10",
            "autovacuum": "off",
            **(settings or {}),
        }
        command = [*self.as_user, str(BIN / "postgres"), "-D", str(data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        self.log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT, cwd="/")
        self.dsn = f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres"
        self.uri = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def _call(self, program: str, *arguments) -> None:
        done = subprocess.run(
            [*self.as_user, str(BIN / program), *map(str, arguments)], capture_output=True, text=True, cwd="/"
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stdout}{done.stderr}")

    def connect(self, **options):
        """A connection, as soon as the server takes one."""
        import psycopg

        deadline = time.monotonic() + 60
        while True:
            try:
                return psycopg.connect(self.dsn, **options)
            except psycopg.OperationalError as error:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    log = (self.folder / "log").read_text(errors="replace")[-2000:]
                    raise RuntimeError(f"Postgres did not start: {error}\n{log}") from None
                time.sleep(0.02)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # fast shutdown
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
