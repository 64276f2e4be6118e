#!/usr/bin/env python3
"""Writes golden/OP.txt: the cases stand here, what comes of them is the reference's.

    make_golden.py            writes the files
    make_golden.py --check    status 1 when a file is not what the reference says
"""
from __future__ import annotations

import sys

import goldenfile
import nasty
from goldenfile import Case
from reference import Program
from values import decimal_type

CASES: dict[str, list[Case]] = {}


def rows_of(values: list) -> list[list]:
    """One column; null among them."""
    return [[value] for value in dict.fromkeys([*values, None])]


def one(op: str, name: str, values: list, kind: str = "text", **args) -> None:
    """A program of one step over one column."""
    many(op, name, [("x", kind)], rows_of(values), [{"op": op, "in": ["x"], **args, "as": "a"}])


def many(file: str, name: str, inputs: list[tuple[str, str]], rows: list[list], *plans: list[dict]) -> None:
    """A plan for each list of steps; the result is its last step's."""
    document = {
        "inputs": [{"name": n, "type": t} for n, t in inputs],
        "plans": [{"target": f"y{place}" if place else "y", "steps": steps, "result": steps[-1]["as"]}
                  for place, steps in enumerate(plans)],
    }
    CASES.setdefault(file, []).append(Case(name, document, rows))


def texts() -> None:
    edges = [w for w in nasty.WHITE] + [w + "a" + w for w in nasty.WHITE] + ["a" + w + "b" for w in nasty.WHITE]
    alike = [w + "a" + w for w in nasty.LOOKALIKES]
    one("trim", "each of the 25 white space code points", edges + ["".join(nasty.WHITE) + "m" + "".join(nasty.WHITE)])
    one("trim", "what only looks like white space stays", alike)
    one("trim", "texts of all kinds", nasty.TEXTS + nasty.LONG)
    runs = [w + w for w in nasty.WHITE] + ["a" + w + " " + w + "b" for w in nasty.WHITE]
    one("collapse_whitespace", "each of the 25 white space code points", edges[:25] + edges[50:] + runs)
    one("collapse_whitespace", "what only looks like white space stays", alike)
    one("collapse_whitespace", "texts of all kinds", nasty.TEXTS + nasty.LONG + ["".join(nasty.WHITE), "a" + "".join(nasty.WHITE) + "b"])
    many("collapse_whitespace", "with trim on either side", [("x", "text")], rows_of(nasty.TEXTS[:40]),
         [{"op": "collapse_whitespace", "in": ["x"], "as": "a"}, {"op": "trim", "in": ["a"], "as": "b"}],
         [{"op": "trim", "in": ["x"], "as": "a"}, {"op": "collapse_whitespace", "in": ["a"], "as": "b"}])


def case_tables() -> None:
    import letters

    every = sorted(set(letters.UPPER) | set(letters.LOWER))
    blocks = ["".join(every[at:at + 64]) for at in range(0, len(every), 64)]
    for to in ("upper", "lower"):
        one("case", f"{to}: every letter that the table changes, 64 a cell", blocks, to=to)
        for kind in ("unicode", "basic", "ascii"):
            extra = {} if kind == "unicode" else {"letters": kind}
            one("case", f"{to}, {kind}: letters at the table's edges", nasty.CASED, to=to, **extra)
            if kind != "unicode":
                one("case", f"{to}, {kind}: every letter of the table", blocks, to=to, **extra)
        one("case", f"{to}: texts of all kinds", nasty.TEXTS + nasty.LONG[:4], to=to)
    # Twice is as once; up and down is no identity.
    many("case", "lower of upper and upper of lower", [("x", "text")], rows_of(nasty.CASED),
         [{"op": "case", "in": ["x"], "to": "upper", "as": "a"}, {"op": "case", "in": ["a"], "to": "lower", "as": "b"}],
         [{"op": "case", "in": ["x"], "to": "lower", "as": "a"}, {"op": "case", "in": ["a"], "to": "upper", "as": "b"}])


