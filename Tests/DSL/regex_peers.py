#!/usr/bin/env python3
"""Asks the engines what the DSL's patterns find, and compares.

    SLUICE_REGEX_PEERS=cells.jsonl swift test --skip-build --filter RegexPeersTests
    regex_peers.py cells.jsonl [--engines python,duckdb,polars,postgres,spark]

Each line holds a pattern, as every dialect writes it, and rows of text, match, group, place and pieces that the host's
matcher found. It prints up to 20 differences an engine and how many cells were compared, and returns 1 when there is a
difference.
"""
import argparse
import json
import pathlib
import re
import sys

from postgres import Postgres

CUT = "\x1f"


def python_cells(cases):
    for case in cases:
        compiled = re.compile(case["python"])
        for text, *_ in case["rows"]:
            found = compiled.search(text)
            cut = re.sub(case["python"], CUT, text) if case["splits"] else None
            if not found:
                yield None, None, -1, cut
            else:
                yield found[0], found[1] if case["group"] else None, found.start(), cut


def duckdb_cells(cases):
    import duckdb

    db = duckdb.connect()
    for case in cases:
        pattern = case["re2"]
        cut = "array_to_string(string_split_regex(x, $p), $c)" if case["splits"] else "$c"
        rows = db.execute(
            f"select regexp_matches(x, $p), regexp_extract(x, $p, 0), regexp_extract(x, $p, {case['group']}), {cut} "
            "from (select unnest($x) as x)",
            {"p": pattern, "x": [row[0] for row in case["rows"]], "c": CUT},
        ).fetchall()
        for hit, whole, group, pieces in rows:
            group = group if case["group"] and hit else None
            # The empty text stands for a group that has no part, and such a group is never empty.
            yield whole if hit else None, None if case["absent"] and group == "" else group, None, pieces


def polars_cells(cases):
    import polars as pl

    for case in cases:
        pattern = case["rust"]
        frame = pl.DataFrame({"x": [row[0] for row in case["rows"]]}).select(
            pl.col("x"),
            whole=pl.col("x").str.extract(pattern, 0),
            group=pl.col("x").str.extract(pattern, case["group"]),
            place=pl.col("x").str.find(pattern),
            cut=pl.col("x").str.replace_all(pattern, CUT),
        )
        for text, whole, group, place, cut in frame.rows():
            place = -1 if place is None else len(text.encode()[:place].decode())
            yield whole, group if case["group"] else None, place, cut


def postgres_cells(cases):
    server = Postgres()
    try:
        yield from answers_of(server, cases)
    finally:
        server.close()


def answers_of(server, cases):
    with server.connect() as connection:
        for case in cases:
            rows = connection.execute(
                "select regexp_substr(x, %(p)s), regexp_substr(x, %(p)s, 1, 1, '', %(g)s),"
                " regexp_instr(x, %(p)s) - 1, array_to_string(regexp_split_to_array(x, %(p)s), %(c)s)"
                " from unnest(%(x)s::text[]) with ordinality as t(x, n) order by n",
                {"p": case["postgres"], "x": [row[0] for row in case["rows"]], "c": CUT, "g": case["group"]},
            ).fetchall()
            for whole, group, place, cut in rows:
                yield whole, group if case["group"] else None, place, cut


def spark_cells(cases):
    from pyspark.sql import SparkSession

    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.log.level", "OFF")
        .getOrCreate()
    )
    made = {}
    for number in (0, 1):
        rows = [
            (place, row, case["java"], text[0])
            for place, case in enumerate(cases)
            if case["group"] == number
            for row, text in enumerate(case["rows"])
        ]
        if not rows:
            continue
        frame = spark.createDataFrame(rows, "c int, r int, p string, x string").selectExpr(
            "c", "r", "rlike(x, p)", "regexp_extract(x, p, 0)", f"regexp_extract(x, p, {number})",
            "regexp_instr(x, p) - 1", f"array_join(split(x, p, -1), '{CUT}')",
        )
        for place, row, hit, whole, group, start, cut in frame.collect():
            made[place, row] = hit, whole, group, start, cut
    spark.stop()
    for place, case in enumerate(cases):
        for row in range(len(case["rows"])):
            hit, whole, group, start, cut = made[place, row]
            group = group if case["group"] and hit else None
            yield whole if hit else None, None if case["absent"] and group == "" else group, start, cut


def compare(engine, cases, cells):
    cells = iter(cells)
    differences = checked = 0
    for case in cases:
        for text, whole, group, place, pieces in case["rows"]:
            made = next(cells)
            expected = [whole, group, place if made[2] is not None else None]
            if case["splits"]:
                expected.append(CUT.join(pieces))
            checked += 1
            if list(made[: len(expected)]) != expected:
                differences += 1
                if differences <= 20:
                    print(f"{engine}: {case['pattern']!r} on {text!r}: {list(made[:len(expected)])}, not {expected}")
    return checked, differences


ENGINES = {
    "python": python_cells, "duckdb": duckdb_cells, "polars": polars_cells, "postgres": postgres_cells,
    "spark": spark_cells,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("cells", type=pathlib.Path)
    parser.add_argument("--engines", default=",".join(ENGINES))
    arguments = parser.parse_args()
    cases = [json.loads(line) for line in arguments.cells.read_text(encoding="utf-8").splitlines()]
    failed = 0
    engines = arguments.engines.split(",")
    for engine in engines:
        checked, differences = compare(engine, cases, ENGINES[engine](cases))
        print(f"{engine}: {len(cases)} patterns, {checked} cells, {differences} differences", flush=True)
        failed += differences > 0
    print(f"{len(engines) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
