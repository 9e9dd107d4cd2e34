"""How arguments are written into a request: an id into its path, a value into a header. `queries` has the rest.

Whatever could change the meaning of the request, such as a control character or an id that is empty, is refused here.
"""

from __future__ import annotations

from xendit.words import wrong_type, wrong_value

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.words import Path

_UNSAFE_SEGMENTS = ("", ".", "..")


def path_segment(value: object, path: Path) -> str:
    """An id as one quoted segment of a path."""
    if not isinstance(value, str):
        raise wrong_type(value, "str", path)
    if value.isalnum() and value.isascii():  # as Xendit's ids are: nothing to refuse, nothing to quote
        return value
    refuse_control(value, path)
    if value.strip() in _UNSAFE_SEGMENTS:
        raise wrong_value("it is empty" if not value.strip() else "it is no id", path)
    from urllib.parse import quote

    try:
        return quote(value, safe="")
    except UnicodeEncodeError:
        pass
    raise wrong_value("it holds a character that cannot be sent", path)


def header_name(name: object) -> str:
    """A header name in lower case, if it is one that a caller may set."""
    if not isinstance(name, str):
        raise wrong_type(name, "str", ("_headers",))
    text = name.lower()
    if not text or not text.isascii() or not all(letter.isalnum() or letter in "-_." for letter in text):
        raise wrong_value("a header name has letters, digits and dashes only", ("_headers",))
    if text in ("authorization", "host", "content-length", "transfer-encoding", "accept-encoding", "connection"):
        raise wrong_value(f"{text!r} is set by the client", ("_headers",))
    return text


def header_value(value: object, path: Path) -> str:
    """A header's value: printable ASCII, not empty."""
    if not isinstance(value, str):
        raise wrong_type(value, "str", path)
    refuse_control(value, path)
    if not value.strip():
        raise wrong_value("it is empty", path)
    if not value.isascii() or len(value) > 255:
        raise wrong_value("it must be printable ASCII, 255 characters at most", path)
    return value


def refuse_control(value: str, path: Path) -> None:
    """Raise ApiValueError for a text that holds a control character."""
    if holds_control(value):
        raise wrong_value("it holds a control character", path)


def holds_control(text: str) -> bool:
    """Whether a text holds a control character: one of the first 32, DEL, or one of the 32 from 128 on."""
    if text.isprintable():  # which no control character is
        return False
    return any(ord(character) < 32 or 127 <= ord(character) < 160 for character in text)
