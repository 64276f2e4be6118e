"""Dates and times of the reference: patterns, the civil calendar, zones by zoneinfo over the pinned tzdata."""

from __future__ import annotations

import datetime
import re
import zoneinfo

import tzdata
from values import DAY, FIRST_DAY, LAST_DAY, civil, days_of

FIRST, LAST = FIRST_DAY * DAY, (LAST_DAY + 1) * DAY - 1
# Zones of the release that docs/dsl.md pins, never the machine's: .build/engines has it.
assert tzdata.IANA_VERSION == "2026f", f"tzdata is {tzdata.IANA_VERSION}: run scripts/setup"
zoneinfo.reset_tzpath(to=())
EPOCH = datetime.datetime(1970, 1, 1)
FIELDS = {
    "yyyy": "(?P<year>[0-9]{4})",
    "yy": "(?P<short>[0-9]{2})",
    "MM": "(?P<month>[0-9]{2})",
    "M": "(?P<month>[0-9]{1,2})",
    "dd": "(?P<day>[0-9]{2})",
    "d": "(?P<day>[0-9]{1,2})",
    "HH": "(?P<hour>[0-9]{2})",
    "mm": "(?P<minute>[0-9]{2})",
    "ss": "(?P<second>[0-9]{2})",
    "SSS": "(?P<milli>[0-9]{3})",
    "XXX": "(?P<offset>Z|[+-][0-9]{2}:[0-9]{2})",
}
# The furthest offset that a text may carry.
FURTHEST = 18 * 3600


class NoTime(Exception):
    """No date or instant; carries the reason."""


def items(pattern: str) -> list[tuple[str, str]]:
    """The pattern as ("field", NAME) and ("text", LITERAL)."""
    out, at = [], 0
    while at < len(pattern):
        letter = pattern[at]
        if letter == "'":
            end = at + 1
            literal = ""
            while True:
                if pattern[end] != "'":
                    literal += pattern[end]
                elif pattern[end + 1 : end + 2] == "'":
                    literal += "'"
                    end += 1
                else:
                    break
                end += 1
            out.append(("text", literal or "'"))
            at = end + 1
        elif letter.isalpha() and letter.isascii():
            run = re.match(letter + "+", pattern[at:])[0]
            out.append(("field", run))
            at += len(run)
        else:
            out.append(("text", letter))
            at += 1
    return out


def parse(args: dict, text: str) -> int | None:
    """Days or microseconds since 1970 by the first pattern that fits."""
    wrong = "NOT_DATE" if args["to"] == "date" else "NOT_TIMESTAMP"
    if text == "":
        if args.get("empty", "null") == "error":
            raise NoTime("EMPTY")
        return None
    for pattern in args["formats"]:
        expression = "".join(FIELDS[part] if kind == "field" else re.escape(part) for kind, part in items(pattern))
        found = re.fullmatch(expression, text)
        value = instant(args, found.groupdict()) if found else None
        if value is not None:
            return value
    raise NoTime(wrong)


def instant(args: dict, fields: dict[str, str | None]) -> int | None:
    """None when there is no such date, time or offset."""
    number = {name: int(value) for name, value in fields.items() if value is not None and name != "offset"}
    year = number.get("year")
    if year is None:
        year = number["short"] + (1900 if number["short"] >= args["pivot"] else 2000)
    days = days_of(year, number["month"], number["day"])
    hour, minute, second = (number.get(name, 0) for name in ("hour", "minute", "second"))
    if days is None or hour > 23 or minute > 59 or second > 59:
        return None
    if args["to"] == "date":
        return days
    local = days * DAY + ((hour * 60 + minute) * 60 + second) * 1_000_000 + number.get("milli", 0) * 1000
    offset = fields.get("offset")
    if offset is None:
        value = from_zone(local, args)
    else:
        seconds = 0
        if offset != "Z":
            if int(offset[4:]) > 59:
                return None
            seconds = (int(offset[1:3]) * 60 + int(offset[4:])) * (-60 if offset[0] == "-" else 60)
            if abs(seconds) > FURTHEST:
                return None
        value = local - seconds * 1_000_000
    return value if FIRST <= value <= LAST else None


def offsets(zone: str, local: int) -> tuple[int, int]:
    """The offsets in seconds that zoneinfo has for a local time before and behind a change of the clock."""
    if zone == "UTC":
        return 0, 0
    place = zoneinfo.ZoneInfo(zone)
    naive = EPOCH + datetime.timedelta(microseconds=local)
    return tuple(int(place.utcoffset(naive.replace(tzinfo=place, fold=fold)).total_seconds()) for fold in (0, 1))


def from_zone(local: int, args: dict) -> int:
    before, behind = offsets(args.get("zone", "UTC"), local)
    if before == behind:
        return local - before * 1_000_000
    gap = before < behind
    rule = args.get("gap" if gap else "overlap", "error")
    if rule == "error":
        raise NoTime("TIME_GAP" if gap else "TIME_OVERLAP")
    instants = sorted((local - before * 1_000_000, local - behind * 1_000_000))
    return instants[0 if rule == "earlier" else 1]


def write(args: dict, value: int, kind: str) -> str:
    """The text of a date or timestamp by a pattern."""
    offset = 0
    if kind == "date":
        value *= DAY
    else:
        offset = offset_at(args.get("zone", "UTC"), value)
        if offset % 60 and ("field", "XXX") in items(args["format"]):
            raise NoTime("INEXACT")
        value += offset * 1_000_000
        if not FIRST <= value <= LAST:
            raise NoTime("OVERFLOW")
    days, rest = divmod(value, DAY)
    year, month, day = civil(days)
    seconds, fraction = divmod(rest, 1_000_000)
    sign, away = "-" if offset < 0 else "+", abs(offset) // 60
    texts = {
        "yyyy": "%04d" % year,
        "yy": "%02d" % (year % 100),
        "MM": "%02d" % month,
        "M": str(month),
        "dd": "%02d" % day,
        "d": str(day),
        "HH": "%02d" % (seconds // 3600),
        "mm": "%02d" % (seconds // 60 % 60),
        "ss": "%02d" % (seconds % 60),
        "SSS": "%03d" % (fraction // 1000),
        "XXX": "Z" if offset == 0 else "%s%02d:%02d" % (sign, away // 60, away % 60),
    }
    return "".join(texts[part] if kind == "field" else part for kind, part in items(args["format"]))


def offset_at(zone: str, value: int) -> int:
    if zone == "UTC":
        return 0
    moment = EPOCH.replace(tzinfo=datetime.timezone.utc) + datetime.timedelta(seconds=value // 1_000_000)
    try:
        return int(moment.astimezone(zoneinfo.ZoneInfo(zone)).utcoffset().total_seconds())
    except OverflowError:  # the local time is in the year 0 or 10000
        near = moment.replace(year=2 if moment.year == 1 else 9998)
        return int(near.astimezone(zoneinfo.ZoneInfo(zone)).utcoffset().total_seconds())
