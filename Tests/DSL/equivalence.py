#!/usr/bin/env python3
"""The equivalence suite of the Transform DSL: one meaning, six ways to run it (docs/dsl-equivalence.md).

    equivalence.py --stage DIR [--random N] [--seed TEXT] [--only golden|random|p8] [--target NAME …]

Golden cases, the peer's probes and random programs over random nasty rows go through the executor, SQLite, Postgres, DuckDB,
Spark and Polars, and every cell and every error is held against the reference. A target may refuse a program by a marker;
a marker that no golden case meets is a failure too. Run it with .build/engines/bin/python.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import os
import sys
import time
from collections import Counter
from pathlib import Path

import generator
import goldenfile
import make_golden
import p8
from batch import Batch, Unit, batches, unit
from engines import EngineError, Engines
from reference import Program
from values import Row
from sluice import Failure, Refused, Sluice

ROOT = Path(__file__).resolve().parent.parent.parent
TARGETS = ("executor", "sqlite", "postgres", "duckdb", "spark", "polars")
OWN = ("executor", "sqlite")
# The time that Spark takes to plan a query grows faster than the query.
# Refusals that no row of the table can say: they lie in the values of one program.
LIMITS = (
    "are one name there", "exceed 128 bits", "exceed its integers", "cannot hold U+0000", "a currency sign",
    "the offset is as large",
)
SPARK_PLANS = 8


class Suite:
    def __init__(self, stage: Path, targets: tuple[str, ...], most: int):
        self.sluice, self.engines, self.targets = Sluice(stage), Engines(), targets
        self.passed, self.failed, self.skipped = Counter(), Counter(), Counter()
        self.cells, self.refused, self.markers = Counter(), Counter(), Counter()
        self.seconds: Counter = Counter()
        self.shown, self.most = 0, most
        # Each takes a few hundred runs.
        self.shrinks = 12

    def say(self, text: str) -> None:
        self.shown += 1
        if self.shown <= self.most:
            print(text, flush=True)
        elif self.shown == self.most + 1:
            print("… further differences are counted, not shown", flush=True)

    # --- running ---

    def once(self, target: str, batch: Batch) -> list[list[Row]]:
        """What a target makes of a batch. Raises Refused, Failure or EngineError."""
        began = time.monotonic()
        try:
            if target in OWN:
                return batch.split(self.sluice.run(batch.document, batch.rows, target))
            query = self.sluice.compile(batch.document, target)
            return batch.split(self.engines.run(target, query, batch.inputs, batch.rows))
        finally:
            self.seconds[target] += time.monotonic() - began

    def results(self, target: str, units: list[Unit]) -> list:
        """For each unit its rows, or the exception that stands for them: refusals are taken out, faults found by halves."""
        if not units:
            return []
        batch = Batch(units)
        try:
            return self.once(target, batch)
        except Refused as refusal:
            if len(units) == 1:
                return [refusal]
            if refusal.plan is not None:
                place = batch.unit_of_plan(refusal.plan)
                rest = self.results(target, units[:place] + units[place + 1 :])
                return [*rest[:place], refusal, *rest[place:]]
        except (Failure, EngineError) as failure:
            if len(units) == 1:
                return [failure]
        half = len(units) // 2
        return self.results(target, units[:half]) + self.results(target, units[half:])

    def fault(self, target: str, one: Unit, result) -> str | None:
        """What is wrong with what came of a unit, for people; None when it is right."""
        if isinstance(result, Refused):
            if result.marker not in ("never", "notyet") or not result.reason:
                return f"it is refused without a marker: {result}"
            if target == "executor":
                return f"the executor refuses it: {result}"
            return None
        if isinstance(result, Exception):
            return f"{type(result).__name__}: {str(result)[:1500]}"
        wrong = [(place, got, want) for place, (got, want) in enumerate(zip(result, one.expected)) if got != want]
        if not wrong:
            return None
        lines = [f"{len(wrong)} of {len(result)} rows differ"]
        for place, got, want in wrong[:4]:
            lines += [
                f"  row  {[short(v) for v in one.rows[place]]}",
                f"  got  {[short(c) for c in got.cells]} {got.errors}",
                f"  want {[short(c) for c in want.cells]} {want.errors}",
            ]
        return "\n".join(lines)

    def check(self, units: list[Unit], plans: int, shrink: bool) -> None:
        """Spark, which is most of the work, beside all the others."""
        spark = [target for target in self.targets if target == "spark"]
        others = [target for target in self.targets if target != "spark"]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for made in [pool.submit(self.targets_of, part, units, plans) for part in (spark, others)]:
                for target, one, result in made.result():
                    self.judge(target, one, result, shrink)

    def targets_of(self, targets: list[str], units: list[Unit], plans: int) -> list[tuple[str, Unit, object]]:
        out = []
        for target in targets:
            for batch in batches(units, SPARK_PLANS if target == "spark" else plans):
                out += [(target, one, result) for one, result in zip(batch.units, self.results(target, batch.units))]
        return out

    def judge(self, target: str, one: Unit, result, shrink: bool) -> None:
        fault = self.fault(target, one, result)
        if isinstance(result, Refused):
            self.refused[target] += 1
            self.markers[(target, result.op, result.marker, result.reason)] += 1
        if fault is None:
            self.passed[target] += 1
            if not isinstance(result, Exception):
                self.cells[target] += len(one.rows) * len(one.program["plans"])
            return
        self.failed[target] += 1
        if shrink and self.shrinks > 0:
            self.shrinks -= 1
            one, fault = self.shrunk(target, one, fault)
        self.say(f"FAIL {target}: {one.name}\n{fault}\n  {json.dumps(one.program, ensure_ascii=False)}")

    def shrunk(self, target: str, one: Unit, fault: str) -> tuple[Unit, str]:
        def smaller(program: dict, rows: list[list]) -> tuple[Unit, str | None]:
            candidate = unit(one.name, program, rows)
            result = self.results(target, [candidate])[0]
            # A cut may turn a difference into a refusal, which is another thing.
            return candidate, None if isinstance(result, Refused) else self.fault(target, candidate, result)

        program, rows = generator.shrink(one.program, one.rows, lambda p, r: smaller(p, r)[1] is not None)
        candidate, found = smaller(program, rows)
        return (candidate, found) if found else (one, fault)

    # --- parts ---

    def golden(self) -> None:
        files = make_golden.build()
        for name, text in files.items():
            path = goldenfile.FOLDER / name
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                self.failed["reference"] += 1
                self.say(
                    f"FAIL reference: golden/{name} is not what it says; run Tests/DSL/make_golden.py and read the difference"
                )
        for path in sorted(goldenfile.FOLDER.glob("*.txt")):
            if path.name not in files:
                self.failed["reference"] += 1
                self.say(f"FAIL reference: golden/{path.name} is written by nobody")
            units = []
            for case in goldenfile.load(path, Program):
                rows = [Row(cells, errors) for cells, errors in zip(case.cells, case.errors)]
                units.append(Unit(f"golden/{path.name}:{case.line} {case.name}", case.program, case.rows, rows))
                self.cells["golden"] += len(case.rows) * len(case.program["plans"])
            self.check(units, 24, shrink=False)

    def random(self, count: int, seed: str) -> None:
        print(f"random programs: SLUICE_DSL_SEED={seed}", flush=True)
        for first in range(0, count, 300):
            units = []
            for number in range(first, min(first + 300, count)):
                program, rows = generator.Generator(f"{seed}/{number}").program(24)
                units.append(unit(f"random {seed}/{number}", program, rows))
            self.check(units, 24, shrink=True)
            if count > 300:
                print(f"{first + len(units)} programs, {sum(self.failed.values())} failures", flush=True)

    def peer(self) -> None:
        path = p8.peer_file()
        if path is None:
            self.skipped["p8"] += 1
            print(
                "skip p8: there is no peer bench; SLUICE_PEER_BENCH names its folder (golden/probes.txt asks the same)"
            )
            return
        units = p8.peer_units(path)
        before = dict(self.cells)
        self.check(units, 24, shrink=False)
        for target in self.targets:
            print(f"p8 {target}: {self.cells[target] - before.get(target, 0)} cells equal the peer's reference")

    def support(self) -> None:
        """Every marker of the table is met by a golden case; a marker that nothing meets hides an engine that agrees."""
        done = self.sluice.call("matrix", "--json")
        try:
            table = json.loads(done.stdout)["markers"]
        except (ValueError, KeyError):
            self.failed["markers"] += 1
            self.say(f"FAIL markers: `sluice dsl matrix --json` says {done.stdout[:300]!r} {done.stderr[:300]!r}")
            return
        met = {(target, op, marker, reason) for target, op, marker, reason in self.markers}
        known = {(row["engine"], row["op"], row["marker"], row["reason"]) for row in table}
        for target, op, marker, reason in met - known:
            if not any(words in reason for words in LIMITS):
                self.failed["markers"] += 1
                self.say(f"FAIL markers: {target} refuses {op}, {marker}: {reason}; the table of markers has no such row")
        for row in table:
            key = (row["engine"], row["op"], row["marker"], row["reason"])
            if row["engine"] not in self.targets:
                continue
            if key in met:
                self.passed["markers"] += 1
            else:
                self.failed["markers"] += 1
                self.say(f"FAIL markers: nothing is refused as {key}: take the marker away, or add a golden case")

    def report(self) -> int:
        for target in (*self.targets, "reference", "markers"):
            if target in self.targets or self.passed[target] or self.failed[target]:
                print(
                    f"{target:9} {self.passed[target]:6} programs right, {self.failed[target]} wrong, of them {self.refused[target]} refused "
                    f"by a marker; {self.cells[target]} cells equal; {self.seconds[target]:.1f} s"
                )
        for (target, op, marker, reason), count in sorted(self.markers.items(), key=str):
            print(f"  {target} {op} {marker}: {reason} ({count})")
        passed, failed, skipped = (sum(c.values()) for c in (self.passed, self.failed, self.skipped))
        print(f"{passed} passed, {failed} failed, {skipped} skipped")
        return 1 if failed else 0

    def close(self) -> None:
        self.engines.close()
        self.sluice.close()


def short(value) -> str:
    text = ascii(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 120 else f"{text[:100]}… ({len(text)} characters)"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stage", type=Path, default=ROOT / ".build" / "stage" / "debug")
    parser.add_argument("--random", type=int, default=300, metavar="N")
    parser.add_argument("--seed", default=os.environ.get("SLUICE_DSL_SEED") or f"{time.time_ns() % 10**9}")
    parser.add_argument("--only", choices=["golden", "random", "p8"], action="append")
    parser.add_argument("--target", choices=TARGETS, action="append")
    parser.add_argument("--show", type=int, default=40, metavar="N", help="how many differences are shown")
    arguments = parser.parse_args()
    parts = arguments.only or ["golden", "p8", "random"]
    suite = Suite(arguments.stage, tuple(arguments.target or TARGETS), arguments.show)
    try:
        if "golden" in parts:
            suite.golden()
            suite.support()
        if "p8" in parts:
            suite.peer()
        if "random" in parts:
            suite.random(arguments.random, arguments.seed)
        return suite.report()
    finally:
        suite.close()


if __name__ == "__main__":
    sys.exit(main())
