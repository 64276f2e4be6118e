"""Random well-typed programs over random nasty rows, and smaller ones that still fail."""

from __future__ import annotations

import copy
import random
import unicodedata

import nasty
from reference import result_type
from values import DAY, FIRST_DAY, LAST_DAY, decimal_type

FLAVOURS = {
    "words": nasty.TEXTS + nasty.CASED + nasty.LOOKALIKES,
    "numbers": nasty.INTEGERS + nasty.DECIMALS + nasty.GROUPED + nasty.FLOATS,
    "flags": nasty.BOOLEANS,
    "days": nasty.DATES + nasty.DAY_FIRST,
    "instants": nasty.INSTANTS + nasty.LOCAL,
}
PIECES = (
    list("abcXYZ019 ,;.-_@$'\"\\/%&|()[]{}*+?^")
    + nasty.WHITE
    + nasty.LOOKALIKES
    + nasty.CASED[:30]
    + ["e\u0301", "👨\u200d👩", "日", "\n"]
)
CLASSES = ["[0-9]", "[a-z]", "[A-Z]", " ", "-", "\\.", "@", ",", "[éèêü]", "[\\t\\n\\r]", "'", "[α-ω]", "_", "[😀-🙏]"]
DATE_FORMATS = ["yyyy-MM-dd", "dd/MM/yyyy", "MM/dd/yyyy", "d/M/yyyy", "yyyyMMdd", "dd.MM.yyyy", "dd/MM/yy"]
TIME_FORMATS = [
    "yyyy-MM-dd'T'HH:mm:ssXXX",
    "yyyy-MM-dd HH:mm:ss",
    "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    "yyyy-MM-dd",
    "dd.MM.yyyy HH:mm",
    "d/M/yyyy HH:mm:ss",
]
UNITS = [
    ["km", "m", "mi", "ft", "in", "cm"],
    ["kg", "lb", "oz", "g", "t"],
    ["degC", "degF", "K"],
    ["L", "gal_us", "mL"],
]
TARGETS = [
    "int64",
    "float64",
    "bool",
    "date",
    "timestamp",
    "decimal(18,2)",
    "decimal(9,4)",
    "decimal(5,0)",
    "decimal(18,10)",
]


