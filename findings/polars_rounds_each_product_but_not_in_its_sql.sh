#!/usr/bin/env bash
# The tax of a thousand sales is 1,110.00 by polars' expressions and 1,105.50 by polars' SQL on the same frame.
#
# polars 2.1.0, duckdb 2.0.1. Columns are Decimal. An expression gives a product or a quotient no more places than the factor with
# the most, and rounds every row to them: 10.05 at 0.11 is 1.11, where Python and SQL keep 1.1055. The same frame asked through
# its .sql() keeps all four places, as DuckDB does, so that a report changes with the way in which it is asked for. Rupiah, which
# have no places, fare worst: 150000 in Decimal(20, 0), divided by 16250, is 9 dollars in an expression and 9.230769 in SQL. And
# a text with half a cent becomes a Decimal(12, 2) by rounding to even in polars and away from zero in DuckDB: a thousand fees
# of 0.125 are 120.00 or 130.00. What helps: cast one factor to the places that the result needs, before.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check polars==2.1.0 duckdb==2.0.1
"$place/venv/bin/python" - <<'PYTHON'
import sys
from decimal import Decimal

import duckdb
import polars as pl

changed = []


def compare(what, found, expected):
    print(f"{what}: {found}")
    if found != expected:
        changed.append(what)


def by_duckdb(query):
    return str(duckdb.connect().execute(query).fetchone()[0])


price, rate = Decimal("10.05"), Decimal("0.11")
sales = pl.DataFrame(
    {"price": [price] * 1000, "rate": [rate] * 1000}, schema={"price": pl.Decimal(12, 2), "rate": pl.Decimal(4, 2)}
)
tax = pl.col("price") * pl.col("rate")
compare("tax by Python", str(sum(price * rate for _ in range(1000))), "1105.5000")
compare("tax by polars' expression", str(sales.select(tax.sum()).item()), "1110.00")
compare("tax by polars' expression, lazily", str(sales.lazy().select(tax.sum()).collect().item()), "1110.00")
compare("tax by polars' SQL", str(sales.sql("SELECT SUM(price * rate) FROM self").item()), "1105.5000")
rows = "(SELECT 10.05::DECIMAL(12, 2) AS price, 0.11::DECIMAL(4, 2) AS rate FROM range(1000))"
compare("tax by DuckDB", by_duckdb(f"SELECT SUM(price * rate) FROM {rows}"), "1105.5000")
wide = (pl.col("price").cast(pl.Decimal(38, 4)) * pl.col("rate")).sum()
compare("tax by polars, with one factor cast to four places", str(sales.select(wide).item()), "1105.5000")

rupiah = pl.DataFrame({"amount": [Decimal(150000)]}, schema={"amount": pl.Decimal(20, 0)})
compare("150000 rupiah in dollars of 16250", str(rupiah.select(pl.col("amount") / 16250).item()), "9")
compare("the same by polars' SQL", str(rupiah.sql("SELECT amount / 16250 AS usd FROM self").item()), "9.230769")
third = pl.Series([Decimal("100.00")], dtype=pl.Decimal(12, 2)) / 3
compare("100.00 / 3 * 3", str((third * 3).item()), "99.99")

fees = pl.Series(["0.125"] * 1000).cast(pl.Decimal(12, 2)).sum()
compare("a thousand fees of 0.125 as text, by polars", str(fees), "120.00")
query = "SELECT SUM('0.125'::DECIMAL(12, 2)) FROM range(1000)"
compare("a thousand fees of 0.125 as text, by DuckDB", by_duckdb(query), "130.00")
sys.exit(f"this has changed: {changed}" if changed else 0)
PYTHON
