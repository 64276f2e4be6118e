#!/usr/bin/env python3
"""Writes the table of units that the host is built with, and the one in the docs: scripts/make-units.py [--check]

Host/Transform/UnitTable.swift and a part of docs/dsl-time.md are made of registry/units.json, so that they cannot
differ. With --check nothing is written: status 1 when a file is not what this script makes.
"""
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "registry" / "units.json"
TABLE = ROOT / "Host" / "Transform" / "UnitTable.swift"
DOCS = ROOT / "docs" / "dsl-time.md"
MARKS = ("<!-- units: written by scripts/make-units.py -->\n", "<!-- end of units -->\n")

HEAD = """/// Units of registry/units.json, which this file is made of by scripts/make-units.py; change it there.
enum UnitTable {
    /// A unit: one of it is `factor` of its dimension's base unit, plus `offset`. Exact quotients in lowest terms.
    struct Unit: Sendable {
        let id: String
        let dimension: Int
        let factor: (numerator: Int64, denominator: Int64)
        let offset: (numerator: Int64, denominator: Int64)

        init(
            _ id: String, _ dimension: Int, _ factor: (numerator: Int64, denominator: Int64),
            offset: (numerator: Int64, denominator: Int64) = (0, 1)
        ) {
            self.id = id
            self.dimension = dimension
            self.factor = factor
            self.offset = offset
        }
    }

"""


def quotient(pair) -> str:
    """As swift format wants numbers: grouped from seven digits on."""
    over, under = (f"{number:_}" if number > 999_999 else str(number) for number in pair)
    return f"({over}, {under})"


def swift() -> str:
    document = json.loads(SOURCE.read_text(encoding="utf-8"))
    names = ", ".join(f'"{dimension["id"]}"' for dimension in document["dimensions"])
    lines = [
        "    /// The registry's version of the units.",
        f'    static let version = "{document["units_version"]}"',
        "",
        "    static let dimensions = [",
    ]
    row = "       "
    for name in names.split(", "):
        if len(row) + 2 + len(name) > 119:
            lines.append(row)
            row = "       "
        row += f" {name},"
    lines += [row, "    ]", "", "    static let units: [Unit] = ["]
    for place, dimension in enumerate(document["dimensions"]):
        for unit in dimension["units"]:
            offset = ""
            if "offset" in unit:
                offset = f", offset: {quotient(unit['offset'])}"
            factor = quotient(unit["factor"])
            lines.append(f'        Unit("{unit["id"]}", {place}, {factor}{offset}),')
    return HEAD + "\n".join(lines) + "\n    ]\n}\n"


def docs() -> str:
    """The page with its table anew."""
    document = json.loads(SOURCE.read_text(encoding="utf-8"))
    lines = [f"Version {document['units_version']}.", "", "| dimension | units, the base first |", "|---|---|"]
    for dimension in document["dimensions"]:
        units = sorted(dimension["units"], key=lambda unit: unit["id"] != dimension["base"])
        cells = [f"`{unit['id']}` {unit['name']}" for unit in units]
        lines.append(f"| {dimension['id'].replace('_', ' ')} | {', '.join(cells)} |")
    text = DOCS.read_text(encoding="utf-8")
    begin, end = text.index(MARKS[0]) + len(MARKS[0]), text.index(MARKS[1])
    return text[:begin] + "\n" + "\n".join(lines) + "\n\n" + text[end:]


def main() -> int:
    status = 0
    for path, text in ((TABLE, swift()), (DOCS, docs())):
        if "--check" not in sys.argv[1:]:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            print(f"{path.relative_to(ROOT)} is not what registry/units.json makes: run scripts/make-units.py")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
