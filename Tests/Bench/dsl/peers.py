"""The tasks of `make bench-dsl` in Polars and in DuckDB: peers.py ENGINE DATA REPEATS TASK…, one line of JSON a task.

Both start from the same Arrow arrays in memory and end with columns in memory, of Polars or of Arrow. The number of
threads is POLARS_MAX_THREADS or DUCKDB_THREADS. Seconds are the process's, of user and system together.
"""
import hashlib, json, os, sys, time

import pyarrow as pa

COUNTRIES = {"US": "US", "USA": "US", "United States": "US", "U.S.": "US", "GB": "GB", "UK": "GB", "United Kingdom": "GB",
             "DE": "DE", "Germany": "DE", "Deutschland": "DE", "FR": "FR", "France": "FR", "ES": "ES", "Spain": "ES",
             "BR": "BR", "Brazil": "BR", "JP": "JP", "Japan": "JP"}
MONEY = r"^-?\$?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]{1,2})?$"
SPACES = r"[ \t\n\x0B\f\r]+"
TARGETS = "id full_name email email_domain phone country birth_date signup_at amount_cents eur_cents status".split()


def table(folder):
    with open(os.path.join(folder, "schema.json")) as file:
        schema = json.load(file)
    rows, columns = schema["rows"], {}
    for column in schema["columns"]:
        def buffer(kind, name=column["name"]):
            with open(os.path.join(folder, f"{name}.{kind}"), "rb") as file:
                return pa.py_buffer(file.read())
        if column["type"] == "text":
            columns[column["name"]] = pa.Array.from_buffers(
                pa.utf8(), rows, [None, buffer("offsets"), buffer("values")])
        else:
            kind = {"date": pa.date32(), "int64": pa.int64()}[column["type"]]
            columns[column["name"]] = pa.Array.from_buffers(kind, rows, [None, buffer("values")])
    return pa.table(columns)


