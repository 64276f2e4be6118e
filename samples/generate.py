#!/usr/bin/env python3
"""Writes customers.csv beside this file: fictitious customers with the untidiness of a real export.

Same bytes on every machine: a fixed seed, only `Random.random()` (whose sequence Python keeps stable), no clock.
What is wrong with the file on purpose: names in odd case and padding, four telephone styles, empty telephones,
6 repeated ids, 5 rows with a stray comma, 3 birth dates that no calendar has.

    generate.py [--rows 1000] [--out FILE]
"""
import argparse
import csv
import io
import unicodedata
from pathlib import Path
from random import Random

HEADER = [
    "id", "first_name", "last_name", "e_mail", "phone", "birth_date", "street", "city", "postal_code", "country",
    "signup_ts", "balance", "newsletter",
]
FIRST = """Ada Adam Aisha Alejandro Amina Anders Anjali Antonio Astrid Beatriz Björn Brigitte Camila Carlos Chidi Chloe
Clara Daniel David Deepak Diego Dolores Elena Elif Emma Erik Fatima Felix Fiona Florence François Frida George Grace
Hannah Haruto Hiroshi Ibrahim Ines Ingrid Isabella Ivan Jack James Johanna José Julia Kwame Laura Leila Liam Linda
Lucía Luigi Magdalena Marco María Mateusz Mei Miguel Mohammed Nadia Naomi Nathan Nikhil Noah Olga Oliver Omar Paula
Pedro Petra Priya Rachel Rahul Rosa Samuel Santiago Sara Sofia Stefan Svetlana Thomas Tobias Valentina Wei William
Yasmin Yuki Zainab Zoë""".split()
LAST = """Abbott Adeyemi Agarwal Ahmed Andersson Banerjee Bauer Becker Bianchi Bonnet Brown Carter Castillo Chen Clarke
Cohen Costa Dubois Edwards Eriksson Fernández Ferrari Fischer Fournier García Gómez Green Gupta Hall Hansen Harris
Hernández Hoffmann Horvat Hughes Ibrahim Ito Ivanova Jackson Jansen Johansson Jones Kaya Khan Kim Kobayashi Kowalski
Kumar Larsen Laurent Lefebvre Lewandowski López Mancini Martin Mensah Meyer Moreau Müller Murphy Nakamura Nguyen
Nielsen Novak O'Brien O'Connor Okafor Oliveira Patel Pereira Petrova Popescu Quinn Ramírez Rao Ricci Rodríguez Rossi
Roux Ruiz Sánchez Sato Schmidt Schneider Silva Singh Smith Sousa Suzuki Svensson Tanaka Taylor Torres Turner Vargas
Visser Vogel Walker Weber Williams Wilson Wójcik Wong Yamamoto Yılmaz Young Zhang Zimmermann""".split()
# country: cities, street pattern, postal pattern (9 = digit, A = letter), telephone prefix
PLACES = {
    "United States": (["Springfield", "Portland", "Columbus", "Austin", "Denver"], "{n} {s} {t}", "99999", "1"),
    "United Kingdom": (["London", "Leeds", "Bristol", "Cardiff", "York"], "{n} {s} {t}", "AA9 9AA", "44"),
    "Germany": (["Berlin", "Hamburg", "Köln", "Leipzig", "Bonn"], "{s}weg {n}", "99999", "49"),
    "France": (["Paris", "Lyon", "Lille", "Nantes", "Dijon"], "{n} rue {s}", "99999", "33"),
    "Spain": (["Madrid", "Sevilla", "Bilbao", "Valencia", "Vigo"], "Calle {s} {n}", "99999", "34"),
    "Netherlands": (["Utrecht", "Delft", "Leiden", "Breda", "Zwolle"], "{s}straat {n}", "9999 AA", "31"),
    "Canada": (["Toronto", "Halifax", "Calgary", "Ottawa", "Regina"], "{n} {s} {t}", "A9A 9A9", "1"),
}
STREETS = ["Maple", "Example", "Harbour", "Garden", "Station", "Sample", "Orchard", "Mill", "Chapel", "Meadow", "Tower"]
TYPES = ["Street", "Road", "Avenue", "Lane", "Close", "St.", "Rd", "Ave"]
DOMAINS = ["example.com", "example.org", "example.net", "mail.example.com", "shop.example.net"]
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


