"""Headers: the headers of an answer, found by name in any case; and Secret, a header's value that is not shown."""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any


class Headers(dict[str, str]):
    """A dict of headers that keeps names in lower case and finds them in any case."""

    __slots__ = ()

    def __init__(self, headers: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        super().__init__([(name.lower(), value) for name, value in dict(headers).items()])

    @classmethod
    def joined(cls, pairs: Iterable[tuple[str, str]]) -> Headers:
        """Headers of which one may come twice: then its values are joined, as every HTTP library does."""
        joined = cls()
        names = joined.keys()  # which are asked without lower() once more
        for name, value in pairs:
            lower = name.lower()
            joined[lower] = f"{joined[lower]}, {value}" if lower in names else value
        return joined

    def __getitem__(self, name: str) -> str:
        return dict.__getitem__(self, name.lower())  # which spares a super() for each of several a call

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and dict.__contains__(self, name.lower())

    def get(self, name: str, default: Any = None) -> Any:
        """The header's value, or the default."""
        return dict.get(self, name.lower(), default)


class Secret(str):
    """A text whose repr hides it, so that a traceback that shows variables does not show the key."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"
