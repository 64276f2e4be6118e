#!/usr/bin/env python3
"""Writes the table of units that the host is built with: scripts/make-units.py [--check]

Host/Transform/UnitTable.swift is made of registry/units.json, so that the two cannot differ. With --check nothing is
written: status 1 when the file is not what this script makes.
"""
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "registry" / "units.json"
TABLE = ROOT / "Host" / "Transform" / "UnitTable.swift"

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


def main() -> int:
    text = swift()
    if "--check" in sys.argv[1:]:
        same = TABLE.is_file() and TABLE.read_text(encoding="utf-8") == text
        if not same:
            print(f"{TABLE.relative_to(ROOT)} is not what registry/units.json makes: run scripts/make-units.py")
        return 0 if same else 1
    TABLE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
