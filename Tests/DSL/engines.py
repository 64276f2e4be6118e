#!/usr/bin/env python3
"""Runs emitted queries of the Transform DSL in the real engines.

An emitted query is what `sluice dsl compile PROGRAM --target ENGINE --json` prints. Each engine here takes it with typed
rows and gives back, a row each, the canonical texts of the targets and the errors. Results have the types that were
promised, or it is an EngineError; nothing is converted to hide a difference.

As a program it serves `sluice dsl diff`: one JSON document a line in, one a line out.

    {"engine":"duckdb","query":{…},"inputs":[{"name":"x","type":"text"}],"rows":[["a"],[null]]}
    {"cells":[["A"],[null]],"errors":[[],["0:0:NOT_DATE"]]}    or    {"error":"…"}

Cells of rows are canonical texts or null (docs/dsl.md, "Values").
"""

from __future__ import annotations

import decimal
import json
import os
import sys
import time
from pathlib import Path

from values import Row, decimal_text, decimal_type, float_text, text_of, value_of

NAMES = ("postgres", "duckdb", "spark", "polars")
ROW = "rid"


class EngineError(Exception):
    """The engine refused the query or gave something of another type."""


# --- Arrow, which three of the four speak ----------------------------------------------------------------------------


def arrow_type(kind: str):
    import pyarrow as pa

    found = decimal_type(kind)
    if found:
        return pa.decimal128(*found)
    return {
        "text": pa.string(),
        "int64": pa.int64(),
        "float64": pa.float64(),
        "bool": pa.bool_(),
        "date": pa.date32(),
        "timestamp": pa.timestamp("us"),
    }[kind]


def arrow_table(inputs: list[tuple[str, str]], rows: list[list]):
    """The rows with their numbers in a column `rid`."""
    import pyarrow as pa

    columns, names = [pa.array(range(len(rows)), pa.int64())], [ROW]
    for place, (name, kind) in enumerate(inputs):
        values, found = [row[place] for row in rows], decimal_type(kind)
        if found:
            with decimal.localcontext(prec=40):
                values = [None if v is None else decimal.Decimal(v).scaleb(-found[1]) for v in values]
        if kind in ("date", "timestamp"):
            array = pa.array(values, pa.int32() if kind == "date" else pa.int64()).view(arrow_type(kind))
        else:
            array = pa.array(values, arrow_type(kind))
        columns.append(array)
        names.append(name)
    return pa.Table.from_arrays(columns, names)


def arrow_texts(column, kind: str) -> list[str | None]:
    """Canonical texts of a column that must have this type."""
    import pyarrow as pa

    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    is_text = (
        pa.types.is_string(column.type) or pa.types.is_large_string(column.type) or pa.types.is_string_view(column.type)
    )
    if kind == "text":
        if pa.types.is_null(column.type):
            return [None] * len(column)
        fits = is_text
    elif decimal_type(kind):
        fits = pa.types.is_decimal(column.type) and column.type.scale == decimal_type(kind)[1]
    elif kind == "timestamp":
        fits = pa.types.is_timestamp(column.type) and column.type.tz in (None, "UTC", "Etc/UTC")
    else:
        fits = column.type == arrow_type(kind)
    if not fits:
        raise EngineError(f"a column of {kind} came back as {column.type}")
    if kind == "timestamp":
        values = column.cast(pa.timestamp("us", column.type.tz)).cast(pa.int64()).to_pylist()
    elif kind == "date":
        values = column.cast(pa.int32()).to_pylist()
    elif decimal_type(kind):
        scale = decimal_type(kind)[1]
        return [None if v is None else decimal_text(units(v, scale), scale) for v in column.to_pylist()]
    else:
        values = column.to_pylist()
    return [text_of(v, kind) for v in values]


def units(value: decimal.Decimal, scale: int) -> int:
    """Units of 10^-scale; the value has no more digits than that."""
    sign, digits, exponent = value.as_tuple()
    number = int("".join(map(str, digits))) * 10 ** (exponent + scale) if exponent + scale >= 0 else None
    if number is None:
        raise EngineError(f"{value} has more than {scale} digits behind the point")
    return -number if sign else number


def arrow_rows(table, query: dict, count: int) -> list[Row]:
    """By the column `rid`, whatever order the engine gave them in."""
    wanted = [query["row"], *(column["name"] for column in query["columns"]), query["errors"]]
    if table.column_names != wanted:
        raise EngineError(f"the columns are {table.column_names}, not {wanted}")
    numbers = table.column(0).to_pylist()
    if sorted(numbers) != list(range(count)):
        raise EngineError(f"{count} rows went in, and {len(numbers)} with other numbers came out")
    cells = [arrow_texts(table.column(place), column["type"]) for place, column in enumerate(query["columns"], 1)]
    errors = arrow_texts(table.column(len(wanted) - 1), "text")
    out: list[Row] = [Row([], [])] * count
    for place, number in enumerate(numbers):
        out[number] = Row([column[place] for column in cells], split_errors(errors[place]))
    return out