class Generator:
    def __init__(self, seed: str):
        self.random = random.Random(seed)

    # --- data ---

    def text(self, flavour: str) -> str:
        r = self.random
        kind = r.random()
        if kind < 0.25 and flavour in ("numbers", "days", "instants"):
            return self.well_formed(flavour)
        if kind < 0.6:
            return r.choice(FLAVOURS[flavour])
        if kind < 0.85:  # one change to a text of the flavour
            text = r.choice(FLAVOURS[flavour])[:300]
            at = r.randrange(len(text) + 1)
            return text[:at] + r.choice(PIECES) + text[at + r.randrange(2) :]
        return "".join(r.choice(PIECES) for _ in range(r.randrange(9)))

    def well_formed(self, flavour: str) -> str:
        r = self.random
        if flavour == "numbers":
            whole = str(r.randrange(10 ** r.randint(1, 17)))
            if r.random() < 0.3:
                whole = f"{int(whole):,}"
            return (
                r.choice(["", "", "-", "+"])
                + r.choice(["", "", "", "$", "€"])
                + whole
                + (f".{r.randrange(1000)}" if r.random() < 0.5 else "")
            )
        year, month, day = r.choice([r.randint(1900, 2100), r.randint(1, 9999)]), r.randint(1, 12), r.randint(1, 28)
        if flavour == "days":
            return r.choice(
                [
                    f"{year:04}-{month:02}-{day:02}",
                    f"{day:02}/{month:02}/{year:04}",
                    f"{day}/{month}/{year:04}",
                    f"{year:04}{month:02}{day:02}",
                    f"{day:02}/{month:02}/{year % 100:02}",
                    f"{day:02}.{month:02}.{year:04}",
                ]
            )
        clock = f"{r.randrange(24):02}:{r.randrange(60):02}:{r.randrange(60):02}"
        if r.random() < 0.5:
            return f"{year:04}-{month:02}-{day:02} {clock}"
        offset = r.choice(["Z", f"{r.choice('+-')}{r.randrange(15):02}:{r.choice(['00', '30', '45'])}"])
        return f"{year:04}-{month:02}-{day:02}T{clock}{r.choice(['', '', f'.{r.randrange(1000):03}'])}{offset}"

    def value(self, kind: str, flavour: str):
        r = self.random
        if r.random() < 0.1:
            return None
        if kind == "text":
            return self.text(flavour)
        if kind == "int64":
            return (
                r.choice(nasty.INT64)
                if r.random() < 0.6
                else r.randrange(-(10 ** r.randrange(1, 19)), 10 ** r.randrange(1, 19))
            )
        if kind == "float64":
            return r.choice(nasty.FLOAT64) if r.random() < 0.7 else r.uniform(-1, 1) * 10.0 ** r.randrange(-30, 30)
        if kind == "bool":
            return r.random() < 0.5
        if kind == "date":
            return r.choice(nasty.DAYS) if r.random() < 0.6 else r.randint(FIRST_DAY, LAST_DAY)
        if kind == "timestamp":
            return r.choice(nasty.STAMPS) if r.random() < 0.6 else r.randint(FIRST_DAY * DAY, (LAST_DAY + 1) * DAY - 1)
        precision, scale = decimal_type(kind)
        if r.random() < 0.5:
            return r.choice(nasty.decimals(precision, scale))
        top = 10 ** r.randint(1, precision)
        return r.randrange(-top + 1, top)

    # --- programs ---

    def program(self, rows: int) -> tuple[dict, list[list]]:
        r = self.random
        inputs, flavours = [], []
        for place in range(r.randint(2, 6)):
            kind = r.choice(
                ["text"] * 6
                + [
                    "int64",
                    "int64",
                    "decimal(18,2)",
                    self.decimal(),
                    "float64",
                    "bool",
                    "date",
                    "timestamp",
                    "timestamp",
                ]
            )
            inputs.append({"name": f"x{place}", "type": kind})
            flavours.append(r.choice(list(FLAVOURS)))
        plans = [
            self.plan(f"y{place}", inputs, dict(zip((f["name"] for f in inputs), flavours)))
            for place in range(r.choice([1, 1, 1, 2, 2, 3]))
        ]
        # Steps that two plans share: the second plan begins as the first does.
        if len(plans) > 1 and r.random() < 0.5 and len(plans[0]["steps"]) > 1:
            steps = copy.deepcopy(plans[0]["steps"][: r.randint(1, len(plans[0]["steps"]))])
            for step in steps:
                if (
                    step["op"] in ("type_cast", "date_parse", "safe_math", "unit_convert", "date_format")
                    and r.random() < 0.3
                ):
                    step["on_error"] = r.choice(["null", "quarantine"])
            plans[1] = {"target": plans[1]["target"], "steps": steps, "result": steps[-1]["as"]}
        data = [[self.value(f["type"], flavour) for f, flavour in zip(inputs, flavours)] for _ in range(rows)]
        return {"inputs": inputs, "plans": plans}, data

    def decimal(self) -> str:
        precision = self.random.choice([1, 2, 3, 5, 9, 12, 17, 18])
        return f"decimal({precision},{self.random.randint(0, precision)})"

    def plan(self, target: str, inputs: list[dict], flavours: dict[str, str]) -> dict:
        r = self.random
        types = {field["name"]: field["type"] for field in inputs}
        pieces = dict.fromkeys(types, 1)
        flavours = dict(flavours)
        steps: list[dict] = []
        if r.random() < 0.03:
            return {"target": target, "steps": [], "result": r.choice(list(types))}
        for place in range(r.randint(1, 12)):
            step = self.step(types, flavours)
            if step is None:
                continue
            names = [name for name in step["in"] if isinstance(name, str)]
            size = sum(pieces[name] for name in names)
            if size > 60:
                continue
            step["as"] = f"s{place}"
            if (
                step["op"] not in ("trim", "case", "collapse_whitespace", "regex_extract", "regex_split", "concat")
                and r.random() < 0.35
            ):
                step["on_error"] = "null"
            kinds = [types[n] if isinstance(n, str) else "int64" for n in step["in"]]
            types[step["as"]] = result_type(step, kinds)
            pieces[step["as"]] = size
            flavours[step["as"]] = flavours.get(names[0], "words") if names else "words"
            steps.append(step)
        if not steps:
            return {"target": target, "steps": [], "result": r.choice(list(types))}
        return {"target": target, "steps": steps, "result": r.choice([s["as"] for s in steps[-3:]])}

    def step(self, types: dict[str, str], flavours: dict[str, str]) -> dict | None:
        r = self.random
        # Newer values are taken more often: chains, not bushes.
        names = list(types)
        weights = [1 + place for place in range(len(names))]

        def pick(*kinds: str) -> str | None:
            fit = [
                (n, w)
                for n, w in zip(names, weights)
                if types[n] in kinds or ("decimal" in kinds and types[n].startswith("decimal"))
            ]
            return r.choices([n for n, _ in fit], [w for _, w in fit])[0] if fit else None

        op = r.choice(
            [
                "trim",
                "case",
                "collapse_whitespace",
                "regex_extract",
                "regex_split",
                "concat",
                "map_dict",
                "unit_convert",
                "date_parse",
                "date_parse",
                "date_format",
                "date_format",
                "type_cast",
                "type_cast",
                "type_cast",
                "safe_math",
                "safe_math",
            ]
        )
        if op == "date_format":
            return self.date_format(pick("date", "timestamp"), types)
        if op == "unit_convert":
            return self.unit_convert(pick("int64", "decimal", "float64"), types)
        if op == "safe_math":
            return self.safe_math(lambda: pick("int64", "decimal"), types)
        if op == "type_cast":
            return self.type_cast(r.choice(names) if r.random() < 0.4 else pick("text"), types, flavours)
        name = pick("text")
        if name is None:
            return None
        step: dict = {"op": op, "in": [name]}
        if op == "case":
            step["to"] = r.choice(["upper", "lower"])
            if r.random() < 0.4:
                step["letters"] = r.choice(["unicode", "basic", "ascii"])
        elif op == "regex_extract":
            step["pattern"], has_group = self.pattern(anchors=True)
            if r.random() < 0.3:
                step["group"] = r.randrange(2) if has_group else 0
        elif op == "regex_split":
            if r.random() < 0.5:
                step["separator"] = r.choice([",", " ", "a", "-", "aa", "é", "\t", "||", "\\", ".", "@", "'"])
            else:
                step["pattern"] = self.pattern(anchors=False)[0]
            if r.random() < 0.6:
                step["index"] = r.choice([0, 1, 2, -1, -2, 5])
            else:
                step["join"] = r.choice(["", "", "-", " ", "\\1", "$0", "é"])
        elif op == "concat":
            step["in"] = [pick("text") for _ in range(r.choice([1, 2, 2, 3, 4]))]
            for key, texts in (
                ("separator", ["", " ", ",", "'", "\\", "é\n"]),
                ("prefix", ["", "+", "<", "$1"]),
                ("suffix", ["", ">", "?", "%s"]),
            ):
                if r.random() < 0.5:
                    step[key] = r.choice(texts)
            if r.random() < 0.5:
                step["nulls"] = r.choice(["skip", "propagate"])
        elif op == "map_dict":
            # No two of them one text to a reader of JSON that compares as Unicode's canonical equivalence does.
            keys = list(
                {
                    unicodedata.normalize("NFC", key): key for key in r.sample(FLAVOURS[flavours.get(name, "words")], 5)
                }.values()
            )
            step["map"] = {
                key: r.choice([None, "", "one", "1", "2024-02-29", "é", key]) for key in keys if len(key) < 200
            }
            step["default"] = r.choice([None, "?", "", {"keep": True}, {"keep": True}, {"error": True}])
            step["null"] = r.choice([None, None, "", "none", "0"])
        elif op == "date_parse":
            self.date_parse(step)
        return step

    def date_parse(self, step: dict) -> None:
        r = self.random
        step["to"] = r.choice(["date", "timestamp"])
        pool = DATE_FORMATS if step["to"] == "date" else TIME_FORMATS
        step["formats"] = r.sample(pool, r.randint(1, 3))
        if r.random() < 0.5 and pool[0] not in step["formats"]:
            step["formats"].append(pool[0])
        if any("yy" in f and "yyyy" not in f for f in step["formats"]):
            step["pivot"] = r.choice([0, 30, 69, 99])
        if step["to"] == "timestamp" and r.random() < 0.6:
            step["zone"] = r.choice(nasty.ZONES)
            for rule in ("gap", "overlap"):
                if r.random() < 0.5:
                    step[rule] = r.choice(["error", "earlier", "later"])
        if r.random() < 0.3:
            step["empty"] = r.choice(["null", "error"])

    def date_format(self, name: str | None, types: dict[str, str]) -> dict | None:
        r = self.random
        if name is None:
            return None
        step: dict = {"op": "date_format", "in": [name]}
        step["format"] = r.choice(DATE_FORMATS if types[name] == "date" else TIME_FORMATS + DATE_FORMATS)
        if types[name] == "timestamp" and r.random() < 0.6:
            step["zone"] = r.choice(nasty.ZONES)
        return step

    def unit_convert(self, name: str | None, types: dict[str, str]) -> dict | None:
        if name is None:
            return None
        dimension = self.random.choice(UNITS)
        source, target = self.random.choice(dimension), self.random.choice(dimension)
        kind = (
            "float64"
            if types[name] == "float64"
            else self.random.choice(["int64", "decimal(18,6)", "decimal(18,2)", self.decimal()])
        )
        return {"op": "unit_convert", "in": [name], "from": source, "to": target, "type": kind}

    def safe_math(self, pick, types: dict[str, str]) -> dict | None:
        r = self.random
        function = r.choice(["add", "subtract", "multiply", "divide", "modulo", "negate", "absolute"])
        first = pick()
        if first is None:
            return None
        taken: list = [first]
        if function not in ("negate", "absolute"):
            kind = r.random()
            taken.append(
                pick()
                if kind < 0.6
                else r.choice([0, 1, -1, 2, 7, 10, -3, 1000, 2**31, -(2**53 - 1), 2**53 - 1])
                if kind < 0.8
                else {"decimal": r.choice(["0.5", "1.19", "-0.01", "100", "0", "3.000001"])}
            )
            if kind >= 0.6 and r.random() < 0.3:
                taken.reverse()
        is_decimal = any(isinstance(t, dict) or (isinstance(t, str) and types[t].startswith("decimal")) for t in taken)
        if is_decimal and function == "modulo":
            return None
        step = {"op": "safe_math", "in": taken, "function": function}
        if is_decimal:
            step["to"] = r.choice(["decimal(18,2)", "decimal(18,6)", self.decimal()])
        return step

    def type_cast(self, name: str | None, types: dict[str, str], flavours: dict[str, str]) -> dict | None:
        r = self.random
        if name is None:
            return None
        kind = types[name]
        step: dict = {"op": "type_cast", "in": [name]}
        if kind == "text":
            wanted = {
                "numbers": ["int64", "float64", "decimal(18,2)", "decimal(9,4)", self.decimal()],
                "flags": ["bool", "int64"],
                "days": ["date", "date", "timestamp"],
                "instants": ["timestamp", "timestamp", "date"],
            }
            step["to"] = r.choice(wanted.get(flavours.get(name), TARGETS) if r.random() < 0.8 else TARGETS)
            if r.random() < 0.3:
                step["empty"] = r.choice(["null", "error"])
            number = step["to"].startswith("decimal")
            if number and r.random() < 0.2:
                step["decimal_mark"] = ","
            if (number or step["to"] == "int64") and r.random() < 0.4:
                groups = (
                    [",", " ", "'", "_"]
                    if step["to"] == "int64"
                    else [" ", "'", "_", "." if "decimal_mark" in step else ","]
                )
                step["grouping"] = r.choice(groups)
            if (number or step["to"] == "int64") and r.random() < 0.4:
                step["currency"] = r.choice([["$"], ["$", "€"], ["USD", "€", "£"]])
            if number and r.random() < 0.5:
                step["rounding"] = r.choice(["exact", "half_away"])
            return step
        if kind == "int64":
            step["to"] = r.choice(["text", "float64", self.decimal(), "decimal(18,2)"])
        elif kind.startswith("decimal"):
            step["to"] = r.choice(["text", "float64", "int64", self.decimal(), "decimal(18,2)"])
            if step["to"] == "int64" and r.random() < 0.5:
                step["rounding"] = "half_away"
        else:
            step["to"] = "text"
        return step

    def pattern(self, anchors: bool) -> tuple[str, bool]:
        """Each class once, so that no text can be matched in two ways; whether it has a group."""
        r = self.random
        classes = r.sample(CLASSES, r.randint(1, 4))
        parts, needed = [], r.randrange(len(classes))
        for place, piece in enumerate(classes):
            quantifiers = ["", "", "+", "{2}", "{1,3}", "{2,}"] + ([] if place == needed else ["*", "?", "{0,2}"])
            parts.append(piece + r.choice(quantifiers))
        group = r.random() < 0.4
        if group:
            at = r.randrange(len(parts))
            parts[at] = f"({parts[at]})"
        pattern = "".join(parts)
        if r.random() < 0.15 and not group and len(classes) > 1:
            pattern = f"(?:{parts[needed]}|#{''.join(p for place, p in enumerate(parts) if place != needed)})"
        if anchors:
            pattern = ("^" if r.random() < 0.25 else "") + pattern + ("$" if r.random() < 0.2 else "")
        return pattern, group


