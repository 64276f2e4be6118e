#!/usr/bin/env python3
"""The peers' whole job as one program of the DSL, three ways: every way has to end in the peers' checksum.

    etl.py [--stage DIR] [--keep FOLDER] [executor|sqlite|postgres …]

etl-program.json says what becomes of 1,000,000 rows of dirty people; what `quarantine` yields are the rejects. The executor
runs it over the CSV file, and its rows are put into SQLite; SQLite and Postgres run what is emitted for them over a staging
table, inside the database. The peers' own verify.py judges. Skipped, and says so, where there is no peer bench
(SLUICE_PEER_BENCH, or one beside the checkout).
"""

from __future__ import annotations

import argparse
import copy
import csv
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from engines import postgres_value
from postgres import Postgres
from sluice import Sluice

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = Path(__file__).resolve().parent / "etl-program.json"
ROWS = 1_000_000
CSV_SHA256 = "0bbbc10e"  # as the peers' README begins it
WANTED = (
    "rows=994055 rejects=5945 reject_id_sum=2963710417 cents=4497666400241 eur=4137853088037 "
    "sha256=102b64360448a3198c856e43114116fdcb4d76e30b91a743d30f83a07101a6e6"
)
COLUMNS = [
    "id",
    "full_name",
    "email",
    "email_domain",
    "phone",
    "country",
    "birth_date",
    "signup_at",
    "amount_cents",
    "eur_cents",
    "status",
]
SQLITE = """create table customers(id integer primary key, full_name text, email text, email_domain text, phone text, country text,
birth_date text, signup_at text, amount_cents integer, eur_cents integer, status text);
create table rejects(id integer primary key, reason text);"""
POSTGRES = """create table customers(id bigint primary key, full_name text, email text, email_domain text, phone text, country text,
birth_date date, signup_at timestamp, amount_cents bigint, eur_cents bigint, status text);
create table rejects(id bigint primary key, reason text);"""


def peer_bench() -> Path | None:
    given = os.environ.get("SLUICE_PEER_BENCH")
    folders = [Path(given)] if given else sorted(ROOT.parent.glob("*/bench"))
    return next((folder / "etl" for folder in folders if (folder / "etl" / "gen.py").exists()), None)


def data(bench: Path, folder: Path) -> Path:
    """The peers' file, made by their program unless it is there."""
    path = folder / "people_1m.csv"
    if not path.exists() or sha256(path)[:8] != CSV_SHA256:
        subprocess.run([sys.executable, bench / "gen.py", str(ROWS), path], check=True)
        made = sha256(path)
        if made[:8] != CSV_SHA256:
            raise SystemExit(f"gen.py made another file: its SHA-256 is {made}")
    return path


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def program(as_text: bool) -> dict:
    """The program; SQLite keeps dates and instants as the texts that the peers write there."""
    document = json.loads(PROGRAM.read_text(encoding="utf-8"))
    if not as_text:
        return document
    document = copy.deepcopy(document)
    for plan in document["plans"]:
        if plan["target"] in ("birth_date", "signup_at"):
            pattern = "yyyy-MM-dd" if plan["target"] == "birth_date" else "yyyy-MM-dd HH:mm:ss"
            plan["steps"].append({"op": "date_format", "in": [plan["result"]], "format": pattern, "as": "written"})
            plan["result"] = "written"
    return document


