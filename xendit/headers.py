"""Headers: the headers of an answer, found by name in any case; and Secret, a header's value that is not shown."""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any


class Headers(dict[str, str]):
    """A dict of headers that keeps names in lower case and finds them in any case, whichever method is asked."""

    __slots__ = ()

    def __init__(self, headers: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        super().__init__([(name.lower(), value) for name, value in dict(headers).items()])

    @classmethod
    def joined(cls, pairs: Iterable[tuple[str, str]]) -> Headers:
        """Headers from pairs. The values of a name that comes twice are joined by a comma, as in every HTTP library."""
        joined: dict[str, str] = {}
        for name, value in pairs:
            lower = name.lower()
            joined[lower] = f"{joined[lower]}, {value}" if lower in joined else value
        made = cls.__new__(cls)  # the constructor would look at each name once more
        dict.update(made, joined)
        return made

    @classmethod
    def fromkeys(cls, names: Iterable[str], value: str = "") -> Headers:  # type: ignore[override]
        """Headers of these names, all with one value."""
        return cls([(name, value) for name in names])

    # Each method calls dict's own by name instead of super(), which is slower: every request asks for several headers.

    def __getitem__(self, name: str) -> str:
        return dict.__getitem__(self, name.lower())

    def __setitem__(self, name: str, value: str) -> None:
        dict.__setitem__(self, name.lower(), value)

    def __delitem__(self, name: str) -> None:
        dict.__delitem__(self, name.lower())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and dict.__contains__(self, name.lower())

    def get(self, name: str, default: object = None) -> Any:
        """The header's value, or the default."""
        return dict.get(self, name.lower(), default)

    def pop(self, name: str, *default: object) -> Any:
        """Remove the header and give its value, or the default. Raises KeyError when there is neither."""
        return dict.pop(self, name.lower(), *default)

    def setdefault(self, name: str, default: Any = None) -> Any:
        """The header's value; when there is none, the header is set to the default."""
        return dict.setdefault(self, name.lower(), default)

    def update(self, *others: object, **named: str) -> None:
        """Add the headers of another mapping, of pairs or of keywords."""
        dict.update(self, {name.lower(): value for name, value in dict(*others, **named).items()})

    def copy(self) -> Headers:
        """The same headers in another object."""
        return Headers(self)

    def __eq__(self, other: object) -> bool:
        return dict.__eq__(self, Headers(other) if isinstance(other, dict) else other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None

    def __or__(self, other: object) -> Headers:  # type: ignore[override]
        if not isinstance(other, dict):
            return NotImplemented
        made = self.copy()
        made.update(other)
        return made

    def __ror__(self, other: object) -> Headers:  # type: ignore[override]
        return Headers(other) | self if isinstance(other, dict) else NotImplemented

    def __ior__(self, other: object) -> Headers:  # type: ignore[override]
        self.update(other)
        return self


class Secret(str):
    """A text whose repr hides it, so that a traceback that shows variables does not show the key."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"
