#!/usr/bin/env python3
"""score-columns.py TRUTH.csv ERRORS.jsonl: how a build answers the columns that two readers read.

TRUTH.csv is that of the set `semantic-types`; ERRORS.jsonl is what `sluice eval pii --data DIR --errors ERRORS.jsonl` writes on it. Prints JSON: the readers' agreement, and precision
and recall on the columns on which they agree whether they are personal.
"""
import csv
import json
import os
import sys

PERSONAL = ("NAME.", "EMAIL", "TELEPHONE", "STREET_ADDRESS", "SSN", "PERSON.", "GENDER", "IDENTITY")
QUALIFIERS = {"NON_LOCALIZED", "YES_NO", "ONE_ZERO", "TRUE_FALSE", "Y_N", "SIGNED", "GROUPING", "SIGNED,GROUPING"}
DATES = {"LocalDate", "LocalDateTime", "LocalTime", "OffsetDateTime", "ZonedDateTime"}


def labelled(row):
    label = row["SemanticType"]
    if label != "PERSON.DATE_OF_BIRTH" and (label in QUALIFIERS or row["BaseType"] in DATES):
        return False
    return label.startswith(PERSONAL) and label != "NAME.SUFFIX"


def kappa(pairs):
    count = len(pairs)
    seen = sum(a == b for a, b in pairs) / count
    answers = {x for pair in pairs for x in pair}
    chance = sum(sum(a == x for a, _ in pairs) * sum(b == x for _, b in pairs) for x in answers) / count / count
    return round((seen - chance) / (1 - chance), 4)


def figures(rows):
    tp = sum(truth and found for truth, found in rows)
    fp = sum(found and not truth for truth, found in rows)
    fn = sum(truth and not found for truth, found in rows)
    return {"columns": len(rows), "tp": tp, "fp": fp, "fn": fn, "precision": round(tp / (tp + fp), 4), "recall": round(tp / (tp + fn), 4)}


def main(argv):
    if len(argv) != 2:
        sys.exit(__doc__)
    with open(argv[0], encoding="utf-8", newline="") as file:
        labels = {(row["File"], int(row["FieldOffset"])): labelled(row) for row in csv.DictReader(file)}
    with open(argv[1], encoding="utf-8") as file:
        # A build that errs on a column answers other than the label.
        wrong = {(e["file"], e["column"]) for e in map(json.loads, file) if "column" in e}
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "column-adjudication.tsv")
    with open(path, encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file, delimiter="\t"))
    bare = [(row["reader_a"].rstrip("?"), row["reader_b"].rstrip("?")) for row in read]
    agreed, resolved = [], []
    for row, (a, b) in zip(read, bare):
        key = (row["file"], int(row["field_offset"]))
        found = labels[key] != (key in wrong)
        if (a != "NONE") == (b != "NONE"):
            agreed.append((a != "NONE", found))
            resolved.append((a != "NONE", found))
        else:
            resolved.append((labels[key], found))
    print(json.dumps({
        "kappa": kappa(bare), "kappa_personal": kappa([(a != "NONE", b != "NONE") for a, b in bare]),
        "agreed": figures(agreed), "label_where_they_differ": figures(resolved)}, indent=2))


main(sys.argv[1:])
