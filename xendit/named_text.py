"""NamedText: a text with a class of its own, where the official SDK has such a class. Below the models; no I/O."""

from __future__ import annotations


class NamedText(str):
    """A str with a class of its own, for programs that make such objects. Wherever one may be given, any str may be."""

    __slots__ = ()

    @property
    def value(self) -> str:
        """The text as a plain str."""
        return str.__str__(self)