PATTERNS = [
    "[0-9]+", "[a-z]+", "[^a-z]+", "^[0-9]+", "[0-9]+$", "^[0-9]+$", "^$", "^.*$", "a.b", "a\\.b", "^[^@]*@([^@]+)$", "([0-9]+)-",
    "(?:ab)+", "^(?:ab|cd)*$", "x|y", "(a|b)c", "[\\u0000-\\u007f]+", "é", "[é-ü]+", "[α-ωΑ-Ω]+", "👨", "[😀-🙏👨]", "a{3}", "a{2,}",
    "^a{0,2}$", "[a-c]{2,3}", "\\$[0-9]+", "[$]([0-9]+)", "\\(([0-9]+)\\)", "[\\]\\[]", "[-a]+", "[a\\-]+", "[\\^]", "\\\\",
    "\\t", "[\\t\\n\\r ]+", "b?c", "^(a)?b", "(a)?b", "[.]", "\u2003", "[^\\n]+", ".", "^.", ".$", "\\n$", "a$", "^a",
]
PATTERNS = [p for p in PATTERNS if "\\u" not in p]
SUBJECTS = nasty.TEXTS + ["ab", "b", "a.b", "axb", "a\nb", "aéb", "a😀b", "12-34", "2024-01", "$12", "(555) 1", "[x]", "a-b", "^",
                          "\\", "\t", "aaa", "aaaaaa", "ababab", "abcd", "bc", "c", "user@host", "user@", "@host", "12\n", "12\n34",
                          "ac", "bcbc", "a\n", "\na"]


def patterns() -> None:
    for pattern in PATTERNS:
        if pattern in ("^.*$", "^[0-9]+$", "[0-9]+", "[^\\n]+"):
            subjects = SUBJECTS
        else:
            subjects = [s for s in SUBJECTS if _matches(pattern, s)][:8] + [s for s in SUBJECTS if not _matches(pattern, s)][:5]
        one("regex_extract", f"pattern {pattern}", subjects, pattern=pattern)
    one("regex_extract", "the whole match where there is a group", SUBJECTS[-24:], pattern="(a)?b", group=0)
    one("regex_extract", "the digits of dates", nasty.DATES, pattern="^([0-9]{4})-[0-9]{2}-[0-9]{2}$")
    one("regex_extract", "long texts", nasty.LONG, pattern="[^a ]+")
    for index in (0, 1, 2, -1, -2, 7, -7):
        one("regex_split", f"piece {index} between commas", ["", ",", ",,", "a", "a,b", "a,b,c", ",a", "a,", "a,,b", "é,👨\u200d👩,ß", "a, b",
                                                         "1,2,3,4,5,6,7,8,9", nasty.LONG[4]], separator=",", index=index)
    for separator in (" ", "||", ".", "$", "\\", "aa", "é", "👨", "'", "[", "\t", "ab"):
        one("regex_split", f"at the text {separator}", ["", separator, "x" + separator + "y", separator * 2, separator * 3, "x" + separator,
                                                   separator + "x", "aaa", "a.b.c", "xyz", "a$b", "a\\b"], separator=separator, index=1)
        one("regex_split", f"all pieces at the text {separator}, joined by -", ["", separator, "x" + separator + "y", separator * 3, "aaaa", "ababab"],
            separator=separator, join="-")
    for pattern in ("[^0-9]+", "[,;]", "[,;] *", "^a", "a$", "ab|cd", "(a)b", "[ \\t\\n]+", "é+", "[^a-zA-Z]", "-{2,3}", "\\.", "x[0-9]?", "^[+]"):
        one("regex_split", f"at {pattern}, pieces joined by nothing", [s for s in SUBJECTS if _matches(pattern, s)][:10] + ["", "zzz", "a", "aa", "a;b, c", "x1x22x", "----", "+49 30"],
            pattern=pattern, join="")
        one("regex_split", f"at {pattern}, second piece", [s for s in SUBJECTS if _matches(pattern, s)][:8] + ["", "a;b, c", "x1x22x", "-----", "+49 30"],
            pattern=pattern, index=1)
        one("regex_split", f"at {pattern}, last piece", [s for s in SUBJECTS if _matches(pattern, s)][:6] + ["", "a;b, c", "x1x22x"], pattern=pattern, index=-1)
    one("regex_split", "joined by what engines read as a reference", ["a1b", "1", "abc", "1a2"], pattern="[0-9]", join="\\1$0&${x}")
    one("regex_split", "pieces of texts of all kinds", nasty.TEXTS, pattern="[^a-z]+", join="|")


