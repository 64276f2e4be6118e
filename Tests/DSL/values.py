"""Typed values of the Transform DSL and the one text that each of them has (docs/dsl.md, "Values").

In Python: text is str, int64 is int, decimal(p,s) is an int of units of 10^-s, float64 is float, bool is bool, date is an
int of days since 1970-01-01, timestamp is an int of microseconds since 1970-01-01T00:00:00Z; null is None.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

INT64 = (-(2**63), 2**63 - 1)
FIRST_DAY, LAST_DAY = -719162, 2932896  # 0001-01-01 and 9999-12-31
DAY = 86_400_000_000
TYPES = ("text", "int64", "float64", "bool", "date", "timestamp")


@dataclass
class Row:
    """What a program makes of one row: canonical texts of the targets, and `plan:step:REASON` for each failed step."""

    cells: list[str | None]
    errors: list[str]


def decimal_type(name: str) -> tuple[int, int] | None:
    """Precision and scale of `decimal(p,s)`, or None for another type."""
    found = re.fullmatch(r"decimal\(([0-9]+),([0-9]+)\)", name)
    return (int(found[1]), int(found[2])) if found else None


def civil(days: int) -> tuple[int, int, int]:
    """Year, month and day, by walking the years of the proleptic Gregorian calendar in blocks of 400."""
    rest = days - FIRST_DAY
    year = 1 + 400 * (rest // 146097)
    rest %= 146097
    while rest >= (366 if leap(year) else 365):
        rest -= 366 if leap(year) else 365
        year += 1
    month = 1
    while rest >= month_length(year, month):
        rest -= month_length(year, month)
        month += 1
    return year, month, rest + 1


def leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def month_length(year: int, month: int) -> int:
    return 29 if month == 2 and leap(year) else (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def days_of(year: int, month: int, day: int) -> int | None:
    """Days since 1970-01-01, or None when there is no such day in the years 0001–9999."""
    if not (1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= month_length(year, month)):
        return None
    before = year - 1
    days = before * 365 + before // 4 - before // 100 + before // 400
    return FIRST_DAY + days + sum(month_length(year, m) for m in range(1, month)) + day - 1


def decimal_text(units: int, scale: int) -> str:
    digits = str(abs(units)).rjust(scale + 1, "0")
    text = digits if scale == 0 else digits[:-scale] + "." + digits[-scale:]
    return "-" + text if units < 0 else text


def float_text(value: float) -> str:
    """As ECMAScript's Number::toString writes it; repr gives the shortest digits."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "0"
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    if fraction == "0":
        fraction = ""
    point = len(whole) + int(exponent or 0)
    digits = whole + fraction
    stripped = digits.lstrip("0")
    point -= len(digits) - len(stripped)
    digits = stripped.rstrip("0")
    n = len(digits)
    if n <= point <= 21:
        text = digits + "0" * (point - n)
    elif 0 < point <= 21:
        text = digits[:point] + "." + digits[point:]
    elif -6 < point <= 0:
        text = "0." + "0" * -point + digits
    else:
        power = point - 1
        text = digits[0] + ("." + digits[1:] if n > 1 else "") + "e" + ("+" if power > 0 else "-") + str(abs(power))
    return "-" + text if value < 0 else text


def date_text(days: int) -> str:
    return "%04d-%02d-%02d" % civil(days)


def timestamp_text(microseconds: int) -> str:
    days, rest = divmod(microseconds, DAY)
    seconds, fraction = divmod(rest, 1_000_000)
    clock = "%02d:%02d:%02d.%06d" % (seconds // 3600, seconds // 60 % 60, seconds % 60, fraction)
    return date_text(days) + "T" + clock + "Z"


def text_of(value, kind: str) -> str | None:
    """The text of a value; None for null."""
    if value is None:
        return None
    if kind == "text":
        return value
    if kind == "int64":
        return str(value)
    if kind == "float64":
        return float_text(value)
    if kind == "bool":
        return "true" if value else "false"
    if kind == "date":
        return date_text(value)
    if kind == "timestamp":
        return timestamp_text(value)
    return decimal_text(value, decimal_type(kind)[1])


def value_of(text: str | None, kind: str):
    """The value that has this text; the inverse of text_of for texts that it makes."""
    if text is None or kind == "text":
        return text
    if kind == "int64":
        return int(text)
    if kind == "float64":
        return float(text)
    if kind == "bool":
        return {"true": True, "false": False}[text]
    if kind in ("date", "timestamp"):
        found = re.fullmatch(
            r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}):([0-9]{2}):([0-9]{2})\.([0-9]{6})Z)?", text
        )
        days = days_of(int(found[1]), int(found[2]), int(found[3]))
        if kind == "date":
            return days
        hours, minutes, seconds, fraction = (int(found[n]) for n in range(4, 8))
        return days * DAY + ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + fraction
    scale = decimal_type(kind)[1]
    whole, _, fraction = text.partition(".")
    assert len(fraction) == scale, f"{text} is not a {kind}"
    return int(whole + fraction)