def split_errors(text: str | None) -> list[str]:
    if text == "":
        raise EngineError("a row without errors has an empty text instead of null")
    return text.split(";") if text else []


# --- the engines -------------------------------------------------------------------------------------------------------


class DuckDB:
    def __init__(self):
        import duckdb

        self.connection = duckdb.connect(":memory:", config={"threads": 1})
        self.connection.execute("set timezone='UTC'")

    def run(self, query: dict, inputs: list[tuple[str, str]], rows: list[list]) -> list[Row]:
        self.connection.register("input", arrow_table(inputs, rows))
        values = {p["name"]: int(p["value"]) if p["type"] == "wide" else p["value"] for p in query["parameters"]}
        table = self.connection.sql(query["text"], params=values).to_arrow_table()
        return arrow_rows(table, query, len(rows))

    def close(self) -> None:
        self.connection.close()


class Polars:
    def run(self, query: dict, inputs: list[tuple[str, str]], rows: list[list]) -> list[Row]:
        import polars as pl

        space: dict = {}
        exec(compile(query["text"], "<emitted>", "exec"), space)
        values = {p["name"]: int(p["value"]) if p["type"] == "wide" else p["value"] for p in query["parameters"]}
        frame = space["transform"](pl.from_arrow(arrow_table(inputs, rows)).lazy(), values)
        return arrow_rows(frame.collect().to_arrow(), query, len(rows))

    def close(self) -> None:
        pass


class Spark:
    """One session for all; a small heap, one core, ANSI on."""

    def __init__(self):
        os.environ.setdefault("JAVA_TOOL_OPTIONS", "-Xss8m -XX:+UseSerialGC -XX:TieredStopAtLevel=1")
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master("local[1]").appName("sluice-dsl")
        for key, value in {
            "spark.ui.enabled": "false",
            "spark.driver.memory": "1g",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.ansi.enabled": "true",
            "spark.sql.shuffle.partitions": "1",
            "spark.sql.adaptive.enabled": "false",
            "spark.log.level": "OFF",
            "spark.sql.codegen.logging.maxLines": "0",
            "spark.sql.autoBroadcastJoinThreshold": "-1",
        }.items():
            builder = builder.config(key, value)
        self.session = builder.getOrCreate()

    def run(self, query: dict, inputs: list[tuple[str, str]], rows: list[list]) -> list[Row]:
        frame = self.session.createDataFrame(arrow_table(inputs, rows))
        frame.createOrReplaceTempView("input")
        values = {p["name"]: spark_value(p) for p in query["parameters"]}
        table = self.session.sql(query["text"], values).toArrow()
        return arrow_rows(table, query, len(rows))

    def interpret(self, on: bool) -> None:
        """Without generated code: the same expressions, and no compiler for plans of a few rows."""
        self.session.conf.set("spark.sql.codegen.wholeStage", str(not on).lower())
        self.session.conf.set("spark.sql.codegen.factoryMode", "NO_CODEGEN" if on else "FALLBACK")

    def close(self) -> None:
        self.session.stop()


def spark_value(parameter: dict):
    # Spark takes literals alone: the query casts numbers, and reads lists from JSON.
    value, kind = parameter["value"], parameter["type"]
    if kind == "wide":
        return decimal.Decimal(value)
    return json.dumps(value) if kind in ("texts", "integers") else value


