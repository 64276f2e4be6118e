"""Where canaries are planted: sources in every form that a value can have in one.

Each class of values goes every way: into a cell of its own column, into free text, base64, another case or other
separators, full-width signs, under a null, into a table where it was deleted, and into rows that are broken.
"""

import base64
import csv
import io

import forms

WAYS = ["plain", "plain", "text", "text", "base64", "case", "wide", "null", "table", "broken"]
COLUMNS = [
    "id", "full_name", "email", "phone", "street_address", "city", "postal_code", "date_of_birth", "credit_card", "iban",
    "bank_account", "swift_bic", "ssn", "national_id", "passport_number", "drivers_license", "medical_record",
    "ip_address", "mac_address", "latitude", "gps", "api_key", "password", "website", "crypto_wallet", "username",
    "company", "notes", "attachment", "amount",
]
HOMES = {
    "PERSON": "full_name", "EMAIL_ADDRESS": "email", "PHONE_NUMBER": "phone", "STREET_ADDRESS": "street_address", "GPE": "city",
    "ZIP_CODE": "postal_code", "DATE_OF_BIRTH": "date_of_birth", "CREDIT_CARD": "credit_card", "IBAN_CODE": "iban",
    "BANK_ACCOUNT": "bank_account", "SWIFT_BIC": "swift_bic", "US_SSN": "ssn", "PASSPORT": "passport_number",
    "US_DRIVER_LICENSE": "drivers_license", "DRIVER_LICENSE": "drivers_license", "MEDICAL_RECORD_NUMBER": "medical_record",
    "IP_ADDRESS": "ip_address", "MAC_ADDRESS": "mac_address", "GPS_COORDINATES": "gps", "API_KEY": "api_key",
    "PASSWORD": "password", "CREDENTIAL_URL": "website", "URL": "website", "DOMAIN_NAME": "website",
    "CRYPTO": "crypto_wallet", "USERNAME": "username", "ORGANIZATION": "company",
}
TABLE = f"CREATE TABLE people (id INTEGER PRIMARY KEY, {', '.join(name + (' REAL' if name in ('latitude', 'amount') else ' TEXT') for name in COLUMNS[1:])})"
BROKEN_CELLS = 36


class Plan:
    """Which canary goes which way, and the sources that hold them."""

    def __init__(self, canaries):
        self.ways = {way: [] for way in set(WAYS)}
        counts = {}
        for canary in canaries:
            place = counts.get(canary.kind, 0)
            counts[canary.kind] = place + 1
            way = WAYS[place % len(WAYS)]
            # A number is one only in its own column.
            if canary.number is not None and way in ("base64", "case", "wide", "null", "table"):
                way = "plain"
            self.ways[way].append(canary)

    @property
    def planted(self):
        return sum(len(group) for group in self.ways.values())

    def csv(self):
        """The table of people: whole rows, and broken ones behind them."""
        columns = {name: [] for name in COLUMNS}
        for canary in self.ways["plain"]:
            columns["latitude" if canary.number is not None else HOMES.get(canary.kind, "national_id")].append(canary.text)
        for canary in self.ways["case"]:
            text = forms.swapped(canary.text)
            columns[HOMES.get(canary.kind, "national_id")].append(text)
        for canary in self.ways["wide"]:
            columns[HOMES.get(canary.kind, "national_id")].append(forms.full_width(canary.text))
        texts = [canary.text for canary in self.ways["text"]]
        sentences = ["Asked for {0} on Monday; „{1}“ was given instead.", "see {0}\nand then {1}", "{0}|{1}|none", "<b>{0}</b> ({1})"]
        for place in range(0, len(texts), 2):
            pair = (texts[place:place + 2] + ["nothing"])[:2]
            columns["notes"].append(sentences[place // 2 % len(sentences)].format(*pair))
        for canary in self.ways["base64"]:
            columns["attachment"].append(base64.b64encode(f"row {canary.text}".encode()).decode())
        rows = max(2000, max(len(values) for values in columns.values()))
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in range(rows):
            cells = []
            for name in COLUMNS:
                values = columns[name]
                fill = f"{row}.25" if name == "amount" else "none" if name in ("notes", "attachment") else ""
                # Over all rows, so that no sample misses a class.
                cells.append(str(row + 1) if name == "id" else values[row % len(values)] if values else fill)
            writer.writerow(cells)
        broken = [canary.text for canary in self.ways["broken"]]
        for place in range(0, len(broken), BROKEN_CELLS):
            cells = broken[place:place + BROKEN_CELLS]
            kind = place // BROKEN_CELLS % 3
            if kind == 0 and len(cells) > len(COLUMNS):
                writer.writerow([rows + place, *cells])  # too many cells
            elif kind == 1:
                writer.writerow([cells[0], *cells[1:20], " ".join(cells[20:])])  # no number where one is due, and too few
            else:
                row = [str(rows + 100 + place)] + [""] * (len(COLUMNS) - 1)
                row[COLUMNS.index("notes")] = " ".join(cells)
                row[COLUMNS.index("amount")] = cells[0]
                row[COLUMNS.index("latitude")] = cells[-1]
                writer.writerow(row)
        return out.getvalue()

    def nulls(self):
        """The source of the connector that hides values under nulls."""
        lines = []
        for place, canary in enumerate(self.ways["null"]):
            digits = "".join(sign for sign in canary.text if sign.isdigit() and sign.isascii())[:18] or "7"
            lines.append(f"0\t{place}\t{canary.text}\t{digits}")
            lines.append(f"1\t{place + 100_000}\tplain\t7")
        return "\n".join(lines) + "\n"

    def table(self):
        """SQL of a table: half as values, half deleted, with their bytes still in the file."""
        rows = []
        for place, canary in enumerate(self.ways["table"]):
            text = canary.text.replace("'", "''")
            rows.append(f"({place}, '{text}', 'x{place}', NULL)" if place % 2 else f"({place}, 'nobody', 'x{place}', '{text}')")
        return f"""
            PRAGMA secure_delete = OFF;
            CREATE TABLE people (id INTEGER PRIMARY KEY, full_name TEXT, notes TEXT, nickname TEXT);
            INSERT INTO people VALUES {", ".join(rows)};
            UPDATE people SET nickname = NULL;
        """