class Job:
    def __init__(self, stage: Path, bench: Path, folder: Path):
        self.sluice, self.bench, self.folder = Sluice(stage), bench, folder
        self.csv = data(bench, folder)

    def verify(self, *arguments: str, **environment: str) -> str:
        done = subprocess.run(
            [sys.executable, self.bench / "verify.py", *arguments],
            capture_output=True,
            text=True,
            env={**os.environ, **environment},
        )
        return done.stdout.strip() or done.stderr.strip()[-400:]

    def new_sqlite(self, name: str) -> tuple[Path, sqlite3.Connection]:
        path = self.folder / name
        path.unlink(missing_ok=True)
        connection = sqlite3.connect(path, isolation_level=None)
        connection.executescript(SQLITE)
        return path, connection

    def executor(self) -> str:
        """`sluice dsl run` writes every row's cells and errors; a row without errors is a customer."""
        path, connection = self.new_sqlite("executor.db")
        document = program(as_text=True)
        targets = [plan["target"] for plan in document["plans"]]
        plan = self.sluice.write("etl.json", json.dumps(document))
        connection.execute("begin")
        with subprocess.Popen(
            [self.sluice.program, "dsl", "run", plan, self.csv, "--format", "csv", "--cells"], stdout=subprocess.PIPE
        ) as run:
            good, bad = [], []
            for line in run.stdout:
                row = json.loads(line)
                cells = dict(zip(targets, row["cells"]))
                if row["errors"]:
                    bad.append((cells["id"], ";".join(row["errors"])))
                else:
                    good.append([cells[name] for name in COLUMNS])
                if len(good) >= 20000:
                    self.put(connection, good, bad)
            self.put(connection, good, bad)
        if run.returncode:
            raise SystemExit(f"sluice dsl run ended with status {run.returncode}")
        connection.execute("commit")
        connection.close()
        return self.verify("sqlite", str(path))

    @staticmethod
    def put(connection: sqlite3.Connection, good: list, bad: list) -> None:
        connection.executemany(f"insert into customers values ({','.join('?' * len(COLUMNS))})", good)
        connection.executemany("insert into rejects values (?, ?)", bad)
        good.clear()
        bad.clear()

    def postgres(self) -> str:
        """COPY into a staging table, the emitted query into another, then customers and rejects from that."""
        import psycopg

        query = self.sluice.compile(program(as_text=False), "postgres")
        inputs = [field["name"] for field in program(as_text=False)["inputs"]]
        server = Postgres({"shared_buffers": "256MB", "work_mem": "64MB", "max_wal_size": "4GB"})
        try:
            with server.connect(autocommit=True, cursor_factory=psycopg.RawCursor) as connection:
                connection.execute("set timezone = 'UTC'")
                for statement in POSTGRES.split(";")[:-1]:
                    connection.execute(statement)
                connection.execute(
                    "create unlogged table input (rid bigint generated always as identity, "
                    + ", ".join(f"{name} text" for name in inputs)
                    + ")"
                )
                with (
                    connection.cursor().copy(
                        f"copy input ({', '.join(inputs)}) from stdin (format csv, header true, null '\\N')"
                    ) as copy,
                    self.csv.open("rb") as file,
                ):
                    while block := file.read(1 << 20):
                        copy.write(block)
                connection.execute(
                    "create unlogged table made (rid bigint, "
                    + ", ".join(f"{column['name']} {column_type(column['type'])}" for column in query["columns"])
                    + ", errors text)"
                )
                connection.execute(
                    "insert into made " + query["text"], [postgres_value(p) for p in query["parameters"]]
                )
                connection.execute(f"insert into customers select {', '.join(COLUMNS)} from made where errors is null")
                connection.execute("insert into rejects select id, errors from made where errors is not null")
            return self.verify("pg", ANCHOR_PG=server.dsn)
        finally:
            server.close()

    def sqlite(self) -> str:
        """`sluice dsl elt` from a staging table into another file: SQLite reads, computes and writes."""
        path, connection = self.new_sqlite("elt.db")
        document = program(as_text=True)
        plan = self.sluice.write("elt.json", json.dumps(document))
        inputs = [field["name"] for field in document["inputs"]]
        connection.execute("pragma synchronous = off")
        connection.execute(f"create table raw ({', '.join(name + ' text' for name in inputs)})")
        connection.execute("begin")
        with self.csv.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            next(rows)
            connection.executemany(f"insert into raw values ({','.join('?' * len(inputs))})", rows)
        connection.execute("commit")
        connection.close()
        done = self.sluice.call(
            "elt",
            plan,
            "--source",
            f"sqlite:{path}#raw",
            "--target",
            f"sqlite:{path}#customers",
            "--rejects",
            "rejected",
        )
        if done.returncode:
            raise SystemExit(f"sluice dsl elt ended with status {done.returncode}: {done.stderr.decode()[:600]}")
        connection = sqlite3.connect(path)
        connection.execute(
            "insert into rejects select cast(raw.id as integer), errors from rejected join raw on raw.rowid = row"
        )
        connection.commit()
        connection.close()
        return self.verify("sqlite", str(path))


def column_type(kind: str) -> str:
    return {"text": "text", "int64": "bigint", "date": "date", "timestamp": "timestamp"}[kind]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stage", type=Path, default=ROOT / ".build" / "stage" / "debug")
    parser.add_argument(
        "--keep", type=Path, help="where the peers' file is made and kept; without it a temporary folder"
    )
    parser.add_argument("way", nargs="*", help="executor, sqlite, postgres; all without it")
    arguments = parser.parse_args()
    ways = arguments.way or ["executor", "sqlite", "postgres"]
    bench = peer_bench()
    if bench is None:
        print("skip etl: there is no peer bench; SLUICE_PEER_BENCH names its folder")
        print(f"0 passed, 0 failed, {len(ways)} skipped")
        return 0
    failed = 0
    with tempfile.TemporaryDirectory(prefix="sluice-etl-") as temporary:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        job = Job(arguments.stage, bench, folder)
        for way in ways:
            began = time.monotonic()
            found = getattr(job, way)()
            right = found == WANTED
            failed += not right
            print(f"{'ok  ' if right else 'FAIL'} {way} {time.monotonic() - began:.1f} s: {found}", flush=True)
            if not right:
                print(f"     wanted {WANTED}")
    print(f"{len(ways) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
