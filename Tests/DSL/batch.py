"""Many programs as one: so that an engine plans and starts once for all of them.

Every case keeps rows of its own. They lie beside each other in columns of their own (`c3_x` is the third case's x), and a
case with fewer rows than the longest is filled up with nulls, which nobody compares.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from reference import Program
from values import Row


@dataclass
class Unit:
    """A program with its rows and what comes of them."""

    name: str
    program: dict
    rows: list[list]
    expected: list[Row]

    @property
    def is_plain(self) -> bool:
        """Whether its columns may be renamed without taking away what it tests."""
        names = [field["name"] for field in self.program["inputs"]]
        return all(re.fullmatch("[a-z][a-z0-9_]*", name) for name in names) and "select" not in names


class Batch:
    def __init__(self, units: list[Unit]):
        self.units = units
        if len(units) == 1:
            self.document, self.rows = units[0].program, units[0].rows
            self.firsts = [0]
        else:
            self.firsts, self.document, self.rows = self._merge()
        self.inputs = [(field["name"], field["type"]) for field in self.document["inputs"]]

    def _merge(self):
        firsts, inputs, plans = [], [], []
        count = max(len(unit.rows) for unit in self.units)
        rows: list[list] = [[] for _ in range(count)]
        for number, unit in enumerate(self.units):
            names = {field["name"]: f"c{number}_{field['name']}" for field in unit.program["inputs"]}
            inputs += [{"name": names[f["name"]], "type": f["type"]} for f in unit.program["inputs"]]
            firsts.append(len(plans))
            for place, plan in enumerate(unit.program["plans"]):

                def moved(name):
                    return names.get(name, name) if isinstance(name, str) else name

                plans.append(
                    {
                        "target": f"t{number}_{place}",
                        "steps": [{**step, "in": [moved(name) for name in step["in"]]} for step in plan["steps"]],
                        "result": plan["result"] if plan["steps"] else moved(plan["result"]),
                    }
                )
            for place in range(count):
                rows[place] += unit.rows[place] if place < len(unit.rows) else [None] * len(names)
        return firsts, {"inputs": inputs, "plans": plans}, rows

    def unit_of_plan(self, plan: int) -> int:
        """The place of the unit that a plan belongs to."""
        return max(place for place, first in enumerate(self.firsts) if first <= plan)

    def split(self, rows: list[Row]) -> list[list[Row]]:
        """What came out, by unit, with the numbers of its own plans."""
        out = []
        for number, unit in enumerate(self.units):
            first, count = self.firsts[number], len(unit.program["plans"])
            own = []
            for row in rows[: len(unit.rows)]:
                errors = []
                for error in row.errors:
                    plan, rest = error.split(":", 1)
                    if first <= int(plan) < first + count:
                        errors.append(f"{int(plan) - first}:{rest}")
                own.append(Row(row.cells[first : first + count], errors))
            out.append(own)
        return out

    def without(self, places: set[int]) -> "Batch | None":
        kept = [unit for place, unit in enumerate(self.units) if place not in places]
        return Batch(kept) if kept else None


def batches(units: list[Unit], plans: int) -> list[Batch]:
    """Batches of about so many plans; what may not be renamed goes alone."""
    out, held, count = [], [], 0
    for unit in units:
        if not unit.is_plain:
            out.append(Batch([unit]))
            continue
        if held and count + len(unit.program["plans"]) > plans:
            out.append(Batch(held))
            held, count = [], 0
        held.append(unit)
        count += len(unit.program["plans"])
    if held:
        out.append(Batch(held))
    return out


def unit(name: str, program: dict, rows: list[list]) -> Unit:
    return Unit(name, program, rows, Program(program).run(rows))