class PostgresEngine:
    """Results in the text format, so that nothing is lost on the way into Python."""

    OIDS = {"text": 25, "int64": 20, "float64": 701, "bool": 16, "date": 1082, "timestamp": 1114}
    TYPES = {
        "text": "text",
        "int64": "bigint",
        "float64": "double precision",
        "bool": "boolean",
        "date": "date",
        "timestamp": "timestamp",
    }

    def __init__(self):
        import psycopg
        from postgres import Postgres
        from psycopg.adapt import Loader
        from psycopg.types.string import StrDumper

        self.server = Postgres()
        self.connection = self.server.connect(autocommit=True, cursor_factory=psycopg.RawCursor)

        class Text(Loader):
            def load(self, data):
                return bytes(data).decode()

        for kind in (*self.OIDS.values(), 1700, 23, 21, 1184):
            self.connection.adapters.register_loader(kind, Text)
        self.connection.adapters.register_dumper(str, StrDumper)  # as text, not of an unknown type
        self.connection.execute("set timezone='UTC'; set datestyle='ISO'; set jit=off")

    def run(self, query: dict, inputs: list[tuple[str, str]], rows: list[list]) -> list[Row]:
        import psycopg

        names = [ROW] + [name for name, _ in inputs]
        types = ["bigint"] + [self.type(kind) for _, kind in inputs]
        fields = psycopg.sql.SQL(", ").join(
            psycopg.sql.SQL("{} " + kind).format(psycopg.sql.Identifier(name)) for name, kind in zip(names, types)
        )
        # A RawCursor takes text alone.
        make = psycopg.sql.SQL("create temp table input ({})").format(fields).as_string(self.connection)
        try:
            with self.connection.transaction(force_rollback=True), self.connection.cursor() as cursor:
                cursor.execute(make)
                with cursor.copy("copy input from stdin") as copy:
                    for number, row in enumerate(rows):
                        copy.write_row([str(number), *(postgres_text(v, k) for v, (_, k) in zip(row, inputs))])
                cursor.execute(query["text"], [postgres_value(p) for p in query["parameters"]])
                return self.rows(query, cursor, len(rows))
        except psycopg.Error as error:
            raise EngineError(str(error)) from None

    def type(self, kind: str) -> str:
        found = decimal_type(kind)
        return "numeric(%d,%d)" % found if found else self.TYPES[kind]

    def rows(self, query: dict, cursor, count: int) -> list[Row]:
        wanted = [query["row"], *(column["name"] for column in query["columns"]), query["errors"]]
        have = [column.name for column in cursor.description]
        if have != wanted:
            raise EngineError(f"the columns are {have}, not {wanted}")
        kinds = [column["type"] for column in query["columns"]]
        for kind, column in zip([*kinds, "text"], cursor.description[1:]):
            oid = 1700 if decimal_type(kind) else self.OIDS[kind]
            if column.type_code != oid:
                raise EngineError(f"column {column.name} of {kind} came back as the type {column.type_code}")
        out: list[Row] = [Row([], [])] * count
        seen = set()
        for number, *cells, errors in cursor.fetchall():
            seen.add(int(number))
            out[int(number)] = Row([from_postgres(c, k) for c, k in zip(cells, kinds)], split_errors(errors))
        if seen != set(range(count)) or cursor.rowcount != count:
            raise EngineError(f"{count} rows went in, and {cursor.rowcount} came out")
        return out

    def close(self) -> None:
        self.connection.close()
        self.server.close()


def postgres_text(value, kind: str) -> str | None:
    if kind == "float64" and value is not None:
        return repr(value)
    text = text_of(value, kind)
    return text[:-1].replace("T", " ") if kind == "timestamp" and text else text


def postgres_value(parameter: dict):
    from psycopg.types.numeric import Float8, Int8

    value, kind = parameter["value"], parameter["type"]
    if kind == "integer":
        return Int8(value)
    if kind == "integers":
        return [Int8(v) for v in value]
    if kind == "wide":
        return decimal.Decimal(value)
    if kind == "float64":
        return Float8(value)
    return value


def from_postgres(text: str | None, kind: str) -> str | None:
    if text is None or kind in ("text", "int64", "date"):
        return text
    if kind == "bool":
        return {"t": "true", "f": "false"}[text]
    if kind == "float64":
        return float_text(float(text))
    if kind == "timestamp":
        clock, _, fraction = text.partition(".")
        return clock.replace(" ", "T") + "." + fraction.ljust(6, "0") + "Z"
    scale = decimal_type(kind)[1]
    return decimal_text(units(decimal.Decimal(text), scale), scale)


class Engines:
    """Each engine, started when it is first needed."""

    MAKE = {"duckdb": DuckDB, "polars": Polars, "spark": Spark, "postgres": PostgresEngine}

    def __init__(self):
        self.started: dict[str, object] = {}
        self.seconds: dict[str, float] = dict.fromkeys(self.MAKE, 0.0)

    def get(self, name: str):
        if name not in self.started:
            self.started[name] = self.MAKE[name]()
        return self.started[name]

    def run(self, name: str, query: dict, inputs: list[tuple[str, str]], rows: list[list]) -> list[Row]:
        """Raises EngineError for whatever the engine says."""
        began = time.monotonic()
        try:
            return self.get(name).run(query, inputs, rows)
        except EngineError:
            raise
        except Exception as error:  # each engine has classes of its own
            raise EngineError(f"{type(error).__name__}: {error}") from error
        finally:
            self.seconds[name] += time.monotonic() - began

    def close(self) -> None:
        for engine in self.started.values():
            engine.close()


def serve() -> None:
    # Java writes to file descriptor 1 too: answers go to a copy of it, everything else to standard error.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    engines = Engines()
    try:
        for line in sys.stdin:
            try:
                ask = json.loads(line)
                if ask["engine"] not in NAMES:
                    raise EngineError(f"there is no engine {ask['engine']}; there are {', '.join(NAMES)}")
                inputs = [(field["name"], field["type"]) for field in ask["inputs"]]
                rows = [[value_of(c, k) for c, (_, k) in zip(row, inputs)] for row in ask["rows"]]
                result = engines.run(ask["engine"], ask["query"], inputs, rows)
                answer = {"cells": [row.cells for row in result], "errors": [row.errors for row in result]}
            except Exception as error:
                answer = {
                    "error": f"{type(error).__name__}: {error}" if not isinstance(error, EngineError) else str(error)
                }
            answers.write(json.dumps(answer) + "\n")
            answers.flush()
    finally:
        engines.close()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    serve()
