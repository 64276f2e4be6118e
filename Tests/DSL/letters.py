"""The case table of the reference: this Python's own, where it maps one scalar to one, and what came after it.

CPython 3.11 knows Unicode 14; DSL 1.1 pins Unicode 17. The pairs of 15 to 17 stand here as their charts name them.
"""

from __future__ import annotations

import unicodedata

# (capital, small) of the blocks and letters that Unicode 16 and 17 added; 15 added none.
LATER = [
    (0x1C89, 0x1C8A),  # Cyrillic TJE
    (0xA7CB, 0x0264),
    (0xA7CC, 0xA7CD),
    (0xA7DA, 0xA7DB),
    (0xA7DC, 0x019B),  # Latin, 16.0
    (0xA7CE, 0xA7CF),
    (0xA7D2, 0xA7D3),
    (0xA7D4, 0xA7D5),  # Latin, 17.0
    *[(0x10D50 + n, 0x10D70 + n) for n in range(22)],  # Garay
    *[(0x16EA0 + n, 0x16EBB + n) for n in range(25)],  # Beria Erfe
]

assert unicodedata.unidata_version == "14.0.0", "the table of this Python is another one: mend LATER"


def _table() -> tuple[dict[str, str], dict[str, str]]:
    upper, lower = {}, {}
    for code in (*range(0xD800), *range(0xE000, 0x110000)):
        letter = chr(code)
        for mapping, made in ((upper, letter.upper()), (lower, letter.lower())):
            if len(made) == 1 and made != letter:
                mapping[letter] = made
    for capital, small in LATER:
        upper[chr(small)], lower[chr(capital)] = chr(capital), chr(small)
    # Its full mapping has two scalars; the table takes the simple one.
    lower["\u0130"] = "i"
    return upper, lower


UPPER, LOWER = _table()


def change(text: str, to: str, letters: str) -> str:
    """`to`: upper or lower; `letters`: unicode, basic (U+0000–U+FFFF) or ascii."""
    last = {"unicode": 0x10FFFF, "basic": 0xFFFF, "ascii": 0x7F}[letters]
    table = UPPER if to == "upper" else LOWER
    out = ""
    for letter in text:
        made = table.get(letter, letter)
        # ascii is A–Z and a–z alone: U+212A (Kelvin) has a small letter inside, but is not inside itself.
        out += made if ord(letter) <= last else letter
    return out
