"""What a program of the Transform DSL means, written down a second time: small, slow, from docs/dsl.md alone.

`Program(json).run(rows)` gives for each row the values of the targets and the errors. Nothing here was taken from the
executor or an emitter, and no arithmetic is done in a machine's numbers: integers are Python's, rationals `fractions`.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction

import calendars
import letters
import units
from values import INT64, Row, days_of, decimal_type, text_of

WHITE_SPACE = frozenset(
    map(
        chr,
        [9, 10, 11, 12, 13, 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000],
    )
)


class Failed(Exception):
    """The op has no value for the row; carries the reason."""


# --- texts ---------------------------------------------------------------------------------------------------------


def trim(text: str) -> str:
    first, last = 0, len(text)
    while first < last and text[first] in WHITE_SPACE:
        first += 1
    while last > first and text[last - 1] in WHITE_SPACE:
        last -= 1
    return text[first:last]


def collapse(text: str) -> str:
    out = ""
    for place, letter in enumerate(text):
        if letter not in WHITE_SPACE:
            out += letter
        elif place == 0 or text[place - 1] not in WHITE_SPACE:
            out += " "
    return out


def python_pattern(pattern: str) -> re.Pattern:
    """The pattern in Python's spelling. The subset is one-unambiguous, so that backtracking finds what POSIX does."""
    out, at, inside = "", 0, False
    while at < len(pattern):
        letter = pattern[at]
        if letter == "\\":
            out += pattern[at : at + 2]
            at += 2
            continue
        if inside:
            first = out.endswith("[") or out.endswith("[^")
            inside = letter != "]" or first
            out += letter if letter in "]-^" or letter.isalnum() else re.escape(letter)
        elif letter == "[":
            inside = True
            out += "["
            if pattern[at + 1 : at + 2] == "^":
                out += "^"
                at += 1
        else:
            out += {"$": r"\Z", ".": r"[^\n]"}.get(letter, letter)
        at += 1
    return re.compile(out)


def extract(args: dict, text: str) -> str | None:
    pattern = python_pattern(args["pattern"])
    found = pattern.search(text)
    return found[args.get("group", 1 if pattern.groups else 0)] if found else None


def split(args: dict, text: str) -> str | None:
    if "separator" in args:
        pieces = text.split(args["separator"])
    else:
        pieces, start = [], 0
        for found in python_pattern(args["pattern"]).finditer(text):
            pieces.append(text[start : found.start()])
            start = found.end()
        pieces.append(text[start:])
    if "join" in args:
        return args["join"].join(pieces)
    index = args["index"]
    return pieces[index] if -len(pieces) <= index < len(pieces) else None


def concat(args: dict, texts: list[str | None]) -> str | None:
    if args.get("nulls", "propagate") == "skip":
        texts = [text for text in texts if text is not None]
        if not texts:
            return None
    elif None in texts:
        return None
    return args.get("prefix", "") + args.get("separator", "").join(texts) + args.get("suffix", "")


def map_dict(args: dict, text: str | None) -> str | None:
    if text is None:
        return args["null"]
    if text in args["map"]:
        return args["map"][text]
    otherwise = args["default"]
    if otherwise == {"keep": True}:
        return text
    if otherwise == {"error": True}:
        raise Failed("NOT_IN_MAP")
    return otherwise


# --- numbers -------------------------------------------------------------------------------------------------------


def half_away(exact: Fraction) -> int:
    """The nearest integer, of two the one away from zero."""
    whole = math.floor(abs(exact) + Fraction(1, 2))
    return -whole if exact < 0 else whole


def fits(exact: Fraction, kind: str) -> int:
    """The number rounded into int64 or a decimal, or OVERFLOW."""
    if kind == "int64":
        value = half_away(exact)
        if not INT64[0] <= value <= INT64[1]:
            raise Failed("OVERFLOW")
        return value
    precision, scale = decimal_type(kind)
    value = half_away(exact * 10**scale)
    if abs(value) >= 10**precision:
        raise Failed("OVERFLOW")
    return value


def rational(value: int, kind: str) -> Fraction:
    found = decimal_type(kind)
    return Fraction(value, 10 ** (found[1] if found else 0))


def math_int64(function: str, taken: list[int]) -> int:
    a, b = taken[0], taken[-1]
    if function in ("divide", "modulo") and b == 0:
        raise Failed("DIVISION_BY_ZERO")
    if function in ("divide", "modulo"):
        quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
        # The remainder of the lowest integer by -1 is 0, and no step of it leaves 64 bits.
        result = quotient if function == "divide" else a - b * quotient
    else:
        result = {"add": a + b, "subtract": a - b, "multiply": a * b, "negate": -a, "absolute": abs(a)}[function]
    if not INT64[0] <= result <= INT64[1]:
        raise Failed("OVERFLOW")
    return result


