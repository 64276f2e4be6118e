#!/usr/bin/env python3
"""Writes the table of time zones that the host is built with: scripts/make-zones.py WHEEL [--check]

WHEEL is the wheel of the PyPI release of IANA's tzdata that RELEASE names, as `pip download tzdata==RELEASE --no-deps`
fetches it; its SHA-256 is pinned. Host/Transform/ZoneTable.swift is made of its compiled files (RFC 9636). Kept are
the changes of the offset from UTC, for every zone and link; abbreviations and the mark of summer time are not. With
--check nothing is written: status 1 when the file is not what this script makes.

Nothing is believed that the host's code relies on: the file's last rule agrees with its last change, no two changes
are so near that a local time could come three times, and every rule is of months 2 to 11.
"""
import hashlib
import io
import re
import struct
import sys
import zipfile
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "Host" / "Transform" / "ZoneTable.swift"
RELEASE = "2026.6"
SHA256 = "0a10eec6e13ef16b627fabed9a5f2ba61a62b1c67f327305f4e7e412a70b4aec"

# Six bits a character: five of the number, low ones first, and one that says that more follow.
DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
# Before every change of every zone.
ORIGIN = -5_000_000_000
WIDTH = 116
EPOCH = date(1970, 1, 1).toordinal()


def transitions(data: bytes):
    """(offset before all, [(UTC second, offset)], begin of the rule, POSIX rule) of a TZif file.

    Changes of the name alone are left out; the rule begins with the last entry, whatever changed there.
    """
    def counts(at):
        magic, _, *numbers = struct.unpack(">4sc15x6l", data[at:at + 44])
        assert magic == b"TZif"
        return numbers
    isut, isstd, leap, times, types, names = counts(0)
    at = 44 + times * 5 + types * 6 + names + leap * 8 + isstd + isut
    isut, isstd, leap, times, types, names = counts(at)
    assert leap == 0
    at += 44
    when = struct.unpack(f">{times}q", data[at:at + 8 * times])
    at += 8 * times
    which = data[at:at + times]
    at += times
    offsets = [struct.unpack(">lbb", data[at + 6 * i:at + 6 * i + 6])[0] for i in range(types)]
    at += 6 * types + names + isstd + isut
    rule = data[at:].decode("ascii").strip("\n")
    changes, now = [], offsets[0]
    for second, kind in zip(when, which):
        if offsets[kind] != now:
            now = offsets[kind]
            changes.append((second, now))
    return offsets[0], changes, when[-1] if when else ORIGIN, rule


def seconds(text: str) -> int:
    """`[+-]h[:mm[:ss]]`"""
    sign = -1 if text.startswith("-") else 1
    parts = [int(part) for part in text.lstrip("+-").split(":")]
    return sign * sum(part * unit for part, unit in zip(parts, (3600, 60, 1)))


def posix(text: str):
    """The last rule: an offset, or (offset, other offset, and for each change month, week, weekday and local second)."""
    name, number = r"(?:<[^>]+>|[A-Za-z]+)", r"[+-]?[0-9:]+"
    day = rf",M([0-9]+)\.([0-9]+)\.([0-9])(?:/({number}))?"
    match = re.fullmatch(rf"{name}({number})(?:{name}({number})?{day}{day})?", text)
    assert match, text
    standard = -seconds(match[1])
    if match[3] is None:
        return standard
    other = standard + 3600 if match[2] is None else -seconds(match[2])
    def change(at):
        month, week, weekday = (int(match[at + i]) for i in range(3))
        assert 2 <= month <= 11 and 1 <= week <= 5 and 0 <= weekday <= 6, text
        second = 7200 if match[at + 3] is None else seconds(match[at + 3])
        assert abs(second) <= 7 * 86400, text
        return (month, week, weekday, second)
    return (standard, other, change(3), change(7))