class Dice:
    """Draws that depend on the seed and on nothing else."""

    def __init__(self, seed: int):
        self._random = Random(seed)

    def below(self, bound: int) -> int:
        return int(self._random.random() * bound)

    def between(self, low: int, high: int) -> int:
        return low + self.below(high - low + 1)

    def pick(self, items):
        return items[self.below(len(items))]

    def chance(self, per_mille: int) -> bool:
        return self.below(1000) < per_mille


def untidy(dice: Dice, name: str) -> str:
    if dice.chance(60):
        name = name.upper()
    elif dice.chance(60):
        name = name.lower()
    if dice.chance(60):
        name = "  " + name
    if dice.chance(60):
        name = name + " "
    return name


def ascii_word(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.replace("ı", "i").replace("'", ""))
    return "".join(c for c in plain if c.isascii()).lower()


def phone(dice: Dice, prefix: str) -> str:
    if dice.chance(8):
        return ""
    line = f"{dice.below(100):02d}"
    if prefix == "1":
        area = dice.pick(["202", "303", "416", "512", "604"])
        style = dice.pick(["+1 {a} 555 01{l}", "({a}) 555-01{l}", "{a}-555-01{l}", "+1-{a}-555-01{l}"])
        return style.format(a=area, l=line)
    last = f"{dice.below(10000):04d}"
    return dice.pick(["+{p} 20 7946 {x}", "+{p} 207946{x}", "00{p} 20 7946 {x}"]).format(p=prefix, x=last)


def postal(dice: Dice, pattern: str) -> str:
    # Never a leading zero: a spreadsheet would have eaten it.
    out = []
    for place, sign in enumerate(pattern):
        if sign == "9":
            out.append(str(dice.between(1 if place == 0 else 0, 9)))
        else:
            out.append(dice.pick(LETTERS) if sign == "A" else sign)
    return "".join(out)


def customer(dice: Dice, number: int) -> list[str]:
    first, last = dice.pick(FIRST), dice.pick(LAST)
    country = dice.pick(list(PLACES))
    cities, street, pattern, prefix = PLACES[country]
    address = street.format(n=dice.between(1, 240), s=dice.pick(STREETS), t=dice.pick(TYPES))
    if dice.chance(80):
        address += f", Apt {dice.between(1, 40)}"
    mail = f"{ascii_word(first)}.{ascii_word(last)}{number}@{dice.pick(DOMAINS)}"
    return [
        str(number),
        untidy(dice, first),
        untidy(dice, last),
        mail.upper() if dice.chance(40) else mail,
        phone(dice, prefix),
        f"{dice.between(1940, 2005)}-{dice.between(1, 12):02d}-{dice.between(1, 28):02d}",
        address,
        dice.pick(cities),
        postal(dice, pattern),
        country,
        f"{dice.between(2018, 2024)}-{dice.between(1, 12):02d}-{dice.between(1, 28):02d}"
        f"T{dice.below(24):02d}:{dice.below(60):02d}:{dice.below(60):02d}Z",
        f"{dice.between(-5000, 250000) / 100:.2f}",
        "yes" if dice.chance(420) else "no",
    ]


def line_of(row: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(row)
    return out.getvalue()


def lines_of(count: int, seed: int):
    dice = Dice(seed)
    rows = [customer(dice, 1000 + i) for i in range(count)]
    for place, text in zip((0.11, 0.47, 0.83), ("1987-02-30", "not known", "1990-13-05")):
        rows[int(count * place)][5] = text
    ragged = {int(count * place) for place in (0.07, 0.29, 0.55, 0.71, 0.94)}
    repeated = {int(count * place): int(count * source) for place, source in (
        (0.20, 0.05), (0.35, 0.34), (0.50, 0.12), (0.66, 0.65), (0.88, 0.40), (0.97, 0.02))}
    yield line_of(HEADER)
    for index, row in enumerate(rows):
        if index in ragged:
            row[6] = row[6].split(",")[0]
            broken = row[:6] + [row[6], " Rear Building"] + row[7:]
            yield ",".join(broken) + "\n"
        else:
            yield line_of(row)
        if index in repeated:
            yield line_of(rows[repeated[index]][:11] + ["0.00"] + rows[repeated[index]][12:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1000, help="customers before the repeated ids")
    parser.add_argument("--seed", type=int, default=20240229)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent / "customers.csv")
    options = parser.parse_args()
    with open(options.out, "w", encoding="utf-8", newline="") as file:
        file.writelines(lines_of(options.rows, options.seed))


if __name__ == "__main__":
    main()