# --- shrinking ---------------------------------------------------------------------------------------------------------


def smaller(program: dict, rows: list[list]):
    """Programs with less in them, the boldest cuts first."""
    plans = program["plans"]
    if len(rows) > 1:
        half = len(rows) // 2
        yield program, rows[:half]
        yield program, rows[half:]
        for at in range(len(rows)):
            yield program, rows[:at] + rows[at + 1 :]
    for at in range(len(plans)):
        if len(plans) > 1:
            yield {**program, "plans": plans[:at] + plans[at + 1 :]}, rows
    for at, plan in enumerate(plans):
        for place, step in reversed(list(enumerate(plan["steps"]))):
            if place and plan["result"] != plan["steps"][place - 1]["as"]:
                cut = {**plan, "steps": plan["steps"][:place], "result": plan["steps"][place - 1]["as"]}
                yield {**program, "plans": [*plans[:at], cut, *plans[at + 1 :]]}, rows
            used = any(step["as"] in other["in"] for other in plan["steps"]) or plan["result"] == step["as"]
            if not used and len(plan["steps"]) > 1:
                cut = {**plan, "steps": plan["steps"][:place] + plan["steps"][place + 1 :]}
                yield {**program, "plans": [*plans[:at], cut, *plans[at + 1 :]]}, rows
    names = {n for plan in plans for step in plan["steps"] for n in step["in"] if isinstance(n, str)} | {
        plan["result"] for plan in plans
    }
    for place, field in enumerate(program["inputs"]):
        if field["name"] not in names and len(program["inputs"]) > 1:
            yield (
                {**program, "inputs": program["inputs"][:place] + program["inputs"][place + 1 :]},
                [row[:place] + row[place + 1 :] for row in rows],
            )


def shrink(program: dict, rows: list[list], fails, tries: int = 300) -> tuple[dict, list[list]]:
    """The smallest that `fails(program, rows)` still says True of, in so many tries."""
    done = False
    while not done and tries > 0:
        done = True
        for candidate in smaller(program, rows):
            tries -= 1
            if tries < 0:
                break
            if fails(*candidate):
                program, rows = candidate
                done = False
                break
    return program, rows
