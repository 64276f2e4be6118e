#!/usr/bin/env python3
"""What Python's zoneinfo says of every zone: Tests/DSL/zones_peer.py WHEEL [--check] [--seed N] [--out FILE]

Writes Tests/Golden/dsl/zones.txt, which TransformTests/ZoneTests holds Zone.swift against. WHEEL is the wheel that
scripts/make-zones.py pins. With --check nothing is written: status 1 when the golden file is not what zoneinfo says.
With --seed the random instants are others; then --out names the file, which the test reads where SLUICE_ZONES_PEER
says so.

A line a zone: name, number of changes of the offset from 1800 to 2200, and a checksum (FNV-1a of 64-bit integers) of
what zoneinfo answers
- at RANDOM instants, half of them in 1850–2100 and half in the years 1–9999: the offset;
- at as many local times: the offsets for fold 0 and fold 1;
- around every change: the instants beside it, and local times at both ends of the gap or overlap and inside it.
Changes are found by asking for every day and halving between two days that differ: no table of ours is used.
"""
import argparse
import importlib.util
import io
import sys
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent.parent.parent
GOLDEN = ROOT / "Tests" / "Golden" / "dsl" / "zones.txt"
RANDOM = 200
EPOCH = datetime(1970, 1, 1)
MASK = (1 << 64) - 1
# Whole days, away from the first and last of the calendar, which zoneinfo cannot shift.
RECENT = (-43829 * 86400, 47482 * 86400)
ALL = (-719160 * 86400, 2932894 * 86400)
DAYS = (-62091, 84006)


class SplitMix:
    def __init__(self, seed: int):
        self.state = seed & MASK

    def next(self) -> int:
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
        return z ^ z >> 31

    def second(self) -> int:
        low, high = RECENT if self.next() & 1 else ALL
        return low + self.next() % (high - low)


class Checksum:
    def __init__(self):
        self.value = 0xCBF29CE484222325

    def add(self, number: int):
        for byte in (number & MASK).to_bytes(8, "little"):
            self.value = ((self.value ^ byte) * 0x100000001B3) & MASK


class Peer:
    def __init__(self, data: bytes, name: str):
        self.zone = ZoneInfo.from_file(io.BytesIO(data), key=name)

    def offset(self, second: int) -> int:
        moment = (EPOCH + timedelta(seconds=second)).replace(tzinfo=self.zone)
        return round(self.zone.fromutc(moment).utcoffset().total_seconds())

    def local(self, second: int) -> tuple[int, int]:
        moment = (EPOCH + timedelta(seconds=second)).replace(tzinfo=self.zone)
        return tuple(round(moment.replace(fold=fold).utcoffset().total_seconds()) for fold in (0, 1))

    def changes(self):
        found, before = [], self.offset(DAYS[0] * 86400)
        for day in range(DAYS[0] + 1, DAYS[1] + 1):
            after = self.offset(day * 86400)
            if after == before:
                continue
            low, high = (day - 1) * 86400, day * 86400
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if self.offset(middle) == before else (low, middle)
            found.append((high, before, after))
            before = after
        return found


def line(name: str, peer: Peer, changes, seed: int) -> str:
    sum, random = Checksum(), SplitMix(seed)
    for _ in range(RANDOM):
        sum.add(peer.offset(random.second()))
    for _ in range(RANDOM):
        for offset in peer.local(random.second()):
            sum.add(offset)
    for second, before, after in changes:
        sum.add(second)
        sum.add(peer.offset(second - 1))
        sum.add(peer.offset(second))
        low, high = second + min(before, after), second + max(before, after)
        for local in (low - 1, low, (low + high) // 2, high - 1, high):
            for offset in peer.local(local):
                sum.add(offset)
    return f"{name} {len(changes)} {sum.value:016x}"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("wheel")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--out", type=Path, default=GOLDEN)
    options = parser.parse_args()
    spec = importlib.util.spec_from_file_location("make_zones", ROOT / "scripts" / "make-zones.py")
    make_zones = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_zones)
    lines, known = [], {}
    with zipfile.ZipFile(options.wheel) as wheel:
        lines.append(f"# tzdata {make_zones.RELEASE}, seed {options.seed}, {RANDOM} random times a zone")
        for name in sorted(wheel.read("tzdata/zones").decode().split()):
            data = wheel.read(f"tzdata/zoneinfo/{name}")
            if data not in known:
                peer = Peer(data, name)
                known[data] = (peer, peer.changes())
            peer, changes = known[data]
            lines.append(line(name, peer, changes, options.seed))
    text = "\n".join(lines) + "\n"
    if options.check:
        same = options.out.is_file() and options.out.read_text(encoding="utf-8") == text
        print(f"{len(lines) - 1} passed, 0 failed, 0 skipped" if same else f"{options.out} is not what zoneinfo says")
        return 0 if same else 1
    options.out.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
