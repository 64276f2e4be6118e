"""The probes of the peer's p8 as programs of the DSL: what each op asks, and p8's own references for what has to come out.

p8 shows that a portable lowering exists; here the same questions are put to ours. Its file is read, not run: the data and
the reference functions are taken out of it, the engines' spellings are left.
"""

from __future__ import annotations

import ast
import os
from pathlib import Path

import nasty
from batch import Unit
from values import Row

ROOT = Path(__file__).resolve().parent.parent.parent


def step(op: str, place: int, **args) -> dict:
    """A step over the one before it; what it has no value for is null, as in p8."""
    made = {"op": op, "in": ["x" if place == 0 else f"a{place - 1}"], **args, "as": f"a{place}"}
    if op in ("type_cast", "date_parse", "safe_math"):
        made["on_error"] = "null"
    return made


def date(pattern: str) -> list[dict]:
    return [step("date_parse", 0, formats=[pattern], to="date"), step("type_cast", 1, to="text")]


# p8's name of an op: our steps.
PROGRAMS = {
    "trim": [step("trim", 0)],
    "collapse": [step("collapse_whitespace", 0), step("trim", 1)],
    "upper_ascii": [step("case", 0, to="upper", letters="ascii")],
    "upper_simple": [step("case", 0, to="upper", letters="basic")],
    "lower_simple": [step("case", 0, to="lower", letters="basic")],
    "regex digits": [step("regex_extract", 0, pattern="[0-9]+")],
    "nth split 2": [step("regex_split", 0, separator=",", index=1)],
    "concat": [{"op": "concat", "in": ["x", "x"], "separator": "-", "as": "a0"}],
    "int": [step("regex_extract", 0, pattern="^[+\\-]?[0-9]{1,19}$"), step("type_cast", 1, to="int64")],
    # p8's result counts hundredths.
    "decimal2 scaled half-away": [
        step("regex_extract", 0, pattern="^-?[0-9]{1,12}(?:\\.[0-9]{1,6})?$"),
        step("type_cast", 1, to="decimal(18,2)", rounding="half_away"),
        {
            "op": "safe_math",
            "in": ["a1", 100],
            "function": "multiply",
            "to": "decimal(18,0)",
            "as": "a2",
            "on_error": "null",
        },
        step("type_cast", 3, to="int64"),
    ],
    "date iso": date("yyyy-MM-dd"),
    "date dmy": date("dd/MM/yyyy"),
}
DATA = {
    "int": nasty.INTEGERS,
    "decimal2 scaled half-away": nasty.DECIMALS,
    "date iso": nasty.DATES,
    "date dmy": nasty.DAY_FIRST,
}
# p8 names references for them and has no op: pairs of int64.
PAIRS = {"divide": "tdiv", "modulo": "tmod"}


def probes() -> list[tuple[str, list[dict], list[str]]]:
    """The same questions over our own data, for the golden file: name, steps, values."""
    return [(name, steps, DATA.get(name, nasty.TEXTS)) for name, steps in PROGRAMS.items()]


def document(steps: list[dict], kinds: dict[str, str]) -> dict:
    return {
        "inputs": [{"name": n, "type": t} for n, t in kinds.items()],
        "plans": [{"target": "y", "steps": steps, "result": steps[-1]["as"]}],
    }


def peer_file() -> Path | None:
    """`dsl/p8.py` under SLUICE_PEER_BENCH, or beside the checkout."""
    given = os.environ.get("SLUICE_PEER_BENCH")
    folders = [Path(given)] if given else sorted(ROOT.parent.glob("*/bench"))
    return next((folder / "dsl" / "p8.py" for folder in folders if (folder / "dsl" / "p8.py").exists()), None)


def peer_space(path: Path) -> dict:
    """The peer's data and references: its module without imports of engines and without what talks to them."""
    keep: list[ast.stmt] = []
    engines = {"pg", "sl", "dk", "sp", "pl", "P", "F"}
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.ImportFrom):
            continue
        if isinstance(statement, ast.Assign) and getattr(statement.targets[0], "id", "") == "OPS":
            for value in statement.value.values:
                del value.elts[2:]
            keep.append(statement)
            continue
        names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
        if (
            not names & engines
            and not (isinstance(statement, ast.For) and "OPS" in names)
            and not (isinstance(statement, ast.Expr))
        ):
            keep.append(statement)
    space: dict = {}
    exec(compile(ast.Module(keep, []), str(path), "exec"), space)
    return space


def peer_units(path: Path) -> list[Unit]:
    """A unit for each op of the peer; the expected cells are its reference's."""
    space = peer_space(path)
    missing = set(space["OPS"]) ^ set(PROGRAMS)
    if missing:
        raise ValueError(f"the peer's ops are not those that are expressed here: {sorted(missing)}")
    units = []
    for name, (values, wanted) in space["OPS"].items():
        expected = [Row([None if out is None else str(out)], []) for out in map(wanted, values)]
        units.append(Unit(f"p8 {name}", document(PROGRAMS[name], {"x": "text"}), [[v] for v in values], expected))
    for function, name in PAIRS.items():
        steps = [{"op": "safe_math", "in": ["x", "z"], "function": function, "as": "a", "on_error": "null"}]
        expected = [space[name](a, b) for a, b in space["ints"]]
        units.append(
            Unit(
                f"p8 {function}",
                document(steps, {"x": "int64", "z": "int64"}),
                [list(p) for p in space["ints"]],
                [Row([None if out is None else str(out)], []) for out in expected],
            )
        )
    return units
