#!/usr/bin/env bash
# Every line of a bank statement from Jakarta or Singapore is read as of the day before; one from New York is read right.
#
# ofxparse 0.21 and ofxtools 1.1.1; bankfile 0.2.0 beside them. A bank that books by days writes midnight into OFX's DTPOSTED, with its
# zone as the standard asks: 20261201000000[+7:WIB]. Both readers turn it into UTC, ofxparse without a zone, so that nothing tells;
# .date() of it, which is what a ledger books under, is 30 November, another month and tax period. Tryton's importer
# (trytond-account-statement-ofx 8.2.0) does just that with ofxparse. East of Greenwich each such line moves, west of it none, which is
# where the readers and the files of their tests come from; the same statement without a zone is right as well. ofxparse passes over an
# offset without a name, [+7], which the standard allows, and so gives two answers for one moment. bankfile keeps the day that the bank
# wrote. Take the first eight digits, or turn what was read back into the zone of the bank.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check ofxparse==0.21 ofxtools==1.1.1 bankfile==0.2.0
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check --no-deps --target "$place/tryton" \
    trytond-account-statement-ofx==8.2.0
cat > "$place/look.py" <<'PYTHON'
import io
import pathlib
import sys

import bankfile
import ofxparse
from ofxtools.Parser import OFXTree

HEADER = "\n".join(
    f"{name}:{value}" for name, value in (
        ("OFXHEADER", 100), ("DATA", "OFXSGML"), ("VERSION", 102), ("SECURITY", "NONE"), ("ENCODING", "USASCII"),
        ("CHARSET", 1252), ("COMPRESSION", "NONE"), ("OLDFILEUID", "NONE"), ("NEWFILEUID", "NONE"),
    )
)
FINE = "<STATUS><CODE>0<SEVERITY>INFO</STATUS>"
folder = pathlib.Path(sys.argv[1])
changed = []


def statement(posted):
    """A statement with one transaction, posted at this moment."""
    return (
        f"{HEADER}\n\n<OFX><SIGNONMSGSRSV1><SONRS>{FINE}<DTSERVER>20261202000000<LANGUAGE>ENG</SONRS></SIGNONMSGSRSV1>"
        f"<BANKMSGSRSV1><STMTTRNRS><TRNUID>1{FINE}<STMTRS><CURDEF>IDR<BANKACCTFROM><BANKID>014<ACCTID>1234567890"
        "<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>20261101<DTEND>20261202<STMTTRN><TRNTYPE>CREDIT"
        f"<DTPOSTED>{posted}<TRNAMT>150000.00<FITID>F1<NAME>Kopi</STMTTRN></BANKTRANLIST><LEDGERBAL><BALAMT>150000.00"
        "<DTASOF>20261202</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
    )


def days(posted):
    """The day of the transaction by each of the three readers."""
    text = statement(posted)
    (first,) = ofxparse.OfxParser.parse(io.BytesIO(text.encode())).account.statement.transactions
    tree = OFXTree()
    tree.parse(io.BytesIO(text.encode()))
    (second,) = tree.convert().statements[0].transactions
    path = folder / "statement.ofx"
    path.write_text(text)
    read = bankfile.parse(str(path))
    (third,) = (read[0] if isinstance(read, list) else read).transactions
    assert first.date.tzinfo is None and second.dtposted.utcoffset().total_seconds() == 0
    return tuple(str(day) for day in (first.date.date(), second.dtposted.date(), third.date))


BEFORE, RIGHT = "2026-11-30", "2026-12-01"
for posted, expected in (
    ("20261201000000[+7:WIB]", (BEFORE, BEFORE, RIGHT)),
    ("20261201000000[+8:SGT]", (BEFORE, BEFORE, RIGHT)),
    ("20261201065900[+7:WIB]", (BEFORE, BEFORE, RIGHT)),
    ("20261201070000[+7:WIB]", (RIGHT, RIGHT, RIGHT)),
    ("20261201120000[+13:NZDT]", (BEFORE, BEFORE, RIGHT)),
    ("20261201000000[-5:EST]", (RIGHT, RIGHT, RIGHT)),
    ("20261201000000", (RIGHT, RIGHT, RIGHT)),
    ("20261201000000[+7]", (RIGHT, BEFORE, RIGHT)),
):
    found = days(posted)
    print(f"{posted}: {found[0]} by ofxparse, {found[1]} by ofxtools, {found[2]} by bankfile")
    if found != expected:
        changed.append(posted)
(source,) = (folder / "tryton").glob("**/account_statement_ofx/account.py")
books_by_it = "transaction.date.date()" in source.read_text() and "import ofxparse" in source.read_text()
print(f"Tryton's importer takes the day of what ofxparse gives: {books_by_it}")
if not books_by_it:
    changed.append("Tryton")
sys.exit(f"this has changed: {changed}" if changed else 0)
PYTHON
"$place/venv/bin/python" -W ignore "$place/look.py" "$place"