def rule_day(year: int, month: int, week: int, weekday: int) -> int:
    """Days since 1970 of the week-th weekday of a month; the fifth is the last. Sunday is 0."""
    first = date(year, month, 1).toordinal()
    place = first + (weekday - first % 7) % 7 + 7 * (week - 1)
    last = date(year + month // 12, month % 12 + 1, 1).toordinal() - 1
    return (place if place <= last else place - 7) - EPOCH


def rule_changes(rule, year: int):
    standard, other, begin, end = rule
    return sorted([
        (rule_day(year, *begin[:3]) * 86400 + begin[3] - standard, other),
        (rule_day(year, *end[:3]) * 86400 + end[3] - other, standard)])


def rule_offset(rule, second: int) -> int:
    """By looking at the changes of the years around."""
    year = date.fromordinal(second // 86400 + EPOCH).year
    past = [change for y in (year - 1, year, year + 1) for change in rule_changes(rule, y) if change[0] <= second]
    return past[-1][1]


def check(name: str, first: int, changes, start: int, rule):
    every = list(changes)
    if isinstance(rule, tuple):
        assert (changes[-1][1] if changes else first) == rule_offset(rule, start), name
        year = date.fromordinal(start // 86400 + EPOCH).year
        for y in range(year - 1, year + 410):
            every += [change for change in rule_changes(rule, y) if change[0] > start]
    else:
        assert (changes[-1][1] if changes else first) == rule, name
    before, end = first, None
    for second, offset in every:
        assert second > ORIGIN and abs(offset) < 86400 and offset != before, name
        low, high = sorted((second + before, second + offset))
        # One after the other on the local clock, too: no local time comes three times.
        assert end is None or low > end, (name, second)
        before, end = offset, high


def shortened(first: int, changes, start: int, rule):
    """Changes and the begin of the rule, without the last changes where the rule makes them."""
    kept = list(changes)
    while isinstance(rule, tuple) and kept:
        previous, before = kept[-2] if len(kept) > 1 else (ORIGIN, first)
        years = range(date.fromordinal(previous // 86400 + EPOCH).year, date.fromordinal(start // 86400 + EPOCH).year + 1)
        made = [change for y in years for change in rule_changes(rule, y) if previous < change[0] <= start]
        if made != [kept[-1]] or rule_offset(rule, previous) != before:
            break
        kept.pop()
        start = previous
    return kept, start


def unsigned(value: int) -> str:
    out = ""
    while True:
        out += DIGITS[value & 31 | (32 if value > 31 else 0)]
        value >>= 5
        if value == 0:
            return out


def signed(value: int) -> str:
    return unsigned(value << 1 if value >= 0 else -value << 1 | 1)


def gap(seconds: int) -> str:
    """In quarter hours where they are such."""
    return unsigned(seconds // 900 * 2 if seconds % 900 == 0 else seconds * 2 + 1)


def body(first: int, changes, start: int, rule: int) -> str:
    """Rule + 1 (0: none), offsets, every change: seconds since the last and the offset's number; begin of the rule."""
    offsets = [first]
    for _, offset in changes:
        if offset not in offsets:
            offsets.append(offset)
    out = unsigned(rule + 1) + unsigned(len(offsets)) + "".join(map(signed, offsets)) + unsigned(len(changes))
    last = ORIGIN
    for second, offset in changes:
        out += gap(second - last) + unsigned(offsets.index(offset))
        last = second
    return out if rule < 0 else out + gap(start - last)


def literal(name: str, about: str, text: str):
    """A text of one line, cut into lines of the source."""
    yield f"    /// {about}"
    yield f"    static let {name}: StaticString = \"\"\""
    for at in range(0, len(text), WIDTH - 5):
        piece = text[at:at + WIDTH - 5]
        yield f"        {piece}" + ("\\" if at + WIDTH - 5 < len(text) else "")
    yield '        """'


def swift(wheel: zipfile.ZipFile) -> str:
    version = re.search(r'IANA_VERSION = "([0-9a-z]+)"', wheel.read("tzdata/__init__.py").decode())[1]
    names = sorted(wheel.read("tzdata/zones").decode().split())
    rules, bodies, lines = [], [], []
    for name in names:
        first, changes, start, text = transitions(wheel.read(f"tzdata/zoneinfo/{name}"))
        rule = posix(text)
        check(name, first, changes, start, rule)
        changes, start = shortened(first, changes, start, rule)
        if isinstance(rule, tuple) and rule not in rules:
            rules.append(rule)
        made = body(first, changes, start, rules.index(rule) if isinstance(rule, tuple) else -1)
        if made not in bodies:
            bodies.append(made)
        lines.append((name, bodies.index(made)))
    out = [
        f"/// Time zones of IANA's database {version}, made by scripts/make-zones.py; read by Zone.swift.",
        "enum ZoneTable {",
        "    /// IANA's version of the data.",
        f'    static let version = "{version}"',
        "    /// The release of the package tzdata on PyPI that it was made of.",
        f'    static let release = "{RELEASE}"',
        "",
        "    /// Two offsets in seconds, and for the change to the other and back month, week, weekday and local second.",
        "    static let rules: [Zone.Rule] = [",
    ]
    for standard, other, begin, end in rules:
        def change(value):
            return ", ".join(map(str, value))
        out.append(f"        Zone.Rule({standard}, {other}, from: ({change(begin)}), until: ({change(end)})),")
    out += ["    ]", ""]
    out += literal("names", "Every name with the number of its body, sorted by name.",
                   "".join(f"{name} {number};" for name, number in lines))
    out.append("")
    out += literal("bodies", "Offsets and their changes, as scripts/make-zones.py says at `body`.",
                   "".join(f"{made};" for made in bodies))
    out.append("}")
    return "\n".join(out) + "\n"


def main() -> int:
    wheels = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    if len(wheels) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    data = Path(wheels[0]).read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        print(f"{wheels[0]} is not the wheel of tzdata {RELEASE} that this script pins", file=sys.stderr)
        return 1
    with zipfile.ZipFile(io.BytesIO(data)) as wheel:
        text = swift(wheel)
    if "--check" in sys.argv[1:]:
        same = TABLE.is_file() and TABLE.read_text(encoding="utf-8") == text
        if not same:
            print(f"{TABLE.relative_to(ROOT)} is not what tzdata {RELEASE} makes: run scripts/make-zones.py")
        return 0 if same else 1
    TABLE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
