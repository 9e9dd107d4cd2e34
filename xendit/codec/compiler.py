"""Writes and compiles the fast functions of a model: the part that makes the slow walks bearable. No I/O.

Why it exists. The slow walks of `kinds.py` and `plan.py` go through the fields of a model one by one, ask each kind,
and build a path for each. Such code is easy to read and can say exactly what is wrong and where, but it takes fifteen
times as long as `json.loads`. Wrong values are rare. So for each class, once enough objects of it were seen, three
functions are written as Python text and compiled, as attrs, cattrs and dataclasses do: `read`, `fill` (the constructor)
and `write`. For

    class Item(Model):
        name: str
        price: float | None = None

the text of `read` is, with its constants spelt out:

    def read(v):                                  # what json.loads made
        strings = 0
        if v.__class__ is not dict: raise Surprise
        data = v
        strings += len(v) + 1                     # its keys, and one field that is a text, if it is there
        made = opened()                           # an Item that accepts everything, see below
        present = 2                               # fields that have a value, if all of them do
        try: v = data['name']
        except KeyError: v = None
        if v is None: present -= 1; strings -= 1
        elif v.__class__ is not str: raise Surprise
        made.name = v
        if (v := data.get('price')) is None: present -= 1
        …
        if present == len(data): made._untyped = (); made._unknown = None
        else: made._untyped, made._unknown = rest(data, present); …
        made.__class__ = closed
        v = made
        return v, strings

What the functions promise. For ordinary values they do what the slow walk does; for all others they raise, either
`Surprise` or whatever Python raises, and it does not matter which. The caller catches the exception and takes the slow
walk, which either says what is wrong or accepts what the fast lines did not know. So a fast function may refuse too
much, but it must never accept too much, never warn, and never change what it was given in a way that the slow walk
could see. `test/test_shapes.py` compares the two, with models and bodies that nobody would think of.

How an instance is filled. Assigning to a field of a model is checked by `Model.__setattr__`, which costs a call; here
the value was checked already. So on ordinary builds an instance is first made as an instance of `opened`, a class of
the same layout whose attributes are set by C code, and at the end `__class__` is assigned to make it an instance of its
true class. This takes 0.1 µs for 35 fields. On a free-threaded build assigning `__class__` would stop every thread, so
there each slot is set through its descriptor instead: that takes 1.5 µs for 35 fields, but no thread waits. `Filling`
has both ways.

How a key that came twice is found. Of two equal keys in an object `json.loads` keeps the last one, while another
program may keep the first, so the two could read different amounts from one body. Asking the parser for pairs would
find such a key, but slowly. There is a faster way: where a key was dropped, the text holds more strings than the
result, and counting the quotes of a text is fast. So `read` counts the strings of what it reads, and its caller
compares the two numbers.

The rule of counting is that the lines for a value count that value and everything in it, and nothing else does. A text
counts as one string; a dict or an object counts one for each of its keys, and its values count themselves.
`Reader.counting` writes each counting line. There is one short cut, which saves a fiftieth of the time. Many fields of
a model are one string each, and most of them are present. So all of these are counted at the beginning of the model's
lines, and each that turns out to be missing is subtracted where that is noticed.

How deep values may be nested. `loads` refuses more than 64 levels, so whatever is accepted here must stay below that.
Three limits see to it, which an assertion in `readers.py` adds up. A function that other functions call is told how
many levels are around its value, and gives up beyond LEVELS_CALLED; the lines of one function go down LEVELS_INLINE
levels at most; and free-form data is counted down to LEVELS_COUNTED levels.

How models inside models are read. Their lines are written in among those of the outer model, because a call would cost
a tenth of what a small object costs. In three cases a model becomes a function of its own beside `read`: when it holds
its own kind, when it is nested too deeply (Python allows 20 nested blocks), and when the text would become too long.
"""

from __future__ import annotations

