"""Writes and compiles the fast functions of a model: the part that makes the slow walks bearable. No I/O.

Why it exists. The slow walks of `kinds.py` and `plan.py` go through the fields of a model one by one, ask each kind, build
a path for each. That reads well and says exactly what is wrong and where, and takes fifteen times as long as `json.loads`.
What is wrong is rare. So for each class, once enough objects of it were seen, three functions are written as Python text
and compiled, as attrs, cattrs and dataclasses do: `read`, `fill` (the constructor) and `write`. Of

    class Item(Model):
        name: str
        price: float | None = None

`read` becomes, with its constants spelt out,

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

What the functions promise. They do for ordinary values what the slow walk does, and raise for all others: `Surprise`, or
whatever Python raises, it does not matter which. Who calls them catches it and takes the slow walk, which says what is
wrong or accepts what the fast lines did not know. So a fast function may refuse too much and must never accept too much,
nor warn, nor change what it was given in a way that the slow walk could see. `test/test_shapes.py` holds both against
each other, with models and bodies that nobody would think of.

How an instance is filled. Assigning to a field of a model is checked (`Model.__setattr__`), which costs a call; here it
was checked already. On ordinary builds an instance is therefore made as one of `opened`, a class of the same layout whose
attributes are set by C code, and becomes one of its true class at the end: 0.1 µs for 35 fields. On a free-threaded build
assigning `__class__` stops every thread, so there each slot is set through its descriptor: 1.5 µs for 35 fields, and
threads do not wait. `Filling` has both.

How a key that came twice is found. Of two equal keys in an object `json.loads` keeps the last, and two programs that read
one body could see two amounts. Asking the parser for pairs would be slow. But then the text holds more strings than the
result, and counting the quotes of a text is fast. So `read` counts the strings of what it reads. The lines for a value
count that value and all that is in it, whoever they are written for; nobody counts for another. A text is one, a dict or
an object has as many as it has keys; `Reader.counting` writes each of these lines. One thing is shortened, which saves a
fiftieth of the time: of a model's fields that are one string each, those that are there are the many, so all are counted
at its beginning, and each that is missing is taken off where it is found to be missing.

How deep it goes. `loads` refuses more than 64 levels of nesting, so what is accepted here must have fewer: a function that
others call is told how many levels are around its value and gives up beyond LEVELS_CALLED; inside one function there are
LEVELS_INLINE at most; free-form data are counted for LEVELS_COUNTED.

How models inside models are read. Their lines stand among those of the outer model, for a call costs a tenth of a small
object. A model that holds its own kind, one that stands too deep (Python nests 20 blocks), and all that would make the
text too long become functions of their own beside it.
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
"""The way of this build. Tests set the other one."""


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
        """Make `fill` the constructor of its class, unless that, or a class above it, wrote one of its own."""
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
        made.__qualname__ = f"{plan.name}.__init__"  # Python names it where the arguments do not fit
    return Compiled(run(Reader(plan, filling).text(), "read"), run(Writer(plan).text(), "write"), fill)


def run(source: FunctionText, function: str) -> Any:
    """Run the definitions of a text and return the function of that name.

    The text is registered with `linecache`, so that tracebacks and debuggers show it.
    """
    import linecache

    text = "\n".join(source.lines) + "\n"
    filename = f"<xendit {source.title}>"
    number = 1
    while filename in linecache.cache:  # another class of that name
        number += 1
        filename = f"<xendit {source.title} {number}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    exec(compile(text, filename, "exec"), source.names)  # noqa: S102 - text made from declarations alone
    return source.names[function]


_told: list[str | None] = []
"""Holds something once it was said that msgspec cannot be imported."""


def hasten() -> None:
    """Read with msgspec (the extra `speed`) from now on, where it is installed. Called when a class is compiled.

    It parses what the compiled functions read. It accepts less than `loads`: no NaN, no number beyond a float's range or
    of more than 4,300 digits, no lone surrogate; `test/test_speed.py` holds it against `loads`. The texts of what is
    read often go through `structs.py`. Its import costs as much as some thousand bodies, so a short process does without.
    On a free-threaded build it stays away: an extension module may switch the global lock on there.
    """
    if FREE_THREADED or jsontext.note_text is not None:
        return
    try:
        from msgspec.json import Decoder
    except ImportError as error:
        if not _told and not is_missing(error, "msgspec"):  # slower and not wrong: worth a line, no error
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
