"""How the slots of an instance are set without the checks of `Model.__setattr__`: two ways. No I/O.

`compiler.py` says why there are two, and which one a build takes.
"""

from __future__ import annotations

from xendit.codec.source import attribute

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.codec.plan import Plan
    from xendit.codec.source import FunctionText, Lines


class Filling:
    """How the slots of an instance are set without checks. This way sets them while the instance is of another class."""

    def __init__(self, source: FunctionText, plan: Plan) -> None:
        self._source = source
        self.opened = source.refer(opened_class(plan), "opened")
        self.closed = source.refer(plan.cls, "closed")

    def make(self, made: str) -> Lines:
        """Lines that make an instance to be filled."""
        return [f"{made} = {self.opened}()"]

    def begin(self, made: str) -> Lines:
        """Lines after which an instance of the true class can be filled."""
        return [f"{self._source.refer(object.__setattr__, 'set_slot')}({made}, '__class__', {self.opened})"]

    def store(self, made: str, name: str, value: str) -> str:
        """A line that sets a slot."""
        dotted = attribute(name)
        if dotted is None:
            return f"{self._source.refer(setattr, 'setattr')}({made}, {name!r}, {value})"
        return f"{made}{dotted} = {value}"

    def end(self, made: str) -> Lines:
        """Lines after which the instance is one of its true class."""
        return [f"{made}.__class__ = {self.closed}"]


class FillingBySlots(Filling):
    """The way for builds on which assigning `__class__` stops every thread: by the descriptor of each slot."""

    def __init__(self, source: FunctionText, plan: Plan) -> None:
        self._source = source
        self._cls = plan.cls
        self.closed = source.refer(plan.cls, "closed")

    def make(self, made: str) -> Lines:
        """Lines that make an instance to be filled."""
        return [f"{made} = {self._source.refer(object.__new__, 'new')}({self.closed})"]

    def begin(self, made: str) -> Lines:
        """Nothing needs to be done."""
        return []

    def store(self, made: str, name: str, value: str) -> str:
        """A line that sets a slot."""
        slot = next(base.__dict__[name] for base in self._cls.__mro__ if name in base.__dict__)
        return f"{self._source.refer(slot.__set__, 'set_slot')}({made}, {value})"

    def end(self, made: str) -> Lines:
        """Nothing needs to be done."""
        return []


def opened_class(plan: Plan) -> type:
    """A class of the layout of a plan's class, whose attributes are set without checks."""
    if plan.opened is not None:
        return plan.opened
    body = {
        "__slots__": (),
        "__module__": plan.cls.__module__,
        "__init__": object.__init__,
        # Both are needed: with only one of them, Python would look up and call the other for each store.
        "__setattr__": object.__setattr__,
        "__delattr__": object.__delattr__,
    }
    made: type = type.__new__(type(plan.cls), plan.name, (plan.cls,), body)
    plan.opened = made
    return made
