#!/usr/bin/env bash
# 12.05 is read out as twelve and a half in Vietnam, Bangladesh and Turkey, and 12.50 as twelve pesos and five cents in Colombia.
#
# num2words 0.5.14, which writes amounts in words on receipts and cheques; words2num2 0.4.11 reads the words back.
# Vietnamese, Bengali and Turkish lose the zero behind the point, so that 12.05 comes back as 12.5; in takas 12.05 and 12.50 have
# the same words. The four Latin American kinds of Spanish take the digits behind the point of a float for the cents: 12.5 is
# "cinco centavos" and comes back as 12.05. A Decimal, which is what a ledger holds, fares otherwise: in Danish
# Decimal("1500.00") is "femten kr", fifteen kroner (the float is right), and in Turkish Decimal("12.05") is "lira" alone, without
# a number. And in Vietnamese 10**15 dong have the words of a tenth of it. English, German, French and Indonesian are right, so that
# a test in one of these tells nothing; test each language with 12.05, 12.50 and Decimal("1500.00").
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check num2words==0.5.14 docopt==0.6.2 words2num2==0.4.11
"$place/venv/bin/python" - <<'PYTHON'
import sys
from decimal import Decimal

from num2words import num2words
from words2num2 import words2num

changed = []


def compare(what, found, expected):
    print(f"{what}: {found}")
    if found != expected:
        changed.append(what)


def back(value, lang, to="cardinal"):
    """The words and the number that they are read back as."""
    words = num2words(value, lang=lang, to=to)
    return words, Decimal(words2num(words, lang=lang, to=to))


for lang in ("en", "de", "fr", "id"):
    for value in (12.05, Decimal("12.05"), 12.5):
        words, number = back(value, lang)
        compare(f"{lang}: {value!r} is {words!r} and back", number, Decimal(str(value)))
for lang in ("vi", "bn", "tr"):
    words, number = back(12.05, lang)
    compare(f"{lang}: 12.05 is {words!r} and back", number, Decimal("12.5"))
taka = [num2words(Decimal(text), lang="bn", to="currency") for text in ("12.05", "12.50")]
compare(f"bn: {taka} are the same", taka[0] == taka[1], True)
for lang in ("es_CO", "es_CR", "es_GT", "es_VE"):
    words, number = back(12.5, lang, "currency")
    compare(f"{lang}: 12.5 is {words!r} and back", number, Decimal("12.05"))
fifteen = num2words(15, lang="da")
for value, expected in ((Decimal("1500.00"), True), (1500.0, False)):
    words = num2words(value, lang="da", to="currency")
    compare(f"da: {value!r} is {words!r}, fifteen kroner", words == f"{fifteen} kr", expected)
compare("tr: Decimal('12.05') in liras", num2words(Decimal("12.05"), lang="tr", to="currency"), "lira")
words, number = back(10**15, "vi")
compare(f"vi: 10**15 is {words!r} and back", number, Decimal(10**14))
sys.exit(f"this has changed: {changed}" if changed else 0)
PYTHON