def _matches(pattern: str, text: str) -> bool:
    from reference import python_pattern

    return python_pattern(pattern).search(text) is not None


def dictionaries() -> None:
    pairs = [["a", "b"], ["", ""], ["", "b"], ["a", ""], ["a", None], [None, "b"], [None, None], ["é", "👨\u200d👩"], [" ", "\t"],
             ["'", '"'], ["\\", "%"], ["$1", "{0}"], ["null", "NULL"], ["\u0301", "e"], ["a" * 2000, "b" * 2000]]
    inputs = [("x", "text"), ("z", "text")]
    for args in ({}, {"separator": ""}, {"separator": " "}, {"separator": "', '"}, {"separator": "\\"}, {"prefix": "<", "suffix": ">"},
                 {"nulls": "skip"}, {"nulls": "skip", "separator": "-"}, {"nulls": "skip", "separator": "-", "prefix": "(", "suffix": ")"},
                 {"nulls": "propagate", "separator": "é\n", "prefix": "$1"}, {"separator": "%s", "suffix": "?"}):
        many("concat", f"two texts, {args}", inputs, pairs, [{"op": "concat", "in": ["x", "z"], **args, "as": "a"}])
    many("concat", "one text, with a prefix", [("x", "text")], rows_of(nasty.TEXTS[:30]),
         [{"op": "concat", "in": ["x"], "prefix": "+", "as": "a"}])
    three = [[a, b, c] for a in ("1", "", None) for b in ("2", "", None) for c in ("3", "", None)]
    for nulls in ("propagate", "skip"):
        many("concat", f"three texts, {nulls}", [("x", "text"), ("y1", "text"), ("z", "text")], three,
             [{"op": "concat", "in": ["x", "y1", "z"], "separator": ",", "nulls": nulls, "as": "a"}])
    many("concat", "one column sixteen times", [("x", "text")], rows_of(["", "ab", "é", "\n"]),
         [{"op": "concat", "in": ["x"] * 16, "separator": ".", "as": "a"}])
    keys = {"US": "United States", "UK": "GB", "": "empty", " ": "blank", "é": "composed", "ß": "ss", "gone": None,
            "'": "quote", "\\": "slash", "$1": "dollar", "null": "the word", "A": "a", "a": "A", "👨\u200d👩": "pair", "%": "p", "x": ""}
    subjects = [*keys, "e\u0301", "us", "Us", "US ", " US", "uk", "SS", "ss", "é ", "👨", "GONE", "b", "NULL", "", "\u00a0", "other"]
    for default in (None, "?", "", {"keep": True}, {"error": True}):
        for null in (None, "n/a", ""):
            one("map_dict", f"default {default}, null {null!r}", subjects, map=keys, default=default, null=null)
    one("map_dict", "a key of two scalars, which is not the letter composed of them", ["é", "e\u0301", "e", "Å", "A\u030a", "\u212b"],
        map={"e\u0301": "two scalars", "\u212b": "angstrom"}, default={"keep": True}, null=None)
    one("map_dict", "an empty dictionary", subjects[:6], map={}, default={"keep": True}, null="?")
    one("map_dict", "an error that nobody reports", subjects[:20], map=keys, default={"error": True}, null=None, on_error="null")
    big = {f"key {n}": f"value {n * 7919 % 1000}" for n in range(1000)}
    one("map_dict", "a thousand keys", ["key 0", "key 1", "key 999", "key 1000", "key  1", "Key 1"], map=big, default=None, null=None)


