#!/usr/bin/env python3
"""Writes checks.txt: addresses and codes that other libraries make or call valid, and some with one sign changed.

    pip install python-stdnum==2.2 base58==2.1.1 bech32==1.2.0 pycryptodome && python3 make-checks.py > checks.txt

A line is TYPE VALUE 0|1. The values are made up: random payloads with their checksums, which nobody's key fits.
"""
import random

import base58
import bech32
from Crypto.Hash import keccak
from stdnum import bitcoin, luhn
from stdnum.us import rtn

random.seed(20261121)


def data(n):
    return bytes(random.randrange(256) for _ in range(n))


def keccak256(text):
    return keccak.new(digest_bits=256, data=text).digest()


def checked(version):
    return base58.b58encode_check(bytes([version]) + data(20)).decode()


def ripple():
    return base58.b58encode_check(bytes([0]) + data(20), alphabet=base58.RIPPLE_ALPHABET).decode()


def ethereum():
    digits = data(20).hex()
    digest = keccak256(digits.encode()).hex()
    return "0x" + "".join(c.upper() if int(digest[i], 16) >= 8 else c for i, c in enumerate(digits))


def monero():
    body = bytes([18]) + data(64)
    whole = body + keccak256(body)[:4]
    blocks = [whole[at : at + 8] for at in range(0, len(whole), 8)]
    # base58 keeps leading zeros as ones; blocks have a fixed width.
    return "".join(base58.b58encode_int(int.from_bytes(b, "big")).decode().rjust(11 if len(b) == 8 else 7, "1") for b in blocks)


def segregated(hrp, version, length):
    while True:
        # bech32 1.2 knows BIP 173 alone: versions from 1 on are left to the published vectors in forms.txt.
        text = bech32.encode(hrp, version, data(length))
        if text:
            return text


def routing():
    while True:
        number = "%09d" % random.randrange(10**9)
        if rtn.is_valid(number) and int(number[:2]) in [*range(1, 13), *range(21, 33), *range(61, 73)]:
            return number


def provider():
    number = random.choice("12") + "%08d" % random.randrange(10**8)
    return number + luhn.calc_check_digit("80840" + number)


def is_wrong(kind, value):
    if kind == "BANK_ACCOUNT":
        return not rtn.is_valid(value)
    if kind == "MEDICAL_RECORD_NUMBER":
        return not luhn.is_valid("80840" + value)
    return not bitcoin.is_valid(value)


MAKERS = [
    ("CRYPTO", lambda: checked(0x00)), ("CRYPTO", lambda: checked(0x05)), ("CRYPTO", lambda: checked(0x30)),
    ("CRYPTO", lambda: checked(0x1E)), ("CRYPTO", lambda: checked(0x41)), ("CRYPTO", ripple), ("CRYPTO", ethereum),
    ("CRYPTO", monero), ("CRYPTO", lambda: segregated("bc", 0, 20)), ("CRYPTO", lambda: segregated("bc", 0, 32)),
    ("CRYPTO", lambda: segregated("ltc", 0, 20)), ("BANK_ACCOUNT", routing), ("MEDICAL_RECORD_NUMBER", provider),
]

for kind, make in MAKERS:
    made = [make() for _ in range(6)]
    for value in made:
        print(kind, value, 1)
    for value in made[:3]:
        place = random.randrange(3, len(value))
        signs = "0123456789" if value[place].isdigit() else "qzxw" if value.islower() else "EFAB" if value[1] == "x" else "EFABK"
        changed = value[:place] + random.choice([s for s in signs if s.lower() != value[place].lower()]) + value[place + 1 :]
        if is_wrong(kind, changed):
            print(kind, changed, 0)
