#!/usr/bin/env bash
# A package for Slovenia's payment QR codes asks for a cent less in one bill of twenty-two, also when it is given a Decimal.
#
# upnqr 0.1.0 (with pydantic 2.14.4, Pillow 13.0.0 and qrcodegen 1.8.0). The amount of an UPN QR code is in cents, with leading
# zeros. upnqr's field for it is a float, into which pydantic turns a Decimal and a text as well; times 100 and with math.floor,
# 19.99 becomes 1998. Of the 100,000 amounts from 0.01 to 1,000.00 there are 4,586 that lose a cent: 0.29, 0.57, 1.13, 8.20, 19.99.
# The code is valid, the bank books the lesser amount, and a ledger that asks for equality never calls the invoice paid. Amounts
# of whole and of half euros, as in examples, are right. Read the amount out of such a code before it is printed.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check upnqr==0.1.0 \
    pydantic==2.14.4 pillow==13.0.0 qrcodegen==1.8.0
"$place/venv/bin/python" -W ignore - <<'PYTHON'
import datetime
import sys
from decimal import Decimal

from upnqr import upnqr

PAYER = upnqr.Placnik("Janez Novak", "Lepa cesta 1", "1000 Ljubljana")
SHOP = upnqr.Prejemnik("Kava d.o.o.", "Lepa cesta 2", "1000 Ljubljana", "SI56192001234567892")
changed = []


def compare(what, found, expected):
    print(f"{what}: {found}")
    if found != expected:
        changed.append(what)


def cents(amount):
    """What the code asks for: its ninth line."""
    bill = upnqr.Data(PAYER, SHOP, amount, "OTHR", "Racun", datetime.date(2026, 12, 1), "SI00123")
    return int(upnqr.upn_string(bill).split("\n")[8])


for amount, expected in (
    (19.99, 1998), (Decimal("19.99"), 1998), ("19.99", 1998), (8.20, 819), (0.29, 28), (20.00, 2000), (12.50, 1250),
):
    compare(f"cents of {amount!r}", cents(amount), expected)
short = sum(cents(number / 100) == number - 1 for number in range(1, 100001))
right = sum(cents(number / 100) == number for number in range(1, 100001))
compare("from 0.01 to 1,000.00 right, a cent short", (right, short), (95414, 4586))
sys.exit(f"this has changed: {changed}" if changed else 0)
PYTHON
