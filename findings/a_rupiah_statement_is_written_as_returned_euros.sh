#!/usr/bin/env bash
# A bank statement in rupiah is written with entries in euros, and every payment in it, also an ordinary one, as a returned payment.
#
# camt053 0.0.23 with camt053-loader-mt940 0.0.23; pycamt 1.1.1 reads what they write. The loader makes of an MT940 what the package has
# for a camt.053, but gives no entry a currency, for MT940 states it in the balances alone; serialize_document() puts EUR where there is
# none. So IDR 150000 becomes EUR 150000 between balances that stay in IDR. Its template also holds one bank transaction code for all
# entries, PMNT/RCDT/RRTN, a credit transfer received that was reversed because it was returned: a fee of the bank has it too. A bank's
# own camt.053 that is read and written again, which the documentation calls stable, has its currency still, but its codes (ESCT for an
# ordinary transfer, CHRG for fees) are RRTN as well, and the payer's words, in which the invoice's number stands, are gone. The result is
# checked against the official schema, which all of this satisfies. Who books by that code takes back what was paid.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check --no-deps \
    camt053-loader-mt940==0.0.23 camt053==0.0.23 pycamt==1.1.1 lxml==6.1.3 defusedxml==0.7.1 \
    jinja2==3.1.6 markupsafe==3.0.4 xmlschema==4.3.2 elementpath==5.1.4
cat > "$place/look.py" <<'PYTHON'
import sys

from camt053 import parse_document, serialize_document
from camt053.constants import TEMPLATES_DIR
from camt053.xml.validate_via_xsd import validate_xml_string_via_xsd
from camt053_loader_mt940 import parse_mt940
from pycamt.parser import Camt053Parser

TEXT = """:20:STATEMENT
:25:1234567890
:28C:1
:60F:C261130IDR1000000,
:61:2612011201C150000,NTRFINV-1//B1
:86:An invoice is paid
:61:2612021202D20000,NCHGFEE//B2
:86:A fee
:62F:C261202IDR1130000,
"""


def balance(kind, amount):
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy='IDR'>{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
        "<Dt><Dt>2026-12-02</Dt></Dt></Bal>"
    )


def entry(amount, direction, codes, words):
    domain, family, sub = codes
    return (
        f"<Ntry><NtryRef>{sub}</NtryRef><Amt Ccy='IDR'>{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>"
        "<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-12-01</Dt></BookgDt><ValDt><Dt>2026-12-01</Dt></ValDt>"
        f"<BkTxCd><Domn><Cd>{domain}</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{sub}</SubFmlyCd></Fmly></Domn></BkTxCd>"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>E-{sub}</EndToEndId></Refs><RmtInf><Ustrd>{words}</Ustrd></RmtInf></TxDtls>"
        "</NtryDtls></Ntry>"
    )


NATIVE = (
    "<?xml version='1.0' encoding='UTF-8'?><Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.14'><BkToCstmrStmt>"
    "<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-12-02T18:00:00</CreDtTm></GrpHdr><Stmt><Id>S1</Id>"
    "<CreDtTm>2026-12-02T18:00:00</CreDtTm><Acct><Id><Othr><Id>1234567890</Id></Othr></Id></Acct>"
    + balance("OPBD", 1000000) + balance("CLBD", 1130000)
    + entry(150000, "CRDT", ("PMNT", "RCDT", "ESCT"), "INV-1")
    + entry(20000, "DBIT", ("ACMT", "MDOP", "CHRG"), "FEE")
    + "</Stmt></BkToCstmrStmt></Document>"
)


def read(xml):
    """Amount, code and words of each entry by a second reader."""
    return [
        (
            f"{found['Currency']} {found['Amount'].rstrip('.')} {found['CreditDebitIndicator']}",
            "/".join(
                found[key] for key in ("BankTransactionCode", "TransactionFamilyCode", "TransactionSubFamilyCode")
            ),
            found.get("RemittanceInformation"),
        )
        for found in Camt053Parser(xml.encode()).get_transactions()
    ]


SCHEMA = str(TEMPLATES_DIR / "camt.053.001.14" / "camt.053.001.14.xsd")
RETURNED = "PMNT/RCDT/RRTN"
cases = {
    "an MT940 in rupiah, converted": (
        serialize_document(parse_mt940(TEXT)),
        [("EUR 150000 CRDT", RETURNED, None), ("EUR 20000 DBIT", RETURNED, None)],
    ),
    "a bank's camt.053": (
        NATIVE,
        [("IDR 150000 CRDT", "PMNT/RCDT/ESCT", "INV-1"), ("IDR 20000 DBIT", "ACMT/MDOP/CHRG", "FEE")],
    ),
    "the same, read and written": (
        serialize_document(parse_document(NATIVE)),
        [("IDR 150000 CRDT", RETURNED, None), ("IDR 20000 DBIT", RETURNED, None)],
    ),
}
changed = []
for name, (xml, expected) in cases.items():
    valid, entries = validate_xml_string_via_xsd(xml, SCHEMA), read(xml)
    currencies = sorted({part.split('"')[1] for part in xml.replace("'", '"').split("Ccy=")[1:]})
    print(f"{name}: valid {valid}, currencies {currencies}, entries {entries}")
    if not valid or entries != expected:
        changed.append(name)
sys.exit(f"this has changed: {changed}" if changed else 0)
PYTHON
"$place/venv/bin/python" -W ignore "$place/look.py"