def numbers() -> None:
    one("type_cast", "text to int64", nasty.INTEGERS, to="int64")
    one("type_cast", "text to int64, empty is an error, nothing reported", nasty.INTEGERS[:30], to="int64", empty="error", on_error="null")
    one("type_cast", "text to int64, empty is an error", ["", " ", "1", "x"], to="int64", empty="error")
    for mark in ",", " ", "'", "_":
        one("type_cast", f"text to int64, grouped by {mark}", [g.replace(",", mark) for g in nasty.GROUPED[:24] + nasty.GROUPED[-8:]], to="int64", grouping=mark)
    one("type_cast", "text to int64, a currency sign", nasty.GROUPED, to="int64", grouping=",", currency=["$", "€", "USD"])
    for kind in ("decimal(18,2)", "decimal(5,2)", "decimal(18,0)", "decimal(18,18)", "decimal(3,3)", "decimal(1,0)"):
        one("type_cast", f"text to {kind}", nasty.DECIMALS, to=kind)
        one("type_cast", f"text to {kind}, half away from zero", nasty.DECIMALS, to=kind, rounding="half_away")
    one("type_cast", "text to decimal, grouped, dollars", nasty.GROUPED, to="decimal(18,2)", grouping=",", currency=["$"])
    one("type_cast", "text to decimal, grouped, rounded", nasty.GROUPED, to="decimal(12,2)", grouping=",", currency=["$", "€"], rounding="half_away")
    swapped = [g.translate(str.maketrans(",.", ".,")) for g in nasty.GROUPED]
    one("type_cast", "text to decimal, decimal comma", swapped, to="decimal(18,3)", grouping=".", decimal_mark=",", currency=["€", "USD"])
    one("type_cast", "text to decimal, decimal comma, no grouping", ["1,5", "1.5", "-0,25", ",5", "1,", "1,5,5", "0,005", "12,345"], to="decimal(9,2)", decimal_mark=",")
    one("type_cast", "text to float64", nasty.FLOATS, to="float64")
    one("type_cast", "text to bool", nasty.BOOLEANS, to="bool")
    one("type_cast", "text to date", nasty.DATES, to="date")
    one("type_cast", "text to timestamp", nasty.INSTANTS, to="timestamp")
    one("type_cast", "text to date, empty is an error", ["", "2024-01-01", "x"], to="date", empty="error")
    one("type_cast", "text to text", nasty.TEXTS[:12], to="text")
    one("type_cast", "int64 to text", nasty.INT64, "int64", to="text")
    one("type_cast", "int64 to float64", nasty.INT64, "int64", to="float64")
    for kind in ("decimal(18,0)", "decimal(18,2)", "decimal(5,2)", "decimal(18,18)"):
        one("type_cast", f"int64 to {kind}", nasty.INT64, "int64", to=kind)
    one("type_cast", "float64 to text", nasty.FLOAT64, "float64", to="text")
    one("type_cast", "bool to text", [True, False], "bool", to="text")
    one("type_cast", "date to text", nasty.DAYS, "date", to="text")
    one("type_cast", "timestamp to text", nasty.STAMPS, "timestamp", to="text")
    for kind in ("decimal(18,2)", "decimal(18,0)", "decimal(18,18)", "decimal(5,3)"):
        data = nasty.decimals(*decimal_type(kind))
        for to in ("text", "float64", "decimal(18,2)", "decimal(4,1)", "decimal(18,6)", "int64"):
            if to != kind:
                one("type_cast", f"{kind} to {to}", data, kind, to=to)
        one("type_cast", f"{kind} to int64, half away", data, kind, to="int64", rounding="half_away")


