#!/usr/bin/env python3
"""Write Tests/Golden/json-schema/pairs.jsonl: schemas of our subset, values, and what python's jsonschema says of each.

    make-schema-pairs.py [--count 500] [--seed 20]

Needs `pip install jsonschema`. The file is committed; run it again when the subset grows.
"""
import argparse
import json
import random
from pathlib import Path

from jsonschema import Draft202012Validator

OUT = Path(__file__).resolve().parent.parent / "Golden/json-schema/pairs.jsonl"
WORDS = ["", "a", "b", "ab", "none", "é", "e\u0301", "👍🏽", "~/", "x" * 9, "1"]
NUMBERS = [0, 1, 2, -1, 3, 1.0, 1.5, -0.5, 0.0, 10, 9007199254740993, 9007199254740992.0, 9223372036854775807,
           -9223372036854775808, 1e19, -1e19, 2.5e-3, 12345678901234567890]
KEYS = ["a", "b", "c", "a/b", "m~n", ""]


def value(rng, depth):
    kind = rng.randrange(8 if depth else 6)
    if kind == 0:
        return None
    if kind == 1:
        return rng.random() < 0.5
    if kind in (2, 3):
        return rng.choice(NUMBERS)
    if kind in (4, 5):
        return rng.choice(WORDS)
    if kind == 6:
        return [value(rng, depth - 1) for _ in range(rng.randrange(4))]
    return {rng.choice(KEYS): value(rng, depth - 1) for _ in range(rng.randrange(4))}


def schema(rng, depth):
    if rng.random() < 0.05:
        return rng.random() < 0.6
    made = {}
    if rng.random() < 0.6:
        types = ["null", "boolean", "integer", "number", "string", "array", "object"]
        made["type"] = rng.choice(types) if rng.random() < 0.6 else rng.sample(types, rng.randrange(1, 4))
    if rng.random() < 0.15:
        made["enum"] = [value(rng, 1) for _ in range(rng.randrange(1, 5))]
    if rng.random() < 0.07:
        made["const"] = value(rng, 2)
    if rng.random() < 0.3:
        made["minimum"] = rng.choice(NUMBERS)
    if rng.random() < 0.3:
        made["maximum"] = rng.choice(NUMBERS)
    for key in ("minLength", "maxLength", "minItems", "maxItems"):
        if rng.random() < 0.15:
            made[key] = rng.choice([0, 1, 2, 3, 2.0])
    if depth:
        if rng.random() < 0.5:
            made["properties"] = {key: schema(rng, depth - 1) for key in rng.sample(KEYS, rng.randrange(4))}
        if rng.random() < 0.3:
            made["required"] = rng.sample(KEYS, rng.randrange(3))
        if rng.random() < 0.3:
            made["additionalProperties"] = rng.choice([False, True, schema(rng, depth - 1)])
        if rng.random() < 0.4:
            made["items"] = schema(rng, depth - 1)
        if rng.random() < 0.2:
            made["prefixItems"] = [schema(rng, depth - 1) for _ in range(rng.randrange(1, 3))]
        if rng.random() < 0.2:
            made["anyOf"] = [schema(rng, depth - 1) for _ in range(rng.randrange(1, 4))]
    return made


def near(rng, form, depth):
    """A value that is likelier to be valid: made after the schema."""
    if not isinstance(form, dict) or rng.random() < 0.2:
        return value(rng, depth)
    if "enum" in form and rng.random() < 0.8:
        return rng.choice(form["enum"])
    if "const" in form and rng.random() < 0.8:
        return form["const"]
    types = form.get("type", rng.choice(["object", "array", "string", "number"]))
    name = types if isinstance(types, str) else rng.choice(types)
    if name == "object":
        keys = set(form.get("required", [])) | set(rng.sample(KEYS, rng.randrange(3)))
        return {key: near(rng, form.get("properties", {}).get(key, True), depth - 1) for key in sorted(keys)}
    if name == "array":
        count = int(form.get("minItems", 0)) + rng.randrange(2)
        return [near(rng, form.get("items", True), depth - 1) for _ in range(count)]
    pools = {"string": WORDS, "null": [None], "boolean": [True, False]}
    return rng.choice(pools.get(name, NUMBERS))


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--count", type=int, default=500)
    arguments.add_argument("--seed", type=int, default=20)
    options = arguments.parse_args()
    rng = random.Random(options.seed)
    lines = []
    for _ in range(options.count):
        form = schema(rng, 3)
        validator = Draft202012Validator(form)
        cases = []
        for _ in range(6):
            # As our parser reads it: whole numbers beyond 64 bits are doubles there.
            made = near(rng, form, 2) if rng.random() < 0.7 else value(rng, 2)
            cases.append([made, validator.is_valid(made)])
        lines.append(json.dumps({"schema": form, "cases": cases}, ensure_ascii=False, separators=(",", ":")))
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")


main()
