#!/usr/bin/env bash
# py-moneyed shows rupiah without decimals and counts them in hundredths: two tables in one package.
#
# py-moneyed 3.0 with Babel 2.19.0; larzmoney 0.1.0 and iso4217 1.16.20260101 beside it.
# `str(Money(...))` asks Babel, whose CLDR data give IDR no decimals; `get_amount_in_sub_unit()` asks ISO 4217, which
# gives it two. So `Money("150000.40", "IDR")` prints as IDR 150000, two amounts that print alike are not equal, and
# a gateway that takes rupiah in whole units receives a hundred times the price from whoever sends it sub-units
# (the same call is right for PHP, and for VND, where both tables say 0). And `Money.round()` without an argument
# rounds pesos to whole pesos, whatever the currency has.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check \
    py-moneyed==3.0 babel==2.19.0 larzmoney==0.1.0 iso4217==1.16.20260101
"$place/venv/bin/python" - <<'PYTHON'
import sys

import iso4217
import larzmoney
from babel.numbers import get_currency_precision
from moneyed import Money

changed = []


def compare(what, found, expected):
    print(f"{what}: {found}")
    if found != expected:
        changed.append(what)


for code, decimals, units in (("IDR", (0, 2), 15000000), ("PHP", (2, 2), 15000000), ("VND", (0, 0), 150000)):
    money = Money("150000", code)
    tables = (get_currency_precision(code), iso4217.Currency(code).exponent)
    compare(f"{code}: decimals in CLDR and in ISO 4217", tables, decimals)
    compare(f"{code}: sub-units of 150000 in py-moneyed", money.get_amount_in_sub_unit(), units)
    compare(f"{code}: minor units of 150000 in larzmoney", larzmoney.Money.of("150000", code).minor_units, units)
some, whole = Money("150000.40", "IDR"), Money("150000", "IDR")
compare("IDR 150000.40 and 150000 print alike", str(some) == str(whole), True)
compare("and are equal", some == whole, False)
compare("PHP 1299.50 rounded", str(Money("1299.50", "PHP").round().amount), "1300")
sys.exit(f"this has changed: {changed}" if changed else 0)
PYTHON