def arithmetic() -> None:
    ends = [0, 1, -1, 2, -2, 3, 7, -7, 10, -10, 2**31, 3037000500, -3037000500, 2**62, -(2**62), 2**63 - 1, -(2**63), 2**63 - 2]
    pairs = [[a, b] for a in ends for b in (0, 1, -1, 2, -3, 10, 2**32, 2**63 - 1, -(2**63))] + [[None, 1], [1, None], [None, None], [None, 0]]
    for function in ("add", "subtract", "multiply", "divide", "modulo"):
        many("safe_math", f"{function} of int64", [("x", "int64"), ("z", "int64")], pairs,
             [{"op": "safe_math", "in": ["x", "z"], "function": function, "as": "a"}])
    for function in ("negate", "absolute"):
        one("safe_math", f"{function} of int64", nasty.INT64, "int64", function=function)
        one("safe_math", f"{function} of decimal(18,2)", nasty.decimals(18, 2), "decimal(18,2)", function=function, to="decimal(18,2)")
        one("safe_math", f"{function} of decimal(18,2) into decimal(3,1)", nasty.decimals(18, 2), "decimal(18,2)", function=function, to="decimal(3,1)")
    for function, literal in (("add", 1), ("subtract", -1), ("multiply", 3), ("divide", 7), ("divide", 0), ("modulo", 7), ("modulo", -7), ("modulo", -1),
                              ("multiply", -(2**53 - 1)), ("divide", -1)):
        many("safe_math", f"{function} with the literal {literal}", [("x", "int64")], rows_of(nasty.INT64),
             [{"op": "safe_math", "in": ["x", literal], "function": function, "as": "a"}])
    many("safe_math", "a literal before a column", [("x", "int64")], rows_of([0, 1, -1, 7, -7, 2**63 - 1, -(2**63)]),
         [{"op": "safe_math", "in": [100, "x"], "function": "divide", "as": "a"}], [{"op": "safe_math", "in": [-100, "x"], "function": "modulo", "as": "a"}])
    money = nasty.decimals(18, 2)
    for factor in ("0.92", "-0.92", "0.5", "1.005", "0.00000000000000001", "0"):
        many("safe_math", f"decimal(18,2) times {factor}", [("x", "decimal(18,2)")], rows_of(money),
             [{"op": "safe_math", "in": ["x", {"decimal": factor}], "function": "multiply", "to": "decimal(18,2)", "as": "a"}])
        many("safe_math", f"decimal(18,2) by {factor}", [("x", "decimal(18,2)")], rows_of(money),
             [{"op": "safe_math", "in": ["x", {"decimal": factor}], "function": "divide", "to": "decimal(18,3)", "as": "a"}])
    small = nasty.decimals(5, 3)
    mixed = [[a, b] for a in nasty.decimals(9, 2)[::2] for b in small[::4]] + [[None, 1], [1, None]]
    for function in ("add", "subtract", "multiply", "divide"):
        for to in ("decimal(18,4)", "decimal(6,1)", "decimal(18,0)"):
            many("safe_math", f"{function} of decimals into {to}", [("x", "decimal(9,2)"), ("z", "decimal(5,3)")], mixed,
                 [{"op": "safe_math", "in": ["x", "z"], "function": function, "to": to, "as": "a"}])
    both = [[a, b] for a in (0, 1, -1, 7, 10**16, 10**17, 2**63 - 1, -(2**63)) for b in (0, 1, -1, 5, 150, 10**18 - 1, -(10**18) + 1)]
    for function in ("add", "subtract", "multiply", "divide"):
        many("safe_math", f"{function} of int64 and decimal(18,2)", [("x", "int64"), ("z", "decimal(18,2)")], both,
             [{"op": "safe_math", "in": ["x", "z"], "function": function, "to": "decimal(18,2)", "as": "a"}])
    for function in ("multiply", "divide", "add"):
        many("safe_math", f"{function} of decimal(18,18)", [("x", "decimal(18,18)"), ("z", "decimal(18,0)")],
             [[a, b] for a in nasty.decimals(18, 18)[::3] for b in (0, 1, -1, 3, 10**18 - 1)],
             [{"op": "safe_math", "in": ["x", "z"], "function": function, "to": "decimal(18,9)", "as": "a"}])