def math_decimal(function: str, taken: list[Fraction], to: str) -> int:
    a, b = taken[0], taken[-1]
    if function == "divide":
        if b == 0:
            raise Failed("DIVISION_BY_ZERO")
        return fits(a / b, to)
    exact = {"add": a + b, "subtract": a - b, "multiply": a * b, "negate": -a, "absolute": abs(a)}[function]
    return fits(exact, to)


def unit_convert(args: dict, value, kind: str):
    factor, offset = units.conversion(args["from"], args["to"])
    if kind == "float64":
        result = value * float(factor.numerator) / float(factor.denominator)
        if offset:
            result += float(offset.numerator) / float(offset.denominator)
        if not math.isfinite(result):
            raise Failed("OVERFLOW")
        return result
    return fits(rational(value, kind) * factor + offset, args["type"])


# --- casts ---------------------------------------------------------------------------------------------------------

BOOLEANS = {
    **dict.fromkeys(["true", "t", "yes", "y", "1"], True),
    **dict.fromkeys(["false", "f", "no", "n", "0"], False),
}
FLOAT = r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?"
TIMESTAMP = (
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]+))?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})| ([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]+))?)"
)


def cast(args: dict, value, kind: str):
    to = args["to"]
    if kind == to:
        return value
    if to == "text":
        if kind == "float64" and not math.isfinite(value):
            raise Failed("NOT_NUMBER")
        return text_of(value, kind)
    if kind == "text":
        return cast_text(args, value, to)
    exact = rational(value, kind)
    if to == "float64":
        nearest = exact.numerator / exact.denominator  # CPython rounds the quotient of integers correctly
        if kind == "int64" and Fraction(nearest) != exact:
            raise Failed("OVERFLOW")
        return nearest
    if to == "int64" and args.get("rounding", "exact") == "exact" and exact.denominator != 1:
        raise Failed("INEXACT")
    return fits(exact, to)


def cast_text(args: dict, text: str, to: str):
    if text == "":
        if args.get("empty", "null") == "error":
            raise Failed("EMPTY")
        return None
    if to == "float64":
        if not re.fullmatch(FLOAT, text):
            raise Failed("NOT_NUMBER")
        value = float(text)
        if math.isinf(value):
            raise Failed("OVERFLOW")
        return value
    if to == "bool":
        value = BOOLEANS.get("".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text))
        if value is None:
            raise Failed("NOT_BOOLEAN")
        return value
    if to == "date":
        found = re.fullmatch("([0-9]{4})-([0-9]{2})-([0-9]{2})", text)
        days = days_of(int(found[1]), int(found[2]), int(found[3])) if found else None
        if days is None:
            raise Failed("NOT_DATE")
        return days
    if to == "timestamp":
        return cast_timestamp(text)
    return cast_number(args, text, to)


def cast_timestamp(text: str) -> int:
    found = re.fullmatch(TIMESTAMP, text)
    if not found:
        raise Failed("NOT_TIMESTAMP")
    days = days_of(*map(int, found[1].split("-")))
    hour, minute, second = map(int, (found[2] or found[5]).split(":"))
    fraction = found[3] or found[6] or ""
    offset = 0
    if found[4] and found[4] not in "Zz":
        hours, minutes = int(found[4][1:3]), int(found[4][4:6])
        if hours > 23 or minutes > 59:
            raise Failed("NOT_TIMESTAMP")
        offset = (hours * 60 + minutes) * (-60 if found[4][0] == "-" else 60)
    if days is None or hour > 23 or minute > 59 or second > 59 or fraction[6:].strip("0"):
        raise Failed("NOT_TIMESTAMP")
    seconds = days * 86400 + hour * 3600 + minute * 60 + second - offset
    value = seconds * 1_000_000 + int(fraction[:6].ljust(6, "0"))
    if not calendars.FIRST <= value <= calendars.LAST:
        raise Failed("NOT_TIMESTAMP")
    return value


def cast_number(args: dict, text: str, to: str) -> int:
    """Into int64 or a decimal, as the arguments say that numbers are written."""
    mark, group = re.escape(args.get("decimal_mark", ".")), args.get("grouping")
    whole = "[0-9]+"
    if group:
        whole = f"(?:[0-9]{{1,3}}(?:{re.escape(group)}[0-9]{{3}})+|[0-9]+)"
    sign = "(?:" + "|".join(map(re.escape, args["currency"])) + ")?" if args.get("currency") else ""
    found = re.fullmatch(f"([+-]?){sign}({whole})(?:{mark}([0-9]+))?", text)
    wrong = "NOT_INTEGER" if to == "int64" else "NOT_DECIMAL"
    if not found:
        raise Failed(wrong)
    digits = found[2].replace(group, "") if group else found[2]
    # Guards of fixed length: no more digits before the mark than the longest int64 has.
    if len(digits) > 19:
        raise Failed(wrong)
    fraction = found[3] or ""
    exact = Fraction(int(digits + fraction), 10 ** len(fraction))
    if found[1] == "-":
        exact = -exact
    if to == "int64" and exact.denominator != 1:
        raise Failed(wrong)
    scale = 0 if to == "int64" else decimal_type(to)[1]
    if args.get("rounding", "exact") == "exact" and (exact * 10**scale).denominator != 1:
        raise Failed("INEXACT")
    return fits(exact, to)


