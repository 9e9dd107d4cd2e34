#!/usr/bin/env bash
# One accent in a merchant's name, and EMV QR packages disagree about the checksum of the same payload.
#
# qriskit 0.2.0 (QRIS), cemacqr 0.1.2 (CEMAC), vietnam-qr-pay 1.0.0 (VietQR), uemoa-qrcode-sdk 0.1.0 (UEMOA),
# konthaina-khqr 0.1.7 (KHQR), promptpay-qr 0.1.2 (PromptPay). All implement the one format of EMV QRCPS, and
# all agree as long as the text is ASCII. For "Café" three take the checksum over UTF-8, two over one byte a
# character, one raises UnicodeEncodeError: a code that one side prints, the other side calls damaged. The length
# in front of the name does not help either: all count characters. Who prints payment codes
# for several countries keeps names to ASCII.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check qriskit==0.2.0 cemacqr==0.1.2 \
    vietnam-qr-pay==1.0.0 uemoa-qrcode-sdk==0.1.0 konthaina-khqr==0.1.7 promptpay-qr==0.1.2
"$place/venv/bin/python" - <<'PYTHON'
import sys

import cemacqr.crc
import konthaina_khqr.crc16
import promptpay_qr
import qriskit.crc
import uemoa_qrcode.crc
import vietnam_qr_pay.crc16

PACKAGES = {
    "qriskit": qriskit.crc.crc16,
    "cemacqr": lambda text: cemacqr.crc.crc16_hex(text.encode()),
    "vietnam-qr-pay": lambda text: f"{vietnam_qr_pay.crc16.crc16ccitt(text):04X}",
    "uemoa-qrcode-sdk": uemoa_qrcode.crc.calculate,
    "konthaina-khqr": konthaina_khqr.crc16.crc16_ccitt_false,
    "promptpay-qr": lambda text: f"{promptpay_qr._crc16_xmodem(text):04X}",
}
EXPECTED = {
    "Cafe": dict.fromkeys(PACKAGES, "E330"),
    "Café": {
        "qriskit": "A766",
        "cemacqr": "A766",
        "vietnam-qr-pay": "A766",
        "uemoa-qrcode-sdk": "7A16",
        "konthaina-khqr": "7A16",
        "promptpay-qr": "UnicodeEncodeError",
    },
}


def checksum(package, text):
    try:
        return PACKAGES[package](text)
    except UnicodeEncodeError as error:
        return type(error).__name__


found = {}
for name in EXPECTED:
    text = f"0002010102115204599953033605802ID59{len(name):02d}{name}6007Jakarta6304"
    found[name] = {package: checksum(package, text) for package in PACKAGES}
    print(name, found[name])

# The two camps through their own validators: each calls the other's code damaged.
body = "0002010102115204599953033605802ID5904Café6007Jakarta6304"
print("UEMOA's validator:", uemoa_qrcode.crc.validate(body + "7A16"), uemoa_qrcode.crc.validate(body + "A766"))
print("CEMAC's reader:", cemacqr.parse_payload(body + "7A16").crc_ok, cemacqr.parse_payload(body + "A766").crc_ok)
same = found == EXPECTED
same &= uemoa_qrcode.crc.validate(body + "7A16") and not uemoa_qrcode.crc.validate(body + "A766")
same &= cemacqr.parse_payload(body + "A766").crc_ok and not cemacqr.parse_payload(body + "7A16").crc_ok
sys.exit(0 if same else "this has changed")
PYTHON