def conversions() -> None:
    pairs = [("km", "m"), ("m", "km"), ("mi", "km"), ("km", "mi"), ("in", "cm"), ("cm", "in"), ("ft", "m"), ("m", "ft_us"), ("lb", "kg"), ("kg", "lb"), ("oz", "g"),
             ("gal_us", "L"), ("degC", "degF"), ("degF", "degC"), ("degC", "K"), ("K", "degF"), ("m", "m")]
    for source, target in pairs:
        one("unit_convert", f"int64 {source} to decimal(18,3) {target}", [0, 1, -1, 2, 3, 5, 10, 12, 100, -40, 37, 212, 451, 12345, 10**9, 2**53, 2**63 - 1, -(2**63)], "int64",
            **{"from": source, "to": target, "type": "decimal(18,3)"})
        one("unit_convert", f"float64 {source} to {target}", [0.0, 1.0, -1.0, 0.1, 2.5, 100.0, 98.6, -40.0, 1e308, 1.7976931348623157e308, -1e308, 5e-324, 1e-300, 123456.789, 1 / 3],
            "float64", **{"from": source, "to": target, "type": "float64"})
    for source, target in pairs[2:6] + pairs[12:16]:
        one("unit_convert", f"decimal(9,2) {source} to int64 {target}", nasty.decimals(9, 2)[:24], "decimal(9,2)", **{"from": source, "to": target, "type": "int64"})
        one("unit_convert", f"decimal(18,6) {source} to decimal(18,6) {target}", nasty.decimals(18, 6), "decimal(18,6)", **{"from": source, "to": target, "type": "decimal(18,6)"})
    one("unit_convert", "too large for two digits", [0, 1, 9, 10, 99, 100, 999, 1000, 2499, 2500, -1000], "int64", **{"from": "m", "to": "km", "type": "decimal(2,1)"})


