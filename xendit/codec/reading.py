"""What becomes of a value of the wrong type while a body is read: an error, or kept as it came. No I/O."""

from __future__ import annotations

from xendit.words import place, type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.codec.kinds import Kind
    from xendit.exceptions import ApiTypeError, ApiValueError
    from xendit.words import Path


class Reading:
    """A reading in which a value of the wrong type is an error, as for what a user wrote."""

    __slots__ = ("kept",)

    def __init__(self) -> None:
        self.kept = 0
        """How many values of the wrong type were kept so far."""

    def wrong(
        self, error: ApiTypeError | ApiValueError, value: object, kind: Kind, path: Path, *, strict: bool
    ) -> object:
        """Raise the error, or return what stands for the value."""
        raise error

    def tell(self) -> None:
        """Say what was kept, once the whole body is read."""


class LooseReading(Reading):
    """A reading in which everything is kept as it came and nothing is said: the caller asked for it."""

    __slots__ = ()

    def wrong(
        self, error: ApiTypeError | ApiValueError, value: object, kind: Kind, path: Path, *, strict: bool
    ) -> object:
        """Keep the value."""
        self.kept += 1
        return value


_MOST_LINES = 20


class TolerantReading(LooseReading):
    """How an answer of the API is read: a good answer is not lost over a field that the program can do without.

    A value of the wrong type in a field that is not declared `strict` is kept as it came. The log says so in one
    line a field, however many invoices of a page are alike; it names the place and the types, never the value.
    """

    __slots__ = ("_odd",)

    def __init__(self) -> None:
        super().__init__()
        self._odd: dict[tuple[str, ...], tuple[str, int]] = {}

    def wrong(
        self, error: ApiTypeError | ApiValueError, value: object, kind: Kind, path: Path, *, strict: bool
    ) -> object:
        """Raise for a strict field, else keep the value."""
        if strict:
            raise error
        field = tuple(step for step in path if isinstance(step, str))
        if len(self._odd) >= _MOST_LINES and field not in self._odd:  # the names in a dict are as many as one sends
            field = ()
        said, count = self._odd.get(field) or (f"{place(path)}: {type_name(value)} was found, {kind} is declared", 0)
        self._odd[field] = said, count + 1
        return super().wrong(error, value, kind, path, strict=strict)

    def tell(self) -> None:
        """Write the lines."""
        if not self._odd:
            return
        from contextlib import suppress
        from logging import getLogger

        with suppress(Exception):  # a filter or handler of the application's that fails must not lose the answer
            for said, count in self._odd.values():
                more = f" (and {count - 1} more of this field)" if count > 1 else ""
                getLogger("xendit").warning("%s; it is kept as it came%s", said, more)
