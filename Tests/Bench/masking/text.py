"""Text as systems hold it: prose, logs, CSV rows and JSON lines, with about one personal value a kilobyte.

The same bytes for the same size. Numbers are as frequent as in real files: prices, years, times, ids, versions, hashes.
"""
import random

WORDS = """the of and to in that for was with his they have from this will your which their would there about when make
like time just know take people into year good some could them other than then look only come over think also back after
work first well even want because these give most team budget delivery customer supplier contract meeting quarter report
review project office market service account manager record update system process material warehouse transport schedule
invoice payment agreement product quality number department factory region analysis morning weekend station building
question answer during between against without through another however second nothing together important different""".split()
NAMES = "alice bruno chen diego emma farid greta hugo ines jonas kira liam maria nadia oscar paula quinn rosa tomas vera".split()
HOSTS = "example.com example.org mail.example.net corp.example.co.uk example.de".split()
LEVELS = "INFO DEBUG INFO WARN INFO ERROR INFO".split()
PATHS = "/api/v2/orders /static/app.js /health /api/v1/items/search /login /assets/img/logo.svg /export/report".split()
IBANS = """DE89370400440532013000 GB82WEST12345698765432 FR1420041010050500013M02606 NL91ABNA0417164300
CH9300762011623852957 AT611904300234573201 ES9121000418450200051332 BE68539007547034""".split()


def luhn(digits):
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return digits + str(-total % 10)


def personal(r):
    """A value of one of six types, as people write it."""
    kind = r.randrange(10)
    if kind < 4:
        return f"{r.choice(NAMES)}.{r.choice(NAMES)}{r.randrange(99)}@{r.choice(HOSTS)}"
    if kind < 6:
        area, rest, last = r.randrange(201, 989), r.randrange(200, 999), r.randrange(10000)
        return r.choice((f"({area}) {rest}-{last:04}", f"+1 {area} {rest} {last:04}", f"{area}-{rest}-{last:04}"))
    if kind == 6:
        card = luhn("4" + f"{r.randrange(10**14):014}")
        return r.choice((card, " ".join(card[at:at + 4] for at in range(0, 16, 4))))
    if kind == 7:
        return r.choice(IBANS)
    if kind == 8:
        return ".".join(str(r.randrange(1, 255)) for _ in range(4))
    return f"{r.randrange(100, 665)}-{r.randrange(10, 99)}-{r.randrange(1000, 9999)}"


def date(r):
    return f"20{r.randrange(10, 27):02}-{r.randrange(1, 13):02}-{r.randrange(1, 29):02}"


def time(r):
    return f"{r.randrange(24):02}:{r.randrange(60):02}:{r.randrange(60):02}"


def price(r):
    return f"{r.randrange(1, 2000)}.{r.randrange(100):02}"


def prose(r, value):
    words = r.choices(WORDS, k=r.randrange(30, 90))
    for _ in range(len(words) // 14):
        words[r.randrange(len(words))] = r.choice((
            f"in {r.randrange(1980, 2027)}", f"${price(r)}", f"{r.randrange(2, 100)}%", f"{r.randrange(1, 60)} days",
            f"at {r.randrange(1, 13)}:{r.randrange(60):02}", f"{r.randrange(1, 40)},{r.randrange(1000):03}", "(see page 12)",
            f"– {r.choice(WORDS)} –", f"“{r.choice(WORDS)}”", f"{r.choice(WORDS)}:", "café", f"no. {r.randrange(9999)}"))
    if value:
        words.insert(r.randrange(len(words)), value)
    words[0] = words[0].capitalize()
    return " ".join(words) + ".\n"


def log(r, value):
    note = f"user={value}" if value else f"bytes={r.randrange(100000)}"
    return (f"{date(r)}T{time(r)}.{r.randrange(1000):03}Z {r.choice(LEVELS)} [worker-{r.randrange(16)}] "
            f"req={r.getrandbits(64):016x} GET {r.choice(PATHS)}?page={r.randrange(50)} {r.choice((200, 200, 304, 404))} "
            f"{r.randrange(900)}ms {note}\n")


def row(r, value):
    return (f"{r.randrange(10**6)},{r.choice(WORDS)} {r.choice(WORDS)},{date(r)},{price(r)},{r.randrange(500)},"
            f"{r.choice(('EUR', 'USD', 'GBP'))},{value or r.choice(WORDS)},{r.choice(('true', 'false'))}\n")


def line(r, value):
    return (f'{{"id": {r.randrange(10**7)}, "sku": "AB-{r.randrange(10**4):04}-{r.choice("XYZ")}", "qty": {r.randrange(100)}, '
            f'"total": {price(r)}, "at": "{date(r)} {time(r)}", "version": "{r.randrange(9)}.{r.randrange(20)}.{r.randrange(50)}", '
            f'"contact": "{value or ""}", "note": "{" ".join(r.choices(WORDS, k=8))}"}}\n')


def documents(size, seed=6):
    """Texts of about a kilobyte, `size` bytes of UTF-8 in all."""
    r = random.Random(seed)
    made = 0
    while made < size:
        kind = r.choices((prose, log, row, line), (4, 2, 2, 2))[0]
        parts, count, wanted = [], 0, r.randrange(500, 1500)
        planted = r.randrange(wanted)
        while count < wanted:
            value = personal(r) if count <= planted < count + 150 else None
            part = kind(r, value)
            parts.append(part)
            count += len(part)
        text = "".join(parts)
        made += len(text.encode())
        yield text