def times() -> None:
    one("date_parse", "dates, year first", nasty.DATES, formats=["yyyy-MM-dd"], to="date")
    one("date_parse", "dates, day first", nasty.DAY_FIRST, formats=["dd/MM/yyyy"], to="date")
    one("date_parse", "dates in two forms", nasty.DATES + nasty.DAY_FIRST, formats=["yyyy-MM-dd", "dd/MM/yyyy"], to="date")
    one("date_parse", "day or month first: the first pattern that fits", nasty.DAY_FIRST + ["13/02/2024", "02/13/2024", "12/12/2024", "31/02/2024"], formats=["MM/dd/yyyy", "dd/MM/yyyy"], to="date")
    one("date_parse", "short days and months", ["1/2/2024", "01/02/2024", "31/12/2024", "1/13/2024", "32/1/2024", "0/1/2024", "001/1/2024", "1/2/24", "", "1/02/2024"], formats=["d/M/yyyy"], to="date")
    for pivot in (0, 50, 69, 99):
        one("date_parse", f"years of two digits, pivot {pivot}", ["010100", "010150", "010168", "010169", "010170", "010198", "010199", "290200", "290201", "290224", "310424", "1", "", "0101000"],
            formats=["ddMMyy"], to="date", pivot=pivot)
    one("date_parse", "no separators", ["20240229", "20230229", "2024022", "202402290", "00010101", "00000101", "99991231", "", "2024O229"], formats=["yyyyMMdd"], to="date")
    one("date_parse", "letters in quotes", ["2024 at 02 o'clock 29", "2024 at 02 o'clock 30", "2024 at 2 o'clock 29", ""], formats=["yyyy' at 'MM' o''clock 'dd"], to="date")
    one("date_parse", "an empty text is an error", ["", "2024-01-01", "x"], formats=["yyyy-MM-dd"], to="date", empty="error")
    one("date_parse", "nothing reported", nasty.DATES[:20], formats=["yyyy-MM-dd"], to="date", on_error="null")
    offsets = ["2024-02-29T12:34:56" + o for o in ("Z", "z", "+00:00", "-00:00", "+02:00", "-05:30", "+14:00", "-12:00", "+18:00", "-18:00", "+18:01", "-18:01", "+17:60", "+19:00", "+23:59", "+24:00", "+0200", "+2:00",
                                                   "", " +02:00", "Z ")]
    ends = ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "0001-01-01T17:59:59+18:00", "0001-01-01T18:00:00+18:00", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-00:01", "9999-12-31T05:59:59-18:00",
            "9999-12-31T06:00:00-18:00", "0000-12-31T23:59:59Z", "2024-02-29T24:00:00Z", "2024-02-29T23:60:00Z", "2024-02-29T23:59:60Z", "2023-02-29T00:00:00Z", "1969-12-31T23:59:59Z", ""]
    one("date_parse", "instants with an offset", offsets + ends, formats=["yyyy-MM-dd'T'HH:mm:ssXXX"], to="timestamp")
    one("date_parse", "instants, milliseconds", ["2024-02-29T12:34:56.789Z", "2024-02-29T12:34:56.000Z", "2024-02-29T12:34:56.78Z", "2024-02-29T12:34:56.7890Z", "1969-12-31T23:59:59.999Z", "0001-01-01T00:00:00.001Z", ""],
        formats=["yyyy-MM-dd'T'HH:mm:ss.SSSXXX"], to="timestamp")
    one("date_parse", "instants in several forms", nasty.INSTANTS, formats=["yyyy-MM-dd'T'HH:mm:ssXXX", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd"], to="timestamp")
    one("date_parse", "hours and minutes", ["29.02.2024 12:34", "29.02.2024 23:59", "29.02.2024 24:00", "29.02.2023 00:00", "29.2.2024 12:34", ""], formats=["dd.MM.yyyy HH:mm"], to="timestamp")
    for zone in nasty.ZONES:
        for rule in ("error", "earlier", "later"):
            extra = {} if rule == "error" else {"gap": rule, "overlap": rule}
            one("date_parse", f"local times in {zone}, {rule}", nasty.LOCAL, formats=["yyyy-MM-dd HH:mm:ss"], to="timestamp", zone=zone, **extra)
    one("date_parse", "an offset in the text against a zone", ["2024-03-10T02:30:00Z", "2024-03-10T02:30:00-05:00", "2024-03-10 02:30:00", "2024-07-01 00:00:00"],
        formats=["yyyy-MM-dd'T'HH:mm:ssXXX", "yyyy-MM-dd HH:mm:ss"], to="timestamp", zone="America/New_York")
    for pattern in ("yyyy-MM-dd", "dd/MM/yyyy", "d.M.yyyy", "yyyyMMdd", "MM/dd/yy", "yyyy'-W'MM", "yyyy' o''clock 'dd' 'MM"):
        if "dd" in pattern or "d" in pattern.replace("'-W'", ""):
            one("date_format", f"dates as {pattern}", nasty.DAYS, "date", format=pattern)
    for pattern in ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "yyyy-MM-dd HH:mm", "d/M/yy HH:mm:ss"):
        for zone in nasty.ZONES if "XXX" in pattern else nasty.ZONES[:4]:
            extra = {} if zone == "UTC" else {"zone": zone}
            one("date_format", f"instants as {pattern} in {zone}", nasty.STAMPS, "timestamp", format=pattern, **extra)


def plans() -> None:
    """Steps over steps, shared ones, errors of several plans."""
    many("plans", "a failed step is null for what follows it", [("x", "text")], rows_of(["1", "x", "", "9223372036854775807", " 2"]),
         [{"op": "type_cast", "in": ["x"], "to": "int64", "as": "a"}, {"op": "safe_math", "in": ["a", 1], "function": "add", "as": "b"},
          {"op": "type_cast", "in": ["b"], "to": "text", "as": "c"}, {"op": "map_dict", "in": ["c"], "map": {"2": "two"}, "default": {"keep": True}, "null": "none", "as": "d"}],
         [{"op": "type_cast", "in": ["x"], "to": "int64", "on_error": "null", "as": "a"}, {"op": "safe_math", "in": ["a", 1], "function": "add", "as": "b"}])
    many("plans", "the same step in two plans is reported for both", [("x", "text")], rows_of(["1", "x", "", "1.5"]),
         [{"op": "type_cast", "in": ["x"], "to": "int64", "as": "a"}], [{"op": "type_cast", "in": ["x"], "to": "int64", "as": "b"}],
         [{"op": "type_cast", "in": ["x"], "to": "int64", "on_error": "null", "as": "c"}])
    many("plans", "a step whose value nobody reads reports its errors", [("x", "text")], rows_of(["1", "x", ""]),
         [{"op": "type_cast", "in": ["x"], "to": "int64", "empty": "error", "as": "unused"}, {"op": "trim", "in": ["x"], "as": "a"}])
    many("plans", "several failures of one row, in order", [("x", "text"), ("z", "text")], [["x", "y"], ["1", "y"], ["x", "2024-01-01"], ["1", "2024-01-01"], [None, "y"], ["", ""]],
         [{"op": "type_cast", "in": ["x"], "to": "int64", "as": "a"}, {"op": "type_cast", "in": ["z"], "to": "bool", "as": "b"}, {"op": "type_cast", "in": ["b"], "to": "text", "as": "c"}],
         [{"op": "date_parse", "in": ["z"], "formats": ["yyyy-MM-dd"], "to": "date", "as": "a"}, {"op": "date_format", "in": ["a"], "format": "dd/MM/yyyy", "as": "b"}],
         [{"op": "type_cast", "in": ["z"], "to": "float64", "as": "a"}])
    document = {"inputs": [{"name": n, "type": t} for n, t in [("id", "int64"), ("t", "text"), ("d", "decimal(5,2)"), ("f", "float64"), ("b", "bool"), ("day", "date"), ("ts", "timestamp")]],
                "plans": [{"target": f"copy_{n}", "steps": [], "result": n} for n in ("t", "id", "d", "f", "b", "day", "ts")]}
    rows = [[1, "a", 1250, 0.1, True, 0, 0], [None] * 7, [2**63 - 1, "", -99999, -0.0, False, nasty.DAYS[5], nasty.STAMPS[13]], [-(2**63), "'", 0, 1e308, True, nasty.DAYS[6], nasty.STAMPS[12]]]
    CASES.setdefault("plans", []).append(Case("columns that are copied", document, rows))
    many("plans", "names that a language would take for something else", [("select", "text"), ('a"b', "text"), ("é ü", "text"), ("X", "text"), ("x", "text")],
         [["1", "2", "3", "4", "5"], [None, "", "x", "", None]],
         [{"op": "concat", "in": ["select", 'a"b', "é ü", "X", "x"], "nulls": "skip", "separator": "'", "as": "n0"}])


def probes() -> None:
    """What the peer's p8 asks, in our own words."""
    import p8

    for name, steps, values in p8.probes():
        many("probes", name, [("x", "text")], rows_of(values), steps)


def build() -> dict[str, str]:
    """File name: text."""
    for part in (texts, case_tables, patterns, dictionaries, numbers, arithmetic, conversions, times, plans, probes):
        part()
    out = {}
    for name, cases in CASES.items():
        text = f"# Written by make_golden.py with the reference's values. {sum(len(c.rows) * len(c.program['plans']) for c in cases)} cells.\n"
        for case in cases:
            program = Program(case.program)
            result = program.run(case.rows)
            case.cells = [row.cells for row in result]
            case.errors = [row.errors for row in result]
            text += "\n" + goldenfile.dump(case, program)
        out[name + ".txt"] = text
    return out


def main() -> int:
    files = build()
    if "--check" in sys.argv:
        stale = [name for name, text in files.items() if not (goldenfile.FOLDER / name).exists() or (goldenfile.FOLDER / name).read_text(encoding="utf-8") != text]
        stale += [path.name for path in goldenfile.FOLDER.glob("*.txt") if path.name not in files]
        for name in stale:
            print(f"golden/{name} is not what the reference says: run Tests/DSL/make_golden.py and read the difference")
        return 1 if stale else 0
    goldenfile.FOLDER.mkdir(exist_ok=True)
    for name, text in files.items():
        (goldenfile.FOLDER / name).write_text(text, encoding="utf-8")
    print(sum(len(c.rows) * len(c.program["plans"]) for cases in CASES.values() for c in cases), "cells in", sum(map(len, CASES.values())), "cases")
    return 0


if __name__ == "__main__":
    sys.exit(main())
