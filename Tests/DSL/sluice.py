"""The built `sluice dsl`: what it compiles, what its executor and its SQLite make of rows."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import tempfile
from pathlib import Path

from values import Row, text_of


class Refused(Exception):
    """An engine cannot run a program; the place is None when the reason is not a step's."""

    def __init__(self, error: dict):
        self.plan, self.step, self.op = error.get("plan"), error.get("step"), error.get("op")
        self.marker, self.reason = error.get("marker"), error.get("reason") or error.get("message", "")
        super().__init__(f"{self.marker}: {self.reason}")


class Failure(Exception):
    """`sluice` itself ended badly, or refused a program that is well typed."""


def as_json(value, kind: str):
    """As rows of JSON Lines hold it: numbers and truth values as they are, the others as their text."""
    return value if kind in ("int64", "float64", "bool") else text_of(value, kind)


class Sluice:
    def __init__(self, stage: Path):
        self.program = stage / "bin" / "sluice"
        if not self.program.exists():
            raise FileNotFoundError(f"{self.program} is not there: build first (make build)")
        self.folder = tempfile.TemporaryDirectory(prefix="sluice-dsl-")
        self.home = Path(self.folder.name) / "home"
        # Names of files; calls come from two threads.
        self.numbers = itertools.count()

    def call(self, *arguments: str) -> subprocess.CompletedProcess:
        environment = {**os.environ, "SLUICE_HOME": str(self.home)}
        return subprocess.run([self.program, "dsl", *arguments], capture_output=True, env=environment)

    def write(self, name: str, text: str) -> str:
        path = Path(self.folder.name) / f"{next(self.numbers)}-{name}"
        path.write_text(text, encoding="utf-8")
        return str(path)

    def compile(self, document: dict, target: str) -> dict:
        path = self.write("program.json", json.dumps(document))
        done = self.call("compile", path, "--target", target, "--json")
        os.unlink(path)
        return self.answer(done)

    def answer(self, done) -> dict:
        try:
            answer = json.loads(done.stdout)
        except ValueError:
            raise Failure(f"status {done.returncode}: {done.stdout[:300]!r} {done.stderr[:600]!r}") from None
        if "error" in answer:
            if answer["error"].get("marker"):
                raise Refused(answer["error"])
            raise Failure(f"status {done.returncode}: {json.dumps(answer['error'])}")
        if done.returncode:
            raise Failure(f"status {done.returncode} with an answer: {done.stderr[:300]!r}")
        return answer

    def run(self, document: dict, rows: list[list], engine: str) -> list[Row]:
        """The executor or SQLite over the rows."""
        inputs = [(field["name"], field["type"]) for field in document["inputs"]]
        lines = [json.dumps({name: as_json(v, kind) for v, (name, kind) in zip(row, inputs)}) for row in rows]
        path = self.write("program.json", json.dumps(document))
        data = self.write("rows.jsonl", "".join(line + "\n" for line in lines))
        done = self.call("run", path, data, "--engine", engine, "--format", "jsonl", "--cells", "--json")
        os.unlink(path)
        os.unlink(data)
        if done.returncode:
            self.answer(done)
        out = []
        for line in done.stdout.decode().split("\n")[:-1]:
            answer = json.loads(line)
            if "cells" not in answer:
                raise Failure(f"row {len(out)} was refused: {line[:400]}, {lines[len(out)][:400]}")
            out.append(Row(answer["cells"], answer["errors"]))
        if len(out) != len(rows):
            raise Failure(f"{len(rows)} rows went in, and {len(out)} came out: {done.stderr[:600]!r}")
        return out

    def close(self) -> None:
        self.folder.cleanup()
