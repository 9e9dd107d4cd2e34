"""Texts of bodies, honest and broken: real ones with odd numbers, strings, literals, white space, keys twice, deep nesting,
and bytes that are cut, changed and doubled. Drawn from seeded dice, so that each can be made again.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

NUMBERS = [
    "0",
    "-0",
    "-0.0",
    "1",
    "01",
    "1.",
    "1.0",
    ".5",
    "+1",
    "1e5",
    "1E5",
    "1e+5",
    "1e-5",
    "1e400",
    "-1e400",
    "1e-400",
    "1e",
    "123456789012345678901234567890",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "-9223372036854775809",
    "0.1",
    "0.30000000000000004",
    "1e22",
    "1e23",
    "8.5e15",
    "9007199254740993",
    "9007199254740993.0",
    "5e-324",
    "2.2250738585072011e-308",
    "1.7976931348623157e308",
    "1.7976931348623159e308",
    "NaN",
    "Infinity",
    "-Infinity",
    "nan",
    "0x1",
    "1_0",
    "--1",
    "1e5.5",
]
STRINGS = [
    *('""', '"a"', '"\\u0000"', '"\\ud800"', '"\\udc00"', '"\\ud83d\\ude00"', '"\\ude00\\ud83d"', '"\\/"', '"\\x"'),
    *('"\\u12"', '"\\u00e9"', '"\u00e9"', '"\x7f"', '"\t"', '"\n"', '"\x00"', '"\x1f"', '"\\b\\f\\n\\r\\t"', '"\\""'),
    *('"\\\\"', '"\\\\\\""', '"a\\"b\\"c"', "'a'", '"\u2028"', '"\U0001f600"', '"\\u0041mount"', '"abc', '"\\U0041"'),
    *('"2020-01-01T00:00:00Z"', '"PAID"', '"\\u0050AID"', '"\ufeff"', '"' + "x" * 70 + '\\u00e9"'),
]
LITERALS = ["true", "false", "null", "True", "None", "nul", "tru", "nulls", "undefined", ""]
SPACES = [*[""] * 12, " ", "\n", "\t", "\r", " \n ", "\x0b", "\x0c", "\xa0", "\u2003", "/**/", "//x\n"]
JUNK = b'{}[]",:0x\xff\x00\xed\xa0\x80\xc0\xaf\\e. -+u'


class Writer:
    """Writes a body as JSON text, more or less."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.spaces = dice.choice([0, 0, 0.02, 0.3])
        self.odd = dice.choice([0, 0.01, 0.03, 0.1])
        self.twice = dice.choice([0, 0, 0.05, 0.3])

    def space(self) -> str:
        """Mostly none."""
        return self.dice.choice(SPACES) if self.dice.random() < self.spaces else ""

    def value(self, value: Any) -> str:
        """A value, or something odd in its place."""
        if self.dice.random() < self.odd:
            return self.oddity()
        if isinstance(value, dict):
            return self.object(value)
        if isinstance(value, list):
            return "[" + f"{self.space()},{self.space()}".join(map(self.value, value)) + self.space() + "]"
        return json.dumps(value, ensure_ascii=self.dice.random() < 0.5)

    def object(self, value: dict[str, Any]) -> str:
        """An object, sometimes in another order, with an escaped key, or with a key twice."""
        dice = self.dice
        items = [(self.key(name), self.value(item)) for name, item in value.items()]
        if items and dice.random() < self.twice:
            key, item = dice.choice(items)
            again = dice.choice(
                [key, key, f'"\\u{ord(key[1]):04x}{key[2:]}' if len(key) > 3 and key[1] != "\\" else key]
            )
            items.insert(dice.randrange(len(items) + 1), (again, dice.choice([item, "1", '"z"', "null"])))
        if dice.random() < 0.2:
            dice.shuffle(items)
        pairs = (f"{key}{self.space()}:{self.space()}{item}" for key, item in items)
        return "{" + self.space() + f"{self.space()},{self.space()}".join(pairs) + self.space() + "}"

    def key(self, name: str) -> str:
        """A key as a string, sometimes written in escapes."""
        if self.dice.random() >= self.odd:
            return json.dumps(name)
        return self.dice.choice([json.dumps(name), '"' + "".join(f"\\u{ord(each):04x}" for each in name) + '"'])

    def oddity(self) -> str:
        """A number, string, literal, depth or shape that parsers may take differently."""
        kind = self.dice.randrange(5)
        if kind < 3:
            return self.dice.choice((NUMBERS, STRINGS, LITERALS)[kind])
        if kind == 3:
            levels = self.dice.choice([3, 15, 16, 17, 30, 62, 63, 64, 65, 66, 500])
            opening = self.dice.choice(["[", '{"a":'])
            return opening * levels + "1" + ("]" if opening == "[" else "}") * levels
        return json.dumps(self.dice.choice([[], {}, [[]], {"a": {}}, [None, 1], {"": ""}]))


def broken(text: str, dice: random.Random) -> bytes:
    """The text as bytes: mostly whole, sometimes cut, changed, in another encoding, or with something around it."""
    data = text.encode("utf-8", "surrogatepass")
    fate = dice.random()
    if fate < 0.1:
        return data[: dice.randrange(len(data) + 1)]
    if fate < 0.2:
        changed = bytearray(data)
        for _ in range(dice.randrange(1, 4)):
            place = dice.randrange(len(changed) + 1)
            changed[place : place + dice.randrange(3)] = bytes(dice.choices(JUNK, k=dice.randrange(3)))
        return bytes(changed)
    if fate < 0.22:
        return b"\xef\xbb\xbf" + data
    if fate < 0.23:
        return text.encode("utf-16", "surrogatepass")
    if fate < 0.25:
        return data + dice.choice([b" ", b"\n", b"x", b"{}", b"\x00", b",", b"\xc2\xa0"])
    return data
