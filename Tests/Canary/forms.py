"""Every form in which a canary could be found again, as bytes."""

import base64
import json
import struct
import urllib.parse

WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
# Folded: compared without regard to the case of ASCII letters. Alone: no letter or digit stands beside it. Bare: it is no
# part of a hash, a fraction or a time; other texts may stand beside it, as in the buffers of a batch.
FOLDED, ALONE, BARE = 1, 2, 4
# Digits without separators are looked for from here on; shorter than `LONG` they would be met by chance.
DIGITS, LONG = 8, 12
SHORTEST = 8


def full_width(text):
    return text.translate(WIDE)


def swapped(text):
    return text.swapcase()


def fold(data):
    return data.lower()


def base64_cores(data):
    """The characters that depend on `data` alone, whatever stands in front of it and behind."""
    for offset in range(3):
        text = base64.b64encode(bytes(offset) + data).decode()
        first = (offset * 8 + 5) // 6
        last = (offset + len(data)) * 8 // 6
        yield text[first:last]


def texts(text):
    """`text` as a text, in any case and every encoding: (flags, bytes)."""
    lower, upper = text.lower(), text.upper()
    bare = BARE if len(text) < LONG and text.isdigit() else 0
    for one in {lower, upper}:
        data = one.encode()
        yield FOLDED | bare, fold(data)
        wide = one.encode("utf-16-le")
        yield FOLDED, fold(wide[:-1] if wide.endswith(b"\0") else wide)
        if not one.isascii():
            yield FOLDED, fold(one.encode("utf-16-be"))
            yield FOLDED, fold(json.dumps(one)[1:-1].encode())
        quoted = urllib.parse.quote(one, safe="").encode()
        if quoted != data:
            yield FOLDED, fold(quoted)
    for one in {text, lower, upper, swapped(text)}:
        data = one.encode()
        yield FOLDED, data.hex().encode()
        yield 0, full_width(one).encode()
        for core in base64_cores(data):
            yield 0, core.encode()
            if "+" in core or "/" in core:
                yield 0, core.replace("+", "-").replace("/", "_").encode()


def needles(canary):
    """(flags, bytes) of every form of a canary."""
    found = set(texts(canary.text))
    for part in canary.parts:
        found |= set(texts(part))
    digits = "".join(sign for sign in canary.text if sign.isdigit() and sign.isascii())
    letters = sum(sign.isalpha() for sign in canary.text)
    if len(digits) >= DIGITS and letters <= 5:
        if digits != canary.text:
            found.add((0 if len(digits) >= LONG else ALONE, digits.encode()))
        found.add((0, full_width(digits).encode()))
        # As a number in a buffer of 64-bit integers.
        if 9 <= len(digits) <= 18 and not digits.startswith("0") and digits == canary.text:
            found.add((0, struct.pack("<q", int(digits))))
    joined = canary.text.replace(" ", "").replace("-", "")
    if joined != canary.text and len(joined) >= SHORTEST:
        found.add((FOLDED | (ALONE if len(joined) < LONG and joined.isdigit() else 0), fold(joined.encode())))
    if canary.number is not None:
        # And of 64-bit floats, here and in a database.
        found.add((0, struct.pack("<d", canary.number)))
        found.add((0, struct.pack(">d", canary.number)))
    return {(flags, data) for flags, data in found if len(data) >= SHORTEST}
