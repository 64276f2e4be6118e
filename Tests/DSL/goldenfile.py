"""Golden files of the Transform DSL: programs with rows and what comes of them, as text that a person can read.

    == name of the case
    input x text, n int64
    target y
      {"op":"trim","in":["x"],"as":"a"}
      = a
    " b " | 12 => "b"
    "c" | null => null ! 0:0:NOT_INTEGER

Texts stand in JSON's quotes with everything escaped that could not be seen; `"ab" x 500` is a text 500 times over. Other
values stand as their text (docs/dsl.md, "Values"). Behind `!` the failed steps, `plan:step:REASON`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from values import text_of, value_of

FOLDER = Path(__file__).resolve().parent / "golden"
VISIBLE = {"L", "N", "P", "S"}


@dataclass
class Case:
    name: str
    program: dict
    rows: list[list] = field(default_factory=list)
    # For each row the texts of the targets, and its errors.
    cells: list[list[str | None]] = field(default_factory=list)
    errors: list[list[str]] = field(default_factory=list)
    line: int = 0


def quoted(text: str) -> str:
    """In JSON's quotes; marks, blanks other than U+0020, controls and formats escaped."""
    for size in (1, 2, 3, 4):
        if len(text) > 200 and len(text) % size == 0 and text == text[:size] * (len(text) // size):
            return f"{quoted(text[:size])} x {len(text) // size}"
    out = '"'
    for letter in text:
        if letter == " " or (unicodedata.category(letter)[0] in VISIBLE and letter not in '"\\'):
            out += letter
        else:
            out += json.dumps(letter)[1:-1]
    return out + '"'


def named(name: str) -> str:
    """A column's name, in quotes where it is no plain word."""
    return name if re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name) else quoted(name)


def written(text: str | None, kind: str) -> str:
    if text is None:
        return "null"
    return quoted(text) if kind == "text" else text


CELL = re.compile(r'(null|"(?:[^"\\]|\\.)*"(?: x [0-9]+)?|[^ |"]+)')


def read_cell(text: str, kind: str):
    """The text of a value, or None."""
    if text == "null":
        return None
    if not text.startswith('"'):
        return text
    body, _, count = text.rpartition(" x ")
    if body.endswith('"') and count.isdigit():
        return json.loads(body) * int(count)
    return json.loads(text)


def read_cells(text: str, kinds: list[str]) -> list[str | None]:
    cells, at = [], 0
    for place, kind in enumerate(kinds):
        if place:
            assert text[at : at + 3] == " | ", f"` | ` is missing in {text!r}"
            at += 3
        found = CELL.match(text, at)
        cells.append(read_cell(found[1], kind))
        at = found.end()
    assert at == len(text), f"more cells than columns in {text!r}"
    return cells


def dump(case: Case, program) -> str:
    """`program`: the reference's, for the types."""
    lines = [f"== {case.name}", "input " + ", ".join(f"{named(n)} {t}" for n, t in program.inputs.items())]
    for plan in program.plans:
        lines.append(f"target {plan['target']}")
        lines += ["  " + json.dumps(step, ensure_ascii=False, separators=(",", ":")) for step in plan["steps"]]
        lines.append(f"  = {plan['result']}")
    for row, cells, errors in zip(case.rows, case.cells, case.errors):
        left = " | ".join(written(text_of(v, t), t) for v, t in zip(row, program.inputs.values()))
        right = " | ".join(written(c, t) for c, t in zip(cells, program.target_types))
        lines.append(f"{left} => {right}" + (" ! " + " ".join(errors) if errors else ""))
    return "\n".join(lines) + "\n"


def split_row(line: str) -> tuple[str, str, list[str]]:
    """Left of ` => `, right of it, errors; arrows inside quotes do not count."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', lambda m: "_" * len(m[0]), line)
    arrow = bare.index(" => ")
    mark = bare.find(" ! ", arrow)
    right = line[arrow + 4 :] if mark < 0 else line[arrow + 4 : mark]
    return line[:arrow], right, [] if mark < 0 else line[mark + 3 :].split()


def load(path: Path, make_program) -> list[Case]:
    """The cases of a file; `make_program` gives the types of the targets for a document."""
    cases: list[Case] = []
    program = None
    # Only U+000A ends a line.
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if line.startswith("== "):
            cases.append(Case(line[3:], {"inputs": [], "plans": []}, line=number))
            program = None
        elif not line or line.startswith("# "):
            continue
        elif line.startswith("input "):
            fields = re.findall(r'("(?:[^"\\]|\\.)*"|[^ ]+) ([a-z0-9]+(?:\([0-9,]+\))?)(?:, |$)', line[6:])
            cases[-1].program["inputs"] = [
                {"name": json.loads(n) if n.startswith('"') else n, "type": t} for n, t in fields
            ]
        elif line.startswith("target "):
            cases[-1].program["plans"].append({"target": line[7:], "steps": [], "result": ""})
        elif line.startswith("  {"):
            cases[-1].program["plans"][-1]["steps"].append(json.loads(line))
        elif line.startswith("  = "):
            cases[-1].program["plans"][-1]["result"] = line[4:]
        else:
            case = cases[-1]
            program = program or make_program(case.program)
            kinds = list(program.inputs.values())
            left, right, errors = split_row(line)
            case.rows.append([value_of(c, k) for c, k in zip(read_cells(left, kinds), kinds)])
            case.cells.append(read_cells(right, program.target_types))
            case.errors.append(errors)
    return cases