def polars_tasks(data):
    import polars as pl
    frame = pl.from_arrow(data)
    col = pl.col

    def squeezed(name):
        return col(name).str.replace_all(SPACES, " ").str.strip_chars(" ")

    def half_away(value, factor, divisor):
        return value.sign() * ((value.abs() * factor + divisor // 2) // divisor)

    def cents(name):
        return pl.when(col(name).str.contains(MONEY)).then(
            (col(name).str.replace_all(r"[$,]", "").cast(pl.Float64, strict=False) * 100).round()
            .cast(pl.Int64, strict=False))

    def birth(name):
        return pl.coalesce(
            col(name).str.to_date("%Y-%m-%d", strict=False), col(name).str.to_date("%d/%m/%Y", strict=False))

    def instant(name):
        return (col(name).str.replace("Z$", "+00:00")
                .str.to_datetime("%Y-%m-%dT%H:%M:%S%:z", time_zone="UTC", time_unit="us").dt.replace_time_zone(None))

    def digits(name):
        return col(name).str.replace_all(r"[^0-9]+", "")

    def country(name):
        return col(name).replace_strict(COUNTRIES, default=None, return_dtype=pl.String)

    def job():
        lazy = frame.lazy().with_columns(
            id=col("id").cast(pl.Int64),
            full_name=pl.concat_str([squeezed("first_name"), squeezed("last_name").str.to_uppercase()], separator=" "),
            email=col("email").str.strip_chars(" ").str.to_lowercase(), phone=digits("phone"),
            country=country("country"), birth=birth("birth_date"), signup_at=instant("signup_at"),
            status=col("status").str.strip_chars(" ").str.to_lowercase(),
        ).with_columns(
            email=pl.when(col("email") != "").then(col("email")),
            email_domain=col("email").str.extract(r"@([^@]+)$", 1),
            phone=pl.when(col("phone").str.len_bytes().is_between(7, 15)).then("+" + col("phone")),
            amount_cents=cents("amount"), bad_birth=(col("birth_date") != "") & col("birth").is_null(),
        ).with_columns(
            bad_amount=(col("amount") != "") & col("amount_cents").is_null(),
            eur_cents=half_away(col("amount_cents"), 92, 100), birth_date=col("birth"))
        return lazy.select(TARGETS + ["bad_birth", "bad_amount"]).collect()

    ops = {
        "trim": col("status").str.strip_chars(),
        "case": col("last_name").str.to_uppercase(),
        "collapse_whitespace": col("first_name").str.replace_all(SPACES, " "),
        "regex_extract": col("email").str.extract(r"@([^@]+)$", 1),
        "regex_split": digits("phone"),
        "concat": pl.concat_str([col("first_name"), col("last_name")], separator=" "),
        "map_dict": country("country"),
        "unit_convert": half_away(col("cents"), 45359237, 100000000),
        "date_parse": birth("birth_date"),
        "date_parse_offset": instant("signup_at"),
        "date_format": col("day").dt.strftime("%d/%m/%Y"),
        "type_cast": cents("amount"),
        "type_cast_int64": col("id").cast(pl.Int64, strict=False),
        "safe_math": half_away(col("cents"), 92, 100),
    }
    tasks = {name: (lambda expression=expression: frame.select(x=expression)) for name, expression in ops.items()}
    tasks["job"] = job
    # As Arrow only once the clock has stopped.
    return tasks, lambda result: result.to_arrow()


def duckdb_tasks(data):
    import duckdb
    database = duckdb.connect()
    database.execute(f"set threads = {os.environ.get('DUCKDB_THREADS', '1')}")
    database.register("people", data)
    quoted = ", ".join(f"when '{key}' then '{value}'" for key, value in COUNTRIES.items()).replace(", when", " when")
    country = f"case country {quoted} end"
    half_away = "sign({0}) * ((abs({0}) * {1} + {2}) // {3})"
    cents = ("case when regexp_full_match(amount, '-?\\$?(\\d+|\\d{1,3}(,\\d{3})+)(\\.\\d{1,2})?') then "
             "(replace(replace(amount, '$', ''), ',', '')::decimal(14,2) * 100)::bigint end")
    birth = "coalesce(try_strptime(birth_date, '%Y-%m-%d'), try_strptime(birth_date, '%d/%m/%Y'))::date"
    instant = ("(strptime(replace(signup_at, 'Z', '+00:00'), '%Y-%m-%dT%H:%M:%S%z') at time zone 'UTC')::timestamp")
    digits = "regexp_replace(phone, '[^0-9]+', '', 'g')"

    def squeezed(name):
        return f"trim(regexp_replace({name}, '{SPACES}', ' ', 'g'), ' ')"

    job = f"""
      with a as (select id::bigint id, {squeezed('first_name')} || ' ' || upper({squeezed('last_name')}) full_name,
          nullif(lower(trim(email, ' ')), '') email, {digits} digits, {country} country, birth_date text_date,
          {birth} birth_date, {instant} signup_at, amount, {cents} amount_cents, lower(trim(status, ' ')) status from people)
      select id, full_name, email, nullif(regexp_extract(email, '@([^@]+)$', 1), '') email_domain,
        case when length(digits) between 7 and 15 then '+' || digits end phone, country, birth_date, signup_at,
        amount_cents, ({half_away.format('amount_cents', 92, 50, 100)})::bigint eur_cents, status,
        text_date <> '' and birth_date is null bad_birth, amount <> '' and amount_cents is null bad_amount from a"""
    ops = {
        "trim": "trim(status)",
        "case": "upper(last_name)",
        "collapse_whitespace": f"regexp_replace(first_name, '{SPACES}', ' ', 'g')",
        "regex_extract": "nullif(regexp_extract(email, '@([^@]+)$', 1), '')",
        "regex_split": digits,
        "concat": "first_name || ' ' || last_name",
        "map_dict": country,
        "unit_convert": f"({half_away.format('cents', 45359237, 50000000, 100000000)})::bigint",
        "date_parse": birth,
        "date_parse_offset": instant,
        "date_format": "strftime(day, '%d/%m/%Y')",
        "type_cast": cents,
        "type_cast_int64": "try_cast(id as bigint)",
        "safe_math": f"({half_away.format('cents', 92, 50, 100)})::bigint",
    }
    queries = {name: f"select {expression} x from people" for name, expression in ops.items()}
    queries["job"] = job
    return ({name: (lambda query=query: database.sql(query).to_arrow_table()) for name, query in queries.items()},
            lambda result: result)


def digest(result, task):
    """SHA-256 of the rows as the driver writes them; amounts of two decimals are integers of cents in the peers."""
    import polars as pl
    frame = pl.from_arrow(result)
    texts = []
    for name in frame.columns:
        if name.startswith("bad_"):
            continue
        column, kind = pl.col(name), frame.schema[name]
        if task == "type_cast":
            whole = column.abs()
            sign = pl.when(column < 0).then(pl.lit("-")).otherwise(pl.lit(""))
            text = sign + (whole // 100).cast(pl.String) + "." + (whole % 100).cast(pl.String).str.zfill(2)
        elif isinstance(kind, pl.Datetime):
            text = column.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
        else:
            text = column.cast(pl.String)
        texts.append(text.fill_null("\\N") + "\t")
    rows = frame.select(pl.concat_str(texts) + "\n").to_series()
    hasher = hashlib.sha256()
    for at in range(0, len(rows), 50_000):
        hasher.update("".join(rows.slice(at, 50_000).to_list()).encode())
    return hasher.hexdigest()


def main():
    engine, folder, repeats = sys.argv[1], sys.argv[2], int(sys.argv[3])
    tasks, arrow = (polars_tasks if engine == "polars" else duckdb_tasks)(table(folder))
    for name in sys.argv[4:]:
        turns, result = [], None
        for _ in range(repeats):
            result = None
            began, clock = time.process_time(), time.perf_counter()
            result = tasks[name]()
            turns.append({"cpu": time.process_time() - began, "clock": time.perf_counter() - clock})
        print(json.dumps({"program": name, "turns": turns, "sha256": digest(arrow(result), name)}), flush=True)


main()