from xendit.codec import jsontext
from xendit.codec.constructing import Filler
from xendit.codec.filling import Filling, FillingBySlots
from xendit.codec.jsontext import FREE_THREADED
from xendit.codec.readers import Reader
from xendit.codec.writers import Writer
from xendit.installation import is_missing

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from xendit.codec.kinds import Kind
    from xendit.codec.plan import Plan
    from xendit.codec.source import FunctionText

FILLING: type[Filling] = FillingBySlots if FREE_THREADED else Filling
"""The way in which this build of Python fills instances. Tests set the other one."""


class Compiled:
    """The fast functions of a class."""

    __slots__ = ("fill", "read", "write")

    def __init__(
        self,
        read: Callable[[object], tuple[Any, int]],
        write: Callable[[object], str],
        fill: Callable[..., None] | None,
    ) -> None:
        self.read = read
        """What `json.loads` made of an object → an instance, and how many strings it held."""
        self.write = write
        """An instance → JSON text."""
        self.fill = fill
        """The constructor; None when a field has a name that no parameter can have."""

    def install(self, cls: Any) -> None:
        """Make `fill` the constructor of its class, unless the class or a base has one that was written by hand."""
        owner = next(base for base in cls.__mro__ if "__init__" in base.__dict__)
        above = getattr(owner, "__plan__", None)
        is_root = above is not None and not any(hasattr(base, "__plan__") for base in owner.__bases__)
        is_compiled = above is not None and above.compiled is not None and owner.__init__ is above.compiled.fill
        if self.fill is not None and (is_root or is_compiled):
            cls.__init__ = self.fill


def compiled(plan: Plan, filling: type[Filling] | None = None) -> Compiled:
    """Write and compile the functions of a plan's class."""
    hasten()
    filling = filling or FILLING
    fill: Callable[..., None] | None = None
    constructor = Filler(plan, filling).text()
    if constructor is not None:
        fill = made = run(constructor, "__init__")
        made.__qualname__ = f"{plan.name}.__init__"  # Python's error names it when the arguments do not fit
    return Compiled(run(Reader(plan, filling).text(), "read"), run(Writer(plan).text(), "write"), fill)


def run(source: FunctionText, function: str) -> Any:
    """Run the definitions of a text and return the function of that name.

    The text is registered with `linecache`, so that tracebacks and debuggers show it.
    """
    import linecache

    text = "\n".join(source.lines) + "\n"
    filename = f"<xendit {source.title}>"
    number = 1
    while filename in linecache.cache:  # another class of that name was compiled before
        number += 1
        filename = f"<xendit {source.title} {number}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    exec(compile(text, filename, "exec"), source.names)  # noqa: S102 - text made from declarations alone
    return source.names[function]


_told: list[str | None] = []
"""Empty until the log was told that msgspec cannot be imported; that is told once."""


def hasten() -> None:
    """Read with msgspec (the extra `speed`) from now on, where it is installed. Called when a class is compiled.

    msgspec then parses the texts that the compiled functions read. It accepts less than `loads` does: no NaN, no number
    beyond a float's range or of more than 4,300 digits, no lone surrogate; `test/test_speed.py` compares the two. Kinds
    that are read often go through `structs.py`. Importing msgspec takes as long as reading some thousand bodies, so a
    short process does without it. On a free-threaded build it is not used, because an extension module may switch the
    global lock on there.
    """
    if FREE_THREADED or jsontext.note_text is not None:
        return
    try:
        from msgspec.json import Decoder
    except ImportError as error:
        if not _told and not is_missing(error, "msgspec"):  # reading is slower but not wrong: a line of the log will do
            from logging import getLogger

            _told.append(error.name)
            getLogger("xendit").warning("msgspec is installed and cannot be imported: %s", error)
        return
    jsontext.parse_fast, jsontext.note_text = Decoder().decode, _note_text


def _note_text(kind: Kind, data: str | bytes) -> None:
    if kind.texts is None:
        from xendit.codec.structs import TextReader

        kind.texts = TextReader(kind, run)
    kind.texts.note(data)
