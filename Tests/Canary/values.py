"""10,000 made-up values of every class of personal data, each unique, and what of them must not be seen.

Numbers have valid check digits. Nothing here is anybody's: words are drawn from syllables, numbers at random from a seed.
"""

import hashlib
import itertools
import os
import random

HERE = os.path.dirname(os.path.abspath(__file__))
TOTAL = 10_000
ALPHANUMERIC = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
NUMBERS = os.path.join(os.path.dirname(HERE), "DetectionTests", "numbers.txt")


class Canary:
    """One planted value: its class, its text, words in it that are unique by themselves, and what it is as a number."""

    def __init__(self, kind, text, parts=(), number=None):
        self.kind, self.text, self.parts, self.number = kind, text, tuple(parts), number

    def __repr__(self):
        return f"{self.kind} {self.text!r}"


def luhn(body):
    """The digit that makes body + digit valid (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def weighted(body, weights, modulus):
    return sum(int(digit) * weight for digit, weight in zip(body, weights)) % modulus


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.words = set()

    def digits(self, count):
        return "".join(self.random.choice("0123456789") for _ in range(count))

    def letters(self, count):
        return "".join(self.random.choice("ABCDEFGHJKLMNPRSTUVWXYZ") for _ in range(count))

    def word(self, least=9):
        """Never drawn before, and of no language."""
        while True:
            text = "".join(
                self.random.choice("bcdfghjklmnpqrstvwxz") + self.random.choice("aeiouy") +
                self.random.choice(["", "", "x", "q", "z", "k"]) for _ in range(4))
            if len(text) >= least and text not in self.words:
                self.words.add(text)
                return text

    def date(self):
        return self.random.randint(1931, 1989), self.random.randint(1, 12), self.random.randint(1, 28)

    # Classes. Each gives one value; `values` sees to it that none comes twice.

    def person(self):
        first, last = self.word(), self.word()
        shapes = [f"{first.title()} {last.title()}", f"{last.title()}, {first.title()}", f"Dr. {first.title()} {last.upper()}",
                  f"{first.title()} Ö. {last.title()}"]
        return Canary("PERSON", self.random.choice(shapes), (first, last))

    def username(self):
        word = self.word()
        return Canary("USERNAME", f"{word}_{self.digits(3)}", (word,))

    def email(self):
        local, domain = self.word(), self.word()
        text = f"{local}.{self.letters(1).lower()}@{domain}.{self.random.choice(['example', 'com', 'org', 'co.uk'])}"
        return Canary("EMAIL_ADDRESS", text, (local, domain))

    def phone(self):
        body = self.random.choice("2345679") + self.digits(2) + self.random.choice("23456789") + self.digits(6)
        a, b, c = body[:3], body[3:6], body[6:]
        forms = [f"+1 {a} {b} {c}", f"({a}) {b}-{c}", f"+1-{a}-{b}-{c}", f"+44 20 {b[1:]}{a[0]}{a[1]} {c}", f"{a}.{b}.{c}"]
        return Canary("PHONE_NUMBER", self.random.choice(forms))

    def card(self):
        prefix, size = self.random.choice([("4", 16), ("51", 16), ("37", 15), ("6011", 16), ("4", 16)])
        body = prefix + self.digits(size - len(prefix) - 1)
        text = body + luhn(body)
        if size == 16 and self.random.random() < 0.5:
            text = self.random.choice([" ", "-"]).join(text[i:i + 4] for i in range(0, 16, 4))
        return Canary("CREDIT_CARD", text)

    def iban(self):
        country, size, letters = self.random.choice([("DE", 18, 0), ("GB", 14, 4), ("FR", 23, 0), ("NL", 10, 4), ("ES", 20, 0)])
        body = self.letters(letters) + self.digits(size)
        number = "".join(str(int(sign, 36)) for sign in body + country + "00")
        text = f"{country}{98 - int(number) % 97:02}{body}"
        if self.random.random() < 0.4:
            text = " ".join(text[i:i + 4] for i in range(0, len(text), 4))
        return Canary("IBAN_CODE", text)

    def bank_account(self):
        return Canary("BANK_ACCOUNT", self.random.choice("123456789") + self.digits(11))

    def bic(self):
        return Canary("SWIFT_BIC", f"{self.letters(4)}DE{self.letters(2)}{self.letters(3)}")

    def ssn(self):
        area = self.random.choice([number for number in range(1, 900) if number != 666])
        return Canary("US_SSN", f"{area:03}-{self.random.randint(1, 99):02}-{self.random.randint(1, 9999):04}")

    def itin(self):
        return Canary("US_ITIN", f"9{self.digits(2)}-{self.random.randint(70, 88)}-{self.digits(4)}")

    def nino(self):
        first = self.random.choice("ABCEGHJKLMNPRSTWXYZ") + self.random.choice("ABCEGHJKLMNPRSTWXYZ")
        return Canary("GB_NINO", f"{first} {self.digits(2)} {self.digits(2)} {self.digits(2)} {self.random.choice('ABCD')}")

    def pan(self):
        return Canary("IN_PAN", f"{self.letters(3)}P{self.letters(1)}{self.digits(4)}{self.letters(1)}")

    def nif(self):
        body = self.random.choice("123") + self.digits(7)
        check = 11 - weighted(body, range(9, 1, -1), 11)
        return Canary("PT_NIF", body + str(0 if check > 9 else check))

    def cnp(self):
        year, month, day = self.date()
        body = f"{self.random.choice('12')}{year % 100:02}{month:02}{day:02}{self.random.randint(1, 46):02}{self.random.randint(1, 999):03}"
        check = weighted(body, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9), 11)
        return Canary("RO_CNP", body + str(1 if check == 10 else check))

    def curp(self):
        year, month, day = self.date()
        body = (f"{self.letters(1)}{self.random.choice('AEIU')}{self.letters(2)}{year % 100:02}{month:02}{day:02}"
                f"{self.random.choice('HM')}DF{''.join(self.random.choice('BCDFGHJKLMNPQRSTVWXYZ') for _ in range(3))}0")
        signs = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
        total = sum(signs.index(sign) * (18 - place) for place, sign in enumerate(body))
        return Canary("MX_CURP", body + str(-total % 10))

    def nric(self):
        body = self.digits(7)
        return Canary("SG_NRIC", f"S{body}{'JZIHGFEDCBA'[weighted(body, (2, 7, 6, 5, 4, 3, 2), 11)]}")

    def taiwan(self):
        letter = self.random.choice("ABCDEFGHJKLMNPQRSTUV")
        code = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(letter) + 10
        body = self.random.choice("12") + self.digits(7)
        total = code // 10 + code % 10 * 9 + sum(int(digit) * weight for digit, weight in zip(body, range(8, 0, -1)))
        return Canary("TW_ID", f"{letter}{body}{-total % 10}")

    def medicare(self):
        body = self.random.choice("23456") + self.digits(7)
        return Canary("AU_MEDICARE", f"{body}{weighted(body, (1, 3, 7, 9, 1, 3, 7, 9), 10)}{self.random.randint(1, 9)}")

    def passport(self):
        return Canary("PASSPORT", f"{self.letters(2)}{self.digits(7)}")

    def us_licence(self):
        return Canary("US_DRIVER_LICENSE", f"{self.letters(1)}{self.digits(12)}")

    def licence(self):
        return Canary("DRIVER_LICENSE", f"{self.letters(5)}{self.digits(6)}{self.letters(2)}9{self.letters(2)}")

    def record(self):
        return Canary("MEDICAL_RECORD_NUMBER", f"MRN-{self.digits(8)}")

    def birth(self):
        year, month, day = self.date()
        name = "January February March April May June July August September October November December".split()[month - 1]
        forms = [f"{year}-{month:02}-{day:02}", f"{day:02}.{month:02}.{year}", f"{month:02}/{day:02}/{year}", f"{day} {name} {year}"]
        return Canary("DATE_OF_BIRTH", self.random.choice(forms))

    def street(self):
        word = self.word()
        forms = [f"{self.random.randint(1, 9999)} {word.title()} Street", f"{word.title()}straße {self.random.randint(1, 199)}",
                 f"{self.random.randint(1, 9999)} N. {word.title()} Ave, Apt {self.random.randint(1, 99)}"]
        return Canary("STREET_ADDRESS", self.random.choice(forms), (word,))

    def postal(self):
        return Canary("ZIP_CODE", f"{self.digits(5)}-{self.digits(4)}")

    def place(self):
        word = self.word()
        return Canary("GPE", f"{word.title()} City", (word,))

    def organisation(self):
        word = self.word()
        return Canary("ORGANIZATION", f"{word.title()} {self.random.choice(['GmbH', 'Ltd', 'Inc.', '& Sons'])}", (word,))

    def address4(self):
        return Canary("IP_ADDRESS", ".".join(str(self.random.randint(101, 223)) for _ in range(4)))

    def address6(self):
        return Canary("IP_ADDRESS", ":".join(f"{self.random.randint(4096, 65535):x}" for _ in range(8)))

    def mac(self):
        return Canary("MAC_ADDRESS", ":".join(f"{self.random.randint(0, 255):02x}" for _ in range(6)))

    def latitude(self):
        number = round(self.random.uniform(10, 89), 7)
        return Canary("GPS_COORDINATES", f"{number:.7f}", (f"{number}",), number=number)

    def coordinates(self):
        a, b = round(self.random.uniform(10, 89), 7), round(self.random.uniform(100, 179), 7)
        return Canary("GPS_COORDINATES", f"{a:.7f}, {b:.7f}", (f"{a:.7f}", f"{b:.7f}"))

    def signs(self, alphabet, count):
        return "".join(self.random.choice(alphabet) for _ in range(count))

    def key(self):
        """A token of GitHub, an AI provider, Amazon or Slack."""
        body, upper = self.signs(ALPHANUMERIC, 36), self.signs("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)
        slack = f"{self.digits(12)}-{self.digits(12)}-{self.signs(ALPHANUMERIC, 24)}"
        prefix, body = self.random.choice([("ghp_", body), ("sk-", body + self.signs(ALPHANUMERIC, 12)), ("AKIA", upper), ("xoxb-", slack)])
        return Canary("API_KEY", prefix + body, (body,))

    def password(self):
        word = self.word()
        return Canary("PASSWORD", f"{word.title()}!{self.digits(3)}?", (word,))

    def secret_url(self):
        user, word = self.word(), self.word()
        return Canary("CREDENTIAL_URL", f"https://{user}:{word}@db.example.com/x", (user, word))

    def url(self):
        word = self.word()
        return Canary("URL", f"https://www.{word}.example/u/{self.digits(4)}", (word,))

    def domain(self):
        word = self.word()
        return Canary("DOMAIN_NAME", f"{word}.example.net", (word,))

    def crypto(self):
        """An address of Bitcoin with its check sum (Base58Check), or one of Ethereum."""
        body = bytes([self.random.choice([0, 5])]) + self.random.randbytes(20)
        body += hashlib.sha256(hashlib.sha256(body).digest()).digest()[:4]
        number, text = int.from_bytes(body, "big"), ""
        while number:
            number, rest = divmod(number, 58)
            text = BASE58[rest] + text
        text = "1" * (len(body) - len(body.lstrip(b"\0"))) + text
        return Canary("CRYPTO", self.random.choice([text, "0x" + self.signs("0123456789abcdef", 40)]))


# Class, what makes it, and how many. Of these each has its share; the rest are persons.
MAKERS = [
    ("email", 800), ("phone", 700), ("card", 600), ("iban", 400), ("ssn", 400), ("itin", 100), ("bank_account", 150),
    ("bic", 100), ("nino", 100), ("pan", 100), ("nif", 100), ("cnp", 100), ("curp", 100), ("nric", 100), ("taiwan", 100),
    ("medicare", 100), ("passport", 200), ("us_licence", 100), ("licence", 100), ("record", 150), ("birth", 400),
    ("street", 500), ("postal", 150), ("place", 200), ("organisation", 250), ("address4", 250), ("address6", 150),
    ("mac", 200), ("latitude", 250), ("coordinates", 150), ("key", 300), ("password", 150), ("secret_url", 150),
    ("url", 100), ("domain", 100), ("crypto", 200), ("username", 200),
]


def values(seed, total=TOTAL):
    """The canaries, mixed; no text stands in another."""
    maker = Maker(seed)
    seen, found = set(), []

    def keep(canary):
        key = canary.text.casefold()
        if key in seen:
            return False
        seen.add(key)
        found.append(canary)
        return True

    # What python-stdnum calls valid, of 33 kinds.
    with open(NUMBERS, encoding="utf-8") as file:
        for line in file:
            kind, number, valid = line.split()
            if valid == "1":
                keep(Canary(kind, number))
    for name, count in MAKERS:
        made = 0
        while made < count:
            made += keep(getattr(maker, name)())
    while len(found) < total:
        keep(maker.person())
    assert len(found) == total, f"{len(found)} values"
    maker.random.shuffle(found)
    return found


def by_kind(canaries):
    return {kind: list(group) for kind, group in itertools.groupby(sorted(canaries, key=lambda one: one.kind), lambda one: one.kind)}
