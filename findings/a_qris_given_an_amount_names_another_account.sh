#!/usr/bin/env bash
# A package puts an amount into a shop's QRIS, and a digit of the shop's account number changes with it, under a valid checksum.
#
# qris-payment 1.2.0; qriskit 0.2.0 and lokal-id 0.7.2 beside it. A static QRIS becomes a dynamic one when its field 01 turns
# from 11 to 12. qris-payment does that by exchanging the text 010211 for 010212, a line found in many programs for QRIS. In
# JavaScript, where it comes from, `replace` exchanges the first one alone; in Python it exchanges every one. Where the digits
# 010211 stand once more, in the account number (PAN), in the national merchant number (NMID) or in the terminal's label, these
# become another number, and the checksum is then computed anew, so that every reader calls the code intact. Most shops never
# see it; the one whose number has these digits sees it in every code. qriskit and lokal-id change field 01 alone.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check qris-payment==1.2.0 qriskit==0.2.0 lokal-id==0.7.2
"$place/venv/bin/python" - <<'PYTHON'
import sys

import qriskit
from lokal import set_qris_amount
from qris_payment import QRISGenerator

changed = []


def compare(what, found, expected):
    print(f"{what}: {found}")
    if found != expected:
        changed.append(what)


def shop(pan="936009990000123456", nmid="ID1020000000123", terminal="A01"):
    accounts = [
        qriskit.MerchantAccount.create(
            tag="26", guid="ID.CO.EXAMPLE.WWW", pan=pan, merchant_id="000000000000001", criteria="UMI"
        ),
        qriskit.MerchantAccount.national(nmid=nmid, criteria="UMI"),
    ]
    return qriskit.build(
        merchant_name="TOKO KOPI", merchant_city="JAKARTA", mcc="5812", postal_code="10110", accounts=accounts,
        additional_data={"07": terminal},
    ).dumps()


def told(payload):
    code = qriskit.parse(payload)
    issues = [issue.code for issue in qriskit.validate(payload)]
    return code.merchant_accounts[0].pan, code.nmid, code.additional_data.terminal_label, str(code.amount), issues


plain = "936009990000123456", "ID1020000000123", "A01", "25000", []
for what, static, expected in (
    ("an ordinary shop", shop(), plain),
    ("010211 in its PAN", shop(pan="936009990102113456"), ("936009990102123456", *plain[1:])),
    ("010211 in its NMID", shop(nmid="ID1020010211123"), (plain[0], "ID1020010212123", *plain[2:])),
    ("010211 as its terminal", shop(terminal="010211"), (*plain[:2], "010212", *plain[3:])),
):
    compare(f"issues of the static code, {what}", qriskit.validate(static), [])
    compare(f"qris-payment, {what}", told(QRISGenerator({"base_qr_string": static}).generate_qr_string(25000)), expected)
    pan, nmid, terminal, *_ = told(static)
    right = pan, nmid, terminal, "25000", []
    compare(f"qriskit, {what}", told(qriskit.parse(static).to_dynamic(25000).dumps()), right)
    compare(f"lokal-id, {what}", told(set_qris_amount(static, 25000)), right)
sys.exit(f"this has changed: {changed}" if changed else 0)
PYTHON