# --- programs ------------------------------------------------------------------------------------------------------

TEXT_OPS = {"trim", "case", "collapse_whitespace", "regex_extract", "regex_split", "concat", "map_dict"}
CAN_FAIL = {"unit_convert", "date_parse", "date_format", "type_cast", "safe_math"}


def result_type(step: dict, taken: list[str]) -> str:
    """The type of what a step makes."""
    op = step["op"]
    if op == "date_parse" or op == "type_cast":
        return step["to"]
    if op == "unit_convert":
        return step["type"]
    if op == "safe_math":
        return step.get("to", "int64")
    if op == "select_when":
        return taken[1]
    return "text"


def apply(step: dict, taken: list, kinds: list[str]):
    """The value of one step; raises Failed where it has none."""
    op = step["op"]
    if op == "concat":
        return concat(step, taken)
    if op == "map_dict":
        return map_dict(step, taken[0])
    if op == "select_when":
        matches = taken[0] is not None and python_pattern(step["pattern"]).search(taken[0]) is not None
        return taken[1] if matches else taken[2]
    if None in taken:
        return None
    value = taken[0]
    if op == "trim":
        return trim(value)
    if op == "collapse_whitespace":
        return collapse(value)
    if op == "case":
        return letters.change(value, step["to"], step.get("letters", "unicode"))
    if op == "regex_extract":
        return extract(step, value)
    if op == "regex_split":
        return split(step, value)
    if op == "type_cast":
        return cast(step, value, kinds[0])
    if op == "unit_convert":
        return unit_convert(step, value, kinds[0])
    if op == "safe_math":
        if "to" not in step:
            return math_int64(step["function"], taken)
        return math_decimal(step["function"], [rational(v, k) for v, k in zip(taken, kinds)], step["to"])
    try:
        if op == "date_parse":
            return calendars.parse(step, value)
        return calendars.write(step, value, kinds[0])
    except calendars.NoTime as error:
        raise Failed(str(error)) from None


class Program:
    """A well-typed program; what is refused is tested where it is refused, not here."""

    def __init__(self, document: dict):
        self.document = document
        self.plans = document["plans"] if "plans" in document else [document]
        inputs = document.get("inputs")
        if inputs is None:
            made = {step["as"] for plan in self.plans for step in plan["steps"]}
            names = [n for plan in self.plans for step in plan["steps"] for n in step["in"] if isinstance(n, str)]
            names += [plan["result"] for plan in self.plans if not plan["steps"]]
            inputs = [{"name": n, "type": "text"} for n in dict.fromkeys(names) if n not in made]
        self.inputs = {field["name"]: field["type"] for field in inputs}
        self.targets = [plan["target"] for plan in self.plans]
        self.target_types = [self.types(plan)[plan["result"]] for plan in self.plans]

    def types(self, plan: dict) -> dict[str, str]:
        types = dict(self.inputs)
        for step in plan["steps"]:
            types[step["as"]] = result_type(step, [input_type(name, types) for name in step["in"]])
        return types

    def row(self, row: list) -> Row:
        """`row`: a value for each input, in order."""
        cells, errors = [], []
        for number, plan in enumerate(self.plans):
            values, types = dict(zip(self.inputs, row)), self.types(plan)
            for place, step in enumerate(plan["steps"]):
                taken = [input_value(name, values) for name in step["in"]]
                kinds = [input_type(name, types) for name in step["in"]]
                try:
                    values[step["as"]] = apply(step, taken, kinds)
                except Failed as failure:
                    values[step["as"]] = None
                    if step.get("on_error", "quarantine") == "quarantine":
                        errors.append(f"{number}:{place}:{failure}")
            cells.append(text_of(values[plan["result"]], types[plan["result"]]))
        return Row(cells, errors)

    def run(self, rows: list[list]) -> list[Row]:
        return [self.row(row) for row in rows]


def input_type(name, types: dict[str, str]) -> str:
    if isinstance(name, int):
        return "int64"
    if isinstance(name, dict):
        whole, _, fraction = name["decimal"].partition(".")
        return f"decimal(18,{len(fraction)})"
    return types[name]


def input_value(name, values: dict):
    if isinstance(name, int):
        return name
    if isinstance(name, dict):
        return int(name["decimal"].replace(".", ""))
    return values[name]
