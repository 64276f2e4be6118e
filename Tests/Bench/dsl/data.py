"""Dirty people, made anew from a seed: the columns of the job, each as the two buffers of an Arrow array.

write(folder, rows) leaves `schema.json`, `NAME.offsets` (32-bit, one more than rows) and `NAME.values` there. `from_csv`
takes the ten columns of a file instead. Two columns more have a type: `day` (date) and `cents` (int64).
"""
import array, csv, datetime, json, os, random

TEXTS = "id first_name last_name email phone country birth_date signup_at amount status".split()
GIVEN = ("Ada Björn Carmen Dwayne Élodie Farid Grace Hoàng Ingrid José Kenji Łucja Mehmet Nadia Olaf Paula Quentin Rosa "
         "Søren Tülin Ursula Viktor Wanda Ximena Yusuf Zoë").split()
FAMILY = ("Abbott Brückner Castañeda Dubois Eriksson Ferreira Gagnon Hughes Ibáñez Jansen Kowalczyk Lindqvist Müller "
          "Nguyễn O'Connor Peterson Quiroga Rossi Smith Takahashi Ünal Vasquez Wójcik Young Zimmermann").split()
HOSTS = "example.com mail.example.org example.co.uk post.example.net team.example.io".split()
COUNTRIES = ["US", "USA", "United States", "U.S.", "GB", "UK", "United Kingdom", "DE", "Germany", "Deutschland", "FR",
             "France", "ES", "Spain", "BR", "Brazil", "JP", "Japan", "Atlantis", ""]
STATES = ["active", "Active ", "INACTIVE", "pending", " Pending", "closed"]
OFFSETS = ["Z", "+02:00", "-05:00", "+05:30"]
ASCII = str.maketrans("öÉàłøüñáễóÜëŁé", "oEalouaaeoUeLe")


def people(rows, seed=7):
    """One row after the other, as texts; the same for the same arguments."""
    chance = random.Random(seed)
    real, pick = chance.random, chance.choice
    first_day, first_second = datetime.date(1938, 1, 1).toordinal(), datetime.datetime(2014, 6, 1)
    for number in range(1, rows + 1):
        given, family = pick(GIVEN), pick(FAMILY)
        address = f"{given}.{family}{chance.randrange(90000)}@{pick(HOSTS)}".replace("'", "").translate(ASCII)
        kind = real()
        if kind < 0.1:
            given = "  " + given + " "
        elif kind < 0.16:
            family = family + " \t" + pick(FAMILY)
        elif kind < 0.18:
            given = given + "\n" + pick(GIVEN)
        elif kind < 0.2:
            family += ", Jr."
        kind = real()
        if kind < 0.15:
            address = " " + address.upper() + " "
        elif kind < 0.18:
            address = ""
        digits = str(chance.randrange(2000000000, 9999999999))
        kind = real()
        if kind < 0.35:
            phone = f"+1 ({digits[:3]}) {digits[3:6]}-{digits[6:]}"
        elif kind < 0.65:
            phone = f"{digits[:3]}.{digits[3:6]}.{digits[6:]}"
        else:
            phone = digits if kind < 0.95 else "unknown" if kind < 0.97 else ""
        day = datetime.date.fromordinal(first_day + chance.randrange(25000))
        kind = real()
        if kind < 0.6:
            birth = day.isoformat()
        elif kind < 0.96:
            birth = f"{day.day:02d}/{day.month:02d}/{day.year:04d}"
        else:
            birth = "" if kind < 0.997 else pick(["30/02/1988", "1991-13-07", "n/a"])
        signed = (first_second + datetime.timedelta(seconds=chance.randrange(320000000))).isoformat() + pick(OFFSETS)
        cents = chance.randrange(-400000, 9999999)
        sign, units, rest = "-" if cents < 0 else "", abs(cents) // 100, abs(cents) % 100
        kind = real()
        if kind < 0.5:
            amount = f"{sign}{units}.{rest:02d}"
        elif kind < 0.75:
            amount = f"{sign}{units:,}.{rest:02d}"
        elif kind < 0.9:
            amount = f"{sign}${units:,}.{rest:02d}"
        elif kind < 0.95:
            amount = f"{sign}{units}"
        else:
            amount = "" if kind < 0.997 else pick(["none", "1.2.3", "1,00.50"])
        yield (str(number), given, family, address, phone, pick(COUNTRIES), birth, signed, amount, pick(STATES))


def from_csv(path):
    with open(path, encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        next(lines)
        yield from lines


def write(folder, rows):
    """Rows are texts in the order of TEXTS."""
    os.makedirs(folder, exist_ok=True)
    values = [bytearray() for _ in TEXTS]
    offsets = [array.array("i", [0]) for _ in TEXTS]
    for row in rows:
        for cell, bytes_, ends in zip(row, values, offsets):
            bytes_ += cell.encode()
            ends.append(len(bytes_))
    count = len(offsets[0]) - 1
    for name, bytes_, ends in zip(TEXTS, values, offsets):
        with open(os.path.join(folder, name + ".values"), "wb") as out:
            out.write(bytes_)
        with open(os.path.join(folder, name + ".offsets"), "wb") as out:
            ends.tofile(out)
    chance = random.Random(11)
    typed = {"day": ("date", "i", -12000, 20000), "cents": ("int64", "q", -500000, 9999999)}
    for name, (_, code, low, high) in typed.items():
        with open(os.path.join(folder, name + ".values"), "wb") as out:
            array.array(code, (chance.randrange(low, high) for _ in range(count))).tofile(out)
    columns = [{"name": name, "type": "text"} for name in TEXTS]
    columns += [{"name": name, "type": kind[0]} for name, kind in typed.items()]
    with open(os.path.join(folder, "schema.json"), "w") as out:
        json.dump({"rows": count, "columns": columns}, out)
